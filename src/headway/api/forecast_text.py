"""``headway forecast`` as text on one screen: verdict, dates, what would change it, how far to trust."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headway.api.forecast import ForecastResult

__all__ = ["backtest_sentences", "cell_name", "forecast_text", "when"]

#: Changes shown in the text; the JSON has all of them.
_CHANGE_KEYS = {
    ("plain_pool", None): "forecast-change-plain_pool",
    ("pace", 0.5): "forecast-change-slower",
    ("pace", 2.0): "forecast-change-faster",
    ("only", "trend"): "forecast-change-only_trend",
    ("only", "survival"): "forecast-change-only_survival",
    ("only", "density"): "forecast-change-only_density",
    ("target_ability", 0.05): "forecast-change-target_low",
    ("target_ability", 0.95): "forecast-change-target_high",
    ("record_now", None): "forecast-change-record_now",
    ("pause", 3.0): "forecast-change-pause_3",
    ("pause", 6.0): "forecast-change-pause_6",
    ("pause", 12.0): "forecast-change-pause_12",
    ("independent", None): "forecast-change-independent",
}


def cell_name(row: Mapping[str, Any], lang: str) -> str:
    """Domain or stage in words."""
    from headway.i18n import message

    if row["stage"]:
        return message(f"stage-{row['stage']}", lang)
    return message(f"domain-{row['domain']}", lang)


def when(day: str, as_of: date, lang: str, *, sentence: bool = False) -> str:
    """A date quantile in words: a month, "reached", or "later"."""
    from headway.i18n import message, month, years_month

    if day == "inf":
        return message("forecast-later", lang)
    found = date.fromisoformat(day)
    if found <= as_of:
        return message("forecast-reached_already" if sentence else "forecast-reached", lang)
    return month(found, lang) if sentence else years_month(found, lang)


def forecast_text(result: ForecastResult, lang: str) -> str:
    """The whole text."""
    parts = [_verdict(result, lang), _dates(result, lang)]
    first = next((r for r in result.documents if r["status"] == "estimated"), None)
    if first is not None:
        parts += [_components(result, first, lang), _changes(result, first, lang)]
    parts.append(backtest_sentences(result.backtest, lang))
    return "\n\n".join(p for p in parts if p)


def _verdict(result: ForecastResult, lang: str) -> str:
    """One sentence on the first cell that has a forecast, one on whether it has happened."""
    from headway.api.forecast import METHOD_NAMES
    from headway.i18n import day, message, note, percent

    row = next((r for r in result.documents if r["status"] == "estimated"), None)
    if row is None:
        seen = dict.fromkeys(n for r in result.documents for n in r["notes"])
        reasons = message("list-separator", lang).join(note(n, lang) for n in seen)
        return message("forecast-verdict-none", lang, target=result.target_name, reason=reasons)
    q = row["date_quantiles"]
    reached = row["reached"]
    low, median, high = (
        when(q[p], result.as_of, lang, sentence=True) for p in ("0.05", "0.5", "0.95")
    )
    passed = row["date_states"]["0.5"] == "reached"
    first = message(
        "forecast-verdict-passed" if passed else "forecast-verdict",
        lang,
        target=result.target_name,
        cell=cell_name(row, lang),
        median=median,
        low=low,
        high=high,
        as_of=day(result.as_of, lang),
    )
    if reached["model_version"] is None:
        second = message("forecast-verdict-not_yet", lang)
    else:
        second = message(
            "forecast-verdict-reached",
            lang,
            share=percent(reached["probability"], lang),
            model=result.names[reached["model_version"]],
            model_share=percent(reached["model_probability"], lang),
            unseen=percent(reached["with_results_not_in"], lang),
        )
    lines = [first, second]
    if row["method"] != "mixture":
        lines.append(
            message(
                "forecast-verdict-baseline", lang, method=message(METHOD_NAMES[row["method"]], lang)
            )
        )
    return "\n".join(lines)


def _dates(result: ForecastResult, lang: str) -> str:
    """One line per cell."""
    from headway.i18n import message, note, percent, years_month
    from headway.textsafe import plain_table

    by = result.options["by"]
    header = [
        message("forecast-column-cell", lang),
        message("forecast-column-reached", lang),
        *(
            message("forecast-column-quantile", lang, share=percent(p, lang))
            for p in (0.05, 0.5, 0.95)
        ),
        *(
            message("forecast-column-by", lang, date=years_month(date.fromisoformat(d), lang))
            for d in by
        ),
        message("column-notes", lang),
    ]
    rows = []
    for row in result.documents:
        q = row["date_quantiles"]
        separator = message("list-separator", lang)
        if not q:
            told = separator.join(note(n, lang) for n in row["notes"])
            rows.append([cell_name(row, lang), *["-"] * (4 + len(by)), told])
            continue
        few = row["n_scores"] if row["n_scores"] < 3 else None
        told = "" if few is None else message("forecast-few_scores", lang, count=few)
        rows.append(
            [
                cell_name(row, lang),
                percent(row["reached"]["probability"], lang),
                *(when(q[p], result.as_of, lang) for p in ("0.05", "0.5", "0.95")),
                *(percent(row["probability_by"][d], lang) for d in by),
                told,
            ]
        )
    return plain_table(header, rows)


def _components(result: ForecastResult, row: Mapping[str, Any], lang: str) -> str:
    """The forecasts that make up the first cell's, and the naive ones beside them."""
    from headway.api.forecast import METHOD_NAMES
    from headway.i18n import message, note, percent
    from headway.textsafe import plain_table

    header = [
        message("forecast-column-method", lang, cell=cell_name(row, lang)),
        message("forecast-column-weight", lang),
        *(
            message("forecast-column-quantile", lang, share=percent(p, lang))
            for p in (0.05, 0.5, 0.95)
        ),
    ]
    rows = []
    for part in row["components"]:
        name = message(METHOD_NAMES[part["component"]], lang)
        q = part["date_quantiles"]
        if q is None:
            told = message("list-separator", lang).join(note(n, lang) for n in part["missing"])
            rows.append([name, "-", told, "", ""])
            continue
        dates = [when(q[p], result.as_of, lang) for p in ("0.05", "0.5", "0.95")]
        rows.append([name, percent(part["weight"], lang), *dates])
    for part in row["baselines"]:
        q = part["date_quantiles"]
        dates = [when(q[p], result.as_of, lang) for p in ("0.05", "0.5", "0.95")]
        rows.append([message(METHOD_NAMES[part["baseline"]], lang), "-", *dates])
    return plain_table(header, rows)


