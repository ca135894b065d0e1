"""Public against held-out items, by access class: the matched comparison and its examples."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import polars as pl

from headway.estimate.lag.effects.columns import contrast
from headway.estimate.lag.effects.matched import comparable
from headway.estimate.lag.effects.rows import EffectRow, at_half
from headway.estimate.lag.effects.twoway import TwoWay, two_way
from headway.result import Quantity
from headway.tables.schemas import DOMAINS

__all__ = ["class_gaps", "panel_contrasts", "public_held_out"]

_HELD = ["semi_private", "private"]


def _known(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of models of known class on benchmarks whose item access is known."""
    return rows.filter(
        pl.col("item_access").is_in([*_HELD, "public"]) & pl.col("open_weight").is_not_null()
    ).with_columns(pl.col("item_access").is_in(_HELD).alias("held"))


def _both_kinds(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of models that have public and held-out rows in the domain."""
    by = ["model_version", "domain"]
    return rows.filter(pl.col("held").any().over(by) & (~pl.col("held")).any().over(by))


def public_held_out(
    rows: pl.DataFrame, ability: pl.DataFrame, *, level: float, reps: int, rng: np.random.Generator
) -> list[EffectRow]:
    """(open - closed on public items) - (open - closed on held-out items), matched.

    Fixed effects of (model, domain) and benchmark, a steepness per benchmark; labs are resampled.
    Positive: open models look closer on public items. ``ability`` as in
    :func:`~headway.estimate.lag.effects.matched.comparable`.
    """
    shown = _both_kinds(_known(rows.filter(pl.col("unit") == "proportion")))
    told = _both_kinds(comparable(_known(rows), ability))
    out = []
    for domain in (None, *DOMAINS):
        part = told if domain is None else told.filter(pl.col("domain") == domain)
        estimate = _missing(part)
        if estimate is None:
            found = _fit(part, reps, rng)
            estimate = found.quantity("held_out_open", level=level, sign=-1.0)
        out.append(
            EffectRow(
                "held_out",
                "public_less_held_out",
                "matched",
                estimate,
                domain=domain,
                points=at_half(estimate),
                examples=panel_contrasts(
                    shown if domain is None else shown.filter(pl.col("domain") == domain), 4
                ),
            )
        )
    return out


def _missing(part: pl.DataFrame, least: int = 3) -> Quantity | None:
    """Why the comparison cannot be made: too few models of a class that have both."""
    models = part.unique("model_version")
    for name, is_open in (("open", True), ("closed", False)):
        count = int((models["open_weight"] == is_open).sum())
        if count < least:
            return Quantity.not_estimable(
                "logits", f"too_few_{name}:{count}<{least}", n=len(part), n_clusters=0
            )
    return None


def _fit(part: pl.DataFrame, reps: int, rng: np.random.Generator) -> TwoWay:
    x = part.select((pl.col("held").cast(pl.Float64) * contrast()).alias("x")).to_numpy()
    group = (part["model_version"] + "/" + part["domain"]).to_list()
    return two_way(
        part["y"].to_numpy(),
        group,
        part["benchmark"].to_list(),
        x,
        ["held_out_open"],
        part["lab"].to_list(),
        slopes=part["ability"].to_numpy(),
        reps=reps,
        rng=rng,
    )


def class_gaps(
    rows: pl.DataFrame, ability: pl.DataFrame, *, level: float, reps: int, rng: np.random.Generator
) -> list[EffectRow]:
    """Open minus closed at one release date, on public and on held-out items, per domain.

    Least squares on benchmark effects, a straight line in the release date, the class, and the
    class on held-out items, over the models that have both. Without model effects (the class is
    part of them) this is a description of who was measured, not a lag.
    """
    told = _both_kinds(comparable(_known(rows), ability)).filter(pl.col("released").is_not_null())
    out = []
    for domain in DOMAINS:
        part = told.filter(pl.col("domain") == domain)
        estimate = _missing(part)
        pair: dict[str, Quantity] = {}
        if estimate is None:
            found = _gap_fit(part, reps, rng)
            pair = {
                "gap_public": found.quantity("open", level=level),
                "gap_held_out": found.quantity("open_held", level=level),
            }
        for measure in ("gap_public", "gap_held_out"):
            told_gap = pair.get(measure) or estimate
            assert told_gap is not None
            out.append(
                EffectRow(
                    "held_out",
                    measure,
                    "matched",
                    told_gap,
                    domain=domain,
                    points=at_half(told_gap),
                )
            )
    return out


def _gap_fit(part: pl.DataFrame, reps: int, rng: np.random.Generator) -> TwoWay:
    years = (part["released"] - part["released"].min()).dt.total_days().to_numpy() / 365.25
    is_open = part["open_weight"].cast(pl.Float64).to_numpy()
    held = part["held"].cast(pl.Float64).to_numpy()
    # one column per kind of item, so that each gap is a coefficient
    x = np.column_stack([is_open * (1 - held), is_open * held, years])
    return two_way(
        part["y"].to_numpy(),
        [""] * len(part),
        part["benchmark"].to_list(),
        x,
        ["open", "open_held", "years"],
        part["lab"].to_list(),
        reps=reps,
        rng=rng,
        absorb=False,
    )


def panel_contrasts(part: pl.DataFrame, count: int) -> tuple[dict[str, Any], ...]:
    """Pairs of one open and one closed model in one panel, on a public and a held-out benchmark.

    Both benchmarks are of one domain, and of one stage where the domain has stages.

    Parameters
    ----------
    part : frame
        Rows of :func:`public_held_out`.
    count : int
        The largest differences of differences in points are kept.
    """
    found: list[tuple[float, dict[str, Any]]] = []
    for (panel, domain, _), rows in part.group_by(
        ["panel", "domain", "stage"], maintain_order=True
    ):
        best: dict[tuple[str, str], Mapping[str, Any]] = {}
        for row in rows.sort("score_id").to_dicts():
            best.setdefault((row["model_version"], row["benchmark"]), row)
        models = {m: best[m, b]["open_weight"] for m, b in best}
        benchmarks = {b: best[m, b]["held"] for m, b in best}
        opened = [m for m, o in models.items() if o]
        closed = [m for m, o in models.items() if not o]
        public = [b for b, h in benchmarks.items() if not h]
        held = [b for b, h in benchmarks.items() if h]
        # a panel of dozens of models is a collection, not a comparison under one set-up
        if len(models) > _PANEL_MODELS:
            continue
        for o, c, p, h in product(opened, closed, public, held):
            cells = [best.get(key) for key in ((o, p), (c, p), (o, h), (c, h))]
            if any(cell is None for cell in cells):
                continue
            op, cp, oh, ch = (100 * float(cell["score"]) for cell in cells if cell is not None)
            found.append(
                (
                    (op - cp) - (oh - ch),
                    {
                        "panel": panel,
                        "domain": domain,
                        "open_model": o,
                        "closed_model": c,
                        "public": {"benchmark": p, "open": op, "closed": cp, "gap": op - cp},
                        "held_out": {"benchmark": h, "open": oh, "closed": ch, "gap": oh - ch},
                        "difference": (op - cp) - (oh - ch),
                        "source_url": best[o, p]["source_url"],
                    },
                )
            )
    found.sort(key=lambda pair: -abs(pair[0]))
    return tuple(told for _, told in found[:count])


#: Most models of a panel that counts as one comparison.
_PANEL_MODELS = 12
