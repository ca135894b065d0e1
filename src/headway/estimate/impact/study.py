r"""The event study of one series of counts.

The model is a negative-binomial regression with log-linear trend, one annual harmonic, known policy
steps, and a step (and slope) at the event. Three things keep it honest:

* **The test repeats the whole search.** The statistic is the largest improvement that any break
  within some periods of the event brings. The same search is run at every earlier period that
  could have been the event (same number of periods after it, everything later cut off). Its rank
  among these placebos is :math:`(1 + \#\{T_p \ge T\}) / (1 + P)`. Neighbouring placebos share most
  of their months, so the smallest ranks come up about three times too often; p is therefore the
  larger one of the rank and the tail of :math:`T / \bar T_p` under :math:`F(2, P / K)`: two for
  size and date of a break, and as many denominators as there are placebos of K periods that share
  none. The calibration test holds it to its size.
* **The interval comes from the placebos too**: the step plus or minus the quantile of the placebos'
  own studentised steps. It holds under autocorrelation and late reporting, which the model-based and
  the HAC interval beside it may not.
* **The break date is estimated**: the posterior over all periods and "no break" (BIC weights, prior
  one half on no break).

References
----------
Abadie, Diamond & Hainmueller (2015), doi:10.1111/ajps.12116 (placebos in time);
Andrews (1993), doi:10.2307/2951764 (maximum over unknown breaks);
Kass & Raftery (1995), doi:10.1080/01621459.1995.10476572 (BIC weights).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from headway.estimate.impact.design import (
    base_columns,
    log_exposure,
    slope_column,
    slope_usable,
    step_column,
    usable,
)
from headway.estimate.impact.negbin import Fits, fit_many
from headway.estimate.impact.reported import Reported, fit_reported
from headway.estimate.impact.series import CountSeries

__all__ = ["MIN_AFTER", "MIN_BEFORE", "RADIUS", "Effect", "Placebo", "Study", "event_study"]

Floats = NDArray[np.float64]

#: Periods before a placebo's break: one full turn of the season.
MIN_BEFORE = 12
#: Periods from a break to the end of the series.
MIN_AFTER = 2
#: Breaks up to this many periods before and after the event count as the event's.
RADIUS = 3
#: With fewer placebos no p value below 5 % can be had.
MIN_PLACEBOS = 20
#: A step beyond this factor in a placebo, or one that does not converge, is a fit that diverged...
_ABSURD = math.log(100)
#: ...and if more than this share of the placebos do, the series is refused.
_DIVERGED_SHARE = 0.1
#: Power at which the smallest detectable effect is told, and the size of the test it is told for.
POWER, SIZE = 0.8, 0.05


@dataclass(frozen=True, slots=True)
class Effect:
    """A ratio of counts and its intervals by kind: ``placebo``, ``model``, ``hac``."""

    ratio: float
    intervals: dict[str, tuple[float, float] | None]


@dataclass(frozen=True, slots=True)
class Placebo:
    """The study repeated at an earlier period; ``None`` where its fit diverged."""

    start: date
    ratio: float | None
    best_break: date | None
    statistic: float | None


@dataclass(frozen=True, slots=True)
class Study:
    """The event study of one series.

    Parameters
    ----------
    status : {"estimated", "refused"}
    notes : tuple of str
        Why it was refused, or what to doubt.
    event : date
        First day of the period in which the event falls.
    n, n_after : int
        Periods in all, and from the event on.
    step : Effect or None
        Ratio of the counts from the event on to the trend before.
    slope : Effect or None
        Further change per period after it, from the model with both.
    statistic, p : float or None
        Largest improvement over the searched breaks, and its p value by the placebos.
    p_rank : float or None
        Its bare rank among them; ``p`` is never below it.
    best_break : date or None
        The searched break with the largest improvement.
    posterior : tuple of (date or None, probability)
        Over all breaks; ``None`` is "no break".
    detectable : float or None
        Smallest ratio that a test of size 5 % would have found with 80 % power.
    placebo_95 : float or None
        Ratio that 95 % of the placebos stay below (or above its inverse).
    placebos : tuple of Placebo
    alpha : float or None
        Overdispersion.
    """

    status: Literal["estimated", "refused"]
    notes: tuple[str, ...]
    event: date
    n: int
    n_after: int
    step: Effect | None = None
    slope: Effect | None = None
    statistic: float | None = None
    p: float | None = None
    p_rank: float | None = None
    best_break: date | None = None
    posterior: tuple[tuple[date | None, float], ...] = ()
    detectable: float | None = None
    placebo_95: float | None = None
    placebos: tuple[Placebo, ...] = field(default=())
    alpha: float | None = None


@dataclass(frozen=True, slots=True)
class _Search:
    """The fits around one (real or placebo) event."""

    step: float
    se: float
    slope: float | None
    slope_se: float | None
    statistic: float
    best: int
    fit: Fits


def event_study(
    series: CountSeries,
    event: date,
    *,
    known_steps: Sequence[date] = (),
    exposure: bool = True,
    radius: int = RADIUS,
    level: float = 0.90,
) -> Study:
    """Did the counts change at the event, by how much, and could we have seen it?

    Parameters
    ----------
    series : CountSeries
    event : date
        Declared day; its period is the first one after the event.
    known_steps : sequence of date
        Policy changes of the source: steps that are in the model with and without the event.
    exposure : bool
        Count observed days. Without it every period counts alike, whole or not.
    radius : int
        Breaks this many periods around the event are searched.
    level : float
        Of the intervals.

    Returns
    -------
    Study
    """
    n = len(series)
    at = sum(start <= event for start in series.starts) - 1
    after = n - at
    place = series.starts[at] if 0 <= at < n else event

    def refused(*notes: str) -> Study:
        return Study("refused", notes, place, n, max(after, 0))

    if at < 0 or event >= _end(series) or after < MIN_AFTER:
        return refused("too_few_after")
    base = base_columns(series, known_steps)
    if not usable(base, step_column(n, at)):
        return refused("event_is_known_step")
    # where a known step begins, nothing can be told from it: no placebo there
    at_placebos = [
        p
        for p in range(MIN_BEFORE, at - after + 1)
        if usable(base[: p + after], step_column(p + after, p))
    ]
    if len(at_placebos) < MIN_PLACEBOS:
        return refused("too_few_before")
    offset = log_exposure(series) if exposure else np.zeros(n)

    def search(stop: int, where: int) -> _Search | None:
        return _search(series.window(None, series.starts[stop - 1]), offset[:stop], known_steps,
                       where, radius)  # fmt: skip

    found = search(n, at)
    if found is None:
        return refused("diverged")
    design = np.column_stack([base, step_column(n, at)])
    shown = fit_reported(series.counts, design, offset, found.fit.beta[0], found.fit.alpha[0])
    if shown is None:
        return refused("diverged")
    runs = {p: search(p + after, p) for p in at_placebos}
    good = [run for run in runs.values() if run is not None]
    if len(runs) - len(good) > _DIVERGED_SHARE * len(runs):
        return refused("placebos_diverged")

    step = _step(shown, found, good, len(runs), level)
    notes: list[str] = []
    if step.intervals["placebo"] is None:
        notes.append("too_few_placebos_for_level")
    if len(good) < len(runs):
        notes.append("some_placebos_diverged")
    if not series.complete[-1]:
        notes.append("last_period_partial" if exposure else "partial_counted_whole")
    # a placebo whose fit diverged counts as one beyond the event: that can only raise p
    statistics = np.array([math.inf if r is None else r.statistic for r in runs.values()])
    rank = float((1 + (statistics >= found.statistic).sum()) / (1 + len(runs)))
    slope = None
    if found.slope is None or found.slope_se is None:
        notes.append("slope_not_estimable")
    else:
        slopes = [abs(r.slope / r.slope_se) for r in good if r.slope is not None and r.slope_se]
        wide = _placebo_quantile(slopes, len(runs), level)
        slope = Effect(
            math.exp(found.slope),
            {
                "placebo": _ends(found.slope, found.slope_se, wide),
                "model": _ends(found.slope, found.slope_se, _normal(level)),
            },
        )
    return Study(
        "estimated",
        tuple(notes),
        place,
        n,
        after,
        step=step,
        slope=slope,
        statistic=found.statistic,
        p=max(rank, _tail(found.statistic, statistics, after)),
        p_rank=rank,
        best_break=series.starts[found.best],
        posterior=_posterior(series, base, offset),
        detectable=_detectable(statistics, found, good, after),
        placebo_95=math.exp(float(np.quantile([abs(r.step) for r in good], 0.95))),
        placebos=tuple(
            Placebo(series.starts[p], None, None, None)
            if run is None
            else Placebo(
                series.starts[p], math.exp(run.step), series.starts[run.best], run.statistic
            )
            for p, run in runs.items()
        ),
        alpha=shown.alpha,
    )


def _end(series: CountSeries) -> date:
    """The first day after the last period."""
    return date.fromordinal(series.starts[-1].toordinal() + int(series.lengths[-1]))


def _search(
    series: CountSeries, offset: Floats, known_steps: Sequence[date], at: int, radius: int
) -> _Search | None:
    """Fit every break around ``at``; ``None`` if the model without one, or that at ``at``, diverges."""
    n = len(series)
    base = base_columns(series, known_steps)
    breaks = [
        c
        for c in range(max(at - radius, MIN_AFTER), min(at + radius, n - MIN_AFTER) + 1)
        if c != at and usable(base, step_column(n, c))
    ]
    breaks.insert(0, at)
    null = fit_many(series.counts, base[None], offset)
    steps = np.stack([np.column_stack([base, step_column(n, c)]) for c in breaks])
    fits = fit_many(series.counts, steps, offset)
    if not (null.converged[0] and fits.converged[0] and abs(fits.beta[0, -1]) < _ABSURD):
        return None
    # early placebos rest on short series, whose likelihood ratios are too large by about n / df
    scale = (n - base.shape[1] - 2) / n
    gain = np.where(fits.converged, 2 * (fits.loglik - null.loglik[0]), -math.inf) * scale
    best = int(np.argmax(gain))
    slope = slope_se = None
    both = np.column_stack([steps[0], slope_column(n, at)])
    if slope_usable(steps[0], slope_column(n, at)) and n - at > MIN_AFTER:
        bent = fit_many(series.counts, both[None], offset)
        if bent.converged[0]:
            slope, slope_se = float(bent.beta[0, -1]), float(bent.se[0, -1])
    return _Search(
        step=float(fits.beta[0, -1]),
        se=float(fits.se[0, -1]),
        slope=slope,
        slope_se=slope_se,
        statistic=float(max(gain[best], 0.0)),
        best=breaks[best],
        fit=fits,
    )


def _normal(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2))


def _placebo_quantile(sizes: Sequence[float], planned: int, level: float) -> float | None:
    """The size that a further placebo stays below with probability ``level``; ``None`` if unbounded.

    The k-th smallest of P, k = ceil(level * (P + 1)); a placebo that diverged counts as infinite.
    """
    k = math.ceil(level * (planned + 1) - 1e-9)
    ordered = sorted(sizes)
    return ordered[k - 1] if k <= len(ordered) else None


def _ends(middle: float, se: float, wide: float | None) -> tuple[float, float] | None:
    if wide is None:
        return None
    return math.exp(middle - wide * se), math.exp(middle + wide * se)


def _step(
    shown: Reported, found: _Search, good: Sequence[_Search], planned: int, level: float
) -> Effect:
    middle = float(shown.beta[-1])
    wide = _placebo_quantile([abs(r.step / r.se) for r in good], planned, level)
    normal = _normal(level)
    return Effect(
        math.exp(middle),
        {
            "placebo": _ends(middle, found.se, wide),
            "model": _ends(middle, float(shown.se_model[-1]), normal),
            "hac": _ends(middle, float(shown.se_hac[-1]), normal),
        },
    )


def _posterior(
    series: CountSeries, base: Floats, offset: Floats
) -> tuple[tuple[date | None, float], ...]:
    """Break dates and "no break" by BIC weights: half on no break, the rest spread evenly."""
    n = len(series)
    breaks = [c for c in range(MIN_BEFORE, n - MIN_AFTER + 1) if usable(base, step_column(n, c))]
    null = fit_many(series.counts, base[None], offset)
    designs = np.stack([np.column_stack([base, step_column(n, c)]) for c in breaks])
    fits = fit_many(series.counts, designs, offset)
    weight = fits.loglik - null.loglik[0] - 0.5 * math.log(n) - math.log(len(breaks))
    weight = np.append(0.0, np.where(fits.converged, weight, -math.inf))
    share = np.exp(weight - weight.max())
    share /= share.sum()
    dates = [None, *(series.starts[c] for c in breaks)]
    return tuple(zip(dates, share.tolist(), strict=True))


def _scale(statistics: Floats) -> float:
    """Mean of the placebos' statistics; one that diverged counts as the largest of the others."""
    finite = statistics[np.isfinite(statistics)]
    return float(np.where(np.isfinite(statistics), statistics, finite.max()).mean())


def _tail(statistic: float, statistics: Floats, after: int) -> float:
    """Probability of a statistic that large, by the scatter of the placebos."""
    from scipy.special import fdtrc

    scale = _scale(statistics)
    if scale <= 0:  # no placebo found any break: nothing to measure by
        return 1.0
    return float(fdtrc(2, len(statistics) / after, statistic / scale))


def _detectable(
    statistics: Floats, found: _Search, good: Sequence[_Search], after: int
) -> float | None:
    """The smallest increase that the test would have found with 80 % power.

    The test rejects where the statistic is beyond both bars of ``SIZE``: that of the rank and that
    of the tail. An increase moves the studentised step of a placebo by its log over the event's
    standard error, and the square of that stands for the statistic.
    """
    from scipy.special import fdtri

    allowed = math.floor(SIZE * (len(statistics) + 1) + 1e-9)
    if allowed < 1:
        return None
    bar = max(
        float(np.sort(statistics)[-allowed]),
        _scale(statistics) * float(fdtri(2, len(statistics) / after, 1 - SIZE)),
    )
    if not math.isfinite(bar):
        return None
    needed = [math.sqrt(bar) - run.step / run.se for run in good]
    return math.exp(max(float(np.quantile(needed, POWER)), 0.0) * found.se)
