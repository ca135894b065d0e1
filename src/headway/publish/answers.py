"""Further questions of the report: a section each, with sentences, tables and figures.

The api joins what a verb found with its words, charts and rows; here it only gets its place on the
page. A question whose slow study is not of this data says so and names the command.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from headway.figures import Size, Spec
from headway.publish.tables import Block, Cell, Table

__all__ = [
    "QUESTIONS",
    "Answer",
    "AnswerFigure",
    "Brief",
    "BriefPart",
    "Tone",
    "plain_cells",
    "without_title",
]

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

#: How a part of a brief line is marked beside its words; ``plain`` has no mark.
Tone = Literal["supported", "contradicted", "undecided", "not_estimable", "plain"]


@dataclass(frozen=True, slots=True)
class BriefPart:
    """One cell of a brief line: what it is about, the finding, the numbers behind it."""

    label: str
    finding: str
    details: tuple[str, ...] = ()
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Brief:
    """One line of the first screen; up to three parts stand side by side."""

    head: str
    parts: tuple[BriefPart, ...]


@dataclass(frozen=True, slots=True)
class AnswerFigure:
    """A chart with its finding in words.

    Parameters
    ----------
    key, title : str
        Key of the figure on the page; the finding.
    chart : callable of Size
    captions : tuple of str
        How to read it.
    table : Table
        The numbers of the chart.
    counted : str
        What was counted, for the line under the title; empty: the models of the report.
    rows : sequence of mapping, optional
        Data for download; the rows of the answer if not given.
    """

    key: str
    title: str
    chart: Callable[[Size], Spec]
    captions: tuple[str, ...]
    table: Table
    counted: str = ""
    rows: Sequence[Mapping[str, Any]] | None = None


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
        ``False``: not computed for this data; only ``reason`` or the command is shown.
    more : tuple of str
        Further sentences, one click away.
    brief : tuple of Brief
        Lines for the first screen.
    reason : str
        Why there is no answer, if another reason than a study that was not run.
    """

    key: str
    command: str
    sentences: tuple[str, ...] = ()
    figures: tuple[AnswerFigure, ...] = ()
    tables: tuple[Table, ...] = ()
    rows: Sequence[Mapping[str, Any]] = ()
    computed: bool = True
    more: tuple[str, ...] = ()
    brief: tuple[Brief, ...] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        assert self.key in QUESTIONS, self.key
        assert not self.computed or self.sentences, "an answer says something"

    def data(self) -> dict[str, list[Mapping[str, Any]]]:
        """Rows for download: those of the question, and of figures that have their own."""
        own = {f.key: list(f.rows) for f in self.figures if f.rows is not None}
        return {self.key: list(self.rows), **own}


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


def without_title(spec: Spec) -> tuple[str, Spec]:
    """The title of a chart as one line, and the chart without it (the page prints it above)."""
    rest = {name: part for name, part in spec.items() if name != "title"}
    found = spec.get("title", "")
    text = found["text"] if isinstance(found, Mapping) else found
    if isinstance(text, str):
        return text, rest
    return _joined(text), rest


def _joined(lines: Sequence[str]) -> str:
    """Lines of a wrapped title: a space goes between Latin letters, none between Japanese ones."""
    out = lines[0] if lines else ""
    for line in lines[1:]:
        glue = "" if out[-1:] > "\u2e80" or line[:1] > "\u2e80" else " "
        out += glue + line
    return out
