"""Change points: exact by brute force, calibrated on lines, right on bends."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.estimate.lag.changepoints import NO_CHANGE_PRIOR, piecewise

YEARS = np.linspace(0.0, 4.0, 17)


def bent(rng: np.random.Generator, draws: int, *, sd: float, n: int = 30) -> tuple[np.ndarray, ...]:
    """A slope of 1 that doubles after year 2, irregular dates."""
    t = np.sort(rng.uniform(0, 4, n))
    return t, t + np.maximum(t - 2.0, 0.0) + sd * rng.standard_normal((draws, n))


def straight(rng: np.random.Generator, draws: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    t = np.sort(rng.uniform(0, 4, n))
    return t, t + 0.3 * rng.standard_normal((draws, n))


def dense(
    t: np.ndarray, y: np.ndarray, w: np.ndarray, grid: np.ndarray, most: int, fewest: int
) -> tuple[np.ndarray, np.ndarray]:
    """Posterior over numbers of change points and mean level at t = 5, model by model.

    Marginal likelihoods from the definition: with flat priors on the line and on log sigma, the
    integral over everything is |V|^{-1/2} |A|^{-1/2} S^{-(n - 2) / 2}, where V is the prior
    covariance of the bends over sigma^2, A the precision of all coefficients and S the residual
    quadratic form. Nothing is shared with the module under test.
    """
    n = int((w > 0).sum())
    root = np.sqrt(w)
    line = np.column_stack([np.ones_like(t), t])
    number, levels, chances = [], [], []
    for count in range(most + 1):
        sets = [
            c
            for c in combinations(range(len(grid)), count)
            if all(
                ((t > a) & (t <= b) & (w > 0)).sum() >= fewest
                for a, b in zip([-np.inf, *grid[list(c)]], [*grid[list(c)], np.inf], strict=True)
            )
        ]
        prior = NO_CHANGE_PRIOR if count == 0 else (1 - NO_CHANGE_PRIOR) / most
        if most == 0:
            prior = 1.0
        for c in sets:
            hinge = np.maximum(t[:, None] - grid[list(c)], 0.0)
            x, h = root[:, None] * line, root[:, None] * hinge
            onto = np.linalg.lstsq(x, h, rcond=None)[0]
            h = h - x @ onto
            v = root * y
            prior_precision = np.zeros((2 + count, 2 + count))
            prior_precision[2:, 2:] = h.T @ h / n
            z = np.column_stack([x, h])
            a = z.T @ z + prior_precision
            beta = np.linalg.solve(a, z.T @ v)
            s = v @ v - beta @ a @ beta
            log_v = np.linalg.slogdet(prior_precision[2:, 2:])[1] if count else 0.0
            score = 0.5 * log_v - 0.5 * np.linalg.slogdet(a)[1] - 0.5 * (n - 2) * np.log(s)
            at = np.maximum(5.0 - grid[list(c)], 0.0) - np.array([1.0, 5.0]) @ onto
            chances.append(score + np.log(prior / len(sets)))
            levels.append(np.array([1.0, 5.0]) @ beta[:2] + at @ beta[2:])
            number.append(count)
    p = np.exp(np.array(chances) - max(chances))
    p /= p.sum()
    return np.bincount(number, weights=p, minlength=most + 1), np.sum(p * np.array(levels))


@pytest.mark.parametrize("most", [0, 1, 2, 3])
def test_equals_the_integral_model_by_model(most: int) -> None:
    rng = np.random.default_rng(most)
    t, y = bent(rng, 3, sd=0.4, n=14)
    grid = np.linspace(0.4, 3.6, 6)

    found = piecewise(t, y, max_points=most, min_segment=2, grid=grid)

    for row in range(3):
        chance, level = dense(t, y[row], np.ones(14), grid, most, 2)
        assert found.p_count_draws[row] == pytest.approx(chance, abs=1e-9)
        assert found.level_at(5.0)[row] == pytest.approx(level, abs=1e-8)


def test_weights_equal_the_integral_and_zero_leaves_out() -> None:
    rng = np.random.default_rng(3)
    t, y = bent(rng, 2, sd=0.4, n=15)
    weight = rng.uniform(0.5, 2.0, (2, 15))
    weight[:, 4] = 0.0
    y[:, 4] = np.nan
    grid = np.linspace(0.4, 3.6, 6)

    found = piecewise(t, y, weights=weight, min_segment=2, grid=grid)

    for row in range(2):
        chance, level = dense(t, np.nan_to_num(y[row]), weight[row], grid, 2, 2)
        assert found.p_count_draws[row] == pytest.approx(chance, abs=1e-9)
        assert found.level_at(5.0)[row] == pytest.approx(level, abs=1e-8)


def test_times_and_weights_per_draw_equal_one_draw_at_a_time() -> None:
    rng = np.random.default_rng(4)
    t = np.sort(rng.uniform(0, 4, (5, 20)), axis=1)
    y = t + rng.normal(0, 0.3, t.shape)
    weight = (rng.random(t.shape) < 0.7).astype(float)
    grid = np.linspace(0.5, 3.5, 8)

    found = piecewise(t, y, weights=weight, grid=grid)

    for row in range(5):
        used = weight[row] > 0
        alone = piecewise(t[row, used], y[row : row + 1, used], grid=grid)
        assert found.p_count_draws[row] == pytest.approx(alone.p_count, abs=1e-9)
        assert found.slope_at(2.0)[row] == pytest.approx(alone.slope_at(2.0)[0])
        assert found.n[row] == used.sum()


@pytest.mark.parametrize("n", [8, 15, 30, 60])
def test_a_straight_line_is_seldom_called_bent(n: int) -> None:
    """P(change) > 0.95 in at most 5 % of straight lines: 2,000 each, measured 0.1 to 0.4 %."""
    found = piecewise(*straight(np.random.default_rng(n), 2000, n))

    p_change = 1 - found.p_count_draws[:, 0]
    assert (p_change > 0.95).mean() <= 0.05
    assert p_change.mean() < NO_CHANGE_PRIOR


def test_a_straight_line_with_errors_that_persist_needs_their_range() -> None:
    """Errors with a range of half a year, a point a month: sure bends without the range."""
    rng = np.random.default_rng(5)
    t = np.arange(0, 3.0, 1 / 12)
    root = np.linalg.cholesky(np.exp(-np.abs(t[:, None] - t) / 0.5))
    y = t + 0.3 * rng.standard_normal((1500, len(t))) @ root.T

    naive = 1 - piecewise(t, y).p_count_draws[:, 0]
    knowing = 1 - piecewise(t, y, correlation_years=0.5).p_count_draws[:, 0]
    worth = 1 - piecewise(t, y, effective_n=np.array(8.0)).p_count_draws[:, 0]

    assert (naive > 0.95).mean() > 0.3
    assert (knowing > 0.95).mean() <= 0.05
    assert (worth > 0.95).mean() <= 0.05


def test_a_doubled_slope_is_found_with_its_date() -> None:
    """300 series: bend at year 2, error 0.15."""
    found = piecewise(*bent(np.random.default_rng(6), 300, sd=0.15))

    assert found.p_change > 0.95
    nearest = np.nanmin(np.abs(found.change_dates - 2.0), axis=1)
    assert np.median(nearest) < 0.2
    assert (nearest < 0.5).mean() > 0.8
    assert found.grid[np.argmax(found.p_at.mean(axis=0))] == pytest.approx(2.0, abs=0.2)
    assert np.median(found.slope_at(3.8)) == pytest.approx(2.0, abs=0.1)
    assert np.median(found.slope_at(0.2)) == pytest.approx(1.0, abs=0.2)


def test_an_exact_line_has_no_change() -> None:
    found = piecewise(YEARS, np.stack([3 * YEARS, 5 - YEARS, np.zeros_like(YEARS)]))

    assert found.p_count_draws[:, 0].tolist() == [1, 1, 1]
    assert np.isnan(found.change_dates).all()
    assert found.level_at(9.0) == pytest.approx([27, -4, 0])


def test_dates_over_draws_show_the_posterior() -> None:
    """One series repeated: change dates of the draws are its posterior, without random numbers."""
    t, y = bent(np.random.default_rng(7), 1, sd=0.5)

    found = piecewise(t, np.repeat(y, 2048, axis=0))

    none = np.isnan(found.change_dates).all(axis=1).mean()
    assert none == pytest.approx(found.p_count[0], abs=2e-3)
    for k, day in enumerate(found.grid):
        share = (found.change_dates == day).any(axis=1).mean()
        assert share == pytest.approx(found.p_at[0, k], abs=2e-3)


def test_samples_have_the_posterior_mean_and_cover() -> None:
    rng = np.random.default_rng(8)
    t, y = bent(rng, 1, sd=0.3, n=40)
    found = piecewise(t, np.repeat(y, 20000, axis=0))

    sample = found.sample(rng)

    for when in (0.5, 2.5, 5.0):
        level, slope = sample.level_at(when), sample.slope_at(when)
        error = level.std() / np.sqrt(20000)
        assert level.mean() == pytest.approx(found.level_at(when)[0], abs=4 * error)
        assert slope.mean() == pytest.approx(found.slope_at(when)[0], abs=0.02)
    again = piecewise(*bent(rng, 400, sd=0.3, n=40))
    rows = np.array([again.sample(rng).slope_at(3.5) for _ in range(200)])
    low, high = np.quantile(rows, [0.05, 0.95], axis=0)
    assert ((low <= 2.0) & (high >= 2.0)).mean() > 0.84


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 9999),
    shift=st.floats(-1e3, 1e3),
    scale=st.floats(0.01, 100.0),
    later=st.floats(-2000.0, 2000.0),
)
def test_units_and_origins_do_not_matter(
    seed: int, shift: float, scale: float, later: float
) -> None:
    t, y = bent(np.random.default_rng(seed), 2, sd=0.4, n=16)

    one = piecewise(t, y)
    two = piecewise(t + later, shift + scale * y)

    assert two.p_count_draws == pytest.approx(one.p_count_draws, abs=1e-5)
    assert two.slope_at(3.0 + later) == pytest.approx(scale * one.slope_at(3.0), rel=1e-4)
    assert two.curve(t + later)[0] == pytest.approx(shift + scale * one.curve(t)[0], rel=1e-5)


def test_too_few_points_leave_the_line() -> None:
    found = piecewise(np.array([0.0, 1.0, 2.0, 3.0]), np.array([[0.0, 1.0, 4.0, 9.0]]))

    assert found.p_count.tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"max_points": 4}, "max_points"),
        ({"min_segment": 0}, "min_segment"),
        ({"t": np.zeros(17)}, "distinct times"),
        ({"t": np.zeros(3)}, "do not agree"),
        ({"y": np.full((1, 17), np.nan)}, "finite"),
        ({"weights": -np.ones(17)}, "at least 0"),
        ({"weights": np.ones(4)}, "do not agree"),
        ({"correlation_years": 1.0, "weights": np.ones(17)}, "no weights"),
    ],
)
def test_bad_input_is_refused(change: dict[str, object], message: str) -> None:
    given_ = {"t": YEARS, "y": YEARS[None, :], **change}

    with pytest.raises(ValueError, match=message):
        piecewise(given_.pop("t"), given_.pop("y"), **given_)


def test_two_points_cannot_be_sampled() -> None:
    found = piecewise(np.array([0.0, 1.0]), np.array([[0.0, 1.0]]))

    with pytest.raises(ValueError, match="three points"):
        found.sample(np.random.default_rng(0))
