"""Releases that differ in a known way. Nothing here is a measurement."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from headway.tables.store import Release, load_release
from tests.small_release import small_tables, write_tables

Tables = dict[str, pl.DataFrame]


def write(folder: Path, tables: Tables, *, through: date | None = None) -> Path:
    """The tables as a release in a folder."""
    write_tables(folder, tables)
    if through is not None:
        head = json.loads((folder / "release.json").read_text())
        head["data_through"] = through.isoformat()
        (folder / "release.json").write_text(json.dumps(head))
    return folder


def release(folder: Path, tables: Tables) -> Release:
    return load_release(write(folder, tables))


def new_id(value: pl.Expr) -> pl.Expr:
    """Ids as a builder makes them that hashes the value, too."""
    return pl.concat_str("score_id", value.round(6).cast(pl.String)).map_elements(
        lambda text: hashlib.sha256(text.encode()).hexdigest()[:12], return_dtype=pl.String
    )


def edited(
    tables: Tables, which: pl.Expr, score: Callable[[pl.Expr], pl.Expr], *, rehash: bool = True
) -> Tables:
    """Some scores with another value, under other ids unless ``rehash`` is false."""
    value = score(pl.col("score"))
    changed = {
        "score": pl.when(which).then(value).otherwise("score"),
        "value": pl.when(which).then(value).otherwise("value"),
    }
    if rehash:
        changed["score_id"] = pl.when(which).then(new_id(value)).otherwise("score_id")
    return {**tables, "scores": tables["scores"].with_columns(**changed).sort("score_id")}


def with_source(tables: Tables, name: str, which: pl.Expr) -> Tables:
    """Some scores as those of a source of their own."""
    one = tables["sources"].head(1).with_columns(source=pl.lit(name), title=pl.lit(name))
    source = pl.when(which).then(pl.lit(name)).otherwise("source")
    return {
        **tables,
        "sources": pl.concat([tables["sources"], one]).sort("source"),
        "scores": tables["scores"].with_columns(source=source),
    }


def with_strong_open(tables: Tables, day: date = date(2025, 7, 15), source: str = "news") -> Tables:
    """One more open model, scored by a new source, as good as the last closed ones."""
    copied = tables["model_versions"]["model_version"] == "open-16"
    model = tables["model_versions"].filter(copied)
    access = tables["access"].filter(pl.col("model_version") == "open-16")
    like = tables["scores"].filter(pl.col("model_version") == "open-16")
    named = {"model_version": pl.lit("strong-open")}
    scores = like.with_columns(
        **named,
        model_as_named=pl.lit("STRONG OPEN"),
        score=pl.lit(0.99),
        value=pl.lit(0.99),
        score_id=pl.concat_str(pl.lit("b"), "score_id"),
        published_at=pl.lit(day + timedelta(days=5)),
        known_on=pl.lit(day + timedelta(days=5)),
        source=pl.lit(source),
    )
    told = with_source(tables, source, pl.lit(value=False))
    return {
        **told,
        "model_versions": pl.concat(
            [
                tables["model_versions"],
                model.with_columns(**named, name=pl.lit("Strong Open"), released=pl.lit(day)),
            ]
        ).sort("model_version"),
        "access": pl.concat(
            [tables["access"], access.with_columns(pl.lit(day).alias("from"), **named)]
        ).sort("model_version"),
        "scores": pl.concat([tables["scores"], scores]).sort("score_id"),
    }


def small() -> Tables:
    return small_tables()
