"""Fetch one resource: bounded in time, size and repeats; nothing is parsed or kept here.

A refusal (4xx) is never repeated. Connection errors, 408, 425, 429 and 5xx are, a few times, with
back-off, jitter and the server's own ``Retry-After``. The body is counted on the wire and again
after decompression, so neither a header nor a compressed body can make it grow past its limit.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import threading
import time
import zlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from headway._version import __version__
from headway.errors import BadBody, HeadwayError, Offline, Refused, TryLater
from headway.problems import problem

if TYPE_CHECKING:
    import httpx2
    import tenacity

    from headway.sources.declare import Resource

__all__ = ["Fetched", "Limits", "Validators", "client", "fetch", "fetch_in", "run", "user_agent"]

T = TypeVar("T")

#: Statuses that ask to come again; every 5xx does too.
_AGAIN = frozenset({408, 425, 429})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: Statuses that may mean "not out yet" for an address that holds a date.
_NOT_THERE = frozenset({404, 410})
#: ``"api";r=0;t=55``: requests left and seconds until there are more.
_QUOTA = re.compile(r";\s*r=(?P<left>\d{1,9})\s*;\s*t=(?P<reset>\d{1,9})", re.ASCII)
#: Decompressed at a time, so that a bomb is met before it has grown.
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how often one resource may be asked for.

    Parameters
    ----------
    connect_s, read_s : float
        Until a connection stands; between two pieces of an answer.
    total_s : float
        For everything: redirects, waits and repeats too.
    attempts : int
    wait_first_s, wait_max_s : float
        Upper ends of the random wait before the second and before later attempts.
    retry_after_max_s : float
        A server that asks to wait longer is not waited for (and not asked sooner either).
    min_rate, rate_after_s : float
        Bytes per second that an answer must reach after some seconds.
    max_redirects : int
    """

    connect_s: float = 10.0
    read_s: float = 30.0
    total_s: float = 300.0
    attempts: int = 4
    wait_first_s: float = 1.0
    wait_max_s: float = 20.0
    retry_after_max_s: float = 60.0
    min_rate: float = 1024.0
    rate_after_s: float = 20.0
    max_redirects: int = 5


@dataclass(frozen=True, slots=True)
class Validators:
    """What the last snapshot of this address was, for a conditional request."""

    url: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """One answer.

    Parameters
    ----------
    url, final_url : str
        What was asked for, and where redirects led.
    status : int
        200, or 304 where the last snapshot still stands.
    retrieved_at : datetime
        UTC.
    etag, last_modified, content_type : str or None
    content_length : int or None
        As stated by the server, of the bytes on the wire.
    body : bytes or None
        Decompressed; ``None`` with 304.
    attempts : int
    """

    url: str
    final_url: str
    status: int
    retrieved_at: datetime
    etag: str | None
    last_modified: str | None
    content_type: str | None
    content_length: int | None
    body: bytes | None
    attempts: int

    @property
    def is_unchanged(self) -> bool:
        """The server says that the last snapshot still stands."""
        return self.body is None


class _Again(Exception):
    """This attempt failed, another may not; ``wait_s`` is what the server asked for."""

    def __init__(self, why: HeadwayError, wait_s: float | None = None) -> None:
        super().__init__(str(why))
        self.why = why
        self.wait_s = wait_s


