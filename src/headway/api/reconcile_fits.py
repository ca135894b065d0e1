"""Abilities for the reconciliation, from the cache where they were fitted before."""

from __future__ import annotations

from collections.abc import Callable

from headway import cache
from headway.api.engine import posteriors
from headway.checks.reconcile import Fits, is_plain_filter
from headway.errors import EmptyTable
from headway.estimate.lag.reconcile.datasets import Abilities
from headway.estimate.lag.reconcile.rules import Infeasible
from headway.tables.store import Release

__all__ = ["cached_fits"]


def cached_fits(release: Release, *, seed: int) -> Callable[[str, str, str, str], Abilities]:
    """A source of abilities: those of ``headway lag`` where the filter is one of its own.

    Any other combination of items, evaluators and parameters is fitted once and kept.
    """
    fits = Fits(release, seed=seed)

    def abilities(irt: str, items: str, evaluator: str, domain: str) -> Abilities:
        plain = is_plain_filter(irt, items, evaluator)
        if plain is not None:
            return _of_lag(release, plain, seed, domain)
        key = cache.key(
            "reconcile-fit",
            rows_hash=release.rows_hash,
            options={
                "irt": irt,
                "items": items,
                "evaluator": evaluator,
                "domain": domain,
                "seed": seed,
                "draws": fits.draws,
            },
        )
        entry = cache.load(key)
        if entry is not None:
            if "infeasible" in entry.document:
                raise Infeasible(entry.document["infeasible"])
            return Abilities(
                models=tuple(entry.document["models"]),
                theta=entry.arrays["theta"],
                informative=entry.arrays["informative"],
                missing={f: tuple(notes) for f, notes in entry.document["missing"].items()},
            )
        try:
            found = fits.abilities(irt, items, evaluator, domain)
        except Infeasible as no:
            cache.store(key, {"infeasible": no.why})
            raise
        cache.store(
            key,
            {
                "models": list(found.models),
                "missing": {f: list(notes) for f, notes in found.missing.items()},
            },
            {"theta": found.theta, "informative": found.informative},
        )
        return found

    return abilities


def _of_lag(release: Release, evidence: str, seed: int, domain: str) -> Abilities:
    found = posteriors(release, evidence=(evidence,), seed=seed)[evidence]
    head, _, stage = domain.partition(".")
    cell = (head, stage or None)
    if isinstance(found, EmptyTable) or cell not in found.cells:
        raise Infeasible("no_scores")
    draws = found.cells[cell]
    return Abilities(found.models, draws.theta, draws.informative, draws.missing)
