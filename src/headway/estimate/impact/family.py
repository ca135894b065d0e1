"""Several series at once: p values that hold for the family."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["holm"]


def holm(p: Sequence[float | None]) -> list[float | None]:
    """Holm's adjusted p values; series without one stay ``None`` and do not count.

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6, 65-70.
    """
    from statsmodels.stats.multitest import multipletests

    known = [value for value in p if value is not None]
    if not known:
        return [None] * len(p)
    adjusted = iter(multipletests(known, method="holm")[1])
    return [None if value is None else float(next(adjusted)) for value in p]
