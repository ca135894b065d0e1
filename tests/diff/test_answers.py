"""Answers under two releases: moves, noise, causes, verdicts, and the words for them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

import headway
from headway.api import data_diff_answers
from headway.api.data_diff import DataDiff
from headway.api.data_diff_answers import Group, groups_of, margin
from headway.errors import BadOption, HeadwayError, NotFound, Unreadable
from headway.tables.partial import Cause
from tests.api.test_api import valid
from tests.diff.worlds import Tables, edited, small, with_source, with_strong_open, write
from tests.small_release import DATA_THROUGH

SEEDS = 3
#: Models whose rows the release ``held`` has in quarantine: the last open ones.
HELD = ("open-13", "open-14", "open-15", "open-16")
DOMAINS = [("cyber", None), ("coding", None), ("general", None)]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with releases that differ from ``small`` in one known way each."""
    base = tmp_path_factory.mktemp("releases")
    releases = base / "releases"
    tables = with_source(small(), "tests", pl.col("benchmark") == "coding-0-0")
    write(releases / "small", tables)
    scores = tables["scores"]
    touched = pl.col("score_id") == scores.filter(pl.col("source") == "tests")["score_id"][0]
    both = with_strong_open(edited(tables, touched, lambda s: s - 1 / 150))
    write(releases / "strong", both)
    gpt_5 = (pl.col("model_version") == "gpt-5") & pl.col("benchmark").str.starts_with("general")
    write(releases / "flipped", edited(tables, gpt_5, lambda s: s * 0.8))
    held = pl.when(pl.col("model_version").is_in(list(HELD))).then(pl.lit("quarantined"))
    write(releases / "held", {**tables, "scores": scores.with_columns(
        use=held.otherwise(pl.col("use").cast(pl.String)).cast(scores.schema["use"]),
        use_reason=pl.when(pl.col("model_version").is_in(list(HELD))).then(pl.lit("wrong")))})  # fmt: skip
    fewer = {**tables, "published_estimates": tables["published_estimates"].head(0)}
    write(releases / "fewer", fewer)
    write(releases / "later", fewer, through=date(2026, 9, 30))
    (releases / "current").write_text("small")
    return base


