"""The fit and its error model: known truth is found, left-out groups are unseen, numbers hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from headway.api.deploy_catalogue import Deploy, point_from_row
from headway.estimate.deploy.calibrate import (
    PARAMETERS,
    Calibration,
    Prepared,
    efficiencies,
    fit,
    log_rates,
    natural,
    prepare,
)
from headway.estimate.deploy.crossval import coverage, half_width, leave_out, summary
from headway.estimate.deploy.points import Point, expand


def prepared(shipped: Deploy, points: Sequence[Point]) -> Prepared:
    expanded, reasons = expand(points, shipped.models, shipped.hardware)
    assert set(reasons) == {None}
    return prepare(points, expanded)


@pytest.fixture(scope="module")
def some(shipped: Deploy) -> Prepared:
    """A tenth of the points, spread over all cells."""
    rows = [r for r in shipped.catalogue.rows("measured") if r["use"] == "fit"]
    return prepared(shipped, [point_from_row(r) for r in rows[::10]])


def test_a_known_truth_is_found_again(shipped: Deploy, some: Prepared) -> None:
    """Points made by the model itself with other parameters than the priors, and 5 % noise."""
    truth = dict(shipped.calibration.values)
    rng = np.random.default_rng(5)
    made = log_rates(some, truth) + rng.normal(0, 0.05, len(some.points))
    found = fit(replace(some, measured=made))
    again = found.predict(some) - log_rates(some, truth)
    assert np.median(np.abs(again)) < 0.03
    assert found.values["drift"] == pytest.approx(truth["drift"], abs=0.15)


def test_a_wild_point_does_not_drag_the_fit(some: Prepared) -> None:
    measured = some.measured.copy()
    measured[::40] += 3.0
    one, two = fit(some).predict(some), fit(replace(some, measured=measured)).predict(some)
    assert np.median(np.abs(one - two)) < 0.03


def test_a_left_out_model_is_not_seen(shipped: Deploy, some: Prepared) -> None:
    """Moving its measurements changes its errors by exactly the move."""
    few = {"glm-5", "gpt-oss-120b", "minimax-m2"}
    some = prepared(shipped, [p for p in some.points if p.model in few])
    own = np.array([p.model == "glm-5" for p in some.points])
    moved = replace(some, measured=some.measured + 0.5 * own)
    use = np.ones(len(own), bool)
    errors = [leave_out(x, "new_model", use)[own] for x in (some, moved)]
    assert errors[0] - errors[1] == pytest.approx(0.5, abs=1e-9)


def test_parameters_stay_in_their_space() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        found = natural(rng.normal(0, 20, len(PARAMETERS)))
        for p in PARAMETERS:
            if p.kind == "share":
                assert 0 <= found[p.name] < 1
            if p.kind == "time":
                assert found[p.name] > 0


def test_an_unknown_engine_is_the_mean_of_all(shipped: Deploy) -> None:
    values = shipped.calibration.values
    e = efficiencies(values, np.array([0, 1, 2, -1]), np.zeros(4))
    logs = np.log(e.layer)
    assert logs[3] == pytest.approx(logs[:3].mean())


def test_interval_width_and_coverage() -> None:
    errors = np.arange(1, 101) / 100
    assert half_width(errors) == pytest.approx(0.91, abs=0.011)
    groups = ["a"] * 50 + ["b"] * 50
    # each half is judged by the other: the small errors all, of the large ones none
    assert coverage(errors, groups) == pytest.approx(0.5)


def test_the_summary_counts_points_and_cells() -> None:
    found = summary(np.log([1.0, 2.0, 0.5, 4.0]), ["a", "a", "b", "b"])
    assert (found.n, found.cells) == (4, 2)
    assert found.median_factor == pytest.approx(2.0)
    assert found.cell_median_factor == pytest.approx((1.5 + 3.0) / 2)
    assert found.bias == pytest.approx(np.sqrt(2) - 1)


# What ships ------------------------------------------------------------------------------------


def test_less_familiar_predictions_are_never_surer(shipped: Deploy) -> None:
    widths = [shipped.calibration.errors[k] for k in ("seen", "new_model", "new_chip", "new_both")]
    assert widths == sorted(widths)
    assert shipped.calibration.familiarity("nobody", "h100") == "new_model"
    assert shipped.calibration.familiarity("glm-5", "tpu7x") == "new_chip"
    assert shipped.calibration.familiarity("nobody", "tpu7x") == "new_both"


def test_the_stored_study_holds_what_is_promised(shipped: Deploy) -> None:
    """Thresholds of the method page; a new fit that breaks one must say so there."""
    told = shipped.catalogue.study("validation")["summaries"]["fit"]
    for kind in ("new_model", "new_chip"):
        assert told[kind]["median_factor"] <= 1.19
        assert told[kind]["p90_factor"] <= 1.60
        assert abs(told[kind]["bias"]) <= 0.05
        assert 0.87 <= told[kind]["coverage_90"] <= 0.93
        assert told[kind]["n"] == 1944


def test_the_shipped_parameters_are_the_frozen_ones(shipped: Deploy) -> None:
    """Independent sources were looked at after this: see docs/methods/deploy.md."""
    assert shipped.catalogue.hashes["calibration.json"].startswith("62a52d53cf3122")
    told = shipped.catalogue.study("independent")
    assert told["calibration"] == shipped.catalogue.hashes["calibration.json"]
    assert told["summary"]["median_factor"] <= 1.22
    assert shipped.calibration.through == date(2026, 4, 21)
    again = Calibration.from_json(shipped.calibration.to_json())
    assert again == shipped.calibration


@pytest.mark.slow
def test_the_shipped_parameters_are_what_the_fit_gives(shipped: Deploy) -> None:
    rows = [r for r in shipped.catalogue.rows("measured") if r["use"] == "fit"]
    found = fit(prepared(shipped, [point_from_row(r) for r in rows]))
    for name, value in shipped.calibration.values.items():
        assert found.values[name] == pytest.approx(value, rel=0.02, abs=0.005), name
