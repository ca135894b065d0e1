r"""The step lag: how old is the level that open weights have reached.

.. math:: \mathrm{lag}(t) = t - \inf\{s \le t : F_{closed}(s) \ge F_{open}(t) - m\}

Between open records it grows by one day per day. If no closed model has reached the level by
:math:`t`, open models lead; if the first closed models in the data already match, the lag is a
bound, "at least".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.estimate.lag.entrants import FloatArray
from headway.estimate.lag.frontier import FrontierPair
from headway.estimate.lag.states import DrawStates
from headway.result import DAYS_PER_MONTH

__all__ = ["LagFunction", "lag_function"]


@dataclass(frozen=True, slots=True)
class LagFunction:
    """The lag of one pair of frontiers as a function of time, per draw.

    Segment ``k`` runs from ``starts[:, k]`` to ``starts[:, k + 1]`` (the last one without end);
    on it the open level was first reached by closed models on day ``matched[:, k]``.

    Parameters
    ----------
    starts : array, shape (1, K) or (n_draws, K), days
    matched : array, shape (n_draws, K), days
        ``inf`` where no closed model known at ``as_of`` reaches the level.
    first_closed : array, shape (1,) or (n_draws,), days
        A match on that day is a bound.
    """

    starts: FloatArray
    matched: FloatArray
    first_closed: FloatArray

    def first_segments(self, count: int) -> LagFunction:
        """The function as known when only the first ``count`` open entry dates had passed."""
        return LagFunction(self.starts[:, :count], self.matched[:, :count], self.first_closed)

    def at(self, t: float) -> DrawStates:
        """The lag in months at day ``t``, per draw; ``t`` at or after the first open entry."""
        k = np.broadcast_to(np.sum(self.starts <= t, axis=1) - 1, (self.matched.shape[0],))
        assert (k >= 0).all(), "the lag is not defined before the first open entry"
        return self.of_match(self.matched[np.arange(len(k)), k], t)

    def of_match(self, matched: FloatArray, t: float | FloatArray) -> DrawStates:
        """States of a level first matched on day ``matched`` (n_draws,), seen from day ``t``."""
        leads = matched > t
        days = np.where(leads, 0.0, t - np.where(leads, 0.0, matched))
        return DrawStates.build(
            days / DAYS_PER_MONTH, leads=leads, bound=matched == self.first_closed
        )

    def mean(self, begin: float, end: float) -> tuple[DrawStates, FloatArray]:
        r"""Exact time average of the lag over ``[begin, end]`` in months, per draw.

        A segment :math:`[a, b]` matched on day :math:`s` contributes
        :math:`\tfrac12(\max(0, b-s)^2 - \max(0, a-s)^2)`: days on which open models lead count 0.

        Returns
        -------
        states : DrawStates
            A bound wherever the lag is a bound during some part of the window.
        leads : array, shape (n_draws,)
            Share of the window during which open models lead.
        """
        starts, matched = self.starts, self.matched
        if starts.shape[0] == 1:
            first = max(int(np.searchsorted(starts[0], begin, side="right")) - 1, 0)
            last = int(np.searchsorted(starts[0], end, side="left"))
            ends = np.append(starts[0], np.inf)[first + 1 : last + 1][None, :]
            starts, matched = starts[:, first:last], matched[:, first:last]
        else:
            ends = np.concatenate([starts[:, 1:], np.full((len(starts), 1), np.inf)], axis=1)
        a = np.clip(starts, begin, end)
        b = np.clip(ends, begin, end)
        after = np.maximum(b - matched, 0.0)
        before = np.maximum(a - matched, 0.0)
        area = 0.5 * np.sum(after * after - before * before, axis=1)
        length = b - a
        bounded = (matched == self.first_closed[:, None]) & (length > 0) & (after > 0)
        leading = np.sum(np.clip(np.minimum(matched, b) - a, 0.0, None), axis=1)
        window = end - begin
        states = DrawStates.build(area / window / DAYS_PER_MONTH, bound=bounded.any(axis=1))
        return states, leading / window


def lag_function(pair: FrontierPair) -> LagFunction:
    """The lag function of a pair that misses nothing."""
    open_, closed = pair.both
    matched = closed.first_day_at(open_.level - pair.margin)
    return LagFunction(open_.dates, matched, closed.first)
