"""From raw rows to the table of scores: units, trials, teller, dates."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from . import curated
from .benchmarks import BenchmarkNames
from .dates import parse
from .evaluators import Evaluators, relationship
from .identity import Registry
from .licences import source_of
from .raw import RawRow

__all__ = ["READ_ERROR_SD", "Panels", "attempts_of", "score_rows", "token_budget_of", "trials_of"]

#: One standard deviation of a value read off a chart, as a proportion. Two independent readings of
#: the same government range chart (7 models) differ by 0.08 of 32 steps (root mean square), i.e.
#: 0.0025; doubled because one reader's own bias is not in that figure.
READ_ERROR_SD = 0.005

#: Metrics that are no share of independent trials: means over repeats, partial credit, F1, grades.
_NOT_TRIALS = re.compile(
    r"\bf1\b|mean|average|partial|ladder|coverage|reward|tus@|graded|weighted|overall success rate|"
    r"points|percent of 10|per run|almost|as printed|confidence|steps|/ attempts|stored answers|"
    r"subtasks",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Panel:
    date_means: str
    date: str | None
    may_copy: bool


class Panels:
    """What the date of a panel means, and whether it may repeat the numbers of others."""

    def __init__(self) -> None:
        self._known = {
            row["panel"]: _Panel(row["date_means"], row["date"] or None, row["may_copy"] == "yes")
            for row in curated.read("panels.csv")
        }

    def of(self, panel: str) -> _Panel:
        return self._known.get(panel, _Panel("published", None, False))


def attempts_of(text: str) -> int | None:
    """Tries per task, where the metric or harness states them.

    Examples
    --------
    >>> attempts_of("pass@5, percent of 33")
    5
    >>> attempts_of("success (30 trials)")
    30
    >>> attempts_of("accuracy") is None
    True
    """
    for pattern in (
        r"(?i)pass@(\d+)",
        r"(?i)best of (\d+)",
        r"(?i)(\d+) attempts",
        r"(?i)within (\d+)",
        r"(?i)\((\d+) trials\)",
        r"(?i)(\d+) runs union",
    ):
        found = re.search(pattern, text)
        if found:
            return int(found.group(1))
    return None


def token_budget_of(text: str) -> float | None:
    """Tokens per task or run, where the metric or harness states them.

    Examples
    --------
    >>> token_budget_of("AISI ReAct agent, 2.5M-token cap/attempt")
    2500000.0
    >>> token_budget_of("mean steps of 32, 10M tokens")
    10000000.0
    """
    found = re.search(r"(\d+(?:\.\d+)?)M[- ]token", text)
    return float(found.group(1)) * 1e6 if found else None


def trials_of(row: RawRow) -> int | None:
    """Independent trials behind a share, or None.

    One item is one trial: a single run over the items, or "solved at least once in k tries" per
    item. A mean over repeats of the same items, partial credit or an F1 is not a count of
    independent trials; its spread is left to the benchmark's own dispersion.
    """
    if row.n_items is None or row.unit not in (
        "fraction",
        "percent",
        "count",
        "count_of_41",
        "binary",
    ):
        return None
    if row.evaluator == "Epoch AI":  # its mean_score is the share of items, over one or more runs
        return row.n_items
    return None if _NOT_TRIALS.search(row.metric) else row.n_items


def _convert(row: RawRow, benchmark: dict[str, object]) -> tuple[float, float | None, str]:
    """Value, proportion and unit of a row."""
    value = row.used_value
    unit = str(benchmark["unit"])
    if unit != "proportion":
        return value, None, unit
    if benchmark["benchmark"] == "lech-mazur-writing":  # printed on a scale of 0 to 10
        proportion = value / 10
    elif row.unit == "percent" or row.unit == "points_of_100":
        proportion = value / 100
    elif row.unit == "count":
        if not row.n_items:
            raise ValueError(f"{row.panel}: a count without the number of items")
        proportion = value / row.n_items
    elif row.unit.startswith(("count_of_", "steps_of_")):
        proportion = value / int(row.unit.rsplit("_", 1)[1])
    elif row.unit in ("fraction", "binary"):
        proportion = value
    else:
        raise ValueError(f"{row.panel}: unit {row.unit!r} is no proportion ({row.benchmark_raw})")
    proportion = round(proportion, 9)
    if not 0 <= proportion <= 1:
        raise ValueError(
            f"{row.panel} {row.model_raw} {row.benchmark_raw}: {proportion} outside 0-1"
        )
    return proportion, proportion, unit


#: Settings of a model that count as its effort; other words in that column are edit formats,
#: agents or number formats.
_EFFORT = re.compile(
    r"(?i)^(low|medium|high|xhigh|max|minimal|none|default( think)?|reasoner|chat|base|\d+k?( think.*)?"
    r"|(non-?|no )?(thinking|reasoning|think)(:high)?)$"
)


def _effort(text: str | None) -> str | None:
    return text if text and _EFFORT.match(text) else None


def _scaffold(row: RawRow) -> tuple[str | None, str | None]:
    """Name and version of the agent, first clause of what the source prints."""
    steps = re.search(r"\((\d+ steps)\)$", row.harness or "")
    if steps:  # the board names the model again in the place of the agent
        return steps.group(1), None
    if row.harness == "True":
        return None, None
    if row.harness is None and row.config and not _effort(row.config):
        return row.config, None
    found = re.search(r"\((PentestGPT|VulnBot|Base)\)$", row.model_raw)
    if row.panel == "vulnbot" and found:
        return found.group(1), None
    if row.model_raw in ("OpenAI Codex CLI: o3-high", "OpenAI Codex CLI: o4-mini"):
        return "OpenAI Codex CLI", None
    if " + " in row.model_raw and row.origin == "normalized":  # product + plug-in + model
        return row.model_raw.rsplit(" + ", 1)[0], None
    if row.harness is None:
        return None, None
    keep_all = row.panel in ("hackingbuddy-2023", "level1")
    name = row.harness if keep_all else re.split(r"[;,]", row.harness, maxsplit=1)[0]
    name = name.strip()[:60]
    if row.panel == "hackingbuddy-2025":
        inside = re.search(r"\[(.*)\]", row.benchmark_raw)
        name = f"{name} [{inside.group(1)}]" if inside else name
    version = re.search(r"\bv?(\d+\.\d+(?:\.\d+)*)\)?$", name)
    return name, version.group(1) if version else None


def score_rows(
    rows: list[RawRow],
    registry: Registry,
    benchmarks: dict[str, dict[str, object]],
    licences: dict[str, dict[str, str]],
) -> list[dict[str, object]]:
    """All resolved rows with units, trials, teller, dates and source; nothing is dropped but what
    the registry reports as unresolved."""
    names, evaluators, panels = BenchmarkNames(), Evaluators(), Panels()
    occurrences: Counter[str] = Counter()
    out = []
    for row in rows:
        benchmark = benchmarks[names.of(row)]
        resolved = registry.resolve(row)
        if resolved is None:
            continue
        model_version, effort = resolved
        model_version = str(row.corrected.get("model", model_version))
        identity = f"{row.origin}|{row.panel}|{row.key}|{_row_date(row)}|{row.value!r}"
        occurrences[identity] += 1
        value, score, unit = _convert(row, benchmark)
        teller, kind, lab = evaluators.of(_with_default(row), str(benchmark["benchmark"]))
        panel = panels.of(row.panel)
        source = source_of(row)
        scaffold, version = _scaffold(row)
        model = registry.models[model_version]
        text = f"{row.metric} {row.harness or ''}"
        evaluated, evaluated_precision, published = _dates(row, panel)
        if _before_launch(published, model):
            published = None
        trials = trials_of(row)
        if trials is not None and benchmark["items"]:  # repeats of an item are no new trials
            trials = min(trials, int(str(benchmark["items"])))
        imputed = row.model_raw == "DeepSeek-V4-Pro" and any("imputed" in n for n in row.notes)
        if imputed:
            trials = None
        out.append(
            {
                "score_id": hashlib.sha256(
                    f"{identity}|{occurrences[identity]}".encode()
                ).hexdigest()[:12],
                "model_version": model_version,
                "model_as_named": row.model_raw,
                "effort": _effort(effort),
                "benchmark": benchmark["benchmark"],
                "panel": row.panel,
                "scaffold": scaffold,
                "harness_version": version,
                "token_budget": token_budget_of(text),
                "attempts": attempts_of(text),
                "score": score,
                "value": value,
                "unit": unit,
                "n": trials,
                "stderr": _stderr(row, unit, trials, score),
                "read_error_sd": READ_ERROR_SD if row.digitised else None,
                "evaluated_on": evaluated,
                "evaluated_precision": evaluated_precision,
                "published_at": published,
                **_known_on(evaluated, published, model, benchmark),
                "evaluator": teller,
                "evaluator_lab": lab,
                "evaluator_relationship": relationship(kind, lab, _text(model["lab"])),
                "value_origin": "digitised"
                if row.digitised
                else "computed"
                if imputed or row.computed or "score" in row.corrected or row.panel in _COMPUTED
                else "reported",
                "confidence": row.confidence,
                "use": "fit",
                "use_reason": None,
                "duplicate_of": None,
                "source": source,
                "source_url": row.source_url or licences[source]["url"],
                "licence": licences[source]["licence"],
                "_family": benchmark["family"],
                "_role": benchmark["role"],
                "_role_reason": benchmark["role_reason"],
                "_may_copy": panel.may_copy,
                "_metric": row.metric,
                "_stated_stderr": row.used_stderr,
                "_origin": row.origin,
            }
        )
    return out


#: Panels whose shares were counted from per-item files, not printed by their authors.
_COMPUTED = {
    "secllmholmes-2023",
    "secllmholmes-2025",
    "hackingbuddy-2023",
    "ctfaia-2024",
    "swe-bench-site",
}


def _with_default(row: RawRow) -> RawRow:
    """Compiled rows without a teller fall back to the benchmark's own teller where one is known."""
    if row.origin == "epoch-cyber" and row.benchmark_raw.startswith("AISI"):
        copy = RawRow(**{name: getattr(row, name) for name in RawRow.__slots__})
        copy.evaluator = "UK AISI"
        return copy
    return row


