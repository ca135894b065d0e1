"""``offline``: a promise that is enforced, not only given."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["offline_if"]

_refusing = 0
_installed = False


class NetworkRefused(OSError):
    """Something tried to reach the network although ``offline`` was asked for."""


def _audit(event: str, args: tuple[object, ...]) -> None:
    if not _refusing or event not in {"socket.connect", "socket.getaddrinfo", "socket.sendto"}:
        return
    address = args[1] if event != "socket.getaddrinfo" else (args[0],)
    host = address[0] if isinstance(address, tuple) and address else None
    if host in {None, "", "localhost", "127.0.0.1", "::1", b"localhost"}:
        return  # loopback and Unix sockets
    raise NetworkRefused(f"--offline: refused to reach {host!s}")


@contextmanager
def offline_if(wanted: bool) -> Iterator[None]:
    """Refuse every connection of this process beyond loopback while inside, if ``wanted``."""
    global _refusing, _installed
    if not wanted:
        yield
        return
    if not _installed:
        sys.addaudithook(_audit)
        _installed = True
    _refusing += 1
    try:
        yield
    finally:
        _refusing -= 1
