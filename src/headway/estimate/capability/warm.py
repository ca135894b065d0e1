"""Start one fit from another: every parameter and scale is matched by its name.

Leaving a lab out, going back to an earlier day or drawing the scores anew changes which models,
benchmarks and set-ups are there, and with them every index. What both fits know by name is carried
over; the rest starts cold. The optimum does not depend on the start, only the way to it does.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from headway.estimate.capability.design import Design

if TYPE_CHECKING:
    from headway.estimate.capability.laplace import LaplaceFit

__all__ = ["Carried", "carry_over", "link_scores"]

Name = TypeVar("Name", bound=Hashable)


class Carried:
    """Starting values for a new design; NaN where the other fit has nothing of that name.

    Attributes
    ----------
    core : array (C,)
        In the layout of the new design's core. Never NaN.
    block : array (D,)
        Likewise for the block variables. Never NaN.
    general, undated, setup, scaffold : float
    domain, stage, family, noise, rho : arrays
        Scales; NaN for names that the other fit lacks.
    """

    def __init__(self, core: np.ndarray, block: np.ndarray) -> None:
        self.core, self.block = core, block
        self.general = self.undated = self.setup = self.scaffold = float("nan")
        self.domain = self.stage = self.family = self.noise = self.rho = np.zeros(0)


def _match(new: Sequence[Name], old: Sequence[Name]) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the names that both have, in either."""
    place = {name: i for i, name in enumerate(old)}
    pairs = [(i, place[name]) for i, name in enumerate(new) if name in place]
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _by_name(new: Sequence[Name], old: Sequence[Name], values: np.ndarray) -> np.ndarray:
    out = np.full(len(new), np.nan)
    to, at = _match(new, old)
    out[to] = values[at]
    return out


def link_scores(design: Design) -> np.ndarray:
    """(N,) every row's result on the scale of the linear predictor, floors and ceilings drawn in."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.clip((design.y / design.n - design.floor) / design.span, 0.02, 0.98)
    return np.where(design.is_counted, np.log(share / (1 - share)), design.y)


def _block_names(
    design: Design, kind: np.ndarray, owner: np.ndarray
) -> list[tuple[str, str, str | None]]:
    """Name of every block variable; family effects stand in the order of ``design.families``.

    "*" (all domains) and "*family" are no domain's name.
    """
    kinds: list[tuple[str, str | None]] = [("*", None)]
    kinds += [(d, None) for d in design.domains]
    kinds += list(design.stages)
    models = design.models
    families = iter(design.families)
    out: list[tuple[str, str, str | None]] = []
    for k, m in zip(kind.tolist(), owner.tolist(), strict=True):
        if k >= 0:
            out.append((models[m], *kinds[k]))
        else:
            model, name = next(families)
            assert model == m, "family effects are stored model by model"
            out.append((models[m], "*family", name))
    return out


def _pieces(years: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """(n, 2 + knots) basis of a piecewise-linear trend: level, slope, bends."""
    bends = np.maximum(years[:, None] - knots[None, :], 0.0)
    return np.column_stack([np.ones_like(years), years, bends])


def _trend(
    design: Design, start: LaplaceFit, prior_mean: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Trend parameters, and what the old trend says beyond them for every model (M,).

    Knots follow the dates of the rows, so they may have moved: the trends of all models and of the
    class difference are then fitted anew to the old ones over the new models' dates.
    """
    old = start.design
    before = start.core_part("trend")
    out = _by_name(design.trend_columns, old.trend_columns, before)
    missing = np.isnan(out)
    out[missing] = prior_mean[missing]
    left = np.zeros(len(design.models))
    dated = ~np.isnan(design.model_year)
    if not dated.any() or np.array_equal(design.knots, old.knots):
        return out, left
    years = design.model_year[dated]
    contrast = np.select([design.model_class == 1, design.model_class == 0], [0.5, -0.5], 0.0)
    new_basis, old_basis = _pieces(years, design.knots), _pieces(years, old.knots)
    width, old_width = new_basis.shape[1], old_basis.shape[1]
    for number, weight in enumerate((np.ones(len(years)), contrast[dated])):
        target = old_basis @ before[number * old_width : (number + 1) * old_width]
        found = np.linalg.lstsq(new_basis, target, rcond=None)[0]
        out[number * width : (number + 1) * width] = found
        left[dated] += weight * (target - new_basis @ found)
    return out, left


