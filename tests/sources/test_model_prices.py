"""Prices: every price of the body is accounted for, and its dates are those of the package."""

from __future__ import annotations

import copy
import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from genai_prices.data import providers
from genai_prices.types import ModelInfo, ModelPrice, StartDateConstraint, TieredPrices
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.errors import HeadwayError, SchemaDrift, Unreadable
from headway.sources.declare import Parsed, PriceClaim
from headway.sources.model_prices import package_prices, parse, read_providers

#: The shape of the package's own file; names and prices are invented.
SETS: list[dict[str, Any]] = [
    {
        "prices": {
            "input_mtok": {"base": 3, "tiers": [{"start": 200_000, "price": 6}]},
            "output_mtok": 15,
            "web_searches_kcount": 10,
        }
    },
    {"constraint": {"start_date": "2026-03-13"}, "prices": {"input_mtok": 2, "output_mtok": 10}},
    {
        "constraint": {"start_time": "00:30:00Z", "end_time": "16:30:00Z"},
        "prices": {"input_mtok": 1},
    },
    {"constraint": {"start_date": "2026-06-01"}, "prices": {"input_mtok": 0.5, "output_mtok": 8}},
]
BATCH = {
    "when": {"processing": "batch"},
    "constraint": {"start_date": "2026-05-01"},
    "prices": {"input_mtok": 1, "output_mtok": 5},
}


def body(prices: Any = SETS, variants: Any = (BATCH,), **more: Any) -> list[dict[str, Any]]:
    one = {"id": "model-1", "match": {"equals": "model-1"}, "prices": prices}
    return copy.deepcopy(
        [
            {
                "id": "host",
                "name": "Host",
                "api_pattern": "x",
                "pricing_urls": ["https://host.invalid/pricing"],
                "models": [
                    one | {"price_variants": list(variants)} | more,
                    {"id": "model-2", "match": {}, "prices": {"input_mtok": 0.1, "output_mtok": 0}},
                ],
            }
        ]
    )


def read(rows: Any) -> Parsed:
    return parse(json.dumps(rows).encode(), "providers")


def told(parsed: Parsed, kind: str = "input") -> list[tuple[Any, ...]]:
    return [
        (p.price_usd, p.starts, p.ends, p.above_tokens, p.hours, p.service)
        for p in parsed.prices
        if p.model == "model-1" and p.kind == kind
    ]


def reasons(parsed: Parsed) -> dict[str, int]:
    return dict(Counter(one.reason for one in parsed.failures))


def test_each_set_ends_where_a_later_one_starts() -> None:
    parsed = read(body())

    assert told(parsed) == [
        (3.0, None, "2026-03-13", None, None, "standard"),
        (6.0, None, "2026-03-13", 200_000, None, "standard"),
        (2.0, "2026-03-13", "2026-06-01", None, None, "standard"),
        # hours apply on every day until a set that always holds comes after them
        (1.0, None, "2026-06-01", None, "00:30-16:30", "standard"),
        (0.5, "2026-06-01", None, None, None, "standard"),
        (1.0, "2026-05-01", None, None, None, "processing=batch"),
    ]
    assert parsed.failures == parsed.drift == ()
    assert parsed.present == len(parsed.prices) == 13
    searches = next(p for p in parsed.prices if p.kind == "web_searches")
    assert (searches.per, searches.price_usd) == ("kcount", 10.0)
    # nothing is stated to cost nothing: that is a price, not an unknown
    assert [p.price_usd for p in parsed.prices if p.model == "model-2"] == [0.1, 0.0]
    assert parsed.prices[0].source_url == "https://host.invalid/pricing"


# Against the package ---------------------------------------------------------------------------


def in_force(claims: list[PriceClaim], moment: datetime) -> dict[str, list[float]]:
    """Prices by key that our claims say hold at a moment; hours go before the rest of the day."""
    day, clock = moment.date().isoformat(), moment.strftime("%H:%M")
    live = [
        one
        for one in claims
        if (one.starts is None or one.starts <= day) and (one.ends is None or day < one.ends)
    ]

    def within(hours: str) -> bool:
        first, last = hours.split("-")
        return first <= clock < last if first <= last else clock >= first or clock < last

    timed = [one for one in live if one.hours is not None and within(one.hours)]
    last = max((one.raw for one in timed), default=None, key=_place)
    chosen = (
        [one for one in live if one.hours is None]
        if last is None
        else [one for one in timed if _place(one.raw) == _place(last)]
    )
    out: dict[str, list[float]] = {}
    for one in chosen:
        out.setdefault(f"{one.kind}_{one.per}", []).append(one.price_usd)
    return out


