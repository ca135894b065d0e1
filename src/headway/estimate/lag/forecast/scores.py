r"""Scores of a forecast whose outcome may be right-censored, or known only up to a distribution.

Everything beyond the day of evaluation is hidden from everybody at the same day, so the censoring
time :math:`C` of a forecast is fixed on the day of issue. The forecast is put through the same
censoring and then scored with an ordinary proper score [1]_:

.. math:: \mathrm{CRPS}_C(F, y) = \int_0^C \bigl(F(x) - 1\{\min(y, C) \le x\}\bigr)^2 dx

with :math:`1\{\cdot\} = 0` throughout for an outcome that is not in by :math:`C`. It is the
threshold-weighted CRPS with weight :math:`1\{x < C\}` [2]_, that is the plain CRPS of both sides
cut at :math:`C`, and the computation is the library's [3]_. The usual "survival CRPS" lets the
integral end at the outcome and is not proper [4]_.

The log score is that of the probability of the month in which the outcome falls, and of
:math:`1 - F(C)` for an outcome that is not in (the right-censored log-likelihood, proper [4]_).
One hundredth of every forecast is spread evenly over the months up to :math:`C` and "later", so
that a finite sample never says "impossible".

Resolution is itself uncertain: an :class:`Outcome` is a distribution over months, and a score is
its expectation. That adds the same spread to every forecaster and leaves the order between them
proper. Reached on the day of issue or before is month 0.

References
----------
.. [1] Jonkers, Van Wallendael, Duchateau & Van Hoecke (2026), arXiv:2606.06393
.. [2] Gneiting & Ranjan (2011), doi:10.1198/jbes.2010.08110
.. [3] Zanetta & Allen, scoringrules, https://github.com/frazane/scoringrules
.. [4] Rindt, Hu, Steinsaltz & Sejdinovic (2022), arXiv:2103.14755
.. [5] Czado, Gneiting & Held (2009), doi:10.1111/j.1541-0420.2009.01191.x
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.errors import BadValue
from headway.estimate.lag.entrants import FloatArray
from headway.estimate.lag.forecast.waiting import Waiting

__all__ = [
    "FLOOR",
    "Outcome",
    "censored_crps",
    "censored_log_score",
    "coverage",
    "month_edges",
    "month_masses",
    "outcome_masses",
    "pit_masses",
]

#: Share of every forecast that is spread over all months before the log score is taken.
FLOOR = 0.01


@dataclass(frozen=True, slots=True)
class Outcome:
    """When the target was reached, in months from the day of issue, up to a distribution.

    Parameters
    ----------
    months : array, shape (j,)
        Possible outcomes not after ``censored_at``; values below 0 count as 0.
    probability : array, shape (j,)
        Of each; what is missing to 1 is the probability of "not by ``censored_at``".
    censored_at : float, months
        From the day of issue to the day of evaluation, positive.
    """

    months: FloatArray
    probability: FloatArray
    censored_at: float

    def __post_init__(self) -> None:
        if not self.censored_at > 0:
            raise BadValue(f"evaluation must come after issue, got {self.censored_at} months")
        if self.months.shape != self.probability.shape or (self.months > self.censored_at).any():
            raise BadValue("outcomes must lie before the day of evaluation")
        if (self.probability < 0).any() or self.probability.sum() > 1 + 1e-9:
            raise BadValue("probabilities of outcomes must not exceed 1")

    @classmethod
    def from_draws(cls, months: FloatArray, censored_at: float) -> Outcome:
        """From draws; those later than ``censored_at`` (``inf`` too) are not in yet."""
        seen = np.maximum(months[months <= censored_at], 0.0)
        value, count = np.unique(seen, return_counts=True)
        return cls(value, count / max(1, len(months)), float(censored_at))

    @property
    def resolved(self) -> float:
        """Probability that the outcome is in."""
        return float(min(1.0, self.probability.sum()))

    @property
    def cut(self) -> tuple[FloatArray, FloatArray]:
        """Outcomes cut at the censoring time, and their probabilities (sum 1)."""
        rest = max(0.0, 1.0 - float(self.probability.sum()))
        months = np.append(np.clip(self.months, 0.0, self.censored_at), self.censored_at)
        return months, np.append(self.probability, rest)


def censored_crps(forecast: Waiting, outcome: Outcome) -> float:
    """Expected CRPS up to the censoring time, months; smaller is better.

    Examples
    --------
    >>> late = Outcome(np.array([]), np.array([]), 6.0)
    >>> censored_crps(Waiting.of(np.array([20.0, 30.0])), late)  # says "not before 6": no loss
    0.0
    >>> censored_crps(Waiting.of(np.array([2.0])), late)
    4.0
    """
    import scoringrules

    months, probability = outcome.cut
    ensemble = np.clip(forecast.months, 0.0, outcome.censored_at)
    order = np.argsort(ensemble, kind="stable")
    shape = (len(months), len(order))
    scores = scoringrules.crps_ensemble(
        months,
        np.broadcast_to(ensemble[order], shape),
        ens_w=np.broadcast_to(forecast.weight[order], shape),
        sorted_ensemble=True,
    )
    return float(max(0.0, np.sum(probability * np.asarray(scores))))


def month_edges(censored_at: float) -> FloatArray:
    """Upper ends of the months up to the censoring time; "reached already" ends at 0."""
    whole = np.arange(0.0, np.ceil(censored_at - 1e-9))
    return np.append(whole, censored_at)


def month_masses(forecast: Waiting, censored_at: float) -> FloatArray:
    """Probability of "already", of each month up to ``censored_at``, and of "later"."""
    until = forecast.by(month_edges(censored_at))
    return np.diff(np.concatenate([[0.0], until, [1.0]])).clip(0.0)


def outcome_masses(outcome: Outcome) -> FloatArray:
    """The outcome over the same months."""
    edges = month_edges(outcome.censored_at)
    place = np.searchsorted(edges, np.maximum(outcome.months, 0.0), side="left")
    mass = np.bincount(place, weights=outcome.probability, minlength=len(edges) + 1)
    mass[-1] += max(0.0, 1.0 - float(outcome.probability.sum()))
    return np.asarray(mass, dtype=np.float64)


def censored_log_score(forecast: Waiting, outcome: Outcome) -> float:
    """Expected minus log probability of the month of the outcome, nats; smaller is better."""
    return log_score_of(month_masses(forecast, outcome.censored_at), outcome_masses(outcome))


def log_score_of(forecast: FloatArray, outcome: FloatArray) -> float:
    """The log score from masses of :func:`month_masses` and :func:`outcome_masses`."""
    smoothed = (1 - FLOOR) * forecast + FLOOR / len(forecast)
    return float(-np.sum(outcome * np.log(smoothed)))


def pit_masses(forecast: Waiting, outcome: Outcome, bins: int = 10) -> FloatArray:
    """Expected share of the probability integral transform in each of ``bins`` equal parts of 0-1.

    Where the forecast jumps, and where the outcome is not in yet (between F(C) and 1), the
    transform is spread evenly over the jump [5]_. Averaged over calibrated forecasts every part
    holds 1 / ``bins``.
    """
    months, probability = outcome.cut
    inside = probability[:-1] > 0
    upper = forecast.by(months[:-1][inside])
    below = Waiting(-forecast.months, forecast.weight)  # P(X < y) = 1 - P(-X <= -y)
    lower = np.where(months[:-1][inside] <= 0, 0.0, 1.0 - below.by(-months[:-1][inside]))
    low = np.append(lower, float(forecast.by(np.array([outcome.censored_at]))[0]))
    high = np.append(np.maximum(upper, lower), 1.0)
    share = np.append(probability[:-1][inside], probability[-1])
    edges = np.linspace(0.0, 1.0, bins + 1)
    width = high - low
    point = width < 1e-12
    spread = np.clip(edges[None, :], low[:, None], high[:, None]) - low[:, None]
    cumulative = np.where(
        point[:, None],
        edges[None, :] >= np.maximum(high, 1e-12)[:, None],
        spread / np.where(point, 1.0, width)[:, None],
    )
    cumulative[:, 0], cumulative[:, -1] = 0.0, 1.0
    return np.asarray(share @ np.diff(cumulative, axis=1))


def coverage(pit: FloatArray, level: float) -> float:
    """Share of the transform inside the central interval of ``level``, from fine PIT masses."""
    bins = len(pit)
    edges = np.linspace(0.0, 1.0, bins + 1)
    total = np.concatenate([[0.0], np.cumsum(pit)])
    low, high = (1 - level) / 2, (1 + level) / 2
    return float(np.interp(high, edges, total) - np.interp(low, edges, total))
