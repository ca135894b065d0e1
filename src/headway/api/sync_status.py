"""``headway data status``: how old, how complete and how well understood each source is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from headway.api.data import resolve_as_of
from headway.api.envelope import Result, Warned, envelope, plain
from headway.api.offline import offline_if
from headway.api.sync import manifest_warnings, row_warnings, store_option
from headway.fanout.bar import progress_bar
from headway.provenance import Provenance, digest
from headway.snapshots.contacts import Contact, contacts
from headway.snapshots.places import snapshots_at
from headway.snapshots.reading import ParseRecord, in_words, parse_snapshot, parsed_record
from headway.snapshots.store import Snapshot, Snapshots, newest_of
from headway.sources.declare import Cadence, Resource, Source
from headway.sources.registry import Connector, chosen_sources
from headway.tables.choice import head_in_use

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "ResourceStatus",
    "Shape",
    "SourceStatus",
    "Statuses",
    "data_status",
    "declared_at",
    "shapes",
]

#: Days after which a snapshot is old: one change and a half of the source, rounded up. A source
#: that changes at irregular times is asked once a quarter; a frozen one never becomes old.
OLD_AFTER_DAYS: Mapping[Cadence, int | None] = {
    "daily": 2,
    "weekly": 11,
    "monthly": 46,
    "irregular": 92,
    "frozen": None,
}

#: A body with this share of the rows of the one before it, or less, is worth a look.
ROWS_LOST = 0.8

#: What a body that cannot be read says about its shape, by the key of its error.
_CHANGES = {
    "source-column-missing": "missing",
    "source-column-twice": "twice",
    "source-unit-changed": "unit",
    "source-dates-changed": "dates",
    "source-shape": "shape",
    "source-empty": "rows",
    "source-nothing-read": "rows",
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
    #: rows of the body before the newest one, as it was read
    rows_before: int | None = None
    #: fetches that failed, oldest first, of those that the log still holds
    failed: tuple[Contact, ...] = ()

    @property
    def failed_since(self) -> tuple[Contact, ...]:
        """Fetches that failed after the newest snapshot."""
        newest = self.newest
        return tuple(one for one in self.failed if newest is None or one.at > newest.retrieved_at)

    def changes(self, lang: str = "en") -> list[dict[str, str]]:
        """How the newest body differs from the declared shape and from the body before it."""
        record = self.record
        if record is None:
            return []
        out = [{"change": "added", "what": name} for name in record.drift]
        kind = None if record.error is None else _CHANGES.get(str(record.error.get("kind")))
        if record.error is not None and kind is not None:
            out.append({"change": kind, "what": record.error["message"][lang]})
        if self.is_shorter:
            out.append({"change": "fewer_rows", "what": f"{self.rows_before} -> {record.rows}"})
        return out

    @property
    def is_shorter(self) -> bool:
        """Has the newest body clearly fewer rows than the one before it?"""
        before, record = self.rows_before, self.record
        return (
            before is not None
            and record is not None
            and record.error is None
            and record.rows <= ROWS_LOST * before
            and record.rows < before
        )

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
            "rows_before": self.rows_before,
            "changes": self.changes(lang),
            "error": None if record is None else in_words(record.error, lang),
            "failed_fetches": {
                "logged": len(self.failed),
                "since_newest": len(self.failed_since),
                "newest": [_failed_json(one, lang) for one in self.failed[-_FAILED_SHOWN:]],
            },
        }


#: Failed fetches shown per resource, newest last.
_FAILED_SHOWN = 5


def _failed_json(one: Contact, lang: str) -> dict[str, Any]:
    return {"at": one.at.isoformat(), "via": one.via, "error": in_words(one.error, lang)}


@dataclass(frozen=True, slots=True)
class Shape:
    """How sure it is that the connector reads what the source sends.

    Parameters
    ----------
    state : {"declared", "read_here", "unverified"}
        Tried on a real body by Headway's authors; a body from the declared address was read on this
        machine; neither.
    evidence : str or None
        The body, or the day on which it was read here.
    """

    state: str
    evidence: str | None

    @property
    def is_verified(self) -> bool:
        return self.state != "unverified"


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source with its resources."""

    source: Source
    resources: tuple[ResourceStatus, ...]
    shape: Shape

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
    def failed_fetches(self) -> int:
        """Fetches that failed since the newest snapshot of their resource."""
        return sum(len(one.failed_since) for one in self.resources)

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
            "shape": {"state": self.shape.state, "evidence": self.shape.evidence},
            "rows": self.total("rows"),
            "failures": self.total("failures"),
            "failed_fetches": self.failed_fetches,
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
            "failed_fetches": pl.Int64,
            "drift": pl.List(pl.String),
            "shape": pl.String,
        }
        rows = [
            {
                "source": row.source.key,
                "state": row.state,
                "shape": row.shape.state,
                **one.to_json(),
                "failed_fetches": len(one.failed_since),
            }
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
            "failed",
            "drift",
            "shape",
            "licence",
        ]
        header = [message(f"status-column-{name}", lang) for name in names]
        cells = []
        for row in self.rows:
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
                    str(row.failed_fetches),
                    str(sum(len(one.changes()) for one in row.resources)),
                    message(f"status-shape-{row.shape.state.replace('_', '-')}", lang),
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
    store: str | None = None,
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
    store : str, optional
        A folder or a URL such as ``s3://bucket/headway``; ``HEADWAY_STORE``, or else the user's own
        data folder, by default.
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
    BadOption, MissingExtra, Refused, TryLater
        The store is not such an address, needs an extra, refuses, or cannot be reached.
    """
    chosen = chosen_sources(sources)
    moment = (now or datetime.now(UTC)).replace(microsecond=0)
    if as_of is not None:
        moment = datetime.combine(as_of, time(23, 59, 59), UTC)
    snapshots = snapshots_at(store, offline=offline)
    with offline_if(offline):
        manifest = snapshots.manifest_read()
        everything = [one for one in manifest.lines if one.source in chosen]
        if reparse:
            _read_all(snapshots, chosen, everything, progress)
        log = [one for one in contacts(snapshots, chosen) if one.at <= moment]
        rows = tuple(_status(snapshots, one, everything, log, moment) for one in chosen.values())
    head = head_in_use()
    day, warned = resolve_as_of(head, as_of)
    settings = {"sources": list(sources), "reparse": reparse, "at": moment.isoformat()}
    options = plain({**settings, **store_option(store)})
    warned += manifest_warnings(manifest)
    unread = sum(r.newest is not None and r.record is None for row in rows for r in row.resources)
    if manifest.copied_at is not None and unread:
        warned += (Warned("store_copy_lacks", {"count": unread}),)
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
    store: Snapshots,
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
    store: Snapshots,
    connector: Connector,
    everything: Sequence[Snapshot],
    log: Sequence[Contact],
    moment: datetime,
) -> SourceStatus:
    key = connector.source.key
    own = [one for one in everything if one.source == key and one.retrieved_at <= moment]
    log = [one for one in log if one.source == key]
    newest = newest_of(own)
    found = []
    for resource in connector.source.resources:
        last = newest.get((key, resource.name))
        held = [one for one in own if one.resource == resource.name]
        age = None if last is None else max(timedelta(), moment - last.retrieved_at).days
        found.append(
            ResourceStatus(
                resource=resource,
                newest=last,
                snapshots=len(held),
                bodies=len({one.sha256 for one in held}),
                age_days=age,
                record=None if last is None else parsed_record(store, last),
                rows_before=None if last is None else _rows_before(store, held, last),
                failed=tuple(
                    one for one in log if one.resource == resource.name and one.error is not None
                ),
            )
        )
    shape = _shape(store, connector.source, own, log)
    return SourceStatus(connector.source, tuple(found), shape)


def _rows_before(store: Snapshots, held: Sequence[Snapshot], last: Snapshot) -> int | None:
    """Rows of the newest other body that could be read."""
    others = [one for one in held if one.sha256 != last.sha256]
    before = newest_of(others).get((last.source, last.resource))
    record = None if before is None else parsed_record(store, before)
    return None if record is None or record.error is not None else record.rows


def _shape(
    store: Snapshots, source: Source, own: Sequence[Snapshot], log: Sequence[Contact]
) -> Shape:
    """Is the shape known from a real body, of Headway's authors or of this machine?

    Only a body from the declared address is a real one: a mirror or a test server is not, and for a
    source of several resources each of them has to have been read.
    """
    if source.shape_seen is not None:
        return Shape("declared", source.shape_seen)
    days = []
    for resource in source.resources:
        seen = [one.at for one in log if _is_real(resource, one)]
        held = [one for one in own if one.resource == resource.name]
        # newest first: mostly the first one settles it
        kept = (one.retrieved_at for one in reversed(held) if _was_read(store, resource, one))
        read = max([*seen, *islice(kept, 1)], default=None)
        if read is None:
            return Shape("unverified", None)
        days.append(read)
    return Shape("read_here", min(days).date().isoformat())


def _is_real(resource: Resource, contact: Contact) -> bool:
    return (
        contact.outcome == "read"
        and contact.resource == resource.name
        and bool(contact.rows)
        and declared_at(resource, contact.url)
    )


def _was_read(store: Snapshots, resource: Resource, one: Snapshot) -> bool:
    record = parsed_record(store, one) if declared_at(resource, one.url) else None
    return record is not None and record.error is None and record.rows > 0


def shapes(sources: Sequence[str] = ()) -> dict[str, Shape]:
    """How sure the shape of each source is, as of now.

    Raises
    ------
    NotFound, Unreadable
    """
    chosen = chosen_sources(sources)
    store = snapshots_at()
    everything = [one for one in store.snapshots() if one.source in chosen]
    log = contacts(store, chosen)
    now = datetime.now(UTC)
    return {key: _status(store, one, everything, log, now).shape for key, one in chosen.items()}


def declared_at(resource: Resource, url: str) -> bool:
    """Is this the address of the declaration (with any day filled in)?"""
    if "{date}" not in resource.url:
        return url == resource.url
    before, _, after = resource.url.partition("{date}")
    return url.startswith(before) and url.endswith(after)


def _warnings(row: SourceStatus) -> list[Warned]:
    out: list[Warned] = []
    key = row.source.key
    if row.is_old:
        args = {"source": key, "days": row.age_days, "cadence": row.source.cadence}
        out.append(Warned("source_old", args))
    if any(one.newest is not None and one.record is None for one in row.resources):
        out.append(Warned("source_unread", {"source": key}))
    for one in row.resources:
        if one.failed_since:
            last = one.failed_since[-1]
            assert last.error is not None  # what the log calls failed has an error
            args = {"source": key, "resource": one.resource.name, "count": len(one.failed_since)}
            out.append(Warned("source_failing", args | {"code": last.error["code"]}))
        if one.is_shorter and one.record is not None:
            args = {"source": key, "resource": one.resource.name, "rows": one.record.rows}
            out.append(Warned("source_shorter", args | {"before": one.rows_before}))
        if one.record is not None:
            out += row_warnings(key, one.resource.name, one.record)
    return out
