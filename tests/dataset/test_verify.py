"""A copy is checked: whatever is changed in it, the file is named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import headway
from headway.api.data_release import CutRelease
from headway.dataset.verify import problems_of, read_files
from headway.tables.store import load_release
from headway.tables.write import sha256
from tests.api.test_api import valid
from tests.dataset.conftest import rewritten


def codes(folder: Path) -> set[tuple[str, str]]:
    """File and code of everything that is wrong."""
    return {(p.file, p.code) for p in headway.data_release(verify=folder).problems}


def test_a_copy_is_in_order_wherever_it_lies(cut: CutRelease, tmp_path: Path) -> None:
    copy = shutil.copytree(cut.path, tmp_path / "elsewhere")
    found = headway.data_release(verify=copy)

    assert found.is_valid
    assert (found.name, found.fingerprint, found.rows_hash) == (
        cut.name,
        cut.fingerprint,
        cut.rows_hash,
    )
    document = valid(found.to_json())
    assert document["release"]["cut"] is False
    assert all(row["problems"] == [] for row in document["results"])
    assert "in order" in found.text("en")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_changed_byte_of_any_file_is_found(cut: CutRelease, data: st.DataObject) -> None:
    """``release.json`` may be changed only by who changes its fingerprint, which is what is pinned."""
    files = read_files(cut.path)
    name = data.draw(st.sampled_from(sorted(files.keys() - {"release.json"})))
    at = data.draw(st.integers(0, len(files[name]) - 1))
    body = bytearray(files[name])
    body[at] ^= data.draw(st.integers(1, 255))
    found = problems_of({**files, name: bytes(body)})

    assert {(p.file, p.code) for p in found} - {(name, "manifest"), (name, "metadata")} == {
        (name, "damaged")
    }
    assert all(p.text(lang) for p in found for lang in ("en", "ja"))


def test_one_changed_cell_is_found(cut: CutRelease) -> None:
    scores = load_release(cut.path).scores
    first = pl.int_range(pl.len()) == 0
    changed = scores.with_columns(value=pl.when(first).then(0.123).otherwise("value"))
    rewritten(cut.path, "scores", changed)
    found = headway.data_release(verify=cut.path)

    assert codes(cut.path) == {("scores.parquet", "damaged")}
    assert "scores.parquet is not the file that was cut" in found.text("en")
    assert "scores.parquet は作成時のファイルと異なります" in found.text("ja")
    document = valid(found.to_json())
    (row,) = (r for r in document["results"] if r["file"] == "scores.parquet")
    assert row["problems"] == ["damaged"]


def test_a_forged_cell_with_a_forged_hash_is_found_by_the_metadata(cut: CutRelease) -> None:
    """And by the fingerprint, which is another one."""
    scores = load_release(cut.path).scores
    rewritten(cut.path, "scores", scores.with_columns(n=pl.lit(1)), hide=True)

    assert codes(cut.path) == {("croissant.json", "metadata"), ("datapackage.json", "metadata")}
    assert headway.data_release(verify=cut.path).fingerprint != cut.fingerprint


@pytest.mark.parametrize(
    "name",
    ["scores.parquet", "tasks.parquet", "ATTRIBUTION.md", "README.ja.md", "croissant.json"],
)
def test_a_missing_file_is_named(cut: CutRelease, name: str) -> None:
    (cut.path / name).unlink()
    assert (name, "missing") in codes(cut.path)


def test_files_that_nobody_listed_are_named(cut: CutRelease) -> None:
    (cut.path / "notes.txt").write_text("mine")
    (cut.path / "folder").mkdir()
    assert codes(cut.path) == {("notes.txt", "unlisted"), ("folder", "unlisted")}


def test_hidden_notes_of_a_client_are_no_part_of_a_release(cut: CutRelease) -> None:
    """A clone of a repository, or what a client of the hub has fetched."""
    (cut.path / ".gitattributes").write_text("*.parquet filter=lfs")
    (cut.path / ".git").mkdir()
    (cut.path / ".cache").mkdir()
    assert codes(cut.path) == set()


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"tables": 1}', '{"data_through": "x"}'])
def test_a_broken_manifest_is_named(cut: CutRelease, body: str) -> None:
    (cut.path / "release.json").write_text(body)
    assert codes(cut.path) == {("release.json", "manifest")}
    (cut.path / "release.json").unlink()
    assert codes(cut.path) == {("release.json", "missing")}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def changed(document: Any, path: list[int], value: Any) -> Any:
    """The document with another value somewhere: the path chooses among keys or places."""
    if not path or not isinstance(document, dict | list) or not document:
        return value
    keys = sorted(document) if isinstance(document, dict) else list(range(len(document)))
    key = keys[path[0] % len(keys)]
    copy = document.copy()
    copy[key] = changed(document[key], path[1:], value)
    return copy


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=st.sampled_from(["release.json", "croissant.json", "datapackage.json"]),
    path=st.lists(st.integers(0, 30), max_size=4),
    value=JSON,
)
@example(name="datapackage.json", path=[8, 0, 16], value=None)  # a resource without a path
def test_any_other_document_in_place_of_one_is_checked_to_the_end(
    cut: CutRelease, name: str, path: list[int], value: Any
) -> None:
    """Whatever stands in a document, it is a problem or none, never a crash."""
    files = read_files(cut.path)
    before = files[name]
    files[name] = json.dumps(changed(json.loads(before), path, value)).encode()
    (cut.path / name).write_bytes(files[name])
    found = headway.data_release(verify=cut.path)
    (cut.path / name).write_bytes(before)

    assert valid(found.to_json())
    assert found.text("ja")
    assert found.problems == problems_of(files)


def test_a_release_of_tables_only_was_not_cut(small_release: Path) -> None:
    assert codes(small_release) == {("release.json", "not_cut")}


def test_every_rule_of_the_tables_is_checked(cut: CutRelease) -> None:
    """Hashes that were forged do not hide what a table may not hold."""
    release = load_release(cut.path)

    def wrong(table: str, frame: pl.DataFrame) -> set[tuple[str, str]]:
        copy = shutil.copytree(cut.path, cut.path.parent / "copy", dirs_exist_ok=True)
        rewritten(copy, table, frame, hide=True)
        return codes(copy) - {("croissant.json", "metadata"), ("datapackage.json", "metadata")}

    scores = release.scores
    file = "scores.parquet"
    assert wrong("scores", scores.with_columns(score=pl.lit(2.0))) == {(file, "table")}
    assert wrong("scores", scores.drop("n")) == {(file, "table")}
    assert wrong("scores", pl.concat([scores, scores.head(1)])) == {(file, "table")}
    shutil.rmtree(cut.path.parent / "copy")
    assert wrong("scores", scores.with_columns(benchmark=pl.lit("gone"))) == {(file, "foreign_key")}
    is_own = pl.lit("own").cast(scores.schema["evaluator_relationship"])
    assert wrong("scores", scores.with_columns(evaluator_relationship=is_own)) == {(file, "own")}
    early = scores.with_columns(known_on=pl.lit("2020-01-01").str.to_date())
    assert wrong("scores", early) == {(file, "through")}
    shutil.rmtree(cut.path.parent / "copy")
    closed = pl.lit("connector_only").cast(release.sources.schema["decision"])
    assert wrong("sources", release.sources.with_columns(decision=closed)) == {
        (file, "licence"),
        ("published_estimates.parquet", "licence"),
    }


def test_a_table_that_is_no_parquet_is_found_behind_a_forged_hash(cut: CutRelease) -> None:
    """The bytes are some on which the reader itself gives up."""
    file = cut.path / "scores.parquet"
    told = json.loads((cut.path / "release.json").read_text(encoding="utf-8"))
    for body in (b"", b"PAR1", file.read_bytes()[:500], file.read_bytes()[:-4] + b"XXXX"):
        file.write_bytes(body)
        assert codes(cut.path) == {("scores.parquet", "damaged")}
        told["tables"]["scores"]["sha256"] = sha256(body)
        forged = {**read_files(cut.path), "release.json": json.dumps(told).encode()}
        assert ("scores.parquet", "unreadable") in {(p.file, p.code) for p in problems_of(forged)}


def test_rows_that_the_manifest_does_not_state_are_found(cut: CutRelease) -> None:
    told = json.loads((cut.path / "release.json").read_text(encoding="utf-8"))
    told["tables"]["scores"]["rows"] += 1
    (cut.path / "release.json").write_text(json.dumps(told), encoding="utf-8")
    assert codes(cut.path) == {("scores.parquet", "rows")}


@pytest.mark.parametrize("name", ["croissant.json", "datapackage.json"])
@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"distribution": [{}], "resources": [{}]}'])
def test_metadata_that_cannot_be_read_are_named(cut: CutRelease, name: str, body: bytes) -> None:
    found = problems_of({**read_files(cut.path), name: body})
    assert {(p.file, p.code) for p in found} == {(name, "damaged"), (name, "manifest")}
