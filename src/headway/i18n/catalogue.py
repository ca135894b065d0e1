"""Message catalogues: one per language, read once."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from headway.errors import BadOption

if TYPE_CHECKING:
    from fluent.runtime import FluentBundle

__all__ = ["LANGS", "Catalogue", "MissingMessage", "catalogue", "message"]

#: Languages that ship together.
LANGS = ("en", "ja")


class MissingMessage(LookupError):
    """A key or a field that a text needs does not exist: a mistake in Headway itself."""


class Catalogue:
    """All messages of one language.

    Parameters
    ----------
    lang : str
        One of :data:`LANGS`.
    texts : dict of str to str, optional
        File name to Fluent text; the shipped files by default.
    """

    def __init__(self, lang: str, texts: dict[str, str] | None = None) -> None:
        from fluent.runtime import FluentBundle, FluentResource
        from fluent.syntax import ast

        self.lang = lang
        self._bundle: FluentBundle = FluentBundle([lang], use_isolating=False)
        self._where: dict[str, str] = {}
        for file, text in sorted((_shipped(lang) if texts is None else texts).items()):
            resource = FluentResource(text)
            for entry in resource.body:
                if isinstance(entry, ast.Junk):
                    raise MissingMessage(f"{lang}/{file}: not Fluent: {entry.content!r}")
                if isinstance(entry, ast.Message):
                    key = entry.id.name
                    if key in self._where:
                        raise MissingMessage(f"{lang}: {key} is in {self._where[key]} and {file}")
                    self._where[key] = file
            self._bundle.add_resource(resource)

    def __contains__(self, key: object) -> bool:
        return key in self._where

    def names(self) -> tuple[str, ...]:
        """All keys, sorted."""
        return tuple(sorted(self._where))

    def message(self, key: str, /, **fields: Any) -> str:
        """The text of ``key`` with its fields filled in.

        Raises
        ------
        MissingMessage
            The key or one of its fields does not exist.
        """
        if key not in self._where:
            raise MissingMessage(f"message {key!r} is missing in {self.lang!r}")
        pattern = self._bundle.get_message(key).value
        if pattern is None:
            raise MissingMessage(f"message {key!r} has no text in {self.lang!r}")
        text, errors = self._bundle.format_pattern(pattern, fields)
        if errors:
            raise MissingMessage(f"message {key!r} in {self.lang!r}: {errors[0]}")
        return str(text)


def _shipped(lang: str) -> dict[str, str]:
    """The shipped Fluent files of a language."""
    folder = resources.files("headway.i18n").joinpath(lang)
    return {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".ftl")
    }


@cache
def catalogue(lang: str) -> Catalogue:
    """The catalogue of a language, read once.

    Raises
    ------
    BadOption
        The language does not ship.
    """
    if lang not in LANGS:
        raise BadOption(f"language {lang!r} is not one of {', '.join(LANGS)}", hint="--lang en")
    return Catalogue(lang)


def message(key: str, /, lang: str = "en", **fields: Any) -> str:
    """The text of ``key`` in a language, with its fields filled in.

    Examples
    --------
    >>> message("domain-cyber", "en")
    'Cyber'
    """
    return catalogue(lang).message(key, **fields)
