r"""Naive forecasts, fixed beforehand, that any real forecast must beat.

* ``constant_6``, ``constant_12``, ``constant_18``: an open-weight model is there 6, 12, 18 months
  after the launch.
* ``last_lag``: after as many months as the open frontier was behind at its latest record.
* ``linear_trend``: when the least-squares line through the records of the open frontier arrives.

A date without a spread can be scored, but loses by being too sure, which is not what is tested.
Each therefore gets the same spread, chosen before any score was seen: log-normal around the date,
with a 90 % interval from half the wait to twice the wait, given that it was not reached until the
day of issue. All of them know as much as the real forecasts about whether the target is reached
already: draws in which it is count as such.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from headway.estimate.lag.entrants import FloatArray
from headway.estimate.lag.forecast.components import HORIZON_MONTHS, joined
from headway.estimate.lag.forecast.situation import History, Target
from headway.estimate.lag.forecast.waiting import Waiting
from headway.estimate.lag.frontier import Frontier
from headway.result import DAYS_PER_MONTH

__all__ = ["BASELINES", "CONSTANT_MONTHS", "SHORTEST_MONTHS", "SPREAD", "baseline_forecasts"]

#: Months of the constant forecasts.
CONSTANT_MONTHS = (6, 12, 18)
#: In the order in which they are shown.
BASELINES = ("constant_6", "constant_12", "constant_18", "last_lag", "linear_trend")
#: Standard deviation of the log: 90 % between one half and twice.
SPREAD = math.log(2.0) / NormalDist().inv_cdf(0.95)
#: A wait of 0 has no logarithm; shorter ones count as half a month.
SHORTEST_MONTHS = 0.5


def baseline_forecasts(
    past: History, target: Target, *, horizon: float = HORIZON_MONTHS, rng: np.random.Generator
) -> dict[str, Waiting]:
    """Waiting time by each of :data:`BASELINES`.

    Parameters
    ----------
    past : History
    target : Target
    horizon : float, months
        Later is ``inf``.
    rng : Generator
    """
    waited = target.waited(past.now)
    draws = past.n_draws
    ago = (np.where(target.reached, target.reached_on, past.now) - past.now) / DAYS_PER_MONTH
    from_launch: dict[str, FloatArray] = {
        f"constant_{months}": np.full(draws, float(months)) for months in CONSTANT_MONTHS
    }
    from_launch["last_lag"] = _last_lag(past)
    out = {}
    for name in BASELINES:
        u = rng.random(draws)
        if name == "linear_trend":
            further = _spread(_line_arrives(past, target), 0.0, u)
        else:
            further = _spread(from_launch[name], waited, u)
        further = np.where(further > horizon, np.inf, further)
        made = joined(ago, target.reached, further)
        assert made is not None, "baselines answer in every draw"
        out[name] = made
    return out


def _spread(median: FloatArray, waited: float, u: FloatArray) -> FloatArray:
    """Further months: log-normal around ``median``, given more than ``waited``."""
    from scipy.special import log_ndtr, ndtri_exp

    at = np.log(np.maximum(median, SHORTEST_MONTHS))
    if waited > 0:
        # log of the upper tail beyond the months waited, so that far tails stay exact
        tail = log_ndtr((at - math.log(waited)) / SPREAD)
    else:
        tail = np.zeros_like(at)
    with np.errstate(invalid="ignore", over="ignore"):
        z = -ndtri_exp(tail + np.log1p(-u))
        total = np.where(np.isinf(median), np.inf, np.exp(np.minimum(at + SPREAD * z, 50.0)))
    return np.asarray(np.maximum(total - waited, 0.0))


def _last_lag(past: History) -> FloatArray:
    """(n_draws,) step lag at the latest open record, months; 0 where open models led then."""
    open_, closed = past.pair.both
    matched = closed.first_day_at(open_.level[:, -1:])[:, 0]
    step = np.argmax(open_.level == open_.level[:, -1:], axis=1)
    when = np.broadcast_to(open_.dates, open_.level.shape)[np.arange(len(step)), step]
    return np.asarray(np.maximum(when - np.minimum(matched, when), 0.0) / DAYS_PER_MONTH)


def _line_arrives(past: History, target: Target) -> FloatArray:
    """(n_draws,) months until the line through the open records is at the target; inf if never."""
    at_now, slope = _line(past.open, past.now)
    gap = target.ability - at_now
    with np.errstate(divide="ignore", invalid="ignore"):
        months = np.where(slope > 0, gap / slope, np.inf)
    return np.asarray(np.where(gap <= 0, 0.0, months))


def _line(side: Frontier, now: float) -> tuple[FloatArray, FloatArray]:
    """Least squares through the records of each draw: level at ``now``, slope per month."""
    weight = side.records().astype(np.float64)
    months = (side.dates - now) / DAYS_PER_MONTH
    count = weight.sum(axis=1)
    mean_x = (weight * months).sum(axis=1) / count
    mean_y = (weight * side.level).sum(axis=1) / count
    x = months - mean_x[:, None]
    spread = (weight * x * x).sum(axis=1)
    cross = (weight * x * (side.level - mean_y[:, None])).sum(axis=1)
    slope = np.where(spread > 0, cross / np.where(spread > 0, spread, 1.0), 0.0)
    return np.asarray(mean_y - slope * mean_x), np.asarray(slope)
