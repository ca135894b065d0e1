"""Per-task outcomes of the one suite that ships them (Lyptus), with its human times."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl

from .dates import parse
from .identity import Registry

__all__ = ["task_rows", "task_runs"]

_BENCHMARK = {
    "CVE-Bench": "cve-bench-lyptus",
    "CyBashBench": "cybashbench",
    "Cybench": "cybench",
    "CyberGym (122-task subset)": "cybergym-lyptus",
    "InterCode-CTF": "intercode-ctf",
    "NL2Bash": "nl2bash",
    "NYU CTF Bench": "nyu-ctf-lyptus",
}
_SOURCE = "lyptus"
_URL = "https://github.com/lyptus-research/cyber-task-horizons-data"


def _items(raw: Path) -> pl.DataFrame:
    frame = pl.read_parquet(raw / "normalized" / "items.parquet")
    return frame.filter(pl.col("run").is_in(["lyptus-v2", "june-2025"]))


def task_rows(raw: Path) -> list[dict[str, object]]:
    """The 631 tasks; the minutes of June 2025 are another measurement and stand apart."""
    items = _items(raw)
    june = {
        (row["benchmark"], row["item_id"]): row["human_minutes"]
        for row in items.filter(pl.col("run") == "june-2025").iter_rows(named=True)
    }
    tasks = (
        items.filter(pl.col("run") == "lyptus-v2")
        .group_by("benchmark", "item_id")
        .agg(pl.col("human_minutes").max(), pl.col("model_estimate_minutes").max())
    )
    return [
        {
            "task_id": row["item_id"],
            "benchmark": _BENCHMARK[row["benchmark"]],
            "human_minutes": row["human_minutes"],
            "human_minutes_2025_06": june.get((row["benchmark"], row["item_id"])),
            "model_estimate_minutes": row["model_estimate_minutes"],
            "source": _SOURCE,
            "source_url": _URL,
        }
        for row in tasks.iter_rows(named=True)
    ]


def task_runs(raw: Path, registry: Registry) -> list[dict[str, object]]:
    """One row per model, task and run; runs of June 2025 on tasks that the suite dropped stay out."""
    items = _items(raw)
    suite = set(
        items.filter(pl.col("run") == "lyptus-v2").select("benchmark", "item_id").iter_rows()
    )
    seen: Counter[tuple[str, ...]] = Counter()
    rows = []
    for row in items.iter_rows(named=True):
        if row["passed"] is None or (row["benchmark"], row["item_id"]) not in suite:
            continue
        evaluated, _ = parse(row["date_evaluated"])
        model_version = registry.id_of(row["model_id"])
        key = (model_version, row["benchmark"], row["item_id"], row["run"])
        seen[key] += 1
        second = f"-{seen[key]}" if seen[key] > 1 else ""
        rows.append(
            {
                "model_version": model_version,
                "benchmark": _BENCHMARK[row["benchmark"]],
                "task_id": row["item_id"],
                "run": row["run"] + second,
                "success": bool(row["passed"]),
                "tokens": row["tokens"],
                "scaffold": "Inspect ReAct (Lyptus)" if row["run"] == "lyptus-v2" else None,
                "token_budget": 2e6 if row["run"] == "lyptus-v2" else None,
                "evaluated_on": evaluated,
                "source": _SOURCE,
                "source_url": _URL,
            }
        )
    return rows
