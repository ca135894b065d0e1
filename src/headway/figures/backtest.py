"""How good past forecasts were: error per method, and where outcomes fell in the forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headway.figures import vl
from headway.figures.contract import Size
from headway.figures.labels import text_width
from headway.figures.theme import Palette, colours, config, width_of
from headway.figures.vl import Spec
from headway.i18n import message, number

if TYPE_CHECKING:
    import altair as alt

__all__ = ["backtest_chart", "backtest_spec"]

#: Methods shown, and their names; real forecasts first, naive ones below.
_NAMES = {
    "mixture": "forecast-method-mixture",
    "trend": "forecast-method-trend",
    "survival": "forecast-method-survival",
    "density": "forecast-method-density",
    "constant_6": "forecast-method-constant_6",
    "constant_12": "forecast-method-constant_12",
    "constant_18": "forecast-method-constant_18",
    "last_lag": "forecast-method-last_lag",
    "linear_trend": "forecast-method-linear_trend",
}
_REAL = ("mixture", "trend", "survival", "density")


def backtest_chart(
    vintages: Sequence[Mapping[str, Any]],
    *,
    lang: str = "en",
    size: Size = "wide",
    palette: Palette = "light",
) -> alt.TopLevelMixin:
    """:func:`backtest_spec` as an Altair chart."""
    return vl.to_altair(backtest_spec(vintages, lang=lang, size=size, palette=palette))


def backtest_spec(
    vintages: Sequence[Mapping[str, Any]],
    *,
    lang: str = "en",
    size: Size = "wide",
    palette: Palette = "light",
) -> Spec:
    """Chart of the vintages of a back-test, one column each (one below the other on a phone).

    Parameters
    ----------
    vintages : sequence of mapping
        ``vintages`` of ``headway backtest --json``: pooled scores and the calibration of the
        mixture are drawn.
    lang, size, palette
        See :mod:`headway.figures`.
    """
    c = colours(palette)
    data = vl.Data()
    wide = size == "wide"
    font = 12.0 if wide else 11.0
    top = max(
        (s["crps"] for v in vintages for s in v["summaries"][0]["scores"] if s["method"] in _NAMES),
        default=1.0,
    )
    label_w = 1.1 * max(text_width(message(key, lang), font) for key in _NAMES.values()) + 14
    columns = [
        _column(v, c, data, lang, size, font, 1.12 * top, label_w, first=i == 0 or not wide)
        for i, v in enumerate(vintages)
    ]
    joined = vl.concat("h", columns, 24) if wide else vl.concat("v", columns, 26)
    return vl.finish(vl.concat("v", [joined], 0), data, config(palette, size))


def _column(
    vintage: Mapping[str, Any],
    c: dict[str, str],
    data: vl.Data,
    lang: str,
    size: Size,
    font: float,
    right: float,
    label_w: float,
    *,
    first: bool,
) -> Spec:
    """Scores above, calibration below, of one vintage."""
    total = width_of(size) - 30.0
    plot_w = (total - label_w - 24) / 2 if size == "wide" else total - label_w - 20
    title = message("chart-backtest-strict" if vintage["strict"] else "chart-backtest-pseudo", lang)
    scores = {s["method"]: s["crps"] for s in vintage["summaries"][0]["scores"]}
    pitch = 24.0
    rows = [
        {
            "y": i * pitch + pitch / 2,
            "name": message(key, lang),
            "at": scores[method],
            "zero": 0.0,
            "colour": "real" if method in _REAL else "naive",
            "text": number(scores[method], lang, 2),
            "label": message(
                "chart-name_value",
                lang,
                name=message(key, lang),
                value=number(scores[method], lang, 2),
            ),
        }
        for i, (method, key) in enumerate((m, k) for m, k in _NAMES.items() if m in scores)
    ]
    height = pitch * max(1, len(rows))
    x_scale = {"domain": [0, right], "nice": False}
    axis = {
        "title": message("chart-backtest-crps", lang),
        "grid": True,
        "domain": False,
        "ticks": False,
        "tickCount": 4,
    }
    y = vl.by("y:Q", scale={"domain": [height, 0], "nice": False, "zero": False}, axis=None)
    named = data(rows)
    paint = vl.by(
        "colour:N",
        scale={"domain": ["real", "naive"], "range": [c["open"], c["unknown"]]},
        legend=None,
    )
    outside: dict[str, Any] = {"aria": False, "clip": False, "baseline": "middle"}
    layers: list[Any] = [
        vl.Layer(named)
        .mark("rule", strokeWidth=7, opacity=0.55)
        .encode(x=vl.by("zero:Q", scale=x_scale, axis=axis), x2="at", y=y, color=paint),
        vl.Layer(named)
        .mark("point", filled=True, size=50, aria=True)
        .encode(
            x=vl.by("at:Q", scale=x_scale, axis=axis),
            y=y,
            color=paint,
            opacity=vl.value(1),
            description="label:N",
        ),
        vl.Layer(named)
        .mark("text", align="left", dx=8, fontSize=font, **outside)
        .encode(x=vl.by("at:Q", scale=x_scale, axis=axis), y=y, text="text:N"),
    ]
    if first:
        layers.append(
            vl.Layer(named)
            .mark("text", align="right", fontSize=font, **outside)
            .encode(x=vl.value(-10), y=y, text="name:N")
        )
    upper = vl.layered(layers, width=plot_w, height=height, title={"text": title, "frame": "group"})
    found = next((r for r in vintage["calibration"] if r["method"] == "mixture"), None)
    if found is None:
        return vl.concat("v", [upper], 0)
    return vl.concat("v", [upper, _pit(found["pit"], c, data, lang, plot_w)], 18)


def _pit(
    shares: Sequence[float], c: dict[str, str], data: vl.Data, lang: str, width: float
) -> Spec:
    """Histogram of the probability integral transform, with the even line."""
    bins = len(shares)
    bars = data(
        [{"from": i + 0.06, "to": i + 0.94, "share": s, "zero": 0.0} for i, s in enumerate(shares)]
    )
    even = data([{"from": 0.0, "to": float(bins), "share": 1.0 / bins}])
    x_axis = {
        "title": message("chart-backtest-tenths", lang),
        "values": [],
        "domain": False,
        "ticks": False,
    }
    y_axis = {
        "title": message("chart-backtest-pit", lang),
        "titleAngle": 0,
        "titleAlign": "left",
        "titleAnchor": "end",
        "titleX": -30,
        "titleY": -10,
        "format": ".0%",
        "tickCount": 3,
        "domain": False,
        "ticks": False,
    }
    x = vl.by("from:Q", scale={"domain": [0, bins], "nice": False}, axis=x_axis)
    y_scale = {"domain": [0, 1.15 * max(*shares, 1.5 / bins)], "nice": False}
    y = vl.by("share:Q", scale=y_scale, axis=y_axis)
    layers = [
        vl.Layer(bars)
        .mark("rect", color=c["open"], opacity=0.55)
        .encode(x=x, x2="to", y=y, y2="zero"),
        vl.Layer(even).mark("rule", color=c["ink"], strokeDash=[5, 3]).encode(x=x, x2="to", y=y),
        vl.Layer(even)
        .mark("text", align="right", baseline="bottom", fontSize=10.5)
        .encode(
            x=vl.value(width),
            y=vl.value(4),
            text=vl.value("– – " + message("chart-backtest-even", lang)),
        ),
    ]
    return vl.layered(layers, width=width, height=110)
