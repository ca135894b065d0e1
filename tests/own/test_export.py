"""Exporting a table: every format gives the rows back, files appear whole or not at all."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import headway
from headway.api import data_export as module
from headway.errors import BadOption, EmptyTable, HeadwayError
from headway.sources.formats import every_eval_ever
from headway.tables.store import load_release
from tests.api.test_api import valid


@pytest.fixture(autouse=True)
def _small(small_release: Path) -> None:
    pass


def test_parquet_is_the_table_itself() -> None:
    body = headway.data_export("scores", format="parquet").body
    assert pl.read_parquet(io.BytesIO(body)).equals(load_release().scores)


def test_csv_and_json_hold_every_row_with_full_precision() -> None:
    scores = load_release().scores
    csv = pl.read_csv(headway.data_export("scores").body)
    rows = json.loads(headway.data_export("scores", format="json").body)

    assert csv.columns == scores.columns == list(rows[0])
    assert csv["value"].to_list() == scores["value"].to_list() == [r["value"] for r in rows]
    assert rows[0]["known_on"] == scores["known_on"][0].isoformat()


def test_eee_reads_back_as_the_same_scores() -> None:
    parsed = every_eval_ever.parse(headway.data_export("scores", format="eee").body)
    scores = load_release().scores

    assert parsed.failures == ()
    assert sorted((c.model, c.benchmark, c.score) for c in parsed.scores) == sorted(
        scores.select("model_version", "benchmark", "value").iter_rows()
    )


def test_a_sheet_keeps_texts_that_look_like_formulas(monkeypatch: pytest.MonkeyPatch) -> None:
    release = load_release()
    hostile = release.sources.with_columns(title=pl.lit('=HYPERLINK("http://x","y")'))
    monkeypatch.setattr(module, "load", lambda: replace(release, sources=hostile))
    body = headway.data_export("sources", format="xlsx").body

    with zipfile.ZipFile(io.BytesIO(body)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "HYPERLINK" in book.read("xl/sharedStrings.xml").decode()


@pytest.mark.parametrize("form", ["csv", "parquet", "json", "xlsx", "eee"])
def test_equal_questions_give_equal_bytes_and_valid_documents(form: str, tmp_path: Path) -> None:
    first = headway.data_export("scores", format=form, output=tmp_path / "a")
    second = headway.data_export("scores", format=form, output=tmp_path / "b")

    assert first.body == second.body == (tmp_path / "a").read_bytes()
    document = valid(first.to_json())
    assert document["results"][0]["rows"] == len(load_release().scores)
    assert document["results"][0]["sha256"] == first.sha256


def test_conditions_and_as_of_choose_rows() -> None:
    bench = load_release().scores.filter(pl.col("model_version") == "gpt-5")["benchmark"][0]
    one = headway.data_export("scores", where=["model_version=gpt-5", f"benchmark={bench}"])
    assert one.frame.select("model_version", "benchmark").rows() == [("gpt-5", bench)]
    early = headway.data_export("scores", as_of=date(2024, 1, 1)).frame
    assert early["known_on"].max() <= date(2024, 1, 1)  # type: ignore[operator]
    none = headway.data_export("scores", where=["effort=null"]).frame
    assert none["effort"].null_count() == len(none)


# Queries ---------------------------------------------------------------------------------------


def test_a_query_is_a_select_over_the_tables() -> None:
    found = headway.data_export(
        sql="""-- how many; drop table scores
        SELECT benchmark, COUNT(*) AS n, 'read_csv(' AS word FROM scores GROUP BY benchmark"""
    )
    counts = load_release().scores["benchmark"].value_counts().sort("benchmark")

    assert found.frame["n"].to_list() == counts["count"].to_list()
    assert found.frame["benchmark"].to_list() == counts["benchmark"].to_list()
    assert valid(found.to_json())["results"][0]["table"] == "query"
    again = headway.data_export(sql=found.options["sql"])
    assert again.body == found.body


def test_a_query_may_join_filter_and_order_and_knows_the_as_of_date() -> None:
    sql = (
        "WITH s AS (SELECT * FROM scores WHERE unit = 'proportion') SELECT m.lab, MAX(s.value) AS best "
        "FROM s JOIN model_versions m ON s.model_version = m.model_version GROUP BY m.lab "
        "ORDER BY best DESC"
    )
    best = headway.data_export(sql=sql).frame["best"].to_list()
    assert best == sorted(best, reverse=True)
    early = headway.data_export(sql="SELECT MAX(known_on) FROM scores", as_of=date(2024, 1, 1))
    assert early.frame.item() <= date(2024, 1, 1)
    few = headway.data_export(sql="SELECT * FROM scores", where=["model_version=gpt-5"])
    assert set(few.frame["model_version"]) == {"gpt-5"}


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE scores",
        "CREATE TABLE x AS SELECT * FROM scores",
        "TRUNCATE TABLE scores",
        "DELETE FROM scores",
        "INSERT INTO scores VALUES (1)",
        "SELECT * FROM scores; SELECT * FROM scores",
        "SELECT * FROM scores; DROP TABLE scores",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM READ_PARQUET ('/etc/passwd')",
        "SELECT * FROM \"read_csv\"('/etc/passwd')",
        "SELECT * FROM read_csv/* */('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT nothing FROM scores",
        "SELECT * FROM nothing",
        "SELECT 1/0.0",
        "SELEC",
        "",
        "-- SELECT",
        "SHOW TABLES",
        "(((",
        "SELECT '\x00' FROM",
    ],
)
def test_a_query_changes_nothing_and_opens_no_file(sql: str) -> None:
    before = load_release().rows_hash
    with pytest.raises(BadOption):
        headway.data_export(sql=sql)
    assert load_release().rows_hash == before


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=60) | st.text(max_size=40).map(lambda t: f"SELECT {t} FROM sources"))
def test_any_query_is_answered_or_refused(sql: str) -> None:
    with contextlib.suppress(HeadwayError):
        module.data_export(sql=sql)


@pytest.mark.parametrize("form", ["csv", "parquet", "json", "xlsx"])
def test_lists_parts_and_infinities_have_a_place_in_every_format(form: str) -> None:
    sql = (
        "SELECT lab, ARRAY_AGG(released) AS days, CAST(LN(0.0 * MAX(1.0)) AS DOUBLE) AS low "
        "FROM model_versions GROUP BY lab"
    )
    found = headway.data_export(sql=sql, format=form)
    if form == "xlsx":
        with zipfile.ZipFile(io.BytesIO(found.body)) as book:
            assert "-inf" in book.read("xl/sharedStrings.xml").decode()
    elif form == "json":
        row = json.loads(found.body)[0]
        assert row["low"] == "-inf"
        assert row["days"][0][:2] == "20"
    elif form == "csv":
        assert json.loads(pl.read_csv(found.body)["days"][0])[0][:2] == "20"


def test_a_query_that_keeps_the_columns_of_scores_is_exported_as_records() -> None:
    sql = "SELECT * FROM scores WHERE model_version = 'gpt-5'"
    parsed = every_eval_ever.parse(headway.data_export(sql=sql, format="eee").body)

    assert {c.model for c in parsed.scores} == {"gpt-5"}
    with pytest.raises(BadOption, match="query"):
        headway.data_export(sql="SELECT score FROM scores", format="eee")


def test_either_a_table_or_a_query() -> None:
    for options in ({}, {"table": "scores", "sql": "SELECT 1"}):
        with pytest.raises(BadOption, match="not both"):
            headway.data_export(**options)  # type: ignore[arg-type]


# Answers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "parquet", "json", "xlsx"])
def test_an_answer_is_exported_as_its_table(form: str) -> None:
    answer = headway.data_list("benchmarks")
    found = headway.data_export(answer, format=form)

    assert (found.name, found.frame.equals(answer.table())) == ("data-list", True)
    assert found.options["answer"]["provenance"] == answer.provenance.to_json()


def test_every_answer_in_json_becomes_a_table() -> None:
    lag = headway.lag("coding", definition="gap").to_json()
    found = headway.data_export(lag)
    csv = pl.read_csv(found.body)

    assert (found.name, len(csv)) == ("lag", len(lag["results"]))
    first = lag["results"][0]
    assert csv["domain"][0] == first["domain"]
    nested = [name for name in csv.columns if name.endswith("interval.low")]
    assert nested


def test_answers_are_piped_on_the_command_line(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from headway.cli.app import app

    run = CliRunner().invoke
    told = run(app, ["data", "show", "gpt-5", "--json"]).stdout
    (tmp_path / "answer.json").write_text(told)
    piped = run(app, ["data", "export", "-"], input=told)
    from_file = run(app, ["data", "export", str(tmp_path / "answer.json")])

    assert piped.exit_code == from_file.exit_code == 0
    assert piped.stdout_bytes == from_file.stdout_bytes
    assert len(pl.read_csv(piped.stdout_bytes)) == len(json.loads(told)["results"])
    for wrong in ("{", "[]", '{"results": []}', '{"schema": "x/1", "results": []}'):
        assert run(app, ["data", "export", "-"], input=wrong).exit_code == 65


# Formulas --------------------------------------------------------------------------------------

HOSTILE = ("=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")')


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(HOSTILE) | st.text(max_size=12), min_size=1, max_size=8))
def test_no_text_of_a_csv_is_a_formula(texts: list[str]) -> None:
    """Whatever a name says, no cell begins as a formula does, and every text can be had back."""
    frame = pl.DataFrame({"=name": texts, "value": [-1.5] * len(texts)})
    safe = module.guarded(frame)

    assert safe.columns == ["'=name", "value"]
    for told, kept in zip(texts, safe["'=name"], strict=True):
        assert not kept.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert kept == told or kept == "'" + told
    assert safe["value"].to_list() == frame["value"].to_list()


def test_the_release_needs_no_guard() -> None:
    """The exported CSV of what is shipped is the table itself."""
    release = load_release()
    for name in ("scores", "model_versions", "benchmarks", "sources"):
        frame = release.table(name)
        assert module.guarded(frame).equals(
            frame.cast({c: pl.String for c, k in frame.schema.items() if isinstance(k, pl.Enum)})
        )  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["csv", "xlsx", "eee"])
def test_releases_with_own_rows_are_exported_too(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name of such a release is no date."""
    from headway.tables.choice import DataChoice, using

    data = tmp_path / "data"
    shutil.copytree(load_release().path.parent, data / "releases")
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(data))
    mine = tmp_path / "mine.csv"
    mine.write_text("model,benchmark,score\nopen-13,coding-0-0,0.5\n")
    headway.data_add(mine, write=True)
    with using(DataChoice(own=True)):
        found = headway.data_export("scores", where=["source=own"], format=form)
    assert len(found.frame) == 1


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"table": "nothing"}, BadOption),
        ({"table": "scores", "format": "xml"}, BadOption),
        ({"table": "sources", "format": "eee"}, BadOption),
        ({"table": "scores", "where": ["colour=red"]}, BadOption),
        ({"table": "scores", "where": ["model_version"]}, BadOption),
        ({"table": "scores", "where": ["model_version=nobody"]}, EmptyTable),
        ({"table": "scores", "output": "/dev/null/x.csv"}, HeadwayError),
    ],
)
def test_impossible_wishes_are_refused(options: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        headway.data_export(**options)  # type: ignore[arg-type]


def test_a_sheet_that_would_overflow_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SHEET_ROWS", 10)
    with pytest.raises(BadOption, match="fit a sheet"):
        headway.data_export("scores", format="xlsx")


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "x.csv"
    file.write_text("old")

    def fails(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(module.os, "replace", fails)
    with pytest.raises(HeadwayError, match="cannot be written"):
        headway.data_export("sources", output=file)
    assert file.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["x.csv"]
