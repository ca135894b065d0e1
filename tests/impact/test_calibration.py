"""Size, coverage and break date on simulated series; the naive method beside it.

Null series have a trend, a season, an autocorrelated level, overdispersion, late reports in the last
two months, and a policy step that the study is told of (:mod:`tests.impact.worlds`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest

from headway.estimate.impact import Study, event_study
from tests.impact.worlds import EVENT, POLICY, naive_p, simulate


@dataclass(frozen=True)
class Run:
    study: Study
    off: int
    """Months between the best break and the event."""


def runs(count: int, seed: int, effect: float) -> list[Run]:
    rng = np.random.default_rng(seed)
    out = []
    for _ in range(count):
        series = simulate(rng, effect=effect)
        study = event_study(series, EVENT, known_steps=[POLICY])
        assert study.best_break is not None
        off = series.starts.index(study.best_break) - series.starts.index(study.event)
        out.append(Run(study, off))
    return out


def attainable(found: list[Run]) -> list[float]:
    many = len(found[0].study.placebos) + 1
    assert all(len(run.study.placebos) + 1 == many for run in found)
    return [k / many for k in range(1, many)]


def excess(found: list[Run]) -> list[tuple[float, float]]:
    """Attainable sizes that are exceeded by more than two Monte-Carlo standard errors."""
    p = np.array([run.study.p for run in found], float)
    return [
        (a, share)
        for a in attainable(found)
        if (share := float((p <= a + 1e-9).mean())) > a + 2 * math.sqrt(a * (1 - a) / len(found))
    ]


def coverage(found: list[Run], kind: str, truth: float) -> float:
    inside = []
    for run in found:
        assert run.study.step is not None
        ends = run.study.step.intervals[kind]
        inside.append(ends is None or ends[0] <= truth <= ends[1])
    return float(np.mean(inside))


def test_quick_size_and_the_naive_method_beside_it() -> None:
    """30 null series hold their size; of 400, the naive method calls more than 10 % a change at 5 %."""
    rng = np.random.default_rng(5)
    naive = np.array([naive_p(simulate(rng)) for _ in range(400)])

    assert excess(runs(30, 4, 1.0)) == []
    assert (naive <= 0.05).mean() > 0.10


def test_quick_a_large_effect_is_covered_dated_and_significant() -> None:
    found = runs(12, 6, 5.0)

    assert coverage(found, "placebo", 5.0) >= 0.75
    assert np.mean([abs(run.off) <= 1 for run in found]) >= 0.75
    assert np.mean([(run.study.p or 1) <= 0.1 for run in found]) >= 0.75


@pytest.mark.slow
def test_p_keeps_its_size_at_every_attainable_level() -> None:
    """1,000 null series; the bare rank, without the tail, is shown to exceed its smallest levels."""
    found = runs(1000, 20261125, 1.0)
    rank = np.array([run.study.p_rank for run in found], float)
    smallest = attainable(found)[0]

    assert excess(found) == []
    assert (rank <= smallest + 1e-9).mean() > smallest + 2 * math.sqrt(smallest / 1000)
    assert 0.86 <= coverage(found, "placebo", 1.0) <= 0.94


@pytest.mark.slow
def test_the_interval_covers_a_planted_effect_and_the_break_is_found() -> None:
    """500 series with a step of 3: nominal 90 %; the model-based and HAC intervals are too short."""
    found = runs(500, 20261126, 3.0)

    assert 0.86 <= coverage(found, "placebo", 3.0) <= 0.94
    assert coverage(found, "model", 3.0) < 0.86
    assert coverage(found, "hac", 3.0) < 0.86
    assert np.mean([abs(run.off) <= 1 for run in found]) > 0.85
