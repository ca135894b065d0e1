"""The path between two published lags as a waterfall, and all published lags beside their recomputation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from headway.figures import vl
from headway.figures.contract import Size
from headway.figures.labels import text_width
from headway.figures.theme import Palette, colours, config, width_of
from headway.figures.vl import Spec
from headway.i18n import message, number

__all__ = ["choice_label", "reconcile_list_spec", "waterfall_spec"]

_CHOICES = {
    "data": "reconcile-choice-data",
    "domain": "reconcile-choice-domain",
    "items": "reconcile-choice-items",
    "evaluator": "reconcile-choice-evaluator",
    "irt": "reconcile-choice-irt",
    "groups": "reconcile-choice-groups",
    "dates": "reconcile-choice-dates",
    "frontier": "reconcile-choice-frontier",
    "rule": "reconcile-choice-rule",
    "matching": "reconcile-choice-matching",
    "margin": "reconcile-choice-margin",
    "first_match": "reconcile-choice-first_match",
    "average": "reconcile-choice-average",
    "model": "reconcile-choice-model",
    "since": "reconcile-choice-since",
    "as_of": "reconcile-choice-as_of",
}
_STATUS = {
    "reproduced": "reconcile-status-reproduced",
    "partly": "reconcile-status-partly",
}
#: Steps smaller than this many months are drawn as a tick; they would be invisible.
_TINY = 0.05


def choice_label(names: Sequence[str], lang: str) -> str:
    """The choice that a step changes, or those that had to change together."""
    out = message(_CHOICES[names[0]], lang)
    for name in names[1:]:
        out = message("reconcile-joined", lang, first=out, second=message(_CHOICES[name], lang))
    return out


def waterfall_spec(
    about: Mapping[str, Any],
    steps: Sequence[Mapping[str, Any]],
    *,
    lang: str = "en",
    size: Size = "wide",
    palette: Palette = "light",
) -> Spec:
    """How one lag becomes another, choice by choice.

    Bars run from the lag so far to the lag after the change; the thin line is the interval of the
    step over draws, where there are draws. The first and the last bar are the two lags.

    Parameters
    ----------
    about : mapping
        ``begin``, ``end`` (names), ``lag_begin``, ``lag_end`` (quantities as JSON).
    steps : sequence of mapping
        Rows of ``headway reconcile --path``: ``choices``, ``from``, ``to``, ``months``.
    lang, size, palette
        See :mod:`headway.figures`.
    """
    c = colours(palette)
    data = vl.Data()
    wide = size == "wide"
    font = 12.5 if wide else 11.5
    rows = _bars(about, steps, lang)
    words_w = 0.0
    label_w = 0.0
    if wide:
        label_w = min(330.0, max(1.08 * text_width(r["name"], font) for r in rows) + 18)
        label_w = max(label_w, min(330.0, max(text_width(r["under"], font - 1) for r in rows) + 18))
        words_w = max(1.1 * text_width(r["words"], font) for r in rows) + 16
    plot_w = width_of(size) - 14 - label_w - words_w
    pitch = 40.0 if wide else 50.0
    ends = [0.0]
    for row in rows:
        ends += [row["a"], row["b"], *(v for v in (row["low"], row["high"]) if v is not None)]
    left, right = min(ends), max(ends)
    pad = 0.04 * (right - left or 1.0)
    left, right = left - (pad if left < 0 else 0.015 * (right - left or 1.0)), right + pad
    for i, row in enumerate(rows):
        row["y"] = i * pitch + (pitch / 2 if wide else pitch - 14)
        row["y0"], row["y1"] = row["y"] - 8, row["y"] + 8
        row["both"] = message("chart-name_value", lang, name=row["name"], value=row["words"])
        row["label"] = row["both"]
    height = len(rows) * pitch + 4
    y_scale = {"domain": [height, 0], "nice": False, "zero": False}
    x_scale = {"domain": [left, right], "nice": False, "zero": False}
    span = right - left
    step = 1 if span <= 7 else 2 if span <= 14 else 3 if span <= 21 else 6
    first = math.ceil(left / step)
    x_axis = {
        "title": message("reconcile-chart_axis", lang),
        "values": [step * i for i in range(first, int(right // step) + 1)],
        "grid": True,
        "domain": False,
        "ticks": False,
    }
    x = vl.by("a:Q", scale=x_scale, axis=x_axis)
    y = vl.by("y0:Q", scale=y_scale, axis=None)
    at = vl.by("y:Q", scale=y_scale, axis=None)
    tones = {"total": c["quiet"], "up": c["closed"], "down": c["open"], "none": c["unknown"]}
    layers: list[Any] = []
    links = [
        {"a": before["after"], "y0": before["y1"], "y1": after["y0"]}
        for before, after in pairwise(rows)
    ]
    layers.append(
        vl.Layer(data(links))
        .mark("rule", color=c["rule"], strokeWidth=1.2)
        .encode(x=x, y=y, y2="y1")
    )
    for tone, colour in tones.items():
        own = [r for r in rows if r["tone"] == tone]
        if own:
            layers.append(
                vl.Layer(data(own))
                .mark("rect", color=colour, opacity=0.92, cornerRadius=1.5, aria=True)
                .encode(x=x, x2="b", y=y, y2="y1", description="label:N")
            )
    drawn = [r for r in rows if r["low"] is not None]
    if drawn:
        name = data(drawn)
        for halo in (True, False):
            layers.append(
                vl.Layer(name)
                .mark(
                    "rule",
                    color=c["page"] if halo else c["ink"],
                    strokeWidth=4.0 if halo else 1.6,
                    clip=True,
                )
                .encode(x=vl.by("low:Q", scale=x_scale, axis=x_axis), x2="high", y=at)
            )
    layers += _words(rows, data, c, at, font, plot_w, wide=wide)
    chart = vl.layered(layers, width=plot_w, height=height)
    chart["title"] = _title(about, steps, lang, c["quiet"], wide=wide)
    return vl.finish(chart, data, config(palette, size))


def _title(
    about: Mapping[str, Any],
    steps: Sequence[Mapping[str, Any]],
    lang: str,
    quiet: str,
    *,
    wide: bool,
) -> Spec:
    """The finding, and the two ends."""
    ends = message("reconcile-chart_steps", lang, begin=about["begin"], end=about["end"])
    if not steps:
        return {"text": ends}
    difference = float(about["lag_end"]["value"]) - float(about["lag_begin"]["value"])
    finding = message(
        "reconcile-chart_finding",
        lang,
        choice=choice_label(steps[0]["choices"], lang),
        months=_signed(float(steps[0]["months"]["value"]), lang),
        difference=_signed(difference, lang),
    )
    lines = [finding] if wide else _two_lines(finding)
    return {
        "text": lines,
        "subtitle": ends,
        "subtitleColor": quiet,
        "subtitleFontSize": 12 if wide else 11,
    }


def _two_lines(text: str) -> list[str]:
    """A long sentence broken at the space (or letter) nearest its middle."""
    if text_width(text, 12.5) < 330:
        return [text]
    spaces = [i for i, ch in enumerate(text) if ch in " :、"] or [len(text) // 2]
    cut = min(spaces, key=lambda i: abs(text_width(text[:i], 12.5) - text_width(text, 12.5) / 2))
    return [text[: cut + 1].strip(), text[cut + 1 :].strip()]


def _bars(
    about: Mapping[str, Any], steps: Sequence[Mapping[str, Any]], lang: str
) -> list[dict[str, Any]]:
    """Begin, steps and end as bars along the months."""
    begin, end = (float(about[f"lag_{which}"]["value"]) for which in ("begin", "end"))
    rows = [_total(about["begin"], about["lag_begin"], begin, lang)]
    now = begin
    for step in steps:
        moved = float(step["months"]["value"])
        interval = step["months"]["interval"]
        low = high = None
        words = _signed(moved, lang)
        if interval is not None:
            low, high = now + float(interval["low"]), now + float(interval["high"])
            words = message(
                "reconcile-number_interval",
                lang,
                value=words,
                low=_signed(float(interval["low"]), lang),
                high=_signed(float(interval["high"]), lang),
            )
        tone = "up" if moved >= _TINY else "down" if moved <= -_TINY else "none"
        width = _TINY / 2 if tone == "none" else 0.0
        rows.append(
            {
                "name": choice_label(step["choices"], lang),
                "under": message(
                    "reconcile-chart_arrow",
                    lang,
                    **{"from": _value(step["from"]), "to": _value(step["to"])},
                ),
                "words": words,
                "a": min(now, now + moved) - width,
                "b": max(now, now + moved) + width,
                "after": now + moved,
                "low": low,
                "high": high,
                "tone": tone,
            }
        )
        now += moved
    rows.append(_total(about["end"], about["lag_end"], end, lang))
    return rows


def _total(name: str, lag: Mapping[str, Any], value: float, lang: str) -> dict[str, Any]:
    """The bar of one of the two lags, from zero."""
    interval = lag["interval"]
    low = high = None
    words = number(value, lang, 1)
    if interval is not None and all(isinstance(interval[k], int | float) for k in ("low", "high")):
        low, high = float(interval["low"]), float(interval["high"])
        words = message(
            "reconcile-number_interval",
            lang,
            value=words,
            low=number(low, lang, 1),
            high=number(high, lang, 1),
        )
    return {
        "name": name,
        "under": "",
        "words": words,
        "a": min(0.0, value),
        "b": max(0.0, value),
        "after": value,
        "low": low,
        "high": high,
        "tone": "total",
    }


def _words(
    rows: list[dict[str, Any]],
    data: vl.Data,
    c: Mapping[str, str],
    at: Spec,
    font: float,
    plot_w: float,
    *,
    wide: bool,
) -> list[Any]:
    """Names on the left and numbers on the right, or both above their bar on a phone."""
    outside: dict[str, Any] = {"aria": False, "clip": False}
    name = data(rows)
    if wide:
        lone = data([row for row in rows if not row["under"]])
        over = data([row for row in rows if row["under"]])
        return [
            *(
                vl.Layer(part)
                .mark("text", align="right", baseline="middle", fontSize=font, dy=dy, **outside)
                .encode(x=vl.value(-12), y=at, text="name:N")
                for part, dy in ((lone, 0), (over, -7))
            ),
            vl.Layer(name)
            .mark(
                "text",
                align="right",
                baseline="middle",
                fontSize=font - 1.5,
                color=c["quiet"],
                dy=8,
                **outside,
            )
            .encode(x=vl.value(-12), y=at, text="under:N"),
            vl.Layer(name)
            .mark("text", align="left", baseline="middle", fontSize=font, **outside)
            .encode(x=vl.value(plot_w + 12), y=at, text="words:N"),
        ]
    layers: list[Any] = []
    for halo in (True, False):
        ink: dict[str, Any] = (
            {"color": c["page"], "stroke": c["page"], "strokeWidth": 4} if halo else {}
        )
        layers.append(
            vl.Layer(name)
            .mark("text", align="left", baseline="bottom", dy=-23, fontSize=font, **ink, **outside)
            .encode(x=vl.value(0), y=at, text="both:N")
        )
    layers.append(
        vl.Layer(name)
        .mark(
            "text",
            align="left",
            baseline="bottom",
            dy=-10,
            fontSize=font - 1.5,
            color=c["quiet"],
            **outside,
        )
        .encode(x=vl.value(0), y=at, text="under:N")
    )
    return layers


def _value(values: Sequence[Any]) -> str:
    texts = []
    for value in values:
        texts.append(
            "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
        )
    return ", ".join(texts)


def _signed(value: float, lang: str) -> str:
    text = number(abs(value), lang, 1)
    if text == number(0.0, lang, 1):
        return text
    return f"+{text}" if value > 0 else f"−{text}"


def reconcile_list_spec(
    rows: Sequence[Mapping[str, Any]],
    *,
    lang: str = "en",
    size: Size = "wide",
    palette: Palette = "light",
) -> Spec:
    """Published lags (open diamonds, thin lines) beside the same computed again (dots, thick lines).

    Figures that rest on inputs which are not public have nothing to draw and are left out.
    """
    c = colours(palette)
    data = vl.Data()
    wide = size == "wide"
    font = 12.0 if wide else 11.0
    shown = [r for r in rows if r["reproduced"]["value"] is not None]
    shown.sort(key=lambda r: (r["status"] != "reproduced", r["reproduced"]["value"]))
    label_w = max((1.08 * text_width(r["preset"], font) for r in shown), default=60.0) + 16
    label_w = label_w if wide else 0.0
    plot_w = width_of(size) - 14 - label_w
    pitch = 22.0 if wide else 34.0
    marks: list[dict[str, Any]] = []
    headings: list[dict[str, Any]] = []
    top = 0.0
    for row in shown:
        if not headings or headings[-1]["status"] != row["status"]:
            heading = message(_STATUS[row["status"]], lang)
            headings.append({"status": row["status"], "text": heading, "y": top + 12})
            top += 26
        y = top + (pitch / 2 if wide else pitch - 9)
        top += pitch
        for kind, dy in (("published", -3.5), ("reproduced", 3.5)):
            q = row[kind]
            interval = q["interval"]
            ends = [
                None if interval is None else _finite(interval[name]) for name in ("low", "high")
            ]
            value = None if q["value"] is None else float(q["value"])
            marks.append(
                {
                    "kind": kind,
                    "name": row["preset"],
                    "y": y + dy,
                    "name_y": y,
                    "at": value,
                    "low": ends[0],
                    "high": ends[1],
                    "label": message(
                        "chart-name_value",
                        lang,
                        name=row["preset"],
                        value="-" if value is None else number(value, lang, 1),
                    ),
                }
            )
    numbers = [v for m in marks for v in (m["at"], m["low"], m["high"]) if v is not None]
    right = 1.03 * max([6.0, *numbers])
    height = top + 4
    x_scale = {"domain": [-0.015 * right, right], "nice": False, "zero": False}
    y_scale = {"domain": [height, 0], "nice": False, "zero": False}
    x_axis = {
        "title": message("reconcile-chart_axis", lang),
        "values": [3 * i for i in range(int(right // 3) + 1)],
        "grid": True,
        "domain": False,
        "ticks": False,
    }
    x = vl.by("at:Q", scale=x_scale, axis=x_axis)
    y_at = vl.by("y:Q", scale=y_scale, axis=None)
    tones = {"published": c["closed"], "reproduced": c["open"]}
    heads = {
        "published": message("reconcile-column-published", lang),
        "reproduced": message("reconcile-column-again", lang),
    }
    for mark in marks:
        mark["series"] = heads[str(mark["kind"])]
    domain = [heads["published"], heads["reproduced"]]
    colour = vl.by(
        "series:N",
        scale={"domain": domain, "range": [tones["published"], tones["reproduced"]]},
        legend={},
    )
    shape = vl.by("series:N", scale={"domain": domain, "range": ["diamond", "circle"]}, legend={})
    spans = [m for m in marks if m["low"] is not None and m["high"] is not None]
    points = [m for m in marks if m["at"] is not None]
    layers: list[Any] = [
        vl.Layer(data(spans))
        .mark("rule", strokeWidth=2)
        .encode(x=vl.by("low:Q", scale=x_scale, axis=x_axis), x2="high", y=y_at, color=colour),
        vl.Layer(data(points))
        .mark("point", filled=True, size=42, opacity=1, aria=True)
        .encode(x=x, y=y_at, color=colour, shape=shape, description="label:N"),
    ]
    names = [m for m in marks if m["kind"] == "published"]
    text: dict[str, Any] = {"fontSize": font, "aria": False, "clip": False, "baseline": "middle"}
    at_name = vl.by("name_y:Q", scale=y_scale, axis=None)
    if wide:
        layers.append(
            vl.Layer(data(names))
            .mark("text", align="right", **text)
            .encode(x=vl.value(-12), y=at_name, text="name:N")
        )
    else:
        layers.append(
            vl.Layer(data(names))
            .mark("text", align="left", dy=-14, **text)
            .encode(x=vl.value(0), y=at_name, text="name:N")
        )
    layers.append(
        vl.Layer(data(headings))
        .mark("text", align="left", fontWeight=600, **text)
        .encode(
            x=vl.value(-label_w if wide else 0),
            y=vl.by("y:Q", scale=y_scale, axis=None),
            text="text:N",
        )
    )
    chart = vl.layered(layers, width=plot_w, height=height)
    chart["title"] = message("reconcile-chart_list", lang)
    return vl.finish(chart, data, config(palette, size))


def _finite(value: Any) -> float | None:
    """An end of an interval that can be drawn."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None
