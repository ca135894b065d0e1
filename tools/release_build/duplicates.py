"""Evidence once: which rows repeat, pool or disqualify others.

Order: the role of the benchmark, quarantine, committed row rules, settings that the source does not name,
then copies (the same model and test with the same number, told again by a table that quotes).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from headway.tables.quarantine import first_rule, read_quarantine

from . import curated
from .raw import LYPTUS_KEPT

__all__ = ["mark"]

#: Two tellings of one number: vendor tables round to 0.1 of a percent.
_SAME = 0.00055
#: Two readings of one chart, or a reading beside the printed number.
_SAME_READ = 0.006
#: Families whose copies may stand under another version of the benchmark than the original.
_ACROSS_VERSIONS = {"cybergym", "exploitgym", "exploitbench"}

#: A history of ratings: each row is the last rating of one name.
_ARENA = "history-2025-05"

Row = dict[str, object]


def mark(rows: list[Row]) -> None:
    """Set ``use``, ``use_reason`` and ``duplicate_of`` in place."""
    _by_role(rows)
    _by_quarantine(rows)
    _by_rule(rows)
    _early_snapshots(rows)
    _reruns(rows)
    _same_line(rows)
    _unnamed_settings(rows)
    _kept_runs(rows)
    _copies(rows)
    _time_horizons(rows)
    _early_checkpoint(rows)
    _flatten(rows)


def _flatten(rows: list[Row]) -> None:
    """A repeat of a repeat points to the first telling."""
    by_id = {row["score_id"]: row for row in rows}
    for row in rows:
        while row["duplicate_of"] is not None:
            parent = by_id[row["duplicate_of"]]
            if parent["duplicate_of"] is None:
                break
            row["duplicate_of"] = parent["duplicate_of"]


def _free(row: Row) -> bool:
    return row["use"] == "fit"


def _set(row: Row, use: str, reason: str, of: Row | None = None) -> None:
    row["use"], row["use_reason"] = use, reason
    row["duplicate_of"] = of["score_id"] if of is not None else None


def _by_role(rows: list[Row]) -> None:
    for row in rows:
        if row["_role"] == "index":
            _set(row, "index", str(row["_role_reason"]))
        elif row["_role"] == "not_used":
            _set(row, "not_comparable", str(row["_role_reason"]))


def _by_quarantine(rows: list[Row]) -> None:
    """Known to be wrong beats every other judgement, that of the benchmark's role too."""
    rules = read_quarantine()
    for row in rows:
        rule = first_rule(row, rules)
        if rule is not None:
            _set(row, "quarantined", rule.reason)


def _by_rule(rows: list[Row]) -> None:
    rules = curated.read("score_rules.csv")
    for row in rows:
        if row["use"] == "quarantined":
            continue
        for rule in rules:
            if (
                rule["panel"] == row["panel"]
                and rule["model_raw"] in ("*", row["model_as_named"])
                and rule["benchmark"] in ("*", row["benchmark"])
                and rule["scaffold"] in str(row["scaffold"] or "")
            ):
                if row["panel"] == "epoch" and row["_metric"] != "EpochAI":
                    continue
                _set(row, rule["use"], rule["reason"], _target(rows, row, rule["of_panel"]))
                break


def _target(rows: list[Row], row: Row, panel: str) -> Row | None:
    """The row of the same model and test in the named panel."""
    if not panel:
        return None
    same = ("model_version", "benchmark")
    found = [r for r in rows if r["panel"] == panel and all(r[k] == row[k] for k in same)]
    if len(found) != 1:
        raise ValueError(f"score_rules.csv: {len(found)} rows of {panel} for {row['score_id']}")
    return found[0]


def _early_snapshots(rows: list[Row]) -> None:
    """Ratings are refitted with every snapshot: only those of the last one share a scale. Most names
    that ended earlier live on under another name, with the same votes."""
    arena = [row for row in rows if row["panel"] == _ARENA]
    days = [row["published_at"] for row in arena if isinstance(row["published_at"], date)]
    for row in arena:
        day = row["published_at"]
        if _free(row) and isinstance(day, date) and day < max(days):
            _set(row, "not_comparable", "A rating of an earlier snapshot; the scale has moved.")


def _reruns(rows: list[Row]) -> None:
    """One institute's run of one setting on one test, done again: the later one stays."""
    runs: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if _free(row) and row["evaluator"] == "Epoch AI" and isinstance(row["evaluated_on"], date):
            runs[
                tuple(
                    row[name]
                    for name in ("model_version", "model_as_named", "effort", "benchmark", "panel")
                )
            ].append(row)
    for group in runs.values():
        last = max(str(row["evaluated_on"]) for row in group)
        for row in group:
            if str(row["evaluated_on"]) < last:
                _set(row, "not_comparable", "The same institute ran the same setting again later.")


