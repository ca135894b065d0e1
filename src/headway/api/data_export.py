"""``headway data export``: any table of the release in a format of one's own choice."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headway.api.data import load, provenance_of, resolve_as_of
from headway.api.envelope import Result, choices, envelope
from headway.api.offline import offline_if
from headway.errors import BadOption, EmptyTable, HeadwayError
from headway.problems import problem
from headway.tables.store import ALL_TABLES, Release
from headway.textsafe import clip

if TYPE_CHECKING:
    import polars as pl

__all__ = ["BINARY", "FORMATS", "Export", "data_export"]

#: Format to the ending of its files.
FORMATS = {"csv": "csv", "parquet": "parquet", "json": "json", "xlsx": "xlsx", "eee": "jsonl"}
#: Formats that are no text: they are never printed.
BINARY = ("parquet", "xlsx")
#: Rows of a sheet, one of them the header.
_SHEET_ROWS = 2**20


@dataclass(frozen=True)
class Export(Result):
    """An exported table.

    Parameters
    ----------
    name, format : str
    frame : polars.DataFrame
        The rows.
    body : bytes
        The file.
    path : Path or None
        Where it was written.
    """

    name: str
    format: str
    frame: pl.DataFrame
    body: bytes
    path: Path | None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return envelope(
            "data-export",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=[
                {
                    "table": self.name,
                    "format": self.format,
                    "rows": len(self.frame),
                    "columns": self.frame.columns,
                    "path": None if self.path is None else str(self.path),
                    "bytes": len(self.body),
                    "sha256": self.sha256,
                }
            ],
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
        )

    def table(self) -> pl.DataFrame:
        return self.frame

    def text(self, lang: str = "en") -> str:
        """The exported text, or one sentence about a file that is no text."""
        from headway.i18n import message

        if self.format not in BINARY and self.path is None:
            return self.body.decode()
        return message(
            "export-written",
            lang,
            rows=str(len(self.frame)),
            table=self.name,
            path="-" if self.path is None else str(self.path),
        )

    def __repr__(self) -> str:
        return f"Export({self.name} as {self.format}: {len(self.frame)} rows)"


def data_export(
    table: str,
    *,
    format: str = "csv",
    output: str | Path | None = None,
    where: Sequence[str] = (),
    as_of: date | None = None,
    seed: int = 0,
    offline: bool = False,
) -> Export:
    """A table of the release in use as CSV, Parquet, JSON, XLSX or Every Eval Ever records.

    Equal data and options give equal bytes. CSV, Parquet and JSON have every column and full
    precision; in XLSX a text that looks like a formula or an address stays a text.

    Parameters
    ----------
    table : str
        One of the tables that ``headway data list`` names.
    format : {"csv", "parquet", "json", "xlsx", "eee"}
        ``eee`` is for ``scores`` only: Every Eval Ever 0.3.0, one record per line.
    output : path, optional
        Written in one step; without it nothing is written (see :attr:`Export.body`).
    where : sequence of str
        Conditions ``COLUMN=VALUE`` that all hold; the value ``null`` means no value.
    as_of : date, optional
        Only scores known by then.
    seed : int
        Unused by this verb; kept in the provenance.
    offline : bool
        Refuse any network use.

    Raises
    ------
    BadOption
        No such table, format or column, or ``eee`` of another table than ``scores``.
    EmptyTable
        No row is left.
    HeadwayError
        The file cannot be written.

    Examples
    --------
    >>> import headway
    >>> headway.data_export("scores", where=["model_version=gpt-5"]).frame  # doctest: +SKIP
    """
    (name,) = choices("TABLE", table, ALL_TABLES, "data export")
    (chosen,) = choices("--format", format, tuple(FORMATS), "data export")
    if chosen == "eee" and name != "scores":
        raise problem(BadOption, "export-eee", table=name)
    with offline_if(offline):
        release = load()
        day, warned = resolve_as_of(release, as_of)
        frame = _chosen(release, name, where, as_of)
        body = _body(release, name, frame, chosen)
        path = None if output is None else Path(output)
        if path is not None:
            write_whole(path, body)
    options = {
        "table": name,
        "format": chosen,
        "where": list(where),
        "as_of": None if as_of is None else as_of.isoformat(),
    }
    return Export(
        data_release=release.data_release,
        as_of=day,
        options=options,
        warnings=warned,
        provenance=provenance_of(release, options, seed),
        name=name,
        format=chosen,
        frame=frame,
        body=body,
        path=path,
    )


def _chosen(release: Release, name: str, where: Sequence[str], as_of: date | None) -> pl.DataFrame:
    import polars as pl

    frame = release.table(name)
    if name == "scores" and as_of is not None:
        frame = frame.filter(pl.col("known_on") <= as_of)
    for condition in where:
        column, equals, value = condition.partition("=")
        if not equals or column not in frame.columns:
            raise problem(
                BadOption,
                "export-where",
                condition=clip(condition, 80),
                columns=", ".join(frame.columns),
            )
        texts = pl.col(column).cast(pl.String)
        frame = frame.filter(texts.is_null() if value == "null" else texts == value)
    if where and frame.is_empty():
        raise problem(EmptyTable, "export-empty", table=name, where=clip(", ".join(where), 200))
    return frame


def _body(release: Release, name: str, frame: pl.DataFrame, chosen: str) -> bytes:
    out = io.BytesIO()
    if chosen == "csv":
        frame.write_csv(out)
    elif chosen == "parquet":
        frame.write_parquet(out, compression="zstd")
    elif chosen == "json":
        rows = [_plain_row(row) for row in frame.iter_rows(named=True)]
        out.write(json.dumps(rows, ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n")
    elif chosen == "xlsx":
        _write_xlsx(release, name, frame, out)
    else:
        for record in _records(release, frame):
            line = json.dumps(record, ensure_ascii=False, allow_nan=False)
            out.write(line.encode() + b"\n")
    return out.getvalue()


def _plain_row(row: dict[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in row.items()}


def _write_xlsx(release: Release, name: str, frame: pl.DataFrame, out: io.BytesIO) -> None:
    """One sheet; texts stay texts, whatever they start with."""
    import xlsxwriter

    if len(frame) >= _SHEET_ROWS:
        raise problem(BadOption, "export-too-long", rows=len(frame), limit=_SHEET_ROWS - 1)
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, {"in_memory": True, **plain}) as book:
        # a fixed day, so that equal rows give equal bytes
        made = datetime.combine(release.head.released, time())
        book.set_properties({"title": f"Headway {release.data_release}: {name}", "created": made})
        frame.write_excel(book, worksheet=name[:31], autofit=False, float_precision=6)


def _records(release: Release, frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    from headway.sources.formats.every_eval_ever import export

    return export(
        frame.iter_rows(named=True),
        models={r["model_version"]: r for r in release.model_versions.iter_rows(named=True)},
        benchmarks={r["benchmark"]: r for r in release.benchmarks.iter_rows(named=True)},
        publishers=dict(release.sources.select("source", "publisher").iter_rows()),
        released=release.head.released,
    )


def write_whole(path: Path, body: bytes) -> None:
    """Write a file in one step: a reader sees all of it or what was there before.

    Raises
    ------
    HeadwayError
        The folder does not exist or may not be written.
    """
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as e:
        raise problem(
            HeadwayError, "cannot-write", file=clip(path.name), why=type(e).__name__
        ) from e
