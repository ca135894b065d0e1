"""``LICENCES.md``: every row stands under the terms of its source."""

from __future__ import annotations

import polars as pl

from headway.dataset.content import Content
from headway.dataset.markdown import cell, table
from headway.dataset.rows import sourced_tables
from headway.i18n import message

__all__ = ["licences"]


def licences(content: Content, lang: str) -> str:
    """How to find the licence of a row, and the rows per licence and decision."""
    sources = content.tables["sources"].filter(pl.col("rows") > 0)
    grouped = (
        sources.with_columns(pl.col("decision").cast(pl.String))
        .group_by("licence", "decision")
        .agg(pl.col("rows").sum(), pl.col("source").sort())
        .sort("decision", "rows", "licence", descending=[True, True, False])
    )
    header = [
        message(f"dataset-head-{h}", lang) for h in ("licence", "decision", "rows", "sources")
    ]
    rows = [
        [
            cell(row["licence"]),
            f"`{row['decision']}`",
            str(row["rows"]),
            ", ".join(f"`{s}`" for s in row["source"]),
        ]
        for row in grouped.iter_rows(named=True)
    ]
    sourced = [t for t in sourced_tables() if t in content.tables]
    ours = [t for t in content.tables if t not in {*sourced, "sources"}]
    parts = [
        f"# {message('dataset-licences-title', lang, name=content.name)}",
        message("dataset-licences-intro", lang),
        f"## {message('dataset-licences-how', lang)}",
        message("dataset-licences-sourced", lang, tables=_names(sourced)),
        message("dataset-licences-ours", lang, tables=_names(ours)),
        f"## {message('dataset-licences-list', lang)}",
        table(header, rows, right=(2,)),
        message("dataset-licences-facts", lang),
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _names(tables: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in tables)
