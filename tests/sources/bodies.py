"""Synthetic bodies of the real shapes, and how to reach the parts that a test breaks."""

from __future__ import annotations

import copy
import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from headway.sources import (
    aider,
    arena,
    cybergym,
    epoch_hub,
    epoch_index,
    huggingface,
    lyptus,
    metr,
    model_prices,
    models_dev,
    sec_bench,
    sec_code_bench,
    swe_bench,
)
from headway.sources.declare import Parsed

CONNECTORS: tuple[ModuleType, ...] = (
    aider,
    arena,
    cybergym,
    epoch_hub,
    epoch_index,
    huggingface,
    lyptus,
    metr,
    model_prices,
    models_dev,
    sec_bench,
    sec_code_bench,
    swe_bench,
)

Rows = list[dict[str, Any]]
N = 6


def as_csv(rows: Rows) -> bytes:
    out = io.StringIO(newline="")
    header = list(dict.fromkeys(key for row in rows for key in row))
    writer = csv.DictWriter(out, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def as_json(data: Any) -> bytes:
    return json.dumps(data).encode()


def as_lines(rows: Rows) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_yaml(data: Any) -> bytes:
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False).encode()


def as_parquet(rows: Rows) -> bytes:
    out = io.BytesIO()
    columns = {key: [row.get(key) for row in rows] for key in rows[0]}
    try:
        table = pa.table(columns)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # a column that mixes types is kept as text
        table = pa.table(
            {k: [None if x is None else str(x) for x in v] for k, v in columns.items()}
        )
    pq.write_table(table, out)
    return out.getvalue()


