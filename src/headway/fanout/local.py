"""The local pool behind :func:`headway.fanout.run`."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

from headway.errors import HeadwayError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["TaskFailed", "default_workers", "run", "single_threaded"]

Task = TypeVar("Task")
Out = TypeVar("Out")

#: Nothing is said about work that is done sooner than this.
QUIET_SECONDS = 2.0


class TaskFailed(HeadwayError):
    """One task of a fan-out raised; the message names the task, ``__cause__`` is its error."""

    code, exit_status = "task_failed", 1


def default_workers() -> int:
    """Processor cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1


@contextmanager
def single_threaded() -> Iterator[None]:
    """Numeric libraries use one thread inside: sums are then always taken in the same order."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield


def _one(
    function: Callable[[Task, np.random.Generator], Out],
    task: Task,
    index: int,
    seed: np.random.SeedSequence,
) -> tuple[int, Out | None, Exception | None]:
    """Run one task; its error comes back as a value, so that the caller can name the task."""
    import numpy as np

    with single_threaded():
        try:
            return index, function(task, np.random.default_rng(seed)), None
        except Exception as e:
            return index, None, e


def run(
    function: Callable[[Task, np.random.Generator], Out],
    tasks: Sequence[Task],
    *,
    seed: int | np.random.SeedSequence,
    workers: int | None = None,
    progress: str | None = None,
) -> list[Out]:
    """``[function(task, rng) for task in tasks]``, on local processes, results in task order.

    Parameters
    ----------
    function : callable of (task, numpy.random.Generator)
        May be a closure or a lambda (it travels by cloudpickle). It must take every random number
        from the generator it is given.
    tasks : sequence
        One argument per call.
    seed : int or numpy.random.SeedSequence
        Root of all random numbers; task ``i`` uses ``SeedSequence(seed).spawn(len(tasks))[i]``.
    workers : int, optional
        Processes; by default the cores this process may use. 1 stays in this process.
    progress : str, optional
        What is being done, shown on stderr with a bar if it takes more than two seconds.

    Returns
    -------
    list
        One result per task, the same for any number of workers.

    Raises
    ------
    TaskFailed
        Of the first task (in task order) that raised, among those that ran.
    """
    import numpy as np

    root = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    # A fresh sequence: spawning twice from one object would give other children.
    root = np.random.SeedSequence(
        entropy=root.entropy, spawn_key=root.spawn_key, pool_size=root.pool_size
    )
    seeds = root.spawn(len(tasks))
    count = min(workers if workers is not None else default_workers(), max(1, len(tasks)))
    if count < 1:
        raise ValueError(f"workers: expected 1 or more, got {count}")

    calls = [(function, task, i, seeds[i]) for i, task in enumerate(tasks)]
    found: dict[int, Out] = {}
    failed: dict[int, Exception] = {}
    with (
        _bar(progress, len(tasks)) as advance,
        contextlib.closing(_results(calls, count)) as results,
    ):
        for index, out, error in results:
            if error is not None:
                failed[index] = error
                break
            found[index] = out  # type: ignore[assignment]  # no error: it is a result
            advance()
    if failed:
        index, error = next(iter(failed.items()))
        raise TaskFailed(
            f"task {index} of {len(tasks)} failed ({_short(tasks[index])}): "
            f"{type(error).__name__}: {error}",
            hint="The same task fails alone too; run it in one process to see where.",
            task=index,
        ) from error
    return [found[i] for i in range(len(tasks))]


def _results(
    calls: Sequence[tuple[Callable[[Task, np.random.Generator], Out], Task, int, object]],
    count: int,
) -> Generator[tuple[int, Out | None, Exception | None], None, None]:
    if count == 1:
        for call in calls:
            yield _one(*call)  # type: ignore[arg-type]  # the seed is a SeedSequence
        return
    from joblib import Parallel, delayed, parallel_config

    with parallel_config(backend="loky", n_jobs=count, inner_max_num_threads=1):
        running = Parallel(return_as="generator")(delayed(_one)(*call) for call in calls)
    try:
        # "yield from" would close the running tasks before, and so outside, the guard below.
        for done in running:  # noqa: UP028 (see the line above)
            yield done
    finally:
        # After a failure the other tasks are cancelled, which is meant; joblib warns about it.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            running.close()


def _short(task: object, limit: int = 120) -> str:
    text = repr(task)
    return text if len(text) <= limit else text[: limit - 1] + "…"


@contextmanager
def _bar(label: str | None, total: int) -> Iterator[Callable[[], None]]:
    """Progress on stderr that appears once the work has taken two seconds.

    A bar in a terminal; elsewhere (logs) one line at the start and one per tenth done.
    """
    if label is None:
        yield lambda: None
        return
    shown: Shown = _Bar(label, total) if sys.stderr.isatty() else _Lines(label, total)
    late = threading.Timer(QUIET_SECONDS, shown.start)
    late.daemon = True
    late.start()
    try:
        yield shown.advance
    finally:
        late.cancel()
        late.join()
        shown.stop()


class Shown(Protocol):
    """A way to show progress; ``advance`` counts also before ``start``."""

    def start(self) -> None: ...
    def advance(self) -> None: ...
    def stop(self) -> None: ...


class _Lines:
    def __init__(self, label: str, total: int) -> None:
        self.label, self.total, self.done, self.started, self.told = label, total, 0, False, 0

    def _say(self) -> None:
        self.told = self.done
        print(f"{self.label}: {self.done}/{self.total}", file=sys.stderr, flush=True)  # noqa: T201 (talk is what this is for)

    def start(self) -> None:
        self.started = True
        self._say()

    def advance(self) -> None:
        self.done += 1
        if self.started and self.done - self.told >= self.total / 10:
            self._say()

    def stop(self) -> None:
        pass


class _Bar:
    def __init__(self, label: str, total: int) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
        )

        self.progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(file=sys.stderr),
            transient=True,
        )
        self.task = self.progress.add_task(label, total=total)

    def start(self) -> None:
        self.progress.start()

    def advance(self) -> None:
        self.progress.advance(self.task)

    def stop(self) -> None:
        self.progress.stop()
