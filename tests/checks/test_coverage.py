"""The coverage study: it judges states rightly, and the intervals pass it on small worlds."""

from __future__ import annotations

import ast
import json
import math
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats

import headway
from headway.checks import studies
from headway.checks.coverage import (
    SCHEDULE,
    CoverageStudy,
    coverage_study,
    covers,
    summarise_coverage,
    summarise_power,
    summarise_tests,
)
from headway.checks.published_index import compare_with_index
from headway.checks.stored import save_stored
from headway.checks.worlds import GENERATORS, KINDS, simulate_world, true_ability
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
    rows = rows.with_columns(
        panel=pl.lit("p"),
        evaluator_relationship=pl.when(pl.int_range(pl.len()) % 3 == 0)
        .then(pl.lit("first_party"))
        .otherwise(pl.lit("third_party")),
        item_access=pl.lit("public"),
    )
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


def world(setting, generator: str, kind: str, seed: int):
    fit, entrants = setting
    return simulate_world(
        fit, generator, np.random.default_rng(seed), kind=kind, entrants=entrants, as_of=AS_OF
    )


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_world_keeps_the_missingness_and_moves_the_truth(setting, generator):
    fit, _ = setting
    one = world(setting, generator, "plain", 1)
    two = world(setting, generator, "plain", 2)
    design = fit.laplace.design

    keys = ["model_version", "benchmark", "n"]
    assert one.evidence.rows.select(keys).equals(fit.evidence.rows.select(keys))
    assert one.evidence.rows["score"].is_between(0, 1).all()
    assert not np.allclose(
        true_ability(one, ("cyber", None), design), true_ability(two, ("cyber", None), design)
    )


def test_constant_lag_worlds_have_parallel_trends_and_a_steady_rate_of_releases(setting):
    """Open and closed abilities rise alike; neither half of the window has most releases."""
    fit, entrants = setting
    slopes, halves = [], []
    for seed in range(12):
        found = world(setting, "model", "constant_lag", seed)
        is_open = np.isfinite(found.entrants.open_from)
        day = np.where(is_open, found.entrants.open_from, found.entrants.closed_public_from)
        theta = true_ability(found, ("cyber", None), fit.laplace.design)
        year = (day - day.min()) / 365.25
        slopes.append([np.polyfit(year[g], theta[g], 1)[0] for g in (is_open, ~is_open)])
        end = float((AS_OF - date(1970, 1, 1)).days)
        inside = day[is_open] > end - 4.25 * 365.25
        halves.append(np.mean(day[is_open][inside] > end - 4.25 * 365.25 / 2))
        assert (day <= end).all()
        # released and entered move together
        before = np.where(is_open, entrants.open_from, entrants.closed_public_from)
        moved = [
            (new - old).days
            for new, old in zip(
                found.evidence.models["released"], fit.evidence.models["released"], strict=True
            )
        ]
        assert np.allclose(moved, day - before)
    slopes = np.array(slopes)
    # 35 models per class with deviations of sd 0.7 over 4 years: a slope is known to about 0.12
    assert abs((slopes[:, 0] - slopes[:, 1]).mean()) < 0.15
    assert abs(np.mean(halves) - 0.5) < 0.1


def test_no_difference_worlds_differ_between_domains_by_chance_only(setting):
    fit, entrants = setting
    is_open = np.isfinite(entrants.open_from)
    gaps = []
    for seed in range(40):
        found = world(setting, "model", "no_difference", seed)
        cyber, coding = (
            true_ability(found, (d, None), fit.laplace.design) for d in ("cyber", "coding")
        )
        gaps.append([(x[~is_open].mean() - x[is_open].mean()) for x in (cyber, coding)])
    difference = np.subtract(*np.array(gaps).T)

    assert abs(difference.mean()) < 3 * difference.std() / math.sqrt(len(difference))
    assert difference.std() > 0.01


def test_selection_tests_the_strong_more_often_and_keeps_the_number_of_tests(setting):
    fit, _ = setting
    design = fit.laplace.design
    excess = []
    for seed in range(5):
        found = world(setting, "model", "selection", seed)
        rows = found.evidence.rows
        assert len(rows) == len(fit.evidence.rows)
        assert rows["benchmark"].equals(fit.evidence.rows["benchmark"])
        theta = true_ability(found, ("coding", None), design)
        tests = rows["model_version"].value_counts()
        count = dict(tests.iter_rows())
        n = np.array([count.get(m, 0) for m in design.models])
        year = design.model_year
        residual = theta - np.polyval(np.polyfit(year, theta, 1), year)
        excess.append(np.corrcoef(n, residual)[0, 1])
    assert np.mean(excess) > 0.3


def test_inflation_raises_developers_own_scores_only(setting):
    """The same random numbers with and without: only first-party rows differ, upwards."""
    plain = world(setting, "model", "plain", 3).evidence.rows
    high = world(setting, "model", "inflation", 3).evidence.rows
    own = plain["evaluator_relationship"] == "first_party"

    assert high["score"].filter(own).mean() > plain["score"].filter(own).mean() + 0.02
    assert abs(high["score"].filter(~own).mean() - plain["score"].filter(~own).mean()) < 0.01


