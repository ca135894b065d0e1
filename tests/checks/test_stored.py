"""A stored study is shown only for exactly the rows, method and options it was computed with."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.checks.stored import Study, load_stored, save_stored

OPTIONS = {"as_of": "2026-09-30", "seed": 1, "level": 0.9}
RESULT = {"rows": [{"months": 4.25, "note": "期間"}]}


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Study, Path]:
    study, file = Study("example", ("result.py",)), tmp_path / "example.json"
    save_stored(study, "rows", OPTIONS, RESULT, path=file)
    return study, file


def test_the_same_rows_method_and_options_find_it(stored: tuple[Study, Path]) -> None:
    study, file = stored
    assert load_stored(study, "rows", OPTIONS, path=file) == RESULT
    assert load_stored(study, "rows", {"seed": 1}, path=file) == RESULT


@pytest.mark.parametrize(
    ("rows", "options"),
    [("other", OPTIONS), ("rows", {**OPTIONS, "seed": 2}), ("rows", {**OPTIONS, "stage": "range"})],
)
def test_anything_else_does_not(
    stored: tuple[Study, Path], rows: str, options: dict[str, object]
) -> None:
    study, file = stored
    assert load_stored(study, rows, options, path=file) is None


def test_other_code_makes_it_stale(stored: tuple[Study, Path]) -> None:
    _, file = stored
    assert load_stored(Study("example", ("errors.py",)), "rows", OPTIONS, path=file) is None


def test_a_study_that_never_ran_is_not_there(tmp_path: Path) -> None:
    study = Study("example", ("result.py",))
    assert load_stored(study, "rows", OPTIONS, path=tmp_path / "none.json") is None


def test_numbers_that_json_lacks_are_refused_and_nothing_is_left(tmp_path: Path) -> None:
    study, file = Study("example", ("result.py",)), tmp_path / "example.json"
    with pytest.raises(ValueError, match="JSON"):
        save_stored(study, "rows", OPTIONS, {"x": float("nan")}, path=file)
    assert list(tmp_path.iterdir()) == []
