"""Results of one's own: one JSON row per line in the user's data folder, never in a release.

A row's id is the hash of what it states, so a row that is added twice is one row. The file is
replaced in one step under a lock: readers see it before or after, and two writers do not lose each
other's rows.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headway.errors import HeadwayError, Unreadable
from headway.paths import data_dir
from headway.problems import problem
from headway.tables.store import Release, ReleaseHead

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "own_count",
    "own_frame",
    "own_path",
    "own_rows",
    "own_scores",
    "row_id",
    "update_own",
    "with_own",
    "with_own_head",
]

#: What a stored row states besides its id, the file it came from and the day it was added.
STATED = (
    *("model_version", "effort", "benchmark", "score", "unit", "evaluated_on"),
    *("n", "stderr", "attempts", "token_budget", "scaffold", "harness_version"),
)
_COLUMNS = ("score_id", "model", *STATED, "file", "added_on")
#: What only rows from curated figures state: the error of reading, where the number stands, who read it.
READ = ("read_error_sd", "source_url", "how_read")
_WRITING = ".writing-"
#: Name of the own rows among the hashes of a release's tables.
_NAME = "own"


def own_path() -> Path:
    """The file of own rows; it need not exist."""
    return data_dir() / "own" / "scores.jsonl"


def own_count() -> int:
    """Number of stored rows; 0 without the file."""
    return len(_bytes().splitlines())


def row_id(row: Mapping[str, Any]) -> str:
    """Id of a row: the hash of what it states."""
    stated = {c: row.get(c) for c in STATED}
    # the error belongs to the number; who read it does not make it another one
    if row.get("read_error_sd") is not None:
        stated["read_error_sd"] = row["read_error_sd"]
    told = json.dumps(stated, sort_keys=True, default=str)
    return "own" + hashlib.sha256(told.encode()).hexdigest()[:16]


def _bytes() -> bytes:
    try:
        return own_path().read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as e:
        raise problem(Unreadable, "cannot-open", file="own/scores.jsonl", why=str(e)) from e


def _read(body: bytes) -> list[dict[str, Any]]:
    try:
        rows = [json.loads(line) for line in body.decode().splitlines()]
        if not all(
            isinstance(row, dict) and set(_COLUMNS) <= set(row) <= {*_COLUMNS, *READ}
            for row in rows
        ):
            raise ValueError("a row has other columns")
    except ValueError as e:
        raise problem(Unreadable, "own-damaged", why=str(e)) from e
    return rows


def own_rows() -> list[dict[str, Any]]:
    """All stored rows, in the order in which they were added.

    Raises
    ------
    Unreadable
        The file is not what was written.
    """
    return _read(_bytes())


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One writer at a time; the system frees the lock of a writer that was killed."""
    from filelock import FileLock

    with FileLock(folder / ".lock"):
        for left in folder.glob(f"{_WRITING}*"):  # by a writer that was killed: we hold the lock
            left.unlink()
        yield


def _sync_folder(folder: Path) -> None:
    """Let the new name of a file last through a loss of power, where the system can promise that."""
    if os.name == "nt":  # pragma: no cover (folders cannot be opened there)
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def update_own(
    change: Callable[[list[dict[str, Any]]], Sequence[Mapping[str, Any]]],
) -> list[dict[str, Any]]:
    """Replace the stored rows by ``change(rows)``, in one step; returns the new ones.

    Raises
    ------
    HeadwayError
        The folder cannot be written; the rows are as before.
    Unreadable
    """
    path = own_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path.parent):
            rows = [
                {c: row[c] for c in _COLUMNS} | {c: row[c] for c in READ if row.get(c) is not None}
                for row in change(own_rows())
            ]
            text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=_WRITING)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(text.encode())
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(temporary, path)
                _sync_folder(path.parent)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
    except OSError as e:
        raise problem(
            HeadwayError, "own-write", file="own/scores.jsonl", why=type(e).__name__
        ) from e
    return rows


# As part of a release ----------------------------------------------------------------------


