"""What every connector needs to read a body that may be broken, hostile or of another shape.

Three outcomes are kept apart. A body that is not the format raises :class:`Unreadable`; a body whose
shape changed raises :class:`SchemaDrift`; a row that cannot be read becomes a ``Failure`` and costs
nothing but itself. No value is trusted: names are only data, numbers have a unit with a range, dates
lie between 2015 and 2100.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ParamSpec

from headway.errors import SchemaDrift, Unreadable
from headway.problems import problem
from headway.sources.declare import (
    DownloadsClaim,
    Failure,
    ModelClaim,
    Parsed,
    PriceClaim,
    RepositoryClaim,
    ScoreClaim,
)
from headway.textsafe import clean, clip

__all__ = [
    "Reading",
    "Refused",
    "Table",
    "count_cells",
    "csv_table",
    "day",
    "decode",
    "json_body",
    "label",
    "link",
    "listed",
    "mapped",
    "maybe",
    "name",
    "number",
    "parquet_columns",
    "whole",
    "yaml_body",
]

P = ParamSpec("P")
Claim = ScoreClaim | ModelClaim | RepositoryClaim | DownloadsClaim | PriceClaim

MAX_NAME = 200
YEARS = (2015, 2100)

#: Range of each unit word. A count has no upper end of its own; ``points`` may be negative.
UNITS: dict[str, tuple[float, float]] = {
    "bytes": (0, 1e16),
    "count": (0, 1e12),
    "elo": (0, 10_000),
    "flop": (0, 1e35),
    "minutes": (0, 1e8),
    "parameters": (0, 1e15),
    "percent": (0, 100),
    "points": (-1e9, 1e9),
    "proportion": (0, 1),
    "usd": (0, 1e5),
}

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}[0-9:.]*(?:Z|[+-]\d{2}:?\d{2})?", re.ASCII)
_SLASHED = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(?: \d{1,2}:\d{2}(?::\d{2})?)?", re.ASCII)
_INDICES = re.compile(r"\[[^\]]*\]")
_LFS = b"version https://git-lfs.github.com/spec/"


class Refused(Exception):
    """A value that makes its row unreadable; :meth:`Reading.take` turns it into a ``Failure``."""

    def __init__(self, reason: str, value: object = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.value = value


def _safe(text: str) -> str:
    """:func:`clean`, which looks at every character, only where there is something to look for."""
    return text if text.isascii() and text.isprintable() else clean(text)


def name(value: object) -> str:
    """A name without control characters; markup stays, for it is data and is escaped when shown."""
    if not isinstance(value, str):
        raise Refused("name_missing" if value is None else "name_not_text", value)
    found = _safe(value).strip()
    if not found:
        raise Refused("name_empty", value)
    if len(found) > MAX_NAME:
        raise Refused("name_too_long", found)
    return found


def label(value: object) -> str | None:
    """A word beside a row (an agent, an organisation), or ``None`` where nothing is stated."""
    if value is None or isinstance(value, (dict, list)):
        return None
    found = _safe(str(value)).strip()
    return (found if len(found) <= MAX_NAME else clip(found, MAX_NAME)) or None


def link(value: object) -> str | None:
    """A web address; anything else is none, so that no other scheme reaches a page."""
    found = label(value)
    return found if found is not None and found.startswith(("https://", "http://")) else None


def number(value: object, unit: str) -> float:
    """A finite number within the range of its unit."""
    if value is None or (isinstance(value, str) and not value.strip()):
        raise Refused("missing")
    if isinstance(value, str):
        text = value.strip()
        if text.lower().lstrip("+-") in ("nan", "inf", "infinity"):
            raise Refused("not_finite", value)
        if not _NUMBER.fullmatch(text):
            raise Refused("not_a_number", value)
        found = float(text)
    elif isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refused("not_a_number", value)
    else:
        try:
            found = float(value)
        except OverflowError:
            raise Refused("not_finite", "an integer beyond any float") from None
    if not math.isfinite(found):
        raise Refused("not_finite", value)
    low, high = UNITS[unit]
    if found < low:
        raise Refused("negative" if low == 0 else "out_of_range", value)
    if found > high:
        raise Refused("out_of_range", value)
    return found


def maybe(value: object, unit: str) -> float | None:
    """:func:`number`, or ``None`` where nothing is stated."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return number(value, unit)


