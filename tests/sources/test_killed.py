"""A sync that is killed anywhere loses nothing, and the next one completes."""

from __future__ import annotations

import io
import itertools
import json
import os
import random
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from headway.snapshots.reading import parsed_record
from headway.snapshots.store import Snapshots, SnapshotStore
from tests.sources.server import Handler, Server
from tests.sources.sync_once import invented

ROOT = Path(__file__).resolve().parents[2]
SOURCES = 3


def changing(server: Server) -> None:
    """Every request gets another body, so that every run has something to write."""
    counter = itertools.count()

    def body() -> bytes:
        number = next(counter)
        filler = random.Random(number).randbytes(20_000).hex()
        return json.dumps([{"model": f"m{number}-{filler}", "score": 0.5}]).encode()

    def plain(h: Handler) -> None:
        h.give(200, {"Content-Type": "application/json"}, body())

    def packed(h: Handler) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr("scores.json", body())
        h.give(200, {"Content-Type": "application/zip"}, out.getvalue())

    for i in range(SOURCES):
        server.on(f"/{i}/index", plain)
        server.on(f"/{i}/zip", packed)


def start(server: Server, data: Path, *options: str, **more: str) -> subprocess.Popen[bytes]:
    """A process that has imported everything and begins to sync."""
    env = {**os.environ, "HEADWAY_DATA_DIR": str(data), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    env |= more
    words = [sys.executable, "-m", "tests.sources.sync_once", server.url, str(SOURCES), *options]
    process = subprocess.Popen(words, env=env, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def finish(process: subprocess.Popen[bytes]) -> int:
    assert process.stdout is not None
    process.stdout.read()
    process.stdout.close()
    return process.wait()


def asked(server: Server) -> int:
    """How many requests for bodies there were so far."""
    paths = [f"/{i}/{name}" for i in range(SOURCES) for name in ("index", "zip")]
    return sum(len(server.requests(path)) for path in paths)


def kill_often(
    server: Server,
    data: Path,
    times: int,
    opened: Callable[[], Snapshots],
    *options: str,
    **env: str,
) -> int:
    """Kill so many runs; how many of them had written some of their lines, but not all.

    Parameters
    ----------
    server, data, times
    opened : callable
        The store as somebody else finds it, who has copied nothing.
    *options, **env : str
        For the processes that are killed.
    """
    changing(server)
    assert finish(start(server, data, *options, **env)) == 0
    rng = random.Random(20261123)
    assert len(opened().snapshots()) == 2 * SOURCES
    process = start(server, data, *options, **env)
    ready = time.monotonic()
    assert finish(process) == 0
    whole = time.monotonic() - ready
    seen = opened().snapshots()
    cut_short = in_between = 0
    for _ in range(times):
        process = start(server, data, *options, **env)
        begun = time.monotonic()
        if rng.random() < 0.5:
            # never later than the quickest whole run so far: other work comes and goes
            time.sleep(rng.uniform(0, whole))
        else:
            # or soon after some of the bodies were sent, however busy the machine is
            wanted = asked(server) + rng.randint(1, 2 * SOURCES)
            while asked(server) < wanted and process.poll() is None:
                time.sleep(0.002)
            time.sleep(rng.uniform(0, 0.15))
        process.kill()
        if finish(process) == -9:
            cut_short += 1
        else:
            whole = min(whole, time.monotonic() - begun)
        # as before or with more whole lines; each line's body is whole
        reading = opened().manifest_read()
        assert (reading.strange, reading.missing) == ((), ())
        now = list(reading.lines)
        assert now[: len(seen)] == seen
        assert opened().verify() == []
        in_between += 0 < len(now) - len(seen) < 2 * SOURCES
        seen = now
    assert cut_short >= times / 4, "the kills came too late to show anything"

    assert finish(start(server, data, *options, **env)) == 0

    store = opened()
    now = store.snapshots()
    assert now[: len(seen)] == seen
    assert len(now) == len(seen) + 2 * SOURCES
    assert store.verify() == []
    for one in invented(server.url, SOURCES):
        for resource in one.resources:
            last = store.latest(one.key, resource.name)
            assert last is not None
            record = parsed_record(store, last)
            assert record is not None
            assert (record.rows, record.error) == (1, None)
    return in_between


def local(data: Path) -> Callable[[], Snapshots]:
    return lambda: SnapshotStore(data / "snapshots")


def test_killed_ten_times(server: Server, tmp_path: Path) -> None:
    data = tmp_path / "data"
    kill_often(server, data, 10, local(data))
    assert list((data / "snapshots" / "unfinished").iterdir()) == []


@pytest.mark.slow
def test_killed_a_hundred_times(server: Server, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert kill_often(server, data, 100, local(data)) >= 5
    assert list((data / "snapshots" / "unfinished").iterdir()) == []
