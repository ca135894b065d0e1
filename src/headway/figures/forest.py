"""Quantities in months side by side: dot, measurement interval, wider interval, states in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from headway.figures import vl
from headway.figures.contract import LagRowLike, Size
from headway.figures.labels import text_width
from headway.figures.theme import Palette, colours, config, width_of
from headway.figures.vl import Spec
from headway.i18n import (
    decimals_for,
    interval_words,
    message,
    note,
    number,
    quantity_short,
    quantity_words,
)
from headway.result import Quantity

__all__ = ["ForestRow", "forest_rows", "forest_spec", "open_days"]


#: Half the height that a second line of words takes, pixels.
_UNDER = 8.0


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One line of the chart: ``heading`` opens a block, ``tone`` names a colour."""

    label: str
    quantity: Quantity
    heading: str | None = None
    tone: str = "closed"


def forest_rows(
    rows: Sequence[LagRowLike], *, by: str, lang: str = "en", block: str | None = None
) -> list[ForestRow]:
    """Lag rows as chart lines.

    Parameters
    ----------
    rows : sequence of LagRowLike
    by : str
        Attribute that names a line: ``domain``, ``stage``, ``evidence``, ``frontier``.
    lang : str
    block : str, optional
        Attribute whose change opens a block with a heading.
    """
    out: list[ForestRow] = []
    before: str | None = None
    for row in rows:
        key = getattr(row, by) or "all"
        heading = None
        if block is not None and getattr(row, block) != before:
            before = getattr(row, block)
            heading = message(f"{block}-{before}", lang)
        tone = "restricted" if row.frontier == "restricted" else "closed"
        out.append(ForestRow(message(f"{by}-{key}", lang), row.lag, heading, tone))
    return out


