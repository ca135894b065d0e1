"""Sizes of open models over time, and the parameters that fixed levels of ability need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headway.figures import vl
from headway.figures.contract import Size
from headway.figures.intervals import wrapped
from headway.figures.theme import Palette, colours, config, width_of
from headway.figures.vl import Spec, to_altair
from headway.i18n import message
from headway.i18n import number as as_number

if TYPE_CHECKING:
    import altair as alt

__all__ = ["density_chart", "density_spec"]

#: Levels drawn per panel, and their line styles and tones.
_TONES = ("closed", "restricted", "open")
_MOST = 3
#: Ends of the axis of sizes, billions.
SIZES = (0.4, 3000.0)
#: Models before it are in the data of the chart's result, but not drawn.
FIRST_DAY = "2023-01-01"


def density_spec(
    rows: Sequence[Mapping[str, Any]],
    *,
    lang: str = "en",
    size: Size = "wide",
    palette: Palette = "light",
) -> Spec:
    """One panel per domain: sized models as dots, the smallest at or above a level as steps.

    A line with its band is what the typical model of a level needs; a stepped line joins the smallest
    models that reached it. Only readings with measured models near them are drawn.

    Parameters
    ----------
    rows : sequence of mapping
        ``DensityResult.documents``.
    lang, size, palette
        See :mod:`headway.figures`.
    """
    c = colours(palette)
    data = vl.Data()
    wide = size == "wide"
    panels = [
        r for r in rows if r["parameters"] == "total" and r["stage"] is None and not r["missing"]
    ]
    count = max(1, len(panels))
    plot_w = (width_of(size) - 70 - 30 * (count - 1)) / count if wide else width_of(size) - 64
    height = 300 if wide else 210
    dates = [p["at"] for r in panels for p in r["points"]]
    # a few early models would squeeze the rest into a corner
    x_scale: dict[str, Any] = {"domain": [max(min(dates), FIRST_DAY), max(dates)]} if dates else {}
    y_scale = {"type": "log", "domain": list(SIZES), "nice": False}
    drawn = []
    for i, row in enumerate(panels):
        first = i == 0 or not wide
        x = vl.by(
            "at:T",
            scale=x_scale,
            axis={"title": None, "format": "%Y", "tickCount": "year", "grid": False},
        )
        y = vl.by(
            "params_b:Q",
            scale=y_scale,
            axis={
                "title": message("density-chart-axis", lang) if first else None,
                "values": [1, 10, 100, 1000],
                "labels": first,
            },
        )
        layers: list[Any] = [
            vl.Layer(data([dict(p) for p in row["points"] if p["at"] >= FIRST_DAY]))
            .mark("point", size=18, filled=True, color=c["unknown"], opacity=0.45)
            .encode(x=x, y=y)
        ]
        ends = []
        for tone, one in zip(_TONES, _levels(row), strict=False):
            path = [
                {**p, "low": _inside(p["low"]), "high": _inside(p["high"])} for p in one["path"]
            ]
            steps = [dict(s) for s in one["smallest"]]
            if len(path) > 1:
                layers.append(
                    vl.Layer(data(path))
                    .mark("area", color=c[tone], opacity=0.13, clip=True)
                    .encode(x=x, y=vl.by("low:Q", scale=y_scale), y2="high")
                )
                layers.append(
                    vl.Layer(data(path))
                    .mark("line", color=c[tone], strokeWidth=2, clip=True)
                    .encode(x=x, y=y)
                )
            if steps:
                last = {**steps[-1], "at": max(dates)}
                layers.append(
                    vl.Layer(data([*steps, last]))
                    .mark(
                        "line",
                        color=c[tone],
                        strokeWidth=1.4,
                        strokeDash=[5, 3],
                        interpolate="step-after",
                    )
                    .encode(x=x, y=y)
                )
                layers.append(
                    vl.Layer(data(steps))
                    .mark("point", shape="square", size=46, filled=True, color=c[tone], aria=True)
                    .encode(x=x, y=y, opacity=vl.value(1), description="model:N")
                )
            ends.append({"text": one["model"], "tone": tone})
        for place, end in enumerate(ends):
            layers.append(
                vl.Layer(data([end]))
                .mark(
                    "text",
                    align="left",
                    baseline="bottom",
                    color=c[end["tone"]],
                    fontSize=11,
                    fontWeight=600,
                    clip=False,
                )
                .encode(x=vl.value(6), y=vl.value(height - 4 - 14 * place), text="text:N")
            )
        drawn.append(
            vl.layered(
                layers,
                width=plot_w,
                height=height,
                title={"text": message(f"domain-{row['domain']}", lang), "fontSize": 12},
            )
        )
    chart = vl.concat("h" if wide else "v", drawn, 30 if wide else 18)
    lines = wrapped(_title(panels, lang), width_of(size) - 30)
    return vl.finish({**chart, "title": {"text": lines}}, data, config(palette, size))


def _inside(end: float | str) -> float:
    """An end of an interval, "inf" among them, cut at the axis."""
    return min(max(float(end), SIZES[0]), SIZES[1])


def _levels(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Three levels that were reached, spread over the ladder from old to new."""
    told = [one for one in row["needed"] if len(one["smallest"]) > 0]
    if len(told) <= _MOST:
        return told
    step = (len(told) - 1) / (_MOST - 1)
    return [told[round(step * i)] for i in range(_MOST)]


def _title(panels: Sequence[Mapping[str, Any]], lang: str) -> str:
    """The finding: the halving time of the last domain that has one."""
    told = [r for r in panels if r["halving_months"]["value"] is not None]
    if not told:
        return message("density-chart-nothing", lang)
    row = next((r for r in told if r["domain"] == "general"), told[-1])
    interval = row["halving_months"]["interval"]
    return message(
        "density-chart-title",
        lang,
        domain=message(f"domain-{row['domain']}", lang),
        halving=as_number(row["halving_months"]["value"], lang, 1),
        low=as_number(float(interval["low"]), lang, 1),
        high=as_number(float(interval["high"]), lang, 1),
        smallest=message("unknown", lang)
        if row["smallest_halving_months"]["value"] is None
        else as_number(row["smallest_halving_months"]["value"], lang, 1),
    )


def density_chart(
    rows: Sequence[Mapping[str, Any]],
    *,
    lang: str = "en",
    size: Size = "wide",
    palette: Palette = "light",
) -> alt.TopLevelMixin:
    """:func:`density_spec` as a checked Altair chart."""
    return to_altair(density_spec(rows, lang=lang, size=size, palette=palette))
