"""Applies ``corrections.yml`` to the raw rows; an expectation that does not hold stops the build."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from headway.sources.declare import ModelClaim, ScoreClaim
from headway.tables.corrections import (
    Applied,
    Corrected,
    Correction,
    apply_corrections,
    by_row,
    read_corrections,
)

from .licences import source_of
from .raw import RawRow

__all__ = ["COLLECTED", "SourceChanged", "correct_models", "correct_rows"]

#: The list of models that was gathered from the sources, with the errors made in gathering.
COLLECTED = "collected-models"

#: Whose date a row of the gathered list carries; other origins have no correction.
_DATED_BY = {
    "Epoch ECI 2026-09": "epoch-eci",
    "Epoch hub 2026-03": "epoch-hub",
    "Epoch hub 2026-03 row": "epoch-hub",
    "models.dev 2026-07": "models-dev",
    "cybergym.json": "cybergym-page",
    "Lyptus (as stated there)": "lyptus",
}


class SourceChanged(Exception):
    """A source no longer says what a correction expects: repaired, changed, or gone."""


def _checked(found: Corrected) -> Corrected:
    lines = [
        f"{b.correction}: {b.kind}: {b.field} of {b.raw} is {b.found!r}, expected {b.expected!r}"
        for b in found.breaches
    ]
    lines += [f"{one}: the record is not there" for one in found.missing]
    if lines:
        raise SourceChanged("corrections.yml:\n" + "\n".join(lines))
    return found


def correct_rows(rows: Sequence[RawRow], corrections: Sequence[Correction] | None = None) -> None:
    """Fill ``corrected`` of the rows in place; what the source states stays beside it."""
    entries = read_corrections() if corrections is None else corrections
    groups: dict[str, list[RawRow]] = defaultdict(list)
    for row in rows:
        groups[source_of(row)].append(row)
    for source in sorted({e.source for e in entries if e.table == "scores"}):
        group = groups[source]
        found = _checked(
            apply_corrections(
                source,
                [_claim(row) for row in group],
                [e for e in entries if e.table == "scores"],
                read_in="release",
            )
        )
        for one in found.applied:
            group[one.index].corrected[one.field] = one.used


def _claim(row: RawRow) -> ScoreClaim:
    return ScoreClaim(
        model=row.model_raw,
        benchmark=row.benchmark_raw,
        score=row.value,
        unit=row.unit,
        raw=row.key,
        effort=row.config,
        scaffold=row.harness,
        n=row.n_items,
        stderr=row.stderr,
        evaluator=row.evaluator,
        source_url=row.source_url,
        metric=row.metric,
        note="; ".join(row.notes) or None,
    )


def correct_models(
    rows: Sequence[dict[str, str]], corrections: Sequence[Correction] | None = None
) -> list[tuple[str, Applied, Correction]]:
    """Corrections of the gathered list of models: id of the model, what was applied, and the entry.

    A date is held against the source that the list names for it; everything else against the list.
    """
    entries = read_corrections() if corrections is None else corrections
    mine = [e for e in entries if e.table == "models"]
    out: list[tuple[str, Applied, Correction]] = []
    by_id = {entry.id: entry for entry in mine}
    for source in sorted({e.source for e in mine if "release" in e.read_in}):
        part = [
            row
            for row in rows
            if source == COLLECTED or _DATED_BY.get(row["release_date_source"]) == source
        ]
        claims = [_model(row, whole=source == COLLECTED) for row in part]
        found = _checked(apply_corrections(source, claims, mine, read_in="release"))
        for index, fields in sorted(by_row(found.applied).items()):
            for one in fields.values():
                out.append((part[index]["model_id"], one, by_id[one.correction]))
    return out


def _model(row: dict[str, str], *, whole: bool) -> ModelClaim:
    return ModelClaim(
        model=row["name"],
        raw=row["model_id"],
        name=row["name"],
        released=row["release_date"] or None,
        developer=(row["developer"] or None) if whole else None,
        total_params_b=float(row["total_params_b"])
        if whole and _is_number(row["total_params_b"])
        else None,
        active_params_b=float(row["active_params_b"])
        if whole and _is_number(row["active_params_b"])
        else None,
    )


def _is_number(text: str) -> bool:
    """A single stated size; ranges and blanks are none."""
    return text.replace(".", "", 1).isdigit()
