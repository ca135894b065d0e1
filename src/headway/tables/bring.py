"""Files from outside: CSV or Parquet tables of scores, or of somebody's own index.

Reading refuses a file that is not what it claims; checking reports every bad row with its line,
column, value and reason, and never drops one silently. Nothing here reads the clock: ``today``
is an argument.
"""

from __future__ import annotations

import calendar
import csv
import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headway.errors import BadTable, BadValue, ColumnsMissing, EmptyTable, HeadwayError, Unreadable
from headway.problems import problem
from headway.tables.registry import Registry
from headway.tables.schemas import ACCESS, UNITS
from headway.textsafe import clip

if TYPE_CHECKING:
    import polars as pl

    from headway.tables.store import Release

__all__ = [
    "INDEX_COLUMNS",
    "MAX_BYTES",
    "MAX_ROWS",
    "SCORE_COLUMNS",
    "SCORE_DETAILS",
    "Brought",
    "RawTable",
    "RowProblem",
    "bring_index",
    "bring_scores",
    "kind_of",
    "read_table",
    "refuse_bad_rows",
    "refuse_unless_file",
]

#: Larger files are refused: nothing that Headway reads from outside is near this size.
MAX_BYTES = 64 * 1024 * 1024
MAX_ROWS = 1_000_000
#: Columns an index of one's own needs (``score_sd``, ``weights_released``, ``lab`` may be added).
INDEX_COLUMNS = ("model", "released", "access", "score")
#: Columns a table of scores needs (``evaluated_on``, ``effort``, ``unit`` and
#: :data:`SCORE_DETAILS` may be added).
SCORE_COLUMNS = ("model", "benchmark", "score")
#: How a score was measured; every one may be left out or empty.
SCORE_DETAILS = (
    *("n", "stderr", "attempts", "token_budget", "scaffold", "harness_version"),
    *("read_error_sd", "source_url", "how_read"),
)

#: Spellings of access that outside files use, besides our own words.
_ACCESS_SPELLINGS = {
    **{a: a for a in ACCESS},
    "open": "open_weight",
    "open-weight": "open_weight",
    "open weights": "open_weight",
    "closed": "api",
}
_LAST_MONTH = 12
#: No language model was released or evaluated before: such a date is a cell that went wrong.
_EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class RawTable:
    """A file as it is: cells are strings (CSV) or the file's own types (Parquet).

    ``lines`` are line numbers in a CSV file (the header is line 1), row numbers in Parquet.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    lines: tuple[int, ...]

    def replaced(self, frame: pl.DataFrame) -> RawTable:
        """The same lines with the cells of ``frame``, one row per line."""
        assert len(frame) == len(self.rows)
        return RawTable(self.name, tuple(frame.columns), tuple(frame.iter_rows()), self.lines)

    def need(self, wanted: Sequence[str]) -> None:
        """Raise :class:`ColumnsMissing` unless all ``wanted`` columns are there."""
        missing = [c for c in wanted if c not in self.columns]
        if missing:
            raise problem(
                ColumnsMissing,
                "columns-missing",
                table=self.name,
                columns=", ".join(missing),
                found=clip(", ".join(self.columns), 200),
            )


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why one row cannot be used. ``reason`` is a stable code with a text ``reason-<code>``."""

    line: int
    column: str
    value: str
    reason: str
    fields: Mapping[str, str]

    def text(self, lang: str) -> str:
        """What was expected and what came, in a language."""
        from headway.i18n import message

        shown = {"value": self.value, **self.fields}
        return message(f"reason-{self.reason.replace('_', '-')}", lang, **shown)


@dataclass(frozen=True, slots=True)
class Brought:
    """What came out of a file: rows that can be used, and every one that cannot, with the reason.

    ``rows`` = rows in the file = ``len(frame)`` + number of distinct lines in ``problems``.
    """

    kind: str
    frame: pl.DataFrame
    problems: tuple[RowProblem, ...]
    rows: int


# Reading ------------------------------------------------------------------------------------


def read_table(path: Path) -> RawTable:
    """The cells of a CSV (UTF-8) or Parquet file.

    Raises
    ------
    Unreadable
        Not a regular file, too large, another encoding or format, truncated, ragged rows.
    EmptyTable
        No rows.
    """
    name = clip(path.name)
    body = refuse_unless_file(path, MAX_BYTES)
    if not body.strip():
        raise problem(EmptyTable, "empty-table", table=name)
    if body[:4] == b"PAR1" or path.suffix.lower() in {".parquet", ".pq"}:
        table = _parquet(name, body)
    else:
        table = _csv(name, body)
    if not table.rows:
        raise problem(EmptyTable, "empty-table", table=name)
    return table


