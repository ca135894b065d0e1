"""`headway lag --sauce`: the study on a small release, JSON against its schema, texts, figure."""

from __future__ import annotations

import json
from datetime import date
from importlib import resources

import jsonschema
import pytest
from click.testing import CliRunner

import headway
from headway.checks import sauce as study
from headway.cli.app import app
from headway.errors import BadOption
from headway.figures.sauce import sauce_spec
from headway.figures.save import svg_of
from headway.figures.vl import to_altair
from headway.tables.store import load_release


@pytest.fixture(autouse=True)
def quick(monkeypatch, small_release):
    plain = study.run_study
    few = {"draws": 60, "worlds": 0}
    monkeypatch.setattr(study, "run_study", lambda *a, **k: plain(*a, **{**few, **k}))
    # the invented closed models come every ten weeks: a longer trend has records enough
    monkeypatch.setattr(study, "TREND_SINCE", date(2024, 1, 1))


def schema(name: str) -> dict:
    file = resources.files("headway.api") / "json_schemas" / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8"))


def test_json_follows_the_schema_and_both_classes_are_told_apart():
    found = headway.lag_sauce(compute=True)
    jsonschema.validate(json.loads(json.dumps(found.to_json())), schema("lag-sauce"))
    for kind in ("closed", "open"):
        row = found.structure(kind)
        assert row["n"] == 17
        assert row["n_clusters"] == 4
        assert 0 <= row["explained"]["value"] <= 1
        assert found.structure(kind, fits="separate") is not None
    assert {row["access_class"] for row in found.documents} == {"closed", "open"}
    # open models are eight months behind in these invented worlds
    leads = [r for r in found.documents if r["access_class"] == "open" and r["stage"] is None]
    assert all(r["lead_months"]["value"] < 0 for r in leads if r["lead_months"]["value"])


def test_text_and_table_in_both_languages():
    found = headway.lag_sauce(compute=True)
    english, japanese = found.text("en"), found.text("ja")
    assert "explain" in english
    assert "説明" in japanese
    assert found.table()["model"].len() == len(found.documents)
    only = headway.lag_sauce(stage="exploit", compute=True)
    assert {row["stage"] for row in only.documents} == {"exploit"}


@pytest.mark.parametrize(("lang", "size"), [("en", "wide"), ("ja", "narrow")])
def test_the_figure_is_valid_and_can_be_drawn(lang, size):
    found = headway.lag_sauce(compute=True)
    spec = sauce_spec(found.documents, lang=lang, size=size)
    to_altair(spec)
    assert "closed-" in svg_of(spec)
    if lang == "en":
        assert found.plot().to_dict()["$schema"] == spec["$schema"]


def test_without_a_stored_study_nothing_old_is_shown():
    found = headway.lag_sauce(seed=99)
    assert found.documents == ()
    assert [w.code for w in found.warnings][-1] == "sauce_not_computed"
    assert "--compute" in found.text()
    with pytest.raises(BadOption, match="nothing to draw"):
        found.plot()


def test_other_domains_than_cyber_are_refused():
    with pytest.raises(BadOption, match="coding"):
        headway.lag_sauce("coding")
    with pytest.raises(BadOption, match="--definition"):
        headway.lag_sauce(definition="gap")


def test_the_command_prints_json():
    told = CliRunner().invoke(app, ["lag", "--sauce", "--compute", "--json"])
    assert told.exit_code == 0, told.output
    jsonschema.validate(json.loads(told.stdout), schema("lag-sauce"))


@pytest.mark.slow
def test_validation_on_worlds_of_the_small_release(small_release):
    """True shares and slopes lie inside the intervals of most worlds."""
    _, result = study.run_study(load_release(small_release), seed=5, draws=60, worlds=6, workers=1)
    assert result["validation"]
    for row in result["validation"]:
        assert row["covered_explained"] >= 0.6
        assert row["covered_slope"] >= 0.6
