"""How far to trust the intervals: the stored studies as words, a table and chart lines.

The studies come with the content as plain data (:mod:`headway.checks.studies` made them).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headway.figures import ForestRow
from headway.i18n import amount, catalogue, decimals_for, message, number, percent, quantity_short
from headway.publish.tables import Block, Cell, Table, interval_text
from headway.result import Interval, Quantity

__all__ = [
    "COMMAND",
    "TARGET",
    "PriorRow",
    "coverage_finding",
    "coverage_margin",
    "coverage_table",
    "index_facts",
    "offsets_moved",
    "prior_lines",
    "prior_rows",
    "priors_table",
    "quantity_of",
    "spread_of",
]

#: What computes the studies.
COMMAND = "python tools/run_studies.py"
#: Share of truths that a 90 % interval should hold.
TARGET = (0.85, 0.95)
#: Order of the definitions, as on the rest of the page.
_ORDER = ("lag_mean_12m", "lag_now", "lag_at_record", "headway_months", "lag_trend", "gap")
#: Standard normal quantile of a two-sided 90 % interval.
_Z90 = 1.6449


@dataclass(frozen=True, slots=True)
class PriorRow:
    """The mean lag of one domain under one prior."""

    prior: str
    domain: str
    lag: Quantity


def quantity_of(stored: Mapping[str, Any]) -> Quantity:
    """A quantity from its JSON form."""
    interval = stored["interval"]
    return Quantity(
        value=stored["value"],
        unit=stored["unit"],
        interval=None
        if interval is None
        else Interval(
            float(interval["low"]), float(interval["high"]), interval["level"], interval["kind"]
        ),
        n=stored["n"],
        n_clusters=stored["n_clusters"],
        status=stored["status"],
        notes=tuple(stored["notes"]),
    )


def _coverage(studies: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows: Sequence[Mapping[str, Any]] = studies["coverage"]["by_definition"]
    return sorted((r for r in rows if r["definition"] in _ORDER), key=_rank)


def _rank(row: Mapping[str, Any]) -> int:
    return _ORDER.index(row["definition"])


def coverage_finding(studies: Mapping[str, Any], lang: str) -> str:
    """The title of the coverage table: the lowest and the highest share."""
    shares = [r["coverage"] for r in _coverage(studies) if r["coverage"] is not None]
    if not shares:
        return message("finding-coverage_none", lang)
    return message(
        "finding-coverage",
        lang,
        level=percent(studies["level"], lang),
        low=percent(min(shares), lang),
        high=percent(max(shares), lang),
    )


def coverage_margin(studies: Mapping[str, Any], lang: str) -> str:
    """How far a share may be off by chance, in percentage points, each world counted once."""
    spread = math.sqrt(studies["level"] * (1 - studies["level"]) / max(1, studies["worlds"]))
    return number(math.ceil(100 * _Z90 * spread), lang)


def coverage_table(studies: Mapping[str, Any], lang: str) -> Table:
    """By definition: share of truths held, bias, width, answers and refusals."""
    heads = [
        Cell(message("column-definition", lang)),
        Cell(message("column-held", lang), "num"),
        Cell(message("column-verdict", lang)),
        Cell(message("column-bias", lang), "num"),
        Cell(message("column-width", lang), "num"),
        Cell(message("column-answers", lang), "num"),
        Cell(message("column-refused", lang), "num"),
    ]
    lines = [
        [
            Cell(message(f"definition-{row['definition']}", lang), head=True),
            Cell("–" if row["coverage"] is None else percent(row["coverage"], lang), "num value"),
            Cell(_verdict(row["coverage"], lang)),
            _bias(row, lang),
            Cell(_in_unit(row["width"], row, lang), "num"),
            Cell(number(row["n"], lang), "num"),
            Cell(percent(row["refused"], lang), "num"),
        ]
        for row in _coverage(studies)
    ]
    return Table(message("table-coverage", lang), heads, [Block(None, lines)])


def _verdict(share: float | None, lang: str) -> str:
    """A share against the target, in words."""
    if share is None:
        return "–"
    low, high = TARGET
    # judged as shown: 85 % and 95 % are inside
    shown = round(share, 2)
    state = "below" if shown < low else "above" if shown > high else "within"
    return message(f"verdict-{state}", lang)


def _in_unit(value: float | None, row: Mapping[str, Any], lang: str) -> str:
    """A bias or width; the ability gap is studied in logits, all else in months."""
    if value is None:
        return "–"
    return amount(
        number(value, lang, 1), "logits" if row["definition"] == "gap" else "months", lang
    )


def _bias(row: Mapping[str, Any], lang: str) -> Cell:
    """The median error, marked in words where it is larger than allowed."""
    text = _in_unit(row["bias"], row, lang)
    allowed = row["allowed_bias"]
    if row["bias"] is None or allowed is None or abs(row["bias"]) <= allowed:
        return Cell(text, "num")
    return Cell(message("bias-large", lang, amount=text), "end")


def prior_rows(studies: Mapping[str, Any], domains: Sequence[str]) -> list[PriorRow]:
    """The domains' rows of the prior study, in the order of the page."""
    rows = [
        PriorRow(r["prior"], r["domain"], quantity_of(r["lag"]))
        for r in studies["sensitivity"]
        if r["stage"] is None and r["domain"] in domains
    ]
    return sorted(rows, key=lambda r: domains.index(r.domain))  # stable: priors keep their order


