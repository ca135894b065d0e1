"""SVG of charts made fit for a page: themed by classes, small, unique ids, no inline style.

The page's content security policy forbids ``style`` attributes, and custom properties in
presentation attributes are not understood everywhere, so colours become classes (``f-open`` fills
with ``--open``, ``s-open`` strokes with it) that one style sheet defines.
"""

from __future__ import annotations

import html
import math
import re

from headway.figures.labels import text_width
from headway.figures.theme import PALETTES

__all__ = ["colour_css", "for_page"]

_ROOT = re.compile(r"<svg\b[^>]*>")
_TAG = re.compile(r"<([a-zA-Z]+)((?:\s+[\w:-]+=\"[^\"]*\")*)\s*(/?)>")
_ATTRIBUTE = re.compile(r"([\w:-]+)=\"([^\"]*)\"")
_VARIABLE = re.compile(r"^var\(--([\w-]+)\)$")
_LONG = re.compile(r"(-?\d+\.\d{2})\d+")
_DROP = frozenset({"font-family", "role", "aria-roledescription", "xmlns", "xmlns:xlink", "style"})
_NODE = re.compile(r"<(/?)(g|text)\b([^>]*?)(/?)>([^<]*)")
_SHIFT = re.compile(r"translate\((-?[\d.]+)")
#: Text of a reader's font may be so much wider than the estimate.
_SLACK = 1.06
#: Attributes whose value is SVG's default.
_DEFAULT = {
    ("stroke-opacity", "1"),
    ("fill-opacity", "1"),
    ("opacity", "1"),
    ("stroke-miterlimit", "10"),
    ("pointer-events", "none"),
    ("stroke-dasharray", "1,0"),
    ("text-anchor", "start"),
    ("aria-hidden", "true"),
    ("transform", "translate(0,0)"),
}


def for_page(svg: str, *, prefix: str, alt: str, classes: str) -> str:
    """A chart's SVG for inlining.

    Parameters
    ----------
    svg : str
        As vl-convert wrote it; its text nodes and attributes are already escaped.
    prefix : str
        Put before every id, so that several charts share a page.
    alt : str
        Text alternative of the whole chart.
    classes : str
        Classes of the root element.
    """
    root = _ROOT.search(svg)
    assert root is not None, "vl-convert wrote no <svg>"
    box = dict(_ATTRIBUTE.findall(root.group(0)))
    width, height = float(box["width"]), float(box["height"])
    body = svg[root.end() : svg.rindex("</svg>")]
    body = re.sub(r"<style.*?</style>", "", body, flags=re.S)

    numbers: dict[str, int] = {}

    def own(name: str) -> str:
        """An id by order of appearance: the converter counts on from drawing to drawing."""
        return f"{prefix}{numbers.setdefault(name, len(numbers))}"

    def tag(match: re.Match[str]) -> str:
        name, raw, close = match.groups()
        kept: list[str] = []
        names: list[str] = []
        for key, value in _ATTRIBUTE.findall(raw):
            if key == "class" or key in _DROP or (key, value) in _DEFAULT:
                continue
            variable = _VARIABLE.match(value)
            if key in ("fill", "stroke") and variable is not None:
                names.append(f"{key[0]}-{variable.group(1)}")
                continue
            if key == "id":
                value = own(value)
            if "url(#" in value:
                value = re.sub(r"url\(#([^)]+)\)", lambda m: f"url(#{own(m.group(1))})", value)
            if key in ("d", "transform", "x", "y", "x1", "x2", "y1", "y2"):
                value = _LONG.sub(r"\1", value)
            kept.append(f'{key}="{value}"')
        if "aria-label=" in raw:
            kept.insert(0, 'role="img"')  # a label needs a role
        if names:
            kept.insert(0, f'class="{" ".join(names)}"')
        inner = " ".join([name, *kept])
        return f"<{inner}{'/' if close else ''}>"

    body = _TAG.sub(tag, body)
    body = body.replace('<path d="" display="none"/>', "")
    body = re.sub(r"<path fill=\"none\" d=\"M0,0h[^\"]*Z\"\s*/>", "", body)
    body = re.sub(r"<path d=\"M0,0h[^\"]*Z\"(?: fill=\"none\")?/>", "", body)
    body = re.sub(r"<g>\s*</g>", "", body)
    left, right = _overhang(body, width)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{classes}" role="img" '
        f'aria-label="{html.escape(alt, quote=True)}" '
        f'viewBox="{0 - left:g} 0 {width + left + right:g} {height:g}" '
        f'width="{width + left + right:g}" height="{height:g}">{body}</svg>'
    )


def _overhang(body: str, width: float) -> tuple[float, float]:
    """Pixels by which upright text may stand out of the drawing, to the left and to the right.

    The converter measures with its own fonts, a page is read with others.
    """
    left, right = 0.0, width
    shifts: list[float] = []
    for end, name, raw, closed, text in _NODE.findall(body):
        if end:
            if name == "g":
                shifts.pop()
            continue
        found = _SHIFT.search(raw)
        shift = float(found.group(1)) if found else 0.0
        if name == "g":
            if not closed:
                shifts.append(shift)
            continue
        if "rotate(" in raw or not text.strip():
            continue
        told = dict(_ATTRIBUTE.findall(raw))
        size = float(told.get("font-size", "11px").removesuffix("px"))
        wide = _SLACK * text_width(html.unescape(text), size)
        anchor = {"end": -1.0, "middle": -0.5}.get(told.get("text-anchor", ""), 0.0)
        begin = sum(shifts) + shift + anchor * wide
        left, right = min(left, begin), max(right, begin + wide)
    return float(math.ceil(-left)), float(math.ceil(right - width))


def colour_css() -> str:
    """Rules ``.f-NAME`` and ``.s-NAME`` for every colour of the theme."""
    return "".join(
        f".f-{name}{{fill:var(--{name})}}.s-{name}{{stroke:var(--{name})}}"
        for name in PALETTES["light"]
    )
