"""What can be exported besides a table: a query over the tables, or any answer of Headway."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from headway.errors import BadOption, Unreadable
from headway.problems import problem
from headway.tables.store import ALL_TABLES, Release
from headway.textsafe import clip

if TYPE_CHECKING:
    import polars as pl

__all__ = ["MAX_ANSWER", "Answer", "answer_frame", "query", "read_answer"]

#: Larger answers than this are no answers: the largest that Headway gives has a few MiB.
MAX_ANSWER = 64 * 2**20
#: An answer of Headway as its JSON says it.
Answer = Mapping[str, Any]
_SCHEMA = re.compile(r"headway\.([a-z][a-z-]*)/\d+")
#: What stands in a query without being part of it: comments and texts.
_QUIET = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
#: Polars would read files of any path by these.
_FILES = re.compile(r'"?\bread_\w+"?\s*\(', re.IGNORECASE)


def query(release: Release, sql: str, *, as_of: date | None = None) -> pl.DataFrame:
    """Rows of one ``SELECT`` over the tables of the release (Polars' SQL).

    The tables are read only: nothing that a query says changes the release or opens a file. Without
    an ``ORDER BY`` the rows are sorted, so that equal data give equal rows.

    Parameters
    ----------
    release : Release
    sql : str
    as_of : date, optional
        Of ``scores``, only those known by then.

    Raises
    ------
    BadOption
        Not a single SELECT, or one that Polars refuses; the message says why.
    """
    import polars as pl

    bare = _QUIET.sub(" ", sql)
    first = re.match(r"[\s(]*(\w*)", bare)
    if first is None or first[1].casefold() not in {"select", "with"}:
        raise problem(BadOption, "sql-select", sql=clip(sql, 80))
    if _FILES.search(bare):
        raise problem(BadOption, "sql-files", sql=clip(sql, 80), tables=", ".join(ALL_TABLES))
    frames = {name: release.table(name) for name in ALL_TABLES}
    if as_of is not None:
        frames["scores"] = frames["scores"].filter(pl.col("known_on") <= as_of)
    try:
        with pl.SQLContext(frames, register_globals=False) as context:
            found = context.execute(sql, eager=True)
    except (pl.exceptions.PolarsError, OverflowError) as e:
        why = clip(str(e).partition("\n\n")[0], 200)
        tables = ", ".join(ALL_TABLES)
        raise problem(BadOption, "sql-refused", why=why, tables=tables) from e
    assert isinstance(found, pl.DataFrame)
    if re.search(r"\border\s+by\b", bare, re.IGNORECASE):
        return found
    plain = [name for name, kind in found.schema.items() if not kind.is_nested()]
    return found.sort(plain, nulls_last=True, maintain_order=True) if plain else found


def read_answer(path: Path | None, stream: IO[bytes]) -> Answer:
    """A JSON answer of Headway from a file, or from a stream where there is no path.

    Raises
    ------
    Unreadable
        Not JSON, too large, or no answer of Headway.
    """
    name = "-" if path is None else clip(path.name)
    try:
        if path is None:
            body = stream.read(MAX_ANSWER + 1)
        else:
            with path.open("rb") as file:
                body = file.read(MAX_ANSWER + 1)
    except OSError as e:
        raise problem(Unreadable, "cannot-open", file=name, why=type(e).__name__) from e
    if len(body) > MAX_ANSWER:
        size, limit = len(body) // 2**20, MAX_ANSWER // 2**20
        raise problem(Unreadable, "too-large", file=name, size=size, limit=limit)
    from headway.sources.formats.values import load_json

    told = load_json(name, body)
    if not isinstance(told, Mapping) or not isinstance(told.get("results"), list):
        raise problem(Unreadable, "no-answer", file=name)
    if not _SCHEMA.fullmatch(str(told.get("schema"))):
        raise problem(Unreadable, "no-answer", file=name)
    return told


def answer_frame(answer: Answer) -> tuple[str, pl.DataFrame]:
    """The name of an answer's command, and its results as a table.

    A part of a result becomes a column with a dot in its name (``interval.low``); a list stays one
    value. Ends without a limit are the texts ``inf`` and ``-inf``, as in the JSON, so that a column
    that has one holds texts.
    """
    import polars as pl

    found = _SCHEMA.fullmatch(str(answer["schema"]))
    assert found is not None, "read_answer checks it"
    rows = [_flat(row) for row in answer["results"]]
    columns: dict[str, None] = dict.fromkeys(name for row in rows for name in row)
    data = {name: _one_type([row.get(name) for row in rows]) for name in columns}
    return found[1], pl.DataFrame(data, infer_schema_length=None)


def _flat(row: Any, prefix: str = "") -> dict[str, Any]:
    if not isinstance(row, Mapping):
        return {prefix.removesuffix(".") or "result": row}
    out: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping) and value:
            out |= _flat(value, f"{prefix}{name}.")
        else:
            out[f"{prefix}{name}"] = value
    return out


def _one_type(values: list[Any]) -> list[Any]:
    """The values of a column: numbers as they are, a mixture as texts, anything nested as JSON."""
    plain = [json.dumps(v, ensure_ascii=False) if isinstance(v, list | dict) else v for v in values]
    kinds = {type(v) for v in plain} - {type(None)}
    if kinds <= {int, float}:
        # a whole number among others is still a number
        return [None if v is None else float(v) for v in plain] if float in kinds else plain
    if len(kinds) <= 1:
        return plain
    return [v if v is None or isinstance(v, str) else json.dumps(v) for v in plain]
