"""The shipped vulnerability facts: read, checked against their hashes and schemas."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from headway.errors import Unreadable
from headway.problems import problem

if TYPE_CHECKING:
    import polars as pl

__all__ = ["IMPACT_DIR", "ImpactRelease", "load_impact"]

IMPACT_DIR = Path(__file__).parent / "release_impact"


@dataclass(frozen=True, slots=True)
class ImpactRelease:
    """All tables of vulnerability facts.

    Parameters
    ----------
    data_release : str
        Day that names the release.
    data_through : date
        Latest day that one of its sources covers.
    rows_hash : str
        SHA-256 over all tables; any changed row changes it.
    tables : mapping of str to frame
        As :data:`headway.tables.impact_schemas.IMPACT_SCHEMAS`.
    """

    data_release: str
    data_through: date
    rows_hash: str
    tables: Mapping[str, pl.DataFrame]


def load_impact(folder: Path = IMPACT_DIR) -> ImpactRelease:
    """Read the vulnerability facts of a folder.

    Raises
    ------
    Unreadable
        A file is missing, is not the one that ``release.json`` names, or breaks its schema.
    """
    import dataframely as dy
    import polars as pl

    from headway.tables.impact_schemas import IMPACT_SCHEMAS
    from headway.tables.store import tables_hash
    from headway.tables.write import sha256

    file = "release.json"
    tables: dict[str, pl.DataFrame] = {}
    try:
        told = json.loads((folder / file).read_text(encoding="utf-8"))
        stated = {name: str(told["tables"][name]["sha256"]) for name in IMPACT_SCHEMAS}
        for name, schema in IMPACT_SCHEMAS.items():
            file = f"{name}.parquet"
            body = (folder / file).read_bytes()
            if sha256(body) != stated[name]:
                raise problem(Unreadable, "release-file", file=file, why="SHA-256 differs")
            tables[name] = schema.validate(pl.read_parquet(io.BytesIO(body)), cast=True)
        through = date.fromisoformat(told["data_through"])
    except (OSError, KeyError, TypeError, ValueError, dy.exc.ValidationError) as e:
        if isinstance(e, Unreadable):
            raise
        raise problem(Unreadable, "release-file", file=file, why=type(e).__name__) from e
    return ImpactRelease(str(told["data_release"]), through, tables_hash(stated), tables)
