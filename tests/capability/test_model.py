"""The likelihood terms: derivatives are exact, information is positive, limits are right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from headway.estimate.capability.model import (
    beta_binomial,
    beta_binomial_curvature,
    gaussian_censored,
)
from headway.estimate.capability.scales import _squared_residuals

etas = st.floats(-6, 6)


@settings(deadline=None)  # a busy machine is no failure
@given(eta=etas, share=st.floats(0, 1), n=st.integers(1, 2000), rho=st.floats(1e-3, 0.5))
def test_beta_binomial_gradient_is_the_derivative(eta, share, n, rho):
    step = 1e-5

    def value(at):
        one = np.ones(1)
        return beta_binomial(one * at, one * share * n, one * n, one * 0.25, one * 0.75, one * rho)

    numeric = (value(eta + step)[0] - value(eta - step)[0]) / (2 * step)

    assert numeric[0] == pytest.approx(value(eta)[1][0], rel=1e-3, abs=1e-3)
    assert value(eta)[2][0] > 0


def test_beta_binomial_agrees_with_scipy_up_to_a_constant():
    """Differences of the log likelihood between two means equal those of scipy's betabinom."""
    n, k, rho = 40, 13, 0.05
    phi = (1 - rho) / rho
    one = np.ones(1)
    eta = np.array([-1.0, 0.3])
    p = 1 / (1 + np.exp(-eta))
    expected = np.diff(stats.betabinom.logpmf(k, n, p * phi, (1 - p) * phi))[0]

    ours = [beta_binomial(one * e, one * k, one * n, one * 0, one, one * rho)[0][0] for e in eta]

    assert expected == pytest.approx(ours[1] - ours[0], rel=1e-9)


@settings(deadline=None)  # a busy machine is no failure
@given(eta=etas, z=st.floats(-5, 5), sd=st.floats(0.05, 3), side=st.sampled_from([-1, 0, 1]))
def test_gaussian_derivatives_are_exact(eta, z, sd, side):
    step = 1e-5

    def value(at):
        return gaussian_censored(np.array([at]), np.array([z]), np.array([sd**2]), np.array([side]))

    numeric = (value(eta + step)[0] - value(eta - step)[0]) / (2 * step)
    curve = -(value(eta + step)[1] - value(eta - step)[1]) / (2 * step)

    assert numeric[0] == pytest.approx(value(eta)[1][0], rel=1e-3, abs=1e-4)
    assert curve[0] == pytest.approx(value(eta)[2][0], rel=1e-3, abs=1e-4)


def test_a_score_at_the_floor_says_at_most():
    """Far below the floor the likelihood is flat: such a row pulls no further."""
    _, gradient, information = gaussian_censored(
        np.array([-9.0]), np.array([-4.6]), np.array([0.25]), np.array([-1])
    )

    assert abs(gradient[0]) < 1e-6
    assert information[0] < 1e-6


@settings(deadline=None)  # a busy machine is no failure
@given(eta=etas, share=st.floats(0, 1), n=st.integers(1, 2000), rho=st.floats(1e-3, 0.5))
def test_beta_binomial_curvature_is_the_second_derivative(eta, share, n, rho):
    step = 1e-4
    one = np.ones(1)
    rest = (one * share * n, one * n, one * 0.25, one * 0.75, one * rho)
    above, below = (beta_binomial(one * (eta + s), *rest)[1][0] for s in (step, -step))

    numeric = -(above - below) / (2 * step)

    assert beta_binomial_curvature(one * eta, *rest)[0] == pytest.approx(
        numeric, rel=1e-3, abs=1e-3 * max(n, 1) ** 0.5
    )


def test_a_count_far_in_the_tail_bends_more_than_its_information_says():
    """One success in 1507 at an expected 6: the case that made plain scoring go back and forth."""
    given_row = [np.array([x]) for x in (-5.5, 1.0, 1507.0, 0.0, 1.0, 0.02)]

    assert beta_binomial_curvature(*given_row)[0] > 2 * beta_binomial(*given_row)[2][0]


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("residual", [-2.5, -0.4, 0.0, 0.7, 3.0])
def test_a_censored_residual_has_the_second_moment_of_a_truncated_normal(side, residual):
    """Golden: numerical integration; and a score that is seen tells its own square."""
    variance = 0.6
    sd = np.sqrt(variance)
    low, high = (-np.inf, residual / sd) if side < 0 else (residual / sd, np.inf)
    expected = stats.truncnorm(low, high, scale=sd).moment(2)

    square, told = _squared_residuals(
        np.array([residual, residual]), np.full(2, variance), np.array([side, 0])
    )
    assert square == pytest.approx([expected, residual**2], rel=1e-6)
    assert 0 < told[0] < 1
    assert told[1] == 1.0
    # never less than what a row without a bound contributes: the components stay positive
    assert square[0] - (1 - told[0]) * variance > 0
