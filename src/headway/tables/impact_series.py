"""The series that can be counted: which rows of which table, in which unit, from when.

The unit decides the answer: Firefox 150 bundles 314 bugs into three CVEs, so bugs and identifiers
are series of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import polars as pl

    from headway.tables.impact_store import ImpactRelease

__all__ = ["SERIES", "NamedSeries", "first_days", "monthly_counts"]


@dataclass(frozen=True, slots=True)
class NamedSeries:
    """One countable series.

    Parameters
    ----------
    key : str
    source : str
        Key of the table ``sources``.
    unit : {"identifier", "bug"}
    table : {"records", "exploited", "counts"}
    where : mapping of str to tuple of str
        Rows that count: column to its allowed values.
    study_from : date
        First month of a study: earlier months follow another process (see ``reason`` in the docs).
    """

    key: str
    source: str
    unit: Literal["identifier", "bug"]
    table: Literal["records", "exploited", "counts"]
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    study_from: date = date(2022, 1, 1)

    @property
    def dated(self) -> bool:
        """Whether there are single records, so that weeks can be counted too."""
        return self.table != "counts"


_FIREFOX = {"product": ("Firefox", "Firefox ESR")}
SERIES: dict[str, NamedSeries] = {
    one.key: one
    for one in (
        NamedSeries("firefox-bugs", "mozilla", "bug", "records", _FIREFOX),
        NamedSeries("firefox-cves", "mozilla", "identifier", "records", _FIREFOX),
        NamedSeries("oss-fuzz", "oss-fuzz", "identifier", "records"),
        NamedSeries("rustsec", "rustsec", "identifier", "records", {"kind": ("vulnerability",)}),
        NamedSeries("curl", "curl", "identifier", "records"),
        NamedSeries("go", "go", "identifier", "records"),
        # the catalogue began in November 2021 and took in older cases through 2022
        NamedSeries("kev", "kev", "identifier", "exploited", study_from=date(2023, 1, 1)),
        NamedSeries("msrc", "msrc", "identifier", "counts"),
        NamedSeries("high-critical", "epoch-cve", "identifier", "counts"),
    )
}


def first_days(
    release: ImpactRelease, series: NamedSeries, *, severity: str | None = None
) -> pl.DataFrame:
    """``id`` and ``day``: every id of a dated series on its first day; withdrawn ones left out."""
    import polars as pl

    frame = release.tables[series.table].filter(source=series.source)
    if series.table == "exploited":
        return frame.select("id", day="listed_from")
    frame = frame.filter(~pl.col("withdrawn"), pl.col("unit").cast(pl.String) == series.unit)
    for column, allowed in series.where.items():
        frame = frame.filter(pl.col(column).is_in(allowed))
    # an id that several products share counts on its first day, with the severity of that day
    frame = frame.sort("published", "product").unique("id", keep="first", maintain_order=True)
    if severity is not None:
        frame = frame.filter(pl.col("severity").cast(pl.String) == severity)
    return frame.select("id", day="published")


def monthly_counts(
    release: ImpactRelease, series: NamedSeries, *, severity: str | None = None
) -> pl.DataFrame:
    """``month``, ``n``, ``is_complete`` of a series that its source counted."""
    import polars as pl

    frame = release.tables["counts"].filter(source=series.source)
    if severity is not None:
        frame = frame.filter(severity=severity)
    return frame.group_by("month").agg(pl.col("n").sum(), pl.col("is_complete").all()).sort("month")
