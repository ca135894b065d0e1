"""Slow studies that ship as result tables: coverage, prior sensitivity, a published index.

They are run by ``tools/run_studies.py`` and stored with the hash of the rows and of the method.
Where either differs from what a page shows, :func:`load_studies` returns ``None`` and the page
says "not computed for this data", never the old number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from headway.checks.coverage import coverage_study, summarise_coverage
from headway.checks.headline import headline_lags
from headway.checks.published_index import compare_with_index
from headway.errors import NotFound
from headway.estimate.capability import CapabilityFit, Priors, fit_capability, select_evidence
from headway.estimate.capability.design import Cell
from headway.estimate.lag import Entrants, entrants_from_access
from headway.fanout import run
from headway.provenance import hash_files
from headway.tables.schemas import CYBER_HEADLINE_STAGES
from headway.tables.store import Release

__all__ = ["SENSITIVITY", "STUDIES_FILE", "load_studies", "method_hash", "run_studies"]

#: The shipped results.
STUDIES_FILE = Path(__file__).with_name("studies.json")
#: Benchmark id of the index that the fit never sees.
INDEX_BENCHMARK = "eci-2026-09"

_TINY = 0.01

#: Other priors, one at a time. The first two remove what a moving or domain-specific gap needs.
SENSITIVITY: dict[str, dict[str, float]] = {
    "default": {},
    "parallel_trends": {"class_slope_sd": _TINY, "class_bend_sd": _TINY},
    "no_domain_offsets": {"cell_class_level_sd": _TINY, "cell_class_slope_sd": _TINY},
    "trends_twice_as_free": {
        "class_level_sd": 4.0,
        "class_slope_sd": 2.0,
        "class_bend_sd": 1.4,
        "trend_bend_sd": 2.0,
        "cell_class_level_sd": 2.0,
        "cell_class_slope_sd": 1.4,
    },
    "trends_half_as_free": {
        "class_level_sd": 1.0,
        "class_slope_sd": 0.5,
        "class_bend_sd": 0.35,
        "trend_bend_sd": 0.5,
        "cell_class_level_sd": 0.5,
        "cell_class_slope_sd": 0.35,
    },
    "scales_less_informed": {"scale_df": 1.0},
    "knots_every_half_year": {"knot_years": 0.5},
}


def method_hash() -> str:
    """Hash of the code that the studies judge."""
    root = Path(__file__).resolve().parents[1]
    return hash_files(root, ("estimate", "checks", "tables/schemas.py", "result.py"))


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


def run_studies(
    release: Release, *, worlds: int, seed: int, workers: int | None = None
) -> dict[str, Any]:
    """Run every study on a release.

    Parameters
    ----------
    release : Release
    worlds : int
        Simulated worlds of the coverage study.
    seed : int
    workers : int, optional

    Returns
    -------
    dict
        JSON-able, with the provenance that :func:`load_studies` checks.
    """
    fit, entrants = _setting(release)
    study = coverage_study(
        fit, entrants, as_of=release.data_through, worlds=worlds, seed=seed, workers=workers
    )
    # the gap is in logits: widths are pooled over the definitions in months only
    months = replace(study, rows=study.rows.filter(pl.col("definition") != "gap"))
    tables = {
        "by_definition": summarise_coverage(study, "definition"),
        "by_domain_months": summarise_coverage(months, "domain"),
        "by_definition_and_generator": summarise_coverage(study, "definition", "generator"),
        "by_cell": summarise_coverage(study, "domain", "stage"),
        "by_cell_and_definition": summarise_coverage(study, "domain", "stage", "definition"),
    }
    return {
        "rows_hash": release.rows_hash,
        "method_hash": method_hash(),
        "data_release": release.data_release,
        "as_of": release.data_through.isoformat(),
        "seed": seed,
        "worlds": worlds,
        "level": 0.90,
        "coverage": {name: frame.to_dicts() for name, frame in tables.items()},
        "sensitivity": _sensitivity(release, 600, seed, workers),
        "index": _index(release, fit, 1000, seed),
    }


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
    try:
        stored: dict[str, Any] = json.loads((path or STUDIES_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    same = stored["rows_hash"] == rows_hash and stored["method_hash"] == method_hash()
    if as_of is not None and stored["as_of"] != as_of.isoformat():
        same = False
    return stored if same else None
