"""What would change a forecast: one assumption moved at a time, on the same random numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.estimate.lag.forecast.components import (
    COMPONENTS,
    UNCHANGED,
    Change,
    Simulated,
    forecasts,
    usual_jump,
)
from headway.estimate.lag.forecast.situation import Target
from headway.estimate.lag.forecast.waiting import Waiting
from headway.estimate.lag.forecast.weights import Rule

__all__ = ["PACES", "PAUSES", "Changed", "changed", "combined"]

#: Open progress at half and at twice its pace.
PACES = (0.5, 2.0)
#: Months without any open release.
PAUSES = (3.0, 6.0, 12.0)


@dataclass(frozen=True, slots=True)
class Changed:
    """A forecast under a change.

    ``change``: ``plain_pool`` (equal weights, no correction learned from the past), ``pace``, ``only`` (one component), ``target_ability`` (at a quantile),
    ``record_now`` (an open record of the usual size today) or ``pause``. ``value``: the factor, the
    quantile, the months, or the name of the component; ``None`` for ``plain_pool`` and
    ``record_now``.
    """

    change: str
    value: float | str | None
    waiting: Waiting


def combined(
    simulated: Simulated, target: Target, rule: Rule, change: Change = UNCHANGED
) -> Waiting | None:
    """The pool of the components under a change; ``None`` if there is none."""
    parts = forecasts(simulated, target, change)
    return rule.apply(parts, COMPONENTS) if parts else None


def changed(simulated: Simulated, target: Target, rule: Rule) -> list[Changed]:
    """The forecast under every change that means something here."""
    plain = Rule.equal(len(COMPONENTS))
    found: list[tuple[str, float | str | None, Waiting | None]] = [
        ("plain_pool", None, combined(simulated, target, plain))
    ]
    found += [
        ("pace", pace, combined(simulated, target, rule, Change(pace=pace))) for pace in PACES
    ]
    found += [("only", name, part) for name, part in forecasts(simulated, target).items()]
    # the place of the target among the models, apart from where the whole scale lies in a draw
    entrants = simulated.past.pair.entrants
    centre = entrants.ability[:, entrants.informative].mean(axis=1)
    place = target.ability - centre
    for p in (0.05, 0.95):
        at = Change(ability=centre + float(np.quantile(place, p)))
        found.append(("target_ability", p, combined(simulated, target, rule, at)))
    jump = Change(jump=usual_jump(simulated.past))
    found.append(("record_now", None, combined(simulated, target, rule, jump)))
    found += [
        ("pause", months, combined(simulated, target, rule, Change(not_before=months)))
        for months in PAUSES
    ]
    return [Changed(name, value, waiting) for name, value, waiting in found if waiting is not None]
