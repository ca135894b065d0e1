"""Published lags, gaps, costs and counts of others: numbers and addresses, no prose."""

from __future__ import annotations

from pathlib import Path

from . import curated
from .raw import read_csv

__all__ = ["published_rows"]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def published_rows(raw: Path) -> list[dict[str, object]]:
    """One row per estimate; the quantity is our own short key from a committed table."""
    quantities = {r["estimate_id"]: r["quantity"] for r in curated.read("published_quantities.csv")}
    rows: list[dict[str, object]] = []
    for row in read_csv(raw / "published" / "published_estimates.csv"):
        url = row["source_url"]
        rows.append(
            {
                "estimate_id": row["id"],
                "publisher": row["publisher"].split(" (")[0],
                "quantity": quantities[row["id"]],
                "value": _number(row["value"]),
                "low": _number(row["low"]),
                "high": _number(row["high"]),
                "unit": row["unit"],
                "domain": row["domain"] or None,
                "as_of": row["as_of"] or None,
                "published_at": row["published_at"] or None,
                "confidence": row["confidence"] or None,
                "source": "published",
                "source_url": url or "not recovered",
            }
        )
    return rows
