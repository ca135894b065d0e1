"""``headway data diff``: what changed between two releases, which answers move, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headway.api.envelope import Result, Warned, choices, envelope
from headway.api.offline import offline_if
from headway.errors import BadOption, BadTable, Unreadable
from headway.paths import package_release_dir
from headway.problems import localised, problem
from headway.provenance import Provenance, digest
from headway.tables.choice import SHIPPED, chosen, find_release, loaded, own_left_out
from headway.tables.store import ALL_TABLES, Release
from headway.textsafe import clip

if TYPE_CHECKING:
    import polars as pl

    from headway.api.data_diff_answers import Group
    from headway.tables.compare import TableChanges

__all__ = ["DataDiff", "Side", "data_diff"]

#: Kinds of answers, and the word for none of them.
RESULTS = ("lag", "tests", "none")
#: Most seeds and causes that may be asked for.
MOST_SEEDS, MOST_CAUSES = 20, 50


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two releases.

    Parameters
    ----------
    name : str
        ``shipped``, the name of a stored release, or the name of its folder.
    data_release : str
    data_through : date
    rows_hash : str
    """

    name: str
    data_release: str
    data_through: date
    rows_hash: str

    @classmethod
    def of(cls, release: Release) -> Side:
        path = release.path
        name = SHIPPED if path == package_release_dir() else path.name
        return cls(clip(name, 60), release.data_release, release.data_through, release.rows_hash)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "data_release": self.data_release,
            "data_through": self.data_through.isoformat(),
            "rows_hash": self.rows_hash,
        }


@dataclass(frozen=True)
class DataDiff(Result):
    """What differs between two releases, and what it does to the answers.

    Parameters
    ----------
    before, after : Side
    tables : mapping of str to TableChanges
        Per table asked for.
    answers : tuple of mapping
        One row per answer: both sides, the difference, its noise floor, what each cause alone does.
    groups : tuple of Group
        Causes in the order of the ``causes`` of each answer.
    path : Path or None
        Where the changed cells were written.
    """

    before: Side
    after: Side
    tables: Mapping[str, TableChanges]
    answers: tuple[Mapping[str, Any], ...]
    groups: tuple[Group, ...]
    path: Path | None

    @property
    def is_same(self) -> bool:
        """Both releases hold the same bytes."""
        return self.before.rows_hash == self.after.rows_hash

    @property
    def flips(self) -> tuple[Mapping[str, Any], ...]:
        """Tested claims with another verdict under the second release."""
        return tuple(row for row in self.answers if row["verdict"] and row["verdict"]["flips"])

    @property
    def moved(self) -> tuple[Mapping[str, Any], ...]:
        """Lags that move by more than the noise of the simulation, or change their state."""
        return tuple(
            row
            for row in self.answers
            if row["question"] == "lag" and row["says"] in ("moved", "state_changed")
        )

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return envelope(
            "data-diff",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=self.answers,
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
            extra={
                "before": self.before.to_json(),
                "after": self.after.to_json(),
                "summary": {
                    "same": self.is_same,
                    "lags": sum(row["question"] == "lag" for row in self.answers),
                    "lags_moved": len(self.moved),
                    "verdicts": sum(row["verdict"] is not None for row in self.answers),
                    "verdicts_flipped": len(self.flips),
                    "verdicts_flipped_in_every_seed": sum(
                        row["verdict"]["firm"] is True for row in self.flips
                    ),
                    "path": None if self.path is None else str(self.path),
                },
                "causes": [group.to_json() for group in self.groups],
                "tables": [_table_json(found) for found in self.tables.values()],
            },
        )

    def table(self) -> pl.DataFrame:
        """One line per cell that differs (see :meth:`headway.tables.compare.TableChanges.cells`)."""
        import polars as pl

        return pl.concat([found.cells() for found in self.tables.values()])

    def results(self) -> pl.DataFrame:
        """One row per answer: value and state on either side, difference, noise floor, verdicts."""
        import polars as pl

        kept = ("question", "hypothesis", "domain", "stage", "definition", "models")
        rows = []
        for row in self.answers:
            sides = {
                f"{side}_{name}": row[side]["quantity"][name]
                for side in ("before", "after")
                for name in ("value", "status")
            }
            verdict = row["verdict"] or {}
            rows.append(
                {
                    **{name: row[name] for name in kept},
                    **sides,
                    "difference": row["difference"]["value"],
                    "mean_difference": row["difference"]["mean"],
                    "noise_floor": row["difference"]["floor"],
                    "unit": row["unit"],
                    "says": row["says"],
                    "verdict_before": verdict.get("before"),
                    "verdict_after": verdict.get("after"),
                    "firm": verdict.get("firm"),
                }
            )
        texts = {*kept, "before_status", "after_status", "unit", "says"}
        texts |= {"verdict_before", "verdict_after"}
        names = list(rows[0]) if rows else []
        schema = {c: pl.String if c in texts else pl.Float64 for c in names}
        return pl.DataFrame(rows, schema={**schema, "firm": pl.Boolean} if names else None)

    def text(self, lang: str = "en", *, limit: int = 10) -> str:
        """What moved and why, then what differs in the tables; at most ``limit`` rows per list."""
        from headway.api.data_diff_text import screen

        return screen(self, lang, limit)

    def __repr__(self) -> str:
        return (
            f"DataDiff({self.before.name} {self.before.data_release} to {self.after.name} "
            f"{self.after.data_release}: {len(self.moved)} lags move, {len(self.flips)} verdicts flip)"
        )


