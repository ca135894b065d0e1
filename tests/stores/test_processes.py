"""Real processes on one store: many readers, writers that meet, writers and servers that are killed."""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from headway.snapshots.store import Snapshots
from tests.sources.server import Server
from tests.sources.test_killed import ROOT, SOURCES, changing, finish, kill_often, start
from tests.stores.places import Place
from tests.stores.s3_server import BUCKET, s3_serving

#: These tests are about the store; a release is another matter.
ONLY_KEEP = "--no-update"
READER = """
import sys, os
from headway.snapshots.places import snapshots_at
seen, count = 0, 0
sys.stdout.write("ready\\n"); sys.stdout.flush()
while not os.path.exists(sys.argv[1]):
    store = snapshots_at()
    found = store.manifest_read()
    assert not found.strange and not found.missing, (found.strange, found.missing)
    assert len(found.lines) >= seen, "a line went away"
    for one in found.lines[seen:]:
        assert len(store.body(one.sha256)) == one.size
    seen, count = len(found.lines), count + 1
print(count, seen)
"""


def fresh(place: Place, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Snapshots]:
    """The store as a machine finds it that has copied nothing."""
    counter = itertools.count()

    def opened() -> Snapshots:
        monkeypatch.setenv("HEADWAY_CACHE_DIR", str(folder / f"machine {next(counter)}"))
        return place.open()

    return opened


@pytest.fixture(params=["file", "s3"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place that several processes can reach."""
    if request.param == "file":
        folder = tmp_path / "a store"
        return Place("file", folder.as_uri(), folder)
    made: Place = request.getfixturevalue("s3_place")
    return made


def test_readers_see_whole_lines_and_bodies_while_one_writes(
    server: Server, shared: Place, tmp_path: Path
) -> None:
    changing(server)
    env = {**shared.env, "HEADWAY_STORE": shared.url}
    stop = tmp_path / "stop"
    readers = []
    for i in range(3):
        own = {
            **env,
            "HEADWAY_CACHE_DIR": str(tmp_path / f"reader {i}"),
            "PYTHONPATH": str(ROOT / "src"),
        }
        words = [sys.executable, "-c", READER, str(stop)]
        readers.append(
            subprocess.Popen(
                words,
                env={**os.environ, **own},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )
    for reader in readers:
        assert reader.stdout is not None
        assert reader.stdout.readline() == b"ready\n"

    for _ in range(2):
        assert finish(start(server, tmp_path / "data", ONLY_KEEP, **env)) == 0

    stop.touch()
    for reader in readers:
        out, error = reader.communicate(timeout=60)
        assert reader.returncode == 0, error.decode()
        count, _ = map(int, out.split())
        assert count >= 3
    assert len(shared.open().snapshots()) == 2 * 2 * SOURCES


def test_two_that_sync_at_once_lose_nothing(server: Server, shared: Place, tmp_path: Path) -> None:
    changing(server)
    env = {**shared.env, "HEADWAY_STORE": shared.url}
    rounds = 2
    for i in range(rounds):
        both = [
            start(
                server,
                tmp_path / "data",
                ONLY_KEEP,
                **env,
                HEADWAY_CACHE_DIR=str(tmp_path / f"{i} {who}"),
            )
            for who in "ab"
        ]
        assert [finish(one) for one in both] == [0, 0]

    found = shared.open().manifest_read()
    assert (found.strange, found.missing) == ((), ())
    hashes = [one.sha256 for one in found.lines]
    assert len(hashes) == len(set(hashes)) == rounds * 2 * 2 * SOURCES
    assert shared.open().verify() == []


def test_a_dead_writer_blocks_nobody(server: Server, s3_place: Place, tmp_path: Path) -> None:
    """Killed in the middle of everything; the next one writes at once, not after a lease."""
    changing(server)
    env = {**s3_place.env, "HEADWAY_STORE": s3_place.url}
    assert finish(start(server, tmp_path / "data", ONLY_KEEP, **env)) == 0
    for wait in (0.2, 0.5):
        process = start(server, tmp_path / "data", ONLY_KEEP, **env)
        time.sleep(wait)
        process.kill()
        finish(process)
        begun = time.monotonic()
        assert finish(start(server, tmp_path / "data", ONLY_KEEP, **env)) == 0
        assert time.monotonic() - begun < 20
    assert s3_place.open().verify() == []


def test_killed_five_times_on_s3(
    server: Server, s3_place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = {**s3_place.env, "HEADWAY_STORE": s3_place.url}
    kill_often(
        server, tmp_path / "data", 5, fresh(s3_place, tmp_path, monkeypatch), ONLY_KEEP, **env
    )


@pytest.mark.slow
def test_killed_a_hundred_times_on_s3(
    server: Server, s3_place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = {**s3_place.env, "HEADWAY_STORE": s3_place.url}
    opened = fresh(s3_place, tmp_path, monkeypatch)
    assert kill_often(server, tmp_path / "data", 100, opened, ONLY_KEEP, **env) >= 5


def kill_server(server: Server, folder: Path, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server of its own is killed and started again so many times while processes sync.

    What a writer was told is kept stays; the next run completes.
    """
    changing(server)
    rng = random.Random(20261125)
    with s3_serving(folder / "s3") as own:
        for name, value in own.env.items():
            monkeypatch.setenv(name, value)
        url = f"s3://{BUCKET}/restarted"
        place = Place("s3", url, env=own.env)
        opened = fresh(place, folder, monkeypatch)
        kept: list[str] = []
        for _ in range(times):
            process = start(server, folder / "data", ONLY_KEEP, **own.env, HEADWAY_STORE=url)
            time.sleep(rng.uniform(0.1, 0.8))
            own.kill()
            own.start()
            assert finish(process) in {0, 75}
            found = opened().manifest_read()
            assert (found.strange, found.missing) == ((), ())
            now = [one.sha256 for one in found.lines]
            assert now[: len(kept)] == kept
            kept = now
        assert finish(start(server, folder / "data", ONLY_KEEP, **own.env, HEADWAY_STORE=url)) == 0
        assert len(opened().snapshots()) == len(kept) + 2 * SOURCES
        assert opened().verify() == []


def test_a_server_that_is_killed_loses_nothing_that_was_kept(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_server(server, tmp_path, 1, monkeypatch)


@pytest.mark.slow
def test_a_server_that_is_killed_often_loses_nothing_that_was_kept(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_server(server, tmp_path, 8, monkeypatch)