@cache
def user_agent() -> str:
    """Name, version and the project's address as the package states it."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        urls = metadata("headway").get_all("Project-URL") or []
    except PackageNotFoundError:
        urls = []
    address = next((url.partition(",")[2].strip() for url in urls), "")
    about = f"+{address}" if address.isascii() and address else "toolkit on public AI results"
    return f"headway/{__version__} ({about})"


@asynccontextmanager
async def client(limits: Limits) -> AsyncIterator[httpx2.AsyncClient]:
    """One pool of connections for several calls of :func:`fetch_in`."""
    import httpx2

    timeout = httpx2.Timeout(limits.read_s, connect=limits.connect_s)
    headers = {"User-Agent": user_agent(), "Accept-Encoding": "gzip"}
    async with httpx2.AsyncClient(timeout=timeout, headers=headers, follow_redirects=False) as made:
        yield made


def run(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine to its end, also where an event loop runs already (a notebook)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(make())
    found: list[T] = []
    raised: list[BaseException] = []

    def work() -> None:
        try:
            found.append(asyncio.run(make()))
        except BaseException as e:  # handed to the caller's thread below
            raised.append(e)

    thread = threading.Thread(target=work, name="headway-fetch")
    thread.start()
    thread.join()
    if raised:
        raise raised[0]
    return found[0]


def fetch(
    resource: Resource,
    *,
    validators: Validators | None = None,
    limits: Limits | None = None,
    offline: bool = False,
    day: date | None = None,
) -> Fetched:
    """Fetch one resource; see :func:`fetch_in`."""
    chosen = limits or Limits()

    async def one() -> Fetched:
        async with client(chosen) as made:
            return await fetch_in(made, resource, validators=validators, limits=chosen, day=day)

    _refuse_if(offline, resource)
    return run(one)


async def fetch_in(
    made: httpx2.AsyncClient,
    resource: Resource,
    *,
    validators: Validators | None = None,
    limits: Limits | None = None,
    offline: bool = False,
    day: date | None = None,
) -> Fetched:
    """Fetch one resource with an open client.

    Parameters
    ----------
    made : httpx2.AsyncClient
        From :func:`client`.
    resource : Resource
    validators : Validators, optional
        Used only if its address is the one asked for.
    limits : Limits, optional
    offline : bool
        Raise before a socket is opened.
    day : date, optional
        Fills ``{date}``; the current day (UTC) by default.

    Raises
    ------
    Offline, TryLater
        Exit 75: no network wanted; no answer in time, or the server asks to come later.
    Refused, BadBody
        Exit 65: refused; too large, another type, damaged, an address that is not followed.
    """
    _refuse_if(offline, resource)
    chosen = limits or Limits()
    try:
        async with asyncio.timeout(chosen.total_s):
            return await _days(made, resource, validators, chosen, day)
    except TimeoutError as e:
        raise problem(
            TryLater, "fetch-deadline", resource=resource.name, seconds=f"{chosen.total_s:g}"
        ) from e


def _refuse_if(offline: bool, resource: Resource) -> None:
    if offline:
        raise problem(Offline, "fetch-offline", resource=resource.name)


async def _days(
    made: httpx2.AsyncClient,
    resource: Resource,
    validators: Validators | None,
    limits: Limits,
    day: date | None,
) -> Fetched:
    """The newest day that is out, where the address holds a date."""
    if "{date}" not in resource.url:
        return await _attempts(made, resource, resource.url, validators, limits)
    newest = day or datetime.now(UTC).date()
    for back in range(resource.days_back + 1):
        url = resource.url.replace("{date}", (newest - timedelta(days=back)).isoformat())
        try:
            return await _attempts(made, resource, url, validators, limits)
        except Refused as e:
            if e.context.get("status") not in _NOT_THERE or back == resource.days_back:
                raise
    raise AssertionError("days_back is never negative")


async def _attempts(
    made: httpx2.AsyncClient,
    resource: Resource,
    url: str,
    validators: Validators | None,
    limits: Limits,
) -> Fetched:
    from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt

    count = 0

    async def once() -> Fetched:
        nonlocal count
        count += 1
        return await _once(made, resource, url, validators, limits, count)

    retrying = AsyncRetrying(
        retry=retry_if_exception_type(_Again),
        stop=stop_after_attempt(limits.attempts),
        wait=_waits(limits),
        reraise=True,
    )
    try:
        return await retrying(once)
    except _Again as e:
        raise e.why from (e.__cause__ or e)


def _waits(limits: Limits) -> Callable[[tenacity.RetryCallState], float]:
    """Exponential back-off with full jitter, and never sooner than the server asked for."""
    from tenacity import wait_random_exponential

    jitter = wait_random_exponential(multiplier=limits.wait_first_s, max=limits.wait_max_s)

    def wait(state: tenacity.RetryCallState) -> float:
        failed = state.outcome.exception() if state.outcome is not None else None
        asked = failed.wait_s if isinstance(failed, _Again) else None
        return max(asked or 0.0, jitter(state))

    return wait


async def _once(
    made: httpx2.AsyncClient,
    resource: Resource,
    url: str,
    validators: Validators | None,
    limits: Limits,
    attempt: int,
) -> Fetched:
    """One attempt with its redirects."""
    import httpx2

    headers = {"Accept": ", ".join(resource.media)}
    is_conditional = False
    if validators is not None and validators.url == url:
        if validators.etag:
            headers["If-None-Match"] = validators.etag
        if validators.last_modified:
            headers["If-Modified-Since"] = validators.last_modified
        is_conditional = bool(validators.etag or validators.last_modified)
    try:
        request = made.build_request("GET", url, headers=headers)
        for _ in range(limits.max_redirects + 1):
            answer = await made.send(request, stream=True)
            try:
                if answer.status_code not in _REDIRECTS:
                    return await _read(answer, resource, url, is_conditional, limits, attempt)
                request = _followed(answer, resource)
            finally:
                await answer.aclose()
    except (httpx2.TimeoutException, httpx2.NetworkError, httpx2.RemoteProtocolError) as e:
        raise _broken(e, resource) from e
    except (httpx2.HTTPError, httpx2.InvalidURL) as e:
        raise problem(
            BadBody, "fetch-protocol", resource=resource.name, why=type(e).__name__
        ) from e
    raise problem(
        BadBody, "fetch-redirects", resource=resource.name, limit=str(limits.max_redirects)
    )


def _broken(error: Exception, resource: Resource) -> Exception:
    """A connection that failed: worth another attempt, unless its certificate is wrong."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return problem(BadBody, "fetch-certificate", resource=resource.name)
        cause = cause.__cause__ or cause.__context__
    why = type(error).__name__
    return _Again(problem(TryLater, "fetch-connection", resource=resource.name, why=why))