def _table_json(found: TableChanges) -> dict[str, Any]:
    return {
        "table": found.table,
        "key": list(found.key),
        "rows_before": len(found.before),
        "rows_after": len(found.after),
        "added": len(found.added),
        "removed": len(found.removed),
        "changed": len(found.changed),
        "other_id_only": found.renumbered,
        "columns": found.columns,
        "by": {c: found.counts(c).to_dicts() for c in found.counted},
        "rows": [
            {
                "change": change,
                "key": {c: row[c] for c in found.key},
                "cells": {c: {"before": old, "after": new} for c, (old, new) in cells.items()},
            }
            for change, row, cells in found.rows()
        ],
    }


def data_diff(
    before: str | Path | None = None,
    after: str | Path | None = None,
    *,
    results: str | Sequence[str] = ("lag", "tests"),
    definition: str | Sequence[str] = "lag_mean_12m",
    by: str = "source",
    causes: int = 5,
    seeds: int = 5,
    table: str | Sequence[str] | None = None,
    output: str | Path | None = None,
    as_of: date | None = None,
    seed: int | None = None,
    offline: bool = False,
    progress: bool = False,
    workers: int | None = None,
) -> DataDiff:
    """What changed between two releases, which answers move by how much, why, and which verdicts flip.

    Both releases answer the same questions as of the same day with the same seeds. Rows that an
    enclosing :func:`headway.data_choice` adds (own, quarantined) are added to both.

    Parameters
    ----------
    before : str or Path, optional
        A folder with a release, the name of a stored one, or ``shipped`` (the default).
    after : str or Path, optional
        Likewise; by default the release in use.
    results : {"lag", "tests", "none"} or several
        ``lag``: lags of every domain and stage of cyber. ``tests``: verdicts of
        :func:`headway.lag_test`. ``none``: only the tables.
    definition : str or sequence
        Definitions of the lag, as in :func:`headway.lag`.
    by : {"source", "model"}
        What changed scores are put together by to find causes.
    causes : int
        How many causes are tried alone, those with the most changed scores first; the others are
        tried together.
    seeds : int
        Seeds under which both releases answer, ``seed`` and the following ones. Their mean is what
        the data do, their spread the noise of the simulation; it is not judged with fewer than three.
    table : str or sequence, optional
        Report the rows of these tables only; the answers rest on all of them.
    output : path, optional
        Write one line per changed cell here; ``.csv`` or ``.parquet``.
    as_of : date, optional
        Default: the later of the releases' last days.
    seed : int, optional
        Default: that of :func:`headway.lag`.
    offline : bool
        Refuse any network use.
    progress : bool
        Show progress on stderr for work over two seconds.
    workers : int, optional
        Local processes; by default the cores this process may use.

    Returns
    -------
    DataDiff

    Raises
    ------
    BadOption
        A value that is not in its vocabulary, or an ending of ``output`` that is no known format.
    NotFound
        There is no such release; the message gives close names.
    Unreadable
        One of the two cannot be used; the message names it.
    HeadwayError
        The file cannot be written.

    Examples
    --------
    >>> import headway
    >>> headway.data_diff("shipped", "2026-12-01", results="none").table()  # doctest: +SKIP
    """
    from headway.api.data_diff_answers import Asked, answer_rows, groups_of
    from headway.api.data_export import write_whole
    from headway.api.lag import DEFAULT_SEED, DEFINITIONS
    from headway.tables.compare import compare_releases
    from headway.tables.partial import BY
    from headway.tables.partial import causes as causes_of

    command = "data diff"
    asked = choices("--results", results, RESULTS, command)
    if "none" in asked and len(asked) > 1:
        raise problem(BadOption, "diff-none")
    questions = tuple(q for q in asked if q != "none")
    defined = choices("--definition", definition, DEFINITIONS, command)
    tables = ALL_TABLES if table is None else choices("--table", table, ALL_TABLES, command)
    for option, value, least, most in (
        ("--seeds", seeds, 1, MOST_SEEDS),
        ("--causes", causes, 0, MOST_CAUSES),
    ):
        if not least <= value <= most:
            raise problem(
                BadOption, "diff-count", option=option, value=value, least=least, most=most
            )
    (grouped,) = choices("--by", by, tuple(BY), command)
    path = None if output is None else Path(output)
    if path is not None and path.suffix not in (".csv", ".parquet"):
        raise problem(BadOption, "diff-output", file=clip(path.name))
    first = DEFAULT_SEED if seed is None else seed
    with offline_if(offline):
        one = _release(SHIPPED if before is None else before)
        two = _release(chosen().release if after is None else after)
        day = as_of or max(one.data_through, two.data_through)
        changes = compare_releases(one, two)
        found = causes_of(changes, grouped)
        groups = groups_of(found, causes)
        # nothing that an answer rests on differs: one seed shows it
        used = tuple(range(first, first + (seeds if found else 1)))
        _answerable((one, two), day)
        answers = (
            answer_rows(
                one,
                one if _same(one, two) else two,
                changes,
                groups,
                Asked(questions, defined, day, used),
                workers=workers,
                progress=progress,
            )
            if questions
            else []
        )
    sides = Side.of(one), Side.of(two)
    options = {
        "before": sides[0].name,
        "after": sides[1].name,
        "results": list(asked),
        "definition": list(defined),
        "by": grouped,
        "causes": causes,
        "seeds": seeds,
        "table": None if table is None else list(tables),
        "own": "include" if chosen().own else "exclude",
        "quarantined": "include" if chosen().quarantined else "exclude",
    }
    warned = _warnings(sides, day, bool(questions))
    if questions and not chosen().own and own_left_out(two):
        warned = (*warned, Warned("own_left_out"))
    made = DataDiff(
        data_release=two.data_release,
        as_of=day,
        options=options,
        warnings=warned,
        provenance=Provenance(
            data_release=two.data_release,
            rows_hash=digest({"before": one.rows_hash, "after": two.rows_hash}),
            options={**options, "as_of": day.isoformat()},
            seed=first,
        ),
        before=sides[0],
        after=sides[1],
        tables={name: changes[name] for name in tables},
        answers=tuple(answers),
        groups=groups,
        path=path,
    )
    if path is not None:
        write_whole(path, _body(made.table(), path.suffix))
    return made


