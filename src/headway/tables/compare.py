"""What differs between two releases, table by table: rows added, removed and changed.

A row of most tables is known by its primary key. The key of an access interval has its first day in
it; of what the key leaves over, a model's only interval of one kind on either side is the same one,
dated anew. The id of a score is a hash that may have the value in it, so a corrected score would pass
for one removed and one added. Scores are therefore matched in three steps, each among what the
steps before left over:

1. the same ``score_id``;
2. the same :data:`SUBJECT`: all that a score is about, and not what was found. Of several rows with
   one subject those that differ in the fewest columns belong together, then those whose values are
   nearest;
3. the same :data:`LOOSE_SUBJECT`, where exactly one row is left on either side: a setting that was
   named or dated anew.

The rule treats both releases alike: exchanged, they give the mirrored answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from headway.tables.schemas import FOREIGN_KEYS, SCHEMAS
from headway.tables.store import ALL_TABLES, Release

__all__ = ["LOOSE_SUBJECT", "SUBJECT", "TableChanges", "compare", "compare_releases", "match"]

#: What a score is about.
SUBJECT = (
    "model_version",
    "model_as_named",
    "effort",
    "benchmark",
    "panel",
    "scaffold",
    "harness_version",
    "token_budget",
    "attempts",
    "unit",
    "evaluator",
    "evaluated_on",
    "source",
    "source_url",
)
#: The part of it that stays when a source writes names, dates or addresses anew.
LOOSE_SUBJECT = ("model_version", "effort", "benchmark", "panel", "scaffold", "source", "unit")
#: Stands for an unknown in a subject; no text of a table has it.
_UNKNOWN = "\0"
#: Columns by which changes are counted, where a table has them.
_COUNTED = ("source", "benchmark")


@dataclass(frozen=True)
class TableChanges:
    """How one table differs.

    Parameters
    ----------
    table : str
    key : tuple of str
        Primary key.
    before, after : polars.DataFrame
        The whole table on either side.
    pairs : polars.DataFrame
        Matched rows: their places ``before`` and ``after``, ``step`` of the matching rule, and
        ``columns``, the names of the columns that differ (the key of a score is not one of them).
    """

    table: str
    key: tuple[str, ...]
    before: pl.DataFrame
    after: pl.DataFrame
    pairs: pl.DataFrame

    @cached_property
    def added(self) -> pl.DataFrame:
        """Rows of the second release that match none of the first."""
        return _others(self.after, self.pairs["after"])

    @cached_property
    def removed(self) -> pl.DataFrame:
        """Rows of the first release that match none of the second."""
        return _others(self.before, self.pairs["before"])

    @cached_property
    def changed(self) -> pl.DataFrame:
        """The pairs that differ."""
        return self.pairs.filter(pl.col("columns").list.len() > 0)

    @property
    def renumbered(self) -> int:
        """Scores that differ in their id alone and count as the same."""
        same = self.pairs.filter(pl.col("columns").list.len() == 0)
        return int((same["step"] > 1).sum())

    @property
    def is_same(self) -> bool:
        """No row was added, removed or changed."""
        return not (len(self.added) or len(self.removed) or len(self.changed))

    @cached_property
    def columns(self) -> dict[str, int]:
        """Columns that differ in changed rows, with the number of rows, most first."""
        counts = self.changed["columns"].explode().value_counts().rows()
        return dict(sorted(counts, key=lambda one: (-one[1], one[0])))

    def counts(self, by: str) -> pl.DataFrame:
        """Rows before, removed, added, changed and after per value of a column.

        A row that went from one value of the column to another counts as removed there and as added
        here, so that every line adds up.
        """
        moved = pl.col("columns").list.contains(by)
        left, came = self.changed.filter(moved), self.changed.filter(moved)
        stayed = self.changed.filter(~moved)
        parts = {
            "before": self.before[by],
            "removed": pl.concat([self.removed[by], self.before[by].gather(left["before"])]),
            "added": pl.concat([self.added[by], self.after[by].gather(came["after"])]),
            "changed": self.after[by].gather(stayed["after"]),
            "after": self.after[by],
        }
        values = pl.concat([parts["before"], parts["after"]]).unique().sort().to_frame(by)
        for name, column in parts.items():
            found = column.to_frame(by).group_by(by).agg(pl.len().cast(pl.Int64).alias(name))
            values = values.join(found, on=by, how="left", maintain_order="left")
        return values.with_columns(pl.col(*parts).fill_null(0))

    @property
    def counted(self) -> tuple[str, ...]:
        """Columns by which :meth:`counts` says something."""
        pointing = {c for t, c, *_ in FOREIGN_KEYS if t == self.table}
        return tuple(c for c in _COUNTED if c in pointing)

    def cells(self) -> pl.DataFrame:
        """One line per cell that differs; a cell of an added or removed row where it is known.

        Columns ``table``, ``change`` (``added``, ``removed``, ``changed``), ``key``, then the
        source, benchmark and model of the row where it has them, ``column``, ``before``, ``after``.
        Values are texts; the key of a changed score is that of the second release.
        """
        lines = [
            {
                "table": self.table,
                "change": change,
                "key": "/".join(_text(row[c]) or "" for c in self.key),
                **{c: _text(row.get(c)) for c in ("source", "benchmark", "model_version")},
                "column": column,
                "before": _text(old),
                "after": _text(new),
            }
            for change, row, cells in self.rows()
            for column, (old, new) in cells.items()
        ]
        names = ("table", "change", "key", "source", "benchmark", "model_version", "column")
        return pl.DataFrame(lines, schema=dict.fromkeys((*names, "before", "after"), pl.String))

    def rows(self) -> Iterator[tuple[str, dict[str, Any], dict[str, tuple[Any, Any]]]]:
        """Every difference as (kind, row, cells); the cells hold (before, after) per column."""
        for row in self.removed.iter_rows(named=True):
            yield "removed", row, {c: (v, None) for c, v in row.items() if v is not None}
        for row in self.added.iter_rows(named=True):
            yield "added", row, {c: (None, v) for c, v in row.items() if v is not None}
        for old, new, columns in self.changed.select("before", "after", "columns").iter_rows():
            one, two = self.before.row(old, named=True), self.after.row(new, named=True)
            yield "changed", two, {c: (one[c], two[c]) for c in columns}


def compare_releases(before: Release, after: Release) -> dict[str, TableChanges]:
    """Changes of every table, in the order of the tables."""
    return {name: compare(name, before.table(name), after.table(name)) for name in ALL_TABLES}


def compare(table: str, before: pl.DataFrame, after: pl.DataFrame) -> TableChanges:
    """How a table differs between two releases.

    Parameters
    ----------
    table : str
        Its name; the rule of the module's head says which rows belong together.
    before, after : polars.DataFrame
        Both valid under the table's schema.
    """
    key = tuple(SCHEMAS[table].primary_key())
    pairs = match(table, before, after)
    ignored = key if table == "scores" else ()
    return TableChanges(table, key, before, after, _with_columns(pairs, before, after, ignored))


# Matching ----------------------------------------------------------------------------------


def match(table: str, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Rows that belong together: places ``before`` and ``after``, and the ``step`` that says so."""
    found = [_by(tuple(SCHEMAS[table].primary_key()), before, after, step=1)]

    def rest() -> tuple[pl.DataFrame, pl.DataFrame]:
        return _rest(before, "before", found), _rest(after, "after", found)

    if table == "access":
        found.append(_by(("model_version", "access"), *rest(), step=2))
    if table == "scores":
        found.append(_by_subject(*rest()))
        found.append(_by(LOOSE_SUBJECT, *rest(), step=3))
    return pl.concat(found).sort("after")


