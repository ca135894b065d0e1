"""Outcomes task by task, counted into tests.

The run of Lyptus is two tests: the tasks that GPT-5.5 was run on, and the others. The choice of the
first part does not look at outcomes, so each outcome enters one test once. A task that the release
does not know belongs to neither and is not counted.
"""

from __future__ import annotations

from collections import defaultdict

import polars as pl

from headway.sources.declare import ScoreClaim
from headway.tables.store import Release

__all__ = ["COUNTED", "counted"]

#: Note of a claim that was counted here from published outcomes.
COUNTED = "counted from outcomes"
_SOURCE, _RUN, _FIRST = "lyptus", "lyptus-v2", "gpt-5.5"
#: Runs taken over task by task from the release of June 2025, where they count.
_KEPT = frozenset({"GPT-2", "GPT-3", "GPT-3.5"})


def counted(source: str, claims: tuple[ScoreClaim, ...], release: Release) -> list[ScoreClaim]:
    """Shares of tasks solved, per model, family and part; nothing for other sources.

    Parameters
    ----------
    source : str
    claims : tuple of ScoreClaim
        Those with a ``task`` are outcomes; 0 and 1 are the only values that count.
    release : Release
        Its ``task_runs`` say which tasks there are, and which are of the first part.
    """
    if source != _SOURCE:
        return []
    runs = release.task_runs.filter(pl.col("run") == _RUN)
    known = set(runs["task_id"])
    first = set(runs.filter(pl.col("model_version") == _FIRST)["task_id"])
    groups: dict[tuple[str, str, int], list[ScoreClaim]] = defaultdict(list)
    for claim in claims:
        if claim.model in _KEPT:
            continue
        if claim.task in known and claim.score in (0.0, 1.0):
            part = 1 if claim.task in first else 2
            groups[claim.model, claim.benchmark, part].append(claim)
    return [
        ScoreClaim(
            model=model,
            benchmark=f"{family} [part {part}]",
            score=sum(one.score for one in outcomes) / len(outcomes),
            unit="proportion",
            raw=f"{model} / {family} / part {part}",
            n=len(outcomes),
            attempts=1,
            evaluator=outcomes[0].evaluator,
            metric="tasks solved",
            note=COUNTED,
        )
        for (model, family, part), outcomes in sorted(groups.items())
    ]
