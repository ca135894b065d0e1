r"""Reading covariate effects off a fit, and what they do to the abilities.

**Posterior.** Mean and sd of a coefficient :math:`\beta` are those of the Laplace approximation.

**Labs.** Rows of one lab's models share more than the random effects say. The sandwich
:math:`\sum_c \psi_c \psi_c^\top` over labs *c* (Liang & Zeger 1986, doi:10.1093/biomet/73.1.13; for
penalised fits it is the infinitesimal jackknife) uses

.. math:: \psi_c = S^{-1} \sum_{i \in c} J_i^\top g_i ,

where :math:`S^{-1}` is the posterior covariance of the shared parameters, :math:`J_i` the row's
derivatives with respect to them and :math:`g_i` its gradient at the mode. The effects that belong to
one model add nothing, because their gradient with prior is zero at the mode within each lab.

**Held at zero.** What the fit would say without a term, draw by draw, is the posterior
conditional on :math:`\beta = 0`; for a Gaussian it is each draw moved by
:math:`-\mathrm{Cov}(\cdot,\beta)\,\mathrm{Var}(\beta)^{-1}\beta`. The same random numbers give
paired draws, so a difference of lags carries the effect's own uncertainty and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from headway.estimate.capability import CapabilityFit
from headway.estimate.capability.design import Cell
from headway.estimate.capability.laplace import LaplaceFit
from headway.estimate.capability.model import beta_binomial, gaussian_censored
from headway.estimate.lag.effects.rows import normal_quantity
from headway.result import Quantity

__all__ = [
    "PRIOR_SHARE",
    "classes_moved",
    "corrected",
    "held_at_zero",
    "influence",
    "posterior",
    "row_gradient",
    "term",
]

#: A coefficient whose posterior sd is above this share of its prior sd was told by the prior.
PRIOR_SHARE = 0.9


def _columns(laplace: LaplaceFit, names: Sequence[str]) -> np.ndarray:
    """Positions of coefficients in the core vector."""
    start = len(laplace.core) - len(laplace.core_part("trend")) - len(laplace.core_part("beta"))
    return np.array([start + laplace.design.covariates.index(name) for name in names])


def posterior(laplace: LaplaceFit, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Mean (K,) and covariance (K, K) of coefficients."""
    at = _columns(laplace, names)
    factor = laplace.core_cov_chol[at]
    return laplace.core[at], factor @ factor.T


def row_gradient(laplace: LaplaceFit) -> np.ndarray:
    """(rows,) derivative of each row's log likelihood by its linear predictor, at the mode."""
    design, scales = laplace.design, laplace.scales
    out = np.zeros(len(laplace.eta))
    counted = design.is_counted
    benchmark = design.benchmark
    if counted.any():
        out[counted] = beta_binomial(
            laplace.eta[counted],
            design.y[counted],
            design.n[counted],
            design.floor[counted],
            design.span[counted],
            scales.rho[benchmark[counted]],
        )[1]
    rest = ~counted
    if rest.any():
        variance = scales.noise[benchmark[rest]] ** 2 + design.known_variance[rest]
        out[rest] = gaussian_censored(
            laplace.eta[rest], design.y[rest], variance, design.side[rest]
        )[1]
    return out


def row_cells(laplace: LaplaceFit) -> list[tuple[Cell, np.ndarray]]:
    """Each cell with the positions of the rows that see the ability there."""
    design = laplace.design
    out: list[tuple[Cell, np.ndarray]] = []
    for j, domain in enumerate(design.domains):
        out.append(((domain, None), np.flatnonzero((design.domain == j) & (design.stage < 0))))
    for j, cell in enumerate(design.stages):
        out.append((cell, np.flatnonzero(design.stage == j)))
    return [(cell, here) for cell, here in out if len(here)]


