"""A process that is killed while it logs leaves whole lines, and the next writer goes on."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from headway.snapshots.contacts import Contact, contacts, log_contact
from headway.snapshots.store import _LOG_LINES, SnapshotStore

ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from headway.snapshots.contacts import Contact, log_contact
from headway.snapshots.store import SnapshotStore
store = SnapshotStore(Path(sys.argv[1]))
at = datetime(2026, 11, 1, tzinfo=UTC)
print("ready", flush=True)
for i in range(100_000):
    log_contact(store, Contact("s", "r", "u" * 2000, at, "doctor", "read", rows=i))
"""


def test_killed_ten_times(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path / "snapshots")
    rng = random.Random(20261125)
    written = 0
    for _ in range(10):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(store.root)],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(rng.uniform(0, 0.15))
        process.kill()
        process.communicate()
        now = contacts(store)
        # as before or with more whole lines: none is half there, and none is lost but the oldest
        # of a log that has grown large
        assert len(now) == len(store.notes()) >= min(written, _LOG_LINES)
        at = datetime(2026, 11, 2, tzinfo=UTC)
        log_contact(store, Contact("s", "r", "u", at, "sync", "read", rows=-1))
        assert contacts(store)[-1].rows == -1
        assert store.contacts.read_bytes().endswith(b"\n")
        written = len(contacts(store))
    assert written > 20
