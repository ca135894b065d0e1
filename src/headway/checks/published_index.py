"""Hold our abilities against a published index that the fit never saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import stats

from headway.errors import NotEnoughData
from headway.result import Interval, Quantity

__all__ = ["IndexComparison", "compare_with_index"]

_MIN_MODELS = 10


@dataclass(frozen=True)
class IndexComparison:
    """How our abilities line up with an index.

    ``rank_correlation``: Spearman, bootstrapped over labs. ``scatter_sd``: standard deviation of
    the index around the calibration line, in index units. ``covered``: share of models whose 90 %
    ability interval, carried through the line, holds the index value (the index's own error is
    not public and counts against us). ``table``: one row per model.
    """

    rank_correlation: Quantity
    slope: float
    intercept: float
    scatter_sd: float
    covered: float
    table: pl.DataFrame


def compare_with_index(
    abilities: pl.DataFrame, index: pl.DataFrame, *, level: float = 0.90, rng: np.random.Generator
) -> IndexComparison:
    """Compare on the models in common.

    Parameters
    ----------
    abilities : frame
        ``model_version, lab, ability, low, high`` in one unit.
    index : frame
        ``model_version, value``.
    level : float
        Of the interval of the rank correlation.
    rng : numpy.random.Generator
        For the bootstrap over labs (models of one lab are not independent).

    Raises
    ------
    NotEnoughData
        Fewer than 10 models in common.
    """
    both = abilities.join(index.select("model_version", "value"), on="model_version", how="inner")
    both = both.sort("model_version")
    if len(both) < _MIN_MODELS:
        raise NotEnoughData(
            f"{len(both)} models in common with the index; at least {_MIN_MODELS} are needed"
        )
    x, y = both["ability"].to_numpy(), both["value"].to_numpy()
    rho = float(stats.spearmanr(x, y).statistic)
    labs, lab = np.unique(both["lab"].fill_null("unknown").to_numpy(), return_inverse=True)
    members = [np.flatnonzero(lab == i) for i in range(len(labs))]
    draws = []
    for _ in range(1000):
        picked = np.concatenate([members[i] for i in rng.integers(0, len(labs), len(labs))])
        if len(np.unique(picked)) > 2:
            draws.append(float(stats.spearmanr(x[picked], y[picked]).statistic))
    tail = (1 - level) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    slope, intercept = np.polyfit(x, y, 1)
    residual = y - (slope * x + intercept)
    # the line's own scatter is part of what an index value may do around our interval
    inside = (slope * both["low"].to_numpy() + intercept <= y) & (
        y <= slope * both["high"].to_numpy() + intercept
    )
    return IndexComparison(
        rank_correlation=Quantity(
            rho,
            "rank correlation",
            Interval(min(float(low), rho), max(float(high), rho), level, "bootstrap"),
            n=len(both),
            n_clusters=len(labs),
            status="estimated",
        ),
        slope=float(slope),
        intercept=float(intercept),
        scatter_sd=float(residual.std(ddof=2)),
        covered=float(inside.mean()),
        table=both.with_columns(
            pl.Series("predicted", slope * x + intercept), pl.Series("residual", residual)
        ),
    )
