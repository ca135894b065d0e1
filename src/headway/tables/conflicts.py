"""Several tellings of one score: all kept, ranked by a stated rule, never averaged.

A telling is a row of ``scores`` that counts (``fit``) or is known to be wrong (``quarantined``, ranked
last and left out of every number). Copies of a row are no tellings of their own. Tellings are of one
score where model version, benchmark version, attempts, effort and token budget agree; a row that does
not state its effort or budget goes with the stated one where there is only one.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from headway.tables.schemas import CONFIDENCE, INDEPENDENT

__all__ = ["LEVEL", "RANKED_BY", "Conflict", "Telling", "conflicts_of", "standard_error"]

#: The order of tellings, first reason first: known wrong last; independent evaluators before one's
#: own runs, the developer, a rival, nobody known; the better record; a stated error; the later day.
RANKED_BY = ("quarantined", "relationship", "confidence", "error_known", "known_on", "score_id")
_RELATIONSHIPS = (*[(one, 0) for one in INDEPENDENT], ("own", 1), ("first_party", 2))
_ORDER = {**dict(_RELATIONSHIPS), "competitor": 3, "unknown": 4}

#: Tellings disagree beyond their errors where their spread would be rarer than 1 in 10 by chance.
LEVEL = 0.90


@dataclass(frozen=True, slots=True)
class Telling:
    """One telling, with its place in the ranking (1 would be taken first)."""

    rank: int
    score_id: str
    value: float
    standard_error: float | None
    evaluator: str | None
    relationship: str
    panel: str
    scaffold: str | None
    confidence: str
    known_on: date | None
    is_quarantined: bool
    copies: int
    source: str
    source_url: str

    @property
    def teller(self) -> str:
        """Who measured; the panel where nobody is named."""
        return self.evaluator or self.panel


@dataclass(frozen=True, slots=True)
class Conflict:
    """All tellings of one score, in rank order.

    Parameters
    ----------
    model_version, benchmark, unit : str
    effort : str or None
    attempts : int
    token_budget : float or None
    tellings : tuple of Telling
        At least two.
    """

    model_version: str
    benchmark: str
    unit: str
    effort: str | None
    attempts: int
    token_budget: float | None
    tellings: tuple[Telling, ...]

    @property
    def counted(self) -> tuple[Telling, ...]:
        """Those that are not known to be wrong."""
        return tuple(one for one in self.tellings if not one.is_quarantined)

    @property
    def differs(self) -> str:
        """What differs first: ``evaluator`` (two tellers), ``scaffold``, or ``run`` (neither)."""
        if len({one.teller for one in self.tellings}) > 1:
            return "evaluator"
        return "scaffold" if len({one.scaffold for one in self.tellings}) > 1 else "run"

    @property
    def spread(self) -> float | None:
        """Largest less smallest counted value; ``None`` with fewer than two."""
        values = [one.value for one in self.counted]
        return max(values) - min(values) if len(values) > 1 else None

    @property
    def heterogeneity_p(self) -> float | None:
        """Chance of so much spread if all told the same truth (Cochran's Q); ``None`` if unknown.

        Tellers mostly run the same items, so the errors stated for a sample of items are too wide for
        a difference: the true chance is smaller.
        """
        known = [(one.value, one.standard_error) for one in self.counted if one.standard_error]
        if len(known) < 2:
            return None
        from scipy.stats import chi2

        weights = [1.0 / (error * error) for _, error in known if error]
        mean = math.fsum(w * v for w, (v, _) in zip(weights, known, strict=True)) / math.fsum(
            weights
        )
        q = math.fsum(w * (v - mean) ** 2 for w, (v, _) in zip(weights, known, strict=True))
        return float(chi2.sf(q, len(known) - 1))

    @property
    def disagree(self) -> str:
        """``yes``, ``no``, or ``unknown`` where fewer than two tellings state an error."""
        p = self.heterogeneity_p
        return "unknown" if p is None else "yes" if p < 1 - LEVEL else "no"


def standard_error(row: Mapping[str, Any]) -> float | None:
    """Standard error of a row's value: stated, else from its trials; with the error of reading a chart.

    With trials the share is moved towards one half by two successes and two failures (Agresti &
    Coull 1998, doi:10.1080/00031305.1998.10480550): none of 40 solved is not known without error.
    """
    sampling = row["stderr"]
    if not sampling and row["n"] and row["score"] is not None:
        share = (row["score"] * row["n"] + 2) / (row["n"] + 4)
        sampling = math.sqrt(share * (1 - share) / (row["n"] + 4))
    if not sampling:
        return None
    return math.hypot(sampling, row["read_error_sd"] or 0.0)


def conflicts_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Conflict, ...]:
    """Every score that was told at least twice.

    Parameters
    ----------
    rows : iterable of mappings
        Rows of the table ``scores``.

    Returns
    -------
    tuple of Conflict
        By model version, benchmark and setting.
    """
    every = list(rows)
    copies = Counter(str(row["duplicate_of"]) for row in every if row["duplicate_of"] is not None)
    told: dict[tuple[Any, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for row in every:
        if row["use"] in ("fit", "quarantined"):
            key = (row["model_version"], row["benchmark"], row["unit"], row["attempts"] or 1)
            told[key].append(row)
    out = []
    for (model, benchmark, unit, attempts), group in told.items():
        for (effort, budget), part in _settings(group).items():
            if len(part) > 1:
                found = _ranked(part, copies)
                out.append(Conflict(model, benchmark, unit, effort, attempts, budget, found))
    return tuple(
        sorted(
            out,
            key=lambda c: (
                c.model_version,
                c.benchmark,
                c.effort or "",
                c.attempts,
                c.token_budget or 0.0,
            ),
        )
    )


def _settings(
    rows: Sequence[Mapping[str, Any]],
) -> dict[tuple[str | None, float | None], list[Mapping[str, Any]]]:
    """Rows by effort and budget; an unstated one is read as the stated one where that is unique."""
    only = {}
    for name in ("effort", "token_budget"):
        stated = {row[name] for row in rows if row[name] is not None}
        only[name] = stated.pop() if len(stated) == 1 else None
    out: dict[tuple[str | None, float | None], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        effort = only["effort"] if row["effort"] is None else row["effort"]
        budget = only["token_budget"] if row["token_budget"] is None else row["token_budget"]
        out[(effort, budget)].append(row)
    return dict(out)


def _rank(row: Mapping[str, Any]) -> tuple[Any, ...]:
    day = row["known_on"]
    return (
        row["use"] == "quarantined",
        _ORDER[str(row["evaluator_relationship"])],
        CONFIDENCE.index(str(row["confidence"])),
        standard_error(row) is None,
        -day.toordinal() if isinstance(day, date) else 0,
        str(row["score_id"]),
    )


def _ranked(rows: Sequence[Mapping[str, Any]], copies: Mapping[str, int]) -> tuple[Telling, ...]:
    return tuple(
        Telling(
            rank=place,
            score_id=str(row["score_id"]),
            value=float(row["value"]),
            standard_error=standard_error(row),
            evaluator=row["evaluator"],
            relationship=str(row["evaluator_relationship"]),
            panel=str(row["panel"]),
            scaffold=row["scaffold"],
            confidence=str(row["confidence"]),
            known_on=row["known_on"],
            is_quarantined=row["use"] == "quarantined",
            copies=copies.get(str(row["score_id"]), 0),
            source=str(row["source"]),
            source_url=str(row["source_url"]),
        )
        for place, row in enumerate(sorted(rows, key=_rank), start=1)
    )
