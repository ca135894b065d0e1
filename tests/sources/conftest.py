"""A server per test, limits that are quick, and no proxy of the person who runs the tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from headway.sources.fetch import Limits
from tests.sources.server import Server, serving

#: Like the real ones, only shorter; long enough for a machine that is busy with other work.
QUICK = Limits(
    connect_s=5.0,
    read_s=5.0,
    total_s=30.0,
    attempts=3,
    wait_first_s=0.01,
    wait_max_s=0.02,
    retry_after_max_s=2.0,
)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as made:
        yield made


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
