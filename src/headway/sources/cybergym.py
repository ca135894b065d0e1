"""The boards of CyberGym, ExploitGym and CyberGym-E2E (JSON)."""

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
    mapped,
    name,
    number,
    whole,
)

__all__ = ["SOURCE", "parse"]

_JSON = ("application/json", "text/plain")
_BASE = "https://www.cybergym.io/assets/data"

SOURCE = Source(
    key="cybergym-page",
    title="CyberGym, ExploitGym and CyberGym-E2E boards",
    publisher="CyberGym team (UC Berkeley)",
    licence="none stated",
    cite="Wang et al., CyberGym, arXiv:2506.02548; boards at cybergym.io.",
    redistributable=False,
    cadence="irregular",
    resources=(
        Resource("cybergym", f"{_BASE}/cybergym.json", _JSON, 8 * 1024 * 1024),
        Resource("exploitgym", f"{_BASE}/exploitgym.json", _JSON, 8 * 1024 * 1024),
        Resource("cybergym-e2e", f"{_BASE}/cybergym-e2e.json", _JSON, 8 * 1024 * 1024),
    ),
    shape_seen="copy of 2026-07-01",
    quirks=("quirk-cybergym-reporters", "quirk-cybergym-exploitgym"),
)

_LEVELS = ("level0", "level1", "level2", "level3")
_SHARES = ("score_10", "score_x1")
_LEVEL_NEEDED = ("model", "agent", "score_10", "date")
_LEVEL_KNOWN = (
    *("model_release_date", "include_in_plot", "source", "source_url", "trials", "focus", "icon"),
    *("features", "plot_links", "score_x1"),
)
_PARTS = ("total", "userspace", "v8", "kernel")
_EXPLOIT_NEEDED = ("model", "agent", "date", *_PARTS)
_COUNTS = (*_PARTS, "flags_captured", "intended")
_EXPLOIT_KNOWN = (
    *("source", "source_url", "eval_note", "flags_captured", "intended", "mitigated", "note"),
    *("metrics", "metrics_success", "version"),
)
_E2E = ("patch_only", "s1", "s2", "s3", "s4")
_E2E_KNOWN = ("harness", "task_set", "budget", "source")


def _released(raw: str, row: Mapping[str, Any]) -> ModelClaim:
    return ModelClaim(
        model=name(row.get("model")), raw=raw, released=day(row.get("model_release_date"))
    )


def _share(raw: str, level: str, key: str, row: Mapping[str, Any]) -> ScoreClaim:
    return ScoreClaim(
        model=name(row.get("model")),
        benchmark="CyberGym",
        score=number(row[key], "proportion"),
        unit="proportion",
        raw=raw,
        scaffold=label(row.get("agent")),
        attempts=whole(row.get("trials")),
        published_at=day(row.get("date")),
        evaluator=label(row.get("source")),
        source_url=link(row.get("source_url")),
        metric=key,
        variant=level,
    )


def _cybergym(reading: Reading, body: dict[str, Any]) -> int:
    present = 0
    reading.columns(reading.resource, list(body), ("level1",), _LEVELS)
    for level in _LEVELS:
        rows = body.get(level, [])
        for key in _SHARES:
            values = [mapped(row).get(key) for row in listed(rows)]
            reading.unit(f"{level}: {key}", values, "proportion")
        reading.dates(f"{level}: date", [mapped(row).get("date") for row in listed(rows)])
        reading.fields(level, listed(rows), _LEVEL_NEEDED, _LEVEL_KNOWN)
        for raw, row in reading.records(level, rows):
            keys = [key for key in _SHARES if key in row]
            for key in keys:
                place = f"{raw}.{key}"
                reading.take(place, _share, place, level, key, row)
            if row.get("model_release_date") is not None:
                reading.take(raw, _released, raw, row)
            if not keys and row.get("model_release_date") is None:
                reading.fail(raw, "missing")
        for row in listed(rows):
            stated = mapped(row)
            held = sum(key in stated for key in _SHARES)
            held += stated.get("model_release_date") is not None
            present += max(1, held)
    return present


def _count(
    raw: str, key: str, value: object, row: Mapping[str, Any], instances: Mapping[str, Any]
) -> ScoreClaim:
    total = whole(instances.get(key, instances.get("total")))
    solved = number(value, "count")
    if total is not None and solved > total:
        raise Refused("out_of_range", value)
    return ScoreClaim(
        model=name(row.get("model")),
        benchmark="ExploitGym",
        score=solved,
        unit="count",
        raw=raw,
        scaffold=label(row.get("agent")),
        n=total,
        published_at=day(row.get("date")),
        evaluator=label(row.get("source")),
        source_url=link(row.get("source_url")),
        metric=key,
        variant=label(row.get("eval_note")),
        benchmark_version=label(row.get("version")),
    )


def _exploitgym(reading: Reading, body: dict[str, Any]) -> int:
    reading.columns(reading.resource, list(body), ("instances", "results"), ())
    instances = reading.expect("instances", body["instances"], dict)
    rows = reading.expect("results", body["results"], list)
    reading.dates("results: date", [mapped(row).get("date") for row in rows])
    reading.fields("results", rows, _EXPLOIT_NEEDED, _EXPLOIT_KNOWN)
    for raw, row in reading.records("results", rows):
        held = [(key, row[key]) for key in _COUNTS if key in row]
        held += [
            (f"mitigated.{part}", value) for part, value in mapped(row.get("mitigated")).items()
        ]
        for key, value in held:
            reading.take(f"{raw}.{key}", _count, f"{raw}.{key}", key, value, row, instances)
        if not held:
            reading.fail(raw, "missing")
    return sum(
        max(1, len(mapped(row).keys() & set(_COUNTS)) + len(mapped(mapped(row).get("mitigated"))))
        for row in rows
    )


def _e2e_share(raw: str, key: str, row: Mapping[str, Any]) -> ScoreClaim:
    return ScoreClaim(
        model=name(row.get("model")),
        benchmark="CyberGym-E2E",
        score=number(row[key], "percent"),
        unit="percent",
        raw=raw,
        scaffold=label(row.get("harness")),
        n=whole(row.get("task_set")),
        evaluator=label(row.get("source")),
        metric=key,
        variant=label(row.get("budget")),
    )


def _e2e(reading: Reading, body: dict[str, Any]) -> int:
    reading.columns(reading.resource, list(body), ("results",), ())
    rows = reading.expect("results", body["results"], list)
    reading.unit("results", [mapped(row).get(key) for row in rows for key in _E2E], "percent")
    reading.fields("results", rows, ("model", *_E2E), _E2E_KNOWN)
    for raw, row in reading.records("results", rows):
        for key in _E2E:
            if key in row:
                reading.take(f"{raw}.{key}", _e2e_share, f"{raw}.{key}", key, row)
            else:
                reading.fail(f"{raw}.{key}", "missing")
    return sum(len(_E2E) if isinstance(row, dict) else 1 for row in rows)


def parse(body: bytes, resource: str) -> Parsed:
    """Every score of one of the three boards; the resource says which."""
    reading = Reading(SOURCE.key, resource)
    content = reading.expect(resource, json_body(body, SOURCE.key, resource), dict)
    read = {"exploitgym": _exploitgym, "cybergym-e2e": _e2e}.get(resource, _cybergym)
    return reading.finish(read(reading, content))
