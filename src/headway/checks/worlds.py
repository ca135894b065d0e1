r"""Simulated worlds with the real data's missingness and a known truth.

A world keeps who was tested on what, by whom and with how many trials; abilities, items and
scores are drawn anew. Two generators:

``model``
    the ability model itself, with its own draw of trends, class differences and scales;
``bifactor``
    another world: items load unequally on the general and the domain ability, model deviations
    have heavy tails (Student t, 4 degrees of freedom), progress comes in steps instead of
    lines, whole panels are shifted by heavy-tailed effects, developers favour themselves,
    benchmarks get easier year by year for later models (contamination drift), and counts are
    over-dispersed on the logit, not the beta, scale.

And six kinds, each of which either generator can fill:

``plain``
    nothing more;
``change_point``
    the open trend bends once, at a date between 30 and 9 months before the end, by 0.8 to 2.4
    logits a year either way: the lag widens or narrows from then on;
``inflation``
    developers' own results are 0.2 to 0.8 logits too high, open and closed developers by amounts
    of their own, on benchmarks with public items twice as much;
``selection``
    who is evaluated depends on how it turned out: within each benchmark a model's tests go to the
    models of its class that are strongest for their date with a probability that grows with
    that strength (the number of tests per class stays);
``constant_lag``
    the null of "static": every domain has straight parallel trends, so that open models follow at
    a fixed distance, and releases come at irregular times whose rate does not change (gaps are
    gamma distributed, burstier than chance). The real dates are no such null: open releases
    became more frequent, which alone narrows the lag;
``no_difference``
    the null of "cyber > coding" and "cyber > general": every cell has the trends of ``general``, and
    the three domains' deviations have one spread. The lags of one world still differ by chance.

In all, the true ability in a domain or stage is what a benchmark of mean loading would see.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np
import polars as pl

from headway.estimate.capability.design import Cell, Design, build_design, years
from headway.estimate.capability.evidence import Evidence
from headway.estimate.capability.fit import HEADLINE_STAGES, CapabilityFit
from headway.estimate.capability.model import ELO_PER_LOGIT
from headway.estimate.lag import Entrants
from headway.estimate.lag.entrants import date_of, day_number

__all__ = ["GENERATORS", "KINDS", "NULL_OF", "World", "simulate_world", "true_ability"]

Generator = Literal["model", "bifactor"]
GENERATORS: tuple[Generator, ...] = ("model", "bifactor")
Kind = Literal["plain", "change_point", "inflation", "selection", "constant_lag", "no_difference"]
KINDS: tuple[Kind, ...] = (
    "plain",
    "change_point",
    "inflation",
    "selection",
    "constant_lag",
    "no_difference",
)
#: Claims whose null holds, at its boundary, in all worlds of a kind.
NULL_OF: dict[Kind, tuple[str, ...]] = {
    "constant_lag": ("static", "widening"),
    "no_difference": ("cyber_above_coding", "cyber_above_general"),
}
#: Releases of a constant-lag world are redrawn over this many years before the end.
_REDRAWN_YEARS = 4.25
#: Shape of the gamma distribution of their gaps; 1 would be a Poisson process.
_GAP_SHAPE = 0.7


@dataclass(frozen=True)
class World:
    """A simulated data set and its truth.

    ``ability``: true abilities (models,) per domain and stage. ``items``: true log discriminations and difficulties
    where the generator is the model (``None`` otherwise). ``entrants``: the world's entry dates
    (abilities are those of the caller's), if the caller gave any. ``bend``: change of the open trend's slope, logits per
    year, where the world has one.
    """

    generator: Generator
    kind: Kind
    evidence: Evidence
    entrants: Entrants | None
    ability: dict[Cell, np.ndarray]
    items: tuple[np.ndarray, np.ndarray] | None
    bend: float | None = None


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


def simulate_world(
    fit: CapabilityFit,
    generator: Generator,
    rng: np.random.Generator,
    *,
    kind: Kind = "plain",
    entrants: Entrants | None = None,
    as_of: date | None = None,
) -> World:
    """Draw a world around a fit of real (or synthetic) data.

    Parameters
    ----------
    fit : CapabilityFit
        Gives the missingness and the centre of all scales.
    generator : {"model", "bifactor"}
    rng : numpy.random.Generator
    kind : str
        Of :data:`KINDS`.
    entrants : Entrants, optional
        Entry dates and labs of the fit's models, in its order; ``constant_lag`` redraws them.
    as_of : date, optional
        The end of the world's data; ``constant_lag`` and ``change_point`` need it.

    Returns
    -------
    World

    Raises
    ------
    ValueError
        The kind needs dates that were not given.
    """
    if kind == "constant_lag" and entrants is None:
        raise ValueError("a world of constant lag needs the entrants, to redraw their dates")
    if kind in ("constant_lag", "change_point") and as_of is None:
        raise ValueError(f"a world of kind '{kind}' needs the end of its data")
    other = generator == "bifactor"
    models, entered = fit.evidence.models, entrants
    if kind == "constant_lag" and entrants is not None and as_of is not None:
        models, entered = _redated(models, entrants, as_of, rng)
    rows = fit.evidence.rows
    design = fit.laplace.design if models is fit.evidence.models else build_design(rows, models)
    draw = _Draw(fit, other, rng)
    trend, bend = _trends(fit, design, kind, draw, as_of)
    truth = _Truth.drawn(fit, design, kind, draw, trend, bend)
    if kind == "selection":
        rows = _selected(rows, design, truth, rng)
        design = build_design(rows, models)
    difficulty = _difficulties(fit, design, truth, rng)
    log_a = rng.normal(0, 1, len(design.benchmarks)) * draw.discrimination_sd
    log_a -= log_a.mean()
    eta = _linear_predictor(fit, design, rows, truth, log_a, difficulty, draw)
    if kind == "inflation":
        eta += _inflation(rows, models, rng)
    score, value = _observe(
        rows, design, eta, fit.laplace.scales.noise, fit.laplace.scales.rho, other, rng
    )
    told = replace(
        fit.evidence,
        rows=rows.with_columns(pl.Series("score", score), pl.Series("value", value)),
        models=models,
    )
    items = None if other else (log_a, difficulty)
    ability = {cell: truth.expected[cell] + truth.excess[cell] for cell in truth.expected}
    return World(generator, kind, told, entered, ability, items, None if bend is None else bend[1])


def _student(rng: np.random.Generator, size: tuple[int, ...], df: float = 4.0) -> np.ndarray:
    """Student t draws with variance 1."""
    return np.asarray(rng.standard_t(df, size=size) / np.sqrt(df / (df - 2)))


class _Draw:
    """Random effects of one world: heavy tails in the other generator, one jitter of all scales."""

    def __init__(self, fit: CapabilityFit, other: bool, rng: np.random.Generator) -> None:
        self.other, self.rng = other, rng
        self.jitter = float(np.exp(rng.normal(0, 0.15)))
        self.discrimination_sd = float(fit.laplace.core_part("log_discrimination").std())

    def effect(self, sd: np.ndarray | float, shape: tuple[int, ...]) -> np.ndarray:
        base = _student(self.rng, shape) if self.other else self.rng.standard_normal(shape)
        return np.asarray(base * sd * self.jitter)


# Trends and abilities ---------------------------------------------------------------------------


def _trends(
    fit: CapabilityFit, design: Design, kind: Kind, draw: _Draw, as_of: date | None
) -> tuple[np.ndarray, tuple[float, float] | None]:
    """Trend coefficients of the world, and (date in years, bend) of its change point."""
    rng = draw.rng
    names = list(design.trend_columns)
    # other dates have other knots; a bend that the fit does not know is none
    fitted = dict(
        zip(fit.laplace.design.trend_columns, fit.laplace.core_part("trend"), strict=True)
    )
    trend = np.array([fitted.get(name, 0.0) for name in names])
    # the gap between the classes, its slope and the domain differences differ from world to world
    trend[names.index("open:level")] += rng.normal(0, 0.4)
    trend[names.index("open:slope")] += rng.normal(0, 0.25)
    for i, name in enumerate(names):
        if name.endswith("open:level") and name != "open:level":
            trend[i] += rng.normal(0, 0.4)
        elif name.endswith("open:slope") and name != "open:slope":
            trend[i] += rng.normal(0, 0.2)
    if kind == "no_difference":
        for i, name in enumerate(names):
            head, _, tail = name.partition(":")
            if head == "cyber" or head == "coding":
                trend[i] = trend[names.index(f"general:{tail}")]
            elif head.startswith("cyber/"):
                trend[i] = 0.0
    if kind == "constant_lag":
        trend = _parallel(trend, names, rng)
    bend = None
    if kind == "change_point" and as_of is not None:
        size = float(rng.uniform(0.8, 2.4) * rng.choice([-1.0, 1.0]))
        bend = (years(as_of) - float(rng.uniform(0.75, 2.5)), size)
    return trend, bend


def _parallel(trend: np.ndarray, names: list[str], rng: np.random.Generator) -> np.ndarray:
    """Straight lines, open models a fixed number of months behind in each cell.

    The mean slope is 1.6 to 2.4 logits a year, the distance 4 to 10 months in the domains, and
    stages differ from their domain by up to 2 months.
    """
    out = np.zeros_like(trend)
    slope = rng.uniform(1.6, 2.4)
    for i, name in enumerate(names):
        if name == "level" or name.startswith("undated") or name == "unknown_class":
            out[i] = trend[i]
        elif name == "slope":
            out[i] = slope
        elif name == "open:level":
            out[i] = -slope * rng.uniform(4, 10) / 12
        elif name.endswith(":open:level"):
            out[i] = -slope * rng.uniform(-2, 2) / 12
    return out


@dataclass(frozen=True)
class _Truth:
    """True abilities (models,) per cell as expectation plus excess, and their deviations.

    ``domain`` (models, domains) and ``stage`` (models, stages) are part of the excess.
    """

    expected: dict[Cell, np.ndarray]
    excess: dict[Cell, np.ndarray]
    domain: np.ndarray
    stage: np.ndarray

    @classmethod
    def drawn(
        cls,
        fit: CapabilityFit,
        design: Design,
        kind: Kind,
        draw: _Draw,
        trend: np.ndarray,
        bend: tuple[float, float] | None,
    ) -> _Truth:
        scales, rng = fit.laplace.scales, draw.rng
        count = len(design.models)
        undated = np.isnan(design.model_year)
        domain_sd, stage_sd = scales.domain, scales.stage
        if kind == "no_difference":
            domain_sd = _one_spread(design, domain_sd, stage_sd)
        general = draw.effect(np.where(undated, scales.undated, scales.general), (count,))
        domain = draw.effect(domain_sd[None, :], (count, len(design.domains)))
        stage = draw.effect(stage_sd[None, :], (count, len(design.stages)))
        truth = design
        if draw.other and kind != "constant_lag":
            # progress in steps: the trend is read at the last of irregular dates
            steps = np.sort(rng.uniform(-1.5, 3.0, size=14))
            year = np.nan_to_num(design.model_year)
            held = steps[np.clip(np.searchsorted(steps, year) - 1, 0, None)]
            truth = replace(design, model_year=np.where(undated, np.nan, 0.5 * held + 0.5 * year))
        bent = np.zeros(count)
        if bend is not None:
            at, size = bend
            later = np.maximum(np.nan_to_num(design.model_year, nan=at) - at, 0.0)
            bent = size * later * (design.model_class == 1)
        expected = {cell: truth.trend_row(cell) @ trend + bent for cell in design.cells}
        excess = {}
        for name, s in design.cells:
            own = general + domain[:, design.domains.index(name)]
            excess[(name, s)] = own if s is None else own + stage[:, design.stages.index((name, s))]
        return cls(expected, excess, domain, stage)

    def of_rows(self, design: Design, part: dict[Cell, np.ndarray]) -> np.ndarray:
        """(rows,) ``expected`` or ``excess`` of each row's model in the row's cell."""
        by_domain = np.column_stack([part[(d, None)] for d in design.domains])
        out = by_domain[design.model, design.domain]
        staged = design.stage >= 0
        if staged.any():
            by_stage = np.column_stack([part[cell] for cell in design.stages])
            out[staged] = by_stage[design.model[staged], design.stage[staged]]
        return np.asarray(out)


def _one_spread(design: Design, domain_sd: np.ndarray, stage_sd: np.ndarray) -> np.ndarray:
    """Domain spreads such that the headline abilities of all domains deviate alike.

    The cyber headline is a mean over stages, whose deviations add to the domain's own.
    """
    added = np.zeros(len(design.domains))
    for name, wanted in HEADLINE_STAGES.items():
        if name not in design.domains:
            continue
        parts = [
            stage_sd[design.stages.index((name, s))] for s in wanted if (name, s) in design.stages
        ]
        added[design.domains.index(name)] = float(np.sum(np.square(parts))) / len(wanted) ** 2
    common = float(np.mean(domain_sd**2 + added))
    return np.asarray(np.sqrt(np.maximum(common - added, 0.0)))


def _redated(
    models: pl.DataFrame, entrants: Entrants, as_of: date, rng: np.random.Generator
) -> tuple[pl.DataFrame, Entrants]:
    """Models and entrants with irregular releases whose rate does not change.

    Per access class the models of the last years keep their order and get new dates; a model's
    release moves by as many days as its entry.
    """
    end = day_number(as_of)
    begin = end - _REDRAWN_YEARS * 365.25
    entered = {
        name: getattr(entrants, name).copy()
        for name in ("open_from", "closed_public_from", "closed_any_from")
    }
    shift = np.zeros(len(entrants.model_version))
    # a restricted model has no public entry; all closed models are one sequence of releases
    for names in (("open_from",), ("closed_any_from", "closed_public_from")):
        first = np.min([entered[name] for name in names], axis=0)
        moved = np.flatnonzero((first >= begin) & (first <= end))
        if not len(moved):
            continue
        moved = moved[np.argsort(first[moved], kind="stable")]
        gaps = rng.gamma(_GAP_SHAPE, size=len(moved) + 1)
        new = np.round(begin + np.cumsum(gaps)[:-1] * ((end - begin) / gaps.sum()))
        shift[moved] = new - first[moved]
        for name in names:
            entered[name][moved] = entered[name][moved] + shift[moved]
    for dates in entered.values():
        late = np.isfinite(dates) & (dates > end)
        dates[late] = end
    released = [
        None if day is None else date_of(day_number(day) + by)
        for day, by in zip(models["released"], shift, strict=True)
    ]
    return models.with_columns(pl.Series("released", released, dtype=pl.Date)), replace(
        entrants, **entered
    )


# Rows -------------------------------------------------------------------------------------------


def _selected(
    rows: pl.DataFrame, design: Design, truth: _Truth, rng: np.random.Generator
) -> pl.DataFrame:
    """The same tests given to other models: within benchmark and class, the strong for their date.

    The models tested on a benchmark are drawn without replacement from the models of the same class
    whose release lies in the range of those really tested, with odds exp(1.5 z), z the standardised
    excess ability in the benchmark's domain.
    """
    names = np.array(design.models)
    year = np.nan_to_num(design.model_year, nan=-99.0)
    model = design.model.copy()
    for b in range(len(design.benchmarks)):
        here = np.flatnonzero(design.benchmark == b)
        z = truth.excess[(design.domains[design.domain[here[0]]], None)]
        z = (z - z.mean()) / z.std()
        for group in (0, 1):
            rows_of = here[design.model_class[model[here]] == group]
            tested = np.unique(model[rows_of])
            if len(tested) < 2:
                continue
            low, high = year[tested].min(), year[tested].max()
            pool = np.flatnonzero((design.model_class == group) & (year >= low) & (year <= high))
            # Gumbel noise and a sort: a draw without replacement with these odds
            order = np.argsort(-(1.5 * z[pool] + rng.gumbel(size=len(pool))))
            chosen = np.sort(pool[order[: len(tested)]])
            # by date, so that a benchmark's early tests stay early
            old, new = (m[np.argsort(year[m], kind="stable")] for m in (tested, chosen))
            swap = dict(zip(old.tolist(), new.tolist(), strict=True))
            model[rows_of] = [swap[m] for m in model[rows_of].tolist()]
    return rows.with_columns(pl.Series("model_version", names[model]))


def _inflation(rows: pl.DataFrame, models: pl.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Logits that developers' own results are too high by."""
    opened = dict(zip(models["model_version"], models["access_class"] == "open", strict=True))
    is_open = np.array([opened[m] for m in rows["model_version"]])
    own = (rows["evaluator_relationship"].cast(pl.String) == "first_party").to_numpy()
    by_class = np.where(is_open, rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8))
    public = np.ones(len(rows))
    if "item_access" in rows.columns:
        public = np.where(rows["item_access"].cast(pl.String) == "public", 1.0, 0.5)
    return np.asarray(own * by_class * public)


