"""The study of capability density: parameters for a fixed ability, per domain, and their fall.

Everything is read off one ability fit. Sizes are those that the release states with a source; how
many of the open models have one is part of the result.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from headway.checks.latent import CELLS, Latent, latent, one_thread, options_of, own_likelihoods
from headway.checks.stored import Study
from headway.checks.studies import CAPABILITY
from headway.estimate.capability.design import Cell
from headway.estimate.lag import lag_rows
from headway.estimate.lag.density import (
    Density,
    density_missing,
    fit_curvature,
    fit_density,
    halving_months,
    record_rate,
    smallest_rate,
    smallest_size,
)
from headway.estimate.lag.entrants import date_of, day_number
from headway.estimate.lag.likelihood import Likelihoods
from headway.estimate.lag.quantities import quantity_of
from headway.result import Quantity
from headway.tables.schemas import DOMAINS
from headway.tables.store import Release

__all__ = ["ANCHOR_MODELS", "CONSUMER_GPU", "PUBLISHED", "STUDY", "run_study"]

STUDY = Study(
    "density",
    method=(
        *CAPABILITY,
        "estimate/lag/density.py",
        "estimate/lag/likelihood.py",
        "estimate/lag/quantities.py",
        "estimate/lag/entrants.py",
        "estimate/lag/step.py",
        "estimate/lag/frontier.py",
        "estimate/lag/definitions.py",
        "checks/density.py",
        "checks/latent.py",
        "checks/refits.py",
        "estimate/lag/process.py",
        "estimate/lag/states.py",
        "estimate/lag/trend.py",
        "estimate/lag/changepoints.py",
    ),
)
#: Column of ``model_versions`` of either measure of size.
MEASURES: Mapping[str, str] = {"total": "total_params_b", "active": "active_params_b"}
#: Closed models whose level is used as a fixed ability, oldest first.
ANCHOR_MODELS = (
    "gpt-4-mar-2023",
    "gpt-4o-may-2024",
    "claude-3.5-sonnet-oct-2024",
    "o1",
    "o3",
    "claude-opus-4.5",
    "claude-opus-4.6",
    "gpt-5.5",
    "claude-mythos-preview",
)
#: Sizes at which the yearly factor is read, billions of parameters.
SIZES_B = (3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
#: An ability known worse than this (sd, logits) carries no information on size.
WORST_SD = 2.0
#: Largest open model that one consumer GPU holds, billions, and from when on: the rule of the
#: published figures ``epoch-consumer-*`` (28B on an RTX 4090, 40B on an RTX 5090, which was on
#: sale from 2025-01-30).
CONSUMER_GPU: tuple[tuple[date, float], ...] = (
    (date(2022, 10, 12), 28.0),
    (date(2025, 1, 30), 40.0),
)
#: How far, in decades of size and in years, a reading of the surface may stand from two models.
REACH = (0.4, 1.0)
#: Levels of the ladder for the smallest model that reaches them: quantiles of the sized models.
LADDER = (0.2, 0.35, 0.5, 0.65, 0.8)
#: The published growth of maximum density, as doubling times in months.
PUBLISHED: tuple[Mapping[str, Any], ...] = (
    {
        "key": "densing-preprint",
        "months": 3.3,
        "from": "2023-02",
        "to": "2024-11",
        "source": "Xiao et al. 2024, arXiv:2412.04315",
        "source_url": "https://arxiv.org/abs/2412.04315",
    },
    {
        "key": "densing-journal",
        "months": 3.5,
        "from": "2023-02",
        "to": "2025-04",
        "source": "Xiao et al. 2025, Nature Machine Intelligence, doi:10.1038/s42256-025-01137-0",
        "source_url": "https://www.nature.com/articles/s42256-025-01137-0",
    },
)
#: Window and largest size of the models that the journal version of the densing law rests on.
DENSING_UNTIL = date(2025, 4, 30)
DENSING_LARGEST_B = 80.0


def years_of(days: np.ndarray) -> np.ndarray:
    """Years since 1970 of day numbers; ``inf`` (never) becomes NaN."""
    return np.where(np.isfinite(days), days / 365.25, np.nan)


@one_thread
def run_study(
    release: Release,
    *,
    seed: int,
    workers: int | None = None,
    progress: str | None = None,
    draws: int = 1000,
    **given: Any,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Compute the study.

    Parameters
    ----------
    release : Release
    seed : int
    workers, progress
        Not used: one fit of a few seconds.
    draws : int
    **given
        ``as_of``, ``level``, ``evidence``, ``access_basis`` where they differ from the defaults.

    Returns
    -------
    options, result : dict
        Ready for :func:`headway.checks.stored.save_stored`.
    """
    del workers, progress
    options = options_of(release, seed, **given)
    state = latent(release, draws=draws, seed=seed, options=options)
    domains = tuple(d for d in DOMAINS if state.refitted.has((d, None)))
    rows = []
    for cell in CELLS:
        if state.refitted.has(cell):
            scored = own_likelihoods(state, cell, draws)
            rows += [_row(state, scored, cell, measure) for measure in MEASURES]
    return options, {
        "known": _known(state),
        "rows": rows,
        "consumer": _consumer(state, domains),
        "published": [dict(row) for row in PUBLISHED],
    }


