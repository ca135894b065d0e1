"""The report as text: complete, honest, escaped, offline, deterministic."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import html
import json
import re
import time
from html.parser import HTMLParser

import polars as pl
import pytest

from headway.errors import BadOption, BadTable, ColumnsMissing
from headway.i18n import catalogue, quantity_short
from headway.publish import render
from headway.publish.content import FRAMES
from headway.publish.html import write
from headway.publish.tables import interval_text, process_text
from headway.result import Quantity
from tests.report.fixture import HOSTILE, Row
from tests.report.fixture import content as make_content


class Page(HTMLParser):
    """Texts, elements and attributes of a page; scripts and styles apart."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self._inside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag in self.raw:
            self._inside.append(tag)
            self.raw[tag].append("")

    def handle_endtag(self, tag):
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data):
        if self._inside:
            self.raw[self._inside[-1]][-1] += data
        elif data.strip():
            self.texts.append(data.strip())


def data_of(page: str) -> dict:
    (script,) = [s for s in Page(page).raw["script"] if s.startswith("{")]
    return json.loads(script)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_headline_numbers_stand_in_words_with_both_intervals(content, pages, lang):
    text = html.unescape(pages[lang])
    for row in content.headline:
        assert quantity_short(row.lag, lang) in text
        if row.lag.interval is not None:
            assert interval_text(row.lag, row.lag.interval, lang) in text
            assert process_text(row.lag, lang) in text


def test_not_estimable_says_what_is_missing(content):
    missing = Quantity.not_estimable("months", "too_few_open:2<3")
    headline = (Row("cyber", None, "lag_mean_12m", "public", "all", None, missing),)
    page = render(dataclasses.replace(content, headline=headline, lags=headline), "en")

    assert "The data cannot carry a number yet. Missing: too few open-weight models" in page
    assert "Cyber: the lag cannot be estimated yet" in page


def test_caveats_come_first_and_only_two_are_open(pages):
    page = pages["en"]
    start, answer = page.index('class="caveats"'), page.index('id="answer"')
    box = page[start:answer]

    assert start < answer
    assert box[: box.index("<details")].count("<li>") == 2
    assert box[box.index("<details") :].count("<li>") > 5


def test_urgent_warning_goes_before_the_standing_caveats(content):
    top = dataclasses.replace(content.warnings[0], top=True)
    page = render(dataclasses.replace(content, warnings=(top,)), "en")

    assert page.index("34 % of the scores carry no date") < page.index("Scores are not ability")


def test_every_figure_has_what_a_figure_must_have(pages):
    page = pages["en"]
    found = re.findall(r'<figure id="figure-([a-z-]+)">(.*?)</figure>', page, flags=re.S)
    assert [key for key, _ in found] == [
        "headline",
        "frontier-cyber",
        "frontier-coding",
        "frontier-general",
        "history",
        "headway",
        "stages",
        "evidence",
        "priors",
    ]
    for key, figure in found:
        assert "<h3>" in figure, key
        assert "models</li>" in figure
        assert "sources</a>" in figure
        assert "as of 31 October 2026" in figure
        assert 'href="#method"' in figure
        assert "<table" in figure
        assert f"figure “{key}”" in figure
        assert figure.count("<svg ") == 2
        title = re.search(r"<h3>(.*?)</h3>", figure).group(1)
        assert figure.count(f'aria-label="{title}') >= 2, "alt text is made from the finding"
        for kind in ("csv", "json", "svg", "spec"):
            assert f'data-figure="{key}" data-format="{kind}"' in figure


def test_every_model_is_in_a_table_under_tiers(content, pages):
    text = html.unescape(pages["en"])
    for domain in ("cyber", "coding", "general"):
        table = text[text.index(f'id="table-frontier-{domain}-1"') :]
        table = table[: table.index("</table>")]
        own = content.points.filter(pl.col("domain") == domain)
        assert table.count("<tr>") - 1 == own.height
        assert "Tier 1" in table
        assert "Too little data" in table


def test_hostile_text_stays_text(content, pages):
    """Names, titles and addresses from outside never become elements, handlers or links."""
    for page in pages.values():
        parsed = Page(page)
        for name in HOSTILE:
            assert any(name in text for text in parsed.texts), name
        assert [
            tag for tag, _ in parsed.elements if tag in ("img", "iframe", "object", "embed")
        ] == []
        assert sum(tag == "script" for tag, _ in parsed.elements) == 2
        for _, attributes in parsed.elements:
            assert not [name for name in attributes if name.startswith("on")]
            assert not (attributes.get("href") or "").startswith("javascript:")


def test_nothing_is_fetched(pages):
    """Addresses appear in links (and as names of XML vocabularies) only."""
    for page in pages.values():
        parsed = Page(page)
        for tag, attributes in parsed.elements:
            for name, value in attributes.items():
                if value and re.match(r"(https?:)?//", value):
                    assert (tag, name) in {("a", "href"), ("svg", "xmlns")}, (tag, name, value)
        style = "".join(parsed.raw["style"])
        assert "url(" not in style
        assert "@import" not in style
        assert not {"link", "base", "audio", "video", "source"} & {t for t, _ in parsed.elements}


