"""The headline lag of any set of tables, for comparisons between choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl

from headway.estimate.capability import Priors, fit_capability, select_evidence
from headway.estimate.capability.design import Cell
from headway.estimate.lag import LagRow, entrants_from_access, lag_rows
from headway.result import Quantity

__all__ = ["headline_lags"]


def headline_lags(
    tables: Mapping[str, pl.DataFrame],
    cells: Sequence[Cell],
    *,
    as_of: date,
    priors: Priors | None = None,
    level: float = 0.90,
    draws: int = 600,
    seed: int,
) -> list[LagRow]:
    """``lag_mean_12m`` against the public closed frontier, measurement interval only.

    Parameters
    ----------
    tables : mapping
        ``scores``, ``benchmarks``, ``model_versions`` and ``access`` of a release.
    cells : sequence of (domain, stage)
    as_of : date
    priors : Priors, optional
    level, draws, seed

    Returns
    -------
    list of LagRow
        One per cell; ``not_estimable`` rows say what is missing.
    """
    evidence = select_evidence(tables["scores"], tables["benchmarks"], tables["model_versions"])
    fit = fit_capability(evidence, priors=priors)
    sample = fit.sample(draws, np.random.default_rng(seed))
    out = []
    for cell in cells:
        domain, stage = cell
        if cell not in fit.cells:
            missing = Quantity.not_estimable("months", "no_open_models", "no_closed_models")
            out.append(LagRow(domain, stage, "lag_mean_12m", "public", "all", as_of, missing))
            continue
        theta = sample.theta(cell)
        informative = sample.summary(cell, theta)["informative"].to_numpy()
        entrants = entrants_from_access(
            tables["access"], tables["model_versions"], fit.models, theta, informative
        )
        estimable, notes = sample.estimable(
            cell,
            informative,
            np.isfinite(entrants.open_from),
            np.isfinite(entrants.closed_public_from),
        )
        (row,) = lag_rows(
            entrants,
            definitions=("lag_mean_12m",),
            domain=domain,
            stage=stage,
            as_of=as_of,
            level=level,
            rng=np.random.default_rng(seed),
            process_reps=0,
        )
        if not estimable:
            row = replace(row, lag=Quantity.not_estimable("months", *notes))
        out.append(row)
    return out
