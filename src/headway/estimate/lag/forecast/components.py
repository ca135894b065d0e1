"""The three forecasts of one target from one simulation, under any change of assumption."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from headway.errors import NotEnoughData
from headway.estimate.lag.entrants import FloatArray
from headway.estimate.lag.forecast.headway_waits import fit_waits, sample_waits
from headway.estimate.lag.forecast.paths import FuturePath, density_path, trend_path
from headway.estimate.lag.forecast.releases import first_passage, recent_records
from headway.estimate.lag.forecast.reporting import reporting_delays
from headway.estimate.lag.forecast.situation import History, Target
from headway.estimate.lag.forecast.waiting import Waiting
from headway.estimate.lag.survival import EraSurvival
from headway.result import DAYS_PER_MONTH

__all__ = [
    "COMPONENTS",
    "HORIZON_MONTHS",
    "UNCHANGED",
    "Change",
    "Simulated",
    "forecasts",
    "joined",
    "simulate",
    "usual_jump",
]

#: In the order of every array of weights.
COMPONENTS = ("trend", "survival", "density")
#: Forecasts say "later" beyond it.
HORIZON_MONTHS = 60.0
#: Least share of the draws still waiting that a component must cover.
MIN_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Simulated:
    """Everything random about one cell on one day; targets and changes only read it.

    Parameters
    ----------
    past : History
    trend, density : FuturePath or None
    curve : EraSurvival or None
    absent : dict of component to tuple of str
        Why a component is ``None``, as message keys.
    horizon : float, months
    delay : array, shape (n_draws,), months
        How long results take to come in.
    seed : int
        Of the waiting times drawn from ``curve``.
    """

    past: History
    trend: FuturePath | None
    density: FuturePath | None
    curve: EraSurvival | None
    absent: Mapping[str, tuple[str, ...]]
    horizon: float
    delay: FloatArray
    seed: int


@dataclass(frozen=True, slots=True)
class Change:
    """A change of assumption, for "what would change it".

    Parameters
    ----------
    pace : float
        Speed of open progress: rises of both paths are multiplied by it, further waits of the
        survival forecast divided.
    jump : array, shape (n_draws,), optional
        A record this far above the present open frontier comes at once.
    not_before : float, months
        Nothing open is released before; what was due by then comes then.
    ability : array, shape (n_draws,), optional
        Another level in place of the target's.
    """

    pace: float = 1.0
    jump: FloatArray | None = None
    not_before: float = 0.0
    ability: FloatArray | None = None


#: No change.
UNCHANGED = Change()


def simulate(
    past: History,
    params_b: Mapping[str, float],
    *,
    first_known: Mapping[str, float] | None = None,
    horizon: float = HORIZON_MONTHS,
    rng: np.random.Generator,
) -> Simulated:
    """Simulate the future of one cell once.

    Parameters
    ----------
    past : History
    params_b : mapping of model version to float
        Total parameters in billions, where known.
    first_known : mapping of model version to day number, optional
        Day of the first score of each open-weight model in the domain; see
        :func:`~headway.estimate.lag.forecast.reporting.reporting_delays`.
    horizon : float, months
    rng : Generator
        Each component has a stream of its own, so none depends on whether another was possible.
    """
    for_trend, for_density, for_curve, for_waits, for_delay = rng.spawn(5)
    absent: dict[str, tuple[str, ...]] = {}
    value, chance = reporting_delays(past, first_known)
    delay = np.asarray(for_delay.choice(value, size=past.n_draws, p=chance))

    def why(e: NotEnoughData) -> tuple[str, ...]:
        missing = e.context["missing"]
        assert isinstance(missing, list)
        return tuple(str(m) for m in missing)

    trend = density = curve = None
    try:
        trend = trend_path(past, delay=delay, horizon=horizon, rng=for_trend)
    except NotEnoughData as e:
        absent["trend"] = why(e)
    try:
        density = density_path(past, params_b, delay=delay, horizon=horizon, rng=for_density)
    except NotEnoughData as e:
        absent["density"] = why(e)
    try:
        curve = fit_waits(past, delay=delay, rng=for_curve)
    except NotEnoughData as e:
        absent["survival"] = why(e)
    seed = int(for_waits.integers(2**31))
    return Simulated(past, trend, density, curve, absent, horizon, delay, seed)


def forecasts(
    simulated: Simulated, target: Target, change: Change = UNCHANGED
) -> dict[str, Waiting]:
    """Waiting time by each component that the data carry.

    Draws in which the target is known to be reached have the same (past) date in every component;
    other months at most 0 are releases whose results are not in yet.

    Parameters
    ----------
    simulated : Simulated
    target : Target
    change : Change

    Returns
    -------
    dict of component to Waiting
        Months beyond the horizon are ``inf``.
    """
    past = simulated.past
    level = target.ability if change.ability is None else change.ability
    day = (
        target.reached_on
        if change.ability is None
        else past.open.first_day_at(level[:, None])[:, 0]
    )
    reached = np.isfinite(day)
    ago = (np.where(reached, day, past.now) - past.now) / DAYS_PER_MONTH
    out = {}
    for name in COMPONENTS:
        further = _further(simulated, target, level, name, change.pace)
        if further is None:
            continue
        if change.jump is not None:
            further = np.where(past.level + change.jump >= level, 0.0, further)
        further = np.maximum(further, change.not_before)
        further = np.where(further > simulated.horizon, np.inf, further)
        made = joined(ago, reached, further)
        if made is not None:
            out[name] = made
    return out


def usual_jump(past: History) -> FloatArray:
    """(n_draws,) median rise of the open frontier at its records of the last two years, logits.

    0 in draws without such a record.
    """
    rises = np.diff(past.open.level, axis=1, prepend=past.open.level[:, :1])
    recent = recent_records(past.open, past.now)
    count = recent.sum(axis=1)
    ascending = np.sort(np.where(recent, rises, np.inf), axis=1)
    rows = np.arange(len(count))
    # the median of the first ``count`` values; of none it is 0
    low = ascending[rows, np.maximum(count - 1, 0) // 2]
    high = ascending[rows, count // 2]
    return np.where(count > 0, (low + high) / 2, 0.0)


def _further(
    simulated: Simulated, target: Target, level: FloatArray, name: str, pace: float
) -> FloatArray | None:
    """Months from the day of issue where not reached yet; NaN in draws that cannot say."""
    past = simulated.past
    if name == "survival":
        if simulated.curve is None:
            return None
        rng = np.random.default_rng([simulated.seed, zlib.crc32(target.model_version.encode())])
        further = sample_waits(
            simulated.curve, target, now=past.now, delay=simulated.delay, rng=rng
        )
        return further / pace
    path = simulated.trend if name == "trend" else simulated.density
    if path is None:
        return None
    present = past.level[:, None]
    moved = path.level if pace == 1 else present + pace * (path.level - present)
    months = first_passage(moved, level, path.clock)
    return np.where(path.usable, months, np.nan)


def joined(ago: FloatArray, reached: np.ndarray, further: FloatArray) -> Waiting | None:
    """Past dates where reached, further months elsewhere; draws without an answer give way.

    Their weight goes to the other draws that still wait, so the probability of "reached" stays.
    """
    waiting = ~reached
    known = waiting & ~np.isnan(further)
    if waiting.any() and known.sum() < MIN_SHARE * waiting.sum():
        return None
    draws = len(ago)
    weight = np.where(reached, 1.0 / draws, 0.0)
    if known.any():
        weight = np.where(known, waiting.sum() / draws / known.sum(), weight)
    used = reached | known
    months = np.where(reached, np.minimum(ago, 0.0), further)
    return Waiting(months[used], weight[used])
