"""Worlds with the real data's gaps in which the size of every effect is known.

What was measured, by whom and when stays. Abilities are a posterior draw, items stand at their modes;
set-ups, scaffolds, a model's luck on a benchmark family, and scores are drawn anew (their modes
have absorbed some of the very effects that are looked for). An effect that the main fit has keeps
its size; any other is 0. What a fit with more columns makes of such worlds is its bias.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from headway.estimate.capability import CapabilityFit, Evidence
from headway.estimate.capability.model import ELO_PER_LOGIT
from headway.estimate.lag.effects.terms import row_cells

__all__ = ["simulate_scores"]


def simulate_scores(
    fit: CapabilityFit, rng: np.random.Generator, added: np.ndarray | None = None
) -> Evidence:
    """The evidence of ``fit`` with scores drawn from its own model.

    Parameters
    ----------
    fit : CapabilityFit
    rng : Generator
    added : array (rows,), optional
        Logits added to each row's linear predictor: an effect of known size.

    Returns
    -------
    Evidence
        The same rows with new ``score`` and ``value`` (proportions to three digits where trials are
        unknown, as a publisher prints them).
    """
    laplace = fit.laplace
    design, scales = laplace.design, laplace.scales
    sample = fit.sample(1, rng)
    a = np.exp(laplace.core_part("log_discrimination"))[design.benchmark]
    theta = np.zeros(len(laplace.eta))
    for cell, here in row_cells(laplace):
        theta[here] = sample.raw.cell(cell)[0][design.model[here]]
    eta = a * (theta - laplace.core_part("difficulty")[design.benchmark])
    eta += design.x @ laplace.core_part("beta")
    for place, size, scale in (
        (design.setup, len(design.setups), scales.setup),
        (design.scaffold, len(design.scaffolds), scales.scaffold),
        (design.family, len(design.families), None),
    ):
        sd = scales.family[design.family_kind] if scale is None else scale
        effect = rng.standard_normal(size) * sd
        has = place >= 0
        eta[has] += effect[place[has]]
    if added is not None:
        eta = eta + added
    rows_count = len(eta)
    link = eta + rng.standard_normal(rows_count) * np.sqrt(
        scales.noise[design.benchmark] ** 2 + design.known_variance
    )
    told = np.round(design.floor + design.span / (1 + np.exp(-link)), 3)
    mean = np.clip(design.floor + design.span / (1 + np.exp(-eta)), 1e-6, 1 - 1e-6)
    rho = scales.rho[design.benchmark]
    phi = (1 - rho) / rho
    chance = rng.beta(np.maximum(mean * phi, 1e-6), np.maximum((1 - mean) * phi, 1e-6))
    hits = rng.binomial(np.maximum(design.n, 1).astype(np.int64), chance) / np.maximum(design.n, 1)
    rows = fit.evidence.rows
    unit = np.array(rows["unit"].cast(pl.String).to_list())
    proportion = unit == "proportion"
    shown = np.where(design.is_counted, hits, told)
    value = np.where(proportion, shown, np.where(unit == "elo", link * ELO_PER_LOGIT, np.exp(link)))
    score = [float(s) if p else None for s, p in zip(shown, proportion, strict=True)]
    return replace(
        fit.evidence,
        rows=rows.with_columns(
            pl.Series("score", score, dtype=pl.Float64), pl.Series("value", value)
        ),
    )
