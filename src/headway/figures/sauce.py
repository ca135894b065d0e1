"""Who stands beyond the trend in cyber: lead over the closed frontier's trend, in months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headway.figures.contract import Size
from headway.figures.intervals import interval_row, intervals_spec
from headway.figures.theme import Palette
from headway.figures.vl import Spec, to_altair
from headway.i18n import message, number

if TYPE_CHECKING:
    import altair as alt

__all__ = ["sauce_chart", "sauce_spec"]

#: Lines per block.
_MOST = 9


def sauce_spec(
    rows: Sequence[Mapping[str, Any]],
    *,
    lang: str = "en",
    size: Size = "wide",
    palette: Palette = "light",
) -> Spec:
    """Leads of closed models, latest first, then the parts of cyber of the model that leads most.

    Parameters
    ----------
    rows : sequence of mapping
        ``SauceResult.documents``.
    lang, size, palette
        See :mod:`headway.figures`.
    """
    first_stage = rows[0]["stage"]
    own = [r for r in rows if r["stage"] == first_stage and r["access_class"] == "closed"]
    told = [r for r in own if r["lead_months"]["value"] is not None]
    lines = []
    for i, row in enumerate(told[:_MOST]):
        heading = message("sauce-chart-leads", lang) if i == 0 else None
        lines.append(interval_row(row["model"], row["lead_months"], lang, heading=heading))
    best = max(told, key=lambda r: r["lead_months"]["value"], default=None)
    title = message("sauce-chart-nothing", lang)
    if best is not None:
        stages = [r for r in rows if r["model"] == best["model"] and r["stage"] != first_stage]
        for i, row in enumerate(stages):
            heading = message("sauce-chart-stages", lang, model=best["model"]) if i == 0 else None
            label = message(f"stage-{row['stage']}", lang)
            lines.append(
                interval_row(label, row["lead_months"], lang, heading=heading, tone="restricted")
            )
        title = message(
            "sauce-chart-title",
            lang,
            model=best["model"],
            lead=number(best["lead_months"]["value"], lang, 0),
        )
    return intervals_spec(
        lines,
        x_title=message("sauce-chart-axis", lang),
        title=title,
        lang=lang,
        size=size,
        palette=palette,
    )


def sauce_chart(
    rows: Sequence[Mapping[str, Any]],
    *,
    lang: str = "en",
    size: Size = "wide",
    palette: Palette = "light",
) -> alt.TopLevelMixin:
    """:func:`sauce_spec` as a checked Altair chart."""
    return to_altair(sauce_spec(rows, lang=lang, size=size, palette=palette))
