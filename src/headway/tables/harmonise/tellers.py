"""Who measured, and how that teller stands to the model: derived, never taken from a label."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from headway.tables.harmonise.curated import curated

__all__ = ["Teller", "relationship", "source_behind", "teller_of"]

#: Hosts whose numbers others quote: such a row stands under the original's terms.
_ORIGINALS = {
    "artificialanalysis.ai": "artificial-analysis",
    "openrouter.ai": "artificial-analysis",
    "labs.scale.com": "scale-labs",
    "www.swebench.com": "swe-bench-site",
    "aider.chat": "aider",
}
#: Hosts that publish for many: the owner of the page is the teller.
_SHARED = ("huggingface.co", "mistral.ai", "arxiv.org")


@dataclass(frozen=True, slots=True)
class Teller:
    """Name, kind and lab of who states a score; ``unknown`` if no committed table tells."""

    name: str | None
    kind: str
    lab: str | None


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


def _host(url: str | None) -> str | None:
    return urlsplit(url).hostname if url else None


@cache
def _boards() -> dict[str, str]:
    """Who runs the board of a benchmark."""
    return {row["benchmark"]: row["evaluator"] for row in curated("evaluator_defaults.csv")}


def source_behind(url: str | None) -> str | None:
    """Key of the source whose numbers stand at an address, where one of ours quotes it."""
    return _ORIGINALS.get(_host(url) or "")


def teller_of(stated: str | None, url: str | None, benchmark: str, default: str | None) -> Teller:
    """The teller of a score.

    Parameters
    ----------
    stated : str or None
        Who the source says measured it.
    url : str or None
        The page behind the score; its host is the teller where nobody is named.
    benchmark : str
    default : str or None
        Who runs this source's board, where the release's rows agree on one.
    """
    name = stated or _boards().get(benchmark) or default or _host(url)
    if name is None:
        return Teller(None, "unknown", None)
    if name in _SHARED:
        for row in curated("card_owners.csv"):
            if (url or "").startswith(row["prefix"]):
                return Teller(row["prefix"], "lab", row["lab"])
        return Teller(name, "unknown", None)
    for row in curated("evaluators.csv"):
        if row["evaluator"] == name:
            return Teller(name.strip(), row["kind"], row["lab"] or None)
    return Teller(name.strip(), "unknown", None)
