"""Any CSV of results, by a mapping of our columns to the file's.

``{"model": "System", "score": "Acc. (%)", "unit": "=percent"}`` takes two columns and a constant;
columns that have our names already need no mapping.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from headway.errors import BadOption, EmptyTable, SchemaDrift, Unreadable
from headway.problems import problem
from headway.sources.declare import Failure, Parsed, ScoreClaim
from headway.sources.formats.values import count, number
from headway.textsafe import clip

__all__ = ["COLUMNS", "parse"]

_NEEDED = ("model", "benchmark", "score")
#: What a mapping may name.
COLUMNS = (
    *_NEEDED,
    *("unit", "effort", "scaffold", "harness_version", "attempts", "n", "stderr", "token_budget"),
    *("evaluated_on", "published_at", "evaluator", "source_url", "metric", "developer"),
    *("read_error_sd", "how_read"),
)


def parse(body: bytes, columns: Mapping[str, str], *, name: str = "results.csv") -> Parsed:
    """One claim per row.

    Parameters
    ----------
    body : bytes
    columns : mapping of str to str
        Of :data:`COLUMNS` to a column of the file, or to a constant as ``=value``.
    name : str
        For messages.

    Raises
    ------
    BadOption
        The mapping names a column of ours that does not exist.
    Unreadable, EmptyTable
        Not CSV in UTF-8, or nothing in it.
    SchemaDrift
        A mapped or needed column is not in the file.
    """
    wrong = [key for key in columns if key not in COLUMNS]
    if wrong:
        raise problem(
            BadOption,
            "bad-mapping",
            columns=clip(", ".join(wrong), 80),
            allowed=", ".join(COLUMNS),
        )
    header, rows = _rows(name, body)
    constants = {key: value[1:] for key, value in columns.items() if value.startswith("=")}
    taken = {key: value for key, value in columns.items() if not value.startswith("=")}
    taken |= {key: key for key in COLUMNS if key not in columns and key in header}
    missing = [value for value in taken.values() if value not in header]
    missing += [key for key in _NEEDED if key not in taken and key not in constants]
    if missing:
        raise problem(
            SchemaDrift,
            "format-drift",
            file=name,
            missing=clip(", ".join(missing), 200),
            found=clip(", ".join(header), 200),
        )
    scores: list[ScoreClaim] = []
    failures: list[Failure] = []
    for line, cells in rows:
        raw = f"line {line}"
        if len(cells) != len(header):
            failures.append(Failure(raw, "ragged", str(len(cells))))
            continue
        told = dict(zip(header, cells, strict=True))
        row = {**constants, **{key: told[value].strip() for key, value in taken.items()}}
        made = _claim(row, raw)
        if isinstance(made, Failure):
            failures.append(made)
        else:
            scores.append(made)
    drift = sorted(clip(c, 40) for c in header if c not in taken.values())
    return Parsed(tuple(scores), (), tuple(failures), len(rows), tuple(drift))


def _rows(name: str, body: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    try:
        reader = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        found = [(reader.line_num, cells) for cells in reader if any(c.strip() for c in cells)]
    except UnicodeDecodeError as e:
        raise problem(Unreadable, "format-not-utf8", file=name, position=e.start) from e
    except csv.Error as e:
        raise problem(Unreadable, "not-csv", file=name, line=reader.line_num, why=str(e)) from e
    if len(found) < 2:
        raise problem(EmptyTable, "empty-table", table=name)
    header = [c.strip() for c in found[0][1]]
    twice = sorted({c for c in header if header.count(c) > 1})
    if twice:
        raise problem(Unreadable, "header-twice", file=name, columns=clip(", ".join(twice), 200))
    return header, found[1:]


def _claim(row: Mapping[str, str], raw: str) -> ScoreClaim | Failure:
    for key in ("model", "benchmark"):
        if not row[key]:
            return Failure(raw, f"no_{key}")
    score = number(row["score"])
    if score is None:
        return Failure(raw, "not_a_number", clip(row["score"], 80))
    read: dict[str, Any] = {}
    for key, convert in (
        ("attempts", count),
        ("n", count),
        ("stderr", number),
        ("token_budget", number),
        ("read_error_sd", number),
    ):
        stated = row.get(key) or None
        read[key] = None if stated is None else convert(stated)
        if stated is not None and read[key] is None:
            return Failure(raw, f"bad_{key}", clip(stated, 80))
    words: dict[str, Any] = {
        key: row.get(key) or None for key in COLUMNS if key not in (*_NEEDED, "unit", *read)
    }
    return ScoreClaim(
        model=row["model"],
        benchmark=row["benchmark"],
        score=score,
        unit=row.get("unit") or "unknown",
        raw=raw,
        **words,
        **read,
    )
