"""A number per draw that may also be "open models lead" or a lower bound.

States are never dropped. They sort ``open_leads`` < numbers < bounds, so a median and quantiles
exist whatever the mixture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headway.estimate.lag.entrants import BoolArray, FloatArray
from headway.result import Interval, IntervalKind, Quantity, Status

__all__ = ["BOUND", "FAILED", "LEADS", "NUMBER", "DrawStates", "quantile", "summarise"]

#: Codes in sorting order; ``FAILED`` draws carry no value and are counted apart.
FAILED, LEADS, NUMBER, BOUND = -1, 0, 1, 2
_STATUS: dict[int, Status] = {LEADS: "open_leads", NUMBER: "estimated", BOUND: "censored"}


@dataclass(frozen=True, slots=True)
class DrawStates:
    """State code and value of each draw.

    Parameters
    ----------
    code : int array, shape (n_draws,)
        ``LEADS``, ``NUMBER``, ``BOUND`` or ``FAILED``.
    value : array, shape (n_draws,)
        The number, or the bound ("at least"); 0 elsewhere.
    """

    code: npt.NDArray[np.int8]
    value: FloatArray

    @classmethod
    def build(
        cls,
        value: FloatArray,
        *,
        leads: BoolArray | None = None,
        bound: BoolArray | None = None,
        failed: BoolArray | None = None,
    ) -> DrawStates:
        """States from masks; a draw with several marks is failed before leading before bound."""
        code = np.full(value.shape, NUMBER, dtype=np.int8)
        if bound is not None:
            code[bound] = BOUND
        if leads is not None:
            code[leads] = LEADS
        if failed is not None:
            code[failed] = FAILED
        return cls(code, np.where(code >= NUMBER, value, 0.0))

    def take(self, mask: BoolArray) -> DrawStates:
        """The draws where ``mask`` is true."""
        return DrawStates(self.code[mask], self.value[mask])

    def share(self, code: int) -> float:
        """Share of the draws that did not fail which have this state."""
        kept = int(np.sum(self.code != FAILED))
        return float(np.sum(self.code == code)) / kept if kept else 0.0

    def ordered(self) -> DrawStates:
        """The draws that did not fail, sorted ``open_leads`` < numbers < bounds."""
        kept = self.take(self.code != FAILED)
        order = np.lexsort((kept.value, kept.code))
        return DrawStates(kept.code[order], kept.value[order])


def quantile(ordered: DrawStates, q: float, *, outward: int = 0) -> tuple[int, float]:
    """State and value at quantile ``q`` of sorted draws.

    Between two draws of one state the value is interpolated linearly; between two states the
    lower draw is taken, or the higher one with ``outward=1`` (upper ends of intervals).
    """
    size = len(ordered.code)
    assert size > 0
    place = (size - 1) * q
    low, high = math.floor(place), math.ceil(place)
    if ordered.code[low] == ordered.code[high]:
        share = place - low
        value = (1 - share) * ordered.value[low] + share * ordered.value[high]
        return int(ordered.code[low]), float(value)
    at = high if outward > 0 else low
    return int(ordered.code[at]), float(ordered.value[at])


def interval_of(ordered: DrawStates, level: float, kind: IntervalKind) -> Interval:
    """Equal-tailed interval; ``-inf`` among ``open_leads`` draws, ``inf`` above among bounds.

    A lower end among bounds is that bound: the quantity is at least so large.

    A step lag takes few values, each in many draws. Taking in both values on which the ends fall
    makes 90 % intervals hold the truth in 96 % of simulated worlds. An ``eti`` interval may
    therefore leave one or both of them out: of the four choices the one whose share of draws is
    nearest to ``level`` is taken, never one with less than ``level - (1 - level) / 2``. That
    is the idea of the mid-P rule (Lancaster 1961, doi:10.1080/01621459.1961.10482105) for both
    tails at once. States are not affected: they keep the plain quantile.
    """
    low_code, low = quantile(ordered, (1 - level) / 2)
    high_code, high = quantile(ordered, (1 + level) / 2, outward=1)
    if kind == "eti":
        numbers = ordered.value[ordered.code == NUMBER]
        below, above = (int(np.sum(ordered.code < NUMBER)), int(np.sum(ordered.code > NUMBER)))
        # an end among states has one choice, and all draws on its side are held
        lows = _ends(numbers, low, below) if low_code == NUMBER else [(low, 0)]
        highs = [(high, 0)]
        if high_code == NUMBER:
            highs = [(-end, out) for end, out in _ends(-numbers[::-1], -high, above)]
        low, high = _nearest(lows, highs, len(ordered.code), level)
    low = -math.inf if low_code == LEADS else low
    if high_code == LEADS:
        high = -math.inf
    elif high_code == BOUND:
        high = math.inf
    return Interval(low, max(low, high), level, kind)


def _ends(ascending: FloatArray, end: float, beyond: int) -> list[tuple[float, int]]:
    """Choices of an end with the number of draws outside: as it is, and without a tied value.

    ``beyond`` draws lie outside all numbers.
    """
    first = int(np.searchsorted(ascending, end, side="left"))
    last = int(np.searchsorted(ascending, end, side="right"))
    choices = [(end, beyond + first)]
    if last - first > 1 and last < len(ascending):
        choices.append((float(ascending[last]), beyond + last))
    return choices


def _nearest(
    lows: list[tuple[float, int]], highs: list[tuple[float, int]], size: int, level: float
) -> tuple[float, float]:
    """The pair of ends that holds the share of draws nearest to ``level``; the wider of equals."""
    best = (lows[0][0], highs[0][0])
    least = math.inf
    for low, out_low in lows:
        for high, out_high in highs:
            held = 1 - (out_low + out_high) / size
            off = abs(held - level)
            if low <= high and held >= level - (1 - level) / 2 and off < least - 1e-12:
                best, least = (low, high), off
    return best


def summarise(
    states: DrawStates,
    *,
    level: float,
    n: int,
    n_clusters: int,
    unit: str = "months",
    notes: tuple[str, ...] = (),
    interval_process: Interval | None = None,
) -> Quantity:
    """Median, equal-tailed interval, status of the median draw and probability of each state.

    Parameters
    ----------
    states : DrawStates
    level : float
        Level of the interval, between 0 and 1.
    n, n_clusters : int
        Informative models and labs.
    notes : tuple of str
        Message keys to carry; ``p_open_leads:x``, ``p_censored:x`` and ``draws_failed:x`` are
        added where positive.

    Returns
    -------
    Quantity
        With a single draw there is no interval, except that a bound keeps ``[bound, inf]``. If
        more than ``1 - level`` of the draws failed, the quantity is ``not_estimable``: the failed
        ones could lie anywhere, so no interval of that level exists.
    """
    total = len(states.code)
    failed = float(np.mean(states.code == FAILED))
    if failed > 0:
        notes = (*notes, f"draws_failed:{failed:.3g}")
    if failed == 1 or failed > 1 - level:
        return Quantity.not_estimable(unit, *notes, n=n, n_clusters=n_clusters)
    ordered = states.ordered()
    code, value = quantile(ordered, 0.5)
    status = _STATUS[code]
    chances = {name: states.share(key) for key, name in _STATUS.items()}
    interval: Interval | None
    if total > 1:
        interval = interval_of(ordered, level, "eti")
        if chances["open_leads"] > 0:
            notes = (*notes, f"p_open_leads:{chances['open_leads']:.3g}")
        if chances["censored"] > 0:
            notes = (*notes, f"p_censored:{chances['censored']:.3g}")
    elif status == "censored":
        interval = Interval(value, math.inf, level, "counted")
    else:
        interval = None
    return Quantity(
        value=None if status == "open_leads" else value,
        unit=unit,
        interval=interval,
        n=n,
        n_clusters=n_clusters,
        status=status,
        notes=notes,
        interval_process=interval_process,
        probabilities={str(name): chance for name, chance in chances.items()},
    )
