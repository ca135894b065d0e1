"""Curated figures: the format says where a number stands and who read it; a second reading checks it."""

from __future__ import annotations

import csv
import math
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import headway
from headway.errors import HeadwayError, SchemaDrift, Unreadable
from headway.sources.curated import HOW, Agreement, Document, agreements, parse
from headway.sources.curated.agreement import ALPHA
from headway.tables.bring import bring_scores, read_table
from headway.tables.bring_results import figures_table, results_table
from headway.tables.own import own_rows, with_own
from headway.tables.store import load_release
from tests.api.test_api import valid

HEAD = """format = "headway-figures/1"

[source]
title = "How far behind?"
url = "https://example.org/report"
publisher = "Example Institute"
page = "Figure 2"
published = 2026-01-17

[values]
benchmark = "coding-0-0"
unit = "count"
of = 32
n = 10
"""


def reading(rows: str, reader: str = "A. Reader", how: str = "pixels", error: object = 0.16) -> str:
    stated = "" if error is None else f"error = {error}\n"
    return (
        f'\n[[reading]]\nreader = "{reader}"\nread_on = 2026-02-01\nhow = "{how}"\n{stated}'
        f'rows = """\n{rows}\n"""\n'
    )


FIRST = "model,value\nopen-13,28.8\nopen-05,8.0\ngpt-5,16.0"
CHECK = "model,value\nopen-13,28.7\nopen-05,8.1\ngpt-5,16.1"


def document(*readings: str, head: str = HEAD) -> Document:
    return parse((head + "".join(readings)).encode())


def compared(*readings: str) -> Agreement:
    (found,) = agreements(document(*readings))
    return found


# The format ------------------------------------------------------------------------------------


def test_every_number_has_source_page_way_error_and_reader() -> None:
    found = document(reading(FIRST), reading(CHECK, "B. Other"))
    claim = found.claims()[0]

    assert (claim.model, claim.benchmark, claim.score, claim.unit) == (
        "open-13",
        "coding-0-0",
        0.9,
        "proportion",
    )
    assert (claim.read_error_sd, claim.n) == (0.005, 10)
    assert claim.source_url == "https://example.org/report"
    assert claim.how_read == "Figure 2; pixels; A. Reader; checked by B. Other"
    assert (claim.evaluator, claim.published_at) == ("Example Institute", "2026-01-17")
    assert (found.present, len(found.failures)) == (6, 0)


def test_rows_may_state_their_own_benchmark_page_and_error() -> None:
    rows = "model,value,benchmark,page,error,effort\nopen-13,16,coding-1-0,p. 7,0.32,high"
    (claim,) = document(reading(rows)).claims()

    assert (claim.benchmark, claim.read_error_sd, claim.effort) == ("coding-1-0", 0.01, "high")
    assert claim.how_read is not None
    assert claim.how_read.startswith("p. 7;")


