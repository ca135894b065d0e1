r"""Claims about the lag as tests: what is claimed, what would refute it, and how sure the data are.

Every claim has a quantity, a window, a null and one rule: **a claim is supported where its
posterior probability exceeds 0.95, contradicted where that of its opposite does, undecided
otherwise**.

=======================  =====================================================================
claim                    quantity and null
=======================  =====================================================================
``lag_6_9``              the lag is 6 to 9 months; the claim is the null
``lag_6_18``             the lag is 6 to 18 months; the claim is the null
``cyber_above_coding``   cyber less coding lag of one window, months; null: at most 0
``cyber_above_general``  the same against general
``static``               slope of the lag, months per year; null: 0. Contradicted if the slope has
                         one sign with a two-sided probability above 0.95; supported only if
                         the slope is smaller than 2 months per year with probability above 0.95
``widening``             the same slope; null: at most 0
=======================  =====================================================================

Probabilities carry both kinds of uncertainty: replicates of the release process that start from
posterior draws, joint over domains, moved so that their median is that of the draws
(:mod:`~headway.estimate.lag.process`). With the draws
alone a lag that is constant in truth is called "changing" about twice as often as the rule allows
(measured in simulated worlds, :mod:`headway.checks.coverage`). The release process can only add doubt: where the draws alone are less sure than the replicates, theirs is the
probability. Where bounds leave a claim open it has a lower and an upper value, and the rule needs the
safe one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from headway.estimate.capability.design import Cell
from headway.estimate.lag.definitions import (
    WINDOW_DAYS,
    now_states,
    record_states,
    window,
)
from headway.estimate.lag.entrants import BoolArray, Entrants, FrontierName, date_of, day_number
from headway.estimate.lag.frontier import FrontierPair, frontier_pair
from headway.estimate.lag.headway import headways
from headway.estimate.lag.limits import Chance, Limits
from headway.estimate.lag.process import joint_replicates
from headway.estimate.lag.slope import (
    LEAST_SLOPE_MONTHS,
    SLOPE_MONTHS,
    bends,
    slope_of_means,
    slope_of_path,
)
from headway.estimate.lag.states import DrawStates
from headway.estimate.lag.step import LagFunction, lag_function
from headway.result import DAYS_PER_MONTH

__all__ = [
    "CLAIMS",
    "CLAIM_DEFINITIONS",
    "REJECT",
    "SMALL_SLOPE",
    "Changes",
    "Claim",
    "Side",
    "Verdict",
    "judge_claims",
]

#: Probability above which a claim, or its opposite, is accepted.
REJECT = 0.95
#: A lag that moves by less than this is "static" for practical purposes, months per year.
SMALL_SLOPE = 2.0
CLAIMS = ("lag_6_9", "lag_6_18", "cyber_above_coding", "cyber_above_general", "static", "widening")
#: Definitions that claims can be tested with; the slope needs one of the first two.
CLAIM_DEFINITIONS = ("lag_mean_12m", "lag_now", "lag_at_record", "headway_months")
_RANGES = {"lag_6_9": (6.0, 9.0), "lag_6_18": (6.0, 18.0)}
_ABOVE = {"cyber_above_coding": "coding", "cyber_above_general": "general"}
Verdict = Literal["supported", "contradicted", "undecided", "not_estimable"]
#: A cell with its own models, or cut to those scored in another domain too.
_View = tuple[Cell, str | None]


@dataclass(frozen=True, slots=True)
class Side:
    """One domain or stage of a fit.

    Parameters
    ----------
    entrants : Entrants
        The models of the fit with their abilities in the cell.
    scored : array of bool, shape (n_models,)
        Models with results of their own in the cell.
    missing : tuple of str
        Why a lag cannot be estimated, as message keys; empty if it can.
    """

    entrants: Entrants
    scored: BoolArray
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """Change points of the monthly lag.

    ``p_count``: probability of 0, 1, 2 change points. ``dates``: 5 %, 50 % and 95 % quantile of the
    dates, given that there is one; ``None`` below a probability of one half. ``slope_now``: months
    per year at the end, the same quantiles over draws. ``months``: length of the path.
    """

    p_count: tuple[float, ...]
    dates: tuple[date, date, date] | None
    slope_now: tuple[float, float, float]
    months: int


@dataclass(frozen=True, slots=True)
class Claim:
    """One tested claim.

    Parameters
    ----------
    claim, definition : str
    cell : (domain, stage)
    models : {"own", "common"}
        ``common``: only models scored in both domains.
    window : (date, date), optional
    draws, replicates : Limits, optional
        The quantity over posterior draws; over release replicates, moved to the draws' median.
    measured, chance : Chance, optional
        Probability of the claim over draws alone, and with the release process. Of ``static`` it
        is twice the smaller tail of the slope.
    small : Chance, optional
        Of a slope: probability that it is smaller than :data:`SMALL_SLOPE`.
    verdict : str
    missing : tuple of str
        Why nothing could be tested.
    n, n_clusters : int
        Informative models and labs.
    changes : Changes, optional
        Of ``static`` by ``lag_now``.
    """

    claim: str
    cell: Cell
    definition: str
    models: str
    window: tuple[date, date] | None
    draws: Limits | None
    replicates: Limits | None
    measured: Chance | None
    chance: Chance | None
    small: Chance | None
    verdict: Verdict
    missing: tuple[str, ...]
    n: int
    n_clusters: int
    changes: Changes | None = None


@dataclass(frozen=True, slots=True)
class _Frame:
    """A view's pair with its lag function, and the same of its replicates."""

    pair: FrontierPair
    function: LagFunction
    other: FrontierPair
    other_function: LagFunction


