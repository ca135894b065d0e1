"""SEC-bench Pro (JSON by snapshot) and the older SEC-bench boards (YAML)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headway.sources.declare import ModelClaim, Parsed, Resource, ScoreClaim, Source
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
    whole,
    yaml_body,
)

__all__ = ["SOURCE", "parse"]

_BASE = "https://raw.githubusercontent.com/SEC-bench/sec-bench.github.io/main/data"

SOURCE = Source(
    key="sec-bench",
    title="SEC-bench boards",
    publisher="SEC-bench team (UIUC)",
    licence="Apache-2.0",
    cite="Lee et al., SEC-bench, arXiv:2506.11791; boards at sec-bench.github.io.",
    redistributable=True,
    cadence="irregular",
    resources=(
        Resource("results", f"{_BASE}/results.json", ("application/json", "text/plain")),
        Resource(
            "leaderboards",
            f"{_BASE}/leaderboards.yaml",
            ("text/plain", "application/yaml", "application/x-yaml", "text/yaml"),
            8 * 1024 * 1024,
        ),
    ),
    shape_seen="leaderboards: copy of 2025-12-12; results: its beginning only",
    quirks=("quirk-sec-bench-modes", "quirk-sec-bench-snapshots"),
)

_NEEDED = ("model", "resolved", "date")
_KNOWN = (
    *("agent", "model_version", "effort", "org", "backend", "open_source", "verified"),
    *("score_modes", "completed_instances", "timeouts", "projects", "rank", "rank_headline"),
    *("rank_completed", "logs_link", "details", "footnote"),
)
_BOARD_KNOWN = (
    *("display_name", "description", "instances", "is_overall", "info_sections", "name"),
    "date",
)
_ACCESS = {True: "open source", False: "not open source"}


def _score(
    raw: str, board: Mapping[str, Any], version: str | None, mode: str, row: Mapping[str, Any]
) -> ScoreClaim:
    completed = mapped(mapped(row.get("score_modes")).get("completed"))
    headline = mode == "resolved"
    title = board.get("name", board.get("display_name"))
    return ScoreClaim(
        model=name(row.get("model")),
        benchmark="SEC-bench" if version is None else "SEC-bench Pro",
        score=number(row.get("resolved") if headline else completed.get("score"), "percent"),
        unit="percent",
        raw=raw,
        effort=label(row.get("effort")),
        scaffold=label(row.get("agent")),
        n=whole(board.get("instances") if headline else completed.get("total")),
        published_at=day(row.get("date")),
        source_url=link(row.get("logs_link")),
        metric=mode,
        variant=name(title),
        benchmark_version=version,
    )


def _model(raw: str, row: Mapping[str, Any]) -> ModelClaim:
    stated = row.get("open_source")
    return ModelClaim(
        model=name(row.get("model")),
        raw=raw,
        developer=label(row.get("org")),
        access=_ACCESS.get(stated) if isinstance(stated, bool) else None,
    )


def _check(reading: Reading, boards: list[object]) -> None:
    """Fields and units over all boards: a hard one alone may hold nothing above one percent."""
    rows = [row for board in boards for row in listed(mapped(board).get("results"))]
    reading.fields("leaderboards", boards, ("results",), _BOARD_KNOWN)
    reading.fields("results", rows, _NEEDED, _KNOWN)
    reading.unit("results: resolved", [mapped(row).get("resolved") for row in rows], "percent")
    reading.dates("results: date", [mapped(row).get("date") for row in rows])


def _boards(reading: Reading, where: str, boards: object, version: str | None) -> int:
    """The entries of a list of boards; how many claims and failures they have to give."""
    found = reading.expect(where, boards, list)
    present = sum(not isinstance(board, dict) for board in found)
    for raw, board in reading.records(where, found):
        rows = reading.expect(f"{raw}.results", board.get("results"), list)
        for place, row in reading.records(f"{raw}.results", rows):
            reading.take(place, _score, place, board, version, "resolved", row)
            if "completed" in mapped(row.get("score_modes")):
                at = f"{place}.completed"
                reading.take(at, _score, at, board, version, "completed", row)
            # the older boards name an agent and a model in one, so their "org" is the agent's
            if version is not None:
                reading.take(place, _model, place, row)
        for row in rows:
            extra = "completed" in mapped(mapped(row).get("score_modes"))
            present += 1 + extra + (version is not None and isinstance(row, dict))
    return present


def parse(body: bytes, resource: str) -> Parsed:
    """Every entry of every board, by snapshot in ``results``."""
    reading = Reading(SOURCE.key, resource)
    if resource == "leaderboards":
        content = reading.expect(resource, yaml_body(body, SOURCE.key, resource), dict)
        titles = ("website_title", "website_subtitle", "section_title", "section_description")
        reading.columns(
            resource, [str(key) for key in content], ("leaderboards",), (*titles, "footer_links")
        )
        _check(reading, listed(content["leaderboards"]))
        return reading.finish(_boards(reading, "leaderboards", content["leaderboards"], None))
    content = reading.expect(resource, json_body(body, SOURCE.key, resource), dict)
    reading.columns(resource, list(content), ("snapshots",), ("versions", "default_version"))
    snapshots = reading.expect("snapshots", content["snapshots"], dict)
    everything = (listed(mapped(one).get("leaderboards")) for one in snapshots.values())
    _check(reading, [board for boards in everything for board in boards])
    present = 0
    for key, snapshot in snapshots.items():
        boards = mapped(snapshot).get("leaderboards")
        present += _boards(reading, f"snapshots[{key}].leaderboards", boards, label(key) or "-")
    return reading.finish(present)
