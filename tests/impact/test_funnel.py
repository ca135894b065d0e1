"""The funnel: shares of one day only, and what moved them."""

from __future__ import annotations

from datetime import date

import pytest

import headway
from headway.api.impact_facts import facts
from headway.errors import EmptyTable
from headway.estimate.impact.funnel import Figure, moves, shares
from headway.tables.impact_funnel import MEANING, STAGELESS
from tests.api.test_api import valid

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


def test_no_share_across_days_or_filters() -> None:
    found = shares(
        [
            Figure(MAY, "patched", "all", 5),
            Figure(JUNE, "disclosed", "all", 10),
            Figure(MAY, "disclosed", "high_critical", 10),
        ]
    )

    assert found == []


def test_every_share_of_the_source_is_a_part() -> None:
    assert all(0 <= share["value"] <= 1 for share in headway.impact_funnel().shares)


def test_nothing_disclosed_is_no_share_and_nothing_patched_no_growth() -> None:
    figures = [
        Figure(MAY, "disclosed", "all", 10),
        Figure(MAY, "patched", "all", 0),
        Figure(JUNE, "disclosed", "all", 20),
        Figure(JUNE, "patched", "all", 4),
    ]

    assert [s.value for s in shares(figures)] == [0, 0.2]
    assert moves(shares(figures)) == []
    assert shares([Figure(MAY, "disclosed", "all", 0), Figure(MAY, "patched", "all", 0)]) == []


def test_the_fall_to_8_4_percent_is_a_denominator_effect() -> None:
    """REFERENCE.md, section 2: patched over disclosed 6.1 %, 18.3 %, 8.4 %; disclosures x 2.7."""
    found = headway.impact_funnel()
    falls = [
        m for m in found.moves if (m["numerator"], m["denominator"]) == ("patched", "disclosed")
    ]

    assert [round(m["before"], 3) for m in falls] == [0.061, 0.183]
    assert round(falls[-1]["after"], 3) == 0.084
    assert falls[-1]["denominator_growth"] == pytest.approx(6157 / 2300)
    assert falls[-1]["numerator_growth"] > 1  # more was patched
    assert "8.4 %" in found.text()
    assert valid(found.to_json("ja"))


def test_every_figure_of_the_source_has_a_meaning_or_is_named_as_having_none() -> None:
    words = set(facts().tables["funnel"]["stage"])

    assert words <= set(MEANING) | set(STAGELESS)


def test_figures_of_an_earlier_day_are_those_reported_by_then() -> None:
    found = headway.impact_funnel(as_of=date(2026, 8, 31))

    assert max(row["as_of"] for row in found.documents) == "2026-08-26"
    assert "impact_pseudo_vintage" not in [w.code for w in found.warnings]
    with pytest.raises(EmptyTable, match="2026-01-01"):
        headway.impact_funnel(as_of=date(2026, 1, 1))
