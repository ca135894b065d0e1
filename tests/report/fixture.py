"""A synthetic but realistic report: three domains, seven stages, every state, hostile names.

All models and labs are invented. Nothing here is an estimate of anything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from headway.publish.content import (
    FRAMES,
    Anchor,
    HeadwayRow,
    ReportContent,
    ReportWarning,
    ScaleFacts,
)
from headway.result import DAYS_PER_MONTH, Interval, Quantity

HOSTILE = (
    '<script>alert("x")</script>',
    "</script><img src=x onerror=alert(1)>",
    "Quote\"'&<b>Bold",
    "{{ 7*7 }}${alert(1)}",
    "日本語モデル・改 70B",
)
AS_OF = date(2026, 10, 31)
START = date(2023, 3, 1)
#: value, low, high, p_open_leads, p_bound of a row of the history
NO_NUMBERS = (None, None, None, 0.0, 0.0)
LEADING = (None, -math.inf, 2.0, 0.7, 0.0)
STAGES = (
    "find_reproduce",
    "exploit",
    "range",
    "ctf_mixed",
    "command_line",
    "knowledge",
    "defensive",
)


@dataclass(frozen=True, slots=True)
class Row:
    """The lag contract's row."""

    domain: str
    stage: str | None
    definition: str
    frontier: str
    evidence: str
    at: date | None
    lag: Quantity
    open_model: str | None = None
    closed_model: str | None = None


def months(
    value: float,
    low: float,
    high: float,
    *,
    wider: float = 1.4,
    n: int = 40,
    status: str = "estimated",
    notes: tuple[str, ...] = (),
) -> Quantity:
    """A quantity in months with both intervals."""
    spread = wider if math.isfinite(high) else 1.0
    return Quantity(
        value,
        "months",
        Interval(low, high, 0.9, "eti"),
        n,
        11,
        status,  # type: ignore[arg-type]
        notes,
        Interval(
            max(0.0, value - spread * (value - low)) if math.isfinite(low) else low,
            value + spread * (high - value) if math.isfinite(high) else high,
            0.9,
            "bootstrap",
        ),
        {"estimated": 0.93, "open_leads": 0.02, "censored": 0.05},
    )


