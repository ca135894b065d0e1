"""What differs between two tables, and the first release with a part of the changes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headway.tables.compare import TableChanges, compare, compare_releases
from headway.tables.partial import causes, with_causes, write_partial
from headway.tables.schemas import SCHEMAS
from headway.tables.store import ALL_TABLES, Release, load_release, read_head
from headway.tables.validate import check_release
from tests.diff.worlds import (
    Tables,
    edited,
    new_id,
    release,
    small,
    with_source,
    with_strong_open,
)

SMALL = small()
SCORES = SMALL["scores"]


def cell(scores: pl.DataFrame, place: int) -> pl.Expr:
    return pl.col("score_id") == scores["score_id"][place]


# Matching ------------------------------------------------------------------------------------


def test_a_table_does_not_differ_from_itself() -> None:
    for name, frame in SMALL.items():
        found = compare(name, frame, frame)
        assert found.is_same
        assert len(found.pairs) == len(frame)
        assert found.cells().is_empty()


@pytest.mark.parametrize("rehash", [True, False])
def test_an_edited_score_is_changed_with_its_columns(rehash: bool) -> None:
    """Also under a new id, which has the value in it."""
    after = edited(SMALL, cell(SCORES, 7), lambda s: s * 0.5, rehash=rehash)["scores"]
    found = compare("scores", SCORES, after)

    assert (len(found.added), len(found.removed), len(found.changed)) == (0, 0, 1)
    assert found.columns == {"score": 1, "value": 1}
    ((kind, row, cells),) = found.rows()
    assert kind == "changed"
    assert row["model_version"] == SCORES["model_version"][7]
    assert cells["score"] == (SCORES["score"][7], SCORES["score"][7] * 0.5)


def test_rows_under_other_ids_alone_are_the_same() -> None:
    after = SCORES.with_columns(score_id=pl.concat_str(pl.lit("f"), "score_id"))
    found = compare("scores", SCORES, after)
    assert found.is_same
    assert found.renumbered == len(SCORES)


def test_a_setting_that_was_dated_anew_is_changed() -> None:
    moved = SCORES.with_columns(
        evaluated_on=pl.when(cell(SCORES, 3)).then(date(2026, 5, 1)).otherwise("evaluated_on"),
        score_id=pl.when(cell(SCORES, 3)).then(pl.lit("0f")).otherwise("score_id"),
    )
    found = compare("scores", SCORES, moved)
    assert found.columns == {"evaluated_on": 1}


def test_repeated_runs_are_matched_to_the_nearest() -> None:
    """Three runs of one setting, of which one was corrected and one withdrawn."""
    one = SCORES.filter(cell(SCORES, 0))
    runs = pl.concat([one.with_columns(value=v, score=v, score_id=pl.lit(f"a{i}"))
                      for i, v in enumerate(map(pl.lit, (0.2, 0.5, 0.8)))])  # fmt: skip
    after = pl.concat([one.with_columns(value=v, score=v, score_id=pl.lit(f"b{i}"))
                       for i, v in enumerate(map(pl.lit, (0.52, 0.8)))])  # fmt: skip
    found = compare("scores", runs, after)

    assert found.removed["value"].to_list() == [0.2]
    assert found.added.is_empty()
    changed = [cells["value"] for kind, _, cells in found.rows() if kind == "changed"]
    assert changed == [(0.5, 0.52)]
    assert found.renumbered == 1


def test_a_duplicate_of_a_row_under_its_new_id_is_no_change() -> None:
    first = SCORES["score_id"][0]
    before = SCORES.with_columns(
        duplicate_of=pl.when(cell(SCORES, 1)).then(pl.lit(first)).otherwise("duplicate_of")
    )
    after = before.with_columns(
        score_id=pl.col("score_id").replace({first: "0e"}),
        duplicate_of=pl.col("duplicate_of").replace({first: "0e"}),
    )
    assert compare("scores", before, after).is_same


def test_other_tables_are_known_by_their_key() -> None:
    models = SMALL["model_versions"]
    after = models.with_columns(
        lab=pl.when(pl.col("model_version") == "open-03").then(pl.lit("x")).otherwise("lab")
    ).filter(pl.col("model_version") != "open-04")
    found = compare("model_versions", models, after)

    assert found.columns == {"lab": 1}
    assert found.removed["model_version"].to_list() == ["open-04"]
    assert found.counted == ()


def test_an_access_that_was_dated_anew_is_changed_although_its_key_has_the_day() -> None:
    access = SMALL["access"]
    later = pl.when(pl.col("model_version") == "open-15").then(date(2026, 6, 1))
    found = compare("access", access, access.with_columns(later.otherwise("from").alias("from")))
    assert (len(found.added), len(found.removed), found.columns) == (0, 0, {"from": 1})


def test_a_row_that_went_to_another_source_is_counted_on_both_sides() -> None:
    after = with_source(SMALL, "other", cell(SCORES, 5))["scores"]
    found = compare("scores", SCORES, after)
    assert found.columns == {"source": 1}
    rows = {r["source"]: r for r in found.counts("source").to_dicts()}
    assert (rows["synthetic"]["removed"], rows["other"]["added"]) == (1, 1)
    assert rows["synthetic"]["changed"] == rows["other"]["changed"] == 0


# Properties ----------------------------------------------------------------------------------

PLACES = st.sets(st.integers(0, len(SCORES) - 1), max_size=12)


class World:
    """A pair of releases, with a name that an error can print."""

    def __init__(self, before: Tables, after: Tables) -> None:
        self.before, self.after = before, after

    def __repr__(self) -> str:
        return f"World({len(self.before['scores'])}, {len(self.after['scores'])} scores)"


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Two releases: rows of three sources, some gone, come, corrected, renamed; models changed."""
    here = pl.int_range(pl.len())
    before = with_source(SMALL, "alpha", here % 3 == 1)
    before = with_source(before, "beta", here % 3 == 2)
    after = edited(before, here.is_in(sorted(draw(PLACES))), lambda s: s * 0.9, rehash=False)
    scores = after["scores"]
    value = pl.col("value")
    scores = scores.with_columns(
        score_id=pl.when(here.is_in(sorted(draw(PLACES))))
        .then(new_id(value))
        .otherwise("score_id"),
        source=pl.when(here.is_in(sorted(draw(PLACES)))).then(pl.lit("beta")).otherwise("source"),
        harness_version=pl.when(here.is_in(sorted(draw(PLACES))))
        .then(pl.lit("2"))
        .otherwise("harness_version"),
    )
    first = draw(PLACES)
    cut = {
        **before,
        "scores": before["scores"].filter(~here.is_in(sorted(first))),
    }
    after = {**after, "scores": scores.filter(~here.is_in(sorted(draw(PLACES)))).sort("score_id")}
    if draw(st.booleans()):
        after = with_strong_open(after)
    if draw(st.booleans()):
        later = pl.when(pl.col("model_version") == "open-10").then(date(2026, 1, 1))
        after["access"] = after["access"].with_columns(later.otherwise("from").alias("from"))
    return World(cut, after)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_counts_add_up_and_the_other_direction_is_the_mirror(world: World) -> None:
    before, after = world.before, world.after
    for name in before:
        there = compare(name, before[name], after[name])
        back = compare(name, after[name], before[name])

        assert len(there.before) - len(there.removed) + len(there.added) == len(there.after)
        assert there.added.equals(back.removed)
        assert there.removed.equals(back.added)
        assert pairs(there) == {(b, a): c for (a, b), c in pairs(back).items()}
        assert there.columns == back.columns
        for column in there.counted:
            for row in there.counts(column).to_dicts():
                assert row["before"] - row["removed"] + row["added"] == row["after"], row


