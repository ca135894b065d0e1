"""One row of results: an effect of the kind of evidence, for which group, on which basis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import stats

from headway.result import Interval, Quantity

__all__ = ["BASES", "EFFECTS", "EffectRow", "at_half", "months_difference", "normal_quantity"]

#: The effects in the order in which they are shown.
EFFECTS: tuple[str, ...] = (
    "inflation",
    "held_out",
    "freshness",
    "saturation",
    "selection",
    "distillation",
    "tellings",
    "robustness",
    "reliability",
    "dependence",
)
#: ``model``: a covariate of the ability model; ``matched``: no ability model; ``counted``: a share
#: or spread of the evidence itself.
BASES: tuple[str, ...] = ("model", "matched", "counted")


@dataclass(frozen=True, slots=True)
class EffectRow:
    """An effect with everything that identifies it.

    Parameters
    ----------
    effect : str
        One of :data:`EFFECTS`.
    measure : str
        What the number is (``first_party``, ``public_less_held_out``, ...).
    basis : {"model", "matched", "counted"}
    domain, access_class, model : str or None
        The group; ``None`` is "all".
    estimate : Quantity
    points : Quantity or None
        The same effect in percentage points at a score of 50 % where ``estimate`` is in logits.
    months : Quantity or None
        What the effect does to ``lag_mean_12m`` of the domain; ``None`` where that has no meaning.
    sds : mapping
        Standard deviations by source where several were computed: ``model``, ``labs``.
    examples : sequence of mapping
        Rows of the data that show the effect, each with its source address.
    """

    effect: str
    measure: str
    basis: str
    estimate: Quantity
    domain: str | None = None
    access_class: str | None = None
    model: str | None = None
    points: Quantity | None = None
    months: Quantity | None = None
    sds: Mapping[str, float] = field(default_factory=dict)
    examples: Sequence[Mapping[str, Any]] = ()

    def to_json(self) -> dict[str, Any]:
        """The row as the command line prints it."""
        return {
            "effect": self.effect,
            "measure": self.measure,
            "basis": self.basis,
            "group": {
                "domain": self.domain,
                "access_class": self.access_class,
                "model": self.model,
            },
            "estimate": self.estimate.to_json(),
            "points": None if self.points is None else self.points.to_json(),
            "months": None if self.months is None else self.months.to_json(),
            "sds": dict(self.sds),
            "examples": [dict(e) for e in self.examples],
        }


def at_half(logits: Quantity) -> Quantity:
    """An effect in logits as percentage points at a score of 50 %.

    The change of ``logistic`` from 0: :math:`100\\,(\\mathrm{logistic}(\\beta) - 1/2)`, monotone, so
    interval ends map to interval ends.
    """

    def points(x: float) -> float:
        return float(100.0 * (1.0 / (1.0 + np.exp(-x)) - 0.5))

    if logits.value is None:
        return Quantity.not_estimable(
            "points", *logits.notes, n=logits.n, n_clusters=logits.n_clusters
        )
    interval = logits.interval
    return Quantity(
        points(logits.value),
        "points",
        None
        if interval is None
        else Interval(points(interval.low), points(interval.high), interval.level, interval.kind),
        logits.n,
        logits.n_clusters,
        logits.status,
        logits.notes,
    )


def normal_quantity(
    value: float,
    sd: float,
    unit: str,
    *,
    level: float,
    n: int,
    n_clusters: int,
    clustered: bool,
    notes: tuple[str, ...] = (),
) -> Quantity:
    """A quantity with a symmetric interval.

    Parameters
    ----------
    value, sd : float
    unit : str
    level : float
    n, n_clusters : int
    clustered : bool
        ``True``: Student t with ``n_clusters - 1`` degrees of freedom (kind ``t``); ``False``: normal
        posterior (kind ``eti``).
    """
    if clustered:
        reach = float(stats.t.ppf((1 + level) / 2, max(n_clusters - 1, 1))) * sd
    else:
        reach = float(stats.norm.ppf((1 + level) / 2)) * sd
    interval = Interval(value - reach, value + reach, level, "t" if clustered else "eti")
    return Quantity(value, unit, interval, n, n_clusters, "estimated", notes)


def months_difference(
    first: np.ndarray,
    second: np.ndarray,
    *,
    level: float,
    n: int,
    n_clusters: int,
    notes: tuple[str, ...] = (),
) -> Quantity:
    """Mean of ``first - second`` over draws, months; ``nan`` draws had no lag.

    The mean, not the median: a step lag moves in jumps, so the median is 0 wherever most draws do
    not jump.

    Parameters
    ----------
    first, second : arrays (draws,)
        The lag of each draw with and without the effect.

    Returns
    -------
    Quantity
        ``not_estimable`` where more than ``1 - level`` of the draws have no number.
    """
    both = np.isfinite(first) & np.isfinite(second)
    if both.mean() < level:
        return Quantity.not_estimable("months", "lag_without_number", n=n, n_clusters=n_clusters)
    delta = first[both] - second[both]
    low, high = np.quantile(delta, [(1 - level) / 2, (1 + level) / 2])
    mid = float(delta.mean())
    return Quantity(
        mid,
        "months",
        Interval(min(float(low), mid), max(float(high), mid), level, "eti"),
        n,
        n_clusters,
        "estimated",
        notes,
    )
