"""What differs between two releases: rows by key, per table and per source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from headway.dataset.rows import sourced_tables
from headway.tables.schemas import SCHEMAS

__all__ = ["Cell", "Changes", "TableChange", "compare"]

#: Changed cells that are shown one by one, per table.
SHOWN = 20
#: Counts that follow from other rows; they are no change of their own.
_DERIVED = {"sources": ("rows",)}


@dataclass(frozen=True, slots=True)
class Cell:
    """One changed cell."""

    key: str
    column: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class TableChange:
    """What changed in one table.

    Parameters
    ----------
    table : str
    before, after : int
        Rows.
    added, removed, changed : int
        Rows whose key is new, whose key is gone, and whose key stayed with another cell.
    columns : mapping of str to int
        Changed cells per column.
    cells : tuple of Cell
        The first of them, in the order of the keys.
    """

    table: str
    before: int
    after: int
    added: int
    removed: int
    changed: int
    columns: Mapping[str, int]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since an earlier release.

    Parameters
    ----------
    since : str
        Its name.
    since_hash : str
        SHA-256 over its tables.
    since_shipped : bool
        It is the one that ships in the package.
    tables : tuple of TableChange
    sources : mapping of str to (int, int, int)
        Rows added, removed and changed per source; sources without a change are not in it.
    """

    since: str
    since_hash: str
    since_shipped: bool
    tables: tuple[TableChange, ...]
    sources: Mapping[str, tuple[int, int, int]]

    @property
    def counts(self) -> tuple[int, int, int]:
        """Rows added, removed and changed over all tables."""
        return (
            sum(t.added for t in self.tables),
            sum(t.removed for t in self.tables),
            sum(t.changed for t in self.tables),
        )


def compare(
    since: str,
    since_hash: str,
    before: Mapping[str, pl.DataFrame],
    after: Mapping[str, pl.DataFrame],
    *,
    shipped: bool = False,
) -> Changes:
    """What differs between two sets of tables; a table that one of them lacks is empty there."""
    tables = []
    sources: dict[str, Counter[str]] = {}
    sourced = set(sourced_tables())
    for name in SCHEMAS:
        if name not in before and name not in after:
            continue
        empty = SCHEMAS[name].create_empty()
        old, new = (side.get(name, empty) for side in (before, after))
        change, parts = _table(name, old, new)
        tables.append(change)
        if name in sourced:
            for kind, frame in parts.items():
                for source, count in frame["source"].value_counts().iter_rows():
                    sources.setdefault(source, Counter())[kind] += count
    return Changes(
        since=since,
        since_hash=since_hash,
        since_shipped=shipped,
        tables=tuple(tables),
        sources={
            key: (c["added"], c["removed"], c["changed"]) for key, c in sorted(sources.items())
        },
    )


def _table(
    name: str, old: pl.DataFrame, new: pl.DataFrame
) -> tuple[TableChange, dict[str, pl.DataFrame]]:
    keys = SCHEMAS[name].primary_key()
    rest = [c for c in new.columns if c not in keys and c not in _DERIVED.get(name, ())]
    added = new.join(old.select(keys), on=keys, how="anti")
    removed = old.join(new.select(keys), on=keys, how="anti")
    both = new.join(old, on=keys, how="inner", suffix=":old").sort(keys)
    differs = {c: pl.col(c).ne_missing(pl.col(f"{c}:old")) for c in rest}
    changed = both.filter(pl.any_horizontal(differs.values())) if rest else both.head(0)
    columns = {c: len(changed.filter(differs[c])) for c in rest}
    cells: list[Cell] = []
    for row in changed.iter_rows(named=True):
        key = " / ".join(str(row[k]) for k in keys)
        cells.extend(
            Cell(key, c, _text(row[f"{c}:old"]), _text(row[c]))
            for c in rest
            if row[c] != row[f"{c}:old"]
        )
        if len(cells) >= SHOWN:
            break
    change = TableChange(
        table=name,
        before=len(old),
        after=len(new),
        added=len(added),
        removed=len(removed),
        changed=len(changed),
        columns={c: n for c, n in columns.items() if n},
        cells=tuple(cells[:SHOWN]),
    )
    return change, {"added": added, "removed": removed, "changed": changed}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
