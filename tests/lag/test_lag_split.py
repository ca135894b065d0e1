"""The parts of an interval: exact on a linear functional, right about who dominates, adding up."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations
from math import factorial

import numpy as np
import polars as pl
import pytest

from headway.estimate.capability import AbilitySample, CapabilityFit, build_design, fit_laplace
from headway.estimate.capability.arrow import Pattern
from headway.estimate.capability.evidence import Evidence
from headway.estimate.capability.layout import Layout
from headway.estimate.capability.rows import Likelihood, Predictor
from headway.estimate.capability.scales import block_precision, core_prior_sd, unit_precision
from headway.estimate.lag import Entrants
from headway.estimate.lag import split as splitting
from headway.estimate.lag.entrants import day_number
from headway.estimate.lag.split import PARTS, core_groups, split_interval

START = date(2024, 1, 1)
CELL = ("coding", None)


def world(
    *,
    seed: int = 1,
    models: int = 44,
    benchmarks: int = 12,
    trials: int = 400,
    panels: str = "shared",
    panel_sd: float = 0.0,
    coding_density: float = 1.0,
) -> tuple[AbilitySample, Entrants, date]:
    """Fitted scores of one domain in focus (coding) and one beside it.

    ``panels``: ``shared`` gives every model both panels; ``apart`` gives open models panel A and
    closed ones panel B, so that a panel's effect looks like a difference between the two. Half of
    the benchmarks are of the domain beside, which every model takes. Half of the rows carry a
    token budget, a third a scaffold.
    """
    rng = np.random.default_rng(seed)
    is_open = np.arange(models) % 2 == 0
    year = np.sort(rng.uniform(0, 2.5, models))
    theta = 1.5 * year - 0.9 * is_open + rng.normal(0, 0.5, models)
    own = theta + rng.normal(0, 0.4, models)
    hard = rng.uniform(-1, 3.5, benchmarks)
    ease = rng.normal(0, panel_sd, (benchmarks, 2))
    rows = []
    for m in range(models):
        for b in range(benchmarks):
            coding = b % 2 == 0
            if coding and rng.random() > coding_density:
                continue
            both = (0, 1) if panels == "shared" else (0,) if is_open[m] else (1,)
            for panel in both:
                ability = own[m] if coding else theta[m]
                eta = ability - hard[b] + ease[b, panel]
                p = 1 / (1 + np.exp(-eta))
                score = rng.binomial(trials, p) / trials
                rows.append(
                    {
                        "score_id": f"{len(rows):05d}",
                        "model_version": f"m{m:02d}",
                        "benchmark": f"b{b:02d}",
                        "domain": "coding" if coding else "general",
                        "stage": None,
                        "family": f"b{b:02d}",
                        "setup": f"b{b:02d} @ {'AB'[panel]}",
                        "scaffold": ("x", "y", None)[(m + b) % 3],
                        "unit": "proportion",
                        "score": score,
                        "value": score,
                        "n": trials,
                        "stderr": None,
                        "read_error_sd": None,
                        "chance": 0.0,
                        "ceiling": 1.0,
                        "x_budget": float(rng.normal()) if b % 4 < 2 else 0.0,
                        "x_first_party": float((m + panel) % 5 == 0),
                        "x_held_out_open": (0.5 if is_open[m] else -0.5) * (b % 3 == 0),
                    }
                )
    types = {"stage": pl.String, "stderr": pl.Float64, "read_error_sd": pl.Float64}
    frame = pl.DataFrame(rows, schema_overrides=types)
    days = [START + timedelta(days=round(365.25 * y)) for y in year]
    info = pl.DataFrame(
        {
            "model_version": [f"m{m:02d}" for m in range(models)],
            "released": days,
            "access_class": ["open" if o else "closed" for o in is_open],
        }
    )
    dropped = pl.DataFrame({"score_id": [], "reason": []})
    evidence = Evidence(frame, info, dropped, "all", None, 0.0)
    fit = CapabilityFit(fit_laplace(build_design(frame, info)), evidence)
    entered = np.array([day_number(d) for d in days])
    entrants = Entrants(
        model_version=fit.models,
        lab=tuple(f"lab{m % 7}" for m in range(models)),
        open_from=np.where(is_open, entered, np.inf),
        closed_public_from=np.where(is_open, np.inf, entered),
        closed_any_from=np.where(is_open, np.inf, entered),
        ability=np.zeros((1, models)),
        informative=np.ones(models, dtype=bool),
    )
    return fit.sample(50, np.random.default_rng(0)), entrants, max(days)


@pytest.fixture(scope="module")
def plain():
    return world()


def shares(found) -> dict[str, float]:
    return {p.part: p.share.value for p in found}


def split(found, **options):
    sample, entrants, as_of = found
    options = {"outer": 600, "process_reps": 300, "rng": np.random.default_rng(5)} | options
    return split_interval(sample, CELL, entrants=entrants, as_of=as_of, **options)


def exact_parts(sample: AbilitySample, weights: np.ndarray) -> dict[str, float]:
    """Parts of the variance of ``weights @ theta`` by dense linear algebra, no draw in it."""
    fit = sample.fit.laplace
    design = fit.design
    layout = Layout(design)
    pattern = Pattern(design, layout)
    at = Predictor(design, layout, fit.core, fit.block)
    information = Likelihood(design, at.eta, fit.scales).information
    start, size = len(fit.block), len(fit.block) + len(fit.core)
    jacobian = np.zeros((len(at.eta), size))
    jacobian[pattern.effect_row, pattern.effect_column] = np.where(
        pattern.effect_ability, at.a[pattern.effect_row], 1.0
    )
    jacobian[pattern.jacobian.row, start + pattern.jacobian.column] = pattern.jacobian.values(at)
    prior = np.diag(
        np.concatenate(
            [
                block_precision(layout, design, fit.scales),
                1 / core_prior_sd(design, fit.scales, fit.priors) ** 2,
            ]
        )
    )
    items = slice(start, start + len(design.benchmarks))
    prior[items, items] += unit_precision(design)
    covariance = np.linalg.inv(prior + jacobian.T @ (information[:, None] * jacobian))
    theta = splitting._Theta(sample, CELL)
    h = np.zeros(size)
    h[:start] = theta.of_block.T @ weights
    h[start:][fit._offsets["trend"]] = theta.trend.T @ weights
    free = float(((weights * theta.free_sd) ** 2).sum())
    total = h @ covariance @ h + free
    groups = core_groups(fit)

    def closed(names) -> float:
        if not names:
            return 0.0
        k = start + np.concatenate([groups[n] for n in names])
        pull = covariance[k] @ h
        return float(pull @ np.linalg.solve(covariance[np.ix_(k, k)], pull) / total)

    out = {}
    for name in groups:
        others = [g for g in groups if g != name]
        value = 0.0
        for count in range(len(others) + 1):
            chance = factorial(count) * factorial(3 - count) / factorial(4)
            for before in combinations(others, count):
                value += chance * (closed((*before, name)) - closed(before))
        out[name] = value
    ability = np.zeros(size, dtype=bool)
    ability[:start] = layout.kind >= 0
    ability[start:][fit._offsets["trend"]] = True
    j = jacobian[:, ability]
    precision = prior[np.ix_(ability, ability)]
    # known noise: the part of the prior that no row sees
    _, singular, right = np.linalg.svd(j)
    seen = int((singular > 1e-9).sum())
    null = right[seen:].T
    left = (
        null @ np.linalg.inv(null.T @ precision @ null) @ null.T if null.size else 0.0 * precision
    )
    out["model"] = float((h[ability] @ left @ h[ability] + free) / total)
    out["items"] += 1 - closed(tuple(groups)) - out["model"]
    return out


def test_the_parts_of_a_linear_functional_are_those_of_linear_algebra(plain):
    """Open less closed mean ability; Monte-Carlo error of a share is about 1.5 / sqrt(outer)."""
    sample, entrants, _ = plain
    weights = np.where(np.isfinite(entrants.open_from), 1.0, -1.0) / 22
    outer = 4000
    shared = splitting._shared_draws(
        sample, CELL, lambda theta: theta @ weights, outer, np.random.default_rng(2)
    )
    found = splitting._parts(np.full((1, outer), 1 / outer), shared)
    expected = exact_parts(sample, weights)

    assert sum(expected.values()) == pytest.approx(1, abs=1e-9)
    assert set(found) == set(expected)
    for name, value in expected.items():
        assert found[name][0] == pytest.approx(value, abs=4 * 1.5 / np.sqrt(outer)), name


def test_parts_add_up_exactly(plain):
    found = split(plain)

    assert [p.part for p in found] == list(PARTS)
    assert sum(p.share.value for p in found) == pytest.approx(1, abs=1e-12)
    per_share = {round(p.months.value / p.share.value, 6) for p in found if p.share.value}
    assert len(per_share) == 1  # months are shares of one width


def test_the_same_generator_gives_the_same_parts(plain):
    assert split(plain) == split(plain)


def test_every_core_parameter_but_the_trend_is_in_one_group(plain):
    fit = plain[0].fit.laplace
    groups = core_groups(fit)
    found = np.sort(np.concatenate(list(groups.values())))
    trend = fit._offsets["trend"]

    assert found.tolist() == list(range(trend.start))
    assert {k: len(v) for k, v in groups.items() if k != "items"} == {
        "serving_stack": 1,
        "scaffold": 2,
        "evaluator": 24 + 1,
    }


def measured(found) -> dict[str, float]:
    """Shares of what the draws vary by, the release process taken out."""
    value = shares(found)
    process = value.pop("release_process")
    return {name: share / (1 - process) for name, share in value.items()}


def test_panels_that_never_meet_make_the_evaluator_dominate():
    """Open models with one panel, closed ones with another: their difference is the panels'."""
    apart = measured(split(world(panels="apart", panel_sd=1.0, trials=2000)))
    together = measured(split(world(panels="shared", panel_sd=1.0, trials=2000)))

    assert max(apart, key=apart.get) == "evaluator"
    assert apart["evaluator"] > 0.5
    assert together["evaluator"] < 0.5 * apart["evaluator"]


