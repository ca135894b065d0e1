"""Answers under two releases, side by side: moves, the noise of the simulation, causes.

Every answer depends a little on the random numbers. The whole comparison is therefore repeated with
further seeds, the same ones for both releases: a difference that is no larger than its spread over
the seeds may be an accident of the seed.
"""

from __future__ import annotations

import math
import shutil
import statistics
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headway import cache
from headway.api.envelope import plain
from headway.errors import EmptyTable, HeadwayError
from headway.result import Quantity
from headway.tables.choice import DataChoice, chosen, head_in_use, using

if TYPE_CHECKING:
    import numpy as np

    from headway.tables.compare import TableChanges
    from headway.tables.partial import Cause
    from headway.tables.store import Release

__all__ = [
    "LEAST_SEEDS",
    "QUESTIONS",
    "Asked",
    "Group",
    "answer_rows",
    "groups_of",
    "noise_floor",
    "state_of",
]

#: Questions whose answers are compared.
QUESTIONS = ("lag", "tests")
#: What identifies an answer.
_IDENTITY = (
    "question",
    "hypothesis",
    "domain",
    "stage",
    "definition",
    "models",
    "frontier",
    "evidence",
)
#: Differences below this are rounding in the last digits of floating-point numbers.
_ROUNDING = 1e-9
#: Fewest seeds from which a spread can be told.
LEAST_SEEDS = 3
_LEVEL = 0.95

Key = tuple[Any, ...]
Answer = Mapping[str, Any]
Answers = Mapping[Key, Answer]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of either release.

    Parameters
    ----------
    questions, definition : tuple of str
    as_of : date
    seeds : tuple of int
        The first one gives the answers that are shown.
    """

    questions: tuple[str, ...]
    definition: tuple[str, ...]
    as_of: date
    seeds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Causes that were tried together: one of them, or all that were not tried alone."""

    causes: tuple[Cause, ...]

    @property
    def kind(self) -> str:
        return "others" if len(self.causes) > 1 else self.causes[0].kind

    @property
    def name(self) -> str | None:
        return None if len(self.causes) > 1 else self.causes[0].name

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "name": self.name,
            "members": [
                {
                    "kind": c.kind,
                    "name": c.name,
                    "added": c.added,
                    "removed": c.removed,
                    "changed": c.changed,
                    "new_models": list(c.models),
                }
                for c in self.causes
            ],
        }


def groups_of(causes: Sequence[Cause], alone: int) -> tuple[Group, ...]:
    """The first ``alone`` causes alone, the others together; a last single one stays alone."""
    if len(causes) <= alone + 1:
        return tuple(Group((c,)) for c in causes)
    return (*(Group((c,)) for c in causes[:alone]), Group(tuple(causes[alone:])))


# Asking ------------------------------------------------------------------------------------


def answer_rows(
    before: Release,
    after: Release,
    changes: Mapping[str, TableChanges],
    groups: Sequence[Group],
    asked: Asked,
    *,
    workers: int | None = None,
    progress: bool = False,
) -> list[dict[str, Any]]:
    """One row per answer: both sides, the difference, its noise floor, what each cause alone does.

    Parameters
    ----------
    before, after : Release
        As they are stored; rows that an enclosing choice adds are added to both.
    changes : mapping of str to TableChanges
    groups : sequence of Group
    asked : Asked
    workers : int, optional
    progress : bool

    Raises
    ------
    HeadwayError
        A release cannot answer.
    """
    scratch = Path(tempfile.mkdtemp(prefix="headway-diff-"))
    try:
        return _answer_rows(before, after, changes, groups, asked, scratch, workers, progress)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _answer_rows(
    before: Release,
    after: Release,
    changes: Mapping[str, TableChanges],
    groups: Sequence[Group],
    asked: Asked,
    scratch: Path,
    workers: int | None,
    progress: bool,
) -> list[dict[str, Any]]:
    first, day = asked.seeds[0], asked.as_of
    sides = {"before": before, "after": after}
    runs = [_Run(side, one.path, day, s) for side, one in sides.items() for s in asked.seeds]
    # what either release said at its own last day
    runs += [
        _Run(side, one.path, one.data_through, first)
        for side, one in sides.items()
        if one.data_through != day
    ]
    if len(groups) > 1:  # an only cause is the whole difference
        runs += [
            _Run(f"cause {i}", _partial(before, after, changes, g, scratch / f"{i}"), day, first)
            for i, g in enumerate(groups)
        ]
    told = dict(zip(runs, _ask(runs, asked, scratch / "cache", workers, progress), strict=True))
    seeded = {
        side: [told[_Run(side, one.path, day, s)] for s in asked.seeds]
        for side, one in sides.items()
    }
    alone = [rows for run, rows in told.items() if run.label.startswith("cause ")]
    alone = alone or [seeded["after"][0] for _ in groups]
    own = {run.label: rows for run, rows in told.items() if run.day != day}
    out = []
    for key in dict.fromkeys((*seeded["before"][0], *seeded["after"][0])):
        one, two = (
            [rows.get(key) or _absent(seeded, key) for rows in seeded[side]] for side in sides
        )
        row = _row(key, one, two)
        row |= _causes_of(key, one[0], two[0], alone, row["difference"]["floor"])
        row["own_date"] = {
            side: None if key not in rows else _shown(rows[key]) for side, rows in own.items()
        }
        out.append(row)
    return out


