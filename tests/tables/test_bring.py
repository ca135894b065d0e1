"""Files from outside: every bad input is a clear error or a reported row (synthetic files)."""

from __future__ import annotations

import contextlib
import io
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.errors import BadTable, BadValue, ColumnsMissing, EmptyTable, HeadwayError, Unreadable
from headway.tables import bring
from headway.tables.bring import (
    Brought,
    RawTable,
    bring_index,
    bring_scores,
    kind_of,
    read_table,
    refuse_bad_rows,
)
from headway.tables.store import load_release

TODAY = date(2026, 11, 23)
HEAD = "model,released,access,score\n"
GOOD = HEAD + "a,2024-01-01,open_weight,1.5\nb,2024-02-01,closed,2\n"


def write(folder: Path, text: str | bytes, name: str = "mine.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def index_of(folder: Path, rows: str, head: str = HEAD) -> Brought:
    return bring_index(read_table(write(folder, head + rows)), today=TODAY)


def test_a_good_index_is_read(tmp_path: Path) -> None:
    brought = bring_index(read_table(write(tmp_path, GOOD)), today=TODAY)
    assert brought.problems == ()
    assert brought.frame.to_dicts() == [
        {"model": "a", "released": date(2024, 1, 1), "access": "open_weight", "score": 1.5},
        {"model": "b", "released": date(2024, 2, 1), "access": "api", "score": 2.0},
    ]


def test_a_byte_order_mark_blank_lines_and_quotes_are_fine(tmp_path: Path) -> None:
    text = "\ufeff" + HEAD + '\n"a, large",2024-01-01,api,1\n'
    frame = bring_index(read_table(write(tmp_path, text)), today=TODAY).frame
    assert frame["model"].to_list() == ["a, large"]


def test_parquet_gives_the_same_frame_as_csv(tmp_path: Path) -> None:
    from_csv = bring_index(read_table(write(tmp_path, GOOD)), today=TODAY).frame
    path = tmp_path / "mine.parquet"
    from_csv.write_parquet(path)
    assert bring_index(read_table(path), today=TODAY).frame.equals(from_csv)


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("c,2024-01-01,open,x", "score", "not_a_number"),
        ("c,2024-01-01,open,82%", "score", "percent"),
        ("c,2024-01-01,open,nan", "score", "not_finite"),
        ("c,2024-01-01,open,", "score", "missing"),
        (",2024-01-01,open,1", "model", "missing"),
        ("c,2024-13-01,open,1", "released", "not_a_date"),
        ("c,01/02/2024,open,1", "released", "not_a_date"),
        ("c,2099-01-01,open,1", "released", "future"),
        ("c,2024-01-01,sometimes,1", "access", "unknown_access"),
    ],
)
def test_each_bad_cell_is_a_reported_row(
    tmp_path: Path, row: str, column: str, reason: str
) -> None:
    brought = index_of(tmp_path, "ok,2024-01-01,open,1\n" + row + "\n")
    (found,) = brought.problems
    assert (found.line, found.column, found.reason) == (3, column, reason)
    assert found.text("en") != found.text("ja")
    assert brought.frame["model"].to_list() == ["ok"]


def test_rows_and_problems_add_up(tmp_path: Path) -> None:
    brought = index_of(tmp_path, "a,2024-01-01,open,1\nb,x,y,z\nc,2024-01-01,open,1\n")
    assert brought.rows == len(brought.frame) + len({p.line for p in brought.problems})
    assert [p.column for p in brought.problems] == ["released", "access", "score"]


def test_a_duplicated_row_names_the_first_one(tmp_path: Path) -> None:
    brought = index_of(tmp_path, "a,2024-01-01,open,1\na,2024-01-01,open,1\n")
    (found,) = brought.problems
    assert (found.line, found.reason, found.fields["first"]) == (3, "duplicate", "2")
    with pytest.raises(BadTable, match="repeats line 2"):
        refuse_bad_rows("mine.csv", brought)