def refuse_unless_file(path: Path, limit: int) -> bytes:
    """The bytes of a regular file of at most ``limit`` bytes.

    Raises
    ------
    Unreadable
    """
    name = clip(path.name)
    if not path.is_file():
        key = "not-a-file" if path.exists() else "no-such-file"
        raise problem(Unreadable, key, file=name)
    try:
        size = path.stat().st_size
        if size > limit:
            raise problem(
                Unreadable, "too-large", file=name, size=size // 2**20, limit=limit // 2**20
            )
        return path.read_bytes()
    except OSError as e:
        raise problem(Unreadable, "cannot-open", file=name, why=type(e).__name__) from e


def _parquet(name: str, body: bytes) -> RawTable:
    import polars as pl
    import pyarrow as pa
    import pyarrow.parquet as pq

    if body[:4] != b"PAR1":
        raise problem(Unreadable, "not-parquet", file=name)
    if body[-4:] != b"PAR1":
        raise problem(Unreadable, "truncated-parquet", file=name)
    try:
        described = pq.ParquetFile(io.BytesIO(body)).metadata
        if described.num_rows > MAX_ROWS:
            raise problem(
                Unreadable, "too-many-rows", file=name, rows=described.num_rows, limit=MAX_ROWS
            )
        unpacked = sum(
            described.row_group(i).total_byte_size for i in range(described.num_row_groups)
        )
        if unpacked > 16 * MAX_BYTES:
            raise problem(
                Unreadable,
                "too-large",
                file=name,
                size=unpacked // 2**20,
                limit=16 * MAX_BYTES // 2**20,
            )
        frame = pl.read_parquet(io.BytesIO(body))
    except (pa.ArrowException, OSError, pl.exceptions.PolarsError) as e:
        raise problem(Unreadable, "truncated-parquet", file=name) from e
    return RawTable(
        name, tuple(frame.columns), tuple(frame.iter_rows()), tuple(range(1, len(frame) + 1))
    )


def _csv(name: str, body: bytes) -> RawTable:
    text = _decode(name, body)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    header: tuple[str, ...] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = tuple(cell.strip() for cell in cells)
                twice = sorted({c for c in header if header.count(c) > 1})
                if twice:
                    raise problem(
                        Unreadable, "header-twice", file=name, columns=clip(", ".join(twice), 200)
                    )
                continue
            if len(cells) != len(header):
                raise problem(
                    Unreadable,
                    "ragged",
                    file=name,
                    line=reader.line_num,
                    expected=len(header),
                    found=len(cells),
                )
            if len(rows) >= MAX_ROWS:
                raise problem(
                    Unreadable, "too-many-rows", file=name, rows=f"> {MAX_ROWS}", limit=MAX_ROWS
                )
            rows.append(tuple(cells))
            lines.append(reader.line_num)
    except csv.Error as e:
        raise problem(Unreadable, "not-csv", file=name, line=reader.line_num, why=str(e)) from e
    if header is None:  # nothing but blank cells
        raise problem(EmptyTable, "empty-table", table=name)
    return RawTable(name, header, tuple(rows), tuple(lines))


def _decode(name: str, body: bytes) -> str:
    for magic, form in ((b"PK\x03\x04", "zip / xlsx"), (b"\x1f\x8b", "gzip"), (b"%PDF", "PDF")):
        if body.startswith(magic):
            raise problem(Unreadable, "other-format", file=name, format=form)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        guess = _guess_encoding(body)
        raise problem(
            Unreadable, "not-utf8", file=name, position=e.start, guess=guess, iconv=_ICONV[guess]
        ) from e
    if "\x00" in text:
        raise problem(Unreadable, "other-format", file=name, format="binary")
    return text


#: Our guess -> the name that ``iconv`` knows.
_ICONV = {
    "UTF-16": "UTF-16",
    "Shift-JIS (CP932)": "CP932",
    "EUC-JP": "EUC-JP",
    "Windows-1252": "WINDOWS-1252",
}


