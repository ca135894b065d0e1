"""The data sets that a published lag may rest on, in one form.

A data set says which of the choices it can be filtered by. A filter that keeps all of its rows is
allowed (a cyber test holds only cyber rows), one that would keep none, or that its publisher does not
let anybody apply, is not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import polars as pl

from headway.errors import NotFound
from headway.estimate.lag.entrants import day_number
from headway.estimate.lag.reconcile.choices import VALUES, Choices
from headway.estimate.lag.reconcile.pool import (
    Pool,
    RegistryDates,
    pool_of_scores,
    registry_dates,
    with_registry_days,
)
from headway.estimate.lag.reconcile.rules import Infeasible

__all__ = ["HEADWAY", "Abilities", "Materials", "StatedLines", "materials"]

#: The ability model on the scores of the release.
HEADWAY = "headway"
#: Draws of a series whose publisher states a spread, or whose values were read off a chart.
SERIES_DRAWS = 4000
_ALL_GROUPS = ("open_closed", "china_us", "consumer_all")


@dataclass(frozen=True, slots=True)
class Abilities:
    """Abilities of one fit in one cell.

    Parameters
    ----------
    models : tuple of str
    theta : array, shape (n_draws, n_models)
    informative : array of bool, shape (n_models,)
    missing : mapping of frontier to tuple of str
        Why no lag can be given; empty if one can.
    """

    models: tuple[str, ...]
    theta: np.ndarray
    informative: np.ndarray
    missing: Mapping[str, tuple[str, ...]]


#: (irt, items, evaluator, domain) -> abilities; raises Infeasible where nothing can be fitted.
AbilitySource = Callable[[str, str, str, str], Abilities]


@dataclass(frozen=True, slots=True)
class StatedLines:
    """Trend lines known only by slopes and gap, with their stated intervals."""

    slope_closed: float
    slope_open: float
    gap: float
    at: date


@dataclass(frozen=True, slots=True)
class _Series:
    """An index or a test of somebody else.

    ``by_items`` maps a value of ``items`` to a pool: most series have one, under ``all``.
    """

    domains: tuple[str, ...]
    irt: tuple[str, ...]
    evaluators: tuple[str, ...]
    groups: tuple[str, ...]
    by_items: Mapping[str, Pool]
    weights: Mapping[str, Pool]
    note: str | None = None


@dataclass(frozen=True)
class Materials:
    """Everything that the generic function may read; built once per release.

    Parameters
    ----------
    series : mapping
        Indices and tests by key.
    lines : mapping
        Stated trend lines by key.
    panels : mapping of key to mapping of test to Pool
        Several tests without a common scale; only ``mean_forward`` is defined on them.
    registry : mapping
        Days and facts of every model.
    abilities : callable
        Abilities of the release's own fit.
    """

    series: Mapping[str, _Series]
    lines: Mapping[str, StatedLines]
    panels: Mapping[str, Mapping[str, Pool]]
    registry: Mapping[str, RegistryDates]
    abilities: AbilitySource
    _pairs: dict[str, Pool] = field(default_factory=dict, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Keys of the data sets, ``pair:...`` apart."""
        return (HEADWAY, *self.series, *self.lines, *self.panels)

    def offers(self, key: str) -> bool:
        """Whether a data set is there: a series of the release, or two models of its registry."""
        if key.startswith("pair:"):
            return all(name in self.registry for name in key.removeprefix("pair:").split("/"))
        return key in self.names

    def pair(self, key: str) -> Pool:
        """Two models that an author calls level: ``pair:LEADER/FOLLOWER`` (registry ids).

        Raises
        ------
        NotFound
            No such model, or no ``/``.
        """
        if key not in self._pairs:
            leader, mark, follower = key.removeprefix("pair:").partition("/")
            for name in (leader, follower):
                if not mark or name not in self.registry:
                    raise NotFound(
                        f"{key}: {name!r} is no model of the registry",
                        hint="pair:LEADER/FOLLOWER with ids of headway data show model_versions",
                    )
            self._pairs[key] = pool_of_scores([(leader, 0.0), (follower, 0.0)], self.registry)
        return self._pairs[key]

    def pool(self, choices: Choices) -> Pool:
        """The models of the data set under the choices that filter rows.

        Raises
        ------
        Infeasible
            The data set does not offer a value.
        NotFound
            No such data set.
        """
        if choices.data.startswith("pair:"):
            return self.pair(choices.data)
        if choices.data == HEADWAY:
            return self._headway(choices)
        found = self.series.get(choices.data)
        if found is None:
            raise NotFound(
                f"no data set is called {choices.data!r}", hint=f"one of {', '.join(self.names)}"
            )
        for name, allowed in (
            ("domain", found.domains),
            ("irt", found.irt),
            ("evaluator", found.evaluators),
            ("groups", found.groups),
            ("items", tuple(found.by_items)),
        ):
            if getattr(choices, name) not in allowed:
                raise Infeasible(f"not_in_data:{name}")
        if choices.dates == "weights":
            if choices.items not in found.weights:
                raise Infeasible("not_in_data:dates")
            return found.weights[choices.items]
        return found.by_items[choices.items]

    def _headway(self, choices: Choices) -> Pool:
        if choices.margin and choices.rule == "step":  # points of an index, not logits
            raise Infeasible("not_in_data:margin")
        found = self.abilities(choices.irt, choices.items, choices.evaluator, choices.domain)
        if found.missing[choices.frontier]:
            raise Infeasible(found.missing[choices.frontier][0])
        pool = pool_of_scores([(name, 0.0) for name in found.models], self.registry)
        return _with_scores(pool, found.theta, found.informative)


