"""The study of evidence effects: the fits, the matched comparisons, and the months they are worth.

Every fit starts from the fit of everything. An effect's months come from paired draws: the lag
with the effect in the model, less the lag of the same draws with it held at zero (or, where the
effect is a difference between the classes on some kind of rows, the lag as those rows see the
classes, less the lag as the others do). Where rows are left out instead, the two fits share most
of their rows but not their draws, so the interval of the difference is too wide, never too narrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from headway.checks.effects_parts import PARTS
from headway.checks.effects_setting import DRAWS, REPS, Setting, nulls_of
from headway.checks.stored import Study
from headway.checks.studies import CAPABILITY
from headway.estimate.capability import Evidence, fit_capability, select_evidence
from headway.estimate.lag.effects.columns import (
    with_age,
    with_agentic,
    with_distilled,
    with_domains,
    without_rows,
)
from headway.estimate.lag.effects.nullworlds import simulate_scores
from headway.estimate.lag.effects.rows import EFFECTS, at_half, normal_quantity
from headway.estimate.lag.effects.terms import term
from headway.fanout import run
from headway.tables.schemas import DOMAINS
from headway.tables.store import Release

__all__ = ["SIMPLE_TERMS", "STUDY", "options_of", "run_study"]

STUDY = Study(
    "effects",
    method=(
        "checks/effects.py",
        "checks/effects_parts.py",
        "checks/effects_setting.py",
        "checks/refits.py",
        *CAPABILITY,
        "estimate/lag/effects",
        "estimate/lag/definitions.py",
        "estimate/lag/entrants.py",
        "estimate/lag/frontier.py",
        "estimate/lag/states.py",
        "estimate/lag/step.py",
        "result.py",
    ),
)
#: Simulated worlds that measure the bias of each term.
WORLDS = 12
#: Labs with at least this many rows are left out one by one to check the standard errors.
JACKKNIFE_ROWS = 15
SIMPLE_TERMS = {
    "first_party": "x_first_party",
    "competitor": "x_competitor",
    "public_less_held_out": "x_held_out_open",
}


def options_of(release: Release, *, seed: int, level: float, as_of: date | None) -> dict[str, Any]:
    """The options under which a stored study may be shown."""
    day = release.data_through if as_of is None else min(as_of, release.data_through)
    return {"seed": seed, "level": level, "as_of": day.isoformat()}


def _designs(setting: Setting, evidence: Evidence) -> dict[str, Evidence]:
    """The evidence with the columns of each fit whose coefficients are shown."""
    return {
        "by_domain": with_domains(evidence),
        "freshness": with_age(evidence, setting.tables["benchmarks"]),
        "distillation": with_distilled(evidence, setting.tables["model_versions"]),
        "robustness": with_agentic(evidence),
    }


def _null_world(setting: Setting, rng: np.random.Generator) -> dict[str, dict[str, float]]:
    """One world in which only the main fit's effects exist: the error of every fit's terms."""
    world = simulate_scores(setting.main, rng)
    main = setting.main.laplace
    truth = dict(zip(main.design.covariates, main.core_part("beta"), strict=True))
    start = setting.refit(world)
    fits = {"main": start}
    for name, evidence in _designs(setting, world).items():
        fits[name] = fit_capability(evidence, start=start)
    out: dict[str, dict[str, float]] = {}
    for name, fit in fits.items():
        laplace = fit.laplace
        found = dict(zip(laplace.design.covariates, laplace.core_part("beta"), strict=True))
        out[name] = {}
        for term_name, value in found.items():
            base = term_name
            for domain in DOMAINS:
                base = base.removesuffix(f"_{domain}")
            out[name][term_name] = float(value) - float(truth.get(base, 0.0))
    return out


def _left_out_lab(setting: Setting, lab: str) -> list[float]:
    """The simple terms without one lab's models."""
    models = setting.evidence.models
    named = pl.col("lab").fill_null(pl.col("model_version"))
    left = models.filter(named != lab)["model_version"].to_list()
    evidence = without_rows(setting.evidence, pl.col("model_version").is_in(left))
    laplace = setting.refit(evidence).laplace
    at = dict(zip(laplace.design.covariates, laplace.core_part("beta"), strict=True))
    return [float(at.get(name, np.nan)) for name in SIMPLE_TERMS.values()]


