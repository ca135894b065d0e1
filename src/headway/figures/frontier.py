"""The frontier chart: every model with its error bar, the open and closed frontiers with bands."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import polars as pl

from headway.figures import vl
from headway.figures.contract import Size
from headway.figures.keys import KeyItem, key_chart
from headway.figures.labels import Box, Placed, Wanted, place, shorten, text_width
from headway.figures.theme import (
    GROUP_COLOURS,
    GROUP_SHAPES,
    Palette,
    colours,
    config,
    width_of,
)
from headway.figures.vl import Spec
from headway.i18n import day, interval_words, message, number, quantity_short
from headway.result import DAYS_PER_MONTH, Interval, Quantity

__all__ = ["date_axis", "frontier_spec", "ms_of", "outside"]

POINT_GROUPS = ("open_weight", "closed_public", "closed_restricted", "unknown")


def frontier_spec(
    points: pl.DataFrame,
    frontier: pl.DataFrame,
    *,
    as_of: date,
    drivers: pl.DataFrame | None = None,
    lag_now: Quantity | None = None,
    lang: str = "en",
    size: Size = "wide",
    palette: Palette = "light",
) -> Spec:
    """Chart of one domain: ability (points) against the date of entry.

    Parameters
    ----------
    points : frame
        Columns ``model_version, name, lab, group, entered, ability, low, high, informative,
        n_scores`` of one domain; rows without a date are not drawn.
    frontier : frame
        Columns ``group, date, median, low, high`` of the same domain.
    as_of : date
        Right end of the frontiers.
    drivers : frame, optional
        Columns ``model_version, probability``: who gets a label first.
    lag_now : Quantity, optional
        Months; drawn as a bracket at the level of the open frontier where it is ``estimated``.
    lang, size, palette
        See :mod:`headway.figures`.

    Returns
    -------
    dict
        The Vega-Lite specification.
    """
    c = colours(palette)
    data = vl.Data()
    wide = size == "wide"
    plot_w, plot_h = (width_of(size) - 62, 430) if wide else (width_of(size) - 46, 340)
    dated = points.filter(pl.col("entered").is_not_null() & pl.col("ability").is_not_null())
    dated = dated.sort("entered", "model_version")
    start, end, low, high = _extent(dated, frontier, as_of)
    span_x, span_y = end - start, high - low

    def px(ms: float) -> float:
        return (ms - start) / span_x * plot_w

    def py(value: float) -> float:
        return (high - value) / span_y * plot_h

    x = vl.by(
        "ms:T",
        scale={"domain": [start, end], "type": "utc", "nice": False},
        axis=date_axis(start, end, wide, lang),
    )
    y_title = message("chart-ability", lang)
    y_scale = {"domain": [low, high], "nice": False, "zero": False}
    y_axis = {
        "title": y_title,
        "titleAngle": 0,
        "titleAlign": "left",
        "titleAnchor": "end",
        "titleX": -34,
        "titleY": -12,
        "tickCount": 6,
        "grid": True,
        "domain": False,
        "ticks": False,
    }
    layers: list[Any] = []

    band, line = _steps(frontier, as_of, low, high)
    for group in ("closed_any", "closed_public", "open_weight"):
        rows = [row for row in band if row["group"] == group]
        if not rows:
            continue
        colour = c[GROUP_COLOURS[group]]
        if group != "closed_any":
            layers.append(
                vl.Layer(data(rows))
                .mark("area", interpolate="step-after", color=colour, opacity=0.16, clip=True)
                .encode(x=x, y=vl.by("low:Q", scale=y_scale, axis=y_axis), y2="high")
            )
    for group in ("closed_any", "closed_public", "open_weight"):
        rows = [row for row in line if row["group"] == group]
        if not rows or (group == "closed_any" and _same(line)):
            continue
        layers.append(
            vl.Layer(data(rows))
            .mark(
                "line",
                interpolate="step-after",
                color=c[GROUP_COLOURS[group]],
                strokeWidth=1.3 if group == "closed_any" else 2.2,
                strokeDash=[5, 3] if group == "closed_any" else [1, 0],
                clip=True,
            )
            .encode(x=x, y=vl.by("median:Q", scale=y_scale, axis=y_axis))
        )

    values = [
        {
            **point,
            "x": min(max(point["ms"], start), end),
            "y": min(max(point["ability"], low), high),
        }
        for point in (_point(row, lang) for row in dated.iter_rows(named=True))
    ]
    bars = [
        {k: v[k] for k in ("x", "low", "high", "group", "informative")}
        for v in values
        if v["low"] is not None and v["high"] is not None
    ]
    groups = [g for g in POINT_GROUPS if any(v["group"] == g for v in values)]
    colour_scale = {"domain": groups, "range": [c[GROUP_COLOURS[g]] for g in groups]}
    shape_scale = {"domain": groups, "range": [GROUP_SHAPES[g] for g in groups]}
    dense = len(values) > 220
    layers.append(
        vl.Layer(data(bars))
        .mark("rule", strokeWidth=1, clip=True)
        .encode(
            x={**x, "field": "x"},
            y=vl.by("low:Q", scale=y_scale, axis=y_axis),
            y2="high",
            color=vl.by("group:N", scale=colour_scale, legend=None),
            opacity=vl.when("datum.informative", vl.value(0.2 if dense else 0.34), vl.value(0.1)),
        )
    )
    layers.append(
        vl.Layer(data(values))
        .mark(
            "point",
            size=(30 if dense else 44) if wide else (16 if dense else 24),
            strokeWidth=1.3 if wide else 1.1,
            filled=False,
            aria=True,
        )
        .encode(
            x={**x, "field": "x"},
            y=vl.by("y:Q", scale=y_scale, axis=y_axis),
            shape=vl.by("group:N", scale=shape_scale, legend=None),
            stroke=vl.by("group:N", scale=colour_scale, legend=None),
            fill=vl.when(
                "datum.informative",
                vl.by("group:N", scale=colour_scale, legend=None),
                vl.value(c["page"]),
            ),
            opacity=vl.when("datum.informative", vl.value(0.9), vl.value(0.45)),
            description="label:N",
        )
    )
    font = 11.0 if wide else 10.0
    obstacles = [(px(v["x"]), py(v["y"])) for v in values if v["informative"]]
    obstacles += _along(line, px, py)
    bracket, bracket_boxes = _bracket(
        frontier, lag_now, as_of, lang, px, py, obstacles, plot_h, font + 0.5
    )
    if bracket is not None:
        layers.extend(
            _bracket_layers(
                data,
                bracket,
                x,
                y_scale,
                y_axis,
                c,
                font + 0.5,
                lambda pixel: high - pixel / plot_h * span_y,
            )
        )
    wanted = _wanted(values, drivers, as_of, px, py, 26 if wide else 18)
    placed = place(
        wanted,
        obstacles,
        width=plot_w,
        height=plot_h,
        font_size=font,
        most=16 if wide else 6,
        boxes=bracket_boxes,
    )
    texts = [
        {
            "ms": start + p.x / plot_w * span_x,
            "y": high - p.y / plot_h * span_y,
            "text": p.text,
            "group": values[p.key]["group"],
        }
        for p in placed
    ]
    leaders = [
        {
            "ms": values[p.key]["ms"],
            "y": values[p.key]["ability"],
            "ms2": start + _nearest(px(values[p.key]["ms"]), p, font) / plot_w * span_x,
            "y2": high
            - (p.y + (6 if py(values[p.key]["ability"]) > p.y else -6)) / plot_h * span_y,
        }
        for p in placed
        if p.leader
    ]
    if leaders:
        layers.append(
            vl.Layer(data(leaders))
            .mark("rule", strokeWidth=0.7, color=c["quiet"], opacity=0.7)
            .encode(
                x=x,
                x2="ms2",
                y=vl.by("y:Q", scale=y_scale, axis=y_axis),
                y2="y2",
            )
        )
    if texts:
        for ink, width in ((c["page"], 3.0), (None, 0.0)):
            mark: dict[str, Any] = {
                "align": "left",
                "baseline": "middle",
                "fontSize": font,
                "aria": False,
            }
            if ink is not None:
                mark |= {"stroke": ink, "strokeWidth": width, "strokeJoin": "round", "color": ink}
            text = vl.Layer(data(texts)).mark("text", **mark)
            text = text.encode(
                x=x,
                y=vl.by("y:Q", scale=y_scale, axis=y_axis),
                text="text:N",
            )
            if ink is None:
                text = text.encode(color=vl.by("group:N", scale=colour_scale, legend=None))
            layers.append(text)
    items = [
        KeyItem(GROUP_SHAPES[g], c[GROUP_COLOURS[g]], message(f"group-{g}", lang)) for g in groups
    ]
    if any(row["group"] == "closed_any" for row in line) and not _same(line):
        items.append(KeyItem("dash", c["restricted"], message("frontier-restricted", lang)))
    key = key_chart(data, items, width=plot_w, font=12.0 if wide else 11.0, page=c["page"])
    chart = vl.layered(layers, width=plot_w, height=plot_h)
    return vl.finish(vl.concat("v", [key, chart], 12), data, config(palette, size))


def ms_of(when: date) -> int:
    """A date as milliseconds since 1970, UTC midnight."""
    return int(datetime(when.year, when.month, when.day, tzinfo=UTC).timestamp() * 1000)


def date_axis(start: float, end: float, wide: bool, lang: str) -> Spec:
    """Years, or quarters where the span is short."""
    years = (end - start) / (365.25 * 86_400_000)
    step = 1 if years <= (9 if wide else 6) else 2
    values = [
        ms_of(date(year, 1, 1))
        for year in range(1970, 2100)
        if start <= ms_of(date(year, 1, 1)) <= end and year % step == 0
    ]
    return {
        "title": message("chart-entered", lang),
        "format": "%Y",
        "formatType": "utc",
        "values": values,
        "grid": False,
        "labelOverlap": True,
    }


def outside(points: pl.DataFrame, frontier: pl.DataFrame, as_of: date) -> int:
    """How many dated models lie outside the axes and are drawn on the edge."""
    dated = points.filter(pl.col("entered").is_not_null() & pl.col("ability").is_not_null())
    start, end, low, high = _extent(dated, frontier, as_of)
    return sum(
        not (start <= ms_of(row["entered"]) <= end and low <= row["ability"] <= high)
        for row in dated.iter_rows(named=True)
    )


def _extent(
    points: pl.DataFrame, frontier: pl.DataFrame, as_of: date
) -> tuple[float, float, float, float]:
    """Axis limits (ms and points) that hold all informative models and the frontiers.

    Models with too little data can lie years and hundreds of points away; they are drawn on the
    edge, so that they do not squeeze what the chart is about.
    """
    sure = points.filter(pl.col("informative"))
    if sure.is_empty():
        sure = points
    levels = [*sure["ability"].to_list(), *frontier["median"].to_list()]
    levels += [
        v
        for name in ("low", "high")
        for v in frontier.filter(pl.col("date") >= as_of)[name].to_list()
    ]
    finite = [v for v in levels if v is not None and math.isfinite(v)] or [0.0, 1.0]
    low, high = min(finite), max(finite)
    pad = 0.07 * (high - low or 10.0)
    entered = [d for d in [*sure["entered"].to_list(), *frontier["date"].to_list()] if d]
    first = ms_of(min(entered, default=date(2023, 1, 1)))
    last = max(ms_of(as_of), ms_of(max(entered, default=as_of)))
    margin = 0.02 * (last - first or 86_400_000 * 365)
    return first - margin, last + 1.6 * margin, low - pad, high + pad


def _steps(
    frontier: pl.DataFrame, as_of: date, low: float, high: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Band and line of each group as step functions that reach ``as_of``."""
    band: list[dict[str, Any]] = []
    line: list[dict[str, Any]] = []
    for group in ("open_weight", "closed_public", "closed_any"):
        rows = (
            frontier.filter(
                (pl.col("group") == group)
                & pl.col("median").is_not_null()
                & pl.col("median").is_finite()
            )
            .sort("date")
            .to_dicts()
        )
        if not rows:
            continue
        if rows[-1]["date"] < as_of:
            rows.append({**rows[-1], "date": as_of})
        for row in rows:
            ms = ms_of(row["date"])
            line.append({"group": group, "ms": ms, "median": row["median"]})
            if row["low"] is not None and row["high"] is not None:
                band.append(
                    {
                        "group": group,
                        "ms": ms,
                        "low": max(low, row["low"]),
                        "high": min(high, row["high"]),
                    }
                )
    return band, line


