"""What every backend of the fan-out does with one task, and how backends look."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from headway.errors import HeadwayError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Backend", "Call", "Done", "TaskFailed", "perform", "single_threaded"]

#: Index of the task, its result, its error (one of the two is ``None``).
Done = tuple[int, Any, Exception | None]


class TaskFailed(HeadwayError):
    """One task of a fan-out raised; the message names the task, ``__cause__`` is its error."""

    code, exit_status = "task_failed", 1


@dataclass(frozen=True, slots=True)
class Call:
    """One task with everything that it needs to run anywhere."""

    function: Callable[[Any, np.random.Generator], Any]
    task: Any
    index: int
    seed: np.random.SeedSequence


class Backend(Protocol):
    """Somewhere to run calls; results come in any order."""

    def results(self, calls: Sequence[Call]) -> Generator[Done, None, None]:
        """Perform every call; closing the generator cancels what has not run."""
        ...


@contextmanager
def single_threaded() -> Iterator[None]:
    """Numeric libraries use one thread inside: sums are then always taken in the same order."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield


def perform(call: Call) -> Done:
    """Run one task; its error comes back as a value, so that the caller can name the task."""
    import numpy as np

    with single_threaded():
        try:
            return call.index, call.function(call.task, np.random.default_rng(call.seed)), None
        except Exception as e:
            return call.index, None, e
