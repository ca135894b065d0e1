"""From evidence rows to index arrays: which parameter each row touches.

The design knows no estimator: an engine gets arrays, names and prior scales.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from headway.estimate.capability.model import ELO_PER_LOGIT, FLOOR_SHARE, Priors

__all__ = ["Cell", "Design", "build_design", "years"]

#: (domain, stage); stage ``None`` is the domain itself.
Cell = tuple[str, str | None]

_ORIGIN = date(2024, 1, 1)
_CLASSES = ("closed", "open")


def years(day: date) -> float:
    """Years since 2024-01-01 (365.25 days), the time unit of all trends."""
    return (day - _ORIGIN).days / 365.25


@dataclass(frozen=True)
class Design:
    """Index arrays of one fit; ``N`` rows, ``M`` models, ``B`` benchmarks, ``T`` trend columns.

    Block variables of a model (only those that a row touches): general ability, domain
    deviations, stage deviations, benchmark-family effects. Everything else is core.
    """

    models: tuple[str, ...]
    model_class: np.ndarray  # (M,) 0 closed, 1 open, -1 unknown
    model_year: np.ndarray  # (M,) NaN = undated
    benchmarks: tuple[str, ...]
    domains: tuple[str, ...]
    stages: tuple[tuple[str, str], ...]  # (domain, stage)
    setups: tuple[str, ...]
    scaffolds: tuple[str, ...]
    covariates: tuple[str, ...]
    families: tuple[tuple[int, str], ...]  # (model, family) with a random effect
    family_names: tuple[str, ...]
    family_kind: np.ndarray  # name of each entry of ``families``
    trend_columns: tuple[str, ...]
    trend_sd: np.ndarray  # (T,)
    knots: np.ndarray
    # per row
    model: np.ndarray
    benchmark: np.ndarray
    domain: np.ndarray
    stage: np.ndarray  # -1 = none
    family: np.ndarray  # -1 = none
    setup: np.ndarray  # -1 = none
    scaffold: np.ndarray  # -1 = none
    x: np.ndarray  # (N, K)
    trend: np.ndarray  # (N, T) design of the prior mean of the row's ability
    is_counted: np.ndarray  # bool: beta-binomial row
    y: np.ndarray  # successes (counted) or link-scale value
    n: np.ndarray  # trials (counted), else 1
    floor: np.ndarray
    span: np.ndarray
    known_variance: np.ndarray  # link-scale variance known beforehand (Gaussian rows)
    side: np.ndarray  # -1 / +1 censored at floor / ceiling, 0 otherwise

    @property
    def cells(self) -> tuple[Cell, ...]:
        return tuple((d, None) for d in self.domains) + tuple(self.stages)

    def trend_row(self, cell: Cell) -> np.ndarray:
        """Design (M, T) of the prior mean of every model's ability in ``cell``."""
        domain, stage = cell
        d = np.full(len(self.models), self.domains.index(domain))
        s = np.full(len(self.models), -1 if stage is None else self.stages.index((domain, stage)))
        return _trend(self, np.arange(len(self.models)), d, s)


def _trend_spec(
    domains: tuple[str, ...],
    stages: tuple[tuple[str, str], ...],
    knots: np.ndarray,
    priors: Priors,
) -> tuple[tuple[str, ...], np.ndarray]:
    names = ["level", "slope"] + [f"bend:{k:.2f}" for k in knots]
    sds = [priors.trend_level_sd, priors.trend_slope_sd] + [priors.trend_bend_sd] * len(knots)
    names += ["open:level", "open:slope"] + [f"open:bend:{k:.2f}" for k in knots]
    sds += [priors.class_level_sd, priors.class_slope_sd] + [priors.class_bend_sd] * len(knots)
    names += ["undated:closed", "undated:open", "unknown_class"]
    sds += [priors.undated_level_sd] * 3
    for cell in [*domains, *(f"{d}/{s}" for d, s in stages)]:
        names += [f"{cell}:slope", f"{cell}:open:level", f"{cell}:open:slope"]
        sds += [priors.cell_slope_sd, priors.cell_class_level_sd, priors.cell_class_slope_sd]
    return tuple(names), np.array(sds)


