"""Snapshots below an address that fsspec reaches: objects that are written once and never changed.

::

    store.json                       the store's own name
    manifest/000000/00000042.jsonl    one line, at its number; created only if the number is free
    manifest/000000.jsonl             the hundred lines of a full group in one object; derived
    bodies/ab/ab12...                bytes, named by their SHA-256
    parsed/SOURCE/RESOURCE/...       what reading a body gave, by the hashes of body and connectors

There is no append and no lock. A line is one object, which appears whole or not at all, after its
body. Its number is won by exactly one writer: the server refuses to create what is there, so a
writer that slept for an hour can't overwrite anything, and a dead one holds nothing. Whoever finds
a number taken goes on to the next; both lines stay.

Where the server gives no such promise the name of a line ends with its hash
(``00000042-0123456789abcdef.jsonl``). Then two writers may share a number; still both lines stay,
in the order of their hashes, and a line cut short is seen.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cached_property

from headway.errors import Offline, TryLater, Unreadable
from headway.problems import problem
from headway.snapshots.store import Manifest, Snapshot, Snapshots, SnapshotStore, StoreProblem
from headway.stores.address import Address
from headway.stores.mirror import Mirror, mirror_folder
from headway.stores.objects import Objects, Patience

__all__ = ["GROUP", "RemoteStore"]

#: Lines of a group. A new machine fetches one object per full group and the lines of the last one:
#: with daily syncs of thirty resources, after a year, 110 and at most a hundred.
GROUP = 100
_GROUP = re.compile(r"\d{6}")
_JOINED = re.compile(r"(\d{6})\.jsonl")
_LINE = re.compile(r"(\d{8})(?:-([0-9a-f]{16}))?\.jsonl")
_LAST = 10**8 - 1
_STORE = re.compile(r"[0-9a-f]{32}")
#: Longer is no line of ours.
_MAX_LINE = 1 << 16
#: Between two tries for a number that is being won by another writer.
_PAUSE_S = 0.1
_WHEN = "%Y-%m-%dT%H:%M:%SZ"


class RemoteStore(Snapshots):
    """Snapshots below an address.

    Parameters
    ----------
    address : Address
        The folder that holds ``store.json``.
    lock_s : float
        How long a writer tries for a number that others keep winning.
    offline : bool
        Open no connection: read the local copy.
    patience : Patience, optional
    """

    def __init__(
        self,
        address: Address,
        *,
        lock_s: float = 60.0,
        offline: bool = False,
        patience: Patience | None = None,
    ) -> None:
        self.address = address
        self.is_offline = offline and address.needs_network
        self._objects = Objects(address, patience=patience)
        self._lock_s = lock_s
        self._place = Mirror(mirror_folder(address.root))
        self._turn = threading.Lock()
        self._next: int | None = None
        self._known: bytes | None = None

    # The store itself -------------------------------------------------------------------------

    @cached_property
    def _exclusive(self) -> bool:
        """Does the server refuse to create what is there? Asked once, with the store's own name."""
        return self._objects.creates_exclusively("store.json", self._made())

    def _head(self) -> bytes | None:
        """The bytes of ``store.json``; ``None`` if there is no store.

        Raises
        ------
        Unreadable
            It is not ours: the address holds something else.
        """
        if self._known is None:
            data = self._objects.get("store.json")
            if data is None:
                return None
            self._id_of(data)
            self._place.put("store.json", data)
            self._known = data
        return self._known

    def _made(self) -> bytes:
        """The same, made first if there is no store."""
        found = self._head()
        if found is None:
            made = {"headway_store": 1, "id": uuid.uuid4().hex}
            self._objects.create("store.json", json.dumps(made).encode() + b"\n")
            found = self._head()  # another writer may have been first
        if found is None:
            raise problem(TryLater, "store-unreachable", shown=self.address.shown, why="store.json")
        return found

    def _id_of(self, head: bytes) -> str:
        try:
            row = json.loads(head)
            if row["headway_store"] != 1 or not _STORE.fullmatch(row["id"]):
                raise ValueError("version or id")
        except (KeyError, TypeError, ValueError, RecursionError) as e:
            raise problem(Unreadable, "store-strange", shown=self.address.shown) from e
        return str(row["id"])

    @cached_property
    def _mirror(self) -> Mirror:
        """Copies of this very store: another one at the same address has another folder."""
        head = self._place.get("store.json") if self.is_offline else self._head()
        if head is None:
            raise self._not_here("store.json")
        return Mirror(self._place.folder / self._id_of(head))

    def _not_here(self, name: str) -> Offline:
        return problem(Offline, "store-offline", shown=self.address.shown, name=name)

    # Reading ----------------------------------------------------------------------------------

    def manifest_read(self) -> Manifest:
        """Every line, in the order of numbers; what is not ours is reported and left out."""
        if self.is_offline:
            return self._copied()
        if self._head() is None:
            return Manifest(())
        reading = _Reading()
        groups, joined = self._groups(reading)
        there = sorted(groups | joined)
        for before, group in zip([-1, *there], there, strict=False):
            if group > before + 1:
                reading.missing.append(_between(before + 1, group - 1))
            if not (group in joined and self._take([_joined_name(group)], reading)):
                self._read_group(group, reading, is_last=group == there[-1])
        found = reading.manifest()
        # after everything that it names was copied
        now = {"at": datetime.now(UTC).strftime(_WHEN), "names": reading.names}
        self._mirror.put("read.json", json.dumps(now).encode())
        return found

    def _groups(self, reading: _Reading) -> tuple[set[int], set[int]]:
        """Groups that have lines of their own, and groups that are joined."""
        groups, joined = set(), set()
        for name, is_folder in self._objects.children("manifest").items():
            if is_folder and _GROUP.fullmatch(name):
                groups.add(int(name))
            elif not is_folder and (match := _JOINED.fullmatch(name)):
                joined.add(int(match[1]))
            else:
                reading.strange.append(f"manifest/{name}")
        return groups, joined

    def _read_group(self, group: int, reading: _Reading, *, is_last: bool) -> None:
        names, strange = self._listed(group)
        if _gaps(names, group, is_last=is_last):
            names, strange = self._listed(group)  # written while the first answer was made
        reading.strange += strange
        self._take(names, reading)
        for number in _gaps(names, group, is_last=is_last):
            reading.missing.append(f"{_folder(group)}/{number:08d}.jsonl")

    def _take(self, names: Iterable[str], reading: _Reading) -> bool:
        """Take the lines of these objects, in their order; are all objects sound?"""
        wanted = list(names)
        found = self._fetched(wanted)
        for name in wanted:
            if name in found:
                reading.names.append(name)
                reading.lines += _lines(name, found[name]) or []
            else:
                reading.strange.append(name)
        return len(found) == len(wanted)

    def _listed(self, group: int) -> tuple[dict[str, int], list[str]]:
        """Names of the lines of a group with their numbers, in order, and names that are not ours."""
        out, strange = {}, []
        for name, is_folder in self._objects.children(_folder(group)).items():
            match = None if is_folder else _LINE.fullmatch(name)
            path = f"{_folder(group)}/{name}"
            if match is None or int(match[1]) // GROUP != group:
                strange.append(path)
            else:
                out[path] = int(match[1])
        return dict(sorted(out.items())), strange

    def _fetched(self, names: Iterable[str]) -> dict[str, bytes]:
        """Those of these objects of the manifest that are sound; they never change, so copies do."""
        out, wanted = {}, []
        for name in names:
            copy = self._mirror.get(name)
            if copy is None:
                wanted.append(name)
            else:
                out[name] = copy
        for name, data in self._objects.get_many(wanted).items():
            if _lines(name, data) is not None:  # a damaged one may be mended
                out[name] = data
                self._mirror.put(name, data)
        return out

    def _copied(self) -> Manifest:
        """The manifest as it was when it was last read with a connection."""
        data = self._mirror.get("read.json")
        if data is None:
            raise self._not_here("manifest")
        row = json.loads(data)  # sealed, so it is as we wrote it
        lines: list[Snapshot] = []
        for name in row["names"]:
            copy = self._mirror.get(name)
            if copy is None:
                raise self._not_here(name)
            lines += _lines(name, copy) or []
        at = datetime.strptime(row["at"], _WHEN).replace(tzinfo=UTC)
        return Manifest(tuple(lines), copied_at=at)

    def has_body(self, snapshot: Snapshot) -> bool:
        """Is its body there, with its size? Its bytes are checked when they are read."""
        return self._objects.size(_body_name(snapshot.sha256)) == snapshot.size

    def body(self, sha256: str) -> bytes:
        name = _body_name(sha256)
        copy = self._mirror.get_body(name, sha256)
        if copy is not None:
            return copy
        if self.is_offline:
            raise self._not_here(sha256[:12])
        data = self._objects.get(name)
        if data is None:
            raise problem(Unreadable, "snapshots-body-gone", sha256=sha256[:12])
        if hashlib.sha256(data).hexdigest() != sha256:
            raise problem(Unreadable, "snapshots-body-damaged", sha256=sha256[:12])
        self._mirror.put_body(name, data)
        return data

    def verify(self) -> list[StoreProblem]:
        """Fetch and hash every body that the manifest names, never a copy."""
        out = []
        for sha256 in dict.fromkeys(one.sha256 for one in self.snapshots()):
            data = self._objects.get(_body_name(sha256))
            if data is None:
                out.append(StoreProblem(sha256, "missing"))
            elif hashlib.sha256(data).hexdigest() != sha256:
                out.append(StoreProblem(sha256, "damaged"))
        return out

    def parsed(self, snapshot: Snapshot, code: str) -> bytes | None:
        name = _parsed_name(snapshot, code)
        copy = self._mirror.get(name)
        if copy is not None or self.is_offline:
            return copy
        data = self._objects.get(name)
        if data is not None:
            self._mirror.put(name, data)
        return data

    # Writing ----------------------------------------------------------------------------------

    def put_parsed(self, snapshot: Snapshot, code: str, data: bytes) -> None:
        if self.is_offline:
            return  # a copy alone would hide from the others that they have none
        name = _parsed_name(snapshot, code)
        self._objects.put(name, data)
        self._mirror.put(name, data)

    def note(self, line: bytes) -> None:
        """Keep a contact in the user's own folder: it tells of this machine, not of the store."""
        SnapshotStore().note(line)

    def notes(self) -> list[bytes]:
        return SnapshotStore().notes()

    def _record(self, made: Snapshot, body: bytes | None) -> None:
        if self.is_offline:
            raise self._not_here("manifest")
        with self._turn:
            if self._next is None:
                self._next = self._begin()
            if body is not None:
                self._keep(made.sha256, body)
            self._append(made.to_line())

    def _begin(self) -> int:
        """Make the store if there is none, join groups that are full; the next free number."""
        is_exclusive = self._exclusive
        groups, joined = self._groups(_Reading())
        if is_exclusive:
            for group in sorted(groups - joined):
                self._join(group)
        return self._free()

    def _join(self, group: int) -> None:
        """Put the lines of a full group into one object; the same bytes whoever does it."""
        names, _ = self._listed(group)
        if len(names) == GROUP and not _gaps(names, group):
            found = self._fetched(names)
            data = b"".join(found.get(name, b"") for name in names)
            if _lines(_joined_name(group), data) is not None:
                self._objects.put(_joined_name(group), data)

    def _free(self) -> int:
        """One more than the highest number there is."""
        groups, joined = self._groups(_Reading())
        last = (max(joined) + 1) * GROUP - 1 if joined else -1
        if groups:
            last = max([last, *self._listed(max(groups))[0].values()])
        return last + 1

    def _append(self, line: bytes) -> None:
        """Win a number for the line."""
        assert self._next is not None
        give_up = time.monotonic() + self._lock_s
        number = self._next
        while True:
            if number > _LAST:
                raise problem(Unreadable, "store-full", shown=self.address.shown)
            stem = f"{_folder(number // GROUP)}/{number:08d}"
            if not self._exclusive:
                name = f"{stem}-{_short(line)}.jsonl"
                self._objects.put(name, line)
                break
            name = f"{stem}.jsonl"
            if self._objects.create(name, line):
                break
            there = self._objects.get(name)
            if there == line:
                break  # ours: its acknowledgement was lost on the way
            if time.monotonic() > give_up:
                raise problem(TryLater, "snapshots-busy", seconds=f"{self._lock_s:g}")
            if there is None:
                time.sleep(_PAUSE_S)  # another writer's is on its way
            else:
                number = max(number + 1, self._free())
        self._mirror.put(name, line)
        self._next = number + 1

    def _keep(self, sha256: str, body: bytes) -> None:
        name = _body_name(sha256)
        if self._objects.size(name) != len(body):
            self._objects.put(name, body)
        self._mirror.put_body(name, body)


