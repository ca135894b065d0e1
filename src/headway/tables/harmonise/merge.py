"""Rows of a source beside the rows that a release already has: known, revised, new, told before.

Within one source and test, a row with the value of a claim about the same model is that claim. What
is then left on both sides of one line (model, setting, agent, tries) is one value that was revised:
the old row stays, marked as superseded, and no longer counts. All else is new. A row that the
source no longer lists stays: taking a line off a page does not unmake a measurement.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from headway.tables.harmonise.curated import curated
from headway.tables.quarantine import QuarantineRule, first_rule, read_quarantine

__all__ = ["SUPERSEDED", "Pairs", "mark_new", "pair", "score_id"]

#: Reason of a row whose source now states another value.
SUPERSEDED = "The source states another value now."
_AGAIN = "The same institute ran the same setting again later."
_TAKEN_OVER = "The value of another version of the test, taken over."
_REPEATED = "The same number was told before by another table."
#: Two tellings of one number: tables round to 0.1 of a percent.
_SAME = 0.00055
#: Values of one file are equal but for the way in which it is written.
_EQUAL = 2e-6

Row = dict[str, Any]


class Pairs:
    """Which claims are which rows: ``known`` and ``revised`` by the claim's place in the list."""

    def __init__(self) -> None:
        self.known: dict[int, Row] = {}
        self.revised: dict[int, Row] = {}


def score_id(row: Mapping[str, Any], taken: set[str]) -> str:
    """Id of a new row: the hash of what it states, told apart where several state the same."""
    names = ("source", "panel", "model_as_named", "benchmark", "effort", "scaffold", "attempts")
    days = (row["evaluated_on"], row["published_at"])
    text = "|".join(str(part) for part in (*(row[n] for n in names), *days, repr(row["value"])))
    for again in range(1, len(taken) + 2):
        found = hashlib.sha256(f"{text}|{again}".encode()).hexdigest()[:12]
        if found not in taken:
            return found
    raise AssertionError("more ids taken than there are")


def _line(row: Mapping[str, Any]) -> tuple[Any, ...]:
    names = ("model_version", "effort", "scaffold", "attempts")
    return tuple(row[name] for name in names)


def pair(rows: Sequence[Row], there: Sequence[Row]) -> Pairs:
    """Pair the rows that a source states now with those of the release.

    Parameters
    ----------
    rows, there : sequences of rows
        Of any sources and tests.
    """
    found = Pairs()
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in there:
        if row["use_reason"] != SUPERSEDED:
            groups[row["source"], row["benchmark"]].append(row)
    stated: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        stated[row["source"], row["benchmark"]].append(i)
    for key, places in stated.items():
        _pair_test(rows, places, groups.get(key, []), found)
    return found


def _pair_test(
    rows: Sequence[Row], places: Sequence[int], there: Sequence[Row], found: Pairs
) -> None:
    free: dict[str, list[Row]] = defaultdict(list)
    for row in there:
        free[row["model_version"]].append(row)
    # best matches first: same line and value, then same value
    for strict in (True, False):
        for i in places:
            if i in found.known:
                continue
            for row in free[rows[i]["model_version"]]:
                is_value = abs(row["value"] - rows[i]["value"]) <= _EQUAL
                if is_value and (not strict or _line(row) == _line(rows[i])):
                    found.known[i] = row
                    free[row["model_version"]].remove(row)
                    break
    # a line that the source repeats is one row: "stands twice" needs no second one
    values = {(r["model_version"], round(r["value"], 6)): r for r in found.known.values()}
    for i in places:
        twin = values.get((rows[i]["model_version"], round(rows[i]["value"], 6)))
        if i not in found.known and twin is not None and twin["benchmark"] == rows[i]["benchmark"]:
            found.known[i] = twin
    lines: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for left in free.values():
        for row in left:
            lines[_line(row)].append(row)
    open_lines: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for i in places:
        if i not in found.known:
            open_lines[_line(rows[i])].append(i)
    for line, at in open_lines.items():
        if len(at) == 1 and len(lines[line]) == 1 and not _earlier(rows[at[0]], lines[line][0]):
            found.revised[at[0]] = lines[line][0]


def _earlier(row: Row, other: Row) -> bool:
    """Whether a row was measured before another: then it revises nothing."""
    days = row["evaluated_on"], other["evaluated_on"]
    return None not in days and days[0] < days[1]


