"""Parametric headway by era: hand-made eras, refusals, and coverage."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from scipy import stats

from headway.estimate.lag.eras import ERA_STARTS, headway_parametric
from headway.estimate.lag.frontier import frontier_pair
from headway.estimate.lag.headway import headway_by_era
from headway.estimate.lag.survival import fit_headway
from tests.lag.worlds import MONTH, after, entrants, random_world

AS_OF = date(2026, 11, 1)


def test_one_draw_is_the_fit_of_its_headways() -> None:
    """Five closed records a month apart; matched after 3, 5, 4, 8 months and not yet."""
    closed = {f"c{i}": (30 * i, 10.0 * i) for i in range(5)}
    waits = (90, 150, 180, 240)  # a match may not come before that of a weaker model
    opens = {f"o{i}": (30 * i + w, 10.0 * i + 1) for i, w in enumerate(waits)}
    world = entrants(opens, closed)
    pair = frontier_pair(world, frontier="public", as_of=after(600), min_open=1, min_closed=1)
    months = np.array([*waits, 600 - 120]) / MONTH
    wanted = fit_headway(months, np.array([True] * 4 + [False]))

    (era,) = headway_parametric(pair, starts=(), rng=np.random.default_rng(0))

    assert era.begin is None
    assert era.end is None
    assert era.median.value == pytest.approx(wanted.quantile(0.5))
    assert era.upper_quartile.value == pytest.approx(wanted.quantile(0.75))
    assert era.p_zero.value == 0
    assert era.kaplan_meier.value == pytest.approx(180 / MONTH)
    assert sum(era.families.values()) == pytest.approx(1.0)
    assert era.median.interval is None  # one draw


def test_eras_and_kaplan_meier_agree_with_those_by_year() -> None:
    world, _ = random_world(np.random.default_rng(3), draws=60)
    pair = frontier_pair(world, frontier="public", as_of=AS_OF)
    by_year = headway_by_era(
        world, frontier="public", as_of=AS_OF, starts=[date(2023, 1, 1), *ERA_STARTS]
    )

    found = headway_parametric(pair, rng=np.random.default_rng(0))

    assert [(era.begin, era.end) for era in found] == [
        (None, date(2024, 1, 1)),
        (date(2024, 1, 1), date(2025, 1, 1)),
        (date(2025, 1, 1), None),
    ]
    for mine, theirs in zip(found, by_year, strict=True):
        assert mine.kaplan_meier.value == theirs.headway.value
        assert mine.kaplan_meier.interval == theirs.headway.interval
    for era in found:
        for quantity in (era.median, era.upper_quartile, era.kaplan_meier):
            if quantity.interval_process is not None:
                assert quantity.interval_process.low <= quantity.interval.low
                assert quantity.interval_process.high >= quantity.interval.high
    again = headway_parametric(pair, rng=np.random.default_rng(0))
    assert again == found


def test_an_era_with_few_record_setters_is_refused() -> None:
    world = entrants({"o1": (200, 15.0), "o2": (400, 25.0)}, {"c1": (0, 10.0), "c2": (100, 20.0)})
    pair = frontier_pair(world, frontier="public", as_of=after(500), min_open=1, min_closed=1)

    (era,) = headway_parametric(pair, starts=(), rng=np.random.default_rng(0))

    for quantity in (era.median, era.p_zero, era.kaplan_meier):
        assert quantity.status == "not_estimable"
        assert quantity.notes == ("too_few_record_setters:2<3",)
    assert era.families == {}


def test_all_matched_on_the_same_wait_cannot_be_fitted() -> None:
    closed = {f"c{i}": (30 * i, 10.0 * i) for i in range(4)}
    opens = {f"o{i}": (30 * i + 60, 10.0 * i + 1) for i in range(4)}
    pair = frontier_pair(
        entrants(opens, closed), frontier="public", as_of=after(600), min_open=1, min_closed=1
    )

    (era,) = headway_parametric(pair, starts=(), rng=np.random.default_rng(0))

    assert era.median.status == "not_estimable"
    assert "draws_failed:1" in era.median.notes
    assert era.kaplan_meier.value == pytest.approx(60 / MONTH)


def test_a_time_beyond_all_observed_says_so() -> None:
    """Two of six matched: the upper quartile lies beyond the longest time under observation."""
    closed = {f"c{i}": (20 * i, 10.0 * i) for i in range(6)}
    opens = {"o0": (60, 1.0), "o1": (110, 11.0)}
    pair = frontier_pair(
        entrants(opens, closed), frontier="public", as_of=after(200), min_open=1, min_closed=1
    )

    (era,) = headway_parametric(pair, starts=(), rng=np.random.default_rng(0))

    assert "extrapolated:1" in era.upper_quartile.notes
    assert era.kaplan_meier.status == "censored"


def test_nothing_without_a_pair() -> None:
    pair = frontier_pair(entrants({"o": (0, 1.0)}, {}), frontier="public", as_of=after(9))

    assert headway_parametric(pair, rng=np.random.default_rng(0)) == ()


@pytest.mark.slow
def test_measured_intervals_cover_on_simulated_histories() -> None:
    """Median of the headways that happened, all eras as one: 90 % nominal, 82 % asked over 150
    histories, false alarm 1 in 1000."""
    rng = np.random.default_rng(20261124)
    held = 0
    for _ in range(150):
        world, truth = random_world(rng, draws=200)
        known = world.with_ability(truth[None], world.informative)
        values = []
        for each in (known, world):
            pair = frontier_pair(each, frontier="public", as_of=AS_OF)
            (era,) = headway_parametric(pair, starts=(), rng=rng)
            values.append(era.median)
        interval = values[1].interval
        held += interval.low <= values[0].value <= interval.high

    assert stats.binomtest(held, 150, 0.82, alternative="less").pvalue > 0.001
