r"""From two groups with entry days and scores to a lag in months, by any rule.

The step rule reads a level :math:`x` reached on day :math:`t` against the leaders' running maximum
:math:`F(s)`:

* ``reach``: :math:`t - \inf\{s \le t : F(s) \ge x + m\}`
* ``exceed``: :math:`t - \inf\{s \le t : F(s) > x + m\}`
* ``surpass``: :math:`t - ` the day of the newest record of :math:`F` below :math:`x + m`; below
  every record, "at least" the time since the first

(:math:`m` is the margin within which a worse score still counts as level: a level is then taken as
:math:`x - m` for ``reach``, the rule of :mod:`headway.estimate.lag.step`.) The trend rules fit a line to
each group's records by least squares, or to the publisher's own points, and take the distance along
the time axis (leaders' slope) or the vertical distance over the followers' slope.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.estimate.lag.entrants import Entrants, FloatArray, day_number
from headway.estimate.lag.frontier import Frontier, FrontierPair, frontier_pair
from headway.estimate.lag.reconcile.choices import Choices
from headway.estimate.lag.states import DrawStates
from headway.estimate.lag.step import LagFunction
from headway.result import DAYS_PER_MONTH

__all__ = ["Infeasible", "forward_durations", "lag_states", "matched_day", "window"]

_YEAR = 365.25


class Infeasible(Exception):
    """A combination of choices that cannot be evaluated; ``why`` is a message key."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class _Line:
    """Level at day 0 and slope per day, per draw; ``bad`` where none can be fitted."""

    at_zero: FloatArray
    slope: FloatArray

    def level(self, day: float | FloatArray) -> FloatArray:
        found: FloatArray = self.at_zero + self.slope * day
        return found


def lag_states(
    entrants: Entrants,
    choices: Choices,
    *,
    min_open: int,
    min_closed: int,
    trend_point: FloatArray | None = None,
    score_sd: FloatArray | None = None,
    records: FloatArray | None = None,
    fewest_records: int = 3,
) -> tuple[DrawStates, FrontierPair]:
    """The lag in months per draw.

    Parameters
    ----------
    entrants : Entrants
        Followers (``open_from``) and leaders (``closed_public_from``).
    choices : Choices
        ``rule``, ``matching``, ``margin``, ``average``, ``model``, ``since``, ``as_of`` are used here.
    min_open, min_closed : int
        Fewer models than this and nothing is computed.
    trend_point : array of bool, shape (n_models,), optional
        Points of the publisher's lines; default: the records.
    score_sd : array, shape (n_models,), optional
        Weights ``1 / sd`` of those points.
    records : array, shape (1, n_models), optional
        Scores that say which followers are records, and how high the frontiers stand, where the
        publisher decides that before looking at draws. Default: each draw decides for itself.
    fewest_records : int
        Points that a line needs at least.

    Raises
    ------
    Infeasible
        With what is missing.
    """
    pair = frontier_pair(
        entrants,
        frontier="public",
        as_of=choices.as_of,
        min_open=min_open,
        min_closed=min_closed,
    )
    if pair.missing:
        raise Infeasible(pair.missing[0])
    if choices.rule == "step":
        if choices.average == "mean_forward":
            return _forward(pair, choices), pair
        if records is not None and choices.average in ("at_record", "mean_records"):
            return _fixed_records(pair, choices, records), pair
        return _step(pair, choices), pair
    return _trend(pair, choices, trend_point, score_sd, fewest_records), pair


# Step ------------------------------------------------------------------------------------------


def matched_day(closed: Frontier, level: FloatArray, choices: Choices) -> FloatArray:
    """Day from which the lag of each level (n_draws, J) counts; ``inf`` if never."""
    if choices.matching == "reach":
        return closed.first_day_at(level - choices.margin)
    wanted = level + choices.margin
    if choices.matching == "exceed":
        return closed.first_day_at(np.nextafter(wanted, np.inf))
    step = closed.first_step_at(wanted)  # first step at or above; the record before it is surpassed
    records = closed.records()
    last = np.maximum.accumulate(np.where(records, np.arange(records.shape[1]), 0), axis=1)
    before = np.where(step > 0, np.take_along_axis(last, np.maximum(step - 1, 0), axis=1), 0)
    days = np.take_along_axis(np.broadcast_to(closed.dates, closed.level.shape), before, axis=1)
    return np.where(step > 0, days, closed.first[:, None] - _BEFORE)


def window(pair: FrontierPair, choices: Choices) -> tuple[float, float]:
    """Days covered by both groups within the window."""
    open_, closed = pair.both
    end = day_number(choices.as_of)
    begin = end - 12 * DAYS_PER_MONTH if choices.since is None else day_number(choices.since)
    covered = max(begin, float(open_.first.max()), float(closed.first.max()))
    if end - covered < (end - begin) / 2:
        raise Infeasible(f"window_not_covered:{max(0.0, end - covered) / DAYS_PER_MONTH:.1f}")
    return covered, end


