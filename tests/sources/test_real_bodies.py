"""The stored real bodies, counted with the plain json, csv and Parquet readers.

Left out visibly where the raw folder is absent (``--raw-data PATH``). A stored body that has another
form than the live one is brought into the live form here: the hub is a folder and is zipped.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from headway.sources import (
    aider,
    cybergym,
    epoch_hub,
    epoch_index,
    lyptus,
    metr,
    models_dev,
    sec_bench,
    sec_code_bench,
)


def zipped(folder: Path) -> bytes:
    """The folder as the archive that the live address serves."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    return out.getvalue()


def table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def plain(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def test_epoch_hub(raw_data):
    folder = raw_data / "epoch-hub-2026-03"
    parsed = epoch_hub.parse(zipped(folder), "benchmark_data")

    files = {file.stem: table(file) for file in folder.glob("*.csv")}
    index = files.pop("epoch_capabilities_index")
    declared = epoch_hub._declared()["files"]
    cells = sum(bool(row[declared[stem]["column"]]) for stem in files for row in files[stem])
    cells += sum(bool(row["Time horizon"]) for row in files["metr_time_horizons_external"])
    scored = sum(bool(row["ECI Score"]) for row in index)
    assert parsed.present == cells + scored + len(index)
    assert len(parsed.models) == len(index)
    assert parsed.drift == ()
    # a score without version and name belongs to no model that can be told
    assert Counter(one.reason for one in parsed.failures) == {"name_empty": 54}
    values = {(one.raw): one.score for one in parsed.scores}
    first = float(files["gpqa_diamond"][0]["mean_score"])
    assert values["gpqa_diamond.csv:2:mean_score"] == first


@pytest.mark.parametrize(
    ("file", "column"),
    [
        ("epoch-hub-2026-03/epoch_capabilities_index.csv", "ECI Score"),
        ("eci-2026-09/epoch_capabilities_index.csv", "ECI Score"),
    ],
)
def test_epoch_index(raw_data, file, column):
    parsed = epoch_index.parse((raw_data / file).read_bytes(), "eci_scores")
    rows = table(raw_data / file)

    assert [one.score for one in parsed.scores] == [float(r[column]) for r in rows if r[column]]
    assert len(parsed.models) == len(rows)
    assert parsed.failures == parsed.drift == ()


def test_models_dev(raw_data):
    file = raw_data / "models.dev" / "models.json"
    parsed = models_dev.parse(file.read_bytes(), "models")
    stated = plain(file)

    results = [one["score"] for row in stated.values() for one in row.get("benchmarks", [])]
    assert [one.model for one in parsed.models] == list(stated)
    assert [one.score for one in parsed.scores] == results
    assert parsed.failures == parsed.drift == ()


@pytest.mark.parametrize(
    "name", ["benchmark_results_1_0.yaml", "benchmark_results_1_1.2026-04.yaml"]
)
def test_metr_horizons(raw_data, name):
    file = raw_data / "metr" / name
    parsed = metr.parse(file.read_bytes(), "horizons")
    results = yaml.safe_load(file.read_text(encoding="utf-8"))["results"]

    horizons = [row["metrics"]["p50_horizon_length"]["estimate"] for row in results.values()]
    found = [one.score for one in parsed.scores if one.metric == "p50_horizon_length"]
    assert found == horizons
    assert [one.released for one in parsed.models] == [
        row["release_date"].isoformat() for row in results.values()
    ]
    assert parsed.failures == parsed.drift == ()


@pytest.mark.parametrize(
    "name", ["metr/all_runs.2025-01-28.jsonl", "lyptus/june_2025/all_runs.jsonl"]
)
def test_metr_runs(raw_data, name):
    file = raw_data / name
    parsed = metr.parse(file.read_bytes(), "runs")
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]

    assert [one.score for one in parsed.scores] == [row["score_binarized"] for row in rows]
    assert [one.model for one in parsed.scores] == [row["alias"] for row in rows]
    assert parsed.failures == parsed.drift == ()


