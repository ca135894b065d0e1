"""Corrections: an expectation that breaks, a file that is read whole or not at all, the release."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import headway
from headway.errors import BadTable, HeadwayError, Unreadable
from headway.sources import cybergym, epoch_hub, epoch_index, metr, models_dev
from headway.sources.declare import ModelClaim, Parsed, ScoreClaim
from headway.sources.registry import chosen_sources
from headway.tables.corrections import (
    STATUSES,
    Correction,
    apply_corrections,
    by_row,
    read_corrections,
)
from tests.sources.test_real_bodies import zipped

ONE = """corrections:
  - id: board-a-released
    source: board
    table: models
    read_in: [release, live]
    record: {model: A}
    field: released
    expect: 2024-01-02
    value: 2024-03-04
    reason: The day of another build.
    evidence: https://example.org/a
    reporter: Somebody
    status: open
"""
COLUMN = """corrections:
  - id: board-scale
    source: board
    table: scores
    read_in: [live]
    record: {benchmark: B}
    field: score
    factor: 0.95
    expect: {A: [0.5, 0.6], C: 0.8}
    reason: Divided by 0.95.
    evidence: https://example.org/a
    reporter: Somebody
    status: open
"""


def entries(folder: Path, text: str) -> tuple[Correction, ...]:
    path = folder / "corrections.yml"
    path.write_text(text, encoding="utf-8")
    return read_corrections(path)


def model(released: str | None, name: str = "A") -> ModelClaim:
    return ModelClaim(model=name, raw=f"models[{name}]", released=released)


def score(name: str, value: float, benchmark: str = "B") -> ScoreClaim:
    return ScoreClaim(model=name, benchmark=benchmark, score=value, unit="proportion", raw=name)


def test_the_stated_value_is_replaced_and_stays_visible(tmp_path: Path) -> None:
    found = apply_corrections("board", [model("2024-01-02")], entries(tmp_path, ONE))

    assert found.claims[0].released == "2024-03-04"
    applied = by_row(found.applied)[0]["released"]
    assert (applied.stated, applied.used, applied.raw) == ("2024-01-02", "2024-03-04", "models[A]")
    assert found.breaches == ()
    assert found.missing == ()


@pytest.mark.parametrize(
    ("stated", "kind"), [("2024-03-04", "repaired"), ("2024-01-03", "changed")]
)
def test_an_edited_source_breaks_the_expectation(tmp_path: Path, stated: str, kind: str) -> None:
    found = apply_corrections("board", [model(stated)], entries(tmp_path, ONE))

    assert found.claims[0].released == stated
    assert [(b.kind, b.found) for b in found.breaches] == [(kind, stated)]
    assert found.applied == ()


def test_a_repair_that_is_taken_back_is_told(tmp_path: Path) -> None:
    kept = entries(tmp_path, ONE.replace("status: open", "status: repaired"))

    assert apply_corrections("board", [model("2024-03-04")], kept).breaches == ()
    back = apply_corrections("board", [model("2024-01-02")], kept)
    assert [b.kind for b in back.breaches] == ["reverted"]
    assert back.claims[0].released == "2024-01-02"


def test_a_rejected_entry_and_a_pending_one_change_nothing(tmp_path: Path) -> None:
    for text in (
        ONE.replace("status: open", "status: rejected"),
        ONE.replace("status: open", "status: open\n    pending: true"),
    ):
        found = apply_corrections("board", [model("2024-01-02")], entries(tmp_path, text))
        assert found.claims[0].released == "2024-01-02"
        assert found.applied == ()


def test_a_record_that_is_not_there_is_missing(tmp_path: Path) -> None:
    kept = entries(tmp_path, ONE)

    assert apply_corrections("board", [model("2024-01-02", "Z")], kept).missing == (kept[0].id,)
    assert apply_corrections("board", [model(None)], kept).missing == (kept[0].id,)
    assert apply_corrections("other", [model("2024-01-02")], kept).missing == ()


def test_a_column_is_corrected_for_all_rows_or_for_none(tmp_path: Path) -> None:
    kept = entries(tmp_path, COLUMN)
    rows = [
        score("A", 0.5),
        score("A", 0.6),
        score("C", 0.8),
        score("new", 0.4),
        score("A", 0.1, "X"),
    ]

    whole = apply_corrections("board", rows, kept)
    assert [one.score for one in whole.claims] == pytest.approx([0.475, 0.57, 0.76, 0.38, 0.1])
    repaired = [score("A", 0.475), *rows[1:]]
    half = apply_corrections("board", repaired, kept)
    assert half.claims == tuple(repaired)
    assert [b.kind for b in half.breaches] == ["repaired"]
    assert apply_corrections("board", rows[1:], kept).missing == ("board-scale",)


def test_a_claim_of_another_licence_counts_as_of_that_source(tmp_path: Path) -> None:
    kept = entries(tmp_path, COLUMN.replace("source: board", "source: board-external"))
    row = dataclasses.replace(score("C", 0.8), licence_key="board-external")

    assert apply_corrections("board", [row], kept).claims[0].score == pytest.approx(0.76)
    assert apply_corrections("board", [score("C", 0.8)], kept).claims[0].score == 0.8


@given(
    stated=st.floats(0.001, 1, allow_nan=False),
    others=st.lists(st.tuples(st.sampled_from("AXYZ"), st.floats(0, 1)), max_size=6),
)
def test_only_rows_that_the_record_selects_ever_change(
    tmp_path_factory: pytest.TempPathFactory,
    stated: float,
    others: list[tuple[str, float]],
) -> None:
    """Whatever stands in a body: order, number and every other claim stay as they were."""
    kept = entries(tmp_path_factory.mktemp("c"), COLUMN)
    rows = [score("C", stated), *(score(name, value, "other") for name, value in others)]

    found = apply_corrections("board", rows, kept)

    assert found.claims[1:] == tuple(rows[1:])
    broken = bool(found.breaches)
    assert broken == (abs(stated - 0.8) > 0.8e-9)
    assert found.claims[0].score == (stated if broken else stated * 0.95)
    assert len(found.applied) == (0 if broken else 1)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("field: released", "field: raw", "field"),
        ("field: released", "field: score", "field"),
        ("evidence: https://example.org/a", "evidence: file:///etc/passwd", "https://"),
        ("evidence: https://example.org/a", "evidence: https://a b", "https://"),
        ("status: open", "status: fixed", "open | reported"),
        ("status: open", "status: reported", "reported_on"),
        ("status: open", "status: open\n    reported_on: yesterday", "YYYY-MM-DD"),
        ("reporter: Somebody\n", "\n", "reporter"),
        ("status: open", "status: open\n    statis: open", "statis"),
        ("record: {model: A}", "record: {modle: A}", "modle"),
        ("record: {model: A}", "record: {}", "record"),
        ("record: {model: A}", "record: {total_params_b: '3'}", "total_params_b"),
        ("value: 2024-03-04", "value: 2024-01-02", "!= expect"),
        ("expect: 2024-01-02", "expect: null", "expect"),
        ("read_in: [release, live]", "read_in: [everywhere]", "release | live"),
        ("id: board-a-released", "id: ../../x", "a-z"),
        ("id: board-a-released", 'id: "\\e[31mred"', "a-z"),
    ],
)
def test_a_bad_entry_stops_the_file_and_names_the_key(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    assert old in ONE
    with pytest.raises(BadTable) as caught:
        entries(tmp_path, ONE.replace(old, new))
    assert words in caught.value.what
    assert "\x1b" not in caught.value.what


@pytest.mark.parametrize(
    "text",
    [
        "",
        "corrections: 3",
        "corrections: []\nmore: 1",
        "corrections: [&a {id: x}, *a]",
        "corrections: [!!python/object/apply:os.system ['true']]",
        ONE + "    status: open\n",
        "corrections: [" * 5000,
        "\x00",
        "corrections: [!!int x]",
    ],
)
def test_a_hostile_file_is_refused_whole(tmp_path: Path, text: str) -> None:
    with pytest.raises((Unreadable, BadTable)):
        entries(tmp_path, text)


def test_two_entries_of_one_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="same id"):
        entries(tmp_path, ONE + ONE.removeprefix("corrections:\n"))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_an_error_of_our_own(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    try:
        entries(tmp_path_factory.mktemp("t"), text)
    except HeadwayError as error:
        hint = error.hint
    else:
        hint = "read"
    assert hint


# --- the shipped file --------------------------------------------------------------------------


def test_every_entry_names_a_known_source_and_an_answer() -> None:
    release = headway.load()
    known = {*chosen_sources(()), *release.sources["source"], "collected-models"}
    for entry in read_corrections():
        assert entry.source in known, entry.id
        assert entry.release, entry.id
        assert entry.status in STATUSES


def test_the_shipped_release_holds_the_corrected_values() -> None:
    rows = headway.data_list("corrections").rows
    states = {row["id"]: row["in_release"] for row in rows}

    assert "differs" not in states.values()
    assert [id for id, state in states.items() if state == "pending"] == [
        "epoch-hub-hle-kimi-k2.5-n"
    ]
    # names of moving builds without a score are in no release
    absent = [id for id, state in states.items() if state == "absent"]
    assert all(id.startswith("models-dev-") for id in absent), absent


def bodies(raw: Path) -> dict[str, list[Parsed]]:
    """The stored real bodies of the sources that live entries name."""
    eci, board = raw / "eci-2026-09" / "epoch_capabilities_index.csv", raw / "cybergym-page"
    horizons = raw / "metr" / "benchmark_results_1_1.2026-04.yaml"
    catalogue = raw / "models.dev" / "models.json"
    return {
        "epoch-hub": [epoch_hub.parse(zipped(raw / "epoch-hub-2026-03"), "benchmark_data")],
        "epoch-eci": [epoch_index.parse(eci.read_bytes(), "eci_scores")],
        "metr": [metr.parse(horizons.read_bytes(), "horizons")],
        "models-dev": [models_dev.parse(catalogue.read_bytes(), "models")],
        "cybergym-page": [
            cybergym.parse((board / f"{name}.json").read_bytes(), name)
            for name in ("cybergym", "exploitgym", "cybergym-e2e")
        ],
    }


def test_what_connectors_read_still_says_what_live_entries_expect(raw_data: Path) -> None:
    used = set()
    for source, parts in bodies(raw_data).items():
        claims = [claim for part in parts for claim in (*part.models, *part.scores)]
        found = apply_corrections(source, claims)
        assert found.breaches == ()
        assert found.missing == (), source
        used |= {one.correction for one in found.applied}

    assert used == {e.id for e in read_corrections() if "live" in e.read_in and e.is_active}
