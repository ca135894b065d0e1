"""The rows of ``headway forecast``: waiting times as dates, probabilities and reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from headway.api.engine import Cell, Posterior, row_rng
from headway.errors import EmptyTable, NotEnoughData, UnknownModel
from headway.result import DAYS_PER_MONTH, Interval, Quantity

if TYPE_CHECKING:
    from headway.estimate.lag.forecast import Rule, Simulated, Target, Waiting
    from headway.tables.store import Release

__all__ = ["QUANTILES", "Ask", "Learned", "cell_row", "first_scores"]

#: Of every date distribution.
QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
#: Shown for components and changes.
FEW = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Ask:
    """What is wanted of every cell."""

    target: str
    by: tuple[date, ...]
    horizon: float
    as_of: date
    seed: int
    level: float = 0.90


@dataclass(frozen=True)
class Learned:
    """How forecasts are combined, and whether the back-test of these data said so.

    ``method``: ``mixture`` or the name of the baseline that did better.
    """

    rule: Rule
    method: str
    from_backtest: bool


@dataclass(frozen=True)
class _Dates:
    """From months to calendar days."""

    ask: Ask

    def day(self, months: float) -> str:
        """The date, or ``inf`` beyond the horizon."""
        import math

        from headway.estimate.lag.entrants import date_of, day_number

        if math.isinf(months):
            return "inf"
        return date_of(day_number(self.ask.as_of) + months * DAYS_PER_MONTH).isoformat()

    def state(self, months: float) -> str:
        """``reached`` by the reference date, ``beyond_horizon``, or ``dated``; as the date says."""
        day = self.day(months)
        if day == "inf":
            return "beyond_horizon"
        return "reached" if day <= self.ask.as_of.isoformat() else "dated"

    def quantiles(self, waiting: Waiting, ps: Sequence[float]) -> dict[str, str]:
        import numpy as np

        found = waiting.quantile(np.array(ps))
        return {f"{p:g}": self.day(float(m)) for p, m in zip(ps, found, strict=True)}

    def by(self, waiting: Waiting) -> dict[str, float]:
        import numpy as np

        months = [(d - self.ask.as_of).days / DAYS_PER_MONTH for d in self.ask.by]
        found = waiting.by(np.array(months))
        return {d.isoformat(): float(p) for d, p in zip(self.ask.by, found, strict=True)}


def first_scores(release: Release, domain: str, as_of: date) -> dict[str, float]:
    """Day number of each model's first score in a domain, of rows that carry their own date."""
    import polars as pl

    from headway.estimate.lag.entrants import day_number

    inside = release.benchmarks.filter(pl.col("domain").cast(pl.String) == domain)
    rows = release.scores.filter(
        (pl.col("use") == "fit")
        & ~pl.col("pseudo_vintage")
        & (pl.col("known_on") <= as_of)
        & pl.col("benchmark").is_in(inside["benchmark"].to_list())
    )
    first = rows.group_by("model_version").agg(pl.col("known_on").min())
    return {name: day_number(day) for name, day in first.iter_rows()}


