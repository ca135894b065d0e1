"""Releases below a URL: read through a verified local copy, published so that none is ever seen in part.

::

    URL/NAME/*.parquet      the tables
    URL/NAME/release.json   written last: a release without it is not there
    URL/current             the name of the release to use; written after that

A release that is published does not change. Every table is held against its SHA-256 in
``release.json`` whenever the copy is used.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from headway.errors import BadTable, HeadwayError, NotFound, Offline, Refused, Unreadable
from headway.paths import RELEASE_NAME
from headway.problems import problem
from headway.stores.address import Address, parse_address
from headway.stores.mirror import Mirror, mirror_folder
from headway.stores.objects import Objects
from headway.tables.store import ALL_TABLES, load_release

__all__ = ["fetched_release", "is_url", "publish_release"]

_HEAD = "release.json"
_POINTER = "current"


def is_url(named: object) -> bool:
    """Does this name a release elsewhere, and not by a name or a folder?"""
    return isinstance(named, str) and "://" in named


def publish_release(folder: Path, url: str) -> str:
    """Put a release below a URL, and point to it.

    Parameters
    ----------
    folder : Path
        A release: its tables and ``release.json``; checked first.
    url : str
        Where releases are, such as ``s3://bucket/headway/releases``, or a folder.

    Returns
    -------
    str
        The address of the release, for ``--data-release``.

    Raises
    ------
    Unreadable, BadTable
        ``folder`` is not a sound release; nothing was written.
    Refused
        Another release of that name is published already, or the server refuses.
    BadOption, MissingExtra, NotFound, TryLater
        Of the address; see :class:`headway.stores.objects.Objects`. What was published before is
        as it was, and the same call completes what this one began.

    Examples
    --------
    >>> from headway.paths import package_release_dir
    >>> address = publish_release(package_release_dir(), "memory://invented/releases")
    >>> address.startswith("memory://invented/releases/20")
    True
    """
    release = load_release(folder)
    name = release.data_release
    if not re.fullmatch(RELEASE_NAME, name) or name == _POINTER:
        raise problem(BadTable, "release-publish-name", name=name[:80])
    address = parse_address(url)
    told = (folder / _HEAD).read_bytes()
    files = {f"{n}.parquet": (folder / f"{n}.parquet").read_bytes() for n in release.head.rows}
    if address.folder is not None:
        _publish_here(address.folder, name, {**files, _HEAD: told})
    else:
        _publish_there(Objects(address), name, files, told)
    return (address / name).shown


def _publish_here(folder: Path, name: str, files: dict[str, bytes]) -> None:
    from headway.tables.write import write_folder, write_pointer

    out = folder / name
    try:
        if out.exists():
            if any(_bytes(out / n) != body for n, body in files.items()):
                raise problem(Refused, "release-published", name=name)
        else:
            write_folder(out, files)
        write_pointer(folder / _POINTER, name)
    except OSError as e:
        raise problem(HeadwayError, "release-pointer", why=type(e).__name__) from e


def _publish_there(objects: Objects, name: str, files: dict[str, bytes], told: bytes) -> None:
    there = objects.get(f"{name}/{_HEAD}")
    if there is None:
        for file, body in files.items():
            objects.put(f"{name}/{file}", body)
        # two that publish at once: one wins, and whoever did not is told
        if not objects.create(f"{name}/{_HEAD}", told):
            there = objects.get(f"{name}/{_HEAD}")
    if there is not None and there != told:
        raise problem(Refused, "release-published", name=name)
    objects.put(_POINTER, f"{name}\n".encode())


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


@lru_cache(maxsize=8)
def fetched_release(url: str, *, offline: bool = False) -> Path:
    """A folder with a checked copy of the release at a URL; asked for once per process.

    Parameters
    ----------
    url : str
        ``URL/NAME``, or ``URL/current`` for the one that is pointed to.
    offline : bool
        Open no connection: use the copy if it is complete.

    Raises
    ------
    NotFound, Unreadable
        There is no release; its ``release.json`` or a table is damaged.
    Offline
        There is no complete copy.
    BadOption, MissingExtra, Refused, TryLater
        Of the address; see :class:`headway.stores.objects.Objects`.
    """
    address = parse_address(url)
    is_offline = offline and address.needs_network
    if address.name == _POINTER:
        name = _read(address.parent, _POINTER, is_offline).decode(errors="replace").strip()
        if not re.fullmatch(RELEASE_NAME, name):
            raise problem(Unreadable, "release-current", name=name[:80], why="name")
        address = address.parent / name
    if address.folder is not None:
        if not (address.folder / _HEAD).is_file():
            raise problem(NotFound, "release-nowhere", shown=address.shown)
        return address.folder
    told = _read(address, _HEAD, is_offline)
    hashes = _hashes(told, address)
    folder = mirror_folder(address.root) / f"release-{hashlib.sha256(told).hexdigest()[:16]}"
    files = {name: _bytes(folder / name) for name in hashes}
    sound = {
        name: body
        for name, body in files.items()
        if body is not None and hashlib.sha256(body).hexdigest() == hashes[name]
    }
    if len(sound) == len(hashes) and _bytes(folder / _HEAD) == told:
        return folder
    lacking = sorted(hashes.keys() - sound.keys())
    if is_offline:
        name = (lacking or [_HEAD])[0]
        raise problem(Offline, "store-offline", shown=address.shown, name=name)
    fetched = Objects(address).get_many(lacking)
    for name in lacking:
        body = fetched.get(name, b"")
        if hashlib.sha256(body).hexdigest() != hashes[name]:
            raise problem(Unreadable, "release-table", shown=address.shown, name=name)
    from headway.tables.write import write_folder

    try:
        write_folder(folder, {**sound, **fetched, _HEAD: told}, replace=True)
    except OSError as e:
        raise problem(HeadwayError, "release-copy", why=e.strerror or type(e).__name__) from e
    return folder


def _read(address: Address, name: str, is_offline: bool) -> bytes:
    """A small object that names others, and the last that was seen of it where offline."""
    if address.folder is not None:
        data = _bytes(address.folder / name)
    else:
        mirror = Mirror(mirror_folder(address.root))
        if is_offline:
            data = mirror.get(name)
            if data is None:
                raise problem(Offline, "store-offline", shown=address.shown, name=name)
            return data
        data = Objects(address).get(name)
        if data is not None:
            mirror.put(name, data)
    if data is None:
        raise problem(NotFound, "release-nowhere", shown=(address / name).shown)
    return data


def _hashes(told: bytes, address: Address) -> dict[str, str]:
    """SHA-256 per file that a ``release.json`` names; only names of our tables become files."""
    try:
        tables: dict[str, Any] = json.loads(told)["tables"]
        return {f"{n}.parquet": str(tables[n]["sha256"]) for n in ALL_TABLES if n in tables}
    except (KeyError, TypeError, ValueError, RecursionError) as e:
        raise problem(Unreadable, "release-table", shown=address.shown, name=_HEAD) from e
