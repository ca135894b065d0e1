"""What a store promises, held by the same tests in a folder, ``file://``, ``memory://`` and ``s3://``."""

from __future__ import annotations

import hashlib
import json
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from headway.errors import BadValue, NotFound, Unreadable
from headway.snapshots.reading import parse_snapshot, parsed_record
from headway.snapshots.store import StoreProblem
from headway.sources.registry import chosen_sources
from tests.snapshots.test_store import INDEX, NOON, SOURCE, add, answer
from tests.sources.fakes import registered, rows
from tests.stores.places import Place, body_name


def test_a_store_that_was_never_written_is_empty(place: Place) -> None:
    store = place.open()

    assert store.snapshots() == []
    assert store.latest("invented", "index") is None
    assert store.verify() == []
    assert place.names() == []


def test_a_body_is_kept_under_its_hash_with_its_line(place: Place) -> None:
    made = add(place.open(), b"body")

    assert made.sha256 == hashlib.sha256(b"body").hexdigest()
    assert place.read(body_name(made.sha256)) == b"body"
    again = place.open()
    assert again.snapshots() == [made]
    assert again.body(made.sha256) == b"body"
    assert again.has_body(made)


def test_304_confirms_the_body_and_keeps_its_headers(place: Place) -> None:
    store = place.open()
    first = add(store, b"body")

    later = answer(None, at=NOON + timedelta(days=1), etag=None)
    made = store.add(SOURCE, INDEX, later, stands=first)

    assert (made.status, made.sha256, made.size, made.etag) == (304, first.sha256, 4, '"a"')
    assert place.open().latest("invented", "index") == made
    assert len(place.bodies()) == 1


def test_equal_bodies_are_kept_once(place: Place) -> None:
    add(place.open(), b"body")
    place.open().add(SOURCE, SOURCE.resources[1], answer(b"body"))

    assert len(place.open().snapshots()) == 2
    assert len(place.bodies()) == 1


def test_lines_stay_in_the_order_of_arrival_and_the_newest_is_by_time(place: Place) -> None:
    made = [
        add(place.open(), body, at=NOON - timedelta(days=back))
        for body, back in ((b"new", 0), (b"clock set back", 9), (b"same second", 0))
    ]

    assert place.open().snapshots() == made
    assert place.open().latest("invented", "index") == made[2]
    assert place.open().newest(until=NOON - timedelta(days=1))["invented", "index"] == made[1]


def test_a_hash_prefix_finds_one_body(place: Place) -> None:
    made = add(place.open(), b"body")

    assert place.open().find(made.sha256[:4]) == made
    with pytest.raises(NotFound, match="starts with 0000"):
        place.open().find("0000")
    with pytest.raises(BadValue, match="not the start of a hash"):
        place.open().find("../..")


def test_verify_tells_missing_from_damaged(place: Place) -> None:
    gone, bad, good = (add(place.open(), body) for body in (b"gone", b"bad", b"good"))
    place.remove(body_name(gone.sha256))
    place.write(body_name(bad.sha256), b"longer than before")

    store = place.open()
    assert store.verify() == [
        StoreProblem(gone.sha256, "missing"),
        StoreProblem(bad.sha256, "damaged"),
    ]
    assert [store.has_body(one) for one in (gone, bad, good)] == [False, False, True]


def test_the_next_writer_of_the_same_body_heals_it(place: Place) -> None:
    bad = add(place.open(), b"body")
    place.write(body_name(bad.sha256), b"cut")

    add(place.open(), b"body")

    assert place.open().verify() == []


def test_a_damaged_body_is_never_given_out(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = add(place.open(), b"body")
    place.write(body_name(made.sha256), b"bodx")
    monkeypatch.setenv("HEADWAY_CACHE_DIR", str(tmp_path / "another machine"))

    with pytest.raises(Unreadable, match="another hash"):
        place.open().body(made.sha256)


def test_what_reading_gave_is_kept_for_everybody(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with registered(SOURCE):
        connector = chosen_sources(["invented"])["invented"]
        store = place.open()
        made = add(store, rows(3))
        assert parsed_record(store, made) is None

        record = parse_snapshot(store, connector, made)

        monkeypatch.setenv("HEADWAY_CACHE_DIR", str(tmp_path / "another machine"))
        assert parsed_record(place.open(), made) == record
        assert record.rows == 3


def test_keys_of_a_later_version_are_ignored(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = add(place.open(), b"one")
    (name,) = place.names("manifest/") if place.is_remote else ["manifest.jsonl"]
    later = json.dumps(json.loads(place.read(name)) | {"later": 1}).encode() + b"\n"
    if place.kind == "memory":  # whose names carry the hash of the line
        place.remove(name)
        name = f"manifest/000000/00000000-{hashlib.sha256(later).hexdigest()[:16]}.jsonl"
    place.write(name, later)
    monkeypatch.setenv("HEADWAY_CACHE_DIR", str(tmp_path / "another machine"))

    assert place.open().snapshots() == [made]


def test_writers_take_turns_and_readers_see_whole_lines_only(place: Place) -> None:
    count, failed = 6, []
    done = threading.Event()

    def write(who: int) -> None:
        own = place.open()
        for i in range(count):
            own.add(SOURCE, INDEX, answer(f"{who}-{i}".encode() * 1000))

    def read() -> None:
        seen = 0
        while not done.is_set():
            reading = place.open().manifest_read()
            if reading.strange or reading.missing:
                failed.append(f"half-written: {reading.strange} {reading.missing}")
            if len(reading.lines) < seen:
                failed.append("a line went away")
            seen = len(reading.lines)
            if seen and not place.open().has_body(reading.lines[-1]):
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
    found = place.open()
    assert len({one.sha256 for one in found.snapshots()}) == 3 * count
    assert len(found.snapshots()) == 3 * count
    assert found.verify() == []
