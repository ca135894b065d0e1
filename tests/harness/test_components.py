"""Variance components, matched comparisons and budgets, against simulated and hand-made truth."""

from __future__ import annotations

import numpy as np
import pytest

from headway.errors import BadValue
from headway.estimate.lag.harness import (
    logit_scores,
    matched_spread,
    slope_per_doubling,
    solved_within,
    variance_components,
)

TRUTH = {"weights": 1.0, "scaffold": 0.25, "setup": 0.09, "residual": 0.04}


def table(rng, models=30, benchmarks=10, scaffolds=14, per=3):
    """Rows of models x benchmarks, each run with a few scaffolds; sampling variance is known."""
    of_model = rng.normal(0, np.sqrt(TRUTH["weights"]), models)
    of_scaffold = rng.normal(0, np.sqrt(TRUTH["scaffold"]), scaffolds)
    of_setup = rng.normal(0, np.sqrt(TRUTH["setup"]), (benchmarks, 3))
    rows = []
    for m in range(models):
        for b in rng.choice(benchmarks, 4, replace=False):
            panel = int(rng.integers(3))
            for s in rng.choice(scaffolds, per, replace=False):
                known = float(rng.uniform(0.01, 0.1))
                y = b + of_model[m] + of_scaffold[s] + of_setup[b, panel]
                y += rng.normal(0, np.sqrt(TRUTH["residual"] + known))
                rows.append((y, known, m, s, f"{b}|{panel}", b))
    y, known, model, scaffold, setup, benchmark = map(list, zip(*rows, strict=True))
    factors = {"weights": model, "scaffold": scaffold, "setup": setup}
    return np.array(y), np.array(known), factors, benchmark


def test_components_are_found_and_sampling_noise_is_not_among_them():
    found = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        y, known, factors, benchmark = table(rng)
        one = variance_components(y, known, factors, benchmark, draws=200, rng=rng)
        assert one.converged
        found.append(one.variance)
    mean = dict(
        zip(("weights", "scaffold", "setup", "residual"), np.mean(found, axis=0), strict=True)
    )
    assert mean["weights"] == pytest.approx(TRUTH["weights"], rel=0.3)
    assert mean["scaffold"] == pytest.approx(TRUTH["scaffold"], rel=0.4)
    assert mean["residual"] == pytest.approx(TRUTH["residual"], rel=0.35)
    assert mean["setup"] == pytest.approx(TRUTH["setup"], rel=0.7)


def coverage(worlds):
    covered = []
    total = sum(TRUTH.values())
    for seed in range(worlds):
        rng = np.random.default_rng([7, seed])
        y, known, factors, benchmark = table(rng)
        one = variance_components(y, known, factors, benchmark, draws=400, rng=rng)
        row = []
        for name in ("weights", "scaffold"):
            low, high = np.quantile(one.share(name), [0.05, 0.95])
            row.append(low <= TRUTH[name] / total <= high)
        covered.append(row)
    return np.mean(covered, axis=0)


@pytest.mark.slow
def test_shares_cover_as_they_say():
    found = coverage(100)
    assert (found >= 0.83).all(), found


def test_a_factor_without_effect_gets_next_to_nothing():
    rng = np.random.default_rng(3)
    y, known, factors, benchmark = table(rng)
    nothing = {**factors, "noise": rng.integers(0, 12, len(y)).tolist()}
    found = variance_components(y, known, nothing, benchmark, draws=200, rng=rng)
    assert np.median(found.share("noise")) < 0.03
    assert found.share("weights", "scaffold", "setup", "noise", "residual") == pytest.approx(1.0)


def test_benchmarks_are_taken_out_whatever_their_difficulty():
    rng = np.random.default_rng(4)
    y, known, factors, benchmark = table(rng)
    harder = y + 7.0 * np.array(benchmark)
    plain = variance_components(y, known, factors, benchmark, draws=2, rng=rng)
    moved = variance_components(harder, known, factors, benchmark, draws=2, rng=rng)
    assert moved.variance == pytest.approx(plain.variance, rel=1e-2, abs=1e-4)


def test_bad_rows_are_refused():
    with pytest.raises(BadValue, match="not finite"):
        variance_components(
            np.array([np.nan, 1.0]), np.zeros(2), {}, [1, 1], draws=1, rng=np.random.default_rng(0)
        )
    with pytest.raises(BadValue, match="too many"):
        variance_components(
            np.zeros(3), np.zeros(3), {}, [1, 2, 3], draws=1, rng=np.random.default_rng(0)
        )


def test_logits_by_hand():
    nothing, none = np.array([np.nan] * 3), np.zeros(3)
    score = np.array([0.5, 0.625, 1.0])
    chance = np.array([0.0, 0.25, 0.0])
    trials = np.array([100.0, np.nan, 50.0])
    logit, variance = logit_scores(score, chance, np.ones(3), trials, nothing, none)
    assert logit[0] == pytest.approx(0.0)
    assert variance[0] == pytest.approx(0.25 / 100 / 0.25**2)  # p(1-p)/n over the squared slope
    assert logit[1] == pytest.approx(0.0)  # half way between chance and ceiling
    assert variance[1] == 0.0
    assert np.isnan(logit[2])


def test_matched_spread_takes_sampling_noise_out():
    rng = np.random.default_rng(5)
    groups, owners, value, variance = [], [], [], []
    for g in range(200):
        for _ in range(3):
            groups.append(f"g{g}")
            owners.append(f"m{g % 50}")
            variance.append(0.5**2)
            value.append(g + rng.normal(0, 0.4) + rng.normal(0, 0.5))
    found = matched_spread(np.array(value), np.array(variance), groups, owners, draws=300, rng=rng)
    assert np.median(found.sd) == pytest.approx(0.4, abs=0.06)
    low, high = np.quantile(found.sd, [0.05, 0.95])
    assert low <= 0.4 <= high
    assert np.median(found.gain_without_luck) < 0.75 * np.median(found.gain)
    assert (found.groups, found.rows, found.n_clusters) == (200, 600, 50)


def test_too_few_matched_groups_say_nothing():
    value = np.array([0.0, 1.0, 0.0, 1.0])
    groups, owners = ["a", "a", "b", "b"], ["m", "m", "n", "n"]
    rng = np.random.default_rng(0)
    assert matched_spread(value, np.zeros(4), groups, owners, draws=5, rng=rng) is None
    assert slope_per_doubling(value, value, groups, owners, draws=5, rng=rng) is None


def test_slope_per_doubling_ignores_differences_between_groups():
    rng = np.random.default_rng(1)
    groups = [f"g{i // 3}" for i in range(24)]
    doublings = np.array([i % 3 for i in range(24)], dtype=float)
    level = np.repeat(rng.normal(0, 5, 8), 3)
    slope, count, clusters = slope_per_doubling(
        level + 0.7 * doublings, doublings, groups, groups, draws=50, rng=rng
    )
    assert slope == pytest.approx(0.7)
    assert (count, clusters) == (8, 8)


def test_runs_cut_at_smaller_budgets():
    success = np.array([True, True, False, True])
    tokens = np.array([10.0, 30.0, 5.0, 90.0])
    share, solved = solved_within(success, tokens, [10, 40, 100])
    assert solved.tolist() == [1, 2, 3]
    assert share.tolist() == [0.25, 0.5, 0.75]
