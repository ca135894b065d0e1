"""Greedy placement of text labels in pixel space, so that a static chart stays readable."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Box", "Placed", "Wanted", "place", "shorten", "text_width"]


#: x0, y0, x1, y1 in pixels.
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A label and the point it belongs to, pixels from the plot's top left; first comes first."""

    key: int
    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A placed label: left edge and vertical middle of its text, in pixels."""

    key: int
    text: str
    x: float
    y: float
    #: the label stands so far off that a leader line is needed
    leader: bool


def text_width(text: str, font_size: float) -> float:
    """Estimated width in pixels; East Asian wide characters count one em."""
    return font_size * sum(
        1.0 if unicodedata.east_asian_width(ch) in "WF" else 0.3 if ch in "iljt.,:|'! " else 0.57
        for ch in text
    )


def shorten(text: str, limit: int = 28) -> str:
    """A name cut to ``limit`` characters with an ellipsis; control characters are dropped."""
    clean = "".join(ch for ch in text if unicodedata.category(ch)[0] != "C").strip()
    return clean if len(clean) <= limit else clean[: limit - 1].rstrip() + "…"


def place(
    wanted: Sequence[Wanted],
    obstacles: Sequence[tuple[float, float]],
    *,
    width: float,
    height: float,
    font_size: float = 11.0,
    most: int = 14,
    boxes: Sequence[Box] = (),
) -> list[Placed]:
    """Place labels one by one where they touch no other label and few points.

    Parameters
    ----------
    wanted : sequence of Wanted
        In order of importance; a label that fits nowhere is left out.
    obstacles : sequence of (x, y)
        Points that labels should not cover.
    width, height : float
        Plot size in pixels.
    most : int
        Labels at most.
    boxes : sequence of (x0, y0, x1, y1)
        Places already taken.
    """
    taken: list[Box] = list(boxes)
    covered_by: list[tuple[float, float]] = list(obstacles)
    placed: list[Placed] = []
    half = font_size * 0.62
    weight = 11.0 if len(obstacles) < 400 else 6.0  # crowded plots have no empty place
    for label in wanted:
        if len(placed) >= most:
            break
        w = text_width(label.text, font_size)
        best: tuple[float, Placed, Box, list[tuple[float, float]]] | None = None
        for dy in (0, -12, 12, -24, 24, -36, 36, -50, 50, -66, 66):
            for side in ("left", "right", "middle"):
                if side == "left":
                    x = label.x - 8 - w
                elif side == "right":
                    x = label.x + 8
                else:
                    x = label.x - w / 2
                    if abs(dy) < 12:
                        continue
                y = label.y + dy
                box = (x - 2, y - half, x + w + 2, y + half)
                if box[0] < 0 or box[2] > width or box[1] < 2 or box[3] > height - 2:
                    continue
                if any(_overlap(box, other) for other in taken):
                    continue
                leader = abs(dy) > 14
                line = _leader(label, x, y, w) if leader else []
                covered = sum(_inside(point, box, 3) for point in covered_by)
                crossed = sum(any(_inside(p, other, 1) for p in line) for other in taken)
                cost = weight * covered + 30.0 * crossed + abs(dy) + (0 if side == "left" else 3)
                if best is None or cost < best[0]:
                    best = (cost, Placed(label.key, label.text, x, y, leader), box, line)
        if best is not None and best[0] < 110:
            placed.append(best[1])
            taken.append(best[2])
            covered_by.extend(best[3])
    return placed


def _leader(label: Wanted, x: float, y: float, w: float) -> list[tuple[float, float]]:
    """Points along the line from a mark to its label."""
    end = min(max(label.x, x + 4), x + 0.85 * w)
    steps = max(2, int(abs(y - label.y) // 6))
    return [
        (label.x + (end - label.x) * i / steps, label.y + (y - label.y) * i / steps)
        for i in range(1, steps)
    ]


def _inside(point: tuple[float, float], box: Box, margin: float) -> bool:
    """A point lies in a box or closer to it than ``margin``."""
    return (
        box[0] - margin < point[0] < box[2] + margin
        and box[1] - margin < point[1] < box[3] + margin
    )


def _overlap(a: Box, b: Box) -> bool:
    """Two boxes share some area."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