def own_frame(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Stored rows as a frame with ``known_on``: when it was evaluated, else when it was added."""
    import polars as pl

    text, number, whole = pl.String, pl.Float64, pl.Int64
    types: dict[str, Any] = dict.fromkeys(_COLUMNS, text)
    types |= {"score": number, "stderr": number, "token_budget": number, "n": whole}
    types |= {"attempts": whole, "read_error_sd": number, "source_url": text, "how_read": text}
    frame = pl.DataFrame(
        {c: [row.get(c) for row in rows] for c in (*_COLUMNS, *READ)}, schema=types
    ).with_columns(pl.col("evaluated_on", "added_on").str.to_date())
    return frame.with_columns(
        known_on=pl.coalesce("evaluated_on", "added_on"), panel=pl.lit("own", dtype=text)
    )


def own_scores(rows: pl.DataFrame, like: pl.DataFrame) -> pl.DataFrame:
    """Rows of one's own in the columns of the table ``scores``, relationship ``own``.

    Parameters
    ----------
    rows : frame
        ``score_id``, ``model``, ``model_version``, ``panel``, ``known_on``, ``effort``, ``benchmark``,
        ``score`` (in ``unit``), ``unit``, ``evaluated_on``, ``n``, ``stderr``, ``attempts``,
        ``token_budget``, ``scaffold``, ``harness_version``, and where there are such rows :data:`READ`.
    like : frame
        The table ``scores``.
    """
    import polars as pl

    proportion = pl.col("unit") == "proportion"
    fixed = {
        "pseudo_vintage": False,
        "evaluator_relationship": "own",
        "use": "fit",
        **dict.fromkeys(("source", "licence"), "own"),
    }
    nothing = pl.lit(None, dtype=pl.String)
    read = {c: pl.col(c) if c in rows.columns else nothing for c in READ}
    digitised = read["read_error_sd"].is_not_null()
    taken = {
        "value_origin": pl.when(digitised).then(pl.lit("digitised")).otherwise(pl.lit("reported")),
        "confidence": pl.when(digitised)
        .then(pl.lit("digitised_figure"))
        .when(read["how_read"].is_not_null())
        .then(pl.lit("primary_text"))
        .otherwise(pl.lit("primary_file")),
        "source_url": pl.coalesce(read["source_url"], pl.lit("own")),
        "model_as_named": pl.col("model"),
        "score": pl.when(proportion).then("score"),
        "value": pl.col("score"),
        **{name: pl.lit(value) for name, value in fixed.items()},
    }
    return rows.select(
        taken.get(name, pl.col(name) if name in rows.columns else pl.lit(None))
        .cast(kind)
        .alias(name)
        for name, kind in like.schema.items()
    )


def with_own_head(head: ReleaseHead) -> ReleaseHead:
    """The head of a release with the own rows in its name and hash (as it is without any)."""
    body = _bytes()
    return _labelled(head, body) if body else head


def _labelled(head: ReleaseHead, body: bytes) -> ReleaseHead:
    return replace(
        head,
        data_release=f"{head.data_release}+{_NAME}",
        found={**head.found, _NAME: hashlib.sha256(body).hexdigest()},
        included=(*head.included, _NAME),
    )


def with_own(release: Release) -> Release:
    """The release with the own rows among its scores; its hash contains theirs.

    Raises
    ------
    Unreadable
        A stored row names a model or benchmark that the release lacks.
    """
    import polars as pl

    body = _bytes()
    if not body:
        return release
    frame = own_frame(_read(body))
    for column, table in (("model_version", "model_versions"), ("benchmark", "benchmarks")):
        strange = set(frame[column]) - set(release.table(table)[column])
        if strange:
            raise problem(
                Unreadable, "own-unknown", column=column, names=", ".join(sorted(strange)[:5])
            )
    return replace(
        release,
        head=_labelled(release.head, body),
        scores=pl.concat([release.scores, own_scores(frame, release.scores)]),
    )


def day_text(day: date | None) -> str | None:
    """A date as the store keeps it."""
    return None if day is None else day.isoformat()