def cell_row(
    fits: Mapping[str, Posterior | EmptyTable],
    cell: Cell,
    *,
    ask: Ask,
    learned: Learned,
    sizes: Mapping[str, float],
    first_known: Mapping[str, float],
) -> dict[str, Any]:
    """One row: the forecast of a cell on all evidence, and on independent evidence as a change.

    A cell that cannot carry a forecast gives a row with status ``not_estimable`` and the reasons.
    """
    import numpy as np

    from headway.estimate.lag.entrants import date_of
    from headway.estimate.lag.forecast import (
        BASELINES,
        COMPONENTS,
        baseline_forecasts,
        changed,
        forecasts,
    )

    posterior = fits["all"]
    missing = _missing(posterior, cell, ask.target)
    if missing:
        return _refused(cell, ask, missing)
    assert isinstance(posterior, Posterior), "an error is among what is missing"
    made = _simulated(posterior, cell, ask, sizes, first_known)
    if isinstance(made, list):
        return _refused(cell, ask, made)
    simulated, target = made
    parts = forecasts(simulated, target)
    if not parts:
        return _refused(
            cell, ask, ("no_component", *(n for notes in simulated.absent.values() for n in notes))
        )
    naive = baseline_forecasts(
        simulated.past,
        target,
        horizon=ask.horizon,
        rng=np.random.default_rng(simulated.seed),
    )
    mixture = learned.rule.apply(parts, COMPONENTS)
    used = mixture if learned.method == "mixture" else naive[learned.method]
    dates = _Dates(ask)
    everyone = list(parts.values())
    ranges = [dates.by(part) for part in everyone]
    known = float(target.reached.mean())
    changes = [
        _change_row(dates, c.change, c.value, c.waiting)
        for c in changed(simulated, target, learned.rule)
    ]
    changes += _independent(fits, cell, ask, learned, sizes, first_known, dates)
    weights = dict(zip(COMPONENTS, map(float, learned.rule.weights), strict=True))
    present = sum(weights[name] for name in parts)
    at = posterior.models.index(ask.target)
    scale = posterior.scale.get(cell[0])
    per_logit = 1.0 if scale is None else float(scale["points_per_logit"])
    gap = (target.ability - simulated.past.level) * per_logit
    low, middle, high = (float(x) for x in np.quantile(gap, [0.05, 0.5, 0.95]))
    return {
        "target": ask.target,
        "domain": cell[0],
        "stage": cell[1],
        "status": "estimated",
        "notes": [f"no_{name}" for name in simulated.absent],
        "method": learned.method,
        "wait": _wait(used, ask, simulated.past.pair.n, simulated.past.pair.n_clusters).to_json(),
        "date_quantiles": dates.quantiles(used, QUANTILES),
        "date_states": {
            f"{p:g}": dates.state(float(m))
            for p, m in zip(QUANTILES, used.quantile(np.array(QUANTILES)), strict=True)
        },
        "probability_by": dates.by(used),
        "probability_range": {
            day: {"low": min(r[day] for r in ranges), "high": max(r[day] for r in ranges)}
            for day in ranges[0]
        },
        "reached": {
            "probability": known,
            "model_version": target.reached_by,
            "model_probability": target.reached_by_share,
            "with_results_not_in": used.reached(),
        },
        "components": [
            {
                "component": name,
                "weight": weights[name] / present if name in parts else None,
                "date_quantiles": dates.quantiles(parts[name], FEW) if name in parts else None,
                "probability_by": dates.by(parts[name]) if name in parts else None,
                "missing": list(simulated.absent.get(name, ())),
            }
            for name in COMPONENTS
        ],
        "baselines": [
            {
                "baseline": name,
                "date_quantiles": dates.quantiles(naive[name], FEW),
                "probability_by": dates.by(naive[name]),
            }
            for name in BASELINES
        ],
        "rule": {
            "weights": weights,
            "alpha": learned.rule.alpha,
            "beta": learned.rule.beta,
            "from_backtest": learned.from_backtest,
        },
        "changes": changes,
        "launched": date_of(target.launched).isoformat(),
        "n_scores": int(posterior.cells[cell].n_scores[at]),
        "gap": Quantity(
            middle,
            "logits" if scale is None else "points",
            Interval(low, high, ask.level, "eti"),
            simulated.past.pair.n,
            simulated.past.pair.n_clusters,
            "estimated",
            ("not_invariant_to_rescaling",),
        ).to_json(),
        "curve": _curve(dates, used, parts),
    }


def _missing(fit: Posterior | EmptyTable, cell: Cell, target: str) -> tuple[str, ...]:
    """Why a cell carries no forecast of a target, as message keys."""
    if isinstance(fit, EmptyTable) or cell not in fit.cells:
        return ("no_scores",)
    found = fit.cells[cell].missing["restricted"]
    if found:
        return found
    if target not in fit.models or not fit.cells[cell].n_scores[fit.models.index(target)]:
        return ("target_not_scored",)
    return ()


