r"""How long results take to come in after a release.

On the day of issue some open-weight models are out but not yet tested, so the open frontier that
is known is that of some time ago. The delay between the day weights can be downloaded and the day
of the first score is estimated from the open models that set records in the last year. A model
whose delay is longer than the time since its release is not seen at all, so delays are right-
truncated; the product-limit estimate in reverse time removes the bias [1]_:

.. math:: \hat G(d) = \prod_{d_j > d} \Bigl(1 - \frac{n_j}{\#\{i : d_i \le d_j \le u_i\}}\Bigr)

with :math:`d_i` the delay and :math:`u_i` the time since release. Delays longer than the longest
seen stay unknown, so this is a lower bound of the true delay.

References
----------
.. [1] Lagakos, Barraj & De Gruttola (1988), doi:10.1093/biomet/75.3.515
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from headway.estimate.lag.entrants import FloatArray
from headway.estimate.lag.forecast.situation import History
from headway.result import DAYS_PER_MONTH

__all__ = ["MIN_MODELS", "WINDOW_MONTHS", "reporting_delays", "truncated_delays"]

#: Models released in so many months before the day of issue tell the delay.
WINDOW_MONTHS = 12.0
#: With fewer of them no delay is assumed.
MIN_MODELS = 4
#: A model counts as a record-setter if it is one in this share of the draws.
RECORD_SHARE = 0.1


def reporting_delays(
    past: History, first_known: Mapping[str, float] | None
) -> tuple[FloatArray, FloatArray]:
    """Delays in months and their probabilities.

    Parameters
    ----------
    past : History
    first_known : mapping of model version to day number, optional
        Day of the first score in the domain, of open-weight models. A score from before the
        release counts as no delay. Without it, or with fewer than :data:`MIN_MODELS` record-
        setters in it, the delay is 0.

    Returns
    -------
    delay, probability : arrays, shape (k,)
    """
    nothing = np.zeros(1), np.ones(1)
    if not first_known:
        return nothing
    side, names = past.open, past.pair.entrants.model_version
    records, holders = side.records(), past.pair.holders("open")
    delays, since = [], []
    for k, members in enumerate(past.pair.open_steps):
        waited = (past.now - float(side.dates[0, k])) / DAYS_PER_MONTH
        if waited > WINDOW_MONTHS:
            continue
        for member in members:
            known = first_known.get(names[member])
            share = float(np.mean(records[:, k] & (holders[:, k] == member)))
            if known is None or known > past.now or share < RECORD_SHARE:
                continue
            delays.append(max(0.0, (known - float(side.dates[0, k])) / DAYS_PER_MONTH))
            since.append(waited)
    if len(delays) < MIN_MODELS:
        return nothing
    return truncated_delays(np.array(delays), np.array(since))


def truncated_delays(delay: FloatArray, since: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Distribution of delays that are seen only if they are at most ``since``.

    Parameters
    ----------
    delay, since : arrays, shape (n,), delay <= since

    Returns
    -------
    delay, probability : arrays, shape (k,)
        Distinct delays in ascending order. Where nobody was watched long enough to tell (a risk
        set that is one delay alone) the estimate keeps the longer delays only as far as it can.
    """
    value, count = np.unique(delay, return_counts=True)
    at_risk = np.array([np.sum((delay <= d) & (since >= d)) for d in value])
    keep = 1.0 - count / at_risk
    # G just below each value; the smallest delay has nothing below it
    below = np.append(np.cumprod(keep[::-1])[::-1], 1.0)
    below[0] = 0.0
    mass = np.diff(below)
    if mass.sum() <= 0:  # one risk set held a single delay: no estimate, all seen weigh the same
        mass = count / count.sum()
    return value, np.asarray(mass / mass.sum())