def pairs(found: TableChanges) -> dict[tuple[int, int], list[str]]:
    return {(a, b): c for a, b, c in found.pairs.select("before", "after", "columns").iter_rows()}


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.sampled_from(["source", "model"]))
def test_all_causes_together_are_the_second_release_and_each_alone_is_valid(
    tmp_path_factory: pytest.TempPathFactory, world: World, by: str
) -> None:
    folder = tmp_path_factory.mktemp("pair")
    before, after = (
        release(folder / n, t) for n, t in zip("ab", (world.before, world.after), strict=True)
    )
    changes = compare_releases(before, after)
    found = causes(changes, by)
    every = with_causes(before, after, changes, found)

    for name in ("scores", "access", "model_versions", "benchmarks"):
        assert compare(name, every[name], after.table(name)).is_same, name
    total = sum(c.rows for c in found if c.kind != "register")
    scores = changes["scores"]
    assert total == len(scores.added) + len(scores.removed) + len(scores.changed)
    for i, cause in enumerate(found):
        check_release(partial(before, after, changes, [cause], folder / str(i)))
    assert compare_releases(before, partial(before, after, changes, [], folder / "none"))[
        "scores"
    ].is_same


def partial(before: Release, after: Release, changes, chosen, folder: Path) -> Release:  # type: ignore[no-untyped-def]
    write_partial(
        with_causes(before, after, changes, chosen),
        folder,
        data_release="x",
        data_through=before.data_through,
    )
    return load_release(folder)


