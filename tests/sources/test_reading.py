"""The shared checks: numbers, dates, names, archives."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.errors import SchemaDrift, Unreadable
from headway.sources.declare import Failure, Parsed
from headway.sources.reading import (
    Reading,
    Refused,
    count_cells,
    csv_table,
    day,
    decode,
    link,
    name,
    number,
    whole,
    yaml_body,
)


@pytest.mark.parametrize(
    ("value", "unit", "reason"),
    [
        ("", "percent", "missing"),
        (None, "percent", "missing"),
        ("nan", "percent", "not_finite"),
        ("-Infinity", "points", "not_finite"),
        ("1e999", "points", "not_finite"),
        (10**400, "points", "not_finite"),
        ("12%", "percent", "not_a_number"),
        ("1_0", "percent", "not_a_number"),
        ("٣", "percent", "not_a_number"),
        (True, "percent", "not_a_number"),
        (100.5, "percent", "out_of_range"),
        (1.01, "proportion", "out_of_range"),
        (-0.1, "proportion", "negative"),
        ("-1", "minutes", "negative"),
    ],
)
def test_numbers_are_refused_with_a_reason(value, unit, reason):
    with pytest.raises(Refused) as caught:
        number(value, unit)
    assert caught.value.reason == reason


@settings(deadline=None)
@given(st.floats(0, 1))
def test_a_number_survives_its_text(value):
    assert number(repr(value), "proportion") == value


def test_a_count_is_whole():
    assert whole("12.0") == 12
    assert whole("") is None
    with pytest.raises(Refused):
        whole(1.5)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2026-03-05", "2026-03-05"),
        ("2026-03", "2026-03"),
        ("2026", "2026"),
        ("2026-02-20T01:57:10.547Z", "2026-02-20"),
        (date(2026, 3, 5), "2026-03-05"),
        (" ", None),
        (None, None),
    ],
)
def test_dates_keep_their_precision(value, found):
    assert day(value) == found


def test_slashed_dates_only_where_declared():
    assert day("2026/3/5 20:37:00", slashed=True) == "2026-03-05"
    for text, slashed in (("2026/3/5", False), ("2026-03-05", True), ("2026-00-01", False)):
        with pytest.raises(Refused):
            day(text, slashed=slashed)


@settings(deadline=None)
@given(st.text())
def test_a_name_is_printable_or_refused(text):
    try:
        found = name(text)
    except Refused:
        return
    assert 0 < len(found) <= 200
    assert "\x1b" not in found
    assert "\n" not in found


def test_only_web_addresses_are_links():
    assert link("https://example.org") == "https://example.org"
    assert link("javascript:alert(1)") is None
    assert link(7) is None


def test_counts_that_do_not_add_up_are_our_mistake():
    with pytest.raises(AssertionError):
        Parsed(failures=(Failure("a", "b"),), present=2)


def test_a_body_without_rows_is_drift():
    with pytest.raises(SchemaDrift):
        Reading("a-source", "r").finish(0)


def test_a_body_without_a_readable_row_is_drift_and_says_why():
    reading = Reading("a-source", "r")
    reading.fail("r[0]", "name_empty")
    with pytest.raises(SchemaDrift, match="name_empty"):
        reading.finish(1)


def test_one_high_row_is_no_change_of_unit():
    Reading("a-source", "r").unit("x", [0.1, 0.2, 0, 42], "proportion")


def test_csv_records_of_another_width_are_failures_and_counted():
    text = 'a,b\n1,"x\ny"\n\n2\n3,z\n'
    table = csv_table(text, "a-source", "t.csv")
    reading = Reading("a-source", "t")

    rows = list(table.records(reading))

    assert [raw for raw, _ in rows] == ["t.csv:3", "t.csv:6"]
    assert [one.raw for one in reading.failures] == ["t.csv:5"]
    assert count_cells(text, "a") == 3


def test_a_byte_order_mark_is_not_text():
    assert decode(b"\xef\xbb\xbfa", "a-source", "r") == "a"


@pytest.mark.parametrize(
    "text", ["!!int x", "!!bool x", "!!python/object:os.system {}", "a: [", "0b_"]
)
def test_yaml_that_does_not_fit_its_tags_is_unreadable(text):
    with pytest.raises(Unreadable):
        yaml_body(text.encode(), "a-source", "r")


def test_an_impossible_yaml_date_stays_text():
    assert yaml_body(b"day: 2026-13-45", "a-source", "r") == {"day": "2026-13-45"}
