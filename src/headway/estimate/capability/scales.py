"""Variance components: where they start, how they move, which prior precisions they give.

A component moves by MacKay's fixed point (1992, doi:10.1162/neco.1992.4.3.415): the sum of squares
of its effects over the number of them that the data determine. Its stationary points are those of
EM on the approximate marginal likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from headway.estimate.capability.design import Design
from headway.estimate.capability.layout import Layout, core_offsets
from headway.estimate.capability.model import Priors, beta_binomial_log_likelihood
from headway.estimate.capability.warm import Carried

__all__ = [
    "Scales",
    "block_precision",
    "carried_scales",
    "core_prior_sd",
    "from_log",
    "half_way",
    "log_scale_sd",
    "log_scales",
    "scale_move",
    "start_scales",
    "unit_precision",
    "update_scales",
]


#: Overdispersion stays within these.
RHO_LEAST, RHO_MOST = 1e-4, 0.5


@dataclass
class Scales:
    """Variance components (standard deviations), estimated."""

    general: float
    undated: float
    domain: np.ndarray
    stage: np.ndarray
    family: np.ndarray  # per benchmark family
    setup: float
    scaffold: float
    noise: np.ndarray  # per benchmark, Gaussian rows
    rho: np.ndarray  # per benchmark, counted rows


def start_scales(design: Design, priors: Priors) -> Scales:
    count = len(design.benchmarks)
    return Scales(
        general=priors.scale_general,
        undated=priors.scale_undated,
        domain=np.full(len(design.domains), priors.scale_cell),
        stage=np.full(len(design.stages), priors.scale_stage),
        family=np.full(len(design.family_names), priors.scale_family),
        setup=priors.scale_setup,
        scaffold=priors.scale_scaffold,
        noise=np.full(count, priors.scale_noise),
        rho=np.full(count, priors.overdispersion),
    )


def carried_scales(found: Carried, cold: Scales) -> Scales:
    """The scales of another fit, and those of a cold start where it has none of that name."""

    def fill(name: str) -> np.ndarray:
        carried, fallback = getattr(found, name), getattr(cold, name)
        return np.asarray(np.where(np.isnan(carried), fallback, carried))

    return Scales(
        general=found.general,
        undated=found.undated,
        domain=fill("domain"),
        stage=fill("stage"),
        family=fill("family"),
        setup=found.setup,
        scaffold=found.scaffold,
        noise=fill("noise"),
        rho=fill("rho"),
    )


def block_precision(layout: Layout, design: Design, scales: Scales) -> np.ndarray:
    """Prior precision of every block variable."""
    sd = np.concatenate([[scales.general], scales.domain, scales.stage])
    family = scales.family[layout.family_kind] if len(scales.family) else np.ones(layout.total)
    out = np.where(layout.kind >= 0, sd[np.maximum(layout.kind, 0)], family)
    out = np.where((layout.kind == 0) & layout.undated, scales.undated, out)
    return np.asarray(1.0 / out**2)


def core_prior_sd(design: Design, scales: Scales, priors: Priors) -> np.ndarray:
    return np.concatenate(
        [
            np.full(len(design.benchmarks), priors.log_discrimination_sd),
            np.full(len(design.benchmarks), priors.difficulty_sd),
            np.full(len(design.setups), scales.setup),
            np.full(len(design.scaffolds), scales.scaffold),
            np.full(len(design.covariates), priors.covariate_sd),
            design.trend_sd,
        ]
    )


#: The unit of ability: discriminations have geometric mean 1 (to within this sd of the mean log).
_UNIT_SD = 0.01


def unit_precision(design: Design) -> float:
    """Entry of the rank-one precision that holds the mean log discrimination at 0."""
    return 1.0 / (_UNIT_SD * len(design.benchmarks)) ** 2


def _component(mean_square: float, effective: float, df: float, centre: float) -> float:
    """Posterior mode of a standard deviation under the inverse-gamma prior (MacKay form)."""
    return float(np.sqrt((mean_square + df * centre**2) / (max(effective, 0.0) + df)))


def _family_scales(
    layout: Layout, block: np.ndarray, free: np.ndarray, scales: Scales, priors: Priors
) -> np.ndarray:
    """One scale per benchmark family, shrunk to their pooled value."""
    if not len(scales.family):
        return scales.family
    own = layout.kind == -1
    kind, count = layout.family_kind[own], len(scales.family)
    squares = np.bincount(kind, block[own] ** 2, minlength=count)
    effective = np.maximum(np.bincount(kind, free[own], minlength=count), 0.0)
    df = priors.scale_df
    # geometric mean: one family with a life of its own does not loosen all others
    pooled = 0.5 * (float(np.exp(np.log(scales.family**2).mean())) + priors.scale_family**2)
    return np.asarray(np.sqrt((squares + df * pooled) / (effective + df)))


def update_scales(
    design: Design,
    layout: Layout,
    eta: np.ndarray,
    scales: Scales,
    priors: Priors,
    core: np.ndarray,
    block: np.ndarray,
    *,
    block_var: np.ndarray,
    core_var: np.ndarray,
    row_var: np.ndarray,
) -> Scales:
    """The components one step on, at these parameters and posterior variances."""
    df = priors.scale_df
    precision = block_precision(layout, design, scales)
    free = 1 - block_var * precision

    def pick(mask: np.ndarray, centre: float) -> float:
        return _component(float((block[mask] ** 2).sum()), float(free[mask].sum()), df, centre)

    general = (layout.kind == 0) & ~layout.undated
    undated = (layout.kind == 0) & layout.undated
    count = len(design.domains)
    new = Scales(
        general=pick(general, priors.scale_general),
        undated=pick(undated, priors.scale_undated),
        domain=np.array([pick(layout.kind == 1 + j, priors.scale_cell) for j in range(count)]),
        stage=np.array(
            [
                pick(layout.kind == 1 + count + j, priors.scale_stage)
                for j in range(len(design.stages))
            ]
        ),
        family=_family_scales(layout, block, free, scales, priors),
        setup=scales.setup,
        scaffold=scales.scaffold,
        noise=scales.noise.copy(),
        rho=scales.rho.copy(),
    )
    at = core_offsets(design)
    for name, centre in (("setup", priors.scale_setup), ("scaffold", priors.scale_scaffold)):
        part = at[name]
        sd = getattr(scales, name)
        effective = float((1 - core_var[part] / sd**2).sum())
        squares = float((core[part] ** 2).sum())
        setattr(new, name, _component(squares, effective, df, centre))

    # dispersion of Gaussian rows: share of the total variance that is the benchmark's own
    rest = np.flatnonzero(~design.is_counted)
    if len(rest):
        own = scales.noise[design.benchmark[rest]] ** 2
        total = own + design.known_variance[rest]
        residual = design.y[rest] - eta[rest]
        share = own / total
        square, told = _squared_residuals(residual, total, design.side[rest])
        second = share**2 * (square + told * row_var[rest]) + share * design.known_variance[rest]
        # what a censored row does not tell counts on neither side: the same fixed point, sooner
        second = second - (1 - told) * own
        benchmark, size = design.benchmark[rest], len(design.benchmarks)
        sums = np.bincount(benchmark, second, minlength=size)
        counts = np.bincount(benchmark, told, minlength=size)
        has = np.bincount(benchmark, minlength=size) > 0
        pooled = float(np.exp(np.log(scales.noise[has] ** 2).mean()))
        centre2 = (2 * pooled + 2 * priors.scale_noise**2) / 4
        new.noise = np.where(has, np.sqrt((sums + df * centre2) / (counts + df)), np.sqrt(centre2))
    counted = np.flatnonzero(design.is_counted)
    if len(counted):
        new.rho = _update_rho(design, eta, scales, priors, counted, row_var[counted])
    return new


def _squared_residuals(
    residual: np.ndarray, variance: np.ndarray, side: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Expected squared residuals, and the share of a full row's information that each carries.

    A censored row's score is anywhere beyond its bound, so its residual is truncated normal (the E
    step of Dempster, Laird & Rubin 1977, doi:10.1111/j.2517-6161.1977.tb01600.x): with the bound far
    on the right side it says nothing (the variance itself), far on the wrong side as much as a score.
    """
    t = np.where(side == 0, 0.0, -side * residual / np.sqrt(variance))
    mills = np.exp(-0.5 * t**2 - 0.5 * np.log(2 * np.pi) - special.log_ndtr(t))
    square = np.where(side == 0, residual**2, variance * np.maximum(1 - t * mills, 0.0))
    return square, np.where(side == 0, 1.0, mills * (t + mills))


