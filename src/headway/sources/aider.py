"""Aider's boards of code editing (YAML)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headway.sources.declare import ModelClaim, Parsed, Resource, ScoreClaim, Source
from headway.sources.reading import Reading, day, label, mapped, name, number, whole, yaml_body

__all__ = ["SOURCE", "parse"]

_BASE = "https://raw.githubusercontent.com/Aider-AI/aider/main/aider/website/_data"
_YAML = ("text/plain", "application/yaml", "application/x-yaml", "text/yaml")

SOURCE = Source(
    key="aider",
    title="Aider leaderboards",
    publisher="Aider",
    licence="Apache-2.0",
    cite="Gauthier, Aider LLM leaderboards. Apache-2.0.",
    redistributable=True,
    cadence="frozen",
    resources=tuple(
        Resource(board, f"{_BASE}/{board}_leaderboard.yml", _YAML, 8 * 1024 * 1024)
        for board in ("polyglot", "edit", "refactor")
    ),
    shape_seen="copy of 2026-05-22",
    quirks=("quirk-aider-stale", "quirk-aider-format"),
)

_NEEDED = ("model", "pass_rate_1", "test_cases", "date", "edit_format")
_RATES = ("pass_rate_1", "pass_rate_2")
#: Two rows spell the key so, and it is the same statement.
_RELEASED = ("released", "_released")
_KNOWN = (
    *("dirname", "pass_rate_2", "pass_num_1", "pass_num_2", "percent_cases_well_formed"),
    *("error_outputs", "num_malformed_responses", "num_with_malformed_responses", "user_asks"),
    *("lazy_comments", "syntax_errors", "indentation_errors", "exhausted_context_windows"),
    *("test_timeouts", "total_tests", "command", "versions", "seconds_per_case", "total_cost"),
    *("editor_model", "editor_edit_format", "prompt_tokens", "completion_tokens", "commit_hash"),
    *("thinking_tokens", "reasoning_effort", *_RELEASED),
)


def _score(raw: str, board: str, rate: str, row: Mapping[str, Any]) -> ScoreClaim:
    return ScoreClaim(
        model=name(row.get("model")),
        benchmark=f"Aider {board}",
        score=number(row[rate], "percent"),
        unit="percent",
        raw=raw,
        effort=label(row.get("reasoning_effort")),
        scaffold="Aider",
        harness_version=label(row.get("versions")),
        attempts=int(rate[-1]),
        n=whole(row.get("test_cases")),
        evaluated_on=day(row.get("date")),
        metric=rate,
        variant=label(row.get("edit_format")),
    )


def _model(raw: str, key: str, row: Mapping[str, Any]) -> ModelClaim:
    return ModelClaim(model=name(row.get("model")), raw=raw, released=day(row[key]))


def parse(body: bytes, resource: str) -> Parsed:
    """The pass rates of every run after one and two attempts, and stated release dates."""
    reading = Reading(SOURCE.key, resource)
    rows = reading.expect(resource, yaml_body(body, SOURCE.key, resource), list)
    reading.dates(f"{resource}: date", [mapped(row).get("date") for row in rows])
    for rate in _RATES:
        values = [mapped(row).get(rate) for row in rows]
        reading.unit(f"{resource}: {rate}", values, "percent")
    reading.fields(resource, rows, _NEEDED, _KNOWN)
    for raw, row in reading.records(resource, rows):
        held = [rate for rate in _RATES if rate in row]
        for rate in held:
            place = f"{raw}.{rate}"
            reading.take(place, _score, place, resource, rate, row)
        for key in (key for key in _RELEASED if key in row):
            reading.take(f"{raw}.{key}", _model, f"{raw}.{key}", key, row)
        if not held and not any(key in row for key in _RELEASED):
            reading.fail(raw, "missing")
    wanted = {*_RATES, *_RELEASED}
    return reading.finish(sum(max(1, len(wanted & mapped(row).keys())) for row in rows))