def test_percent_and_units_of_ours_are_as_printed() -> None:
    percent = document(reading(FIRST), head=HEAD.replace('"count"\nof = 32', '"percent"'))
    minutes = document(reading(FIRST), head=HEAD.replace('"count"\nof = 32', '"minutes"'))

    assert percent.claims()[0].score == pytest.approx(0.288)
    assert (minutes.claims()[0].score, minutes.claims()[0].unit) == (28.8, "minutes")


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (reading("model,value\nopen-13"), "ragged"),
        (reading("model,value\n,1"), "no_model"),
        (reading("model,value\nx,nan"), "not_a_number"),
        (reading("model,value\nx,1e999"), "not_a_number"),
        (reading("model,value,n\nx,1,0"), "not_a_number"),
        (reading("model,value\nx,1", error=None), "no_error"),
        (reading("model,value\nx,1", error=0), "no_error"),
        (reading("model,value,error\nx,1,-1"), "no_error"),
        (reading("model,value\nx,1", how="guess"), "unknown_how"),
        (reading("model,value\nx,1", reader=" "), "no_reader"),
        (reading("model,value\nx,1\nX,2"), "duplicate"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_by_its_line(made: str, reason: str) -> None:
    found = document(made)
    lines = (HEAD + made).splitlines()

    assert [f.reason for f in found.failures] == [reason]
    line = int(found.failures[0].raw.removeprefix("line "))
    assert lines[line - 1].lower().startswith(("open-13", ",1", "x,"))
    assert found.present == len(found.failures) + sum(len(r.rows) for r in found.readings)


def test_print_needs_a_stated_error_too_but_it_may_be_zero() -> None:
    assert document(reading("model,value\nx,1", how="text", error=0)).failures == ()
    assert document(reading("model,value\nx,1", how="text", error=None)).failures != ()
    (claim,) = document(reading("model,value\nx,1", how="text", error=0)).claims()
    assert claim.read_error_sd is None


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b"\xff\xfe", Unreadable),
        (b"format = ", Unreadable),
        (b"a = " + b"[" * 5000, Unreadable),
        (b"a = " + b"9" * 5000, Unreadable),
        (b"x" * (2**20 + 1), Unreadable),
        (b'format = "other"', SchemaDrift),
        (HEAD.encode(), SchemaDrift),
        (HEAD.replace("[source]", "[sauce]").encode() + reading(FIRST).encode(), SchemaDrift),
        (HEAD.replace("of = 32", "of = 0").encode() + reading(FIRST).encode(), Unreadable),
        (HEAD.encode() + b"[[reading]]\nrows = 1", SchemaDrift),
        (HEAD.encode() + reading("model,colour\nx,red").encode(), SchemaDrift),
        (HEAD.encode() + reading('model,value\n"x,1').encode(), Unreadable),
    ],
)
def test_what_is_no_such_file_is_refused(text: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse(text)


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda t: (HEAD + t).encode()))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        found = parse(body)
    except HeadwayError:
        return
    assert found.present == len(found.failures) + sum(len(r.rows) for r in found.readings)


@given(
    st.lists(
        st.tuples(
            st.text(
                st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters='"\\,'),
                min_size=1,
                max_size=12,
            ),
            st.text(st.sampled_from("0123456789.-+eEnaif% "), max_size=8),
        ),
        max_size=8,
    )
)
def test_rows_are_accounted_for_whatever_they_hold(rows: list[tuple[str, str]]) -> None:
    body = "model,value\n" + "\n".join(f"{m},{v}" for m, v in rows)
    found = document(reading(body))

    assert found.present == len(found.failures) + len(found.readings[0].rows)
    assert all(math.isfinite(row.value) and row.error > 0 for row in found.readings[0].rows)


# The check of a second reading -----------------------------------------------------------------


def test_readings_within_their_errors_agree() -> None:
    found = compared(reading(FIRST), reading(CHECK, "B. Other"))

    assert (found.status, found.n, found.unchecked) == ("agree", 3, 0)
    assert found.rms == pytest.approx(0.1)
    assert found.mean == pytest.approx(-0.1 / 3)
    assert found.worst is not None


def test_one_number_read_wrongly_is_found() -> None:
    wrong = CHECK.replace("8.1", "18.0")
    found = compared(reading(FIRST), reading(wrong, "B. Other"))

    assert found.status == "disagree"
    assert [one.first.model for one in found.outliers] == ["open-05"]


def test_many_small_differences_disagree_together() -> None:
    first = "model,value\n" + "\n".join(f"m{i},{i}" for i in range(20))
    second = "model,value\n" + "\n".join(f"m{i},{i + 0.5}" for i in range(20))
    found = compared(reading(first), reading(second, "B. Other"))

    assert (found.status, found.outliers) == ("disagree", ())
    assert found.p_value == pytest.approx(
        float(stats.chi2.sf(20 * (0.5 / math.hypot(0.16, 0.16)) ** 2, 20))
    )


def test_print_must_be_copied_alike() -> None:
    table = {"how": "table", "error": 0}
    same = compared(reading(FIRST, **table), reading(FIRST, "B. Other", **table))  # type: ignore[arg-type]
    other = compared(
        reading(FIRST, **table),  # type: ignore[arg-type]
        reading(FIRST.replace("8.0", "8.1"), "B. Other", **table),  # type: ignore[arg-type]
    )
    assert (same.status, same.p_value) == ("agree", None)
    assert (other.status, len(other.outliers)) == ("disagree", 1)


