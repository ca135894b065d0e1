"""Raw bodies by SHA-256 and an append-only manifest of what was retrieved when.

::

    snapshots/
      manifest.jsonl              one line per answer, in the order of arrival
      contacts.jsonl              one line per fetch that failed, and per look of the doctor
      manifest.lock               held by the one writer
      bodies/ab/ab12...           bytes, named by their SHA-256
      parsed/SOURCE/RESOURCE/...  what reading a body gave; may be deleted, is made again
      unfinished/                 what a killed writer left; the next one removes it

A body is complete before its line is written, and a line counts once its line break is there. So a
kill at any moment leaves the manifest as before or with the whole new line, and at worst a body
that no line names yet.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from headway.errors import BadValue, NotFound, TryLater, Unreadable
from headway.paths import data_dir
from headway.problems import problem
from headway.sources.declare import Resource, Source
from headway.sources.fetch import Fetched, Validators
from headway.textsafe import clip

__all__ = ["Manifest", "Snapshot", "SnapshotStore", "Snapshots", "StoreProblem", "newest_of"]

_HASH = re.compile(r"[0-9a-f]{64}")
_PREFIX = re.compile(r"[0-9a-f]{4,64}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
#: The log of contacts keeps its newest lines once it is larger than this.
_LOG_BYTES = 1 << 20
_LOG_LINES = 500
_WHEN = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One line of the manifest.

    Parameters
    ----------
    source, resource, url : str
    retrieved_at : datetime
        UTC, to the second.
    status : int
        200, or 304 where the server said that the body with this hash still stands.
    sha256 : str
    size : int
        Bytes of the body, decompressed.
    licence : str
        As the source was declared on that day.
    final_url : str or None
        Where redirects led, if elsewhere.
    etag, last_modified, content_type : str or None
    content_length : int or None
    """

    source: str
    resource: str
    url: str
    retrieved_at: datetime
    status: int
    sha256: str
    size: int
    licence: str
    final_url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    content_type: str | None = None
    content_length: int | None = None

    @property
    def validators(self) -> Validators:
        """For asking whether this snapshot still stands."""
        return Validators(self.url, self.etag, self.last_modified)

    def to_line(self) -> bytes:
        """The manifest's line, line break included."""
        row = asdict(self) | {"retrieved_at": self.retrieved_at.strftime(_WHEN)}
        return json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Snapshot:
        """A line's object; keys of a later version are ignored.

        Raises
        ------
        KeyError, TypeError, ValueError
            It is not such a line.
        """
        known = {f.name: row[f.name] for f in fields(cls) if f.name in row}
        when = datetime.strptime(known["retrieved_at"], _WHEN).replace(tzinfo=UTC)
        found = cls(**{**known, "retrieved_at": when})
        is_sound = (
            bool(_HASH.fullmatch(found.sha256))
            and bool(_NAME.fullmatch(found.source))
            and bool(_NAME.fullmatch(found.resource))
            and type(row["size"]) is int
            and found.size >= 0
        )
        if not is_sound:
            raise ValueError("hash, name or size")
        return found


