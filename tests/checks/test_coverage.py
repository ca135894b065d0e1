"""The coverage study: it judges states rightly, and the intervals pass it on small worlds."""

from __future__ import annotations

import json
import math
from datetime import date

import numpy as np
import polars as pl
import pytest
from scipy import stats

from headway.checks import studies
from headway.checks.coverage import coverage_study, covers, summarise_coverage
from headway.checks.published_index import compare_with_index
from headway.checks.worlds import GENERATORS, simulate_world, true_ability
from headway.errors import NotEnoughData
from headway.estimate.capability import CapabilityFit, build_design, fit_laplace
from headway.estimate.capability.evidence import Evidence
from headway.estimate.lag import Entrants, LagRow
from headway.result import Interval, Quantity

from ..capability.synthetic import panel

AS_OF = date(2026, 9, 30)
SEED = 20261123


def lag_row(status: str, value: float | None, low: float = 0.0, high: float = 0.0) -> LagRow:
    notes = ("too_few_open:1<3",) if status == "not_estimable" else ()
    interval = None if status == "not_estimable" else Interval(low, high, 0.9, "eti")
    lag = Quantity(value, "months", interval, 5, 3, status, notes)  # type: ignore[arg-type]
    return LagRow("cyber", None, "lag_now", "public", "all", AS_OF, lag)


@pytest.mark.parametrize(
    ("truth", "found", "expected"),
    [
        (lag_row("estimated", 5.0), lag_row("estimated", 4.0, 3.0, 6.0), True),
        (lag_row("estimated", 7.0), lag_row("estimated", 4.0, 3.0, 6.0), False),
        (lag_row("open_leads", None), lag_row("estimated", 1.0, -math.inf, 3.0), True),
        (lag_row("open_leads", None), lag_row("estimated", 1.0, 0.5, 3.0), False),
        (lag_row("censored", 9.0), lag_row("estimated", 8.0, 5.0, math.inf), True),
        (lag_row("censored", 9.0), lag_row("estimated", 6.0, 5.0, 8.0), False),
        (lag_row("not_estimable", None), lag_row("estimated", 6.0, 5.0, 8.0), None),
    ],
)
def test_states_are_ordered_leads_then_numbers_then_bounds(truth, found, expected):
    assert covers(truth, found) is expected


@pytest.fixture(scope="module")
def setting() -> tuple[CapabilityFit, Entrants]:
    rows, models, _ = panel(models=70, benchmarks=15, seed=5)
    rows = rows.with_columns(panel=pl.lit("p"))
    models = models.with_columns(lab=pl.lit("x"))
    empty = pl.DataFrame(schema={"score_id": pl.String, "reason": pl.String})
    evidence = Evidence(rows, models, empty, "all", None, 0.0)
    fit = CapabilityFit(fit_laplace(build_design(rows, models)), evidence)
    day = np.array([float((d - date(1970, 1, 1)).days) for d in models["released"]])
    is_open = np.array([c == "open" for c in models["access_class"]])
    closed = np.where(is_open, np.inf, day)
    count = len(models)
    entrants = Entrants(
        model_version=tuple(models["model_version"]),
        lab=tuple(f"lab{i % 9}" for i in range(count)),
        open_from=np.where(is_open, day, np.inf),
        closed_public_from=closed,
        closed_any_from=closed,
        ability=np.zeros((1, count)),
        informative=np.ones(count, dtype=bool),
    )
    return fit, entrants


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_world_keeps_the_missingness_and_moves_the_truth(setting, generator):
    fit, _ = setting
    one = simulate_world(fit, generator, np.random.default_rng(1))
    two = simulate_world(fit, generator, np.random.default_rng(2))
    design = fit.laplace.design

    keys = ["model_version", "benchmark", "n"]
    assert one.evidence.rows.select(keys).equals(fit.evidence.rows.select(keys))
    assert one.evidence.rows["score"].is_between(0, 1).all()
    assert not np.allclose(
        true_ability(one, ("cyber", None), design), true_ability(two, ("cyber", None), design)
    )


def small_study(setting, worlds: int, level: float = 0.90):
    fit, entrants = setting
    return coverage_study(
        fit,
        entrants,
        as_of=AS_OF,
        worlds=worlds,
        seed=SEED,
        level=level,
        draws=200,
        known_items_every=0,
        workers=1,
    )


def test_90_percent_intervals_hold_the_truth_in_small_worlds(setting):
    """12 worlds, 3 domains, 6 definitions; the rows of one world count as 2 (false alarm 1/1000)."""
    study = small_study(setting, 12)
    answered = study.rows.filter(pl.col("covers").is_not_null())
    share = answered["covers"].mean()
    effective = 24

    assert set(study.rows["generator"]) == set(GENERATORS)
    assert stats.binomtest(round(share * effective), effective, 0.90, "less").pvalue > 0.001, share
    assert summarise_coverage(study, "definition")["n"].sum() == len(answered)


def test_the_study_catches_intervals_that_are_too_narrow(setting):
    """The same study at a 20 % level must look bad when judged as 90 %."""
    study = small_study(setting, 6, level=0.20)

    assert study.rows["covers"].mean() < 0.75


def test_the_same_seed_gives_the_same_study(setting):
    assert small_study(setting, 2).rows.equals(small_study(setting, 2).rows)


def test_an_index_that_is_our_ability_correlates_and_a_shuffled_one_does_not():
    rng = np.random.default_rng(0)
    ability = rng.normal(100, 20, 40)
    ours = pl.DataFrame(
        {
            "model_version": [f"m{i}" for i in range(40)],
            "lab": [f"l{i % 8}" for i in range(40)],
            "ability": ability,
            "low": ability - 8,
            "high": ability + 8,
        }
    )
    index = pl.DataFrame(
        {"model_version": ours["model_version"], "value": 50 + ability / 2 + rng.normal(0, 1, 40)}
    )
    shuffled = index.with_columns(pl.col("value").shuffle(seed=1))

    close = compare_with_index(ours, index, rng=np.random.default_rng(1))
    far = compare_with_index(ours, shuffled, rng=np.random.default_rng(1))

    assert close.rank_correlation.interval.low > 0.95
    assert close.slope == pytest.approx(0.5, abs=0.05)
    assert far.rank_correlation.interval.low < 0.3


def test_too_few_models_in_common_is_said():
    ours = pl.DataFrame(
        {"model_version": ["a"], "lab": ["x"], "ability": [1.0], "low": [0.0], "high": [2.0]}
    )
    index = pl.DataFrame({"model_version": ["a"], "value": [1.0]})

    with pytest.raises(NotEnoughData, match="1 models in common"):
        compare_with_index(ours, index, rng=np.random.default_rng(0))


def test_a_stored_study_of_other_rows_or_another_method_is_not_used(tmp_path):
    path = tmp_path / "studies.json"
    stored = {"rows_hash": "r", "method_hash": studies.method_hash(), "as_of": "2026-09-30"}
    path.write_text(json.dumps(stored))

    assert studies.load_studies("r", path=path) == stored
    assert studies.load_studies("other", path=path) is None
    assert studies.load_studies("r", as_of=date(2026, 1, 1), path=path) is None
    path.write_text(json.dumps({**stored, "method_hash": "older"}))
    assert studies.load_studies("r", path=path) is None
    assert studies.load_studies("r", path=tmp_path / "absent.json") is None