def test_the_same_reader_twice_and_other_numbers_are_no_second_reading() -> None:
    assert compared(reading(FIRST), reading(CHECK, "a. reader")).status == "same_reader"
    others = CHECK.replace("open", "shut").replace("gpt-5", "zzz")
    found = compared(reading(FIRST), reading(others, "B. Other"))
    assert (found.status, found.unchecked) == ("nothing_common", 3)


def test_readings_that_are_too_near_are_marked() -> None:
    rows = "model,value\n" + "\n".join(f"m{i},{i}" for i in range(10))
    found = compared(reading(rows), reading(rows, "B. Other"))
    assert found.status == "agree"
    assert found.is_too_near


@pytest.mark.parametrize("count", [1, 7, 40])
def test_honest_readings_are_rarely_refused(count: int) -> None:
    """Two tests at 0.001 each: at most 0.002 false alarms (this test errs once in 10,000)."""
    rng = np.random.default_rng([20261125, count])
    truth = rng.uniform(0, 32, count)

    def read(name: str) -> str:
        values = truth + rng.normal(0, 0.16, count)
        rows = "\n".join(f"m{i},{v:.6f}" for i, v in enumerate(values))
        return reading("model,value\n" + rows, name)

    runs = 400
    alarms = sum(compared(read("A"), read("B")).status != "agree" for _ in range(runs))
    assert stats.binomtest(alarms, runs, 2 * ALPHA, alternative="greater").pvalue > 1e-4


# As results of one's own -------------------------------------------------------------------------


@pytest.fixture
def file(small_release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(small_release.parent, tmp_path / "data" / "releases")
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(tmp_path / "data"))
    path = tmp_path / "figures.toml"
    path.write_text(HEAD + reading(FIRST) + reading(CHECK, "B. Other"))
    return path


def test_validating_says_what_the_second_reader_says(file: Path) -> None:
    found = headway.data_validate(file)

    assert found.is_valid
    assert (found.kind, found.n_rows) == ("figures", 3)
    (said,) = valid(found.to_json())["readings"]
    assert (said["status"], said["n"], said["second"]) == ("agree", 3, "B. Other")
    assert "B. Other agrees with A. Reader" in found.text("en")
    assert "一致" in found.text("ja")
    assert found.warnings == ()


def test_a_disagreement_names_the_row_and_nothing_is_stored(file: Path) -> None:
    file.write_text(file.read_text().replace("open-05,8.1", "open-05,9.9"))
    found = headway.data_validate(file)
    (bad,) = found.problems

    assert (bad.reason, bad.line) == ("figure_disagrees", _line(file, "open-05,8.0"))
    assert "9.9" in bad.text("en")
    assert valid(found.to_json())["summary"]["rejected"] == 1
    added = headway.data_add(file, write=True)
    assert not added.written
    assert valid(added.to_json())
    assert own_rows() == []


def _line(path: Path, start: str) -> int:
    return next(
        i for i, line in enumerate(path.read_text().splitlines(), 1) if line.startswith(start)
    )


def test_a_single_reading_is_taken_with_a_warning(file: Path) -> None:
    file.write_text(HEAD + reading(FIRST))
    for found in (headway.data_validate(file), headway.data_add(file)):
        assert [w.code for w in found.warnings] == ["figures_read_once"]
        assert "A. Reader" in found.warnings[0].text("en")


def test_stored_figures_carry_their_error_into_the_scores(file: Path) -> None:
    from headway.tables.validate import check

    assert headway.data_add(file, write=True).written
    assert headway.data_add(file, write=True).known == 3
    rows = own_rows()
    assert rows[0]["read_error_sd"] == 0.005
    assert rows[0]["source_url"] == "https://example.org/report"
    assert rows[0]["how_read"] == "Figure 2; pixels; A. Reader; checked by B. Other"

    merged = with_own(load_release()).scores.filter(pl.col("source") == "own")
    check("scores", merged)
    assert set(merged["value_origin"]) == {"digitised"}
    assert set(merged["confidence"]) == {"digitised_figure"}
    assert merged["source_url"][0] == "https://example.org/report"


def test_names_are_mapped_and_ranges_checked_as_in_any_table(file: Path) -> None:
    file.write_text(file.read_text().replace("open-05", "Their Model").replace("28.8", "40"))
    table, problems = results_table(file, names={"Their Model": "open-05"}, columns={})
    brought = bring_scores(table, load_release(), today=date(2026, 11, 25))

    assert [p.reason for p in problems] == ["figure_disagrees"]
    assert [p.reason for p in brought.problems] == ["out_of_range"]


