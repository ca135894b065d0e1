"""The study of the harness share: scaffold, effort and budget against weights, in shares and months.

The rows are those of the ability fit **before** weaker efforts of a model are left out, because
the differences between efforts are what is measured here. Rows that repeat another row, and
rows of quarantined harnesses, stay out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from headway.checks.latent import CELLS, Latent, latent, one_thread, options_of
from headway.checks.stored import Study
from headway.checks.studies import CAPABILITY
from headway.estimate.capability.design import Cell
from headway.estimate.capability.evidence import effort_rank
from headway.estimate.lag.entrants import day_number
from headway.estimate.lag.harness import (
    logit_scores,
    matched_spread,
    slope_per_doubling,
    solved_within,
    variance_components,
)
from headway.estimate.lag.lead import record_line
from headway.estimate.lag.quantities import quantity_of
from headway.estimate.lag.split import split_interval
from headway.result import Quantity
from headway.tables.store import Release

__all__ = ["COMPONENTS", "STUDY", "run_study"]

STUDY = Study(
    "harness",
    method=(
        *CAPABILITY,
        "estimate/lag/harness.py",
        "estimate/lag/split.py",
        "estimate/lag/lead.py",
        "estimate/lag/quantities.py",
        "estimate/lag/entrants.py",
        "checks/harness.py",
        "checks/latent.py",
        "checks/refits.py",
        "estimate/lag/definitions.py",
        "estimate/lag/frontier.py",
        "estimate/lag/process.py",
        "estimate/lag/states.py",
        "estimate/lag/step.py",
    ),
)
#: First day of the frontier whose pace turns ability into months.
PACE_SINCE = date(2025, 1, 1)
#: Components of the score, in the order shown; ``harness`` is what is neither weights nor noise.
COMPONENTS = ("weights", "profile", "scaffold", "effort", "setup", "residual")
HARNESS_PARTS = ("scaffold", "effort", "setup")
#: More rows than this of one domain make the restricted likelihood slow; the latest are kept.
MOST_ROWS = 2500
#: Fewer rows, or fewer levels of scaffold, than this carry no components.
MIN_ROWS = 40
MIN_LEVELS = 3
#: Token budgets at which finished runs are cut, one doubling apart.
CUTS = tuple(2_000_000 / 2**k for k in range(4, -1, -1))
#: Runs of one model on one suite needed for a cut to say anything.
MIN_RUNS = 20


@dataclass(frozen=True)
class Rows:
    """Score rows of one domain on the scale of ability, with what they were run with."""

    frame: pl.DataFrame
    value: np.ndarray  # logit / discrimination, less nothing: differences only
    variance: np.ndarray
    logit: np.ndarray
    logit_variance: np.ndarray


@one_thread
def run_study(
    release: Release,
    *,
    seed: int,
    workers: int | None = None,
    progress: str | None = None,
    draws: int = 1000,
    **given: Any,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Compute the study.

    Parameters
    ----------
    release : Release
    seed : int
    workers, progress
        Not used: one fit and some matrix algebra.
    draws : int
    **given
        ``as_of``, ``level``, ``evidence``, ``access_basis`` where they differ from the defaults.

    Returns
    -------
    options, result : dict
    """
    del workers, progress
    options = options_of(release, seed, **given)
    state = latent(release, draws=draws, seed=seed, options=options)
    everything = _before_efforts(state, release)
    components, scaffolds, efforts, budgets, splits = [], [], [], [], []
    for cell in CELLS:
        if not state.refitted.has(cell):
            continue
        pace = _pace(state, cell)
        rows = _rows(everything, state, cell)
        scaffolds.append(_scaffolds(state, cell, rows, pace))
        efforts.append(_efforts(state, cell, rows, pace))
        budgets.append(_budgets(state, release, cell, rows, pace))
        if cell[1] is None:
            components.append(_components(state, cell, rows))
        splits.append(_split(state, cell))
    return options, {
        "components": components,
        "scaffolds": scaffolds,
        "efforts": efforts,
        "budgets": budgets,
        "splits": splits,
    }


