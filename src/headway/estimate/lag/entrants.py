"""Who may define a frontier, and from which day.

Open entry is the day the weights can be downloaded; closed entry is the first use outside the
developer. A model whose weights follow later never enters a closed frontier, ``unknown`` access
enters neither.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from headway.errors import BadOption, BadValue, ColumnsMissing, UnknownModel

__all__ = [
    "FRONTIERS",
    "BoolArray",
    "Entrants",
    "FloatArray",
    "FrontierName",
    "IntArray",
    "date_of",
    "day_number",
    "entrants_from_access",
    "last_day_of_period",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

#: Which closed models count: those anybody can use, or those too that only a few may use.
FrontierName = Literal["public", "restricted"]
FRONTIERS: tuple[FrontierName, ...] = ("public", "restricted")

_EPOCH = date(1970, 1, 1)


def day_number(day: date) -> float:
    """Days since 1970-01-01."""
    return float((day - _EPOCH).days)


def date_of(days: float) -> date:
    """The calendar day of a finite day number (inverse of :func:`day_number`)."""
    return date.fromordinal(_EPOCH.toordinal() + math.floor(days))


@dataclass(frozen=True, slots=True)
class Entrants:
    """One column per model that may define a frontier; one row of ``ability`` per draw.

    Parameters
    ----------
    model_version : tuple of str
        Distinct ids.
    lab : tuple of str
        Cluster of each model; a model of unknown lab is a cluster of its own.
    open_from : array, shape (n_models,), days since 1970-01-01
        Day the weights can be downloaded; ``inf`` if never.
    closed_public_from : array, shape (n_models,), days
        First API or hosted use outside the developer; ``inf`` if never, and for every model whose
        weights followed later.
    closed_any_from : array, shape (n_models,), days
        The same with restricted models, and with unreleased ones on the day their results were
        published.
    ability : array, shape (n_draws, n_models)
        Higher is better; any unit. The draws of one row belong together.
    informative : array of bool, shape (n_models,)
        Only these define a frontier (posterior sd at most 0.7 of the prior sd).

    Raises
    ------
    BadValue
        A non-finite ability of an informative model, or a NaN date.
    """

    model_version: tuple[str, ...]
    lab: tuple[str, ...]
    open_from: FloatArray
    closed_public_from: FloatArray
    closed_any_from: FloatArray
    ability: FloatArray
    informative: BoolArray

    def __post_init__(self) -> None:
        count = len(self.model_version)
        assert len(set(self.model_version)) == count, "model versions must be distinct"
        assert len(self.lab) == count
        for dates in (self.open_from, self.closed_public_from, self.closed_any_from):
            assert dates.shape == (count,), dates.shape
            if np.isnan(dates).any():
                raise BadValue("an entry date is NaN; use inf for 'never'")
        assert self.ability.ndim == 2
        assert self.ability.shape[1] == count, self.ability.shape
        assert self.ability.shape[0] >= 1, "at least one draw"
        assert self.informative.shape == (count,)
        bad = ~np.isfinite(self.ability).all(axis=0) & self.informative
        if bad.any():
            names = [self.model_version[i] for i in np.flatnonzero(bad)[:5]]
            raise BadValue(
                f"ability must be finite for informative models; it is not for {', '.join(names)}",
                models=names,
            )

    @property
    def n_draws(self) -> int:
        """Number of joint draws of ability."""
        return int(self.ability.shape[0])

    def closed_from(self, frontier: FrontierName) -> FloatArray:
        """Closed entry days for one frontier.

        Raises
        ------
        BadOption
            Unknown frontier.
        """
        if frontier == "public":
            return self.closed_public_from
        if frontier == "restricted":
            return self.closed_any_from
        raise BadOption(f"frontier must be 'public' or 'restricted', got {frontier!r}")

    def keep(self, mask: BoolArray) -> Entrants:
        """The entrants where ``mask`` (n_models,) is true, with their draws."""
        index = np.flatnonzero(mask)
        return Entrants(
            model_version=tuple(self.model_version[i] for i in index),
            lab=tuple(self.lab[i] for i in index),
            open_from=self.open_from[index],
            closed_public_from=self.closed_public_from[index],
            closed_any_from=self.closed_any_from[index],
            ability=self.ability[:, index],
            informative=self.informative[index],
        )

    def with_ability(self, ability: FloatArray, informative: BoolArray) -> Entrants:
        """The same models and dates with the ability of another domain or stage."""
        return replace(self, ability=ability, informative=informative)


def last_day_of_period(day: date, precision: str) -> date:
    """A date known to the month or year counts from the last day of that period.

    Raises
    ------
    BadOption
        ``precision`` is none of ``day``, ``month``, ``year``.
    """
    if precision == "day":
        return day
    if precision == "month":
        return day.replace(day=calendar.monthrange(day.year, day.month)[1])
    if precision == "year":
        return date(day.year, 12, 31)
    raise BadOption(f"precision must be day, month or year, got {precision!r}")


def entrants_from_access(
    access: pl.DataFrame,
    model_versions: pl.DataFrame,
    order: Sequence[str],
    ability: FloatArray,
    informative: BoolArray,
    *,
    stated_only: bool = False,
    as_of: date | None = None,
    results_published: Mapping[str, date] | None = None,
) -> Entrants:
    """Entry days from the ``access`` table, for the models of a fit in its order.

    Parameters
    ----------
    access : frame
        Needs ``model_version``, ``access``, ``from``, ``basis``, ``precision``.
    model_versions : frame
        Needs ``model_version`` and ``lab``; a model without a lab is a cluster of its own.
    order : sequence of str, length n_models
        The columns of ``ability``.
    ability : array, shape (n_draws, n_models)
    informative : array of bool, shape (n_models,)
    stated_only : bool
        Leave out access that was inferred from a family name.
    as_of : date, optional
        Entries later than this day are dropped. The rule that a model with later weights never
        enters a closed frontier uses the whole table all the same.
    results_published : mapping of model version to date, optional
        Day on which an unreleased model's results were published; without an entry the ``from``
        of the access row is taken.

    Returns
    -------
    Entrants

    Raises
    ------
    ColumnsMissing
        A needed column is absent.
    UnknownModel
        ``order`` names a model that ``model_versions`` lacks.
    """
    _need(access, "access", ("model_version", "access", "from", "basis", "precision"))
    _need(model_versions, "model_versions", ("model_version", "lab"))
    labs: dict[str, str | None] = dict(
        zip(model_versions["model_version"], model_versions["lab"], strict=True)
    )
    absent = [name for name in order if name not in labs]
    if absent:
        raise UnknownModel(
            f"{len(absent)} models of the fit are not in model_versions: {', '.join(absent[:5])}",
            hint="headway data show model_versions",
            models=absent[:20],
        )
    place = {name: i for i, name in enumerate(order)}
    n = len(order)
    open_from = np.full(n, np.inf)
    public = np.full(n, np.inf)
    anyone = np.full(n, np.inf)
    limit = math.inf if as_of is None else day_number(as_of)
    published = results_published or {}
    has_weights = np.zeros(n, dtype=bool)
    for row in access.select("model_version", "access", "from", "basis", "precision").iter_rows():
        name, kind, start, basis, precision = row
        i = place.get(name)
        if i is None or kind == "unknown" or (stated_only and basis != "stated"):
            continue
        if kind == "unreleased" and name in published:
            start, precision = published[name], "day"
        days = day_number(last_day_of_period(start, precision))
        if kind == "open_weight":
            has_weights[i] = True
            open_from[i] = min(open_from[i], days)
            continue
        anyone[i] = min(anyone[i], days)
        if kind in ("api", "hosted"):
            public[i] = min(public[i], days)
    for dates in (public, anyone):
        dates[has_weights] = np.inf
    for dates in (open_from, public, anyone):
        dates[dates > limit] = np.inf
    return Entrants(
        model_version=tuple(order),
        lab=tuple(labs[name] or f"?{name}" for name in order),
        open_from=open_from,
        closed_public_from=public,
        closed_any_from=anyone,
        ability=np.asarray(ability, dtype=np.float64),
        informative=np.asarray(informative, dtype=bool),
    )


def _need(frame: pl.DataFrame, name: str, columns: tuple[str, ...]) -> None:
    """Raise ColumnsMissing naming what is there instead."""
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise ColumnsMissing(
            f"{name}: missing {', '.join(missing)}; got {', '.join(frame.columns)}",
            table=name,
            missing=missing,
        )
