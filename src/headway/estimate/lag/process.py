r"""Release-process uncertainty: would other releases by the same kind of labs give another lag?

Measurement draws ask how able the models are that were released; they say nothing about which labs
happened to release what, and when. With them alone a constant lag looks "changing" far too often.

**Why not resample labs with replacement.** The lag is a functional of maxima, and the plain
bootstrap of a maximum is inconsistent: a replicate holds the sample's largest value with
probability about :math:`1 - 1/e`, so its distribution has an atom there that the true one lacks,
and it never exceeds it [1]_. Leaving a lab out also leaves its dates out, which mixes "was worse"
with "did not exist".

**What is done instead.** A model-based block bootstrap, one replicate per draw. Per access group,
ability is its fitted trend on date (least squares, piecewise linear, knots at quantiles of the
dates) plus a residual. Which labs exist and how often each releases is kept. Every lab then gets

* the residuals of a donor lab of the same group, drawn with replacement with probability
  proportional to its releases, in date order from a random start and repeated from the beginning
  where the donor is shorter: a lab's persistent strength and its ups and downs move as one block;
* its own gaps between releases in another order, first and last date kept.

The lag is recomputed on the replicate. Replicates start from a draw of ability, so they carry
measurement uncertainty as well.

**Assumptions.** Residuals exchangeable between labs of one group and independent between labs; no
dependence between the open and the closed side; trend well fitted by few segments. It therefore
understates what one technical advance shared by all labs would do.

References
----------
.. [1] Bickel & Freedman (1981), doi:10.1214/aos/1176345637
"""

from __future__ import annotations

import math

import numpy as np

from headway.estimate.lag.entrants import FloatArray, IntArray, day_number
from headway.estimate.lag.frontier import FrontierPair, running_maxima
from headway.estimate.lag.states import LEADS, NUMBER, DrawStates, interval_of, quantile
from headway.result import Interval

__all__ = ["process_interval", "release_replicates"]

#: Models per segment of a group's trend, and the largest number of inner knots.
_MODELS_PER_KNOT = 15
_MOST_KNOTS = 3


def release_replicates(
    pair: FrontierPair, *, reps: int, rng: np.random.Generator
) -> tuple[FrontierPair, tuple[str, ...]]:
    """Frontiers of resampled release histories.

    Parameters
    ----------
    pair : FrontierPair
        Misses nothing.
    reps : int
        Replicates; each starts from a draw of its own while there are enough draws.
    rng : Generator

    Returns
    -------
    pair : FrontierPair
        With ``reps`` rows and dates per row. Model names do not apply to it.
    notes : tuple of str
        ``process_one_lab_open`` or ``process_one_lab_closed`` where a group has one lab only, so
        that its residuals have no other donor.
    """
    assert not pair.missing, pair.missing
    draws = pair.entrants.n_draws
    if reps <= draws:
        rows = np.sort(rng.choice(draws, size=reps, replace=False))
    else:
        rows = np.concatenate([np.arange(draws), rng.integers(draws, size=reps - draws)])
    ability = pair.entrants.ability[rows]
    limit = day_number(pair.as_of)
    entrants = pair.entrants
    notes: tuple[str, ...] = ()
    sides = []
    for group, entered in (
        ("open", entrants.open_from),
        ("closed", entrants.closed_from(pair.frontier)),
    ):
        index = np.flatnonzero((entered <= limit) & entrants.informative)
        index = index[np.argsort(entered[index], kind="stable")]
        labs = _by_lab([entrants.lab[i] for i in index])
        if len(labs) == 1:
            notes = (*notes, f"process_one_lab_{group}")
        dates, level = _resampled(entered[index], ability[:, index], labs, rng)
        sides.append(running_maxima(dates, level))
    replicate = FrontierPair(
        open=sides[0],
        closed=sides[1],
        entrants=entrants,
        frontier=pair.frontier,
        as_of=pair.as_of,
        margin=pair.margin,
        min_open=pair.min_open,
        min_closed=pair.min_closed,
        missing=(),
        n=pair.n,
        n_clusters=pair.n_clusters,
        open_steps=(),
        closed_steps=(),
    )
    return replicate, notes


