r"""Reliability: does a model that solves a task solve it every time?

From repeated runs of a task, *c* successes of *n*, the unbiased estimators are

.. math:: \mathrm{pass@}k = 1 - \binom{n-c}{k} / \binom{n}{k}, \qquad
          \mathrm{pass\hat{\ }}k = \binom{c}{k} / \binom{n}{k}

(Chen et al. 2021, arXiv:2107.03374; Yao et al. 2024, arXiv:2406.12045), averaged over tasks.

Where a publisher gives only the mean over attempts and the share solved in any of *k*, tasks are
taken to have success rates from one Beta distribution; the two numbers fix it, and pass^k follows for
any *k*. All models are compared at the same *k* (:data:`COMMON_K`).

The *spread between attempts* is the share of the variance of one outcome that attempts at the same
task differ by: 0 if a task is always or never solved, 1 if all tasks are equally likely to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import optimize, special

from headway.estimate.lag.effects.rows import EffectRow
from headway.result import Interval, Quantity

__all__ = [
    "COMMON_K",
    "PUBLISHED",
    "BetaTasks",
    "pass_at_k",
    "pass_hat_k",
    "reliability_rows",
    "tasks_from_moments",
]

#: Benchmarks told twice for the same runs: mean over attempts, and any of k attempts.
PUBLISHED: Mapping[str, tuple[str, int]] = {
    "webexploitbench-l0": ("webexploitbench-l0-any3", 3),
    "postexploitbench-l0": ("postexploitbench-l0-any3", 3),
    "cybergym-level1": ("cybergym-level1-pass30", 30),
    "hptsa-zero-day": ("hptsa-zero-day-pass5", 5),
    "one-day-uiuc": ("one-day-uiuc-pass5", 5),
}
#: Attempts at which reliability is compared.
COMMON_K = 3


def pass_at_k(n: np.ndarray, c: np.ndarray, k: int) -> np.ndarray:
    """Chance that at least one of ``k`` attempts succeeds; unbiased for ``n >= k`` attempts.

    Examples
    --------
    >>> pass_at_k(np.array([4]), np.array([1]), 2)
    array([0.5])
    """
    assert (n >= k).all(), "pass@k needs at least k attempts"
    return np.asarray(1.0 - special.binom(n - c, k) / special.binom(n, k))


def pass_hat_k(n: np.ndarray, c: np.ndarray, k: int) -> np.ndarray:
    """Chance that all of ``k`` attempts succeed; unbiased for ``n >= k`` attempts.

    Examples
    --------
    >>> pass_hat_k(np.array([4]), np.array([3]), 2)
    array([0.5])
    """
    assert (n >= k).all(), "pass^k needs at least k attempts"
    return np.asarray(special.binom(c, k) / special.binom(n, k))


@dataclass(frozen=True, slots=True)
class BetaTasks:
    """Success rates of tasks: Beta(``mean * size``, ``(1 - mean) * size``)."""

    mean: float
    size: float

    @property
    def between_attempts(self) -> float:
        """Share of one outcome's variance within tasks: ``size / (size + 1)``."""
        return self.size / (self.size + 1.0)

    def any_of(self, k: int) -> float:
        """pass@k."""
        return 1.0 - _all_of((1 - self.mean) * self.size, self.size, k)

    def all_of(self, k: int) -> float:
        """pass^k."""
        return _all_of(self.mean * self.size, self.size, k)


def _all_of(shape: float, size: float, k: int) -> float:
    """k-th moment of a Beta with this first shape and total size."""
    steps = np.arange(k)
    return float(np.prod((shape + steps) / (size + steps)))


def tasks_from_moments(mean: float, any_of_k: float, k: int) -> BetaTasks | None:
    """The Beta whose mean and pass@k are the published ones.

    Parameters
    ----------
    mean : float
        Mean success rate, 0 to 1, both excluded.
    any_of_k : float
        Share solved in any of ``k`` attempts.
    k : int

    Returns
    -------
    BetaTasks or None
        ``None`` where no distribution has these numbers: ``mean <= any_of_k <= 1 - (1-mean)^k``
        (rounding, or another set of attempts, can leave that range).
    """
    if not 0 < mean < 1 or not mean < any_of_k < 1 - (1 - mean) ** k:
        return None

    def miss(log_size: float) -> float:
        return BetaTasks(mean, float(np.exp(log_size))).any_of(k) - any_of_k

    ends = (-14.0, 14.0)
    if miss(ends[0]) > 0 or miss(ends[1]) < 0:
        return None
    return BetaTasks(mean, float(np.exp(optimize.brentq(miss, *ends))))


