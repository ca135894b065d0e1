"""``headway data status``: how old, how complete and how well understood each source is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from headway.api.data import resolve_as_of
from headway.api.envelope import Result, Warned, envelope, plain
from headway.api.offline import offline_if
from headway.api.sync import in_words, row_warnings
from headway.fanout.bar import progress_bar
from headway.provenance import Provenance, digest
from headway.snapshots.reading import ParseRecord, parse_snapshot, parsed_record
from headway.snapshots.store import Snapshot, SnapshotStore, newest_of
from headway.sources.declare import Cadence, Resource, Source
from headway.sources.registry import Connector, chosen_sources
from headway.tables.choice import head_in_use

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ResourceStatus", "SourceStatus", "Statuses", "data_status"]

#: Days after which a snapshot is old: one change and a half of the source, rounded up. A source
#: that changes at irregular times is asked once a quarter; a frozen one never becomes old.
OLD_AFTER_DAYS: Mapping[Cadence, int | None] = {
    "daily": 2,
    "weekly": 11,
    "monthly": 46,
    "irregular": 92,
    "frozen": None,
}


@dataclass(frozen=True, slots=True)
class ResourceStatus:
    """One resource: its newest snapshot, how many there are, and what reading it gave."""

    resource: Resource
    newest: Snapshot | None
    snapshots: int
    bodies: int
    age_days: int | None
    record: ParseRecord | None

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        newest, record = self.newest, self.record
        return {
            "resource": self.resource.name,
            "url": self.resource.url if newest is None else newest.url,
            "retrieved_at": None if newest is None else newest.retrieved_at.isoformat(),
            "age_days": self.age_days,
            "sha256": None if newest is None else newest.sha256,
            "size": None if newest is None else newest.size,
            "snapshots": self.snapshots,
            "bodies": self.bodies,
            "rows": None if record is None else record.rows,
            "failures": None if record is None else record.failures,
            "present": None if record is None else record.present,
            "reasons": {} if record is None else dict(record.reasons or {}),
            "failures_shown": [] if record is None else [dict(one) for one in record.shown],
            "drift": [] if record is None else list(record.drift),
            "error": None if record is None else in_words(record.error, lang),
        }


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source with its resources."""

    source: Source
    resources: tuple[ResourceStatus, ...]

    @property
    def age_days(self) -> int | None:
        """Age of the oldest of the newest snapshots."""
        ages = [one.age_days for one in self.resources if one.age_days is not None]
        return max(ages, default=None)

    @property
    def state(self) -> str:
        """``broken``, ``missing``, ``unread``, ``old`` or ``fresh``: the first that holds."""
        if any(one.record is not None and one.record.error for one in self.resources):
            return "broken"
        if any(one.newest is None for one in self.resources):
            return "missing"
        if any(one.record is None for one in self.resources):
            return "unread"
        return "old" if self.is_old else "fresh"

    @property
    def is_old(self) -> bool:
        """Is the newest snapshot of some resource older than the source's cadence allows?"""
        limit, age = OLD_AFTER_DAYS[self.source.cadence], self.age_days
        return limit is not None and age is not None and age > limit

    def total(self, count: str) -> int | None:
        """``rows`` or ``failures`` over all resources that were read; ``None`` if none was."""
        read = [one.record for one in self.resources if one.record and not one.record.error]
        return sum(getattr(record, count) for record in read) if read else None

    @property
    def drift(self) -> list[str]:
        """Fields that the declaration does not know, with their resource."""
        return [
            f"{one.resource.name}: {name}"
            for one in self.resources
            if one.record is not None
            for name in one.record.drift
        ]

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        source = self.source
        return {
            "source": source.key,
            "title": source.title,
            "publisher": source.publisher,
            "licence": source.licence,
            "redistributable": source.redistributable,
            "cite": source.cite,
            "cadence": source.cadence,
            "state": self.state,
            "age_days": self.age_days,
            "old_after_days": OLD_AFTER_DAYS[source.cadence],
            "shape_seen": source.shape_seen,
            "rows": self.total("rows"),
            "failures": self.total("failures"),
            "drift": self.drift,
            "resources": [one.to_json(lang) for one in self.resources],
        }