# The rows ------------------------------------------------------------------------------------


def _before_efforts(state: Latent, release: Release) -> pl.DataFrame:
    """Rows of the fit and the weaker efforts it left out, with domain, stage and range."""
    evidence = state.refitted.fit.evidence
    weaker = evidence.dropped.filter(pl.col("reason") == "lower_effort")["score_id"]
    ids = pl.concat([evidence.rows["score_id"], weaker])
    text = [c for c, t in release.scores.schema.items() if isinstance(t, pl.Enum)]
    return (
        release.scores.filter(pl.col("score_id").is_in(ids.to_list()))
        .with_columns(pl.col(text).cast(pl.String))
        .filter(pl.col("unit") == "proportion")
        .join(
            release.benchmarks.select(
                "benchmark",
                pl.col("domain").cast(pl.String),
                pl.col("stage").cast(pl.String),
                "chance",
                "ceiling",
                "family",
            ),
            on="benchmark",
        )
        .sort("score_id")
    )


def _numbers(frame: pl.DataFrame, name: str, missing: float) -> np.ndarray:
    return frame[name].cast(pl.Float64).fill_null(missing).to_numpy()


def _rows(everything: pl.DataFrame, state: Latent, cell: Cell) -> Rows:
    domain, stage = cell
    frame = everything.filter(pl.col("domain") == domain)
    if stage is not None:
        frame = frame.filter(pl.col("stage") == stage)
    logit, variance = logit_scores(
        _numbers(frame, "score", np.nan),
        _numbers(frame, "chance", 0.0),
        _numbers(frame, "ceiling", 1.0),
        _numbers(frame, "n", np.nan),
        _numbers(frame, "stderr", np.nan),
        _numbers(frame, "read_error_sd", 0.0),
    )
    keep = np.isfinite(logit)
    frame = frame.filter(pl.Series(keep))
    design = state.refitted.fit.laplace.design
    of = dict(
        zip(
            design.benchmarks,
            np.exp(state.refitted.fit.laplace.core_part("log_discrimination")).tolist(),
            strict=True,
        )
    )
    slope = np.array([of[b] for b in frame["benchmark"]])
    return Rows(
        frame=frame,
        value=logit[keep] / slope,
        variance=variance[keep] / slope**2,
        logit=logit[keep],
        logit_variance=variance[keep],
    )


def _pace(state: Latent, cell: Cell) -> np.ndarray:
    """(n_draws,) rise of the public closed frontier, logits of ability a month; NaN if none."""
    entrants = state.refitted.entrants(cell)
    line = record_line(
        entrants.ability,
        entrants.closed_public_from,
        entrants.informative,
        since=day_number(PACE_SINCE),
        until=day_number(state.as_of) + 1,
        rng=state.rng("pace", *cell),
    )
    return np.where(line.per_month > 0, line.per_month, np.nan)


class _Say:
    """Draws to the JSON of a quantity."""

    def __init__(self, level: float, n: int, n_clusters: int) -> None:
        self.level, self.n, self.n_clusters = level, n, n_clusters

    def __call__(self, draws: np.ndarray, unit: str, *notes: str) -> dict[str, Any]:
        return quantity_of(
            draws, unit, n=self.n, n_clusters=self.n_clusters, level=self.level, notes=notes
        ).to_json()


def _refused(unit: str, *notes: str) -> dict[str, Any]:
    return Quantity.not_estimable(unit, *notes).to_json()


# Variance components -------------------------------------------------------------------------


