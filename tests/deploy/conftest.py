"""The shipped catalogue, read once."""

from __future__ import annotations

import pytest

from headway.api.deploy_catalogue import Deploy, load_deploy


@pytest.fixture(scope="session")
def shipped() -> Deploy:
    return load_deploy()
