"""The few global efficiencies, fitted to measured points, and how wrong the result is.

Parameters have physical priors (:data:`PARAMETERS`); the fit is their posterior mode under a
Student-t likelihood of log throughput, so that a mis-stated point cannot drag them. Points of one
series (same source, engine, precision, mode, model and chip) share an error of their own, and so
do points of one model and of one chip: otherwise the series with most points would decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from headway.estimate.deploy.points import ENGINES, Expanded, Point, rates
from headway.estimate.deploy.roofline import Efficiencies

__all__ = [
    "PARAMETERS",
    "REFERENCE",
    "Calibration",
    "Parameter",
    "Prepared",
    "efficiencies",
    "fit",
    "prepare",
]

Array = npt.NDArray[np.float64]

#: Software of this day is the reference of the drift term.
REFERENCE = date(2026, 1, 1)
#: Shares of peak stay below this.
_CAP = 0.97


@dataclass(frozen=True, slots=True)
class Parameter:
    """One global quantity: what it is expected to be before any point is seen.

    Parameters
    ----------
    name : str
    prior : float
        Median.
    spread : float
        Standard deviation of its logarithm (``time``), of the share (``share``), or of the
        quantity itself (``effect``).
    kind : {"share", "time", "effect"}
    """

    name: str
    prior: float
    spread: float
    kind: Literal["share", "time", "effect"]


def _share(name: str, prior: float, spread: float) -> Parameter:
    return Parameter(name, prior, spread, "share")


def _time(name: str, prior: float, spread: float) -> Parameter:
    return Parameter(name, prior, spread, "time")


def _effect(name: str, prior: float, spread: float) -> Parameter:
    return Parameter(name, prior, spread, "effect")


#: Priors are orders of magnitude from kernel practice: copies reach 60-80 % of HBM bandwidth, large
#: matrix products 50-70 % of peak (4 bits less), a layer's launches take tens of microseconds, an
#: all-reduce in a node 5-15 microseconds. They were written down before the first fit.
PARAMETERS: tuple[Parameter, ...] = (
    _share("memory", 0.75, 0.2),
    _share("expert_memory", 0.65, 0.25),
    _share("kv_memory", 0.6, 0.3),
    _share("compute_bf16", 0.65, 0.2),
    _share("compute_fp8", 0.5, 0.25),
    _share("compute_fp4", 0.35, 0.3),
    _share("expert_compute", 0.7, 0.25),
    _share("attention_compute", 0.3, 0.4),
    _share("overlap", 0.3, 0.7),
    _share("link", 0.65, 0.2),
    _time("prefill", 0.9, 0.1),
    _time("half_dense", 32, 0.7),
    _time("half_expert", 16, 0.7),
    _time("layer", 12e-6, 0.5),
    _time("moe_layer", 20e-6, 0.5),
    _time("linear_layer", 15e-6, 0.7),
    _time("latent_layer", 20e-6, 0.6),
    _time("sparse_layer", 40e-6, 0.7),
    _time("step", 1e-3, 0.7),
    _time("sequence", 5e-6, 1.0),
    _time("reduce_latency", 7e-6, 0.4),
    _time("reduce_hop", 2e-6, 0.5),
    _time("exchange_latency", 20e-6, 0.7),
    _time("imbalance", 0.5, 0.7),
    _time("mixing", 1.0, 0.3),
    *(_effect(f"overhead_{name}", 0.0, 0.3) for name in ENGINES),
    *(_effect(f"mixing_{name}", 0.0, 0.3) for name in ENGINES),
    *(_effect(f"rate_{name}", 0.0, 0.07) for name in ENGINES),
    _effect("rate_apart", 0.0, 0.3),
    # one rack gained a factor 1.87 in a year by software alone (MLPerf v5.1 to v6.1): ln 1.87 = 0.63
    _effect("drift", 0.6, 0.15),
    _effect("undated", 0.0, 0.3),
)
_NAMES = tuple(p.name for p in PARAMETERS)
_KIND = np.array([p.kind for p in PARAMETERS])
_OVERHEADS = (
    "layer",
    "moe_layer",
    "linear_layer",
    "latent_layer",
    "sparse_layer",
    "step",
    "sequence",
)
#: Standard deviations of the errors that a series, a model and a chip share, and of one point.
SERIES, MODEL, CHIP, NOISE = 0.04, 0.03, 0.03, 0.12
#: Degrees of freedom of the Student-t likelihood.
_DEGREES = 4.0
_ITERATIONS = 14


def _start() -> tuple[Array, Array]:
    """Prior means and standard deviations in the space where the fit works."""
    mean, sd = [], []
    for p in PARAMETERS:
        if p.kind == "share":
            share = p.prior / _CAP
            mean.append(np.log(share / (1 - share)))
            sd.append(p.spread / max(1 - share, 0.1))
        elif p.kind == "time":
            mean.append(np.log(p.prior))
            sd.append(p.spread)
        else:
            mean.append(p.prior)
            sd.append(p.spread)
    return np.array(mean), np.array(sd)


def natural(z: Array) -> dict[str, float]:
    """Parameters in their own units from the space of the fit."""
    value = np.where(
        _KIND == "share",
        _CAP / (1 + np.exp(-z)),
        np.where(_KIND == "time", np.exp(np.minimum(z, 50)), z),
    )
    return dict(zip(_NAMES, (float(v) for v in value), strict=True))


def of_engine(values: Mapping[str, float], kind: str, engine: npt.NDArray[np.intp]) -> Array:
    """An effect by engine; one that is not known has the mean of all."""
    each = [values[f"{kind}_{name}"] for name in ENGINES]
    found: Array = np.array([*each, sum(each) / len(each)])[engine]
    return found


def efficiencies(
    values: Mapping[str, float], engine: npt.NDArray[np.intp], years: Array
) -> Efficiencies:
    """Efficiencies per configuration.

    Parameters
    ----------
    values : mapping
        Parameters in their own units.
    engine : array of int
        Place in :data:`ENGINES`; -1 for an engine of average overhead.
    years : array
        Since :data:`REFERENCE`; NaN where no date is known.
    """

    def by_engine(kind: str) -> Array:
        return of_engine(values, kind, engine)

    dated = np.isfinite(years)
    age = np.where(dated, -values["drift"] * np.where(dated, years, 0.0), values["undated"])
    overhead = np.exp(by_engine("overhead") + age)
    plain = {n: values[n] for n in _NAMES if n in Efficiencies.__dataclass_fields__}
    return Efficiencies(
        **{
            **plain,
            **{n: values[n] * overhead for n in _OVERHEADS},
            "mixing": values["mixing"] * np.exp(by_engine("mixing")),
        }
    )


@dataclass(frozen=True)
class Prepared:
    """Points ready to be fitted: their configurations, groups, engines, ages."""

    points: tuple[Point, ...]
    expanded: Expanded
    engine: npt.NDArray[np.intp]
    years: Array
    measured: Array
    models: tuple[str, ...]
    chips: tuple[str, ...]
    series: tuple[str, ...]
    groups: Array

    @property
    def at_model(self) -> npt.NDArray[np.intp]:
        return np.array([self.models.index(p.model) for p in self.points])

    @property
    def at_chip(self) -> npt.NDArray[np.intp]:
        return np.array([self.chips.index(p.hardware) for p in self.points])


def prepare(points: Sequence[Point], expanded: Expanded) -> Prepared:
    """Group and date points."""
    models = tuple(sorted({p.model for p in points}))
    chips = tuple(sorted({p.hardware for p in points}))
    series = tuple(sorted({p.series for p in points}))
    groups = np.zeros((len(points), len(models) + len(chips) + len(series)))
    for i, p in enumerate(points):
        groups[i, models.index(p.model)] = 1
        groups[i, len(models) + chips.index(p.hardware)] = 1
        groups[i, len(models) + len(chips) + series.index(p.series)] = 1
    return Prepared(
        points=tuple(points),
        expanded=expanded,
        engine=np.array([ENGINES.index(p.engine) if p.engine in ENGINES else -1 for p in points]),
        years=np.array([_years(p.measured_on) for p in points]),
        measured=np.log([p.per_chip for p in points]),
        models=models,
        chips=chips,
        series=series,
        groups=groups,
    )


def _years(day: date | None) -> float:
    return np.nan if day is None else (day - REFERENCE).days / 365.25


def log_rates(x: Prepared, values: Mapping[str, float]) -> Array:
    """Predicted log tokens/s/chip of each point, before the errors that groups share.

    The best of a point's configurations is taken: who publishes a number has tuned the layout.
    """
    own = x.expanded.point
    e = efficiencies(values, x.engine[own], x.years[own])
    found = rates(x.expanded, e)
    engine_rate = of_engine(values, "rate", x.engine[own])
    apart = np.where(x.expanded.kind == 1, values["rate_apart"], 0.0)
    with np.errstate(divide="ignore"):
        each = np.log(np.maximum(found, 1e-9)) + engine_rate + apart
    out = np.full(x.expanded.n, -np.inf)
    np.maximum.at(out, own, each)
    return out


@dataclass(frozen=True)
class Calibration:
    """Fitted parameters, what models and chips share, and the error of a prediction.

    Parameters
    ----------
    values : mapping
        Parameters in their own units.
    models, chips : mapping
        Log factor of each that was fitted; one that is not in it was not seen.
    errors : mapping of str to (bias, half width)
        Per kind of prediction (``seen``, ``new_model``, ``new_chip``, ``new_both``): half the width
        of the 90 % interval of log throughput.
    through : date
        Last day on which a point was measured.
    n : int
    """

    values: Mapping[str, float]
    models: Mapping[str, float]
    chips: Mapping[str, float]
    errors: Mapping[str, float] = field(default_factory=dict)
    through: date = REFERENCE
    n: int = 0

    def shared(self, model: str, chip: str) -> float:
        """Log factor of a model and a chip: 0 for what was not seen."""
        return self.models.get(model, 0.0) + self.chips.get(chip, 0.0)

    def predict(self, x: Prepared) -> Array:
        """Log tokens/s/chip of points."""
        shared = np.array([self.shared(p.model, p.hardware) for p in x.points])
        found: Array = log_rates(x, self.values) + shared
        return found

    def familiarity(self, model: str, chip: str) -> str:
        """Which error applies: what of the pair was measured."""
        known = (model in self.models, chip in self.chips)
        return {
            (True, True): "seen",
            (False, True): "new_model",
            (True, False): "new_chip",
            (False, False): "new_both",
        }[known]

    def to_json(self) -> dict[str, Any]:
        return {
            "values": dict(self.values),
            "models": dict(self.models),
            "chips": dict(self.chips),
            "errors": dict(self.errors),
            "through": self.through.isoformat(),
            "n": self.n,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Calibration:
        return cls(**{**told, "through": date.fromisoformat(told["through"])})


def fit(x: Prepared, use: npt.NDArray[np.bool_] | None = None) -> Calibration:
    """Posterior mode by Gauss-Newton with damping; ``use`` leaves points out."""
    chosen = np.ones(len(x.points), bool) if use is None else use
    mean, sd = _start()
    n_core, n_group = len(mean), x.groups.shape[1]
    n_models, n_chips = len(x.models), len(x.chips)
    spread = np.r_[
        sd, np.full(n_models, MODEL), np.full(n_chips, CHIP), np.full(len(x.series), SERIES)
    ]
    prior = np.r_[mean, np.zeros(n_group)]
    precision = 1 / spread**2
    at = prior.copy()

    def core(z: Array) -> Array:
        return log_rates(x, natural(z))

    def loss(state: Array, predicted: Array) -> float:
        r = (x.measured - predicted - x.groups @ state[n_core:])[chosen] / NOISE
        tails = (_DEGREES + 1) * np.log1p(r * r / _DEGREES).sum()
        return float(tails + (((state - prior) ** 2) * precision).sum())

    predicted = core(at[:n_core])
    best, damping = loss(at, predicted), 1e-2
    for _ in range(_ITERATIONS):
        slopes = np.empty((len(x.points), n_core))
        for k in range(n_core):
            moved = at[:n_core].copy()
            moved[k] += 1e-4
            slopes[:, k] = (core(moved) - predicted) / 1e-4
        columns = np.c_[slopes, x.groups][chosen]
        r = (x.measured - predicted - x.groups @ at[n_core:])[chosen]
        weight = (_DEGREES + 1) / (_DEGREES + (r / NOISE) ** 2) / NOISE**2
        gradient = columns.T @ (weight * r) - precision * (at - prior)
        curvature = (columns * weight[:, None]).T @ columns + np.diag(precision)
        for _ in range(8):
            step = np.linalg.solve(curvature + damping * np.diag(np.diag(curvature)), gradient)
            tried = at + step
            new = core(tried[:n_core])
            value = loss(tried, new)
            if value < best:
                break
            damping *= 5
        else:
            break
        gained = best - value
        at, predicted, best, damping = tried, new, value, max(damping / 5, 1e-6)
        if gained < 1e-4 * abs(best):
            break
    seen_models = {x.points[i].model for i in np.flatnonzero(chosen)}
    seen_chips = {x.points[i].hardware for i in np.flatnonzero(chosen)}
    dates = [d for i in np.flatnonzero(chosen) if (d := x.points[i].measured_on)]
    effects = at[n_core:]
    return Calibration(
        values=natural(at[:n_core]),
        models={m: float(v) for m, v in zip(x.models, effects, strict=False) if m in seen_models},
        chips={
            c: float(v)
            for c, v in zip(x.chips, effects[n_models : n_models + n_chips], strict=True)
            if c in seen_chips
        },
        through=max(dates, default=REFERENCE),
        n=int(chosen.sum()),
    )
