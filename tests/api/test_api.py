"""The library: the same verbs as the command line, frozen results, cached numbers."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest

import headway
from headway import cache
from headway.api import engine
from headway.api import lag as lag_module
from headway.api.data import LISTS
from headway.api.lag import quantity_from_json
from headway.errors import BadOption, EmptyTable, NotFound, Unreadable
from headway.estimate import capability
from headway.estimate import lag as estimators
from headway.tables import schemas
from headway.tables.store import load_release
from tests.small_release import DATA_RELEASE, DATA_THROUGH, small_tables, write_tables

SCHEMAS = resources.files("headway.api.json_schemas")


def valid(document: dict[str, Any]) -> dict[str, Any]:
    """The document, after it passed its committed schema and a round trip as strict JSON."""
    name = document["schema"].removeprefix("headway.").removesuffix("/1")
    schema = json.loads(SCHEMAS.joinpath(f"{name}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    again: dict[str, Any] = json.loads(json.dumps(document, allow_nan=False))
    jsonschema.validate(again, schema, cls=jsonschema.Draft202012Validator)
    return again


@pytest.fixture(autouse=True)
def _small(small_release: Path) -> None:
    pass


def test_every_verb_is_there_and_import_is_lazy() -> None:
    for name in headway.__all__:
        assert getattr(headway, name)
    assert set(headway.__all__) <= set(dir(headway))
    with pytest.raises(AttributeError, match="nonsense"):
        headway.nonsense  # noqa: B018 (looking it up is the test)


def test_import_headway_loads_no_heavy_library() -> None:
    code = (
        "import sys, headway; "
        "print([m for m in ('numpy', 'polars', 'scipy', 'altair', 'click') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_vocabularies_are_those_of_the_estimators_and_tables() -> None:
    assert lag_module.DEFINITIONS == estimators.DEFINITIONS
    assert lag_module.FRONTIERS == estimators.FRONTIERS
    assert lag_module.EVIDENCE == capability.EVIDENCE
    assert lag_module.DOMAINS == schemas.DOMAINS
    assert lag_module.STAGES == schemas.STAGES


# lag -----------------------------------------------------------------------------------------


def test_lag_without_options_is_domains_then_stages() -> None:
    found = headway.lag()
    document = valid(found.to_json())
    places = [(r["domain"], r["stage"]) for r in document["results"]]
    assert places[:3] == [("cyber", None), ("coding", None), ("general", None)]
    assert places[3:] == [("cyber", s) for s in schemas.STAGES]
    assert {(r["definition"], r["frontier"], r["evidence"]) for r in document["results"]} == {
        ("lag_mean_12m", "public", "all")
    }
    assert document["data_release"] == DATA_RELEASE
    assert document["as_of"] == DATA_THROUGH.isoformat()


def test_the_known_lag_of_the_synthetic_release_is_found() -> None:
    """Open models follow by 8 months; the frontier's steps of 70 days widen that."""
    for row in headway.lag("cyber,coding,general").rows:
        assert row.lag.value is not None
        assert row.lag.interval is not None
        assert row.lag.interval.low < 9.5
        assert row.lag.interval.high > 7


def test_a_stage_without_scores_says_so() -> None:
    (row,) = headway.lag(stage="defensive").rows
    assert row.lag.status == "not_estimable"
    assert row.lag.notes == ("no_scores",)


def test_a_row_is_the_same_whatever_else_is_asked_for() -> None:
    alone = headway.lag("coding", definition="lag_now").documents[0]
    many = headway.lag(definition="lag_mean_12m,lag_now", frontier="restricted,public").documents
    assert alone in many


def test_every_definition_frontier_and_evidence_passes_the_schema() -> None:
    found = headway.lag(
        "cyber",
        definition=",".join(lag_module.DEFINITIONS),
        frontier="public,restricted",
        evidence="all,independent,held_out,first_party",
        history=True,
    )
    document = valid(found.to_json("ja"))
    asked = {(r["definition"], r["frontier"], r["evidence"]) for r in document["results"]}
    assert len(asked) == 6 * 2 * 4
    assert set(document["evidence"]) == set(capability.EVIDENCE)


def test_evidence_filters_refit_on_fewer_rows() -> None:
    facts = headway.lag("coding", evidence="all,independent,first_party").facts
    parts = facts["independent"]["scores"] + facts["first_party"]["scores"]
    assert parts == facts["all"]["scores"]


def test_as_of_refits_on_what_was_known() -> None:
    then = date(2025, 6, 30)
    found = headway.lag("general", as_of=then)
    assert found.as_of == then
    assert found.facts["all"]["left_out"]["not_known_yet"] > 0
    assert "pseudo_vintage" in {w.code for w in found.warnings}


