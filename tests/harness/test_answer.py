"""`headway lag --harness`: the study on a small release, JSON against its schema, texts, figure."""

from __future__ import annotations

import json
from datetime import date
from importlib import resources
from pathlib import Path

import jsonschema
import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

import headway
from headway.checks import harness as study
from headway.cli.app import app
from headway.errors import BadOption
from headway.figures.harness import harness_spec
from headway.figures.save import svg_of
from headway.figures.vl import to_altair
from headway.tables.store import load_release
from tests.small_release import small_tables, write_tables

#: What a better scaffold and a higher effort add in the invented release, logits.
BETTER = 0.8
HIGHER = 0.5


def harness_tables() -> dict[str, pl.DataFrame]:
    """The small tables; some results were also told with another scaffold and a lower effort."""
    tables = small_tables()
    scores = tables["scores"]
    rng = np.random.default_rng(0)
    picked = scores.filter(pl.Series(rng.random(len(scores)) < 0.35))

    def moved(by: float) -> pl.Series:
        share = picked["score"].clip(0.02, 0.98).to_numpy()
        odds = np.log(share / (1 - share)) + by
        return pl.Series("score", 1 / (1 + np.exp(-odds)))

    # two common agents, one half of the models each
    agent = (
        pl.when(pl.col("model_version").str.contains(r"[02468]$"))
        .then(pl.lit("agent"))
        .otherwise(pl.lit("other agent"))
        .alias("scaffold")
    )
    plain = scores.with_columns(agent, pl.lit("high").alias("effort"))
    better = picked.with_columns(
        moved(BETTER),
        pl.lit("better agent").alias("scaffold"),
        pl.lit("high").alias("effort"),
        (pl.col("score_id") + "b").alias("score_id"),
    )
    lower = picked.with_columns(
        moved(-HIGHER),
        agent,
        pl.lit("low").alias("effort"),
        (pl.col("score_id") + "c").alias("score_id"),
    )
    added = pl.concat([better, lower]).with_columns(pl.col("score").alias("value"))
    tables["scores"] = pl.concat([plain, added])
    return tables


@pytest.fixture(scope="session")
def harness_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("harness")
    write_tables(folder / "releases" / "small", harness_tables())
    return folder


@pytest.fixture(autouse=True)
def release(harness_folder, shared_cache, monkeypatch):
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(harness_folder))
    monkeypatch.setenv("HEADWAY_CACHE_DIR", str(shared_cache))
    plain, split = study.run_study, study.split_interval
    monkeypatch.setattr(study, "run_study", lambda *a, **k: plain(*a, **{"draws": 80, **k}))
    few = {"outer": 60, "process_reps": 40}
    monkeypatch.setattr(study, "split_interval", lambda *a, **k: split(*a, **{**few, **k}))
    # the invented closed models come every ten weeks: a longer trend has records enough
    monkeypatch.setattr(study, "PACE_SINCE", date(2024, 1, 1))
    monkeypatch.setattr(study, "CELLS", (("coding", None), ("cyber", "exploit")))
    return load_release(harness_folder / "releases" / "small")


def schema(name: str) -> dict:
    file = resources.files("headway.api") / "json_schemas" / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8"))


def test_invented_effects_are_found():
    found = headway.lag_harness("coding", compute=True)
    jsonschema.validate(json.loads(json.dumps(found.to_json())), schema("lag-harness"))
    scaffold = found.facts["details"]["scaffolds"][0]
    # two scaffolds that differ by BETTER: the best is half of it over the median; discriminations
    # are near 1 in the invented release
    assert scaffold["gain"]["value"] == pytest.approx(BETTER / 2, rel=0.35)
    effort = found.facts["details"]["efforts"][0]["full"]
    assert effort["gain"]["value"] == pytest.approx(HIGHER, rel=0.35)
    row = found.find("best_scaffold", "coding")
    assert 0 < row["months"]["value"] < 6
    component = found.facts["components"][0]
    told = {name: q["value"] for name, q in component["shares"].items()}
    assert told["weights"] > 0.5
    assert sum(told.values()) == pytest.approx(1.0, abs=0.1)


def test_weaker_efforts_are_in_the_rows_although_the_fit_leaves_them_out(release):
    options = study.options_of(release, 1)
    state = study.latent(release, draws=5, seed=1, options=options)
    rows = study._before_efforts(state, release)
    assert "low" not in set(state.refitted.fit.evidence.rows["effort"])
    assert "low" in set(rows["effort"])
    assert rows["score_id"].n_unique() == len(rows)


def test_every_lag_interval_is_split_and_shares_add_up():
    found = headway.lag_harness("coding", compute=True)
    parts = found.facts["splits"][0]["parts"]
    assert {"items", "serving_stack", "scaffold", "evaluator", "model"} <= {
        p["part"] for p in parts
    }
    assert sum(p["share"]["value"] for p in parts) == pytest.approx(1.0, abs=1e-6)


def test_text_and_table_in_both_languages():
    found = headway.lag_harness("coding", compute=True)
    assert "scaffold" in found.text("en")
    assert "スキャフォールド" in found.text("ja")
    assert len(found.text("en").splitlines()) < 40
    frame = found.table()
    assert set(frame["measure"]) == {row["measure"] for row in found.documents}


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_figure_is_valid_and_can_be_drawn(lang):
    found = headway.lag_harness("coding", compute=True)
    size = "wide" if lang == "en" else "narrow"
    spec = harness_spec(found.documents, found.facts["components"], lang=lang, size=size)
    to_altair(spec)
    assert len(svg_of(spec)) > 2000


def test_without_a_stored_study_nothing_old_is_shown():
    found = headway.lag_harness(seed=99)
    assert found.documents == ()
    assert [w.code for w in found.warnings][-1] == "harness_not_computed"
    jsonschema.validate(json.loads(json.dumps(found.to_json())), schema("lag-harness"))
    with pytest.raises(BadOption, match="nothing to draw"):
        found.plot()


def test_the_command_prints_json():
    told = CliRunner().invoke(
        app, ["lag", "--harness", "--domain", "coding", "--compute", "--json"]
    )
    assert told.exit_code == 0, told.output
    jsonschema.validate(json.loads(told.stdout), schema("lag-harness"))
    refused = CliRunner().invoke(app, ["lag", "--harness", "--frontier", "restricted"])
    assert refused.exit_code == 2
