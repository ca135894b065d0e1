"""Charts to SVG, PNG and JSON; one V8 start serves all conversions of a process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from headway.errors import BadOption
from headway.figures.vl import VERSION, Spec

if TYPE_CHECKING:
    import altair as alt

__all__ = ["save", "svg_of"]


def svg_of(spec: Spec) -> str:
    """A Vega-Lite specification as SVG text. Nothing is fetched."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(spec, vl_version=VERSION, allowed_base_urls=[]))


def save(chart: alt.TopLevelMixin | Spec, path: str | Path, *, scale: float = 2.0) -> Path:
    """Write a chart as ``.svg``, ``.png`` or ``.json`` (its Vega-Lite specification).

    Parameters
    ----------
    chart : altair chart or specification
    path : path
        Its ending chooses the format.
    scale : float
        Pixels per unit of a PNG.

    Raises
    ------
    BadOption
        The ending is none of these.
    """
    target = Path(path)
    spec: Spec = chart if isinstance(chart, dict) else chart.to_dict()
    if target.suffix == ".svg":
        target.write_text(svg_of(spec), encoding="utf-8")
    elif target.suffix == ".png":
        import vl_convert

        target.write_bytes(
            vl_convert.vegalite_to_png(spec, vl_version=VERSION, scale=scale, allowed_base_urls=[])
        )
    elif target.suffix == ".json":
        target.write_text(json.dumps(spec, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    else:
        raise BadOption(
            f"a chart can be saved as .svg, .png or .json, not {target.suffix!r}",
            hint="save(chart, 'lag.svg')",
        )
    return target
