"""The generic function on small worlds counted by hand."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from headway.errors import BadOption
from headway.estimate.lag.entrants import day_number
from headway.estimate.lag.reconcile.choices import (
    NAMES,
    Choices,
    aligned,
    differing,
    parse_setting,
)
from headway.estimate.lag.reconcile.pool import Pool, sides
from headway.estimate.lag.reconcile.rules import Infeasible, lag_states
from headway.result import DAYS_PER_MONTH

START = date(2024, 1, 1)


def day(months: float) -> date:
    return START + timedelta(days=round(months * DAYS_PER_MONTH))


def number(months: float) -> float:
    return day_number(day(months))


def world(rows: list[tuple[str, str, float, float]], **changed: object) -> Pool:
    """Rows of (name, kind, months since start, score)."""
    entered = np.array([number(m) for _, _, m, _ in rows])
    is_open = np.array([kind == "open" for _, kind, _, _ in rows])
    restricted = np.array([kind == "restricted" for _, kind, _, _ in rows])
    closed = ~is_open & ~restricted
    facts: dict[str, object] = {
        "model": tuple(name for name, *_ in rows),
        "lab": tuple(f"lab-{name}" for name, *_ in rows),
        "score": np.array([[score for *_, score in rows]]),
        "informative": np.ones(len(rows), dtype=bool),
        "launch": entered,
        "open_from": np.where(is_open, entered, np.inf),
        "public_from": np.where(closed, entered, np.inf),
        "any_from": np.where(~is_open, entered, np.inf),
        "first_public": np.where(restricted, np.inf, entered),
        "first_any": entered,
        "is_open": is_open,
        "country": tuple("China" if o else "United States of America" for o in is_open),
        "params_b": np.full(len(rows), np.nan),
    }
    return Pool(**{**facts, **changed})  # type: ignore[arg-type]


BASIC = [
    ("c1", "closed", 0, 10.0),
    ("c2", "closed", 4, 20.0),
    ("c3", "closed", 8, 30.0),
    ("o1", "open", 6, 12.0),
    ("o2", "open", 12, 20.0),
]


def lag(pool: Pool, **changed: object) -> float:
    choices = Choices(data="x", domain="general", as_of=day(18)).with_(**changed)
    states, _ = lag_states(
        sides(pool, choices),
        choices,
        min_open=1,
        min_closed=1,
        trend_point=pool.trend_point,  # type: ignore[arg-type]
        score_sd=pool.score_sd,
        fewest_records=2,
    )
    assert states.code[0] == 1, states
    return float(states.value[0])


@pytest.mark.parametrize(
    ("changed", "months"),
    [
        # o2 stands at 20: reached by c2 in month 4, passed by c3 in month 8, c1 is the newest below
        ({"average": "at_record"}, 8),
        ({"average": "at_record", "matching": "exceed"}, 4),
        ({"average": "at_record", "matching": "surpass"}, 12),
        ({"average": "at_record", "matching": "surpass", "margin": 1.0}, 8),
        ({"average": "at_record", "matching": "exceed", "margin": 10.0}, None),
        ({"average": "now"}, 14),
        ({"average": "at_model", "model": "o1"}, 2),
        ({"average": "mean_records", "since": START}, (2 + 8) / 2),
        # o1 lags 2 to 8 months during months 6 to 12, o2 8 to 14 during 12 to 18
        ({"average": "mean_days"}, (5 + 11) / 2),
    ],
)
def test_rules_counted_by_hand(changed: dict[str, object], months: float | None) -> None:
    if months is None:  # within the margin of the best leader: nobody is ahead
        choices = Choices(data="x", domain="general", as_of=day(18)).with_(**changed)
        states, _ = lag_states(sides(world(BASIC), choices), choices, min_open=1, min_closed=1)
        assert states.code[0] == 0
    else:
        assert lag(world(BASIC), **changed) == pytest.approx(months, abs=0.05)


def test_months_until_a_match() -> None:
    """c1 is matched by o1 after 6 months, c2 by o2 after 8; c3 is not matched."""
    found = lag(world(BASIC), average="mean_forward")

    assert found == pytest.approx(7, abs=0.05)


def test_a_leaders_record_already_within_reach_is_not_counted() -> None:
    rows = [*BASIC, ("c2b", "closed", 13, 20.5)]  # o2 has 20 already; within 1 of it

    assert lag(world(rows), average="mean_forward", margin=1.0) == pytest.approx(7, abs=0.05)


def line(slope: float, offset: float, kind: str) -> list[tuple[str, str, float, float]]:
    return [(f"{kind}{m}", kind, m, offset + slope * m) for m in range(0, 19, 3)]


@pytest.mark.parametrize(
    ("changed", "months"),
    [
        # leaders 2 per month from 20, followers 1 per month from 10: at month 18 the gap is 28
        ({"rule": "trend_closed", "average": "now"}, 28 / 2),
        ({"rule": "trend_open", "average": "now"}, 28 / 1),
        ({"rule": "trend_closed", "average": "mean_days"}, 22 / 2),
        ({"rule": "trend_closed", "average": "at_model", "model": "open6"}, (32 - 16) / 2),
    ],
)
def test_distance_of_lines_over_either_slope(changed: dict[str, object], months: float) -> None:
    pool = world([*line(2.0, 20.0, "closed"), *line(1.0, 10.0, "open")])

    assert lag(pool, **changed) == pytest.approx(months, abs=0.05)


def test_the_divisor_alone_moves_a_trend_lag() -> None:
    pool = world([*line(2.0, 20.0, "closed"), *line(1.0, 10.0, "open")])

    over_open = lag(pool, rule="trend_open", average="now")

    assert over_open == pytest.approx(2 * lag(pool, rule="trend_closed", average="now"), rel=1e-6)


def test_publishers_own_points_carry_the_line() -> None:
    rows = [*line(2.0, 20.0, "closed"), *line(1.0, 10.0, "open"), ("odd", "closed", 1, 500.0)]
    points = np.array([name != "odd" for name, *_ in rows])

    with_all = lag(world(rows, trend_point=None), rule="trend_open", average="now", since=None)
    own = lag(world(rows, trend_point=points), rule="trend_open", average="now")

    assert own == pytest.approx(28, abs=0.1)
    assert abs(with_all - own) > 10


def test_restricted_models_lead_only_when_asked() -> None:
    rows = [*BASIC, ("r", "restricted", 2, 20.0)]

    assert lag(world(rows), average="at_record") == pytest.approx(8, abs=0.05)
    assert lag(world(rows), average="at_record", frontier="restricted") == pytest.approx(
        10, abs=0.05
    )


def test_countries_instead_of_weights() -> None:
    """A closed Chinese model counts for China, an open American one for the United States."""
    rows = [*BASIC, ("o3", "open", 14, 40.0)]
    country = ("United States of America",) * 3 + ("China", "China", "United States of America")

    assert lag(world(rows, country=country), average="now", groups="china_us") == pytest.approx(
        14, abs=0.05
    )


def test_weights_later_than_launch() -> None:
    later = np.where(
        np.array([name == "o2" for name, *_ in BASIC]),
        number(13),
        world(BASIC).open_from,
    )
    pool = world(BASIC, open_from=later)

    assert lag(pool, average="at_record", dates="launch") == pytest.approx(8, abs=0.05)
    assert lag(pool, average="at_record", dates="weights") == pytest.approx(9, abs=0.05)


def test_consumer_models_by_size_against_everybody() -> None:
    size = np.array([np.nan, np.nan, np.nan, 27.0, 400.0])
    pool = world(BASIC, params_b=size)

    assert lag(pool, average="now", groups="consumer_all") == pytest.approx(18 - 4, abs=0.05)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"average": "at_model"}, "no_model_named"),
        ({"average": "at_model", "model": "nobody"}, "model_not_in_data"),
        ({"average": "at_model", "model": "o2", "as_of": day(11)}, "model_not_entered"),
        ({"average": "mean_forward", "rule": "trend_closed"}, "forward_needs_step"),
        ({"average": "mean_forward", "matching": "exceed"}, "forward_needs_reach"),
        ({"average": "mean_days", "since": date(2020, 1, 1)}, "window_not_covered"),
    ],
)
def test_what_cannot_be_computed_says_why(changed: dict[str, object], why: str) -> None:
    choices = Choices(data="x", domain="general", as_of=day(18)).with_(**changed)

    with pytest.raises(Infeasible) as told:
        lag_states(sides(world(BASIC), choices), choices, min_open=1, min_closed=1)

    assert told.value.why.partition(":")[0] == why


def test_a_line_through_one_point_is_none() -> None:
    choices = Choices(data="x", domain="general", as_of=day(18), rule="trend_closed", average="now")
    pool = world([("c1", "closed", 0, 10.0), ("o1", "open", 6, 12.0)])

    with pytest.raises(Infeasible, match="too_few_records"):
        lag_states(sides(pool, choices), choices, min_open=1, min_closed=1, fewest_records=2)


# Choices ---------------------------------------------------------------------------------------

A = Choices(data="a", domain="general", as_of=date(2026, 9, 30), average="at_model", model="m")
B = Choices(data="b", domain="general", as_of=date(2026, 9, 30), rule="trend_closed")


def test_what_only_one_side_looks_at_is_no_difference() -> None:
    one, other = aligned(A.with_(matching="surpass"), B)

    assert differing(one, other) == ("data", "rule", "average")
    assert other.model == "m"
    assert other.matching == "surpass"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rule=trend_open", ("rule", "trend_open")),
        ("margin=1.5", ("margin", 1.5)),
        ("as_of=2026-06-30", ("as_of", date(2026, 6, 30))),
        ("since=none", ("since", None)),
        ("model=none", ("model", None)),
    ],
)
def test_settings_are_read(text: str, expected: tuple[str, object]) -> None:
    assert parse_setting(text) == expected


@pytest.mark.parametrize("text", ["rule", "=x", "rule=", "nope=1", "margin=x", "as_of=may"])
def test_bad_settings_are_refused(text: str) -> None:
    with pytest.raises(BadOption):
        parse_setting(text)


@pytest.mark.parametrize(
    "changed",
    [{"rule": "x"}, {"margin": -1.0}, {"since": date(2027, 1, 1)}, {"nope": 1}],
)
def test_bad_values_are_refused(changed: dict[str, object]) -> None:
    with pytest.raises(BadOption):
        A.with_(**changed)


def test_choices_go_through_json() -> None:
    told = A.to_json()

    assert tuple(told) == NAMES
    assert (told["as_of"], told["since"], told["margin"]) == ("2026-09-30", None, 0.0)
