"""SecCodeBench: secure coding, per model and per test case in four scenarios (JSON)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headway.sources.declare import Parsed, Resource, ScoreClaim, Source
from headway.sources.reading import Reading, day, json_body, label, listed, mapped, name, number

__all__ = ["SOURCE", "parse"]

_BASE = "https://raw.githubusercontent.com/alibaba/sec-code-bench/main/docs/json"
_JSON = ("application/json", "text/plain")

SOURCE = Source(
    key="sec-code-bench",
    title="SecCodeBench",
    publisher="Alibaba Security and others",
    licence="Apache-2.0",
    cite="SecCodeBench, Alibaba Security, 2026. Apache-2.0.",
    redistributable=True,
    cadence="irregular",
    resources=(
        Resource("leaderboard-2_2_0", f"{_BASE}/leaderboard/2.2.0.json", _JSON, 8 * 1024 * 1024),
        Resource("leaderboard-2_0_0", f"{_BASE}/leaderboard/2.0.0.json", _JSON, 8 * 1024 * 1024),
        Resource("tests", f"{_BASE}/model-test-summary.json", _JSON),
    ),
    shape_seen="copy of 2026-03-13",
    quirks=("quirk-sec-code-bench-tools", "quirk-sec-code-bench-defence"),
)

_TOTALS = ("totalScore", "fixScore", "fixHintsScore", "genScore", "genHintsScore")
_CASE_KNOWN = ("overallScore", "passRate", "lastTested")
_SCENARIOS = ("fix", "fixhints", "gen", "genhints")


def _total(raw: str, key: str, version: str | None, row: Mapping[str, Any]) -> ScoreClaim:
    return ScoreClaim(
        model=name(row.get("modelName")),
        benchmark="SecCodeBench",
        score=number(row[key], "percent"),
        unit="percent",
        raw=raw,
        evaluated_on=day(row.get("testDate"), slashed=True),
        evaluator=SOURCE.publisher,
        metric=key,
        benchmark_version=version,
    )


def _leaderboard(reading: Reading, content: object) -> int:
    where = reading.resource
    version = label(where.partition("-")[2].replace("_", "."))
    rows = reading.expect(where, content, list)
    reading.dates(f"{where}: testDate", [mapped(row).get("testDate") for row in rows], slashed=True)
    for key in _TOTALS:
        reading.unit(f"{where}: {key}", [mapped(row).get(key) for row in rows], "percent")
    needed = ("modelName", "testDate", *_TOTALS)
    reading.fields(where, rows, needed, ("id",))
    for raw, row in reading.records(where, rows):
        for key in _TOTALS:
            if key in row:
                reading.take(f"{raw}.{key}", _total, f"{raw}.{key}", key, version, row)
            else:
                reading.fail(f"{raw}.{key}", "missing")
    return sum(len(_TOTALS) if isinstance(row, dict) else 1 for row in rows)


def _case(raw: str, key: str, model: object, row: Mapping[str, Any]) -> ScoreClaim:
    return ScoreClaim(
        model=name(model),
        benchmark="SecCodeBench",
        score=number(row["scenarioScores"][key], "percent"),
        unit="percent",
        raw=raw,
        evaluated_on=day(row.get("lastTested")),
        evaluator=SOURCE.publisher,
        metric=key,
        task=name(row.get("testCaseId")),
    )


def _tests(reading: Reading, content: object) -> int:
    body = reading.expect(reading.resource, content, dict)
    reading.columns(reading.resource, list(body), ("modelResults",), ("metadata",))
    models = reading.expect("modelResults", body["modelResults"], list)
    cases = [case for model in models for case in listed(mapped(model).get("testCaseResults"))]
    scenarios = [mapped(mapped(case).get("scenarioScores")) for case in cases]
    reading.fields("modelResults", models, ("modelName", "testCaseResults"), ("modelId", "summary"))
    reading.fields("testCaseResults", cases, ("testCaseId", "scenarioScores"), _CASE_KNOWN)
    reading.fields("scenarioScores", scenarios, _SCENARIOS, ())
    reading.unit("scenarioScores", [x for one in scenarios for x in one.values()], "percent")
    reading.dates("lastTested", [mapped(case).get("lastTested") for case in cases])
    for raw, model in reading.records("modelResults", models):
        for place, case in reading.records(f"{raw}.testCaseResults", model.get("testCaseResults")):
            for key in _SCENARIOS:
                at = f"{place}.{key}"
                if key in mapped(case.get("scenarioScores")):
                    reading.take(at, _case, at, key, model.get("modelName"), case)
                else:
                    reading.fail(at, "missing")
    return sum(len(_SCENARIOS) if isinstance(case, dict) else 1 for case in cases) + sum(
        not isinstance(model, dict) for model in models
    )


def parse(body: bytes, resource: str) -> Parsed:
    """Five totals per model (resources ``leaderboard-*``), or four scenarios per test case."""
    reading = Reading(SOURCE.key, resource)
    content = json_body(body, SOURCE.key, resource)
    read = _tests if resource == "tests" else _leaderboard
    return reading.finish(read(reading, content))
