r"""Where the open frontier may go: two ways to extend it.

*Trend.* The frontier's own records as a local linear trend
(:mod:`headway.estimate.lag.statespace`), simulated forward record by record.

*Density.* Ability at a fixed size rises from year to year, and the largest open model grows. With
the plane :math:`\theta = a + b \log_{10} N + c\,t` of
:mod:`headway.estimate.lag.density` and :math:`N(t)` the largest open-weight model out by
:math:`t`,

.. math:: F(t) = a + b \log_{10} N(t) + c\,t + \bar e + \sigma_e \varepsilon

where :math:`e_k` is by how much past records of the frontier stood above the plane at the largest
size of their day: the frontier belongs to the best model, not to the typical one. Mean and spread
of :math:`e` come from the records of the last two years (at least the last three).
:math:`\log_{10} N(t)` is itself extended by the same local linear trend. Equivalently, the level
is reached when the parameters it needs have fallen to those of the largest open model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from headway.errors import NotEnoughData
from headway.estimate.lag.density import fit_density
from headway.estimate.lag.entrants import BoolArray, FloatArray
from headway.estimate.lag.forecast.releases import (
    CELL_MONTHS,
    ReleaseClock,
    cell_ends,
    recent_records,
    release_clock,
)
from headway.estimate.lag.forecast.situation import History
from headway.estimate.lag.frontier import Frontier
from headway.estimate.lag.statespace import fit_frontier
from headway.result import DAYS_PER_MONTH

__all__ = ["FuturePath", "density_path", "trend_path"]

_DAYS_PER_YEAR = 12 * DAYS_PER_MONTH
#: Records of the open frontier, or of model size, that a trend needs in most draws.
MIN_RECORDS = 4


@dataclass(frozen=True, slots=True)
class FuturePath:
    """Simulated open frontiers.

    Parameters
    ----------
    level : array, shape (n_draws, h), logits
        What a record in each half month would reach; NaN in draws that carry no path.
    clock : ReleaseClock
        In which half months there is a record.
    usable : array of bool, shape (n_draws,)
    per_year : array, shape (n_draws,), logits
        Expected rise a year at the day of issue, for people.
    """

    level: FloatArray
    clock: ReleaseClock
    usable: BoolArray
    per_year: FloatArray


def trend_path(
    past: History, *, delay: FloatArray, horizon: float, rng: np.random.Generator
) -> FuturePath:
    """The frontier's own trend, simulated forward.

    Parameters
    ----------
    past : History
    delay : array, shape (n_draws,), months
        How long results take to come in. The simulation starts so much earlier, though not before
        the last record: what was released since may not be known yet.
    horizon : float, months
    rng : Generator

    Raises
    ------
    NotEnoughData
        Too few open records (median over draws).
    """
    _enough(past.open, "open_records")
    early = start_before(past, delay)
    # the same records, all later by what the start is earlier
    moved = Frontier(past.open.dates + early[:, None] * DAYS_PER_MONTH, past.open.level)
    fitted = fit_frontier(moved, as_of=past.pair.as_of, rng=rng)
    ends = cell_ends(horizon)
    path = fitted.simulate(ends, rng)
    # the simulation has its own releases: the frontier rises where the path does
    before = np.concatenate([past.level[:, None], path[:, :-1]], axis=1)
    usable: BoolArray = np.all(np.isfinite(path), axis=1)
    rises = np.where(usable[:, None], path > before, False)
    clock = ReleaseClock(ends, np.asarray(rises, dtype=bool), rng.random(path.shape), early)
    return FuturePath(path, clock, usable, np.asarray(fitted.mean[:, 1]))


def start_before(past: History, delay: FloatArray) -> FloatArray:
    """(n_draws,) months before the day of issue: the delay, but not before the last record."""
    level = past.open.level
    last = np.argmax(level == level[:, -1:], axis=1)
    when = np.broadcast_to(past.open.dates, level.shape)[np.arange(len(last)), last]
    return np.asarray(np.minimum(delay, (past.now - when) / DAYS_PER_MONTH))


def density_path(
    past: History,
    params_b: Mapping[str, float],
    *,
    delay: FloatArray,
    horizon: float,
    rng: np.random.Generator,
) -> FuturePath:
    """Ability at fixed size and the largest size, both extended.

    Parameters
    ----------
    past : History
    params_b : mapping of model version to float
        Total parameters in billions, of open-weight models where they are known.
    delay : array, shape (n_draws,), months
        As in :func:`trend_path`. Sizes are known at once.
    horizon : float, months
    rng : Generator

    Raises
    ------
    NotEnoughData
        Too few sized models, or too few records of size.
    """
    entrants = past.pair.entrants
    size = np.array([params_b.get(name, np.nan) for name in entrants.model_version])
    out = np.isfinite(size) & (size > 0) & (entrants.open_from <= past.now)
    measured = np.flatnonzero(out & entrants.informative)
    largest = _largest(entrants.open_from[out], np.log10(size[out]), past.n_draws)
    plane = fit_density(
        entrants.ability[:, measured],
        np.log10(size[measured]),
        entrants.open_from[measured] / _DAYS_PER_YEAR,
        [entrants.lab[i] for i in measured],
        rng=rng,
    )
    _enough(largest, "size_records")
    grown = fit_frontier(largest, as_of=past.pair.as_of, rng=rng)
    ends = cell_ends(horizon)
    early = start_before(past, delay)
    # months after the day of issue of each cell: negative before it
    ahead = ends[None, :] - early[:, None]
    sizes = _at(grown.simulate(ends, rng), largest.level[:, -1], ahead)
    years = (past.now + ahead * DAYS_PER_MONTH) / _DAYS_PER_YEAR

    def ability(log10_size: FloatArray, year: FloatArray) -> FloatArray:
        """The plane of every draw at sizes and dates (n_draws or 1, k)."""
        return np.asarray(
            plane.level[:, None]
            + plane.per_decade[:, None] * (log10_size - plane.at_size)
            + plane.per_year[:, None] * (year - plane.at_year)
        )

    # how far past records stood above the plane at the largest size of their day
    days = past.open.dates[0]
    at = np.searchsorted(largest.dates[0], days, side="right") - 1
    known = at >= 0
    then = ability(largest.level[0][np.maximum(at, 0)][None, :], days[None, :] / _DAYS_PER_YEAR)
    excess = past.open.level - then
    mean, spread = _recent_mean(excess, past, known)
    noise = rng.standard_normal(sizes.shape)
    path = ability(sizes, years) + mean[:, None] + spread[:, None] * noise
    usable: BoolArray = np.all(np.isfinite(path), axis=1)
    clock = release_clock(past.open, now=past.now, early=early, horizon=horizon, rng=rng)
    per_year = plane.per_year + plane.per_decade * grown.mean[:, 1]
    return FuturePath(path, clock, usable, np.asarray(per_year))


def _at(path: FloatArray, present: FloatArray, ahead: FloatArray) -> FloatArray:
    """Values of a path over the cells at other times (n_draws, h); the present one before them."""
    cell = np.ceil(ahead / CELL_MONTHS - 1e-9).astype(np.int64)
    padded = np.concatenate([present[:, None], path], axis=1)
    return np.asarray(np.take_along_axis(padded, np.clip(cell, 0, path.shape[1]), axis=1))


def _largest(entered: FloatArray, log10_size: FloatArray, draws: int) -> Frontier:
    """The size of the largest model out, the same in every draw."""
    if not len(entered):
        raise NotEnoughData("no open-weight model of known size", missing=["too_few_sized:0<12"])
    days, inverse = np.unique(entered, return_inverse=True)
    best = np.full(len(days), -np.inf)
    np.maximum.at(best, inverse, log10_size)
    level = np.maximum.accumulate(best)
    return Frontier(days[None, :], np.repeat(level[None, :], draws, axis=0))


def _enough(side: Frontier, what: str) -> None:
    """Raise NotEnoughData naming what is too short."""
    records = int(np.median(side.records().sum(axis=1)))
    if records < MIN_RECORDS:
        told = f"too_few_{what}:{records}<{MIN_RECORDS}"
        raise NotEnoughData(f"no trend: {told}", missing=[told])


def _recent_mean(
    excess: FloatArray, past: History, known: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Mean and spread (n_draws,) of the excess over recent records, at least the last three."""
    records = past.open.records() & known[None, :]
    from_end = np.cumsum(records[:, ::-1], axis=1)[:, ::-1]  # 1 at the last record
    recent = records & (recent_records(past.open, past.now) | (from_end <= 3))
    count = np.maximum(recent.sum(axis=1), 1)
    mean = (excess * recent).sum(axis=1) / count
    square = ((excess - mean[:, None]) ** 2 * recent).sum(axis=1)
    spread = np.sqrt(square / np.maximum(count - 1, 1))
    return np.asarray(mean), np.asarray(spread)
