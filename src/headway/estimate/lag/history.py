"""The lag per draw at many dates at once: what a statement about its course in time needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from headway.errors import BadOption
from headway.estimate.lag.definitions import WINDOW_DAYS
from headway.estimate.lag.entrants import FloatArray, IntArray, day_number
from headway.estimate.lag.frontier import FrontierPair
from headway.estimate.lag.states import FAILED, DrawStates
from headway.estimate.lag.step import LagFunction, lag_function

__all__ = ["HistoryStates", "history_states"]


@dataclass(frozen=True, slots=True)
class HistoryStates:
    """State and value of each draw at each date.

    Parameters
    ----------
    dates : tuple of date, length T
    code : int array, shape (n_draws, T)
        As in :class:`~headway.estimate.lag.states.DrawStates`; ``FAILED`` in every draw of a date
        at which nothing can be estimated, and in a draw in which no open model is out yet.
    value : array, shape (n_draws, T), months
        The number, or the bound ("at least"); 0 elsewhere.
    """

    dates: tuple[date, ...]
    code: npt.NDArray[np.int8]
    value: FloatArray

    def at(self, k: int) -> DrawStates:
        """The draws at date ``dates[k]``."""
        return DrawStates(self.code[:, k], self.value[:, k])


def history_states(
    pair: FrontierPair, dates: Sequence[date], definition: str = "lag_mean_12m"
) -> HistoryStates:
    """A lag at many dates per draw, from one lag function.

    The pair may be measured (one set of dates) or a release replicate (dates per draw). Draws are
    those of ``pair``: today's view of the past. What is estimable at a date is judged by the
    entries that really happened, so that all replicates answer for the same dates.

    Parameters
    ----------
    pair : FrontierPair
        Misses nothing at its ``as_of``.
    dates : sequence of date
        None later than ``pair.as_of``.
    definition : {"lag_mean_12m", "lag_now", "lag_at_record"}

    Returns
    -------
    HistoryStates
        Equal to :func:`~headway.estimate.lag.definitions.lag_history` draw by draw.

    Raises
    ------
    BadOption
        Another definition, or a later date.
    """
    makers = {"lag_mean_12m": _mean, "lag_now": _now, "lag_at_record": _record}
    if definition not in makers:
        raise BadOption(f"a history needs one of {', '.join(makers)}; got {definition!r}")
    late = [day for day in dates if day > pair.as_of]
    if late:
        raise BadOption(f"{late[0]} is later than the as-of date {pair.as_of}")
    open_, _ = pair.both
    function = lag_function(pair)
    draws = len(open_.level)
    code = np.full((draws, len(dates)), FAILED, dtype=np.int8)
    value = np.zeros((draws, len(dates)))
    for k, day in enumerate(dates):
        if pair.missing_on(day):
            continue
        states = makers[definition](pair, function, day_number(day))
        if states is not None:
            code[:, k], value[:, k] = states.code, states.value
    return HistoryStates(tuple(dates), code, value)


def _steps(pair: FrontierPair, t: float) -> IntArray:
    """Index of the last open entry date up to ``t`` per draw; -1 before the first."""
    open_, _ = pair.both
    step = np.sum(open_.dates <= t, axis=1) - 1
    return np.asarray(np.broadcast_to(step, (len(open_.level),)), dtype=np.int64)


def _failing(states: DrawStates, step: IntArray) -> DrawStates:
    """The same with draws failed in which no open model is out."""
    code = np.where(step < 0, FAILED, states.code).astype(np.int8)
    return DrawStates(code, np.where(step < 0, 0.0, states.value))


def _now(pair: FrontierPair, function: LagFunction, t: float) -> DrawStates:
    step = _steps(pair, t)
    matched = function.matched[np.arange(len(step)), np.maximum(step, 0)]
    return _failing(function.of_match(matched, t), step)


def _record(pair: FrontierPair, function: LagFunction, t: float) -> DrawStates:
    open_, _ = pair.both
    step = _steps(pair, t)
    rows, at = np.arange(len(step)), np.maximum(step, 0)
    risen = np.where(open_.records(), np.arange(open_.level.shape[1]), 0)
    latest = np.maximum.accumulate(risen, axis=1)[rows, at]
    when = np.broadcast_to(open_.dates, open_.level.shape)[rows, latest]
    return _failing(function.of_match(function.matched[rows, latest], when), step)


def _mean(pair: FrontierPair, function: LagFunction, t: float) -> DrawStates | None:
    open_, closed = pair.both
    begin = max(t - WINDOW_DAYS, float(open_.first.max()), float(closed.first.max()))
    if t - begin < WINDOW_DAYS / 2:
        return None
    return function.mean(begin, t)[0]
