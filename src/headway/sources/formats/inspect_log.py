"""Inspect ``.eval`` logs: the header and the sample summaries, never the samples.

A log is a zip of JSON: ``header.json`` (written when the run ends), ``summaries.json`` or
``_journal/summaries/N.json`` (one short entry per sample), ``samples/*.json`` (large, not read).
Entries may be deflated or, in newer logs, compressed with Zstandard, which the standard library of
Python 3.11 cannot read and pyarrow can. Memory is bounded: summaries are read element by element,
and every entry has a limit on its unpacked size.

References
----------
.. [1] UK AI Security Institute, Inspect, https://inspect.aisi.org.uk/eval-logs.html
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, cast

from headway.errors import SchemaDrift, Unreadable
from headway.problems import problem
from headway.sources.declare import Failure, Parsed, ScoreClaim
from headway.sources.formats.values import count, load_json, mapping, number, text
from headway.textsafe import clip

__all__ = ["parse", "sample_summaries"]

#: Unpacked bytes: of the header, of all summaries, of one summary.
MAX_HEADER = 64 * 2**20
MAX_SUMMARIES = 2**30
MAX_SUMMARY = 8 * 2**20
_CHUNK = 2**16
_ZSTANDARD = 93
_JOURNAL = re.compile(r"_journal/summaries/(\d+)\.json$")
#: Entries of a score that say how sure its metrics are, not how good the model is.
_SPREAD = frozenset({"stderr", "std", "var", "bootstrap_stderr", "bootstrap_std"})
_SHARES = re.compile(r"(accuracy|pass_at_\d+|pass@\d+|pass_k_\d+|success_rate)$")


def parse(path: Path) -> Parsed:
    """One claim per score and metric of the header; ``n`` are the distinct samples that were scored.

    A run that did not end, failed or was cancelled gives failures, not claims.

    Parameters
    ----------
    path : Path
        Read in place: logs may be far larger than memory.

    Raises
    ------
    Unreadable
        Not a zip, damaged, encrypted, or an entry over its limit.
    SchemaDrift
        The header lacks ``eval`` or its model and task.
    """
    name = clip(path.name)
    with _archive(path, name) as archive:
        entries = set(archive.namelist())
        finished = "header.json" in entries
        inner = "header.json" if finished else "_journal/start.json"
        if inner not in entries:
            raise problem(
                SchemaDrift,
                "format-drift",
                file=name,
                missing="header.json",
                found=clip(", ".join(sorted(entries)[:8]), 200),
            )
        header = load_json(name, _whole(archive, inner, path, name, MAX_HEADER))
        spec = mapping(mapping(header).get("eval"))
        model, task = text(spec.get("model")), text(spec.get("task"))
        if model is None or task is None:
            raise problem(
                SchemaDrift,
                "format-drift",
                file=name,
                missing="eval.model, eval.task",
                found=clip(", ".join(map(str, spec)), 200),
            )
        status = text(header.get("status")) if finished else "started"
        if status != "success":
            return Parsed(failures=(Failure(inner, f"run_{status or 'unknown'}"),), present=1)
        scored = _scored(archive, path, name)
    scores: list[ScoreClaim] = []
    failures: list[Failure] = []
    present = 0
    results = mapping(header.get("results"))
    told = results.get("scores")
    for i, score in enumerate(told if isinstance(told, list) else []):
        metrics = mapping(mapping(score).get("metrics"))
        for metric, entry in metrics.items():
            if metric in _SPREAD:
                continue
            present += 1
            raw = f"results.scores[{i}].metrics.{metric}"
            value = number(mapping(entry).get("value"))
            if value is None:
                failures.append(Failure(raw, "not_a_number", clip(mapping(entry).get("value"), 80)))
                continue
            scores.append(
                _claim(header, spec, results, score, str(metric), value, raw, model, task, scored)
            )
    if not present:
        return Parsed(failures=(Failure("results.scores", "no_scores"),), present=1)
    return Parsed(tuple(scores), (), tuple(failures), present)


def _claim(
    header: Mapping[str, Any],
    spec: Mapping[str, Any],
    results: Mapping[str, Any],
    score: Mapping[str, Any],
    metric: str,
    value: float,
    raw: str,
    model: str,
    task: str,
    scored: Mapping[str, int],
) -> ScoreClaim:
    config = mapping(spec.get("config"))
    dataset = mapping(spec.get("dataset"))
    generate = mapping(spec.get("model_generate_config"))
    packages = mapping(spec.get("packages"))
    metrics = mapping(score.get("metrics"))
    spread = mapping(metrics.get("stderr")) or mapping(metrics.get("bootstrap_stderr"))
    name = text(score.get("name")) or text(score.get("scorer"))
    epochs = count(config.get("epochs")) or 1
    # epochs repeat the same samples: they are no independent trials
    total = count(results.get("completed_samples"))
    n = scored.get(name or "") or (None if total is None else count(total // epochs))
    version = text(packages.get("inspect_ai"))
    share = _SHARES.match(metric) is not None and 0 <= value <= 1
    wanted = count(dataset.get("samples"))
    stats = mapping(header.get("stats"))
    solver = text(spec.get("solver")) or text(mapping(header.get("plan")).get("name"))
    return ScoreClaim(
        model=model,
        benchmark=task,
        score=value,
        unit="proportion" if share else "unknown",
        raw=raw,
        effort=text(generate.get("reasoning_effort")),
        scaffold=None if solver == "plan" else solver,
        harness_version="inspect_ai" if version is None else f"inspect_ai {version}",
        n=n,
        stderr=number(spread.get("value")),
        evaluated_on=text(stats.get("completed_at")) or text(spec.get("created")),
        metric="/".join(part for part in (name, metric) if part),
        token_budget=number(config.get("token_limit")),
        note="part_of_the_items" if n is not None and wanted is not None and n < wanted else None,
    )


def _scored(archive: zipfile.ZipFile, path: Path, name: str) -> dict[str, int]:
    """Distinct samples per scorer that have a score, from the summaries."""
    seen: dict[str, set[str]] = {}
    for entry in _summaries(archive, path, name):
        for scorer, told in mapping(entry.get("scores")).items():
            if mapping(told).get("value") is not None:
                seen.setdefault(str(scorer), set()).add(str(entry.get("id")))
    return {scorer: len(ids) for scorer, ids in seen.items()}


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
    entries = archive.namelist()
    if "summaries.json" in entries:
        wanted = ["summaries.json"]
    else:
        numbered = [(int(found[1]), e) for e in entries if (found := _JOURNAL.match(e))]
        wanted = [entry for _, entry in sorted(numbered)]
    left = MAX_SUMMARIES
    for entry in wanted:
        with _opened(archive, entry, path, name) as file:
            for size, element in _elements(file, name, entry):
                left -= size
                if left < 0:
                    raise _over(name, entry, MAX_SUMMARIES)
                if isinstance(element, Mapping):
                    yield element


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
            except (json.JSONDecodeError, RecursionError) as e:
                if ended:
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
