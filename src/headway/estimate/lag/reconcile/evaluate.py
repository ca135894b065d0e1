"""One function for every combination of choices: data set and rules in, lag in months out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.estimate.lag.frontier import frontier_pair
from headway.estimate.lag.reconcile.choices import Choices
from headway.estimate.lag.reconcile.datasets import HEADWAY, Materials, StatedLines
from headway.estimate.lag.reconcile.pool import Pool, sides
from headway.estimate.lag.reconcile.rules import Infeasible, forward_durations, lag_states
from headway.estimate.lag.states import NUMBER, summarise
from headway.result import Quantity

__all__ = ["Evaluated", "evaluate", "evaluate_pool", "panel_durations"]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A combination of choices and what it gives.

    Parameters
    ----------
    choices : Choices
    lag : Quantity
        Months. ``not_estimable`` with the reason where the combination cannot be computed.
    months : array, shape (n_draws,) or None
        Per draw, ``nan`` where the draw is no number; one entry for data without draws. ``None``
        where ``lag`` is not ``estimated``.
    """

    choices: Choices
    lag: Quantity
    months: np.ndarray | None

    @property
    def feasible(self) -> bool:
        """Whether the lag is a number, so that a path may pass here."""
        return self.months is not None

    @property
    def why(self) -> str | None:
        """The reason if it is not feasible, as a message key."""
        if self.feasible:
            return None
        return self.lag.notes[0] if self.lag.status == "not_estimable" else self.lag.status


def evaluate(choices: Choices, materials: Materials, *, level: float = 0.90) -> Evaluated:
    """The lag under any combination of choices.

    Parameters
    ----------
    choices : Choices
    materials : Materials
        From :func:`~headway.estimate.lag.reconcile.datasets.materials`.
    level : float
        Of the interval, where the data set has draws.

    Returns
    -------
    Evaluated
        Median and interval over draws where the data set has some, else the value alone. A line
        through the two records that a published series has is drawn; the ability model needs three.

    Raises
    ------
    NotFound
        No such data set.

    Notes
    -----
    ``headway`` uses the abilities fitted to all rows known today whatever ``as_of`` says: an earlier day
    cuts entries, not knowledge.
    """
    try:
        return _evaluate(choices, materials, level)
    except Infeasible as no:
        return Evaluated(choices, Quantity.not_estimable("months", no.why), None)


def _evaluate(choices: Choices, materials: Materials, level: float) -> Evaluated:
    if choices.data in materials.lines:
        return _of_lines(choices, materials.lines[choices.data])
    if choices.data in materials.panels:
        return _of_panel(choices, materials)
    return evaluate_pool(materials.pool(choices), choices, level=level)


def evaluate_pool(pool: Pool, choices: Choices, *, level: float = 0.90) -> Evaluated:
    """The lag of a pool of models.

    Raises
    ------
    Infeasible
        With what is missing.
    """
    own = choices.data == HEADWAY
    fewest = 3 if own else 1  # a published series is taken as its publisher counts it
    entrants = sides(pool, choices)
    states, pair = lag_states(
        entrants,
        choices,
        min_open=fewest,
        min_closed=fewest,
        trend_point=pool.trend_point,  # type: ignore[arg-type]  # a mask
        score_sd=pool.score_sd if pool.trend_point is not None else None,
        records=None if own or len(pool.score) == 1 else pool.central,
        fewest_records=3 if own else 2,
    )
    lag = summarise(states, level=level, n=pair.n, n_clusters=pair.n_clusters)
    months = np.where(states.code == NUMBER, states.value, np.nan)
    return Evaluated(choices, lag, months if lag.status == "estimated" else None)


def _of_lines(choices: Choices, lines: StatedLines) -> Evaluated:
    """Distance of two stated lines; nothing else can be asked of them."""
    if choices.rule == "step":
        raise Infeasible("not_in_data:rule")
    for name, allowed in (
        ("average", ("now",)),
        ("domain", ("general",)),
        ("items", ("all", "private")),
        ("irt", ("2pl",)),
        ("evaluator", ("all",)),
        ("groups", ("open_closed",)),
        ("dates", ("launch",)),
        ("frontier", ("restricted",)),
    ):
        if getattr(choices, name) not in allowed:
            raise Infeasible(f"not_in_data:{name}")
    slope = lines.slope_closed if choices.rule == "trend_closed" else lines.slope_open
    away = (choices.as_of - lines.at).days / 365.25
    gap = lines.gap + (lines.slope_closed - lines.slope_open) * away
    value = 12 * gap / slope
    lag = Quantity(value, "months", None, n=0, n_clusters=0, status="estimated")
    return Evaluated(choices, lag, np.array([value]))


def _of_panel(choices: Choices, materials: Materials) -> Evaluated:
    """Months until match, pooled over tests that have no common scale."""
    if choices.average != "mean_forward" or choices.rule != "step" or choices.matching != "reach":
        raise Infeasible("not_in_data:average")
    for name, allowed in (
        ("domain", ("general",)),
        ("items", ("all", "public")),
        ("irt", ("1pl", "2pl")),
        ("evaluator", ("all",)),
        ("groups", ("open_closed",)),
        ("dates", ("launch",)),
        ("frontier", ("public", "restricted")),
    ):
        if getattr(choices, name) not in allowed:
            raise Infeasible(f"not_in_data:{name}")
    found = panel_durations(choices, materials)
    if not len(found):
        raise Infeasible("no_matches")
    lag = Quantity(
        float(found.mean()), "months", None, n=len(found), n_clusters=0, status="estimated"
    )
    return Evaluated(choices, lag, np.array([float(found.mean())]))


def panel_durations(choices: Choices, materials: Materials) -> np.ndarray:
    """Months from each closed record to its match, over all tests of a panel."""
    parts = []
    for pool in materials.panels[choices.data].values():
        pair = frontier_pair(
            sides(pool, choices),
            frontier="public",
            as_of=choices.as_of,
            min_open=1,
            min_closed=1,
        )
        if not pair.missing:
            durations = forward_durations(pair, choices)[0]
            parts.append(durations[np.isfinite(durations)])
    return np.concatenate(parts) if parts else np.empty(0)
