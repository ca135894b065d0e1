"""Which rows may be published.

Rows of a source whose decision is ``connector_only`` never go out, whether the release says so or the
package's own list of decisions: the stricter one counts. Results of one's own stay in unless asked for.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import polars as pl

from headway.tables.schemas import FOREIGN_KEYS
from headway.tables.store import ALL_TABLES, Release
from headway.tables.write import in_order

__all__ = ["OWN", "Chosen", "closed_sources", "licence_decisions", "publishable", "sourced_tables"]

#: Source, relationship, address and licence of results of one's own (see ``headway.tables.own``).
OWN = "own"
CLOSED = "connector_only"
_OWN_LICENCE = "none stated"


@dataclass(frozen=True)
class Chosen:
    """The tables that may go out, and what was left out of them.

    Parameters
    ----------
    tables : mapping of str to frame
    held_back : mapping of str to int
        Rows left out because of their source's licence, per source.
    own_rows, own_left_out : int
        Results of one's own that are in, and that were left out.
    not_yet_known : int
        Scores left out because they were known later than ``as_of`` or on no known day.
    freed : int
        Repeats whose original was left out: still marked as repeats, naming no original.
    """

    tables: Mapping[str, pl.DataFrame]
    held_back: Mapping[str, int]
    own_rows: int
    own_left_out: int
    not_yet_known: int
    freed: int


@cache
def licence_decisions() -> Mapping[str, Mapping[str, str]]:
    """The package's own decision per source."""
    text = resources.files("headway.tables").joinpath("licences.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def sourced_tables() -> tuple[str, ...]:
    """Tables whose rows name a source of the table ``sources``."""
    return tuple(t for t, column, to, _ in FOREIGN_KEYS if to == "sources" and column == "source")


def closed_sources(sources: pl.DataFrame) -> frozenset[str]:
    """Sources none of whose rows may be published."""
    said = sources.filter(pl.col("decision") == CLOSED)["source"]
    ours = (k for k, entry in licence_decisions().items() if entry["decision"] == CLOSED)
    return frozenset(said) | frozenset(ours)


def publishable(release: Release, *, own: bool, as_of: date | None = None) -> Chosen:
    """The tables of a release without rows that must not, or are not asked to, go out.

    Parameters
    ----------
    release : Release
        With the results of one's own in it, if ``own``.
    own : bool
        Keep rows with the relationship ``own``.
    as_of : date, optional
        Only scores known by then.
    """
    tables = {n: release.table(n) for n in ALL_TABLES if n in release.head.found}
    closed = closed_sources(tables["sources"])
    held_back: Counter[str] = Counter()
    for name in sourced_tables():
        if name in tables:
            is_closed = pl.col("source").is_in(closed)
            held_back.update(tables[name].filter(is_closed)["source"].to_list())
            tables[name] = tables[name].filter(~is_closed)

    scores = tables["scores"]
    is_own = (pl.col("evaluator_relationship") == OWN) | (pl.col("source") == OWN)
    own_left_out = 0 if own else len(scores.filter(is_own))
    if own:
        # a release cut with own rows and the user's store may hold one row twice
        scores = scores.unique("score_id", keep="first", maintain_order=True).with_columns(
            # a row's licence is that of its source, here as everywhere
            licence=pl.when(is_own).then(pl.lit(_OWN_LICENCE)).otherwise("licence")
        )
    else:
        scores = scores.filter(~is_own)
    before = len(scores)
    if as_of is not None:
        scores = scores.filter(pl.col("known_on") <= as_of)
    not_yet_known = before - len(scores)
    own_rows = len(scores.filter(is_own))
    scores, freed = _without_lost_originals(scores)
    tables["scores"] = scores
    tables["sources"] = _sources(tables, closed, own=own_rows > 0)
    return Chosen(
        # an untouched table keeps its order, and with it its bytes
        tables={
            n: frame if frame.equals(release.table(n)) else in_order(n, frame)
            for n, frame in tables.items()
        },
        held_back=dict(sorted(held_back.items())),
        own_rows=own_rows,
        own_left_out=own_left_out,
        not_yet_known=not_yet_known,
        freed=freed,
    )


def _without_lost_originals(scores: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """No row points to a row that was left out; it stays a repeat, so no evidence is counted twice."""
    lost = pl.col("duplicate_of").is_not_null() & ~pl.col("duplicate_of").is_in(
        scores["score_id"].implode()
    )
    count = len(scores.filter(lost))
    if not count:
        return scores, 0
    return scores.with_columns(
        duplicate_of=pl.when(~lost).then("duplicate_of").otherwise(None)
    ), count


def _sources(
    tables: Mapping[str, pl.DataFrame], closed: frozenset[str], *, own: bool
) -> pl.DataFrame:
    """The table of sources with today's counts, the stricter decisions, and one's own only if in."""
    sources = tables["sources"].filter(pl.col("source") != OWN)
    if own:
        sources = pl.concat([sources, _own_source(sources)])
    counts: Counter[str] = Counter()
    for name in sourced_tables():
        # a task is not a result: what is counted are outcomes
        if name in tables and name != "tasks":
            counts.update(tables[name]["source"].to_list())
    decisions = licence_decisions()
    rows: list[dict[str, Any]] = []
    for row in sources.iter_rows(named=True):
        if row["source"] in closed and row["decision"] != CLOSED:
            row = {**row, "decision": CLOSED, "reason": decisions[row["source"]]["reason"]}
        rows.append({**row, "rows": counts[row["source"]]})
    return pl.DataFrame(rows, schema=sources.schema)


def _own_source(like: pl.DataFrame) -> pl.DataFrame:
    row = {
        "source": OWN,
        "title": "Results of the person who cut this release",
        "publisher": "not stated",
        "url": OWN,
        "retrieved_from": None,
        "licence": _OWN_LICENCE,
        "decision": "cite_facts",
        "reason": "Included on request (--own include); measured by the person who cut this release.",
        "cite": "Results of the person who cut this release; by row.",
        "rows": 0,
    }
    return pl.DataFrame([row], schema=like.schema)
