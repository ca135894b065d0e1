"""Local copies of objects that never change, verified whenever they are read.

::

    CACHE/stores/PLACE/store.json     the store's own name, sealed
    CACHE/stores/PLACE/NAME/...       its objects; all but bodies are sealed

A sealed copy starts with the SHA-256 of the rest; a body is named by its own. A copy that is
damaged or torn is not there. The folder may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import warnings
from pathlib import Path

from headway.cache import CacheWarning
from headway.paths import cache_dir

__all__ = ["Mirror", "mirror_folder"]


def mirror_folder(root: str) -> Path:
    """Where copies of what is below an address are kept."""
    return cache_dir() / "stores" / hashlib.sha256(root.encode()).hexdigest()[:16]


class Mirror:
    """Copies in one folder.

    Names are those of objects; the caller has checked them.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, name: str) -> bytes | None:
        """A sealed copy; ``None`` if there is none, or a damaged one."""
        data = self._read(name)
        if data is None or data[64:65] != b"\n":
            return None
        body = data[65:]
        return body if hashlib.sha256(body).hexdigest().encode() == data[:64] else None

    def put(self, name: str, data: bytes) -> None:
        """Keep a sealed copy."""
        self._write(name, hashlib.sha256(data).hexdigest().encode() + b"\n" + data)

    def get_body(self, name: str, sha256: str) -> bytes | None:
        """A copy of the bytes with this hash."""
        data = self._read(name)
        is_sound = data is not None and hashlib.sha256(data).hexdigest() == sha256
        return data if is_sound else None

    def put_body(self, name: str, data: bytes) -> None:
        """Keep bytes that their name's hash seals."""
        self._write(name, data)

    def _read(self, name: str) -> bytes | None:
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            return None

    def _write(self, name: str, data: bytes) -> None:
        """Whole or not at all; where it cannot be kept, it is fetched again the next time."""
        path = self.folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            number, made = tempfile.mkstemp(dir=path.parent, prefix=".unfinished-")
            try:
                with os.fdopen(number, "wb") as file:
                    file.write(data)
                os.replace(made, path)
            finally:
                Path(made).unlink(missing_ok=True)
        except OSError as e:
            why = e.strerror or type(e).__name__
            warnings.warn(CacheWarning(f"no local copy was kept: {why}"), stacklevel=3)
