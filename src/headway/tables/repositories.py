"""Which repositories hold a model's weights, and what the Hub says of them.

Who says that a repository holds a model stands in ``hub_repositories.csv`` beside the connector. What
the Hub answered comes from the newest stored body; without one these columns are unknown. The day on
which a repository was made is a claim of its own: it overwrites no release date.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from headway.snapshots.newest import newest_readable
from headway.snapshots.places import snapshots_at
from headway.snapshots.store import Snapshots
from headway.sources.declare import Failure, Parsed
from headway.sources.huggingface import SOURCE, hub_repositories, parse
from headway.sources.registry import Connector
from headway.tables.choice import chosen

if TYPE_CHECKING:
    import polars as pl

__all__ = ["HubBook", "hub_book"]


class HubBook(NamedTuple):
    """Repositories of the registry's models; ``passed_over`` newer bodies could not be read."""

    frame: pl.DataFrame
    snapshot: str | None
    passed_over: int


def hub_book(store: Snapshots | None = None) -> HubBook:
    """Every repository of the table with what the Hub said of it, one row each.

    Parameters
    ----------
    store : Snapshots, optional
        That of ``HEADWAY_STORE``, or else the user's own, by default.

    Raises
    ------
    Unreadable
        The manifest of the snapshots is damaged.
    """
    import polars as pl

    stored = newest_readable(
        store or snapshots_at(offline=chosen().offline), Connector(SOURCE, parse), "models"
    )
    parsed = stored.parsed or Parsed()
    claims = {one.asked: one for one in parsed.repositories}
    downloads = {one.repository: one for one in parsed.downloads}
    failures = {_asked(one): one.reason for one in parsed.failures}
    rows: list[dict[str, Any]] = []
    for known in hub_repositories():
        claim = claims.get(known.repository)
        counted = None if claim is None else downloads.get(claim.repository)
        rows.append(
            {
                "model_version": known.model_version,
                "repository": known.repository,
                "stated_by": known.stated_by,
                "source_url": known.source_url,
                "now_named": None if claim is None else claim.repository,
                "created_at": None if claim is None else _day(claim.created_at),
                "modified_at": None if claim is None else _day(claim.modified_at),
                "revision": None if claim is None else claim.revision,
                "licence": None if claim is None else claim.licence,
                "gated": None if claim is None else claim.gated,
                "has_weights": None if claim is None else bool(claim.formats),
                "weight_bytes": None if claim is None else _pairs(claim.formats),
                "parameters": None if claim is None else _pairs(claim.parameters),
                "total_parameters": None if claim is None else claim.total_parameters,
                "downloads_30d": None if claim is None else claim.downloads_30d,
                "downloads_all_time": None if counted is None else counted.downloads_all_time,
                "no_answer": failures.get(known.repository),
            }
        )
    whole = ("total_parameters", "downloads_30d", "downloads_all_time")
    days = ("created_at", "modified_at")
    schema = {
        name: pl.Int64
        if name in whole
        else pl.Date
        if name in days
        else pl.Boolean
        if name == "has_weights"
        else pl.String
        for name in rows[0]
    }
    sha256 = None if stored.snapshot is None else stored.snapshot.sha256
    return HubBook(pl.DataFrame(rows, schema=schema), sha256, stored.passed_over)


def _asked(failure: Failure) -> str:
    """The repository of a failure; the connector names it after the place."""
    return failure.raw.rpartition(" ")[2]


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _pairs(pairs: tuple[tuple[Any, ...], ...]) -> str | None:
    """``safetensors 163 files 688586727753 bytes; ...`` or ``BF16 7000000000; ...``."""
    if not pairs:
        return None
    words = [
        f"{kind} {rest[0]}"
        if len(rest) == 1
        else f"{kind} {rest[0]} files {'unknown' if rest[1] is None else rest[1]} bytes"
        for kind, *rest in pairs
    ]
    return "; ".join(words)
