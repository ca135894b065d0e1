"""Inspect logs (``.eval``, or ``.json`` of the same content): header and sample summaries.

An ``.eval`` log is a zip of JSON: ``header.json`` (written when the run ends), ``summaries.json`` or
``_journal/summaries/N.json`` (one short entry per sample), ``samples/*.json`` (large).

Two readers give the same claims, which tests hold on real logs (decision 11):

``inspect_ai``
    The package itself (extra ``eval``), which also knows older shapes of a log.
``own``
    Needs nothing beyond the core and holds one summary at a time. Entries may be deflated or, in
    newer logs, compressed with Zstandard, which the standard library of Python 3.11 cannot read and
    pyarrow can.

By default the package reads where it is installed, and ours where it is not or where the summaries
are too large to be held as a list. Every entry has a limit on its unpacked size.

References
----------
.. [1] UK AI Security Institute, Inspect, https://inspect.aisi.org.uk/eval-logs.html
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from headway.errors import BadOption, MissingExtra, SchemaDrift, Unreadable
from headway.problems import problem
from headway.sources.declare import MAX_BYTES, Failure, Parsed, ScoreClaim
from headway.sources.formats.values import count, load_json, mapping, number, text
from headway.textsafe import clip

__all__ = ["READERS", "is_installed", "parse", "sample_summaries"]

READERS = ("inspect_ai", "own")
#: Unpacked bytes: of the header, of all summaries, of one summary.
MAX_HEADER = 64 * 2**20
MAX_SUMMARIES = 2**30
MAX_SUMMARY = 8 * 2**20
#: Above this (unpacked) summaries are streamed: inspect-ai holds them all, at about six times the size.
MAX_LISTED = 32 * 2**20
_CHUNK = 2**16
_ZSTANDARD = 93
_JOURNAL = re.compile(r"_journal/summaries/(\d+)\.json$")
#: Entries of a score that say how sure its metrics are, not how good the model is.
_SPREAD = frozenset({"stderr", "std", "var", "bootstrap_stderr", "bootstrap_std"})
_SHARES = re.compile(r"(accuracy|pass_at_\d+|pass@\d+|pass_k_\d+|success_rate)$")
#: What epochs are reduced to: their mean (the default), the best of k, the best of all.
_BEST_OF = re.compile(r"pass_at_(\d+)$")
#: Fields of a sample that its score does not need.
_LARGE = frozenset({"messages", "events", "store", "attachments", "output", "metadata"})


@dataclass(frozen=True, slots=True)
class _Log:
    """What either reader finds: the header, where it stands, and distinct scored samples per scorer."""

    where: str
    header: Mapping[str, Any]
    status: str | None
    scored: Mapping[str, int]


def is_installed() -> bool:
    """Is inspect-ai there (extra ``eval``)?"""
    return importlib.util.find_spec("inspect_ai") is not None


def parse(path: Path, *, metric: str | None = None, reader: str | None = None) -> Parsed:
    """One claim per score and metric of the header; ``n`` are the distinct samples that were scored.

    A run that did not end, failed or was cancelled gives failures, not claims. Epochs that are reduced to
    the best of k are ``k`` attempts; any other reduction than the mean is a failure.

    Parameters
    ----------
    path : Path
        Read in place: logs may be far larger than memory.
    metric : str, optional
        Only this one, as ``SCORER/METRIC``; a log with several scorers has several.
    reader : {"inspect_ai", "own"}, optional

    Raises
    ------
    Unreadable
        Not a zip, damaged, encrypted, or an entry over its limit.
    SchemaDrift
        The header lacks ``eval`` or its model and task.
    MissingExtra
        inspect-ai is asked for, or a JSON log is too large for our own reader.
    BadOption
        No such metric; the message names those that the log has.
    """
    name = clip(path.name)
    chosen = reader or ("inspect_ai" if is_installed() else "own")
    assert chosen in READERS, chosen
    log = (_by_package if chosen == "inspect_ai" else _by_us)(path, name)
    spec = mapping(log.header.get("eval"))
    model, task = text(spec.get("model")), text(spec.get("task"))
    if model is None or task is None:
        raise problem(
            SchemaDrift,
            "format-drift",
            file=name,
            missing="eval.model, eval.task",
            found=clip(", ".join(map(str, spec)), 200),
        )
    if log.status != "success":
        return Parsed(failures=(Failure(log.where, f"run_{log.status or 'unknown'}"),), present=1)
    scores: list[ScoreClaim] = []
    failures: list[Failure] = []
    labels: list[str] = []
    told = mapping(log.header.get("results")).get("scores")
    for i, score in enumerate(told if isinstance(told, list) else []):
        for key, entry in mapping(mapping(score).get("metrics")).items():
            if key in _SPREAD:
                continue
            label = _label(score, str(key))
            labels.append(label)
            if metric is not None and metric != label:
                continue
            raw = f"results.scores[{i}].metrics.{key}"
            made = _claim(log, score, str(key), mapping(entry).get("value"), raw, model, task)
            if isinstance(made, Failure):
                failures.append(made)
            else:
                scores.append(made)
    if metric is not None and labels and metric not in labels:
        raise problem(
            BadOption, "no-metric", metric=clip(metric), metrics=clip(", ".join(labels), 200)
        )
    if not labels:
        return Parsed(failures=(Failure("results.scores", "no_scores"),), present=1)
    return Parsed(tuple(scores), (), tuple(failures), len(scores) + len(failures))


def _label(score: Mapping[str, Any], metric: str) -> str:
    """``SCORER/METRIC``, with the reduction of the epochs between them where it is not their mean."""
    name = text(score.get("name")) or text(score.get("scorer"))
    reducer = text(score.get("reducer"))
    return "/".join(part for part in (name, None if reducer == "mean" else reducer, metric) if part)


def _attempts(reducer: str | None, epochs: int) -> int | None:
    """Tries that an item had; ``None`` for one try, or the mean of several.

    Raises
    ------
    ValueError
        Another reduction (mode, median, at least k): no score of one try, nor the best of several.
    """
    if reducer in (None, "mean"):
        return None
    best = _BEST_OF.match(reducer)
    if best is not None:
        return int(best[1])
    if reducer == "max":
        return epochs
    raise ValueError(reducer)


def _claim(
    log: _Log,
    score: Mapping[str, Any],
    metric: str,
    stated: Any,
    raw: str,
    model: str,
    task: str,
) -> ScoreClaim | Failure:
    spec = mapping(log.header.get("eval"))
    config = mapping(spec.get("config"))
    dataset = mapping(spec.get("dataset"))
    plan = mapping(log.header.get("plan"))
    # the settings of the model, and over them those of the task
    generate = {**mapping(spec.get("model_generate_config")), **mapping(plan.get("config"))}
    packages = mapping(spec.get("packages"))
    metrics = mapping(score.get("metrics"))
    spread = mapping(metrics.get("stderr")) or mapping(metrics.get("bootstrap_stderr"))
    name = text(score.get("name")) or text(score.get("scorer"))
    value = number(stated)
    if value is None:
        return Failure(raw, "not_a_number", clip(stated, 80))
    epochs = count(config.get("epochs")) or 1
    try:
        attempts = _attempts(text(score.get("reducer")), epochs)
    except ValueError as e:
        return Failure(raw, "reduced_epochs", clip(e, 80))
    # epochs repeat the same samples: they are no independent trials
    total = count(mapping(log.header.get("results")).get("completed_samples"))
    n = log.scored.get(name or "") or log.scored.get(text(score.get("scorer")) or "")
    n = n or count(score.get("scored_samples")) or (total and count(total // epochs))
    version = text(packages.get("inspect_ai"))
    share = _SHARES.match(metric) is not None and 0 <= value <= 1
    wanted = count(dataset.get("samples"))
    solver = text(spec.get("solver")) or text(plan.get("name"))
    ended = text(mapping(log.header.get("stats")).get("completed_at"))
    return ScoreClaim(
        model=model,
        benchmark=task,
        score=value,
        unit="proportion" if share else "unknown",
        raw=raw,
        effort=text(generate.get("reasoning_effort")),
        scaffold=None if solver == "plan" else solver,
        harness_version="inspect_ai" if version is None else f"inspect_ai {version}",
        attempts=attempts,
        n=n,
        stderr=number(spread.get("value")),
        evaluated_on=ended or text(spec.get("created")),
        metric=_label(score, metric),
        token_budget=number(config.get("token_limit")),
        note="part_of_the_items" if n is not None and wanted is not None and n < wanted else None,
    )


def _counted(summaries: Iterator[Mapping[str, Any]]) -> dict[str, int]:
    """Distinct samples per scorer that have a score."""
    seen: dict[str, set[str]] = {}
    for entry in summaries:
        for scorer, told in mapping(entry.get("scores")).items():
            if mapping(told).get("value") is not None:
                seen.setdefault(str(scorer), set()).add(str(entry.get("id")))
    return {scorer: len(ids) for scorer, ids in seen.items()}


# By inspect-ai --------------------------------------------------------------------------------


def _by_package(path: Path, name: str) -> _Log:
    """Header, then summaries; samples, one at a time, only where a log has no summaries."""
    try:
        from inspect_ai import log as inspect
    except ImportError as e:
        raise problem(MissingExtra, "needs-eval", file=name) from e
    is_json = path.suffix.lower() == ".json"
    if is_json:
        # its summaries are its samples, which the package reads all at once
        where, streams, listed = "status", False, _size(path, name) <= MAX_BYTES
    else:
        with _archive(path, name) as archive:
            where = _header_entry(archive, name)
            sizes = {info.filename: info.file_size for info in archive.infolist()}
            entries = _summary_entries(archive)
        if sizes[where] > MAX_HEADER:
            raise _over(name, where, MAX_HEADER)
        streams = bool(entries)
        listed = streams and sum(sizes[entry] for entry in entries) <= MAX_LISTED
    try:
        header = inspect.read_eval_log(str(path), header_only=True)
        told = header.model_dump(mode="json", exclude_none=True)
        scored: Mapping[str, int] = {}
        if header.status != "success":
            pass
        elif listed:
            found = inspect.read_eval_log_sample_summaries(str(path))
            scored = _counted(one.model_dump(mode="json") for one in found)
        elif streams:
            scored = _counted(sample_summaries(path))
        elif not is_json and header.eval.dataset.sample_ids:
            one_by_one = inspect.read_eval_log_samples(
                str(path), all_samples_required=False, exclude_fields=set(_LARGE)
            )
            scored = _counted(
                one.model_dump(mode="json", include={"id", "scores"}) for one in one_by_one
            )
    except Unreadable:
        raise
    except Exception as e:  # errors of zips, JSON and pydantic come as they are
        why = clip(f"{type(e).__name__}: {e}", 200)
        raise problem(Unreadable, "inspect-refuses", file=name, why=why) from e
    return _Log(where, told, text(told.get("status")), scored)


# By ourselves ----------------------------------------------------------------------------------


def _by_us(path: Path, name: str) -> _Log:
    if path.suffix.lower() == ".json":
        size = _size(path, name)
        if size > MAX_BYTES:
            raise problem(MissingExtra, "needs-eval", file=name)
        header = mapping(load_json(name, path.read_bytes()))
        samples = header.get("samples")
        told = (mapping(one) for one in (samples if isinstance(samples, list) else []))
        return _Log("status", header, text(header.get("status")), _counted(told))
    with _archive(path, name) as archive:
        inner = _header_entry(archive, name)
        header = mapping(load_json(name, _whole(archive, inner, path, name, MAX_HEADER)))
        status = text(header.get("status")) if inner == "header.json" else "started"
        scored = _counted(_summaries(archive, path, name)) if status == "success" else {}
    return _Log(inner, header, status, scored)


def _size(path: Path, name: str) -> int:
    if not path.is_file():
        raise problem(Unreadable, "not-a-file" if path.exists() else "no-such-file", file=name)
    return path.stat().st_size


def _header_entry(archive: zipfile.ZipFile, name: str) -> str:
    """The entry that says what was run: the header, or what a run begins with."""
    entries = set(archive.namelist())
    for entry in ("header.json", "_journal/start.json"):
        if entry in entries:
            return entry
    raise problem(
        SchemaDrift,
        "format-drift",
        file=name,
        missing="header.json",
        found=clip(", ".join(sorted(entries)[:8]), 200),
    )


def sample_summaries(path: Path) -> Iterator[Mapping[str, Any]]:
    """The summary of every sample (``id``, ``epoch``, ``scores``, ...), one at a time.

    Raises
    ------
    Unreadable
    """
    name = clip(path.name)
    with _archive(path, name) as archive:
        yield from _summaries(archive, path, name)


def _summaries(archive: zipfile.ZipFile, path: Path, name: str) -> Iterator[Mapping[str, Any]]:
    left = MAX_SUMMARIES
    for entry in _summary_entries(archive):
        with _opened(archive, entry, path, name) as file:
            for size, element in _elements(file, name, entry):
                left -= size
                if left < 0:
                    raise _over(name, entry, MAX_SUMMARIES)
                if isinstance(element, Mapping):
                    yield element


def _summary_entries(archive: zipfile.ZipFile) -> list[str]:
    """Those of a run that ended, or of its journal in the order in which it was written."""
    entries = archive.namelist()
    if "summaries.json" in entries:
        return ["summaries.json"]
    numbered = [(int(found[1]), e) for e in entries if (found := _JOURNAL.match(e))]
    return [entry for _, entry in sorted(numbered)]


def _elements(file: IO[bytes], name: str, entry: str) -> Iterator[tuple[int, Any]]:
    """Elements of a JSON array (or the one object) of a stream, with the bytes read for each."""
    decoder = json.JSONDecoder()
    reader = io.TextIOWrapper(file, encoding="utf-8")
    buffer, ended, started = "", False, False
    try:
        while True:
            buffer = buffer.lstrip(" \t\r\n," if started else " \t\r\n")
            if not started and buffer:
                started = True
                if buffer[0] == "[":
                    buffer = buffer[1:]
                    continue
            if started and buffer[:1] == "]":
                return
            try:
                if not buffer:
                    raise json.JSONDecodeError("more to come", "", 0)
                element, end = decoder.raw_decode(buffer)
                # a number at the very end of the buffer may go on
                if end == len(buffer) and not ended:
                    raise json.JSONDecodeError("more to come", "", 0)
            except (ValueError, RecursionError) as e:
                if ended or type(e) is ValueError:  # a number too long to be read
                    if not buffer and started:
                        return
                    why = f"{entry}: {type(e).__name__}"
                    raise problem(Unreadable, "format-not-json", file=name, why=why) from e
                if len(buffer) > MAX_SUMMARY:
                    raise _over(name, entry, MAX_SUMMARY) from e
                # ask for as much as there is: a long element is then read in few steps
                more = reader.read(max(_CHUNK, len(buffer)))
                ended = not more
                buffer += more
                continue
            if end > MAX_SUMMARY:
                raise _over(name, entry, MAX_SUMMARY)
            yield end, element
            buffer = buffer[end:]
    except UnicodeDecodeError as e:
        raise problem(Unreadable, "format-not-utf8", file=name, position=e.start) from e
    except (zipfile.BadZipFile, EOFError, OSError) as e:
        raise problem(Unreadable, "damaged-zip", file=name, why=type(e).__name__) from e


# The zip ------------------------------------------------------------------------------------


@contextlib.contextmanager
def _archive(path: Path, name: str) -> Iterator[zipfile.ZipFile]:
    if not path.is_file():
        raise problem(Unreadable, "not-a-file" if path.exists() else "no-such-file", file=name)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as e:
        raise problem(Unreadable, "damaged-zip", file=name, why=type(e).__name__) from e
    with archive:
        yield archive


def _over(name: str, entry: str, limit: int) -> Unreadable:
    return problem(
        Unreadable, "zip-entry-large", file=name, entry=clip(entry, 80), limit=limit // 2**20
    )


def _whole(archive: zipfile.ZipFile, entry: str, path: Path, name: str, limit: int) -> bytes:
    """One entry in full; the limit holds for what comes out, whatever the zip's directory says."""
    try:
        with _opened(archive, entry, path, name) as file:
            body = file.read(limit + 1)
    except (zipfile.BadZipFile, EOFError, OSError) as e:
        raise problem(Unreadable, "damaged-zip", file=name, why=type(e).__name__) from e
    if len(body) > limit:
        raise _over(name, entry, limit)
    return body


