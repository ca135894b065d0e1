"""Slow studies that ship as one result: coverage and tests, prior sensitivity, a published index.

They are run by ``tools/run_studies.py`` and stored with the hash of the rows and of the method
(:mod:`headway.checks.stored`). Where either differs from what a page shows, :func:`load_studies`
returns ``None`` and the page says "not computed for this data", never the old number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from headway.checks.coverage import (
    SCHEDULE,
    CoverageStudy,
    Records,
    _one_world,
    _Setting,
    _Task,
    coverage_study,
    summarise_coverage,
    summarise_power,
    summarise_tests,
)
from headway.checks.headline import headline_lags
from headway.checks.priors import SENSITIVITY
from headway.checks.published_index import compare_with_index
from headway.checks.stored import Study, load_stored
from headway.errors import NotFound
from headway.estimate.capability import CapabilityFit, Priors, fit_capability, select_evidence
from headway.estimate.capability.design import Cell
from headway.estimate.lag import Entrants, entrants_from_access
from headway.fanout import run
from headway.tables.schemas import CYBER_HEADLINE_STAGES
from headway.tables.store import Release

__all__ = [
    "CAPABILITY",
    "LAG",
    "SENSITIVITY",
    "STUDIES_FILE",
    "STUDY",
    "WORLDS",
    "load_studies",
    "run_study",
]

#: Code of the fast engine: everything that its numbers depend on.
CAPABILITY = tuple(
    f"estimate/capability/{name}.py"
    for name in (
        "anderson", "arrow", "design", "evidence", "fit", "laplace", "layout", "model", "rows",
        "scales", "warm",
    )
)  # fmt: skip
#: Code of the lag definitions and the claims.
LAG = tuple(
    f"estimate/lag/{name}.py"
    for name in (
        "bends", "changepoints", "definitions", "entrants", "everything", "frontier", "headway",
        "history", "hypotheses", "km", "limits", "process", "rows", "slope", "states",
        "statespace", "step", "trend",
    )
)  # fmt: skip
STUDY = Study(
    "coverage",
    method=(
        *CAPABILITY,
        *LAG,
        "checks/coverage.py",
        "checks/headline.py",
        "checks/priors.py",
        "checks/published_index.py",
        "checks/worlds.py",
        "result.py",
        "tables/schemas.py",
    ),
)
#: Simulated worlds of the coverage study at full size.
WORLDS = 1000
#: The shipped results.
STUDIES_FILE = STUDY.file
#: Benchmark id of the index that the fit never sees.
INDEX_BENCHMARK = "eci-2026-09"


def _setting(release: Release) -> tuple[CapabilityFit, Entrants]:
    evidence = select_evidence(release.scores, release.benchmarks, release.model_versions)
    fit = fit_capability(evidence)
    return fit, _entrants(release, fit)


def _entrants(release: Release, fit: CapabilityFit) -> Entrants:
    count = len(fit.models)
    return entrants_from_access(
        release.access,
        release.model_versions,
        fit.models,
        np.zeros((1, count)),
        np.ones(count, dtype=bool),
    )


def _sensitivity(
    release: Release, draws: int, seed: int, workers: int | None
) -> list[dict[str, Any]]:
    cells: tuple[Cell, ...] = (
        ("cyber", None),
        ("coding", None),
        ("general", None),
        *(("cyber", s) for s in CYBER_HEADLINE_STAGES),
    )
    tables = {
        name: release.table(name) for name in ("scores", "benchmarks", "model_versions", "access")
    }

    def one(name: str, _: np.random.Generator) -> list[dict[str, Any]]:
        rows = headline_lags(
            tables,
            cells,
            as_of=release.data_through,
            priors=Priors(**SENSITIVITY[name]),
            draws=draws,
            seed=seed,
        )
        return [
            {"prior": name, "domain": r.domain, "stage": r.stage, "lag": r.lag.to_json()}
            for r in rows
        ]

    parts = run(one, list(SENSITIVITY), seed=seed, workers=workers, progress="prior sensitivity")
    return [row for part in parts for row in part]


def _index(release: Release, fit: CapabilityFit, draws: int, seed: int) -> dict[str, Any]:
    cell = ("general", None)
    sample = fit.sample(draws, np.random.default_rng(seed))
    theta = sample.theta(cell)
    summary = sample.summary(cell, theta)
    points = sample.points(cell)
    if points is None:
        raise NotFound("the anchor models of the scale are not in the data")
    low, high = np.quantile(points, [0.05, 0.95], axis=0)
    abilities = (
        summary.with_columns(
            pl.Series("ability", points.mean(axis=0)),
            pl.Series("low", low),
            pl.Series("high", high),
        )
        .filter(pl.col("informative") & (pl.col("n_scores") > 0))
        .join(release.model_versions.select("model_version", "lab"), on="model_version", how="left")
    )
    index = (
        release.scores.filter(pl.col("benchmark") == INDEX_BENCHMARK)
        .group_by("model_version")
        .agg(pl.col("value").max())
    )
    found = compare_with_index(abilities, index, rng=np.random.default_rng(seed))
    return {
        "rank_correlation": found.rank_correlation.to_json(),
        "points_slope": found.slope,
        "intercept": found.intercept,
        "scatter_sd": found.scatter_sd,
        "covered": found.covered,
        "table": found.table.select(
            "model_version", "ability", "low", "high", "value", "residual"
        ).to_dicts(),
    }


def run_study(
    release: Release,
    *,
    seed: int,
    workers: int | None = None,
    progress: str | None = "coverage worlds",
    worlds: int = WORLDS,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Coverage and tests in simulated worlds, other priors, and a published index.

    Parameters
    ----------
    release : Release
    seed : int
    workers : int, optional
    progress : str, optional
    worlds : int
        Simulated worlds of the coverage study.

    Returns
    -------
    options, result : dict
        ``result`` has ``coverage`` (tables of :func:`~headway.checks.coverage.summarise_coverage`),
        ``tests``, ``power``, ``kinds`` (worlds per kind), ``sensitivity`` and ``index``.
    """
    fit, entrants = _setting(release)
    resume = {"study": STUDY.name, "rows": release.rows_hash, "worlds": worlds}
    study = coverage_study(
        fit,
        entrants,
        as_of=release.data_through,
        worlds=worlds,
        seed=seed,
        workers=workers,
        progress=progress,
        resume=resume,
    )
    known = _known_items(
        fit,
        entrants,
        as_of=release.data_through,
        worlds=max(worlds // 10, 2),
        seed=seed,
        workers=workers,
        resume=resume,
    )
    options = {"as_of": release.data_through.isoformat(), "seed": seed, "worlds": worlds}
    kinds = [SCHEDULE[i % len(SCHEDULE)] for i in range(worlds)]
    result = {
        **options,
        "data_release": release.data_release,
        "level": 0.90,
        "kinds": {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)},
        "coverage": _coverage_tables(study, replace(study, rows=known)),
        **_test_tables(study),
        "sensitivity": _sensitivity(release, 600, seed, workers),
        "index": _index(release, fit, 1000, seed),
    }
    return options, result


