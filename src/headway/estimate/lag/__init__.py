"""How far open-weight models lag closed ones: frontiers, lags, headway, their uncertainty.

Pure functions: abilities and entry dates in, frozen results out. Every definition is in months of
30.4375 days, matches with ``>=``, lets all entries of one date enter together, and keeps its
states: ``estimated``, ``open_leads``, ``censored`` (a bound), ``not_estimable`` (with what is
missing).
"""

from __future__ import annotations

from headway.estimate.lag.definitions import lag_at_record, lag_history, lag_mean_12m, lag_now
from headway.estimate.lag.drivers import drivers
from headway.estimate.lag.entrants import FRONTIERS, Entrants, FrontierName, entrants_from_access
from headway.estimate.lag.everything import lag_rows
from headway.estimate.lag.headway import (
    EraHeadway,
    HeadwayRecord,
    headway_by_era,
    headway_months,
    headway_records,
    survival_curve,
)
from headway.estimate.lag.index import (
    check_index,
    entrants_from_index,
    index_from_epoch,
    lag_index,
    tie_sensitivity,
)
from headway.estimate.lag.rows import DEFINITIONS, Cell, LagRow, history_frame
from headway.estimate.lag.trend import gap, lag_trend

__all__ = [
    "DEFINITIONS",
    "FRONTIERS",
    "Cell",
    "Entrants",
    "EraHeadway",
    "FrontierName",
    "HeadwayRecord",
    "LagRow",
    "check_index",
    "drivers",
    "entrants_from_access",
    "entrants_from_index",
    "gap",
    "headway_by_era",
    "headway_months",
    "headway_records",
    "history_frame",
    "index_from_epoch",
    "lag_at_record",
    "lag_history",
    "lag_index",
    "lag_mean_12m",
    "lag_now",
    "lag_rows",
    "lag_trend",
    "survival_curve",
    "tie_sensitivity",
]
