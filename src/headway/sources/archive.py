"""Read members of a zip from memory; nothing is written to disk and no name becomes a path."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from headway.errors import HeadwayError, SchemaDrift, Unreadable
from headway.problems import problem
from headway.textsafe import clip

__all__ = ["ZipLimits", "member_names", "read_members"]

_PIECE = 1 << 20
#: First bytes of a directory entry; counted before the directory is read.
_ENTRY = b"PK\x01\x02"
#: A zip may hold other zips, whose entries are counted too; this many more than allowed are not.
_NESTED = 10
_IS_ENCRYPTED = 0x1


#: What ``zipfile`` raises on bytes that were changed, a member without a name or a date among them.
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, LookupError, NotImplementedError,
    OSError, OverflowError, RuntimeError, ValueError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ZipLimits:
    """How large a zip may become.

    Parameters
    ----------
    max_members : int
    max_member_bytes, max_total_bytes : int
        Of one member and of all that are read.
    max_ratio : float
        Decompressed over compressed size of a member of more than 1 MiB. CSV and JSON of results
        reach 30; deflate ends at about 1030.
    """

    max_members: int = 10_000
    max_member_bytes: int = 256 * 2**20
    max_total_bytes: int = 512 * 2**20
    max_ratio: float = 200.0


def member_names(body: bytes, *, limits: ZipLimits | None = None) -> tuple[str, ...]:
    """Names of the files in a zip, in its order.

    Raises
    ------
    Unreadable
        Not a whole zip, or one that is refused as a whole (see :func:`read_members`).
    """
    with _opened(body, limits or ZipLimits()) as found:
        return tuple(info.filename for info in found.infolist() if not info.is_dir())


def read_members(
    body: bytes, names: Iterable[str], *, limits: ZipLimits | None = None
) -> dict[str, bytes]:
    """The bytes of the named members, by exact name.

    Parameters
    ----------
    body : bytes
    names : iterable of str
    limits : ZipLimits, optional

    Raises
    ------
    Unreadable
        Truncated or damaged; too many members; a name that leaves its folder or stands twice; an
        encrypted or oddly compressed member; a member that is too large or grows too much. A zip
        with one name that leaves its folder is refused as a whole.
    SchemaDrift
        A member is not there; the message names those that are.
    """
    chosen = limits or ZipLimits()
    out: dict[str, bytes] = {}
    total = 0
    with _opened(body, chosen) as found:
        for name in dict.fromkeys(names):
            try:
                info = found.getinfo(name)
            except KeyError as e:
                raise problem(
                    SchemaDrift,
                    "zip-no-member",
                    member=clip(name),
                    found=", ".join(clip(n, 40) for n in found.namelist()[:10]) or "-",
                ) from e
            _check_member(info, chosen)
            out[name] = _inflated(found, info, chosen)
            total += len(out[name])
            if total > chosen.max_total_bytes:
                raise _too_large(name, chosen.max_total_bytes)
    return out


@contextmanager
def _opened(body: bytes, limits: ZipLimits) -> Iterator[zipfile.ZipFile]:
    """The zip with its directory checked; every way of being damaged is one error."""
    # before reading: the directory of a small zip can describe millions of members
    if body.count(_ENTRY) > limits.max_members * _NESTED:
        raise problem(Unreadable, "zip-members", limit=str(limits.max_members))
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as found:
            _check_names(found.infolist(), limits)
            yield found
    except HeadwayError:
        raise
    except UnicodeDecodeError as e:
        raise problem(Unreadable, "zip-damaged", why="UTF-8") from e
    except _DAMAGED as e:
        raise problem(Unreadable, "zip-damaged", why=clip(e, 80)) from e


def _check_names(infos: list[zipfile.ZipInfo], limits: ZipLimits) -> None:
    if len(infos) > limits.max_members:
        raise problem(Unreadable, "zip-members", limit=str(limits.max_members))
    seen: set[str] = set()
    for info in infos:
        # the name as it stands in the file: zipfile cuts at NUL and turns backslashes around
        name = info.orig_filename
        if _leaves(name):
            raise problem(Unreadable, "zip-traversal", member=clip(name))
        if info.filename in seen:
            raise problem(Unreadable, "zip-twice", member=clip(name))
        seen.add(info.filename)


def _leaves(name: str) -> bool:
    """Would this name, used as a path anywhere, leave its folder?"""
    parts = name.replace("\\", "/").split("/")
    return "\0" in name or "\\" in name or ":" in parts[0] or not parts[0] or ".." in parts


def _check_member(info: zipfile.ZipInfo, limits: ZipLimits) -> None:
    name = info.filename
    if info.flag_bits & _IS_ENCRYPTED:
        raise problem(Unreadable, "zip-encrypted", member=clip(name))
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # the other methods are decompressed in one go, whatever their size
        raise problem(Unreadable, "zip-method", member=clip(name), method=str(info.compress_type))
    if info.file_size > limits.max_member_bytes:
        raise _too_large(name, limits.max_member_bytes)
    if info.file_size > _PIECE and info.file_size > limits.max_ratio * max(1, info.compress_size):
        raise problem(Unreadable, "zip-ratio", member=clip(name), limit=f"{limits.max_ratio:g}")


def _inflated(found: zipfile.ZipFile, info: zipfile.ZipInfo, limits: ZipLimits) -> bytes:
    """A member's bytes, counted while they come: the directory may lie about their size."""
    pieces: list[bytes] = []
    size = 0
    with found.open(info) as member:
        while piece := member.read(_PIECE):
            size += len(piece)
            if size > limits.max_member_bytes:
                raise _too_large(info.filename, limits.max_member_bytes)
            pieces.append(piece)
    if size != info.file_size:
        raise problem(Unreadable, "zip-damaged", why=clip(info.filename, 40))
    return b"".join(pieces)


def _too_large(name: str, limit: int) -> Unreadable:
    return problem(Unreadable, "zip-too-large", member=clip(name), limit=f"{limit / 2**20:.4g}")
