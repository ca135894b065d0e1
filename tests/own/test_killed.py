"""Adding that is killed anywhere loses nothing, and the next run completes."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from headway.tables.own import own_path, own_rows, update_own
from tests.own.add_often import text

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def data(small_release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of this test's own, with the small release in it."""
    folder = tmp_path / "data"
    shutil.copytree(small_release.parent, folder / "releases")
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(folder))
    return folder


def start(folder: Path, first: str) -> subprocess.Popen[str]:
    """A process that has imported everything and begins to add."""
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    words = [sys.executable, "-m", "tests.own.add_often", str(folder), first]
    process = subprocess.Popen(words, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def finish(process: subprocess.Popen[str]) -> tuple[list[str], int]:
    """What it said after it was ready, and how it ended."""
    assert process.stdout is not None
    with process.stdout as out:
        said = out.read().split()
    return said, process.wait()


def stored() -> list[int]:
    """Numbers of the stored rows, in their order; reading them is itself a check of the file."""
    return [round(row["score"] * 1e6) for row in own_rows()]


def kill_often(folder: Path, times: int) -> int:
    """Kill so many processes that add; how many were killed with a row half in."""
    rng = random.Random(20261125)
    within = 0
    before: list[int] = []
    for _ in range(times):
        process = start(folder, str(len(before) + 1))
        time.sleep(rng.uniform(0, 0.2))
        process.kill()
        said, code = finish(process)
        told = [int(word) for word in said]
        assert code == -9
        left = list(own_path().parent.glob(".writing-*"))
        now = stored()
        # what was there, what was told to be stored, and at most one row that nobody was told of
        assert now[: len(before) + len(told)] == before + told
        assert len(now) - len(before) - len(told) in (0, 1)
        within += bool(left) or len(now) > len(before) + len(told)
        before = now

    # the next writer completes, and nothing of the killed ones is left
    update_own(lambda rows: rows)
    assert stored() == before
    assert {p.name for p in own_path().parent.iterdir()} <= {"scores.jsonl", ".lock"}
    return within


def test_killed_eight_times(data: Path, tmp_path: Path) -> None:
    kill_often(tmp_path, 8)


@pytest.mark.slow
def test_killed_a_hundred_and_twenty_times(data: Path, tmp_path: Path) -> None:
    assert kill_often(tmp_path, 120) >= 3


@pytest.mark.parametrize("times", [4, pytest.param(100, marks=pytest.mark.slow)])
def test_the_command_killed_anywhere_stores_the_row_or_nothing(
    data: Path, tmp_path: Path, times: int
) -> None:
    """From the first import to the last word: the row is there whole or not at all, then it is added."""
    (tmp_path / "one.csv").write_text(text(500_000))
    process = start(tmp_path, "command")
    ready = time.monotonic()
    assert finish(process)[1] == 0
    whole = time.monotonic() - ready
    assert stored() == [500_000]
    rng = random.Random(20261126)
    for _ in range(times):
        own_path().unlink(missing_ok=True)
        process = start(tmp_path, "command")
        time.sleep(rng.uniform(0, whole))
        process.kill()
        finish(process)
        assert stored() in ([], [500_000])
        assert finish(start(tmp_path, "command"))[1] == 0
        assert stored() == [500_000]
        assert {p.name for p in own_path().parent.iterdir()} <= {"scores.jsonl", ".lock"}
