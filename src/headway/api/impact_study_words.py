"""The text of ``headway impact study``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from headway.i18n import day, message, month, number, percent, years_month
from headway.textsafe import plain_table

if TYPE_CHECKING:
    from headway.api.impact_study import ImpactStudyResult

__all__ = ["screen"]

#: Placebo p at or below this counts as a change that chance would rarely bring.
_RARE = 0.05


def screen(result: ImpactStudyResult, lang: str) -> str:
    """Caveats, one sentence per series, the table, and how to read its columns."""
    rows = result.documents
    head = [
        message(f"impact-column-{name}", lang)
        for name in ("series", "step", "interval", "p", "holm", "break", "nobreak", "detectable")
    ]
    cells = [_cells(row, lang) for row in rows]
    level = percent(float(result.options["level"]), lang)
    event = day(date.fromisoformat(str(result.options["event"])), lang)
    return "\n".join(
        [
            message("impact-study-title", lang, event=event),
            "",
            message("impact-caveat-cause", lang),
            message("impact-caveat-unit", lang),
            "",
            *(_sentence(row, lang) for row in rows),
            "",
            plain_table(head, cells, right=(1, 3, 4, 6, 7)),
            "",
            message("impact-study-legend", lang, level=level),
            result.cite(lang),
        ]
    )


def _ratio(value: float | None, lang: str) -> str:
    if value is None:
        return "–"
    return f"×{number(value, lang, 1 if value >= 10 else 2)}"


def _p(value: float | None, lang: str) -> str:
    return "–" if value is None else number(value, lang, 3)


def _ends(interval: Mapping[str, Any] | None, lang: str) -> str:
    if interval is None:
        return "–"
    return f"{number(interval['low'], lang, 2)}–{number(interval['high'], lang, 2)}"


def _cells(row: Mapping[str, Any], lang: str) -> list[str]:
    if row["step"] is None:
        return [row["series"], *["–"] * 7]
    best = date.fromisoformat(row["best_break"])
    return [
        row["series"],
        _ratio(row["step"]["ratio"], lang),
        _ends(row["step"]["intervals"]["placebo"], lang),
        _p(row["p"], lang),
        _p(row["p_holm"], lang),
        years_month(best, lang),
        percent(row["no_break_probability"], lang),
        _ratio(row["detectable_ratio"], lang),
    ]


def _sentence(row: Mapping[str, Any], lang: str) -> str:
    """What the study of one series says, in a sentence."""
    name = row["series"]
    if row["status"] == "refused":
        why = message(f"note-{row['notes'][0]}", lang)
        return message("impact-says-refused", lang, series=name, why=why)
    step = _ratio(row["step"]["ratio"], lang)
    if row["p"] > _RARE:
        if row["detectable_ratio"] is None:
            return message("impact-says-blind", lang, series=name, step=step)
        seen = _ratio(row["detectable_ratio"], lang)
        return message("impact-says-none", lang, series=name, step=step, detectable=seen)
    best = date.fromisoformat(row["best_break"])
    if row["best_break"] == row["event"]:
        return message("impact-says-change", lang, series=name, step=step)
    key = "impact-says-earlier" if row["best_break"] < row["event"] else "impact-says-later"
    return message(key, lang, series=name, step=step, best=month(best, lang))
