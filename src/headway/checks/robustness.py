"""Robustness of the claims about the lag: what happens when something is left out or chosen otherwise.

One refit per laboratory, benchmark, evaluator and scaffold that has rows in the fit, and per other
choice: evidence filters, stated access only, one scaffold only, countries left out, other priors.
Each gives the headline lag of every domain and headline stage and the probability and verdict of every claim.
:func:`summarise` reads from them the range, the most influential choices and the verdicts that
flip.

**What countries can and cannot tell.** Leading open models in cyber are Chinese and leading
closed ones American, so that "open against closed" and "China against the United States" are
nearly one comparison. :data:`CONTRASTS` compares the four groups pairwise on the fit of everything:
within a country only access differs, within an access class only the country does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from headway.checks.priors import SENSITIVITY
from headway.checks.refits import Refit, Refitted, refit
from headway.checks.stored import Study
from headway.checks.studies import CAPABILITY, LAG
from headway.errors import EmptyTable
from headway.estimate.capability import CapabilityFit
from headway.estimate.capability.design import Cell
from headway.estimate.lag import lag_rows
from headway.estimate.lag.hypotheses import CLAIMS, Side, judge_claims
from headway.fanout import run
from headway.result import Quantity, json_number
from headway.tables.schemas import CYBER_HEADLINE_STAGES
from headway.tables.store import Release

__all__ = [
    "CONTRASTS",
    "GROUPS",
    "STUDY",
    "Influence",
    "plain_json",
    "rows_of",
    "run_study",
    "specs_of",
    "summarise",
    "table_of",
]

STUDY = Study(
    "robustness",
    method=(
        *CAPABILITY,
        *LAG,
        "checks/priors.py",
        "checks/refits.py",
        "checks/robustness.py",
        "result.py",
        "tables/schemas.py",
    ),
)
#: Posterior draws per refit.
DRAWS = 800
DOMAIN_CELLS: tuple[Cell, ...] = (("cyber", None), ("coding", None), ("general", None))
CELLS: tuple[Cell, ...] = (*DOMAIN_CELLS, *(("cyber", s) for s in CYBER_HEADLINE_STAGES))
#: Kinds of choices, in the order shown. Each of the first four leaves out one thing at a time.
GROUPS = ("lab", "benchmark", "evaluator", "scaffold", "country", "evidence", "access", "prior")
_US, _CHINA = "United States of America", "China"
#: (name, country and access of those behind, country and access of those ahead).
CONTRASTS: tuple[tuple[str, tuple[str, str], tuple[str, str]], ...] = (
    ("china_open_us_closed", (_CHINA, "open"), (_US, "closed")),
    ("us_open_us_closed", (_US, "open"), (_US, "closed")),
    ("china_open_china_closed", (_CHINA, "open"), (_CHINA, "closed")),
    ("china_closed_us_closed", (_CHINA, "closed"), (_US, "closed")),
    ("us_open_china_open", (_US, "open"), (_CHINA, "open")),
)


def specs_of(base: CapabilityFit, release: Release) -> list[tuple[str, Refit]]:
    """(group, refit) of every run; the first is the fit of everything.

    Parameters
    ----------
    base : CapabilityFit
        The fit of everything: what has rows in it is left out in turn.
    release : Release

    Returns
    -------
    list of (str, Refit)
    """
    rows = base.evidence.rows.join(
        release.model_versions.select("model_version", "country"), on="model_version", how="left"
    )
    out: list[tuple[str, Refit]] = [("all", Refit("all"))]
    for group in ("lab", "benchmark", "evaluator", "scaffold", "country"):
        values = rows[group].cast(pl.String).drop_nulls().unique().sort().to_list()
        out += [(group, Refit(value, drop={group: (value,)})) for value in values]
    counts = rows["scaffold"].drop_nulls().value_counts(sort=True)
    named = counts["scaffold"].to_list()
    if named:
        out.append(("scaffold", Refit("no_named_scaffold", drop={"scaffold": tuple(named)})))
        if len(named) > 1:
            kept = {"scaffold": tuple(named[1:])}
            out.append(("scaffold", Refit("only_commonest_scaffold", drop=kept)))
    out += [("evidence", Refit(e, evidence=e)) for e in ("independent", "held_out", "first_party")]
    out.append(("access", Refit("stated", stated_only=True)))
    out += [
        ("prior", Refit(name, priors=dict(priors)))
        for name, priors in SENSITIVITY.items()
        if priors
    ]
    return out


def _lag_of(found: Refitted, cell: Cell, as_of: date, seed: int) -> Quantity:
    """``lag_mean_12m`` against the public frontier, measurement interval."""
    missing = found.missing(cell)
    if missing:
        return Quantity.not_estimable("months", *missing)
    (row,) = lag_rows(
        found.entrants(cell),
        definitions=("lag_mean_12m",),
        domain=cell[0],
        stage=cell[1],
        as_of=as_of,
        rng=np.random.default_rng(seed),
        process_reps=0,
    )
    return row.lag


def _side(found: Refitted, cell: Cell) -> Side:
    missing = found.missing(cell)
    if not found.has(cell):
        # nothing is read from a side that misses something
        entrants = found.entrants(found.fit.cells[0])
        return Side(entrants, np.zeros(len(found.fit.models), dtype=bool), missing)
    scored = found.sample.summary(cell)["n_scores"].to_numpy() > 0
    return Side(found.entrants(cell), scored, missing)


def _one(
    tables: Mapping[str, pl.DataFrame],
    group: str,
    spec: Refit,
    start: CapabilityFit,
    as_of: date,
    draws: int,
    seed: int,
) -> list[dict[str, Any]]:
    """Rows of one refit: a lag per cell, then a probability and verdict per claim."""
    key = {"group": group, "name": spec.name}
    try:
        found = refit(tables, spec, start=start, draws=draws, seed=seed)
    except EmptyTable:
        return []
    scores = len(found.fit.evidence.rows)
    out = []
    for cell in CELLS:
        lag = _lag_of(found, cell, as_of, seed)
        ends = (None, None) if lag.interval is None else (lag.interval.low, lag.interval.high)
        out.append(
            {
                **key,
                "scores": scores,
                "what": "lag",
                "domain": cell[0],
                "stage": cell[1],
                "value": lag.value,
                "low": ends[0],
                "high": ends[1],
                "state": lag.status,
            }
        )
    claims = judge_claims(
        {cell: _side(found, cell) for cell in DOMAIN_CELLS},
        claims=CLAIMS,
        as_of=as_of,
        rng=np.random.default_rng(seed),
        common=False,
        change_points=False,
    )
    out += [
        {
            **key,
            "scores": scores,
            "what": claim.claim,
            "domain": claim.cell[0],
            "stage": None,
            "value": None if claim.draws is None else _finite(claim.draws.centre()),
            "low": None if claim.chance is None else claim.chance.low,
            "high": None if claim.chance is None else claim.chance.high,
            "state": claim.verdict,
        }
        for claim in claims
    ]
    return out


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def run_study(
    release: Release,
    *,
    seed: int,
    workers: int | None = None,
    progress: str | None = "robustness refits",
    only: Callable[[str, Refit], bool] | None = None,
    draws: int = DRAWS,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Refit with everything left out in turn.

    Parameters
    ----------
    release : Release
    seed : int
        Of draws and replicates, the same for all refits.
    workers : int, optional
    progress : str, optional
    only : callable of (group, Refit), optional
        Which runs to do beside the fit of everything; all by default.
    draws : int

    Returns
    -------
    options, result : dict
        ``result["summary"]`` has one :class:`Influence` per claim and lag, as JSON;
        ``["countries"]`` the lags between groups of :data:`CONTRASTS`; ``["leaders"]`` the holders of the
        frontiers and their countries; ``["counts"]`` runs per group; ``["refits"]`` the rows of :func:`rows_of`, a line of text per refit.
    """
    names = ("scores", "benchmarks", "model_versions", "access")
    tables = {name: release.table(name) for name in names}
    day = release.data_through
    base = refit(tables, Refit("all"), draws=draws, seed=seed)
    runs = [
        (group, spec)
        for group, spec in specs_of(base.fit, release)
        if only is None or group == "all" or only(group, spec)
    ]

    def one(task: tuple[str, Refit], _: np.random.Generator) -> list[dict[str, Any]]:
        group, spec = task
        return _one(tables, group, spec, base.fit, day, draws, seed)

    parts = run(one, runs, seed=seed, workers=workers, progress=progress)
    # what is stored is what is summarised
    rows = [_rounded(row) for part in parts for row in part]
    table = pl.DataFrame(rows, schema=_SCHEMA)
    counts: dict[str, int] = {}
    for (group, _), part in zip(runs, parts, strict=True):
        counts[group] = counts.get(group, 0) + bool(part)
    result = {
        "summary": [plain_json(found) for found in summarise(table)],
        "refits": _packed(rows),
        "countries": _contrasts(base, release, seed),
        "leaders": _leaders(base, release, seed),
        "counts": counts,
    }
    return {"as_of": day.isoformat(), "seed": seed, "draws": draws}, result


