"""From replayed forecasts to scores, weights, calibration and a verdict.

Every target counts once: its forecasts at several ages are averaged. Forecasts of one target are
never judged with weights that saw it. The interval of a skill resamples targets (a model that is a
target in several domains is one); its wider interval resamples open releases, because targets
matched by one release, and those still waiting, have one outcome in common.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from headway.checks.backtest import AGES, CELLS, Cell, Issued, TargetRecord
from headway.estimate.lag.entrants import FloatArray, date_of, day_number
from headway.estimate.lag.forecast import (
    BASELINES,
    COMPONENTS,
    LearnedRule,
    Outcome,
    Rule,
    Scored,
    Waiting,
    censored_crps,
    censored_log_score,
    coverage,
    learn_rule,
    pit_masses,
)
from headway.estimate.lag.forecast.scores import month_masses, outcome_masses
from headway.estimate.lag.forecast.weights import SHRINKAGE
from headway.result import DAYS_PER_MONTH, Interval, Quantity

__all__ = ["LEVELS", "METHODS", "QUANTILES", "RANKED_FROM", "judge"]

#: Everything that is scored; ``mixture`` has learned weights, ``equal`` the same for all.
METHODS = ("mixture", "equal", *COMPONENTS, *BASELINES)
#: Of the mixture, kept per forecast.
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
#: Central intervals whose coverage is reported.
LEVELS = (0.5, 0.8, 0.9)
#: Fewer resolved targets than this are not ranked.
RANKED_FROM = 10
_BOOTSTRAP = 2000
_PIT_BINS = 10
_FINE = 100


@dataclass(frozen=True)
class _Judged:
    """One issued forecast with its outcome and scores."""

    issued: Issued
    target: TargetRecord
    outcome: Outcome
    crps: Mapping[str, float]
    log_score: Mapping[str, float]
    pit: Mapping[str, FloatArray]
    quantiles: FloatArray


def judge(
    targets: Sequence[TargetRecord],
    issued: Sequence[Issued],
    *,
    through: date,
    seed: int,
    strengths: Sequence[float] = SHRINKAGE,
) -> dict[str, Any]:
    """Scores of every forecast, and what they add up to.

    Parameters
    ----------
    targets, issued
        What was forecast, and the forecasts.
    through : date
        Outcomes are hidden after it.
    seed : int
        Of the bootstrap of skills.
    strengths : sequence of float
        Prior strengths of the rule to choose from.

    Returns
    -------
    dict
        ``targets`` (one per model and cell), ``forecasts`` (columns), ``vintages`` (weights,
        summaries per domain and stage and pooled, calibration, verdict; strict first), ``chosen``
        (what a forecast of today uses). JSON-able.
    """
    place = {(t.cell, t.model_version): i for i, t in enumerate(targets)}
    vintages = []
    judged: list[_Judged] = []
    for strict in (True, False):
        mine = [i for i in issued if i.strict == strict]
        learned = _learn(mine, targets, place, through, strengths)
        scored = [
            _judge_one(i, targets[place[i.cell, i.model_version]], learned, through)
            for i in mine
            if i.status == "issued"
        ]
        judged += scored
        vintages.append(_vintage(strict, mine, scored, targets, learned, through, seed))
    return {
        "methods": list(METHODS),
        "ages": list(AGES),
        "cells": [list(c) for c in CELLS],
        "targets": [_target_row(t, through) for t in targets],
        "forecasts": _columns(issued, judged, place),
        "vintages": vintages,
        "chosen": _chosen(vintages),
    }


def _outcome(one: Issued, target: TargetRecord, through: date) -> Outcome:
    at = day_number(one.issued)
    return Outcome.from_draws(
        (target.reached - at) / DAYS_PER_MONTH, (day_number(through) - at) / DAYS_PER_MONTH
    )


def _parts(one: Issued) -> dict[str, Waiting]:
    return {name: Waiting.of(values) for name, values in one.members.items()}


def _learn(
    issued: Sequence[Issued],
    targets: Sequence[TargetRecord],
    place: Mapping[tuple[Cell, str], int],
    through: date,
    strengths: Sequence[float],
) -> LearnedRule:
    """A rule from the domains; stages would tell the same outcomes again."""
    past = []
    for one in issued:
        if one.status != "issued" or one.cell[1] is not None:
            continue
        outcome = _outcome(one, targets[place[one.cell, one.model_version]], through)
        parts = _parts(one)
        absent = np.full(len(outcome_masses(outcome)), np.nan)
        masses = [
            month_masses(parts[name], outcome.censored_at) if name in parts else absent
            for name in COMPONENTS
        ]
        past.append(Scored(one.model_version, np.array(masses), outcome_masses(outcome)))
    return learn_rule(past, components=len(COMPONENTS), strengths=strengths)


def _judge_one(one: Issued, target: TargetRecord, learned: LearnedRule, through: date) -> _Judged:
    outcome = _outcome(one, target, through)
    parts = _parts(one)
    rule = learned.left_out.get(one.model_version, learned.rule)
    real = {name: parts[name] for name in COMPONENTS if name in parts}
    parts["mixture"] = rule.apply(real, COMPONENTS)
    parts["equal"] = Rule.equal(len(COMPONENTS)).apply(real, COMPONENTS)
    return _Judged(
        issued=one,
        target=target,
        outcome=outcome,
        crps={name: censored_crps(part, outcome) for name, part in parts.items()},
        log_score={name: censored_log_score(part, outcome) for name, part in parts.items()},
        pit={name: pit_masses(part, outcome, _FINE) for name, part in parts.items()},
        quantiles=parts["mixture"].quantile(np.array(QUANTILES)),
    )


# Summaries ---------------------------------------------------------------------------------


def _vintage(
    strict: bool,
    issued: Sequence[Issued],
    judged: Sequence[_Judged],
    targets: Sequence[TargetRecord],
    learned: LearnedRule,
    through: date,
    seed: int,
) -> dict[str, Any]:
    """Everything about the strict runs, or about the others."""
    domains = [j for j in judged if j.issued.cell[1] is None]
    summaries = [_summary(None, domains, strict, seed)]
    for cell in CELLS:
        mine = [j for j in judged if j.issued.cell == cell]
        summaries.append(_summary(cell, mine, strict, seed))
    return {
        "strict": strict,
        "weights": dict(zip(COMPONENTS, map(_round, learned.rule.weights), strict=True)),
        "alpha": _round(learned.rule.alpha),
        "beta": _round(learned.rule.beta),
        "shrinkage_targets": _finite(learned.shrinkage),
        "shrinkage_scores": [
            {"targets": _finite(k), "log_score": _round(v)} for k, v in learned.scores.items()
        ],
        "learned_from_targets": learned.n_targets,
        "summaries": summaries,
        "calibration": [
            row
            for name in METHODS
            if (row := _calibration(name, [j for j in domains if name in j.pit])) is not None
        ],
        "possible_from": [_possible(cell, issued) for cell in CELLS],
        "held_reached": _held(issued, targets, through),
    }


def _summary(
    cell: Cell | None, judged: Sequence[_Judged], strict: bool, seed: int
) -> dict[str, Any]:
    """Mean scores per method and skill against each baseline; ``cell`` None pools the domains."""
    names = sorted({_target_key(j) for j in judged})
    resolved = {_target_key(j) for j in judged if j.outcome.resolved >= 0.5}
    row: dict[str, Any] = {
        "domain": None if cell is None else cell[0],
        "stage": None if cell is None else cell[1],
        "n_targets": len(names),
        "n_resolved": len(resolved),
        "n_forecasts": len(judged),
        "status": "ranked" if len(resolved) >= RANKED_FROM else "too_few_to_rank",
        "scores": [
            {
                "method": method,
                "crps": _round(_mean(judged, method, "crps")),
                "log_score": _round(_mean(judged, method, "log_score")),
                "n_targets": len({_target_key(j) for j in judged if method in j.crps}),
            }
            for method in METHODS
            if any(method in j.crps for j in judged)
        ],
    }
    rng = np.random.default_rng([seed, int(strict), 0 if cell is None else 1 + CELLS.index(cell)])
    row["skill"] = [
        {"baseline": base, "skill": _skill(judged, base, len(resolved), rng).to_json()}
        for base in BASELINES
    ]
    return row


def _target_key(one: _Judged) -> tuple[Cell, str]:
    return one.issued.cell, one.issued.model_version


def _per_target(
    judged: Sequence[_Judged], method: str, score: str
) -> dict[tuple[Cell, str], float]:
    """Mean over the ages of each target."""
    found: dict[tuple[Cell, str], list[float]] = {}
    for one in judged:
        values: Mapping[str, float] = getattr(one, score)
        if method in values:
            found.setdefault(_target_key(one), []).append(values[method])
    return {key: float(np.mean(values)) for key, values in found.items()}


def _mean(judged: Sequence[_Judged], method: str, score: str) -> float:
    return float(np.mean(list(_per_target(judged, method, score).values())))


def _skill(
    judged: Sequence[_Judged], baseline: str, resolved: int, rng: np.random.Generator
) -> Quantity:
    """1 - CRPS of the mixture / CRPS of a baseline, both means over targets."""
    ours, theirs = (_per_target(judged, name, "crps") for name in ("mixture", baseline))
    keys = sorted(ours)
    count = len({model for _, model in keys})
    if resolved < RANKED_FROM:
        return Quantity.not_estimable(
            "proportion", f"too_few_to_rank:{resolved}<{RANKED_FROM}", n=len(keys), n_clusters=count
        )
    a = np.array([ours[k] for k in keys])
    b = np.array([theirs[k] for k in keys])
    release: dict[tuple[Cell, str], str] = {}
    for one in judged:
        in_by_now = one.outcome.resolved >= 0.5
        release[_target_key(one)] = (one.target.reached_by or "-") if in_by_now else "-"
    by_target = _resampled(a, b, [model for _, model in keys], rng)
    by_release = _resampled(a, b, [release[k] for k in keys], rng)
    narrow, wide = (np.quantile(x, [0.05, 0.95]) for x in (by_target, by_release))
    return Quantity(
        value=float(1 - a.sum() / b.sum()),
        unit="proportion",
        interval=Interval(float(narrow[0]), float(narrow[1]), 0.9, "bootstrap"),
        n=len(keys),
        n_clusters=count,
        status="estimated",
        interval_process=Interval(
            float(min(narrow[0], wide[0])), float(max(narrow[1], wide[1])), 0.9, "bootstrap"
        ),
    )


def _resampled(
    ours: FloatArray, theirs: FloatArray, clusters: Sequence[str], rng: np.random.Generator
) -> FloatArray:
    """Skill over a bootstrap of clusters."""
    _, code = np.unique(np.asarray(clusters), return_inverse=True)
    count = int(code.max()) + 1
    weight = rng.multinomial(count, np.full(count, 1 / count), size=_BOOTSTRAP)[:, code]
    return np.asarray(1 - (weight @ ours) / np.maximum(weight @ theirs, 1e-300))


def _calibration(method: str, judged: Sequence[_Judged]) -> dict[str, Any] | None:
    """PIT shares and coverage; every target counts once."""
    if not judged:
        return None
    found: dict[tuple[Cell, str], list[FloatArray]] = {}
    for one in judged:
        found.setdefault(_target_key(one), []).append(one.pit[method])
    pit = np.mean([np.mean(parts, axis=0) for parts in found.values()], axis=0)
    return {
        "method": method,
        "n_targets": len(found),
        "n_forecasts": len(judged),
        "pit": [_round(x) for x in pit.reshape(_PIT_BINS, -1).sum(axis=1)],
        "coverage": [{"level": x, "share": _round(coverage(pit, x))} for x in LEVELS],
    }


def _possible(cell: Cell, issued: Sequence[Issued]) -> dict[str, Any]:
    """First day of issue on which the rows known carried frontiers in a cell."""
    mine = [i for i in issued if i.cell == cell]
    able = [i.issued for i in mine if i.status != "not_estimable"]
    return {
        "domain": cell[0],
        "stage": cell[1],
        "first_day": min(able).isoformat() if able else None,
        "first_tried": min(i.issued for i in mine).isoformat() if mine else None,
    }


def _held(
    issued: Sequence[Issued], targets: Sequence[TargetRecord], through: date
) -> dict[str, Any]:
    """Where no forecast was issued because the target was held for reached: was it?"""
    place = {(t.cell, t.model_version): t for t in targets}
    true = [
        float(np.mean(place[i.cell, i.model_version].reached <= day_number(i.issued)))
        for i in issued
        if i.status == "held_reached" and i.cell[1] is None
    ]
    return {"count": len(true), "share_true": _round(float(np.mean(true))) if true else None}


def _chosen(vintages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a forecast of today uses, by the rule fixed beforehand.

    The strict runs decide where they hold enough resolved targets, else the others. The mixture is
    used if its mean censored CRPS over all targets is below that of every baseline; otherwise the
    best baseline is.
    """
    ranked = [v for v in vintages if v["summaries"][0]["status"] == "ranked"]
    if not ranked:
        return {"strict": None, "method": "equal", "beats_all": None}
    vintage = ranked[0]
    scores = {s["method"]: s["crps"] for s in vintage["summaries"][0]["scores"]}
    best = min(BASELINES, key=lambda name: scores[name])
    beats_all = scores["mixture"] < scores[best]
    return {
        "strict": vintage["strict"],
        "method": "mixture" if beats_all else best,
        "best_baseline": best,
        "beats_all": beats_all,
        "weights": vintage["weights"],
        "alpha": vintage["alpha"],
        "beta": vintage["beta"],
    }


