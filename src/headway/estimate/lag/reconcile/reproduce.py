"""A published lag beside the same lag computed again, and whether it was reproduced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from headway.estimate.lag.frontier import frontier_pair
from headway.estimate.lag.reconcile.choices import Choices
from headway.estimate.lag.reconcile.datasets import Materials
from headway.estimate.lag.reconcile.evaluate import Evaluated, evaluate_pool, panel_durations
from headway.estimate.lag.reconcile.pool import sides
from headway.estimate.lag.reconcile.presets import Preset
from headway.estimate.lag.reconcile.rules import Infeasible, matched_day, window
from headway.result import DAYS_PER_MONTH, Interval, Quantity

__all__ = ["Reproduced", "Status", "published_quantity", "record_lags", "reproduce"]

Status = Literal["reproduced", "partly", "inputs_not_public"]
#: Stated level of the intervals of one publisher; the others state 90 %.
_LEVELS = {"multiaxis": 0.80}
_DEFAULT_LEVEL = 0.90


@dataclass(frozen=True, slots=True)
class Reproduced:
    """One row: what was published, what comes out again, and how far they agree.

    ``published`` and ``reproduced`` are in months. A stated span stands as an interval of kind
    ``counted``, whose level is nominal: it is no probability.
    """

    preset: Preset
    published: Quantity
    reproduced: Quantity
    status: Status

    @property
    def ends_agree(self) -> bool | None:
        """Whether both ends of a published range round alike; ``None`` without a range or its like."""
        told, found = self.published.interval, self.reproduced.interval
        if self.published.value is not None or told is None or found is None:
            return None
        return _agrees(found.low, told.low) and _agrees(found.high, told.high)

    @property
    def computable(self) -> bool:
        """Whether a path may end here."""
        return self.reproduced.status == "estimated"


def published_quantity(row: Mapping[str, Any]) -> Quantity:
    """A row of ``published_estimates`` as a quantity.

    Without a summary of its own a range has no value; its status is then ``not_estimable`` with
    the note ``range_without_summary``.
    """
    low, high = row["low"], row["high"]
    interval = None
    if low is not None or high is not None:
        level = (
            _LEVELS["multiaxis"] if str(row["estimate_id"]).startswith("ecih") else _DEFAULT_LEVEL
        )
        spread = row["summary"] in ("mean", "median") and row["estimate_id"] != "epoch-cn-us-avg"
        interval = Interval(
            -np.inf if low is None else float(low),
            np.inf if high is None else float(high),
            level,
            "eti" if spread else "counted",
        )
    if row["value"] is None:
        return Quantity(None, "months", interval, 0, 0, "not_estimable", ("range_without_summary",))
    return Quantity(float(row["value"]), "months", interval, 0, 0, "estimated")


def reproduce(
    preset: Preset,
    published: Mapping[str, Any],
    evaluate: Callable[[Choices], Evaluated],
    materials: Materials,
) -> Reproduced:
    """Compute one published lag again and compare.

    ``reproduced`` needs data and rule of the author and agreement within the rounding of the printed
    number: the summary statistic, or the percentiles that the author states. A range without a
    summary, and anything from other data or another rule, is ``partly``.

    Parameters
    ----------
    preset : Preset
    published : mapping
        Row of ``published_estimates``.
    evaluate : callable
    materials : Materials
    """
    told = published_quantity(published)
    if preset.choices is None:
        assert preset.why is not None, preset.name
        return Reproduced(
            preset,
            told,
            Quantity.not_estimable("months", preset.why),
            "inputs_not_public",
        )
    found = evaluate(preset.choices).lag
    found = _with_range(preset, found, evaluate, materials)
    return Reproduced(preset, told, found, _status(preset, published, told, found))


def _with_range(
    preset: Preset,
    found: Quantity,
    evaluate: Callable[[Choices], Evaluated],
    materials: Materials,
) -> Quantity:
    """The quantity with the range over other readings, records, or the reading error."""
    if found.value is None:
        return found
    assert preset.choices is not None
    ends: list[float] = []
    if preset.also:
        others = [evaluate(other).lag for other in preset.also]
        ends = [found.value, *(o.value for o in others if o.value is not None)]
    elif preset.span == "records":
        ends = [float(x) for x in record_lags(preset.choices, materials)]
    elif preset.span == "percentiles":
        months = panel_durations(preset.choices, materials)
        ends = [float(x) for x in np.percentile(months, [5, 95])]
    elif preset.reading_error is not None:
        ends = reading_range(preset.choices, preset.reading_error, materials)
    if not ends:
        return found
    kind = "digitised" if preset.reading_error is not None else "counted"
    interval = Interval(
        min([*ends, found.value]),
        max([*ends, found.value]),
        _DEFAULT_LEVEL,
        kind,  # type: ignore[arg-type]
    )
    return replace(found, interval=interval)


def record_lags(choices: Choices, materials: Materials) -> np.ndarray:
    """Lag at each record of the followers in the window, on central scores, in months.

    Raises
    ------
    Infeasible
        The window is not covered.
    """
    pool = materials.pool(choices)
    entrants = sides(replace(pool, score=pool.central), choices)
    pair = frontier_pair(entrants, frontier="public", as_of=choices.as_of, min_open=1, min_closed=1)
    if pair.missing:
        raise Infeasible(pair.missing[0])
    open_, closed = pair.both
    begin, end = window(pair, choices)
    which = open_.records()[0] & (open_.dates[0] >= begin) & (open_.dates[0] <= end)
    matched = matched_day(closed, open_.level[:, which], choices)[0]
    days = open_.dates[0, which]
    months: np.ndarray = np.where(np.isfinite(matched), days - matched, 0.0) / DAYS_PER_MONTH
    return months


def reading_range(choices: Choices, error: float, materials: Materials) -> list[float]:
    """Lags of a named model with its score moved down and up by a reading error."""
    assert choices.model is not None
    pool = materials.pool(choices)
    i = pool.model.index(choices.model)
    out = []
    for sign in (-1.0, 1.0):
        score = pool.score.copy()
        score[:, i] += sign * error
        lag = evaluate_pool(replace(pool, score=score), choices).lag
        if lag.value is not None:
            out.append(lag.value)
    return out


def _status(preset: Preset, row: Mapping[str, Any], told: Quantity, found: Quantity) -> Status:
    if found.value is None:
        return "partly"
    if not preset.own:
        return "partly"
    if row["summary"] == "percentiles":
        assert found.interval is not None
        same = _agrees(found.interval.low, row["low"]) and _agrees(found.interval.high, row["high"])
        return "reproduced" if same else "partly"
    if told.value is None:
        return "partly"
    return "reproduced" if _agrees(found.value, told.value) else "partly"


def _agrees(found: float, printed: float) -> bool:
    """Whether a number rounds to the printed one, at its printed decimals."""
    if not np.isfinite(printed):
        return True
    decimals = len(f"{printed:.6f}".rstrip("0").partition(".")[2])
    return abs(found - printed) <= 0.5 * 10.0**-decimals + 1e-9
