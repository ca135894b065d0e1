"""What every part of the study of evidence effects reads, and how a lag is taken per draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from headway.checks.refits import Refit, Refitted
from headway.estimate.capability import CapabilityFit, Evidence, fit_capability
from headway.estimate.lag.definitions import mean_states
from headway.estimate.lag.effects.rows import EffectRow, at_half, months_difference
from headway.estimate.lag.effects.terms import term
from headway.estimate.lag.frontier import frontier_pair
from headway.estimate.lag.states import NUMBER
from headway.estimate.lag.step import lag_function
from headway.result import Interval, Quantity
from headway.tables.schemas import DOMAINS

__all__ = ["DomainLag", "Null", "Setting", "effect_row", "nulls_of"]

DRAWS = 400
REPS = 300


@dataclass(frozen=True)
class DomainLag:
    """``lag_mean_12m`` per draw, months (``nan`` where it is no number), or what is missing."""

    months: np.ndarray
    n: int
    n_clusters: int
    missing: tuple[str, ...] = ()

    def quantity(self, level: float) -> Quantity:
        if self.missing:
            return Quantity.not_estimable("months", *self.missing, n=self.n)
        kept = self.months[np.isfinite(self.months)]
        if len(kept) < level * len(self.months):
            return Quantity.not_estimable("months", "lag_without_number", n=self.n)
        low, mid, high = np.quantile(kept, [(1 - level) / 2, 0.5, (1 + level) / 2])
        interval = Interval(float(low), float(high), level, "eti")
        return Quantity(float(mid), "months", interval, self.n, self.n_clusters, "estimated")


@dataclass(frozen=True)
class Setting:
    """What every part of the study reads: tables, the fit of everything, options."""

    tables: dict[str, pl.DataFrame] = field(repr=False)
    main: CapabilityFit = field(repr=False)
    as_of: date
    level: float
    seed: int
    draws: int = DRAWS
    reps: int = REPS

    @property
    def evidence(self) -> Evidence:
        return self.main.evidence

    @property
    def ability(self) -> pl.DataFrame:
        """Posterior means of the main fit: ``model_version, domain, ability``."""
        return pl.concat(
            pl.DataFrame(
                {
                    "model_version": list(self.main.models),
                    "domain": [domain] * len(self.main.models),
                    "ability": self.main.laplace.mean((domain, None)),
                }
            )
            for domain in self.main.laplace.design.domains
        )

    def clusters(self, fit: CapabilityFit) -> list[str]:
        """Lab of each model of a fit."""
        models = fit.evidence.models
        lab = models["lab"].fill_null(models["model_version"])
        return [str(x) for x in lab.to_list()]

    def refit(self, evidence: Evidence) -> CapabilityFit:
        return fit_capability(evidence, start=self.main)

    def refitted(self, fit: CapabilityFit) -> Refitted:
        # one generator state for every fit: draws of fits with equal parameters are paired
        sample = fit.sample(self.draws, np.random.default_rng([self.seed, 7]))
        return Refitted(
            Refit("effects", as_of=self.as_of),
            fit,
            sample,
            self.tables["access"],
            self.tables["model_versions"],
        )

    def lags(self, fit: CapabilityFit, like: CapabilityFit | None = None) -> dict[str, DomainLag]:
        """The headline lag of each domain, per draw.

        ``like`` decides which models may define a frontier (a fit that ``fit`` is compared with).
        """
        found = self.refitted(fit)
        other = found if like is None else self.refitted(like)
        out = {}
        for domain in DOMAINS:
            cell = (domain, None)
            missing = other.missing(cell)
            if missing:
                out[domain] = DomainLag(np.full(self.draws, np.nan), 0, 0, missing)
                continue
            theta = found.sample.theta(cell)
            entrants = other.entrants(cell)
            pair = frontier_pair(
                entrants.with_ability(theta, entrants.informative),
                frontier="public",
                as_of=self.as_of,
            )
            states = mean_states(pair, lag_function(pair))
            months = np.where(states.code == NUMBER, states.value, np.nan)
            out[domain] = DomainLag(months, pair.n, pair.n_clusters)
        return out

    def moved(self, first: DomainLag, second: DomainLag, *notes: str) -> Quantity:
        """``first - second``, paired draws."""
        missing = first.missing or second.missing
        if missing:
            return Quantity.not_estimable("months", *missing)
        return months_difference(
            first.months,
            second.months,
            level=self.level,
            n=first.n,
            n_clusters=first.n_clusters,
            notes=notes,
        )


@dataclass(frozen=True)
class Null:
    """Errors of one fit's coefficients in worlds where their size is known: (worlds, K)."""

    names: tuple[str, ...] = ()
    error: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))

    def offset(self, weights: Mapping[str, float]) -> tuple[float, float]:
        """Mean error of a combination and the sd of that mean; (0, 0) with fewer than 2 worlds."""
        if len(self.error) < 2 or any(name not in self.names for name in weights):
            return 0.0, 0.0
        w = np.zeros(len(self.names))
        for name, weight in weights.items():
            w[self.names.index(name)] = weight
        values = self.error @ w
        return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))

    def offsets(self, names: Sequence[str]) -> dict[str, float]:
        """Mean error of single terms."""
        return {name: self.offset({name: 1.0})[0] for name in names}


def nulls_of(found: Sequence[Mapping[str, Mapping[str, float]]]) -> dict[str, Null]:
    """Per fit, the errors of the terms that it had in every world."""
    out = {}
    for name in found[0] if found else ():
        terms = sorted(set.intersection(*(set(world[name]) for world in found)))
        error = np.array([[world[name][t] for t in terms] for world in found])
        out[name] = Null(tuple(terms), error.reshape(len(found), len(terms)))
    return out


def effect_row(
    setting: Setting,
    fit: CapabilityFit,
    effect: str,
    measure: str,
    weights: dict[str, float],
    null: Null | None = None,
    **group: Any,
) -> EffectRow:
    """A combination of coefficients as a row, less what it comes to where its size is known."""
    estimate, sds = term(
        fit,
        weights,
        clusters=setting.clusters(fit),
        level=setting.level,
        offset=(0.0, 0.0) if null is None else null.offset(weights),
    )
    months = group.pop("months", None)
    if estimate.value is None and months is not None:
        months = Quantity.not_estimable("months", *estimate.notes)
    return EffectRow(
        effect,
        measure,
        "model",
        estimate,
        points=at_half(estimate),
        sds=sds,
        months=months,
        **group,
    )
