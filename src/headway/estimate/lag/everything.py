"""All definitions of one cell at once, so that frontiers are built once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from headway.errors import BadOption
from headway.estimate.lag.definitions import (
    WINDOW_DAYS,
    leading_models,
    mean_row,
    mean_states,
    now_row,
    now_states,
    record_row,
    record_states,
    window,
)
from headway.estimate.lag.entrants import Entrants, FrontierName
from headway.estimate.lag.frontier import FrontierPair, frontier_pair
from headway.estimate.lag.headway import headway_process, headway_row, headways
from headway.estimate.lag.process import process_interval, release_replicates
from headway.estimate.lag.rows import DEFINITIONS, Cell, LagRow
from headway.estimate.lag.states import DrawStates
from headway.estimate.lag.step import LagFunction, lag_function
from headway.estimate.lag.trend import gap_row, gap_states, trend_row, trend_states
from headway.result import Interval

__all__ = ["lag_rows"]


def lag_rows(
    entrants: Entrants,
    *,
    definitions: Sequence[str] = DEFINITIONS,
    frontier: FrontierName = "public",
    domain: str | None = None,
    stage: str | None = None,
    evidence: str = "all",
    as_of: date,
    level: float = 0.90,
    rng: np.random.Generator,
    process_reps: int = 500,
    margin: float = 0.0,
    gap_scale: float = 1.0,
    gap_unit: str = "logits",
    min_open: int = 3,
    min_closed: int = 3,
) -> tuple[LagRow, ...]:
    """One row per definition, in the order asked.

    Parameters
    ----------
    entrants : Entrants
    definitions : sequence of str
        Names of :data:`~headway.estimate.lag.rows.DEFINITIONS`.
    frontier : {"public", "restricted"}
    domain, stage, evidence : str
        Carried to the rows.
    as_of : date
    level : float
        Of every interval.
    rng : Generator
        For release replicates and the bootstrap of headway. The same state gives the same rows;
        which definitions are asked for does not change the numbers of the others.
    process_reps : int
        Release replicates; 0 leaves every ``interval_process`` out.
    margin : float, units of ability
    gap_scale, gap_unit
        Reported units per unit of ability, and their name.
    min_open, min_closed : int

    Returns
    -------
    tuple of LagRow

    Raises
    ------
    BadOption
        Unknown definition or frontier.
    """
    unknown = [name for name in definitions if name not in DEFINITIONS]
    if unknown:
        raise BadOption(
            f"unknown definition {', '.join(map(repr, unknown))}",
            hint=f"one of {', '.join(DEFINITIONS)}",
        )
    cell = Cell(domain, stage, evidence)
    pair = frontier_pair(
        entrants,
        frontier=frontier,
        as_of=as_of,
        margin=margin,
        min_open=min_open,
        min_closed=min_closed,
    )
    for_releases, for_clusters = rng.spawn(2)
    function = None if pair.missing else lag_function(pair)
    found = headways(pair) if function and "headway_months" in definitions else None
    process: dict[str, Interval | None] = {}
    notes: tuple[str, ...] = ()
    if function is not None and process_reps > 0 and definitions:
        other, notes = release_replicates(pair, reps=process_reps, rng=for_releases)
        process = _process(pair, function, other, definitions, level, gap_scale)
        if found is not None:
            process["headway_months"] = headway_process(found, other, level, for_clusters)
    models = None if pair.missing else leading_models(pair)
    rows = []
    for name in definitions:
        if name == "lag_mean_12m":
            row = mean_row(pair, function, level, cell, process.get(name), models)
        elif name == "lag_now":
            row = now_row(pair, function, level, cell, process.get(name), models)
        elif name == "lag_at_record":
            row = record_row(pair, function, level, cell, process.get(name), models)
        elif name == "headway_months":
            row = headway_row(pair, found, level, cell, process.get(name))
        elif name == "lag_trend":
            row = trend_row(pair, level, cell, process.get(name))
        else:
            row = gap_row(
                pair, level, cell, scale=gap_scale, unit=gap_unit, process=process.get(name)
            )
        if row.lag.interval_process is not None and notes:
            row = replace(row, lag=replace(row.lag, notes=(*row.lag.notes, *notes)))
        rows.append(row)
    return tuple(rows)


def _process(
    pair: FrontierPair,
    function: LagFunction,
    other: FrontierPair,
    definitions: Sequence[str],
    level: float,
    gap_scale: float,
) -> dict[str, Interval | None]:
    """Interval with release-process uncertainty of each definition but headway."""
    other_function = lag_function(other)
    begin, end = window(pair)
    intervals: dict[str, Interval | None] = {}

    def add(name: str, states: DrawStates, replicates: DrawStates, floor: float = 0.0) -> None:
        intervals[name] = process_interval(states, replicates, level=level, floor=floor)

    if "lag_now" in definitions:
        add("lag_now", now_states(pair, function), now_states(other, other_function))
    if "lag_at_record" in definitions:
        add("lag_at_record", record_states(pair, function), record_states(other, other_function))
    if "lag_mean_12m" in definitions and end - begin >= WINDOW_DAYS / 2:
        add("lag_mean_12m", mean_states(pair, function), other_function.mean(begin, end)[0])
    if "lag_trend" in definitions:
        add("lag_trend", trend_states(pair), trend_states(other))
    if "gap" in definitions:
        add("gap", gap_states(pair, gap_scale), gap_states(other, gap_scale), -np.inf)
    return intervals
