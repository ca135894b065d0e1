"""Dated prices: claims of the list and of the supplement, with what they leave open."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import headway
from headway.api.data import load
from headway.api.prices import book_of, priced_models
from headway.cli.app import app
from headway.errors import BadTable, UnknownModel
from headway.snapshots.store import SnapshotStore
from headway.sources.fetch import Fetched
from headway.sources.model_prices import SOURCE
from headway.tables import prices as tables
from headway.tables.prices import holds_on, price_events
from headway.tables.registry import Registry
from tests.api.test_api import valid


@pytest.fixture(autouse=True)
def _own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped release, and a data folder without snapshots."""
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(tmp_path / "data"))


def sync(body: Any, hour: int = 0) -> None:
    """Store a list of prices as ``data sync`` would."""
    url = SOURCE.resources[0].url
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    when = datetime(2026, 11, 20, hour, tzinfo=UTC)
    fetched = Fetched(url, url, 200, when, None, None, "text/plain", None, data, 1)
    SnapshotStore().add(SOURCE, SOURCE.resources[0], fetched)


def listed(model: str, prices: Any, provider: str = "host") -> list[dict[str, Any]]:
    return [{"id": provider, "models": [{"id": model, "prices": prices}]}]


def told(found: headway.api.prices.Prices) -> list[tuple[Any, ...]]:  # type: ignore[name-defined]
    return [
        (r["provider"], r["kind"], r["price_usd_per_mtok"], r["from"], r["to"], r["holds"])
        for r in found.rows
    ]


# What holds ------------------------------------------------------------------------------------


def test_a_fact_of_the_supplement_holds_from_its_day() -> None:
    """deploy/SOURCES.md: Mythos 5 at 10 and 50 dollars from 2026-06-09."""
    assert told(headway.prices("claude-mythos-5", on=date(2026, 6, 9))) == [
        ("anthropic", "input", 10.0, date(2026, 6, 9), None, "yes"),
        ("anthropic", "output", 50.0, date(2026, 6, 9), None, "yes"),
    ]
    assert headway.prices("claude-mythos-5", on=date(2026, 6, 8)).rows == ()


def test_a_start_known_to_the_month_leaves_that_month_open() -> None:
    """Mythos Preview at 25 and 125 dollars, stated for 2026-04."""

    def holds(day: date) -> set[str]:
        return {row["holds"] for row in headway.prices("claude-mythos-preview", on=day).rows}

    assert holds(date(2026, 3, 31)) == set()
    assert holds(date(2026, 4, 1)) == holds(date(2026, 4, 30)) == {"unknown"}
    assert holds(date(2026, 5, 1)) == {"yes"}


def test_a_price_that_was_seen_says_nothing_of_other_months() -> None:
    def seen(day: date) -> set[str]:
        rows = headway.prices("grok-4", on=day).rows
        return {row["holds"] for row in rows if row["seen"] is not None}

    assert seen(date(2026, 5, 31)) == {"yes"}
    assert seen(date(2026, 4, 30)) == seen(date(2026, 6, 1)) == {"unknown"}


def test_a_change_of_the_list_parts_the_prices_by_day() -> None:
    """OpenAI, o3 from 2025-06-10; before it another price, whose first day nobody states."""

    def at(day: date) -> list[tuple[float, str]]:
        return [
            (row["price_usd_per_mtok"], row["holds"])
            for row in headway.prices("o3", on=day).rows
            if (row["provider"], row["kind"]) == ("openai", "input")
            and row["service"] == "standard"
        ]

    assert at(date(2025, 6, 9)) == [(10.0, "unknown")]
    assert at(date(2025, 6, 10)) == [(2.0, "yes")]


days = st.dates(date(2025, 1, 1), date(2027, 1, 1))


@given(days | st.none(), days | st.none(), days | st.none(), st.booleans(), days)
def test_what_does_not_hold_is_known_not_to(
    start: date | None, end: date | None, seen: date | None, month: bool, day: date
) -> None:
    row = {"from": start, "to": end, "seen": seen, "precision": "month" if month else "day"}
    if month and start is not None:
        row["from"] = start = start.replace(day=1)
    found = holds_on(row, day)
    if found == "no":
        assert (end is not None and day >= end) or (start is not None and day < start)
    elif found == "yes":
        assert start is not None or seen is not None
        assert end is None or day < end


# Kept apart ------------------------------------------------------------------------------------


