"""Reads the committed side tables: our own judgements, each with a reason or evidence."""

from __future__ import annotations

import csv
from pathlib import Path

__all__ = ["CURATED", "read"]

CURATED = Path(__file__).resolve().parents[2] / "src" / "headway" / "tables" / "curated"


def read(name: str) -> list[dict[str, str]]:
    """Rows of one side table; every cell is text, empty for unknown."""
    with (CURATED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
