"""The study of special sauce: how much of cyber is coding, and who stands beyond it by how much.

One ability fit gives the likelihoods; per part of cyber and access class a structural
errors-in-variables model is fitted; every model that set a record is then held against what its
coding and general ability let one expect, and against the closed frontier's trend.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from headway.checks.latent import (
    CYBER_CELLS,
    Latent,
    latent,
    one_thread,
    options_of,
    own_likelihoods,
)
from headway.checks.stored import Study
from headway.checks.studies import CAPABILITY
from headway.checks.worlds import GENERATORS, simulate_world, true_ability
from headway.estimate.capability import CapabilityFit, fit_capability
from headway.estimate.capability.design import Cell
from headway.estimate.lag.entrants import Entrants, date_of, day_number
from headway.estimate.lag.lead import RecordLine, record_line
from headway.estimate.lag.likelihood import Likelihoods, likelihoods
from headway.estimate.lag.quantities import quantity_of
from headway.estimate.lag.sauce import (
    SauceDistribution,
    Structure,
    fit_structure,
    sauce_missing,
)
from headway.fanout import run
from headway.result import Quantity
from headway.tables.store import Release

__all__ = ["PUBLISHED_LEADS", "STUDY", "TREND_SINCE", "run_study", "validate_structure"]

STUDY = Study(
    "sauce",
    method=(
        *CAPABILITY,
        "estimate/lag/sauce.py",
        "estimate/lag/lead.py",
        "estimate/lag/likelihood.py",
        "estimate/lag/quantities.py",
        "estimate/lag/entrants.py",
        "checks/sauce.py",
        "checks/latent.py",
        "checks/worlds.py",
        "checks/refits.py",
    ),
)
#: First day of the trend that leads are measured from ("since early 2025" in the published rule).
TREND_SINCE = date(2025, 1, 1)
#: Published leads over the cyber trend: id in ``published_estimates`` and our model version.
PUBLISHED_LEADS: Mapping[str, str] = {
    "epoch-cyber-mythos-lead": "claude-mythos-preview",
    "epoch-cyber-mythos-early-lead": "claude-mythos-preview-early",
    "epoch-cyber-gpt55-lead": "gpt-5.5",
}
#: Day on which they were published; rows of later models do not enter their trend.
PUBLISHED_AS_OF = date(2026, 6, 11)
#: A model is judged if it set a record of its class in this share of the draws, or is published.
RECORD_SHARE = 0.3
#: Judged models per class, latest first.
MOST_JUDGED = 10
#: A lead of more than this many months is called a jump.
JUMP_MONTHS = 3.0
#: Posterior probability from which something is called sure.
SURE = 0.95
X_CELLS: tuple[Cell, ...] = (("coding", None), ("general", None))
CLASSES = ("closed", "open")


@one_thread
def run_study(
    release: Release,
    *,
    seed: int,
    workers: int | None = None,
    progress: str | None = None,
    draws: int = 400,
    worlds: int = 12,
    **given: Any,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Compute the study.

    Parameters
    ----------
    release : Release
    seed : int
    workers : int, optional
        Processes for the simulated worlds.
    progress : str, optional
        What to say on stderr meanwhile.
    draws : int
    worlds : int
        Simulated worlds per generator that judge slopes and shares; 0 skips them.
    **given
        ``as_of``, ``level``, ``evidence``, ``access_basis`` where they differ from the defaults.

    Returns
    -------
    options, result : dict
    """
    options = options_of(release, seed, **given)
    state = latent(release, draws=draws, seed=seed, options=options)
    if not all(state.refitted.has(cell) for cell in (("cyber", None), *X_CELLS)):
        lists = ("structures", "models", "distribution", "published", "validation")
        return options, {name: [] for name in lists}
    structures, models, distribution = [], [], []
    for cell in CYBER_CELLS:
        if not state.refitted.has(cell):
            continue
        found, judged, spread = _cell(state, cell, draws)
        structures += found
        models += judged
        distribution += spread
    structures += _separate(state, draws)
    validation = []
    if worlds:
        validation = validate_structure(
            state.refitted.fit,
            state.labs,
            worlds=worlds,
            seed=seed,
            workers=workers,
            progress=progress,
        )
    return options, {
        "structures": structures,
        "models": models,
        "distribution": distribution,
        "published": _published(state, release),
        "validation": validation,
    }


# The population ------------------------------------------------------------------------------


