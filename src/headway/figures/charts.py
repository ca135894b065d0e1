"""The chart functions for callers: the same specifications as checked Altair charts."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec

from headway.figures.forest import forest_spec
from headway.figures.frontier import frontier_spec
from headway.figures.history import history_spec
from headway.figures.survival import survival_spec
from headway.figures.vl import Spec, to_altair

if TYPE_CHECKING:
    import altair as alt

__all__ = ["forest_chart", "frontier_chart", "history_chart", "survival_chart"]

P = ParamSpec("P")


def _chart(make: Callable[P, Spec]) -> Callable[P, alt.TopLevelMixin]:
    """A function that returns an Altair chart instead of a specification."""

    @functools.wraps(make)
    def chart(*args: P.args, **kwargs: P.kwargs) -> alt.TopLevelMixin:
        return to_altair(make(*args, **kwargs))

    chart.__name__ = make.__name__.replace("_spec", "_chart")
    return chart


forest_chart = _chart(forest_spec)
frontier_chart = _chart(frontier_spec)
history_chart = _chart(history_spec)
survival_chart = _chart(survival_spec)
