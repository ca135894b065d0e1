"""The parts of the study of evidence effects: one function per fit, each returns its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from headway.checks.effects_setting import DomainLag, Null, Setting, effect_row
from headway.estimate.capability import CapabilityFit
from headway.estimate.lag.effects.columns import (
    with_age,
    with_agentic,
    with_column,
    with_distilled,
    with_domains,
    without_rows,
)
from headway.estimate.lag.effects.dependence import dependence_rows
from headway.estimate.lag.effects.matched import matched_rows
from headway.estimate.lag.effects.publicity import class_gaps, public_held_out
from headway.estimate.lag.effects.reliability import reliability_rows
from headway.estimate.lag.effects.rows import EffectRow, at_half
from headway.estimate.lag.effects.saturation import (
    information_profile,
    saturated,
    saturation_rows,
)
from headway.estimate.lag.effects.selection import candidates, chance_rows, mills_column
from headway.estimate.lag.effects.tellings import matched_inflation, spread, telling_pairs
from headway.estimate.lag.effects.terms import classes_moved, corrected, held_at_zero
from headway.estimate.lag.entrants import date_of
from headway.result import Interval, Quantity
from headway.tables.schemas import DOMAINS

__all__ = ["PARTS", "Part"]

#: Records of this many days before ``as_of`` make "the frontier models".
FRONTIER_DAYS = 548

Part = Callable[[Setting, np.random.Generator, Mapping[str, Null]], dict[str, Any]]


def _main_part(
    setting: Setting, rng: np.random.Generator, nulls: Mapping[str, Null]
) -> dict[str, Any]:
    """What the fit of everything says, and what needs no other fit."""
    fit, level, reps = setting.main, setting.level, setting.reps
    rows = fit.evidence.rows
    pairs = telling_pairs(rows)
    lags = setting.lags(fit)
    null = nulls.get("main", Null())
    found = [
        effect_row(setting, fit, "inflation", "first_party", {"x_first_party": 1.0}, null),
        effect_row(setting, fit, "inflation", "competitor", {"x_competitor": 1.0}, null),
        effect_row(
            setting, fit, "held_out", "public_less_held_out", {"x_held_out_open": -1.0}, null
        ),
        *matched_inflation(rows, pairs, level=level, reps=reps, rng=rng),
        *public_held_out(rows, setting.ability, level=level, reps=reps, rng=rng),
        *class_gaps(rows, setting.ability, level=level, reps=reps, rng=rng),
        *saturation_rows(fit, level=level, reps=reps, rng=rng),
        *_tellings(setting, pairs, rng),
        *dependence_rows(fit, _frontier(setting), level=level, reps=reps, rng=rng),
        *reliability_rows(
            setting.tables["scores"],
            setting.tables["task_runs"],
            setting.tables["model_versions"],
            level=level,
            reps=reps,
            rng=rng,
        ),
    ]
    return {
        "rows": [row.to_json() for row in found],
        "lags": {domain: lag.quantity(level).to_json() for domain, lag in lags.items()},
        "information": information_profile(fit),
    }


def _tellings(setting: Setting, pairs: pl.DataFrame, rng: np.random.Generator) -> list[EffectRow]:
    """Spread between tellings, and the same as the model's variance components."""
    out = spread(
        setting.evidence.rows,
        setting.tables["scores"],
        pairs,
        level=setting.level,
        reps=setting.reps,
        rng=rng,
    )
    scales, design = setting.main.laplace.scales, setting.main.laplace.design
    for name, value, names in (
        ("setup", scales.setup, design.setups),
        ("scaffold", scales.scaffold, design.scaffolds),
    ):
        if len(names) < 2:
            quantity = Quantity.not_estimable("logits", "no_such_rows")
        else:
            # the mode of a scale has no curvature here: its interval is that of a sample sd
            quantity = _scale(value, len(names), setting.level)
        out.append(
            EffectRow("tellings", f"sd_{name}_model", "model", quantity, points=at_half(quantity))
        )
    return out