def _nearest(x: float, label: Placed, font: float) -> float:
    """Where on a label's width its leader line ends."""
    return min(max(x, label.x + 4), label.x + 0.85 * text_width(label.text, font))


def _along(line: list[dict[str, Any]], px: Any, py: Any) -> list[tuple[float, float]]:
    """Points along the frontier lines, so that labels keep off them."""
    out: list[tuple[float, float]] = []
    for before, after in pairwise(line):
        if before["group"] != after["group"]:
            continue
        x0, x1, y0, y1 = (
            px(before["ms"]),
            px(after["ms"]),
            py(before["median"]),
            py(after["median"]),
        )
        out.extend((x0 + i, y0) for i in range(0, int(x1 - x0) + 1, 14))
        out.extend((x1, min(y0, y1) + i) for i in range(0, int(abs(y1 - y0)) + 1, 10))
    return out


def _same(line: list[dict[str, Any]]) -> bool:
    """The frontier with restricted models equals the public one, so one line is enough."""

    def of(group: str) -> list[tuple[int, float]]:
        return [(row["ms"], row["median"]) for row in line if row["group"] == group]

    return of("closed_any") == of("closed_public")


def _point(row: dict[str, Any], lang: str) -> dict[str, Any]:
    """One model as chart data, with the sentence that a tooltip and a screen reader get."""
    ability, low, high = row["ability"], row["low"], row["high"]
    if low is None or high is None:
        words = message("point-no_interval", lang, ability=number(ability, lang))
    else:
        words = message(
            "point-ability",
            lang,
            ability=number(ability, lang),
            interval=interval_words(Interval(low, high, 0.9, "eti"), lang, decimals=0),
        )
    label = message(
        "point-label",
        lang,
        name=shorten(row["name"], 80),
        group=message(f"group-{row['group']}", lang),
        entered=day(row["entered"], lang),
        ability=words,
        informative="yes" if row["informative"] else "no",
    )
    return {
        "model_version": row["model_version"],
        "name": row["name"],
        "group": row["group"],
        "date": row["entered"].isoformat(),
        "ms": ms_of(row["entered"]),
        "ability": ability,
        "low": low,
        "high": high,
        "informative": bool(row["informative"]),
        "label": label,
    }


