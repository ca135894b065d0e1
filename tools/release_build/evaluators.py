"""Who measured, and how that teller stands to the model: derived, never taken from a label."""

from __future__ import annotations

from . import curated
from .raw import RawRow

__all__ = ["Evaluators", "relationship"]


def relationship(kind: str, evaluator_lab: str | None, model_lab: str | None) -> str:
    """Relationship of a teller to a model.

    A developer's panel is ``first_party`` about its own models and ``competitor`` about all others;
    a model whose developer is unknown gives ``unknown`` there. Others keep their kind.

    Examples
    --------
    >>> relationship("lab", "zai", "openai")
    'competitor'
    >>> relationship("lab", "zai", "zai")
    'first_party'
    >>> relationship("lab", "zai", None)
    'unknown'
    >>> relationship("government", None, "zai")
    'government'
    """
    if kind != "lab":
        return kind
    if model_lab is None or evaluator_lab is None:
        return "unknown"
    return "first_party" if evaluator_lab == model_lab else "competitor"


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
