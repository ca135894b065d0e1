"""From draws to a quantity: median, equal-tailed interval, and what cannot be said."""

from __future__ import annotations

import math

import numpy as np

from headway.estimate.lag.entrants import FloatArray
from headway.result import Interval, Quantity

__all__ = ["quantity_of"]

#: A larger share of failed draws than this is told in a note.
_TOLD = 0.01


def quantity_of(
    draws: FloatArray,
    unit: str,
    *,
    n: int,
    n_clusters: int,
    level: float,
    notes: tuple[str, ...] = (),
) -> Quantity:
    """Median and equal-tailed interval of draws that may fail (NaN) or be unbounded.

    Parameters
    ----------
    draws : array, shape (n_draws,)
        NaN: the draw gave no value. ``inf`` sorts above every number, ``-inf`` below.
    unit : str
    n, n_clusters : int
    level : float
    notes : tuple of str
        Carried; ``draws_failed:x`` is added where more than 1 % failed.

    Returns
    -------
    Quantity
        ``not_estimable`` where more than ``1 - level`` of the draws failed, or the median is not
        finite (note ``unbounded``).
    """
    values = np.asarray(draws, dtype=np.float64)
    kept = values[~np.isnan(values)]
    failed = 1 - len(kept) / max(len(values), 1)
    if failed > _TOLD:
        notes = (*notes, f"draws_failed:{failed:.3f}")
    if failed > 1 - level or not len(kept):
        return Quantity.not_estimable(unit, *notes, n=n, n_clusters=n_clusters)
    # no interpolation: between a number and inf there is nothing
    low, middle, high = (
        float(v)
        for v in np.quantile(kept, [(1 - level) / 2, 0.5, (1 + level) / 2], method="inverted_cdf")
    )
    if not math.isfinite(middle):
        return Quantity.not_estimable(unit, "unbounded", *notes, n=n, n_clusters=n_clusters)
    interval = Interval(low, high, level, "eti")
    return Quantity(middle, unit, interval, n, n_clusters, "estimated", notes)
