r"""When the open frontier may rise next: the release process.

A frontier stands still between records, whatever its trend does. Records of the open side are
taken as a Poisson process whose rate is that of the last two years: with :math:`n` records in
:math:`T` months the rate has the Gamma(:math:`n + \tfrac12`, :math:`T`) posterior of Jeffreys'
prior [1]_, one draw of the rate per draw of ability. A trend can reach a level only on a day with
a record, so a forecast carries the wait for the next release as well as the trend.

References
----------
.. [1] Jeffreys (1946), doi:10.1098/rspa.1946.0056
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.estimate.lag.entrants import BoolArray, FloatArray
from headway.estimate.lag.frontier import Frontier
from headway.result import DAYS_PER_MONTH

__all__ = [
    "CELL_MONTHS",
    "WINDOW_MONTHS",
    "ReleaseClock",
    "cell_ends",
    "first_passage",
    "recent_records",
    "release_clock",
]

#: Records of this long before the day of issue set the rate.
WINDOW_MONTHS = 24.0
#: Width of a time cell.
CELL_MONTHS = 0.5


@dataclass(frozen=True, slots=True)
class ReleaseClock:
    """In which half months the open frontier gets a new record, per draw.

    Parameters
    ----------
    ends : array, shape (h,), months from the start
        Upper ends of the cells.
    rises : array of bool, shape (n_draws, h)
    offset : array, shape (n_draws, h)
        Where inside its cell a record falls, 0-1.
    early : array, shape (n_draws,), months
        By how much the clock starts before the day of issue; cells count from there.
    """

    ends: FloatArray
    rises: BoolArray
    offset: FloatArray
    early: FloatArray


def cell_ends(horizon: float) -> FloatArray:
    """Upper ends of the time cells up to a horizon, months."""
    cells = int(np.ceil(horizon / CELL_MONTHS - 1e-9))
    return np.asarray(CELL_MONTHS * np.arange(1, cells + 1), dtype=np.float64)


def recent_records(side: Frontier, now: float) -> BoolArray:
    """(n_draws, K) records of the last :data:`WINDOW_MONTHS`; the first entry is not a rise."""
    records = side.records().copy()
    records[:, 0] = False
    age = (now - side.dates) / DAYS_PER_MONTH
    return np.asarray(records & (age <= WINDOW_MONTHS), dtype=bool)


def release_clock(
    side: Frontier,
    *,
    now: float,
    early: FloatArray,
    horizon: float,
    rng: np.random.Generator,
) -> ReleaseClock:
    """Simulate the records of the coming months.

    Parameters
    ----------
    side : Frontier
        The open frontier, up to ``now``.
    now : float, days
    early : array, shape (n_draws,), months
        By how much the clock starts before ``now``.
    horizon : float, months
    rng : Generator
    """
    watched = np.minimum(WINDOW_MONTHS, (now - side.dates[:, 0]) / DAYS_PER_MONTH)
    count = recent_records(side, now).sum(axis=1)
    rate = rng.gamma(count + 0.5) / np.maximum(watched, CELL_MONTHS)
    ends = cell_ends(horizon)
    shape = (side.level.shape[0], len(ends))
    rises = rng.random(shape) < -np.expm1(-rate[:, None] * CELL_MONTHS)
    return ReleaseClock(ends, np.asarray(rises), rng.random(shape), early)


def first_passage(path: FloatArray, level: FloatArray, clock: ReleaseClock) -> FloatArray:
    """Months until the first record at or above a level; ``inf`` if not within the horizon.

    Parameters
    ----------
    path : array, shape (n_draws, h)
        What a record would reach in each cell; NaN where unknown.
    level : array, shape (n_draws,)
    clock : ReleaseClock

    Returns
    -------
    array, shape (n_draws,)
        From the day of issue; at most 0 for a release whose results are not in yet.
    """
    hit = clock.rises & (path >= level[:, None])
    first = np.argmax(hit, axis=1)
    rows = np.arange(len(hit))
    inside = clock.ends[first] - CELL_MONTHS * clock.offset[rows, first] - clock.early
    return np.asarray(np.where(hit[rows, first], inside, np.inf))