def _with_scores(pool: Pool, theta: np.ndarray, informative: np.ndarray) -> Pool:
    return replace(
        pool,
        score=np.asarray(theta, dtype=np.float64),
        informative=np.asarray(informative, dtype=bool),
        score_sd=None,
    )


def materials(
    *,
    index_scores: pl.DataFrame,
    index_lines: pl.DataFrame,
    scores: pl.DataFrame,
    benchmarks: pl.DataFrame,
    model_versions: pl.DataFrame,
    access: pl.DataFrame,
    abilities: AbilitySource,
    rng: np.random.Generator,
) -> Materials:
    """Data sets of a release.

    Parameters
    ----------
    index_scores, index_lines, scores, benchmarks, model_versions, access : frames
        Tables of the release.
    abilities : callable
    rng : Generator
        For the draws of series with a stated spread or reading error.
    """
    registry = registry_dates(model_versions, access)
    series: dict[str, _Series] = {}
    for key in sorted(k for k in index_scores["series"].unique() if k.startswith("eci-")):
        series[key] = _epoch(index_scores.filter(pl.col("series") == key), registry)
    bayesian = sorted(k for k in index_scores["series"].unique() if k.startswith("ecih-"))
    if bayesian:
        series["ecih-2026-09-08"] = _bayesian(
            {
                key.removeprefix("ecih-2026-09-08-").replace("-", "_"): index_scores.filter(
                    pl.col("series") == key
                )
                for key in bayesian
            },
            rng,
        )
    for key, test in _TESTS.items():
        rows = _test_rows(scores, test)
        if rows:
            series[key] = _test(rows, test, benchmarks, registry, rng)
    lines = {}
    for key in index_lines["series"].unique(maintain_order=True):
        mine = {
            row["quantity"]: row
            for row in index_lines.filter(pl.col("series") == key).iter_rows(named=True)
        }
        lines[f"{key}-lines"] = StatedLines(
            slope_closed=mine["slope_closed"]["value"],
            slope_open=mine["slope_open"]["value"],
            gap=mine["gap"]["value"],
            at=mine["gap"]["at"],
        )
    tests = sorted(k for k in index_scores["series"].unique() if k.startswith("epoch-2024-"))
    panels = (
        {"epoch-2024": {k: _panel(index_scores.filter(pl.col("series") == k)) for k in tests}}
        if tests
        else {}
    )
    return Materials(series, lines, panels, registry, abilities)


def _epoch(frame: pl.DataFrame, registry: Mapping[str, RegistryDates]) -> _Series:
    # registry ids where one line has one, so that a named model means the same in every data set
    once = pl.col("model_version").is_not_null() & ~pl.col("model_version").is_duplicated()
    frame = frame.with_columns(
        pl.when(once).then("model_version").otherwise("model").alias("model")
    )
    pool = _published_pool(frame)
    versions = dict(frame.select("model", "model_version").iter_rows())
    params = [
        registry[version].params_b if (version := versions[name]) in registry else np.nan
        for name in pool.model
    ]
    pool = replace(pool, params_b=np.array(params))
    return _Series(
        domains=("general",),
        irt=("2pl",),
        evaluators=("all",),
        groups=_ALL_GROUPS,
        by_items={"all": pool},
        weights={"all": with_registry_days(pool, [versions[m] for m in pool.model], registry)},
    )


