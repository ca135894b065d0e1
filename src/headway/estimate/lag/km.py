r"""Kaplan-Meier over many draws at once.

.. math:: \hat S(t) = \prod_{i: t_i \le t} \Bigl(1 - \frac{d_i}{n_i}\Bigr)

Events come before censored times of the same length. Checked against :func:`scipy.stats.ecdf`
in the tests; own code because thousands of draws, with weights, are needed at once.

References
----------
.. [1] Kaplan & Meier (1958), doi:10.1080/01621459.1958.10501452
.. [2] Kalbfleisch & Prentice (2002), log-log bounds, doi:10.1002/9781118032985
.. [3] Brookmeyer & Crowley (1982), intervals for the median, doi:10.2307/2530286
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from headway.estimate.lag.entrants import BoolArray, FloatArray
from headway.estimate.lag.states import DrawStates
from headway.result import Interval

__all__ = [
    "ProductLimit",
    "before_any_event",
    "loglog_bounds",
    "median_interval",
    "product_limit",
]

#: Survival of exactly one half counts as reached in spite of rounding.
_HALF = 0.5 + 1e-12


@dataclass(frozen=True, slots=True)
class ProductLimit:
    """Sorted times and the survival right after each, per draw.

    Parameters
    ----------
    time : array, shape (n_draws, K)
        Ascending; ``inf`` pads unused places.
    survival, at_risk : array, shape (n_draws, K)
        Survival just after, weight at risk just before, each time.
    event : array, shape (n_draws, K)
        Weight of events at each place, 0 where censored.
    """

    time: FloatArray
    survival: FloatArray
    at_risk: FloatArray
    event: FloatArray

    def median(self) -> DrawStates:
        """Smallest time with survival at most one half; a bound at the last time if not reached.

        Fails where nothing was at risk.
        """
        rows = np.arange(len(self.time))
        reached = self.survival <= _HALF
        any_reached: BoolArray = np.any(reached, axis=1)
        first = np.argmax(reached, axis=1)
        used = np.isfinite(self.time) & (self.at_risk > 0)
        last = np.max(np.where(used, self.time, -np.inf), axis=1)
        empty: BoolArray = np.all(~used, axis=1)
        value = np.where(any_reached, self.time[rows, first], last)
        return DrawStates.build(np.where(empty, 0.0, value), bound=~any_reached, failed=empty)

    def at(self, grid: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Survival and weight at risk at each time of ``grid`` (G,); both (n_draws, G)."""
        survival = np.empty((len(self.time), len(grid)))
        risk = np.empty_like(survival)
        for row, time in enumerate(self.time):
            after = np.searchsorted(time, grid, side="right")
            survival[row] = np.append(1.0, self.survival[row])[after]
            before = np.searchsorted(time, grid, side="left")
            risk[row] = np.append(self.at_risk[row], 0.0)[before]
        return survival, risk


def product_limit(time: FloatArray, event: BoolArray, weight: FloatArray) -> ProductLimit:
    """Weighted Kaplan-Meier per row.

    Parameters
    ----------
    time : array, shape (n_draws, K), any unit, >= 0
    event : array of bool, shape (n_draws, K)
        False: censored at ``time``.
    weight : array, shape (n_draws, K), >= 0
        0 leaves the entry out.

    Returns
    -------
    ProductLimit
        Trimmed to the widest draw.
    """
    used = weight > 0
    key = np.where(used, time, np.inf)
    order = np.lexsort((~event, key), axis=1)
    width = max(int(used.sum(axis=1).max(initial=0)), 1)
    order = order[:, :width]
    key = np.take_along_axis(key, order, axis=1)
    weights = np.where(np.isfinite(key), np.take_along_axis(weight, order, axis=1), 0.0)
    events = weights * np.take_along_axis(event, order, axis=1)
    at_risk = np.cumsum(weights[:, ::-1], axis=1)[:, ::-1]
    factor = 1.0 - events / np.where(at_risk > 0, at_risk, 1.0)
    survival: FloatArray = np.cumprod(np.clip(factor, 0.0, 1.0), axis=1, dtype=np.float64)
    return ProductLimit(key, survival, at_risk, events)


def loglog_bounds(limit: ProductLimit, row: int, level: float) -> tuple[FloatArray, FloatArray]:
    r"""Pointwise log-log bounds of one draw's curve, at each of its times.

    .. math:: \hat S^{\exp(\pm z \sigma / \ln \hat S)}, \qquad
              \sigma^2 = \sum_i \frac{d_i}{n_i (n_i - d_i)}

    Where the formula says nothing: before the first event the lower bound is the exact binomial
    one, :math:`(\alpha/2)^{1/n}` with :math:`n` at risk; once the curve is at 0 the lower bound is 0 and the upper one
    stays where it was.

    Returns
    -------
    low, high : array, shape (K,)
        Equal at tied times: the values after the last of them.
    """
    time, survival = limit.time[row], limit.survival[row]
    at_risk, event = limit.at_risk[row], limit.event[row]
    z = NormalDist().inv_cdf((1 + level) / 2)
    left = at_risk - event
    term = np.where(left > 0, event / np.where(left > 0, at_risk * left, 1.0), 0.0)
    sigma = np.sqrt(np.cumsum(term))
    low, high = np.zeros_like(survival), np.ones_like(survival)
    for i, value in enumerate(survival):
        if value >= 1:
            low[i] = before_any_event(float(at_risk[i]), level)
        elif value <= 0:
            high[i] = high[i - 1] if i else 1.0
        else:
            spread = z * sigma[i] / math.log(value)
            low[i] = value ** math.exp(-spread)
            high[i] = value ** math.exp(spread)
    for i in range(len(time) - 2, -1, -1):
        if time[i] == time[i + 1]:
            low[i], high[i] = low[i + 1], high[i + 1]
    return low, high


def before_any_event(at_risk: float, level: float) -> float:
    r"""Lower bound of survival while nothing has happened to ``at_risk`` independent entries."""
    return float(((1 - level) / 2) ** (1 / at_risk)) if at_risk > 0 else 0.0


def median_interval(limit: ProductLimit, row: int, level: float) -> Interval:
    """Times at which one half lies within the log-log bounds (kind ``km_loglog``).

    The upper end is ``inf`` if the upper bound never falls to one half; the lower one is 0 with so
    few entries that even no event at all would not rule out a half.
    """
    low, high = loglog_bounds(limit, row, level)
    time = limit.time[row]
    used = np.isfinite(time)
    below = used & (low <= _HALF)
    above = used & (high <= _HALF)
    if before_any_event(float(limit.at_risk[row, 0]), level) <= _HALF:
        begin = 0.0
    elif below.any():
        begin = float(time[np.argmax(below)])
    else:
        begin = float(time[used].max(initial=0.0))
    end = float(time[np.argmax(above)]) if above.any() else math.inf
    return Interval(begin, max(begin, end), level, "km_loglog")
