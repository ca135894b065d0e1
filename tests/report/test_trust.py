"""How far to trust the intervals, jumps of the history, lags of zero, tiers: in words and drawn."""

from __future__ import annotations

import dataclasses
import html
import math
import re
from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest

from headway import figures
from headway.api import report as api
from headway.api.lag import DEFAULT_SEED
from headway.errors import BadTable
from headway.publish import render, tables, trust
from headway.publish.content import FRAMES
from headway.result import Interval, Quantity
from tests.report.fixture import studies as make_studies


def section(page: str, name: str) -> str:
    found = page[page.index(f'<section id="{name}"') :]
    return html.unescape(found[: found.index("</section>")])


def rows_of(table: tables.Table) -> dict[str, list[str]]:
    return {row[0].text: [c.text for c in row[1:]] for b in table.blocks for row in b.rows}


@pytest.fixture
def studies():
    return make_studies()


def test_coverage_says_share_verdict_bias_width_and_counts(studies):
    found = rows_of(trust.coverage_table(studies, "en"))

    assert next(iter(found)) == "Mean lag, last 12 months"
    assert found["Mean lag, last 12 months"] == [
        "91 %",
        "within the target",
        "−0.2 months",
        "6.1 months",
        "412",
        "12 %",
    ]
    assert found["Headway (median)"][1] == "above: intervals too wide"
    assert found["Ability gap today"][2] == "0.2 logits"
    assert found["Distance between trend lines"] == ["–", "–", "–", "–", "0", "100 %"]


@pytest.mark.parametrize(
    ("share", "verdict"),
    [(0.844, "below"), (0.846, "within"), (0.85, "within"), (0.954, "within"), (0.956, "above")],
)
def test_share_is_judged_as_shown(studies, share, verdict):
    studies["coverage"]["by_definition"][3]["coverage"] = share

    row = rows_of(trust.coverage_table(studies, "en"))["Mean lag, last 12 months"]

    assert row[1].startswith(verdict)


def test_bias_above_the_allowed_is_said(studies):
    row = rows_of(trust.coverage_table(studies, "en"))["Lag today"]

    assert row[2] == "1.9 months, larger than allowed"


def test_margin_counts_worlds_not_answers(studies):
    # 1.645 sqrt(0.9 x 0.1 / 100) = 4.9 percentage points
    assert trust.coverage_margin(studies, "en") == "5"


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "en",
            [
                "held the truth in 85 % to 97 % of the cases",
                "100 invented worlds",
                "target is 85 % to 95 %",
                "moves Cyber most: to 6 months instead of 9 months",
                "shrinks exactly the difference in question",
                "Cyber 6 to 9 months",
                "120 models from 18 developers",
                "rank correlation 0.97 (0.95 to 0.98)",
            ],
        ),
        (
            "ja",
            [
                "85 % から 97 %",
                "100 個の架空の世界",
                "サイバーで、既定の設定の 9 か月に対して 6 か月",
                "開発元 18",
                "順位相関 0.97（0.95〜0.98）",
            ],
        ),
    ],
)
def test_section_says_it_in_words(pages, lang, words):
    text = section(pages[lang], "trust")

    assert [w for w in words if w not in text] == []
    assert "run_studies" not in text


def test_section_stands_between_definitions_and_method(pages):
    page = pages["en"]
    places = [page.index(f'<section id="{s}"') for s in ("definitions", "trust", "method")]

    assert places == sorted(places)


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "Not computed for this data"), ("ja", "計算していません")]
)
def test_without_studies_the_command_stands_there_and_no_number(content, lang, words):
    page = render(dataclasses.replace(content, studies=None), lang)
    text = section(page, "trust")

    assert words in text
    assert "python tools/run_studies.py" in text
    assert "<table" not in text
    assert "<figure" not in text
    assert not re.search(r"\d", re.sub(r"<[^>]*>", "", text))


def test_every_prior_is_a_line_in_the_chart_and_a_row_in_the_table(studies):
    rows = trust.prior_rows(studies, ["cyber", "coding", "general"])
    lines = trust.prior_lines(rows, "en")
    table = rows_of(trust.priors_table(rows, "en", 0.9))
    svg = figures.svg_of(figures.forest_spec(lines, pitch=24))

    assert len(lines) == 21
    assert [line.heading for line in lines if line.heading] == ["Cyber", "Coding", "General"]
    assert {line.tone for line in lines if line.label == "Default"} == {"closed"}
    assert len(table) == 7
    assert table["Trends and offsets half as free"][1] == "not estimable"
    assert table["Trends and offsets twice as free"][0] == "9 months (7 or more)"
    assert table["a_prior_without_a_name"][0] == "9 months (6 to 11)"
    assert svg.count("No access-specific domain offsets") >= 3


def test_values_that_round_alike_are_said_once(studies):
    rows = [r for r in trust.prior_rows(studies, ["general"]) if r.prior == "default"]

    assert trust.spread_of(rows, "en") == "General: 6 months"


def test_no_sentence_on_offsets_without_both_values(studies):
    rows = [r for r in trust.prior_rows(studies, ["cyber"]) if r.prior != "default"]

    assert trust.offsets_moved(rows, "en") is None


def test_studies_that_lack_a_part_are_refused(content):
    lacking = {k: v for k, v in make_studies().items() if k != "index"}
    broken = dataclasses.replace(content, studies=lacking)

    with pytest.raises(BadTable, match="studies lacks index"):
        broken.check()


