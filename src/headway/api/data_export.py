"""``headway data export``: any table, query or answer in a format of one's own choice.

In CSV and XLSX no text is a formula: spreadsheets run what begins with ``=``, ``+``, ``-`` or ``@``, and
some of our texts come from outside. XLSX marks them as texts; a CSV cannot, so they get an apostrophe
in front there, which is what spreadsheets themselves use.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headway.api.data import load, provenance_of, resolve_as_of
from headway.api.data_query import Answer, answer_frame, query
from headway.api.envelope import Result, choices, envelope
from headway.api.offline import offline_if
from headway.errors import BadOption, EmptyTable, HeadwayError
from headway.problems import problem
from headway.tables.store import ALL_TABLES, Release
from headway.textsafe import FORMULA, clip

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
    name : str
        The table, ``query``, or the command of an answer.
    format : str
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
    table: str | Result | Answer | None = None,
    *,
    sql: str | None = None,
    format: str = "csv",
    output: str | Path | None = None,
    where: Sequence[str] = (),
    as_of: date | None = None,
    seed: int = 0,
    offline: bool = False,
) -> Export:
    """A table, a query or an answer as CSV, Parquet, JSON, XLSX or Every Eval Ever records.

    Equal data and options give equal bytes. CSV, Parquet and JSON have every column and full
    precision. A text that looks like a formula stays a text in XLSX, and gets an apostrophe in front
    in CSV.

    Parameters
    ----------
    table : str, Result or mapping
        One of the tables that ``headway data list`` names; or what any verb returned, as the object
        (its :meth:`Result.table`) or as its JSON.
    sql : str, optional
        Instead of a table: one SELECT over the tables of the release (Polars' SQL).
    format : {"csv", "parquet", "json", "xlsx", "eee"}
        ``eee`` is for ``scores``, and for queries that keep its columns: Every Eval Ever 0.3.0, one
        record per line.
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
        No such table, format or column, ``eee`` of another table than ``scores``, or a query that
        is no single SELECT.
    EmptyTable
        No row is left.
    HeadwayError
        The file cannot be written.

    Examples
    --------
    >>> import headway
    >>> headway.data_export("scores", where=["model_version=gpt-5"]).frame  # doctest: +SKIP
    >>> headway.data_export(headway.lag("cyber"), format="xlsx", output="lag.xlsx")  # doctest: +SKIP
    """
    (chosen,) = choices("--format", format, tuple(FORMATS), "data export")
    if (table is None) == (sql is None):
        raise problem(BadOption, "export-what")
    with offline_if(offline):
        release = load()
        day, warned = resolve_as_of(release, as_of)
        name, frame = _asked(release, table, sql, as_of)
        frame = _chosen(name, frame, where)
        if chosen == "eee" and not (
            name in ("scores", "query") and set(release.scores.columns) <= set(frame.columns)
        ):
            raise problem(BadOption, "export-eee", table=name)
        body = _body(release, name, frame, chosen)
        path = None if output is None else Path(output)
        if path is not None:
            write_whole(path, body)
    options = {
        "table": name,
        "format": chosen,
        "where": list(where),
        "sql": sql,
        "answer": _origin(table),
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


def _origin(table: str | Result | Answer | None) -> dict[str, Any] | None:
    """Of an answer: the data and options that it came from, which need not be those in use."""
    if table is None or isinstance(table, str):
        return None
    told = table.to_json() if isinstance(table, Result) else table
    return {key: told.get(key) for key in ("data_release", "as_of", "provenance")}


def _asked(
    release: Release, table: str | Result | Answer | None, sql: str | None, as_of: date | None
) -> tuple[str, pl.DataFrame]:
    """Name and rows of what is to be exported."""
    import polars as pl

    if sql is not None:
        return "query", query(release, sql, as_of=as_of)
    if isinstance(table, Result):
        return answer_frame(table.to_json())[0], table.table()
    if isinstance(table, Mapping):
        return answer_frame(table)
    assert table is not None, "either a table or a query"
    (name,) = choices("TABLE", table, ALL_TABLES, "data export")
    frame = release.table(name)
    if name == "scores" and as_of is not None:
        frame = frame.filter(pl.col("known_on") <= as_of)
    return name, frame


def _chosen(name: str, frame: pl.DataFrame, where: Sequence[str]) -> pl.DataFrame:
    import polars as pl

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
        guarded(frame).write_csv(out)
    elif chosen == "parquet":
        frame.write_parquet(out, compression="zstd")
    elif chosen == "json":
        rows = [{k: _plain(v) for k, v in row.items()} for row in frame.iter_rows(named=True)]
        out.write(json.dumps(rows, ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n")
    elif chosen == "xlsx":
        _write_xlsx(release, name, frame, out)
    else:
        for record in _records(release, frame):
            line = json.dumps(record, ensure_ascii=False, allow_nan=False)
            out.write(line.encode() + b"\n")
    return out.getvalue()


def _plain(value: Any) -> Any:
    """A value as JSON has it: dates as texts, ends without a limit as ``inf`` and ``-inf``."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list) else str(value)


def _without_parts(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every list and struct as the JSON of it: cells hold one value."""
    import polars as pl

    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    return frame.with_columns(
        pl.Series(
            name,
            [
                None if v is None else json.dumps(_plain(v), ensure_ascii=False)
                for v in frame[name].to_list()
            ],
            dtype=pl.String,
        )
        for name in nested
    )


def guarded(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame as a CSV holds it: no part, no text (nor column name) that a spreadsheet would run."""
    import polars as pl

    frame = _without_parts(frame)
    texts = [
        name
        for name, kind in frame.schema.items()
        if kind in (pl.String, pl.Categorical) or isinstance(kind, pl.Enum)
    ]
    safe = frame.with_columns(
        pl.when(pl.col(name).cast(pl.String).str.contains(FORMULA))
        .then("'" + pl.col(name).cast(pl.String))
        .otherwise(pl.col(name).cast(pl.String))
        .alias(name)
        for name in texts
    )
    return safe.rename({name: f"'{name}" for name in safe.columns if re.match(FORMULA, name)})


def _write_xlsx(release: Release, name: str, frame: pl.DataFrame, out: io.BytesIO) -> None:
    """One sheet; texts stay texts, whatever they start with."""
    import polars as pl
    import xlsxwriter

    if len(frame) >= _SHEET_ROWS:
        raise problem(BadOption, "export-too-long", rows=len(frame), limit=_SHEET_ROWS - 1)
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, {"in_memory": True, **plain}) as book:
        # a fixed day, so that equal rows give equal bytes
        made = datetime.combine(release.head.released, time())
        book.set_properties({"title": f"Headway {release.data_release}: {name}", "created": made})
        cells = _without_parts(frame)
        floats = [column for column, kind in cells.schema.items() if kind.is_float()]
        finite = cells.with_columns(pl.when(pl.col(c).is_finite()).then(c).alias(c) for c in floats)
        finite.write_excel(book, worksheet=name[:31], autofit=False, float_precision=6)
        sheet = book.get_worksheet_by_name(name[:31])
        for column in floats:  # a sheet has no number for them
            for row, value in enumerate(cells[column].to_list(), start=1):
                if value is not None and not math.isfinite(value):
                    sheet.write_string(row, cells.columns.index(column), str(value))


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
