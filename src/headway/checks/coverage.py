"""Coverage study: do intervals hold the truth, and do tests keep their size, in known worlds?

Simulated worlds (:mod:`headway.checks.worlds`) are fitted and summarised exactly as real data are.
Truth is the same definition applied to the true abilities of the same models, so that the
coverage of an interval judges measurement alone. The release process enters where it matters, in the
decisions of the tests: in worlds whose kind is the null of a claim every decision against the null
is wrong, whatever the realised releases look like.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from headway.checks.worlds import (
    GENERATORS,
    NULL_OF,
    Generator,
    Kind,
    World,
    simulate_world,
    true_ability,
)
from headway.estimate.capability.design import Cell, build_design
from headway.estimate.capability.fit import AbilitySample, CapabilityFit, fit_capability
from headway.estimate.capability.laplace import fit_laplace
from headway.estimate.lag import DEFINITIONS, Entrants, LagRow, lag_rows
from headway.estimate.lag.definitions import window
from headway.estimate.lag.entrants import day_number
from headway.estimate.lag.frontier import frontier_pair
from headway.estimate.lag.hypotheses import REJECT, Claim, Side, judge_claims
from headway.estimate.lag.limits import Limits
from headway.estimate.lag.slope import slope_of_means, slope_of_path
from headway.estimate.lag.step import lag_function
from headway.fanout import run

__all__ = [
    "SCHEDULE",
    "CoverageStudy",
    "coverage_study",
    "summarise_coverage",
    "summarise_power",
    "summarise_tests",
]

#: Kinds of 25 worlds in a row; nulls get the most, because a size near 5 % needs many.
SCHEDULE: tuple[Kind, ...] = (
    "plain", "constant_lag", "no_difference", "change_point", "inflation",
    "constant_lag", "no_difference", "selection", "plain", "constant_lag",
    "no_difference", "change_point", "inflation", "selection", "plain",
    "constant_lag", "no_difference", "change_point", "plain", "constant_lag",
    "no_difference", "inflation", "selection", "constant_lag", "no_difference",
)  # fmt: skip
#: Definitions whose tests are judged.
TEST_DEFINITIONS = ("lag_mean_12m", "lag_now")


@dataclass(frozen=True)
class CoverageStudy:
    """One study.

    ``rows``: one per world, cell, frontier and definition; :func:`summarise_coverage` reads it.
    ``tests``: one per world and claim; :func:`summarise_tests` and :func:`summarise_power` do.
    """

    rows: pl.DataFrame
    tests: pl.DataFrame
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


def _cell_rows(
    setting: _Setting, entrants: Entrants, cell: Cell, frontier: str
) -> tuple[LagRow, ...]:
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


@dataclass(frozen=True)
class _Task:
    index: int
    generator: Generator
    kind: Kind
    known_items: bool


Records = list[dict[str, Any]]


def _one_world(setting: _Setting, task: _Task, rng: np.random.Generator) -> tuple[Records, Records]:
    """Rows of the intervals and rows of the tests of one world."""
    world = simulate_world(
        setting.base,
        task.generator,
        rng,
        kind=task.kind,
        entrants=setting.entrants,
        as_of=setting.as_of,
    )
    dates = world.entrants
    assert dates is not None, "the study gave entrants"
    # from a cold start: a world's optimum is far from the real data's, and starting there takes as
    # many iterations (measured: 51 against 43)
    fit = fit_capability(world.evidence)
    sample = fit.sample(setting.draws, rng)
    known: AbilitySample | None = None
    if task.known_items and world.items is not None:
        design = build_design(world.evidence.rows, world.evidence.models)
        held = fit_laplace(design, known_items=world.items)
        known = CapabilityFit(held, world.evidence).sample(setting.draws, rng)
    intervals: Records = []
    found: dict[Cell, Side] = {}
    truths: dict[Cell, Entrants] = {}
    for cell in setting.cells:
        theta = sample.theta(cell)
        summary = sample.summary(cell, theta)
        informative = summary["informative"].to_numpy()
        truth = true_ability(world, cell, fit.laplace.design)[None, :]
        truths[cell] = dates.with_ability(truth, informative)
        measured = dates.with_ability(theta, informative)
        for frontier in setting.frontiers:
            closed = dates.closed_from(frontier)  # type: ignore[arg-type]
            estimable, missing = sample.estimable(
                cell, informative, np.isfinite(dates.open_from), np.isfinite(closed)
            )
            if frontier == "public":
                scored = summary["n_scores"].to_numpy() > 0
                found[cell] = Side(measured, scored, missing)
            rows = _cell_rows(setting, measured, cell, frontier)
            known_rows: Sequence[LagRow | None] = [None] * len(rows)
            if known is not None:
                other = dates.with_ability(known.theta(cell), informative)
                known_rows = _cell_rows(setting, other, cell, frontier)
            intervals += [
                {
                    "world": task.index,
                    "generator": task.generator,
                    "kind": task.kind,
                    "domain": cell[0],
                    "stage": cell[1],
                    "frontier": frontier,
                    "definition": row.definition,
                    **_judged(true_row, row, known_row, estimable),
                }
                for true_row, row, known_row in zip(
                    _cell_rows(setting, truths[cell], cell, frontier), rows, known_rows, strict=True
                )
            ]
    claims = judge_claims(
        found,
        definitions=TEST_DEFINITIONS,
        as_of=setting.as_of,
        rng=rng,
        common=False,
        change_points=task.kind in ("constant_lag", "change_point"),
    )
    tests = [_tested(setting, task, world, claim, truths) for claim in claims]
    return intervals, tests


def _judged(
    true_row: LagRow, row: LagRow, known_row: LagRow | None, estimable: bool
) -> dict[str, Any]:
    """How one interval did."""
    value, _ = _state(true_row)
    guess, _ = _state(row)
    error = None
    if estimable and value is not None and guess is not None and math.isfinite(value):
        error = guess - value if math.isfinite(guess) else None
    return {
        "estimable": estimable,
        "status": row.lag.status if estimable else "not_estimable",
        "true_status": true_row.lag.status,
        "covers": covers(true_row, row) if estimable else None,
        "error": error,
        "width": _width(row) if estimable else None,
        "width_known": None if known_row is None else _width(known_row),
    }


def _true_value(setting: _Setting, claim: Claim, truths: dict[Cell, Entrants]) -> float | None:
    """The claim's quantity by the true abilities; ``None`` where it is not a number."""

    def pair(cell: Cell) -> Any:
        return frontier_pair(truths[cell], frontier="public", as_of=setting.as_of)

    own = pair(claim.cell)
    if claim.claim in ("static", "widening"):
        open_, closed = own.both
        first = max(float(open_.first.max()), float(closed.first.max()))
        slope = slope_of_means if claim.definition == "lag_mean_12m" else slope_of_path
        found = slope(own, first)
    else:
        found = _lag_of(own, claim.definition)
        if claim.claim.startswith("cyber_above_"):
            domain = claim.claim.removeprefix("cyber_above_")
            found = found - _lag_of(pair((domain, None)), claim.definition)
    if found is None or not found.known[0] or not math.isfinite(float(found.low[0])):
        return None
    return float(found.low[0])