_SCHEMA = {
    "group": pl.String,
    "name": pl.String,
    "scores": pl.Int64,
    "what": pl.String,
    "domain": pl.String,
    "stage": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "state": pl.String,
}


#: One letter per state in a stored line.
_LETTERS = {
    "estimated": "e",
    "open_leads": "o",
    "censored": "b",
    "supported": "s",
    "contradicted": "c",
    "undecided": "u",
    "not_estimable": "n",
}


def _rounded(row: Mapping[str, Any]) -> dict[str, Any]:
    """Months to two digits, probabilities to four."""
    ends = 2 if row["what"] == "lag" else 4
    digits = {"value": 2, "low": ends, "high": ends}
    return {
        key: round(value, digits[key]) if key in digits and value is not None else value
        for key, value in row.items()
    }


def _packed(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """A header of ``what/domain/stage`` columns, then a line per refit; cells are ``a;b;c;state``.

    A table of 460 refits with a line per number would be five times the size.
    """
    columns = list(dict.fromkeys((r["what"], r["domain"], r["stage"] or "") for r in rows))
    lines = ["\t".join(["group", "name", "scores", *("/".join(c) for c in columns)])]
    runs: dict[tuple[str, str], dict[tuple[str, str, str], Mapping[str, Any]]] = {}
    for row in rows:
        key = (row["what"], row["domain"], row["stage"] or "")
        runs.setdefault((row["group"], row["name"]), {})[key] = row
    for (group, name), found in runs.items():
        cells = []
        for column in columns:
            row = found[column]
            numbers = ["" if row[k] is None else f"{row[k]:g}" for k in ("value", "low", "high")]
            cells.append(";".join([*numbers, _LETTERS[row["state"]]]))
        scores = next(iter(found.values()))["scores"]
        lines.append("\t".join([group, name, str(scores), *cells]))
    return lines


def rows_of(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The stored refits, a row per refit, cell and lag or claim; columns as in :func:`table_of`."""
    words = {letter: word for word, letter in _LETTERS.items()}
    header, *lines = (line.split("\t") for line in result["refits"])
    columns = [column.split("/") for column in header[3:]]
    out = []
    for group, name, scores, *cells in lines:
        for (what, domain, stage), cell in zip(columns, cells, strict=True):
            *numbers, state = cell.split(";")
            value, low, high = (float(n) if n else None for n in numbers)
            out.append(
                {
                    "group": group,
                    "name": name,
                    "scores": int(scores),
                    "what": what,
                    "domain": domain,
                    "stage": stage or None,
                    "value": value,
                    "low": low,
                    "high": high,
                    "state": words[state],
                }
            )
    return out


def table_of(result: Mapping[str, Any]) -> pl.DataFrame:
    """The stored refits as a table.

    Returns
    -------
    frame
        ``group``, ``name`` (what was left out or chosen), ``scores`` (rows in the fit), ``what``
        (``lag`` or a claim), ``domain``, ``stage``, ``value`` (months, or months per year),
        ``low``, ``high`` (of the lag's 90 % measurement interval, or of the claim's probability),
        ``state`` (status of the lag, verdict of the claim).
    """
    return pl.DataFrame(rows_of(result), schema=_SCHEMA)


def _contrasts(base: Refitted, release: Release, seed: int) -> list[dict[str, Any]]:
    """Mean lag over 12 months between groups of one country and one access class."""
    country = dict(release.model_versions.select("model_version", "country").iter_rows())
    of = np.array([country.get(m) or "" for m in base.fit.models])
    out = []
    for name, behind, ahead in CONTRASTS:
        for cell in CELLS:
            quantity = Quantity.not_estimable("months", *base.missing(cell) or ("no_scores",))
            counts = (0, 0)
            if not base.missing(cell):
                whole = base.entrants(cell)
                dates = {"open": whole.open_from, "closed": whole.closed_public_from}
                first = np.where(of == behind[0], dates[behind[1]], np.inf)
                second = np.where(of == ahead[0], dates[ahead[1]], np.inf)
                pair = replace(
                    whole, open_from=first, closed_public_from=second, closed_any_from=second
                )
                used = whole.informative
                counts = (
                    int((np.isfinite(first) & used).sum()),
                    int((np.isfinite(second) & used).sum()),
                )
                (row,) = lag_rows(
                    pair,
                    definitions=("lag_mean_12m",),
                    as_of=release.data_through,
                    rng=np.random.default_rng(seed),
                    process_reps=500,
                )
                quantity = row.lag
            out.append(
                {
                    "contrast": name,
                    "domain": cell[0],
                    "stage": cell[1],
                    "behind": counts[0],
                    "ahead": counts[1],
                    "lag": quantity.to_json(),
                }
            )
    return out


def _leaders(base: Refitted, release: Release, seed: int) -> list[dict[str, Any]]:
    """Holders of both frontiers per cell, each in most draws, with their countries."""
    country = dict(release.model_versions.select("model_version", "country").iter_rows())
    out = []
    for cell in CELLS:
        if base.missing(cell):
            continue
        (row,) = lag_rows(
            base.entrants(cell),
            definitions=("gap",),
            as_of=release.data_through,
            rng=np.random.default_rng(seed),
            process_reps=0,
        )
        out.append(
            {
                "domain": cell[0],
                "stage": cell[1],
                "open_model": row.open_model,
                "open_country": country.get(row.open_model or ""),
                "closed_model": row.closed_model,
                "closed_country": country.get(row.closed_model or ""),
            }
        )
    return out


# Reading -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Influence:
    """How a claim (or a lag) of one domain fares over all refits.

    Parameters
    ----------
    what, domain, stage
    base : mapping
        The row of the fit of everything.
    low, high : float or None
        Smallest and largest value over the refits: the safe probability of a claim, months of a lag.
    refits, refused : int
        Runs with an answer; runs without.
    verdicts : mapping of verdict to int
        Of a claim.
    flips : mapping of group to tuple of names
        Runs with an answer whose verdict differs from that of everything.
    most : mapping of group to tuple of (name, value)
        The three runs of each group that move the value most.
    """

    what: str
    domain: str
    stage: str | None
    base: Mapping[str, Any]
    low: float | None
    high: float | None
    refits: int
    refused: int
    verdicts: Mapping[str, int]
    flips: Mapping[str, tuple[str, ...]]
    most: Mapping[str, tuple[tuple[str, float], ...]]


def plain_json(found: Influence) -> dict[str, Any]:
    """An influence as JSON carries it, numbers to four digits."""

    def number(value: float | None) -> float | str | None:
        return None if value is None else json_number(round(value, 4))

    base = {k: number(v) if isinstance(v, float) else v for k, v in found.base.items()}
    return {
        "what": found.what,
        "domain": found.domain,
        "stage": found.stage,
        "base": base,
        "low": number(found.low),
        "high": number(found.high),
        "refits": found.refits,
        "refused": found.refused,
        "verdicts": dict(found.verdicts),
        "flips": {group: list(names) for group, names in found.flips.items()},
        "most": {g: [[n, number(v)] for n, v in top] for g, top in found.most.items()},
    }


def summarise(table: pl.DataFrame) -> tuple[Influence, ...]:
    """Range, verdicts and most influential runs of every claim and lag.

    A claim is followed by its probability (of ``static`` the two-sided one); between a lower and an
    upper value, where bounds leave it open, by the middle. A lag is followed by its value.
    """
    out = []
    followed = (
        pl.when(pl.col("what") == "lag")
        .then(pl.col("value"))
        .otherwise((pl.col("low") + pl.col("high")) / 2)
    )
    keys = ["what", "domain", "stage"]
    for key, part in table.with_columns(followed=followed).group_by(keys, maintain_order=True):
        what, domain, stage = key
        base = part.filter(pl.col("group") == "all").row(0, named=True)
        rest = part.filter(pl.col("group") != "all")
        told = rest.filter(pl.col("followed").is_not_null())
        flips: dict[str, tuple[str, ...]] = {}
        verdicts: dict[str, int] = {}
        if what != "lag":
            verdicts = dict(rest["state"].value_counts(sort=True).iter_rows())
            for group, name in (
                told.filter(pl.col("state") != base["state"]).select("group", "name").iter_rows()
            ):
                flips[group] = (*flips.get(group, ()), name)
        most: dict[str, tuple[tuple[str, float], ...]] = {}
        if base["followed"] is not None:
            moved = told.with_columns(by=(pl.col("followed") - base["followed"]).abs())
            for (group,), own in moved.group_by(["group"], maintain_order=True):
                top = own.sort("by", "name", descending=[True, False]).head(3)
                most[str(group)] = tuple(top.select("name", "followed").iter_rows())
        values = told["followed"]
        out.append(
            Influence(
                what=str(what),
                domain=str(domain),
                stage=None if stage is None else str(stage),
                base=base,
                low=None if values.is_empty() else float(values.min()),  # type: ignore[arg-type]
                high=None if values.is_empty() else float(values.max()),  # type: ignore[arg-type]
                refits=len(told),
                refused=len(rest) - len(told),
                verdicts=verdicts,
                flips=flips,
                most=most,
            )
        )
    return tuple(out)