def _known(state: Latent) -> dict[str, int]:
    """How many open models have results, a date, a size."""
    entrants = state.refitted.entrants(("general", None))
    is_open = np.isfinite(entrants.open_from)
    sizes = {
        measure: np.array([state.facts[m][column] is not None for m in state.models])
        for measure, column in MEASURES.items()
    }
    flagged = [state.facts[m]["open_weight"] is True for m in state.models]
    return {
        "open_models": int(np.sum(flagged)),
        "dated": int(is_open.sum()),
        "dated_total": int((is_open & sizes["total"]).sum()),
        "dated_active": int((is_open & sizes["active"]).sum()),
        "any_total": int((np.array(flagged) & sizes["total"]).sum()),
    }


def _row(state: Latent, scored: Likelihoods, cell: Cell, measure: str) -> dict[str, Any]:
    entrants = state.refitted.entrants(cell)
    value, variance = scored.single(cell, np.arange(len(state.models)))
    size = np.array([state.facts[m][MEASURES[measure]] or np.nan for m in state.models], float)
    years = years_of(entrants.open_from)
    counts = scored.counts[:, scored.cells.index(cell)]
    usable = np.isfinite(years) & np.isfinite(size) & (counts > 0) & (np.sqrt(variance) < WORST_SD)
    index = np.flatnonzero(usable)
    x, t = np.log10(size[index]), years[index]
    lab = [state.labs[i] for i in index]
    head: dict[str, Any] = {
        "domain": cell[0],
        "stage": cell[1],
        "parameters": measure,
        "n": len(index),
        "n_clusters": len(set(lab)),
    }
    missing = density_missing(x, t, lab)
    if missing:
        refused = Quantity.not_estimable(
            "months", *missing, n=len(index), n_clusters=len(set(lab))
        ).to_json()
        return {**head, "halving_months": refused, "missing": list(missing)}
    y, s2 = value[:, index], variance[index]
    plane = fit_density(y, x, t, lab, variance=s2, rng=state.rng("plane", cell, measure))
    curve = fit_density(
        y, x, t, lab, variance=s2, curved=True, rng=state.rng("curve", cell, measure)
    )
    bends = fit_curvature(y, x, t, lab, variance=s2, rng=state.rng("bends", cell, measure))
    # the draws that belong to the likelihoods: what items have in common cancels in differences
    everyone = scored.theta[:, :, scored.cells.index(cell)]
    theta = everyone[:, index]
    now = day_number(state.as_of) / 365.25
    say = _Say(len(index), len(set(lab)), state.level)
    row = {
        **head,
        "missing": [],
        "halving_months": say(plane.halving_months, "months"),
        "yearly_factor": say(plane.yearly_factor, "ratio"),
        "per_decade": say(plane.per_decade, "logits"),
        "per_year": say(plane.per_year, "logits"),
        "spread": say(plane.spread, "logits"),
        "bend_size": say(bends.size_size, "logits"),
        "bend_time": say(bends.year_year, "logits"),
        "bend_both": say(bends.size_year, "logits"),
        "record_halving_months": say(
            halving_months(record_rate(theta, x, t, plane.per_decade)), "months"
        ),
        "smallest_halving_months": say(
            halving_months(
                smallest_rate(
                    theta, x, t, [np.quantile(theta, u, axis=1) for u in LADDER], until=now
                )
            ),
            "months",
        ),
        "by_size": _by_size(curve, x, say),
        "size_range_b": [float(10 ** x.min()), float(10 ** x.max())],
        "from": date_of(float(entrants.open_from[index].min())).isoformat(),
        "to": date_of(float(entrants.open_from[index].max())).isoformat(),
        "needed": _needed(state, cell, curve, index, x, t, everyone, now, say),
        "points": _points(state, cell, index, size, entrants.open_from),
    }
    if measure == "total":
        row["densing_window"] = _densing(state, cell, y, s2, x, t, lab, theta)
    return row