def mark_new(
    new: Sequence[Row],
    there: Sequence[Row],
    benchmarks: Mapping[str, Mapping[str, Any]],
    revised: Mapping[str, Row],
) -> None:
    """Set ``use``, ``use_reason`` and ``duplicate_of`` of new rows, in place.

    In this order, by the rules of the release's own builder: the role of the benchmark; a committed
    rule for the line, or what kept its older value out of the fit; a run that the same institute
    did again later; a value that was taken over from another version of the
    test; a number that a quoting table repeats; of several values under one description all but
    the strongest.

    Parameters
    ----------
    new : rows with ``score_id``
    there : rows of the release
    benchmarks : mapping
        Their rows by id.
    revised : mapping
        ``score_id`` of a new row to the row whose value it revises.
    """
    quoting = {row["panel"] for row in curated("panels.csv") if row["may_copy"] == "yes"}
    told: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    versions: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    runs: dict[tuple[Any, ...], str] = {}
    for row in there:
        if row["score"] is not None and row["use"] in ("fit", "index", "duplicate"):
            told[row["model_version"], row["benchmark"]].append(row)
        versions[
            row["source"], row["model_version"], benchmarks[row["benchmark"]]["family"]
        ].append(row)
    for row in (*there, *new):
        if row["evaluator"] == "Epoch AI" and row["evaluated_on"] is not None:
            runs[_run(row)] = max(runs.get(_run(row), ""), str(row["evaluated_on"]))
    described: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in new:
        benchmark = benchmarks[row["benchmark"]]
        if benchmark["role"] != "fit":
            row["use"] = "index" if benchmark["role"] == "index" else "not_comparable"
            row["use_reason"] = str(benchmark["role_reason"])
            continue
        ruled = _ruled(row) or _kept_out(revised.get(row["score_id"]))
        if ruled is not None:
            row["use"], row["use_reason"] = ruled
            continue
        if _run(row) in runs and str(row["evaluated_on"]) < runs[_run(row)]:
            row["use"], row["use_reason"] = "not_comparable", _AGAIN
            continue
        older = _taken_over(row, versions[row["source"], row["model_version"], benchmark["family"]])
        original = _original(row, told[row["model_version"], row["benchmark"]], quoting)
        if older is not None or original is not None:
            same = older or original
            assert same is not None
            row["use"], row["use_reason"] = "duplicate", _TAKEN_OVER if older else _REPEATED
            row["duplicate_of"] = same["duplicate_of"] or same["score_id"]
            continue
        described[_description(row)].append(row)
    for group in described.values():
        strongest = max(group, key=lambda r: (r["value"], r["score_id"]))
        for row in group:
            if row is not strongest:
                row["use"] = "not_comparable"
                row["use_reason"] = (
                    "A second setting that the source does not name; the strongest one is kept."
                )


def _ruled(row: Row) -> tuple[str, str] | None:
    """What a committed rule says of a line: its use and the reason."""
    for rule in curated("score_rules.csv"):
        if (
            rule["panel"] == row["panel"]
            and rule["model_raw"] in ("*", row["model_as_named"])
            and rule["benchmark"] in ("*", row["benchmark"])
            and rule["scaffold"] in str(row["scaffold"] or "")
            and not rule["of_panel"]
        ):
            return rule["use"], rule["reason"]
    caught = first_rule(row, _quarantine())
    return None if caught is None else ("quarantined", caught.reason)


@cache
def _quarantine() -> tuple[QuarantineRule, ...]:
    return read_quarantine()


def _kept_out(older: Row | None) -> tuple[str, str] | None:
    """Use and reason of a line that does not count, whatever its value is."""
    if older is None or older["use"] not in ("not_comparable", "quarantined"):
        return None
    return older["use"], older["use_reason"]


def _run(row: Row) -> tuple[Any, ...]:
    names = ("model_version", "model_as_named", "effort", "benchmark", "panel")
    return tuple(row[name] for name in names)


def _taken_over(row: Row, versions: Sequence[Row]) -> Row | None:
    """The row of another version of the test with the very value: a run that was not done again."""
    if row["value"] in (0.0, 1.0):
        return None
    same = [
        other
        for other in versions
        if other["benchmark"] != row["benchmark"]
        and other["unit"] == row["unit"]
        and abs(other["value"] - row["value"]) <= _EQUAL
    ]
    return min(same, key=lambda o: o["score_id"], default=None)


def _description(row: Row) -> tuple[Any, ...]:
    names = ("model_version", "model_as_named", "effort", "benchmark", "panel", "scaffold")
    more = ("evaluator", "attempts", "token_budget", "evaluated_on")
    return tuple(row[name] for name in (*names, *more))


def _original(row: Row, told: Sequence[Row], quoting: set[str]) -> Row | None:
    if row["score"] in (None, 0.0, 1.0) or row["panel"] not in quoting:
        return None  # two floors or two ceilings are no sign of a copy
    near = [
        other
        for other in told
        if (other["panel"], other["evaluator"]) != (row["panel"], row["evaluator"])
        and abs(other["score"] - row["score"]) <= _SAME
    ]
    return min(near, key=lambda o: (abs(o["score"] - row["score"]), o["score_id"]), default=None)
