"""Headway survival: the share of closed frontier models not yet matched, with censored marks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import polars as pl

from headway.figures import vl
from headway.figures.contract import HeadwayLike, Size
from headway.figures.labels import shorten
from headway.figures.theme import Palette, colours, config, width_of
from headway.figures.vl import Spec
from headway.i18n import day, message, number

__all__ = ["survival_spec"]


def survival_spec(
    survival: pl.DataFrame,
    headways: Sequence[HeadwayLike],
    *,
    domains: Sequence[str],
    lang: str = "en",
    size: Size = "wide",
    palette: Palette = "light",
) -> Spec:
    """Kaplan-Meier curves, one panel per domain.

    Parameters
    ----------
    survival : frame
        Columns ``domain, months, survival, low, high``; the curve is a step function.
    headways : sequence
        One per closed record-setter; censored ones become marks on the curve.
    domains : sequence of str
        Panels in this order, with shared axes.
    lang, size, palette
        See :mod:`headway.figures`.
    """
    c = colours(palette)
    data = vl.Data()
    wide = size == "wide"
    count = max(1, len(domains))
    plot_w = (width_of(size) - 74 - 26 * (count - 1)) / count if wide else width_of(size) - 58
    plot_h = 220 if wide else 165
    waited = [
        row.headway.value
        for row in headways
        if row.domain in domains and row.headway.value is not None
    ]
    ends = [
        *waited,
        *survival.filter(pl.col("domain").is_in(list(domains)))["months"].to_list(),
    ]
    right = max([6.0, *(v for v in ends if v is not None and math.isfinite(v))]) * 1.04
    step = 3 if right <= 15 else 6 if right <= 36 else 12
    ticks = [step * i for i in range(int(right // step) + 1)]
    panels = []
    for index, domain in enumerate(domains):
        curve = survival.filter(pl.col("domain") == domain).sort("months").to_dicts()
        if curve and curve[0]["months"] > 0:
            curve.insert(0, {"months": 0.0, "survival": 1.0, "low": 1.0, "high": 1.0})
        censored = [
            row for row in headways if row.domain == domain and row.headway.status == "censored"
        ]
        if curve:
            last = max([curve[-1]["months"], *(_waited(row) for row in censored)])
            curve.append({**curve[-1], "months": last})
        first = index == 0 or not wide
        x = vl.by(
            "months:Q",
            scale={"domain": [0, right], "nice": False},
            axis={
                "title": message("chart-since_launch", lang)
                if wide or index == count - 1
                else None,
                "values": ticks,
                "grid": False,
                "labelFlush": False,
            },
        )
        y_axis = {
            "title": message("chart-unmatched", lang) if index == 0 else "\u00a0" if wide else None,
            "titleAngle": 0,
            "titleAlign": "left",
            "titleAnchor": "end",
            "titleX": -34 if index == 0 else 0,
            "titleY": -10,
            "values": [0, 0.25, 0.5, 0.75, 1],
            "format": ".0%",
            "labels": first,
            "domain": False,
            "ticks": False,
        }
        y_scale = {"domain": [0, 1.04], "nice": False}
        steps = data([{k: row[k] for k in ("months", "survival", "low", "high")} for row in curve])
        half = data([{"months": 0, "end": right, "survival": 0.5}])
        events = [
            {
                "months": _waited(row),
                "survival": _level(curve, _waited(row)),
                "label": _label(row, lang),
            }
            for row in headways
            if row.domain == domain and row.headway.value is not None
        ]
        open_marks = [e for e, r in _paired(events, headways, domain) if r == "censored"]
        matched = [e for e, r in _paired(events, headways, domain) if r != "censored"]
        y = vl.by("survival:Q", scale=y_scale, axis=y_axis)
        layers: list[Any] = [
            vl.Layer(half)
            .mark("rule", color=c["rule"], strokeDash=[2, 3])
            .encode(x=x, x2="end", y=y),
            vl.Layer(steps)
            .mark("area", interpolate="step-after", color=c["closed"], opacity=0.15, clip=True)
            .encode(x=x, y=vl.by("low:Q", scale=y_scale, axis=y_axis), y2="high"),
            vl.Layer(steps)
            .mark("line", interpolate="step-after", color=c["closed"], strokeWidth=2.2, clip=True)
            .encode(x=x, y=y),
            vl.Layer(data(matched))
            .mark(
                "point",
                shape="circle",
                size=24,
                fill=c["page"],
                stroke=c["closed"],
                strokeWidth=1.4,
                opacity=1,
                aria=True,
            )
            .encode(x=x, y=y, description="label:N"),
            vl.Layer(data(open_marks))
            .mark(
                "point",
                shape="M0,-1.2L0,1.2M-0.01,-1.2L-0.01,1.2",
                size=70,
                stroke=c["ink"],
                strokeWidth=1.6,
                opacity=1,
                aria=True,
            )
            .encode(x=x, y=y, description="label:N"),
        ]
        panels.append(
            vl.layered(
                layers,
                width=plot_w,
                height=plot_h,
                title={"text": message(f"domain-{domain}", lang), "frame": "group"},
            )
        )
    joined = vl.concat("h", panels, 26) if wide else vl.concat("v", panels, 22)
    return vl.finish(joined, data, config(palette, size))


def _waited(row: HeadwayLike) -> float:
    """Months until the match, or until now."""
    return 0.0 if row.headway.value is None else row.headway.value


def _level(curve: list[dict[str, Any]], months: float) -> float:
    """Height of the step function at a time, to put a mark on it."""
    level = 1.0
    for row in curve:
        if row["months"] <= months:
            level = row["survival"]
    return level


def _paired(
    events: list[dict[str, Any]], headways: Sequence[HeadwayLike], domain: str
) -> list[tuple[dict[str, Any], str]]:
    """Marks with the state of their model."""
    states = [
        row.headway.status
        for row in headways
        if row.domain == domain and row.headway.value is not None
    ]
    return list(zip(events, states, strict=True))


def _label(row: HeadwayLike, lang: str) -> str:
    """Who, since when, and whether matched."""
    months = number(_waited(row), lang, 1)
    if row.headway.status == "censored":
        return message(
            "headway-label_open",
            lang,
            name=shorten(row.name, 80),
            entered=day(row.entered, lang),
            months=months,
        )
    return message(
        "headway-label_matched",
        lang,
        name=shorten(row.name, 80),
        entered=day(row.entered, lang),
        months=months,
        by=shorten(row.matched_by or message("unknown", lang), 80),
    )
