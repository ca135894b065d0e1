"""Benchmarks near their ceiling: how much a score there tells, and how much rests on them."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl

from headway.estimate.capability import CapabilityFit
from headway.estimate.lag.effects.rows import EffectRow
from headway.result import Interval, Quantity
from headway.tables.schemas import DOMAINS

__all__ = ["CEILING_SHARE", "information", "information_profile", "saturated", "saturation_rows"]

#: A score is near the ceiling from this share of the range between chance and ceiling.
CEILING_SHARE = 0.90
#: Labs with a score there before a benchmark counts as saturated: one could be an outlier.
SATURATED_LABS = 2
_BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)


def _share() -> pl.Expr:
    return (pl.col("score") - pl.col("chance")) / (pl.col("ceiling") - pl.col("chance"))


def saturated(rows: pl.DataFrame) -> tuple[str, ...]:
    """Benchmarks on which models of at least two labs score at least 90 % of the range."""
    near = rows.filter((pl.col("unit") == "proportion") & (_share() >= CEILING_SHARE))
    labs = near.group_by("benchmark").agg(
        pl.col("lab").fill_null(pl.col("model_version")).n_unique().alias("labs")
    )
    return tuple(sorted(labs.filter(pl.col("labs") >= SATURATED_LABS)["benchmark"].to_list()))


def information(fit: CapabilityFit) -> np.ndarray:
    """(rows,) what each row tells about its model's ability, 1 / logits^2.

    Fisher information about the linear predictor times the squared discrimination.
    """
    laplace = fit.laplace
    a = np.exp(laplace.core_part("log_discrimination"))[laplace.design.benchmark]
    return np.asarray(laplace.information * a**2)


def _ratio(
    top: np.ndarray,
    bottom: np.ndarray,
    unit: str,
    n: int,
    level: float,
    reps: int,
    rng: np.random.Generator,
) -> Quantity:
    """Sum over benchmarks of ``top`` by that of ``bottom``; benchmarks are resampled."""
    count = len(top)
    weights = rng.multinomial(count, np.full(count, 1 / count), size=reps)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (weights @ top) / (weights @ bottom)
    found = found[np.isfinite(found)]
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    value = float(top.sum() / bottom.sum())
    interval = Interval(min(float(low), value), max(float(high), value), level, "bootstrap")
    return Quantity(value, unit, interval, n, count, "estimated")


def information_profile(fit: CapabilityFit) -> list[dict[str, float | int]]:
    """Mean information per score by share of the range, proportions with known trials only.

    Where trials are unknown the model gives every score of a benchmark one dispersion on the logit
    scale, and says nothing about the ceiling.
    """
    rows = fit.evidence.rows
    share = rows.select(_share().alias("s"))["s"].fill_null(np.nan).to_numpy()
    counted = fit.laplace.design.is_counted
    found = information(fit)
    out: list[dict[str, float | int]] = []
    for low, high in itertools.pairwise(_BINS):
        top = share <= high if high == 1.0 else share < high
        here = counted & (share >= low) & top
        if here.any():
            out.append(
                {
                    "low": low,
                    "high": high,
                    "n": int(here.sum()),
                    "information": float(found[here].mean()),
                }
            )
    return out


def saturation_rows(
    fit: CapabilityFit, *, level: float, reps: int, rng: np.random.Generator, least: int = 3
) -> list[EffectRow]:
    """Information near the ceiling against the middle, and the share that rests on saturated benchmarks."""
    rows = fit.evidence.rows
    found = information(fit)
    share = rows.select(_share().alias("s"))["s"].fill_null(np.nan).to_numpy()
    counted = fit.laplace.design.is_counted
    benchmark = fit.laplace.design.benchmark
    near = counted & (share >= CEILING_SHARE)
    middle = counted & (share >= 0.3) & (share <= 0.7)
    out = [
        EffectRow(
            "saturation",
            "information_near_ceiling",
            "counted",
            _two_means(found, near, middle, benchmark, level, reps, rng, least),
        )
    ]
    full = set(saturated(rows))
    is_full = np.array([b in full for b in fit.laplace.design.benchmarks])
    domain = rows["domain"].to_numpy()
    for name in DOMAINS:
        here = domain == name
        listed = np.unique(benchmark[here])
        if not len(listed):
            continue
        total = np.bincount(benchmark[here], found[here], minlength=len(is_full))[listed]
        top = total * is_full[listed]
        estimate = (
            _ratio(top, total, "proportion", int(here.sum()), level, reps, rng)
            if top.any()
            else Quantity(
                0.0,
                "proportion",
                None,
                int(here.sum()),
                len(listed),
                "estimated",
                ("none_of_rows",),
            )
        )
        out.append(
            EffectRow(
                "saturation",
                "evidence_from_saturated",
                "counted",
                estimate,
                domain=name,
                examples=tuple(
                    {"benchmark": fit.laplace.design.benchmarks[b]} for b in listed[is_full[listed]]
                ),
            )
        )
    return out


def _two_means(
    values: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    cluster: np.ndarray,
    level: float,
    reps: int,
    rng: np.random.Generator,
    least: int,
) -> Quantity:
    """Mean over ``first`` by mean over ``second``, benchmarks resampled."""
    touched = np.unique(cluster[first | second])
    n = int((first | second).sum())
    labs = len(np.unique(cluster[first]))
    if labs < least:
        return Quantity.not_estimable("ratio", f"few_benchmarks:{labs}<{least}", n=n)
    size = int(cluster.max()) + 1

    def sums(mask: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        got = np.bincount(cluster[mask], None if weight is None else weight[mask], minlength=size)
        return np.asarray(got[touched], dtype=float)

    parts = (sums(first, values), sums(first, None), sums(second, values), sums(second, None))
    weights = rng.multinomial(len(touched), np.full(len(touched), 1 / len(touched)), size=reps)
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b, c, d = (weights @ part for part in parts)
        found = (a / b) / (c / d)
    found = found[np.isfinite(found)]
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    a1, b1, c1, d1 = (part.sum() for part in parts)
    value = float((a1 / b1) / (c1 / d1))
    interval = Interval(min(float(low), value), max(float(high), value), level, "bootstrap")
    return Quantity(value, "ratio", interval, n, len(touched), "estimated")
