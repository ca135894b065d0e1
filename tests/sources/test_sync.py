"""``data sync`` and ``data status``: what came of each source, whatever the others do."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result

from headway.api.sync import Synced, data_sync
from headway.api.sync_status import OLD_AFTER_DAYS, data_status
from headway.cli.app import app
from headway.errors import NotFound, Unreadable
from headway.snapshots.reading import parse_snapshot, parsed_record, read_snapshot
from headway.snapshots.store import SnapshotStore
from headway.sources.registry import CONNECTORS, all_sources
from tests.api.test_api import valid
from tests.sources.conftest import QUICK
from tests.sources.fakes import registered, resource, rows, source
from tests.sources.server import Server, headers_only, ok, redirect, slow, status, zipped
from tests.sources.test_archive import packed

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31mred\u202eevil<script>"


@pytest.fixture(autouse=True)
def _small(small_release: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The small release, and a data folder of its own to write to."""
    shutil.copytree(small_release.parent, tmp_path / "data" / "releases")
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def two(server: Server) -> Iterator[Server]:
    """Two sources: ``good`` (an index and a zip), and ``other`` whose answers tests change."""
    server.on("/index", ok(rows(3), etag='"1"'))
    server.on("/zip", ok(packed({"scores.json": rows(2)}), "application/zip", modified="Mon"))
    server.on("/other", ok(rows(5)))
    good = source(
        "good",
        resource("index", server.url + "/index"),
        resource("zip", server.url + "/zip"),
        shape_seen="a real body of 2026-11-20",
    )
    other = source("other", resource("index", server.url + "/other", max_bytes=2**20))
    with registered(good, other):
        yield server


def sync(*keys: str, **more: Any) -> Synced:
    return data_sync(keys, limits=QUICK, **more)


def told(found: Synced) -> list[tuple[str, str, str, int | None]]:
    return [
        (row.source, row.resource, row.outcome, row.record and row.record.rows)
        for row in found.rows
    ]


def test_a_first_sync_fetches_keeps_and_reads_everything(two: Server) -> None:
    found = sync()

    assert told(found) == [
        ("good", "index", "new", 3),
        ("good", "zip", "new", 2),
        ("other", "index", "new", 5),
    ]
    assert found.exit_status == 0
    assert found.warnings == ()
    store = SnapshotStore()
    assert store.verify() == []
    assert {(s.source, s.resource, s.status, s.licence) for s in store.snapshots()} == {
        ("good", "index", 200, "CC-BY-4.0"),
        ("good", "zip", 200, "CC-BY-4.0"),
        ("other", "index", 200, "CC-BY-4.0"),
    }
    assert len(found.table()) == 3


def test_a_second_sync_asks_for_what_is_newer_only(two: Server) -> None:
    sync()
    found = sync()

    assert {row.outcome for row in found.rows} == {"unchanged"}
    assert [s.status for s in SnapshotStore().snapshots()[3:]].count(304) == 2
    assert two.requests("/index")[1]["If-None-Match"] == '"1"'
    assert two.requests("/zip")[1]["If-Modified-Since"] == "Mon"


def test_new_bytes_are_a_new_snapshot_and_the_old_ones_stay(two: Server) -> None:
    before = sync("good").rows[0].snapshot
    two.on("/index", ok(rows(4), etag='"2"'))

    row = sync("good").rows[0]

    assert (row.outcome, row.record and row.record.rows) == ("new", 4)
    assert before is not None
    assert SnapshotStore().body(before.sha256) == rows(3)


def test_only_the_sources_named_are_fetched(two: Server) -> None:
    assert {row.source for row in sync("other").rows} == {"other"}
    assert two.requests("/index") == []
    with pytest.raises(NotFound, match="Close keys: good"):
        sync("goood")


def test_a_lost_or_damaged_body_is_fetched_again(two: Server) -> None:
    sync()
    store = SnapshotStore()
    for sha256, damage in zip(
        dict.fromkeys(s.sha256 for s in store.snapshots()), ("", "gone", "damaged"), strict=True
    ):
        if damage == "gone":
            store.body_path(sha256).unlink()
        elif damage:
            store.body_path(sha256).write_bytes(b"x")
    assert len(store.verify()) == 2

    assert sync().exit_status == 0
    assert store.verify() == []


