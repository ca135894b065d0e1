"""State-space frontiers: exact against dense conditioning, calibrated forecasts."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from scipy import stats

from headway.estimate.lag.entrants import day_number
from headway.estimate.lag.frontier import Frontier, frontier_pair
from headway.estimate.lag.statespace import (
    MIN_RECORDS,
    Points,
    _moved,
    _noise,
    _Waits,
    filter_points,
    fit_frontier,
    record_points,
)
from tests.lag.worlds import MONTH, random_world

AS_OF = date(2026, 11, 1)


def staircase(rng: np.random.Generator, draws: int, steps: int = 12) -> Frontier:
    """Shared dates, rising levels per draw."""
    days = day_number(AS_OF) - np.sort(rng.choice(1200, steps, replace=False))[::-1] - 20.0
    rise = rng.exponential(0.3, (draws, steps))
    return Frontier(days[None], np.cumsum(rise, axis=1))


def dense_state(
    years: np.ndarray, y: np.ndarray, kappa: float, lambda_: float
) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Level and slope at year 0 by conditioning one joint Gaussian, flat start by least squares.

    From the definition of the process: Cov of the level is kappa min(a, b) plus that of an
    integrated Brownian motion, m^2 (3 M - m) / 6 with m = min(a, b), M = max(a, b), all from the
    first time on; the error variance is 1.
    """
    at = np.append(years, 0.0) - years[0]
    small, large = np.minimum.outer(at, at), np.maximum.outer(at, at)
    level = kappa * small + lambda_ * small**2 * (3 * large - small) / 6
    n = len(years)
    noise = level[:n, :n] + np.eye(n)
    design = np.column_stack([np.ones(n), at[:n]])
    precision = np.linalg.inv(noise)
    gram = design.T @ precision @ design
    start = np.linalg.solve(gram, design.T @ precision @ y)
    residual = y - design @ start
    end = at[-1]
    slope_level = lambda_ * at[:n] ** 2 / 2  # Cov(W(end), int_0^s W) = s^2 / 2 for end >= s
    cross = np.stack([level[n, :n], slope_level])
    prior = np.array([[level[n, n], lambda_ * end**2 / 2], [lambda_ * end**2 / 2, lambda_ * end]])
    wanted = np.array([[1.0, end], [0.0, 1.0]])
    gain = cross @ precision
    effect = wanted - gain @ design
    mean = wanted @ start + gain @ residual
    cov = prior - gain @ cross.T + effect @ np.linalg.inv(gram) @ effect.T
    rss = float(residual @ precision @ residual)
    log_likelihood = -0.5 * (
        np.linalg.slogdet(noise)[1] + np.linalg.slogdet(gram)[1] + (n - 2) * np.log(rss)
    )
    return mean, cov, rss, log_likelihood


@pytest.mark.parametrize(("kappa", "lambda_"), [(0.0, 0.0), (0.5, 0.0), (0.0, 3.0), (2.0, 40.0)])
def test_filter_equals_dense_conditioning(kappa: float, lambda_: float) -> None:
    rng = np.random.default_rng(1)
    years = -np.sort(rng.uniform(0.05, 3.5, (4, 9)), axis=1)[:, ::-1]
    y = 2 + 1.5 * years + rng.normal(0, 0.5, years.shape)
    real = np.ones(years.shape, dtype=bool)
    real[1, 6:] = False  # a draw with fewer records
    years[1, 6:] = years[1, 5]

    found = filter_points(
        Points(years, np.where(real, y, 0.0), real), *np.full((2, 4), [[kappa], [lambda_]])
    )

    for row in range(4):
        use = real[row]
        mean, cov, rss, score = dense_state(years[row, use], y[row, use], kappa, lambda_)
        assert found.mean[row] == pytest.approx(mean, rel=1e-7)
        assert found.cov[row] == pytest.approx(cov, rel=1e-6, abs=1e-9)
        assert found.rss[row] == pytest.approx(rss, rel=1e-7)
        assert found.log_likelihood[row] == pytest.approx(score, rel=1e-7)


