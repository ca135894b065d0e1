"""Tables of the further questions of the report: header and cells as text, from JSON rows alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headway.api.lag import quantity_from_json
from headway.i18n import (
    interval_words,
    message,
    note,
    number,
    percent,
    quantity_short,
    quantity_words,
)
from headway.publish.answers import plain_cells
from headway.publish.tables import Block, Table
from headway.result import Interval

if TYPE_CHECKING:
    from headway.api.lag_effects import EffectsResult
    from headway.api.lag_test import LagTestResult
    from headway.api.reconcile import ReconcileResult

__all__ = [
    "DEPENDENCE",
    "GAPS",
    "NOTHING",
    "blocks_of",
    "claims",
    "confounded",
    "countries",
    "definitions",
    "effects",
    "effects_finding",
    "published",
    "stages",
    "steps",
]

Row = Mapping[str, Any]
NOTHING = "–"
#: Measures of ``lag --effects`` behind the charts of gaps and of dependence.
GAPS = ("gap_public", "gap_held_out", "public_less_held_out")
DEPENDENCE = ("developer_alone", "developer_or_rival")


# The claims -------------------------------------------------------------------------------------


def claims(found: LagTestResult, rows: Sequence[Row], lang: str) -> Table:
    """Claims with both intervals and both probabilities."""
    from headway.api import lag_test_words as words

    level = percent(found.options["level"], lang)
    header = [
        message("lagtest-column-claim", lang),
        message("lagtest-column-part", lang),
        message("answer-column-process", lang, level=level),
        message("answer-column-measured", lang, level=level),
        message("lagtest-column-probability", lang),
        message("answer-column-probability_measured", lang),
        message("lagtest-column-verdict", lang),
    ]
    lines = []
    for row in rows:
        q = quantity_from_json(row["estimate"])
        lines.append(
            [
                words._claim(row, lang),
                words._part(row, lang),
                words._estimate(row["estimate"], lang),
                NOTHING if q.interval is None else words._ends(q.interval, q.unit, lang),
                words.probability_text(row["probability"], lang),
                words.probability_text(row["probability_by_draws"], lang),
                message(words.VERDICT_WORDS[row["verdict"]], lang),
            ]
        )
    return plain_cells(message("table-forest", lang), header, lines)


def definitions(found: LagTestResult, rows: Sequence[Row], lang: str) -> Table:
    """Probability of each claim by every definition, and its range over the refits."""
    from headway.api import lag_test_words as words

    names = found.options["definition"]
    by_name = {
        (r["hypothesis"], r["domain"], r["stage"], r["models"], name): r
        for name in names
        for r in found.shown(name)
    }
    header = [
        message("lagtest-column-claim", lang),
        message("lagtest-column-part", lang),
        *(message(f"lagtest-short-{name}", lang) for name in names),
    ]
    ranges = words._ranges(found)
    header += [message("lagtest-column-refits", lang)] if ranges else []
    lines = []
    for row in rows:
        key = (row["hypothesis"], row["domain"], row["stage"], row["models"])
        line = [words._claim(row, lang), words._part(row, lang)]
        for name in names:
            own = by_name.get((*key, name))
            line.append(
                NOTHING if own is None else words.probability_text(own["probability"], lang)
            )
        if ranges:
            own = ranges.get((row["hypothesis"], row["domain"]))
            plain = row["models"] == "own" and own is not None and own["low"] is not None
            line.append(_percents(own["low"], own["high"], lang) if plain and own else NOTHING)
        lines.append(line)
    return plain_cells(message("answer-table_definitions", lang), header, lines)


def _percents(low: float, high: float, lang: str) -> str:
    return message("interval-both", lang, low=percent(low, lang), high=percent(high, lang))


def stages(found: LagTestResult, lang: str) -> Table:
    """Every claim in every stage of cyber."""
    from headway.api import lag_test_words as words

    header = [
        message("column-stage", lang),
        message("lagtest-column-estimate", lang, level=percent(found.options["level"], lang)),
        message("lagtest-column-probability", lang),
        message("lagtest-column-verdict", lang),
    ]
    rows = [r for r in found.shown() if r["stage"] is not None and r["models"] == "own"]
    blocks = []
    for claim in dict.fromkeys(row["hypothesis"] for row in rows):
        lines = [
            [
                words._part(row, lang),
                words._estimate(row["estimate"], lang),
                words.probability_text(row["probability"], lang),
                message(words.VERDICT_WORDS[row["verdict"]], lang),
            ]
            for row in rows
            if row["hypothesis"] == claim
        ]
        blocks.append((message(words.CLAIM_WORDS[claim], lang), lines))
    return blocks_of(message("answer-table_stages", lang), header, blocks)


def blocks_of(
    title: str,
    header: Sequence[str],
    blocks: Sequence[tuple[str, Sequence[Sequence[str]]]],
    right: Sequence[int] = (),
) -> Table:
    """A table of texts under subheadings."""
    made = [Block(name, plain_cells("", (), lines, right).blocks[0].rows) for name, lines in blocks]
    return Table(title, plain_cells(title, header, (), right).heads, made)


def countries(robustness: Mapping[str, Any], lang: str) -> Table:
    """Lags between countries and access classes."""
    from headway.api import lag_test_words as words

    contrasts = [c for c in robustness["countries"] if c["stage"] is None]
    domains = [
        d for d in ("cyber", "coding", "general") if any(c["domain"] == d for c in contrasts)
    ]
    by_name = {(c["contrast"], c["domain"]): c for c in contrasts}
    header = [message("lagtest-column-contrast", lang)]
    header += [message(f"domain-{d}", lang) for d in domains]
    lines = []
    for name, key in words._CONTRASTS.items():
        line = [message(key, lang)]
        for domain in domains:
            row = by_name[name, domain]
            line.append(
                message(
                    "lagtest-contrast",
                    lang,
                    lag=words._estimate(row["lag"], lang),
                    behind=number(row["behind"], lang),
                    ahead=number(row["ahead"], lang),
                )
            )
        lines.append(line)
    return plain_cells(message("answer-table_countries", lang), header, lines)


def confounded(robustness: Mapping[str, Any], lang: str) -> tuple[str, ...]:
    """What the leaders' countries keep from being told apart, if they differ."""
    leader = next(
        (r for r in robustness["leaders"] if r["domain"] == "cyber" and r["stage"] is None), None
    )
    if leader is None or leader["open_country"] == leader["closed_country"]:
        return ()
    sides = (("open", "open_model", "open_country"), ("closed", "closed_model", "closed_country"))
    fields = {side: f"{leader[model]}, {leader[country]}" for side, model, country in sides}
    return (message("answer-confounded", lang, **fields),)


