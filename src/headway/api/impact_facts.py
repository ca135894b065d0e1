"""What the verbs of ``headway impact`` share: the shipped facts, and a series out of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from headway.api.envelope import Warned, choices, plain
from headway.errors import BadOption, EmptyTable
from headway.problems import problem
from headway.provenance import Provenance, library_versions
from headway.tables.choice import chosen

if TYPE_CHECKING:
    from headway.estimate.impact import CountSeries
    from headway.estimate.impact.series import Period
    from headway.tables.impact_series import NamedSeries
    from headway.tables.impact_store import ImpactRelease

__all__ = [
    "facts",
    "impact_provenance",
    "named",
    "resolve_day",
    "series_of",
    "severities",
    "through_of",
]


@lru_cache(maxsize=1)
def facts() -> ImpactRelease:
    """The vulnerability facts that ship, read once.

    Raises
    ------
    Unreadable
    """
    from headway.tables.impact_store import load_impact

    return load_impact()


def resolve_day(release: ImpactRelease, as_of: date | None) -> tuple[date, tuple[Warned, ...]]:
    """The as-of date in use, with warnings: beyond the data, before it, or a choice without effect.

    Counts of an earlier day rest on today's records with later dates left out: what has been
    withdrawn or corrected since is not in them.
    """
    warned: list[Warned] = []
    choice = chosen()
    if choice.release is not None or choice.own or choice.quarantined:
        warned.append(Warned("impact_one_data"))
    if as_of is None:
        return release.data_through, tuple(warned)
    if as_of > release.data_through:
        through = release.data_through.isoformat()
        warned.append(
            Warned("impact_beyond", {"as_of": as_of.isoformat(), "data_through": through})
        )
    elif as_of < release.data_through:
        warned.append(Warned("impact_pseudo_vintage", {"as_of": as_of.isoformat()}))
    return as_of, tuple(warned)


def named(series: str | Sequence[str] | None, command: str) -> list[NamedSeries]:
    """The series asked for; all of them by default.

    Raises
    ------
    BadOption
    """
    from headway.tables.impact_series import SERIES

    keys = tuple(SERIES) if not series else choices("SERIES", series, tuple(SERIES), command)
    return [SERIES[key] for key in keys]


def through_of(release: ImpactRelease, series: NamedSeries, day: date) -> date:
    """The last day that the series covers as of ``day``."""
    found: date = release.tables["sources"].filter(source=series.source)["through"].item()
    return min(found, day)


def severities(release: ImpactRelease, series: NamedSeries) -> list[str]:
    """Words of severity that the source uses for this series; empty where it states none."""
    import polars as pl

    if series.table == "exploited":
        return []
    rows = release.tables[series.table].filter(source=series.source)
    if series.table == "records":
        rows = rows.filter(pl.col("unit").cast(pl.String) == series.unit)
    words = rows["severity"].cast(pl.String).drop_nulls().unique().sort().to_list()
    return [word for word in words if word != "all"]


def series_of(
    release: ImpactRelease,
    series: NamedSeries,
    *,
    day: date,
    by: Period = "month",
    severity: str | None = None,
    since: date | None = None,
) -> CountSeries:
    """Counts per period from ``since`` (default: the first record) to the last day covered.

    Raises
    ------
    BadOption
        Weeks of a source that counts months, or a severity that it does not state.
    EmptyTable
        Nothing lies between the two days.
    """
    from headway.estimate.impact import count_periods, from_counts
    from headway.tables.impact_series import first_days, monthly_counts

    if severity is not None and severity not in (known := severities(release, series)):
        raise problem(
            BadOption,
            "impact-severity",
            series=series.key,
            value=severity,
            known=", ".join(known) or "-",
        )
    through = through_of(release, series, day)
    if series.dated:
        days = first_days(release, series, severity=severity)["day"]
        first = since or days.min()
        if not isinstance(first, date) or first > through:
            raise problem(EmptyTable, "impact-nothing", series=series.key)
        return count_periods(days.to_list(), since=first, through=through, by=by)
    if by != "month":
        raise problem(BadOption, "impact-months-only", series=series.key)
    rows = monthly_counts(release, series, severity=severity)
    # a month that the source itself does not call complete has unknown days: it is no count yet
    rows = rows.filter(is_complete=True)
    rows = rows.filter(rows["month"].dt.month_end() <= through)
    if since is not None:
        rows = rows.filter(rows["month"] >= since.replace(day=1))
    if rows.is_empty():
        raise problem(EmptyTable, "impact-nothing", series=series.key)
    return from_counts(rows["month"].to_list(), rows["n"].to_list())


def impact_provenance(release: ImpactRelease, options: Mapping[str, Any], seed: int) -> Provenance:
    """The provenance of an answer; statsmodels, which fits the models, among the libraries."""
    from importlib.metadata import version

    return Provenance(
        data_release=release.data_release,
        rows_hash=release.rows_hash,
        options=plain(dict(options)),
        seed=seed,
        libraries={**library_versions(), "statsmodels": version("statsmodels")},
    )