def _wanted(
    values: list[dict[str, Any]],
    drivers: pl.DataFrame | None,
    as_of: date,
    px: Any,
    py: Any,
    limit: int,
) -> list[Wanted]:
    """Who should be labelled, most important first: frontier models, then recent strong ones."""
    chance: dict[str, float] = {}
    if drivers is not None:
        for row in drivers.iter_rows(named=True):
            version = row["model_version"]
            chance[version] = max(chance.get(version, 0.0), float(row["probability"]))
    best: dict[str, float] = {}
    records: list[tuple[int, float]] = []
    now = ms_of(as_of)
    for index, v in enumerate(values):
        if not v["informative"]:
            continue
        group = v["group"]
        is_record = v["ability"] > best.get(group, -math.inf)
        if is_record:
            best[group] = v["ability"]
        recent = now - v["ms"] < 270 * 86_400_000
        score = 3.0 * chance.get(v["model_version"], 0.0) + (1.0 if is_record else 0.0)
        if group == "closed_restricted":
            score += 0.2
        if recent:
            score += 0.4
        if score >= 0.6:
            records.append((index, score + 0.3 * (v["ms"] / now)))
    records.sort(key=lambda pair: (-pair[1], pair[0]))
    return [
        Wanted(i, shorten(values[i]["name"], limit), px(values[i]["ms"]), py(values[i]["ability"]))
        for i, _ in records[:60]
    ]


