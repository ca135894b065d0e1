"""Charts: valid Vega-Lite, drawable, honest about states, labels that do not overlap."""

from __future__ import annotations

import json
import re
from datetime import date

import altair as alt
import polars as pl
import pytest
import vl_convert

from headway import figures
from headway.errors import BadOption
from headway.figures.frontier import outside
from headway.figures.labels import Wanted, place, shorten, text_width
from headway.figures.theme import PALETTES
from headway.figures.vl import VERSION
from headway.publish.content import FRAMES
from headway.publish.svg import for_page

DOMAINS = ("cyber", "coding", "general")


def frontier(content, make, **options):
    own = {
        name: getattr(content, name).filter(pl.col("domain") == "cyber")
        for name in ("points", "frontier", "drivers")
    }
    now = next(r.lag for r in content.lags if r.definition == "lag_now" and r.domain == "cyber")
    return make(
        own["points"],
        own["frontier"],
        as_of=content.as_of,
        drivers=own["drivers"],
        lag_now=now,
        **options,
    )


@pytest.mark.parametrize("size", ["wide", "narrow"])
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_charts_are_valid_vega_lite(content, size, lang):
    """Altair checks each specification against the schema."""
    options = {"size": size, "lang": lang}
    charts = [
        frontier(content, figures.frontier_chart, **options),
        figures.history_chart(content.history, domains=DOMAINS, as_of=content.as_of, **options),
        figures.survival_chart(content.survival, content.headways, domains=DOMAINS, **options),
        figures.forest_chart(figures.forest_rows(content.evidence, by="evidence", lang=lang)),
    ]
    for chart in charts:
        assert isinstance(chart, alt.TopLevelMixin)
        assert chart.to_dict()["$schema"].startswith("https://vega.github.io/schema/vega-lite/v6")


def test_vega_lite_version_is_one_that_both_libraries_speak():
    assert VERSION in vl_convert.get_vegalite_versions()
    assert alt.SCHEMA_VERSION.split(".")[0] == "v6"


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_every_dated_model_is_a_point_with_its_error_bar(content, size):
    svg = figures.svg_of(frontier(content, figures.frontier_spec, size=size))
    own = content.points.filter(pl.col("domain") == "cyber")
    dated = own.filter(pl.col("entered").is_not_null())

    assert len(re.findall(r'aria-label="[^"]*\d{4}\. Ability', svg)) == dated.height


def test_groups_differ_by_shape_and_by_colour(content):
    spec = frontier(content, figures.frontier_spec)
    points = next(
        part
        for part in spec["vconcat"][1]["layer"]
        if part["mark"]["type"] == "point" and "shape" in part["encoding"]
    )

    shapes = points["encoding"]["shape"]["scale"]["range"]
    tints = points["encoding"]["stroke"]["scale"]["range"]

    assert len(set(shapes)) == len(shapes) == 4
    assert len(set(tints)) == len(tints) == 4


def test_states_without_a_number_are_words_not_zero(content):
    rows = figures.forest_rows([r for r in content.headline if r.stage], by="stage")
    svg = figures.svg_of(figures.forest_spec(rows))

    assert "not estimable" in svg
    assert "open models lead (up to 2.4)" in svg
    assert "at least 14 months (9 or more)" in svg


@pytest.mark.parametrize("ending", ["svg", "png", "json"])
def test_save(content, tmp_path, ending):
    chart = frontier(content, figures.frontier_chart)

    path = figures.save(chart, tmp_path / f"chart.{ending}", scale=1)

    start = path.read_bytes()[:8]
    assert start.startswith({"svg": b"<svg", "png": b"\x89PNG", "json": b"{"}[ending])


def test_save_refuses_other_endings(content, tmp_path):
    with pytest.raises(BadOption, match=r"\.svg, \.png or \.json"):
        figures.save(figures.forest_spec([]), tmp_path / "chart.gif")


def test_empty_frames_still_draw(content):
    """A domain without any data gives empty axes, not an error."""
    empty = {name: pl.DataFrame(schema=columns) for name, columns in FRAMES.items()}
    specs = [
        figures.frontier_spec(empty["points"], empty["frontier"], as_of=content.as_of),
        figures.history_spec(empty["history"], domains=("cyber",), as_of=content.as_of),
        figures.survival_spec(empty["survival"], (), domains=("cyber",)),
        figures.forest_spec([]),
    ]
    for spec in specs:
        assert figures.svg_of(spec).startswith("<svg")


def test_labels_do_not_overlap():
    wanted = [Wanted(i, f"Model number {i}", 40 + 13 * i, 100 + (i % 5)) for i in range(40)]

    placed = place(wanted, [(w.x, w.y) for w in wanted], width=700, height=300, most=30)

    boxes = [(p.x, p.y - 6, p.x + text_width(p.text, 11), p.y + 6) for p in placed]
    assert len(placed) > 5
    for i, a in enumerate(boxes):
        assert a[0] >= 0
        assert a[2] <= 700
        for b in boxes[i + 1 :]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_shorten_drops_control_characters():
    assert shorten("a\x1b[31mb\u202ec" + "x" * 40, 10) == "a[31mbcxx…"


def test_page_svg_has_no_inline_style_and_its_own_ids(content):
    svg = figures.svg_of(frontier(content, figures.frontier_spec, palette="css"))

    out = for_page(svg, prefix="p-", alt='say "<x>"', classes="chart wide")

    assert "style=" not in out
    assert "var(--" not in out
    assert 'aria-label="say &quot;&lt;x&gt;&quot;"' in out
    assert all(name.startswith("p-") for name in re.findall(r'\bid="([^"]+)"', out))
    assert all(name.startswith("p-") for name in re.findall(r"url\(#([^)]+)\)", out))


def test_text_colours_keep_contrast():
    """At least 4.5:1 on the page in both themes (WCAG 2.2, 1.4.3)."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    for palette in PALETTES.values():
        page = luminance(palette["page"])
        for name in ("ink", "quiet", "open", "closed", "restricted", "unknown"):
            light, dark = sorted([page, luminance(palette[name])], reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, name


def test_spec_is_plain_json(content):
    spec = frontier(content, figures.frontier_spec)

    assert json.loads(json.dumps(spec, allow_nan=False)) == spec


def test_models_far_outside_are_drawn_on_the_edge_and_counted(content):
    """An old model with too little data does not squeeze the chart, and does not vanish."""
    own = content.points.filter(pl.col("domain") == "cyber")
    steps = content.frontier.filter(pl.col("domain") == "cyber")
    far = own.head(1).with_columns(
        pl.lit("far-away").alias("model_version"),
        pl.lit(date(2015, 1, 1)).alias("entered"),
        pl.lit(-900.0).alias("ability"),
        pl.lit(False).alias("informative"),
    )
    before = outside(own, steps, content.as_of)

    spec = figures.frontier_spec(pl.concat([own, far]), steps, as_of=content.as_of)

    assert outside(pl.concat([own, far]), steps, content.as_of) == before + 1
    (drawn,) = [
        row
        for rows in spec["datasets"].values()
        for row in rows
        if row.get("model_version") == "far-away"
    ]
    assert drawn["ability"] == -900.0
    assert drawn["y"] > -100
    assert drawn["x"] > drawn["ms"]
