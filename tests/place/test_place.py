"""Placing a model by its own results: definitions, states, agreement with the full fit, no trace."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import headway
from headway.api import place as place_module
from headway.api.engine import posteriors
from headway.errors import BadTable, BadValue, ColumnsMissing
from headway.estimate.lag.entrants import Entrants, day_number
from headway.estimate.lag.place import date_equalled, place
from headway.result import DAYS_PER_MONTH, Interval, Quantity
from headway.tables.store import Release, load_release
from tests.api.test_api import valid
from tests.place.worlds import world_and_truth
from tests.sources.test_formats import header, log, record, result, summaries

AS_OF = date(2026, 6, 30)


# The estimator -------------------------------------------------------------------------------


def world(ability: list[list[float]]) -> Entrants:
    """Three closed models in 2024, 2025, 2026 (each on 1 January), then three open ones in 2026."""
    never = np.inf
    closed = [day_number(date(y, 1, 1)) for y in (2024, 2025, 2026)]
    opened = [day_number(date(2026, m, 1)) for m in (1, 2, 3)]
    return Entrants(
        model_version=("c1", "c2", "c3", "o1", "o2", "o3"),
        lab=tuple("abcdef"),
        open_from=np.array([never] * 3 + opened),
        closed_public_from=np.array(closed + [never] * 3),
        closed_any_from=np.array(closed + [never] * 3),
        ability=np.array(ability, dtype=np.float64),
        informative=np.ones(6, dtype=bool),
    )


LEVELS = [1.0, 2.0, 3.0, 0.5, 1.5, 1.0]


def placed(*ability: float, **options: object):  # type: ignore[no-untyped-def]
    draws = world([LEVELS] * len(ability))
    return place(draws, np.array(ability), frontier="public", as_of=AS_OF, **options)


def test_a_level_between_two_records_equals_the_later_one() -> None:
    found = placed(1.5, 1.5)

    assert found.date_equalled.value == date(2025, 1, 1)
    assert found.closed_model == "c2"
    assert found.lag.value == pytest.approx((AS_OF - date(2025, 1, 1)).days / DAYS_PER_MONTH)
    assert found.lag.status == found.date_equalled.status == "estimated"


def test_a_tie_counts_as_matched() -> None:
    assert placed(2.0, 2.0).date_equalled.value == date(2025, 1, 1)


def test_ahead_of_every_closed_model_is_a_state_without_a_value() -> None:
    found = placed(9.0, 9.0)

    assert found.date_equalled.status == "open_leads"
    assert found.date_equalled.value is None
    assert found.date_equalled.to_json()["interval"] == {
        "low": "inf",
        "high": "inf",
        "level": 0.9,
        "kind": "eti",
    }
    assert found.date_equalled.notes == ("p_ahead_of_closed:1",)
    assert found.closed_model is None


def test_a_level_that_the_first_closed_model_has_is_a_bound() -> None:
    found = placed(0.2, 0.2)

    assert found.lag.status == "censored"
    assert found.lag.interval is not None
    assert found.lag.interval.high == math.inf
    assert found.date_equalled.value == date(2024, 1, 1)
    assert found.date_equalled.low is None
    assert found.date_equalled.to_json()["interval"]["low"] == "-inf"
    assert found.date_equalled.notes == ("p_before_first_closed:1",)


def test_states_mix_and_sort_as_for_a_lag() -> None:
    found = placed(9.0, 9.0, 2.5, 1.5, 0.2, level=0.5)

    assert found.lag.status == "estimated"
    assert found.date_equalled.value == date(2026, 1, 1)
    assert found.lag.probabilities == {
        "open_leads": pytest.approx(0.4),
        "estimated": pytest.approx(0.4),
        "censored": pytest.approx(0.2),
    }
    assert found.date_equalled.to_json()["interval"]["high"] == "inf"


def test_uplift_is_over_the_best_open_model_in_points() -> None:
    found = placed(2.0, 1.0, per_logit=10.0)

    assert found.uplift.unit == "points"
    assert found.uplift.value == pytest.approx(0.0)  # +5 and -5
    assert found.probability_above_open.value == 0.5
    assert found.open_model == "o2"
    assert found.uplift.n == 3


def test_uplift_without_a_scale_is_in_logits() -> None:
    assert placed(2.0, 2.0).uplift.unit == "logits"


def test_later_entries_are_ignored() -> None:
    draws = world([LEVELS] * 2)
    found = place(
        draws,
        np.array([2.5, 2.5]),
        frontier="public",
        as_of=date(2026, 2, 15),
        min_open=2,
    )

    assert found.open_model == "o2"
    early = place(
        draws, np.array([2.5, 2.5]), frontier="public", as_of=date(2025, 6, 1), min_open=0
    )
    assert early.lag.status == "not_estimable"
    assert "too_few_closed:2<3" in early.lag.notes


def test_what_is_missing_leaves_every_quantity_without_a_value() -> None:
    found = placed(2.0, 2.0, missing=("no_own_scores",))

    assert {found.lag.status, found.uplift.status, found.probability_above_open.status} == {
        "not_estimable"
    }
    assert found.date_equalled.to_json()["value"] is None
    assert found.lag.notes == ("no_own_scores",)


def test_the_date_mirrors_the_lag() -> None:
    lag = Quantity(12.0, "months", Interval(-math.inf, 20.0, 0.9, "eti"), 4, 2, "estimated")
    found = date_equalled(lag, AS_OF)

    assert found.high is None
    assert found.to_json()["interval"]["high"] == "inf"
    assert found.low is not None
    assert found.low < found.value  # type: ignore[operator]


# The verb, on the small release ----------------------------------------------------------------


def own_rows(release: Release, model: str, name: str) -> pl.DataFrame:
    """A released model's fit rows, one per benchmark, as a file states them."""
    used = release.benchmarks.filter(pl.col("role") == "fit")["benchmark"].implode()
    return (
        release.scores.filter(
            (pl.col("model_version") == model)
            & (pl.col("use") == "fit")
            & pl.col("benchmark").is_in(used)
        )
        .unique("benchmark", keep="first", maintain_order=True)
        .select(
            pl.lit(name).alias("model"),
            "benchmark",
            pl.col("value").alias("score"),
            "n",
            "unit",
            "attempts",
        )
    )


