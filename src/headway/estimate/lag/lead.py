r"""How far a model stands ahead of the frontier's trend, in months.

Per draw a straight line is laid through the records of the frontier (running maxima since a first
date); the lead of a model is its ability above the line on its own day, divided by the slope,

.. math:: \mathrm{lead}_m = \{\theta_m - \hat F(t_m)\} / \hat F' ,

the horizontal distance between the model and the line. The line's own sampling error (few records)
is added as a t-distributed error of its two coefficients. The rule is that of the published figures
for Mythos Preview (``epoch-cyber-mythos-lead``: distance to the linear trend since early 2025).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.estimate.lag.entrants import BoolArray, FloatArray
from headway.result import DAYS_PER_MONTH

__all__ = ["MIN_RECORDS", "RecordLine", "record_line"]

#: A line needs more records than coefficients, with some left for its error.
MIN_RECORDS = 4


@dataclass(frozen=True)
class RecordLine:
    """A line through records per draw; NaN where a draw has too few of them.

    Parameters
    ----------
    level : array, shape (n_draws,), logits
        At ``at_day``.
    per_month : array, shape (n_draws,), logits per month
    at_day : float
        Days since 1970-01-01.
    records : float
        Mean number of records per draw.
    """

    level: FloatArray
    per_month: FloatArray
    at_day: float
    records: float

    def lead(self, ability: FloatArray, day: float) -> FloatArray:
        """(n_draws,) months that ``ability`` on ``day`` is ahead of the line; NaN without a rise."""
        months = (day - self.at_day) / DAYS_PER_MONTH
        above = ability - self.level - self.per_month * months
        rising = self.per_month > 0
        return np.asarray(np.where(rising, above / np.where(rising, self.per_month, 1.0), np.nan))


def record_line(
    ability: FloatArray,
    days: FloatArray,
    member: BoolArray,
    *,
    since: float,
    until: float,
    rng: np.random.Generator,
) -> RecordLine:
    """Line through the records of some models, per draw.

    Parameters
    ----------
    ability : array, shape (n_draws, m), logits
    days : array, shape (m,)
        Entry into the frontier, days since 1970-01-01; ``inf`` if never.
    member : array of bool, shape (m,)
        May set a record (leave the judged model out here).
    since, until : float, days
        Records from ``since`` on and before ``until`` carry the line; earlier members only say
        what a record has to beat.
    rng : numpy.random.Generator
        For the sampling error of the line.

    Returns
    -------
    RecordLine
    """
    use = np.flatnonzero(member & (days < until))
    use = use[np.argsort(days[use], kind="stable")]
    draws = ability.shape[0]
    if not len(use):
        nothing = np.full(draws, np.nan)
        return RecordLine(nothing, nothing, until, 0.0)
    values, when = ability[:, use], days[use]
    best = np.maximum.accumulate(values, axis=1)
    record = np.ones(values.shape, dtype=bool)
    record[:, 1:] = values[:, 1:] > best[:, :-1]
    record &= when >= since
    count = record.sum(axis=1)
    x = (when - until) / DAYS_PER_MONTH
    safe = np.maximum(count, 1)
    mean_x = (record * x).sum(axis=1) / safe
    mean_y = (record * values).sum(axis=1) / safe
    dx = record * (x - mean_x[:, None])
    sxx = np.maximum((dx**2).sum(axis=1), 1e-9)
    slope = (dx * (values - mean_y[:, None])).sum(axis=1) / sxx
    residual = record * (values - mean_y[:, None] - slope[:, None] * dx)
    freedom = np.maximum(count - 2, 1)
    sigma2 = (residual**2).sum(axis=1) / freedom
    # the level at the mean date and the slope are uncorrelated: one t error for each
    stretch = np.sqrt(freedom / rng.chisquare(freedom))
    level_error = rng.standard_normal(draws) * np.sqrt(sigma2 / safe) * stretch
    slope_error = rng.standard_normal(draws) * np.sqrt(sigma2 / sxx) * stretch
    slope = slope + slope_error
    level = mean_y + level_error - slope * mean_x  # at `until`, where x is 0
    enough = count >= MIN_RECORDS
    return RecordLine(
        level=np.where(enough, level, np.nan),
        per_month=np.where(enough, slope, np.nan),
        at_day=until,
        records=float(count.mean()),
    )
