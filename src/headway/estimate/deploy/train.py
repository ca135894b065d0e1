r"""Training: operations, GPU-hours and dollars of one final run, with every unknown as a distribution.

.. math::

    C = 6\,N_a D\, k\, s\, r, \qquad
    H = \frac{C\,(1 + l)}{3600\, P\, u\, w}, \qquad
    \$ = H p

:math:`N_a` active parameters, :math:`D` tokens; :math:`k` what know-how that is :math:`m` months old
costs more, :math:`2^{m/h}` with the halving time :math:`h`; :math:`s` the residual of cyber ability
("special sauce") in months, bought back with effective compute; :math:`r` tokens that repetition costs
more; :math:`l` later stages relative to pre-training; :math:`P` peak operations per second; :math:`u`
share of the peak that is used; :math:`w` share of the paid hours that work.

**Share of the peak.** Where it is not given, it is what published runs used: :math:`6 N_a D` over
published GPU-hours times the **bf16** peak of the chip. That holds model FLOP utilisation, restarts and
whatever else the published hours hold. Runs of one developer are alike, so the developers are the
sample: see :func:`fit_use`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headway.errors import NotEnoughData
from headway.estimate.deploy.inputs import Input, log_t

__all__ = [
    "MIN_DEVELOPERS",
    "OPERATIONS",
    "Run",
    "Trained",
    "Use",
    "fit_use",
    "repeats_needed",
    "train",
]

Array = npt.NDArray[np.float64]
#: Operations per parameter and token: 2 forward, 4 backward (Kaplan et al. 2020, arXiv:2001.08361).
#: Attention over the context is left out, as in the published runs' own counts.
OPERATIONS = 6.0
#: Fewer developers carry no interval for another one.
MIN_DEVELOPERS = 3


@dataclass(frozen=True, slots=True)
class Run:
    """One published run; ``peak`` is the bf16 peak of its chip in operations per second."""

    model: str
    developer: str
    active: float
    tokens: float
    gpu_hours: float
    peak: float

    @property
    def use(self) -> float:
        """Share of the bf16 peak over the published hours."""
        return OPERATIONS * self.active * self.tokens / (3600 * self.gpu_hours * self.peak)


@dataclass(frozen=True, slots=True)
class Use:
    """Predictive distribution of the share of the peak of a run by another developer (log t)."""

    location: float
    scale: float
    df: float
    n: int
    n_clusters: int

    def as_input(self, source: str) -> Input:
        """As an input of :func:`train`."""
        return log_t("use", self.location, self.scale, self.df, source)


def fit_use(runs: Sequence[Run]) -> Use:
    r"""What published runs say about the share of the peak that the next developer's run will use.

    One-way random effects on :math:`\log u`, with unequal numbers of runs: the mean of developers'
    means; its variance from them; and what a single run varies more than a mean of several does.
    Student's t with one degree of freedom less than developers.

    Raises
    ------
    NotEnoughData
        Fewer than :data:`MIN_DEVELOPERS` developers.
    """
    groups: dict[str, list[float]] = {}
    for run in runs:
        groups.setdefault(run.developer, []).append(float(np.log(run.use)))
    k = len(groups)
    if k < MIN_DEVELOPERS:
        raise NotEnoughData(f"{k} developers", missing=[f"developers:{k}<{MIN_DEVELOPERS}"])
    means = np.array([np.mean(g) for g in groups.values()])
    sizes = np.array([len(g) for g in groups.values()], float)
    freedom = float((sizes - 1).sum())
    squares = sum(float(((np.array(g) - np.mean(g)) ** 2).sum()) for g in groups.values())
    within = squares / freedom if freedom else 0.0
    between = float(means.var(ddof=1))
    # a mean of n runs varies by within/n less than one run does
    spread = between * (1 + 1 / k) + within * float(np.mean(1 - 1 / sizes))
    return Use(float(means.mean()), float(np.sqrt(spread)), k - 1.0, len(runs), k)


def repeats_needed(ratio: Array, decay: float) -> Array:
    r"""Tokens to be seen per token of new text, where only ``1/ratio`` of the tokens are new.

    Seeing unique tokens :math:`U` for :math:`R` more times is worth
    :math:`U(1 + R^*(1 - e^{-R/R^*}))` tokens. Solved for what must be seen to be worth ``ratio`` times
    :math:`U`; ``inf`` where no repetition is worth that much. 1 where text suffices.

    References
    ----------
    .. [1] Muennighoff et al. (2023), arXiv:2305.16264
    """
    short = np.maximum(ratio - 1, 0.0) / decay
    with np.errstate(divide="ignore", invalid="ignore"):
        seen = 1 - decay * np.log1p(-np.minimum(short, 1.0))
    found = np.where(short >= 1, np.inf, seen / np.maximum(ratio, 1.0))
    return np.asarray(np.where(ratio <= 1, 1.0, found))


@dataclass(frozen=True)
class Trained:
    """One entry per draw."""

    flop: Array
    gpu_hours: Array
    usd: Array


def train(x: Mapping[str, Array], *, decay: float) -> Trained:
    """Operations, GPU-hours (later stages included) and dollars.

    Parameters
    ----------
    x : mapping
        ``active``, ``tokens``, ``peak``, ``use``, ``working``, ``later``, ``price`` (NaN: unknown),
        ``behind`` (months), ``halving`` (months), ``growth`` (per year), ``sauce`` (months), ``unique``
        (tokens; inf: enough).
    decay : float
        Repetitions after which another one is worth 1/e.
    """
    know_how = np.exp2(x["behind"] / x["halving"])
    # months of the frontier's progress, as effective compute: physical growth and better algorithms
    pace = np.log(x["growth"]) / 12 + np.log(2) / x["halving"]
    sauce = np.exp(-x["sauce"] * pace)
    repeated = repeats_needed(x["tokens"] / x["unique"], decay)
    flop = OPERATIONS * x["active"] * x["tokens"] * know_how * sauce * repeated * (1 + x["later"])
    hours = flop / (3600 * x["peak"] * x["use"] * x["working"])
    return Trained(flop, hours, hours * x["price"])
