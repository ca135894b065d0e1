"""Errors whose text comes from the message catalogue, so that the command line can translate it."""

from __future__ import annotations

from typing import TypeVar

from headway.errors import HeadwayError

__all__ = ["localised", "problem"]

Kind = TypeVar("Kind", bound=HeadwayError)


def problem(kind: type[Kind], key: str, **fields: object) -> Kind:
    """An error of ``kind`` with the texts ``error-<key>`` and ``error-<key>-hint``.

    The English text becomes the message; ``fields`` and the key stay in ``context``, from which
    :func:`localised` makes the text of another language.
    """
    what, hint = _texts(key, "en", fields)
    return kind(what, hint=hint, message_key=key, **fields)


def localised(error: HeadwayError, lang: str) -> tuple[str, str]:
    """Message and hint of an error in a language.

    An error raised without a key has only its English text.
    """
    key = error.context.get("message_key")
    if not isinstance(key, str):
        return error.what, error.hint
    fields = {k: v for k, v in error.context.items() if k != "message_key"}
    return _texts(key, lang, fields)


def _texts(key: str, lang: str, fields: dict[str, object]) -> tuple[str, str]:
    from headway.i18n import message

    # a field may come per language: rows (English) and rows_ja
    chosen = {name: fields.get(f"{name}_{lang}", value) for name, value in fields.items()}
    shown = {name: str(value) for name, value in chosen.items()}
    return message(f"error-{key}", lang, **shown), message(f"error-{key}-hint", lang, **shown)
