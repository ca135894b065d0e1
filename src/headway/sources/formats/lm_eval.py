"""Results files of lm-evaluation-harness (``results_*.json``), old and new key style.

A task holds ``metric,filter`` (new) or ``metric`` (old) with ``metric_stderr`` beside it. The file
states no unit: metrics that are shares of items are ``proportion``, others ``unknown``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from headway.errors import BadOption, SchemaDrift
from headway.problems import problem
from headway.sources.declare import Failure, Parsed, ScoreClaim
from headway.sources.formats.values import count, load_json, mapping, number, text
from headway.textsafe import clip

__all__ = ["SHARES", "parse"]

#: Metrics that are shares of items.
SHARES = ("acc", "acc_norm", "acc_mutual_info", "exact_match", "mc1", "mc2", "em", "f1")
_SHARE = re.compile(rf"(?:{'|'.join(SHARES)}|pass@\d+|pass_at_\d+)$")
#: Entries of a task that are no metric.
_NOT_METRICS = frozenset({"alias", "name", "sample_len", "samples", "sample_count"})
_KNOWN = frozenset(
    {
        *("results", "groups", "group_subtasks", "configs", "versions", "n-shot"),
        *("higher_is_better", "n-samples", "config", "git_hash", "date", "pretty_env_info"),
        *("transformers_version", "lm_eval_version", "upper_git_hash", "tokenizer_pad_token"),
        *("tokenizer_eos_token", "tokenizer_bos_token", "eot_token_id", "max_length"),
        *("task_hashes", "model_source", "model_name", "model_name_sanitized"),
        *("system_instruction", "system_instruction_sha", "fewshot_as_multiturn"),
        *("chat_template", "chat_template_sha", "start_time", "end_time"),
        *("total_evaluation_time_seconds", "samples"),
    }
)


def parse(
    body: bytes,
    *,
    name: str = "results.json",
    model: str | None = None,
    metric: str | None = None,
) -> Parsed:
    """One claim per task and metric.

    Parameters
    ----------
    body : bytes
    name : str
        For messages.
    model : str, optional
        Overrides the model that the file names.
    metric : str, optional
        Only this one, with its filter (``acc,none``) or without (``acc``).

    Raises
    ------
    Unreadable
        Not JSON.
    SchemaDrift
        No ``results``.
    BadOption
        No task has the metric; the message names those that there are.
    """
    told = load_json(name, body)
    if not isinstance(told, Mapping) or not isinstance(told.get("results"), Mapping):
        found = ", ".join(map(str, told)) if isinstance(told, Mapping) else type(told).__name__
        raise problem(
            SchemaDrift, "format-drift", file=name, missing="results", found=clip(found, 200)
        )
    who = model or _model(told)
    scores: list[ScoreClaim] = []
    failures: list[Failure] = []
    present = 0
    labels: dict[str, None] = {}
    for task, entries in told["results"].items():
        if not isinstance(entries, Mapping):
            present += 1
            failures.append(Failure(f"results.{task}", "not_an_object", clip(entries, 80)))
            continue
        for key, value in entries.items():
            word = str(key).partition(",")[0]
            if word in _NOT_METRICS or word.endswith("_stderr"):
                continue
            labels[str(key)] = None
            if metric is not None and metric not in (word, str(key)):
                continue
            present += 1
            made = _claim(told, str(task), str(key), value, who)
            if isinstance(made, Failure):
                failures.append(made)
            else:
                scores.append(made)
    if metric is not None and labels and not present:
        raise problem(
            BadOption, "no-metric", metric=clip(metric), metrics=clip(", ".join(labels), 200)
        )
    drift = sorted(clip(key, 40) for key in told if key not in _KNOWN)
    return Parsed(tuple(scores), (), tuple(failures), present, tuple(drift))


def _claim(
    told: Mapping[str, Any], task: str, key: str, value: Any, model: str | None
) -> ScoreClaim | Failure:
    raw = f"results.{task}.{key}"
    metric, comma, chosen = key.partition(",")
    score = number(value)
    if model is None:
        return Failure(raw, "no_model")
    if score is None:
        return Failure(raw, "not_a_number", clip(value, 80))
    better = mapping(mapping(told.get("higher_is_better")).get(task)).get(metric)
    if better is False:
        return Failure(raw, "lower_is_better", metric)
    share = _SHARE.match(metric) is not None and 0 <= score <= 1
    samples = mapping(mapping(told.get("n-samples")).get(task))
    version = text(told.get("lm_eval_version"))
    shots = text(mapping(told.get("n-shot")).get(task))
    part = count(samples.get("effective")) != count(samples.get("original"))
    return ScoreClaim(
        model=model,
        benchmark=task,
        score=score,
        unit="proportion" if share else "unknown",
        raw=raw,
        harness_version="lm_eval" if version is None else f"lm_eval {version}",
        n=count(samples.get("effective")),
        stderr=number(told["results"][task].get(f"{metric}_stderr{comma}{chosen}")),
        evaluated_on=_day(told.get("date")),
        metric=key,
        scaffold=None if shots is None else f"{shots}-shot",
        note="part_of_the_items" if samples and part else None,
    )


def _model(told: Mapping[str, Any]) -> str | None:
    """``model_name``, or the ``pretrained`` of the arguments."""
    named = text(told.get("model_name"))
    if named is not None:
        return named
    arguments = mapping(told.get("config")).get("model_args")
    if isinstance(arguments, Mapping):
        return text(arguments.get("pretrained")) or text(arguments.get("model"))
    found = re.search(r"(?:^|,)(?:pretrained|model)=([^,]+)", text(arguments) or "")
    return found[1].strip() if found else None


def _day(value: Any) -> str | None:
    """The day of a Unix time (UTC); a text as it is."""
    stamp = number(value)
    if stamp is None:
        return text(value)
    try:
        return datetime.fromtimestamp(stamp, UTC).date().isoformat()
    except (OverflowError, OSError, ValueError):
        return text(value)