def _guess_encoding(body: bytes) -> str:
    """The likeliest encoding of text that is not UTF-8, for the message only."""
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16"
    found = []
    for guess, codec in (("Shift-JIS (CP932)", "cp932"), ("EUC-JP", "euc_jp")):
        try:
            text = body.decode(codec)
        except UnicodeDecodeError:
            continue
        # Full-width Japanese; half-width katakana is what EUC-JP looks like when read as CP932.
        # Runs only: an accented Latin letter and its neighbour may pass for one stray kanji.
        likely = sum(map(len, re.findall(r"[\u3040-\u30ff\u4e00-\u9fff]{2,}", text)))
        unlikely = len(re.findall(r"[\uff61-\uff9f\ue000-\uf8ff]", text))
        if likely > unlikely:
            found.append((likely - unlikely, guess))
    return max(found)[1] if found else "Windows-1252"


# Checking -----------------------------------------------------------------------------------


def kind_of(table: RawTable) -> str:
    """``index`` or ``scores``, by the columns.

    Raises
    ------
    ColumnsMissing
        It is neither; the message gives the columns of both.
    """
    if "benchmark" in table.columns and set(SCORE_COLUMNS) <= set(table.columns):
        return "scores"
    if set(INDEX_COLUMNS) <= set(table.columns):
        return "index"
    nearer = max(
        (SCORE_COLUMNS, INDEX_COLUMNS), key=lambda wanted: len(set(wanted) & set(table.columns))
    )
    raise problem(
        ColumnsMissing,
        "columns-neither",
        table=table.name,
        columns=", ".join(c for c in nearer if c not in table.columns),
        found=clip(", ".join(table.columns), 200),
        scores=",".join(SCORE_COLUMNS),
        index=",".join(INDEX_COLUMNS),
    )


