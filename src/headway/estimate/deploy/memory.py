"""What has to be in memory: weights, cache, activations, what the framework keeps for itself."""

from __future__ import annotations

from dataclasses import dataclass

from headway.errors import BadValue
from headway.estimate.deploy.architecture import Architecture
from headway.estimate.deploy.hardware import Hardware, Precision
from headway.problems import problem

__all__ = [
    "ACTIVATION_ROWS",
    "RESERVE",
    "USABLE",
    "Need",
    "chip_counts",
    "minimum_chips",
    "need",
]

#: Share of a chip's memory that engines take by default (``--gpu-memory-utilization`` of vLLM and
#: ``free_gpu_memory_fraction`` of TensorRT-LLM are both 0.9).
USABLE = 0.9
#: Bytes per chip for the driver's context, captured graphs and communication buffers.
RESERVE = 2e9
#: Rows of the hidden width, two bytes each, that one token of a prefill step needs at its peak.
ACTIVATION_ROWS = 8
#: Tokens of a prefill step (see :mod:`headway.estimate.deploy.roofline`).
_CHUNK = 8192
#: Sizes that tensor parallelism of one instance takes.
_TENSOR = (1, 2, 4, 8, 16)


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes per chip, and what is left for the cache.

    Parameters
    ----------
    weights, activations, reserve : float
        Bytes per chip.
    cache_per_sequence : float
        Bytes per chip for one sequence of the asked length, on the chips that hold it.
    available : float
        Usable bytes per chip.
    sequences : int
        Sequences of that length that fit into the instance; 0 if not even one.
    tensor, data : int
        Layout of the instance.
    """

    weights: float
    activations: float
    reserve: float
    cache_per_sequence: float
    available: float
    sequences: int
    tensor: int
    data: int

    @property
    def chips(self) -> int:
        return self.tensor * self.data

    @property
    def fits(self) -> bool:
        """One sequence of the asked length fits."""
        return self.sequences >= 1


def weight_bytes(model: Architecture, precision: Precision, tensor: int, data: int) -> float:
    """Bytes of weights on one chip.

    Attention and dense blocks are split by tensor parallelism and held again by every data-parallel
    replica; experts are spread over all chips. Embeddings stay in bf16.
    """
    dense = precision.dense_bytes if model.moe_layers else precision.all_bytes
    embeddings = model.head_params * (1 if model.tied else 2) * 2
    routed = model.routed_params * precision.expert_bytes / (tensor * data)
    return (model.dense_params * dense + embeddings) / tensor + routed


def need(
    model: Architecture,
    hardware: Hardware,
    precision: Precision,
    *,
    tensor: int,
    data: int = 1,
    context: int,
    cache_bytes: float | None = None,
) -> Need:
    """Memory of one instance whose sequences hold ``context`` tokens.

    Raises
    ------
    BadValue
        A context that is not positive, or longer than the model was made for.
    """
    check_context(model, context)
    per_element = precision.kv_bytes if cache_bytes is None else cache_bytes
    split = 1 if model.latent else min(tensor, model.kv_heads)
    cache = model.kv_elements(context) * per_element / split + model.index_elements(context)
    weights = weight_bytes(model, precision, tensor, data)
    activations = float(_CHUNK * model.hidden * 2 * ACTIVATION_ROWS)
    available = USABLE * hardware.memory
    left = available - weights - activations - RESERVE
    return Need(
        weights=weights,
        activations=activations,
        reserve=RESERVE,
        cache_per_sequence=cache,
        available=available,
        sequences=max(int(left // cache), 0) * data,
        tensor=tensor,
        data=data,
    )


def check_context(model: Architecture, context: int) -> None:
    """Refuse a context that the model cannot have."""
    if context <= 0:
        raise problem(BadValue, "deploy-positive", field="context", value=context)
    if context > model.max_context:
        raise problem(
            BadValue,
            "deploy-context",
            model=model.model,
            context=context,
            longest=model.max_context,
        )


def chip_counts(hardware: Hardware, most: int = 4096) -> tuple[int, ...]:
    """Numbers of chips that deployments take: powers of two, and whole scale-up domains.

    Nodes hold 4 or 8 chips, and heads, experts and buffers divide by powers of two; the published
    minimum deployments of large open models are all of this form. A rack is also taken whole.
    """
    if hardware.scale_up is None or (hardware.scale_out is None and hardware.domain == 1):
        return (1,)  # nothing that the model knows connects two of them
    powers = {2**k for k in range(most.bit_length()) if 2**k <= most}
    racks = range(hardware.domain, most + 1, hardware.domain) if hardware.domain > 16 else ()
    return tuple(sorted(powers | set(racks)))


def minimum_chips(
    model: Architecture,
    hardware: Hardware,
    precision: Precision,
    *,
    context: int,
    cache_bytes: float | None = None,
) -> Need | None:
    """The smallest instance that holds the model and one sequence; ``None`` if none does.

    Attention is split over as many chips as its layout allows (up to a scale-up domain of 16);
    what is more than that is added as replicas that share the experts (mixtures only).
    """
    hardware.check(precision, mixture=bool(model.moe_layers))
    check_context(model, context)
    for chips in chip_counts(hardware):
        for tensor in reversed(_TENSOR):
            if chips % tensor or tensor > min(chips, hardware.domain) or model.heads % tensor:
                continue
            data = chips // tensor
            if data > 1 and not model.moe_layers:
                continue
            found = need(
                model,
                hardware,
                precision,
                tensor=tensor,
                data=data,
                context=context,
                cache_bytes=cache_bytes,
            )
            if found.fits:
                return found
    return None