# Causes --------------------------------------------------------------------------------------


def test_a_new_model_comes_with_the_scores_that_name_it(tmp_path: Path) -> None:
    before = release(tmp_path / "a", SMALL)
    after = release(tmp_path / "b", with_strong_open(SMALL))
    changes = compare_releases(before, after)
    (cause,) = causes(changes)

    assert (cause.kind, cause.name, cause.models) == ("source", "news", ("strong-open",))
    (by_model,) = causes(changes, "model")
    assert (by_model.kind, by_model.name) == ("model", "strong-open")


def test_changed_entries_of_models_are_a_cause_of_their_own(tmp_path: Path) -> None:
    later = pl.when(pl.col("model_version") == "open-15").then(date(2026, 6, 1))
    after = {**SMALL, "access": SMALL["access"].with_columns(later.otherwise("from").alias("from"))}
    one, two = release(tmp_path / "a", SMALL), release(tmp_path / "b", after)
    (cause,) = causes(compare_releases(one, two))
    assert (cause.kind, cause.name, cause.changed, cause.rows) == ("register", "models", 1, 1)


def test_tables_that_no_answer_rests_on_are_no_cause(tmp_path: Path) -> None:
    after = {**SMALL, "published_estimates": SMALL["published_estimates"].head(0)}
    one, two = release(tmp_path / "a", SMALL), release(tmp_path / "b", after)
    changes = compare_releases(one, two)
    assert causes(changes) == ()
    assert not changes["published_estimates"].is_same


def test_duplicates_follow_their_original_or_lose_it(tmp_path: Path) -> None:
    """One source corrects or withdraws a row that another source repeats."""
    first, second = SCORES["score_id"][:2].to_list()
    copied = SCORES.with_columns(
        duplicate_of=pl.when(cell(SCORES, 1)).then(pl.lit(first)).otherwise("duplicate_of")
    )
    base = with_source({**SMALL, "scores": copied}, "copier", cell(SCORES, 1))
    revised = edited(base, cell(SCORES, 0), lambda s: s * 0.5)
    new = compare("scores", base["scores"], revised["scores"]).changed["after"][0]
    renamed = revised["scores"]["score_id"][new]
    revised["scores"] = revised["scores"].with_columns(
        duplicate_of=pl.col("duplicate_of").replace({first: renamed})
    )
    gone = {**base, "scores": base["scores"].filter(pl.col("score_id") != first)
            .with_columns(duplicate_of=pl.lit(None, dtype=pl.String))}  # fmt: skip
    for after, expected in ((revised, renamed), (gone, None)):
        one = release(tmp_path / f"a{expected}", base)
        two = release(tmp_path / f"b{expected}", after)
        changes = compare_releases(one, two)
        cause = next(c for c in causes(changes) if c.name == "synthetic")
        made = with_causes(one, two, changes, [cause])["scores"]
        assert made.filter(pl.col("score_id") == second)["duplicate_of"].to_list() == [expected]


def test_equal_tables_give_equal_bytes(tmp_path: Path) -> None:
    heads = []
    for name in "ab":
        write_partial(SMALL, tmp_path / name, data_release="x", data_through=date(2026, 1, 1))
        heads.append(read_head(tmp_path / name).rows_hash)
    assert heads[0] == heads[1]


def test_every_table_has_a_key_to_compare_by() -> None:
    for name in ALL_TABLES:
        assert SCHEMAS[name].primary_key(), name