# Rows --------------------------------------------------------------------------------------


def _target_row(target: TargetRecord, through: date) -> dict[str, Any]:
    known = target.reached[np.isfinite(target.reached)]
    share = len(known) / len(target.reached)

    def at(p: float) -> str | None:
        """Quantile of the date of resolution; None: later than the data."""
        order = np.sort(target.reached)
        day = order[min(int(np.ceil(p * len(order))) - 1, len(order) - 1)]
        return date_of(float(day)).isoformat() if np.isfinite(day) else None

    return {
        "domain": target.cell[0],
        "stage": target.cell[1],
        "target": target.model_version,
        "entered": target.entered.isoformat(),
        "record_probability": _round(target.record_probability),
        "resolved_probability": _round(share),
        "resolved": share >= 0.5,
        "resolved_on": at(0.5),
        "resolved_low": at(0.05),
        "resolved_high": at(0.95),
        "resolved_by": target.reached_by,
    }


def _columns(
    issued: Sequence[Issued],
    judged: Sequence[_Judged],
    place: Mapping[tuple[Cell, str], int],
) -> dict[str, Any]:
    """Every planned forecast as columns; scores are lists in the order of ``methods``, or null."""
    found = {id(j.issued): j for j in judged}
    columns: dict[str, list[Any]] = {
        name: []
        for name in [
            "target",
            "age",
            "issued",
            "strict",
            "status",
            "n_rows",
            "n_target_rows",
            "pseudo_share",
            "reached",
            "missing",
            "quantiles",
            "crps",
            "log_score",
        ]
    }
    for one in issued:
        j = found.get(id(one))
        columns["target"].append(place[one.cell, one.model_version])
        columns["age"].append(one.age)
        columns["issued"].append(one.issued.isoformat())
        columns["strict"].append(one.strict)
        columns["status"].append(one.status)
        columns["n_rows"].append(one.n_rows)
        columns["n_target_rows"].append(one.n_target_rows)
        columns["pseudo_share"].append(
            None if one.pseudo_share is None else _round(one.pseudo_share)
        )
        columns["reached"].append(None if one.reached is None else _round(one.reached))
        columns["missing"].append(" ".join(one.missing))
        columns["quantiles"].append(None if j is None else _line(j.quantiles))
        columns["crps"].append(None if j is None else _line(j.crps.get(m) for m in METHODS))
        columns["log_score"].append(
            None if j is None else _line(j.log_score.get(m) for m in METHODS)
        )
    return columns


def _line(values: Any) -> str:
    """Numbers as one text, so that a stored study stays small: 4 digits, ``-`` where absent."""
    return " ".join("-" if v is None else f"{float(v):.4g}" for v in values)


def _round(value: float) -> float:
    return float(f"{float(value):.4g}")


def _finite(value: float) -> float | str:
    return "inf" if np.isinf(value) else float(value)
