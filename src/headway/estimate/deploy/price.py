r"""What a price of an API says about what is behind it, and what it cannot say.

.. math::

    \log p_{in} &= \log c_{in} + \log h - \log u - \log(1 - m) + \tfrac12\log q + \epsilon \\
    \log p_{out} &= \log c_{out} + \log s + \log h - \log u - \log(1 - m) - \tfrac12\log q + \epsilon

:math:`c` the cost per token at full load by the serving model (active and total parameters, hardware,
rent, speed per user, the model's error); :math:`u` share of that load that is sold; :math:`m` margin;
:math:`s` tokens computed per token billed (inference-time scaling: samples, hidden reasoning); :math:`h`
what the harness around the model costs; :math:`q` how the seller splits a cost between input and output.
One price is one equation for some ten unknowns. The posterior is the prior, weighted: draws from the
prior get the likelihood of the stated price as their weight. Input and output prices each have their
own equation and are never mixed.

**What was learned.** Every factor is put on the scale on which its prior is standard normal. There the
eigenvalues of the posterior's covariance relative to the prior's tell, direction by direction, how much
is left of the prior: 1 is a direction about which the price says nothing. Sampling makes
eigenvalues scatter, so only those count as learned that are two standard errors :math:`\sqrt{2/n}` below
the Marchenko-Pastur edge :math:`(1-\sqrt{k/n})^2` of ``n`` effective draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg, special, stats

from headway.estimate.deploy.architecture import Architecture
from headway.estimate.deploy.calibrate import Calibration
from headway.estimate.deploy.hardware import Hardware, Precision
from headway.estimate.deploy.hypothetical import hypothetical
from headway.estimate.deploy.predict import Workload
from headway.estimate.deploy.sizes import Range

__all__ = [
    "MIN_EFFECTIVE",
    "Direction",
    "Factor",
    "Offer",
    "Posterior",
    "deployment_sizes",
    "log_prices",
    "posterior",
    "serving_costs",
]

Array = npt.NDArray[np.float64]
#: Fewer effective draws than this: price and prior contradict each other, and nothing is reported.
MIN_EFFECTIVE = 200
#: The nearest draw must be within so many standard deviations of the price.
_FAR = 3.0


@dataclass(frozen=True, slots=True)
class Offer:
    """A chip on which a model may be served, with a precision it can do."""

    chip: Hardware
    precision: Precision


@dataclass(frozen=True)
class Factor:
    """One factor before and after.

    Parameters
    ----------
    prior, posterior : tuple of float
        Lower end, median, upper end; no posterior where price and prior contradict each other.
    contraction, error : float
        1 less the posterior variance on the prior's normal scale; its Monte Carlo error.
    """

    name: str
    prior: tuple[float, float, float]
    posterior: tuple[float, float, float] | None
    contraction: float
    error: float

    @property
    def is_learned(self) -> bool:
        """The price says more about it than chance would."""
        return self.contraction > 3 * self.error


@dataclass(frozen=True)
class Direction:
    """One direction of the posterior: what is left of the prior's variance, and its factors."""

    left: float
    is_learned: bool
    loadings: Mapping[str, float]


@dataclass(frozen=True)
class Posterior:
    """Everything that a price says.

    Parameters
    ----------
    usable : bool
        At least :data:`MIN_EFFECTIVE` effective draws near the price; else there is the prior only.
    factors : tuple of Factor
    derived : tuple of Factor
        What follows from the factors.
    directions : tuple of Direction
        Most learned first.
    groups : mapping
        Prior and posterior probability per value of a factor without order.
    place : tuple of float
        Share of the prior's prices below each stated one.
    effective : float
        Effective number of draws.
    """

    usable: bool
    factors: tuple[Factor, ...]
    derived: tuple[Factor, ...]
    directions: tuple[Direction, ...]
    groups: Mapping[str, tuple[float, float]]
    place: tuple[float, ...]
    effective: float

    @property
    def learned(self) -> int:
        """Directions about which the price says something."""
        return sum(d.is_learned for d in self.directions)


def deployment_sizes(chip: Hardware) -> tuple[int, ...]:
    """Numbers of GPUs of one deployment that a seller may choose from."""
    if chip.domain >= 64:
        return (chip.domain,)
    return (8, 16, 32, 64, 128)


def serving_costs(
    templates: Sequence[Architecture],
    offers: Sequence[Offer],
    total: Range,
    active: Range,
    work: Workload,
    calibration: Calibration,
    *,
    chosen: npt.NDArray[np.intp],
    rent: Array,
    speed: Array,
    context: int,
    rng: np.random.Generator,
) -> dict[str, Array]:
    """Cost per million tokens in and out, of each draw, on its chip at its rent and speed.

    Of the deployment sizes the cheapest one per output token is taken. NaN where none gives the speed.

    Parameters
    ----------
    chosen : array of int
        Chip of each draw.
    rent, speed : array
        US dollars per GPU-hour; tokens/s that each user gets.
    """
    n = len(chosen)
    names = ("total", "active", "shape", "serving_error", "cost_in", "cost_out")
    out = {name: np.full(n, np.nan) for name in names}
    seeds = rng.integers(2**63, size=len(offers))
    for i, offer in enumerate(offers):
        at = np.flatnonzero(chosen == i)
        if not len(at):
            continue
        for gpus in deployment_sizes(offer.chip):
            # the same generator for every size: the same models, only more chips
            found = hypothetical(
                templates,
                offer.chip,
                offer.precision,
                total,
                active,
                work,
                calibration,
                context=context,
                min_speed=speed[at],
                draws=len(at),
                rng=np.random.default_rng(seeds[i]),
                gpus=gpus,
            )
            second = rent[at] * gpus / 3600 * 1e6
            cost_out = second * (1 - found.share) / found.total_rate
            cost_in = second * found.share / (found.total_rate * work.isl / work.osl)
            better = ~(out["cost_out"][at] <= cost_out) & np.isfinite(cost_out)
            out["cost_out"][at[better]] = cost_out[better]
            out["cost_in"][at[better]] = cost_in[better]
            out["total"][at], out["active"][at] = found.total, found.active
            out["shape"][at] = found.shape
            out["serving_error"][at] = np.exp(found.error)
    return out


