"""The report in a real browser, opened from disk: four variants, keyboard, downloads, axe rules."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from headway.publish import render
from headway.publish.answers import QUESTIONS
from tests.conftest import browser_path
from tests.report.fixture import content as make_content

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: language, colour scheme, width in CSS pixels
VARIANTS = [
    ("en", "light", 1100),
    ("en", "dark", 1100),
    ("ja", "light", 1100),
    ("ja", "dark", 390),
    ("en", "light", 390),
    ("ja", "light", 360),
]


@pytest.fixture(scope="module")
def files(tmp_path_factory, full_pages) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    for lang, page in full_pages.items():
        (folder / f"{lang}.html").write_text(page, encoding="utf-8")
    return {lang: folder / f"{lang}.html" for lang in full_pages}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        found = started.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture
def visit(browser, files):
    """Open a report and fail on anything that the console or the network says."""
    opened = []
    said: list[str] = []

    def go(
        lang: str = "en", scheme: str = "light", width: int = 1100, file: Path | None = None
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, accept_downloads=True
        )
        page = context.new_page()
        opened.append(context)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith(("file:", "blob:")) else said.append(request.url)
            ),
        )
        page.goto((file or files[lang]).as_uri())
        return page

    yield go
    for context in opened:
        context.close()
    assert said == []


@pytest.mark.parametrize(("lang", "scheme", "width"), VARIANTS)
def test_page_fits_and_passes_axe(visit, lang, scheme, width):
    """No sideways scrolling of the page, and no violation of the axe rules."""
    from axe_playwright_python.sync_playwright import Axe

    page = visit(lang, scheme, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    found = Axe().run(page)

    assert [
        (v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found.response["violations"]
    ] == []


@pytest.mark.parametrize("width", [900, 1100])
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_tables_of_lags_fit_on_a_desk(visit, lang, width):
    """Only on a phone does a table of lags scroll sideways."""
    page = visit(lang, width=width)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    wide = page.evaluate(
        "[...document.querySelectorAll('.scroll')]"
        ".filter(box => box.scrollWidth > box.clientWidth)"
        ".map(box => box.querySelector('table').id)"
        ".filter(id => !/-frontier-|-sources$/.test(id))"
    )
    assert wide == []


@pytest.mark.parametrize(("width", "shown"), [(1100, "wide"), (390, "narrow")])
def test_one_drawing_per_figure_is_visible(visit, width, shown):
    page = visit(width=width)
    for figure in page.locator("figure").all():
        visible = [svg for svg in figure.locator("svg.chart").all() if svg.is_visible()]
        assert len(visible) == 1
        assert shown in visible[0].get_attribute("class")


@pytest.mark.parametrize(("scheme", "page_colour"), [("light", 255), ("dark", 18)])
def test_colours_of_charts_follow_the_theme(visit, scheme, page_colour):
    page = visit(scheme=scheme)

    background = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    fill = page.evaluate(
        "getComputedStyle(document.querySelector('#figure-frontier-cyber .wide .f-open')).fill"
    )

    assert background.startswith(f"rgb({page_colour}")
    assert fill == {"light": "rgb(10, 106, 138)", "dark": "rgb(95, 195, 228)"}[scheme]


@pytest.mark.parametrize(("lang", "width"), [("en", 1100), ("en", 390), ("ja", 360)])
def test_navigation_stays_small_and_can_be_tapped(visit, lang, width):
    """Twenty-one links take less than half a phone's screen; none is cut off or too low to tap."""
    page = visit(lang, width=width)
    assert page.locator("nav a").count() == 21
    box = page.locator("nav").bounding_box()
    assert box["height"] < {1100: 140, 390: 330, 360: 330}[width]
    for link in page.locator("nav a").all():
        own = link.bounding_box()
        assert own["height"] >= 24
        assert own["x"] >= 0
        assert own["x"] + own["width"] <= width


def test_way_back_to_the_sections_appears_below_them(visit):
    page = visit(width=390)
    jump = page.locator("#jump")
    assert jump.is_hidden()
    page.locator("#density").scroll_into_view_if_needed()
    jump.wait_for(state="visible")
    assert jump.get_attribute("href") == "#sections"
    page.emulate_media(media="print")
    assert jump.is_hidden()


@pytest.mark.parametrize(("lang", "width"), [("en", 1100), ("ja", 390)])
def test_verdicts_do_not_overlap(visit, lang, width):
    """Each line of the first screen is read as claim, then its parts, side by side."""
    page = visit(lang, width=width)
    for line in page.locator(".brief dl > div").all():
        parts = [part.bounding_box() for part in line.locator("dd").all()]
        claim = line.locator("dt").bounding_box()
        for one, other in pairwise(parts):
            assert one["x"] + one["width"] <= other["x"]
            assert one["y"] == other["y"]
        assert (
            claim["y"] + claim["height"] <= parts[0]["y"] + 1
            if width < 700
            else claim["x"] + claim["width"] <= parts[0]["x"]
        )