def forest_spec(
    rows: Sequence[ForestRow],
    *,
    lang: str = "en",
    size: Size = "wide",
    palette: Palette = "light",
    pitch: float = 30.0,
) -> Spec:
    """Chart of quantities in months.

    The dot is the median, the thick line the measurement interval, the thin line the interval with
    the release process. A triangle to the right is "at least", one to the left "open models
    lead"; a line without a mark says in words why it has none. ``pitch`` is the height of a line in
    pixels (16 more on a phone, where words stand above their line).
    """
    c = colours(palette)
    data = vl.Data()
    wide = size == "wide"
    font = 12.5 if wide else 11.5
    label_w = 0.0
    if wide:
        label_w = min(
            300.0, max((1.1 * text_width(r.label, font) for r in rows), default=60.0) + 16
        )
    words = [_words(r.quantity, lang) for r in rows]
    words += [open_days(r.quantity, lang) or "" for r in rows]
    words_w = max((1.1 * text_width(w, font) for w in words), default=0.0) + 16 if wide else 0.0
    total = width_of(size) - 14
    plot_w = total - label_w - words_w
    pitch = pitch if wide else pitch + 16
    ends: list[float] = []
    for row in rows:
        q = row.quantity
        for interval in (q.interval, q.interval_process):
            if interval is not None:
                ends.extend(v for v in (interval.low, interval.high) if math.isfinite(v))
        if q.value is not None:
            ends.append(q.value * (1.15 if q.status == "censored" else 1.0))
    right = max([6.0, *ends]) * 1.05
    left = min([0.0, *ends])
    leads = any(
        r.quantity.status == "open_leads"
        or (r.quantity.interval is not None and r.quantity.interval.low == -math.inf)
        for r in rows
    )
    left = min(left, -0.09 * right) if leads else left - 0.015 * right
    marks: list[dict[str, Any]] = []
    headings: list[dict[str, Any]] = []
    y = 0.0
    for row in rows:
        if row.heading is not None:
            if marks:
                y += 10
            headings.append({"y": y + 10, "text": row.heading})
            y += 24
        marks.append(_line(row, y + (pitch / 2 if wide else pitch - 15), left, right, lang))
        y += pitch + (_UNDER if marks[-1]["under"] is not None else 0.0)
    height = y + 4
    y_scale = {"domain": [height, 0], "nice": False, "zero": False}
    x_scale = {"domain": [left, right], "nice": False, "zero": False}
    step = 2 if right <= 14 else 3 if right <= 21 else 6 if right <= 48 else 12
    x_axis = {
        "title": message("chart-months_behind", lang),
        "values": [step * i for i in range(int(right // step) + 1)],
        "grid": True,
        "domain": False,
        "ticks": False,
    }
    x = vl.by("low:Q", scale=x_scale, axis=x_axis)
    ay = vl.by("y:Q", scale=y_scale, axis=None)

    layers: list[Any] = [
        vl.Layer(data([{"low": 0.0}])).mark("rule", color=c["quiet"], strokeWidth=1).encode(x=x)
    ]
    for tone in ("closed", "restricted", "unknown"):
        own = [m for m in marks if m["tone"] == tone]
        thin = [m for m in own if m["plow"] is not None]
        thick = [m for m in own if m["low"] is not None]
        dots = [m for m in own if m["at"] is not None]
        px = vl.by("plow:Q", scale=x_scale, axis=x_axis)
        if thin:
            layers.append(
                vl.Layer(data(thin))
                .mark("rule", color=c[tone], strokeWidth=1.4)
                .encode(x=px, x2="phigh", y=ay)
            )
        if thick:
            layers.append(
                vl.Layer(data(thick))
                .mark("rule", color=c[tone], strokeWidth=6, opacity=0.5)
                .encode(x=x, x2="high", y=ay)
            )
        if dots:
            layers.append(
                vl.Layer(data(dots))
                .mark(
                    "point",
                    size=75,
                    filled=True,
                    color=c[tone],
                    stroke=c["page"],
                    strokeWidth=1,
                    aria=True,
                )
                .encode(
                    x=vl.by("at:Q", scale=x_scale, axis=x_axis),
                    y=ay,
                    opacity=vl.value(1),
                    shape=vl.by(
                        "status:N",
                        scale={
                            "domain": ["estimated", "censored", "open_leads"],
                            "range": ["circle", "triangle-right", "triangle-left"],
                        },
                        legend=None,
                    ),
                    description="label:N",
                )
            )
    outside: dict[str, Any] = {"aria": False, "clip": False}
    if wide:
        layers.append(
            vl.Layer(data(marks))
            .mark("text", align="right", baseline="middle", fontSize=font, **outside)
            .encode(x=vl.value(-12), y=ay, text="name:N")
        )
        layers.append(
            vl.Layer(data(marks))
            .mark("text", align="left", baseline="middle", fontSize=font, **outside)
            .encode(
                x=vl.value(plot_w + 12),
                y=vl.by("words_y:Q", scale=y_scale, axis=None),
                text="words:N",
            )
        )
    else:
        for halo in (True, False):
            ink: dict[str, Any] = (
                {"color": c["page"], "stroke": c["page"], "strokeWidth": 4} if halo else {}
            )
            layers.append(
                vl.Layer(data(marks))
                .mark(
                    "text", align="left", baseline="bottom", dy=-9, fontSize=font, **ink, **outside
                )
                .encode(x=vl.value(0), y=ay, text="both:N")
            )
    unders = [m for m in marks if m["under"] is not None]
    for halo in (True, False) if unders else ():
        tint: dict[str, Any] = (
            {"color": c["page"], "stroke": c["page"], "strokeWidth": 4}
            if halo
            else {"color": c["quiet"]}
        )
        layers.append(
            vl.Layer(data(unders))
            .mark(
                "text",
                align="left",
                baseline="middle" if wide else "top",
                dy=0 if wide else 7,
                fontSize=font - 1,
                **tint,
                **outside,
            )
            .encode(
                x=vl.value(plot_w + 12 if wide else 0),
                y=vl.by("under_y:Q", scale=y_scale, axis=None) if wide else ay,
                text="under:N",
            )
        )
    for halo in (True, False) if headings else ():
        under: dict[str, Any] = (
            {"color": c["page"], "stroke": c["page"], "strokeWidth": 4} if halo else {}
        )
        layers.append(
            vl.Layer(data(headings))
            .mark(
                "text",
                align="left",
                baseline="middle",
                fontSize=font,
                fontWeight=600,
                **under,
                **outside,
            )
            .encode(x=vl.value(-label_w if wide else 0), y=ay, text="text:N")
        )
    chart = vl.layered(layers, width=plot_w, height=height)
    return vl.finish(chart, data, config(palette, size))


def open_days(q: Quantity, lang: str) -> str | None:
    """Why a mean lag is 0: on how many days open models lead; ``None`` for any other value."""
    if q.status != "estimated" or q.value is None:
        return None
    found = next((n for n in q.notes if n.startswith("open_leads_days:")), None)
    if found is None or round(q.value, decimals_for(q.interval, q.value)) != 0:
        return None
    return note(f"zero_{found}", lang)


def _line(row: ForestRow, y: float, left: float, right: float, lang: str) -> dict[str, Any]:
    """One quantity as chart data; infinite ends run to the edge."""
    q = row.quantity
    at = {"estimated": q.value, "censored": q.value, "open_leads": left * 0.55}.get(q.status)
    words = _words(q, lang)
    under = open_days(q, lang)
    label = quantity_words(q, lang)
    if under is not None:
        label = message("chart-name_value", lang, name=label, value=under)

    def inside(value: float) -> float:
        return min(max(value, left), right)

    process = q.interval_process
    return {
        "name": row.label,
        "tone": row.tone,
        "status": q.status,
        "y": y,
        "at": at,
        "low": None if q.interval is None else inside(q.interval.low),
        "high": None if q.interval is None else inside(q.interval.high),
        "plow": None if process is None else inside(process.low),
        "phigh": None if process is None else inside(process.high),
        "words": words,
        "words_y": y if under is None else y - _UNDER,
        "under": under,
        "under_y": y + _UNDER,
        "both": message("chart-name_value", lang, name=row.label, value=words),
        "label": message("chart-name_value", lang, name=row.label, value=label),
    }


def _words(q: Quantity, lang: str) -> str:
    """A quantity in few words: ``7 months (5 to 10)``, ``open models lead (up to 2)``."""
    words = quantity_short(q, lang)
    if q.interval is None:
        return words
    places = decimals_for(q.interval, q.value)
    if math.isinf(q.interval.low) and math.isfinite(q.interval.high):
        ends = message("interval-up_to", lang, high=number(q.interval.high, lang, places))
    else:
        ends = interval_words(q.interval, lang, decimals=places)
    return message("chart-value_interval", lang, amount=words, interval=ends)
