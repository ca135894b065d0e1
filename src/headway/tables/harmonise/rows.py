"""A placed and named claim as a row of ``scores``: unit, trials, teller, dates, terms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from headway.sources.declare import ScoreClaim
from headway.tables.harmonise.counted import COUNTED
from headway.tables.harmonise.curated import curated
from headway.tables.harmonise.dates import parse
from headway.tables.harmonise.places import Place
from headway.tables.harmonise.tellers import relationship, source_behind, teller_of
from headway.tables.registry import Resolved

__all__ = ["Impossible", "Siblings", "row_of", "source_of"]

#: Results are shown at most so long before a launch; an earlier day is that of the test's first
#: paper or board, to which the row was added later.
_EARLY = timedelta(days=14)


class Impossible(ValueError):
    """A claim that cannot be true: a message key and the value."""

    def __init__(self, reason: str, value: object) -> None:
        super().__init__(reason)
        self.reason, self.value = reason, str(value)


@dataclass(frozen=True, slots=True)
class Siblings:
    """What the release's rows of one source and test agree on; ``None`` where they do not.

    A new row of that board takes over the tries and the token budget of the board, who runs it, and
    whether its items are independent trials.
    """

    attempts: int | None = None
    token_budget: float | None = None
    evaluator: str | None = None
    counts_items: bool = False
    source_url: str | None = None


def source_of(source: str, place: Place, claim: ScoreClaim) -> str:
    """Source key of the row; a copy stands under its original and on its terms."""
    return place.as_source or source_behind(claim.source_url) or claim.licence_key or source


def row_of(
    claim: ScoreClaim,
    *,
    place: Place,
    source: str,
    named: Resolved,
    model: Mapping[str, Any],
    benchmark: Mapping[str, Any],
    siblings: Siblings,
    address: str,
    licence: str,
    today: date,
) -> dict[str, Any]:
    """The row, without ``score_id`` and before repeats are marked.

    Raises
    ------
    Impossible
        The value lies outside its range, or its day in the future.
    """
    value, score = _value(claim, place, benchmark)
    url = claim.source_url or siblings.source_url or address
    teller = teller_of(
        claim.evaluator, claim.source_url, benchmark["benchmark"], siblings.evaluator
    )
    dates = _dates(claim, place, teller.name, model, benchmark, today)
    items = benchmark["items"]
    trials = items if siblings.counts_items else None
    if trials is None and claim.n is not None and not _is_mean(claim):
        trials = min(claim.n, items) if items else claim.n
    if trials is not None and (trials < 1 or score is None):
        trials = None
    return {
        "model_version": named.model_version,
        "model_as_named": claim.model,
        "effort": named.effort or claim.effort,
        "benchmark": benchmark["benchmark"],
        "panel": place.panel,
        "scaffold": _scaffold(claim, place),
        "harness_version": claim.harness_version,
        "token_budget": claim.token_budget or siblings.token_budget,
        "attempts": siblings.attempts or claim.attempts,
        "score": score,
        "value": value,
        "unit": str(benchmark["unit"]),
        "n": trials,
        "stderr": _stderr(claim, place, str(benchmark["unit"]), value, score, trials),
        "read_error_sd": None,
        **dates,
        "evaluator": teller.name,
        "evaluator_lab": teller.lab,
        "evaluator_relationship": relationship(teller.kind, teller.lab, model["lab"]),
        "value_origin": "computed" if claim.note == COUNTED else "reported",
        "confidence": "primary_file",
        "use": "fit",
        "use_reason": None,
        "duplicate_of": None,
        "source": source,
        "source_url": url,
        "licence": licence,
    }


def _is_mean(claim: ScoreClaim) -> bool:
    """A mean over repeats is not a count of independent trials."""
    return claim.attempts is not None and claim.attempts > 1


def _value(
    claim: ScoreClaim, place: Place, benchmark: Mapping[str, Any]
) -> tuple[float, float | None]:
    value = claim.score
    if place.scale == "1/n":
        items = claim.n or benchmark["items"]
        if not items:
            raise Impossible("harmonise-no-items", claim.score)
        value /= items
    elif place.scale:
        value *= float(place.scale)
    value = round(value, 9)
    if not math.isfinite(value):
        raise Impossible("harmonise-not-finite", claim.score)
    if benchmark["unit"] != "proportion":
        return value, None
    if not 0 <= value <= 1:
        raise Impossible("harmonise-outside", f"{claim.score:g} {claim.unit}")
    return value, value


def _scaffold(claim: ScoreClaim, place: Place) -> str | None:
    if place.scaffold is None:
        if claim.scaffold is None and " + " in claim.model:  # agent + model
            return claim.model.rpartition(" + ")[0][:60]
        return None if claim.scaffold is None else claim.scaffold[:60]
    return place.scaffold.format(variant=claim.variant, scaffold=claim.scaffold)[:60]


def _dates(
    claim: ScoreClaim,
    place: Place,
    teller: str | None,
    model: Mapping[str, Any],
    benchmark: Mapping[str, Any],
    today: date,
) -> dict[str, Any]:
    """Days of evaluation and publication, and the day from which the result was known."""
    meaning = next(
        (r["date_means"] for r in curated("panels.csv") if r["panel"] == place.panel), "published"
    )
    try:
        evaluated, precision = parse(claim.evaluated_on)
        published, _ = parse(claim.published_at)
    except (ValueError, KeyError):
        raise Impossible("harmonise-no-date", claim.evaluated_on or claim.published_at) from None
    for day, fine in ((evaluated, precision), (published, "day")):
        if day is not None and day > today and fine == "day":
            raise Impossible("harmonise-future", day)
    if evaluated is not None and meaning != "evaluated" and teller != "Epoch AI":
        # a board's own column of days, which for this panel is the day of the page behind the row
        published, evaluated, precision = published or evaluated, None, None
    released, ready = model["released"], benchmark["released"]
    if published is not None and released is not None and published < released - _EARLY:
        published = None
    known = published or evaluated
    vintage = known is None and released is not None and ready is not None
    return {
        "evaluated_on": evaluated,
        "evaluated_precision": precision if evaluated is not None else None,
        "published_at": published,
        "known_on": max(released, ready) if vintage else known,
        "pseudo_vintage": vintage,
    }


def _stderr(
    claim: ScoreClaim,
    place: Place,
    unit: str,
    value: float,
    score: float | None,
    trials: int | None,
) -> float | None:
    """Stated standard errors; one that only restates the number of trials is left to that."""
    low, high = claim.low, claim.high
    if unit == "minutes" and low is not None and high is not None and 0 < low < high:
        # symmetric on the log scale, given back in minutes (value times the sd of the logarithm)
        return value * math.log(high / low) / (2 * 1.96)
    if claim.stderr is None or unit != "proportion" or score is None:
        return None
    factor = float(place.scale) if place.scale not in ("", "1/n") else 1.0
    stated = claim.stderr * factor
    if not (math.isfinite(stated) and stated >= 0):
        return None
    if trials is not None:
        binomial = math.sqrt(score * (1 - score) / trials)
        if abs(binomial - stated) <= 1e-3 + 0.02 * binomial:
            return None
    return stated
