"""Progress on stderr that appears once the work has taken two seconds."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

__all__ = ["progress_bar"]

#: Nothing is said about work that is done sooner than this.
QUIET_SECONDS = 2.0


@contextmanager
def progress_bar(label: str | None, total: int, *, done: int = 0) -> Iterator[Callable[[], None]]:
    """A bar in a terminal; elsewhere (logs) one line at the start and one per tenth done.

    Gives the function that counts one more; ``done`` of ``total`` were done before.
    """
    if label is None:
        yield lambda: None
        return
    shown: Shown = _Bar(label, total) if sys.stderr.isatty() else _Lines(label, total)
    for _ in range(done):
        shown.advance()
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
