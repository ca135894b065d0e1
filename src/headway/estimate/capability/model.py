r"""The ability model: what is assumed, apart from how it is computed.

For result *i* of model *m* on benchmark *b* in cell *c* (a domain, or a stage inside it):

.. math::

    \eta_i &= a_b\,(\theta_{m,c(b)} - k_b) + v_{m,f(b)} + \gamma_{s(i)} + x_i^\top \beta \\
    \mathrm{E}[y_i] &= c_b + (u_b - c_b)\,\mathrm{logistic}(\eta_i) \\
    \theta_{m,c} &= g_m + u_{m,d} + w_{m,s}

with :math:`g_m \sim N(f_{\mathrm{access}}(\text{date}_m), \sigma_g)`, a piecewise-linear trend
whose class differences are partially pooled, :math:`u_{m,d}` and :math:`w_{m,s}` with
access-specific means and slopes, a random effect :math:`v_{m,f}` shared by all results of one
model on one benchmark family, and random effects :math:`\gamma` of the set-up (who ran the
benchmark, with which harness) and of the scaffold.

Likelihoods: beta-binomial where the number of independent trials is known (Griffiths 1973,
doi:10.2307/2529131); otherwise Gaussian on the link scale with a dispersion per benchmark, where
the link is the logit for proportions (between chance and ceiling), the identity for Elo in units
of 400/ln 10 points, and the logarithm for minutes. Proportions at the floor or ceiling are
censored observations: they say "at most" or "at least", and are neither dropped nor clipped.

The engines (`laplace`) take the definitions from here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

__all__ = [
    "ELO_PER_LOGIT",
    "FLOOR_SHARE",
    "Priors",
    "beta_binomial",
    "beta_binomial_curvature",
    "beta_binomial_log_likelihood",
    "gaussian_censored",
]

#: 400 Elo points are odds of 10 to 1 (Elo 1978), hence this many points per unit of logit.
ELO_PER_LOGIT = 400.0 / np.log(10.0)

#: A proportion within this share of the floor or ceiling only bounds the logit (censored there).
FLOOR_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Priors:
    """Weak priors, in logits and years; every one is an option of the sensitivity runs.

    Notes
    -----
    ``*_sd`` are standard deviations of fixed normal priors. ``scale_*`` are the centres of
    inverse-gamma priors (``scale_df`` degrees of freedom) of the variance components, which are
    estimated (empirical Bayes). The spread of the log discriminations is not estimated: in a
    stage whose benchmarks hardly follow general ability, small discriminations and large stage
    deviations explain the same data, and a free spread lets the two run away together.
    """

    trend_level_sd: float = 5.0
    trend_slope_sd: float = 2.0
    trend_bend_sd: float = 1.0
    class_level_sd: float = 2.0
    class_slope_sd: float = 1.0
    class_bend_sd: float = 0.7
    cell_slope_sd: float = 1.0
    cell_class_level_sd: float = 1.0
    cell_class_slope_sd: float = 0.7
    difficulty_sd: float = 4.0
    log_discrimination_sd: float = 0.6
    covariate_sd: float = 0.5
    undated_level_sd: float = 2.0
    scale_df: float = 4.0
    scale_general: float = 0.8
    scale_undated: float = 1.5
    scale_cell: float = 0.5
    scale_stage: float = 0.5
    scale_family: float = 0.4
    scale_setup: float = 0.4
    scale_scaffold: float = 0.3
    scale_noise: float = 0.4
    overdispersion: float = 0.03
    overdispersion_log_sd: float = 1.0
    knot_years: float = 1.0


def beta_binomial(
    eta: np.ndarray,
    successes: np.ndarray,
    n: np.ndarray,
    floor: np.ndarray,
    span: np.ndarray,
    rho: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log likelihood, its exact first derivative in ``eta``, and the Fisher information.

    Parameters
    ----------
    eta : array (rows,), logits
    successes, n : arrays (rows,)
        ``successes`` need not be whole: a published percentage of ``n`` is rounded.
    floor, span : arrays (rows,)
        Chance level, and ceiling minus chance.
    rho : array (rows,)
        Intra-class correlation in (0, 1): 0 would be the binomial.

    Returns
    -------
    log_likelihood, gradient, information : arrays (rows,)
        The information is that of the mean: (dp/deta)^2 n_eff / (p (1-p)) with
        ``n_eff = n / (1 + (n-1) rho)``; it is positive whatever the data.
    """
    logistic = special.expit(eta)
    p = np.clip(floor + span * logistic, 1e-9, 1 - 1e-9)
    slope = span * logistic * (1 - logistic)
    phi = (1 - rho) / rho
    a, b = p * phi, (1 - p) * phi
    fails = n - successes
    log_likelihood = special.betaln(successes + a, fails + b) - special.betaln(a, b)
    d_p = phi * (
        special.psi(successes + a) - special.psi(a) - special.psi(fails + b) + special.psi(b)
    )
    n_eff = n / (1 + (n - 1) * rho)
    information = slope**2 * n_eff / (p * (1 - p))
    return log_likelihood, d_p * slope, information