def _followed(answer: httpx2.Response, resource: Resource) -> httpx2.Request:
    """The next request of a redirect; only to the web, and never from https to http."""
    ahead = answer.next_request
    if ahead is None:
        raise problem(BadBody, "fetch-redirect-nowhere", resource=resource.name)
    here, there = answer.request.url.scheme, ahead.url.scheme
    if (
        there not in ("http", "https")
        or (here == "https" and there == "http")
        or not ahead.url.host
    ):
        raise problem(BadBody, "fetch-redirect-scheme", resource=resource.name, scheme=there or "-")
    return ahead


async def _read(
    answer: httpx2.Response,
    resource: Resource,
    url: str,
    is_conditional: bool,
    limits: Limits,
    attempt: int,
) -> Fetched:
    """Judge the status line and headers, then read the body within its limits."""
    status = answer.status_code
    if status in _AGAIN or status >= 500:
        raise _come_again(answer, resource, limits)
    if 400 <= status < 500:
        raise problem(Refused, "fetch-refused", resource=resource.name, status=status)
    if status not in (200, 304) or (status == 304 and not is_conditional):
        raise problem(BadBody, "fetch-status", resource=resource.name, status=status)
    body = None
    media = answer.headers.get("content-type")
    length = _length(answer.headers.get("content-length"))
    if status == 200:
        kind = (media or "").partition(";")[0].strip().lower()
        if kind not in resource.media:
            raise problem(
                BadBody,
                "fetch-media",
                resource=resource.name,
                found=_short(kind) or "-",
                expected=", ".join(resource.media),
            )
        if length is not None and length > resource.max_bytes:
            raise _too_large(resource)
        body = await _body(answer, resource, limits)
    return Fetched(
        url=url,
        final_url=str(answer.url),
        status=status,
        retrieved_at=datetime.now(UTC).replace(microsecond=0),
        etag=_short(answer.headers.get("etag")),
        last_modified=_short(answer.headers.get("last-modified")),
        content_type=_short(media),
        content_length=length,
        body=body,
        attempts=attempt,
    )