# Published lags ---------------------------------------------------------------------------------


def steps(found: ReconcileResult, lang: str) -> Table:
    """The steps of a path."""
    from headway.api import reconcile as words

    header = [
        message("reconcile-column-choice", lang),
        message("reconcile-column-from", lang),
        message("reconcile-column-to", lang),
        message("reconcile-column-months", lang),
        message("reconcile-column-interval", lang, level=percent(found.options["level"], lang)),
        message("reconcile-column-orders", lang),
    ]
    lines = []
    for row in found.documents:
        ends = row["months"]["interval"]
        lines.append(
            [
                words.choice_words(row["choices"], lang),
                words._values(row["from"]),
                words._values(row["to"]),
                words._signed(row["months"]["value"], lang),
                NOTHING if ends is None else words._span(ends["low"], ends["high"], lang),
                words._span(row["order_min"], row["order_max"], lang),
            ]
        )
    return plain_cells(message("table-forest", lang), header, lines, right=(3,))


def published(rows: Sequence[Row], lang: str) -> Table:
    """Every published lag: its publisher, the figure, what comes out again, or why nothing does."""
    from headway.api import reconcile as words

    header = [
        message("reconcile-column-preset", lang),
        message("reconcile-column-publisher", lang),
        message("reconcile-column-published", lang),
        message("reconcile-column-again", lang),
    ]
    blocks = []
    for status, key in words._STATUS.items():
        lines = []
        for row in (r for r in rows if r["status"] == status):
            again = words._cell(row["reproduced"], lang)
            if status == "inputs_not_public":
                again = note(row["reproduced"]["notes"][0], lang)
            name = row["preset"]
            lines.append([name, row["publisher"], words._cell(row["published"], lang), again])
        blocks.append((message(key, lang), lines))
    return blocks_of(message("answer-table_published", lang), header, blocks)


