"""How the fan-out scales over the workers of a real local Dask or Ray cluster.

Usage: ``python benchmarks/cluster.py [--engine dask|ray|local] [--workers 1 2] [--tasks 8]``

Work: re-fits of the shipped release with one lab left out each, the unit of the leave-one-out
suite. For every number of workers a cluster is started, the same tasks run on it, and the results
must be equal. Wall times include serialisation and the transfer of results, not the cluster's own
start. Ratios are what to read: processors of a shared machine vary.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import numpy as np


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def dask(workers: int) -> Iterator[str]:
    """A Dask scheduler with single-threaded worker processes."""
    from distributed import Client

    port, quiet = _port(), {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    python = [sys.executable, "-W", "ignore", "-m"]
    address = f"tcp://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        started = [
            subprocess.Popen(
                [*python, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port",
                 str(port), "--no-dashboard"], cwd=folder, **quiet,
            )
        ]  # fmt: skip
        started += [
            subprocess.Popen(
                [*python, "distributed.cli.dask_worker", address, "--nthreads", "1",
                 "--no-dashboard", "--host", "127.0.0.1"], cwd=folder, **quiet,
            )
            for _ in range(workers)
        ]  # fmt: skip
        try:
            with Client(address, timeout=60, set_as_default=False) as client:
                client.wait_for_workers(workers, timeout=60)
            yield f"dask://127.0.0.1:{port}"
        finally:
            for process in reversed(started):
                process.kill()
                process.wait()


@contextlib.contextmanager
def ray(workers: int) -> Iterator[str]:
    """A Ray head with as many processor slots as workers."""
    port, command = _port(), [sys.executable, "-W", "ignore", "-m", "ray.scripts.scripts"]
    subprocess.run(
        [*command, "start", "--head", f"--port={port}", "--node-ip-address=127.0.0.1",
         f"--num-cpus={workers}", "--include-dashboard=false", "--disable-usage-stats"],
        check=True, capture_output=True,
    )  # fmt: skip
    try:
        yield f"ray-gcs://127.0.0.1:{port}"
    finally:
        subprocess.run([*command, "stop", "--force"], check=False, capture_output=True)


@contextlib.contextmanager
def local(workers: int) -> Iterator[None]:
    """This machine's own processes, for comparison."""
    yield None


def work(lab: str, rng: np.random.Generator) -> list[float]:
    """Abilities of the release without one lab."""
    from headway.estimate.capability import fit_capability, select_evidence
    from headway.tables.store import load_release

    release = load_release()
    kept = release.model_versions.filter(release.model_versions["lab"].ne_missing(lab))
    scores = release.scores.join(kept.select("model_version"), on="model_version", how="semi")
    fit = fit_capability(select_evidence(scores, release.benchmarks, kept))
    return [float(x) for x in fit.laplace.mean(("cyber", None))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=["dask", "ray", "local"], default="dask")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--tasks", type=int, default=8)
    options = parser.parse_args()
    from headway.fanout import run
    from headway.tables.store import load_release

    labs = load_release().model_versions["lab"].drop_nulls().value_counts(sort=True)["lab"]
    tasks = labs.head(options.tasks).to_list()
    start = {"dask": dask, "ray": ray, "local": local}[options.engine]
    first: tuple[float, list[list[float]]] | None = None
    print(f"{options.engine}: {len(tasks)} re-fits, {len(os.sched_getaffinity(0))} processors")
    for workers in options.workers:
        with start(workers) as address:
            here = workers if address is None else None
            # every worker has imported what it needs before the clock starts
            run(work, tasks[:workers], seed=0, cluster=address, workers=here)
            begun = time.perf_counter()
            found = run(work, tasks, seed=0, cluster=address, workers=here)
            wall = time.perf_counter() - begun
        if first is None:
            first = wall, found
        assert found == first[1], "the numbers depend on the number of workers"
        ratio = first[0] / wall
        print(f"  workers {workers}: {wall:.1f} s, {ratio:.2f} times the first, same numbers")


if __name__ == "__main__":
    main()
