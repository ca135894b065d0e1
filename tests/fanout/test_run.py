"""Fan-out: one interface, the same numbers for any number of workers, errors that name the task."""

from __future__ import annotations

import time

import numpy as np
import pytest

from headway.fanout import TaskFailed, run


def _noisy(task: int, rng: np.random.Generator) -> float:
    matrix = rng.standard_normal((60, 60))
    return float(task + np.linalg.svd(matrix @ matrix.T)[1].sum())


def test_numbers_do_not_depend_on_the_number_of_workers() -> None:
    alone = run(_noisy, range(6), seed=7, workers=1)
    two = run(_noisy, range(6), seed=7, workers=2)
    assert alone == two


def test_results_come_in_task_order_and_differ_by_task_and_seed() -> None:
    first = run(lambda task, rng: (task, rng.random()), ["a", "b"], seed=1, workers=2)
    other = run(lambda task, rng: (task, rng.random()), ["a", "b"], seed=2, workers=2)
    assert [name for name, _ in first] == ["a", "b"]
    assert len({x for _, x in first + other}) == 4


def test_a_task_keeps_its_generator_when_others_are_added() -> None:
    def draw(_: int, rng: np.random.Generator) -> float:
        return float(rng.random())

    short = run(draw, [0, 1], seed=3, workers=1)
    longer = run(draw, [0, 1, 2], seed=3, workers=1)
    assert longer[:2] == short


def test_one_seed_sequence_gives_the_same_numbers_twice() -> None:
    root = np.random.SeedSequence(5)
    again = [run(_noisy, [1], seed=root, workers=1) for _ in range(2)]
    assert again[0] == again[1]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_names_the_task_and_keeps_the_cause(workers: int) -> None:
    def fragile(task: str, _: np.random.Generator) -> str:
        if task == "leave out lab X":
            raise ZeroDivisionError("no models left")
        return task

    with pytest.raises(TaskFailed, match=r"task 1 of 3 .*leave out lab X.*no models left") as e:
        run(fragile, ["a", "leave out lab X", "c"], seed=0, workers=workers)
    assert isinstance(e.value.__cause__, ZeroDivisionError)
    assert e.value.context["task"] == 1


def test_no_tasks_is_no_result() -> None:
    assert run(_noisy, [], seed=0) == []


def test_fewer_than_one_worker_is_refused() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        run(_noisy, [1], seed=0, workers=0)


def test_progress_goes_to_stderr_and_only_after_two_seconds(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nap(task: int, _: np.random.Generator) -> int:
        time.sleep(0.1)
        return task

    run(nap, [1, 2], seed=0, workers=1, progress="re-fits")
    assert capfd.readouterr() == ("", "")
    monkeypatch.setattr("headway.fanout.bar.QUIET_SECONDS", 0.02)
    run(nap, [1, 2], seed=0, workers=1, progress="re-fits")
    out, err = capfd.readouterr()
    assert out == ""
    assert "re-fits: 0/2" in err
    assert "re-fits: 2/2" in err
