"""Is a copy of a release what was cut: hashes, schemas, keys, licences, metadata.

All problems are found, not the first one only; each names its file.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from headway.dataset.content import NAME
from headway.dataset.folder import MANIFEST, REQUIRED
from headway.dataset.rows import OWN, closed_sources, sourced_tables
from headway.errors import HeadwayError, Unreadable
from headway.problems import localised, problem
from headway.tables.schemas import SCHEMAS
from headway.tables.store import ALL_TABLES, TABLES, Release, ReleaseHead
from headway.tables.validate import check, foreign_key_problems
from headway.tables.write import known_through, sha256
from headway.textsafe import clip

__all__ = ["Problem", "problems_of", "read_files"]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file.

    Parameters
    ----------
    file : str
    code : str
        ``missing``, ``damaged``, ``unlisted``, ``manifest``, ``table``, ``rows``, ``foreign_key``,
        ``licence``, ``own``, ``through``, ``metadata``.
    fields : mapping
        Fields of the text ``release-problem-<code>``.
    error : HeadwayError or None
        What a reader of the table said.
    """

    file: str
    code: str
    fields: Mapping[str, str] = field(default_factory=dict)
    error: HeadwayError | None = None

    def text(self, lang: str = "en") -> str:
        from headway.i18n import message

        fields = dict(self.fields)
        if self.error is not None:
            fields["text"] = localised(self.error, lang)[0]
        return message(f"release-problem-{self.code}", lang, file=clip(self.file), **fields)


