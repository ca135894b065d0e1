"""Files that mean harm or mean something else: every row is stored as it may be, or named; nothing else moves."""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import headway
from headway.errors import HeadwayError, Unreadable
from headway.sources import formats
from headway.sources.formats import lm_eval
from headway.tables import bring
from headway.tables.own import own_path, own_rows
from headway.tables.schemas import UNITS
from headway.tables.store import load_release
from headway.textsafe import clean
from tests.sources.test_formats import HARNESS, record, result

TODAY = date(2026, 11, 25)
PATHS = (
    "../../etc/passwd",
    "/etc/passwd",
    "C:\\nul",
    "a\x00b",
    "..",
    "\u202egpt-5",
    "<script>",
    "=1+1",
)
NUMBERS = (
    *(
        "nan",
        "NaN",
        "-nan",
        "inf",
        "-Infinity",
        "1e999",
        "1e-999",
        "-0.0",
        "82",
        "82%",
        "0,5",
        "1_0",
    ),
    *("0x1p-1", "", " ", "½", "٠.٥", "9" * 5000, "0.5", "1.0000001", "-1e-17"),
)
DATES = (
    *(
        "0000-00-00",
        "0001-01-01",
        "1999-12-31",
        "9999-12-31",
        "2026-02-30",
        "2026-13",
        "2026-11-26",
    ),
    *(
        "26-01-01",
        "01/02/2026",
        "2026-1-1",
        "now",
        "1760000000",
        "2026-06",
        "2026",
        "2026-06-30",
        "",
    ),
)

names = st.sampled_from(["gpt-5", "open-13", "GPT-5", *PATHS]) | st.text(max_size=20)
benchmarks = st.sampled_from(["coding-0-0", "Coding 0 0", *PATHS]) | st.text(max_size=20)
numbers = st.sampled_from(NUMBERS) | st.floats().map(repr) | st.text(max_size=8)
dates = st.sampled_from(DATES) | st.dates().map(str) | st.text(max_size=12)
relaxed = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)


@pytest.fixture(autouse=True)
def data(small_release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    shutil.copytree(small_release.parent, folder / "releases")
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(folder))
    return folder


def outside(folder: Path) -> set[str]:
    """Files below a folder but for the own rows and what is being added."""
    return {
        str(p.relative_to(folder))
        for p in folder.rglob("*")
        if not p.is_relative_to(folder / "data" / "own") and p.parent != folder / "in"
    }


def added(tmp_path: Path, name: str, body: bytes, **options: Any) -> Any:
    """What adding does: all rows or none are stored, sane ones, and no other file is touched."""
    (tmp_path / "in").mkdir(exist_ok=True)
    file = tmp_path / "in" / name
    file.write_bytes(body)
    own_path().unlink(missing_ok=True)
    before = outside(tmp_path)
    try:
        found = headway.data_add(file, write=True, today=TODAY, **options)
    except HeadwayError:
        assert not own_path().exists()
        return None
    finally:
        assert outside(tmp_path) == before
    assert found.written == (not found.problems)
    rows = own_rows()
    assert len(rows) == (0 if found.problems else len(found.rows))
    release = load_release()
    for row in rows:
        assert row["model_version"] in set(release.model_versions["model_version"])
        assert row["benchmark"] in set(release.benchmarks["benchmark"])
        assert row["unit"] in UNITS
        assert math.isfinite(row["score"])
        assert row["unit"] != "proportion" or 0 <= row["score"] <= 1
        if row["evaluated_on"] is not None:
            day = date.fromisoformat(row["evaluated_on"])
            assert date(2000, 1, 1) <= day <= date(TODAY.year, 12, 31)
    told = found.text("en") + found.text("ja")
    assert told == clean(told, keep_newlines=True)
    json.dumps(found.to_json(), allow_nan=False)
    return found


@relaxed
@given(st.lists(st.tuples(names, benchmarks, numbers, dates), min_size=1, max_size=5))
def test_rows_of_a_csv_are_stored_whole_or_named(
    tmp_path: Path, rows: list[tuple[str, ...]]
) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([("model", "benchmark", "score", "evaluated_on"), *rows])
    found = added(tmp_path, "x.csv", out.getvalue().encode("utf-8", "replace"))
    if found is not None and found.problems:
        assert len({p.line for p in found.problems}) <= len(rows)


