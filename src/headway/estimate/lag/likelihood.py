r"""What the scores alone say about a model's abilities, with the prior taken out again.

A posterior ability is pulled towards the trend of its access class and, through general ability,
towards what the model does in other domains. That is right for ranking models and wrong for
asking how abilities depend on each other, on size or on time: a regression on such draws finds
the prior again. For one model with abilities :math:`\theta` in several cells, prior
:math:`N(\mu_0, \Sigma_0)` and Gaussian posterior :math:`N(m, V)`, the likelihood is their ratio,

.. math::

    p(y \mid \theta) \propto \exp\{-\tfrac12\theta^\top\Lambda\theta + h^\top\theta\}, \qquad
    \Lambda = V^{-1} - \Sigma_0^{-1}, \quad h = V^{-1} m - \Sigma_0^{-1}\mu_0 .

:math:`\Lambda` is the precision of what was measured, with the covariance between cells that the
same rows, shared families and nuisance effects bring; it is singular where a model has no result
in a cell. **Which cells to ask for.** What is not among the cells is integrated out with its prior: results in
a stage that is not asked for inform the cells through the hierarchy. Ask for every cell with results
and leave those not wanted free afterwards (:meth:`Likelihoods.restricted`), and each cell is
informed by its own results alone. Only the cyber headline, a mean of stages, needs the hierarchy
to stand in for stages without results.

Items, set-ups and trends are common to all models: :math:`h` is given for each draw
of them, so that their uncertainty is carried along.

The ratio of posterior and prior is the "site" or "message" of expectation propagation (Minka
2001, arXiv:1301.2294); here the posterior is Laplace's and the ratio is exact for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headway.errors import BadValue
from headway.estimate.capability.design import Cell
from headway.estimate.capability.fit import AbilitySample, CapabilityFit

__all__ = ["Likelihoods", "likelihoods"]


@dataclass(frozen=True)
class Likelihoods:
    """Gaussian likelihood of every model's abilities in ``cells``.

    Parameters
    ----------
    models : tuple of str
    cells : tuple of (domain, stage)
    precision : array, shape (n_models, k, k), 1/logit^2
        Positive semi-definite; 0 in a cell without results.
    pull : array, shape (n_draws, n_models, k)
        Precision times the best value, per draw of items, set-ups and trends.
    theta : array, shape (n_draws, n_models, k), logits
        Posterior draws that belong to the same draws (with the prior).
    counts : int array, shape (n_models, k)
        Results in the cell.
    """

    models: tuple[str, ...]
    cells: tuple[Cell, ...]
    precision: np.ndarray
    pull: np.ndarray
    theta: np.ndarray
    counts: np.ndarray

    def of(self, index: np.ndarray, cells: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """``precision`` (n, j, j) and ``pull`` (n_draws, n, j) of some models in some cells.

        The other cells are left free (no prior on them), so that a cell is informed by its own
        results and not by those of its neighbours.
        """
        keep = np.asarray(cells, dtype=np.int64)
        rest = np.setdiff1d(np.arange(len(self.cells)), keep)
        inside = self.precision[index]
        a = inside[:, keep][:, :, keep]
        h = self.pull[:, index][:, :, keep]
        if not len(rest):
            return a, h
        cross = inside[:, keep][:, :, rest]
        inverse = _inverse_where_known(inside[:, rest][:, :, rest])
        gain = np.einsum("nij,njk->nik", cross, inverse)
        a = a - np.einsum("nik,njk->nij", gain, cross)
        h = h - np.einsum("nij,dnj->dni", gain, self.pull[:, index][:, :, rest])
        return _psd((a + a.transpose(0, 2, 1)) / 2), h

    def restricted(self, cells: Sequence[Cell]) -> Likelihoods:
        """The same models in fewer cells, the others left free."""
        at = [self.cells.index(cell) for cell in cells]
        precision, pull = self.of(np.arange(len(self.models)), at)
        return Likelihoods(
            models=self.models,
            cells=tuple(cells),
            precision=precision,
            pull=pull,
            theta=self.theta[:, :, at],
            counts=self.counts[:, at],
        )

    def single(self, cell: Cell, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Best value (n_draws, n) and its variance (n,) in one cell, prior-free.

        The variance is ``inf`` and the value 0 for a model that was not measured there.
        """
        a, h = self.of(index, [self.cells.index(cell)])
        precision = a[:, 0, 0]
        measured = precision > _UNKNOWN
        safe = np.where(measured, precision, 1.0)
        value = np.where(measured, h[:, :, 0] / safe, 0.0)
        return value, np.where(measured, 1.0 / safe, np.inf)


