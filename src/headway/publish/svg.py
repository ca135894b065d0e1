"""SVG of charts made fit for a page: themed by classes, small, unique ids, no inline style.

The page's content security policy forbids ``style`` attributes, and custom properties in
presentation attributes are not understood everywhere, so colours become classes (``f-open`` fills
with ``--open``, ``s-open`` strokes with it) that one style sheet defines.
"""

from __future__ import annotations

import html
import re

from headway.figures.theme import PALETTES

__all__ = ["colour_css", "for_page"]

_ROOT = re.compile(r"<svg\b[^>]*>")
_TAG = re.compile(r"<([a-zA-Z]+)((?:\s+[\w:-]+=\"[^\"]*\")*)\s*(/?)>")
_ATTRIBUTE = re.compile(r"([\w:-]+)=\"([^\"]*)\"")
_VARIABLE = re.compile(r"^var\(--([\w-]+)\)$")
_LONG = re.compile(r"(-?\d+\.\d{2})\d+")
_DROP = frozenset({"font-family", "role", "aria-roledescription", "xmlns", "xmlns:xlink", "style"})
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
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{classes}" role="img" '
        f'aria-label="{html.escape(alt, quote=True)}" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}">{body}</svg>'
    )


def colour_css() -> str:
    """Rules ``.f-NAME`` and ``.s-NAME`` for every colour of the theme."""
    return "".join(
        f".f-{name}{{fill:var(--{name})}}.s-{name}{{stroke:var(--{name})}}"
        for name in PALETTES["light"]
    )
