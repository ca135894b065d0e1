"""Builders of the further questions: from real verbs on a small release and on the shipped one."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest

from headway.api import answers as verb
from headway.api.answer_asked import Asked
from headway.api.answer_forecast_tables import one_row_per_forecast
from headway.checks import stored
from headway.errors import BadOption
from headway.figures import svg_of
from headway.publish.answers import QUESTIONS, Answer
from headway.tables.store import load_release

SEED = 20261123
#: Questions that come from a stored study alone.
STUDIES = ("reconcile", "backtest", "effects", "sauce", "harness", "density")


def asked(lang: str = "en", **other: object) -> Asked:
    given = {
        "release": load_release(),
        "as_of": None,
        "level": 0.9,
        "seed": SEED,
        "lang": lang,
        "progress": False,
    }
    return Asked(**(given | other))  # type: ignore[arg-type]


def whole(answer: Answer) -> None:
    """An answer of the page: words, JSON-able rows, charts in both sizes without a title."""
    assert answer.sentences
    assert all(answer.sentences)
    json.dumps(answer.data(), allow_nan=False)
    for figure in answer.figures:
        assert figure.title
        assert figure.captions
        assert figure.table.n_rows
        for size in ("wide", "narrow"):
            spec = figure.chart(size)
            assert "title" not in spec
            assert "var(--" in json.dumps(spec)
            assert svg_of(spec).startswith("<svg")
    for table in (*answer.tables, *(f.table for f in answer.figures)):
        for block in table.blocks:
            for row in block.rows:
                if row[0].kind != "more":
                    assert sum(cell.columns for cell in row) == len(table.heads)


def test_there_is_one_builder_per_question() -> None:
    assert set(verb.BUILDERS) == set(QUESTIONS)


@pytest.mark.usefixtures("small_release")
def test_claims_and_forecast_of_a_small_release_in_both_languages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both verbs need no stored study; the first screen takes its lines from them."""
    monkeypatch.setattr(stored, "FOLDER", tmp_path)
    found = {
        lang: {key: verb.BUILDERS[key](asked(lang)) for key in ("test", "forecast")}
        for lang in ("en", "ja")
    }
    for answers in found.values():
        for answer in answers.values():
            whole(answer)
    for key in ("test", "forecast"):
        en, ja = found["en"][key], found["ja"][key]
        assert en.rows == ja.rows
        assert len(en.sentences) == len(ja.sentences)
        assert [len(line.parts) for line in en.brief] == [len(line.parts) for line in ja.brief]
    lines = {line.head: line for line in found["en"]["test"].brief}
    assert {part.label for part in lines["The lag is 6 to 9 months"].parts} == {
        "Cyber",
        "Coding",
        "General",
    }
    (target,) = found["en"]["forecast"].brief
    assert [part.label for part in target.parts] == [
        "Reached already",
        "Even odds by",
        "90 % interval of the date",
    ]
    (cross,) = lines["Cyber lags more than coding"].parts
    assert cross.label == ""
    row = next(
        r
        for r in found["en"]["test"].rows
        if r["hypothesis"] == "cyber_above_coding"
        and r["stage"] is None
        and r["models"] == "own"
        and r["definition"] == "lag_mean_12m"
    )
    assert cross.tone == row["verdict"]


@pytest.mark.usefixtures("small_release")
@pytest.mark.parametrize("key", STUDIES)
def test_study_of_other_data_is_not_shown(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "FOLDER", tmp_path)
    # another test may have asked for the study to be computed, and it is then in the cache
    monkeypatch.setenv("HEADWAY_CACHE_DIR", str(tmp_path))
    answer = verb.BUILDERS[key](asked())
    assert not answer.computed
    assert answer.command.startswith("headway ")
    assert (answer.sentences, answer.figures, answer.tables, answer.rows) == ((), (), (), ())


@pytest.mark.usefixtures("small_release")
@pytest.mark.parametrize("key", ["reconcile", "backtest"])
def test_study_of_all_data_does_not_stand_in_a_report_of_an_earlier_day(key: str) -> None:
    release = load_release()
    answer = verb.BUILDERS[key](asked(as_of=release.data_through - timedelta(days=90)))
    assert not answer.computed
    assert "up to 30 June 2026" in answer.reason


@pytest.mark.usefixtures("small_release")
def test_data_without_the_target_still_make_a_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("headway.api.forecast"), "DEFAULT_TARGET", "not-there")
    answer = verb.BUILDERS["forecast"](asked())
    assert not answer.computed
    assert "not-there is not among the models" in answer.reason


@pytest.mark.usefixtures("small_release")
def test_error_of_a_verb_is_not_swallowed() -> None:
    with pytest.raises(BadOption):
        verb.BUILDERS["effects"](asked(level=1.5))


@pytest.mark.parametrize("key", STUDIES)
def test_shipped_study_is_told_in_both_languages(key: str) -> None:
    """What ships is shown; where nothing of these data ships, the command is named."""
    found = {lang: verb.BUILDERS[key](asked(lang)) for lang in ("en", "ja")}
    assert found["en"].computed == found["ja"].computed == _is_stored(key)
    if not found["en"].computed:
        return
    for answer in found.values():
        whole(answer)
    en, ja = found["en"], found["ja"]
    assert len(en.sentences) == len(ja.sentences) <= 6
    assert len(en.more) == len(ja.more)
    assert [f.key for f in en.figures] == [f.key for f in ja.figures]
    assert [t.n_rows for t in en.tables] == [t.n_rows for t in ja.tables]
    assert len(json.dumps(en.data())) < 450_000, "the page stays small"
    for text in (*ja.sentences, *(f.title for f in ja.figures), *(t.title for t in ja.tables)):
        assert re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", text), text


def _is_stored(key: str) -> bool:
    """There is a stored study of the shipped rows and of today's method."""
    module = "reconcile_study" if key == "reconcile" else key
    study = import_module(f"headway.checks.{module}").STUDY
    release = load_release()
    options = {"as_of": release.data_through.isoformat(), "seed": SEED}
    return stored.load_stored(study, release.rows_hash, options) is not None


def test_waterfall_of_the_report_is_a_stored_path() -> None:
    """Any other path would be computed while the page is made."""
    from headway.api.answer_lag import PATH
    from headway.checks.reconcile import DEFAULT_PATHS

    assert PATH in DEFAULT_PATHS


def test_back_test_rows_hold_every_baseline_beside_the_forecast() -> None:
    same = {"target": "m", "domain": "cyber", "stage": None, "issued": "2026-01-01", "strict": True}
    rows = [
        {
            **same,
            "status": "issued",
            "baseline": name,
            "crps": 1.0,
            "baseline_crps": 2.0,
            "censored_crps": 1.0,
            "baseline_censored_crps": value,
            "log_score": 0.5,
            "baseline_log_score": value + 1,
        }
        for name, value in (("last_lag", 2.0), ("constant_6", 3.0))
    ]
    other = {**rows[0], "strict": False}
    unissued = {**rows[0], "issued": "2025-01-01", "status": "not_estimable"}
    assert one_row_per_forecast([*rows, other, unissued]) == [
        {
            **same,
            "status": "issued",
            "censored_crps": 1.0,
            "log_score": 0.5,
            "censored_crps_last_lag": 2.0,
            "log_score_last_lag": 3.0,
            "censored_crps_constant_6": 3.0,
            "log_score_constant_6": 4.0,
        },
        {
            **same,
            "strict": False,
            "status": "issued",
            "censored_crps": 1.0,
            "log_score": 0.5,
            "censored_crps_last_lag": 2.0,
            "log_score_last_lag": 3.0,
        },
    ]