def test_nothing_moving_is_the_least_squares_line() -> None:
    side = staircase(np.random.default_rng(2), 5)
    points = record_points(side, AS_OF)

    found = filter_points(points, np.zeros(5), np.zeros(5))

    for row in range(5):
        slope, level = np.polyfit(points.years[row], points.level[row], 1)
        assert found.mean[row] == pytest.approx([level, slope])


def test_records_are_packed_per_draw() -> None:
    level = np.array([[1.0, 1.0, 2.0, 3.0], [1.0, 2.0, 2.0, 2.0]])
    days = day_number(AS_OF) - np.array([[400.0, 300.0, 200.0, 100.0]])

    points = record_points(Frontier(days, level), AS_OF)

    assert points.count.tolist() == [3, 2]
    assert points.level.tolist() == [[1, 2, 3], [1, 2, 0]]
    assert points.years[0] * 365.25 == pytest.approx([-400, -200, -100])
    assert points.years[1, -1] == points.years[1, 1]


def test_a_later_state_adds_the_noise_of_the_wait() -> None:
    path = fit_frontier(
        staircase(np.random.default_rng(3), 40), as_of=AS_OF, rng=np.random.default_rng(0)
    )

    mean, cov = path.state(date(2027, 11, 1))

    ahead = (day_number(date(2027, 11, 1)) - day_number(AS_OF)) / 365.25
    assert mean[:, 0] == pytest.approx(path.mean[:, 0] + ahead * path.mean[:, 1])
    assert (cov[:, 0, 0] > path.cov[:, 0, 0]).all()
    assert np.linalg.eigvalsh(cov).min() > 0
    with pytest.raises(ValueError, match="before"):
        path.state(date(2026, 1, 1))
    assert path.state()[0] is path.mean


def test_paths_never_fall_and_start_at_the_present() -> None:
    path = fit_frontier(
        staircase(np.random.default_rng(4), 200), as_of=AS_OF, rng=np.random.default_rng(0)
    )

    found = path.simulate(np.array([0.0, 1.0, 3.0, 12.0, 36.0]), np.random.default_rng(1))

    assert found[:, 0] == pytest.approx(path.present)
    assert (np.diff(found, axis=1) >= 0).all()
    assert (found[:, -1] > path.present).mean() > 0.9
    again = path.simulate(np.array([0.0, 1.0, 3.0, 12.0, 36.0]), np.random.default_rng(1))
    assert np.array_equal(found, again)


def test_simulated_moves_have_the_covariance_of_the_filter() -> None:
    rng = np.random.default_rng(5)
    size = 200_000
    step, level, slope = np.full(size, 0.7), np.full(size, 0.4), np.full(size, 2.5)

    moved = _moved(np.tile([1.0, 2.0], (size, 1)), step, level, slope, rng)

    assert moved.mean(axis=0) == pytest.approx([1.0 + 0.7 * 2.0, 2.0], abs=0.02)
    assert np.cov(moved.T) == pytest.approx(_noise(step[:1], level[:1], slope[:1])[0], rel=0.02)


def test_the_first_wait_is_one_that_is_still_possible() -> None:
    """Gaps of 0.1, 0.5 and 1 year; 0.4 years have passed: 0.1 or 0.6 are left."""
    points = Points(
        np.array([[-2.0, -1.9, -1.4, -0.4]]).repeat(4000, axis=0),
        np.arange(4.0)[None].repeat(4000, axis=0),
        np.ones((4000, 4), dtype=bool),
    )
    waits = _Waits.of(points)

    first, later = waits.first(np.random.default_rng(0)), waits.next(np.random.default_rng(1))

    values, counts = np.unique(first.round(6), return_counts=True)
    assert values == pytest.approx([0.1, 0.6])
    assert counts / 4000 == pytest.approx([0.5, 0.5], abs=0.03)
    assert np.unique(later.round(6)) == pytest.approx([0.1, 0.5, 1.0])


