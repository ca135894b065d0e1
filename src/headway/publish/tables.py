"""Tables of the report: heads and cells as text, from the content alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

import polars as pl

from headway.figures import LagRowLike
from headway.i18n import (
    catalogue,
    day,
    decimals_for,
    interval_words,
    message,
    month,
    note,
    number,
    percent,
    quantity_short,
)
from headway.publish.content import HeadwayRow, ReportContent
from headway.result import Interval, Quantity

__all__ = [
    "Block",
    "Cell",
    "Table",
    "drivers_table",
    "frontier_table",
    "headway_table",
    "history_table",
    "interval_text",
    "lag_table",
    "models_table",
    "process_text",
    "sources_table",
    "survival_table",
    "text_day",
]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; ``kind`` is a style class, ``href`` a checked link, ``head`` a row header.

    ``columns`` and ``rows`` are how many it spans; a row of one cell of kind ``more`` goes on
    with the row above.
    """

    text: str
    kind: str = ""
    href: str | None = None
    head: bool = False
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Block:
    """Rows under one subheading."""

    title: str | None
    rows: list[list[Cell]]


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table of blocks."""

    title: str
    heads: list[Cell]
    blocks: list[Block] = field(default_factory=list)
    filterable: bool = False

    @property
    def n_rows(self) -> int:
        return sum(row[0].kind != "more" for block in self.blocks for row in block.rows)


def text_day(when: date | None, lang: str) -> str:
    """A date in full, or ``unknown``."""
    return message("unknown", lang) if when is None else day(when, lang)


def interval_text(quantity: Quantity, interval: Interval | None, lang: str) -> str:
    """An interval of a quantity in words, or a dash."""
    if interval is None:
        return "–"
    places = decimals_for(quantity.interval or interval, quantity.value)
    return interval_words(interval, lang, decimals=places)


def process_text(quantity: Quantity, lang: str) -> str:
    """The interval with the release process, or that it was not computed."""
    if quantity.status == "not_estimable":
        return "–"
    if quantity.interval_process is None:
        return message("no-process", lang)
    return interval_text(quantity, quantity.interval_process, lang)


def _heads(lang: str, *keys: str, **fields: Any) -> list[Cell]:
    """Column heads; a leading ``#`` marks a numeric column."""
    return [
        Cell(message(key.lstrip("#"), lang, **fields), "num" if key.startswith("#") else "")
        for key in keys
    ]


def lag_table(
    rows: Sequence[LagRowLike],
    content: ReportContent,
    lang: str,
    *,
    title: str,
    by: str,
    block: str | None = None,
) -> Table:
    """Quantities of lag rows with both intervals; lines are named by ``by``.

    The models that define the lag and the notes stand in lines of their own under each row.
    """
    keys = [
        f"column-{by}",
        "column-frontier",
        "column-lag",
        "column-interval",
        "column-process",
        "column-basis",
    ]
    if len({row.frontier for row in rows}) == 1:
        keys.remove("column-frontier")
    names = dict(zip(content.points["model_version"], content.points["name"], strict=True))

    def lines(row: LagRowLike) -> list[list[Cell]]:
        q = row.lag
        more = []
        if row.open_model is not None or row.closed_model is not None:
            pair = " / ".join(
                "–" if version is None else names.get(version, version)
                for version in (row.open_model, row.closed_model)
            )
            more.append(message("row-models", lang, pair=pair))
        if q.notes:
            notes = message("list-separator", lang).join(note(key, lang) for key in q.notes)
            more.append(message("row-notes", lang, notes=notes))
        name = message(f"{by}-{getattr(row, by) or 'all'}", lang)
        first = [
            Cell(name, head=True, rows=1 + len(more)),
            Cell(message(f"frontier-short-{row.frontier}", lang)),
            Cell(quantity_short(q, lang), f"value state-{q.status}"),
            Cell(interval_text(q, q.interval, lang)),
            Cell(process_text(q, lang)),
            Cell(message("basis", lang, n=number(q.n, lang), clusters=number(q.n_clusters, lang))),
        ]
        if "column-frontier" not in keys:
            del first[1]
        return [first, *([Cell(text, "more", columns=len(first) - 1)] for text in more)]

    heads = _heads(lang, *keys, level=percent(content.level, lang))
    if block is None:
        return Table(title, heads, [Block(None, [line for row in rows for line in lines(row)])])
    blocks = [
        Block(
            message(f"{block}-{key or 'all'}", lang),
            [line for row in group for line in lines(row)],
        )
        for key, group in groupby(rows, key=lambda row: getattr(row, block))
    ]
    return Table(title, heads, blocks)


