"""The back-test: what is issued when, on which rows, and what the scores add up to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from headway.checks.backtest import (
    AGES,
    DRAWS,
    MEMBERS,
    STUDY,
    Issued,
    TargetRecord,
    find_targets,
    issue_days,
    replay,
)
from headway.checks.backtest_scores import RANKED_FROM, judge
from headway.checks.refits import Refit, refit
from headway.estimate.lag.entrants import day_number
from headway.estimate.lag.forecast import (
    BASELINES,
    COMPONENTS,
    Outcome,
    Rule,
    coverage,
    forecasts,
    history,
    pit_masses,
    simulate,
    target_in,
)
from tests.forecast.worlds import MONTH, steady, until
from tests.small_release import DATA_THROUGH, small_tables

THROUGH = date(2026, 9, 30)
#: Fewer than in the study, because every age is a fit.
FEW_AGES = (0, 6)
NAMES = ("scores", "benchmarks", "model_versions", "access")


def test_forecasts_are_issued_at_month_ends_and_fixed_ages() -> None:
    found = issue_days(date(2025, 1, 31), THROUGH)
    assert [age for age, _ in found] == list(AGES)
    assert [d for _, d in found] == [
        date(2025, 1, 31), date(2025, 4, 30), date(2025, 7, 31), date(2025, 10, 31), date(2026, 1, 31),
    ]  # fmt: skip
    # one that could be judged for less than a month is not issued
    assert issue_days(date(2026, 8, 3), THROUGH) == [] or issue_days(date(2026, 8, 3), THROUGH)[0][
        1
    ] <= date(2026, 8, 31)
    assert issue_days(date(2026, 9, 3), THROUGH) == []


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    return {name: frame for name, frame in small_tables().items() if name in NAMES}


@pytest.fixture(scope="module")
def targets(tables: dict[str, pl.DataFrame]) -> list[TargetRecord]:
    whole = refit(tables, Refit("all"), draws=DRAWS, seed=1)
    return find_targets(whole, DATA_THROUGH, cells=(("cyber", None),))


def test_targets_are_closed_record_setters_with_their_outcome(targets: list[TargetRecord]) -> None:
    """Open models of the small release follow eight months behind."""
    assert len(targets) >= 8
    waits = []
    for target in targets:
        assert not target.model_version.startswith("open")
        assert target.record_probability >= 0.5
        assert target.reached.shape == (DRAWS,)
        if np.isfinite(target.reached).mean() > 0.9:
            waits.append(float(np.median(target.reached)) - day_number(target.entered))
    assert np.median(waits) / MONTH == pytest.approx(9.0, abs=2.0)


@pytest.fixture(scope="module")
def some(targets: list[TargetRecord]) -> list[TargetRecord]:
    """Two targets, so that few fits are needed."""
    return targets[4:6]


@pytest.fixture(scope="module")
def issued(tables: dict[str, pl.DataFrame], some: list[TargetRecord]) -> list[Issued]:
    return replay(tables, some, through=DATA_THROUGH, seed=3, workers=1, ages=FEW_AGES)


def test_every_planned_forecast_is_issued_or_says_why_not(
    issued: list[Issued], some: list[TargetRecord]
) -> None:
    planned = sum(len(issue_days(t.entered, DATA_THROUGH, FEW_AGES)) for t in some)
    assert len(issued) == 2 * planned
    assert {i.strict for i in issued} == {True, False}
    for one in issued:
        if one.status != "issued":
            assert one.status in {"held_reached", "target_not_scored", "not_estimable"}
            assert not one.members
            continue
        assert set(one.members) >= set(BASELINES)
        assert set(one.members) & set(COMPONENTS)
        # what is absent is named
        assert {f"no_{n}" for n in COMPONENTS if n not in one.members} == set(one.missing)
        assert all(m.shape == (MEMBERS,) for m in one.members.values())
        assert one.n_target_rows > 0
    assert any(i.status == "issued" for i in issued)


def test_strict_runs_see_only_rows_with_a_date_of_their_own(issued: list[Issued]) -> None:
    for one in issued:
        if one.status == "issued":
            assert one.pseudo_share is not None
            assert (one.pseudo_share == 0) == one.strict
    rows = {(i.issued, i.strict): i.n_rows for i in issued if i.status == "issued"}
    for day, strict in rows:
        if strict and (day, False) in rows:
            assert rows[day, True] < rows[day, False]


def test_what_became_known_later_changes_no_forecast(
    tables: dict[str, pl.DataFrame], some: list[TargetRecord], issued: list[Issued]
) -> None:
    """Scores known after the last day of issue are made absurd; forecasts stay as they were."""
    last = max(i.issued for i in issued if i.status == "issued")
    scores = tables["scores"].with_columns(
        *(
            pl.when(pl.col("known_on") > last).then(0.999).otherwise(pl.col(c)).alias(c)
            for c in ("score", "value")
        )
    )
    assert not scores.equals(tables["scores"])
    again = replay(
        {**tables, "scores": scores},
        some,
        through=DATA_THROUGH,
        seed=3,
        workers=1,
        ages=FEW_AGES,
    )
    compared = 0
    for before, after in zip(issued, again, strict=True):
        if before.issued > last or before.status != "issued":
            continue
        compared += 1
        for method, members in before.members.items():
            assert after.members[method] == pytest.approx(members), (before.issued, method)
    assert compared >= 2


def test_the_number_of_workers_changes_nothing(
    tables: dict[str, pl.DataFrame], some: list[TargetRecord], issued: list[Issued]
) -> None:
    again = replay(tables, some, through=DATA_THROUGH, seed=3, workers=2, ages=FEW_AGES)
    for one, two in zip(issued, again, strict=True):
        assert one.status == two.status
        for method, members in one.members.items():
            assert two.members[method] == pytest.approx(members)


# Judging ---------------------------------------------------------------------------------------


def invented(
    count: int, *, shift: float = 1.0, unresolved: int = 0, seed: int = 1
) -> tuple[list[TargetRecord], list[Issued]]:
    """Outcomes from the trend's own distribution times ``shift``; other forecasts are worse."""
    rng = np.random.default_rng(seed)
    targets, issued = [], []
    u = (np.arange(MEMBERS) + 0.5) / MEMBERS
    from scipy.stats import lognorm

    for i in range(count + unresolved):
        scale = float(np.exp(rng.normal(1.7, 0.3)))
        entered = date(2024, 1, 1) + timedelta(days=int(rng.integers(0, 300)))
        if i >= count:
            entered = date(2026, 6, 1)
        law = lognorm(0.4, scale=scale)
        wait = shift * float(law.rvs(random_state=rng))
        for cell in (("coding", None),) if i % 2 else (("general", None),):
            day = issue_days(entered, THROUGH)[0][1]
            at = day_number(day) + wait * MONTH
            reached = at if i < count else np.inf
            targets.append(
                TargetRecord(
                    cell, f"model-{i}", entered, 0.9, np.full(50, reached), f"open-{i // 2}"
                )
            )
            members = {name: 2.5 * law.ppf(u) for name in (*COMPONENTS, *BASELINES)}
            members["trend"] = law.ppf(u)
            members["survival"] = 1.3 * law.ppf(u)
            for strict in (True, False):
                issued.append(
                    Issued(cell, f"model-{i}", 0, day, strict, "issued", members, 0.0, 100, 5, 0.0)
                )
    return targets, issued


