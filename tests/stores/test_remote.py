"""Manifests of objects: what is not ours, what is gone, full groups, local copies."""

from __future__ import annotations

import json
import socket
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from headway.api.sync import data_sync
from headway.api.sync_status import data_status
from headway.cli.app import app
from headway.errors import Offline, TryLater, Unreadable
from headway.snapshots import remote
from headway.snapshots.contacts import contacts
from headway.snapshots.remote import RemoteStore
from headway.snapshots.store import Snapshot
from headway.stores.address import parse_address
from headway.stores.mirror import Mirror, mirror_folder
from headway.stores.objects import Objects
from tests.snapshots.test_store import NOON, add
from tests.sources.conftest import QUICK
from tests.sources.fakes import registered, resource, rows, source
from tests.sources.server import Server, ok
from tests.stores.places import Place, body_name
from tests.stores.s3_server import BUCKET, KEY, SECRET, S3Server


def opened(place: Place) -> RemoteStore:
    store = place.open()
    assert isinstance(store, RemoteStore)
    return store


def elsewhere(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """From now on as a machine that has copied nothing."""
    monkeypatch.setenv("HEADWAY_CACHE_DIR", str(folder / "another machine"))


def many(place: Place, count: int) -> list[Snapshot]:
    store = opened(place)
    return [add(store, f"{i}".encode(), at=NOON + timedelta(days=i)) for i in range(count)]


# Layout, and what is not ours ----------------------------------------------------------------


def test_the_layout_is_as_documented(s3_place: Place) -> None:
    made = many(s3_place, 2)

    assert s3_place.names() == sorted(
        [
            *(body_name(one.sha256) for one in made),
            "manifest/000000/00000000.jsonl",
            "manifest/000000/00000001.jsonl",
            "store.json",
        ]
    )
    assert s3_place.read("manifest/000000/00000001.jsonl") == made[1].to_line()
    head = json.loads(s3_place.read("store.json"))
    assert head["headway_store"] == 1


@pytest.mark.parametrize(
    "damage",
    [
        b"", b"{", b"not json\n", b"[]\n", b"\xff\xfe\n", b"[" * 100_000 + b"\n", b"{}\n{}\n",
        b'{"source":"../up"}\n', b" " * 200_000 + b"\n",
    ],
)  # fmt: skip
def test_a_damaged_line_is_reported_and_the_others_count(
    s3_place: Place, damage: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = many(s3_place, 3)
    name = "manifest/000000/00000001.jsonl"
    s3_place.write(name, damage)
    elsewhere(monkeypatch, tmp_path)

    found = opened(s3_place).manifest_read()

    assert found.lines == (made[0], made[2])
    assert (found.strange, found.missing) == ((name,), ())
    # the place of the damaged line stays taken
    last = add(opened(s3_place), b"last")
    assert s3_place.read("manifest/000000/00000003.jsonl") == last.to_line()


def test_a_line_that_names_a_path_is_no_line(
    s3_place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,) = many(s3_place, 1)
    row = json.loads(made.to_line())
    for i, change in enumerate(
        [{"sha256": "../../etc/passwd"}, {"source": "../up"}, {"resource": "a/b"}, {"size": -1}]
    ):
        s3_place.write(
            f"manifest/000000/{i + 1:08d}.jsonl", json.dumps(row | change).encode() + b"\n"
        )
    elsewhere(monkeypatch, tmp_path)

    found = opened(s3_place).manifest_read()
    assert found.lines == (made,)
    assert len(found.strange) == 4


def test_strange_names_are_reported_and_read_by_nobody(s3_place: Place) -> None:
    made = many(s3_place, 1)
    strange = [
        "manifest/000000/00001000.jsonl",  # of another group
        "manifest/000000/readme.txt",
        "manifest/000000/deeper/00000002.jsonl",
        "manifest/evil/00000001.jsonl",
        "manifest/readme.txt",
    ]
    for name in strange:
        s3_place.write(name, made[0].to_line())

    found = opened(s3_place).manifest_read()

    assert found.lines == tuple(made)
    assert set(found.strange) == {
        "manifest/000000/00001000.jsonl",
        "manifest/000000/readme.txt",
        "manifest/000000/deeper",
        "manifest/evil",
        "manifest/readme.txt",
    }


def test_a_line_that_went_away_is_reported(
    s3_place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = many(s3_place, 3)
    s3_place.remove("manifest/000000/00000001.jsonl")
    elsewhere(monkeypatch, tmp_path)

    found = opened(s3_place).manifest_read()

    assert found.lines == (made[0], made[2])
    assert (found.strange, found.missing) == ((), ("manifest/000000/00000001.jsonl",))


def test_two_stores_at_one_address_share_no_copies(s3_place: Place) -> None:
    many(s3_place, 2)
    for name in s3_place.names():
        s3_place.remove(name)

    assert opened(s3_place).snapshots() == []
    made = many(s3_place, 1)
    assert opened(s3_place).snapshots() == made


# Full groups ---------------------------------------------------------------------------------


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(remote, "GROUP", 4)
    return 4


@pytest.mark.usefixtures("small_groups")
def test_full_groups_are_joined_by_the_next_writer_and_read_from_one_object(
    s3_place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = many(s3_place, 9)
    joined = ["manifest/000000.jsonl", "manifest/000001.jsonl"]
    assert not set(joined) & set(s3_place.names())

    made.append(add(opened(s3_place), b"next"))

    assert set(joined) <= set(s3_place.names())
    assert s3_place.read(joined[0]) == b"".join(one.to_line() for one in made[:4])
    elsewhere(monkeypatch, tmp_path)
    asked: list[str] = []
    real = Objects.get_many
    monkeypatch.setattr(
        Objects, "get_many", lambda self, names: real(self, asked.extend(n := list(names)) or n)
    )
    assert opened(s3_place).snapshots() == made
    assert asked == [*joined, "manifest/000002/00000008.jsonl", "manifest/000002/00000009.jsonl"]
    # and once more: nothing but what is new
    asked.clear()
    assert opened(s3_place).snapshots() == made
    assert asked == []


@pytest.mark.usefixtures("small_groups")
def test_a_damaged_group_is_reported_and_its_lines_are_read_one_by_one(
    s3_place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [*many(s3_place, 5), add(opened(s3_place), b"next")]
    whole = s3_place.read("manifest/000000.jsonl")
    for damage in (
        b"",
        whole[:-1],
        whole[: len(whole) // 2],
        whole + whole,
        whole.replace(b"index", b"../up"),
    ):
        s3_place.write("manifest/000000.jsonl", damage)
        elsewhere(monkeypatch, tmp_path / str(len(damage)))
        found = opened(s3_place).manifest_read()
        assert found.lines == tuple(made)
        assert (found.strange, found.missing) == (("manifest/000000.jsonl",), ())


@pytest.mark.usefixtures("small_groups")
def test_a_group_whose_lines_are_gone_is_reported(
    s3_place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = many(s3_place, 9)
    for i in (1, 3, 4, 5, 6, 7):
        s3_place.remove(f"manifest/{i // 4:06d}/{i:08d}.jsonl")
    elsewhere(monkeypatch, tmp_path)

    found = opened(s3_place).manifest_read()
    assert found.lines == (made[0], made[2], made[8])
    lines = [f"manifest/000000/{i:08d}.jsonl" for i in (1, 3)]
    # some servers go on listing the folder of objects that were removed
    each = [f"manifest/000001/{i:08d}.jsonl" for i in (4, 5, 6, 7)]
    assert found.missing in {(*lines, "manifest/000001"), (*lines, *each)}


def test_a_line_far_away_costs_no_time_and_is_told(s3_place: Place) -> None:
    """Somebody else wrote a sound line at the last number of all."""
    made = many(s3_place, 2)
    s3_place.write("manifest/999999/99999999.jsonl", made[0].to_line())

    found = opened(s3_place).manifest_read()

    assert found.lines == (*made, made[0])
    assert "manifest/000001 to 999998" in found.missing
    assert len(found.missing) == 1 + 98 + 99
    with pytest.raises(Unreadable, match="full"):
        add(opened(s3_place), b"no number is left")
    assert opened(s3_place).manifest_read() == found


# Local copies --------------------------------------------------------------------------------


def test_a_damaged_copy_is_not_used(tmp_path: Path) -> None:
    mirror = Mirror(tmp_path)
    mirror.put("a/b.jsonl", b"a line\n")
    assert mirror.get("a/b.jsonl") == b"a line\n"
    sealed = (tmp_path / "a" / "b.jsonl").read_bytes()
    for at in range(len(sealed)):
        (tmp_path / "a" / "b.jsonl").write_bytes(sealed[:at])
        assert mirror.get("a/b.jsonl") is None
        changed = bytes([*sealed[:at], sealed[at] ^ 1, *sealed[at + 1 :]])
        (tmp_path / "a" / "b.jsonl").write_bytes(changed)
        assert mirror.get("a/b.jsonl") is None


def test_a_damaged_copy_of_a_body_is_fetched_again(s3_place: Place) -> None:
    (made,) = many(s3_place, 1)
    copies = list(mirror_folder(opened(s3_place).address.root).glob(f"*/{body_name(made.sha256)}"))
    assert len(copies) == 1
    copies[0].write_bytes(b"x")

    assert opened(s3_place).body(made.sha256) == b"0"
    assert copies[0].read_bytes() == b"0"


def test_bodies_are_fetched_once(
    s3_place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,) = many(s3_place, 1)
    elsewhere(monkeypatch, tmp_path)
    assert opened(s3_place).body(made.sha256) == b"0"
    s3_place.remove(body_name(made.sha256))

    assert opened(s3_place).body(made.sha256) == b"0"
    elsewhere(monkeypatch, tmp_path / "third")
    with pytest.raises(Unreadable, match="not there"):
        opened(s3_place).body(made.sha256)


# The verbs -----------------------------------------------------------------------------------


@pytest.fixture
def _two_sources(
    server: Server, small_release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One source with two resources; folders of this test's own."""
    server.on("/index", ok(rows(3), etag='"1"'))
    server.on("/more", ok(rows(5)))
    monkeypatch.setenv("HEADWAY_CACHE_DIR", str(tmp_path / "cache"))


@pytest.mark.usefixtures("_two_sources")
def test_sync_and_status_work_alike_in_all_places(place: Place, server: Server) -> None:
    good = source(
        "good", resource("index", server.url + "/index"), resource("more", server.url + "/more")
    )
    with registered(good):
        first = data_sync(store=place.url, limits=QUICK)
        again = data_sync(store=place.url, limits=QUICK)
        status = data_status(store=place.url, now=NOON + timedelta(days=400))

    assert [(r.outcome, r.record and r.record.rows) for r in first.rows] == [("new", 3), ("new", 5)]
    assert [r.outcome for r in again.rows] == ["unchanged", "unchanged"]
    assert [one.status for one in place.open().snapshots()].count(304) == 1
    row = status.rows[0]
    assert (row.state, row.total("rows")) == ("fresh", 8) or row.is_old
    assert [r.snapshots for r in row.resources] == [2, 2]
    assert status.options["store"] == place.url.removeprefix("file://").replace("%20", " ")
    assert not {w.code for w in (*again.warnings, *status.warnings)} & {
        "store_strange",
        "store_missing",
    }


@pytest.mark.usefixtures("_two_sources")
def test_offline_reads_the_copy_and_says_so(
    s3_place: Place, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = source("good", resource("index", server.url + "/index"))
    with registered(good):
        # nothing was copied yet
        for call in (data_status, data_sync):
            with pytest.raises(Offline, match="needs the network"):
                call(store=s3_place.url, offline=True)
        data_sync(store=s3_place.url, limits=QUICK)
        online = data_status(store=s3_place.url, now=NOON)

        with socket.socket() as closed:  # and now the store can't be reached at all
            closed.bind(("127.0.0.1", 0))
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{closed.getsockname()[1]}")
            offline = data_status(store=s3_place.url, offline=True, now=NOON)
            synced = data_sync(store=s3_place.url, offline=True)

    assert [r.to_json() for r in offline.rows] == [r.to_json() for r in online.rows]
    assert [w.code for w in offline.warnings] == [
        *(w.code for w in online.warnings),
        "store_copied",
    ]
    assert [(r.outcome, r.record and r.record.rows) for r in synced.rows] == [("offline", 3)]
    assert {"sync_offline", "store_copied"} <= {w.code for w in synced.warnings}


@pytest.mark.usefixtures("_two_sources")
def test_contacts_stay_on_this_machine_and_a_store_that_fails_is_no_fault_of_a_source(
    s3_place: Place, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = source(
        "good", resource("index", server.url + "/index"), resource("gone", server.url + "/gone")
    )
    with registered(good):
        synced = data_sync(store=s3_place.url, limits=QUICK)
        assert [row.outcome for row in synced.rows] == ["new", "failed"]
        assert [one.resource for one in contacts(opened(s3_place))] == ["gone"]
        assert not [name for name in s3_place.names() if "contacts" in name]

        def refuse(self: Objects, name: str, data: bytes) -> None:
            raise TryLater("the store went away")

        server.on("/index", ok(rows(9)))
        monkeypatch.setattr(Objects, "put", refuse)
        synced = data_sync(store=s3_place.url, limits=QUICK)
    assert [row.error and row.error["code"] for row in synced.rows] == ["try_later", "refused"]
    assert [one.resource for one in contacts(opened(s3_place))] == ["gone", "gone"]


@pytest.mark.usefixtures("_two_sources")
def test_an_incomplete_copy_is_told(
    s3_place: Place, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another machine has read the manifest only: rows of a body that it lacks are not made up."""
    good = source("good", resource("index", server.url + "/index"))
    with registered(good):
        data_sync(store=s3_place.url, limits=QUICK)
        elsewhere(monkeypatch, tmp_path)
        opened(s3_place).snapshots()

        status = data_status(store=s3_place.url, offline=True)
        synced = data_sync(store=s3_place.url, offline=True)

    assert status.rows[0].state == "unread"
    assert "store_copy_lacks" in {w.code for w in status.warnings}
    (row,) = synced.rows
    assert row.error is not None
    assert (row.record, row.error["code"], synced.exit_status) == (None, "offline", 75)


@pytest.mark.usefixtures("_two_sources")
def test_a_store_that_cannot_be_reached_while_reading_is_no_fault_of_the_body(
    s3_place: Place, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = source("good", resource("index", server.url + "/index"))
    with registered(good):
        data_sync(store=s3_place.url, limits=QUICK)
        for name in s3_place.names("parsed/"):
            s3_place.remove(name)
        elsewhere(monkeypatch, tmp_path)
        opened(s3_place).snapshots()
        data_sync(store=s3_place.url, offline=True)
        assert s3_place.names("parsed/") == []

        found = data_status(store=s3_place.url, reparse=True)
    assert found.rows[0].total("rows") == 3


@pytest.mark.usefixtures("_two_sources")
def test_the_command_line_warns_of_what_is_strange_and_shows_no_secret(
    s3_place: Place, server: Server
) -> None:
    good = source("good", resource("index", server.url + "/index"))
    with registered(good):
        data_sync(store=s3_place.url, limits=QUICK)
        s3_place.write("manifest/\x1b[2Jx.txt", b"x")
        for words in (["data", "status"], ["data", "status", "--json"], ["data", "sync"]):
            done = CliRunner().invoke(app, [*words, "--store", s3_place.url])
            told = done.stdout + done.stderr
            assert done.exit_code == 0, told
            assert "x.txt" in told
            assert "\x1b" not in told
            assert KEY not in told
            assert SECRET not in told


def test_the_environment_names_a_store_for_the_command_line(
    s3_place: Place, small_release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWAY_STORE", s3_place.url)
    done = CliRunner().invoke(app, ["data", "status", "--json"])
    assert json.loads(done.stdout)["options"]["store"] == s3_place.url


def test_an_address_below_the_bucket_alone_is_enough(s3: S3Server) -> None:
    store = RemoteStore(parse_address(f"s3://{BUCKET}"))
    assert store.snapshots() == []
