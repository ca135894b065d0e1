"""The cache: a stale entry is never used, a damaged one is computed again, nothing is pickled."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from headway import cache, provenance


def key(**changed: object) -> cache.Key:
    options = {"level": 0.9, **changed}
    return cache.key("lag", rows_hash="rows", options=options)


def files() -> list[Path]:
    return sorted(cache.cache_dir().glob("*"))


def test_what_was_stored_comes_back() -> None:
    array = np.arange(6.0).reshape(2, 3)
    cache.store(key(), {"rows": ["日本"]}, {"theta": array, "flag": np.array([True])})
    entry = cache.load(key())
    assert entry is not None
    assert entry.document == {"rows": ["日本"]}
    np.testing.assert_array_equal(entry.arrays["theta"], array)
    assert entry.arrays["flag"].dtype == bool


def test_nothing_is_found_before_it_was_stored() -> None:
    assert cache.load(key()) is None


def test_other_options_rows_or_kind_are_another_entry() -> None:
    cache.store(key(), "old")
    assert cache.load(key(level=0.95)) is None
    assert cache.load(cache.key("lag", rows_hash="others", options={"level": 0.9})) is None
    assert cache.load(cache.key("fit", rows_hash="rows", options={"level": 0.9})) is None


def test_changed_code_is_another_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.store(key(), "old")
    monkeypatch.setattr(cache, "code_hash", lambda: "changed")
    assert cache.load(key()) is None


def test_another_numeric_library_is_another_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.store(key(), "old")
    monkeypatch.setattr(cache, "library_versions", lambda: {"numpy": "99"})
    assert cache.load(key()) is None


def test_the_code_hash_follows_any_numeric_source_file(tmp_path: Path) -> None:
    (tmp_path / "estimate").mkdir()
    file = tmp_path / "estimate" / "a.py"
    file.write_text("x = 1\n")
    before = provenance.hash_files(tmp_path, ["estimate"])
    file.write_text("x = 2\n")
    assert provenance.hash_files(tmp_path, ["estimate"]) != before
    file.rename(tmp_path / "estimate" / "b.py")
    assert provenance.hash_files(tmp_path, ["estimate"]) != before


def test_every_numeric_part_of_the_package_is_hashed() -> None:
    root = Path(provenance.__file__).parent
    # what only shows, or carries bytes that are checked by their hash, moves no number
    quiet = {"cli", "dataset", "figures", "i18n", "publish", "stores"}
    light = {"__init__", "_version", "__main__", "errors", "paths", "problems", "textsafe"}
    parts = {p.name for p in root.iterdir() if p.is_dir() and (p / "__init__.py").exists()}
    modules = {p.name for p in root.glob("*.py") if p.stem not in light}
    assert parts - quiet | modules == set(provenance.NUMERIC_CODE) & (parts | modules)


def test_an_entry_under_a_foreign_name_is_not_used() -> None:
    """Even if somebody renames a file, the key inside it decides."""
    cache.store(key(), "old")
    (old,) = files()
    old.rename(old.with_name(f"{key(level=0.5).name}.npz"))
    with pytest.warns(cache.CacheWarning, match="another key"):
        assert cache.load(key(level=0.5)) is None


@pytest.mark.parametrize("keep", [0, 10, 200])
def test_a_damaged_entry_is_dropped_with_a_warning(keep: int) -> None:
    cache.store(key(), {"a": 1}, {"theta": np.zeros(100)})
    (path,) = files()
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.warns(cache.CacheWarning, match="damaged"):
        assert cache.load(key()) is None
    assert files() == []


class _Trap:
    def __reduce__(self) -> tuple[object, ...]:
        return (pytest.fail, ("a pickle in the cache was opened",))


def test_a_pickle_is_never_opened() -> None:
    cache.store(key(), {"a": 1})
    (path,) = files()
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("theta.npy", b"\x93NUMPY\x01\x00" + pickle.dumps(_Trap()))
    with pytest.warns(cache.CacheWarning):
        assert cache.load(key()) is None


def test_an_object_array_is_refused_when_stored() -> None:
    with pytest.raises(ValueError, match="[Oo]bject"):
        cache.store(key(), None, {"theta": np.array([_Trap()], dtype=object)})


def test_a_folder_that_cannot_be_written_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "occupied"
    file.write_text("not a folder")
    monkeypatch.setenv("HEADWAY_CACHE_DIR", str(file / "cache"))
    with pytest.warns(cache.CacheWarning, match="cannot be written"):
        cache.store(key(), 1)


def test_old_entries_of_one_kind_are_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "KEEP", 3)
    for i in range(5):
        cache.store(key(i=i), i)
    assert len(files()) == 3
    assert cache.load(key(i=4)) is not None


def test_large_entries_make_room_but_the_newest_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "KEEP_BYTES", 1000)
    for i in range(3):
        cache.store(key(i=i), i, {"theta": np.zeros(500)})
    assert len(files()) == 1
    assert cache.load(key(i=2)) is not None
