"""How much the kind of evidence moves scores, and with them the lag.

Each effect is estimated twice where the data allow: as a covariate of the ability model
(``basis`` ``model``), and from matched comparisons that need no ability model (``matched``:
the same model on the same benchmark, or two-way fixed effects of models and benchmarks).
Pure functions: evidence rows and fits in, frozen rows out.
"""

from __future__ import annotations

from headway.estimate.lag.effects.rows import BASES, EFFECTS, EffectRow

__all__ = ["BASES", "EFFECTS", "EffectRow"]
