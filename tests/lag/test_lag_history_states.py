"""The lag per draw at many dates, measured and replicated."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from headway.errors import BadOption
from headway.estimate.lag import lag_history
from headway.estimate.lag.definitions import (
    lag_at_record,
    lag_mean_12m,
    lag_now,
    mean_states,
    now_states,
    record_states,
)
from headway.estimate.lag.frontier import frontier_pair, running_maxima
from headway.estimate.lag.history import history_states
from headway.estimate.lag.process import release_replicates
from headway.estimate.lag.states import FAILED, summarise
from headway.estimate.lag.step import lag_function
from tests.lag.worlds import after, entrants, random_world

AS_OF = date(2026, 11, 1)
DATES = tuple(date(2023 + m // 12, m % 12 + 1, 1) for m in range(2, 46, 3))
DEFINITIONS = {"lag_mean_12m": lag_mean_12m, "lag_now": lag_now, "lag_at_record": lag_at_record}


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_equals_the_rows_of_a_history(definition: str) -> None:
    world, _ = random_world(np.random.default_rng(1), draws=40, lag_months=2.0)
    pair = frontier_pair(world, frontier="public", as_of=AS_OF)
    rows = lag_history(world, dates=DATES, frontier="public", as_of=AS_OF, definition=definition)

    found = history_states(pair, DATES, definition)

    assert found.code.shape == found.value.shape == (40, len(DATES))
    answered = 0
    for k, row in enumerate(rows):
        if row.lag.status == "not_estimable":
            assert (found.code[:, k] == FAILED).all()
            continue
        again = summarise(found.at(k), level=0.9, n=row.lag.n, n_clusters=row.lag.n_clusters)
        assert (again.value, again.interval) == (row.lag.value, row.lag.interval)
        assert again.probabilities == row.lag.probabilities
        answered += 1
    assert answered > 8


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_dates_of_their_own_equal_shared_ones(definition: str) -> None:
    world, _ = random_world(np.random.default_rng(2), draws=15)
    pair = frontier_pair(world, frontier="public", as_of=AS_OF)
    own = []
    for entered in (world.open_from, world.closed_public_from):
        index = np.flatnonzero(np.isfinite(entered))
        days = np.broadcast_to(entered[index], (15, len(index)))
        own.append(running_maxima(days, world.ability[:, index]))
    other = replace(pair, open=own[0], closed=own[1])

    one, two = history_states(pair, DATES, definition), history_states(other, DATES, definition)

    assert np.array_equal(one.code, two.code)
    assert one.value == pytest.approx(two.value)


def test_a_replicate_at_its_last_day_is_the_definition() -> None:
    world, _ = random_world(np.random.default_rng(3), draws=30)
    pair = frontier_pair(world, frontier="public", as_of=AS_OF)
    other, _ = release_replicates(pair, reps=25, rng=np.random.default_rng(0))
    function = lag_function(other)

    for definition, make in (
        ("lag_mean_12m", mean_states),
        ("lag_now", now_states),
        ("lag_at_record", record_states),
    ):
        found = history_states(other, [AS_OF], definition).at(0)
        wanted = make(other, function)
        assert np.array_equal(found.code, wanted.code)
        assert found.value == pytest.approx(wanted.value)


def test_a_draw_without_an_open_model_yet_fails() -> None:
    world = entrants({"o": (0, 1.0)}, {"c": (0, 2.0)})
    pair = frontier_pair(world, frontier="public", as_of=after(50), min_open=1, min_closed=1)
    days = np.array([[float(d)] for d in pair.both[0].dates[0, 0] + np.array([0.0, 20.0])])
    late = replace(pair, open=running_maxima(days, np.array([[1.0], [1.0]])))

    found = history_states(late, [after(10), after(30)], "lag_now")

    assert found.code.tolist() == [[2, 2], [FAILED, 2]]


def test_later_dates_and_other_definitions_are_refused() -> None:
    world, _ = random_world(np.random.default_rng(3), draws=2)
    pair = frontier_pair(world, frontier="public", as_of=AS_OF)

    with pytest.raises(BadOption, match="later than"):
        history_states(pair, [date(2027, 1, 1)])
    with pytest.raises(BadOption, match="gap"):
        history_states(pair, [AS_OF], "gap")
