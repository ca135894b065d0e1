"""Scores of forecasts whose outcome may be hidden: equal to the library, proper, calibrated."""

from __future__ import annotations

import numpy as np
import pytest
import scoringrules
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from headway.errors import BadValue
from headway.estimate.lag.forecast import (
    Outcome,
    Waiting,
    censored_crps,
    censored_log_score,
    coverage,
    pit_masses,
    pool,
)
from headway.estimate.lag.forecast.scores import month_edges, month_masses, outcome_masses


def at(months: float, censored_at: float) -> Outcome:
    """An outcome known for sure."""
    return Outcome.from_draws(np.array([months]), censored_at)


def test_without_censoring_it_is_the_plain_crps_of_the_library() -> None:
    x = np.random.default_rng(1).lognormal(1.5, 0.6, 500)
    for y in (0.0, 2.0, 7.5):
        expected = float(scoringrules.crps_ensemble(y, x, estimator="qd"))
        assert censored_crps(Waiting.of(x), at(y, 1000.0)) == pytest.approx(expected, abs=1e-12)


def test_with_censoring_it_is_the_threshold_weighted_crps_of_the_library() -> None:
    x = np.random.default_rng(2).lognormal(1.5, 0.6, 500)
    for y, c in ((2.0, 6.0), (5.9, 6.0), (40.0, 6.0)):
        expected = float(scoringrules.twcrps_ensemble(min(y, c), x, b=c))
        assert censored_crps(Waiting.of(x), at(y, c)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("y", "c"), [(2.0, 6.0), (9.0, 6.0), (0.0, 3.0)])
def test_it_is_the_integral_of_its_definition(y: float, c: float) -> None:
    """For an exponential forecast the integral is done by quadrature."""
    law = stats.expon(scale=5.0)
    found = censored_crps(Waiting.of(law.ppf((np.arange(4000) + 0.5) / 4000)), at(y, c))
    until, _ = integrate.quad(lambda x: law.cdf(x) ** 2, 0, min(y, c))
    beyond, _ = integrate.quad(lambda x: law.sf(x) ** 2, min(y, c), c)
    assert found == pytest.approx(until + (beyond if y < c else 0.0), abs=2e-3)


def test_weights_are_honoured() -> None:
    x = np.array([1.0, 4.0])
    doubled = Waiting.of(np.array([1.0, 4.0, 4.0, 4.0]))
    weighted = Waiting(x, np.array([0.25, 0.75]))
    assert censored_crps(weighted, at(2.0, 9.0)) == pytest.approx(
        censored_crps(doubled, at(2.0, 9.0)), abs=1e-12
    )


def test_infinite_waits_are_later_not_lost() -> None:
    sure = Waiting.of(np.array([np.inf, np.inf]))
    assert censored_crps(sure, at(np.inf, 5.0)) == 0.0
    assert censored_crps(sure, at(2.0, 5.0)) == pytest.approx(3.0)


@settings(max_examples=40, deadline=None)
@given(
    scale=st.floats(1.0, 20.0),
    censored_at=st.floats(1.0, 30.0),
    factor=st.sampled_from([0.3, 0.6, 1.6, 3.0]),
)
def test_the_truth_minimises_the_expected_score(
    scale: float, censored_at: float, factor: float
) -> None:
    """Both scores are proper: averaged over outcomes from F, nothing scores better than F."""
    u = (np.arange(800) + 0.5) / 800
    truth = Waiting.of(stats.weibull_min.ppf(u, 1.4, scale=scale))
    other = Waiting.of(stats.weibull_min.ppf(u, 1.4, scale=scale * factor))
    outcomes = Outcome.from_draws(truth.months, censored_at)
    for score in (censored_crps, censored_log_score):
        assert score(truth, outcomes) <= score(other, outcomes) + 1e-9


def test_the_usual_survival_crps_would_not_be_proper() -> None:
    """Why the integral goes on to the censoring time: stopping at the outcome rewards pessimism.

    With the integral of F^2 up to the outcome alone, a forecast that says "never" always scores 0.
    """
    never = Waiting.of(np.array([np.inf]))
    truth = Waiting.of(np.linspace(0.01, 5.0, 400))
    outcomes = Outcome.from_draws(truth.months, 6.0)
    assert censored_crps(never, outcomes) > 2 * censored_crps(truth, outcomes)


