"""A real Dask and a real Ray cluster on this machine: same numbers, also after a worker dies."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from headway.errors import BadOption
from headway.fanout import run
from headway.fanout.cluster import ClusterFailed, ExtraMissing, cluster_backend

needs_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="extra 'cluster' is not installed"
)
needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="extra 'cluster' is not installed"
)

#: The work: slow enough to kill a worker in the middle of it.
SCRIPT = """
import os, sys, time
import numpy as np
from headway.fanout import run

LOG, NAP = sys.argv[2], float(sys.argv[3])

def work(task, rng):
    open(LOG, "a").write(f"{task} {os.getpid()}\\n")
    time.sleep(NAP)
    matrix = rng.standard_normal((40, 40))
    return float(task + np.linalg.svd(matrix)[1].sum())

address = None if sys.argv[1] == "local" else sys.argv[1]
print(run(work, range(12), seed=11, workers=2 if address is None else None, cluster=address))
"""


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, f"nothing listens on port {port}"
            time.sleep(0.1)


def _script(folder: Path) -> Path:
    file = folder / "work.py"
    file.write_text(textwrap.dedent(SCRIPT))
    return file


def _start(script: Path, address: str, log: Path, nap: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", str(script), address, str(log), str(nap)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _numbers(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=180)
    assert process.returncode == 0, err[-3000:]
    return out.strip().splitlines()[-1]


def _killed_worker(script: Path, address: str, folder: Path) -> tuple[str, list[str]]:
    """The numbers of a run whose first worker process is killed in the middle of a task."""
    log = folder / "log"
    process = _start(script, address, log, 0.5)
    deadline = time.monotonic() + 120
    while not log.exists() or len(log.read_text().splitlines()) < 3:
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail(f"the work never started: {process.communicate()[1][-3000:]}")
        time.sleep(0.05)
    os.kill(int(log.read_text().splitlines()[-1].split()[1]), signal.SIGKILL)
    return _numbers(process), [line.split()[0] for line in log.read_text().splitlines()]


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[str]:
    port = _port()
    python = [sys.executable, "-W", "ignore", "-m"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    address = f"tcp://127.0.0.1:{port}"
    started = [
        subprocess.Popen(
            [*python, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port),
             "--no-dashboard"],
            cwd=tmp_path, **quiet,
        )
    ]  # fmt: skip
    try:
        _answers(port)
        started += [
            subprocess.Popen(
                [*python, "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard",
                 "--host", "127.0.0.1", "--local-directory", str(tmp_path)],
                cwd=tmp_path, **quiet,
            )
            for _ in range(2)
        ]  # fmt: skip
        yield f"dask://127.0.0.1:{port}"
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def ray_cluster() -> Iterator[str]:
    port = _port()
    command = [sys.executable, "-W", "ignore", "-m", "ray.scripts.scripts"]
    environment = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0"}
    subprocess.run(
        [*command, "start", "--head", f"--port={port}", "--node-ip-address=127.0.0.1", "--num-cpus=2",
         "--include-dashboard=false", "--disable-usage-stats"],
        check=True, env=environment, capture_output=True, timeout=120,
    )  # fmt: skip
    try:
        yield f"ray-gcs://127.0.0.1:{port}"
    finally:
        subprocess.run(
            [*command, "stop", "--force"], check=False, env=environment, capture_output=True
        )


@needs_dask
@pytest.mark.slow
def test_dask_gives_the_same_numbers_also_when_a_worker_dies(tmp_path: Path, dask: str) -> None:
    script = _script(tmp_path)
    local = _numbers(_start(script, "local", tmp_path / "l", 0))
    assert _numbers(_start(script, dask, tmp_path / "d", 0)) == local
    numbers, tasks = _killed_worker(script, dask, tmp_path)
    assert numbers == local
    assert len(tasks) > 12, "the lost task was done again"


@needs_ray
@pytest.mark.slow
def test_ray_gives_the_same_numbers_also_when_a_worker_dies(
    tmp_path: Path, ray_cluster: str
) -> None:
    script = _script(tmp_path)
    local = _numbers(_start(script, "local", tmp_path / "l", 0))
    assert _numbers(_start(script, ray_cluster, tmp_path / "r", 0)) == local
    numbers, tasks = _killed_worker(script, ray_cluster, tmp_path)
    assert numbers == local
    assert len(tasks) > 12, "the lost task was done again"


@needs_dask
@pytest.mark.slow
def test_workers_with_other_code_are_refused(tmp_path: Path, dask: str) -> None:
    """The driver claims other code than the workers run."""
    script = tmp_path / "other.py"
    script.write_text(
        "import sys\n"
        "import headway.fanout.cluster as c\n"
        "c.code_hash = lambda: 'other'\n"
        "from headway.fanout import run\n"
        "run(lambda task, rng: task, [1], seed=0, cluster=sys.argv[1])\n"
    )
    found = subprocess.run(
        [sys.executable, "-W", "ignore", str(script), dask], capture_output=True, text=True
    )
    assert found.returncode != 0
    assert "runs other code than this machine (different: code)" in found.stderr


@pytest.mark.parametrize("address", ["127.0.0.1:8786", "spark://h:1", "dask://", ""])
def test_an_address_of_no_known_kind_is_refused(address: str) -> None:
    with pytest.raises(BadOption, match="no address of a cluster"):
        cluster_backend(address)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ExtraMissing) as e:
        cluster_backend("ray://127.0.0.1:10001")
    assert "headway[cluster]" in e.value.hint


@needs_dask
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_does_not_answer_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headway.fanout.cluster.CONNECT_SECONDS", 0.5)
    with pytest.raises(ClusterFailed, match="does not answer"):
        run(lambda task, rng: task, [1], seed=0, cluster=f"dask://127.0.0.1:{_port()}")


def test_the_environment_names_the_cluster_unless_workers_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HEADWAY_CLUSTER", "nowhere")
    assert run(lambda task, rng: task, [1], seed=0, workers=1) == [1]
    with pytest.raises(BadOption):
        run(lambda task, rng: task, [1], seed=0)
