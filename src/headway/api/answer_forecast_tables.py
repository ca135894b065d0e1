"""Tables of the forecast and of the back-test in the report, from JSON rows alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from headway.api.answer_tables import NOTHING, blocks_of
from headway.i18n import day, message, note, number, percent, years_month
from headway.publish.answers import plain_cells
from headway.publish.tables import Block, Cell, Table

if TYPE_CHECKING:
    from headway.api.forecast import ForecastResult

__all__ = [
    "basis",
    "changes",
    "components",
    "dates",
    "errors",
    "one_row_per_forecast",
    "scores",
]

Row = Mapping[str, Any]


def _quantiles(lang: str) -> list[str]:
    return [
        message("forecast-column-quantile", lang, share=percent(p, lang)) for p in (0.05, 0.5, 0.95)
    ]


def _by(days: Sequence[str], lang: str) -> list[str]:
    return [
        message("forecast-column-by", lang, date=years_month(date.fromisoformat(d), lang))
        for d in days
    ]


def _reasons(keys: Sequence[str], lang: str) -> str:
    return message("list-separator", lang).join(note(key, lang) for key in keys)


def _whens(row: Mapping[str, Any], as_of: date, lang: str) -> list[str]:
    from headway.api.forecast_text import when

    return [when(row["date_quantiles"][p], as_of, lang) for p in ("0.05", "0.5", "0.95")]


def dates(found: ForecastResult, lang: str) -> Table:
    """One line per domain or stage: dates and probabilities, or what is missing."""
    from headway.api.forecast_text import cell_name

    by = found.options["by"]
    header = [
        message("forecast-column-cell", lang),
        message("forecast-column-reached", lang),
        *_quantiles(lang),
        *_by(by, lang),
    ]
    lines: list[list[Cell]] = []
    for row in found.documents:
        name = cell_name(row, lang)
        if not row["date_quantiles"]:
            missing = Cell(_reasons(row["notes"], lang), columns=len(header) - 1)
            lines.append([Cell(name, head=True), missing])
            continue
        few = row["n_scores"] < 3
        told = [
            percent(row["reached"]["probability"], lang),
            *_whens(row, found.as_of, lang),
            *(percent(row["probability_by"][d], lang) for d in by),
        ]
        lines.append([Cell(name, head=True, rows=1 + few), *(Cell(text) for text in told)])
        if few:
            few_text = message("forecast-few_scores", lang, count=row["n_scores"])
            lines.append([Cell(few_text, "more", columns=len(told))])
    table = plain_cells(message("table-forest", lang), header, ())
    return Table(table.title, table.heads, [Block(None, lines)])


def components(found: ForecastResult, row: Row, lang: str) -> Table:
    """The forecasts that make up one, and the naive ones beside them."""
    from headway.api.forecast import METHOD_NAMES
    from headway.api.forecast_text import cell_name

    header = [
        message("forecast-column-method", lang, cell=cell_name(row, lang)),
        message("forecast-column-weight", lang),
        *_quantiles(lang),
    ]
    lines = []
    for part in row["components"]:
        name = message(METHOD_NAMES[part["component"]], lang)
        if part["date_quantiles"] is None:
            lines.append([name, NOTHING, _reasons(part["missing"], lang), NOTHING, NOTHING])
        else:
            weight = percent(part["weight"], lang)
            lines.append([name, weight, *_whens(part, found.as_of, lang)])
    for part in row["baselines"]:
        name = message(METHOD_NAMES[part["baseline"]], lang)
        lines.append([name, NOTHING, *_whens(part, found.as_of, lang)])
    return plain_cells(message("answer-table_components", lang), header, lines)


def changes(found: ForecastResult, row: Row, lang: str) -> Table:
    """What would change a forecast."""
    from headway.api.forecast_text import _CHANGE_KEYS, cell_name, when

    nearest = found.options["by"][0]
    header = [
        message("forecast-column-change", lang, cell=cell_name(row, lang)),
        message("forecast-column-quantile", lang, share=percent(0.5, lang)),
        *_by([nearest], lang),
    ]
    lines = []
    for change in row["changes"]:
        name = message(_CHANGE_KEYS[change["change"], change["value"]], lang)
        if change["missing"]:
            lines.append([name, _reasons(change["missing"], lang), NOTHING])
            continue
        median = when(change["date_quantiles"]["0.5"], found.as_of, lang)
        lines.append([name, median, percent(change["probability_by"][nearest], lang)])
    return plain_cells(message("answer-table_changes", lang), header, lines)


def _vintage(vintage: Row, lang: str) -> str:
    key = "backtest-vintage-strict" if vintage["strict"] else "backtest-vintage-pseudo"
    return message(key, lang)


def errors(study: Mapping[str, Any], lang: str) -> str:
    """Mean error of the mixture and of the best naive forecast, per kind of vintage."""
    from headway.api.forecast import METHOD_NAMES

    parts = []
    for vintage in study["vintages"]:
        pooled = vintage["summaries"][0]
        mean = {s["method"]: s["crps"] for s in pooled["scores"]}
        naive = [s["baseline"] for s in pooled["skill"] if s["baseline"] in mean]
        if "mixture" not in mean or not naive:
            continue
        best = min(naive, key=lambda b: mean[b])
        parts.append(
            message(
                "finding-backtest_item",
                lang,
                vintage=_vintage(vintage, lang),
                ours=number(mean["mixture"], lang, 2),
                theirs=number(mean[best], lang, 2),
                baseline=message(METHOD_NAMES[best], lang),
            )
        )
    return message("list-separator", lang).join(parts) or message("none", lang)


def scores(study: Mapping[str, Any], lang: str) -> Table:
    """Scores of every method, strict runs apart."""
    from headway.api.forecast import METHOD_NAMES

    blocks = []
    header = [
        message("backtest-column-method", lang),
        message("answer-column-error", lang),
        message("backtest-column-log", lang),
        message("backtest-column-skill", lang),
        message("backtest-column-coverage", lang, level=percent(0.9, lang)),
    ]
    for vintage in study["vintages"]:
        pooled = vintage["summaries"][0]
        score_of = {s["method"]: s for s in pooled["scores"]}
        skill_of = {s["baseline"]: s["skill"] for s in pooled["skill"]}
        inside = {c["method"]: c["coverage"][-1]["share"] for c in vintage["calibration"]}
        lines = []
        for method in study["methods"]:
            if method not in score_of:
                continue
            score, skill = score_of[method], skill_of.get(method)
            lines.append(
                [
                    message(METHOD_NAMES[method], lang),
                    number(score["crps"], lang, 2),
                    number(score["log_score"], lang, 2),
                    NOTHING if skill is None or skill["value"] is None else _skill(skill, lang),
                    percent(inside[method], lang) if method in inside else NOTHING,
                ]
            )
        blocks.append((_vintage(vintage, lang), lines))
    return blocks_of(message("table-forest", lang), header, blocks, right=(1, 2))


def _skill(skill: Mapping[str, Any], lang: str) -> str:
    ends = skill["interval"]
    return message(
        "backtest-skill",
        lang,
        value=number(100 * skill["value"], lang),
        low=number(100 * ends["low"], lang),
        high=number(100 * ends["high"], lang),
    )


def basis(study: Mapping[str, Any], lang: str) -> Table:
    """Per domain, stage and vintage: targets, since when, whether they can be ranked."""
    from headway.api.forecast_text import cell_name

    header = [
        message("forecast-column-cell", lang),
        message("backtest-column-vintage", lang),
        message("backtest-column-targets", lang),
        message("backtest-column-resolved", lang),
        message("backtest-column-best", lang),
        message("backtest-column-since", lang),
        message("column-notes", lang),
    ]
    lines = []
    for vintage in study["vintages"]:
        since = {(p["domain"], p["stage"]): p["first_day"] for p in vintage["possible_from"]}
        for summary in vintage["summaries"][1:]:
            mean = {s["method"]: s["crps"] for s in summary["scores"]}
            first = since[summary["domain"], summary["stage"]]
            few = summary["status"] == "too_few_to_rank"
            lines.append(
                [
                    cell_name(summary, lang),
                    _vintage(vintage, lang),
                    number(summary["n_targets"], lang),
                    number(summary["n_resolved"], lang),
                    number(mean["mixture"], lang, 2) if "mixture" in mean else NOTHING,
                    NOTHING if first is None else day(date.fromisoformat(first), lang),
                    message("backtest-too_few_to_rank", lang) if few else "",
                ]
            )
    return plain_cells(message("answer-table_basis", lang), header, lines, right=(2, 3, 4))


def one_row_per_forecast(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows of the JSON, which repeat a forecast for every baseline, with the baselines beside.

    ``censored_crps`` is the mixture's, ``censored_crps_NAME`` that of a naive forecast. Planned
    forecasts that were not issued have no score and are left out; the command's JSON has them.
    """
    out: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in (r for r in rows if r["status"] == "issued"):
        key = tuple(row[name] for name in ("target", "domain", "stage", "issued", "strict"))
        if key not in out:
            told = {k: v for k, v in row.items() if "baseline" not in k and k != "crps"}
            out[key] = told
        for score in ("censored_crps", "log_score"):
            out[key][f"{score}_{row['baseline']}"] = row[f"baseline_{score}"]
    return list(out.values())