def log_prices(x: Mapping[str, Array]) -> Array:
    """Logarithms of input and output price, shape (n, 2)."""
    shared = np.log(x["harness"]) - np.log(x["utilisation"]) - np.log(x["kept"])
    half = 0.5 * np.log(x["split"])
    return np.column_stack(
        [
            np.log(x["cost_in"]) + shared + half,
            np.log(x["cost_out"]) + np.log(x["scaling"]) + shared - half,
        ]
    )


def posterior(
    factors: Mapping[str, Array],
    predicted: Array,
    observed: Array,
    *,
    sd: float,
    level: float,
    derived: Mapping[str, Array] | None = None,
    base: npt.NDArray[np.intp] | None = None,
    group: npt.NDArray[np.str_] | None = None,
) -> Posterior:
    """Weight draws of the prior by the likelihood of stated prices.

    Parameters
    ----------
    factors : mapping of name to array, length n
        Draws from the prior; those that do not vary are left out.
    predicted : array, shape (n, prices)
        Log price of each draw.
    observed : array, shape (prices,)
        Stated log prices.
    sd : float
        Of a price around what it follows from, in logs: prices are round numbers that last for months.
    derived : mapping of name to array, optional
        Functions of the factors: reported, but no direction of their own.
    base : array of int, optional
        Draws that share their expensive part have the same number: they count as one effective draw.
    group : array of str, optional
        A factor without order.
    """
    place = tuple(float(np.mean(predicted[:, j] < observed[j])) for j in range(len(observed)))
    log_weight = -0.5 * (((predicted - observed) / sd) ** 2).sum(axis=1)
    weight = np.exp(log_weight - log_weight.max())
    weight = weight / weight.sum()
    alone = weight if base is None else np.bincount(base, weight)
    effective = float(1 / (alone**2).sum())
    # where all draws are far from the price, the weights compare bad with worse
    near = bool(log_weight.max() > -0.5 * _FAR**2 * len(observed))
    usable = near and effective >= MIN_EFFECTIVE
    moving = [name for name, v in factors.items() if np.ptp(v) > 1e-9 * np.abs(v).max()]
    scores = np.column_stack([_normal(factors[name]) for name in moving])
    covariance = _covariance(scores, weight)
    error = float(np.sqrt(2 / effective))

    def told(name: str, values: Array, left: float) -> Factor:
        after = _quantiles(values, weight, level) if usable else None
        before = _quantiles(values, np.full(len(values), 1 / len(values)), level)
        return Factor(name, before, after, 1 - left if usable else 0.0, error)

    # draws that cannot be served are left out, so that factors hang together before any price is seen
    before = _covariance(scores, np.full(len(weight), 1 / len(weight)))
    left, vectors = linalg.eigh(covariance, before)
    vectors = vectors / np.linalg.norm(vectors, axis=0)
    edge = (1 - np.sqrt(len(moving) / effective)) ** 2 - 2 * error
    directions = tuple(
        Direction(
            float(left[j]),
            bool(left[j] < edge),
            {name: float(vectors[i, j]) for i, name in enumerate(moving)},
        )
        for j in range(len(moving))
    )
    groups = {}
    for value in sorted(set(group.tolist())) if group is not None else ():
        mine = group == value
        groups[str(value)] = (float(np.mean(mine)), float(weight[mine].sum()))
    return Posterior(
        usable,
        tuple(
            told(n, factors[n], float(covariance[i, i] / before[i, i]))
            for i, n in enumerate(moving)
        ),
        tuple(
            told(n, v, float(_covariance(_normal(v)[:, None], weight)[0, 0]))
            for n, v in (derived or {}).items()
        ),
        directions if usable else (),
        groups,
        place,
        effective,
    )


def _normal(values: Array) -> Array:
    """Values on the scale on which their own distribution is standard normal."""
    return np.asarray(special.ndtri((stats.rankdata(values) - 0.5) / len(values)))


def _covariance(scores: Array, weight: Array) -> Array:
    centred = scores - weight @ scores
    return np.asarray(centred.T @ (centred * weight[:, None]))


def _quantiles(values: Array, weight: Array, level: float) -> tuple[float, float, float]:
    order = np.argsort(values)
    points = [(1 - level) / 2, 0.5, (1 + level) / 2]
    places = np.cumsum(weight[order]) - weight[order] / 2
    low, mid, high = np.interp(points, places, values[order])
    return float(low), float(mid), float(high)