def test_a_change_point_bends_the_open_trend(setting):
    fit, entrants = setting
    found = [world(setting, "model", "change_point", seed) for seed in range(30)]
    late = np.isfinite(entrants.open_from) & (fit.laplace.design.model_year > 2.0)
    up = [true_ability(w, ("coding", None), fit.laplace.design)[late].mean() for w in found]

    assert all(0.8 <= abs(w.bend) <= 2.4 for w in found)
    assert np.corrcoef([w.bend for w in found], up)[0, 1] > 0.4


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
    assert set(study.rows["kind"]) == set(SCHEDULE[:12]) == set(KINDS)
    assert stats.binomtest(round(share * effective), effective, 0.90, "less").pvalue > 0.001, share
    assert summarise_coverage(study, "definition")["n"].sum() == len(answered)


def test_the_study_catches_intervals_that_are_too_narrow(setting):
    """The same study at a 20 % level must look bad when judged as 90 %."""
    study = small_study(setting, 6, level=0.20)

    assert study.rows["covers"].mean() < 0.75


def test_the_same_seed_gives_the_same_study(setting):
    one, two = small_study(setting, 2), small_study(setting, 2)

    assert one.rows.equals(two.rows)
    assert one.tests.equals(two.tests)


def decisions(claim: str, kind: str, verdicts: list[str], truth: float = 0.0) -> CoverageStudy:
    """A study that holds nothing but decisions."""
    record = {
        "generator": "model",
        "kind": kind,
        "claim": claim,
        "domain": "cyber",
        "stage": None,
        "definition": "lag_mean_12m",
        "supported_by_draws": True,
        "contradicted_by_draws": False,
        "truth": truth,
        "covers": True,
        "p_change": None,
        "bend": None,
    }
    rows = [{**record, "world": i, "verdict": v} for i, v in enumerate(verdicts)]
    tests = pl.DataFrame(
        rows, schema_overrides={"stage": pl.String, "p_change": pl.Float64, "bend": pl.Float64}
    )
    return CoverageStudy(pl.DataFrame(), tests, len(verdicts), 0)


def test_size_counts_decisions_against_a_true_null_and_no_refusals():
    verdicts = ["supported", "undecided", "contradicted", "undecided", "not_estimable"]
    (found,) = summarise_tests(
        decisions("cyber_above_coding", "no_difference", verdicts)
    ).to_dicts()

    assert found["null"]
    assert found["n"] == 4
    assert found["size"] == 0.25
    assert found["size_by_draws"] == 1.0
    assert found["refused"] == 0.2


def test_static_is_wrongly_rejected_where_it_is_contradicted():
    verdicts = ["contradicted", "undecided", "supported", "undecided"]
    (found,) = summarise_tests(decisions("static", "constant_lag", verdicts)).to_dicts()
    (other,) = summarise_tests(decisions("static", "plain", verdicts)).to_dicts()

    assert found["size"] == 0.25
    assert not other["null"]
    assert other["size"] is None


def test_power_is_told_by_the_true_difference():
    found = summarise_power(decisions("cyber_above_coding", "plain", ["supported"] * 3, truth=7.0))

    assert found.select("low", "high", "n", "supported").rows() == [(6.0, 9.0, 3, 1.0)]


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
    options = {"as_of": "2026-09-30", "seed": 1}
    save_stored(studies.STUDY, "r", options, {"worlds": 3}, path=path)

    assert studies.load_studies("r", path=path) == {"worlds": 3}
    assert studies.load_studies("other", path=path) is None
    assert studies.load_studies("r", as_of=date(2026, 1, 1), path=path) is None
    told = json.loads(path.read_text())
    path.write_text(json.dumps({**told, "method_hash": "older"}))
    assert studies.load_studies("r", path=path) is None
    assert studies.load_studies("r", path=tmp_path / "absent.json") is None


def imported(module: str, seen: set[str]) -> set[str]:
    """Modules of the package that a module needs when it is imported, itself included."""
    root = Path(headway.__file__).parent
    if module in seen:
        return seen
    path = root.joinpath(*module.split(".")[1:]).with_suffix(".py")
    if not path.is_file():
        return seen
    seen.add(module)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("headway"):
            imported(node.module, seen)
    return seen


def test_the_method_of_the_study_names_all_estimators_it_uses():
    """A file that is not named could change numbers without making the stored ones stale."""
    found = imported("headway.checks.coverage", set())
    wanted = {
        module.removeprefix("headway.").replace(".", "/") + ".py"
        for module in found
        if module.startswith("headway.estimate.") and not module.endswith(".index")
    }

    assert wanted <= set(studies.STUDY.method)
    assert all((Path(headway.__file__).parent / name).is_file() for name in studies.STUDY.method)
