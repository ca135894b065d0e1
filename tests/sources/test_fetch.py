"""Fetching one resource from a server that misbehaves: each case ends in a clear error."""

from __future__ import annotations

import asyncio
import gzip
import importlib.metadata
import os
import socket
import ssl
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import Message
from email.utils import format_datetime
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway._version import __version__
from headway.errors import BadBody, HeadwayError, Offline, Refused, TryLater
from headway.problems import localised
from headway.sources.declare import Resource
from headway.sources.fetch import (
    Fetched,
    Validators,
    _broken,
    _followed,
    _Gunzip,
    _reset_after,
    _retry_after,
    fetch,
    user_agent,
)
from tests.sources.conftest import QUICK
from tests.sources.server import (
    Answer,
    Server,
    drip,
    drip_headers,
    endless,
    hang_up,
    headers_only,
    ok,
    redirect,
    slow,
    status,
    truncated,
    zipped,
)

BODY = b'[{"model": "m", "score": 0.5}]'
KIB = 1024


def one(url: str, **more: Any) -> Resource:
    return Resource("index", url, **{"media": ("application/json",), **more})


def get(server: Server, *answers: Answer, **more: Any) -> Fetched:
    return fetch(one(server.on("/x", *answers), **more), limits=QUICK)


def test_a_good_answer_is_kept_with_the_headers_that_matter(server: Server) -> None:
    found = get(server, ok(BODY, "application/json; charset=utf-8", etag='"a"', modified="Mon"))

    assert found.body == BODY
    assert (found.status, found.attempts, found.is_unchanged) == (200, 1, False)
    assert (found.etag, found.last_modified) == ('"a"', "Mon")
    assert found.content_type == "application/json; charset=utf-8"
    assert found.content_length == len(BODY)
    assert abs(datetime.now(UTC) - found.retrieved_at) < timedelta(seconds=5)


def test_the_user_agent_says_who_asks(server: Server) -> None:
    get(server, ok(BODY))

    (headers,) = server.requests("/x")
    assert headers["User-Agent"] == user_agent()
    assert user_agent().startswith(f"headway/{__version__} (")
    assert headers["Accept"] == "application/json"
    assert headers["Accept-Encoding"] == "gzip"


def test_the_user_agent_names_the_projects_address(monkeypatch: pytest.MonkeyPatch) -> None:
    stated = Message()
    stated["Project-URL"] = "Homepage, https://headway.example"
    monkeypatch.setattr(importlib.metadata, "metadata", lambda name: stated)
    user_agent.cache_clear()
    try:
        assert user_agent() == f"headway/{__version__} (+https://headway.example)"
    finally:
        user_agent.cache_clear()


@pytest.mark.parametrize("validators", [{"etag": '"a"'}, {"last_modified": "Mon"}])
def test_a_conditional_request_may_find_nothing_new(
    server: Server, validators: dict[str, str]
) -> None:
    url = server.on("/x", ok(BODY, etag='"a"', modified="Mon"))

    found = fetch(one(url), validators=Validators(url, **validators), limits=QUICK)

    assert (found.status, found.body, found.is_unchanged) == (304, None, True)


def test_validators_of_another_address_are_not_sent(server: Server) -> None:
    url = server.on("/x", ok(BODY, etag='"a"'))

    found = fetch(one(url), validators=Validators(url + "?old", '"a"'), limits=QUICK)

    assert found.status == 200
    assert "If-None-Match" not in server.requests("/x")[0]


def test_304_to_an_unconditional_request_is_refused(server: Server) -> None:
    with pytest.raises(BadBody, match="got 304"):
        get(server, status(304))


# Repeats ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [status(500), status(503), status(408), status(425), hang_up])
def test_what_may_pass_is_asked_again(server: Server, bad: Answer) -> None:
    found = get(server, bad, bad, ok(BODY))

    assert (found.body, found.attempts) == (BODY, 3)


@pytest.mark.parametrize("bad", [status(500), status(429), hang_up])
def test_repeats_end(server: Server, bad: Answer) -> None:
    with pytest.raises(TryLater) as caught:
        get(server, bad)

    assert caught.value.exit_status == 75
    assert len(server.requests("/x")) == QUICK.attempts


