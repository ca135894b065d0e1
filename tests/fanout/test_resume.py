"""Interrupted work goes on where it stopped, and gives what uninterrupted work gives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from headway.fanout import TaskFailed, run

WORK = {"study": "test", "rows": "abc"}


def _draw(task: int, rng: np.random.Generator) -> dict[str, object]:
    return {"task": task, "x": float(rng.random()), "pair": (1, 2)}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEADWAY_CACHE_DIR", str(tmp_path))
    return tmp_path


def test_after_a_failure_only_the_rest_is_done() -> None:
    calls: list[int] = []

    def fragile(task: int, rng: np.random.Generator) -> dict[str, object]:
        calls.append(task)
        if task == 2 and calls.count(2) == 1:
            raise ConnectionError("gone")
        return _draw(task, rng)

    with pytest.raises(TaskFailed):
        run(fragile, range(5), seed=4, workers=1, resume=WORK)
    resumed = run(fragile, range(5), seed=4, workers=1, resume=WORK)

    assert calls == [0, 1, 2, 2, 3, 4]
    assert resumed == run(_draw, range(5), seed=4, workers=2, resume={"study": "other"})


def test_results_are_as_json_gives_them_whether_fresh_or_resumed(own_cache: Path) -> None:
    (only,) = run(_draw, [0], seed=1, workers=1, resume=WORK)
    assert only["pair"] == [1, 2]
    assert not list((own_cache / "unfinished").iterdir()), "finished work leaves nothing behind"


@pytest.mark.parametrize("other", [{"seed": 5}, {"resume": {**WORK, "rows": "new"}}])
def test_other_seeds_or_rows_never_find_the_stored_tasks(other: dict[str, object]) -> None:
    calls: list[int] = []

    def stops(task: int, rng: np.random.Generator) -> float:
        calls.append(task)
        if task == 1:
            raise ConnectionError
        return float(rng.random())

    first: dict[str, object] = {"seed": 4, "resume": WORK}
    for options in (first, {**first, **other}):
        with pytest.raises(TaskFailed):
            run(stops, range(2), workers=1, **options)  # type: ignore[arg-type]
    assert calls == [0, 1, 0, 1]


def test_a_damaged_file_is_computed_again(own_cache: Path) -> None:
    def stops(task: int, rng: np.random.Generator) -> float:
        if task == 1 and not (own_cache / "go").exists():
            raise ConnectionError
        return float(rng.random())

    with pytest.raises(TaskFailed):
        run(stops, range(2), seed=4, workers=1, resume=WORK)
    (file,) = own_cache.glob("unfinished/*/task-*.json")
    file.write_text('{"index": 0, "res')
    (own_cache / "go").touch()
    assert run(stops, range(2), seed=4, workers=1, resume=WORK) == run(
        stops, range(2), seed=4, workers=1
    )


def test_results_that_json_cannot_hold_are_refused() -> None:
    with pytest.raises(TypeError):
        run(lambda task, rng: {1j}, [0], seed=0, workers=1, resume=WORK)


def test_a_killed_process_loses_only_the_task_it_was_at(tmp_path: Path) -> None:
    """A real process is killed without warning; the next one does only what is left."""
    script = tmp_path / "work.py"
    script.write_text(
        textwrap.dedent(
            """
            import sys, time
            from headway.fanout import run

            def slow(task, rng):
                open(sys.argv[1], "a").write(f"{task}\\n")
                time.sleep(0.15)
                return float(rng.random())

            print(run(slow, range(8), seed=9, workers=1, resume={"study": "killed"}))
            """
        )
    )
    log = tmp_path / "log"
    command = [sys.executable, str(script), str(log)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while not log.exists() or len(log.read_text().split()) < 4:
        assert time.monotonic() < deadline, "the work never started"
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = len(log.read_text().split())

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    after = log.read_text().split()[before:]
    assert before < 8
    assert len(after) <= 8 - (before - 1), "finished tasks were done again"
    alone = run(lambda task, rng: float(rng.random()), range(8), seed=9, workers=1)
    assert done.stdout.strip() == str(alone)