def judge_claims(
    sides: Mapping[Cell, Side],
    *,
    claims: Sequence[str] = CLAIMS,
    definitions: Sequence[str] = ("lag_mean_12m",),
    cells: Sequence[Cell] | None = None,
    frontier: FrontierName = "public",
    as_of: date,
    reps: int | None = None,
    rng: np.random.Generator,
    common: bool = True,
    change_points: bool = True,
) -> tuple[Claim, ...]:
    """Test claims about every cell.

    Parameters
    ----------
    sides : mapping of (domain, stage) to Side
        All of one fit: the same models and draws. Replicates are joint over all of them, so that
        numbers do not depend on ``claims``, ``definitions`` or ``cells``.
    claims : sequence of str
        Of :data:`CLAIMS`.
    definitions : sequence of str
        Of :data:`CLAIM_DEFINITIONS`.
    cells : sequence of (domain, stage), optional
        Which to report; all by default.
    frontier : {"public", "restricted"}
    as_of : date
    reps : int, optional
        Release replicates, at most (and by default) the number of draws.
    rng : Generator
    common : bool
        Compare domains on the models scored in both as well.
    change_points : bool
        Look for change points in the monthly lag.

    Returns
    -------
    tuple of Claim
        A claim that a cell cannot carry says what is missing.
    """
    frames = _frames(sides, frontier, as_of, reps, rng, common=common)
    out: list[Claim] = []
    for cell in cells if cells is not None else tuple(sides):
        for name in claims:
            for definition in definitions:
                if name in _RANGES:
                    out.append(_range_claim(name, cell, definition, sides, frames))
                elif name in _ABOVE:
                    if cell[0] != "cyber":
                        continue
                    kinds = ("own", "common") if common else ("own",)
                    out += [_above_claim(name, cell, definition, k, sides, frames) for k in kinds]
                elif definition in ("lag_mean_12m", "lag_now"):
                    found = _slope_claim(name, cell, definition, sides, frames, change_points)
                    out.append(found)
    return tuple(out)


# Frames ---------------------------------------------------------------------------------------


def _views(sides: Mapping[Cell, Side], *, common: bool) -> dict[_View, Entrants]:
    """Every view with its entrants: each cell, and pairs of cells cut to models scored in both."""
    out: dict[_View, Entrants] = {(cell, None): s.entrants for cell, s in sides.items()}
    if not common:
        return out
    for cell in (c for c in sides if c[0] == "cyber"):
        for domain in _ABOVE.values():
            other = (domain, None)
            if other not in sides:
                continue
            one, two = sides[cell], sides[other]
            both = one.scored & two.scored & one.entrants.informative & two.entrants.informative
            for key, side in (((cell, domain), one), ((other, _name(cell)), two)):
                out[key] = side.entrants.with_ability(side.entrants.ability, both)
    return out


def _name(cell: Cell) -> str:
    return cell[0] if cell[1] is None else f"{cell[0]}.{cell[1]}"


def _frames(
    sides: Mapping[Cell, Side],
    frontier: FrontierName,
    as_of: date,
    reps: int | None,
    rng: np.random.Generator,
    *,
    common: bool,
) -> dict[_View, _Frame | tuple[str, ...]]:
    """Frame of every view, or what it lacks."""
    out: dict[_View, _Frame | tuple[str, ...]] = {}
    pairs: dict[_View, FrontierPair] = {}
    for key, entrants in _views(sides, common=common).items():
        pair = frontier_pair(entrants, frontier=frontier, as_of=as_of)
        missing = sides[key[0]].missing or pair.missing
        if missing:
            out[key] = missing
        else:
            pairs[key] = pair
    if not pairs:
        return out
    draws = next(iter(pairs.values())).entrants.n_draws
    found = joint_replicates(list(pairs.values()), reps=min(reps or draws, draws), rng=rng)
    for (key, pair), (other, _) in zip(pairs.items(), found, strict=True):
        out[key] = _Frame(pair, lag_function(pair), other, lag_function(other))
    return out


