"""The stored real bodies, as a sync would have them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from headway.sources.registry import all_sources
from headway.tables.harmonise import Body
from tests.sources.test_real_bodies import zipped

#: (source, resource): the file below the raw folder.
FILES = {
    ("epoch-eci", "eci_scores"): "eci-2026-09/epoch_capabilities_index.csv",
    ("models-dev", "models"): "models.dev/models.json",
    ("metr", "horizons"): "metr/benchmark_results_1_1.2026-04.yaml",
    ("cybergym-page", "cybergym"): "cybergym-page/cybergym.json",
    ("cybergym-page", "exploitgym"): "cybergym-page/exploitgym.json",
    ("cybergym-page", "cybergym-e2e"): "cybergym-page/cybergym-e2e.json",
    ("sec-bench", "leaderboards"): "sec-bench/leaderboards.yaml",
    ("lyptus", "model_runs"): "lyptus/model_runs.parquet",
    ("sec-code-bench", "leaderboard-2_2_0"): "sec-code-bench/leaderboard-2.2.0.json",
    ("sec-code-bench", "leaderboard-2_0_0"): "sec-code-bench/leaderboard-2.0.0.json",
    ("aider", "polyglot"): "aider/polyglot_leaderboard.yml",
    ("aider", "edit"): "aider/edit_leaderboard.yml",
    ("aider", "refactor"): "aider/refactor_leaderboard.yml",
}


def stored_bytes(raw: Path) -> dict[tuple[str, str], bytes]:
    """Every stored body by source and resource."""
    bodies = {key: (raw / name).read_bytes() for key, name in FILES.items()}
    return {**bodies, ("epoch-hub", "benchmark_data"): zipped(raw / "epoch-hub-2026-03")}


def stored_bodies(raw: Path) -> list[Body]:
    """Every stored body, read."""
    sources = all_sources()
    made = []
    for (source, resource), content in sorted(stored_bytes(raw).items()):
        connector = sources[source]
        url = next(one.url for one in connector.source.resources if one.name == resource)
        parsed = connector.parse(content, resource)
        made.append(Body(source, resource, url, parsed, date(2026, 11, 25)))
    return made
