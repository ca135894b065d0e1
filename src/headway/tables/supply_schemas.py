"""The tables about who can train and run models as code: columns, ranges, vocabularies, keys."""

from __future__ import annotations

import dataframely as dy
import polars as pl

__all__ = ["SUPPLY_SCHEMAS", "Clusters", "Factors", "RentalTerms", "TrainingRuns"]

_KEY = r"^[a-z0-9][a-z0-9.\-]*$"


class Clusters(dy.Schema):
    """One cluster of GPUs that exists, counted once (no duplicate, no superseded stage).

    ``owner`` is null where the source does not name one; a cluster of several owners names them all,
    separated by ``;``.
    """

    cluster = dy.String(primary_key=True)
    h100_equivalents = dy.Float(nullable=True, min_exclusive=0)
    owner = dy.String(nullable=True)
    country = dy.String(nullable=True)
    sector = dy.Enum(["Private", "Public", "Public/Private"], nullable=True)
    operational = dy.String(nullable=True)
    certainty = dy.Enum(["Confirmed", "Likely", "Unlikely"])
    source = dy.String()


class TrainingRuns(dy.Schema):
    """One published training run: what was trained on what, and for how many GPU-hours.

    ``gpu_hours`` are those of pre-training; ``gpu_hours_total`` includes later stages.
    """

    model = dy.String(primary_key=True, regex=_KEY)
    developer = dy.String()
    active_params = dy.Float(min_exclusive=0)
    tokens = dy.Float(min_exclusive=0)
    hardware = dy.String(regex=_KEY)
    gpu_hours = dy.Float(min_exclusive=0)
    gpu_hours_total = dy.Float(nullable=True, min_exclusive=0)
    arithmetic = dy.Enum(["bf16", "fp8", "not stated"])
    source = dy.String()
    as_of = dy.String()
    verified = dy.Bool()

    @dy.rule()
    def total_at_least_pretraining(cls) -> pl.Expr:
        return pl.col("gpu_hours_total").is_null() | (
            pl.col("gpu_hours_total") >= pl.col("gpu_hours")
        )


class Factors(dy.Schema):
    """One published factor with its range; ``level`` is null where the source states none."""

    factor = dy.String(primary_key=True)
    low = dy.Float(min_exclusive=0)
    mid = dy.Float(nullable=True, min_exclusive=0)
    high = dy.Float(min_exclusive=0)
    level = dy.Float(nullable=True, min_exclusive=0, max_exclusive=1)
    unit = dy.String()
    source = dy.String()
    as_of = dy.String()
    verified = dy.Bool()

    @dy.rule()
    def in_order(cls) -> pl.Expr:
        mid = pl.col("mid").fill_null(pl.col("low"))
        return (pl.col("low") <= mid) & (mid <= pl.col("high"))


class RentalTerms(dy.Schema):
    """What a provider states about getting a chip without a contract."""

    hardware = dy.String(primary_key=True, regex=_KEY)
    provider = dy.String(primary_key=True)
    self_service = dy.Bool()
    what = dy.String()
    source = dy.String()
    as_of = dy.String()
    verified = dy.Bool()


#: Table name to schema.
SUPPLY_SCHEMAS: dict[str, type[dy.Schema]] = {
    "clusters": Clusters,
    "training_runs": TrainingRuns,
    "factors": Factors,
    "rental_terms": RentalTerms,
}
