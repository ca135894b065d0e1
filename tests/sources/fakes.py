"""Invented sources with the mechanism of real ones: a module with ``SOURCE`` and ``parse``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from headway.errors import SchemaDrift, Unreadable
from headway.sources import registry
from headway.sources.archive import read_members
from headway.sources.declare import Cadence, Failure, Parsed, Resource, ScoreClaim, Source

KNOWN = {"model", "score"}


def parse(body: bytes, resource: str) -> Parsed:
    """A JSON list of ``{"model", "score"}``; resources named ``zip`` hold it as ``scores.json``."""
    if resource == "zip":
        body = read_members(body, ["scores.json"])["scores.json"]
    if resource == "broken":
        raise KeyError("an oversight of the connector")
    try:
        rows = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError as e:
        raise Unreadable(f"{resource}: not UTF-8", hint="report it") from e
    except ValueError as e:
        raise Unreadable(f"{resource}: not JSON", hint="report it") from e
    scores: list[ScoreClaim] = []
    failures: list[Failure] = []
    drift: dict[str, None] = {}
    for i, row in enumerate(rows):
        if "score" not in row:
            raise SchemaDrift(f"{resource}: 'score' is missing; got {', '.join(row)}")
        drift.update(dict.fromkeys(set(row) - KNOWN))
        if isinstance(row["score"], float) and 0 <= row["score"] <= 1:
            scores.append(ScoreClaim(row["model"], "b", row["score"], "proportion", f"[{i}]"))
        else:
            failures.append(Failure(f"[{i}]", "out_of_range", str(row["score"])))
    return Parsed(tuple(scores), (), tuple(failures), len(rows), tuple(drift))


def resource(name: str, url: str, **more: Any) -> Resource:
    media = ("application/zip",) if name == "zip" else ("application/json",)
    return Resource(name, url, **{"media": media, **more})


def source(
    key: str, *resources: Resource, cadence: Cadence = "daily", shape_seen: str | None = None
) -> Source:
    return Source(
        key=key,
        title=f"Invented source {key}",
        publisher="Nobody",
        licence="CC-BY-4.0",
        cite="Nobody (2026)",
        redistributable=True,
        cadence=cadence,
        resources=resources,
        shape_seen=shape_seen,
    )


def modules(*sources: Source) -> dict[str, ModuleType]:
    """One module per source."""
    made = {}
    for one in sources:
        module = ModuleType(f"invented_source_{one.key.replace('-', '_')}")
        module.SOURCE = one  # type: ignore[attr-defined]
        module.parse = parse  # type: ignore[attr-defined]
        made[module.__name__] = module
    return made


@contextmanager
def registered(*sources: Source) -> Iterator[None]:
    """Only these sources are in the table meanwhile."""
    made = modules(*sources)
    before: Mapping[str, str] = dict(registry.CONNECTORS)
    sys.modules.update(made)
    registry.CONNECTORS.clear()
    registry.CONNECTORS.update({one.key: name for one, name in zip(sources, made, strict=True)})
    try:
        yield
    finally:
        registry.CONNECTORS.clear()
        registry.CONNECTORS.update(before)
        for name in made:
            del sys.modules[name]


def rows(count: int, **more: Any) -> bytes:
    """A body of ``count`` good rows."""
    return json.dumps([{"model": f"m{i}", "score": 0.5, **more} for i in range(count)]).encode()
