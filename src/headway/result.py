"""Quantities: a value never travels without its unit, interval, counts and status.

The JSON form is the contract of the command line: infinity is the string ``"inf"``,
a lower end among "open models lead" draws is ``"-inf"``, an unknown is ``null``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["DAYS_PER_MONTH", "Interval", "IntervalKind", "Quantity", "Status", "json_number"]

#: A month is 30.4375 days everywhere (365.25 / 12).
DAYS_PER_MONTH = 30.4375

IntervalKind = Literal[
    "wilson", "t", "bootstrap", "profile", "eti", "hdi", "km_loglog", "counted", "digitised"
]
Status = Literal["estimated", "open_leads", "censored", "not_estimable"]


def json_number(value: float | None) -> float | str | None:
    """A number as JSON carries it: infinities as strings, ``None`` as ``null``.

    Raises
    ------
    AssertionError
        On NaN: an unknown is ``None``, never NaN.
    """
    if value is None:
        return None
    assert not math.isnan(value), "NaN may not leave a function; use None and a status"
    if value == math.inf:
        return "inf"
    if value == -math.inf:
        return "-inf"
    return float(value)


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval and how it was made.

    ``high`` is ``math.inf`` where no upper limit is known (right-censored);
    ``low`` is ``-math.inf`` where the quantile falls among "open models lead" draws.
    """

    low: float
    high: float
    level: float
    kind: IntervalKind

    def __post_init__(self) -> None:
        assert not math.isnan(self.low) and not math.isnan(self.high)
        assert self.low <= self.high, (self.low, self.high)
        assert 0 < self.level < 1

    def to_json(self) -> dict[str, Any]:
        return {
            "low": json_number(self.low),
            "high": json_number(self.high),
            "level": self.level,
            "kind": self.kind,
        }


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number with everything needed to doubt it.

    Parameters
    ----------
    value : float or None
        ``None`` with status ``not_estimable`` or ``open_leads``; the bound itself with ``censored``.
    unit : str
        ``months``, ``points``, ``proportion``, ...
    interval : Interval or None
        Measurement uncertainty (posterior draws) unless its ``kind`` says otherwise.
    n : int
        Samples: scores or models that entered.
    n_clusters : int
        What was resampled or is independent: labs.
    status : {"estimated", "open_leads", "censored", "not_estimable"}
    notes : tuple of str
        Message keys, optionally ``key:argument``; translated when shown.
    interval_process : Interval or None
        The same with release-process uncertainty added; ``None`` where it was not computed.
    probabilities : dict of str to float, or None
        Probability of each state over the draws.
    """

    value: float | None
    unit: str
    interval: Interval | None
    n: int
    n_clusters: int
    status: Status
    notes: tuple[str, ...] = ()
    interval_process: Interval | None = None
    probabilities: dict[str, float] | None = None

    def __post_init__(self) -> None:
        if self.status in ("open_leads", "not_estimable"):
            assert self.value is None, (self.status, self.value)
        else:
            assert self.value is not None and math.isfinite(self.value), (self.status, self.value)
        if self.status == "not_estimable":
            assert self.notes, "not_estimable must say what is missing"

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {
            "value": json_number(self.value),
            "unit": self.unit,
            "interval": None if self.interval is None else self.interval.to_json(),
            "n": self.n,
            "n_clusters": self.n_clusters,
            "status": self.status,
            "notes": list(self.notes),
        }
        if self.interval_process is not None:
            out["interval_process"] = self.interval_process.to_json()
        if self.probabilities is not None:
            out["probabilities"] = self.probabilities
        return out

    @classmethod
    def not_estimable(cls, unit: str, *notes: str, n: int = 0, n_clusters: int = 0) -> Quantity:
        """A quantity that the data cannot carry; ``notes`` say what is missing."""
        return cls(None, unit, None, n, n_clusters, "not_estimable", tuple(notes))
