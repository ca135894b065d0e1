"""Time what a user waits for: help, a cold report, a warm lag, each as a whole process.

Run: ``python benchmarks/commands.py [--repeats 3]``. The cold report starts from an empty cache
folder each time; the warm lag follows a run that filled one. Prints the median and the range of
wall and CPU seconds beside the time that the project promises on two cores.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def timed(arguments: list[str], cache: Path, folder: Path) -> tuple[float, float]:
    """Wall and CPU seconds (children included) of one run of the command line."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "headway", *arguments],
        env={**os.environ, "HEADWAY_CACHE_DIR": str(cache)},
        cwd=folder,
        check=True,
        capture_output=True,
    )
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runs: dict[str, tuple[float, list[tuple[float, float]]]] = {
            "headway --help": (0.3, []),
            "headway report, cold": (30.0, []),
            "headway lag --json, warm": (3.0, []),
        }
        for i in range(repeats):
            cache = folder / f"cache{i}"
            runs["headway --help"][1].append(timed(["--help"], cache, folder))
            runs["headway report, cold"][1].append(
                timed(["report", "-o", f"{i}.html"], cache, folder)
            )
            timed(["lag", "--json"], cache, folder)
            runs["headway lag --json, warm"][1].append(timed(["lag", "--json"], cache, folder))
    for what, (promise, found) in runs.items():
        walls = [wall for wall, _ in found]
        cpu = statistics.median(seconds for _, seconds in found)
        print(
            f"{what:26s} wall {statistics.median(walls):6.2f} s "
            f"({min(walls):.2f} to {max(walls):.2f}), CPU {cpu:6.2f} s, promised {promise:g} s"
        )


if __name__ == "__main__":
    main()
