r"""Harness share: how much of a score is scaffold and budget, how much is weights.

Two readings of the same rows.

**Variance components.** On the logit scale (between chance and ceiling) a score is

.. math:: y_i = \mathrm{benchmark}_{b} + m_{w(i)} + p_{w,b} + s_{h(i)} + e_{w,\ell(i)} + u_{b,q(i)}
    + \epsilon_i + \text{sampling},

weights :math:`m`, the profile :math:`p` of a model on a benchmark, scaffold :math:`s`, effort or budget
setting :math:`e` of a model, set-up :math:`u` (evaluator with its harness on a benchmark) and a residual; the
sampling variance of each score is known where trials or a standard error are. Estimated by
restricted maximum likelihood with the average-information algorithm (Gilmour, Thompson & Cullis
1995, doi:10.2307/2533274). Benchmarks are fixed effects, so their difficulty is in no share.

**Matched comparisons.** Results of one model on one benchmark that differ only in scaffold (or
only in effort, or only in token budget) need no model of anything else. The best of several
scaffolds is partly luck: its gain over the median is therefore also given shrunk by the root of the
share of the spread that sampling noise does not explain.

Logits become ability by the benchmark's discrimination, and ability becomes months by the pace of
the closed frontier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special
from threadpoolctl import threadpool_limits

from headway.errors import BadValue
from headway.estimate.lag.entrants import FloatArray, IntArray

__all__ = [
    "Components",
    "Spread",
    "logit_scores",
    "matched_spread",
    "slope_per_doubling",
    "solved_within",
    "variance_components",
]

#: Fewer groups or models than these say nothing about others.
MIN_GROUPS = 5
MIN_CLUSTERS = 4
#: Scores this near to chance or ceiling only bound the logit and are left out of differences.
EDGE = 0.01


def logit_scores(
    score: FloatArray,
    chance: FloatArray,
    ceiling: FloatArray,
    trials: FloatArray,
    stderr: FloatArray,
    read_sd: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Scores on the logit scale with their known variance.

    Parameters
    ----------
    score, chance, ceiling : arrays, shape (n,), proportions
    trials : array, shape (n,)
        NaN where unknown.
    stderr, read_sd : arrays, shape (n,), proportions
        NaN where unknown (``stderr``), 0 where none (``read_sd``).

    Returns
    -------
    logit, variance : arrays, shape (n,)
        NaN where the score lies within 1 % of chance or ceiling. Without trials or a standard error
        the sampling variance is unknown and counted as 0: it ends in the residual.
    """
    span = ceiling - chance
    share = (score - chance) / span
    inside = (share > EDGE) & (share < 1 - EDGE)
    safe = np.where(inside, share, 0.5)
    logit = np.where(inside, special.logit(safe), np.nan)
    binomial = np.clip(score, 0.01, 0.99) * (1 - np.clip(score, 0.01, 0.99)) / trials
    sampling = np.where(~np.isnan(stderr), stderr**2, np.where(~np.isnan(trials), binomial, 0.0))
    slope = span * safe * (1 - safe)
    return logit, np.where(inside, (np.nan_to_num(sampling) + read_sd**2) / slope**2, np.nan)


@dataclass(frozen=True)
class Components:
    """Variance components of scores, logits^2.

    Parameters
    ----------
    names : tuple of str
        The grouping factors in the order given, then ``residual``.
    variance : array, shape (n_components,)
    draws : array, shape (n_draws, n_components)
        From the normal approximation on the log scale.
    levels : tuple of int
        Distinct levels per factor, rows for the residual.
    n : int
        Rows.
    converged : bool
    """

    names: tuple[str, ...]
    variance: FloatArray
    draws: FloatArray
    levels: tuple[int, ...]
    n: int
    converged: bool

    def share(self, *names: str) -> FloatArray:
        """(n_draws,) share of some components in the sum of all."""
        at = [self.names.index(name) for name in names]
        return np.asarray(self.draws[:, at].sum(axis=1) / self.draws.sum(axis=1))