def _components(state: Latent, cell: Cell, rows: Rows) -> dict[str, Any]:
    """Shares of the spread of scores, benchmarks' difficulty apart."""
    frame = rows.frame.with_row_index("at")
    # a benchmark with a single row has nothing to compare
    frame = frame.filter(pl.len().over("benchmark") > 1)
    if len(frame) > MOST_ROWS:
        frame = frame.sort("known_on", "score_id", nulls_last=False).tail(MOST_ROWS)
    at = frame["at"].to_numpy()
    head: dict[str, Any] = {"domain": cell[0], "n": len(frame)}
    named = frame["scaffold"].drop_nulls().n_unique()
    if len(frame) < MIN_ROWS or named < MIN_LEVELS:
        refused = _refused("proportion", f"too_few_rows:{len(frame)}<{MIN_ROWS}")
        return {**head, "harness": refused, "shares": {}}

    def text(name: str) -> list[str | None]:
        return frame[name].cast(pl.String).to_list()

    model, benchmark = text("model_version"), text("benchmark")
    effort = [
        f"{m}|{e or 'unstated'}|{b}"
        for m, e, b in zip(model, text("effort"), text("token_budget"), strict=True)
    ]
    factors: dict[str, list[Any]] = {
        "weights": model,
        "profile": [f"{m}|{b}" for m, b in zip(model, benchmark, strict=True)],
        # a row that names no scaffold was run with its panel's own: part of the set-up
        "scaffold": [
            s or f"of {b}|{p}"
            for s, b, p in zip(text("scaffold"), benchmark, text("panel"), strict=True)
        ],
        "effort": effort,
        "setup": [f"{b}|{p}" for b, p in zip(benchmark, text("panel"), strict=True)],
    }
    found = variance_components(
        rows.logit[at],
        rows.logit_variance[at],
        factors,
        benchmark,
        draws=state.refitted.sample.raw.effects.shape[0],
        rng=state.rng("components", *cell),
    )
    say = _Say(state.level, len(frame), frame["model_version"].n_unique())
    return {
        **head,
        "converged": found.converged,
        "levels": dict(zip(found.names, found.levels, strict=True)),
        "shares": {name: say(found.share(name), "proportion") for name in COMPONENTS},
        "sd_logits": {
            name: say(np.sqrt(found.draws[:, j]), "logits") for j, name in enumerate(found.names)
        },
        "harness": say(found.share(*HARNESS_PARTS), "proportion"),
        "scaffold_and_budget": say(found.share("scaffold", "effort"), "proportion"),
        "scaffold_to_weights": say(
            (found.draws[:, [2, 3]].sum(axis=1)) / (found.draws[:, [0, 1]].sum(axis=1)), "ratio"
        ),
    }


# Matched comparisons -------------------------------------------------------------------------


def _scaffolds(state: Latent, cell: Cell, rows: Rows, pace: np.ndarray) -> dict[str, Any]:
    """One model, one benchmark, one effort, several scaffolds."""
    head: dict[str, Any] = {"domain": cell[0], "stage": cell[1]}
    frame = rows.frame.with_row_index("at").filter(pl.col("scaffold").is_not_null())
    # the strongest effort of each model with each scaffold, so that efforts do not enter
    ranked = frame.with_columns(
        pl.col("effort")
        .map_elements(effort_rank, return_dtype=pl.Float64, skip_nulls=False)
        .alias("rank")
    )
    key = ["model_version", "benchmark", "scaffold"]
    ranked = ranked.sort("rank", "score_id", descending=[True, False]).unique(
        key, keep="first", maintain_order=True
    )
    at = ranked["at"].to_numpy()
    models = ranked["model_version"].to_list()
    groups = [f"{m}|{b}" for m, b in zip(models, ranked["benchmark"], strict=True)]
    draws = len(pace)
    found = matched_spread(
        rows.value[at],
        rows.variance[at],
        groups,
        models,
        draws=draws,
        rng=state.rng("scaffold", *cell),
    )
    if found is None:
        refused = _refused("months", "too_few_matched")
        return {**head, "groups": 0, "sd": refused, "gain_months": refused}
    say = _Say(state.level, found.rows, found.n_clusters)
    return {
        **head,
        "groups": found.groups,
        "models": found.n_clusters,
        "typical_scaffolds": round(found.typical, 2),
        "benchmarks": sorted(_with_several(ranked)),
        "sd": say(found.sd, "logits"),
        "sd_months": say(found.sd / pace, "months"),
        "gain": say(found.gain, "logits"),
        "gain_months": say(found.gain / pace, "months"),
        "gain_without_luck_months": say(found.gain_without_luck / pace, "months"),
        "pace": say(12 * pace, "logits"),
    }


