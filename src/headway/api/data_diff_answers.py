"""Answers under two releases, side by side: moves, the noise of the simulation, causes.

Every answer depends a little on the random numbers. The whole comparison is therefore repeated with
further seeds, the same ones on both sides. The mean of the paired differences is what the data do;
its margin, from their spread, is the noise floor: a smaller mean may be an accident of the seeds.
"""

from __future__ import annotations

import math
import shutil
import statistics
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, nullcontext
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
    "margin",
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
    runs = [
        _Run(side, one.path, day, seed, asked.questions)
        for side, one in sides.items()
        for seed in asked.seeds
    ]
    # what either release said at its own last day
    runs += [
        _Run(side, one.path, one.data_through, first, asked.questions)
        for side, one in sides.items()
        if one.data_through != day
    ]
    if len(groups) > 1:  # an only cause is the whole difference
        for i, group in enumerate(groups):
            folder = _partial(before, after, changes, group, scratch / f"{i}")
            for seed in asked.seeds:
                # verdicts take long: what a cause does to them is shown by the first seed only
                questions = asked.questions if seed == first else ("lag",)
                if set(questions) <= set(asked.questions):
                    runs.append(_Run(f"cause {i}", folder, day, seed, questions))
    told = dict(zip(runs, _ask(runs, asked, scratch, workers, progress), strict=True))

    def seeded(label: str) -> list[Answers]:
        return [rows for run, rows in told.items() if run.label == label and run.day == day]

    one, two = seeded("before"), seeded("after")
    alone = [two] if len(groups) == 1 else [seeded(f"cause {i}") for i in range(len(groups))]
    own = {run.label: rows for run, rows in told.items() if run.day != day}
    out = []
    for key in dict.fromkeys((*one[0], *two[0])):
        old, new = (
            [rows.get(key) or _absent(one[0], two[0], key) for rows in side] for side in (one, two)
        )
        row = _row(key, old, new)
        row |= _causes_of(old, new, [[rows.get(key) for rows in cause] for cause in alone])
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
    questions: tuple[str, ...]


def _ask(
    runs: Sequence[_Run], asked: Asked, scratch: Path, workers: int | None, progress: bool
) -> list[Answers]:
    from headway.fanout import run
    from headway.fanout.calls import TaskFailed
    from headway.fanout.local import default_workers

    choice = chosen()
    tasks = {
        # The fits behind an answer are large. Those of the releases themselves, by the first seed,
        # serve other commands too; nobody asks for the others again.
        one: (
            replace(choice, release=one.folder),
            replace(one, label=""),
            asked.definition,
            scratch if one.label.startswith("cause ") or one.seed != asked.seeds[0] else None,
        )
        for one in runs
    }
    different = list(dict.fromkeys(tasks.values()))
    try:
        found = run(
            _task,
            different,
            seed=asked.seeds[0],
            # on this machine: the folders are here
            workers=workers or default_workers(),
            progress="answers under both releases" if progress else None,
        )
    except TaskFailed as e:
        if isinstance(e.__cause__, HeadwayError):
            raise e.__cause__ from None
        raise
    told = {
        task: {tuple(row[c] for c in _IDENTITY): row for row in rows}
        for task, rows in zip(different, found, strict=True)
    }
    return [told[tasks[one]] for one in runs]


def _absent(one: Answers, two: Answers, key: Key) -> Answer:
    """The answer of a release that has no score in a part: nothing can be estimated."""
    other = one[key] if key in one else two[key]
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
    from headway.tables.partial import with_causes, write_partial

    tables = with_causes(before, after, changes, group.causes)
    write_partial(
        tables, folder, data_release=before.data_release, data_through=before.data_through
    )
    return folder


def _task(
    task: tuple[DataChoice, _Run, tuple[str, ...], Path | None], _: np.random.Generator
) -> list[dict[str, Any]]:
    """All answers from one choice of data, at one date, by one seed; each kind kept between runs."""
    choice, asked, definition, scratch = task
    out: list[dict[str, Any]] = []
    with using(choice), ExitStack() as stack:
        rows_hash = head_in_use().rows_hash
        folder = scratch and stack.enter_context(tempfile.TemporaryDirectory(dir=scratch))
        for question in asked.questions:
            options: dict[str, Any] = {"as_of": asked.day.isoformat(), "seed": asked.seed}
            if question == "lag":
                options["definition"] = list(definition)
            key = cache.key(f"diff-{question}", rows_hash=rows_hash, options=options)
            entry = cache.load(key)
            if entry is not None:
                out += entry.document
                continue
            with cache.kept_in(Path(folder)) if folder else nullcontext():
                rows = _answers(question, definition, asked.day, asked.seed)
            cache.store(key, rows)
            out += rows
    return out


