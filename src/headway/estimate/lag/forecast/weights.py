r"""The combination rule, learned from past forecasts and shrunk to "all alike, as they are".

The pool of *K* forecasts is the beta-transformed linear pool [1]_

.. math:: G(x) = B_{\alpha,\beta}\Bigl(\sum_k w_k F_k(x)\Bigr)

with :math:`B_{\alpha,\beta}` the distribution function of the beta distribution. A linear pool of
calibrated forecasts is overdispersed, and forecasts may share a bias; :math:`\alpha, \beta` repair
both. :math:`\alpha = \beta = 1` is the plain linear pool.

.. math:: \max_{w, \alpha, \beta} \sum_i \frac{1}{n_{t(i)}} \sum_b q_{ib} \log p_{ib}(w, \alpha, \beta)
          + \kappa \Bigl( \sum_k \tfrac1K \log w_k
          - \tfrac{1}{2\tau^2}(\log^2 \alpha + \log^2 \beta) \Bigr)

:math:`p_{ib}` is what the pool gives month *b* in forecast *i*, :math:`q_{ib}` the outcome,
:math:`n_t` the number of forecasts of target *t* (each target counts once). The first term is the
mean log score of the pool, the criterion of Hall & Mitchell [2]_. The second draws the weights to
equal ones, which are hard to beat with few outcomes [3]_, and the transform to none, as strongly as
:math:`\kappa` targets would. :math:`\kappa` is chosen from a fixed list by leaving out one target
at a time. The same leave-one-out rules score the pool, so no forecast is judged by a rule that saw
its own outcome.

References
----------
.. [1] Gneiting & Ranjan (2013), doi:10.1214/13-EJS823
.. [2] Hall & Mitchell (2007), doi:10.1016/j.ijforecast.2006.08.001
.. [3] Clemen (1989), doi:10.1016/0169-2070(89)90012-5
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from headway.errors import BadValue
from headway.estimate.lag.entrants import BoolArray, FloatArray
from headway.estimate.lag.forecast.scores import FLOOR
from headway.estimate.lag.forecast.waiting import Waiting, pool

__all__ = ["SHRINKAGE", "LearnedRule", "Rule", "Scored", "learn_rule"]

#: Prior strengths tried, in targets; the last one is the plain pool with equal weights.
SHRINKAGE = (1.0, 3.0, 10.0, 30.0, np.inf)
#: Spread of log alpha and log beta under the prior of one target's strength.
TAU = 0.5


@dataclass(frozen=True, slots=True)
class Rule:
    """How forecasts are combined.

    Parameters
    ----------
    weights : array, shape (k,)
        Sum to 1.
    alpha, beta : float
        Of the beta transform.
    """

    weights: FloatArray
    alpha: float = 1.0
    beta: float = 1.0

    @classmethod
    def equal(cls, components: int) -> Rule:
        """Equal weights, no transform."""
        return cls(np.full(components, 1.0 / components))

    def apply(self, parts: Mapping[str, Waiting], names: Sequence[str]) -> Waiting:
        """The pool of the parts that are present; ``names`` is the order of the weights."""
        plain = pool(parts, dict(zip(names, map(float, self.weights), strict=True)))
        if self.alpha == self.beta == 1.0:
            return plain
        order = np.argsort(plain.months, kind="stable")
        total = np.minimum(np.concatenate([[0.0], np.cumsum(plain.weight[order])]), 1.0)
        total[-1] = 1.0
        weight = np.diff(_transform(total, self.alpha, self.beta))
        return Waiting(plain.months[order], np.asarray(weight / weight.sum()))


@dataclass(frozen=True, slots=True)
class Scored:
    """One past forecast: what each component gave each month, and the outcome.

    Parameters
    ----------
    target : str
        Forecasts of one target are left out together.
    masses : array, shape (k, b)
        Rows of NaN where a component was absent; the others share its weight.
    outcome : array, shape (b,)
    """

    target: str
    masses: FloatArray
    outcome: FloatArray


@dataclass(frozen=True, slots=True)
class LearnedRule:
    """A rule, and what it rests on.

    Parameters
    ----------
    rule : Rule
        From all targets.
    left_out : dict of str to Rule
        Learned without that target.
    shrinkage : float
        The chosen prior strength in targets; ``inf`` is the plain pool with equal weights.
    scores : dict of float to float
        Mean leave-one-target-out log score per strength, nats.
    n_targets : int
    """

    rule: Rule
    left_out: dict[str, Rule]
    shrinkage: float
    scores: dict[float, float]
    n_targets: int


def learn_rule(
    past: Sequence[Scored],
    *,
    components: int,
    strengths: Sequence[float] = SHRINKAGE,
) -> LearnedRule:
    """A rule by penalised mean log score, prior strength by leaving targets out.

    Parameters
    ----------
    past : sequence of Scored
        With fewer than two targets the rule is the plain pool with equal weights.
    components : int
    strengths : sequence of float
        Prior strengths to choose from.

    Returns
    -------
    LearnedRule

    Raises
    ------
    BadValue
        A forecast with another number of components, or with none present.
    """
    for one in past:
        if one.masses.shape[0] != components:
            raise BadValue(f"{one.target}: {one.masses.shape[0]} components, not {components}")
        if np.isnan(one.masses).any(axis=1).all():
            raise BadValue(f"{one.target}: no component is present")
    equal = Rule.equal(components)
    targets = sorted({one.target for one in past})
    if len(targets) < 2:
        return LearnedRule(equal, dict.fromkeys(targets, equal), np.inf, {}, len(targets))
    stacked = _stack(past)
    index = np.array([targets.index(one.target) for one in past])
    scores: dict[float, float] = {}
    left: dict[float, dict[str, Rule]] = {}
    for strength in strengths:
        # all but one target differ little from all: start there
        whole = _maximise(stacked, index, strength, without=-1, start=equal)
        left[strength] = {
            name: _maximise(stacked, index, strength, without=i, start=whole)
            for i, name in enumerate(targets)
        }
        per_target = [
            _mean_score(stacked, index == i, left[strength][name]) for i, name in enumerate(targets)
        ]
        scores[strength] = float(np.mean(per_target))
    # of strengths that score alike the strongest
    best = min(strengths, key=lambda s: (round(scores[s], 3), -s))
    whole = _maximise(stacked, index, best, without=-1, start=equal)
    return LearnedRule(whole, left[best], best, scores, len(targets))


@dataclass(frozen=True, slots=True)
class _Stack:
    """All (forecast, month) pairs that happened with some probability, one per row."""

    upper: FloatArray  # (r, k) component probability until the end of the month, 0 where absent
    lower: FloatArray  # (r, k) ... until its begin
    present: FloatArray  # (r, k) 1 or 0
    floor: FloatArray  # (r,)
    outcome: FloatArray  # (r,)
    forecast: np.ndarray  # (r,)


def _stack(past: Sequence[Scored]) -> _Stack:
    parts: dict[str, list[FloatArray]] = {
        name: [] for name in ("upper", "lower", "present", "floor", "outcome", "forecast")
    }
    for i, one in enumerate(past):
        at = np.flatnonzero(one.outcome > 0)
        absent: BoolArray = np.any(np.isnan(one.masses), axis=1)
        masses = np.where(absent[:, None], 0.0, one.masses)
        until = np.minimum(np.cumsum(masses, axis=1), 1.0)
        before = np.concatenate([np.zeros((len(masses), 1)), until[:, :-1]], axis=1)
        parts["upper"].append(until[:, at].T)
        parts["lower"].append(before[:, at].T)
        parts["present"].append(
            np.broadcast_to((~absent).astype(np.float64), (len(at), len(absent)))
        )
        parts["floor"].append(np.full(len(at), FLOOR / masses.shape[1]))
        parts["outcome"].append(one.outcome[at])
        parts["forecast"].append(np.full(len(at), i))
    joined = {name: np.concatenate(found) for name, found in parts.items()}
    return _Stack(**joined)


def _transform(u: FloatArray, alpha: float, beta: float) -> FloatArray:
    """The beta distribution function."""
    from scipy.special import betainc

    return np.asarray(betainc(alpha, beta, u))


def _log_mass(stack: _Stack, rule: Rule) -> FloatArray:
    """(r,) log of what the pool gives each month, with the floor of the log score."""
    inside = stack.present @ rule.weights
    upper = np.minimum(stack.upper @ rule.weights / inside, 1.0)
    lower = np.minimum(stack.lower @ rule.weights / inside, 1.0)
    if not rule.alpha == rule.beta == 1.0:
        upper = _transform(upper, rule.alpha, rule.beta)
        lower = _transform(lower, rule.alpha, rule.beta)
    return np.asarray(np.log((1 - FLOOR) * np.maximum(upper - lower, 0.0) + stack.floor))


def _mean_score(stack: _Stack, chosen: np.ndarray, rule: Rule) -> float:
    """Mean log score over the forecasts that are chosen (bool per forecast)."""
    rows = chosen[stack.forecast]
    return float(-np.sum((stack.outcome * _log_mass(stack, rule))[rows]) / np.sum(chosen))


def _maximise(
    stack: _Stack, index: np.ndarray, strength: float, *, without: int, start: Rule
) -> Rule:
    """The penalised rule; weights by their logarithms, the first one fixed."""
    from scipy.optimize import minimize
    from threadpoolctl import threadpool_limits

    components = stack.upper.shape[1]
    if np.isinf(strength):
        return Rule.equal(components)
    kept = index != without
    per_target = np.bincount(index[kept], minlength=index.max() + 1)
    share = np.where(kept, 1.0 / np.maximum(per_target[index], 1), 0.0)
    value = stack.outcome * share[stack.forecast]
    rows = value > 0
    part = _Stack(*(getattr(stack, name)[rows] for name in _Stack.__dataclass_fields__))
    value = value[rows]

    def rule_of(x: FloatArray) -> Rule:
        logits = np.concatenate([[0.0], x[:-2]])
        raised = np.exp(logits - logits.max())
        return Rule(raised / raised.sum(), float(np.exp(x[-2])), float(np.exp(x[-1])))

    def loss(x: FloatArray) -> float:
        rule = rule_of(x)
        penalty = -np.mean(np.log(rule.weights)) + (x[-2] ** 2 + x[-1] ** 2) / (2 * TAU**2)
        return float(-value @ _log_mass(part, rule) + strength * penalty)

    log_weights = np.log(start.weights)
    x0 = np.concatenate(
        [log_weights[1:] - log_weights[0], [np.log(start.alpha), np.log(start.beta)]]
    )
    limit = np.array([[-8.0, 8.0]] * (components - 1) + [[-3.0, 3.0]] * 2)
    # four parameters: more threads only wait for each other
    with threadpool_limits(limits=1):
        found = minimize(loss, x0, method="L-BFGS-B", bounds=limit, options={"ftol": 1e-10})
    return rule_of(found.x)