def _published(scores: pl.DataFrame, model_versions: pl.DataFrame) -> pl.DataFrame:
    """Models with a mean and an any-of-k figure of the same panel and scaffold, and what follows."""
    told = scores.filter(
        (pl.col("unit") == "proportion")
        & pl.col("use").cast(pl.String).is_in(["fit", "index", "not_comparable"])
    )
    out = []
    for first, (second, k) in PUBLISHED.items():
        mean = told.filter(pl.col("benchmark") == first)
        best = told.filter(pl.col("benchmark") == second)
        pairs = mean.join(
            best.select("model_version", "evaluator", "scaffold", pl.col("score").alias("any")),
            on=["model_version", "evaluator", "scaffold"],
            nulls_equal=True,
        )
        for row in pairs.sort("model_version").to_dicts():
            found = tasks_from_moments(row["score"], row["any"], k)
            out.append(
                {
                    "model_version": row["model_version"],
                    "benchmark": first,
                    "k": k,
                    "mean": row["score"],
                    "any": row["any"],
                    "all": None if found is None else found.all_of(k),
                    **_common(found),
                    "source_url": row["source_url"],
                }
            )
    return _with_class(pl.DataFrame(out, schema=_SCHEMA), model_versions)


_SCHEMA = {
    "model_version": pl.String(),
    "benchmark": pl.String(),
    "k": pl.Int64(),
    "mean": pl.Float64(),
    "any": pl.Float64(),
    "all": pl.Float64(),
    "reliability": pl.Float64(),
    "between": pl.Float64(),
    "source_url": pl.String(),
}


def _common(found: BetaTasks | None) -> dict[str, float | None]:
    """pass^k by pass@k at the common k, and the spread between attempts."""
    if found is None:
        return {"reliability": None, "between": None}
    ratio = found.all_of(COMMON_K) / found.any_of(COMMON_K)
    return {"reliability": ratio, "between": found.between_attempts}


def _with_class(frame: pl.DataFrame, model_versions: pl.DataFrame) -> pl.DataFrame:
    known = model_versions.select(
        "model_version",
        "lab",
        pl.when(pl.col("open_weight"))
        .then(pl.lit("open"))
        .when(~pl.col("open_weight"))
        .then(pl.lit("closed"))
        .alias("access_class"),
    )
    return frame.join(known, on="model_version", how="left", maintain_order="left")


def _repeated(
    task_runs: pl.DataFrame, model_versions: pl.DataFrame, least_tasks: int
) -> pl.DataFrame:
    """Models with at least two runs on enough tasks: pass@2, pass^2 and the spread."""
    by = ["model_version", "benchmark", "scaffold", "task_id"]
    tasks = (
        task_runs.group_by(by)
        .agg(pl.len().alias("n"), pl.col("success").sum().alias("c"), pl.col("source_url").first())
        .filter(pl.col("n") >= 2)
        .sort(by, nulls_last=True)
    )
    out = []
    for (model, benchmark, _), part in tasks.group_by(by[:3], maintain_order=True):
        if len(part) < least_tasks:
            continue
        n, c = part["n"].to_numpy().astype(float), part["c"].to_numpy().astype(float)
        mean = float((c / n).mean())
        any_of_2 = float(pass_at_k(n, c, 2).mean())
        out.append(
            {
                "model_version": model,
                "benchmark": benchmark,
                "k": 2,
                "mean": mean,
                "any": any_of_2,
                "all": float(pass_hat_k(n, c, 2).mean()),
                # the unbiased mean and pass@2 fix the Beta as published figures do
                **_common(tasks_from_moments(mean, any_of_2, 2)),
                "source_url": part["source_url"][0],
            }
        )
    return _with_class(pl.DataFrame(out, schema=_SCHEMA), model_versions)


