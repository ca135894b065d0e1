"""What every result of a verb has: the JSON envelope, texts, provenance, citation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from headway._version import __version__
from headway.errors import BadOption
from headway.problems import problem
from headway.provenance import Provenance

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Result", "Warned", "choices", "envelope", "plain"]


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning: a stable ``code`` and the fields of its text ``warning-<code>``."""

    code: str
    args: Mapping[str, Any] = field(default_factory=dict)

    def text(self, lang: str) -> str:
        """The warning as a sentence."""
        from headway.i18n import message

        shown = {name: _shown(name, value, lang) for name, value in self.args.items()}
        return message(f"warning-{self.code}", lang, **shown)

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return {"code": self.code, "message": self.text(lang), "args": plain(dict(self.args))}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Warned:
        return cls(data["code"], dict(data["args"]))


def _shown(name: str, value: Any, lang: str) -> str | int:
    """A field of a warning in words: shares as percent, domains and dates by their names."""
    from headway.i18n import day, message, number, percent

    if name == "count" and isinstance(value, int):
        return value  # a number, so that a message can have its own words for one
    if name == "share":
        return percent(float(value), lang)
    if name == "domain":
        return message(f"domain-{value}", lang)
    if name in {"as_of", "data_through"}:
        return day(date.fromisoformat(str(value)), lang)
    return number(value, lang) if isinstance(value, int | float) else str(value)


def plain(value: Any) -> Any:
    """A value as JSON carries it: dates as ISO text, infinities as ``"inf"`` and ``"-inf"``.

    Raises
    ------
    AssertionError
        On NaN: an unknown is ``None``.
    """
    if isinstance(value, bool) or value is None or isinstance(value, int | str):
        return value
    if isinstance(value, float):
        from headway.result import json_number

        return json_number(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, Iterable):
        return [plain(v) for v in value]
    return str(value)


def envelope(
    command: str,
    *,
    data_release: str,
    as_of: date,
    options: Mapping[str, Any],
    results: Sequence[Any],
    warnings: Sequence[Warned],
    provenance: Provenance,
    lang: str = "en",
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The JSON object of a command (schema ``headway.<command>/1``)."""
    return {
        "schema": f"headway.{command}/1",
        "headway": __version__,
        "data_release": data_release,
        "as_of": as_of.isoformat(),
        "options": plain(dict(options)),
        "results": plain(results),
        **({} if extra is None else plain(dict(extra))),
        "warnings": [w.to_json(lang) for w in warnings],
        "provenance": provenance.to_json(),
    }


@dataclass(frozen=True)
class Result(ABC):
    """Base of all results: frozen, with provenance.

    Parameters
    ----------
    data_release : str
    as_of : date
    options : mapping
        The options as they were used, defaults filled in.
    warnings : tuple of Warned
    provenance : Provenance
    """

    data_release: str
    as_of: date
    options: Mapping[str, Any]
    warnings: tuple[Warned, ...]
    provenance: Provenance

    @abstractmethod
    def to_json(self, lang: str = "en") -> dict[str, Any]:
        """The JSON envelope; texts in ``lang``, codes and numbers in none."""

    @abstractmethod
    def table(self) -> pl.DataFrame:
        """The rows as a Polars frame."""

    @abstractmethod
    def text(self, lang: str = "en") -> str:
        """The rows as text for people."""

    def cite(self, lang: str = "en") -> str:
        """How to cite this result so that it can be computed again."""
        from headway.i18n import message

        return message(
            "cite",
            lang,
            version=__version__,
            release=self.data_release,
            as_of=self.as_of.isoformat(),
            result=self.provenance.key[:12],
        )

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """The rows of :meth:`table` for any library that reads Arrow streams."""
        return self.table().__arrow_c_stream__(requested_schema)


def choices(
    option: str, value: str | Sequence[str], allowed: Sequence[str], command: str
) -> tuple[str, ...]:
    """One value or a comma list, each of ``allowed``, in the order given, without repeats.

    Raises
    ------
    BadOption
    """
    parts = value.split(",") if isinstance(value, str) else list(value)
    out: list[str] = []
    for part in (p.strip() for p in parts):
        if part not in allowed:
            raise problem(
                BadOption,
                "bad-choice",
                option=option,
                value=part,
                allowed=", ".join(allowed),
                command=command,
            )
        if part not in out:
            out.append(part)
    return tuple(out)
