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
    """One row per estimate; quantity, definition and summary are our own words and keys from a
    committed table."""
    ours = {r["estimate_id"]: r for r in curated.read("published_quantities.csv")}
    rows: list[dict[str, object]] = []
    for row in read_csv(raw / "published" / "published_estimates.csv"):
        url = row["source_url"]
        own = ours[row["id"]]
        rows.append(
            {
                "estimate_id": row["id"],
                "publisher": row["publisher"].split(" (")[0],
                "quantity": own["quantity"],
                "value": _number(row["value"]),
                "low": _number(row["low"]),
                "high": _number(row["high"]),
                "unit": row["unit"],
                "domain": row["domain"] or None,
                "as_of": row["as_of"] or None,
                "published_at": row["published_at"] or None,
                "confidence": row["confidence"] or None,
                "definition": own["definition"],
                "models": own["models"] or None,
                "summary": own["summary"],
                "preset": own["preset"] or None,
                "source": "published",
                "source_url": url or "not recovered",
            }
        )
    for row in curated.read("published_extra.csv"):
        numbers = {name: _number(row[name]) for name in ("value", "low", "high")}
        rows.append({**{name: text or None for name, text in row.items()}, **numbers})
    return rows
