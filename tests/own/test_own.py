"""Own results: dry run first, all or nothing, idempotent, in or out of the lag by choice."""

from __future__ import annotations

import json
import multiprocessing
import shutil
from pathlib import Path

import pytest

import headway
from headway.errors import HeadwayError, NotFound, Unreadable
from headway.tables import own
from headway.tables.own import own_path, own_rows, update_own
from headway.tables.store import load_release, read_head
from tests.api.test_api import valid
from tests.sources.test_formats import HARNESS, header, log, record, result, summaries

CSV = "model,benchmark,score,n\nopen-13,coding-0-0,0.99,150\nopen-13,coding-1-0,0.97,150\n"


@pytest.fixture(autouse=True)
def folder(small_release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of this test's own, with the small release in it."""
    shutil.copytree(small_release.parent, tmp_path / "data" / "releases")
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


@pytest.fixture
def file(folder: Path) -> Path:
    path = folder / "mine.csv"
    path.write_text(CSV)
    return path


def test_a_dry_run_shows_what_resolves_and_writes_nothing(file: Path) -> None:
    found = headway.data_add(file)

    assert not found.written
    assert [r["model_version"] for r in found.rows] == ["open-13", "open-13"]
    assert not own_path().parent.exists()
    assert valid(found.to_json())["summary"]["stored_afterwards"] == 2
    assert "Nothing was written" in found.text("en")


def test_adding_twice_is_adding_once(file: Path) -> None:
    first, second = headway.data_add(file, write=True), headway.data_add(file, write=True)

    assert (len(first.rows), first.total) == (2, 2)
    assert (len(second.rows), second.known, second.total) == (0, 2, 2)
    assert len(own_rows()) == 2
    assert valid(second.to_json())


def test_one_bad_row_and_nothing_is_written(folder: Path) -> None:
    path = folder / "bad.csv"
    path.write_text(CSV + "nobody-7,coding-0-0,0.5,1\nopen-13,codin-2-0,0.5,1\n")
    found = headway.data_add(path, write=True)

    assert not found.written
    assert not found.is_valid
    assert {p.reason for p in found.problems} == {"unknown_model", "unknown_benchmark"}
    assert "coding-2-0" in found.text("en")
    assert own_rows() == []
    assert valid(found.to_json())["summary"]["rejected"] == 2


def test_names_and_columns_are_mapped(folder: Path) -> None:
    path = folder / "theirs.csv"
    path.write_text("System,Task,Acc\nMy best,T1,97\n")
    found = headway.data_add(
        path,
        names={"My best": "open-13", "T1": "coding-0-0"},
        columns={"model": "System", "benchmark": "Task", "score": "Acc", "unit": "=percent"},
    )
    (row,) = found.rows
    assert (row["model_version"], row["benchmark"], row["score"]) == ("open-13", "coding-0-0", 0.97)


def test_formats_of_others_are_stored_too(folder: Path) -> None:
    eee, lm, inspect = folder / "a.json", folder / "b.json", folder / "c.eval"
    eee.write_text(json.dumps(record(result())))
    lm.write_text(json.dumps({**HARNESS, "results": {"gpqa": {"acc,none": 0.41}}}))
    log(inspect, header(), summaries())
    names = {"lab/model": "gpt-5", "openai/gpt-5": "gpt-5"}
    names |= {"bench": "coding-0-0", "gpqa": "coding-1-0", "cybench": "cyber-exploit-0"}
    for path in (eee, lm, inspect):
        assert headway.data_add(path, names=names, write=True).is_valid
    rows = own_rows()

    assert [(r["benchmark"], r["score"], r["n"]) for r in rows] == [
        ("coding-0-0", 0.5, 200),
        ("coding-1-0", 0.41, 100),
        ("cyber-exploit-0", 0.375, 4),
    ]
    assert rows[2]["evaluated_on"] == "2026-03-01"


def test_rows_that_a_format_cannot_read_stop_the_file(folder: Path) -> None:
    path = folder / "x.eval"
    log(path, header(status="error"), summaries())
    found = headway.data_add(path, write=True)

    assert [p.reason for p in found.problems] == ["format_row"]
    assert "run error" in found.text("en")
    assert not own_path().exists()


@pytest.mark.parametrize("what", ["mine.csv", "open-13", "all"])
def test_rows_are_removed_by_any_of_their_names(file: Path, what: str) -> None:
    headway.data_add(file, write=True)
    dry = headway.data_remove(what)
    assert (len(dry.rows), dry.total, dry.written) == (2, 0, False)
    assert len(own_rows()) == 2

    assert valid(headway.data_remove(what, write=True).to_json())["summary"]["written"]
    assert own_rows() == []


def test_one_row_is_removed_by_its_id_and_a_strange_name_is_an_error(file: Path) -> None:
    headway.data_add(file, write=True)
    headway.data_remove(own_rows()[0]["score_id"], write=True)
    assert len(own_rows()) == 1
    with pytest.raises(NotFound, match=r"mine\.csv"):
        headway.data_remove("yours.csv")


def test_the_lag_is_available_with_and_without(file: Path) -> None:
    """Own rows move the fit only where asked; the answer's provenance tells the two apart."""
    before = headway.lag("coding", definition="gap")
    headway.data_add(file, write=True)
    without = headway.lag("coding", definition="gap")
    included = headway.lag("coding", definition="gap", own="include")

    assert without.documents == before.documents
    assert without.provenance == before.provenance
    assert [w.code for w in without.warnings if w.code == "own_left_out"]
    assert included.documents != before.documents
    assert included.provenance.rows_hash != before.provenance.rows_hash
    assert included.facts["all"]["scores"] == before.facts["all"]["scores"] + 2
    assert included.facts["all"]["sources"]["own"] == 2

    headway.data_remove("all", write=True)
    again = headway.lag("coding", definition="gap", own="include")
    assert again.documents == before.documents


def test_own_rows_are_valid_scores_of_the_release(file: Path) -> None:
    from headway.tables.validate import check

    headway.data_add(file, write=True)
    merged = own.with_own(load_release())
    check("scores", merged.scores)
    assert merged.rows_hash == own.with_own_head(read_head()).rows_hash
    assert merged.scores["evaluator_relationship"][-1] == "own"


def test_rows_that_the_release_no_longer_knows_are_named(file: Path) -> None:
    headway.data_add(file, write=True)
    update_own(lambda rows: [{**rows[0], "benchmark": "gone"}])
    with pytest.raises(Unreadable, match="gone"):
        headway.lag("coding", own="include")


@pytest.mark.parametrize("body", [b"{", b"[]\n", b'{"model": 1}\n', b"\xff\n"])
def test_a_damaged_store_is_an_error_not_an_empty_one(body: bytes) -> None:
    own_path().parent.mkdir(parents=True)
    own_path().write_bytes(body)
    with pytest.raises(Unreadable, match="damaged"):
        own_rows()


def test_a_failed_write_leaves_the_old_rows(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    headway.data_add(file, write=True)
    body = own_path().read_bytes()

    def fails(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(own.os, "replace", fails)
    with pytest.raises(HeadwayError, match="cannot be written"):
        headway.data_remove("all", write=True)
    assert own_path().read_bytes() == body
    assert not list(own_path().parent.glob(".writing-*"))


def _add_one(number: int) -> None:
    path = own_path().parent.parent / f"{number}.csv"
    path.write_text(f"model,benchmark,score\nopen-13,coding-0-0,0.{number:03d}\n")
    headway.data_add(path, write=True)


def test_writers_at_the_same_time_lose_nothing() -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_add_one, args=(n,)) for n in (101, 202, 303)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(r["score"] for r in own_rows()) == [0.101, 0.202, 0.303]