def _scale(value: float, count: int, level: float) -> Quantity:
    """A standard deviation of ``count`` effects: chi-squared limits around the mode."""
    from scipy import stats

    low, high = stats.chi2.ppf([(1 + level) / 2, (1 - level) / 2], count - 1)
    ends = value * np.sqrt((count - 1) / np.array([low, high]))
    return Quantity(
        float(value),
        "logits",
        Interval(float(ends[0]), float(ends[1]), level, "profile"),
        count,
        count,
        "estimated",
        ("scale_chi2",),
    )


def _frontier(setting: Setting) -> list[tuple[str, str, str]]:
    """Models that set a record of posterior mean ability lately: (model, domain, class)."""
    found = setting.refitted(setting.main)
    out: list[tuple[str, str, str]] = []
    for domain in DOMAINS:
        cell = (domain, None)
        if found.missing(cell):
            continue
        entrants = found.entrants(cell)
        mean = entrants.ability.mean(axis=0)
        for kind, entered in (
            ("open", entrants.open_from),
            ("closed", entrants.closed_from("restricted")),
        ):
            index = np.flatnonzero(np.isfinite(entered) & entrants.informative)
            best = -np.inf
            for i in index[np.lexsort((-mean[index], entered[index]))]:
                if mean[i] <= best:
                    continue
                best = mean[i]
                age = (setting.as_of - date_of(entered[i])).days
                if 0 <= age <= FRONTIER_DAYS:
                    out.append((entrants.model_version[i], domain, kind))
    return out


def _by_domain(
    setting: Setting, _: np.random.Generator, nulls: Mapping[str, Null]
) -> dict[str, Any]:
    """Inflation and held-out contrasts per domain, each with its months."""
    fit = setting.refit(with_domains(setting.evidence))
    null = nulls.get("by_domain", Null())
    base = setting.lags(fit)
    out = [
        effect_row(
            setting,
            fit,
            "inflation",
            "first_party_open_less_closed",
            {"x_first_party_open": 1.0},
            null,
        )
    ]
    for domain in DOMAINS:
        for measure, name in (("first_party", "x_first_party"), ("competitor", "x_competitor")):
            column = f"{name}_{domain}"
            names = [column, "x_first_party_open"] if measure == "first_party" else [column]
            told = setting.lags(corrected(fit, null.offsets(names)), fit)[domain]
            without = setting.lags(held_at_zero(fit, names), fit)[domain]
            out.append(
                effect_row(
                    setting,
                    fit,
                    "inflation",
                    measure,
                    {column: 1.0},
                    null,
                    domain=domain,
                    months=setting.moved(told, without),
                )
            )
        column = f"x_held_out_open_{domain}"
        months = None
        if column in fit.laplace.design.covariates:
            offset = null.offset({column: 1.0})[0]
            seen = setting.lags(classes_moved(fit, column, less=offset), fit)[domain]
            months = setting.moved(seen, base[domain])
        out.append(
            effect_row(
                setting,
                fit,
                "held_out",
                "public_less_held_out",
                {column: -1.0},
                null,
                domain=domain,
                months=months,
            )
        )
    return {"rows": [row.to_json() for row in out]}


def _freshness(
    setting: Setting, rng: np.random.Generator, nulls: Mapping[str, Null]
) -> dict[str, Any]:
    """Score gained per year after a benchmark's release, beyond ability."""
    evidence = with_age(setting.evidence, setting.tables["benchmarks"])
    fit = setting.refit(evidence)
    null = nulls.get("freshness", Null())
    out: list[EffectRow] = []
    for domain in DOMAINS:
        age, class_age = f"x_age_{domain}", f"x_age_open_{domain}"
        for kind, sign in ((None, 0.0), ("open", 0.5), ("closed", -0.5)):
            weights = {age: 1.0} if kind is None else {age: 1.0, class_age: sign}
            out.append(
                effect_row(
                    setting,
                    fit,
                    "freshness",
                    "per_year",
                    weights,
                    null,
                    domain=domain,
                    access_class=kind,
                )
            )
        base = setting.lags(corrected(fit, null.offsets([class_age])), fit)[domain]
        without = setting.lags(held_at_zero(fit, [class_age]), fit)[domain]
        out.append(
            effect_row(
                setting,
                fit,
                "freshness",
                "per_year_open_less_closed",
                {class_age: 1.0},
                null,
                domain=domain,
                months=setting.moved(base, without),
            )
        )
        out += matched_rows(
            evidence.rows,
            setting.ability,
            "freshness",
            ((class_age, "per_year_open_less_closed"),),
            domain=domain,
            level=setting.level,
            reps=setting.reps,
            rng=rng,
            controls=(age,),
        )
    return {"rows": [row.to_json() for row in out]}