def _jackknife(setting: Setting, labs: Sequence[str], values: np.ndarray) -> list[dict[str, Any]]:
    """Standard errors by leaving out each lab, beside those of the model and the sandwich.

    Efron & Stein 1981 (doi:10.1214/aos/1176345462): variance (n-1)/n times the sum of squares around the
    mean. Labs with few rows are taken to move nothing. ``lab`` is the one that moves the term most.
    """
    if not labs:
        return []
    clusters = setting.clusters(setting.main)
    laplace = setting.main.laplace
    at = dict(zip(laplace.design.covariates, laplace.core_part("beta"), strict=True))
    count = len(set(clusters))
    out = []
    for j, (measure, name) in enumerate(SIMPLE_TERMS.items()):
        if name not in at or not np.isfinite(values[:, j]).all():
            continue
        _, sds = term(setting.main, {name: 1.0}, clusters=clusters, level=setting.level)
        shift = np.zeros(count)
        shift[: len(labs)] = values[:, j] - at[name]
        sd = float(np.sqrt((count - 1) / count * ((shift - shift.mean()) ** 2).sum()))
        most = int(np.abs(shift).argmax())
        out.append(
            {
                "measure": measure,
                **sds,
                "jackknife": sd,
                "labs_refitted": len(labs),
                "lab": labs[most],
                "without_lab": float(values[most, j]) * (-1.0 if "less" in measure else 1.0),
            }
        )
    return out


def _wider(row: dict[str, Any], errors: list[dict[str, Any]], level: float) -> dict[str, Any]:
    """The pooled rows of the main fit with the jackknife's interval where that is the widest."""
    pooled = row["basis"] == "model" and row["group"]["domain"] is None
    mine = next((e for e in errors if e["measure"] == row["measure"]), None)
    if not pooled or mine is None or row["estimate"]["value"] is None:
        return row
    row["sds"] = {**row["sds"], "jackknife": mine["jackknife"]}
    if mine["jackknife"] <= max(mine["model"], mine["labs"]):
        return row
    told = row["estimate"]
    estimate = normal_quantity(
        told["value"],
        mine["jackknife"],
        told["unit"],
        level=level,
        n=told["n"],
        n_clusters=told["n_clusters"],
        clustered=True,
        notes=tuple(told["notes"]),
    )
    return {**row, "estimate": estimate.to_json(), "points": at_half(estimate).to_json()}


def run_study(
    release: Release,
    *,
    seed: int,
    workers: int | None = None,
    progress: str | None = None,
    level: float = 0.90,
    as_of: date | None = None,
    draws: int = DRAWS,
    reps: int = REPS,
    worlds: int = WORLDS,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """All evidence effects of a release.

    Parameters
    ----------
    release : Release
    seed : int
    workers : int, optional
    progress : str, optional
        Shown on stderr.
    level : float
        Of every interval.
    as_of : date, optional
        Only what was known by then.
    draws, reps : int
        Posterior draws per fit; bootstrap replicates.
    worlds : int
        Simulated worlds that measure the bias of each term.

    Returns
    -------
    options, result : dict
        JSON-able; equal seeds give equal numbers.
    """
    options = options_of(release, seed=seed, level=level, as_of=as_of)
    day = date.fromisoformat(options["as_of"])
    known = None if day >= release.data_through else day
    evidence = select_evidence(
        release.scores, release.benchmarks, release.model_versions, as_of=known
    )
    names = ("scores", "benchmarks", "model_versions", "access", "task_runs")
    setting = Setting(
        {name: release.table(name) for name in names},
        fit_capability(evidence),
        day,
        level,
        seed,
        draws,
        reps,
    )

    named = evidence.rows.with_columns(pl.col("lab").fill_null(pl.col("model_version")))
    sizes = named["lab"].value_counts().filter(pl.col("count") >= JACKKNIFE_ROWS)
    labs = sorted(sizes["lab"].to_list())

    def check(task: tuple[str, str], rng: np.random.Generator) -> Any:
        kind, name = task
        return _left_out_lab(setting, name) if kind == "lab" else _null_world(setting, rng)

    tasks = [("world", str(i)) for i in range(worlds)] + [("lab", lab) for lab in labs]
    checks = run(check, tasks, seed=seed, workers=workers, progress=progress)
    nulls = nulls_of(checks[:worlds])
    errors = _jackknife(setting, labs, np.array(checks[worlds:]).reshape(len(labs), -1))

    def part(name: str, rng: np.random.Generator) -> dict[str, Any]:
        return PARTS[name](setting, rng, nulls)

    rows: list[dict[str, Any]] = []
    result: dict[str, Any] = {
        "standard_errors": errors,
        "null_worlds": [
            {"fit": fit, "term": name, "error": mean, "sd_of_mean": sd, "worlds": worlds}
            for fit, null in nulls.items()
            for name in null.names
            for mean, sd in [null.offset({name: 1.0})]
        ],
    }
    for found in run(part, list(PARTS), seed=seed, workers=workers, progress=progress):
        rows += found.pop("rows", [])
        result |= found
    rows = [_wider(row, errors, level) for row in rows]
    order = {name: i for i, name in enumerate(EFFECTS)}
    rows.sort(key=lambda row: order[row["effect"]])
    return options, {"rows": rows, **result}
