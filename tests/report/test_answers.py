"""Further questions on the page: place, words, states, data, first screen, navigation."""

from __future__ import annotations

import html
import json
import re

import pytest

from headway.publish import render
from headway.publish.answers import QUESTIONS, Answer, plain_cells, without_title
from headway.publish.html import GROUPS
from headway.publish.svg import for_page
from tests.report.answers_fixture import NOT_COMPUTED, OTHER_DAY, WORDS, answers, rows
from tests.report.fixture import HOSTILE
from tests.report.test_page import Page, data_of

LANGS = ("en", "ja")


def section(page: str, key: str) -> str:
    found = re.search(rf'<section id="{key}".*?</section>', page, flags=re.S)
    assert found is not None, key
    return found.group(0)


@pytest.mark.parametrize("lang", LANGS)
def test_each_question_has_its_section_in_order(full_pages, lang):
    keys = re.findall(r'<section id="([a-z]+)"', full_pages[lang])
    expected = []
    for group in GROUPS.values():
        for name in group:
            expected.append(name)
            expected += [key for key, after in QUESTIONS.items() if after == name]
    assert keys == expected


@pytest.mark.parametrize("lang", LANGS)
def test_navigation_lists_every_section_once(full_pages, lang):
    page = full_pages[lang]
    nav = re.search(r"<nav.*?</nav>", page, flags=re.S).group(0)
    assert re.findall(r'href="#([a-z]+)"', nav) == re.findall(r'<section id="([a-z]+)"', page)
    assert nav.count("<h2") == nav.count("<ul") == len(GROUPS)


@pytest.mark.parametrize("lang", LANGS)
def test_computed_answer_is_said_and_drawn(full_pages, lang):
    own = html.unescape(section(full_pages[lang], "sauce"))
    for i in range(3):
        assert str(WORDS[lang]["said"]).replace("{ }", str(i + 1)) in own
    assert own.count("<svg ") == 2
    assert own.count("<table") == 2
    assert "<code>headway sauce</code>" in own


@pytest.mark.parametrize("lang", LANGS)
def test_answer_without_a_study_names_the_command_and_no_number(full_pages, lang):
    own = section(full_pages[lang], NOT_COMPUTED)
    assert f"<code>headway {NOT_COMPUTED} --compute</code>" in own
    assert {"en": "Not computed for this data", "ja": "計算されていません"}[lang] in own
    assert "<figure" not in own
    assert "<table" not in own
    assert "<ul" not in own


@pytest.mark.parametrize("lang", LANGS)
def test_answer_of_another_day_gives_its_own_reason(full_pages, lang):
    own = section(full_pages[lang], OTHER_DAY)
    assert str(WORDS[lang]["reason"]) in own
    assert f"<code>headway {OTHER_DAY}</code>" in own
    assert {"en": "Not computed", "ja": "計算されていません"}[lang] not in own


def test_further_sentences_are_closed_and_counted(full_pages):
    own = section(full_pages["en"], "test")
    folded = own[own.index("<details") :]
    assert "<summary>1 more sentence</summary>" in folded
    assert "A further invented finding" in folded[: folded.index("</details>")]
    assert "<details" not in own[: own.index("Invented finding 3")]


def test_table_is_open_where_no_figure_is(full_pages):
    own = section(full_pages["en"], "density")
    assert "<figure" not in own
    assert re.search(r"<details[^>]* open>", own)
    assert not re.search(r"<details[^>]* open>", section(full_pages["en"], "sauce"))


def test_first_screen_states_the_verdicts_before_the_first_figure(full_pages):
    own = section(full_pages["en"], "answer")
    brief = own[own.index('class="brief"') : own.index("<figure")]
    assert own.index('class="cards"') < own.index('class="brief"')
    for tone in ("supported", "contradicted", "undecided"):
        assert f'<dd class="{tone}">' in brief
        assert f"<b>{tone}</b>" in brief, "a mark never stands without its word"
    assert brief.count("<dt>The lag is 6 to 9 months</dt>") == 2
    assert 'href="#test"' in brief


def test_without_answers_there_is_no_brief(pages):
    assert 'class="brief"' not in pages["en"].split("</style>")[1]