def _states(
    pair: FrontierPair, function: LagFunction, definition: str, begin: float, end: float
) -> DrawStates:
    """The definition per draw."""
    if definition == "lag_mean_12m":
        return function.mean(begin, end)[0]
    if definition == "lag_now":
        return now_states(pair, function)
    if definition == "lag_at_record":
        return record_states(pair, function)
    return headways(pair).curve().median()


def _of(frame: _Frame, definition: str, begin: float, end: float) -> tuple[Limits, Limits]:
    """The definition over draws and over replicates (not yet moved)."""
    return (
        Limits.of(_states(frame.pair, frame.function, definition, begin, end)),
        Limits.of(_states(frame.other, frame.other_function, definition, begin, end)),
    )


def _dates(definition: str, begin: float, end: float) -> tuple[date, date] | None:
    if definition == "headway_months":
        return None
    return (date_of(begin if definition == "lag_mean_12m" else end), date_of(end))


# Claims ---------------------------------------------------------------------------------------


def _range_claim(
    name: str,
    cell: Cell,
    definition: str,
    sides: Mapping[Cell, Side],
    frames: Mapping[_View, _Frame | tuple[str, ...]],
) -> Claim:
    frame = frames.get((cell, None), ("no_scores",))
    if isinstance(frame, tuple):
        return _refused(name, cell, definition, "own", frame)
    begin, end = window(frame.pair)
    if definition == "lag_mean_12m" and end - begin < WINDOW_DAYS / 2:
        return _refused(name, cell, definition, "own", (_uncovered(begin, end),), frame)
    draws, replicates = _of(frame, definition, begin, end)
    moved = replicates.moved_to(draws.centre(), floor=0.0)
    least, most = _RANGES[name]
    measured = draws.inside(least, most)
    chance = _less_sure(measured, moved.inside(least, most))
    return Claim(
        claim=name,
        cell=cell,
        definition=definition,
        models="own",
        window=_dates(definition, begin, end),
        draws=draws,
        replicates=moved,
        measured=measured,
        chance=chance,
        small=None,
        verdict=_verdict(chance),
        missing=(),
        n=frame.pair.n,
        n_clusters=frame.pair.n_clusters,
    )


def _above_claim(
    name: str,
    cell: Cell,
    definition: str,
    models: str,
    sides: Mapping[Cell, Side],
    frames: Mapping[_View, _Frame | tuple[str, ...]],
) -> Claim:
    domain = _ABOVE[name]
    keys: tuple[_View, _View] = ((cell, None), ((domain, None), None))
    if models == "common":
        keys = ((cell, domain), ((domain, None), _name(cell)))
    one, two = (frames.get(key, ("no_scores",)) for key in keys)
    if isinstance(one, tuple):
        return _refused(name, cell, definition, models, one)
    if isinstance(two, tuple):
        return _refused(name, cell, definition, models, two, one)
    (begin, end), (other, _) = window(one.pair), window(two.pair)
    begin = max(begin, other)
    if definition == "lag_mean_12m" and end - begin < WINDOW_DAYS / 2:
        return _refused(name, cell, definition, models, (_uncovered(begin, end),), one)
    mine, mine_other = _of(one, definition, begin, end)
    theirs, theirs_other = _of(two, definition, begin, end)
    draws = mine - theirs
    moved = (mine_other - theirs_other).moved_to(draws.centre())
    measured = draws.above()
    chance = _less_sure(measured, moved.above())
    return Claim(
        claim=name,
        cell=cell,
        definition=definition,
        models=models,
        window=_dates(definition, begin, end),
        draws=draws,
        replicates=moved,
        measured=measured,
        chance=chance,
        small=None,
        verdict=_verdict(chance),
        missing=(),
        n=one.pair.n,
        n_clusters=one.pair.n_clusters,
    )