def _saturation(
    setting: Setting, _: np.random.Generator, nulls: Mapping[str, Null]
) -> dict[str, Any]:
    """The lag with saturated benchmarks left out."""
    full = saturated(setting.evidence.rows)
    keep = ~pl.col("benchmark").is_in(list(full))
    rows = _left_out(setting, "saturation", "lag_without_saturated", keep)
    return {"rows": rows, "saturated": list(full)}


def _developer(
    setting: Setting, _: np.random.Generator, nulls: Mapping[str, Null]
) -> dict[str, Any]:
    """The lag without any figure told by a model's developer or a rival."""
    own = pl.col("evaluator_relationship").is_in(["first_party"])
    party = pl.col("evaluator_relationship").is_in(["first_party", "competitor"])
    return {
        "rows": [
            *_left_out(setting, "inflation", "lag_without_first_party", ~own),
            *_left_out(setting, "inflation", "lag_without_parties", ~party),
        ]
    }


def _left_out(setting: Setting, effect: str, measure: str, keep: pl.Expr) -> list[dict[str, Any]]:
    evidence = without_rows(setting.evidence, keep)
    base = setting.lags(setting.main)
    if evidence.rows.is_empty():
        missing = DomainLag(np.full(setting.draws, np.nan), 0, 0, ("no_scores",))
        lags = dict.fromkeys(DOMAINS, missing)
    else:
        lags = setting.lags(setting.refit(evidence))
    out = []
    for domain in DOMAINS:
        months = setting.moved(lags[domain], base[domain], "difference_unpaired")
        out.append(
            EffectRow(
                effect,
                measure,
                "model",
                lags[domain].quantity(setting.level),
                domain=domain,
                months=months,
            ).to_json()
        )
    return out


def _with_term(
    setting: Setting, fit: CapabilityFit, names: Sequence[str], effect: str, measure: str
) -> list[EffectRow]:
    """The lag with a pooled term, and what the term moves, per domain."""
    base, without = setting.lags(fit), setting.lags(held_at_zero(fit, names), fit)
    return [
        EffectRow(
            effect,
            measure,
            "model",
            base[domain].quantity(setting.level),
            domain=domain,
            months=setting.moved(base[domain], without[domain]),
        )
        for domain in DOMAINS
    ]


def _selection(
    setting: Setting, rng: np.random.Generator, nulls: Mapping[str, Null]
) -> dict[str, Any]:
    """Who gets evaluated on what, and the lag with a control function for it."""
    found = candidates(setting.main, rng=rng)
    out = chance_rows(found, level=setting.level)
    if any(row.estimate.status == "estimated" for row in out):
        column = mills_column(found, setting.evidence.rows)
        fit = setting.refit(with_column(setting.evidence, "x_selection", column))
        out.append(effect_row(setting, fit, "selection", "control_function", {"x_selection": 1.0}))
        out += _with_term(setting, fit, ["x_selection"], "selection", "lag_with_selection")
    return {
        "rows": [row.to_json() for row in out],
        "candidates": {
            "pairs": len(found.frame),
            "evaluated": int(found.frame["done"].sum()),
        },
    }


