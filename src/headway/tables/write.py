"""The one writer of releases: equal tables give equal bytes, a folder appears whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl

from headway.tables.schemas import SCHEMAS

__all__ = [
    "in_order",
    "known_through",
    "manifest",
    "manifest_bytes",
    "parquet_bytes",
    "sha256",
    "write_folder",
    "write_pointer",
]

#: Statistics are left out: they would grow small files and differ between versions of the writer.
_PARQUET: dict[str, Any] = {"compression": "zstd", "compression_level": 15, "statistics": False}
#: Folders that are being written start so; no reader looks at them.
SCRATCH = ".writing-"


def sha256(body: bytes) -> str:
    """SHA-256 (hex) of a file's bytes."""
    return hashlib.sha256(body).hexdigest()


def in_order(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of a table sorted by its key, then by all other columns."""
    columns = SCHEMAS[name].columns()
    keys = SCHEMAS[name].primary_key()
    rest = [column for column in columns if column not in keys]
    order = [
        # by the word, not by its place in the vocabulary: a new word moves no row
        pl.col(c).cast(pl.String) if isinstance(columns[c], dy.Enum) else pl.col(c)
        for c in [*keys, *rest]
    ]
    return frame.sort(order, nulls_last=True)


def parquet_bytes(frame: pl.DataFrame) -> bytes:
    """A table as the bytes of its Parquet file."""
    out = io.BytesIO()
    frame.write_parquet(out, **_PARQUET)
    return out.getvalue()


def known_through(scores: pl.DataFrame) -> date | None:
    """The latest day on which a score was known; ``None`` where no row has such a day."""
    latest = scores["known_on"].max()
    return latest if isinstance(latest, date) else None


def manifest(
    data_release: str,
    tables: Mapping[str, pl.DataFrame],
    bodies: Mapping[str, bytes],
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What ``release.json`` says: name, last known day, rows and SHA-256 per table, and ``more``."""
    through = known_through(tables["scores"])
    return {
        "data_release": data_release,
        "data_through": None if through is None else through.isoformat(),
        "tables": {
            name: {"rows": frame.height, "sha256": sha256(bodies[name])}
            for name, frame in tables.items()
        },
        **(more or {}),
    }


def manifest_bytes(told: Mapping[str, Any]) -> bytes:
    """The file ``release.json``."""
    return (json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def write_folder(out: Path, files: Mapping[str, bytes], *, replace: bool = False) -> None:
    """Write files to a folder beside ``out``, then put that in its place.

    Parameters
    ----------
    out : Path
    files : mapping of str to bytes
        Name to content.
    replace : bool
        Put it in the place of an ``out`` that exists.

    Raises
    ------
    OSError
        ``out`` exists and ``replace`` is not set (``FileExistsError``), or nothing can be written;
        what was there before is there still.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=out.parent, prefix=SCRATCH))
    try:
        for name, body in files.items():
            with (scratch / name).open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
        scratch.chmod(0o755)
        if not out.exists():
            scratch.rename(out)
        elif replace:
            old = out.with_name(f".{out.name}-old")
            shutil.rmtree(old, ignore_errors=True)
            out.rename(old)
            scratch.rename(out)
            shutil.rmtree(old)
        else:
            raise FileExistsError(out)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def write_pointer(pointer: Path, name: str) -> None:
    """Make a file name a release, in one step.

    Raises
    ------
    OSError
        It cannot be written; it is as before.
    """
    pointer.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=pointer.parent, prefix=".pointing-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(name + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, pointer)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