def whole(value: object, unit: str = "count") -> int | None:
    """A count, or ``None`` where nothing is stated."""
    found = maybe(value, unit)
    if found is not None and found != int(found):
        raise Refused("not_a_whole_number", value)
    return None if found is None else int(found)


def day(value: object, *, slashed: bool = False) -> str | None:
    """A stated date in ISO form with the precision stated (year, month or day), or ``None``.

    The time of day is left out. ``slashed`` reads ``2026/3/5 20:37:00``, for a source that says so.
    """
    if value is None:
        return None
    text = (value.isoformat() if isinstance(value, date) else str(value)).strip()
    if not text:
        return None
    if slashed:
        parts = _SLASHED.fullmatch(text)
    else:
        timed = _TIME.fullmatch(text)
        parts = _DAY.fullmatch(timed.group(1) if timed else text)
    if parts is None:
        raise Refused("not_a_date", value)
    year, month, at = (None if part is None else int(part) for part in parts.groups())
    assert year is not None  # the patterns have it
    try:
        date(year, 1 if month is None else month, 1 if at is None else at)
    except ValueError:
        raise Refused("not_a_date", value) from None
    if not YEARS[0] <= year <= YEARS[1]:
        raise Refused("date_out_of_range", value)
    if month is None:
        return f"{year:04}"
    return f"{year:04}-{month:02}" if at is None else f"{year:04}-{month:02}-{at:02}"


