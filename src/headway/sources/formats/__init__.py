"""Formats in which others state results: each reads to :class:`~headway.sources.declare.Parsed`.

===================  =====================================================================
``every_eval_ever``  Every Eval Ever 0.3.0 (JSON, a list, or JSON Lines); also written
``inspect_log``      Inspect logs (``.eval``, JSON): header and sample summaries
``lm_eval``          results of lm-evaluation-harness (JSON)
``hub_results``      community results of the Hugging Face Hub (``.eval_results/*.yaml``)
``mapped_csv``       any CSV, by a mapping of its columns
===================  =====================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from headway.errors import BadOption, Unreadable
from headway.problems import problem
from headway.sources.declare import MAX_BYTES, Parsed
from headway.textsafe import clip

__all__ = ["FORMATS", "format_of", "read"]

FORMATS = ("every_eval_ever", "inspect_log", "lm_eval", "hub_results", "mapped_csv")


def format_of(path: Path) -> str:
    """The format of a file, by its ending and, for JSON, by its first keys.

    Raises
    ------
    Unreadable
        None of the formats, or the file cannot be opened.
    """
    suffix = path.suffix.lower()
    fixed = {
        ".eval": "inspect_log",
        ".yaml": "hub_results",
        ".yml": "hub_results",
        ".csv": "mapped_csv",
        ".jsonl": "every_eval_ever",
    }
    if suffix in fixed:
        return fixed[suffix]
    if suffix == ".json":
        from headway.sources.formats.values import load_json

        if _is_large_log(path):
            return "inspect_log"
        told = load_json(clip(path.name), _body(path))
        keys = set(told) if isinstance(told, Mapping) else set()
        if {"status", "eval"} <= keys and "evaluation_results" not in keys:
            return "inspect_log"
        if "results" in keys and "evaluation_results" not in keys:
            return "lm_eval"
        return "every_eval_ever"
    raise problem(Unreadable, "format-unknown", file=clip(path.name))


def read(
    path: Path,
    *,
    form: str | None = None,
    model: str | None = None,
    mapping: Mapping[str, str] | None = None,
    metric: str | None = None,
) -> Parsed:
    """Everything that a file of results states.

    Parameters
    ----------
    path : Path
    form : str, optional
        One of :data:`FORMATS`; by default :func:`format_of`.
    model : str, optional
        Whose results they are, for formats that do not say (``hub_results``).
    mapping : mapping, optional
        Of ``mapped_csv``.
    metric : str, optional
        Only this metric, in the file's own word, for formats that state several per benchmark.

    Raises
    ------
    Unreadable, SchemaDrift
    BadOption
        The file does not have the metric.
    """
    from headway.sources.formats import every_eval_ever, hub_results, inspect_log, lm_eval
    from headway.sources.formats import mapped_csv as by_columns

    name = clip(path.name)
    kind = form or format_of(path)
    if kind == "inspect_log":
        return inspect_log.parse(path, metric=metric)
    body = _body(path)
    if kind == "lm_eval":
        return lm_eval.parse(body, name=name, model=model, metric=metric)
    if kind == "every_eval_ever":
        return every_eval_ever.parse(body, name=name, metric=metric)
    if metric is not None:
        raise problem(BadOption, "no-metric", metric=clip(metric), metrics="-")
    if kind == "hub_results":
        return hub_results.parse(body, name=name, model=model)
    assert kind == "mapped_csv", kind
    return by_columns.parse(body, mapping or {}, name=name)


def _is_large_log(path: Path) -> bool:
    """A JSON file beyond our limit that begins as an Inspect log does (its header comes first)."""
    try:
        if not path.is_file() or path.stat().st_size <= MAX_BYTES:
            return False
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as e:
        raise problem(Unreadable, "cannot-open", file=clip(path.name), why=type(e).__name__) from e
    return b'"status"' in start and b'"eval"' in start


def _body(path: Path) -> bytes:
    """The bytes of a file of bounded size."""
    name = clip(path.name)
    if not path.is_file():
        raise problem(Unreadable, "not-a-file" if path.exists() else "no-such-file", file=name)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise problem(
                Unreadable, "too-large", file=name, size=size // 2**20, limit=MAX_BYTES // 2**20
            )
        return path.read_bytes()
    except OSError as e:
        raise problem(Unreadable, "cannot-open", file=name, why=type(e).__name__) from e
