"""Headway: how far open-weight AI models are behind closed ones, per domain, with error bars.

``import headway`` is quick: the verbs below are imported when they are first used.

=====================  ======================================================
``headway.lag``        lags per domain and stage, or of an index of one's own
``headway.lag_test``   claims about the lag as tests, with robustness
``headway.lag_effects``  what kind of evidence moves scores, and by how much
``headway.lag_sauce``  cyber ability beyond what coding and general ability explain
``headway.lag_harness``  months and variance owed to scaffold and budget
``headway.lag_density``  parameters needed for a fixed ability, per year
``headway.place``      where an unreleased model stands, by its own results
``headway.forecast``   when an open-weight model reaches a given model's level
``headway.backtest``   how good such forecasts would have been
``headway.reconcile``  published lags computed again, and the path between any two
``headway.deploy_fit``  how many GPUs a model takes, per precision
``headway.deploy_speed``  tokens per second of a deployment, at given loads
``headway.deploy_cost``  what it costs per day and per million tokens
``headway.deploy_frontier``  speed per user against tokens per second
``headway.deploy_hypothetical``  the same for a model of which only the size is known
``headway.deploy_validate``  predicted against measured throughput
``headway.deploy_train``  operations, GPU-hours and dollars of a training run
``headway.deploy_actors``  who can have a model: four counts
``headway.deploy_price``  what a price of an API says about what is behind it
``headway.impact_funnel``  a disclosure programme by stage and day, never across days
``headway.impact_series``  counts of vulnerabilities per month or week, by source and unit
``headway.impact_study``  what an event did to them, with placebos and power
``headway.report``     the report as one HTML file
``headway.load``       the tables of the data release in use
``headway.data_list``  what is in the release
``headway.data_choice``  a block in which every verb answers from other data
``headway.data_use``   the release that answers from now on
``headway.data_diff``  what changed between two releases, what moved, and why
``headway.publish_release``  put a release below a URL, for others to read
``headway.data_show``  every fact behind one id, with its source
``headway.data_validate``  every bad row of a file, with the reason
``headway.data_sync``  fetch what changed in public sources, keep and read it
``headway.data_status``  how old and how complete each public source is
``headway.data_add``   store results of one's own; ``data_remove`` takes them out
``headway.data_export``  any table as CSV, Parquet, JSON, XLSX, Every Eval Ever
``headway.data_release``  cut a dated release that others can pin, check it, publish it
``headway.prices``     what a model costs at whom, as dated claims
``headway.doctor``     is this installation in order
=====================  ======================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headway._version import __version__

if TYPE_CHECKING:
    from headway.api.backtest import backtest
    from headway.api.data import data_list, data_show, data_validate, load
    from headway.api.data_diff import data_diff
    from headway.api.data_export import data_export
    from headway.api.data_own import data_add, data_remove
    from headway.api.data_release import data_release
    from headway.api.data_use import data_choice, data_use
    from headway.api.deploy import deploy_cost, deploy_fit, deploy_frontier, deploy_speed
    from headway.api.deploy_actors import deploy_actors
    from headway.api.deploy_hypothetical import deploy_hypothetical
    from headway.api.deploy_price import deploy_price
    from headway.api.deploy_train import deploy_train
    from headway.api.deploy_validate import deploy_validate
    from headway.api.doctor import doctor
    from headway.api.forecast import forecast
    from headway.api.impact_funnel import impact_funnel
    from headway.api.impact_series import impact_series
    from headway.api.impact_study import impact_study
    from headway.api.lag import lag
    from headway.api.lag_density import lag_density
    from headway.api.lag_effects import lag_effects
    from headway.api.lag_harness import lag_harness
    from headway.api.lag_sauce import lag_sauce
    from headway.api.lag_test import lag_test
    from headway.api.place import place
    from headway.api.prices import prices
    from headway.api.reconcile import reconcile
    from headway.api.report import report
    from headway.api.sync import data_sync
    from headway.api.sync_status import data_status
    from headway.tables.published import publish_release

__all__ = [
    "__version__",
    "backtest",
    "data_add",
    "data_choice",
    "data_diff",
    "data_export",
    "data_list",
    "data_release",
    "data_remove",
    "data_show",
    "data_status",
    "data_sync",
    "data_use",
    "data_validate",
    "deploy_actors",
    "deploy_cost",
    "deploy_fit",
    "deploy_frontier",
    "deploy_hypothetical",
    "deploy_price",
    "deploy_speed",
    "deploy_train",
    "deploy_validate",
    "doctor",
    "forecast",
    "impact_funnel",
    "impact_series",
    "impact_study",
    "lag",
    "lag_density",
    "lag_effects",
    "lag_harness",
    "lag_sauce",
    "lag_test",
    "load",
    "place",
    "prices",
    "publish_release",
    "reconcile",
    "report",
]

_VERBS = {
    "backtest": "headway.api.backtest",
    "forecast": "headway.api.forecast",
    "impact_funnel": "headway.api.impact_funnel",
    "impact_series": "headway.api.impact_series",
    "impact_study": "headway.api.impact_study",
    "lag_density": "headway.api.lag_density",
    "lag_effects": "headway.api.lag_effects",
    "lag_harness": "headway.api.lag_harness",
    "lag_sauce": "headway.api.lag_sauce",
    "lag_test": "headway.api.lag_test",
    "place": "headway.api.place",
    "prices": "headway.api.prices",
    "publish_release": "headway.tables.published",
    "reconcile": "headway.api.reconcile",
    "data_add": "headway.api.data_own",
    "data_choice": "headway.api.data_use",
    "data_use": "headway.api.data_use",
    "data_remove": "headway.api.data_own",
    "data_diff": "headway.api.data_diff",
    "data_export": "headway.api.data_export",
    "data_list": "headway.api.data",
    "data_release": "headway.api.data_release",
    "data_show": "headway.api.data",
    "data_status": "headway.api.sync_status",
    "data_sync": "headway.api.sync",
    "data_validate": "headway.api.data",
    "deploy_actors": "headway.api.deploy_actors",
    "deploy_cost": "headway.api.deploy",
    "deploy_fit": "headway.api.deploy",
    "deploy_frontier": "headway.api.deploy",
    "deploy_hypothetical": "headway.api.deploy_hypothetical",
    "deploy_price": "headway.api.deploy_price",
    "deploy_speed": "headway.api.deploy",
    "deploy_train": "headway.api.deploy_train",
    "deploy_validate": "headway.api.deploy_validate",
    "doctor": "headway.api.doctor",
    "lag": "headway.api.lag",
    "load": "headway.api.data",
    "report": "headway.api.report",
}


def __getattr__(name: str) -> Any:
    if name in _VERBS:
        from importlib import import_module

        return getattr(import_module(_VERBS[name]), name)
    raise AttributeError(f"module 'headway' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