class Reading:
    """Collects what one body states: claims, failures, and what the declaration does not know."""

    def __init__(self, source: str, resource: str) -> None:
        self.source = source
        self.resource = resource
        self.scores: list[ScoreClaim] = []
        self.models: list[ModelClaim] = []
        self.repositories: list[RepositoryClaim] = []
        self.downloads: list[DownloadsClaim] = []
        self.prices: list[PriceClaim] = []
        self.failures: list[Failure] = []
        self.drift: list[str] = []

    def take(
        self,
        raw: str,
        build: Callable[P, Claim],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """The claim that ``build`` makes of one row, or the reason why there is none."""
        try:
            claim = build(*args, **kwargs)
        except Refused as refused:
            self.fail(raw, refused.reason, refused.value)
            return
        self.add(claim)

    def add(self, claim: Claim) -> None:
        """One claim that was read."""
        match claim:
            case ScoreClaim():
                self.scores.append(claim)
            case ModelClaim():
                self.models.append(claim)
            case RepositoryClaim():
                self.repositories.append(claim)
            case DownloadsClaim():
                self.downloads.append(claim)
            case PriceClaim():
                self.prices.append(claim)

    def fail(self, raw: str, reason: str, value: object = "") -> None:
        """One row that could not be read."""
        self.failures.append(Failure(clip(raw, 300), reason, clip(value, 80)))

    def unknown(self, where: str, found: Iterable[object]) -> None:
        """Columns or fields that the declaration does not know: a warning, once for all rows."""
        for text in sorted({f"{_INDICES.sub('[]', where)}: {clip(one)}" for one in found}):
            if text not in self.drift:
                self.drift.append(text)

    def columns(
        self, where: str, found: Sequence[str], needed: Sequence[str], known: Iterable[str]
    ) -> None:
        """Needed columns are there once; the others are known or are drift."""
        missing = [column for column in needed if column not in found]
        twice = sorted({column for column in needed if found.count(column) > 1})
        if missing or twice:
            raise problem(
                SchemaDrift,
                "source-column-missing" if missing else "source-column-twice",
                source=self.source,
                where=clip(where),
                columns=", ".join(missing or twice),
                found=clip(", ".join(found), 300),
            )
        self.unknown(where, set(found) - set(needed) - set(known))

    def fields(
        self, where: str, rows: Iterable[object], needed: Sequence[str], known: Iterable[str]
    ) -> None:
        """:meth:`columns` for objects: a field that none of them has raises."""
        objects = [row for row in rows if isinstance(row, dict)]
        found = dict.fromkeys(str(key) for row in objects for key in row)
        if found:
            self.columns(where, list(found), needed, known)

    def records(self, where: str, rows: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Each object of a list with its place; anything else in it is a failure."""
        for i, row in enumerate(self.expect(where, rows, list)):
            if isinstance(row, dict):
                yield f"{where}[{i}]", row
            else:
                self.fail(f"{where}[{i}]", "row_shape", row)

    def entries(self, where: str, rows: object) -> Iterator[tuple[str, object, Mapping[str, Any]]]:
        """Each object of an object with its place and key; anything else in it is a failure."""
        for key, row in self.expect(where, rows, dict).items():
            if isinstance(row, dict):
                yield f"{where}[{clip(key)}]", key, row
            else:
                self.fail(f"{where}[{clip(key)}]", "row_shape", row)

    def expect(
        self, where: str, value: object, kind: type[dict[Any, Any]] | type[list[Any]]
    ) -> Any:
        """``value`` if it has the declared type; otherwise the shape has changed."""
        if isinstance(value, kind):
            return value
        found = (
            clip(", ".join(map(str, value)), 200)
            if isinstance(value, dict)
            else type(value).__name__
        )
        raise problem(
            SchemaDrift,
            "source-shape",
            source=self.source,
            where=clip(where),
            expected="object" if kind is dict else "list",
            found=found,
        )

    def unit(self, where: str, values: Iterable[object], unit: str) -> None:
        """Raise if a column is on another scale than declared: 0 to 1 became percent, or back.

        Most of the values have to lie on the other scale: one bad row is not a change. Percentages
        that are all below one need five rows, since a hard benchmark may have a few such.
        """
        found = sorted(x for x in map(_plain, values) if x is not None and x != 0)
        if unit == "proportion":
            above = sum(x > 1 for x in found)
            changed = 2 * above > len(found) and all(x <= 100 for x in found)
        else:
            changed = unit == "percent" and len(found) >= 5 and found[0] > 0 and found[-1] <= 1
        if changed:
            raise problem(
                SchemaDrift,
                "source-unit-changed",
                source=self.source,
                where=clip(where),
                unit=unit,
                low=f"{found[0]:g}",
                high=f"{found[-1]:g}",
            )

    def dates(self, where: str, values: Iterable[object], *, slashed: bool = False) -> None:
        """Raise if none of at least three stated dates can be read: the format has changed."""
        stated = [x for x in values if x is not None and str(x).strip()]
        for value in stated:
            try:
                day(value, slashed=slashed)
            except Refused:
                continue  # counted by the row that holds it
            return
        if len(stated) >= 3:
            raise problem(
                SchemaDrift,
                "source-dates-changed",
                source=self.source,
                where=clip(where),
                example=clip(stated[0]),
            )

    def finish(self, present: int, draws: Mapping[str, tuple[float, ...]] | None = None) -> Parsed:
        """The result; a body without rows, or with no readable one, is another shape."""
        if not present:
            raise problem(SchemaDrift, "source-empty", source=self.source, resource=self.resource)
        read = (self.scores, self.models, self.repositories, self.downloads, self.prices)
        if not any(read):
            first = self.failures[0]
            raise problem(
                SchemaDrift,
                "source-nothing-read",
                source=self.source,
                rows=present,
                reason=first.reason,
                where=first.raw,
                example=first.value,
            )
        return Parsed(
            scores=tuple(self.scores),
            models=tuple(self.models),
            failures=tuple(self.failures),
            present=present,
            drift=tuple(self.drift),
            draws=draws or {},
            repositories=tuple(self.repositories),
            downloads=tuple(self.downloads),
            prices=tuple(self.prices),
        )


def _plain(value: object) -> float | None:
    """A finite number whatever its range, for a look at a whole column."""
    try:
        return number(value, "points")
    except Refused:
        return None


def listed(value: object) -> list[Any]:
    """``value`` if it is a list, else an empty one: for counting, which must not fail."""
    return value if isinstance(value, list) else []


def mapped(value: object) -> dict[Any, Any]:
    """``value`` if it is an object, else an empty one: for counting, which must not fail."""
    return value if isinstance(value, dict) else {}


def _unreadable(source: str, resource: str, form: str, why: object) -> Unreadable:
    return problem(
        Unreadable,
        "source-not-format",
        source=source,
        resource=resource,
        form=form,
        why=clip(why, 160),
    )


def decode(body: bytes, source: str, resource: str) -> str:
    """Text of a UTF-8 body, without its byte order mark."""
    if body.startswith(_LFS):
        raise problem(Unreadable, "source-lfs-pointer", source=source, resource=resource)
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(source, resource, "UTF-8", error.reason) from error


def json_body(body: bytes, source: str, resource: str) -> Any:
    """The value of a JSON body."""
    text = decode(body, source, resource)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(source, resource, "JSON", error) from error


def yaml_body(body: bytes, source: str, resource: str) -> Any:
    """The value of a YAML body; dates stay text, so that one impossible date costs one row."""
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Safe types only, without timestamps."""

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in pairs if not tag.endswith(":timestamp")]
        for first, pairs in Loader.yaml_implicit_resolvers.items()
    }
    text = decode(body, source, resource)
    try:
        return yaml.load(text, Loader=Loader)
    # a tag that does not fit its value ("!!int x", "!!bool x") raises what Python raises for it
    except (
        yaml.YAMLError,
        ValueError,
        LookupError,
        AttributeError,
        TypeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise _unreadable(source, resource, "YAML", error) from error


@dataclass(frozen=True)
class Table:
    """A CSV table: its header, and each record with the line on which it ends."""

    where: str
    header: list[str]
    rows: list[tuple[int, list[str]]]

    def column(self, column: str) -> list[str]:
        """The cells of a column, in records of the right width."""
        at, width = self.header.index(column), len(self.header)
        return [cells[at] for _, cells in self.rows if len(cells) == width]

    def records(self, reading: Reading) -> Iterator[tuple[str, dict[str, str]]]:
        """Each record by column name with its place; one of another width is a failure."""
        for line, cells in self.rows:
            raw = f"{self.where}:{line}"
            if len(cells) == len(self.header):
                yield raw, dict(zip(self.header, cells, strict=True))
            else:
                reading.fail(raw, "row_shape", ",".join(cells))


def csv_table(text: str, source: str, where: str) -> Table:
    """The records of a CSV text; blank lines are none."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [clean(cell).strip() for cell in next(reader, [])]
        rows = [(reader.line_num, cells) for cells in reader if cells]
    except csv.Error as error:
        raise _unreadable(source, where, "CSV", error) from error
    if len(header) < 2:
        raise _unreadable(source, where, "CSV", clip(", ".join(header)) or "-")
    return Table(where, header, rows)


def count_cells(text: str, *columns: str) -> int:
    """Cells that hold a value in ``columns``, plus records of another width, counted apart."""
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [clean(cell).strip() for cell in next(reader)]
    wanted = [header.index(column) for column in columns]
    total = 0
    for cells in reader:
        if not cells:
            continue
        if len(cells) != len(header):
            total += 1
        else:
            total += sum(1 for at in wanted if cells[at].strip())
    return total


def parquet_columns(
    body: bytes, reading: Reading, needed: Sequence[str], known: Iterable[str] = ()
) -> dict[str, list[Any]]:
    """The columns of a Parquet body that are needed or known, as lists."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if body.startswith(_LFS):
        raise problem(
            Unreadable, "source-lfs-pointer", source=reading.source, resource=reading.resource
        )
    known = tuple(known)
    # a damaged page raises any of these
    broken = (pa.ArrowException, OSError, ValueError, LookupError, OverflowError, MemoryError)
    try:
        file = pq.ParquetFile(pa.BufferReader(body))
        found = list(file.schema_arrow.names)
        rows, size = (
            file.metadata.num_rows,
            sum(
                file.metadata.row_group(i).total_byte_size
                for i in range(file.metadata.num_row_groups)
            ),
        )
    except broken as error:
        raise _unreadable(reading.source, reading.resource, "Parquet", error) from error
    if rows > 5_000_000 or size > 1 << 30:
        raise problem(
            Unreadable,
            "source-too-big",
            source=reading.source,
            where=reading.resource,
            limit="1 GiB",
        )
    reading.columns(reading.resource, found, needed, known)
    try:
        table = file.read(
            columns=[c for c in found if c in needed or c in known], use_threads=False
        )
        return {column: table.column(column).to_pylist() for column in table.column_names}
    except broken as error:
        raise _unreadable(reading.source, reading.resource, "Parquet", error) from error