def _bracket(
    frontier: pl.DataFrame,
    lag_now: Quantity | None,
    as_of: date,
    lang: str,
    px: Any,
    py: Any,
    obstacles: list[tuple[float, float]],
    plot_h: float,
    font: float,
) -> tuple[dict[str, Any] | None, list[Box]]:
    """The lag as a bracket that ends at ``as_of``, at the level of the open frontier.

    Its text stands below, at the right edge, where it covers the fewest points; the second value
    holds the boxes in pixels that it takes.
    """
    if lag_now is None or lag_now.status != "estimated" or lag_now.value is None:
        return None, []
    rows = frontier.filter(
        (pl.col("group") == "open_weight")
        & (pl.col("date") <= as_of)
        & pl.col("median").is_finite()
    ).sort("date")
    if rows.is_empty() or lag_now.value <= 0:
        return None, []
    level = float(rows["median"][-1])
    end = ms_of(as_of)
    begin = end - lag_now.value * DAYS_PER_MONTH * 86_400_000
    text = message("chart-lag_now", lang, amount=quantity_short(lag_now, lang))
    width = 1.1 * text_width(text, font)
    right, level_y = px(end), py(level)

    def box(top: float) -> Box:
        return (right - width - 4, top - 3, right + 4, top + font + 5)

    def cost(top: float) -> float:
        x0, y0, x1, y1 = box(top)
        covered = sum(x0 - 4 < ox < x1 + 4 and y0 - 3 < oy < y1 + 3 for ox, oy in obstacles)
        return float(9.0 * covered + 0.5 * (top - level_y))

    tops = [level_y + 8.0 + 6.0 * i for i in range(40)]
    top = min((t for t in tops if t + font + 8 < plot_h), key=cost, default=tops[0])
    return {"ms": begin, "ms2": end, "y": level, "text": text, "top": top}, [
        box(top),
        (right - 3, level_y, right + 3, top),
    ]


