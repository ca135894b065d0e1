"""What all tests share: options, a small synthetic release, folders of their own.

Network is blocked but for loopback (pytest-socket, see ``addopts``).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.small_release import write_small_release

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--raw-data",
        default=os.environ.get("HEADWAY_RAW_DATA"),
        help="folder of the raw public data (default: ../shared/data/evals where present)",
    )


def browser_path() -> str | None:
    """Chromium on this machine, or ``None``."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave browser tests out visibly without Chromium, or fail them where it is required."""
    if browser_path() is not None:
        return
    required = os.environ.get("HEADWAY_REQUIRE_BROWSER") == "1"
    for item in items:
        if item.get_closest_marker("browser") is None:
            continue
        if required:
            item.fixturenames.insert(0, "_browser_required")  # type: ignore[attr-defined]
        else:
            item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))


@pytest.fixture
def _browser_required() -> None:
    pytest.fail("HEADWAY_REQUIRE_BROWSER=1, but Chromium is not installed")


@pytest.fixture(scope="session")
def raw_data(pytestconfig: pytest.Config) -> Path:
    """The folder of raw public data; tests that need it are left out visibly without it."""
    given = pytestconfig.getoption("--raw-data")
    folder = Path(given) if given else ROOT.parent / "shared" / "data" / "evals"
    if not folder.is_dir():
        pytest.skip("the raw data folder is not there (--raw-data PATH)")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of Chromium, for tests marked ``browser``."""
    found = browser_path()
    assert found is not None, "tests that use Chromium carry the marker 'browser'"
    return found


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the folders of the person who runs it."""
    base = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(base / "data"))
    monkeypatch.setenv("HEADWAY_CACHE_DIR", str(base / "cache"))


@pytest.fixture(scope="session")
def small_release_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder (for ``HEADWAY_DATA_DIR``) that holds a small synthetic release."""
    folder = tmp_path_factory.mktemp("small")
    write_small_release(folder / "releases" / "small")
    return folder


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder that outlives one test: equal questions are answered once per test run."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def small_release(
    small_release_folder: Path, shared_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Use the small synthetic release; its folder."""
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(small_release_folder))
    monkeypatch.setenv("HEADWAY_CACHE_DIR", str(shared_cache))
    return small_release_folder / "releases" / "small"
