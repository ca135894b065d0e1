"""The combination rule: recovers weights and bias it was made with, and shrinks without data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from headway.errors import BadValue
from headway.estimate.lag.forecast import (
    Outcome,
    Rule,
    Scored,
    Waiting,
    censored_log_score,
    learn_rule,
)
from headway.estimate.lag.forecast.scores import month_masses, outcome_masses
from headway.estimate.lag.forecast.weights import SHRINKAGE

NAMES = ("early", "middle", "late")
U = (np.arange(400) + 0.5) / 400
HORIZON = 18.0


def parts(shift: float = 1.0) -> dict[str, Waiting]:
    """Three forecasts that disagree."""
    return {
        name: Waiting.of(stats.lognorm.ppf(U, 0.35, scale=shift * median))
        for name, median in zip(NAMES, (3.0, 7.0, 14.0), strict=True)
    }


def past(
    rng: np.random.Generator,
    weights: tuple[float, ...],
    count: int,
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    absent: str | None = None,
) -> list[Scored]:
    """Forecasts whose outcomes come from the pool with these weights and this transform."""
    out = []
    for i in range(count):
        made = parts(float(np.exp(rng.normal(0, 0.3))))
        truth = Rule(np.array(weights), alpha, beta).apply(made, NAMES)
        y = truth.quantile(np.array([rng.random()]))
        outcome = Outcome.from_draws(y, HORIZON)
        masses = np.array([month_masses(made[n], HORIZON) for n in NAMES])
        if absent is not None and i % 3 == 0:
            masses[NAMES.index(absent)] = np.nan
        out.append(Scored(f"target-{i}", masses, outcome_masses(outcome)))
    return out


def fitted(made: list[Scored]) -> Rule:
    """The rule from all targets, without leaving any out (which takes long with thousands)."""
    from headway.estimate.lag.forecast.weights import _maximise, _stack

    return _maximise(_stack(made), np.arange(len(made)), 1.0, without=-1, start=Rule.equal(3))


def test_weights_of_the_generator_are_recovered() -> None:
    rule = fitted(past(np.random.default_rng(1), (0.7, 0.1, 0.2), 2500))
    assert rule.weights == pytest.approx([0.7, 0.1, 0.2], abs=0.06)
    assert (rule.alpha, rule.beta) == pytest.approx((1.0, 1.0), abs=0.12)


def test_a_shared_bias_is_recovered_as_a_transform() -> None:
    """Outcomes earlier than the pool says: beta above 1, and the pooled distribution is right.

    Weights and transform can stand in for each other a little, so they are held less tightly.
    """
    made = past(np.random.default_rng(2), (0.4, 0.3, 0.3), 2500, alpha=0.9, beta=1.8)
    rule = fitted(made)
    assert (rule.alpha, rule.beta) == pytest.approx((0.9, 1.8), abs=0.35)
    months = np.linspace(1.0, 16.0, 16)
    truth = Rule(np.array([0.4, 0.3, 0.3]), 0.9, 1.8).apply(parts(), NAMES).by(months)
    plain = Rule(np.array([0.4, 0.3, 0.3])).apply(parts(), NAMES).by(months)
    assert rule.apply(parts(), NAMES).by(months) == pytest.approx(truth, abs=0.03)
    assert np.abs(plain - truth).max() > 0.1


def test_a_stronger_prior_draws_to_the_plain_pool() -> None:
    made = past(np.random.default_rng(3), (0.8, 0.1, 0.1), 6)
    away = []
    for strength in (1.0, 10.0, 100.0, np.inf):
        rule = learn_rule(made, components=3, strengths=(strength,)).rule
        away.append(float(np.abs(rule.weights - 1 / 3).sum()) + abs(np.log(rule.beta)))
    assert away == sorted(away, reverse=True)
    assert away[0] > 0.2
    assert away[-1] == 0.0


def test_without_outcomes_the_rule_is_the_plain_pool() -> None:
    none = learn_rule([], components=3)
    assert none.rule.weights == pytest.approx([1 / 3] * 3)
    assert none.n_targets == 0


def test_each_target_counts_once_however_often_it_was_forecast() -> None:
    made = past(np.random.default_rng(4), (0.6, 0.2, 0.2), 12)
    often = [*made, *[made[0]] * 20]
    one = learn_rule(made, components=3, strengths=(3.0,)).rule
    many = learn_rule(often, components=3, strengths=(3.0,)).rule
    assert many.weights == pytest.approx(one.weights, abs=1e-4)


def test_the_left_out_rule_has_not_seen_its_target() -> None:
    """Changing the outcome of one target leaves the rule it is judged by unchanged."""
    made = past(np.random.default_rng(5), (0.5, 0.25, 0.25), 12)
    other = outcome_masses(Outcome.from_draws(np.array([0.5]), HORIZON))
    changed = [Scored(m.target, m.masses, other) if m.target == "target-7" else m for m in made]
    first, second = (learn_rule(m, components=3, strengths=(3.0,)) for m in (made, changed))
    a, b = first.left_out["target-7"], second.left_out["target-7"]
    assert a.weights == pytest.approx(b.weights, abs=2e-3)
    assert abs(first.rule.weights[0] - second.rule.weights[0]) > 1e-3


def test_absent_components_give_way_and_do_not_bias_the_weights() -> None:
    made = past(np.random.default_rng(6), (0.7, 0.1, 0.2), 900, absent="late")
    assert fitted(made).weights[0] > 0.5
    rule = Rule(np.array([0.6, 0.2, 0.2]))
    two = {n: parts()[n] for n in NAMES[:2]}
    expected = 0.75 * two["early"].by(np.array([4.0])) + 0.25 * two["middle"].by(np.array([4.0]))
    assert rule.apply(two, NAMES).by(np.array([4.0])) == pytest.approx(expected)


def test_masses_in_learning_are_those_of_the_applied_rule() -> None:
    """The criterion and the pool that is used later are the same function."""
    from headway.estimate.lag.forecast.weights import _log_mass, _stack

    rule = Rule(np.array([0.5, 0.2, 0.3]), 0.8, 1.5)
    made = parts()
    for y in (0.2, 5.0, 30.0):
        outcome = Outcome.from_draws(np.array([y]), HORIZON)
        masses = np.array([month_masses(made[n], HORIZON) for n in NAMES])
        stacked = _stack([Scored("t", masses, outcome_masses(outcome))])
        used = censored_log_score(rule.apply(made, NAMES), outcome)
        assert float(-_log_mass(stacked, rule)[0]) == pytest.approx(used, abs=1e-9)


def test_a_transform_moves_probability_and_keeps_the_total() -> None:
    plain = Rule(np.array([1 / 3] * 3)).apply(parts(), NAMES)
    early = Rule(np.array([1 / 3] * 3), 1.0, 2.0).apply(parts(), NAMES)
    assert early.weight.sum() == pytest.approx(1.0)
    months = np.linspace(1, 20, 15)
    expected = stats.beta(1.0, 2.0).cdf(plain.by(months))
    assert early.by(months) == pytest.approx(expected, abs=1e-9)


def test_mistakes_are_refused() -> None:
    with pytest.raises(BadValue, match="2 components, not 3"):
        learn_rule([Scored("t", np.ones((2, 4)) / 4, np.ones(4) / 4)], components=3)
    with pytest.raises(BadValue, match="no component"):
        learn_rule([Scored("t", np.full((3, 4), np.nan), np.ones(4) / 4)], components=3)


def test_strengths_end_with_the_plain_pool() -> None:
    assert list(SHRINKAGE) == sorted(SHRINKAGE)
    assert np.isinf(SHRINKAGE[-1])