def _bracket_layers(
    data: vl.Data,
    row: dict[str, Any],
    x: Any,
    y_scale: Any,
    y_axis: Any,
    c: Any,
    font: float,
    to_y: Any,
) -> list[Any]:
    """Rule with two end ticks, a text below its end and a line that joins them."""
    y = vl.by("y:Q", scale=y_scale, axis=y_axis)
    one = data([{"ms": row["ms"], "ms2": row["ms2"], "y": row["y"]}])
    ends = data([{"ms": row["ms"], "y": row["y"]}, {"ms": row["ms2"], "y": row["y"]}])
    under = data([{"ms": row["ms2"], "y": to_y(row["top"]), "text": row["text"]}])
    join = data([{"ms": row["ms2"], "y": row["y"], "y2": to_y(row["top"] - 2)}])
    text = {
        "align": "right",
        "baseline": "top",
        "fontSize": font,
        "fontWeight": 600,
        "aria": False,
    }
    halo = {"color": c["page"], "stroke": c["page"], "strokeWidth": 4, "strokeJoin": "round"}
    return [
        vl.Layer(join)
        .mark("rule", strokeWidth=0.8, color=c["ink"], strokeDash=[2, 2])
        .encode(x=x, y=y, y2="y2"),
        vl.Layer(one).mark("rule", strokeWidth=1.6, color=c["ink"]).encode(x=x, x2="ms2", y=y),
        vl.Layer(ends)
        .mark("tick", orient="vertical", thickness=1.6, size=10, color=c["ink"], aria=False)
        .encode(x=x, y=y),
        vl.Layer(under).mark("text", **text, **halo).encode(x=x, y=y, text="text:N"),
        vl.Layer(under).mark("text", **text, color=c["ink"]).encode(x=x, y=y, text="text:N"),
    ]
