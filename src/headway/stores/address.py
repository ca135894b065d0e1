"""Addresses of stores: a folder of this machine, or anything that fsspec reaches.

An address is text from outside. It never carries a secret (credentials come by the backend's own
means), and it is shown without the name of a user.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from headway.errors import BadOption
from headway.problems import problem
from headway.textsafe import clip

__all__ = ["Address", "chosen_address", "parse_address"]

#: A letter alone is a drive.
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)
#: Means something to fsspec, which expands paths.
_GLOB = frozenset("*?[]")
_HERE = frozenset({"file", "local"})
#: A bucket or host, with a user or a port where the protocol has them. No colon before an "@".
_HOST = re.compile(r"(?:[^@:/]+@)?[A-Za-z0-9_][A-Za-z0-9._-]*(?::\d+)?")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a store is.

    Parameters
    ----------
    protocol : str
        ``file`` for a folder of this machine.
    root : str
        As fsspec takes it, without a slash at its end.
    shown : str
        For people: without the name of a user.
    """

    protocol: str
    root: str
    shown: str

    @property
    def folder(self) -> Path | None:
        """The folder, if it is one of this machine."""
        return Path(self.root) if self.protocol == "file" else None

    @property
    def needs_network(self) -> bool:
        """May reading it open a connection?"""
        return self.protocol not in {"file", "memory"}

    def __truediv__(self, name: str) -> Address:
        return Address(self.protocol, f"{self.root}/{name}", f"{self.shown}/{name}")

    @property
    def name(self) -> str:
        """The last part."""
        return self.root.rpartition("/")[2]

    @property
    def parent(self) -> Address:
        """All but the last part."""
        return Address(self.protocol, self.root.rpartition("/")[0], self.shown.rpartition("/")[0])


def parse_address(text: str) -> Address:
    """A path or a URL as an address.

    Raises
    ------
    BadOption
        A secret in it, a protocol that is not known, no bucket, or a path that is not plain.
    """
    scheme = _SCHEME.match(text)
    # the schemes of fsspec can be chained ("simplecache::s3://..."): not here
    if not text.strip() or not text.isprintable() or (scheme is None and "://" in text):
        raise problem(BadOption, "store-address", shown=clip(_bare(text)))
    if scheme is None:
        return _folder(Path(text).expanduser())
    protocol = scheme[1].lower()
    try:
        parts = urlsplit(text)
    except ValueError as e:  # brackets that no URL has
        raise problem(BadOption, "store-address", shown=clip(_bare(text))) from e
    if re.search(r"://.*:.*@|[?#]", text):
        raise problem(BadOption, "store-secret", shown=clip(_bare(text)))
    if protocol in _HERE:
        path = Path(url2pathname(parts.path))
        if parts.netloc not in {"", "localhost"} or not path.is_absolute():
            raise problem(BadOption, "store-address", shown=clip(_bare(text)))
        return _folder(path)
    if not _is_known(protocol):
        raise problem(BadOption, "store-protocol", protocol=clip(protocol))
    path_parts = parts.path.strip("/").split("/") if parts.path.strip("/") else []
    is_plain = (
        (_HOST.fullmatch(parts.netloc) or (protocol == "memory" and not parts.netloc))
        and not _GLOB & set(text)
        and not {"", ".", ".."} & set(path_parts)
        and not {"\\", "@"} & set(parts.path)
    )
    if not is_plain:
        raise problem(BadOption, "store-address", shown=clip(_bare(text)))
    root = "/".join([f"{protocol}://{parts.netloc}".rstrip("/"), *path_parts])
    if protocol == "memory" and not parts.netloc:
        root = f"memory://{'/'.join(path_parts)}"
    return Address(protocol, root, _bare(root))


def chosen_address(given: str | None) -> Address | None:
    """The address that was given, else that of ``HEADWAY_STORE``; ``None``: the user's own folder.

    Raises
    ------
    BadOption
    """
    text = given if given is not None else os.environ.get("HEADWAY_STORE") or None
    return None if text is None else parse_address(text)


def _folder(path: Path) -> Address:
    return Address("file", str(path), str(path))


def _bare(text: str) -> str:
    """Without user, password, query and fragment, also where the text is no sound URL."""
    head = re.split(r"[?#]", text, maxsplit=1)[0]
    return re.sub(r"(://).*@", r"\1", head)


def _is_known(protocol: str) -> bool:
    from fsspec import available_protocols

    return protocol in available_protocols()
