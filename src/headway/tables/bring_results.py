"""Results in any known format as one table of scores that :func:`bring_scores` can check."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from headway.errors import BadOption
from headway.problems import problem
from headway.sources import formats
from headway.sources.curated import Agreement, Document, agreements
from headway.sources.curated import parse as parse_figures
from headway.sources.declare import Failure, ScoreClaim
from headway.tables.bring import SCORE_COLUMNS, SCORE_DETAILS, RawTable, RowProblem, read_table
from headway.tables.schemas import UNITS
from headway.textsafe import clip

__all__ = ["FiguresTable", "figures_table", "results_table"]

#: Reasons of a curated figure that have a text of their own.
_FIGURE_REASONS = {
    **dict.fromkeys(("no_model", "no_benchmark"), "missing"),
    "not_a_number": "not_a_number",
    "ragged": "figure_ragged",
    "no_reader": "figure_no_reader",
    "unknown_how": "figure_how",
    "no_error": "figure_no_error",
    "duplicate": "duplicate",
}

_SCALED = ("stderr", "read_error_sd")
_COLUMNS = (*SCORE_COLUMNS, "unit", "effort", "evaluated_on", *SCORE_DETAILS)


def results_table(
    path: Path,
    *,
    model: str | None = None,
    names: Mapping[str, str],
    columns: Mapping[str, str],
    metric: str | None = None,
    unit: str | None = None,
) -> tuple[RawTable, tuple[RowProblem, ...]]:
    """The table of a file, and every row that its format could not be read to.

    Parameters
    ----------
    path : Path
        CSV and Parquet with our columns are read as they are, all else by its format.
    model : str, optional
        Whose results they are, whatever the file says.
    names : mapping of str to str
        Names of models and benchmarks in the file to those that Headway knows.
    columns : mapping of str to str
        Mapping of a CSV; with one it is read by :mod:`headway.sources.formats.mapped_csv`.
    metric : str, optional
        Only this metric, in the file's own word.
    unit : str, optional
        Unit of the scores whose file does not say: ``percent``, or one of ours.

    Returns
    -------
    table : RawTable
    problems : tuple of RowProblem
        ``reason`` is ``format_row``; the line is the number of the row in the file's own count.

    Raises
    ------
    Unreadable, SchemaDrift, EmptyTable
    BadOption
        The file lacks the metric, or has several for one benchmark and none was chosen.
    """
    name = clip(path.name)
    figures = path.suffix.lower() == ".toml"
    if unit is not None and unit not in (*UNITS, "percent"):
        allowed = ", ".join((*UNITS, "percent"))
        raise problem(BadOption, "bad-unit", unit=clip(unit), allowed=allowed)
    suffix = path.suffix.lower()
    ours = suffix in {".parquet", ".pq"} or (suffix == ".csv" and not columns and unit is None)
    if metric is not None and (ours or figures):
        raise problem(BadOption, "no-metric", metric=clip(metric), metrics="-")
    if ours or not path.is_file():
        table = read_table(path)
        return _renamed(table, model, names), ()
    if figures:
        read = figures_table(path)
        return _renamed(read.table, model, names), read.problems
    parsed = formats.read(path, model=model, mapping=columns or None, metric=metric)
    if metric is None:
        _refuse_several(name, parsed.scores)
    rows = tuple(
        _row(replace(claim, unit=unit) if unit is not None and claim.unit == "unknown" else claim)
        for claim in parsed.scores
    )
    table = RawTable(name, _COLUMNS, rows, tuple(range(1, len(rows) + 1)))
    problems = tuple(
        RowProblem(
            len(rows) + i,
            clip(failure.raw, 60),
            failure.value,
            "format_row",
            {"why": failure.reason.replace("_", " ")},
        )
        for i, failure in enumerate(parsed.failures, start=1)
    )
    return _renamed(table, model, names), problems


def _refuse_several(name: str, claims: Sequence[ScoreClaim]) -> None:
    """Two metrics of one benchmark, otherwise alike, are no two results: somebody has to choose."""
    found: dict[tuple[Any, ...], dict[str, None]] = {}
    for claim in claims:
        alike = (
            *(claim.model, claim.benchmark, claim.effort, claim.evaluated_on, claim.attempts),
            *(claim.token_budget, claim.scaffold, claim.harness_version, claim.variant),
        )
        found.setdefault(alike, {})[claim.metric or "-"] = None
    several = dict.fromkeys(m for metrics in found.values() if len(metrics) > 1 for m in metrics)
    if several:
        raise problem(
            BadOption,
            "several-metrics",
            file=name,
            metrics=clip(", ".join(several), 400),
            choices=tuple(several),
        )


@dataclass(frozen=True, slots=True)
class FiguresTable:
    """Curated figures as a table of scores.

    ``only_reader`` is who read them, where nobody has read them again.
    """

    table: RawTable
    problems: tuple[RowProblem, ...]
    agreements: tuple[Agreement, ...]
    only_reader: str | None


def figures_table(path: Path) -> FiguresTable:
    """The table of a file of curated figures, its bad rows, and what further readings say.

    A further reading that does not agree is a problem of the rows that differ, or of the first row
    where no row does so by itself.

    Raises
    ------
    Unreadable, SchemaDrift
    """
    from headway.sources.curated.document import MAX_BYTES
    from headway.tables.bring import refuse_unless_file

    name = clip(path.name)
    document = parse_figures(refuse_unless_file(path, MAX_BYTES), name=name)
    claims = document.claims()
    lines = tuple(row.line for row in document.readings[0].rows)
    table = RawTable(name, _COLUMNS, tuple(_row(claim) for claim in claims), lines)
    checked = agreements(document)
    problems = (
        *(_figure_problem(failure) for failure in document.failures),
        *(bad for one in checked for bad in _disagreement(document, one)),
    )
    only = document.readings[0].reader if len(document.readings) == 1 else None
    return FiguresTable(table, problems, checked, only)


def _figure_problem(failure: Failure) -> RowProblem:
    line = int(failure.raw.removeprefix("line "))
    reason = _FIGURE_REASONS[failure.reason]
    columns = {
        **{"no_model": "model", "no_benchmark": "benchmark", "not_a_number": "value"},
        **{"no_reader": "reader", "unknown_how": "how", "no_error": "error", "duplicate": "model"},
    }
    fields = {"first": failure.value} if reason == "duplicate" else {}
    return RowProblem(line, columns.get(failure.reason, "-"), failure.value, reason, fields)


def _disagreement(document: Document, found: Agreement) -> Iterator[RowProblem]:
    """The problems of a further reading that does not agree; none of one that does."""
    readers = {"reader": found.second}
    rows = document.readings[0].rows
    at = rows[0].line if rows else 1
    if found.status == "same_reader":
        yield RowProblem(at, "reader", clip(found.second), "figure_same_reader", readers)
    elif found.status == "nothing_common":
        yield RowProblem(at, "reader", clip(found.second), "figure_unchecked", readers)
    elif found.status == "disagree":
        for one in found.outliers or ((found.worst,) if found.worst else ()):
            yield RowProblem(
                one.first.line,
                "value",
                f"{one.first.value:g}",
                "figure_disagrees",
                {
                    **readers,
                    "model": clip(one.first.model),
                    "other": f"{one.second.value:g}",
                    "line": str(one.second.line),
                    "error": f"{math.hypot(one.first.error, one.second.error):.3g}",
                },
            )


def _row(claim: ScoreClaim) -> tuple[Any, ...]:
    """A claim in the columns of a table: percent as a proportion, an unknown unit left to the benchmark."""
    percent = claim.unit.casefold() in {"percent", "%"}
    told = {
        "model": claim.model,
        "benchmark": claim.benchmark,
        "score": claim.score / 100 if percent else claim.score,
        "unit": "proportion" if percent else None if claim.unit == "unknown" else claim.unit,
        "effort": claim.effort,
        "evaluated_on": _day(claim.evaluated_on),
        "stderr": claim.stderr / 100 if percent and claim.stderr is not None else claim.stderr,
        "read_error_sd": claim.read_error_sd,
        **{name: getattr(claim, name) for name in SCORE_DETAILS if name not in _SCALED},
    }
    return tuple(told[c] for c in _COLUMNS)


def _day(stated: str | None) -> str | None:
    """The day of a time stamp (ISO or Unix); anything else as it is, to be refused by name."""
    if stated is None:
        return None
    if re.fullmatch(r"\d{9,11}(\.\d*)?", stated):
        return datetime.fromtimestamp(float(stated), UTC).date().isoformat()
    found = re.match(r"(\d{4}-\d{2}-\d{2})[T ]", stated)
    return found[1] if found else stated


def _renamed(table: RawTable, model: str | None, names: Mapping[str, str]) -> RawTable:
    """The table with the names that Headway knows."""
    if model is None and not names:
        return table
    rows = []
    for cells in table.rows:
        row = dict(zip(table.columns, cells, strict=True))
        for column in ("model", "benchmark"):
            told = str(row.get(column) or "").strip()
            if told in names:
                row[column] = names[told]
        if model is not None:
            row["model"] = names.get(model, model)
        rows.append(tuple(row.values()))
    named = (
        table.columns if model is None or "model" in table.columns else (*table.columns, "model")
    )
    return replace(table, columns=named, rows=tuple(rows))