def variance_components(
    y: FloatArray,
    known: FloatArray,
    factors: Mapping[str, Sequence[object]],
    fixed: Sequence[object],
    *,
    draws: int,
    rng: np.random.Generator,
    max_iterations: int = 60,
) -> Components:
    """Restricted maximum likelihood of crossed random effects with known sampling variances.

    Parameters
    ----------
    y, known : arrays, shape (n,)
        Values and their known variances.
    factors : mapping of str to sequence, length n
        Level of each row in each random factor; a level may not be missing (give a row without
        one a level of its own).
    fixed : sequence, length n
        Level of the fixed factor (the benchmark).
    draws : int
    rng : numpy.random.Generator
    max_iterations : int

    Returns
    -------
    Components

    Raises
    ------
    BadValue
        Values that are not finite, or more fixed levels than rows can carry.
    """
    y = np.asarray(y, dtype=np.float64)
    if not (np.isfinite(y).all() and np.isfinite(known).all()):
        raise BadValue("a score or its variance is not finite; leave such rows out")
    n = len(y)
    _, code = np.unique(np.asarray(fixed, dtype=str), return_inverse=True)
    x = np.eye(int(code.max()) + 1)[code]
    if x.shape[1] >= n - len(factors):
        raise BadValue(f"{x.shape[1]} benchmarks are too many for {n} rows")
    kernels, levels = [], []
    for column in factors.values():
        _, level = np.unique(np.asarray(column, dtype=str), return_inverse=True)
        kernels.append((level[:, None] == level[None, :]).astype(np.float64))
        levels.append(int(level.max()) + 1)
    kernels.append(np.eye(n))
    size = len(kernels)
    # one thread: the sums are then always taken in one order, and more threads only spin
    with threadpool_limits(limits=1):
        theta, information, converged = _average_information(
            y, known, kernels, x, max_iterations=max_iterations
        )
    # flat directions (a variance near 0) get the width of two logs, no more
    curvature = information * np.outer(theta, theta)
    values, vectors = np.linalg.eigh((curvature + curvature.T) / 2)
    factor = vectors / np.sqrt(np.maximum(values, 0.25))
    log_draws = np.log(theta) + rng.standard_normal((draws, size)) @ factor.T
    return Components(
        names=(*factors, "residual"),
        variance=theta,
        draws=np.exp(log_draws),
        levels=(*levels, n),
        n=n,
        converged=converged,
    )


def _average_information(
    y: FloatArray,
    known: FloatArray,
    kernels: Sequence[FloatArray],
    x: FloatArray,
    *,
    max_iterations: int,
) -> tuple[FloatArray, FloatArray, bool]:
    """Variances at the restricted maximum, their average information, and whether it was reached."""
    size = len(kernels)
    theta = np.full(size, 0.5 * max(float(np.var(y)), 0.1) / size)
    converged = False
    information = np.eye(size)
    for _ in range(max_iterations):
        v = sum((t * k for t, k in zip(theta, kernels, strict=True)), np.diag(known))
        inverse = np.linalg.inv(v)
        vx = inverse @ x
        p = inverse - vx @ np.linalg.solve(x.T @ vx, vx.T)
        py = p @ y
        products = np.column_stack([k @ py for k in kernels])
        score = np.array(
            [
                -0.5 * float((p * k).sum()) + 0.5 * float(py @ products[:, j])
                for j, k in enumerate(kernels)
            ]
        )
        information = 0.5 * products.T @ p @ products
        # on the log scale, with a step that is bounded: a variance never leaves the positive side
        gradient = score * theta
        curvature = information * np.outer(theta, theta)
        curvature[np.diag_indices(size)] += np.maximum(-gradient, 0.0) + 1e-3
        step = np.clip(np.linalg.solve(curvature, gradient), -1.0, 1.0)
        theta = np.maximum(theta * np.exp(step), 1e-6)
        settled = (np.abs(step) < 1e-3) | (theta <= 1e-5)
        if settled.all():
            converged = True
            break
    return theta, information, converged


@dataclass(frozen=True)
class Spread:
    """How far results of one model on one benchmark differ between scaffolds.

    Parameters
    ----------
    sd : array, shape (n_draws,)
        Standard deviation between scaffolds with sampling noise taken out, units of ability.
    gain : array, shape (n_draws,)
        Best less median as observed, mean over groups (luck included), units of ability.
    gain_without_luck : array, shape (n_draws,)
        The same times the root of the share of the spread that is not sampling noise.
    typical : float
        Mean number of scaffolds in a group.
    groups, rows, n_clusters : int
        Groups (model x benchmark), rows, and models.
    """

    sd: FloatArray
    gain: FloatArray
    gain_without_luck: FloatArray
    typical: float
    groups: int
    rows: int
    n_clusters: int


