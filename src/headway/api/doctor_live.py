"""``headway doctor --live``: does each declared source still answer, and in the shape it had?

Every resource is asked for once or twice, with the fetcher of ``data sync`` and its User-Agent, and
conditionally where a snapshot is held. Nothing that comes is kept as a snapshot: the log of contacts
gets one line per look, which is what makes a shape count as verified on this machine.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from headway.errors import HeadwayError, Offline, TryLater
from headway.fanout.bar import progress_bar
from headway.problems import problem
from headway.snapshots.contacts import Contact, log_contact
from headway.snapshots.places import snapshots_at
from headway.snapshots.reading import in_words, read_body, told
from headway.snapshots.store import Snapshot, Snapshots
from headway.sources.declare import Parsed, Resource
from headway.sources.fetch import Fetched, Limits, client, fetch_in, run
from headway.sources.registry import Connector, chosen_sources

if TYPE_CHECKING:
    import httpx2

__all__ = ["LIVE_LIMITS", "Seen", "look_at_sources"]

#: Resources that are asked at once; the servers belong to others.
AT_ONCE = 4
#: A larger body is not read without ``full``: the answer's head says that the source is there.
SMALL_BYTES = 2 * 2**20
#: Questions asked without ``full`` of a source that is asked question by question.
FEW = 3

#: A look, not a download: little patience, and one more attempt at most.
LIVE_LIMITS = Limits(
    connect_s=5.0,
    read_s=10.0,
    total_s=30.0,
    attempts=2,
    wait_first_s=0.5,
    wait_max_s=2.0,
    retry_after_max_s=5.0,
)
#: The same for whole bodies.
FULL_LIMITS = replace(LIVE_LIMITS, read_s=30.0, total_s=180.0)

#: Errors that mean that a server was reached and said something.
_REACHED = frozenset(
    {
        *("fetch-refused", "fetch-status", "fetch-busy", "fetch-wait", "fetch-media"),
        *("fetch-too-large", "fetch-coding", "fetch-gzip", "fetch-redirects", "fetch-slow"),
        *("fetch-redirect-nowhere", "fetch-redirect-scheme"),
    }
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look at one resource found.

    Parameters
    ----------
    source, resource, url : str
    outcome : {"read", "unchanged", "not_read", "changed", "unreachable", "refused", "needs_extra"}
        The body was read; the server says that the snapshot held still stands; it is there, but
        larger than is read without ``full``; it answers in another shape or type than declared; no
        answer; a refusal (4xx); not asked, since an optional package is not installed.
    status : int or None
        Of the answer, where one came.
    latency_s : float
        Until the end of the answer, with repeats.
    rows, failures, present : int or None
    drift : tuple of str
        Fields that the declaration does not know.
    error : mapping or None
    """

    source: str
    resource: str
    url: str
    outcome: str
    latency_s: float
    status: int | None = None
    size: int | None = None
    rows: int | None = None
    failures: int | None = None
    present: int | None = None
    drift: tuple[str, ...] = ()
    error: Mapping[str, Any] | None = None
    #: the log of contacts could be written
    is_logged: bool = True

    @property
    def is_reachable(self) -> bool:
        """A server answered, whatever it said."""
        if self.outcome in {"read", "unchanged", "not_read"}:
            return True
        error = self.error or {}
        return error.get("kind") in _REACHED or error.get("code") in _SHAPE_CODES

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return {
            "source": self.source,
            "resource": self.resource,
            "url": self.url,
            "outcome": self.outcome,
            "reachable": self.is_reachable,
            "status": self.status,
            "latency_s": round(self.latency_s, 3),
            "size": self.size,
            "rows": self.rows,
            "failures": self.failures,
            "present": self.present,
            "drift": list(self.drift),
            "error": in_words(self.error, lang),
        }


#: Codes of a body that came and is not as declared.
_SHAPE_CODES = frozenset({"schema_drift", "unreadable", "parse_failed"})


def look_at_sources(
    sources: Sequence[str] = (),
    *,
    full: bool = False,
    offline: bool = False,
    limits: Limits | None = None,
    progress: str | None = None,
) -> tuple[Seen, ...]:
    """Ask every declared resource once.

    Parameters
    ----------
    sources : sequence of str
        Keys; all sources if empty.
    full : bool
        Read large bodies too.
    offline : bool
        Refuse.
    limits : Limits, optional
    progress : str, optional
        Label of a progress bar on stderr after two seconds.

    Raises
    ------
    Offline
        ``offline`` was asked for.
    NotFound
        No source has this key.
    Unreadable
        The manifest of the snapshots is damaged.
    """
    if offline:
        raise problem(Offline, "doctor-live-offline")
    jobs = [
        (connector, resource)
        for connector in chosen_sources(sources).values()
        for resource in connector.source.resources
    ]
    store = snapshots_at()
    chosen = limits or (FULL_LIMITS if full else LIVE_LIMITS)
    with progress_bar(progress, max(1, len(jobs))) as advance:
        look = _Look(store, store.newest(), chosen, full, advance)
        return tuple(run(lambda: look.every(jobs)))