def _trend(design: Design, model: np.ndarray, domain: np.ndarray, stage: np.ndarray) -> np.ndarray:
    knots = design.knots
    out = np.zeros((len(model), len(design.trend_columns)))
    year = design.model_year[model]
    dated = ~np.isnan(year)
    t = np.where(dated, year, 0.0)
    # half of the class difference on either side: neither class is the reference
    contrast = np.select(
        [design.model_class[model] == 1, design.model_class[model] == 0], [0.5, -0.5], 0.0
    )
    bends = np.maximum(t[:, None] - knots[None, :], 0.0)
    common = np.column_stack([np.ones_like(t), t, bends]) * dated[:, None]
    width = common.shape[1]
    out[:, :width] = common
    out[:, width : 2 * width] = common * contrast[:, None]
    base = 2 * width
    out[:, base] = ~dated & (design.model_class[model] == 0)
    out[:, base + 1] = ~dated & (design.model_class[model] == 1)
    out[:, base + 2] = design.model_class[model] < 0
    base += 3
    tt = t * dated
    for offset, index in ((0, domain), (len(design.domains), stage)):
        for j in range(len(design.domains) if offset == 0 else len(design.stages)):
            here = index == j
            column = base + 3 * (offset + j)
            out[:, column] = here * tt
            out[:, column + 1] = here * contrast
            out[:, column + 2] = here * contrast * tt
    return out


def _codes(values: Sequence[str | None]) -> tuple[tuple[str, ...], np.ndarray]:
    names = tuple(sorted({v for v in values if v is not None}))
    lookup = {v: i for i, v in enumerate(names)}
    return names, np.array([-1 if v is None else lookup[v] for v in values], dtype=np.int64)


def build_design(
    rows: pl.DataFrame, models: pl.DataFrame, *, priors: Priors | None = None
) -> Design:
    """Arrays for the engines.

    Parameters
    ----------
    rows : frame, one row per result that enters the likelihood
        ``model_version, benchmark, domain, stage, family, setup, scaffold, unit, score, value,
        n, stderr, read_error_sd, chance, ceiling`` and any number of columns ``x_*``.
    models : frame, one row per model
        ``model_version, access_class`` (``open``, ``closed``, ``unknown``), ``released`` (date).

    Returns
    -------
    Design
    """
    priors = priors or Priors()
    names = tuple(models["model_version"].to_list())
    position = {m: i for i, m in enumerate(names)}
    model = np.array([position[m] for m in rows["model_version"]], dtype=np.int64)
    model_class = np.array(
        [{"closed": 0, "open": 1}.get(c, -1) for c in models["access_class"]], dtype=np.int64
    )
    model_year = np.array(
        [np.nan if d is None else years(d) for d in models["released"]], dtype=float
    )
    benchmarks, benchmark = _codes(rows["benchmark"].to_list())
    domains, domain = _codes(rows["domain"].to_list())
    pairs = [
        None if s is None else f"{d}\t{s}"
        for d, s in zip(rows["domain"], rows["stage"], strict=True)
    ]
    stage_keys, stage = _codes(pairs)
    stages = tuple((k.split("\t")[0], k.split("\t")[1]) for k in stage_keys)
    setups, setup = _codes(rows["setup"].to_list())
    scaffolds, scaffold = _codes(rows["scaffold"].to_list())
    covariates = tuple(c for c in rows.columns if c.startswith("x_"))
    x = rows.select(covariates).to_numpy().astype(float) if covariates else np.zeros((len(rows), 0))

    # a family effect only where a model has several results in one family: elsewhere it is
    # part of the benchmark's dispersion
    keys = list(zip(model.tolist(), rows["family"].to_list(), strict=True))
    counts: dict[tuple[int, str], int] = {}
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
    families = tuple(sorted(k for k, c in counts.items() if c > 1))
    family_names, family_kind = _codes([name for _, name in families])
    family_position = {k: i for i, k in enumerate(families)}
    family = np.array([family_position.get(k, -1) for k in keys], dtype=np.int64)

    dated = model_year[model][~np.isnan(model_year[model])]
    if len(dated):
        first, last = np.quantile(dated, [0.02, 0.98])
        count = max(int(np.floor((last - first) / priors.knot_years)) - 1, 0)
        knots = first + (np.arange(count) + 1) * (last - first) / (count + 1)
    else:
        knots = np.zeros(0)
    trend_columns, trend_sd = _trend_spec(domains, stages, knots, priors)

    observed = _observations(rows)
    bare = Design(
        models=names,
        model_class=model_class,
        model_year=model_year,
        benchmarks=benchmarks,
        domains=domains,
        stages=stages,
        setups=setups,
        scaffolds=scaffolds,
        covariates=covariates,
        families=families,
        family_names=family_names,
        family_kind=family_kind,
        trend_columns=trend_columns,
        trend_sd=trend_sd,
        knots=knots,
        model=model,
        benchmark=benchmark,
        domain=domain,
        stage=stage,
        family=family,
        setup=setup,
        scaffold=scaffold,
        x=x,
        trend=np.zeros((0, 0)),
        **observed,
    )
    object.__setattr__(bare, "trend", _trend(bare, model, domain, stage))
    return bare


