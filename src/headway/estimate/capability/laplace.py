r"""The fast engine: empirical Bayes with a Laplace approximation, deterministic.

The Hessian is block-arrow: many small blocks (one per model, holding only the effects that its
rows touch) around one core (benchmark, set-up, covariate and trend parameters). One iteration

1. takes a Fisher-scoring step on blocks and core jointly through the Schur complement of the
   blocks (exact gradients, positive information);
2. corrects the gradient of the discriminations for the uncertainty of the abilities, so that
   their mode is that of the marginal, not of the joint, posterior (the term
   :math:`-\tfrac12\,\mathrm{tr}(H^{-1}\,\partial H/\partial\log a_b)` of the Laplace
   approximation, Tierney & Kadane 1986, doi:10.1080/01621459.1986.10478240);
3. moves variance components by MacKay's fixed point (1992, doi:10.1162/neco.1992.4.3.415), whose
   stationary points are those of EM on the approximate marginal likelihood.

There is no random number inside.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import scipy.sparse as sp
from scipy import linalg

from headway.estimate.capability.design import Cell, Design
from headway.estimate.capability.model import (
    Priors,
    beta_binomial,
    beta_binomial_log_likelihood,
    gaussian_censored,
)

__all__ = ["LaplaceFit", "fit_laplace"]


@dataclass
class _Scales:
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
    scales: _Scales
    iterations: int
    converged: bool
    eta: np.ndarray = field(repr=False)
    information: np.ndarray = field(repr=False)

    # -- layout of the core ------------------------------------------------------------
    @property
    def _offsets(self) -> dict[str, slice]:
        return _offsets(self.design)

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
            part = np.einsum("kij,ckj->cki", factor, noise)
            at = self.block_start[models][:, None] + np.arange(p)[None, :]
            block[:, at] += part
        kinds = 1 + len(design.domains) + len(design.stages)
        effects = rng.standard_normal((count, kinds, len(design.models)))
        effects *= self._kind_sd()[None]
        owner = np.repeat(np.arange(len(design.models)), self.block_size)
        keep = self.var_kind >= 0
        effects[:, self.var_kind[keep], owner[keep]] = block[:, keep]
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


def _offsets(design: Design) -> dict[str, slice]:
    sizes = {
        "log_discrimination": len(design.benchmarks),
        "difficulty": len(design.benchmarks),
        "setup": len(design.setups),
        "scaffold": len(design.scaffolds),
        "beta": len(design.covariates),
        "trend": len(design.trend_columns),
    }
    out, at = {}, 0
    for name, size in sizes.items():
        out[name] = slice(at, at + size)
        at += size
    return out


class _Layout:
    """Where each row's effects stand in the flat vector of block variables."""

    def __init__(self, design: Design) -> None:
        kinds = 1 + len(design.domains) + len(design.stages)
        touched = np.zeros((len(design.models), kinds), dtype=bool)
        touched[design.model, 0] = True
        touched[design.model, 1 + design.domain] = True
        staged = design.stage >= 0
        touched[design.model[staged], 1 + len(design.domains) + design.stage[staged]] = True
        family_models = np.array([m for m, _ in design.families], dtype=np.int64)
        family_count = np.bincount(family_models, minlength=len(design.models))
        self.size = touched.sum(axis=1) + family_count
        self.start = np.concatenate([[0], np.cumsum(self.size)[:-1]]).astype(np.int64)
        self.total = int(self.size.sum())
        rank = np.cumsum(touched, axis=1) - 1
        position = np.where(touched, self.start[:, None] + rank, -1)
        self.kind = np.full(self.total, -1, dtype=np.int64)
        m_at, k_at = np.nonzero(touched)
        self.kind[position[m_at, k_at]] = k_at
        self.family_kind = np.zeros(self.total, dtype=np.int64)
        within: dict[int, int] = {}
        family_position = np.zeros(len(design.families), dtype=np.int64)
        effects = touched.sum(axis=1)
        for i, m in enumerate(family_models.tolist()):
            family_position[i] = self.start[m] + effects[m] + within.get(m, 0)
            within[m] = within.get(m, 0) + 1
        self.family_kind[family_position] = design.family_kind
        rows = len(design.model)
        columns = np.full((rows, 4), -1, dtype=np.int64)
        columns[:, 0] = position[design.model, 0]
        columns[:, 1] = position[design.model, 1 + design.domain]
        columns[staged, 2] = position[
            design.model[staged], 1 + len(design.domains) + design.stage[staged]
        ]
        has = design.family >= 0
        columns[has, 3] = family_position[design.family[has]]
        self.columns = columns
        self.undated = np.isnan(design.model_year)[
            np.repeat(np.arange(len(design.models)), self.size)
        ]
        self.groups = [np.flatnonzero(self.size == p) for p in np.unique(self.size) if p > 0]
        # sparse pattern of the block Jacobian
        valid = columns >= 0
        self.row_at = np.repeat(np.arange(rows), valid.sum(axis=1))
        self.col_at = columns[valid]
        self.slot_at = np.nonzero(valid)[1]
        # pairs for the diagonal blocks, stored block after block
        self.block_at = np.concatenate([[0], np.cumsum(self.size.astype(np.int64) ** 2)]).astype(
            np.int64
        )
        pair_rows, pair_flat, pair_a, pair_b = [], [], [], []
        local = columns - self.start[design.model][:, None]
        for a in range(4):
            for b in range(4):
                both = valid[:, a] & valid[:, b]
                r = np.flatnonzero(both)
                m = design.model[r]
                pair_rows.append(r)
                pair_flat.append(self.block_at[m] + local[r, a] * self.size[m] + local[r, b])
                pair_a.append(np.full(len(r), a))
                pair_b.append(np.full(len(r), b))
        self.pair_row = np.concatenate(pair_rows)
        self.pair_flat = np.concatenate(pair_flat)
        self.pair_theta = (np.concatenate(pair_a) < 3).astype(int) + (
            np.concatenate(pair_b) < 3
        ).astype(int)


