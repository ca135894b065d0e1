'''The format of curated figures: a TOML head that says where the numbers stand, and rows as CSV.

One file is one place (a figure, a table, a passage), read once or several times::

    format = "headway-figures/1"

    [source]
    title = "How far behind the frontier are leading open-weight models on cyber?"
    url = "https://www.aisi.gov.uk/blog/..."
    publisher = "UK AI Security Institute"
    page = "Figure 2"
    published = 2026-07-17

    [values]
    benchmark = "aisi-tlo"
    unit = "count"       # as printed; of = 32 makes 8.9 steps a proportion of 8.9 / 32
    of = 32
    n = 10               # any column of a table of scores, for all rows

    [[reading]]
    reader = "A. Example"
    read_on = 2026-07-20
    how = "pixels"
    error = 0.1          # one standard deviation, in the printed unit
    rows = """
    model,value
    Claude Opus 4.5,11.0
    """

The first reading is the one that is used; every other one is there to check it. A row may state an
``error``, a ``benchmark`` or a ``page`` of its own. Nothing is guessed: a reading without a reader, a
way of reading, or an error is refused row by row.
'''

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from headway.errors import SchemaDrift, Unreadable
from headway.problems import problem
from headway.sources.declare import Failure, ScoreClaim
from headway.sources.formats.values import count, mapping, number, text
from headway.textsafe import clip

__all__ = ["FORMAT", "HOW", "MAX_BYTES", "Document", "Reading", "Row", "parse"]

FORMAT = "headway-figures/1"
#: Reviewed by eye, so a few pages at most.
MAX_BYTES = 2**20
#: How a number was read, and whether it then has an error beyond its print.
HOW: Mapping[str, bool] = {
    "text": False,  # a sentence states it
    "table": False,  # a table prints it
    "label": False,  # a picture prints it beside its mark
    "pixels": True,  # measured in a picture with a tool
    "eye": True,  # judged in a picture by eye
}
_SOURCE = ("title", "url", "publisher", "page")
#: Columns that tell two rows of one model apart, as in a table of scores.
SETTING = ("effort", "evaluated_on", "attempts", "token_budget", "scaffold", "harness_version")
_DETAILS = (*SETTING, "n", "stderr")
_COLUMNS = frozenset({"model", "value", "benchmark", "error", "page", "note", *_DETAILS})


