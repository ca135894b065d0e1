"""One row of results: a lag, by which definition, of what, at which date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import polars as pl

from headway.estimate.lag.entrants import Entrants, IntArray
from headway.result import Quantity

__all__ = ["ANYWHERE", "DEFINITIONS", "Cell", "Definition", "LagRow", "history_frame"]

Definition = Literal[
    "lag_mean_12m", "lag_now", "lag_at_record", "headway_months", "lag_trend", "gap"
]
#: The headline first.
DEFINITIONS: tuple[Definition, ...] = (
    "lag_mean_12m",
    "lag_now",
    "lag_at_record",
    "headway_months",
    "lag_trend",
    "gap",
)


@dataclass(frozen=True, slots=True)
class Cell:
    """What is compared: a domain or a stage of it, on which evidence."""

    domain: str | None = None
    stage: str | None = None
    evidence: str = "all"


#: No domain: somebody's own index.
ANYWHERE = Cell()


@dataclass(frozen=True, slots=True)
class LagRow:
    """A lag with everything that identifies it.

    ``open_model`` holds the open frontier and ``closed_model`` is the first closed model at its
    level, each in most draws; ``None`` where the definition has no such model.
    """

    domain: str | None
    stage: str | None
    definition: str
    frontier: str
    evidence: str
    at: date | None
    lag: Quantity
    open_model: str | None = None
    closed_model: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The row as the command line prints it."""
        return {
            "domain": self.domain,
            "stage": self.stage,
            "definition": self.definition,
            "frontier": self.frontier,
            "evidence": self.evidence,
            "at": None if self.at is None else self.at.isoformat(),
            "lag": self.lag.to_json(),
            "open_model": self.open_model,
            "closed_model": self.closed_model,
        }


def make_row(
    cell: Cell,
    definition: str,
    frontier: str,
    at: date | None,
    lag: Quantity,
    open_model: str | None = None,
    closed_model: str | None = None,
) -> LagRow:
    """A row of one cell."""
    return LagRow(
        domain=cell.domain,
        stage=cell.stage,
        definition=definition,
        frontier=frontier,
        evidence=cell.evidence,
        at=at,
        lag=lag,
        open_model=open_model,
        closed_model=closed_model,
    )


def most_frequent(entrants: Entrants, columns: IntArray) -> str | None:
    """The model that stands in most draws; negative columns mean "none there"."""
    found = columns[columns >= 0]
    if not len(found):
        return None
    counts = np.bincount(found, minlength=len(entrants.model_version))
    return entrants.model_version[int(np.argmax(counts))]


def history_frame(rows: Iterable[LagRow]) -> pl.DataFrame:
    """Rows of a history as a table.

    Returns
    -------
    frame
        ``domain``, ``stage``, ``definition``, ``frontier``, ``evidence``, ``at``, ``status``,
        ``value``, ``low``, ``high`` (months; infinite where a bound or leading), ``p_open_leads``,
        ``p_bound``, ``notes`` (joined by a space). Null where not estimable.
    """
    records = []
    for row in rows:
        lag, interval, chances = row.lag, row.lag.interval, row.lag.probabilities or {}
        records.append(
            {
                "domain": row.domain,
                "stage": row.stage,
                "definition": row.definition,
                "frontier": row.frontier,
                "evidence": row.evidence,
                "at": row.at,
                "status": lag.status,
                "value": lag.value,
                "low": None if interval is None else interval.low,
                "high": None if interval is None else interval.high,
                "p_open_leads": chances.get("open_leads"),
                "p_bound": chances.get("censored"),
                "notes": " ".join(lag.notes),
            }
        )
    text, number = pl.String(), pl.Float64()
    return pl.DataFrame(
        records,
        schema={
            "domain": text,
            "stage": text,
            "definition": text,
            "frontier": text,
            "evidence": text,
            "at": pl.Date(),
            "status": text,
            "value": number,
            "low": number,
            "high": number,
            "p_open_leads": number,
            "p_bound": number,
            "notes": text,
        },
    )
