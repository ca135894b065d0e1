"""A release with a part of the changes of another one: what each cause alone would have done.

The changed scores of one source, or of one model, are one cause. Changed entries of models that both
releases have (dates, access) are another one, and so are those of benchmarks. Entries of models and
benchmarks that only the second release has come with the scores that name them. An entry that only
the first one has stays: without scores it is evidence of nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from headway.tables.compare import TableChanges
from headway.tables.store import TABLES, Release
from headway.tables.write import in_order, manifest, manifest_bytes, parquet_bytes, write_folder

__all__ = ["BY", "REGISTERS", "Cause", "causes", "with_causes", "write_partial"]

#: What scores can be put together by, and the column that says it.
BY = {"source": "source", "model": "model_version"}

#: Tables that say what models and benchmarks are, with the column that names them. Names that stand
#: for models (``model_aliases``) are evidence of nothing and stay as they are.
REGISTERS = {
    "models": ("model_version", ("model_versions", "access")),
    "benchmarks": ("benchmark", ("benchmarks",)),
}


@dataclass(frozen=True, slots=True)
class Cause:
    """Changes of the scores of one source or model, or of one register.

    Parameters
    ----------
    kind : {"source", "model", "register"}
    name : str
        Key of the source, id of the model version; ``models`` or ``benchmarks``.
    added, removed, changed : int
        Rows: scores, or entries of the register.
    models : tuple of str
        Model versions that only the second release has and that these scores bring in.
    """

    kind: str
    name: str
    added: int
    removed: int
    changed: int
    models: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return self.added + self.removed + self.changed


def causes(changes: Mapping[str, TableChanges], by: str = "source") -> tuple[Cause, ...]:
    """Every cause that can move a lag: registers first, then those with the most changed scores.

    Parameters
    ----------
    changes : mapping of str to TableChanges
        Of :func:`headway.tables.compare.compare_releases`.
    by : {"source", "model"}
        A score that went from one to another counts for the one it went to.
    """
    found = [_register_cause(name, changes) for name in REGISTERS]
    scores, column = changes["scores"], BY[by]
    new = set(changes["model_versions"].added["model_version"])
    now = scores.after[scores.changed["after"]]
    for name in sorted({*scores.added[column], *scores.removed[column], *now[column]}):
        added, removed, changed = (
            frame.filter(pl.col(column) == name) for frame in (scores.added, scores.removed, now)
        )
        brought = {*added["model_version"], *changed["model_version"]} & new
        found.append(
            Cause(by, name, len(added), len(removed), len(changed), tuple(sorted(brought)))
        )
    made = [c for c in found if c.rows]
    return tuple(sorted(made, key=lambda c: (c.kind != "register", -c.rows, c.name)))


def _register_cause(name: str, changes: Mapping[str, TableChanges]) -> Cause:
    column, tables = REGISTERS[name]
    known = _known(changes, name)
    # what belonged to an entry that is gone altogether goes with its scores
    kept = known.filter(known.is_in(changes[tables[0]].after[column].implode()))
    counts = [0, 0, 0]
    for table in tables:
        found = changes[table]
        counts[0] += int(found.added[column].is_in(known.implode()).sum())
        counts[1] += int(found.removed[column].is_in(kept.implode()).sum())
        counts[2] += len(found.changed)
    return Cause("register", name, added=counts[0], removed=counts[1], changed=counts[2])


def _known(changes: Mapping[str, TableChanges], name: str) -> pl.Series:
    """Entries of a register in the first release."""
    column, (table, *_) = REGISTERS[name]
    return changes[table].before[column]


def with_causes(
    before: Release,
    after: Release,
    changes: Mapping[str, TableChanges],
    chosen: Iterable[Cause],
) -> dict[str, pl.DataFrame]:
    """Tables of the first release with the changes of some causes, and of them alone.

    Parameters
    ----------
    before, after : Release
    changes : mapping of str to TableChanges
        Of :func:`headway.tables.compare.compare_releases`.
    chosen : iterable of Cause
    """
    listed = list(chosen)
    tables = {name: before.table(name) for name in TABLES}
    for cause in (c for c in listed if c.kind == "register"):
        for table in REGISTERS[cause.name][1]:
            tables[table] = _register(cause.name, changes, table)
    chosen_scores = [pl.col(BY[c.kind]) == c.name for c in listed if c.kind in BY]
    if chosen_scores:
        tables["scores"], named = _scores(changes["scores"], pl.any_horizontal(chosen_scores))
        for name, (column, register) in REGISTERS.items():
            new = named[column].unique()
            new = new.filter(~new.is_in(_known(changes, name).implode()))
            for table in register:
                come = after.table(table).filter(pl.col(column).is_in(new.implode()))
                tables[table] = _joined(table, tables[table], come)
        publishers = after.sources.filter(
            pl.col("source").is_in(named["source"].implode())
            & ~pl.col("source").is_in(before.sources["source"].implode())
        )
        tables["sources"] = _joined("sources", tables["sources"], publishers)
    return tables


def _register(name: str, changes: Mapping[str, TableChanges], table: str) -> pl.DataFrame:
    """A table of a register with what changed of entries that the first release has."""
    column, tables = REGISTERS[name]
    found = changes[table]
    known = _known(changes, name)
    gone = known.filter(~known.is_in(changes[tables[0]].after[column].implode()))
    old = found.before.filter(pl.col(column).is_in(gone.implode()))
    new = found.after.filter(pl.col(column).is_in(known.implode()))
    return _joined(table, old, new)


def _scores(scores: TableChanges, mine: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Scores with some of the changes, and the rows that came or changed."""
    come = scores.after[scores.changed["after"]].with_columns(_old=scores.changed["before"])
    come = come.filter(mine)
    lost = scores.removed.filter(mine)["score_id"]
    replaced = scores.before["score_id"].gather(come["_old"])
    new_ids = dict(zip(replaced, come["score_id"], strict=True))
    come = pl.concat([come.drop("_old"), scores.added.filter(mine)])
    gone = pl.concat([lost, replaced])
    kept = scores.before.filter(~pl.col("score_id").is_in(gone.implode()))
    # ids that the second release gave to rows which stay as they are here
    old_ids = {
        scores.after["score_id"][j]: scores.before["score_id"][i]
        for i, j in scores.pairs.select("before", "after").iter_rows()
    }
    renamed = {new: old for new, old in old_ids.items() if old not in new_ids}
    come = come.with_columns(pl.col("duplicate_of").replace(renamed))
    kept = kept.with_columns(pl.col("duplicate_of").replace(new_ids))
    every = pl.concat([kept, come])
    here = pl.col("duplicate_of").is_in(every["score_id"].implode())
    # the original may be gone: a duplicate stays one, as its reason says
    every = every.with_columns(duplicate_of=pl.when(here).then("duplicate_of"))
    return in_order("scores", every), come


def _joined(table: str, one: pl.DataFrame, two: pl.DataFrame) -> pl.DataFrame:
    """Rows of both, in the order of a release."""
    return in_order(table, pl.concat([one, two]))


def write_partial(
    tables: Mapping[str, pl.DataFrame], folder: Path, *, data_release: str, data_through: date
) -> None:
    """Write tables as a release into a new folder, with the name and last day of the first one."""
    bodies = {name: parquet_bytes(frame) for name, frame in tables.items()}
    told = manifest(data_release, tables, bodies, {"data_through": data_through.isoformat()})
    files = {f"{name}.parquet": body for name, body in bodies.items()}
    write_folder(folder, {**files, "release.json": manifest_bytes(told)})
