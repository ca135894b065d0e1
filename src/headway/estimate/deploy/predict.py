"""Predictions for a deployment that nobody measured: every layout at every load, and the best ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from headway.estimate.deploy.architecture import Architecture
from headway.estimate.deploy.calibrate import (
    REFERENCE,
    Calibration,
    efficiencies,
    of_engine,
)
from headway.estimate.deploy.hardware import Hardware, Precision
from headway.estimate.deploy.memory import check_context
from headway.estimate.deploy.points import ENGINES
from headway.estimate.deploy.serving import (
    Request,
    cases,
    layouts,
    prefill_tensor,
    serve,
    served_apart,
)

__all__ = ["LOADS", "Workload", "best", "evaluate", "frontier"]

#: Requests in flight that a search tries.
LOADS = tuple(float(2**k) for k in range(15))


@dataclass(frozen=True, slots=True)
class Workload:
    """What is asked of a deployment.

    Parameters
    ----------
    isl, osl : int
        Tokens in and out per request.
    accepted : float
        Tokens per decoding step: 1 without speculative decoding.
    prefix_hit : float
        Share of prompt tokens found in a prefix cache, 0-1.
    engine : str or None
    """

    isl: int
    osl: int
    accepted: float = 1.0
    prefix_hit: float = 0.0
    engine: str | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One configuration and what it does.

    Parameters
    ----------
    chips, tensor, data, expert, instances, prefill_chips : int
        The deployment; ``prefill_chips`` is 0 where prompts and answers share the chips.
    conc : float
        Requests in flight.
    per_chip, per_user : float
        Output tokens/s/chip; output tokens of one request over its time, its prompt included.
    prompt_share : float
        Share of the chips' time that prompts take.
    """

    chips: int
    tensor: int
    data: int
    expert: int
    instances: int
    prefill_chips: int
    conc: float
    per_chip: float
    per_user: float
    prompt_share: float

    @property
    def total(self) -> float:
        """Output tokens/s of the deployment."""
        return self.per_chip * self.chips


def evaluate(
    model: Architecture,
    chip: Hardware,
    precision: Precision,
    chips: int,
    load: Sequence[float],
    work: Workload,
    calibration: Calibration,
    *,
    apart: bool = True,
    through: date | None = None,
) -> list[Option]:
    """Every layout of ``chips`` chips at every load: those that hold all requests at once.

    Software is that of the last measured day unless ``through`` says otherwise.
    """
    chip.check(precision, mixture=bool(model.moe_layers))
    check_context(model, work.isl + work.osl)
    requests: list[Request] = []
    split: list[bool] = []
    small = prefill_tensor(model, chip, precision)
    before = [0]
    if apart and small and chips > small:
        # about eight splits, in whole prefill instances
        before += list(range(small, chips, small * max(chips // (8 * small), 1)))
    for first in before:
        for tensor, data, expert, copies in layouts(model, chip, chips - first):
            for conc in load:
                requests.append(
                    Request(
                        model=0,
                        chip=0,
                        precision=precision,
                        tensor=tensor,
                        data=data,
                        expert=expert,
                        instances=copies,
                        isl=work.isl,
                        osl=work.osl,
                        conc=conc,
                        prefill_chips=first,
                        prefill_tensor=small if first else 0,
                    )
                )
                split.append(first > 0)
    x = cases(requests, [model], [chip], accepted=work.accepted, prefix_hit=work.prefix_hit)
    engine = np.full(len(requests), ENGINES.index(work.engine) if work.engine else -1, np.intp)
    day = calibration.through if through is None else through
    years = np.full(len(requests), (day - REFERENCE).days / 365.25)
    e = efficiencies(calibration.values, engine, years)
    factor = np.exp(
        of_engine(calibration.values, "rate", engine)
        + calibration.shared(model.model, chip.hardware)
    )
    separate: npt.NDArray[np.bool_] = np.array(split)
    with np.errstate(all="ignore"):
        one, two = serve(x, e), served_apart(x, e)
    factor = factor * np.where(separate, np.exp(calibration.values["rate_apart"]), 1.0)

    def pick(name: str) -> npt.NDArray[np.float64]:
        found: npt.NDArray[np.float64] = np.where(separate, getattr(two, name), getattr(one, name))
        return found

    per_chip, per_user = pick("per_chip") * factor, pick("per_user") * factor
    share = pick("prompt_share")
    fits = (x.capacity >= 1) & np.isfinite(per_chip) & (per_chip > 0)
    return [
        Option(
            chips=chips,
            tensor=int(r.tensor),
            data=int(r.data),
            expert=int(r.expert),
            instances=int(r.instances),
            prefill_chips=int(r.prefill_chips),
            conc=r.conc,
            per_chip=float(per_chip[i]),
            per_user=float(per_user[i]),
            prompt_share=float(share[i]),
        )
        for i, r in enumerate(requests)
        if fits[i] and x.capacity[i] * r.instances >= r.conc
    ]


def best(
    options: Sequence[Option], *, conc: float | None = None, per_user: float = 0.0
) -> Option | None:
    """The option with most tokens per second at a load, or at any load with at least ``per_user``."""
    chosen = [o for o in options if (conc is None or o.conc == conc) and o.per_user >= per_user]
    return max(chosen, key=lambda o: o.total, default=None)


def frontier(options: Sequence[Option]) -> list[Option]:
    """Options that no other beats in both speed per user and tokens per second, fastest first."""
    out: list[Option] = []
    most = 0.0
    for option in sorted(options, key=lambda o: (-o.per_user, -o.total)):
        if option.total > most:
            out.append(option)
            most = option.total
    return out
