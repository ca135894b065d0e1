"""Summaries over draws whose states differ."""

from __future__ import annotations

import math

import numpy as np
import pytest

from headway.estimate.lag.states import DrawStates, interval_of, quantile, summarise


def states(*marks: str | float) -> DrawStates:
    """Numbers, ``lead``, ``fail``, or ``>5`` for a bound of 5."""
    text = [mark if isinstance(mark, str) else "" for mark in marks]
    value = np.array(
        [
            mark if not isinstance(mark, str) else float(mark[1:]) if mark[0] == ">" else 0.0
            for mark in marks
        ]
    )
    return DrawStates.build(
        value,
        leads=np.array([mark == "lead" for mark in text]),
        bound=np.array([mark.startswith(">") for mark in text]),
        failed=np.array([mark == "fail" for mark in text]),
    )


def summary(*marks: str | float, level: float = 0.9) -> object:
    return summarise(states(*marks), level=level, n=5, n_clusters=2)


def test_leads_sort_below_numbers_and_bounds_above() -> None:
    ordered = states(">1", 3.0, "lead", 2.0, ">0.5").ordered()

    assert ordered.code.tolist() == [0, 1, 1, 2, 2]
    assert ordered.value.tolist() == [0.0, 2.0, 3.0, 0.5, 1.0]


def test_status_is_that_of_the_median_draw() -> None:
    assert summary("lead", "lead", 4.0).status == "open_leads"
    assert summary("lead", 4.0, ">9").status == "estimated"
    assert summary(4.0, ">9", ">10").status == "censored"


def test_all_bounds_keep_a_lower_end() -> None:
    found = summary(">4", ">6", ">8", level=0.5)

    assert found.value == 6
    assert (found.interval.low, found.interval.high) == (5.0, math.inf)


def test_all_leads_have_both_ends_below_everything() -> None:
    found = summary("lead", "lead")

    assert found.value is None
    assert (found.interval.low, found.interval.high) == (-math.inf, -math.inf)


def test_numbers_are_interpolated_like_numpy() -> None:
    values = np.random.default_rng(3).normal(size=101)
    ordered = DrawStates.build(values).ordered()

    for q in (0.05, 0.33, 0.5, 0.95):
        assert quantile(ordered, q)[1] == pytest.approx(np.quantile(values, q))


def test_between_states_the_interval_goes_outward() -> None:
    """Quantile 0.95 of three draws lies between the number and the bound: no upper limit."""
    found = summary(1.0, 2.0, ">9")

    assert found.interval.high == math.inf


def test_failed_draws_are_counted_and_refused_beyond_the_level() -> None:
    few = summary(*([1.0] * 19), "fail")
    many = summary(*([1.0] * 17), "fail", "fail", "fail")

    assert (few.status, few.notes) == ("estimated", ("draws_failed:0.05",))
    assert (many.status, many.notes) == ("not_estimable", ("draws_failed:0.15",))


def test_one_draw_has_no_interval() -> None:
    assert summary(3.0).interval is None


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95])
def test_level_changes_the_interval(level: float) -> None:
    values = np.linspace(0, 1, 1001)
    found = summarise(DrawStates.build(values), level=level, n=1, n_clusters=1)

    assert found.interval is not None
    assert found.interval.high - found.interval.low == pytest.approx(level)
    assert found.interval.level == level


def tied(*counts: tuple[float, int]) -> DrawStates:
    values = np.concatenate([np.full(n, v) for v, n in counts])
    return DrawStates.build(values)


def test_tied_ends_are_held_or_not_whichever_is_nearer_to_the_level():
    def ends(*counts: tuple[float, int]) -> tuple[float, float]:
        found = interval_of(tied(*counts).ordered(), 0.90, "eti")
        return found.low, found.high

    # 100 % or 88 %: without both ends it is nearer to 90 %
    assert ends((1.0, 60), (2.0, 880), (3.0, 60)) == (2.0, 2.0)
    # 100 %, 88 % without the one, 94 % without the other, 82 % without both
    assert ends((1.0, 120), (2.0, 820), (3.0, 60)) == (2.0, 3.0)
    # 100 %, or 80 % without one end, or 60 %: both stay, because 85 % is the least
    assert ends((1.0, 200), (2.0, 600), (3.0, 200)) == (1.0, 3.0)


@pytest.mark.parametrize("seed", range(20))
def test_an_interval_of_few_values_never_holds_less_than_85_percent_of_the_draws(seed):
    rng = np.random.default_rng(seed)
    values = rng.choice(np.arange(6.0), p=rng.dirichlet(np.ones(6)), size=400)
    found = interval_of(DrawStates.build(values).ordered(), 0.90, "eti")
    plain = interval_of(DrawStates.build(values).ordered(), 0.90, "bootstrap")

    held = np.mean((values >= found.low) & (values <= found.high))
    assert held >= 0.85
    assert plain.low <= found.low <= found.high <= plain.high


def test_untied_draws_keep_their_plain_quantiles():
    values = np.linspace(0.0, 1.0, 1001)
    found = interval_of(DrawStates.build(values).ordered(), 0.90, "eti")

    assert (found.low, found.high) == pytest.approx((0.05, 0.95))


def test_a_state_is_never_moved_by_ties():
    """6 % of the draws lead: the lower end stays among them however many tie."""
    states = DrawStates.build(
        np.full(100, 4.0), leads=np.arange(100) < 6, bound=np.arange(100) > 93
    )
    found = interval_of(states.ordered(), 0.90, "eti")

    assert (found.low, found.high) == (-math.inf, math.inf)
