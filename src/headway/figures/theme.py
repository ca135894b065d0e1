"""Colours, shapes and type of all charts."""

from __future__ import annotations

from typing import Any, Literal

from headway.figures.contract import Size

__all__ = ["GROUP_COLOURS", "GROUP_SHAPES", "PALETTES", "Palette", "colours", "config", "width_of"]

Palette = Literal["light", "dark", "css"]

#: Names of the colours; each is a CSS variable ``--name`` in the report. Text colours keep a
#: contrast of at least 4.5:1 on ``page`` in both themes; the groups are told apart by shape too.
PALETTES: dict[str, dict[str, str]] = {
    "light": {
        "page": "#ffffff",
        "ink": "#1b2430",
        "quiet": "#566070",
        "rule": "#d8dde4",
        "grid": "#eceff3",
        "open": "#0a6a8a",
        "closed": "#b0441a",
        "restricted": "#6a489c",
        "unknown": "#6b7480",
        "wash": "#f3f6f9",
    },
    "dark": {
        "page": "#12171e",
        "ink": "#e7ebf0",
        "quiet": "#a3aebc",
        "rule": "#39434f",
        "grid": "#232b35",
        "open": "#5fc3e4",
        "closed": "#f29a66",
        "restricted": "#bda4ea",
        "unknown": "#98a2af",
        "wash": "#1a212a",
    },
}

GROUP_COLOURS = {
    "open_weight": "open",
    "closed_public": "closed",
    "closed_restricted": "restricted",
    "closed_any": "restricted",
    "unknown": "unknown",
}
GROUP_SHAPES = {
    "open_weight": "circle",
    "closed_public": "square",
    "closed_restricted": "diamond",
    "unknown": "triangle-down",
}


def colours(palette: Palette) -> dict[str, str]:
    """Colour name to the value a chart uses."""
    if palette == "css":
        return {name: f"var(--{name})" for name in PALETTES["light"]}
    return dict(PALETTES[palette])


def width_of(size: Size) -> int:
    """Outer width of a chart in pixels."""
    return 860 if size == "wide" else 350


def config(palette: Palette, size: Size) -> dict[str, Any]:
    """Vega-Lite configuration shared by all charts."""
    c = colours(palette)
    small = 12 if size == "wide" else 11.5
    text = {
        "labelColor": c["quiet"],
        "titleColor": c["ink"],
        "labelFontSize": small,
        "titleFontSize": small,
        "titleFontWeight": "normal",
    }
    return {
        "background": "transparent" if palette == "css" else c["page"],
        "font": "sans-serif",
        "padding": {"left": 2, "right": 6, "top": 6, "bottom": 4},
        "view": {"stroke": None},
        "axis": {
            **text,
            "domainColor": c["rule"],
            "tickColor": c["rule"],
            "gridColor": c["grid"],
            "tickSize": 4,
            "labelPadding": 5,
            "titlePadding": 8,
            "aria": False,
        },
        "legend": {
            **text,
            "labelColor": c["ink"],
            "title": None,
            "orient": "top",
            "symbolSize": 70,
            "labelLimit": 330,
            "columnPadding": 18,
            "rowPadding": 4,
            "aria": False,
            "direction": "horizontal" if size == "wide" else "vertical",
        },
        "title": {
            "color": c["ink"],
            "fontSize": small + 1,
            "fontWeight": 600,
            "anchor": "start",
            "offset": 8,
            "aria": False,
        },
        "text": {"color": c["ink"], "fontSize": small, "aria": False},
        "line": {"aria": False},
        "area": {"aria": False},
        "rule": {"aria": False},
        "rect": {"aria": False},
    }