def _observations(rows: pl.DataFrame) -> dict[str, np.ndarray]:
    count = len(rows)
    unit = np.array(rows["unit"].cast(pl.String).to_list())
    score = rows["score"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    value = rows["value"].cast(pl.Float64).to_numpy()
    trials = rows["n"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    stderr = rows["stderr"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    read_sd = rows["read_error_sd"].cast(pl.Float64).fill_null(0.0).to_numpy()
    floor = rows["chance"].cast(pl.Float64).to_numpy().copy()
    span = rows["ceiling"].cast(pl.Float64).to_numpy() - floor

    proportion = unit == "proportion"
    counted = proportion & ~np.isnan(trials) & (read_sd == 0)
    y = np.zeros(count)
    n = np.ones(count)
    known = np.zeros(count)
    side = np.zeros(count, dtype=np.int64)
    y[counted] = score[counted] * trials[counted]
    n[counted] = trials[counted]

    plain = proportion & ~counted
    share = (score[plain] - floor[plain]) / span[plain]
    inside = np.clip(share, FLOOR_SHARE, 1 - FLOOR_SHARE)
    side[plain] = np.where(share <= FLOOR_SHARE, -1, np.where(share >= 1 - FLOOR_SHARE, 1, 0))
    y[plain] = np.log(inside / (1 - inside))
    # variances on the logit scale by the delta method, at the observed share
    slope = span[plain] * inside * (1 - inside)
    sampling = np.where(
        ~np.isnan(stderr[plain]),
        stderr[plain] ** 2,
        np.where(
            ~np.isnan(trials[plain]),
            np.clip(score[plain], 0.01, 0.99)
            * (1 - np.clip(score[plain], 0.01, 0.99))
            / np.where(np.isnan(trials[plain]), 1.0, trials[plain]),
            0.0,
        ),
    )
    known[plain] = (sampling + read_sd[plain] ** 2) / slope**2

    elo = unit == "elo"
    # Elo and log-minutes are centred per benchmark: its difficulty absorbs the origin
    y[elo] = value[elo] / ELO_PER_LOGIT
    known[elo] = (np.nan_to_num(stderr[elo]) ** 2 + read_sd[elo] ** 2) / ELO_PER_LOGIT**2
    minutes = unit == "minutes"
    y[minutes] = np.log(value[minutes])
    names = np.array(rows["benchmark"].to_list())
    for kind in (elo, minutes):
        for name in np.unique(names[kind]):
            here = kind & (names == name)
            y[here] -= y[here].mean()
    known[minutes] = (np.nan_to_num(stderr[minutes]) ** 2 + read_sd[minutes] ** 2) / value[
        minutes
    ] ** 2
    return {
        "is_counted": counted,
        "y": y,
        "n": n,
        "floor": floor,
        "span": span,
        "known_variance": known,
        "side": side,
    }
