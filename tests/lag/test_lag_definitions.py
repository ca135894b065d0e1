"""Each definition and each state, counted by hand on tiny worlds."""

from __future__ import annotations

import math
from datetime import date
from time import process_time

import numpy as np
import pytest

from headway.errors import BadOption
from headway.estimate.lag import (
    DEFINITIONS,
    Entrants,
    LagRow,
    drivers,
    gap,
    history_frame,
    lag_at_record,
    lag_history,
    lag_mean_12m,
    lag_now,
    lag_rows,
    lag_trend,
)
from tests.lag.worlds import MONTH, after, entrants, random_world

ONE = {"frontier": "public", "min_open": 1, "min_closed": 1}
THREE = {"a": (0, 1.0), "b": (1, 2.0), "c": (2, 3.0)}
# closed: 10 on day 0, 20 on day 100, 30 on day 300; open: 15 on day 200, 25 on day 400
LADDER = entrants(
    {"o15": (200, 15.0), "o25": (400, 25.0)},
    {"c10": (0, 10.0), "c20": (100, 20.0), "c30": (300, 30.0)},
)


def months(row: LagRow) -> float | None:
    return row.lag.value


def test_lag_now_counts_from_the_first_closed_model_at_the_open_level() -> None:
    """On day 250 the open level is 15, first reached by the 20 of day 100."""
    row = lag_now(LADDER, as_of=after(250), **ONE)

    assert months(row) == pytest.approx(150 / MONTH)
    assert (row.open_model, row.closed_model) == ("o15", "c20")
    assert row.lag.status == "estimated"
    assert row.lag.interval is None


def test_lag_at_record_stays_while_lag_now_grows() -> None:
    row = lag_at_record(LADDER, as_of=after(399), **ONE)

    assert months(row) == pytest.approx(100 / MONTH)
    assert row.at == after(200)
    assert months(lag_now(LADDER, as_of=after(399), **ONE)) == pytest.approx(299 / MONTH)


def test_the_next_open_record_moves_the_lag() -> None:
    assert months(lag_now(LADDER, as_of=after(400), **ONE)) == pytest.approx(100 / MONTH)


def test_a_tie_counts_as_matched() -> None:
    tied = entrants({"o": (200, 20.0)}, {"c10": (0, 10.0), "c20": (100, 20.0)})

    assert months(lag_now(tied, as_of=after(200), **ONE)) == pytest.approx(100 / MONTH)


def test_a_margin_lets_a_slightly_worse_closed_model_match() -> None:
    near = entrants({"o": (200, 20.5)}, {"c10": (0, 10.0), "c20": (100, 20.0), "c30": (150, 30.0)})

    assert months(lag_now(near, as_of=after(200), **ONE)) == pytest.approx(50 / MONTH)
    assert months(lag_now(near, as_of=after(200), margin=0.5, **ONE)) == pytest.approx(100 / MONTH)


def test_all_entries_of_one_day_enter_together() -> None:
    """Open 20 and closed 20 of the same day: lag 0, whatever the order of rows."""
    same = entrants({"o": (100, 20.0)}, {"c10": (0, 10.0), "c20": (100, 20.0)})

    row = lag_at_record(same, as_of=after(100), **ONE)

    assert months(row) == 0
    assert row.lag.status == "estimated"


def test_the_strongest_of_a_day_makes_the_record() -> None:
    same = entrants(
        {"weak": (200, 12.0), "strong": (200, 25.0)},
        {"c10": (0, 10.0), "c20": (100, 20.0), "c30": (150, 30.0)},
    )

    row = lag_at_record(same, as_of=after(300), **ONE)

    assert row.open_model == "strong"
    assert months(row) == pytest.approx(50 / MONTH)


def test_a_later_weaker_model_does_not_hold_the_frontier() -> None:
    world = entrants(
        {"o15": (200, 15.0), "o12": (300, 12.0)},
        {"c20": (100, 20.0), "c10": (0, 10.0), "c18": (150, 18.0)},
    )

    row = lag_now(world, as_of=after(400), **ONE)
    trend = gap(world, as_of=after(400), **ONE)

    assert (row.open_model, row.closed_model) == ("o15", "c20")
    assert (trend.open_model, trend.closed_model) == ("o15", "c20")


