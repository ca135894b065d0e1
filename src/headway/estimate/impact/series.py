"""Dated records to counts per month or week, with the days of each that were observed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["PERIODS", "CountSeries", "Period", "count_periods", "from_counts", "period_starts"]

Period = Literal["month", "week"]
PERIODS: tuple[Period, ...] = ("month", "week")


@dataclass(frozen=True, slots=True)
class CountSeries:
    """Counts per period.

    Parameters
    ----------
    starts : tuple of date
        First day of each period, without gaps.
    counts : (n,) array
    days : (n,) array
        Days of the period that the source covers; the last period may be cut short.
    lengths : (n,) array
        Days of the whole period.
    """

    starts: tuple[date, ...]
    counts: NDArray[np.float64]
    days: NDArray[np.float64]
    lengths: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def complete(self) -> NDArray[np.bool_]:
        """Whether every day of the period was observed."""
        whole: NDArray[np.bool_] = self.days >= self.lengths
        return whole

    def window(self, since: date | None, until: date | None) -> CountSeries:
        """The periods that start on ``since`` or later and on ``until`` or earlier."""
        kept = [
            i
            for i, day in enumerate(self.starts)
            if (since is None or day >= since) and (until is None or day <= until)
        ]
        at = slice(kept[0], kept[-1] + 1) if kept else slice(0, 0)
        return CountSeries(self.starts[at], self.counts[at], self.days[at], self.lengths[at])

    def without_partial(self) -> CountSeries:
        """The series without a last period that was cut short."""
        if len(self) and not self.complete[-1]:
            at = slice(0, len(self) - 1)
            return CountSeries(self.starts[at], self.counts[at], self.days[at], self.lengths[at])
        return self


def _start(day: date, by: Period) -> date:
    return day.replace(day=1) if by == "month" else day - timedelta(days=day.weekday())


def _next(start: date, by: Period) -> date:
    if by == "week":
        return start + timedelta(days=7)
    return date(start.year + start.month // 12, start.month % 12 + 1, 1)


def period_starts(first: date, last: date, by: Period) -> list[date]:
    """First days of the periods from that of ``first`` to that of ``last``; weeks start on Monday."""
    out = [_start(first, by)]
    while (after := _next(out[-1], by)) <= last:
        out.append(after)
    return out


def count_periods(days: Iterable[date], *, since: date, through: date, by: Period) -> CountSeries:
    """Count days per period from ``since`` to ``through``, both inclusive.

    A first or last period of which only a part lies between them has fewer ``days`` than its length.
    """
    starts = period_starts(since, through, by)
    counted = Counter(_start(day, by) for day in days if since <= day <= through)
    ends = [_next(start, by) for start in starts]
    observed = [
        (min(end - timedelta(days=1), through) - max(start, since)).days + 1
        for start, end in zip(starts, ends, strict=True)
    ]
    return CountSeries(
        tuple(starts),
        np.array([counted[start] for start in starts], float),
        np.array(observed, float),
        np.array([(end - start).days for start, end in zip(starts, ends, strict=True)], float),
    )


def from_counts(months: Sequence[date], counts: Sequence[int]) -> CountSeries:
    """A series of whole months that a source itself counted.

    Raises
    ------
    ValueError
        A month between the first and the last is missing.
    """
    starts = period_starts(months[0], months[-1], "month")
    if list(months) != starts:
        raise ValueError("months are not consecutive")
    lengths = np.array([(_next(start, "month") - start).days for start in starts], float)
    return CountSeries(tuple(starts), np.array(counts, float), lengths.copy(), lengths)
