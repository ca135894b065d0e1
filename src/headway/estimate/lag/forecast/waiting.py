"""A forecast as a weighted sample: months until an open-weight model reaches the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from headway.errors import BadValue
from headway.estimate.lag.entrants import FloatArray

__all__ = ["Waiting", "pool"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Months from the day of issue until the target is reached.

    Parameters
    ----------
    months : array, shape (n,)
        At most 0: an open-weight model was there so long ago. ``inf``: not within the horizon.
    weight : array, shape (n,)
        Non-negative, sums to 1.

    Raises
    ------
    BadValue
        NaN months, or weights that are negative or do not sum to 1.
    """

    months: FloatArray
    weight: FloatArray

    def __post_init__(self) -> None:
        if self.months.shape != self.weight.shape or self.months.ndim != 1 or not len(self.months):
            raise BadValue(f"months {self.months.shape} and weights {self.weight.shape} differ")
        if np.isnan(self.months).any():
            raise BadValue("a waiting time is NaN; use inf for 'not within the horizon'")
        if (self.weight < 0).any() or not np.isclose(self.weight.sum(), 1.0, atol=1e-9):
            raise BadValue(f"weights must be positive and sum to 1, got {self.weight.sum()}")

    @classmethod
    def of(cls, months: FloatArray) -> Waiting:
        """Equal weights."""
        values = np.asarray(months, dtype=np.float64)
        return cls(values, np.full(values.shape, 1.0 / max(1, values.size)))

    def reached(self) -> float:
        """Probability that the target is reached already."""
        return float(self.weight[self.months <= 0].sum())

    def by(self, months: FloatArray) -> FloatArray:
        """Probability that the target is reached within each of ``months`` (k,)."""
        order = np.argsort(self.months, kind="stable")
        total = np.concatenate([[0.0], np.cumsum(self.weight[order])])
        at = np.searchsorted(self.months[order], np.asarray(months, dtype=np.float64), "right")
        return np.asarray(np.minimum(total[at], 1.0))

    def quantile(self, p: FloatArray) -> FloatArray:
        """Smallest number of months by which the probability is at least ``p`` (k,)."""
        order = np.argsort(self.months, kind="stable")
        total = np.cumsum(self.weight[order])
        at = np.searchsorted(total, np.asarray(p, dtype=np.float64) - 1e-12, "left")
        return np.asarray(self.months[order][np.minimum(at, len(order) - 1)])

    def thinned(self, count: int) -> FloatArray:
        """``count`` equally likely values: the quantiles at (i - 1/2) / count."""
        return self.quantile((np.arange(count) + 0.5) / count)


def pool(parts: Mapping[str, Waiting], weights: Mapping[str, float]) -> Waiting:
    r"""The linear pool :math:`F = \sum_k w_k F_k` of the forecasts that are present.

    Weights of absent forecasts are shared out in proportion. A linear pool of calibrated forecasts
    is overdispersed, never overconfident [1]_; the back-test shows by how much.

    Parameters
    ----------
    parts : mapping of name to Waiting
    weights : mapping of name to float
        Non-negative; names without a part are ignored.

    Raises
    ------
    BadValue
        No part has a positive weight.

    References
    ----------
    .. [1] Gneiting & Ranjan (2013), Electronic Journal of Statistics 7, doi:10.1214/13-EJS823
    """
    present = {name: float(weights.get(name, 0.0)) for name in parts}
    total = sum(present.values())
    if not parts or total <= 0:
        raise BadValue(f"no forecast has a weight: parts {sorted(parts)}, weights {dict(weights)}")
    return Waiting(
        np.concatenate([part.months for part in parts.values()]),
        np.concatenate([part.weight * (present[n] / total) for n, part in parts.items()]),
    )
