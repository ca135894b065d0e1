"""What of a model's architecture decides how it is served: counted from its shape, never from its name.

Parameters are counted as weights of matrices (norms and biases, under 0.1 % of a large model, are
left out). The count of a model is checked against the number its publisher states where there is
one; see ``docs/methods/deploy.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from headway.errors import BadValue
from headway.problems import problem

__all__ = ["Architecture"]


@dataclass(frozen=True, slots=True)
class Architecture:
    """The shape of a model. Counts are per model unless the name says "per layer".

    Parameters
    ----------
    model : str
    hidden, vocab : int
    tied : bool
        The output matrix is the input embedding.
    full_layers, window_layers, linear_layers : int
        Layers whose attention sees the whole context, a window of it, or a fixed state.
    window : int
        Tokens that a window layer sees; 0 without window layers.
    heads, kv_heads, window_kv_heads, k_dim, v_dim : int
        Query heads, key-value heads, and the widths of one key and one value.
    latent : int
        Width of the compressed key-value row that MLA keeps per token and layer; 0 for GQA.
    topk_tokens, index_dim : int
        Sparse attention: tokens attended to, and width of the indexer's key; 0 if it is dense.
    attention_params : int
        Per full or window layer: all projections of attention.
    linear_params, linear_state : int
        Per linear layer: weights, and elements of state that one sequence keeps.
    dense_layers, dense_inter : int
        Layers with one feed-forward block, and its width.
    moe_layers, experts, top_k, moe_inter, expert_in, shared_inter : int
        Mixture layers; experts per layer, those active per token, width of one expert, width of
        its input (less than ``hidden`` in latent mixtures), width of all shared experts together.
    max_context : int
        Tokens that the model was made for.
    """

    model: str
    hidden: int
    vocab: int
    tied: bool
    full_layers: int
    window_layers: int
    linear_layers: int
    window: int
    heads: int
    kv_heads: int
    window_kv_heads: int
    k_dim: int
    v_dim: int
    latent: int
    topk_tokens: int
    index_dim: int
    attention_params: int
    linear_params: int
    linear_state: int
    dense_layers: int
    dense_inter: int
    moe_layers: int
    experts: int
    top_k: int
    moe_inter: int
    expert_in: int
    shared_inter: int
    max_context: int

    def __post_init__(self) -> None:
        for name in ("hidden", "vocab", "heads", "kv_heads", "k_dim", "v_dim", "max_context"):
            if getattr(self, name) <= 0:
                raise self._wrong(name, getattr(self, name), "must be greater than 0")
        for entry in fields(self):
            value = getattr(self, entry.name)
            if isinstance(value, int) and value < 0:
                raise self._wrong(entry.name, value, "must not be negative")
        if self.layers <= 0:
            raise self._wrong("layers", self.layers, "must be greater than 0")
        if self.dense_layers + self.moe_layers != self.layers:
            raise self._wrong(
                "dense_layers + moe_layers",
                self.dense_layers + self.moe_layers,
                f"must be the {self.layers} layers of attention",
            )
        if self.kv_heads > self.heads:
            raise self._wrong("kv_heads", self.kv_heads, f"is more than heads ({self.heads})")
        if self.top_k > self.experts:
            raise self._wrong("top_k", self.top_k, f"is more than experts ({self.experts})")
        if self.moe_layers and not (self.experts and self.top_k and self.moe_inter):
            raise self._wrong("experts", self.experts, "mixture layers need experts and top_k")
        if self.window_layers and not self.window:
            raise self._wrong("window", self.window, "window layers need a window")

    def _wrong(self, name: str, value: object, why: str) -> BadValue:
        return problem(
            BadValue, "deploy-architecture", model=self.model, field=name, value=value, why=why
        )

    @property
    def layers(self) -> int:
        return self.full_layers + self.window_layers + self.linear_layers

    @property
    def expert_params(self) -> int:
        """Weights of one routed expert (gate, up, down)."""
        return 3 * self.expert_in * self.moe_inter

    @property
    def routed_params(self) -> int:
        """Weights of all routed experts."""
        return self.moe_layers * self.experts * self.expert_params

    @property
    def dense_params(self) -> int:
        """Weights that every token passes: attention, dense and shared blocks, routers."""
        latent_projections = 2 * self.hidden * self.expert_in * (self.expert_in != self.hidden)
        per_moe = 3 * self.hidden * self.shared_inter + self.hidden * self.experts
        return (
            (self.full_layers + self.window_layers) * self.attention_params
            + self.linear_layers * self.linear_params
            + self.dense_layers * 3 * self.hidden * self.dense_inter
            + self.moe_layers * (per_moe + latent_projections)
        )

    @property
    def head_params(self) -> int:
        """The output matrix: read once per step."""
        return self.hidden * self.vocab

    @property
    def total_params(self) -> int:
        """All weights."""
        embeddings = self.head_params * (1 if self.tied else 2)
        return self.dense_params + self.routed_params + embeddings

    @property
    def active_params(self) -> int:
        """Weights that one token passes, embeddings included: never to be taken for the total."""
        routed = self.moe_layers * self.top_k * self.expert_params
        embeddings = self.head_params * (1 if self.tied else 2)
        return self.dense_params + routed + embeddings

    def kv_elements(self, context: int) -> int:
        """Elements of the cache that one sequence of ``context`` tokens keeps.

        Full layers keep every token, window layers the last ``window``, linear layers a state that
        does not grow. MLA keeps one compressed row per token in place of keys and values.
        """
        row = self.latent or self.kv_heads * (self.k_dim + self.v_dim)
        window_row = self.latent or self.window_kv_heads * (self.k_dim + self.v_dim)
        seen = min(context, self.window) if self.window_layers else 0
        return (
            self.full_layers * row * context
            + self.window_layers * window_row * seen
            + self.linear_layers * self.linear_state
        )

    def index_elements(self, context: int) -> int:
        """Elements of the indexer's own cache (sparse attention), one byte each."""
        return self.full_layers * self.index_dim * context

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Architecture:
        """An architecture from a row of the table ``architectures``."""
        return cls(**{entry.name: row[entry.name] for entry in fields(cls)})