def _with_several(frame: pl.DataFrame) -> set[str]:
    counted = frame.group_by("model_version", "benchmark").len().filter(pl.col("len") > 1)
    return set(counted["benchmark"].to_list())


def _efforts(state: Latent, cell: Cell, rows: Rows, pace: np.ndarray) -> dict[str, Any]:
    """One model, one benchmark, panel and scaffold, several efforts or thinking budgets."""
    head: dict[str, Any] = {"domain": cell[0], "stage": cell[1]}
    frame = rows.frame.with_row_index("at").with_columns(
        pl.col("effort")
        .map_elements(effort_rank, return_dtype=pl.Float64, skip_nulls=False)
        .alias("rank"),
        # "16k" and "32k thinking" are budgets of thinking tokens
        pl.col("effort").str.extract(r"^(\d+)\s*k\b", 1).cast(pl.Float64).alias("thousand"),
    )
    frame = frame.filter(pl.col("effort").is_not_null())
    key = ["model_version", "benchmark", "panel", pl.col("scaffold").fill_null("")]
    several = frame.filter(pl.col("rank").n_unique().over(key) > 1)
    draws = len(pace)
    out: dict[str, Any] = {**head}
    ends = several.filter(
        (pl.col("rank") == pl.col("rank").max().over(key))
        | (pl.col("rank") == pl.col("rank").min().over(key))
    )
    top = ends.with_columns(
        (pl.col("rank") == pl.col("rank").max().over(key)).cast(pl.Float64).alias("top")
    )
    out["full"] = _slope(state, rows, top, "top", pace, draws, ("full", *cell))
    thinking = several.filter(pl.col("thousand").is_not_null()).with_columns(
        pl.col("thousand").log(2).alias("doublings")
    )
    out["thinking_doubling"] = _slope(
        state, rows, thinking, "doublings", pace, draws, ("thinking", *cell)
    )
    return out


def _slope(
    state: Latent,
    rows: Rows,
    frame: pl.DataFrame,
    column: str,
    pace: np.ndarray,
    draws: int,
    name: tuple[object, ...],
) -> dict[str, Any]:
    """Gain per unit of a column within model, benchmark, panel and scaffold."""
    at = frame["at"].to_numpy()
    groups = [
        "|".join(str(v) for v in row)
        for row in frame.select("model_version", "benchmark", "panel", "scaffold").iter_rows()
    ]
    found = None
    if len(frame):
        found = slope_per_doubling(
            rows.value[at],
            frame[column].to_numpy(),
            groups,
            frame["model_version"].to_list(),
            draws=draws,
            rng=state.rng(*name),
        )
    if found is None:
        refused = _refused("months", "too_few_matched")
        return {"groups": 0, "gain": _refused("logits", "too_few_matched"), "months": refused}
    slope, groups_count, clusters = found
    say = _Say(state.level, len(frame), clusters)
    return {
        "groups": groups_count,
        "models": clusters,
        "benchmarks": sorted(frame["benchmark"].unique().to_list()),
        "gain": say(slope, "logits"),
        "months": say(slope / pace, "months"),
    }


def _budgets(
    state: Latent, release: Release, cell: Cell, rows: Rows, pace: np.ndarray
) -> dict[str, Any]:
    """Score per doubling of the token budget: runs cut short, and stated budgets."""
    head: dict[str, Any] = {"domain": cell[0], "stage": cell[1]}
    stated = rows.frame.with_row_index("at").filter(pl.col("token_budget").is_not_null())
    stated = stated.with_columns(pl.col("token_budget").log(2).alias("doublings"))
    # budgets are stated by benchmark name too: compare within model and benchmark family
    key = ["model_version", "family", "panel"]
    stated = stated.filter(pl.col("token_budget").n_unique().over(key) > 1).with_columns(
        pl.col("family").alias("benchmark")
    )
    return {
        **head,
        "stated": _slope(state, rows, stated, "doublings", pace, len(pace), ("stated", *cell)),
        "cut": _cut(state, release, cell, pace),
    }


