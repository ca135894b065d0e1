"""One sentence per evidence effect, with its number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headway.api.lag_effects import share_words, short
from headway.i18n import message, number
from headway.result import Quantity

if TYPE_CHECKING:
    from headway.api.lag_effects import EffectsResult

__all__ = ["sentences"]

_DOMAINS = ("cyber", "coding", "general")


def sentences(found: EffectsResult, lang: str) -> list[str]:
    """The findings in words, in the order of the effects; an effect without rows has none."""
    makers = (
        _inflation,
        _held_out,
        _freshness,
        _saturation,
        _selection,
        _distillation,
        _tellings,
        _robustness,
        _reliability,
        _dependence,
    )
    told = (make(found, lang) for make in makers)
    return [line for line in told if line is not None]


def _words(q: Quantity | None, lang: str) -> str:
    return message("state-not_estimable", lang) if q is None else short(q, lang)


def _share(q: Quantity | None, lang: str) -> str:
    return message("state-not_estimable", lang) if q is None else share_words(q, lang)


def _by_domain(
    found: EffectsResult, lang: str, effect: str, measure: str, basis: str, of: str
) -> str:
    """The three domains with their numbers, as one list."""
    parts = []
    for domain in _DOMAINS:
        q = found.quantity(effect, measure, basis, of=of, domain=domain)
        if q is not None:
            shown = _share(q, lang) if q.unit == "proportion" else _words(q, lang)
            name = message(f"domain-{domain}", lang)
            parts.append(message("effects-domain-value", lang, domain=name, value=shown))
    return message("list-separator", lang).join(parts)


def _inflation(found: EffectsResult, lang: str) -> str | None:
    first = found.quantity("inflation", "first_party", "model", of="points")
    if first is None:
        return None
    return message(
        "effects-say-inflation",
        lang,
        first=_words(first, lang),
        rival=_words(found.quantity("inflation", "competitor", "model", of="points"), lang),
        matched=_words(found.quantity("inflation", "first_party", "matched", of="points"), lang),
    )


def _held_out(found: EffectsResult, lang: str) -> str | None:
    gap = found.quantity("held_out", "public_less_held_out", "model", of="points")
    if gap is None:
        return None
    line = message(
        "effects-say-held_out",
        lang,
        gap=_words(gap, lang),
        matched=_words(
            found.quantity("held_out", "public_less_held_out", "matched", of="points"), lang
        ),
        months=_by_domain(found, lang, "held_out", "public_less_held_out", "model", "months"),
    )
    examples = [
        e
        for domain in _DOMAINS
        for row in [found.find("held_out", "public_less_held_out", "matched", domain=domain)]
        if row is not None
        for e in row["examples"]
    ]
    if not examples:
        return line
    worst = max(examples, key=lambda e: float(e["difference"]))
    told = message(
        "effects-say-held_out_example",
        lang,
        open=worst["open_model"],
        closed=worst["closed_model"],
        public=worst["public"]["benchmark"],
        public_open=number(worst["public"]["open"], lang),
        public_closed=number(worst["public"]["closed"], lang),
        held=worst["held_out"]["benchmark"],
        held_open=number(worst["held_out"]["open"], lang),
        held_closed=number(worst["held_out"]["closed"], lang),
    )
    return f"{line} {told}"


def _freshness(found: EffectsResult, lang: str) -> str | None:
    if found.find("freshness", "per_year", "model", domain="general") is None:
        return None
    return message(
        "effects-say-freshness",
        lang,
        years=_by_domain(found, lang, "freshness", "per_year", "model", "points"),
        classes=_by_domain(
            found, lang, "freshness", "per_year_open_less_closed", "model", "points"
        ),
    )


def _saturation(found: EffectsResult, lang: str) -> str | None:
    ratio = found.quantity("saturation", "information_near_ceiling", "counted")
    if ratio is None:
        return None
    return message(
        "effects-say-saturation",
        lang,
        ratio=_words(ratio, lang),
        shares=_by_domain(
            found, lang, "saturation", "evidence_from_saturated", "counted", "estimate"
        ),
        months=_by_domain(found, lang, "saturation", "lag_without_saturated", "model", "months"),
    )


def _selection(found: EffectsResult, lang: str) -> str | None:
    opened = found.quantity("selection", "odds_per_logit", "counted", access_class="open")
    if opened is None:
        return None
    return message(
        "effects-say-selection",
        lang,
        open=_words(opened, lang),
        closed=_words(
            found.quantity("selection", "odds_per_logit", "counted", access_class="closed"), lang
        ),
        months=_by_domain(found, lang, "selection", "lag_with_selection", "model", "months"),
    )


def _distillation(found: EffectsResult, lang: str) -> str | None:
    effect = found.quantity("distillation", "held_out_less_public", "model", of="points")
    if effect is None:
        return None
    return message(
        "effects-say-distillation",
        lang,
        effect=_words(effect, lang),
        stated=_share(
            found.quantity(
                "distillation", "flag_stated_last_18_months", "counted", access_class="open"
            ),
            lang,
        ),
    )


def _tellings(found: EffectsResult, lang: str) -> str | None:
    who = found.quantity("tellings", "sd_evaluator", "counted", of="points")
    if who is None:
        return None
    line = message(
        "effects-say-tellings",
        lang,
        who=_words(who, lang),
        scaffold=_words(found.quantity("tellings", "sd_scaffold", "counted", of="points"), lang),
    )
    row = found.find("tellings", "sd_version", "counted")
    example = next(iter(row["examples"]), None) if row is not None else None
    if example is None:
        return line
    high, low = (float(t["score"]) for t in example["tellings"])
    told = message(
        "effects-say-tellings_example",
        lang,
        model=example["model"],
        benchmark=example["benchmark"],
        low=number(100 * min(high, low), lang, 2),
        high=number(100 * max(high, low), lang, 2),
    )
    return f"{line} {told}"


def _robustness(found: EffectsResult, lang: str) -> str | None:
    if found.find("robustness", "agentic_open_less_closed", "model", domain="coding") is None:
        return None
    return message(
        "effects-say-robustness",
        lang,
        gaps=_by_domain(found, lang, "robustness", "agentic_open_less_closed", "model", "points"),
    )


def _reliability(found: EffectsResult, lang: str) -> str | None:
    opened = found.quantity("reliability", "all_by_any", "counted", access_class="open")
    if opened is None:
        return None
    return message(
        "effects-say-reliability",
        lang,
        open=_share(opened, lang),
        closed=_share(
            found.quantity("reliability", "all_by_any", "counted", access_class="closed"), lang
        ),
    )


def _dependence(found: EffectsResult, lang: str) -> str | None:
    rows = [
        row
        for row in found.documents
        if row["measure"] == "developer_alone" and row["estimate"]["value"] is not None
    ]
    if not rows:
        return None

    def mean(domain: str, kind: str) -> str:
        q = found.quantity(
            "dependence", "developer_alone_mean", "counted", domain=domain, access_class=kind
        )
        return _share(q, lang)

    parts = [
        message(
            "effects-domain-classes",
            lang,
            domain=message(f"domain-{domain}", lang),
            open=mean(domain, "open"),
            closed=mean(domain, "closed"),
        )
        for domain in _DOMAINS
    ]
    line = message(
        "effects-say-dependence", lang, shares=message("list-separator", lang).join(parts)
    )
    alone = sorted({str(r["group"]["model"]) for r in rows if r["estimate"]["value"] == 1.0})
    if not alone:
        return line
    told = message("effects-say-dependence_alone", lang, models=", ".join(alone))
    return f"{line} {told}"