@pytest.fixture(autouse=True)
def use(folders: Path, shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADWAY_DATA_DIR", str(folders))
    monkeypatch.setenv("HEADWAY_CACHE_DIR", str(shared_cache))


def diff(before: str, after: str | None = None, **options: Any) -> DataDiff:
    return headway.data_diff(before, after, **{"seeds": SEEDS, "workers": 1, **options})


def of(found: DataDiff, question: str, domain: str, **more: Any) -> dict[str, Any]:
    """The only answer with these words, about the whole domain unless a stage is named."""
    wanted = {"question": question, "domain": domain, "stage": None, **more}
    (row,) = (r for r in found.answers if all(r[k] == v for k, v in wanted.items()))
    return dict(row)


# A new model -----------------------------------------------------------------------------------


def test_a_strong_open_model_makes_the_lag_fall_and_is_named_as_the_cause() -> None:
    found = diff("small", "strong", results="lag", seeds=5)
    assert [(g.kind, g.name) for g in found.groups] == [("source", "news"), ("source", "tests")]
    for domain, stage in DOMAINS:
        row = of(found, "lag", domain, stage=stage)
        assert row["says"] == "moved", row
        assert row["difference"]["mean"] < -row["difference"]["floor"]
        news, others = (cause["difference"]["mean"] for cause in row["causes"])
        assert news < row["difference"]["mean"] / 2
        assert abs(others) < abs(news) / 2
        assert row["after"]["leaders"]["open_model"] == "strong-open"
        # what the causes do and what they leave over is the whole difference
        rest = row["remainder"]["mean"]
        assert news + others + rest == pytest.approx(row["difference"]["mean"], abs=1e-9)

    text = found.text("en")
    assert "from news (new: strong-open)" in text
    assert "open frontier held by strong-open" in text
    assert "news（新規: strong-open）" in found.text("ja")
    document = valid(found.to_json("ja"))
    assert document["causes"][0]["members"][0]["new_models"] == ["strong-open"]


def test_both_sides_are_what_the_lag_command_says() -> None:
    found = diff("small", "strong", results="lag", causes=0)
    for side in ("small", "strong"):
        with headway.data_choice(side):
            rows = headway.lag().documents
        name = {"small": "before", "strong": "after"}[side]
        assert [r[name]["quantity"] for r in found.answers] == [r["lag"] for r in rows]
    assert [g.kind for g in found.groups] == ["others"]


def test_by_model_the_model_is_the_cause() -> None:
    found = diff("small", "strong", results="lag", by="model")
    assert found.groups[0].name == "strong-open"
    assert of(found, "lag", "cyber")["causes"][0]["difference"]["mean"] < 0


def test_the_other_direction_is_the_mirror() -> None:
    there = diff("small", "strong", results="lag")
    back = diff("strong", "small", results="lag")
    for one, two in zip(there.answers, back.answers, strict=True):
        assert (one["before"], one["after"]) == (two["after"], two["before"])
        there_mean, back_mean = one["difference"]["mean"], two["difference"]["mean"]
        assert (there_mean is None) == (back_mean is None)
        if there_mean is not None:
            assert there_mean == pytest.approx(-back_mean, abs=1e-12)
            assert one["difference"]["floor"] == pytest.approx(two["difference"]["floor"])


# Verdicts --------------------------------------------------------------------------------------


def test_a_verdict_that_flips_is_marked_and_sure_under_every_seed() -> None:
    """Without gpt-5's lead in general ability the open models catch up within six months."""
    found = diff("small", "flipped")
    row = of(found, "tests", "general", hypothesis="lag_6_18", definition="lag_mean_12m")
    assert row["verdict"]["flips"]
    assert row["verdict"]["firm"]
    assert (row["verdict"]["before"], row["verdict"]["after"]) == ("undecided", "contradicted")
    assert row["verdict"]["after_by_seed"] == {"contradicted": SEEDS}
    assert row in found.flips
    assert found.moved

    assert "The lag is 6 to 18 months (General): undecided (3 of 3 seeds) → contradicted" in (
        found.text("en")
    )
    assert "遅れは6〜18か月である（一般）: 判定できない（3 シード中 3）→ 否定される" in (
        found.text("ja").replace(" →", "→")
    )
    document = valid(found.to_json())
    assert document["summary"]["verdicts_flipped"] == len(found.flips)
    assert document["summary"]["verdicts_flipped_in_every_seed"] >= 1
    # an only cause is the whole difference
    assert row["causes"][0]["difference"] == row["difference"]
    assert "the only change that can move it" in found.text("en")


# Nothing moves ---------------------------------------------------------------------------------


def test_the_same_data_twice_say_so() -> None:
    found = diff("small")
    assert found.is_same
    assert found.after.name == "small"
    assert all(table.is_same for table in found.tables.values())
    assert {row["says"] for row in found.answers} == {"same"}
    assert [w.code for w in found.warnings] == ["diff_same"]
    assert not found.flips
    assert found.table().is_empty()
    valid(found.to_json())
    for lang in ("en", "ja"):
        assert found.text(lang)


def test_what_no_answer_rests_on_moves_none() -> None:
    found = diff("small", "fewer", results="lag")
    assert found.groups == ()
    assert {row["says"] for row in found.answers} == {"same"}
    assert found.tables["published_estimates"].removed.height == 1
    assert "Nothing that the answers rest on" in found.text("en")


def test_rows_held_back_count_where_the_choice_lets_them() -> None:
    """A score put in quarantine moves the lag, and does not for those who include quarantined rows."""
    plain = diff("small", "held", results="lag")
    assert plain.moved
    with headway.data_choice(quarantined="include"):
        included = diff("small", "held", results="lag")
    assert {row["says"] for row in included.answers} == {"same"}
    assert included.options["quarantined"] == "include"
    assert included.tables["scores"].columns["use"] > 0


def test_a_source_that_goes_altogether_leaves_nothing_to_answer_from(
    folders: Path, tmp_path: Path
) -> None:
    """All scores are replaced by those of another source: each half alone is shown as it is."""
    tables = small()
    moved = with_source(tables, "other", pl.lit(value=True))
    other = {**moved, "scores": moved["scores"].with_columns(
        score_id=pl.concat_str(pl.lit("e"), "score_id"))}  # fmt: skip
    one, two = write(tmp_path / "one", tables), write(tmp_path / "two", other)
    found = diff(str(one), str(two), results="lag")
    row = of(found, "lag", "coding")
    assert row["difference"]["value"] == 0
    gone = [g.name for g in found.groups].index("synthetic")
    assert [row["causes"][gone][k] for k in ("value", "state", "verdict")] == [None] * 3
    assert row["causes"][gone]["difference"]["seeds"] == 0
    assert row["remainder"]["value"] is None
    valid(found.to_json())
    assert found.text("en")


# Dates -----------------------------------------------------------------------------------------


def test_both_answer_as_of_the_later_last_day_and_the_own_day_is_told() -> None:
    found = diff("small", "later", results="lag", definition="lag_now")
    assert found.as_of == date(2026, 9, 30)
    row = of(found, "lag", "general")
    assert row["says"] == "same"
    assert set(row["own_date"]) == {"before"}
    months = (date(2026, 9, 30) - DATA_THROUGH).days / 30.4375
    own = row["own_date"]["before"]["quantity"]["value"]
    assert row["before"]["quantity"]["value"] == pytest.approx(own + months, abs=0.01)
    assert [w.code for w in found.warnings] == ["diff_beyond"]
    assert "small at its own last day" in found.text("en")


def test_a_day_on_which_nothing_was_known_is_refused() -> None:
    with pytest.raises(BadOption, match="2020-01-01"):
        diff("small", "strong", as_of=date(2020, 1, 1))


# Noise -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seeds", [3, 5, 10])
def test_the_noise_floor_keeps_its_promise(seeds: int) -> None:
    """Of differences that are 0 in truth 5 % lie beyond the floor (false alarm 1 in 1000)."""
    draws = np.random.default_rng(20261201).normal(size=(1000, seeds))
    beyond = sum(abs(row.mean()) > (margin(list(row)) or 0) for row in draws)
    assert stats.binomtest(beyond, 1000, 0.05).pvalue > 0.001 / 3


def test_a_real_difference_lies_beyond_the_floor() -> None:
    draws = 1 + np.random.default_rng(1).normal(0, 0.3, size=(500, 5))
    found = [abs(row.mean()) > (margin(list(row)) or np.inf) for row in draws]
    assert np.mean(found) > 0.95


def test_the_noise_of_two_seeds_is_not_judged() -> None:
    assert margin([0.1, 0.2]) is None
    found = diff("small", "strong", results="lag", seeds=1)
    row = of(found, "lag", "cyber")
    assert row["says"] == "not_judged"
    assert row["difference"]["value"] is not None
    assert row["state"]["firm"] is None
    assert "not measured with 1 of the 3 seeds" in found.text("en")
    assert "nothing can be said" in found.text("en")
    assert "What each cause alone does" in found.text("en")
    valid(found.to_json())


def test_causes_beyond_the_limit_are_tried_together() -> None:
    found = [Cause("source", str(i), 1, 0, 0) for i in range(5)]
    assert [len(g.causes) for g in groups_of(found, 2)] == [1, 1, 3]
    assert [len(g.causes) for g in groups_of(found, 4)] == [1] * 5
    assert groups_of([], 2) == ()
    assert Group(tuple(found)).to_json()["name"] is None


# The cache -------------------------------------------------------------------------------------


def test_a_second_run_fits_nothing_and_only_the_releases_stay_in_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWAY_CACHE_DIR", str(tmp_path / "cache"))
    first = diff("small", "strong", results="lag")
    assert len(list((tmp_path / "cache").glob("posterior-*"))) == 2

    def never(*_: object) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr(data_diff_answers, "_answers", never)
    again = diff("small", "strong", results="lag")
    assert again.answers == first.answers
    assert again.provenance == first.provenance


# Tables, files, errors -------------------------------------------------------------------------


def test_only_the_tables_take_no_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_diff_answers, "answer_rows", None)
    found = diff("small", "strong", results="none", table="scores,access")
    assert list(found.tables) == ["scores", "access"]
    assert found.answers == ()
    text = found.text("en", limit=3)
    assert "STRONG" not in text
    assert "strong-open" in text
    assert "more rows" in text
    valid(found.to_json())


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_changed_cells_are_written_whole(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"changes.{ending}"
    found = diff("small", "flipped", results="none", output=path)
    read = pl.read_csv(path) if ending == "csv" else pl.read_parquet(path)
    assert read.height == found.table().height == 4 * 2
    assert set(read["column"]) == {"score", "value"}
    assert set(read["model_version"]) == {"gpt-5"}
    assert found.path == path


def test_results_are_a_frame() -> None:
    frame = diff("small", "strong", results="lag").results()
    assert frame.filter(pl.col("says") == "moved").height >= 3
    assert diff("small", "strong", results="none").results().is_empty()


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"after": "strnog"}, NotFound, "strong"),
        ({"results": "none,lag"}, BadOption, "none"),
        ({"results": "everything"}, BadOption, "lag, tests, none"),
        ({"seeds": 0}, BadOption, "1 to 20"),
        ({"causes": -1}, BadOption, "0 to 50"),
        ({"table": "score"}, BadOption, "scores"),
        ({"by": "benchmark"}, BadOption, "source, model"),
        ({"definition": "lag"}, BadOption, "lag_mean_12m"),
        ({"output": "changes.xlsx"}, BadOption, "changes.xlsx"),
        ({"results": "none", "output": "nowhere/changes.csv"}, HeadwayError, "changes.csv"),
    ],
)
def test_bad_options_are_named(
    options: dict[str, Any], error: type[HeadwayError], words: str
) -> None:
    with pytest.raises(error, match=words):
        diff("small", **{"after": "strong", **options})