def test_silence_after_the_headers_is_given_up(server: Server) -> None:
    url = server.on("/x", headers_only(Content_Length="5"))

    with pytest.raises(TryLater, match="ReadTimeout"):
        fetch(one(url), limits=replace(QUICK, read_s=0.2, attempts=2))


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 451])
def test_a_refusal_is_never_asked_again(server: Server, code: int) -> None:
    with pytest.raises(Refused, match=str(code)) as caught:
        get(server, status(code), ok(BODY))

    assert caught.value.exit_status == 65
    assert len(server.requests("/x")) == 1


def test_retry_after_is_waited_for(server: Server) -> None:
    start = time.monotonic()

    found = get(server, status(429, Retry_After="1"), ok(BODY))

    assert found.attempts == 2
    assert time.monotonic() - start >= 1.0


def test_a_retry_after_beyond_the_cap_is_neither_waited_for_nor_undercut(server: Server) -> None:
    with pytest.raises(TryLater, match="come back in 3600 seconds"):
        get(server, status(429, Retry_After="3600"), ok(BODY))

    assert len(server.requests("/x")) == 1


def test_retry_after_may_be_a_date_or_nonsense() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=30)

    assert _retry_after(format_datetime(soon, usegmt=True)) == pytest.approx(30, abs=2)
    assert _retry_after("Mon, 01 Jan 2001 00:00:00 GMT") == 0
    assert _retry_after("soon") is None
    assert _retry_after("-5") is None
    assert _retry_after(None) is None


@settings(deadline=None)
@given(st.text(max_size=40))
def test_no_retry_after_breaks_us(text: str) -> None:
    found = _retry_after(text)
    assert found is None or found >= 0


# Time ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [drip(b"x" * 100, 0.05), drip_headers(0.05)])
def test_a_slow_drip_meets_the_deadline(server: Server, bad: Answer) -> None:
    """Each byte comes within the read timeout; only the total stops it."""
    url = server.on("/x", bad)
    start = time.monotonic()

    with pytest.raises(TryLater, match="within 1 seconds"):
        fetch(one(url), limits=replace(QUICK, total_s=1.0))
    assert time.monotonic() - start < QUICK.read_s


def test_a_slow_drip_is_given_up_before_the_deadline_and_not_repeated(server: Server) -> None:
    url = server.on("/x", drip(b"x" * 1000, 0.05))

    with pytest.raises(TryLater, match="too slowly"):
        fetch(one(url), limits=replace(QUICK, rate_after_s=0.3))
    assert len(server.requests("/x")) == 1


def test_waits_between_attempts_count_towards_the_deadline(server: Server) -> None:
    url = server.on("/x", status(503, Retry_After="2"))

    with pytest.raises(TryLater, match="within 0.5 seconds"):
        fetch(one(url), limits=replace(QUICK, total_s=0.5))


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(TryLater, match="ConnectError"):
        fetch(one(f"http://127.0.0.1:{port}/x"), limits=QUICK)


# Size ------------------------------------------------------------------------------------------


def test_a_large_content_length_is_refused_before_reading(server: Server) -> None:
    """The server then says nothing more, so that reading would have met the read timeout."""
    with pytest.raises(BadBody, match="larger than the limit"):
        get(server, headers_only(Content_Length=str(2 * 2**30)))
    assert len(server.requests("/x")) == 1


def test_a_body_without_a_length_is_cut_at_the_limit(server: Server) -> None:
    with pytest.raises(BadBody, match="larger than the limit"):
        get(server, endless(b"x" * 64 * KIB), max_bytes=200 * KIB)


def test_the_limit_itself_is_allowed(server: Server) -> None:
    assert get(server, ok(b"x" * 1000), max_bytes=1000).body == b"x" * 1000
    with pytest.raises(BadBody):
        get(server, ok(b"x" * 1001), max_bytes=1000)