@dataclass(frozen=True)
class Statuses(Result):
    """All sources of :func:`data_status`."""

    rows: tuple[SourceStatus, ...]

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return envelope(
            "data-status",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=[row.to_json(lang) for row in self.rows],
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
        )

    def table(self) -> pl.DataFrame:
        """One row per resource."""
        import polars as pl

        schema: dict[str, Any] = {
            "source": pl.String,
            "state": pl.String,
            "resource": pl.String,
            "retrieved_at": pl.String,
            "age_days": pl.Int64,
            "sha256": pl.String,
            "size": pl.Int64,
            "rows": pl.Int64,
            "failures": pl.Int64,
            "drift": pl.List(pl.String),
        }
        rows = [
            {"source": row.source.key, "state": row.state, **one.to_json()}
            for row in self.rows
            for one in row.resources
        ]
        return pl.DataFrame([{name: row[name] for name in schema} for row in rows], schema=schema)

    def cells(self, lang: str = "en") -> tuple[list[str], list[list[str]]]:
        """Header and cells of the text table."""
        from headway.i18n import message

        names = [
            "source",
            "state",
            "age",
            "cadence",
            "rows",
            "failures",
            "drift",
            "shape",
            "licence",
        ]
        header = [message(f"status-column-{name}", lang) for name in names]
        cells = []
        for row in self.rows:
            shape = "unseen" if row.source.shape_seen is None else "seen"
            counts = [row.age_days, row.total("rows"), row.total("failures")]
            age, rows, failures = ("-" if count is None else str(count) for count in counts)
            cells.append(
                [
                    row.source.key,
                    message(f"status-state-{row.state}", lang),
                    age,
                    message(f"cadence-{row.source.cadence}", lang),
                    rows,
                    failures,
                    str(len(row.drift)),
                    message(f"status-shape-{shape}", lang),
                    row.source.licence,
                ]
            )
        return header, cells

    def text(self, lang: str = "en") -> str:
        from headway.textsafe import plain_table

        return plain_table(*self.cells(lang))

    def __repr__(self) -> str:
        counts = Counter(row.state for row in self.rows)
        return f"Statuses({', '.join(f'{n} {s}' for s, n in sorted(counts.items())) or 'nothing'})"


def data_status(
    sources: Sequence[str] = (),
    *,
    as_of: date | None = None,
    seed: int = 0,
    offline: bool = False,
    reparse: bool = False,
    now: datetime | None = None,
    progress: str | None = None,
) -> Statuses:
    """Age, rows, failures, drift, shape and licence of each source; nothing is fetched.

    Parameters
    ----------
    sources : sequence of str
        Keys; all sources if empty.
    as_of : date, optional
        Only snapshots retrieved by that day; ages are counted to its end.
    seed : int
        Unused by this verb; kept in the provenance.
    offline : bool
        Refuse any network use.
    reparse : bool
        Read every stored body of these sources again first, old ones too.
    now : datetime, optional
        What ages are counted to; the clock by default.
    progress : str, optional
        Label of a progress bar on stderr after two seconds.

    Raises
    ------
    NotFound
        No source has this key.
    Unreadable
        The manifest of the snapshots is damaged.
    """
    chosen = chosen_sources(sources)
    moment = (now or datetime.now(UTC)).replace(microsecond=0)
    if as_of is not None:
        moment = datetime.combine(as_of, time(23, 59, 59), UTC)
    store = SnapshotStore()
    with offline_if(offline):
        everything = [one for one in store.snapshots() if one.source in chosen]
        if reparse:
            _read_all(store, chosen, everything, progress)
        rows = tuple(_status(store, one, everything, moment) for one in chosen.values())
    head = head_in_use()
    day, warned = resolve_as_of(head, as_of)
    options = plain({"sources": list(sources), "reparse": reparse, "at": moment.isoformat()})
    content = [head.rows_hash, [row.to_json() for row in rows]]
    return Statuses(
        data_release=head.data_release,
        as_of=day,
        options=options,
        warnings=warned + tuple(one for row in rows for one in _warnings(row)),
        provenance=Provenance(head.data_release, digest(content), options, seed),
        rows=rows,
    )


def _read_all(
    store: SnapshotStore,
    chosen: Mapping[str, Connector],
    snapshots: Sequence[Snapshot],
    progress: str | None,
) -> None:
    """Read every body once per resource, with today's connectors."""
    known = {(key, r.name) for key, one in chosen.items() for r in one.source.resources}
    bodies = {
        (one.source, one.resource, one.sha256): one
        for one in snapshots
        if (one.source, one.resource) in known
    }
    with progress_bar(progress, max(1, len(bodies))) as advance:
        for one in bodies.values():
            parse_snapshot(store, chosen[one.source], one)
            advance()


def _status(
    store: SnapshotStore, connector: Connector, everything: Sequence[Snapshot], moment: datetime
) -> SourceStatus:
    key = connector.source.key
    own = [one for one in everything if one.source == key and one.retrieved_at <= moment]
    newest = newest_of(own)
    found = []
    for resource in connector.source.resources:
        last = newest.get((key, resource.name))
        hashes = [one.sha256 for one in own if one.resource == resource.name]
        age = None if last is None else max(timedelta(), moment - last.retrieved_at).days
        found.append(
            ResourceStatus(
                resource=resource,
                newest=last,
                snapshots=len(hashes),
                bodies=len(set(hashes)),
                age_days=age,
                record=None if last is None else parsed_record(store, last),
            )
        )
    return SourceStatus(connector.source, tuple(found))


def _warnings(row: SourceStatus) -> list[Warned]:
    out: list[Warned] = []
    key = row.source.key
    if row.is_old:
        args = {"source": key, "days": row.age_days, "cadence": row.source.cadence}
        out.append(Warned("source_old", args))
    if any(one.newest is not None and one.record is None for one in row.resources):
        out.append(Warned("source_unread", {"source": key}))
    for one in row.resources:
        if one.record is not None:
            out += row_warnings(key, one.resource.name, one.record)
    return out
