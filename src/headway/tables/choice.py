"""Which data answers a question: the release, with or without own and quarantined rows.

The choice holds for everything inside :func:`using`, for every verb alike. What was chosen stands
in the name of the release ("2026-11-24+own") and in the hash of its rows, so that no answer from
other data passes for one from the release.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from headway.errors import BadValue, HeadwayError, NotFound
from headway.paths import RELEASE_NAME, package_release_dir, release_dir, releases_dir
from headway.problems import problem
from headway.tables.own import own_count, with_own, with_own_head
from headway.tables.published import fetched_release, is_url
from headway.tables.store import Release, ReleaseHead, load_release, read_head
from headway.textsafe import clip

__all__ = [
    "SHIPPED",
    "DataChoice",
    "chosen",
    "find_release",
    "head_in_use",
    "loaded",
    "own_left_out",
    "point_to",
    "release_in_use",
    "stored_releases",
    "using",
    "with_quarantined",
]

#: Name of the release that comes with the package.
SHIPPED = "shipped"
#: Name among the hashes of a release's tables when its quarantined rows are used.
_QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class DataChoice:
    """The data that answers.

    Parameters
    ----------
    release : str or Path, optional
        Folder of a release, its URL, name of one in the data folder, or ``shipped``. Default: the release
        that the data folder points to, else the shipped one.
    own : bool
        Use the results of one's own that were added.
    quarantined : bool
        Use the rows that a rule has put in quarantine as if they were sound.
    offline : bool
        Open no connection for a release at a URL; its local copy is used if it is complete.
    """

    release: str | Path | None = None
    own: bool = False
    quarantined: bool = False
    offline: bool = False


_RELEASE = DataChoice()
_CHOICE: ContextVar[DataChoice] = ContextVar("headway_data_choice", default=_RELEASE)


def chosen() -> DataChoice:
    """The choice that holds here."""
    return _CHOICE.get()


@contextmanager
def using(choice: DataChoice) -> Iterator[None]:
    """Let ``choice`` hold inside the block."""
    token = _CHOICE.set(choice)
    try:
        yield
    finally:
        _CHOICE.reset(token)


# Releases by name --------------------------------------------------------------------------


def stored_releases() -> tuple[str, ...]:
    """Names of the releases in the data folder, sorted."""
    folder = releases_dir()
    if not folder.is_dir():
        return ()
    return tuple(
        sorted(
            one.name
            for one in folder.iterdir()
            if re.fullmatch(RELEASE_NAME, one.name) and (one / "release.json").is_file()
        )
    )


def _shipped_name() -> str:
    """What the shipped release calls itself: its date."""
    told = (package_release_dir() / "release.json").read_text(encoding="utf-8")
    return str(json.loads(told)["data_release"])


def find_release(named: str | Path | None) -> Path:
    """Folder of a release by its name, folder or URL, or ``shipped``; ``None`` is the one in use.

    Raises
    ------
    NotFound
        There is none; the message gives close names.
    Unreadable
        The data folder points to a release that is not there.
    """
    if named is None:
        return release_dir()
    if is_url(named):
        return fetched_release(str(named), offline=chosen().offline)
    names = stored_releases()
    if named == SHIPPED or (str(named) not in names and named == _shipped_name()):
        return package_release_dir()
    if str(named) in names:
        return releases_dir() / str(named)
    try:
        folder = Path(named).expanduser()
        if (folder / "release.json").is_file():
            return folder.resolve()
    except (OSError, ValueError, RuntimeError):
        pass  # what cannot be a path at all (too long, a NUL, no such home) is no release either
    known = (SHIPPED, *names)
    close = difflib.get_close_matches(str(named), known, n=3, cutoff=0.4) or known[:5]
    raise problem(NotFound, "no-such-release", name=clip(named), close=", ".join(close))


def point_to(name: str) -> Path:
    """Make a stored release, or ``shipped``, the one in use; the pointer changes in one step.

    Raises
    ------
    BadValue
        ``name`` is not the name of a stored release.
    HeadwayError
        The data folder cannot be written; the pointer is as before.
    """
    if name != SHIPPED and name not in stored_releases():
        known = ", ".join((SHIPPED, *stored_releases()))
        raise problem(BadValue, "release-not-stored", name=clip(name), known=clip(known, 200))
    from headway.tables.write import write_pointer

    pointer = releases_dir() / "current"
    try:
        write_pointer(pointer, name)
    except OSError as e:
        raise problem(HeadwayError, "release-pointer", why=type(e).__name__) from e
    return find_release(name)


# What is in use ----------------------------------------------------------------------------


def head_in_use() -> ReleaseHead:
    """Head of the chosen release, with the rows that the choice adds in its name and hash.

    Raises
    ------
    NotFound, Unreadable
    """
    choice = chosen()
    head = read_head(find_release(choice.release))
    if choice.own:
        head = with_own_head(head)
    return _quarantined_head(head) if choice.quarantined else head


def release_in_use() -> Release:
    """The chosen release with its rows, checked.

    Raises
    ------
    NotFound, Unreadable, BadTable
    """
    choice = chosen()
    head = read_head(find_release(choice.release))
    release = _loaded(head.path, head.rows_hash)
    if choice.own:
        release = with_own(release)
    return with_quarantined(release) if choice.quarantined else release


@lru_cache(maxsize=2)
def _loaded(path: Path, rows_hash: str) -> Release:
    """One release per content: a changed file is read again."""
    return load_release(path)


def loaded(path: Path) -> Release:
    """The release in a folder as it stands, whatever was chosen.

    Raises
    ------
    Unreadable, BadTable
    """
    return _loaded(path, read_head(path).rows_hash)


def _quarantined_head(head: ReleaseHead) -> ReleaseHead:
    told = hashlib.sha256(json.dumps({"use": "fit"}).encode()).hexdigest()
    return replace(
        head,
        data_release=f"{head.data_release}+{_QUARANTINED}",
        found={**head.found, _QUARANTINED: told},
        included=(*head.included, _QUARANTINED),
    )


def with_quarantined(release: Release) -> Release:
    """The release with its quarantined rows for use like any other; each keeps its reason."""
    import polars as pl

    kind = release.scores.schema["use"]
    use = pl.col("use").cast(pl.String).replace({_QUARANTINED: "fit"}).cast(kind)
    return replace(
        release,
        head=_quarantined_head(release.head),
        scores=release.scores.with_columns(use=use),
    )


def own_left_out(head: ReleaseHead | Release) -> bool:
    """Whether results of one's own are stored and not in this release."""
    included = head.head.included if isinstance(head, Release) else head.included
    return "own" not in included and own_count() > 0
