"""Entries of the committed side files (corrections, quarantine): checked key by key.

An entry with a missing, unknown or impossible key stops the whole file: a rule that is half read
would change numbers without saying so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from headway.errors import BadTable, Unreadable
from headway.problems import problem
from headway.textsafe import clip

__all__ = ["Entry", "no_repeats", "read_bytes"]

#: Side files are written by hand; anything larger is another file.
MAX_BYTES = 2 * 1024 * 1024


def read_bytes(path: Path) -> bytes:
    """The bytes of a side file.

    Raises
    ------
    Unreadable
        Not there, or larger than a file written by hand.
    """
    try:
        body = path.read_bytes()
    except OSError as error:
        raise problem(
            Unreadable, "rules-unreadable", file=path.name, why=type(error).__name__
        ) from error
    if len(body) > MAX_BYTES:
        raise problem(
            Unreadable, "rules-unreadable", file=path.name, why=f"{len(body)} > {MAX_BYTES} bytes"
        )
    return body


class Entry:
    """One entry, read key by key; :meth:`done` refuses what was not asked for.

    Parameters
    ----------
    file : str
        Name for messages.
    place : str
        Where the entry stands, such as ``corrections[3]``; replaced by its id once that is known.
    raw : object
        What stands there.
    """

    def __init__(self, file: str, place: str, raw: object) -> None:
        self.file, self.place = file, place
        if not isinstance(raw, Mapping):
            raise self._value("-", raw, "key: value")
        self._raw: dict[str, object] = {str(key): value for key, value in raw.items()}
        self._asked: list[str] = []
        self.place = self.text("id")
        if not self.place.isascii() or not self.place.replace("-", "").replace(".", "").isalnum():
            raise self._value("id", self.place, "a-z 0-9 - .")

    def _value(self, key: str, found: object, expected: str) -> BadTable:
        return problem(
            BadTable,
            "rules-value",
            file=self.file,
            entry=clip(self.place, 60),
            name=key,
            found=clip(found, 60),
            expected=expected,
        )

    def refuse(self, key: str, expected: str) -> BadTable:
        """The error for a key whose value is not ``expected``."""
        return self._value(key, self._raw.get(key), expected)

    def has(self, key: str) -> bool:
        return key in self._raw

    def raw(self, key: str) -> object:
        """The value of a key that must be there."""
        self._asked.append(key)
        if key not in self._raw:
            raise problem(
                BadTable,
                "rules-key-missing",
                file=self.file,
                entry=clip(self.place, 60),
                name=key,
            )
        return self._raw[key]

    def text(self, key: str) -> str:
        """A text that is not empty."""
        found = self.raw(key)
        if not isinstance(found, str) or not found.strip():
            raise self._value(key, found, "text")
        return found.strip()

    def maybe_text(self, key: str) -> str | None:
        return self.text(key) if self.has(key) else None

    def one_of(self, key: str, allowed: Collection[str]) -> str:
        found = self.text(key)
        if found not in allowed:
            raise self._value(key, found, " | ".join(allowed))
        return found

    def url(self, key: str) -> str:
        """A full web address."""
        found = self.text(key)
        parts = urlsplit(found)
        if parts.scheme != "https" or not parts.netloc or any(c.isspace() for c in found):
            raise self._value(key, found, "https://...")
        return found

    def maybe_day(self, key: str) -> date | None:
        """A day, or ``None`` where the key is absent or null."""
        if not self.has(key):
            return None
        found = self.raw(key)
        if found is None or type(found) is date:  # a TOML time of day is no day
            return found
        try:
            return date.fromisoformat(str(found))
        except ValueError as error:
            raise self._value(key, found, "YYYY-MM-DD") from error

    def flag(self, key: str) -> bool:
        """True or false; false where the key is absent."""
        found = self.raw(key) if self.has(key) else False
        if not isinstance(found, bool):
            raise self._value(key, found, "true | false")
        return found

    def conditions(self, key: str, allowed: Collection[str]) -> dict[str, tuple[str, ...]]:
        """A mapping of names to one text or several (any of them)."""
        found = self.raw(key)
        if not isinstance(found, Mapping) or not found:
            raise self._value(key, found, "key: value")
        out: dict[str, tuple[str, ...]] = {}
        for name, value in found.items():
            if name not in allowed:
                raise self._value(f"{key}.{clip(name, 40)}", value, " | ".join(sorted(allowed)))
            words = value if isinstance(value, list) else [value]
            if not words or not all(isinstance(word, str) and word.strip() for word in words):
                raise self._value(f"{key}.{name}", value, "text")
            out[str(name)] = tuple(words)
        return out

    def done(self) -> None:
        """Refuse keys that nobody asked for: a misspelt key would be a rule without effect."""
        unknown = [key for key in self._raw if key not in self._asked]
        if unknown:
            raise problem(
                BadTable,
                "rules-key-unknown",
                file=self.file,
                entry=clip(self.place, 60),
                name=clip(", ".join(unknown), 60),
            )


def no_repeats(file: str, ids: list[str]) -> None:
    """Two entries of one id would make a message point at the wrong one."""
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise problem(BadTable, "rules-twice", file=file, entry=clip(", ".join(twice), 80))
