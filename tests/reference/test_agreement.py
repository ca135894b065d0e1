"""The comparison of the engines: it orders states, thins evidence and tells shifts apart."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from headway.checks import agreement, agreement_compare
from headway.estimate.capability import select_evidence
from headway.estimate.capability.fit import ANCHORS
from headway.estimate.capability.laplace import AbilityDraws
from headway.estimate.lag import DEFINITIONS, Entrants, lag_rows
from headway.estimate.lag.states import DrawStates
from headway.tables.store import load_release

from .worlds import small_fit

AS_OF = date(2025, 11, 30)


def entrants(draws: int = 200) -> Entrants:
    rng = np.random.default_rng(0)
    count = 24
    is_open = np.arange(count) % 2 == 0
    day = 19000.0 + 60 * np.arange(count)
    return Entrants(
        model_version=tuple(f"m{i}" for i in range(count)),
        lab=tuple(f"lab{i % 6}" for i in range(count)),
        open_from=np.where(is_open, day, np.inf),
        closed_public_from=np.where(is_open, np.inf, day),
        closed_any_from=np.where(is_open, np.inf, day),
        ability=np.arange(count) * 0.3 - 0.8 * is_open + rng.normal(0, 0.3, (draws, count)),
        informative=np.ones(count, dtype=bool),
    )


def test_states_sort_failed_then_leads_then_numbers_then_bounds():
    states = DrawStates.build(
        np.array([3.0, 5.0, 2.0, 4.0]),
        leads=np.array([False, True, False, False]),
        bound=np.array([False, False, True, False]),
        failed=np.array([False, False, False, True]),
    )

    assert np.argsort(agreement_compare.order_key(states)).tolist() == [3, 1, 0, 2]


def test_states_per_draw_are_those_of_the_reported_rows():
    """The median of the draws is the reported value, definition by definition."""
    given = entrants()
    states = agreement_compare.lag_states(given, "public", AS_OF, 7.0)
    rows = lag_rows(given, as_of=AS_OF, rng=np.random.default_rng(0), process_reps=0, gap_scale=7.0)

    assert set(states) == set(DEFINITIONS)
    for row in rows:
        key = np.median(agreement_compare.order_key(states[row.definition]))
        assert row.lag.status == "estimated"
        assert key == pytest.approx(row.lag.value, abs=0.4)


def test_infinite_ends_have_no_width():
    lag = {"interval": {"low": "-inf", "high": 3.0}}

    assert agreement_compare.width(lag) is None
    assert agreement_compare.width({"interval": {"low": 1.0, "high": 3.0}}) == 2.0
    assert agreement_compare.width({"interval": None}) is None


def test_differences_need_two_numbers():
    row = {
        "fast": {"status": "estimated", "value": 5.0, "interval": {"low": 4.0, "high": 6.0}},
        "reference": {"status": "estimated", "value": 4.0, "interval": {"low": 3.0, "high": 7.0}},
    }

    assert agreement_compare.median_difference(row) == 1.0
    assert agreement_compare.width_ratio(row) == 0.5
    row["fast"] = {"status": "censored", "value": 5.0, "interval": None}
    assert agreement_compare.median_difference(row) is None
    assert agreement_compare.width_ratio(row) is None


class Moved:
    """A sample of abilities whose draws are shifted, widened or in another unit."""

    def __init__(self, sample, *, shift=0.0, widen=1.0, unit=1.0):
        self.fit, self.models = sample.fit, sample.models
        self._sample, self._change = sample, (shift, widen, unit)

    def _measured(self, cell):
        return self._sample._measured(cell)

    def centred(self, cell):
        shift, widen, unit = self._change
        draws = self._sample.centred(cell)
        mean, sd = draws.mean(axis=0), draws.std(axis=0)
        sign = np.where(np.arange(len(mean)) % 2, 1.0, -1.0)
        return unit * (mean + shift * sd * sign + widen * (draws - mean))


@pytest.mark.parametrize(
    ("change", "means", "sds"),
    [
        ({}, 1.0, 1.0),
        ({"unit": 1.3}, 1.0, 1.0),
        ({"shift": 1.0}, 0.3, 1.0),
        ({"widen": 1.8}, 1.0, 0.3),
    ],
)
def test_a_shift_and_a_wider_spread_are_told_from_another_unit(change, means, sds):
    pytest.importorskip("numpyro")
    fit = small_fit(models=30, benchmarks=12)
    first, second = (fit.sample(1000, np.random.default_rng(i)) for i in (1, 2))
    assert isinstance(first.raw, AbilityDraws)

    found = agreement_compare.compare_abilities(first, Moved(second, **change), ("coding", None), 1)

    assert (found["means_agree"] >= 0.99) if means == 1.0 else (found["means_agree"] <= means)
    assert (found["sds_agree"] >= 0.99) if sds == 1.0 else (found["sds_agree"] <= sds)
    assert found["unit_ratio"] == pytest.approx(1 / change.get("unit", 1.0), rel=0.05)


def test_the_thinned_evidence_keeps_every_cell_and_the_anchors():
    release = load_release()
    evidence = select_evidence(release.scores, release.benchmarks, release.model_versions)
    small = agreement.thin(evidence, models=60)
    cells = {tuple(row) for row in small.rows.select("domain", "stage").unique().iter_rows()}

    assert cells == {tuple(r) for r in evidence.rows.select("domain", "stage").unique().iter_rows()}
    assert len(small.models) == 60
    assert {name for name, _ in ANCHORS} <= set(small.models["model_version"])
    assert len(small.rows) < len(evidence.rows) / 2
    assert small.rows.equals(agreement.thin(evidence, models=60).rows)
    for name in ("setup", "scaffold"):
        counts = small.rows[name].drop_nulls().value_counts()["count"]
        assert counts.min() >= 2


def test_costs_count_one_warm_up_and_the_draws_for_400():
    timing = agreement.Timing(fast=1.0, warmup=10.0, sampling=20.0, chains=2, least_ess=200.0)

    # 200 from two chains of 20 s: 400 take four such chains
    assert timing.per_ess == pytest.approx(10 + 80)
    assert timing.to_json()["ratio"] == pytest.approx(1 / 90, abs=1e-5)


def test_a_summary_counts_disagreement_by_definition():
    def lag(value):
        return {
            "status": "estimated",
            "value": value,
            "interval": {"low": value - 2, "high": value + 2},
        }

    def row(definition, agrees):
        return {
            "domain": "cyber",
            "stage": None,
            "frontier": "public",
            "definition": definition,
            "distance": 0.05,
            "monte_carlo": 0.08,
            "agrees": agrees,
            "ess_bulk": 300.0,
            "r_hat": 1.01,
            "eligibility_flips": 2,
            "fast": lag(6.0),
            "reference": lag(5.5),
        }

    ability = {
        "domain": "cyber",
        "stage": None,
        "models": 10,
        "unit_ratio": 1.0,
        "shift_median": 0.1,
        "shift_p95": 0.2,
        "means_agree": 1.0,
        "sd_ratio_median": 1.0,
        "sd_ratio_p05": 0.9,
        "sd_ratio_p95": 1.1,
        "sds_agree": 1.0,
        "worst_r_hat": 1.01,
    }
    timing = agreement.Timing(0.5, 10.0, 20.0, 1, 400.0).to_json()
    worlds = [
        {
            "world": i,
            "generator": "model",
            "abilities": [ability],
            "lags": [row("lag_now", True), row("gap", i == 0)],
            "timing": timing,
            "divergences": i,
            "draws": 100,
            "gradients_per_draw": 31.0,
        }
        for i in range(2)
    ]
    found = agreement.summarise_worlds(worlds)
    by = {r["definition"]: r for r in found["lags_by_definition"]}

    assert by["lag_now"]["agrees"] == 1.0
    assert by["gap"]["agrees"] == 0.5
    assert by["gap"]["difference_median"] == 0.5
    assert found["divergences"] == 1
    assert found["timing"]["ratio"] == pytest.approx(0.5 / 30, abs=1e-4)
    assert pl.DataFrame(found["abilities"])["means_agree"][0] == 1.0