def _short(text: str | None, limit: int = 256) -> str | None:
    """A header worth keeping: one that is longer is no validator and no type."""
    return text if text is not None and len(text) <= limit else None


def _length(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None


def _too_large(resource: Resource) -> BadBody:
    limit = f"{resource.max_bytes / 2**20:.4g}"
    return problem(BadBody, "fetch-too-large", resource=resource.name, limit=limit)


def _come_again(answer: httpx2.Response, resource: Resource, limits: Limits) -> Exception:
    """Another attempt, or the end if the server asks for more patience than we have."""
    asked = _retry_after(answer.headers.get("retry-after"))
    if asked is None:
        asked = _reset_after(answer.headers.get("ratelimit"))
    status = answer.status_code
    if asked is not None and asked > limits.retry_after_max_s:
        return problem(
            TryLater,
            "fetch-wait",
            resource=resource.name,
            status=status,
            seconds=f"{asked:.0f}",
            limit=f"{limits.retry_after_max_s:g}",
        )
    why = problem(TryLater, "fetch-busy", resource=resource.name, status=status)
    return _Again(why, asked)


def _retry_after(text: str | None) -> float | None:
    """Seconds of a ``Retry-After``: a count or an HTTP date; ``None`` where it says neither."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _reset_after(text: str | None) -> float | None:
    """Seconds until a used-up quota is full again, of a ``RateLimit`` header (IETF draft)."""
    found = _QUOTA.search(text or "")
    return float(found["reset"]) if found is not None and int(found["left"]) == 0 else None


async def _body(answer: httpx2.Response, resource: Resource, limits: Limits) -> bytes:
    """The body, counted on the wire and after decompression, and not slower than allowed."""
    coding = answer.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip"):
        raise problem(BadBody, "fetch-coding", resource=resource.name, found=_short(coding) or "-")
    gunzip = _Gunzip(resource) if coding.endswith("gzip") else None
    begun = time.monotonic()
    on_wire = size = 0
    pieces: list[bytes] = []
    async for chunk in answer.aiter_raw():
        on_wire += len(chunk)
        if on_wire > resource.max_bytes:
            raise _too_large(resource)
        for piece in [chunk] if gunzip is None else gunzip.pieces(chunk):
            size += len(piece)
            if size > resource.max_bytes:
                raise _too_large(resource)
            pieces.append(piece)
        took = time.monotonic() - begun
        if took > limits.rate_after_s and on_wire / took < limits.min_rate:
            # not repeated: the next attempt would be held up just as long
            raise problem(TryLater, "fetch-slow", resource=resource.name, seconds=f"{took:.0f}")
    if gunzip is not None:
        gunzip.close()
    return b"".join(pieces)


class _Gunzip:
    """Decompress in bounded pieces; a stream that stops early is an error, not a short body."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        is_full = False  # a full piece may have left output behind in the stream
        while chunk or is_full:
            if self._stream.eof:  # several gzip members after each other are one stream
                self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
            try:
                piece = self._stream.decompress(chunk, _PIECE)
            except zlib.error as e:
                raise problem(BadBody, "fetch-gzip", resource=self._resource.name) from e
            is_ended = self._stream.eof
            chunk = self._stream.unused_data if is_ended else self._stream.unconsumed_tail
            is_full = len(piece) == _PIECE and not is_ended
            yield piece

    def close(self) -> None:
        if not self._stream.eof:
            raise problem(BadBody, "fetch-gzip", resource=self._resource.name)
