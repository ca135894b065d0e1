"""The builder's rules one by one, and the whole of it on the raw folder where that is present."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from release_build import duplicates
from release_build.benchmarks import BenchmarkNames
from release_build.build import Built, build
from release_build.corrected import SourceChanged, correct_models, correct_rows
from release_build.dates import last_day, parse
from release_build.evaluators import relationship
from release_build.identity import IdentityConflict, Registry, _check_names, _effort_in, slug
from release_build.raw import RawRow, read_rows
from release_build.scores import attempts_of, token_budget_of, trials_of
from release_build.trials import is_count, settle
from release_build.write import BadRelease, validate, write

from headway.tables.corrections import read_corrections


def row(**changes: object) -> RawRow:
    """One raw row with harmless defaults."""
    facts: dict[str, object] = {
        "origin": "academic",
        "panel": "d-cipher",
        "model_raw": "A",
        "benchmark_raw": "NYU CTF Bench",
        "metric": "percent solved",
        "value": 10.0,
        "unit": "percent",
        "key": "k",
        "n_items": 200,
    }
    return RawRow(**{**facts, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-04-07", date(2026, 4, 7)),
        ("2026-04", date(2026, 4, 30)),
        ("2024-02", date(2024, 2, 29)),
        ("2025", date(2025, 12, 31)),
    ],
)
def test_a_month_or_year_counts_from_its_last_day(text: str, day: date) -> None:
    assert last_day(text) == day


def test_nothing_is_no_date() -> None:
    assert parse("") == (None, None)


@pytest.mark.parametrize(
    ("kind", "teller", "model", "expected"),
    [
        ("lab", "zai", "zai", "first_party"),
        ("lab", "zai", "openai", "competitor"),
        ("lab", "zai", None, "unknown"),
        ("government", None, "zai", "government"),
        ("academic", None, None, "academic"),
        ("third_party", None, "openai", "third_party"),
    ],
)
def test_relationship_is_derived(
    kind: str, teller: str | None, model: str | None, expected: str
) -> None:
    assert relationship(kind, teller, model) == expected


@pytest.mark.parametrize(
    ("metric", "unit", "expected"),
    [
        ("pass@1, 2M-token budget", "fraction", 200),
        ("shell obtained, pass@5, percent of 230", "percent", 200),
        ("mean success, 5 attempts/task", "percent", None),
        ("coverage score, 3 runs union", "percent", None),
        ("macro-F1", "percent", None),
        ("pass@5, partial credit", "fraction", None),
        ("accuracy", "steps_of_32", None),
    ],
)
def test_trials_only_where_items_are_independent(
    metric: str, unit: str, expected: int | None
) -> None:
    assert trials_of(row(metric=metric, unit=unit)) == expected


def test_attempts_and_budget_are_read_from_the_text() -> None:
    assert attempts_of("pass@12") == 12
    assert attempts_of("solved") is None
    assert token_budget_of("AISI agent, 100M-token cap/run") == 1e8
    assert token_budget_of("no limit") is None


def test_two_models_with_one_name_stop_the_build() -> None:
    with pytest.raises(IdentityConflict, match="both called 'Same'"):
        _check_names({"a": {"name": "Same"}, "b": {"name": "Same"}})


def _registry(**changes: object) -> Registry:
    facts: dict[str, object] = {
        "models": {"a": {"name": "A"}, "b": {"name": "B"}},
        "merges": {},
        "exceptions": {},
        "academic_map": {},
        "gov_aliases": {},
    }
    return Registry(**{**facts, **changes})  # type: ignore[arg-type]


def test_one_name_for_two_models_stops_the_build() -> None:
    registry = _registry(academic_map={"X": "a"}, gov_aliases={"X": "b"})
    registry.resolve(row(model_raw="X"))
    registry.resolve(row(model_raw="X", origin="gov", panel="suny-nyuctf"))

    with pytest.raises(IdentityConflict, match="'X' means"):
        registry.alias_rows()


def test_an_exception_with_evidence_settles_the_name() -> None:
    exceptions = {
        ("X", "suny-nyuctf"): {"model_version": "b", "effort": "", "evidence": "The paper says so."}
    }
    registry = _registry(academic_map={"X": "a"}, exceptions=exceptions)
    registry.resolve(row(model_raw="X"))
    registry.resolve(row(model_raw="X", origin="gov", panel="suny-nyuctf"))

    aliases = {r["alias"]: r["model_version"] for r in registry.alias_rows()}

    assert aliases == {"X": "a", "X @ suny-nyuctf": "b"}


def test_an_unknown_name_is_reported_not_dropped() -> None:
    registry = _registry()

    assert registry.resolve(row(model_raw="Nobody knows")) is None
    assert registry.unresolved[0]["name"] == "Nobody knows"


def test_slug_keeps_versions() -> None:
    assert slug("GLM-5.3 (High)") == "glm-5.3-high"


def test_an_unplaced_benchmark_stops_the_build() -> None:
    with pytest.raises(KeyError, match="no place for 'New test'"):
        BenchmarkNames().of(row(benchmark_raw="New test"))


def score(**changes: object) -> dict[str, object]:
    """One joined row as the duplicate rules see it."""
    facts: dict[str, object] = {
        "score_id": "a",
        "model_version": "m",
        "model_as_named": "M",
        "effort": None,
        "benchmark": "cybergym-level1",
        "panel": "openai-gpt56",
        "scaffold": None,
        "evaluator": "OpenAI",
        "attempts": None,
        "token_budget": None,
        "evaluated_on": None,
        "published_at": date(2026, 7, 9),
        "known_on": date(2026, 7, 9),
        "value": 0.845,
        "score": 0.845,
        "read_error_sd": None,
        "evaluator_relationship": "first_party",
        "use": "fit",
        "use_reason": None,
        "duplicate_of": None,
        "source_url": "https://openai.com/index/gpt-5-6/",
        "_family": "cybergym",
        "_role": "fit",
        "_role_reason": None,
        "_may_copy": True,
        "_metric": "score",
        "_origin": "normalized",
    }
    return {**facts, **changes}


def test_a_later_table_with_the_same_number_is_a_repeat() -> None:
    first = score()
    later = score(
        score_id="b",
        panel="deepseek-v4.1-flash",
        evaluator="DeepSeek",
        evaluator_relationship="competitor",
        known_on=date(2026, 9, 10),
    )
    duplicates.mark([later, first])

    assert (first["use"], later["use"], later["duplicate_of"]) == ("fit", "duplicate", "a")


def test_two_ceilings_are_no_sign_of_a_copy() -> None:
    first = score(score=1.0, value=1.0)
    later = score(score_id="b", panel="zai-glm53", evaluator="Z.ai", score=1.0, value=1.0)
    duplicates.mark([first, later])

    assert [first["use"], later["use"]] == ["fit", "fit"]


def test_an_unnamed_second_setting_keeps_the_strongest() -> None:
    weak = score(score_id="b", score=0.5, value=0.5)
    strong = score()
    duplicates.mark([weak, strong])

    assert [weak["use"], strong["use"]] == ["not_comparable", "fit"]


def test_one_line_under_two_names_of_a_model_counts_once() -> None:
    rows = [score(), score(score_id="b", model_as_named="M (latest)")]
    duplicates.mark(rows)

    assert [row["use"] for row in rows] == ["fit", "duplicate"]


def test_a_later_run_of_the_same_institute_replaces_the_earlier() -> None:
    earlier = score(evaluator="Epoch AI", evaluated_on=date(2026, 2, 10), value=0.75, score=0.75)
    later = {**earlier, "score_id": "b", "evaluated_on": date(2026, 2, 18), "value": 0.78}
    duplicates.mark([earlier, later])

    assert [earlier["use"], later["use"]] == ["not_comparable", "fit"]


def test_ratings_of_earlier_snapshots_stay_out() -> None:
    old = score(panel="history-2025-05", score=None, value=1072.6, published_at=date(2023, 11, 16))
    new = score(score_id="b", panel="history-2025-05", score=None, value=1186.1)
    duplicates.mark([old, new])

    assert [old["use"], new["use"]] == ["not_comparable", "fit"]


@pytest.mark.parametrize(
    ("name", "effort"),
    [
        ("Qwen3-32B (no thinking)", "no thinking"),
        ("Qwen3-32B (thinking)", "thinking"),
        ("gpt-5 (high)", "high"),
        ("gpt-5-2025-08-07_medium", "medium"),
        ("gpt-4o", None),
    ],
)
def test_the_effort_is_read_off_the_name(name: str, effort: str | None) -> None:
    assert _effort_in(name) == effort


@pytest.mark.parametrize(
    ("share", "items", "expected"),
    [
        (0.304, 217, True),  # 66 items
        (0.479, 41, False),  # a mean of rungs
        (0.93, 37, False),  # a mean of several runs
        (0.5, 3, False),
        (1.0, 3, True),
        (0.0, 869, True),
    ],
)
def test_a_share_that_no_count_gives_is_a_mean(share: float, items: int, expected: bool) -> None:
    assert is_count(share, items) is expected


def counted(share: float, n: int, **changes: object) -> dict[str, object]:
    facts = {"benchmark": "b", "panel": "p", "evaluator": "E", "stderr": None, "score": share}
    return {**facts, "n": n, "_stated_stderr": None, **changes}


def test_a_table_of_means_loses_n_for_all_its_shares() -> None:
    rows = [counted(0.332, 41), counted(0.735, 41), counted(0.78, 41)]
    settle(rows, {"b": 41})

    assert [row["n"] for row in rows] == [None, None, None]


def test_unrun_items_count_as_failed_where_the_board_says_so() -> None:
    rows = [counted(0.271, 223)]
    settle(rows, {"b": 225})

    assert rows[0]["n"] == 225


def test_an_own_run_keeps_the_items_with_a_result_or_none() -> None:
    once = counted(0.485416667, 484, evaluator="Epoch AI")
    often = counted(0.785037879, 198, evaluator="Epoch AI", stderr=0.022, _stated_stderr=0.022)
    settle([once, often], {"b": None})

    assert (once["n"], often["n"], often["stderr"]) == (480, None, 0.022)


# --- the whole build, on the raw folder -------------------------------------------------------


@pytest.fixture(scope="module")
def built(raw_data: Path) -> Built:
    return build(raw_data)


def test_every_raw_row_is_accounted_for(built: Built) -> None:
    counted = built.tables["scores"].height + len(built.unresolved) + sum(built.held_back.values())

    assert counted == built.raw_rows


def test_the_shipped_release_is_this_build(built: Built, shipped: dict[str, pl.DataFrame]) -> None:
    for name, frame in built.tables.items():
        assert frame.equals(shipped[name].select(frame.columns)), name


def test_same_input_same_bytes(built: Built, tmp_path: Path) -> None:
    first = write(built.tables, built.unresolved, tmp_path / "a", date(2026, 11, 23))
    second = write(built.tables, built.unresolved, tmp_path / "b", date(2026, 11, 23))

    assert first == second
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_strict_ships_only_stated_licences(raw_data: Path, built: Built) -> None:
    strict = build(raw_data, strict=True)
    validate(strict.tables)
    kept = strict.tables["scores"].join(strict.tables["sources"], on="source")

    assert set(kept["decision"].cast(pl.String)) == {"ship"}
    assert 0 < strict.tables["scores"].height < built.tables["scores"].height


def test_a_bad_table_is_never_written(built: Built, tmp_path: Path) -> None:
    bad = {**built.tables}
    bad["scores"] = bad["scores"].with_columns(pl.lit("no-such-model").alias("model_version"))

    with pytest.raises(BadRelease, match="model_version"):
        write(bad, [], tmp_path / "out", date(2026, 11, 23))
    assert not (tmp_path / "out").exists()


def test_an_edited_raw_value_stops_the_build(raw_data: Path) -> None:
    rows = read_rows(raw_data)
    edited = next(r for r in rows if r.benchmark_raw == "CyberGym" and r.origin == "epoch-cyber")
    edited.value *= 0.95  # the source repairs one row

    with pytest.raises(SourceChanged, match="epoch-cyber-cybergym-scale: repaired: score"):
        correct_rows(rows)


def test_a_repaired_date_of_a_model_stops_the_build() -> None:
    listed = {
        "model_id": "grok-2",
        "name": "Grok-2",
        "release_date": "2024-08-13",
        "release_date_source": "Epoch hub 2026-03",
        "developer": "xAI",
        "total_params_b": "",
        "active_params_b": "",
    }
    grok = [one for one in read_corrections() if one.id == "collected-grok-2-released"]

    with pytest.raises(SourceChanged, match="collected-grok-2-released: repaired"):
        correct_models([listed], grok)
    ((model_id, one, _),) = correct_models([{**listed, "release_date": "2024-12-12"}], grok)
    assert (model_id, one.used) == ("grok-2", "2024-08-13")


def test_what_a_source_states_stays_in_the_row(raw_data: Path) -> None:
    rows = read_rows(raw_data)
    stated = [row.value for row in rows]
    correct_rows(rows)

    assert [row.value for row in rows] == stated
    assert sum("score" in row.corrected for row in rows) == 16
    assert sum("stderr" in row.corrected for row in rows) == 18 + 41
    assert sum("model" in row.corrected for row in rows) == 4
    assert sum("evaluator" in row.corrected for row in rows) == 9


def test_quarantine_comes_before_every_other_judgement() -> None:
    row = score(
        panel="openai-cards", source="openai", benchmark="openai-ctf-professional", _role="not_used"
    )
    duplicates.mark([row])

    assert row["use"] == "quarantined"
