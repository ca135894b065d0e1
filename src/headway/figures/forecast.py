"""When the target is reached: probability over dates for one part, intervals for every part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from headway.figures import vl
from headway.figures.contract import Size
from headway.figures.frontier import ms_of
from headway.figures.keys import KeyItem, key_chart
from headway.figures.labels import text_width
from headway.figures.theme import Palette, colours, config, width_of
from headway.figures.vl import Spec
from headway.i18n import message, percent, years_month

if TYPE_CHECKING:
    import altair as alt

__all__ = ["forecast_chart", "forecast_spec"]

#: Component: colour, mark (told apart without colour), name.
_LINES = {
    "trend": ("open", "circle", "forecast-method-trend"),
    "survival": ("closed", "square", "forecast-method-survival"),
    "density": ("restricted", "diamond", "forecast-method-density"),
}
#: A mark on every so many points of a line.
_EVERY = 4
_DAY_MS = 86_400_000


def forecast_chart(
    rows: Sequence[Mapping[str, Any]],
    *,
    as_of: date,
    target: str,
    names: Mapping[str, str],
    lang: str = "en",
    size: Size = "wide",
    palette: Palette = "light",
) -> alt.TopLevelMixin:
    """:func:`forecast_spec` as an Altair chart."""
    return vl.to_altair(
        forecast_spec(
            rows, as_of=as_of, target=target, names=names, lang=lang, size=size, palette=palette
        )
    )


def forecast_spec(
    rows: Sequence[Mapping[str, Any]],
    *,
    as_of: date,
    target: str,
    names: Mapping[str, str],
    lang: str = "en",
    size: Size = "wide",
    palette: Palette = "light",
) -> Spec:
    """Chart of forecast rows.

    Above: the probability that the first part's level has been reached, over dates, with the
    forecasts it is made of. Below: per part the median (dot), the middle half (thick) and the 90 %
    interval (thin); what lies before the reference date is cut there and said in words.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of ``headway forecast --json``.
    as_of : date
    target : str
        Its name for people.
    names : mapping of model version to str
    lang, size, palette
        See :mod:`headway.figures`.
    """
    shown = [row for row in rows if row["status"] == "estimated"]
    c = colours(palette)
    data = vl.Data()
    wide = size == "wide"
    if not shown:
        text = message("finding-forecast_none", lang, target=target)
        nothing = vl.Layer(data([{"text": text}])).mark("text").encode(text="text:N")
        chart = vl.layered([nothing], width=width_of(size) - 20, height=40)
        return vl.finish(chart, data, config(palette, size))
    font = 12.5 if wide else 11.5
    label_w = 0.0
    if wide:
        label_w = min(280.0, max(1.1 * text_width(_name(r, lang), font) for r in shown) + 16)
    # both plots begin where the names of the lower one end
    room = width_of(size) - 24 - label_w - (0.0 if wide else 34.0)
    parts = [_curve(shown[0], c, data, as_of, lang, wide, room)]
    # a rule that is used alone, without the mixture's parts, has no other lines to explain
    key = key_chart(
        data,
        [
            KeyItem("line", c["ink"], message("chart-forecast-used", lang)),
            *(
                KeyItem(mark, c[colour], message(text, lang))
                for name, (colour, mark, text) in _LINES.items()
                if name in shown[0]["curve"][0]
            ),
        ],
        width=room,
        font=12.0 if wide else 11.0,
        page=c["page"],
    )
    parts = [key, *parts, _intervals(shown, c, data, as_of, lang, wide, room, font)]
    return vl.finish(vl.concat("v", parts, 14), data, config(palette, size))


def _name(row: Mapping[str, Any], lang: str) -> str:
    if row["stage"]:
        return message(f"stage-{row['stage']}", lang)
    return message(f"domain-{row['domain']}", lang)


def _quarters(start: float, end: float, *, wide: bool) -> Spec:
    """A date axis with a label per quarter, half year or year, as many as fit."""
    years = (end - start) / (365.25 * _DAY_MS)
    step = 3 if years * 4 <= (9 if wide else 4) else 6 if years * 2 <= (9 if wide else 5) else 12
    first = date.fromtimestamp(start / 1000).year
    values = [
        ms
        for year in range(first, first + 25)
        for month in range(1, 13, step)
        if start <= (ms := ms_of(date(year, month, 1))) <= end
    ]
    return {
        "title": None,
        "values": values,
        "labelExpr": "utcFormat(datum.value, '%Y-%m')",
        "grid": False,
        "labelOverlap": True,
    }


def _curve(
    row: Mapping[str, Any],
    c: dict[str, str],
    data: vl.Data,
    as_of: date,
    lang: str,
    wide: bool,
    room: float,
) -> Spec:
    """Probability over dates of one part."""
    points = [
        {"ms": ms_of(date.fromisoformat(p["date"])), **{k: v for k, v in p.items() if k != "date"}}
        for p in row["curve"]
    ]
    # until nearly all of the forecast is in, at least a year
    need = next((p["ms"] for p in points if p["used"] >= 0.985), points[-1]["ms"])
    end = max(need, ms_of(as_of) + 365 * _DAY_MS)
    points = [p for p in points if p["ms"] <= end]
    start = ms_of(as_of)
    x_scale = {"domain": [start, end], "type": "utc", "nice": False}
    axis = _quarters(start, end, wide=wide)
    x = vl.by("ms:T", scale=x_scale, axis=axis)
    y_axis = {
        "title": message("chart-forecast-probability", lang),
        "titleAngle": 0,
        "titleAlign": "left",
        "titleAnchor": "end",
        "titleX": -34,
        "titleY": -10,
        "values": [0, 0.25, 0.5, 0.75, 1],
        "format": ".0%",
        "domain": False,
        "ticks": False,
    }
    y_scale = {"domain": [0, 1.02], "nice": False}

    def y(field: str) -> Spec:
        return vl.by(f"{field}:Q", scale=y_scale, axis=y_axis)

    half = data([{"ms": start, "end": end, "used": 0.5}])
    layers: list[Any] = [
        vl.Layer(half)
        .mark("rule", color=c["rule"], strokeDash=[2, 3])
        .encode(x=x, x2="end", y=y("used"))
    ]
    for i, (name, (colour, mark, _)) in enumerate(_LINES.items()):
        if name not in points[0]:
            continue
        line = [{"ms": p["ms"], name: p[name]} for p in points]
        layers += [
            vl.Layer(data(line))
            .mark("line", color=c[colour], strokeWidth=1.3, clip=True)
            .encode(x=x, y=y(name)),
            vl.Layer(data(line[1 + i :: _EVERY]))
            .mark("point", shape=mark, size=34, fill=c[colour], stroke=c[colour], clip=True)
            .encode(x=x, y=y(name), opacity=vl.value(1)),
        ]
    layers.append(
        vl.Layer(data([{"ms": p["ms"], "used": p["used"]} for p in points]))
        .mark("line", color=c["ink"], strokeWidth=2.6, clip=True)
        .encode(x=x, y=y("used"))
    )
    return vl.layered(
        layers,
        width=room,
        height=210 if wide else 165,
        title={"text": _name(row, lang), "frame": "group"},
    )


def _intervals(
    rows: Sequence[Mapping[str, Any]],
    c: dict[str, str],
    data: vl.Data,
    as_of: date,
    lang: str,
    wide: bool,
    room: float,
    font: float,
) -> Spec:
    """Median, middle half and 90 % interval of every part."""
    now = ms_of(as_of)
    known = [d for row in rows for d in row["date_quantiles"].values() if d != "inf"]
    right = max(ms_of(date.fromisoformat(max(known))), now + 365 * _DAY_MS)
    right = min(right, now + 4 * 365 * _DAY_MS)
    words = [_words(row, as_of, lang) for row in rows]
    words_w = max(1.1 * text_width(w, font) for w in words) + 16 if wide else 0.0
    plot_w = room - words_w
    pitch = 30.0 if wide else 46.0
    marks = []
    for i, row in enumerate(rows):
        q = row["date_quantiles"]

        def at(p: str, q: Mapping[str, str] = q) -> float:
            if q[p] == "inf":
                return float(right)
            return float(min(max(ms_of(date.fromisoformat(q[p])), now), right))

        inside = q["0.5"] != "inf" and now < ms_of(date.fromisoformat(q["0.5"])) <= right
        name = _name(row, lang)
        marks.append(
            {
                "y": i * pitch + (pitch / 2 if wide else pitch - 15),
                "name": name,
                "words": words[i],
                "both": message("chart-name_value", lang, name=name, value=words[i]),
                "low": at("0.05"), "high": at("0.95"),
                "q1": at("0.25"), "q3": at("0.75"),
                "mid": at("0.5"),
                "shape": "in" if inside else "reached" if at("0.5") <= now else "later",
            }
        )  # fmt: skip
    height = len(rows) * pitch + 4
    x_scale = {"domain": [now, right + 0.01 * (right - now)], "type": "utc", "nice": False}
    axis = _quarters(now, right, wide=wide)
    axis |= {"title": message("chart-forecast-dates", lang), "grid": True}
    y_scale = {"domain": [height, 0], "nice": False, "zero": False}
    y = vl.by("y:Q", scale=y_scale, axis=None)

    def x(field: str) -> Spec:
        return vl.by(f"{field}:T", scale=x_scale, axis=axis)

    named = data(marks)
    layers: list[Any] = [
        vl.Layer(named)
        .mark("rule", color=c["open"], strokeWidth=1.5)
        .encode(x=x("low"), x2="high", y=y),
        vl.Layer(named)
        .mark("rule", color=c["open"], strokeWidth=6, opacity=0.5)
        .encode(x=x("q1"), x2="q3", y=y),
        vl.Layer(named)
        .mark("point", filled=True, size=75, color=c["open"], stroke=c["page"], aria=True)
        .encode(
            x=x("mid"),
            y=y,
            opacity=vl.value(1),
            shape=vl.by(
                "shape:N",
                scale={
                    "domain": ["in", "reached", "later"],
                    "range": ["circle", "triangle-left", "triangle-right"],
                },
                legend=None,
            ),
            description="both:N",
        ),
    ]
    outside: dict[str, Any] = {"aria": False, "clip": False, "baseline": "middle"}
    if wide:
        layers += [
            vl.Layer(named)
            .mark("text", align="right", fontSize=font, **outside)
            .encode(x=vl.value(-12), y=y, text="name:N"),
            vl.Layer(named)
            .mark("text", align="left", fontSize=font, **outside)
            .encode(x=vl.value(plot_w + 12), y=y, text="words:N"),
        ]
    else:
        layers.append(
            vl.Layer(named)
            .mark("text", align="left", dy=-17, fontSize=font, **outside)
            .encode(x=vl.value(0), y=y, text="both:N")
        )
    return vl.layered(layers, width=plot_w, height=height)


def _words(row: Mapping[str, Any], as_of: date, lang: str) -> str:
    """``Feb 2027 (Oct 2026 to Nov 2027)``, or with what share it is reached already."""

    def told(day: str) -> str:
        if day == "inf":
            return message("forecast-later", lang)
        found = date.fromisoformat(day)
        return message("forecast-reached", lang) if found <= as_of else years_month(found, lang)

    q = row["date_quantiles"]
    if told(q["0.5"]) == message("forecast-reached", lang):
        share = percent(row["reached"]["probability"], lang)
        return message("chart-forecast-reached_share", lang, share=share)
    return message(
        "chart-forecast-words",
        lang,
        median=told(q["0.5"]),
        low=told(q["0.05"]),
        high=told(q["0.95"]),
    )
