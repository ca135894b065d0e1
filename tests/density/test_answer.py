"""`headway lag --density`: the study on a small release, JSON against its schema, texts, figure."""

from __future__ import annotations

import json
from importlib import resources

import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner

import headway
from headway.checks import density as study
from headway.cli.app import app
from headway.errors import BadOption
from headway.estimate.lag.quantities import quantity_of
from headway.figures.density import density_spec
from headway.figures.save import svg_of
from headway.figures.vl import to_altair


@pytest.fixture(autouse=True)
def quick(monkeypatch, sized_release):
    plain = study.run_study
    monkeypatch.setattr(study, "run_study", lambda *a, **k: plain(*a, **{"draws": 120, **k}))
    monkeypatch.setattr(study, "ANCHOR_MODELS", ("gpt-5", "claude-3.5-sonnet-oct-2024"))


def schema(name: str) -> dict:
    file = resources.files("headway.api") / "json_schemas" / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8"))


def test_json_follows_the_schema_and_says_how_many_sizes_are_known():
    found = headway.lag_density(compute=True)
    document = json.loads(json.dumps(found.to_json()))
    jsonschema.validate(document, schema("lag-density"))
    assert document["known"]["dated_total"] == 17
    assert document["known"]["dated_active"] == 8
    general = found.find("general")
    assert general["missing"] == []
    assert general["n"] == 17
    assert general["n_clusters"] == 6
    active = found.find("general", parameters="active")
    assert active["halving_months"]["status"] == "not_estimable"
    assert "too_few_sized:8<12" in active["missing"]


def test_the_same_seed_gives_the_same_numbers(sized_release):
    first = study.run_study(sized_release, seed=3, draws=40)
    assert json.dumps(first) == json.dumps(study.run_study(sized_release, seed=3, draws=40))


def test_text_and_table_in_both_languages():
    found = headway.lag_density("general", compute=True)
    english, japanese = found.text("en"), found.text("ja")
    assert "halve every" in english
    assert "billion" in english
    assert "半減" in japanese
    assert len(english.splitlines()) < 45
    frame = found.table()
    assert frame["parameters"].to_list() == ["total", "active"]
    row = frame.row(0, named=True)
    assert row["halving_months_low"] <= row["halving_months"] <= row["halving_months_high"]


@pytest.mark.parametrize(("lang", "size"), [("en", "wide"), ("ja", "narrow")])
def test_the_figure_is_valid_and_can_be_drawn(lang, size):
    found = headway.lag_density(compute=True)
    spec = density_spec(found.documents, lang=lang, size=size)
    to_altair(spec)
    svg = svg_of(spec)
    assert "gpt-5" in svg or "claude-3.5" in svg


def test_without_a_stored_study_nothing_old_is_shown():
    found = headway.lag_density(seed=99)
    assert found.documents == ()
    assert [w.code for w in found.warnings][-1] == "density_not_computed"
    assert "--compute" in found.text()
    jsonschema.validate(json.loads(json.dumps(found.to_json())), schema("lag-density"))
    with pytest.raises(BadOption, match="nothing to draw"):
        found.plot()


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"definition": "lag_now"}, "--definition"),
        ({"frontier": "restricted"}, "--frontier"),
        ({"evidence": "all,independent"}, "one kind of evidence"),
        ({"domain": "coding", "stage": "exploit"}, "cyber"),
        ({"level": 1.5}, "level"),
    ],
)
def test_options_without_meaning_are_refused(options, match):
    with pytest.raises(BadOption, match=match):
        headway.lag_density(**options)


def test_the_command_prints_json_and_text():
    runner = CliRunner()
    shown = runner.invoke(app, ["lag", "--density", "--domain", "general", "--compute"])
    assert shown.exit_code == 0, shown.output
    assert "halve every" in shown.stdout
    told = runner.invoke(app, ["lag", "--density", "--domain", "general", "--compute", "--json"])
    jsonschema.validate(json.loads(told.stdout), schema("lag-density"))
    refused = runner.invoke(app, ["lag", "--density", "--definition", "gap"])
    assert refused.exit_code == 2


def test_quantities_keep_infinity_and_failed_draws_apart():
    told = {"n": 3, "n_clusters": 2, "level": 0.9}
    draws = np.arange(100.0)
    plain = quantity_of(draws, "months", **told)
    assert plain.value == 49.0
    assert plain.interval.low == 4.0
    assert plain.interval.high == 94.0
    half = quantity_of(np.where(draws > 80, np.inf, draws), "months", **told)
    assert half.value == 49.0
    assert half.interval.high == np.inf
    some = quantity_of(np.where(draws < 5, np.nan, draws), "months", **told)
    assert some.notes == ("draws_failed:0.050",)
    assert quantity_of(np.full(9, np.nan), "months", **told).status == "not_estimable"
    none = quantity_of(np.full(9, np.inf), "months", **told)
    assert none.status == "not_estimable"
    assert none.notes[0] == "unbounded"
