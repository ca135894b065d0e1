r"""Frontiers per draw: running maxima of ability over entry dates.

.. math:: F_g(t) = \max\{\theta_m : m \in g,\ \mathrm{entered}_m \le t\}

All entries of one date enter together, so a frontier takes one step per distinct date. Only
informative models take part.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from headway.estimate.lag.entrants import (
    BoolArray,
    Entrants,
    FloatArray,
    FrontierName,
    IntArray,
    day_number,
)

__all__ = ["Frontier", "FrontierPair", "frontier_pair", "running_maxima"]


@dataclass(frozen=True, slots=True)
class Frontier:
    """A non-decreasing step function of time per draw.

    Parameters
    ----------
    dates : array, shape (1, K) or (n_draws, K), days since 1970-01-01
        Ascending; one row when all draws share their dates.
    level : array, shape (n_draws, K)
        The running maximum from ``dates[k]`` until ``dates[k + 1]``.
    """

    dates: FloatArray
    level: FloatArray

    @property
    def shared(self) -> bool:
        """Whether all draws have the same dates."""
        return bool(self.dates.shape[0] == 1)

    @property
    def first(self) -> FloatArray:
        """Day of the first entry, shape (1,) or (n_draws,)."""
        first: FloatArray = self.dates[:, 0]
        return first

    def until(self, t: float) -> Frontier | None:
        """The steps up to day ``t`` of a frontier with shared dates; ``None`` without any."""
        count = int(np.sum(self.dates[0] <= t))
        return Frontier(self.dates[:, :count], self.level[:, :count]) if count else None

    def records(self) -> BoolArray:
        """Where the level rises, the first entry included; shape (n_draws, K)."""
        out = np.empty(self.level.shape, dtype=bool)
        out[:, 0] = True
        out[:, 1:] = self.level[:, 1:] > self.level[:, :-1]
        return out

    def first_step_at(self, wanted: FloatArray) -> IntArray:
        """Index of the first step with level >= ``wanted`` (n_draws, J); K where there is none."""
        if wanted.shape[1] == 1:
            return np.asarray(np.sum(self.level < wanted, axis=1)[:, None], dtype=np.int64)
        out = np.empty(wanted.shape, dtype=np.int64)
        for row in range(wanted.shape[0]):
            out[row] = np.searchsorted(self.level[row], wanted[row], side="left")
        return out

    def first_day_at(self, wanted: FloatArray) -> FloatArray:
        """First day with level >= ``wanted`` (n_draws, J), ``inf`` where never."""
        return self.day_of(self.first_step_at(wanted))

    def day_of(self, step: IntArray) -> FloatArray:
        """Days of steps (n_draws, J); ``inf`` for step K."""
        padded = np.concatenate([self.dates, np.full((self.dates.shape[0], 1), np.inf)], axis=1)
        if self.shared:
            found: FloatArray = padded[0][step]
        else:
            found = np.take_along_axis(padded, step, axis=1)
        return found


@dataclass(frozen=True, slots=True)
class FrontierPair:
    """The open and the closed frontier of one domain or stage, known at ``as_of``.

    ``missing`` holds message keys of what the data lack; while it is not empty nothing may be
    estimated and the frontiers may be ``None``.
    """

    open: Frontier | None
    closed: Frontier | None
    entrants: Entrants
    frontier: FrontierName
    as_of: date
    margin: float
    min_open: int
    min_closed: int
    missing: tuple[str, ...]
    n: int
    n_clusters: int
    open_steps: tuple[IntArray, ...]
    closed_steps: tuple[IntArray, ...]

    @property
    def both(self) -> tuple[Frontier, Frontier]:
        """(open, closed); only for a pair that misses nothing."""
        assert not self.missing, self.missing
        assert self.open is not None
        assert self.closed is not None
        return self.open, self.closed

    def missing_on(self, day: date) -> tuple[str, ...]:
        """What the data lacked on an earlier day, by the entries that really happened."""
        missing, _ = _what_is_missing(
            self.entrants, self.frontier, day_number(day), self.min_open, self.min_closed
        )
        return missing

    def until(self, day: date) -> FrontierPair:
        """The pair as it stood on an earlier day; the same draws."""
        limit = day_number(day)
        missing, used = _what_is_missing(
            self.entrants, self.frontier, limit, self.min_open, self.min_closed
        )
        open_ = None if self.open is None else self.open.until(limit)
        closed = None if self.closed is None else self.closed.until(limit)
        return replace(
            self,
            open=open_,
            closed=closed,
            as_of=day,
            missing=missing,
            n=len(used),
            n_clusters=len({self.entrants.lab[i] for i in used}),
            open_steps=self.open_steps[: 0 if open_ is None else open_.dates.shape[1]],
            closed_steps=self.closed_steps[: 0 if closed is None else closed.dates.shape[1]],
        )

    def holders(self, group: str) -> IntArray:
        """Strongest entrant of each entry date per draw, as a column of ``entrants.ability``.

        Shape (n_draws, K). Ties within a date go to the first in entrant order.
        """
        steps = self.open_steps if group == "open" else self.closed_steps
        ability = self.entrants.ability
        out = np.empty((ability.shape[0], len(steps)), dtype=np.int64)
        for k, members in enumerate(steps):
            if len(members) == 1:
                out[:, k] = members[0]
            else:
                out[:, k] = members[np.argmax(ability[:, members], axis=1)]
        return out


def running_maxima(entered: FloatArray, ability: FloatArray) -> Frontier:
    """Frontier of models with entry days of their own in each draw.

    Parameters
    ----------
    entered : array, shape (n_draws, n_models), finite days
    ability : array, shape (n_draws, n_models)

    Returns
    -------
    Frontier
        With K = n_models steps per draw; steps of one date carry the same level.
    """
    order = np.argsort(entered, axis=1, kind="stable")
    dates = np.take_along_axis(entered, order, axis=1)
    level = np.maximum.accumulate(np.take_along_axis(ability, order, axis=1), axis=1)
    for k in range(dates.shape[1] - 2, -1, -1):
        same = dates[:, k] == dates[:, k + 1]
        if same.any():
            level[same, k] = level[same, k + 1]
    return Frontier(dates, level)


def frontier_pair(
    entrants: Entrants,
    *,
    frontier: FrontierName,
    as_of: date,
    margin: float = 0.0,
    min_open: int = 3,
    min_closed: int = 3,
) -> FrontierPair:
    """Both frontiers as known at ``as_of``, or what is missing to draw them.

    Parameters
    ----------
    entrants : Entrants
    frontier : {"public", "restricted"}
        Which closed models count.
    as_of : date
        Later entries are ignored.
    margin : float, units of ability
        How much worse still counts as a match; 0 everywhere unless asked for.
    min_open, min_closed : int
        Fewer informative models than this and nothing is estimated.

    Returns
    -------
    FrontierPair
    """
    limit = day_number(as_of)
    sides = {}
    for group, entered in (
        ("open", entrants.open_from),
        ("closed", entrants.closed_from(frontier)),
    ):
        usable = (entered <= limit) & entrants.informative
        sides[group] = _shared_frontier(entered, entrants.ability, usable)
    missing, used = _what_is_missing(entrants, frontier, limit, min_open, min_closed)
    return FrontierPair(
        open=sides["open"][0],
        closed=sides["closed"][0],
        entrants=entrants,
        frontier=frontier,
        as_of=as_of,
        margin=margin,
        min_open=min_open,
        min_closed=min_closed,
        missing=missing,
        n=len(used),
        n_clusters=len({entrants.lab[i] for i in used}),
        open_steps=sides["open"][1],
        closed_steps=sides["closed"][1],
    )


def _what_is_missing(
    entrants: Entrants, frontier: FrontierName, limit: float, min_open: int, min_closed: int
) -> tuple[tuple[str, ...], IntArray]:
    """Message keys of what the data lack by day ``limit``, and the models that may be used."""
    missing: list[str] = []
    used = np.zeros(len(entrants.model_version), dtype=bool)
    for group, entered, fewest in (
        ("open", entrants.open_from, min_open),
        ("closed", entrants.closed_from(frontier), min_closed),
    ):
        present = entered <= limit
        usable = present & entrants.informative
        used |= usable
        if not present.any():
            missing.append(f"no_{group}_models")
        elif not usable.any():
            missing.append(f"no_informative_{group}_models")
        elif usable.sum() < fewest:
            missing.append(f"too_few_{group}:{int(usable.sum())}<{fewest}")
    if not entrants.informative.any() and len(used):
        missing.insert(0, "no_informative_models")
    return tuple(missing), np.asarray(np.flatnonzero(used), dtype=np.int64)


def _shared_frontier(
    entered: FloatArray, ability: FloatArray, usable: BoolArray
) -> tuple[Frontier | None, tuple[IntArray, ...]]:
    """Frontier over distinct dates and the models of each; None without models."""
    index = np.flatnonzero(usable)
    if not len(index):
        return None, ()
    order = index[np.argsort(entered[index], kind="stable")]
    dates, starts = np.unique(entered[order], return_index=True)
    best = np.maximum.reduceat(ability[:, order], starts, axis=1)
    steps = tuple(np.asarray(part, dtype=np.int64) for part in np.split(order, starts[1:]))
    return Frontier(dates[None, :], np.maximum.accumulate(best, axis=1)), steps
