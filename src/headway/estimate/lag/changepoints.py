r"""A straight line, or a continuous line with bends: which, where, and how sure.

For each draw of a series :math:`y_i` at times :math:`t_i` the candidate models are

.. math:: y_i = a + b\,t_i + \sum_{j=1}^{k} c_j\,(t_i - \tau_j)_+ + \varepsilon_i, \qquad
          \varepsilon_i \sim N(0, \sigma^2 / w_i)

for :math:`k = 0, \dots, k_{max}` change points on a grid of candidate dates. "No change" is always
among the answers.

**Priors.** :math:`a, b, \log\sigma` are common to all models and get flat priors. The bends, made
orthogonal to the line, get Zellner's prior :math:`c \mid \sigma \sim N(0, g\,\sigma^2 (\tilde H' W
\tilde H)^{-1})` with :math:`g = n`, the information of one observation [1]_ [2]_. Flat priors on
parameters that all models share are admissible here because the bends are orthogonal to
them [3]_. Half of the prior probability is "no change", the other numbers of change points share the rest
equally; given their number, all admissible places on the grid are equally likely (as in [4]_,
whose hinges these are). A place is admissible if every segment holds ``min_segment`` points.

The Bayes factor of a model with :math:`k` bends against the line is then exact:

.. math:: \frac{(1 + g)^{(n - 2 - k) / 2}}{(1 + g\,(1 - R^2))^{(n - 2) / 2}}

with :math:`R^2` the share of the line's residual sum of squares that the bends explain. Levels and
slopes are posterior means over all models.

**Assumes** independent errors, or errors whose correlation falls off as :math:`e^{-|s - t| / \ell}`
with a given :math:`\ell`. A series that is smoothed or cumulated (a running mean, a lag that grows
between records) has errors that persist: without :math:`\ell` its bends look far too sure.

References
----------
.. [1] Zellner (1986), On assessing prior distributions and Bayesian regression analysis with
   g-prior distributions, in Bayesian Inference and Decision Techniques, 233-243
.. [2] Kass & Wasserman (1995), doi:10.1080/01621459.1995.10476592
.. [3] Liang, Paulo, Molina, Clyde & Berger (2008), doi:10.1198/016214507000001337; Bayarri,
   Berger, Forte & Garcia-Donato (2012), doi:10.1214/12-AOS1013
.. [4] Denison, Mallick & Smith (1998), doi:10.1111/1467-9868.00128
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from headway.estimate.lag.bends import (
    NO_CHANGE_PRIOR,
    BendPosterior,
    PiecewiseSample,
    dates_of,
    points_before,
    sums_of_squares,
)
from headway.estimate.lag.entrants import FloatArray, IntArray

__all__ = [
    "GRID_SIZE",
    "NO_CHANGE_PRIOR",
    "Piecewise",
    "PiecewiseSample",
    "even_grid",
    "piecewise",
]

#: Candidate dates, evenly spaced.
GRID_SIZE = 24


@dataclass(frozen=True, slots=True)
class Piecewise:
    """Posterior over straight and bent lines, per draw.

    Parameters
    ----------
    grid : array, shape (G,), years
        Candidate dates.
    p_count_draws : array, shape (draws, max_points + 1)
        Posterior probability of each number of change points.
    p_at : array, shape (draws, G)
        Posterior probability that a change point lies at each candidate date.
    change_dates : array, shape (draws, max_points), years
        One set of change points per draw, ``nan`` where there is none. Draw ``i`` takes the
        quantile :math:`u_i` of its posterior over models, with :math:`u` the van der Corput
        sequence, so that no random numbers are needed and the draws together show the posterior.
    level, slope : array, shape (draws,)
        Posterior mean line without its bends: level and slope at ``origin``.
    bend : array, shape (draws, G)
        Posterior mean change of slope at each candidate date (averaged over models).
    origin : float, years
    n : array of int, shape (draws,)
        Points used.
    """

    grid: FloatArray
    p_count_draws: FloatArray
    p_at: FloatArray
    change_dates: FloatArray
    level: FloatArray
    slope: FloatArray
    bend: FloatArray
    origin: float
    n: IntArray
    _posterior: BendPosterior

    @property
    def p_count(self) -> FloatArray:
        """Probability of 0, 1, ... change points over draws, shape (max_points + 1,)."""
        return np.asarray(self.p_count_draws.mean(axis=0), dtype=np.float64)

    @property
    def p_change(self) -> float:
        """Probability of at least one change point, over draws."""
        return float(1.0 - self.p_count_draws[:, 0].mean())

    def level_at(self, t: ArrayLike) -> FloatArray:
        """Posterior mean level at time ``t`` (years; a number or one per draw), shape (draws,)."""
        when = np.asarray(t, dtype=np.float64)
        since = np.maximum(when[..., None] - self.grid, 0.0)
        bends: FloatArray = np.sum(self.bend * since, axis=1)
        return self.level + self.slope * (when - self.origin) + bends

    def slope_at(self, t: ArrayLike) -> FloatArray:
        """Posterior mean slope just after time ``t``, per year, shape (draws,)."""
        when = np.asarray(t, dtype=np.float64)
        bends: FloatArray = np.sum(self.bend * (when[..., None] >= self.grid), axis=1)
        return self.slope + bends

    def curve(self, t: FloatArray) -> FloatArray:
        """Posterior mean level at each of the times ``t`` (m,), shape (draws, m)."""
        hinges = np.maximum(t[None, :] - self.grid[:, None], 0.0)
        line = self.level[:, None] + self.slope[:, None] * (t - self.origin)
        out: FloatArray = line + self.bend @ hinges
        return out

    def sample(self, rng: np.random.Generator) -> PiecewiseSample:
        """One line per draw from the joint posterior of model, bends, line and error.

        Raises
        ------
        ValueError
            A draw has fewer than three points, so that its error has no posterior.
        """
        return self._posterior.sample(rng, self.grid, self.origin)


def piecewise(
    t: FloatArray,
    y: FloatArray,
    *,
    weights: FloatArray | None = None,
    max_points: int = 2,
    min_segment: int = 3,
    grid: FloatArray | None = None,
    correlation_years: float = 0.0,
    effective_n: FloatArray | None = None,
) -> Piecewise:
    """Continuous piecewise-linear regression of every draw on time.

    Parameters
    ----------
    t : array, shape (n,) or (draws, n), years
    y : array, shape (draws, n)
        A series per draw, any unit.
    weights : array, shape (n,) or (draws, n), optional
        Inverse variances up to a factor; 0 leaves the point out, whatever its ``y``.
    max_points : int, 0 to 3
        Largest number of change points.
    min_segment : int, at least 1
        Fewest points of a segment.
    grid : array, shape (G,), optional
        Candidate dates; by default :data:`GRID_SIZE` evenly spaced inside the range of ``t``.
    correlation_years : float
        Range :math:`\\ell` of the errors' correlation; 0 for independent errors. Needs ``t`` (n,)
        and no ``weights``.
    effective_n : array, shape () or (draws,), optional
        How many independent observations the points are worth, at most as many as there are: the
        :math:`n` of the Bayes factor (a power posterior). For a frontier read every month it is
        the number of its records.

    Returns
    -------
    Piecewise

    Raises
    ------
    ValueError
        Shapes that do not agree, values that are not finite where the weight is positive, a draw
        with fewer than two distinct times, or ``max_points`` out of range.

    Examples
    --------
    >>> years = np.arange(0.0, 6.0, 0.25)
    >>> bent = years + 2.0 * np.maximum(years - 3.0, 0.0)
    >>> found = piecewise(years, bent[None, :] + 0.05 * np.sin(40 * years))
    >>> bool(found.p_change > 0.99), round(float(found.slope_at(5.0)[0]), 1)
    (True, 3.0)
    """
    times, values, weight = _checked(t, y, weights, max_points, min_segment)
    used = weight > 0
    origin = float(np.mean(np.broadcast_to(times, used.shape)[used]))
    if grid is None:
        every = np.broadcast_to(times, used.shape)[used]
        grid = even_grid(float(every.min()), float(every.max()))
    grid = np.asarray(grid, dtype=np.float64)
    basis = np.concatenate(
        [
            np.ones((*times.shape, 1)),
            (times - origin)[..., None],
            np.maximum(times[..., None] - grid, 0.0),
        ],
        axis=-1,
    )
    if correlation_years > 0:
        if t.ndim != 1 or weights is not None:
            raise ValueError("correlated errors need one set of times and no weights")
        lag = np.abs(times[0][:, None] - times[0][None, :])
        whiten = np.linalg.inv(np.linalg.cholesky(np.exp(-lag / correlation_years)))
        basis, values = (whiten @ basis[0])[None], values @ whiten.T
    squares = sums_of_squares(basis, values, weight)
    before = points_before(times, used, grid)
    points = used.sum(axis=1)
    worth = points.astype(np.float64)
    if effective_n is not None:
        worth = np.minimum(worth, np.asarray(effective_n, dtype=np.float64))
    posterior = BendPosterior.build(squares, before, points, worth, max_points, min_segment)
    draws = len(values)
    posterior = posterior.broadcast(draws)
    uniform = _van_der_corput(draws)
    chosen = posterior.choose(uniform)
    bend = posterior.mean_bends()
    line = posterior.line_with(bend)
    return Piecewise(
        grid=grid,
        p_count_draws=posterior.p_count,
        p_at=posterior.p_at(),
        change_dates=dates_of(chosen, grid),
        level=line[:, 0],
        slope=line[:, 1],
        bend=bend,
        origin=origin,
        n=np.broadcast_to(used.sum(axis=1), (draws,)).astype(np.int64),
        _posterior=posterior,
    )


def even_grid(begin: float, end: float) -> FloatArray:
    """:data:`GRID_SIZE` candidate dates, evenly spaced inside ``begin`` to ``end``."""
    inside: FloatArray = begin + (end - begin) * (np.arange(GRID_SIZE) + 0.5) / GRID_SIZE
    return inside


def _van_der_corput(size: int) -> FloatArray:
    """The first ``size`` members of the base-2 van der Corput sequence, moved off 0."""
    index = np.arange(1, size + 1, dtype=np.uint64)
    out = np.zeros(size)
    place = 0.5
    while index.any():
        out += place * (index & np.uint64(1)).astype(np.float64)
        index = index >> np.uint64(1)
        place /= 2
    return out


def _checked(
    t: FloatArray,
    y: FloatArray,
    weights: FloatArray | None,
    max_points: int,
    min_segment: int,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Times (1 or draws, n), values (draws, n) and weights (1 or draws, n)."""
    if not 0 <= max_points <= 3:
        raise ValueError(f"max_points must be 0 to 3, got {max_points}")
    if min_segment < 1:
        raise ValueError(f"min_segment must be at least 1, got {min_segment}")
    times = np.atleast_2d(np.asarray(t, dtype=np.float64))
    values = np.asarray(y, dtype=np.float64)
    if values.ndim != 2 or times.shape[1] != values.shape[1]:
        raise ValueError(f"t {times.shape} and y {values.shape} do not agree")
    if len(times) not in (1, len(values)):
        raise ValueError(f"t {times.shape} and y {values.shape} do not agree")
    if weights is None:
        weight = np.ones((1, times.shape[1]))
    else:
        weight = np.atleast_2d(np.asarray(weights, dtype=np.float64))
        if weight.shape not in ((1, times.shape[1]), values.shape):
            raise ValueError(f"weights {weight.shape} and y {values.shape} do not agree")
        if not (weight >= 0).all():
            raise ValueError("weights must be at least 0")
    if len(times) > len(weight):
        weight = np.broadcast_to(weight, times.shape)
    used = np.broadcast_to(weight > 0, values.shape)
    if not np.isfinite(times).all() or not np.isfinite(values[used]).all():
        raise ValueError("times and values must be finite")
    values = np.where(used, values, 0.0)
    if len(weight) > len(times):
        times = np.broadcast_to(times, weight.shape)
    return times, values, weight
