"""Markdown from facts of others: nothing in a fact may become markup or an address of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from headway.textsafe import clean

__all__ = ["cell", "link", "table"]

_MARKUP = re.compile(r"([\\`*_\[\]<>|#~])")
#: Addresses that may become a link: no space, bracket or quote that could end it early.
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]\"'`|\\]+")


def cell(text: object) -> str:
    """A text with every character of markup made harmless; an unknown is a dash."""
    return "-" if text is None else _MARKUP.sub(r"\\\1", clean(text))


def link(text: object, url: object) -> str:
    """A link where the address is one; else the text with the address behind it."""
    address = clean(url)
    if _ADDRESS.fullmatch(address):
        return f"[{cell(text)}]({address})"
    return f"{cell(text)} ({cell(address)})"


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()
) -> str:
    """A table of cells that are Markdown already; ``right`` lists columns of numbers."""
    rule = ["---:" if i in right else "---" for i in range(len(header))]
    lines = [header, rule, *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"