def _members(state: Latent, scored: Likelihoods, kind: str) -> np.ndarray:
    """Dated models of a class with results in the cell and in coding or general."""
    design = state.refitted.fit.laplace.design
    dated = ~np.isnan(design.model_year)
    own = design.model_class == CLASSES.index(kind)
    has_x = (scored.counts[:, :2] > 0).any(axis=1)
    return np.flatnonzero(dated & own & (scored.counts[:, 2] > 0) & has_x)


def _design(year: np.ndarray, centre: float, *, dated: bool) -> np.ndarray:
    ones = np.ones_like(year)
    return np.column_stack([ones, year - centre]) if dated else ones[:, None]


def _cell(
    state: Latent, cell: Cell, draws: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Regressions, judged models and the distribution of the rest, of one part of cyber."""
    scored = own_likelihoods(state, cell, draws)
    year = state.refitted.fit.laplace.design.model_year
    rows, models, spreads = [], [], []
    line = _Lines(state, cell, scored)
    pace = line.public((), day_number(state.as_of) + 1).per_month
    for kind in CLASSES:
        index = _members(state, scored, kind)
        lab = [state.labs[i] for i in index]
        missing = sauce_missing(lab)
        head = {
            "domain": cell[0],
            "stage": cell[1],
            "access_class": kind,
            "n": len(index),
            "n_clusters": len(set(lab)),
            "n_all_three": int((scored.counts[index] > 0).all(axis=1).sum()),
        }
        if missing:
            refused = Quantity.not_estimable("proportion", *missing, n=len(index)).to_json()
            rows.append({**head, "at_one_date": True, "fits": "joint", "explained": refused})
            continue
        centre = float(year[index].mean())
        kept: Structure | None = None
        for dated in (True, False):
            z = _design(year[index], centre, dated=dated)
            found = fit_structure(
                scored.precision[index],
                scored.pull[:, index],
                z,
                lab,
                rng=state.rng("structure", *cell, kind, dated),
            )
            kept = found if dated else kept
            rows.append({**head, "at_one_date": dated, "fits": "joint", **_explained(state, found)})
        assert kept is not None
        models += _judge(state, scored, cell, kind, kept, centre, line)
        spreads.append(_distribution(state, cell, kind, kept, pace))
    return rows, models, spreads


def _distribution(
    state: Latent, cell: Cell, kind: str, structure: Structure, pace: np.ndarray
) -> dict[str, Any]:
    """The residual of a new model as numbers that a later stage can draw from."""
    rising = np.where(pace > 0, pace, np.nan)
    spread = SauceDistribution(structure.residual_sd, rising)
    counts: dict[str, Any] = {
        "n": structure.n,
        "n_clusters": structure.n_clusters,
        "level": state.level,
    }
    months = spread.months(20_000, state.rng("distribution", *cell, kind))
    return {
        "domain": cell[0],
        "stage": cell[1],
        "access_class": kind,
        "sd_logits": quantity_of(spread.sd, "logits", **counts).to_json(),
        "sd_months": quantity_of(spread.sd / rising, "months", **counts).to_json(),
        "new_model_months": quantity_of(months, "months", **counts).to_json(),
        "draws": {
            "sd_logits": [round(float(v), 4) for v in spread.sd[:200]],
            "logits_per_month": [None if np.isnan(v) else round(float(v), 5) for v in rising[:200]],
        },
    }


def _explained(state: Latent, found: Structure) -> dict[str, Any]:
    def say(values: np.ndarray, unit: str) -> dict[str, Any]:
        return quantity_of(
            values, unit, n=found.n, n_clusters=found.n_clusters, level=state.level
        ).to_json()

    slopes = found.slopes()
    coding, general, both = (found.explained([0]), found.explained([1]), found.explained())
    return {
        "explained": say(both, "proportion"),
        "explained_coding": say(coding, "proportion"),
        "explained_general": say(general, "proportion"),
        "added_by_coding": say(both - general, "proportion"),
        "added_by_general": say(both - coding, "proportion"),
        "slope_coding": say(slopes[:, 0], "ratio"),
        "slope_general": say(slopes[:, 1], "ratio"),
        "slope_coding_alone": say(found.slopes([0])[:, 0], "ratio"),
        "residual_sd": say(found.residual_sd, "logits"),
        "converged": found.converged,
    }


def _separate(state: Latent, draws: int) -> list[dict[str, Any]]:
    """The headline again with each domain fitted alone: nothing shared, no common ability."""
    evidence = state.refitted.fit.evidence
    parts: list[Likelihoods] = []
    cells: tuple[Cell, ...] = (*X_CELLS, ("cyber", None))
    for cell in cells:
        rows = evidence.rows.filter(pl.col("domain") == cell[0])
        alone = replace(
            evidence,
            rows=rows,
            models=evidence.models.filter(pl.col("model_version").is_in(rows["model_version"])),
        )
        parts.append(
            likelihoods(fit_capability(alone), [cell], draws, rng=state.rng("alone", cell[0]))
        )
    size = len(state.models)
    precision, pull = np.zeros((size, 3, 3)), np.zeros((draws, size, 3))
    counts = np.zeros((size, 3), dtype=np.int64)
    place = {name: i for i, name in enumerate(state.models)}
    for k, part in enumerate(parts):
        at = np.array([place[name] for name in part.models])
        precision[at, k, k] = part.precision[:, 0, 0]
        pull[:, at, k] = part.pull[:, :, 0]
        counts[at, k] = part.counts[:, 0]
    joined = Likelihoods(state.models, cells, precision, pull, pull, counts)
    year = state.refitted.fit.laplace.design.model_year
    out = []
    for kind in CLASSES:
        index = _members(state, joined, kind)
        lab = [state.labs[i] for i in index]
        if sauce_missing(lab):
            continue
        for dated in (True, False):
            found = fit_structure(
                precision[index],
                pull[:, index],
                _design(year[index], float(year[index].mean()), dated=dated),
                lab,
                rng=state.rng("separate", kind, dated),
            )
            out.append(
                {
                    "domain": "cyber",
                    "stage": None,
                    "access_class": kind,
                    "n": len(index),
                    "n_clusters": len(set(lab)),
                    "n_all_three": int((counts[index] > 0).all(axis=1).sum()),
                    "at_one_date": dated,
                    "fits": "separate",
                    **_explained(state, found),
                }
            )
    return out


# The models ----------------------------------------------------------------------------------


class _Lines:
    """Trend lines of the closed frontier of a cell, as seen by one model at a time."""

    def __init__(self, state: Latent, cell: Cell, scored: Likelihoods) -> None:
        self.state, self.cell = state, cell
        self.entrants: Entrants = state.refitted.entrants(cell)
        self.theta = scored.theta[:, :, 2]
        measured = scored.counts[:, 2] > 0
        self.member = self.entrants.informative & measured

    def before(self, j: int, day: float) -> RecordLine:
        """Through the records of closed models, restricted ones too, before a model's day."""
        keep = self.member.copy()
        keep[j] = False
        return record_line(
            self.theta,
            self.entrants.closed_any_from,
            keep,
            since=day_number(TREND_SINCE),
            until=day,
            rng=self.state.rng("line", *self.cell, self.state.models[j]),
        )

    def public(self, judged: tuple[str, ...], until: float) -> RecordLine:
        """Through the records of public closed models, the judged ones left out."""
        keep = self.member & ~np.isin(np.array(self.state.models), judged)
        return record_line(
            self.theta,
            self.entrants.closed_public_from,
            keep,
            since=day_number(TREND_SINCE),
            until=until,
            rng=self.state.rng("public", *self.cell, *judged),
        )


def _day(state: Latent, i: int, entered: float) -> float:
    """Day on which a model is held against the trend: its launch, or its entry if that is earlier.

    The results of a model that was never released may be published months after it was made.
    """
    released = state.facts[state.models[i]]["released"]
    return entered if released is None else min(entered, day_number(released))


def _record_share(theta: np.ndarray, days: np.ndarray, member: np.ndarray) -> np.ndarray:
    """(n_models,) share of draws in which a model rises above all earlier members."""
    out = np.zeros(theta.shape[1])
    use = np.flatnonzero(member & np.isfinite(days))
    for i in use:
        earlier = use[days[use] < days[i]]
        if len(earlier):
            out[i] = float((theta[:, i] > theta[:, earlier].max(axis=1)).mean())
    return out


def _judge(
    state: Latent,
    scored: Likelihoods,
    cell: Cell,
    kind: str,
    structure: Structure,
    centre: float,
    line: _Lines,
) -> list[dict[str, Any]]:
    entrants = line.entrants
    days = entrants.open_from if kind == "open" else entrants.closed_any_from
    share = _record_share(line.theta, days, line.member)
    named = [m in PUBLISHED_LEADS.values() for m in state.models]
    recent = np.isfinite(days) & (days >= day_number(TREND_SINCE))
    measured = scored.counts[:, 2] > 0
    index = np.flatnonzero(recent & measured & ((share >= RECORD_SHARE) | np.array(named)))
    index = index[np.argsort(-days[index], kind="stable")]
    keep = [i for rank, i in enumerate(index) if rank < MOST_JUDGED or named[i]]
    out = []
    year = state.refitted.fit.laplace.design.model_year
    per_logit = state.points_per_logit("cyber")
    for i in keep:
        one = np.array([i])
        value, variance = scored.single(cell, one)
        # with a known error, the value is the truth plus that error: a draw of the truth
        noise = state.rng("residual", *cell, state.models[i]).standard_normal((2, len(value)))
        y = value[:, 0] - noise[0] * np.sqrt(variance[0])
        xp, xh = scored.of(one, [0, 1])
        expected, spread = structure.expected(xp, xh, _design(year[one], centre, dated=True))
        residual = y - expected[:, 0] - noise[1] * np.sqrt(spread[:, 0])
        day = _day(state, int(i), float(days[i]))
        before = line.before(int(i), day)
        # a pace is needed for months: that of the closed frontier before the model
        pace = np.where(before.per_month > 0, before.per_month, np.nan)
        lead = before.lead(line.theta[:, i], day)

        def say(values: np.ndarray, unit: str, *notes: str, at: int = int(i)) -> dict[str, Any]:
            return quantity_of(
                values,
                unit,
                n=int(scored.counts[at, 2]),
                n_clusters=structure.n_clusters,
                level=state.level,
                notes=notes,
            ).to_json()

        finite = lead[~np.isnan(lead)]
        told = len(finite) >= state.level * len(lead)
        p_ahead = float((finite > 0).mean()) if told else None
        p_jump = float((finite > JUMP_MONTHS).mean()) if told else None
        p_beyond = float((residual > 0).mean())
        out.append(
            {
                "domain": cell[0],
                "stage": cell[1],
                "access_class": kind,
                "model": state.models[i],
                "entered": date_of(day).isoformat(),
                "scores": [int(c) for c in scored.counts[i]],
                "record_share": round(float(share[i]), 3),
                "residual": say(residual, "logits", *_x_notes(scored, int(i))),
                "residual_points": None
                if per_logit is None
                else say(residual * per_logit, "points"),
                "residual_months": say(residual / pace, "months"),
                "residual_in_sd": say(residual / structure.residual_sd, "ratio"),
                "p_beyond": round(p_beyond, 3),
                "lead_months": say(lead, "months"),
                "records_in_line": round(before.records, 1),
                "p_ahead": None if p_ahead is None else round(p_ahead, 3),
                "p_jump": None if p_jump is None else round(p_jump, 3),
                "verdict": _verdict(p_ahead, p_jump),
            }
        )
    return sorted(out, key=lambda row: row["entered"], reverse=True)


def _x_notes(scored: Likelihoods, i: int) -> tuple[str, ...]:
    """Which of the two regressors a model lacks."""
    notes = []
    if scored.counts[i, 0] == 0:
        notes.append("no_coding_scores")
    if scored.counts[i, 1] == 0:
        notes.append("no_general_scores")
    return tuple(notes)


def _verdict(p_ahead: float | None, p_jump: float | None) -> str:
    """``jump``: surely more than three months ahead; ``ahead`` or ``behind``: surely; else undecided."""
    if p_ahead is None or p_jump is None:
        return "not_estimable"
    if p_jump > SURE:
        return "jump"
    if p_ahead > SURE:
        return "ahead"
    return "behind" if p_ahead < 1 - SURE else "undecided"


def _published(state: Latent, release: Release) -> list[dict[str, Any]]:
    """The published leads and the same rule on our cyber ability."""
    cell: Cell = ("cyber", None)
    draws = state.refitted.sample.raw.effects.shape[0]
    scored = own_likelihoods(state, cell, draws)
    line = _Lines(state, cell, scored)
    figures = {r["estimate_id"]: r for r in release.published_estimates.iter_rows(named=True)}
    until = min(day_number(PUBLISHED_AS_OF), day_number(state.as_of) + 1)
    out = []
    for key, model in PUBLISHED_LEADS.items():
        figure = figures.get(key)
        if figure is None or model not in state.models:
            continue
        i = state.models.index(model)
        day = _day(state, i, float(line.entrants.closed_any_from[i]))
        row: dict[str, Any] = {
            "estimate_id": key,
            "model": model,
            "published": {k: figure[k] for k in ("value", "low", "high", "source_url")},
        }
        if not np.isfinite(day) or scored.counts[i, 2] == 0:
            refused = Quantity.not_estimable("months", "no_scores").to_json()
            out.append({**row, "by_rule": refused, "before_launch": refused})
            continue
        counts: dict[str, Any] = {
            "n": int(scored.counts[i, 2]),
            "n_clusters": 1,
            "level": state.level,
        }
        # the published trend of June 2026: public frontier models, those judged left out
        rule = line.public(tuple(PUBLISHED_LEADS.values()), until)
        before = line.before(i, day)
        theta = line.theta[:, i]
        out.append(
            {
                **row,
                "by_rule": quantity_of(rule.lead(theta, day), "months", **counts).to_json(),
                "before_launch": quantity_of(before.lead(theta, day), "months", **counts).to_json(),
                "slope_logits_per_year": float(12 * np.nanmedian(rule.per_month)),
                "records_in_line": round(rule.records, 1),
            }
        )
    return out


# Validation ----------------------------------------------------------------------------------


def validate_structure(
    fit: CapabilityFit,
    labs: tuple[str, ...],
    *,
    worlds: int,
    seed: int,
    workers: int | None = None,
    progress: str | None = None,
) -> list[dict[str, Any]]:
    """Shares and slopes on simulated worlds with the data's own missingness and a known truth.

    Truth is the least-squares regression of the true cyber ability on the true coding and general
    abilities (and the date) of the very models used. Two estimators are judged: this one, and the
    naive regression on posterior means that it replaces.

    Returns
    -------
    list of dict
        Per generator and class: ``coverage_explained``, ``coverage_slope`` (coding), mean true and
        estimated values, those of the naive regression, and the number of worlds.
    """
    tasks = [(index, generator) for generator in GENERATORS for index in range(worlds)]

    def one(task: tuple[int, Any], rng: np.random.Generator) -> list[dict[str, Any]]:
        _, generator = task
        world = simulate_world(fit, generator, rng)
        again = fit_capability(world.evidence)
        scored = likelihoods(again, [*X_CELLS, ("cyber", None)], 200, rng=rng)
        design = again.laplace.design
        truth = np.column_stack(
            [true_ability(world, cell, design) for cell in (*X_CELLS, ("cyber", None))]
        )
        out = []
        for kind in CLASSES:
            own = (design.model_class == CLASSES.index(kind)) & ~np.isnan(design.model_year)
            has_x = (scored.counts[:, :2] > 0).any(axis=1)
            index = np.flatnonzero(own & (scored.counts[:, 2] > 0) & has_x)
            lab = [labs[i] for i in index]
            if sauce_missing(lab):
                continue
            year = design.model_year[index]
            z = _design(year, float(year.mean()), dated=True)
            found = fit_structure(scored.precision[index], scored.pull[:, index], z, lab, rng=rng)
            share, slope = found.explained(), found.slopes()[:, 0]
            true_share, true_slope = _least_squares(truth[index], z)
            naive_share, naive_slope = _least_squares(scored.theta.mean(axis=0)[index], z)
            ends = np.quantile(share, [0.05, 0.95]), np.quantile(slope, [0.05, 0.95])
            out.append(
                {
                    "generator": generator,
                    "access_class": kind,
                    "true_explained": true_share,
                    "explained": float(np.median(share)),
                    "naive_explained": naive_share,
                    "covered_explained": bool(ends[0][0] <= true_share <= ends[0][1]),
                    "true_slope": true_slope,
                    "slope": float(np.median(slope)),
                    "naive_slope": naive_slope,
                    "covered_slope": bool(ends[1][0] <= true_slope <= ends[1][1]),
                }
            )
        return out

    parts = run(one, tasks, seed=seed, workers=workers, progress=progress)
    frame = pl.DataFrame([row for part in parts for row in part])
    if frame.is_empty():
        return []
    return (
        frame.group_by("generator", "access_class")
        .agg(pl.len().alias("worlds"), pl.exclude("generator", "access_class").mean())
        .sort("generator", "access_class")
        .to_dicts()
    )


def _least_squares(ability: np.ndarray, z: np.ndarray) -> tuple[float, float]:
    """Share of variance at one date explained by, and slope on, the first two columns."""
    rest = ability - z @ np.linalg.lstsq(z, ability, rcond=None)[0]
    slopes = np.linalg.lstsq(rest[:, :2], rest[:, 2], rcond=None)[0]
    left = rest[:, 2] - rest[:, :2] @ slopes
    return float(1 - (left**2).sum() / (rest[:, 2] ** 2).sum()), float(slopes[0])
