"""What charts need of a row, whoever made it."""

from __future__ import annotations

from datetime import date
from typing import Literal, Protocol

from headway.result import Quantity

__all__ = ["HeadwayLike", "LagRowLike", "Size"]

#: ``wide`` is about 860 px, ``narrow`` about 360 px (a phone).
Size = Literal["wide", "narrow"]


class LagRowLike(Protocol):
    """One row of the lag contract (``headway.estimate.lag.LagRow`` satisfies it)."""

    @property
    def domain(self) -> str: ...
    @property
    def stage(self) -> str | None: ...
    @property
    def definition(self) -> str: ...
    @property
    def frontier(self) -> str: ...
    @property
    def evidence(self) -> str: ...
    @property
    def at(self) -> date | None: ...
    @property
    def lag(self) -> Quantity: ...
    @property
    def open_model(self) -> str | None: ...
    @property
    def closed_model(self) -> str | None: ...


class HeadwayLike(Protocol):
    """One closed record-setter and how long it stayed unmatched."""

    @property
    def domain(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def entered(self) -> date: ...
    @property
    def headway(self) -> Quantity: ...
    @property
    def matched_by(self) -> str | None: ...
