"""The data release on disk and in memory.

A release is a folder with one Parquet file per table and ``release.json``, which names the
release, its last knowledge date and the SHA-256 of every file.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headway.errors import Unreadable
from headway.paths import release_dir
from headway.problems import problem

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "ALL_TABLES",
    "OPTIONAL_TABLES",
    "TABLES",
    "Release",
    "ReleaseHead",
    "load_release",
    "read_head",
    "tables_hash",
]

#: Tables of a release, in the order in which people read them.
TABLES = (
    "sources",
    "model_versions",
    "model_aliases",
    "access",
    "benchmarks",
    "scores",
    "tasks",
    "task_runs",
    "published_estimates",
)
#: Tables that a release may lack; they are then empty. Releases before 2026-11-24 have none of them.
OPTIONAL_TABLES = ("precedents", "index_scores", "index_lines")
ALL_TABLES = (*TABLES, *OPTIONAL_TABLES)


def tables_hash(found: Mapping[str, str]) -> str:
    """SHA-256 over tables, from the SHA-256 of each."""
    lines = "".join(f"{name} {found[name]}\n" for name in sorted(found))
    return hashlib.sha256(lines.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ReleaseHead:
    """What a release is, without its rows.

    Parameters
    ----------
    path : Path
    data_release : str
        Name of the release; of most, its date.
    data_through : date
        Latest date on which one of its scores was known.
    rows : dict of str to int
        Rows per table, as ``release.json`` says.
    stated, found : dict of str to str
        SHA-256 per table: in ``release.json``, and of the bytes on disk.
    included : tuple of str
        Rows beyond the release: ``own``, ``quarantined`` (see :mod:`headway.tables.choice`).
    day : str
        Day on which it was made, as ``release.json`` states it or its name starts with it.
    """

    path: Path
    data_release: str
    data_through: date
    rows: dict[str, int]
    stated: dict[str, str]
    found: dict[str, str]
    included: tuple[str, ...] = ()
    day: str = ""

    @property
    def released(self) -> date:
        """Day on which it was made.

        Raises
        ------
        Unreadable
            Neither ``release.json`` nor the name says it.
        """
        try:
            return date.fromisoformat(self.day[:10])
        except ValueError as e:
            why = f"no day in {self.day!r}"
            raise problem(Unreadable, "release-file", file="release.json", why=why) from e

    @property
    def rows_hash(self) -> str:
        """SHA-256 over the files on disk; any changed row changes it."""
        return tables_hash(self.found)

    @property
    def damaged(self) -> tuple[str, ...]:
        """Tables whose bytes are not those that ``release.json`` names."""
        return tuple(n for n in ALL_TABLES if self.stated.get(n) != self.found.get(n))


@dataclass(frozen=True, slots=True)
class Release:
    """All tables of one release as Polars frames, checked against their schemas."""

    head: ReleaseHead
    sources: pl.DataFrame
    model_versions: pl.DataFrame
    model_aliases: pl.DataFrame
    access: pl.DataFrame
    benchmarks: pl.DataFrame
    scores: pl.DataFrame
    tasks: pl.DataFrame
    task_runs: pl.DataFrame
    published_estimates: pl.DataFrame
    precedents: pl.DataFrame
    index_scores: pl.DataFrame
    index_lines: pl.DataFrame

    @property
    def data_release(self) -> str:
        return self.head.data_release

    @property
    def data_through(self) -> date:
        return self.head.data_through

    @property
    def rows_hash(self) -> str:
        return self.head.rows_hash

    @property
    def path(self) -> Path:
        return self.head.path

    def table(self, name: str) -> pl.DataFrame:
        """The table called ``name``."""
        assert name in ALL_TABLES, name
        frame: pl.DataFrame = getattr(self, name)
        return frame

    def __repr__(self) -> str:
        counts = ", ".join(f"{n}={len(self.table(n))}" for n in ALL_TABLES)
        return f"Release({self.data_release}, through {self.data_through}: {counts})"


def _bodies(path: Path) -> dict[str, bytes]:
    out = {}
    for name in ALL_TABLES:
        file = path / f"{name}.parquet"
        if name in OPTIONAL_TABLES and not file.exists():
            continue
        try:
            out[name] = file.read_bytes()
        except OSError as e:
            raise problem(Unreadable, "release-file", file=file.name, why=type(e).__name__) from e
    return out


def _head(path: Path, bodies: dict[str, bytes]) -> ReleaseHead:
    try:
        text = (path / "release.json").read_text(encoding="utf-8")
        told: dict[str, Any] = json.loads(text)
        listed = [n for n in ALL_TABLES if n in TABLES or n in told["tables"]]
        return ReleaseHead(
            path=path,
            data_release=str(told["data_release"]),
            data_through=date.fromisoformat(told["data_through"]),
            rows={n: int(told["tables"][n]["rows"]) for n in listed},
            stated={n: str(told["tables"][n]["sha256"]) for n in listed},
            found={n: hashlib.sha256(body).hexdigest() for n, body in bodies.items()},
            # a name that starts with the day need not say it twice
            day=str(told.get("released", told["data_release"])),
        )
    except (OSError, ValueError, KeyError, TypeError) as e:
        why = f"{type(e).__name__}: {e}"
        raise problem(Unreadable, "release-file", file="release.json", why=why) from e


def read_head(path: Path | None = None) -> ReleaseHead:
    """What the release at ``path`` (default: the one in use) is; reads bytes, no rows.

    Raises
    ------
    Unreadable
        ``release.json`` or a table file is missing or broken.
    """
    folder = release_dir() if path is None else path
    return _head(folder, _bodies(folder))


def load_release(path: Path | None = None) -> Release:
    """The release at ``path``; by default the one that the data folder points to.

    Raises
    ------
    Unreadable
        A file is missing, truncated, or not the one ``release.json`` names.
    BadTable
        A table breaks its schema.
    """
    import polars as pl

    from headway.tables.schemas import SCHEMAS
    from headway.tables.validate import check

    folder = release_dir() if path is None else path
    bodies = _bodies(folder)
    head = _head(folder, bodies)
    if head.damaged:
        raise problem(Unreadable, "release-damaged", tables=", ".join(head.damaged))
    frames: dict[str, pl.DataFrame] = {}
    for name in ALL_TABLES:
        if name not in bodies:
            frames[name] = SCHEMAS[name].create_empty()
            continue
        try:
            frame = pl.read_parquet(io.BytesIO(bodies[name]))
        except pl.exceptions.PolarsError as e:
            raise problem(Unreadable, "release-file", file=f"{name}.parquet", why=str(e)) from e
        frames[name] = check(name, frame)
    return Release(head=head, **frames)
