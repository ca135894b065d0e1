"""``headway data add`` and ``headway data remove``: results of one's own, beside the release."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headway.api.data import load, provenance_of, resolve_as_of
from headway.api.envelope import Result, Warned, envelope
from headway.api.offline import offline_if
from headway.errors import NotFound
from headway.problems import problem
from headway.tables.choice import chosen, head_in_use, using
from headway.textsafe import clip

if TYPE_CHECKING:
    import polars as pl

    from headway.tables.bring import RowProblem

__all__ = ["OwnChange", "data_add", "data_remove"]


@dataclass(frozen=True)
class OwnChange(Result):
    """What adding or removing changes, or would change.

    Parameters
    ----------
    verb : {"add", "remove"}
    rows : tuple of mapping
        The rows that are added or removed.
    known : int
        Rows of the file that are stored already.
    problems : tuple of RowProblem
        Rows that cannot be used; with any, nothing is written.
    total : int
        Rows stored afterwards.
    written : bool
        ``False`` for a dry run.
    """

    verb: str
    rows: tuple[Mapping[str, Any], ...]
    known: int
    problems: tuple[RowProblem, ...]
    total: int
    written: bool

    @property
    def is_valid(self) -> bool:
        return not self.problems

    @property
    def unknown_names(self) -> dict[str, str]:
        """Names of the file that nothing here has, with the closest one here, or ``?``."""
        names = ("unknown_model", "identity_conflict", "unknown_benchmark")
        close = {p.value: p.fields["close"] for p in self.problems if p.reason in names}
        return {
            theirs: "?" if ours == "-" else ours.partition(", ")[0]
            for theirs, ours in close.items()
        }

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return envelope(
            f"data-{self.verb}",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=self.rows,
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
            extra={
                "summary": {
                    "rows": len(self.rows),
                    "already_stored": self.known,
                    "rejected": len({p.line for p in self.problems}),
                    "stored_afterwards": self.total,
                    "written": self.written,
                },
                "problems": [
                    {
                        "line": p.line,
                        "column": p.column,
                        "value": p.value,
                        "reason": p.reason,
                        "message": p.text(lang),
                    }
                    for p in self.problems
                ],
            },
        )

    def table(self) -> pl.DataFrame:
        import polars as pl

        return pl.DataFrame(list(self.rows), infer_schema_length=None)

    def text(self, lang: str = "en") -> str:
        """What resolves to what, what cannot be used, and whether anything was written."""
        from headway.i18n import message
        from headway.textsafe import plain_table

        parts = []
        if self.rows:
            header = ["model", "model_version", "effort", "benchmark", "score", "unit"]
            cells = [[_cell(row[c]) for c in header] for row in self.rows[:50]]
            parts.append(plain_table(header, cells))
        if self.problems:
            head = [message(f"data-column-{c}", lang) for c in ("line", "column", "reason")]
            bad = [[str(p.line), p.column, p.text(lang)] for p in self.problems]
            parts.append(plain_table(head, bad, right=(0,)))
        fields = {"rows": str(len(self.rows)), "known": str(self.known), "total": str(self.total)}
        if self.problems:
            parts.append(
                message("own-refused", lang, bad=str(len({p.line for p in self.problems})))
            )
            if self.unknown_names:
                options = " ".join(
                    shlex.join(["--name", f"{theirs}={ours}"])
                    for theirs, ours in self.unknown_names.items()
                )
                parts.append(message("own-map", lang, options=options))
        elif self.verb == "add":
            key = "own-added" if self.written else "own-would_add"
            parts.append(message(key, lang, **fields))
        else:
            key = "own-removed" if self.written else "own-would_remove"
            parts.append(message(key, lang, rows=fields["rows"], total=fields["total"]))
        return "\n\n".join(parts)

    def __repr__(self) -> str:
        done = "written" if self.written else "dry run"
        return f"OwnChange({self.verb}: {len(self.rows)} rows, {done})"


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:g}" if isinstance(value, float) else clip(value, 60)


def data_add(
    path: str | Path,
    *,
    write: bool = False,
    model: str | None = None,
    names: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    metric: str | None = None,
    unit: str | None = None,
    as_of: date | None = None,
    today: date | None = None,
    seed: int = 0,
    offline: bool = False,
) -> OwnChange:
    """Store results of one's own as evidence with the relationship ``own``.

    Nothing is written until every row of the file can be used, and nothing without ``write``. A row
    that is stored already is not stored again.

    Parameters
    ----------
    path : str or Path
        CSV, Parquet, or a format of others (see the documentation page "Files from outside").
    write : bool
        ``False`` is a dry run.
    model : str, optional
        Whose results they are, whatever the file says.
    names : mapping of str to str, optional
        Names of models and benchmarks in the file to those that Headway knows.
    columns : mapping of str to str, optional
        Of a CSV: our columns to the file's, or to a constant as ``=value``.
    metric : str, optional
        Only this metric, in the file's own word, where it states several per benchmark.
    unit : str, optional
        Unit of the scores whose file does not say: ``percent``, or one of ours.
    as_of : date, optional
        Unused by this verb besides being reported.
    today : date, optional
        Rows without ``evaluated_on`` count as known from this day; the current one (UTC) by default.
    seed : int
        Unused by this verb; kept in the provenance.
    offline : bool
        Refuse any network use.

    Raises
    ------
    Unreadable, BadTable
        The file, or what is stored, as a whole cannot be used.
    HeadwayError
        The data folder cannot be written.
    BadOption
        The file states several metrics per benchmark and ``metric`` names none of them.
    """
    from headway.tables.bring import bring_scores
    from headway.tables.bring_results import figures_table, results_table
    from headway.tables.own import READ, STATED, day_text, own_rows, row_id, update_own

    day = today or datetime.now(UTC).date()
    file = Path(path)
    with offline_if(offline):
        table, failures = results_table(
            file, model=model, names=names or {}, columns=columns or {}, metric=metric, unit=unit
        )
        only = figures_table(file).only_reader if file.suffix.lower() == ".toml" else None
        brought = bring_scores(table, load(), today=day)
        rows = []
        for row in brought.frame.iter_rows(named=True):
            told = {**row, "evaluated_on": day_text(row["evaluated_on"])}
            stored = {c: told[c] for c in STATED}
            stored |= {c: told[c] for c in READ if told[c] is not None}
            rows.append(
                {
                    "score_id": row_id(stored),
                    "model": row["model"],
                    **stored,
                    "file": clip(file.name, 120),
                    "added_on": day.isoformat(),
                }
            )
        before = {row["score_id"] for row in own_rows()}
        new = list({r["score_id"]: r for r in rows if r["score_id"] not in before}.values())
        problems = (*failures, *brought.problems)
        total = len(before) + len(new)
        if write and not problems and new:

            def added(stored: list[dict[str, Any]]) -> Sequence[Mapping[str, Any]]:
                here = {row["score_id"] for row in stored}
                return [*stored, *(row for row in new if row["score_id"] not in here)]

            total = len(update_own(added))
        elif problems:
            total = len(before)
    return _change(
        "add",
        {
            "file": table.name,
            "write": write,
            "model": model,
            "names": dict(names or {}),
            "columns": dict(columns or {}),
            "metric": metric,
            "unit": unit,
        },
        new if not problems else rows,
        as_of,
        seed,
        known=len(rows) - len(new),
        problems=problems,
        total=total,
        written=write and not problems,
        told=() if only is None else (Warned("figures_read_once", {"reader": clip(only)}),),
    )


def data_remove(
    what: str,
    *,
    write: bool = False,
    as_of: date | None = None,
    seed: int = 0,
    offline: bool = False,
) -> OwnChange:
    """Remove stored results of one's own.

    Parameters
    ----------
    what : str
        A file name as it was added, a model version, a benchmark, a row's id, or ``all``.
    write : bool
        ``False`` is a dry run.
    as_of, seed, offline
        As in :func:`data_add`.

    Raises
    ------
    NotFound
        No stored row is called so.
    """
    from headway.tables.own import own_rows, update_own

    def gone(row: Mapping[str, Any]) -> bool:
        named = (row[c] for c in ("file", "model_version", "benchmark", "score_id"))
        return what == "all" or what in named

    with offline_if(offline):
        stored = own_rows()
        rows = [row for row in stored if gone(row)]
        if not rows and not (what == "all" and not stored):
            files = sorted({row["file"] for row in stored})
            raise problem(
                NotFound, "own-none", name=clip(what), files=clip(", ".join(files) or "-", 200)
            )
        total = len(stored) - len(rows)
        if write and rows:
            total = len(update_own(lambda now: [row for row in now if not gone(row)]))
    return _change(
        "remove",
        {"what": what, "write": write},
        rows,
        as_of,
        seed,
        known=0,
        problems=(),
        total=total,
        written=write,
    )


def _change(
    verb: str,
    options: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    as_of: date | None,
    seed: int,
    *,
    known: int,
    problems: tuple[RowProblem, ...],
    total: int,
    written: bool,
    told: tuple[Warned, ...] = (),
) -> OwnChange:
    with using(replace(chosen(), own=True)):  # the rows as they are now are part of the answer
        head = head_in_use()
    day, warned = resolve_as_of(head, as_of)
    return OwnChange(
        data_release=head.data_release,
        as_of=day,
        options=options,
        warnings=(*warned, *told),
        provenance=provenance_of(head, options, seed),
        verb=verb,
        rows=tuple(rows),
        known=known,
        problems=problems,
        total=total,
        written=written,
    )
