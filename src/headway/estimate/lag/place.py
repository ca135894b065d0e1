r"""Where a model that is in no frontier stands: the closed-frontier date it equals, and its uplift.

Per posterior draw, with :math:`\theta` the ability of the placed model,

.. math:: s = \inf\{t \le t_0 : F_{closed}(t) \ge \theta\}, \qquad \mathrm{lag} = t_0 - s

is the day on which closed models first had that ability, and how long ago that was at :math:`t_0`
(``as_of``). The states are those of a lag: a model that no closed one had reached by :math:`t_0` is
ahead (``open_leads``); one that the first closed models in the data already match has a bound
(``censored``: that day *or before*, a lag of *at least*).

Uplift is :math:`\theta - F_{open}(t_0)`: what the model would add to what can be downloaded already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from headway.estimate.lag.entrants import Entrants, FloatArray, FrontierName, IntArray, day_number
from headway.estimate.lag.frontier import FrontierPair, frontier_pair
from headway.estimate.lag.rows import most_frequent
from headway.estimate.lag.states import BOUND, NUMBER, DrawStates, summarise
from headway.result import DAYS_PER_MONTH, Interval, Quantity, Status

__all__ = ["DatedQuantity", "Placed", "date_equalled", "equivalent_lag", "place"]

#: What the notes of a lag are called for a single model.
_RENAMED = {"p_open_leads": "p_ahead_of_closed", "p_censored": "p_before_first_closed"}


@dataclass(frozen=True, slots=True)
class DatedQuantity:
    """A date with its interval; the mirror image of a lag seen from one day.

    Parameters
    ----------
    value : date or None
        ``None`` with status ``open_leads`` (ahead of the closed frontier) or ``not_estimable``; with
        ``censored`` the first day in the data: the truth is that day or before.
    low, high : date or None
        Ends of the interval; ``None`` where there is none: no earliest day is known, or the end
        falls among draws in which the model is ahead.
    interval : Interval or None
        The interval of the lag in months that the ends were read from.
    status, n, n_clusters, notes, probabilities
        As in :class:`~headway.result.Quantity`.
    """

    value: date | None
    low: date | None
    high: date | None
    interval: Interval | None
    status: Status
    n: int
    n_clusters: int
    notes: tuple[str, ...]
    probabilities: dict[str, float] | None

    def to_json(self) -> dict[str, Any]:
        """The shape of a quantity with unit ``date``; an end that is no date is ``"-inf"``/``"inf"``."""
        interval = None
        if self.interval is not None:
            # a low end that is no date is open towards the past, unless all draws are ahead
            all_ahead = self.interval.high == -np.inf
            low = "inf" if all_ahead else "-inf"
            interval = {
                "low": low if self.low is None else self.low.isoformat(),
                "high": "inf" if self.high is None else self.high.isoformat(),
                "level": self.interval.level,
                "kind": self.interval.kind,
            }
        out: dict[str, Any] = {
            "value": None if self.value is None else self.value.isoformat(),
            "unit": "date",
            "interval": interval,
            "n": self.n,
            "n_clusters": self.n_clusters,
            "status": self.status,
            "notes": list(self.notes),
        }
        if self.probabilities is not None:
            out["probabilities"] = self.probabilities
        return out


@dataclass(frozen=True, slots=True)
class Placed:
    """A model against the closed and the open frontier of one domain or stage.

    ``closed_model`` set the closed record that it equals in most draws, ``open_model`` is the best
    open model in most draws; ``None`` where there is none.
    """

    date_equalled: DatedQuantity
    lag: Quantity
    uplift: Quantity
    probability_above_open: Quantity
    closed_model: str | None
    open_model: str | None


def equivalent_lag(pair: FrontierPair, ability: FloatArray) -> tuple[DrawStates, IntArray]:
    """How long ago closed models first had an ability, in months at ``pair.as_of``, per draw.

    Parameters
    ----------
    pair : FrontierPair
        Misses nothing; the placed model is not among its entrants.
    ability : array, shape (n_draws,)
        Of the placed model, from the same draws and in the same unit.

    Returns
    -------
    states : DrawStates
    step : int array, shape (n_draws,)
        Step of the closed frontier that matches; the number of steps where none does.
    """
    _, closed = pair.both
    step = closed.first_step_at(ability[:, None] - pair.margin)[:, 0]
    matched = closed.day_of(step[:, None])[:, 0]
    ahead = ~np.isfinite(matched)
    days = np.where(ahead, 0.0, day_number(pair.as_of) - np.where(ahead, 0.0, matched))
    return DrawStates.build(days / DAYS_PER_MONTH, leads=ahead, bound=step == 0), step


def date_equalled(lag: Quantity, as_of: date) -> DatedQuantity:
    """The date that lies a lag before ``as_of``: value, ends and states mirrored.

    Examples
    --------
    >>> lag = Quantity(12.0, "months", Interval(6.0, float("inf"), 0.9, "eti"), 40, 9, "estimated")
    >>> found = date_equalled(lag, date(2026, 9, 30))
    >>> found.value.isoformat(), found.low, found.high.isoformat()
    ('2025-09-30', None, '2026-03-31')
    """

    def back(months: float) -> date | None:
        if not np.isfinite(months):
            return None
        return as_of - timedelta(days=round(months * DAYS_PER_MONTH))

    return DatedQuantity(
        value=None if lag.value is None else back(lag.value),
        low=None if lag.interval is None else back(lag.interval.high),
        high=None if lag.interval is None else back(lag.interval.low),
        interval=lag.interval,
        status=lag.status,
        n=lag.n,
        n_clusters=lag.n_clusters,
        notes=lag.notes,
        probabilities=lag.probabilities,
    )


def place(
    entrants: Entrants,
    ability: FloatArray,
    *,
    frontier: FrontierName,
    as_of: date,
    level: float = 0.90,
    per_logit: float | None = None,
    missing: Sequence[str] = (),
    min_open: int = 3,
    min_closed: int = 3,
) -> Placed:
    """Place one model against both frontiers.

    Parameters
    ----------
    entrants : Entrants
        Everybody else: the placed model itself must not be able to enter a frontier.
    ability : array, shape (n_draws,), logits
        The placed model's, of the same joint draws as ``entrants.ability``.
    frontier : {"public", "restricted"}
        Which closed models count.
    as_of : date
        Later entries are ignored; lags are seen from this day.
    level : float
        Of every interval.
    per_logit : float, optional
        Points of the reported scale per logit. Without it uplift is in logits.
    missing : sequence of str
        Message keys of what is missing; with any, nothing is estimated.
    min_open, min_closed : int
        Fewer informative models than this and nothing is estimated.

    Returns
    -------
    Placed

    Notes
    -----
    Assumes that the rows of the placed model were measured like those of the release: the same
    items, comparable effort. A set-up effect of its own widens the intervals where a benchmark has
    several set-ups. Uplift compares with the best *informative* open model per draw, so the
    maximum over many noisy models is taken draw by draw, not of their means.
    """
    pair = frontier_pair(
        entrants, frontier=frontier, as_of=as_of, min_open=min_open, min_closed=min_closed
    )
    lacking = tuple(dict.fromkeys([*missing, *pair.missing]))
    unit = "logits" if per_logit is None else "points"
    if lacking:
        facts = {"n": pair.n, "n_clusters": pair.n_clusters}
        lag = Quantity.not_estimable("months", *lacking, **facts)
        return Placed(
            date_equalled=date_equalled(lag, as_of),
            lag=lag,
            uplift=Quantity.not_estimable(unit, *lacking, **facts),
            probability_above_open=Quantity.not_estimable("probability", *lacking, **facts),
            closed_model=None,
            open_model=None,
        )
    states, step = equivalent_lag(pair, ability)
    lag = summarise(states, level=level, n=pair.n, n_clusters=pair.n_clusters)
    lag = replace(lag, notes=tuple(_renamed(note) for note in lag.notes))
    uplift, above, best = _uplift(pair, ability, level, 1.0 if per_logit is None else per_logit)
    return Placed(
        date_equalled=date_equalled(lag, as_of),
        lag=lag,
        uplift=replace(uplift, unit=unit),
        probability_above_open=above,
        closed_model=_closed_model(pair, states, step),
        open_model=best,
    )


def _renamed(note: str) -> str:
    name, colon, argument = note.partition(":")
    return _RENAMED.get(name, name) + colon + argument


def _closed_model(pair: FrontierPair, states: DrawStates, step: IntArray) -> str | None:
    """Who set the closed record that is equalled in most draws."""
    found = (states.code == NUMBER) | (states.code == BOUND)
    if not found.any():
        return None
    holders = pair.holders("closed")[np.flatnonzero(found), step[found]]
    return most_frequent(pair.entrants, holders)


def _uplift(
    pair: FrontierPair, ability: FloatArray, level: float, per_logit: float
) -> tuple[Quantity, Quantity, str | None]:
    """Difference to the best open model, probability that it is positive, and who that model is."""
    entrants = pair.entrants
    usable = np.flatnonzero((entrants.open_from <= day_number(pair.as_of)) & entrants.informative)
    others = entrants.ability[:, usable]
    best = usable[np.argmax(others, axis=1)]
    ahead = (ability - others.max(axis=1)) * per_logit
    labs = len({entrants.lab[i] for i in usable})
    low, median, high = np.quantile(ahead, [(1 - level) / 2, 0.5, (1 + level) / 2])
    interval = Interval(float(low), float(high), level, "eti") if len(ahead) > 1 else None
    uplift = Quantity(
        float(median),
        "points",
        interval,
        n=len(usable),
        n_clusters=labs,
        status="estimated",
        notes=() if interval is not None else ("no_interval",),
    )
    above = Quantity(
        float(np.mean(ahead > 0)),
        "probability",
        None,
        n=len(usable),
        n_clusters=labs,
        status="estimated",
        notes=("posterior_probability",),
    )
    return uplift, above, most_frequent(entrants, best)
