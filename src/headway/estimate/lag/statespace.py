r"""A frontier as a local linear trend, and where it may go from here.

Per draw, the record points :math:`(t_k, y_k)` of a frontier are read as noisy sightings of a level
that moves with a slope that itself wanders:

.. math::

    y_k = \mu(t_k) + \varepsilon_k, \quad
    d\mu = s\,dt + \sqrt{\kappa}\,\sigma\,dW_1, \quad
    ds = \sqrt{\lambda}\,\sigma\,dW_2, \quad
    \varepsilon_k \sim N(0, \sigma^2)

in continuous time, so that records may come at any dates [1]_. Nothing is assumed about the level
and slope at the first record: the filter carries their effect along and solves for them, which is
the exact diffuse start [2]_. With :math:`\kappa = \lambda = 0` it is the least-squares line, with
:math:`\kappa = 0` an integrated random walk.

**Hyper-parameters.** :math:`\sigma` is integrated out (prior :math:`1/\sigma`); :math:`\kappa` and
:math:`\lambda` have a prior uniform on a logarithmic grid. Their log marginal likelihood is the
*mean* over draws: draws are tellings of one history, so adding them up would count that history
many times. One pair per draw is drawn from that posterior, because with 10 to 30 records the best
:math:`\lambda` is often 0, which would make forecasts too sure.

**Future paths.** Records keep coming: waiting times are drawn from the draw's own gaps between
records (the first from those that are still possible), the trend is simulated at each of them, a
sighting is made, and the frontier is the largest of all sightings and of the present level. Paths
therefore never fall, and wait in steps as real frontiers do.

References
----------
.. [1] Harvey (1990), Forecasting, Structural Time Series Models and the Kalman Filter, ch. 9,
   doi:10.1017/CBO9781107049994
.. [2] de Jong (1991), The diffuse Kalman filter, doi:10.1214/aos/1176348139
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from headway.estimate.lag.entrants import BoolArray, FloatArray, IntArray, day_number
from headway.estimate.lag.frontier import Frontier
from headway.result import DAYS_PER_MONTH

__all__ = [
    "KAPPAS",
    "LAMBDAS",
    "MIN_RECORDS",
    "FrontierPath",
    "Points",
    "filter_points",
    "fit_frontier",
    "record_points",
]

#: Fewer record points than this leave nothing over for the error.
MIN_RECORDS = 3
#: Grid of the level's variance per year, and of the slope's (per year, change per year), both over
#: the error variance: from "does not move" to "the error hardly matters".
KAPPAS = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
LAMBDAS = (0.0, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
#: Draws that the grid is weighed on; more would not change an average over them.
_GRID_DRAWS = 48
_DAYS_PER_YEAR = 12 * DAYS_PER_MONTH


@dataclass(frozen=True, slots=True)
class Points:
    """The record points of each draw, first ones first, padded at the end.

    Parameters
    ----------
    years : array, shape (draws, R)
        Time from ``as_of``, so at most 0; the last real time where padded.
    level : array, shape (draws, R)
    real : array of bool, shape (draws, R)
    """

    years: FloatArray
    level: FloatArray
    real: BoolArray

    @property
    def count(self) -> IntArray:
        """Records per draw."""
        return np.asarray(self.real.sum(axis=1), dtype=np.int64)

    def take(self, rows: IntArray) -> Points:
        """The draws ``rows``."""
        return Points(self.years[rows], self.level[rows], self.real[rows])


@dataclass(frozen=True, slots=True)
class Filtered:
    """Level and slope per row at the last moment asked for, in units of the error variance.

    ``mean`` (rows, 2): level, slope per year. ``cov`` (rows, 2, 2): to be multiplied by the error
    variance. ``rss`` (rows,): generalised residual sum of squares. ``log_likelihood`` (rows,): with
    start and error variance integrated out, up to a constant.
    """

    mean: FloatArray
    cov: FloatArray
    rss: FloatArray
    log_likelihood: FloatArray


@dataclass(frozen=True, slots=True)
class FrontierPath:
    """A fitted frontier per draw, and its future.

    Parameters
    ----------
    as_of : date
    present : array, shape (draws,)
        Level of the frontier at ``as_of``.
    mean : array, shape (draws, 2)
        Trend level and slope per year at ``as_of``; ``nan`` where failed.
    cov : array, shape (draws, 2, 2)
    kappa, lambda_, sigma : array, shape (draws,)
        Hyper-parameters of each draw.
    failed : array of bool, shape (draws,)
        Fewer than :data:`MIN_RECORDS` records.
    points : Points
    """

    as_of: date
    present: FloatArray
    mean: FloatArray
    cov: FloatArray
    kappa: FloatArray
    lambda_: FloatArray
    sigma: FloatArray
    failed: BoolArray
    points: Points

    def state(self, t: date | None = None) -> tuple[FloatArray, FloatArray]:
        """Trend level and slope per year at ``as_of`` or a later day.

        Returns
        -------
        mean : array, shape (draws, 2)
        cov : array, shape (draws, 2, 2)

        Raises
        ------
        ValueError
            A day before ``as_of``: filtered states of the past are not kept.
        """
        if t is None or t == self.as_of:
            return self.mean, self.cov
        ahead = (day_number(t) - day_number(self.as_of)) / _DAYS_PER_YEAR
        if ahead < 0:
            raise ValueError(f"state of {t}: before {self.as_of}")
        step = np.full(len(self.mean), ahead)
        variance = self.sigma**2
        move = np.array([[1.0, ahead], [0.0, 1.0]])
        noise = _noise(step, self.kappa * variance, self.lambda_ * variance)
        return self.mean @ move.T, move @ self.cov @ move.T + noise

    def simulate(self, months: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Future frontiers, one path per draw.

        Parameters
        ----------
        months : array, shape (h,), >= 0
            Times after ``as_of``, ascending or not.
        rng : Generator

        Returns
        -------
        array, shape (draws, h)
            Never below ``present``, never falling; ``nan`` in failed draws.
        """
        ahead = np.asarray(months, dtype=np.float64) / 12.0
        if not (ahead >= 0).all():
            raise ValueError("months must be at least 0")
        draws = len(self.mean)
        good = np.flatnonzero(~self.failed)
        out = np.full((draws, len(ahead)), np.nan)
        if not len(good):
            return out
        horizon = float(ahead.max(initial=0.0))
        root = np.linalg.cholesky(self.cov[good] + 1e-12 * np.eye(2))
        state = self.mean[good] + np.einsum("dij,dj->di", root, rng.standard_normal((len(good), 2)))
        sigma, kappa, lambda_ = self.sigma[good], self.kappa[good], self.lambda_[good]
        waits = _Waits.of(self.points.take(good))
        best = np.repeat(self.present[good][:, None], len(ahead), axis=1)
        now = np.zeros(len(good))
        step = waits.first(rng)
        while (now + step <= horizon).any():
            now = now + step
            state = _moved(state, step, kappa * sigma**2, lambda_ * sigma**2, rng)
            seen = state[:, 0] + sigma * rng.standard_normal(len(good))
            reached = now[:, None] <= ahead[None, :]
            best = np.where(reached, np.maximum(best, seen[:, None]), best)
            step = waits.next(rng)
        out[good] = best
        return out


