"""The table of dated prices: its columns, units and ranges."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from headway.tables.schemas import PRECISION

__all__ = ["PRICE_KINDS", "PriceEvents", "Prices"]

#: What is paid for; claims of different kinds are never added or averaged.
PRICE_KINDS = ("input", "output", "cache_read", "cache_write", "cache_write_1h")

#: No model costs a hundred thousand dollars per million tokens: such a number is a slip of the unit.
_MOST_USD = 100_000.0


class PriceEvents(dy.Schema):
    """The curated supplement: what a source of ours says a model cost, and when.

    ``from`` is the first day of a price; ``seen`` a day or month in which somebody read it, where its
    first day is not known. One of them is there.
    """

    model_version = dy.String(primary_key=True)
    provider = dy.String(primary_key=True)
    input_usd_per_mtok = dy.Float(nullable=True, min=0, max=_MOST_USD)
    output_usd_per_mtok = dy.Float(nullable=True, min=0, max=_MOST_USD)
    cache_read_usd_per_mtok = dy.Float(nullable=True, min=0, max=_MOST_USD)
    from_ = dy.Date(nullable=True, alias="from")
    to = dy.Date(nullable=True)
    seen = dy.Date(nullable=True)
    #: of ``from`` or ``seen``
    precision = dy.Enum(PRECISION)
    named_as = dy.String(primary_key=True)
    stated_by = dy.String()
    #: null where the compilation that states it gives no address
    source_url = dy.String(nullable=True)

    @dy.rule()
    def says_when(cls) -> pl.Expr:
        return pl.col("from").is_not_null() != pl.col("seen").is_not_null()

    @dy.rule()
    def states_a_price(cls) -> pl.Expr:
        return (
            pl.col("input_usd_per_mtok").is_not_null() | pl.col("output_usd_per_mtok").is_not_null()
        )

    @dy.rule()
    def ends_after_it_starts(cls) -> pl.Expr:
        return (pl.col("to") > pl.col("from")).fill_null(value=True)


class Prices(dy.Schema):
    """One price of one model at one provider, as one source states it."""

    model_version = dy.String()
    provider = dy.String()
    kind = dy.Enum(PRICE_KINDS)
    price_usd_per_mtok = dy.Float(min=0, max=_MOST_USD)
    #: ``standard``, or another service in the source's words, such as ``processing=batch``
    service = dy.String()
    above_tokens = dy.Integer(nullable=True, min=0)
    hours_utc = dy.String(nullable=True)
    #: first day; null where the source does not say since when
    from_ = dy.Date(nullable=True, alias="from")
    #: first day on which it no longer holds; null where none is stated
    to = dy.Date(nullable=True)
    seen = dy.Date(nullable=True)
    precision = dy.Enum(PRECISION, nullable=True)
    named_as = dy.String()
    source = dy.String()
    #: package and version, snapshot, or the compilation
    stated_by = dy.String()
    source_url = dy.String(nullable=True)

    @dy.rule()
    def ends_after_it_starts(cls) -> pl.Expr:
        return (pl.col("to") > pl.col("from")).fill_null(value=True)