def _answers(
    question: str, definition: tuple[str, ...], day: date, seed: int
) -> list[dict[str, Any]]:
    """Answers of one kind; none where nothing is left to answer from."""
    from headway.api.lag import lag
    from headway.api.lag_test import lag_test

    rows: list[dict[str, Any]]
    try:
        if question == "lag":
            rows = [
                {
                    "question": question,
                    "hypothesis": None,
                    "models": None,
                    **{c: row[c] for c in _IDENTITY if c in row},
                    "quantity": row["lag"],
                    "verdict": None,
                    "estimate": None,
                    "leaders": {c: row[c] for c in ("open_model", "closed_model")},
                }
                for row in lag(definition=definition, as_of=day, seed=seed).documents
            ]
        else:
            rows = [
                {
                    "question": question,
                    **{c: row[c] for c in _IDENTITY if c in row},
                    "quantity": row["probability"],
                    "verdict": row["verdict"],
                    "estimate": row["estimate"],
                    "leaders": None,
                }
                for row in lag_test(as_of=day, seed=seed).documents
            ]
    except EmptyTable:
        return []
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
    return None if old is None or new is None else new - old


def margin(differences: Sequence[float]) -> float | None:
    """Noise floor of the mean of paired differences: half-width of its 95 % interval over the seeds.

    Student's t. ``None`` for fewer than three. If the true difference is 0, the mean lies beyond it
    in 5 % of comparisons.
    """
    if len(differences) < LEAST_SEEDS:
        return None
    from scipy import stats

    error = statistics.stdev(differences) / math.sqrt(len(differences))
    return float(stats.t.ppf((1 + _LEVEL) / 2, len(differences) - 1)) * error


def _told(differences: Sequence[float | None]) -> dict[str, Any]:
    """A difference by the first seed, its mean over the seeds, and the mean's noise floor.

    The mean is given only where every seed has a number on both sides.
    """
    clean = [None if d is None else 0.0 if abs(d) < _ROUNDING else d for d in differences]
    known = [d for d in clean if d is not None]
    whole = len(known) == len(clean) and known
    return {
        "value": clean[0] if clean else None,
        "mean": statistics.fmean(known) if whole else None,
        "floor": margin(known) if whole else None,
        "seeds": len(known),
    }


def _row(key: Key, before: Sequence[Answer], after: Sequence[Answer]) -> dict[str, Any]:
    one, two = before[0], after[0]
    difference = _told([_difference(a, b) for a, b in zip(before, after, strict=True)])
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
        "unit": two["quantity"]["unit"],
        "difference": difference,
        "says": _says(before, after, difference, firm),
        "verdict": None if one["verdict"] is None else _verdict(before, after),
    }


def _shown(answer: Answer) -> dict[str, Any]:
    return {name: answer[name] for name in ("quantity", "verdict", "estimate", "leaders")}


def _says(
    before: Sequence[Answer],
    after: Sequence[Answer],
    difference: Mapping[str, Any],
    firm: bool | None,
) -> str:
    """What a row says, in a word: see the documentation of the command."""
    pairs = [(a["quantity"], b["quantity"]) for a, b in zip(before, after, strict=True)]
    if all(a == b for a, b in pairs):
        return "same"
    if state_of(pairs[0][0]) != state_of(pairs[0][1]):
        return "state_unsure" if firm is False else "state_changed"
    if difference["value"] is None:
        return "no_number"
    if difference["floor"] is None:
        return "not_judged"
    return "moved" if abs(difference["mean"]) > difference["floor"] else "within_noise"


def _verdict(before: Sequence[Answer], after: Sequence[Answer]) -> dict[str, Any]:
    """Both verdicts, whether they differ, and whether every seed says so."""
    counts = [Counter(answer["verdict"] for answer in side) for side in (before, after)]
    return {
        "before": before[0]["verdict"],
        "after": after[0]["verdict"],
        "flips": before[0]["verdict"] != after[0]["verdict"],
        "firm": None if len(before) < LEAST_SEEDS else all(len(c) == 1 for c in counts),
        "before_by_seed": dict(sorted(counts[0].items())),
        "after_by_seed": dict(sorted(counts[1].items())),
    }


def _causes_of(
    before: Sequence[Answer],
    after: Sequence[Answer],
    alone: Sequence[Sequence[Answer | None]],
) -> dict[str, Any]:
    """What every group of causes alone does to an answer, and what they leave over.

    Seed by seed, so that what is left over has a noise floor of its own.
    """
    moves = [
        [_difference(a, b) for a, b in zip(before, answers, strict=False)] for answers in alone
    ]
    wholes = [_difference(a, b) for a, b in zip(before, after, strict=True)]
    seeds = min((len(m) for m in moves), default=0)
    rests = [
        None
        if whole is None or any(m[i] is None for m in moves)
        else whole - math.fsum(m[i] or 0.0 for m in moves)
        for i, whole in enumerate(wholes[:seeds])
    ]
    return {
        "causes": [
            {
                "difference": _told(move),
                "value": None if answers[0] is None else answers[0]["quantity"]["value"],
                "state": None if answers[0] is None else state_of(answers[0]["quantity"]),
                "verdict": None if answers[0] is None else answers[0]["verdict"],
            }
            for answers, move in zip(alone, moves, strict=True)
        ],
        "remainder": _told(rests),
    }
