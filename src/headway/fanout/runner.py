"""One call for repeated work, wherever it runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from headway.fanout.bar import progress_bar
from headway.fanout.calls import Backend, Call, TaskFailed
from headway.fanout.local import LocalBackend, default_workers

if TYPE_CHECKING:
    import numpy as np

__all__ = ["CLUSTER_VARIABLE", "run"]

Task = TypeVar("Task")
Out = TypeVar("Out")

#: Address of a cluster for every fan-out of this process, unless the caller names one.
CLUSTER_VARIABLE = "HEADWAY_CLUSTER"


def run(
    function: Callable[[Task, np.random.Generator], Out],
    tasks: Sequence[Task],
    *,
    seed: int | np.random.SeedSequence,
    workers: int | None = None,
    progress: str | None = None,
    cluster: str | None = None,
    resume: Mapping[str, Any] | None = None,
) -> list[Out]:
    """``[function(task, rng) for task in tasks]``, side by side, results in task order.

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
        Local processes; by default the cores this process may use. 1 stays in this process.
        Given, it also overrules the environment's cluster.
    progress : str, optional
        What is being done, shown on stderr with a bar if it takes more than two seconds.
    cluster : str, optional
        Address of a running Dask or Ray cluster (see :mod:`headway.fanout.cluster`); by default
        the variable ``HEADWAY_CLUSTER``, and local processes without it.
    resume : mapping, optional
        Says, with code and seed, what the results depend on (rows, options). Finished tasks are
        then kept on disk, and the same call after an interruption does only the rest. Results
        must be JSON-able and come back as JSON gives them (a tuple becomes a list).

    Returns
    -------
    list
        One result per task, the same for any number of workers and any backend.

    Raises
    ------
    TaskFailed
        Of the first task (in order of completion) that raised.
    BadOption, ExtraMissing, ClusterFailed
        The cluster cannot be used.
    """
    import numpy as np

    root = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    # A fresh sequence: spawning twice from one object would give other children.
    root = np.random.SeedSequence(
        entropy=root.entropy, spawn_key=root.spawn_key, pool_size=root.pool_size
    )
    seeds = root.spawn(len(tasks))
    backend = _backend(workers, cluster)
    store = None
    found: dict[int, Any] = {}
    if resume is not None:
        from headway.fanout.resume import Finished

        store = Finished.of(resume, (root.entropy, root.spawn_key), len(tasks))
        found = store.load()
    calls = [Call(function, task, i, seeds[i]) for i, task in enumerate(tasks) if i not in found]
    failed: tuple[int, Exception] | None = None
    with (
        progress_bar(progress, len(tasks), done=len(found)) as advance,
        contextlib.closing(backend.results(calls)) as results,
    ):
        for index, out, error in results:
            if error is not None:
                failed = index, error
                break
            found[index] = out if store is None else store.keep(index, out)
            advance()
    if failed is not None:
        index, error = failed
        raise TaskFailed(
            f"task {index} of {len(tasks)} failed ({_short(tasks[index])}): "
            f"{type(error).__name__}: {error}",
            hint="The same task fails alone too; run it in one process to see where.",
            task=index,
        ) from error
    if store is not None:
        store.forget()
    return [found[i] for i in range(len(tasks))]


def _backend(workers: int | None, cluster: str | None) -> Backend:
    if workers is not None and workers < 1:
        raise ValueError(f"workers: expected 1 or more, got {workers}")
    address = cluster or (None if workers is not None else os.environ.get(CLUSTER_VARIABLE))
    if address:
        from headway.fanout.cluster import cluster_backend

        return cluster_backend(address)
    return LocalBackend(default_workers() if workers is None else workers)


def _short(task: object, limit: int = 120) -> str:
    text = repr(task)
    return text if len(text) <= limit else text[: limit - 1] + "…"