class _Say:
    """Draws to the JSON of a quantity, with the counts of one regression."""

    def __init__(self, n: int, n_clusters: int, level: float) -> None:
        self.n, self.n_clusters, self.level = n, n_clusters, level

    def __call__(self, draws: np.ndarray, unit: str, *notes: str) -> dict[str, Any]:
        return quantity_of(
            draws, unit, n=self.n, n_clusters=self.n_clusters, level=self.level, notes=notes
        ).to_json()


def _by_size(curve: Density, x: np.ndarray, say: _Say) -> list[dict[str, Any]]:
    """Halving time at sizes inside the range that was seen (5th to 95th percentile)."""
    low, high = np.quantile(x, [0.05, 0.95])
    return [
        {
            "params_b": size,
            "halving_months": say(
                halving_months(curve.decades_per_year_at(np.log10(size))), "months"
            ),
        }
        for size in SIZES_B
        if low <= np.log10(size) <= high
    ]


def _densing(
    state: Latent,
    cell: Cell,
    y: np.ndarray,
    s2: np.ndarray,
    x: np.ndarray,
    t: np.ndarray,
    lab: list[str],
    theta: np.ndarray,
) -> dict[str, Any]:
    """The densing law's window and sizes: record densities of models up to 80B until 2025-04."""
    keep = np.flatnonzero(
        (t <= day_number(DENSING_UNTIL) / 365.25) & (x <= np.log10(DENSING_LARGEST_B))
    )
    some = [lab[i] for i in keep]
    missing = density_missing(x[keep], t[keep], some)
    if missing:
        refused = Quantity.not_estimable("months", *missing, n=len(keep)).to_json()
        return {"typical": refused, "record": refused}
    plane = fit_density(
        y[:, keep], x[keep], t[keep], some, variance=s2[keep], rng=state.rng("densing", cell)
    )
    say = _Say(len(keep), len(set(some)), state.level)
    record = record_rate(theta[:, keep], x[keep], t[keep], plane.per_decade)
    return {
        "typical": say(plane.halving_months, "months"),
        "record": say(halving_months(record), "months"),
    }


