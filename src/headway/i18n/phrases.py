"""Numbers, dates and quantities in words, per language.

Numbers are rounded to what their interval supports: the last digit shown is never finer than
about a tenth of the interval's half-width. Files keep full precision.
"""

from __future__ import annotations

import math
from datetime import date

from headway.i18n.catalogue import catalogue, message
from headway.result import Interval, Quantity

__all__ = [
    "amount",
    "day",
    "decimals_for",
    "interval_words",
    "month",
    "note",
    "number",
    "percent",
    "quantity_short",
    "quantity_words",
    "years_month",
]


def number(value: float, lang: str, decimals: int = 0) -> str:
    """A number with a fixed count of decimals, a true minus sign and the language's separators.

    Examples
    --------
    >>> number(-1234.56, "en", 1)
    '−1,234.6'
    """
    from babel.numbers import format_decimal

    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    rounded = round(value, decimals) + 0.0  # no "-0"
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return str(format_decimal(rounded, pattern, locale=lang)).replace("-", "−")


def percent(share: float, lang: str, decimals: int = 0) -> str:
    """A proportion (0-1) as percent; values that would round to 0 or 100 stay honest.

    Examples
    --------
    >>> percent(0.996, "en"), percent(0.5, "ja")
    ('> 99 %', '50 %')
    """
    step = 10.0 ** -(decimals + 2)
    if 0 < share < step / 2:
        return f"< {number(100 * step, lang, decimals)} %"
    if 1 - step / 2 < share < 1:
        return f"> {number(100 * (1 - step), lang, decimals)} %"
    return f"{number(100 * share, lang, decimals)} %"


def day(when: date, lang: str) -> str:
    """A date in full: ``23 November 2026`` or ``2026年11月23日``."""
    from babel.dates import format_date

    return str(format_date(when, "d MMMM y" if lang == "en" else "y年M月d日", locale=lang))


def month(when: date, lang: str) -> str:
    """A date's month: ``November 2026`` or ``2026年11月``."""
    from babel.dates import format_date

    return str(format_date(when, "MMMM y" if lang == "en" else "y年M月", locale=lang))


def years_month(when: date, lang: str) -> str:
    """A short month for tables: ``Nov 2026`` or ``2026年11月``."""
    from babel.dates import format_date

    return str(format_date(when, "MMM y" if lang == "en" else "y年M月", locale=lang))


def decimals_for(interval: Interval | None, value: float | None = None) -> int:
    """Decimals that an interval supports: 0, 1 or 2 (1 where there is no interval).

    Examples
    --------
    >>> decimals_for(Interval(3.0, 11.0, 0.9, "eti")), decimals_for(Interval(3.1, 4.0, 0.9, "eti"))
    (0, 1)
    """
    if interval is None:
        return 1
    low, high = interval.low, interval.high
    if math.isinf(low) and math.isinf(high):
        return 0
    if math.isinf(high):
        half = (low if value is None else value) - low
    elif math.isinf(low):
        half = high - (high if value is None else value)
    else:
        half = (high - low) / 2
    if half == 0:
        return 1
    if half >= 1.0:
        return 0
    return 1 if half >= 0.15 else 2


def amount(text: str, unit: str, lang: str) -> str:
    """A formatted number with its unit: ``7 months``, ``7 か月``."""
    return message(f"unit-{unit}", lang, value=text, count="one" if text == "1" else "other")


def interval_words(interval: Interval, lang: str, *, decimals: int | None = None) -> str:
    """The two ends in words: ``5 to 10``, ``8 or more``, ``from "open models lead" to 4``."""
    places = decimals_for(interval) if decimals is None else decimals
    low, high = number(interval.low, lang, places), number(interval.high, lang, places)
    if math.isinf(interval.low) and math.isinf(interval.high):
        # both ends may lie among the open-models-lead draws
        key = "interval-all_open" if interval.high < 0 else "interval-open_low_no_high"
    elif math.isinf(interval.low):
        key = "interval-open_low"
    elif math.isinf(interval.high):
        key = "interval-no_high"
    else:
        key = "interval-both"
    return message(key, lang, low=low, high=high)


def quantity_short(quantity: Quantity, lang: str) -> str:
    """The value alone, as text: ``7 months``, ``at least 12 months``, ``open models lead``."""
    if quantity.status == "not_estimable":
        return message("state-not_estimable", lang)
    if quantity.status == "open_leads":
        return message("state-open_leads", lang)
    assert quantity.value is not None
    places = decimals_for(quantity.interval, quantity.value)
    text = amount(number(quantity.value, lang, places), quantity.unit, lang)
    if quantity.status == "censored":
        return message("state-at_least", lang, amount=text)
    return text


def quantity_words(quantity: Quantity, lang: str) -> str:
    """A quantity with its interval, or the reason why it has none.

    Examples
    --------
    >>> quantity_words(Quantity(7.24, "months", Interval(4.6, 10.8, 0.9, "eti"), 40, 9,
    ...                         "estimated"), "en")
    '7 months (90 % interval 5 to 11)'
    """
    short = quantity_short(quantity, lang)
    if quantity.status == "not_estimable":
        reasons = message("list-separator", lang).join(note(n, lang) for n in quantity.notes)
        return message("quantity-reason", lang, amount=short, reason=reasons)
    if quantity.interval is None:
        reason = note(quantity.notes[0] if quantity.notes else "no_interval", lang)
        return message("quantity-reason", lang, amount=short, reason=reason)
    places = decimals_for(quantity.interval, quantity.value)
    return message(
        "quantity-interval",
        lang,
        amount=short,
        level=percent(quantity.interval.level, lang),
        interval=interval_words(quantity.interval, lang, decimals=places),
    )


def note(key: str, lang: str) -> str:
    """The sentence of a note key; ``key:argument`` passes the argument on.

    The message may use ``$arg`` (as it is), ``$have`` and ``$need`` (of ``2<3``) and ``$share``
    (a proportion as percent). A key that no catalogue knows is shown as it is, marked as such,
    and never dropped.

    Examples
    --------
    >>> note("too_few_open:2<3", "en")
    'too few open-weight models with enough data (2 of 3 needed)'
    """
    name, _, argument = key.partition(":")
    if f"note-{name}" not in catalogue(lang):
        return message("note-unlisted", lang, arg=key)
    have, _, need = argument.partition("<")
    try:
        share = percent(min(1.0, max(0.0, float(argument))), lang)
    except ValueError:
        share = argument
    return message(f"note-{name}", lang, arg=argument, have=have, need=need, share=share)
