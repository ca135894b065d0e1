"""A small data set that has every kind of row, effect and parameter of the model."""

from __future__ import annotations

import numpy as np
import polars as pl

from headway.estimate.capability import CapabilityFit, build_design, fit_laplace
from headway.estimate.capability.evidence import Evidence

from ..capability.synthetic import panel


def small_evidence(
    *, models: int = 14, benchmarks: int = 9, density: float = 0.7, seed: int = 2
) -> Evidence:
    """Counted, Gaussian, censored, Elo and minutes rows; stages, families, set-ups, scaffolds,
    covariates, a model without a date and one of unknown access."""
    rows, info, _ = panel(models=models, benchmarks=benchmarks, density=density, seed=seed)
    rng = np.random.default_rng(seed)
    count = len(rows)
    number = pl.Series([int(b[1:]) for b in rows["benchmark"]])
    score = rows["score"].to_numpy().copy()
    free = np.flatnonzero(rows["n"].is_null().to_numpy())
    score[free[0]], score[free[1]] = 0.0, 1.0
    unit = np.where(number == 4, "elo", np.where(number == 8, "minutes", "proportion"))
    elo, minutes = unit == "elo", unit == "minutes"
    value = np.where(elo, 1200 + 150 * rng.standard_normal(count), score)
    value = np.where(minutes, np.exp(rng.normal(3, 1, count)), value)
    read = [0.01 if i == free[2] else None for i in range(count)]
    rows = rows.with_columns(
        pl.Series("score", np.where(elo | minutes, np.nan, score)).fill_nan(None),
        pl.Series("value", value),
        pl.Series("unit", unit),
        pl.Series("read_error_sd", read, dtype=pl.Float64),
        pl.when(pl.Series(elo | minutes)).then(None).otherwise(pl.col("n")).alias("n"),
        pl.Series("stage", ["exploit" if n in (0, 3) else None for n in number], dtype=pl.String),
        pl.Series("family", [f"f{n // 3}" for n in number]),
        pl.Series(
            "setup", [None, "s1", "s2"] * (count // 3) + [None] * (count % 3), dtype=pl.String
        ),
        pl.Series("scaffold", (["a", "b", None, None] * count)[:count], dtype=pl.String),
        pl.Series("chance", [0.25 if n == 1 else 0.0 for n in number]),
        pl.Series("x_first_party", (rng.random(count) < 0.3).astype(float)),
        panel=pl.lit("p"),
    )
    info = info.with_columns(
        pl.when(pl.int_range(pl.len()) == 3)
        .then(None)
        .otherwise(pl.col("released"))
        .alias("released"),
        pl.when(pl.int_range(pl.len()) == 5)
        .then(pl.lit("unknown"))
        .otherwise(pl.col("access_class"))
        .alias("access_class"),
        lab=pl.lit("x"),
    )
    empty = pl.DataFrame(schema={"score_id": pl.String, "reason": pl.String})
    return Evidence(rows, info, empty, "all", None, 0.0)


def small_fit(**options: int) -> CapabilityFit:
    evidence = small_evidence(**options)
    return CapabilityFit(fit_laplace(build_design(evidence.rows, evidence.models)), evidence)