def test_policy_names_the_hashes_of_what_is_there(pages):
    for page in pages.values():
        parsed = Page(page)
        policy = next(
            a["content"]
            for tag, a in parsed.elements
            if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy"
        )
        for text in (parsed.raw["style"][0], parsed.raw["script"][-1]):
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not [a for _, a in parsed.elements if "style" in a]


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_embedded_data_is_the_content(content, pages, lang):
    found = data_of(pages[lang])

    assert found["content"] == json.loads(json.dumps(content.to_json()))
    assert set(found["figures"]) >= {"headline", "frontier-cyber", "history", "headway"}
    assert "var(--" not in json.dumps(found["figures"])


def test_same_content_same_bytes(pages):
    assert render(make_content(), "en") == pages["en"]


def test_equal_ids_do_not_occur(pages):
    for page in pages.values():
        ids = [a["id"] for _, a in Page(page).elements if a.get("id")]
        assert len(ids) == len(set(ids))


def test_japanese_page_holds_no_english_sentence(pages):
    """No run of three English words outside names, addresses, commands and sources."""
    page = re.sub(r'<section id="sources".*?</section>', "", pages["ja"], flags=re.S)
    parsed = Page(page)
    shown = [
        *parsed.texts,
        *(a[k] or "" for _, a in parsed.elements for k in ("aria-label", "placeholder") if k in a),
    ]
    names = {*HOSTILE, "headway data show ID", "headway data list"}
    english = []
    for text in shown:
        for name in names:
            text = text.replace(name, "")
        if re.search(r"\b[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}\b", text):
            english.append(text)
    assert english == []


def test_japanese_page_shows_every_english_block(pages):
    """Both pages have the same elements in the same order."""
    shape = {
        lang: [
            (tag, a.get("id"))
            for tag, a in Page(re.sub(r"<svg.*?</svg>", "", page, flags=re.S)).elements
        ]
        for lang, page in pages.items()
    }
    assert shape["ja"] == shape["en"]


def test_japanese_texts_are_japanese():
    """Nearly all Japanese messages hold kana or kanji; those that do not are the same as English."""
    ja, en = catalogue("ja"), catalogue("en")
    odd = []
    for key in ja.names():
        fields = dict.fromkeys(
            ("value", "low", "high", "amount", "interval", "name", "list", "n", "clusters"), "1"
        )
        try:
            text = ja.message(key, **fields)
            same = en.message(key, **fields, count="other") == text
        except LookupError:
            continue
        if not re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", text) and re.search("[a-z]{4}", text):
            odd.append((key, same))
    assert [key for key, same in odd if not same] == []


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_words_we_do_not_say(pages, lang):
    text = " ".join(Page(pages[lang]).texts).lower()
    for word in ("proves", "beats", " safe ", "証明し", "安全です"):
        assert word not in text


def test_content_without_any_data_still_renders(content):
    empty = {name: pl.DataFrame(schema=columns) for name, columns in FRAMES.items()}
    missing = Quantity.not_estimable("months", "no_scores")
    headline = tuple(
        Row(d, None, "lag_mean_12m", "public", "all", None, missing) for d in ("cyber", "coding")
    )
    bare = dataclasses.replace(
        content, headline=headline, lags=headline, evidence=headline, headways=(), scale={}, **empty
    )
    for lang in ("en", "ja"):
        page = render(bare, lang)
        assert page.count('data-status="not_estimable"') == 2


def test_large_content_is_small_and_quick():
    """Six hundred models in three domains: under 5 MB, and about 3 s of one processor."""
    large = make_content(600)
    begin = time.process_time()  # not the clock on the wall: machines are shared
    page = render(large, "en")

    assert len(page.encode()) < 5_000_000
    assert time.process_time() - begin < 12


def test_write_returns_the_path(content, tmp_path):
    path = write(content, tmp_path / "r.html", "ja")

    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_language_is_checked(content):
    with pytest.raises(BadOption, match="'de'"):
        render(content, "de")


def test_frame_without_a_column_is_refused(content):
    with pytest.raises(ColumnsMissing, match="points lacks tier"):
        dataclasses.replace(content, points=content.points.drop("tier")).check()


def test_nan_is_refused(content):
    broken = content.points.with_columns(pl.lit(float("nan")).alias("ability"))
    with pytest.raises(BadTable, match=r"points\.ability holds NaN"):
        dataclasses.replace(content, points=broken).check()


def test_wrong_type_is_refused(content):
    broken = content.points.with_columns(pl.col("n_scores").cast(pl.String))
    with pytest.raises(BadTable, match=r"points\.n_scores is String"):
        dataclasses.replace(content, points=broken).check()


def test_missing_count_is_refused(content):
    with pytest.raises(BadTable, match="counts lacks models"):
        dataclasses.replace(content, counts={"scores": 1, "benchmarks": 1, "sources": 1}).check()
