"""Checks every table, then writes all of them or none; same input, same bytes."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import dataframely as dy
import polars as pl

from headway.tables.schemas import FOREIGN_KEYS, SCHEMAS
from headway.tables.write import in_order, manifest, manifest_bytes, parquet_bytes, write_folder

__all__ = ["BadRelease", "frame_of", "validate", "write"]


class BadRelease(Exception):
    """A table breaks its schema or a foreign key."""


def frame_of(name: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    """Rows as a frame with the schema's columns and types, sorted by key and all columns."""
    columns = SCHEMAS[name].columns()
    data = {
        column: pl.Series(
            column, [row.get(column) for row in rows], dtype=_plain(spec), strict=True
        )
        for column, spec in columns.items()
    }
    frame = pl.DataFrame(data).with_columns(
        pl.col(column).cast(spec.dtype) for column, spec in columns.items()
    )
    return in_order(name, frame)


def _plain(spec: dy.Column) -> pl.DataType | type[pl.DataType]:
    return pl.String if isinstance(spec, dy.Enum) else spec.dtype


def validate(tables: dict[str, pl.DataFrame]) -> None:
    """Raise `BadRelease` naming table, rule and the first bad rows."""
    problems = []
    for name, frame in tables.items():
        good, failed = SCHEMAS[name].filter(frame)
        if failed.counts():
            first = failed.invalid().head(3).to_dicts()
            problems.append(f"{name}: {failed.counts()} first rows {first}")
        del good
    for table, column, other, key in FOREIGN_KEYS:
        known = tables[other][key].cast(pl.String).unique()
        values = tables[table][column].cast(pl.String).drop_nulls()
        lost = values.filter(~values.is_in(known.implode()))
        if lost.len():
            problems.append(
                f"{table}.{column}: {lost.unique().sort().head(5).to_list()} not in {other}.{key}"
            )
    if problems:
        raise BadRelease("\n".join(problems))


def write(
    tables: dict[str, pl.DataFrame],
    unresolved: list[dict[str, object]],
    out: Path,
    data_release: date,
) -> dict[str, object]:
    """Validate, write to a folder beside the target, then put it in the target's place."""
    validate(tables)
    bodies = {name: parquet_bytes(frame) for name, frame in tables.items()}
    told = manifest(data_release.isoformat(), tables, bodies)
    files = {f"{name}.parquet": body for name, body in bodies.items()}
    files["release.json"] = manifest_bytes(told)
    files["unresolved.csv"] = _unresolved(unresolved).encode()
    write_folder(out, files, replace=True)
    return told


def _unresolved(rows: list[dict[str, object]]) -> str:
    """Names that no source could place, with how many rows hang on each."""
    counts: dict[tuple[str, str, str, str], int] = {}
    for row in rows:
        key = (str(row["name"]), str(row["panel"]), str(row["origin"]), str(row["reason"]))
        counts[key] = counts.get(key, 0) + 1
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["name", "panel", "origin", "reason", "rows"])
    for key in sorted(counts):
        writer.writerow([*key, counts[key]])
    return buffer.getvalue()
