r"""How many owners of hardware there are of a size: counts, and a Pareto tail for what lists miss.

Owners above a threshold :math:`u` follow :math:`P(X \ge x) = (x/u)^{-\alpha}`. :math:`\alpha` by maximum
likelihood (Hill's estimator), its interval from the profile likelihood, the threshold where the tail is
closest to the data in Kolmogorov's distance, and the fit is judged by a parametric bootstrap in which
the threshold is chosen again each time (Clauset, Shalizi & Newman 2009, doi:10.1137/070710111). A tail
whose fit is rejected, or that rests on few owners, is not used.

Where the Pareto tail is rejected, a generalised Pareto tail (Coles 2001, doi:10.1007/978-1-4471-3675-0,
chapter 4) is fitted to the excesses over the median size; it says nothing below that threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

__all__ = [
    "MIN_TAIL",
    "REJECT",
    "Count",
    "Excess",
    "Tail",
    "count_above",
    "excess_above",
    "expected_above",
    "fit_excess",
    "fit_tail",
]

Array = npt.NDArray[np.float64]
#: Fewer owners than this in the tail carry no extrapolation (Clauset et al. 2009, section 3.4: estimates
#: are biased below about 50).
MIN_TAIL = 50
#: A fit with a lower p-value is rejected (their recommendation).
REJECT = 0.1
#: Thresholds tried: quantiles of the sizes.
_TRIED = 40


@dataclass(frozen=True, slots=True)
class Tail:
    """A fitted tail.

    Parameters
    ----------
    threshold : float
    alpha, low, high : float
        Exponent with its profile interval.
    n : int
        Owners in the tail.
    distance, p_value : float
        Kolmogorov distance, and the share of simulated samples that are further away.
    """

    threshold: float
    alpha: float
    low: float
    high: float
    n: int
    distance: float
    p_value: float

    @property
    def usable(self) -> bool:
        """Not rejected, and enough owners."""
        return self.n >= MIN_TAIL and self.p_value >= REJECT


@dataclass(frozen=True, slots=True)
class Count:
    """A number of owners and what it may be."""

    value: float
    low: float
    high: float


def _alpha(tail: Array, threshold: float) -> float:
    return float(len(tail) / np.log(tail / threshold).sum())


def _distance(tail: Array, threshold: float, alpha: float) -> float:
    x = np.sort(tail)
    model = 1 - (x / threshold) ** -alpha
    n = len(x)
    return float(
        max(np.abs(np.arange(1, n + 1) / n - model).max(), np.abs(np.arange(n) / n - model).max())
    )


def _best(sizes: Array) -> tuple[float, float, float] | None:
    """Threshold, exponent and distance with the smallest distance; at least :data:`MIN_TAIL` owners."""
    x = np.sort(sizes)
    if len(x) < MIN_TAIL:
        return None
    tried = np.unique(x[np.linspace(0, len(x) - MIN_TAIL, _TRIED).astype(int)])
    found = []
    for u in tried:
        tail = x[x >= u]
        if len(tail) < MIN_TAIL or tail.max() == u:
            continue
        alpha = _alpha(tail, u)
        found.append((_distance(tail, u, alpha), float(u), alpha))
    if not found:
        return None
    distance, u, alpha = min(found)
    return u, alpha, distance


def fit_tail(
    sizes: Array, *, level: float, rng: np.random.Generator, simulations: int = 200
) -> Tail | None:
    """The tail of some sizes, or ``None`` where there are too few.

    Parameters
    ----------
    sizes : array
        Positive.
    level : float
        Of the profile interval.
    simulations : int
        Of the test of fit.
    """
    best = _best(sizes)
    if best is None:
        return None
    threshold, alpha, distance = best
    tail, body = sizes[sizes >= threshold], sizes[sizes < threshold]
    n = len(tail)
    # -2 log likelihood ratio of a / alpha is 2n(a/alpha - 1 - log(a/alpha))
    limit = stats.chi2.ppf(level, 1) / (2 * n)
    ratio = np.exp(np.linspace(-1.5, 1.5, 20001))
    inside = ratio[ratio - 1 - np.log(ratio) <= limit]
    further = 0
    for _ in range(simulations):
        above = rng.random(len(sizes)) < n / len(sizes)
        fresh = np.where(
            above,
            threshold * rng.random(len(sizes)) ** (-1 / alpha),
            rng.choice(body if len(body) else tail, len(sizes)),
        )
        again = _best(fresh)
        further += again is not None and again[2] >= distance
    return Tail(
        threshold,
        alpha,
        alpha * float(inside[0]),
        alpha * float(inside[-1]),
        n,
        distance,
        further / simulations,
    )


def count_above(sizes: Array, least: float) -> int:
    """Owners of at least this size."""
    return int((sizes >= least).sum())


def expected_above(
    tail: Tail, least: float, *, level: float, rng: np.random.Generator, draws: int = 4000
) -> Count:
    r"""Owners of at least ``least`` if the tail went on, below its threshold too.

    :math:`n (x/u)^{-\alpha}` with :math:`\alpha` as uncertain as its likelihood (which is that of a
    gamma distribution) and the number above the threshold a Poisson one. Below the threshold it answers
    what a list that is complete for large owners would hold of small ones.
    """
    alpha = rng.gamma(tail.n, tail.alpha / tail.n, draws)
    mean = rng.gamma(tail.n, 1.0, draws) * (least / tail.threshold) ** -alpha
    low, mid, high = np.quantile(mean, [(1 - level) / 2, 0.5, (1 + level) / 2])
    return Count(float(mid), float(low), float(high))


@dataclass(frozen=True)
class Excess:
    """A fitted generalised Pareto tail.

    Parameters
    ----------
    threshold : float
    shape, low, high : float
        With its profile interval; 0 is an exponential tail, and the tail is at most that light.
    scale : float
    n : int
        Owners above the threshold.
    distance, p_value : float
        As those of :class:`Tail`.
    grid : tuple of array
        Shapes, scales and the likelihood of each pair, for :func:`excess_above`.
    """

    threshold: float
    shape: float
    low: float
    high: float
    scale: float
    n: int
    distance: float
    p_value: float
    grid: tuple[Array, Array, Array]

    @property
    def usable(self) -> bool:
        """Not rejected, and enough owners."""
        return self.n >= MIN_TAIL and self.p_value >= REJECT


def _survival(x: Array, shape: float, scale: float) -> Array:
    return np.asarray((1 + shape * x / scale) ** (-1 / shape))


def _quick(excess: Array) -> tuple[float, float]:
    """Shape and scale with the greatest likelihood, through their ratio (Grimshaw 1993)."""
    mean = excess.mean()
    ratio = np.exp(np.linspace(np.log(1e-3 / mean), np.log(1e4 / mean), 400))
    shape = np.log1p(ratio[:, None] * excess).mean(axis=1)
    likelihood = -np.log(shape / ratio) - shape - 1
    at = int(likelihood.argmax())
    return float(shape[at]), float(shape[at] / ratio[at])


def _gap(excess: Array, shape: float, scale: float) -> float:
    x = np.sort(excess)
    n = len(x)
    model = 1 - _survival(x, shape, scale)
    above, below = np.arange(1, n + 1) / n - model, model - np.arange(n) / n
    return float(max(above.max(), below.max()))


def fit_excess(
    sizes: Array, *, level: float, rng: np.random.Generator, simulations: int = 200
) -> Excess | None:
    """A generalised Pareto tail over the median size, or ``None`` where there are too few owners."""
    threshold = float(np.sort(sizes)[len(sizes) // 2]) if len(sizes) else 0.0
    excess = sizes[sizes > threshold] - threshold
    n = len(excess)
    if n < MIN_TAIL:
        return None
    shape, scale = _quick(excess)
    distance = _gap(excess, shape, scale)
    further = 0
    for _ in range(simulations):
        fresh = scale / shape * (rng.random(n) ** -shape - 1)
        further += _gap(fresh, *_quick(fresh)) >= distance
    shapes = np.linspace(0.02, 4.0, 160)
    scales = scale * np.exp(np.linspace(-2.0, 2.0, 160))
    inner = np.log1p(shapes[:, None, None] * excess / scales[None, :, None]).sum(axis=-1)
    likelihood = -n * np.log(scales)[None, :] - (1 / shapes[:, None] + 1) * inner
    profile = likelihood.max(axis=1)
    inside = shapes[profile >= profile.max() - stats.chi2.ppf(level, 1) / 2]
    return Excess(
        threshold,
        shape,
        float(inside[0]),
        float(inside[-1]),
        scale,
        n,
        distance,
        further / simulations,
        (shapes, scales, np.exp(likelihood - likelihood.max())),
    )


def excess_above(
    tail: Excess, least: float, *, level: float, rng: np.random.Generator, draws: int = 4000
) -> Count | None:
    """Owners of at least ``least`` by the tail; ``None`` below its threshold.

    Shape and scale are drawn in proportion to their likelihood.
    """
    if least < tail.threshold:
        return None
    shapes, scales, weight = tail.grid
    at = rng.choice(weight.size, draws, p=(weight / weight.sum()).ravel())
    shape, scale = shapes[at // weight.shape[1]], scales[at % weight.shape[1]]
    share = (1 + shape * (least - tail.threshold) / scale) ** (-1 / shape)
    mean = rng.gamma(tail.n, 1.0, draws) * share
    low, mid, high = np.quantile(mean, [(1 - level) / 2, 0.5, (1 + level) / 2])
    return Count(float(mid), float(low), float(high))