def points_frame(rng: np.random.Generator, per_domain: int, hostile: bool) -> pl.DataFrame:
    rows = []
    span = (AS_OF - START).days
    for d, domain in enumerate(("cyber", "coding", "general")):
        for i in range(per_domain):
            group = ("open_weight", "closed_public", "open_weight", "closed_public")[i % 4]
            if i % 17 == 16:
                group = "closed_restricted"
            if i % 41 == 40:
                group = "unknown"
            at = span * (i + 0.5 * rng.random()) / per_domain
            level = 60 + 75 * at / span + 4 * d
            delay = {"open_weight": -13.0, "closed_public": 0.0, "closed_restricted": 8.0}
            ability = level + delay.get(group, -5.0) - float(rng.exponential(9.0))
            informative = bool(rng.random() > 0.25)
            half = float(rng.uniform(3, 8)) if informative else float(rng.uniform(11, 18))
            name = f"{('Aster', 'Borea', 'Cobalt', 'Delta', 'Ember')[i % 5]} {1 + i / 10:.1f}"
            if hostile and i >= per_domain - 2 * len(HOSTILE) and i % 2 == 0:
                name = HOSTILE[(i - per_domain + 2 * len(HOSTILE)) // 2]
            rows.append(
                {
                    "domain": domain,
                    "stage": None,
                    "model_version": f"model-{i}",
                    "name": name,
                    "lab": None if i % 13 == 5 else f"Lab {'ABCDEFGHIJK'[i % 11]}",
                    "group": group,
                    "entered": None if i % 29 == 28 else START + timedelta(days=int(at)),
                    "ability": ability,
                    "low": ability - half,
                    "high": ability + half,
                    "informative": informative,
                    "n_scores": int(rng.integers(1, 14)),
                    "tier": None,
                }
            )
    frame = pl.DataFrame(rows, schema=FRAMES["points"])
    tier = (
        pl.when("informative")
        .then((pl.col("ability").max().over("domain") - pl.col("ability")) // 12 + 1)
        .cast(pl.Int64)
        .alias("tier")
    )
    return frame.with_columns(tier)


def frontier_frame(points: pl.DataFrame) -> pl.DataFrame:
    rows = []
    for domain in ("cyber", "coding", "general"):
        own = points.filter(
            (pl.col("domain") == domain) & pl.col("informative") & pl.col("entered").is_not_null()
        ).sort("entered")
        for group, members in (
            ("open_weight", ["open_weight"]),
            ("closed_public", ["closed_public"]),
            ("closed_any", ["closed_public", "closed_restricted"]),
        ):
            best = -math.inf
            for row in own.filter(pl.col("group").is_in(members)).iter_rows(named=True):
                if row["ability"] > best:
                    best = row["ability"]
                    half = (row["high"] - row["low"]) / 2.4
                    rows.append((domain, group, row["entered"], best, best - half, best + half))
            rows.append((domain, group, AS_OF, best, best - 3.0, best + 4.0))
    return pl.DataFrame(rows, schema=FRAMES["frontier"], orient="row")


def history_frame() -> pl.DataFrame:
    rows = []
    for domain, base in (("cyber", 9.0), ("coding", 6.0), ("general", 7.0)):
        for frontier, add in (("public", 0.0), ("restricted", 2.5)):
            for i in range(36):
                at = date(2023 + (10 + i) // 12, (10 + i) % 12 + 1, 1)
                value = base + add + 3.0 * math.sin(i / 5.0) - 0.05 * i
                status, low, high = "estimated", value * 0.6, value * 1.5
                if domain == "cyber" and i < 8:
                    status, high = "censored", math.inf
                if domain == "cyber" and i < 3:
                    rows.append(
                        (domain, None, "lag_mean_12m", frontier, at, "not_estimable", *NO_NUMBERS)
                    )
                    continue
                if domain == "coding" and 20 <= i < 23 and frontier == "public":
                    rows.append(
                        (domain, None, "lag_mean_12m", frontier, at, "open_leads", *LEADING)
                    )
                    continue
                rows.append(
                    (domain, None, "lag_mean_12m", frontier, at, status, value, low, high, 0.1, 0.1)
                )
    return pl.DataFrame(rows, schema=FRAMES["history"], orient="row")


def survival_frame() -> pl.DataFrame:
    rows = []
    for domain, rate in (("cyber", 0.07), ("coding", 0.12), ("general", 0.1)):
        for i, t in enumerate((0.0, 2.1, 3.4, 5.0, 6.2, 8.8, 11.0, 15.5)):
            s = 0.95 * math.exp(-rate * t)
            rows.append((domain, t, s, s * 0.7, min(1.0, s * 1.2 + 0.03), 14.0 - 1.6 * i))
    return pl.DataFrame(rows, schema=FRAMES["survival"], orient="row")


def lag_rows() -> tuple[tuple[Row, ...], tuple[Row, ...], tuple[Row, ...]]:
    def row(domain: str, lag: Quantity, **other: object) -> Row:
        facts: dict[str, object] = {
            "stage": None,
            "definition": "lag_mean_12m",
            "frontier": "public",
            "evidence": "all",
            "at": AS_OF,
        }
        facts.update(other)
        return Row(domain=domain, lag=lag, **facts)  # type: ignore[arg-type]

    leads = Quantity(
        None,
        "months",
        Interval(-math.inf, 2.4, 0.9, "eti"),
        31,
        9,
        "open_leads",
        ("p_open_leads:0.71",),
        Interval(-math.inf, 4.0, 0.9, "bootstrap"),
        {"estimated": 0.29, "open_leads": 0.71, "censored": 0.0},
    )
    missing = Quantity.not_estimable("months", "too_few_open:2<3", "few_bridges:1<2", n=4)
    bound = months(14.0, 9.0, math.inf, status="censored", notes=("p_censored:0.64",))
    base = {
        "cyber": months(8.7, 5.2, 13.9),
        "coding": months(5.4, 3.9, 7.2),
        "general": months(6.31, 5.52, 7.18),
    }
    stages = dict(
        zip(
            STAGES,
            (
                months(7.2, 3.0, 14.1),
                bound,
                missing,
                months(6.1, 3.1, 9.9),
                leads,
                months(4.2, 1.0, 11.3),
                Quantity.not_estimable("months", "unheard_of_reason:42"),
            ),
            strict=True,
        )
    )
    headline = tuple(row(d, q) for d, q in base.items()) + tuple(
        row("cyber", q, stage=s) for s, q in stages.items()
    )
    lags = list(headline)
    for domain, q in base.items():
        assert q.value is not None
        assert q.interval is not None
        for frontier, add in (("public", 0.0), ("restricted", 2.2)):
            value, low, high = q.value + add, q.interval.low + add, q.interval.high + add
            if frontier == "restricted":
                lags.append(row(domain, months(value, low, high), frontier=frontier))
            at = {"open_model": "model-40", "closed_model": "model-31"}
            lags.append(
                row(
                    domain,
                    months(value - 1, low - 1, high + 1),
                    definition="lag_at_record",
                    frontier=frontier,
                    at=date(2026, 8, 3),
                    **at,
                )
            )
            now = months(value + 1.5, low, high + 2)
            lags.append(row(domain, now, definition="lag_now", frontier=frontier, **at))
            km = (
                months(value + 3, low, math.inf, status="censored")
                if domain == "cyber"
                else months(value + 1, low, high + 3)
            )
            lags.append(row(domain, km, definition="headway_months", frontier=frontier, at=None))
            trend = months(value + 0.4, low - 1, high + 1)
            lags.append(row(domain, trend, definition="lag_trend", frontier=frontier))
            gap = Quantity(9.3, "points", Interval(4.2, 14.9, 0.9, "eti"), 38, 12, "estimated", ())
            lags.append(row(domain, gap, definition="gap", frontier=frontier))
    evidence = []
    for domain, q in base.items():
        assert q.value is not None
        evidence.append(row(domain, q))
        evidence.append(row(domain, months(q.value + 1.8, 3.0, 17.5), evidence="independent"))
        evidence.append(
            row(
                domain,
                missing if domain == "cyber" else months(q.value + 2.9, 2.5, 19.0),
                evidence="held_out",
            )
        )
        evidence.append(
            row(
                domain,
                {
                    "coding": leads,
                    "general": months(0.0, 0.0, 36.6, notes=("open_leads_days:0.707",)),
                }.get(domain, months(q.value - 2.0, 1.1, 8.0)),
                evidence="first_party",
            )
        )
    return headline, tuple(lags), tuple(evidence)


def headway_rows() -> tuple[HeadwayRow, ...]:
    rows = []
    for domain in ("cyber", "coding", "general"):
        for i, t in enumerate((0.0, 2.1, 3.4, 5.0, 5.0, 6.2, 8.8, 11.0, 15.5)):
            entered = START + timedelta(days=100 + 95 * i)
            name = HOSTILE[0] if i == 3 else f"Closed {domain} {i}"
            q = months(t, max(0.0, t - 1.5), t + 2.0)
            rows.append(
                HeadwayRow(domain, f"closed-{domain}-{i}", name, entered, q, f"Aster {i}.0")
            )
        for i, entered in enumerate((date(2026, 3, 1), date(2026, 6, 15), date(2026, 9, 9))):
            waited = (AS_OF - entered).days / DAYS_PER_MONTH
            rows.append(
                HeadwayRow(
                    domain,
                    f"new-{domain}-{i}",
                    f"Closed new {i}",
                    entered,
                    Quantity(
                        waited,
                        "months",
                        Interval(waited, math.inf, 0.9, "eti"),
                        12,
                        6,
                        "censored",
                    ),
                    None,
                )
            )
    return tuple(rows)


def drivers_frame(points: pl.DataFrame) -> pl.DataFrame:
    rows = []
    for domain in ("cyber", "coding", "general"):
        for group in ("open_weight", "closed_public", "closed_restricted"):
            top = (
                points.filter((pl.col("domain") == domain) & (pl.col("group") == group))
                .sort("ability", descending=True)
                .head(4)
            )
            for p, row in zip((0.61, 0.22, 0.12, 0.03), top.iter_rows(named=True), strict=False):
                rows.append((domain, group, row["model_version"], row["name"], p))
    return pl.DataFrame(rows, schema=FRAMES["drivers"], orient="row")


def sources_frame() -> pl.DataFrame:
    rows = [
        (
            f"source-{i}",
            f"A public panel of results, no. {i}" if i else '<b onclick="x()">Panel</b>',
            f"Publisher {i % 4}",
            "javascript:alert(1)" if i == 1 else f"https://example.org/panel/{i}",
            ("CC-BY-4.0", "MIT", "none stated")[i % 3],
            ("ship", "ship", "cite_facts", "connector_only")[i % 4],
            f"Publisher {i % 4} (2026). A public panel of results, no. {i}.",
            0 if i % 4 == 3 else 37 * (i + 1),
            [["cyber"], ["coding", "general"], ["general"], []][i % 4],
        )
        for i in range(9)
    ]
    return pl.DataFrame(rows, schema=FRAMES["sources"], orient="row")


def studies() -> dict[str, Any]:
    """Invented results of the slow studies, with every case: misses, no answer, an open end."""

    def coverage(definition: str, share: float | None, bias: float | None) -> dict[str, Any]:
        return {
            "definition": definition,
            "n": 0 if share is None else 412,
            "coverage": share,
            "bias": bias,
            "allowed_bias": None if share is None else 1.2,
            "width": None if share is None else 6.1,
            "width_ratio": None if share is None else 1.1,
            "refused": 1.0 if share is None else 0.124,
        }

    base = {"cyber": 8.7, "coding": 5.4, "general": 6.31}
    priors = {
        "default": 0.0,
        "parallel_trends": 0.1,
        "no_domain_offsets": -2.6,
        "trends_twice_as_free": 0.4,
        "trends_half_as_free": -0.3,
        "scales_less_informed": 0.2,
        "a_prior_without_a_name": -0.1,
    }
    missing = Quantity.not_estimable("months", "too_few_open:2<3")
    sensitivity = []
    for prior, moved in priors.items():
        for domain, value in base.items():
            at = value + moved * (1.0 if domain == "cyber" else 0.2)
            high = math.inf if prior == "trends_twice_as_free" else at + 2.6
            lag = Quantity(
                at, "months", Interval(at - 2.2, high, 0.9, "eti"), 40, 11, "estimated", ()
            )
            if prior == "trends_half_as_free" and domain == "coding":
                lag = missing
            sensitivity.append(
                {"prior": prior, "domain": domain, "stage": None, "lag": lag.to_json()}
            )
        sensitivity.append(
            {"prior": prior, "domain": "cyber", "stage": "exploit", "lag": missing.to_json()}
        )
    rho = Quantity(
        0.9731,
        "rank correlation",
        Interval(0.951, 0.982, 0.9, "bootstrap"),
        120,
        18,
        "estimated",
    )
    return {
        "worlds": 100,
        "seed": 20261123,
        "level": 0.9,
        "coverage": {
            "by_definition": [
                coverage("gap", 0.91, 0.21),
                coverage("headway_months", 0.97, -0.4),
                coverage("lag_at_record", 0.846, 0.1),
                coverage("lag_mean_12m", 0.913, -0.16),
                coverage("lag_now", 0.952, 1.9),
                coverage("lag_trend", None, None),
            ]
        },
        "sensitivity": sensitivity,
        "index": {"rank_correlation": rho.to_json(), "scatter_sd": 3.3, "covered": 0.71},
    }


def content(per_domain: int = 60, *, hostile: bool = True, seed: int = 3) -> ReportContent:
    """A full report content; ``per_domain`` models in each of three domains."""
    rng = np.random.default_rng(seed)
    points = points_frame(rng, per_domain, hostile)
    headline, lags, evidence = lag_rows()
    scale = {
        domain: ScaleFacts(
            (Anchor("model-8", "Aster 1.8", 70.0), Anchor("model-30", "Borea 4.0", 100.0)),
            odds,
            points_per_logit=10 / math.log(odds),
        )
        for domain, odds in (("cyber", 2.1), ("coding", 2.4), ("general", 2.0))
    }
    return ReportContent(
        data_release="2026-11-23",
        data_through=AS_OF,
        as_of=AS_OF,
        code_version="0.1.0",
        seed=20261123,
        level=0.9,
        provenance={
            "rows_hash": "5f" * 32,
            "options": {"definition": "lag_mean_12m", "draws": 2000, "evidence": "all"},
            "numeric_libraries": {"numpy": "2.4", "scipy": "1.17"},
        },
        headline=headline,
        lags=lags,
        evidence=evidence,
        scale=scale,
        points=points,
        frontier=frontier_frame(points),
        history=history_frame(),
        survival=survival_frame(),
        headways=headway_rows(),
        drivers=drivers_frame(points),
        warnings=(
            ReportWarning("pseudo_vintage", {"share": 0.34}),
            ReportWarning("beyond_data", {"as_of": "2026-10-31", "data_through": "2026-10-01"}),
            ReportWarning("first_party_share", {"domain": "coding", "share": 0.61}),
        ),
        sources=sources_frame(),
        counts={"models": per_domain, "scores": 3120, "benchmarks": 74, "sources": 9},
        studies=studies(),
    ).check()
