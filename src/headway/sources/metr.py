"""METR's time horizons (YAML) and the runs behind them (JSON lines)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from headway.errors import Unreadable
from headway.problems import problem
from headway.sources.declare import ModelClaim, Parsed, Resource, ScoreClaim, Source
from headway.sources.reading import (
    Reading,
    Refused,
    day,
    decode,
    label,
    listed,
    mapped,
    maybe,
    name,
    number,
    yaml_body,
)

__all__ = ["SOURCE", "parse"]

SOURCE = Source(
    key="metr",
    title="Time horizon results",
    publisher="METR",
    licence="none stated",
    cite="METR, Measuring AI ability to complete long tasks, arXiv:2503.14499.",
    redistributable=False,
    cadence="irregular",
    resources=(
        Resource(
            "horizons",
            "https://metr.org/assets/benchmark_results_1_1.yaml",
            (
                *("application/yaml", "application/x-yaml", "text/yaml", "text/plain"),
                "application/octet-stream",
            ),
            8 * 1024 * 1024,
        ),
        Resource(
            "runs",
            "https://raw.githubusercontent.com/METR/eval-analysis-public/main/"
            "reports/time-horizon-1-1/data/raw/runs.jsonl",
            ("application/jsonl", "application/x-ndjson", "application/json", "text/plain"),
            256 * 1024 * 1024,
        ),
    ),
    shape_seen="horizons: copy of 2026-04; runs: the file of 2025-01-28, an earlier suite",
    quirks=("quirk-metr-versions", "quirk-metr-runs"),
)

#: What is measured, and its unit; the horizons carry their interval.
_METRICS = {
    "p50_horizon_length": "minutes",
    "p80_horizon_length": "minutes",
    "average_score": "proportion",
}
_MODEL_NEEDED = ("metrics", "release_date")
_MODEL_KNOWN = ("benchmark_name", "scaffolds")
_RUN_NEEDED = ("task_id", "alias", "score_binarized")
_RUN_KNOWN = (
    *("task_family", "run_id", "model", "human_minutes", "human_source", "human_score"),
    *("score", "score_cont", "time_limit", "started_at", "completed_at", "fatal_error_from"),
    *("dollar_equivalent", "total_tokens", "equal_task_weight", "invsqrt_task_weight", "weight"),
    *("task_source", "generation_cost", "human_cost", "task_version", "agent"),
)


def _model(raw: str, key: object, row: Mapping[str, Any]) -> ModelClaim:
    return ModelClaim(model=name(key), raw=raw, released=day(row.get("release_date")))


def _horizon(raw: str, key: object, row: Mapping[str, Any], metric: str, suite: str) -> ScoreClaim:
    part, unit = mapped(row["metrics"][metric]), _METRICS[metric]
    scaffolds = (label(one) for one in listed(row.get("scaffolds")))
    return ScoreClaim(
        model=name(key),
        benchmark=suite,
        score=number(part.get("estimate"), unit),
        unit=unit,
        raw=raw,
        scaffold="; ".join(filter(None, scaffolds)) or None,
        evaluator="METR",
        source_url=SOURCE.resources[0].url,
        metric=metric,
        low=maybe(part.get("ci_low"), unit),
        high=maybe(part.get("ci_high"), unit),
    )


def _horizons(reading: Reading, body: bytes) -> Parsed:
    whole_body = reading.expect(
        reading.resource, yaml_body(body, SOURCE.key, reading.resource), dict
    )
    reading.columns(
        reading.resource,
        [str(key) for key in whole_body],
        ("benchmark_name", "results"),
        ("doubling_time_in_days", "long_tasks_version", "swaa_version"),
    )
    suite = label(whole_body["benchmark_name"]) or "METR time horizon"
    results = reading.expect("results", whole_body["results"], dict)
    metrics = [mapped(mapped(row).get("metrics")) for row in results.values()]
    reading.dates(
        "results: release_date", [mapped(r).get("release_date") for r in results.values()]
    )
    shares = [mapped(part.get("average_score")).get("estimate") for part in metrics]
    reading.unit("results: average_score", shares, "proportion")
    rest = ("average_score", "p80_horizon_length", "is_sota", "usage")
    reading.fields("results", results.values(), _MODEL_NEEDED, _MODEL_KNOWN)
    reading.fields("results: metrics", metrics, ("p50_horizon_length",), rest)
    for raw, key, row in reading.entries("results", results):
        reading.take(raw, _model, raw, key, row)
        for metric in _METRICS:
            if metric in mapped(row.get("metrics")):
                place = f"{raw}.{metric}"
                reading.take(place, _horizon, place, key, row, metric, suite)
    return reading.finish(
        len(results) + sum(len(_METRICS.keys() & part.keys()) for part in metrics)
    )


def _run(raw: str, row: Mapping[str, Any]) -> ScoreClaim:
    outcome = number(row.get("score_binarized"), "proportion")
    if outcome not in (0, 1):
        raise Refused("not_binary", outcome)
    return ScoreClaim(
        model=name(row.get("alias")),
        benchmark="METR runs",
        score=outcome,
        unit="proportion",
        raw=raw,
        n=1,
        evaluator="METR",
        metric="score_binarized",
        task=name(row.get("task_id")),
        task_family=label(row.get("task_family")),
        human_minutes=maybe(row.get("human_minutes"), "minutes"),
        tokens=maybe(row.get("total_tokens"), "count"),
    )


def _runs(reading: Reading, body: bytes) -> Parsed:
    lines = decode(body, SOURCE.key, reading.resource).split("\n")
    rows: list[object] = []
    for i, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            rows.append(json.loads(line))
        except (ValueError, RecursionError):
            rows.append(f"line {i}: {line[:40]}")  # a text is no run: it fails below as a row
    if rows and not any(isinstance(row, dict) for row in rows):
        raise problem(
            Unreadable,
            "source-not-format",
            source=SOURCE.key,
            resource=reading.resource,
            form="JSON lines",
            why=rows[0],
        )
    reading.fields(reading.resource, rows, _RUN_NEEDED, _RUN_KNOWN)
    for raw, row in reading.records(reading.resource, rows):
        reading.take(raw, _run, raw, row)
    return reading.finish(sum(1 for line in lines if line.strip()))


def parse(body: bytes, resource: str) -> Parsed:
    """Horizons and mean scores per model, or one outcome per run (resource ``runs``)."""
    reading = Reading(SOURCE.key, resource)
    return _runs(reading, body) if resource == "runs" else _horizons(reading, body)