def _lag_of(pair: Any, definition: str) -> Limits:
    function = lag_function(pair)
    if definition == "lag_mean_12m":
        return Limits.of(function.mean(*window(pair))[0])
    return Limits.of(function.at(day_number(pair.as_of)))


def _tested(
    setting: _Setting,
    task: _Task,
    world: World,
    claim: Claim,
    truths: dict[Cell, Entrants],
) -> dict[str, Any]:
    """How one test did: its decision, that of the draws alone, and the truth."""
    value = None if claim.draws is None else _true_value(setting, claim, truths)
    interval = None if claim.draws is None else claim.draws.interval(setting.level)
    return {
        "world": task.index,
        "generator": task.generator,
        "kind": task.kind,
        "claim": claim.claim,
        "domain": claim.cell[0],
        "stage": claim.cell[1],
        "definition": claim.definition,
        "verdict": claim.verdict,
        "supported_by_draws": None if claim.measured is None else claim.measured.low > REJECT,
        "contradicted_by_draws": None
        if claim.measured is None
        else claim.measured.high < 1 - REJECT,
        "truth": value,
        "covers": None
        if value is None or interval is None
        else interval.low <= value <= interval.high,
        "p_change": None if claim.changes is None else 1 - claim.changes.p_count[0],
        "bend": world.bend,
    }


