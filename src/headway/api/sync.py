"""``headway data sync``: fetch what changed, keep its bytes, read them, say what came of it.

Each resource goes through fetch, keep, read on its own; a failure ends there and is reported. All
that is kept is kept whole (see :mod:`headway.snapshots.store`), so a run that was stopped anywhere
is completed by the next one, which asks the servers only for what is newer.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from headway.api.data import resolve_as_of
from headway.api.envelope import Result, Warned, envelope, plain
from headway.api.offline import offline_if
from headway.api.release_update import ReleaseUpdate, update_release
from headway.errors import HeadwayError, MissingExtra, TryLater
from headway.fanout.bar import progress_bar
from headway.provenance import Provenance, digest
from headway.snapshots.contacts import Contact, log_contact
from headway.snapshots.places import snapshots_at
from headway.snapshots.reading import ParseRecord, in_words, parse_snapshot, parsed_record, told
from headway.snapshots.store import Manifest, Snapshot, Snapshots, newest_of
from headway.sources.declare import Resource
from headway.sources.fetch import Fetched, Limits, client, fetch_in, run
from headway.sources.registry import Connector, chosen_sources
from headway.stores.address import chosen_address
from headway.tables.choice import head_in_use
from headway.tables.store import read_head
from headway.textsafe import clip

if TYPE_CHECKING:
    import httpx2
    import polars as pl

__all__ = ["SyncRow", "Synced", "data_sync"]

#: Resources that are fetched at once; the servers belong to others.
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class SyncRow:
    """What came of one resource.

    Parameters
    ----------
    source, resource : str
    outcome : {"new", "unchanged", "failed", "offline", "needs_extra"}
        ``needs_extra``: not asked, since an optional package is not installed.
    snapshot : Snapshot or None
        The newest one now, fetched or from before.
    record : ParseRecord or None
        What reading it gave.
    error : mapping or None
        Why it failed; see :func:`headway.snapshots.reading.told`.
    """

    source: str
    resource: str
    outcome: str
    snapshot: Snapshot | None = None
    record: ParseRecord | None = None
    error: Mapping[str, Any] | None = None

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        snapshot, record = self.snapshot, self.record
        return {
            "source": self.source,
            "resource": self.resource,
            "outcome": self.outcome,
            "sha256": None if snapshot is None else snapshot.sha256,
            "size": None if snapshot is None else snapshot.size,
            "retrieved_at": None if snapshot is None else snapshot.retrieved_at.isoformat(),
            "rows": None if record is None else record.rows,
            "failures": None if record is None else record.failures,
            "present": None if record is None else record.present,
            "drift": [] if record is None else list(record.drift),
            "error": in_words(self.error, lang),
        }


@dataclass(frozen=True)
class Synced(Result):
    """All resources of :func:`data_sync`, and what became of the release."""

    rows: tuple[SyncRow, ...]
    update: ReleaseUpdate | None = None

    @property
    def exit_status(self) -> int:
        """0 fine, 65 if any data are bad, else 75 if something may work later.

        A source whose optional package is absent counts only if it was named.
        """
        errors = [
            row.error
            for row in self.rows
            if row.outcome != "needs_extra" or row.source in self.options["sources"]
        ]
        errors += [self.update.error] if self.update is not None else []
        statuses = {error["exit"] for error in errors if error is not None}
        return 0 if not statuses else 75 if statuses == {75} else 65

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        outcomes = Counter(row.outcome for row in self.rows)
        names = ("new", "unchanged", "failed", "offline", "needs_extra")
        return envelope(
            "data-sync",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=[row.to_json(lang) for row in self.rows],
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
            extra={
                "summary": {name: outcomes[name] for name in names},
                "release": None if self.update is None else self.update.to_json(lang),
            },
        )

    def table(self) -> pl.DataFrame:
        import polars as pl

        schema: dict[str, Any] = {
            "source": pl.String,
            "resource": pl.String,
            "outcome": pl.String,
            "sha256": pl.String,
            "size": pl.Int64,
            "retrieved_at": pl.String,
            "rows": pl.Int64,
            "failures": pl.Int64,
            "present": pl.Int64,
            "drift": pl.List(pl.String),
            "error": pl.String,
        }
        rows = [row.to_json() for row in self.rows]
        return pl.DataFrame(
            [{**r, "error": r["error"] and r["error"]["code"]} for r in rows], schema=schema
        )

    def cells(self, lang: str = "en") -> tuple[list[str], list[list[str]]]:
        """Header and cells of the text table."""
        from headway.i18n import message

        names = ["source", "resource", "outcome", "rows", "failures", "drift", "size", "sha256"]
        header = [message(f"sync-column-{name}", lang) for name in names]
        return header, [_cells(row, lang) for row in self.rows]

    def problems(self, lang: str = "en") -> list[str]:
        """One sentence per resource that failed."""
        from headway.i18n import message

        return [
            message(
                "sync-problem",
                lang,
                source=row.source,
                resource=row.resource,
                text=row.error["message"][lang],
                code=row.error["code"],
            )
            for row in self.rows
            if row.error is not None
        ]

    def text(self, lang: str = "en") -> str:
        from headway.textsafe import plain_table

        lines = [plain_table(*self.cells(lang)), *self.problems(lang)]
        return "\n".join(lines if self.update is None else [*lines, "", self.update.text(lang)])

    def __repr__(self) -> str:
        counts = Counter(row.outcome for row in self.rows)
        return f"Synced({', '.join(f'{n} {o}' for o, n in sorted(counts.items())) or 'nothing'})"


def _cells(row: SyncRow, lang: str) -> list[str]:
    from headway.i18n import message

    read = None if row.record is None or row.record.error else row.record
    counts = (
        ["-"] * 3 if read is None else [str(read.rows), str(read.failures), str(len(read.drift))]
    )
    kept = (
        ["-", "-"] if row.snapshot is None else [str(row.snapshot.size), row.snapshot.sha256[:12]]
    )
    return [
        row.source,
        row.resource,
        message(f"sync-outcome-{row.outcome.replace('_', '-')}", lang),
        *counts,
        *kept,
    ]


def data_sync(
    sources: Sequence[str] = (),
    *,
    as_of: date | None = None,
    seed: int = 0,
    offline: bool = False,
    store: str | None = None,
    limits: Limits | None = None,
    progress: str | None = None,
    update: bool = True,
) -> Synced:
    """Bring the user's snapshots of public sources up to date, and with them the release in use.

    Parameters
    ----------
    sources : sequence of str
        Keys; all sources if empty.
    as_of : date, optional
        Has no effect on what is fetched; reported.
    seed : int
        Unused by this verb; kept in the provenance.
    offline : bool
        Open no socket: stored bodies that this version has not read are read, nothing is fetched.
    store : str, optional
        A folder or a URL such as ``s3://bucket/headway``; ``HEADWAY_STORE``, or else the user's own
        data folder, by default.
    limits : Limits, optional
        Timeouts and repeats.
    progress : str, optional
        Label of a progress bar on stderr after two seconds.
    update : bool
        Make a release of what the newest bodies of all sources state, beside the release in use
        (or the one chosen), and use it from then on. Without, bodies are kept and read only.

    Returns
    -------
    Synced
        One row per resource. A resource that failed is a row with an ``error``; it stops no other.

    Raises
    ------
    NotFound
        No source has this key.
    Unreadable
        The manifest of the snapshots, or the release to update, is damaged.
    BadOption, MissingExtra, Refused
        The store is not such an address, needs an extra, or refuses.
    TryLater
        The store cannot be reached, or another process is writing a release.
    """
    snapshots = snapshots_at(store, offline=offline)
    jobs = [
        (connector, resource)
        for connector in chosen_sources(sources).values()
        for resource in connector.source.resources
    ]
    with offline_if(offline), progress_bar(progress, max(1, len(jobs))) as advance:
        manifest = snapshots.manifest_read()
        work = _Work(snapshots, newest_of(manifest.lines), limits or Limits(), advance)
        rows = work.offline(jobs) if offline else run(lambda: work.online(jobs)) if jobs else []
        updated = update_release(snapshots) if update else None
    options = {
        "sources": list(sources),
        "offline": offline,
        "update": updated is not None,
        **store_option(store),
    }
    return _result(rows, updated, manifest, options, as_of, seed)


@dataclass(frozen=True, slots=True)
class _Work:
    """One run over several resources."""

    store: Snapshots
    newest: Mapping[tuple[str, str], Snapshot]
    limits: Limits
    advance: Callable[[], None]

    async def online(self, jobs: Sequence[tuple[Connector, Resource]]) -> list[SyncRow]:
        gate = asyncio.Semaphore(AT_ONCE)
        async with client(self.limits) as made:

            async def one(connector: Connector, resource: Resource) -> SyncRow:
                async with gate:
                    row = await self._fetched(made, connector, resource)
                self.advance()
                return row

            return list(await asyncio.gather(*(one(*job) for job in jobs)))

    async def _fetched(
        self, made: httpx2.AsyncClient, connector: Connector, resource: Resource
    ) -> SyncRow:
        key = connector.source.key
        before = self.newest.get((key, resource.name))
        try:
            # a body that was lost or damaged is fetched again, not confirmed
            is_there = before is not None and await asyncio.to_thread(self.store.has_body, before)
            known = before if is_there else None
            try:
                fetched = await self._asked(made, connector, resource, known)
            except MissingExtra as e:
                return SyncRow(key, resource.name, "needs_extra", before, error=told(e))
            except HeadwayError as e:
                return await asyncio.to_thread(self._failed, key, resource, before, told(e))
            return await asyncio.to_thread(self._kept, connector, resource, fetched, known)
        except HeadwayError as e:  # of the store: nothing that the log of contacts should say
            return SyncRow(key, resource.name, "failed", before, error=told(e))

    async def _asked(
        self,
        made: httpx2.AsyncClient,
        connector: Connector,
        resource: Resource,
        known: Snapshot | None,
    ) -> Fetched:
        if connector.gather is not None:
            return await connector.gather(resource, self.limits)
        validators = None if known is None else known.validators
        return await fetch_in(made, resource, validators=validators, limits=self.limits)

    def _failed(
        self, key: str, resource: Resource, before: Snapshot | None, error: Mapping[str, Any]
    ) -> SyncRow:
        """A fetch that failed leaves a line in the log; what was there before stays."""
        now = datetime.now(UTC).replace(microsecond=0)
        contact = Contact(key, resource.name, resource.url, now, "sync", "failed", error)
        try:
            log_contact(self.store, contact)
        except HeadwayError as e:
            # the store cannot be written: that is what the person has to know first
            error = told(e)
        return SyncRow(key, resource.name, "failed", before, error=error)

    def _kept(
        self, connector: Connector, resource: Resource, fetched: Fetched, known: Snapshot | None
    ) -> SyncRow:
        now = self.store.add(connector.source, resource, fetched, stands=known)
        is_same = known is not None and known.sha256 == now.sha256
        return self._read(connector, now, "unchanged" if is_same else "new")

    def offline(self, jobs: Sequence[tuple[Connector, Resource]]) -> list[SyncRow]:
        rows = []
        for connector, resource in jobs:
            key = connector.source.key
            before = self.newest.get((key, resource.name))
            if before is None:
                rows.append(SyncRow(key, resource.name, "offline"))
            else:
                try:
                    rows.append(self._read(connector, before, "offline"))
                except TryLater as e:  # its body is not among the local copies
                    rows.append(SyncRow(key, resource.name, "offline", before, error=told(e)))
            self.advance()
        return rows

    def _read(self, connector: Connector, snapshot: Snapshot, outcome: str) -> SyncRow:
        record = parsed_record(self.store, snapshot)
        # an error may be of the bytes that stood there before these came
        if record is None or (outcome == "new" and record.error):
            record = parse_snapshot(self.store, connector, snapshot)
        return SyncRow(
            snapshot.source, snapshot.resource, outcome, snapshot, record, error=record.error
        )


def _result(
    rows: Sequence[SyncRow],
    update: ReleaseUpdate | None,
    manifest: Manifest,
    chosen: Mapping[str, Any],
    as_of: date | None,
    seed: int,
) -> Synced:
    head = head_in_use() if update is None else read_head(update.folder)
    day, warned = resolve_as_of(head, as_of)
    if chosen["offline"]:
        warned += (Warned("sync_offline"),)
    warned += manifest_warnings(manifest)
    for row in rows:
        if row.record is not None:
            warned += row_warnings(row.source, row.resource, row.record)
    options = plain(chosen)
    bodies = {f"{r.source}/{r.resource}": r.snapshot and r.snapshot.sha256 for r in rows}
    return Synced(
        data_release=head.data_release,
        as_of=day,
        options=options,
        warnings=warned,
        provenance=Provenance(head.data_release, digest([head.rows_hash, bodies]), options, seed),
        rows=tuple(rows),
        update=update,
    )


def store_option(store: str | None) -> dict[str, str]:
    """The option as results carry it: without the name of a user, absent by default."""
    address = chosen_address(store)
    return {} if address is None else {"store": address.shown}


def manifest_warnings(manifest: Manifest) -> tuple[Warned, ...]:
    """What a reader should know of a manifest that was read in part, or from a copy."""
    out: list[Warned] = []
    if manifest.copied_at is not None:
        out.append(
            Warned("store_copied", {"at": manifest.copied_at.strftime("%Y-%m-%d %H:%M UTC")})
        )
    for code, names in (("store_strange", manifest.strange), ("store_missing", manifest.missing)):
        if names:
            shown = ", ".join(clip(name) for name in names[:3])
            out.append(Warned(code, {"count": len(names), "names": shown}))
    return tuple(out)


def row_warnings(source: str, resource: str, record: ParseRecord) -> tuple[Warned, ...]:
    """What a reader should know of a body that was read in part, or with new fields."""
    where = {"source": source, "resource": resource}
    out: list[Warned] = []
    if record.failures:
        counts = {"count": record.failures, "present": record.present}
        out.append(Warned("source_failures", {**where, **counts}))
    if record.drift:
        out.append(Warned("source_drift", {**where, "names": ", ".join(record.drift[:10])}))
    return tuple(out)
