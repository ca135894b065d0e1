"""A cache of computed results that cannot go stale: the key is everything the result depends on.

An entry is one file: a zip (``.npz``) of plain numeric arrays plus one JSON document. Nothing is
pickled, so a foreign file in the folder can at worst be unreadable (decision 0003). The JSON
document repeats the full key; an entry whose key differs in any part is not used.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import platform
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headway.paths import cache_dir
from headway.provenance import code_hash, digest, library_versions

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CacheWarning", "Entry", "Key", "exists", "kept_in", "key", "load", "store"]

#: Entries and bytes kept per kind of result; the oldest go first.
KEEP = 64
KEEP_BYTES = 2**30


class CacheWarning(UserWarning):
    """A cache entry could not be read or written; the result was computed instead."""


@dataclass(frozen=True, slots=True)
class Key:
    """What a result depends on: kind, rows, options, code, libraries, machine."""

    kind: str
    parts: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.kind}-{digest(dict(self.parts))}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A cached result: one JSON document and named numeric arrays."""

    document: Any
    arrays: Mapping[str, NDArray[Any]]


def key(kind: str, *, rows_hash: str, options: Mapping[str, Any]) -> Key:
    """The key of a result of ``kind`` from rows with that hash under those options.

    Code and numeric-library versions are added here, so no caller can forget them.
    """
    return Key(
        kind,
        {
            "rows": rows_hash,
            "options": json.loads(json.dumps(dict(options), sort_keys=True, default=str)),
            "code": code_hash(),
            "libraries": library_versions(),
            "machine": platform.machine(),
        },
    )


_FOLDER: ContextVar[Path | None] = ContextVar("headway_cache_folder", default=None)


@contextlib.contextmanager
def kept_in(folder: Path) -> Iterator[None]:
    """Inside the block entries go to another folder: those that nobody will ask for again."""
    token = _FOLDER.set(folder)
    try:
        yield
    finally:
        _FOLDER.reset(token)


def _path(k: Key) -> Path:
    return (_FOLDER.get() or cache_dir()) / f"{k.name}.npz"


def exists(k: Key) -> bool:
    """Whether there is an entry for exactly this key (it may still turn out damaged)."""
    return _path(k).is_file()


def load(k: Key) -> Entry | None:
    """The entry for exactly this key, or ``None``.

    A damaged entry is removed with a :class:`CacheWarning` and counts as absent.
    """
    path = _path(k)
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as e:
        _warn(f"the cache cannot be read ({type(e).__name__}); computing instead")
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            head = json.loads(archive.read("entry.json"))
            names = [n for n in archive.namelist() if n.endswith(".npy")]
            arrays = {n.removesuffix(".npy"): _array(archive.read(n)) for n in names}
        if head["key"] != dict(k.parts):
            raise ValueError("the entry was written for another key")
        document = head["document"]
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        EOFError,
        zipfile.LargeZipFile,
    ) as e:
        _warn(f"a cache entry is damaged ({type(e).__name__}: {e}); computing it again")
        path.unlink(missing_ok=True)
        return None
    return Entry(document, arrays)


def _array(body: bytes) -> NDArray[Any]:
    import numpy as np

    loaded: NDArray[Any] = np.lib.format.read_array(io.BytesIO(body), allow_pickle=False)
    return loaded


def store(k: Key, document: Any, arrays: Mapping[str, NDArray[Any]] | None = None) -> None:
    """Write an entry in one step (a reader sees all of it or nothing).

    A folder that cannot be written is a :class:`CacheWarning`, not a failure.
    """
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_STORED) as archive:
        head = {"key": dict(k.parts), "document": document}
        archive.writestr("entry.json", json.dumps(head, ensure_ascii=False))
        for name, array in (arrays or {}).items():
            import numpy as np

            part = io.BytesIO()
            np.lib.format.write_array(part, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(f"{name}.npy", part.getvalue())
    path = _path(k)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body.getvalue())
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _prune(path.parent, k.kind)
    except OSError as e:
        _warn(f"the cache cannot be written ({type(e).__name__}); the result is not kept")


def _prune(folder: Path, kind: str) -> None:
    """Keep the newest entries of a kind within :data:`KEEP` and :data:`KEEP_BYTES`."""
    found = []
    for path in folder.glob(f"{kind}-*.npz"):
        with contextlib.suppress(FileNotFoundError):  # another process removed it meanwhile
            stat = path.stat()
            found.append((stat.st_mtime_ns, stat.st_size, path))
    total = 0
    for count, (_, size, path) in enumerate(sorted(found, reverse=True)):
        total += size
        if count >= KEEP or (count and total > KEEP_BYTES):
            path.unlink(missing_ok=True)


def _warn(text: str) -> None:
    import warnings

    warnings.warn(text, CacheWarning, stacklevel=3)