def _row_date(row: RawRow) -> str | None:
    for note in row.notes:
        if note.startswith("row_date="):
            return note.removeprefix("row_date=")
    return None


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _dates(row: RawRow, panel: _Panel) -> tuple[date | None, str | None, date | None]:
    """Day of evaluation with its precision, and day of publication."""
    day, precision = parse(panel.date or row.date)
    if day is None:
        return None, None, None
    own_run = row.evaluator == "Epoch AI" and row.panel != "2026-09"
    if panel.date_means == "evaluated" or own_run:
        return day, precision, None
    return None, None, day


#: Results are shown at most so long before a launch; an earlier day is that of the test's first paper
#: or board, to which the row was added later.
_EARLY = timedelta(days=14)


def _before_launch(published: date | None, model: dict[str, object]) -> bool:
    released = model.get("released")
    return isinstance(released, date) and published is not None and published < released - _EARLY


def _known_on(
    evaluated: date | None,
    published: date | None,
    model: dict[str, object],
    benchmark: dict[str, object],
) -> dict[str, object]:
    """The day on which the result was known, or the later of model and benchmark, marked so."""
    day = published or evaluated
    if day is not None:
        return {"known_on": day, "pseudo_vintage": False}
    released, ready = model.get("released"), benchmark.get("released")
    if isinstance(released, date) and isinstance(ready, date):
        return {"known_on": max(released, ready), "pseudo_vintage": True}
    return {"known_on": None, "pseudo_vintage": False}


def _stderr(row: RawRow, unit: str, trials: int | None, score: float | None) -> float | None:
    """Stated standard errors; those that a collector worked out from n are left to n."""
    if row.panel == "caisi-k3":  # printed as plus or minus, 95 %
        return {"Kimi K3": 0.042, "GLM-5.2": 0.040}[row.model_raw] / 1.96
    if unit == "minutes" and row.ci is not None and 0 < row.ci[0] < row.ci[1]:
        # symmetric on the log scale, given back in minutes (value times the sd of the logarithm)
        return row.value * math.log(row.ci[1] / row.ci[0]) / (2 * 1.96)
    stated = row.used_stderr
    if stated is None or unit != "proportion" or score is None:
        return None
    if trials is not None:
        binomial = math.sqrt(score * (1 - score) / trials)
        if abs(binomial - stated) <= 1e-3 + 0.02 * binomial:
            return None
    return stated