def without(release: Release, model: str) -> Release:
    """The release as if the model did not exist."""
    gone = pl.col("model_version") != model
    return replace(
        release,
        scores=release.scores.filter(gone),
        model_versions=release.model_versions.filter(gone),
        access=release.access.filter(gone),
        model_aliases=release.model_aliases.filter(gone),
    )


@pytest.fixture
def mine(small_release: Path, tmp_path: Path) -> Path:
    file = tmp_path / "mine.csv"
    own_rows(load_release(), "open-13", "My Model").write_csv(file)
    return file


@pytest.fixture
def spread(small_release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of coding scores against a release whose models scatter widely around their trend."""
    release, rows, _ = world_and_truth(load_release(), np.random.default_rng(3))
    monkeypatch.setattr(place_module, "load", lambda: release)
    file = tmp_path / "spread.csv"
    rows.select("model", "benchmark", "score", "n").write_csv(file)
    return file


def test_the_envelope_is_valid_and_every_row_is_accounted_for(mine: Path) -> None:
    document = valid(headway.place(mine, frontier="public,restricted").to_json())
    (account,) = document["models"]

    assert account["rows"] == account["used"] == len(pl.read_csv(mine))
    assert len(document["results"]) == 2 * 10
    assert document["results"][0]["date_equalled"]["status"] == "estimated"
    assert document["results"][0]["coverage"]["informative"]


#: Runs the command line and says which files Python opened for writing, made, moved or removed.
WATCHED = """
import json, os, sys
touched = []
def hook(event, args):
    if event == "open" and isinstance(args[0], (str, bytes)) and args[2] is not None:
        if args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and os.fsdecode(args[0]) != os.devnull:
            touched.append([event, os.fsdecode(args[0])])
    elif event in {"os.mkdir", "os.rename", "os.remove", "os.link", "os.symlink", "os.truncate"}:
        touched.append([event, os.fsdecode(args[0])])
    elif event == "socket.connect":
        touched.append([event, str(args[1])])
sys.addaudithook(hook)
from headway.cli.app import app
try:
    app(["place", *sys.argv[1:]], standalone_mode=False)
finally:
    print(json.dumps(touched), file=sys.stderr)
"""


def files_in(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file()
        else "folder"
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("form", ["csv", "eval", "json"])
def test_nothing_is_written_anywhere(small_release: Path, tmp_path: Path, form: str) -> None:
    """A real process: not to the cache, the data folder, the home, the temporary or current folder."""
    root = tmp_path / "root"
    for name in ("home", "tmp", "cache", "here"):
        (root / name).mkdir(parents=True)
    shutil.copytree(small_release.parent, root / "data" / "releases")
    file = root / "here" / f"secret-model.{form}"
    names = {"openai/gpt-5": "Secret", "lab/model": "Secret"}
    names |= {"cybench": "cyber-exploit-0", "bench": "coding-0-0"}
    if form == "csv":
        own_rows(load_release(), "open-13", "Secret").write_csv(file)
    elif form == "eval":
        log(file, header(), summaries())
    else:
        file.write_text(json.dumps(record(result())))
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(headway.__file__).parents[1]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(root / "home"),
        "TMPDIR": str(root / "tmp"),
        "HEADWAY_DATA_DIR": str(root / "data"),
        "HEADWAY_CACHE_DIR": str(root / "cache"),
    }
    before = files_in(root)
    words = [w for a, b in names.items() for w in ("--name", f"{a}={b}")]
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(file), *words, "--json"],
        env=env,
        cwd=root / "here",
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["models"][0]["model"] == "Secret"
    assert files_in(root) == before
    assert json.loads(done.stderr.splitlines()[-1]) == []


def test_every_domain_and_stage_has_intervals_or_a_reason_and_its_coverage(mine: Path) -> None:
    rows = pl.read_csv(mine)
    document = headway.place(mine, stage="all").to_json()
    release = load_release().benchmarks
    given = rows.join(release, on="benchmark")

    assert {(r["domain"], r["stage"]) for r in document["results"]} >= {
        ("cyber", stage)
        for stage in ("find_reproduce", "exploit", "range", "ctf_mixed", "defensive")
    }
    document["results"] += headway.place(mine).to_json()["results"]
    for row in document["results"]:
        wanted = given.filter(pl.col("domain") == row["domain"])
        if row["stage"] is not None:
            wanted = wanted.filter(pl.col("stage").cast(pl.String) == row["stage"])
        assert row["coverage"]["n_scores"] == len(wanted), row
        for quantity in (row["date_equalled"], row["lag"], row["uplift"]):
            if quantity["status"] == "not_estimable":
                assert quantity["notes"], row
                assert quantity["interval"] is None
            else:
                assert quantity["interval"]["level"] == 0.9
                assert row["coverage"]["informative"]


def test_equal_files_give_equal_numbers(mine: Path) -> None:
    first, second = headway.place(mine), headway.place(mine)

    assert first.to_json() == second.to_json()
    assert first.table().equals(second.table())


def test_several_models_give_a_block_each_that_does_not_depend_on_the_others(
    mine: Path, tmp_path: Path
) -> None:
    other = own_rows(load_release(), "open-05", "Another")
    both = tmp_path / "both.csv"
    pl.concat([other, pl.read_csv(mine)], how="vertical_relaxed").write_csv(both)
    alone, together = headway.place(mine), headway.place(both)

    assert [m["model"] for m in together.models] == ["Another", "My Model"]
    assert tuple(r for r in together.documents if r["model"] == "My Model") == alone.documents
    assert together.text("en").count("scores used") == 2


def test_the_placed_model_defines_no_frontier(spread: Path, tmp_path: Path) -> None:
    """Results better than all others place it ahead of closed models, not level with itself."""
    best = tmp_path / "best.csv"
    pl.read_csv(spread).with_columns(score=pl.lit(0.998), n=pl.lit(20_000)).write_csv(best)
    for access in ("closed", "open_weight"):
        found = headway.place(best, "coding", access=access).documents[0]
        assert found["date_equalled"]["status"] == "open_leads"
        assert found["open_model"] != "own.placed"
        assert found["probability_above_open"]["value"] > 0.9


def test_parts_without_a_score_say_so(mine: Path, tmp_path: Path) -> None:
    some = tmp_path / "some.csv"
    pl.read_csv(mine).filter(pl.col("benchmark").str.starts_with("coding")).write_csv(some)
    rows = {(r["domain"], r["stage"]): r for r in headway.place(some).documents}

    assert rows["coding", None]["coverage"]["n_scores"] == 4
    assert rows["cyber", "exploit"]["lag"]["notes"][0] == "no_own_scores"
    assert rows["cyber", "exploit"]["coverage"]["n_scores"] == 0
    assert rows["cyber", "exploit"]["ability"]["notes"] == ["from_other_parts"]


def test_scores_that_say_too_little_are_refused_with_the_ratio(mine: Path, tmp_path: Path) -> None:
    weak = tmp_path / "weak.csv"
    pl.read_csv(mine).filter(pl.col("benchmark") == "coding-3-0").with_columns(
        n=pl.lit(1), score=pl.lit(0.0)
    ).write_csv(weak)
    row = headway.place(weak, "coding").documents[0]

    assert row["lag"]["status"] == "not_estimable"
    assert row["lag"]["notes"][0].startswith("own_scores_too_few:")
    assert not row["coverage"]["informative"]
    assert row["coverage"]["sd_ratio"] > 0.7


def test_an_unknown_benchmark_is_named_with_close_ones(tmp_path: Path, small_release: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("model,benchmark,score\nNew,codin-0-0,0.5\n")

    with pytest.raises(BadValue, match="coding-0-0"):
        headway.place(file)


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("model,score\nNew,0.5\n", ColumnsMissing, "benchmark"),
        ("model,benchmark,score\nNew,coding-0-0,1.4\n", BadValue, "outside 0 to 1"),
        ("model,benchmark,score\n,coding-0-0,0.4\n", BadValue, "empty"),
        ("model,benchmark,score,n\nNew,coding-0-0,0.4,0\n", BadValue, "whole number"),
        ("model,benchmark,score,n\nNew,coding-0-0,0.4,1.5\n", BadValue, "whole number"),
        ("model,benchmark,score,token_budget\nN,coding-0-0,0.4,0\n", BadValue, "above 0"),
        (
            "model,benchmark,score\nNew,coding-0-0,0.4\nNew,coding-0-0,0.5\n",
            BadTable,
            "repeats line 2",
        ),
    ],
)
def test_bad_files_are_refused(
    tmp_path: Path, small_release: Path, text: str, error: type[Exception], words: str
) -> None:
    file = tmp_path / "x.csv"
    file.write_text(text)

    with pytest.raises(error, match=words):
        headway.place(file)


def test_a_registered_name_warns_and_is_still_a_new_model(mine: Path, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    own_rows(load_release(), "open-13", "open-13").write_csv(file)
    named, new = headway.place(file), headway.place(mine)

    assert [w.code for w in named.warnings] == ["place_registered"]
    assert named.documents[0]["lag"] == new.documents[0]["lag"]


def test_an_inspect_log_is_placed_under_a_name_of_its_own(
    small_release: Path, tmp_path: Path
) -> None:
    path = log(tmp_path / "x.eval", header(), summaries())
    found = headway.place(path, model="My Model", names={"cybench": "cyber-exploit-0"})
    assert found.models == ({"model": "My Model", "rows": 1, "used": 1, "left_out": {}},)

    with pytest.raises(BadValue, match="run error"):
        headway.place(log(tmp_path / "y.eval", header(status="error"), summaries()))


def test_rows_that_no_fit_takes_are_counted_and_named(
    mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = load_release()
    spoilt = release.benchmarks.with_columns(
        role=pl.when(pl.col("domain") == "coding")
        .then(pl.lit("not_used"))
        .otherwise(pl.col("role").cast(pl.String))
        .cast(release.benchmarks.schema["role"])
    )
    changed = replace(release, benchmarks=spoilt)
    monkeypatch.setattr(place_module, "load", lambda: changed)
    found = headway.place(mine)

    (account,) = found.models
    assert account["left_out"] == {"benchmark_not_used": account["rows"] - account["used"]}
    assert "a benchmark that no fit uses" in found.text("en")
    only = tmp_path / "only.csv"
    pl.read_csv(mine).filter(pl.col("benchmark").str.starts_with("coding")).write_csv(only)
    nothing = headway.place(only)
    assert nothing.models[0]["used"] == 0
    assert {r["lag"]["status"] for r in nothing.documents} == {"not_estimable"}
    assert valid(nothing.to_json())


def test_as_of_and_released_are_used(spread: Path) -> None:
    """Seen from an earlier day the level is less old; the answer names its options."""
    now = headway.place(spread, "coding")
    then = headway.place(spread, "coding", as_of=date(2026, 3, 1))
    assert then.documents[0]["lag"]["value"] < now.documents[0]["lag"]["value"]
    assert then.options["released"] == "2026-03-01"
    other = headway.place(spread, "coding", released=date(2024, 1, 1))
    assert other.options["released"] == "2024-01-01"
    assert other.documents != now.documents


# Against the full fit, and against the truth -----------------------------------------------------


@pytest.mark.parametrize("model", ["deepseek-r1", "kimi-k2-thinking", "gpt-5"])
def test_a_released_model_placed_by_its_rows_is_where_the_full_fit_has_it(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the shipped release: the full fit's median date lies in the placed one's interval.

    The full fit knows the set-ups of the rows; placing does not, so its interval is the wider.
    """
    release = load_release()
    version = release.model_versions.filter(pl.col("model_version") == model)
    file = tmp_path / "x.csv"
    own_rows(release, model, "New").write_csv(file)
    gone = without(release, model)
    monkeypatch.setattr(place_module, "load", lambda: gone)
    found = headway.place(
        file,
        "coding,general",
        access="open_weight" if version["open_weight"][0] else "closed",
        released=version["released"][0],
    )
    whole = posteriors(release, seed=1)["all"]
    at = whole.models.index(model)
    others = np.arange(len(whole.models)) != at
    compared = 0
    for row in found.documents:
        cell = (row["domain"], row["stage"])
        if row["lag"]["status"] == "not_estimable":
            continue
        full = place(
            whole.entrants_in(cell).keep(others),
            whole.cells[cell].theta[:, at],
            frontier="public",
            as_of=release.data_through,
        )
        low, high = (float(row["lag"]["interval"][end]) for end in ("low", "high"))
        assert full.lag.value is not None
        assert low <= full.lag.value <= high, (cell, row["lag"], full.lag)
        compared += 1
    assert compared == 2


@pytest.mark.slow
def test_nominal_90_intervals_hold_the_true_date(
    small_release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In simulated worlds the 90 % interval holds the true date in 90 % (false alarm 1 in 1000).

    Truths scatter around a trend with sd 0.6; every world has new abilities, items and scores.
    """
    from scipy import stats

    base = load_release()
    reps, hits, told = 200, 0, 0
    for rep in range(reps):
        release, rows, truth = world_and_truth(base, np.random.default_rng([20261125, rep]))
        ask = place_module._Ask(
            cells=(("coding", None),),
            frontiers=("public",),
            as_of=release.data_through,
            known=None,
            level=0.9,
            seed=rep,
            launch=release.data_through,
            is_open=True,
        )
        ((row,), _) = place_module._place_all(release, rows, "all", ask)
        if row["lag"]["status"] == "not_estimable":
            continue
        told += 1
        low, high = (float(row["lag"]["interval"][end]) for end in ("low", "high"))
        hits += low - 1e-9 <= truth <= high + 1e-9

    assert told > 0.9 * reps
    assert stats.binomtest(hits, told, 0.9, alternative="less").pvalue > 0.001, (hits, told)
