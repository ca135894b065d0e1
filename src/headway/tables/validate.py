"""Checks at every boundary: a table is used whole and valid, or not at all.

Errors name the table, the column, the rule and the first bad rows with their values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from headway.errors import BadTable, ColumnsMissing, EmptyTable
from headway.problems import problem
from headway.tables.schemas import FOREIGN_KEYS, SCHEMAS
from headway.textsafe import clip

if TYPE_CHECKING:
    import dataframely as dy

    from headway.tables.store import Release

__all__ = ["check", "check_release", "foreign_key_problems"]

#: Bad rows shown in an error.
SHOWN = 3
#: Tables that may be empty in a release.
MAY_BE_EMPTY = frozenset(
    {"tasks", "task_runs", "published_estimates", "precedents", "index_scores", "index_lines"}
)


def check(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with exactly the columns and types of its schema.

    Parameters
    ----------
    name : str
        A table of :data:`headway.tables.schemas.SCHEMAS`.
    frame : polars.DataFrame

    Returns
    -------
    polars.DataFrame
        Columns in the schema's order; column types cast where that loses nothing.

    Raises
    ------
    ColumnsMissing
        A column of the schema is absent.
    EmptyTable
        There are no rows.
    BadTable
        A row breaks a rule, a key is duplicated, or a column cannot have its type.
    """
    schema = SCHEMAS[name]
    wanted = list(schema.columns())
    missing = [c for c in wanted if c not in frame.columns]
    if missing:
        raise problem(
            ColumnsMissing,
            "columns-missing",
            table=name,
            columns=", ".join(missing),
            found=clip(", ".join(frame.columns), 200),
        )
    if frame.is_empty() and name not in MAY_BE_EMPTY:
        raise problem(EmptyTable, "empty-table", table=name)
    frame = _cast(name, schema, frame.select(wanted))
    good, failures = schema.filter(frame)
    counts = failures.counts()
    if counts:
        raise _first_failure(name, frame, failures, counts)
    assert len(good) == len(frame)
    return frame


def _cast(name: str, schema: type[dy.Schema], frame: pl.DataFrame) -> pl.DataFrame:
    casts = []
    for column, spec in schema.columns().items():
        have, want = frame.schema[column], spec.dtype
        if have == want:
            continue
        if isinstance(want, pl.Enum) and have == pl.String:
            strange = frame.filter(
                pl.col(column).is_not_null() & ~pl.col(column).is_in(want.categories)
            )
            if len(strange):
                raise problem(
                    BadTable,
                    "bad-rows",
                    table=name,
                    column=column,
                    rule=f"one of {', '.join(want.categories)}",
                    count=len(strange),
                    rows=_rows(strange, [*schema.primary_key(), column]),
                    others="-",
                )
        try:
            casts.append(frame[column].cast(want))
        except pl.exceptions.PolarsError as e:
            raise problem(
                BadTable,
                "column-type",
                table=name,
                column=column,
                expected=str(want),
                found=str(have),
                examples=_examples(frame, column),
            ) from e
    return frame.with_columns(casts)


def _examples(frame: pl.DataFrame, column: str) -> str:
    return ", ".join(clip(repr(v), 40) for v in frame[column].drop_nulls().unique().head(SHOWN))


def _first_failure(
    name: str, frame: pl.DataFrame, failures: dy.FailureInfo, counts: dict[str, int]
) -> BadTable:
    rule, count = max(counts.items(), key=lambda item: item[1])
    column, _, what = rule.partition("|")
    told = failures.details()
    bad = told.filter(pl.col(rule).cast(pl.String) == "invalid")
    keys = SCHEMAS[name].primary_key()
    shown_columns = list(dict.fromkeys([*keys, *([column] if column in frame.columns else [])]))
    if not what or column not in frame.columns:
        shown_columns = list(dict.fromkeys([*keys, *_mentioned(rule, frame.columns)]))
    return problem(
        BadTable,
        "bad-rows",
        table=name,
        column=column if what else "-",
        rule=what or rule,
        count=count,
        rows=_rows(bad, shown_columns),
        others=", ".join(sorted(r for r in counts if r != rule)) or "-",
    )


def _rows(frame: pl.DataFrame, columns: list[str]) -> str:
    """The first rows as text: ``column=value, ...; ...``."""
    return "; ".join(
        ", ".join(f"{c}={_cell(row[c])}" for c in dict.fromkeys(columns))
        for row in frame.head(SHOWN).iter_rows(named=True)
    )


def _cell(value: object) -> str:
    if value is None:
        return "null"
    return clip(repr(value) if isinstance(value, str) else value)


def _mentioned(rule: str, columns: list[str]) -> list[str]:
    """Columns to show for a rule over several columns: those its name speaks of, else the first."""
    words = set(rule.split("_"))
    named = [c for c in columns if words & set(c.split("_"))]
    return named or columns[:4]


def foreign_key_problems(release: Release) -> list[BadTable]:
    """One error per foreign key that does not hold over the whole release."""
    out = []
    for table, column, target, target_column in FOREIGN_KEYS:
        have = release.table(table).select(pl.col(column).cast(pl.String)).drop_nulls()
        known = release.table(target).select(pl.col(target_column).cast(pl.String).alias(column))
        lost = have.join(known, on=column, how="anti")[column]
        if len(lost):
            out.append(
                problem(
                    BadTable,
                    "foreign-key",
                    table=table,
                    column=column,
                    target=f"{target}.{target_column}",
                    count=len(lost),
                    values=", ".join(clip(repr(v), 60) for v in lost.unique().sort().head(SHOWN)),
                )
            )
    return out


def check_release(release: Release) -> Release:
    """The release, after every table and every foreign key was checked.

    Raises
    ------
    BadTable
        The first table or foreign key that is broken.
    """
    for name in SCHEMAS:
        check(name, release.table(name))
    broken = foreign_key_problems(release)
    if broken:
        raise broken[0]
    return release