def test_a_body_that_was_damaged_while_it_was_read_is_read_again_once_it_is_whole(
    two: Server,
) -> None:
    sync("other")
    store = SnapshotStore()
    (made,) = store.snapshots()
    store.body_path(made.sha256).write_bytes(b"x")
    assert data_status(["other"], reparse=True).rows[0].state == "broken"

    found = sync("other")

    assert (told(found), found.exit_status) == ([("other", "index", "new", 5)], 0)
    assert data_status(["other"]).rows[0].state == "fresh"


def test_a_kill_between_keeping_and_reading_is_made_good(two: Server) -> None:
    sync()
    store = SnapshotStore()
    for path in store.root.glob("parsed/*/*/*.json"):
        path.write_text("{" if "zip" in str(path) else "[]")

    found = sync()

    assert {row.outcome for row in found.rows} == {"unchanged"}
    assert [row.record and row.record.rows for row in found.rows] == [3, 2, 5]


# One that fails stops no other -----------------------------------------------------------------

LARGE = {"Content_Length": str(2 * 2**30)}
BAD: dict[str, tuple[Any, int, str]] = {
    "busy": (status(503), 75, "try_later"),
    "wait": (status(429, Retry_After="3600"), 75, "try_later"),
    "refused": (status(403), 65, "refused"),
    "html": (ok(b"<html>", "text/html"), 65, "bad_body"),
    "large": (headers_only(**LARGE), 65, "bad_body"),
    "loop": (redirect("/other"), 65, "bad_body"),
    "gzip bomb": (zipped(b"\0" * 8 * 2**20), 65, "bad_body"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_fetched_leaves_the_store_as_before(two: Server, name: str) -> None:
    sync()
    store = SnapshotStore()
    before = [s for s in store.snapshots() if s.source == "other"]
    answer, exit_status, code = BAD[name]
    two.on("/other", answer)
    two.on("/index", ok(rows(9), etag='"2"'))

    found = sync()

    assert told(found) == [
        ("good", "index", "new", 9),
        ("good", "zip", "unchanged", 2),
        ("other", "index", "failed", None),
    ]
    failed = found.rows[2]
    assert failed.error is not None
    assert failed.error["code"] == code
    assert failed.snapshot == before[-1]
    assert found.exit_status == exit_status
    assert [s for s in store.snapshots() if s.source == "other"] == before
    assert store.verify() == []
    assert len(found.problems("ja")) == 1


ZIPS: dict[str, tuple[bytes, str]] = {
    "truncated": (packed({"scores.json": rows(2)})[:-30], "truncated or damaged"),
    "bomb": (packed({"scores.json": b" " * (8 * 2**20)}), "more than 200 times"),
    "traversal": (packed({"scores.json": rows(2), "../../x": b""}), "leaves its folder"),
    "member gone": (packed({"results.json": rows(2)}), "no member scores.json"),
    "invalid UTF-8": (packed({"scores.json": b"\xff\xfe["}), "not UTF-8"),
    "not JSON": (packed({"scores.json": b"{"}), "not JSON"),
    "column renamed": (
        packed({"scores.json": b'[{"model": "m", "value": 1}]'}),
        "'score' is missing",
    ),
    "an oversight": (packed({"scores.json": b"[1]"}), "TypeError"),
    "deep": (packed({"scores.json": b"[" * 100_000}), "RecursionError"),
}


@pytest.mark.parametrize("name", ZIPS)
def test_what_cannot_be_read_is_kept_and_told(two: Server, name: str) -> None:
    """The bytes are evidence, so they are kept; nothing of them counts."""
    body, words = ZIPS[name]
    two.on("/zip", ok(body, "application/zip"))

    found = sync()

    row = found.rows[1]
    assert row.outcome == "new"
    assert row.error is not None
    assert words in row.error["message"]["en"]
    assert row.record is not None
    assert row.record.rows == 0
    assert found.exit_status == 65
    assert [r.error for r in (found.rows[0], found.rows[2])] == [None, None]
    assert row.snapshot is not None
    assert SnapshotStore().body(row.snapshot.sha256) == body
    assert data_status(["good"]).rows[0].state == "broken"
    # and the source repairs itself
    two.on("/zip", ok(packed({"scores.json": rows(2)}), "application/zip"))
    assert sync().exit_status == 0
    assert data_status(["good"]).rows[0].state == "fresh"


def test_bad_data_outrank_try_later(two: Server) -> None:
    two.on("/index", status(503))
    two.on("/other", status(403))
    assert sync().exit_status == 65


def test_rows_that_cannot_be_read_and_new_fields_warn(two: Server) -> None:
    body = [{"model": "a", "score": 0.5}, {"model": "b", "score": 50.0, HOSTILE: 1}]
    two.on("/other", ok(json.dumps(body).encode()))

    found = sync("other")

    record = found.rows[0].record
    assert record is not None
    assert (record.rows, record.failures, record.present) == (1, 1, 2)
    assert record.reasons == {"out_of_range": 1}
    assert [one["value"] for one in record.shown] == ["50.0"]
    assert len(record.drift) == 1
    assert found.exit_status == 0
    assert {w.code for w in found.warnings} == {"source_failures", "source_drift"}


# Offline ---------------------------------------------------------------------------------------


def test_offline_opens_no_socket_and_reads_what_is_there(
    two: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync("good")
    for path in SnapshotStore().root.glob("parsed/*/*/*.json"):
        path.unlink()
    asked = len(two.requests("/index"))

    def no_socket(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", no_socket)
    found = sync(offline=True)
    monkeypatch.undo()

    assert told(found) == [
        ("good", "index", "offline", 3),
        ("good", "zip", "offline", 2),
        ("other", "index", "offline", None),
    ]
    assert found.exit_status == 0
    assert [w.code for w in found.warnings] == ["sync_offline"]
    assert len(two.requests("/index")) == asked


def test_sync_works_where_an_event_loop_runs(two: Server) -> None:
    async def notebook() -> Synced:
        return sync()

    assert asyncio.run(notebook()).exit_status == 0


def test_progress_is_talk(
    two: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("headway.fanout.bar.QUIET_SECONDS", 0.0)
    two.on("/other", slow(ok(rows(1)), 0.5))
    sync(progress="Sources")
    said = capsys.readouterr()
    assert said.out == ""
    assert "Sources: 3/3" in said.err


# Status ----------------------------------------------------------------------------------------


def test_status_before_any_sync(two: Server) -> None:
    found = data_status()
    assert [(row.source.key, row.state, row.age_days) for row in found.rows] == [
        ("good", "missing", None),
        ("other", "missing", None),
    ]
    assert found.warnings == ()


def test_status_says_age_rows_shape_and_licence(two: Server) -> None:
    sync()
    document = valid(data_status(now=datetime.now(UTC) + timedelta(days=1, hours=1)).to_json())

    good, other = document["results"]
    assert (good["state"], good["age_days"], good["rows"], good["failures"]) == ("fresh", 1, 5, 0)
    assert good["shape_seen"] == "a real body of 2026-11-20"
    assert other["shape_seen"] is None
    assert good["licence"] == "CC-BY-4.0"
    assert [r["resource"] for r in good["resources"]] == ["index", "zip"]


def test_old_data_warn_and_do_not_fail(two: Server) -> None:
    sync()
    limit = OLD_AFTER_DAYS["daily"]
    assert limit is not None
    now = datetime.now(UTC)
    assert data_status(now=now + timedelta(days=limit)).rows[0].state == "fresh"

    found = data_status(now=now + timedelta(days=limit + 1, hours=1))

    assert [row.state for row in found.rows] == ["old", "old"]
    assert [w.code for w in found.warnings] == ["source_old"] * 2
    assert "3 days old" in found.warnings[0].text("en")
    assert "毎日" in found.warnings[0].text("ja")


def test_a_confirmation_by_the_server_makes_a_snapshot_fresh(two: Server) -> None:
    sync()
    store = SnapshotStore()
    lines = [replace(s, retrieved_at=s.retrieved_at - timedelta(days=9)) for s in store.snapshots()]
    store.manifest.write_bytes(b"".join(one.to_line() for one in lines))
    assert data_status(["good"]).rows[0].state == "old"

    sync("good")

    found = data_status(["good"]).rows[0]
    assert (found.state, found.age_days) == ("fresh", 0)
    assert [(r.snapshots, r.bodies) for r in found.resources] == [(2, 1), (2, 1)]


def test_as_of_shows_the_snapshots_of_that_day(two: Server) -> None:
    sync()
    found = data_status(as_of=date(2020, 1, 1))
    assert [row.state for row in found.rows] == ["missing", "missing"]


def test_reparse_reads_every_old_body_again(two: Server) -> None:
    sync()
    two.on("/other", ok(rows(6)))
    sync()
    store = SnapshotStore()
    old = next(s for s in store.snapshots() if s.source == "other")
    for path in store.root.glob("parsed/*/*/*.json"):
        path.unlink()
    assert {row.state for row in data_status().rows} == {"unread"}
    assert {w.code for w in data_status().warnings} == {"source_unread"}

    assert {row.state for row in data_status(reparse=True).rows} == {"fresh"}
    record = parsed_record(store, old)
    assert record is not None
    assert record.rows == 5


def test_any_old_snapshot_can_be_read_with_todays_connector(two: Server) -> None:
    sync()
    connector = all_sources()["good"]
    store = SnapshotStore()
    snapshot = store.latest("good", "zip")
    assert snapshot is not None
    assert len(read_snapshot(store, connector, snapshot).scores) == 2
    assert parse_snapshot(store, connector, snapshot) == parsed_record(store, snapshot)


def test_a_damaged_manifest_is_said_and_nothing_is_written(two: Server) -> None:
    sync()
    store = SnapshotStore()
    damaged = b"nonsense\n" + store.manifest.read_bytes()
    store.manifest.write_bytes(damaged)
    for verb in (sync, data_status):
        with pytest.raises(Unreadable, match="Line 1"):
            verb()
    assert store.manifest.read_bytes() == damaged


# The command line ------------------------------------------------------------------------------


def call(*words: str) -> Result:
    return CliRunner().invoke(app, ["data", *words])


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_exit_codes_and_documents(two: Server, lang: str) -> None:
    assert call("sync", "--lang", lang).exit_code == 0
    two.on("/other", status(403))
    found = call("sync", "--json", "--lang", lang)
    assert found.exit_code == 65
    document = valid(json.loads(found.stdout))
    assert document["summary"] == {
        "new": 0,
        "unchanged": 2,
        "failed": 1,
        "offline": 0,
        "needs_extra": 0,
    }
    error = document["results"][2]["error"]
    assert error["code"] == "refused"
    assert error["hint"]
    text = call("sync", "--lang", lang)
    assert text.exit_code == 65
    assert error["message"] in text.stderr
    assert "403" not in text.stdout
    table = call("status", "--lang", lang)
    assert table.exit_code == 0
    assert "good" in table.stdout
    valid(json.loads(call("status", "good", "--reparse", "--json", "--lang", lang).stdout))
    assert call("status", "nothing").exit_code == 1


def test_text_of_a_source_cannot_steer_the_terminal(server: Server) -> None:
    server.on("/x", ok(json.dumps([{"model": HOSTILE, "score": 7.5, HOSTILE: 1}]).encode()))
    with registered(source("hostile", resource("index", server.url + "/x"))):
        for words in (["sync"], ["sync", "--json"], ["status"], ["status", "--json"]):
            found = call(*words)
            assert found.exit_code == 0, found.output
            assert not set("\x1b\x07\x9b\u202e") & set(found.output)


def test_a_connector_that_fails_oddly_stops_no_other(server: Server) -> None:
    url = server.on("/x", ok(rows(1)))
    with registered(source("a", resource("broken", url)), source("b", resource("index", url))):
        found = sync()
    assert [row.error and row.error["code"] for row in found.rows] == ["parse_failed", None]


# The table -------------------------------------------------------------------------------------


def test_the_tables_connectors_load_and_are_named_alike() -> None:
    found = all_sources()
    assert list(found) == list(CONNECTORS)


def test_a_source_under_another_key_is_our_own_mistake(server: Server) -> None:
    with registered(source("a", resource("index", server.url))):
        CONNECTORS["b"] = CONNECTORS["a"]
        with pytest.raises(AssertionError):
            all_sources()


@pytest.mark.parametrize("name", ["../x", "", "a/b", ".hidden"])
def test_a_resource_name_that_is_no_folder_name_is_our_own_mistake(name: str) -> None:
    with (
        registered(source("a", resource(name, "http://127.0.0.1/"))),
        pytest.raises(AssertionError),
    ):
        all_sources()