def test_without_the_named_anchors_two_others_stand_in() -> None:
    found = headway.lag("coding", definition="gap", as_of=date(2025, 3, 31))
    assert found.rows[0].lag.unit == "points"
    assert "other_anchors" in {w.code for w in found.warnings}
    now = headway.lag("coding", definition="gap")
    assert "other_anchors" not in {w.code for w in now.warnings}


def test_as_of_at_the_end_of_the_data_is_the_default() -> None:
    assert headway.lag("coding", as_of=DATA_THROUGH).documents == headway.lag("coding").documents


def test_a_later_date_warns_and_an_early_one_refuses() -> None:
    later = headway.lag("coding", as_of=date(2026, 12, 31))
    assert "beyond_data" in {w.code for w in later.warnings}
    with pytest.raises(BadOption, match="first one was known on 2023"):
        headway.lag("coding", as_of=date(2019, 1, 1))


def test_level_changes_every_interval() -> None:
    definitions = ",".join(lag_module.DEFINITIONS)
    narrow = headway.lag("coding", definition=definitions, level=0.5).rows
    wide = headway.lag("coding", definition=definitions, level=0.95).rows
    for a, b in zip(narrow, wide, strict=True):
        for name in ("interval", "interval_process"):
            x, y = getattr(a.lag, name), getattr(b.lag, name)
            assert (x is None) == (y is None)
            if x is not None:
                assert (x.level, y.level) == (0.5, 0.95)
                assert (x.low, x.high) != (y.low, y.high)
                assert y.low <= x.low <= x.high <= y.high


def test_equal_seeds_give_equal_numbers_and_provenance() -> None:
    first = headway.lag("coding", seed=1)
    cache_free = headway.lag("coding", seed=2)
    assert first.documents != cache_free.documents
    assert first.provenance == headway.lag("coding", seed=1).provenance
    assert first.provenance.key != cache_free.provenance.key


def test_numbers_do_not_depend_on_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm = headway.lag("coding")
    monkeypatch.setenv("HEADWAY_CACHE_DIR", str(tmp_path / "fresh"))
    assert headway.lag("coding").documents == warm.documents


def test_changed_rows_are_never_answered_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = headway.lag("coding")
    tables = small_tables()
    moved = tables["scores"].with_columns(
        pl.when(pl.col("model_version").str.starts_with("open"))
        .then(pl.col("score") * 0.7)
        .otherwise("score")
        .alias("score")
    )
    write_tables(
        tmp_path / "releases" / "small", {**tables, "scores": moved.with_columns(value="score")}
    )
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(tmp_path))
    after = headway.lag("coding")
    assert after.provenance.rows_hash != before.provenance.rows_hash
    assert after.documents != before.documents


def test_changed_code_is_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    headway.lag("coding")
    monkeypatch.setattr(cache, "code_hash", lambda: "changed")
    calls = []
    real = engine._compute
    monkeypatch.setattr(engine, "_compute", lambda *a: calls.append(a) or real(*a))
    headway.lag("coding")
    assert len(calls) == 1


def test_a_warm_answer_computes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    headway.lag("coding")
    monkeypatch.setattr(lag_module, "load", lambda: pytest.fail("the tables were read"))
    headway.lag("coding")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"domain": "law"}, "--domain.*law.*cyber, coding, general"),
        ({"stage": "recon"}, "--stage.*recon"),
        ({"definition": "lag"}, "--definition"),
        ({"frontier": "open"}, "--frontier"),
        ({"evidence": "all,rumours"}, "--evidence.*rumours"),
        ({"level": 90}, "level"),
        ({"domain": "coding", "stage": "exploit"}, "stage belongs to the domain cyber"),
        ({"index": "x.csv", "domain": "cyber"}, "--domain has no meaning with --index"),
        ({"index": "x.csv", "evidence": "independent"}, "--evidence has no meaning"),
    ],
)
def test_bad_options_are_named(options: dict[str, Any], words: str) -> None:
    with pytest.raises(BadOption, match=words):
        headway.lag(**options)


def test_results_are_frozen_and_leave_by_every_door() -> None:
    found = headway.lag(definition="lag_mean_12m,gap")
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.as_of = date(2020, 1, 1)  # type: ignore[misc]
    table = found.table()
    assert pl.DataFrame(found).equals(table)  # through __arrow_c_stream__
    assert table["at"].dtype == pl.Date
    assert DATA_RELEASE in found.cite()
    assert found.cite("ja") != found.cite("en")
    assert len(repr(found).splitlines()) <= 10
    assert "Coding" in found.text("en")
    assert "コーディング" in found.text("ja")


