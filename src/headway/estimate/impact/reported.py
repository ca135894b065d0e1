"""The fit that is shown, by statsmodels: model-based and autocorrelation-robust (HAC) errors."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Reported", "fit_reported", "hac_lags"]

Floats = NDArray[np.float64]

#: Below this the negative binomial is the Poisson model, whose likelihood has a maximum where that
#: of alpha has none.
_POISSON = 1e-5


@dataclass(frozen=True, slots=True)
class Reported:
    """Coefficients with two standard errors each."""

    beta: Floats
    se_model: Floats
    se_hac: Floats
    alpha: float


def hac_lags(n: int) -> int:
    """Lags of the HAC errors by the rule of Newey and West (1994), doi:10.2307/2297912."""
    return int(4 * (n / 100) ** (2 / 9))


def fit_reported(
    counts: Floats, design: Floats, offset: Floats, beta: Floats, alpha: float
) -> Reported | None:
    """Fit once more from the solution ``beta``, ``alpha``; ``None`` if that diverges.

    Counts without overdispersion are fitted as Poisson.
    """
    from statsmodels.discrete.discrete_model import NegativeBinomial, Poisson

    lags = {"maxlags": hac_lags(len(counts))}
    poisson = alpha < _POISSON
    with warnings.catch_warnings():
        # what it warns of (no convergence, no inverse) ends in the checks below
        warnings.simplefilter("ignore")
        try:
            if poisson:
                model, start = Poisson(counts, design, offset=offset), beta
            else:
                model = NegativeBinomial(counts, design, loglike_method="nb2", offset=offset)
                start = np.append(beta, alpha)
            plain = model.fit(start_params=start, disp=0, maxiter=500)
            robust = model.fit(
                start_params=plain.params, disp=0, maxiter=500, cov_type="HAC", cov_kwds=lags
            )
        except (np.linalg.LinAlgError, ValueError):
            return None
    columns = design.shape[1]
    found = Reported(
        plain.params[:columns],
        plain.bse[:columns],
        robust.bse[:columns],
        0.0 if poisson else float(plain.params[-1]),
    )
    whole = all(np.isfinite(part).all() for part in (found.beta, found.se_model, found.se_hac))
    return found if whole and plain.mle_retvals["converged"] else None
