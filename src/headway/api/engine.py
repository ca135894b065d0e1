"""One ability fit per evidence filter and as-of date, cached, and what lags need of it.

Draws, eligibility and scales of a fit are kept in the cache; everything else is quick.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from headway import cache
from headway.api.data import load
from headway.errors import BadOption, EmptyTable
from headway.problems import problem
from headway.tables.choice import with_quarantined
from headway.tables.schemas import DOMAINS, STAGES
from headway.tables.store import Release

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from headway.estimate.lag import Entrants

__all__ = [
    "BASES",
    "CELLS",
    "N_DRAWS",
    "Cell",
    "CellDraws",
    "Posterior",
    "posteriors",
    "row_rng",
]

Cell = tuple[str, str | None]
#: A fit as it is cached: a JSON document and its arrays.
Raw = tuple[dict[str, Any], "dict[str, NDArray[Any]]"]
#: Every cell that is reported: the domains, then the stages of cyber.
CELLS: tuple[Cell, ...] = (
    *((d, None) for d in DOMAINS),
    *(("cyber", s) for s in STAGES),
)
#: Which access rows count: all, or only those that a source states.
BASES = ("all", "stated")
#: Posterior draws per fit.
N_DRAWS = 1000


def cell_key(cell: Cell) -> str:
    """A cell as text: ``cyber`` or ``cyber.exploit``."""
    domain, stage = cell
    return domain if stage is None else f"{domain}.{stage}"


@dataclass(frozen=True)
class CellDraws:
    """Abilities in one cell.

    Parameters
    ----------
    theta : array, shape (n_draws, n_models), logits
    informative : array of bool, shape (n_models,)
        May define a frontier: posterior sd at most 0.7 of the prior sd.
    n_scores : array of int, shape (n_models,)
        Score rows in the cell.
    missing : mapping of frontier to tuple of str
        What a lag against that frontier lacks, as message keys; empty if estimable.
    """

    theta: NDArray[np.float64]
    informative: NDArray[np.bool_]
    n_scores: NDArray[np.int64]
    missing: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Posterior:
    """Draws of one fit and the entry dates of its models.

    ``facts`` are counts for people: rows used, rows left out by reason, shares.
    ``scale`` has per domain ``points_per_logit``, ``odds_per_10_points`` and ``anchors``.
    """

    evidence: str
    as_of: date
    models: tuple[str, ...]
    cells: Mapping[Cell, CellDraws]
    scale: Mapping[str, Mapping[str, Any]]
    facts: Mapping[str, Any]
    entrants: Entrants

    def entrants_in(self, cell: Cell) -> Entrants:
        """The models with their abilities in a cell (logits)."""
        draws = self.cells[cell]
        return self.entrants.with_ability(draws.theta, draws.informative)

    def points(self, cell: Cell) -> NDArray[np.float64] | None:
        """(n_draws, n_models) abilities on the reported scale of the cell's domain.

        Each draw is centred on the models measured in the domain. ``None`` without a scale.
        """
        scale = self.scale.get(cell[0])
        if scale is None:
            return None
        whole = self.cells[(cell[0], None)]
        centre = whole.theta[:, whole.n_scores > 0].mean(axis=1, keepdims=True)
        out: NDArray[np.float64] = (self.cells[cell].theta - centre) * float(
            scale["points_per_logit"]
        ) + float(scale["offset"])
        return out


def row_rng(seed: int, *names: object) -> np.random.Generator:
    """The generator of one row: it depends on the seed and the row's own name only.

    So a number does not change with what else is asked for.
    """
    import numpy as np

    return np.random.default_rng([seed, zlib.crc32("/".join(map(str, names)).encode())])


def _options(
    evidence: str, as_of: date | None, basis: str, seed: int, draws: int, engine: str
) -> dict[str, Any]:
    return {
        "engine": engine,
        "evidence": evidence,
        "as_of": None if as_of is None else as_of.isoformat(),
        "access_basis": basis,
        "seed": seed,
        "draws": draws,
    }


def posteriors(
    release: Release,
    *,
    evidence: Sequence[str] = ("all",),
    as_of: date | None = None,
    access_basis: str = "all",
    seed: int,
    draws: int = N_DRAWS,
    engine: str = "fast",
    workers: int | None = None,
    progress: str | None = None,
) -> dict[str, Posterior | EmptyTable]:
    """One fit per evidence filter, from the cache or computed side by side.

    Parameters
    ----------
    release : Release
    evidence : sequence of str
        Filters of :data:`headway.estimate.capability.EVIDENCE`.
    as_of : date, optional
        Knowledge date; from ``data_through`` on all rows are used, those without a date too.
    access_basis : {"all", "stated"}
    seed : int
    draws : int
    engine : {"fast", "reference"}
        The deterministic fit, or full sampling (extra ``bayes``; many minutes).
    workers : int, optional
    progress : str, optional
        What to say on stderr if it takes more than two seconds.

    Returns
    -------
    dict
        Per filter its posterior, or :class:`EmptyTable` where no row passes it.

    Raises
    ------
    BadOption
        Nothing was known by ``as_of``.
    """
    from headway.fanout import run

    day = None if as_of is None or as_of >= release.data_through else as_of
    known = release.scores["known_on"].drop_nulls()
    if day is not None and not (known <= day).any():
        raise problem(BadOption, "nothing-known", as_of=day.isoformat(), first=str(known.min()))
    keys = {
        name: cache.key(
            "posterior",
            rows_hash=release.rows_hash,
            options=_options(name, day, access_basis, seed, draws, engine),
        )
        for name in evidence
    }
    raw: dict[str, Raw | EmptyTable] = {}
    for name, key in keys.items():
        entry = cache.load(key)
        if entry is not None:
            raw[name] = (entry.document, dict(entry.arrays))
    absent = [name for name in evidence if name not in raw]
    if absent:
        own = release.scores.filter(release.scores["evaluator_relationship"] == "own")
        quarantined = "quarantined" in release.head.included
        tasks = [
            (release.path, quarantined, own, name, day, access_basis, seed, draws, engine)
            for name in absent
        ]
        for name, found in zip(
            absent,
            run(_fit_task, tasks, seed=seed, workers=workers, progress=progress),
            strict=True,
        ):
            raw[name] = found
            if not isinstance(found, EmptyTable):
                cache.store(keys[name], *found)
    reported = as_of or release.data_through
    return {
        name: found
        if isinstance(found, EmptyTable)
        else _posterior(release, *found, reported, access_basis)
        for name, found in ((name, raw[name]) for name in evidence)
    }


def _fit_task(task: tuple[Any, ...], _: np.random.Generator) -> Raw | EmptyTable:
    """One fit; the release is read again, so that a worker needs its path and rows of one's own."""
    import polars as pl

    path, quarantined, own, evidence, as_of, basis, seed, draws, engine = task
    release = load(path)
    if quarantined:
        release = with_quarantined(release)
    if len(own):
        release = replace(release, scores=pl.concat([release.scores, own]))
    try:
        return _compute(release, evidence, as_of, basis, seed, draws, engine)
    except EmptyTable as e:
        return e


