"""What the shipped study says must meet the promise that the documentation makes."""

from __future__ import annotations

import json

import pytest

from headway.checks.studies import STUDIES_FILE, load_studies
from headway.tables.store import load_release


@pytest.fixture(scope="module")
def stored():
    return json.loads(STUDIES_FILE.read_text(encoding="utf-8"))["result"]


def null_rows(stored, claim: str):
    """The rows in which the null of a claim is true."""
    return [
        r
        for r in stored["tests"]
        if r["claim"] == claim and r["definition"] == "lag_mean_12m" and r["null"]
    ]


def test_the_study_is_of_full_size_and_a_third_comes_from_another_generator(stored):
    by_generator = stored["coverage"]["by_definition_and_generator"]
    total = sum(r["n"] for r in by_generator)
    other = sum(r["n"] for r in by_generator if r["generator"] == "bifactor")

    assert stored["worlds"] >= 1000
    assert other / total > 1 / 3
    assert min(stored["kinds"].values()) >= 100
    assert len(stored["kinds"]) == 6


def test_every_definition_covers_86_to_94_percent(stored):
    for row in stored["coverage"]["by_definition"]:
        assert 0.86 <= row["coverage"] <= 0.94, row
        assert abs(row["bias"]) <= row["allowed_bias"], row


def test_no_domain_or_stage_covers_less_than_83_percent(stored):
    answered = [r for r in stored["coverage"]["by_cell"] if r["n"] >= 100]

    assert len(answered) >= 9
    assert min(r["coverage"] for r in answered) >= 0.83


@pytest.mark.parametrize("claim", ["cyber_above_coding", "cyber_above_general"])
def test_no_domain_is_called_worse_too_often_where_none_is(stored, claim):
    """At the boundary of the null, nominal 5 %."""
    (row,) = null_rows(stored, claim)

    assert row["n"] >= 200
    assert row["size"] <= 0.06, row


def test_a_constant_lag_is_called_changing_in_at_most_6_percent(stored):
    rows = [r for r in null_rows(stored, "static") if r["stage"] is None]
    n = sum(r["n"] for r in rows)

    assert {r["domain"] for r in rows} == {"cyber", "coding", "general"}
    size = sum(r["size"] * r["n"] for r in rows) / n
    assert size <= 0.06, rows
    # without the release process the same test calls it changing more often than it may
    assert sum(r["size_by_draws"] * r["n"] for r in rows) / n > max(0.06, size)


def test_power_and_refusals_of_the_tests_are_reported(stored):
    assert {r["claim"] for r in stored["power"]} >= {"cyber_above_coding", "static"}
    assert all(r["refused"] is not None for r in stored["tests"])


def test_not_knowing_the_items_costs_at_most_a_third_of_the_width(stored):
    """1.3 times the width with known items, per domain, definitions in months."""
    for row in stored["coverage"]["by_domain_months"]:
        assert row["width_ratio"] <= 1.3, row


def test_refusals_are_reported(stored):
    assert all(r["refused"] is not None for r in stored["coverage"]["by_cell"])


def test_ability_lines_up_with_the_published_index(stored):
    """The index is not in the fit; its rank correlation with ours was 0.99 when this was written."""
    assert stored["index"]["rank_correlation"]["interval"]["low"] > 0.95
    assert stored["index"]["rank_correlation"]["n"] > 100


@pytest.mark.slow
def test_the_stored_study_is_of_the_shipped_data_and_method():
    """If this fails, run ``python tools/run_studies.py``: until then pages say "not computed"."""
    release = load_release()

    assert load_studies(release.rows_hash, as_of=release.data_through) is not None
