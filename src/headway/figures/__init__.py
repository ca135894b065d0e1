"""Results as charts and chart data; no statistics here.

``*_chart`` functions take plain rows or polars frames and return an Altair chart, ``*_spec``
functions the same as a plain Vega-Lite specification. ``size`` is ``"wide"`` (about 860 px) or
``"narrow"`` (about 360 px, for phones), ``lang`` a shipped language, ``palette`` ``"light"``,
``"dark"`` or ``"css"`` (colours as CSS variables, for the HTML report).
"""

from __future__ import annotations

from headway.figures.charts import forest_chart, frontier_chart, history_chart, survival_chart
from headway.figures.contract import HeadwayLike, LagRowLike, Size
from headway.figures.forest import ForestRow, forest_rows, forest_spec, open_days
from headway.figures.frontier import frontier_spec
from headway.figures.history import has_jump, history_spec
from headway.figures.save import save, svg_of
from headway.figures.survival import survival_spec
from headway.figures.theme import PALETTES, Palette
from headway.figures.vl import Spec

__all__ = [
    "PALETTES",
    "ForestRow",
    "HeadwayLike",
    "LagRowLike",
    "Palette",
    "Size",
    "Spec",
    "forest_chart",
    "forest_rows",
    "forest_spec",
    "frontier_chart",
    "frontier_spec",
    "has_jump",
    "history_chart",
    "history_spec",
    "open_days",
    "save",
    "survival_chart",
    "survival_spec",
    "svg_of",
]
