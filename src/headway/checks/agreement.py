"""Do the two engines agree? The fast one is held against full posterior sampling.

Over simulated worlds and the release itself: abilities, every reported lag, and the CPU time of both.
Both engines see the same rows and priors. What counts as agreement is stated in
:mod:`headway.checks.agreement_compare`.

The worlds keep the missingness of a part of the release, because thirty runs of the sampler on all
of it would take hours. CPU times are measurements: they differ between machines, all other numbers
are the same for the same seed on one machine.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from headway.checks.agreement_compare import (
    MEAN_TOLERANCE,
    SHIFT_TOLERANCE,
    SPREAD_TOLERANCE,
    compare,
    median_difference,
    width,
    width_ratio,
)
from headway.checks.stored import Study
from headway.checks.studies import CAPABILITY
from headway.checks.worlds import Generator, Kind, simulate_world
from headway.estimate.capability import CapabilityFit, fit_capability, select_evidence
from headway.estimate.capability.evidence import Evidence
from headway.estimate.capability.fit import ANCHORS, AbilitySample
from headway.estimate.capability.reference import ReferenceSampler, as_sample
from headway.estimate.lag import Entrants, entrants_from_access
from headway.tables.store import Release

__all__ = [
    "STUDY",
    "Timing",
    "WorldSetting",
    "assemble",
    "run_shipped",
    "run_study",
    "run_world",
    "summarise_worlds",
    "thin",
    "world_setting",
]

STUDY = Study(
    "agreement",
    method=(
        "checks/agreement.py",
        "checks/agreement_compare.py",
        *CAPABILITY,
        "estimate/capability/reference.py",
        "estimate/capability/reference_coordinates.py",
        "estimate/capability/reference_density.py",
        "estimate/capability/reference_mixing.py",
        "estimate/lag/definitions.py",
        "estimate/lag/frontier.py",
        "estimate/lag/headway.py",
        "estimate/lag/states.py",
        "estimate/lag/step.py",
        "estimate/lag/trend.py",
    ),
)

#: Draws of the fast engine.
DRAWS = 1000
#: Bulk effective sample size at which the costs of the engines are compared.
WANTED_ESS = 400.0
#: Rows and dates stay the same in these kinds of world, so one compiled sampler serves all.
KINDS: tuple[Kind, ...] = ("plain", "change_point", "inflation")


@dataclass(frozen=True, slots=True)
class Timing:
    """CPU seconds of both engines on one data set.

    ``warmup`` and ``sampling`` are those of the last chain, so that compilation, which the first one
    of a sampler pays, is not in them. ``per_ess`` is what sampling needs for bulk ESS 400 of every
    reported lag: one warm-up and as many draws as that takes.
    """

    fast: float
    warmup: float
    sampling: float
    chains: int
    least_ess: float

    @property
    def per_ess(self) -> float:
        return self.warmup + self.sampling * WANTED_ESS * self.chains / self.least_ess

    @property
    def ratio(self) -> float:
        return self.fast / self.per_ess

    def to_json(self) -> dict[str, float]:
        return {
            "fast_cpu_s": round(self.fast, 3),
            "warmup_cpu_s": round(self.warmup, 2),
            "sampling_cpu_s": round(self.sampling, 2),
            "least_lag_ess": round(self.least_ess, 1),
            "cpu_s_for_ess_400": round(self.per_ess, 1),
            "ratio": round(self.ratio, 5),
        }


def thin(
    evidence: Evidence, *, models: int = 110, per_cell: int = 4, general: int = 10
) -> Evidence:
    """A part of the evidence with every domain and stage, small enough to be sampled often.

    Takes the benchmarks with most models of each cell (``per_cell`` of a stage of cyber, ``general`` of
    the other domains), then the models with most results on them, the anchors of the scale first.
    Deterministic.
    """
    rows = evidence.rows
    count = (
        rows.group_by("domain", "stage", "benchmark")
        .agg(pl.col("model_version").n_unique().alias("tested"))
        .sort("domain", "stage", "tested", "benchmark", descending=[False, False, True, False])
        .with_columns(pl.int_range(pl.len()).over("domain", "stage").alias("rank"))
        .filter(
            pl.col("rank") < pl.when(pl.col("stage").is_null()).then(general).otherwise(per_cell)
        )
    )
    kept = rows.join(count.select("benchmark"), on="benchmark", how="semi")
    anchors = [name for name, _ in ANCHORS]
    chosen = (
        kept.group_by("model_version")
        .agg(pl.len().alias("rows"), pl.col("domain").n_unique().alias("domains"))
        .with_columns(pl.col("model_version").is_in(anchors).alias("anchor"))
        .sort("anchor", "domains", "rows", "model_version", descending=[True, True, True, False])
        .head(models)
    )
    kept = kept.join(chosen, on="model_version", how="semi")
    # an effect with one row only is part of that benchmark's noise
    alone = {
        name: kept[name].value_counts().filter(pl.col("count") < 2)[name].to_list()
        for name in ("setup", "scaffold")
    }
    kept = kept.with_columns(
        pl.when(pl.col(name).is_in(values)).then(None).otherwise(pl.col(name)).alias(name)
        for name, values in alone.items()
    )
    flat = [c for c in kept.columns if c.startswith("x_") and kept[c].n_unique() < 2]
    names = kept["model_version"].unique()
    return replace(
        evidence,
        rows=kept.drop(flat),
        models=evidence.models.filter(pl.col("model_version").is_in(names.to_list())),
    )


def _fast(evidence: Evidence, seed: int) -> tuple[AbilitySample, float]:
    """Fast fit and draws, and their CPU seconds."""
    begin = time.process_time()
    fit = fit_capability(evidence)
    sample = fit.sample(DRAWS, np.random.default_rng(seed))
    return sample, time.process_time() - begin


def _both(
    release: Release, evidence: Evidence, sampler: ReferenceSampler | None, seed: int, **sizes: int
) -> tuple[dict[str, Any], ReferenceSampler]:
    """One data set through both engines."""
    fast, seconds = _fast(evidence, seed)
    laplace = fast.fit.laplace
    sampler = sampler or ReferenceSampler(laplace.design, priors=laplace.priors, **sizes)
    clock = [time.process_time()]
    found = sampler.run(laplace, seed, on_step=lambda _: clock.append(time.process_time()))
    reference = as_sample(found, evidence, seed)
    result: dict[str, Any] = compare(release, fast, reference, found.chains)
    ess = [row["ess_bulk"] for row in result["lags"] if row["ess_bulk"] is not None]
    timing = Timing(
        fast=seconds,
        warmup=clock[-2] - clock[-3],
        sampling=clock[-1] - clock[-2],
        chains=found.chains,
        least_ess=min(ess, default=float(found.count)),
    )
    result["timing"] = timing.to_json()
    result["divergences"] = found.divergences
    result["gradients_per_draw"] = found.gradients / found.count
    result["draws"] = found.count
    return result, sampler


def run_study(
    release: Release,
    *,
    seed: int,
    workers: int | None = None,
    progress: str | None = None,
    worlds: int = 30,
    world_draws: tuple[int, int] = (350, 600),
    shipped_draws: tuple[int, int] = (500, 600),
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both engines on simulated worlds and on the release.

    Parameters
    ----------
    release : Release
    seed : int
    workers, progress
        Not used: the worlds share one compiled sampler and run one after the other.
    worlds : int
        A third of them from the generator that is not the model.
    world_draws, shipped_draws : (warm-up, draws)
        Of each of two chains.

    Returns
    -------
    options, result : dict
    """
    setting = world_setting(release)
    sampler: ReferenceSampler | None = None
    found: list[dict[str, Any]] = []
    for index in range(worlds):
        one, sampler = run_world(setting, index, seed, sampler, *world_draws)
        found.append(one)
    shipped = run_shipped(release, seed, *shipped_draws)
    return assemble(setting, seed, found, shipped)