def _cut(state: Latent, release: Release, cell: Cell, pace: np.ndarray) -> dict[str, Any]:
    """Gain per doubling of tokens from runs whose tokens are known, cut at smaller budgets."""
    runs = release.task_runs.filter(
        pl.col("tokens").is_not_null() & pl.col("token_budget").is_not_null()
    ).join(
        release.benchmarks.select(
            "benchmark", "family", pl.col("domain").cast(pl.String), pl.col("stage").cast(pl.String)
        ),
        on="benchmark",
    )
    runs = runs.filter(
        (pl.col("domain") == cell[0])
        & (pl.lit(cell[1] is None) | (pl.col("stage") == (cell[1] or "")))
        & pl.col("model_version").is_in(list(state.models))
    )
    slopes = _family_discrimination(state, release)
    value, doublings, groups, owners = [], [], [], []
    curves = []
    for (model, suite, family), part in sorted(
        runs.group_by("model_version", "benchmark", "family"), key=lambda item: item[0]
    ):
        if len(part) < MIN_RUNS or family not in slopes:
            continue
        share, solved = solved_within(part["success"].to_numpy(), part["tokens"].to_numpy(), CUTS)
        # a share of 0 or 1 has no logit: half a run either way, only where some runs differ
        if solved[-1] in (0, len(part)):
            continue
        logit = np.log((solved + 0.5) / (len(part) - solved + 0.5)) / slopes[str(family)]
        curves.append(
            {"model": model, "suite": suite, "share": [round(float(s), 4) for s in share]}
        )
        value += logit.tolist()
        doublings += np.log2(CUTS).tolist()
        groups += [f"{model}|{suite}"] * len(CUTS)
        owners += [str(model)] * len(CUTS)
    found = None
    if value:
        found = slope_per_doubling(
            np.array(value),
            np.array(doublings),
            groups,
            owners,
            draws=len(pace),
            rng=state.rng("cut", *cell),
        )
    if found is None:
        refused = _refused("months", "too_few_matched")
        return {"groups": 0, "gain": _refused("logits", "too_few_matched"), "months": refused}
    slope, count, clusters = found
    say = _Say(state.level, count, clusters)
    mean = np.array([c["share"] for c in curves]).mean(axis=0)
    return {
        "groups": count,
        "models": clusters,
        "budgets_tokens": list(CUTS),
        "mean_share": [round(float(m), 4) for m in mean],
        "gain": say(slope, "logits"),
        "months": say(slope / pace, "months"),
    }


def _family_discrimination(state: Latent, release: Release) -> Mapping[str, float]:
    """Mean discrimination of each benchmark family in the fit."""
    laplace = state.refitted.fit.laplace
    family = dict(release.benchmarks.select("benchmark", "family").iter_rows())
    found: dict[str, list[float]] = {}
    for name, log_a in zip(
        laplace.design.benchmarks, laplace.core_part("log_discrimination").tolist(), strict=True
    ):
        found.setdefault(family[name], []).append(log_a)
    return {name: float(np.exp(np.mean(values))) for name, values in found.items()}


# The split of every interval -----------------------------------------------------------------


def _split(state: Latent, cell: Cell) -> dict[str, Any]:
    """The lag interval of a cell by its causes."""
    head: dict[str, Any] = {"domain": cell[0], "stage": cell[1], "definition": "lag_mean_12m"}
    missing = state.refitted.missing(cell)
    if missing:
        return {**head, "missing": list(missing), "parts": []}
    parts = split_interval(
        state.refitted.sample,
        cell,
        entrants=state.refitted.entrants(cell),
        frontier="public",
        as_of=state.as_of,
        rng=state.rng("split", *cell),
    )
    return {
        **head,
        "missing": [],
        "parts": [
            {"part": p.part, "share": p.share.to_json(), "months": p.months.to_json()}
            for p in parts
        ],
    }
