"""``headway lag --test``: rows, schema, texts in two languages, refits, options that do not go."""

from __future__ import annotations

import json
import math
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from headway.api import lag_test as verb
from headway.api.lag_test import LagTestResult, lag_test
from headway.checks import robustness, stored
from headway.checks.refits import Refit
from headway.cli.app import app
from headway.errors import BadOption
from headway.estimate.lag import hypotheses
from headway.figures import svg_of
from headway.figures.hypotheses import VerdictRow, finding, hypotheses_spec, verdict_rows
from headway.tables.store import load_release

SEED = 20261123


@pytest.fixture(autouse=True)
def _small(small_release: Path) -> None:
    pass


@pytest.fixture
def refits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A few stored refits of the small release, in a folder of their own."""
    monkeypatch.setattr(stored, "FOLDER", tmp_path)
    release = load_release()

    def few(group: str, spec: Refit) -> bool:
        chosen = {"closed-lab-0", "open-lab-1", "parallel_trends", "stated", "coding-0-0"}
        return spec.name in chosen

    options, result = robustness.run_study(
        release, seed=SEED, workers=1, progress=None, only=few, draws=60
    )
    stored.save_stored(robustness.STUDY, release.rows_hash, options, result)
    return result


def valid(document: dict[str, Any]) -> dict[str, Any]:
    folder = resources.files("headway.api.json_schemas")
    schema = json.loads(folder.joinpath("lag-test.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    again: dict[str, Any] = json.loads(json.dumps(document, allow_nan=False))
    jsonschema.validate(again, schema, cls=jsonschema.Draft202012Validator)
    return again


def test_vocabularies_are_those_of_the_estimator() -> None:
    assert verb.DEFINITIONS == hypotheses.CLAIM_DEFINITIONS


def test_rows_pass_the_schema_and_name_what_they_test() -> None:
    document = valid(lag_test().to_json())
    rows = document["results"]

    assert document["schema"] == "headway.lag-test/1"
    assert {r["hypothesis"] for r in rows} == set(hypotheses.CLAIMS)
    assert {r["definition"] for r in rows} == set(verb.DEFINITIONS)
    for row in rows:
        if row["verdict"] == "not_estimable":
            assert row["probability"]["notes"]
            continue
        p = row["probability"]
        assert 0 <= p["interval"]["low"] <= p["value"] <= p["interval"]["high"] <= 1
        assert row["estimate"]["n_clusters"] > 1 or row["estimate"]["status"] == "not_estimable"


def test_verdicts_follow_the_rule_they_state() -> None:
    for row in lag_test("cyber").to_json()["results"]:
        p = row["probability"]
        if p["value"] is None:
            continue
        low = p["value"]
        span = [n for n in p["notes"] if n.startswith("left_open_by_bounds:")]
        high = low + float(span[0].partition(":")[2]) if span else low
        if row["hypothesis"] == "static":
            small = row["small_change"]["value"]
            expected = (
                "contradicted" if high < 0.05 else "supported" if small > 0.95 else "undecided"
            )
        else:
            expected = "supported" if low > 0.95 else "contradicted" if high < 0.05 else "undecided"
        assert row["verdict"] == expected, row


def test_a_row_does_not_depend_on_what_else_is_asked() -> None:
    whole = {
        (r["hypothesis"], r["domain"], r["stage"], r["definition"], r["models"]): r
        for r in lag_test().to_json()["results"]
    }
    for row in lag_test("coding", definition="lag_now").to_json()["results"]:
        key = tuple(row[k] for k in ("hypothesis", "domain", "stage", "definition", "models"))
        assert whole[key] == row


def test_table_has_a_line_per_row_and_keeps_infinities() -> None:
    found = lag_test("cyber", definition="lag_mean_12m,lag_now")
    frame = found.table()

    assert len(frame) == len(found.documents)
    assert frame["window_to"].drop_nulls().n_unique() == 1
    assert set(frame["verdict"]) <= {"supported", "contradicted", "undecided", "not_estimable"}


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_text_has_a_verdict_per_claim_and_says_that_refits_are_missing(
    lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "FOLDER", tmp_path)
    text = lag_test().text(lang)
    lines = text.splitlines()

    assert sum("?" in line or "か。" in line for line in lines[:5]) == 5
    assert "headway lag --test --compute" in text
    assert "lagtest-" not in text
    assert "{" not in text


def test_with_refits_the_text_tells_ranges_flips_and_countries(refits: dict[str, Any]) -> None:
    found = lag_test()
    text = found.text("en")
    document = valid(found.to_json())

    assert document["robustness"]["counts"] == {
        "all": 1, "lab": 2, "benchmark": 1, "access": 1, "prior": 1,
    }  # fmt: skip
    assert "refits" not in document["robustness"]
    assert "verdict differs in" in text
    assert "without the developer closed-lab-0" in text
    assert "Chinese open behind American closed" in text
    # the invented models have no country: nothing is claimed about the leaders
    assert "cannot be separated" not in text


def test_refits_are_not_shown_for_other_options(refits: dict[str, Any]) -> None:
    assert lag_test(frontier="restricted").robustness is None
    assert lag_test(evidence="independent").robustness is None
    assert lag_test().robustness is not None


def test_the_table_of_refits_holds_what_the_summary_says(refits: dict[str, Any]) -> None:
    table = robustness.table_of(refits)
    again = [robustness.plain_json(found) for found in robustness.summarise(table)]

    assert again == refits["summary"]
    assert set(table["group"]) == {"all", "lab", "benchmark", "access", "prior"}
    dropped = table.filter((table["name"] == "coding-0-0") & (table["what"] == "lag"))
    whole = table.filter((table["group"] == "all") & (table["what"] == "lag"))
    assert (dropped["scores"] < whole["scores"]).all()
    for found in refits["summary"]:
        if found["what"] != "lag" and found["base"]["state"] != "not_estimable":
            flips = {name for names in found["flips"].values() for name in names}
            states = table.filter(
                (table["what"] == found["what"]) & (table["domain"] == found["domain"])
            )
            other = {
                r["name"]
                for r in states.iter_rows(named=True)
                if r["group"] != "all"
                and r["low"] is not None
                and r["state"] != found["base"]["state"]
            }
            assert flips == other


def test_everything_with_rows_is_left_out_once() -> None:
    release = load_release()
    names = ("scores", "benchmarks", "model_versions", "access")
    tables = {name: release.table(name) for name in names}
    base = robustness.refit(tables, Refit("all"), draws=2, seed=1).fit
    specs = robustness.specs_of(base, release)
    rows = base.evidence.rows

    for group in ("lab", "benchmark", "evaluator"):
        left_out = [spec.name for g, spec in specs if g == group]
        assert left_out == sorted(rows[group].drop_nulls().unique().to_list())
    assert {g for g, _ in specs} >= {"all", "evidence", "access", "prior"}


@pytest.mark.parametrize("size", ["wide", "narrow"])
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_figure_draws_every_claim_bound_and_refit(lang: str, size: str) -> None:
    rows = [
        VerdictRow("cyber_above_coding", "Cyber", 0.97, 0.97, 0.99, "supported", (0.9, 0.94)),
        VerdictRow("lag_6_18", "Cyber", 0.4, 0.8, 0.5, "undecided"),
        VerdictRow("static", "Coding", None, None, None, "not_estimable"),
    ]
    svg = svg_of(hypotheses_spec(rows, lang=lang, size=size))  # type: ignore[arg-type]

    assert "97 %" in svg
    assert "40 %" in svg
    assert "80 %" in svg
    assert ("not estimable" in svg) == (lang == "en")
    assert finding(rows, lang).count("1") >= 2


def test_the_figure_takes_the_rows_as_they_are(refits: dict[str, Any]) -> None:
    found = lag_test()
    rows = verdict_rows(found.shown(), found.strips())

    assert any(row.refits for row in rows)
    assert all(row.low is None or 0 <= row.low <= (row.high or 0) <= 1 for row in rows)
    assert found.plot() is not None


def test_options_that_mean_nothing_here_are_refused() -> None:
    with pytest.raises(BadOption, match="gap"):
        lag_test(definition="gap")
    with pytest.raises(BadOption, match="--compute"):
        lag_test(frontier="restricted", compute=True)
    with pytest.raises(BadOption):
        lag_test(level=1.5)


def test_an_earlier_day_has_no_refits_and_says_what_it_lacks() -> None:
    from datetime import date

    found = lag_test("coding", as_of=date(2024, 6, 30))

    assert found.robustness is None
    assert {r["verdict"] for r in found.documents}


@pytest.mark.parametrize("arguments", [["--json"], [], ["--lang", "ja"]])
def test_the_command_line_prints_the_same(arguments: list[str]) -> None:
    out = CliRunner().invoke(app, ["lag", "--test", "--domain", "cyber", *arguments])

    assert out.exit_code == 0, out.output
    if arguments == ["--json"]:
        assert valid(json.loads(out.stdout))["results"]
    else:
        assert out.stdout.strip()


def test_the_command_line_refuses_what_does_not_go_together() -> None:
    out = CliRunner().invoke(app, ["lag", "--test", "--history"])

    assert out.exit_code == 2


def test_strips_are_probabilities(refits: dict[str, Any]) -> None:
    strips = LagTestResult.strips(lag_test())

    assert ("cyber_above_coding", "cyber") in strips
    assert all(0 <= p <= 1 and math.isfinite(p) for own in strips.values() for p in own)
