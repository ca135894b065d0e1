"""``headway forecast`` and ``headway backtest``: JSON against the schema, texts, charts, errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest
from click.testing import CliRunner

import headway
from headway.api import backtest as backtest_module
from headway.api import forecast as forecast_module
from headway.checks.backtest import run_study
from headway.cli.app import app
from headway.errors import BadOption, UnknownModel
from headway.estimate.lag.forecast import COMPONENTS, HORIZON_MONTHS
from headway.figures import svg_of
from headway.figures.backtest import backtest_spec
from headway.figures.forecast import forecast_spec
from headway.tables.store import load_release
from tests.small_release import small_tables, write_tables

TARGET = "claude-mythos-preview"


def with_target() -> dict[str, pl.DataFrame]:
    """The small release with its latest closed model under the name of the default target."""
    tables = small_tables()
    old = max(m for m in tables["model_versions"]["model_version"] if m.startswith("closed"))
    if TARGET in tables["model_versions"]["model_version"].to_list():
        return tables
    out = {}
    for name, frame in tables.items():
        if "model_version" in frame.columns:
            frame = frame.with_columns(pl.col("model_version").replace({old: TARGET}))
        if name == "model_versions":
            frame = frame.with_columns(
                pl.when(pl.col("model_version") == TARGET)
                .then(pl.lit("Claude Mythos Preview"))
                .otherwise(pl.col("name"))
                .alias("name")
            )
        out[name] = frame
    return out


@pytest.fixture(scope="module")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_tables(folder / "releases" / "small", with_target())
    return folder


@pytest.fixture(scope="module")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def study(data_folder: Path) -> dict[str, Any]:
    """A back-test of the small release: one domain, two ages, so that few fits are needed."""
    options, result = run_study(
        load_release(data_folder / "releases" / "small"),
        seed=1,
        workers=1,
        cells=(("cyber", None),),
        ages=(0, 6),
    )
    assert options["as_of"] == "2026-06-30"
    again: dict[str, Any] = json.loads(json.dumps(result, allow_nan=False))
    return again


@pytest.fixture(autouse=True)
def _place(
    data_folder: Path,
    cache_folder: Path,
    study: Mapping[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(data_folder))
    monkeypatch.setenv("HEADWAY_CACHE_DIR", str(cache_folder))
    monkeypatch.setattr(backtest_module, "known_study", lambda release, seed: study)


@pytest.fixture
def _no_study(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backtest_module, "known_study", lambda release, seed: None)


def valid(document: dict[str, Any]) -> dict[str, Any]:
    name = document["schema"].removeprefix("headway.").removesuffix("/1")
    folder = resources.files("headway.api.json_schemas")
    schema = json.loads(folder.joinpath(f"{name}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    again: dict[str, Any] = json.loads(json.dumps(document, allow_nan=False))
    jsonschema.validate(again, schema, cls=jsonschema.Draft202012Validator)
    return again


def test_forecast_json_has_the_promised_rows() -> None:
    document = valid(headway.forecast().to_json())
    rows = document["results"]
    assert [r["stage"] for r in rows][:3] == [None, "find_reproduce", "exploit"]
    assert {r["target"] for r in rows} == {TARGET}
    for row in (r for r in rows if r["status"] == "estimated"):
        days = [d for d in row["date_quantiles"].values() if d != "inf"]
        assert days == sorted(days)
        chances = list(row["probability_by"].values())
        assert chances == sorted(chances)
        assert set(row["date_quantiles"]) == {"0.05", "0.1", "0.25", "0.5", "0.75", "0.9", "0.95"}
        for day, p in row["probability_by"].items():
            around = row["probability_range"][day]
            assert around["low"] <= around["high"]
            assert 0 <= p <= 1
        present = [c["weight"] for c in row["components"] if c["weight"] is not None]
        assert sum(present) == pytest.approx(1.0)
        for p, state in row["date_states"].items():
            day = row["date_quantiles"][p]
            expected = "reached" if day <= "2026-06-30" else "dated"
            assert state == ("beyond_horizon" if day == "inf" else expected)
    refused = [r for r in rows if r["status"] == "not_estimable"]
    assert refused
    assert all(r["notes"] and not r["date_quantiles"] for r in refused)


def test_forecast_rows_do_not_depend_on_what_else_is_asked() -> None:
    alone = headway.forecast(stage="exploit").to_json()["results"][0]
    among = next(r for r in headway.forecast().to_json()["results"] if r["stage"] == "exploit")
    assert alone == among


def test_the_same_question_is_answered_from_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    first = headway.forecast(domain="coding").to_json()
    monkeypatch.setattr(forecast_module, "_compute", lambda *_: pytest.fail("computed again"))
    assert headway.forecast(domain="coding").to_json() == first


def test_dates_asked_for_are_answered_and_the_horizon_cuts() -> None:
    by = (date(2026, 12, 31), date(2027, 6, 30))
    row = headway.forecast(domain="cyber", by=by, horizon=6.0).to_json()["results"][0]
    assert list(row["probability_by"]) == ["2026-12-31", "2027-06-30"]
    far = headway.forecast(domain="cyber", by=by).to_json()["results"][0]
    assert row["date_quantiles"]["0.95"] == "inf"
    assert row["date_states"]["0.95"] == "beyond_horizon"
    assert far["probability_by"]["2026-12-31"] == pytest.approx(
        row["probability_by"]["2026-12-31"], abs=0.08
    )
    assert valid(headway.forecast(domain="cyber", by=by, horizon=6.0).to_json())


def test_an_unknown_target_gets_close_names() -> None:
    with pytest.raises(UnknownModel, match="claude-mythos-preview"):
        headway.forecast("Claude Mytos Preview")
    result = CliRunner().invoke(app, ["forecast", "--target", "Claude Mytos Preview"])
    assert result.exit_code == 65
    assert "Close names" in result.output


@pytest.mark.parametrize("horizon", [0.0, -3.0, 1000.0])
def test_an_impossible_horizon_is_refused(horizon: float) -> None:
    with pytest.raises(BadOption, match="horizon"):
        headway.forecast(horizon=horizon)


def test_options_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(BadOption, match="stage belongs to the domain cyber"):
        headway.forecast(domain="coding", stage="exploit")
    with pytest.raises(BadOption, match="not one of"):
        headway.backtest(stage="nonsense")
    with pytest.raises(BadOption, match="judged by all data"):
        headway.backtest(as_of=date(2025, 1, 1))
    result = CliRunner().invoke(app, ["forecast", "--by", "2026-13-01"])
    assert result.exit_code == 2
    assert "is not a date" in result.output


@pytest.mark.usefixtures("_no_study")
def test_without_a_stored_study_weights_are_equal_and_the_text_says_so() -> None:
    found = headway.forecast(domain="coding")
    assert found.backtest is None
    assert "no_backtest" in {w.code for w in found.warnings}
    row = found.to_json()["results"][0]
    assert row["rule"]["from_backtest"] is False
    assert list(row["rule"]["weights"].values()) == pytest.approx([1 / 3] * 3)
    assert "headway backtest --compute" in found.text("en")
    empty = headway.backtest()
    assert valid(empty.to_json())["computed"] is False
    assert empty.to_json()["results"] == []
    assert "headway backtest --compute" in empty.text("en")
    with pytest.raises(BadOption, match="nothing to draw"):
        empty.plot()


def test_forecast_uses_what_the_back_test_chose(
    study: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = {
        "strict": True,
        "method": "constant_12",
        "best_baseline": "constant_12",
        "beats_all": False,
        "weights": dict.fromkeys(COMPONENTS, 1 / 3),
        "alpha": 1.0,
        "beta": 1.0,
    }
    monkeypatch.setattr(
        backtest_module, "known_study", lambda release, seed: {**study, "chosen": chosen}
    )
    found = headway.forecast(domain="cyber")
    row = found.to_json()["results"][0]
    assert row["method"] == "constant_12"
    naive = next(b for b in row["baselines"] if b["baseline"] == "constant_12")
    assert row["probability_by"] == naive["probability_by"]
    assert "naive: 12 months" in found.text("en").split("\n\n")[0]


def test_backtest_json_has_one_row_per_forecast_and_baseline(study: dict[str, Any]) -> None:
    document = valid(headway.backtest().to_json())
    rows = document["results"]
    assert len(rows) == 5 * len(study["forecasts"]["target"])
    keys = [(r["target"], r["issued"], r["strict"], r["baseline"], r["domain"]) for r in rows]
    assert len(set(keys)) == len(keys)
    for row in rows:
        if not row["resolved"] or row["status"] != "issued":
            assert row["crps"] is None
            assert row["baseline_crps"] is None
        if row["status"] == "issued":
            assert row["censored_crps"] is not None
            if row["resolved"]:
                assert row["crps"] == row["censored_crps"]
    assert {v["strict"] for v in document["vintages"]} == {True, False}
    frame = headway.backtest().table()
    assert len(frame) == len(rows)
    assert frame.schema["issued"] == pl.Date


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_texts_fit_on_a_screen_and_say_where_skill_is_missing(lang: str) -> None:
    text = headway.backtest("cyber").text(lang)
    assert len(text.splitlines()) < 60
    assert ("too few to rank" in text) or ("優劣を付けられ" in text)
    told = headway.forecast().text(lang)
    assert len(told.splitlines()) < 60
    assert "Claude Mythos Preview" in told


def test_command_line_prints_json_only_on_stdout() -> None:
    for words in (["forecast", "--domain", "coding"], ["backtest", "--domain", "coding"]):
        result = CliRunner().invoke(app, [*words, "--json", "--lang", "ja", "--offline"])
        assert result.exit_code == 0, result.output
        assert valid(json.loads(result.stdout))["schema"] == f"headway.{words[0]}/1"


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_charts_render(lang: str, size: Any, study: dict[str, Any]) -> None:
    found = headway.forecast()
    spec = forecast_spec(
        found.documents,
        as_of=found.as_of,
        target=found.target_name,
        names=found.names,
        lang=lang,
        size=size,
        palette="dark",
    )
    assert "<svg" in svg_of(spec)
    assert "<svg" in svg_of(backtest_spec(study["vintages"], lang=lang, size=size))
    assert found.plot(lang=lang).to_dict()["$schema"]
    assert headway.backtest().plot(lang=lang).to_dict()["$schema"]


def test_a_chart_without_any_forecast_says_so() -> None:
    found = headway.forecast(stage="knowledge")
    spec = forecast_spec(
        found.documents, as_of=found.as_of, target=found.target_name, names=found.names
    )
    assert "No date can be forecast" in json.dumps(spec)
    assert "No forecast can be made" in found.text("en")


def test_constants_repeated_for_quick_answers_agree() -> None:
    assert forecast_module.HORIZON_MONTHS == HORIZON_MONTHS
    assert set(COMPONENTS) <= set(forecast_module.METHOD_NAMES)