@dataclass(frozen=True, slots=True)
class _Run:
    """One release, asked at one date with one seed."""

    label: str
    folder: Path
    day: date
    seed: int


def _ask(
    runs: Sequence[_Run], asked: Asked, scratch: Path, workers: int | None, progress: bool
) -> list[Answers]:
    from headway.fanout import run
    from headway.fanout.calls import TaskFailed

    choice = chosen()
    tasks = [
        # The fits behind an answer are large. Those of the releases themselves, by the first seed,
        # serve other commands too; nobody asks for the others again.
        (
            replace(choice, release=one.folder),
            one.day,
            one.seed,
            asked,
            scratch if one.label.startswith("cause ") or one.seed != asked.seeds[0] else None,
        )
        for one in runs
    ]
    text = "answers under both releases" if progress else None
    try:
        found = run(_task, tasks, seed=asked.seeds[0], workers=workers, progress=text)
    except TaskFailed as e:
        if isinstance(e.__cause__, HeadwayError):
            raise e.__cause__ from None
        raise
    return [{tuple(row[c] for c in _IDENTITY): row for row in rows} for rows in found]


def _absent(seeded: Mapping[str, Sequence[Answers]], key: Key) -> Answer:
    """The answer of a release that has no score in a part: nothing can be estimated."""
    other = next(rows[key] for side in seeded.values() for rows in side if key in rows)
    quantity = Quantity.not_estimable(other["quantity"]["unit"], "no_scores").to_json()
    return {
        **other,
        "quantity": quantity,
        "verdict": None if other["verdict"] is None else "not_estimable",
        "estimate": None,
        "leaders": None,
    }


def _partial(
    before: Release,
    after: Release,
    changes: Mapping[str, TableChanges],
    group: Group,
    folder: Path,
) -> Path:
    """The first release with the changes of a group, as a release in a folder."""
    from headway.tables.partial import with_causes, write_tables

    folder.mkdir()
    tables = with_causes(before, after, changes, group.causes)
    write_tables(tables, folder, data_release=before.data_release, data_through=before.data_through)
    return folder


def _task(
    task: tuple[DataChoice, date, int, Asked, Path | None], _: np.random.Generator
) -> list[dict[str, Any]]:
    """All answers from one choice of data, at one date, by one seed; kept between runs."""
    choice, day, seed, asked, scratch = task
    with using(choice):
        options = {
            "questions": list(asked.questions),
            "definition": list(asked.definition),
            "as_of": day.isoformat(),
            "seed": seed,
        }
        key = cache.key("data-diff", rows_hash=head_in_use().rows_hash, options=options)
        entry = cache.load(key)
        if entry is not None:
            rows: list[dict[str, Any]] = entry.document
            return rows
        with nullcontext() if scratch is None else cache.kept_in(scratch):
            try:
                rows = _answers(asked, day, seed)
            except EmptyTable:
                rows = []  # nothing is left to answer from
        cache.store(key, rows)
        return rows


def _answers(asked: Asked, day: date, seed: int) -> list[dict[str, Any]]:
    from headway.api.lag import lag
    from headway.api.lag_test import lag_test

    rows: list[dict[str, Any]] = []
    if "lag" in asked.questions:
        found = lag(definition=asked.definition, as_of=day, seed=seed)
        rows += [
            {
                "question": "lag",
                "hypothesis": None,
                "models": None,
                **{c: row[c] for c in ("domain", "stage", "definition", "frontier", "evidence")},
                "quantity": row["lag"],
                "verdict": None,
                "estimate": None,
                "leaders": {c: row[c] for c in ("open_model", "closed_model")},
            }
            for row in found.documents
        ]
    if "tests" in asked.questions:
        tested = lag_test(as_of=day, seed=seed)
        rows += [
            {
                "question": "tests",
                **{c: row[c] for c in _IDENTITY if c != "question"},
                "quantity": row["probability"],
                "verdict": row["verdict"],
                "estimate": row["estimate"],
                "leaders": None,
            }
            for row in tested.documents
        ]
    return [dict(row) for row in plain(rows)]


# Comparing ---------------------------------------------------------------------------------


def state_of(quantity: Mapping[str, Any]) -> str:
    """The state of a quantity; ``at_most`` for one that is only an upper limit."""
    return "at_most" if "upper_limit" in quantity["notes"] else str(quantity["status"])


