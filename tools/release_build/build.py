"""The order of the build: read, name, place, join, mark repeats, decide what ships."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from . import duplicates
from .access import access_rows
from .benchmarks import benchmark_rows
from .corrected import correct_rows
from .identity import load_registry
from .indices import index_lines, index_rows, precedent_rows
from .licences import load_licences
from .published import published_rows
from .raw import read_rows
from .scores import score_rows
from .tasks import task_rows, task_runs
from .trials import settle
from .write import frame_of

__all__ = ["Built", "build"]


@dataclass
class Built:
    """Everything that one build gives."""

    tables: dict[str, pl.DataFrame]
    unresolved: list[dict[str, object]]
    sources: list[dict[str, object]]
    raw_rows: int
    held_back: Counter[tuple[str, str]] = field(default_factory=Counter)  # (source, domain) -> rows


def _items(benchmark: dict[str, object]) -> int | None:
    return int(str(benchmark["items"])) if benchmark["items"] else None


def build(raw: Path, *, strict: bool = False) -> Built:
    """Tables of the release in memory.

    Parameters
    ----------
    raw : Path
        The raw public data folder.
    strict : bool
        Ship only sources with a stated permissive licence; the default also cites facts of
        sources that state none.
    """
    rows = read_rows(raw)
    correct_rows(rows)
    registry = load_registry(raw)
    registry.learn(rows)
    benchmarks = {str(row["benchmark"]): row for row in benchmark_rows()}
    licences = load_licences()
    scores = score_rows(rows, registry, benchmarks, licences)
    settle(scores, {key: _items(row) for key, row in benchmarks.items()})

    allowed = {"ship"} if strict else {"ship", "cite_facts"}
    held_back: Counter[tuple[str, str]] = Counter()
    shipped = []
    for row in scores:
        source = str(row["source"])
        if licences[source]["decision"] in allowed:
            shipped.append(row)
        else:
            held_back[(source, str(benchmarks[str(row["benchmark"])]["domain"]))] += 1
    duplicates.mark(shipped)

    runs = task_runs(raw, registry)
    estimates = published_rows(raw) if not strict else []
    used = {str(row["model_version"]) for row in [*shipped, *runs]}
    indices, lines, precedents = (
        [row for row in found if licences[str(row["source"])]["decision"] in allowed]
        for found in (index_rows(raw, registry), index_lines(), precedent_rows())
    )
    for row in indices:
        if row.get("model_version") not in used:
            row["model_version"] = None
    models = [
        {"model_version": key, **model} for key, model in registry.models.items() if key in used
    ]
    counts = Counter(
        str(row["source"]) for row in [*shipped, *runs, *estimates, *indices, *lines, *precedents]
    )
    sources: list[dict[str, object]] = [
        {"source": key, **entry, "rows": counts[key]} for key, entry in sorted(licences.items())
    ]
    aliases = [row for row in registry.alias_rows() if row["model_version"] in used]
    tables = {
        "sources": frame_of("sources", sources),
        "model_versions": frame_of("model_versions", models),
        "model_aliases": frame_of("model_aliases", aliases),
        "access": frame_of("access", access_rows(registry, used)),
        "benchmarks": frame_of("benchmarks", list(benchmarks.values())),
        "scores": frame_of("scores", shipped),
        "tasks": frame_of("tasks", task_rows(raw)),
        "task_runs": frame_of("task_runs", runs),
        "published_estimates": frame_of("published_estimates", estimates),
        "precedents": frame_of("precedents", precedents),
        "index_scores": frame_of("index_scores", indices),
        "index_lines": frame_of("index_lines", lines),
    }
    return Built(tables, registry.unresolved, sources, len(rows), held_back)
