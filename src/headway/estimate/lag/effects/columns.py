"""Columns ``x_*`` that carry an effect into the ability model.

Each function returns rows with columns added; :func:`headway.estimate.capability.build_design` takes
any ``x_*``. Class contrasts are 1/2 for open, -1/2 for closed, 0 for unknown, so that a coefficient
is the difference between the classes and neither is the reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import polars as pl

from headway.estimate.capability import Evidence
from headway.estimate.lag.effects.kinds import kind_of
from headway.tables.schemas import DOMAINS

__all__ = [
    "AGE_CAP",
    "CONFIDENCE_WEIGHT",
    "contrast",
    "with_age",
    "with_agentic",
    "with_column",
    "with_distilled",
    "with_domains",
    "without_rows",
]

#: Years after a benchmark's release beyond which further age is not counted.
AGE_CAP = 2.0
#: Weight of a stated "distilled" flag by its source's own confidence (judgement, stated here).
CONFIDENCE_WEIGHT: Mapping[str, float] = {"high": 1.0, "medium": 0.75, "low": 0.5}
_HELD_OUT = ("semi_private", "private")


def contrast() -> pl.Expr:
    """1/2 for open, -1/2 for closed weights, 0 where unknown."""
    return (
        pl.when(pl.col("open_weight"))
        .then(0.5)
        .when(~pl.col("open_weight"))
        .then(-0.5)
        .otherwise(0.0)
    )


def held_out() -> pl.Expr:
    """1 on benchmarks whose items are private or semi-private."""
    return pl.col("item_access").is_in(list(_HELD_OUT)).cast(pl.Float64)


def _with(
    evidence: Evidence, columns: Iterable[pl.Expr | pl.Series], drop: Iterable[str] = ()
) -> Evidence:
    """Rows with columns; columns that are 0 everywhere are left out (no information)."""
    rows = evidence.rows.drop([c for c in drop if c in evidence.rows.columns])
    rows = rows.with_columns(*columns)
    flat = [c for c in rows.columns if c.startswith("x_") and not (rows[c] != 0).any()]
    return replace(evidence, rows=rows.drop(flat))


def with_column(evidence: Evidence, name: str, values: pl.Series) -> Evidence:
    """Add one column, row by row."""
    return _with(evidence, [values.cast(pl.Float64).alias(name)])


def without_rows(evidence: Evidence, keep: pl.Expr) -> Evidence:
    """The rows where ``keep`` is true, and their models."""
    rows = evidence.rows.filter(keep.fill_null(value=False))
    left = rows["model_version"].unique().to_list()
    models = evidence.models.filter(pl.col("model_version").is_in(left))
    flat = [c for c in rows.columns if c.startswith("x_") and not (rows[c] != 0).any()]
    return replace(evidence, rows=rows.drop(flat), models=models)


def with_domains(evidence: Evidence) -> Evidence:
    """Who ran it and whether items are held out, per domain instead of pooled.

    Adds ``x_first_party_open`` too: does self-telling favour open models more than closed ones?
    """
    relation = pl.col("evaluator_relationship")
    columns = []
    for domain in DOMAINS:
        here = (pl.col("domain") == domain).cast(pl.Float64)
        columns += [
            ((relation == "first_party").cast(pl.Float64) * here).alias(f"x_first_party_{domain}"),
            ((relation == "competitor").cast(pl.Float64) * here).alias(f"x_competitor_{domain}"),
            (held_out() * contrast() * here).alias(f"x_held_out_open_{domain}"),
        ]
    columns.append(
        ((relation == "first_party").cast(pl.Float64) * contrast()).alias("x_first_party_open")
    )
    drop = ("x_first_party", "x_competitor", "x_held_out_open")
    return _with(evidence, columns, drop)


def with_age(evidence: Evidence, benchmarks: pl.DataFrame) -> Evidence:
    """Years since the benchmark's release, between 0 and :data:`AGE_CAP`.

    ``x_age_<domain>`` and ``x_age_open_<domain>`` (times the class contrast). Age is taken at the model's release:
    what was public before that day could be trained on. Evaluation dates would be later, and most
    are not stated. 0 where a date is missing; the benchmark's or model's own level absorbs it.

    Without the bounds age would be a model's date minus a benchmark's date, which abilities and
    difficulties absorb: the bounds identify the main effect, and only they do.
    """
    released = benchmarks.select("benchmark", pl.col("released").alias("_bench_day"))
    rows = evidence.rows.join(released, on="benchmark", how="left", maintain_order="left")
    years = (pl.col("released") - pl.col("_bench_day")).dt.total_days() / 365.25
    rows = rows.with_columns(years.clip(0.0, AGE_CAP).fill_null(0.0).alias("_age"))
    columns = []
    for domain in DOMAINS:
        here = (pl.col("domain") == domain).cast(pl.Float64)
        columns += [
            (pl.col("_age") * here).alias(f"x_age_{domain}"),
            (pl.col("_age") * here * contrast()).alias(f"x_age_open_{domain}"),
        ]
    found = _with(replace(evidence, rows=rows), columns)
    return replace(found, rows=found.rows.drop("_age", "_bench_day"))


def with_distilled(evidence: Evidence, model_versions: pl.DataFrame) -> Evidence:
    """Distilled models on held-out items, against models stated as not distilled.

    A model's flag is part of its own ability; what can be seen is whether distilled models lose
    more from public to held-out items. ``x_distilled_held_out`` is the flag, weighted by
    :data:`CONFIDENCE_WEIGHT`, on held-out rows; ``x_unflagged_held_out`` gives the models
    about which nothing is stated a level of their own, so that they are not the reference.
    """
    flags = model_versions.select(
        "model_version",
        (
            pl.col("distilled").cast(pl.Float64)
            * pl.col("distilled_confidence").replace_strict(
                dict(CONFIDENCE_WEIGHT), default=0.5, return_dtype=pl.Float64
            )
        ).alias("_distilled"),
    )
    rows = evidence.rows.join(flags, on="model_version", how="left", maintain_order="left")
    columns = [
        (pl.col("_distilled").fill_null(0.0) * held_out()).alias("x_distilled_held_out"),
        (pl.col("_distilled").is_null().cast(pl.Float64) * held_out()).alias(
            "x_unflagged_held_out"
        ),
    ]
    found = _with(replace(evidence, rows=rows), columns)
    return replace(found, rows=found.rows.drop("_distilled"))


def with_agentic(evidence: Evidence) -> Evidence:
    """Agentic rows times the class contrast: ``x_agentic_open_<domain>``.

    Rows whose kind is not known (:mod:`headway.estimate.lag.effects.kinds`) count 0, as question
    and answer rows do.
    """
    kinds = [
        kind_of(family, domain, stage)
        for family, domain, stage in evidence.rows.select("family", "domain", "stage").iter_rows()
    ]
    agentic = pl.Series("_agentic", [1.0 if k == "agentic" else 0.0 for k in kinds])
    rows = evidence.rows.with_columns(agentic)
    columns = [
        (pl.col("_agentic") * contrast() * (pl.col("domain") == domain)).alias(
            f"x_agentic_open_{domain}"
        )
        for domain in DOMAINS
    ]
    found = _with(replace(evidence, rows=rows), columns)
    return replace(found, rows=found.rows.drop("_agentic"))
