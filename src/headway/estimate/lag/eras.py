"""Parametric headway by era of the closed model's launch, beside Kaplan-Meier.

Kaplan-Meier stops at the longest time observed; a fitted distribution goes on, at the price of a
shape. Both are shown, and how much of the answer is extrapolated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from headway.estimate.lag.entrants import FloatArray, day_number
from headway.estimate.lag.frontier import FrontierPair
from headway.estimate.lag.headway import Headways, headways
from headway.estimate.lag.km import product_limit
from headway.estimate.lag.states import FAILED, DrawStates, interval_of, summarise
from headway.estimate.lag.survival import FAMILIES, EraSurvival, fit_durations
from headway.result import Interval, Quantity

__all__ = ["ERA_STARTS", "EraParametric", "headway_parametric"]

#: Launches before 2024, in 2024, and from 2025 on.
ERA_STARTS = (date(2024, 1, 1), date(2025, 1, 1))
#: As for Kaplan-Meier by era: fewer record-setters than this say nothing.
_MIN_SETTERS = 3


@dataclass(frozen=True, slots=True)
class EraParametric:
    """Headway of the closed record-setters launched on days ``begin <= day < end``.

    Parameters
    ----------
    begin, end : date or None
        ``None``: without limit.
    p_zero : Quantity, proportion
        Matched at launch.
    lower_quartile, median, upper_quartile : Quantity, months
        Times by which 25, 50 and 75 % are matched, averaged over the families by Akaike weight.
        Note ``extrapolated:x``: in a share x of the draws the time is longer than any observed.
    kaplan_meier : Quantity, months
        The median without a shape.
    families : dict of str to float
        Mean Akaike weight of each family over the draws that could be fitted.
    """

    begin: date | None
    end: date | None
    p_zero: Quantity
    lower_quartile: Quantity
    median: Quantity
    upper_quartile: Quantity
    kaplan_meier: Quantity
    families: dict[str, float]


def headway_parametric(
    pair: FrontierPair,
    *,
    starts: Sequence[date] = ERA_STARTS,
    level: float = 0.90,
    rng: np.random.Generator,
) -> tuple[EraParametric, ...]:
    """Median and quartiles of headway per era of launch.

    Closed models matched by one open release are one cluster, those still unmatched another. Each
    ``interval`` is over draws; ``interval_process`` adds a bootstrap of the clusters within the
    era, one replicate per draw, and is never the narrower of the two.

    Parameters
    ----------
    pair : FrontierPair
        Measured, not a replicate.
    starts : sequence of date
        First days of the second and later eras; the first era has no beginning.
    level : float
    rng : Generator

    Returns
    -------
    tuple of EraParametric
        Empty if the pair misses something. ``not_estimable`` where an era has fewer than three
        record-setters (median over draws) or too many draws have fewer than two different
        headways above 0.
    """
    if pair.missing:
        return ()
    found = headways(pair)
    begins = sorted(starts)
    streams = rng.spawn(len(begins) + 1)
    out = []
    for begin, end, stream in zip([None, *begins], [*begins, None], streams, strict=True):
        part = found.launched(
            -np.inf if begin is None else day_number(begin),
            np.inf if end is None else day_number(end),
        )
        out.append(_era(pair, part, begin, end, level, stream))
    return tuple(out)


def _era(
    pair: FrontierPair,
    part: Headways,
    begin: date | None,
    end: date | None,
    level: float,
    rng: np.random.Generator,
) -> EraParametric:
    setters = int(np.median(part.record.sum(axis=1)))
    if setters < _MIN_SETTERS:
        reason = f"too_few_record_setters:{setters}<{_MIN_SETTERS}"

        def refused(unit: str) -> Quantity:
            return Quantity.not_estimable(unit, reason, n=pair.n, n_clusters=pair.n_clusters)

        months = refused("months")
        return EraParametric(begin, end, refused("proportion"), months, months, months, months, {})
    weight = part.record.astype(np.float64)
    again = part.bootstrap_weights(rng)
    draws = fit_durations(part.months, part.matched, weight)
    replicates = fit_durations(part.months, part.matched, again)
    counted = (f"record_setters:{setters}", f"open_release_clusters:{part.cluster_count()}")

    def quantity(
        read: Callable[[EraSurvival], FloatArray], unit: str, *, times: bool = True
    ) -> Quantity:
        value, other = read(draws), read(replicates)
        notes: tuple[str, ...] = counted
        if times and draws.fitted.any():
            beyond = float(np.mean(value[draws.fitted] > draws.longest[draws.fitted]))
            notes = (*notes, f"extrapolated:{beyond:.3g}") if beyond > 0 else notes
        return _summary(pair, _states(value), _states(other), level, unit, notes)

    fitted = draws.weight[draws.fitted]
    shares = fitted.mean(axis=0) if len(fitted) else np.zeros(0)
    curve = part.curve().median()
    return EraParametric(
        begin=begin,
        end=end,
        p_zero=quantity(lambda fit: fit.p_zero, "proportion", times=False),
        lower_quartile=quantity(lambda fit: fit.quantile(0.25), "months"),
        median=quantity(lambda fit: fit.quantile(0.5), "months"),
        upper_quartile=quantity(lambda fit: fit.quantile(0.75), "months"),
        kaplan_meier=_summary(
            pair,
            curve,
            product_limit(part.months, part.matched, again).median(),
            level,
            "months",
            counted,
        ),
        families={name: float(x) for name, x in zip(FAMILIES, shares, strict=False)},
    )


def _states(value: FloatArray) -> DrawStates:
    """Numbers, failed where ``nan``."""
    failed = np.isnan(value)
    return DrawStates.build(np.where(failed, 0.0, value), failed=failed)


def _summary(
    pair: FrontierPair,
    states: DrawStates,
    replicates: DrawStates,
    level: float,
    unit: str,
    notes: tuple[str, ...],
) -> Quantity:
    """Quantity over draws; its process interval from the replicates unless too many failed."""
    process = None
    failed = float(np.mean(replicates.code == FAILED))
    measured = states.ordered()
    if failed > 1 - level:
        notes = (*notes, f"bootstrap_failed:{failed:.3g}")
    elif len(states.code) > 1 and len(measured.code):
        other = interval_of(replicates.ordered(), level, "bootstrap")
        inner = interval_of(measured, level, "eti")
        process = Interval(
            min(other.low, inner.low), max(other.high, inner.high), level, "bootstrap"
        )
    return summarise(
        states,
        level=level,
        n=pair.n,
        n_clusters=pair.n_clusters,
        unit=unit,
        notes=notes,
        interval_process=process,
    )
