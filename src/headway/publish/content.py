"""Everything that one report shows, as plain frozen facts.

The report renderer reads nothing else: no files, no estimators, no clock. Equal contents give
equal bytes. :func:`headway.api.report` fills a :class:`ReportContent`; the tests build one by hand.

Frames are polars; :data:`FRAMES` lists their columns. Abilities are in points of the domain's
scale (:class:`ScaleFacts`), lags in months of 30.4375 days. ``-inf`` and ``inf`` are allowed in
``low`` and ``high`` of lags ("open models lead" and "no upper limit known"), never NaN.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from headway.errors import BadTable, ColumnsMissing
from headway.figures.contract import LagRowLike
from headway.result import Quantity, json_number

__all__ = [
    "FRAMES",
    "GROUPS",
    "Anchor",
    "HeadwayRow",
    "LagRowLike",
    "ReportContent",
    "ReportWarning",
    "ScaleFacts",
    "frame_to_json",
    "lag_row_to_json",
]

#: Groups of models in ``points`` and ``frontier``. ``closed_any`` is a frontier only (public and
#: restricted together); ``unknown`` are models with unknown access: a point, never a frontier.
GROUPS = ("open_weight", "closed_public", "closed_restricted", "closed_any", "unknown")

#: Columns of each frame; more columns are allowed and ignored. Null marks an unknown.
FRAMES: dict[str, dict[str, pl.DataType]] = {
    # one row per model with at least one score in the domain (stage null: the domain itself)
    "points": {
        "domain": pl.String(),
        "stage": pl.String(),
        "model_version": pl.String(),
        "name": pl.String(),
        "lab": pl.String(),
        "group": pl.String(),  # open_weight | closed_public | closed_restricted | unknown
        "entered": pl.Date(),  # null: date unknown, the model defines no frontier
        "ability": pl.Float64(),  # points
        "low": pl.Float64(),
        "high": pl.Float64(),
        "informative": pl.Boolean(),
        "n_scores": pl.Int64(),
        "tier": pl.Int64(),  # 1 = strongest group; null: not informative
    },
    # median frontier and band at dates (a step function: the value holds until the next date)
    "frontier": {
        "domain": pl.String(),
        "group": pl.String(),  # open_weight | closed_public | closed_any
        "date": pl.Date(),
        "median": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
    },
    # a lag definition followed through time
    "history": {
        "domain": pl.String(),
        "stage": pl.String(),
        "definition": pl.String(),  # lag_mean_12m is drawn if present, else lag_now
        "frontier": pl.String(),  # public | restricted
        "at": pl.Date(),
        "status": pl.String(),
        "value": pl.Float64(),  # null with open_leads and not_estimable
        "low": pl.Float64(),
        "high": pl.Float64(),
        "p_open_leads": pl.Float64(),
        "p_bound": pl.Float64(),
    },
    # Kaplan-Meier curve per domain (public frontier); first row at months 0, survival may be < 1
    "survival": {
        "domain": pl.String(),
        "months": pl.Float64(),
        "survival": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "at_risk": pl.Float64(),
    },
    # which models define the frontiers, with the probability over draws that each does
    "drivers": {
        "domain": pl.String(),
        "group": pl.String(),
        "model_version": pl.String(),
        "name": pl.String(),
        "probability": pl.Float64(),
    },
    "sources": {
        "source": pl.String(),
        "title": pl.String(),
        "publisher": pl.String(),
        "url": pl.String(),
        "licence": pl.String(),
        "decision": pl.String(),
        "cite": pl.String(),
        "rows": pl.Int64(),
        "domains": pl.List(pl.String()),  # domains its rows feed; empty or null: none
    },
}


@dataclass(frozen=True, slots=True)
class Anchor:
    """A model whose place on the scale is fixed by definition."""

    model_version: str
    name: str
    points: float


@dataclass(frozen=True, slots=True)
class ScaleFacts:
    """What a domain's points mean.

    Parameters
    ----------
    anchors : tuple of Anchor
        The two models that fix origin and unit.
    odds_per_10_points : float
        Factor on the odds of solving a typical task per 10 points.
    points_per_logit : float or None
        The same as a slope; ``None`` where the scale is not linear in logits.
    typical : str or None
        Key of the benchmark or task that "typical" refers to, for the method section.
    """

    anchors: tuple[Anchor, ...]
    odds_per_10_points: float
    points_per_logit: float | None = None
    typical: str | None = None


@dataclass(frozen=True, slots=True)
class HeadwayRow:
    """One closed record-setter and how long it stayed unmatched."""

    domain: str
    model_version: str
    name: str
    entered: date
    headway: Quantity
    matched_by: str | None


@dataclass(frozen=True, slots=True)
class ReportWarning:
    """A warning that depends on the data; ``code`` is the message key ``warning-<code>``.

    ``top`` puts it before the standing caveats.
    """

    code: str
    args: Mapping[str, str | int | float] = field(default_factory=dict)
    top: bool = False


@dataclass(frozen=True, slots=True)
class ReportContent:
    """The facts of one report.

    Parameters
    ----------
    data_release, data_through, as_of : str, date, date
        Which facts were used and up to which knowledge date.
    code_version : str
        Version of Headway, with the commit where known.
    seed : int
        Seed of every draw.
    level : float
        Level of all intervals, 0-1.
    provenance : mapping
        Needs ``rows_hash`` (str) and ``options`` (mapping); everything in it is shown.
    headline : tuple of LagRowLike
        ``lag_mean_12m``, public frontier, all evidence: the domains, then the stages of cyber.
    lags : tuple of LagRowLike
        All definitions x frontiers for the domains (stages too if computed).
    evidence : tuple of LagRowLike
        ``lag_mean_12m`` per evidence filter (``all`` among them) and domain.
    scale : mapping of domain to ScaleFacts
    headways : tuple of HeadwayRow
    warnings : tuple of ReportWarning
    counts : mapping of str to int
        Needs ``models``, ``scores``, ``benchmarks``, ``sources``; others are shown in JSON only.
    points, frontier, history, survival, drivers, sources : polars.DataFrame
        See :data:`FRAMES`.
    studies : mapping, optional
        The slow studies of exactly these facts (coverage, other priors, a published index), as
        ``headway.checks.studies`` stores them; ``None`` is shown as "not computed for this data".
    """

    data_release: str
    data_through: date
    as_of: date
    code_version: str
    seed: int
    level: float
    provenance: Mapping[str, Any]
    headline: tuple[LagRowLike, ...]
    lags: tuple[LagRowLike, ...]
    evidence: tuple[LagRowLike, ...]
    scale: Mapping[str, ScaleFacts]
    points: pl.DataFrame
    frontier: pl.DataFrame
    history: pl.DataFrame
    survival: pl.DataFrame
    headways: tuple[HeadwayRow, ...]
    drivers: pl.DataFrame
    warnings: tuple[ReportWarning, ...]
    sources: pl.DataFrame
    counts: Mapping[str, int]
    studies: Mapping[str, Any] | None = None

    def check(self) -> ReportContent:
        """The same content, after its frames and counts were checked.

        Raises
        ------
        ColumnsMissing
            A frame lacks a column.
        BadTable
            A column has another type, holds NaN, or a count is missing.
        """
        for name, columns in FRAMES.items():
            frame: pl.DataFrame = getattr(self, name)
            missing = [c for c in columns if c not in frame.columns]
            if missing:
                raise ColumnsMissing(
                    f"report content: {name} lacks {', '.join(missing)}; got "
                    f"{', '.join(frame.columns)}",
                    table=name,
                )
            for column, dtype in columns.items():
                found = frame.schema[column]
                if not (found == dtype or found == pl.Null):
                    raise BadTable(
                        f"report content: {name}.{column} is {found}, expected {dtype}",
                        table=name,
                    )
                if dtype == pl.Float64 and found == dtype and frame[column].is_nan().any():
                    raise BadTable(
                        f"report content: {name}.{column} holds NaN; use null", table=name
                    )
        lacking = [k for k in ("models", "scores", "benchmarks", "sources") if k not in self.counts]
        if lacking:
            raise BadTable(f"report content: counts lacks {', '.join(lacking)}")
        if self.studies is not None:
            lacking = [
                k
                for k in ("worlds", "level", "coverage", "sensitivity", "index")
                if k not in self.studies
            ]
            if lacking:
                raise BadTable(f"report content: studies lacks {', '.join(lacking)}")
        return self

    def to_json(self) -> dict[str, Any]:
        """The content as JSON values (schema ``headway.report/1``); frames are columnar."""
        return {
            "schema": "headway.report/1",
            "headway": self.code_version,
            "data_release": self.data_release,
            "data_through": self.data_through.isoformat(),
            "as_of": self.as_of.isoformat(),
            "seed": self.seed,
            "level": self.level,
            "headline": [lag_row_to_json(row) for row in self.headline],
            "lags": [lag_row_to_json(row) for row in self.lags],
            "evidence": [lag_row_to_json(row) for row in self.evidence],
            "scale": {
                domain: {
                    "anchors": [
                        {"model_version": a.model_version, "name": a.name, "points": a.points}
                        for a in facts.anchors
                    ],
                    "odds_per_10_points": facts.odds_per_10_points,
                    "points_per_logit": facts.points_per_logit,
                    "typical": facts.typical,
                }
                for domain, facts in self.scale.items()
            },
            "headways": [
                {
                    "domain": row.domain,
                    "model_version": row.model_version,
                    "name": row.name,
                    "entered": row.entered.isoformat(),
                    "headway": row.headway.to_json(),
                    "matched_by": row.matched_by,
                }
                for row in self.headways
            ],
            "frames": {name: frame_to_json(getattr(self, name), FRAMES[name]) for name in FRAMES},
            "warnings": [{"code": w.code, "args": dict(w.args)} for w in self.warnings],
            "counts": dict(self.counts),
            "studies": None if self.studies is None else _plain(self.studies),
            "provenance": _plain(self.provenance),
        }


def lag_row_to_json(row: LagRowLike) -> dict[str, Any]:
    """A lag row with the field names of the command line's contract."""
    return {
        "domain": row.domain,
        "stage": row.stage,
        "definition": row.definition,
        "frontier": row.frontier,
        "evidence": row.evidence,
        "at": None if row.at is None else row.at.isoformat(),
        "lag": row.lag.to_json(),
        "open_model": row.open_model,
        "closed_model": row.closed_model,
    }


def frame_to_json(frame: pl.DataFrame, columns: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The named columns as lists; dates as ISO strings, infinities as ``"inf"``/``"-inf"``."""
    return {name: [_plain(value) for value in frame[name].to_list()] for name in columns}


def _plain(value: Any) -> Any:
    """A value as JSON carries it."""
    if isinstance(value, float):
        return json_number(value) if not math.isnan(value) else None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (str, int, bool)):
        return value
    return str(value)
