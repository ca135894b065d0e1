"""Columns of the count model: trend, season, known steps, the break that is looked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from headway.estimate.impact.series import CountSeries
from headway.result import DAYS_PER_MONTH

__all__ = ["base_columns", "log_exposure", "slope_column", "slope_usable", "step_column", "usable"]

Floats = NDArray[np.float64]

#: A break is told apart from the other columns if this share of its norm is left when they are taken
#: out. Of 14 and more months 0.19 is left without known steps; a policy of the event's own first
#: week leaves 0.07, and the step would rest on a few days.
_BREAK = 0.15
#: The same for the slope, which the trend nearly holds where it is long.
_SLOPE = 0.01


def base_columns(series: CountSeries, known_steps: Sequence[date]) -> Floats:
    """Intercept, log-linear trend per year, one annual harmonic, and each known step.

    A known step enters the period in which it falls with the share of days from it on. A step
    outside the series, or one that the other columns already hold, has no column.
    """
    months = np.array([s.year * 12 + s.month + (s.day - 1) / DAYS_PER_MONTH for s in series.starts])
    angle = 2 * np.pi * months / 12
    years = (months - months.mean()) / 12
    columns = [np.ones(len(series)), years, np.sin(angle), np.cos(angle)]
    for day in known_steps:
        passed = np.array([(day - start).days for start in series.starts])
        column = np.clip(1 - passed / series.lengths, 0, 1)
        if usable(np.column_stack(columns), column):
            columns.append(column)
    return np.column_stack(columns)


def step_column(n: int, at: int) -> Floats:
    """0 before period ``at``, 1 from it on."""
    return (np.arange(n) >= at).astype(float)


def slope_column(n: int, at: int) -> Floats:
    """Periods since ``at``: 0 up to and in it, then 1, 2, ..."""
    return np.maximum(np.arange(n) - at, 0).astype(float)


def usable(base: Floats, column: Floats, least: float = _BREAK) -> bool:
    """Whether ``column`` says something that ``base`` does not."""
    norm = np.linalg.norm(column)
    if norm == 0:
        return False
    rest = column - base @ np.linalg.lstsq(base, column, rcond=None)[0]
    return bool(np.linalg.norm(rest) > least * norm)


def slope_usable(base: Floats, column: Floats) -> bool:
    """The same for a slope after the break, beside the trend that ``base`` has."""
    return usable(base, column, _SLOPE)


def log_exposure(series: CountSeries) -> Floats:
    """Log of the observed days in months of 30.4375 days."""
    exposure: Floats = np.log(series.days / DAYS_PER_MONTH)
    return exposure