def test_studies_are_of_the_shipped_release_and_options_only(monkeypatch):
    """Any other date, level, seed or method gives nothing, never an old number."""
    day = date(2026, 9, 30)
    release = SimpleNamespace(rows_hash="a" * 64, data_through=day)
    stored = {"level": 0.9}
    monkeypatch.setattr(
        "headway.checks.studies.load_studies",
        lambda rows_hash, as_of: stored if (rows_hash, as_of) == ("a" * 64, day) else None,
    )
    changed = SimpleNamespace(rows_hash="b" * 64, data_through=day)

    assert api._studies(release, day, 0.9, DEFAULT_SEED) == stored
    assert api._studies(release, day, 0.8, DEFAULT_SEED) is None
    assert api._studies(release, day, 0.9, 1) is None
    assert api._studies(release, date(2026, 1, 1), 0.9, DEFAULT_SEED) is None
    assert api._studies(changed, day, 0.9, DEFAULT_SEED) is None


# history


def history(*states: str) -> pl.DataFrame:
    rows = [
        (
            "cyber",
            None,
            "lag_mean_12m",
            "public",
            date(2025, 1 + i, 1),
            state,
            10.0 + i,
            6.0,
            math.inf if state == "censored" else 22.0,
            0.0,
            0.5,
        )
        for i, state in enumerate(states)
    ]
    return pl.DataFrame(rows, schema=FRAMES["history"], orient="row")


def drawn_lines(frame: pl.DataFrame) -> list[list[str]]:
    spec = figures.history_spec(frame, domains=["cyber"], as_of=date(2025, 9, 1))
    layers = (
        spec["hconcat"][0]["layer"]
        if "hconcat" in spec
        else spec["vconcat"][1]["hconcat"][0]["layer"]
    )
    return [
        [row["status"] for row in spec["datasets"][layer["data"]["name"]]]
        for layer in layers
        if layer["mark"]["type"] == "line"
    ]


def test_line_has_a_gap_between_a_bound_and_a_number():
    states = ["censored", "censored", "estimated", "estimated", "estimated"]

    assert drawn_lines(history(*states)) == [states[:2], states[2:]]


@pytest.mark.parametrize(
    ("states", "jumps"),
    [
        (("censored", "estimated"), True),
        (("estimated", "censored"), True),
        (("estimated", "estimated"), False),
        (("censored", "open_leads", "estimated"), False),
        ((), False),
    ],
)
def test_jump_is_found(states, jumps):
    assert figures.has_jump(history(*states)) is jumps


def test_caption_explains_the_jump_only_where_there_is_one(content, pages):
    said = "lower bounds sort above all numbers"
    calm = content.history.filter(pl.col("domain") == "general")

    assert said in section(pages["en"], "history")
    assert "線はそこで切ってあります" in section(pages["ja"], "history")
    assert said not in render(dataclasses.replace(content, history=calm), "en")


def test_title_of_the_history_leaves_out_values_without_an_upper_end(content):
    frame = history("censored", "estimated", "estimated").with_columns(
        pl.Series("value", [10.0, 21.0, 15.0]), pl.Series("high", [math.inf, math.inf, 22.0])
    )
    page = render(dataclasses.replace(content, history=frame), "en")

    assert "Cyber about 15 months since March 2025" in section(page, "history")


# lags of zero


def zero(value: float, share: str | None = "0.707") -> Quantity:
    notes = () if share is None else (f"open_leads_days:{share}",)
    return Quantity(value, "months", Interval(0.0, 36.6, 0.9, "eti"), 9, 4, "estimated", notes)


def test_a_mean_lag_of_zero_says_why():
    assert figures.open_days(zero(0.0), "en") == "open models lead on 71 % of the days"
    assert figures.open_days(zero(0.0), "ja") == "71 % の日でオープンが先行"
    assert figures.open_days(zero(0.3), "en") is not None  # shown as 0
    assert figures.open_days(zero(3.0), "en") is None
    assert figures.open_days(zero(0.0, None), "en") is None


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_the_chart_says_it_under_the_value(content, size):
    rows = [r for r in content.evidence if r.domain == "general"]
    svg = figures.svg_of(figures.forest_spec(figures.forest_rows(rows, by="evidence"), size=size))

    assert ">open models lead on 71 % of the days<" in svg
    assert "(90 % interval 0 to 37): open models lead on 71 % of the days" in svg


def test_card_and_title_say_it(content):
    row = dataclasses.replace(content.headline[0], lag=zero(0.0))
    page = render(dataclasses.replace(content, headline=(row,), lags=(row,)), "en")

    assert "Over the last 12 months, open models lead on 71 % of the days. Those days" in page
    assert "Cyber: 0 months: open models lead on 71 % of the days" in page


# tables and tiers


def test_models_and_notes_stand_under_their_row(content):
    rows = [r for r in content.lags if r.definition == "lag_at_record" and r.domain == "cyber"]
    table = tables.lag_table(rows, content, "en", title="T", by="definition", block="domain")
    first, more = table.blocks[0].rows[:2]

    assert table.n_rows == len(rows)
    assert first[0].rows == 2
    assert more[0].kind == "more"
    assert more[0].columns == len(table.heads) - 1
    assert more[0].text.startswith("Open / closed model: ")


def test_rule_of_the_tiers_is_stated(pages):
    assert "at least 95 %" in section(pages["en"], "tiers")
    assert "at least 95 % of the draws" in section(pages["en"], "method")
    assert "95 % 以上" in section(pages["ja"], "method")
