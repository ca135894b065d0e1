"""Invented evidence with effects of known size; nothing here is a measurement.

Another generator than the ability model: abilities rise in a straight line with heavy-tailed
deviations, items differ in steepness, set-ups shift whole panels, counts are binomial.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from headway.estimate.capability import CapabilityFit, Evidence, fit_capability, select_evidence

#: Families whose kind is known, four of each.
AGENTIC = ("osworld", "theagentcompany", "balrog", "toolathlon")
ANSWER = ("gpqa", "mmlu", "simpleqa", "hle")
START = date(2023, 1, 1)


@dataclass(frozen=True)
class Sizes:
    """Effects in logits."""

    first_party: float = 0.0
    competitor: float = 0.0
    held_out_open: float = 0.0
    age_open: float = 0.0
    agentic_open: float = 0.0
    distilled_held_out: float = 0.0
    selection: float = 0.0


@dataclass(frozen=True)
class World:
    """Tables of an invented release, and the truth."""

    tables: dict[str, pl.DataFrame]
    sizes: Sizes
    theta: dict[str, float]

    def evidence(self) -> Evidence:
        return select_evidence(
            self.tables["scores"], self.tables["benchmarks"], self.tables["model_versions"]
        )

    def fit(self) -> CapabilityFit:
        return fit_capability(self.evidence())


def make_world(
    rng: np.random.Generator, sizes: Sizes, *, labs: int = 14, per_lab: int = 6, benches: int = 16
) -> World:
    """One domain, half of the labs open, half of the benchmarks held out, half agentic."""
    models: list[dict[str, Any]] = []
    for lab in range(labs):
        strength = rng.normal(0, 0.2)
        for i in range(per_lab):
            is_open = lab % 2 == 0
            day = START + timedelta(days=int(rng.uniform(0, 1250)))
            year = (day - START).days / 365.25
            theta = 1.5 * year - (0.8 if is_open else 0.0) + strength
            theta += 0.35 * rng.standard_t(4) / np.sqrt(2)
            models.append(
                {
                    "model_version": f"m-{lab:02d}-{i}",
                    "lab": f"lab-{lab:02d}",
                    "released": day,
                    "open_weight": is_open,
                    "theta": theta,
                    "distilled": bool(rng.random() < 0.4) if rng.random() < 0.8 else None,
                }
            )
    benchmarks = []
    for b in range(benches):
        year = rng.uniform(-0.5, 2.5)
        family = (AGENTIC if b % 2 else ANSWER)[(b // 2) % 4]
        benchmarks.append(
            {
                "benchmark": f"{family}-{b:02d}",
                "family": family,
                "held": (b // 2) % 2 == 1,
                "agentic": b % 2 == 1,
                "released": START + timedelta(days=int(365.25 * year)),
                "k": 1.5 * (year + rng.uniform(0, 1.5)),
                "a": float(np.exp(rng.normal(0, 0.3))),
            }
        )
    setups: dict[tuple[str, str], float] = {}
    scores: list[dict[str, Any]] = []
    for m in models:
        for b in benchmarks:
            # what decides who is evaluated may be seen in the score too
            luck = rng.standard_normal()
            fit = (m["theta"] - b["k"]) / 2
            recent = abs((m["released"] - b["released"]).days / 365.25 - 0.7)
            if luck + 0.5 - 0.5 * abs(fit) - 0.6 * recent < 0:
                continue
            contrast = 0.5 if m["open_weight"] else -0.5
            age = min(max((m["released"] - b["released"]).days / 365.25, 0.0), 2.0)
            eta = b["a"] * (m["theta"] - b["k"]) + 0.2 * rng.standard_normal()
            eta += sizes.held_out_open * contrast * b["held"]
            eta += sizes.agentic_open * contrast * b["agentic"]
            eta += sizes.age_open * contrast * age
            eta += sizes.distilled_held_out * bool(m["distilled"]) * b["held"]
            eta += sizes.selection * luck
            tellers = ["academic"]
            tellers += ["first_party"] if rng.random() < 0.35 else []
            tellers += ["competitor"] if rng.random() < 0.25 else []
            for who in tellers:
                panel = f"{who}-{m['lab']}" if who == "first_party" else who
                key = (b["benchmark"], panel)
                shift = setups.setdefault(key, 0.15 * rng.standard_normal())
                told = eta + shift + 0.1 * rng.standard_normal()
                told += sizes.first_party * (who == "first_party")
                told += sizes.competitor * (who == "competitor")
                n = 200
                value = rng.binomial(n, 1 / (1 + np.exp(-told))) / n
                scores.append(_score(len(scores), m, b, who, panel, value, n))
    return World(
        _tables(models, benchmarks, scores), sizes, {m["model_version"]: m["theta"] for m in models}
    )


def _score(
    i: int, m: dict[str, Any], b: dict[str, Any], who: str, panel: str, value: float, n: int
) -> dict[str, Any]:
    return {
        "score_id": f"s{i:05d}",
        "model_version": m["model_version"],
        "effort": None,
        "benchmark": b["benchmark"],
        "panel": panel,
        "scaffold": None,
        "token_budget": None,
        "attempts": None,
        "score": value,
        "value": value,
        "unit": "proportion",
        "n": n,
        "stderr": None,
        "read_error_sd": None,
        "known_on": m["released"],
        "pseudo_vintage": False,
        "evaluator": panel,
        "evaluator_relationship": who,
        "use": "fit",
        "use_reason": None,
        "source": "synthetic",
        "source_url": "https://example.org/results",
    }


def _tables(
    models: list[dict[str, Any]], benchmarks: list[dict[str, Any]], scores: list[dict[str, Any]]
) -> dict[str, pl.DataFrame]:
    frame = pl.DataFrame(
        scores,
        schema_overrides={
            "effort": pl.String,
            "scaffold": pl.String,
            "token_budget": pl.Float64,
            "attempts": pl.Int64,
            "stderr": pl.Float64,
            "read_error_sd": pl.Float64,
            "use_reason": pl.String,
        },
    )
    versions = pl.DataFrame(
        [
            {
                **{
                    k: m[k]
                    for k in ("model_version", "lab", "released", "open_weight", "distilled")
                },
                "open_weight_basis": "stated",
                "distilled_confidence": None if m["distilled"] is None else "high",
            }
            for m in models
        ],
        schema_overrides={"distilled": pl.Boolean, "distilled_confidence": pl.String},
    )
    bench = pl.DataFrame(
        [
            {
                "benchmark": b["benchmark"],
                "family": b["benchmark"],
                "domain": "general",
                "stage": None,
                "chance": 0.0,
                "ceiling": 1.0,
                "released": b["released"],
                "item_access": "private" if b["held"] else "public",
                "aggregate_of": None,
                "role": "fit",
                "kind_family": b["family"],
            }
            for b in benchmarks
        ],
        schema_overrides={"stage": pl.String, "aggregate_of": pl.String},
    ).with_columns(pl.col("kind_family").alias("family"))
    access = pl.DataFrame(
        [
            {
                "model_version": m["model_version"],
                "access": "open_weight" if m["open_weight"] else "api",
                "from": m["released"],
                "basis": "stated",
                "precision": "day",
            }
            for m in models
        ]
    )
    return {"scores": frame, "benchmarks": bench, "model_versions": versions, "access": access}
