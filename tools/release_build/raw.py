"""Raw readers: rows as the sources state them, nothing renamed, joined or rounded."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

__all__ = ["LYPTUS_KEPT", "RawRow", "read_csv", "read_rows"]


@dataclass(slots=True)
class RawRow:
    """One stated result."""

    origin: str  # normalized, academic, gov, epoch-cyber, epoch-cyber-dropped
    panel: str
    model_raw: str
    benchmark_raw: str
    metric: str
    value: float
    unit: str
    key: str  # identity of the row in its file, stable under reordering
    model_hint: str | None = None
    config: str | None = None
    n_items: int | None = None
    stderr: float | None = None
    ci: tuple[float, float] | None = None  # stated 95 % limits, in the row's unit
    harness: str | None = None
    evaluator: str | None = None
    evaluator_type: str | None = None
    date: str | None = None
    source_url: str | None = None
    source_repo: str | None = None
    confidence: str = "primary_file"
    digitised: bool = False
    computed: bool = False  # counted here from published outcomes
    notes: list[str] = field(default_factory=list)
    #: what stands in the place of a field that its source has wrong (``corrections.yml``); the
    #: field itself stays as stated
    corrected: dict[str, str | float | None] = field(default_factory=dict)

    @property
    def used_value(self) -> float:
        return float(self.corrected.get("score", self.value))  # type: ignore[arg-type]

    @property
    def used_stderr(self) -> float | None:
        found = self.corrected.get("stderr", self.stderr)
        return None if found is None else float(found)


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _number(text: str | None) -> float | None:
    return float(text) if text not in (None, "") else None


def _items(text: str | None) -> int | None:
    return int(float(text)) if text not in (None, "") else None


def _limits(low: str, high: str) -> tuple[float, float] | None:
    return (float(low), float(high)) if low and high else None


_CONFIDENCE = {
    "primary-file": "primary_file",
    "transcribed-from-file": "primary_file",
    "primary-read": "primary_text",
    "primary-text": "primary_text",
    "secondary-corroborated": "secondary_corroborated",
    "secondary-single": "secondary_single",
    "digitised-figure": "digitised_figure",
}


def _confidence(text: str) -> str:
    word = text.split(" ", 1)[0]
    return _CONFIDENCE[word]


def _normalized(raw: Path) -> list[RawRow]:
    rows = []
    for row in read_csv(raw / "normalized" / "scores.csv"):
        value = _number(row["score_raw"])
        if value is None:
            raise ValueError(f"scores.csv row {row['score_id']}: no value")
        panel = row["version"] or {
            "aider": "aider",
            "metr": "metr",
            "SWE-bench": "swe-bench-site",
            "SEC-bench": "sec-bench-site",
            "lyptus-research": "lyptus-v2",
        }.get(_owner(row["source_repo"]), _owner(row["source_repo"]))
        rows.append(
            RawRow(
                origin="normalized",
                panel=panel,
                model_raw=row["model_raw"],
                benchmark_raw=row["benchmark"],
                metric=row["metric"],
                value=value,
                unit=row["unit"],
                key="|".join(
                    row[name]
                    for name in (
                        "model_raw",
                        "config",
                        "benchmark",
                        "version",
                        "metric",
                        "harness",
                        "evaluator",
                        "date_evaluated",
                        "source_url",
                    )
                ),
                model_hint=row["model_id"],
                config=row["config"] or None,
                n_items=_items(row["n_items"]),
                stderr=_number(row["stderr"]),
                ci=_limits(row["ci_low"], row["ci_high"]),
                harness=row["harness"] or None,
                evaluator=row["evaluator"] or None,
                evaluator_type=row["evaluator_type"] or None,
                date=row["date_evaluated"] or None,
                source_url=row["source_url"] or None,
                source_repo=row["source_repo"],
                confidence=_confidence(row["confidence"]),
                digitised=row["confidence"] == "digitised-figure",
                notes=[row["note"]] if row["note"] else [],
            )
        )
    return rows


def _owner(repo: str) -> str:
    return {"Aider-AI/aider": "aider"}.get(repo, repo.split("/")[0])


def _panel_file(path: Path, origin: str) -> list[RawRow]:
    rows = []
    for row in read_csv(path):
        value = _number(row["score_raw"])
        if value is None:
            raise ValueError(f"{path.name}: no value in {row['panel']} {row['model_raw']}")
        rows.append(
            RawRow(
                origin=origin,
                panel=row["panel"],
                model_raw=row["model_raw"],
                benchmark_raw=row["benchmark"],
                metric=row["metric"],
                value=value,
                unit=row["unit"],
                key="|".join(
                    row[name]
                    for name in (
                        "panel",
                        "model_raw",
                        "benchmark",
                        "metric",
                        "harness",
                        "evaluator",
                    )
                ),
                n_items=_items(row["n_items"]),
                harness=row["harness"] or None,
                evaluator=row["evaluator"] or None,
                evaluator_type=row["evaluator_type"] or None,
                date=row["date_evaluated"] or None,
                source_url=row["source_url"] or None,
                source_repo=None,
                confidence=_confidence(row["confidence"]),
                digitised=row["confidence"] == "digitised-figure",
                notes=[row["note"]] if row["note"] else [],
            )
        )
    return rows


def _epoch_cyber(path: Path, origin: str) -> list[RawRow]:
    rows = []
    for row in read_csv(path):
        value = _number(row["score"])
        if value is None:
            raise ValueError(f"{path.name}: no score for {row['model_version']}")
        rows.append(
            RawRow(
                origin=origin,
                panel=row["feed"].split("@")[0]
                if origin == "epoch-cyber"
                else "epoch-cyber-dropped",
                model_raw=row["model_version"],
                benchmark_raw=row["benchmark"],
                metric=row["source"],
                value=value,
                unit="fraction",
                key="|".join(
                    row[name]
                    for name in ("model_version", "release_date", "benchmark", "source", "feed")
                ),
                evaluator=row["source"] or None,
                date=None,
                source_url=row["source_url"]
                or "https://epoch.ai/data/cyber/processed_data_for_eci.csv",
                confidence="secondary_single",
                digitised="read off published plots" in row["source"],
                notes=[f"row_date={row['release_date']}"],
            )
        )
    return rows


#: Runs taken over task by task from the release of June 2025, where they count.
LYPTUS_KEPT = frozenset({"gpt-2", "davinci-002", "gpt-3.5-turbo"})


def _lyptus_parts(raw: Path) -> list[RawRow]:
    """The Lyptus run in two parts: the tasks that GPT-5.5 was run on, and the others.

    The choice of the first part does not look at outcomes (it holds nearly all tasks with a human
    time), so each part is a test of its own and every outcome enters one of them once.
    """
    items = (
        pl.read_parquet(raw / "normalized" / "items.parquet")
        .filter(pl.col("run") == "lyptus-v2", pl.col("passed").is_not_null())
        .select("model_id", "benchmark", "item_id", pl.col("passed").cast(pl.Boolean))
    )
    first = items.filter(pl.col("model_id") == "gpt-5.5").select(
        "benchmark", "item_id", pl.lit(1).alias("part")
    )
    counts = (
        items.filter(~pl.col("model_id").is_in(sorted(LYPTUS_KEPT)))
        .join(first, on=["benchmark", "item_id"], how="left")
        .with_columns(pl.col("part").fill_null(2))
        .group_by("model_id", "benchmark", "part")
        .agg(pl.col("passed").sum().alias("solved"), pl.len().alias("run"))
        .sort("model_id", "benchmark", "part")
    )
    lines = {
        row["model_id"]: row
        for row in read_csv(raw / "normalized" / "scores.csv")
        if row["version"] in ("lyptus-v2", "lyptus-v2-gpt55subset")
        and row["metric"] == _LYPTUS_METRIC
    }
    rows = []
    for count in counts.iter_rows(named=True):
        line = lines[count["model_id"]]
        benchmark = f"{count['benchmark']} [part {count['part']}]"
        rows.append(
            RawRow(
                origin="normalized",
                panel="lyptus-v2",
                model_raw=line["model_raw"],
                benchmark_raw=benchmark,
                metric=_LYPTUS_METRIC,
                value=count["solved"] / count["run"],
                unit="fraction",
                key=f"{line['model_raw']}|{benchmark}|{_LYPTUS_METRIC}",
                model_hint=count["model_id"],
                n_items=count["run"],
                harness=line["harness"] or None,
                evaluator=line["evaluator"] or None,
                evaluator_type=line["evaluator_type"] or None,
                date=line["date_evaluated"] or None,
                source_url=line["source_url"] or None,
                source_repo=line["source_repo"],
                confidence=_confidence(line["confidence"]),
                computed=True,
            )
        )
    return rows


_LYPTUS_METRIC = "pass@1, 2M-token budget"


def read_rows(raw: Path) -> list[RawRow]:
    """Every stated score of the raw folder, in file order, and the parts counted from outcomes."""
    return [
        *_normalized(raw),
        *_lyptus_parts(raw),
        *_panel_file(raw / "academic" / "academic.csv", "academic"),
        *_panel_file(raw / "transcribed" / "gov_scores.csv", "gov"),
        *_epoch_cyber(raw / "epoch-cyber" / "epoch_cyber.csv", "epoch-cyber"),
        *_epoch_cyber(
            raw / "epoch-cyber" / "epoch_cyber_dropped_benchmarks.csv", "epoch-cyber-dropped"
        ),
    ]
