"""The last step of a sync: a release that holds what the sources state now.

A new release is a folder of its own; the one before stays as it was, and ``releases/current`` moves
in one step once the new one is whole. Its ``release.json`` says from which release and from which
bodies it was made, and ``changes.csv`` what became of every
score that is new, revised, or could not be used.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from headway.errors import HeadwayError, TryLater
from headway.paths import package_release_dir, releases_dir
from headway.problems import problem
from headway.snapshots.reading import in_words, read_snapshot, told
from headway.snapshots.store import Snapshot, Snapshots
from headway.sources.registry import all_sources
from headway.tables.choice import SHIPPED, chosen, find_release, loaded, point_to
from headway.tables.corrections import Breach
from headway.tables.harmonise.account import OUTCOMES
from headway.tables.store import Release, ReleaseHead, read_head
from headway.textsafe import FORMULA, clean

__all__ = ["ReleaseUpdate", "update_release"]

#: Seconds to wait for another process that is writing a release.
LOCK_S = 60.0


@dataclass(frozen=True, slots=True)
class ReleaseUpdate:
    """What an update made of the release in use.

    Parameters
    ----------
    before, after : str
        Names of the releases; equal if nothing changed. After an update of Headway itself the new
        one begins with the newer release that ships with it.
    folder : Path
        Of the release in use now.
    counts : mapping of str to mapping of str to int
        Scores per source and outcome (:data:`headway.tables.harmonise.account.OUTCOMES`).
    models : tuple of str
        Models that are new in the release.
    left : tuple of str
        ``source/resource`` of bodies that could not be read; the release keeps what it had of them.
    corrected : mapping of str to int
        Scores and models corrected, by the id of the correction.
    breaches : tuple of Breach
        Corrections that no longer fit what their source says; nothing was corrected by them.
    error : mapping or None
        Why there is no new release; see :func:`headway.snapshots.reading.told`.
    """

    before: str
    after: str
    folder: Path
    counts: Mapping[str, Mapping[str, int]]
    models: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    corrected: Mapping[str, int] = field(default_factory=dict)
    breaches: tuple[Breach, ...] = ()
    error: Mapping[str, Any] | None = None

    def total(self, outcome: str) -> int:
        """Scores with an outcome, over all sources."""
        return sum(one.get(outcome, 0) for one in self.counts.values())

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return {
            "before": self.before,
            "after": self.after,
            "folder": str(self.folder),
            "changed": self.before != self.after,
            "scores": {name: self.total(name) for name in OUTCOMES},
            "sources": [
                {"source": source, **{name: one.get(name, 0) for name in OUTCOMES}}
                for source, one in sorted(self.counts.items())
            ],
            "new_models": list(self.models),
            "bodies_left": list(self.left),
            "corrected": dict(sorted(self.corrected.items())),
            "breaches": [
                {
                    "correction": one.correction,
                    "kind": one.kind,
                    "raw": one.raw,
                    "field": one.field,
                    "expected": one.expected,
                    "found": one.found,
                }
                for one in self.breaches
            ],
            "error": in_words(self.error, lang),
        }

    def text(self, lang: str = "en") -> str:
        """A few sentences."""
        from headway.i18n import message

        if self.error is not None:
            why = self.error["message"][lang]
            return message("update-failed", lang, text=why, name=self.before)
        if not self.counts:
            lines = [message("update-nothing", lang, name=self.after)]
        elif self.before == self.after:
            lines = [message("update-same", lang, name=self.after, known=str(self.total("known")))]
        else:
            counts = {name: str(self.total(name)) for name in ("new", "revised", "repeat")}
            lines = [message("update-made", lang, name=self.after, before=self.before, **counts)]
        if self.models:
            names = ", ".join(self.models[:12])
            lines.append(
                message("update-models", lang, count=str(len(self.models)), names=clean(names))
            )
        lost = {name: self.total(name) for name in ("no_model", "no_test", "impossible")}
        if any(lost.values()):
            args = {name.replace("_", "-"): str(count) for name, count in lost.items()}
            lines.append(
                message(
                    "update-lost",
                    lang,
                    models=args["no-model"],
                    tests=args["no-test"],
                    impossible=args["impossible"],
                )
            )
        if self.breaches:
            names = ", ".join(dict.fromkeys(one.correction for one in self.breaches))
            lines.append(message("update-breaches", lang, names=names))
        if self.before != self.after:
            lines.append(message("update-diff", lang, before=self.before))
        return "\n".join(lines)


def update_release(store: Snapshots) -> ReleaseUpdate:
    """Bring the release in use up to date by the newest stored bodies of all sources.

    Raises
    ------
    NotFound, Unreadable, BadTable
        The release in use cannot be read.
    TryLater
        Another process is writing a release.
    """
    from filelock import FileLock, Timeout

    base = find_release(chosen().release)
    before = read_head(base).data_release
    if chosen().release is None and _is_outdated(base):
        base = package_release_dir()  # Headway itself was updated since: begin with its newer facts
    try:
        releases_dir().mkdir(parents=True, exist_ok=True)
        with FileLock(releases_dir() / "writing.lock", timeout=LOCK_S):
            _sweep()
            return _update(store, base, before)
    except Timeout as e:
        raise problem(TryLater, "releases-busy", seconds=f"{LOCK_S:g}") from e
    except OSError as e:
        failed = problem(HeadwayError, "release-write", why=type(e).__name__)
        return ReleaseUpdate(before, before, base, {}, error=told(failed))


def _made(folder: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    return made


def _is_outdated(folder: Path) -> bool:
    """Whether an update made this release of one that ships no longer; one that was cut is kept."""
    base = _made(folder).get("base")
    shipped = _made(package_release_dir())["data_release"]
    return base is not None and str(base["data_release"])[:10] < str(shipped)[:10]


def _sweep() -> None:
    """Remove what a writer left that was killed; nobody else writes under the lock."""
    from headway.tables.write import SCRATCH

    for one in releases_dir().iterdir():
        if one.name.startswith((SCRATCH, ".pointing-")):
            shutil.rmtree(one, ignore_errors=True) if one.is_dir() else one.unlink(missing_ok=True)


def _update(store: Snapshots, base: Path, before: str) -> ReleaseUpdate:
    from headway.tables.harmonise import Body, harmonise

    release = loaded(base)
    made_from = _made(base)
    connectors = all_sources()
    newest = [one for one in store.newest().values() if one.source in connectors]
    bodies, left, used = [], [], []
    for snapshot in sorted(newest, key=lambda s: (s.source, s.resource)):
        try:
            parsed = read_snapshot(store, connectors[snapshot.source], snapshot)
        except HeadwayError:  # reported by its own row of the sync
            left.append(f"{snapshot.source}/{snapshot.resource}")
            continue
        day = snapshot.retrieved_at.date()
        bodies.append(Body(snapshot.source, snapshot.resource, snapshot.url, parsed, day))
        used.append(snapshot)
    found = harmonise(release, bodies)
    counts: dict[str, Counter[str]] = {}
    for one in found.outcomes:
        counts.setdefault(one.source, Counter())[one.outcome] += 1
    name, folder = release.data_release, base
    if found.changed:
        try:
            name = _write(release, found, made_from, used)
        except HeadwayError as e:
            return ReleaseUpdate(before, before, base, counts, (), tuple(left), error=told(e))
        folder = point_to(name)
    elif before != name:
        folder = point_to(SHIPPED)
    return ReleaseUpdate(
        before=before,
        after=name,
        folder=folder,
        counts=counts,
        models=tuple(one.model_version for one in found.models),
        left=tuple(left),
        corrected=found.corrected,
        breaches=found.breaches,
    )


def _write(
    release: Release, found: Any, made_from: Mapping[str, Any], used: Sequence[Snapshot]
) -> str:
    """Write the release under the hash of its rows; its name."""
    from headway.tables.validate import check_release
    from headway.tables.write import manifest, manifest_bytes, parquet_bytes, sha256, write_folder

    check_release(Release(head=release.head, **found.tables))
    bodies = {name: parquet_bytes(frame) for name, frame in found.tables.items()}
    head: ReleaseHead = replace(
        release.head, found={name: sha256(body) for name, body in bodies.items()}
    )
    base = made_from.get("base") or {
        "data_release": release.data_release,
        "rows_hash": release.rows_hash,
    }
    name = f"{base['data_release']}+{head.rows_hash[:8]}"
    more = {
        "base": base,
        "made_from": {"data_release": release.data_release, "rows_hash": release.rows_hash},
        "snapshots": [
            {
                "source": one.source,
                "resource": one.resource,
                "sha256": one.sha256,
                "retrieved_at": one.retrieved_at.isoformat(),
                "licence": one.licence,
            }
            for one in used
        ],
    }
    files = {f"{table}.parquet": body for table, body in bodies.items()}
    files["release.json"] = manifest_bytes(manifest(name, found.tables, bodies, more))
    files["changes.csv"] = _changes(found.outcomes).encode()
    try:
        write_folder(releases_dir() / name, files)
    except FileExistsError:
        pass  # the name is the hash of the rows: it is the same release
    except OSError as e:
        raise problem(HeadwayError, "release-write", why=type(e).__name__) from e
    return name


def _changes(outcomes: Sequence[Any]) -> str:
    """What became of the scores, one per line, but for those that changed nothing."""
    from headway.i18n import message

    columns = ("source", "resource", "raw", "model", "test", "outcome", "score_id", "why")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for one in outcomes:
        if one.outcome in ("known", "left_out"):
            continue
        why = message(one.reason, "en", value=clean(one.reason_value)) if one.reason else ""
        cells = (one.source, one.resource, one.raw, one.model, one.test, one.outcome)
        writer.writerow([*(_cell(cell) for cell in cells), one.score_id or "", why])
    return out.getvalue()


def _cell(text: str) -> str:
    """A source's words as a cell that no spreadsheet runs as a formula."""
    text = clean(text)
    return f"'{text}" if re.match(FORMULA, text) else text