def fit_frontier(
    side: Frontier,
    *,
    as_of: date,
    rng: np.random.Generator | None = None,
) -> FrontierPath:
    """Local linear trend through the records of every draw.

    Parameters
    ----------
    side : Frontier
        With entries up to ``as_of``.
    as_of : date
    rng : Generator, optional
        Draws hyper-parameters per draw from their posterior. Without it all draws share the most
        probable ones, with the error variance at its mean: a summary, not a forecast.

    Returns
    -------
    FrontierPath
    """
    points = record_points(side, as_of)
    draws = len(points.level)
    failed = points.count < MIN_RECORDS
    good = np.flatnonzero(~failed)
    mean = np.full((draws, 2), np.nan)
    cov = np.full((draws, 2, 2), np.nan)
    kappa, lambda_, sigma = (np.full(draws, np.nan) for _ in range(3))
    if len(good):
        grid_kappa, grid_lambda, chance = _weigh_grid(points.take(good))
        if rng is None:
            chosen = np.full(len(good), int(np.argmax(chance)))
        else:
            chosen = np.asarray(rng.choice(len(chance), size=len(good), p=chance))
        kappa[good], lambda_[good] = grid_kappa[chosen], grid_lambda[chosen]
        found = filter_points(points.take(good), kappa[good], lambda_[good])
        # one history: its error variance is pooled over draws, its uncertainty is that of one
        freedom = np.mean(points.count[good]) - 2.0
        squares = np.mean(found.rss)
        if rng is None:
            variance = np.full(len(good), squares / freedom)
        else:
            variance = squares / (2.0 * rng.standard_gamma(freedom / 2.0, size=len(good)))
        mean[good] = found.mean
        cov[good] = found.cov * variance[:, None, None]
        sigma[good] = np.sqrt(variance)
    present = np.asarray(side.level[:, -1], dtype=np.float64)
    return FrontierPath(as_of, present, mean, cov, kappa, lambda_, sigma, failed, points)