def test_theme_can_be_chosen(visit):
    page = visit(scheme="light")
    page.get_by_role("button", name="Dark").click()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(231, 235, 240)"
    page.get_by_role("button", name="Automatic").click()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 36, 48)"


def test_keyboard_reaches_the_answer_and_the_tables(visit):
    page = visit()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#answer"
    details = page.locator("#figure-headline details").first
    details.locator("summary").focus()
    page.keyboard.press("Enter")
    assert details.evaluate("d => d.open")


def test_mark_says_its_name_when_pointed_at(visit):
    page = visit()
    mark = page.locator("#figure-frontier-cyber svg.wide [aria-label]").first
    said = mark.get_attribute("aria-label")
    mark.dispatch_event("click")
    tip = page.locator("#tip")
    assert tip.is_visible()
    assert tip.text_content() == said
    page.keyboard.press("Escape")
    assert not tip.is_visible()


def fetched(page: Page, selector: str) -> tuple[str, str]:
    with page.expect_download() as waiting:
        page.locator(selector).click()
    return waiting.value.suggested_filename, waiting.value.path().read_text(encoding="utf-8")


def test_downloads(visit, content):
    page = visit()
    chart = '#figure-frontier-cyber button[data-format="{}"]'

    name, text = fetched(page, chart.format("csv"))
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    assert name == "headway-frontier-cyber.csv"
    assert len(rows) == content.points.filter(content.points["domain"] == "cyber").height
    assert float(rows[0]["ability"]) == content.points["ability"][0]

    _, text = fetched(page, chart.format("json"))
    found = json.loads(text)
    assert len(found["rows"]) == len(rows)
    assert found["provenance"]["rows_hash"] == content.provenance["rows_hash"]

    _, text = fetched(page, chart.format("svg"))
    assert text.startswith("<?xml")
    assert ".f-open{fill:#0a6a8a}" in text

    _, text = fetched(page, chart.format("spec"))
    assert json.loads(text)["$schema"].startswith("https://vega.github.io/schema/vega-lite/")

    _, text = fetched(page, 'button[data-all="json"]')
    everything = json.loads(text)
    assert set(everything.pop("answers")) == {*QUESTIONS, "reconcile-first"}
    assert everything == json.loads(json.dumps(content.to_json()))

    _, text = fetched(page, '#figure-reconcile-first button[data-format="csv"]')
    steps = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    assert [float(row["months.value"]) for row in steps] == [4.0]

    _, text = fetched(page, '#figure-sauce-first button[data-format="json"]')
    assert [row["months"]["value"] for row in json.loads(text)["rows"]] == [4.0, 5.0]

    _, text = fetched(page, 'button[data-all="lags"]')
    lags = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    assert len(lags) == len(content.lags)
    assert lags[0]["lag.interval.low"] == "5.2"


def test_hostile_names_do_nothing(visit):
    """No dialog opens, no element appears that the template did not write."""
    page = visit()
    dialogs = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.wait_for_timeout(200)
    assert dialogs == []
    assert page.locator("img").count() == 0
    assert page.locator("th b, td b, text b").count() == 0


def test_table_filter(visit):
    page = visit()
    page.locator("#figure-frontier-cyber summary").first.click()
    table = page.locator("#table-frontier-cyber-1")
    page.locator('input[data-table="table-frontier-cyber-1"]').fill("ember 6.9")
    assert table.locator("tbody tr:not(.sub):visible").count() == 1


def test_readable_without_scripts(browser, files):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(files["en"].as_uri())
    assert page.locator(".card").count() == 3
    assert page.locator("#table-definitions").is_visible()
    assert page.locator(".downloads").is_hidden()
    assert page.get_by_text("Downloads need scripts").is_visible()
    context.close()


def test_prints_light_and_whole(visit):
    page = visit(scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    assert page.locator("nav").is_hidden()
    assert len(page.pdf()) > 50_000


def test_japanese_text_is_drawn_with_glyphs(visit):
    """Each character of the heading has a width: no font would give boxes or nothing."""
    page = visit("ja")
    width = page.evaluate(
        "() => { const r = document.createRange();"
        " r.selectNodeContents(document.querySelector('h1'));"
        " return r.getBoundingClientRect().width; }"
    )
    assert width > 200


def test_a_large_report_opens(visit, tmp_path):
    path = tmp_path / "large.html"
    path.write_text(render(make_content(400), "en"), encoding="utf-8")
    page = visit(file=path, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
