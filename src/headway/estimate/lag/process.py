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
measurement uncertainty as well. Several domains are resampled together (:func:`joint_replicates`)
where they are compared.

**Assumptions.** Residuals exchangeable between labs of one group and independent between labs; no
dependence between the open and the closed side; trend well fitted by few segments. It therefore
understates what one technical advance shared by all labs would do.

References
----------
.. [1] Bickel & Freedman (1981), doi:10.1214/aos/1176345637
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from headway.estimate.lag.entrants import FloatArray, IntArray, day_number
from headway.estimate.lag.frontier import Frontier, FrontierPair, running_maxima
from headway.estimate.lag.states import LEADS, NUMBER, DrawStates, interval_of, quantile
from headway.result import Interval

__all__ = ["joint_replicates", "process_interval", "release_replicates"]

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
    ((replicate, notes),) = joint_replicates([pair], reps=reps, rng=rng)
    return replicate, notes


def joint_replicates(
    pairs: Sequence[FrontierPair], *, reps: int, rng: np.random.Generator
) -> tuple[tuple[FrontierPair, tuple[str, ...]], ...]:
    """Release histories resampled once for several domains or stages.

    Row ``r`` of every result is one history: it starts from the same draw, every lab has the same
    donor and the same start in the donor's releases, and a model that counts in several pairs has
    the same new date in all of them. What is common to two domains (a lab strong in both, a long
    wait for the next release) therefore stays common, and differences between them keep no more
    spread than they have. A donor that has no informative model in a domain is replaced there by
    the next lab in that lab's own random order; a release that is not informative there by the
    donor's next one that is.

    Parameters
    ----------
    pairs : sequence of FrontierPair
        Of one ``as_of`` and one frontier, each missing nothing, over jointly drawn abilities (row
        ``i`` of each is the same draw). Models are matched by name; their sets may differ.
    reps, rng
        As in :func:`release_replicates`, which is the case of one pair.

    Returns
    -------
    tuple of (FrontierPair, notes)
        One per pair, in order; see :func:`release_replicates`.

    Raises
    ------
    ValueError
        Pairs that differ in draws, ``as_of`` or frontier.
    """
    first = pairs[0]
    for pair in pairs:
        assert not pair.missing, pair.missing
        same = (pair.entrants.n_draws, pair.as_of, pair.frontier)
        if same != (first.entrants.n_draws, first.as_of, first.frontier):
            raise ValueError("joint replicates need the same draws, as-of date and frontier")
    draws = first.entrants.n_draws
    if reps <= draws:
        rows = np.sort(rng.choice(draws, size=reps, replace=False))
    else:
        rows = np.concatenate([np.arange(draws), rng.integers(draws, size=reps - draws)])
    sides: dict[str, list[Frontier]] = {}
    notes: list[tuple[str, ...]] = [() for _ in pairs]
    for group in ("open", "closed"):
        members = [_members(pair, group) for pair in pairs]
        history = _History.of(pairs, group, members)
        plan = _Plan.drawn(history, reps, rng)
        sides[group] = []
        for i, (pair, columns) in enumerate(zip(pairs, members, strict=True)):
            places = history.places([pair.entrants.model_version[c] for c in columns])
            if len(np.unique(history.lab[places])) == 1:
                notes[i] = (*notes[i], f"process_one_lab_{group}")
            ability = pair.entrants.ability[np.ix_(rows, columns)]
            dates, level = plan.applied(history, places, ability)
            sides[group].append(running_maxima(dates, level))
    return tuple(
        (replace(pair, open=o, closed=c, open_steps=(), closed_steps=()), found)
        for pair, o, c, found in zip(pairs, sides["open"], sides["closed"], notes, strict=True)
    )


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


