"""Quarantine: rules catch what they say, every rule has a row or says why not."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import headway
from headway.errors import BadTable, HeadwayError, Unreadable
from headway.tables.quarantine import QuarantineRule, first_rule, read_quarantine

ONE = """[[rule]]
id = "old-harness"
reason = "The harness counted time-outs as failures."
evidence = "https://example.org/harness"
reporter = "Somebody"
status = "active"
since = 2025-01-01
until = 2025-06-30

[rule.where]
source = "board"
benchmark = ["b1", "b2"]
harness_version = "1.2"
"""
ROW = {
    "source": "board",
    "panel": "p",
    "model_as_named": "A",
    "benchmark": "b1",
    "scaffold": None,
    "harness_version": "1.2",
    "evaluated_on": date(2025, 3, 1),
    "published_at": date(2026, 1, 1),
}


def rules(folder: Path, text: str = ONE) -> tuple[QuarantineRule, ...]:
    path = folder / "quarantine.toml"
    path.write_text(text, encoding="utf-8")
    return read_quarantine(path)


@pytest.mark.parametrize(
    ("change", "caught"),
    [
        ({}, True),
        ({"benchmark": "b2"}, True),
        ({"benchmark": "b3"}, False),
        ({"harness_version": "1.20"}, False),
        ({"harness_version": None}, False),
        ({"evaluated_on": date(2025, 6, 30)}, True),
        ({"evaluated_on": date(2025, 7, 1)}, False),
        ({"evaluated_on": date(2024, 12, 31)}, False),
        ({"evaluated_on": None}, False),
        ({"evaluated_on": None, "published_at": date(2025, 2, 1)}, True),
        ({"evaluated_on": None, "published_at": None}, False),
        ({"source": "other"}, False),
    ],
)
def test_a_rule_catches_what_it_names(
    tmp_path: Path, change: dict[str, object], caught: bool
) -> None:
    assert (first_rule({**ROW, **change}, rules(tmp_path)) is not None) is caught


def test_a_withdrawn_rule_catches_nothing(tmp_path: Path) -> None:
    assert first_rule(ROW, rules(tmp_path, ONE.replace('"active"', '"withdrawn"'))) is None


@given(
    st.fixed_dictionaries(
        {
            name: st.sampled_from(["board", "b1", "1.2", "x"])
            for name in ("source", "benchmark", "harness_version")
        }
    )
)
def test_every_condition_must_hold(
    tmp_path_factory: pytest.TempPathFactory, words: dict[str, str]
) -> None:
    (rule,) = rules(tmp_path_factory.mktemp("q"))
    expected = all(words[name] in allowed for name, allowed in rule.where.items())

    assert rule.catches({**ROW, **words}) is expected


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('status = "active"', 'status = "on"', "active | withdrawn"),
        ("until = 2025-06-30", "until = 2024-06-30", ">= 2025-01-01"),
        ("until = 2025-06-30", "until = 2025-06-30T10:00:00", "YYYY-MM-DD"),
        ('source = "board"', "", "source | panel"),
        ('harness_version = "1.2"', 'harnes = "1.2"', "harnes"),
        ('harness_version = "1.2"', "harness_version = 1.2", "text"),
        ('reporter = "Somebody"', 'reporter = ""', "reporter"),
        ('reporter = "Somebody"', 'reported = "Somebody"', "reporter"),
        ("https://example.org/harness", "javascript:alert(1)", "https://"),
    ],
)
def test_a_bad_rule_stops_the_file(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in ONE
    with pytest.raises(BadTable) as caught:
        rules(tmp_path, ONE.replace(old, new))
    assert words in caught.value.what


@pytest.mark.parametrize(
    "text", ["", "rule = 3", "[[rule", "x = 1\n" + ONE, "\x00", "a=" + "[" * 900]
)
def test_a_hostile_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises((Unreadable, BadTable)):
        rules(tmp_path, text)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    try:
        rules(tmp_path_factory.mktemp("t"), text)
    except HeadwayError as error:
        hint = error.hint
    else:
        hint = "read"
    assert hint


# --- the shipped rules -------------------------------------------------------------------------


def test_the_rules_catch_exactly_the_rows_marked_in_the_release() -> None:
    scores = headway.load().scores
    shipped = read_quarantine()
    hits = {row["score_id"]: first_rule(row, shipped) for row in scores.iter_rows(named=True)}
    marked = scores.filter(pl.col("use") == "quarantined")

    assert {id for id, rule in hits.items() if rule} == set(marked["score_id"])
    reasons = dict(marked.select("score_id", "use_reason").iter_rows())
    assert all(hits[id].reason == reason for id, reason in reasons.items())  # type: ignore[union-attr]
    assert Counter(rule.id for rule in hits.values() if rule) == {
        "openai-ctf-task-set": 11,
        "termiagent-vulnbot-executor": 2,
        "nyu-ctf-mixtral-floor": 7,
        "nyu-ctf-llama-floor": 7,
        "ctf-empirical-mixtral-floor": 7,
        "excytin-r1-format": 1,
        "secbenchpro-opus-4.6-timeouts": 1,
        "boozallen-replaced-table": 14,
        "epoch-cyber-exploitgym-scale": 7,
        "epoch-cyber-left-out": 19,
        "aider-o1-mini-225-tests": 1,
        "aider-o1-mini-36-tests": 1,
        "aider-gpt-4-turbo-33-tests": 1,
    }


def test_a_rule_without_a_row_says_why() -> None:
    rows = headway.data_list("quarantine").rows

    assert {row["id"] for row in rows if row["rows"] == 0} == {
        rule.id for rule in read_quarantine() if rule.idle
    }
    assert all(row["not_marked"] == 0 for row in rows)
