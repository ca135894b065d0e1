"""Which score rows enter a fit, each with a reason when it does not.

Evidence once: duplicates, indices of benchmarks already in, aggregates whose parts are present,
and lower efforts of a model that has a stronger one in the same panel stay out. Filters on
evaluator and item access make the evidence comparisons.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import polars as pl

from headway.errors import BadOption, ColumnsMissing
from headway.tables.schemas import INDEPENDENT

__all__ = ["EVIDENCE", "Evidence", "effort_rank", "select_evidence"]

#: Evidence filters: which rows a fit may see.
EVIDENCE = ("all", "independent", "held_out", "first_party")
_HELD_OUT = ("semi_private", "private")
_EFFORTS = {
    "non-thinking": 0.0,
    "non-reasoning": 0.0,
    "none": 0.0,
    "minimal": 1.0,
    "low": 2.0,
    "medium": 3.0,
    "default": 3.0,
    "thinking": 3.5,
    "high": 4.0,
    "xhigh": 5.0,
    "max": 6.0,
}
_UNSTATED = 3.2  # a row that names no effort stands between the default and an explicit high


def effort_rank(effort: str | None) -> float:
    """Order of effort settings, weakest first; token budgets count by their size.

    Examples
    --------
    >>> effort_rank("high") > effort_rank("medium") > effort_rank("low")
    True
    >>> effort_rank("32k") > effort_rank("16k")
    True
    """
    if effort is None or not effort.strip():
        return _UNSTATED
    text = effort.strip().lower()
    if text in _EFFORTS:
        return _EFFORTS[text]
    budget = re.search(r"(\d+)\s*k\b", text)
    if budget:  # 1k..128k thinking tokens map into 1.5..5
        return 1.5 + 0.5 * min(len(bin(int(budget[1]))) - 3, 7)
    words = [rank for word, rank in _EFFORTS.items() if re.search(rf"\b{word}\b", text)]
    if text.startswith(("no ", "non")):
        return 0.0
    return max(words) if words else _UNSTATED


@dataclass(frozen=True)
class Evidence:
    """Rows for :func:`headway.estimate.capability.build_design` and what was left out, why."""

    rows: pl.DataFrame
    models: pl.DataFrame
    dropped: pl.DataFrame  # score_id, reason
    filter: str
    as_of: date | None
    pseudo_vintage_share: float


_NEEDED = {
    "scores": (
        "score_id model_version effort benchmark panel scaffold token_budget attempts score value "
        "unit n stderr read_error_sd known_on pseudo_vintage evaluator_relationship use use_reason"
    ),
    "benchmarks": "benchmark family domain stage chance ceiling item_access aggregate_of role",
    "model_versions": "model_version released open_weight open_weight_basis lab",
}


def _check(name: str, frame: pl.DataFrame) -> None:
    missing = [c for c in _NEEDED[name].split() if c not in frame.columns]
    if missing:
        raise ColumnsMissing(
            f"{name}: columns {', '.join(missing)} are missing; got {', '.join(frame.columns)}",
            hint="headway data validate FILE names what each table needs",
        )


def select_evidence(
    scores: pl.DataFrame,
    benchmarks: pl.DataFrame,
    model_versions: pl.DataFrame,
    *,
    evidence: str = "all",
    as_of: date | None = None,
    stated_only: bool = False,
) -> Evidence:
    """Rows that may enter the likelihood.

    Parameters
    ----------
    scores, benchmarks, model_versions : frames
        Tables of the release (:mod:`headway.tables.schemas`).
    evidence : {"all", "independent", "held_out", "first_party"}
        ``independent``: third party, academic or government evaluators. ``held_out``: benchmarks
        whose items are private or semi-private. ``first_party``: the developer's own figures.
    as_of : date, optional
        Only rows known by then; rows without a knowledge date stay out. ``None`` takes all.
    stated_only : bool
        Leave out models whose access was inferred from the family name.

    Returns
    -------
    Evidence

    Raises
    ------
    BadOption, ColumnsMissing
    """
    if evidence not in EVIDENCE:
        raise BadOption(
            f"unknown evidence filter '{evidence}'", hint=f"one of {', '.join(EVIDENCE)}"
        )
    for name, frame in (
        ("scores", scores),
        ("benchmarks", benchmarks),
        ("model_versions", model_versions),
    ):
        _check(name, frame)
    text = [c for c, t in zip(scores.columns, scores.dtypes, strict=True) if isinstance(t, pl.Enum)]
    joined = (
        scores.with_columns(pl.col(text).cast(pl.String))
        .join(
            benchmarks.select(
                "benchmark",
                "family",
                pl.col("domain").cast(pl.String),
                pl.col("stage").cast(pl.String),
                "chance",
                "ceiling",
                pl.col("item_access").cast(pl.String),
                "aggregate_of",
                pl.col("role").cast(pl.String),
            ),
            on="benchmark",
            how="left",
            maintain_order="left",
        )
        .join(
            model_versions.select(
                "model_version",
                "released",
                "lab",
                "open_weight",
                pl.col("open_weight_basis").cast(pl.String),
            ),
            on="model_version",
            how="left",
            maintain_order="left",
        )
    )
    reason = (
        pl.when(pl.col("use") != "fit")
        .then(pl.col("use"))
        .when(pl.col("role") != "fit")
        .then(pl.concat_str(pl.lit("benchmark_"), pl.col("role")))
    )
    if as_of is not None:
        reason = reason.when(pl.col("known_on").is_null()).then(pl.lit("no_knowledge_date"))
        reason = reason.when(pl.col("known_on") > as_of).then(pl.lit("not_known_yet"))
    relationship = pl.col("evaluator_relationship")
    if evidence == "independent":
        reason = reason.when(~relationship.is_in(list(INDEPENDENT))).then(pl.lit("evidence_filter"))
    elif evidence == "first_party":
        reason = reason.when(relationship != "first_party").then(pl.lit("evidence_filter"))
    elif evidence == "held_out":
        reason = reason.when(~pl.col("item_access").is_in(list(_HELD_OUT))).then(
            pl.lit("evidence_filter")
        )
    if stated_only:
        reason = reason.when(pl.col("open_weight_basis") != "stated").then(
            pl.lit("access_not_stated")
        )
    joined = joined.with_columns(reason.otherwise(None).alias("reason"))
    kept = joined.filter(pl.col("reason").is_null())
    dropped = [joined.filter(pl.col("reason").is_not_null()).select("score_id", "reason")]

    kept, gone = _finest_level(kept)
    dropped.append(gone)
    kept, gone = _strongest_effort(kept)
    dropped.append(gone)

    models = (
        model_versions.filter(
            pl.col("model_version").is_in(kept["model_version"].unique().to_list())
        )
        .select(
            "model_version",
            "released",
            "lab",
            pl.when(pl.col("open_weight").is_null())
            .then(pl.lit("unknown"))
            .when(pl.col("open_weight"))
            .then(pl.lit("open"))
            .otherwise(pl.lit("closed"))
            .alias("access_class"),
        )
        .sort("model_version")
    )
    rows = _covariates(kept).sort("score_id")
    share = int(kept["pseudo_vintage"].sum()) / max(len(kept), 1)
    return Evidence(rows, models, pl.concat(dropped).sort("score_id"), evidence, as_of, share)


def _finest_level(kept: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Drop an aggregate where the same model has one of its parts in the same panel."""
    present = set(kept.select("model_version", "panel", "benchmark").iter_rows())
    drop = []
    aggregates = kept.filter(pl.col("aggregate_of").is_not_null())
    for row in aggregates.select("score_id", "model_version", "panel", "aggregate_of").iter_rows():
        score_id, model, panel, parts = row
        if any((model, panel, part.strip()) in present for part in parts.split(";")):
            drop.append(score_id)
    gone = pl.DataFrame(
        {"score_id": drop, "reason": ["aggregate_of_parts"] * len(drop)},
        schema={"score_id": pl.String, "reason": pl.String},
    )
    return kept.filter(~pl.col("score_id").is_in(drop)), gone


