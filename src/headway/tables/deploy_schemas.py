"""The tables that serving needs as code: columns, units, ranges, vocabularies, keys.

They stand apart from :mod:`headway.tables.schemas` because stored studies are keyed to that file's
bytes, and none of these tables enters an ability or a lag. An unknown is ``null``; every row says
where it is from, of which date, and whether it was verified against a document.
"""

from __future__ import annotations

import dataframely as dy
import polars as pl

__all__ = ["DEPLOY_SCHEMAS", "Architectures", "HardwareValues", "Measured", "Models", "Prices"]

_KEY = r"^[a-z0-9][a-z0-9.\-]*$"


class HardwareValues(dy.Schema):
    """One value of one chip."""

    hardware = dy.String(primary_key=True, regex=_KEY)
    field = dy.String(primary_key=True)
    value = dy.String()
    unit = dy.String(nullable=True)
    source = dy.String()
    as_of = dy.String()
    verified = dy.Bool()


class Models(dy.Schema):
    """One open model: what its publisher states."""

    model = dy.String(primary_key=True, regex=_KEY)
    title = dy.String()
    aliases = dy.String(nullable=True)
    checkpoint = dy.Enum(["bf16", "fp8", "mxfp4", "int4"], nullable=True)
    total_b_stated = dy.Float(nullable=True, min_exclusive=0)
    active_b_stated = dy.Float(nullable=True, min_exclusive=0)
    licence = dy.String(nullable=True)
    released = dy.String(nullable=True)
    not_modelled = dy.String(nullable=True)
    source = dy.String()
    as_of = dy.String()
    verified = dy.Bool()

    @dy.rule()
    def active_at_most_total(cls) -> pl.Expr:
        return (pl.col("active_b_stated") <= pl.col("total_b_stated")) | pl.any_horizontal(
            pl.col("active_b_stated", "total_b_stated").is_null()
        )


class Architectures(dy.Schema):
    """The shape of one model: see :class:`headway.estimate.deploy.Architecture`."""

    model = dy.String(primary_key=True, regex=_KEY)
    hidden = dy.Integer(min=1)
    vocab = dy.Integer(min=1)
    tied = dy.Integer(min=0, max=1)
    full_layers = dy.Integer(min=0)
    window_layers = dy.Integer(min=0)
    linear_layers = dy.Integer(min=0)
    window = dy.Integer(min=0)
    heads = dy.Integer(min=1)
    kv_heads = dy.Integer(min=1)
    window_kv_heads = dy.Integer(min=1)
    k_dim = dy.Integer(min=1)
    v_dim = dy.Integer(min=1)
    latent = dy.Integer(min=0)
    topk_tokens = dy.Integer(min=0)
    index_dim = dy.Integer(min=0)
    attention_params = dy.Integer(min=0)
    linear_params = dy.Integer(min=0)
    linear_state = dy.Integer(min=0)
    dense_layers = dy.Integer(min=0)
    dense_inter = dy.Integer(min=0)
    moe_layers = dy.Integer(min=0)
    experts = dy.Integer(min=0)
    top_k = dy.Integer(min=0)
    moe_inter = dy.Integer(min=0)
    expert_in = dy.Integer(min=1)
    shared_inter = dy.Integer(min=0)
    max_context = dy.Integer(min=1)
    source = dy.String()
    as_of = dy.String()
    verified = dy.Bool()


class Prices(dy.Schema):
    """What renting one chip for an hour cost, as reported."""

    hardware = dy.String(primary_key=True, regex=_KEY)
    tier = dy.Enum(["low", "mid", "high"], primary_key=True)
    usd_per_hour = dy.Float(min_exclusive=0)
    source = dy.String()
    as_of = dy.String()
    verified = dy.Bool()


class Measured(dy.Schema):
    """One measured point of throughput."""

    point = dy.String(primary_key=True)
    model = dy.String()
    hardware = dy.String()
    chips = dy.Integer(nullable=True, min=1)
    precision = dy.String()
    precision_basis = dy.Enum(["stated", "checkpoint"])
    phase = dy.String()
    isl = dy.Float(nullable=True, min_exclusive=0)
    osl = dy.Float(nullable=True, min_exclusive=0)
    conc = dy.Float(nullable=True, min_exclusive=0)
    prefill_chips = dy.Integer(nullable=True, min=1)
    tensor = dy.Integer(nullable=True, min=1)
    data = dy.Integer(nullable=True, min=1)
    expert = dy.Integer(nullable=True, min=1)
    engine = dy.String(nullable=True)
    engine_version = dy.String(nullable=True)
    ttft_ms = dy.Float(nullable=True, min_exclusive=0)
    tpot_ms = dy.Float(nullable=True, min_exclusive=0)
    tok_s_per_chip = dy.Float(min_exclusive=0)
    measured_on = dy.String(nullable=True)
    source = dy.String()
    use = dy.Enum(["fit", "quarantined"])
    use_reason = dy.String(nullable=True)

    @dy.rule()
    def quarantine_has_a_reason(cls) -> pl.Expr:
        return (pl.col("use") == "quarantined") == pl.col("use_reason").is_not_null()


#: Table name to schema.
DEPLOY_SCHEMAS: dict[str, type[dy.Schema]] = {
    "hardware": HardwareValues,
    "models": Models,
    "architectures": Architectures,
    "prices": Prices,
    "measured": Measured,
}
