r"""The block-arrow Hessian: many small blocks (one per model) around one core.

A model touches only the core parameters of its own rows (about 30 of 600 in the real data), so its
share of every product is a small dense matrix. Models of similar size are stacked and padded, and
work in batches. With :math:`B = H_{bb}^{-1} H_{bc}` (the coupling) the core's precision is the
Schur complement :math:`S = H_{cc} - H_{cb} B`, and the covariance of the model's own effects is
:math:`H_{bb}^{-1} + B S^{-1} B^\top`; see e.g. Gelman et al. 2013, Bayesian Data Analysis, ch. 13,
on the Gaussian approximation whose precision this is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg
from scipy.linalg import lapack

from headway.estimate.capability.design import Design
from headway.estimate.capability.layout import ABILITY_SLOTS, Layout
from headway.estimate.capability.rows import CoreJacobian, Likelihood, Predictor
from headway.estimate.capability.scales import unit_precision

__all__ = ["Arrow", "Pattern", "Variances"]

#: Models share a batch while the largest touches at most this much more core than the smallest.
_BATCH_RATIO = 1.25


@dataclass(frozen=True)
class _Batch:
    """``k`` models padded to ``r`` rows, ``p`` effects, ``c`` core parameters.

    Padding points one past the end of rows, block variables and core, where zeros stand.
    """

    models: np.ndarray  # (k,)
    rows: np.ndarray  # (k, r)
    block: np.ndarray  # (k, p)
    columns: np.ndarray  # (k, c)
    own: slice  # of the flat buffer of core derivatives
    effect_own: slice  # of the flat buffer of effect derivatives
    pairs: slice  # of the flat positions of all pairs of its core parameters
    is_ability: np.ndarray  # (k, p)


class Pattern:
    """Index arrays of one design, made once: what the Hessian of any parameters looks like."""

    def __init__(self, design: Design, layout: Layout) -> None:
        self.design, self.layout = design, layout
        self.jacobian = CoreJacobian(design)
        rows, width = len(design.model), self.jacobian.width
        self.width = width
        # rows and core parameters of every model
        order = np.argsort(design.model, kind="stable")
        counts = np.bincount(design.model, minlength=len(design.models))
        row_start = np.concatenate([[0], np.cumsum(counts)])
        place_in_model = np.empty(rows, dtype=np.int64)
        place_in_model[order] = np.arange(rows) - np.repeat(row_start[:-1], counts)
        key = design.model[self.jacobian.row] * width + self.jacobian.column
        touched, entry = np.unique(key, return_inverse=True)
        owner, column = touched // width, touched % width
        touched_count = np.bincount(owner, minlength=len(design.models))
        touched_start = np.concatenate([[0], np.cumsum(touched_count)])
        place_in_core = np.arange(len(touched)) - touched_start[owner]

        # the derivatives of the effects: their discrimination, or 1 for a family
        valid = layout.columns >= 0
        self.effect_row, self.effect_slot = np.nonzero(valid)
        self.effect_column = layout.columns[valid]
        self.effect_ability = self.effect_slot < ABILITY_SLOTS

        self.core_flat = np.zeros(len(self.jacobian.row), dtype=np.int64)
        self.effect_flat = np.zeros(len(self.effect_row), dtype=np.int64)
        self.batches: list[_Batch] = []
        scatter = []
        core_size = effect_size = pair_size = 0
        for models in _batches(touched_count, counts):
            k, r = len(models), int(counts[models].max())
            p, c = int(layout.size[models].max()), int(touched_count[models].max())
            number = np.full(len(design.models), -1, dtype=np.int64)
            number[models] = np.arange(k)
            batch_rows = np.full((k, r), rows, dtype=np.int64)
            mine = np.flatnonzero(number[design.model] >= 0)
            batch_rows[number[design.model[mine]], place_in_model[mine]] = mine
            batch_block = np.full((k, p), layout.total, dtype=np.int64)
            own = np.flatnonzero(number[layout.owner] >= 0)
            place = own - layout.start[layout.owner[own]]
            batch_block[number[layout.owner[own]], place] = own
            columns = np.full((k, c), width, dtype=np.int64)
            some = np.flatnonzero(number[owner] >= 0)
            columns[number[owner[some]], place_in_core[some]] = column[some]

            at = np.flatnonzero(number[design.model[self.jacobian.row]] >= 0)
            row = self.jacobian.row[at]
            here = (number[design.model[row]] * r + place_in_model[row]) * c
            self.core_flat[at] = core_size + here + place_in_core[entry[at]]
            at = np.flatnonzero(number[design.model[self.effect_row]] >= 0)
            row = self.effect_row[at]
            here = (number[design.model[row]] * r + place_in_model[row]) * p
            place = self.effect_column[at] - layout.start[design.model[row]]
            self.effect_flat[at] = effect_size + here + place

            is_ability = np.append(layout.kind >= 0, False)[batch_block]
            self.batches.append(
                _Batch(
                    models,
                    batch_rows,
                    batch_block,
                    columns,
                    slice(core_size, core_size + k * r * c),
                    slice(effect_size, effect_size + k * r * p),
                    slice(pair_size, pair_size + k * c * c),
                    is_ability,
                )
            )
            scatter.append((columns[:, :, None] * (width + 1) + columns[:, None, :]).ravel())
            core_size += k * r * c
            effect_size += k * r * p
            pair_size += k * c * c
        self.core_size, self.effect_size = core_size, effect_size
        self.scatter = np.concatenate(scatter)

    def effects_times(self, a: np.ndarray, block: np.ndarray) -> np.ndarray:
        """(N,) what a move of the block variables does to the linear predictor."""
        moved = np.append(block, 0.0)[self.layout.columns]
        out: np.ndarray = a * moved[:, :ABILITY_SLOTS].sum(axis=1) + moved[:, ABILITY_SLOTS]
        return out

    def effects_transposed(self, a: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """(D,) product of the transposed derivatives of the effects with a vector over rows."""
        value = np.where(self.effect_ability, a[self.effect_row], 1.0) * rows[self.effect_row]
        return np.asarray(
            np.bincount(self.effect_column, value, minlength=self.layout.total), dtype=float
        )


def _batches(core: np.ndarray, rows: np.ndarray) -> list[np.ndarray]:
    """Models with rows, by the number of core parameters that they touch."""
    order = np.argsort(core, kind="stable")
    order = order[rows[order] > 0]
    out: list[np.ndarray] = []
    first = 0
    for i in range(1, len(order) + 1):
        if i == len(order) or core[order[i]] > _BATCH_RATIO * core[order[first]] + 2:
            out.append(order[first:i])
            first = i
    return out


def _inverse(factor: np.ndarray) -> np.ndarray:
    """Inverse of the matrix with this lower Cholesky factor."""
    lower, info = lapack.dpotri(factor, lower=1)
    if info != 0:  # the factor of a positive definite matrix always has an inverse
        raise np.linalg.LinAlgError(f"dpotri failed: {info}")
    out: np.ndarray = lower + lower.T  # what stands above the diagonal of the factor is 0
    out[np.diag_indices_from(out)] /= 2
    return out


@dataclass(frozen=True)
class Variances:
    """Posterior variances that the scales and the marginal correction need.

    ``row`` (N,): linear predictor; ``ability`` (N,): its ability part given the core; ``scaled``
    (N,): covariance of the linear predictor with the part that its discrimination multiplies,
    ability less difficulty, given all discriminations; ``block`` (D,) and ``core`` (C,): marginal
    variances of the parameters.
    """

    row: np.ndarray
    ability: np.ndarray
    scaled: np.ndarray
    block: np.ndarray
    core: np.ndarray


class Arrow:
    """The Hessian at given parameters, factorised.

    Parameters
    ----------
    pattern : Pattern
    at : Predictor
    likelihood : Likelihood
    block_precision, core_precision : arrays (D,), (C,)
        Of the priors.
    free : bool array (C,), optional
        Core parameters that may move; all by default.
    """

    def __init__(
        self,
        pattern: Pattern,
        at: Predictor,
        likelihood: Likelihood,
        block_precision: np.ndarray,
        core_precision: np.ndarray,
        free: np.ndarray | None = None,
    ) -> None:
        self.pattern, self.at, self.free = pattern, at, free
        self.values = pattern.jacobian.values(at)
        kept = self.values
        if free is not None:
            kept = np.where(free[pattern.jacobian.column], kept, 0.0)
        core_buffer = np.zeros(pattern.core_size)
        core_buffer[pattern.core_flat] = kept
        effect_buffer = np.zeros(pattern.effect_size)
        effect_buffer[pattern.effect_flat] = np.where(
            pattern.effect_ability, at.a[pattern.effect_row], 1.0
        )
        weight = np.append(likelihood.information, 0.0)
        precision = np.append(block_precision, 1.0)
        self.core_parts: list[np.ndarray] = []
        self.through: list[np.ndarray] = []
        self.effect_parts: list[np.ndarray] = []
        self.inverses: list[np.ndarray] = []
        self.couplings: list[np.ndarray] = []
        local = []
        for batch in pattern.batches:
            k, r = batch.rows.shape
            jc = core_buffer[batch.own].reshape(k, r, -1)
            jb = effect_buffer[batch.effect_own].reshape(k, r, -1)
            w = weight[batch.rows][:, :, None]
            jbt = jb.transpose(0, 2, 1)
            h_bb = jbt @ (w * jb)
            diagonal = np.arange(h_bb.shape[1])
            h_bb[:, diagonal, diagonal] += precision[batch.block]
            wjc = w * jc
            h_bc = jbt @ wjc
            inverse = np.linalg.inv(h_bb)
            inverse = (inverse + inverse.transpose(0, 2, 1)) / 2
            coupling = inverse @ h_bc
            # what the core does to the rows once the model's own effects have followed it
            through = jc - jb @ coupling
            local.append((wjc.transpose(0, 2, 1) @ through).ravel())
            self.core_parts.append(jc)
            self.through.append(through)
            self.effect_parts.append(jb)
            self.inverses.append(inverse)
            self.couplings.append(coupling)
        width = pattern.width
        summed = np.bincount(pattern.scatter, np.concatenate(local), minlength=(width + 1) ** 2)
        schur = np.array(summed.reshape(width + 1, width + 1)[:width, :width], dtype=float)
        schur[np.diag_indices(width)] += core_precision
        items = len(pattern.design.benchmarks)
        schur[:items, :items] += unit_precision(pattern.design)
        if free is not None:  # parameters held fixed get no freedom
            schur[~free, :] = 0
            schur[:, ~free] = 0
            schur[~free, ~free] = 1
        self.schur = schur
        self.factor = linalg.cholesky(schur, lower=True, check_finite=False)

    def gradient(
        self, rows: np.ndarray, block_prior: np.ndarray, core_prior: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Gradients in the block variables and in the core, given that in ``eta`` (N,)."""
        block = self.pattern.effects_transposed(self.at.a, rows) - block_prior
        core = self.pattern.jacobian.transposed(self.values, rows) - core_prior
        return block, core

    def move_of_rows(self, block: np.ndarray, core: np.ndarray) -> np.ndarray:
        """(N,) change of the linear predictor under a step, to first order."""
        moved = self.pattern.effects_times(self.at.a, block)
        return np.asarray(moved + self.pattern.jacobian.times(self.values, core))

    def solve(
        self,
        g_block: np.ndarray,
        g_core: np.ndarray,
        steep: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Solve for block and core.

        ``steep`` (C,) adds curvature to the core: it shortens this step and leaves the point where
        the step would be 0 as it is.
        """
        width, total = self.pattern.width, self.pattern.layout.total
        padded = np.append(g_block, 0.0)
        pulled = np.zeros(width + 1)
        for batch, coupling in zip(self.pattern.batches, self.couplings, strict=True):
            back = coupling.transpose(0, 2, 1) @ padded[batch.block][:, :, None]
            pulled += np.bincount(batch.columns.ravel(), back.ravel(), minlength=width + 1)
        rhs = g_core - pulled[:width]
        factor = self.factor
        if self.free is not None:
            rhs = np.where(self.free, rhs, 0.0)
        if steep is not None:
            extra = steep if self.free is None else np.where(self.free, steep, 0.0)
            steeper = self.schur.copy()
            steeper[np.diag_indices(width)] += extra
            factor = linalg.cholesky(steeper, lower=True, check_finite=False, overwrite_a=True)
        core = linalg.cho_solve((factor, True), rhs, check_finite=False)
        moved = np.append(core, 0.0)
        block = np.zeros(total + 1)
        for batch, inverse, coupling in zip(
            self.pattern.batches, self.inverses, self.couplings, strict=True
        ):
            step = inverse @ padded[batch.block][:, :, None]
            step -= coupling @ moved[batch.columns][:, :, None]
            block[batch.block] = step[:, :, 0]
        return block[:total], core

    def core_covariance(self) -> np.ndarray:
        """(C, C) inverse of the Schur complement; 0 for parameters held fixed."""
        out = _inverse(self.factor)
        if self.free is not None:
            out[~self.free, :] = 0
            out[:, ~self.free] = 0
        return out

    def _given_items(self) -> np.ndarray:
        """(C, C) covariance of the core with all discriminations known; 0 in their rows."""
        width, items = self.pattern.width, len(self.pattern.design.benchmarks)
        rest = np.arange(items, width)
        if self.free is not None:
            rest = rest[self.free[rest]]
        factor = linalg.cholesky(self.schur[np.ix_(rest, rest)], lower=True, check_finite=False)
        out = np.zeros((width, width))
        out[np.ix_(rest, rest)] = _inverse(factor)
        return out

    def variances(self) -> Variances:
        """Variances of rows, block variables and core."""
        pattern = self.pattern
        width, rows, total = pattern.width, len(self.at.eta), pattern.layout.total
        covariance, given = np.zeros((width + 1, width + 1)), np.zeros((width + 1, width + 1))
        covariance[:width, :width] = self.core_covariance()
        given[:width, :width] = self._given_items()
        flat, flat_given = covariance.ravel(), given.ravel()
        multiplied = np.append(pattern.jacobian.is_multiplied, False)
        row, ability, block = np.zeros(rows + 1), np.zeros(rows + 1), np.zeros(total + 1)
        scaled = np.zeros(rows + 1)
        for batch, jc, through, jb, inverse, coupling in zip(
            pattern.batches,
            self.core_parts,
            self.through,
            self.effect_parts,
            self.inverses,
            self.couplings,
            strict=True,
        ):
            k, c = batch.columns.shape
            local = flat[pattern.scatter[batch.pairs]].reshape(k, c, c)
            within = ((jb @ inverse) * jb).sum(axis=2)
            row[batch.rows] = within + ((through @ local) * through).sum(axis=2)
            only = jb * batch.is_ability[:, None, :]
            ability[batch.rows] = ((only @ inverse) * only).sum(axis=2)
            local_given = flat_given[pattern.scatter[batch.pairs]].reshape(k, c, c)
            part = jc * multiplied[batch.columns][:, None, :] - only @ coupling
            scaled[batch.rows] = ((jb @ inverse) * only).sum(axis=2)
            scaled[batch.rows] += ((through @ local_given) * part).sum(axis=2)
            own = np.diagonal(inverse, axis1=1, axis2=2)
            block[batch.block] = own + ((coupling @ local) * coupling).sum(axis=2)
        return Variances(
            row[:rows],
            ability[:rows],
            scaled[:rows],
            block[:total],
            np.diagonal(covariance)[:width].copy(),
        )

    def coupling(self) -> np.ndarray:
        """(D, C) dense coupling of the block variables to the core."""
        out = np.zeros((self.pattern.layout.total + 1, self.pattern.width + 1))
        for batch, part in zip(self.pattern.batches, self.couplings, strict=True):
            out[batch.block[:, :, None], batch.columns[:, None, :]] = part
        return out[:-1, :-1]

    def block_covariances(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """Per number of effects: the models, and (k, p, p) covariances given the core."""
        layout = self.pattern.layout
        found: dict[int, np.ndarray] = {}
        for batch, inverse in zip(self.pattern.batches, self.inverses, strict=True):
            for model, part in zip(batch.models.tolist(), inverse, strict=True):
                found[model] = part[: layout.size[model], : layout.size[model]]
        return tuple(
            (models, np.stack([found[m] for m in models.tolist()])) for models in layout.groups
        )
