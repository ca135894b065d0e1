"""Which data answers: a release by name, with or without own and quarantined rows."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

import headway
from headway.cli.app import app
from headway.errors import BadValue, HeadwayError, NotFound, Unreadable
from headway.paths import releases_dir
from headway.tables.choice import (
    DataChoice,
    chosen,
    find_release,
    head_in_use,
    point_to,
    release_in_use,
    using,
)
from headway.tables.store import load_release
from tests.small_release import small_tables, write_tables


@pytest.fixture(autouse=True)
def folder(small_release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(small_release.parent, tmp_path / "data" / "releases")
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def with_quarantine(folder: Path, name: str) -> int:
    """A release in which the best rows of one model are quarantined; how many."""
    tables = small_tables()
    wrong = pl.col("model_version") == "open-13"
    scores = tables["scores"].with_columns(
        use=pl.when(wrong).then(pl.lit("quarantined")).otherwise(pl.col("use").cast(pl.String)),
        use_reason=pl.when(wrong).then(pl.lit("harness 1.2 counted twice")).otherwise("use_reason"),
    )
    write_tables(folder / name, {**tables, "scores": scores})
    return int(scores.select(wrong.sum()).item())


def test_a_pinned_release_answers_by_name_folder_and_word(folder: Path) -> None:
    write_tables(folder / "elsewhere", small_tables())
    for named in (str(folder / "elsewhere"), "small"):
        with headway.data_choice(named):
            assert (
                headway.data_list().data_release == load_release(find_release(named)).data_release
            )
    with headway.data_choice("shipped"):
        shipped = headway.load()
    assert shipped.path.parent.name == "tables"
    assert headway.load().path == folder / "data" / "releases" / "small"
    assert chosen() == DataChoice()


def test_quarantined_rows_count_when_asked_for_and_keep_their_reason(folder: Path) -> None:
    count = with_quarantine(folder, "doubted")
    with using(DataChoice(folder / "doubted")):
        plain, head = release_in_use(), head_in_use()
        without = headway.lag("coding", definition="gap")
    with using(DataChoice(folder / "doubted", quarantined=True)):
        release, changed = release_in_use(), head_in_use()
        with_them = headway.lag("coding", definition="gap")
    assert (plain.scores["use"] == "quarantined").sum() == count
    again = release.scores.filter(pl.col("model_version") == "open-13")
    assert set(again["use"]) == {"fit"}
    assert set(again["use_reason"]) == {"harness 1.2 counted twice"}
    assert changed.data_release == f"{head.data_release}+quarantined" == with_them.data_release
    assert changed.rows_hash == release.rows_hash != head.rows_hash
    assert with_them.facts["all"]["scores"] > without.facts["all"]["scores"]
    assert with_them.documents != without.documents


def test_own_rows_reach_every_verb_by_the_same_choice(folder: Path) -> None:
    file = folder / "mine.csv"
    file.write_text("model,benchmark,score,n\nopen-13,coding-0-0,0.99,150\n")
    headway.data_add(file, write=True)
    assert "own_left_out" in [w.code for w in headway.data_list().warnings]
    with headway.data_choice(own="include"):
        found = headway.data_show("open-13")
        assert found.data_release.endswith("+own")
        assert "own_left_out" not in [w.code for w in found.warnings]
        assert "own" in set(found.frames["scores"]["evaluator_relationship"])
        assert headway.lag("coding", definition="gap").options["own"] == "include"
        assert headway.lag("coding", definition="gap", own="exclude").options["own"] == "exclude"
    assert "own" not in set(headway.data_show("open-13").frames["scores"]["evaluator_relationship"])


def test_the_pointer_decides_until_it_is_moved(folder: Path) -> None:
    write_tables(releases_dir() / "second", small_tables())
    point_to("small")
    assert headway.data_use("second").path == releases_dir() / "second"
    assert headway.load().path.name == "second"
    rows = {row["name"]: row for row in headway.data_list("releases").rows}
    assert set(rows) == {"shipped", "small", "second"}
    assert [name for name, row in rows.items() if row["in_use"]] == ["second"]
    headway.data_use("shipped")
    assert headway.load().path == find_release("shipped")
    assert not [p for p in releases_dir().iterdir() if p.name.startswith(".pointing")]


def test_a_damaged_release_is_listed_but_never_made_the_one_in_use(folder: Path) -> None:
    write_tables(releases_dir() / "second", small_tables())
    point_to("small")
    (releases_dir() / "second" / "scores.parquet").write_bytes(b"PAR1")
    states = {row["name"]: row["state"] for row in headway.data_list("releases").rows}
    assert states == {"shipped": "ok", "small": "ok", "second": "damaged"}
    with pytest.raises(Unreadable):
        headway.data_use("second")
    assert headway.load().path.name == "small"


@pytest.mark.parametrize("name", ["../small", "smal", "", ".", "a/b", "\x1b[2J", "x" * 500])
def test_what_is_no_release_is_refused_with_close_names(folder: Path, name: str) -> None:
    with pytest.raises(NotFound) as refused:
        find_release(name)
    assert "\x1b" not in str(refused.value)
    with pytest.raises(BadValue):
        point_to(name)


def test_close_names_are_offered(folder: Path) -> None:
    with pytest.raises(NotFound, match="small"):
        find_release("smal")


@pytest.mark.parametrize("told", [b"gone\n", b"../../etc\n", b"\xff\xfe", b""])
def test_a_pointer_to_nothing_is_said_and_can_be_mended(folder: Path, told: bytes) -> None:
    (releases_dir() / "current").write_bytes(told)
    with pytest.raises(HeadwayError) as broken:
        headway.load()
    assert "headway data use shipped" in str(broken.value.hint)
    headway.data_use("shipped")
    assert headway.load().path == find_release("shipped")


def test_every_command_takes_the_choice(folder: Path) -> None:
    with_quarantine(folder, "doubted")
    run = CliRunner().invoke(
        app,
        ["data", "list", "--data-release", str(folder / "doubted"), "--quarantined", "include"],
    )
    assert run.exit_code == 0, run.output
    missing = CliRunner().invoke(app, ["lag", "--data-release", "nowhere"])
    assert missing.exit_code == 1
    assert "nowhere" in missing.stderr