def matched_spread(
    value: FloatArray,
    variance: FloatArray,
    group: Sequence[str],
    cluster: Sequence[str],
    *,
    draws: int,
    rng: np.random.Generator,
) -> Spread | None:
    """Spread between matched results, by moments, with a bootstrap over models.

    Parameters
    ----------
    value, variance : arrays, shape (n,)
        In units of ability, with known sampling variance.
    group : sequence of str, length n
        Model and benchmark; groups with a single row say nothing and are skipped.
    cluster : sequence of str, length n
        What is resampled: the model.
    draws : int
    rng : numpy.random.Generator

    Returns
    -------
    Spread or None
        ``None`` with fewer than five groups or four clusters.
    """
    _, code = np.unique(np.asarray(group, dtype=str), return_inverse=True)
    count = np.bincount(code)
    kept = np.flatnonzero(count > 1)
    owner = np.asarray(cluster, dtype=str)
    squares, freedom, noise, gain, of = [], [], [], [], []
    for g in kept:
        at = np.flatnonzero(code == g)
        values = value[at]
        squares.append(float(((values - values.mean()) ** 2).sum()))
        freedom.append(len(at) - 1)
        noise.append(float(variance[at].mean()) * (len(at) - 1))
        gain.append(float(values.max() - np.median(values)))
        of.append(owner[at[0]])
    clusters, which = np.unique(np.array(of, dtype=str), return_inverse=True)
    if len(kept) < MIN_GROUPS or len(clusters) < MIN_CLUSTERS:
        return None
    weight = rng.standard_exponential((draws, len(clusters)))[:, which]
    total = weight @ np.array(freedom, dtype=float)
    between = np.maximum((weight @ (np.array(squares) - np.array(noise))) / total, 0.0)
    seen = (weight @ np.array(squares)) / total
    best = (weight @ np.array(gain)) / weight.sum(axis=1)
    return Spread(
        sd=np.sqrt(between),
        gain=best,
        gain_without_luck=best * np.sqrt(between / np.maximum(seen, 1e-12)),
        typical=float(count[kept].mean()),
        groups=len(kept),
        rows=int(count[kept].sum()),
        n_clusters=len(clusters),
    )


def slope_per_doubling(
    value: FloatArray,
    log2_budget: FloatArray,
    group: Sequence[str],
    cluster: Sequence[str],
    *,
    draws: int,
    rng: np.random.Generator,
) -> tuple[FloatArray, int, int] | None:
    """Gain per doubling of a budget, within groups that differ in nothing else.

    Least squares with one intercept per group; models are resampled (Bayesian bootstrap).

    Parameters
    ----------
    value : array, shape (n,)
        Units of ability.
    log2_budget : array, shape (n,)
    group, cluster : sequences of str, length n
        Model x benchmark (x harness); model.
    draws : int
    rng : numpy.random.Generator

    Returns
    -------
    (slope (n_draws,), groups, clusters) or None
        ``None`` with fewer than five groups or four clusters whose budgets differ.
    """
    _, code = np.unique(np.asarray(group, dtype=str), return_inverse=True)
    owner = np.asarray(cluster, dtype=str)
    top, bottom, of = [], [], []
    for g in range(int(code.max()) + 1 if len(code) else 0):
        at = np.flatnonzero(code == g)
        dx = log2_budget[at] - log2_budget[at].mean()
        if len(at) > 1 and np.ptp(log2_budget[at]) > 0:
            top.append(float((dx * value[at]).sum()))
            bottom.append(float((dx**2).sum()))
            of.append(owner[at[0]])
    clusters, which = np.unique(np.array(of, dtype=str), return_inverse=True)
    if len(top) < MIN_GROUPS or len(clusters) < MIN_CLUSTERS:
        return None
    weight = rng.standard_exponential((draws, len(clusters)))[:, which]
    slope = (weight @ np.array(top)) / (weight @ np.array(bottom))
    return np.asarray(slope), len(top), len(clusters)


def solved_within(
    success: np.ndarray, tokens: FloatArray, budgets: Sequence[float]
) -> tuple[FloatArray, IntArray]:
    """Share of runs that were solved with at most so many tokens.

    An agent that stops when it has solved a task would have solved it with any larger budget; what
    it would have done differently had it known of a smaller one cannot be seen.

    Parameters
    ----------
    success : bool array, shape (n,)
    tokens : array, shape (n,)
    budgets : sequence of float

    Returns
    -------
    share : array, shape (n_budgets,)
    solved : int array, shape (n_budgets,)
    """
    solved = np.array([int((success & (tokens <= b)).sum()) for b in budgets], dtype=np.int64)
    return solved / max(len(success), 1), solved
