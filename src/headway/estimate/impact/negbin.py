r"""Negative-binomial (NB2) regression of many designs on one series at once.

The search for a break fits the same counts dozens of times, and every placebo repeats it. Here all
candidate designs are one array, so that numpy does the looping; the fit that is reported comes
from statsmodels (:mod:`headway.estimate.impact.reported`), and a test holds the two to each other.

.. math:: y_i \sim NB(\mu_i, \alpha), \quad Var(y_i) = \mu_i + \alpha \mu_i^2, \quad
          \log \mu_i = o_i + x_i' \beta
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Fits", "fit_many"]

Floats = NDArray[np.float64]

#: Bounds of log alpha. At the lower one the model is Poisson to six digits (alpha 8e-7); a series
#: that wants the upper one (alpha 20) is not described by a mean at all.
_LOG_ALPHA = (-14.0, 3.0)
_ITERATIONS = 200
_TOLERANCE = 1e-7


@dataclass(frozen=True, slots=True)
class Fits:
    """One fit per design; where ``converged`` is false, its other numbers mean nothing.

    Parameters
    ----------
    beta : (designs, columns)
    se : (designs, columns)
        From the expected information.
    alpha : (designs,)
    loglik : (designs,)
    converged : (designs,)
    """

    beta: Floats
    se: Floats
    alpha: Floats
    loglik: Floats
    converged: NDArray[np.bool_]


def fit_many(counts: Floats, designs: Floats, offset: Floats) -> Fits:
    """Maximum likelihood for every design; Fisher scoring for beta, Newton for log alpha.

    Parameters
    ----------
    counts : (n,)
    designs : (designs, n, columns)
        Full column rank each.
    offset : (n,)
        Log of the exposure.
    """
    from scipy.special import digamma, gammaln, zeta

    many, _, columns = designs.shape
    y = counts[None, :]
    start = np.log(counts + 0.5) - offset
    transposed = designs.swapaxes(1, 2)
    ridge = 1e-10 * np.eye(columns)
    beta: Floats = np.empty((many, columns))
    beta[:] = np.linalg.solve(transposed @ designs + ridge, (transposed @ start)[..., None])[..., 0]
    theta = np.full(many, -2.0)
    mu = _mean(designs, beta, offset)
    for _ in range(_ITERATIONS):
        alpha = np.exp(theta)[:, None]
        weight = mu / (1 + alpha * mu)
        score = transposed @ ((y - mu) / (1 + alpha * mu))[..., None]
        information = transposed @ (weight[..., None] * designs) + ridge
        move = np.linalg.solve(information, score)[..., 0]
        size = np.abs(move).max(axis=1, keepdims=True)
        beta = beta + move * np.minimum(1, 2 / np.maximum(size, 2))

        mu = _mean(designs, beta, offset)
        r = np.exp(-theta)[:, None]
        first = (digamma(y + r) - digamma(r) + np.log(r / (r + mu)) + 1 - (r + y) / (r + mu)).sum(
            axis=1
        )
        second = (zeta(2, y + r) - zeta(2, r) + 1 / r - 2 / (r + mu) + (r + y) / (r + mu) ** 2).sum(
            axis=1
        )
        r = r[:, 0]
        gradient, curvature = -r * first, r * first + r**2 * second
        newton = np.where(
            curvature < 0, -gradient / np.minimum(curvature, -1e-12), np.sign(gradient)
        )
        step = np.clip(newton, -1.5, 1.5)
        moved = np.clip(theta + step, *_LOG_ALPHA)
        change = np.maximum(size[:, 0], np.abs(moved - theta))
        theta = moved
        if (change < _TOLERANCE).all():
            break

    r = np.exp(-theta)[:, None]
    loglik = (
        gammaln(y + r) - gammaln(r) - gammaln(y + 1) + r * np.log(r / (r + mu))
        + y * np.log(mu / (r + mu))
    ).sum(axis=1)  # fmt: skip
    weight = mu / (1 + mu / r)
    information = transposed @ (weight[..., None] * designs) + ridge
    se = np.sqrt(np.diagonal(np.linalg.inv(information), axis1=1, axis2=2))
    good = (
        (change < 1e-5) & (theta < _LOG_ALPHA[1]) & np.isfinite(loglik) & (np.abs(beta) < 25).all(1)
    )
    return Fits(beta, se, np.exp(theta), loglik, good)


def _mean(designs: Floats, beta: Floats, offset: Floats) -> Floats:
    """Fitted means; far-off steps of the search are held where their exponential is finite."""
    mean: Floats = np.exp(np.clip(offset + (designs @ beta[..., None])[..., 0], -30, 30))
    return mean
