r"""How fast the lag moves: months per year, per draw, with limits where the lag is a bound.

``lag_mean_12m``
    this year's mean lag less last year's, over the time between the middles of the two windows;
``lag_now``
    least squares through the lag at monthly dates of the last 24 months.

A day on which open models lead counts 0, as in ``lag_mean_12m``. A bound ("at least x") early in
the window leaves the slope without a lower limit, one late in it without an upper limit: the slope
"if the bound were the value" is then the other limit.

The lag is a sawtooth: it grows by one month per month and falls at open records. Its slope over two
years therefore varies with the dates of a handful of releases even where nothing changes, so that
only replicates of the release process (:mod:`~headway.estimate.lag.process`) say how large a slope a
constant lag shows by chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headway.estimate.lag.changepoints import Piecewise, piecewise
from headway.estimate.lag.definitions import WINDOW_DAYS
from headway.estimate.lag.entrants import FloatArray, date_of, day_number
from headway.estimate.lag.frontier import FrontierPair
from headway.estimate.lag.history import history_states
from headway.estimate.lag.limits import Limits
from headway.estimate.lag.states import BOUND, FAILED, LEADS
from headway.estimate.lag.step import lag_function
from headway.result import DAYS_PER_MONTH

__all__ = ["LEAST_SLOPE_MONTHS", "SLOPE_MONTHS", "bends", "slope_of_means", "slope_of_path"]

_DAYS_PER_YEAR = 365.25
#: Months over which the movement of the lag is measured.
SLOPE_MONTHS = 24
#: Fewest months that may be covered.
LEAST_SLOPE_MONTHS = 18
#: Months of the path in which change points are sought.
PATH_MONTHS = 36
#: Range of the correlation of the sawtooth around its trend, years: about the time between two open
#: records.
CORRELATION_YEARS = 0.5
#: Fewest months of a path in which a change point is sought.
MIN_PATH = 18


def slope_of_means(pair: FrontierPair, begin: float) -> Limits | None:
    """Months per year from the mean lag of the last 12 months and of the time before, after ``begin``.

    ``None`` if less than 18 months lie between ``begin`` and the as-of date. A replicate whose
    releases begin more than two months later than that fails.
    """
    end, function = day_number(pair.as_of), lag_function(pair)
    middle = end - WINDOW_DAYS
    start = max(begin, middle - WINDOW_DAYS)
    if end - start < LEAST_SLOPE_MONTHS * DAYS_PER_MONTH:
        return None
    late = Limits.of(function.mean(middle, end)[0])
    early = Limits.of(function.mean(start, middle)[0])
    years = ((middle + end) / 2 - (start + middle) / 2) / _DAYS_PER_YEAR
    moved = late - early
    open_, closed = pair.both
    unseen = np.maximum(open_.first, closed.first) > start + 2 * DAYS_PER_MONTH
    unseen = np.broadcast_to(unseen, moved.low.shape)
    return Limits(
        np.where(unseen, np.nan, moved.low / years), np.where(unseen, np.nan, moved.high / years)
    )


def slope_of_path(pair: FrontierPair, begin: float) -> Limits | None:
    """Least-squares slope of the monthly lag after ``begin``, months per year.

    ``None`` if less than 18 months lie between ``begin`` and the as-of date. A replicate whose
    releases begin later than that fails.
    """
    end = day_number(pair.as_of)
    start = max(begin, end - SLOPE_MONTHS * DAYS_PER_MONTH)
    if end - start < LEAST_SLOPE_MONTHS * DAYS_PER_MONTH:
        return None
    path = _lag_path(pair, start)
    years = path.years - path.years.mean()
    weight = years / (years @ years)
    slope = np.where(path.states == LEADS, 0.0, path.value) @ weight
    slope = np.where((path.states == FAILED).any(axis=1), np.nan, slope)
    falls = ((path.states == BOUND) & (weight < 0)).any(axis=1) & ~np.isnan(slope)
    rises = ((path.states == BOUND) & (weight > 0)).any(axis=1) & ~np.isnan(slope)
    return Limits(np.where(falls, -np.inf, slope), np.where(rises, np.inf, slope))


def bends(pair: FrontierPair, begin: float) -> Piecewise | None:
    """Change points of the monthly lag over at most three years; times are years before the end.

    Only the months after the last one in which the lag is a bound (or not defined) in more than a
    tenth of the draws are used. ``None`` if fewer than 18 are left.
    """
    start = max(begin, day_number(pair.as_of) - PATH_MONTHS * DAYS_PER_MONTH)
    path = _lag_path(pair, start)
    unclear = np.isin(path.states, (BOUND, FAILED)).mean(axis=0) > 0.1
    first = int(np.flatnonzero(unclear)[-1]) + 1 if unclear.any() else 0
    if len(path.years) - first < MIN_PATH:
        return None
    lag = np.where(path.states == LEADS, 0.0, path.value)
    return piecewise(
        path.years[first:], lag[:, first:], min_segment=6, correlation_years=CORRELATION_YEARS
    )


@dataclass(frozen=True, slots=True)
class _Path:
    """``years`` (T,) before the end; ``states`` and ``value`` (n_draws, T) of ``lag_now``."""

    years: FloatArray
    states: npt.NDArray[np.int8]
    value: FloatArray


def _lag_path(pair: FrontierPair, begin: float) -> _Path:
    """``lag_now`` at the as-of date and every month before it, not before day ``begin``."""
    end = day_number(pair.as_of)
    count = int((end - begin) / DAYS_PER_MONTH + 1e-9)
    days = end - DAYS_PER_MONTH * np.arange(count, -1, -1, dtype=np.float64)
    found = history_states(pair, [date_of(day) for day in days], "lag_now")
    years: FloatArray = (days - end) / _DAYS_PER_YEAR
    return _Path(years, found.code, found.value)
