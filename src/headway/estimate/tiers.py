"""Tiers: groups of models that the data cannot tell apart, strongest group first.

A rank per model would suggest an order that the draws do not support.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["tiers"]


def tiers(ability: npt.NDArray[np.float64], *, certainty: float = 0.95) -> npt.NDArray[np.int64]:
    """Tier of each model, 1 = strongest.

    Models are taken by median ability. A model opens a new tier when the strongest model of the
    current tier is better with a probability of at least ``certainty``; otherwise it joins it.

    Parameters
    ----------
    ability : array, shape (n_draws, n_models)
        Joint draws; higher is better.
    certainty : float
        Posterior probability, 0-1.

    Returns
    -------
    array of int, shape (n_models,)

    Notes
    -----
    Two models in one tier need not be equal, and two neighbours in different tiers need not
    differ by much: only the strongest of a tier is compared.

    Examples
    --------
    >>> tiers(np.array([[3.0, 2.9, 0.0], [2.0, 2.1, 0.1], [2.5, 2.6, 0.2]])).tolist()
    [1, 1, 2]
    """
    count = ability.shape[1]
    out = np.zeros(count, dtype=np.int64)
    order = np.argsort(-np.median(ability, axis=0), kind="stable")
    tier, leader = 0, -1
    for model in order:
        is_behind = leader < 0 or np.mean(ability[:, leader] > ability[:, model]) >= certainty
        if is_behind:
            tier, leader = tier + 1, int(model)
        out[model] = tier
    return out