def test_plot_draws_the_rows_lazily() -> None:
    spec = headway.lag("coding,general").plot().to_dict()
    assert "coding" in json.dumps(spec).lower()


def test_quantities_survive_json() -> None:
    for row in headway.lag(definition=",".join(lag_module.DEFINITIONS)).rows:
        assert quantity_from_json(row.lag.to_json()) == row.lag


# lag of an index -----------------------------------------------------------------------------

INDEX = """model,released,access,score
c0,2023-01-01,api,50
c1,2024-01-01,api,100
o1,2024-03-01,open_weight,90
c2,2024-06-01,api,120
o2,2025-01-01,open_weight,100
o3,2025-07-01,open_weight,130
"""


def test_an_index_is_counted_as_by_hand(tmp_path: Path) -> None:
    """o2 meets the level of c1, one year before; nobody had reached o3's level."""
    path = tmp_path / "index.csv"
    path.write_text(INDEX)
    found = headway.lag(index=path, definition="lag_at_record")
    rows = valid(found.to_json())["results"]
    second, third = rows[1:]
    assert (second["at"], second["open_model"], second["closed_model"]) == (
        "2025-01-01",
        "o2",
        "c1",
    )
    assert second["lag"]["value"] == pytest.approx(366 / 30.4375)
    assert second["lag"]["interval"] is None
    assert "index_no_uncertainty" in second["lag"]["notes"]
    assert third["lag"]["status"] == "open_leads"
    assert {r["domain"] for r in rows} == {None}
    assert found.as_of == date(2025, 7, 1)


def test_epochs_own_layout_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "eci.csv"
    path.write_text(
        "Model,ECI Score,Release date,Organization,Model accessibility\n"
        "A,100,2024-01-01,X,API access\n"
        "B,100,2024-07-01,Y,Open weights (unrestricted)\n"
    )
    (row,) = headway.lag(index=path, definition="lag_at_record").rows
    assert row.lag.value == pytest.approx(182 / 30.4375)


def test_a_reading_error_shows_how_far_a_tie_carries(tmp_path: Path) -> None:
    """The open score of 55 lies 2 above one closed model and 5 below the next."""
    path = tmp_path / "index.csv"
    path.write_text(
        "model,released,access,score\n"
        "C0,2024-01-01,api,20\nC1,2025-01-01,api,53\nC2,2025-07-01,api,60\nO1,2026-01-01,open,55\n"
    )
    found = headway.lag(index=path, definition="lag_at_record", reading_error=3.0)
    (row,) = valid(found.to_json())["results"]
    months = [
        (date(2026, 1, 1) - day).days / 30.4375 for day in (date(2025, 7, 1), date(2025, 1, 1))
    ]

    assert row["lag"]["value"] == pytest.approx(months[0])
    assert row["tie_sensitivity"]["shortest"]["lag_months"] == pytest.approx(months[0])
    assert row["tie_sensitivity"]["longest"]["lag_months"] == pytest.approx(months[1])
    assert row["tie_sensitivity"]["longest"]["closed_model"] == "C1"
    assert f"score_moved:{months[0]:.1f} / {months[1]:.1f}" in row["lag"]["notes"]
    assert f"{months[1]:.1f} months" in found.text("en")


def test_a_reading_error_without_an_index_is_refused() -> None:
    with pytest.raises(BadOption, match="--reading-error needs --index"):
        headway.lag(reading_error=1.0)


def test_the_history_of_an_index_is_monthly(tmp_path: Path) -> None:
    path = tmp_path / "index.csv"
    path.write_text(INDEX)
    rows = valid(headway.lag(index=path, definition="lag_now", history=True).to_json())["results"]
    by_day = {r["at"]: r["lag"] for r in rows[1:]}
    assert by_day["2025-02-28"]["value"] == pytest.approx(424 / 30.4375)
    assert list(by_day)[-1] == "2025-07-01"
    assert next(iter(by_day)) == "2023-01-31"


def test_a_percent_among_proportions_warns(tmp_path: Path) -> None:
    path = tmp_path / "index.csv"
    lines = [f"m{i},2024-01-0{i},{'api' if i % 2 else 'open'},0.{i}" for i in range(1, 9)]
    path.write_text("model,released,access,score\n" + "\n".join(lines) + "\nx,2024-02-01,api,82\n")
    assert "mixed_scale" in {w.code for w in headway.lag(index=path).warnings}


def test_bad_rows_of_an_index_are_refused_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "index.csv"
    path.write_text(INDEX + "c9,2099-01-01,api,1\n")
    with pytest.raises(headway.errors.BadValue, match="8: released 2099-01-01 is after today"):
        headway.lag(index=path)


