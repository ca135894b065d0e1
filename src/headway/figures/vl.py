"""Vega-Lite specifications as plain dictionaries, written like Altair.

Altair checks and copies every part of a chart many times, which costs seconds for the charts of
one report. The report therefore takes the plain specification; whoever calls a chart function
gets the same specification as an Altair chart, checked once against the schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

__all__ = [
    "SCHEMA",
    "VERSION",
    "Data",
    "Layer",
    "Spec",
    "by",
    "concat",
    "finish",
    "layered",
    "to_altair",
    "value",
    "when",
]

Spec = dict[str, Any]

#: Version of Vega-Lite that the specifications are written for and drawn with.
VERSION = "6.1"
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_TYPES = {"Q": "quantitative", "T": "temporal", "N": "nominal"}


class Data:
    """The rows of one chart under short names."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {}

    def __call__(self, rows: list[dict[str, Any]]) -> str:
        """Keep rows and return their name."""
        name = f"d{len(self.rows)}"
        self.rows[name] = rows
        return name


class Layer(Spec):
    """One layer: named data, a mark and its channels."""

    def __init__(self, data: str) -> None:
        super().__init__(data={"name": data})

    def mark(self, kind: str, **options: Any) -> Layer:
        """Set the mark and how it looks."""
        self["mark"] = {"type": kind, **options}
        return self

    def encode(self, **channels: Spec | str) -> Layer:
        """Set channels; a text is a shorthand as for :func:`by`."""
        self["encoding"] = self.get("encoding", {}) | {
            name: by(found) if isinstance(found, str) else found for name, found in channels.items()
        }
        return self

    def calculate(self, **columns: str) -> Layer:
        """Add columns computed from a row."""
        self["transform"] = [{"calculate": text, "as": name} for name, text in columns.items()]
        return self


def by(shorthand: str, **options: Any) -> Spec:
    """A channel: ``by("ms:T", scale=...)``; without a type for ``x2`` and ``y2``."""
    field, _, kind = shorthand.partition(":")
    typed = {"type": _TYPES[kind]} if kind else {}
    return {"field": field, **typed, **options}


def value(constant: Any) -> Spec:
    """A channel that is constant."""
    return {"value": constant}


def when(test: str, then: Spec, otherwise: Spec) -> Spec:
    """A channel that depends on a row."""
    return {"condition": {"test": test, **then}, **otherwise}


def layered(layers: Sequence[Spec], **options: Any) -> Spec:
    """Layers over each other."""
    return {"layer": list(layers), **options}


def concat(direction: str, parts: Sequence[Spec], spacing: int) -> Spec:
    """Charts beside (``h``) or below (``v``) each other."""
    return {f"{direction}concat": list(parts), "spacing": spacing}


def finish(spec: Spec, data: Data, config: Spec) -> Spec:
    """A complete specification."""
    return {"$schema": SCHEMA, "config": config, **spec, "datasets": data.rows}


def to_altair(spec: Spec) -> alt.TopLevelMixin:
    """The specification as an Altair chart, checked against the schema."""
    import altair as alt

    kinds: tuple[tuple[str, Any], ...] = (
        ("vconcat", alt.VConcatChart),
        ("hconcat", alt.HConcatChart),
        ("layer", alt.LayerChart),
    )
    kind = next(found for key, found in kinds if key in spec)
    chart: alt.TopLevelMixin = kind.from_dict(spec)
    return chart
