r"""Simulated worlds with the real data's missingness and a known truth.

A world keeps who was tested on what, by whom, with how many trials, and every date; abilities,
items and scores are drawn anew. Two generators:

``model``
    the ability model itself, with its own draw of trends, class differences and scales;
``bifactor``
    another world: items load unequally on the general and the domain ability, model deviations
    have heavy tails (Student t, 4 degrees of freedom), progress comes in steps instead of
    lines, whole panels are shifted by heavy-tailed effects, developers favour themselves,
    benchmarks get easier year by year for later models (contamination drift), and counts are
    over-dispersed on the logit, not the beta, scale.

In both, the true ability in a domain or stage is what a benchmark of mean loading would see.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl

from headway.estimate.capability.design import Cell, Design
from headway.estimate.capability.evidence import Evidence
from headway.estimate.capability.fit import HEADLINE_STAGES, CapabilityFit
from headway.estimate.capability.model import ELO_PER_LOGIT

__all__ = ["GENERATORS", "World", "simulate_world", "true_ability"]

Generator = Literal["model", "bifactor"]
GENERATORS: tuple[Generator, ...] = ("model", "bifactor")


@dataclass(frozen=True)
class World:
    """A simulated data set and its truth.

    ``ability``: true abilities (models,) per domain and stage. ``items``: true log discriminations and difficulties
    where the generator is the model (``None`` otherwise).
    """

    generator: Generator
    evidence: Evidence
    ability: dict[Cell, np.ndarray]
    items: tuple[np.ndarray, np.ndarray] | None


def true_ability(world: World, cell: Cell, design: Design) -> np.ndarray:
    """(models,) true ability; the cyber headline is the mean of its stages."""
    domain, stage = cell
    wanted = HEADLINE_STAGES.get(domain, ())
    if stage is None and any((domain, s) in design.stages for s in wanted):
        parts = [
            world.ability[(domain, s) if (domain, s) in design.stages else (domain, None)]
            for s in wanted
        ]
        return np.asarray(np.mean(parts, axis=0))
    return world.ability[cell]


def _student(rng: np.random.Generator, size: tuple[int, ...], df: float = 4.0) -> np.ndarray:
    """Student t draws with variance 1."""
    return np.asarray(rng.standard_t(df, size=size) / np.sqrt(df / (df - 2)))


def simulate_world(fit: CapabilityFit, generator: Generator, rng: np.random.Generator) -> World:
    """Draw a world around a fit of real (or synthetic) data.

    Parameters
    ----------
    fit : CapabilityFit
        Gives the missingness and the centre of all scales.
    generator : {"model", "bifactor"}
    rng : numpy.random.Generator

    Returns
    -------
    World
    """
    laplace = fit.laplace
    design = laplace.design
    scales = laplace.scales
    count = len(design.models)
    at = laplace._offsets
    other = generator == "bifactor"
    jitter = float(np.exp(rng.normal(0, 0.15)))

    def effect(sd: np.ndarray | float, shape: tuple[int, ...]) -> np.ndarray:
        base = _student(rng, shape) if other else rng.standard_normal(shape)
        return base * sd * jitter

    core = laplace.core.copy()
    trend = core[at["trend"]].copy()
    names = list(design.trend_columns)
    # the gap between the classes, its slope and the domain differences differ from world to world
    trend[names.index("open:level")] += rng.normal(0, 0.4)
    trend[names.index("open:slope")] += rng.normal(0, 0.25)
    for i, name in enumerate(names):
        if name.endswith("open:level") and ":" in name and name != "open:level":
            trend[i] += rng.normal(0, 0.4)
        elif name.endswith("open:slope") and name != "open:slope":
            trend[i] += rng.normal(0, 0.2)
    core[at["trend"]] = trend
    undated = np.isnan(design.model_year)
    general = effect(np.where(undated, scales.undated, scales.general), (count,))
    domain = effect(scales.domain[None, :], (count, len(design.domains)))
    stage = effect(scales.stage[None, :], (count, len(design.stages)))
    if other:  # progress in steps: the trend is read at the last of irregular dates
        steps = np.sort(rng.uniform(-1.5, 3.0, size=14))
        held = steps[np.clip(np.searchsorted(steps, np.nan_to_num(design.model_year)) - 1, 0, None)]
        year = np.where(
            undated, design.model_year, 0.5 * held + 0.5 * np.nan_to_num(design.model_year)
        )
        design_truth = replace(design, model_year=year)
    else:
        design_truth = design

    log_a = rng.normal(0, 1, len(design.benchmarks)) * laplace.core_part("log_discrimination").std()
    log_a -= log_a.mean()
    core[at["log_discrimination"]] = log_a
    core[at["difficulty"]] += rng.normal(0, 0.3, len(design.benchmarks))
    core[at["setup"]] = effect(scales.setup, (len(design.setups),))
    core[at["scaffold"]] = effect(scales.scaffold, (len(design.scaffolds),))
    beta = core[at["beta"]].copy()
    covariates = list(design.covariates)
    if other and "x_first_party" in covariates:
        beta[covariates.index("x_first_party")] = abs(rng.normal(0.25, 0.1))
    core[at["beta"]] = beta

    ability: dict[Cell, np.ndarray] = {}
    for j, name in enumerate(design.domains):
        base = design_truth.trend_row((name, None)) @ trend
        ability[(name, None)] = base + general + domain[:, j]
    for j, (name, s) in enumerate(design.stages):
        base = design_truth.trend_row((name, s)) @ trend
        ability[(name, s)] = base + general + domain[:, design.domains.index(name)] + stage[:, j]

    # what each row sees
    theta = np.where(
        design.stage >= 0,
        np.column_stack([ability[c] for c in design.stages] or [np.zeros(count)])[
            design.model, np.maximum(design.stage, 0)
        ],
        np.column_stack([ability[(d, None)] for d in design.domains])[design.model, design.domain],
    )
    family = effect(scales.family[design.family_kind], (len(design.families),))
    rows = fit.evidence.rows
    eta_extra = np.zeros(len(rows))
    if other:
        load_domain = rng.uniform(0.5, 1.5, len(design.benchmarks))
        load_stage = rng.uniform(0.5, 1.5, len(design.benchmarks))
        theta = theta + (load_domain[design.benchmark] - 1) * domain[design.model, design.domain]
        staged = design.stage >= 0
        theta[staged] += (load_stage[design.benchmark[staged]] - 1) * stage[
            design.model[staged], design.stage[staged]
        ]
        panels, panel = np.unique(rows["panel"].to_numpy(), return_inverse=True)
        eta_extra += 0.25 * _student(rng, (len(panels),))[panel]
        # later models find the same benchmark easier (drift), by a benchmark's own rate
        year = np.nan_to_num(design.model_year[design.model])
        first = np.full(len(design.benchmarks), np.inf)
        np.minimum.at(first, design.benchmark, year)
        rate = rng.normal(0.1, 0.1, len(design.benchmarks))
        eta_extra += rate[design.benchmark] * (year - first[design.benchmark])
    a = np.exp(log_a)[design.benchmark]
    eta = a * (theta - core[at["difficulty"]][design.benchmark]) + eta_extra
    eta += design.x @ beta
    has = design.setup >= 0
    eta[has] += core[at["setup"]][design.setup[has]]
    has = design.scaffold >= 0
    eta[has] += core[at["scaffold"]][design.scaffold[has]]
    has = design.family >= 0
    eta[has] += family[design.family[has]]

    score, value = _observe(rows, design, eta, scales.noise, scales.rho, other, rng)
    evidence = replace(
        fit.evidence, rows=rows.with_columns(pl.Series("score", score), pl.Series("value", value))
    )
    items = (log_a, core[at["difficulty"]])
    return World(generator, evidence, ability, None if other else items)


def _observe(
    rows: pl.DataFrame,
    design: Design,
    eta: np.ndarray,
    noise: np.ndarray,
    rho: np.ndarray,
    other: bool,
    rng: np.random.Generator,
) -> tuple[list[float | None], np.ndarray]:
    """Scores and values as a publisher would print them (three digits)."""
    counted = design.is_counted
    size = len(eta)
    spread = noise[design.benchmark]
    gaussian = eta + rng.standard_normal(size) * np.sqrt(spread**2 + design.known_variance)
    p = design.floor + design.span / (1 + np.exp(-gaussian))
    correlation = rho[design.benchmark]
    if other:
        # logit-normal overdispersion of about the same variance as the beta's
        mean = 1 / (1 + np.exp(-eta))
        sd = np.sqrt(correlation / np.clip(mean * (1 - mean), 0.02, None))
        share = 1 / (1 + np.exp(-(eta + rng.standard_normal(size) * np.minimum(sd, 1.5))))
        rate = design.floor + design.span * share
    else:
        mean = np.clip(design.floor + design.span / (1 + np.exp(-eta)), 1e-6, 1 - 1e-6)
        phi = (1 - correlation) / correlation
        rate = rng.beta(np.maximum(mean * phi, 1e-6), np.maximum((1 - mean) * phi, 1e-6))
    hits = rng.binomial(design.n.astype(np.int64), np.clip(rate, 0, 1)) / design.n
    unit = np.array(rows["unit"].cast(pl.String).to_list())
    proportion = unit == "proportion"
    shown = np.where(counted, hits, np.round(np.clip(p, 0, 1), 3))
    value = np.where(
        proportion, shown, np.where(unit == "elo", gaussian * ELO_PER_LOGIT, np.exp(gaussian))
    )
    score = [float(s) if q else None for s, q in zip(shown, proportion, strict=True)]
    return score, value
