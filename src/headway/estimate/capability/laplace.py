r"""The fast engine: empirical Bayes with a Laplace approximation, deterministic.

The Hessian is block-arrow: many small blocks (one per model, holding only the effects that its
rows touch) around one core (benchmark, set-up, covariate and trend parameters). One iteration

1. takes a Newton step on blocks and core jointly through the Schur complement of the blocks (exact
   gradients, information bounded away from 0);
2. corrects the gradient of the discriminations for the uncertainty of what they multiply, abilities,
   trends and difficulties, so that their mode is that of the marginal, not of the joint, posterior
   (the term :math:`-\tfrac12\,\mathrm{tr}(H^{-1}\,\partial H/\partial\log a_b)` of the Laplace
   approximation, Tierney & Kadane 1986, doi:10.1080/01621459.1986.10478240). The difficulty alone
   takes about 1 from the slope of every benchmark, whatever its number of rows;
3. moves variance components by MacKay's fixed point (1992, doi:10.1162/neco.1992.4.3.415), whose
   stationary points are those of EM on the approximate marginal likelihood;
4. combines the last few of these steps (Anderson acceleration), which leaves the fixed point where
   it is.

Draws carry the uncertainty of the variance components of abilities too: each follows its own log
normal around its estimate, and an effect follows its component by the share of prior variance that it
keeps (partial non-centring; Papaspiliopoulos, Roberts & Sköld 2007,
doi:10.1214/088342307000000014). There is no random number inside.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import linalg

from headway.estimate.capability.anderson import Anderson
from headway.estimate.capability.arrow import Arrow, Pattern
from headway.estimate.capability.design import Cell, Design
from headway.estimate.capability.layout import Layout, core_offsets
from headway.estimate.capability.model import Priors
from headway.estimate.capability.rows import Likelihood, Predictor
from headway.estimate.capability.scales import (
    Scales,
    block_precision,
    carried_scales,
    core_prior_sd,
    from_log,
    half_way,
    log_scale_sd,
    log_scales,
    scale_move,
    start_scales,
    unit_precision,
    update_scales,
)
from headway.estimate.capability.warm import carry_over, link_scores

__all__ = ["AbilityDraws", "LaplaceFit", "fit_laplace"]

#: Steps that the acceleration looks back on, and what the dispersion of one benchmark counts for in
#: the length of a step: it moves much and matters little. Chosen among 3 to 8 and 0.03 to 1 by the
#: iterations that nine refits of the release and simulated worlds took.
_MEMORY = 8
_DISPERSION_WEIGHT = 0.1
#: The longest step: a log discrimination's move, and the 99 % quantile of the linear predictors'.
_LONGEST_ITEM = 0.4
_LONGEST_ROW = 3.0
#: Steps shorter than this share of the longest are not braked: near the end the acceleration makes
#: successive steps turn by itself.
_NEAR = 0.1
#: Scales stay where they are while a step is cut to less than this share.
_SHORT = 0.3
#: From this iteration on scales go half of their way: where so many were not enough, the dispersion
#: of one benchmark and its discrimination may go round in a circle (seen as of 2025-01-31).
_PATIENCE = 60


@dataclass(frozen=True)
class LaplaceFit:
    """Mode, curvature and scales of one fit; draws and summaries are read from it."""

    design: Design
    priors: Priors
    core: np.ndarray  # (C,)
    block: np.ndarray  # (D,)
    core_cov_chol: np.ndarray  # (C, C) lower factor of the covariance of the core
    block_size: np.ndarray  # (M,)
    block_start: np.ndarray  # (M,)
    var_kind: np.ndarray  # (D,) 0 general, 1.. domains, then stages, then -1 family
    block_cov: tuple[tuple[np.ndarray, np.ndarray], ...]  # per size: models, (k, p, p)
    coupling: np.ndarray  # (D, C) H_bb^-1 H_bc
    scales: Scales
    keep: np.ndarray  # (D,) share of its prior variance that each block variable keeps
    log_scale_sd: np.ndarray  # general, undated, domains, stages: sd of the log of the component
    iterations: int
    converged: bool
    eta: np.ndarray = field(repr=False)
    information: np.ndarray = field(repr=False)

    # -- layout of the core ------------------------------------------------------------
    @property
    def _offsets(self) -> dict[str, slice]:
        return core_offsets(self.design)

    def core_part(self, name: str) -> np.ndarray:
        """``log_discrimination``, ``difficulty``, ``setup``, ``scaffold``, ``beta`` or ``trend``."""
        return np.asarray(self.core[self._offsets[name]])

    def core_sd(self, name: str) -> np.ndarray:
        """Posterior standard deviations of a part of the core."""
        return np.asarray(np.sqrt((self.core_cov_chol[self._offsets[name]] ** 2).sum(axis=1)))

    # -- abilities ----------------------------------------------------------------------
    def prior_sd(self, cell: Cell) -> np.ndarray:
        """(M,) prior standard deviation of the ability in ``cell`` given the trends."""
        domain, stage = cell
        general = np.where(
            np.isnan(self.design.model_year), self.scales.undated, self.scales.general
        )
        variance = general**2 + self.scales.domain[self.design.domains.index(domain)] ** 2
        if stage is not None:
            variance = variance + self.scales.stage[self.design.stages.index((domain, stage))] ** 2
        return np.asarray(np.sqrt(variance))

    def draws(self, count: int, rng: np.random.Generator) -> AbilityDraws:
        """Posterior draws of every effect, kept so that any cell can be read from them."""
        design = self.design
        core = self.core + rng.standard_normal((count, len(self.core))) @ self.core_cov_chol.T
        shift = core - self.core
        block = self.block - shift @ self.coupling.T
        for models, cov in self.block_cov:
            p = cov.shape[1]
            if p == 0:
                continue
            factor = np.linalg.cholesky(cov)
            noise = rng.standard_normal((count, len(models), p))
            part = (noise.transpose(1, 0, 2) @ factor.transpose(0, 2, 1)).transpose(1, 0, 2)
            at = self.block_start[models][:, None] + np.arange(p)[None, :]
            block[:, at] += part
        kinds = 1 + len(design.domains) + len(design.stages)
        effects = rng.standard_normal((count, kinds, len(design.models)))
        effects *= self._kind_sd()[None]
        owner = np.repeat(np.arange(len(design.models)), self.block_size)
        keep = self.var_kind >= 0
        effects[:, self.var_kind[keep], owner[keep]] = block[:, keep]
        # an effect that no row touches follows its component in full
        follow = np.ones((kinds, len(design.models)))
        follow[self.var_kind[keep], owner[keep]] = self.keep[keep]
        log_scale = rng.standard_normal((count, len(self.log_scale_sd))) * self.log_scale_sd
        move = np.empty_like(effects)
        move[:, 0] = np.where(np.isnan(design.model_year), log_scale[:, 1:2], log_scale[:, :1])
        move[:, 1:] = log_scale[:, 2:, None]
        effects *= np.exp(follow * move)
        return AbilityDraws(design, effects, core[:, self._offsets["trend"]])

    def _kind_sd(self) -> np.ndarray:
        design = self.design
        general = np.where(np.isnan(design.model_year), self.scales.undated, self.scales.general)
        rest = np.concatenate([self.scales.domain, self.scales.stage])
        return np.vstack([general, np.repeat(rest[:, None], len(design.models), axis=1)])

    def mean(self, cell: Cell) -> np.ndarray:
        """(M,) posterior mean (mode) of the ability in ``cell``, logits."""
        design = self.design
        domain, stage = cell
        out = design.trend_row(cell) @ self.core_part("trend")
        owner = np.repeat(np.arange(len(design.models)), self.block_size)
        wanted = [0, 1 + design.domains.index(domain)]
        if stage is not None:
            wanted.append(1 + len(design.domains) + design.stages.index((domain, stage)))
        keep = np.isin(self.var_kind, wanted)
        return np.asarray(out + np.bincount(owner[keep], self.block[keep], minlength=len(out)))


@dataclass(frozen=True)
class AbilityDraws:
    """Draws of the effects; :meth:`cell` adds them up to abilities in logits."""

    design: Design
    effects: np.ndarray  # (draws, kinds, M)
    trend: np.ndarray  # (draws, T)

    def cell(self, cell: Cell) -> np.ndarray:
        """(draws, M) abilities in ``cell``."""
        domain, stage = cell
        design = self.design
        out = self.trend @ design.trend_row(cell).T
        out += self.effects[:, 0] + self.effects[:, 1 + design.domains.index(domain)]
        if stage is not None:
            at = 1 + len(design.domains) + design.stages.index((domain, stage))
            out += self.effects[:, at]
        return np.asarray(out)


def _core_prior_mean(design: Design) -> np.ndarray:
    out = np.zeros(sum(s.stop - s.start for s in core_offsets(design).values()))
    # ability rises with time by construction of the field; the spread of the prior (2 logits a
    # year) leaves the data free to say otherwise
    out[core_offsets(design)["trend"].start + 1] = 1.5
    return out


def fit_laplace(
    design: Design,
    *,
    priors: Priors | None = None,
    max_iterations: int = 150,
    tolerance: float = 2e-4,
    start: LaplaceFit | None = None,
    known_items: tuple[np.ndarray, np.ndarray] | None = None,
) -> LaplaceFit:
    """Fit the ability model.

    Parameters
    ----------
    design : Design
    priors : Priors, optional
    max_iterations : int
        More than enough on real data (about 30 from a cold start, 15 from a warm one, 40 where
        two solutions compete); ``converged`` says so.
    tolerance : float
        Move of the linear predictor (99 % quantile of the rows, logits) at the end; shared scales
        move by less than five times as much (relative). Abilities are then within 0.005 posterior
        sds of where they would end.
    start : LaplaceFit, optional
        A fit of these or other rows to start from; parameters and scales are matched by name.
    known_items : (log discriminations, difficulties), each (B,), optional
        Item parameters known beforehand, held fixed: measures what not knowing them costs.

    Returns
    -------
    LaplaceFit
    """
    priors = priors or Priors()
    layout = Layout(design)
    pattern = Pattern(design, layout)
    at = core_offsets(design)
    items, difficulty = at["log_discrimination"], at["difficulty"]
    prior_mean = _core_prior_mean(design)
    core, block, scales = _start(design, layout, priors, prior_mean, start)
    free = None
    if known_items is not None:
        core[items], core[difficulty] = known_items
        free = np.ones(len(core), dtype=bool)
        free[items] = free[difficulty] = False

    def hessian() -> tuple[Arrow, Likelihood, np.ndarray, np.ndarray]:
        predictor = Predictor(design, layout, core, block)
        likelihood = Likelihood(design, predictor.eta, scales)
        of_block = block_precision(layout, design, scales)
        of_core = 1 / core_prior_sd(design, scales, priors) ** 2
        arrow = Arrow(pattern, predictor, likelihood, of_block, of_core, free)
        return arrow, likelihood, of_block, of_core

    pace = 1.0
    anderson = Anderson(_MEMORY, _weights(len(core) + len(block), scales))
    before = np.zeros(len(design.model))
    converged = False
    iteration = 0
    while iteration < max_iterations and not converged:
        iteration += 1
        arrow, likelihood, of_block, of_core = hessian()
        variances = arrow.variances()
        spread, own_spread = (
            np.bincount(
                design.benchmark, likelihood.information * part, minlength=len(design.benchmarks)
            )
            for part in (variances.scaled, variances.ability)
        )
        g_block, g_core = arrow.gradient(
            likelihood.gradient, of_block * block, of_core * (core - prior_mean)
        )
        g_core[items] -= spread + unit_precision(design) * core[items].sum()
        # the correction steepens with the discrimination: its slope belongs to the step
        steep = np.zeros(len(core))
        steep[items] = 2 * own_spread
        d_block, d_core = arrow.solve(g_block, g_core, steep)
        d_eta = arrow.move_of_rows(d_block, d_core)
        largest = max(
            float(np.abs(d_core[items]).max(initial=0.0)) / _LONGEST_ITEM,
            float(np.quantile(np.abs(d_eta), 0.99)) / _LONGEST_ROW,
        )
        # a long step that turns back on the last one slows the pace, steady progress restores it
        turn = float(d_eta @ before) / max(
            float(np.sqrt((d_eta @ d_eta) * (before @ before))), 1e-12
        )
        overshot = turn < -0.3 and largest > _NEAR
        pace = max(pace * 0.6, 0.1) if overshot else min(pace * 1.25, 1.0)
        before = d_eta
        length = min(pace, 1.0 / max(largest, 1e-9))
        here = np.concatenate([core, block, log_scales(scales)])
        core = core + length * d_core
        block = block + length * d_block
        move = float(np.quantile(np.abs(d_eta), 0.99))
        moved = 1.0
        if length > _SHORT:
            new = update_scales(
                design,
                layout,
                Predictor(design, layout, core, block).eta,
                scales,
                priors,
                core,
                block,
                block_var=variances.block,
                core_var=variances.core,
                row_var=variances.row,
            )
            moved = scale_move(scales, new)
            scales = new if iteration < _PATIENCE else half_way(scales, new)
        converged = move < tolerance and moved < 5 * tolerance
        if length == 1.0 and not converged:
            step = np.concatenate([core, block, log_scales(scales)]) - here
            there = anderson.next(here, step)
            core, block = there[: len(core)], there[len(core) : len(core) + len(block)]
            scales = from_log(scales, there[len(core) + len(block) :])
        else:
            anderson.forget()
    arrow, likelihood, _, _ = hessian()
    inverse = linalg.solve_triangular(
        arrow.factor, np.eye(len(core)), lower=True, check_finite=False
    )
    # covariance = inverse' inverse, so inverse' is a factor of it
    factor = inverse.T.copy()
    keep = np.clip(arrow.variances().block * block_precision(layout, design, scales), 0.0, 1.0)
    if free is not None:
        factor[~free] = 0
    return LaplaceFit(
        design=design,
        priors=priors,
        core=core,
        block=block,
        core_cov_chol=factor,
        block_size=layout.size,
        block_start=layout.start,
        var_kind=layout.kind,
        block_cov=arrow.block_covariances(),
        coupling=arrow.coupling(),
        scales=scales,
        keep=keep,
        log_scale_sd=log_scale_sd(design, layout, keep, priors),
        iterations=iteration,
        converged=converged,
        eta=arrow.at.eta,
        information=likelihood.information,
    )


def _weights(parameters: int, scales: Scales) -> np.ndarray:
    """What each component of a step counts for; the dispersions stand last."""
    out = np.ones(parameters + len(log_scales(scales)))
    out[len(out) - len(scales.noise) - len(scales.rho) :] = _DISPERSION_WEIGHT
    return out


def _start(
    design: Design,
    layout: Layout,
    priors: Priors,
    prior_mean: np.ndarray,
    start: LaplaceFit | None,
) -> tuple[np.ndarray, np.ndarray, Scales]:
    """Core, block variables and scales to start from."""
    at = core_offsets(design)
    cold = start_scales(design, priors)
    if start is not None:
        found = carry_over(
            start,
            design,
            kind=layout.kind,
            owner=layout.owner,
            offsets=at,
            prior_mean=prior_mean,
        )
        return found.core, found.block, carried_scales(found, cold)
    core = prior_mean.copy()
    ability = design.trend @ core[at["trend"]]
    count = len(design.benchmarks)
    weight = np.maximum(np.bincount(design.benchmark, minlength=count), 1)
    total = np.bincount(design.benchmark, ability - link_scores(design), minlength=count)
    core[at["difficulty"]] = total / weight
    return core, np.zeros(layout.total), cold