@dataclass(frozen=True)
class WorldSetting:
    """What all worlds are drawn around."""

    release: Release
    base: CapabilityFit
    entrants: Entrants


def world_setting(release: Release) -> WorldSetting:
    """A fit of the thinned release, and the entry dates of its models."""
    base = fit_capability(thin(_evidence(release)))
    entrants = entrants_from_access(
        release.access,
        release.model_versions,
        base.models,
        np.zeros((1, len(base.models))),
        np.ones(len(base.models), dtype=bool),
    )
    return WorldSetting(release, base, entrants)


def _evidence(release: Release) -> Evidence:
    return select_evidence(release.scores, release.benchmarks, release.model_versions)


def run_world(
    setting: WorldSetting,
    index: int,
    seed: int,
    sampler: ReferenceSampler | None,
    warmup: int,
    samples: int,
) -> tuple[dict[str, Any], ReferenceSampler]:
    """One world through both engines; pass the sampler of the last one on."""
    release = setting.release
    generator: Generator = "bifactor" if index % 3 == 2 else "model"
    kind = KINDS[(index // 3) % len(KINDS)]
    world = simulate_world(
        setting.base,
        generator,
        np.random.default_rng([seed, index]),
        kind=kind,
        entrants=setting.entrants,
        as_of=release.data_through,
    )
    result, sampler = _both(
        release,
        world.evidence,
        sampler,
        seed + index,
        warmup=warmup,
        samples=samples,
        chains=2,
    )
    told = {"world": index, "generator": generator, "kind": kind, "warmup": warmup}
    return {**told, **result}, sampler


def run_shipped(release: Release, seed: int, warmup: int, samples: int) -> dict[str, Any]:
    """The release itself through both engines, two chains."""
    result, _ = _both(
        release, _evidence(release), None, seed, warmup=warmup, samples=samples, chains=2
    )
    return {**result, "warmup": warmup}


def assemble(
    setting: WorldSetting,
    seed: int,
    worlds: Sequence[Mapping[str, Any]],
    shipped: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Options and result of the study from its parts."""
    design = setting.base.laplace.design
    options = {
        "seed": seed,
        "worlds": len(worlds),
        "as_of": setting.release.data_through.isoformat(),
    }
    result = {
        "tolerance": {
            "ability_mean_sd": MEAN_TOLERANCE,
            "ability_log_sd": SPREAD_TOLERANCE,
            "lag_distance": SHIFT_TOLERANCE,
        },
        "world_size": {
            "models": len(design.models),
            "benchmarks": len(design.benchmarks),
            "rows": len(design.model),
            "warmup": worlds[0]["warmup"],
            "draws": worlds[0]["draws"],
        },
        "worlds": summarise_worlds(worlds),
        "shipped": _rounded(dict(shipped)),
    }
    return options, result


def summarise_worlds(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Shares of abilities and lags that agree, by domain and by definition, and the timing."""
    abilities = pl.DataFrame(
        [{"world": w["world"], **row} for w in found for row in w["abilities"]],
        schema_overrides={"stage": pl.String},
        infer_schema_length=None,
    )
    lags = pl.DataFrame(
        [
            {
                "world": w["world"],
                "generator": w["generator"],
                **{k: row[k] for k in ("domain", "stage", "frontier", "definition", "distance")},
                **{k: row[k] for k in ("monte_carlo", "agrees", "ess_bulk", "r_hat")},
                "eligibility_flips": row["eligibility_flips"],
                "median_difference": median_difference(row),
                "width": width(row["reference"]),
                "width_ratio": width_ratio(row),
            }
            for w in found
            for row in w["lags"]
        ],
        schema_overrides={"stage": pl.String, "width": pl.Float64, "width_ratio": pl.Float64},
        infer_schema_length=None,
    )
    numbers = [
        pl.len().alias("n"),
        pl.col("agrees").mean(),
        pl.col("distance").median(),
        pl.col("distance").quantile(0.95).alias("distance_p95"),
        pl.col("monte_carlo").median(),
        pl.col("median_difference").median().alias("difference_median"),
        pl.col("median_difference").abs().quantile(0.9).alias("difference_p90"),
        pl.col("width").median(),
        pl.col("width_ratio").median(),
    ]
    # the first world pays for compilation
    timings = pl.DataFrame([w["timing"] for w in found[1:] or found])
    told: dict[str, Any] = _rounded(
        {
            "count": len(found),
            "abilities": abilities.group_by("domain", "stage")
            .agg(
                pl.col("models").first(),
                pl.col("unit_ratio").median(),
                pl.col("shift_median").median(),
                pl.col("shift_p95").median(),
                pl.col("means_agree").mean(),
                pl.col("sd_ratio_median").median(),
                pl.col("sd_ratio_p05").median(),
                pl.col("sd_ratio_p95").median(),
                pl.col("sds_agree").mean(),
                pl.col("worst_r_hat").max(),
            )
            .sort("domain", "stage")
            .to_dicts(),
            "lags_by_definition": lags.group_by("definition")
            .agg(numbers)
            .sort("definition")
            .to_dicts(),
            "lags_by_cell": lags.group_by("domain", "stage")
            .agg(numbers)
            .sort("domain", "stage")
            .to_dicts(),
            "lags_by_generator": lags.group_by("generator")
            .agg(numbers)
            .sort("generator")
            .to_dicts(),
            "eligibility_flips_per_cell": float(lags["eligibility_flips"].to_numpy().mean()),
            "worst_lag_r_hat": lags["r_hat"].max(),
            "divergences": int(sum(w["divergences"] for w in found)),
            "draws": int(sum(w["draws"] for w in found)),
            "gradients_per_draw": float(np.median([w["gradients_per_draw"] for w in found])),
            "timing": {
                name: float(np.median(timings[name].to_numpy())) for name in timings.columns
            },
            "timing_worst_ratio": float(timings["ratio"].to_numpy().max()),
        }
    )
    return told


def _rounded(value: Any) -> Any:
    """Four significant digits are more than the Monte-Carlo error leaves."""
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_rounded(v) for v in value]
    if isinstance(value, bool) or not isinstance(value, float | np.floating):
        return value
    if not np.isfinite(value):
        return None
    return float(f"{value:.4g}")
