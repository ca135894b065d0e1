"""The tables of vulnerability facts as code: what a row of each is, and what it may hold.

They are a release of their own beside that of the scores (:mod:`headway.tables.schemas`): ids,
dates, severities and relations, as each source states them. An unknown is ``null``.
"""

from __future__ import annotations

import dataframely as dy
import polars as pl

__all__ = [
    "IMPACT_SCHEMAS",
    "SEVERITIES",
    "UNITS",
    "Counts",
    "Exploited",
    "Funnel",
    "Records",
    "Relations",
    "VulnerabilitySources",
]

#: ``identifier``: what got an id of its own; ``bug``: the underlying bug in the tracker.
UNITS = ("identifier", "bug")
#: Words of the sources, never translated into each other: Mozilla says moderate, others medium.
SEVERITIES = ("low", "moderate", "medium", "high", "critical")


class VulnerabilitySources(dy.Schema):
    """One source and the day through which its snapshot holds everything that was published."""

    source = dy.String(primary_key=True, regex=r"^[a-z0-9][a-z0-9-]*$")
    title = dy.String()
    publisher = dy.String()
    url = dy.String()
    retrieved_from = dy.String()
    licence = dy.String()
    through = dy.Date()
    through_basis = dy.String()
    cite = dy.String()


class Records(dy.Schema):
    """One vulnerability in one source and product, in one unit; the earliest of its dates."""

    source = dy.String(primary_key=True)
    unit = dy.Enum(UNITS, primary_key=True)
    id = dy.String(primary_key=True)
    product = dy.String(primary_key=True)
    kind = dy.String()
    published = dy.Date()
    reported = dy.Date(nullable=True)
    first_seen = dy.Date(nullable=True)
    first_fixed = dy.Date(nullable=True)
    severity = dy.Enum(SEVERITIES, nullable=True)
    withdrawn = dy.Bool()


class Relations(dy.Schema):
    """One stated relation between two ids: never read as an equality."""

    source = dy.String(primary_key=True)
    id = dy.String(primary_key=True)
    kind = dy.Enum(["alias", "bundles"], primary_key=True)
    related = dy.String(primary_key=True)


class Exploited(dy.Schema):
    """One listing of a vulnerability as exploited, and the catalogue that we know it from."""

    source = dy.String(primary_key=True)
    id = dy.String(primary_key=True)
    listed_from = dy.Date()
    due = dy.Date(nullable=True)
    published = dy.Date(nullable=True)
    known_on = dy.Date()

    @dy.rule()
    def listed_before_it_was_known(cls) -> pl.Expr:
        return pl.col("listed_from") <= pl.col("known_on")


class Counts(dy.Schema):
    """A monthly count as a source gives it, where single records could not be had."""

    source = dy.String(primary_key=True)
    month = dy.Date(primary_key=True)
    severity = dy.String(primary_key=True)
    n = dy.Integer(min=0)
    is_complete = dy.Bool()


class Funnel(dy.Schema):
    """One figure of a disclosure programme on one day; never divided across days."""

    source = dy.String(primary_key=True)
    as_of = dy.Date(primary_key=True)
    stage = dy.String(primary_key=True)
    n = dy.Integer(min=0)


IMPACT_SCHEMAS: dict[str, type[dy.Schema]] = {
    "sources": VulnerabilitySources,
    "records": Records,
    "relations": Relations,
    "exploited": Exploited,
    "counts": Counts,
    "funnel": Funnel,
}