# data ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", LISTS)
def test_lists_pass_their_schema(what: str) -> None:
    found = headway.data_list(what)
    # nobody told a score of the small release twice
    assert bool(valid(found.to_json())["results"]) is (what != "conflicts")
    assert found.text()
    assert found.text("ja")
    assert len(found.table()) == len(found.rows)


@pytest.mark.parametrize(
    ("id", "kind"),
    [
        ("gpt-5", "model_version"),
        ("GPT 5 (high)", "model_version"),
        ("coding-0-0", "benchmark"),
        ("exploit", "stage"),
        ("coding", "domain"),
        ("synthetic", "source"),
        ("scores", "table"),
        ("invented-lag", "published_estimate"),
    ],
)
def test_show_finds_every_kind_of_id_with_its_source(id: str, kind: str) -> None:
    found = headway.data_show(id)
    document = valid(found.to_json())
    assert document["kind"] == kind
    assert "https://example.org/results" in json.dumps(document)
    assert "https://example.org/results" in found.text() or kind in {"domain", "stage"}


def test_every_score_can_be_shown_by_its_id() -> None:
    id = load_release().scores["score_id"][0]
    found = headway.data_show(id)
    assert found.kind == "score"
    assert found.table()["source_url"][0] in found.text("ja")


def test_an_unknown_id_gives_close_ones() -> None:
    with pytest.raises(NotFound, match="coding-0-0"):
        headway.data_show("codng-0-0")


def test_show_as_of_leaves_later_scores_out() -> None:
    all_scores = headway.data_show("coding").frames["scores"]
    early = headway.data_show("coding", as_of=date(2024, 6, 30)).frames["scores"]
    assert 0 < len(early) < len(all_scores)
    assert early["known_on"].max() <= date(2024, 6, 30)


def test_validate_reports_rows_and_passes_its_schema(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("model,benchmark,score\ngpt-5,coding-0-0,0.5\ngpt-5,coding-0-0,82\n")
    found = headway.data_validate(path)
    document = valid(found.to_json("ja"))
    assert document["summary"] == {
        "file": "mine.csv",
        "kind": "scores",
        "rows": 2,
        "accepted": 1,
        "rejected": 1,
    }
    assert document["results"][0]["reason"] == "percent_not_proportion"
    assert found.table()["line"].to_list() == [3]
    assert not found.is_valid


def test_validate_refuses_what_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("")
    with pytest.raises(EmptyTable):
        headway.data_validate(tmp_path / "x.csv")
    with pytest.raises(Unreadable):
        headway.data_validate(tmp_path / "y.csv")


def test_doctor_is_healthy_here_and_notices_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = headway.doctor()
    assert found.is_healthy
    assert valid(found.to_json())["healthy"] is True
    assert "データリリース" in found.text("ja")
    write_tables(tmp_path / "releases" / "small", small_tables())
    (tmp_path / "releases" / "small" / "scores.parquet").write_bytes(b"PAR1")
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(tmp_path))
    broken = headway.doctor()
    assert not broken.is_healthy
    assert {c.check for c in broken.checks if c.status == "failed"} == {"release", "tables"}
    assert valid(broken.to_json())["healthy"] is False


# report --------------------------------------------------------------------------------------


def test_the_report_is_written_whole_and_says_where(tmp_path: Path) -> None:
    target = tmp_path / "r.html"
    found = headway.report(target, lang="ja")
    document = valid(found.to_json("ja"))
    html = target.read_text(encoding="utf-8")
    assert document["path"] == str(target)
    assert '<html lang="ja"' in html
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r.html"]
    headline = headway.lag()
    assert [r["lag"] for r in document["results"]] == [r["lag"] for r in headline.documents]


def test_the_report_needs_a_folder(tmp_path: Path) -> None:
    with pytest.raises(headway.errors.HeadwayError, match="no such folder"):
        headway.report(tmp_path / "nowhere" / "r.html")


def test_offline_refuses_the_network() -> None:
    """In a process of its own: here pytest-socket would refuse first."""
    code = """
import socket
from headway.api.offline import NetworkRefused, offline_if

def reach(host):
    with socket.socket() as s:
        s.settimeout(0.01)
        try:
            s.connect((host, 9))
        except OSError as e:
            return isinstance(e, NetworkRefused)

print(reach("127.0.0.1"), end=" ")
with offline_if(True):
    print(reach("192.0.2.1"), reach("127.0.0.1"), end=" ")
print(reach("192.0.2.1"))
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["False", "True", "False", "False"]
