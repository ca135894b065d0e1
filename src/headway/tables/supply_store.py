"""Facts about who can train and run models, on disk and in memory.

A folder of CSV files (clusters of GPUs, published training runs, published factors, terms of rental)
and ``supply.json``, which names the date and the SHA-256 of every file. CSV for the same reason as
:mod:`headway.tables.deploy_store`: the standard library reads these rows faster than a frame
library can be imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from headway.tables.checked_files import checked_rows, read_dated_head
from headway.tables.store import tables_hash

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
        return tables_hash(self.hashes)


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
    day, hashes = read_dated_head(folder, "supply.json")
    return Supply(
        day, hashes, {name: tuple(checked_rows(folder, name, hashes)) for name in SUPPLY_TABLES}
    )
