"""The Arena's ratings, dated (Parquet of a public dataset)."""

from __future__ import annotations

from headway.sources.declare import ModelClaim, Parsed, Resource, ScoreClaim, Source
from headway.sources.reading import (
    Reading,
    day,
    label,
    maybe,
    name,
    number,
    parquet_columns,
    whole,
)

__all__ = ["SOURCE", "parse"]

_BASE = "https://huggingface.co/datasets/lmarena-ai/leaderboard-dataset/resolve/main"
_MEDIA = ("application/octet-stream", "application/vnd.apache.parquet", "binary/octet-stream")

SOURCE = Source(
    key="lmarena",
    title="LMArena history",
    publisher="LMArena",
    licence="MIT (file), CC-BY-4.0 (arena data)",
    cite="Chiang et al., Chatbot Arena, arXiv:2403.04132. CC BY 4.0.",
    redistributable=True,
    cadence="weekly",
    resources=tuple(
        Resource(board, f"{_BASE}/{board}/latest-00000-of-00001.parquet", _MEDIA)
        for board in ("text", "text_style_control", "webdev")
    ),
    # no body was at hand: columns as users of the dataset describe them
    shape_seen=None,
    quirks=("quirk-lmarena-elo", "quirk-lmarena-boards"),
)

_NEEDED = ("model_name", "rating", "category", "leaderboard_publish_date")
_KNOWN = (
    *("organization", "license", "rating_lower", "rating_upper", "variance", "vote_count"),
    "rank",
)


def _rating(raw: str, board: str, row: dict[str, object]) -> ScoreClaim:
    return ScoreClaim(
        model=name(row["model_name"]),
        benchmark="Arena",
        score=number(row["rating"], "elo"),
        unit="elo",
        raw=raw,
        n=whole(row.get("vote_count")),
        published_at=day(row["leaderboard_publish_date"]),
        evaluator="LMArena",
        metric="rating",
        variant=f"{board}/{name(row['category'])}",
        low=maybe(row.get("rating_lower"), "elo"),
        high=maybe(row.get("rating_upper"), "elo"),
    )


def _model(raw: str, row: dict[str, object]) -> ModelClaim:
    return ModelClaim(
        model=name(row["model_name"]),
        raw=raw,
        developer=label(row.get("organization")),
        licence=label(row.get("license")),
    )


def parse(body: bytes, resource: str) -> Parsed:
    """A rating per model, category and day, and each model once per maker and licence."""
    reading = Reading(SOURCE.key, resource)
    found = parquet_columns(body, reading, _NEEDED, _KNOWN)
    reading.dates(f"{resource}: leaderboard_publish_date", found["leaderboard_publish_date"])
    size = len(found["model_name"])
    nothing = [None] * size
    seen: set[tuple[str, ...]] = set()
    columns = list(found)
    for i, cells in enumerate(zip(*found.values(), strict=True)):
        row: dict[str, object] = dict(zip(columns, cells, strict=True))
        raw = f"{resource}[{i}]"
        reading.take(raw, _rating, raw, resource, row)
        model = (repr(row["model_name"]), repr(row.get("organization")), repr(row.get("license")))
        if model not in seen:
            seen.add(model)
            reading.take(raw, _model, raw, row)
    stated = zip(
        found["model_name"],
        found.get("organization", nothing),
        found.get("license", nothing),
        strict=True,
    )
    return reading.finish(size + len({tuple(map(repr, one)) for one in stated}))
