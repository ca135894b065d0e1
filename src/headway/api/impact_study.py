"""``headway impact study``: did an event change the counts, by how much, and could we have seen it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from headway import cache
from headway.api.envelope import Result, Warned, envelope, plain
from headway.api.impact_facts import (
    facts,
    impact_provenance,
    named,
    resolve_day,
    series_of,
    through_of,
)
from headway.api.lag import DEFAULT_SEED
from headway.api.offline import offline_if
from headway.errors import BadOption
from headway.problems import problem

if TYPE_CHECKING:
    import polars as pl

    from headway.estimate.impact import Effect, Study
    from headway.tables.impact_series import NamedSeries
    from headway.tables.impact_store import ImpactRelease

__all__ = ["EVENT", "ImpactStudyResult", "impact_study"]

#: Claude Mythos Preview and Project Glasswing were announced on this day; any other day can be
#: declared.
EVENT = date(2026, 4, 7)
PARTIAL = ("days", "drop", "whole")


@dataclass(frozen=True)
class ImpactStudyResult(Result):
    """Event studies, one row per series.

    Parameters
    ----------
    documents : tuple of mapping
        The rows in their JSON form.
    """

    documents: tuple[Mapping[str, Any], ...]

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return envelope(
            "impact-study",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=self.documents,
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
        )

    def table(self) -> pl.DataFrame:
        """One row per series: the step with three intervals, p values, break, what was detectable."""
        import polars as pl

        rows = []
        for row in self.documents:
            step, slope = row["step"], row["slope"]
            ends = {
                f"step_{kind}_{end}": None if not step else (step["intervals"][kind] or {}).get(end)
                for kind in ("placebo", "model", "hac")
                for end in ("low", "high")
            }
            rows.append(
                {
                    **{name: row[name] for name in ("series", "source", "unit", "status", "event")},
                    "step": step and step["ratio"],
                    **ends,
                    "slope_per_period": slope and slope["ratio"],
                    **{name: row[name] for name in _NUMBERS},
                    "best_break": row["best_break"],
                    "n": row["n"],
                    "n_after": row["n_after"],
                    "n_placebos": len(row["placebos"]),
                    "notes": "; ".join(row["notes"]),
                }
            )
        texts = ("series", "source", "unit", "status", "event", "best_break", "notes")
        counts = ("n", "n_after", "n_placebos")
        schema = {
            name: pl.String if name in texts else pl.Int64 if name in counts else pl.Float64
            for name in rows[0]
        }
        frame = pl.DataFrame(rows, schema=schema)
        return frame.with_columns(pl.col("event", "best_break").str.to_date())

    def text(self, lang: str = "en") -> str:
        """Caveats, a line per series, and what each study could have seen."""
        from headway.api.impact_study_words import screen

        return screen(self, lang)


_NUMBERS = ("p", "p_rank", "p_holm", "no_break_probability", "detectable_ratio", "placebo_95_ratio")


def impact_study(
    series: str | Sequence[str] | None = None,
    *,
    event: date = EVENT,
    known_steps: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
    partial: str = "days",
    radius: int = 3,
    level: float = 0.90,
    as_of: date | None = None,
    seed: int = DEFAULT_SEED,
    offline: bool = False,
) -> ImpactStudyResult:
    """Event study of monthly counts: step, slope, break date, placebos, power.

    Parameters
    ----------
    series : str or sequence, optional
        Names of series (see :func:`headway.impact_series`). Default: all; they are one family for
        Holm's p.
    event : date
        The declared event. Its month is the first one after it.
    known_steps : sequence of str
        ``SERIES=YYYY-MM-DD``: a change of the source's policy on that day is a term of the model.
    since, until : date, optional
        First and last month. Default: the series' own start, and the last day covered.
    partial : {"days", "drop", "whole"}
        A last month that is not over counts by its days, is left out, or (to reproduce figures
        made so) counts as if it were over; the last is marked in the result.
    radius : int
        Breaks this many months around the event are searched, in every placebo too.
    level : float
        Of the intervals.
    as_of : date, optional
    seed : int
        Unused: nothing is drawn; kept in the provenance.
    offline : bool

    Returns
    -------
    ImpactStudyResult

    Raises
    ------
    BadOption
    EmptyTable

    Examples
    --------
    >>> import headway
    >>> headway.impact_study("kev").documents[0]["status"]
    'estimated'
    """
    if not 0 < level < 1:
        raise problem(BadOption, "bad-level", value=level)
    if partial not in PARTIAL:
        raise problem(
            BadOption,
            "bad-choice",
            option="--partial",
            value=partial,
            allowed=", ".join(PARTIAL),
            command="impact study",
        )
    chosen = named(series, "impact study")
    steps = _known(known_steps, [one.key for one in chosen])
    with offline_if(offline):
        release = facts()
        day, warned = resolve_day(release, as_of)
        options = plain(
            {
                "series": [one.key for one in chosen],
                "event": event,
                "known_steps": {key: list(days) for key, days in steps.items()},
                "since": since,
                "until": until,
                "partial": partial,
                "radius": radius,
                "level": level,
            }
        )
        told = impact_provenance(release, {**options, "as_of": day}, seed)
        key = cache.key(
            "impact-study",
            rows_hash=release.rows_hash,
            options={**told.options, "libraries": dict(told.libraries)},
        )
        entry = cache.load(key)
        if entry is None:
            rows = [
                _row(release, one, day, steps.get(one.key, ()), options, event, since, until)
                for one in chosen
            ]
            document = {"rows": plain(_with_holm(rows))}
            cache.store(key, document)
        else:
            document = entry.document
        return ImpactStudyResult(
            data_release=release.data_release,
            as_of=day,
            options=options,
            warnings=(*warned, *_warnings(document["rows"])),
            provenance=told,
            documents=tuple(document["rows"]),
        )


def _known(texts: Iterable[str], allowed: Sequence[str]) -> dict[str, tuple[date, ...]]:
    out: dict[str, tuple[date, ...]] = {}
    for text in texts:
        name, _, value = text.partition("=")
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = None
        if day is None or name not in allowed:
            raise problem(
                BadOption, "impact-known-step", value=text[:60], allowed=", ".join(allowed)
            )
        out[name] = (*out.get(name, ()), day)
    return out


def _row(
    release: ImpactRelease,
    series: NamedSeries,
    day: date,
    known: Sequence[date],
    options: Mapping[str, Any],
    event: date,
    since: date | None,
    until: date | None,
) -> dict[str, Any]:
    from headway.estimate.impact import event_study

    first = (since or series.study_from).replace(day=1)
    counts = series_of(release, series, day=day, since=first).window(first, until)
    if options["partial"] == "drop":
        counts = counts.without_partial()
    found = event_study(
        counts,
        event,
        known_steps=known,
        exposure=options["partial"] != "whole",
        radius=options["radius"],
        level=options["level"],
    )
    return {
        "series": series.key,
        "source": series.source,
        "unit": series.unit,
        "since": first,
        "through": through_of(release, series, day),
        **_numbers(found, options["level"]),
    }


def _numbers(found: Study, level: float) -> dict[str, Any]:
    none = [share for when, share in found.posterior if when is None]
    return {
        "status": found.status,
        "notes": list(found.notes),
        "event": found.event,
        "n": found.n,
        "n_after": found.n_after,
        "step": _effect(found.step, level),
        "slope": _effect(found.slope, level),
        "statistic": found.statistic,
        "p": found.p,
        "p_rank": found.p_rank,
        "p_holm": None,
        "best_break": found.best_break,
        "no_break_probability": none[0] if none else None,
        "posterior": [
            {"start": when, "probability": share} for when, share in found.posterior if when
        ],
        "detectable_ratio": found.detectable,
        "placebo_95_ratio": found.placebo_95,
        "overdispersion": found.alpha,
        "placebos": [
            {
                "start": one.start,
                "ratio": one.ratio,
                "best_break": one.best_break,
                "statistic": one.statistic,
            }
            for one in found.placebos
        ],
    }


def _effect(effect: Effect | None, level: float) -> dict[str, Any] | None:
    if effect is None:
        return None
    return {
        "ratio": effect.ratio,
        "intervals": {
            kind: None if ends is None else {"low": ends[0], "high": ends[1], "level": level}
            for kind, ends in effect.intervals.items()
        },
    }


def _with_holm(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    from headway.estimate.impact import holm

    adjusted = holm([row["p"] for row in rows])
    return [{**row, "p_holm": value} for row, value in zip(rows, adjusted, strict=True)]


def _warnings(rows: Sequence[Mapping[str, Any]]) -> list[Warned]:
    """What no number of the answer can show: the floor of p, and late reporting."""
    out = [Warned("impact_late")]
    studied = [row for row in rows if row["p"] is not None]
    floor = min((1 / (1 + len(row["placebos"])) for row in studied), default=0.0)
    if len(studied) > 1 and floor * len(studied) > 0.05:
        # as texts: a number would be shown without its decimals
        args = {
            "floor": f"{floor:.3f}",
            "series": len(studied),
            "holm": f"{min(1.0, floor * len(studied)):.2f}",
        }
        out.append(Warned("impact_p_floor", args))
    return out