def _needed(
    state: Latent,
    cell: Cell,
    curve: Density,
    index: np.ndarray,
    x: np.ndarray,
    t: np.ndarray,
    everyone: np.ndarray,
    now: float,
    say: _Say,
) -> list[dict[str, Any]]:
    """Per anchor: parameters needed over time and today, and the smallest model that does it."""
    out = []
    theta = everyone[:, index]
    summary = state.refitted.sample.summary(cell)
    informative = summary["informative"].to_numpy() & (summary["n_scores"].to_numpy() > 0)
    grid = np.linspace(float(t.min()), now, 13)
    low, high = 10 ** x.min(), 10 ** x.max()
    for name in ANCHOR_MODELS:
        if name not in state.models or not informative[state.models.index(name)]:
            continue
        level = everyone[:, state.models.index(name)]
        today = 10 ** curve.needed(level, now)
        quantity = say(today, "billion")
        median = quantity["value"]
        if median is not None and not low <= median <= high:
            quantity["notes"].append("outside_sizes")
        elif median is not None and not _supported(x, t, float(np.log10(median)), now):
            quantity["notes"].append("no_models_near")
        path = []
        for when in grid:
            draws = 10 ** curve.needed(level, float(when))
            one = say(draws, "billion")
            interval = one["interval"]
            if (
                one["value"] is not None
                and low <= one["value"] <= high
                and _supported(x, t, float(np.log10(one["value"])), float(when))
            ):
                path.append(
                    {
                        "at": date_of(when * 365.25).isoformat(),
                        "params_b": one["value"],
                        "low": interval["low"],
                        "high": interval["high"],
                    }
                )
        dates, smallest = smallest_size(theta, x, t, level)
        out.append(
            {
                "model": name,
                "params_b": quantity,
                "path": path,
                **_smallest(state, index, x, t, theta, level, dates, smallest),
            }
        )
    return out


def _supported(x: np.ndarray, t: np.ndarray, size: float, when: float) -> bool:
    """Whether models of about that size and date were measured (two within the reach)."""
    return int(((np.abs(x - size) <= REACH[0]) & (np.abs(t - when) <= REACH[1])).sum()) >= 2


def _smallest(
    state: Latent,
    index: np.ndarray,
    x: np.ndarray,
    t: np.ndarray,
    theta: np.ndarray,
    level: np.ndarray,
    dates: np.ndarray,
    smallest: np.ndarray,
) -> dict[str, Any]:
    """The smallest model more likely than not at or above the level, and how it got there."""
    above = (theta >= level[:, None]).mean(axis=0)
    order = np.argsort(t, kind="stable")
    steps: list[dict[str, Any]] = []
    best = np.inf
    for j in order:
        if above[j] >= 0.5 and x[j] < best:
            best = float(x[j])
            steps.append(
                {
                    "model": state.models[index[j]],
                    "at": date_of(float(t[j]) * 365.25).isoformat(),
                    "params_b": float(10 ** x[j]),
                    "probability": float(above[j]),
                }
            )
    reached = float(np.isfinite(smallest[:, -1]).mean()) if len(dates) else 0.0
    return {"smallest": steps, "p_reached": reached}


def _points(
    state: Latent,
    cell: Cell,
    index: np.ndarray,
    size: np.ndarray,
    open_from: np.ndarray,
) -> list[dict[str, Any]]:
    mean = state.refitted.sample.centred(cell)[:, index].mean(axis=0)
    return [
        {
            "model": state.models[i],
            "at": date_of(float(open_from[i])).isoformat(),
            "params_b": float(size[i]),
            "ability": round(float(mean[j]), 3),
        }
        for j, i in enumerate(index)
    ]


def _consumer(state: Latent, domains: tuple[str, ...]) -> list[dict[str, Any]]:
    """Lag of open models that fit one consumer GPU behind the closed frontier, today and then."""
    out = []
    size = np.array([state.facts[m]["total_params_b"] or np.inf for m in state.models], dtype=float)
    for domain in domains:
        entrants = state.refitted.entrants((domain, None))
        limit = np.full(len(size), CONSUMER_GPU[0][1])
        limit[entrants.open_from >= day_number(CONSUMER_GPU[1][0])] = CONSUMER_GPU[1][1]
        fits = np.isfinite(entrants.closed_any_from) | (
            np.isfinite(entrants.open_from) & (size <= limit)
        )
        small = entrants.keep(fits)
        for at in sorted({min(date(2025, 8, 15), state.as_of), state.as_of}):
            for row in lag_rows(
                small,
                definitions=("lag_mean_12m", "lag_trend"),
                domain=domain,
                as_of=at,
                level=state.level,
                rng=state.rng("consumer", domain, at),
                process_reps=200,
            ):
                out.append(row.to_json())
    return out
