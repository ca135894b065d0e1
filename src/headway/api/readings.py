"""What further readings of curated figures say about the first: in JSON, and in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from headway.textsafe import clip

if TYPE_CHECKING:
    from headway.sources.curated import Agreement

__all__ = ["reading_json", "reading_text"]


def reading_json(found: Agreement) -> dict[str, Any]:
    """What a further reading says, in JSON; numbers in the printed unit."""
    worst = found.worst
    return {
        "first": found.first,
        "second": found.second,
        "status": found.status,
        "n": found.n,
        "unchecked": found.unchecked,
        "rms": found.rms,
        "mean": found.mean,
        "p_value": found.p_value,
        "is_too_near": found.is_too_near,
        "worst": None
        if worst is None
        else {
            "model": worst.first.model,
            "benchmark": worst.first.benchmark,
            "first": worst.first.value,
            "second": worst.second.value,
            "z": worst.z if math.isfinite(worst.z) else None,
        },
    }


def reading_text(found: Agreement, lang: str) -> str:
    """What a further reading says, in one or two sentences."""
    from headway.i18n import message

    fields = {
        "first": clip(found.first),
        "second": clip(found.second),
        "n": str(found.n),
        "unchecked": str(found.unchecked),
    }
    if found.rms is None or found.mean is None or found.worst is None:
        return message(f"reading-{found.status}", lang, **fields)
    numbers = {"rms": f"{found.rms:.3g}", "mean": f"{found.mean:+.3g}"}
    worst = {
        "model": clip(found.worst.first.model),
        "one": f"{found.worst.first.value:g}",
        "other": f"{found.worst.second.value:g}",
    }
    said = message(f"reading-{found.status}", lang, **fields, **numbers, **worst)
    near = message("reading-too_near", lang) if found.is_too_near else ""
    return f"{said} {near}".rstrip()
