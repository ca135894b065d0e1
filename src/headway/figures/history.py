"""The lag through time, one panel per domain, with a strip for "open models lead"."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import polars as pl

from headway.figures import vl
from headway.figures.contract import Size
from headway.figures.frontier import date_axis, ms_of
from headway.figures.keys import KeyItem, key_chart
from headway.figures.theme import Palette, colours, config, width_of
from headway.figures.vl import Spec
from headway.i18n import message, month, quantity_words
from headway.result import Interval, Quantity, Status

__all__ = ["has_jump", "history_spec", "quantity_at"]


def quantity_at(row: dict[str, Any], level: float) -> Quantity:
    """A row of the history frame as a quantity in months."""
    low, high, status = row["low"], row["high"], row["status"]
    state: Status = status
    interval = None if low is None or high is None else Interval(low, high, level, "eti")
    value = row["value"] if state in ("estimated", "censored") else None
    notes = ("history_gap",) if state == "not_estimable" else ()
    return Quantity(value, "months", interval, 0, 0, state, notes)


def has_jump(history: pl.DataFrame) -> bool:
    """Whether a lag passes between a bound and a number from one date to the next.

    Bounds sort above all numbers, so that the median jumps there without any news about models.
    """
    for _, rows in history.sort("at").group_by("domain", "frontier", maintain_order=True):
        states = rows["status"].to_list()
        for pair in pairwise(states):
            if set(pair) == {"censored", "estimated"}:
                return True
    return False


def history_spec(
    history: pl.DataFrame,
    *,
    domains: Sequence[str],
    as_of: date,
    level: float = 0.9,
    lang: str = "en",
    size: Size = "wide",
    palette: Palette = "light",
) -> Spec:
    """Lag in months over time for both closed frontiers.

    Parameters
    ----------
    history : frame
        Columns ``domain, frontier, at, status, value, low, high`` (one definition, no stage).
    domains : sequence of str
        One panel each, in this order; all panels share both axes.
    as_of : date
        Right end.
    level : float
        Level of the intervals.
    lang, size, palette
        See :mod:`headway.figures`.
    """
    c = colours(palette)
    data = vl.Data()
    wide = size == "wide"
    count = max(1, len(domains))
    plot_w = (width_of(size) - 70 - 26 * (count - 1)) / count if wide else width_of(size) - 52
    plot_h = 230 if wide else 175
    drawn = history.filter(pl.col("domain").is_in(list(domains)))
    medians = [v for v in drawn["value"].to_list() if v is not None and math.isfinite(v)]
    tops = [
        v
        for row in drawn.iter_rows(named=True)
        for v in (row["value"], row["high"] if row["frontier"] == "public" else row["value"])
        if v is not None and math.isfinite(v)
    ]
    values = sorted(tops)
    # long upper ends may leave the chart, medians may not
    top = 1.06 * max([6.0, *medians, *values[: int(0.9 * len(values)) + 1][-1:]])
    foot = -0.16 * top
    dates = drawn["at"].to_list() or [as_of]
    start, end = ms_of(min(dates)), max(ms_of(as_of), ms_of(max(dates)))
    pad = 0.02 * (end - start or 86_400_000 * 365)
    x_scale = {"domain": [start - pad, end + pad], "type": "utc", "nice": False}
    y_scale = {"domain": [foot, top], "nice": False, "zero": False}
    step = 3 if top <= 16 else 6 if top <= 40 else 12
    ticks = [step * i for i in range(int(top // step) + 1)]
    panels = []
    names = {f: message(f"frontier-{f}", lang) for f in ("public", "restricted")}
    for index, domain in enumerate(domains):
        rows = drawn.filter(pl.col("domain") == domain).sort("frontier", "at").to_dicts()
        first = index == 0 or not wide
        y_axis = {
            "title": message("chart-months", lang) if index == 0 else "\u00a0" if wide else None,
            "titleAngle": 0,
            "titleAlign": "left",
            "titleAnchor": "end",
            "titleX": -26 if index == 0 else 0,
            "titleY": -10,
            "values": ticks,
            "labels": first,
            "domain": False,
            "ticks": False,
        }
        axis = date_axis(start, end, wide=not wide, lang=lang)
        axis["title"] = None
        x = vl.by("ms:T", scale=x_scale, axis=axis)
        y = vl.by("value:Q", scale=y_scale, axis=y_axis)
        zone = data([{"ms": start - pad, "ms2": end + pad, "value": foot, "top": 0.0}])
        layers: list[Any] = [
            vl.Layer(zone).mark("rect", color=c["wash"]).encode(x=x, x2="ms2", y=y, y2="top"),
            vl.Layer(zone)
            .mark("text", align="left", baseline="middle", dx=6, fontSize=10.5, color=c["quiet"])
            .encode(
                x=x,
                y=vl.by("mid:Q", scale=y_scale, axis=y_axis),
                text=vl.value(message("state-open_leads", lang)),
            )
            .calculate(mid="datum.value / 2"),
        ]
        for frontier in ("restricted", "public"):
            own = [row for row in rows if row["frontier"] == frontier]
            series = [_mark(row, level, names[frontier], foot, top, lang) for row in own]
            colour = c["closed"] if frontier == "public" else c["restricted"]
            if frontier == "public":
                for run in _runs(series):
                    layers.append(
                        vl.Layer(data(run))
                        .mark("area", color=colour, opacity=0.16, clip=True)
                        .encode(x=x, y=vl.by("low:Q", scale=y_scale, axis=y_axis), y2="high")
                    )
            for run in _runs(series, split=True):
                layers.append(
                    vl.Layer(data(run))
                    .mark(
                        "line",
                        color=colour,
                        strokeWidth=2.2 if frontier == "public" else 1.5,
                        strokeDash=[1, 0] if frontier == "public" else [5, 3],
                        clip=True,
                    )
                    .encode(x=x, y=y)
                )
            marks = [row for row in series if row["value"] is not None]
            if marks:
                layers.append(
                    vl.Layer(data(marks))
                    .mark("point", strokeWidth=1.2, clip=True, aria=True, stroke=colour)
                    .encode(
                        x=x,
                        y=y,
                        shape=vl.by(
                            "status:N",
                            scale={
                                "domain": ["estimated", "censored", "open_leads"],
                                "range": ["circle", "triangle-up", "triangle-down"],
                            },
                            legend=None,
                        ),
                        size=vl.when("datum.status == 'estimated'", vl.value(7), vl.value(42)),
                        fill=vl.value(colour),
                        description="label:N",
                    )
                )
        panel = vl.layered(
            layers,
            width=plot_w,
            height=plot_h,
            title={"text": message(f"domain-{domain}", lang), "frame": "group"},
        )
        panels.append(panel)
    key = key_chart(
        data,
        [
            KeyItem("line", c["closed"], names["public"]),
            KeyItem("dash", c["restricted"], names["restricted"]),
            KeyItem("triangle-up", c["quiet"], message("chart-key_bound", lang)),
            KeyItem("triangle-down", c["quiet"], message("chart-key_open_leads", lang)),
        ],
        width=width_of(size) - 60,
        font=12.0 if wide else 11.0,
        page=c["page"],
    )
    joined = vl.concat("h", panels, 26) if wide else vl.concat("v", panels, 22)
    chart = vl.concat("v", [key, joined], 10)
    return vl.finish(chart, data, config(palette, size))


def _mark(
    row: dict[str, Any], level: float, frontier: str, foot: float, top: float, lang: str
) -> dict[str, Any]:
    """One date as chart data; states that have no number sit in their own strip."""
    status = row["status"]
    value = row["value"]
    if status == "open_leads":
        value = foot / 2
    low, high = row["low"], row["high"]
    drawn = status in ("estimated", "censored")
    return {
        "ms": ms_of(row["at"]),
        "date": row["at"].isoformat(),
        "status": status,
        "value": None if status == "not_estimable" else value,
        "low": None if low is None else max(low, foot),
        "high": None if high is None else min(high, top),
        "drawn": drawn,
        "label": message(
            "history-label",
            lang,
            month=month(row["at"], lang),
            frontier=frontier,
            lag=quantity_words(quantity_at(row, level), lang),
        ),
    }


def _runs(series: list[dict[str, Any]], *, split: bool = False) -> list[list[dict[str, Any]]]:
    """Stretches of dates with a number or a bound; with ``split`` never both in one.

    Lines do not bridge the dates between.
    """
    runs: list[list[dict[str, Any]]] = [[]]
    for row in series:
        if row["drawn"] and row["low"] is not None and row["high"] is not None:
            if split and runs[-1] and runs[-1][-1]["status"] != row["status"]:
                runs.append([])
            runs[-1].append(row)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if len(run) > 1]
