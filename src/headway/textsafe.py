"""Text from outside is data: nothing of it may steer a terminal.

:func:`clean` removes what a terminal or a reader could be misled by; :func:`width` and
:func:`pad` lay out Japanese, whose characters take two columns.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

__all__ = ["FORMULA", "clean", "clip", "pad", "plain_table", "width"]

#: What a spreadsheet takes for the start of a formula (OWASP, CSV injection).
FORMULA = r"^[=+\-@\t\r]"

# Whole terminal escape sequences (CSI, OSC, and two-character ones), so that no "[31m" is left over.
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x9b[0-?]*[ -/]*[@-~]"
    r"|\x1b[ -/]*[0-~]?"
)
# Categories: control, format (bidi overrides, zero width), surrogate, private use, unassigned.
_UNWANTED = {"Cc", "Cf", "Cs", "Co", "Cn"}


def clean(text: object, *, keep_newlines: bool = False) -> str:
    """``text`` without escape sequences, control, bidirectional and invisible characters.

    Line breaks and tabs become one space unless ``keep_newlines``.
    """
    out = _ESCAPES.sub("", str(text))
    parts = []
    for ch in out:
        if ch in "\n\t":
            parts.append(ch if keep_newlines else " ")
        elif ch.isascii() and ch.isprintable():
            parts.append(ch)
        elif ch in "\u2028\u2029" or ch == "\r":
            parts.append(" ")
        elif unicodedata.category(ch) not in _UNWANTED:
            parts.append(ch)
    return "".join(parts)


def clip(text: object, limit: int = 60) -> str:
    """Cleaned ``text``, at most ``limit`` characters, cut with an ellipsis."""
    out = clean(text)
    return out if len(out) <= limit else out[: limit - 1] + "…"


def width(text: str) -> int:
    """Columns that ``text`` takes in a terminal."""
    return sum(
        0 if unicodedata.combining(ch) else 2 if unicodedata.east_asian_width(ch) in "WF" else 1
        for ch in text
    )


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """``text`` filled with spaces to ``columns``; ``right`` puts the spaces before it."""
    gap = " " * max(0, columns - width(text))
    return gap + text if right else text + gap


def plain_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()
) -> str:
    """A table in plain text: two spaces between columns, ``right`` lists right-aligned columns."""
    cleaned = [[clean(cell) for cell in row] for row in rows]
    widths = [
        max([width(head), *(width(row[i]) for row in cleaned)]) for i, head in enumerate(header)
    ]
    lines = [
        "  ".join(pad(cell, widths[i], right=i in right) for i, cell in enumerate(line)).rstrip()
        for line in [list(header), ["-" * w for w in widths], *cleaned]
    ]
    return "\n".join(lines)
