"""Legends drawn as a small chart: they wrap by themselves and carry shape, line style and colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from headway.figures import vl
from headway.figures.labels import text_width
from headway.figures.vl import Spec

__all__ = ["KeyItem", "key_chart"]


@dataclass(frozen=True, slots=True)
class KeyItem:
    """``kind`` is ``line``, ``dash`` or the name of a point shape (``hollow`` after a colon)."""

    kind: str
    colour: str
    text: str


def key_chart(
    data: vl.Data, items: Sequence[KeyItem], *, width: float, font: float, page: str
) -> Spec:
    """The items in rows no wider than ``width`` pixels."""
    rows: list[dict[str, Any]] = []
    x, y = 0.0, 0.0
    for item in items:
        lead = 24.0 if item.kind in ("line", "dash") else 12.0
        w = lead + 7 + 1.1 * text_width(item.text, font) + 18
        if x > 0 and x + w - 20 > width:
            x, y = 0.0, y + font + 7
        rows.append(
            {
                "kind": item.kind,
                "colour": item.colour,
                "text": item.text,
                "x": x,
                "x2": x + lead,
                "mid": x + lead / 2,
                "tx": x + lead + 7,
                "y": y,
            }
        )
        x += w
    height = y + font + 4
    sx = {"domain": [0, width], "nice": False}
    sy = {"domain": [height - font / 2, -font / 2 - 2], "nice": False, "zero": False}

    def at(field: str) -> Spec:
        return vl.by(f"{field}:Q", scale=sx, axis=None)

    ay = vl.by("y:Q", scale=sy, axis=None)
    layers: list[Any] = []
    for row in rows:
        one = vl.Layer(data([row]))
        kind, _, hollow = str(row["kind"]).partition(":")
        if kind in ("line", "dash"):
            layers.append(
                one.mark(
                    "rule",
                    color=row["colour"],
                    strokeWidth=2.2 if kind == "line" else 1.5,
                    strokeDash=[1, 0] if kind == "line" else [5, 3],
                ).encode(x=at("x"), x2="x2", y=ay)
            )
        else:
            layers.append(
                one.mark(
                    "point",
                    shape=kind,
                    size=52,
                    stroke=row["colour"],
                    fill=page if hollow else row["colour"],
                    strokeWidth=1.4,
                    opacity=1,
                    aria=False,
                ).encode(x=at("mid"), y=ay)
            )
    layers.append(
        vl.Layer(data(rows))
        .mark("text", align="left", baseline="middle", fontSize=font, aria=False)
        .encode(x=at("tx"), y=ay, text="text:N")
    )
    return vl.layered(layers, width=width, height=height)
