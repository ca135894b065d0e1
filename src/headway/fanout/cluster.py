"""The backends on an existing Dask or Ray cluster (extra ``cluster``), given by address.

Tasks, seeds and threads are those of the local backend, so the numbers are the same. Every worker
must run the same code and numeric libraries: each call checks that, since another version could
give other numbers without a sign. Both engines run a task again elsewhere when its worker dies.
"""

from __future__ import annotations

import importlib.util
import logging
import warnings
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from headway.errors import BadOption, HeadwayError
from headway.fanout.calls import Call, Done, perform
from headway.problems import problem
from headway.provenance import code_hash, library_versions

__all__ = ["ClusterFailed", "DaskBackend", "ExtraMissing", "RayBackend", "cluster_backend"]

#: How often a task may lose its worker before the run gives up (Dask's own default is 3).
LOST_WORKERS = 3
#: Seconds to wait for the cluster to answer.
CONNECT_SECONDS = 20


class ExtraMissing(HeadwayError):
    """An optional dependency is not installed; the hint names the extra."""

    code, exit_status = "extra_missing", 1


class ClusterFailed(HeadwayError):
    """The cluster cannot be reached, or its workers run other code."""

    code, exit_status = "cluster_failed", 75


def cluster_backend(address: str) -> DaskBackend | RayBackend:
    """The backend for an address.

    Parameters
    ----------
    address : str
        ``dask://host:port`` (or Dask's own ``tcp://`` and ``tls://``), ``ray://host:port`` (Ray
        Client), or ``ray-gcs://host:port`` (this machine is a node of the cluster).

    Raises
    ------
    BadOption
        An address of no known kind.
    ExtraMissing
        The engine's library is not installed.
    """
    scheme, mark, rest = address.partition("://")
    if mark and rest:
        if scheme in {"dask", "tcp", "tls"}:
            _need("distributed")
            return DaskBackend(f"tcp://{rest}" if scheme == "dask" else address)
        if scheme in {"ray", "ray-gcs"}:
            _need("ray")
            return RayBackend(address if scheme == "ray" else rest)
    raise problem(BadOption, "cluster-address", address=address)


def _need(module: str) -> None:
    if importlib.util.find_spec(module) is None:
        raise problem(ExtraMissing, "extra-missing", module=module, extra="cluster")


def _versions() -> dict[str, str]:
    return {"code": code_hash(), **library_versions()}


def _checked(call: Call, wanted: dict[str, str]) -> Done:
    """:func:`perform` on a worker, if it runs the same code."""
    here = _versions()
    if here != wanted:
        other = ", ".join(sorted(k for k in wanted if here.get(k) != wanted[k]))
        return call.index, None, problem(ClusterFailed, "cluster-code", other=other)
    return perform(call)


@dataclass(frozen=True, slots=True)
class DaskBackend:
    """A Dask scheduler's address."""

    address: str

    def results(self, calls: Sequence[Call]) -> Generator[Done, None, None]:
        """Perform every call, results as they are ready."""
        from distributed import Client, as_completed

        try:
            client = Client(self.address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, TimeoutError) as e:
            raise problem(
                ClusterFailed, "cluster-unreachable", address=self.address, why=type(e).__name__
            ) from e
        wanted = _versions()
        futures: list[Any] = []
        try:
            futures = [
                # pure=False: equal tasks with other seeds are other tasks
                client.submit(_checked, call, wanted, pure=False, retries=LOST_WORKERS)
                for call in calls
            ]
            place = {future.key: call.index for future, call in zip(futures, calls, strict=True)}
            done = as_completed(futures, loop=client.loop)
            for future in done:
                error = future.exception()
                if error is None:
                    yield future.result()
                else:  # the engine's own: its worker was lost too often
                    yield place[future.key], None, error
                future.release()
        finally:
            client.cancel(futures)
            client.close()


@dataclass(frozen=True, slots=True)
class RayBackend:
    """A Ray cluster's address."""

    address: str

    def results(self, calls: Sequence[Call]) -> Generator[Done, None, None]:
        """Perform every call, results as they are ready."""
        with warnings.catch_warnings():  # Ray warns about its own future defaults
            warnings.simplefilter("ignore")
            import ray

            started = not ray.is_initialized()
            if started:
                try:
                    ray.init(address=self.address, log_to_driver=False, logging_level=logging.ERROR)
                except (ConnectionError, TimeoutError, RuntimeError, ValueError) as e:
                    raise problem(
                        ClusterFailed,
                        "cluster-unreachable",
                        address=self.address,
                        why=type(e).__name__,
                    ) from e
        wanted = _versions()
        remote = ray.remote(num_cpus=1, max_retries=LOST_WORKERS)(_checked)
        waiting = {remote.remote(call, wanted): call.index for call in calls}
        try:
            while waiting:
                (ready, *_), _ = ray.wait(list(waiting), num_returns=1)
                index = waiting.pop(ready)
                try:
                    yield ray.get(ready)
                except ray.exceptions.RayError as e:  # its worker was lost too often
                    yield index, None, e
        finally:
            for reference in waiting:
                ray.cancel(reference, force=False)
            if started:
                ray.shutdown()