def test_open_leads_has_no_value() -> None:
    ahead = entrants({"o": (100, 50.0)}, {"c10": (0, 10.0), "c60": (300, 60.0)})

    row = lag_now(ahead, as_of=after(200), **ONE)

    assert row.lag.status == "open_leads"
    assert row.lag.value is None
    assert row.closed_model is None


def test_a_level_closed_models_reach_later_is_still_open_leads_on_the_day() -> None:
    ahead = entrants({"o": (100, 50.0)}, {"c10": (0, 10.0), "c60": (300, 60.0)})

    assert lag_at_record(ahead, as_of=after(400), **ONE).lag.status == "open_leads"
    assert months(lag_now(ahead, as_of=after(400), **ONE)) == pytest.approx(100 / MONTH)


def test_a_match_by_the_first_closed_model_is_a_bound() -> None:
    behind = entrants({"o": (100, 5.0)}, {"c10": (0, 10.0), "c60": (300, 60.0)})

    lag = lag_now(behind, as_of=after(200), **ONE).lag

    assert lag.status == "censored"
    assert lag.value == pytest.approx(200 / MONTH)
    assert lag.interval is not None
    assert (lag.interval.low, lag.interval.high) == (lag.value, math.inf)
    assert lag.to_json()["interval"]["high"] == "inf"


def test_an_open_record_before_any_closed_model_says_so() -> None:
    early = entrants({"o": (0, 5.0)}, {"c10": (30, 10.0)})

    row = lag_at_record(early, as_of=after(100), **ONE)

    assert row.lag.status == "open_leads"
    assert "before_first_closed" in row.lag.notes


def test_mean_is_the_exact_time_average() -> None:
    """Window days 34.75-400: from day 200 on the lag runs 100..300 days. The rest has no entry."""
    row = lag_mean_12m(LADDER, as_of=after(400), **ONE)

    assert months(row) == pytest.approx(200 / MONTH)
    assert row.lag.notes == ("window_partial:6.6",)


def test_mean_over_a_full_window_with_a_record_in_it() -> None:
    """As of day 600 the window begins on day 234.75; the record of day 400 resets the lag."""
    begin = 600 - 365.25
    area = (300**2 - (begin - 100) ** 2) / 2 + (300**2 - 100**2) / 2

    row = lag_mean_12m(LADDER, as_of=after(600), **ONE)

    assert months(row) == pytest.approx(area / 365.25 / MONTH)
    assert row.lag.notes == ()


def test_days_on_which_open_models_lead_count_zero_in_the_mean() -> None:
    """Open 50 leads until day 500, when closed reaches it; window 334.75-700."""
    ahead = entrants({"o": (10, 50.0)}, {"c10": (0, 10.0), "c20": (200, 20.0), "c60": (500, 60.0)})

    row = lag_mean_12m(ahead, as_of=after(700), **ONE)

    assert months(row) == pytest.approx(200**2 / 2 / 365.25 / MONTH)
    assert row.lag.status == "estimated"
    assert row.lag.notes == (f"open_leads_days:{(500 - 334.75) / 365.25:.3g}",)


def test_any_bound_in_the_window_makes_the_mean_a_bound() -> None:
    start_bound = entrants(
        {"weak": (1, 5.0), "o15": (500, 15.0)}, {"c10": (0, 10.0), "c20": (100, 20.0)}
    )

    inside = lag_mean_12m(start_bound, as_of=after(600), **ONE)
    outside = lag_mean_12m(start_bound, as_of=after(866), **ONE)

    assert inside.lag.status == "censored"
    assert outside.lag.status == "estimated"


def test_a_window_mostly_without_entries_is_refused() -> None:
    row = lag_mean_12m(LADDER, as_of=after(300), **ONE)

    assert row.lag.status == "not_estimable"
    assert row.lag.notes == ("window_not_covered:3.3",)


def test_the_restricted_frontier_counts_models_few_may_use() -> None:
    world = entrants(
        {"o": (200, 15.0)}, {"c10": (0, 10.0), "c20": (150, 20.0)}, restricted={"r": (50, 16.0)}
    )

    public = lag_now(world, as_of=after(200), **ONE)
    restricted = lag_now(world, as_of=after(200), **{**ONE, "frontier": "restricted"})

    assert months(public) == pytest.approx(50 / MONTH)
    assert months(restricted) == pytest.approx(150 / MONTH)
    assert restricted.closed_model == "r"


