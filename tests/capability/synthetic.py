"""Small synthetic evidence with the shape of the real one."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

ROW_TYPES = {
    "stage": pl.String,
    "setup": pl.String,
    "scaffold": pl.String,
    "n": pl.Int64,
    "stderr": pl.Float64,
    "read_error_sd": pl.Float64,
    "score": pl.Float64,
}


def panel(
    *,
    models: int = 60,
    benchmarks: int = 16,
    domains: tuple[str, ...] = ("cyber", "coding", "general"),
    density: float = 0.5,
    seed: int = 0,
) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, np.ndarray]]:
    """Rows, models and true abilities per domain; half of the benchmarks state their trials."""
    rng = np.random.default_rng(seed)
    is_open = rng.random(models) < 0.5
    year = np.sort(rng.uniform(-1, 2.7, models))
    general = 1.5 * year - 0.8 * is_open + rng.normal(0, 0.7, models)
    deviation = rng.normal(0, 0.4, (models, len(domains)))
    of_domain = np.arange(benchmarks) % len(domains)
    a = np.exp(rng.normal(0, 0.3, benchmarks))
    a /= np.exp(np.log(a).mean())
    k = rng.uniform(-1.5, 3.5, benchmarks)
    rows = []
    for m in range(models):
        for b in range(benchmarks):
            if rng.random() > density:
                continue
            eta = a[b] * (general[m] + deviation[m, of_domain[b]] - k[b])
            p = 1 / (1 + np.exp(-eta))
            rate = rng.beta(max(p * 30, 1e-3), max((1 - p) * 30, 1e-3))
            n = 120
            score = rng.binomial(n, rate) / n
            rows.append(
                {
                    "score_id": f"{m:03d}{b:03d}",
                    "model_version": f"m{m:03d}",
                    "benchmark": f"b{b:02d}",
                    "domain": domains[of_domain[b]],
                    "stage": None,
                    "family": f"b{b:02d}",
                    "setup": None,
                    "scaffold": None,
                    "unit": "proportion",
                    "score": score,
                    "value": score,
                    "n": n if b % 2 else None,
                    "stderr": None,
                    "read_error_sd": None,
                    "chance": 0.0,
                    "ceiling": 1.0,
                }
            )
    start = date(2024, 1, 1)
    frame = pl.DataFrame(rows, schema_overrides=ROW_TYPES)
    info = pl.DataFrame(
        {
            "model_version": [f"m{m:03d}" for m in range(models)],
            "access_class": ["open" if o else "closed" for o in is_open],
            "released": [start + timedelta(days=round(float(y) * 365.25)) for y in year],
        }
    )
    truth = {d: general + deviation[:, j] for j, d in enumerate(domains)}
    return frame, info, truth