def models_table(points: pl.DataFrame, content: ReportContent, lang: str) -> Table:
    """Models of one domain in tiers; alphabetical inside a tier."""
    rows = sorted(
        points.iter_rows(named=True),
        key=lambda row: (
            row["tier"] is None,
            row["tier"] or 0,
            row["name"].casefold(),
            row["model_version"],
        ),
    )
    heads = _heads(
        lang,
        "column-model",
        "column-lab",
        "column-group",
        "column-entered",
        "#column-ability",
        "#column-interval",
        "#column-scores",
        level=percent(content.level, lang),
    )
    blocks = []
    for tier, group in groupby(rows, key=lambda row: row["tier"]):
        title = (
            message("tier-none", lang)
            if tier is None
            else message("tier-name", lang, tier=number(tier, lang))
        )
        blocks.append(
            Block(
                title,
                [
                    [
                        Cell(row["name"], head=True),
                        Cell(row["lab"] or message("unknown", lang)),
                        Cell(message(f"group-{row['group']}", lang), f"g-{row['group']}"),
                        Cell(text_day(row["entered"], lang)),
                        Cell(_points(row["ability"], row["low"], row["high"], lang), "num"),
                        Cell(_ends(row["low"], row["high"], content.level, lang), "num"),
                        Cell(number(row["n_scores"] or 0, lang), "num"),
                    ]
                    for row in group
                ],
            )
        )
    title = message("table-models", lang, count=number(len(rows), lang))
    return Table(title, heads, blocks, filterable=True)


def _points(value: float | None, low: float | None, high: float | None, lang: str) -> str:
    """An ability rounded to what its interval supports."""
    if value is None:
        return "–"
    interval = None if low is None or high is None else Interval(low, high, 0.9, "eti")
    return number(value, lang, min(1, decimals_for(interval, value)) if interval else 0)


def _ends(low: float | None, high: float | None, level: float, lang: str) -> str:
    """An interval in points, or a dash."""
    if low is None or high is None:
        return "–"
    interval = Interval(low, high, level, "eti")
    return interval_words(interval, lang, decimals=min(1, decimals_for(interval)))


def frontier_table(frontier: pl.DataFrame, content: ReportContent, lang: str) -> Table:
    """The steps of the frontiers of one domain."""
    heads = _heads(
        lang,
        "column-date",
        "#column-median",
        "#column-interval",
        level=percent(content.level, lang),
    )
    blocks = []
    for group in ("open_weight", "closed_public", "closed_any"):
        rows = frontier.filter(pl.col("group") == group).sort("date")
        if rows.is_empty():
            continue
        blocks.append(
            Block(
                message(f"group-{group}", lang),
                [
                    [
                        Cell(day(row["date"], lang), head=True),
                        Cell(_points(row["median"], row["low"], row["high"], lang), "num"),
                        Cell(_ends(row["low"], row["high"], content.level, lang), "num"),
                    ]
                    for row in _changes(rows.to_dicts())
                ],
            )
        )
    return Table(message("table-frontier", lang), heads, blocks)


