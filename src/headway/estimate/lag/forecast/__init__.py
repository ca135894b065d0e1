"""When will an open-weight model reach a given model's level?

Three forecasts (the frontier's own trend, how long closed records have stood, size needed against
size available), a linear pool of them with weights from back-tests, naive baselines fixed
beforehand, and proper scores for outcomes that may be censored. Pure functions: abilities known on
a day in, weighted samples of months out.
"""

from __future__ import annotations

from headway.estimate.lag.forecast.baselines import BASELINES, baseline_forecasts
from headway.estimate.lag.forecast.changes import PACES, PAUSES, Changed, changed, combined
from headway.estimate.lag.forecast.components import (
    COMPONENTS,
    HORIZON_MONTHS,
    UNCHANGED,
    Change,
    Simulated,
    forecasts,
    simulate,
    usual_jump,
)
from headway.estimate.lag.forecast.scores import (
    Outcome,
    censored_crps,
    censored_log_score,
    coverage,
    pit_masses,
)
from headway.estimate.lag.forecast.situation import History, Target, history, target_in
from headway.estimate.lag.forecast.waiting import Waiting, pool
from headway.estimate.lag.forecast.weights import LearnedRule, Rule, Scored, learn_rule

__all__ = [
    "BASELINES",
    "COMPONENTS",
    "HORIZON_MONTHS",
    "PACES",
    "PAUSES",
    "UNCHANGED",
    "Change",
    "Changed",
    "History",
    "LearnedRule",
    "Outcome",
    "Rule",
    "Scored",
    "Simulated",
    "Target",
    "Waiting",
    "baseline_forecasts",
    "censored_crps",
    "censored_log_score",
    "changed",
    "combined",
    "coverage",
    "forecasts",
    "history",
    "learn_rule",
    "pit_masses",
    "pool",
    "simulate",
    "target_in",
    "usual_jump",
]
