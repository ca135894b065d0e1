"""What must hold in every world."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.estimate.lag import (
    Entrants,
    headway_months,
    headway_records,
    lag_at_record,
    lag_history,
    lag_mean_12m,
    lag_now,
    lag_rows,
)
from headway.estimate.lag.frontier import frontier_pair, running_maxima
from headway.estimate.lag.headway import headways
from headway.estimate.lag.process import release_replicates
from headway.estimate.lag.states import BOUND, LEADS
from headway.estimate.lag.step import lag_function
from headway.estimate.lag.trend import trend_states
from tests.lag.worlds import MONTH, after, entrants

ONE = {"frontier": "public", "min_open": 1, "min_closed": 1}
AS_OF = after(900)
STEP_DEFINITIONS = (lag_now, lag_at_record, lag_mean_12m, headway_months)


@st.composite
def worlds(draw: st.DrawFn, *, draws: int = 1) -> Entrants:
    """Up to 12 models of each kind, with many ties in date and ability."""
    sides = []
    for prefix in ("o", "c"):
        count = draw(st.integers(1, 12))
        side = {}
        for i in range(count):
            day = draw(st.integers(0, 12)) * 60
            ability = [float(draw(st.integers(0, 8))) for _ in range(draws)]
            side[f"{prefix}{i}"] = (day, ability)
        sides.append(side)
    return entrants(*sides)


def answers(world: Entrants, as_of: date = AS_OF) -> list[tuple[str, float | None]]:
    rows = [definition(world, as_of=as_of, **ONE) for definition in STEP_DEFINITIONS]
    return [(row.lag.status, row.lag.value) for row in rows]


def same(one: list[tuple[str, float | None]], other: list[tuple[str, float | None]]) -> bool:
    return [status for status, _ in one] == [status for status, _ in other] and all(
        a == b or (a is not None and b is not None and math.isclose(a, b, abs_tol=1e-9))
        for (_, a), (_, b) in zip(one, other, strict=True)
    )


@given(world=worlds(), days=st.integers(-3000, 3000))
def test_shifting_all_dates_shifts_nothing(world: Entrants, days: int) -> None:
    moved = replace(
        world,
        open_from=world.open_from + days,
        closed_public_from=world.closed_public_from + days,
        closed_any_from=world.closed_any_from + days,
    )

    assert same(answers(world), answers(moved, AS_OF + timedelta(days=days)))


@given(world=worlds())
def test_a_monotone_change_of_ability_leaves_step_lags(world: Entrants) -> None:
    changed = replace(world, ability=np.exp(world.ability / 3) - 7)

    assert answers(world) == answers(changed)


@given(world=worlds(), seed=st.integers(0, 2**32 - 1))
def test_the_order_of_models_is_irrelevant(world: Entrants, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(world.model_version))
    mixed = Entrants(
        tuple(world.model_version[i] for i in order),
        tuple(world.lab[i] for i in order),
        world.open_from[order],
        world.closed_public_from[order],
        world.closed_any_from[order],
        world.ability[:, order],
        world.informative[order],
    )

    assert answers(world) == answers(mixed)


@given(world=worlds(), day=st.integers(0, 800))
def test_a_weak_later_model_changes_nothing(world: Entrants, day: int) -> None:
    """Weaker than all and not the first of its group: it never rises above a frontier."""
    weak = world.ability.min() - 1
    for side in ("open_from", "closed_public_from"):
        first = getattr(world, side).min()
        new = first + day
        values = {
            name: np.append(getattr(world, name), new if name == side else np.inf)
            for name in ("open_from", "closed_public_from", "closed_any_from")
        }
        more = Entrants(
            (*world.model_version, "weak"),
            (*world.lab, "weak"),
            ability=np.append(world.ability, [[weak]], axis=1),
            informative=np.append(world.informative, True),
            **values,
        )
        assert answers(world) == answers(more)


@given(world=worlds(draws=4))
def test_headway_is_never_negative(world: Entrants) -> None:
    for record in headway_records(world, as_of=AS_OF, **ONE):
        assert record.headway.value is not None
        assert record.headway.value >= 0
        assert 0 < record.probability <= 1


@settings(max_examples=40)
@given(world=worlds(draws=3))
def test_mean_is_the_daily_average_of_lag_now(world: Entrants) -> None:
    """Brute force at 200 midpoints: exact mean within the extremes and close to the average."""
    pair = frontier_pair(world, as_of=AS_OF, **ONE)
    open_, closed = pair.both
    function = lag_function(pair)
    end = float((AS_OF - date(1970, 1, 1)).days)
    begin = max(end - 365.25, open_.first[0], closed.first[0])
    if begin >= end:
        return
    edges = np.linspace(begin, end, 201)
    middles = (edges[1:] + edges[:-1]) / 2
    found = [function.at(float(t)) for t in middles]
    value = np.array([np.where(states.code == LEADS, 0.0, states.value) for states in found])
    bound = np.array([states.code == BOUND for states in found])

    mean, leading = function.mean(begin, end)

    assert mean.value == pytest.approx(value.mean(axis=0), abs=4 * 365.25 / 200 / MONTH)
    assert (mean.value >= value.min(axis=0) - 1 / MONTH).all()
    assert (mean.value <= value.max(axis=0) + 1 / MONTH).all()
    assert (mean.code[bound.any(axis=0)] == BOUND).all()
    assert leading == pytest.approx(
        np.mean([states.code == LEADS for states in found], axis=0), abs=0.07
    )


@given(world=worlds())
def test_lag_now_by_brute_force(world: Entrants) -> None:
    """The definition read off the models one by one."""
    now = float((AS_OF - date(1970, 1, 1)).days)
    ability = world.ability[0]
    level = ability[world.open_from <= now].max()
    closed = world.closed_public_from
    reached = closed[(closed <= now) & (ability >= level)]

    lag = lag_now(world, as_of=AS_OF, **ONE).lag

    if not len(reached):
        assert lag.status == "open_leads"
    else:
        assert lag.value == pytest.approx((now - reached.min()) / MONTH)
        assert (lag.status == "censored") == (reached.min() == closed.min())


@given(world=worlds(draws=3))
def test_history_ends_in_todays_answer(world: Entrants) -> None:
    for definition, ask in (("lag_now", lag_now), ("lag_mean_12m", lag_mean_12m)):
        (row,) = lag_history(world, dates=[AS_OF], as_of=AS_OF, definition=definition, **ONE)

        assert row.lag == ask(world, as_of=AS_OF, **ONE).lag


@given(world=worlds(draws=3))
def test_frontiers_with_own_dates_equal_shared_ones(world: Entrants) -> None:
    """The two ways to build a frontier answer the same questions alike."""
    pair = frontier_pair(world, as_of=AS_OF, **ONE)
    own = []
    for entered in (world.open_from, world.closed_public_from):
        index = np.flatnonzero(np.isfinite(entered))
        days = np.broadcast_to(entered[index], (3, len(index)))
        own.append(running_maxima(days, world.ability[:, index]))
    other = replace(pair, open=own[0], closed=own[1])
    one, two = lag_function(pair), lag_function(other)
    begin = max(pair.both[0].first[0], pair.both[1].first[0])
    end = begin + 365.25

    for t in (begin, begin + 77.0, end):
        assert np.array_equal(one.at(t).value, two.at(t).value)
        assert np.array_equal(one.at(t).code, two.at(t).code)
    assert one.mean(begin, end)[0].value == pytest.approx(two.mean(begin, end)[0].value)
    assert np.array_equal(one.mean(begin, end)[0].code, two.mean(begin, end)[0].code)
    later = begin + 300.0
    assert np.array_equal(one.mean(later, later + 50)[0].code, two.mean(later, later + 50)[0].code)
    assert trend_states(pair).value == pytest.approx(trend_states(other).value)
    assert np.array_equal(trend_states(pair).code, trend_states(other).code)
    medians = [headways(each).curve().median() for each in (pair, other)]
    assert medians[0].value == pytest.approx(medians[1].value)
    assert np.array_equal(medians[0].code, medians[1].code)


@settings(max_examples=30)
@given(world=worlds(draws=3), seed=st.integers(0, 999))
def test_replicates_stay_within_known_time(world: Entrants, seed: int) -> None:
    pair = frontier_pair(world, as_of=AS_OF, **ONE)

    other, _ = release_replicates(pair, reps=5, rng=np.random.default_rng(seed))

    for mine, theirs in zip(pair.both, other.both, strict=True):
        assert theirs.first == pytest.approx(np.repeat(mine.first, 5))
        assert (theirs.dates <= mine.dates.max()).all()
        assert np.isfinite(theirs.level).all()


@settings(max_examples=30)
@given(world=worlds(draws=3), seed=st.integers(0, 999))
def test_every_definition_gives_a_lawful_quantity(world: Entrants, seed: int) -> None:
    """No assertion of ``Quantity`` fires, and the JSON holds no NaN."""
    rows = lag_rows(
        world,
        as_of=AS_OF,
        rng=np.random.default_rng(seed),
        process_reps=7,
        min_open=1,
        min_closed=1,
    )

    assert "nan" not in str([row.to_json() for row in rows]).lower()
