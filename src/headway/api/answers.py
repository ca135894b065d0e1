"""The further questions of the report: each verb's result as sentences, charts, tables and rows.

One builder per question. A slow study that is not of these data, options and method gives an answer
that names the command and shows no number; any error of a verb is an error of the report.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from headway.api.answer_asked import Asked
from headway.api.answer_lag import (
    backtest_answer,
    forecast_answer,
    reconcile_answer,
    test_answer,
)
from headway.api.answer_scores import (
    density_answer,
    effects_answer,
    harness_answer,
    sauce_answer,
)
from headway.api.lag import DEFAULT_SEED
from headway.publish.answers import QUESTIONS, Answer

if TYPE_CHECKING:
    from headway.tables.store import Release

__all__ = ["BUILDERS", "Asked", "answers"]

#: Question to the function that answers it.
BUILDERS: dict[str, Callable[[Asked], Answer]] = {
    "test": test_answer,
    "reconcile": reconcile_answer,
    "forecast": forecast_answer,
    "backtest": backtest_answer,
    "effects": effects_answer,
    "sauce": sauce_answer,
    "harness": harness_answer,
    "density": density_answer,
}


def answers(
    release: Release,
    *,
    as_of: date | None = None,
    level: float = 0.90,
    seed: int = DEFAULT_SEED,
    lang: str = "en",
    progress: bool = False,
) -> tuple[Answer, ...]:
    """All further questions, in the order of the page.

    Parameters
    ----------
    release : Release
        The release in use.
    as_of : date, optional
        Only what was known by this day.
    level : float
        Of every interval, 0-1; the forecast and the back-test are at 90 % always and say so.
    seed : int
    lang : {"en", "ja"}
    progress : bool

    Returns
    -------
    tuple of Answer
        One per question; ``computed`` is false where a slow study is not of these data.

    Raises
    ------
    HeadwayError
        Whatever a verb raises.
    """
    asked = Asked(release, as_of, level, seed, lang, progress)
    return tuple(BUILDERS[key](asked) for key in QUESTIONS)