def read_files(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, by name; a folder in it counts as an empty file.

    Hidden ones are left out: clients that fetch or share a folder keep their own notes there
    (``.git``, ``.gitattributes``, ``.cache``), and no reader of a release looks at them.

    Raises
    ------
    Unreadable
        The folder or a file in it cannot be read.
    """
    try:
        return {
            path.name: path.read_bytes() if path.is_file() else b""
            for path in sorted(folder.iterdir())
            if not path.name.startswith(".")
        }
    except OSError as e:
        raise problem(
            Unreadable, "cannot-open", file=clip(folder.name), why=type(e).__name__
        ) from e


def problems_of(files: Mapping[str, bytes]) -> tuple[Problem, ...]:
    """Everything that is wrong with the files of a release."""
    told, found = _manifest(files)
    if told is None:
        return tuple(found)
    found += _hashes(files, told)
    frames, unreadable = _tables(files, told)
    found += unreadable
    if not unreadable:
        found += _rules(frames, told)
    found += _metadata(files, told, frames)
    return tuple(found)


def _manifest(files: Mapping[str, bytes]) -> tuple[dict[str, Any] | None, list[Problem]]:
    if MANIFEST not in files:
        return None, [Problem(MANIFEST, "missing")]
    try:
        told = json.loads(files[MANIFEST])
        date.fromisoformat(told["data_through"])
        for name, entry in told["tables"].items():
            if type(entry["rows"]) is not int or type(entry["sha256"]) is not str:
                raise TypeError(f"rows or sha256 of {clip(name)}")
        listed = told.get("files")
        if listed is None:
            return None, [Problem(MANIFEST, "not_cut")]
        if not all(type(value) is str for value in listed.values()):
            raise TypeError("sha256 of a file")
        date.fromisoformat(told["released"])
        if type(told["own_rows"]) is not int:
            raise TypeError("own_rows")
        if not NAME.fullmatch(told["data_release"]):
            raise ValueError("data_release is not the name of a release")
    except (ValueError, KeyError, TypeError, AttributeError) as e:
        why = clip(f"{type(e).__name__}: {e}", 160)
        return None, [Problem(MANIFEST, "manifest", {"why": why})]
    return told, []


def _stated(told: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 per file, as ``release.json`` states it."""
    tables = {f"{name}.parquet": entry["sha256"] for name, entry in told["tables"].items()}
    return {**tables, **told["files"]}


def _hashes(files: Mapping[str, bytes], told: Mapping[str, Any]) -> Iterator[Problem]:
    """Files that are gone, are other bytes, or that nothing speaks of."""
    stated = _stated(told)
    for name in sorted({*stated, *REQUIRED, *(f"{t}.parquet" for t in TABLES)}):
        if name not in files:
            yield Problem(name, "missing")
        elif name not in stated:
            yield Problem(name, "unlisted")
        elif sha256(files[name]) != stated[name]:
            yield Problem(
                name, "damaged", {"stated": stated[name][:12], "found": sha256(files[name])[:12]}
            )
    for name in sorted(files.keys() - stated.keys() - {MANIFEST, *REQUIRED}):
        yield Problem(name, "unlisted")


def _tables(
    files: Mapping[str, bytes], told: Mapping[str, Any]
) -> tuple[dict[str, pl.DataFrame], list[Problem]]:
    """The tables that can be read and keep their schema, and what is wrong with the others."""
    frames, found = {}, []
    for name in ALL_TABLES:
        file = f"{name}.parquet"
        entry = told["tables"].get(name)
        if entry is None or file not in files or sha256(files[file]) != entry["sha256"]:
            continue  # missing or damaged, and named so: other bytes are given to no reader
        try:
            frame = check(name, pl.read_parquet(io.BytesIO(files[file])))
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as e:
            found.append(Problem(file, "unreadable", {"why": clip(e, 160)}))
        except HeadwayError as e:
            found.append(Problem(file, "table", error=e))
        else:
            frames[name] = frame
            stated = int(entry["rows"])
            if stated != len(frame):
                counts = {"stated": str(stated), "found": str(len(frame))}
                found.append(Problem(file, "rows", counts))
    return frames, found


def _rules(frames: Mapping[str, pl.DataFrame], told: Mapping[str, Any]) -> Iterator[Problem]:
    """Rules over several tables: foreign keys, licences, results of one's own, the last day."""
    if any(name not in frames for name in TABLES):
        return  # the file that is missing is named already
    head = ReleaseHead(Path(), "", date.min, {}, {}, {})
    whole = {n: frames[n] if n in frames else SCHEMAS[n].create_empty() for n in ALL_TABLES}
    release = Release(head=head, **whole)
    for error in foreign_key_problems(release):
        yield Problem(f"{error.context['table']}.parquet", "foreign_key", error=error)
    closed = closed_sources(frames["sources"])
    for name in sourced_tables():
        lost = release.table(name).filter(pl.col("source").is_in(closed))["source"]
        for source, count in lost.value_counts(sort=True).iter_rows():
            yield Problem(
                f"{name}.parquet", "licence", {"source": clip(source), "rows": str(count)}
            )
    scores = frames["scores"]
    own = len(scores.filter(pl.col("evaluator_relationship") == OWN))
    if own != told.get("own_rows"):
        counts = {"stated": str(told.get("own_rows")), "found": str(own)}
        yield Problem("scores.parquet", "own", counts)
    through = known_through(scores)
    if told["data_through"] != (through and through.isoformat()):
        days = {"stated": clip(told["data_through"]), "found": str(through)}
        yield Problem("scores.parquet", "through", days)


def _metadata(
    files: Mapping[str, bytes], told: Mapping[str, Any], frames: Mapping[str, pl.DataFrame]
) -> Iterator[Problem]:
    """Metadata speak of these files, as ``release.json`` states them, and of these columns."""
    readers = {"croissant.json": _croissant, "datapackage.json": _datapackage}
    for name, read in readers.items():
        if name not in files:
            continue
        try:
            hashes, columns = read(json.loads(files[name]))
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            yield Problem(name, "manifest", {"why": clip(f"{type(e).__name__}: {e}", 160)})
            continue
        stated = _stated(told)
        data = {f for f in stated if f.endswith((".parquet", ".csv"))}
        for file in sorted(data | hashes.keys()):
            if hashes.get(file) != stated.get(file):
                yield Problem(name, "metadata", {"about": clip(file)})
        for table, frame in frames.items():
            if columns.get(table) != frame.columns:
                yield Problem(name, "metadata", {"about": f"{table}.parquet"})


def _croissant(told: dict[str, Any]) -> tuple[dict[str, str], dict[str, list[str]]]:
    hashes = _texts((f["contentUrl"], f["sha256"]) for f in told["distribution"])
    return hashes, {r["@id"]: [f["name"] for f in r["field"]] for r in told["recordSet"]}


def _datapackage(told: dict[str, Any]) -> tuple[dict[str, str], dict[str, list[str]]]:
    resources = told["resources"]
    hashes = _texts((r["path"], r["hash"].removeprefix("sha256:")) for r in resources)
    return hashes, {r["name"]: [f["name"] for f in r["schema"]["fields"]] for r in resources}


def _texts(pairs: Iterable[tuple[Any, Any]]) -> dict[str, str]:
    """Files and their hashes, which are texts or no metadata of a release."""
    out = dict(pairs)
    if not all(type(text) is str for pair in out.items() for text in pair):
        raise TypeError("a path or hash is no text")
    return out
