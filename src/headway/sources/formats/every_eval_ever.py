"""Every Eval Ever, schema 0.3.0: one JSON record per evaluation of one model, read and written.

A file may hold one record, a list of records, or one per line. What the schema has no field for
(effort, scaffold, our relationship) travels in its ``additional_details``, so that a round trip
gives the same claims.

References
----------
.. [1] Every Eval Ever, MIT licence, https://github.com/evaleval/every_eval_ever
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any

from headway.errors import BadOption, SchemaDrift
from headway.problems import problem
from headway.sources.declare import Failure, Parsed, ScoreClaim
from headway.sources.formats.values import count, load_json, mapping, number, text
from headway.textsafe import clip

__all__ = ["RELATIONSHIPS", "SCHEMA_VERSION", "export", "parse"]

SCHEMA_VERSION = "0.3.0"
#: Our relationships in the format's words. A rival is no third party; the rest is ``other``.
RELATIONSHIPS: Mapping[str, str] = {
    "first_party": "first_party",
    "third_party": "third_party",
    "academic": "third_party",
    "government": "third_party",
    "competitor": "other",
    "own": "other",
    "unknown": "other",
}
_NEEDED = ("schema_version", "model_info", "source_metadata", "evaluation_results")
_KNOWN = frozenset(
    {
        *_NEEDED,
        "evaluation_id",
        "evaluation_timestamp",
        "retrieved_timestamp",
        "eval_library",
        "detailed_evaluation_results",
    }
)
_UNITS = {"fraction": "proportion", "percentage": "percent", "%": "percent"}


# Reading ------------------------------------------------------------------------------------


def parse(body: bytes, *, name: str = "record.json", metric: str | None = None) -> Parsed:
    """One claim per entry of ``evaluation_results`` of every record.

    Parameters
    ----------
    body : bytes
    name : str
        For messages.
    metric : str, optional
        Only entries with this ``metric_id`` or ``metric_name``.

    Raises
    ------
    Unreadable
        Not JSON.
    SchemaDrift
        A record lacks a part that every record has; the message names what is there.
    BadOption
        No entry has the metric; the message names those that there are.
    """
    scores: list[ScoreClaim] = []
    failures: list[Failure] = []
    drift: set[str] = set()
    present = 0
    labels: dict[str, None] = {}
    for where, record in _records(name, body):
        missing = [key for key in _NEEDED if key not in record]
        if missing:
            raise problem(
                SchemaDrift,
                "format-drift",
                file=name,
                missing=", ".join(missing),
                found=clip(", ".join(map(str, record)), 200),
            )
        if text(record["schema_version"]) != SCHEMA_VERSION:
            drift.add(f"schema_version {clip(record['schema_version'], 20)}")
        drift.update(clip(key, 40) for key in record if key not in _KNOWN)
        results = record["evaluation_results"]
        for i, result in enumerate(results if isinstance(results, list) else [results]):
            label = _metric(result)
            if label is not None:
                labels[label] = None
            if metric is not None and metric != label:
                continue
            present += 1
            found = _claim(record, result, f"{where}evaluation_results[{i}]")
            if isinstance(found, Failure):
                failures.append(found)
            else:
                scores.append(found)
    if metric is not None and not present:
        raise problem(
            BadOption, "no-metric", metric=clip(metric), metrics=clip(", ".join(labels) or "-", 200)
        )
    return Parsed(tuple(scores), (), tuple(failures), present, tuple(sorted(drift)))


def _metric(result: Any) -> str | None:
    """The record's word for what was counted."""
    config = mapping(mapping(result).get("metric_config"))
    return text(config.get("metric_id")) or text(config.get("metric_name"))


