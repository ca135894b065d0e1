"""Freshness, distillation and task kind without an ability model: two-way fixed effects."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from headway.estimate.lag.effects.rows import EffectRow, at_half
from headway.estimate.lag.effects.twoway import logit_rows, two_way
from headway.result import Quantity

__all__ = ["LEAST_MODELS", "comparable", "matched_rows"]

#: Models on a benchmark below which its level and steepness leave nothing to compare.
LEAST_MODELS = 8


def comparable(rows: pl.DataFrame, ability: pl.DataFrame) -> pl.DataFrame:
    """Proportion rows on benchmarks of enough models, with ``y`` and the model's ability.

    Parameters
    ----------
    rows : frame
        Evidence rows.
    ability : frame
        ``model_version, domain, ability``: posterior means of the main fit.
    """
    told = logit_rows(rows).join(
        ability, on=["model_version", "domain"], how="inner", maintain_order="left"
    )
    enough = pl.col("model_version").n_unique().over("benchmark") >= LEAST_MODELS
    return told.filter(enough).with_columns(pl.col("lab").fill_null(pl.col("model_version")))


def matched_rows(
    rows: pl.DataFrame,
    ability: pl.DataFrame,
    effect: str,
    terms: Sequence[tuple[str, str]],
    *,
    domain: str | None,
    level: float,
    reps: int,
    rng: np.random.Generator,
    controls: Sequence[str] = (),
) -> list[EffectRow]:
    """Coefficients of ``x_*`` columns with every model and benchmark compared with itself.

    Parameters
    ----------
    rows : frame
        Evidence rows with the columns.
    ability : frame
        See :func:`comparable`.
    effect : str
    terms : sequence of (column, measure)
    domain : str or None
        Only rows of this domain.
    controls : sequence of str
        Columns that are held but not shown.

    Returns
    -------
    list of EffectRow
        ``not_estimable`` with ``no_such_rows`` where a column does not exist (it was 0 on all rows).
    """
    told = comparable(rows if domain is None else rows.filter(pl.col("domain") == domain), ability)
    present = [c for c in (*(name for name, _ in terms), *controls) if c in told.columns]
    present = [c for c in present if (told[c] != 0).any()]
    found = None
    if present:
        found = two_way(
            told["y"].to_numpy(),
            (told["model_version"] + "/" + told["domain"]).to_list(),
            told["benchmark"].to_list(),
            told.select(present).to_numpy(),
            present,
            told["lab"].to_list(),
            slopes=told["ability"].to_numpy(),
            reps=reps,
            rng=rng,
        )
    out = []
    for name, measure in terms:
        if found is None or name not in found.names:
            estimate = Quantity.not_estimable("logits", "no_such_rows")
        else:
            estimate = found.quantity(name, level=level)
        out.append(
            EffectRow(effect, measure, "matched", estimate, domain=domain, points=at_half(estimate))
        )
    return out
