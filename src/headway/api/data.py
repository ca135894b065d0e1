"""``headway data``: what is in the release, every fact behind an id, every bad row of a file."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headway.api.envelope import Result, Warned, choices, envelope, plain
from headway.api.offline import offline_if
from headway.errors import HeadwayError, NotFound
from headway.problems import problem
from headway.provenance import Provenance
from headway.tables.choice import head_in_use, loaded, own_left_out, release_in_use
from headway.tables.store import ALL_TABLES, Release, ReleaseHead
from headway.textsafe import clean, clip

if TYPE_CHECKING:
    import polars as pl

    from headway.api.data_rules import RuleList
    from headway.sources.curated import Agreement
    from headway.tables.bring import RowProblem

__all__ = [
    "LISTS",
    "Listing",
    "Shown",
    "Validation",
    "data_list",
    "data_show",
    "data_validate",
    "load",
    "provenance_of",
    "resolve_as_of",
]

#: What ``data_list`` can list.
LISTS = (
    *("tables", "models", "benchmarks", "sources", "stages", "prices", "releases"),
    *("corrections", "quarantine", "conflicts"),
)
#: Those that are made of rules and disagreements (:mod:`headway.api.data_rules`).
_RULES = ("corrections", "quarantine", "conflicts")

#: Columns of the text tables; JSON and :meth:`Result.table` have all columns.
_BRIEF: dict[str, tuple[str, ...]] = {
    "sources": ("source", "publisher", "licence", "decision", "rows", "url"),
    "model_versions": (
        "model_version",
        "name",
        "lab",
        "released",
        "open_weight",
        "released_source",
    ),
    "model_aliases": ("alias", "model_version", "effort", "evidence", "source"),
    "access": ("model_version", "access", "from", "to", "basis", "source"),
    "benchmarks": ("benchmark", "domain", "stage", "unit", "item_access", "reason"),
    "precedents": ("precedent", "event", "date", "precision", "source_url"),
    "index_scores": ("series", "model", "access", "released", "score", "source_url"),
    "index_lines": ("series", "quantity", "value", "low", "high", "unit", "at", "source_url"),
    "scores": (
        "score_id",
        "model_version",
        "effort",
        "benchmark",
        "value",
        "unit",
        "known_on",
        "evaluator",
        "use",
        "source_url",
    ),
    "tasks": ("task_id", "benchmark", "human_minutes", "source_url"),
    "task_runs": ("model_version", "benchmark", "task_id", "run", "success", "source_url"),
    "prices": (
        "model_version",
        "provider",
        "kind",
        "price_usd_per_mtok",
        "service",
        "above_tokens",
        "from",
        "to",
        "seen",
        "source_url",
    ),
    "repositories": (
        "model_version",
        "repository",
        "created_at",
        "licence",
        "gated",
        "total_parameters",
        "downloads_30d",
        "downloads_all_time",
        "no_answer",
        "stated_by",
    ),
    "published_estimates": (
        "estimate_id",
        "publisher",
        "quantity",
        "value",
        "low",
        "high",
        "unit",
        "source_url",
    ),
}


def load(path: str | Path | None = None) -> Release:
    """The tables of the chosen data (or of the release at ``path`` as it stands), checked.

    Raises
    ------
    NotFound, Unreadable, BadTable
    """
    return release_in_use() if path is None else loaded(Path(path))


def provenance_of(head: ReleaseHead | Release, options: Mapping[str, Any], seed: int) -> Provenance:
    """The provenance of an answer from the rows of a release."""
    return Provenance(
        data_release=head.data_release,
        rows_hash=head.rows_hash,
        options=plain(dict(options)),
        seed=seed,
    )


@dataclass(frozen=True)
class Listing(Result):
    """Rows of :func:`data_list`: name, count, and one line each.

    ``brief`` names the columns of the text table (all if empty), ``extra`` stands at the top of the
    JSON, ``notes`` are message keys and fields of the sentences below the table.
    """

    what: str
    rows: tuple[Mapping[str, Any], ...]
    brief: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[tuple[str, Mapping[str, str]], ...] = ()

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return envelope(
            "data-list",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=self.rows,
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
            extra=self.extra,
        )

    def table(self) -> pl.DataFrame:
        """The rows; values of several parts are JSON texts."""
        import polars as pl

        rows = [{column: _flat(value) for column, value in row.items()} for row in self.rows]
        return pl.DataFrame(rows, infer_schema_length=None)

    def cells(self, lang: str = "en") -> tuple[list[str], list[list[str]]]:
        """Header and cells of the text table."""
        columns = list(self.brief) or (list(self.rows[0]) if self.rows else [])
        return columns, [[_cell(row[c]) for c in columns] for row in self.rows]

    def below(self, lang: str = "en") -> str:
        """The sentences below the table; empty for most lists."""
        from headway.i18n import message

        return "\n".join(message(key, lang, **fields) for key, fields in self.notes)

    def text(self, lang: str = "en") -> str:
        from headway.textsafe import plain_table

        header, rows = self.cells(lang)
        return "\n\n".join(filter(None, [plain_table(header, rows), self.below(lang)]))

    def __repr__(self) -> str:
        return f"Listing({self.what}: {len(self.rows)} rows, release {self.data_release})"


def data_list(
    what: str = "tables",
    *,
    as_of: date | None = None,
    seed: int = 0,
    offline: bool = False,
) -> Listing:
    """List what the release in use holds, what is known to be wrong, prices, or all releases.

    Parameters
    ----------
    what : str
        One of :data:`LISTS`. ``prices``: one row per model that has any, from beside the release.
    as_of : date, optional
        Count only scores known by then.
    seed : int
        Used by ``conflicts`` (intervals resample laboratories); kept in the provenance.
    offline : bool
        Refuse any network use.

    Raises
    ------
    BadOption, Unreadable, BadTable
    """
    import polars as pl

    (what,) = choices("WHAT", what, LISTS, "data list")
    with offline_if(offline):
        release = load()
    scores = _known(release.scores, as_of)
    options = {"what": what, "as_of": None if as_of is None else as_of.isoformat()}
    day, warned = resolve_as_of(release, as_of)
    if what in _RULES:
        ruled = _ruled(what, release, scores, seed)
        return Listing(
            data_release=release.data_release,
            as_of=day,
            options=options,
            warnings=warned,
            provenance=provenance_of(release, options, seed),
            what=what,
            rows=ruled.rows,
            brief=ruled.brief,
            extra=ruled.extra,
            notes=ruled.notes,
        )
    per = {
        column: dict(scores[column].value_counts().iter_rows())
        for column in ("model_version", "benchmark", "source")
    }
    rows: list[dict[str, Any]]
    noted: tuple[Warned, ...] = ()
    edition: dict[str, str] = {}
    if what == "releases":
        from headway.api.data_use import release_rows

        rows = release_rows()
    elif what == "tables":
        rows = [
            {
                "table": name,
                "rows": len(scores if name == "scores" else release.table(name)),
                "columns": len(release.table(name).columns),
            }
            for name in ALL_TABLES
        ]
    elif what == "models":
        rows = [
            {
                "model_version": row["model_version"],
                "name": row["name"],
                "lab": row["lab"],
                "released": row["released"],
                "open_weight": row["open_weight"],
                "scores": per["model_version"].get(row["model_version"], 0),
            }
            for row in release.model_versions.iter_rows(named=True)
        ]
    elif what == "benchmarks":
        rows = [
            {
                "benchmark": row["benchmark"],
                "name": row["name"],
                "domain": row["domain"],
                "stage": row["stage"],
                "item_access": row["item_access"],
                "scores": per["benchmark"].get(row["benchmark"], 0),
                "reason": row["reason"],
            }
            for row in release.benchmarks.iter_rows(named=True)
        ]
    elif what == "sources":
        rows = [
            {
                "source": row["source"],
                "publisher": row["publisher"],
                "licence": row["licence"],
                "decision": row["decision"],
                "scores": per["source"].get(row["source"], 0),
                "url": row["url"],
            }
            for row in release.sources.iter_rows(named=True)
        ]
    elif what == "prices":
        rows, noted, edition = _priced(release)
    else:
        placed = scores.select("benchmark", "model_version").join(
            release.benchmarks.select(
                "benchmark", pl.col("domain").cast(pl.String), pl.col("stage").cast(pl.String)
            ),
            on="benchmark",
        )
        counted = placed.group_by("domain", "stage").agg(
            pl.col("benchmark").n_unique().alias("benchmarks"),
            pl.col("model_version").n_unique().alias("models"),
            pl.len().alias("scores"),
        )
        rows = list(counted.sort("domain", "stage").iter_rows(named=True))
    if edition:
        options = {**options, **edition}
    warned += noted
    return Listing(
        data_release=release.data_release,
        as_of=day,
        options=options,
        warnings=warned,
        provenance=provenance_of(release, options, seed),
        what=what,
        rows=tuple(rows),
    )


def _priced(release: Release) -> tuple[list[dict[str, Any]], tuple[Warned, ...], dict[str, str]]:
    """Models with prices, what to know of them, and which edition they come from."""
    from headway.api.prices import book_of, book_warnings, priced_models

    book = book_of(release)
    return priced_models(book), book_warnings(book), {"prices": book.digest}


def _ruled(what: str, release: Release, scores: pl.DataFrame, seed: int) -> RuleList:
    from headway.api.data_rules import conflict_list, correction_list, quarantine_list

    if what == "corrections":
        return correction_list(release)
    if what == "quarantine":
        return quarantine_list(release, scores)
    import numpy as np

    return conflict_list(release, scores, np.random.default_rng(seed))


def resolve_as_of(
    release: Release | ReleaseHead, as_of: date | None
) -> tuple[date, tuple[Warned, ...]]:
    """The as-of date in use; warnings if it lies beyond the data, or if own results are left out."""
    warned: tuple[Warned, ...] = (Warned("own_left_out"),) if own_left_out(release) else ()
    if as_of is None:
        return release.data_through, warned
    if as_of > release.data_through:
        args = {"as_of": as_of.isoformat(), "data_through": release.data_through.isoformat()}
        return as_of, (Warned("beyond_data", args), *warned)
    return as_of, warned


def _known(scores: pl.DataFrame, as_of: date | None) -> pl.DataFrame:
    import polars as pl

    return scores if as_of is None else scores.filter(pl.col("known_on") <= as_of)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return clip("; ".join(f"{k}: {_cell(v)}" for k, v in value.items()), 80)
    if isinstance(value, list | tuple):
        return clip("; ".join(_told(one) for one in value) or "-", 80)
    return clip(value, 80)


def _told(value: object) -> str:
    """One of several values in a cell; a telling is its value and who told it."""
    if isinstance(value, Mapping) and "value" in value:
        who = value.get("evaluator") or value.get("panel")
        return f"{_cell(value['value'])} {clip(who, 24)}"
    return _cell(value)


def _flat(value: object) -> object:
    return json.dumps(plain(value), ensure_ascii=False) if isinstance(value, list | dict) else value


# Show ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown(Result):
    """Every fact behind one id, table by table."""

    id: str
    kind: str
    frames: Mapping[str, pl.DataFrame]

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return envelope(
            "data-show",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=[
                {"table": name, "row": row}
                for name, frame in self.frames.items()
                for row in frame.iter_rows(named=True)
            ],
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
            extra={"kind": self.kind, "id": self.id},
        )

    def table(self) -> pl.DataFrame:
        """The rows of the first table (others: :attr:`frames`)."""
        return next(iter(self.frames.values()))

    def text(self, lang: str = "en", *, limit: int | None = None) -> str:
        """One block per table: a single row column by column, several rows as a table."""
        from headway.i18n import message
        from headway.textsafe import pad, plain_table, width

        blocks = []
        for name, frame in self.frames.items():
            title = message("data-table-title", lang, table=name, rows=str(len(frame)))
            if len(frame) == 1:
                row = frame.row(0, named=True)
                across = max(width(c) for c in row)
                body = "\n".join(f"  {pad(c, across)}  {_full(v)}" for c, v in row.items())
            else:
                brief = frame.select(c for c in _BRIEF[name] if c in frame.columns)
                head = brief if limit is None else brief.head(limit)
                body = plain_table(
                    head.columns, [[_full(v) for v in row] for row in head.iter_rows()]
                )
                if len(head) < len(frame):
                    body += "\n" + message(
                        "data-rows-left", lang, count=str(len(frame) - len(head))
                    )
            blocks.append(f"{title}\n{body}")
        return "\n\n".join(blocks)

    def __repr__(self) -> str:
        counts = ", ".join(f"{n}: {len(f)}" for n, f in self.frames.items())
        return f"Shown({self.kind} {self.id}: {counts})"


def _full(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:g}" if isinstance(value, float) else clean(value)


def data_show(
    id: str,
    *,
    as_of: date | None = None,
    seed: int = 0,
    offline: bool = False,
) -> Shown:
    """Every fact behind an id, with the URL of its source.

    Parameters
    ----------
    id : str
        A score id, model version (or any registered name of one), benchmark, source, domain, stage,
        published estimate, or the name of a table.
    as_of : date, optional
        Only scores known by then.
    seed : int
        Unused by this verb; kept in the provenance.
    offline : bool
        Refuse any network use.

    Raises
    ------
    NotFound
        Nothing has this id; the message gives close ones.
    Unreadable, BadTable
    """
    with offline_if(offline):
        release = load()
    scores = _known(release.scores, as_of)
    kind, frames = _facts(release, scores, id)
    options = {"id": id, "as_of": None if as_of is None else as_of.isoformat()}
    day, warned = resolve_as_of(release, as_of)
    if kind == "model_version" or id == "prices":
        version = None if id == "prices" else frames["model_versions"]["model_version"][0]
        beside, noted, editions = _beside(release, version, as_of)
        frames, options, warned = frames | beside, options | editions, warned + noted
    return Shown(
        data_release=release.data_release,
        as_of=day,
        options=options,
        warnings=warned,
        provenance=provenance_of(release, options, seed),
        id=id,
        kind=kind,
        frames=frames,
    )


def _facts(release: Release, scores: pl.DataFrame, id: str) -> tuple[str, dict[str, pl.DataFrame]]:
    import polars as pl

    def where(frame: pl.DataFrame, column: str, value: str) -> pl.DataFrame:
        return frame.filter(pl.col(column).cast(pl.String) == value)

    if id == "prices":
        return "table", {}
    if id in ALL_TABLES:
        return "table", {id: scores if id == "scores" else release.table(id)}
    one = where(scores, "score_id", id)
    if len(one):
        source = where(release.sources, "source", one["source"][0])
        return "score", {"scores": one, "sources": source}
    if len(where(release.benchmarks, "benchmark", id)):
        return "benchmark", {
            "benchmarks": where(release.benchmarks, "benchmark", id),
            "scores": where(scores, "benchmark", id),
        }
    for column, kind in (("domain", "domain"), ("stage", "stage")):
        placed = where(release.benchmarks, column, id)
        if len(placed):
            names = placed["benchmark"].to_list()
            return kind, {
                "benchmarks": placed,
                "scores": scores.filter(pl.col("benchmark").is_in(names)),
            }
    if len(where(release.sources, "source", id)):
        return "source", {
            "sources": where(release.sources, "source", id),
            "scores": where(scores, "source", id),
        }
    found = where(release.published_estimates, "estimate_id", id)
    if len(found):
        return "published_estimate", {"published_estimates": found}
    return "model_version", _model_facts(release, scores, id)


def _beside(
    release: Release, version: str | None, as_of: date | None
) -> tuple[dict[str, pl.DataFrame], tuple[Warned, ...], dict[str, str | None]]:
    """Claims on a model that are no part of the release: prices, and repositories of weights.

    With ``version`` ``None`` the prices of all models. Prices that began after ``as_of`` are left out.
    """
    import polars as pl

    from headway.api.prices import book_of, book_warnings
    from headway.tables.repositories import hub_book

    book = book_of(release)
    priced = book.frame
    if as_of is not None:
        begun = pl.coalesce("from", "seen")
        priced = priced.filter(begun.is_null() | (begun <= as_of))
    warned = book_warnings(book)
    editions: dict[str, str | None] = {"prices": book.digest}
    if version is None:
        return {"prices": priced}, warned, editions
    hub = hub_book()
    if hub.passed_over:
        warned += (Warned("repositories_older", {"count": hub.passed_over}),)
    found = {"prices": priced, "repositories": hub.frame}
    own = {name: frame.filter(pl.col("model_version") == version) for name, frame in found.items()}
    return (
        {name: frame for name, frame in own.items() if len(frame)},
        warned,
        editions | {"repositories": hub.snapshot},
    )


def _model_facts(release: Release, scores: pl.DataFrame, id: str) -> dict[str, pl.DataFrame]:
    import polars as pl

    from headway.tables.registry import Registry

    registry = Registry(release.model_versions, release.model_aliases)
    try:
        version = registry.resolve(id).model_version
    except HeadwayError as e:
        ids = [
            *ALL_TABLES,
            *release.benchmarks["benchmark"],
            *release.sources["source"],
            *release.model_versions["model_version"],
        ]
        close = [*difflib.get_close_matches(id, ids, n=3), *registry.close(id)]
        raise problem(
            NotFound,
            "no-such-id",
            id=clip(id),
            close=", ".join(dict.fromkeys(close)) or "-",
        ) from e

    def of(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.filter(pl.col("model_version") == version)

    return {
        "model_versions": of(release.model_versions),
        "access": of(release.access),
        "model_aliases": of(release.model_aliases),
        "scores": of(scores).sort("benchmark", "score_id"),
    }


# Validate -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Validation(Result):
    """Every row of a file that cannot be used, with line, column, value and reason."""

    file: str
    kind: str
    n_rows: int
    problems: tuple[RowProblem, ...]
    #: of curated figures: what every further reading says about the first
    readings: tuple[Agreement, ...] = ()

    @property
    def n_bad(self) -> int:
        """Rows that cannot be used."""
        return len({p.line for p in self.problems})

    @property
    def is_valid(self) -> bool:
        return not self.problems

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        from headway.api.readings import reading_json

        return envelope(
            "data-validate",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=[
                {
                    "line": p.line,
                    "column": p.column,
                    "value": p.value,
                    "reason": p.reason,
                    "message": p.text(lang),
                }
                for p in self.problems
            ],
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
            extra={
                "summary": {
                    "file": self.file,
                    "kind": self.kind,
                    "rows": self.n_rows,
                    "accepted": self.n_rows - self.n_bad,
                    "rejected": self.n_bad,
                },
                "readings": [reading_json(one) for one in self.readings],
            },
        )

    def table(self) -> pl.DataFrame:
        import polars as pl

        return pl.DataFrame(
            [(p.line, p.column, p.value, p.reason, p.text("en")) for p in self.problems],
            schema={
                "line": pl.Int64,
                "column": pl.String,
                "value": pl.String,
                "reason": pl.String,
                "message": pl.String,
            },
            orient="row",
        )

    def text(self, lang: str = "en") -> str:
        from headway.api.readings import reading_text
        from headway.i18n import message
        from headway.textsafe import plain_table

        fields = {
            "file": self.file,
            "kind": message(f"data-kind-{self.kind}", lang),
            "rows": str(self.n_rows),
            "bad": str(self.n_bad),
        }
        said = [reading_text(one, lang) for one in self.readings]
        if self.is_valid:
            return "\n".join([message("data-valid", lang, **fields), *said])
        header = [message(f"data-column-{c}", lang) for c in ("line", "column", "reason")]
        rows = [[str(p.line), p.column, p.text(lang)] for p in self.problems]
        table = plain_table(header, rows, right=(0,))
        return "\n".join([message("data-invalid", lang, **fields), table, *said])

    def __repr__(self) -> str:
        return f"Validation({self.file}, {self.kind}: {self.n_rows} rows, {self.n_bad} bad)"


def data_validate(
    path: str | Path,
    *,
    kind: str = "auto",
    as_of: date | None = None,
    today: date | None = None,
    seed: int = 0,
    offline: bool = False,
) -> Validation:
    """Check a file of scores, of an index of one's own, or of curated figures; report every bad row.

    Parameters
    ----------
    path : str or Path
        CSV or Parquet; curated figures (TOML); or results in a format of others, such as an Inspect
        log.
    kind : {"auto", "scores", "index", "figures"}
        What the file should hold; by default what its ending and columns say.
    as_of : date, optional
        Unused by this verb besides being reported.
    today : date, optional
        Later dates are in the future; the current day (UTC) by default.
    seed : int
        Unused by this verb; kept in the provenance.
    offline : bool
        Refuse any network use.

    Raises
    ------
    Unreadable, EmptyTable, ColumnsMissing
        The file as a whole cannot be used.
    """
    from headway.tables.bring import bring_index, bring_scores, kind_of, read_table
    from headway.tables.bring_results import figures_table, results_table

    (kind,) = choices("--kind", kind, ("auto", "scores", "index", "figures"), "data validate")
    day = today or datetime.now(UTC).date()
    file = Path(path)
    suffix = file.suffix.lower()
    readings: tuple[Agreement, ...] = ()
    failures: tuple[RowProblem, ...] = ()
    told: tuple[Warned, ...] = ()
    with offline_if(offline):
        head = head_in_use()
        if kind == "figures" or (kind == "auto" and suffix == ".toml"):
            found = "figures"
            read = figures_table(file)
            table, failures, readings = read.table, read.problems, read.agreements
            if read.only_reader is not None:
                told = (Warned("figures_read_once", {"reader": clip(read.only_reader)}),)
        elif kind != "index" and suffix in {".eval", ".json", ".jsonl", ".yaml", ".yml"}:
            found = "scores"
            table, failures = results_table(file, names={}, columns={})
        else:
            table = read_table(file)
            found = kind_of(table) if kind == "auto" else kind
        brought = (
            bring_index(table, today=day)
            if found == "index"
            else bring_scores(table, load(), today=day)
        )
    lines = {p.line for p in failures} - set(table.lines)
    options = {"file": table.name, "kind": kind}
    resolved, warned = resolve_as_of(head, as_of)
    return Validation(
        data_release=head.data_release,
        as_of=resolved,
        options=options,
        warnings=(*warned, *told),
        provenance=provenance_of(head, options, seed),
        file=table.name,
        kind=found,
        n_rows=brought.rows + len(lines),
        problems=(*failures, *brought.problems),
        readings=readings,
    )