def _place(raw: str) -> tuple[int, int, int]:
    digits = [int(x) for x in raw.replace("]", "[").split("[") if x.isdigit()]
    return (digits[0], digits[1], digits[2] if ".prices[" in raw else 0)


def theirs(prices: ModelPrice) -> dict[str, list[float]]:
    out = {}
    for key, value in vars(prices).items():
        if isinstance(value, TieredPrices):
            out[key] = [float(value.base), *(float(tier.price) for tier in value.tiers)]
        elif isinstance(value, Decimal):
            out[key] = [float(value)]
    return out


def starts(model: ModelInfo) -> list[date]:
    held = model.prices if isinstance(model.prices, list) else []
    return [c.constraint.start_date for c in held if isinstance(c.constraint, StartDateConstraint)]


def test_our_dates_are_the_packages() -> None:
    """Every model of every provider, on each day of a change, the day before, and today: the claims
    in force are the prices that the package itself would charge."""
    _, parsed = package_prices()
    assert parsed.failures == ()
    by_place: dict[tuple[int, int], list[PriceClaim]] = {}
    for one in parsed.prices:
        if one.service == "standard":
            by_place.setdefault(_place(one.raw)[:2], []).append(one)
    compared = changed = 0
    for i, provider in enumerate(providers):
        for j, model in enumerate(provider.models):
            days = {date(2026, 11, 25), date(2024, 1, 1)}
            for start in starts(model):
                days |= {start, start - timedelta(days=1)}
            changed += len(days) > 2
            for day in days:
                for hour in (0, 2, 7, 12, 20):
                    moment = datetime(day.year, day.month, day.day, hour, 30, tzinfo=UTC)
                    ours = in_force(by_place.get((i, j), []), moment)
                    assert ours == theirs(model.get_prices(moment)), (provider.id, model.id, moment)
                    compared += 1
    assert compared > 20_000
    assert changed > 100


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.dates(date(2025, 1, 1), date(2026, 12, 31)) | st.none(), min_size=1, max_size=5),
    st.dates(date(2024, 12, 1), date(2027, 1, 31)),
)
def test_any_order_of_first_days_gives_the_packages_price(
    firsts: list[date | None], day: date
) -> None:
    from genai_prices.types import ConditionalPrice

    sets = [
        {"prices": {"input_mtok": i + 1}}
        | ({} if first is None else {"constraint": {"start_date": first.isoformat()}})
        for i, first in enumerate(firsts)
    ]
    model = ModelInfo(
        id="model-1",
        match=None,  # type: ignore[arg-type]
        prices=[
            ConditionalPrice(
                constraint=None if first is None else StartDateConstraint(start_date=first),
                prices=ModelPrice(input_mtok=Decimal(i + 1)),
            )
            for i, first in enumerate(firsts)
        ],
    )
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    parsed = read(body(sets, ()))
    claims = [one for one in parsed.prices if one.model == "model-1"]
    ours = in_force(claims, moment)
    if ours:
        assert ours == theirs(model.get_prices(moment))
    else:
        # before every first day the package takes the first set; a claim needs its own day
        assert all(first is not None and day < first for first in firsts)
    assert parsed.present == len(parsed.prices) + len(parsed.failures)


# What cannot be read ---------------------------------------------------------------------------