#: Just before the first leader: the day from which a level counts that surpasses nobody.
_BEFORE = 1e-6


def _first_closed(pair: FrontierPair, choices: Choices) -> FloatArray:
    """A match on this day is a bound; ``-inf`` where every match is a number."""
    first = pair.both[1].first
    if choices.first_match == "number":
        return np.full_like(first, -np.inf)
    # to surpass the first leader is no bound, to surpass nobody is
    return first - _BEFORE if choices.matching == "surpass" else first


def _step(pair: FrontierPair, choices: Choices) -> DrawStates:
    open_, closed = pair.both
    now = day_number(choices.as_of)
    if choices.average == "at_model":
        level, entered = _named(pair, choices)
        match = matched_day(closed, level[:, None], choices)[:, 0]
        return LagFunction(
            np.array([[entered]]), match[:, None], _first_closed(pair, choices)
        ).of_match(match, entered)
    function = LagFunction(
        open_.dates, matched_day(closed, open_.level, choices), _first_closed(pair, choices)
    )
    if choices.average == "now":
        return function.at(now)
    if choices.average == "mean_days":
        return function.mean(*window(pair, choices))[0]
    if choices.average == "at_record":
        step = np.argmax(open_.level == open_.level[:, -1:], axis=1)
        rows = np.arange(len(step))
        dates = np.broadcast_to(open_.dates, open_.level.shape)
        return function.of_match(function.matched[rows, step], dates[rows, step])
    assert choices.average == "mean_records", choices.average
    begin, end = window(pair, choices)
    counted = open_.records() & (open_.dates >= begin) & (open_.dates <= end)
    count = counted.sum(axis=1)
    days = np.maximum(open_.dates - function.matched, 0.0)  # a record ahead of all leaders: 0
    months = np.where(counted, days, 0.0).sum(axis=1) / np.maximum(count, 1) / DAYS_PER_MONTH
    bound = (counted & (function.matched == function.first_closed[:, None])).any(axis=1)
    return DrawStates.build(months, bound=bound, failed=count == 0)


def _fixed_records(pair: FrontierPair, choices: Choices, central: FloatArray) -> DrawStates:
    """Mean over the records of the central scores (or the latest), each draw at their own levels.

    Leaders are taken record or not, and a record of the followers that leads counts negative: the
    next leader's day.
    """
    from dataclasses import replace

    entrants = pair.entrants
    middle = frontier_pair(
        replace(entrants, ability=central),
        frontier="public",
        as_of=choices.as_of,
        min_open=1,
        min_closed=1,
    )
    open_, _ = middle.both
    _, closed = pair.both
    holders = middle.holders("open")[0]
    which = np.flatnonzero(open_.records()[0])
    if choices.average == "mean_records":
        begin, end = window(pair, choices)
        which = which[(open_.dates[0, which] >= begin) & (open_.dates[0, which] <= end)]
    else:
        which = which[-1:]
    if not len(which):
        raise Infeasible("no_records_in_window")
    level = entrants.ability[:, holders[which]]
    day = open_.dates[0, which]
    matched = np.column_stack(
        [matched_day(closed, level[:, k : k + 1], choices)[:, 0] for k in range(len(which))]
    )
    unmatched = ~np.isfinite(matched)
    months = (day[None, :] - np.where(unmatched, day[None, :], matched)) / DAYS_PER_MONTH
    bound = (matched == _first_closed(pair, choices)[:, None]).any(axis=1)
    return DrawStates.build(months.mean(axis=1), bound=bound)


def _named(pair: FrontierPair, choices: Choices) -> tuple[FloatArray, float]:
    """Score of the named follower per draw, and its entry day."""
    if choices.model is None:
        raise Infeasible("no_model_named")
    names = pair.entrants.model_version
    if choices.model not in names:
        raise Infeasible("model_not_in_data")
    i = names.index(choices.model)
    entered = float(pair.entrants.open_from[i])
    if not entered <= day_number(choices.as_of):
        raise Infeasible("model_not_entered")
    if not pair.entrants.informative[i]:
        raise Infeasible("model_not_informative")
    return pair.entrants.ability[:, i], entered


def _forward(pair: FrontierPair, choices: Choices) -> DrawStates:
    """Mean months from a leaders' record to its match, over matches in the window.

    Leaders' records already within reach of followers at their entry are left out, as are those
    not matched yet: the published rule, which is short for the newest records.
    """
    if choices.matching != "reach":
        raise Infeasible("forward_needs_reach")
    durations = forward_durations(pair, choices)
    count = np.isfinite(durations).sum(axis=1)
    total = np.where(np.isfinite(durations), durations, 0.0).sum(axis=1)
    return DrawStates.build(total / np.maximum(count, 1), failed=count == 0)


