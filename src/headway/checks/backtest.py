"""Replay the past: forecasts issued on what was known, judged by what is known now.

Targets are closed models that set a record of a closed frontier in a domain or a stage of cyber,
with at least even odds in the fit of everything. A forecast is issued on the last day of the month
of the target's launch, and 3, 6, 9 and 12 months later, from a fit that saw only rows known by
that day. It is not issued once the forecaster of that day held the target for reached (with 95 %).

What came true is read from the fit of everything: in each of its draws, the first day on which an
open-weight model was at the target's level. Draws in which none was by the last day of the data
are censored there.

Runs on rows that carry a date of their own (``strict``) and runs that also use rows dated by the
releases of model and benchmark stand apart, everywhere.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from headway.checks.refits import Refit, Refitted, refit
from headway.checks.stored import Study
from headway.checks.studies import CAPABILITY
from headway.errors import EmptyTable, NotEnoughData
from headway.estimate.capability import CapabilityFit
from headway.estimate.lag.entrants import Entrants, FloatArray, date_of, day_number
from headway.estimate.lag.forecast import (
    BASELINES,
    COMPONENTS,
    Simulated,
    baseline_forecasts,
    forecasts,
    history,
    simulate,
    target_in,
)
from headway.estimate.lag.frontier import frontier_pair
from headway.estimate.lag.headway import headways
from headway.fanout import run
from headway.tables.schemas import CYBER_HEADLINE_STAGES, DOMAINS

if TYPE_CHECKING:
    from headway.tables.store import Release

__all__ = [
    "AGES",
    "CELLS",
    "STUDY",
    "Issued",
    "TargetRecord",
    "find_targets",
    "issue_days",
    "known_sizes",
    "run_study",
]

Cell = tuple[str, str | None]
#: Domains, then the stages that make up the cyber headline.
CELLS: tuple[Cell, ...] = (
    *((d, None) for d in DOMAINS),
    *(("cyber", s) for s in CYBER_HEADLINE_STAGES),
)
#: Months after the launch month at which a forecast is issued.
AGES = (0, 3, 6, 9, 12)
#: A model is a target if it set a record with at least this probability.
RECORD_PROBABILITY = 0.5
#: No forecast is issued once the forecaster holds the target for reached with this probability.
BELIEVED_REACHED = 0.95
#: A forecast that can be judged for less than this is not issued.
SHORTEST_JUDGED_MONTHS = 1.0
#: Equally likely values that stand for one forecast.
MEMBERS = 400
#: Posterior draws of each fit.
DRAWS = 400
#: Months of consecutive issue days that are fitted one after the other, each from the last.
CHUNK = 6

STUDY = Study(
    "backtest",
    method=(
        "checks/backtest.py",
        "checks/backtest_scores.py",
        "checks/refits.py",
        *CAPABILITY,
        "estimate/lag/density.py",
        "estimate/lag/entrants.py",
        "estimate/lag/forecast",
        "estimate/lag/frontier.py",
        "estimate/lag/headway.py",
        "estimate/lag/statespace.py",
        "estimate/lag/survival.py",
    ),
)


@dataclass(frozen=True)
class TargetRecord:
    """A target and what became of it.

    ``reached`` holds one day number per draw of the fit of everything, ``inf`` where the level is
    not reached yet; ``reached_by`` is the commonest open model.
    """

    cell: Cell
    model_version: str
    entered: date
    record_probability: float
    reached: FloatArray
    reached_by: str | None


@dataclass(frozen=True)
class Issued:
    """One forecast, or why there is none.

    Parameters
    ----------
    cell, model_version, age, issued, strict
        What, when, on which rows.
    status : {"issued", "held_reached", "target_not_scored", "not_estimable", "target_unknown"}
    members : mapping of method to array (MEMBERS,)
        Months from the day of issue, equally likely; 0 or less is "reached already".
    reached : float or None
        The forecaster's probability that it was reached already.
    n_rows, n_target_rows : int
        Score rows that the fit had in the cell's domain, and of the target in the cell.
    pseudo_share : float or None
        Share of those domain rows without a date of their own.
    missing : tuple of str
        What the cell or a component lacked, as message keys.
    """

    cell: Cell
    model_version: str
    age: int
    issued: date
    strict: bool
    status: str
    members: Mapping[str, FloatArray]
    reached: float | None = None
    n_rows: int = 0
    n_target_rows: int = 0
    pseudo_share: float | None = None
    missing: tuple[str, ...] = ()


def run_study(
    release: Release,
    *,
    seed: int,
    workers: int | None = None,
    progress: str | None = None,
    cells: Sequence[Cell] = CELLS,
    ages: Sequence[int] = AGES,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The back-test of a release.

    Parameters
    ----------
    release : Release
    seed : int
    workers : int, optional
    progress : str, optional
        Label of the progress on stderr.
    cells, ages
        Fewer than all, for tests: what is stored always has all of them.

    Returns
    -------
    options : dict
        ``as_of``, ``seed``, ``draws``.
    result : dict
        See :func:`headway.checks.backtest_scores.judge`.
    """
    from headway.checks.backtest_scores import judge

    tables = {
        name: release.table(name) for name in ("scores", "benchmarks", "model_versions", "access")
    }
    through = release.data_through
    whole = refit(tables, Refit("everything"), draws=DRAWS, seed=seed)
    targets = find_targets(whole, through, cells=cells)
    issued = replay(
        tables,
        targets,
        through=through,
        seed=seed,
        workers=workers,
        progress=progress,
        ages=ages,
    )
    options = {"as_of": through.isoformat(), "seed": seed, "draws": DRAWS}
    return options, judge(targets, issued, through=through, seed=seed)