def _changes(rows: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Rows where a rounded number changes, and the last: the others repeat it."""
    before: tuple[float, ...] | None = None
    for index, row in enumerate(rows):
        shown = tuple(round(row[key] or 0.0) for key in ("median", "low", "high"))
        if shown != before or index == len(rows) - 1:
            before = shown
            yield row


def history_table(history: pl.DataFrame, content: ReportContent, lang: str) -> Table:
    """Lag through time; the newest first."""
    from headway.figures.history import quantity_at

    heads = _heads(
        lang,
        "column-date",
        "column-frontier",
        "#column-lag",
        "#column-interval",
        "column-state",
        level=percent(content.level, lang),
    )
    blocks = []
    for domain in history["domain"].unique(maintain_order=True):
        rows = history.filter(pl.col("domain") == domain).sort(
            "at", "frontier", descending=[True, False]
        )
        lines = []
        for row in rows.iter_rows(named=True):
            q = quantity_at(row, content.level)
            lines.append(
                [
                    Cell(month(row["at"], lang), head=True),
                    Cell(message(f"frontier-{row['frontier']}", lang)),
                    Cell(quantity_short(q, lang), "num"),
                    Cell(interval_text(q, q.interval, lang), "num"),
                    Cell(message(f"state-{q.status}", lang), f"state-{q.status}"),
                ]
            )
        blocks.append(Block(message(f"domain-{domain}", lang), lines))
    return Table(message("table-history", lang), heads, blocks)


def headway_table(rows: Sequence[HeadwayRow], content: ReportContent, lang: str) -> Table:
    """Closed record-setters and what matched them; the newest first."""
    heads = _heads(
        lang,
        "column-model",
        "column-entered",
        "column-headway",
        "column-interval",
        "column-matched_by",
        level=percent(content.level, lang),
    )
    blocks = []
    for domain, group in groupby(rows, key=lambda row: row.domain):
        lines = []
        for row in sorted(group, key=lambda r: (r.entered, r.model_version), reverse=True):
            q = row.headway
            by = row.matched_by or message(
                "not-yet-matched" if q.status == "censored" else "unknown", lang
            )
            lines.append(
                [
                    Cell(row.name, head=True),
                    Cell(day(row.entered, lang)),
                    Cell(quantity_short(q, lang), "value"),
                    Cell(interval_text(q, q.interval, lang)),
                    Cell(by, f"state-{q.status}"),
                ]
            )
        blocks.append(Block(message(f"domain-{domain}", lang), lines))
    return Table(message("table-headways", lang), heads, blocks)


def survival_table(survival: pl.DataFrame, content: ReportContent, lang: str) -> Table:
    """The Kaplan-Meier curves as numbers."""
    heads = _heads(
        lang,
        "#column-months",
        "#column-share_unmatched",
        "#column-interval",
        "#column-at_risk",
        level=percent(content.level, lang),
    )
    blocks = []
    for domain in survival["domain"].unique(maintain_order=True):
        lines = []
        for row in survival.filter(pl.col("domain") == domain).iter_rows(named=True):
            low, high = row["low"], row["high"]
            ends = (
                "–"
                if low is None or high is None
                else message(
                    "interval-both", lang, low=percent(low, lang), high=percent(high, lang)
                )
            )
            lines.append(
                [
                    Cell(number(row["months"], lang, 1), "num", head=True),
                    Cell(percent(row["survival"], lang), "num"),
                    Cell(ends, "num"),
                    Cell("–" if row["at_risk"] is None else number(row["at_risk"], lang), "num"),
                ]
            )
        blocks.append(Block(message(f"domain-{domain}", lang), lines))
    return Table(message("table-survival", lang), heads, blocks)


def drivers_table(drivers: pl.DataFrame, lang: str, *, least: float = 0.05) -> Table:
    """Models that define the frontiers with a probability of at least ``least``."""
    heads = _heads(lang, "column-model", "column-frontier_group", "#column-probability")
    blocks = []
    for domain in drivers["domain"].unique(maintain_order=True):
        rows = drivers.filter((pl.col("domain") == domain) & (pl.col("probability") >= least)).sort(
            "group", "probability", "model_version", descending=[True, True, False]
        )
        lines = [
            [
                Cell(row["name"], head=True),
                Cell(*_frontier_of(row["group"], lang)),
                Cell(percent(row["probability"], lang), "num"),
            ]
            for row in rows.iter_rows(named=True)
        ]
        blocks.append(Block(message(f"domain-{domain}", lang), lines))
    return Table(message("section-drivers", lang), heads, blocks)


def _frontier_of(group: str, lang: str) -> tuple[str, str]:
    """Name and style of a frontier; the one with restricted models holds public ones too."""
    frontier = "closed_any" if group == "closed_restricted" else group
    return message(f"group-{frontier}", lang), f"g-{frontier}"


def sources_table(sources: pl.DataFrame, lang: str) -> Table:
    """Where the rows come from; only http(s) addresses become links."""
    heads = _heads(
        lang,
        "column-source",
        "column-publisher",
        "column-licence",
        "column-use",
        "#column-rows",
    )
    lines = [
        [
            Cell(row["title"], href=_web(row["url"]), head=True),
            Cell(row["publisher"] or message("unknown", lang)),
            Cell(_licence(row["licence"], lang)),
            Cell(message(f"decision-{row['decision']}", lang)),
            Cell(number(row["rows"] or 0, lang), "num"),
        ]
        for row in sources.iter_rows(named=True)
    ]
    return Table(message("section-sources", lang), heads, [Block(None, lines)])


def _licence(licence: str | None, lang: str) -> str:
    """A licence by its name; the few phrases of our own are translated."""
    if not licence:
        return message("unknown", lang)
    key = f"licence-{re.sub('[^a-z]+', '_', licence.lower()).strip('_')}"
    return message(key, lang) if key in catalogue(lang) else licence


def _web(url: str | None) -> str | None:
    """An address that may be linked; anything else is left out."""
    return url if url is not None and url.startswith(("https://", "http://")) else None
