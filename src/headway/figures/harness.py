"""What scaffold and budget are worth, in months of frontier progress, per domain and stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headway.figures.contract import Size
from headway.figures.intervals import interval_row, intervals_spec
from headway.figures.theme import Palette
from headway.figures.vl import Spec, to_altair
from headway.i18n import message, percent

if TYPE_CHECKING:
    import altair as alt

__all__ = ["harness_chart", "harness_spec"]

#: Measures in the order of the blocks, with the heading of each.
_BLOCKS = {
    "best_scaffold": "harness-measure-best_scaffold",
    "full_effort": "harness-measure-full_effort",
    "budget_doubling_cut": "harness-measure-budget_cut",
    "budget_doubling_stated": "harness-measure-budget_stated",
    "thinking_doubling": "harness-measure-thinking_doubling",
}


def harness_spec(
    rows: Sequence[Mapping[str, Any]],
    components: Sequence[Mapping[str, Any]],
    *,
    lang: str = "en",
    size: Size = "wide",
    palette: Palette = "light",
) -> Spec:
    """Months per measure; what cannot be estimated is left out.

    Parameters
    ----------
    rows : sequence of mapping
        ``HarnessResult.documents``.
    components : sequence of mapping
        ``HarnessResult.facts["components"]``: the title says the harness share of the first domain.
    lang, size, palette
        See :mod:`headway.figures`.
    """
    lines = []
    for measure, key in _BLOCKS.items():
        own = [r for r in rows if r["measure"] == measure and r["months"]["value"] is not None]
        for i, row in enumerate(own):
            label = message(
                f"stage-{row['stage']}" if row["stage"] else f"domain-{row['domain']}", lang
            )
            lines.append(
                interval_row(
                    label,
                    row["months"],
                    lang,
                    heading=message(key, lang) if i == 0 else None,
                    tone="restricted" if row["stage"] else "closed",
                )
            )
    told = [c for c in components if c["harness"]["value"] is not None]
    title = message("harness-chart-nothing", lang)
    if told:
        interval = told[0]["harness"]["interval"]
        title = message(
            "harness-chart-title",
            lang,
            domain=message(f"domain-{told[0]['domain']}", lang),
            share=percent(told[0]["harness"]["value"], lang),
            low=percent(float(interval["low"]), lang),
            high=percent(float(interval["high"]), lang),
        )
    return intervals_spec(
        lines,
        x_title=message("harness-chart-axis", lang),
        title=title,
        lang=lang,
        size=size,
        palette=palette,
    )


def harness_chart(
    rows: Sequence[Mapping[str, Any]],
    components: Sequence[Mapping[str, Any]],
    *,
    lang: str = "en",
    size: Size = "wide",
    palette: Palette = "light",
) -> alt.TopLevelMixin:
    """:func:`harness_spec` as a checked Altair chart."""
    return to_altair(harness_spec(rows, components, lang=lang, size=size, palette=palette))