def test_only_informative_models_define() -> None:
    world = entrants(
        {"o": (200, 15.0), "loud": (210, 99.0)},
        {"c10": (0, 10.0), "c20": (100, 20.0)},
        uninformative=("loud",),
    )

    row = lag_now(world, as_of=after(250), **ONE)

    assert row.open_model == "o"
    assert row.lag.n == 3


@pytest.mark.parametrize(
    ("world", "notes"),
    [
        (entrants({}, THREE), ("no_open_models",)),
        (entrants(THREE, {}), ("no_closed_models",)),
        (entrants({"o": (999, 1.0)}, THREE), ("no_open_models",)),
        (entrants({"o": (0, 1.0)}, {"c": (0, 1.0)}), ("too_few_open:1<3", "too_few_closed:1<3")),
        (
            entrants({"o": (0, 1.0)}, THREE, uninformative=("o",)),
            ("no_informative_open_models",),
        ),
        (
            entrants({"o": (0, 1.0)}, {"c": (0, 1.0)}, uninformative=("o", "c")),
            (
                "no_informative_models",
                "no_informative_open_models",
                "no_informative_closed_models",
            ),
        ),
    ],
)
@pytest.mark.parametrize("definition", DEFINITIONS)
def test_what_is_missing_is_said(world: Entrants, notes: tuple[str, ...], definition: str) -> None:
    (row,) = lag_rows(
        world,
        definitions=[definition],
        as_of=after(500),
        rng=np.random.default_rng(0),
    )

    assert row.lag.status == "not_estimable"
    assert row.lag.value is None
    assert row.lag.notes == notes


def test_states_mix_over_draws() -> None:
    """Open 20, 40, 5 against closed 10 (day 0), 30 (day 100): number, leads, bound."""
    world = entrants({"o": (200, [20.0, 40.0, 5.0])}, {"c10": (0, 10.0), "c30": (100, 30.0)})

    lag = lag_now(world, as_of=after(200), **ONE).lag

    assert lag.value == pytest.approx(100 / MONTH)
    assert lag.interval is not None
    assert (lag.interval.low, lag.interval.high) == (-math.inf, math.inf)
    assert lag.probabilities == pytest.approx(
        {"open_leads": 1 / 3, "estimated": 1 / 3, "censored": 1 / 3}
    )
    assert lag.notes == ("p_open_leads:0.333", "p_censored:0.333")
    assert lag.to_json()["interval"] == {
        "low": "-inf",
        "high": "inf",
        "level": 0.9,
        "kind": "eti",
    }


def test_trend_is_the_horizontal_distance_of_two_lines() -> None:
    """Closed rises 0.1 a day from 0; open the same 50 days later, at half the points."""
    closed = {f"c{d}": (d, d / 10) for d in range(0, 400, 50)}
    opens = {f"o{d}": (d, (d - 50) / 10) for d in range(60, 400, 80)}

    row = lag_trend(entrants(opens, closed), frontier="public", as_of=after(400))

    assert months(row) == pytest.approx(50 / MONTH)
    assert row.lag.notes == (
        "not_invariant_to_rescaling",
        "trend_change_open:0",
        "trend_change_closed:0",
    )
    assert row.closed_model == "c350"


def test_trend_below_zero_is_open_leads() -> None:
    closed = {f"c{d}": (d, (d - 50) / 10) for d in range(60, 400, 80)}
    opens = {f"o{d}": (d, d / 10) for d in range(0, 400, 50)}

    lag = lag_trend(entrants(opens, closed), frontier="public", as_of=after(400)).lag

    assert lag.status == "open_leads"


def test_trend_needs_three_records_in_each_group() -> None:
    world = entrants(
        {"o1": (0, 9.0), "o2": (10, 10.0), "o3": (20, 1.0)},
        {f"c{i}": (i, float(i)) for i in range(5)},
    )

    lag = lag_trend(world, frontier="public", as_of=after(100)).lag

    assert lag.status == "not_estimable"
    assert lag.notes == (
        "not_invariant_to_rescaling",
        "too_few_open_records:2<3",
        "trend_change_closed:0",
        "draws_failed:1",
    )


def test_gap_is_vertical_and_may_be_negative() -> None:
    behind = gap(LADDER, as_of=after(400), scale=2.0, unit="points", **ONE)
    ahead = gap(entrants({"o": (0, 9.0)}, {"c": (0, 4.0)}), as_of=after(1), **ONE)

    assert (behind.lag.value, behind.lag.unit) == (10.0, "points")
    assert ahead.lag.value == -5.0
    assert ahead.lag.status == "estimated"