def forward_durations(pair: FrontierPair, choices: Choices) -> FloatArray:
    """Months from each leaders' record to its match, (n_draws, K); ``nan`` where not counted."""
    open_, closed = pair.both
    begin = -np.inf if choices.since is None else day_number(choices.since)
    draws, steps = closed.level.shape
    out = np.full((draws, steps), np.nan)
    reached = np.full(draws, -np.inf)  # best level that followers had when they last matched
    records = closed.records()
    match = open_.first_step_at(closed.level - choices.margin)
    for k in range(steps):
        level = closed.level[:, k]
        counts = records[:, k] & (level > reached + choices.margin)
        found = counts & (match[:, k] < open_.level.shape[1])
        day = open_.day_of(match[:, k : k + 1])[:, 0]
        entered = float(closed.dates[0, k])
        out[found & (day >= begin), k] = (day[found & (day >= begin)] - entered) / DAYS_PER_MONTH
        rows = np.flatnonzero(found)
        reached[rows] = open_.level[rows, match[rows, k]]
    return out


# Trend -----------------------------------------------------------------------------------------


def _trend(
    pair: FrontierPair,
    choices: Choices,
    trend_point: FloatArray | None,
    score_sd: FloatArray | None,
    fewest: int,
) -> DrawStates:
    open_, closed = pair.both
    entrants = pair.entrants
    leaders = _fit(
        closed, entrants, entrants.closed_public_from, choices, trend_point, score_sd, fewest
    )
    now = day_number(choices.as_of)
    needs_followers = choices.rule == "trend_open" or choices.average in ("now", "mean_days")
    followers = (
        _fit(open_, entrants, entrants.open_from, choices, trend_point, score_sd, fewest)
        if needs_followers
        else None
    )
    slope = leaders.slope
    if choices.rule == "trend_open":
        assert followers is not None
        slope = followers.slope
    failed = (leaders.slope <= 0) | (slope <= 0)
    safe = np.where(failed, 1.0, slope)

    def months(level: FloatArray, day: float | FloatArray) -> FloatArray:
        found: FloatArray = (leaders.level(day) - level) / safe / DAYS_PER_MONTH
        return found

    if choices.average in ("now", "mean_days"):
        assert followers is not None
        day = now
        if choices.average == "mean_days":  # the distance is linear in time: its mean is its middle
            begin, end = window(pair, choices)
            day = (begin + end) / 2
        value = months(followers.level(day), day)
    elif choices.average == "at_model":
        level, entered = _named(pair, choices)
        value = months(level, entered)
    elif choices.average == "at_record":
        step = np.argmax(open_.level == open_.level[:, -1:], axis=1)
        value = months(open_.level[:, -1], open_.dates[0][step])
    elif choices.average == "mean_records":
        begin, end = window(pair, choices)
        counted = open_.records() & (open_.dates >= begin) & (open_.dates <= end)
        count = counted.sum(axis=1)
        each = (
            (leaders.at_zero[:, None] + leaders.slope[:, None] * open_.dates - open_.level)
            / safe[:, None]
            / DAYS_PER_MONTH
        )
        value = np.where(counted, each, 0.0).sum(axis=1) / np.maximum(count, 1)
        failed = failed | (count == 0)
    else:
        raise Infeasible("forward_needs_step")
    return DrawStates.build(value, leads=~failed & (value < 0), failed=failed)


def _fit(
    side: Frontier,
    entrants: Entrants,
    entered: FloatArray,
    choices: Choices,
    trend_point: FloatArray | None,
    score_sd: FloatArray | None,
    fewest: int,
) -> _Line:
    """Least squares through the records, or through the publisher's own points (weights 1/sd)."""
    if trend_point is None:
        begin = -np.inf if choices.since is None else day_number(choices.since)
        weight = (side.records() & (side.dates >= begin)).astype(np.float64)
        if np.median(weight.sum(axis=1)) < fewest:
            raise Infeasible("too_few_records")
        days = np.broadcast_to(side.dates, side.level.shape)
        level = side.level
    else:
        limit = day_number(choices.as_of)
        index = np.flatnonzero(np.asarray(trend_point, dtype=bool) & (entered <= limit))
        if len(index) < fewest:
            raise Infeasible("too_few_records")
        level = entrants.ability[:, index]
        days = np.broadcast_to(entered[index][None, :], level.shape)
        # a model with a spread of 0 is an anchor of the scale, not a measurement without error
        spread = np.ones(len(index)) if score_sd is None else score_sd[index]
        typical = np.median(spread[spread > 0]) if (spread > 0).any() else 1.0
        weight = np.broadcast_to(1.0 / np.where(spread > 0, spread, typical), level.shape)
    total = np.maximum(weight.sum(axis=1), 1e-12)
    mean_x = (weight * days).sum(axis=1) / total
    mean_y = (weight * level).sum(axis=1) / total
    x = days - mean_x[:, None]
    spread_x = (weight * x * x).sum(axis=1)
    slope = (weight * x * (level - mean_y[:, None])).sum(axis=1) / np.where(
        spread_x > 0, spread_x, 1.0
    )
    slope = np.where(spread_x > 0, slope, -1.0)  # no line: marked as failed by its sign
    return _Line(mean_y - slope * mean_x, slope)
