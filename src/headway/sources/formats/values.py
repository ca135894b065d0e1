"""Values from outside: a number, a text, a mapping, or nothing; never a guess."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from headway.errors import Unreadable
from headway.problems import problem

__all__ = ["count", "load_json", "mapping", "number", "text"]


def text(value: Any) -> str | None:
    """A stripped text or number as text; ``None`` for anything else and for blanks."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip() or None


def number(value: Any) -> float | None:
    """A finite number, as a number or its text; ``None`` for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        if "_" in value:  # digits of Python, of no table
            return None
        try:
            value = float(value)
        except ValueError:
            return None
    if not isinstance(value, int | float):
        return None
    try:
        out = float(value)
    except OverflowError:
        return None
    return out if math.isfinite(out) else None


def count(value: Any) -> int | None:
    """A whole number of 1 or more; ``None`` for anything else."""
    found = number(value)
    return int(found) if found is not None and found >= 1 and found == int(found) else None


def mapping(value: Any) -> Mapping[str, Any]:
    """A mapping; an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def load_json(name: str, body: bytes) -> Any:
    """A JSON document in UTF-8.

    Raises
    ------
    Unreadable
    """
    try:
        return json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError as e:
        raise problem(Unreadable, "format-not-utf8", file=name, position=e.start) from e
    except (ValueError, RecursionError) as e:
        # a number of more digits than Python reads is a ValueError of its own
        why = f"line {e.lineno}: {e.msg}" if isinstance(e, json.JSONDecodeError) else "too deep"
        why = "a number too long" if type(e) is ValueError else why
        raise problem(Unreadable, "format-not-json", file=name, why=why) from e
