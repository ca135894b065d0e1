"""The same store in four kinds of places, and a way round it: to look at, damage or remove objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headway.snapshots.places import snapshots_at
from headway.snapshots.store import Snapshots

KINDS = ("local", "file", "memory", "s3")


@dataclass(frozen=True)
class Place:
    """One kind of place.

    Parameters
    ----------
    kind : str
    url : str
        For ``--store``.
    folder : Path or None
        Of this machine.
    env : mapping
        What a process of its own needs.
    """

    kind: str
    url: str
    folder: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)

    def open(self, **more: Any) -> Snapshots:
        return snapshots_at(self.url, **more)

    @property
    def is_remote(self) -> bool:
        return self.folder is None

    # A way round it -------------------------------------------------------------------------

    def _fs(self) -> Any:
        import fsspec

        return fsspec.filesystem(self.url.partition("://")[0], use_listings_cache=False)

    def _path(self, name: str) -> str:
        return f"{self.url}/snapshots/{name}"

    def read(self, name: str) -> bytes:
        if self.folder is not None:
            return (self.folder / "snapshots" / name).read_bytes()
        return bytes(self._fs().cat_file(self._path(name)))

    def write(self, name: str, data: bytes) -> None:
        if self.folder is not None:
            path = self.folder / "snapshots" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        else:
            self._fs().pipe_file(self._path(name), data)

    def remove(self, name: str) -> None:
        if self.folder is not None:
            (self.folder / "snapshots" / name).unlink()
        else:
            self._fs().rm_file(self._path(name))

    def names(self, below: str = "") -> list[str]:
        """Names of all objects, sorted."""
        if self.folder is not None:
            root = self.folder / "snapshots"
            found = [p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()]
        else:
            fs = self._fs()
            root_path = fs._strip_protocol(self._path("")).rstrip("/")
            found = [name.removeprefix(root_path).lstrip("/") for name in fs.find(root_path)]
        return sorted(name for name in found if name.startswith(below))

    def bodies(self) -> list[str]:
        return self.names("bodies/")


def body_name(sha256: str) -> str:
    return f"bodies/{sha256[:2]}/{sha256}"