def _strongest_effort(kept: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Keep a model's strongest reported effort per benchmark, panel and scaffold.

    Where only a weaker effort than the model's strongest anywhere is reported, the row stays
    and carries the covariate ``x_lower_effort``.
    """
    ranked = kept.with_columns(
        pl.col("effort")
        .map_elements(effort_rank, return_dtype=pl.Float64, skip_nulls=False)
        .alias("_rank")
    )
    key = ["model_version", "benchmark", "panel", "scaffold", "attempts", "token_budget"]
    best = pl.col("_rank").max().over(key)
    gone = ranked.filter(pl.col("_rank") < best).select(
        "score_id", pl.lit("lower_effort").alias("reason")
    )
    stays = ranked.filter(pl.col("_rank") >= best)
    overall = pl.col("_rank").max().over("model_version")
    stays = stays.with_columns(
        ((pl.col("_rank") < overall) & pl.col("effort").is_not_null())
        .cast(pl.Float64)
        .alias("x_lower_effort")
    )
    return stays.drop("_rank"), gone


def _covariates(kept: pl.DataFrame) -> pl.DataFrame:
    relationship = pl.col("evaluator_relationship")
    held_out = pl.col("item_access").is_in(list(_HELD_OUT))
    contrast = (
        pl.when(pl.col("open_weight"))
        .then(0.5)
        .when(~pl.col("open_weight"))
        .then(-0.5)
        .otherwise(0.0)
    )
    budget = pl.col("token_budget").log(10)
    panels = pl.col("panel").n_unique().over("benchmark")
    users = pl.col("model_version").n_unique().over("scaffold")
    spread = pl.col("scaffold").n_unique().over("benchmark")
    rows = kept.with_columns(
        (relationship == "first_party").cast(pl.Float64).alias("x_first_party"),
        (relationship == "competitor").cast(pl.Float64).alias("x_competitor"),
        (held_out.cast(pl.Float64) * contrast).alias("x_held_out_open"),
        pl.col("attempts").cast(pl.Float64).log(10).fill_null(0.0).alias("x_attempts"),
        (budget - budget.median().over("benchmark")).fill_null(0.0).alias("x_budget"),
        # one set-up per (benchmark, panel); with a single panel the difficulty absorbs it
        pl.when(panels > 1).then(pl.concat_str("benchmark", pl.lit(" @ "), "panel")).alias("setup"),
        pl.when((users > 1) & (spread > 1)).then(pl.col("scaffold")).alias("scaffold"),
    )
    flat = [c for c in rows.columns if c.startswith("x_") and not (rows[c] != 0).any()]
    return rows.drop(flat)
