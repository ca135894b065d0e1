r"""Lag between fitted frontier trends, and the vertical gap.

Neither survives a monotone change of the ability scale: both carry the note
``not_invariant_to_rescaling``.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from headway.estimate.lag.definitions import leading_models, refused
from headway.estimate.lag.entrants import BoolArray, Entrants, FloatArray, FrontierName, day_number
from headway.estimate.lag.frontier import Frontier, FrontierPair, frontier_pair
from headway.estimate.lag.rows import ANYWHERE, Cell, LagRow, make_row, most_frequent
from headway.estimate.lag.states import DrawStates, summarise
from headway.result import DAYS_PER_MONTH, Interval

__all__ = ["MIN_RECORDS", "gap", "lag_trend"]

#: Fewer record points than this do not make a line.
MIN_RECORDS = 3
_NOTE = "not_invariant_to_rescaling"


def lag_trend(
    entrants: Entrants,
    *,
    frontier: FrontierName,
    as_of: date,
    level: float = 0.90,
    min_open: int = 3,
    min_closed: int = 3,
    cell: Cell = ANYWHERE,
) -> LagRow:
    r"""Horizontal distance at ``as_of`` between least-squares lines through the records, in months.

    With :math:`\hat F_g(t) = a_g + b_g t` fitted to the record points of group :math:`g`,

    .. math:: \mathrm{lag} = t_0 - \frac{a_{open} + b_{open} t_0 - a_{closed}}{b_{closed}}

    A negative distance is ``open_leads``. Draws in which a group has fewer than three records or a
    slope that is not positive fail; see :func:`~headway.estimate.lag.states.summarise` for how many
    may.

    Parameters
    ----------
    entrants, frontier, as_of, level, min_open, min_closed, cell
        As in :func:`~headway.estimate.lag.definitions.lag_now`.

    Notes
    -----
    Assumes a straight line over all records and depends on the scale of ability. Record points of
    a maximum are not independent, so this is a summary, not a regression to test with.
    """
    pair = frontier_pair(
        entrants, frontier=frontier, as_of=as_of, min_open=min_open, min_closed=min_closed
    )
    return trend_row(pair, level, cell)


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
    pair: FrontierPair, level: float, cell: Cell, process: Interval | None = None
) -> LagRow:
    """``lag_trend`` of a pair."""
    if pair.missing:
        return refused(pair, "lag_trend", cell)
    notes: tuple[str, ...] = (_NOTE,)
    for name, side in zip(("open", "closed"), pair.both, strict=True):
        records = side.records().sum(axis=1)
        if np.median(records) < MIN_RECORDS:
            notes = (*notes, f"too_few_{name}_records:{int(np.median(records))}<{MIN_RECORDS}")
    lag = summarise(
        trend_states(pair),
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
    """``lag_trend`` per draw."""
    now = day_number(pair.as_of)
    open_, closed = pair.both
    at_open, slope_open, bad_open = _line(open_, now)
    at_closed, slope_closed, bad_closed = _line(closed, now)
    failed = bad_open | bad_closed | (slope_open <= 0) | (slope_closed <= 0)
    months = (at_closed - at_open) / np.where(failed, 1.0, slope_closed)
    return DrawStates.build(months, leads=~failed & (months < 0), failed=failed)


def closed_leader(pair: FrontierPair) -> str | None:
    """The model that holds the closed frontier in most draws."""
    _, closed = pair.both
    step = np.argmax(closed.level == closed.level[:, -1:], axis=1)
    return most_frequent(pair.entrants, pair.holders("closed")[np.arange(len(step)), step])


def _line(side: Frontier, now: float) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Level at ``now``, slope per month, and whether no line can be fitted, per draw."""
    weight = side.records().astype(np.float64)
    months = (side.dates - now) / DAYS_PER_MONTH
    count = weight.sum(axis=1)
    mean_x = (weight * months).sum(axis=1) / count
    mean_y = (weight * side.level).sum(axis=1) / count
    x = months - mean_x[:, None]
    spread = (weight * x * x).sum(axis=1)
    bad = (count < MIN_RECORDS) | (spread <= 0)
    slope = (weight * x * (side.level - mean_y[:, None])).sum(axis=1) / np.where(bad, 1.0, spread)
    return mean_y - slope * mean_x, slope, bad