def test_figures_carry_their_own_count_or_that_of_the_models(full_pages):
    assert "<li>76 published figures</li>" in section(full_pages["en"], "reconcile")
    assert "models</li>" in section(full_pages["en"], "sauce")


@pytest.mark.parametrize("lang", LANGS)
def test_rows_are_embedded_for_download(full_pages, lang):
    """A figure with rows of its own offers those, the others the rows of the question."""
    found = data_of(full_pages[lang])
    held = found["content"]["answers"]
    plain = json.loads(json.dumps(rows("sauce")))
    assert held["sauce"] == plain
    assert held["harness"] == []
    assert held["reconcile-first"] == json.loads(json.dumps(rows("reconcile")[:1]))
    assert found["figures"]["sauce-first"]["data"] == {"list": "answers.sauce", "where": {}}
    assert found["figures"]["reconcile-first"]["data"]["list"] == "answers.reconcile-first"
    assert "var(--" not in json.dumps(found["figures"])


def test_hostile_names_in_answers_stay_text(full_pages):
    for page in full_pages.values():
        parsed = Page(page)
        assert any(HOSTILE[1] in text for text in parsed.texts)
        assert [tag for tag, _ in parsed.elements if tag in ("img", "iframe")] == []
        assert sum(tag == "script" for tag, _ in parsed.elements) == 2
        assert not [a for _, a in parsed.elements if "style" in a]


def test_equal_ids_do_not_occur(full_pages):
    for page in full_pages.values():
        ids = [a["id"] for _, a in Page(page).elements if a.get("id")]
        assert len(ids) == len(set(ids))


def test_both_languages_have_the_same_elements(full_pages):
    shape = {
        lang: [
            (tag, a.get("id"))
            for tag, a in Page(re.sub(r"<svg.*?</svg>", "", page, flags=re.S)).elements
        ]
        for lang, page in full_pages.items()
    }
    assert shape["ja"] == shape["en"]


def test_same_answers_same_bytes(content, full_pages):
    assert render(content, "en", answers("en")) == full_pages["en"]


def test_an_answer_that_says_nothing_is_refused():
    with pytest.raises(AssertionError, match="says something"):
        Answer("test", "headway lag --test")


def test_a_question_that_is_not_on_the_page_is_refused():
    with pytest.raises(AssertionError, match="weather"):
        Answer("weather", "headway weather", ("Rain.",))


def test_numeric_columns_and_row_heads_of_plain_tables():
    table = plain_cells("T", ("a", "b"), [["x", "1"], ["y", "2"]], right=(1,))
    assert [cell.kind for cell in table.heads] == ["", "num"]
    assert [[cell.head for cell in row] for row in table.blocks[0].rows] == [[True, False]] * 2
    assert table.n_rows == 2


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("One line", "One line"),
        ({"text": "With options", "fontSize": 12}, "With options"),
        ({"text": ["Two", "lines"]}, "Two lines"),
        (["日本語の", "見出し"], "日本語の見出し"),
        (["gpt-5 の", "GPT"], "gpt-5 のGPT"),
        (None, ""),
    ],
)
def test_title_of_a_chart_as_one_line(title, line):
    spec = {"mark": "bar"} | ({} if title is None else {"title": title})
    assert without_title(spec) == (line, {"mark": "bar"})


@pytest.mark.parametrize(
    ("text", "left", "right"),
    [
        (
            '<text text-anchor="end" transform="translate(-3,4)" font-size="10px">wwwwwww</text>',
            38,
            0,
        ),
        ('<text transform="translate(90,4)" font-size="10px">wwwwwww</text>', 0, 41),
        ('<text text-anchor="end" transform="translate(80,4)" font-size="10px">w</text>', 0, 0),
        ('<text transform="translate(-9,4) rotate(-90)" font-size="10px">wwwwwww</text>', 0, 0),
    ],
)
def test_drawing_is_widened_for_text_that_may_stand_out(text, left, right):
    """Text sits in a group shifted by 8: 7 letters of 0.57 em, 6 % slack, 10 px are 42.3 px."""
    svg = f'<svg width="100" height="20"><g transform="translate(8,0)">{text}</g></svg>'
    page = for_page(svg, prefix="p-", alt="a", classes="chart")
    assert f'viewBox="{0 - left:g} 0 {100 + left + right} 20"' in page
