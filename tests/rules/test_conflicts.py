"""Several tellings of one score: grouping, ranking, spread."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import headway
from headway.tables.conflicts import conflicts_of, standard_error
from headway.tables.telling_spread import OTHER_SCAFFOLD, SAME_TELLER, pair_spreads
from tests.api.test_api import valid


def row(id: str, value: float = 0.5, **changes: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "score_id": id,
        "model_version": "m",
        "benchmark": "b",
        "unit": "proportion",
        "attempts": None,
        "effort": None,
        "token_budget": None,
        "score": value,
        "value": value,
        "n": None,
        "stderr": None,
        "read_error_sd": None,
        "evaluator": id,
        "evaluator_relationship": "third_party",
        "panel": "p",
        "scaffold": None,
        "confidence": "primary_file",
        "known_on": date(2026, 1, 1),
        "use": "fit",
        "duplicate_of": None,
        "source": "s",
        "source_url": "https://example.org",
    }
    return {**facts, **changes}


RANKED = [
    row("independent", evaluator_relationship="government"),
    row("worse-record", evaluator_relationship="academic", confidence="secondary_single", n=9),
    row("own", evaluator_relationship="own"),
    row("developer-later", evaluator_relationship="first_party", known_on=date(2026, 2, 1)),
    row("developer", evaluator_relationship="first_party"),
    row("rival-known-error", evaluator_relationship="competitor", n=40),
    row("rival", evaluator_relationship="competitor"),
    row("rival-undated", evaluator_relationship="competitor", known_on=None),
    row("nobody", evaluator_relationship="unknown"),
    row("wrong", evaluator_relationship="government", use="quarantined"),
]


@given(st.permutations(RANKED))
def test_the_ranking_is_the_stated_rule_whatever_the_order(rows: list[dict[str, Any]]) -> None:
    (found,) = conflicts_of(rows)

    assert [one.score_id for one in found.tellings] == [one["score_id"] for one in RANKED]
    assert [one.rank for one in found.tellings] == list(range(1, 11))


def test_a_quarantined_telling_is_shown_and_counts_nowhere() -> None:
    (found,) = conflicts_of([row("a", 0.5), row("b", 0.6), row("c", 0.1, use="quarantined")])

    assert len(found.tellings) == 3
    assert found.spread == pytest.approx(0.1)


def test_a_copy_is_counted_beside_its_original() -> None:
    rows = [row("a"), row("b"), row("c", use="duplicate", duplicate_of="a")]
    (found,) = conflicts_of(rows)

    assert {one.score_id: one.copies for one in found.tellings} == {"a": 1, "b": 0}


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ({"effort": "high"}, {"effort": "high"}, True),
        ({"effort": "high"}, {"effort": None}, True),
        ({"effort": "high"}, {"effort": "low"}, False),
        ({"attempts": 1}, {"attempts": None}, True),
        ({"attempts": 5}, {"attempts": None}, False),
        ({"token_budget": 1e6}, {"token_budget": 2e6}, False),
        ({"benchmark": "b-v2"}, {}, False),
        ({"use": "not_comparable"}, {}, False),
    ],
)
def test_tellings_are_of_one_score_where_the_setting_agrees(
    first: dict[str, Any], second: dict[str, Any], together: bool
) -> None:
    assert bool(conflicts_of([row("a", **first), row("b", **second)])) is together


def test_an_unstated_effort_stands_alone_where_it_could_be_either() -> None:
    rows = [row("a", effort="high"), row("b", effort="low"), row("c")]

    assert conflicts_of(rows) == ()


def test_disagreement_beyond_errors_is_cochrans_q() -> None:
    """Golden: Q = 0.1^2 / (2 * 0.05^2) = 2 on 1 degree of freedom; R 4.3: pchisq(2, 1, lower=FALSE)."""
    (found,) = conflicts_of([row("a", 0.5, stderr=0.05), row("b", 0.6, stderr=0.05)])
    assert found.heterogeneity_p == pytest.approx(0.1572992, abs=1e-6)
    assert found.disagree == "no"
    (far,) = conflicts_of([row("a", 0.5, stderr=0.05), row("b", 0.8, stderr=0.05)])
    assert far.disagree == "yes"
    (unknown,) = conflicts_of([row("a", 0.5, stderr=0.05), row("b", 0.8)])
    assert unknown.disagree == "unknown"


def test_none_solved_is_not_known_without_error() -> None:
    share = 2 / 44
    assert standard_error(row("a", 0.0, n=40)) == pytest.approx(math.sqrt(share * (1 - share) / 44))
    assert standard_error(row("a", 0.5, stderr=0.03, read_error_sd=0.04)) == pytest.approx(0.05)
    assert standard_error(row("a")) is None


def world(rng: np.random.Generator, inflation: float, sd: float) -> list[dict[str, Any]]:
    rows = []
    for i in range(400):
        truth = rng.uniform(0.3, 0.7)
        for who, shift in (("first_party", inflation), ("third_party", 0.0)):
            value = truth + shift + rng.normal(0, sd)
            rows.append(
                row(
                    f"{i}-{who}",
                    value,
                    model_version=f"m{i}",
                    evaluator=who,
                    evaluator_relationship=who,
                )
            )
    return rows


def test_spread_and_difference_come_back_from_a_known_world() -> None:
    """400 scores of 40 laboratories; truth inside a 99.9 % interval (false alarm 1 in 1000)."""
    found = conflicts_of(world(np.random.default_rng(7), 0.05, 0.03))
    labs = {f"m{i}": f"lab{i % 40}" for i in range(400)}
    (pair,) = pair_spreads(found, labs, level=0.999, reps=2000, rng=np.random.default_rng(1))

    assert (pair.first, pair.second, pair.scores) == ("first_party", "independent", 400)
    difference = pair.mean_difference.interval
    assert difference is not None
    assert difference.low < 5.0 < difference.high
    spread = pair.sd.interval
    assert spread is not None
    # half the mean squared difference holds the shift too: it is evidence of an evaluator effect
    assert spread.low < math.sqrt(3.0**2 + 5.0**2 / 2) < spread.high


def test_few_scores_are_not_estimable_and_say_so() -> None:
    found = conflicts_of([row("a"), row("b", evaluator_relationship="first_party")])
    (pair,) = pair_spreads(found, {}, level=0.9, reps=10, rng=np.random.default_rng(0))

    assert pair.sd.status == "not_estimable"
    assert pair.sd.notes == ("few_rows:1<5",)


def test_one_teller_with_two_scaffolds_is_no_evaluator_effect() -> None:
    rows = [
        row("a", evaluator="X", scaffold="s1"),
        row("b", evaluator="X", scaffold="s2"),
        row("c", evaluator="Y", model_version="n"),
        row("d", evaluator="Y", model_version="n"),
    ]
    found = conflicts_of(rows)
    pairs = pair_spreads(found, {}, level=0.9, reps=10, rng=np.random.default_rng(0))

    assert {one.first for one in pairs} == {SAME_TELLER, OTHER_SCAFFOLD}
    assert {one.differs for one in found} == {"scaffold", "run"}


def test_the_shipped_conflicts_keep_every_telling() -> None:
    listed = headway.data_list("conflicts")
    scores = headway.load().scores
    used = dict(scores.select("score_id", "use").iter_rows())

    ids = [told["score_id"] for one in listed.rows for told in one["tellings"]]
    assert len(ids) == len(set(ids)) == listed.extra["summary"]["tellings"]
    assert {used[id] for id in ids} <= {"fit", "quarantined"}
    again = headway.data_list("conflicts")
    assert valid(listed.to_json()) == again.to_json()
    assert len(listed.table()) == len(listed.rows)
