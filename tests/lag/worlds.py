"""Small hand-made worlds and random ones for the tests of lags."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from headway.estimate.lag import Entrants
from headway.estimate.lag.entrants import day_number

MONTH = 30.4375
START = date(2024, 1, 1)


def after(days: int) -> date:
    """The day so many days after the start of the small worlds."""
    return START + timedelta(days=days)


def entrants(
    opens: dict[str, tuple[int, float | list[float]]],
    closeds: dict[str, tuple[int, float | list[float]]],
    *,
    restricted: dict[str, tuple[int, float | list[float]]] | None = None,
    labs: dict[str, str] | None = None,
    uninformative: tuple[str, ...] = (),
    start: date = START,
) -> Entrants:
    """Models as ``name: (days after start, ability or one ability per draw)``."""
    groups = [opens, closeds, restricted or {}]
    names = [name for group in groups for name in group]
    days = np.array([day_number(start) + d for group in groups for d, _ in group.values()])
    draws = max(np.size(a) for group in groups for _, a in group.values()) if names else 1
    ability = np.empty((draws, len(names)))
    for i, value in enumerate(a for group in groups for _, a in group.values()):
        ability[:, i] = value
    kind = np.repeat([0, 1, 2], [len(group) for group in groups])
    return Entrants(
        model_version=tuple(names),
        lab=tuple((labs or {}).get(name, f"lab-{name}") for name in names),
        open_from=np.where(kind == 0, days, np.inf),
        closed_public_from=np.where(kind == 1, days, np.inf),
        closed_any_from=np.where(kind >= 1, days, np.inf),
        ability=ability,
        informative=np.array([name not in uninformative for name in names], dtype=bool),
    )


def random_world(
    rng: np.random.Generator,
    *,
    models: int = 120,
    labs: int = 16,
    draws: int = 100,
    lag_months: float = 8.0,
    slope: float = 0.12,
    lab_sd: float = 0.3,
    model_sd: float = 0.5,
    measure_sd: float = 0.3,
) -> tuple[Entrants, np.ndarray]:
    """Entrants with draws from the exact posterior, and the true abilities (models,).

    Open ability trails closed ability by ``lag_months`` on average; labs keep an effect.
    """
    span = 44 * MONTH
    share = rng.dirichlet(np.ones(labs))
    lab = np.concatenate([np.arange(labs), rng.choice(labs, size=models - labs, p=share)])
    is_open = lab % 2 == 0
    time = rng.uniform(0, span, models)
    trend = (time / MONTH - lag_months * is_open) * slope
    truth = trend + rng.normal(0, lab_sd, labs)[lab] + rng.normal(0, model_sd, models)
    variance = lab_sd**2 + model_sd**2
    weight = variance / (variance + measure_sd**2)
    seen = truth + measure_sd * rng.standard_normal(models)
    noise = np.sqrt(variance * (1 - weight)) * rng.standard_normal((draws, models))
    days = np.floor(time) + day_number(date(2023, 3, 1))
    never = np.full(models, np.inf)
    return (
        Entrants(
            model_version=tuple(f"m{i}" for i in range(models)),
            lab=tuple(f"lab{i}" for i in lab),
            open_from=np.where(is_open, days, never),
            closed_public_from=np.where(is_open, never, days),
            closed_any_from=np.where(is_open, never, days),
            ability=trend + weight * (seen - trend) + noise,
            informative=np.ones(models, dtype=bool),
        ),
        truth,
    )
