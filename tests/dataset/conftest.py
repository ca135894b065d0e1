"""A data folder of each test's own with the small release in it, and ways to make other releases."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import headway
from headway.api.data_release import CutRelease
from headway.paths import releases_dir
from headway.tables.write import sha256
from tests.small_release import small_tables, write_tables

DAY = date(2026, 8, 3)


@pytest.fixture(autouse=True)
def home(small_release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The test's own data folder."""
    shutil.copytree(small_release.parent, tmp_path / "data" / "releases")
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def cut_from(release: Path | None = None, *, own: str = "exclude", **options: Any) -> CutRelease:
    """Cut another release than the one in use, or own rows with it."""
    with headway.data_choice(release, own=own):
        return headway.data_release(**options)


def made_here() -> set[str]:
    """What cutting has left in the folder of releases, hidden folders too."""
    folder = releases_dir()
    found = {p.name for p in folder.iterdir()} if folder.is_dir() else set()
    return found - {"small", "current", "writing.lock"}


@pytest.fixture
def cut() -> CutRelease:
    """The small release, cut on a fixed day."""
    return headway.data_release(today=DAY)


@pytest.fixture
def made(home: Path) -> Callable[[str, Mapping[str, pl.DataFrame]], Path]:
    """Writes a release with other rows in some tables; its folder."""

    def make(name: str, changed: Mapping[str, pl.DataFrame]) -> Path:
        folder = home / name
        write_tables(folder, {**small_tables(), **changed})
        return folder

    return make


def rewritten(folder: Path, table: str, frame: pl.DataFrame, *, hide: bool = False) -> None:
    """Put other rows into a cut release; with ``hide``, so that ``release.json`` agrees with them."""
    file = folder / f"{table}.parquet"
    frame.write_parquet(file)
    if hide:
        told = json.loads((folder / "release.json").read_text(encoding="utf-8"))
        told["tables"][table] = {"rows": len(frame), "sha256": sha256(file.read_bytes())}
        (folder / "release.json").write_text(json.dumps(told), encoding="utf-8")