@dataclass(frozen=True, slots=True)
class StoreProblem:
    """A body that is not as the manifest says: ``missing`` or ``damaged``."""

    sha256: str
    kind: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What reading a manifest gave.

    Parameters
    ----------
    lines : tuple of Snapshot
        In the order of arrival.
    strange, missing : tuple of str
        Names of objects that are not ours, and of lines that are not there any more; never in a
        local folder, where a damaged line is an error.
    copied_at : datetime or None
        When the local copy was made that was read instead.
    """

    lines: tuple[Snapshot, ...]
    strange: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    copied_at: datetime | None = None


def newest_of(snapshots: Iterable[Snapshot]) -> dict[tuple[str, str], Snapshot]:
    """The newest of these snapshots (oldest first) per source and resource."""
    found: dict[tuple[str, str], Snapshot] = {}
    for one in snapshots:
        before = found.get((one.source, one.resource))
        # the clock may have been set back: time decides, then the order of arrival
        if before is None or one.retrieved_at >= before.retrieved_at:
            found[one.source, one.resource] = one
    return found


class Snapshots(ABC):
    """Snapshots somewhere; any number of readers, one writer at a time."""

    @abstractmethod
    def manifest_read(self) -> Manifest:
        """Every line that counts, and what else was found.

        Raises
        ------
        Unreadable, TryLater
            The manifest is damaged, or cannot be reached.
        """

    @abstractmethod
    def has_body(self, snapshot: Snapshot) -> bool:
        """Is its body there?"""

    @abstractmethod
    def body(self, sha256: str) -> bytes:
        """The bytes with this hash, checked.

        Raises
        ------
        Unreadable
            They are gone, or other bytes stand there.
        """

    @abstractmethod
    def verify(self) -> list[StoreProblem]:
        """Hash every body that the manifest names; what is wrong, or nothing."""

    @abstractmethod
    def parsed(self, snapshot: Snapshot, code: str) -> bytes | None:
        """What :meth:`put_parsed` kept for this body and these connectors, if anything."""

    @abstractmethod
    def put_parsed(self, snapshot: Snapshot, code: str, data: bytes) -> None:
        """Keep what reading a body gave, whole or not at all.

        Raises
        ------
        TryLater
        """

    @abstractmethod
    def note(self, line: bytes) -> None:
        """Append a line to the log of contacts; the oldest ones go when it has grown large.

        Raises
        ------
        TryLater
        """

    @abstractmethod
    def notes(self) -> list[bytes]:
        """The whole lines of the log of contacts, oldest first.

        Raises
        ------
        Unreadable
            The log is there and cannot be opened.
        """

    @abstractmethod
    def _record(self, made: Snapshot, body: bytes | None) -> None:
        """Keep a body, then its line."""

    # Reading ----------------------------------------------------------------------------------

    def snapshots(self) -> list[Snapshot]:
        """Every line of the manifest, in the order of arrival.

        Raises
        ------
        Unreadable
        """
        return list(self.manifest_read().lines)

    def latest(self, source: str, resource: str) -> Snapshot | None:
        """The newest snapshot of a resource."""
        return self.newest().get((source, resource))

    def newest(self, *, until: datetime | None = None) -> dict[tuple[str, str], Snapshot]:
        """The newest snapshot of every resource, of those retrieved by ``until``."""
        return newest_of(
            one for one in self.snapshots() if until is None or one.retrieved_at <= until
        )

    def find(self, prefix: str) -> Snapshot:
        """The newest snapshot whose hash starts with ``prefix`` (4 digits or more).

        Raises
        ------
        BadValue, NotFound
            Not such a prefix, or one of several bodies; no body has it.
        """
        digits = prefix.lower()
        if not _PREFIX.fullmatch(digits):
            raise problem(BadValue, "snapshots-prefix", prefix=clip(prefix))
        found = [one for one in self.snapshots() if one.sha256.startswith(digits)]
        if not found:
            raise problem(NotFound, "snapshots-none", prefix=digits)
        if len({one.sha256 for one in found}) > 1:
            raise problem(BadValue, "snapshots-several", prefix=digits)
        return found[-1]

    # Writing ----------------------------------------------------------------------------------

    def add(
        self,
        source: Source,
        resource: Resource,
        fetched: Fetched,
        *,
        stands: Snapshot | None = None,
    ) -> Snapshot:
        """Keep an answer: its body first, then its line.

        Parameters
        ----------
        source, resource
        fetched : Fetched
        stands : Snapshot, optional
            With 304: the snapshot that still stands.

        Raises
        ------
        TryLater
            Another process has been writing for longer than ``lock_s``, or the disk refuses.
        Unreadable
            The manifest is damaged; nothing is written after a line that cannot be read.
        """
        assert _NAME.fullmatch(source.key) and _NAME.fullmatch(resource.name), source.key
        if fetched.body is None:
            assert stands is not None, "304 confirms a snapshot"
            sha256, size = stands.sha256, stands.size
        else:
            sha256, size = hashlib.sha256(fetched.body).hexdigest(), len(fetched.body)
        made = Snapshot(
            source=source.key,
            resource=resource.name,
            url=fetched.url,
            retrieved_at=fetched.retrieved_at,
            status=fetched.status,
            sha256=sha256,
            size=size,
            licence=source.licence,
            final_url=None if fetched.final_url == fetched.url else fetched.final_url,
            # a 304 need not repeat them
            etag=fetched.etag or (None if stands is None else stands.etag),
            last_modified=fetched.last_modified
            or (None if stands is None else stands.last_modified),
            content_type=fetched.content_type or (None if stands is None else stands.content_type),
            content_length=fetched.content_length
            if stands is None or fetched.body is not None
            else stands.content_length,
        )
        self._record(made, fetched.body)
        return made


class SnapshotStore(Snapshots):
    """The user's snapshots; any number of readers, one writer at a time.

    Parameters
    ----------
    root : Path, optional
        ``snapshots`` in the user's data folder by default.
    lock_s : float
        How long a writer waits for another one.
    """

    def __init__(self, root: Path | None = None, *, lock_s: float = 60.0) -> None:
        self.root = data_dir() / "snapshots" if root is None else root
        self.manifest = self.root / "manifest.jsonl"
        self.contacts = self.root / "contacts.jsonl"
        self._bodies = self.root / "bodies"
        self._unfinished = self.root / "unfinished"
        self._lock_s = lock_s

    # Reading ----------------------------------------------------------------------------------

    def manifest_read(self) -> Manifest:
        """Every line of the manifest, oldest first; a torn last line does not count.

        Raises
        ------
        Unreadable
            A whole line is not one of ours.
        """
        try:
            data = self.manifest.read_bytes()
        except FileNotFoundError:
            return Manifest(())
        except OSError as e:
            raise problem(Unreadable, "snapshots-closed", why=e.strerror or "-") from e
        out = []
        whole = data[: data.rfind(b"\n") + 1]
        for number, line in enumerate(whole.split(b"\n")[:-1], start=1):
            try:
                out.append(Snapshot.from_row(json.loads(line)))
            except (KeyError, TypeError, ValueError, RecursionError) as e:
                raise problem(Unreadable, "snapshots-manifest", line=str(number)) from e
        return Manifest(tuple(out))

    def has_body(self, snapshot: Snapshot) -> bool:
        """Is its body there, byte for byte?"""
        try:
            return _hash_file(self.body_path(snapshot.sha256)) == snapshot.sha256
        except OSError:
            return False

    def body(self, sha256: str) -> bytes:
        """The bytes with this hash, checked.

        Raises
        ------
        Unreadable
            They are gone, or other bytes stand there.
        """
        try:
            data = self.body_path(sha256).read_bytes()
        except OSError as e:
            raise problem(Unreadable, "snapshots-body-gone", sha256=sha256[:12]) from e
        if hashlib.sha256(data).hexdigest() != sha256:
            raise problem(Unreadable, "snapshots-body-damaged", sha256=sha256[:12])
        return data

    def verify(self) -> list[StoreProblem]:
        """Hash every body that the manifest names; what is wrong, or nothing."""
        out = []
        for sha256 in dict.fromkeys(one.sha256 for one in self.snapshots()):
            path = self.body_path(sha256)
            if not path.is_file():
                out.append(StoreProblem(sha256, "missing"))
            elif _hash_file(path) != sha256:
                out.append(StoreProblem(sha256, "damaged"))
        return out

    def body_path(self, sha256: str) -> Path:
        """Where the bytes with this hash are."""
        assert _HASH.fullmatch(sha256), sha256
        return self._bodies / sha256[:2] / sha256

    # Writing ----------------------------------------------------------------------------------

    def parsed(self, snapshot: Snapshot, code: str) -> bytes | None:
        try:
            return self._parsed_path(snapshot).read_bytes()
        except OSError:
            return None  # not there: it is made again from the body

    def put_parsed(self, snapshot: Snapshot, code: str, data: bytes) -> None:
        # one file per body: what other connectors made of it is not kept
        self.put_beside(self._parsed_path(snapshot), data)

    def _parsed_path(self, snapshot: Snapshot) -> Path:
        folder = self.root / "parsed" / snapshot.source / snapshot.resource
        return folder / f"{snapshot.sha256}.json"

    def _record(self, made: Snapshot, body: bytes | None) -> None:
        with self._writing():
            if body is not None:
                self._keep(made.sha256, body)
            self._append(self.manifest, made.to_line())

    def note(self, line: bytes) -> None:
        assert line.endswith(b"\n") and line.count(b"\n") == 1, line
        with self._writing():
            if self.contacts.exists() and self.contacts.stat().st_size > _LOG_BYTES:
                kept = self.contacts.read_bytes().splitlines(keepends=True)[-_LOG_LINES:]
                self._write(self.contacts, b"".join(kept))
            self._append(self.contacts, line)

    def notes(self) -> list[bytes]:
        try:
            data = self.contacts.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as e:
            raise problem(Unreadable, "snapshots-closed", why=e.strerror or "-") from e
        return data[: data.rfind(b"\n") + 1].splitlines()

    def put_beside(self, path: Path, data: bytes) -> None:
        """Write a file that is derived from a body, whole or not at all.

        Raises
        ------
        TryLater
        """
        assert path.is_relative_to(self.root / "parsed"), path
        with self._writing():
            self._write(path, data)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Be the one writer; first put right what a killed one left."""
        from filelock import FileLock, Timeout

        try:
            self._unfinished.mkdir(parents=True, exist_ok=True)
            with FileLock(self.root / "manifest.lock", timeout=self._lock_s):
                self._repair()
                yield
        except Timeout as e:
            raise problem(TryLater, "snapshots-busy", seconds=f"{self._lock_s:g}") from e
        except OSError as e:
            raise problem(TryLater, "snapshots-disk", why=e.strerror or type(e).__name__) from e

    def _repair(self) -> None:
        """Cut torn last lines off and remove unfinished bodies."""
        for left in self._unfinished.iterdir():
            left.unlink(missing_ok=True)
        for lines in (self.manifest, self.contacts):
            try:
                with lines.open("r+b") as file:
                    end = file.seek(0, os.SEEK_END)
                    whole = _whole_lines(file, end)
                    if whole < end:
                        file.truncate(whole)
                        os.fsync(file.fileno())
            except FileNotFoundError:
                continue

    def _keep(self, sha256: str, body: bytes) -> None:
        path = self.body_path(sha256)
        if path.is_file() and _hash_file(path) == sha256:
            return
        self._write(path, body)

    def _write(self, path: Path, data: bytes) -> None:
        """Make ``path`` hold all of ``data`` or what it held before, even after a kill."""
        is_new = not path.parent.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=self._unfinished)
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
        _sync_folder(path.parent)
        if is_new:
            _sync_folder(path.parent.parent)

    def _append(self, path: Path, line: bytes) -> None:
        is_new = not path.exists()
        with path.open("ab", buffering=0) as file:
            start = file.seek(0, os.SEEK_END)
            try:
                if file.write(line) != len(line):
                    raise OSError("short write")
                os.fsync(file.fileno())
            except OSError:
                file.truncate(start)  # a full disk: as before
                raise
        if is_new:
            _sync_folder(self.root)


def _whole_lines(file: Any, end: int, step: int = 1 << 16) -> int:
    """Where the last whole line ends, looking from the end."""
    while end > 0:
        start = max(0, end - step)
        file.seek(start)
        at: int = file.read(end - start).rfind(b"\n")
        if at >= 0:
            return start + at + 1
        end = start
    return 0


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut; other systems than POSIX do it themselves."""
    if os.name != "posix":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
