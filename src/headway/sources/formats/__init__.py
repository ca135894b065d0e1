"""Formats in which others state results: each reads to :class:`~headway.sources.declare.Parsed`.

===================  =====================================================================
``every_eval_ever``  Every Eval Ever 0.3.0 (JSON, a list, or JSON Lines); also written
``inspect_log``      Inspect ``.eval`` logs: header and sample summaries, never all samples
``lm_eval``          results of lm-evaluation-harness (JSON)
``hub_results``      community results of the Hugging Face Hub (``.eval_results/*.yaml``)
``mapped_csv``       any CSV, by a mapping of its columns
===================  =====================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from headway.errors import Unreadable
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

        told = load_json(clip(path.name), _body(path))
        if isinstance(told, Mapping) and "results" in told and "evaluation_results" not in told:
            return "lm_eval"
        return "every_eval_ever"
    raise problem(Unreadable, "format-unknown", file=clip(path.name))


def read(
    path: Path,
    *,
    form: str | None = None,
    model: str | None = None,
    mapping: Mapping[str, str] | None = None,
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

    Raises
    ------
    Unreadable, SchemaDrift
    """
    from headway.sources.formats import every_eval_ever, hub_results, inspect_log, lm_eval
    from headway.sources.formats import mapped_csv as by_columns

    name = clip(path.name)
    kind = form or format_of(path)
    if kind == "inspect_log":
        return inspect_log.parse(path)
    body = _body(path)
    if kind == "lm_eval":
        return lm_eval.parse(body, name=name, model=model)
    if kind == "hub_results":
        return hub_results.parse(body, name=name, model=model)
    if kind == "mapped_csv":
        return by_columns.parse(body, mapping or {}, name=name)
    assert kind == "every_eval_ever", kind
    return every_eval_ever.parse(body, name=name)


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
