"""The one-screen answer of ``headway lag --test``: verdicts first, then the numbers behind them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headway.api.lag import quantity_from_json
from headway.i18n import amount, interval_words, message, note, number, percent, quantity_short
from headway.textsafe import plain_table

if TYPE_CHECKING:
    from headway.api.lag_test import LagTestResult

__all__ = ["CLAIM_WORDS", "VERDICT_WORDS", "probability_text", "screen"]

#: Message of each claim, verdict, contrast and kind of refit (literal, so that the catalogue check
#: sees them).
CLAIM_WORDS = {
    "lag_6_9": "claim-lag_6_9",
    "lag_6_18": "claim-lag_6_18",
    "cyber_above_coding": "claim-cyber_above_coding",
    "cyber_above_general": "claim-cyber_above_general",
    "static": "claim-static",
    "widening": "claim-widening",
}
VERDICT_WORDS = {
    "supported": "claimed-supported",
    "contradicted": "claimed-contradicted",
    "undecided": "claimed-undecided",
    "not_estimable": "state-not_estimable",
}
_CONTRASTS = {
    "china_open_us_closed": "contrast-china_open_us_closed",
    "us_open_us_closed": "contrast-us_open_us_closed",
    "china_open_china_closed": "contrast-china_open_china_closed",
    "china_closed_us_closed": "contrast-china_closed_us_closed",
    "us_open_china_open": "contrast-us_open_china_open",
}
_LEFT_OUT = {
    "lab": "leftout-lab",
    "benchmark": "leftout-benchmark",
    "evaluator": "leftout-evaluator",
    "scaffold": "leftout-scaffold",
    "country": "leftout-country",
    "evidence": "leftout-evidence",
    "access": "leftout-access",
    "prior": "leftout-prior",
}
#: Runs that are a choice rather than something left out.
_CHOICES = {
    "independent": "evidence-independent",
    "held_out": "evidence-held_out",
    "first_party": "evidence-first_party",
    "stated": "leftout-stated",
    "no_named_scaffold": "leftout-no_named_scaffold",
    "only_commonest_scaffold": "leftout-only_commonest_scaffold",
}


def probability_text(found: Mapping[str, Any], lang: str) -> str:
    """A probability in percent; between two limits where bounds leave it open."""
    value = found["value"]
    if value is None:
        return "-"
    if found["status"] == "estimated":
        return percent(value, lang)
    span = next(n for n in found["notes"] if n.startswith("left_open_by_bounds:"))
    high = min(1.0, value + float(span.partition(":")[2]))
    if round(100 * value) == round(100 * high):
        return percent(value, lang)
    return message("lagtest-between", lang, low=percent(value, lang), high=percent(high, lang))


def _part(row: Mapping[str, Any], lang: str) -> str:
    if row["stage"] is not None:
        return message(f"stage-{row['stage']}", lang)
    return message(f"domain-{row['domain']}", lang)


def _claim(row: Mapping[str, Any], lang: str) -> str:
    text = message(CLAIM_WORDS[row["hypothesis"]], lang)
    if row["models"] == "common":
        return message("lagtest-common", lang, claim=text)
    return text


def _estimate(found: Mapping[str, Any], lang: str) -> str:
    """Value with the interval that has the release process in it."""
    q = quantity_from_json(found)
    if q.status == "not_estimable":
        return note(q.notes[0], lang)
    short = quantity_short(q, lang)
    if "upper_limit" in q.notes:
        assert q.value is not None
        text = amount(number(q.value, lang, 1), q.unit, lang)
        short = message("lagtest-at_most", lang, amount=text)
    ends = q.interval_process or q.interval
    if ends is None:
        return short
    return message("chart-value_interval", lang, amount=short, interval=_ends(ends, q.unit, lang))


def _ends(ends: Any, unit: str, lang: str) -> str:
    """An interval in words; a difference or a slope without a lower end has no lower limit."""
    if unit == "months_per_year" or ends.low < 0:
        low = "−∞" if math.isinf(ends.low) else number(ends.low, lang, 0)
        high = "∞" if math.isinf(ends.high) else number(ends.high, lang, 0)
        return message("interval-both", lang, low=low, high=high)
    return interval_words(ends, lang)


def screen(result: LagTestResult, lang: str) -> str:
    """The whole text.

    Parameters
    ----------
    result : LagTestResult
    lang : str

    Returns
    -------
    str
        Sentences, the table of claims, the robustness lines and the table of countries.
    """
    every = result.shown()
    whole = [row for row in every if row["stage"] is None]
    rows = whole or every
    parts = ["\n".join(_verdicts(rows, lang)), _table(result, rows, lang)]
    if whole:
        parts.append(_stages(every, lang))
    parts += [_rule(result, lang)]
    if result.robustness is None:
        parts.append(message("lagtest-no_refits", lang, command="headway lag --test --compute"))
    else:
        parts.append("\n".join(_influences(result, rows, lang)))
        parts.append(_countries(result.robustness, lang))
    if result.calibration:
        parts.append(_sizes(result.calibration, lang))
    return "\n\n".join(part for part in parts if part)


def _verdicts(rows: Sequence[Mapping[str, Any]], lang: str) -> list[str]:
    """One sentence per claim: the verdict in each domain."""
    out = []
    for name in dict.fromkeys(row["hypothesis"] for row in rows):
        answers = [
            message(
                "lagtest-answer",
                lang,
                part=_part(row, lang),
                verdict=message(VERDICT_WORDS[row["verdict"]], lang),
                # a tail probability says little in a sentence; the slope itself does
                probability=_estimate(row["estimate"], lang)
                if name == "static"
                else probability_text(row["probability"], lang),
            )
            for row in rows
            if row["hypothesis"] == name and row["models"] == "own"
        ]
        if answers:
            joined = message("list-separator", lang).join(answers)
            claim = message(CLAIM_WORDS[name], lang)
            out.append(message("lagtest-verdict", lang, claim=claim, answers=joined))
    return out


def _table(result: LagTestResult, rows: Sequence[Mapping[str, Any]], lang: str) -> str:
    """Claims with estimate, probability, verdict, other definitions and the range over refits."""
    others = (
        [name for name in result.options["definition"] if name != rows[0]["definition"]]
        if rows
        else []
    )
    found = {
        (r["hypothesis"], r["domain"], r["stage"], r["models"], name): r
        for name in others
        for r in result.shown(name)
    }
    ranges = _ranges(result)
    header = [
        message("lagtest-column-claim", lang),
        message("lagtest-column-part", lang),
        message("lagtest-column-estimate", lang, level=percent(result.options["level"], lang)),
        message("lagtest-column-probability", lang),
        message("lagtest-column-verdict", lang),
        *(message(f"lagtest-short-{name}", lang) for name in others),
    ]
    header += [message("lagtest-column-refits", lang)] if ranges else []
    lines = []
    for row in rows:
        key = (row["hypothesis"], row["domain"], row["stage"], row["models"])
        line = [
            _claim(row, lang),
            _part(row, lang),
            _estimate(row["estimate"], lang),
            probability_text(row["probability"], lang),
            message(VERDICT_WORDS[row["verdict"]], lang),
        ]
        for name in others:
            other = found.get((*key, name))
            line.append("-" if other is None else probability_text(other["probability"], lang))
        if ranges:
            own = ranges.get((row["hypothesis"], row["domain"]))
            plain = row["models"] == "own" and row["stage"] is None and own is not None
            line.append(
                message(
                    "lagtest-range",
                    lang,
                    low=percent(own["low"], lang),
                    high=percent(own["high"], lang),
                    flips=number(sum(map(len, own["flips"].values())), lang),
                    refits=number(own["refits"], lang),
                )
                if plain and own is not None and own["low"] is not None
                else "-"
            )
        lines.append(line)
    return plain_table(header, lines)


def _stages(rows: Sequence[Mapping[str, Any]], lang: str) -> str:
    """The stages of cyber in a line each: probability of every claim, decided ones marked."""
    stages = list(dict.fromkeys(row["stage"] for row in rows if row["stage"] is not None))
    if not stages:
        return ""
    claims = list(dict.fromkeys(row["hypothesis"] for row in rows))
    found = {(r["stage"], r["hypothesis"]): r for r in rows if r["models"] == "own"}
    lines = []
    for stage in stages:
        line = [message(f"stage-{stage}", lang)]
        for name in claims:
            row = found[stage, name]
            text = probability_text(row["probability"], lang)
            if row["verdict"] in ("supported", "contradicted"):
                verdict = message(VERDICT_WORDS[row["verdict"]], lang)
                text = message("chart-value_interval", lang, amount=text, interval=verdict)
            line.append(text)
        lines.append(line)
    header = [message("lagtest-column-stage", lang)]
    return plain_table([*header, *(message(CLAIM_WORDS[c], lang) for c in claims)], lines)


def _ranges(result: LagTestResult) -> dict[tuple[str, str], Mapping[str, Any]]:
    if result.robustness is None or result.options["definition"][0] != "lag_mean_12m":
        return {}
    return {(r["what"], r["domain"]): r for r in result.robustness["summary"] if r["what"] != "lag"}


def _rule(result: LagTestResult, lang: str) -> str:
    return message(
        "lagtest-rule",
        lang,
        definition=message(f"definition-{result.options['definition'][0]}", lang),
    )


def _name_of(group: str, name: str, lang: str) -> str:
    if name in _CHOICES:
        return message(_CHOICES[name], lang)
    if group == "prior":
        return message(f"prior-{name}", lang)
    return message(_LEFT_OUT[group], lang, name=name)


def _influences(result: LagTestResult, rows: Sequence[Mapping[str, Any]], lang: str) -> list[str]:
    """Per claim of the first screen, what moves it most and whether its verdict holds."""
    assert result.robustness is not None, "the caller looked"
    ranges = _ranges(result)
    counts = result.robustness["counts"]
    total = sum(n for group, n in counts.items() if group != "all")
    out = [message("lagtest-refits", lang, count=number(total, lang))]
    for key in dict.fromkeys((r["hypothesis"], r["domain"]) for r in rows):
        found = ranges.get(key)
        if found is None or not found["most"]:
            continue
        base = _followed(found)
        moved = sorted(
            (
                (abs(value - base), group, name, value)
                for group, top in found["most"].items()
                for name, value in top
            ),
            reverse=True,
        )[:3]
        most = message("list-separator", lang).join(
            message(
                "lagtest-moved",
                lang,
                what=_name_of(group, name, lang),
                probability=percent(value, lang),
            )
            for _, group, name, value in moved
        )
        out.append(
            message(
                "lagtest-influence",
                lang,
                claim=message(CLAIM_WORDS[key[0]], lang),
                part=message(f"domain-{key[1]}", lang),
                base=percent(base, lang),
                most=most,
            )
        )
    return out


def _followed(found: Mapping[str, Any]) -> float:
    return (float(found["base"]["low"]) + float(found["base"]["high"])) / 2


def _countries(robustness: Mapping[str, Any], lang: str) -> str:
    """Lags between countries and access classes, and what they can and cannot separate."""
    contrasts = robustness["countries"]
    domains = [
        d for d in ("cyber", "coding", "general") if any(c["domain"] == d for c in contrasts)
    ]
    found = {(c["contrast"], c["domain"]): c for c in contrasts if c["stage"] is None}
    lines = []
    for name, key in _CONTRASTS.items():
        line = [message(key, lang)]
        for domain in domains:
            row = found[name, domain]
            line.append(
                message(
                    "lagtest-contrast",
                    lang,
                    lag=_estimate(row["lag"], lang),
                    behind=number(row["behind"], lang),
                    ahead=number(row["ahead"], lang),
                )
            )
        lines.append(line)
    header = [message("lagtest-column-contrast", lang)]
    header += [message(f"domain-{d}", lang) for d in domains]
    parts = [message("lagtest-countries", lang)]
    leaders = next(
        (r for r in robustness["leaders"] if r["domain"] == "cyber" and r["stage"] is None), None
    )
    confounded = ("China", "United States of America")
    if leaders and (leaders["open_country"], leaders["closed_country"]) == confounded:
        text = message(
            "lagtest-confounded",
            lang,
            open=leaders["open_model"],
            closed=leaders["closed_model"],
            models=number(found["china_open_china_closed", "cyber"]["ahead"], lang),
        )
        parts.append(text)
    return "\n".join([*parts, plain_table(header, lines)])


def _sizes(rows: Sequence[Mapping[str, Any]], lang: str) -> str:
    """How often the tests err in worlds where the null is true."""
    parts = []
    for claim in ("cyber_above_coding", "static"):
        own = [
            r
            for r in rows
            if r["claim"] == claim and r["definition"] == "lag_mean_12m" and r["stage"] is None
        ]
        worlds = sum(r["n"] for r in own)
        if not worlds:
            continue
        size = sum(r["size"] * r["n"] for r in own) / worlds
        parts.append(
            message(
                "lagtest-size",
                lang,
                claim=message(CLAIM_WORDS[claim], lang),
                size=percent(size, lang, 1),
                worlds=number(worlds, lang),
            )
        )
    return message("lagtest-sizes", lang, sizes=message("list-separator", lang).join(parts))
