r"""Special sauce: cyber ability beyond what coding and general ability explain.

**Structural model.** The true abilities of model *m* in cyber (or one of its stages), coding and
general are drawn from a population whose mean may move with the date,

.. math:: \theta_m \sim N(B^\top z_m,\; T), \qquad
    y_m = \alpha + \beta^\top x_m + \epsilon_m, \quad
    \beta = T_{xx}^{-1} T_{xy}, \quad R^2 = T_{yx} T_{xx}^{-1} T_{xy} / T_{yy},

and are seen through scores, whose Gaussian likelihood :math:`(\Lambda_m, h_m)` comes from the
ability fit **without its prior** (:mod:`headway.estimate.lag.likelihood`). This is the
structural errors-in-variables model with a known error covariance for each unit (Fuller 1987,
*Measurement Error Models*, doi:10.1002/9780470316665, section 3.1). A regression on posterior
draws would be wrong twice: draws are shrunk towards general ability, which puts the answer in, and
noise in the regressors attenuates slopes. Here both are part of the likelihood

.. math::

    \log p = -\tfrac12\log|I + T\Lambda_m|
    + \tfrac12 d_m^\top (I + T\Lambda_m)^{-1} T d_m + h_m^\top\mu_m
    - \tfrac12\mu_m^\top\Lambda_m\mu_m, \qquad d_m = h_m - \Lambda_m\mu_m ,

which needs no inverse of :math:`\Lambda_m`: a model without results in one cell still counts.
It is maximised with the boundary-avoiding prior :math:`|T|^{1/2}` of Chung et al. (2015,
doi:10.3102/1076998615570945), without which small samples end at a singular :math:`T`.

**Two questions, two designs.** With a constant only, the variance explained is that between
models of all dates: nearly all of it is progress that every domain shares. With the date in
:math:`z`, it is that between models of one date: what coding and general ability of a model say
about its cyber ability beyond its date. The second is the one that tests "cyber is coding".

**Uncertainty.** Sandwich covariance with laboratories as clusters and a t correction for few
clusters, plus one Newton step for each draw of items, set-ups and trends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize
from threadpoolctl import threadpool_limits

from headway.errors import NotEnoughData
from headway.estimate.lag.entrants import FloatArray

__all__ = [
    "MIN_LABS",
    "MIN_MODELS",
    "SauceDistribution",
    "Structure",
    "fit_structure",
    "sauce_missing",
]

#: Fewer models or laboratories than this carry no regression with an interval.
MIN_MODELS = 10
MIN_LABS = 4
#: Step of the finite differences, in units of the parameters (all of order one).
_STEP = 1e-4


@dataclass(frozen=True)
class Structure:
    """Draws of the population of true abilities; the last cell is the one explained.

    Parameters
    ----------
    mean : array, shape (n_draws, q, k)
        Coefficients of the population mean on the design ``z``.
    covariance : array, shape (n_draws, k, k)
    n, n_clusters : int
        Models, laboratories.
    converged : bool
    """

    mean: FloatArray
    covariance: FloatArray
    n: int
    n_clusters: int
    converged: bool

    def slopes(self, given: Sequence[int] | None = None) -> FloatArray:
        """(n_draws, len(given)) slopes of the last cell on the others (or some of them)."""
        use = list(range(self.covariance.shape[1] - 1)) if given is None else list(given)
        xx = self.covariance[:, use][:, :, use]
        xy = self.covariance[:, use, -1]
        return np.asarray(np.linalg.solve(xx, xy[:, :, None])[:, :, 0])

    def explained(self, given: Sequence[int] | None = None) -> FloatArray:
        """(n_draws,) share of the true variance of the last cell that the others explain."""
        use = list(range(self.covariance.shape[1] - 1)) if given is None else list(given)
        xy = self.covariance[:, use, -1]
        share = (self.slopes(use) * xy).sum(axis=1) / self.covariance[:, -1, -1]
        return np.asarray(np.clip(share, 0.0, 1.0))

    @property
    def residual_sd(self) -> FloatArray:
        """(n_draws,) sd of true ability in the last cell given the others, logits."""
        left = self.covariance[:, -1, -1] * (1 - self.explained())
        return np.asarray(np.sqrt(np.maximum(left, 0.0)))

    def expected(
        self, precision: FloatArray, pull: FloatArray, z: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """What the other abilities of some models let one expect in the last cell.

        The regressors enter through their own results only (never through the cell explained): a
        regressor without results takes its expectation given the one that has some.

        Parameters
        ----------
        precision : array, shape (n, k - 1, k - 1)
        pull : array, shape (n_draws, n, k - 1)
        z : array, shape (n, q)

        Returns
        -------
        mean : array, shape (n_draws, n)
        variance : array, shape (n_draws, n)
            From not knowing the regressors exactly; the residual spread is not in it.
        """
        k = self.covariance.shape[1]
        xx = self.covariance[:, : k - 1, : k - 1]
        mu = np.einsum("nq,dqk->dnk", z, self.mean)
        slopes = self.slopes()
        inner = np.eye(k - 1) + np.einsum("dij,njk->dnik", xx, precision)
        gain = np.linalg.solve(inner, np.broadcast_to(xx[:, None], inner.shape))
        surprise = pull - np.einsum("nij,dnj->dni", precision, mu[:, :, : k - 1])
        x = mu[:, :, : k - 1] + np.einsum("dnij,dnj->dni", gain, surprise)
        mean = mu[:, :, -1] + np.einsum("di,dni->dn", slopes, x - mu[:, :, : k - 1])
        variance = np.einsum("di,dnij,dj->dn", slopes, gain, slopes)
        return np.asarray(mean), np.asarray(np.maximum(variance, 0.0))


@dataclass(frozen=True)
class SauceDistribution:
    """What a model's cyber ability may be beyond expectation, as a distribution for later stages.

    The "special sauce" of a model that nobody has measured: the expectation from coding and general
    ability, plus a draw from here. It is never zero: its spread is that of the models seen.

    Parameters
    ----------
    sd : array, shape (n_draws,), logits
        Spread of true cyber ability around its expectation (:attr:`Structure.residual_sd`).
    per_month : array, shape (n_draws,), logits per month
        Pace of the closed frontier; NaN in draws without one.
    """

    sd: FloatArray
    per_month: FloatArray

    def months(self, count: int, rng: np.random.Generator) -> FloatArray:
        """``count`` draws of the residual of a new model in months of frontier progress.

        Parameter uncertainty is in it: each draw takes its own ``sd`` and pace.
        """
        usable = np.flatnonzero(np.isfinite(self.per_month) & np.isfinite(self.sd))
        if not len(usable):
            return np.full(count, np.nan)
        pick = rng.choice(usable, size=count)
        return np.asarray(rng.standard_normal(count) * self.sd[pick] / self.per_month[pick])


def sauce_missing(lab: Sequence[str]) -> tuple[str, ...]:
    """What a group of models lacks for a regression, as message keys; empty if it can be fitted."""
    missing = []
    if len(lab) < MIN_MODELS:
        missing.append(f"too_few_measured:{len(lab)}<{MIN_MODELS}")
    if len(set(lab)) < MIN_LABS:
        missing.append(f"too_few_labs:{len(set(lab))}<{MIN_LABS}")
    return tuple(missing)


def fit_structure(
    precision: FloatArray,
    pull: FloatArray,
    z: FloatArray,
    lab: Sequence[str],
    *,
    rng: np.random.Generator,
) -> Structure:
    """Maximum likelihood of the structural model, with draws of its sampling distribution.

    Parameters
    ----------
    precision : array, shape (n, k, k), 1/logit^2
        Likelihood precision per model; the last cell is the one to be explained.
    pull : array, shape (n_draws, n, k)
        Per draw of items, set-ups and trends.
    z : array, shape (n, q)
        Design of the population mean; the first column is constant.
    lab : sequence of str, length n
    rng : numpy.random.Generator

    Returns
    -------
    Structure

    Raises
    ------
    NotEnoughData
        See :func:`sauce_missing`.
    """
    missing = sauce_missing(lab)
    if missing:
        raise NotEnoughData(f"no regression: {', '.join(missing)}", missing=list(missing))
    n, k = precision.shape[0], precision.shape[1]
    q = z.shape[1]
    centre = pull.mean(axis=0)
    start = _start(precision, centre, z)

    # log|T|^(1/2) is the sum of the log diagonals of its factor
    boundary = np.zeros(len(start))
    boundary[q * k : q * k + k] = 1.0

    def target(parameters: FloatArray) -> float:
        total = float(_log_likelihood(parameters, precision, centre, z, k, q).sum())
        return -total - float(boundary @ parameters)

    def slope(parameters: FloatArray) -> FloatArray:
        total = _scores(parameters, precision, centre, z, k, q).sum(axis=0)
        return np.asarray(-total - boundary)

    # one thread: the matrices are small, and more threads only spin
    with threadpool_limits(limits=1):
        found = optimize.minimize(
            target, start, jac=slope, method="BFGS", options={"gtol": 1e-3, "maxiter": 500}
        )
    best = np.asarray(found.x)
    size = len(best)
    gradient = _scores(best, precision, centre, z, k, q)  # (n, p)
    inverse = _inverse(_derivative(slope, best))
    names, code = np.unique(np.asarray(lab), return_inverse=True)
    count = len(names)
    groups = np.zeros((count, size))
    np.add.at(groups, code, gradient - gradient.mean(axis=0))
    meat = groups.T @ groups * count / (count - 1)

    freedom = float(max(count - 1, 3))
    model_based = inverse
    robust = inverse @ meat @ inverse
    covariance = _wider(robust, model_based)
    draws = pull.shape[0]
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    factor = vectors * np.sqrt(np.maximum(values, 0.0))
    stretch = np.sqrt(freedom / rng.chisquare(freedom, size=draws))
    noise = (rng.standard_normal((draws, size)) * stretch[:, None]) @ factor.T
    base = gradient.sum(axis=0)
    moved = _scores(best, precision, pull, z, k, q).sum(axis=1) - base  # (draws, p)
    everyone = best + noise + np.clip(moved @ inverse, -1.0, 1.0)
    mean = everyone[:, : q * k].reshape(draws, q, k)
    return Structure(
        mean=mean,
        covariance=np.array([_covariance(p[q * k :], k) for p in everyone]),
        n=n,
        n_clusters=count,
        converged=bool(np.abs(slope(best)).max() < 0.05),
    )


def _lower(parameters: FloatArray, k: int) -> FloatArray:
    """From log-Cholesky parameters: k log diagonals, then the rows below the diagonal."""
    lower = np.zeros((k, k))
    lower[np.diag_indices(k)] = np.exp(np.clip(parameters[:k], -7.0, 4.0))
    lower[np.tril_indices(k, -1)] = parameters[k:]
    return lower


def _covariance(parameters: FloatArray, k: int) -> FloatArray:
    """(k, k) covariance of log-Cholesky parameters."""
    lower = _lower(parameters, k)
    return np.asarray(lower @ lower.T)


def _log_likelihood(
    parameters: FloatArray, precision: FloatArray, h: FloatArray, z: FloatArray, k: int, q: int
) -> FloatArray:
    """(..., n) log likelihood of each model for pulls ``h`` (..., n, k), up to a constant."""
    mu = z @ parameters[: q * k].reshape(q, k)
    t = _covariance(parameters[q * k :], k)
    inner = np.eye(k) + t @ precision
    gain = np.linalg.solve(inner, np.broadcast_to(t, inner.shape))
    pushed = np.einsum("nij,nj->ni", precision, mu)
    d = h - pushed
    _, logdet = np.linalg.slogdet(inner)
    out = 0.5 * (np.einsum("...ni,nij->...nj", d, gain) * d).sum(axis=-1) - 0.5 * logdet
    out += (h * mu).sum(axis=-1) - 0.5 * (mu * pushed).sum(axis=-1)
    return np.asarray(out)


def _start(precision: FloatArray, h: FloatArray, z: FloatArray) -> FloatArray:
    """Crude moments: best values where measured, shrunk a little so that all are finite."""
    n, k = h.shape
    ridge = precision + 0.1 * np.eye(k)
    value = np.linalg.solve(ridge, h[:, :, None])[:, :, 0]
    mean, *_ = np.linalg.lstsq(z, value, rcond=None)
    residual = value - z @ mean
    lower = np.linalg.cholesky(residual.T @ residual / n + 0.05 * np.eye(k))
    return np.concatenate([mean.ravel(), np.log(np.diag(lower)), lower[np.tril_indices(k, -1)]])


def _scores(
    parameters: FloatArray, precision: FloatArray, h: FloatArray, z: FloatArray, k: int, q: int
) -> FloatArray:
    r"""(..., n, p) derivatives of :func:`_log_likelihood`.

    With :math:`r = (I + \Lambda T)^{-1} d`, the derivative in the mean is :math:`r` and that in
    :math:`T` is :math:`\tfrac12\{r r^\top - (I + \Lambda T)^{-1}\Lambda\}`.
    """
    mu = z @ parameters[: q * k].reshape(q, k)
    lower = _lower(parameters[q * k :], k)
    d = h - np.einsum("nij,nj->ni", precision, mu)
    inverse = np.linalg.inv(np.eye(k) + precision @ (lower @ lower.T))
    r = np.einsum("nij,...nj->...ni", inverse, d)
    of_mean = z[:, :, None] * r[..., :, None, :]
    of_t = 0.5 * (r[..., :, None] * r[..., None, :] - inverse @ precision)
    of_lower = 2 * of_t @ lower
    diagonal = np.diagonal(of_lower, axis1=-2, axis2=-1) * np.diag(lower)
    below = of_lower[(..., *np.tril_indices(k, -1))]
    return np.concatenate([of_mean.reshape(*r.shape[:-1], q * k), diagonal, below], axis=-1)


def _derivative(function: Callable[[FloatArray], FloatArray], at: FloatArray) -> FloatArray:
    """(p, p) symmetric derivative of a gradient, by central differences."""
    rows = []
    for j in range(len(at)):
        move = np.zeros(len(at))
        move[j] = _STEP
        rows.append((function(at + move) - function(at - move)) / (2 * _STEP))
    matrix = np.array(rows)
    return np.asarray((matrix + matrix.T) / 2)


def _inverse(information: FloatArray) -> FloatArray:
    """Inverse with eigenvalues kept away from 0 (flat directions become wide, not infinite)."""
    values, vectors = np.linalg.eigh(information)
    return np.asarray((vectors / np.maximum(values, 0.05)) @ vectors.T)


def _wider(first: FloatArray, second: FloatArray) -> FloatArray:
    """The first covariance, no variance of it below that of the second."""
    scale = np.sqrt(np.maximum(np.diag(second) / np.maximum(np.diag(first), 1e-12), 1.0))
    return np.asarray(first * scale[:, None] * scale[None, :])