def reliability_rows(
    scores: pl.DataFrame,
    task_runs: pl.DataFrame,
    model_versions: pl.DataFrame,
    *,
    level: float,
    reps: int,
    rng: np.random.Generator,
    least_tasks: int = 10,
    least_models: int = 3,
) -> list[EffectRow]:
    """Reliability (pass^k by pass@k) and spread between attempts, per class, and their difference.

    Each model counts once per benchmark; models are resampled. Models that never succeed have no
    reliability and take no part.
    """
    found = pl.concat(
        [_published(scores, model_versions), _repeated(task_runs, model_versions, least_tasks)]
    )
    usable = found.filter(pl.col("between").is_not_null() & pl.col("access_class").is_not_null())
    shared = usable.filter(pl.col("access_class").n_unique().over("benchmark") == 2)
    out = []
    for measure, column in (("all_by_any", "reliability"), ("between_attempts", "between")):
        for kind in ("open", "closed"):
            part = usable.filter(pl.col("access_class") == kind)
            out.append(
                EffectRow(
                    "reliability",
                    measure,
                    "counted",
                    _class_mean(part, column, level, reps, rng, least_models),
                    access_class=kind,
                    examples=tuple(_example(row) for row in part.to_dicts()),
                )
            )
        out.append(
            EffectRow(
                "reliability",
                f"{measure}_open_less_closed",
                "counted",
                _difference(shared, column, level, reps, rng, least_models),
            )
        )
    return out


def _example(row: Mapping[str, object]) -> dict[str, object]:
    wanted = ("benchmark", "k", "mean", "any", "all", "between", "source_url")
    return {"model": row["model_version"], **{name: row[name] for name in wanted}}


def _class_mean(
    part: pl.DataFrame, column: str, level: float, reps: int, rng: np.random.Generator, least: int
) -> Quantity:
    """Mean over models and benchmarks, models resampled."""
    models = part["model_version"].n_unique()
    if models < least:
        note = f"few_models:{models}<{least}"
        return Quantity.not_estimable("proportion", note, n=len(part))
    code = np.unique(part["model_version"].to_numpy(), return_inverse=True)[1]
    values = part[column].to_numpy()
    sums, sizes = np.bincount(code, values), np.bincount(code)
    drawn = rng.multinomial(models, np.full(models, 1 / models), size=reps)
    means = (drawn @ sums) / (drawn @ sizes)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    value = float(values.mean())
    interval = Interval(min(float(low), value), max(float(high), value), level, "bootstrap")
    return Quantity(value, "proportion", interval, len(part), models, "estimated")


def _difference(
    shared: pl.DataFrame, column: str, level: float, reps: int, rng: np.random.Generator, least: int
) -> Quantity:
    """Open less closed within benchmarks that both classes have; models resampled by class."""
    kinds = {k: shared.filter(pl.col("access_class") == k) for k in ("open", "closed")}
    for kind, part in kinds.items():
        models = part["model_version"].n_unique()
        if models < least:
            note = f"too_few_{kind}:{models}<{least}"
            return Quantity.not_estimable("proportion", note, n=len(shared))
    names = sorted(shared["benchmark"].unique().to_list())
    values: dict[str, np.ndarray] = {}
    replicates: dict[str, np.ndarray] = {}
    for kind, part in kinds.items():
        listed, code = np.unique(part["model_version"].to_numpy(), return_inverse=True)
        place = np.array([names.index(b) for b in part["benchmark"]])
        sums = np.zeros((len(listed), len(names)))
        sizes = np.zeros((len(listed), len(names)))
        np.add.at(sums, (code, place), part[column].to_numpy())
        np.add.at(sizes, (code, place), 1.0)
        values[kind] = sums.sum(axis=0) / sizes.sum(axis=0)
        drawn = rng.multinomial(len(listed), np.full(len(listed), 1 / len(listed)), size=reps)
        with np.errstate(invalid="ignore"):
            replicates[kind] = (drawn @ sums) / (drawn @ sizes)
    delta = replicates["open"] - replicates["closed"]
    found = np.nanmean(delta[~np.isnan(delta).all(axis=1)], axis=1)
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    value = float((values["open"] - values["closed"]).mean())
    return Quantity(
        value,
        "proportion",
        Interval(min(float(low), value), max(float(high), value), level, "bootstrap"),
        len(shared),
        shared["model_version"].n_unique(),
        "estimated",
    )