def likelihoods(
    fit: CapabilityFit, cells: Sequence[Cell], draws: int, *, rng: np.random.Generator
) -> Likelihoods:
    """Likelihoods of every model of a fit in the cells asked for.

    Parameters
    ----------
    fit : CapabilityFit
    cells : sequence of (domain, stage)
        ``("cyber", None)`` is the headline: the mean of four stages. No cell may be a mixture of
        others (so not the headline with all its stages).
    draws : int
        Draws of items, set-ups and trends.
    rng : numpy.random.Generator

    Returns
    -------
    Likelihoods

    Raises
    ------
    NotFound
        A cell without results.
    BadValue
        One cell is a mixture of others.
    """
    laplace = fit.laplace
    design = laplace.design
    sample = AbilitySample(fit, laplace.draws(1, np.random.default_rng(0)))
    kinds = 1 + len(design.domains) + len(design.stages)
    mix = np.zeros((len(cells), kinds))
    mean_rows = []
    for k, cell in enumerate(cells):
        parts = sample._parts(cell)
        rows = []
        for domain, stage in parts:
            mix[k, 0] += 1 / len(parts)
            mix[k, 1 + design.domains.index(domain)] += 1 / len(parts)
            if stage is not None:
                at = 1 + len(design.domains) + design.stages.index((domain, stage))
                mix[k, at] += 1 / len(parts)
            rows.append(design.trend_row((domain, stage)))
        mean_rows.append(np.mean(rows, axis=0))
    if np.linalg.matrix_rank(mix) < len(cells):
        raise BadValue("a cell is a mixture of others: ask for them one after the other")
    trend_rows = np.stack(mean_rows, axis=1)  # (M, k, T)
    shift = rng.standard_normal((draws, len(laplace.core))) @ laplace.core_cov_chol.T
    trend = (laplace.core + shift)[:, laplace._offsets["trend"]]
    block = laplace.block - shift @ laplace.coupling.T
    prior_mean = np.einsum("mkt,dt->dmk", trend_rows, trend)
    kind_sd = laplace._kind_sd()
    count, size = len(design.models), len(cells)
    precision = np.zeros((count, size, size))
    pull = np.zeros((draws, count, size))
    theta = np.zeros((draws, count, size))
    noise = rng.standard_normal((draws, count, size))
    for models, covariances in laplace.block_cov:
        for m, covariance in zip(models.tolist(), covariances, strict=True):
            at = laplace.block_start[m] + np.arange(covariance.shape[0])
            kind = laplace.var_kind[at]
            own = kind >= 0
            touched = mix[:, kind[own]]
            free = np.ones(kinds, dtype=bool)
            free[kind[own]] = False
            variance = kind_sd[:, m] ** 2
            before = (mix * variance) @ mix.T
            after = touched @ covariance[np.ix_(own, own)] @ touched.T
            after += (mix[:, free] * variance[free]) @ mix[:, free].T
            move = block[:, at[own]] @ touched.T
            inverse_before = np.linalg.inv(before)
            inverse_after = np.linalg.inv(after)
            difference = inverse_after - inverse_before
            precision[m] = (difference + difference.T) / 2
            pull[:, m] = prior_mean[:, m] @ precision[m] + move @ inverse_after
            theta[:, m] = prior_mean[:, m] + move + noise[:, m] @ np.linalg.cholesky(after).T
    return Likelihoods(
        models=design.models,
        cells=tuple(cells),
        precision=_psd(precision),
        pull=pull,
        theta=theta,
        counts=np.stack([sample._measured(cell) for cell in cells], axis=1),
    )


#: A direction known with less precision than this (1/logit^2) is not known: rounding leaves 1e-12.
_UNKNOWN = 1e-5


def _inverse_where_known(matrix: np.ndarray) -> np.ndarray:
    """Inverses on the directions that carry information, 0 on the others."""
    values, vectors = np.linalg.eigh(matrix)
    known = values > _UNKNOWN
    inverse = np.where(known, 1.0 / np.where(known, values, 1.0), 0.0)
    return np.asarray(np.einsum("nij,nj,nkj->nik", vectors, inverse, vectors))


def _psd(matrix: np.ndarray) -> np.ndarray:
    """The nearest positive semi-definite matrices (rounding can leave tiny negative values)."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray(
        np.einsum("nij,nj,nkj->nik", vectors, np.maximum(values, 0.0), vectors), dtype=float
    )
