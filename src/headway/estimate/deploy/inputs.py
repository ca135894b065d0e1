"""Uncertain inputs: a value, a range, a published interval, a fitted or an empirical distribution.

Every input is a quantile function, so that the same inputs serve random draws and the
low-discrepancy designs of a sensitivity analysis.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import special, stats

__all__ = [
    "Input",
    "Sobol",
    "draw",
    "even",
    "fixed",
    "from_draws",
    "from_interval",
    "log_t",
    "sobol",
]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Input:
    """One input.

    Parameters
    ----------
    name : str
    kind : str
        ``fixed``; ``even`` (even on a log scale between two ends); ``even_linear``; ``interval``
        (log-normal with a published interval); ``log_t`` (fitted); ``draws``.
    numbers : tuple of float
        Value; ends; log-location and log-scale; the same and degrees of freedom; sorted draws.
    source : str
        Where it is from: an address, ``option``, or a message key.
    """

    name: str
    kind: str
    numbers: tuple[float, ...] = field(repr=False)
    source: str

    @property
    def is_fixed(self) -> bool:
        """It has one value only."""
        return self.kind == "fixed"

    def quantile(self, p: Array) -> Array:
        """Values below which a share ``p`` of the input lies."""
        a = self.numbers
        if self.kind == "fixed":
            return np.full(np.shape(p), a[0])
        if self.kind == "even":
            return np.asarray(np.exp(np.log(a[0]) + p * (np.log(a[1]) - np.log(a[0]))))
        if self.kind == "even_linear":
            return np.asarray(a[0] + p * (a[1] - a[0]))
        if self.kind == "interval":
            return np.asarray(np.exp(a[0] + a[1] * special.ndtri(p)))
        if self.kind == "log_t":
            return np.asarray(np.exp(a[0] + a[1] * special.stdtrit(a[2], p)))
        return np.asarray(np.interp(p, np.linspace(0, 1, len(a)), a))

    def summary(self, level: float) -> tuple[float, float, float]:
        """Lower end, median and upper end of the central ``level``."""
        low, mid, high = self.quantile(np.array([(1 - level) / 2, 0.5, (1 + level) / 2]))
        return float(low), float(mid), float(high)


def fixed(name: str, value: float, source: str) -> Input:
    """A known value."""
    return Input(name, "fixed", (float(value),), source)


def even(name: str, low: float, high: float, source: str, *, linear: bool = False) -> Input:
    """Anything between two ends; even on a log scale unless ``linear``."""
    if low == high:
        return fixed(name, low, source)
    return Input(name, "even_linear" if linear else "even", (float(low), float(high)), source)


def from_interval(
    name: str, low: float, mid: float, high: float, level: float, source: str
) -> Input:
    """Log-normal with a published median whose central ``level`` is as wide as published."""
    width = np.log(high / low) / (2 * special.ndtri((1 + level) / 2))
    return Input(name, "interval", (float(np.log(mid)), float(width)), source)


def log_t(name: str, location: float, scale: float, df: float, source: str) -> Input:
    """Student's t on the log scale."""
    return Input(name, "log_t", (float(location), float(scale), float(df)), source)


def from_draws(name: str, values: Array, source: str) -> Input:
    """The distribution of some draws."""
    return Input(name, "draws", tuple(np.sort(values).tolist()), source)


def draw(inputs: Sequence[Input], count: int, *, rng: np.random.Generator) -> dict[str, Array]:
    """Independent draws of all inputs; a latin hypercube, so that each is covered evenly."""
    sample = stats.qmc.LatinHypercube(d=len(inputs), rng=rng).random(count)
    # a quantile at 0 or 1 is infinite for some inputs
    inside = np.clip(sample, 1e-9, 1 - 1e-9)
    return {x.name: x.quantile(inside[:, i]) for i, x in enumerate(inputs)}


@dataclass(frozen=True)
class Sobol:
    """Sobol indices of one input on one output.

    Parameters
    ----------
    first, total : tuple of float
        Index, lower and upper end of the bootstrap interval.
    """

    output: str
    input: str
    first: tuple[float, float, float]
    total: tuple[float, float, float]


class _Law:
    """What :func:`scipy.stats.sobol_indices` asks of a distribution."""

    def __init__(self, of: Input) -> None:
        self._of = of

    def ppf(self, q: Array) -> Array:
        return self._of.quantile(np.clip(q, 1e-9, 1 - 1e-9))


def sobol(
    inputs: Sequence[Input],
    function: Callable[[Mapping[str, Array]], Array],
    output: str,
    *,
    level: float,
    rng: np.random.Generator,
    size: int = 1024,
) -> list[Sobol]:
    """First-order and total Sobol indices of one output, by :func:`scipy.stats.sobol_indices`.

    Parameters
    ----------
    inputs : sequence of Input
        Those that are fixed have no index; an output that nothing moves has none at all.
    function : callable
        From a mapping of input names to arrays of length n, to an array of length n.
    size : int
        A power of two.

    References
    ----------
    .. [1] Saltelli et al. (2010), doi:10.1016/j.cpc.2009.09.018
    """
    moving = [x for x in inputs if not x.is_fixed]
    still = {x.name: x.numbers[0] for x in inputs if x.is_fixed}
    if not moving:
        return []

    def evaluate(x: Array) -> Array:
        values = {name: np.full(x.shape[1], value) for name, value in still.items()}
        values |= {m.name: x[i] for i, m in enumerate(moving)}
        return np.atleast_2d(function(values))

    seen = evaluate(np.array([_Law(m).ppf(rng.random(64)) for m in moving]))
    if np.ptp(seen) <= 1e-9 * np.abs(seen).max():
        return []
    if len(moving) == 1:
        # all variance is this input's
        return [Sobol(output, moving[0].name, (1.0, 1.0, 1.0), (1.0, 1.0, 1.0))]
    found = stats.sobol_indices(func=evaluate, n=size, dists=[_Law(m) for m in moving], rng=rng)
    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        # an input that the output hardly depends on has the index 0 in every resample
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        spread = found.bootstrap(confidence_level=level, n_resamples=200)
    out = []
    for i, m in enumerate(moving):
        parts = []
        for name in ("first_order", "total_order"):
            value = float(np.ravel(getattr(found, name))[i])
            ends = getattr(spread, name).confidence_interval
            low, high = (float(np.ravel(getattr(ends, end))[i]) for end in ("low", "high"))
            # degenerate: the index is exact
            parts.append((value, low, high) if np.isfinite(low) else (value, value, value))
        out.append(Sobol(output, m.name, parts[0], parts[1]))
    return out
