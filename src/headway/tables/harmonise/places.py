"""Which test of the release a source's score belongs to, by the committed table ``live_tests``.

A test that the table does not list is not placed, also where its name looks familiar: a version, a
subset or a unit that changed is another test. A test listed without a benchmark is left out for the
reason that stands there.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from headway.sources.declare import ScoreClaim
from headway.tables.harmonise.curated import curated

__all__ = ["Place", "place_of"]


@dataclass(frozen=True, slots=True)
class Place:
    """A test of the release, or the reason why the claim is left out.

    Parameters
    ----------
    benchmark : str or None
    why : str
        Evidence for the benchmark, or why it is left out.
    panel : str
    as_source : str or None
        Source key of the rows where it is not the connector's own: a copy stands under its original.
    scaffold : str or None
        Where the source does not state it row by row; may name fields of the claim.
    scale : str
        Factor to the benchmark's unit; ``1/n`` divides by the number of items; empty is 1.
    """

    benchmark: str | None
    why: str
    panel: str = ""
    as_source: str | None = None
    scaffold: str | None = None
    scale: str = ""


def _fits(pattern: str, stated: str) -> bool:
    # brackets are letters here
    return pattern == "*" or fnmatchcase(stated, pattern.replace("[", "[[]"))


#: Columns of the table that are patterns for the claim's own words.
_PATTERNS = ("resource", "named", "metric", "variant", "version", "n", "attempts", "unit")


@lru_cache(maxsize=4096)
def _find(source: str, *stated: str) -> Place | None:
    for row in curated("live_tests.csv"):
        if row["source"] == source and all(
            _fits(row[column], words) for column, words in zip(_PATTERNS, stated, strict=True)
        ):
            return Place(
                benchmark=row["benchmark"] or None,
                why=row["why"],
                panel=row["panel"],
                as_source=row["as_source"] or None,
                scaffold=row["scaffold"] or None,
                scale=row["scale"],
            )
    return None


def place_of(source: str, resource: str, claim: ScoreClaim) -> Place | None:
    """Where a claim belongs; ``None`` if the table does not list its test."""
    stated = (claim.benchmark, claim.metric, claim.variant, claim.benchmark_version, claim.n)
    words = (resource, *stated, claim.attempts, claim.unit)
    return _find(source, *("" if word is None else str(word) for word in words))