def test_kinds_services_levels_and_hours_are_never_mixed() -> None:
    sync(
        [
            {
                "id": "host",
                "models": [
                    {
                        "id": "grok-4",
                        "prices": [
                            {
                                "prices": {
                                    "input_mtok": {"base": 1, "tiers": [{"start": 5, "price": 2}]},
                                    "output_mtok": 3,
                                    "cache_read_mtok": 4,
                                    "audio_hours": 99,
                                }
                            },
                            {
                                "constraint": {"start_time": "01:00:00Z", "end_time": "02:00:00Z"},
                                "prices": {"input_mtok": 5},
                            },
                        ],
                        "price_variants": [
                            {"when": {"processing": "batch"}, "prices": {"input_mtok": 6}}
                        ],
                    }
                ],
            }
        ]
    )
    rows = [row for row in headway.prices("grok-4").rows if row["source"] == "genai-prices"]
    keys = {(r["kind"], r["service"], r["above_tokens"], r["hours_utc"]) for r in rows}
    # the hour of sound is no price of tokens
    assert len(rows) == len(keys) == 6
    assert {r["price_usd_per_mtok"] for r in rows} == {1, 2, 3, 4, 5, 6}
    assert all(r["from"] is r["to"] is None for r in rows)


def test_an_unknown_price_is_no_price_of_nothing() -> None:
    sync(listed("unheard-of-1", {"input_mtok": 1}))
    found = headway.prices("vicuna-13b-v1.1")
    assert found.rows == ()
    assert [w.code for w in found.warnings] == ["prices_none"]
    assert "not free" in found.warnings[0].text("en")
    assert "不明" in found.warnings[0].text("ja")
    with pytest.raises(UnknownModel):
        headway.prices("no such model")


@pytest.mark.parametrize(
    "name", ["deepseek-chat", "mistral-large", "mistral-large-latest", "gemini-pro", "command-r"]
)
def test_a_name_that_moves_from_model_to_model_has_no_price(name: str) -> None:
    sync(listed(name, {"input_mtok": 1}))
    book = book_of(load())
    assert (book.names, book.unresolved) == (1, 1)
    assert book.frame.filter(pl.col("source") == "genai-prices").height == 0


def test_a_name_with_an_effort_has_no_price_of_its_own() -> None:
    release = load()
    registry = Registry(release.model_versions, release.model_aliases)
    alias, effort = next(
        (name, effort)
        for name, effort in release.model_aliases.select("alias", "effort").iter_rows()
        if effort is not None and any(ch.isdigit() for ch in name)
    )
    assert registry.resolve(alias).effort == effort
    sync(listed(alias, {"input_mtok": 1}))
    assert book_of(release).unresolved == 1


# Which list ------------------------------------------------------------------------------------


def test_a_list_that_was_fetched_goes_before_the_packages() -> None:
    assert book_of(load()).stated_by.startswith("genai-prices 0.")
    sync(listed("grok-4", {"input_mtok": 7}))
    book = book_of(load())
    assert "snapshot" in book.stated_by
    assert told(headway.prices("grok-4"))[0][2] == 7.0


def test_a_list_that_cannot_be_read_is_passed_over_and_said() -> None:
    sync(listed("grok-4", {"input_mtok": 7}))
    sync(b"<html>", hour=1)
    found = headway.prices("grok-4")
    assert told(found)[0][2] == 7.0
    assert [w.code for w in found.warnings] == ["prices_older"]
    assert found.warnings[0].text("ja")


def test_a_price_that_cannot_be_read_is_said() -> None:
    sync(listed("grok-4", {"input_mtok": 7, "output_mtok": "dear"}))
    found = headway.prices("grok-4")
    assert [w.code for w in found.warnings] == ["prices_unread"]
    assert {row["kind"] for row in found.rows if row["source"] == "genai-prices"} == {"input"}


def test_other_prices_are_another_provenance() -> None:
    before = headway.prices("grok-4").provenance
    assert before == headway.prices("grok-4").provenance
    sync(listed("grok-4", {"input_mtok": 7}))
    assert headway.prices("grok-4").provenance != before


# The supplement --------------------------------------------------------------------------------


def test_the_supplement_names_models_of_the_registry_and_who_says_so() -> None:
    release = load()
    known = set(release.model_versions["model_version"])
    events = price_events()
    assert len(events) > 40
    assert set(events["model_version"]) <= known
    assert events["stated_by"].str.len_chars().min() > 10  # type: ignore[operator]
    urls = events["source_url"].drop_nulls()
    assert urls.str.starts_with("https://").all()


