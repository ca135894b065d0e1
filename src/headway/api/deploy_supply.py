"""What the questions about training, actors and prices share: tables, quantities, results."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Any

from headway.api.deploy import LEVEL, DeployResult, result
from headway.api.deploy_catalogue import Deploy
from headway.api.envelope import Warned
from headway.result import Interval, Quantity
from headway.tables.supply_store import Supply

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["SupplyResult", "factor", "over_draws", "supply_result", "unknown"]


@dataclass(frozen=True)
class SupplyResult(DeployResult):
    """The answer to a question about training, actors or a price."""

    def text(self, lang: str = "en") -> str:
        from headway.api.deploy_supply_text import supply_text

        return supply_text(self, lang)

    def __repr__(self) -> str:
        return f"SupplyResult({self.command}, catalogue {self.data_release}: {len(self.documents)} rows)"


def supply_result(
    deploy: Deploy,
    supply: Supply,
    command: str,
    documents: Sequence[Mapping[str, Any]],
    options: Mapping[str, Any],
    *,
    as_of: date | None,
    seed: int,
    warnings: tuple[Warned, ...] = (),
    extra: Mapping[str, Any] | None = None,
) -> SupplyResult:
    """Rows with everything that a result carries; both catalogues enter the provenance."""
    found = result(
        deploy,
        command,
        documents,
        {**options, "supply": supply.date, "supply_rows": supply.rows_hash},
        as_of=as_of,
        seed=seed,
        warnings=warnings,
        extra=extra,
    )
    return SupplyResult(**{f.name: getattr(found, f.name) for f in fields(DeployResult)})


def unknown(unit: str, *notes: str) -> dict[str, Any]:
    """A number that the data do not hold, and what would be needed for it."""
    return Quantity.not_estimable(unit, *notes).to_json()


def over_draws(
    values: npt.NDArray[np.float64],
    unit: str,
    *notes: str,
    missing: str,
    endless: str,
    n: int,
    n_clusters: int,
) -> dict[str, Any]:
    """Median and central interval of some draws.

    NaN means that an input is unknown (``missing`` says which), infinity that no amount is enough
    (``endless``); an interval may end there, a median may not.
    """
    import numpy as np

    if np.isnan(values).any():
        return unknown(unit, missing)
    ends = [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2]
    low, middle, high = (float(v) for v in np.quantile(values, ends, method="lower"))
    if math.isinf(middle):
        return unknown(unit, endless)
    share = float(np.isfinite(values).mean())
    if share < 1:
        notes = (*notes, f"{endless}_share:{1 - share:.3f}")
    if low == high:
        return Quantity(
            middle, unit, None, n, n_clusters, "estimated", (*notes, "deploy_inputs_exact")
        ).to_json()
    interval = Interval(low, high, LEVEL, "eti")
    return Quantity(middle, unit, interval, n, n_clusters, "estimated", notes).to_json()


def factor(supply: Supply, name: str) -> Mapping[str, str | None]:
    """One published factor."""
    return next(r for r in supply.rows("factors") if r["factor"] == name)
