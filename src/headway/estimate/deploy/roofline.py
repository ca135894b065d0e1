r"""Time of one step of serving, from shape, chip and layout: vectorised over configurations.

A configuration is one (model, hardware, layout, batch). Each step is a sum of three rooflines
(weights every token passes, routed experts, attention), communication and fixed overheads:

.. math:: t = \sum_c \left[\max(m_c, f_c) + \rho \min(m_c, f_c)\right]
              + t_\mathrm{comm} + L\,o_\mathrm{layer} + o_\mathrm{step} + b\,o_\mathrm{sequence}

with :math:`m_c` bytes over effective bandwidth and :math:`f_c` operations over effective compute.
The share of a mixture's experts that a batch of B tokens wakes is :math:`1-(1-k/E)^B`.

All arrays broadcast against each other. Times are seconds, sizes bytes, rates per second.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from headway.estimate.deploy.architecture import Architecture
from headway.estimate.deploy.hardware import Hardware

__all__ = ["Chips", "Efficiencies", "Layout", "Shapes", "decode_step", "prefill_time"]

Array = npt.NDArray[np.float64]
#: A scale-up domain's latency grows by about this much per hop out of it (NVLink to InfiniBand).
_OUT_OF_DOMAIN = 3.0
#: Tokens that engines put into one prefill step (the default chunk of vLLM, SGLang and TensorRT-LLM).
CHUNK = 8192.0


@dataclass(frozen=True)
class Shapes:
    """Arrays of what a step needs of models: see :class:`Architecture`."""

    hidden: Array
    layers: Array
    moe_layers: Array
    linear_layers: Array
    latent_layers: Array
    sparse_layers: Array
    dense: Array
    head: Array
    embedding: Array
    index: Array
    routed: Array
    expert: Array
    experts: Array
    top_k: Array
    kv_full: Array
    kv_window: Array
    window: Array
    state: Array
    topk_tokens: Array
    kv_split: Array
    attention_ops: Array
    prefill_ops: Array
    window_ops: Array

    @classmethod
    def of(cls, models: list[Architecture]) -> Shapes:
        """Arrays with one entry per model."""
        rows = [_shape(m) for m in models]
        return cls(**{f.name: np.array([r[f.name] for r in rows], float) for f in fields(cls)})

    def take(self, index: npt.NDArray[np.intp]) -> Shapes:
        """The models at ``index``, one per configuration."""
        return Shapes(**{f.name: getattr(self, f.name)[index] for f in fields(self)})


def _shape(m: Architecture) -> dict[str, float]:
    row = m.latent or m.kv_heads * (m.k_dim + m.v_dim)
    window_row = m.latent or m.window_kv_heads * (m.k_dim + m.v_dim)
    # MLA decodes in the compressed space: each head scores and sums rows of the latent width
    per_key = m.heads * (2 * m.latent if m.latent else m.k_dim + m.v_dim)
    return {
        "hidden": m.hidden,
        "layers": m.layers,
        "moe_layers": m.moe_layers,
        "linear_layers": m.linear_layers,
        "latent_layers": m.full_layers if m.latent else 0,
        "sparse_layers": m.full_layers if m.topk_tokens else 0,
        "dense": m.dense_params,
        "head": m.head_params,
        "embedding": m.head_params * (1 if m.tied else 2),
        "index": m.full_layers * m.index_dim,
        "routed": m.routed_params,
        "expert": m.expert_params,
        "experts": max(m.experts, 1),
        "top_k": m.top_k,
        "kv_full": m.full_layers * row,
        "kv_window": m.window_layers * window_row,
        "window": m.window,
        "state": m.linear_layers * m.linear_state,
        "topk_tokens": m.topk_tokens or np.inf,
        "kv_split": 1 if m.latent else m.kv_heads,
        "attention_ops": 2 * m.full_layers * per_key,
        "prefill_ops": 2 * m.full_layers * m.heads * (m.k_dim + m.v_dim),
        "window_ops": 2 * m.window_layers * m.heads * (m.k_dim + m.v_dim),
    }


@dataclass(frozen=True)
class Chips:
    """Arrays of what a step needs of hardware."""

    bandwidth: Array
    bf16: Array
    fp8: Array
    fp4: Array
    domain: Array
    scale_up: Array
    scale_out: Array

    @classmethod
    def of(cls, chips: list[Hardware]) -> Chips:
        """Arrays with one entry per chip; what a chip lacks is NaN and must not be asked for."""
        return cls(
            bandwidth=np.array([c.bandwidth for c in chips]),
            bf16=np.array([c.flops("bf16") for c in chips]),
            fp8=np.array([c.flops("fp8") or np.nan for c in chips]),
            fp4=np.array([c.flops("fp4") or np.nan for c in chips]),
            domain=np.array([float(c.domain) for c in chips]),
            scale_up=np.array([c.scale_up or np.nan for c in chips]),
            scale_out=np.array([c.scale_out or np.nan for c in chips]),
        )

    def take(self, index: npt.NDArray[np.intp]) -> Chips:
        """The chips at ``index``, one per configuration."""
        return Chips(**{f.name: getattr(self, f.name)[index] for f in fields(self)})


@dataclass(frozen=True)
class Layout:
    """Parallel layout and precision, one entry per configuration.

    Parameters
    ----------
    tensor, data, expert : array
        Ranks of tensor parallelism of attention, data-parallel replicas of attention, ranks that
        experts are spread over. The instance has ``tensor * data`` chips.
    dense_bytes, expert_bytes, kv_bytes : array
        Bytes per weight outside and inside the experts, and per cached element.
    dense_ops, expert_ops : array of int
        0, 1, 2: operations in bf16, fp8, fp4.
    """

    tensor: Array
    data: Array
    expert: Array
    dense_bytes: Array
    expert_bytes: Array
    kv_bytes: Array
    dense_ops: npt.NDArray[np.intp]
    expert_ops: npt.NDArray[np.intp]

    @property
    def chips(self) -> Array:
        return self.tensor * self.data


@dataclass(frozen=True)
class Efficiencies:
    """What is fitted to measured points: shares of peak, times, and shapes of the roofline.

    Entries are floats, or arrays with one entry per configuration (engine, date, draws).
    """

    memory: Any
    expert_memory: Any
    kv_memory: Any
    compute_bf16: Any
    compute_fp8: Any
    compute_fp4: Any
    expert_compute: Any
    prefill: Any
    attention_compute: Any
    half_dense: Any
    half_expert: Any
    overlap: Any
    layer: Any
    moe_layer: Any
    linear_layer: Any
    latent_layer: Any
    sparse_layer: Any
    step: Any
    sequence: Any
    reduce_latency: Any
    reduce_hop: Any
    link: Any
    exchange_latency: Any
    imbalance: Any
    mixing: Any


def _rate(chips: Chips, kind: npt.NDArray[np.intp], e: Efficiencies) -> Array:
    """Effective operations per second of a precision."""
    found: Array = np.where(
        kind == 0,
        chips.bf16 * e.compute_bf16,
        np.where(kind == 1, chips.fp8 * e.compute_fp8, chips.fp4 * e.compute_fp4),
    )
    return found


def _join(memory: Array, compute: Array, e: Efficiencies) -> Array:
    out: Array = np.maximum(memory, compute) + e.overlap * np.minimum(memory, compute)
    return out


def _link(chips: Chips, ranks: Array, e: Efficiencies) -> Array:
    """Effective bytes per second between ``ranks`` chips: outside the domain the slower network."""
    inside = ranks <= chips.domain
    found: Array = e.link * np.where(inside, chips.scale_up, chips.scale_out)
    return found


def _latency(chips: Chips, ranks: Array, base: Array | float) -> Array:
    found: Array = base * np.where(ranks <= chips.domain, 1.0, _OUT_OF_DOMAIN)
    return found


def _communication(s: Shapes, c: Chips, y: Layout, tokens: Array, e: Efficiencies) -> Array:
    """All-reduces of tensor parallelism and all-to-alls of expert parallelism, per step.

    ``tokens`` is per attention replica. A ring or switch all-reduce moves 2(t-1)/t of the
    activations in bf16, twice per layer; experts on other ranks get one byte per activation (fp8)
    and give back two (bf16), once each per mixture layer.
    """
    t, n = y.tensor, y.chips
    active = t > 1
    moved = 2 * (t - 1) / t * tokens * s.hidden * 2
    latency = _latency(c, t, e.reduce_latency + e.reduce_hop * np.log2(np.maximum(t, 1)))
    reduce = np.where(active, 2 * s.layers * (latency + moved / _link(c, t, e)), 0.0)
    spread = (y.data > 1) & (s.moe_layers > 0)
    sent = 3 * tokens / t * np.minimum(s.top_k, y.expert) * s.hidden * (n - 1) / n
    exchange_latency = _latency(c, n, e.exchange_latency)
    exchange = np.where(spread, s.moe_layers * (2 * exchange_latency + sent / _link(c, n, e)), 0.0)
    found: Array = np.where(np.isnan(reduce), np.inf, reduce) + np.where(
        np.isnan(exchange), np.inf, exchange
    )
    return found


def _experts(s: Shapes, c: Chips, y: Layout, batch: Array, e: Efficiencies) -> Array:
    """Routed experts of one step over all mixture layers; ``batch`` tokens per instance."""
    n = y.chips
    with np.errstate(divide="ignore"):
        awake = -np.expm1(batch * np.log1p(-s.top_k / (s.experts + (s.experts == s.top_k))))
    routed_tokens = batch * s.top_k
    # tokens meet the ranks at random: the fullest rank has more than the mean (normal maximum)
    mean = np.maximum(routed_tokens / y.expert, 1e-9)
    uneven = 1 + e.imbalance * np.sqrt(
        2 * np.log(np.maximum(y.expert, 1.0)) / np.maximum(mean, 1.0)
    )
    bytes_read = s.routed * awake * y.expert_bytes / n
    memory = bytes_read / (c.bandwidth * e.expert_memory)
    rows = routed_tokens + awake * s.experts * e.half_expert
    compute = (
        2 * s.moe_layers * s.expert * rows / n / (_rate(c, y.expert_ops, e) * e.expert_compute)
    )
    found: Array = np.where(s.moe_layers > 0, uneven * _join(memory, compute, e), 0.0)
    return found


def decode_step(
    s: Shapes, c: Chips, y: Layout, batch: Array, context: Array, e: Efficiencies
) -> Array:
    """Seconds in which an instance makes one token for each of ``batch`` sequences.

    ``context`` is the mean number of tokens each sequence holds.
    """
    t = y.tensor
    own = np.maximum(batch / y.data, 1.0)
    dense_memory = (
        (s.dense * y.dense_bytes + s.head * np.minimum(y.dense_bytes, 2))
        / t
        / (c.bandwidth * e.memory)
    )
    dense_compute = 2 * (s.dense + s.head) / t * (own + e.half_dense) / _rate(c, y.dense_ops, e)
    seen = np.minimum(context, s.topk_tokens)
    kv = s.kv_full * seen + s.kv_window * np.minimum(context, s.window) + 2 * s.state * 2
    kv_memory = own * kv * y.kv_bytes / np.minimum(t, s.kv_split) / (c.bandwidth * e.kv_memory)
    ops = s.attention_ops * seen + s.window_ops * np.minimum(context, s.window)
    kv_compute = own * ops / t / (c.bf16 * e.attention_compute)
    found: Array = (
        _join(dense_memory, dense_compute, e)
        + _experts(s, c, y, batch, e)
        + _join(kv_memory, kv_compute, e)
        + _communication(s, c, y, own, e)
        + _overhead(s, e)
        + e.step
        + e.sequence * own
    )
    return found


def _overhead(s: Shapes, e: Efficiencies) -> Any:
    """Launches and small kernels of all layers, whatever the batch."""
    return (
        s.layers * e.layer
        + s.moe_layers * e.moe_layer
        + s.linear_layers * e.linear_layer
        + s.latent_layers * e.latent_layer
        + s.sparse_layers * e.sparse_layer
    )


def prefill_time(
    s: Shapes, c: Chips, y: Layout, tokens: Array, together: Array, e: Efficiencies
) -> Array:
    """Seconds of an attention replica for one prompt of ``tokens``, ``together`` waiting at once.

    Prompts share steps of :data:`CHUNK` tokens, so short ones share their fixed costs.
    """
    t, d = y.tensor, y.data
    per_step = np.minimum(CHUNK, tokens * np.maximum(together, 1.0))
    steps = tokens / per_step
    dense_compute = (
        2 * s.dense / t * (tokens + e.half_dense * steps) / (_rate(c, y.dense_ops, e) * e.prefill)
    )
    dense_memory = steps * s.dense * y.dense_bytes / t / (c.bandwidth * e.memory)
    experts = steps * _experts(s, c, y, per_step * d, e) / e.prefill
    seen = np.minimum(tokens / 2, s.topk_tokens)
    ops = s.prefill_ops * seen + s.window_ops * np.minimum(tokens / 2, s.window)
    attention = tokens * ops / t / (c.bf16 * e.attention_compute)
    communication = steps * _communication(s, c, y, per_step, e)
    found: Array = (
        _join(dense_memory, dense_compute, e)
        + experts
        + attention
        + communication
        + steps * (_overhead(s, e) + e.step)
    )
    return found
