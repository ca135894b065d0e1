"""``headway place``: where an unreleased model stands, from its own results; nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headway.api.data import load, resolve_as_of
from headway.api.envelope import Result, Warned, choices, envelope, plain
from headway.api.lag import DEFAULT_SEED, DOMAINS, EVIDENCE, FRONTIERS, STAGES
from headway.api.offline import offline_if
from headway.errors import BadOption
from headway.problems import problem
from headway.provenance import Provenance, digest
from headway.tables.store import Release

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from headway.api.engine import Cell
    from headway.estimate.capability import CapabilityFit
    from headway.estimate.lag import Entrants, FrontierName

__all__ = ["ACCESS", "PlaceResult", "place"]

#: Access classes of a placed model, and whether its weights would be open.
ACCESS = {"open_weight": True, "closed": False}
#: The placed model's id in its fit; no registered model may have it.
_ID = "own.placed"
#: Panel of its rows: a set-up of its own wherever a benchmark has several.
_PANEL = "own"


@dataclass(frozen=True)
class PlaceResult(Result):
    """Placed models, one row per model, domain or stage, and frontier.

    Parameters
    ----------
    documents : tuple of mapping
        The rows in their JSON form.
    models : tuple of mapping
        Per model of the file: rows given, used, and left out by reason.
    names : mapping of model version to str
        Display names of the released models that rows mention.
    """

    documents: tuple[Mapping[str, Any], ...]
    models: tuple[Mapping[str, Any], ...]
    names: Mapping[str, str]

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return envelope(
            "place",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=self.documents,
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
            extra={"models": self.models},
        )

    def table(self) -> pl.DataFrame:
        """One row per row of the JSON: dates, lag, uplift and coverage with their intervals.

        A date is null where it is none: see ``status``. Infinite ends of ``lag`` are kept.
        """
        import polars as pl

        from headway.api.lag import quantity_from_json

        rows = []
        for row in self.documents:
            dated = row["date_equalled"]
            ends = dated["interval"] or {"low": None, "high": None}
            lag = quantity_from_json(row["lag"])
            uplift = quantity_from_json(row["uplift"])
            rows.append(
                {
                    "model": row["model"],
                    "domain": row["domain"],
                    "stage": row["stage"],
                    "frontier": row["frontier"],
                    "status": dated["status"],
                    "date_equalled": dated["value"],
                    "date_low": _day_or_none(ends["low"]),
                    "date_high": _day_or_none(ends["high"]),
                    "lag": lag.value,
                    "lag_low": None if lag.interval is None else lag.interval.low,
                    "lag_high": None if lag.interval is None else lag.interval.high,
                    "uplift": uplift.value,
                    "uplift_low": None if uplift.interval is None else uplift.interval.low,
                    "uplift_high": None if uplift.interval is None else uplift.interval.high,
                    "uplift_unit": uplift.unit,
                    "probability_above_open": row["probability_above_open"]["value"],
                    "closed_model": row["closed_model"],
                    "open_model": row["open_model"],
                    **row["coverage"],
                    "notes": "; ".join(dated["notes"]),
                }
            )
        text, number, days = pl.String, pl.Float64, ("date_equalled", "date_low", "date_high")
        frame = pl.DataFrame(
            rows,
            infer_schema_length=None,
            schema_overrides={
                **dict.fromkeys(("stage", "closed_model", "open_model", *days), text),
                **dict.fromkeys(
                    (
                        *("lag", "lag_low", "lag_high", "uplift", "uplift_low", "uplift_high"),
                        *("probability_above_open", "sd_ratio"),
                    ),
                    number,
                ),
            },
        )
        return frame.with_columns(pl.col(*days).str.to_date())

    def text(self, lang: str = "en") -> str:
        from headway.api.place_text import place_text

        return place_text(self, lang)

    def __repr__(self) -> str:
        lines = [f"PlaceResult(as of {self.as_of}, release {self.data_release})"]
        for row in self.documents[:8]:
            where = row["domain"] + (f"/{row['stage']}" if row["stage"] else "")
            dated = row["date_equalled"]
            lines.append(f"  {row['model']}, {where}: {dated['value'] or dated['status']}")
        if len(self.documents) > 8:
            lines.append(f"  … {len(self.documents) - 8} more")
        return "\n".join(lines)


def _day_or_none(end: str | None) -> str | None:
    return None if end in (None, "inf", "-inf") else end


def place(
    path: str | Path,
    domain: str | Sequence[str] | None = None,
    stage: str | Sequence[str] | None = None,
    *,
    access: str = "open_weight",
    released: date | None = None,
    model: str | None = None,
    names: Mapping[str, str] | None = None,
    metric: str | None = None,
    unit: str | None = None,
    frontier: str | Sequence[str] = "public",
    evidence: str = "all",
    as_of: date | None = None,
    level: float = 0.90,
    seed: int = DEFAULT_SEED,
    today: date | None = None,
    offline: bool = False,
) -> PlaceResult:
    """Place models that are in no release by their own results, without storing anything.

    The rows of one model at a time are added to the evidence of the release as those of one new
    model, the ability model is fitted again from the fit of everything, and the new model is read
    against frontiers that it is not part of. Nothing of the file is written anywhere, not even to
    the cache.

    Parameters
    ----------
    path : str or Path
        CSV or Parquet: ``model,benchmark,score[,evaluated_on,effort,unit,n,stderr,attempts,
        token_budget,scaffold,harness_version]``; or a format of others, such as an Inspect log. Every
        model gets a fit and rows of its own.
    domain, stage : str or sequence, optional
        As in :func:`headway.lag`. Default: all domains, then all stages of cyber.
    access : {"open_weight", "closed"}
        Which trend the new model is expected on. It enters no frontier either way.
    released : date, optional
        When it would be released, for the same purpose. Default: the as-of date.
    model : str, optional
        Whose results they are, whatever the file says.
    names : mapping of str to str, optional
        Names of models and benchmarks in the file to those that Headway knows.
    metric : str, optional
        Only this metric, in the file's own word, where it states several per benchmark.
    unit : str, optional
        Unit of the scores whose file does not say: ``percent``, or one of ours.
    frontier : str or sequence
        ``public``, ``restricted``, or both.
    evidence : {"all", "independent", "held_out", "first_party"}
        Which rows of the release are used; the file's own are always used.
    as_of : date, optional
        Use of the release what was known by this day; lags are seen from it. Default: the
        release's ``data_through``.
    level : float
        Level of every interval, 0-1.
    seed : int
        Root of all random numbers.
    today : date, optional
        ``evaluated_on`` after it is in the future; the current day (UTC) by default.
    offline : bool
        Refuse any network use.

    Returns
    -------
    PlaceResult

    Raises
    ------
    BadOption
        A value that is not in its vocabulary, or options that do not go together.
    BadValue, BadTable
        Rows of the file cannot be used: the first are named with line, column and reason, a
        benchmark that does not resolve with close names.
    Unreadable, ColumnsMissing, EmptyTable
        The file as a whole cannot be used.

    Notes
    -----
    Assumes that the file's results are comparable with those of the release: the same items, the
    model's strongest effort. Results on items that the model was trained on place it too high.

    Examples
    --------
    >>> import headway
    >>> headway.place("my-model.csv", access="closed").table()  # doctest: +SKIP
    """
    from headway.api.lag import _cells
    from headway.tables.bring import bring_scores, refuse_bad_rows
    from headway.tables.bring_results import results_table

    if not 0 < level < 1:
        raise problem(BadOption, "bad-level", value=level)
    (kind,) = choices("--access", access, tuple(ACCESS), "place")
    frontiers = choices("--frontier", frontier, FRONTIERS, "place")
    (filtered,) = choices("--evidence", evidence, EVIDENCE, "place")
    cells = _cells(domain, stage)
    clock = today or datetime.now(UTC).date()
    with offline_if(offline):
        table, failures = results_table(
            Path(path), model=model, names=names or {}, columns={}, metric=metric, unit=unit
        )
        release = load()
        brought = bring_scores(table, release, today=clock, new_models=True)
        brought = replace(brought, problems=(*failures, *brought.problems))
        rows = refuse_bad_rows(table.name, brought)
        day, warned = resolve_as_of(release, as_of)
        launch = released or day
        options = {
            "file": table.name,
            "model": model,
            "names": dict(names or {}),
            "metric": metric,
            "unit": unit,
            "domain": sorted({d for d, _ in cells}, key=DOMAINS.index),
            "stage": sorted({s for _, s in cells if s}, key=STAGES.index),
            "access": kind,
            "released": launch.isoformat(),
            "frontier": list(frontiers),
            "evidence": filtered,
            "level": level,
        }
        known = None if day >= release.data_through else day
        ask = _Ask(cells, frontiers, day, known, level, seed, launch, ACCESS[kind])
        documents, models = _place_all(release, rows, filtered, ask)
    registered = rows.drop_nulls("model_version")["model"].unique(maintain_order=True).to_list()
    warned += tuple(Warned("place_registered", {"model": name}) for name in registered)
    # Two files with the same rows in the same order give the same numbers.
    own = digest([[plain(cell) for cell in row] for row in rows.iter_rows()])
    names = dict(release.model_versions.select("model_version", "name").iter_rows())
    mentioned = {row[c] for row in documents for c in ("closed_model", "open_model")} - {None}
    return PlaceResult(
        data_release=release.data_release,
        as_of=day,
        options=options,
        warnings=warned,
        provenance=Provenance(
            data_release=release.data_release,
            rows_hash=digest([release.rows_hash, own]),
            options={**options, "as_of": day.isoformat()},
            seed=seed,
        ),
        documents=tuple(documents),
        models=tuple(models),
        names={m: str(names[m]) for m in sorted(mentioned)},
    )


@dataclass(frozen=True, slots=True)
class _Ask:
    """What is wanted of every model. ``known`` is the knowledge date, ``None`` for all rows."""

    cells: tuple[Cell, ...]
    frontiers: tuple[str, ...]
    as_of: date
    known: date | None
    level: float
    seed: int
    launch: date
    is_open: bool


def _place_all(
    release: Release, rows: pl.DataFrame, evidence: str, ask: _Ask
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows and accounts of every model of the file, in its order."""
    import polars as pl

    from headway.estimate.capability import fit_capability, select_evidence
    from headway.fanout import single_threaded

    with single_threaded():
        chosen = select_evidence(
            release.scores,
            release.benchmarks,
            release.model_versions,
            evidence=evidence,
            as_of=ask.known,
        )
        start = fit_capability(chosen)
        scores = release.scores.filter(pl.col("score_id").is_in(chosen.rows["score_id"].implode()))
        documents: list[dict[str, Any]] = []
        models: list[dict[str, Any]] = []
        for name in rows["model"].unique(maintain_order=True).to_list():
            found, account = _place_one(
                release, scores, rows.filter(pl.col("model") == name), start, ask
            )
            documents += [{"model": name, **row} for row in found]
            models.append({"model": name, **account})
    return documents, models