def _records(name: str, body: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Records with the place of each: of an object, a list, or one object per line."""
    stripped = body.strip()
    lines = [line for line in stripped.splitlines() if line.strip()]
    if len(lines) > 1 and all(line.lstrip()[:1] == b"{" for line in lines):
        told: Any = [load_json(name, line) for line in lines]
    else:
        told = load_json(name, stripped)
    several = isinstance(told, list)
    for i, record in enumerate(told if several else [told]):
        if not isinstance(record, Mapping):
            raise problem(
                SchemaDrift,
                "format-drift",
                file=name,
                missing=", ".join(_NEEDED),
                found=type(record).__name__,
            )
        yield (f"[{i}]." if several else ""), record


def _claim(record: Mapping[str, Any], result: Any, raw: str) -> ScoreClaim | Failure:
    """One result as a claim, or why it is none."""
    if not isinstance(result, Mapping):
        return Failure(raw, "not_an_object", clip(result, 80))
    info = mapping(record["model_info"])
    model = text(info.get("id")) or text(info.get("name"))
    benchmark = text(result.get("evaluation_name"))
    told = mapping(result.get("score_details"))
    score = number(told.get("score"))
    metric = mapping(result.get("metric_config"))
    for value, reason in ((model, "no_model"), (benchmark, "no_benchmark")):
        if value is None:
            return Failure(raw, reason)
    if score is None:
        return Failure(raw, "not_a_number", clip(told.get("score"), 80))
    if metric.get("lower_is_better") is True:
        return Failure(raw, "lower_is_better", clip(metric.get("metric_name") or "", 80))
    if metric.get("has_unknown_level") is True and score == -1:
        return Failure(raw, "unknown_level", "-1")
    assert model is not None and benchmark is not None, "checked above"
    source = mapping(record["source_metadata"])
    uncertainty = mapping(told.get("uncertainty"))
    library = mapping(record.get("eval_library"))
    config = mapping(result.get("generation_config"))
    arguments = mapping(config.get("generation_args"))
    extra = mapping(config.get("additional_details"))
    own = mapping(source.get("additional_details"))
    data = mapping(result.get("source_data"))
    urls = data.get("url")
    return ScoreClaim(
        model=model,
        benchmark=benchmark,
        score=score,
        unit=_unit(metric),
        raw=raw,
        effort=text(extra.get("effort")),
        scaffold=text(extra.get("scaffold")),
        harness_version=_harness(library),
        attempts=count(mapping(metric.get("metric_parameters")).get("k")),
        n=count(uncertainty.get("num_samples")) or count(data.get("samples_number")),
        stderr=number(mapping(uncertainty.get("standard_error")).get("value")),
        evaluated_on=text(result.get("evaluation_timestamp"))
        or text(record.get("evaluation_timestamp")),
        published_at=text(extra.get("published_at")),
        evaluator=text(source.get("source_organization_name")),
        source_url=text(urls[0] if isinstance(urls, list) and urls else None),
        metric=_metric(result),
        token_budget=number(mapping(arguments.get("eval_limits")).get("token_limit")),
        developer=text(info.get("developer")),
        evaluator_relationship=text(own.get("headway_relationship"))
        or text(source.get("evaluator_relationship")),
    )


def _unit(metric: Mapping[str, Any]) -> str:
    """The stated unit; a stated range of 0 to 1 or 0 to 100 says as much."""
    stated = text(metric.get("metric_unit"))
    if stated is not None:
        return _UNITS.get(stated.casefold(), stated)
    ends = (number(metric.get("min_score")), number(metric.get("max_score")))
    return {(0.0, 1.0): "proportion", (0.0, 100.0): "percent"}.get(ends, "unknown")  # type: ignore[arg-type]  # None is no key


def _harness(library: Mapping[str, Any]) -> str | None:
    name, version = text(library.get("name")), text(library.get("version"))
    if name in (None, "unknown"):
        return None
    return name if version in (None, "unknown") else f"{name} {version}"


# Writing ------------------------------------------------------------------------------------


def export(
    scores: Iterable[Mapping[str, Any]],
    *,
    models: Mapping[str, Mapping[str, Any]],
    benchmarks: Mapping[str, Mapping[str, Any]],
    publishers: Mapping[str, str],
    released: date,
) -> Iterator[dict[str, Any]]:
    """Records of rows of the table ``scores``: one per model, source, evaluator and set-up.

    Parameters
    ----------
    scores : iterable of mapping
        Rows with the columns of the table.
    models, benchmarks : mapping of id to mapping
        Rows of the tables, by id.
    publishers : mapping of str to str
        Source to its publisher: the organisation where a row names no evaluator.
    released : date
        Day of the release: the ``retrieved_timestamp``, so that equal rows give equal records.

    Yields
    ------
    dict
        A record that satisfies the published schema.
    """
    stamp = str(int(datetime(released.year, released.month, released.day, tzinfo=UTC).timestamp()))

    def key(row: Mapping[str, Any]) -> tuple[str, ...]:
        columns = (
            *("model_version", "source", "evaluator", "evaluator_relationship"),
            *("scaffold", "harness_version", "effort"),
        )
        return tuple("" if row[c] is None else str(row[c]) for c in columns)

    for group, rows in groupby(sorted(scores, key=lambda r: (key(r), r["score_id"])), key=key):
        members = list(rows)
        first = members[0]
        model = models[first["model_version"]]
        relationship = str(first["evaluator_relationship"])
        digest = hashlib.sha256(json.dumps(group).encode()).hexdigest()[:12]
        harness = first["harness_version"] or "unknown"
        yield {
            "schema_version": SCHEMA_VERSION,
            "evaluation_id": f"{first['source']}/{first['model_version']}/{stamp}-{digest}",
            "retrieved_timestamp": stamp,
            "source_metadata": {
                "source_name": str(first["source"]),
                "source_type": "documentation",
                "source_organization_name": str(
                    first["evaluator"] or publishers.get(first["source"], first["source"])
                ),
                "evaluator_relationship": RELATIONSHIPS[relationship],
                "additional_details": {
                    "headway_relationship": relationship,
                    "licence": str(first["licence"]),
                },
            },
            "eval_library": {"name": str(harness), "version": "unknown"},
            "model_info": _model_info(first["model_version"], model),
            "evaluation_results": [_result(row, benchmarks[row["benchmark"]]) for row in members],
        }


def _model_info(version: str, model: Mapping[str, Any]) -> dict[str, Any]:
    available = {True: "open_weights", False: "closed_weights", None: "unknown"}
    out = {
        "name": str(model["name"]),
        "id": version,
        "additional_details": {
            "deployment_type": "unknown",
            "model_availability": available[model["open_weight"]],
        },
    }
    if model["developer"]:
        out["developer"] = str(model["developer"])
    return out


def _result(row: Mapping[str, Any], benchmark: Mapping[str, Any]) -> dict[str, Any]:
    unit = str(row["unit"])
    bounds = (0.0, 1.0) if unit == "proportion" else ("-Infinity", "Infinity")
    metric: dict[str, Any] = {
        "metric_unit": unit,
        "lower_is_better": not benchmark["higher_is_better"],
        "score_type": "continuous",
        "min_score": bounds[0],
        "max_score": bounds[1],
    }
    if row["attempts"] is not None:
        metric["metric_parameters"] = {"k": int(row["attempts"])}
    details: dict[str, Any] = {"score": float(row["value"])}
    uncertainty: dict[str, Any] = {}
    if row["stderr"] is not None:
        uncertainty["standard_error"] = {"value": float(row["stderr"])}
    if row["n"] is not None:
        uncertainty["num_samples"] = int(row["n"])
    if uncertainty:
        details["uncertainty"] = uncertainty
    url = str(row["source_url"])
    data = {"dataset_name": str(benchmark["name"])}
    out: dict[str, Any] = {
        "evaluation_result_id": str(row["score_id"]),
        "evaluation_name": str(row["benchmark"]),
        "source_data": {**data, "source_type": "url", "url": [url]}
        if url.startswith(("http://", "https://"))
        else {**data, "source_type": "other"},
        "metric_config": metric,
        "score_details": details,
    }
    if row["evaluated_on"] is not None:
        out["evaluation_timestamp"] = row["evaluated_on"].isoformat()
    extra = {
        name: str(row[name])
        for name in ("effort", "scaffold", "published_at")
        if row[name] is not None
    }
    config: dict[str, Any] = {"additional_details": extra} if extra else {}
    if row["token_budget"] is not None and float(row["token_budget"]).is_integer():
        limits = {"token_limit": int(row["token_budget"])}
        config["generation_args"] = {"eval_limits": limits}
    if config:
        out["generation_config"] = config
    return out
