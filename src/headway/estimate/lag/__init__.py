"""How far open-weight models lag closed ones: frontiers, lags, headway, their uncertainty.

Pure functions: abilities and entry dates in, frozen results out. Every definition is in months of
30.4375 days, matches with ``>=``, lets all entries of one date enter together, and keeps its
states: ``estimated``, ``open_leads``, ``censored`` (a bound), ``not_estimable`` (with what is
missing).
"""

from __future__ import annotations

from headway.estimate.lag.changepoints import Piecewise, piecewise
from headway.estimate.lag.definitions import lag_at_record, lag_history, lag_mean_12m, lag_now
from headway.estimate.lag.drivers import drivers
from headway.estimate.lag.entrants import FRONTIERS, Entrants, FrontierName, entrants_from_access
from headway.estimate.lag.eras import ERA_STARTS, EraParametric, headway_parametric
from headway.estimate.lag.everything import lag_rows
from headway.estimate.lag.frontier import FrontierPair, frontier_pair
from headway.estimate.lag.headway import (
    EraHeadway,
    HeadwayRecord,
    headway_by_era,
    headway_months,
    headway_records,
    survival_curve,
)
from headway.estimate.lag.history import HistoryStates, history_states
from headway.estimate.lag.index import (
    check_index,
    entrants_from_index,
    index_from_epoch,
    lag_index,
    tie_sensitivity,
)
from headway.estimate.lag.process import joint_replicates, release_replicates
from headway.estimate.lag.rows import DEFINITIONS, Cell, LagRow, history_frame
from headway.estimate.lag.statespace import FrontierPath, fit_frontier
from headway.estimate.lag.survival import HeadwaySurvival, fit_headway
from headway.estimate.lag.trend import gap, lag_trend

__all__ = [
    "DEFINITIONS",
    "ERA_STARTS",
    "FRONTIERS",
    "Cell",
    "Entrants",
    "EraHeadway",
    "EraParametric",
    "FrontierName",
    "FrontierPair",
    "FrontierPath",
    "HeadwayRecord",
    "HeadwaySurvival",
    "HistoryStates",
    "LagRow",
    "Piecewise",
    "check_index",
    "drivers",
    "entrants_from_access",
    "entrants_from_index",
    "fit_frontier",
    "fit_headway",
    "frontier_pair",
    "gap",
    "headway_by_era",
    "headway_months",
    "headway_parametric",
    "headway_records",
    "history_frame",
    "history_states",
    "index_from_epoch",
    "joint_replicates",
    "lag_at_record",
    "lag_history",
    "lag_index",
    "lag_mean_12m",
    "lag_now",
    "lag_rows",
    "lag_trend",
    "piecewise",
    "release_replicates",
    "survival_curve",
    "tie_sensitivity",
]
