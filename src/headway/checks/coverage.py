"""Coverage study: do the intervals of every lag definition hold the truth as often as they say?

Simulated worlds (:mod:`headway.checks.worlds`) are fitted and summarised exactly as real data are.
Truth is the same definition applied to the true abilities of the same models, so that only
measurement is judged; the release process is what the second interval adds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from headway.checks.worlds import GENERATORS, Generator, simulate_world, true_ability
from headway.estimate.capability.design import Cell, build_design
from headway.estimate.capability.fit import AbilitySample, CapabilityFit, fit_capability
from headway.estimate.capability.laplace import fit_laplace
from headway.estimate.lag import DEFINITIONS, Entrants, LagRow, lag_rows
from headway.fanout import run

__all__ = ["CoverageStudy", "coverage_study", "summarise_coverage"]


@dataclass(frozen=True)
class CoverageStudy:
    """``rows``: one per world, cell, frontier and definition; :func:`summarise_coverage` reads it."""

    rows: pl.DataFrame
    worlds: int
    seed: int


def _state(row: LagRow) -> tuple[float | None, float]:
    """(value in the extended order, bound): open leads is -inf, a bound +inf, refusal ``None``."""
    lag = row.lag
    if lag.status == "open_leads":
        return -math.inf, -math.inf
    if lag.status == "censored":
        assert lag.value is not None
        return math.inf, lag.value
    return lag.value, math.inf if lag.value is None else lag.value


def covers(truth: LagRow, found: LagRow) -> bool | None:
    """Does the measurement interval of ``found`` hold the truth? ``None`` if either is refused."""
    value, bound = _state(truth)
    interval = found.lag.interval
    if value is None or interval is None:
        return None
    if value == -math.inf:
        return interval.low == -math.inf
    if value == math.inf:  # the truth is "at least the bound"
        return interval.high >= bound
    return interval.low <= value <= interval.high


@dataclass(frozen=True)
class _Setting:
    base: CapabilityFit
    entrants: Entrants  # dates and labs in the order of the fit's models; abilities are ignored
    as_of: date
    level: float
    draws: int
    cells: tuple[Cell, ...]
    frontiers: tuple[str, ...]
    known_items_every: int


def _cell_rows(
    setting: _Setting,
    sample: AbilitySample,
    cell: Cell,
    ability: np.ndarray,
    informative: np.ndarray,
    frontier: str,
) -> tuple[LagRow, ...]:
    template = setting.entrants
    entrants = Entrants(
        model_version=template.model_version,
        lab=template.lab,
        open_from=template.open_from,
        closed_public_from=template.closed_public_from,
        closed_any_from=template.closed_any_from,
        ability=ability,
        informative=informative,
    )
    return lag_rows(
        entrants,
        definitions=DEFINITIONS,
        frontier=frontier,  # type: ignore[arg-type]  # a str of FRONTIERS by construction
        domain=cell[0],
        stage=cell[1],
        as_of=setting.as_of,
        level=setting.level,
        rng=np.random.default_rng(0),
        process_reps=0,
    )


def _width(row: LagRow) -> float | None:
    interval = row.lag.interval
    if interval is None or not (math.isfinite(interval.low) and math.isfinite(interval.high)):
        return None
    return interval.high - interval.low


def _one_world(
    setting: _Setting, task: tuple[int, Generator], rng: np.random.Generator
) -> list[dict[str, object]]:
    index, generator = task
    world = simulate_world(setting.base, generator, rng)
    fit = fit_capability(world.evidence)
    sample = fit.sample(setting.draws, rng)
    known: AbilitySample | None = None
    if (
        world.items is not None
        and setting.known_items_every
        and index % setting.known_items_every == 0
    ):
        design = build_design(world.evidence.rows, world.evidence.models)
        held = fit_laplace(design, known_items=world.items)
        known = CapabilityFit(held, world.evidence).sample(setting.draws, rng)
    template = setting.entrants
    records: list[dict[str, object]] = []
    for cell in setting.cells:
        theta = sample.theta(cell)
        informative = sample.summary(cell, theta)["informative"].to_numpy()
        truth = true_ability(world, cell, fit.laplace.design)[None, :]
        for frontier in setting.frontiers:
            closed = template.closed_from(frontier)  # type: ignore[arg-type]
            estimable, _ = sample.estimable(
                cell, informative, np.isfinite(template.open_from), np.isfinite(closed)
            )
            true_rows = _cell_rows(setting, sample, cell, truth, informative, frontier)
            rows = _cell_rows(setting, sample, cell, theta, informative, frontier)
            known_rows: Sequence[LagRow | None] = [None] * len(rows)
            if known is not None:
                known_rows = _cell_rows(
                    setting, sample, cell, known.theta(cell), informative, frontier
                )
            for true_row, row, known_row in zip(true_rows, rows, known_rows, strict=True):
                value, _ = _state(true_row)
                guess, _ = _state(row)
                both = (
                    value is not None
                    and guess is not None
                    and math.isfinite(value)
                    and math.isfinite(guess)
                )
                records.append(
                    {
                        "world": index,
                        "generator": generator,
                        "domain": cell[0],
                        "stage": cell[1],
                        "frontier": frontier,
                        "definition": row.definition,
                        "estimable": estimable,
                        "status": row.lag.status if estimable else "not_estimable",
                        "true_status": true_row.lag.status,
                        "covers": covers(true_row, row) if estimable else None,
                        "error": guess - value if both and estimable else None,  # type: ignore[operator]
                        "width": _width(row) if estimable else None,
                        "width_known": None if known_row is None else _width(known_row),
                    }
                )
    return records


def coverage_study(
    base: CapabilityFit,
    entrants: Entrants,
    *,
    as_of: date,
    worlds: int,
    seed: int,
    level: float = 0.90,
    draws: int = 400,
    cells: Sequence[Cell] | None = None,
    frontiers: Sequence[str] = ("public",),
    other_share: float = 0.4,
    known_items_every: int = 2,
    workers: int | None = None,
) -> CoverageStudy:
    """Simulate, fit and compare.

    Parameters
    ----------
    base : CapabilityFit
        The fit whose missingness the worlds keep.
    entrants : Entrants
        Dates and labs of the same models, in the same order.
    as_of : date
    worlds : int
        How many; at least a third of them come from the other generator.
    seed : int
    level, draws : float, int
        Of the intervals and their posterior draws.
    cells : sequence of (domain, stage), optional
        All of the fit by default.
    other_share : float
        Share of worlds from the generator ``bifactor``.
    known_items_every : int
        In every so many worlds of the generator ``model`` the fit is repeated with the true
        item parameters, to measure what not knowing them costs; 0 for never.
    workers : int, optional

    Returns
    -------
    CoverageStudy
    """
    chosen = tuple(cells) if cells is not None else base.cells
    setting = _Setting(
        base, entrants, as_of, level, draws, chosen, tuple(frontiers), known_items_every
    )
    tasks: list[tuple[int, Generator]] = []
    for index in range(worlds):
        other = math.floor((index + 1) * other_share) > math.floor(index * other_share)
        tasks.append((index, GENERATORS[1] if other else GENERATORS[0]))

    def one(task: tuple[int, Generator], rng: np.random.Generator) -> list[dict[str, object]]:
        return _one_world(setting, task, rng)

    found = run(one, tasks, seed=seed, workers=workers, progress="coverage worlds")
    records = [record for part in found for record in part]
    frame = pl.DataFrame(
        records,
        infer_schema_length=None,
        schema_overrides={
            "stage": pl.String,
            "covers": pl.Boolean,
            "error": pl.Float64,
            "width": pl.Float64,
            "width_known": pl.Float64,
        },
    )
    return CoverageStudy(frame, worlds, seed)


def summarise_coverage(study: CoverageStudy, *by: str) -> pl.DataFrame:
    """Coverage, bias, width and refusals per group.

    Returns
    -------
    frame
        ``by`` columns, ``n`` (rows with an answer), ``coverage``, ``bias`` (median error, months),
        ``allowed_bias`` (the larger of 0.5 and a fifth of the median width), ``width`` (median,
        months), ``width_ratio`` (to known items, medians of the same rows), ``refused`` (share).
    """
    paired = pl.col("width").is_not_null() & pl.col("width_known").is_not_null()
    return (
        study.rows.group_by(*by)
        .agg(
            pl.col("covers").count().alias("n"),
            pl.col("covers").mean().alias("coverage"),
            pl.col("error").median().alias("bias"),
            pl.max_horizontal(pl.lit(0.5), pl.col("width").median() / 5).alias("allowed_bias"),
            pl.col("width").median().alias("width"),
            (
                pl.col("width").filter(paired).median()
                / pl.col("width_known").filter(paired).median()
            ).alias("width_ratio"),
            (pl.col("status") == "not_estimable").mean().alias("refused"),
        )
        .sort(*by)
    )
