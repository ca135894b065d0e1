"""Evidence effects: a forest in points at 50 %, gaps by kind of item, shares told by developers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headway.figures import vl
from headway.figures.contract import Size
from headway.figures.keys import KeyItem, key_chart
from headway.figures.labels import text_width
from headway.figures.theme import Palette, colours, config, width_of
from headway.figures.vl import Spec
from headway.i18n import message, note, number

if TYPE_CHECKING:
    import altair as alt

__all__ = [
    "dependence_chart",
    "dependence_spec",
    "effects_chart",
    "effects_spec",
    "gaps_chart",
    "gaps_spec",
]

Row = Mapping[str, Any]
#: Lines of the forest: heading key, then (measure, label key).
_BLOCKS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    (
        "inflation",
        "effects-name-inflation",
        (
            ("first_party", "effects-measure-first_party"),
            ("competitor", "effects-measure-competitor"),
            ("first_party_open_less_closed", "effects-measure-first_party_open_less_closed"),
        ),
    ),
    (
        "held_out",
        "effects-name-held_out",
        (("public_less_held_out", "effects-measure-public_less_held_out"),),
    ),
    (
        "freshness",
        "effects-name-freshness",
        (
            ("per_year", "effects-measure-per_year"),
            ("per_year_open_less_closed", "effects-measure-per_year_open_less_closed"),
        ),
    ),
    (
        "distillation",
        "effects-name-distillation",
        (("held_out_less_public", "effects-measure-held_out_less_public"),),
    ),
    (
        "robustness",
        "effects-name-robustness",
        (("agentic_open_less_closed", "effects-measure-agentic_open_less_closed"),),
    ),
)
_DOMAINS = (None, "cyber", "coding", "general")
#: Basis to colour name and shape.
_MARKS = {"model": ("closed", "circle"), "matched": ("open", "diamond")}
_BASIS_KEYS = {"model": "effects-basis-model", "matched": "effects-basis-matched"}
_DOMAIN_MARKS = {
    "cyber": ("closed", "circle"),
    "coding": ("open", "square"),
    "general": ("restricted", "diamond"),
}
_CLASS_KEYS = {"open": "effects-class-open", "closed": "effects-class-closed"}


def _words(text: str | None, lang: str) -> str:
    return message("effects-group-all", lang) if text is None else message(f"domain-{text}", lang)


def _find(rows: Sequence[Row], effect: str, measure: str, domain: str | None) -> list[Row]:
    return [
        row
        for row in rows
        if row["effect"] == effect
        and row["measure"] == measure
        and row["basis"] in _MARKS
        and row["group"]["domain"] == domain
        and row["group"]["access_class"] is None
        and row["group"]["model"] is None
    ]


def _forest_lines(
    rows: Sequence[Row], lang: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]], float]:
    """Headings, labels, marks (positions in pixels from the top) and the height."""
    headings: list[dict[str, Any]] = []
    labels: list[dict[str, Any]] = []
    marks: list[dict[str, Any]] = []
    y = 0.0
    for effect, _, measures in _BLOCKS:
        for measure, label in measures:
            found = {d: _find(rows, effect, measure, d) for d in _DOMAINS}
            if not any(found.values()):
                continue
            y += 10 if headings else 0
            headings.append({"y": y + 9, "text": message(label, lang)})
            y += 22
            for domain, group in found.items():
                if not group:
                    continue
                middle = y + 11
                labels.append({"y": middle, "text": _words(domain, lang)})
                refused = [r for r in group if r["points"]["value"] is None]
                shown = [r for r in group if r["points"]["value"] is not None]
                for row in shown:
                    q = row["points"]
                    # two bases of one line stand above each other
                    off = 0.0 if len(shown) == 1 else (-4.0 if row["basis"] == "model" else 4.0)
                    marks.append(
                        {
                            "y": middle + off,
                            "at": q["value"],
                            "low": q["interval"]["low"],
                            "high": q["interval"]["high"],
                            "basis": row["basis"],
                            "label": f"{message(label, lang)}, {_words(domain, lang)}: "
                            f"{number(q['value'], lang, 1)}",
                        }
                    )
                if refused and not shown:
                    labels[-1]["why"] = note(str(refused[0]["points"]["notes"][0]), lang)
                y += 22
    return headings, labels, marks, y + 4


def effects_spec(
    rows: Sequence[Row], *, lang: str = "en", size: Size = "wide", palette: Palette = "light"
) -> Spec:
    """Forest of effects in points at a score of 50 %.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of ``headway lag --effects`` in their JSON form.

    Returns
    -------
    Spec
        A circle is the ability model, a diamond the matched comparison; lines are intervals. A line
        without a mark says in words why it has none.
    """
    c = colours(palette)
    data = vl.Data()
    wide = size == "wide"
    font = 12.5 if wide else 11.5
    headings, labels, marks, height = _forest_lines(rows, lang)
    label_w = max((1.1 * text_width(r["text"], font) for r in labels), default=60.0) + 20
    total = width_of(size) - 14
    plot_w = total - label_w
    ends = [m[k] for m in marks for k in ("low", "high")]
    low, high = min([-2.0, *ends]), max([2.0, *ends])
    pad = 0.04 * (high - low)
    x_scale = {"domain": [low - pad, high + pad], "nice": False, "zero": False}
    y_scale = {"domain": [height, 0], "nice": False, "zero": False}
    axis = {
        "title": message("effects-chart-axis", lang),
        "grid": True,
        "domain": False,
        "ticks": False,
        "tickCount": 8 if wide else 5,
    }
    x = vl.by("low:Q", scale=x_scale, axis=axis)
    ay = vl.by("y:Q", scale=y_scale, axis=None)
    layers: list[Any] = [
        vl.Layer(data([{"low": 0.0}])).mark("rule", color=c["quiet"], strokeWidth=1).encode(x=x)
    ]
    for basis, (tone, shape) in _MARKS.items():
        own = [m for m in marks if m["basis"] == basis]
        if not own:
            continue
        name = data(own)
        layers.append(
            vl.Layer(name)
            .mark("rule", color=c[tone], strokeWidth=3, opacity=0.6)
            .encode(x=x, x2="high", y=ay)
        )
        layers.append(
            vl.Layer(name)
            .mark("point", size=62, filled=True, shape=shape, color=c[tone], opacity=1, aria=True)
            .encode(x=vl.by("at:Q", scale=x_scale, axis=axis), y=ay, description="label:N")
        )
    outside: dict[str, Any] = {"aria": False, "clip": False}
    layers.append(
        vl.Layer(data(labels))
        .mark("text", align="right", baseline="middle", fontSize=font, **outside)
        .encode(x=vl.value(-10), y=ay, text="text:N")
    )
    layers.append(
        vl.Layer(data(headings))
        .mark("text", align="left", baseline="middle", fontSize=font, fontWeight=600, **outside)
        .encode(x=vl.value(-label_w), y=ay, text="text:N")
    )
    empty = [r for r in labels if "why" in r]
    if empty:
        layers.append(
            vl.Layer(data(empty))
            .mark(
                "text",
                align="left",
                baseline="middle",
                fontSize=font - 1,
                color=c["quiet"],
                **outside,
            )
            .encode(x=vl.value(6), y=ay, text="why:N")
        )
    chart = vl.layered(layers, width=plot_w, height=height)
    items = [
        KeyItem(shape, c[tone], message(_BASIS_KEYS[basis], lang))
        for basis, (tone, shape) in _MARKS.items()
    ]
    keys = key_chart(data, items, width=plot_w, font=font, page=c["page"])
    return vl.finish(vl.concat("v", [keys, chart], 8), data, config(palette, size))


def _gap_lines(rows: Sequence[Row], lang: str) -> list[dict[str, Any]]:
    """Two points per domain (public, held out), and per example pair of models."""
    out: list[dict[str, Any]] = []
    for domain in _DOMAIN_MARKS:
        pair = {
            measure: next(
                (
                    r["points"]
                    for r in rows
                    if r["measure"] == measure and r["group"]["domain"] == domain
                ),
                None,
            )
            for measure in ("gap_public", "gap_held_out")
        }
        if any(q is None or q["value"] is None for q in pair.values()):
            continue
        for place, (measure, q) in enumerate(pair.items()):
            assert q is not None
            out.append(
                {
                    "line": message(f"domain-{domain}", lang),
                    "kind": domain,
                    "place": place,
                    "at": q["value"],
                    "low": q["interval"]["low"],
                    "high": q["interval"]["high"],
                    "measure": measure,
                }
            )
    return out


def gaps_spec(
    rows: Sequence[Row], *, lang: str = "en", size: Size = "wide", palette: Palette = "light"
) -> Spec:
    """Open less closed on public and on held-out items: one line per domain, and one example.

    The dashed line is the pair of models of one panel whose gap changes most between a public and a
    held-out benchmark, in points as told; the others are points at a score of 50 %.
    """
    c = colours(palette)
    data = vl.Data()
    wide = size == "wide"
    font = 12.5 if wide else 11.5
    lines = _gap_lines(rows, lang)
    examples = [
        e
        for row in rows
        if row["measure"] == "public_less_held_out" and row["basis"] == "matched"
        for e in row["examples"]
    ]
    worst = max(examples, key=lambda e: float(e["difference"]), default=None)
    shown: list[dict[str, Any]] = []
    if worst is not None:
        name = message(
            "effects-chart-example", lang, open=worst["open_model"], closed=worst["closed_model"]
        )
        for place, side in enumerate(("public", "held_out")):
            gap = worst[side]["gap"]
            shown.append({"line": name, "kind": "example", "place": place, "at": gap})
    plot_w = float(width_of(size) - 14 - 70)
    height = 300
    every = [m["at"] for m in (*lines, *shown)] + [m[k] for m in lines for k in ("low", "high")]
    scale = {"domain": [min([0.0, *every]) - 3, max([0.0, *every]) + 3], "nice": False}
    y_axis = {
        "title": message("effects-chart-gaps-axis", lang),
        "grid": True,
        "domain": False,
        "ticks": False,
    }
    x_scale = {"domain": [-0.35, 1.35], "nice": False, "zero": False}
    x = vl.by("x:Q", scale=x_scale, axis=None)
    layers: list[Any] = [
        vl.Layer(data([{"at": 0.0}]))
        .mark("rule", color=c["quiet"], strokeWidth=1)
        .encode(y=vl.by("at:Q", scale=scale, axis=y_axis))
    ]
    tones = {**_DOMAIN_MARKS, "example": ("ink", "cross")}
    ends: list[dict[str, Any]] = []
    for i, (kind, (tone, shape)) in enumerate(tones.items()):
        own = [dict(m) for m in (*lines, *shown) if m["kind"] == kind]
        if not own:
            continue
        for m in own:
            m["x"] = m["place"] + (i - 1.5) * 0.03
        if kind != "example":
            layers.append(
                vl.Layer(data(own))
                .mark("rule", color=c[tone], strokeWidth=2, opacity=0.45)
                .encode(x=x, y=vl.by("low:Q", scale=scale, axis=y_axis), y2="high")
            )
        dash = [5, 3] if kind == "example" else [1, 0]
        layers.append(
            vl.Layer(data(own))
            .mark("line", color=c[tone], strokeWidth=2, strokeDash=dash)
            .encode(x=x, y=vl.by("at:Q", scale=scale, axis=y_axis))
        )
        layers.append(
            vl.Layer(data(own))
            .mark("point", filled=True, size=70, shape=shape, color=c[tone], opacity=1)
            .encode(x=x, y=vl.by("at:Q", scale=scale, axis=y_axis))
        )
        ends.append(own[-1] | {"colour": c[tone], "shape": shape})
    for place, key in ((0, "effects-chart-public"), (1, "effects-chart-held_out")):
        layers.append(
            vl.Layer(data([{"x": place, "text": message(key, lang)}]))
            .mark("text", baseline="top", fontSize=font, fontWeight=600, clip=False, aria=False)
            .encode(x=x, y=vl.value(height + 8), text="text:N")
        )
    items = [KeyItem(str(e["shape"]), str(e["colour"]), str(e["line"])) for e in ends]
    keys = key_chart(data, items, width=plot_w, font=font, page=c["page"])
    chart = vl.layered(layers, width=plot_w, height=height)
    return vl.finish(vl.concat("v", [keys, chart], 8), data, config(palette, size))


def dependence_spec(
    rows: Sequence[Row], *, lang: str = "en", size: Size = "wide", palette: Palette = "light"
) -> Spec:
    """Share of the evidence on each frontier model that its developer alone told.

    The filled bar is the developer's share with its interval as a line (none where it is a count of
    0 or all), the outline adds rivals'; what is left is independent.
    Models with too few scores in the domain are left out (they are in the table).
    """
    c = colours(palette)
    data = vl.Data()
    wide = size == "wide"
    font = 12.0 if wide else 11.0
    # on a phone the name stands above its bar
    top = 3.0 if wide else 17.0
    rival = {
        (r["group"]["model"], r["group"]["domain"]): r["estimate"]["value"]
        for r in rows
        if r["measure"] == "developer_or_rival"
    }
    headings: list[dict[str, Any]] = []
    bars: list[dict[str, Any]] = []
    y = 0.0
    for domain in _DOMAIN_MARKS:
        own = [
            r
            for r in rows
            if r["measure"] == "developer_alone"
            and r["group"]["domain"] == domain
            and r["estimate"]["value"] is not None
        ]
        if not own:
            continue
        y += 10 if headings else 0
        headings.append({"y": y + 9, "text": message(f"domain-{domain}", lang)})
        y += 22
        for r in own:
            kind = r["group"]["access_class"]
            share = 100 * r["estimate"]["value"]
            either = rival.get((r["group"]["model"], domain))
            limits = r["estimate"]["interval"]
            bars.append(
                {
                    "y": y + top,
                    "y2": y + top + 12,
                    "mid": y + top + 6,
                    "name_y": y + (9 if wide else 8),
                    "zero": 0.0,
                    "share": share,
                    "either": share if either is None else 100 * either,
                    "kind": kind,
                    "low": None if limits is None else 100 * limits["low"],
                    "high": None if limits is None else 100 * limits["high"],
                    "text": r["group"]["model"],
                    "told": f"{number(share, lang)} % (n = {r['estimate']['n']})",
                }
            )
            y += 18 if wide else 34
    height = y + 4
    label_w = words_w = 0.0
    if wide:
        label_w = max((1.1 * text_width(b["text"], font) for b in bars), default=60.0) + 14
        words_w = max((1.1 * text_width(b["told"], font) for b in bars), default=40.0) + 14
    total = width_of(size) - 14
    plot_w = max(total - label_w - words_w, 60.0)
    x_scale = {"domain": [0, 100], "nice": False}
    y_scale = {"domain": [height, 0], "nice": False, "zero": False}
    axis = {
        "title": message("effects-chart-dependence-axis", lang),
        "grid": True,
        "domain": False,
        "ticks": False,
        "tickCount": 5,
    }
    ay = vl.by("y:Q", scale=y_scale, axis=None)
    x = vl.by("zero:Q", scale=x_scale, axis=axis)
    layers: list[Any] = []
    for kind in ("open", "closed"):
        own_bars = [b for b in bars if b["kind"] == kind]
        if not own_bars:
            continue
        name = data(own_bars)
        layers.append(
            vl.Layer(name)
            .mark("rect", fill=None, stroke=c[kind], strokeWidth=1)
            .encode(x=x, x2="either", y=ay, y2="y2")
        )
        layers.append(
            vl.Layer(name)
            .mark("rect", color=c[kind], opacity=0.85)
            .encode(x=x, x2="share", y=ay, y2="y2")
        )
    known = [b for b in bars if b["low"] is not None]
    if known:
        layers.append(
            vl.Layer(data(known))
            .mark("rule", color=c["ink"], strokeWidth=1.6)
            .encode(
                x=vl.by("low:Q", scale=x_scale, axis=axis),
                x2="high",
                y=vl.by("mid:Q", scale=y_scale, axis=None),
            )
        )
    outside: dict[str, Any] = {"aria": False, "clip": False, "baseline": "middle", "fontSize": font}
    at = vl.by("name_y:Q", scale=y_scale, axis=None)
    layers.append(
        vl.Layer(data(bars))
        .mark("text", align="right" if wide else "left", **outside)
        .encode(x=vl.value(-8 if wide else 0), y=at, text="text:N")
    )
    layers.append(
        vl.Layer(data(bars))
        .mark("text", align="left" if wide else "right", **outside)
        .encode(x=vl.value(plot_w + 8 if wide else plot_w), y=at, text="told:N")
    )
    layers.append(
        vl.Layer(data(headings))
        .mark("text", align="left", fontWeight=600, **outside)
        .encode(x=vl.value(-label_w), y=ay, text="text:N")
    )
    chart = vl.layered(layers, width=plot_w, height=height)
    items = [
        KeyItem("square", c[kind], message(_CLASS_KEYS[kind], lang)) for kind in ("open", "closed")
    ]
    outline = message("effects-measure-developer_or_rival", lang)
    items.append(KeyItem("square:hollow", c["quiet"], outline))
    keys = key_chart(data, items, width=plot_w, font=font, page=c["page"])
    return vl.finish(vl.concat("v", [keys, chart], 8), data, config(palette, size))


def effects_chart(rows: Sequence[Row], *, lang: str = "en") -> alt.TopLevelMixin:
    """:func:`effects_spec` as a checked Altair chart."""
    return vl.to_altair(effects_spec(rows, lang=lang))


def gaps_chart(rows: Sequence[Row], *, lang: str = "en") -> alt.TopLevelMixin:
    """:func:`gaps_spec` as a checked Altair chart."""
    return vl.to_altair(gaps_spec(rows, lang=lang))


def dependence_chart(rows: Sequence[Row], *, lang: str = "en") -> alt.TopLevelMixin:
    """:func:`dependence_spec` as a checked Altair chart."""
    return vl.to_altair(dependence_spec(rows, lang=lang))
