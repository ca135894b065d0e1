"""Where every parameter stands: the core in one vector, the effects of models in blocks."""

from __future__ import annotations

import numpy as np

from headway.estimate.capability.design import Design

__all__ = ["Layout", "core_offsets"]

#: Of a row's four effects the first three (general, domain, stage) add up to its ability.
ABILITY_SLOTS = 3


def core_offsets(design: Design) -> dict[str, slice]:
    """Slices of the parts of the core: items, set-ups, scaffolds, covariates, trends."""
    sizes = {
        "log_discrimination": len(design.benchmarks),
        "difficulty": len(design.benchmarks),
        "setup": len(design.setups),
        "scaffold": len(design.scaffolds),
        "beta": len(design.covariates),
        "trend": len(design.trend_columns),
    }
    out, at = {}, 0
    for name, size in sizes.items():
        out[name] = slice(at, at + size)
        at += size
    return out


class Layout:
    """Block variables: of every model the effects that its rows touch, one after the other.

    Attributes
    ----------
    size, start : arrays (M,)
        How many block variables a model has, and where the first one stands.
    total : int
        ``D``, all block variables.
    kind, family_kind, owner : arrays (D,)
        0 general, then domains, then stages, -1 a family effect; which family (0 elsewhere); model.
    undated : bool array (D,)
    columns : array (N, 4)
        Every row's general, domain, stage and family effect; -1 = none.
    groups : list of arrays
        Models with equally many block variables.
    """

    def __init__(self, design: Design) -> None:
        kinds = 1 + len(design.domains) + len(design.stages)
        count = len(design.models)
        touched = np.zeros((count, kinds), dtype=bool)
        touched[design.model, 0] = True
        touched[design.model, 1 + design.domain] = True
        staged = design.stage >= 0
        stage_kind = 1 + len(design.domains) + design.stage[staged]
        touched[design.model[staged], stage_kind] = True
        effects = touched.sum(axis=1)
        family_models = np.array([m for m, _ in design.families], dtype=np.int64)
        family_count = np.bincount(family_models, minlength=count)
        self.size = effects + family_count
        self.start = np.concatenate([[0], np.cumsum(self.size)[:-1]]).astype(np.int64)
        self.total = int(self.size.sum())
        self.owner = np.repeat(np.arange(count), self.size)
        rank = np.cumsum(touched, axis=1) - 1
        position = np.where(touched, self.start[:, None] + rank, -1)
        self.kind = np.full(self.total, -1, dtype=np.int64)
        m_at, k_at = np.nonzero(touched)
        self.kind[position[m_at, k_at]] = k_at
        # families are sorted by model: the place within a model is the distance to its first one
        first = np.concatenate([[0], np.cumsum(family_count)[:-1]])
        within = np.arange(len(family_models)) - first[family_models]
        family_position = (self.start + effects)[family_models] + within
        self.family_kind = np.zeros(self.total, dtype=np.int64)
        self.family_kind[family_position] = design.family_kind
        self.columns = np.full((len(design.model), 4), -1, dtype=np.int64)
        self.columns[:, 0] = position[design.model, 0]
        self.columns[:, 1] = position[design.model, 1 + design.domain]
        self.columns[staged, 2] = position[design.model[staged], stage_kind]
        has = design.family >= 0
        self.columns[has, 3] = family_position[design.family[has]]
        self.undated = np.isnan(design.model_year)[self.owner]
        self.groups = [np.flatnonzero(self.size == p) for p in np.unique(self.size) if p > 0]
