"""Paths add up exactly, whatever can be computed on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from itertools import pairwise, permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.checks.reconcile import Reconciliation
from headway.estimate.lag.reconcile.choices import Choices, differing
from headway.estimate.lag.reconcile.evaluate import Evaluated
from headway.estimate.lag.reconcile.shapley import NoPath, Path, shapley_path
from headway.result import Quantity

BEGIN = Choices(data="a", domain="general", as_of=date(2026, 1, 1), average="mean_records")
#: One other value per choice; all of them are looked at by both ends.
OTHER: dict[str, object] = {
    "data": "b",
    "domain": "cyber",
    "items": "public",
    "evaluator": "independent",
    "irt": "1pl",
    "groups": "china_us",
    "dates": "weights",
    "frontier": "restricted",
}


def end_of(count: int) -> Choices:
    return BEGIN.with_(**dict(list(OTHER.items())[:count]))


def evaluator(
    value: Callable[[frozenset[str]], float],
    *,
    blocked: frozenset[frozenset[str]] = frozenset(),
    draws: int = 1,
) -> Callable[[Choices], Evaluated]:
    """A lag that depends on which choices differ from the beginning."""

    def evaluate(choices: Choices) -> Evaluated:
        changed = frozenset(differing(BEGIN, choices))
        if changed in blocked:
            return Evaluated(choices, Quantity.not_estimable("months", "no_scores"), None)
        months = value(changed)
        lag = Quantity(months, "months", None, n=1, n_clusters=1, status="estimated")
        return Evaluated(choices, lag, np.full(draws, months))

    return evaluate


def total(path: Path) -> Fraction:
    return sum((step.exact for step in path.steps), Fraction(0))


def brute(
    count: int, value: Callable[[frozenset[str]], float], blocked: frozenset[frozenset[str]]
) -> tuple[dict[str, Fraction], int]:
    """Mean marginal contributions over every order, listed one by one."""
    names = differing(BEGIN, end_of(count))
    sums = dict.fromkeys(names, Fraction(0))
    feasible = 0
    for order in permutations(names):
        nodes = [frozenset(order[:k]) for k in range(len(order) + 1)]
        if any(node in blocked for node in nodes):
            continue
        feasible += 1
        for k, name in enumerate(order):
            sums[name] += Fraction(value(nodes[k + 1])) - Fraction(value(nodes[k]))
    return {name: part / feasible for name, part in sums.items()} if feasible else {}, feasible


@st.composite
def worlds(draw: st.DrawFn) -> tuple[int, dict[frozenset[str], float], frozenset[frozenset[str]]]:
    """Random lags of all combinations, some of which cannot be computed."""
    count = draw(st.integers(1, 5))
    names = differing(BEGIN, end_of(count))
    nodes = [
        frozenset(name for i, name in enumerate(names) if mask >> i & 1)
        for mask in range(1 << count)
    ]
    numbers = st.floats(-40, 40, allow_nan=False)
    values = {node: draw(numbers) for node in nodes}
    inner = [node for node in nodes if 0 < len(node) < count]
    blocked = frozenset(draw(st.lists(st.sampled_from(inner), max_size=6)) if inner else [])
    return count, values, blocked


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_steps_add_up_exactly(
    world: tuple[int, dict[frozenset[str], float], frozenset[frozenset[str]]],
) -> None:
    count, values, blocked = world
    path = shapley_path(BEGIN, end_of(count), evaluator(values.__getitem__, blocked=blocked))

    assert total(path) == Fraction(values[frozenset(differing(BEGIN, end_of(count)))]) - Fraction(
        values[frozenset()]
    )
    assert sum(step.months.value or 0 for step in path.steps) == pytest.approx(
        float(total(path)), abs=1e-9
    )


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_counting_orders_gives_what_listing_them_gives(
    world: tuple[int, dict[frozenset[str], float], frozenset[frozenset[str]]],
) -> None:
    count, values, blocked = world
    expected, feasible = brute(count, values.__getitem__, blocked)
    path = shapley_path(BEGIN, end_of(count), evaluator(values.__getitem__, blocked=blocked))

    if feasible:
        assert path.orders == feasible
        assert {step.names[0]: step.exact for step in path.steps} == expected
    assert path.all_orders == factorial(count)


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_a_step_lies_between_its_extremes(
    world: tuple[int, dict[frozenset[str], float], frozenset[frozenset[str]]],
) -> None:
    count, values, blocked = world
    path = shapley_path(BEGIN, end_of(count), evaluator(values.__getitem__, blocked=blocked))

    for step in path.steps:
        assert step.order_min - 1e-9 <= float(step.exact) <= step.order_max + 1e-9


def test_the_way_back_has_the_opposite_steps(work: Reconciliation) -> None:
    named = work.named()
    there = work.path(named["blog-eci-k3"], named["epoch-2026-05-strict"])
    back = work.path(named["epoch-2026-05-strict"], named["blog-eci-k3"])

    assert {s.names: s.exact for s in there.steps} == {s.names: -s.exact for s in back.steps}


def test_a_choice_that_moves_nothing_gets_nothing() -> None:
    path = shapley_path(BEGIN, end_of(4), evaluator(lambda changed: 5.0 * ("domain" in changed)))
    moved = {step.names[0]: step.exact for step in path.steps}

    assert moved == {"domain": 5, "data": 0, "items": 0, "evaluator": 0}


def test_an_interaction_is_shared() -> None:
    path = shapley_path(
        BEGIN, end_of(2), evaluator(lambda changed: 6.0 if len(changed) == 2 else 0.0)
    )

    assert [step.exact for step in path.steps] == [3, 3]
    assert [(step.order_min, step.order_max) for step in path.steps] == [(0, 6), (0, 6)]


def test_choices_that_cannot_be_changed_alone_move_together() -> None:
    """Neither the data set nor the domain can be changed first: they are one step."""
    blocked = frozenset(
        node
        for node in map(frozenset, (["data"], ["domain"], ["data", "items"], ["domain", "items"]))
    )
    path = shapley_path(
        BEGIN, end_of(3), evaluator(lambda changed: float(len(changed)), blocked=blocked)
    )

    assert {step.names: step.exact for step in path.steps} == {
        ("data", "domain"): 2,
        ("items",): 1,
    }
    assert total(path) == 3
    assert {b.changed for b in path.blocked} >= {("data",), ("domain",)}


def test_an_end_that_is_no_number_has_no_path() -> None:
    end = end_of(2)
    blocked = frozenset({frozenset(differing(BEGIN, end))})

    with pytest.raises(NoPath, match="end: no_scores"):
        shapley_path(BEGIN, end, evaluator(lambda _: 1.0, blocked=blocked))


def test_no_difference_no_steps() -> None:
    path = shapley_path(BEGIN, BEGIN, evaluator(lambda _: 1.0))

    assert path.steps == ()
    assert path.orders == path.all_orders == 1


def test_intervals_come_from_draws_and_hold_the_step() -> None:
    rng = np.random.default_rng(7)
    noise = {name: rng.normal(0, 1, 500) for name in OTHER}

    def evaluate(choices: Choices) -> Evaluated:
        changed = differing(BEGIN, choices)
        months = np.full(500, 3.0) + sum((2 + noise[name] for name in changed), np.zeros(500))
        lag = Quantity(float(np.median(months)), "months", None, 1, 1, "estimated")
        return Evaluated(choices, lag, months)

    path = shapley_path(BEGIN, end_of(3), evaluate)

    for step in path.steps:
        interval = step.months.interval
        assert interval is not None
        assert interval.low <= (step.months.value or 0) <= interval.high
        assert interval.high - interval.low == pytest.approx(2 * 1.645, rel=0.15)


def test_draws_that_are_no_numbers_leave_no_interval() -> None:
    def evaluate(choices: Choices) -> Evaluated:
        months = np.full(100, 3.0 + len(differing(BEGIN, choices)))
        months[:30] = np.nan
        lag = Quantity(float(np.nanmedian(months)), "months", None, 1, 1, "estimated")
        return Evaluated(choices, lag, months)

    step = shapley_path(BEGIN, end_of(1), evaluate).steps[0]

    assert step.months.interval is None
    assert step.months.notes == ("draws_not_numbers:0.3",)


def test_too_many_choices_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headway.estimate.lag.reconcile.shapley.MOST_CHOICES", 3)

    with pytest.raises(ValueError, match="4 choices differ; at most 3"):
        shapley_path(BEGIN, end_of(4), evaluator(lambda _: 1.0))


def pairs_add_up(work: Reconciliation, pairs: list[tuple[str, str]]) -> None:
    named = work.named()
    for a, b in pairs:
        path = work.path(named[a], named[b])
        begin, end = path.begin.lag.value, path.end.lag.value
        assert begin is not None
        assert end is not None
        assert total(path) == Fraction(end) - Fraction(begin)
        assert path.orders >= 1


def test_reproduced_lags_have_a_path(work: Reconciliation) -> None:
    """Index, test, stated lines, panel of tests, pair of models: from each kind to the next."""
    ends = [
        "blog-eci-k3",
        "aisi-2026-07-range-glm52",
        "ecih-trend-all",
        "epoch-2024-11-range",
        "semi-era2",
        "ecih-priv-kimi-k2-6",
        "blog-eci-k3",
    ]

    pairs_add_up(work, list(pairwise(ends)))


@pytest.mark.slow
def test_every_two_reproduced_lags_have_a_path(work: Reconciliation) -> None:
    ends = [f.preset.name for _, f in work.rows() if f.status == "reproduced"]

    assert len(ends) >= 20
    pairs_add_up(work, list(permutations(ends, 2)))


def test_the_divisor_explains_the_laboratorys_second_build(work: Reconciliation) -> None:
    """16.7 became 11.0 because the gap was divided by the other slope."""
    named = work.named()
    path = work.path(named["ecih-trend-all"], named["ecih-0929-trend-all"])

    assert path.steps[0].names == ("rule",)
    assert float(path.steps[0].exact) < -6
    assert sum(abs(float(step.exact)) for step in path.steps[1:]) < 1.5
