"""Community results of the Hugging Face Hub: ``.eval_results/*.yaml`` in a model's repository.

A list of entries, each with ``dataset`` (``id``, ``task_id``), ``value``, and where given ``date``,
``source``, ``notes``. The file names no model (its repository does) and no unit: values of 0.41
and of 63.3 are both in use, so the unit is ``unknown``.

References
----------
.. [1] https://huggingface.co/docs/hub/eval-results
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headway.errors import SchemaDrift, Unreadable
from headway.problems import problem
from headway.sources.declare import Failure, Parsed, ScoreClaim
from headway.sources.formats.values import mapping, number, text
from headway.textsafe import clip

__all__ = ["parse"]

_KNOWN = frozenset({"dataset", "value", "date", "source", "notes", "verifyToken"})
#: YAML aliases could blow a small file up; these files are a few lines long.
_MAX_BYTES = 2**20


def parse(body: bytes, *, name: str = "results.yaml", model: str | None = None) -> Parsed:
    """One claim per entry; the benchmark is ``<dataset id>:<task id>``.

    Parameters
    ----------
    body : bytes
    name : str
        For messages.
    model : str, optional
        The repository the file came from. Without it every entry fails with ``no_model``.

    Raises
    ------
    Unreadable
        Not YAML, or too large.
    SchemaDrift
        Not a list of entries.
    """
    import yaml

    if len(body) > _MAX_BYTES:
        size, limit = len(body) // 2**20, _MAX_BYTES // 2**20
        raise problem(Unreadable, "too-large", file=name, size=size, limit=limit)
    try:
        if b"&" in body and any(isinstance(t, yaml.AliasToken) for t in yaml.scan(body)):
            raise problem(Unreadable, "format-not-yaml", file=name, why="aliases")
        # BaseLoader: every scalar is a text, so dates and versions stay as they are written
        told = yaml.load(body, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as e:
        raise problem(Unreadable, "format-not-yaml", file=name, why=type(e).__name__) from e
    if not isinstance(told, list):
        found = ", ".join(map(str, told)) if isinstance(told, Mapping) else type(told).__name__
        raise problem(
            SchemaDrift, "format-drift", file=name, missing="dataset", found=clip(found, 200)
        )
    scores: list[ScoreClaim] = []
    failures: list[Failure] = []
    drift: set[str] = set()
    for i, entry in enumerate(told):
        made = _claim(entry, f"[{i}]", model)
        if isinstance(made, Failure):
            failures.append(made)
        else:
            scores.append(made)
        drift.update(clip(key, 40) for key in mapping(entry) if key not in _KNOWN)
    return Parsed(tuple(scores), (), tuple(failures), len(told), tuple(sorted(drift)))


def _claim(entry: Any, raw: str, model: str | None) -> ScoreClaim | Failure:
    if not isinstance(entry, Mapping):
        return Failure(raw, "not_an_object", clip(entry, 80))
    dataset = mapping(entry.get("dataset"))
    parts = [text(dataset.get("id")), text(dataset.get("task_id"))]
    score = number(entry.get("value"))
    if parts[0] is None:
        return Failure(raw, "no_benchmark")
    if score is None:
        return Failure(raw, "not_a_number", clip(entry.get("value"), 80))
    if model is None:
        return Failure(raw, "no_model")
    source = mapping(entry.get("source"))
    return ScoreClaim(
        model=model,
        benchmark=":".join(p for p in parts if p),
        score=score,
        unit="unknown",
        raw=raw,
        published_at=text(entry.get("date")),
        evaluator=text(source.get("org")) or text(source.get("user")),
        source_url=text(source.get("url")),
        note=text(entry.get("notes")),
    )
