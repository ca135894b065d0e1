"""The shape of a model from the ``config.json`` that its publisher ships with the weights.

Fields are read under the names that the common families use. A field that is needed and not there,
or that contradicts another one, is an error that names it: a shape is never completed by a guess.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from headway.errors import Unreadable
from headway.problems import problem

__all__ = ["UNMODELLED", "shape_from_config", "shape_from_text"]

#: Model types whose attention keeps a cache that no count here describes.
UNMODELLED = {
    "deepseek_v4": "compressed hybrid attention with a cache per compression ratio",
    "nemotron_h": "layers of one kind each (state space, mixture or attention)",
}
#: Types whose keys and values double as one (gemma4) or whose query projection also makes a gate.
_GATED = {"qwen3_5_text", "qwen3_5_moe_text", "qwen3_next"}


def shape_from_text(text: str, model: str) -> dict[str, Any]:
    """The shape from the text of a ``config.json``.

    Raises
    ------
    Unreadable
        Not JSON, not an object, or fields that are missing or contradict each other.
    """
    try:
        config = json.loads(text)
    except ValueError as e:
        raise problem(Unreadable, "deploy-config-json", why=str(e)) from e
    if not isinstance(config, dict):
        raise problem(Unreadable, "deploy-config-json", why=f"a {type(config).__name__}")
    return shape_from_config(config, model)


def shape_from_config(config: Mapping[str, Any], model: str) -> dict[str, Any]:
    """Fields of :class:`headway.estimate.deploy.Architecture` from a ``config.json``."""
    return _Config(config, model).shape()


class _Config:
    """One configuration, its fields read with checks."""

    def __init__(self, config: Mapping[str, Any], model: str) -> None:
        inner = config.get("text_config", config)
        self.model = model
        self.config: Mapping[str, Any] = inner if isinstance(inner, Mapping) else config
        self.kind = str(self.config.get("model_type", config.get("model_type", "")))
        if self.kind in UNMODELLED:
            raise problem(
                Unreadable, "deploy-config-kind", type=self.kind, why=UNMODELLED[self.kind]
            )

    def get(self, *names: str, default: int | None = None, low: int = 1) -> int:
        """The first of ``names`` that is there, as an integer of at least ``low``."""
        for name in names:
            value = self.config.get(name)
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int) or value < low:
                raise problem(
                    Unreadable, "deploy-config-value", field=name, value=str(value), low=low
                )
            return value
        if default is None:
            raise problem(Unreadable, "deploy-config-missing", field=" / ".join(names))
        return default

    def listed(self, name: str, layers: int) -> Sequence[Any] | None:
        """A field with one entry per layer."""
        value = self.config.get(name)
        if not isinstance(value, list):
            return None
        if len(value) != layers:
            raise problem(
                Unreadable, "deploy-config-layers", field=name, entries=len(value), layers=layers
            )
        return value

    def shape(self) -> dict[str, Any]:
        layers = self.get("num_hidden_layers")
        hidden = self.get("hidden_size")
        heads = self.get("num_attention_heads")
        kv_heads = self.get("num_key_value_heads", default=heads)
        if heads % kv_heads:
            raise problem(
                Unreadable,
                "deploy-config-contradiction",
                first=f"num_attention_heads={heads}",
                second=f"num_key_value_heads={kv_heads}",
            )
        full, window, linear = self._kinds(layers)
        attention = self._attention(hidden, heads, kv_heads)
        linear_params, linear_state = self._linear(hidden) if linear else (0, 0)
        return {
            "model": self.model,
            "hidden": hidden,
            "vocab": self.get("vocab_size"),
            "tied": bool(self.config.get("tie_word_embeddings", False)),
            "full_layers": full,
            "window_layers": window,
            "linear_layers": linear,
            "window": self.get("sliding_window", "attention_chunk_size") if window else 0,
            "heads": heads,
            "kv_heads": kv_heads,
            "window_kv_heads": self.get("swa_num_key_value_heads", default=kv_heads),
            **attention,
            "topk_tokens": self._sparse_tokens(),
            "index_dim": self.get("index_head_dim", default=0, low=0),
            "linear_params": linear_params,
            "linear_state": linear_state,
            **self._feed_forward(layers, hidden),
            "max_context": self.get("max_position_embeddings"),
        }

    def _kinds(self, layers: int) -> tuple[int, int, int]:
        """Layers with full, window and linear attention."""
        types = self.listed("layer_types", layers)
        if types is not None:
            linear = sum(t == "linear_attention" for t in types)
            window = sum(t in ("sliding_attention", "chunked_attention") for t in types)
            full = sum(t == "full_attention" for t in types)
            if linear + window + full != layers:
                unknown = sorted(
                    {str(t) for t in types}
                    - {
                        "linear_attention",
                        "sliding_attention",
                        "chunked_attention",
                        "full_attention",
                    }
                )
                raise problem(Unreadable, "deploy-config-kind", type=unknown[0], why="layer_types")
            return full, window, linear
        told = self.config.get("linear_attn_config")
        if isinstance(told, Mapping):
            full, linear = len(told.get("full_attn_layers", ())), len(told.get("kda_layers", ()))
            if full + linear != layers:
                raise problem(
                    Unreadable,
                    "deploy-config-layers",
                    field="linear_attn_config",
                    entries=full + linear,
                    layers=layers,
                )
            return full, 0, linear
        pattern = self.listed("hybrid_layer_pattern", layers)
        if pattern is not None:
            window = sum(bool(one) for one in pattern)
            return layers - window, window, 0
        every = self.config.get("sliding_window_pattern")
        if isinstance(every, int) and every > 1 and self.config.get("sliding_window"):
            full = layers // every
            return full, layers - full, 0
        if self.kind == "llama4_text":
            # every fourth layer sees everything, the others a chunk (transformers, Llama4TextConfig)
            full = layers // 4
            return full, layers - full, 0
        return layers, 0, 0

    def _attention(self, hidden: int, heads: int, kv_heads: int) -> dict[str, int]:
        if self.config.get("kv_lora_rank"):
            rank = self.get("kv_lora_rank")
            rope, nope = self.get("qk_rope_head_dim"), self.get("qk_nope_head_dim")
            value, query = self.get("v_head_dim"), self.config.get("q_lora_rank")
            wide = heads * (nope + rope)
            asks = hidden * wide if not query else self.get("q_lora_rank") * (hidden + wide)
            gate = hidden * heads * value if self.config.get("mla_use_output_gate") else 0
            index_heads = self.get("index_n_heads", default=0, low=0)
            index = index_heads * self.get("index_head_dim", default=0, low=0)
            return {
                "k_dim": nope + rope,
                "v_dim": value,
                "latent": rank + rope,
                "attention_params": asks
                + hidden * (rank + rope)
                + rank * heads * (nope + value)
                + heads * value * hidden
                + gate
                + index * (self.get("q_lora_rank", default=hidden) if index else 0),
            }
        k_dim = self.get("head_dim", default=0, low=0) or hidden // heads
        v_dim = self.get("v_head_dim", default=k_dim)
        asks = hidden * heads * k_dim * (2 if self._gated() else 1)
        return {
            "k_dim": k_dim,
            "v_dim": v_dim,
            "latent": 0,
            "attention_params": asks + hidden * kv_heads * (k_dim + v_dim) + heads * v_dim * hidden,
        }

    def _gated(self) -> bool:
        return bool(self.config.get("attn_output_gate")) and self.kind in _GATED

    def _sparse_tokens(self) -> int:
        told = self.config.get("sparse_attention_config")
        if isinstance(told, Mapping) and told.get("use_sparse_attention"):
            return int(told["sparse_topk_blocks"]) * int(told["sparse_block_size"])
        return self.get("index_topk", default=0, low=0)

    def _linear(self, hidden: int) -> tuple[int, int]:
        """Weights of a linear layer, and elements of its state per sequence."""
        told = self.config.get("linear_attn_config")
        if isinstance(told, Mapping):
            heads, dim = int(told["num_heads"]), int(told["head_dim"])
            gates = 1 if told.get("use_full_rank_gate") else 0
            return (4 + gates) * hidden * heads * dim, heads * dim * dim
        keys = self.get("linear_num_key_heads") * self.get("linear_key_head_dim")
        value_heads, value_dim = (
            self.get("linear_num_value_heads"),
            self.get("linear_value_head_dim"),
        )
        values = value_heads * value_dim
        # queries, keys, values, output gate, two scalars per value head, output projection
        weights = hidden * (2 * keys + 2 * values + 2 * value_heads) + values * hidden
        return weights, values * self.get("linear_key_head_dim")

    def _feed_forward(self, layers: int, hidden: int) -> dict[str, int]:
        experts = self.get("n_routed_experts", "num_local_experts", "num_experts", default=0, low=0)
        if not experts:
            return {
                "dense_layers": layers,
                "dense_inter": self.get("intermediate_size"),
                "moe_layers": 0,
                "experts": 0,
                "top_k": 0,
                "moe_inter": 0,
                "expert_in": hidden,
                "shared_inter": 0,
            }
        inter = self.get("moe_intermediate_size", "intermediate_size")
        dense = self._dense_layers(layers)
        wide = self.get(
            "dense_intermediate_size", "intermediate_size_mlp", "intermediate_size", default=inter
        )
        count = self.get("n_shared_experts", "num_shared_experts", default=0, low=0)
        one = self.get(
            "shared_expert_intermediate_size",
            "share_expert_dim",
            "shared_intermediate_size",
            default=0,
            low=0,
        )
        shared = one if one else count * inter
        if self.kind == "llama4_text":
            shared = inter
        return {
            "dense_layers": dense,
            "dense_inter": wide if dense else 0,
            "moe_layers": layers - dense,
            "experts": experts,
            "top_k": self.get("num_experts_per_tok", "num_experts_per_token", "top_k_experts"),
            "moe_inter": inter,
            "expert_in": self.get("routed_expert_hidden_size", default=hidden),
            "shared_inter": shared,
        }

    def _dense_layers(self, layers: int) -> int:
        frequency = self.listed("moe_layer_freq", layers)
        if frequency is not None:
            return sum(not one for one in frequency)
        if self.config.get("interleave_moe_layer_step"):
            return layers - layers // self.get("interleave_moe_layer_step")
        dense = self.get("first_k_dense_replace", default=0, low=0)
        if dense > layers:
            raise problem(
                Unreadable,
                "deploy-config-contradiction",
                first=f"first_k_dense_replace={dense}",
                second=f"num_hidden_layers={layers}",
            )
        return dense