def _slope_claim(
    name: str,
    cell: Cell,
    definition: str,
    sides: Mapping[Cell, Side],
    frames: Mapping[_View, _Frame | tuple[str, ...]],
    change_points: bool,
) -> Claim:
    frame = frames.get((cell, None), ("no_scores",))
    if isinstance(frame, tuple):
        return _refused(name, cell, definition, "own", frame)
    end = day_number(frame.pair.as_of)
    open_, closed = frame.pair.both
    first = max(float(open_.first.max()), float(closed.first.max()))
    slope = slope_of_means if definition == "lag_mean_12m" else slope_of_path
    draws, replicates = slope(frame.pair, first), slope(frame.other, first)
    begin = max(first, end - SLOPE_MONTHS * DAYS_PER_MONTH)
    if draws is None or replicates is None:
        months = (end - begin) / DAYS_PER_MONTH
        short = f"slope_window_short:{months:.0f}<{LEAST_SLOPE_MONTHS:.0f}"
        return _refused(name, cell, definition, "own", (short,), frame)
    moved = replicates.moved_to(draws.centre())
    small = _less_sure(*(x.inside(-SMALL_SLOPE, SMALL_SLOPE) for x in (draws, moved)))
    if name == "static":
        measured = _two_sided(draws)
        chance = _larger(measured, _two_sided(moved))
    else:
        measured = draws.above()
        chance = _less_sure(measured, moved.above())
    verdict = _verdict(chance)
    if name == "static" and verdict not in ("contradicted", "not_estimable"):
        verdict = "supported" if small.low > REJECT else "undecided"
    changes = None
    if change_points and name == "static" and definition == "lag_now":
        changes = _changes(frame.pair, first)
    return Claim(
        claim=name,
        cell=cell,
        definition=definition,
        models="own",
        window=(date_of(begin), date_of(end)),
        draws=draws,
        replicates=moved,
        measured=measured,
        chance=chance,
        small=small,
        verdict=verdict,
        missing=(),
        n=frame.pair.n,
        n_clusters=frame.pair.n_clusters,
        changes=changes,
    )


def _two_sided(slope: Limits) -> Chance:
    """Twice the smaller tail of the slope: the probability of "static" that the rule reads."""
    up, down = slope.above(), slope.below()
    low = 2 * min(1 - up.high, 1 - down.high)
    high = 2 * min(1 - up.low, 1 - down.low)
    return Chance(min(max(low, 0.0), 1.0), min(high, 1.0), up.draws)


def _larger(measured: Chance, other: Chance) -> Chance:
    """The larger of two tail probabilities: what speaks less against the null."""
    if other.none:
        return measured
    return Chance(max(measured.low, other.low), max(measured.high, other.high), other.draws)


def _less_sure(measured: Chance, other: Chance) -> Chance:
    """The probability nearer to one half; one half where the two lie on either side of it.

    An interval with the release process never lies inside the measurement interval; this is the
    same for a probability. It matters where replicates pile up at a lag of 0 and are moved as one.
    """
    if other.none:
        return measured

    def middle(one: float, two: float) -> float:
        return sorted((one, two, 0.5))[1]

    return Chance(middle(measured.low, other.low), middle(measured.high, other.high), other.draws)


def _verdict(chance: Chance) -> Verdict:
    if chance.none:
        return "not_estimable"
    if chance.low > REJECT:
        return "supported"
    return "contradicted" if chance.high < 1 - REJECT else "undecided"


def _changes(pair: FrontierPair, begin: float) -> Changes | None:
    found = bends(pair, begin)
    if found is None:
        return None
    end = day_number(pair.as_of)
    tails = (0.05, 0.5, 0.95)
    years = found.change_dates[~np.isnan(found.change_dates)]
    dates = None
    if found.p_change >= 0.5 and len(years):
        low, mid, high = (date_of(end + 365.25 * q) for q in np.quantile(years, tails))
        dates = (low, mid, high)
    slope = np.quantile(found.slope_at(0.0), tails)
    return Changes(
        p_count=tuple(float(p) for p in found.p_count),
        dates=dates,
        slope_now=(float(slope[0]), float(slope[1]), float(slope[2])),
        months=int(found.n[0]) - 1,
    )


def _uncovered(begin: float, end: float) -> str:
    return f"window_not_covered:{max(end - begin, 0.0) / DAYS_PER_MONTH:.1f}"


def _refused(
    name: str,
    cell: Cell,
    definition: str,
    models: str,
    missing: tuple[str, ...],
    frame: _Frame | None = None,
) -> Claim:
    return Claim(
        claim=name,
        cell=cell,
        definition=definition,
        models=models,
        window=None,
        draws=None,
        replicates=None,
        measured=None,
        chance=None,
        small=None,
        verdict="not_estimable",
        missing=missing,
        n=0 if frame is None else frame.pair.n,
        n_clusters=0 if frame is None else frame.pair.n_clusters,
    )