def as_zip(members: dict[str, Any], *, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        for key, value in members.items():
            if isinstance(value, bytes):
                content = value
            else:
                content = as_csv(value) if isinstance(value, list) else as_json(value)
            # fixed times, so that equal members are equal bytes
            archive.writestr(zipfile.ZipInfo(key), content, packing)
    return out.getvalue()


def reach(row: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        row = row[key]
    return row


def put(row: Any, path: tuple[str, ...], value: object) -> None:
    reach(row, path[:-1])[path[-1]] = value


@dataclass(frozen=True)
class Case:
    """One resource of one connector with a body, and where its parts are."""

    module: ModuleType
    resource: str
    data: Any
    encode: Callable[[Any], bytes]
    #: scores, models
    gives: tuple[int, int]
    rows: Callable[[Any], Rows]
    score: tuple[str, ...]
    needed: tuple[str, ...]
    unit: str
    date: tuple[str, ...] | None = None
    name: tuple[str, ...] | None = ("model",)

    @property
    def id(self) -> str:
        return f"{self.module.__name__.rpartition('.')[2]}:{self.resource}"

    def fresh(self) -> Any:
        return copy.deepcopy(self.data)

    def parse(self, data: Any) -> Parsed:
        found: Parsed = self.module.parse(self.encode(data), self.resource)
        return found


MONTHS = [f"2026-0{i + 1}-15" for i in range(N)]

INDEX: Rows = [
    {
        "Model": f"Model {i}",
        "Display name": f"Model {i}",
        "eci": 130 + i,
        "eci_ci_low": "" if i == 0 else 128 + i,
        "eci_ci_high": "" if i == 0 else 133 + i,
        "date": MONTHS[i],
        "Organization": "Lab",
        "Country (of organization)": "Nowhere",
        "Model accessibility": "API access",
        "Accessibility group": "Closed weights",
        "model_versions": "",
    }
    for i in range(N)
]

_COMMON = {"Organization": "Lab", "Country": "Nowhere"}

HUB: dict[str, Any] = {
    "benchmark_metadata.csv": [
        {
            "benchmark": "GPQA diamond",
            "in_eci": "True",
            "source_file": "gpqa_diamond.csv",
            "score_column": "Best score (across scorers)",
            "scale": "1.0",
            "random_baseline": "0.25",
            "score_ceiling": "1.0",
            "release_date": "2023-11-20",
            "superseded_by": "",
        },
        {
            "benchmark": "New board",
            "in_eci": "True",
            "source_file": "new_board_external.csv",
            "score_column": "Win rate",
            "scale": "0.01",
            "random_baseline": "0",
            "score_ceiling": "1.0",
            "release_date": "2026-01-01",
            "superseded_by": "",
        },
        {
            "benchmark": "Shown only",
            "in_eci": "False",
            "source_file": "",
            "score_column": "",
            "scale": "",
            "random_baseline": "",
            "score_ceiling": "",
            "release_date": "",
            "superseded_by": "",
        },
    ],
    "model_metadata.csv": [
        {
            "model_version": f"model-{i}_high",
            "model_group": f"Model {i}",
            "date": MONTHS[i],
            "display_name": f"Model {i} (high)",
            "organization": "Lab",
            "country": "Nowhere",
            "accessibility": "Open weights (unrestricted)",
            "training_compute_flop": "1.5e+25",
        }
        for i in range(N)
    ]
    + [dict.fromkeys(("model_version", "model_group", "date", "display_name"), "")],
    "gpqa_diamond.csv": [
        {
            "Model version": f"model-{i}_high",
            "mean_score": 0.3 + i / 10,
            "Best score (across scorers)": 0.35 + i / 10,
            "Release date": MONTHS[i],
            **_COMMON,
            "stderr": 0.02,
            "Started at": f"{MONTHS[i]}T01:57:10.547Z",
            "Logs": "https://example.org/log.eval",
            "id": f"run{i}",
        }
        for i in range(N)
    ],
    "new_board_external.csv": [
        {"Model version": f"model-{i}_high", "Win rate": 30 + i, **_COMMON, "Source": "A board"}
        for i in range(N)
    ],
    "metr_time_horizons_external.csv": [
        {
            "Model version": f"model-{i}_high",
            "Time horizon": 30.5 + i,
            **_COMMON,
            "CI_high": 60 + i,
            "CI_low": 10 + i,
            "average_score": 0.5,
        }
        for i in range(N)
    ],
    "epoch_capabilities_index/eci_scores.csv": INDEX,
    "epoch_capabilities_index/edi_scores.csv": [{"benchmark_name": "GPQA diamond", "edi": 140}],
    "epoch_capabilities_index/eci_bootstraps.json": {
        "num_samples": 3,
        "model": {
            "ids": [f"m{i}" for i in range(N)],
            "names": [f"Model {i}" for i in range(N)],
            "capability_samples": [[130.5 + i + draw for i in range(N)] for draw in range(3)],
        },
    },
}

MODELS: dict[str, Any] = {
    f"lab/model-{i}": {
        "name": f"Model {i}",
        "family": "model",
        "release_date": MONTHS[i][:7] if i == 0 else MONTHS[i],
        "last_updated": MONTHS[i],
        "open_weights": i % 2 == 0,
        "weights": [{"label": "Hub", "url": f"https://example.org/model-{i}"}],
        "benchmarks": [
            {
                "name": "SWE-Bench Pro",
                "score": 40.5 + i,
                "metric": "resolve rate",
                "source": "https://example.org/board",
                "date": MONTHS[i],
                "dataset": "public",
            }
        ],
    }
    for i in range(N)
}

HORIZONS: dict[str, Any] = {
    "benchmark_name": "METR-Horizon-v1.1",
    "long_tasks_version": "abc",
    "results": {
        f"model_{i}": {
            "benchmark_name": "METR-Horizon-v1.1",
            "metrics": {
                "average_score": {"estimate": 0.4 + i / 20},
                "is_sota": True,
                "p50_horizon_length": {"estimate": 20.0 + i, "ci_low": 10.0, "ci_high": 50.0},
                "p80_horizon_length": {"estimate": 2.0 + i, "ci_low": 1.0, "ci_high": 5.0},
            },
            "release_date": MONTHS[i],
            "scaffolds": ["react", None],
        }
        for i in range(N)
    },
}

RUNS: Rows = [
    {
        "task_id": f"family/task-{i}",
        "task_family": "family",
        "run_id": f"run-{i}",
        "alias": "Model 1",
        "model": "lab/model-1",
        "score_binarized": i % 2,
        "human_minutes": 12.5,
        "human_source": "baseline",
        "total_tokens": 1000,
    }
    for i in range(N)
]

CYBERGYM: dict[str, Any] = {
    "level1": [
        {
            "agent": "Agent",
            "model": f"Model {i}",
            "model_release_date": MONTHS[i],
            "include_in_plot": True,
            "score_10": 0.3 + i / 10,
            "date": MONTHS[i],
            "source": "Team",
            "source_url": "https://example.org",
            "trials": 1,
            "focus": "model",
        }
        for i in range(N)
    ],
    "level0": [
        {
            "agent": "Agent",
            "model": "Model 0",
            "score_10": 0.03,
            "score_x1": 0.01,
            "date": MONTHS[0],
        }
    ],
}

EXPLOITGYM: dict[str, Any] = {
    "instances": {"total": 100, "userspace": 50, "v8": 30, "kernel": 20},
    "results": [
        {
            "model": f"Model {i}",
            "agent": "Agent",
            "source": "Team",
            "source_url": None,
            "date": MONTHS[i],
            "eval_note": "2h timeout",
            "total": 10 + i,
            "userspace": 5 + i,
            "v8": 3,
            "kernel": 2,
            "mitigated": {"v8": 1},
            "metrics": {"cost": None},
            "version": "v1",
        }
        for i in range(N)
    ],
}

E2E: dict[str, Any] = {
    "results": [
        {
            "model": f"Model {i}",
            "harness": "Harness",
            "task_set": 615,
            "budget": "$10 / 90 min",
            "patch_only": 80.0 + i,
            "s1": 20.0,
            "s2": 19.0,
            "s3": 18.0,
            "s4": 7.5,
            "source": "Team",
        }
        for i in range(N)
    ]
}


def _pro(i: int) -> dict[str, Any]:
    return {
        "agent": "Agent",
        "model": f"Model {i}",
        "model_version": f"Model {i}",
        "effort": "high",
        "org": "Lab",
        "resolved": 3.5 + i,
        "date": MONTHS[i],
        "open_source": i % 2 == 0,
        "verified": False,
        "score_modes": {
            "headline": {"solved": 7, "total": 183, "score": 3.8},
            "completed": {"solved": 7, "total": 159, "score": 4.4},
        },
        "rank": 1,
    }


PRO: dict[str, Any] = {
    "versions": [{"name": "260505", "date": "2026-05-05"}],
    "default_version": "260505",
    "snapshots": {
        "260505": {
            "leaderboards": [
                {
                    "name": "overall",
                    "display_name": "Overall",
                    "instances": 183,
                    "is_overall": True,
                    "results": [_pro(i) for i in range(N)],
                }
            ]
        }
    },
}

SEC_V1: dict[str, Any] = {
    "website_title": "A title",
    "leaderboards": [
        {
            "display_name": "PoC Generation",
            "results": [
                {
                    "model": f"Agent + Model {i}",
                    "org": "Lab",
                    "resolved": 18.0 + i,
                    "date": MONTHS[i],
                    "open_source": False,
                    "verified": True,
                    "logs_link": "https://example.org",
                }
                for i in range(N)
            ],
        }
    ],
}

TOTALS: Rows = [
    {
        "modelName": f"Model {i}",
        "totalScore": 67.08,
        "fixScore": 72.86 + i,
        "fixHintsScore": 76.73,
        "genScore": 57.62,
        "genHintsScore": 72.18,
        "testDate": f"2026/3/{i + 1} 20:37:00",
        "id": i,
    }
    for i in range(N)
]

CASES_OF_CODE: dict[str, Any] = {
    "modelResults": [
        {
            "modelId": 1,
            "modelName": "Model 1",
            "testCaseResults": [
                {
                    "testCaseId": f"Case{i}",
                    "scenarioScores": {
                        "fix": 90.0 + i,
                        "fixhints": 100.0,
                        "gen": 70.0,
                        "genhints": 90,
                    },
                    "overallScore": 87.5,
                    "passRate": 100.0,
                    "lastTested": MONTHS[i],
                }
                for i in range(N)
            ],
            "summary": {"totalTestCases": N},
        }
    ],
    "metadata": {"totalModels": 1},
}

AIDER: Rows = [
    {
        "dirname": f"run-{i}",
        "test_cases": 225,
        "model": f"Model {i}",
        "edit_format": "diff",
        "commit_hash": "abc",
        "pass_rate_1": 20.4 + i,
        "pass_rate_2": 35.6 + i,
        "date": MONTHS[i],
        "versions": "0.75.2",
    }
    | ({"released": "2024-06-20"} if i == 0 else {})
    for i in range(N)
]

SWE: dict[str, Any] = {
    "leaderboards": [
        {
            "name": "Verified",
            "results": [
                {
                    "name": f"Agent 1.0 (Model {i})",
                    "site": "https://example.org",
                    "folder": f"run-{i}",
                    "resolved": 41.98 + i,
                    "date": MONTHS[i],
                    "os_model": False,
                    "os_system": True,
                    "checked": True,
                    "tags": ["Org: Lab", "System: Attempts - 1"],
                    "warning": None,
                }
                for i in range(N)
            ],
        }
    ]
}
for _row in SWE["leaderboards"][0]["results"][:3]:
    _row["tags"].append("Model: model-1")

OUTCOMES: Rows = [
    {
        "task_id": f"family/task-{i}",
        "task_family": "family",
        "agent": "lab/model-1",
        "alias": "Model 1",
        "score_binarized": i % 2,
        "total_tokens": 382,
    }
    for i in range(N)
]

RATINGS: Rows = [
    {
        "model_name": f"model-{i // 2}",
        "organization": "Lab",
        "license": "Proprietary",
        "rating": 1400.5 + i,
        "rating_lower": 1390.0 + i,
        "rating_upper": 1410.0 + i,
        "variance": 2.5,
        "vote_count": 4000.0,
        "rank": i + 1,
        "category": ("overall", "coding")[i % 2],
        "leaderboard_publish_date": "2026-09-10",
    }
    for i in range(N)
]


def _itself(data: Any) -> Rows:
    return list(data)


def _results(data: Any) -> Rows:
    return list(data["results"])


CASES: tuple[Case, ...] = (
    Case(
        epoch_hub,
        "benchmark_data",
        HUB,
        as_zip,
        (5 * N, 2 * N),
        lambda data: data["gpqa_diamond.csv"],
        ("mean_score",),
        ("Model version",),
        "proportion",
        ("Started at",),
        ("Model version",),
    ),
    Case(
        epoch_index,
        "eci_scores",
        INDEX,
        as_csv,
        (N, N),
        _itself,
        ("eci",),
        ("eci",),
        "points",
        ("date",),
        ("Model",),
    ),
    Case(
        models_dev,
        "models",
        MODELS,
        as_json,
        (N, N),
        lambda data: list(data.values()),
        ("benchmarks", 0, "score"),  # type: ignore[arg-type]
        ("open_weights",),
        "percent",
        ("release_date",),
        ("name",),
    ),
    Case(
        metr,
        "horizons",
        HORIZONS,
        as_yaml,
        (3 * N, N),
        lambda data: list(data["results"].values()),
        ("metrics", "average_score", "estimate"),
        ("release_date",),
        "proportion",
        ("release_date",),
        None,
    ),
    Case(
        metr,
        "runs",
        RUNS,
        as_lines,
        (N, 0),
        _itself,
        ("score_binarized",),
        ("score_binarized",),
        "binary",
        None,
        ("alias",),
    ),
    Case(
        cybergym,
        "cybergym",
        CYBERGYM,
        as_json,
        (N + 2, N),
        lambda data: data["level1"],
        ("score_10",),
        ("score_10",),
        "proportion",
        ("date",),
    ),
    Case(
        cybergym,
        "exploitgym",
        EXPLOITGYM,
        as_json,
        (5 * N, 0),
        _results,
        ("userspace",),
        ("userspace",),
        "count",
        ("date",),
    ),
    Case(
        cybergym,
        "cybergym-e2e",
        E2E,
        as_json,
        (5 * N, 0),
        _results,
        ("s1",),
        ("s1",),
        "percents",
    ),
    Case(
        sec_bench,
        "results",
        PRO,
        as_json,
        (2 * N, N),
        lambda data: data["snapshots"]["260505"]["leaderboards"][0]["results"],
        ("resolved",),
        ("resolved",),
        "percent",
        ("date",),
    ),
    Case(
        sec_bench,
        "leaderboards",
        SEC_V1,
        as_yaml,
        (N, 0),
        lambda data: data["leaderboards"][0]["results"],
        ("resolved",),
        ("resolved",),
        "percent",
        ("date",),
    ),
    Case(
        lyptus,
        "model_runs",
        OUTCOMES,
        as_parquet,
        (N, 0),
        _itself,
        ("score_binarized",),
        ("alias",),
        "binary",
        None,
        ("alias",),
    ),
    Case(
        sec_code_bench,
        "leaderboard-2_2_0",
        TOTALS,
        as_json,
        (5 * N, 0),
        _itself,
        ("fixScore",),
        ("fixScore",),
        "percent",
        ("testDate",),
        ("modelName",),
    ),
    Case(
        sec_code_bench,
        "tests",
        CASES_OF_CODE,
        as_json,
        (4 * N, 0),
        lambda data: data["modelResults"][0]["testCaseResults"],
        ("scenarioScores", "fix"),
        ("scenarioScores",),
        "percents",
        ("lastTested",),
        ("testCaseId",),
    ),
    Case(
        aider,
        "polyglot",
        AIDER,
        as_yaml,
        (2 * N, 1),
        _itself,
        ("pass_rate_1",),
        ("pass_rate_1",),
        "percent",
        ("date",),
    ),
    Case(
        swe_bench,
        "leaderboards",
        SWE,
        as_json,
        (N, 0),
        lambda data: data["leaderboards"][0]["results"],
        ("resolved",),
        ("resolved",),
        "percent",
        ("date",),
        ("name",),
    ),
    Case(
        arena,
        "text",
        RATINGS,
        as_parquet,
        (N, 3),
        _itself,
        ("rating",),
        ("rating",),
        "elo",
        ("leaderboard_publish_date",),
        ("model_name",),
    ),
)
