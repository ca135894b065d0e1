"""Model identity: a name as somebody wrote it -> model version and effort setting.

Only exact ids and listed aliases resolve (letter case, spaces, ``_`` and ``-`` aside); nothing is
guessed. A name that could mean two versions does not resolve.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headway.errors import IdentityConflict, UnknownModel
from headway.problems import problem
from headway.textsafe import clip

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Registry", "Resolved"]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A model version and, where the name says so, the effort setting."""

    model_version: str
    effort: str | None


def _folded(name: str) -> str:
    return re.sub(r"[\s_\-]+", "-", name.strip().casefold())


class Registry:
    """Names of models, from the tables ``model_versions`` and ``model_aliases``.

    Parameters
    ----------
    model_versions, model_aliases : polars.DataFrame
    """

    def __init__(self, model_versions: pl.DataFrame, model_aliases: pl.DataFrame) -> None:
        self._exact: dict[str, Resolved] = {}
        self._folded: dict[str, set[Resolved]] = {}
        self._shown: dict[str, str] = {}
        for version, name in model_versions.select("model_version", "name").iter_rows():
            self._exact[version] = Resolved(version, None)
            self._add(version, Resolved(version, None))
            self._add(name, Resolved(version, None))
        for alias, version, effort in model_aliases.select(
            "alias", "model_version", "effort"
        ).iter_rows():
            self._exact.setdefault(alias, Resolved(version, effort))
            self._add(alias, Resolved(version, effort))

    def _add(self, name: str, to: Resolved) -> None:
        key = _folded(name)
        self._folded.setdefault(key, set()).add(to)
        self._shown.setdefault(key, name)

    def find(self, name: str) -> Resolved | None:
        """The model version that ``name`` stands for; ``None`` if it is unknown or ambiguous."""
        if name in self._exact:
            return self._exact[name]
        hits = self._folded.get(_folded(name), set())
        versions = {h.model_version for h in hits}
        if len(versions) != 1:
            return None
        return next(iter(hits)) if len(hits) == 1 else Resolved(versions.pop(), None)

    def resolve(self, name: str) -> Resolved:
        """The model version that ``name`` stands for.

        Raises
        ------
        UnknownModel
            Nothing listed has this name; the message gives close ones.
        IdentityConflict
            The name could mean several model versions.
        """
        found = self.find(name)
        if found is not None:
            return found
        versions = sorted({h.model_version for h in self._folded.get(_folded(name), set())})
        if not versions:
            raise problem(
                UnknownModel,
                "unknown-model",
                name=clip(name),
                close=", ".join(self.close(name)) or "-",
            )
        raise problem(
            IdentityConflict, "ambiguous-model", name=clip(name), versions=", ".join(versions)
        )

    def close(self, name: str, count: int = 3) -> list[str]:
        """Names like ``name``, best first."""
        found = difflib.get_close_matches(_folded(name), list(self._folded), n=count, cutoff=0.6)
        return [clip(self._shown[key]) for key in found]