def test_history_uses_only_entries_up_to_each_date() -> None:
    days = [after(d) for d in (150, 200, 399, 400, 500)]

    rows = lag_history(
        LADDER, dates=[*days, after(999)], as_of=after(500), definition="lag_now", **ONE
    )

    assert [row.at for row in rows] == days
    assert rows[0].lag.notes == ("no_open_models",)
    assert [months(row) for row in rows[1:]] == pytest.approx(
        [100 / MONTH, 299 / MONTH, 100 / MONTH, 200 / MONTH]
    )


@pytest.mark.parametrize("definition", ["lag_now", "lag_mean_12m", "lag_at_record"])
def test_history_equals_the_definition_asked_on_each_day(definition: str) -> None:
    asked = {"lag_now": lag_now, "lag_mean_12m": lag_mean_12m, "lag_at_record": lag_at_record}
    days = [after(d) for d in range(150, 700, 50)]

    rows = lag_history(LADDER, dates=days, as_of=after(700), definition=definition, **ONE)

    assert [row.lag for row in rows] == [
        asked[definition](LADDER, as_of=day, **ONE).lag for day in days
    ]


def test_history_of_another_definition_is_refused() -> None:
    with pytest.raises(BadOption, match="lag_trend"):
        lag_history(LADDER, dates=[], as_of=after(1), definition="lag_trend", **ONE)


def test_history_frame_keeps_states() -> None:
    rows = lag_history(
        LADDER, dates=[after(150), after(250)], as_of=after(500), definition="lag_now", **ONE
    )

    frame = history_frame(rows)

    assert frame["status"].to_list() == ["not_estimable", "estimated"]
    assert frame["value"].to_list() == [None, pytest.approx(150 / MONTH)]
    assert frame["p_bound"].to_list() == [None, 0.0]


def test_drivers_give_the_probability_of_defining() -> None:
    world = entrants(
        {"a": (100, [5.0, 5.0, 9.0, 5.0]), "b": (150, 7.0)},
        {"c3": (0, 3.0), "c8": (50, 8.0), "c20": (160, 20.0)},
    )

    frame = drivers(world, frontier="public", as_of=after(200))

    assert dict(
        frame.filter(group="open_weight").select("model_version", "probability").rows()
    ) == {
        "b": 0.75,
        "a": 0.25,
    }
    assert frame.filter(group="closed_public").rows() == [(None, None, "closed_public", "c20", 1.0)]
    assert dict(
        frame.filter(group="first_match").select("model_version", "probability").rows()
    ) == {
        "c8": 0.75,
        "c20": 0.25,
    }


def test_drivers_without_closed_models_show_the_open_ones() -> None:
    frame = drivers(entrants({"o": (0, 1.0)}, {}), frontier="restricted", as_of=after(1))

    assert frame["group"].to_list() == ["open_weight"]


def test_rows_carry_what_identifies_them() -> None:
    rows = lag_rows(
        LADDER,
        domain="cyber",
        stage="exploit",
        evidence="independent",
        as_of=after(600),
        rng=np.random.default_rng(0),
        process_reps=20,
        min_open=1,
        min_closed=1,
    )

    assert [row.definition for row in rows] == list(DEFINITIONS)
    first = rows[0].to_json()
    assert {k: first[k] for k in ("domain", "stage", "frontier", "evidence", "at")} == {
        "domain": "cyber",
        "stage": "exploit",
        "frontier": "public",
        "evidence": "independent",
        "at": after(600).isoformat(),
    }
    assert first["lag"]["interval_process"]["kind"] == "bootstrap"


def test_unknown_definition_is_refused() -> None:
    with pytest.raises(BadOption, match="lag_mean_6m"):
        lag_rows(
            LADDER,
            definitions=["lag_mean_6m"],
            as_of=after(1),
            rng=np.random.default_rng(0),
        )


def test_all_definitions_of_a_large_cell_take_a_moment() -> None:
    """600 models x 1000 draws: measured 0.15 s on one core; four times the promise of 0.5 s."""
    world, _ = random_world(np.random.default_rng(0), models=600, labs=60, draws=1000)
    started = process_time()

    lag_rows(world, as_of=date(2026, 11, 1), rng=np.random.default_rng(0))

    assert process_time() - started < 2.0