def test_a_gzip_bomb_is_met_before_it_has_grown(server: Server) -> None:
    with pytest.raises(BadBody, match="larger than the limit of 1 MiB"):
        get(server, zipped(b"\0" * 64 * 2**20), max_bytes=2**20)


def test_gzip_is_undone(server: Server) -> None:
    found = get(server, zipped(BODY * 1000))

    assert found.body == BODY * 1000
    assert found.content_length is not None
    assert found.content_length < len(found.body)


@pytest.mark.parametrize("cut", [1, 8, 12])
def test_a_truncated_gzip_is_no_short_body(server: Server, cut: int) -> None:
    with pytest.raises(BadBody, match="compressed body is truncated"):
        get(server, zipped(os.urandom(1000), cut=cut))


def test_an_encoding_that_was_not_asked_for_is_refused(server: Server) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "br"}
    with pytest.raises(BadBody, match="br"):
        get(server, lambda h: h.give(200, headers, b"x"))


@settings(deadline=None)
@given(st.lists(st.binary(max_size=3000), max_size=4), st.integers(1, 500))
def test_gzip_in_any_pieces_gives_the_same_bytes(parts: list[bytes], step: int) -> None:
    packed = b"".join(gzip.compress(part) for part in parts) or gzip.compress(b"")
    stream = _Gunzip(one("http://127.0.0.1/"))
    out = b""
    for start in range(0, len(packed), step):
        out += b"".join(stream.pieces(packed[start : start + step]))
    stream.close()
    assert out == b"".join(parts)


def test_output_left_in_the_decompressor_is_drained() -> None:
    body = b"\0" * (5 * 2**20 + 3)
    stream = _Gunzip(one("http://127.0.0.1/"))
    pieces = list(stream.pieces(gzip.compress(body)))
    stream.close()
    assert b"".join(pieces) == body
    assert max(map(len, pieces)) <= 2**20


def test_a_truncated_body_is_asked_for_again_and_then_given_up(server: Server) -> None:
    short = truncated(BODY[:10], announced=len(BODY))

    assert get(server, short, ok(BODY)).body == BODY
    with pytest.raises(TryLater, match="RemoteProtocolError"):
        get(server, short)


# What it is ------------------------------------------------------------------------------------


@pytest.mark.parametrize("media", ["text/html", "", "application/json2", "APPLICATION/XML; a=b"])
def test_another_content_type_is_refused(server: Server, media: str) -> None:
    with pytest.raises(BadBody, match="Expected the content type application/json"):
        get(server, ok(b"<html>", media))


def test_no_content_type_is_refused(server: Server) -> None:
    with pytest.raises(BadBody, match="got -"):
        get(server, lambda h: h.give(200, {}, BODY))


@pytest.mark.parametrize("code", [201, 204, 206, 300])
def test_other_statuses_are_refused(server: Server, code: int) -> None:
    with pytest.raises(BadBody, match=str(code)):
        get(server, lambda h: h.give(code, {"Content-Type": "application/json"}))