def test_log_score_is_the_probability_of_the_month() -> None:
    x = np.repeat([0.0, 0.5, 1.5, 9.0], [2, 3, 4, 1])
    forecast = Waiting.of(x)
    assert month_masses(forecast, 3.0) == pytest.approx([0.2, 0.3, 0.4, 0.0, 0.1])
    assert month_edges(2.5) == pytest.approx([0.0, 1.0, 2.0, 2.5])
    for y, p in ((0.0, 0.2), (-3.0, 0.2), (0.9, 0.3), (1.0, 0.3), (2.0, 0.4), (8.0, 0.1)):
        expected = -np.log(0.99 * p + 0.01 / 5)
        assert censored_log_score(forecast, at(y, 3.0)) == pytest.approx(expected)


def test_an_uncertain_outcome_is_an_expectation() -> None:
    forecast = Waiting.of(np.random.default_rng(3).lognormal(1.0, 0.5, 200))
    draws = np.array([1.0, 1.0, 4.0, np.inf])
    both = Outcome.from_draws(draws, 6.0)
    assert both.resolved == pytest.approx(0.75)
    for score in (censored_crps, censored_log_score):
        each = np.mean([score(forecast, at(y, 6.0)) for y in draws])
        assert score(forecast, both) == pytest.approx(float(each))


def test_pit_of_a_calibrated_forecast_is_even_with_atoms_and_censoring() -> None:
    """Outcomes from the forecast itself: a fifth is reached already, a third is censored."""
    rng = np.random.default_rng(4)
    x = np.where(rng.random(4000) < 0.2, -1.0, rng.lognormal(1.5, 0.7, 4000))
    forecast = Waiting.of(x)
    pit = pit_masses(forecast, Outcome.from_draws(x, 6.0), bins=10)
    assert pit.sum() == pytest.approx(1.0)
    assert pit == pytest.approx(np.full(10, 0.1), abs=0.004)
    assert coverage(pit_masses(forecast, Outcome.from_draws(x, 6.0), 100), 0.9) == pytest.approx(
        0.9, abs=0.01
    )


def test_pit_shows_forecasts_that_are_too_late() -> None:
    rng = np.random.default_rng(5)
    truth = rng.lognormal(1.0, 0.5, 2000)
    pit = pit_masses(Waiting.of(3 * truth), Outcome.from_draws(truth, 50.0), bins=10)
    assert pit[:3].sum() > 0.75


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), censored_at=st.floats(1.0, 12.0))
def test_masses_and_pit_always_add_up(seed: int, censored_at: float) -> None:
    rng = np.random.default_rng(seed)
    months = np.where(rng.random(50) < 0.2, np.inf, rng.normal(3, 4, 50))
    forecast = Waiting.of(months)
    outcome = Outcome.from_draws(
        np.where(rng.random(9) < 0.3, np.inf, rng.normal(3, 4, 9)), censored_at
    )
    assert month_masses(forecast, censored_at).sum() == pytest.approx(1.0)
    assert outcome_masses(outcome).sum() == pytest.approx(1.0)
    pit = pit_masses(forecast, outcome, 20)
    assert (pit >= -1e-12).all()
    assert pit.sum() == pytest.approx(1.0)


def test_bad_forecasts_and_outcomes_are_refused() -> None:
    with pytest.raises(BadValue, match="NaN"):
        Waiting.of(np.array([1.0, np.nan]))
    with pytest.raises(BadValue, match="sum to 1"):
        Waiting(np.array([1.0]), np.array([0.5]))
    with pytest.raises(BadValue, match="after issue"):
        at(1.0, 0.0)
    with pytest.raises(BadValue, match="no forecast has a weight"):
        pool({"a": Waiting.of(np.array([1.0]))}, {"b": 1.0})


def test_quantiles_and_probabilities_of_a_sample_agree() -> None:
    forecast = Waiting(np.array([3.0, -1.0, np.inf, 5.0]), np.array([0.4, 0.1, 0.2, 0.3]))
    assert forecast.reached() == pytest.approx(0.1)
    assert forecast.by(np.array([-2.0, 0.0, 3.0, 5.0, 100.0])) == pytest.approx(
        [0.0, 0.1, 0.5, 0.8, 0.8]
    )
    assert forecast.quantile(np.array([0.05, 0.1, 0.5, 0.51, 0.81])).tolist() == [
        -1.0, -1.0, 3.0, 5.0, np.inf,
    ]  # fmt: skip
    assert len(forecast.thinned(40)) == 40
    assert np.sum(np.isinf(forecast.thinned(40))) == 8
