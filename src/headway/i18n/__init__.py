"""Text for people, in English and Japanese, from message catalogues with keys and named fields.

Every ``.ftl`` file (`Project Fluent <https://projectfluent.org>`_) under ``en/`` and ``ja/`` is
loaded; keys share one namespace. A key or a field that is missing is our own mistake and raises;
``tools/check_messages.py`` finds it before a reader does.
"""

from __future__ import annotations

from headway.i18n.catalogue import LANGS, Catalogue, MissingMessage, catalogue, message
from headway.i18n.phrases import (
    amount,
    day,
    decimals_for,
    interval_words,
    month,
    note,
    number,
    percent,
    quantity_short,
    quantity_words,
    years_month,
)

__all__ = [
    "LANGS",
    "Catalogue",
    "MissingMessage",
    "amount",
    "catalogue",
    "day",
    "decimals_for",
    "interval_words",
    "message",
    "month",
    "note",
    "number",
    "percent",
    "quantity_short",
    "quantity_words",
    "years_month",
]
