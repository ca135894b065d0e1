"""Headway: how far open-weight AI models are behind closed ones, per domain, with error bars.

``import headway`` is quick: the verbs below are imported when they are first used.

=====================  ======================================================
``headway.lag``        lags per domain and stage, or of an index of one's own
``headway.report``     the report as one HTML file
``headway.load``       the tables of the data release in use
``headway.data_list``  what is in the release
``headway.data_show``  every fact behind one id, with its source
``headway.data_validate``  every bad row of a file, with the reason
``headway.doctor``     is this installation in order
=====================  ======================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headway._version import __version__

if TYPE_CHECKING:
    from headway.api.data import data_list, data_show, data_validate, load
    from headway.api.doctor import doctor
    from headway.api.lag import lag
    from headway.api.report import report

__all__ = [
    "__version__",
    "data_list",
    "data_show",
    "data_validate",
    "doctor",
    "lag",
    "load",
    "report",
]

_VERBS = {
    "data_list": "headway.api.data",
    "data_show": "headway.api.data",
    "data_validate": "headway.api.data",
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
