"""``headway doctor --live`` and the log of contacts: what each source answered, and what it means."""

from __future__ import annotations

import json
import shutil
import socket
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import headway
from headway.api.doctor import Diagnosis
from headway.api.doctor_live import SMALL_BYTES
from headway.api.sync import data_sync
from headway.api.sync_status import ResourceStatus, data_status
from headway.cli.app import app
from headway.errors import BadOption, NotFound, Offline, SchemaDrift
from headway.snapshots.contacts import Contact, contacts, log_contact
from headway.snapshots.reading import ParseRecord, read_body
from headway.snapshots.reading import told as kept
from headway.snapshots.store import SnapshotStore
from headway.sources import epoch_index, models_dev, swe_bench
from headway.sources.fetch import Limits
from headway.sources.registry import Connector
from tests.api.test_api import valid
from tests.sources.conftest import QUICK
from tests.sources.fakes import registered, resource, rows, source
from tests.sources.server import (
    Server,
    drip,
    drip_headers,
    hang_up,
    headers_only,
    ok,
    redirect,
    slow,
    status,
    zipped,
)


@pytest.fixture(autouse=True)
def _small(small_release: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(small_release.parent, tmp_path / "data" / "releases")
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HEADWAY_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def two(server: Server) -> Iterator[Server]:
    """``known`` whose shape was seen, and ``new`` whose shape was not."""
    server.on("/known", ok(rows(3), etag='"1"'))
    server.on("/new", ok(rows(5)))
    known = source("known", resource("index", server.url + "/known"), shape_seen="a body")
    new = source("new", resource("index", server.url + "/new", max_bytes=8 * 2**20))
    with registered(known, new):
        yield server


def look(*keys: str, **more: Any) -> Diagnosis:
    return headway.doctor(keys, live=True, **{"limits": QUICK, **more})


def told(found: Diagnosis) -> list[tuple[str, str, int | None, int | None]]:
    assert found.live is not None
    return [(one.source, one.outcome, one.status, one.rows) for one in found.live.seen]


def shape(key: str) -> str:
    return data_status([key]).rows[0].shape.state


def test_without_live_nothing_is_asked(two: Server) -> None:
    found = headway.doctor()
    assert found.live is None
    assert valid(found.to_json())["live"] is None
    assert two.requests("/known") == []


def test_good_sources_are_read_and_an_unverified_shape_is_verified_by_it(two: Server) -> None:
    assert (shape("known"), shape("new")) == ("declared", "unverified")

    found = look()

    assert told(found) == [("known", "read", 200, 3), ("new", "read", 200, 5)]
    assert found.exit_status == 0
    assert found.live is not None
    assert (found.live.verified, found.live.unverified) == (("new",), ())
    assert all(one.is_reachable and 0 < one.latency_s < 5 for one in found.live.seen)
    # a look keeps no body, and leaves a line
    assert SnapshotStore().snapshots() == []
    assert [(c.via, c.outcome, c.rows) for c in contacts(SnapshotStore(), ["new"])] == [
        ("doctor", "read", 5)
    ]
    row = data_status(["new"]).rows[0]
    assert row.shape.state == "read_here"
    assert row.shape.evidence == datetime.now(UTC).date().isoformat()
    assert row.state == "missing"
    # and is not verified a second time
    again = look().live
    assert again is not None
    assert again.verified == ()


def test_the_fetcher_says_who_asks(two: Server) -> None:
    look()
    assert two.requests("/known")[0]["User-Agent"].startswith("headway/")


def test_what_is_held_is_asked_for_conditionally(two: Server) -> None:
    data_sync(limits=QUICK)
    found = look("known")
    assert told(found) == [("known", "unchanged", 304, None)]
    # the body itself is wanted with --full
    assert told(look("known", full=True)) == [("known", "read", 200, 3)]


RENAMED = json.dumps([{"model": "m", "points": 0.5}]).encode()

BAD: dict[str, tuple[Any, str, int | None, bool, int]] = {
    "500": (status(500), "unreachable", 500, True, 75),
    "wait": (status(429, Retry_After="3600"), "unreachable", 429, True, 75),
    "403": (status(403), "refused", 403, True, 65),
    "404": (status(404), "refused", 404, True, 65),
    "wrong type": (ok(b"<html>", "text/html"), "changed", None, True, 65),
    "redirect loop": (redirect("/new"), "changed", None, True, 65),
    "renamed column": (ok(RENAMED), "changed", 200, True, 65),
    "not json": (ok(b"{"), "changed", 200, True, 65),
    "an oversight": (ok(b"[1]"), "changed", 200, True, 65),
    "hangs up": (hang_up, "unreachable", None, False, 75),
    "silence": (headers_only(Content_Length="100"), "unreachable", None, False, 75),
    "slow headers": (drip_headers(0.05), "unreachable", None, False, 75),
    "slow": (drip(rows(9), 0.1), "unreachable", None, False, 75),
    "bomb": (zipped(b"\0" * (32 * 2**20)), "changed", None, True, 65),
}
HASTY = Limits(
    connect_s=1.0,
    read_s=1.0,
    total_s=2.0,
    attempts=2,
    wait_first_s=0.01,
    wait_max_s=0.02,
    retry_after_max_s=0.5,
)


@pytest.mark.parametrize("name", BAD)
def test_a_source_that_misbehaves_is_told_and_stops_no_other(two: Server, name: str) -> None:
    answer, outcome, code, reachable, exit_status = BAD[name]
    two.on("/new", answer)
    begun = time.monotonic()

    # with --full nothing is too large to be read, so a bomb is one
    found = look(limits=HASTY, full=name == "bomb")

    assert time.monotonic() - begun < 20
    assert told(found)[0] == ("known", "read", 200, 3)
    assert found.live is not None
    seen = found.live.seen[1]
    assert (seen.outcome, seen.is_reachable) == (outcome, reachable)
    assert seen.status == code
    assert seen.error is not None
    assert found.exit_status == exit_status
    assert found.live.verified == ()
    assert shape("new") == "unverified"
    valid(found.to_json())
    for lang in ("en", "ja"):
        assert seen.error["message"][lang] in "\n".join(found.live_lines(lang))


def test_a_large_body_is_there_and_not_read_unless_it_is_asked_for(server: Server) -> None:
    big = b"[" + b" " * (SMALL_BYTES + 10) + rows(4)[1:]
    url = server.on("/big", ok(big))
    with registered(source("big", resource("index", url))):
        found = look()
        assert told(found) == [("big", "not_read", 200, None)]
        assert found.live is not None
        assert found.live.seen[0].is_reachable
        assert found.exit_status == 0
        assert found.live.unverified == ("big",)
        assert "--full" in found.live_lines()[-1]
        full = look(full=True)
        assert told(full) == [("big", "read", 200, 4)]
        assert full.live is not None
        assert full.live.verified == ("big",)


def test_a_body_that_is_too_large_for_its_declaration_is_another_shape(server: Server) -> None:
    url = server.on("/x", ok(rows(500)))
    with registered(source("x", resource("index", url, max_bytes=1000))):
        found = look()
    assert [outcome for _, outcome, *_ in told(found)] == ["changed"]
    assert found.exit_status == 65


def test_every_resource_of_a_source_has_to_be_read(server: Server) -> None:
    """One good board of two does not verify the other's shape."""
    first = resource("a", server.on("/a", ok(rows(2))))
    second = resource("b", server.on("/b", status(503)))
    with registered(source("x", first, second)):
        found = look()
        assert found.live is not None
        assert found.live.verified == ()
        server.on("/b", ok(rows(2)))
        again = look().live
        assert again is not None
        assert again.verified == ("x",)


def test_a_body_without_rows_that_can_be_read_verifies_nothing(server: Server) -> None:
    url = server.on("/x", ok(json.dumps([{"model": "m", "score": 50.0}]).encode()))
    with registered(source("x", resource("index", url))):
        found = look()
        assert found.live is not None
        assert (found.live.seen[0].rows, found.live.seen[0].failures) == (0, 1)
        assert found.live.verified == ()


def test_a_body_from_another_address_verifies_nothing(two: Server) -> None:
    store = SnapshotStore()
    now = datetime.now(UTC).replace(microsecond=0)
    log_contact(
        store, Contact("new", "index", "http://mirror.invalid/", now, "doctor", "read", rows=9)
    )
    assert shape("new") == "unverified"


def test_a_shape_stays_verified_when_a_later_body_is_broken(two: Server) -> None:
    """What was read once was read: the broken body is told as such, and not as an unknown shape."""
    data_sync(["new"], limits=QUICK)
    assert shape("new") == "read_here"
    time.sleep(1.1)  # snapshots count seconds
    two.on("/new", ok(RENAMED))
    data_sync(["new"], limits=QUICK)
    row = data_status(["new"]).rows[0]
    assert (row.state, row.shape.state) == ("broken", "read_here")


def test_all_sources_are_asked_side_by_side_and_not_too_many(server: Server) -> None:
    every = [
        source(f"s{i}", resource("index", server.on(f"/{i}", slow(ok(rows(1)), 0.3))))
        for i in range(8)
    ]
    with registered(*every):
        begun = time.monotonic()
        found = look()
        took = time.monotonic() - begun
    assert {outcome for _, outcome, *_ in told(found)} == {"read"}
    assert 0.6 <= took < 2.3  # two rounds of four, not eight and not one


def test_a_source_that_is_asked_question_by_question_is_asked_little(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("huggingface_hub")
    from headway.sources import huggingface
    from headway.sources.huggingface import HubRepository
    from tests.sources.hub import serve

    names = [f"lab/Model-{i}B" for i in range(6)]
    for name in names:
        serve(server, name)
    asked = tuple(HubRepository("m", name, "x", "-", name) for name in names)
    monkeypatch.setattr(huggingface, "hub_repositories", lambda: asked)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", server.url)
    assert told(look("huggingface")) == [("huggingface", "read", 200, 6)]
    assert told(look("huggingface", full=True)) == [("huggingface", "read", 200, 12)]
    # this Hub is not the one that is declared
    assert shape("huggingface") == "unverified"


def test_offline_refuses_before_a_socket_opens(
    two: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_socket(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", no_socket)
    with pytest.raises(Offline, match="--live"):
        look(offline=True)
    monkeypatch.undo()
    assert two.requests("/known") == []


def test_sources_and_full_need_live(two: Server) -> None:
    with pytest.raises(BadOption, match="--live"):
        headway.doctor(["known"])
    with pytest.raises(BadOption, match="--full"):
        headway.doctor(full=True)
    with pytest.raises(NotFound, match="Close keys: known"):
        look("knwon")


def test_a_log_that_cannot_be_written_is_said_and_the_look_stands(
    two: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "data" / "snapshots").write_text("a file where the folder should be")
    monkeypatch.setattr(SnapshotStore, "snapshots", lambda self: [])
    monkeypatch.setattr(SnapshotStore, "notes", lambda self: [])
    found = look()
    assert told(found) == [("known", "read", 200, 3), ("new", "read", 200, 5)]
    assert found.live is not None
    assert found.live.verified == ()
    assert "live_not_logged" in {w.code for w in found.warnings}


# The command line ------------------------------------------------------------------------------


def call(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_command(two: Server, lang: str) -> None:
    two.on("/new", ok(RENAMED))
    found = call("doctor", "--live", "--json", "--lang", lang)
    assert found.exit_code == 65, found.output
    document = valid(json.loads(found.stdout))
    assert document["live"]["summary"]["changed"] == 1
    error = document["live"]["resources"][1]["error"]
    text = call("doctor", "--live", "--lang", lang)
    assert text.exit_code == 65
    assert error["message"] in text.stderr
    assert "new" in text.stdout
    assert call("doctor", "known", "--live", "--lang", lang).exit_code == 0
    assert call("doctor", "--live", "--offline", "--lang", lang).exit_code == 75
    assert call("doctor", "--full").exit_code == 2


def test_text_of_a_source_cannot_steer_the_terminal(server: Server) -> None:
    hostile = "\x1b]0;owned\x07\x1b[2J\u202e"
    url = server.on("/x", ok(json.dumps([{hostile: 1}]).encode(), hostile.encode().hex()))
    with registered(source("x", resource("index", url))):
        found = call("doctor", "--live")
    assert not set("\x1b\x07\u202e") & set(found.output)


# data status: failed fetches, drift -------------------------------------------------------------


def test_failed_fetches_are_logged_and_shown_until_one_succeeds(two: Server) -> None:
    data_sync(limits=QUICK)
    assert data_status(["new"]).rows[0].failed_fetches == 0
    time.sleep(1.1)  # the log counts seconds
    two.on("/new", status(503))
    data_sync(["new"], limits=QUICK)
    two.on("/new", status(403))
    data_sync(["new"], limits=QUICK)

    found = data_status(["new"])

    row = found.rows[0]
    assert (row.state, row.failed_fetches) == ("fresh", 2)
    document = valid(found.to_json("ja"))
    failed = document["results"][0]["resources"][0]["failed_fetches"]
    assert (failed["logged"], failed["since_newest"]) == (2, 2)
    assert [one["error"]["kind"] for one in failed["newest"]] == ["fetch-busy", "fetch-refused"]
    assert [one["via"] for one in failed["newest"]] == ["sync", "sync"]
    assert "403" in failed["newest"][1]["error"]["message"]
    warned = {w.code: w for w in found.warnings}
    assert "2" in warned["source_failing"].text("en")
    assert warned["source_failing"].text("ja")
    assert found.table()["failed_fetches"].to_list() == [2]

    time.sleep(1.1)
    two.on("/new", ok(rows(5)))
    data_sync(["new"], limits=QUICK)
    row = data_status(["new"]).rows[0]
    assert row.failed_fetches == 0
    assert len(row.resources[0].failed) == 2  # the log remembers


def test_offline_is_no_failed_fetch(two: Server) -> None:
    data_sync(offline=True)
    assert contacts(SnapshotStore()) == []


def test_as_of_shows_the_failures_of_that_day(two: Server) -> None:
    two.on("/new", status(503))
    data_sync(["new"], limits=QUICK)
    assert data_status(["new"]).rows[0].failed_fetches == 1
    assert data_status(["new"], as_of=date(2020, 1, 1)).rows[0].failed_fetches == 0


def changes(key: str = "new") -> list[str]:
    resource_ = data_status([key]).rows[0].resources[0]
    return [one["change"] for one in resource_.changes()]


def test_fewer_rows_and_added_and_missing_columns_are_changes(two: Server) -> None:
    two.on("/new", ok(rows(10)))
    data_sync(["new"], limits=QUICK)
    assert changes() == []
    time.sleep(1.1)
    two.on("/new", ok(rows(7, added=1)))
    data_sync(["new"], limits=QUICK)
    assert changes() == ["added", "fewer_rows"]
    found = data_status(["new"])
    assert found.rows[0].resources[0].rows_before == 10
    assert {"source_shorter", "source_drift"} <= {w.code for w in found.warnings}
    valid(found.to_json())
    time.sleep(1.1)
    two.on("/new", ok(rows(9)))
    data_sync(["new"], limits=QUICK)
    assert changes() == []


SHAPES: dict[str, tuple[Any, str, bytes]] = {
    "missing": (epoch_index, "eci_scores", b"Model,points\na,1\n"),
    "shape": (models_dev, "models", b"[]"),
    "rows": (models_dev, "models", b"{}"),
    "unit": (
        swe_bench,
        "leaderboards",
        json.dumps(
            {"leaderboards": [{"name": "Test", "results": [{"name": "a", "resolved": 0.5}] * 6}]}
        ).encode(),
    ),
}


@pytest.mark.parametrize("change", SHAPES)
def test_what_a_real_connector_says_of_its_shape_is_a_change(change: str) -> None:
    module, name, body = SHAPES[change]
    connector = Connector(module.SOURCE, module.parse)
    with pytest.raises(SchemaDrift) as caught:
        read_body(connector, name, body)
    record = ParseRecord("0" * 64, "code", error=kept(caught.value))
    one = ResourceStatus(module.SOURCE.resources[0], None, 0, 0, None, record)
    found = one.changes("ja")
    assert [each["change"] for each in found] == [change]
    assert found[0]["what"] == kept(caught.value)["message"]["ja"]


def test_a_torn_or_foreign_line_of_the_log_costs_itself_only(two: Server) -> None:
    two.on("/new", status(503))
    data_sync(["new"], limits=QUICK)
    store = SnapshotStore()
    whole = store.contacts.read_bytes()
    store.contacts.write_bytes(b"nonsense\n[1]\n{}\n" + whole + whole[:-5])
    assert len(contacts(store)) == 1
    # the next writer cuts the torn end off
    data_sync(["new"], limits=QUICK)
    assert len(contacts(store)) == 2
    assert store.contacts.read_bytes().endswith(b"\n")


def test_the_log_does_not_grow_without_end(two: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headway.snapshots.store._LOG_BYTES", 2000)
    monkeypatch.setattr("headway.snapshots.store._LOG_LINES", 3)
    store = SnapshotStore()
    first = datetime(2026, 11, 1, tzinfo=UTC)
    for i in range(40):
        at = first + timedelta(seconds=i)
        log_contact(store, Contact("new", "index", "u" * 80, at, "doctor", "read", rows=i))
    kept = contacts(store)
    assert kept[-1].rows == 39
    assert len(kept) < 20
    assert [one.rows for one in kept] == list(range(40 - len(kept), 40))