def _simulated(
    fit: Posterior | EmptyTable,
    cell: Cell,
    ask: Ask,
    sizes: Mapping[str, float],
    first_known: Mapping[str, float],
) -> tuple[Simulated, Target] | list[str]:
    """(simulated, target), or a list of reasons."""
    from headway.estimate.lag.forecast import history, simulate, target_in

    assert isinstance(fit, Posterior)
    rng = row_rng(ask.seed, "forecast", *cell, ask.target, fit.evidence)
    try:
        past = history(fit.entrants_in(cell), as_of=ask.as_of)
        target = target_in(past, ask.target)
    except (NotEnoughData, UnknownModel) as e:
        told = e.context.get("missing")
        return [str(x) for x in told] if isinstance(told, list) else ["target_not_out"]
    simulated = simulate(past, sizes, first_known=first_known, horizon=ask.horizon, rng=rng)
    return simulated, target


def _independent(
    fits: Mapping[str, Posterior | EmptyTable],
    cell: Cell,
    ask: Ask,
    learned: Learned,
    sizes: Mapping[str, float],
    first_known: Mapping[str, float],
    dates: _Dates,
) -> list[dict[str, Any]]:
    """The forecast on independent evidence alone; a reason where it carries none."""
    from headway.estimate.lag.forecast import combined

    fit = fits["independent"]
    reasons: Sequence[str] = _missing(fit, cell, ask.target)
    if not reasons:
        made = _simulated(fit, cell, ask, sizes, first_known)
        if isinstance(made, list):
            reasons = made
        else:
            found = combined(made[0], made[1], learned.rule)
            if found is not None:
                return [_change_row(dates, "independent", None, found)]
            reasons = ("no_component",)
    return [{"change": "independent", "value": None, "missing": list(reasons)}]


def _change_row(dates: _Dates, change: str, value: Any, waiting: Waiting) -> dict[str, Any]:
    return {
        "change": change,
        "value": value,
        "date_quantiles": dates.quantiles(waiting, FEW),
        "probability_by": dates.by(waiting),
        "reached": waiting.reached(),
        "missing": [],
    }


def _refused(cell: Cell, ask: Ask, missing: Sequence[str]) -> dict[str, Any]:
    return {
        "target": ask.target,
        "domain": cell[0],
        "stage": cell[1],
        "status": "not_estimable",
        "notes": list(missing),
        "method": None,
        "wait": Quantity.not_estimable("months", *missing).to_json(),
        "date_quantiles": {},
        "date_states": {},
        "probability_by": {},
        "probability_range": {},
        "reached": None,
        "components": [],
        "baselines": [],
        "rule": None,
        "changes": [],
        "launched": None,
        "n_scores": 0,
        "gap": None,
        "curve": [],
    }


def _wait(waiting: Waiting, ask: Ask, n: int, n_clusters: int) -> Quantity:
    """Months from the reference date; negative: so long ago; a bound where beyond the horizon."""
    import math

    import numpy as np

    tail = (1 - ask.level) / 2
    low, middle, high = (float(x) for x in waiting.quantile(np.array([tail, 0.5, 1 - tail])))
    beyond = math.isinf(middle)
    return Quantity(
        value=ask.horizon if beyond else middle,
        unit="months",
        interval=Interval(ask.horizon if math.isinf(low) else low, high, ask.level, "eti"),
        n=n,
        n_clusters=n_clusters,
        status="censored" if beyond else "estimated",
    )


def _curve(dates: _Dates, used: Waiting, parts: Mapping[str, Waiting]) -> list[dict[str, Any]]:
    """Probability of "reached" by the end of every month after the reference date, for charts."""
    import numpy as np

    months = np.arange(0.0, min(36.0, dates.ask.horizon) + 0.25, 0.5)
    columns = {"used": used.by(months), **{name: part.by(months) for name, part in parts.items()}}
    return [
        {
            "date": dates.day(float(m)),
            **{name: round(float(found[i]), 4) for name, found in columns.items()},
        }
        for i, m in enumerate(months)
    ]
