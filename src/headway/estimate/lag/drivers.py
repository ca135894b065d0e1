"""Which models define the frontiers, and how surely."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from headway.estimate.lag.entrants import Entrants, FrontierName, IntArray
from headway.estimate.lag.frontier import FrontierPair, frontier_pair
from headway.estimate.lag.rows import ANYWHERE, Cell

__all__ = ["drivers"]


def drivers(
    entrants: Entrants,
    *,
    frontier: FrontierName,
    as_of: date,
    at_least: float = 0.01,
    margin: float = 0.0,
    cell: Cell = ANYWHERE,
) -> pl.DataFrame:
    """Probability over draws that a model defines a frontier at ``as_of``.

    Parameters
    ----------
    entrants, frontier, as_of, margin, cell
        As in :func:`~headway.estimate.lag.definitions.lag_now`.
    at_least : float
        Models below this probability are left out.

    Returns
    -------
    frame
        ``domain``, ``stage``, ``group``, ``model_version``, ``probability``. Groups:
        ``open_weight`` and ``closed_public`` or ``closed_restricted`` for the model that holds the
        frontier, ``first_match`` for the closed model that first reached the open level (its
        probabilities sum to less than 1 where open models lead). Most probable first.
    """
    pair = frontier_pair(
        entrants, frontier=frontier, as_of=as_of, margin=margin, min_open=1, min_closed=1
    )
    closed_group = "closed_public" if frontier == "public" else "closed_restricted"
    rows: list[dict[str, object]] = []
    if pair.open is not None:
        step = np.argmax(pair.open.level == pair.open.level[:, -1:], axis=1)
        rows += _counted(pair, "open_weight", _at(pair.holders("open"), step), at_least)
    if pair.closed is not None:
        step = np.argmax(pair.closed.level == pair.closed.level[:, -1:], axis=1)
        rows += _counted(pair, closed_group, _at(pair.holders("closed"), step), at_least)
    if not pair.missing:
        open_, closed = pair.both
        match = closed.first_step_at(open_.level[:, -1:] - margin)[:, 0]
        reached = match < closed.level.shape[1]
        holder = _at(pair.holders("closed"), np.where(reached, match, 0))
        rows += _counted(pair, "first_match", np.where(reached, holder, -1), at_least)
    schema = {
        "domain": pl.String(),
        "stage": pl.String(),
        "group": pl.String(),
        "model_version": pl.String(),
        "probability": pl.Float64(),
    }
    filled = [{"domain": cell.domain, "stage": cell.stage, **row} for row in rows]
    return pl.DataFrame(filled, schema=schema)


def _at(holders: IntArray, step: IntArray) -> IntArray:
    """Holder at one step per draw."""
    return np.asarray(holders[np.arange(len(step)), step], dtype=np.int64)


def _counted(
    pair: FrontierPair, group: str, columns: IntArray, at_least: float
) -> list[dict[str, object]]:
    """Shares of draws, most frequent first; ties in entrant order."""
    names = pair.entrants.model_version
    counts = np.bincount(columns[columns >= 0], minlength=len(names))
    share = counts / len(columns)
    order = np.argsort(-share, kind="stable")
    return [
        {"group": group, "model_version": names[i], "probability": float(share[i])}
        for i in order
        if share[i] > 0 and share[i] >= at_least
    ]
