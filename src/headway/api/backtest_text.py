"""``headway backtest`` as text on one screen: verdict, scores, calibration, what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headway.api.backtest import BacktestResult

__all__ = ["backtest_text"]

_STATUS_KEYS = {
    "issued": "backtest-status-issued",
    "held_reached": "backtest-status-held_reached",
    "target_not_scored": "backtest-status-target_not_scored",
    "not_estimable": "backtest-status-not_estimable",
}


_EVENT_KEYS = {
    "announced": "backtest-event-announced",
    "weights_124m": "backtest-event-weights_124m",
    "weights_355m": "backtest-event-weights_355m",
    "weights_774m": "backtest-event-weights_774m",
    "weights_1558m": "backtest-event-weights_1558m",
}
_PRECEDENT_KEYS = {"gpt-2": "backtest-precedent-gpt-2"}


def backtest_text(result: BacktestResult, lang: str) -> str:
    """The whole text; with one domain or stage chosen, its targets as well."""
    from headway.api.forecast_text import backtest_sentences
    from headway.i18n import message

    if result.study is None:
        parts = [message("backtest-not_computed", lang)]
    else:
        brief = {
            "vintages": [{"strict": v["strict"], **_pooled(v)} for v in result.study["vintages"]]
        }
        parts = [
            backtest_sentences(brief, lang) + "\n" + _chosen(result.study["chosen"], lang),
            _scores(result.study, lang),
            _basis(result, lang),
        ]
        if result.options["domain"] or result.options["stage"]:
            parts.append(_targets(result, lang))
    parts.append(_precedents(result, lang))
    return "\n\n".join(p for p in parts if p)


def _pooled(vintage: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = vintage["summaries"][0]
    return found


def _chosen(chosen: Mapping[str, Any], lang: str) -> str:
    """What a forecast of today uses, and why."""
    from headway.api.forecast import METHOD_NAMES
    from headway.i18n import message

    if chosen["strict"] is None:
        return message("backtest-chosen-equal", lang)
    vintage = "backtest-vintage-strict" if chosen["strict"] else "backtest-vintage-pseudo"
    key = "backtest-chosen-mixture" if chosen["beats_all"] else "backtest-chosen-baseline"
    return message(
        key,
        lang,
        vintage=message(vintage, lang),
        baseline=message(METHOD_NAMES[chosen["best_baseline"]], lang),
    )


def _scores(study: Mapping[str, Any], lang: str) -> str:
    """Mean censored CRPS and log score of every method, both vintages side by side."""
    from headway.api.forecast import METHOD_NAMES
    from headway.i18n import message, number, percent
    from headway.textsafe import plain_table

    header = [message("backtest-column-method", lang)]
    for vintage in study["vintages"]:
        name = message(
            "backtest-vintage-strict" if vintage["strict"] else "backtest-vintage-pseudo", lang
        )
        header += [
            message("backtest-column-crps", lang, vintage=name),
            message("backtest-column-log", lang),
            message("backtest-column-skill", lang),
            message("backtest-column-coverage", lang, level=percent(0.9, lang)),
        ]
    rows = []
    for method in study["methods"]:
        cells = [message(METHOD_NAMES[method], lang)]
        for vintage in study["vintages"]:
            pooled = _pooled(vintage)
            score = next((s for s in pooled["scores"] if s["method"] == method), None)
            if score is None:
                cells += ["-"] * 4
                continue
            skill = next((s["skill"] for s in pooled["skill"] if s["baseline"] == method), None)
            told = "-"
            if skill is not None and skill["value"] is not None:
                ends = skill["interval"]
                told = message(
                    "backtest-skill",
                    lang,
                    value=number(100 * skill["value"], lang),
                    low=number(100 * ends["low"], lang),
                    high=number(100 * ends["high"], lang),
                )
            pit = next((c for c in vintage["calibration"] if c["method"] == method), None)
            inside = "-" if pit is None else percent(pit["coverage"][-1]["share"], lang)
            cells += [
                number(score["crps"], lang, 2), number(score["log_score"], lang, 2), told, inside
            ]  # fmt: skip
        rows.append(cells)
    return plain_table(header, rows)


def _basis(result: BacktestResult, lang: str) -> str:
    """Per domain and vintage: targets, since when, and whether they can be ranked."""
    from headway.api.forecast_text import cell_name
    from headway.i18n import day, message, number
    from headway.textsafe import plain_table

    assert result.study is not None
    header = [
        message("forecast-column-cell", lang),
        message("backtest-column-vintage", lang),
        message("backtest-column-targets", lang),
        message("backtest-column-resolved", lang),
        message("backtest-column-best", lang),
        message("backtest-column-since", lang),
        message("column-notes", lang),
    ]
    rows = []
    for vintage in result.study["vintages"]:
        since = {(p["domain"], p["stage"]): p for p in vintage["possible_from"]}
        for summary in vintage["summaries"][1:]:
            if summary["stage"] is not None and not result.options["stage"]:
                continue
            first = since[summary["domain"], summary["stage"]]["first_day"]
            scores = {s["method"]: s["crps"] for s in summary["scores"]}
            told = (
                message("backtest-too_few_to_rank", lang)
                if summary["status"] == "too_few_to_rank"
                else ""
            )
            rows.append(
                [
                    cell_name(summary, lang),
                    message(
                        "backtest-vintage-strict"
                        if vintage["strict"]
                        else "backtest-vintage-pseudo",
                        lang,
                    ),
                    str(summary["n_targets"]),
                    str(summary["n_resolved"]),
                    number(scores["mixture"], lang, 2) if "mixture" in scores else "-",
                    "-" if first is None else day(date.fromisoformat(first), lang),
                    told,
                ]
            )
    return plain_table(header, rows)


def _targets(result: BacktestResult, lang: str) -> str:
    """Every target asked for: when reached, and on how many rows its forecasts rest."""
    from headway.api.forecast_text import cell_name
    from headway.i18n import message, years_month
    from headway.textsafe import plain_table

    header = [
        message("backtest-column-target", lang),
        message("forecast-column-cell", lang),
        message("backtest-column-entered", lang),
        message("backtest-column-reached", lang),
        message("backtest-column-rests_strict", lang),
        message("backtest-column-rests_pseudo", lang),
    ]
    rows = []
    seen: dict[tuple[str, str, str | None], dict[bool, list[Mapping[str, Any]]]] = {}
    for row in result.documents:
        key = (row["target"], row["domain"], row["stage"])
        if row["baseline"] == "last_lag":  # once per forecast
            seen.setdefault(key, {True: [], False: []})[row["strict"]].append(row)
    for (target, domain, stage), found in seen.items():
        one = (found[True] or found[False])[0]
        on = one["resolved_on"]
        rows.append(
            [
                result.names.get(target, target),
                cell_name({"domain": domain, "stage": stage}, lang),
                years_month(date.fromisoformat(one["entered"]), lang),
                message("backtest-open", lang)
                if on is None
                else years_month(date.fromisoformat(on), lang),
                *(_rests(found[strict], lang) for strict in (True, False)),
            ]
        )
    return plain_table(header, rows)


def _rests(forecasts: list[Mapping[str, Any]], lang: str) -> str:
    """Forecasts issued and the rows they had, or why there are none."""
    from headway.i18n import message

    issued = [f for f in forecasts if f["status"] == "issued"]
    if issued:
        low, high = min(f["n_rows"] for f in issued), max(f["n_rows"] for f in issued)
        return message("backtest-rests", lang, count=len(issued), low=low, high=high)
    if not forecasts:
        return "-"
    counts: dict[str, int] = {}
    for one in forecasts:
        counts[one["status"]] = counts.get(one["status"], 0) + 1
    commonest = max(counts, key=lambda s: counts[s])
    return message(_STATUS_KEYS[commonest], lang)


def _precedents(result: BacktestResult, lang: str) -> str:
    """Earlier debates with their dates: what was held back, and when it came out."""
    from headway.i18n import day, message, month

    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for row in result.precedents:
        by_name.setdefault(str(row["precedent"]), []).append(row)
    lines = []
    for name, rows in by_name.items():
        told = message("list-separator", lang).join(
            message(
                "backtest-event",
                lang,
                date=(day if row["precision"] == "day" else month)(
                    date.fromisoformat(row["date"]), lang
                ),
                event=message(_EVENT_KEYS[row["event"]], lang)
                if row["event"] in _EVENT_KEYS
                else str(row["event"]),
            )
            for row in rows
        )
        sources = dict.fromkeys(str(row["source_url"] or row["source"]) for row in rows)
        lines.append(
            message(
                "backtest-precedent",
                lang,
                name=message(_PRECEDENT_KEYS[name], lang) if name in _PRECEDENT_KEYS else name,
                events=told,
                source=message("list-separator", lang).join(sources),
            )
        )
    return "\n".join(lines)