def _published_on(release: Release) -> dict[str, date]:
    """First day on which results of a model were known."""
    import polars as pl

    first = release.scores.group_by("model_version").agg(pl.col("known_on").min()).drop_nulls()
    return dict(first.iter_rows())


def _compute(
    release: Release,
    evidence: str,
    as_of: date | None,
    basis: str,
    seed: int,
    draws: int,
    engine: str,
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    import numpy as np
    import polars as pl

    from headway.estimate.capability import fit_capability, select_evidence
    from headway.estimate.lag import FRONTIERS, entrants_from_access
    from headway.fanout import single_threaded

    chosen = select_evidence(
        release.scores,
        release.benchmarks,
        release.model_versions,
        evidence=evidence,
        as_of=as_of,
        stated_only=basis == "stated",
    )
    with single_threaded():
        if engine == "reference":
            from headway.estimate.capability.reference import reference_sample

            sample = reference_sample(chosen, draws, seed)
            fit = sample.fit
        else:
            fit = fit_capability(chosen)
            sample = fit.sample(draws, row_rng(seed, "posterior", evidence))
    models = fit.models
    arrays: dict[str, NDArray[Any]] = {}
    cells: dict[str, Any] = {}
    scale: dict[str, Any] = {}
    for cell in CELLS:
        domain, stage = cell
        known_cells = set(fit.cells)
        if domain not in {d for d, _ in known_cells} or (stage and cell not in known_cells):
            continue
        theta = sample.theta(cell)
        summary = sample.summary(cell, theta)
        name = cell_key(cell)
        arrays[f"theta.{name}"] = theta
        arrays[f"informative.{name}"] = summary["informative"].to_numpy()
        arrays[f"n_scores.{name}"] = summary["n_scores"].to_numpy().astype(np.int64)
        entrants = entrants_from_access(
            release.access,
            release.model_versions,
            models,
            theta,
            arrays[f"informative.{name}"],
            stated_only=basis == "stated",
            as_of=as_of,
            results_published=_published_on(release),
        )
        opened = np.isfinite(entrants.open_from)
        missing = {}
        for frontier in FRONTIERS:
            closed = np.isfinite(entrants.closed_from(frontier))
            _, notes = sample.estimable(cell, entrants.informative, opened, closed)
            missing[frontier] = list(notes)
        cells[name] = missing
        if stage is None:
            found = sample.scale(domain)
            if found is not None:
                scale[domain] = {
                    "anchors": [list(a) for a in found.anchors],
                    "points_per_logit": found.points_per_logit,
                    "odds_per_10_points": found.odds_per_10_points,
                    "offset": found.offset,
                    "is_substitute": found.is_substitute,
                }
    rows = chosen.rows
    per_domain = rows.group_by("domain").agg(
        pl.len().alias("scores"),
        (pl.col("evaluator_relationship") == "first_party").mean().alias("first_party_share"),
    )
    facts = {
        "scores": len(rows),
        "models": len(models),
        "benchmarks": rows["benchmark"].n_unique(),
        "pseudo_vintage_share": chosen.pseudo_vintage_share,
        "left_out": dict(chosen.dropped["reason"].value_counts().sort("reason").iter_rows()),
        "domains": {r["domain"]: dict(r) for r in per_domain.sort("domain").iter_rows(named=True)},
        "sources": dict(rows["source"].value_counts().sort("source").iter_rows()),
        "undated_models": int(chosen.models["released"].null_count()),
        "converged": bool(fit.laplace.converged),
        "iterations": int(fit.laplace.iterations),
    }
    document = {
        "evidence": evidence,
        "models": list(models),
        "cells": cells,
        "scale": scale,
        "facts": facts,
    }
    return document, arrays


def _posterior(
    release: Release,
    document: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    as_of: date,
    basis: str,
) -> Posterior:
    import numpy as np

    from headway.estimate.lag import entrants_from_access

    models = tuple(document["models"])
    cells = {}
    for cell in CELLS:
        name = cell_key(cell)
        if name in document["cells"]:
            cells[cell] = CellDraws(
                theta=arrays[f"theta.{name}"],
                informative=arrays[f"informative.{name}"],
                n_scores=arrays[f"n_scores.{name}"],
                missing={k: tuple(v) for k, v in document["cells"][name].items()},
            )
    entrants = entrants_from_access(
        release.access,
        release.model_versions,
        models,
        np.zeros((1, len(models))),
        np.zeros(len(models), dtype=bool),
        stated_only=basis == "stated",
        as_of=as_of,
        results_published=_published_on(release),
    )
    return Posterior(
        evidence=document["evidence"],
        as_of=as_of,
        models=models,
        cells=cells,
        scale=document["scale"],
        facts=document["facts"],
        entrants=entrants,
    )
