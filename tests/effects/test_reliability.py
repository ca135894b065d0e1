"""pass@k, pass^k and dependence on the developer."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.estimate.capability import CapabilityFit
from headway.estimate.lag.effects.dependence import dependence_rows, weights
from headway.estimate.lag.effects.reliability import (
    BetaTasks,
    pass_at_k,
    pass_hat_k,
    reliability_rows,
    tasks_from_moments,
)
from tests.effects.worlds import Sizes, make_world

URL = "https://example.org/runs"


@given(st.integers(2, 8), st.data())
def test_estimators_are_the_share_of_all_subsets(n: int, data: st.DataObject) -> None:
    """Unbiased: the mean over all ways of choosing k of the n attempts."""
    c = data.draw(st.integers(0, n))
    k = data.draw(st.integers(1, n))
    outcomes = [True] * c + [False] * (n - c)
    subsets = list(combinations(outcomes, k))

    counts = np.array([n]), np.array([c])
    assert pass_at_k(*counts, k)[0] == pytest.approx(np.mean([any(s) for s in subsets]))
    assert pass_hat_k(*counts, k)[0] == pytest.approx(np.mean([all(s) for s in subsets]))


def test_fewer_attempts_than_k_are_refused() -> None:
    with pytest.raises(AssertionError, match="at least k"):
        pass_at_k(np.array([2]), np.array([1]), 3)


@given(st.floats(0.05, 0.95), st.floats(-3, 3), st.integers(2, 30))
def test_two_published_numbers_give_the_distribution_back(
    mean: float, log_size: float, k: int
) -> None:
    truth = BetaTasks(mean, float(np.exp(log_size)))
    found = tasks_from_moments(mean, truth.any_of(k), k)

    assert found is not None
    assert found.size == pytest.approx(truth.size, rel=1e-4)
    assert found.all_of(3) <= found.mean <= found.any_of(3)
    assert 0 < found.between_attempts < 1


def test_numbers_that_no_distribution_has_are_refused() -> None:
    assert tasks_from_moments(0.3, 0.29, 3) is None, "any of 3 is never below the mean"
    assert tasks_from_moments(0.3, 0.70, 3) is None, "nor above independent attempts"
    assert tasks_from_moments(0.0, 0.2, 3) is None


def _runs(
    rates: dict[str, float], *, spread: float, tasks: int, runs: int, seed: int
) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for model, mean in rates.items():
        p = rng.beta(mean * spread, (1 - mean) * spread, size=tasks)
        for t in range(tasks):
            for r in range(runs):
                rows.append(
                    {
                        "model_version": model,
                        "benchmark": "b",
                        "scaffold": None,
                        "task_id": f"t{t}",
                        "run": f"r{r}",
                        "success": bool(rng.random() < p[t]),
                        "source_url": URL,
                    }
                )
    return pl.DataFrame(rows, schema_overrides={"scaffold": pl.String})


def _no_scores() -> pl.DataFrame:
    text = ("model_version", "benchmark", "evaluator", "scaffold", "unit", "use", "source_url")
    return pl.DataFrame(schema={**dict.fromkeys(text, pl.String()), "score": pl.Float64()})


def _versions(names: dict[str, bool]) -> pl.DataFrame:
    return pl.DataFrame(
        {"model_version": list(names), "lab": list(names), "open_weight": list(names.values())}
    )


def test_spread_between_attempts_is_recovered_from_runs() -> None:
    """Tasks from Beta(size 2): attempts make up 2/3 of the variance of one outcome."""
    rates = {f"o{i}": 0.4 for i in range(4)} | {f"c{i}": 0.6 for i in range(4)}
    runs = _runs(rates, spread=2.0, tasks=400, runs=2, seed=1)
    classes = {name: name.startswith("o") for name in rates}
    found = reliability_rows(
        _no_scores(), runs, _versions(classes), level=0.9, reps=300, rng=np.random.default_rng(2)
    )
    by = {(r.measure, r.access_class): r.estimate for r in found}

    for kind in ("open", "closed"):
        assert by["between_attempts", kind].value == pytest.approx(2 / 3, abs=0.05)
    truth = BetaTasks(0.4, 2.0).all_of(3) / BetaTasks(0.4, 2.0).any_of(3)
    assert by["all_by_any", "open"].value == pytest.approx(truth, abs=0.05)
    difference = by["all_by_any_open_less_closed", None]
    assert difference.value is not None
    assert difference.value < 0


def test_single_runs_say_nothing_about_reliability() -> None:
    runs = _runs({"o": 0.5, "c": 0.5}, spread=2.0, tasks=50, runs=1, seed=3)
    found = reliability_rows(
        _no_scores(),
        runs,
        _versions({"o": True, "c": False}),
        level=0.9,
        reps=50,
        rng=np.random.default_rng(0),
    )
    assert {r.estimate.status for r in found} == {"not_estimable"}
    assert found[0].estimate.notes == ("few_models:0<3",)


def test_published_runs_of_another_suite_agree(raw_data: Path) -> None:
    """Public runs with repeats (METR, January 2025): pass^2 <= mean <= pass@2 for every model.

    The file is not shipped (no licence is stated); it checks the estimators on real repeats.
    """
    path = raw_data / "metr" / "all_runs.2025-01-28.jsonl"
    if not path.exists():
        pytest.skip("the raw file is not there")
    runs = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    frame = pl.DataFrame(
        [
            {"model": r["alias"], "task": r["task_id"], "success": int(r["score_binarized"])}
            for r in runs
            if r["alias"] != "human" and r["score_binarized"] is not None
        ]
    )
    tasks = (
        frame.group_by("model", "task")
        .agg(pl.len().alias("n"), pl.col("success").sum().alias("c"))
        .filter(pl.col("n") >= 2)
    )
    assert len(tasks) > 500
    for _, part in tasks.group_by("model"):
        n, c = (part[x].to_numpy().astype(float) for x in ("n", "c"))
        mean = (c / n).mean()
        assert pass_hat_k(n, c, 2).mean() <= mean + 1e-9 <= pass_at_k(n, c, 2).mean() + 2e-9


@pytest.fixture(scope="module")
def fit() -> CapabilityFit:
    return make_world(np.random.default_rng(31), Sizes()).fit()


def test_shares_told_by_the_developer(fit: CapabilityFit) -> None:
    rows = fit.evidence.rows.with_columns(pl.Series("w", weights(fit)))
    own = rows.filter(pl.col("evaluator_relationship") == "first_party")["model_version"]
    model = str(own.value_counts(sort=True)["model_version"][0])
    found = dependence_rows(
        fit, [(model, "general", "open")], level=0.9, reps=200, rng=np.random.default_rng(1)
    )
    part = rows.filter(pl.col("model_version") == model)
    first = part.filter(pl.col("evaluator_relationship") == "first_party")["w"].sum()
    share = next(r.estimate for r in found if r.measure == "developer_alone")

    assert share.value == pytest.approx(first / part["w"].sum())
    either = next(r.estimate for r in found if r.measure == "developer_or_rival")
    assert either.value is not None
    assert share.value is not None
    assert either.value >= share.value
    mean = next(r.estimate for r in found if r.measure == "developer_alone_mean")
    assert mean.notes == ("few_labs:1<2",)


def test_a_model_without_own_figures_has_a_count_not_an_interval(fit: CapabilityFit) -> None:
    told = fit.evidence.rows.group_by("model_version").agg(
        (pl.col("evaluator_relationship") == "first_party").sum().alias("own"), pl.len()
    )
    model = told.filter((pl.col("own") == 0) & (pl.col("len") >= 3)).sort("model_version")[0, 0]
    found = dependence_rows(
        fit, [(model, "general", "open")], level=0.9, reps=50, rng=np.random.default_rng(1)
    )
    share = next(r.estimate for r in found if r.measure == "developer_alone")
    assert (share.value, share.interval, share.notes) == (0.0, None, ("none_of_rows",))
    (few,) = [
        r.estimate
        for r in dependence_rows(
            fit, [("absent", "general", "open")], level=0.9, reps=50, rng=np.random.default_rng(1)
        )
        if r.measure == "developer_alone"
    ]
    assert few.notes == ("few_rows:0<3",)