@relaxed
@given(
    st.sampled_from(["csv", "eval", "json", "jsonl", "yaml", "toml", "parquet", "txt", "CSV", ""]),
    st.binary(max_size=200) | st.text(max_size=200).map(str.encode),
)
@example("json", b"[" * 100_000)
@example("json", b"9" * 5000)
@example("jsonl", b'{"a": ' + b"9" * 5000 + b"}\n{}")
@example("yaml", b"[" * 5000)
@example("yaml", b"- " * 3000)
@example("toml", b"a = " + b"[" * 5000)
@example("csv", b"model,benchmark,score\n\xff\xfe,coding-0-0,0.5")
@example("csv", "model,benchmark,score\nモデル,b,1".encode("cp932"))
@example("csv", b'model,benchmark,score\n"' + b"x" * 200_000)
@example("parquet", b"PAR1" + bytes(40) + b"PAR1")
@example("eval", b"PK\x03\x04" + bytes(60))
def test_any_bytes_are_stored_or_refused(tmp_path: Path, ending: str, body: bytes) -> None:
    added(tmp_path, f"x.{ending}" if ending else "x", body, model="gpt-5")


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(PATHS)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@relaxed
@given(st.data())
def test_any_value_anywhere_in_a_record_or_results_file(
    tmp_path: Path, data: st.DataObject
) -> None:
    """A good document with one part replaced by anything: read, or refused; never a traceback."""
    told: Any = json.loads(json.dumps(data.draw(st.sampled_from([record(result()), HARNESS]))))
    place: Any = told
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
            place = place[key]
            continue
        place[key] = data.draw(json_values)
        break
    body = json.dumps(told).encode()
    mapped = {"lab/model": "gpt-5", "bench": "coding-0-0", "gpqa": "coding-1-0"}
    added(tmp_path, "x.json", body, names=mapped)


@pytest.mark.parametrize(
    ("stated", "reason"),
    [
        ("82", "percent_not_proportion"),
        ("82%", "percent"),
        ("1.4", "out_of_range"),
        ("-0.1", "out_of_range"),
        ("nan", "not_finite"),
        ("1_0", "not_a_number"),
    ],
)
def test_percent_is_never_taken_for_a_proportion(tmp_path: Path, stated: str, reason: str) -> None:
    body = f"model,benchmark,score\ngpt-5,coding-0-0,{stated}\n".encode()
    found = added(tmp_path, "x.csv", body)
    assert [p.reason for p in found.problems] == [reason]


@pytest.mark.parametrize("score", [0.0, 0.004, 0.5, 1.0])
def test_a_column_of_percent_below_one_stays_what_its_unit_says(
    tmp_path: Path, score: float
) -> None:
    """0.5 may be half or half a percent: only a stated unit decides, and it decides for every row."""
    body = f"model,benchmark,score\ngpt-5,coding-0-0,{score}\n".encode()
    plain = added(tmp_path, "x.csv", body).rows[0]["score"]
    percent = added(tmp_path, "x.csv", body, unit="percent").rows[0]["score"]
    assert (plain, percent) == (score, pytest.approx(score / 100))


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2026-11-26", "9999-12-31"])
def test_insane_dates_are_named_in_csv_and_parquet(tmp_path: Path, day: str) -> None:
    frame = pl.DataFrame(
        {
            "model": ["gpt-5"],
            "benchmark": ["coding-0-0"],
            "score": [0.5],
            "evaluated_on": [date.fromisoformat(day)],
        }
    )
    packed = io.BytesIO()
    frame.write_parquet(packed)
    for name, body in (("x.csv", frame.write_csv().encode()), ("x.parquet", packed.getvalue())):
        found = added(tmp_path, name, body)
        expected = "future" if day > TODAY.isoformat() else "too_early"
        assert [p.reason for p in found.problems] == [expected]
    yesterday = frame.with_columns(evaluated_on=pl.lit(TODAY - timedelta(days=1)))
    assert added(tmp_path, "x.csv", yesterday.write_csv().encode()).written


def test_huge_files_are_refused_before_they_are_read(tmp_path: Path) -> None:
    """Sparse files of a gigabyte: their size alone is looked at."""
    for ending in ("csv", "json", "jsonl", "yaml", "toml", "parquet"):
        file = tmp_path / f"huge.{ending}"
        with file.open("wb") as out:
            out.truncate(2**30)
        with pytest.raises(Unreadable, match="1024 MiB"):
            headway.data_add(file, write=True)
        file.unlink()
    assert not own_path().exists()


def test_a_million_rows_are_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bring, "MAX_ROWS", 3)
    body = b"model,benchmark,score\n" + b"gpt-5,coding-0-0,0.5\n" * 4
    assert added(tmp_path, "x.csv", body) is None


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    for name in ("folder.csv", "loop.csv", "missing.eval", "missing.json", "missing.toml"):
        with pytest.raises(HeadwayError):
            headway.data_add(tmp_path / name)
    with pytest.raises(HeadwayError):
        headway.data_add("/dev/zero.csv")


@given(st.text(max_size=40))
def test_names_in_other_formats_reach_the_table_as_they_are(name: str) -> None:
    told = json.dumps({**HARNESS, "results": {"gpqa": {"acc,none": 0.4}}})
    for claim in lm_eval.parse(told.encode(), model=name or None).scores:
        assert claim.model == (name or "lab/model")
    assert formats.FORMATS
