"""``headway data list corrections|quarantine|conflicts``: what is known to be wrong, and who disagrees."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from headway.tables.corrections import Correction, read_corrections
from headway.tables.quarantine import QuarantineRule, read_quarantine

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from headway.tables.conflicts import Conflict
    from headway.tables.store import Release
    from headway.tables.telling_spread import PairSpread

__all__ = ["RuleList", "conflict_list", "correction_list", "quarantine_list"]

#: Intervals are 90 % everywhere unless said.
_LEVEL = 0.90
_REPS = 2000


@dataclass(frozen=True, slots=True)
class RuleList:
    """Rows of a list, the columns its text table shows, facts for JSON, sentences below the table."""

    rows: tuple[Mapping[str, Any], ...]
    brief: tuple[str, ...]
    extra: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[tuple[str, Mapping[str, str]], ...] = ()


# Corrections ---------------------------------------------------------------------------------


def correction_list(release: Release, corrections: Sequence[Correction] | None = None) -> RuleList:
    """Every correction, and whether the release in use holds the corrected value."""
    entries = read_corrections() if corrections is None else corrections
    rows = tuple(_correction(release, entry) for entry in entries)
    states = Counter(row["in_release"] for row in rows)
    return RuleList(
        rows,
        ("id", "field", "expect", "value", "in_release", "rows", "status", "reason"),
        {"summary": {"corrections": len(rows), "in_release": dict(sorted(states.items()))}},
        (
            (
                "rules-corrections-sum",
                {
                    "count": str(len(rows)),
                    "holds": str(states["holds"]),
                    "pending": str(states["pending"]),
                    "other": str(states["differs"] + states["absent"]),
                },
            ),
        ),
    )


def _correction(release: Release, entry: Correction) -> dict[str, Any]:
    state, rows = _in_release(release, entry)
    expect: Any = entry.expect
    if isinstance(expect, Mapping):
        expect = {model: list(values) for model, values in expect.items()}
    return {
        "id": entry.id,
        "source": entry.source,
        "table": entry.table,
        "record": {name: list(words) for name, words in entry.record.items()},
        "field": entry.field,
        "expect": expect,
        "value": entry.value,
        "factor": entry.factor,
        "in_release": state,
        "rows": rows,
        "read_in": list(entry.read_in),
        "status": entry.status,
        "reported_on": None if entry.reported_on is None else entry.reported_on.isoformat(),
        "reporter": entry.reporter,
        "reason": entry.reason,
        "evidence": entry.evidence,
        "release": dict(entry.release),
    }


def _in_release(release: Release, entry: Correction) -> tuple[str, int]:
    """``holds``, ``pending``, ``differs``, ``absent``; and the rows of the release it is about."""
    pairs = _model_values(release, entry) if entry.table == "models" else _values(release, entry)
    if not pairs:
        return "absent", 0
    if all(any(_alike(found, used) for used in wanted) for found, wanted in pairs):
        return "holds", len(pairs)
    return ("pending" if entry.pending else "differs"), len(pairs)


def _model_values(release: Release, entry: Correction) -> list[tuple[Any, tuple[Any, ...]]]:
    import polars as pl

    version = entry.release.get("model_version")
    column = entry.field
    if version is None or column not in release.model_versions.columns:
        return []
    found = release.model_versions.filter(pl.col("model_version") == version)[column].to_list()
    return [(_plain(one), (entry.value,)) for one in found]


def _values(release: Release, entry: Correction) -> list[tuple[Any, tuple[Any, ...]]]:
    """Value of each row, and what may stand there."""
    import polars as pl

    anchors = entry.expect if isinstance(entry.expect, Mapping) else {}
    names = entry.record.get("model") or tuple(anchors)
    if entry.field == "model":
        names = (str(entry.expect),)
    rows = release.scores.filter(
        (pl.col("source") == entry.source) & pl.col("model_as_named").is_in(list(names))
    )
    for column, word in entry.release.items():
        rows = rows.filter(pl.col(column) == word)
    out: list[tuple[Any, tuple[Any, ...]]] = []
    for row in rows.iter_rows(named=True):
        if entry.field == "model":
            out.append((row["model_version"], (entry.value,)))
            continue
        wanted: tuple[Any, ...] = (entry.value,)
        if entry.factor is not None:
            stated = anchors.get(row["model_as_named"], ())
            wanted = tuple(value * entry.factor for value in stated)
        found = row[entry.field]
        if entry.field == "stderr" and found is None:
            # not kept where the number of trials says the same
            wanted = (None,)
        out.append((found, wanted))
    return out


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _alike(found: Any, used: Any) -> bool:
    if isinstance(found, int | float) and isinstance(used, int | float):
        return math.isclose(found, used, rel_tol=1e-6, abs_tol=1e-9)
    return bool(found == used)


# Quarantine ----------------------------------------------------------------------------------


def quarantine_list(
    release: Release, scores: pl.DataFrame, rules: Sequence[QuarantineRule] | None = None
) -> RuleList:
    """Every rule with the rows of the release that it leaves out."""
    from headway.tables.quarantine import first_rule

    entries = read_quarantine() if rules is None else rules
    domain = dict(release.benchmarks.select("benchmark", "domain").iter_rows())
    caught: dict[str, list[dict[str, Any]]] = {rule.id: [] for rule in entries}
    marked = 0
    for row in scores.iter_rows(named=True):
        rule = first_rule(row, entries)
        if rule is not None:
            caught[rule.id].append(row)
        marked += row["use"] == "quarantined"
    rows = tuple(_rule(rule, caught[rule.id], domain) for rule in entries)
    total = sum(row["rows"] for row in rows)
    domains = Counter(domain[row["benchmark"]] for group in caught.values() for row in group)
    return RuleList(
        rows,
        ("id", "rows", "state", "domains", "benchmarks", "reason", "evidence"),
        {
            "summary": {
                "rules": len(rows),
                "idle": sum(row["state"] == "idle" for row in rows),
                "rows": total,
                "marked": marked,
                "domains": dict(sorted(domains.items())),
            }
        },
        (
            (
                "rules-quarantine-sum",
                {
                    "rules": str(len(rows)),
                    "rows": str(total),
                    "marked": str(marked),
                    "idle": ", ".join(r["id"] for r in rows if r["state"] == "idle") or "-",
                },
            ),
            ("rules-quarantine-with", {}),
        ),
    )


def _rule(
    rule: QuarantineRule, caught: Sequence[Mapping[str, Any]], domain: Mapping[str, str]
) -> dict[str, Any]:
    state = rule.status if rule.status != "active" else "active" if caught else "idle"
    return {
        "id": rule.id,
        "rows": len(caught),
        "not_marked": sum(row["use"] != "quarantined" for row in caught),
        "state": state,
        "where": {column: list(words) for column, words in rule.where.items()},
        "since": None if rule.since is None else rule.since.isoformat(),
        "until": None if rule.until is None else rule.until.isoformat(),
        "domains": sorted({domain[row["benchmark"]] for row in caught}),
        "benchmarks": sorted({row["benchmark"] for row in caught}),
        "models": sorted({row["model_version"] for row in caught}),
        "score_ids": sorted(row["score_id"] for row in caught),
        "reason": rule.reason,
        "evidence": rule.evidence,
        "reporter": rule.reporter,
        "idle": rule.idle,
    }


# Conflicts -----------------------------------------------------------------------------------


def conflict_list(release: Release, scores: pl.DataFrame, rng: np.random.Generator) -> RuleList:
    """Every score told more than once, its tellings in rank order, and what their spread says."""
    from headway.tables.conflicts import conflicts_of
    from headway.tables.telling_spread import pair_spreads

    found = conflicts_of(scores.iter_rows(named=True))
    labs = dict(release.model_versions.select("model_version", "lab").iter_rows())
    spreads = pair_spreads(found, labs, level=_LEVEL, reps=_REPS, rng=rng)
    order = {"yes": 0, "unknown": 1, "no": 2}
    # evaluators before scaffolds and runs: one teller's two numbers are no dispute
    ordered = sorted(
        found,
        key=lambda c: (c.differs != "evaluator", order[c.disagree], -(c.spread or 0.0)),
    )
    answers = Counter(one.disagree for one in found)
    kinds = Counter(one.differs for one in found)
    summary = {
        "conflicts": len(found),
        "tellings": sum(len(one.tellings) for one in found),
        "disagree": {word: answers[word] for word in order},
        "differs": {word: kinds[word] for word in ("evaluator", "scaffold", "run")},
    }
    counts = {word: str(answers[word]) for word in order}
    return RuleList(
        tuple(_conflict(one) for one in ordered),
        ("model_version", "benchmark", "effort", "differs", "spread", "disagree", "tellings"),
        {"summary": summary, "evaluator_effect": [_spread(one) for one in spreads]},
        (
            (
                "rules-conflicts-sum",
                {
                    "conflicts": str(len(found)),
                    "tellings": str(summary["tellings"]),
                    **{word: str(kinds[word]) for word in ("evaluator", "scaffold", "run")},
                },
            ),
            ("rules-conflicts-disagree", counts),
            *(_sentence(one) for one in spreads),
            ("rules-conflicts-method", {}),
        ),
    )


def _conflict(one: Conflict) -> dict[str, Any]:
    return {
        "model_version": one.model_version,
        "benchmark": one.benchmark,
        "effort": one.effort,
        "attempts": one.attempts,
        "token_budget": one.token_budget,
        "unit": one.unit,
        "differs": one.differs,
        "spread": one.spread,
        "disagree": one.disagree,
        "heterogeneity_p": one.heterogeneity_p,
        "first": one.tellings[0].score_id,
        "tellings": [
            {
                "rank": told.rank,
                "score_id": told.score_id,
                "value": told.value,
                "standard_error": told.standard_error,
                "evaluator": told.evaluator,
                "relationship": told.relationship,
                "panel": told.panel,
                "scaffold": told.scaffold,
                "confidence": told.confidence,
                "known_on": None if told.known_on is None else told.known_on.isoformat(),
                "quarantined": told.is_quarantined,
                "copies": told.copies,
                "source": told.source,
                "source_url": told.source_url,
            }
            for told in one.tellings
        ],
    }


def _spread(one: PairSpread) -> dict[str, Any]:
    return {
        "first": one.first,
        "second": one.second,
        "scores": one.scores,
        "pairs": one.pairs,
        "without_error": one.without_error,
        "sd": one.sd.to_json(),
        "sd_as_told": one.sd_as_told.to_json(),
        "mean_difference": one.mean_difference.to_json(),
    }


def _sentence(one: PairSpread) -> tuple[str, Mapping[str, str]]:
    """One pair of relationships in words; the key says how much could be estimated."""
    args = {
        "first": one.first,
        "second": one.second,
        "scores": str(one.scores),
        "labs": str(one.sd.n_clusters),
    }
    if one.sd.value is None or one.sd.interval is None:
        return "rules-spread-few", args
    args |= {
        "sd": f"{one.sd.value:.1f}",
        "sd_low": f"{one.sd.interval.low:.1f}",
        "sd_high": f"{one.sd.interval.high:.1f}",
        "raw": "-" if one.sd_as_told.value is None else f"{one.sd_as_told.value:.1f}",
    }
    mean = one.mean_difference
    if mean.value is None or mean.interval is None:
        return "rules-spread-within", args
    return "rules-spread-between", {
        **args,
        "mean": f"{mean.value:+.1f}",
        "low": f"{mean.interval.low:+.1f}",
        "high": f"{mean.interval.high:+.1f}",
    }
