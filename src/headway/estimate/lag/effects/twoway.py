r"""Matched comparisons: two-way fixed effects with a bootstrap over labs.

.. math:: y_i = \alpha_{g(i)} + \delta_{b(i)} + \lambda_{b(i)} z_i + x_i^\top \beta + \varepsilon_i

on the logit scale, by least squares. With :math:`g` the model within its domain and :math:`b` the
benchmark, every model is compared with itself and every benchmark with itself; no trend, class
difference or prior enters. :math:`z` is a model's ability from the main fit and :math:`\lambda_b` a
free steepness of each benchmark: without it all benchmarks would be equally steep, and "newer models
on newer, steeper benchmarks" passes for an effect of age (on the real data it turned the sign of
the effect of age in the general domain). Intervals come from resampling whole labs (pairs cluster bootstrap,
Cameron, Gelbach & Miller 2008, doi:10.1162/rest.90.3.414): effects within a lab are lab weights, so
each replicate is one weighted solve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import linalg

from headway.result import Interval, Quantity

__all__ = ["LOGIT_BOUND", "TwoWay", "logit_rows", "two_way"]

#: Shares are moved to this distance from the floor and ceiling before the logit is taken.
LOGIT_BOUND = 0.02
_RIDGE = 1e-9
#: A column of which less than this share is left after the fixed effects is not identified.
_LEFT_OVER = 1e-5


def logit_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Proportions with ``y``: the logit of their share of the range from chance to ceiling.

    Shares within :data:`LOGIT_BOUND` of an end are moved to it: there the logit is mostly noise.
    Other units are left out.
    """
    share = (pl.col("score") - pl.col("chance")) / (pl.col("ceiling") - pl.col("chance"))
    inside = share.clip(LOGIT_BOUND, 1 - LOGIT_BOUND)
    return rows.filter(pl.col("unit") == "proportion").with_columns(
        share.alias("share"), (inside / (1 - inside)).log().alias("y")
    )


@dataclass(frozen=True)
class TwoWay:
    """Coefficients and their bootstrap replicates.

    Parameters
    ----------
    names : tuple of str
    value : array (K,)
    replicates : array (reps, K)
        Rows with ``nan`` are replicates in which a coefficient was not identified.
    n : tuple of int
        Rows per coefficient with a value other than the group's mean.
    n_clusters : tuple of int
        Labs among them.
    """

    names: tuple[str, ...]
    value: np.ndarray
    replicates: np.ndarray
    n: tuple[int, ...]
    n_clusters: tuple[int, ...]

    def quantity(
        self, name: str, *, level: float, unit: str = "logits", sign: float = 1.0, least: int = 3
    ) -> Quantity:
        """One coefficient (times ``sign``) with its percentile interval.

        ``not_estimable`` with fewer than ``least`` labs, or where more than 1 - ``level`` of the
        replicates do not identify it.
        """
        at = self.names.index(name)
        n, labs = self.n[at], self.n_clusters[at]
        if labs < least:
            return Quantity.not_estimable(unit, f"few_labs:{labs}<{least}", n=n, n_clusters=labs)
        found = sign * self.replicates[:, at]
        kept = found[np.isfinite(found)]
        if not np.isfinite(self.value[at]) or len(kept) < level * len(found):
            return Quantity.not_estimable(unit, "not_identified", n=n, n_clusters=labs)
        low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
        value = sign * float(self.value[at])
        interval = Interval(min(float(low), value), max(float(high), value), level, "bootstrap")
        return Quantity(value, unit, interval, n, labs, "estimated")


