"""models.dev: a community's catalogue of models with dates, weights and quoted results (JSON)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headway.sources.declare import ModelClaim, Parsed, Resource, ScoreClaim, Source
from headway.sources.reading import (
    Reading,
    Refused,
    day,
    json_body,
    label,
    link,
    listed,
    name,
    number,
)

__all__ = ["SOURCE", "parse"]

SOURCE = Source(
    key="models-dev",
    title="models.dev",
    publisher="models.dev contributors, quoting developers",
    licence="MIT",
    cite="models.dev, MIT; quoted pages by row.",
    redistributable=True,
    cadence="daily",
    resources=(
        Resource("models", "https://models.dev/models.json", ("application/json", "text/plain")),
    ),
    shape_seen="dump of the repository of 2026-07-02, keyed as the live file",
    quirks=("quirk-models-dev-dates", "quirk-models-dev-quotes"),
)

_NEEDED = ("name", "release_date", "open_weights")
_KNOWN = (
    *("id", "family", "last_updated", "attachment", "reasoning", "tool_call", "limit", "weights"),
    *("modalities", "temperature", "knowledge", "benchmarks", "structured_output", "links"),
    *("license", "description"),
)
_SCORE_NEEDED = ("name", "score")
_SCORE_KNOWN = ("source", "metric", "date", "harness", "variant", "dataset", "version")
#: The metrics that name a share; their values are percentages. Others have no stated scale.
_PERCENT = frozenset(
    {
        *("average pass@1", "pass@1", "percent", "percent correct", "percent resolved"),
        *("resolve rate", "resolved", "success rate"),
    }
)
_OTHER = frozenset({None, "index", "score"})


def _unit(row: Mapping[str, Any]) -> str:
    return "percent" if label(row.get("metric")) in _PERCENT else "points"


def _model(raw: str, key: object, row: Mapping[str, Any]) -> ModelClaim:
    weights = row.get("open_weights")
    if weights is not None and not isinstance(weights, bool):
        raise Refused("not_a_boolean", weights)
    pages = (link(one.get("url")) for one in listed(row.get("weights")) if isinstance(one, dict))
    return ModelClaim(
        model=name(key),
        raw=raw,
        # the folder of a model is the maker's
        developer=label(str(key).partition("/")[0]) if "/" in str(key) else None,
        released=day(row.get("release_date")),
        access={True: "open weights", False: "no open weights", None: None}[weights],
        licence=label(row.get("license")),
        source_url=next(filter(None, pages), None),
        name=name(row.get("name")),
        family=label(row.get("family")),
    )


def _score(raw: str, key: object, row: Mapping[str, Any]) -> ScoreClaim:
    unit = _unit(row)
    parts = (label(row.get(field)) for field in ("dataset", "variant"))
    return ScoreClaim(
        model=name(key),
        benchmark=name(row.get("name")),
        score=number(row.get("score"), unit),
        unit=unit,
        raw=raw,
        scaffold=label(row.get("harness")),
        published_at=day(row.get("date")),
        source_url=link(row.get("source")),
        metric=label(row.get("metric")),
        variant="; ".join(filter(None, parts)) or None,
        benchmark_version=label(row.get("version")),
    )


def parse(body: bytes, resource: str) -> Parsed:
    """Every model, and every result that it quotes."""
    reading = Reading(SOURCE.key, resource)
    catalogue = reading.expect(resource, json_body(body, SOURCE.key, resource), dict)
    models = [row for row in catalogue.values() if isinstance(row, dict)]
    quoted = [one for row in models for one in listed(row.get("benchmarks"))]
    results = [one for one in quoted if isinstance(one, dict)]
    for unit in ("percent", "points"):
        values = [one.get("score") for one in results if _unit(one) == unit]
        reading.unit(f"{resource}: score", values, unit)
    reading.dates(f"{resource}: release_date", [row.get("release_date") for row in models])
    reading.dates(f"{resource}: date", [one.get("date") for one in results])
    metrics = {label(one.get("metric")) for one in results} - _PERCENT - _OTHER
    reading.unknown(f"{resource}: metric", metrics)
    reading.fields(resource, models, _NEEDED, _KNOWN)
    reading.fields(f"{resource}: benchmarks", results, _SCORE_NEEDED, _SCORE_KNOWN)
    for raw, key, row in reading.entries(resource, catalogue):
        reading.take(raw, _model, raw, key, row)
        for i, one in enumerate(listed(row.get("benchmarks"))):
            place = f"{raw}.benchmarks[{i}]"
            if isinstance(one, dict):
                reading.take(place, _score, place, key, one)
            else:
                reading.fail(place, "row_shape", one)
    return reading.finish(len(catalogue) + len(quoted))
