"""``headway impact series``: which series there are, and their counts per month or week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headway.api.data_export import write_whole
from headway.api.envelope import Result, Warned, choices, envelope, plain
from headway.api.impact_facts import (
    facts,
    impact_provenance,
    named,
    resolve_day,
    series_of,
    severities,
    through_of,
)
from headway.api.lag import DEFAULT_SEED
from headway.api.offline import offline_if
from headway.errors import BadOption
from headway.problems import problem

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ImpactSeriesResult", "impact_series"]

#: Last periods of each series in the text; JSON and files have all of them.
_SHOWN = 12


@dataclass(frozen=True)
class ImpactSeriesResult(Result):
    """Counts of vulnerabilities per period.

    Parameters
    ----------
    series : tuple of mapping
        What each series is: source, unit, severities, first and last day covered.
    documents : tuple of mapping
        One per series and period; empty if no series was named.
    path : Path or None
        The file that was written.
    """

    series: tuple[Mapping[str, Any], ...]
    documents: tuple[Mapping[str, Any], ...]
    path: Path | None = None

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return envelope(
            "impact-series",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=self.documents,
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
            extra={"series": self.series, "path": None if self.path is None else str(self.path)},
        )

    def table(self) -> pl.DataFrame:
        """One row per series and period."""
        import polars as pl

        return pl.DataFrame(
            list(self.documents),
            schema={
                "series": pl.String,
                "unit": pl.String,
                "severity": pl.String,
                "start": pl.String,
                "end": pl.String,
                "n": pl.Int64,
                "days": pl.Int64,
                "is_complete": pl.Boolean,
            },
        ).with_columns(pl.col("start", "end").str.to_date())

    def text(self, lang: str = "en") -> str:
        """The list of series, or the last periods of those that were named."""
        from headway.i18n import message, number
        from headway.textsafe import plain_table

        if not self.documents:
            head = [
                message(f"impact-column-{name}", lang)
                for name in ("series", "unit", "source", "since", "through", "total", "severity")
            ]
            rows = [
                [
                    one["series"],
                    message(f"impact-unit-{one['unit']}", lang),
                    one["title"],
                    one["since"],
                    one["through"],
                    number(one["total"], lang),
                    ", ".join(one["severities"]) or "–",
                ]
                for one in self.series
            ]
            return plain_table(head, rows, right=(5,))
        head = [message(f"impact-column-{name}", lang) for name in ("start", "n", "days")]
        parts = []
        for one in self.series:
            mine = [row for row in self.documents if row["series"] == one["series"]]
            title = message(
                "impact-series-title",
                lang,
                series=one["series"],
                unit=message(f"impact-unit-{one['unit']}", lang),
                source=one["title"],
                through=one["through"],
            )
            rows = [
                [
                    row["start"],
                    number(row["n"], lang),
                    number(row["days"], lang)
                    if row["is_complete"]
                    else message("impact-partial", lang, days=number(row["days"], lang)),
                ]
                for row in mine[-_SHOWN:]
            ]
            parts.append(f"{title}\n{plain_table(head, rows, right=(1, 2))}")
            if len(mine) > _SHOWN:
                left = number(len(mine) - _SHOWN, lang)
                parts[-1] += "\n" + message("impact-earlier", lang, n=left)
        return "\n\n".join(parts)


def impact_series(
    series: str | Sequence[str] | None = None,
    *,
    by: str = "month",
    severity: str | None = None,
    since: date | None = None,
    output: str | Path | None = None,
    as_of: date | None = None,
    seed: int = DEFAULT_SEED,
    offline: bool = False,
) -> ImpactSeriesResult:
    """Counts of vulnerabilities per month or week, by source and unit.

    Parameters
    ----------
    series : str or sequence, optional
        Names of series. Without any, the series are listed.
    by : {"month", "week"}
        Weeks start on Monday.
    severity : str, optional
        In the source's own word.
    since : date, optional
        First day that counts. Default: the first record.
    output : str or Path, optional
        Write the rows to this ``.csv`` or ``.parquet`` file.
    as_of : date, optional
        Only what was dated by then.
    seed : int
        Unused; kept in the provenance.
    offline : bool

    Returns
    -------
    ImpactSeriesResult

    Raises
    ------
    BadOption
        No such series, severity or file type.
    EmptyTable
        Nothing to count.

    Examples
    --------
    >>> import headway
    >>> headway.impact_series("kev").table()["n"].sum() > 1000
    True
    """
    (period,) = choices("--by", by, ("month", "week"), "impact series")
    path = None if output is None else Path(output)
    if path is not None and (not series or path.suffix not in (".csv", ".parquet")):
        raise problem(BadOption, "impact-output", file=path.name)
    if not series and (severity is not None or since is not None or period != "month"):
        raise problem(BadOption, "impact-no-series")
    with offline_if(offline):
        release = facts()
        day, warned = resolve_day(release, as_of)
        chosen = named(series, "impact series")
        counted = {
            one.key: series_of(
                release,
                one,
                day=day,
                by=period,  # type: ignore[arg-type]  # checked by choices
                severity=severity,
                since=since,
            )
            for one in chosen
        }
        titles = dict(release.tables["sources"].select("source", "title").iter_rows())
        about = tuple(
            {
                "series": one.key,
                "source": one.source,
                "title": titles[one.source],
                "unit": one.unit,
                "since": counted[one.key].starts[0].isoformat(),
                "through": through_of(release, one, day).isoformat(),
                "total": int(counted[one.key].counts.sum()),
                "severities": severities(release, one),
            }
            for one in chosen
        )
        rows: list[dict[str, Any]] = []
        for one in chosen if series else ():
            found = counted[one.key]
            for start, n, days, length, whole in zip(
                found.starts, found.counts, found.days, found.lengths, found.complete, strict=True
            ):
                rows.append(
                    {
                        "series": one.key,
                        "unit": one.unit,
                        "severity": severity,
                        "start": start.isoformat(),
                        "end": (start + timedelta(days=int(length) - 1)).isoformat(),
                        "n": int(n),
                        "days": int(days),
                        "is_complete": bool(whole),
                    }
                )
        options = {
            "series": [one.key for one in chosen] if series else None,
            "by": period,
            "severity": severity,
            "since": since,
        }
        if any(not row["is_complete"] and row["days"] for row in rows):
            warned = (*warned, Warned("impact_partial"))
        result = ImpactSeriesResult(
            data_release=release.data_release,
            as_of=day,
            options=plain(options),
            warnings=warned,
            provenance=impact_provenance(release, {**options, "as_of": day}, seed),
            series=about,
            documents=tuple(rows),
            path=path,
        )
        if path is not None:
            write_whole(path, _body(result.table(), path.suffix))
    return result


def _body(frame: pl.DataFrame, suffix: str) -> bytes:
    import io

    from headway.tables.write import parquet_bytes

    if suffix == ".parquet":
        return parquet_bytes(frame)
    out = io.BytesIO()
    frame.write_csv(out)
    return out.getvalue()
