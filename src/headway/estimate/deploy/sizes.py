"""Numbers of parameters as people write them: ``8T``, ``8000B``, ``8e12``, ``5T..10T``."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from headway.errors import BadOption
from headway.problems import problem

__all__ = ["Range", "parse_range", "parse_size"]

_UNITS = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
_NUMBER = re.compile(r"([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*([kmbt]?)", re.IGNORECASE)
#: No model is smaller than this: "8" is a forgotten unit.
_SMALLEST = 1e6
#: A million times the largest model that anybody announced.
_LARGEST = 1e18


@dataclass(frozen=True, slots=True)
class Range:
    """A size known only between two bounds (equal if it is known)."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """The middle on a log scale."""
        return math.sqrt(self.low * self.high)


def parse_size(text: str, option: str) -> float:
    """A number of parameters.

    Raises
    ------
    BadOption
        Not a number, not positive, or so small that a unit was forgotten.

    Examples
    --------
    >>> parse_size("8T", "--params") == parse_size("8000B", "--params") == 8e12
    True
    """
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        raise problem(BadOption, "deploy-size", option=option, value=text)
    value = float(found[1]) * _UNITS[found[2].lower()]
    if not math.isfinite(value) or value <= 0:
        raise problem(BadOption, "deploy-size-positive", option=option, value=text)
    if value > _LARGEST:
        raise problem(BadOption, "deploy-size-large", option=option, value=text)
    if value < _SMALLEST:
        raise problem(BadOption, "deploy-size-unit", option=option, value=text)
    return value


def parse_range(text: str, option: str) -> Range:
    """One size, or two with ``..`` between them.

    Examples
    --------
    >>> parse_range("5T..10T", "--params")
    Range(low=5000000000000.0, high=10000000000000.0)
    """
    low, dots, high = text.partition("..")
    first = parse_size(low, option)
    last = parse_size(high, option) if dots else first
    if last < first:
        raise problem(BadOption, "deploy-size-order", option=option, value=text)
    return Range(first, last)
