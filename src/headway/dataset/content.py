"""All that the files of a release are made from; no file, clock or network is read in making them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from headway._version import __version__
from headway.dataset.changes import Changes
from headway.i18n import day, message, number
from headway.tables.store import tables_hash
from headway.tables.write import known_through, parquet_bytes, sha256

__all__ = ["AUTHORS", "NAME", "Content"]

#: As in the package's metadata and CITATION.cff.
AUTHORS = "The Headway authors"
#: Names of releases: safe as a folder, a Git tag, a Data Package name and a Croissant id.
NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


@dataclass(frozen=True)
class Content:
    """A release before it is written.

    Parameters
    ----------
    name : str
    released : date
        The day on which it was cut.
    tables : mapping of str to frame
    kept : mapping of str to bytes
        Files of tables that are taken over unchanged.
    changes : Changes
    own_rows : int
        Results of one's own that are in it.
    unresolved : bytes or None
        The list of names that no source could place.
    publisher, url : str or None
        Who publishes it and where, if known.
    history : mapping of str to str
        Per language, the changelog of the release that it is compared with.
    """

    name: str
    released: date
    tables: Mapping[str, pl.DataFrame]
    kept: Mapping[str, bytes]
    changes: Changes
    own_rows: int
    unresolved: bytes | None
    publisher: str | None
    url: str | None
    history: Mapping[str, str]

    @cached_property
    def bodies(self) -> dict[str, bytes]:
        """The Parquet file of each table."""
        return {
            name: self.kept[name] if name in self.kept else parquet_bytes(frame)
            for name, frame in self.tables.items()
        }

    @cached_property
    def rows_hash(self) -> str:
        """SHA-256 over the tables, as :attr:`headway.tables.store.ReleaseHead.rows_hash` has it."""
        return tables_hash({name: sha256(body) for name, body in self.bodies.items()})

    @property
    def through(self) -> date:
        """Latest day on which one of its scores was known."""
        found = known_through(self.tables["scores"])
        assert found is not None, "a release without any known day is refused before this"
        return found

    @property
    def since_day(self) -> date:
        """Earliest day on which one of its scores was known."""
        found = self.tables["scores"]["known_on"].min()
        assert isinstance(found, date)
        return found

    @property
    def version(self) -> str:
        """Its name as a semantic version: the date, and what else the name says as build data."""
        numbers = f"{self.released.year}.{self.released.month}.{self.released.day}"
        rest = self.name.removeprefix(self.released.isoformat()).strip("-._")
        more = ".".join(part for part in re.split(r"[^a-z0-9-]+", rest) if part)
        return f"{numbers}+{more}" if more else numbers

    @property
    def rows(self) -> int:
        """Rows of all tables together."""
        return sum(len(frame) for frame in self.tables.values())

    def title(self, lang: str) -> str:
        return message("dataset-title", lang, name=self.name)

    def description(self, lang: str) -> str:
        """What it is, in two or three sentences; says so if results of one's own are in it."""
        text = message(
            "dataset-description",
            lang,
            scores=number(len(self.tables["scores"]), lang),
            models=number(len(self.tables["model_versions"]), lang),
            benchmarks=number(len(self.tables["benchmarks"]), lang),
            through=day(self.through, lang),
        )
        if not self.own_rows:
            return text
        own = message("dataset-description-own", lang, rows=number(self.own_rows, lang))
        return message("dataset-description-both", lang, text=text, own=own)

    def citation(self) -> str:
        """BibTeX."""
        fields = {
            "title": f"{{{self.title('en')}}}",
            "author": f"{{{{{AUTHORS}}}}}",
            "year": f"{{{self.released.year}}}",
            "version": f"{{{self.name}}}",
            "note": f"{{Cut with Headway {__version__}; SHA-256 over the tables {self.rows_hash}}}",
        }
        if self.url is not None:
            fields["url"] = f"{{{self.url}}}"
        inner = ",\n".join(f"  {name} = {value}" for name, value in fields.items())
        return f"@misc{{headway-{self.name},\n{inner}\n}}"
