"""What a forecaster knows in one cell on one day, and about one target there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from headway.errors import NotEnoughData, UnknownModel
from headway.estimate.lag.entrants import (
    BoolArray,
    Entrants,
    FloatArray,
    IntArray,
    day_number,
)
from headway.estimate.lag.frontier import Frontier, FrontierPair, frontier_pair
from headway.estimate.lag.headway import Headways, headways
from headway.estimate.lag.rows import most_frequent
from headway.result import DAYS_PER_MONTH

__all__ = ["History", "Target", "history", "target_in"]


@dataclass(frozen=True, slots=True)
class History:
    """Both frontiers of one cell as known on a day.

    Parameters
    ----------
    pair : FrontierPair
        Of the open and the widest closed frontier (restricted models count).
    found : Headways
        Every closed record so far, and when it was matched.
    """

    pair: FrontierPair
    found: Headways

    @property
    def now(self) -> float:
        """Day of issue, days since 1970-01-01."""
        return day_number(self.pair.as_of)

    @property
    def open(self) -> Frontier:
        """The open frontier."""
        return self.pair.both[0]

    @property
    def level(self) -> FloatArray:
        """(n_draws,) level of the open frontier on the day of issue."""
        return np.asarray(self.open.level[:, -1])

    @property
    def n_draws(self) -> int:
        return int(self.open.level.shape[0])


@dataclass(frozen=True, slots=True)
class Target:
    """A model whose level is waited for.

    Parameters
    ----------
    model_version : str
    launched : float, days
        First day on which it was more than a plan: use outside the developer, published results,
        or weights.
    ability : array, shape (n_draws,)
        The same draws as the frontiers'.
    reached_on : array, shape (n_draws,), days
        First day on which an open-weight model was at its level; ``inf`` if not by the day of issue.
    reached_by : str or None
        Which one, in most of those draws.
    reached_by_share : float
        In which share of all draws it is that one.
    is_open : bool
        Its own weights can be downloaded.
    """

    model_version: str
    launched: float
    ability: FloatArray
    reached_on: FloatArray
    reached_by: str | None
    reached_by_share: float
    is_open: bool

    @property
    def reached(self) -> BoolArray:
        """(n_draws,) whether the level was reached by the day of issue."""
        return np.isfinite(self.reached_on)

    def waited(self, now: float) -> float:
        """Months from launch to the day of issue, never negative."""
        return max(0.0, (now - self.launched) / DAYS_PER_MONTH)


def history(entrants: Entrants, *, as_of: date) -> History:
    """Frontiers and headways of a cell as known on a day.

    Parameters
    ----------
    entrants : Entrants
        Abilities from rows known by ``as_of`` and nothing else.
    as_of : date

    Raises
    ------
    NotEnoughData
        Fewer than three informative models on a side.
    """
    pair = frontier_pair(entrants, frontier="restricted", as_of=as_of)
    if pair.missing:
        raise NotEnoughData(f"no frontiers: {', '.join(pair.missing)}", missing=list(pair.missing))
    return History(pair, headways(pair))


def target_in(past: History, model_version: str) -> Target:
    """A model of the fit as a target.

    The target itself need not be informative: an uncertain level is an uncertain forecast.

    Raises
    ------
    UnknownModel
        It has no ability in this fit.
    NotEnoughData
        It was not out by the day of issue, or its date is unknown.
    """
    entrants = past.pair.entrants
    if model_version not in entrants.model_version:
        raise UnknownModel(f"{model_version} has no score in this fit", model=model_version)
    at = entrants.model_version.index(model_version)
    launched = float(min(entrants.closed_any_from[at], entrants.open_from[at]))
    if launched > past.now:
        raise NotEnoughData(f"{model_version} was not out by {past.pair.as_of}")
    ability = entrants.ability[:, at]
    step = past.open.first_step_at(ability[:, None])[:, 0]
    day = past.open.day_of(step[:, None])[:, 0]
    holder, share = _holder(past, step)
    return Target(
        model_version=model_version,
        launched=launched,
        ability=ability,
        reached_on=day,
        reached_by=holder,
        reached_by_share=share,
        is_open=bool(np.isfinite(entrants.open_from[at])),
    )


def _holder(past: History, step: IntArray) -> tuple[str | None, float]:
    """The commonest model at the steps that exist, and its share of all draws."""
    hit = step < past.open.level.shape[1]
    if not hit.any():
        return None, 0.0
    columns = past.pair.holders("open")[np.flatnonzero(hit), step[hit]]
    name = most_frequent(past.pair.entrants, columns)
    assert name is not None
    at = past.pair.entrants.model_version.index(name)
    return name, float(np.sum(columns == at) / len(step))
