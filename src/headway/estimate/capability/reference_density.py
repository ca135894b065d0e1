r"""The ability model as one log density, scales included: what the reference engine samples.

The terms are those of :mod:`headway.estimate.capability.model` and
:mod:`headway.estimate.capability.design`; only what the fast engine plugs in becomes a parameter
here. With :math:`K` members of a group and :math:`\nu` = ``scale_df``:

.. math::

    \sigma^2 &\sim \text{Inv-Gamma}(\nu/2,\ \nu c^2/2) \quad\text{(general, undated, cells, set-ups, scaffolds)} \\
    \sigma_k^2 \mid m &\sim \text{Inv-Gamma}(\nu/2,\ \nu m/2), \quad
    \log m \sim N(\log c^2,\ 2/(K\nu)) \quad\text{(families, noise of benchmarks)} \\
    \log\rho_b \mid \mu &\sim N(\mu, s_\rho^2), \quad \mu \sim N(\log c_\rho,\ s_\rho^2/K)

The fast engine puts the centre of families, of noise and of overdispersion half-way between the
pooled value and the prior's. The priors of :math:`m` and :math:`\mu` say the same: they carry as
much information as the :math:`K` members do. Scales are sampled as logarithms.

The density is written once for NumPy and JAX: :class:`Operations` holds the functions that differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from headway.estimate.capability.design import Design
from headway.estimate.capability.layout import Layout, core_offsets
from headway.estimate.capability.model import Priors
from headway.estimate.capability.scales import RHO_LEAST, RHO_MOST, unit_precision

__all__ = [
    "RHO_RANGE",
    "Operations",
    "Structure",
    "build_structure",
    "log_joint",
    "numpy_operations",
    "observations",
]

#: The overdispersion stays within these, as in the fast engine.
RHO_RANGE = (RHO_LEAST, RHO_MOST)

#: Prior mean of the common trend, logits per year.
TREND_SLOPE_MEAN = 1.5


@dataclass(frozen=True)
class Operations:
    """An array module and the special functions that go with it."""

    xp: Any
    gammaln: Callable[[Any], Any]
    log_ndtr: Callable[[Any], Any]
    expit: Callable[[Any], Any]
    segment_sum: Callable[[Any, np.ndarray, int], Any]


def numpy_operations() -> Operations:
    """Plain NumPy and SciPy, for checks."""
    from scipy import special

    def segment_sum(values: np.ndarray, index: np.ndarray, count: int) -> np.ndarray:
        return np.bincount(index, values, minlength=count)

    return Operations(np, special.gammaln, special.log_ndtr, special.expit, segment_sum)


@dataclass(frozen=True)
class Structure:
    """Which parameter each row and each effect touches; ``N`` rows, ``D`` effects, ``S`` scales.

    The effects of a model stand together: general ability, domain and stage deviations that a row
    touches, then benchmark families. Scales: general, undated, one per domain, one per stage,
    set-up, scaffold, one per family.
    """

    design: Design
    priors: Priors
    core: Mapping[str, slice]
    columns: np.ndarray  # (N, 4) effects of a row: general, domain, stage, family; -1 none
    kind: np.ndarray  # (D,) 0 general, 1.. domains, then stages; -1 family
    owner: np.ndarray  # (D,) model
    start: np.ndarray  # (M,) first effect of each model
    scale_of: np.ndarray  # (D,) scale of each effect
    scale_centre: np.ndarray  # (S,) centres of the priors; families: the centre of their centre
    first_family: int
    counted: np.ndarray  # rows
    gaussian: np.ndarray
    noisy: np.ndarray  # benchmarks with Gaussian rows
    noise_of: np.ndarray  # per Gaussian row, position in ``noisy``
    dispersed: np.ndarray  # benchmarks with counted rows
    rho_of: np.ndarray  # per counted row, position in ``dispersed``

    @property
    def core_size(self) -> int:
        return int(self.core["trend"].stop)

    @property
    def effects(self) -> int:
        return len(self.kind)

    @property
    def scales(self) -> int:
        return len(self.scale_centre)

    @property
    def families(self) -> int:
        return self.scales - self.first_family


def build_structure(design: Design, priors: Priors) -> Structure:
    """Index arrays of a design."""
    domains, stages = len(design.domains), len(design.stages)
    first_family = 4 + domains + stages
    layout = Layout(design)
    # general ability has two scales (undated models have their own), every other kind one
    of_kind = np.where(layout.kind == 0, layout.undated.astype(np.int64), 1 + layout.kind)
    scale_of = np.where(layout.kind < 0, first_family + layout.family_kind, of_kind)
    centre = np.concatenate(
        [
            [priors.scale_general, priors.scale_undated],
            np.full(domains, priors.scale_cell),
            np.full(stages, priors.scale_stage),
            [priors.scale_setup, priors.scale_scaffold],
            np.full(len(design.family_names), priors.scale_family),
        ]
    )
    counted, gaussian = np.flatnonzero(design.is_counted), np.flatnonzero(~design.is_counted)
    noisy, noise_of = np.unique(design.benchmark[gaussian], return_inverse=True)
    dispersed, rho_of = np.unique(design.benchmark[counted], return_inverse=True)
    return Structure(
        design=design,
        priors=priors,
        core=core_offsets(design),
        columns=layout.columns,
        kind=layout.kind,
        owner=layout.owner,
        start=layout.start,
        scale_of=scale_of,
        scale_centre=centre,
        first_family=first_family,
        counted=counted,
        gaussian=gaussian,
        noisy=noisy,
        noise_of=noise_of,
        dispersed=dispersed,
        rho_of=rho_of,
    )


def observations(structure: Structure, design: Design) -> dict[str, np.ndarray]:
    """The part of a design that changes when the same rows are scored again."""
    c, g = structure.counted, structure.gaussian
    return {
        "hits": design.y[c],
        "trials": design.n[c],
        "link": design.y[g],
        "known_variance": design.known_variance[g],
        "side": design.side[g].astype(float),
    }


def log_joint(
    params: Mapping[str, Any], observed: Mapping[str, Any], structure: Structure, ops: Operations
) -> Any:
    """Log of likelihood times priors, up to a constant.

    Parameters
    ----------
    params : mapping
        ``core`` (C,) and ``effects`` (D,) in logits; ``log_scale`` (S,), ``log_noise`` and
        ``log_rho`` per benchmark of ``structure.noisy`` and ``structure.dispersed``; ``log_centre_family``
        and ``log_centre_noise`` (log of the squared centre) and ``centre_rho``.
    observed : mapping
        From :func:`observations`.
    structure : Structure
    ops : Operations

    Returns
    -------
    scalar
        The density is with respect to these parameters (scales as logarithms).
    """
    return log_likelihood(params, observed, structure, ops) + log_prior(params, structure, ops)


def abilities(core: Any, effects: Any, structure: Structure, ops: Operations) -> Any:
    """(N,) ability that each row sees, logits."""
    # one more entry, zero, for "none"
    padded = ops.xp.concatenate([effects, ops.xp.zeros(1)])
    theta = structure.design.trend @ core[structure.core["trend"]]
    for slot in range(3):
        theta = theta + padded[structure.columns[:, slot]]
    return theta


def linear_predictor(params: Mapping[str, Any], structure: Structure, ops: Operations) -> Any:
    """(N,) linear predictor of every row, logits."""
    xp, design, core = ops.xp, structure.design, params["core"]
    part = {name: core[where] for name, where in structure.core.items()}
    theta = abilities(core, params["effects"], structure, ops)
    effects = xp.concatenate([params["effects"], xp.zeros(1)])
    a = xp.exp(part["log_discrimination"])[design.benchmark]
    eta = a * (theta - part["difficulty"][design.benchmark]) + effects[structure.columns[:, 3]]
    if len(design.covariates):
        eta = eta + design.x @ part["beta"]
    for name, index in (("setup", design.setup), ("scaffold", design.scaffold)):
        if len(getattr(design, f"{name}s")):
            eta = eta + xp.concatenate([part[name], xp.zeros(1)])[index]
    return eta


def log_likelihood(
    params: Mapping[str, Any], observed: Mapping[str, Any], structure: Structure, ops: Operations
) -> Any:
    """Sum over rows: beta-binomial, and Gaussian on the link scale with censoring."""
    xp, design = ops.xp, structure.design
    eta = linear_predictor(params, structure, ops)
    total = xp.zeros(())
    c = structure.counted
    if len(c):
        p = xp.clip(design.floor[c] + design.span[c] * ops.expit(eta[c]), 1e-9, 1 - 1e-9)
        rho = xp.exp(params["log_rho"])
        phi = ((1 - rho) / rho)[structure.rho_of]
        hits, trials = observed["hits"], observed["trials"]
        a, b = p * phi, (1 - p) * phi
        total = total + xp.sum(
            ops.gammaln(hits + a)
            + ops.gammaln(trials - hits + b)
            - ops.gammaln(trials + phi)
            - ops.gammaln(a)
            - ops.gammaln(b)
            + ops.gammaln(phi)
        )
    g = structure.gaussian
    if len(g):
        noise = xp.exp(2 * params["log_noise"])[structure.noise_of]
        variance = noise + observed["known_variance"]
        residual = (observed["link"] - eta[g]) / xp.sqrt(variance)
        side = observed["side"]
        # a censored row enters with the probability of "at most" (side -1) or "at least"
        at_bound = side != 0
        free = -0.5 * residual**2 - 0.5 * xp.log(variance)
        bound = ops.log_ndtr(xp.where(at_bound, -side * residual, 0.0))
        total = total + xp.sum(xp.where(at_bound, bound, free))
    return total


def _normal(xp: Any, value: Any, mean: Any, sd: Any) -> Any:
    return -0.5 * xp.sum(((value - mean) / sd) ** 2)


def log_inverse_gamma(log_sd: Any, log_centre2: Any, df: float, xp: Any) -> Any:
    """Density of log sd where the variance is inverse-gamma with centre ``exp(log_centre2)``."""
    ratio = log_centre2 - 2 * log_sd
    return 0.5 * df * (ratio - xp.exp(ratio))


def log_prior(params: Mapping[str, Any], structure: Structure, ops: Operations) -> Any:
    """Priors of effects, items, trends and scales."""
    xp, design, priors = ops.xp, structure.design, structure.priors
    core, log_scale, first = params["core"], params["log_scale"], structure.first_family
    part = {name: core[where] for name, where in structure.core.items()}
    df = priors.scale_df
    log_a = part["log_discrimination"]
    trend_mean = np.zeros(len(design.trend_columns))
    trend_mean[1] = TREND_SLOPE_MEAN
    total = _normal(xp, log_a, 0.0, priors.log_discrimination_sd)
    # the unit of ability
    total = total - 0.5 * unit_precision(design) * xp.sum(log_a) ** 2
    total = total + _normal(xp, part["difficulty"], 0.0, priors.difficulty_sd)
    total = total + _normal(xp, part["trend"], trend_mean, design.trend_sd)
    if len(design.covariates):
        total = total + _normal(xp, part["beta"], 0.0, priors.covariate_sd)
    for name, where in (("setup", first - 2), ("scaffold", first - 1)):
        size = len(getattr(design, f"{name}s"))
        total = total + _normal(xp, part[name], 0.0, xp.exp(log_scale[where]))
        total = total - size * log_scale[where]
    own = log_scale[structure.scale_of]
    total = total + _normal(xp, params["effects"], 0.0, xp.exp(own)) - xp.sum(own)

    # variance components
    centre2 = 2 * np.log(structure.scale_centre)
    total = total + xp.sum(log_inverse_gamma(log_scale[:first], centre2[:first], df, xp))
    groups = (
        (log_scale[first:], structure.families, "log_centre_family", priors.scale_family),
        (params["log_noise"], len(structure.noisy), "log_centre_noise", priors.scale_noise),
    )
    for values, size, name, prior in groups:
        if size:
            centre = params[name]
            total = total + xp.sum(log_inverse_gamma(values, centre, df, xp))
            total = total + _normal(xp, centre, 2 * np.log(prior), np.sqrt(2 / (size * df)))
    size = len(structure.dispersed)
    if size:
        sd, centre = priors.overdispersion_log_sd, params["centre_rho"]
        total = total + _normal(xp, params["log_rho"], centre, sd)
        total = total + _normal(xp, centre, np.log(priors.overdispersion), sd / np.sqrt(size))
    return total
