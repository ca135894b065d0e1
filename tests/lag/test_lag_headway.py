"""Headway: hand counts, and Kaplan-Meier against scipy."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from scipy.stats import CensoredData, ecdf

from headway.estimate.lag import (
    headway_by_era,
    headway_months,
    headway_records,
    survival_curve,
)
from headway.estimate.lag.frontier import frontier_pair
from headway.estimate.lag.headway import headways
from headway.estimate.lag.km import loglog_bounds, median_interval, product_limit
from tests.lag.worlds import MONTH, after, entrants, random_world

ONE = {"frontier": "public", "min_open": 1, "min_closed": 1}
# c10 is matched after 200 days, c20 after 300, c30 not yet; c5 sets no record
LADDER = entrants(
    {"o15": (200, 15.0), "o25": (400, 25.0)},
    {"c10": (0, 10.0), "c5": (50, 5.0), "c20": (100, 20.0), "c30": (300, 30.0)},
)


def test_each_record_setter_has_its_headway() -> None:
    found = headway_records(LADDER, as_of=after(500), **ONE)

    assert [(r.model_version, r.headway.status, r.matched_by) for r in found] == [
        ("c10", "estimated", "o15"),
        ("c20", "estimated", "o25"),
        ("c30", "censored", None),
    ]
    assert [r.headway.value for r in found] == pytest.approx(
        [200 / MONTH, 300 / MONTH, 200 / MONTH]
    )
    assert found[2].headway.interval is not None
    assert found[2].headway.interval.high == math.inf
    assert [r.entered for r in found] == [after(0), after(100), after(300)]


def test_median_of_three_by_hand() -> None:
    """Times 200, 200+ (censored), 300: S = 2/3 after 200, 0 after 300; median 300 days."""
    lag = headway_months(LADDER, as_of=after(500), **ONE).lag

    assert lag.value == pytest.approx(300 / MONTH)
    assert lag.status == "estimated"
    assert lag.notes == ("record_setters:3", "open_release_clusters:3")
    assert lag.interval is not None
    assert lag.interval.kind == "km_loglog"


def test_matched_at_launch_is_an_event_at_zero() -> None:
    world = entrants({"o": (0, 15.0)}, {"c5": (0, 5.0), "c10": (100, 10.0)})

    found = headway_records(world, as_of=after(200), **ONE)

    assert [r.headway.value for r in found] == [0.0, 0.0]
    assert {r.headway.status for r in found} == {"estimated"}


def test_a_tie_matches_and_a_margin_lets_worse_ones_match() -> None:
    tied = entrants({"o": (50, 10.0)}, {"c": (0, 10.0)})
    near = entrants({"o": (50, 9.5)}, {"c": (0, 10.0)})

    assert headway_records(tied, as_of=after(99), **ONE)[0].matched_by == "o"
    assert headway_records(near, as_of=after(99), **ONE)[0].matched_by is None
    assert headway_records(near, as_of=after(99), margin=0.5, **ONE)[0].matched_by == "o"


def test_a_curve_that_does_not_fall_to_one_half_is_a_bound() -> None:
    world = entrants({"o": (50, 6.0)}, {"c5": (0, 5.0), "c10": (10, 10.0), "c20": (20, 20.0)})

    lag = headway_months(world, as_of=after(100), **ONE).lag

    assert lag.status == "censored"
    assert lag.value == pytest.approx(90 / MONTH)
    assert lag.interval is not None
    assert lag.interval.high == math.inf


def test_probability_of_setting_a_record() -> None:
    world = entrants({"o": (50, 6.0)}, {"c5": (0, 5.0), "maybe": (10, [4.0, 7.0, 8.0, 9.0])})

    found = {r.model_version: r for r in headway_records(world, as_of=after(100), **ONE)}

    assert found["maybe"].probability == 0.75
    assert found["c5"].probability == 1.0
    assert headway_records(world, as_of=after(100), at_least=0.8, **ONE)[-1].model_version == "c5"


@pytest.mark.parametrize("seed", range(12))
def test_curve_and_bounds_equal_scipy(seed: int) -> None:
    """``scipy.stats.ecdf(CensoredData(...)).sf`` with log-log bounds where they are defined."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(4, 30))
    time = rng.integers(0, 12, size).astype(float)
    event = rng.random(size) < 0.6
    event[np.argmin(time)] = True
    ours = product_limit(time[None], event[None], np.ones((1, size)))

    theirs = ecdf(CensoredData(uncensored=time[event], right=time[~event])).sf
    at = theirs.quantiles
    survival, _ = ours.at(at)
    assert survival[0] == pytest.approx(theirs.probabilities, abs=1e-12)

    low, high = loglog_bounds(ours, 0, 0.9)
    keep = (theirs.probabilities > 0) & (theirs.probabilities < 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # scipy: undefined where S is 0 or 1
        bounds = theirs.confidence_interval(0.9, method="log-log")
    place = np.searchsorted(ours.time[0], at[keep], side="right") - 1
    assert low[place] == pytest.approx(bounds.low.probabilities[keep])
    assert high[place] == pytest.approx(bounds.high.probabilities[keep])


def test_median_of_the_remission_times() -> None:
    """6-mercaptopurine arm of Freireich et al. (1963): median 23 weeks, S(10) = 0.753."""
    events = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    time = np.array([events + censored], dtype=float)
    event = np.array([[True] * len(events) + [False] * len(censored)])

    curve = product_limit(time, event, np.ones_like(time))

    assert curve.median().value[0] == 23
    assert curve.at(np.array([10.0]))[0][0, 0] == pytest.approx(0.7529, abs=1e-4)
    assert median_interval(curve, 0, 0.95).high == math.inf


@pytest.mark.parametrize("half", range(1, 40))
def test_half_of_the_events_is_the_median_in_spite_of_rounding(half: int) -> None:
    time = np.arange(1.0, 2 * half + 1)[None]

    curve = product_limit(time, np.ones_like(time, dtype=bool), np.ones_like(time))

    assert curve.median().value[0] == half


def test_weights_equal_repeated_entries() -> None:
    rng = np.random.default_rng(1)
    time, event = rng.integers(1, 9, 12).astype(float), rng.random(12) < 0.6
    weight = rng.integers(0, 4, 12)

    weighted = product_limit(time[None], event[None], weight[None].astype(float))
    repeated = product_limit(
        np.repeat(time, weight)[None], np.repeat(event, weight)[None], np.ones((1, weight.sum()))
    )

    grid = np.arange(0, 10, 0.5)
    assert weighted.at(grid)[0] == pytest.approx(repeated.at(grid)[0])
    assert weighted.at(grid)[1] == pytest.approx(repeated.at(grid)[1])


def test_no_entries_fail_instead_of_inventing_a_median() -> None:
    empty = product_limit(np.ones((1, 3)), np.ones((1, 3), dtype=bool), np.zeros((1, 3)))

    assert empty.median().code.tolist() == [-1]


def test_rows_of_draws_are_independent() -> None:
    world, _ = random_world(np.random.default_rng(4), draws=7)
    whole = headways(frontier_pair(world, frontier="public", as_of=after(800))).curve().median()

    for row in range(7):
        one = world.with_ability(world.ability[row : row + 1], world.informative)
        alone = headways(frontier_pair(one, frontier="public", as_of=after(800))).curve().median()
        assert whole.value[row] == pytest.approx(alone.value[0])
        assert whole.code[row] == alone.code[0]


def test_models_matched_by_one_release_are_one_cluster() -> None:
    """All matched by one open model: a cluster bootstrap can only repeat the same set."""
    world = entrants({"o": (100, 99.0)}, {f"c{i}": (i * 10, float(i)) for i in range(5)})
    found = headways(frontier_pair(world, as_of=after(200), **ONE))

    assert found.cluster_count() == 1
    resampled = found.resampled(np.random.default_rng(0)).median()
    assert resampled.value == pytest.approx(found.curve().median().value)


def test_eras_split_by_launch() -> None:
    closed = {f"c{d}": (d, float(d)) for d in (0, 30, 60, 400, 430, 460)}
    opens = {f"o{d}": (d + 100, d + 5.0) for d in (0, 30, 60)}

    found = headway_by_era(entrants(opens, closed), as_of=after(600), **ONE)

    assert [era.begin.year for era in found] == [2024, 2025]
    assert found[0].headway.value == pytest.approx(100 / MONTH)
    assert found[1].headway.status == "censored"


def test_an_era_with_few_record_setters_is_refused() -> None:
    found = headway_by_era(LADDER, as_of=after(500), starts=[after(250)], **ONE)

    assert [era.headway.notes for era in found] == [("too_few_record_setters:1<3",)]


def test_survival_curve_of_one_draw_has_loglog_bounds() -> None:
    frame = survival_curve(LADDER, as_of=after(500), step=1.0, **ONE)

    assert frame["survival"][0] == 1.0
    assert frame["at_risk"][0] == 3
    assert frame["survival"].is_sorted(descending=True)
    assert frame["band"].unique().to_list() == ["km_loglog"]
    assert ((frame["low"] <= frame["survival"]) & (frame["survival"] <= frame["high"])).all()


def test_survival_band_is_wider_with_clusters_resampled() -> None:
    world, _ = random_world(np.random.default_rng(4), draws=200)
    options = {"frontier": "public", "as_of": after(900)}

    draws = survival_curve(world, **options)
    both = survival_curve(world, rng=np.random.default_rng(0), **options)

    assert draws["band"].unique().to_list() == ["eti"]
    assert both["band"].unique().to_list() == ["bootstrap"]
    assert (both["high"] - both["low"]).mean() > (draws["high"] - draws["low"]).mean()
    assert draws["survival"].to_list() == both["survival"].to_list()


def test_nothing_to_show_without_closed_models() -> None:
    world = entrants({"o": (0, 1.0)}, {})

    assert survival_curve(world, as_of=after(9), **ONE).is_empty()
    assert headway_records(world, as_of=after(9), **ONE) == ()
    assert headway_by_era(world, as_of=after(9), **ONE) == ()


def test_interval_process_needs_a_generator_and_holds_the_measured_one() -> None:
    world, _ = random_world(np.random.default_rng(4), draws=100)
    options = {"frontier": "public", "as_of": after(900)}

    without = headway_months(world, **options).lag
    with_rng = headway_months(world, rng=np.random.default_rng(0), process_reps=100, **options).lag

    assert without.interval_process is None
    assert with_rng.interval_process is not None
    assert with_rng.interval is not None
    assert with_rng.interval_process.low <= with_rng.interval.low
    assert with_rng.interval_process.high >= with_rng.interval.high
    assert with_rng.interval == without.interval
