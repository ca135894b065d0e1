"""The same definitions on anybody's own index, without an ability model.

An index is a table ``model, released, access, score``; with ``score_sd`` the scores are drawn,
without it every lag is counted once and has no interval (note ``index_no_uncertainty``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from headway.errors import BadOption, BadValue, ColumnsMissing, EmptyTable, IdentityConflict
from headway.estimate.lag.definitions import refused
from headway.estimate.lag.entrants import Entrants, FrontierName, date_of, day_number
from headway.estimate.lag.everything import lag_rows
from headway.estimate.lag.frontier import FrontierPair, frontier_pair
from headway.estimate.lag.rows import DEFINITIONS, Cell, LagRow, make_row
from headway.estimate.lag.states import summarise
from headway.estimate.lag.step import LagFunction, lag_function

if TYPE_CHECKING:
    from narwhals.stable.v2.typing import IntoDataFrame

__all__ = [
    "ACCESS_SPELLINGS",
    "check_index",
    "entrants_from_index",
    "index_from_epoch",
    "lag_index",
    "tie_sensitivity",
]

_NEEDED = ("model", "released", "access", "score")
_KNOWN = ("open_weight", "api", "hosted", "restricted", "unreleased", "unknown")
#: Spellings of ``access`` that are understood besides the vocabulary itself.
ACCESS_SPELLINGS = {"open": "open_weight", "closed": "api"}
_NO_SD = "index_no_uncertainty"
_SHOWN = 5


def check_index(frame: IntoDataFrame) -> pl.DataFrame:
    """Validated index.

    Parameters
    ----------
    frame : any frame narwhals reads
        ``model`` (text, distinct), ``released`` (date or ISO text), ``access`` (``open_weight``,
        ``api``, ``hosted``, ``restricted``, ``unreleased``, ``unknown``; ``open`` and ``closed``
        are accepted for the first two), ``score`` (finite number, higher is better). Optional:
        ``score_sd`` (at least 0), ``weights_released`` (date or blank: the open entry, whatever
        ``access`` says; such a model never enters a closed frontier), ``lab`` (cluster). Other
        columns are ignored.

    Returns
    -------
    frame
        ``model``, ``released``, ``access``, ``score``, ``lab``, ``weights_released`` and, if
        given, ``score_sd``; rows in the order given.

    Raises
    ------
    ColumnsMissing, EmptyTable, IdentityConflict
    BadValue
        Names the column and the first bad lines; line 1 is the header of a CSV.
    """
    import narwhals.stable.v2 as nw

    table: pl.DataFrame = nw.from_native(frame, eager_only=True).to_polars()
    missing = [name for name in _NEEDED if name not in table.columns]
    if missing:
        raise ColumnsMissing(
            f"index: missing column {', '.join(missing)}; got {', '.join(table.columns)}",
            hint="columns: model,released,access,score[,score_sd][,weights_released][,lab]",
            missing=missing,
        )
    if table.is_empty():
        raise EmptyTable("index: no rows", hint="one row per model below the header")
    model = _text(table, "model")
    _refuse(table, model.is_null(), "model", "a name")
    twice = model.is_duplicated()
    if twice.any():
        names = model.filter(twice).unique(maintain_order=True).to_list()
        raise IdentityConflict(
            f"index: {len(names)} models have more than one row: {', '.join(names[:_SHOWN])}",
            hint="keep one row per model, at its strongest setting",
            models=names[:20],
        )
    text = _text(table, "access").str.to_lowercase()
    access = text.replace(ACCESS_SPELLINGS)
    _refuse(
        table,
        ~access.is_in(_KNOWN).fill_null(value=False),
        "access",
        f"one of {', '.join(_KNOWN)} (or {', '.join(ACCESS_SPELLINGS)})",
    )
    out = {
        "model": model,
        "released": _dates(table, "released", blank=False),
        "access": access,
        "score": _numbers(table, "score"),
        "lab": _text(table, "lab")
        if "lab" in table.columns
        else pl.Series("lab", [None] * len(table), dtype=pl.String()),
        "weights_released": _dates(table, "weights_released", blank=True)
        if "weights_released" in table.columns
        else pl.Series("weights_released", [None] * len(table), dtype=pl.Date()),
    }
    if "score_sd" in table.columns:
        spread = _numbers(table, "score_sd")
        _refuse(table, spread < 0, "score_sd", "a number of at least 0")
        out["score_sd"] = spread
    return pl.DataFrame({name: column.alias(name) for name, column in out.items()})


def entrants_from_index(
    checked: pl.DataFrame, *, n_draws: int = 1000, rng: np.random.Generator | None = None
) -> Entrants:
    """Entrants of a validated index; all models are informative.

    Parameters
    ----------
    checked : frame
        From :func:`check_index`.
    n_draws : int
        Draws of the scores, independent and normal, where ``score_sd`` is given.
    rng : Generator
        Needed with ``score_sd``.

    Raises
    ------
    BadOption
        ``score_sd`` without ``rng``.
    """
    score = checked["score"].to_numpy().astype(np.float64)
    ability = score[None, :]
    if "score_sd" in checked.columns:
        if rng is None:
            raise BadOption("an index with score_sd needs a random generator", hint="pass rng=")
        spread = checked["score_sd"].to_numpy().astype(np.float64)
        ability = score + spread * rng.standard_normal((n_draws, len(score)))
    released = np.array([day_number(day) for day in checked["released"]])
    weights = np.array(
        [math.inf if day is None else day_number(day) for day in checked["weights_released"]]
    )
    access = checked["access"].to_numpy()
    later = np.isfinite(weights)
    is_open = (access == "open_weight") | later
    public = np.isin(access, ("api", "hosted")) & ~is_open
    anyone = np.isin(access, ("api", "hosted", "restricted", "unreleased")) & ~is_open
    return Entrants(
        model_version=tuple(checked["model"]),
        lab=tuple(
            lab or f"?{model}" for lab, model in zip(checked["lab"], checked["model"], strict=True)
        ),
        open_from=np.where(later, weights, np.where(is_open, released, np.inf)),
        closed_public_from=np.where(public, released, np.inf),
        closed_any_from=np.where(anyone, released, np.inf),
        ability=ability,
        informative=np.ones(len(score), dtype=bool),
    )


def lag_index(
    frame: IntoDataFrame,
    definition: str | Sequence[str] = "lag_mean_12m",
    *,
    as_of: date | None = None,
    frontier: FrontierName = "public",
    level: float = 0.90,
    margin: float = 0.0,
    n_draws: int = 1000,
    rng: np.random.Generator | None = None,
    domain: str | None = None,
) -> tuple[LagRow, ...]:
    """Lags of an index, as counted by hand.

    Parameters
    ----------
    frame : any frame narwhals reads
        See :func:`check_index`.
    definition : str or sequence of str
        ``lag_at_record`` gives one row per open record (``at`` = its date, first entry included);
        the others one row each.
    as_of : date, optional
        Later entries are left out (``after_as_of:count`` in the notes); by default the latest
        date in the table, whatever the access.
    frontier : {"public", "restricted"}
    level : float
        Of intervals, where ``score_sd`` makes some possible.
    margin : float, index points
        How much worse still counts as a match.
    n_draws, rng
        As in :func:`entrants_from_index`.
    domain : str, optional
        Carried to the rows.

    Returns
    -------
    tuple of LagRow
        Grouped by definition in the order asked. No minimum number of models applies here: one
        open and one closed model are enough.

    Raises
    ------
    BadOption
        Unknown definition or frontier, or ``score_sd`` without ``rng``.
    ColumnsMissing, EmptyTable, IdentityConflict, BadValue
        From :func:`check_index`.

    Examples
    --------
    >>> index = pl.DataFrame(
    ...     {
    ...         "model": ["Closed 1", "Closed 2", "Open 1"],
    ...         "released": ["2025-01-01", "2025-03-01", "2025-08-31"],
    ...         "access": ["api", "api", "open_weight"],
    ...         "score": [40.0, 60.0, 55.0],
    ...     }
    ... )
    >>> row, = lag_index(index, "lag_at_record")
    >>> row.open_model, row.closed_model, round(row.lag.value, 1), row.lag.status
    ('Open 1', 'Closed 2', 6.0, 'estimated')
    """
    wanted = (definition,) if isinstance(definition, str) else tuple(definition)
    unknown = [name for name in wanted if name not in DEFINITIONS]
    if unknown:
        raise BadOption(
            f"unknown definition {', '.join(map(repr, unknown))}",
            hint=f"one of {', '.join(DEFINITIONS)}",
        )
    checked = check_index(frame)
    entrants = entrants_from_index(checked, n_draws=n_draws, rng=rng)
    central = replace(entrants, ability=checked["score"].to_numpy().astype(np.float64)[None, :])
    closed = entrants.closed_from(frontier)
    entered = np.minimum(entrants.open_from, closed)
    as_of = as_of or _latest(checked)
    late = int(np.sum(np.isfinite(entered) & (entered > day_number(as_of))))
    notes: tuple[str, ...] = () if "score_sd" in checked.columns else (_NO_SD,)
    if late:
        notes = (*notes, f"after_as_of:{late}")
    cell = Cell(domain)
    pair, middle = (
        frontier_pair(one, frontier=frontier, as_of=as_of, margin=margin, min_open=1, min_closed=1)
        for one in (entrants, central)
    )
    single = lag_rows(
        entrants,
        definitions=[name for name in wanted if name != "lag_at_record"],
        frontier=frontier,
        domain=domain,
        as_of=as_of,
        level=level,
        margin=margin,
        process_reps=0,
        rng=np.random.default_rng(0),
        gap_unit="points",
        min_open=1,
        min_closed=1,
    )
    by_name = {row.definition: row for row in single}
    rows: list[LagRow] = []
    for name in wanted:
        if name == "lag_at_record":
            rows += _record_rows(pair, middle, level, cell)
        else:
            rows.append(by_name[name])
    return tuple(replace(row, lag=replace(row.lag, notes=(*row.lag.notes, *notes))) for row in rows)


def tie_sensitivity(
    frame: IntoDataFrame,
    delta: float,
    *,
    frontier: FrontierName = "public",
    as_of: date | None = None,
) -> pl.DataFrame:
    """How far each record's lag moves when ties are broken the other way.

    The open record's score is moved down and up by ``delta`` against all closed scores, which
    also covers two readings each off by half of it. Nothing else changes, so the lag at the lower
    score is never the shorter one.

    Parameters
    ----------
    frame : any frame narwhals reads
        See :func:`check_index`; ``score_sd`` is not used.
    delta : float, index points, >= 0
        Largest difference that rounding or reading off a figure may hide.
    frontier, as_of
        As in :func:`lag_index`.

    Returns
    -------
    frame
        One row per open record: ``at``, ``open_model``, ``score``, then for the score itself, for
        ``score - delta`` (``longest``) and ``score + delta`` (``shortest``): ``lag_months``,
        ``status``, ``closed_model``; ``lag_months`` is null where open models lead and the bound
        where censored.

    Raises
    ------
    BadOption
        Negative or non-finite ``delta``.
    """
    if not (math.isfinite(delta) and delta >= 0):
        raise BadOption(f"delta must be a finite number of at least 0, got {delta}")
    checked = check_index(frame).drop("score_sd", strict=False)
    entrants = entrants_from_index(checked)
    as_of = as_of or _latest(checked)
    pair = frontier_pair(entrants, frontier=frontier, as_of=as_of, min_open=1, min_closed=1)
    rows = []
    if not pair.missing:
        open_, closed = pair.both
        holders = pair.holders("open")[0]
        for k in np.flatnonzero(open_.records()[0]):
            at, score = float(open_.dates[0, k]), float(open_.level[0, k])
            row: dict[str, object] = {
                "at": date_of(at),
                "open_model": entrants.model_version[holders[k]],
                "score": score,
            }
            for prefix, level in (
                ("", score),
                ("longest_", score - delta),
                ("shortest_", score + delta),
            ):
                moved = np.array([[level]])
                match = closed.first_day_at(moved)
                states = LagFunction(np.array([[at]]), match, closed.first).at(at)
                lag = summarise(states, level=0.9, n=pair.n, n_clusters=pair.n_clusters)
                row[f"{prefix}lag_months"] = lag.value
                row[f"{prefix}status"] = lag.status
                row[f"{prefix}closed_model"] = _matcher(pair, level, at)
            rows.append(row)
    schema: dict[str, pl.DataType] = {
        "at": pl.Date(),
        "open_model": pl.String(),
        "score": pl.Float64(),
    }
    for prefix in ("", "longest_", "shortest_"):
        schema[f"{prefix}lag_months"] = pl.Float64()
        schema[f"{prefix}status"] = pl.String()
        schema[f"{prefix}closed_model"] = pl.String()
    return pl.DataFrame(rows, schema=schema)


#: Accessibility as Epoch AI's index states it.
_EPOCH_ACCESS = {
    "API access": "api",
    "Hosted access (no API)": "hosted",
    "Unreleased": "unreleased",
    "Open weights (unrestricted)": "open_weight",
    "Open weights (restricted use)": "open_weight",
    "Open weights (non-commercial)": "open_weight",
    "Unknown": "unknown",
}


def index_from_epoch(frame: IntoDataFrame) -> pl.DataFrame:
    """Epoch AI's capabilities index in the layout of :func:`check_index`.

    Parameters
    ----------
    frame : any frame narwhals reads
        ``Model``, ``ECI Score``, ``Release date``, ``Model accessibility``; ``Organization`` is
        taken as ``lab`` if present (the first one named). Dates and flags stay Epoch's own.

    Returns
    -------
    frame
        ``model``, ``released``, ``access``, ``score``, ``lab``. Blank accessibility is ``unknown``.

    Raises
    ------
    ColumnsMissing
    BadValue
        An accessibility that is not among those known, with the lines.
    """
    import narwhals.stable.v2 as nw

    table: pl.DataFrame = nw.from_native(frame, eager_only=True).to_polars()
    needed = ("Model", "ECI Score", "Release date", "Model accessibility")
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise ColumnsMissing(
            f"epoch index: missing column {', '.join(missing)}; got {', '.join(table.columns)}",
            missing=missing,
        )
    stated = _text(table, "Model accessibility").fill_null("Unknown")
    _refuse(
        table.with_columns(stated.alias("Model accessibility")),
        ~stated.is_in(list(_EPOCH_ACCESS)),
        "Model accessibility",
        f"one of {', '.join(_EPOCH_ACCESS)}",
    )
    lab = (
        _text(table, "Organization").str.split(",").list.first().str.strip_chars()
        if "Organization" in table.columns
        else pl.Series([None] * len(table), dtype=pl.String())
    )
    return pl.DataFrame(
        {
            "model": table["Model"],
            "released": table["Release date"],
            "access": stated.replace_strict(_EPOCH_ACCESS, return_dtype=pl.String()),
            "score": table["ECI Score"],
            "lab": lab,
        }
    )


def _record_rows(
    pair: FrontierPair, middle: FrontierPair, level: float, cell: Cell
) -> list[LagRow]:
    """One row per record of the central scores; the lag that day over the draws."""
    if pair.missing:
        return [refused(pair, "lag_at_record", cell)]
    function = lag_function(pair)
    open_, closed = middle.both
    holders = middle.holders("open")[0]
    names = pair.entrants.model_version
    rows = []
    for k in np.flatnonzero(open_.records()[0]):
        at = float(open_.dates[0, k])
        notes = ("before_first_closed",) if at < closed.first[0] else ()
        lag = summarise(
            function.at(at), level=level, n=pair.n, n_clusters=pair.n_clusters, notes=notes
        )
        closed_model = _matcher(middle, float(open_.level[0, k]) - middle.margin, at)
        rows.append(
            make_row(
                cell,
                "lag_at_record",
                pair.frontier,
                date_of(at),
                lag,
                names[holders[k]],
                closed_model,
            )
        )
    return rows


def _matcher(pair: FrontierPair, level: float, at: float) -> str | None:
    """The closed model that first reached ``level``, if by day ``at``; for a single draw."""
    _, closed = pair.both
    step = int(closed.first_step_at(np.array([[level]]))[0, 0])
    if step == closed.level.shape[1] or closed.dates[0, step] > at:
        return None
    return pair.entrants.model_version[int(pair.holders("closed")[0, step])]


def _latest(checked: pl.DataFrame) -> date:
    """The latest date of a validated index."""
    days: list[date] = checked["released"].to_list()
    days += checked["weights_released"].drop_nulls().to_list()
    return max(days)


def _text(table: pl.DataFrame, name: str) -> pl.Series:
    """A column as stripped text; blank is null."""
    text = table[name].cast(pl.String()).str.strip_chars()
    return text.set(text.str.len_chars() == 0, None) if len(text) else text


def _refuse(table: pl.DataFrame, bad: pl.Series, name: str, expected: str) -> None:
    """Raise BadValue with the first bad lines of a column (the header is line 1)."""
    where = bad.fill_null(value=True).arg_true().to_list()
    if where:
        shown = [f"line {i + 2}: {table[name][i]!r}" for i in where[:_SHOWN]]
        raise BadValue(
            f"index: {name} must be {expected}; {len(where)} rows are not ({'; '.join(shown)})",
            column=name,
            lines=[i + 2 for i in where[:20]],
        )


def _dates(table: pl.DataFrame, name: str, *, blank: bool) -> pl.Series:
    """A column as dates; ISO text is parsed, blanks only where allowed."""
    column = table[name]
    if column.dtype == pl.Date:
        found = column
    elif column.dtype == pl.Datetime:
        found = column.cast(pl.Date())
    else:
        text = _text(table, name)
        found = text.str.to_date("%Y-%m-%d", strict=False)
        _refuse(table, text.is_not_null() & found.is_null(), name, "a date like 2026-10-01")
    if not blank:
        _refuse(table, found.is_null(), name, "a date like 2026-10-01")
    return found


def _numbers(table: pl.DataFrame, name: str) -> pl.Series:
    """A column as finite numbers."""
    column = table[name]
    if column.dtype.is_numeric():
        found = column.cast(pl.Float64())
    else:
        found = _text(table, name).cast(pl.Float64(), strict=False)
    _refuse(table, ~found.is_finite(), name, "a finite number")
    return found