def _published_pool(
    frame: pl.DataFrame, *, draws: int = 0, rng: np.random.Generator | None = None
) -> Pool:
    """A series with its publisher's dates and flags."""
    released = np.array([day_number(day) for day in frame["released"]])
    kind = frame["access"].cast(pl.String).to_numpy()
    is_open = kind == "open_weight"
    public = np.isin(kind, ("api", "hosted"))
    anyone = np.isin(kind, ("api", "hosted", "restricted", "unreleased"))
    # of an unknown kind is used by somebody, so it counts where only the country matters
    usable = is_open | public | (kind == "unknown")
    score = frame["score"].to_numpy().astype(np.float64)[None, :]
    spread = frame["score_sd"].fill_null(0.0).to_numpy().astype(np.float64)
    stated = frame["score_sd"].null_count() < len(frame)
    if draws and stated:
        assert rng is not None
        score = score + spread * rng.standard_normal((draws, score.shape[1]))
    point = frame["trend_point"]
    return Pool(
        model=tuple(frame["model"]),
        lab=tuple(
            lab or f"?{name}" for lab, name in zip(frame["lab"], frame["model"], strict=True)
        ),
        score=score,
        informative=np.ones(score.shape[1], dtype=bool),
        launch=released,
        open_from=np.where(is_open, released, np.inf),
        public_from=np.where(public, released, np.inf),
        any_from=np.where(anyone, released, np.inf),
        first_public=np.where(usable, released, np.inf),
        first_any=np.where(usable | anyone, released, np.inf),
        is_open=is_open,
        country=tuple(frame["country"]),
        params_b=np.full(score.shape[1], np.nan),
        score_sd=spread if stated else None,
        trend_point=None if point.null_count() else point.to_numpy().astype(bool),
        dated_weights=False,
    )


def _bayesian(by_scope: Mapping[str, pl.DataFrame], rng: np.random.Generator) -> _Series:
    return _Series(
        domains=("general",),
        irt=("2pl",),
        evaluators=("all",),
        groups=("open_closed",),
        by_items={
            scope: _published_pool(frame, draws=SERIES_DRAWS, rng=rng)
            for scope, frame in sorted(by_scope.items())
        },
        weights={},
    )


def _panel(frame: pl.DataFrame) -> Pool:
    """One test of a panel; errors compare on the scale of their logarithm, as its author does."""
    unique = frame.sort("score", descending=True).unique(["model"], keep="first").sort("model")
    pool = _published_pool(unique)
    return replace(pool, score=-np.log1p(-pool.score))


# Tests of the release --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Test:
    """Rows of the scores that make a series of their own: one benchmark in one panel."""

    benchmark: str
    panel: str | None
    irt: tuple[str, ...] = ("1pl", "2pl")  # one test orders models the same way under both
    logarithm: bool = False
    spread: Mapping[str, float] = field(default_factory=dict)


#: Half widths that the publisher states, over 1.96 (95 %), by model; CAISI, 2026-05-01.
_CAISI_SD = {
    "gpt-5.5": 28 / 1.96,
    "claude-opus-4.6": 27 / 1.96,
    "deepseek-v4-pro": 28 / 1.96,
    "gpt-5.4-mini": 46 / 1.96,
}
_TESTS: Mapping[str, _Test] = {
    "aisi-narrow": _Test("aisi-narrow", "aisi-narrow"),
    "aisi-range": _Test("aisi-tlo", "aisi-tlo"),
    "caisi-index": _Test("caisi-elo", "caisi-dsv4", irt=("1pl",), spread=_CAISI_SD),
    "lyptus-horizon": _Test("lyptus-horizon", "lyptus-v2", logarithm=True),
    "metr-horizon": _Test("metr-horizon-1.1", None, logarithm=True),
    "gpqa-diamond": _Test("gpqa-diamond", "epoch-hub-2026-03"),
    "lmarena-text": _Test("lmarena-text", "history-2025-05"),
}


def _test_rows(scores: pl.DataFrame, test: _Test) -> list[tuple[str, float, float]]:
    """(model, score, reading error) at each model's strongest setting."""
    rows = scores.filter(
        (pl.col("benchmark") == test.benchmark)
        & pl.col("use").cast(pl.String).is_in(["fit", "index", "duplicate"])
    )
    if test.panel is not None:
        rows = rows.filter(pl.col("panel") == test.panel)
    best: dict[str, tuple[float, float]] = {}
    for name, value, error in rows.select("model_version", "value", "read_error_sd").iter_rows():
        score = float(np.log(value)) if test.logarithm else float(value)
        if name not in best or score > best[name][0]:
            best[name] = (score, test.spread.get(name, error or 0.0))
    return [(name, *best[name]) for name in sorted(best)]


def _test(
    rows: list[tuple[str, float, float]],
    test: _Test,
    benchmarks: pl.DataFrame,
    registry: Mapping[str, RegistryDates],
    rng: np.random.Generator,
) -> _Series:
    about = benchmarks.filter(pl.col("benchmark") == test.benchmark).row(0, named=True)
    domain, stage = str(about["domain"]), about["stage"]
    items = str(about["item_access"])
    pool = pool_of_scores([(name, score) for name, score, _ in rows], registry)
    by_items = {"all": pool}
    if items in VALUES["items"]:  # type: ignore[operator]  # a vocabulary, not None
        by_items[items] = pool
    if items in ("private", "semi_private"):
        by_items["held_out"] = pool
    return _Series(
        domains=(domain, *([f"{domain}.{stage}"] if stage else [])),
        irt=test.irt,
        evaluators=("all", "independent"),
        groups=_ALL_GROUPS,
        by_items=by_items,
        weights=by_items,
    )