# Real readings of one chart ----------------------------------------------------------------------


def _real(raw: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Steps of 32 on one cyber range as two parties read them off the institute's charts."""
    names = {
        "Sonnet 4.5": "claude-sonnet-4-5-20250929",
        "Opus 4.5": "claude-opus-4-5-20251101",
        "Claude Opus 4.6": "claude-opus-4-6",
        "Mythos Preview": "claude-mythos-preview",
        "Claude Mythos 5": "claude-mythos-5",
        "GPT-5.5": "gpt-5.5",
        "GPT-5.6-Sol": "gpt-5.6-sol",
    }
    with (raw / "transcribed" / "tables.csv").open(encoding="utf-8", newline="") as told:
        first = {
            names[row["model_raw"]]: float(row["score_raw"])
            for row in csv.DictReader(told)
            if row["panel"] == "aisi-tlo" and row["model_raw"] in names
        }
    with (raw / "epoch-cyber" / "epoch_cyber.csv").open(encoding="utf-8", newline="") as told:
        second: dict[str, float] = {}
        for row in csv.DictReader(told):
            if row["benchmark"].endswith("The Last Ones") and row["model_version"] in first:
                second.setdefault(row["model_version"], 32 * float(row["score"]))
    assert len(first) == len(second) == 7
    return first, second


def _csv(values: dict[str, float], models: Sequence[str]) -> str:
    return "model,value\n" + "\n".join(f"{m},{values[m]}" for m in models)


#: Models whose bars differ between the two charts themselves: another run and another budget.
OTHER_RUNS = ("claude-opus-4-6", "claude-sonnet-4-5-20250929")


def test_two_real_readings_of_a_government_chart(raw_data: Path) -> None:
    """Seven models: five agree to 0.06 of 32 steps, and the two of other runs are found."""
    first, second = _real(raw_data)
    same = [m for m in first if m not in OTHER_RUNS]
    agreed = compared(
        reading(_csv(first, same), "first", error=0.08),
        reading(_csv(second, same), "second", error=0.08),
    )
    whole = compared(
        reading(_csv(first, list(first)), "first", error=0.08),
        reading(_csv(second, list(first)), "second", error=0.08),
    )

    assert agreed.status == "agree"
    assert agreed.rms == pytest.approx(0.06, abs=0.005)
    assert whole.status == "disagree"
    assert sorted(one.first.model for one in whole.outliers) == sorted(OTHER_RUNS)


def test_real_readings_are_the_digitised_rows_of_the_release(
    raw_data: Path, tmp_path: Path
) -> None:
    """Written as curated figures, the chart gives the shipped rows: score and reading error."""
    with (raw_data / "transcribed" / "tables.csv").open(encoding="utf-8", newline="") as told:
        rows = [
            row
            for row in csv.DictReader(told)
            if row["panel"] == "aisi-tlo" and row["confidence"] == "digitised-figure"
        ]
    body = "model,value\n" + "\n".join(f"{r['model_raw']},{r['score_raw']}" for r in rows)
    path = tmp_path / "aisi.toml"
    path.write_text(HEAD.replace("coding-0-0", "aisi-tlo") + reading(body))
    read = figures_table(path)
    shipped = load_release().scores.filter(
        (pl.col("panel") == "aisi-tlo") & (pl.col("value_origin") == "digitised")
    )
    columns = {c: read.table.columns.index(c) for c in ("score", "read_error_sd")}

    assert read.problems == ()
    assert len(rows) == shipped.height
    assert sorted(row[columns["score"]] for row in read.table.rows) == pytest.approx(
        sorted(shipped["score"])
    )
    assert {row[columns["read_error_sd"]] for row in read.table.rows} == set(
        shipped["read_error_sd"]
    )


def test_a_table_of_scores_may_state_a_reading_error(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("model,benchmark,score,read_error_sd\ngpt-5,gpqa-diamond,0.8,0.01\n")
    table = read_table(path)
    assert "read_error_sd" in table.columns
    assert set(HOW) == {"text", "table", "label", "pixels", "eye"}