@dataclass(frozen=True, slots=True)
class _Look:
    """One round over several resources."""

    store: Snapshots
    newest: Mapping[tuple[str, str], Snapshot]
    limits: Limits
    full: bool
    advance: Callable[[], None]

    async def every(self, jobs: Sequence[tuple[Connector, Resource]]) -> list[Seen]:
        gate = asyncio.Semaphore(AT_ONCE)
        async with client(self.limits) as made:

            async def one(connector: Connector, resource: Resource) -> Seen:
                async with gate:
                    seen = await self._seen(made, connector, resource)
                seen = await asyncio.to_thread(self._logged, seen)
                self.advance()
                return seen

            return list(await asyncio.gather(*(one(*job) for job in jobs)))

    async def _seen(
        self, made: httpx2.AsyncClient, connector: Connector, resource: Resource
    ) -> Seen:
        key = connector.source.key
        begun = time.monotonic()

        def took() -> float:
            return time.monotonic() - begun

        small = min(resource.max_bytes, SMALL_BYTES)
        try:
            fetched = await self._answer(made, connector, resource, small)
        except HeadwayError as e:
            error = told(e)
            stated = e.context.get("status")
            status = stated if isinstance(stated, int) else None
            is_only_large = error["kind"] == "fetch-too-large" and small < resource.max_bytes
            if is_only_large and not self.full:
                return Seen(key, resource.name, resource.url, "not_read", took(), 200)
            words = {"refused": "refused", "bad_body": "changed", "missing_extra": "needs_extra"}
            outcome = words.get(e.code, "unreachable")
            # a certificate or a broken protocol is no answer of the source
            if outcome == "changed" and error["kind"] not in _REACHED:
                outcome = "unreachable"
            return Seen(key, resource.name, resource.url, outcome, took(), status, error=error)
        latency = took()
        if fetched.body is None:
            return Seen(key, resource.name, fetched.url, "unchanged", latency, fetched.status)
        found = Seen(
            key,
            resource.name,
            fetched.url,
            "read",
            latency,
            fetched.status,
            len(fetched.body),
        )
        return await asyncio.to_thread(_read, found, connector, fetched.body)

    async def _answer(
        self, made: httpx2.AsyncClient, connector: Connector, resource: Resource, small: int
    ) -> Fetched:
        if connector.gather is not None:
            try:
                async with asyncio.timeout(self.limits.total_s):
                    return await connector.gather(
                        resource, self.limits, few=None if self.full else FEW
                    )
            except TimeoutError as e:
                seconds = f"{self.limits.total_s:g}"
                raise problem(
                    TryLater, "fetch-deadline", resource=resource.name, seconds=seconds
                ) from e
        before = self.newest.get((connector.source.key, resource.name))
        return await fetch_in(
            made,
            resource if self.full else replace(resource, max_bytes=small),
            # with ``full`` the body itself is wanted, not the word that it still stands
            validators=None if before is None or self.full else before.validators,
            limits=self.limits,
        )

    def _logged(self, seen: Seen) -> Seen:
        """Leave one line for a body that was read, one for anything that is wrong."""
        if seen.outcome in {"unchanged", "not_read", "needs_extra"}:
            return seen
        contact = Contact(
            source=seen.source,
            resource=seen.resource,
            url=seen.url,
            at=datetime.now(UTC).replace(microsecond=0),
            via="doctor",
            outcome="failed" if seen.error is not None else "read",
            error=seen.error,
            rows=seen.rows,
            failures=seen.failures,
        )
        try:
            log_contact(self.store, contact)
        except HeadwayError:
            return replace(seen, is_logged=False)  # told as a warning: the look itself stands
        return seen


def _read(seen: Seen, connector: Connector, body: bytes) -> Seen:
    """The same look, with what the body states."""
    try:
        parsed: Parsed = read_body(connector, seen.resource, body)
    except HeadwayError as e:
        return replace(seen, outcome="changed", error=told(e))
    return replace(
        seen,
        rows=parsed.rows,
        failures=len(parsed.failures),
        present=parsed.present,
        drift=parsed.drift,
    )


def cells(seen: Sequence[Seen], lang: str) -> tuple[list[str], list[list[str]]]:
    """Header and cells of the text table."""
    from headway.i18n import message

    names = ("source", "resource", "outcome", "status", "latency", "rows", "failures", "drift")
    header = [message(f"live-column-{name}", lang) for name in names]
    return header, [
        [
            one.source,
            one.resource,
            message(f"live-outcome-{one.outcome.replace('_', '-')}", lang),
            "-" if one.status is None else str(one.status),
            f"{one.latency_s:.1f}",
            "-" if one.rows is None else str(one.rows),
            "-" if one.failures is None else str(one.failures),
            str(len(one.drift)),
        ]
        for one in seen
    ]


def problems(seen: Sequence[Seen], lang: str) -> list[str]:
    """One sentence per resource that does not answer as declared."""
    from headway.i18n import message

    return [
        message(
            "sync-problem",
            lang,
            source=one.source,
            resource=one.resource,
            text=one.error["message"][lang],
            code=one.error["code"],
        )
        for one in seen
        if one.error is not None
    ]


def exit_status(seen: Sequence[Seen], named: Sequence[str] = ()) -> int:
    """0 fine, 65 if something refuses or has another shape, else 75 if it may work later.

    A source whose optional package is absent counts only if it was named.
    """
    statuses = {
        one.error["exit"]
        for one in seen
        if one.error is not None and (one.outcome != "needs_extra" or one.source in named)
    }
    return 0 if not statuses else 75 if statuses == {75} else 65


def summary(seen: Sequence[Seen]) -> dict[str, int]:
    """How many resources came out how."""
    outcomes = Counter(one.outcome for one in seen)
    names = ("read", "unchanged", "not_read", "changed", "refused", "unreachable", "needs_extra")
    return {name: outcomes[name] for name in names}