def record_points(side: Frontier, as_of: date) -> Points:
    """When and to what level each draw's frontier rose."""
    record = side.records()
    years = (np.broadcast_to(side.dates, record.shape) - day_number(as_of)) / _DAYS_PER_YEAR
    width = int(record.sum(axis=1).max())
    order = np.argsort(~record, axis=1, kind="stable")[:, :width]
    real = np.take_along_axis(record, order, axis=1)
    level = np.take_along_axis(side.level, order, axis=1)
    when = np.take_along_axis(years, order, axis=1)
    last = np.max(np.where(real, when, -np.inf), axis=1, keepdims=True)
    return Points(np.where(real, when, last), np.where(real, level, 0.0), real)


def filter_points(points: Points, kappa: FloatArray, lambda_: FloatArray) -> Filtered:
    """Kalman filter with an exact diffuse start, all rows at once, up to ``as_of``.

    Parameters
    ----------
    points : Points
        At least two distinct times per row.
    kappa, lambda_ : array, shape (rows,)
        Variances per year over the error variance.

    Returns
    -------
    Filtered
    """
    rows, width = points.level.shape
    # column 0 follows the data from a start at 0, columns 1 and 2 a unit of level and of slope
    state = np.zeros((rows, 2, 3))
    state[:, 0, 1] = 1.0
    state[:, 1, 2] = 1.0
    cov = np.zeros((rows, 2, 2))
    design = np.zeros((rows, 2, 2))
    target = np.zeros((rows, 2))
    squares, log_f = np.zeros(rows), np.zeros(rows)
    centre = np.sum(points.level, axis=1) / points.count
    now = points.years[:, 0]
    for k in range(width):
        step = points.years[:, k] - now
        now = points.years[:, k]
        state, cov = _predict(state, cov, step, kappa, lambda_)
        real = points.real[:, k]
        f = cov[:, 0, 0] + 1.0
        use = real / f
        residual = np.where(real, points.level[:, k] - centre, 0.0) - state[:, 0, 0]
        effect = state[:, 0, 1:].copy()
        gain = cov[:, :, 0] * use[:, None]
        design += effect[:, :, None] * effect[:, None, :] * use[:, None, None]
        target += effect * (residual * use)[:, None]
        squares += residual**2 * use
        log_f += np.where(real, np.log(f), 0.0)
        state[:, :, 0] += gain * residual[:, None]
        state[:, :, 1:] -= gain[:, :, None] * effect[:, None, :]
        cov = cov - gain[:, :, None] * gain[:, None, :] * f[:, None, None]
    state, cov = _predict(state, cov, -now, kappa, lambda_)
    start = np.linalg.solve(design, target[..., None])[..., 0]
    rss = np.maximum(squares - np.sum(target * start, axis=1), 1e-12 * squares + 1e-300)
    effect = state[:, :, 1:]
    mean = state[:, :, 0] + np.einsum("dij,dj->di", effect, start)
    mean[:, 0] += centre
    cov = cov + effect @ np.linalg.solve(design, np.swapaxes(effect, 1, 2))
    freedom = points.count - 2.0
    log_likelihood = -0.5 * (log_f + np.log(np.linalg.det(design)) + freedom * np.log(rss))
    return Filtered(mean, cov, rss, log_likelihood)


