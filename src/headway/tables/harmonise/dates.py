"""Dates of known precision. A month or a year counts from its last day."""

from __future__ import annotations

import calendar
from datetime import date

__all__ = ["last_day", "parse"]


def last_day(text: str) -> date:
    """The day a stated date counts from: itself, or the last day of its month or year.

    Raises
    ------
    ValueError
        It is no date.
    """
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 3:
        return date(*parts)
    year, month = (parts[0], 12) if len(parts) == 1 else parts
    return date(year, month, calendar.monthrange(year, month)[1])


def parse(text: str | None) -> tuple[date | None, str | None]:
    """A stated date as a day and its precision.

    Raises
    ------
    ValueError, KeyError
        It is no date.

    Examples
    --------
    >>> parse("2026-04")
    (datetime.date(2026, 4, 30), 'month')
    >>> parse(None)
    (None, None)
    """
    if not text:
        return None, None
    precision = {4: "year", 7: "month", 10: "day"}[len(text)]
    return last_day(text), precision
