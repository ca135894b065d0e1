"""A small web server on loopback that misbehaves on demand."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Gives each path's answers one after the other; the last one stays."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        with self.server.lock:
            self.server.seen.append((self.path, dict(self.headers.items())))
            answers = self.server.answers.get(self.path, [status(404)])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
        answer(self)

    def give(self, code: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers and code != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, list[Answer]] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.lock = threading.Lock()
        self.ended = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what many tests are about."""


class Server:
    """The server as tests see it."""

    def __init__(self, inner: _Server) -> None:
        self._inner = inner
        self.url = f"http://127.0.0.1:{inner.server_address[1]}"
        self.ended = inner.ended

    def on(self, path: str, *answers: Answer) -> str:
        """Answer ``path`` like this; its address."""
        with self._inner.lock:
            self._inner.answers[path] = list(answers)
        return self.url + path

    def requests(self, path: str) -> list[dict[str, str]]:
        """Headers of the requests for ``path`` so far."""
        with self._inner.lock:
            return [headers for seen, headers in self._inner.seen if seen == path]


@contextmanager
def serving() -> Iterator[Server]:
    inner = _Server()
    thread = threading.Thread(target=inner.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Server(inner)
    finally:
        inner.ended.set()
        inner.shutdown()
        inner.server_close()
        thread.join()


# Answers --------------------------------------------------------------------------------------


def ok(
    body: bytes,
    media: str = "application/json",
    *,
    etag: str | None = None,
    modified: str | None = None,
) -> Answer:
    """200, or 304 to a request that names the right validator."""

    def answer(h: Handler) -> None:
        named = {"ETag": etag, "Last-Modified": modified}
        headers = {name: value for name, value in named.items() if value is not None}
        asked = (h.headers.get("If-None-Match"), h.headers.get("If-Modified-Since"))
        if (etag and asked[0] == etag) or (modified and asked[1] == modified):
            h.give(304, headers)
        else:
            h.give(200, {"Content-Type": media, **headers}, body)

    return answer


def status(code: int, **headers: str) -> Answer:
    """A status with a short HTML page."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda h: h.give(code, {"Content-Type": "text/html", **named}, b"<html>no</html>")


def redirect(to: str, code: int = 302) -> Answer:
    return lambda h: h.give(code, {"Location": to})


def zipped(body: bytes, *, cut: int = 0) -> Answer:
    """The body with Content-Encoding gzip, without its last ``cut`` bytes."""
    packed = gzip.compress(body)
    packed = packed[: len(packed) - cut]
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    return lambda h: h.give(200, headers, packed)


def headers_only(**headers: str) -> Answer:
    """200 with these headers, then silence until the test ends."""

    def answer(h: Handler) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        h.give(200, {"Content-Type": "application/json", **named})
        h.server.ended.wait(10)

    return answer


def truncated(body: bytes, announced: int) -> Answer:
    """Fewer bytes than the Content-Length says, then the connection closes."""

    def answer(h: Handler) -> None:
        h.give(200, {"Content-Type": "application/json", "Content-Length": str(announced)}, body)
        h.close_connection = True

    return answer


def drip(body: bytes, pause: float) -> Answer:
    """One byte at a time."""

    def answer(h: Handler) -> None:
        h.give(200, {"Content-Type": "application/json", "Content-Length": str(len(body))})
        for i in range(len(body)):
            if h.server.ended.wait(pause):
                return
            h.wfile.write(body[i : i + 1])

    return answer


def drip_headers(pause: float) -> Answer:
    """Headers without end, one byte at a time."""

    def answer(h: Handler) -> None:
        h.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not h.server.ended.wait(pause):
            h.wfile.write(b"x")

    return answer


def endless(piece: bytes) -> Answer:
    """A chunked body without end and without a length."""

    def answer(h: Handler) -> None:
        h.send_response(200)
        h.send_header("Content-Type", "application/json")
        h.send_header("Transfer-Encoding", "chunked")
        h.end_headers()
        while not h.server.ended.is_set():
            h.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")

    return answer


def hang_up(h: Handler) -> None:
    """Close without a word."""
    h.close_connection = True


def slow(answer: Answer, pause: float) -> Answer:
    """The same, later."""

    def late(h: Handler) -> None:
        time.sleep(pause)
        answer(h)

    return late
