"""The base: text from outside, layout of Japanese, provenance, tiers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway._version import __version__
from headway.errors import HeadwayError
from headway.estimate.tiers import tiers
from headway.problems import localised
from headway.provenance import Provenance, digest
from headway.textsafe import clean, clip, pad, plain_table, width


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x9b31mtext", "text"),
        ("a\x00b\x08c\x7f", "abc"),
        ("gpt\u202e5\u200b\ufeff", "gpt5"),
        ("two\nlines\tand", "two lines and"),
        ("日本語 é ñ — “ok”", "日本語 é ñ — “ok”"),
    ],
)
def test_clean_keeps_text_and_drops_what_steers(raw: str, expected: str) -> None:
    assert clean(raw) == expected


@given(st.text())
def test_clean_leaves_nothing_that_steers_and_is_stable(raw: str) -> None:
    once = clean(raw)
    assert once.isprintable() or all(ch.isprintable() or ch.isspace() for ch in once)
    assert "\x1b" not in once
    assert clean(once) == once


def test_clip_cuts_with_an_ellipsis() -> None:
    assert clip("abcdef", 4) == "abc…"
    assert clip("abcd", 4) == "abcd"


def test_japanese_takes_two_columns() -> None:
    assert width("日本 ab") == 7
    assert pad("日本", 6) == "日本  "
    assert pad("日本", 6, right=True) == "  日本"


def test_plain_tables_line_up() -> None:
    lines = plain_table(["名前", "n"], [["日本語", "1"], ["ab", "10"]], right=[1]).splitlines()
    assert lines == ["名前     n", "------  --", "日本語   1", "ab      10"]


def test_digest_ignores_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})


def test_provenance_survives_json() -> None:
    one = Provenance("2026-07-01", "rows", {"level": 0.9}, 7)
    again = Provenance.from_json(one.to_json())
    assert again == one
    assert again.key == one.key
    assert one.headway == __version__
    assert set(one.libraries) == {"numpy", "scipy", "polars"}


def test_the_version_is_that_of_the_package() -> None:
    from importlib.metadata import version

    assert version("headway") == __version__


def test_an_error_without_a_key_keeps_its_english_text() -> None:
    assert localised(HeadwayError("what", hint="do"), "ja") == ("what", "do")


def test_tiers_split_only_what_the_draws_tell_apart() -> None:
    rng = np.random.default_rng(1)
    centre = np.array([3.0, 2.9, 0.0, -0.1, -5.0])
    draws = centre + rng.normal(0, 0.5, (2000, 5))
    assert tiers(draws).tolist() == [1, 1, 2, 2, 3]


@given(st.integers(1, 8), st.integers(0, 2**32 - 1))
def test_tiers_follow_the_median_and_ignore_the_scale(count: int, seed: int) -> None:
    draws = np.random.default_rng(seed).normal(size=(101, count))
    found = tiers(draws)
    order = np.argsort(-np.median(draws, axis=0), kind="stable")
    assert found[order].tolist() == sorted(found.tolist())
    assert set(found.tolist()) == set(range(1, found.max() + 1))
    np.testing.assert_array_equal(tiers(np.exp(draws)), found)
