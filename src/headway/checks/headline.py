"""The headline lag of any set of tables, for comparisons between choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date

import numpy as np
import polars as pl

from headway.checks.refits import Refit, Refitted, refit
from headway.estimate.capability import CapabilityFit, Priors
from headway.estimate.capability.design import Cell
from headway.estimate.lag import LagRow, lag_rows
from headway.result import Quantity

__all__ = ["headline_lags", "headline_rows"]


def headline_rows(
    found: Refitted,
    cells: Sequence[Cell],
    *,
    as_of: date,
    level: float = 0.90,
    seed: int,
) -> list[LagRow]:
    """``lag_mean_12m`` against the public closed frontier, measurement interval only.

    Parameters
    ----------
    found : Refitted
    cells : sequence of (domain, stage)
    as_of : date
        End of the window.
    level, seed

    Returns
    -------
    list of LagRow
        One per cell, in order; ``not_estimable`` rows say what is missing.
    """
    out = []
    for cell in cells:
        domain, stage = cell
        evidence = found.spec.evidence
        missing = found.missing(cell)
        if not found.has(cell):
            lag = Quantity.not_estimable("months", *missing)
            out.append(LagRow(domain, stage, "lag_mean_12m", "public", evidence, as_of, lag))
            continue
        (row,) = lag_rows(
            found.entrants(cell),
            definitions=("lag_mean_12m",),
            domain=domain,
            stage=stage,
            evidence=evidence,
            as_of=as_of,
            level=level,
            rng=np.random.default_rng(seed),
            process_reps=0,
        )
        if missing:
            row = replace(row, lag=Quantity.not_estimable("months", *missing))
        out.append(row)
    return out


def headline_lags(
    tables: Mapping[str, pl.DataFrame],
    cells: Sequence[Cell],
    *,
    as_of: date,
    priors: Priors | None = None,
    level: float = 0.90,
    draws: int = 600,
    seed: int,
    start: CapabilityFit | None = None,
) -> list[LagRow]:
    """:func:`headline_rows` of all scores of a release, under given priors.

    Parameters
    ----------
    tables : mapping
        ``scores``, ``benchmarks``, ``model_versions`` and ``access`` of a release.
    cells : sequence of (domain, stage)
    as_of : date
    priors : Priors, optional
    level, draws, seed
    start : CapabilityFit, optional
        Warm start.

    Returns
    -------
    list of LagRow
    """
    spec = Refit("headline", priors={} if priors is None else asdict(priors))
    found = refit(tables, spec, start=start, draws=draws, seed=seed)
    return headline_rows(found, cells, as_of=as_of, level=level, seed=seed)