def _update_rho(
    design: Design,
    eta: np.ndarray,
    scales: Scales,
    priors: Priors,
    counted: np.ndarray,
    variance: np.ndarray,
) -> np.ndarray:
    """Overdispersion per benchmark: one parabola step on the expected log likelihood plus prior.

    The expectation over the linear predictor is 3-point Gauss-Hermite; the step is in log rho.
    """
    benchmark = design.benchmark[counted]
    count = len(design.benchmarks)
    has = np.bincount(benchmark, minlength=count) > 0
    log_rho = np.log(scales.rho)
    centre = 0.5 * (log_rho[has].mean() + np.log(priors.overdispersion))
    sd = np.sqrt(variance)
    y, n = design.y[counted], design.n[counted]
    floor, span = design.floor[counted], design.span[counted]
    step = 0.4
    score = np.zeros((3, count))
    for i, move in enumerate((-step, 0.0, step)):
        rho = np.exp(np.clip(log_rho + move, np.log(1e-5), np.log(0.7)))[benchmark]
        total = np.zeros(len(counted))
        for node, weight in ((-np.sqrt(3.0), 1 / 6), (0.0, 2 / 3), (np.sqrt(3.0), 1 / 6)):
            total += weight * beta_binomial_log_likelihood(
                eta[counted] + node * sd, y, n, floor, span, rho
            )
        score[i] = np.bincount(benchmark, total, minlength=count)
        score[i] -= 0.5 * ((log_rho + move - centre) / priors.overdispersion_log_sd) ** 2
    slope = (score[2] - score[0]) / (2 * step)
    bend = (score[0] - 2 * score[1] + score[2]) / step**2
    newton = np.clip(slope / np.maximum(-bend, 0.2), -1.0, 1.0)
    moved = np.clip(log_rho + newton, np.log(RHO_LEAST), np.log(RHO_MOST))
    return np.where(has, np.exp(moved), scales.rho)


