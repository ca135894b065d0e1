"""What sources state becomes rows, or is listed with the reason; nothing is lost, nothing guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headway.paths import package_release_dir
from headway.sources.declare import ModelClaim, Parsed, ScoreClaim
from headway.tables.harmonise import OUTCOMES, Body, Updated, harmonise
from headway.tables.harmonise.curated import curated
from headway.tables.harmonise.merge import SUPERSEDED
from headway.tables.store import Release, load_release
from headway.tables.validate import check_release

TODAY = date(2026, 11, 25)
GYM = ("cybergym-page", "cybergym")


@pytest.fixture(scope="module")
def release() -> Release:
    return load_release(package_release_dir())


def gym(model: str, score: float, **more: Any) -> ScoreClaim:
    stated = {"metric": "score_10", "variant": "level1", "attempts": 1, "scaffold": "OpenHands"}
    return ScoreClaim(
        model, "CyberGym", score, "proportion", more.pop("raw", "level1[0]"),
        **{"evaluator": "CyberGym Team", **stated, **more},
    )  # fmt: skip


def body(
    scores: Sequence[ScoreClaim],
    models: Sequence[ModelClaim] = (),
    of: tuple[str, str] = GYM,
) -> Body:
    parsed = Parsed(tuple(scores), tuple(models), (), len(scores) + len(models))
    return Body(*of, f"https://{of[0]}.example/data", parsed, TODAY)


def new_rows(release: Release, found: Updated) -> list[dict[str, Any]]:
    scores = found.tables["scores"]
    before = release.scores["score_id"].to_list()
    return scores.filter(~pl.col("score_id").is_in(before)).to_dicts()


def stated(release: Release, index: int = 0) -> dict[str, Any]:
    """A row that the release has of that board: an agent and value told once."""
    rows = release.scores.filter(
        (pl.col("source") == GYM[0]) & (pl.col("benchmark") == "cybergym-level1")
    ).sort("score_id")
    alone = rows.filter(pl.struct("model_version", "scaffold", "attempts", "effort").is_unique())
    return alone.row(index, named=True)


def again(row: dict[str, Any], score: float | None = None, **more: Any) -> ScoreClaim:
    """The claim behind a row, with its value or another."""
    value = row["value"] if score is None else score
    told = {"scaffold": row["scaffold"], "attempts": row["attempts"], "effort": row["effort"]}
    return gym(row["model_as_named"], value, **told, evaluator=row["evaluator"], **more)


def test_a_value_that_stands_there_changes_nothing(release: Release) -> None:
    found = harmonise(release, [body([again(stated(release))])])
    assert [one.outcome for one in found.outcomes] == ["known"]
    assert found.outcomes[0].score_id == stated(release)["score_id"]
    assert not found.changed
    assert all(found.tables[name] is release.table(name) for name in found.tables)


def test_a_new_model_on_a_known_board_is_a_row_with_the_boards_terms(release: Release) -> None:
    name = "GPT-5"  # registered; this agent never ran it
    found = harmonise(
        release, [body([gym(name, 0.4321, scaffold="New agent", published_at="2026-11-20")])]
    )
    (row,) = new_rows(release, found)
    assert (row["model_version"], row["benchmark"], row["use"]) == (
        "gpt-5",
        "cybergym-level1",
        "fit",
    )
    assert (row["score"], row["known_on"]) == (0.4321, date(2026, 11, 20))
    assert row["evaluator_relationship"] == "academic"
    assert row["licence"] == release.sources.filter(pl.col("source") == GYM[0])["licence"][0]
    check_release(Release(head=release.head, **found.tables))


def test_a_revised_value_keeps_the_old_row_and_takes_it_out_of_the_fit(release: Release) -> None:
    old = stated(release)
    found = harmonise(release, [body([again(old, 0.987654)])])
    assert [one.outcome for one in found.outcomes] == ["revised"]
    (row,) = new_rows(release, found)
    scores = found.tables["scores"]
    kept = scores.filter(pl.col("score_id") == old["score_id"]).row(0, named=True)
    assert (kept["value"], kept["use"], kept["use_reason"]) == (
        old["value"],
        "duplicate",
        SUPERSEDED,
    )
    assert kept["duplicate_of"] == row["score_id"]
    assert len(scores) == len(release.scores) + 1
    # the next sync of the same body finds it done
    after = Release(head=release.head, **found.tables)
    assert not harmonise(after, [body([again(old, 0.987654)])]).changed
    # and a value that is taken back is a revision of the revision
    back = harmonise(after, [body([again(old)])])
    assert [one.outcome for one in back.outcomes] == ["revised"]


def test_a_revised_line_that_does_not_count_still_does_not(release: Release) -> None:
    out = release.scores.filter(
        (pl.col("source") == GYM[0])
        & (pl.col("benchmark") == "cybergym-level1")
        & (pl.col("use") == "not_comparable")
    ).row(0, named=True)
    found = harmonise(release, [body([again(out, 0.987654)])])
    (row,) = new_rows(release, found)
    assert (row["use"], row["use_reason"]) == ("not_comparable", out["use_reason"])


def test_a_line_that_the_source_drops_stays(release: Release) -> None:
    found = harmonise(release, [body([again(stated(release, 1))])])
    assert found.tables["scores"] is release.scores


def test_two_values_under_one_description_leave_the_strongest_in_the_fit(release: Release) -> None:
    claims = [
        gym("GPT-5", v, scaffold="New agent", raw=f"level1[{i}]") for i, v in enumerate((0.2, 0.3))
    ]
    found = harmonise(release, [body(claims)])
    used = {row["value"]: row["use"] for row in new_rows(release, found)}
    assert used == {0.2: "not_comparable", 0.3: "fit"}


def test_a_quoted_number_is_a_repeat_of_the_older_telling(release: Release) -> None:
    old = release.scores.filter(
        (pl.col("benchmark") == "gpqa-diamond")
        & (pl.col("use") == "fit")
        & ~pl.col("score").is_in([0.0, 1.0])
        & (pl.col("panel") != "models.dev-2026-07")
    ).sort("score_id").row(0, named=True)  # fmt: skip
    claim = ScoreClaim(
        old["model_version"], "GPQA Diamond", round(old["score"] * 100, 2), "points", "x",
        source_url="https://example.org/card", metric=None,
    )  # fmt: skip
    found = harmonise(release, [body([claim], of=("models-dev", "models"))])
    (row,) = new_rows(release, found)
    assert (row["use"], row["duplicate_of"]) == (
        "duplicate",
        old["duplicate_of"] or old["score_id"],
    )
    assert [one.outcome for one in found.outcomes] == ["repeat"]


@pytest.mark.parametrize(
    ("claim", "outcome"),
    [
        (gym("A model of nobody", 0.5), "no_model"),
        (gym("GPT-5", 0.5, variant="level9"), "no_test"),
        (replace(gym("GPT-5", 50.0), unit="percent"), "no_test"),  # the unit changed: another test
        (gym("GPT-5", 0.5, metric="score_x1"), "left_out"),
        (gym("GPT-5", 1.4, scaffold="New agent"), "impossible"),
        (gym("GPT-5", float("nan"), scaffold="New agent"), "impossible"),
        (gym("GPT-5", 0.5, scaffold="New agent", published_at="2031-01-01"), "impossible"),
        (gym("GPT-5", 0.5, scaffold="New agent", published_at="31/12/2026"), "impossible"),
    ],
)
def test_what_cannot_be_a_row_is_listed(release: Release, claim: ScoreClaim, outcome: str) -> None:
    found = harmonise(release, [body([claim])])
    assert [one.outcome for one in found.outcomes] == [outcome]
    assert not found.changed


def model(key: str = "zetalab/zeta-5", **more: Any) -> ModelClaim:
    told = {
        "released": "2026-11-10",
        "access": "open weights",
        "name": "Zeta 5",
        "developer": "zetalab",
    }
    return ModelClaim(key, "models[x]", **{**told, **more})


def admit(release: Release, claim: ModelClaim, named: str = "Zeta 5") -> Updated:
    bodies = [
        body([gym(named, 0.95, scaffold="New agent")]),
        body([], [claim], of=("models-dev", "models")),
    ]
    return harmonise(release, bodies)


def test_a_model_that_came_out_since_is_admitted_with_its_day_and_access(release: Release) -> None:
    found = admit(release, model())
    assert [one.model_version for one in found.models] == ["zeta-5"]
    tables = found.tables
    version = (
        tables["model_versions"].filter(pl.col("model_version") == "zeta-5").row(0, named=True)
    )
    access = tables["access"].filter(pl.col("model_version") == "zeta-5").row(0, named=True)
    assert (version["released"], version["open_weight"]) == (date(2026, 11, 10), True)
    assert (access["access"], access["from"], access["basis"]) == (
        "open_weight", date(2026, 11, 10), "stated",
    )  # fmt: skip
    assert version["released_source"] == access["source"] == "https://models-dev.example/data"
    assert new_rows(release, found)[0]["model_version"] == "zeta-5"
    check_release(Release(head=release.head, **tables))


@pytest.mark.parametrize(
    "claim",
    [
        model(released=None),
        model(access=None),
        model(released="2026-02-01"),  # was out when the release was cut, and left out
        model(released="2027-02-01"),  # not out yet
        model(released="soon"),
        model(access="ask us"),
    ],
)
def test_a_model_without_day_or_access_or_from_before_is_not_admitted(
    release: Release, claim: ModelClaim
) -> None:
    found = admit(release, claim)
    assert found.models == ()
    assert [one.outcome for one in found.outcomes] == ["no_model"]


def test_another_spelling_of_a_recent_model_is_not_a_new_one(release: Release) -> None:
    after = release.data_through.replace(day=1)
    recent = release.model_versions.filter(
        (pl.col("released") > after.replace(month=after.month - 1)) & (pl.col("name").str.len_chars() > 12)
    ).sort("model_version").row(0, named=True)  # fmt: skip
    spelled = recent["name"] + "s"
    claim = model(f"lab/{spelled}", name=spelled, released=str(recent["released"]))
    assert admit(release, claim, spelled).models == ()


def test_settings_of_a_new_model_are_one_model(release: Release) -> None:
    claims = [model("zeta-5_high", name="Zeta 5 (high)"), model("zeta-5_low", name="Zeta 5 (low)")]
    scores = [
        gym("zeta-5_high", 0.95, scaffold="a", raw="1"), gym("zeta-5_low", 0.90, scaffold="a", raw="2")
    ]  # fmt: skip
    found = harmonise(release, [body(scores), body([], claims, of=("epoch-hub", "benchmark_data"))])
    assert [one.model_version for one in found.models] == ["zeta-5"]
    assert {row["effort"] for row in new_rows(release, found)} == {"high", "low"}


def test_a_later_run_of_the_same_institute_replaces_the_older(release: Release) -> None:
    old = release.scores.filter(
        (pl.col("evaluator") == "Epoch AI") & (pl.col("benchmark") == "gpqa-diamond") & (pl.col("use") == "fit")
    ).sort("score_id").row(0, named=True)  # fmt: skip

    def run(day: str) -> Updated:
        claim = ScoreClaim(
            old["model_as_named"], "GPQA diamond", 0.123456, "proportion", "x", metric="mean_score",
            evaluated_on=day, evaluator="Epoch AI", scaffold=old["scaffold"],
        )  # fmt: skip
        return harmonise(release, [body([claim], of=("epoch-hub", "benchmark_data"))])

    earlier = run("2020-01-01")
    assert [row["use"] for row in new_rows(release, earlier)] == ["not_comparable"]
    later = run("2026-11-20")
    assert [row["use"] for row in new_rows(release, later)] == ["fit"]
    kept = later.tables["scores"].filter(pl.col("score_id") == old["score_id"])
    assert kept["use"].to_list() == ["duplicate"]


def cybench(evaluator: str, model: str = "claude-sonnet-4-20250514") -> ScoreClaim:
    return ScoreClaim(
        model, "Cybench", 0.4321, "proportion", "cybench_external.csv:2:Unguided % Solved",
        metric="Unguided % Solved", evaluator=evaluator, licence_key="epoch-hub-external",
    )  # fmt: skip


def test_a_known_error_of_a_source_is_put_right_while_the_source_still_makes_it(
    release: Release,
) -> None:
    models = ("claude-opus-4-20250514", "claude-opus-4-1-20250805", "claude-sonnet-4-5-20250929")
    rest = [cybench("Cybench leaderboard", one) for one in models]
    hub = ("epoch-hub", "benchmark_data")
    wrong = harmonise(release, [body([cybench("Cybench leaderboard"), *rest], of=hub)])
    assert wrong.breaches == ()
    assert sum(wrong.corrected.values()) == 4
    assert {row["evaluator_relationship"] for row in new_rows(release, wrong)} == {"first_party"}
    mended = harmonise(release, [body([cybench("Somebody else"), *rest], of=hub)])
    (breach,) = mended.breaches
    assert (breach.field, breach.found) == ("evaluator", "Somebody else")
    assert mended.corrected == {}


def test_a_line_that_a_rule_holds_to_be_wrong_becomes_a_row_in_quarantine(release: Release) -> None:
    claim = ScoreClaim(
        "o1-mini", "Aider edit", 12.3, "percent", "edit[0]", metric="pass_rate_2", variant="whole",
        attempts=2,
    )  # fmt: skip
    found = harmonise(release, [body([claim], of=("aider", "edit"))])
    (row,) = new_rows(release, found)
    assert (row["use"], row["use_reason"]) == ("quarantined", "Only 36 of the 133 tests were run.")


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.builds(
            gym,
            st.one_of(
                st.sampled_from(["GPT-5", "Claude Opus 4.6", "../../etc", "=cmd()", "Zeta 5"]),
                st.text(min_size=1, max_size=30),
            ),
            st.floats(allow_nan=True, allow_infinity=True),
            variant=st.sampled_from(["level1", "level2", "level9", None]),
            scaffold=st.one_of(st.none(), st.text(max_size=80)),
            attempts=st.sampled_from([None, 1, 5, 30]),
            published_at=st.sampled_from([None, "2026-01-01", "2026-13-01", "0001-01-01", "2026"]),
            n=st.one_of(st.none(), st.integers(-5, 10**9)),
            stderr=st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True)),
        ),
        max_size=12,
    )
)
def test_every_claim_has_one_outcome_and_the_tables_stay_valid(
    release: Release, claims: list[ScoreClaim]
) -> None:
    bodies = [body(claims), body([], [model()], of=("models-dev", "models"))]
    found = harmonise(release, bodies)
    assert len(found.outcomes) == len(claims)
    assert {one.outcome for one in found.outcomes} <= set(OUTCOMES)
    check_release(Release(head=release.head, **found.tables))
    before = set(release.scores["score_id"])
    assert before <= set(found.tables["scores"]["score_id"])
    made = sum(one.outcome in ("new", "revised", "repeat") for one in found.outcomes)
    assert len(found.tables["scores"]) == len(before) + made
    assert harmonise(release, bodies).tables["scores"].equals(found.tables["scores"])
    twice = harmonise(Release(head=release.head, **found.tables), bodies)
    assert not twice.changed


def test_outcomes_are_counted_into_the_parts_of_their_tests(release: Release) -> None:
    runs = release.task_runs.filter(
        (pl.col("model_version") == "gpt-5.5") & (pl.col("benchmark") == "cybench")
    ).sort("task_id")  # fmt: skip
    first = runs["task_id"].to_list()
    other = release.task_runs.filter(
        (pl.col("benchmark") == "cybench") & (pl.col("run") == "lyptus-v2") & ~pl.col("task_id").is_in(first)
    )["task_id"].unique().sort().to_list()  # fmt: skip

    def run(task: str, solved: bool) -> ScoreClaim:
        return ScoreClaim(
            "GPT-5", "cybench", float(solved), "proportion", task, task=task, n=1,
            metric="score_binarized", evaluator="Lyptus Research",
        )  # fmt: skip

    claims = [run(task, i % 4 != 0) for i, task in enumerate(first)]
    claims += [run(task, True) for task in other] + [run("a task of nobody", True)]
    found = harmonise(release, [body(claims, of=("lyptus", "model_runs"))])
    rows = {row["benchmark"]: row for row in new_rows(release, found)}
    solved = sum(i % 4 != 0 for i in range(len(first)))
    assert set(rows) == {"cybench-lyptus-p1", "cybench-lyptus-p2"}
    assert rows["cybench-lyptus-p1"]["score"] == pytest.approx(solved / len(first), abs=1e-9)
    assert rows["cybench-lyptus-p1"]["n"] == len(first)
    assert rows["cybench-lyptus-p2"]["n"] == len(other)
    assert {row["value_origin"] for row in rows.values()} == {"computed"}
    assert Counter(one.outcome for one in found.outcomes) == {"left_out": len(claims), "new": 2}


def test_the_committed_tables_name_what_the_release_has(release: Release) -> None:
    benchmarks = set(release.benchmarks["benchmark"])
    panels = {row["panel"] for row in curated("panels.csv")} | set(release.scores["panel"])
    for row in curated("live_tests.csv"):
        assert row["why"], row
        if row["benchmark"]:
            assert row["benchmark"] in benchmarks, row
            assert row["panel"] in panels, row
    versions = set(release.model_versions["model_version"]) | {""}
    assert {row["model_version"] for row in curated("live_names.csv")} <= versions


#: Lines of the stored hub that name no model version, and say which model by a name alone.
_NO_VERSION = {
    *("DBRX Instruct", "GPT-4", "gpt-3.5-turbo-0301", "Vicuna-13B", "GPT-3.5 Turbo"),
    *("Jamba 1.5 Large", "Jamba 1.5 Mini"),
}


def test_the_stored_real_bodies_leave_the_release_as_it_is(release: Release, raw_data: Any) -> None:
    """All differences are known by name: 8 lines without a version, runs of 2025 in a file of 2026,
    and three quotes of a board that may not be shipped."""
    from tests.harmonise.stored import stored_bodies

    found = harmonise(release, stored_bodies(raw_data))
    counts = Counter(one.outcome for one in found.outcomes)
    assert counts["known"] == 2578
    assert counts["revised"] == counts["no_test"] == counts["impossible"] == 0
    assert found.models == ()
    rows = new_rows(release, found)
    assert len(rows) == 15
    for row in rows:
        if row["source"] == "metr":
            assert row["model_version"] in ("davinci-002", "gpt-3.5-turbo-instruct")
            assert row["use"] in ("duplicate", "index")
        elif row["source"] == "epoch-hub-external":
            assert row["model_as_named"] in _NO_VERSION
        else:
            assert row["source"] == "swe-bench-site"
