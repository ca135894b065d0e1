"""Servers that fail, refuse or are not there: said in our words, in time, with nothing lost."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import sys
import time
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from headway.cli.app import app
from headway.errors import HeadwayError, MissingExtra, NotFound, Refused, TryLater, Unreadable
from headway.snapshots.remote import RemoteStore
from headway.snapshots.store import Snapshot
from headway.stores.address import parse_address
from headway.stores.objects import Objects, Patience
from tests.snapshots.test_store import add
from tests.stores.places import Place
from tests.stores.proxy import proxied
from tests.stores.s3_server import KEY, READER, READER_SECRET, SECRET, S3Server

QUICK = Patience(connect_s=1.0, read_s=2.0, attempts=2)


def quick(place: Place) -> RemoteStore:
    return RemoteStore(parse_address(place.url) / "snapshots", patience=QUICK)


def no_secret(error: HeadwayError) -> None:
    everything = f"{error} {error.hint} {error.context}"
    for secret in (KEY, SECRET, READER, READER_SECRET, "Signature"):
        assert secret not in everything


# Errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("protocol", "extra", "package"), [("s3", "s3", "s3fs"), ("gs", "gs", "gcsfs")]
)
def test_a_missing_extra_is_named(
    protocol: str, extra: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fsspec

    assert protocol in fsspec.available_protocols()
    monkeypatch.delitem(sys.modules["fsspec.registry"]._registry, protocol, raising=False)
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    with pytest.raises(MissingExtra) as told:
        Objects(parse_address(f"{protocol}://bucket/a")).get("x")
    assert f'pip install "headway[{extra}]"' in told.value.hint


def test_an_unknown_bucket_is_named_for_readers_and_writers(s3: S3Server) -> None:
    store = RemoteStore(parse_address("s3://no-such-bucket-here/a"))
    for call in (store.snapshots, lambda: add(store, b"x")):
        with pytest.raises(NotFound, match="bucket of s3://no-such-bucket-here/a does not exist"):
            call()


def test_wrong_credentials_are_said_without_them(
    s3_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-secret-0123456789")
    with pytest.raises(Refused, match="denied access") as told:
        quick(s3_place).snapshots()
    no_secret(told.value)
    assert "wrong-secret" not in f"{told.value} {told.value.hint} {told.value.context}"


def test_a_reader_reads_and_is_refused_to_write(
    s3_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = add(quick(s3_place), b"one")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", READER)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", READER_SECRET)

    assert quick(s3_place).snapshots() == [made]
    with pytest.raises(Refused, match="denied access") as told:
        add(quick(s3_place), b"two")
    no_secret(told.value)
    assert quick(s3_place).snapshots() == [made]


def test_no_credentials_at_all_are_said(s3_place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(Refused, match="No credentials"):
        quick(s3_place).snapshots()


def test_a_host_that_is_not_there_is_given_up_soon(
    s3_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, and nobody listens
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{closed.getsockname()[1]}")
        begun = time.monotonic()
        with pytest.raises(TryLater, match="did not answer"):
            quick(s3_place).snapshots()
    assert time.monotonic() - begun < 30


def test_a_host_that_never_answers_is_given_up(
    s3_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(50)
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{silent.getsockname()[1]}")
        patience = Patience(connect_s=0.5, read_s=0.5, attempts=2)
        begun = time.monotonic()
        with pytest.raises(TryLater, match="did not answer"):
            Objects(parse_address(s3_place.url), patience=patience).get("x")
    assert time.monotonic() - begun < 30


def test_the_command_line_says_it_in_both_languages(s3: S3Server) -> None:
    for lang, words in (("en", "does not exist"), ("ja", "バケットが存在しません")):
        store = "s3://no-such-bucket-here/a"
        done = CliRunner().invoke(app, ["data", "status", "--store", store, "--lang", lang])
        assert (done.exit_code, done.stdout) == (1, "")
        assert words in done.stderr
        assert "[not_found]" in done.stderr


def test_another_store_json_is_left_alone(s3_place: Place) -> None:
    for strange in (
        b"",
        b"[]",
        b"{}",
        b'{"headway_store": 2, "id": "x"}',
        b'{"headway_store": 1, "id": "../x"}',
        b"[" * 9999,
    ):
        s3_place.write("store.json", strange)
        for call in (lambda: quick(s3_place).snapshots(), lambda: add(quick(s3_place), b"x")):
            with pytest.raises(Unreadable, match=r"store\.json"):
                call()
        assert s3_place.names() == ["store.json"]


# Failures on the way -------------------------------------------------------------------------


@contextlib.contextmanager
def failing(
    server: S3Server, monkeypatch: pytest.MonkeyPatch, fate: str, share: float
) -> Iterator[random.Random]:
    """Some of the requests that write, and some others, fail like this."""
    rng = random.Random(20261125)
    with proxied(server.port) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
        proxy.rule = lambda method, path: fate if rng.random() < share else "pass"
        yield rng
        assert {seen[2] for seen in proxy.seen} == {fate, "pass"}
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.endpoint)


@pytest.mark.parametrize("fate", ["refuse", "lose", "cut"])
def test_requests_that_fail_are_repeated_and_nothing_is_lost_or_doubled(
    s3: S3Server, s3_place: Place, fate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``lose``: the server did it and the answer was lost, so the repeat finds its own object."""
    made: list[Snapshot] = []
    failed = 0
    with failing(s3, monkeypatch, fate, 0.25):
        store = quick(s3_place)
        for i in range(12):
            try:
                made.append(add(store, f"{i}".encode()))
            except TryLater:
                failed += 1

    found = s3_place.open().manifest_read()
    assert found.strange == ()
    assert found.missing == ()
    assert len(made) >= 6
    # every line that was acknowledged is there once; one that was not may be there too
    hashes = [one.sha256 for one in found.lines]
    assert len(hashes) == len(set(hashes))
    assert [h for h in hashes if h in {one.sha256 for one in made}] == [m.sha256 for m in made]
    assert len(made) <= len(hashes) <= len(made) + failed
    assert s3_place.open().verify() == []


