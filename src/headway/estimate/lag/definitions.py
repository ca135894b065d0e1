r"""The lag by definition: at the latest open record, now, and averaged over a year.

All three read the step lag of :mod:`headway.estimate.lag.step`. ``lag_mean_12m`` is the headline;
hypotheses use it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np

from headway.errors import BadOption
from headway.estimate.lag.entrants import (
    Entrants,
    FrontierName,
    IntArray,
    date_of,
    day_number,
)
from headway.estimate.lag.frontier import FrontierPair, frontier_pair
from headway.estimate.lag.rows import ANYWHERE, Cell, LagRow, make_row, most_frequent
from headway.estimate.lag.states import DrawStates, summarise
from headway.estimate.lag.step import LagFunction, lag_function
from headway.result import DAYS_PER_MONTH, Interval, Quantity

__all__ = [
    "WINDOW_DAYS",
    "lag_at_record",
    "lag_history",
    "lag_mean_12m",
    "lag_now",
]

#: Twelve months.
WINDOW_DAYS = 12 * DAYS_PER_MONTH
#: (open model, closed model)
Models = tuple[str | None, str | None]


def lag_now(
    entrants: Entrants,
    *,
    frontier: FrontierName,
    as_of: date,
    level: float = 0.90,
    margin: float = 0.0,
    min_open: int = 3,
    min_closed: int = 3,
    cell: Cell = ANYWHERE,
) -> LagRow:
    """Age at ``as_of`` of the level that open weights have reached, in months.

    Grows every day until the next open record. Parameters as in
    :func:`~headway.estimate.lag.frontier.frontier_pair`; ``level`` is the interval's.

    Returns
    -------
    LagRow
        ``lag.status`` is ``open_leads`` if no closed model had reached the open level by
        ``as_of``, ``censored`` if the first closed models in the data already match it.
    """
    pair = frontier_pair(
        entrants,
        frontier=frontier,
        as_of=as_of,
        margin=margin,
        min_open=min_open,
        min_closed=min_closed,
    )
    return now_row(pair, None if pair.missing else lag_function(pair), level, cell)


def lag_at_record(
    entrants: Entrants,
    *,
    frontier: FrontierName,
    as_of: date,
    level: float = 0.90,
    margin: float = 0.0,
    min_open: int = 3,
    min_closed: int = 3,
    cell: Cell = ANYWHERE,
) -> LagRow:
    """Step lag on the day of the latest open record, in months.

    The latest record differs between draws; ``at`` is the commonest day. For one row per record of
    an index see :func:`~headway.estimate.lag.index.lag_index`. Parameters as in :func:`lag_now`.
    """
    pair = frontier_pair(
        entrants,
        frontier=frontier,
        as_of=as_of,
        margin=margin,
        min_open=min_open,
        min_closed=min_closed,
    )
    return record_row(pair, None if pair.missing else lag_function(pair), level, cell)


def lag_mean_12m(
    entrants: Entrants,
    *,
    frontier: FrontierName,
    as_of: date,
    level: float = 0.90,
    margin: float = 0.0,
    min_open: int = 3,
    min_closed: int = 3,
    cell: Cell = ANYWHERE,
) -> LagRow:
    r"""Time average of the step lag over the 12 months up to ``as_of``: the headline.

    .. math:: \frac{1}{w}\int_{t_0-w}^{t_0} \mathrm{lag}(t)\,dt, \qquad w = 365.25\ \text{days}

    A day on which open models lead counts 0; if the lag is a bound on some day of the window, so
    is the mean. Days before both groups have an entry are left out and noted
    (``window_partial:months``); with less than half the window left the answer is
    ``not_estimable`` (``window_not_covered:months``). Parameters as in :func:`lag_now`.
    """
    pair = frontier_pair(
        entrants,
        frontier=frontier,
        as_of=as_of,
        margin=margin,
        min_open=min_open,
        min_closed=min_closed,
    )
    return mean_row(pair, None if pair.missing else lag_function(pair), level, cell)


def lag_history(
    entrants: Entrants,
    *,
    dates: Iterable[date],
    frontier: FrontierName,
    as_of: date,
    definition: str = "lag_mean_12m",
    level: float = 0.90,
    margin: float = 0.0,
    min_open: int = 3,
    min_closed: int = 3,
    cell: Cell = ANYWHERE,
) -> tuple[LagRow, ...]:
    """The lag as a function of time: at each date, from entries up to that date.

    Draws are those of the fit at ``as_of``, so this is today's view of the past, not what was
    known then. Because frontiers are running maxima, one lag function holds all dates.

    Parameters
    ----------
    dates : iterable of date
        Those later than ``as_of`` are left out.
    definition : {"lag_mean_12m", "lag_now", "lag_at_record"}
    frontier, as_of, level, margin, min_open, min_closed, cell
        As in :func:`lag_now`.

    Returns
    -------
    tuple of LagRow
        In the order of ``dates``, without model names; ``not_estimable`` where a group has too
        few models yet.

    Raises
    ------
    BadOption
        A definition that is not a function of time here.
    """
    makers = {"lag_mean_12m": mean_row, "lag_now": now_row, "lag_at_record": record_row}
    if definition not in makers:
        raise BadOption(f"a history needs one of {', '.join(makers)}; got {definition!r}")
    latest = frontier_pair(
        entrants,
        frontier=frontier,
        as_of=as_of,
        margin=margin,
        min_open=min_open,
        min_closed=min_closed,
    )
    whole = None if latest.missing else lag_function(latest)
    rows = []
    for day in dates:
        if day > as_of:
            continue
        pair = latest.until(day)
        function = None
        if whole is not None and not pair.missing:
            function = whole.first_segments(pair.both[0].dates.shape[1])
        row = makers[definition](pair, function, level, cell, None, (None, None))
        rows.append(make_row(cell, definition, frontier, day, row.lag))
    return tuple(rows)


def now_row(
    pair: FrontierPair,
    function: LagFunction | None,
    level: float,
    cell: Cell,
    process: Interval | None = None,
    models: Models | None = None,
) -> LagRow:
    """``lag_now`` of a pair whose lag function is already known (``None``: it misses something)."""
    if function is None:
        return refused(pair, "lag_now", cell)
    states = now_states(pair, function)
    return make_row(
        cell,
        "lag_now",
        pair.frontier,
        pair.as_of,
        _quantity(pair, states, level, (), process),
        *(models or leading_models(pair)),
    )


def record_row(
    pair: FrontierPair,
    function: LagFunction | None,
    level: float,
    cell: Cell,
    process: Interval | None = None,
    models: Models | None = None,
) -> LagRow:
    """``lag_at_record`` of a pair whose lag function is already known."""
    if function is None:
        return refused(pair, "lag_at_record", cell)
    open_, _ = pair.both
    step = latest_record(pair)
    days, counts = np.unique(open_.dates[0][step], return_counts=True)
    at = float(days[np.argmax(counts)])
    notes: tuple[str, ...] = ("before_first_closed",) if at < function.first_closed[0] else ()
    states = record_states(pair, function)
    return make_row(
        cell,
        "lag_at_record",
        pair.frontier,
        date_of(at),
        _quantity(pair, states, level, notes, process),
        *(models or leading_models(pair)),
    )


def mean_row(
    pair: FrontierPair,
    function: LagFunction | None,
    level: float,
    cell: Cell,
    process: Interval | None = None,
    models: Models | None = None,
) -> LagRow:
    """``lag_mean_12m`` of a pair whose lag function is already known."""
    if function is None:
        return refused(pair, "lag_mean_12m", cell)
    begin, end = window(pair)
    covered = (end - begin) / DAYS_PER_MONTH
    if end - begin < WINDOW_DAYS / 2:
        quantity = Quantity.not_estimable(
            "months", f"window_not_covered:{covered:.1f}", n=pair.n, n_clusters=pair.n_clusters
        )
        return make_row(cell, "lag_mean_12m", pair.frontier, pair.as_of, quantity)
    states, leading = function.mean(begin, end)
    notes: tuple[str, ...] = ()
    if end - begin < WINDOW_DAYS:
        notes = (*notes, f"window_partial:{covered:.1f}")
    if leading.any():
        notes = (*notes, f"open_leads_days:{leading.mean():.3g}")
    return make_row(
        cell,
        "lag_mean_12m",
        pair.frontier,
        pair.as_of,
        _quantity(pair, states, level, notes, process),
        *(models or leading_models(pair)),
    )


def now_states(pair: FrontierPair, function: LagFunction) -> DrawStates:
    """``lag_now`` per draw."""
    return function.at(day_number(pair.as_of))


def record_states(pair: FrontierPair, function: LagFunction) -> DrawStates:
    """``lag_at_record`` per draw, each at its own latest record."""
    open_, _ = pair.both
    step = latest_record(pair)
    rows = np.arange(len(step))
    dates = np.broadcast_to(open_.dates, open_.level.shape)
    return function.of_match(function.matched[rows, step], dates[rows, step])


def mean_states(pair: FrontierPair, function: LagFunction) -> DrawStates:
    """``lag_mean_12m`` per draw over the part of the window that is covered."""
    return function.mean(*window(pair))[0]


def window(pair: FrontierPair) -> tuple[float, float]:
    """First and last day of the averaged window: covered by both groups, at most 12 months."""
    open_, closed = pair.both
    end = day_number(pair.as_of)
    begin = max(end - WINDOW_DAYS, float(open_.first.max()), float(closed.first.max()))
    return begin, end


def latest_record(pair: FrontierPair) -> IntArray:
    """Index of the open entry date on which the level of ``as_of`` was reached, per draw."""
    open_, _ = pair.both
    return np.asarray(np.argmax(open_.level == open_.level[:, -1:], axis=1), dtype=np.int64)


def leading_models(pair: FrontierPair) -> Models:
    """Holder of the open frontier and the first closed model at its level, in most draws."""
    open_, closed = pair.both
    step = latest_record(pair)
    rows = np.arange(len(step))
    opener = pair.holders("open")[rows, step]
    match = closed.first_step_at(open_.level[:, -1:] - pair.margin)[:, 0]
    reached = match < closed.level.shape[1]
    holders = pair.holders("closed")
    matcher = np.where(reached, holders[rows, np.where(reached, match, 0)], -1)
    return most_frequent(pair.entrants, opener), most_frequent(pair.entrants, matcher)


def refused(pair: FrontierPair, definition: str, cell: Cell, unit: str = "months") -> LagRow:
    """A row that says what is missing."""
    quantity = Quantity.not_estimable(unit, *pair.missing, n=pair.n, n_clusters=pair.n_clusters)
    return make_row(cell, definition, pair.frontier, pair.as_of, quantity)


def _quantity(
    pair: FrontierPair,
    states: DrawStates,
    level: float,
    notes: tuple[str, ...],
    process: Interval | None,
) -> Quantity:
    return summarise(
        states,
        level=level,
        n=pair.n,
        n_clusters=pair.n_clusters,
        notes=notes,
        interval_process=process,
    )
