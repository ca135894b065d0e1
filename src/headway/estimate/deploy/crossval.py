"""How wrong predictions are on what was not fitted: whole models, whole chips, whole set-ups left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from headway.estimate.deploy.calibrate import Calibration, Prepared, fit

__all__ = ["FAMILIARITY", "LEVEL", "ErrorSummary", "calibrated", "coverage", "leave_out", "summary"]

Array = npt.NDArray[np.float64]
#: Kinds of predictions, from the most to the least familiar.
FAMILIARITY = ("seen", "new_model", "new_chip", "new_both")
#: Level of the interval that the error model gives.
LEVEL = 0.90
#: Folds of set-ups for the error of a pair whose model and chip were both measured elsewhere.
_FOLDS = 10


@dataclass(frozen=True, slots=True)
class ErrorSummary:
    """Errors of predictions: factor = exp|ln(predicted/measured)|.

    Parameters
    ----------
    n, cells : int
        Points; pairs of model and chip.
    median_factor, p90_factor : float
        Over points.
    cell_median_factor, cell_p90_factor : float
        Medians over cells of each cell's median and 90th percentile: no cell carries the result.
    bias : float
        median(predicted / measured) - 1.
    """

    n: int
    cells: int
    median_factor: float
    p90_factor: float
    cell_median_factor: float
    cell_p90_factor: float
    bias: float


def summary(errors: Array, cells: Sequence[str]) -> ErrorSummary:
    """The summary of log errors (predicted minus measured)."""
    factor = np.exp(np.abs(errors))
    names = np.array(cells)
    per_cell = [factor[names == name] for name in sorted(set(cells))]
    return ErrorSummary(
        n=len(errors),
        cells=len(per_cell),
        median_factor=float(np.median(factor)),
        p90_factor=float(np.quantile(factor, 0.9)),
        cell_median_factor=float(np.median([np.median(f) for f in per_cell])),
        cell_p90_factor=float(np.median([np.quantile(f, 0.9) for f in per_cell])),
        bias=float(np.exp(np.median(errors)) - 1),
    )


def leave_out(x: Prepared, kind: str, use: npt.NDArray[np.bool_]) -> Array:
    """Log errors of every point, predicted by a fit that saw nothing of its group.

    Parameters
    ----------
    use : array of bool
        Points that may be fitted at all; the others are judged only.
    kind : {"seen", "new_model", "new_chip", "new_both"}
        What is left out: a tenth of the set-ups; all points of its model; of its chip; of either.
    """
    out = np.full(len(x.points), np.nan)
    model, chip = x.at_model, x.at_chip
    if kind == "new_model":
        groups = [(model == k, model == k) for k in range(len(x.models))]
    elif kind == "new_chip":
        groups = [(chip == k, chip == k) for k in range(len(x.chips))]
    elif kind == "new_both":
        pairs = sorted(set(zip(model.tolist(), chip.tolist(), strict=True)))
        groups = [((model == m) & (chip == c), (model == m) | (chip == c)) for m, c in pairs]
    else:
        fold = np.array([x.series.index(p.series) % _FOLDS for p in x.points])
        groups = [(fold == k, fold == k) for k in range(_FOLDS)]
    for judged, hidden in groups:
        if judged.any() and (use & ~hidden).any():
            found = fit(x, use & ~hidden)
            out[judged] = (found.predict(x) - x.measured)[judged]
    return out


def half_width(errors: Array, level: float = LEVEL) -> float:
    """Half the width of the interval of log throughput that holds ``level`` of the errors."""
    known = np.abs(errors[np.isfinite(errors)])
    n = len(known)
    return float(np.quantile(known, min(1.0, np.ceil((n + 1) * level) / n)))


def calibrated(whole: Calibration, errors: dict[str, Array]) -> Calibration:
    """The calibration with the error of each kind of prediction, never narrower for less familiar."""
    widths: dict[str, float] = {}
    widest = 0.0
    for kind in FAMILIARITY:
        widest = max(widest, half_width(errors[kind]))
        widths[kind] = widest
    return replace(whole, errors=widths)


def coverage(errors: Array, groups: Sequence[str], level: float = LEVEL) -> float:
    """Share of points inside an interval whose width was set without their group."""
    names, inside = np.array(groups), np.zeros(len(errors), bool)
    for name in sorted(set(groups)):
        own = names == name
        if (~own).any():
            inside[own] = np.abs(errors[own]) <= half_width(errors[~own], level)
    return float(inside[np.isfinite(errors)].mean())