def test_an_idle_frontier_waits_at_most_its_longest_gap() -> None:
    points = Points(
        np.array([[-5.0, -4.9, -4.7]]).repeat(2000, axis=0),
        np.arange(3.0)[None].repeat(2000, axis=0),
        np.ones((2000, 3), dtype=bool),
    )

    first = _Waits.of(points).first(np.random.default_rng(0))

    assert 0 <= first.min() < first.max() <= 0.2


def test_draws_with_too_few_records_fail_and_say_so() -> None:
    level = np.array([[1.0, 2.0, 3.0, 4.0], [1.0, 1.0, 1.0, 2.0]])
    days = day_number(AS_OF) - np.array([[400.0, 300.0, 200.0, 100.0]])

    path = fit_frontier(Frontier(days, level), as_of=AS_OF, rng=np.random.default_rng(0))

    assert MIN_RECORDS == 3
    assert path.failed.tolist() == [False, True]
    assert np.isnan(path.mean[1]).all()
    paths = path.simulate(np.array([6.0]), np.random.default_rng(0))
    assert np.isfinite(paths[0]).all()
    assert np.isnan(paths[1]).all()
    only = fit_frontier(Frontier(days, level[1:]), as_of=AS_OF)
    assert np.isnan(only.simulate(np.array([6.0]), np.random.default_rng(0))).all()


def test_time_does_not_run_backwards() -> None:
    path = fit_frontier(staircase(np.random.default_rng(3), 4), as_of=AS_OF)

    with pytest.raises(ValueError, match="at least 0"):
        path.simulate(np.array([-1.0]), np.random.default_rng(0))


def test_replicates_with_dates_of_their_own_equal_shared_dates() -> None:
    side = staircase(np.random.default_rng(6), 30)
    own = Frontier(np.repeat(side.dates, 30, axis=0), side.level)

    one, two = (fit_frontier(each, as_of=AS_OF) for each in (side, own))

    assert one.mean == pytest.approx(two.mean)
    assert one.cov == pytest.approx(two.cov)


def _hits(worlds: int, months: float, seed: int) -> tuple[int, int]:
    """How often the 90 % forecast of a known frontier holds what came, and how many there were."""
    rng = np.random.default_rng(seed)
    held = asked = 0
    for _ in range(worlds):
        world, truth = random_world(rng, draws=1)
        world = world.with_ability(truth[None], world.informative)
        whole = frontier_pair(world, frontier="public", as_of=AS_OF)
        then = day_number(date(2023, 3, 1)) + 30 * MONTH
        for side in whole.both:
            before, after = side.until(then), side.until(then + months * MONTH)
            assert before is not None
            assert after is not None
            if before.records().sum() < 5:
                continue
            cut = date.fromordinal(date(1970, 1, 1).toordinal() + int(then))
            repeated = Frontier(before.dates, np.repeat(before.level, 300, axis=0))
            path = fit_frontier(repeated, as_of=cut, rng=rng)
            low, high = np.quantile(path.simulate(np.array([months]), rng)[:, 0], [0.05, 0.95])
            held += low - 1e-9 <= after.level[0, -1] <= high + 1e-9
            asked += 1
    return held, asked


def test_forecasts_cover_on_simulated_histories() -> None:
    """90 % nominal, 80 % asked, false alarm 1 in 1000; full size in the slow test."""
    held, asked = _hits(30, 9.0, 20261124)

    assert asked > 40
    assert stats.binomtest(held, asked, 0.80, alternative="less").pvalue > 0.001


@pytest.mark.slow
@pytest.mark.parametrize("months", [6.0, 12.0])
def test_forecasts_cover_on_many_simulated_histories(months: float) -> None:
    """90 % nominal; at least 86 % and at most 98 % asked, false alarm 1 in 1000 each.

    Measured 95 and 96 %: these histories have a constant slope, which the prior on its changes
    does not know. On simulated worlds with the real releases it is 89 to 93 %.
    """
    held, asked = _hits(300, months, 20261125)

    assert stats.binomtest(held, asked, 0.86, alternative="less").pvalue > 0.001
    assert stats.binomtest(held, asked, 0.98, alternative="greater").pvalue > 0.001