def _same_line(rows: list[Row]) -> None:
    """One line of one page under two names of one model."""
    seen: dict[tuple[object, ...], Row] = {}
    names = ("model_version", "effort", "benchmark", "panel", "scaffold", "evaluator", "source_url")
    for row in sorted(rows, key=lambda r: str(r["score_id"])):
        if not _free(row) or row["_origin"] != "normalized":
            continue
        key = (*(row[name] for name in names), row["attempts"], row["evaluated_on"], row["value"])
        first = seen.setdefault(key, row)
        if first is not row and first["model_as_named"] != row["model_as_named"]:
            _set(row, "duplicate", "One line of one page under two names.", first)


def _unnamed_settings(rows: list[Row]) -> None:
    """Several values under one description: the setting is not named, the strongest stays."""
    groups: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if _free(row):
            groups[
                tuple(
                    row[name]
                    for name in (
                        "model_version",
                        "model_as_named",
                        "effort",
                        "benchmark",
                        "panel",
                        "scaffold",
                        "evaluator",
                        "attempts",
                        "token_budget",
                        "evaluated_on",
                    )
                )
            ].append(row)
    for group in groups.values():
        ordered = sorted(group, key=lambda r: (-float(str(r["value"])), str(r["score_id"])))
        for row in ordered[1:]:
            if row["value"] == ordered[0]["value"]:
                _set(row, "duplicate", "The same line stands twice in the source.", ordered[0])
            else:
                _set(
                    row,
                    "not_comparable",
                    "A second setting that the source does not name; the strongest one is kept.",
                )


def _rank(row: Row) -> tuple[object, ...]:
    """Who is the original: a table that does not quote, then the earlier one."""
    own = row["evaluator_relationship"] == "first_party"
    known = row["known_on"] or date.max
    return (bool(row["_may_copy"]) and not own, known, str(row["score_id"]))


def _copies(rows: list[Row]) -> None:
    groups: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row["score"] is None or row["use"] not in ("fit", "index", "duplicate"):
            continue
        across = row["_family"] in _ACROSS_VERSIONS
        groups[(row["model_version"], row["_family"] if across else row["benchmark"])].append(row)
    for group in groups.values():
        ordered = sorted(group, key=_rank)
        originals: list[Row] = []
        for row in ordered:
            near = [o for o in originals if _repeats(row, o)]
            original = min(near, key=lambda o: _distance(row, o), default=None)
            if original is not None and row["use"] == "fit":
                _set(
                    row, "duplicate", "The same number was told before by another table.", original
                )
            else:
                originals.append(row)  # pools and marked repeats can still be what others quote


def _distance(row: Row, other: Row) -> float:
    return abs(float(str(row["score"])) - float(str(other["score"])))


def _repeats(row: Row, original: Row) -> bool:
    if (row["panel"], row["evaluator"]) == (original["panel"], original["evaluator"]):
        return False
    if not row["_may_copy"]:
        return False
    if row["score"] in (0.0, 1.0) and row["_origin"] != "epoch-cyber":
        return False  # two floors or two ceilings are no sign of a copy
    read = row["read_error_sd"] is not None or original["read_error_sd"] is not None
    limit = _SAME_READ if read and row["_family"] in ("aisi-tlo", "aisi-cooling-tower") else _SAME
    return _distance(row, original) <= limit


def _time_horizons(rows: list[Row]) -> None:
    """Three METR 1.0 horizons stand in METR's file and in Epoch's copy, apart by resampling."""
    copies = {
        row["model_version"]: row
        for row in rows
        if row["benchmark"] == "metr-horizon-1.0" and row["panel"] == "epoch-hub-2026-03"
    }
    for row in rows:
        if row["benchmark"] == "metr-horizon-1.0" and row["panel"] == "METR-Horizon-v1.0":
            original = copies.get(row["model_version"])
            if original is not None and _free(row):
                _set(row, "duplicate", "The same horizon, resampled again.", original)


def _kept_runs(rows: list[Row]) -> None:
    """Three old models stand in both Lyptus releases with the same outcome on all 440 to 522 common
    tasks (checked on the item file)."""
    first = {
        (row["model_version"], row["benchmark"]): row for row in rows if row["panel"] == "june-2025"
    }
    for row in rows:
        original = first.get((row["model_version"], row["benchmark"]))
        if (
            row["panel"] == "lyptus-v2"
            and row["model_version"] in LYPTUS_KEPT
            and original is not None
            and row["_role"] == "fit"
        ):
            _set(row, "duplicate", "The run of June 2025, taken over task by task.", original)


def _early_checkpoint(rows: list[Row]) -> None:
    """Epoch files AISI's April range result under the early checkpoint; it is one run."""
    printed = [
        r for r in rows if r["panel"] == "aisi-range-mythos" and r["benchmark"] == "aisi-tlo"
    ]
    for row in rows:
        if (
            row["model_version"] == "claude-mythos-preview-early"
            and row["benchmark"] == "aisi-tlo"
            and printed
        ):
            _set(
                row, "duplicate", "A reading of the number that the institute printed.", printed[0]
            )