# Effects ----------------------------------------------------------------------------------------


def effects(found: EffectsResult, measures: Sequence[str], lang: str) -> Table:
    """The rows of some measures, single models included; without measures those of the text."""
    from headway.api.lag_effects import _BASIS_WORDS, _MEASURE_WORDS, group_words

    if not measures:
        header, lines = found.cells(lang)
        return plain_cells(message("answer-table_effects", lang), header, lines, right=(6,))
    header = [
        message("answer-column-measure", lang),
        message("answer-column-group", lang),
        message("answer-column-basis", lang),
        message("answer-column-estimate", lang),
        message("answer-column-n", lang),
    ]
    lines = []
    for row in found.documents:
        if row["measure"] not in measures:
            continue
        q = quantity_from_json(row["points"] or row["estimate"])
        lines.append(
            [
                message(_MEASURE_WORDS[row["measure"]], lang),
                group_words(row["group"], lang),
                message(_BASIS_WORDS[row["basis"]], lang),
                _share(q, lang) if q.unit == "proportion" else quantity_words(q, lang),
                number(q.n, lang),
            ]
        )
    return plain_cells(message("table-forest", lang), header, lines, right=(4,))


def _share(q: Any, lang: str) -> str:
    """A proportion in percent with its interval, or why there is none."""
    if q.value is None:
        return quantity_words(q, lang)
    if q.interval is None:
        return percent(q.value, lang)
    ends = _percents(q.interval.low, q.interval.high, lang)
    return message("chart-value_interval", lang, amount=percent(q.value, lang), interval=ends)


def effects_finding(found: EffectsResult, figure: str, lang: str) -> str:
    """The finding of one of the three charts of effects."""
    if figure == "gaps":
        return message(
            "finding-effects_gaps",
            lang,
            model=_amount(found, "held_out", "public_less_held_out", "model", lang),
            matched=_amount(found, "held_out", "public_less_held_out", "matched", lang),
        )
    if figure == "forest":
        return message(
            "finding-effects_forest",
            lang,
            first=_amount(found, "inflation", "first_party", "model", lang),
            rival=_amount(found, "inflation", "competitor", "model", lang),
        )
    shares = [
        row["estimate"]["value"]
        for row in found.documents
        if row["measure"] == "developer_alone"
        and row["group"]["domain"] == "cyber"
        and row["estimate"]["value"] is not None
    ]
    return message(
        "finding-effects_dependence",
        lang,
        count=number(sum(share > 0.5 for share in shares), lang),
        total=number(len(shares), lang),
    )


def _amount(found: EffectsResult, effect: str, measure: str, basis: str, lang: str) -> str:
    """Points at a score of one half with their interval."""
    q = found.quantity(effect, measure, basis, of="points")
    if q is None or q.value is None or q.interval is None:
        return message("state-not_estimable", lang)
    ends = Interval(q.interval.low, q.interval.high, q.interval.level, q.interval.kind)
    return message(
        "chart-value_interval",
        lang,
        amount=quantity_short(q, lang),
        interval=interval_words(ends, lang),
    )
