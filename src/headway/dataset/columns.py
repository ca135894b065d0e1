"""What the schemas say about a column, in the few words that all metadata standards share."""

from __future__ import annotations

from dataclasses import dataclass

import dataframely as dy

from headway.i18n import catalogue
from headway.tables.schemas import FOREIGN_KEYS, SCHEMAS

__all__ = ["Column", "ForeignKey", "columns_of", "described", "foreign_keys_of"]

_KINDS: dict[type[dy.Column], str] = {
    dy.String: "string",
    dy.Enum: "string",
    dy.Date: "date",
    dy.Bool: "boolean",
    dy.Integer: "integer",
    dy.Float: "number",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
    kind : {"string", "date", "boolean", "integer", "number"}
    required : bool
        Never null.
    words : tuple of str
        The vocabulary; empty for other columns.
    minimum, maximum, above, below : float or None
        Bounds; the last two are not reached.
    pattern : str or None
        Regular expression of the whole text.
    """

    name: str
    kind: str
    required: bool
    words: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A column that names rows of a table."""

    column: str
    table: str
    target: str


def columns_of(table: str) -> tuple[Column, ...]:
    """The columns of a table, in order."""
    keys = SCHEMAS[table].primary_key()
    out = []
    for name, spec in SCHEMAS[table].columns().items():
        pattern = getattr(spec, "regex", None)
        out.append(
            Column(
                name=name,
                kind=_KINDS[type(spec)],
                required=not spec.nullable or name in keys,
                words=tuple(spec.categories) if isinstance(spec, dy.Enum) else (),
                minimum=getattr(spec, "min", None),
                maximum=getattr(spec, "max", None),
                above=getattr(spec, "min_exclusive", None),
                below=getattr(spec, "max_exclusive", None),
                # ``^`` and ``$`` are implied by the standards, and some tools double them
                pattern=None if pattern is None else pattern.removeprefix("^").removesuffix("$"),
            )
        )
    return tuple(out)


def foreign_keys_of(table: str) -> tuple[ForeignKey, ...]:
    """The foreign keys of a table."""
    return tuple(ForeignKey(c, to, key) for name, c, to, key in FOREIGN_KEYS if name == table)


def described(table: str, column: str, lang: str) -> str:
    """What a column holds; a name that means something else in one table has a text of its own."""
    texts = catalogue(lang)
    special = f"dataset-column-{table}-{column}"
    return texts.message(special if special in texts else f"dataset-column-{column}")
