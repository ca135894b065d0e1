"""Indices of others with their own dates and flags, their stated trend lines, and precedents.

They serve to reproduce published lags; nothing here is evidence of the ability model.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from . import curated
from .dates import parse
from .identity import Registry
from .raw import read_csv

__all__ = ["EPOCH_ACCESS", "index_lines", "index_rows", "precedent_rows"]

#: Accessibility in Epoch AI's words.
EPOCH_ACCESS = {
    "": "unknown",
    "Unknown": "unknown",
    "API access": "api",
    "Hosted access (no API)": "hosted",
    "Unreleased": "unreleased",
    "Open weights (unrestricted)": "open_weight",
    "Open weights (restricted use)": "open_weight",
    "Open weights (non-commercial)": "open_weight",
}
_EPOCH_URL = "https://epoch.ai/data/eci_scores.csv"
_ECIH_URL = (
    "https://github.com/General-Purpose-AI-Policy-Lab/Multiaxis_ECI/tree/1ea5e6d79f8b/"
    "5_outputs/data20260908/comparisons"
)
_EPOCH_2024_URL = "https://github.com/epoch-research/open-model-trends/tree/a72b3e93b358/data"
_GROUP = {"open": "open_weight", "closed": "api"}
#: Closed models of the Bayesian index that the public never had (``access_events.csv``); its entry
#: of GPT-5.5 of 2026-05-07 is the Cyber variant for trusted users.
_NOT_PUBLIC = {
    ("claude-mythos-preview-early", "2026-04-06"): "unreleased",
    ("claude-mythos-preview", "2026-04-07"): "restricted",
    ("claude-mythos-5", "2026-06-09"): "restricted",
    ("gpt-5.5", "2026-05-07"): "restricted",
}


def index_rows(raw: Path, registry: Registry) -> list[dict[str, object]]:
    """One row per model and series, in the publisher's own terms."""
    names = _names(registry)
    return [
        *_epoch(
            raw / "eci-2026-09" / "epoch_capabilities_index.csv",
            series="eci-2026-09",
            name=("Model",),
            source="epoch-eci",
            known=names,
        ),
        *_epoch(
            raw / "epoch-hub-2026-03" / "epoch_capabilities_index.csv",
            series="eci-2026-03",
            name=("Display name", "Model version"),
            source="epoch-eci-2026-03",
            known=names,
        ),
        *_grouped("index_ecih.csv", "multiaxis-eci", _ECIH_URL),
        *_grouped("index_epoch_2024.csv", "epoch-open-models", _EPOCH_2024_URL),
    ]


def _names(registry: Registry) -> Mapping[str, str]:
    """Models by every name that the registry has seen for one model only."""
    return {str(row["alias"]): str(row["model_version"]) for row in registry.alias_rows()}


def _epoch(
    path: Path, *, series: str, name: tuple[str, ...], source: str, known: Mapping[str, str]
) -> list[dict[str, object]]:
    """Scored and dated rows of one vintage; a model without a score or a day stands in no series.

    A file with one line per effort setting repeats the model's score on each: one line stays. Lines
    that share a display name and differ in score keep the name of their version.
    """
    lines: dict[str, dict[float, dict[str, str]]] = {}
    for row in read_csv(path):
        if row["ECI Score"] and row["Release date"]:
            shown = next(row[column] for column in name if row[column])
            score = round(float(row["ECI Score"]), 4)
            lines.setdefault(shown, {}).setdefault(score, row)
    rows: list[dict[str, object]] = []
    for shown, by_score in lines.items():
        for score, row in by_score.items():
            day, precision = parse(row["Release date"])
            assert precision == "day", row
            model = shown if len(by_score) == 1 else row[name[-1]]
            stated = row["Model accessibility"]
            rows.append(
                {
                    "series": series,
                    "model": model,
                    "model_version": known.get(model, known.get(row[name[-1]])),
                    "access": EPOCH_ACCESS[stated],
                    "access_as_stated": stated or None,
                    "released": day,
                    "lab": row["Organization"].split(",")[0].strip() or None,
                    "country": row["Country"] or None,
                    "score": score,
                    "source": source,
                    "source_url": _EPOCH_URL,
                }
            )
    return rows


def _grouped(file: str, source: str, url: str) -> list[dict[str, object]]:
    """Rows of a committed file whose publisher says open or closed."""
    rows: list[dict[str, object]] = []
    for row in curated.read(file):
        spread = row.get("score_sd")
        point = row.get("trend_point")
        rows.append(
            {
                "series": row["series"],
                "model": row["model"],
                "access": _NOT_PUBLIC.get((row["model"], row["released"]), _GROUP[row["group"]]),
                "access_as_stated": row["group"],
                "released": date.fromisoformat(row["released"]),
                "score": float(row["score"]),
                "score_sd": float(spread) if spread else None,
                "trend_point": None if point is None else point == "yes",
                "source": source,
                "source_url": url,
            }
        )
    return rows


def index_lines() -> list[dict[str, object]]:
    """Slopes and gaps of trend lines as their publisher states them."""
    return [
        {
            **row,
            **{name: float(row[name]) for name in ("value", "low", "high", "level")},
            "at": date.fromisoformat(row["at"]),
        }
        for row in curated.read("index_lines.csv")
    ]


def precedent_rows() -> list[dict[str, object]]:
    """Dated events; a month counts from its last day."""
    rows: list[dict[str, object]] = []
    for row in curated.read("precedents.csv"):
        day, precision = parse(row["date"])
        rows.append({**row, "date": day, "precision": precision})
    return rows