def _known_items(
    fit: CapabilityFit,
    entrants: Entrants,
    *,
    as_of: date,
    worlds: int,
    seed: int,
    workers: int | None,
    resume: Mapping[str, Any],
) -> pl.DataFrame:
    """Rows of plain worlds of the model, each fitted again with the true item parameters.

    Apart from the coverage worlds: there only some are plain, and a ratio of widths needs about
    a hundred of them.
    """
    setting = _Setting(fit, entrants, as_of, 0.90, 300, fit.cells, ("public",))

    def one(index: int, rng: np.random.Generator) -> Records:
        return _one_world(setting, _Task(index, "model", "plain", True), rng)[0]

    found = run(
        one,
        range(worlds),
        seed=seed + 1,
        workers=workers,
        progress="worlds with known items",
        resume={**resume, "part": "known items"},
    )
    return pl.DataFrame([row for part in found for row in part], infer_schema_length=None)


def _coverage_tables(study: CoverageStudy, known: CoverageStudy) -> dict[str, list[dict[str, Any]]]:
    """Coverage by group; the ratio of widths comes from the worlds with known items."""
    tables = _by_group(study)
    widths = _by_group(known)
    for name, keys in _GROUPS.items():
        ratio = widths[name].select(*keys, "width_ratio")
        tables[name] = (
            tables[name]
            .drop("width_ratio")
            .join(ratio, on=keys, how="left", nulls_equal=True, maintain_order="left")
        )
    return {name: _rounded(frame) for name, frame in tables.items()}


#: Tables of the coverage study and the columns that identify their rows.
_GROUPS: dict[str, list[str]] = {
    "by_definition": ["definition"],
    "by_domain_months": ["domain"],
    "by_definition_and_generator": ["definition", "generator"],
    "by_kind": ["kind"],
    "by_definition_and_kind": ["definition", "kind"],
    "by_cell": ["domain", "stage"],
    "by_cell_and_definition": ["domain", "stage", "definition"],
}


def _by_group(study: CoverageStudy) -> dict[str, pl.DataFrame]:
    # the gap is in logits: widths are pooled over the definitions in months only
    months = replace(study, rows=study.rows.filter(pl.col("definition") != "gap"))
    return {
        name: summarise_coverage(months if name == "by_domain_months" else study, *keys)
        for name, keys in _GROUPS.items()
    }


def _test_tables(study: CoverageStudy) -> dict[str, list[dict[str, Any]]]:
    tests = summarise_tests(study)
    return {
        # of stages only what is judged: whether "static" keeps its size
        "tests": _rounded(tests.filter(pl.col("stage").is_null() | pl.col("null"))),
        "power": _rounded(summarise_power(study)),
    }


def _rounded(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return frame.with_columns(pl.col(pl.Float64).round(5)).to_dicts()


def load_studies(
    rows_hash: str, *, as_of: date | None = None, path: Path | None = None
) -> Mapping[str, Any] | None:
    """The stored studies, if they are of exactly these rows, this date and this method.

    Parameters
    ----------
    rows_hash : str
        Of the release in use.
    as_of : date, optional
        What the page shows; another date than the studies' gives ``None``.
    path : Path, optional

    Returns
    -------
    mapping or None
        ``None`` means "not computed for this data".
    """
    options = {} if as_of is None else {"as_of": as_of.isoformat()}
    return load_stored(STUDY, rows_hash, options, path=path)
