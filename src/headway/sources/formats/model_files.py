"""The shape of a model from its own files: ``config.json``, safetensors and GGUF headers.

Only headers are read, never weights. A safetensors file says how many weights there are but not how
they are used, so the ``config.json`` beside it is read too and the two must agree; the same holds
within one GGUF file for its metadata and its list of tensors.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from headway.errors import Unreadable
from headway.problems import problem
from headway.sources.formats.model_config import shape_from_config

__all__ = ["gguf_header", "read_shape", "safetensors_weights"]

#: No header of a real model is longer (the largest index has some hundred thousand tensors).
_LONGEST = 128 * 2**20
#: Weights counted from the shape and listed in the file agree within this.
_AGREES = 0.05
#: GGUF value types with a fixed size: struct code of each (GGUF specification, version 3).
_FIXED = dict(enumerate("BbHhIif?")) | {10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
#: GGUF keys after the architecture's name, and the field of config.json that means the same.
_GGUF_FIELDS = {
    "block_count": "num_hidden_layers",
    "embedding_length": "hidden_size",
    "feed_forward_length": "intermediate_size",
    "context_length": "max_position_embeddings",
    "attention.head_count": "num_attention_heads",
    "attention.head_count_kv": "num_key_value_heads",
    "attention.key_length": "head_dim",
    "attention.value_length": "v_head_dim",
    "attention.kv_lora_rank": "kv_lora_rank",
    "attention.q_lora_rank": "q_lora_rank",
    "attention.key_length_mla": "qk_head_dim",
    "attention.value_length_mla": "v_head_dim",
    "rope.dimension_count": "qk_rope_head_dim",
    "expert_count": "num_experts",
    "expert_used_count": "num_experts_per_tok",
    "expert_feed_forward_length": "moe_intermediate_size",
    "expert_shared_count": "n_shared_experts",
    "leading_dense_block_count": "first_k_dense_replace",
    "vocab_size": "vocab_size",
}


def read_shape(path: Path) -> tuple[dict[str, Any], str | None]:
    """The shape in a file, and the precision of its weights where the file says it.

    Raises
    ------
    Unreadable
        The file is not what its ending says, or its parts contradict each other.
    """
    try:
        if path.suffix.lower() == ".gguf":
            config, weights = _gguf_config(gguf_header(path))
            checkpoint = None
        elif path.suffix.lower() == ".safetensors":
            config = _config(path.parent / "config.json")
            weights = sum(safetensors_weights(p) for p in sorted(path.parent.glob("*.safetensors")))
            checkpoint = _checkpoint(config)
        else:
            config, weights = _config(path), None
            checkpoint = _checkpoint(config)
    except OSError as e:
        raise problem(Unreadable, "deploy-file", file=path.name, why=type(e).__name__) from e
    name = path.stem if path.stem != "config" else (path.resolve().parent.name or "config")
    shape = shape_from_config(config, name)
    # packed 4-bit weights are listed as fewer, wider elements: only plain formats can be compared
    if weights is not None and checkpoint in (None, "bf16", "fp8"):
        counted = _counted(shape)
        if abs(counted / max(weights, 1) - 1) > _AGREES:
            raise problem(
                Unreadable,
                "deploy-weights",
                counted=f"{counted / 1e9:.3g}",
                listed=f"{weights / 1e9:.3g}",
            )
    return shape, checkpoint


def _counted(shape: Mapping[str, Any]) -> int:
    """All weights of a shape (the same count as the estimator's, from the same fields)."""
    s = shape
    embeddings = s["hidden"] * s["vocab"] * (1 if s["tied"] else 2)
    latent = 2 * s["hidden"] * s["expert_in"] * (s["expert_in"] != s["hidden"])
    per_moe = 3 * s["hidden"] * s["shared_inter"] + s["hidden"] * s["experts"] + latent
    total = (
        (s["full_layers"] + s["window_layers"]) * s["attention_params"]
        + s["linear_layers"] * s["linear_params"]
        + s["dense_layers"] * 3 * s["hidden"] * s["dense_inter"]
        + s["moe_layers"] * (per_moe + 3 * s["experts"] * s["expert_in"] * s["moe_inter"])
        + embeddings
    )
    return int(total)


def _config(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as e:
        raise problem(Unreadable, "deploy-config-json", why=str(e)) from e
    if not isinstance(found, dict):
        raise problem(Unreadable, "deploy-config-json", why=f"a {type(found).__name__}")
    return found


def _checkpoint(config: Mapping[str, Any]) -> str | None:
    """The precision that a configuration states, in the catalogue's words."""
    inner = config.get("text_config")
    told = config.get("quantization_config")
    if told is None and isinstance(inner, Mapping):
        told = inner.get("quantization_config")
    if not isinstance(told, Mapping):
        dtype = config.get("torch_dtype", config.get("dtype"))
        return "bf16" if dtype in ("bfloat16", "float16") else None
    text = json.dumps(told)
    if told.get("quant_method") == "fp8":
        return "fp8"
    if "mxfp4" in text:
        return "mxfp4"
    if '"num_bits": 4' in text and '"type": "int"' in text:
        return "int4"
    return None


def safetensors_weights(path: Path) -> int:
    """Elements of all tensors in a safetensors file; scales of quantised blocks are left out."""
    with path.open("rb") as file:
        head = file.read(8)
        length = struct.unpack("<Q", head)[0] if len(head) == 8 else 0
        if not 2 <= length <= _LONGEST:
            raise problem(Unreadable, "deploy-header", file=path.name, format="safetensors")
        body = file.read(length)
    try:
        told = json.loads(body)
        shapes = [
            entry["shape"]
            for name, entry in told.items()
            if name != "__metadata__" and not name.endswith(("_scale_inv", "_scale"))
        ]
        return sum(math.prod(int(n) for n in shape) for shape in shapes)
    except (ValueError, KeyError, TypeError, AttributeError) as e:
        raise problem(Unreadable, "deploy-header", file=path.name, format="safetensors") from e


def gguf_header(path: Path) -> dict[str, Any]:
    """Metadata of a GGUF file, ``tensors`` (weights listed), ``tied`` (no output matrix listed).

    Arrays are kept as their length, except short ones of numbers (per-layer settings).
    """
    with path.open("rb") as file:
        try:
            if file.read(4) != b"GGUF":
                raise ValueError
            version, tensors, entries = struct.unpack("<IQQ", file.read(20))
            if version not in (2, 3) or tensors > 10**6 or entries > 10**5:
                raise ValueError
            out = {}
            for _ in range(entries):
                key = _text(file)
                out[key] = _value(file, _number(file, "I"))
            weights, names = 0, set()
            for _ in range(tensors):
                names.add(_text(file))
                rank = _number(file, "I")
                if rank > 8:
                    raise ValueError
                weights += math.prod(_number(file, "Q") for _ in range(rank))
                file.read(12)
        except (ValueError, struct.error, UnicodeDecodeError, OverflowError) as e:
            raise problem(Unreadable, "deploy-header", file=path.name, format="GGUF") from e
    return {**out, "tensors": weights, "tied": "output.weight" not in names}


def _number(file: BinaryIO, code: str) -> Any:
    return struct.unpack(f"<{code}", file.read(struct.calcsize(code)))[0]


def _text(file: BinaryIO) -> str:
    length = _number(file, "Q")
    if length > _LONGEST:
        raise ValueError
    body = file.read(length)
    if len(body) != length:
        raise ValueError
    return body.decode("utf-8")


def _value(file: BinaryIO, kind: int) -> Any:
    if kind in _FIXED:
        return _number(file, _FIXED[kind])
    if kind == _STRING:
        return _text(file)
    if kind != _ARRAY:
        raise ValueError
    inner, count = _number(file, "I"), _number(file, "Q")
    if count > _LONGEST:
        raise ValueError
    if inner in _FIXED:
        size = struct.calcsize(_FIXED[inner]) * count
        body = file.read(size)
        if len(body) != size:
            raise ValueError
        return list(struct.unpack(f"<{count}{_FIXED[inner]}", body)) if count <= 4096 else count
    for _ in range(count):
        _value(file, inner)
    return count


def _gguf_config(header: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """A configuration in the words of config.json from GGUF metadata."""
    kind = header.get("general.architecture")
    if not isinstance(kind, str):
        raise problem(Unreadable, "deploy-config-missing", field="general.architecture")
    if header.get(f"{kind}.attention.sliding_window"):
        # the header says how wide the window is, but not which layers have it
        why = "sliding windows: use the model's config.json"
        raise problem(Unreadable, "deploy-config-kind", type=kind, why=why)
    config: dict[str, Any] = {"model_type": kind, "tie_word_embeddings": header["tied"]}
    for ours, theirs in _GGUF_FIELDS.items():
        value = header.get(f"{kind}.{ours}")
        if isinstance(value, list):
            # one number per layer: only models whose layers are alike can be read from a header
            if len(set(value)) != 1:
                raise problem(Unreadable, "deploy-config-kind", type=kind, why=ours)
            value = value[0]
        if value is not None:
            config[theirs] = value
    if "vocab_size" not in config and isinstance(header.get("tokenizer.ggml.tokens"), int):
        config["vocab_size"] = header["tokenizer.ggml.tokens"]
    if "kv_lora_rank" in config:
        config["qk_nope_head_dim"] = config.pop("qk_head_dim", 0) - config["qk_rope_head_dim"]
        config.pop("head_dim", None)
    return config, int(header["tensors"])