@contextlib.contextmanager
def _opened(archive: zipfile.ZipFile, entry: str, path: Path, name: str) -> Iterator[IO[bytes]]:
    info = archive.getinfo(entry)
    if info.flag_bits & 0x1:
        raise problem(Unreadable, "damaged-zip", file=name, why="encrypted")
    if info.compress_type == _ZSTANDARD:
        with _zstandard(info, path, name) as file:
            yield file
        return
    try:
        opened = archive.open(info)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as e:
        raise problem(Unreadable, "damaged-zip", file=name, why=type(e).__name__) from e
    with opened as file:
        yield file


class _Part(io.RawIOBase):
    """A range of a file as a stream of its own."""

    def __init__(self, file: IO[bytes], start: int, size: int) -> None:
        super().__init__()
        self._file, self._left = file, size
        file.seek(start)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        body = self._file.read(min(len(buffer), self._left))
        self._left -= len(body)
        buffer[: len(body)] = body
        return len(body)


@contextlib.contextmanager
def _zstandard(info: zipfile.ZipInfo, path: Path, name: str) -> Iterator[IO[bytes]]:
    """An entry compressed with Zstandard (method 93 of the zip specification)."""
    import pyarrow as pa

    with path.open("rb") as file:
        file.seek(info.header_offset)
        head = file.read(30)
        if len(head) < 30 or head[:4] != b"PK\x03\x04":
            raise problem(Unreadable, "damaged-zip", file=name, why="BadZipFile")
        start = info.header_offset + 30
        start += int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        part = io.BufferedReader(_Part(file, start, info.compress_size))
        with pa.CompressedInputStream(pa.PythonFile(part, mode="r"), "zstd") as stream:
            yield cast("IO[bytes]", stream)