@dataclass(frozen=True, slots=True)
class Row:
    """One number of one reading; ``value`` and ``error`` are in the printed unit."""

    line: int
    model: str
    benchmark: str
    value: float
    error: float
    page: str
    details: Mapping[str, str]

    @property
    def key(self) -> tuple[str, ...]:
        """What the same number has in another reading."""
        return (
            self.model.casefold(),
            self.benchmark.casefold(),
            *(self.details.get(c, "") for c in SETTING),
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """One person's reading of the place."""

    reader: str
    read_on: str | None
    how: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A file of curated figures.

    Parameters
    ----------
    source : mapping of str to str
        ``title``, ``url``, ``publisher``, ``page``, and where given ``published``.
    unit : str
        As printed.
    of : float or None
        What a proportion of 1 is in the printed unit.
    readings : tuple of Reading
    failures : tuple of Failure
        ``raw`` is a line of the file; the first word of a reason that a table of scores has too is
        the same here.
    present : int
        Rows in the file, of all readings: those of ``readings`` and those that failed.
    """

    source: Mapping[str, str]
    unit: str
    of: float | None
    readings: tuple[Reading, ...]
    failures: tuple[Failure, ...]
    present: int

    def claims(self) -> tuple[ScoreClaim, ...]:
        """The rows of the first reading, as proportions where the file says of what."""
        if not self.readings:
            return ()
        first = self.readings[0]
        checked = ", ".join(r.reader for r in self.readings[1:])
        by = f"{first.how}; {first.reader}" + (f"; checked by {checked}" if checked else "")
        return tuple(self._claim(row, by) for row in first.rows)

    def _claim(self, row: Row, by: str) -> ScoreClaim:
        scale = 1.0 if self.of is None else self.of
        stderr = number(row.details.get("stderr"))
        return ScoreClaim(
            model=row.model,
            benchmark=row.benchmark,
            score=row.value / scale,
            unit=self.unit if self.of is None else "proportion",
            raw=f"line {row.line}",
            effort=row.details.get("effort"),
            scaffold=row.details.get("scaffold"),
            harness_version=row.details.get("harness_version"),
            attempts=count(row.details.get("attempts")),
            n=count(row.details.get("n")),
            stderr=None if stderr is None else stderr / scale,
            token_budget=number(row.details.get("token_budget")),
            evaluated_on=row.details.get("evaluated_on"),
            published_at=self.source.get("published"),
            evaluator=self.source["publisher"],
            source_url=self.source["url"],
            read_error_sd=row.error / scale if row.error else None,
            how_read=f"{row.page}; {by}",
        )


def parse(body: bytes, *, name: str = "figures.toml") -> Document:
    """What a file of curated figures states, and every row of it that cannot be used.

    Raises
    ------
    Unreadable
        Not TOML in UTF-8, too large, or of another format.
    SchemaDrift
        The head lacks a part; the message names what is there.
    """
    if len(body) > MAX_BYTES:
        size, limit = len(body) // 2**20, MAX_BYTES // 2**20
        raise problem(Unreadable, "too-large", file=name, size=size, limit=limit)
    try:
        whole = body.decode("utf-8-sig").replace("\r\n", "\n")
        told = tomllib.loads(whole)
    except UnicodeDecodeError as e:
        raise problem(Unreadable, "format-not-utf8", file=name, position=e.start) from e
    except (ValueError, RecursionError) as e:  # a number too long for Python is no TOMLDecodeError
        raise problem(Unreadable, "figures-not-toml", file=name, why=clip(e, 120)) from e
    source, values = mapping(told.get("source")), mapping(told.get("values"))
    readings = told.get("reading")
    missing = [f"source.{key}" for key in _SOURCE if text(source.get(key)) is None]
    missing += ["values.unit"] if text(values.get("unit")) is None else []
    missing += [] if isinstance(readings, list) and readings else ["reading"]
    missing += [] if told.get("format") == FORMAT else [f'format = "{FORMAT}"']
    if missing:
        raise problem(
            SchemaDrift,
            "format-drift",
            file=name,
            missing=", ".join(missing),
            found=clip(", ".join(told), 200),
        )
    unit = str(text(values["unit"]))
    of = number(values.get("of"))
    if unit.casefold() in {"percent", "%"}:
        unit, of = "percent", 100.0
    if values.get("of") is not None and (of is None or of <= 0):
        raise problem(
            Unreadable, "figures-value", file=name, field="values.of", value=clip(values["of"], 80)
        )
    defaults = {
        key: stated
        for key in (*_DETAILS, "benchmark")
        if (stated := _word(values.get(key))) is not None
    }
    found: list[Reading] = []
    failures: list[Failure] = []
    present, after = 0, 0
    assert isinstance(readings, list), "checked above"
    for reading in readings:
        rows = reading.get("rows") if isinstance(reading, Mapping) else None
        if not isinstance(rows, str):
            raise problem(
                SchemaDrift,
                "format-drift",
                file=name,
                missing="reading.rows",
                found=clip(", ".join(mapping(reading)), 200),
            )
        at = whole.find(rows, after)
        # rows with escapes do not stand in the file as they are: they count from its first line
        start = 1 if at < 0 else whole.count("\n", 0, at) + 1
        after = max(after, at + len(rows))
        page = str(text(source["page"]))
        made, bad, count_ = _reading(name, mapping(reading), rows, start, defaults, page)
        present += count_
        failures += bad
        found.append(made)
    return Document(
        source={
            key: stated
            for key in (*_SOURCE, "published")
            if (stated := _word(source.get(key))) is not None
        },
        unit=unit,
        of=of,
        readings=tuple(found),
        failures=tuple(failures),
        present=present,
    )


def _word(value: Any) -> str | None:
    """A text, a number or a date of TOML as text."""
    return value.isoformat() if isinstance(value, date) else text(value)


def _reading(
    name: str,
    told: Mapping[str, Any],
    rows: str,
    start: int,
    defaults: Mapping[str, str],
    page: str,
) -> tuple[Reading, list[Failure], int]:
    """One reading: its rows, those that cannot be used, and how many there are."""
    reader, how = text(told.get("reader")), text(told.get("how"))
    header, lines = _rows(name, rows, start)
    general = "no_reader" if reader is None else "unknown_how" if how not in HOW else None
    good: list[Row] = []
    bad: list[Failure] = []
    seen: dict[tuple[str, ...], int] = {}
    for line, cells in lines:
        where = f"line {line}"
        if general is not None:
            bad.append(Failure(where, general, clip(how or "", 80)))
            continue
        if len(cells) != len(header):
            bad.append(Failure(where, "ragged", str(len(cells))))
            continue
        made = _row(
            line, dict(zip(header, cells, strict=True)), told.get("error"), str(how), defaults, page
        )
        if isinstance(made, Failure):
            bad.append(made)
        elif made.key in seen:
            bad.append(Failure(where, "duplicate", str(seen[made.key])))
        else:
            seen[made.key] = line
            good.append(made)
    return (
        Reading(reader or "-", _word(told.get("read_on")), how or "-", tuple(good)),
        bad,
        len(lines),
    )


def _rows(name: str, rows: str, start: int) -> tuple[list[str], list[tuple[int, list[str]]]]:
    reader = csv.reader(io.StringIO(rows, newline=""), strict=True)
    try:
        found = [
            (start + reader.line_num - 1, [c.strip() for c in cells])
            for cells in reader
            if any(c.strip() for c in cells)
        ]
    except csv.Error as e:
        line = start + reader.line_num - 1
        raise problem(Unreadable, "not-csv", file=name, line=line, why=str(e)) from e
    header = found[0][1] if found else []
    wrong = [c for c in header if c not in _COLUMNS or header.count(c) > 1]
    missing = [c for c in ("model", "value") if c not in header]
    if wrong or missing:
        raise problem(
            SchemaDrift,
            "figures-columns",
            file=name,
            missing=", ".join(missing) or "-",
            wrong=clip(", ".join(dict.fromkeys(wrong)), 200) or "-",
            allowed=", ".join(sorted(_COLUMNS)),
        )
    return header, found[1:]


def _row(
    line: int,
    told: Mapping[str, str],
    general_error: Any,
    how: str,
    defaults: Mapping[str, str],
    page: str,
) -> Row | Failure:
    where = f"line {line}"
    benchmark = told.get("benchmark") or defaults.get("benchmark")
    for key, stated in (("model", told["model"]), ("benchmark", benchmark)):
        if not stated:
            return Failure(where, f"no_{key}")
    value = number(told["value"])
    if value is None:
        return Failure(where, "not_a_number", clip(told["value"], 80))
    stated_error = told.get("error") or general_error
    error = number(stated_error)
    if error is None or error < 0 or (error == 0 and HOW[how]):
        return Failure(where, "no_error", clip("" if stated_error is None else stated_error, 80))
    details = {key: told.get(key) or defaults.get(key) for key in _DETAILS}
    for key, convert in (
        ("n", count),
        ("attempts", count),
        ("stderr", number),
        ("token_budget", number),
    ):
        if details[key] is not None and convert(details[key]) is None:
            return Failure(where, "not_a_number", clip(f"{key}: {details[key]}", 80))
    assert benchmark is not None, "checked above"
    return Row(
        line=line,
        model=told["model"],
        benchmark=benchmark,
        value=value,
        error=error,
        page=told.get("page") or page,
        details={key: stated for key, stated in details.items() if stated},
    )