class _Bad(Exception):
    """One cell cannot be used."""

    def __init__(self, reason: str, **fields: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fields = fields


def _text(value: Any) -> str:
    out = "" if value is None else str(value).strip()
    if not out:
        raise _Bad("missing")
    return out


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise _Bad("not_a_number")
    if isinstance(value, int | float):
        out = float(value)
    else:
        text = _text(value)
        if text.endswith(("%", "％")):
            raise _Bad("percent")
        if "_" in text:  # Python reads 1_000, nobody else does
            raise _Bad("not_a_number")
        try:
            out = float(text)
        except ValueError:
            raise _Bad("not_a_number") from None
    if not math.isfinite(out):
        raise _Bad("not_finite")
    return out


def _proportion(value: Any) -> float:
    out = _number(value)
    if 0 <= out <= 1:
        return out
    # 2 to 100 reads as a percent; 1.4 reads as an error
    raise _Bad("percent_not_proportion" if 2 <= out <= 100 else "out_of_range")


def _sd(value: Any) -> float:
    out = _number(value)
    if out < 0:
        raise _Bad("negative")
    return out


def _count(value: Any) -> int:
    out = _number(value)
    if out < 1 or out != int(out):
        raise _Bad("not_a_count")
    return int(out)


def _positive(value: Any) -> float:
    out = _number(value)
    if out <= 0:
        raise _Bad("not_positive")
    return out


def _unless_empty(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Convert a cell, or ``None`` where it is absent or blank."""

    def optional(value: Any) -> Any:
        return None if value is None or str(value).strip() == "" else convert(value)

    return optional


def _day(value: Any, today: date) -> date:
    """An ISO date; a month or year counts from the last day of that period."""
    if isinstance(value, date):
        out = date(value.year, value.month, value.day)
    else:
        text = _text(value)
        found = re.fullmatch(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", text)
        if not found:
            raise _Bad("not_a_date")
        year, month, day = (None if g is None else int(g) for g in found.groups())
        assert year is not None
        try:
            if month is None:
                out = date(year, _LAST_MONTH, 31)
            elif day is None:
                out = date(year, month, calendar.monthrange(year, month)[1])
            else:
                out = date(year, month, day)
        except (ValueError, calendar.IllegalMonthError):
            raise _Bad("not_a_date") from None
        if out > today and day is None and date(year, month or 1, 1) <= today:
            return out  # the period has begun
    if out < _EARLIEST:
        raise _Bad("too_early", earliest=_EARLIEST.isoformat())
    if out > today:
        raise _Bad("future", today=today.isoformat())
    return out


def _access(value: Any) -> str:
    text = _text(value).casefold()
    if text not in _ACCESS_SPELLINGS:
        raise _Bad("unknown_access", allowed=", ".join(ACCESS))
    return _ACCESS_SPELLINGS[text]


def _rows(
    table: RawTable,
    kind: str,
    parse: Callable[[Mapping[str, Any], Callable[[str, Callable[[Any], Any]], Any]], Any],
    identity: Callable[[dict[str, Any]], tuple[Any, ...]],
    schema: Mapping[str, Any],
    identity_column: str,
) -> Brought:
    import polars as pl

    good: list[dict[str, Any]] = []
    problems: list[RowProblem] = []
    first_line: dict[tuple[Any, ...], int] = {}
    for line, cells in zip(table.lines, table.rows, strict=True):
        raw = dict(zip(table.columns, cells, strict=True))
        bad: list[RowProblem] = []

        def cell(
            column: str,
            convert: Callable[[Any], Any],
            raw: Mapping[str, Any] = raw,
            bad: list[RowProblem] = bad,
            line: int = line,
        ) -> Any:
            try:
                return convert(raw.get(column))
            except _Bad as e:
                shown = clip("" if raw.get(column) is None else raw[column])
                bad.append(RowProblem(line, column, shown, e.reason, e.fields))
                return None

        row = parse(raw, cell)
        if not bad:
            same = identity(row)
            if same in first_line:
                shown = clip(raw[identity_column])
                at = {"first": str(first_line[same])}
                bad.append(RowProblem(line, identity_column, shown, "duplicate", at))
            first_line.setdefault(same, line)
        if bad:
            problems += bad
        else:
            good.append(row)
    frame = pl.DataFrame(good, schema=dict(schema), orient="row")
    return Brought(kind, frame, tuple(problems), len(table.rows))


def bring_index(table: RawTable, *, today: date) -> Brought:
    """Check an index of one's own: ``model, released, access, score[, score_sd]``.

    Parameters
    ----------
    table : RawTable
    today : date
        Later dates are in the future.

    Returns
    -------
    Brought
        Frame with ``model`` (str), ``released`` (date), ``access`` (str, our vocabulary), ``score``
        (float, any scale, higher is better), and where the file has them ``score_sd`` (float),
        ``weights_released`` (date or null) and ``lab`` (str or null).

    Raises
    ------
    ColumnsMissing
    """
    import polars as pl

    table.need(INDEX_COLUMNS)

    def optional_day(value: Any) -> date | None:
        return None if value in (None, "") else _day(value, today)

    def optional_text(value: Any) -> str | None:
        return None if value in (None, "") else str(value).strip() or None

    def parse(raw: Mapping[str, Any], cell: Callable[[str, Callable[[Any], Any]], Any]) -> Any:
        return {
            "model": cell("model", _text),
            "released": cell("released", lambda v: _day(v, today)),
            "access": cell("access", _access),
            "score": cell("score", _number),
            "score_sd": cell("score_sd", _sd) if "score_sd" in raw else None,
            "weights_released": cell("weights_released", optional_day),
            "lab": cell("lab", optional_text),
        }

    brought = _rows(
        table,
        "index",
        parse,
        lambda row: (row["model"],),
        {
            "model": pl.String,
            "released": pl.Date,
            "access": pl.String,
            "score": pl.Float64,
            "score_sd": pl.Float64,
            "weights_released": pl.Date,
            "lab": pl.String,
        },
        "model",
    )
    absent = [c for c in ("score_sd", "weights_released", "lab") if c not in table.columns]
    return replace(brought, frame=brought.frame.drop(absent))


def bring_scores(
    table: RawTable, release: Release, *, today: date, new_models: bool = False
) -> Brought:
    """Check a table of scores: ``model, benchmark, score[, evaluated_on, effort, unit, ...]``.

    A score is a proportion (0-1) unless the benchmark, or the row's ``unit``, says otherwise.

    Parameters
    ----------
    table : RawTable
    release : Release
    today : date
        Later dates are in the future.
    new_models : bool
        Take every model name as it is, registered or not: the rows are those of models that are
        to be placed. ``model_version`` is then the registered one or null.

    Returns
    -------
    Brought
        Frame with ``model`` (as named), ``model_version``, ``effort``, ``benchmark``, ``score``,
        ``unit``, ``evaluated_on`` and :data:`SCORE_DETAILS`; null where the file has nothing.

    Raises
    ------
    ColumnsMissing
    """
    import polars as pl

    table.need(SCORE_COLUMNS)
    registry = Registry(release.model_versions, release.model_aliases)
    units = dict(release.benchmarks.select("benchmark", pl.col("unit").cast(pl.String)).iter_rows())
    ids = {_key(b): b for b in units} | {
        _key(name): b for b, name in release.benchmarks.select("benchmark", "name").iter_rows()
    }

    def model(value: Any) -> Any:
        name = _text(value)
        try:
            return registry.resolve(name)
        except HeadwayError as e:
            if new_models:
                return None
            close = ", ".join(registry.close(name)) or "-"
            raise _Bad(e.code, close=close) from e

    def benchmark(value: Any) -> str:
        import difflib

        name = _text(value)
        if _key(name) not in ids:
            close = difflib.get_close_matches(_key(name), list(ids), n=3)
            raise _Bad("unknown_benchmark", close=", ".join(ids[c] for c in close) or "-")
        found: str = ids[_key(name)]
        return found

    def parse(
        raw: Mapping[str, Any], cell: Callable[[str, Callable[[Any], Any]], Any]
    ) -> dict[str, Any]:
        found = cell("model", model)
        known = cell("benchmark", benchmark)
        stated = raw.get("unit")
        unit = str(stated).strip() if stated not in (None, "") else units.get(known, "proportion")

        def unit_of(_: Any) -> str:
            if unit not in UNITS:
                raise _Bad("unknown_unit", allowed=", ".join(UNITS))
            return unit

        day = raw.get("evaluated_on")
        effort = raw.get("effort")
        return {
            "model": None if raw.get("model") is None else str(raw["model"]).strip(),
            "model_version": None if found is None else found.model_version,
            "effort": (str(effort).strip() if effort else None)
            or (None if found is None else found.effort),
            "benchmark": known,
            "score": cell("score", _proportion if unit == "proportion" else _number),
            "unit": cell("unit", unit_of),
            "evaluated_on": None
            if day in (None, "")
            else cell("evaluated_on", lambda v: _day(v, today)),
            **{name: cell(name, _unless_empty(read)) for name, read in _DETAILS.items()},
        }

    return _rows(
        table,
        "scores",
        parse,
        lambda row: (
            row["model"] if new_models else row["model_version"],
            *(row[name] for name in ("effort", "benchmark", "evaluated_on", *_SETTING)),
        ),
        {
            "model": pl.String,
            "model_version": pl.String,
            "effort": pl.String,
            "benchmark": pl.String,
            "score": pl.Float64,
            "unit": pl.String,
            "evaluated_on": pl.Date,
            "n": pl.Int64,
            "stderr": pl.Float64,
            "attempts": pl.Int64,
            "token_budget": pl.Float64,
            "scaffold": pl.String,
            "harness_version": pl.String,
            "read_error_sd": pl.Float64,
            "source_url": pl.String,
            "how_read": pl.String,
        },
        "model",
    )


#: How the cells of :data:`SCORE_DETAILS` are read, and which of them tell two results apart.
_DETAILS: Mapping[str, Callable[[Any], Any]] = {
    "n": _count,
    "stderr": _sd,
    "attempts": _count,
    "token_budget": _positive,
    "scaffold": _text,
    "harness_version": _text,
    "read_error_sd": _sd,
    "source_url": _text,
    "how_read": _text,
}
_SETTING = ("attempts", "token_budget", "scaffold", "harness_version")


def _key(name: str) -> str:
    return re.sub(r"[\s_\-]+", "-", name.strip().casefold())


def refuse_bad_rows(name: str, brought: Brought, *, shown: int = 3) -> pl.DataFrame:
    """The frame, if every row of the file can be used.

    Raises
    ------
    BadValue
        Some row cannot; the message gives the first ones and their reasons.
    BadTable
        Rows are duplicated.
    """
    if not brought.problems:
        return brought.frame
    bad = brought.problems
    reasons = {p.reason for p in bad}

    def rows(lang: str) -> str:
        return "; ".join(f"{p.line}: {p.column} {p.text(lang)}" for p in bad[:shown])

    kind = BadTable if reasons == {"duplicate"} else BadValue
    raise problem(
        kind,
        "file-rows",
        file=clip(name),
        count=len({p.line for p in bad}),
        rows=rows("en"),
        rows_ja=rows("ja"),
    )
