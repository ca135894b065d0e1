"""Counting: periods, days seen, units, and the verbs that show them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import headway
from headway.errors import BadOption
from headway.estimate.impact import count_periods, from_counts
from tests.api.test_api import valid

DAYS = st.dates(date(2020, 1, 1), date(2026, 12, 31))


@given(st.lists(DAYS, max_size=40), DAYS, DAYS, st.sampled_from(["month", "week"]))
def test_every_day_within_counts_once_and_all_days_are_seen(
    days: list[date], one: date, other: date, by: str
) -> None:
    since, through = sorted((one, other))
    found = count_periods(days, since=since, through=through, by=by)  # type: ignore[arg-type]

    assert found.counts.sum() == sum(since <= day <= through for day in days)
    assert found.days.sum() == (through - since).days + 1
    assert (found.days <= found.lengths).all()
    ends = [s + timedelta(days=int(n)) for s, n in zip(found.starts, found.lengths, strict=True)]
    assert list(found.starts[1:]) == ends[:-1]  # no gap


def test_a_month_that_is_not_over_has_fewer_days_and_can_be_left_out() -> None:
    found = count_periods(
        [date(2026, 7, 3)], since=date(2026, 6, 1), through=date(2026, 7, 21), by="month"
    )

    assert found.days.tolist() == [30, 21]
    assert found.complete.tolist() == [True, False]
    assert len(found.without_partial()) == 1
    assert len(found.window(date(2026, 7, 1), None)) == 1


def test_months_of_a_source_must_follow_each_other() -> None:
    assert np.array_equal(from_counts([date(2026, 1, 1), date(2026, 2, 1)], [3, 4]).days, [31, 28])
    with pytest.raises(ValueError, match="consecutive"):
        from_counts([date(2026, 1, 1), date(2026, 3, 1)], [3, 4])


def test_the_unit_decides_firefox_in_april() -> None:
    """REFERENCE.md: bugs Jan-Mar 25, 61, 76, April 423; CVEs 49 in March and 52 in April 2026."""
    rows = headway.impact_series(["firefox-bugs", "firefox-cves"], since=date(2026, 1, 1)).table()
    counts = {name: frame["n"].to_list() for (name,), frame in rows.group_by("series")}

    assert counts["firefox-bugs"][:4] == [25, 61, 76, 423]
    assert counts["firefox-cves"][2:4] == [49, 52]


def test_july_2026_is_no_full_month_of_mozilla() -> None:
    found = headway.impact_series("firefox-bugs")
    last = found.documents[-1]

    assert (last["start"], last["days"], last["is_complete"]) == ("2026-07-01", 21, False)
    assert "impact_partial" in [w.code for w in found.warnings]
    assert "21 (not over)" in found.text()
    assert valid(found.to_json("ja"))


def test_a_month_that_its_source_calls_partial_is_no_count() -> None:
    assert headway.impact_series("high-critical").documents[-1]["start"] == "2026-08-01"


def test_severity_is_a_part_of_the_whole() -> None:
    whole = headway.impact_series("oss-fuzz").table()["n"].sum()
    parts = [
        headway.impact_series("oss-fuzz", severity=s).table()["n"].sum()
        for s in ("low", "medium", "high")
    ]

    assert 0 < sum(parts) < whole  # some have no severity: unknown is not low


def test_as_of_leaves_later_days_out_and_says_so() -> None:
    found = headway.impact_series("kev", as_of=date(2026, 4, 10))

    assert found.documents[-1]["days"] == 10
    assert [w.code for w in found.warnings] == ["impact_pseudo_vintage", "impact_partial"]


@pytest.mark.parametrize("name", ["kev.csv", "kev.parquet"])
def test_the_file_holds_the_rows(name: str, tmp_path: Path) -> None:
    found = headway.impact_series("kev", output=tmp_path / name)
    read = pl.read_csv if name.endswith("csv") else pl.read_parquet

    assert read(tmp_path / name)["n"].to_list() == found.table()["n"].to_list()
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_other_data_change_nothing_and_a_warning_says_so(small_release: Path) -> None:
    with headway.data_choice("shipped"):
        found = headway.impact_series("kev")

    assert "impact_one_data" in [w.code for w in found.warnings]


def test_an_unknown_series_is_named() -> None:
    with pytest.raises(BadOption, match="nonsense"):
        headway.impact_series("nonsense")
