"""Scores that are known to be wrong because of how they were made: shown, and left out by rule.

``quarantine.toml`` beside this module holds the rules. A rule names rows by columns of the table
``scores`` (source, panel, name, benchmark, scaffold, harness version, days) and says why. A row
keeps its value and its place; its ``use`` says ``quarantined`` and ``use_reason`` the reason.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from headway.errors import Unreadable
from headway.problems import problem
from headway.tables.side_files import Entry, no_repeats, read_bytes

__all__ = ["COLUMNS", "QUARANTINE", "QuarantineRule", "first_rule", "read_quarantine"]

QUARANTINE = Path(__file__).resolve().parent / "quarantine.toml"

#: Columns of ``scores`` that a rule may name.
COLUMNS = ("source", "panel", "model_as_named", "benchmark", "scaffold", "harness_version")
#: ``active``: leaves rows out; ``withdrawn``: kept as a record, leaves nothing out.
STATUSES = ("active", "withdrawn")


@dataclass(frozen=True, slots=True)
class QuarantineRule:
    """One rule.

    Parameters
    ----------
    id : str
    where : mapping of str to tuple of str
        Columns (:data:`COLUMNS`) and the words that select a row; all columns must agree.
    since, until : date or None
        Only runs of these days, both included. A row without a day is not caught by a dated rule:
        nobody knows that it is one of the wrong ones.
    reason, evidence, reporter, status : str
    idle : str or None
        Why the shipped release has no such row, where it has none.
    """

    id: str
    where: Mapping[str, tuple[str, ...]]
    since: date | None
    until: date | None
    reason: str
    evidence: str
    reporter: str
    status: str
    idle: str | None

    def catches(self, row: Mapping[str, object]) -> bool:
        """Does the rule leave this row of ``scores`` out?"""
        if self.status != "active":
            return False
        if any(row.get(column) not in words for column, words in self.where.items()):
            return False
        if self.since is None and self.until is None:
            return True
        day = row.get("evaluated_on") or row.get("published_at")
        if not isinstance(day, date):
            return False
        return (self.since is None or day >= self.since) and (
            self.until is None or day <= self.until
        )


def read_quarantine(path: Path = QUARANTINE) -> tuple[QuarantineRule, ...]:
    """The rules of a quarantine file, in their order.

    Raises
    ------
    Unreadable, BadTable
    """
    body = read_bytes(path)
    try:
        document = tomllib.loads(body.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        why = f"TOML: {' '.join(str(error).split())[:120]}"
        raise problem(Unreadable, "rules-unreadable", file=path.name, why=why) from error
    rows = document.get("rule")
    if not isinstance(rows, list) or len(document) != 1:
        raise problem(Unreadable, "rules-unreadable", file=path.name, why="[[rule]]")
    found = tuple(_rule(path.name, f"rule[{i}]", row) for i, row in enumerate(rows))
    no_repeats(path.name, [one.id for one in found])
    return found


def _rule(file: str, place: str, raw: object) -> QuarantineRule:
    entry = Entry(file, place, raw)
    where = entry.conditions("where", COLUMNS)
    if not where.keys() & {"source", "panel"}:  # a bare name could catch rows of another table
        raise entry.refuse("where", "source | panel")
    rule = QuarantineRule(
        id=entry.place,
        where=where,
        since=entry.maybe_day("since"),
        until=entry.maybe_day("until"),
        reason=entry.text("reason"),
        evidence=entry.url("evidence"),
        reporter=entry.text("reporter"),
        status=entry.one_of("status", STATUSES),
        idle=entry.maybe_text("idle"),
    )
    entry.done()
    if rule.since is not None and rule.until is not None and rule.since > rule.until:
        raise entry.refuse("until", f">= {rule.since}")
    return rule


def first_rule(row: Mapping[str, object], rules: Sequence[QuarantineRule]) -> QuarantineRule | None:
    """The first rule that catches a row, or ``None``."""
    return next((rule for rule in rules if rule.catches(row)), None)
