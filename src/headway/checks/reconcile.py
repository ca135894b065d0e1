"""Fits behind the reconciliation, and the study that stores its rows and default paths."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from headway.checks.reconcile_study import STUDY
from headway.checks.refits import Refit, Refitted, refit
from headway.errors import EmptyTable
from headway.estimate.lag.reconcile.choices import Choices
from headway.estimate.lag.reconcile.datasets import Abilities, Materials, materials
from headway.estimate.lag.reconcile.evaluate import Evaluated, evaluate
from headway.estimate.lag.reconcile.presets import PRESETS, own_presets
from headway.estimate.lag.reconcile.reproduce import Reproduced, reproduce
from headway.estimate.lag.reconcile.rules import Infeasible
from headway.estimate.lag.reconcile.shapley import Path, shapley_path
from headway.fanout import single_threaded
from headway.tables.store import Release

__all__ = [
    "DEFAULT_PATHS",
    "DRAWS",
    "ONE_PARAMETER_SD",
    "STUDY",
    "Fits",
    "Reconciliation",
    "is_plain_filter",
    "path_document",
    "row_document",
    "run_study",
]

#: Joint draws per fit; those of ``headway lag``, so that its headline numbers are ends of paths.
DRAWS = 1000
#: Spread of the log discriminations in a one-parameter fit: 2 % is as good as equal.
ONE_PARAMETER_SD = 0.02
#: Items of a benchmark per value of the choice ``items``.
_ITEMS = {
    "public": ("public",),
    "semi_private": ("semi_private",),
    "private": ("private",),
    "held_out": ("semi_private", "private"),
}
_TABLES = ("scores", "benchmarks", "model_versions", "access")
#: Paths that ship: the same index by two rules and by two kinds of items, one publisher's two builds,
#: and what lies between the institutes' figures and ours.
DEFAULT_PATHS: tuple[tuple[str, str], ...] = (
    ("blog-eci-k3", "headway-cyber"),
    ("epoch-2026-05-avg", "headway-general"),
    ("aisi-2026-07-narrow-glm52", "aisi-2026-07-range-glm52"),
    ("aisi-2026-07-narrow-glm52", "headway-cyber"),
    ("caisi-dsv4-lag", "blog-eci-k3"),
    ("ecih-rec-public", "ecih-rec-private"),
    ("ecih-rec-all", "ecih-trend-all"),
    ("ecih-trend-all", "ecih-0929-trend-all"),
    ("headway-coding", "headway-cyber"),
)

Key = tuple[str, str, str]


class Fits:
    """Ability fits per (irt, items, evaluator), each made when it is first asked for.

    The first one starts cold, the others from it. Draws use one seed per name, so that fits of the same
    models share random numbers; those of the plain evidence filters are the draws of ``headway lag``.

    Parameters
    ----------
    release : Release
    seed : int
    draws : int
    """

    def __init__(self, release: Release, *, seed: int, draws: int = DRAWS) -> None:
        self.tables = {name: release.table(name) for name in _TABLES}
        self.seed, self.draws = seed, draws
        self._base: Refitted | None = None
        self._fits: dict[Key, Refitted | EmptyTable] = {}
        self._cells: dict[tuple[Key, str], Abilities] = {}

    def abilities(self, irt: str, items: str, evaluator: str, domain: str) -> Abilities:
        """Abilities of one fit in one domain, or ``cyber.<stage>``.

        Raises
        ------
        Infeasible
            No row passes the filters, or none lies in the domain.
        """
        key = (irt, items, evaluator)
        if (key, domain) not in self._cells:
            found = self._fit(key)
            if isinstance(found, EmptyTable):
                raise Infeasible("no_scores")
            head, _, stage = domain.partition(".")
            cell = (head, stage or None)
            if not found.has(cell):
                raise Infeasible("no_scores")
            sample = found.sample
            theta = sample.theta(cell)
            informative = sample.summary(cell, theta)["informative"].to_numpy()
            self._cells[key, domain] = Abilities(
                models=tuple(found.fit.models),
                theta=theta,
                informative=informative,
                missing={f: found.missing(cell, f) for f in ("public", "restricted")},
            )
        return self._cells[key, domain]

    def _fit(self, key: Key) -> Refitted | EmptyTable:
        if key not in self._fits:
            # an evidence filter of ``headway lag`` is fitted cold, as there, and drawn with its seed
            evidence = is_plain_filter(*key)
            plain = evidence is not None
            name = evidence or "/".join(key)
            try:
                with single_threaded():
                    found = refit(
                        self.tables,
                        self._spec(key, name, plain=plain),
                        start=None if plain or self._base is None else self._base.fit,
                        draws=2,
                        seed=self.seed,
                    )
                    rng = np.random.default_rng(
                        [self.seed, zlib.crc32(f"posterior/{name}".encode())]
                    )
                    self._fits[key] = _with_sample(found, self.draws, rng)
            except EmptyTable as e:
                self._fits[key] = e
            made = self._fits[key]
            if self._base is None and isinstance(made, Refitted):
                self._base = made
        return self._fits[key]

    def _spec(self, key: Key, name: str, *, plain: bool) -> Refit:
        irt, items, evaluator = key
        if plain:
            return Refit(name, evidence=name)
        drop: dict[str, tuple[str, ...]] = {}
        if items != "all":
            kinds = self.tables["benchmarks"].select("benchmark", "item_access").iter_rows()
            drop["benchmark"] = tuple(b for b, kind in kinds if str(kind) not in _ITEMS[items])
        priors = {"log_discrimination_sd": ONE_PARAMETER_SD} if irt == "1pl" else {}
        return Refit(name, evidence=evaluator, drop=drop, priors=priors)


def is_plain_filter(irt: str, items: str, evaluator: str) -> str | None:
    """The evidence filter of ``headway lag`` that a combination is, if it is one."""
    if irt != "2pl":
        return None
    if items == "all":
        return evaluator
    return "held_out" if (items, evaluator) == ("held_out", "all") else None


def _with_sample(found: Refitted, draws: int, rng: np.random.Generator) -> Refitted:
    return replace(found, sample=found.fit.sample(draws, rng))


class Reconciliation:
    """Rows and paths of one release; every evaluated combination is kept.

    Parameters
    ----------
    release : Release
    seed : int
    abilities : callable, optional
        Where abilities come from; default: :class:`Fits`.
    level : float
    """

    def __init__(
        self,
        release: Release,
        *,
        seed: int,
        abilities: Callable[[str, str, str, str], Abilities] | None = None,
        level: float = 0.90,
    ) -> None:
        self.release, self.level = release, level
        self.materials: Materials = materials(
            index_scores=release.index_scores,
            index_lines=release.index_lines,
            scores=release.scores,
            benchmarks=release.benchmarks,
            model_versions=release.model_versions,
            access=release.access,
            abilities=abilities or Fits(release, seed=seed).abilities,
            rng=np.random.default_rng([seed, zlib.crc32(b"reconcile/series")]),
        )
        self._seen: dict[Choices, Evaluated] = {}

    def evaluate(self, choices: Choices) -> Evaluated:
        """The lag under a combination of choices."""
        if choices not in self._seen:
            self._seen[choices] = evaluate(choices, self.materials, level=self.level)
        return self._seen[choices]

    def rows(self) -> list[tuple[Mapping[str, Any], Reproduced]]:
        """Every published lag in months beside the same computed again, in the order of the table."""
        published = {
            row["estimate_id"]: row
            for row in self.release.published_estimates.iter_rows(named=True)
            if row["preset"] is not None
        }
        return [
            (
                published[preset.name],
                reproduce(preset, published[preset.name], self.evaluate, self.materials),
            )
            for preset in PRESETS
            if preset.name in published
        ]

    def named(self) -> dict[str, Choices]:
        """Choices behind every name that a path may start or end with."""
        return {
            **own_presets(self.release.data_through),
            **{
                p.name: p.choices
                for p in PRESETS
                if p.choices is not None and self.materials.offers(p.choices.data)
            },
        }

    def path(self, begin: Choices, end: Choices) -> Path:
        """The path between two ways of measuring."""
        return shapley_path(begin, end, self.evaluate, level=self.level)


def row_document(row: Mapping[str, Any], found: Reproduced) -> dict[str, Any]:
    """One row of ``headway reconcile --json``."""
    choices = found.preset.choices
    return {
        "preset": found.preset.name,
        "publisher": row["publisher"],
        "domain": row["domain"],
        "definition": row["definition"],
        "summary": row["summary"],
        "published": found.published.to_json(),
        "reproduced": found.reproduced.to_json(),
        "status": found.status,
        "ends_agree": found.ends_agree,
        "own_data_and_rule": found.preset.own,
        "choices": None if choices is None else choices.to_json(),
        "as_of": row["as_of"],
        "published_at": row["published_at"],
        "confidence": row["confidence"],
        "source": row["source_url"],
    }


def path_document(names: tuple[str, str], path: Path) -> dict[str, Any]:
    """A path as JSON: its ends, its steps, and what could not be computed on the way."""
    begin, end = path.begin, path.end
    return {
        "begin": names[0],
        "end": names[1],
        "lag_begin": begin.lag.to_json(),
        "lag_end": end.lag.to_json(),
        "choices_begin": begin.choices.to_json(),
        "choices_end": end.choices.to_json(),
        "orders_feasible": path.orders,
        "orders_all": path.all_orders,
        "blocked": [{"changed": list(b.changed), "why": b.why} for b in path.blocked],
        "steps": [
            {
                "choice": "+".join(step.names),
                "choices": list(step.names),
                "months": step.months.to_json(),
                "from": [begin.choices.to_json()[name] for name in step.names],
                "to": [end.choices.to_json()[name] for name in step.names],
                "order_min": step.order_min,
                "order_max": step.order_max,
            }
            for step in path.steps
        ],
    }


def run_study(
    release: Release,
    *,
    seed: int,
    workers: int | None = None,
    progress: str | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """All rows and the default paths.

    Parameters
    ----------
    release : Release
    seed : int
    workers, progress
        Not used: a dozen fits, each started from the first, take well under a minute.

    Returns
    -------
    options, result : dict, dict
        For :func:`headway.checks.stored.save_stored`.
    """
    del workers, progress
    made = Reconciliation(release, seed=seed)
    named = made.named()
    result = {
        "rows": [row_document(row, found) for row, found in made.rows()],
        "paths": [path_document((a, b), made.path(named[a], named[b])) for a, b in DEFAULT_PATHS],
    }
    return {"seed": seed, "as_of": release.data_through.isoformat(), "level": made.level}, result
