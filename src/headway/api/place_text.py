"""``headway place`` as text: per model one sentence, one table, and what of its rows was used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headway.api.place import PlaceResult

__all__ = ["place_text"]

#: Notes that the cells of the table say already.
_SAID = ("p_ahead_of_closed", "p_before_first_closed", "posterior_probability")


def place_text(result: PlaceResult, lang: str) -> str:
    """One block per model of the file."""
    return "\n\n".join(_block(result, account, lang) for account in result.models)


def _block(result: PlaceResult, account: Mapping[str, Any], lang: str) -> str:
    from headway.i18n import day, message
    from headway.textsafe import clip

    name = clip(account["model"], 80)
    rows = [row for row in result.documents if row["model"] == account["model"]]
    lines = [
        message(
            "place-title",
            lang,
            model=name,
            used=account["used"],
            rows=account["rows"],
            as_of=day(result.as_of, lang),
            release=result.data_release,
        )
    ]
    lines += [_left_out(reason, count, lang) for reason, count in account["left_out"].items()]
    headline = next((r for r in rows if r["date_equalled"]["status"] != "not_estimable"), None)
    if headline is None:
        lines.append(message("place-none", lang))
    else:
        lines.append(_sentence(result, headline, name, lang))
    return "\n".join(lines) + "\n\n" + _table(result, rows, lang)


def _left_out(reason: str, count: int, lang: str) -> str:
    """Rows that the fit does not take, in words."""
    from headway.i18n import message

    known = {
        "benchmark_index": "place-left-index",
        "benchmark_not_used": "place-left-not_used",
        "aggregate_of_parts": "place-left-aggregate",
        "lower_effort": "place-left-lower_effort",
    }
    if reason in known:
        return message(known[reason], lang, number=count)
    return message("place-left-other", lang, number=count, reason=reason)


def _cell(row: Mapping[str, Any], lang: str) -> str:
    from headway.api.forecast_text import cell_name

    return cell_name(row, lang)


def _when(dated: Mapping[str, Any], lang: str) -> str:
    """A date in words: a day, "that day or before", or the state."""
    from headway.i18n import day, message

    if dated["status"] == "not_estimable":
        return message("state-not_estimable", lang)
    if dated["value"] is None:
        return message("place-ahead", lang)
    shown = day(date.fromisoformat(dated["value"]), lang)
    return message("place-or_before", lang, date=shown) if dated["status"] == "censored" else shown


def _end(end: str, lang: str) -> str:
    from headway.i18n import day, message

    if end == "inf":
        return message("place-end-ahead", lang)
    if end == "-inf":
        return message("place-end-before", lang)
    return day(date.fromisoformat(end), lang)


def _between(dated: Mapping[str, Any], lang: str) -> str:
    from headway.i18n import message

    ends = dated["interval"]
    if ends is None:
        return "-"
    low, high = (_end(ends[side], lang) for side in ("low", "high"))
    return low if low == high else message("interval-both", lang, low=low, high=high)


def _sentence(result: PlaceResult, row: Mapping[str, Any], name: str, lang: str) -> str:
    """What the first part that can be estimated says."""
    from headway.i18n import message, percent

    dated = row["date_equalled"]
    fields = {
        "model": name,
        "cell": _cell(row, lang),
        "level": percent(float(result.options["level"]), lang),
        "interval": _between(dated, lang),
        "above": percent(row["probability_above_open"]["value"], lang),
    }
    if dated["status"] == "open_leads":
        return message("place-sentence-ahead", lang, **fields)
    return message("place-sentence", lang, date=_when(dated, lang), **fields)


def _table(result: PlaceResult, rows: list[Mapping[str, Any]], lang: str) -> str:
    from headway.api.lag import quantity_from_json
    from headway.i18n import interval_words, message, note, number, percent, quantity_short
    from headway.textsafe import plain_table

    level = percent(float(result.options["level"]), lang)
    several = len(result.options["frontier"]) > 1
    header = [message("forecast-column-cell", lang)]
    header += [message("column-frontier", lang)] if several else []
    header += [
        message("place-column-date", lang),
        message("place-column-interval", lang, level=level),
        message("place-column-lag", lang),
        message("place-column-uplift", lang, level=level),
        message("place-column-above", lang),
        message("place-column-scores", lang),
        message("place-column-ratio", lang),
        message("column-notes", lang),
    ]
    out = []
    for row in rows:
        dated, coverage = row["date_equalled"], row["coverage"]
        lag, uplift = quantity_from_json(row["lag"]), quantity_from_json(row["uplift"])
        refused = dated["status"] == "not_estimable"
        cells = [_cell(row, lang)]
        cells += [message(f"frontier-{row['frontier']}", lang)] if several else []
        cells += [_when(dated, lang), _between(dated, lang)]
        if refused:
            cells += ["-", "-", "-"]
        else:
            ahead = lag.status == "open_leads"
            cells.append(message("place-ahead", lang) if ahead else quantity_short(lag, lang))
            spread = "-" if uplift.interval is None else interval_words(uplift.interval, lang)
            cells.append(
                message(
                    "place-with-interval",
                    lang,
                    amount=quantity_short(uplift, lang),
                    interval=spread,
                )
            )
            cells.append(percent(row["probability_above_open"]["value"], lang))
        ratio = coverage["sd_ratio"]
        cells += [str(coverage["n_scores"]), "-" if ratio is None else number(ratio, lang, 2)]
        told = [n for n in dated["notes"] if refused or n.partition(":")[0] not in _SAID]
        if not refused:
            told += [n for n in dated["notes"] if n.startswith("p_")]
        cells.append(message("list-separator", lang).join(note(n, lang) for n in told))
        out.append(cells)
    return plain_table(header, out)
