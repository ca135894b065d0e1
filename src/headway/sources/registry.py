"""Which sources there are: an explicit table of modules, imported when they are needed.

A module of the table has ``SOURCE`` (a :class:`~headway.sources.declare.Source` whose key is the
one here) and ``parse(body: bytes, resource: str) -> Parsed``; ``resource`` is the resource's name.
A source whose answers come one by one has ``gather`` too, which binds them into one body.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Coroutine, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from headway.errors import NotFound
from headway.problems import problem
from headway.sources.declare import Parsed, Source
from headway.textsafe import clip

if TYPE_CHECKING:
    from headway.sources.declare import Resource
    from headway.sources.fetch import Fetched, Limits

__all__ = ["CONNECTORS", "Connector", "Gather", "Parse", "all_sources", "chosen_sources"]

Parse = Callable[[bytes, str], Parsed]


class Gather(Protocol):
    """Ask question by question; ``few`` asks the first ones only."""

    def __call__(
        self, resource: Resource, limits: Limits, few: int | None = None
    ) -> Coroutine[Any, Any, Fetched]: ...


#: Key -> module, in the order in which they are shown.
CONNECTORS: dict[str, str] = {
    "epoch-hub": "headway.sources.epoch_hub",
    "epoch-eci": "headway.sources.epoch_index",
    "models-dev": "headway.sources.models_dev",
    "metr": "headway.sources.metr",
    "cybergym-page": "headway.sources.cybergym",
    "sec-bench": "headway.sources.sec_bench",
    "lyptus": "headway.sources.lyptus",
    "sec-code-bench": "headway.sources.sec_code_bench",
    "aider": "headway.sources.aider",
    "swe-bench-site": "headway.sources.swe_bench",
    "lmarena": "headway.sources.arena",
    "huggingface": "headway.sources.huggingface",
    "genai-prices": "headway.sources.model_prices",
}

_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
#: Names of resources become names of folders.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


class Connector(NamedTuple):
    """A source and how its bodies are read."""

    source: Source
    parse: Parse
    gather: Gather | None = None


def _load(key: str) -> Connector:
    module = import_module(CONNECTORS[key])
    source: Source = module.SOURCE
    names = [resource.name for resource in source.resources]
    assert _KEY.fullmatch(key) and source.key == key, (key, source.key)
    assert names and all(_NAME.fullmatch(name) for name in names), names
    assert len({name.lower() for name in names}) == len(names), names
    return Connector(source, module.parse, getattr(module, "gather", None))


def all_sources() -> dict[str, Connector]:
    """Every source by its key."""
    return {key: _load(key) for key in CONNECTORS}


def chosen_sources(keys: Sequence[str]) -> dict[str, Connector]:
    """The sources named, in the table's order; all of them if none is named.

    Raises
    ------
    NotFound
        No source has this key; the message gives close ones.
    """
    for key in keys:
        if key not in CONNECTORS:
            close = difflib.get_close_matches(key, CONNECTORS, n=3)
            raise problem(
                NotFound,
                "unknown-source",
                source=clip(key),
                close=", ".join(close or CONNECTORS) or "-",
            )
    return {key: _load(key) for key in CONNECTORS if not keys or key in keys}
