"""Numbers and ranges of options as people write them: ``0.35``, ``2..4``."""

from __future__ import annotations

import math

from headway.errors import BadOption
from headway.estimate.deploy.sizes import Range
from headway.problems import problem

__all__ = ["parse_numbers"]


def parse_numbers(text: str, option: str, *, least: float, most: float = math.inf) -> Range:
    """One number, or two with ``..`` between them, each of them allowed.

    Raises
    ------
    BadOption
        Not numbers, outside what is allowed, or in the wrong order.

    Examples
    --------
    >>> parse_numbers("2..4", "--price", least=0)
    Range(low=2.0, high=4.0)
    """
    low, dots, high = str(text).partition("..")
    try:
        first = float(low)
        last = float(high) if dots else first
    except ValueError as e:
        raise problem(BadOption, "deploy-range", option=option, value=text) from e
    if not (least <= first <= most and least <= last <= most and math.isfinite(last)):
        allowed = f"{least:g}.." if math.isinf(most) else f"{least:g}..{most:g}"
        raise problem(BadOption, "deploy-range-limits", option=option, value=text, allowed=allowed)
    if last < first:
        raise problem(BadOption, "deploy-size-order", option=option, value=text)
    return Range(first, last)