def log_scales(scales: Scales) -> np.ndarray:
    """All components in one vector, on the log scale."""
    single = [scales.general, scales.undated, scales.setup, scales.scaffold]
    parts = [scales.domain, scales.stage, scales.family, scales.noise, scales.rho]
    return np.asarray(np.log(np.concatenate([single, *parts])))


def from_log(like: Scales, values: np.ndarray) -> Scales:
    """The inverse of :func:`log_scales`, with the sizes of ``like``."""
    single, rest = np.exp(values[:4]), np.exp(values[4:])
    parts = (like.domain, like.stage, like.family, like.noise, like.rho)
    ends = np.cumsum([len(part) for part in parts])
    domain, stage, family, noise, rho = np.split(rest, ends[:-1])
    general, undated, setup, scaffold = single.tolist()
    return Scales(
        general=general,
        undated=undated,
        domain=domain,
        stage=stage,
        family=family,
        setup=setup,
        scaffold=scaffold,
        noise=noise,
        rho=np.clip(rho, RHO_LEAST, RHO_MOST),
    )


def log_scale_sd(design: Design, layout: Layout, keep: np.ndarray, priors: Priors) -> np.ndarray:
    """Approximate posterior sds of the logs of the components of abilities.

    Curvature of a log standard deviation: twice the number of effects that the data determine,
    plus twice the degrees of freedom of its prior.

    Parameters
    ----------
    keep : array (D,)
        Share of its prior variance that each block variable keeps.

    Returns
    -------
    array : general, undated, one per domain, one per stage
    """
    kinds = 1 + len(design.domains) + len(design.stages)
    own = layout.kind >= 0
    of = np.where(layout.kind == 0, layout.undated.astype(np.int64), 1 + layout.kind)
    informed = np.bincount(of[own], 1 - keep[own], minlength=kinds + 1)
    return np.asarray(1 / np.sqrt(2 * (informed + priors.scale_df)))


def half_way(old: Scales, new: Scales) -> Scales:
    """The geometric mean of both."""
    return from_log(old, (log_scales(old) + log_scales(new)) / 2)


def scale_move(old: Scales, new: Scales) -> float:
    """Largest relative move of a component that several benchmarks or models share."""
    shared = 4 + len(old.domain) + len(old.stage) + len(old.family)
    return float(np.abs(log_scales(new) - log_scales(old))[:shared].max())
