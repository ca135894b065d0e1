"""What enters a fit, and why the rest does not."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from headway.errors import BadOption, ColumnsMissing
from headway.estimate.capability import select_evidence
from headway.estimate.capability.evidence import effort_rank

SCORE_TYPES = {
    "effort": pl.String,
    "scaffold": pl.String,
    "token_budget": pl.Float64,
    "attempts": pl.Int64,
    "n": pl.Int64,
    "stderr": pl.Float64,
    "read_error_sd": pl.Float64,
    "use_reason": pl.String,
    "known_on": pl.Date,
}


def tables(*changes: dict[str, object], benchmarks: tuple[dict[str, object], ...] = ()):
    """One score per change, on defaults; benchmark ``b`` unless told otherwise."""
    base = {
        "model_version": "open-1",
        "effort": None,
        "benchmark": "b",
        "panel": "p",
        "scaffold": None,
        "token_budget": None,
        "attempts": None,
        "score": 0.5,
        "value": 0.5,
        "unit": "proportion",
        "n": 100,
        "stderr": None,
        "read_error_sd": None,
        "known_on": date(2025, 6, 1),
        "pseudo_vintage": False,
        "evaluator_relationship": "third_party",
        "use": "fit",
        "use_reason": None,
    }
    scores = pl.DataFrame(
        [{"score_id": f"{i:04d}", **base, **change} for i, change in enumerate(changes)],
        schema_overrides=SCORE_TYPES,
    )
    item = {
        "benchmark": "b",
        "family": "b",
        "domain": "cyber",
        "stage": "exploit",
        "chance": 0.0,
        "ceiling": 1.0,
        "item_access": "public",
        "aggregate_of": None,
        "role": "fit",
    }
    items = pl.DataFrame(
        [item, *({**item, **b} for b in benchmarks)], schema_overrides={"aggregate_of": pl.String}
    )
    models = pl.DataFrame(
        {
            "model_version": ["open-1", "closed-1"],
            "released": [date(2025, 1, 1), date(2025, 1, 1)],
            "open_weight": [True, False],
            "open_weight_basis": ["stated", "inferred"],
            "lab": ["x", "y"],
        }
    )
    return scores, items, models


def reasons(found) -> dict[str, str]:
    return dict(found.dropped.iter_rows())


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        ("low", "medium"),
        ("medium", "high"),
        ("high", "max"),
        ("16k", "32k"),
        ("non-thinking", "thinking"),
        (None, "high"),
    ],
)
def test_efforts_are_ordered(weaker, stronger):
    assert effort_rank(weaker) < effort_rank(stronger)


def test_only_the_strongest_effort_in_a_panel_enters():
    found = select_evidence(*tables({"effort": "high"}, {"effort": "low"}))

    assert found.rows["score_id"].to_list() == ["0000"]
    assert reasons(found) == {"0001": "lower_effort"}


def test_a_weaker_effort_alone_stays_and_is_marked():
    found = select_evidence(*tables({"effort": "high"}, {"effort": "low", "panel": "other"}))

    assert found.rows.sort("score_id")["x_lower_effort"].to_list() == [0.0, 1.0]


def test_duplicates_and_indices_stay_out_with_their_reason():
    found = select_evidence(
        *tables(
            {},
            {"use": "duplicate", "use_reason": "same value by another route"},
            {"benchmark": "index"},
            benchmarks=({"benchmark": "index", "role": "index"},),
        )
    )

    assert reasons(found) == {"0001": "duplicate", "0002": "benchmark_index"}


def test_an_aggregate_gives_way_to_its_parts_in_the_same_panel_only():
    found = select_evidence(
        *tables(
            {"benchmark": "whole"},
            {"benchmark": "part"},
            {"benchmark": "whole", "panel": "elsewhere"},
            benchmarks=(
                {"benchmark": "whole", "aggregate_of": "part;rest"},
                {"benchmark": "part"},
            ),
        )
    )

    assert reasons(found) == {"0000": "aggregate_of_parts"}


def test_as_of_uses_what_was_known_by_then():
    found = select_evidence(
        *tables({}, {"known_on": date(2026, 1, 1)}, {"known_on": None}), as_of=date(2025, 12, 31)
    )

    assert reasons(found) == {"0001": "not_known_yet", "0002": "no_knowledge_date"}


@pytest.mark.parametrize(
    ("evidence", "kept"),
    [("all", 4), ("independent", 2), ("first_party", 1), ("held_out", 1)],
)
def test_evidence_filters(evidence, kept):
    found = select_evidence(
        *tables(
            {},
            {"evaluator_relationship": "first_party"},
            {"evaluator_relationship": "competitor", "model_version": "closed-1"},
            {"benchmark": "held", "evaluator_relationship": "government"},
            benchmarks=({"benchmark": "held", "item_access": "private"},),
        ),
        evidence=evidence,
    )

    assert len(found.rows) == kept
    assert len(found.rows) + len(found.dropped) == 4


def test_inferred_access_can_be_left_out():
    found = select_evidence(*tables({}, {"model_version": "closed-1"}), stated_only=True)

    assert reasons(found) == {"0001": "access_not_stated"}


def test_a_panels_setup_is_named_only_where_there_are_two():
    alone = select_evidence(*tables({}))
    two = select_evidence(*tables({}, {"panel": "q", "model_version": "closed-1"}))

    assert alone.rows["setup"].to_list() == [None]
    assert two.rows["setup"].n_unique() == 2


def test_an_unknown_filter_is_refused_with_the_choices():
    with pytest.raises(BadOption, match="unknown evidence filter 'best'") as caught:
        select_evidence(*tables({}), evidence="best")

    assert "independent" in caught.value.hint


def test_a_missing_column_is_named():
    scores, items, models = tables({})

    with pytest.raises(ColumnsMissing, match="known_on"):
        select_evidence(scores.drop("known_on"), items, models)
