"""Simulated series with all that makes real ones hard, and the naive method that they fool."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from headway.estimate.impact import CountSeries
from headway.estimate.impact.series import period_starts

#: 2022-01 to 2026-07, as Firefox: 51 months before the event, 4 from it on, so 36 placebos.
SINCE, LAST = date(2022, 1, 1), date(2026, 7, 31)
EVENT = date(2026, 4, 7)
#: A policy of the source that the study is told of.
POLICY = date(2023, 7, 1)
#: Share of the last two months that is reported by the day of the snapshot.
REPORTED = (0.95, 0.85)


def simulate(
    rng: np.random.Generator,
    *,
    effect: float = 1.0,
    mean: float = 30.0,
    rho: float = 0.4,
    alpha: float = 0.08,
    sigma: float = 0.25,
) -> CountSeries:
    """Counts with trend, season, autocorrelated level, overdispersion, late reports, a policy step."""
    starts = period_starts(SINCE, LAST, "month")
    n = len(starts)
    at = starts.index(EVENT.replace(day=1))
    months = np.array([s.month for s in starts])
    level = np.empty(n)
    level[0] = rng.normal(0, sigma)
    for i in range(1, n):
        level[i] = rho * level[i - 1] + rng.normal(0, sigma * np.sqrt(1 - rho**2))
    log_mean = (
        np.log(mean) + 0.15 * np.arange(n) / 12 + 0.2 * np.sin(2 * np.pi * months / 12) + level
    )
    log_mean += np.log(1.8) * np.array([s >= POLICY for s in starts])
    log_mean[at:] += np.log(effect)
    log_mean[-2:] += np.log(REPORTED)
    counts = rng.poisson(np.exp(log_mean) * rng.gamma(1 / alpha, alpha, n)).astype(float)
    lengths = np.array([31.0 if m in (1, 3, 5, 7, 8, 10, 12) else 30.0 for m in months])
    return CountSeries(tuple(starts), counts, lengths, lengths)


def naive_p(series: CountSeries) -> float:
    """Fixed date, Gaussian errors on log counts, no placebo: what a quick look would report."""
    from scipy import stats

    at = series.starts.index(EVENT.replace(day=1))
    y: NDArray[np.float64] = np.log1p(series.counts)
    x = np.column_stack([np.ones(len(y)), np.arange(len(y)), np.arange(len(y)) >= at])
    beta, rest, *_ = np.linalg.lstsq(x, y, rcond=None)
    df = len(y) - 3
    se = np.sqrt(rest[0] / df * np.linalg.inv(x.T @ x)[2, 2])
    return float(2 * stats.t.sf(abs(beta[2] / se), df))