def two_way(
    y: np.ndarray,
    group: Sequence[str],
    benchmark: Sequence[str],
    x: np.ndarray,
    names: Sequence[str],
    labs: Sequence[str],
    *,
    slopes: np.ndarray | None = None,
    reps: int = 400,
    rng: np.random.Generator,
    absorb: bool = True,
) -> TwoWay:
    """Least squares with fixed effects of groups and benchmarks.

    Parameters
    ----------
    y : array (N,)
    group : sequence (N,)
        First fixed effect; a group lies within one lab.
    benchmark : sequence (N,)
        Second fixed effect.
    x : array (N, K)
    names : sequence of K names
    labs : sequence (N,)
        What is resampled.
    slopes : array (N,), optional
        :math:`z`: every benchmark gets a slope on it of its own.
    reps : int
    rng : Generator
    absorb : bool
        ``False``: no group effects, only the benchmarks' (every benchmark then has its own level).

    Returns
    -------
    TwoWay
    """
    y = np.asarray(y, dtype=float)
    x = np.asarray(x, dtype=float)
    g = np.unique(np.asarray(group), return_inverse=True)[1]
    b_names, b = np.unique(np.asarray(benchmark), return_inverse=True)
    c_names, c = np.unique(np.asarray(labs), return_inverse=True)
    size = np.bincount(g)
    dummies = np.zeros((len(y), max(len(b_names) - 1, 0)))
    inner = b > 0
    dummies[np.flatnonzero(inner), b[inner] - 1] = 1.0
    if slopes is not None:
        steep = np.zeros((len(y), len(b_names)))
        steep[np.arange(len(y)), b] = slopes - slopes.mean()
        dummies = np.column_stack([dummies, steep])
    if not absorb:
        dummies = np.column_stack([dummies, np.ones(len(y))])
    full = np.column_stack([x, dummies, y])
    if absorb:
        # groups lie within labs, so their means do not depend on a replicate's weights
        means = np.zeros((len(size), full.shape[1]))
        np.add.at(means, g, full)
        full = full - (means / size[:, None])[g]
    k, width = x.shape[1], full.shape[1]
    gram = np.zeros((len(c_names), width, width))
    for j in range(len(c_names)):
        part = full[c == j]
        gram[j] = part.T @ part
    total = gram.sum(axis=0)
    value = _solve(total, k)
    replicates = np.full((reps, k), np.nan)
    weights = rng.multinomial(len(c_names), np.full(len(c_names), 1 / len(c_names)), size=reps)
    for r in range(reps):
        replicates[r] = _solve(np.tensordot(weights[r], gram, axes=1), k)
    moving = np.abs(full[:, :k]) > 1e-9
    return TwoWay(
        names=tuple(names),
        value=value,
        replicates=replicates,
        n=tuple(int(m) for m in moving.sum(axis=0)),
        n_clusters=tuple(len(np.unique(c[moving[:, j]])) for j in range(k)),
    )


def _solve(gram: np.ndarray, k: int) -> np.ndarray:
    """First ``k`` coefficients of least squares from a Gram matrix whose last column is ``y``.

    The nuisance columns are projected out first; a coefficient whose own column has no variation
    left is ``nan``.
    """
    a, rest, target = gram[:k, :k], gram[k:-1, k:-1], gram[:-1, -1]
    diagonal = np.diagonal(a)
    left, right = a, target[:k]
    if len(rest):
        # a benchmark without rows in this replicate has an empty column: the ridge, far below any
        # real sum of squares, keeps the system solvable
        ridge = _RIDGE * max(float(np.diagonal(rest).max()), 1.0)
        factor = linalg.cho_factor(rest + ridge * np.eye(len(rest)), check_finite=False)
        solved = linalg.cho_solve(
            factor, np.column_stack([gram[k:-1, :k], target[k:]]), check_finite=False
        )
        left = a - gram[:k, k:-1] @ solved[:, :k]
        right = target[:k] - gram[:k, k:-1] @ solved[:, k]
    usable = np.diagonal(left) > _LEFT_OVER * np.maximum(diagonal, 1e-12)
    out = np.full(k, np.nan)
    if usable.any():
        keep = np.flatnonzero(usable)
        part = left[np.ix_(keep, keep)]
        if np.linalg.cond(part) < 1 / _LEFT_OVER:
            out[keep] = np.linalg.solve(part, right[keep])
    return out
