"""Tables are used whole and valid or not at all; errors say where and what to do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

import headway
from headway.errors import (
    BadTable,
    ColumnsMissing,
    EmptyTable,
    IdentityConflict,
    UnknownModel,
    Unreadable,
)
from headway.tables.registry import Registry
from headway.tables.schemas import SCHEMAS
from headway.tables.store import OPTIONAL_TABLES, TABLES, load_release, read_head
from headway.tables.validate import check, check_release
from tests.small_release import DATA_RELEASE, DATA_THROUGH, small_tables, write_tables

TABLES_ONCE = small_tables()


def broken(name: str, *changes: pl.Expr) -> pl.DataFrame:
    return TABLES_ONCE[name].with_columns(*changes)


def test_a_valid_table_comes_back_equal() -> None:
    for name in TABLES:
        assert check(name, TABLES_ONCE[name]).equals(TABLES_ONCE[name])


def test_plain_text_columns_become_their_vocabulary() -> None:
    loose = TABLES_ONCE["access"].with_columns(pl.col("access").cast(pl.String))
    assert check("access", loose).schema == TABLES_ONCE["access"].schema


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("scores", pl.lit(1.4).alias("score"), ["scores", "column score", "max", "score=1.4"]),
        ("scores", pl.lit(-0.1).alias("stderr"), ["column stderr", "min"]),
        ("scores", pl.lit(None, pl.Float64).alias("score"), ["proportion_has_score"]),
        ("access", pl.lit("public").alias("access"), ["one of open_weight", "access='public'"]),
        ("access", pl.lit(date(2020, 1, 1)).alias("to"), ["interval_is_forward", "2020-01-01"]),
        ("benchmarks", pl.lit("exploit").alias("stage"), ["stage_only_in_cyber"]),
        ("model_versions", pl.lit("gpt-5").alias("model_version"), ["primary_key", "gpt-5"]),
        ("scores", pl.lit("many").alias("n"), ["column n", "Int", "String"]),
    ],
)
def test_each_guard_fires_and_names_table_column_rule_and_rows(
    name: str, change: pl.Expr, words: list[str]
) -> None:
    with pytest.raises(BadTable) as e:
        check(name, broken(name, change))
    for word in [name, *words]:
        assert word in str(e.value)
    assert e.value.hint
    assert e.value.exit_status == 65


def test_missing_columns_are_named_with_those_that_are_there() -> None:
    with pytest.raises(ColumnsMissing, match=r"source_url, licence.*Found: .*score_id"):
        check("scores", TABLES_ONCE["scores"].drop("source_url", "licence"))


def test_an_empty_table_is_refused_where_rows_are_needed() -> None:
    with pytest.raises(EmptyTable, match="scores"):
        check("scores", TABLES_ONCE["scores"].head(0))
    assert len(check("tasks", TABLES_ONCE["tasks"])) == 0


def test_hostile_text_in_a_row_cannot_steer_the_terminal() -> None:
    with pytest.raises(BadTable) as e:
        check("access", broken("access", pl.lit("\x1b[31mred\u202e").alias("access")))
    assert "\x1b" not in str(e.value)
    assert "\u202e" not in str(e.value)


def test_the_release_loads_with_its_head(small_release: Path) -> None:
    release = check_release(load_release())
    assert release.data_release == DATA_RELEASE
    assert release.data_through == DATA_THROUGH
    assert len(release.rows_hash) == 64
    assert "scores=" in repr(release)


@pytest.fixture
def own(tmp_path: Path) -> Callable[..., Path]:
    def make(**changed: pl.DataFrame) -> Path:
        write_tables(tmp_path, {**TABLES_ONCE, **changed})
        return tmp_path

    return make


@pytest.mark.parametrize(
    ("table", "column", "target"),
    [
        ("scores", "model_version", "model_versions.model_version"),
        ("scores", "benchmark", "benchmarks.benchmark"),
        ("access", "model_version", "model_versions.model_version"),
    ],
)
def test_a_key_that_points_nowhere_is_reported(
    own: Callable[..., Path], table: str, column: str, target: str
) -> None:
    frame = TABLES_ONCE[table]
    lost = frame.with_columns(
        pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("nowhere")).otherwise(column).alias(column)
    )
    with pytest.raises(
        BadTable, match=rf"1 values of column {column} are not in {target}.*nowhere"
    ):
        check_release(load_release(own(**{table: lost})))


def test_changed_bytes_are_noticed(own: Callable[..., Path]) -> None:
    folder = own()
    before = read_head(folder).rows_hash
    TABLES_ONCE["scores"].head(5).write_parquet(folder / "scores.parquet")
    assert read_head(folder).damaged == ("scores",)
    assert read_head(folder).rows_hash != before
    with pytest.raises(Unreadable, match="scores"):
        load_release(folder)


def test_a_missing_file_and_a_broken_head_are_named(own: Callable[..., Path]) -> None:
    folder = own()
    (folder / "access.parquet").unlink()
    with pytest.raises(Unreadable, match=r"access\.parquet"):
        load_release(folder)
    folder = own()
    head = json.loads((folder / "release.json").read_text())
    del head["data_through"]
    (folder / "release.json").write_text(json.dumps(head))
    with pytest.raises(Unreadable, match=r"release\.json.*data_through"):
        read_head(folder)


def test_names_resolve_by_id_name_and_alias() -> None:
    registry = Registry(TABLES_ONCE["model_versions"], TABLES_ONCE["model_aliases"])
    assert registry.resolve("gpt-5").model_version == "gpt-5"
    assert registry.resolve("GPT 5").model_version == "gpt-5"
    found = registry.resolve("gpt-5 (HIGH)")
    assert (found.model_version, found.effort) == ("gpt-5", "high")


def test_an_unknown_name_gives_close_ones() -> None:
    registry = Registry(TABLES_ONCE["model_versions"], TABLES_ONCE["model_aliases"])
    with pytest.raises(UnknownModel, match=r"gtp-5.*Close names: .*gpt-5"):
        registry.resolve("gtp-5")


def test_a_name_of_two_models_does_not_resolve() -> None:
    models = TABLES_ONCE["model_versions"].with_columns(pl.lit("Twin").alias("name"))
    registry = Registry(models.head(2), TABLES_ONCE["model_aliases"].head(0))
    with pytest.raises(IdentityConflict, match="twin.*closed-00, open-00"):
        registry.resolve("twin")


def test_a_release_without_the_optional_tables_loads_them_empty(small_release: Path) -> None:
    """Releases made before those tables existed stay usable."""
    release = load_release(small_release)

    assert not any((small_release / f"{name}.parquet").exists() for name in OPTIONAL_TABLES)
    for name in OPTIONAL_TABLES:
        assert release.table(name).is_empty()
        assert set(release.table(name).columns) == set(SCHEMAS[name].columns())
    assert set(release.head.rows) == set(TABLES)


def test_an_optional_table_that_is_named_must_be_whole(tmp_path: Path) -> None:
    shipped = Path(headway.__file__).parent / "tables" / "release"
    folder = tmp_path / "release"
    shutil.copytree(shipped, folder)
    (folder / "precedents.parquet").unlink()

    assert read_head(folder).damaged == ("precedents",)
    with pytest.raises(Unreadable, match="precedents"):
        load_release(folder)
