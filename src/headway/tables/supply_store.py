"""Facts about who can train and run models, on disk and in memory.

A folder of CSV files (clusters of GPUs, published training runs, published factors, terms of rental)
and ``supply.json``, which names the date and the SHA-256 of every file. CSV for the same reason as
:mod:`headway.tables.deploy_store`: the standard library reads these rows faster than a frame
library can be imported.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from headway.errors import Unreadable
from headway.problems import problem

__all__ = ["SUPPLY_TABLES", "Supply", "load_supply", "supply_dir"]

SUPPLY_TABLES = ("clusters", "training_runs", "factors", "rental_terms")
Row = Mapping[str, str | None]


@dataclass(frozen=True)
class Supply:
    """The tables: rows as text, as the files have them; empty cells are ``None``.

    Parameters
    ----------
    date : str
        Date that names them.
    hashes : mapping of str to str
        SHA-256 per file.
    rows_of : mapping of str to tuple of rows
    """

    date: str
    hashes: Mapping[str, str]
    rows_of: Mapping[str, tuple[Row, ...]]

    def rows(self, table: str) -> tuple[Row, ...]:
        """The rows of a table."""
        return self.rows_of[table]

    @property
    def rows_hash(self) -> str:
        """SHA-256 over all files: any changed row changes it."""
        lines = "".join(f"{name} {self.hashes[name]}\n" for name in sorted(self.hashes))
        return hashlib.sha256(lines.encode()).hexdigest()


def supply_dir() -> Path:
    """Folder of the tables that ship inside the package."""
    return Path(__file__).parent / "release_supply"


@cache
def load_supply(path: Path | None = None) -> Supply:
    """The shipped tables, or those at ``path``.

    Raises
    ------
    Unreadable
        A file is missing, or is not the one that ``supply.json`` names.
    """
    folder = supply_dir() if path is None else path
    try:
        told = json.loads((folder / "supply.json").read_text(encoding="utf-8"))
        hashes = {str(n): str(h) for n, h in told["sha256"].items()}
        day = str(told["date"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as e:
        why = f"{type(e).__name__}: {e}"
        raise problem(Unreadable, "release-file", file="supply.json", why=why) from e
    return Supply(day, hashes, {name: _rows(folder, name, hashes) for name in SUPPLY_TABLES})


def _rows(folder: Path, table: str, hashes: Mapping[str, str]) -> tuple[Row, ...]:
    name = f"{table}.csv"
    try:
        body = (folder / name).read_bytes()
    except OSError as e:
        raise problem(Unreadable, "release-file", file=name, why=type(e).__name__) from e
    if hashlib.sha256(body).hexdigest() != hashes.get(name):
        raise problem(Unreadable, "release-damaged", tables=name)
    reader = csv.DictReader(io.StringIO(body.decode("utf-8")))
    return tuple({name: value or None for name, value in row.items()} for row in reader)
