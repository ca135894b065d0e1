"""Checks every table, then writes all of them or none; same input, same bytes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import tempfile
from datetime import date
from pathlib import Path

import dataframely as dy
import polars as pl

from headway.tables.schemas import FOREIGN_KEYS, SCHEMAS

__all__ = ["BadRelease", "frame_of", "validate", "write"]

_PARQUET = {"compression": "zstd", "compression_level": 15, "statistics": False}


class BadRelease(Exception):
    """A table breaks its schema or a foreign key."""


def _columns(name: str) -> dict[str, dy.Column]:
    return SCHEMAS[name].columns()


def frame_of(name: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    """Rows as a frame with the schema's columns and types, sorted by key and all columns."""
    columns = _columns(name)
    data = {
        column: pl.Series(
            column, [row.get(column) for row in rows], dtype=_plain(spec), strict=True
        )
        for column, spec in columns.items()
    }
    frame = pl.DataFrame(data).with_columns(
        pl.col(column).cast(spec.dtype) for column, spec in columns.items()
    )
    keys = SCHEMAS[name].primary_key()
    rest = [column for column in columns if column not in keys]
    order = [
        pl.col(c).cast(pl.String) if isinstance(columns[c], dy.Enum) else pl.col(c)
        for c in [*keys, *rest]
    ]
    return frame.sort(order, nulls_last=True)


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


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write(
    tables: dict[str, pl.DataFrame],
    unresolved: list[dict[str, object]],
    out: Path,
    data_release: date,
) -> dict[str, object]:
    """Validate, write to a folder beside the target, then put it in the target's place."""
    validate(tables)
    out.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=out.parent, prefix=".release-"))
    try:
        listing: dict[str, dict[str, object]] = {}
        for name, frame in tables.items():
            path = scratch / f"{name}.parquet"
            frame.write_parquet(path, **_PARQUET)  # type: ignore[arg-type]
            listing[name] = {"rows": frame.height, "sha256": _sha256(path)}
        through = tables["scores"]["known_on"].max()
        manifest: dict[str, object] = {
            "data_release": data_release.isoformat(),
            "data_through": through.isoformat() if isinstance(through, date) else None,
            "tables": listing,
        }
        text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
        (scratch / "release.json").write_text(text, encoding="utf-8")
        (scratch / "unresolved.csv").write_text(_unresolved(unresolved), encoding="utf-8")
        if out.exists():
            old = out.with_name(f".{out.name}-old")
            shutil.rmtree(old, ignore_errors=True)
            out.rename(old)
            scratch.rename(out)
            shutil.rmtree(old)
        else:
            scratch.rename(out)
        out.chmod(0o755)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return manifest


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
