"""The store of raw bodies: append-only, whole after any kill, one writer, many readers."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headway.errors import BadValue, NotFound, TryLater, Unreadable
from headway.snapshots.store import Snapshot, SnapshotStore, StoreProblem
from headway.sources.declare import Resource, Source
from headway.sources.fetch import Fetched
from tests.sources.fakes import resource, source

URL = "http://127.0.0.1/index.json"
INDEX = resource("index", URL)
SOURCE = source("invented", INDEX, resource("other", URL))
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path / "snapshots", lock_s=0.2)


def answer(body: bytes | None, *, at: datetime = NOON, etag: str | None = '"a"') -> Fetched:
    return Fetched(
        url=URL,
        final_url=URL,
        status=304 if body is None else 200,
        retrieved_at=at,
        etag=etag,
        last_modified=None,
        content_type="application/json",
        content_length=None if body is None else len(body),
        body=body,
        attempts=1,
    )


def add(store: SnapshotStore, body: bytes, **more: datetime) -> Snapshot:
    return store.add(SOURCE, INDEX, answer(body, **more))


def test_a_store_that_was_never_written_is_empty(store: SnapshotStore) -> None:
    assert store.snapshots() == []
    assert store.latest("invented", "index") is None
    assert store.verify() == []
    assert not store.root.exists()


def test_the_place_is_the_users_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(tmp_path))
    assert SnapshotStore().root == tmp_path / "snapshots"


def test_a_body_is_kept_under_its_hash_with_its_line(store: SnapshotStore) -> None:
    made = add(store, b"body")

    assert made.sha256 == hashlib.sha256(b"body").hexdigest()
    assert store.body(made.sha256) == b"body"
    assert store.body_path(made.sha256).name == made.sha256
    assert store.snapshots() == [made]
    row = json.loads(store.manifest.read_text())
    assert row == {
        "source": "invented",
        "resource": "index",
        "url": URL,
        "retrieved_at": "2026-11-20T12:00:00Z",
        "status": 200,
        "sha256": made.sha256,
        "size": 4,
        "licence": "CC-BY-4.0",
        "final_url": None,
        "etag": '"a"',
        "last_modified": None,
        "content_type": "application/json",
        "content_length": 4,
    }


def test_304_confirms_the_body_and_keeps_its_headers(store: SnapshotStore) -> None:
    first = add(store, b"body")
    later = NOON + timedelta(days=1)

    made = store.add(SOURCE, INDEX, answer(None, at=later, etag=None), stands=first)

    assert (made.status, made.sha256, made.size) == (304, first.sha256, 4)
    assert (made.etag, made.content_type, made.content_length) == ('"a"', "application/json", 4)
    assert store.latest("invented", "index") == made
    assert len(list(store.root.glob("bodies/*/*"))) == 1


def test_equal_bodies_are_kept_once(store: SnapshotStore) -> None:
    add(store, b"body")
    store.add(SOURCE, SOURCE.resources[1], answer(b"body"))

    assert len(store.snapshots()) == 2
    assert len(list(store.root.glob("bodies/*/*"))) == 1


def test_the_newest_is_by_time_then_by_arrival(store: SnapshotStore) -> None:
    add(store, b"new", at=NOON)
    add(store, b"clock set back", at=NOON - timedelta(days=9))
    last = add(store, b"same second", at=NOON)

    assert store.latest("invented", "index") == last
    found = store.newest(until=NOON - timedelta(days=1))
    assert store.body(found["invented", "index"].sha256) == b"clock set back"


def test_a_hash_prefix_finds_one_body(store: SnapshotStore) -> None:
    made = add(store, b"body")
    again = add(store, b"body", at=NOON + timedelta(days=1))

    assert store.find(made.sha256[:4]) == again
    assert store.find(made.sha256.upper()) == again
    with pytest.raises(NotFound, match="starts with 0000"):
        store.find("0000")
    for bad in ("abc", "../..", "", "g" * 8, "a" * 65):
        with pytest.raises(BadValue, match="not the start of a hash"):
            store.find(bad)


def test_an_ambiguous_prefix_is_refused(store: SnapshotStore) -> None:
    first: dict[str, bytes] = {}
    for i in range(2000):  # a pair with four equal digits among 2000 is certain enough, and fixed
        body = str(i).encode()
        digits = hashlib.sha256(body).hexdigest()[:4]
        if digits in first:
            add(store, first[digits])
            add(store, body)
            with pytest.raises(BadValue, match="More than one"):
                store.find(digits)
            return
        first[digits] = body
    pytest.fail("no pair")


# Damage ----------------------------------------------------------------------------------------


def test_verify_tells_missing_from_damaged(store: SnapshotStore) -> None:
    gone, bad, good = (add(store, body) for body in (b"gone", b"bad", b"good"))
    store.body_path(gone.sha256).unlink()
    store.body_path(bad.sha256).write_bytes(b"bax")

    assert store.verify() == [
        StoreProblem(gone.sha256, "missing"),
        StoreProblem(bad.sha256, "damaged"),
    ]
    with pytest.raises(Unreadable, match="not there"):
        store.body(gone.sha256)
    with pytest.raises(Unreadable, match="another hash"):
        store.body(bad.sha256)
    assert [store.has_body(one) for one in (gone, bad, good)] == [False, False, True]


def test_the_next_writer_of_the_same_body_heals_it(store: SnapshotStore) -> None:
    bad = add(store, b"body")
    store.body_path(bad.sha256).write_bytes(b"bodx")

    add(store, b"body")

    assert store.verify() == []


@pytest.mark.parametrize("torn", [b"{", b'{"source":"invented"', b"\0" * 70_000, b"\xff\xfe"])
def test_a_torn_last_line_is_ignored_and_cut_off_by_the_next_writer(
    store: SnapshotStore, torn: bytes
) -> None:
    first = add(store, b"one")
    before = store.manifest.read_bytes()
    store.manifest.write_bytes(before + torn)

    assert store.snapshots() == [first]
    second = add(store, b"two")
    assert store.snapshots() == [first, second]
    assert store.manifest.read_bytes() == before + second.to_line()


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)
@given(cut=st.integers(0, 700))
def test_a_manifest_cut_at_any_byte_loses_no_whole_line(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    store = SnapshotStore(tmp_path_factory.mktemp("cut"))
    lines = [add(store, body) for body in (b"one", b"two")]
    data = store.manifest.read_bytes()
    store.manifest.write_bytes(data[:cut])
    whole = lines[: data[:cut].count(b"\n")]

    assert store.snapshots() == whole
    third = add(store, b"three")
    assert store.snapshots() == [*whole, third]


def test_a_torn_first_line_leaves_an_empty_manifest(store: SnapshotStore) -> None:
    store.root.mkdir()
    store.manifest.write_bytes(b'{"source":')

    assert store.snapshots() == []
    made = add(store, b"one")
    assert store.snapshots() == [made]


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "../../etc/passwd"},
        {"sha256": "A" * 64},
        {"source": "../up"},
        {"resource": "a/b"},
        {"size": -1},
        {"size": True},
        {"size": "4"},
        {"retrieved_at": "yesterday"},
        {"retrieved_at": None},
    ],
)
def test_a_whole_line_that_is_not_ours_is_said_with_its_number(
    store: SnapshotStore, change: dict[str, object]
) -> None:
    made = add(store, b"one")
    row = json.loads(made.to_line()) | change
    with store.manifest.open("a") as file:
        file.write(json.dumps(row) + "\n")

    with pytest.raises(Unreadable, match="Line 2"):
        store.snapshots()


@pytest.mark.parametrize("line", ["[]", "1", "null", "{}", "not json", "[" * 100_000])
def test_a_whole_line_that_is_no_object_is_said(store: SnapshotStore, line: str) -> None:
    store.root.mkdir()
    store.manifest.write_text(line + "\n")
    with pytest.raises(Unreadable, match="Line 1"):
        store.snapshots()


def test_keys_of_a_later_version_are_ignored(store: SnapshotStore) -> None:
    made = add(store, b"one")
    row = json.loads(made.to_line()) | {"later": 1}
    store.manifest.write_text(json.dumps(row) + "\n")
    assert store.snapshots() == [made]


def test_what_a_killed_writer_left_is_removed(store: SnapshotStore) -> None:
    add(store, b"one")
    (store.root / "unfinished" / "tmpabc").write_bytes(b"half")

    add(store, b"two")

    assert list((store.root / "unfinished").iterdir()) == []


def test_a_full_disk_leaves_the_store_as_before(
    store: SnapshotStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = add(store, b"one")
    before = store.manifest.read_bytes()
    real = os.fsync

    def full(number: int) -> None:
        if os.readlink(f"/proc/self/fd/{number}").endswith("manifest.jsonl"):
            raise OSError(28, "No space left on device")
        real(number)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TryLater, match="No space left"):
        add(store, b"two")
    monkeypatch.undo()
    assert store.manifest.read_bytes() == before
    assert store.snapshots() == [first]
    assert store.verify() == []


def test_derived_files_stay_in_their_folder(store: SnapshotStore) -> None:
    path = store.root / "parsed" / "invented" / "index" / "x.json"
    store.put_beside(path, b"{}")
    assert path.read_bytes() == b"{}"
    with pytest.raises(AssertionError):
        store.put_beside(store.root / "manifest.jsonl", b"")


# One writer, many readers ----------------------------------------------------------------------


def _hold(root: Path, held: object, release: object) -> None:
    from filelock import FileLock

    with FileLock(root / "manifest.lock"):
        held.set()  # type: ignore[attr-defined]
        release.wait(20)  # type: ignore[attr-defined]


@pytest.fixture
def held(store: SnapshotStore) -> Iterator[SnapshotStore]:
    """Another process is writing."""
    add(store, b"one")
    context = multiprocessing.get_context("spawn")
    is_held, release = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(store.root, is_held, release))
    other.start()
    try:
        assert is_held.wait(20)
        yield store
    finally:
        release.set()
        other.join()
        other.close()


def test_a_second_writer_waits_and_then_says_so_while_readers_read(held: SnapshotStore) -> None:
    with pytest.raises(TryLater, match=r"for 0\.2 seconds"):
        add(held, b"two")
    assert len(held.snapshots()) == 1


def test_writers_take_turns_and_readers_see_whole_lines_only(tmp_path: Path) -> None:
    root = tmp_path / "snapshots"
    count, failed = 15, []
    done = threading.Event()

    def write(who: int) -> None:
        own = SnapshotStore(root)
        for i in range(count):
            own.add(SOURCE, INDEX, answer(f"{who}-{i}".encode() * 1000))

    def read() -> None:
        seen = 0
        while not done.is_set():
            found = SnapshotStore(root).snapshots()
            if len(found) < seen:
                failed.append("a line went away")
            seen = len(found)
            if found and not SnapshotStore(root).has_body(found[-1]):
                failed.append("a line before its body")

    reader = threading.Thread(target=read)
    reader.start()
    writers = [threading.Thread(target=write, args=(who,)) for who in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    reader.join()

    assert failed == []
    assert len(SnapshotStore(root).snapshots()) == 3 * count
    assert SnapshotStore(root).verify() == []


def test_names_become_folders_only_if_they_are_names(store: SnapshotStore) -> None:
    evil = Source("../up", "t", "p", "l", "c", True, "daily", (Resource("index", URL, ("a/b",)),))
    with pytest.raises(AssertionError):
        store.add(evil, evil.resources[0], answer(b"x"))
    assert store.snapshots() == []
