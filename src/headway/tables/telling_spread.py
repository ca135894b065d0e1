"""What the spread of tellings says of evaluators: differences between them, never their mean.

Pairs of tellings of one score by two tellers, by the relationship of both to the model; beside them
pairs by one and the same teller, with one scaffold or with two. In points of the score (0-100).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from headway.result import Interval, Quantity
from headway.tables.conflicts import Conflict, Telling
from headway.tables.schemas import INDEPENDENT

__all__ = ["OTHER_SCAFFOLD", "SAME_TELLER", "PairSpread", "pair_spreads"]

#: Stand in the place of both relationships where one teller told the score twice: with the same
#: scaffold, or with two of them.
SAME_TELLER = "same_teller"
OTHER_SCAFFOLD = "same_teller_other_scaffold"
_ORDER = ("first_party", "competitor", "independent", "own", "unknown")

#: Fewer scores or laboratories cannot carry an interval (as in the effects of evidence).
LEAST_SCORES = 5
LEAST_LABS = 3


@dataclass(frozen=True, slots=True)
class PairSpread:
    """Tellers of two relationships held against each other.

    Parameters
    ----------
    first, second : str
    scores, pairs : int
        Scores told by both, and pairs of tellings.
    without_error : int
        Pairs in which an error is unknown: their sampling error is not taken off.
    sd : Quantity
        Standard deviation of one telling in points, known sampling error taken off. Tellers mostly
        run the same items, so less of their error differs than is taken off: too small, if anything.
    sd_as_told : Quantity
        The same with nothing taken off: too large, if anything.
    mean_difference : Quantity
        First less second, in points; not estimable within one relationship, which has no order.
    """

    first: str
    second: str
    scores: int
    pairs: int
    without_error: int
    sd: Quantity
    sd_as_told: Quantity
    mean_difference: Quantity


def _who(one: Telling) -> str:
    return "independent" if one.relationship in INDEPENDENT else one.relationship


def pair_spreads(
    conflicts: Sequence[Conflict],
    lab_of: Mapping[str, str | None],
    *,
    level: float,
    reps: int,
    rng: np.random.Generator,
) -> tuple[PairSpread, ...]:
    """Spread and mean difference per pair of relationships.

    Each score counts once, with the mean over its pairs of squares and differences. Half the mean
    squared difference of two tellings is the variance of one. Whole laboratories are resampled
    (pairs cluster bootstrap, Cameron, Gelbach & Miller 2008, doi:10.1162/rest.90.3.414).

    Parameters
    ----------
    conflicts : sequence of Conflict
        Only proportions are used.
    lab_of : mapping of model version to laboratory
        A model without a laboratory is a cluster of its own.
    level : float
    reps : int
        Bootstrap draws.
    rng : numpy.random.Generator
    """
    found: dict[tuple[str, str], list[tuple[str, list[tuple[float, float, bool]]]]] = defaultdict(
        list
    )
    for conflict in conflicts:
        if conflict.unit != "proportion":
            continue
        lab = lab_of.get(conflict.model_version) or conflict.model_version
        mine: dict[tuple[str, str], list[tuple[float, float, bool]]] = defaultdict(list)
        for a, b in combinations(conflict.counted, 2):
            first, second = sorted((a, b), key=lambda one: _ORDER.index(_who(one)))
            key = (_who(first), _who(second))
            if a.teller == b.teller:
                key = (SAME_TELLER,) * 2 if a.scaffold == b.scaffold else (OTHER_SCAFFOLD,) * 2
            difference = (first.value - second.value) * 100
            errors = (a.standard_error, b.standard_error)
            noise = sum((error * 100) ** 2 for error in errors if error)
            mine[key].append((difference, noise, None in errors))
        for key, pairs in mine.items():
            found[key].append((lab, pairs))
    return tuple(
        _spread(key, found[key], level, reps, rng)
        for key in sorted(found, key=lambda k: (k[0].startswith(SAME_TELLER), k))
    )


def _spread(
    key: tuple[str, str],
    scores: Sequence[tuple[str, list[tuple[float, float, bool]]]],
    level: float,
    reps: int,
    rng: np.random.Generator,
) -> PairSpread:
    code = np.unique([lab for lab, _ in scores], return_inverse=True)[1]
    labs = int(code.max()) + 1
    told = np.array([np.mean([d * d / 2 for d, _, _ in pairs]) for _, pairs in scores])
    known = np.array([np.mean([(d * d - v) / 2 for d, v, _ in pairs]) for _, pairs in scores])
    means = np.array([np.mean([d for d, _, _ in pairs]) for _, pairs in scores])
    few = (
        f"few_rows:{len(scores)}<{LEAST_SCORES}"
        if len(scores) < LEAST_SCORES
        else f"few_labs:{labs}<{LEAST_LABS}"
        if labs < LEAST_LABS
        else None
    )
    if few is not None:
        sd = sd_as_told = difference = Quantity.not_estimable(
            "points", few, n=len(scores), n_clusters=labs
        )
    else:
        weights = rng.multinomial(labs, np.full(labs, 1 / labs), size=reps)
        sizes = weights @ np.bincount(code)
        sd, sd_as_told, difference = (
            _quantity(
                _root(values.mean()) if squared else float(values.mean()),
                _roots(drawn) if squared else drawn,
                level,
                len(scores),
                labs,
            )
            for values, squared in ((known, True), (told, True), (means, False))
            for drawn in [weights @ np.bincount(code, values) / sizes]
        )
    if key[0] == key[1]:
        difference = Quantity.not_estimable("points", "no_order", n=len(scores), n_clusters=labs)
    return PairSpread(
        first=key[0],
        second=key[1],
        scores=len(scores),
        pairs=sum(len(pairs) for _, pairs in scores),
        without_error=sum(unknown for _, pairs in scores for _, _, unknown in pairs),
        sd=sd,
        sd_as_told=sd_as_told,
        mean_difference=difference,
    )


def _root(value: float) -> float:
    return float(np.sqrt(max(value, 0.0)))


def _roots(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.sqrt(np.maximum(values, 0.0)))


def _quantity(value: float, drawn: np.ndarray, level: float, n: int, labs: int) -> Quantity:
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    interval = Interval(min(float(low), value), max(float(high), value), level, "bootstrap")
    return Quantity(value, "points", interval, n, labs, "estimated")