def test_few_trials_make_the_items_dominate():
    noisy = measured(split(world(trials=12)))

    assert max(noisy, key=noisy.get) == "items"
    assert noisy["items"] > 0.7


def test_untested_models_make_the_model_dominate():
    """Most models have results in the domain beside only; with everybody tested nothing is left."""
    sparse = measured(split(world(coding_density=0.12, trials=2000)))
    dense = measured(split(world(coding_density=1.0, trials=2000)))

    assert max(sparse, key=sparse.get) == "model"
    assert dense["model"] == pytest.approx(0, abs=0.02)


def test_the_interval_is_the_monte_carlo_error(plain):
    """It narrows with the square root of the draws."""
    few = split(plain, outer=200, process_reps=200)
    many = split(plain, outer=1800, process_reps=1800)

    def width(found) -> float:
        ends = (p.share.interval for p in found if p.part == "items")
        return next(i.high - i.low for i in ends)

    assert width(many) < 0.6 * width(few)


def test_a_cell_without_a_lag_says_what_is_missing(plain):
    sample, entrants, as_of = plain
    nobody = entrants.with_ability(
        entrants.ability, np.zeros(len(entrants.model_version), dtype=bool)
    )
    found = split_interval(sample, CELL, entrants=nobody, as_of=as_of, rng=np.random.default_rng(0))

    assert [p.part for p in found] == list(PARTS)
    assert all(p.share.status == p.months.status == "not_estimable" for p in found)
    assert "no_informative_models" in found[0].share.notes
