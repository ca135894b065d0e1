"""Who measured, and how that teller stands to the model: derived, never taken from a label."""

from __future__ import annotations

from headway.tables.harmonise.tellers import relationship

from . import curated
from .raw import RawRow

__all__ = ["Evaluators", "relationship"]


class Evaluators:
    """The committed list of tellers."""

    def __init__(self) -> None:
        self._known = {row["evaluator"]: row for row in curated.read("evaluators.csv")}
        self._owners = [(r["prefix"], r["lab"]) for r in curated.read("card_owners.csv")]
        self._defaults = {
            r["benchmark"]: r["evaluator"] for r in curated.read("evaluator_defaults.csv")
        }

    def of(self, row: RawRow, benchmark: str) -> tuple[str | None, str, str | None]:
        """Name, kind and lab of the teller of a row; a board that repeats a card is not the teller."""
        stated = row.corrected.get("evaluator", row.evaluator)
        name = str(stated) if stated else self._defaults.get(benchmark)
        if name is None:
            return None, "unknown", None
        if name in ("huggingface.co", "mistral.ai", "arxiv.org"):
            for prefix, lab in self._owners:
                if (row.source_url or "").startswith(prefix):
                    return prefix, "lab", lab
            return name, "unknown", None
        entry = self._known.get(name)
        if entry is None:
            raise KeyError(f"evaluators.csv does not know {name!r} ({row.panel})")
        return name.strip(), entry["kind"], entry["lab"] or None
