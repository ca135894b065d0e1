"""Provenance: what a number was computed from. Two equal provenances mean equal numbers.

Start and end times are not part of it (they go to the log only).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from headway._version import __version__

__all__ = ["NUMERIC_LIBRARIES", "Provenance", "code_hash", "digest", "library_versions"]

#: Libraries whose version can move a number.
NUMERIC_LIBRARIES = ("numpy", "scipy", "polars")

#: Parts of the package that can move a number; texts, charts and the command line cannot.
NUMERIC_CODE = (
    "api",
    "checks",
    "estimate",
    "fanout",
    "snapshots",
    "sources",
    "tables",
    "cache.py",
    "provenance.py",
    "result.py",
)


def digest(value: object) -> str:
    """SHA-256 (hex) of a JSON-able value, independent of the order of mapping keys."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def hash_files(root: Path, names: Iterable[str]) -> str:
    """SHA-256 over the Python files (path and bytes) of ``names`` under ``root``."""
    total = hashlib.sha256()
    for name in sorted(names):
        top = root / name
        files = [top] if top.is_file() else sorted(top.rglob("*.py"))
        for file in files:
            total.update(file.relative_to(root).as_posix().encode() + b"\0")
            total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


@cache
def code_hash() -> str:
    """Hash of the source files that can move a number."""
    return hash_files(Path(__file__).parent, NUMERIC_CODE)


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    from importlib.metadata import version

    return tuple((name, version(name)) for name in NUMERIC_LIBRARIES)


def library_versions() -> dict[str, str]:
    """Versions of the numeric libraries, read without importing them."""
    return dict(_versions())


@dataclass(frozen=True, slots=True)
class Provenance:
    """Code, data, rows, options and seed behind a result.

    Parameters
    ----------
    data_release : str
        Date of the data release.
    rows_hash : str
        SHA-256 of the rows used.
    options : mapping
        Everything the caller could choose.
    seed : int
        Root of all random numbers.
    """

    data_release: str
    rows_hash: str
    options: Mapping[str, Any]
    seed: int
    headway: str = __version__
    code: str = field(default_factory=code_hash)
    libraries: Mapping[str, str] = field(default_factory=library_versions)

    def to_json(self) -> dict[str, Any]:
        return {
            "headway": self.headway,
            "code": self.code,
            "libraries": dict(self.libraries),
            "data_release": self.data_release,
            "rows_hash": self.rows_hash,
            "options": dict(self.options),
            "seed": self.seed,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Provenance:
        return cls(
            data_release=data["data_release"],
            rows_hash=data["rows_hash"],
            options=data["options"],
            seed=data["seed"],
            headway=data["headway"],
            code=data["code"],
            libraries=data["libraries"],
        )

    @property
    def key(self) -> str:
        """One hash over everything: equal keys mean equal numbers."""
        return digest(self.to_json())
