"""SWE-bench leaderboards (JSON with a list of boards)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headway.sources.declare import Parsed, Resource, ScoreClaim, Source
from headway.sources.reading import (
    Reading,
    day,
    json_body,
    label,
    link,
    listed,
    mapped,
    name,
    number,
)

__all__ = ["SOURCE", "parse"]

SOURCE = Source(
    key="swe-bench-site",
    title="SWE-bench leaderboards",
    publisher="SWE-bench team",
    licence="CC-BY-NC-4.0",
    cite="Jimenez et al., SWE-bench, arXiv:2310.06770; swebench.com.",
    redistributable=False,
    cadence="irregular",
    resources=(
        Resource(
            "leaderboards",
            "https://raw.githubusercontent.com/SWE-bench/swe-bench.github.io/master/"
            "data/leaderboards.json",
            ("application/json", "text/plain"),
        ),
    ),
    # parts of a public copy of mid-2025 were read; no body was at hand to parse
    shape_seen=None,
    quirks=("quirk-swe-bench-models", "quirk-swe-bench-licence"),
)

_NEEDED = ("name", "resolved", "date")
_KNOWN = (
    *("folder", "site", "logo", "logs", "trajs", "os_model", "os_system", "checked", "tags"),
    *("warning", "attribution", "cost", "instance_cost", "instance_calls", "per_instance_details"),
    *("mini-swe-agent_version", "trajs_docent", "agent", "model_display"),
)


def _tags(row: Mapping[str, Any], word: str) -> list[str]:
    """What the tags ``word: ...`` of a row say."""
    tags = (label(tag) or "" for tag in listed(row.get("tags")))
    return [tag.partition(":")[2].strip() for tag in tags if tag.startswith(f"{word}:")]


def _score(raw: str, board: object, row: Mapping[str, Any]) -> ScoreClaim:
    models = _tags(row, "Model")
    # "System: Attempts - 2+" is a lower bound, so not a number of attempts
    attempts = [tag.rpartition("-")[2].strip() for tag in _tags(row, "System") if "Attempts" in tag]
    entry = name(row.get("name"))
    return ScoreClaim(
        model=name(models[0]) if len(models) == 1 else entry,
        benchmark=f"SWE-bench {name(board)}",
        score=number(row.get("resolved"), "percent"),
        unit="percent",
        raw=raw,
        scaffold=entry,
        harness_version=label(row.get("mini-swe-agent_version")),
        attempts=1 if attempts == ["1"] else None,
        published_at=day(row.get("date")),
        source_url=link(row.get("site")),
        metric="resolved",
    )


def parse(body: bytes, resource: str) -> Parsed:
    """One score per entry of each board."""
    reading = Reading(SOURCE.key, resource)
    content = reading.expect(resource, json_body(body, SOURCE.key, resource), dict)
    reading.columns(resource, list(content), ("leaderboards",), ())
    boards = reading.expect("leaderboards", content["leaderboards"], list)
    rows = [one for board in boards for one in listed(mapped(board).get("results"))]
    reading.unit("resolved", [mapped(row).get("resolved") for row in rows], "percent")
    reading.dates("date", [mapped(row).get("date") for row in rows])
    reading.fields("leaderboards", boards, ("name", "results"), ())
    reading.fields("results", rows, _NEEDED, _KNOWN)
    for raw, board in reading.records("leaderboards", boards):
        for place, row in reading.records(f"{raw}.results", board.get("results")):
            reading.take(place, _score, place, board.get("name"), row)
    return reading.finish(len(rows) + sum(not isinstance(board, dict) for board in boards))
