"""Questions that lead somebody through adding a file: columns, metric, model, names of models and benchmarks.

Every answer is an option of ``headway data add``; in the end the command that does the same without
questions is shown. Nothing is written here.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from headway.cli.common import talk
from headway.errors import BadOption, BadTable, HeadwayError
from headway.problems import localised

if TYPE_CHECKING:
    from headway.api.data_own import OwnChange
    from headway.tables.bring import RowProblem

__all__ = ["same_command", "walk"]

_NEEDED = ("model", "benchmark", "score")
#: Reasons that a name of ours would settle.
_NAMES = ("unknown_model", "identity_conflict", "unknown_benchmark")


def walk(
    file: Path, add: Callable[..., OwnChange], options: dict[str, Any], lang: str
) -> OwnChange:
    """A dry run of ``add`` after asking for what it lacks; ``options`` get the answers.

    Whoever gives no answer to a question is not asked it again, and gets what is then found.

    Raises
    ------
    HeadwayError
        The file cannot be used, and no question would help.
    """
    left: set[str] = set()
    while True:
        try:
            found = add(**options)
        except (BadOption, BadTable) as e:
            if not (_ask_metric(e, options, lang) or _ask_columns(file, e, options, lang)):
                raise
            continue
        if not _ask_rows(found.problems, options, left, lang):
            return found


def same_command(file: Path, options: dict[str, Any]) -> str:
    """The command that gives the same without questions."""
    words = ["headway", "data", "add", str(file)]
    for option in ("model", "metric", "unit"):
        words += [f"--{option}", options[option]] if options[option] else []
    for option, pairs in (("--column", options["columns"]), ("--name", options["names"])):
        for left, right in pairs.items():
            words += [option, f"{left}={right}"]
    return shlex.join([*words, "--yes"])


def _ask_metric(error: HeadwayError, options: dict[str, Any], lang: str) -> bool:
    """One of several metrics; ``False`` if that is not what is wrong, or nobody answers."""
    from headway.i18n import message

    told = error.context.get("choices")
    if error.context.get("message_key") != "several-metrics" or not isinstance(told, tuple):
        return False
    talk(localised(error, lang)[0])
    options["metric"] = _pick(message("walk-metric", lang), told, lang)
    return options["metric"] is not None


def _ask_columns(file: Path, error: HeadwayError, options: dict[str, Any], lang: str) -> bool:
    """Which columns of a CSV are ours, where they are called otherwise."""
    from headway.i18n import message
    from headway.tables.bring import read_table

    if file.suffix.lower() != ".csv" or error.code not in {"columns_missing", "schema_drift"}:
        return False
    header = read_table(file).columns
    given = options["columns"]
    lacking = [c for c in _NEEDED if c not in given and c not in header]
    if not lacking:
        return False
    talk(localised(error, lang)[0])
    for column in lacking:
        free = [c for c in header if c not in (*given.values(), *_NEEDED)]
        chosen = _pick(message("walk-column", lang, column=column), free, lang)
        if chosen is None:
            return False
        given[column] = chosen
    return True


def _ask_rows(
    problems: Sequence[RowProblem], options: dict[str, Any], left: set[str], lang: str
) -> bool:
    """What the rows lack: whose they are, percent, names. Was anything answered?"""
    from headway.i18n import message

    reasons = {p.reason for p in problems}
    if any(p.fields.get("why") == "no model" for p in problems) and "model" not in left:
        left.add("model")
        options["model"] = _line(message("walk-model", lang)) or None
        if options["model"]:
            return True
    if "percent_not_proportion" in reasons and options["unit"] is None and "unit" not in left:
        left.add("unit")
        if click.confirm(message("walk-percent", lang), err=True):
            options["unit"] = "percent"
            return True
    answered = False
    for problem in {p.value: p for p in problems if p.reason in _NAMES}.values():
        if problem.value in left or problem.value.endswith("…"):
            continue
        close = [c for c in problem.fields.get("close", "").split(", ") if c not in ("", "-")]
        ours = _pick(problem.text(lang), close, lang, free=True)
        if ours is None:
            left.add(problem.value)
            continue
        names: dict[str, str] = options["names"]
        # a name that was itself an answer: what the file says is to be called otherwise
        theirs = [t for t, answer in names.items() if answer == problem.value] or [problem.value]
        names.update(dict.fromkeys(theirs, ours))
        answered = True
    return answered


def _pick(question: str, choices: Sequence[str], lang: str, *, free: bool = False) -> str | None:
    """One of ``choices`` by its number or its name, or with ``free`` any other word; else ``None``."""
    from headway.i18n import message

    if not choices and not free:
        return None
    talk(question)
    for number, choice in enumerate(choices, start=1):
        talk(f"  {number}  {choice}")
    key = "walk-number_or_name" if free else "walk-number"
    while True:
        said = _line(message(key, lang))
        if not said:
            return None
        if said in choices:
            return said
        if said.isdecimal() and 1 <= int(said) <= len(choices):
            return choices[int(said) - 1]
        if free:
            return said
        talk(message("walk-not_offered", lang, said=said))


def _line(question: str) -> str:
    """A line of the person at the terminal; empty if none comes."""
    said: str = click.prompt(question, default="", show_default=False, err=True)
    return said.strip()
