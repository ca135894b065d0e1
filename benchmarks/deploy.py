"""Configurations of serving per second, input assembly counted, against what memory allows.

Run: ``python benchmarks/deploy.py [--configurations 1000000] [--chunk 8192] [--processes 2]``

A configuration is one (model, hardware, layout, batch). What is timed per chunk: drawing nothing,
but gathering the shapes and chips of every configuration, putting its arrays together, and the
whole prediction (memory, prefill, decode, communication). The floor beside it is one pass of NumPy
over as many bytes as the gathered inputs have.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402  (after the number of threads is set)

from headway.api.deploy_catalogue import load_deploy  # noqa: E402
from headway.estimate.deploy.calibrate import efficiencies  # noqa: E402
from headway.estimate.deploy.roofline import Chips, Layout, Shapes  # noqa: E402
from headway.estimate.deploy.serving import assemble, serve  # noqa: E402


def run(configurations: int, chunk: int, seed: int) -> tuple[float, float, float]:
    """Seconds for all configurations, bytes gathered, and a sum that shows they were computed."""
    deploy = load_deploy()
    models = [m for m in deploy.models.values() if m.moe_layers]
    chips = [c for c in deploy.hardware.values() if c.fp8 and c.scale_up and c.scale_out]
    shapes, hardware = Shapes.of(models), Chips.of(chips)
    memory = np.array([c.memory for c in chips])
    rng = np.random.default_rng(seed)
    n = configurations
    at_model, at_chip = rng.integers(len(models), size=n), rng.integers(len(chips), size=n)
    tensor, data = 2.0 ** rng.integers(0, 4, n), 2.0 ** rng.integers(0, 4, n)
    conc = 2.0 ** rng.integers(0, 12, n)
    total, size = 0.0, 0
    start = time.perf_counter()
    for low in range(0, n, chunk):
        part = slice(low, low + chunk)
        m = len(at_model[part])
        ones = np.ones(m)
        layout = Layout(
            tensor=tensor[part],
            data=data[part],
            expert=tensor[part] * data[part],
            dense_bytes=ones,
            expert_bytes=ones,
            kv_bytes=ones,
            dense_ops=np.ones(m, np.intp),
            expert_ops=np.ones(m, np.intp),
        )
        x = assemble(
            shapes,
            hardware,
            memory,
            at_model[part],
            at_chip[part],
            layout,
            isl=np.full(m, 1024.0),
            osl=np.full(m, 1024.0),
            conc=conc[part],
            instances=ones,
            prefill_chips=np.zeros(m),
            prefill_tensor=np.zeros(m),
        )
        e = efficiencies(deploy.calibration.values, np.full(m, -1, np.intp), np.zeros(m))
        with np.errstate(all="ignore"):
            found = serve(x, e)
        total += float(np.nansum(found.per_chip))
        size += 8 * m * (len(vars(x.shapes)) + len(vars(x.chips)) + 14)
    return time.perf_counter() - start, size, total


def floor(size: float) -> float:
    """Seconds in which NumPy passes once over ``size`` bytes that do not fit into a cache."""
    block = np.ones(16 * 2**20 // 8)
    start = time.perf_counter()
    for _ in range(max(int(size / block.nbytes), 1)):
        block.sum()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--configurations", type=int, default=1_000_000)
    parser.add_argument("--chunk", type=int, default=8192)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    share = options.configurations // options.processes

    run(10_000, options.chunk, 0)
    alone, size, _ = run(share, options.chunk, 1)
    print(f"one process: {share / alone:,.0f} configurations/s")
    print(f"one pass over the same inputs: {share / floor(size):,.0f} configurations/s")
    with ProcessPoolExecutor(options.processes, get_context("fork")) as pool:
        list(
            pool.map(
                run,
                [10_000] * options.processes,
                [options.chunk] * options.processes,
                range(options.processes),
            )
        )
        start = time.perf_counter()
        jobs = pool.map(
            run,
            [share] * options.processes,
            [options.chunk] * options.processes,
            range(options.processes),
        )
        slowest = max(seconds for seconds, _, _ in jobs)
        wall = time.perf_counter() - start
    print(
        f"{options.processes} processes: {options.processes * share / wall:,.0f} configurations/s (wall clock), {options.processes * share / slowest:,.0f} without start-up"
    )


if __name__ == "__main__":
    main()