def _by(key: tuple[str, ...], before: pl.DataFrame, after: pl.DataFrame, step: int) -> pl.DataFrame:
    """Pairs of rows that are alone with their key on either side."""
    one, two = _keyed(before, "before", key), _keyed(after, "after", key)
    alone = [f.filter(pl.col("_key").is_unique()) for f in (one, two)]
    return alone[0].join(alone[1], on="_key").select("before", "after", step=pl.lit(step))


def _keyed(frame: pl.DataFrame, side: str, key: tuple[str, ...]) -> pl.DataFrame:
    """Places of the rows with their key as one text."""
    placed = frame if side in frame.columns else frame.with_row_index(side)
    texts = [pl.col(c).cast(pl.String).fill_null(_UNKNOWN) for c in key]
    return placed.select(pl.col(side).cast(pl.Int64), _key=pl.concat_str(texts, separator="\x1f"))


def _rest(frame: pl.DataFrame, side: str, found: list[pl.DataFrame]) -> pl.DataFrame:
    """Rows that no step has matched, with their places."""
    taken = pl.concat([f[side] for f in found])
    placed = frame.with_row_index(side).with_columns(pl.col(side).cast(pl.Int64))
    return placed.filter(~pl.col(side).is_in(taken.implode()))


def _by_subject(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Pairs with one subject, the most alike first."""
    one, two = _keyed(before, "before", SUBJECT), _keyed(after, "after", SUBJECT)
    possible = one.join(two, on="_key").drop("_key")
    rows = {
        side: {row[side]: row for row in frame.iter_rows(named=True)}
        for side, frame in (("before", before), ("after", after))
    }
    ranked = sorted(
        (*_distance(rows["before"][i], rows["after"][j]), i, j) for i, j in possible.iter_rows()
    )
    pairs, taken = [], (set[int](), set[int]())
    for *_, i, j in ranked:
        if i not in taken[0] and j not in taken[1]:
            pairs.append((i, j, 2))
            taken[0].add(i)
            taken[1].add(j)
    kinds = {"before": pl.Int64, "after": pl.Int64, "step": pl.Int32}
    return pl.DataFrame(pairs, schema=kinds, orient="row")


def _distance(one: dict[str, Any], two: dict[str, Any]) -> tuple[int, float, str, str]:
    """Columns that differ, then how far the values are apart; ids last, so that no tie is left."""
    columns = one.keys() - {"before", "score_id", "duplicate_of"}
    first, second = sorted((one["score_id"], two["score_id"]))
    return (
        sum(one[c] != two[c] for c in columns),
        abs(one["value"] - two["value"]),
        first,
        second,
    )


def _with_columns(
    pairs: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame, ignored: tuple[str, ...]
) -> pl.DataFrame:
    """The pairs with the names of the columns that differ."""
    one, two = before[pairs["before"]], after[pairs["after"]]
    if ignored:
        # the original of a duplicate under its new id is still the same original
        new = dict(zip(one["score_id"], two["score_id"], strict=True))
        one = one.with_columns(pl.col("duplicate_of").replace(new))
    compared = [c for c in before.columns if c not in ignored]
    differs = pl.DataFrame({c: one[c].ne_missing(two[c]) for c in compared})
    named = [pl.when(pl.col(c)).then(pl.lit(c)) for c in compared]
    columns = differs.select(columns=pl.concat_list(named).list.drop_nulls())["columns"]
    return pairs.with_columns(columns=columns)


def _others(frame: pl.DataFrame, places: pl.Series) -> pl.DataFrame:
    keep = pl.int_range(pl.len(), dtype=pl.Int64).is_in(places.implode())
    return frame.filter(~keep)


def _text(value: object) -> str | None:
    """A cell as text: dates as ISO, numbers in full."""
    return None if value is None else str(value)
