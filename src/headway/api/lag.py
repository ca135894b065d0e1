"""``headway lag``: how many months open-weight models are behind closed ones."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from headway import cache
from headway.api.data import load, resolve_as_of
from headway.api.envelope import Result, Warned, choices, envelope, plain
from headway.api.offline import offline_if
from headway.errors import BadOption, EmptyTable
from headway.problems import problem
from headway.provenance import Provenance
from headway.result import Interval, Quantity
from headway.tables.choice import chosen, head_in_use, using
from headway.tables.store import Release

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

    from headway.api.engine import Cell, Posterior
    from headway.estimate.lag import FrontierName, LagRow
    from headway.figures import LagRowLike

__all__ = ["DEFAULT_SEED", "LagResult", "lag"]

DEFAULT_SEED = 20261123
#: These repeat the vocabularies of the estimators, so that a warm answer imports none of them; a
#: test holds them together.
DEFINITIONS = (
    "lag_mean_12m",
    "lag_now",
    "lag_at_record",
    "headway_months",
    "lag_trend",
    "gap",
)
FRONTIERS = ("public", "restricted")
EVIDENCE = ("all", "independent", "held_out", "first_party")
DOMAINS = ("cyber", "coding", "general")
STAGES = (
    "find_reproduce",
    "exploit",
    "range",
    "ctf_mixed",
    "command_line",
    "knowledge",
    "defensive",
)
ENGINES = ("fast", "reference")
#: Definitions that are a function of time.
TIMED = ("lag_mean_12m", "lag_now", "lag_at_record")
#: First month of a history.
HISTORY_START = date(2023, 1, 1)


def quantity_from_json(data: Mapping[str, Any]) -> Quantity:
    """A quantity from its JSON form."""

    def number(value: Any) -> Any:
        return float(value) if isinstance(value, str) else value

    def interval(found: Mapping[str, Any] | None) -> Interval | None:
        if found is None:
            return None
        return Interval(number(found["low"]), number(found["high"]), found["level"], found["kind"])

    return Quantity(
        value=data["value"],
        unit=data["unit"],
        interval=interval(data["interval"]),
        n=data["n"],
        n_clusters=data["n_clusters"],
        status=data["status"],
        notes=tuple(data["notes"]),
        interval_process=interval(data.get("interval_process")),
        probabilities=data.get("probabilities"),
    )


@dataclass(frozen=True)
class LagResult(Result):
    """Lags, one row per domain or stage, definition, frontier, evidence and date.

    Parameters
    ----------
    documents : tuple of mapping
        The rows in their JSON form.
    facts : mapping
        Counts per evidence filter: rows used, rows left out by reason, pseudo-vintage share.
    """

    documents: tuple[Mapping[str, Any], ...]
    facts: Mapping[str, Any]

    @cached_property
    def rows(self) -> tuple[LagRow, ...]:
        """The rows as objects."""
        from headway.estimate.lag import LagRow

        return tuple(
            LagRow(
                **{
                    **row,
                    "at": None if row["at"] is None else date.fromisoformat(row["at"]),
                    "lag": quantity_from_json(row["lag"]),
                }
            )
            for row in self.documents
        )

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return envelope(
            "lag",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=self.documents,
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
            extra={"evidence": self.facts} if self.facts else None,
        )

    def table(self) -> pl.DataFrame:
        """One row per lag: identifying columns, value, interval ends (``inf`` kept), status, notes."""
        import polars as pl

        def ends(name: str) -> tuple[list[float | None], list[float | None]]:
            found = [getattr(q, name) for q in quantities]
            return (
                [None if i is None else i.low for i in found],
                [None if i is None else i.high for i in found],
            )

        quantities = [quantity_from_json(row["lag"]) for row in self.documents]
        low, high = ends("interval")
        process_low, process_high = ends("interval_process")
        kept = ("domain", "stage", "definition", "frontier", "evidence", "at")
        text, number = pl.String, pl.Float64
        frame = pl.DataFrame(
            {
                **{name: [row[name] for row in self.documents] for name in kept},
                "lag": [q.value for q in quantities],
                "unit": [q.unit for q in quantities],
                "low": low,
                "high": high,
                "level": [None if q.interval is None else q.interval.level for q in quantities],
                "kind": [None if q.interval is None else q.interval.kind for q in quantities],
                "process_low": process_low,
                "process_high": process_high,
                "status": [q.status for q in quantities],
                "n": [q.n for q in quantities],
                "n_clusters": [q.n_clusters for q in quantities],
                "open_model": [row["open_model"] for row in self.documents],
                "closed_model": [row["closed_model"] for row in self.documents],
                "notes": ["; ".join(q.notes) for q in quantities],
            },
            schema_overrides={
                **dict.fromkeys((*kept, "open_model", "closed_model", "kind"), text),
                **dict.fromkeys(
                    ("lag", "low", "high", "level", "process_low", "process_high"), number
                ),
            },
        )
        return frame.with_columns(pl.col("at").str.to_date())

    def cells(self, lang: str = "en") -> tuple[list[str], list[list[str]]]:
        """Header and cells of the text table: only the columns that differ between rows."""
        from headway.i18n import interval_words, message, note, quantity_short

        def differs(name: str) -> bool:
            return len({row[name] for row in self.documents}) > 1

        def word(name: str, value: str | None) -> str:
            if value is None:
                return message("stage-all", lang) if name == "stage" else "-"
            return message(f"{name}-{value}", lang)

        is_index = bool(self.options.get("index"))
        first = [] if is_index else ["domain", "stage"]
        first += [n for n in ("definition", "frontier", "evidence") if differs(n)]
        dated = differs("at") or is_index
        header = [message(f"column-{name}", lang) for name in first]
        header += [message("column-date", lang)] if dated else []
        header += [message("column-lag", lang), message("column-interval", lang, level=self._level)]
        process = any("interval_process" in row["lag"] for row in self.documents)
        header += [message("column-process", lang)] if process else []
        header += [message("column-models", lang), message("column-notes", lang)]
        rows = []
        for row in self.documents:
            q = quantity_from_json(row["lag"])
            cells = [word(name, row[name]) for name in first]
            cells += [row["at"] or "-"] if dated else []
            cells += [quantity_short(q, lang)]
            cells += ["-" if q.interval is None else interval_words(q.interval, lang)]
            if process:
                wide = q.interval_process
                cells += ["-" if wide is None else interval_words(wide, lang)]
            pair = [row["open_model"], row["closed_model"]]
            cells += ["-" if not any(pair) else " / ".join(m or "-" for m in pair)]
            told = q.notes if q.status == "not_estimable" or q.interval is None else q.notes[:2]
            cells += [message("list-separator", lang).join(note(n, lang) for n in told)]
            rows.append(cells)
        return header, rows

    @property
    def _level(self) -> str:
        return f"{100 * float(self.options['level']):g} %"

    def text(self, lang: str = "en") -> str:
        from headway.textsafe import plain_table

        return plain_table(*self.cells(lang))

    def plot(self, *, lang: str = "en") -> alt.TopLevelMixin:
        """Chart of the rows: dot, measurement interval, wider interval, states in words."""
        from headway.figures import forest_chart, forest_rows

        if self.options.get("index"):
            raise BadOption("an index has one series: use .table() for its rows")
        by = "domain"
        if any(row["stage"] for row in self.documents):
            by = "stage"
        elif len({row["evidence"] for row in self.documents}) > 1:
            by = "evidence"
        block = "domain" if by != "domain" else None
        rows = [row for row in self.rows if row.lag.unit == "months"]
        shown = forest_rows(cast("list[LagRowLike]", rows), by=by, lang=lang, block=block)
        return forest_chart(shown, lang=lang)

    def __repr__(self) -> str:
        lines = [f"LagResult(as of {self.as_of}, release {self.data_release})"]
        for row in self.documents[:8]:
            q = row["lag"]
            ends = q["interval"] or {"low": None, "high": None}
            where = row["domain"] or "index"
            where += f"/{row['stage']}" if row["stage"] else ""
            value = q["status"] if q["value"] is None else f"{q['value']:.1f} {q['unit']}"
            lines.append(f"  {where} {row['definition']}: {value} [{ends['low']}, {ends['high']}]")
        if len(self.documents) > 8:
            lines.append(f"  … {len(self.documents) - 8} more")
        return "\n".join(lines)


def lag(
    domain: str | Sequence[str] | None = None,
    stage: str | Sequence[str] | None = None,
    *,
    definition: str | Sequence[str] = "lag_mean_12m",
    frontier: str | Sequence[str] = "public",
    evidence: str | Sequence[str] = "all",
    as_of: date | None = None,
    level: float = 0.90,
    seed: int = DEFAULT_SEED,
    history: bool = False,
    index: str | Path | None = None,
    reading_error: float | None = None,
    access_basis: str = "all",
    engine: str = "fast",
    own: str | None = None,
    offline: bool = False,
    progress: bool = False,
) -> LagResult:
    """Months that open-weight models are behind closed ones.

    Without ``domain`` and ``stage``: the domains cyber, coding and general, then every stage of
    cyber. A month is 30.4375 days.

    Parameters
    ----------
    domain : str or sequence, optional
        ``cyber``, ``coding``, ``general``; a comma list is fine.
    stage : str or sequence, optional
        A stage of cyber, or ``all`` of them.
    definition, frontier, evidence : str or sequence
        One value or a comma list; see the glossary of the documentation. An evidence filter
        fits the ability model again on the rows that pass it.
    as_of : date, optional
        Fit and measure on what was known by this day. Default: the release's ``data_through``; of
        an index, its latest entry.
    level : float
        Level of every interval, 0-1.
    seed : int
        Root of all random numbers.
    history : bool
        Add one row per month for the definitions that are a function of time.
    index : path, optional
        Apply the definitions to this file (``model,released,access,score[,score_sd]``) instead.
    reading_error : float, optional
        With ``index``: how far rounding or reading off a figure may have moved a score. Each row
        of ``lag_at_record`` then carries ``tie_sensitivity``, its lag with the open score moved
        down and up by so much.
    access_basis : {"all", "stated"}
        ``stated`` leaves out models whose access was inferred from the family name.
    engine : {"fast", "reference"}
        The fast deterministic fit, or full posterior sampling of the same model (extra ``bayes``;
        tens of minutes).
    own : {"exclude", "include"}, optional
        Whether results of one's own (``headway data add``) are evidence too. Default: as in the
        enclosing :func:`headway.data_choice`, without one they are not.
    offline : bool
        Refuse any network use.
    progress : bool
        Show progress on stderr for work over two seconds.

    Returns
    -------
    LagResult

    Raises
    ------
    BadOption
        A value that is not in its vocabulary, or options that do not go together.
    Unreadable, BadTable
        The release, or the index file, cannot be used.

    Examples
    --------
    >>> import headway
    >>> found = headway.lag("coding", definition="lag_now")  # doctest: +SKIP
    >>> found.table()  # doctest: +SKIP
    """
    if not 0 < level < 1:
        raise problem(BadOption, "bad-level", value=level)
    choice = chosen()
    if own is not None:
        (own,) = choices("--own", own, ("exclude", "include"), "lag")
        choice = replace(choice, own=own == "include")
    wanted = {
        "definition": choices("--definition", definition, DEFINITIONS, "lag"),
        "frontier": choices("--frontier", frontier, FRONTIERS, "lag"),
        "evidence": choices("--evidence", evidence, EVIDENCE, "lag"),
        "access_basis": choices("--access-basis", access_basis, ("all", "stated"), "lag")[0],
        "engine": choices("--engine", engine, ENGINES, "lag")[0],
        "own": "include" if choice.own else "exclude",
        "level": level,
        "history": history,
    }
    with offline_if(offline), using(choice):
        if index is not None:
            for option, given in (
                ("--domain", domain),
                ("--stage", stage),
                ("--evidence", wanted["evidence"] != ("all",)),
                ("--access-basis", wanted["access_basis"] != "all"),
                ("--engine", wanted["engine"] != "fast"),
                ("--own", wanted["own"] != "exclude"),
            ):
                if given:
                    raise problem(BadOption, "index-option", option=option)
            return _of_index(Path(index), {**wanted, "reading_error": reading_error}, as_of, seed)
        if reading_error is not None:
            raise problem(BadOption, "needs-index", option="--reading-error")
        return _of_release(_cells(domain, stage), wanted, as_of, seed, progress=progress)


def _cells(
    domain: str | Sequence[str] | None, stage: str | Sequence[str] | None
) -> tuple[Cell, ...]:
    """Cells asked for: a domain alone is the domain itself, no option at all is everything."""
    domains = None if domain is None else choices("--domain", domain, DOMAINS, "lag")
    if stage is None:
        if domains is None:
            return (*((d, None) for d in DOMAINS), *(("cyber", s) for s in STAGES))
        return tuple((d, None) for d in domains)
    if domains is not None and domains != ("cyber",):
        raise problem(BadOption, "stage-without-cyber", domain=", ".join(domains))
    stages = STAGES if stage == "all" else choices("--stage", stage, STAGES, "lag")
    return tuple(("cyber", s) for s in stages)


# Of the release -----------------------------------------------------------------------------


def _of_release(
    cells: tuple[Cell, ...],
    wanted: Mapping[str, Any],
    as_of: date | None,
    seed: int,
    *,
    progress: bool,
) -> LagResult:
    head = head_in_use()
    day, warned = resolve_as_of(head, as_of)
    options = {
        "domain": sorted({d for d, _ in cells}, key=DOMAINS.index),
        "stage": sorted({s for _, s in cells if s}, key=STAGES.index),
        **plain(wanted),
        "index": None,
    }
    cached_options = {
        **options,
        "cells": [list(c) for c in cells],
        "as_of": day.isoformat(),
        "seed": seed,
    }
    key = cache.key("lag", rows_hash=head.rows_hash, options=cached_options)
    entry = cache.load(key)
    if entry is None:
        document = _compute(load(), cells, wanted, as_of, day, seed, progress=progress)
        cache.store(key, document)
    else:
        document = entry.document
    return LagResult(
        data_release=head.data_release,
        as_of=day,
        options=options,
        warnings=(*warned, *(Warned.from_json(w) for w in document["warnings"])),
        provenance=Provenance(
            data_release=head.data_release,
            rows_hash=head.rows_hash,
            options={**options, "as_of": day.isoformat()},
            seed=seed,
        ),
        documents=tuple(document["rows"]),
        facts=document["facts"],
    )


def _compute(
    release: Release,
    cells: tuple[Cell, ...],
    wanted: Mapping[str, Any],
    as_of: date | None,
    day: date,
    seed: int,
    *,
    progress: bool,
) -> dict[str, Any]:
    from headway.api.engine import posteriors

    label = "fits" if progress else None
    fits = posteriors(
        release,
        evidence=wanted["evidence"],
        as_of=as_of,
        access_basis=wanted["access_basis"],
        engine=wanted["engine"],
        seed=seed,
        progress=label,
    )
    rows: list[LagRow] = []
    warned: list[Warned] = []
    facts: dict[str, Any] = {}
    for name, fit in fits.items():
        if not isinstance(fit, EmptyTable):
            facts[name] = fit.facts
            warned += fit_warnings(fit)
        for cell in cells:
            rows += cell_rows(fit, cell, evidence=name, wanted=wanted, as_of=day, seed=seed)
    return {
        "rows": [row.to_json() for row in rows],
        "warnings": [{"code": w.code, "args": dict(w.args)} for w in unique(warned)],
        "facts": plain(facts),
    }


def unique(warned: Sequence[Warned]) -> list[Warned]:
    """Each warning once, in order."""
    out: list[Warned] = []
    for one in warned:
        if one not in out:
            out.append(one)
    return out


def fit_warnings(fit: Posterior) -> list[Warned]:
    """What to doubt about a fit as a whole."""
    out = []
    share = float(fit.facts["pseudo_vintage_share"])
    if share > 0:
        out.append(Warned("pseudo_vintage", {"share": share}))
    if fit.facts["undated_models"]:
        out.append(Warned("undated_models", {"count": int(fit.facts["undated_models"])}))
    if not fit.facts["converged"]:
        out += [Warned("not_converged", {"domain": d}) for d in DOMAINS if (d, None) in fit.cells]
    for domain, scale in fit.scale.items():
        if scale["is_substitute"]:
            out.append(Warned("other_anchors", {"domain": domain}))
    return out


def cell_rows(
    fit: Posterior | EmptyTable,
    cell: Cell,
    *,
    evidence: str,
    wanted: Mapping[str, Any],
    as_of: date,
    seed: int,
    process_reps: int = 500,
) -> list[LagRow]:
    """The rows of one cell: every definition and frontier asked for, then the history."""
    from headway.api.engine import row_rng
    from headway.estimate.lag import Cell as LagCell
    from headway.estimate.lag import lag_history, lag_rows

    domain, stage = cell
    rows: list[LagRow] = []
    for frontier in wanted["frontier"]:
        missing = _missing(fit, cell, frontier)
        if missing:
            rows += [
                refused(cell, name, frontier, evidence, as_of, missing)
                for name in wanted["definition"]
            ]
            continue
        assert not isinstance(fit, EmptyTable), "an error is among what is missing"
        entrants = fit.entrants_in(cell)
        per_logit = fit.scale.get(domain, {}).get("points_per_logit")
        rows += lag_rows(
            entrants,
            definitions=wanted["definition"],
            frontier=frontier,
            domain=domain,
            stage=stage,
            evidence=evidence,
            as_of=as_of,
            level=wanted["level"],
            rng=row_rng(seed, "lag", domain, stage, frontier, evidence),
            process_reps=process_reps,
            gap_scale=1.0 if per_logit is None else float(per_logit),
            gap_unit="logits" if per_logit is None else "points",
        )
        if wanted["history"]:
            for name in (n for n in wanted["definition"] if n in TIMED):
                rows += lag_history(
                    entrants,
                    dates=months_until(as_of),
                    frontier=frontier,
                    as_of=as_of,
                    definition=name,
                    level=wanted["level"],
                    cell=LagCell(domain, stage, evidence),
                )
    return rows


def _missing(fit: Posterior | EmptyTable, cell: Cell, frontier: str) -> tuple[str, ...]:
    """What the cell lacks for a lag, as message keys; empty if it can carry one."""
    if isinstance(fit, EmptyTable):
        return ("no_scores",)
    if cell not in fit.cells:
        return ("no_scores",)
    return fit.cells[cell].missing[frontier]


def refused(
    cell: Cell, definition: str, frontier: str, evidence: str, as_of: date, missing: Sequence[str]
) -> LagRow:
    """A row that says what is missing."""
    from headway.estimate.lag import LagRow

    unit = "points" if definition == "gap" else "months"
    return LagRow(
        domain=cell[0],
        stage=cell[1],
        definition=definition,
        frontier=frontier,
        evidence=evidence,
        at=as_of,
        lag=Quantity.not_estimable(unit, *missing),
    )


def months_until(as_of: date, start: date = HISTORY_START) -> list[date]:
    """Last day of every month from ``start`` to ``as_of``, and ``as_of`` itself."""
    out: list[date] = []
    year, month = start.year, start.month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        day = date.fromordinal(date(year, month, 1).toordinal() - 1)
        if day >= as_of:
            return [*out, as_of]
        out.append(day)


# Of an index --------------------------------------------------------------------------------


def _of_index(path: Path, wanted: Mapping[str, Any], as_of: date | None, seed: int) -> LagResult:
    import polars as pl

    from headway.api.engine import row_rng
    from headway.estimate.lag import index_from_epoch, lag_index
    from headway.tables.bring import bring_index, read_table, refuse_bad_rows

    today = datetime.now(UTC).date()
    table = read_table(path)
    if {"Model", "ECI Score", "Release date", "Model accessibility"} <= set(table.columns):
        raw = pl.DataFrame(
            [dict(zip(table.columns, row, strict=True)) for row in table.rows],
            infer_schema_length=None,
        )
        table = table.replaced(index_from_epoch(raw))
    frame = refuse_bad_rows(table.name, bring_index(table, today=today))
    rows: list[LagRow] = []
    moved: dict[tuple[str, date], dict[str, Any]] = {}
    warned: list[Warned] = []
    head = head_in_use()
    for frontier in wanted["frontier"]:
        moved.update(_moved_scores(frame, wanted["reading_error"], frontier, as_of))
        rows += lag_index(
            frame,
            wanted["definition"],
            as_of=as_of,
            frontier=frontier,
            level=wanted["level"],
            rng=row_rng(seed, "index", frontier),
        )
        if wanted["history"]:
            rows += _index_history(frame, wanted, frontier, as_of, seed)
    day = as_of or max(
        (d for c in ("released", "weights_released") if c in frame.columns for d in frame[c] if d),
    )
    scores = frame["score"]
    beyond = int((scores > 1).sum())
    if 0 < beyond <= len(scores) / 5 and bool((scores >= 0).all()):
        warned.append(Warned("mixed_scale", {"count": beyond, "n": len(scores)}))
    file_hash = hashlib.sha256(path.read_bytes()).hexdigest()
    options = {"domain": None, "stage": None, **plain(wanted), "index": table.name}
    return LagResult(
        data_release=head.data_release,
        as_of=day,
        options=options,
        warnings=tuple(warned),
        provenance=Provenance(
            data_release=head.data_release,
            rows_hash=file_hash,
            options={**options, "as_of": day.isoformat()},
            seed=seed,
        ),
        documents=tuple(_with_moved_score(row, moved) for row in rows),
        facts={},
    )


def _moved_scores(
    frame: pl.DataFrame, delta: float | None, frontier: FrontierName, as_of: date | None
) -> dict[tuple[str, date], dict[str, Any]]:
    """Per open record: its lag with the score moved by the reading error."""
    if delta is None:
        return {}
    from headway.estimate.lag import tie_sensitivity

    return {
        (frontier, row["at"]): {
            "delta": delta,
            **{
                end: {key: row[f"{end}_{key}"] for key in ("lag_months", "status", "closed_model")}
                for end in ("shortest", "longest")
            },
        }
        for row in tie_sensitivity(frame, delta, frontier=frontier, as_of=as_of).to_dicts()
    }


def _with_moved_score(
    row: LagRow, moved: Mapping[tuple[str, date], dict[str, Any]]
) -> dict[str, Any]:
    """The row as JSON, with ``tie_sensitivity`` where it was asked for."""
    document = row.to_json()
    if row.definition != "lag_at_record" or row.at is None or (row.frontier, row.at) not in moved:
        return document
    found = moved[row.frontier, row.at]
    ends = [_end_text(found[end]) for end in ("shortest", "longest")]
    document["tie_sensitivity"] = found
    document["lag"]["notes"].append(f"score_moved:{ends[0]} / {ends[1]}")
    return document


def _end_text(end: Mapping[str, Any]) -> str:
    """A lag in a note: a number, ``>= x`` for a bound, ``< 0`` where open models lead."""
    if end["lag_months"] is None:
        return "< 0"
    bound = ">= " if end["status"] == "censored" else ""
    return f"{bound}{end['lag_months']:.1f}"


def _index_history(
    frame: pl.DataFrame,
    wanted: Mapping[str, Any],
    frontier: FrontierName,
    as_of: date | None,
    seed: int,
) -> tuple[LagRow, ...]:
    """One row per month and timed definition; an index needs no minimum number of models."""
    from dataclasses import replace

    from headway.api.engine import row_rng
    from headway.estimate.lag import check_index, entrants_from_index, lag_history

    entrants = entrants_from_index(check_index(frame), rng=row_rng(seed, "index", frontier))
    first, last = frame["released"].min(), frame["released"].max()
    assert isinstance(first, date) and isinstance(last, date), "the index has rows"
    day = as_of or last
    rows: list[LagRow] = []
    for name in (n for n in wanted["definition"] if n in TIMED):
        rows += lag_history(
            entrants,
            dates=months_until(day, first),
            frontier=frontier,
            as_of=day,
            definition=name,
            level=wanted["level"],
            min_open=1,
            min_closed=1,
        )
    if "score_sd" in frame.columns:
        return tuple(rows)
    noted = ("index_no_uncertainty",)
    return tuple(replace(r, lag=replace(r.lag, notes=(*r.lag.notes, *noted))) for r in rows)
