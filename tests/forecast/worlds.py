"""Invented histories of releases for the tests of forecasts."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from headway.estimate.lag import Entrants
from headway.estimate.lag.entrants import day_number

MONTH = 30.4375
START = date(2023, 1, 1)


def steady(
    rng: np.random.Generator,
    *,
    months: float = 36.0,
    lag: float = 8.0,
    per_year: float = 2.0,
    every: float = 1.3,
    draws: int = 200,
    noise: float = 0.1,
    labs: int = 6,
) -> tuple[Entrants, dict[str, float], date]:
    """Closed and open models on parallel lines, ``lag`` months apart, at irregular dates.

    Returns the entrants, the sizes of the open models in billions (they grow tenfold in two years),
    and the day until which releases run.
    """
    names, opened, closed, truth, lab = [], [], [], [], []
    sizes: dict[str, float] = {}
    for kind in ("open", "closed"):
        t = float(rng.uniform(0, every))
        while t < months:
            name = f"{kind}-{len(names):03d}"
            names.append(name)
            day = float(int(day_number(START) + t * MONTH))
            opened.append(day if kind == "open" else np.inf)
            closed.append(day if kind == "closed" else np.inf)
            behind = lag if kind == "open" else 0.0
            truth.append(per_year * (t - behind) / 12 + rng.normal(0, 0.15))
            lab.append(f"{kind}-lab-{len(names) % labs}")
            if kind == "open":
                sizes[name] = float(10 ** (1.0 + t / 24 + rng.normal(0, 0.25)))
            t += float(rng.exponential(every))
    ability = np.array(truth) + noise * rng.standard_normal((draws, len(names)))
    entrants = Entrants(
        model_version=tuple(names),
        lab=tuple(lab),
        open_from=np.array(opened),
        closed_public_from=np.array(closed),
        closed_any_from=np.array(closed),
        ability=ability,
        informative=np.ones(len(names), dtype=bool),
    )
    return entrants, sizes, START + timedelta(days=int(months * MONTH) + 1)


def until(entrants: Entrants, day: date) -> Entrants:
    """The entrants as known on an earlier day: later entries have not happened."""
    limit = day_number(day)
    here = np.minimum(entrants.open_from, entrants.closed_any_from) <= limit
    return entrants.keep(np.asarray(here))
