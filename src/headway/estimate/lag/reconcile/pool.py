"""Who could lead or follow, from when: one form for an index, a test, or the ability model."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from headway.estimate.lag.entrants import (
    BoolArray,
    Entrants,
    FloatArray,
    day_number,
    last_day_of_period,
)
from headway.estimate.lag.reconcile.choices import Choices

__all__ = [
    "CONSUMER_PARAMS_B",
    "Pool",
    "RegistryDates",
    "pool_of_scores",
    "registry_dates",
    "sides",
]

#: Total parameters of the largest models that fit one gaming GPU at four bits: up to 28 billion on
#: 24 GB, up to 40 billion on the 32 GB card of January 2025 (Epoch AI, 2025-08-15,
#: https://epoch.ai/data-insights/consumer-gpu-model-gap).
CONSUMER_PARAMS_B = ((date(2025, 1, 30), 40.0), (date.min, 28.0))
CHINA, UNITED_STATES = "China", "United States of America"
_PUBLIC = ("api", "hosted")
_ANY = ("api", "hosted", "restricted", "unreleased")


@dataclass(frozen=True, slots=True)
class Pool:
    """Models with scores and every date that a choice may ask for.

    Parameters
    ----------
    model : tuple of str
        Distinct names.
    lab : tuple of str
        Cluster of each.
    score : array, shape (n_draws, n_models)
    informative : array of bool, shape (n_models,)
    launch : array, shape (n_models,), days since 1970-01-01
        Public launch; ``inf`` if unknown.
    open_from, public_from, any_from : array, shape (n_models,), days
        Weights downloadable; first public closed use; first closed use by anybody. ``inf`` if
        never, and in the closed ones for a model whose weights followed.
    first_public, first_any : array, shape (n_models,), days
        First use of any kind, weights or not.
    is_open : array of bool, shape (n_models,)
    country : tuple of str or None
    params_b : array, shape (n_models,), billions
        ``nan`` if unknown.
    score_sd : array, shape (n_models,) or None
        Stated spread, the weight of a trend line's points.
    trend_point : array of bool, shape (n_models,) or None
        Points that the publisher's lines go through; ``None``: the records.
    dated_weights : bool
        Whether the days of access are known; else only launches are.
    """

    model: tuple[str, ...]
    lab: tuple[str, ...]
    score: FloatArray
    informative: BoolArray
    launch: FloatArray
    open_from: FloatArray
    public_from: FloatArray
    any_from: FloatArray
    first_public: FloatArray
    first_any: FloatArray
    is_open: BoolArray
    country: tuple[str | None, ...]
    params_b: FloatArray
    score_sd: FloatArray | None = None
    trend_point: BoolArray | None = None
    dated_weights: bool = True

    def __post_init__(self) -> None:
        n = len(self.model)
        assert len(set(self.model)) == n, "models must be distinct"
        assert self.score.shape[1] == n
        assert len(self.lab) == len(self.country) == n
        for one in (
            self.launch,
            self.open_from,
            self.public_from,
            self.any_from,
            self.first_public,
            self.first_any,
        ):
            assert one.shape == (n,) and not np.isnan(one).any()

    @property
    def central(self) -> FloatArray:
        """Median score of each model, shape (1, n_models)."""
        middle: FloatArray = np.median(self.score, axis=0)[None, :]
        return middle


@dataclass(frozen=True, slots=True)
class RegistryDates:
    """Days of one model of the registry, as numbers (``inf``: never or unknown)."""

    launch: float
    open_from: float
    public_from: float
    any_from: float
    first_public: float
    first_any: float
    country: str | None
    lab: str | None
    params_b: float


def registry_dates(model_versions: pl.DataFrame, access: pl.DataFrame) -> dict[str, RegistryDates]:
    """Every model's launch and access days from the tables of the release.

    A date known to the month or year counts from its last day; a model whose weights follow later
    never enters the closed side.
    """
    found: dict[str, dict[str, float]] = {}
    for row in access.select("model_version", "access", "from", "precision").iter_rows():
        name, kind, start, precision = row
        if kind == "unknown":
            continue
        days = day_number(last_day_of_period(start, precision))
        mine = found.setdefault(name, {})
        mine[kind] = min(mine.get(kind, math.inf), days)
    out = {}
    columns = (
        "model_version",
        "released",
        "released_precision",
        "country",
        "lab",
        "total_params_b",
    )
    for name, released, precision, country, lab, params in model_versions.select(
        *columns
    ).iter_rows():
        mine = found.get(name, {})
        launch = (
            math.inf
            if released is None
            else day_number(last_day_of_period(released, precision or "day"))
        )
        weights = mine.get("open_weight", math.inf)
        public = min((mine[k] for k in _PUBLIC if k in mine), default=math.inf)
        anyone = min((mine[k] for k in _ANY if k in mine), default=math.inf)
        out[name] = RegistryDates(
            launch=launch,
            open_from=weights,
            public_from=math.inf if math.isfinite(weights) else public,
            any_from=math.inf if math.isfinite(weights) else anyone,
            first_public=min(weights, public),
            first_any=min(weights, anyone),
            country=country,
            lab=lab,
            params_b=math.nan if params is None else float(params),
        )
    return out


def pool_of_scores(
    rows: Sequence[tuple[str, float]],
    known: Mapping[str, RegistryDates],
    *,
    spread: Sequence[float] | None = None,
    draws: int = 0,
    rng: np.random.Generator | None = None,
) -> Pool:
    """A pool of registry models with one score each.

    Parameters
    ----------
    rows : sequence of (model version, score)
    known : mapping
        From :func:`registry_dates`.
    spread : sequence of float, optional
        Standard deviation of each score (reading error); with ``draws`` the scores are drawn,
        independent and normal.
    draws : int
    rng : Generator
        Needed with ``draws``.
    """
    score = np.array([value for _, value in rows], dtype=np.float64)[None, :]
    if draws:
        assert rng is not None and spread is not None
        score = score + np.asarray(spread) * rng.standard_normal((draws, score.shape[1]))
    facts = [known[name] for name, _ in rows]

    def column(name: str) -> FloatArray:
        return np.array([getattr(fact, name) for fact in facts], dtype=np.float64)

    open_from = column("open_from")
    return Pool(
        model=tuple(name for name, _ in rows),
        lab=tuple(fact.lab or f"?{name}" for (name, _), fact in zip(rows, facts, strict=True)),
        score=score,
        informative=np.ones(score.shape[1], dtype=bool),
        launch=column("launch"),
        open_from=open_from,
        public_from=column("public_from"),
        any_from=column("any_from"),
        first_public=column("first_public"),
        first_any=column("first_any"),
        is_open=np.isfinite(open_from),
        country=tuple(fact.country for fact in facts),
        params_b=column("params_b"),
        score_sd=None if spread is None else np.asarray(spread, dtype=np.float64),
    )


def sides(pool: Pool, choices: Choices) -> Entrants:
    """Followers and leaders with their entry days: the choices of groups, dates and frontier.

    Returns
    -------
    Entrants
        ``open_from`` are the followers' days, ``closed_public_from`` the leaders'; a model may be
        on both sides only with ``consumer_all``.
    """
    if choices.dates == "launch":
        follower_day = np.where(pool.is_open, pool.launch, np.inf)
        closed = pool.public_from if choices.frontier == "public" else pool.any_from
        leader_day = np.where(np.isfinite(closed) & np.isfinite(pool.launch), pool.launch, closed)
    else:
        follower_day = pool.open_from
        leader_day = pool.public_from if choices.frontier == "public" else pool.any_from
    if choices.groups != "open_closed":
        first = pool.first_public if choices.frontier == "public" else pool.first_any
        if choices.dates == "launch":
            first = np.where(np.isfinite(first) & np.isfinite(pool.launch), pool.launch, first)
        if choices.groups == "china_us":
            country = np.array([c or "" for c in pool.country])
            follower_day = np.where(country == CHINA, first, np.inf)
            leader_day = np.where(country == UNITED_STATES, first, np.inf)
        else:
            follower_day = np.where(_fits_consumer(pool, follower_day), follower_day, np.inf)
            leader_day = first
    return Entrants(
        model_version=pool.model,
        lab=pool.lab,
        open_from=np.asarray(follower_day, dtype=np.float64),
        closed_public_from=np.asarray(leader_day, dtype=np.float64),
        closed_any_from=np.asarray(leader_day, dtype=np.float64),
        ability=pool.score,
        informative=pool.informative,
    )


def _fits_consumer(pool: Pool, day: FloatArray) -> BoolArray:
    """Whether a model's weights fit one gaming GPU of its own day."""
    limit = np.full(len(pool.model), CONSUMER_PARAMS_B[-1][1])
    for start, largest in reversed(CONSUMER_PARAMS_B[:-1]):
        limit = np.where(day >= day_number(start), largest, limit)
    fits: BoolArray = np.nan_to_num(pool.params_b, nan=np.inf) <= limit
    return fits


def with_registry_days(
    pool: Pool, versions: Sequence[str | None], known: Mapping[str, RegistryDates]
) -> Pool:
    """The pool with the access days of the registry where a model is known there.

    A model whose publisher calls it closed but whose weights are out by the registry becomes open on
    that day; models unknown to the registry keep their publisher's day.
    """
    fields = ("open_from", "public_from", "any_from", "first_public", "first_any")
    new = {name: getattr(pool, name).copy() for name in fields}
    is_open = pool.is_open.copy()
    for i, version in enumerate(versions):
        fact = known.get(version) if version else None
        if fact is None or not math.isfinite(fact.first_any):
            continue
        for name in fields:
            new[name][i] = getattr(fact, name)
        is_open[i] = math.isfinite(fact.open_from)
    return replace(pool, **new, is_open=is_open)
