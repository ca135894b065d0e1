"""Limits: what a bound implies and what it does not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.estimate.lag.limits import Limits
from headway.estimate.lag.states import DrawStates

INF = math.inf


def states(*draws: tuple[str, float]) -> DrawStates:
    kinds = np.array([kind for kind, _ in draws])
    return DrawStates.build(
        np.array([value for _, value in draws]),
        leads=kinds == "leads",
        bound=kinds == "bound",
        failed=kinds == "failed",
    )


def test_a_bound_has_no_upper_limit_and_a_lead_is_below_every_number():
    found = Limits.of(states(("number", 4.0), ("bound", 7.0), ("leads", 0.0), ("failed", 0.0)))

    assert found.low.tolist()[:3] == [4.0, 7.0, -INF]
    assert found.high.tolist()[:3] == [4.0, INF, -INF]
    assert np.isnan(found.low[3])


def test_a_range_holds_for_sure_only_where_no_bound_leaves_it_open():
    """6 to 9: a number inside, one outside, "at least 7" (may be), "at least 10" (cannot)."""
    found = Limits.of(
        states(("number", 7.0), ("number", 5.0), ("bound", 7.0), ("bound", 10.0), ("leads", 0.0))
    ).inside(6.0, 9.0)

    assert (found.low, found.high, found.draws) == (0.2, 0.4, 5)


def test_at_least_counts_in_full_where_it_implies_the_claim():
    assert Limits.of(states(("bound", 7.0))).inside(6.0, INF).low == 1.0


@pytest.mark.parametrize(
    ("one", "two", "low", "high"),
    [
        (("number", 5.0), ("number", 3.0), 2.0, 2.0),
        (("bound", 5.0), ("number", 3.0), 2.0, INF),
        (("number", 5.0), ("bound", 3.0), -INF, 2.0),
        (("bound", 5.0), ("bound", 3.0), -INF, INF),
        (("leads", 0.0), ("number", 3.0), -INF, -INF),
        (("number", 3.0), ("leads", 0.0), INF, INF),
        (("leads", 0.0), ("leads", 0.0), 0.0, 0.0),
        (("leads", 0.0), ("bound", 2.0), -INF, -INF),
    ],
)
def test_differences_keep_what_is_known(one, two, low, high):
    found = Limits.of(states(one)) - Limits.of(states(two))

    assert (found.low[0], found.high[0]) == (low, high)


def test_a_failed_draw_counts_nowhere():
    found = Limits.of(states(("number", 7.0), ("failed", 0.0)))

    assert found.inside(6, 9).draws == 1
    assert found.above().draws == 1
    assert (found - found).above().draws == 1


def test_moving_shifts_values_and_limits_alike_and_keeps_the_floor():
    found = Limits(np.array([1.0, 4.0, 6.0, -INF]), np.array([1.0, 4.0, INF, -INF]))

    # told: 1, 4, 6 and minus infinity; their median is 2.5
    moved = found.moved_to(0.5, floor=0.0)
    assert moved.low.tolist() == [0.0, 2.0, 4.0, -INF]
    assert moved.high.tolist() == [0.0, 2.0, INF, -INF]


def test_nothing_moves_without_a_finite_centre():
    leads = Limits(np.full(3, -INF), np.full(3, -INF))

    assert leads.moved_to(4.0).low.tolist() == [-INF] * 3


draws = st.lists(
    st.tuples(st.sampled_from(["number", "bound", "leads"]), st.floats(0, 30)),
    min_size=1,
    max_size=30,
)


@given(draws, st.floats(-5, 35), st.floats(0, 10))
def test_probabilities_are_ordered_and_complement_each_other(values, least, width):
    found = Limits.of(states(*values))
    inside = found.inside(least, least + width)
    above, below = found.above(least), found.below(least)

    assert 0 <= inside.low <= inside.high <= 1
    assert above.low <= above.high
    # a value is above, below or equal
    assert above.low + below.low <= 1 + 1e-12
    assert above.high + below.high >= 1 - np.mean(
        [v == ("number", least) for v in values]
    ) - 1e-12 - (np.mean(found.low == least))


@given(draws)
def test_knowing_more_narrows_a_probability(values):
    """Replacing every bound by its value gives a probability between the two limits."""
    open_ = Limits.of(states(*values))
    told = Limits.of(states(*[("number" if k == "bound" else k, v) for k, v in values]))

    for least, most in ((6.0, 9.0), (0.0, 20.0)):
        whole, exact = open_.inside(least, most), told.inside(least, most)
        assert whole.low - 1e-12 <= exact.low == exact.high <= whole.high + 1e-12