def test_cybergym(raw_data):
    folder = raw_data / "cybergym-page"
    stated = plain(folder / "cybergym.json")
    parsed = cybergym.parse((folder / "cybergym.json").read_bytes(), "cybergym")

    rows = [row for level in stated.values() for row in level]
    assert len(parsed.scores) == sum(("score_10" in row) + ("score_x1" in row) for row in rows)
    assert len(parsed.models) == sum("model_release_date" in row for row in rows)
    assert parsed.failures == parsed.drift == ()


def test_exploitgym(raw_data):
    folder = raw_data / "cybergym-page"
    stated = plain(folder / "exploitgym.json")["results"]
    parsed = cybergym.parse((folder / "exploitgym.json").read_bytes(), "exploitgym")

    totals = [one.score for one in parsed.scores if one.metric == "total"]
    assert totals == [row["total"] for row in stated]
    assert parsed.failures == parsed.drift == ()


def test_cybergym_e2e(raw_data):
    folder = raw_data / "cybergym-page"
    stated = plain(folder / "cybergym-e2e.json")["results"]
    parsed = cybergym.parse((folder / "cybergym-e2e.json").read_bytes(), "cybergym-e2e")

    assert len(parsed.scores) == 5 * len(stated)
    assert parsed.failures == parsed.drift == ()


def test_lyptus(raw_data):
    file = raw_data / "lyptus" / "model_runs.parquet"
    parsed = lyptus.parse(file.read_bytes(), "model_runs")
    rows = pq.read_table(file).to_pylist()

    assert [(one.model, one.task, one.score) for one in parsed.scores] == [
        (row["alias"], row["task_id"], row["score_binarized"]) for row in rows
    ]
    assert parsed.failures == parsed.drift == ()


@pytest.mark.parametrize("board", ["polyglot", "edit", "refactor"])
def test_aider(raw_data, board):
    file = raw_data / "aider" / f"{board}_leaderboard.yml"
    parsed = aider.parse(file.read_bytes(), board)
    rows = yaml.safe_load(file.read_text(encoding="utf-8"))

    rates = [row[key] for row in rows for key in ("pass_rate_1", "pass_rate_2") if key in row]
    assert [one.score for one in parsed.scores] == rates
    assert len(parsed.models) == sum(("released" in row) + ("_released" in row) for row in rows)
    assert parsed.failures == parsed.drift == ()


@pytest.mark.parametrize("version", ["2.0.0", "2.2.0"])
def test_sec_code_bench(raw_data, version):
    folder = raw_data / "sec-code-bench"
    file = folder / f"leaderboard-{version}.json"
    parsed = sec_code_bench.parse(file.read_bytes(), f"leaderboard-{version.replace('.', '_')}")
    totals = [one.score for one in parsed.scores if one.metric == "totalScore"]
    assert totals == [row["totalScore"] for row in plain(file)]
    assert parsed.failures == parsed.drift == ()

    file = folder / f"model-test-summary-{version}.json"
    parsed = sec_code_bench.parse(file.read_bytes(), "tests")
    cases = [case for model in plain(file)["modelResults"] for case in model["testCaseResults"]]
    assert sum(one.score for one in parsed.scores) == pytest.approx(
        sum(sum(case["scenarioScores"].values()) for case in cases)
    )
    assert len(parsed.scores) == 4 * len(cases)
    assert parsed.failures == parsed.drift == ()


def test_sec_bench_boards(raw_data):
    file = raw_data / "sec-bench" / "leaderboards.yaml"
    parsed = sec_bench.parse(file.read_bytes(), "leaderboards")
    boards = yaml.safe_load(file.read_text(encoding="utf-8"))["leaderboards"]

    assert [one.score for one in parsed.scores] == [
        row["resolved"] for board in boards for row in board["results"]
    ]
    assert parsed.failures == parsed.drift == ()
