"""The study on a small release, its JSON, texts, charts and the command line."""

from __future__ import annotations

import json
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import jsonschema
import polars as pl
import pytest
from click.testing import CliRunner

from headway.api.lag_effects import EffectsResult, lag_effects
from headway.checks.effects import SIMPLE_TERMS, STUDY, run_study
from headway.errors import BadOption
from headway.estimate.lag.effects import BASES, EFFECTS
from headway.figures.effects import dependence_spec, effects_spec, gaps_spec
from headway.figures.save import svg_of
from headway.provenance import Provenance
from headway.tables.store import load_release
from tests.small_release import small_tables, write_tables

SEED = 20261123


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The small release with a second telling of half of the independent scores, by the developer."""
    tables = small_tables()
    scores = tables["scores"]
    again = scores.filter(pl.col("evaluator_relationship") == "academic").gather_every(2)
    again = again.with_columns(
        pl.col("score_id").str.reverse().alias("score_id"),
        (pl.col("score") + 0.04).clip(0, 1).alias("score"),
        (pl.col("value") + 0.04).clip(0, 1).alias("value"),
        pl.lit("developers").alias("panel"),
        pl.lit("the developer").alias("evaluator"),
        pl.lit("first_party")
        .cast(scores["evaluator_relationship"].dtype)
        .alias("evaluator_relationship"),
    )
    tables["scores"] = pl.concat([scores, again])
    folder = tmp_path_factory.mktemp("effects") / "release"
    write_tables(folder, tables)
    return load_release(folder)


@pytest.fixture(scope="module")
def study(release: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    return run_study(release, seed=SEED, workers=1, draws=40, reps=40, worlds=2)


@pytest.fixture(scope="module")
def found(release: Any, study: tuple[dict[str, Any], dict[str, Any]]) -> EffectsResult:
    _, result = study
    return EffectsResult(
        data_release=release.data_release,
        as_of=release.data_through,
        options={"domain": ["cyber"], "level": 0.9, "compute": True},
        warnings=(),
        provenance=Provenance(
            data_release=release.data_release, rows_hash=release.rows_hash, options={}, seed=SEED
        ),
        documents=tuple(result["rows"]),
        facts={k: v for k, v in result.items() if k != "rows"},
    )


def _schema() -> dict[str, Any]:
    file = resources.files("headway.api.json_schemas") / "lag-effects.json"
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return schema


def test_every_effect_has_rows_and_every_number_an_interval_or_a_reason(
    study: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    options, result = study
    assert options == {"seed": SEED, "level": 0.9, "as_of": "2026-06-30"}
    assert {row["effect"] for row in result["rows"]} == set(EFFECTS)
    assert {row["basis"] for row in result["rows"]} <= set(BASES)
    for row in result["rows"]:
        for name in ("estimate", "points", "months"):
            q = row[name]
            if q is None:
                continue
            if q["value"] is None or q["interval"] is None:
                assert q["notes"], (row["measure"], name)
            else:
                assert q["interval"]["low"] <= q["value"] <= q["interval"]["high"]


def test_equal_seeds_give_equal_numbers(
    release: Any, study: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    again = run_study(release, seed=SEED, workers=1, draws=40, reps=40, worlds=2)
    assert json.dumps(again) == json.dumps(study)


def test_the_developers_four_points_are_found(found: EffectsResult) -> None:
    """Half of the academic scores are told again by the developer, four points higher."""
    q = found.quantity("inflation", "first_party", "matched")
    assert q is not None
    assert q.value is not None
    # four points at 50 % are 0.16 logits, more elsewhere
    assert 0.1 < q.value < 0.5
    assert q.interval is not None
    assert q.interval.low > 0
    model = found.quantity("inflation", "first_party", "model")
    assert model is not None
    assert model.interval is not None
    assert model.interval.low < 0.2 < model.interval.high + 0.2


def test_an_early_day_gives_reasons_instead_of_numbers(release: Any) -> None:
    """Little was known by then: what cannot be estimated says so, and nothing breaks."""
    day = date(2023, 9, 30)
    options, result = run_study(
        release, seed=SEED, workers=1, as_of=day, draws=20, reps=20, worlds=0
    )
    assert options["as_of"] == "2023-09-30"
    states = {row["estimate"]["status"] for row in result["rows"]}
    assert "not_estimable" in states
    assert result["null_worlds"] == []
    months = [row["months"] for row in result["rows"] if row["months"] is not None]
    assert {m["status"] for m in months} == {"not_estimable"}


def test_pooled_terms_show_three_standard_errors(
    study: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    _, result = study
    told = {e["measure"]: e for e in result["standard_errors"]}
    assert "first_party" in told
    assert set(told) <= set(SIMPLE_TERMS)
    for entry in told.values():
        assert min(entry["model"], entry["labs"], entry["jackknife"]) > 0
    (row,) = [
        r
        for r in result["rows"]
        if r["measure"] == "first_party" and r["basis"] == "model" and r["group"]["domain"] is None
    ]
    half = (row["estimate"]["interval"]["high"] - row["estimate"]["interval"]["low"]) / 2
    # at least the normal half-width of the largest of the three
    assert half >= 1.64 * max(row["sds"].values())


def test_json_follows_its_schema_in_both_languages(found: EffectsResult) -> None:
    for lang in ("en", "ja"):
        jsonschema.validate(found.to_json(lang), _schema(), cls=jsonschema.Draft202012Validator)
    assert json.loads(json.dumps(found.to_json())) == found.to_json()


def test_texts_say_each_effect_and_stay_short(found: EffectsResult) -> None:
    for lang in ("en", "ja"):
        text = found.text(lang)
        assert text.count("\n- ") + text.startswith("- ") >= 8
        assert len(text.splitlines()) < 110
    table = found.table()
    assert len(table) == len(found.documents)
    assert set(table["effect"]) == set(EFFECTS)
    assert "EffectsResult" in repr(found)
    assert len(repr(found).splitlines()) <= 10


@pytest.mark.parametrize(("lang", "size"), [("en", "wide"), ("ja", "narrow")])
def test_charts_render_in_both_languages_and_sizes(
    found: EffectsResult, lang: str, size: Literal["wide", "narrow"]
) -> None:
    for spec_of in (effects_spec, gaps_spec, dependence_spec):
        svg = svg_of(spec_of(found.documents, lang=lang, size=size))
        assert svg.count("<text") > 5
    found.plot(lang=lang)


def test_the_forest_says_why_a_line_is_empty() -> None:
    empty = {"value": None, "interval": None, "notes": ["few_pairs:2<5"], "unit": "points"}
    row = {
        "effect": "inflation",
        "measure": "first_party",
        "basis": "matched",
        "group": {"domain": "cyber", "access_class": None, "model": None},
        "points": empty,
        "examples": [],
    }
    svg = svg_of(effects_spec([row]))
    assert "too few pairs of tellings (2 of 5 needed)" in svg


def test_nothing_stored_is_said_not_shown(small_release: Path) -> None:
    empty = lag_effects()
    assert empty.documents == ()
    assert [w.code for w in empty.warnings] == ["effects_not_computed"]
    assert "--compute" in empty.text("en")
    assert "--compute" in empty.text("ja")
    jsonschema.validate(empty.to_json(), _schema(), cls=jsonschema.Draft202012Validator)
    with pytest.raises(BadOption, match="nothing to draw"):
        empty.plot()


def test_options_without_meaning_are_refused(small_release: Path) -> None:
    for wrong in (
        {"stage": "exploit"},
        {"definition": "lag_now"},
        {"frontier": "restricted"},
        {"evidence": "independent"},
        {"access_basis": "stated"},
    ):
        with pytest.raises(BadOption, match="has no meaning with --effects"):
            lag_effects(**wrong)  # type: ignore[arg-type]
    with pytest.raises(BadOption):
        lag_effects(level=1.5)
    with pytest.raises(BadOption, match="biology"):
        lag_effects("biology")


def test_a_stored_study_is_shown_for_its_data_only(
    small_release: Path,
    study: tuple[dict[str, Any], dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from headway.checks import stored
    from headway.tables.store import read_head

    options, result = study
    monkeypatch.setattr(stored, "FOLDER", tmp_path)
    monkeypatch.setenv("HEADWAY_CACHE_DIR", str(tmp_path / "cache"))
    stored.save_stored(STUDY, read_head().rows_hash, options, result)

    shown = lag_effects("cyber")
    assert {r["group"]["domain"] for r in shown.documents} == {None, "cyber"}
    assert shown.facts["null_worlds"] == result["null_worlds"]
    assert lag_effects("cyber").documents == shown.documents, "the second answer is cached"
    assert lag_effects(as_of=date(2025, 1, 1)).documents == ()
    assert lag_effects(level=0.5).documents == ()


def test_the_command_line_answers_and_refuses(
    small_release: Path, study: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    from headway.cli.app import app

    runner = CliRunner()
    told = runner.invoke(app, ["lag", "--effects", "--json"])
    assert told.exit_code == 0, told.output
    document = json.loads(told.stdout)
    assert document["schema"] == "headway.lag-effects/1"
    assert document["results"] == []
    plain = runner.invoke(app, ["lag", "--effects", "--lang", "ja"])
    assert "--compute" in plain.stdout
    wrong = runner.invoke(app, ["lag", "--effects", "--stage", "exploit"])
    assert wrong.exit_code != 0


@pytest.mark.slow
def test_the_shipped_data_show_the_known_examples() -> None:
    """Open less closed is -7 (74 to 81) on a public and -34 (44 to 78) on a held-out coding benchmark;
    one closed model stands at 15.1 and 25.95 on one benchmark in two tellings."""
    import numpy as np

    from headway.estimate.capability import fit_capability, select_evidence
    from headway.estimate.lag.effects.publicity import public_held_out
    from headway.estimate.lag.effects.tellings import version_pairs

    shipped = load_release()
    evidence = select_evidence(shipped.scores, shipped.benchmarks, shipped.model_versions)
    fit = fit_capability(evidence)
    ability = pl.concat(
        pl.DataFrame(
            {
                "model_version": list(fit.models),
                "domain": [d] * len(fit.models),
                "ability": fit.laplace.mean((d, None)),
            }
        )
        for d in fit.laplace.design.domains
    )
    rows = public_held_out(evidence.rows, ability, level=0.9, reps=20, rng=np.random.default_rng(0))
    (coding,) = [r for r in rows if r.domain == "coding"]
    gaps = [(e["public"]["gap"], e["held_out"]["gap"]) for e in coding.examples]
    assert (-7.0, -34.0) in [(round(a, 6), round(b, 6)) for a, b in gaps]

    pairs = version_pairs(shipped.scores).filter(pl.col("model_version") == "gpt-5.5")
    told = shipped.scores.filter(pl.col("score_id").is_in([pairs["a"][0], pairs["b"][0]]))
    assert sorted(round(100 * s, 2) for s in told["score"]) == [15.07, 25.95]