BROKEN = {
    "negative": ("input_usd_per_mtok", "-1"),
    "per token": ("input_usd_per_mtok", "30000000"),
    "no day": ("from", "2026-02-30"),
    "both": ("seen", "2026-05-01"),
    "word": ("precision", "week"),
    "ends first": ("to", "2026-01-01"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_slip_in_the_supplement_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    header = "model_version,provider,input_usd_per_mtok,output_usd_per_mtok,cache_read_usd_per_mtok,from,to,seen,precision,named_as,stated_by,source_url"
    good = dict(
        zip(
            header.split(","),
            ["m", "p", "1", "2", "", "2026-03-01", "", "", "day", "n", "us", ""],
            strict=True,
        )
    )
    price_events.cache_clear()
    column, value = BROKEN[name]
    bad = good | {column: value}
    text = "\n".join([header, ",".join(bad.values())]) + "\n"
    monkeypatch.setattr(tables, "_supplement", lambda: text.encode())
    with pytest.raises(BadTable):
        price_events()
    fine = "\n".join([header, ",".join(good.values())]) + "\n"
    monkeypatch.setattr(tables, "_supplement", lambda: fine.encode())
    assert len(price_events()) == 1
    price_events.cache_clear()


def test_the_supplement_repeats_nothing_that_the_package_states() -> None:
    """A row is there because the list of the installed package lacks its price."""
    frame = book_of(load()).frame
    listed_ = frame.filter(pl.col("source") == "genai-prices", pl.col("service") == "standard")
    pairs = {
        (r["model_version"], r["provider"], r["named_as"], r["kind"], r["price_usd_per_mtok"])
        for r in listed_.iter_rows(named=True)
    }
    for row in price_events().iter_rows(named=True):
        key = (row["model_version"], row["provider"], row["named_as"])
        both = [
            (*key, "input", row["input_usd_per_mtok"]) in pairs,
            (*key, "output", row["output_usd_per_mtok"]) in pairs,
        ]
        assert not all(both), key


# Shown -----------------------------------------------------------------------------------------


def call(*words: str) -> Any:
    return CliRunner().invoke(app, ["data", *words])


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_data_show_and_data_list_show_prices(lang: str) -> None:
    sync(listed("grok-4", [{"prices": {"input_mtok": 3}}]))
    found = call("show", "grok-4", "--json", "--lang", lang)
    assert found.exit_code == 0, found.output
    document = valid(json.loads(found.stdout))
    rows = [one["row"] for one in document["results"] if one["table"] == "prices"]
    assert {(r["kind"], r["price_usd_per_mtok"]) for r in rows} >= {("input", 3.0)}
    assert document["options"]["prices"]
    text = call("show", "grok-4", "--lang", lang).stdout
    assert "price_usd_per_mtok" in text
    document = valid(json.loads(call("list", "prices", "--json", "--lang", lang).stdout))
    row = next(r for r in document["results"] if r["model_version"] == "grok-4")
    assert row["providers"] == 2
    assert row["dated"] == 1
    assert call("show", "prices", "--limit", "3", "--lang", lang).exit_code == 0


def test_show_as_of_leaves_later_prices_out() -> None:
    early = call("show", "claude-mythos-5", "--as-of", "2026-06-08", "--json").stdout
    late = call("show", "claude-mythos-5", "--as-of", "2026-06-09", "--json").stdout
    has = [
        any(r["table"] == "prices" for r in json.loads(text)["results"]) for text in (early, late)
    ]
    assert has == [False, True]


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_result_as_json_table_and_text(lang: str) -> None:
    found = headway.prices("o3", on=date(2026, 1, 1))
    valid(found.to_json(lang))
    assert found.table().height == len(found.rows)
    assert "standard" in found.text(lang)
    assert len(repr(found)) < 100


def test_hostile_names_of_a_list_stay_data() -> None:
    hostile = "\x1b[2Jgrok-4\u202e"
    rows = [{"id": hostile, "models": [{"id": "grok-4", "prices": {"input_mtok": 1}}]}]
    sync(rows)
    for words in (["show", "grok-4"], ["show", "grok-4", "--json"], ["list", "prices"]):
        found = call(*words)
        assert found.exit_code == 0
        assert not set("\x1b\u202e") & set(found.output)


def test_models_with_more_than_one_dated_price() -> None:
    """What docs/sources/prices.md states, with the package of that day or a later one."""
    rows = priced_models(book_of(load()))
    assert len(rows) >= 250
    assert sum(row["dated"] >= 2 for row in rows) >= 80