def _start_scales(design: Design, priors: Priors) -> _Scales:
    count = len(design.benchmarks)
    return _Scales(
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


def _block_precision(layout: _Layout, design: Design, scales: _Scales) -> np.ndarray:
    """Prior precision of every block variable."""
    sd = np.concatenate([[scales.general], scales.domain, scales.stage])
    family = scales.family[layout.family_kind] if len(scales.family) else np.ones(layout.total)
    out = np.where(layout.kind >= 0, sd[np.maximum(layout.kind, 0)], family)
    out = np.where((layout.kind == 0) & layout.undated, scales.undated, out)
    return np.asarray(1.0 / out**2)


def _core_prior_sd(design: Design, scales: _Scales, priors: Priors) -> np.ndarray:
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


def _unit_precision(design: Design) -> float:
    """Entry of the rank-one precision that holds the mean log discrimination at 0."""
    return 1.0 / (_UNIT_SD * len(design.benchmarks)) ** 2


def _core_prior_mean(design: Design) -> np.ndarray:
    out = np.zeros(sum(s.stop - s.start for s in _offsets(design).values()))
    # ability rises with time by construction of the field; the spread of the prior (2 logits a
    # year) leaves the data free to say otherwise
    out[_offsets(design)["trend"].start + 1] = 1.5
    return out


class _State:
    """One evaluation: abilities, linear predictor, Jacobians, likelihood terms."""

    def __init__(
        self, design: Design, layout: _Layout, core: np.ndarray, block: np.ndarray, scales: _Scales
    ) -> None:
        at = _offsets(design)
        a = np.exp(core[at["log_discrimination"]])[design.benchmark]
        values = block[np.maximum(layout.columns, 0)] * (layout.columns >= 0)
        self.theta = design.trend @ core[at["trend"]] + values[:, :3].sum(axis=1)
        distance = self.theta - core[at["difficulty"]][design.benchmark]
        eta = a * distance + values[:, 3] + design.x @ core[at["beta"]]
        setup = design.setup >= 0
        eta[setup] += core[at["setup"]][design.setup[setup]]
        scaffold = design.scaffold >= 0
        eta[scaffold] += core[at["scaffold"]][design.scaffold[scaffold]]
        self.eta, self.a, self.distance = eta, a, distance
        self.log_likelihood = np.zeros(len(eta))
        self.gradient = np.zeros(len(eta))
        self.information = np.zeros(len(eta))
        counted = design.is_counted
        if counted.any():
            parts = beta_binomial(
                eta[counted],
                design.y[counted],
                design.n[counted],
                design.floor[counted],
                design.span[counted],
                scales.rho[design.benchmark[counted]],
            )
            self.log_likelihood[counted], self.gradient[counted], self.information[counted] = parts
        rest = ~counted
        if rest.any():
            variance = scales.noise[design.benchmark[rest]] ** 2 + design.known_variance[rest]
            parts = gaussian_censored(eta[rest], design.y[rest], variance, design.side[rest])
            self.log_likelihood[rest], self.gradient[rest], self.information[rest] = parts


def _core_jacobian(design: Design, state: _State) -> sp.csr_matrix:
    rows = len(design.model)
    at = _offsets(design)
    everyone = np.arange(rows)
    setup = np.flatnonzero(design.setup >= 0)
    scaffold = np.flatnonzero(design.scaffold >= 0)
    r = [everyone, everyone, setup, scaffold]
    c = [
        at["log_discrimination"].start + design.benchmark,
        at["difficulty"].start + design.benchmark,
        at["setup"].start + design.setup[setup],
        at["scaffold"].start + design.scaffold[scaffold],
    ]
    v = [state.a * state.distance, -state.a, np.ones(len(setup)), np.ones(len(scaffold))]
    if design.x.shape[1]:
        xr, xc = np.nonzero(design.x)
        r.append(xr)
        c.append(at["beta"].start + xc)
        v.append(design.x[xr, xc])
    tr, tc = np.nonzero(design.trend)
    r.append(tr)
    c.append(at["trend"].start + tc)
    v.append(design.trend[tr, tc] * state.a[tr])
    width = at["trend"].stop
    return sp.csr_matrix(
        (np.concatenate(v), (np.concatenate(r), np.concatenate(c))), shape=(rows, width)
    )


class _Arrow:
    """Factorised block-arrow Hessian."""

    def __init__(
        self,
        design: Design,
        layout: _Layout,
        state: _State,
        block_precision: np.ndarray,
        core_precision: np.ndarray,
        keep_core: np.ndarray | None = None,
    ) -> None:
        w = state.information
        slot_value = np.where(layout.slot_at < 3, state.a[layout.row_at], 1.0)
        self.jb = sp.csr_matrix(
            (slot_value, (layout.row_at, layout.col_at)), shape=(len(w), layout.total)
        )
        self.jc = _core_jacobian(design, state)
        weighted = self.jc.multiply(w[:, None]).tocsr()
        h_bc = np.asarray((self.jb.T @ weighted).todense())
        h_cc = np.asarray((self.jc.T @ weighted).todense())
        h_cc[np.diag_indices_from(h_cc)] += core_precision
        items = slice(0, len(design.benchmarks))
        h_cc[items, items] += _unit_precision(design)
        flat = np.bincount(
            layout.pair_flat,
            w[layout.pair_row] * state.a[layout.pair_row] ** layout.pair_theta,
            minlength=int(layout.block_at[-1]),
        )
        self.inverses: list[tuple[np.ndarray, np.ndarray]] = []
        self.coupling = np.zeros_like(h_bc)
        for models in layout.groups:
            p = int(layout.size[models[0]])
            index = layout.block_at[models][:, None] + np.arange(p * p)[None, :]
            blocks = flat[index].reshape(-1, p, p)
            at = layout.start[models][:, None] + np.arange(p)[None, :]
            diagonal = np.arange(p)
            blocks[:, diagonal, diagonal] += block_precision[at]
            inverse = np.linalg.inv(blocks)
            inverse = (inverse + inverse.transpose(0, 2, 1)) / 2
            self.inverses.append((models, inverse))
            self.coupling[at.ravel()] = np.matmul(inverse, h_bc[at]).reshape(-1, h_bc.shape[1])
        schur = h_cc - h_bc.T @ self.coupling
        if keep_core is not None:  # parameters held fixed get no freedom
            schur[~keep_core, :] = 0
            schur[:, ~keep_core] = 0
            schur[~keep_core, ~keep_core] = 1
            self.coupling[:, ~keep_core] = 0
        self.keep_core = keep_core
        self.plain_schur = schur
        self.schur = linalg.cho_factor(schur, lower=True, check_finite=False)
        self.layout = layout

    def apply_inverse_blocks(self, vector: np.ndarray) -> np.ndarray:
        out = np.zeros_like(vector)
        for models, inverse in self.inverses:
            p = inverse.shape[1]
            at = self.layout.start[models][:, None] + np.arange(p)[None, :]
            out[at] = np.einsum("kij,kj->ki", inverse, vector[at])
        return out

    def solve(
        self, g_block: np.ndarray, g_core: np.ndarray, steep: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Solve for blocks and core; ``steep`` adds curvature to the core for this step only."""
        rhs = g_core - self.coupling.T @ g_block
        factor = self.schur
        if self.keep_core is not None:
            rhs = np.where(self.keep_core, rhs, 0.0)
        if steep is not None:
            free = steep if self.keep_core is None else np.where(self.keep_core, steep, 0.0)
            factor = linalg.cho_factor(
                self.plain_schur + np.diag(free), lower=True, check_finite=False
            )
        core = linalg.cho_solve(factor, rhs, check_finite=False)
        return self.apply_inverse_blocks(g_block) - self.coupling @ core, core

    def row_variance(self, design: Design, state: _State) -> tuple[np.ndarray, np.ndarray]:
        """Variance of each row's linear predictor, and the ability part given the core."""
        layout = self.layout
        cov_flat = np.zeros(int(layout.block_at[-1]))
        for models, inverse in self.inverses:
            p = inverse.shape[1]
            index = layout.block_at[models][:, None] + np.arange(p * p)[None, :]
            cov_flat[index] = inverse.reshape(len(models), -1)
        rows = len(state.eta)
        pair = cov_flat[layout.pair_flat]
        scale = state.a[layout.pair_row] ** layout.pair_theta
        inside = np.bincount(layout.pair_row, pair * scale, minlength=rows)
        only_theta = layout.pair_theta == 2
        theta_part = np.bincount(
            layout.pair_row[only_theta], (pair * scale)[only_theta], minlength=rows
        )
        q = np.asarray(self.jc.todense()) - self.jb @ self.coupling
        if self.keep_core is not None:
            q[:, ~self.keep_core] = 0
        half = linalg.solve_triangular(self.schur[0], q.T, lower=True, check_finite=False)
        return inside + (half**2).sum(axis=0), theta_part

    def variances(self) -> tuple[np.ndarray, np.ndarray]:
        """Marginal variances of block variables and of the core."""
        layout = self.layout
        block = np.zeros(layout.total)
        for models, inverse in self.inverses:
            p = inverse.shape[1]
            at = layout.start[models][:, None] + np.arange(p)[None, :]
            block[at] = np.diagonal(inverse, axis1=1, axis2=2)
        half = linalg.solve_triangular(
            self.schur[0], self.coupling.T, lower=True, check_finite=False
        )
        block += (half**2).sum(axis=0)
        eye = linalg.solve_triangular(
            self.schur[0], np.eye(len(self.schur[0])), lower=True, check_finite=False
        )
        return block, (eye**2).sum(axis=0)


def _component(mean_square: float, effective: float, df: float, centre: float) -> float:
    """Posterior mode of a standard deviation under the inverse-gamma prior (MacKay form)."""
    return float(np.sqrt((mean_square + df * centre**2) / (max(effective, 0.0) + df)))


def _family_scales(
    layout: _Layout, block: np.ndarray, free: np.ndarray, scales: _Scales, priors: Priors
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


def _update_scales(
    design: Design,
    layout: _Layout,
    state: _State,
    scales: _Scales,
    priors: Priors,
    core: np.ndarray,
    block: np.ndarray,
    block_var: np.ndarray,
    core_var: np.ndarray,
    row_var: np.ndarray,
) -> _Scales:
    df = priors.scale_df
    precision = _block_precision(layout, design, scales)
    free = 1 - block_var * precision

    def pick(mask: np.ndarray, centre: float) -> float:
        return _component(float((block[mask] ** 2).sum()), float(free[mask].sum()), df, centre)

    general = (layout.kind == 0) & ~layout.undated
    undated = (layout.kind == 0) & layout.undated
    count = len(design.domains)
    new = _Scales(
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
    at = _offsets(design)
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
        residual = design.y[rest] - state.eta[rest]
        share = own / total
        second = share**2 * (residual**2 + row_var[rest]) + share * design.known_variance[rest]
        # a censored row tells the size of its residual only when it is on the wrong side
        side = design.side[rest]
        wrong = np.where(side < 0, residual < 0, np.where(side > 0, residual > 0, True))
        second = np.where(wrong, second, own)
        sums = np.bincount(design.benchmark[rest], second, minlength=len(design.benchmarks))
        counts = np.bincount(design.benchmark[rest], minlength=len(design.benchmarks))
        has = counts > 0
        pooled = float(np.exp(np.log(scales.noise[has] ** 2).mean()))
        centre2 = (2 * pooled + 2 * priors.scale_noise**2) / 4
        new.noise = np.where(has, np.sqrt((sums + df * centre2) / (counts + df)), np.sqrt(centre2))
    counted = np.flatnonzero(design.is_counted)
    if len(counted):
        new.rho = _update_rho(design, state, scales, priors, counted, row_var[counted])
    return new


def _update_rho(
    design: Design,
    state: _State,
    scales: _Scales,
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
                state.eta[counted] + node * sd, y, n, floor, span, rho
            )
        score[i] = np.bincount(benchmark, total, minlength=count)
        score[i] -= 0.5 * ((log_rho + move - centre) / priors.overdispersion_log_sd) ** 2
    slope = (score[2] - score[0]) / (2 * step)
    bend = (score[0] - 2 * score[1] + score[2]) / step**2
    newton = np.clip(slope / np.maximum(-bend, 0.2), -1.0, 1.0)
    moved = np.clip(log_rho + newton, np.log(1e-4), np.log(0.5))
    return np.where(has, np.exp(moved), scales.rho)


def fit_laplace(
    design: Design,
    *,
    priors: Priors | None = None,
    max_iterations: int = 60,
    tolerance: float = 2e-3,
    start: LaplaceFit | None = None,
    known_items: tuple[np.ndarray, np.ndarray] | None = None,
) -> LaplaceFit:
    """Fit the ability model.

    Parameters
    ----------
    design : Design
    priors : Priors, optional
    max_iterations : int
        More than enough on real data (about 25 are used); ``converged`` says so.
    tolerance : float
        Largest move of any scale (relative) or linear predictor (logits) at the end.
    start : LaplaceFit, optional
        A fit of the same design to start from (warm start).
    known_items : (log discriminations, difficulties), each (B,), optional
        Item parameters known beforehand, held fixed: measures what not knowing them costs.

    Returns
    -------
    LaplaceFit
    """
    priors = priors or Priors()
    layout = _Layout(design)
    at = _offsets(design)
    prior_mean = _core_prior_mean(design)
    keep = None
    if start is not None:
        core, block = start.core.copy(), start.block.copy()
        scales = replace_scales(start.scales)
    else:
        core, block = prior_mean.copy(), np.zeros(layout.total)
        scales = _start_scales(design, priors)
        ability = design.trend @ core[at["trend"]]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.clip((design.y / design.n - design.floor) / design.span, 0.02, 0.98)
        link = np.where(design.is_counted, np.log(share / (1 - share)), design.y)
        weight = np.bincount(design.benchmark, minlength=len(design.benchmarks))
        core[at["difficulty"]] = np.bincount(
            design.benchmark, ability - link, minlength=len(design.benchmarks)
        ) / np.maximum(weight, 1)
    if known_items is not None:
        core[at["log_discrimination"]], core[at["difficulty"]] = known_items
        keep = np.ones(len(core), dtype=bool)
        keep[at["log_discrimination"]] = keep[at["difficulty"]] = False
    pace = 1.0
    before = np.zeros(len(design.model))
    converged = False
    iteration = 0
    while iteration < max_iterations and not converged:
        iteration += 1
        state = _State(design, layout, core, block, scales)
        block_precision = _block_precision(layout, design, scales)
        core_precision = 1 / _core_prior_sd(design, scales, priors) ** 2
        arrow = _Arrow(design, layout, state, block_precision, core_precision, keep)
        row_var, theta_var = arrow.row_variance(design, state)
        spread = np.bincount(
            design.benchmark, state.information * theta_var, minlength=len(design.benchmarks)
        )
        g_core = arrow.jc.T @ state.gradient - core_precision * (core - prior_mean)
        g_block = arrow.jb.T @ state.gradient - block_precision * block
        g_core[at["log_discrimination"]] -= spread
        g_core[at["log_discrimination"]] -= (
            _unit_precision(design) * core[at["log_discrimination"]].sum()
        )
        # the correction steepens with the discrimination: its slope belongs to the step
        steep = np.zeros(len(core))
        steep[at["log_discrimination"]] = 2 * spread
        d_block, d_core = arrow.solve(g_block, g_core, steep)
        d_eta = arrow.jb @ d_block + arrow.jc @ d_core
        largest = max(
            float(np.abs(d_core[at["log_discrimination"]]).max(initial=0.0)) / 0.4,
            float(np.quantile(np.abs(d_eta), 0.99)) / 3.0,
        )
        # scoring overshoots where a score is far in the tail: a step that turns back on the last
        # one halves the pace, steady progress restores it
        turn = float(d_eta @ before) / max(
            float(np.sqrt((d_eta @ d_eta) * (before @ before))), 1e-12
        )
        pace = max(pace * 0.6, 0.1) if turn < -0.3 else min(pace * 1.25, 1.0)
        before = d_eta
        length = min(pace, 1.0 / max(largest, 1e-9))
        core = core + length * d_core
        block = block + length * d_block
        move = float(np.quantile(np.abs(d_eta), 0.99))
        scale_move = 0.0
        if length > 0.3:
            block_var, core_var = arrow.variances()
            fresh = _State(design, layout, core, block, scales)
            new = _update_scales(
                design, layout, fresh, scales, priors, core, block, block_var, core_var, row_var
            )
            scale_move = _scale_move(scales, new)
            scales = new
        else:
            scale_move = 1.0
        converged = move < tolerance and scale_move < 5 * tolerance
    state = _State(design, layout, core, block, scales)
    arrow = _Arrow(
        design,
        layout,
        state,
        _block_precision(layout, design, scales),
        1 / _core_prior_sd(design, scales, priors) ** 2,
        keep,
    )
    lower = arrow.schur[0]
    inverse = linalg.solve_triangular(lower, np.eye(len(lower)), lower=True, check_finite=False)
    # covariance = inverse' inverse, so inverse' is a factor of it
    factor = inverse.T.copy()
    if keep is not None:
        factor[~keep] = 0
    return LaplaceFit(
        design=design,
        priors=priors,
        core=core,
        block=block,
        core_cov_chol=factor,
        block_size=layout.size,
        block_start=layout.start,
        var_kind=layout.kind,
        block_cov=tuple(arrow.inverses),
        coupling=arrow.coupling,
        scales=scales,
        iterations=iteration,
        converged=converged,
        eta=state.eta,
        information=state.information,
    )


def replace_scales(scales: _Scales) -> _Scales:
    """A copy that can be moved without touching the original."""
    return replace(
        scales,
        domain=scales.domain.copy(),
        stage=scales.stage.copy(),
        family=scales.family.copy(),
        noise=scales.noise.copy(),
        rho=scales.rho.copy(),
    )


def _scale_move(old: _Scales, new: _Scales) -> float:
    def flat(s: _Scales) -> np.ndarray:
        single = [s.general, s.undated, s.setup, s.scaffold]
        return np.asarray(np.log(np.concatenate([single, s.domain, s.stage, s.family])))

    return float(np.abs(flat(new) - flat(old)).max())
