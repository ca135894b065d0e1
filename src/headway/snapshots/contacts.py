"""The log of contacts with sources: fetches that failed, and what ``headway doctor --live`` saw.

The manifest holds answers that were kept. What failed left no trace there, and what the doctor looks
at is not kept; one line each in ``contacts.jsonl`` says when, how and why.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal

from headway.snapshots.store import Snapshots

__all__ = ["Contact", "contacts", "log_contact"]

_WHEN = "%Y-%m-%dT%H:%M:%SZ"
_TEXTS = ("source", "resource", "url", "via", "outcome")


@dataclass(frozen=True, slots=True)
class Contact:
    """One line of the log.

    Parameters
    ----------
    source, resource, url : str
        The address as declared or, with ``outcome`` ``read``, as it was asked for.
    at : datetime
        UTC, to the second.
    via : {"sync", "doctor"}
    outcome : {"failed", "read"}
        ``read``: a body came and was read, row by row.
    error : mapping or None
        Why it failed; see :func:`headway.snapshots.reading.told`.
    rows, failures : int or None
        Of a body that was read.
    """

    source: str
    resource: str
    url: str
    at: datetime
    via: Literal["sync", "doctor"]
    outcome: Literal["failed", "read"]
    error: Mapping[str, Any] | None = None
    rows: int | None = None
    failures: int | None = None

    def to_line(self) -> bytes:
        row = asdict(self) | {"at": self.at.strftime(_WHEN)}
        return json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Contact:
        """A line's object; keys of a later version are ignored.

        Raises
        ------
        KeyError, TypeError, ValueError
            It is not such a line.
        """
        known = {f.name: row[f.name] for f in fields(cls) if f.name in row}
        when = datetime.strptime(known["at"], _WHEN).replace(tzinfo=UTC)
        found = cls(**{**known, "at": when})
        error = found.error
        is_sound = (
            all(isinstance(known[name], str) for name in _TEXTS)
            and (found.outcome == "failed") == (error is not None)
            and (error is None or {"code", "exit", "message", "hint"} <= set(error))
        )
        if not is_sound:
            raise ValueError("outcome or error")
        return found


def log_contact(store: Snapshots, contact: Contact) -> None:
    """Write one line.

    Raises
    ------
    TryLater
        The log cannot be written.
    """
    store.note(contact.to_line())


def contacts(store: Snapshots, sources: Iterable[str] | None = None) -> list[Contact]:
    """The contacts so far, oldest first; a line that is none is passed over: the log is no evidence.

    Raises
    ------
    Unreadable
        The log is there and cannot be opened.
    """
    wanted = None if sources is None else set(sources)
    found = []
    for line in store.notes():
        try:
            one = Contact.from_row(json.loads(line))
        except (KeyError, TypeError, ValueError, RecursionError):
            continue
        if wanted is None or one.source in wanted:
            found.append(one)
    return found