def test_an_answer_that_is_not_http_is_given_up(server: Server) -> None:
    def nonsense(h: Any) -> None:
        h.wfile.write(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
        h.close_connection = True

    with pytest.raises(TryLater, match="RemoteProtocolError"):
        get(server, nonsense)


# Redirects -------------------------------------------------------------------------------------


def test_redirects_are_followed_to_their_end(server: Server) -> None:
    server.on("/c", ok(BODY))
    server.on("/b", redirect("/c", 301))

    found = get(server, redirect(server.url + "/b", 307))

    assert found.body == BODY
    assert (found.url, found.final_url) == (server.url + "/x", server.url + "/c")


def test_a_redirect_loop_ends(server: Server) -> None:
    with pytest.raises(BadBody, match="more than 5 times"):
        get(server, redirect("/x"))
    assert len(server.requests("/x")) == 6


@pytest.mark.parametrize(
    "to", ["ftp://127.0.0.1/x", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x"]
)
def test_redirects_stay_on_the_web(server: Server, to: str) -> None:
    with pytest.raises(BadBody, match="not followed|without saying where"):
        get(server, redirect(to))


@pytest.mark.parametrize(
    ("here", "there", "is_followed"),
    [
        ("https://a.example/", "https://b.example/", True),
        ("http://a.example/", "https://a.example/", True),
        ("https://a.example/", "http://a.example/", False),
    ],
)
def test_a_redirect_never_leaves_encryption(here: str, there: str, is_followed: bool) -> None:
    answer = httpx2.Response(302, request=httpx2.Request("GET", here))
    answer.next_request = httpx2.Request("GET", there)
    if is_followed:
        assert str(_followed(answer, one(here)).url) == there
    else:
        with pytest.raises(BadBody, match="not followed"):
            _followed(answer, one(here))


def test_a_wrong_certificate_is_not_asked_again() -> None:
    outer = httpx2.ConnectError("failed")
    outer.__cause__ = OSError("inner")
    outer.__cause__.__context__ = ssl.SSLCertVerificationError("self-signed")

    found = _broken(outer, one("https://a.example/"))

    assert isinstance(found, BadBody)
    assert "certificate" in str(found)


def test_a_redirect_without_an_address_is_refused(server: Server) -> None:
    with pytest.raises(BadBody, match="without saying where"):
        get(server, lambda h: h.give(302, {}))


def test_validators_go_along_with_a_redirect(server: Server) -> None:
    server.on("/y", ok(BODY, etag='"a"'))
    url = server.on("/x", redirect("/y"))

    found = fetch(one(url), validators=Validators(url, '"a"'), limits=QUICK)

    assert found.is_unchanged


# Dates in addresses ----------------------------------------------------------------------------


def test_the_newest_day_that_is_out_is_fetched(server: Server) -> None:
    server.on("/2026-11-21", ok(BODY))
    resource = one(server.url + "/{date}", days_back=3)

    found = fetch(resource, limits=QUICK, day=date(2026, 11, 23))

    assert found.url == server.url + "/2026-11-21"
    with pytest.raises(Refused, match="404"):
        fetch(replace(resource, days_back=1), limits=QUICK, day=date(2026, 11, 23))


def test_only_a_missing_day_leads_to_the_day_before(server: Server) -> None:
    server.on("/2026-11-23", status(403))
    server.on("/2026-11-22", ok(BODY))
    with pytest.raises(Refused, match="403"):
        fetch(one(server.url + "/{date}", days_back=3), limits=QUICK, day=date(2026, 11, 23))


# Offline, loops, texts -------------------------------------------------------------------------


def test_offline_opens_no_socket(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    url = server.on("/x", ok(BODY))

    def no_socket(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", no_socket)
    with pytest.raises(Offline) as caught:
        fetch(one(url), offline=True)
    assert caught.value.exit_status == 75
    assert server.requests("/x") == []


def test_fetch_works_where_an_event_loop_runs(server: Server) -> None:
    url = server.on("/x", ok(BODY), status(404))

    async def notebook() -> Fetched:
        return fetch(one(url), limits=QUICK)

    assert asyncio.run(notebook()).body == BODY
    with pytest.raises(Refused):
        asyncio.run(notebook())


def test_errors_have_japanese_texts_and_know_the_resource(server: Server) -> None:
    for answer in (status(404), status(503), ok(b"", "text/html"), slow(hang_up, 0.01)):
        with pytest.raises(HeadwayError) as caught:
            get(server, answer)
        text, hint = localised(caught.value, "ja")
        assert caught.value.context["resource"] == "index"
        assert any("\u3040" <= ch <= "\u9fff" for ch in text)
        assert hint


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ('"api";r=0;t=55', 55.0),
        ('"api"; r=0 ; t=7', 7.0),
        ('"api";r=12;t=55', None),
        ("api", None),
        ("", None),
        (None, None),
        ('"api";r=0;t=-5', None),
    ],
)
def test_a_used_up_quota_says_when_to_come_again(header: str | None, seconds: float | None) -> None:
    """The header of the IETF draft, as the Hub sends it beside a 429."""
    assert _reset_after(header) == seconds
