"""``headway forecast``: when an open-weight model reaches a given model's level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from headway import cache
from headway.api.data import load, resolve_as_of
from headway.api.envelope import Result, Warned, choices, envelope, plain
from headway.api.lag import DEFAULT_SEED, DOMAINS, STAGES, fit_warnings, unique
from headway.api.offline import offline_if
from headway.errors import BadOption, EmptyTable
from headway.problems import problem
from headway.provenance import Provenance
from headway.tables.choice import head_in_use
from headway.tables.store import Release

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

    from headway.api.engine import Cell
    from headway.api.forecast_rows import Learned

__all__ = ["DEFAULT_TARGET", "HORIZON_MONTHS", "ForecastResult", "forecast"]

DEFAULT_TARGET = "claude-mythos-preview"
#: Repeats the estimator's, so that a warm answer does not import it; a test holds them together.
HORIZON_MONTHS = 60.0
_LONGEST_HORIZON = 240.0
#: Which messages name a component or a baseline.
METHOD_NAMES = {
    "mixture": "forecast-method-mixture",
    "trend": "forecast-method-trend",
    "survival": "forecast-method-survival",
    "density": "forecast-method-density",
    "equal": "forecast-method-equal",
    "constant_6": "forecast-method-constant_6",
    "constant_12": "forecast-method-constant_12",
    "constant_18": "forecast-method-constant_18",
    "last_lag": "forecast-method-last_lag",
    "linear_trend": "forecast-method-linear_trend",
}


@dataclass(frozen=True)
class ForecastResult(Result):
    """Dates on which an open-weight model reaches the target, one row per domain or stage.

    Parameters
    ----------
    documents : tuple of mapping
        The rows in their JSON form.
    target_name : str
        The target as people call it.
    names : mapping of model version to str
        Display names of the models that the rows mention.
    backtest : mapping or None
        What the stored back-test of these data says; ``None`` if there is none.
    """

    documents: tuple[Mapping[str, Any], ...]
    target_name: str
    names: Mapping[str, str]
    backtest: Mapping[str, Any] | None

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return envelope(
            "forecast",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=self.documents,
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
            extra={"backtest": self.backtest},
        )

    def table(self) -> pl.DataFrame:
        """One row per cell: status, date quantiles (null beyond the horizon), probabilities."""
        import polars as pl

        rows = []
        for row in self.documents:
            dated = {p: None if d == "inf" else d for p, d in row["date_quantiles"].items()}
            rows.append(
                {
                    "target": row["target"],
                    "domain": row["domain"],
                    "stage": row["stage"],
                    "status": row["status"],
                    "method": row["method"],
                    **{f"q{p}": dated.get(p) for p in ("0.05", "0.25", "0.5", "0.75", "0.95")},
                    "reached": None if row["reached"] is None else row["reached"]["probability"],
                    **{f"by_{d}": row["probability_by"].get(d) for d in self.options["by"]},
                    "notes": "; ".join(row["notes"]),
                }
            )
        numbers = ["reached", *(f"by_{d}" for d in self.options["by"])]
        frame = pl.DataFrame(
            rows,
            infer_schema_length=None,
            schema_overrides={
                **dict.fromkeys(numbers, pl.Float64),
                **dict.fromkeys(("stage", "method", "q0.05", "q0.5", "q0.95"), pl.String),
                **dict.fromkeys(("q0.25", "q0.75"), pl.String),
            },
        )
        return frame.with_columns(pl.col("^q0.*$").str.to_date())

    def text(self, lang: str = "en") -> str:
        from headway.api.forecast_text import forecast_text

        return forecast_text(self, lang)

    def plot(self, *, lang: str = "en") -> alt.TopLevelMixin:
        """Chart: probability over dates for the first cell, and intervals of every cell."""
        from headway.figures.forecast import forecast_chart

        return forecast_chart(
            self.documents, as_of=self.as_of, target=self.target_name, names=self.names, lang=lang
        )

    def __repr__(self) -> str:
        lines = [f"ForecastResult({self.target_name}, as of {self.as_of})"]
        for row in self.documents[:8]:
            where = row["domain"] + (f"/{row['stage']}" if row["stage"] else "")
            q = row["date_quantiles"]
            told = f"{q['0.5']} [{q['0.05']}, {q['0.95']}]" if q else row["status"]
            lines.append(f"  {where}: {told}")
        return "\n".join(lines)


def forecast(
    target: str = DEFAULT_TARGET,
    domain: str | Sequence[str] | None = None,
    stage: str | Sequence[str] | None = None,
    *,
    by: Sequence[date] | None = None,
    horizon: float = HORIZON_MONTHS,
    as_of: date | None = None,
    seed: int = DEFAULT_SEED,
    offline: bool = False,
    progress: bool = False,
) -> ForecastResult:
    """Date on which an open-weight model reaches the level of a target.

    Without ``domain`` and ``stage``: cyber, then each of its stages. See the documentation page
    "Forecasts" for the method.

    Parameters
    ----------
    target : str
        Any registered name of a model.
    domain : str or sequence, optional
        ``cyber``, ``coding``, ``general``; a comma list is fine.
    stage : str or sequence, optional
        A stage of cyber, a comma list, or ``all``.
    by : sequence of date, optional
        Dates whose probability is wanted. Default: the next half-year ends.
    horizon : float, months
        Later dates are ``inf``; at most 240.
    as_of : date, optional
        Forecast from what was known by this day. Default: the release's ``data_through``.
    seed : int
    offline : bool
    progress : bool

    Returns
    -------
    ForecastResult

    Raises
    ------
    BadOption
        A value out of range, or options that do not go together.
    UnknownModel, IdentityConflict
        The name of the target does not resolve; the message gives close ones.

    Examples
    --------
    >>> import headway
    >>> headway.forecast("Claude Mythos Preview", stage="exploit").table()  # doctest: +SKIP
    """
    if not 0 < horizon <= _LONGEST_HORIZON:
        raise problem(BadOption, "bad-horizon", value=horizon, most=int(_LONGEST_HORIZON))
    with offline_if(offline):
        head = head_in_use()
        day, warned = resolve_as_of(head, as_of)
        cells = _cells(domain, stage)
        dates = tuple(sorted(set(by))) if by else _default_dates(day)
        release = load()
        version = _resolved(release, target)
        options = {
            "target": version,
            "domain": sorted({d for d, _ in cells}, key=DOMAINS.index),
            "stage": [s for _, s in cells if s],
            "by": [d.isoformat() for d in dates],
            "horizon": horizon,
        }
        told = _study(release, day, seed)
        key = cache.key(
            "forecast",
            rows_hash=head.rows_hash,
            options={
                **options,
                "cells": [list(c) for c in cells],
                "as_of": day.isoformat(),
                "seed": seed,
                "backtest": None if told is None else told["chosen"],
            },
        )
        entry = cache.load(key)
        if entry is None:
            document = _compute(
                release, cells, version, dates, horizon, as_of, day, seed, told, progress
            )
            cache.store(key, document)
        else:
            document = entry.document
        names = dict(release.model_versions.select("model_version", "name").iter_rows())
        mentioned = {version} | {
            r["reached"]["model_version"] for r in document["rows"] if r["reached"]
        }
        warned = (*warned, *(Warned.from_json(w) for w in document["warnings"]))
        if told is None:
            warned = (*warned, Warned("no_backtest"))
        return ForecastResult(
            data_release=head.data_release,
            as_of=day,
            options=options,
            warnings=warned,
            provenance=Provenance(
                data_release=head.data_release,
                rows_hash=head.rows_hash,
                options={**options, "as_of": day.isoformat()},
                seed=seed,
            ),
            documents=tuple(document["rows"]),
            target_name=str(names[version]),
            names={m: str(names[m]) for m in sorted(m for m in mentioned if m)},
            backtest=None if told is None else _brief(told),
        )


def _cells(
    domain: str | Sequence[str] | None, stage: str | Sequence[str] | None
) -> tuple[Cell, ...]:
    """Cells asked for; nothing asked: cyber and every stage of it."""
    domains = None if domain is None else choices("--domain", domain, DOMAINS, "forecast")
    if stage is None:
        if domains is None:
            return (("cyber", None), *(("cyber", s) for s in STAGES))
        return tuple((d, None) for d in domains)
    if domains is not None and domains != ("cyber",):
        raise problem(BadOption, "stage-without-cyber", domain=", ".join(domains))
    stages = STAGES if stage == "all" else choices("--stage", stage, STAGES, "forecast")
    return tuple(("cyber", s) for s in stages)


def _default_dates(day: date) -> tuple[date, ...]:
    """The next four half-year ends after a day, at least a month away."""
    ends = [d for y in range(day.year, day.year + 4) for d in (date(y, 6, 30), date(y, 12, 31))]
    return tuple([d for d in ends if (d - day).days >= 30][:4])


def _resolved(release: Release, name: str) -> str:
    from headway.tables.registry import Registry

    return Registry(release.model_versions, release.model_aliases).resolve(name).model_version


def _study(release: Release, day: date, seed: int) -> Mapping[str, Any] | None:
    """The back-test of these rows, unless the forecast is one of an earlier day."""
    from headway.api.backtest import known_study

    return None if day < release.data_through else known_study(release, seed)


def _brief(told: Mapping[str, Any]) -> dict[str, Any]:
    """Rule, and pooled scores of both vintages."""
    return {
        "chosen": dict(told["chosen"]),
        "vintages": [
            {
                "strict": v["strict"],
                **{k: v["summaries"][0][k] for k in ("n_targets", "n_resolved", "status")},
                "scores": v["summaries"][0]["scores"],
                "skill": v["summaries"][0]["skill"],
            }
            for v in told["vintages"]
        ],
    }


def _learned(told: Mapping[str, Any] | None) -> Learned:
    import numpy as np

    from headway.api.forecast_rows import Learned
    from headway.estimate.lag.forecast import COMPONENTS, Rule

    if told is None or told["chosen"]["method"] == "equal":
        return Learned(Rule.equal(len(COMPONENTS)), "mixture", False)
    chosen = told["chosen"]
    weights = np.array([chosen["weights"][name] for name in COMPONENTS])
    rule = Rule(weights / weights.sum(), float(chosen["alpha"]), float(chosen["beta"]))
    return Learned(rule, str(chosen["method"]), True)


def _compute(
    release: Release,
    cells: Sequence[Cell],
    target: str,
    by: tuple[date, ...],
    horizon: float,
    as_of: date | None,
    day: date,
    seed: int,
    told: Mapping[str, Any] | None,
    progress: bool,
) -> dict[str, Any]:
    from headway.api.engine import posteriors
    from headway.api.forecast_rows import Ask, cell_row, first_scores
    from headway.checks.backtest import known_sizes

    fits = posteriors(
        release,
        evidence=("all", "independent"),
        as_of=as_of,
        seed=seed,
        progress="fits" if progress else None,
    )
    ask = Ask(target, by, horizon, day, seed)
    learned = _learned(told)
    sizes = known_sizes(release.model_versions)
    known = {d: first_scores(release, d, day) for d in {d for d, _ in cells}}
    rows = [
        cell_row(fits, c, ask=ask, learned=learned, sizes=sizes, first_known=known[c[0]])
        for c in cells
    ]
    whole = fits["all"]
    warned = [] if isinstance(whole, EmptyTable) else fit_warnings(whole)
    return {
        "rows": plain(rows),
        "warnings": [{"code": w.code, "args": dict(w.args)} for w in unique(warned)],
    }
