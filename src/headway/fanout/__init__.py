"""One small interface for repeated work: re-fits, coverage worlds, bootstrap sweeps.

Work runs on local processes (joblib's loky pool). Task ``i`` gets a random generator spawned
from the seed by its index, and numeric libraries run on one thread inside each task, so the
numbers are the same for any number of workers.
"""

from __future__ import annotations

from headway.fanout.local import TaskFailed, run, single_threaded

__all__ = ["TaskFailed", "run", "single_threaded"]