def test_an_answer_that_was_lost_is_no_second_line(
    s3: S3Server, s3_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = add(s3_place.open(), b"one")
    with proxied(s3.port) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
        writes: list[str] = []

        def rule(method: str, path: str) -> str:
            if method == "PUT" and "/manifest/" in path:
                writes.append(path)
                return "lose" if len(writes) == 1 else "pass"
            return "pass"

        proxy.rule = rule
        second = add(quick(s3_place), b"two")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3.endpoint)
    assert len(writes) == 2
    assert s3_place.open().snapshots() == [first, second]


def test_a_server_that_does_not_refuse_what_is_there_is_found_out(
    s3: S3Server, s3_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then names carry hashes: two writers with the same number both stay."""
    monkeypatch.setattr(Objects, "create", lambda self, name, data: (self.put(name, data), True)[1])
    first, second = quick(s3_place), quick(s3_place)
    assert add(first, b"one")
    made = add(first, b"two"), add(second, b"three")
    second._next = 1  # as if it had counted at the same moment as the first
    last = add(second, b"four")

    names = s3_place.names("manifest/")
    assert len(names) == 4
    assert sum(name.startswith("manifest/000000/00000001-") for name in names) == 2
    found = s3_place.open().manifest_read()
    assert {one.sha256 for one in found.lines} >= {one.sha256 for one in (*made, last)}
    assert (len(found.lines), found.strange, found.missing) == (4, (), ())


def test_a_line_cut_short_is_seen_where_names_carry_hashes(tmp_path: object) -> None:
    place = Place("memory", f"memory://{tmp_path}".replace("///", "//"))
    add(place.open(), b"one")
    add(place.open(), b"two")
    name = place.names("manifest/")[1]
    row = json.loads(place.read(name))
    place.write(name, json.dumps(row | {"size": 4}).encode() + b"\n")

    found = place.open().manifest_read()
    # the writer's own copy is sound and stands in for it
    assert len(found.lines) == 2
    fresh = RemoteStore(parse_address(place.url) / "snapshots")
    fresh._place.folder.rename(fresh._place.folder.with_name("another machine"))
    found = RemoteStore(parse_address(place.url) / "snapshots").manifest_read()
    assert (len(found.lines), found.strange) == (1, (name,))
