"""``headway lag --test``: claims about the lag as tests, with what would overturn them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from headway import cache
from headway.api.data import load, resolve_as_of
from headway.api.envelope import Result, Warned, choices, envelope, plain
from headway.api.lag import (
    DEFAULT_SEED,
    DOMAINS,
    EVIDENCE,
    FRONTIERS,
    _cells,
    fit_warnings,
    quantity_from_json,
    unique,
)
from headway.api.offline import offline_if
from headway.errors import BadOption, EmptyTable
from headway.problems import problem
from headway.provenance import Provenance
from headway.tables.choice import head_in_use
from headway.tables.store import Release

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

    from headway.api.engine import Cell, Posterior
    from headway.estimate.lag.hypotheses import Side

__all__ = ["DEFINITIONS", "LagTestResult", "lag_test"]

#: Definitions that claims are tested with, side by side; a test holds them to the estimator's.
DEFINITIONS = ("lag_mean_12m", "lag_now", "lag_at_record", "headway_months")
CLAIMS = ("lag_6_9", "lag_6_18", "cyber_above_coding", "cyber_above_general", "static", "widening")
#: Claims of the one-screen answer; ``widening`` is the sign of what ``static`` tells.
_SHOWN = ("cyber_above_coding", "cyber_above_general", "lag_6_9", "lag_6_18", "static")


@dataclass(frozen=True)
class LagTestResult(Result):
    """Tested claims, one row per claim, domain or stage, definition, models, frontier and evidence.

    Parameters
    ----------
    documents : tuple of mapping
        The rows in their JSON form.
    robustness : mapping, optional
        ``summary``, ``countries``, ``counts`` and ``refits`` of
        :func:`headway.checks.robustness.run_study`; ``None`` where it was not computed for this.
    calibration : tuple of mapping
        Size of the tests in simulated worlds in which the claim's null is true; empty where not
        computed for these data.
    """

    documents: tuple[Mapping[str, Any], ...]
    robustness: Mapping[str, Any] | None
    calibration: tuple[Mapping[str, Any], ...]

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        told = None
        if self.robustness is not None:
            told = {k: v for k, v in self.robustness.items() if k != "refits"}
        return envelope(
            "lag-test",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=self.documents,
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
            extra={"robustness": told, "calibration": list(self.calibration)},
        )

    def table(self) -> pl.DataFrame:
        """One row per claim: what identifies it, probability and estimate with intervals, verdict."""
        import polars as pl

        kept = ("hypothesis", "domain", "stage", "definition", "models", "frontier", "evidence")
        rows = []
        for row in self.documents:
            p, q = quantity_from_json(row["probability"]), quantity_from_json(row["estimate"])
            ends, wide = q.interval, q.interval_process
            rows.append(
                {
                    **{name: row[name] for name in kept},
                    "window_from": None if row["window"] is None else row["window"]["from"],
                    "window_to": None if row["window"] is None else row["window"]["to"],
                    "probability": p.value,
                    "probability_low": None if p.interval is None else p.interval.low,
                    "probability_high": None if p.interval is None else p.interval.high,
                    "probability_by_draws": row["probability_by_draws"]["value"],
                    "verdict": row["verdict"],
                    "estimate": q.value,
                    "unit": q.unit,
                    "low": None if ends is None else ends.low,
                    "high": None if ends is None else ends.high,
                    "process_low": None if wide is None else wide.low,
                    "process_high": None if wide is None else wide.high,
                    "status": q.status,
                    "n": q.n,
                    "n_clusters": q.n_clusters,
                    "notes": "; ".join(q.notes),
                }
            )
        frame = pl.DataFrame(rows, schema=_schema())
        return frame.with_columns(pl.col("window_from", "window_to").str.to_date())

    def shown(self, definition: str | None = None) -> list[Mapping[str, Any]]:
        """Rows of the one-screen answer by one definition (the first one asked for by default)."""
        first = {name: self.options[name][0] for name in ("definition", "frontier", "evidence")}
        wanted = definition or first["definition"]
        return [
            row
            for name in _SHOWN
            for row in self.documents
            if row["hypothesis"] == name
            and row["definition"] == wanted
            and row["frontier"] == first["frontier"]
            and row["evidence"] == first["evidence"]
        ]

    def text(self, lang: str = "en") -> str:
        """The verdicts in a sentence each, then the numbers behind them."""
        from headway.api.lag_test_words import screen

        return screen(self, lang)

    def plot(self, *, lang: str = "en") -> alt.TopLevelMixin:
        """Probability of each claim against the rule, over it what the refits give."""
        from headway.figures.hypotheses import hypotheses_spec, verdict_rows
        from headway.figures.vl import to_altair

        every = self.shown()
        rows = [row for row in every if row["stage"] is None] or every
        return to_altair(hypotheses_spec(verdict_rows(rows, self.strips(), lang), lang=lang))

    def strips(self) -> dict[tuple[str, str], list[float]]:
        """Probabilities over the refits per claim and domain, by the headline definition."""
        if self.robustness is None:
            return {}
        from headway.checks.robustness import rows_of

        out: dict[tuple[str, str], list[float]] = {}
        for row in rows_of(self.robustness):
            if row["what"] != "lag" and row["group"] != "all" and row["low"] is not None:
                middle = (row["low"] + row["high"]) / 2
                out.setdefault((row["what"], row["domain"]), []).append(middle)
        return out


_TEXT = (
    "hypothesis", "domain", "stage", "definition", "models", "frontier", "evidence", "window_from",
    "window_to", "verdict", "unit", "status", "notes",
)  # fmt: skip
_COUNTS = ("n", "n_clusters")
_ORDER = (
    "hypothesis", "domain", "stage", "definition", "models", "frontier", "evidence", "window_from",
    "window_to", "probability", "probability_low", "probability_high", "probability_by_draws",
    "verdict", "estimate", "unit", "low", "high", "process_low", "process_high", "status", "n",
    "n_clusters", "notes",
)  # fmt: skip


def _schema() -> dict[str, Any]:
    import polars as pl

    return {
        name: pl.String if name in _TEXT else pl.Int64 if name in _COUNTS else pl.Float64
        for name in _ORDER
    }


def lag_test(
    domain: str | Sequence[str] | None = None,
    stage: str | Sequence[str] | None = None,
    *,
    definition: str | Sequence[str] | None = None,
    frontier: str | Sequence[str] = "public",
    evidence: str | Sequence[str] = "all",
    level: float = 0.90,
    access_basis: str = "all",
    compute: bool = False,
    as_of: date | None = None,
    seed: int = DEFAULT_SEED,
    offline: bool = False,
    progress: bool = False,
) -> LagTestResult:
    """Test the claims of the debate about the lag.

    P(6 <= lag <= 9) and P(6 <= lag <= 18) months, whether cyber lags more than coding and than
    general ability, whether the lag is static, whether it widens: for every domain and stage, by
    several definitions, with measurement and release-process uncertainty. Rules and nulls are in
    :mod:`headway.estimate.lag.hypotheses`.

    Parameters
    ----------
    domain, stage : str or sequence, optional
        As in :func:`headway.lag`.
    definition : str or sequence, optional
        ``lag_mean_12m``, ``lag_now``, ``lag_at_record``, ``headway_months``; all by default.
    frontier, evidence, level, access_basis, as_of, seed, offline, progress
        As in :func:`headway.lag`.
    compute : bool
        Run the robustness refits now (minutes) where no stored ones are of these data.

    Returns
    -------
    LagTestResult

    Raises
    ------
    BadOption
        A value that is not in its vocabulary, or ``compute`` with options that the refits do not
        have.
    Unreadable, BadTable
        The release cannot be used.
    """
    if not 0 < level < 1:
        raise problem(BadOption, "bad-level", value=level)
    command = "lag --test"
    wanted = {
        "definition": choices("--definition", definition or DEFINITIONS, DEFINITIONS, command),
        "frontier": choices("--frontier", frontier, FRONTIERS, command),
        "evidence": choices("--evidence", evidence, EVIDENCE, command),
        "access_basis": choices("--access-basis", access_basis, ("all", "stated"), command)[0],
        "level": level,
    }
    cells = _cells(domain, stage)
    with offline_if(offline):
        head = head_in_use()
        day, warned = resolve_as_of(head, as_of)
        plainly = (
            wanted["frontier"][0] == "public"  # type: ignore[index]  # a tuple by construction
            and wanted["evidence"][0] == "all"  # type: ignore[index]
            and wanted["access_basis"] == "all"
            and day == head.data_through
        )
        if compute and not plainly:
            raise problem(BadOption, "refits-options")
        options = {
            "domain": sorted({d for d, _ in cells}, key=DOMAINS.index),
            "stage": sorted({s for _, s in cells if s}),
            **plain(wanted),
        }
        key = cache.key(
            "lag-test",
            rows_hash=head.rows_hash,
            options={
                **options,
                "cells": [list(c) for c in cells],
                "as_of": day.isoformat(),
                "seed": seed,
            },
        )
        entry = cache.load(key)
        if entry is None:
            document = _compute(load(), cells, wanted, as_of, day, seed, progress=progress)
            cache.store(key, document)
        else:
            document = entry.document
        robust = _robustness(head.rows_hash, day, seed, compute, progress) if plainly else None
        return LagTestResult(
            data_release=head.data_release,
            as_of=day,
            options=options,
            warnings=(*warned, *(Warned.from_json(w) for w in document["warnings"])),
            provenance=Provenance(
                data_release=head.data_release,
                rows_hash=head.rows_hash,
                options={**options, "as_of": day.isoformat()},
                seed=seed,
            ),
            documents=tuple(document["rows"]),
            robustness=robust,
            calibration=_calibration(head.rows_hash, day),
        )


def _compute(
    release: Release,
    cells: tuple[Cell, ...],
    wanted: Mapping[str, Any],
    as_of: date | None,
    day: date,
    seed: int,
    *,
    progress: bool,
) -> dict[str, Any]:
    from headway.api.engine import CELLS, posteriors, row_rng
    from headway.estimate.lag.claim_quantities import claim_json
    from headway.estimate.lag.hypotheses import judge_claims

    fits = posteriors(
        release,
        evidence=wanted["evidence"],
        as_of=as_of,
        access_basis=wanted["access_basis"],
        seed=seed,
        progress="fits" if progress else None,
    )
    rows: list[dict[str, Any]] = []
    warned: list[Warned] = []
    for name, fit in fits.items():
        if isinstance(fit, EmptyTable):
            continue
        warned += fit_warnings(fit)
        for frontier in wanted["frontier"]:
            # always all cells: replicates are joint, and a row must not depend on what else is asked
            sides = {cell: _side(fit, cell, frontier) for cell in CELLS if cell in fit.cells}
            found = judge_claims(
                sides,
                definitions=DEFINITIONS,
                frontier=frontier,
                as_of=day,
                rng=row_rng(seed, "test", frontier, name),
            )
            rows += [
                {**claim_json(claim, wanted["level"]), "frontier": frontier, "evidence": name}
                for claim in found
                if claim.cell in cells and claim.definition in wanted["definition"]
            ]
    return {
        "rows": plain(rows),
        "warnings": [{"code": w.code, "args": dict(w.args)} for w in unique(warned)],
    }


def _side(fit: Posterior, cell: Cell, frontier: str) -> Side:
    from headway.estimate.lag.hypotheses import Side

    draws = fit.cells[cell]
    return Side(fit.entrants_in(cell), draws.n_scores > 0, draws.missing[frontier])


def _robustness(
    rows_hash: str, day: date, seed: int, compute: bool, progress: bool
) -> Mapping[str, Any] | None:
    """The stored refits of these rows, else earlier or (with ``compute``) present own ones."""
    from headway.checks.robustness import STUDY, run_study
    from headway.checks.stored import load_stored

    stored = load_stored(STUDY, rows_hash, {"as_of": day.isoformat()})
    if stored is not None:
        return stored
    options = {"as_of": day.isoformat(), "seed": seed}
    key = cache.key("robustness", rows_hash=rows_hash, options=options)
    entry = cache.load(key)
    if entry is not None:
        found: Mapping[str, Any] = entry.document
        return found
    if not compute:
        return None
    _, result = run_study(load(), seed=seed, progress="robustness refits" if progress else None)
    cache.store(key, result)
    return result


def _calibration(rows_hash: str, day: date) -> tuple[Mapping[str, Any], ...]:
    """Measured sizes of the tests, where the stored worlds are of these rows."""
    from headway.checks.studies import load_studies

    found = load_studies(rows_hash, as_of=day)
    if found is None:
        return ()
    kept = ("claim", "definition", "domain", "stage", "n", "size", "size_se", "size_by_draws")
    return tuple(
        {name: row[name] for name in kept} for row in found["tests"] if row["null"] and row["n"]
    )
