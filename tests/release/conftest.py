"""Puts the builder on the path and loads the shipped release once."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT / "tools") not in sys.path:
    sys.path.insert(0, str(ROOT / "tools"))

RELEASE = ROOT / "src" / "headway" / "tables" / "release"


@pytest.fixture(scope="session")
def shipped() -> dict[str, pl.DataFrame]:
    """The tables of the shipped release."""
    return {path.stem: pl.read_parquet(path) for path in sorted(RELEASE.glob("*.parquet"))}
