"""Numbers with intervals side by side on one axis: dot, thick line, words; any unit, any sign."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headway.figures import vl
from headway.figures.contract import Size
from headway.figures.labels import text_width
from headway.figures.theme import Palette, colours, config, width_of
from headway.figures.vl import Spec
from headway.i18n import decimals_for, interval_words, message, note, number, percent
from headway.result import Interval

__all__ = ["IntervalRow", "interval_row", "intervals_spec", "wrapped"]


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """One line: ``value`` ``None`` shows only ``words``; ``heading`` opens a block."""

    label: str
    value: float | None
    low: float
    high: float
    words: str
    heading: str | None = None
    tone: str = "closed"


def interval_row(
    label: str,
    quantity: Mapping[str, Any],
    lang: str,
    *,
    heading: str | None = None,
    tone: str = "closed",
    as_percent: bool = False,
) -> IntervalRow:
    """A quantity in its JSON form as a line of the chart."""

    def end(value: Any) -> float:
        return float(value)  # "inf" and "-inf" too

    value, interval = quantity["value"], quantity["interval"]
    if value is None or interval is None:
        words = note(quantity["notes"][0], lang) if quantity["notes"] else message("unknown", lang)
        return IntervalRow(label, None, math.nan, math.nan, words, heading, tone)
    low, high = end(interval["low"]), end(interval["high"])
    if as_percent:
        ends = message("interval-both", lang, low=percent(low, lang), high=percent(high, lang))
        amount = percent(value, lang)
    else:
        told = Interval(low, high, interval["level"], interval["kind"])
        places = decimals_for(told, value)
        ends, amount = interval_words(told, lang, decimals=places), number(value, lang, places)
    words = message("chart-value_interval", lang, amount=amount, interval=ends)
    return IntervalRow(label, float(value), low, high, words, heading, tone)


def wrapped(text: str, width: float, font: float = 13.0) -> list[str]:
    """A title in lines that fit; Japanese breaks anywhere, other text between words."""
    words = text.split(" ")
    spaced = len(words) > 1 and all(text_width(w, font) < width for w in words)
    units, glue = (words, " ") if spaced else (list(text), "")
    lines: list[str] = []
    for unit in units:
        if lines and text_width(lines[-1] + glue + unit, font) <= width:
            lines[-1] += glue + unit
        else:
            lines.append(unit)
    return lines


def intervals_spec(
    rows: Sequence[IntervalRow],
    *,
    x_title: str,
    title: str,
    lang: str = "en",
    size: Size = "wide",
    palette: Palette = "light",
    as_percent: bool = False,
    span: tuple[float, float] | None = None,
) -> Spec:
    """Chart of numbers with their intervals.

    Parameters
    ----------
    rows : sequence of IntervalRow
        Ends outside ``span`` are cut there.
    x_title : str
    title : str
        The finding in words.
    lang, size, palette
        See :mod:`headway.figures`.
    as_percent : bool
        Axis labels of a proportion.
    span : (low, high), optional
        Of the axis; by default what the values and most of their ends need.
    """
    c = colours(palette)
    data = vl.Data()
    wide = size == "wide"
    font = 12.0 if wide else 11.5
    label_w = max((1.08 * text_width(r.label, font) for r in rows), default=60.0) + 16
    label_w = min(label_w, 290.0) if wide else 0.0
    words_w = max((1.08 * text_width(r.words, font) for r in rows), default=0.0) + 16
    words_w = min(words_w, 250.0) if wide else 0.0
    plot_w = width_of(size) - 16 - label_w - words_w
    pitch = 24.0 if wide else 38.0
    left, right = span or _span(rows)
    marks: list[dict[str, Any]] = []
    headings: list[dict[str, Any]] = []
    y = 0.0
    for row in rows:
        if row.heading is not None:
            y += 10 if marks else 0
            headings.append({"y": y + 9, "text": row.heading})
            y += 22
        at = y + (pitch / 2 if wide else pitch - 12)
        inside = row.value is not None and left <= row.value <= right
        marks.append(
            {
                "y": at,
                "label": row.label,
                "words": row.words,
                "both": message("chart-name_value", lang, name=row.label, value=row.words),
                "value": row.value if inside else None,
                "low": None if row.value is None else min(max(row.low, left), right),
                "high": None if row.value is None else min(max(row.high, left), right),
                "tone": row.tone,
            }
        )
        y += pitch
    height = y + 4
    y_scale = {"domain": [height, 0], "nice": False, "zero": False}
    x_scale = {"domain": [left, right], "nice": False, "zero": False}
    axis: dict[str, Any] = {"title": x_title, "grid": True, "domain": False, "ticks": False}
    axis |= {"format": ".0%"} if as_percent else {"tickCount": 7}
    ay = vl.by("y:Q", scale=y_scale, axis=None)
    layers: list[Any] = [
        vl.Layer(data([{"low": 0.0}]))
        .mark("rule", color=c["quiet"], strokeWidth=1)
        .encode(x=vl.by("low:Q", scale=x_scale, axis=axis))
    ]
    for tone in ("closed", "open", "restricted", "unknown"):
        own = [m for m in marks if m["tone"] == tone and m["low"] is not None]
        dots = [m for m in own if m["value"] is not None]
        if own:
            layers.append(
                vl.Layer(data(own))
                .mark("rule", color=c[tone], strokeWidth=5, opacity=0.45)
                .encode(x=vl.by("low:Q", scale=x_scale, axis=axis), x2="high", y=ay)
            )
        if dots:
            layers.append(
                vl.Layer(data(dots))
                .mark("point", size=65, filled=True, color=c[tone], stroke=c["page"], aria=True)
                .encode(
                    x=vl.by("value:Q", scale=x_scale, axis=axis),
                    y=ay,
                    opacity=vl.value(1),
                    description="both:N",
                )
            )
    outside: dict[str, Any] = {"aria": False, "clip": False, "fontSize": font}
    if wide:
        layers.append(
            vl.Layer(data(marks))
            .mark("text", align="right", baseline="middle", limit=label_w - 12, **outside)
            .encode(x=vl.value(-10), y=ay, text="label:N")
        )
        layers.append(
            vl.Layer(data(marks))
            .mark("text", align="left", baseline="middle", limit=words_w - 8, **outside)
            .encode(x=vl.value(plot_w + 10), y=ay, text="words:N")
        )
    else:
        for halo in (True, False):
            ink = {"color": c["page"], "stroke": c["page"], "strokeWidth": 4} if halo else {}
            layers.append(
                vl.Layer(data(marks))
                .mark("text", align="left", baseline="bottom", dy=-8, **ink, **outside)
                .encode(x=vl.value(0), y=ay, text="both:N")
            )
    if headings:
        layers.append(
            vl.Layer(data(headings))
            .mark("text", align="left", baseline="middle", fontWeight=600, **outside)
            .encode(x=vl.value(-label_w + 4 if wide else 0), y=ay, text="text:N")
        )
    lines = wrapped(title, width_of(size) - 30)
    chart = vl.layered(layers, width=plot_w, height=height, title={"text": lines})
    return vl.finish(chart, data, config(palette, size))


def _span(rows: Sequence[IntervalRow]) -> tuple[float, float]:
    """An axis that holds all values, and the ends that are not far beyond them."""
    values = [r.value for r in rows if r.value is not None]
    if not values:
        return 0.0, 1.0
    ends = [e for r in rows if r.value is not None for e in (r.low, r.high) if math.isfinite(e)]
    top, bottom = max(values), min(values)
    reach = max(top - bottom, 0.2 * max(abs(top), abs(bottom)), 1e-6)
    high = min(max([top, *ends]), top + 1.5 * reach)
    low = max(min([bottom, *ends]), bottom - 1.5 * reach)
    pad = 0.04 * (max(high, 0.0) - min(low, 0.0))
    return min(low, 0.0) - pad, max(high, 0.0) + pad