def _weigh_grid(points: Points) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Grid of (kappa, lambda) and the posterior probability of each pair."""
    kappa, lambda_ = (part.ravel() for part in np.meshgrid(KAPPAS, LAMBDAS, indexing="ij"))
    draws = len(points.level)
    rows = np.unique(np.linspace(0, draws - 1, min(draws, _GRID_DRAWS)).astype(np.int64))
    cells = len(kappa)
    found = filter_points(
        points.take(np.tile(rows, cells)),
        np.repeat(kappa, len(rows)),
        np.repeat(lambda_, len(rows)),
    )
    score = found.log_likelihood.reshape(cells, len(rows)).mean(axis=1)
    chance = np.exp(score - score.max())
    return kappa, lambda_, chance / chance.sum()


def _noise(step: FloatArray, level: FloatArray, slope: FloatArray) -> FloatArray:
    """Covariance that ``step`` years add, (rows, 2, 2)."""
    out = np.empty((len(step), 2, 2))
    out[:, 0, 0] = level * step + slope * step**3 / 3.0
    out[:, 0, 1] = out[:, 1, 0] = slope * step**2 / 2.0
    out[:, 1, 1] = slope * step
    return out


def _predict(
    state: FloatArray, cov: FloatArray, step: FloatArray, kappa: FloatArray, lambda_: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """``step`` years later."""
    state = state.copy()
    state[:, 0] += step[:, None] * state[:, 1]
    out = _noise(step, kappa, lambda_)
    shift = step * cov[:, 1, 1]
    out[:, 0, 0] += cov[:, 0, 0] + step * (2.0 * cov[:, 0, 1] + shift)
    out[:, 0, 1] += cov[:, 0, 1] + shift
    out[:, 1, 0] = out[:, 0, 1]
    out[:, 1, 1] += cov[:, 1, 1]
    return state, out


def _moved(
    state: FloatArray,
    step: FloatArray,
    level: FloatArray,
    slope: FloatArray,
    rng: np.random.Generator,
) -> FloatArray:
    """A random state ``step`` years later."""
    one, two, three = rng.standard_normal((3, len(step)))
    turn = np.sqrt(slope * step)
    # slope noise, and the level it brings along: correlation sqrt(3)/2
    drift = step * turn * (two / 2.0 + three / (2.0 * np.sqrt(3.0)))
    out = np.empty_like(state)
    out[:, 0] = state[:, 0] + step * state[:, 1] + np.sqrt(level * step) * one + drift
    out[:, 1] = state[:, 1] + turn * two
    return out


@dataclass(frozen=True, slots=True)
class _Waits:
    """Gaps between a draw's records, and how long the present one has lasted (years)."""

    gaps: FloatArray
    count: IntArray
    since: FloatArray

    @classmethod
    def of(cls, points: Points) -> _Waits:
        count = points.count
        gaps = np.diff(points.years, axis=1)  # padding gives zeros at the end
        order = np.argsort(~points.real[:, 1:], axis=1, kind="stable")
        return cls(np.take_along_axis(gaps, order, axis=1), count - 1, -points.years[:, -1])

    def next(self, rng: np.random.Generator) -> FloatArray:
        """A gap per draw."""
        at: IntArray = np.asarray(rng.integers(self.count), dtype=np.int64)
        found: FloatArray = self.gaps[np.arange(len(at)), at]
        return found

    def first(self, rng: np.random.Generator) -> FloatArray:
        """What is left of a gap that has lasted ``since``; of any gap if none was so long."""
        inside = np.arange(self.gaps.shape[1]) < self.count[:, None]
        possible = inside & (self.gaps > self.since[:, None])
        none = ~possible.any(axis=1)
        possible[none] = inside[none]
        weight = np.cumsum(possible, axis=1)
        wanted = rng.random(len(weight)) * weight[:, -1]
        at = np.sum(weight <= wanted[:, None], axis=1)
        gap = self.gaps[np.arange(len(at)), at]
        left = np.where(none, gap * rng.random(len(gap)), gap - self.since)
        return np.asarray(np.maximum(left, 0.0), dtype=np.float64)
