"""How well chains have mixed: bulk effective sample size and R-hat, and when to refuse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.errors import HeadwayError
from headway.problems import problem

__all__ = ["MAX_R_HAT", "Diagnosis", "diagnose", "require_mixing"]

#: A fit in which a reported quantity has a larger R-hat is refused (Vehtari et al. 2021 advise 1.01
#: for one's own work; 1.05 is where intervals begin to be wrong in a way that shows).
MAX_R_HAT = 1.05


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Mixing of several quantities, one entry each; ``nan`` where a quantity is constant."""

    ess_bulk: np.ndarray
    r_hat: np.ndarray

    @property
    def worst_r_hat(self) -> float:
        return float(np.nanmax(self.r_hat, initial=1.0))

    @property
    def least_ess(self) -> float:
        """Smallest bulk ESS of a quantity that varies; infinite if none does."""
        return float(np.nanmin(self.ess_bulk, initial=np.inf))


def diagnose(values: np.ndarray, chains: int) -> Diagnosis:
    """Bulk effective sample size and rank-normalised split R-hat.

    Parameters
    ----------
    values : array (draws, quantities)
        Draws in chain order; only their order within a quantity matters, so states may be coded as
        numbers.
    chains : int

    Returns
    -------
    Diagnosis

    References
    ----------
    .. [1] Vehtari, Gelman, Simpson, Carpenter & Bürkner (2021), doi:10.1214/20-BA1221
    """
    from numpyro.diagnostics import effective_sample_size, gelman_rubin
    from scipy import special, stats

    per_chain = len(values) // chains
    half = per_chain // 2
    constant = (values == values[:1]).all(axis=0)
    folded = np.abs(values - np.median(values, axis=0))

    def split(x: np.ndarray) -> np.ndarray:
        """Rank-normalised half chains, (2 chains, half, quantities)."""
        kept = x.reshape(chains, per_chain, -1)[:, : 2 * half].reshape(2 * chains, half, -1)
        flat = kept.reshape(2 * chains * half, -1)
        rank = stats.rankdata(flat, axis=0)
        normal: np.ndarray = special.ndtri((rank - 0.375) / (len(flat) + 0.25))
        return normal.reshape(kept.shape)

    with np.errstate(divide="ignore", invalid="ignore"):
        z = split(values)
        ess = np.asarray(effective_sample_size(z), dtype=float)
        r_hat = np.maximum(gelman_rubin(z), gelman_rubin(split(folded)))
    ess = np.where(constant, np.nan, ess)
    return Diagnosis(ess, np.where(constant, np.nan, r_hat))


def require_mixing(found: Diagnosis) -> None:
    """Refuse chains that have not met.

    Raises
    ------
    HeadwayError
        An R-hat is above :data:`MAX_R_HAT`.
    """
    if found.worst_r_hat > MAX_R_HAT:
        raise problem(
            HeadwayError,
            "reference-not-mixed",
            r_hat=f"{found.worst_r_hat:.3f}",
            limit=f"{MAX_R_HAT:.2f}",
            ess=f"{found.least_ess:.0f}",
        )