VALUES: dict[str, tuple[Any, dict[str, int]]] = {
    "text": ({"input_mtok": "cheap", "output_mtok": 1}, {"not_a_number": 1}),
    "negative": ({"input_mtok": -1, "output_mtok": 1}, {"negative": 1}),
    "not finite": ({"input_mtok": float("nan"), "output_mtok": 1}, {"not_finite": 1}),
    "absurd": ({"input_mtok": 1e9, "output_mtok": 1}, {"out_of_range": 1}),
    "not stated": ({"input_mtok": None, "output_mtok": 1}, {"missing": 1}),
    "another unit": ({"input_furlong": 1, "output_mtok": 1}, {"unit_unknown": 1}),
    "no bound": ({"input_mtok": {"base": 1, "tiers": [{"price": 2}]}}, {"not_a_number": 1}),
    "a list": ([1, 2], {"row_shape": 2}),
    "nothing": (None, {"row_shape": 1}),
    "never": (
        [{"prices": {"input_mtok": 1}}, {"prices": {"input_mtok": 2}}],
        {"never_in_force": 1},
    ),
    "an unknown condition": (
        [
            {"prices": {"input_mtok": 1}},
            {"constraint": {"weather": "wet"}, "prices": {"input_mtok": 2}},
        ],
        {"condition_unknown": 1, "neighbour_unreadable": 1},
    ),
    "an impossible day": (
        [
            {"constraint": {"start_date": "2026-02-30"}, "prices": {"input_mtok": 1}},
            {"constraint": {"start_date": "2026-02-20"}, "prices": {"input_mtok": 1}},
        ],
        {"not_a_date": 1, "neighbour_unreadable": 1},
    ),
    "a month is no day": (
        [{"constraint": {"start_date": "2026-02"}, "prices": {"input_mtok": 1}}],
        {"not_a_date": 1},
    ),
    "hours": (
        [
            {
                "constraint": {"start_time": "noon", "end_time": "16:30:00Z"},
                "prices": {"input_mtok": 1},
            }
        ],
        {"not_an_hour": 1},
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_one_bad_price_costs_itself_only(name: str) -> None:
    prices, expected = VALUES[name]
    parsed = read(body(prices, ()))
    assert reasons(parsed) == expected
    assert [p.price_usd for p in parsed.prices if p.model == "model-2"] == [0.1, 0.0]
    assert parsed.present == len(parsed.prices) + len(parsed.failures)


def test_a_service_without_a_name_is_not_the_standard_one() -> None:
    parsed = read(body(SETS, (BATCH | {"when": {}},)))
    assert reasons(parsed) == {"service_missing": 2}
    assert {p.service for p in parsed.prices} == {"standard"}


def test_of_two_variants_of_a_service_the_first_that_holds_counts() -> None:
    later = BATCH | {"constraint": {"start_date": "2026-08-01"}, "prices": {"input_mtok": 0.7}}
    parsed = read(body({"input_mtok": 2}, (later, BATCH)))
    batch = [one for one in told(parsed) if one[5] == "processing=batch"]
    assert batch == [
        (0.7, "2026-08-01", None, None, None, "processing=batch"),
        (1.0, "2026-05-01", "2026-08-01", None, None, "processing=batch"),
    ]


@pytest.mark.parametrize(("where", "field"), [("provider", "models"), ("model", "prices")])
def test_a_renamed_field_raises_and_is_named(where: str, field: str) -> None:
    rows = body()
    for holder in rows if where == "provider" else rows[0]["models"]:
        holder["renamed_today"] = holder.pop(field)
    with pytest.raises(SchemaDrift, match="renamed_today"):
        read(rows)


def test_a_new_field_is_drift_and_costs_nothing() -> None:
    parsed = read(body(added_today=1))
    assert len(parsed.prices) == 13
    assert [one for one in parsed.drift if "added_today" in one]


def test_another_format_is_refused() -> None:
    with pytest.raises(Unreadable):
        parse(b"<html>", "providers")
    with pytest.raises(SchemaDrift):
        parse(b"{}", "providers")
    with pytest.raises(SchemaDrift):
        parse(b"[]", "providers")


junk = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["prices", "constraint", "start_date", "base", "tiers", "input_mtok", "x"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=10,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    out = []
    for key, one in inner:
        out.append((*path, key))
        if isinstance(one, dict | list):
            out += places(one, (*path, key))
    return out


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(places(body())), value=junk)
def test_corruption_never_raises_anything_else_and_every_price_is_accounted_for(
    place: tuple[Any, ...], value: Any
) -> None:
    rows: Any = body()
    holder = rows
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    try:
        # Parsed itself refuses claims and failures that do not add up to what was counted apart
        parsed = read_providers(rows, "providers")
    except HeadwayError:
        return
    assert parsed.present == len(parsed.prices) + len(parsed.failures)
