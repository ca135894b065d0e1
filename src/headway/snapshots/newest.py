"""The newest stored body of a resource that can be read, and how many newer ones cannot."""

from __future__ import annotations

from typing import NamedTuple

from headway.errors import HeadwayError, TryLater
from headway.snapshots.reading import read_snapshot
from headway.snapshots.store import Snapshot, Snapshots
from headway.sources.declare import Parsed
from headway.sources.registry import Connector

__all__ = ["Stored", "newest_readable"]


class Stored(NamedTuple):
    """A body in use; ``passed_over`` newer ones could not be read (``data status`` says why)."""

    snapshot: Snapshot | None
    parsed: Parsed | None
    passed_over: int


def newest_readable(store: Snapshots, connector: Connector, resource: str) -> Stored:
    """The newest body of a resource that today's connector reads; nothing if there is none.

    Raises
    ------
    Unreadable
        The manifest of the snapshots is damaged.
    TryLater
        The store cannot be reached.
    """
    wanted = (connector.source.key, resource)
    held = [one for one in store.snapshots() if (one.source, one.resource) == wanted]
    held.sort(key=lambda one: one.retrieved_at, reverse=True)
    passed: set[str] = set()
    for one in held:
        if one.sha256 in passed:
            continue
        try:
            return Stored(one, read_snapshot(store, connector, one), len(passed))
        except TryLater:
            raise  # of the store: it says nothing about the body
        except HeadwayError:
            passed.add(one.sha256)
    return Stored(None, None, len(passed))