class _Reading:
    """A manifest on the way."""

    def __init__(self) -> None:
        self.lines: list[Snapshot] = []
        self.names: list[str] = []
        self.strange: list[str] = []
        self.missing: list[str] = []

    def manifest(self) -> Manifest:
        return Manifest(tuple(self.lines), strange=tuple(self.strange), missing=tuple(self.missing))


def _lines(name: str, data: bytes) -> list[Snapshot] | None:
    """What an object of the manifest states; ``None`` if it is damaged, or none of ours."""
    end = name.rpartition("/")[2]
    count = GROUP if _JOINED.fullmatch(end) else 1
    sealed = _LINE.fullmatch(end)
    if sealed is not None and sealed[2] not in {None, _short(data)}:
        return None
    if len(data) > count * _MAX_LINE or not data.endswith(b"\n") or data.count(b"\n") != count:
        return None
    try:
        return [Snapshot.from_row(json.loads(row)) for row in data.split(b"\n")[:-1]]
    except (KeyError, TypeError, ValueError, RecursionError):
        return None


def _gaps(names: dict[str, int], group: int, *, is_last: bool = True) -> list[int]:
    """Numbers of a group that are not there although a higher one is, here or in a later group."""
    there = set(names.values())
    end = max(there, default=group * GROUP) if is_last else (group + 1) * GROUP
    return [number for number in range(group * GROUP, end) if number not in there]


def _between(first: int, last: int) -> str:
    """A name for groups of which nothing is there."""
    return _folder(first) if first == last else f"{_folder(first)} to {last:06d}"


def _folder(group: int) -> str:
    return f"manifest/{group:06d}"


def _joined_name(group: int) -> str:
    return f"{_folder(group)}.jsonl"


def _short(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()[:16]


def _body_name(sha256: str) -> str:
    return f"bodies/{sha256[:2]}/{sha256}"


def _parsed_name(snapshot: Snapshot, code: str) -> str:
    folder = f"parsed/{snapshot.source}/{snapshot.resource}"
    return f"{folder}/{snapshot.sha256}-{hashlib.sha256(code.encode()).hexdigest()[:16]}.json"