def _release(named: str | Path | None) -> Release:
    """The release called so, with its name in any error about it."""
    folder = find_release(named)
    try:
        return loaded(folder)
    except (Unreadable, BadTable) as e:
        name = SHIPPED if folder == package_release_dir() else str(named or folder.name)
        said = {lang: localised(e, lang)[0] for lang in ("en", "ja")}
        raise problem(
            Unreadable, "diff-release", name=clip(name, 80), why=said["en"], why_ja=said["ja"]
        ) from e


def _same(one: Release, two: Release) -> bool:
    return (one.rows_hash, one.data_through) == (two.rows_hash, two.data_through)


def _answerable(releases: Sequence[Release], day: date) -> None:
    """Refuse a day on which one of the releases knew nothing."""
    for release in releases:
        first = release.scores["known_on"].min()
        if day < release.data_through and (not isinstance(first, date) or first > day):
            raise problem(BadOption, "nothing-known", as_of=day.isoformat(), first=str(first))


def _warnings(sides: tuple[Side, Side], day: date, answered: bool) -> tuple[Warned, ...]:
    if sides[0].rows_hash == sides[1].rows_hash:
        return (Warned("diff_same", {"before": sides[0].name, "after": sides[1].name}),)
    if not answered:
        return ()
    return tuple(
        Warned(
            "diff_beyond",
            {"name": s.name, "as_of": day.isoformat(), "data_through": s.data_through.isoformat()},
        )
        for s in sides
        if s.data_through < day
    )


def _body(frame: pl.DataFrame, ending: str) -> bytes:
    import io

    out = io.BytesIO()
    if ending == ".csv":
        frame.write_csv(out)
    else:
        frame.write_parquet(out, compression="zstd")
    return out.getvalue()