@dataclass(frozen=True, slots=True)
class _History:
    """Every release of one access group that counts in any pair, in date order.

    ``entered`` (U,) days, ``lab`` (U,) number of the lab, ``rank`` (U,) place within its lab,
    ``labs`` positions of each lab's releases.
    """

    names: tuple[str, ...]
    entered: FloatArray
    lab: IntArray
    rank: IntArray
    labs: tuple[IntArray, ...]

    @classmethod
    def of(cls, pairs: Sequence[FrontierPair], group: str, members: Sequence[IntArray]) -> _History:
        found: dict[str, tuple[float, str]] = {}
        for pair, columns in zip(pairs, members, strict=True):
            entered = _entered(pair, group)
            for c in columns:
                name = pair.entrants.model_version[c]
                found.setdefault(name, (float(entered[c]), pair.entrants.lab[c]))
        names = tuple(sorted(found, key=lambda name: found[name][0]))  # stable: first seen first
        labs = _by_lab([found[name][1] for name in names])
        lab = np.empty(len(names), dtype=np.int64)
        rank = np.empty(len(names), dtype=np.int64)
        for number, positions in enumerate(labs):
            lab[positions] = number
            rank[positions] = np.arange(len(positions))
        return cls(names, np.array([found[name][0] for name in names]), lab, rank, labs)

    def places(self, names: list[str]) -> IntArray:
        """Positions of models in this history."""
        where = {name: i for i, name in enumerate(self.names)}
        return np.array([where[name] for name in names], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What chance decides, for all pairs alike.

    ``preference`` (reps, labs, labs): whom each lab would take its residuals from, highest first;
    ``start`` (reps, labs): where in the donor's releases, as a share; ``dates`` (reps, U).
    """

    preference: FloatArray
    start: FloatArray
    dates: FloatArray

    @classmethod
    def drawn(cls, history: _History, reps: int, rng: np.random.Generator) -> _Plan:
        count = len(history.labs)
        size = np.array([len(lab) for lab in history.labs], dtype=np.float64)
        # the largest of log size + Gumbel noise falls on each lab with probability ~ its size
        preference = np.log(size) + rng.gumbel(size=(reps, count, count))
        start = rng.random((reps, count))
        dates = np.empty((reps, len(history.names)))
        for lab in history.labs:
            dates[:, lab[0]] = history.entered[lab[0]]
            if len(lab) > 1:
                gaps = np.broadcast_to(np.diff(history.entered[lab]), (reps, len(lab) - 1))
                shuffled = rng.permuted(gaps, axis=1)
                dates[:, lab[1:]] = history.entered[lab[0]] + np.cumsum(shuffled, axis=1)
        return cls(preference, start, dates)

    def applied(
        self, history: _History, places: IntArray, ability: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """New dates and abilities of one pair's models (at ``places``), each (reps, models)."""
        entered = history.entered[places]
        knots = _knots(entered)
        basis = _hinges(entered, knots)
        coefficients = ability @ np.linalg.pinv(basis).T
        residual = ability - coefficients @ basis.T
        present = np.zeros(len(history.labs), dtype=bool)
        present[history.lab[places]] = True
        donor = np.argmax(np.where(present, self.preference, -np.inf), axis=2)
        donors = donor[:, history.lab[places]]
        size = np.array([len(lab) for lab in history.labs])
        first = np.floor(
            np.take_along_axis(self.start, history.lab[places][None], axis=1) * size[donors]
        ).astype(np.int64)
        turn = (first + history.rank[places]) % size[donors]
        source = _donated(history, places)[donors, turn]
        dates = self.dates[:, places]
        trend = np.einsum("rp,rmp->rm", coefficients, _hinges(dates, knots))
        return dates, trend + np.take_along_axis(residual, source, axis=1)


def _donated(history: _History, places: IntArray) -> IntArray:
    """Column of a pair that stands for each release of each lab, (labs, longest).

    The release itself where it counts in the pair, else the lab's next one that does, from the
    beginning again after the last.
    """
    column = np.full(len(history.names), -1, dtype=np.int64)
    column[places] = np.arange(len(places))
    table = np.zeros((len(history.labs), max(len(lab) for lab in history.labs)), dtype=np.int64)
    for number, lab in enumerate(history.labs):
        here = column[lab]
        known = np.flatnonzero(here >= 0)
        if len(known):
            next_known = np.searchsorted(known, np.arange(len(lab))) % len(known)
            table[number, : len(lab)] = here[known[next_known]]
    return table


def _members(pair: FrontierPair, group: str) -> IntArray:
    """Columns of the informative models of a group that are out by ``as_of``, in date order."""
    entered = _entered(pair, group)
    index = np.flatnonzero((entered <= day_number(pair.as_of)) & pair.entrants.informative)
    return np.asarray(index[np.argsort(entered[index], kind="stable")], dtype=np.int64)


def _entered(pair: FrontierPair, group: str) -> FloatArray:
    """Entry days of a group."""
    entrants = pair.entrants
    return entrants.open_from if group == "open" else entrants.closed_from(pair.frontier)


def _by_lab(labs: list[str]) -> tuple[IntArray, ...]:
    """Positions of each lab's models, in the given order; labs in order of first appearance."""
    places: dict[str, list[int]] = {}
    for i, lab in enumerate(labs):
        places.setdefault(lab, []).append(i)
    return tuple(np.array(found, dtype=np.int64) for found in places.values())


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
