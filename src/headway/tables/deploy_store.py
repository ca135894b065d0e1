"""The catalogue of serving on disk and in memory: chips, models, prices, measured points.

It is a folder of CSV files and ``catalogue.json``, which names its date and the SHA-256 of every
file. CSV because a question about one model must be answered in well under a second: the standard
library reads these few hundred rows faster than a frame library can be imported.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from headway.tables.checked_files import checked_rows, checked_text, read_dated_head
from headway.tables.store import tables_hash

__all__ = ["DEPLOY_TABLES", "Catalogue", "catalogue_dir", "load_catalogue"]

DEPLOY_TABLES = ("hardware", "models", "architectures", "prices", "measured")
#: Read only when asked for: most questions need no measured point.
_LATE = frozenset({"measured"})


@dataclass(frozen=True)
class Catalogue:
    """The catalogue: rows as text, as the files have them; empty cells are ``None``.

    Parameters
    ----------
    path : Path
    date : str
        Date that names it.
    hashes : dict of str to str
        SHA-256 per file as ``catalogue.json`` states it.
    rows_of : dict of str to list of dict
    calibration : dict
        Fitted parameters (see :class:`headway.estimate.deploy.Calibration`).
    """

    path: Path
    date: str
    hashes: dict[str, str]
    rows_of: dict[str, list[dict[str, str | None]]]
    calibration: dict[str, Any]

    def rows(self, table: str) -> list[dict[str, str | None]]:
        """The rows of a table."""
        if table not in self.rows_of:
            self.rows_of[table] = checked_rows(self.path, table, self.hashes)
        return self.rows_of[table]

    def study(self, name: str) -> dict[str, Any]:
        """A stored study (see ``tools/build_deploy.py``).

        ``validation``: errors of predictions of what was left out; ``independent``: of points from
        sources that were not fitted.
        """
        found: dict[str, Any] = json.loads(checked_text(self.path, f"{name}.json", self.hashes))
        return found

    @property
    def rows_hash(self) -> str:
        """SHA-256 over all files: any changed row changes it."""
        return tables_hash(self.hashes)


def catalogue_dir() -> Path:
    """Folder of the catalogue that ships inside the package."""
    return Path(__file__).parent / "release_deploy"


@cache
def load_catalogue(path: Path | None = None) -> Catalogue:
    """The shipped catalogue, or the one at ``path``.

    Raises
    ------
    Unreadable
        A file is missing, or is not the one that ``catalogue.json`` names.
    """
    folder = catalogue_dir() if path is None else path
    day, hashes = read_dated_head(folder, "catalogue.json")
    calibration = json.loads(checked_text(folder, "calibration.json", hashes))
    rows = {name: checked_rows(folder, name, hashes) for name in DEPLOY_TABLES if name not in _LATE}
    return Catalogue(folder, day, hashes, rows, calibration)
