r"""Lag between fitted frontier trends, and the vertical gap.

Neither survives a monotone change of the ability scale: both carry the note
``not_invariant_to_rescaling``.

The trend of a frontier runs through its record points. By default it is a line with up to two
change points, averaged over their number and place (:mod:`headway.estimate.lag.changepoints`); the
state-space level (:mod:`headway.estimate.lag.statespace`) is the other estimator.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

import numpy as np

from headway.errors import BadOption
from headway.estimate.lag.changepoints import Piecewise, even_grid, piecewise
from headway.estimate.lag.definitions import leading_models, refused
from headway.estimate.lag.entrants import (
    BoolArray,
    Entrants,
    FloatArray,
    FrontierName,
    IntArray,
    day_number,
)
from headway.estimate.lag.frontier import Frontier, FrontierPair, frontier_pair
from headway.estimate.lag.rows import ANYWHERE, Cell, LagRow, make_row, most_frequent
from headway.estimate.lag.states import DrawStates, summarise
from headway.estimate.lag.statespace import fit_frontier, record_points
from headway.result import DAYS_PER_MONTH, Interval, Quantity

__all__ = ["MIN_RECORDS", "TREND_ESTIMATORS", "TrendEstimator", "gap", "lag_trend"]

TrendEstimator = Literal["change_points", "state_space"]
TREND_ESTIMATORS: tuple[TrendEstimator, ...] = get_args(TrendEstimator)
#: Fewer record points than this do not make a line.
MIN_RECORDS = 3
#: A group without a new entry for longer than this has no trend at ``as_of``, only a memory of one.
MOST_MONTHS_AHEAD = 12.0
_NOTE = "not_invariant_to_rescaling"
_DAYS_PER_YEAR = 12 * DAYS_PER_MONTH


def lag_trend(
    entrants: Entrants,
    *,
    frontier: FrontierName,
    as_of: date,
    level: float = 0.90,
    min_open: int = 3,
    min_closed: int = 3,
    cell: Cell = ANYWHERE,
    estimator: TrendEstimator = "change_points",
) -> LagRow:
    r"""Horizontal distance at ``as_of`` between the trends of the two frontiers, in months.

    With :math:`\hat F_g(t)` the fitted trend of group :math:`g`,

    .. math:: \mathrm{lag} = t_0 - \inf\{s \le t_0 : \hat F_{closed}(s) \ge \hat F_{open}(t_0)\}

    If the closed trend is below the open one at :math:`t_0`, open models lead; if it is above it
    from its first record on, the lag is a bound. With ``state_space`` the closed trend is the
    line through its present level with its present slope.

    Parameters
    ----------
    entrants, frontier, as_of, level, min_open, min_closed, cell
        As in :func:`~headway.estimate.lag.definitions.lag_now`.
    estimator : {"change_points", "state_space"}

    Returns
    -------
    LagRow
        Notes ``trend_change_open:p`` and ``trend_change_closed:p``: the probability that the
        trend has a change point. Draws in which a group has fewer than three records fail; see
        :func:`~headway.estimate.lag.states.summarise` for how many may. ``not_estimable`` with
        ``trend_stale_open:months`` (or ``closed``) if a group had no entry for over a year:
        months of extrapolation would say more about the line than about the models.

    Raises
    ------
    BadOption
        Unknown frontier or estimator.

    Notes
    -----
    Depends on the scale of ability. Records of a maximum are not independent, so the probability
    of a change is a description of the fit, not a test.
    """
    if estimator not in TREND_ESTIMATORS:
        raise BadOption(f"estimator must be one of {TREND_ESTIMATORS}, got {estimator!r}")
    pair = frontier_pair(
        entrants, frontier=frontier, as_of=as_of, min_open=min_open, min_closed=min_closed
    )
    return trend_row(pair, level, cell, estimator=estimator)


def gap(
    entrants: Entrants,
    *,
    frontier: FrontierName,
    as_of: date,
    level: float = 0.90,
    scale: float = 1.0,
    unit: str = "logits",
    min_open: int = 3,
    min_closed: int = 3,
    cell: Cell = ANYWHERE,
) -> LagRow:
    r"""Vertical distance :math:`F_{closed}(t_0) - F_{open}(t_0)`; negative where open models lead.

    Parameters
    ----------
    entrants, frontier, as_of, level, min_open, min_closed, cell
        As in :func:`~headway.estimate.lag.definitions.lag_now`.
    scale : float
        Reported units per unit of ability.
    unit : str
        Name of the reported unit.

    Returns
    -------
    LagRow
        ``closed_model`` holds the closed frontier here.
    """
    pair = frontier_pair(
        entrants, frontier=frontier, as_of=as_of, min_open=min_open, min_closed=min_closed
    )
    return gap_row(pair, level, cell, scale=scale, unit=unit)


def trend_row(
    pair: FrontierPair,
    level: float,
    cell: Cell,
    process: Interval | None = None,
    *,
    estimator: TrendEstimator = "change_points",
) -> LagRow:
    """``lag_trend`` of a pair."""
    if pair.missing:
        return refused(pair, "lag_trend", cell)
    notes: tuple[str, ...] = (_NOTE,)
    stale: tuple[str, ...] = ()
    for name, side in zip(("open", "closed"), pair.both, strict=True):
        idle = (day_number(pair.as_of) - float(side.dates[0, -1])) / DAYS_PER_MONTH
        if idle > MOST_MONTHS_AHEAD:
            stale = (*stale, f"trend_stale_{name}:{idle:.1f}")
        records = side.records().sum(axis=1)
        if np.median(records) < MIN_RECORDS:
            notes = (*notes, f"too_few_{name}_records:{int(np.median(records))}<{MIN_RECORDS}")
    if stale:
        lag = Quantity.not_estimable("months", *notes, *stale, n=pair.n, n_clusters=pair.n_clusters)
    else:
        if estimator == "state_space":
            states = _state_space_states(pair)
        else:
            fits = _fits(pair)
            states = _change_point_states(pair, fits)
            notes = (*notes, *_change_notes(fits))
        lag = summarise(
            states,
            level=level,
            n=pair.n,
            n_clusters=pair.n_clusters,
            notes=notes,
            interval_process=process,
        )
    return make_row(
        cell,
        "lag_trend",
        pair.frontier,
        pair.as_of,
        lag,
        leading_models(pair)[0],
        closed_leader(pair),
    )


def gap_row(
    pair: FrontierPair,
    level: float,
    cell: Cell,
    *,
    scale: float,
    unit: str,
    process: Interval | None = None,
) -> LagRow:
    """``gap`` of a pair."""
    if pair.missing:
        return refused(pair, "gap", cell, unit)
    quantity = summarise(
        gap_states(pair, scale),
        level=level,
        n=pair.n,
        n_clusters=pair.n_clusters,
        unit=unit,
        notes=(_NOTE,),
        interval_process=process,
    )
    return make_row(
        cell,
        "gap",
        pair.frontier,
        pair.as_of,
        quantity,
        leading_models(pair)[0],
        closed_leader(pair),
    )


def gap_states(pair: FrontierPair, scale: float) -> DrawStates:
    """The gap per draw in reported units."""
    open_, closed = pair.both
    return DrawStates.build((closed.level[:, -1] - open_.level[:, -1]) * scale)


def trend_states(pair: FrontierPair) -> DrawStates:
    """``lag_trend`` by change points per draw."""
    return _change_point_states(pair, _fits(pair))


def closed_leader(pair: FrontierPair) -> str | None:
    """The model that holds the closed frontier in most draws."""
    _, closed = pair.both
    step = np.argmax(closed.level == closed.level[:, -1:], axis=1)
    return most_frequent(pair.entrants, pair.holders("closed")[np.arange(len(step)), step])


@dataclass(frozen=True, slots=True)
class _Trend:
    """Fitted trend of one group in the draws ``rows`` that have enough records.

    ``years`` are counted from ``as_of``; ``first`` (len(rows),) is the time of the first record.
    """

    rows: IntArray
    fit: Piecewise | None
    first: FloatArray


def _fits(pair: FrontierPair) -> tuple[_Trend, _Trend]:
    """Open and closed trend."""
    open_, closed = pair.both
    return _fit(open_, pair.as_of), _fit(closed, pair.as_of)


def _fit(side: Frontier, as_of: date) -> _Trend:
    """Line with change points through the records of every draw."""
    points = record_points(side, as_of)
    rows = np.flatnonzero(points.count >= MIN_RECORDS)
    if not len(rows):
        return _Trend(rows, None, np.empty(0))
    points = points.take(rows)
    # between the first and the last entry, record or not, so that draws do not affect each other
    span = side.dates.min(), side.dates.max()
    begin, end = ((day - day_number(as_of)) / _DAYS_PER_YEAR for day in span)
    fit = piecewise(
        points.years,
        points.level,
        weights=points.real.astype(np.float64),
        grid=even_grid(begin, end),
    )
    return _Trend(rows, fit, points.years[:, 0])


def _change_point_states(pair: FrontierPair, fits: tuple[_Trend, _Trend]) -> DrawStates:
    """Lag between two fitted trends, per draw of the pair."""
    draws = len(pair.both[0].level)
    both = np.intersect1d(fits[0].rows, fits[1].rows)
    value = np.zeros(draws)
    failed = np.ones(draws, dtype=bool)
    leads, bound = np.zeros(draws, dtype=bool), np.zeros(draws, dtype=bool)
    if len(both):
        opened, closed = (trend.fit for trend in fits)
        assert opened is not None
        assert closed is not None
        wanted = opened.level_at(0.0)[np.searchsorted(fits[0].rows, both)]
        at = np.searchsorted(fits[1].rows, both)
        reached, early, never = _first_reached(closed, fits[1].first, at, wanted)
        value[both], bound[both], leads[both] = -12.0 * reached, early, never
        failed[both] = False
    return DrawStates.build(value, leads=leads, bound=bound, failed=failed)


def _first_reached(
    trend: Piecewise, first: FloatArray, rows: IntArray, wanted: FloatArray
) -> tuple[FloatArray, BoolArray, BoolArray]:
    """When a trend first reached a level: years, at its first record, never up to now."""
    # the trend is linear between candidate dates; the level is sought from the first record on
    knots = np.append(trend.grid[trend.grid < 0.0], 0.0)
    times = np.maximum(
        np.concatenate([first[rows, None], np.repeat(knots[None], len(rows), 0)], 1),
        first[rows, None],
    )
    since = np.maximum(times[:, :, None] - trend.grid, 0.0)
    level = trend.level[rows, None] + trend.slope[rows, None] * (times - trend.origin)
    level = level + np.einsum("dkg,dg->dk", since, trend.bend[rows])
    highest = np.maximum.accumulate(level, axis=1)
    step = np.sum(highest < wanted[:, None], axis=1)
    early, never = step == 0, step == level.shape[1]
    at = np.arange(len(rows))
    after = np.clip(step, 1, level.shape[1] - 1)
    y0, y1 = level[at, after - 1], level[at, after]
    t0, t1 = times[at, after - 1], times[at, after]
    inside = ~early & ~never
    share = np.where(inside, (wanted - y0) / np.where(inside, y1 - y0, 1.0), 0.0)
    return np.where(early, first[rows], t0 + share * (t1 - t0)), early, never


def _state_space_states(pair: FrontierPair) -> DrawStates:
    """Distance of the present levels over the present closed slope, per draw."""
    open_, closed = (fit_frontier(side, as_of=pair.as_of) for side in pair.both)
    slope = np.nan_to_num(closed.mean[:, 1])
    failed = open_.failed | closed.failed | (slope <= 0)
    apart = np.nan_to_num(closed.mean[:, 0] - open_.mean[:, 0])
    months = 12.0 * apart / np.where(failed, 1.0, slope)
    return DrawStates.build(months, leads=~failed & (months < 0), failed=failed)


def _change_notes(fits: tuple[_Trend, _Trend]) -> tuple[str, ...]:
    """Probability of a change point in each trend."""
    return tuple(
        f"trend_change_{name}:{trend.fit.p_change:.2g}"
        for name, trend in zip(("open", "closed"), fits, strict=True)
        if trend.fit is not None
    )