def judged(targets: list[TargetRecord], issued: list[Issued], **options: Any) -> dict[str, Any]:
    """The judgement with two prior strengths instead of five, which is quicker."""
    return judge(targets, issued, strengths=(3.0, np.inf), **options)


def pooled(result: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = result["vintages"][0]["summaries"][0]
    return found


def crps(result: dict[str, Any]) -> dict[str, float]:
    return {s["method"]: s["crps"] for s in pooled(result)["scores"]}


def test_a_true_forecast_is_calibrated_and_the_mixture_comes_close() -> None:
    targets, issued = invented(60)
    result = judged(targets, issued, through=THROUGH, seed=1)
    vintage = result["vintages"][0]
    pit = {c["method"]: c["pit"] for c in vintage["calibration"]}
    inside = {c["method"]: c["coverage"][-1]["share"] for c in vintage["calibration"]}
    # 60 outcomes in ten bins: a bin's share has a standard error of 0.039
    assert pit["trend"] == pytest.approx([0.1] * 10, abs=0.12)
    assert inside["trend"] == pytest.approx(0.9, abs=0.1)
    assert sum(pit["constant_6"][:3]) > 0.6, "forecasts that are 2.5 times too late"
    scores = crps(result)
    assert scores["trend"] == min(scores[m] for m in (*COMPONENTS, *BASELINES))
    assert scores["mixture"] < 1.1 * scores["trend"]
    assert result["chosen"]["beats_all"] is True
    assert result["chosen"]["method"] == "mixture"
    for row in pooled(result)["skill"]:
        assert row["skill"]["interval"]["low"] > 0


def test_the_best_naive_forecast_is_used_where_the_mixture_loses() -> None:
    targets, issued = invented(30)
    swapped = []
    for one in issued:
        members = dict(one.members)
        right = members["trend"]
        for name in COMPONENTS:
            members[name] = 6.0 * right
        members["last_lag"] = right
        swapped.append(Issued(**{**vars(one), "members": members}))
    result = judged(targets, swapped, through=THROUGH, seed=1)
    assert result["chosen"]["beats_all"] is False
    assert result["chosen"]["method"] == "last_lag"


def test_too_few_resolved_targets_are_not_ranked() -> None:
    targets, issued = invented(RANKED_FROM - 1, unresolved=8)
    result = judged(targets, issued, through=THROUGH, seed=1)
    row = pooled(result)
    assert row["n_targets"] == RANKED_FROM + 7
    assert row["n_resolved"] == RANKED_FROM - 1
    assert row["status"] == "too_few_to_rank"
    assert all(s["skill"]["status"] == "not_estimable" for s in row["skill"])
    assert result["chosen"]["method"] == "equal"


def test_unresolved_targets_still_count_up_to_today() -> None:
    """A forecast that says "long ago" loses on a target that is still open."""
    targets, issued = invented(12, unresolved=6)
    with_open = crps(judged(targets, issued, through=THROUGH, seed=1))
    kept = [t for t in targets if np.isfinite(t.reached).all()]
    names = {t.model_version for t in kept}
    resolved = [i for i in issued if i.model_version in names]
    without = crps(judged(kept, resolved, through=THROUGH, seed=1))
    assert with_open["trend"] != pytest.approx(without["trend"], rel=1e-6)


def test_vintages_are_never_pooled() -> None:
    """Making the other vintage absurd changes nothing in the strict one."""
    targets, issued = invented(20)
    absurd = [
        i
        if i.strict
        else Issued(**{**vars(i), "members": {k: v * 9 for k, v in i.members.items()}})
        for i in issued
    ]
    one, two = (judged(targets, x, through=THROUGH, seed=1)["vintages"] for x in (issued, absurd))
    assert one[0] == two[0]
    assert one[1] != two[1]


def test_the_interval_of_a_skill_widens_with_shared_releases() -> None:
    targets, issued = invented(40)
    shared = [
        TargetRecord(**{**vars(t), "reached_by": f"open-{i // 10}"}) for i, t in enumerate(targets)
    ]
    row = pooled(judged(shared, issued, through=THROUGH, seed=1))["skill"][0]["skill"]
    narrow, wide = row["interval"], row["interval_process"]
    assert wide["low"] <= narrow["low"] <= row["value"] <= narrow["high"] <= wide["high"]
    assert row["n"] == 40


def test_judging_is_deterministic_and_small_enough_to_ship() -> None:
    import json

    targets, issued = invented(25)
    one, two = (judged(targets, issued, through=THROUGH, seed=5) for _ in range(2))
    assert json.dumps(one, allow_nan=False) == json.dumps(two, allow_nan=False)
    assert len(one["forecasts"]["target"]) == len(issued)
    assert len(json.dumps(one, indent=1)) / len(issued) < 1500


def test_the_study_names_files_that_exist() -> None:
    import headway.checks.stored as stored

    for name in STUDY.method:
        assert (stored._PACKAGE / name).exists(), name


def _coverage_of_worlds(seeds: Sequence[int]) -> tuple[np.ndarray, float]:
    """PIT of the plain pool over worlds whose truth is known, and the share of resolved targets."""
    fine, resolved = [], []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        entrants, sizes, end = steady(rng, months=60.0, draws=150, lag=float(rng.uniform(4, 12)))
        day = end - timedelta(days=int(24 * MONTH))
        known = until(entrants, day)
        past = history(known, as_of=day)
        simulated = simulate(past, sizes, rng=rng)
        closed = [m for m in known.model_version if m.startswith("closed")]
        target = target_in(past, closed[-1])
        if target.reached.mean() > 0.5:
            continue
        truth = entrants.ability.mean(axis=0)
        level = truth[entrants.model_version.index(target.model_version)]
        days = np.where(truth >= level, entrants.open_from, np.inf)
        outcome = Outcome.from_draws(
            np.array([(days.min() - day_number(day)) / MONTH]),
            (day_number(end) - day_number(day)) / MONTH,
        )
        pool = Rule.equal(3).apply(forecasts(simulated, target), COMPONENTS)
        fine.append(pit_masses(pool, outcome, 100))
        resolved.append(outcome.resolved)
    return np.mean(fine, axis=0), float(np.mean(resolved))


@pytest.mark.slow
def test_forecasts_are_calibrated_on_invented_histories() -> None:
    """240 worlds with steady trends and irregular releases; a pool is overdispersed, never too sure.

    The 90 % interval must hold at least 86 % (false alarm at a true 90 %: about 2 %).
    """
    pit, resolved = _coverage_of_worlds(range(240))
    assert resolved > 0.9
    assert coverage(pit, 0.9) >= 0.86
    assert coverage(pit, 0.5) >= 0.42
    assert pit[:50].sum() == pytest.approx(0.5, abs=0.12)
