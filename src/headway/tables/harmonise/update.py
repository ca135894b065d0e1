"""A release brought up to date by what its sources state now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

from headway.sources.declare import ModelClaim, Parsed, ScoreClaim
from headway.tables.corrections import Breach, apply_corrections
from headway.tables.harmonise.account import Outcome
from headway.tables.harmonise.counted import counted
from headway.tables.harmonise.merge import SUPERSEDED, mark_new, pair, score_id
from headway.tables.harmonise.names import Names, NewModel
from headway.tables.harmonise.places import place_of
from headway.tables.harmonise.rows import Impossible, Siblings, row_of, source_of
from headway.tables.store import ALL_TABLES, Release

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Body", "Updated", "harmonise"]


@dataclass(frozen=True, slots=True)
class Body:
    """What one body of a source states.

    Parameters
    ----------
    source, resource, url : str
    parsed : Parsed
    retrieved_on : date
        A later day in it is impossible.
    """

    source: str
    resource: str
    url: str
    parsed: Parsed
    retrieved_on: date


@dataclass(frozen=True)
class Updated:
    """The tables after the update, and what became of every claim.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        All tables of the release; those without a change are the same objects.
    outcomes : tuple of Outcome
        One per score that the bodies state.
    models : tuple of NewModel
        Models admitted, as far as a row names them.
    corrected : mapping of str to int
        Rows corrected, by the id of the correction.
    breaches : tuple of Breach
        Corrections whose source says something else now; nothing was corrected by them.
    """

    tables: Mapping[str, pl.DataFrame]
    outcomes: tuple[Outcome, ...]
    models: tuple[NewModel, ...]
    corrected: Mapping[str, int]
    breaches: tuple[Breach, ...]

    @property
    def changed(self) -> bool:
        """Whether any row is other than before."""
        return any(one.outcome in ("new", "revised", "repeat") for one in self.outcomes)


@dataclass(slots=True)
class _Claimed:
    """A claim on its way: its body, and the row it becomes."""

    body: Body
    claim: ScoreClaim
    row: dict[str, Any]


def harmonise(release: Release, bodies: Sequence[Body]) -> Updated:
    """Bring the tables of a release up to date; the release itself stays as it is.

    Parameters
    ----------
    release : Release
    bodies : sequence of Body
        The newest of each source's resources; later ones of one resource come later.

    Returns
    -------
    Updated
        Every claim has one outcome: they add up to the claims in the bodies, and those counted
        from outcomes task by task.
    """
    import polars as pl

    bodies, corrected, breaches = _corrected(bodies)
    today = max((body.retrieved_on for body in bodies), default=release.data_through)
    names = Names(release, ((b.source, b.url, b.parsed.models) for b in bodies), today)
    models = {r["model_version"]: r for r in release.model_versions.iter_rows(named=True)}
    models |= {key: {"lab": one.lab, "released": one.released} for key, one in names.new.items()}
    benchmarks = {r["benchmark"]: r for r in release.benchmarks.iter_rows(named=True)}
    licences = dict(release.sources.select("source", "licence").iter_rows())
    there = release.scores.with_columns(pl.col(pl.Enum).cast(pl.String)).to_dicts()
    siblings = _siblings(there, benchmarks)

    claimed: list[_Claimed] = []
    outcomes: list[Outcome] = []
    for body in bodies:
        stated = (*body.parsed.scores, *counted(body.source, body.parsed.scores, release))
        for claim in stated:
            found = _read(body, claim, names, models, benchmarks, licences, siblings, today)
            if isinstance(found, Outcome):
                outcomes.append(found)
            else:
                claimed.append(_Claimed(body, claim, found))

    pairs = pair([one.row for one in claimed], there)
    taken = {row["score_id"] for row in there}
    new: list[dict[str, Any]] = []
    superseded: dict[str, str] = {}
    revised: dict[str, dict[str, Any]] = {}
    fates: list[tuple[_Claimed, str]] = []
    for i, one in enumerate(claimed):
        if i in pairs.known:
            row = pairs.known[i]
            outcomes.append(_outcome(one.body, one.claim, "known", score_id=row["score_id"]))
            continue
        one.row["score_id"] = score_id(one.row, taken)
        taken.add(one.row["score_id"])
        new.append(one.row)
        if i in pairs.revised:
            superseded[pairs.revised[i]["score_id"]] = one.row["score_id"]
            revised[one.row["score_id"]] = pairs.revised[i]
        fates.append((one, "revised" if i in pairs.revised else "new"))
    still = [row for row in there if row["score_id"] not in superseded]
    mark_new(new, still, benchmarks, revised)
    for one, fate in fates:
        if fate == "new" and one.row["use"] == "duplicate":
            fate = "repeat"
        outcomes.append(_outcome(one.body, one.claim, fate, score_id=one.row["score_id"]))
    used = {row["model_version"] for row in new}
    admitted = tuple(one for key, one in sorted(names.new.items()) if key in used)
    tables = {name: release.table(name) for name in ALL_TABLES}
    if new:
        tables |= _tables(release, new, superseded, admitted)
    return Updated(tables, tuple(outcomes), admitted, corrected, breaches)


def _corrected(
    bodies: Sequence[Body],
) -> tuple[list[Body], dict[str, int], tuple[Breach, ...]]:
    """The bodies with known errors of their sources put right, source by source."""
    stated: dict[str, list[ScoreClaim | ModelClaim]] = {}
    for body in bodies:
        stated.setdefault(body.source, []).extend((*body.parsed.scores, *body.parsed.models))
    counts: Counter[str] = Counter()
    breaches: list[Breach] = []
    claims: dict[str, Iterator[ScoreClaim | ModelClaim]] = {}
    for source, all_claims in stated.items():
        found = apply_corrections(source, all_claims)
        counts.update(one.correction for one in found.applied)
        breaches += found.breaches
        claims[source] = iter(found.claims)
    out = []
    for body in bodies:
        taken = islice(claims[body.source], len(body.parsed.scores) + len(body.parsed.models))
        mine = list(taken)
        scores = tuple(one for one in mine if isinstance(one, ScoreClaim))
        models = tuple(one for one in mine if isinstance(one, ModelClaim))
        out.append(replace(body, parsed=replace(body.parsed, scores=scores, models=models)))
    return out, dict(counts), tuple(breaches)


def _outcome(
    body: Body,
    claim: ScoreClaim,
    outcome: str,
    reason: str = "",
    value: str = "",
    score_id: str | None = None,
) -> Outcome:
    test = " / ".join(
        str(part) for part in (claim.benchmark, claim.metric, claim.variant) if part is not None
    )
    return Outcome(
        body.source, body.resource, claim.raw, claim.model, test, outcome, reason, value, score_id
    )


def _read(
    body: Body,
    claim: ScoreClaim,
    names: Names,
    models: Mapping[str, Mapping[str, Any]],
    benchmarks: Mapping[str, Mapping[str, Any]],
    licences: Mapping[str, str],
    siblings: Mapping[tuple[str, str], Siblings],
    today: date,
) -> dict[str, Any] | Outcome:
    place = place_of(body.source, body.resource, claim)
    if place is None:
        told = f"{claim.variant or '-'}, {claim.unit}"
        return _outcome(body, claim, "no_test", "harmonise-unlisted", told)
    if place.benchmark is None:
        return _outcome(body, claim, "left_out", "harmonise-left-out", place.why)
    benchmark = benchmarks.get(place.benchmark)
    if benchmark is None:
        return _outcome(body, claim, "no_test", "harmonise-no-benchmark", place.benchmark)
    named = names.resolve(body.source, claim.model, place.panel)
    if named is None:
        return _outcome(body, claim, "no_model", "harmonise-no-model", claim.model)
    source = source_of(body.source, place, claim)
    licence = licences.get(source)
    if licence is None:
        return _outcome(body, claim, "no_test", "harmonise-no-source", source)
    try:
        return row_of(
            claim,
            place=place,
            source=source,
            named=named,
            model=models[named.model_version],
            benchmark=benchmark,
            siblings=siblings.get((source, place.benchmark), Siblings()),
            address=body.url,
            licence=licence,
            today=today,
        )
    except Impossible as e:
        return _outcome(body, claim, "impossible", e.reason, e.value)


def _siblings(
    there: Iterable[Mapping[str, Any]], benchmarks: Mapping[str, Mapping[str, Any]]
) -> dict[tuple[str, str], Siblings]:
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in there:
        groups.setdefault((row["source"], row["benchmark"]), []).append(row)

    def agreed(rows: Sequence[Mapping[str, Any]], name: str) -> Any:
        values = {row[name] for row in rows}
        return values.pop() if len(values) == 1 else None

    return {
        key: Siblings(
            attempts=agreed(rows, "attempts"),
            token_budget=agreed(rows, "token_budget"),
            evaluator=agreed(rows, "evaluator"),
            counts_items=agreed(rows, "n") is not None
            and agreed(rows, "n") == benchmarks[key[1]]["items"],
            source_url=agreed(rows, "source_url"),
        )
        for key, rows in groups.items()
    }


def _tables(
    release: Release,
    new: Sequence[Mapping[str, Any]],
    superseded: Mapping[str, str],
    admitted: Sequence[NewModel],
) -> dict[str, pl.DataFrame]:
    import polars as pl

    from headway.tables.write import in_order

    def added(name: str, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
        frame = release.table(name)
        columns = {c: [row.get(c) for row in rows] for c in frame.columns}
        more = pl.DataFrame(
            {
                c: pl.Series(c, values, dtype=pl.String if _words(kind) else kind, strict=True)
                for (c, values), kind in zip(columns.items(), frame.dtypes, strict=True)
            }
        ).with_columns(pl.col(c).cast(kind) for c, kind in frame.schema.items())
        return pl.concat([frame, more])

    scores = added("scores", new)
    if superseded:
        old = pl.col("score_id").is_in(list(superseded))
        kind = scores.schema["use"]
        scores = scores.with_columns(
            use=pl.when(old).then(pl.lit("duplicate")).otherwise(pl.col("use").cast(pl.String)),
            use_reason=pl.when(old).then(pl.lit(SUPERSEDED)).otherwise("use_reason"),
            duplicate_of=pl.when(old)
            .then(pl.col("score_id").replace_strict(dict(superseded), default=None))
            .otherwise("duplicate_of"),
        ).with_columns(pl.col("use").cast(kind))
    counts = Counter(row["source"] for row in new)
    sources = release.sources.with_columns(
        rows=pl.col("rows")
        + pl.col("source").replace_strict(dict(counts), default=0, return_dtype=pl.Int64)
    )
    tables = {"scores": scores, "sources": sources}
    if admitted:
        tables["model_versions"] = added("model_versions", [m.version_row() for m in admitted])
        tables["access"] = added("access", [m.access_row() for m in admitted])
        tables["model_aliases"] = added("model_aliases", _aliases(release, new, admitted))
    return {name: in_order(name, frame) for name, frame in tables.items()}


def _words(kind: Any) -> bool:
    import polars as pl

    return isinstance(kind, pl.Enum)


def _aliases(
    release: Release, new: Sequence[Mapping[str, Any]], admitted: Sequence[NewModel]
) -> list[dict[str, Any]]:
    """The names under which the new models were seen."""
    ids = {one.model_version for one in admitted}
    taken = set(release.model_aliases["alias"]) | ids
    rows: dict[str, dict[str, Any]] = {}
    for row in new:
        alias = row["model_as_named"]
        if row["model_version"] in ids and alias not in taken:
            rows.setdefault(
                alias,
                {
                    "alias": alias,
                    "model_version": row["model_version"],
                    "effort": row["effort"],
                    "evidence": "Name of a model that its source dates and describes.",
                    "source": row["source_url"],
                },
            )
    return list(rows.values())
