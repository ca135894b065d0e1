"""``headway data release``: cut a dated release that others can pin, check a copy, publish it."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headway.api.data import provenance_of, resolve_as_of
from headway.api.envelope import Result, Warned, envelope
from headway.api.offline import offline_if
from headway.errors import BadOption, BadTable, HeadwayError, Offline, TryLater, Unreadable
from headway.fanout.bar import progress_bar
from headway.paths import RELEASE_NAME, package_release_dir, releases_dir
from headway.problems import problem
from headway.tables.choice import SHIPPED, chosen, find_release, head_in_use, loaded
from headway.tables.store import ALL_TABLES, read_head, tables_hash
from headway.textsafe import clip

if TYPE_CHECKING:
    import polars as pl

    from headway.dataset.changes import Changes
    from headway.dataset.hub import Pushed
    from headway.dataset.rows import Chosen
    from headway.dataset.verify import Problem

__all__ = ["CutRelease", "ReleaseFile", "data_release"]

#: Columns of the list of names that no source could place (``unresolved.csv``).
_UNRESOLVED = b"name,panel,origin,reason,rows\n"
#: How long another process that writes a release into the same folder is waited for, in seconds.
_LOCK_S = 60.0
#: The lock of a folder of releases; a sync that writes one waits for it too.
_LOCK = "writing.lock"
#: Names that mean something else in a folder of releases.
_TAKEN = frozenset({SHIPPED, "current", _LOCK})


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """One file of a release.

    Parameters
    ----------
    file : str
    rows : int or None
        Of a table, as ``release.json`` says.
    bytes : int or None
    sha256 : str or None
        ``None`` where the file is missing.
    problems : tuple of str
        Codes of what is wrong with it.
    """

    file: str
    rows: int | None
    bytes: int | None
    sha256: str | None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class CutRelease(Result):
    """A release that was cut or checked.

    Parameters
    ----------
    name : str
    path : Path
    cut : bool
        ``False`` if a folder was only checked.
    own_rows : int or None
        Results of one's own in it; ``None`` where ``release.json`` cannot be read.
    rows_hash : str
        SHA-256 over the tables that are there, as ``provenance.rows_hash`` of every answer has it.
    fingerprint : str or None
        SHA-256 of ``release.json``, which has that of every file: whoever knows it can tell a copy.
    files : tuple of ReleaseFile
    problems : tuple of Problem
        What is wrong with the folder; always empty for a release that was cut.
    chosen : Chosen or None
        What was left out in cutting it.
    changes : Changes or None
        What differs from the release before.
    pushed : Pushed or None
        Where it was published.
    """

    name: str
    path: Path
    cut: bool
    own_rows: int | None
    rows_hash: str
    fingerprint: str | None
    files: tuple[ReleaseFile, ...]
    problems: tuple[Problem, ...]
    chosen: Chosen | None
    changes: Changes | None
    pushed: Pushed | None

    @property
    def is_valid(self) -> bool:
        return not self.problems

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return envelope(
            "data-release",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=[
                {
                    "file": f.file,
                    "rows": f.rows,
                    "bytes": f.bytes,
                    "sha256": f.sha256,
                    "problems": list(f.problems),
                }
                for f in self.files
            ],
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
            extra={
                "release": {
                    "name": self.name,
                    "path": str(self.path),
                    "cut": self.cut,
                    "valid": self.is_valid,
                    "own_rows": self.own_rows,
                    "rows_hash": self.rows_hash,
                    "fingerprint": self.fingerprint,
                },
                "problems": [
                    {"file": p.file, "code": p.code, "message": p.text(lang)} for p in self.problems
                ],
                "left_out": _left_out(self.chosen),
                "changes": _changes(self.changes),
                "pushed": _pushed(self.pushed),
            },
        )

    def table(self) -> pl.DataFrame:
        import polars as pl

        return pl.DataFrame(
            [(f.file, f.rows, f.bytes, f.sha256, list(f.problems)) for f in self.files],
            schema={
                "file": pl.String,
                "rows": pl.Int64,
                "bytes": pl.Int64,
                "sha256": pl.String,
                "problems": pl.List(pl.String),
            },
            orient="row",
        )

    def text(self, lang: str = "en") -> str:
        """What was done, or everything that is wrong, one sentence per line."""
        from headway.i18n import message, number

        fields = {"name": clip(self.name), "files": str(len(self.files))}
        if self.problems:
            count = str(len(self.problems))
            lines = [message("release-invalid", lang, name=fields["name"], problems=count)]
            return "\n".join([*lines, *(p.text(lang) for p in self.problems)])
        key = "release-cut" if self.cut else "release-valid"
        lines = [
            message(
                key,
                lang,
                **fields,
                rows=number(sum(f.rows or 0 for f in self.files), lang),
                fingerprint=str(self.fingerprint),
            )
        ]
        if self.changes is not None:
            added, removed, changed = (str(n) for n in self.changes.counts)
            counts = {"added": added, "removed": removed, "changed": changed}
            lines.append(message("release-changes", lang, since=clip(self.changes.since), **counts))
        if self.own_rows:
            lines.append(message("release-own", lang, rows=str(self.own_rows)))
        if self.pushed is not None:
            lines.append(message("release-pushed", lang, url=self.pushed.url, tag=self.pushed.tag))
        return "\n".join(lines)

    def __repr__(self) -> str:
        done = "cut" if self.cut else "checked"
        return f"CutRelease({self.name}, {done}: {len(self.files)} files, {len(self.problems)} bad)"


def _left_out(chosen: Chosen | None) -> dict[str, Any] | None:
    if chosen is None:
        return None
    return {
        "connector_only": dict(chosen.held_back),
        "own": chosen.own_left_out,
        "not_yet_known": chosen.not_yet_known,
    }


def _changes(changes: Changes | None) -> dict[str, Any] | None:
    if changes is None:
        return None
    return {
        "since": changes.since,
        "since_rows_hash": changes.since_hash,
        "tables": {
            t.table: {"added": t.added, "removed": t.removed, "changed": t.changed}
            for t in changes.tables
        },
        "sources": {
            s: dict(zip(("added", "removed", "changed"), counts, strict=True))
            for s, counts in changes.sources.items()
        },
    }


def _pushed(pushed: Pushed | None) -> dict[str, str] | None:
    if pushed is None:
        return None
    return {
        "repository": pushed.repository,
        "url": pushed.url,
        "commit": pushed.commit,
        "tag": pushed.tag,
    }


def data_release(
    *,
    name: str | None = None,
    out: str | Path | None = None,
    since: str | Path | None = None,
    publisher: str | None = None,
    url: str | None = None,
    push: str | None = None,
    verify: str | Path | None = None,
    as_of: date | None = None,
    today: date | None = None,
    seed: int = 0,
    offline: bool = False,
    progress: str | None = None,
) -> CutRelease:
    """Cut a release of the chosen tables into a folder of its own, or check such a folder.

    The folder has one Parquet file per table, ``release.json`` with the SHA-256 of every file, credits,
    licences, changes, a card, and metadata as MLCommons Croissant (schema.org) and as a Data Package.
    It appears whole or not at all, and nothing is ever written over. Rows of a source that may not be
    republished are never in it. Results of one's own are in it only inside
    ``headway.data_choice(own="include")``; the name and all metadata then say so.

    Parameters
    ----------
    name : str, optional
        Name of the release and its folder; by default the day, with ``-2``, ``-3``, … if it exists.
    out : path, optional
        Folder that the release's own folder is made in; ``releases`` in the data folder by default.
    since : str or path, optional
        Release to compare with, by name or folder; by default the one that was cut last into ``out``,
        else the shipped one.
    publisher, url : str, optional
        Who publishes it, and at which address; stated in the metadata.
    push : str, optional
        ``ORG/NAME`` of a Hugging Face dataset repository to publish it in (needs ``headway[hub]``).
    verify : str or path, optional
        Cut nothing: check this release (a folder, or a name) and, with ``push``, publish it.
    as_of : date, optional
        Only scores known by then.
    today : date, optional
        The day on which it is cut; the current day (UTC) by default.
    seed : int
        Unused by this verb; kept in the provenance.
    offline : bool
        Refuse any network use, and with it ``push``.
    progress : str, optional
        Label of a progress bar for ``push`` on stderr after two seconds.

    Returns
    -------
    CutRelease
        ``problems`` is what is wrong with a checked folder; each names its file.

    Raises
    ------
    BadOption
        A name, address or combination of options that cannot be.
    NotFound
        No release has this name.
    Unreadable, BadTable
        A release that is read cannot be used; nothing is written.
    HeadwayError
        The folder exists already or cannot be written.
    Offline, MissingExtra, Refused, TryLater
        It cannot be published; what was cut is complete all the same.
    """
    from headway.dataset.hub import STEPS, hub_for

    if verify is not None:
        cutting = {"--name": name, "--out": out, "--since": since}
        cutting |= {"--publisher": publisher, "--url": url}
        given = [option for option, value in cutting.items() if value is not None]
        if given:
            raise problem(BadOption, "release-verify-alone", options=", ".join(given))
    if url is not None and not re.fullmatch(r"https?://[^\s<>\"]+", url):
        raise problem(BadOption, "release-url", url=clip(url))
    if push is not None and offline:
        raise problem(Offline, "release-offline")
    hub = None if push is None else hub_for(push)
    options = {
        "name": name,
        "out": None if out is None else str(out),
        "since": None if since is None else str(since),
        "own": chosen().own,
        "publisher": publisher,
        "url": url,
        "push": push,
        "verify": None if verify is None else str(verify),
        "as_of": None if as_of is None else as_of.isoformat(),
    }
    with offline_if(offline):
        if verify is not None:
            done = _checked(verify, as_of, options, seed)
        else:
            wish = _Wish(
                name=name,
                folder=releases_dir() if out is None else Path(out),
                since=since,
                own=chosen().own,
                publisher=publisher,
                url=url or (None if hub is None else hub.url),
                as_of=as_of,
                today=today or datetime.now(UTC).date(),
            )
            done = _cut(wish, options, seed)
        if hub is None or not done.is_valid:
            return done
        where = shlex.quote(str(done.path))
        retry = f"headway data release --verify {where} --push {push}"
        with progress_bar(progress, STEPS) as advance:
            return replace(done, pushed=hub.push(done.path, done.name, retry, advance))


# Cutting -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Wish:
    """What was asked for, with defaults filled in."""

    name: str | None
    folder: Path
    since: str | Path | None
    own: bool
    publisher: str | None
    url: str | None
    as_of: date | None
    today: date


def _cut(wish: _Wish, options: Mapping[str, Any], seed: int) -> CutRelease:
    from headway.dataset.content import Content
    from headway.dataset.folder import files_of
    from headway.dataset.rows import publishable
    from headway.dataset.verify import problems_of
    from headway.tables.own import with_own
    from headway.tables.write import known_through, write_folder

    _check_name(wish.name)
    # quarantined rows are in a release with their mark, whatever was chosen
    plain = loaded(find_release(chosen().release))
    release = with_own(plain) if wish.own else plain
    picked = publishable(release, own=wish.own, as_of=wish.as_of)
    if known_through(picked.tables["scores"]) is None:
        raise problem(BadTable, "release-nothing-known")
    day, warned = resolve_as_of(release, wish.as_of)
    try:
        with _alone(wish.folder):
            name = _free_name(wish, has_own=picked.own_rows > 0)
            changes, history = _since(wish, picked.tables)
            content = Content(
                name=name,
                released=wish.today,
                tables=picked.tables,
                kept={
                    table: (plain.path / f"{table}.parquet").read_bytes()
                    for table, frame in picked.tables.items()
                    if frame.equals(plain.table(table))
                },
                changes=changes,
                own_rows=picked.own_rows,
                unresolved=_unresolved(plain.path),
                publisher=wish.publisher,
                url=wish.url,
                history=history,
            )
            based_on = {"data_release": plain.data_release, "rows_hash": plain.head.rows_hash}
            files = files_of(content, based_on)
            wrong = problems_of(files)
            if wrong:
                raise problem(
                    BadTable,
                    "release-not-valid",
                    text=wrong[0].text("en"),
                    text_ja=wrong[0].text("ja"),
                )
            path = wish.folder / name
            write_folder(path, files)
    except OSError as e:
        raise problem(
            HeadwayError, "cannot-write", file=clip(wish.folder.name), why=type(e).__name__
        ) from e
    return CutRelease(
        data_release=release.data_release,
        as_of=day,
        options=options,
        warnings=warned + _warnings(picked),
        provenance=provenance_of(release, options, seed),
        name=name,
        path=path,
        cut=True,
        own_rows=picked.own_rows,
        rows_hash=content.rows_hash,
        fingerprint=_fingerprint(files),
        files=_listing(files, ()),
        problems=(),
        chosen=picked,
        changes=changes,
        pushed=None,
    )


def _check_name(name: str | None) -> None:
    from headway.dataset.content import NAME

    if name is not None and (not NAME.fullmatch(name) or name in _TAKEN):
        raise problem(BadOption, "release-name", name=clip(name))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time makes releases in a folder; leftovers of killed runs are taken away."""
    from filelock import FileLock, Timeout

    from headway.tables.write import SCRATCH

    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / _LOCK, timeout=_LOCK_S)
    try:
        lock.acquire()
    except Timeout as e:
        raise problem(TryLater, "releases-busy", seconds=f"{_LOCK_S:g}") from e
    try:
        for left in folder.glob(f"{SCRATCH}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        lock.release()


def _free_name(wish: _Wish, *, has_own: bool) -> str:
    """The name asked for, or the day with the first number that is free; it says so if own rows are in."""
    mark = "-own" if has_own else ""
    # no two releases share a name
    shipped = read_head(package_release_dir()).data_release
    if wish.name is not None:
        name = wish.name if wish.name.endswith(mark) else wish.name + mark
        _check_name(name)
        if (wish.folder / name).exists() or name == shipped:
            raise problem(HeadwayError, "release-exists", name=name)
        return name
    base = wish.today.isoformat() + mark
    name, number = base, 1
    while (wish.folder / name).exists() or name == shipped:
        number += 1
        name = f"{base}-{number}"
    return name


def _since(wish: _Wish, tables: Mapping[str, pl.DataFrame]) -> tuple[Changes, dict[str, str]]:
    """What differs from the release before, and that one's changelogs.

    Only what may be published of the older release is compared: its changelog must not tell what the
    tables may not.
    """
    from headway.dataset.changes import compare
    from headway.dataset.rows import publishable

    path = _latest(wish.folder) if wish.since is None else find_release(wish.since)
    path = (path or package_release_dir()).resolve()
    base = loaded(path)
    before = publishable(base, own=wish.own)
    changes = compare(
        base.data_release,
        base.head.rows_hash,
        before.tables,
        tables,
        shipped=path == package_release_dir().resolve(),
    )
    had_own = before.own_left_out > 0
    return changes, {} if had_own else _changelogs(path)


def _changelogs(path: Path) -> dict[str, str]:
    from headway.dataset.folder import MANIFEST, text_name
    from headway.i18n import LANGS
    from headway.tables.write import sha256

    stated = json.loads((path / MANIFEST).read_text(encoding="utf-8")).get("files", {})
    out = {}
    for lang in LANGS:
        name = text_name("CHANGELOG", lang)
        if name not in stated:
            continue
        body = (path / name).read_bytes()
        if sha256(body) != stated[name]:
            raise problem(Unreadable, "release-damaged", tables=name)
        out[lang] = body.decode()
    return out


def _latest(folder: Path) -> Path | None:
    """The release that was cut last into a folder; those that a sync made are none."""
    found = []
    for file in folder.glob("*/release.json"):
        if not re.fullmatch(RELEASE_NAME, file.parent.name):
            continue
        try:
            told = json.loads(file.read_text(encoding="utf-8"))
            if "files" in told:
                day = date.fromisoformat(told["released"])
                found.append((day, _counted(file.parent.name), file.parent))
        except (OSError, ValueError, KeyError, TypeError) as e:
            why = f"{type(e).__name__}: {e}"
            raise problem(
                Unreadable, "release-before", name=clip(file.parent.name), why=clip(why, 160)
            ) from e
    return max(found)[-1] if found else None


def _counted(name: str) -> list[tuple[int, str]]:
    """A name by its parts, so that ``-10`` comes after ``-9``."""
    parts = re.split(r"(\d+)", name)
    return [(int(p), "") if p.isdigit() else (-1, p) for p in parts]


def _unresolved(path: Path) -> bytes | None:
    """The list of names that no source could place, where the release has one."""
    file = path / "unresolved.csv"
    if not file.is_file():
        return None
    body = file.read_bytes()
    if not body.startswith(_UNRESOLVED):
        raise problem(
            Unreadable, "release-file", file=file.name, why=f"not {_UNRESOLVED.decode().strip()}"
        )
    return body


def _warnings(chosen: Chosen) -> tuple[Warned, ...]:
    out = []
    if chosen.held_back:
        counts = {"rows": sum(chosen.held_back.values()), "sources": ", ".join(chosen.held_back)}
        out.append(Warned("release_held_back", counts))
    if chosen.not_yet_known:
        out.append(Warned("release_not_yet_known", {"rows": chosen.not_yet_known}))
    if chosen.freed:
        out.append(Warned("release_freed", {"rows": chosen.freed}))
    return tuple(out)


# Checking ----------------------------------------------------------------------------------


def _checked(
    given: str | Path, as_of: date | None, options: Mapping[str, Any], seed: int
) -> CutRelease:
    from headway.dataset.verify import problems_of, read_files

    # a folder whose release.json is gone is a damaged release, not an unknown one
    path = Path(given) if Path(given).is_dir() else find_release(given)
    files = read_files(path)
    found = problems_of(files)
    told = _told(files)
    is_read = not any(p.file == "release.json" for p in found)
    head = head_in_use()
    day, warned = resolve_as_of(head, as_of)
    return CutRelease(
        data_release=head.data_release,
        as_of=day,
        options=options,
        warnings=warned,
        provenance=provenance_of(head, options, seed),
        name=told["data_release"] if is_read else path.resolve().name,
        path=path,
        cut=False,
        own_rows=told["own_rows"] if is_read else None,
        rows_hash=_rows_hash(files),
        fingerprint=_fingerprint(files),
        files=_listing(files, found),
        problems=found,
        chosen=None,
        changes=None,
        pushed=None,
    )


def _told(files: Mapping[str, bytes]) -> dict[str, Any]:
    """What ``release.json`` says, or nothing where it cannot be read (that is a problem of its own)."""
    try:
        told = json.loads(files.get("release.json", b"{}"))
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _rows_hash(files: Mapping[str, bytes]) -> str:
    from headway.tables.write import sha256

    found = {n: files.get(f"{n}.parquet") for n in ALL_TABLES}
    return tables_hash({n: sha256(body) for n, body in found.items() if body is not None})


def _fingerprint(files: Mapping[str, bytes]) -> str | None:
    from headway.tables.write import sha256

    return sha256(files["release.json"]) if "release.json" in files else None


def _listing(files: Mapping[str, bytes], problems: tuple[Problem, ...]) -> tuple[ReleaseFile, ...]:
    from headway.tables.write import sha256

    unread = any(p.file == "release.json" for p in problems)
    tables = {} if unread else _told(files)["tables"]
    wrong: dict[str, list[str]] = {}
    for one in problems:
        wrong.setdefault(one.file, []).append(one.code)
    out = []
    for name in sorted({*files, *wrong}):
        entry = tables.get(name.removesuffix(".parquet"), {})
        body = files.get(name)
        out.append(
            ReleaseFile(
                file=name,
                rows=entry.get("rows"),
                bytes=None if body is None else len(body),
                sha256=None if body is None else sha256(body),
                problems=tuple(wrong.get(name, ())),
            )
        )
    return tuple(out)
