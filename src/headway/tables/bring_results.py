"""Results in any known format as one table of scores that :func:`bring_scores` can check."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from headway.sources import formats
from headway.sources.declare import ScoreClaim
from headway.tables.bring import SCORE_COLUMNS, SCORE_DETAILS, RawTable, RowProblem, read_table
from headway.textsafe import clip

__all__ = ["results_table"]

_COLUMNS = (*SCORE_COLUMNS, "unit", "effort", "evaluated_on", *SCORE_DETAILS)


def results_table(
    path: Path,
    *,
    model: str | None = None,
    names: Mapping[str, str],
    columns: Mapping[str, str],
) -> tuple[RawTable, tuple[RowProblem, ...]]:
    """The table of a file, and every row that its format could not be read to.

    Parameters
    ----------
    path : Path
        CSV and Parquet with our columns are read as they are, all else by its format.
    model : str, optional
        Whose results they are, whatever the file says.
    names : mapping of str to str
        Names of models and benchmarks in the file to those that Headway knows.
    columns : mapping of str to str
        Mapping of a CSV; with one it is read by :mod:`headway.sources.formats.mapped_csv`.

    Returns
    -------
    table : RawTable
    problems : tuple of RowProblem
        ``reason`` is ``format_row``; the line is the number of the row in the file's own count.

    Raises
    ------
    Unreadable, SchemaDrift, EmptyTable, BadOption
    """
    ours = path.suffix.lower() in {".csv", ".parquet", ".pq"} and not columns
    if ours or not path.is_file():
        table = read_table(path)
        return _renamed(table, model, names), ()
    parsed = formats.read(path, model=model, mapping=columns or None)
    rows = tuple(_row(claim) for claim in parsed.scores)
    table = RawTable(clip(path.name), _COLUMNS, rows, tuple(range(1, len(rows) + 1)))
    problems = tuple(
        RowProblem(
            len(rows) + i,
            clip(failure.raw, 60),
            failure.value,
            "format_row",
            {"why": failure.reason.replace("_", " ")},
        )
        for i, failure in enumerate(parsed.failures, start=1)
    )
    return _renamed(table, model, names), problems


def _row(claim: ScoreClaim) -> tuple[Any, ...]:
    """A claim in the columns of a table: percent as a proportion, an unknown unit left to the benchmark."""
    percent = claim.unit.casefold() in {"percent", "%"}
    told = {
        "model": claim.model,
        "benchmark": claim.benchmark,
        "score": claim.score / 100 if percent else claim.score,
        "unit": "proportion" if percent else None if claim.unit == "unknown" else claim.unit,
        "effort": claim.effort,
        "evaluated_on": _day(claim.evaluated_on),
        "stderr": claim.stderr / 100 if percent and claim.stderr is not None else claim.stderr,
        **{name: getattr(claim, name) for name in SCORE_DETAILS if name != "stderr"},
    }
    return tuple(told[c] for c in _COLUMNS)


def _day(stated: str | None) -> str | None:
    """The day of a time stamp (ISO or Unix); anything else as it is, to be refused by name."""
    if stated is None:
        return None
    if re.fullmatch(r"\d{9,11}(\.\d*)?", stated):
        return datetime.fromtimestamp(float(stated), UTC).date().isoformat()
    found = re.match(r"(\d{4}-\d{2}-\d{2})[T ]", stated)
    return found[1] if found else stated


def _renamed(table: RawTable, model: str | None, names: Mapping[str, str]) -> RawTable:
    """The table with the names that Headway knows."""
    if model is None and not names:
        return table
    rows = []
    for cells in table.rows:
        row = dict(zip(table.columns, cells, strict=True))
        for column in ("model", "benchmark"):
            told = str(row.get(column) or "").strip()
            if told in names:
                row[column] = names[told]
        if model is not None:
            row["model"] = names.get(model, model)
        rows.append(tuple(row.values()))
    named = (
        table.columns if model is None or "model" in table.columns else (*table.columns, "model")
    )
    return replace(table, columns=named, rows=tuple(rows))
