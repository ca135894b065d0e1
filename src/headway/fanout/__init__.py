"""One small interface for repeated work: re-fits, coverage worlds, bootstrap sweeps.

Work runs on local processes (joblib's loky pool) or on a running Dask or Ray cluster. Task ``i``
gets a random generator spawned from the seed by its index, and numeric libraries run on one thread
inside each task, so the numbers are the same wherever it runs. Interrupted work can be resumed.
"""

from __future__ import annotations

from headway.fanout.calls import TaskFailed, single_threaded
from headway.fanout.runner import run

__all__ = ["TaskFailed", "run", "single_threaded"]