def carry_over(
    start: LaplaceFit,
    design: Design,
    *,
    kind: np.ndarray,
    owner: np.ndarray,
    offsets: dict[str, slice],
    prior_mean: np.ndarray,
) -> Carried:
    """Starting values for ``design`` from a fit of any other design.

    Parameters
    ----------
    start : LaplaceFit
    design : Design
    kind, owner : arrays (D,)
        Kind and model of every block variable of the new design.
    offsets : mapping of str to slice
        Parts of the new core.
    prior_mean : array (C,)
        What a core parameter without a namesake starts from.

    Returns
    -------
    Carried

    Notes
    -----
    The unit of ability is the geometric mean of the discriminations *of the benchmarks in the
    fit*. Where benchmarks come or go, abilities, difficulties, trends and their scales are
    multiplied by the change of unit, so that every linear predictor stays what it was.
    """
    old, scales = start.design, start.scales
    core = prior_mean.copy()
    for part, new_names, old_names in (
        ("log_discrimination", design.benchmarks, old.benchmarks),
        ("difficulty", design.benchmarks, old.benchmarks),
        ("setup", design.setups, old.setups),
        ("scaffold", design.scaffolds, old.scaffolds),
        ("beta", design.covariates, old.covariates),
    ):
        to, at = _match(new_names, old_names)
        core[offsets[part].start + to] = start.core_part(part)[at]
    trend, left = _trend(design, start, prior_mean[offsets["trend"]])
    core[offsets["trend"]] = trend

    old_owner = np.repeat(np.arange(len(old.models)), start.block_size)
    block = _by_name(
        _block_names(design, kind, owner),
        _block_names(old, start.var_kind, old_owner),
        start.block,
    )
    general = kind == 0
    block[general] += left[owner[general]]
    block = np.nan_to_num(block)

    out = Carried(core, block)
    for name in ("general", "undated", "setup", "scaffold"):
        setattr(out, name, float(getattr(scales, name)))
    out.domain = _by_name(design.domains, old.domains, scales.domain)
    out.stage = _by_name(design.stages, old.stages, scales.stage)
    out.family = _by_name(design.family_names, old.family_names, scales.family)
    out.noise = _by_name(design.benchmarks, old.benchmarks, scales.noise)
    out.rho = _by_name(design.benchmarks, old.benchmarks, scales.rho)
    known = np.isin(design.benchmarks, old.benchmarks)
    _change_unit(out, kind, offsets, known, before=start.core_part("log_discrimination").mean())
    _place_new_benchmarks(out, design, kind, owner, offsets, known=~np.isnan(out.noise))
    return out


def _change_unit(
    out: Carried,
    kind: np.ndarray,
    offsets: dict[str, slice],
    known: np.ndarray,
    before: float,
) -> None:
    """Give the discriminations the mean that they had; ``before`` is it."""
    if not known.any():
        return
    log_a = out.core[offsets["log_discrimination"]]
    shift = float(log_a[known].mean()) - before
    log_a[known] -= shift  # a view: the others start from 0, the mean of all
    unit = float(np.exp(shift))
    out.core[offsets["difficulty"]] *= unit
    out.core[offsets["trend"]] *= unit
    out.block[kind >= 0] *= unit
    out.general *= unit
    out.undated *= unit
    out.domain *= unit
    out.stage *= unit


def _place_new_benchmarks(
    out: Carried,
    design: Design,
    kind: np.ndarray,
    owner: np.ndarray,
    offsets: dict[str, slice],
    *,
    known: np.ndarray,
) -> None:
    """Difficulty of a benchmark that the other fit lacks, from the abilities of who took it."""
    if known.all():
        return
    general = np.zeros(len(design.models))
    here = kind == 0
    general[owner[here]] = out.block[here]
    ability = design.trend @ out.core[offsets["trend"]] + general[design.model]
    count = len(design.benchmarks)
    weight = np.maximum(np.bincount(design.benchmark, minlength=count), 1)
    mean = np.bincount(design.benchmark, ability - link_scores(design), minlength=count) / weight
    out.core[offsets["difficulty"]][~known] = mean[~known]
