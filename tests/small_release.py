"""A small synthetic release: 34 invented models, 12 invented benchmarks, known truth.

Only the two anchor models of the scale and those named in examples keep their real ids. Open models follow closed ones by
about eight months; nothing here is a measurement.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from headway.estimate.capability import ANCHORS
from headway.tables.schemas import SCHEMAS
from headway.tables.store import TABLES
from headway.tables.validate import check

DATA_THROUGH = date(2026, 6, 30)
DATA_RELEASE = "2026-07-01"
URL = "https://example.org/results"
STAGES = ("find_reproduce", "exploit", "range", "ctf_mixed")


def _models() -> list[dict[str, Any]]:
    out = []
    for i in range(17):
        for is_open in (False, True):
            day = date(2023, 3, 1) + timedelta(days=70 * i + (35 if is_open else 0))
            kind = "open" if is_open else "closed"
            named = {
                (4, False): ANCHORS[0][0],
                (10, False): "gpt-5",
                (12, False): ANCHORS[1][0],
                (16, False): "claude-mythos-preview",
            }
            name = named.get((i, is_open), f"{kind}-{i:02d}")
            out.append(
                {
                    "id": name,
                    "open": is_open,
                    "day": day,
                    "lab": f"{kind}-lab-{i % 4}",
                    # logits; a closed model's level is met by open ones 8 months later
                    "truth": (day - date(2024, 1, 1)).days / 365.25 * 2.0
                    - (8 / 12 * 2.0 if is_open else 0.0),
                }
            )
    return out


def _benchmarks() -> list[dict[str, Any]]:
    out = []
    for domain, stages in (("cyber", STAGES), ("coding", (None,) * 4), ("general", (None,) * 4)):
        for i, stage in enumerate(stages):
            for part in range(2 if stage else 1):
                out.append(
                    {
                        "benchmark": f"{domain}-{stage or i}-{part}".replace("_", "-"),
                        "domain": domain,
                        "stage": stage,
                        "difficulty": (i + part) * 1.2 - 1.0,
                        "item_access": "private" if (i + part) % 2 else "public",
                    }
                )
    return out


def small_tables() -> dict[str, pl.DataFrame]:
    """All tables of the release, valid."""
    rng = np.random.default_rng(20260701)
    models, benchmarks = _models(), _benchmarks()
    scores = []
    for model in models:
        for bench in benchmarks:
            if rng.random() < 0.2:
                continue
            p = 1 / (1 + math.exp(-(model["truth"] + rng.normal(0, 0.2) - bench["difficulty"])))
            n = 150
            relationship = "first_party" if rng.random() < 0.3 else "academic"
            value = rng.binomial(n, p) / n
            known = min(model["day"] + timedelta(days=int(rng.integers(5, 60))), DATA_THROUGH)
            scores.append(
                {
                    "score_id": hashlib.sha256(
                        f"{model['id']}/{bench['benchmark']}".encode()
                    ).hexdigest()[:12],
                    "model_version": model["id"],
                    "model_as_named": model["id"].upper(),
                    "benchmark": bench["benchmark"],
                    "panel": "synthetic",
                    "score": value,
                    "value": value,
                    "unit": "proportion",
                    "n": n,
                    "published_at": known,
                    "known_on": known,
                    "pseudo_vintage": bool(rng.random() < 0.25),
                    "evaluator": "Example Lab",
                    "evaluator_relationship": relationship,
                    "value_origin": "reported",
                    "confidence": "primary_text",
                    "use": "fit",
                    "source": "synthetic",
                    "source_url": f"{URL}#{bench['benchmark']}",
                    "licence": "CC0-1.0",
                }
            )
    raw: dict[str, list[dict[str, Any]]] = {
        "sources": [
            {
                "source": "synthetic",
                "title": "Synthetic results",
                "publisher": "Example Lab",
                "url": URL,
                "licence": "CC0-1.0",
                "decision": "ship",
                "reason": "invented for tests",
                "cite": "Example Lab (2026)",
                "rows": len(scores),
            }
        ],
        "model_versions": [
            {
                "model_version": m["id"],
                "name": m["id"].replace("-", " ").title(),
                "lab": m["lab"],
                "developer": m["lab"],
                "released": m["day"],
                "released_precision": "day",
                "released_source": URL,
                "open_weight": m["open"],
                "open_weight_basis": "stated",
                "open_weight_source": URL,
            }
            for m in models
        ],
        "model_aliases": [
            {
                "alias": f"{m['id']} (high)",
                "model_version": m["id"],
                "effort": "high",
                "evidence": "invented for tests",
                "source": URL,
            }
            for m in models
        ],
        "access": [
            {
                "model_version": m["id"],
                "access": "open_weight" if m["open"] else "api",
                "from": m["day"],
                "basis": "stated",
                "precision": "day",
                "source": URL,
            }
            for m in models
        ],
        "benchmarks": [
            {
                "benchmark": b["benchmark"],
                "name": b["benchmark"].replace("-", " ").title(),
                "family": b["benchmark"],
                "domain": b["domain"],
                "stage": b["stage"],
                "reason": "invented for tests",
                "items": 150,
                "chance": 0.0,
                "ceiling": 1.0,
                "released": date(2023, 1, 1),
                "released_precision": "day",
                "released_source": URL,
                "item_access": b["item_access"],
                "unit": "proportion",
                "higher_is_better": True,
                "role": "fit",
            }
            for b in benchmarks
        ],
        "scores": scores,
        "tasks": [],
        "task_runs": [],
        "published_estimates": [
            {
                "estimate_id": "invented-lag",
                "publisher": "Example Lab",
                "quantity": "lag",
                "value": 8.0,
                "unit": "months",
                "domain": "cyber",
                "source": "synthetic",
                "source_url": URL,
            }
        ],
    }
    tables = {}
    for name in TABLES:
        columns = SCHEMAS[name].columns()
        frame = pl.DataFrame(
            [{c: row.get(c) for c in columns} for row in raw[name]],
            schema={c: spec.dtype for c, spec in columns.items()},
        )
        tables[name] = check(name, frame)
    return tables


def write_tables(folder: Path, tables: dict[str, pl.DataFrame]) -> None:
    """Write tables as a release; in a folder ``releases`` it becomes the one in use."""
    folder.mkdir(parents=True, exist_ok=True)
    told: dict[str, Any] = {}
    for name, frame in tables.items():
        body = io.BytesIO()
        frame.write_parquet(body, compression="zstd")
        (folder / f"{name}.parquet").write_bytes(body.getvalue())
        told[name] = {
            "rows": len(frame),
            "sha256": hashlib.sha256(body.getvalue()).hexdigest(),
        }
    head = {
        "data_release": DATA_RELEASE,
        "data_through": DATA_THROUGH.isoformat(),
        "tables": told,
    }
    (folder / "release.json").write_text(json.dumps(head), encoding="utf-8")
    if folder.parent.name == "releases":
        (folder.parent / "current").write_text(folder.name)


def write_small_release(folder: Path) -> None:
    """Write the whole small release."""
    write_tables(folder, small_tables())