def _changes(result: ForecastResult, row: Mapping[str, Any], lang: str) -> str:
    """What would change the first cell's forecast."""
    from headway.i18n import message, note, percent, years_month
    from headway.textsafe import plain_table

    nearest = result.options["by"][0]
    header = [
        message("forecast-column-change", lang, cell=cell_name(row, lang)),
        message("forecast-column-quantile", lang, share=percent(0.5, lang)),
        message("forecast-column-by", lang, date=years_month(date.fromisoformat(nearest), lang)),
    ]
    rows = []
    for change in row["changes"]:
        if change["change"] == "only":
            continue  # the components stand in the table above
        if change["change"] == "plain_pool" and not row["rule"]["from_backtest"]:
            continue  # that is the forecast itself
        name = message(_CHANGE_KEYS[change["change"], change["value"]], lang)
        if change["missing"]:
            told = message("list-separator", lang).join(note(n, lang) for n in change["missing"])
            rows.append([name, told, "-"])
            continue
        rows.append(
            [
                name,
                when(change["date_quantiles"]["0.5"], result.as_of, lang),
                percent(change["probability_by"][nearest], lang),
            ]
        )
    return plain_table(header, rows)


def backtest_sentences(told: Mapping[str, Any] | None, lang: str) -> str:
    """How good such forecasts were, one sentence per vintage; that there is none without a study."""
    from headway.api.forecast import METHOD_NAMES
    from headway.i18n import interval_words, message, number
    from headway.result import Interval

    if told is None:
        return message("forecast-no_backtest", lang)
    out = []
    for vintage in told["vintages"]:
        scores = {s["method"]: s["crps"] for s in vintage["scores"]}
        key = "backtest-vintage-strict" if vintage["strict"] else "backtest-vintage-pseudo"
        name = message(key, lang)
        if vintage["status"] != "ranked":
            out.append(
                message("backtest-verdict-too_few", lang, vintage=name, count=vintage["n_resolved"])
            )
            continue
        skills = {s["baseline"]: s["skill"] for s in vintage["skill"]}
        best = min(skills, key=lambda b: scores[b])
        ends = skills[best]["interval"]
        interval = Interval(100 * ends["low"], 100 * ends["high"], ends["level"], "bootstrap")
        sure = (
            "backtest-verdict-better"
            if ends["low"] > 0
            else "backtest-verdict-worse"
            if ends["high"] < 0
            else "backtest-verdict-alike"
        )
        out.append(
            message(
                sure,
                lang,
                vintage=name,
                count=vintage["n_resolved"],
                ours=number(scores["mixture"], lang, 2),
                theirs=number(scores[best], lang, 2),
                baseline=message(METHOD_NAMES[best], lang),
                skill=number(100 * skills[best]["value"], lang),
                interval=interval_words(interval, lang, decimals=0),
            )
        )
    return "\n".join(out)