def _place_one(
    release: Release,
    scores: pl.DataFrame,
    rows: pl.DataFrame,
    start: CapabilityFit,
    ask: _Ask,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Fit the release with one more model and read that model off."""
    import numpy as np
    import polars as pl

    from headway.api.engine import row_rng
    from headway.estimate.capability import fit_capability, select_evidence
    from headway.estimate.lag import entrants_from_access
    from headway.tables.own import own_scores

    versions = _with_model(release, ask)
    # whoever gives the rows knows them, whatever their own date
    own = own_scores(
        rows.with_columns(
            score_id=pl.format("own{}", pl.int_range(pl.len())),
            model_version=pl.lit(_ID),
            panel=pl.lit(_PANEL),
            known_on=pl.lit(ask.as_of),
        ),
        release.scores,
    )
    chosen = select_evidence(
        pl.concat([scores, own]), release.benchmarks, versions, as_of=ask.known
    )
    mine = chosen.dropped.filter(pl.col("score_id").is_in(own["score_id"].implode()))
    account = {
        "rows": len(rows),
        "used": len(rows) - len(mine),
        "left_out": dict(mine["reason"].value_counts().sort("reason").iter_rows()),
    }
    if not account["used"]:
        return [_refused(cell, f) for cell in ask.cells for f in ask.frontiers], account
    fit = fit_capability(chosen, start=start)
    sample = fit.sample(_draws(), row_rng(ask.seed, "place"))
    first = release.scores.group_by("model_version").agg(pl.col("known_on").min()).drop_nulls()
    count = len(fit.models)
    dates = entrants_from_access(
        release.access,
        versions,
        fit.models,
        np.zeros((1, count)),
        np.zeros(count, dtype=bool),
        as_of=ask.as_of,
        results_published=dict(first.iter_rows()),
    )
    out = []
    for cell in ask.cells:
        if cell[0] not in fit.laplace.design.domains or (cell[1] and cell not in fit.cells):
            out += [_refused(cell, f, "no_scores") for f in ask.frontiers]
            continue
        out += _cell_rows(sample, dates, cell, ask)
    return out, account


def _draws() -> int:
    from headway.api.engine import N_DRAWS

    return N_DRAWS


def _with_model(release: Release, ask: _Ask) -> pl.DataFrame:
    """The model versions of the release and the new one; it has no access, so it enters nothing."""
    import polars as pl

    table = release.model_versions
    assert _ID not in set(table["model_version"]), "the id is reserved for placed models"
    said = {
        "model_version": _ID,
        "name": _ID,
        "released": ask.launch,
        "released_precision": "day",
        "released_source": "own",
        "open_weight": ask.is_open,
        "open_weight_basis": "stated",
    }
    new = pl.DataFrame({c: [said.get(c)] for c in table.columns}, schema=table.schema)
    return pl.concat([table, new])


def _refused(cell: Cell, frontier: str, *why: str) -> dict[str, Any]:
    """A row of a model without any usable result, or of a cell that the release lacks."""
    from headway.estimate.lag.place import date_equalled
    from headway.result import Quantity

    notes = why or ("no_own_scores",)
    lag = Quantity.not_estimable("months", *notes)
    return {
        "domain": cell[0],
        "stage": cell[1],
        "frontier": frontier,
        "date_equalled": date_equalled(lag, date.min).to_json(),
        "lag": lag.to_json(),
        "uplift": Quantity.not_estimable("points", *notes).to_json(),
        "probability_above_open": Quantity.not_estimable("probability", *notes).to_json(),
        "closed_model": None,
        "open_model": None,
        "ability": Quantity.not_estimable("points", *notes).to_json(),
        "coverage": {"n_scores": 0, "sd_ratio": None, "informative": False},
    }


def _cell_rows(sample: Any, dates: Entrants, cell: Cell, ask: _Ask) -> list[dict[str, Any]]:
    """The rows of one cell, one per frontier."""
    import numpy as np

    from headway.estimate.capability.fit import INFORMATIVE_RATIO
    from headway.estimate.lag.place import place as place_model

    theta = sample.theta(cell)
    summary = sample.summary(cell, theta)
    at = sample.models.index(_ID)
    row = summary.row(at, named=True)
    ratio = float(row["ability_sd"] / row["prior_sd"])
    measured = int(row["n_scores"])
    informative = summary["informative"].to_numpy().copy()
    informative[at] = False
    entrants = dates.with_ability(theta, informative)
    lacking: list[str] = []
    if not measured:
        lacking.append("no_own_scores")
    elif not row["informative"]:
        lacking.append(f"own_scores_too_few:{ratio:.2f}<{INFORMATIVE_RATIO:g}")
    scale = sample.scale(cell[0])
    out = []
    for name in ask.frontiers:
        frontier: FrontierName = "public" if name == "public" else "restricted"
        _, missing = sample.estimable(
            cell,
            informative,
            np.isfinite(entrants.open_from),
            np.isfinite(entrants.closed_from(frontier)),
        )
        placed = place_model(
            entrants,
            theta[:, at],
            frontier=frontier,
            as_of=ask.as_of,
            level=ask.level,
            per_logit=None if scale is None else scale.points_per_logit,
            missing=(*lacking, *missing),
        )
        out.append(
            {
                "domain": cell[0],
                "stage": cell[1],
                "frontier": frontier,
                "date_equalled": placed.date_equalled.to_json(),
                "lag": placed.lag.to_json(),
                "uplift": placed.uplift.to_json(),
                "probability_above_open": placed.probability_above_open.to_json(),
                "closed_model": placed.closed_model,
                "open_model": placed.open_model,
                "ability": _ability(sample, cell, at, measured, ask.level),
                "coverage": {
                    "n_scores": measured,
                    "sd_ratio": ratio,
                    "informative": bool(row["informative"]),
                },
            }
        )
    return out


def _ability(sample: Any, cell: Cell, at: int, measured: int, level: float) -> dict[str, Any]:
    """The ability on the reported scale, with or without direct evidence (``n`` says how much)."""
    import numpy as np

    from headway.result import Interval, Quantity

    points: np.ndarray | None = sample.points(cell)
    values = sample.centred(cell)[:, at] if points is None else points[:, at]
    low, median, high = np.quantile(values, [(1 - level) / 2, 0.5, (1 + level) / 2])
    return Quantity(
        float(median),
        "logits" if points is None else "points",
        Interval(float(low), float(high), level, "eti"),
        measured,
        1,
        "estimated",
        () if measured else ("from_other_parts",),
    ).to_json()
