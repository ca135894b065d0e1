r"""Tokens per second of a deployment: aggregated or disaggregated, for every layout that fits.

Aggregated: prompts and answers share the chips. In the time of one answer every sequence needs one
prefill, so a request takes

.. math:: T = o\,t_\mathrm{decode}(B)/a + \mu\,b\,(1-h)\,t_\mathrm{prefill}

with o output tokens, b sequences per attention replica, a accepted tokens per step (speculative
decoding), h the share of the prompt found in a prefix cache, and :math:`\mu` the fitted cost of
mixing both. Disaggregated: prefill and decode run on chips of their own; the rate is what the
slower of the two and the number of requests in flight allow.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from headway.estimate.deploy.architecture import Architecture
from headway.estimate.deploy.hardware import Hardware, Precision
from headway.estimate.deploy.memory import (
    ACTIVATION_ROWS,
    RESERVE,
    USABLE,
    weight_bytes,
)
from headway.estimate.deploy.roofline import (
    CHUNK,
    Chips,
    Efficiencies,
    Layout,
    Shapes,
    decode_step,
    prefill_time,
)

__all__ = ["Cases", "Served", "layouts", "serve", "served_apart"]

Array = npt.NDArray[np.float64]
#: How sharply the slower of prefill and decode limits a disaggregated deployment (p of a p-norm).
_SHARPNESS = 4.0


@dataclass(frozen=True)
class Cases:
    """Configurations to evaluate, as arrays of equal length.

    Parameters
    ----------
    shapes, chips, layout
        What :mod:`headway.estimate.deploy.roofline` needs, one entry per configuration.
    isl, osl, conc : array
        Tokens in and out per request; requests in flight over the whole deployment.
    instances : array
        Copies of the layout (of its decode side where it is disaggregated).
    capacity : array
        Sequences of ``isl + osl`` tokens that fit into one instance.
    prefill_chips, prefill_tensor : array
        Chips that only prefill, and their tensor parallelism; 0 where it is aggregated.
    accepted, prefix_hit : array or float
        Tokens per decoding step; share of prompt tokens found in a prefix cache.
    """

    shapes: Shapes
    chips: Chips
    layout: Layout
    isl: Array
    osl: Array
    conc: Array
    instances: Array
    capacity: Array
    prefill_chips: Array
    prefill_tensor: Array
    accepted: Array | float = 1.0
    prefix_hit: Array | float = 0.0

    @property
    def size(self) -> Array:
        """Chips of the whole deployment."""
        return self.instances * self.layout.chips + self.prefill_chips


@dataclass(frozen=True)
class Served:
    """Output tokens per second and chip, and per sequence.

    Waiting before a request is taken up is not part of it: measured times to the first token are
    mostly that (4 to 17 times the prefill, the more so the higher the load), so none is predicted.

    Parameters
    ----------
    per_chip, per_user, running : array
        Tokens/s/chip; output tokens of one request over its time, its prompt included; sequences
        that run.
    prompt_share : array
        Share of the chips' time that goes into prompts: what input tokens cost.
    """

    per_chip: Array
    per_user: Array
    running: Array
    prompt_share: Array


def serve(x: Cases, e: Efficiencies) -> Served:
    """Aggregated serving."""
    y = x.layout
    running = np.minimum(x.conc / x.instances, x.capacity)
    own = np.maximum(running / y.data, 1.0)
    step = decode_step(x.shapes, x.chips, y, running, x.isl + x.osl / 2, e) / x.accepted
    asked = np.maximum(x.isl * (1 - np.asarray(x.prefix_hit)), 1.0)
    prefill = prefill_time(x.shapes, x.chips, y, asked, own, e)
    prompts = e.mixing * own * prefill
    request = x.osl * step + prompts
    per_chip = running * x.osl / request / y.chips
    return Served(per_chip, x.osl / request, running * x.instances, prompts / request)


def served_apart(x: Cases, e: Efficiencies) -> Served:
    """Disaggregated serving: ``prefill_chips`` prefill, the instances of ``layout`` decode."""
    y = x.layout
    ones = np.ones_like(x.isl)
    tensor = np.maximum(x.prefill_tensor, 1.0)
    before = replace(
        y, tensor=tensor, data=ones, expert=np.where(x.shapes.moe_layers > 0, tensor, 1.0)
    )
    running = np.minimum(x.conc / x.instances, x.capacity)
    step = decode_step(x.shapes, x.chips, y, running, x.isl + x.osl / 2, e) / x.accepted
    asked = np.maximum(x.isl * (1 - np.asarray(x.prefix_hit)), 1.0)
    prefill = prefill_time(x.shapes, x.chips, before, asked, ones, e)
    with np.errstate(divide="ignore"):
        by_prefill = x.prefill_chips / tensor / prefill * x.osl
        by_requests = np.minimum(
            x.conc * x.osl / (x.osl * step + prefill), x.instances * running / step
        )
        total = (by_requests**-_SHARPNESS + by_prefill**-_SHARPNESS) ** (-1 / _SHARPNESS)
    share = x.prefill_chips / x.size
    return Served(total / x.size, x.osl / (x.osl * step + prefill), total * step, share)


def layouts(model: Architecture, hardware: Hardware, chips: int) -> list[tuple[int, int, int, int]]:
    """Layouts of ``chips`` chips as (tensor, data, expert, instances).

    Tensor parallelism divides the heads and stays within 16 chips of one scale-up domain. Mixtures
    may replicate attention over the chips that share the experts; across domains too.
    """
    out = []
    for size in (n for n in range(1, chips + 1) if chips % n == 0):
        copies = chips // size
        if size <= 16 and size <= max(hardware.domain, 1) and model.heads % size == 0:
            out.append((size, 1, 1, copies))
            if model.moe_layers and size > 1:
                out.append((size, 1, size, copies))
        if model.moe_layers and size > 1 and model.experts >= size:
            out.append((1, size, size, copies))
            if size > 4 and size % 4 == 0 and model.heads % 4 == 0:
                out.append((4, size // 4, size, copies))
    return out


@dataclass(frozen=True)
class Request:
    """One configuration before its arrays: what :func:`cases` puts together."""

    model: int
    chip: int
    precision: Precision
    tensor: float
    data: float
    expert: float
    instances: float
    isl: float
    osl: float
    conc: float
    prefill_chips: float = 0.0
    prefill_tensor: float = 0.0


def cases(
    requests: list[Request], models: list[Architecture], chips: list[Hardware], **options: Any
) -> Cases:
    """Arrays from requests; ``model`` and ``chip`` are places in the two lists."""
    column = {
        f.name: np.array([getattr(r, f.name) for r in requests], float)
        for f in fields(Request)
        if f.name not in ("model", "chip", "precision")
    }
    at_model = np.array([r.model for r in requests], np.intp)
    at_chip = np.array([r.chip for r in requests], np.intp)
    kinds = [
        (
            r.precision.dense_bytes if models[r.model].moe_layers else r.precision.all_bytes,
            r.precision.expert_bytes,
            r.precision.kv_bytes,
            r.precision.dense_ops if models[r.model].moe_layers else r.precision.all_ops,
            r.precision.expert_ops,
        )
        for r in requests
    ]
    dense_bytes, expert_bytes, kv_bytes, dense_ops, expert_ops = (
        np.array(c) for c in zip(*kinds, strict=True)
    )
    layout = Layout(
        tensor=column["tensor"],
        data=column["data"],
        expert=column["expert"],
        dense_bytes=dense_bytes.astype(float),
        expert_bytes=expert_bytes.astype(float),
        kv_bytes=kv_bytes.astype(float),
        dense_ops=dense_ops.astype(np.intp),
        expert_ops=expert_ops.astype(np.intp),
    )
    return assemble(
        Shapes.of(models),
        Chips.of(chips),
        np.array([h.memory for h in chips]),
        at_model,
        at_chip,
        layout,
        isl=column["isl"],
        osl=column["osl"],
        conc=column["conc"],
        instances=column["instances"],
        prefill_chips=column["prefill_chips"],
        prefill_tensor=column["prefill_tensor"],
        **options,
    )


def assemble(
    shapes: Shapes,
    chips: Chips,
    memory: Array,
    at_model: npt.NDArray[np.intp],
    at_chip: npt.NDArray[np.intp],
    layout: Layout,
    *,
    isl: Array,
    osl: Array,
    conc: Array,
    instances: Array,
    prefill_chips: Array,
    prefill_tensor: Array,
    accepted: Array | float = 1.0,
    prefix_hit: Array | float = 0.0,
) -> Cases:
    """Configurations from tables of models and chips and one place in each per configuration."""
    s, c = shapes.take(at_model), chips.take(at_chip)
    weights = (s.dense * layout.dense_bytes + s.embedding * 2) / layout.tensor
    weights = weights + s.routed * layout.expert_bytes / layout.chips
    left = USABLE * memory[at_chip] - weights - RESERVE - CHUNK * s.hidden * 2 * ACTIVATION_ROWS
    length = isl + osl
    row = s.kv_full * length + s.kv_window * np.minimum(length, s.window) + s.state
    sequence = row * layout.kv_bytes / np.minimum(layout.tensor, s.kv_split) + s.index * length
    capacity = np.maximum(np.floor(left / sequence) * layout.data, 0.0)
    return Cases(
        shapes=s,
        chips=c,
        layout=layout,
        isl=isl,
        osl=osl,
        conc=conc,
        instances=instances,
        capacity=capacity,
        prefill_chips=prefill_chips,
        prefill_tensor=prefill_tensor,
        accepted=accepted,
        prefix_hit=prefix_hit,
    )


def prefill_tensor(model: Architecture, hardware: Hardware, precision: Precision) -> int:
    """Tensor parallelism of the smallest instance that only prefills."""
    room = USABLE * hardware.memory - RESERVE - CHUNK * model.hidden * 2 * ACTIVATION_ROWS
    for size in (1, 2, 4, 8, 16):
        if weight_bytes(model, precision, size, 1) < room:
            return size
    return 0
