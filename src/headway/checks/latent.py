"""What the studies of density, special sauce and harness share: one fit and its dates."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, ParamSpec, TypeVar

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from headway.checks.refits import Refit, Refitted, refit
from headway.estimate.capability.design import Cell
from headway.estimate.lag.likelihood import Likelihoods, likelihoods
from headway.tables.schemas import CYBER_HEADLINE_STAGES, DOMAINS
from headway.tables.store import Release

__all__ = [
    "CELLS",
    "CYBER_CELLS",
    "DEFAULTS",
    "Latent",
    "latent",
    "one_thread",
    "options_of",
    "own_likelihoods",
]

#: The cyber headline and the stages that make it.
CYBER_CELLS: tuple[Cell, ...] = (("cyber", None), *(("cyber", s) for s in CYBER_HEADLINE_STAGES))
#: Options that decide what a study computes, with the values of the stored ones.
DEFAULTS: Mapping[str, Any] = {"evidence": "all", "access_basis": "all", "level": 0.90}
_TABLES = ("scores", "benchmarks", "model_versions", "access")


P = ParamSpec("P")
R = TypeVar("R")


def one_thread(function: Callable[P, R]) -> Callable[P, R]:
    """Linear algebra of a function in one thread.

    Sums are then always taken in one order, and matrices of a few hundred rows are faster so: with
    two busy cores the variance components took 40 times as long in two threads.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with threadpool_limits(limits=1):
            return function(*args, **kwargs)

    return run


def options_of(release: Release, seed: int, **given: Any) -> dict[str, Any]:
    """The full options of a study: defaults filled in, the reference date as ISO text."""
    as_of = given.pop("as_of", None) or release.data_through
    unknown = set(given) - set(DEFAULTS)
    assert not unknown, unknown
    return {**DEFAULTS, **given, "as_of": as_of.isoformat(), "seed": seed}


@dataclass(frozen=True)
class Latent:
    """One fit with joint draws, and what the studies ask about its models.

    ``domains`` are the cells that every study goes through.
    """

    refitted: Refitted
    tables: Mapping[str, pl.DataFrame]
    as_of: date
    level: float
    seed: int

    @property
    def models(self) -> tuple[str, ...]:
        return self.refitted.fit.models

    @cached_property
    def facts(self) -> dict[str, dict[str, Any]]:
        """Row of ``model_versions`` per model of the fit."""
        frame = self.tables["model_versions"]
        rows = {row["model_version"]: row for row in frame.iter_rows(named=True)}
        return {name: rows[name] for name in self.models}

    @cached_property
    def labs(self) -> tuple[str, ...]:
        """Cluster of each model; one of unknown laboratory is its own."""
        return tuple(self.facts[m]["lab"] or f"?{m}" for m in self.models)

    def rng(self, *names: object) -> np.random.Generator:
        """The generator of one part: the seed and the part's own name, nothing else."""
        return np.random.default_rng([self.seed, zlib.crc32("/".join(map(str, names)).encode())])

    def theta(self, cell: Cell) -> np.ndarray:
        """(n_draws, n_models) posterior abilities in a cell, logits."""
        return self.refitted.sample.theta(cell)

    def points_per_logit(self, domain: str) -> float | None:
        """Reported points per logit of a domain; ``None`` without a scale."""
        scale = self.refitted.sample.scale(domain)
        return None if scale is None else scale.points_per_logit


def latent(release: Release, *, draws: int, seed: int, options: Mapping[str, Any]) -> Latent:
    """Fit the release under a study's options.

    Parameters
    ----------
    release : Release
    draws : int
    seed : int
    options : mapping
        From :func:`options_of`.

    Raises
    ------
    EmptyTable
        No result passes the evidence filter.
    """
    tables = {name: release.table(name) for name in _TABLES}
    as_of = date.fromisoformat(options["as_of"])
    spec = Refit(
        "study",
        evidence=options["evidence"],
        # from data_through on all rows are used, those without a knowledge date too
        as_of=None if as_of >= release.data_through else as_of,
        stated_only=options["access_basis"] == "stated",
    )
    found = refit(tables, spec, draws=draws, seed=seed)
    return Latent(found, tables, as_of, float(options["level"]), seed)


def own_likelihoods(state: Latent, cell: Cell, draws: int) -> Likelihoods:
    """Likelihoods in coding, general and a part of cyber, each by its own results.

    For a stage every other stage is a cell of its own and left free; the headline takes the
    stages together.
    """
    cells: list[Cell] = [c for c in (("coding", None), ("general", None)) if state.refitted.has(c)]
    first = [*cells, cell] if cell not in cells else cells
    stages = [c for c in state.refitted.fit.cells if c[1] is not None and c != cell]
    whole: list[Cell] = [("cyber", None)] if state.refitted.has(("cyber", None)) else []
    others = stages if cell[1] is not None else [c for c in whole if c != cell]
    asked = [*first, *others]
    found = likelihoods(state.refitted.fit, asked, draws, rng=state.rng("likelihood", *cell))
    return found.restricted(first) if len(asked) > len(first) else found


#: The domains, then the stages of the cyber headline.
CELLS: tuple[Cell, ...] = (
    *((d, None) for d in DOMAINS),
    *(("cyber", s) for s in CYBER_HEADLINE_STAGES),
)
