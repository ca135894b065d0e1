"""The backend on this machine: processes of joblib's loky pool."""

from __future__ import annotations

import os
import warnings
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from headway.fanout.calls import Call, Done, perform

__all__ = ["LocalBackend", "default_workers"]


def default_workers() -> int:
    """Processor cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class LocalBackend:
    """``workers`` processes; one stays in this process."""

    workers: int

    def results(self, calls: Sequence[Call]) -> Generator[Done, None, None]:
        """Perform every call, results in order."""
        count = min(self.workers, len(calls))
        if count <= 1:
            for call in calls:
                yield perform(call)
            return
        from joblib import Parallel, delayed, parallel_config

        with parallel_config(backend="loky", n_jobs=count, inner_max_num_threads=1):
            running = Parallel(return_as="generator")(delayed(perform)(call) for call in calls)
        try:
            # "yield from" would close the running tasks before, and so outside, the guard below.
            for done in running:  # noqa: UP028 (see the line above)
                yield done
        finally:
            # After a failure the other tasks are cancelled, which is meant; joblib warns about it.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                running.close()
