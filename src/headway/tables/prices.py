"""Prices of the registry's models: a maintained list with dates, and a curated supplement.

The list is ``genai-prices``: the newest body that ``headway data sync`` stored, or what came with the
installed package. The supplement (``curated/price_events.csv``) holds prices that a source of ours
states and the list lacks. Both are claims: nothing is merged, no gap is filled, and what a source does
not date stays undated.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from headway.errors import BadTable
from headway.problems import problem
from headway.snapshots.newest import newest_readable
from headway.snapshots.places import snapshots_at
from headway.snapshots.store import Snapshots
from headway.sources.declare import Parsed, PriceClaim
from headway.sources.model_prices import SOURCE, package_prices, parse
from headway.sources.registry import Connector
from headway.tables.choice import chosen
from headway.textsafe import clip

if TYPE_CHECKING:
    import polars as pl

    from headway.tables.registry import Registry, Resolved

__all__ = ["PriceBook", "holds_on", "price_book", "price_events"]

_LIST = SOURCE.key
_SUPPLEMENT = "price-events"
_COLUMNS = {
    "input": "input_usd_per_mtok",
    "output": "output_usd_per_mtok",
    "cache_read": "cache_read_usd_per_mtok",
}
#: A name without a number mostly stands for the provider's newest model (``mistral-large``,
#: ``deepseek-chat``), so a price under it has no model. These never passed to another one.
_SINGLE = frozenset(
    {"ada", "babbage", "curie", "davinci", "inkling", "inkling-small", "mistral-nemo"}
)


@dataclass(frozen=True)
class PriceBook:
    """All prices of the registry's models.

    Parameters
    ----------
    frame : polars.DataFrame
        See :class:`headway.tables.price_schemas.Prices`.
    stated_by : str
        Which edition of the list was used.
    digest : str
        Of the list's edition and the supplement; two equal digests mean equal prices.
    names : int
        Names under which the list has prices.
    unresolved : int
        Of these, names that no model of the registry has; their prices are left out.
    failures : int
        Prices that could not be read.
    passed_over : int
        Stored lists newer than the one used that could not be read.
    """

    frame: pl.DataFrame
    stated_by: str
    digest: str
    names: int
    unresolved: int
    failures: int
    passed_over: int


@cache
def price_events() -> pl.DataFrame:
    """The curated supplement, checked.

    Raises
    ------
    BadTable
    """
    import polars as pl
    from dataframely.exc import SchemaError, ValidationError

    from headway.tables.price_schemas import PriceEvents

    text = _supplement()
    kinds = {name: column.dtype for name, column in PriceEvents.columns().items()}
    # words of a vocabulary are read as text, so that a wrong one is named by the schema
    read_as = {name: pl.String if isinstance(k, pl.Enum) else k for name, k in kinds.items()}
    try:
        raw = pl.read_csv(text, schema=read_as)
        return PriceEvents.validate(raw, cast=True)
    except (pl.exceptions.PolarsError, SchemaError, ValidationError) as e:
        raise problem(BadTable, "price-events", why=clip(e, 200)) from e


def _supplement() -> bytes:
    return resources.files("headway.tables").joinpath("curated/price_events.csv").read_bytes()


def price_book(registry: Registry, store: Snapshots | None = None) -> PriceBook:
    """Every price of a model of the registry, in no other order than the sources'.

    Parameters
    ----------
    registry : Registry
    store : Snapshots, optional
        That of ``HEADWAY_STORE``, or else the user's own, by default.

    Raises
    ------
    BadTable
        The supplement breaks its schema.
    Unreadable
        The manifest of the snapshots is damaged.
    """
    import polars as pl

    from headway.tables.price_schemas import Prices

    stated_by, parsed, passed_over = _list(store or snapshots_at(offline=chosen().offline))
    found = {name: _resolved(registry, name) for name in {one.model for one in parsed.prices}}
    rows = [
        _row(one, hit.model_version, stated_by)
        for one in parsed.prices
        if (hit := found[one.model]) is not None and _is_token_price(one)
    ]
    rows += _supplement_rows(price_events())
    schema = {name: column.dtype for name, column in Prices.columns().items()}
    frame = Prices.validate(pl.DataFrame(rows, schema=schema), cast=True)
    edition = hashlib.sha256(stated_by.encode() + b"\n" + _supplement()).hexdigest()
    return PriceBook(
        frame=frame,
        stated_by=stated_by,
        digest=edition,
        names=len(found),
        unresolved=sum(hit is None for hit in found.values()),
        failures=len(parsed.failures),
        passed_over=passed_over,
    )


def _list(store: Snapshots) -> tuple[str, Parsed, int]:
    """The newest stored list that can be read, for it was fetched on purpose; else the package's."""
    snapshot, parsed, passed_over = newest_readable(store, Connector(SOURCE, parse), "providers")
    if snapshot is None or parsed is None:
        return *package_prices(), passed_over
    return f"{_LIST}, snapshot {snapshot.sha256[:12]}", parsed, passed_over


def _resolved(registry: Registry, name: str) -> Resolved | None:
    """The model of a name at a provider, whole or without the maker's folder; no effort setting."""
    short = name.rpartition("/")[2]
    is_moving = not any(ch.isdigit() for ch in short) and short.casefold() not in _SINGLE
    if is_moving or short.casefold().endswith("latest"):
        return None
    hit = registry.find(name) or registry.find(short)
    return None if hit is None or hit.effort is not None else hit


def _is_token_price(one: PriceClaim) -> bool:
    from headway.tables.price_schemas import PRICE_KINDS

    return one.per == "mtok" and one.kind in PRICE_KINDS


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _row(one: PriceClaim, model_version: str, stated_by: str) -> dict[str, Any]:
    return {
        "model_version": model_version,
        "provider": one.provider,
        "kind": one.kind,
        "price_usd_per_mtok": one.price_usd,
        "service": one.service,
        "above_tokens": one.above_tokens,
        "hours_utc": one.hours,
        "from": _day(one.starts),
        "to": _day(one.ends),
        "seen": None,
        "precision": "day" if one.starts or one.ends else None,
        "named_as": one.model,
        "source": _LIST,
        "stated_by": stated_by,
        "source_url": one.source_url,
    }


def _supplement_rows(events: pl.DataFrame) -> list[dict[str, Any]]:
    kept = ("model_version", "provider", "from", "to", "seen", "precision", "named_as")
    return [
        {
            **{name: row[name] for name in kept},
            "kind": kind,
            "price_usd_per_mtok": row[column],
            "service": "standard",
            "above_tokens": None,
            "hours_utc": None,
            "source": _SUPPLEMENT,
            "stated_by": row["stated_by"],
            "source_url": row["source_url"],
        }
        for row in events.iter_rows(named=True)
        for kind, column in _COLUMNS.items()
        if row[column] is not None
    ]


def holds_on(row: dict[str, Any], day: date) -> str:
    """Did this price hold on a day: ``yes``, ``no``, or ``unknown`` where its source does not say.

    A start that is known to the month only leaves the days of that month unknown.
    """
    start, end, seen, is_month = row["from"], row["to"], row["seen"], row["precision"] == "month"
    if end is not None and day >= end:
        return "no"
    if seen is not None:
        same = (day.year, day.month) == (seen.year, seen.month) if is_month else day == seen
        return "yes" if same else "unknown"
    if start is None:
        return "unknown"
    if day < start:
        return "no"
    in_month = is_month and (day.year, day.month) == (start.year, start.month)
    return "unknown" if in_month else "yes"