def find_targets(
    whole: Refitted, through: date, *, cells: Sequence[Cell] = CELLS
) -> list[TargetRecord]:
    """Closed record-setters of every estimable cell, and when each was reached, by launch.

    A model counts whose probability of a record is at least :data:`RECORD_PROBABILITY` on the
    public closed frontier or on the one with restricted models.
    """
    out = []
    for cell in cells:
        if whole.missing(cell, "restricted"):
            continue
        entrants = whole.entrants(cell)
        chance = np.zeros(len(entrants.model_version))
        for frontier in ("public", "restricted"):
            chance = np.maximum(chance, _record_chance(entrants, frontier, through))
        past = history(entrants, as_of=through)
        for at in np.flatnonzero(chance >= RECORD_PROBABILITY):
            target = target_in(past, entrants.model_version[at])
            out.append(
                TargetRecord(
                    cell=cell,
                    model_version=target.model_version,
                    entered=date_of(target.launched),
                    record_probability=float(chance[at]),
                    reached=target.reached_on,
                    reached_by=target.reached_by,
                )
            )
    return sorted(out, key=lambda t: (CELLS.index(t.cell), t.entered, t.model_version))


def _record_chance(entrants: Entrants, frontier: Any, through: date) -> FloatArray:
    """(n_models,) share of draws in which a closed model set a record at its launch."""
    pair = frontier_pair(entrants, frontier=frontier, as_of=through)
    out = np.zeros(len(entrants.model_version))
    if pair.missing:
        return out
    record = headways(pair).record
    holders = pair.holders("closed")
    for step in range(record.shape[1]):
        np.add.at(out, holders[record[:, step], step], 1.0 / len(record))
    return out


def issue_days(entered: date, through: date, ages: Sequence[int] = AGES) -> list[tuple[int, date]]:
    """Ages and days of issue of one target: month ends, each judged for at least a month."""
    out = []
    for age in ages:
        month = entered.month - 1 + age
        year, month = entered.year + month // 12, month % 12 + 1
        day = date(year, month, calendar.monthrange(year, month)[1])
        if (day_number(through) - day_number(day)) / 30.4375 >= SHORTEST_JUDGED_MONTHS:
            out.append((age, day))
    return out


Plan = dict[date, list[tuple[Cell, str, int]]]


def replay(
    tables: Mapping[str, pl.DataFrame],
    targets: Sequence[TargetRecord],
    *,
    through: date,
    seed: int,
    workers: int | None = None,
    progress: str | None = None,
    vintages: Sequence[bool] = (True, False),
    ages: Sequence[int] = AGES,
) -> list[Issued]:
    """Every forecast of every target, on the rows known at the time.

    Consecutive issue days are fitted one after the other, each fit starting from the one before,
    which it can know of; nothing later enters it.
    """
    plan: Plan = {}
    for target in targets:
        for age, day in issue_days(target.entered, through, ages):
            plan.setdefault(day, []).append((target.cell, target.model_version, age))
    days = sorted(plan)
    sizes = known_sizes(tables["model_versions"])
    chunks = [days[i : i + CHUNK] for i in range(0, len(days), CHUNK)]
    # the latest, largest fits first, so that no worker is left alone with them at the end
    tasks = [
        (tables, strict, {day: plan[day] for day in chunk}, sizes)
        for chunk in reversed(chunks)
        for strict in vintages
    ]
    done = run(_replay_chunk, tasks, seed=seed, workers=workers, progress=progress)
    return sorted(
        (one for part in done for one in part),
        key=lambda i: (not i.strict, CELLS.index(i.cell), i.issued, i.model_version, i.age),
    )


