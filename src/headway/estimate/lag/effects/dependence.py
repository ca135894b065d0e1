r"""How much of what is known about a model comes from its developer alone.

The weight of a row is what it tells about its model's ability when the set-up it was run in is not
known exactly: :math:`a_b^2 / (1/I_i + \sigma_{setup}^2 + \sigma_{scaffold}^2)`. A thousand items in
one set-up are not a thousand independent witnesses.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from headway.estimate.capability import CapabilityFit
from headway.estimate.lag.effects.rows import EffectRow
from headway.result import Interval, Quantity

__all__ = ["dependence_rows", "weights"]

#: Whose word counts: the developer's, or that of anybody with a model of their own in the race.
_WHO: dict[str, tuple[str, ...]] = {
    "developer_alone": ("first_party",),
    "developer_or_rival": ("first_party", "competitor"),
}


def weights(fit: CapabilityFit) -> np.ndarray:
    """(rows,) information about ability, set-up and scaffold unknown."""
    laplace = fit.laplace
    a = np.exp(laplace.core_part("log_discrimination"))[laplace.design.benchmark]
    information = np.maximum(laplace.information, 1e-12)
    extra = laplace.scales.setup**2 + laplace.scales.scaffold**2 * (laplace.design.scaffold >= 0)
    return np.asarray(a**2 / (1.0 / information + extra))


def dependence_rows(
    fit: CapabilityFit,
    frontier: Sequence[tuple[str, str, str]],
    *,
    level: float,
    reps: int,
    rng: np.random.Generator,
    least_rows: int = 3,
) -> list[EffectRow]:
    """Share of the weight that the developer told, per frontier model and domain, and per class.

    A second measure counts rivals' figures too: what is left of it is independent.

    Parameters
    ----------
    fit : CapabilityFit
    frontier : sequence of (model, domain, class)
        Models that set a record in the domain.
    level, reps, rng
        A model's interval resamples its benchmarks; a class's resamples its labs' models.
    least_rows : int
        Fewer rows of a model in the domain: ``not_estimable``.
    """
    rows = fit.evidence.rows.with_columns(pl.Series("_weight", weights(fit)))
    out = []
    for measure, who in _WHO.items():
        told = rows.with_columns(pl.col("evaluator_relationship").is_in(list(who)).alias("_own"))
        per_class: dict[tuple[str, str], list[tuple[str, float]]] = {}
        for model, domain, kind in frontier:
            part = told.filter((pl.col("model_version") == model) & (pl.col("domain") == domain))
            share = _share(part, level, reps, rng, least_rows)
            out.append(
                EffectRow(
                    "dependence",
                    measure,
                    "counted",
                    share,
                    domain=domain,
                    access_class=kind,
                    model=model,
                )
            )
            if share.value is not None:
                lab = str(part["lab"][0] or model)
                per_class.setdefault((domain, kind), []).append((lab, share.value))
        for (domain, kind), found in per_class.items():
            out.append(
                EffectRow(
                    "dependence",
                    f"{measure}_mean",
                    "counted",
                    _mean(found, level, reps, rng),
                    domain=domain,
                    access_class=kind,
                )
            )
    return out


def _share(
    part: pl.DataFrame, level: float, reps: int, rng: np.random.Generator, least: int
) -> Quantity:
    if len(part) < least:
        note = f"few_rows:{len(part)}<{least}"
        return Quantity.not_estimable("proportion", note, n=len(part))
    code = np.unique(part["benchmark"].to_numpy(), return_inverse=True)[1]
    total = np.bincount(code, part["_weight"].to_numpy())
    own = np.bincount(code, part["_weight"].to_numpy() * part["_own"].to_numpy())
    count = len(total)
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=reps)
    found = (drawn @ own) / (drawn @ total)
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    value = float(own.sum() / total.sum())
    if not own.any() or (own == total).all():
        # nothing varies: a count, which resampling cannot put an interval on
        note = "none_of_rows" if not own.any() else "all_of_rows"
        return Quantity(
            float(own.any()), "proportion", None, len(part), count, "estimated", (note,)
        )
    interval = Interval(min(float(low), value), max(float(high), value), level, "bootstrap")
    return Quantity(value, "proportion", interval, len(part), count, "estimated")


def _mean(
    found: Sequence[tuple[str, float]], level: float, reps: int, rng: np.random.Generator
) -> Quantity:
    """Mean over models, labs resampled."""
    code = np.unique([lab for lab, _ in found], return_inverse=True)[1]
    values = np.array([share for _, share in found])
    count = int(code.max()) + 1
    if not values.any():
        return Quantity(0.0, "proportion", None, len(values), count, "estimated", ("none_of_rows",))
    if count < 2:
        return Quantity.not_estimable("proportion", f"few_labs:{count}<2", n=len(values))
    sums, sizes = np.bincount(code, values), np.bincount(code)
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=reps)
    means = (drawn @ sums) / (drawn @ sizes)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    value = float(values.mean())
    interval = Interval(min(float(low), value), max(float(high), value), level, "bootstrap")
    return Quantity(value, "proportion", interval, len(values), count, "estimated")