def test_a_month_counts_from_its_last_day(tmp_path: Path) -> None:
    frame = index_of(tmp_path, "a,2024-02,open,1\nb,2023,closed,1\n").frame
    assert frame["released"].to_list() == [date(2024, 2, 29), date(2023, 12, 31)]


def test_a_negative_standard_deviation_is_reported(tmp_path: Path) -> None:
    head = "model,released,access,score,score_sd\n"
    brought = index_of(tmp_path, "a,2024-01-01,open,1,-0.1\nb,2024-01-01,api,1,\n", head)
    assert [(p.line, p.reason) for p in brought.problems] == [(2, "negative"), (3, "missing")]


# Files that are not what they claim ----------------------------------------------------------


def test_shift_jis_is_recognised_and_the_hint_converts_it(tmp_path: Path) -> None:
    path = write(tmp_path, (HEAD + "日本語モデル,2024-01-01,open,1\n").encode("cp932"))
    with pytest.raises(Unreadable, match="Shift-JIS") as e:
        read_table(path)
    assert "iconv -f CP932 -t UTF-8" in e.value.hint


@pytest.mark.parametrize(
    ("encoding", "guess"),
    [("euc_jp", "EUC-JP"), ("utf-16", "UTF-16"), ("cp1252", "Windows-1252")],
)
def test_other_encodings_are_guessed(tmp_path: Path, encoding: str, guess: str) -> None:
    name = "modèle très grand" if encoding == "cp1252" else "推論モデルの評価"
    with pytest.raises(Unreadable, match=guess):
        read_table(write(tmp_path, (HEAD + f"{name},2024-01-01,open,1\n").encode(encoding)))


def parquet_bytes() -> bytes:
    body = io.BytesIO()
    pl.DataFrame({"model": ["a"] * 50}).write_parquet(body)
    return body.getvalue()


@pytest.mark.parametrize("keep", [0.3, 0.9, 0.999])
def test_a_truncated_parquet_is_unreadable(tmp_path: Path, keep: float) -> None:
    body = parquet_bytes()
    with pytest.raises(Unreadable, match="truncated"):
        read_table(write(tmp_path, body[: int(len(body) * keep)], "mine.parquet"))


def test_a_parquet_with_a_damaged_middle_is_unreadable(tmp_path: Path) -> None:
    body = parquet_bytes()
    with pytest.raises(Unreadable, match="truncated or damaged"):
        read_table(write(tmp_path, body[:8] + b"PAR1", "mine.parquet"))


def test_a_csv_named_parquet_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="not a Parquet file"):
        read_table(write(tmp_path, GOOD, "mine.parquet"))


@pytest.mark.parametrize("body", ["", "\n\n", '""\n', ",,\n", HEAD])
def test_an_empty_table_is_refused(tmp_path: Path, body: str) -> None:
    with pytest.raises(EmptyTable):
        read_table(write(tmp_path, body))


def test_an_empty_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    pl.DataFrame({"model": pl.Series([], dtype=pl.String)}).write_parquet(path)
    with pytest.raises(EmptyTable):
        read_table(path)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (HEAD + "a,2024-01-01,open\n", "line 2: 3 cells"),
        (HEAD + 'a,"2024-01-01,open,1\n', "not valid CSV"),
        ("model,model,score\na,b,1\n", "same name: model"),
        (b"PK\x03\x04rest", "zip / xlsx"),
        (b"\x1f\x8brest", "gzip"),
        (b"a,b\n\x00,1\n", "binary"),
    ],
)
def test_files_of_another_form_are_named(tmp_path: Path, body: str | bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read_table(write(tmp_path, body))


def test_a_folder_and_a_missing_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="not a regular file"):
        read_table(tmp_path)
    with pytest.raises(Unreadable, match="no such file"):
        read_table(tmp_path / "nowhere.csv")


def test_absurd_sizes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bring, "MAX_BYTES", 1 << 20)
    with pytest.raises(Unreadable, match="limit is 1 MiB"):
        read_table(write(tmp_path, b"a" * (2 << 20)))
    monkeypatch.setattr(bring, "MAX_ROWS", 1)
    with pytest.raises(Unreadable, match="too many rows"):
        read_table(write(tmp_path, GOOD))
    path = tmp_path / "mine.parquet"
    pl.DataFrame({"model": ["a", "b"]}).write_parquet(path)
    with pytest.raises(Unreadable, match="too many rows: 2"):
        read_table(path)


