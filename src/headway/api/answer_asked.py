"""What the builders of answers share: what was asked for, charts for the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from headway.figures import Size, Spec
from headway.i18n import day, message
from headway.publish.answers import Answer, without_title

if TYPE_CHECKING:
    from headway.tables.store import Release

__all__ = ["Asked", "chart_of", "not_of_this_day", "title_of"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the report was asked for.

    Parameters
    ----------
    release : Release
    as_of : date or None
        As the caller gave it.
    level : float
    seed : int
    lang : str
    progress : bool
    """

    release: Release
    as_of: date | None
    level: float
    seed: int
    lang: str
    progress: bool

    @property
    def earlier(self) -> bool:
        """The report is of an earlier day than the data."""
        return self.as_of is not None and self.as_of < self.release.data_through

    def common(self) -> dict[str, Any]:
        """Options that every verb takes."""
        return {"as_of": self.as_of, "seed": self.seed, "progress": self.progress}

    def t(self, key: str, **fields: str) -> str:
        return message(key, self.lang, **fields)


def chart_of(make: Callable[..., Spec], *given: Any, **options: Any) -> Callable[[Size], Spec]:
    """A chart of the report in both sizes, without a title of its own (the page prints it)."""

    def chart(size: Size) -> Spec:
        return without_title(make(*given, size=size, palette="css", **options))[1]

    return chart


def title_of(make: Callable[..., Spec], *given: Any, **options: Any) -> str:
    """The finding that a chart carries as its title."""
    return without_title(make(*given, **options))[0].rstrip(":：")


def not_of_this_day(asked: Asked, key: str, command: str) -> Answer:
    """A study that only has a meaning for all data, in a report of an earlier day."""
    through = day(asked.release.data_through, asked.lang)
    return Answer(key, command, computed=False, reason=asked.t("answer-other_day", through=through))
