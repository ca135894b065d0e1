"""Exporting a table: every format gives the rows back, files appear whole or not at all."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

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