def _row_distance(laplace: LaplaceFit) -> np.ndarray:
    """(rows,) ability minus difficulty."""
    design = laplace.design
    theta = np.zeros(len(design.model))
    for cell, here in row_cells(laplace):
        theta[here] = laplace.mean(cell)[design.model[here]]
    return np.asarray(theta - laplace.core_part("difficulty")[design.benchmark])


def influence(
    laplace: LaplaceFit, names: Sequence[str], clusters: Sequence[str]
) -> tuple[np.ndarray, int]:
    """What each lab's rows contribute to coefficients.

    Parameters
    ----------
    laplace : LaplaceFit
    names : sequence of str
        Covariates.
    clusters : sequence of str, one per model
        Lab of each model; a model belongs to one.

    Returns
    -------
    psi : array (labs, K)
        Centred. The robust variance of ``w @ beta`` is ``sum((psi @ w)**2) C / (C - 1)``.
    touched : int
        Labs with rows that carry one of the terms.

    Notes
    -----
    The dependence of the discriminations' marginal correction on single rows is left out (it is
    of second order).
    """
    design = laplace.design
    code = np.unique(np.asarray(clusters), return_inverse=True)[1][design.model]
    gradient = row_gradient(laplace)
    a = np.exp(laplace.core_part("log_discrimination"))[design.benchmark]
    total = np.zeros((int(code.max()) + 1, len(laplace.core)))
    b = len(design.benchmarks)
    np.add.at(total, (code, design.benchmark), gradient * a * _row_distance(laplace))
    np.add.at(total, (code, b + design.benchmark), -gradient * a)
    at = 2 * b
    for effect, size in ((design.setup, design.setups), (design.scaffold, design.scaffolds)):
        has = effect >= 0
        np.add.at(total, (code[has], at + effect[has]), gradient[has])
        at += len(size)
    dense = np.column_stack([design.x, design.trend * a[:, None]])
    for j in range(dense.shape[1]):
        total[:, at + j] = np.bincount(code, gradient * dense[:, j], minlength=len(total))
    factor = laplace.core_cov_chol
    psi = total @ factor @ factor[_columns(laplace, names)].T
    x = design.x[:, [design.covariates.index(n) for n in names]]
    touched = len(np.unique(code[(x != 0).any(axis=1)]))
    return np.asarray(psi - psi.mean(axis=0)), touched


def term(
    fit: CapabilityFit,
    weights: Mapping[str, float],
    *,
    clusters: Sequence[str],
    level: float,
    unit: str = "logits",
    least_labs: int = 3,
    offset: tuple[float, float] = (0.0, 0.0),
) -> tuple[Quantity, dict[str, float]]:
    """A linear combination of coefficients with its interval.

    The interval uses the larger of the posterior sd and the sd over labs, and says which by its
    kind (``eti`` or ``t``).

    Parameters
    ----------
    fit : CapabilityFit
    weights : mapping of covariate to weight
    clusters : sequence of str, one per model
    level : float
    unit : str
    least_labs : int
        Fewer labs with rows that carry the term: ``not_estimable``.
    offset : (mean, sd)
        What the combination comes to in worlds where it is 0, and the sd of that mean: taken off,
        with the note ``null_offset:mean``.

    Returns
    -------
    quantity : Quantity
        ``not_estimable`` where a covariate has no rows (``no_such_rows``), where too few labs carry
        it (``few_labs:have<need``), or where the data hardly move the prior (``prior_only``).
    sds : dict
        ``model`` and ``labs``; empty where the covariate has no rows.
    """
    laplace = fit.laplace
    design = laplace.design
    names = list(weights)
    if any(name not in design.covariates for name in names):
        return Quantity.not_estimable(unit, "no_such_rows"), {}
    w = np.array([weights[name] for name in names])
    mean, cov = posterior(laplace, names)
    psi, touched = influence(laplace, names, clusters)
    count = len(psi)
    sds = {
        "model": float(np.sqrt(w @ cov @ w)),
        "labs": float(np.sqrt(((psi @ w) ** 2).sum() * count / max(count - 1, 1))),
    }
    x = design.x[:, [design.covariates.index(n) for n in names]]
    n = int((x != 0).any(axis=1).sum())
    prior_sd = float(np.sqrt((w**2).sum())) * laplace.priors.covariate_sd
    if touched < least_labs:
        note = f"few_labs:{touched}<{least_labs}"
        return Quantity.not_estimable(unit, note, n=n, n_clusters=touched), sds
    if sds["model"] > PRIOR_SHARE * prior_sd:
        return Quantity.not_estimable(unit, "prior_only", n=n, n_clusters=touched), sds
    bias, bias_sd = offset
    quantity = normal_quantity(
        float(w @ mean) - bias,
        float(np.hypot(max(sds.values()), bias_sd)),
        unit,
        level=level,
        n=n,
        n_clusters=touched,
        clustered=sds["labs"] > sds["model"],
        notes=(f"null_offset:{bias:.2f}",) if bias else (),
    )
    return quantity, sds


