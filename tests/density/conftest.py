"""A small release whose open models have sizes."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from headway.tables.store import Release, load_release
from tests.small_release import small_tables, write_tables


def sized_tables() -> dict[str, pl.DataFrame]:
    """The small tables; open models of six laboratories with invented sizes of 2 to 512 billion."""
    tables = small_tables()
    frame = tables["model_versions"].sort("model_version")
    is_open = frame["open_weight"].to_list()
    size, active, lab, rank = [], [], [], 0
    for row, here in zip(frame.iter_rows(named=True), is_open, strict=True):
        size.append(float(2 ** (1 + (rank * 5) % 9)) if here else None)
        active.append(size[-1] / 2 if here and rank % 2 else None)
        lab.append(f"open-lab-{rank % 6}" if here else row["lab"])
        rank += here
    tables["model_versions"] = frame.with_columns(
        pl.Series("total_params_b", size, dtype=pl.Float64),
        pl.Series("active_params_b", active, dtype=pl.Float64),
        pl.Series("lab", lab),
        pl.when(pl.col("open_weight")).then(pl.lit("invented")).alias("params_source"),
    )
    return tables


@pytest.fixture(scope="session")
def sized_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sized")
    write_tables(folder / "releases" / "small", sized_tables())
    return folder


@pytest.fixture
def sized_release(
    sized_folder: Path, shared_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> Release:
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(sized_folder))
    monkeypatch.setenv("HEADWAY_CACHE_DIR", str(shared_cache))
    return load_release(sized_folder / "releases" / "small")
