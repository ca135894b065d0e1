"""The catalogue of serving on disk and in memory: chips, models, prices, measured points.

It is a folder of CSV files and ``catalogue.json``, which names its date and the SHA-256 of every
file. CSV because a question about one model must be answered in well under a second: the standard
library reads these few hundred rows faster than a frame library can be imported.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from headway.errors import Unreadable
from headway.problems import problem

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
            self.rows_of[table] = _rows(self.path, table, self.hashes)
        return self.rows_of[table]

    def study(self, name: str) -> dict[str, Any]:
        """A stored study (see ``tools/build_deploy.py``).

        ``validation``: errors of predictions of what was left out; ``independent``: of points from
        sources that were not fitted.
        """
        found: dict[str, Any] = json.loads(_body(self.path, f"{name}.json", self.hashes))
        return found

    @property
    def rows_hash(self) -> str:
        """SHA-256 over all files: any changed row changes it."""
        lines = "".join(f"{name} {self.hashes[name]}\n" for name in sorted(self.hashes))
        return hashlib.sha256(lines.encode()).hexdigest()


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
    try:
        told = json.loads((folder / "catalogue.json").read_text(encoding="utf-8"))
        hashes = {str(n): str(h) for n, h in told["sha256"].items()}
        day = str(told["date"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as e:
        why = f"{type(e).__name__}: {e}"
        raise problem(Unreadable, "release-file", file="catalogue.json", why=why) from e
    calibration = json.loads(_body(folder, "calibration.json", hashes))
    rows = {name: _rows(folder, name, hashes) for name in DEPLOY_TABLES if name not in _LATE}
    return Catalogue(folder, day, hashes, rows, calibration)


def _body(folder: Path, name: str, hashes: dict[str, str]) -> str:
    try:
        body = (folder / name).read_bytes()
    except OSError as e:
        raise problem(Unreadable, "release-file", file=name, why=type(e).__name__) from e
    if hashlib.sha256(body).hexdigest() != hashes.get(name):
        raise problem(Unreadable, "release-damaged", tables=name)
    return body.decode("utf-8")


def _rows(folder: Path, table: str, hashes: dict[str, str]) -> list[dict[str, str | None]]:
    text = _body(folder, f"{table}.csv", hashes)
    return [
        {name: value or None for name, value in row.items()}
        for row in csv.DictReader(io.StringIO(text))
    ]