def _gain(laplace: LaplaceFit, at: np.ndarray) -> np.ndarray:
    """(C, K) regression of the core on coefficients in the posterior."""
    factor = laplace.core_cov_chol
    return np.asarray(factor @ factor[at].T @ np.linalg.inv(factor[at] @ factor[at].T))


def corrected(fit: CapabilityFit, offsets: Mapping[str, float]) -> CapabilityFit:
    """The fit with coefficients lowered by a known bias, and the abilities moved accordingly.

    Draws with the same generator state are paired with those of ``fit``.
    """
    laplace = fit.laplace
    names = [n for n in offsets if n in laplace.design.covariates and offsets[n] != 0]
    if not names:
        return fit
    at = _columns(laplace, names)
    core = laplace.core - _gain(laplace, at) @ np.array([offsets[n] for n in names])
    block = laplace.block - (core - laplace.core) @ laplace.coupling.T
    return replace(fit, laplace=replace(laplace, core=core, block=block))


def held_at_zero(fit: CapabilityFit, names: Sequence[str]) -> CapabilityFit:
    """The posterior conditional on coefficients being 0 (scales held).

    Draws with the same generator state are paired with those of ``fit``: each is the original
    draw moved by its regression on the coefficients. Names without a column are ignored: their
    coefficient is 0 already.
    """
    laplace = fit.laplace
    present = [n for n in names if n in laplace.design.covariates]
    if not present:
        return fit
    at = _columns(laplace, present)
    factor = laplace.core_cov_chol
    gain = _gain(laplace, at)
    core = laplace.core - gain @ laplace.core[at]
    block = laplace.block - (core - laplace.core) @ laplace.coupling.T
    moved = replace(laplace, core=core, block=block, core_cov_chol=factor - gain @ factor[at])
    return replace(fit, laplace=moved)


def classes_moved(fit: CapabilityFit, name: str, *, less: float = 0.0) -> CapabilityFit:
    """The abilities as rows of another kind see them.

    The coefficient of a covariate ``contrast x kind`` (contrast: open 1/2, closed -1/2) says how
    much further apart the classes are on rows of that kind; at a discrimination of 1 it is a shift
    of ability. Here it is added to the level of the class difference, draw by draw, so that draws
    with the same generator state are paired with those of ``fit``. Undated models are left where
    they are (they enter no frontier). ``less`` is a known bias of the coefficient, taken off.
    """
    laplace = fit.laplace
    size = len(laplace.core)
    trend = size - len(laplace.core_part("trend"))
    at = trend + laplace.design.trend_columns.index("open:level")
    turn = np.eye(size)
    turn[at, _columns(laplace, [name])[0]] += 1.0
    back = 2 * np.eye(size) - turn  # its inverse: the added part is nilpotent
    core = turn @ laplace.core
    core[at] -= less
    moved = replace(
        laplace,
        core=core,
        core_cov_chol=turn @ laplace.core_cov_chol,
        coupling=laplace.coupling @ back,
    )
    return replace(fit, laplace=moved)