def _distillation(
    setting: Setting, rng: np.random.Generator, nulls: Mapping[str, Null]
) -> dict[str, Any]:
    """Distilled models on held-out items, against models stated as not distilled."""
    versions = setting.tables["model_versions"]
    evidence = with_distilled(setting.evidence, versions)
    name, control = "x_distilled_held_out", "x_unflagged_held_out"
    fit = setting.refit(evidence)
    null = nulls.get("distillation", Null())
    out = [effect_row(setting, fit, "distillation", "held_out_less_public", {name: 1.0}, null)]
    out += matched_rows(
        evidence.rows,
        setting.ability,
        "distillation",
        ((name, "held_out_less_public"),),
        domain=None,
        level=setting.level,
        reps=setting.reps,
        rng=rng,
        controls=(control, "x_held_out_open"),
    )
    out += _distilled_lags(setting, fit, name)
    # how much is stated at all, among models that hold the frontiers
    used = versions.filter(pl.col("model_version").is_in(list(setting.main.models)))
    for kind, flag in (("open", True), ("closed", False)):
        part = used.filter(pl.col("open_weight") == flag)
        stated = int(part["distilled"].is_not_null().sum())
        out.append(
            EffectRow(
                "distillation",
                "flag_stated",
                "counted",
                _proportion(stated, len(part), setting.level),
                access_class=kind,
            )
        )
        lately = part.filter(pl.col("released") > pl.lit(setting.as_of).dt.offset_by("-18mo"))
        out.append(
            EffectRow(
                "distillation",
                "flag_stated_last_18_months",
                "counted",
                _proportion(
                    int(lately["distilled"].is_not_null().sum()), len(lately), setting.level
                ),
                access_class=kind,
            )
        )
    return {"rows": [row.to_json() for row in out]}


def _distilled_lags(setting: Setting, fit: CapabilityFit, name: str) -> list[EffectRow]:
    """Months of the distillation term, where a frontier holder is stated as distilled at all."""
    versions = setting.tables["model_versions"]
    flagged = set(versions.filter(pl.col("distilled"))["model_version"].to_list())
    held = {domain for model, domain, _ in _frontier(setting) if model in flagged}
    out = []
    for row in _with_term(setting, fit, [name], "distillation", "lag_with_distilled"):
        if row.domain not in held and row.months is not None:
            missing = Quantity.not_estimable("months", "no_flagged_frontier", n=row.months.n)
            row = replace(row, months=missing)
        out.append(row)
    return out


def _proportion(hits: int, n: int, level: float) -> Quantity:
    """A share with a Wilson interval (1927, doi:10.1080/01621459.1927.10502953)."""
    from scipy import stats

    if n == 0:
        return Quantity.not_estimable("proportion", "no_such_rows")
    found = stats.binomtest(hits, n).proportion_ci(level, method="wilson")
    low, high = min(found.low, hits / n), max(found.high, hits / n)
    return Quantity(hits / n, "proportion", Interval(low, high, level, "wilson"), n, n, "estimated")


def _robustness(
    setting: Setting, rng: np.random.Generator, nulls: Mapping[str, Null]
) -> dict[str, Any]:
    """Agentic against question-and-answer benchmarks, by class."""
    evidence = with_agentic(setting.evidence)
    fit = setting.refit(evidence)
    null = nulls.get("robustness", Null())
    base = setting.lags(fit)
    out = []
    for domain in DOMAINS:
        name = f"x_agentic_open_{domain}"
        months = None
        if name in fit.laplace.design.covariates:
            offset = null.offset({name: 1.0})[0]
            seen = setting.lags(classes_moved(fit, name, less=offset), fit)[domain]
            months = setting.moved(seen, base[domain])
        out.append(
            effect_row(
                setting,
                fit,
                "robustness",
                "agentic_open_less_closed",
                {name: 1.0},
                null,
                domain=domain,
                months=months,
            )
        )
        if domain == "cyber":
            # kinds of task are stages there: a model's own strength in a stage passes for the kind
            # (+0.31 logits in worlds without an effect)
            refused = Quantity.not_estimable("logits", "kinds_are_stages")
            out.append(
                EffectRow(
                    "robustness",
                    "agentic_open_less_closed",
                    "matched",
                    refused,
                    domain=domain,
                    points=at_half(refused),
                )
            )
            continue
        out += matched_rows(
            evidence.rows,
            setting.ability,
            "robustness",
            ((name, "agentic_open_less_closed"),),
            domain=domain,
            level=setting.level,
            reps=setting.reps,
            rng=rng,
        )
    return {"rows": [row.to_json() for row in out]}


PARTS: dict[str, Part] = {
    "main": _main_part,
    "by_domain": _by_domain,
    "freshness": _freshness,
    "saturation": _saturation,
    "developer": _developer,
    "selection": _selection,
    "distillation": _distillation,
    "robustness": _robustness,
}
