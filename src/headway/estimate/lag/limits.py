"""A quantity per draw that is known exactly, or only within limits.

A lag may be a number, "at least x" (a bound) or "open models lead". A claim about it then holds for
sure, may hold, or cannot. :class:`Limits` carries the lowest and the highest value that each draw
leaves possible, so that a bound counts for what it implies and for nothing more.

``open_leads`` is the point minus infinity: below every number, and level with itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.estimate.lag.entrants import BoolArray, FloatArray
from headway.estimate.lag.states import BOUND, FAILED, LEADS, DrawStates
from headway.result import Interval

__all__ = ["Chance", "Limits"]


@dataclass(frozen=True, slots=True)
class Chance:
    """Probability of a claim: at least ``low`` (it holds for sure), at most ``high`` (it may hold).

    ``draws``: how many draws it is a share of.
    """

    low: float
    high: float
    draws: int

    @property
    def none(self) -> bool:
        """Whether there is no draw to tell from."""
        return self.draws == 0


@dataclass(frozen=True, slots=True)
class Limits:
    """Lowest and highest possible value of each draw.

    Parameters
    ----------
    low, high : array, shape (n_draws,)
        Equal where the value is known; ``low <= high``. ``nan`` in both where the draw failed.
    """

    low: FloatArray
    high: FloatArray

    @classmethod
    def of(cls, states: DrawStates) -> Limits:
        """Limits of a lag: a bound has no upper limit, a lead is below every number."""
        low = np.where(states.code == LEADS, -np.inf, states.value)
        high = np.where(states.code == BOUND, np.inf, low)
        failed = states.code == FAILED
        return cls(np.where(failed, np.nan, low), np.where(failed, np.nan, high))

    @property
    def known(self) -> BoolArray:
        """Draws whose value is known (a lead included)."""
        known: BoolArray = self.low == self.high
        return known

    def __sub__(self, other: Limits) -> Limits:
        """This less the other, draw by draw; two leads differ by 0."""
        with np.errstate(invalid="ignore"):  # equal infinities are settled below
            low, high = self.low - other.high, self.high - other.low
        tie = self.known & other.known & (self.low == other.low)
        low, high = np.where(tie, 0.0, low), np.where(tie, 0.0, high)
        failed = np.isnan(self.low) | np.isnan(other.low)
        # inf - inf: nothing is known on that side
        low = np.where(np.isnan(low), -np.inf, low)
        high = np.where(np.isnan(high), np.inf, high)
        return Limits(np.where(failed, np.nan, low), np.where(failed, np.nan, high))

    def inside(self, least: float, most: float) -> Chance:
        """Probability of ``least <= value <= most``."""
        kept = ~np.isnan(self.low)
        low, high = self.low[kept], self.high[kept]
        sure = (low >= least) & (high <= most)
        possible = (high >= least) & (low <= most)
        return _chance(sure, possible)

    def above(self, level: float = 0.0) -> Chance:
        """Probability of ``value > level``."""
        kept = ~np.isnan(self.low)
        return _chance(self.low[kept] > level, self.high[kept] > level)

    def below(self, level: float = 0.0) -> Chance:
        """Probability of ``value < level``."""
        kept = ~np.isnan(self.low)
        return _chance(self.high[kept] < level, self.low[kept] < level)

    @property
    def told(self) -> FloatArray:
        """The value, or the one limit that is known; ``nan`` where neither is."""
        with_low = np.where(np.isfinite(self.low) | self.known, self.low, self.high)
        neither = ~self.known & np.isinf(self.low) & np.isinf(self.high)
        return np.where(neither, np.nan, with_low)

    def centre(self) -> float:
        """Median over draws of what is told; infinite among leads, ``nan`` if nothing is told."""
        told = np.sort(self.told[~np.isnan(self.told)])
        if not len(told):
            return float("nan")
        low, high = told[(len(told) - 1) // 2], told[len(told) // 2]
        return float(low if low == high else (low + high) / 2)

    def moved_to(self, centre: float, *, floor: float = -np.inf) -> Limits:
        """Finite limits moved so that the median of what is told is ``centre``.

        The shift rule of :func:`~headway.estimate.lag.process.process_interval`: a replicate's
        frontier is smoother than the real one, so that its lag is biased; moving removes that and
        keeps the spread. A limit moves with the values, because it comes from the same frontiers.
        Nothing falls below ``floor``. Without a finite median on both sides nothing moves.
        """
        shift = centre - self.centre()
        if not np.isfinite(shift):
            return self

        def moved(limit: FloatArray) -> FloatArray:
            return np.where(np.isinf(limit), limit, np.maximum(limit + shift, floor))

        return Limits(moved(self.low), moved(self.high))

    def interval(self, level: float, kind: str = "bootstrap") -> Interval | None:
        """Equal-tailed interval that holds whatever the limits leave possible."""
        kept = ~np.isnan(self.low)
        if not kept.any():
            return None
        tail = (1 - level) / 2
        low = float(np.quantile(self.low[kept], tail, method="lower"))
        high = float(np.quantile(self.high[kept], 1 - tail, method="higher"))
        return Interval(low, max(low, high), level, kind)  # type: ignore[arg-type]


def _chance(sure: BoolArray, possible: BoolArray) -> Chance:
    if not len(sure):
        return Chance(0.0, 1.0, 0)
    return Chance(float(sure.mean()), float(possible.mean()), len(sure))
