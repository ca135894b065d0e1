"""Measured points, and every configuration that each of them may have been."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from headway.estimate.deploy.architecture import Architecture
from headway.estimate.deploy.hardware import Hardware, precision_of
from headway.estimate.deploy.roofline import Efficiencies, prefill_time
from headway.estimate.deploy.serving import (
    Cases,
    Request,
    cases,
    layouts,
    prefill_tensor,
    serve,
    served_apart,
)

__all__ = ["ENGINES", "LIMITS", "PHASES", "Expanded", "Point", "expand", "rates", "reasons_of"]

Array = npt.NDArray[np.float64]

ENGINES = ("vllm", "sglang", "trtllm")
PHASES = (
    "prefill",
    "decode",
    "agg",
    "disagg",
    "agg-max",
    "mlperf-server",
    "mlperf-interactive",
    "single-stream",
)
#: Seconds per output token that a scenario of MLPerf inference v5.1 allows at its 99th percentile.
#: Not verified against the rules; used only to judge points of these phases, never for an answer.
LIMITS = {
    ("deepseek-v3", "mlperf-server"): 0.080,
    ("llama-3.1-405b", "mlperf-server"): 0.175,
    ("llama-3.1-405b", "mlperf-interactive"): 0.080,
}
#: Requests in flight per chip that a search over unstated concurrency tries.
_PER_CHIP = tuple(2.0**k for k in range(12))


@dataclass(frozen=True, slots=True)
class Point:
    """One measured point. ``None`` is unknown: it is searched for, never assumed.

    Parameters
    ----------
    point : str
        Its id.
    model, hardware, precision, phase : str
        Keys of the catalogue; one of :data:`PHASES`.
    isl, osl, conc : float or None
        Tokens in and out per request; requests in flight.
    chips : int or None
        All chips; ``prefill_chips`` of them only prefill (``disagg``).
    tensor, data, expert : int or None
        Layout, where it is stated.
    engine : str or None
        One of :data:`ENGINES`.
    measured_on : date or None
    per_chip : float
        Measured tokens/s/chip: output tokens, or input tokens in phase ``prefill``.
    series : str
        What shares a set-up with it: source, engine, precision, mode of the same cell.
    """

    point: str
    model: str
    hardware: str
    precision: str
    phase: str
    isl: float | None
    osl: float | None
    conc: float | None
    chips: int | None
    prefill_chips: int | None
    tensor: int | None
    data: int | None
    expert: int | None
    engine: str | None
    measured_on: date | None
    per_chip: float
    series: str


@dataclass(frozen=True)
class Expanded:
    """All configurations of all points.

    Parameters
    ----------
    cases : Cases
    point : array of int
        Which point each configuration belongs to.
    kind : array of int
        0 aggregated, 1 disaggregated, 2 decode alone, 3 prefill alone.
    slowest : array
        Seconds per output token that are allowed (infinite without a limit).
    n : int
        Points.
    """

    cases: Cases
    point: npt.NDArray[np.intp]
    kind: npt.NDArray[np.intp]
    slowest: Array
    n: int


def expand(
    points: Sequence[Point],
    models: dict[str, Architecture],
    chips: dict[str, Hardware],
) -> tuple[Expanded, list[str | None]]:
    """Configurations of points, and per point why it has none (``None`` if it has).

    An unstated layout is every layout that fits; an unstated concurrency (``agg-max``, ``decode``
    and limited scenarios) every power of two per chip; an unstated split of a disaggregated
    deployment every quarter.
    """
    model_keys, chip_keys = sorted({p.model for p in points}), sorted({p.hardware for p in points})
    requests: list[Request] = []
    owner: list[int] = []
    kinds: list[int] = []
    slowest: list[float] = []
    reasons: list[str | None] = []
    for i, p in enumerate(points):
        found, why = _requests(
            p,
            models[p.model],
            chips[p.hardware],
            model_keys.index(p.model),
            chip_keys.index(p.hardware),
        )
        reasons.append(why)
        for kind, request in found:
            requests.append(request)
            owner.append(i)
            kinds.append(kind)
            slowest.append(LIMITS.get((p.model, p.phase), np.inf))
    built = cases(requests, [models[k] for k in model_keys], [chips[k] for k in chip_keys])
    return (
        Expanded(
            built,
            np.array(owner, np.intp),
            np.array(kinds, np.intp),
            np.array(slowest),
            len(points),
        ),
        reasons,
    )


def reasons_of(
    points: Sequence[Point], models: dict[str, Architecture], chips: dict[str, Hardware]
) -> list[str | None]:
    """Why points have no configuration; ``None`` for those that have one."""
    return [_requests(p, models[p.model], chips[p.hardware], 0, 0)[1] for p in points]


def _requests(
    p: Point, model: Architecture, chip: Hardware, at_model: int, at_chip: int
) -> tuple[list[tuple[int, Request]], str | None]:
    """Configurations of one point as (kind, request), or why there is none."""
    precision = precision_of(p.precision)
    if p.isl is None or (p.osl is None and p.phase not in ("prefill", "decode")):
        return [], "lengths"
    if p.chips is None:
        return [], "chips"
    if p.conc is None and p.phase in ("agg", "disagg"):
        return [], "concurrency"
    small = prefill_tensor(model, chip, precision)
    if not small:
        return [], "memory"
    osl = 1.0 if p.osl is None else p.osl
    out = []
    splits: Sequence[int] = (0,)
    kind = {"decode": 2, "prefill": 3, "disagg": 1}.get(p.phase, 0)
    if kind == 1:
        step = max(small, 1)
        options = range(step, p.chips - step + 1, step)
        splits = (p.prefill_chips,) if p.prefill_chips else tuple(options)
    for before in splits:
        left = p.chips - before
        if left <= 0:
            continue
        if p.tensor is not None and kind == 0:
            data = p.data or 1
            copies = max(left // (p.tensor * data), 1)
            stated = [(p.tensor, data, p.expert or 1, copies)]
        else:
            stated = layouts(model, chip, left)
        conc = (p.conc,) if p.conc is not None else tuple(c * left for c in _PER_CHIP)
        if p.phase == "single-stream":
            conc = (1.0,)
        for tensor, data, expert, copies in stated:
            for flight in conc:
                out.append(
                    (
                        kind,
                        Request(
                            model=at_model,
                            chip=at_chip,
                            precision=precision,
                            tensor=tensor,
                            data=data,
                            expert=expert,
                            instances=copies,
                            isl=p.isl,
                            osl=osl,
                            conc=flight,
                            prefill_chips=before,
                            prefill_tensor=min(small, before) if before else 0,
                        ),
                    )
                )
    return out, None if out else "layout"


def rates(x: Expanded, e: Efficiencies) -> Array:
    """Tokens/s/chip of every configuration; 0 where it does not fit or breaks its limit."""
    c = x.cases
    with np.errstate(all="ignore"):
        together = serve(c, e)
        apart = served_apart(c, e) if (x.kind == 1).any() else together
        decode = together.running / c.size * c.osl * 0  # replaced below where it is asked for
        if (x.kind == 2).any():
            decode = _decode_alone(c, e)
        prefill = together.per_chip
        if (x.kind == 3).any():
            own = np.ones_like(c.isl)
            prefill = (
                c.isl
                / prefill_time(c.shapes, c.chips, c.layout, c.isl, own * 4, e)
                / c.layout.tensor
            )
    found = np.select(
        [x.kind == 0, x.kind == 1, x.kind == 2],
        [together.per_chip, apart.per_chip, decode],
        prefill,
    )
    slow = (x.kind == 0) & (1 / np.maximum(together.per_user, 1e-12) > x.slowest)
    return np.where(np.isfinite(found) & ~slow, found, 0.0)


def _decode_alone(c: Cases, e: Efficiencies) -> Array:
    """Decode with no prefill on the same chips."""
    from headway.estimate.deploy.roofline import decode_step

    running = np.minimum(c.conc / c.instances, c.capacity)
    step = decode_step(c.shapes, c.chips, c.layout, running, c.isl + c.osl / 2, e)
    found: Array = running * np.asarray(c.accepted) / step / c.layout.chips
    return found
