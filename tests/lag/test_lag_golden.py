"""Lags counted by hand from published files.

Dates and flags are the publishers' own. Each number is the difference of two release dates in
months of 30.4375 days, so a tenth of a month is the tolerance of one rounding.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from headway.estimate.lag import index_from_epoch, lag_index, tie_sensitivity


@pytest.fixture(scope="module")
def eci(raw_data: Path) -> pl.DataFrame:
    """Epoch's capabilities index of 2026-09 in the index layout."""
    path = raw_data / "eci-2026-09" / "epoch_capabilities_index.csv"
    if not path.is_file():
        pytest.skip(f"{path.name} is not there")
    return index_from_epoch(pl.read_csv(path))


@pytest.fixture(scope="module")
def narrow(raw_data: Path) -> pl.DataFrame:
    """UK AISI's narrow cyber tasks as digitised, with launch dates of the models."""
    path = raw_data / "transcribed" / "tables.csv"
    if not path.is_file():
        pytest.skip(f"{path.name} is not there")
    launched = {
        "Opus 3": ("2024-02-29", "closed"),
        "o1": ("2024-12-17", "closed"),
        "o3": ("2025-04-16", "closed"),
        "GPT-5": ("2025-08-07", "closed"),
        "Opus 4.5": ("2025-11-24", "closed"),
        "GPT-5.2-Codex": ("2025-12-18", "closed"),
        "Claude Opus 4.6": ("2026-02-05", "closed"),
        "Mythos Preview": ("2026-04-07", "restricted"),
        "Claude Mythos 5": ("2026-06-09", "restricted"),
        "GPT-5.6-Sol": ("2026-07-09", "closed"),
        "DeepSeek-V4-Pro": ("2026-04-24", "open"),
        "GLM-5.2": ("2026-06-16", "open"),
    }
    table = pl.read_csv(path, infer_schema=False).filter(panel="aisi-narrow")
    return table.select(
        pl.col("model_raw").alias("model"),
        pl.col("model_raw")
        .replace_strict({k: v[0] for k, v in launched.items()})
        .alias("released"),
        pl.col("model_raw").replace_strict({k: v[1] for k, v in launched.items()}).alias("access"),
        pl.col("score_raw").alias("score"),
    )


@pytest.mark.parametrize(
    ("model", "months", "matched_by"),
    [
        ("Qwen2-72B", 14.8, "GPT-4 (Mar 2023)"),
        ("DeepSeek-R1", 1.1, "o1"),
        ("GLM-5.2", 6.9, "Gemini 3 Pro"),
        ("Kimi K3", 4.4, "GPT-5.4 Pro"),
    ],
)
def test_eci_lag_at_record(eci: pl.DataFrame, model: str, months: float, matched_by: str) -> None:
    rows = {row.open_model: row for row in lag_index(eci, "lag_at_record")}

    assert rows[model].lag.value == pytest.approx(months, abs=0.05)
    assert rows[model].closed_model == matched_by


def test_eci_kimi_k3_by_weights(eci: pl.DataFrame) -> None:
    by_weights = eci.with_columns(
        weights_released=pl.when(pl.col("model") == "Kimi K3").then(pl.lit("2026-07-27"))
    )

    last = lag_index(by_weights, "lag_at_record")[-1]

    assert (last.open_model, last.at) == ("Kimi K3", date(2026, 7, 27))
    assert last.lag.value == pytest.approx(4.7, abs=0.05)


def test_eci_first_closed_model_makes_a_bound(eci: pl.DataFrame) -> None:
    """GPT-4 is the first closed model of the file: records up to its score lag by at least that."""
    rows = {row.open_model: row.lag for row in lag_index(eci, "lag_at_record")}

    assert rows["Qwen2-72B"].status == "censored"
    assert rows["Llama 3.1-405B"].status == "estimated"


def test_eci_step_lag_by_a_plain_loop(eci: pl.DataFrame) -> None:
    """The same counting, written as a loop over the file."""
    opens, closed, expected, best = [], [], [], float("-inf")
    for name, released, access, score in eci.select(
        "model", "released", "access", "score"
    ).iter_rows():
        day = date.fromisoformat(released)
        if access == "open_weight":
            opens.append((day, score, name))
        elif access in ("api", "hosted"):
            closed.append((day, score))
    for day in sorted({d for d, _, _ in opens}):
        score, name = max((s, n) for d, s, n in opens if d == day)
        if score <= best:
            continue
        best = score
        reached = [d for d, s in closed if s >= score and d <= day]
        expected.append((day, name, (day - min(reached)).days / 30.4375 if reached else None))

    rows = lag_index(eci, "lag_at_record")

    assert [(row.at, row.open_model, row.lag.value) for row in rows] == [
        (day, name, None if months is None else pytest.approx(months))
        for day, name, months in expected
    ]


def test_aisi_narrow_lag_at_record(narrow: pl.DataFrame) -> None:
    rows = {row.open_model: row for row in lag_index(narrow, "lag_at_record")}

    assert rows["DeepSeek-V4-Pro"].lag.value == pytest.approx(5.0, abs=0.05)
    assert rows["DeepSeek-V4-Pro"].closed_model == "Opus 4.5"
    assert rows["GLM-5.2"].lag.value == pytest.approx(4.3, abs=0.05)
    assert rows["GLM-5.2"].closed_model == "Claude Opus 4.6"


def test_aisi_narrow_reading_error_matters_for_the_first_record(narrow: pl.DataFrame) -> None:
    """3.2 points below DeepSeek V4 Pro stands GPT-5, half a year before: read off a figure."""
    frame = tie_sensitivity(narrow, 3.5)
    pro = frame.filter(open_model="DeepSeek-V4-Pro").row(0, named=True)
    glm = frame.filter(open_model="GLM-5.2").row(0, named=True)

    assert pro["longest_closed_model"] == "GPT-5"
    assert pro["longest_lag_months"] == pytest.approx(8.5, abs=0.1)
    assert glm["longest_closed_model"] == "Claude Opus 4.6"
    assert glm["shortest_status"] == "open_leads"