def known_sizes(model_versions: pl.DataFrame) -> dict[str, float]:
    """Total parameters in billions of open-weight models whose size is known."""
    sized = model_versions.filter(
        pl.col("open_weight").fill_null(value=False) & (pl.col("total_params_b") > 0)
    )
    return dict(sized.select("model_version", "total_params_b").iter_rows())


def _replay_chunk(task: tuple[Any, ...], rng: np.random.Generator) -> list[Issued]:
    tables, strict, plan, sizes = task
    start: CapabilityFit | None = None
    out: list[Issued] = []
    for day in sorted(plan):
        seed = int(rng.integers(2**31))
        try:
            spec = Refit(f"as of {day}", as_of=day, strict=strict)
            known = refit(tables, spec, start=start, draws=DRAWS, seed=seed)
        except EmptyTable:
            out += [_no(one, day, strict, "not_estimable", ("no_scores",)) for one in plan[day]]
            continue
        start = known.fit
        for cell in dict.fromkeys(cell for cell, _, _ in plan[day]):
            wanted = [one for one in plan[day] if one[0] == cell]
            out += _issue(known, cell, wanted, day, strict, sizes, np.random.default_rng(seed))
    return out


def _issue(
    known: Refitted,
    cell: Cell,
    wanted: Sequence[tuple[Cell, str, int]],
    day: date,
    strict: bool,
    sizes: Mapping[str, float],
    rng: np.random.Generator,
) -> list[Issued]:
    """The forecasts of one cell on one day."""
    missing = known.missing(cell, "restricted")
    if missing:
        return [_no(one, day, strict, "not_estimable", missing) for one in wanted]
    rows = known.fit.evidence.rows.filter(pl.col("domain") == cell[0])
    pseudo = float(rows["pseudo_vintage"].mean() or 0.0)  # type: ignore[arg-type]  # a boolean column
    if cell[1] is not None:
        rows_here = rows.filter(pl.col("stage") == cell[1])
    else:
        rows_here = rows
    simulated: Simulated | None = None
    out = []
    for one in wanted:
        _, name, age = one
        mine = rows_here.filter(pl.col("model_version") == name).height
        if not mine:
            out.append(_no(one, day, strict, "target_not_scored", (), rows.height, 0, pseudo))
            continue
        try:
            if simulated is None:
                past = history(known.entrants(cell), as_of=day)
                simulated = simulate(past, sizes, first_known=_first_known(rows), rng=rng)
            target = target_in(simulated.past, name)
        except NotEnoughData as e:
            told = e.context.get("missing", ())
            notes = tuple(str(n) for n in told) if isinstance(told, list) else ()
            out.append(_no(one, day, strict, "not_estimable", notes, rows.height, mine, pseudo))
            continue
        reached = float(target.reached.mean())
        if reached >= BELIEVED_REACHED:
            out.append(
                _no(one, day, strict, "held_reached", (), rows.height, mine, pseudo, reached)
            )
            continue
        made = {
            **forecasts(simulated, target),
            **baseline_forecasts(simulated.past, target, rng=np.random.default_rng(simulated.seed)),
        }
        lacking = tuple(f"no_{name}" for name in simulated.absent)
        if not any(name in made for name in COMPONENTS):
            out.append(_no(one, day, strict, "not_estimable", lacking, rows.height, mine, pseudo))
            continue
        members = {
            method: made[method].thinned(MEMBERS)
            for method in (*COMPONENTS, *BASELINES)
            if method in made
        }
        out.append(
            Issued(
                cell=cell,
                model_version=name,
                age=age,
                issued=day,
                strict=strict,
                status="issued",
                members=members,
                reached=reached,
                n_rows=rows.height,
                n_target_rows=mine,
                pseudo_share=pseudo,
                missing=lacking,
            )
        )
    return out


def _first_known(rows: pl.DataFrame) -> dict[str, float]:
    """Day number of the first score of each model among rows."""
    first = rows.group_by("model_version").agg(pl.col("known_on").min()).drop_nulls()
    return {name: day_number(day) for name, day in first.iter_rows()}


def _no(
    one: tuple[Cell, str, int],
    day: date,
    strict: bool,
    status: str,
    missing: tuple[str, ...],
    n_rows: int = 0,
    n_target_rows: int = 0,
    pseudo_share: float | None = None,
    reached: float | None = None,
) -> Issued:
    cell, name, age = one
    return Issued(
        cell=cell,
        model_version=name,
        age=age,
        issued=day,
        strict=strict,
        status=status,
        members={},
        reached=reached,
        n_rows=n_rows,
        n_target_rows=n_target_rows,
        pseudo_share=pseudo_share,
        missing=missing,
    )