def test_a_missing_column_names_both_layouts(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "model,released,score\na,2024-01-01,1\n"))
    with pytest.raises(ColumnsMissing, match="access") as e:
        kind_of(table)
    assert "model,released,access,score" in e.value.hint
    with pytest.raises(ColumnsMissing, match=r"benchmark|score"):
        kind_of(read_table(write(tmp_path, "model;benchmark;score\na;b;1\n")))


# Scores --------------------------------------------------------------------------------------


def scores_of(folder: Path, rows: str) -> Brought:
    head = "model,benchmark,score,evaluated_on\n"
    return bring_scores(read_table(write(folder, head + rows)), load_release(), today=TODAY)


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("gpt-5,coding-0-0,1.4,", "score", "out_of_range"),
        ("gpt-5,coding-0-0,-0.2,", "score", "out_of_range"),
        ("gpt-5,coding-0-0,82,", "score", "percent_not_proportion"),
        ("gpt-5,coding-0-0,82%,", "score", "percent"),
        ("gpt-55-ultra,coding-0-0,0.5,", "model", "unknown_model"),
        ("gpt-5,coding-9-9,0.5,", "benchmark", "unknown_benchmark"),
        ("gpt-5,coding-0-0,0.5,2030-01-01", "evaluated_on", "future"),
    ],
)
def test_each_bad_score_is_a_reported_row(
    small_release: Path, tmp_path: Path, row: str, column: str, reason: str
) -> None:
    brought = scores_of(tmp_path, row + "\n")
    (found,) = brought.problems
    assert (found.line, found.column, found.reason) == (2, column, reason)
    assert len(brought.frame) == 0


def test_good_scores_resolve_names_and_efforts(small_release: Path, tmp_path: Path) -> None:
    brought = scores_of(tmp_path, "GPT 5,Coding 0 0,0.5,2026-01\ngpt-5 (high),coding-0-0,0.6,\n")
    assert brought.problems == ()
    assert brought.frame.select("model_version", "effort", "benchmark").rows() == [
        ("gpt-5", None, "coding-0-0"),
        ("gpt-5", "high", "coding-0-0"),
    ]
    assert brought.frame["evaluated_on"][0] == date(2026, 1, 31)


def test_an_unknown_model_names_close_ones(small_release: Path, tmp_path: Path) -> None:
    (found,) = scores_of(tmp_path, "gtp-5,coding-0-0,0.5,\n").problems
    assert "gpt-5" in found.text("en")


def test_refusal_counts_rows_and_speaks_both_languages(tmp_path: Path) -> None:
    from headway.problems import localised

    brought = index_of(tmp_path, "a,x,open,1\nb,2024-01-01,open,y\n")
    with pytest.raises(BadValue, match="2 rows cannot be used") as e:
        refuse_bad_rows("mine.csv", brought)
    what, _ = localised(e.value, "ja")
    assert "日付ではありません" in what


@given(st.binary(max_size=400))
def test_any_bytes_are_a_table_or_a_headway_error(body: bytes) -> None:
    """Whatever comes in, nothing but our own errors comes out."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_bytes(body)
        with contextlib.suppress(HeadwayError):
            table = read_table(path)
            assert len(table.rows) == len(table.lines)


@given(st.lists(st.lists(st.text(max_size=8), min_size=4, max_size=4), min_size=1, max_size=8))
def test_any_cells_add_up(cells: list[list[str]]) -> None:
    """Accepted and reported rows are all rows."""
    rows = tuple(tuple(row) for row in cells)
    table = RawTable("x", bring.INDEX_COLUMNS, rows, tuple(range(2, len(rows) + 2)))
    brought = bring_index(table, today=TODAY)
    assert brought.rows == len(brought.frame) + len({p.line for p in brought.problems})
