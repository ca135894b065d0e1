"""What became of every score that a source states: each claim has exactly one outcome."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["OUTCOMES", "Outcome"]

#: In the order in which people read them.
#:
#: ``known`` stands in the release with this value; ``new`` and ``revised`` became rows (a revised
#: value's old row stays, marked as superseded); ``repeat`` became a row that counts as a copy of an
#: older telling; ``left_out`` is a test, or a way of counting, that the release does not use;
#: ``no_model``, ``no_test`` and ``impossible`` could not become rows.
OUTCOMES = (
    *("known", "new", "revised", "repeat", "left_out"),
    *("no_model", "no_test", "impossible"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One claim and what became of it.

    Parameters
    ----------
    source, resource, raw : str
        Where it stands.
    model, test : str
        As the source names them.
    outcome : str
        One of :data:`OUTCOMES`.
    reason : str
        Message key of why, with ``reason_value``; empty where the outcome says it all.
    score_id : str or None
        The row that it is, or became.
    """

    source: str
    resource: str
    raw: str
    model: str
    test: str
    outcome: str
    reason: str = ""
    reason_value: str = ""
    score_id: str | None = None