def coverage_study(
    base: CapabilityFit,
    entrants: Entrants,
    *,
    as_of: date,
    worlds: int,
    seed: int,
    level: float = 0.90,
    draws: int = 300,
    cells: Sequence[Cell] | None = None,
    frontiers: Sequence[str] = ("public",),
    other_share: float = 0.4,
    known_items_every: int = 4,
    workers: int | None = None,
    progress: str | None = "coverage worlds",
    resume: Mapping[str, Any] | None = None,
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
        How many; their kinds follow :data:`SCHEDULE`.
    seed : int
    level, draws : float, int
        Of the intervals and their posterior draws.
    cells : sequence of (domain, stage), optional
        All of the fit by default.
    other_share : float
        Share of the worlds of each kind from the generator ``bifactor``.
    known_items_every : int
        In every so many plain worlds of the generator ``model`` the fit is repeated with the true
        item parameters, to measure what not knowing them costs; 0 for never.
    workers : int, optional
    progress : str, optional
    resume : mapping, optional
        Names the work, so that it can be resumed (:func:`headway.fanout.run`).

    Returns
    -------
    CoverageStudy
    """
    chosen = tuple(cells) if cells is not None else base.cells
    setting = _Setting(base, entrants, as_of, level, draws, chosen, tuple(frontiers))

    def one(task: _Task, rng: np.random.Generator) -> tuple[Records, Records]:
        return _one_world(setting, task, rng)

    tasks = _tasks(worlds, other_share, known_items_every)
    found = run(one, tasks, seed=seed, workers=workers, progress=progress, resume=resume)
    text, number, flag = pl.String, pl.Float64, pl.Boolean
    rows = pl.DataFrame(
        [record for part, _ in found for record in part],
        infer_schema_length=None,
        schema_overrides={
            "stage": text,
            "covers": flag,
            **dict.fromkeys(("error", "width", "width_known"), number),
        },
    )
    tests = pl.DataFrame(
        [record for _, part in found for record in part],
        infer_schema_length=None,
        schema_overrides={
            "stage": text,
            **dict.fromkeys(("covers", "supported_by_draws", "contradicted_by_draws"), flag),
            **dict.fromkeys(("truth", "p_change", "bend"), number),
        },
    )
    return CoverageStudy(rows, tests, worlds, seed)


def _tasks(worlds: int, other_share: float, known_items_every: int) -> list[_Task]:
    """Kinds by :data:`SCHEDULE`; in each kind the generators by their share."""
    seen: dict[Kind, int] = {}
    plain = 0
    tasks = []
    for index in range(worlds):
        kind = SCHEDULE[index % len(SCHEDULE)]
        count = seen[kind] = seen.get(kind, -1) + 1
        other = math.floor((count + 1) * other_share) > math.floor(count * other_share)
        known = False
        if kind == "plain" and not other:
            known = bool(known_items_every) and plain % known_items_every == 0
            plain += 1
        tasks.append(_Task(index, GENERATORS[1] if other else GENERATORS[0], kind, known))
    return tasks


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


def summarise_tests(study: CoverageStudy) -> pl.DataFrame:
    """Decisions per claim, definition, cell and kind of world.

    Returns
    -------
    frame
        ``claim, definition, domain, stage, kind``, ``n`` (worlds with an answer), ``refused``
        (share), ``supported`` and ``contradicted`` (shares of the answers), the same two
        ``_by_draws`` (without the release process), ``null`` (whether the kind is the claim's
        null), ``size`` (share of decisions against the null; null elsewhere), ``size_by_draws``,
        ``size_se`` (binomial), ``coverage`` (of the quantity's measurement interval).
    """
    by = ("claim", "definition", "domain", "stage", "kind")
    return _with_size(_decisions(study.tests, by), by).sort(*by, nulls_last=False)


def summarise_power(study: CoverageStudy) -> pl.DataFrame:
    """Decisions by the size of the true difference or slope, worlds of all kinds.

    Returns
    -------
    frame
        ``claim, definition, domain, stage``, ``low``, ``high`` (true value, months or months per
        year), ``n``, ``supported``, ``contradicted``.
    """
    edges = {"cyber_above_coding": 3.0, "cyber_above_general": 3.0, "static": 4.0, "widening": 4.0}
    tests = study.tests.filter(
        pl.col("claim").is_in(list(edges))
        & pl.col("stage").is_null()
        & pl.col("truth").is_not_null()
    ).with_columns(width=pl.col("claim").replace_strict(edges, return_dtype=pl.Float64))
    bins = (pl.col("truth") / pl.col("width")).floor().clip(-3, 2)
    tests = tests.with_columns(low=bins * pl.col("width"))
    by = ("claim", "definition", "domain", "low", "width")
    out = _decisions(tests, by).with_columns(high=pl.col("low") + pl.col("width"))
    kept = ["claim", "definition", "domain", "low", "high", "n", "supported", "contradicted"]
    return out.select(kept).sort("claim", "definition", "domain", "low")


def _decisions(tests: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    answered = pl.col("verdict") != "not_estimable"

    def share(condition: pl.Expr) -> pl.Expr:
        return condition.filter(answered).mean()

    return tests.group_by(*by).agg(
        answered.sum().alias("n"),
        (~answered).mean().alias("refused"),
        share(pl.col("verdict") == "supported").alias("supported"),
        share(pl.col("verdict") == "contradicted").alias("contradicted"),
        share(pl.col("supported_by_draws")).alias("supported_by_draws"),
        share(pl.col("contradicted_by_draws")).alias("contradicted_by_draws"),
        pl.col("covers").mean().alias("coverage"),
        (pl.col("p_change") > REJECT).mean().alias("change_found"),
    )


def _with_size(found: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Adds the share of wrong decisions where the kind is the claim's null."""
    against = {"static": "contradicted"}
    nulls = [
        {"kind": kind, "claim": claim, "against": against.get(claim, "supported")}
        for kind, claims in NULL_OF.items()
        for claim in claims
    ]
    # only the headline of a domain is at the boundary: a stage has a spread of its own
    joined = found.join(pl.DataFrame(nulls), on=["kind", "claim"], how="left").with_columns(
        null=pl.col("against").is_not_null()
        & (pl.col("stage").is_null() | (pl.col("kind") == "constant_lag"))
    )

    def wrong(suffix: str) -> pl.Expr:
        return (
            pl.when(pl.col("null") & (pl.col("against") == "supported"))
            .then(pl.col(f"supported{suffix}"))
            .when(pl.col("null"))
            .then(pl.col(f"contradicted{suffix}"))
        )

    size = wrong("")
    return joined.with_columns(
        size=size,
        size_by_draws=wrong("_by_draws"),
        size_se=(size * (1 - size) / pl.col("n")).sqrt(),
    ).drop("against")
