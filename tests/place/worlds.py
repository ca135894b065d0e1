"""Simulated releases with one more model whose true place is known."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from headway.result import DAYS_PER_MONTH
from headway.tables.store import Release

START = date(2023, 1, 1)
N = 100


def world_and_truth(base: Release, rng: np.random.Generator) -> tuple[Release, pl.DataFrame, float]:
    """A release with new abilities and coding scores, the rows of a new open model, its true lag.

    The lag is in months at ``data_through``: ``-inf`` ahead of closed models, ``inf`` where the first
    of them has the level already.
    """
    versions = base.model_versions.sort("released", "model_version")
    benches = base.benchmarks.filter(pl.col("domain") == "coding")["benchmark"].to_list()
    years = np.array([(d - START).days / 365.25 for d in versions["released"]])
    is_open = versions["open_weight"].to_numpy()
    truth = 1.5 * years - 1.0 * is_open + rng.normal(0, 0.6, len(years))
    mine = 1.5 * (base.data_through - START).days / 365.25 - 1.0 + rng.normal(0, 0.6)
    difficulty = rng.uniform(0, 4.5, len(benches))
    slope = np.exp(rng.normal(0, 0.2, len(benches)))

    def score(theta: float, b: int) -> float:
        p = 1 / (1 + math.exp(-slope[b] * (theta - difficulty[b])))
        return float(rng.binomial(N, p)) / N

    places = {m: i for i, m in enumerate(versions["model_version"])}
    columns = {b: j for j, b in enumerate(benches)}
    old = base.scores.filter(pl.col("benchmark").is_in(benches))
    new = [
        score(truth[places[m]], columns[b])
        for m, b in old.select("model_version", "benchmark").iter_rows()
    ]
    scores = old.with_columns(
        score=pl.Series(new), value=pl.Series(new), n=pl.lit(N, dtype=pl.Int64)
    )
    rows = pl.DataFrame(
        {
            "model": ["new"] * len(benches),
            "model_version": [None] * len(benches),
            "effort": [None] * len(benches),
            "benchmark": benches,
            "score": [score(mine, j) for j in range(len(benches))],
            "unit": ["proportion"] * len(benches),
            "evaluated_on": [None] * len(benches),
            "n": [N] * len(benches),
            "stderr": [None] * len(benches),
            "attempts": [None] * len(benches),
            "token_budget": [None] * len(benches),
            "scaffold": [None] * len(benches),
            "harness_version": [None] * len(benches),
        },
        schema_overrides={
            "model_version": pl.String,
            "effort": pl.String,
            "evaluated_on": pl.Date,
            "stderr": pl.Float64,
            "attempts": pl.Int64,
            "token_budget": pl.Float64,
            "scaffold": pl.String,
            "harness_version": pl.String,
        },
    )
    closed = [(d, truth[i]) for i, d in enumerate(versions["released"].to_list()) if not is_open[i]]
    return replace(base, scores=scores), rows, _true_lag(closed, mine, base.data_through)


def _true_lag(closed: list[tuple[date, float]], ability: float, as_of: date) -> float:
    matched = [d for d, level in closed if level >= ability]
    if not matched:
        return -math.inf
    first = min(matched)
    if first == min(d for d, _ in closed):
        return math.inf
    return (as_of - first) / timedelta(days=1) / DAYS_PER_MONTH