def _prior_name(prior: str, lang: str) -> str:
    key = f"prior-{prior}"
    return message(key, lang) if key in catalogue(lang) else prior


def prior_lines(rows: Sequence[PriorRow], lang: str) -> list[ForestRow]:
    """Chart lines: a block per domain, the default in the colour of the other charts."""
    out: list[ForestRow] = []
    before: str | None = None
    for row in rows:
        heading = message(f"domain-{row.domain}", lang) if row.domain != before else None
        before = row.domain
        tone = "closed" if row.prior == "default" else "unknown"
        out.append(ForestRow(_prior_name(row.prior, lang), row.lag, heading, tone))
    return out


def priors_table(rows: Sequence[PriorRow], lang: str, level: float) -> Table:
    """The same as numbers: a line per prior, a column per domain."""
    domains = list(dict.fromkeys(row.domain for row in rows))
    found = {(row.prior, row.domain): row.lag for row in rows}
    heads = [Cell(message("column-prior", lang, level=percent(level, lang)))]
    heads += [Cell(message(f"domain-{domain}", lang)) for domain in domains]

    def cell(q: Quantity | None) -> Cell:
        if q is None:
            return Cell("–")
        if q.interval is None:
            return Cell(quantity_short(q, lang))
        ends = interval_text(q, q.interval, lang)
        return Cell(
            message("chart-value_interval", lang, amount=quantity_short(q, lang), interval=ends)
        )

    lines = [
        [
            Cell(_prior_name(prior, lang), head=True),
            *(cell(found.get((prior, domain))) for domain in domains),
        ]
        for prior in dict.fromkeys(row.prior for row in rows)
    ]
    return Table(message("table-forest", lang), heads, [Block(None, lines)])


def spread_of(rows: Sequence[PriorRow], lang: str) -> str:
    """Per domain the lowest and the highest value over the priors, rounded as its lags are."""
    parts = []
    for domain in dict.fromkeys(row.domain for row in rows):
        lags = [r.lag for r in rows if r.domain == domain and r.lag.value is not None]
        if not lags:
            continue
        places = max(decimals_for(q.interval, q.value) for q in lags)
        values = [q.value for q in lags if q.value is not None]
        low, high = number(min(values), lang, places), number(max(values), lang, places)
        name = message(f"domain-{domain}", lang)
        most = amount(high, "months", lang)
        parts.append(
            message("finding-item_bare", lang, name=name, amount=most)
            if low == high
            else message("finding-spread", lang, name=name, low=low, high=most)
        )
    return message("list-separator", lang).join(parts) or message("none", lang)


def offsets_moved(rows: Sequence[PriorRow], lang: str) -> dict[str, str] | None:
    """The domain that leaving out the domain offsets moves most: names for a sentence."""
    found = {(row.prior, row.domain): row.lag for row in rows}
    best: tuple[float, str, Quantity, Quantity] | None = None
    for domain in dict.fromkeys(row.domain for row in rows):
        kept, without = found.get(("default", domain)), found.get(("no_domain_offsets", domain))
        if kept is None or without is None or kept.value is None or without.value is None:
            continue
        moved = abs(kept.value - without.value)
        if best is None or moved > best[0]:
            best = (moved, domain, kept, without)
    if best is None:
        return None
    _, domain, kept, without = best
    return {
        "domain": message(f"domain-{domain}", lang),
        "default": quantity_short(kept, lang),
        "without": quantity_short(without, lang),
    }


def index_facts(studies: Mapping[str, Any], lang: str) -> dict[str, str]:
    """The comparison with a published index: fields for its title and its sentence."""
    index = studies["index"]
    rho = quantity_of(index["rank_correlation"])
    assert rho.value is not None, "a comparison without a value is an error of the study"
    assert rho.interval is not None, "the correlation is bootstrapped"
    places = 3 if rho.interval.high - rho.interval.low < 0.03 else 2
    return {
        "value": number(rho.value, lang, places),
        "interval": message(
            "interval-both",
            lang,
            low=number(rho.interval.low, lang, places),
            high=number(rho.interval.high, lang, places),
        ),
        "level": percent(rho.interval.level, lang),
        "models": number(rho.n, lang),
        "developers": number(rho.n_clusters, lang),
        "covered": percent(index["covered"], lang),
    }
