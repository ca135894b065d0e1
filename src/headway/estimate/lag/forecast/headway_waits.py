r"""The survival forecast: how long closed records have stood, given how long this one has stood.

Headways of the closed records launched in the last two years before the day of issue (the era; all
of them in draws where these are too few to fit) get a parametric survival curve per draw
(:mod:`headway.estimate.lag.survival`). A waiting time is drawn from it given the months already
waited.

Records matched by one open release, and those still waiting for the next one, are one cluster;
each draw weighs clusters by the Bayesian bootstrap [1]_, so the forecast carries how few releases
it rests on.

References
----------
.. [1] Rubin (1981), doi:10.1214/aos/1176345338
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from headway.errors import NotEnoughData
from headway.estimate.lag.entrants import BoolArray, FloatArray
from headway.estimate.lag.forecast.situation import History, Target
from headway.estimate.lag.survival import EraSurvival, fit_durations
from headway.result import DAYS_PER_MONTH

__all__ = ["ERA_MONTHS", "fit_waits", "sample_waits"]

#: Closed records launched so long before the day of issue make up its era.
ERA_MONTHS = 24.0
#: A curve has two parameters and a shape; with fewer matched records than this its spread is that
#: of a coincidence.
MIN_MATCHED = 4
#: Least share of draws in which a curve can be fitted.
MIN_SHARE = 0.5


def fit_waits(past: History, *, delay: FloatArray, rng: np.random.Generator) -> EraSurvival:
    """One survival curve per draw of ability and of cluster weights.

    Parameters
    ----------
    past : History
    delay : array, shape (n_draws,), months
        How long results take to come in: records that stand are known to stand until so long ago.
    rng : Generator

    Raises
    ------
    NotEnoughData
        In most draws fewer than :data:`MIN_MATCHED` headways above 0 are known.
    """
    found = past.found
    draws, width = found.months.shape
    clusters = int(found.open_step.max()) + 1
    per_cluster = rng.standard_exponential((draws, clusters))
    weight = np.take_along_axis(per_cluster, found.open_step, axis=1) * found.record
    # weights mean 1 over the records of a draw, so that Akaike weights see the real sample size
    mean = weight.sum(axis=1, keepdims=True) / np.maximum(found.record.sum(axis=1), 1)[:, None]
    weight = weight / np.where(mean > 0, mean, 1.0)
    age = (past.now - np.broadcast_to(found.entered, (draws, width))) / DAYS_PER_MONTH
    months = np.where(found.matched, found.months, np.maximum(found.months - delay[:, None], 0.0))
    era = _fitted(months, found.matched, np.where(age <= ERA_MONTHS, weight, 0.0))
    if not era.fitted.all():
        era = _first_fitted(era, _fitted(months, found.matched, weight))
    if era.fitted.mean() < MIN_SHARE:
        events = int(np.median((found.record & found.matched & (found.months > 0)).sum(axis=1)))
        told = f"too_few_headways:{min(events, MIN_MATCHED - 1)}<{MIN_MATCHED}"
        raise NotEnoughData(f"no survival curve: {told}", missing=[told])
    return era


def _fitted(months: FloatArray, matched: BoolArray, weight: FloatArray) -> EraSurvival:
    """Curves; draws with few matched records, or no finite scale, count as not fitted.

    The scale is not finite where nearly all weight lies on one time.
    """
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        curve = fit_durations(months, matched, weight)
    finite = np.isfinite(np.hstack([curve.intercept, curve.rate, curve.weight])).all(axis=1)
    count = np.sum(matched & (months > 0) & (weight > 0), axis=1)
    return replace(curve, fitted=np.asarray(curve.fitted & finite & (count >= MIN_MATCHED)))


def _first_fitted(first: EraSurvival, second: EraSurvival) -> EraSurvival:
    """Row by row the first curve where it is fitted, else the second."""
    chosen = {}
    for name in EraSurvival.__dataclass_fields__:
        one, two = getattr(first, name), getattr(second, name)
        mask = first.fitted.reshape(-1, *[1] * (one.ndim - 1))
        chosen[name] = np.where(mask, one, two)
    return EraSurvival(**chosen)


def sample_waits(
    curve: EraSurvival,
    target: Target,
    *,
    now: float,
    delay: FloatArray,
    rng: np.random.Generator,
) -> FloatArray:
    """(n_draws,) further months from the day of issue; NaN where not fitted.

    Given that the target was not reached until ``delay`` months before; at most 0 where results
    of a release since then are not in yet.
    """
    waited = target.waited(now)
    draws = len(curve.fitted)
    # a match at launch is ruled out even on the day of launch
    known = np.maximum(waited - delay, 1e-6)
    total = curve.sample(draws, rng, known, rows=np.arange(draws))
    return np.asarray(total - waited)
