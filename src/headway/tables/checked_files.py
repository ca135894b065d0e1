"""Tables that ship as CSV beside a JSON head with their date and the SHA-256 of every file."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path

from headway.errors import Unreadable
from headway.problems import problem

__all__ = ["Row", "checked_rows", "checked_text", "read_dated_head"]

#: Cells as the file has them; an empty one is ``None``.
Row = dict[str, str | None]


def read_dated_head(folder: Path, name: str) -> tuple[str, dict[str, str]]:
    """Date and SHA-256 per file, as the head called ``name`` says.

    Raises
    ------
    Unreadable
        It is missing, or not such a head.
    """
    try:
        told = json.loads((folder / name).read_text(encoding="utf-8"))
        return str(told["date"]), {str(n): str(h) for n, h in told["sha256"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as e:
        why = f"{type(e).__name__}: {e}"
        raise problem(Unreadable, "release-file", file=name, why=why) from e


def checked_text(folder: Path, name: str, hashes: Mapping[str, str]) -> str:
    """The text of a file that is the one the head names.

    Raises
    ------
    Unreadable
        It is missing, or other bytes stand there.
    """
    try:
        body = (folder / name).read_bytes()
    except OSError as e:
        raise problem(Unreadable, "release-file", file=name, why=type(e).__name__) from e
    if hashlib.sha256(body).hexdigest() != hashes.get(name):
        raise problem(Unreadable, "release-damaged", tables=name)
    return body.decode("utf-8")


def checked_rows(folder: Path, table: str, hashes: Mapping[str, str]) -> list[Row]:
    """The rows of a table.

    Raises
    ------
    Unreadable
    """
    reader = csv.DictReader(io.StringIO(checked_text(folder, f"{table}.csv", hashes)))
    return [{name: value or None for name, value in row.items()} for row in reader]
