"""Further questions of the report: a section each, with sentences, tables and figures.

The api joins what a verb found with its words, charts and rows; here it only gets its place on the
page. A question whose slow study is not of this data says so and names the command.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headway.figures import Size, Spec
from headway.publish.tables import Block, Cell, Table

__all__ = ["QUESTIONS", "Answer", "AnswerFigure", "plain_cells"]

#: Questions in the order of the page, and after which of the other sections they stand.
QUESTIONS: dict[str, str] = {
    "test": "answer",
    "reconcile": "answer",
    "forecast": "headway",
    "backtest": "headway",
    "effects": "evidence",
    "sauce": "evidence",
    "harness": "evidence",
    "density": "evidence",
}


@dataclass(frozen=True, slots=True)
class AnswerFigure:
    """A chart with its finding in words; ``rows`` of the answer are its data."""

    key: str
    title: str
    chart: Callable[[Size], Spec]
    captions: tuple[str, ...]
    table: Table


@dataclass(frozen=True, slots=True)
class Answer:
    """One question.

    Parameters
    ----------
    key : str
        One of :data:`QUESTIONS`.
    command : str
        What prints the same on a terminal.
    sentences : tuple of str
        The answer in words, most important first.
    figures : tuple of AnswerFigure
    tables : tuple of Table
        Shown closed under the figures, except where there is no figure.
    rows : sequence of mapping
        The rows of the command's ``--json``, for download.
    computed : bool
        ``False``: not computed for this data; only the command is shown.
    """

    key: str
    command: str
    sentences: tuple[str, ...] = ()
    figures: tuple[AnswerFigure, ...] = ()
    tables: tuple[Table, ...] = ()
    rows: Sequence[Mapping[str, Any]] = ()
    computed: bool = True

    def __post_init__(self) -> None:
        assert self.key in QUESTIONS, self.key
        assert not self.computed or self.sentences, "an answer says something"


def plain_cells(
    title: str, header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()
) -> Table:
    """A table of texts; ``right`` are the columns of numbers, the first column heads each row."""

    def kind(column: int) -> str:
        return "num" if column in right else ""

    return Table(
        title=title,
        heads=[Cell(text, kind(i)) for i, text in enumerate(header)],
        blocks=[
            Block(
                None,
                [[Cell(text, kind(i), head=i == 0) for i, text in enumerate(row)] for row in rows],
            )
        ],
    )
