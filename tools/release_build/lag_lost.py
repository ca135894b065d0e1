"""What the strict licence choice costs: the headline lag with and without the rows it drops."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from headway.checks.headline import headline_lags
from headway.estimate.lag import LagRow

CELLS: tuple[tuple[str, str | None], ...] = (("cyber", None), ("coding", None), ("general", None))


def lag_lost(full: Mapping[str, pl.DataFrame], strict: Mapping[str, pl.DataFrame]) -> list[str]:
    """One line per domain: the mean lag of the last 12 months from both sets of tables."""
    as_of = full["scores"]["known_on"].drop_nulls().max()
    assert isinstance(as_of, date), "scores have a knowledge date"
    lines = []
    for here, there in zip(
        headline_lags(full, CELLS, as_of=as_of, seed=0),
        headline_lags(strict, CELLS, as_of=as_of, seed=0),
        strict=True,
    ):
        lines.append(f"{here.domain}: {_text(here)}; strict: {_text(there)}")
    return lines


def _text(row: LagRow) -> str:
    lag = row.lag
    if lag.value is None or lag.interval is None:
        return f"{lag.status} ({', '.join(lag.notes)})"
    return f"{lag.value:.1f} months [{lag.interval.low:.1f}, {lag.interval.high:.1f}]"