def test_a_damaged_release_is_named(folders: Path, tmp_path: Path) -> None:
    broken = write(tmp_path / "broken", small())
    (broken / "scores.parquet").write_bytes(b"PAR1")
    with pytest.raises(Unreadable, match=r'"broken|broken" cannot be compared.*scores') as caught:
        diff("small", str(broken), results="none")
    assert "比較できません" in localised_text(caught.value)

    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "release.json").write_text(json.dumps({"tables": {}}))
    with pytest.raises(Unreadable, match="strange"):
        diff(str(strange), "small", results="none")
    with pytest.raises(NotFound):
        diff(str(tmp_path), "small", results="none")


def localised_text(error: HeadwayError) -> str:
    from headway.problems import localised

    return localised(error, "ja")[0]


def test_text_from_a_release_cannot_steer_a_terminal(tmp_path: Path) -> None:
    hostile = "\x1b]0;owned\x07red\u202e"
    tables: Tables = small()
    named = tables["sources"].with_columns(title=pl.lit(hostile))
    one = write(tmp_path / "one", tables)
    two = write(tmp_path / f"two{hostile.replace('/', '')}", {**tables, "sources": named})
    text = diff(str(one), str(two), results="none", table="sources").text("en")
    assert not set("\x1b\x07\u202e") & set(text)