def _value(answer: Answer | None) -> float | None:
    """The number, where there is one that is no bound."""
    if answer is None or state_of(answer["quantity"]) != "estimated":
        return None
    return float(answer["quantity"]["value"])


def _difference(one: Answer | None, two: Answer | None) -> float | None:
    old, new = _value(one), _value(two)
    if old is None or new is None:
        return None
    found = new - old
    return 0.0 if abs(found) < _ROUNDING else found


def noise_floor(differences: Sequence[float]) -> float | None:
    """How far a difference goes by the seed alone: half-width of 95 % of its spread over the seeds.

    Student's t on the standard deviation of the paired differences; ``None`` for fewer than three.
    If the true difference is 0, at most 5 % of differences lie beyond it.
    """
    if len(differences) < LEAST_SEEDS:
        return None
    from scipy import stats

    sd = statistics.stdev(differences)
    return float(stats.t.ppf((1 + _LEVEL) / 2, len(differences) - 1)) * sd


def _row(key: Key, before: Sequence[Answer], after: Sequence[Answer]) -> dict[str, Any]:
    one, two = before[0], after[0]
    paired = [_difference(a, b) for a, b in zip(before, after, strict=True)]
    known = [d for d in paired if d is not None]
    difference = paired[0]
    floor = noise_floor(known) if difference is not None else None
    states = [state_of(x[0]["quantity"]) for x in (before, after)]
    firm = None
    if len(before) >= LEAST_SEEDS:
        firm = all(
            state_of(answer["quantity"]) == state
            for state, answers in zip(states, (before, after), strict=True)
            for answer in answers
        )
    return {
        **dict(zip(_IDENTITY, key, strict=True)),
        "before": _shown(one),
        "after": _shown(two),
        "state": {"before": states[0], "after": states[1], "firm": firm},
        "difference": {
            "value": difference,
            "unit": two["quantity"]["unit"],
            "floor": floor,
            "mean": statistics.fmean(known) if known and difference is not None else None,
            "seeds": len(known),
        },
        "says": _says(one, two, difference, floor, firm),
        "verdict": None if one["verdict"] is None else _verdict(before, after),
    }


def _shown(answer: Answer) -> dict[str, Any]:
    return {name: answer[name] for name in ("quantity", "verdict", "estimate", "leaders")}


def _says(
    one: Answer, two: Answer, difference: float | None, floor: float | None, firm: bool | None
) -> str:
    """What a row says, in a word: see the documentation of the command."""
    if one["quantity"] == two["quantity"]:
        return "same"
    if state_of(one["quantity"]) != state_of(two["quantity"]):
        return "state_unsure" if firm is False else "state_changed"
    if difference is None:
        return "no_number"
    if floor is None:
        return "not_judged"
    return "moved" if abs(difference) > floor else "within_noise"


def _verdict(before: Sequence[Answer], after: Sequence[Answer]) -> dict[str, Any]:
    """Both verdicts, whether they differ, and whether every seed says so."""
    counts = [Counter(answer["verdict"] for answer in side) for side in (before, after)]
    flips = before[0]["verdict"] != after[0]["verdict"]
    return {
        "before": before[0]["verdict"],
        "after": after[0]["verdict"],
        "flips": flips,
        "firm": None if len(before) < LEAST_SEEDS else all(len(c) == 1 for c in counts),
        "before_by_seed": dict(sorted(counts[0].items())),
        "after_by_seed": dict(sorted(counts[1].items())),
    }


def _causes_of(
    key: Key, before: Answer, after: Answer, alone: Sequence[Answers], floor: float | None
) -> dict[str, Any]:
    """What every group of causes alone does to an answer, and what their sum leaves over."""
    found = [answers.get(key) for answers in alone]
    moves = [_difference(before, answer) for answer in found]
    whole = _difference(before, after)
    rest = rest_floor = None
    if moves and whole is not None and None not in moves:
        rest = whole - math.fsum(m for m in moves if m is not None)
        rest = 0.0 if abs(rest) < _ROUNDING else rest
        rest_floor = None if floor is None else floor * _spread_of_rest(len(moves))
    return {
        "causes": [
            {
                "difference": move,
                "value": None if answer is None else answer["quantity"]["value"],
                "state": None if answer is None else state_of(answer["quantity"]),
                "verdict": None if answer is None else answer["verdict"],
            }
            for answer, move in zip(found, moves, strict=True)
        ],
        "remainder": {"value": rest, "floor": rest_floor},
    }


def _spread_of_rest(causes: int) -> float:
    """How many times wider than a difference what the causes leave over spreads by chance.

    It is the answer after, less that of every cause, plus ``causes - 1`` times the answer before;
    a difference has two such terms. Terms count as independent, which is the worst case.
    """
    return math.sqrt((1 + causes + (causes - 1) ** 2) / 2)