def beta_binomial_curvature(
    eta: np.ndarray,
    successes: np.ndarray,
    n: np.ndarray,
    floor: np.ndarray,
    span: np.ndarray,
    rho: np.ndarray,
) -> np.ndarray:
    """Negative second derivative of :func:`beta_binomial` in ``eta``: may have either sign.

    Far in the tail, with few successes and little overdispersion, it is several times the
    information of the mean.
    """
    logistic = special.expit(eta)
    p = np.clip(floor + span * logistic, 1e-9, 1 - 1e-9)
    slope = span * logistic * (1 - logistic)
    bend = slope * (1 - 2 * logistic)
    phi = (1 - rho) / rho
    a, b = p * phi, (1 - p) * phi
    fails = n - successes
    first = special.psi(successes + a) - special.psi(a) - special.psi(fails + b) + special.psi(b)
    # zeta(2, x) is the trigamma function
    second = special.zeta(2.0, successes + a) - special.zeta(2.0, a)
    second += special.zeta(2.0, fails + b) - special.zeta(2.0, b)
    return np.asarray(-(phi**2 * second * slope**2 + phi * first * bend))


def beta_binomial_log_likelihood(
    eta: np.ndarray,
    successes: np.ndarray,
    n: np.ndarray,
    floor: np.ndarray,
    span: np.ndarray,
    rho: np.ndarray,
) -> np.ndarray:
    """The first part of :func:`beta_binomial` alone (same arguments)."""
    p = np.clip(floor + span * special.expit(eta), 1e-9, 1 - 1e-9)
    phi = (1 - rho) / rho
    a, b = p * phi, (1 - p) * phi
    return np.asarray(special.betaln(successes + a, n - successes + b) - special.betaln(a, b))


def gaussian_censored(
    eta: np.ndarray, observed: np.ndarray, variance: np.ndarray, side: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log likelihood, gradient and information of Gaussian rows, censored where ``side`` is not 0.

    ``side`` -1: the truth is at most ``observed`` (score at the floor); +1: at least.
    The information of a censored row is its exact negative second derivative (positive).
    """
    sd = np.sqrt(variance)
    residual = (observed - eta) / sd
    log_likelihood = -0.5 * residual**2 - np.log(sd)
    gradient = residual / sd
    information = 1 / variance
    at_bound = side != 0
    if at_bound.any():
        # side -1: log Phi(t), t = (observed - eta)/sd; side +1: log Phi(-t)
        sign = -side[at_bound].astype(float)
        t = sign * residual[at_bound]
        log_cdf = special.log_ndtr(t)
        mills = np.exp(-0.5 * t**2 - 0.5 * np.log(2 * np.pi) - log_cdf)
        log_likelihood[at_bound] = log_cdf
        gradient[at_bound] = -sign * mills / sd[at_bound]
        information[at_bound] = mills * (t + mills) / variance[at_bound]
    return log_likelihood, gradient, information
