"""Committed side tables: judgements, each with its reason."""

from __future__ import annotations

import csv
import io
from functools import cache
from importlib import resources

__all__ = ["curated"]


@cache
def curated(name: str) -> tuple[dict[str, str], ...]:
    """Rows of one committed side table."""
    file = resources.files("headway.tables") / "curated" / name
    return tuple(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
