r"""How two posteriors of abilities and lags are compared.

Two distributions of a quantity agree if they differ by no more than a quarter of a posterior
standard deviation beyond Monte-Carlo error:

- ability means: :math:`|\Delta| \le 0.25\,\mathrm{sd} + 3\,\mathrm{se}`;
- ability standard deviations: :math:`|\log \mathrm{ratio}| \le 0.2 + 3\,\mathrm{se}`;
- lags, which may be numbers, "open leads" or bounds: the largest difference of the two distribution
  functions over the ordered states is at most 0.10 (what a shift of a normal by a quarter of its
  standard deviation makes) plus the 99 % point of that difference for equal distributions,
  :math:`1.63\sqrt{1/n + 1/m}` with *m* the bulk effective sample size.

The unit of ability (all discriminations have geometric mean 1) rests on benchmarks that say little,
so it is compared on its own: one factor per domain is taken out of means and standard deviations.
No lag in months depends on it; the gap is compared in reported points, which have no such unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from scipy import stats

from headway.estimate.capability.design import Cell
from headway.estimate.capability.fit import AbilitySample
from headway.estimate.capability.reference_mixing import diagnose
from headway.estimate.lag import DEFINITIONS, Entrants, LagRow, entrants_from_access, lag_rows
from headway.estimate.lag.definitions import mean_states, now_states, record_states
from headway.estimate.lag.frontier import frontier_pair
from headway.estimate.lag.headway import headways
from headway.estimate.lag.states import BOUND, FAILED, LEADS, NUMBER, DrawStates
from headway.estimate.lag.step import lag_function
from headway.estimate.lag.trend import gap_states, trend_states
from headway.tables.schemas import DOMAINS, STAGES
from headway.tables.store import Release

__all__ = [
    "MEAN_TOLERANCE",
    "SHIFT_TOLERANCE",
    "SPREAD_TOLERANCE",
    "compare",
    "compare_abilities",
    "compare_lags",
    "lag_states",
    "median_difference",
    "order_key",
    "width",
    "width_ratio",
]

MEAN_TOLERANCE = 0.25
SPREAD_TOLERANCE = 0.2
SHIFT_TOLERANCE = 0.10
#: Level of the intervals that are shown side by side.
LEVEL = 0.90
CELLS: tuple[Cell, ...] = (*((d, None) for d in DOMAINS), *(("cyber", s) for s in STAGES))
FRONTIERS = ("public", "restricted")


def lag_states(
    entrants: Entrants, frontier: str, as_of: date, gap_scale: float = 1.0
) -> dict[str, DrawStates]:
    """Every definition per draw; empty if a frontier misses something."""
    pair = frontier_pair(entrants, frontier=frontier, as_of=as_of)  # type: ignore[arg-type]
    if pair.missing:
        return {}
    function = lag_function(pair)
    return {
        "lag_mean_12m": mean_states(pair, function),
        "lag_now": now_states(pair, function),
        "lag_at_record": record_states(pair, function),
        "headway_months": headways(pair).curve().median(),
        "lag_trend": trend_states(pair),
        "gap": gap_states(pair, gap_scale),
    }


def order_key(states: DrawStates) -> np.ndarray:
    """One number per draw that sorts as the states do: failed < leads < numbers < bounds."""
    offset = {FAILED: -2e6, LEADS: -1e6, NUMBER: 0.0, BOUND: 1e6}
    return np.asarray(states.value + np.vectorize(offset.__getitem__)(states.code))


def _entrants(
    release: Release, sample: AbilitySample, cell: Cell, eligible: np.ndarray
) -> Entrants:
    return entrants_from_access(
        release.access,
        release.model_versions,
        sample.models,
        sample.theta(cell),
        eligible,
    )


def compare_abilities(
    fast: AbilitySample, reference: AbilitySample, cell: Cell, chains: int
) -> dict[str, Any]:
    """Means and standard deviations of the abilities of the models with results in a cell.

    Abilities are relative to their average; the reference's are brought to the fast engine's unit
    in the domain (least squares through the posterior means).
    """
    whole = (cell[0], None)
    inside = fast._measured(whole) > 0
    first, second = (s.centred(whole)[:, inside].mean(axis=0) for s in (fast, reference))
    unit = float(first @ second / (second @ second))
    measured = fast._measured(cell) > 0
    a, b = fast.centred(cell)[:, measured], reference.centred(cell)[:, measured] * unit
    mean_a, mean_b = a.mean(axis=0), b.mean(axis=0)
    sd_a, sd_b = a.std(axis=0, ddof=1), b.std(axis=0, ddof=1)
    found = diagnose(b, chains)
    ess = np.minimum(found.ess_bulk, len(b))
    se = np.sqrt(1 / len(a) + 1 / ess)
    shift = np.abs(mean_a - mean_b) / sd_b
    spread = np.log(sd_a / sd_b)
    return {
        "domain": cell[0],
        "stage": cell[1],
        "models": int(measured.sum()),
        "unit_ratio": unit,
        "shift_median": float(np.median(shift)),
        "shift_p95": float(np.quantile(shift, 0.95)),
        "shift_max": float(shift.max()),
        "means_agree": float((shift <= MEAN_TOLERANCE + 3 * se).mean()),
        "sd_ratio_median": float(np.exp(np.median(spread))),
        "sd_ratio_p05": float(np.exp(np.quantile(spread, 0.05))),
        "sd_ratio_p95": float(np.exp(np.quantile(spread, 0.95))),
        "sds_agree": float((np.abs(spread) <= SPREAD_TOLERANCE + 3 * se / np.sqrt(2)).mean()),
        "least_ess": float(np.nanmin(found.ess_bulk)),
        "worst_r_hat": found.worst_r_hat,
    }


def compare_lags(
    release: Release, fast: AbilitySample, reference: AbilitySample, cell: Cell, chains: int
) -> list[dict[str, Any]]:
    """Every definition and frontier of one cell, where the fast engine can estimate it."""
    own = {
        "fast": fast.summary(cell)["informative"].to_numpy(),
        "reference": reference.summary(cell)["informative"].to_numpy(),
    }
    first = _entrants(release, fast, cell, own["fast"])
    second = _entrants(release, reference, cell, own["fast"])
    points = [_points_per_logit(s, cell[0]) for s in (fast, reference)]
    out = []
    for frontier in FRONTIERS:
        is_open = np.isfinite(first.open_from)
        is_closed = np.isfinite(first.closed_from(frontier))  # type: ignore[arg-type]
        estimable, _ = fast.estimable(cell, own["fast"], is_open, is_closed)
        as_of = release.data_through
        states = (
            lag_states(first, frontier, as_of, points[0]),
            lag_states(second, frontier, as_of, points[1]),
        )
        if not estimable or not states[0]:
            continue
        shown = [
            {row.definition: row.lag for row in _rows(entrants, cell, frontier, as_of, scale)}
            for entrants, scale in zip((first, second), points, strict=True)
        ]
        other = _entrants(release, reference, cell, own["reference"])
        alone = {row.definition: row.lag for row in _rows(other, cell, frontier, as_of, points[1])}
        enters = is_open | is_closed
        flips = int(((own["fast"] != own["reference"]) & enters).sum())
        keys = np.column_stack([order_key(states[1][name]) for name in DEFINITIONS])
        mixing = diagnose(keys, chains)
        for i, name in enumerate(DEFINITIONS):
            x, y = order_key(states[0][name]), keys[:, i]
            if shown[0][name].status == "not_estimable":
                continue
            ess = mixing.ess_bulk[i]
            effective = len(y) if np.isnan(ess) else min(float(ess), len(y))
            distance = float(stats.ks_2samp(x, y).statistic)
            allowed = 1.63 * float(np.sqrt(1 / len(x) + 1 / effective))
            out.append(
                {
                    "domain": cell[0],
                    "stage": cell[1],
                    "frontier": frontier,
                    "definition": name,
                    "fast": shown[0][name].to_json(),
                    "reference": shown[1][name].to_json(),
                    "reference_own_models": alone[name].to_json(),
                    "eligibility_flips": flips,
                    "distance": distance,
                    "monte_carlo": allowed,
                    "agrees": distance <= SHIFT_TOLERANCE + allowed,
                    "ess_bulk": None if np.isnan(ess) else float(ess),
                    "r_hat": None if np.isnan(ess) else float(mixing.r_hat[i]),
                }
            )
    return out


def _points_per_logit(sample: AbilitySample, domain: str) -> float:
    scale = sample.scale(domain)
    return 1.0 if scale is None else scale.points_per_logit


def _rows(
    entrants: Entrants, cell: Cell, frontier: str, as_of: date, gap_scale: float
) -> tuple[LagRow, ...]:
    return lag_rows(
        entrants,
        frontier=frontier,  # type: ignore[arg-type]  # a member of FRONTIERS
        domain=cell[0],
        stage=cell[1],
        as_of=as_of,
        level=LEVEL,
        rng=np.random.default_rng(0),
        process_reps=0,
        gap_scale=gap_scale,
        gap_unit="points",
    )


def compare(
    release: Release, fast: AbilitySample, reference: AbilitySample, chains: int
) -> dict[str, list[dict[str, Any]]]:
    """Abilities and lags of every cell that both fits hold."""
    cells = [c for c in CELLS if c in fast.fit.cells]
    return {
        "abilities": [compare_abilities(fast, reference, c, chains) for c in cells],
        "lags": [row for c in cells for row in compare_lags(release, fast, reference, c, chains)],
    }


def median_difference(row: Mapping[str, Any]) -> float | None:
    """Fast minus reference; ``None`` where their states differ or have no number."""
    first, second = row["fast"], row["reference"]
    if first["status"] != second["status"] or first["value"] is None:
        return None
    return float(first["value"] - second["value"])


def width(lag: Mapping[str, Any]) -> float | None:
    """Width of an interval, ``None`` if an end is infinite."""
    interval = lag["interval"]
    if interval is None:
        return None
    # infinite ends are the texts "inf" and "-inf"
    found = float(interval["high"]) - float(interval["low"])
    return found if np.isfinite(found) else None


def width_ratio(row: Mapping[str, Any]) -> float | None:
    """Width of the fast engine's interval over the reference's."""
    first, second = width(row["fast"]), width(row["reference"])
    return None if first is None or not second else first / second