def process_interval(
    states: DrawStates, replicates: DrawStates, *, level: float, floor: float = 0.0
) -> Interval | None:
    r"""Interval with measurement and release-process uncertainty.

    Quantiles of the replicates, moved so that their median is that of the draws:

    .. math:: \lambda^\ast_r - \mathrm{med}(\lambda^\ast) + \mathrm{med}(\lambda)

    A replicate's frontier is smoother than the real one, so its lag is biased; the shift removes
    that and keeps the spread (a ratio would shrink the spread wherever the bias is upward). Moved
    numbers stay at or above ``floor``; ``open_leads`` and bounds keep their place. The result
    never lies inside the measurement interval: each end is the outer one of the two.

    Parameters
    ----------
    states : DrawStates
        The definition over the draws.
    replicates : DrawStates
        The same over release replicates.
    level : float
    floor : float
        Smallest possible number; ``-inf`` for a gap.

    Returns
    -------
    Interval or None
        Kind ``bootstrap``; ``None`` if more than ``1 - level`` of the replicates failed.
    """
    if not len(replicates.code) or np.mean(replicates.code < LEADS) > 1 - level:
        return None
    ordered, centre = replicates.ordered(), states.ordered()
    if not len(centre.code):
        return None
    from_code, from_value = quantile(ordered, 0.5)
    to_code, to_value = quantile(centre, 0.5)
    shift = to_value - from_value if from_code == to_code == NUMBER else 0.0
    number = ordered.code == NUMBER
    moved = DrawStates(
        ordered.code,
        np.where(number, np.maximum(ordered.value + shift, floor), ordered.value),
    )
    found = interval_of(moved.ordered(), level, "bootstrap")
    measured = interval_of(centre, level, "eti")
    low, high = min(found.low, measured.low), max(found.high, measured.high)
    assert not math.isnan(low)
    return Interval(low, high, level, "bootstrap")


def _by_lab(labs: list[str]) -> tuple[IntArray, ...]:
    """Positions of each lab's models, in the given order; labs in order of first appearance."""
    places: dict[str, list[int]] = {}
    for i, lab in enumerate(labs):
        places.setdefault(lab, []).append(i)
    return tuple(np.array(found, dtype=np.int64) for found in places.values())


def _resampled(
    entered: FloatArray,
    ability: FloatArray,
    labs: tuple[IntArray, ...],
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """New dates and abilities of one group, each (reps, n_models)."""
    reps, count = ability.shape
    knots = _knots(entered)
    basis = _hinges(entered, knots)
    coefficients = ability @ np.linalg.pinv(basis).T
    residual = ability - coefficients @ basis.T
    size = np.array([len(lab) for lab in labs])
    longest = int(size.max())
    donors = np.zeros((len(labs), longest), dtype=np.int64)
    for i, lab in enumerate(labs):
        donors[i] = np.resize(lab, longest)
    dates = np.empty((reps, count))
    source = np.empty((reps, count), dtype=np.int64)
    for lab in labs:
        donor: IntArray = np.asarray(rng.choice(len(labs), size=reps, p=size / size.sum()))
        start = rng.integers(size[donor])
        place = (start[:, None] + np.arange(len(lab))) % size[donor][:, None]
        source[:, lab] = donors[donor[:, None], place]
        gaps = np.broadcast_to(np.diff(entered[lab]), (reps, len(lab) - 1))
        dates[:, lab[0]] = entered[lab[0]]
        if len(lab) > 1:
            shuffled = rng.permuted(gaps, axis=1)
            dates[:, lab[1:]] = entered[lab[0]] + np.cumsum(shuffled, axis=1)
    trend = np.einsum("rp,rmp->rm", coefficients, _hinges(dates, knots))
    return dates, trend + np.take_along_axis(residual, source, axis=1)


def _knots(entered: FloatArray) -> FloatArray:
    """Inner knots of a group's trend, at quantiles of its dates."""
    count = min(_MOST_KNOTS, len(entered) // _MODELS_PER_KNOT)
    if len(entered) < 3:
        return np.empty(0)
    inner: FloatArray = np.unique(np.quantile(entered, np.arange(1, count + 1) / (count + 1)))
    return inner


def _hinges(days: FloatArray, knots: FloatArray) -> FloatArray:
    """Basis of a piecewise-linear trend in years: 1, t, and a hinge per knot."""
    years = (days - 20000.0) / 365.25
    parts = [np.ones_like(years), years]
    parts += [np.maximum(years - (knot - 20000.0) / 365.25, 0.0) for knot in knots]
    basis: FloatArray = np.stack(parts, axis=-1)
    return basis
