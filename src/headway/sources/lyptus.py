"""Lyptus Research's cyber suite: one outcome per model and task (Parquet)."""

from __future__ import annotations

from headway.sources.declare import Parsed, Resource, ScoreClaim, Source
from headway.sources.reading import Reading, Refused, label, maybe, name, number, parquet_columns

__all__ = ["SOURCE", "parse"]

SOURCE = Source(
    key="lyptus",
    title="Cyber task horizons data",
    publisher="Lyptus Research",
    licence="CC-BY-4.0 (data), MIT (analysis)",
    cite="Lyptus Research, Cyber task horizons data, 2026. CC BY 4.0.",
    redistributable=True,
    cadence="irregular",
    resources=(
        Resource(
            "model_runs",
            "https://raw.githubusercontent.com/lyptus-research/cyber-task-horizons-data/main/"
            "analysis/figures/data/model_runs.parquet",
            ("application/octet-stream", "application/vnd.apache.parquet"),
        ),
    ),
    shape_seen="copy of 2026-05-27",
    quirks=("quirk-lyptus-subset",),
)

_NEEDED = ("task_id", "task_family", "alias", "score_binarized")


def _outcome(
    raw: str, task: object, family: object, alias: object, score: object, tokens: object
) -> ScoreClaim:
    outcome = number(score, "proportion")
    if outcome not in (0, 1):
        raise Refused("not_binary", score)
    return ScoreClaim(
        model=name(alias),
        benchmark=name(family),
        score=outcome,
        unit="proportion",
        raw=raw,
        n=1,
        evaluator="Lyptus Research",
        metric="score_binarized",
        task=name(task),
        task_family=label(family),
        tokens=maybe(tokens, "count"),
    )


def parse(body: bytes, resource: str) -> Parsed:
    """One score per row: the outcome of a model on a task, 0 or 1."""
    reading = Reading(SOURCE.key, resource)
    found = parquet_columns(body, reading, _NEEDED, ("agent", "total_tokens"))
    tokens = found.get("total_tokens") or [None] * len(found["alias"])
    reading.unit(f"{resource}: score_binarized", found["score_binarized"], "proportion")
    rows = zip(*(found[key] for key in _NEEDED), tokens, strict=True)
    for i, (task, family, alias, score, used) in enumerate(rows):
        raw = f"{resource}[{i}]"
        reading.take(raw, _outcome, raw, task, family, alias, score, used)
    return reading.finish(len(found["task_id"]))
