"""A disclosure programme as dated counts: shares within a day, and what moved them between days.

A share across two days has no meaning, and a share can fall because its denominator grew: the change
of a share is told as the growth of both counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

__all__ = ["RATIOS", "STAGES", "Figure", "Move", "Share", "moves", "shares"]

#: Stages in order, from the first sight of a bug to what others can look up.
STAGES = (
    "candidates",
    "reviewed",
    "true_positives",
    "disclosed",
    "acknowledged",
    "patched",
    "published",
)
#: Shares that mean something: a stage over an earlier one that it is a part of, of the same day and
#: severity filter. Identifiers are not a part of what is patched: some are published before.
RATIOS = (
    ("true_positives", "reviewed"),
    ("acknowledged", "disclosed"),
    ("patched", "disclosed"),
    ("patched", "acknowledged"),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One count of a stage on a day, of all severities or of high and critical ones."""

    as_of: date
    stage: str
    severity: str
    n: int


@dataclass(frozen=True, slots=True)
class Share:
    """``numerator`` over ``denominator`` on one day."""

    as_of: date
    severity: str
    numerator: str
    denominator: str
    n: int
    of: int

    @property
    def value(self) -> float:
        return self.n / self.of


@dataclass(frozen=True, slots=True)
class Move:
    """A share on two days, and by what factor each of its counts grew in between."""

    before: Share
    after: Share

    @property
    def numerator_growth(self) -> float:
        return self.after.n / self.before.n

    @property
    def denominator_growth(self) -> float:
        return self.after.of / self.before.of


def shares(figures: Iterable[Figure]) -> list[Share]:
    """Every share of :data:`RATIOS` whose two counts are of the same day and severity."""
    known = {(f.as_of, f.severity, f.stage): f.n for f in figures}
    days = sorted({(day, severity) for day, severity, _ in known})
    return [
        Share(day, severity, top, below, known[day, severity, top], known[day, severity, below])
        for day, severity in days
        for top, below in RATIOS
        if (day, severity, top) in known and known.get((day, severity, below), 0) > 0
    ]


def moves(found: Iterable[Share]) -> list[Move]:
    """Each share beside the same one of the day before it, where its counts were not 0."""
    last: dict[tuple[str, str, str], Share] = {}
    out = []
    for share in sorted(found, key=lambda s: s.as_of):
        key = (share.severity, share.numerator, share.denominator)
        before = last.get(key)
        if before is not None and before.n > 0:
            out.append(Move(before, share))
        last[key] = share
    return out
