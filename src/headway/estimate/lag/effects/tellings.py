"""Several tellings of one score: the same model on the same benchmark, told more than once.

Who told it, with which scaffold, with which version of the harness. Rows marked as copies of
another row never count as a second telling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from headway.estimate.lag.effects.rows import EffectRow, at_half
from headway.estimate.lag.effects.twoway import LOGIT_BOUND, logit_rows
from headway.result import Interval, Quantity
from headway.tables.schemas import INDEPENDENT

__all__ = [
    "KINDS",
    "SAME_ITEMS",
    "matched_inflation",
    "spread",
    "telling_pairs",
    "version_pairs",
]

#: Versions of one benchmark with the same tasks that the tables keep apart because the time limit
#: or the set-up differs or is not stated: two tellings of one benchmark to a reader.
SAME_ITEMS: Mapping[str, tuple[str, ...]] = {
    "exploitgym": (
        "exploitgym-v0",
        "exploitgym-v1",
        "exploitgym-2h",
        "exploitgym-6h",
        "exploitgym-vendor",
    ),
}
#: What differs between two tellings: the first that applies.
KINDS = ("evaluator", "scaffold", "harness")
_PAIRS: Mapping[str, tuple[str, str]] = {
    "first_party": ("first_party", "independent"),
    "competitor": ("competitor", "independent"),
    "first_party_less_competitor": ("first_party", "competitor"),
}


def telling_pairs(rows: pl.DataFrame) -> pl.DataFrame:
    """All pairs of tellings of one (model, benchmark).

    Parameters
    ----------
    rows : frame
        Evidence rows (:func:`~headway.estimate.capability.select_evidence`).

    Returns
    -------
    frame
        ``model_version, lab, domain, benchmark, kind`` (what differs), ``first, second``
        (relationship, independent ones pooled), ``delta`` (logits), ``delta_share`` (of the range),
        ``noise`` (sampling variance of ``delta`` in logits, 0 where n is unknown), ``a, b`` (score
        ids). ``delta`` is first less second; the order of two tellings of one kind is that of
        their ids.
    """
    told = logit_rows(rows).with_columns(
        pl.when(pl.col("evaluator_relationship").is_in(list(INDEPENDENT)))
        .then(pl.lit("independent"))
        .otherwise(pl.col("evaluator_relationship"))
        .alias("who")
    )
    # effort must agree where both state one: another effort is another model setting
    key = ["model_version", "benchmark"]
    many = told.filter(pl.len().over(key) > 1).sort("score_id")
    order = {"first_party": 0, "competitor": 1, "independent": 2}
    out: list[dict[str, Any]] = []
    for (model, benchmark), part in many.group_by(key, maintain_order=True):
        for a, b in combinations(part.to_dicts(), 2):
            if a["effort"] and b["effort"] and a["effort"] != b["effort"]:
                continue
            if (a["attempts"] or 1) != (b["attempts"] or 1):
                continue
            if order.get(a["who"], 3) > order.get(b["who"], 3):
                a, b = b, a
            if (a["evaluator"] or a["panel"]) != (b["evaluator"] or b["panel"]):
                kind = "evaluator"
            elif a["scaffold"] != b["scaffold"]:
                kind = "scaffold"
            else:
                kind = "harness"
            out.append(
                {
                    "model_version": model,
                    "lab": a["lab"] or model,
                    "domain": a["domain"],
                    "benchmark": benchmark,
                    "kind": kind,
                    "first": a["who"],
                    "second": b["who"],
                    "delta": a["y"] - b["y"],
                    "delta_share": a["share"] - b["share"],
                    "noise": _noise(a) + _noise(b),
                    "a": a["score_id"],
                    "b": b["score_id"],
                }
            )
    text, number = pl.String(), pl.Float64()
    return pl.DataFrame(
        out,
        schema={
            **dict.fromkeys(
                ("model_version", "lab", "domain", "benchmark", "kind", "first", "second"), text
            ),
            **dict.fromkeys(("delta", "delta_share", "noise"), number),
            "a": text,
            "b": text,
        },
    )


def _noise(row: Mapping[str, Any]) -> float:
    """Sampling variance of a logit by the delta method; 0 where trials are unknown."""
    p = min(max(row["share"], 0.02), 0.98)
    if row["stderr"]:
        return float((row["stderr"] / (p * (1 - p))) ** 2)
    return 1.0 / (row["n"] * p * (1 - p)) if row["n"] else 0.0


def _clusters(pairs: pl.DataFrame, by: str) -> tuple[np.ndarray, int]:
    code = np.unique(pairs[by].to_numpy(), return_inverse=True)[1] if len(pairs) else np.zeros(0)
    return np.asarray(code, dtype=np.int64), int(code.max()) + 1 if len(pairs) else 0


def matched_inflation(
    rows: pl.DataFrame,
    pairs: pl.DataFrame,
    *,
    level: float,
    reps: int,
    rng: np.random.Generator,
    least_pairs: int = 5,
    least_labs: int = 3,
) -> list[EffectRow]:
    """Mean difference between tellings by the developer, a rival, and an independent evaluator.

    Each (model, benchmark) counts once, with the mean of its pairs; labs are resampled.
    """
    out = []
    domains: tuple[str | None, ...] = (None, "cyber", "coding", "general")
    for measure, (first, second) in _PAIRS.items():
        chosen = pairs.filter((pl.col("first") == first) & (pl.col("second") == second))
        once = chosen.group_by("model_version", "benchmark", maintain_order=True).agg(
            pl.col("lab").first(), pl.col("domain").first(), pl.col("delta", "delta_share").mean()
        )
        for domain in domains:
            part = once if domain is None else once.filter(pl.col("domain") == domain)
            code, count = _clusters(part, "lab")
            estimate = _mean(part["delta"].to_numpy(), code, count, level, reps, rng)
            if len(part) < least_pairs or count < least_labs:
                note = (
                    f"few_pairs:{len(part)}<{least_pairs}"
                    if len(part) < least_pairs
                    else f"few_labs:{count}<{least_labs}"
                )
                estimate = Quantity.not_estimable("logits", note, n=len(part), n_clusters=count)
            wanted = chosen if domain is None else chosen.filter(pl.col("domain") == domain)
            out.append(
                EffectRow(
                    "inflation",
                    measure,
                    "matched",
                    estimate,
                    domain=domain,
                    points=at_half(estimate),
                    examples=_examples(rows, wanted, 3),
                )
            )
    return out


def _mean(
    values: np.ndarray,
    code: np.ndarray,
    count: int,
    level: float,
    reps: int,
    rng: np.random.Generator,
) -> Quantity:
    """Mean with a cluster bootstrap."""
    if not len(values):
        return Quantity.not_estimable("logits", "no_such_rows")
    sums, sizes = np.bincount(code, values), np.bincount(code)
    weights = rng.multinomial(count, np.full(count, 1 / count), size=reps)
    found = (weights @ sums) / (weights @ sizes)
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    value = float(values.mean())
    interval = Interval(min(float(low), value), max(float(high), value), level, "bootstrap")
    return Quantity(value, "logits", interval, len(values), count, "estimated")


def spread(
    rows: pl.DataFrame,
    scores: pl.DataFrame,
    pairs: pl.DataFrame,
    *,
    level: float,
    reps: int,
    rng: np.random.Generator,
    least_pairs: int = 5,
    shown: int = 8,
) -> list[EffectRow]:
    """Standard deviation of one telling, by what differs, sampling error removed.

    Half the mean squared difference of two tellings is the variance of one; the part that the
    number of trials explains is taken off. Models are resampled. Shown in logits, and in points of
    the score as told. ``sd_version`` compares versions of one benchmark with the same tasks
    (:data:`SAME_ITEMS`), whose time limits and set-ups differ or are not stated.
    """
    out = []
    versions = version_pairs(scores)
    for kind in (*KINDS, "version"):
        part = versions if kind == "version" else pairs.filter(pl.col("kind") == kind)
        code, count = _clusters(part, "model_version")
        estimate = points = Quantity.not_estimable(
            "logits", f"few_pairs:{len(part)}<{least_pairs}", n=len(part), n_clusters=count
        )
        if len(part) >= least_pairs:
            excess = (part["delta"].to_numpy() ** 2 - part["noise"].to_numpy()) / 2
            share = part["delta_share"].to_numpy() ** 2 / 2 * 1e4
            estimate = _root_mean(excess, code, count, "logits", level, reps, rng)
            points = _root_mean(share, code, count, "points", level, reps, rng)
        else:
            points = Quantity.not_estimable("points", *estimate.notes, n=len(part))
        table = scores if kind == "version" else rows
        out.append(
            EffectRow(
                "tellings",
                f"sd_{kind}",
                "counted",
                estimate,
                points=points,
                examples=_examples(table, part, shown),
            )
        )
    return out


def _root_mean(
    squares: np.ndarray,
    code: np.ndarray,
    count: int,
    unit: str,
    level: float,
    reps: int,
    rng: np.random.Generator,
) -> Quantity:
    sums, sizes = np.bincount(code, squares), np.bincount(code)
    weights = rng.multinomial(count, np.full(count, 1 / count), size=reps)
    found = np.sqrt(np.maximum((weights @ sums) / (weights @ sizes), 0.0))
    value = float(np.sqrt(max(squares.mean(), 0.0)))
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    interval = Interval(min(float(low), value), max(float(high), value), level, "bootstrap")
    return Quantity(value, unit, interval, len(squares), count, "estimated")


def _examples(rows: pl.DataFrame, pairs: pl.DataFrame, count: int) -> tuple[dict[str, Any], ...]:
    """The pairs with the largest difference in the score as told."""
    order = pairs.sort(pl.col("delta_share").abs(), descending=True, maintain_order=True).head(
        count
    )
    told = {
        r["score_id"]: r
        for r in rows.filter(
            pl.col("score_id").is_in([*order["a"].to_list(), *order["b"].to_list()])
        ).to_dicts()
    }
    return tuple(
        {
            "model": pair["model_version"],
            "benchmark": pair["benchmark"],
            "kind": pair["kind"],
            "tellings": [_telling(told[pair["a"]]), _telling(told[pair["b"]])],
        }
        for pair in order.to_dicts()
    )


def _telling(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "score": row["score"],
        "benchmark": row["benchmark"],
        "evaluator": row["evaluator"],
        "relationship": row["evaluator_relationship"],
        "scaffold": row["scaffold"],
        "effort": row["effort"],
        "n": row["n"],
        "source_url": row["source_url"],
    }


def version_pairs(
    scores: pl.DataFrame, families: Mapping[str, Sequence[str]] = SAME_ITEMS
) -> pl.DataFrame:
    """Pairs of tellings under different versions of one benchmark with the same tasks.

    Read from the scores table, because totals of parts that are in the fit stay out of it.
    Duplicates, quarantined and not comparable rows never count. Columns as in
    :func:`telling_pairs`; the highest against the lowest score of each model.
    """
    out: list[dict[str, Any]] = []
    usable = scores.filter(
        pl.col("use").cast(pl.String).is_in(["fit", "index"]) & (pl.col("unit") == "proportion")
    ).sort("score_id")
    for family, ids in families.items():
        versions = usable.filter(pl.col("benchmark").is_in(list(ids)))
        for (model,), part in versions.group_by(["model_version"], maintain_order=True):
            ordered = part.sort("score", maintain_order=True).to_dicts()
            low, high = ordered[0], ordered[-1]
            if low["benchmark"] == high["benchmark"]:
                continue
            logit = [
                float(np.log(s / (1 - s)))
                for s in (
                    min(max(row["score"], LOGIT_BOUND), 1 - LOGIT_BOUND) for row in (high, low)
                )
            ]
            out.append(
                {
                    "model_version": model,
                    "benchmark": family,
                    "kind": "version",
                    "delta": logit[0] - logit[1],
                    "delta_share": high["score"] - low["score"],
                    "noise": sum(_noise({**row, "share": row["score"]}) for row in (high, low)),
                    "a": high["score_id"],
                    "b": low["score_id"],
                }
            )
    text, number = pl.String(), pl.Float64()
    return pl.DataFrame(
        out,
        schema={
            **dict.fromkeys(("model_version", "benchmark", "kind"), text),
            **dict.fromkeys(("delta", "delta_share", "noise"), number),
            **dict.fromkeys(("a", "b"), text),
        },
    )