def _difficulties(
    fit: CapabilityFit, design: Design, truth: _Truth, rng: np.random.Generator
) -> np.ndarray:
    """Difficulties around the fitted ones; each moves along with the models tested on it."""
    laplace = fit.laplace
    old = laplace.design
    before = _means(old, old.trend @ laplace.core_part("trend"))
    after = _means(design, truth.of_rows(design, truth.expected))
    moved = np.array([after[b] - before[b] for b in design.benchmarks])
    fitted = dict(zip(old.benchmarks, laplace.core_part("difficulty"), strict=True))
    base = np.array([fitted[b] for b in design.benchmarks])
    return np.asarray(base + moved + rng.normal(0, 0.3, len(base)))


def _means(design: Design, values: np.ndarray) -> dict[str, float]:
    """Mean of a row quantity per benchmark."""
    count = len(design.benchmarks)
    sums = np.bincount(design.benchmark, values, minlength=count)
    return dict(zip(design.benchmarks, sums / np.bincount(design.benchmark), strict=True))


def _linear_predictor(
    fit: CapabilityFit,
    design: Design,
    rows: pl.DataFrame,
    truth: _Truth,
    log_a: np.ndarray,
    difficulty: np.ndarray,
    draw: _Draw,
) -> np.ndarray:
    """What each row sees, in logits."""
    scales, rng = fit.laplace.scales, draw.rng
    staged = design.stage >= 0
    theta = truth.of_rows(design, truth.expected) + truth.of_rows(design, truth.excess)
    extra = np.zeros(len(theta))
    covariates = list(design.covariates)
    beta = dict(zip(fit.laplace.design.covariates, fit.laplace.core_part("beta"), strict=True))
    if draw.other:
        load_domain = rng.uniform(0.5, 1.5, len(design.benchmarks))
        load_stage = rng.uniform(0.5, 1.5, len(design.benchmarks))
        theta = (
            theta + (load_domain[design.benchmark] - 1) * truth.domain[design.model, design.domain]
        )
        theta[staged] += (load_stage[design.benchmark[staged]] - 1) * truth.stage[
            design.model[staged], design.stage[staged]
        ]
        panels, panel = np.unique(rows["panel"].to_numpy(), return_inverse=True)
        extra += 0.25 * _student(rng, (len(panels),))[panel]
        # later models find the same benchmark easier (drift), by a benchmark's own rate
        year = np.nan_to_num(design.model_year[design.model])
        first = np.full(len(design.benchmarks), np.inf)
        np.minimum.at(first, design.benchmark, year)
        rate = rng.normal(0.1, 0.1, len(design.benchmarks))
        extra += rate[design.benchmark] * (year - first[design.benchmark])
        if "x_first_party" in covariates:
            beta["x_first_party"] = abs(rng.normal(0.25, 0.1))
    eta = np.exp(log_a)[design.benchmark] * (theta - difficulty[design.benchmark]) + extra
    eta += design.x @ np.array([beta[name] for name in covariates])
    for index, sd, size in (
        (design.setup, scales.setup, len(design.setups)),
        (design.scaffold, scales.scaffold, len(design.scaffolds)),
    ):
        effect = draw.effect(sd, (size,))
        has = index >= 0
        eta[has] += effect[index[has]]
    by_name = dict(zip(fit.laplace.design.family_names, scales.family, strict=True))
    pooled = float(np.exp(np.mean(np.log(scales.family)))) if len(scales.family) else 0.0
    spread = np.array([by_name.get(name, pooled) for name in design.family_names])
    family = draw.effect(
        spread[design.family_kind] if len(spread) else 0.0, (len(design.families),)
    )
    has = design.family >= 0
    eta[has] += family[design.family[has]]
    return np.asarray(eta)


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
