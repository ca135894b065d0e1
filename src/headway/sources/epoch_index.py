"""Epoch Capabilities Index: one row per model with the published interval (CSV)."""

from __future__ import annotations

from collections.abc import Mapping

from headway.sources.declare import ModelClaim, Parsed, Resource, ScoreClaim, Source
from headway.sources.reading import (
    Reading,
    count_cells,
    csv_table,
    day,
    decode,
    label,
    maybe,
    name,
    number,
)

__all__ = ["INDEX", "SOURCE", "index_rows", "parse"]

INDEX = "Epoch Capabilities Index"

SOURCE = Source(
    key="epoch-eci",
    title="Epoch Capabilities Index",
    publisher="Epoch AI",
    licence="CC-BY-4.0",
    cite="Epoch AI, Epoch Capabilities Index, 2026-09. CC BY 4.0.",
    redistributable=True,
    cadence="daily",
    resources=(
        Resource(
            "eci_scores",
            "https://epoch.ai/data/eci_scores.csv",
            ("text/csv", "text/plain", "application/octet-stream"),
            8 * 1024 * 1024,
        ),
    ),
    # the older header was in that copy; today's is known from descriptions only
    shape_seen="copy of 2026-03-09 (older header)",
    quirks=("quirk-epoch-eci-scale", "quirk-epoch-eci-anchors"),
)

#: Today's word for a column, then the words of older copies.
_WORDS: dict[str, tuple[str, ...]] = {
    "model": ("Model", "Model version"),
    "score": ("eci", "ECI Score"),
    "low": ("eci_ci_low",),
    "high": ("eci_ci_high",),
    "date": ("date", "Release date"),
    "name": ("Display name", "Model name"),
    "developer": ("Organization",),
    "country": ("Country (of organization)", "Country"),
    "access": ("Model accessibility",),
    "compute": ("Training compute (FLOP)",),
}
_NEEDED = ("model", "score", "date", "developer", "access")
_UNREAD = (
    *("Accessibility group", "model_versions", "Confidence", "Description"),
    *("Display name", "Model name"),
)


def index_rows(reading: Reading, where: str, text: str) -> int:
    """Read the scores and models of one index file; how many claims and failures it has to give."""
    table = csv_table(text, reading.source, where)
    chosen = {
        key: next((word for word in words if word in table.header), words[0])
        for key, words in _WORDS.items()
    }
    known = [chosen[key] for key in chosen if key not in _NEEDED] + list(_UNREAD)
    reading.columns(where, table.header, [chosen[key] for key in _NEEDED], known)
    reading.dates(where, table.column(chosen["date"]))
    for raw, row in table.records(reading):
        found = {key: row.get(word) for key, word in chosen.items()}
        if (found["score"] or "").strip():
            reading.take(raw, _score, raw, found)
        if (found["model"] or "").strip():
            reading.take(raw, _model, raw, found)
    return count_cells(text, chosen["score"], chosen["model"])


def _score(raw: str, row: Mapping[str, str | None]) -> ScoreClaim:
    return ScoreClaim(
        model=name(row["model"]),
        benchmark=INDEX,
        score=number(row["score"], "points"),
        unit="points",
        raw=raw,
        low=maybe(row["low"], "points"),
        high=maybe(row["high"], "points"),
        evaluator="Epoch AI",
        metric="eci",
    )


def _model(raw: str, row: Mapping[str, str | None]) -> ModelClaim:
    return ModelClaim(
        model=name(row["model"]),
        raw=raw,
        developer=label(row["developer"]),
        country=label(row["country"]),
        released=day(row["date"]),
        access=label(row["access"]),
        training_flop=maybe(row["compute"], "flop"),
        name=label(row["name"]),
    )


def parse(body: bytes, resource: str) -> Parsed:
    """Rows of ``eci_scores.csv``: a score where there is one, and the model."""
    reading = Reading(SOURCE.key, resource)
    text = decode(body, SOURCE.key, resource)
    return reading.finish(index_rows(reading, f"{resource}.csv", text))
