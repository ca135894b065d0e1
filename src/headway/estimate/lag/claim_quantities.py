"""Tested claims as quantities: a probability and an estimate, each with its interval and state."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from headway.estimate.lag.hypotheses import SMALL_SLOPE, Changes, Claim
from headway.estimate.lag.limits import Chance, Limits
from headway.result import Interval, Quantity

__all__ = ["NULLS", "RULES", "claim_json", "estimate_of", "probability_of"]

#: What each claim's rule would have to refute, as a formula (not translated).
NULLS = {
    "lag_6_9": "6 <= lag <= 9 months",
    "lag_6_18": "6 <= lag <= 18 months",
    "cyber_above_coding": "lag(cyber) <= lag(coding)",
    "cyber_above_general": "lag(cyber) <= lag(general)",
    "static": "slope of the lag = 0 months per year",
    "widening": "slope of the lag <= 0 months per year",
}
RULES = {
    "lag_6_9": "supported if P(6 <= lag <= 9) > 0.95, contradicted if P(6 <= lag <= 9) < 0.05",
    "lag_6_18": "supported if P(6 <= lag <= 18) > 0.95, contradicted if P(6 <= lag <= 18) < 0.05",
    "cyber_above_coding": "supported if P(lag(cyber) > lag(coding)) > 0.95, contradicted if < 0.05",
    "cyber_above_general": "supported if P(lag(cyber) > lag(general)) > 0.95, contradicted if < 0.05",
    "static": "contradicted if 1 - 2 min(P(slope <= 0), P(slope >= 0)) > 0.95, "
    f"supported if P(|slope| <= {SMALL_SLOPE:g}) > 0.95",
    "widening": "supported if P(slope > 0) > 0.95, contradicted if P(slope > 0) < 0.05",
}


def probability_of(claim: Claim, chance: Chance | None, level: float) -> Quantity:
    """A probability with its Monte Carlo interval, or its two limits.

    Where bounds leave the claim open, ``value`` is the lower limit, ``status`` is ``censored`` and
    the interval reaches from the lower to the upper limit.
    """
    if chance is None or chance.none:
        reasons = claim.missing or ("no_draws",)
        return Quantity.not_estimable(
            "probability", *reasons, n=claim.n, n_clusters=claim.n_clusters
        )
    low = _wilson(chance.low, chance.draws, level)[0]
    high = _wilson(chance.high, chance.draws, level)[1]
    one = chance.low == chance.high
    return Quantity(
        value=chance.low,
        unit="probability",
        interval=Interval(low, high, level, "wilson"),
        n=claim.n,
        n_clusters=claim.n_clusters,
        status="estimated" if one else "censored",
        notes=() if one else (f"left_open_by_bounds:{chance.high - chance.low:.3g}",),
    )


def _wilson(share: float, draws: int, level: float) -> tuple[float, float]:
    """Monte Carlo interval of a share of draws."""
    from scipy import stats

    found = stats.binomtest(round(share * draws), draws).proportion_ci(level, method="wilson")
    return max(0.0, min(float(found.low), share)), min(1.0, max(float(found.high), share))


def estimate_of(claim: Claim, level: float) -> Quantity:
    """The claim's quantity in months or months per year, with both intervals.

    A median that is a lower limit is ``censored``; one that is only an upper limit keeps its value
    and carries the note ``upper_limit`` (its interval has no lower end).
    """
    unit = "months_per_year" if claim.claim in ("static", "widening") else "months"
    if claim.draws is None or claim.replicates is None:
        return Quantity.not_estimable(
            unit, *(claim.missing or ("no_draws",)), n=claim.n, n_clusters=claim.n_clusters
        )
    value = claim.draws.centre()
    interval = claim.draws.interval(level, "eti")
    wide = claim.replicates.interval(level)
    if math.isnan(value) or interval is None or value == math.inf:
        # nothing is told of more than half of the draws
        return Quantity.not_estimable(unit, "left_open", n=claim.n, n_clusters=claim.n_clusters)
    if wide is not None:
        wide = Interval(
            min(wide.low, interval.low), max(wide.high, interval.high), level, "bootstrap"
        )
    up, down = _open_share(claim.draws)
    notes: tuple[str, ...] = ()
    if up > 0:
        notes = (*notes, f"p_lower_limit:{up:.3g}")
    if down > 0:
        notes = (*notes, f"p_upper_limit:{down:.3g}")
    leads = value == -math.inf
    if down > 0.5:
        notes = ("upper_limit", *notes)
    return Quantity(
        value=None if leads else value,
        unit=unit,
        interval=interval,
        n=claim.n,
        n_clusters=claim.n_clusters,
        status="open_leads" if leads else "censored" if up > 0.5 else "estimated",
        notes=notes,
        interval_process=wide,
    )


def _open_share(draws: Limits) -> tuple[float, float]:
    """Shares of the draws without an upper, and without a lower limit."""
    kept = ~np.isnan(draws.low) & ~draws.known
    count = max(1, int((~np.isnan(draws.low)).sum()))
    up = float((kept & np.isinf(draws.high)).sum()) / count
    down = float((kept & np.isinf(draws.low)).sum()) / count
    return up, down


def claim_json(claim: Claim, level: float) -> dict[str, Any]:
    """A claim as the command line prints it, without frontier and evidence."""
    small = None
    if claim.small is not None:
        small = probability_of(claim, claim.small, level).to_json()
    window = None
    if claim.window is not None:
        window = {"from": claim.window[0].isoformat(), "to": claim.window[1].isoformat()}
    return {
        "hypothesis": claim.claim,
        "domain": claim.cell[0],
        "stage": claim.cell[1],
        "definition": claim.definition,
        "models": claim.models,
        "window": window,
        "null": NULLS[claim.claim],
        "rule": RULES[claim.claim],
        "probability": probability_of(claim, claim.chance, level).to_json(),
        "probability_by_draws": probability_of(claim, claim.measured, level).to_json(),
        "estimate": estimate_of(claim, level).to_json(),
        "verdict": claim.verdict,
        "small_change": small,
        "change_points": None if claim.changes is None else _changes_json(claim.changes),
    }


def _changes_json(changes: Changes) -> dict[str, Any]:
    low, mid, high = changes.slope_now
    return {
        "p_count": list(changes.p_count),
        "date": None
        if changes.dates is None
        else dict(
            zip(("low", "value", "high"), (d.isoformat() for d in changes.dates), strict=True)
        ),
        "slope_now": {"low": low, "value": mid, "high": high},
        "months": changes.months,
    }
