"""What a store costs in time: keeping bodies, and the status of a long manifest, per kind of place.

Usage: ``python benchmarks/stores.py STORE [--bodies FOLDER] [--lines 10000]``

``STORE`` is a folder or a URL as for ``--store``; it is written to, so give an empty one. Every file
in ``FOLDER`` is kept as a body with its line, as a sync does after each answer; a second run finds
them unchanged. Then the manifest gets so many lines, and ``headway data status`` is timed without
local copies and with them. Local copies go to a folder of this run's own.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from headway.api.sync_status import data_status
from headway.snapshots.places import snapshots_at
from headway.snapshots.remote import GROUP, RemoteStore
from headway.snapshots.store import Snapshot, SnapshotStore
from headway.sources.fetch import Fetched
from headway.sources.registry import all_sources

START = datetime(2020, 1, 1, tzinfo=UTC)


@contextmanager
def timed(what: str) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    print(f"{what}: {time.perf_counter() - begun:.2f} s", flush=True)


def answer(body: bytes | None, at: datetime) -> Fetched:
    url = "https://invented.example/body"
    return Fetched(url, url, 200 if body else 304, at, '"a"', None, "text/plain", None, body, 1)


def keep(store_url: str, folder: Path) -> None:
    source = next(iter(all_sources().values())).source
    resource = source.resources[0]
    bodies = [p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()]
    print(f"{len(bodies)} bodies, {sum(map(len, bodies)) / 2**20:.1f} MiB")
    for what in ("kept", "kept again (same bytes)"):
        store = snapshots_at(store_url)
        with timed(what):
            for i, body in enumerate(bodies):
                store.add(source, resource, answer(body, START + timedelta(seconds=i)))
    known = {one.sha256: one for one in store.snapshots()}
    store = snapshots_at(store_url)
    with timed("confirmed (304)"):
        for one in list(known.values())[: len(bodies)]:
            assert store.has_body(one)
            store.add(source, resource, answer(None, START + timedelta(days=1)), stands=one)


def lengthen(store_url: str, lines: int) -> None:
    """Add lines without waiting for each, then one by the ordinary way, which joins the groups."""
    source = next(iter(all_sources().values())).source
    resource = source.resources[0]
    store = snapshots_at(store_url)
    first = store.add(source, resource, answer(b"body", START))
    have = len(store.snapshots())
    made = [
        Snapshot(
            source.key, resource.name, first.url, START + timedelta(minutes=i), 304,
            first.sha256, first.size, first.licence, etag='"a"',
        ).to_line()
        for i in range(have, lines - 1)
    ]  # fmt: skip
    with timed(f"{len(made)} lines written side by side"):
        if isinstance(store, SnapshotStore):
            with store.manifest.open("ab") as file:
                file.write(b"".join(made))
        else:
            assert isinstance(store, RemoteStore)
            objects = store._objects
            for start in range(0, len(made), 1000):
                numbered = enumerate(made[start : start + 1000], start=have + start)
                objects._fs.pipe(
                    {
                        objects._path(f"manifest/{n // GROUP:06d}/{n:08d}.jsonl"): line
                        for n, line in numbered
                    }
                )
    if isinstance(store, RemoteStore):
        os.environ["HEADWAY_CACHE_DIR"] = tempfile.mkdtemp()
        with timed("status, no local copy, every line an object of its own"):
            data_status([source.key], store=store_url)
    with timed("one line more (joins full groups)"):
        snapshots_at(store_url).add(source, resource, answer(None, START), stands=first)
    os.environ["HEADWAY_CACHE_DIR"] = tempfile.mkdtemp()
    for what in ("no local copy", "local copy", "local copy"):
        with timed(f"status, {what}"):
            data_status([source.key], store=store_url)
    with timed("status --offline"):
        data_status([source.key], store=store_url, offline=True)
    assert len(snapshots_at(store_url).snapshots()) == lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("store")
    parser.add_argument("--bodies", type=Path)
    parser.add_argument("--lines", type=int, default=10_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as own:
        os.environ["HEADWAY_CACHE_DIR"] = own
        if asked.bodies:
            keep(asked.store, asked.bodies)
        lengthen(asked.store, asked.lines)


if __name__ == "__main__":
    main()
