"""Published figures come out again from their authors' public inputs.

Origins: the check figures of the collected data (UK AISI 4.3, 5.0, 6.7, 6.8; Epoch's index 14.8, 1.1,
6.9, 4.4 and 4.7; 7.0 against the published 4 or 6), the files of the General-Purpose AI Policy Lab
(16.7 over the open slope, 11.0 over the closed one), and the notebook of Epoch's report of 2024
(13 catch-up times, 5 % and 95 % at 5 and 22 months).
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from headway.checks.reconcile import Reconciliation
from headway.estimate.lag.reconcile.choices import Choices
from headway.estimate.lag.reconcile.evaluate import panel_durations
from headway.estimate.lag.reconcile.presets import PRESETS
from headway.estimate.lag.reconcile.reproduce import Reproduced

BY_NAME = {preset.name: preset for preset in PRESETS}


@pytest.fixture(scope="module")
def rows(work: Reconciliation) -> dict[str, Reproduced]:
    return {found.preset.name: found for _, found in work.rows()}


def value(work: Reconciliation, choices: Choices) -> float:
    found = work.evaluate(choices).lag.value
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "months"),
    [
        ("aisi-2026-07-narrow-glm52", 4.3),
        ("aisi-2026-07-narrow-v4pro", 5.0),
        ("aisi-2026-07-range-glm52", 6.7),
        ("aisi-2026-07-range-v4pro", 6.8),
        ("blog-eci-k3", 4.4),
        ("epoch-2026-05-avg", 7.0),
        ("ecih-trend-all", 16.7),
        ("ecih-0929-trend-all", 11.0),
        ("epoch-cn-gpt4", 13.8),
        ("semi-era2", 8.5),
        ("semi-era3-kimi", 4.8),
        ("semi-era3-glm", 6.1),
        ("aa-glm53-oct", 3.9),
        ("anthropic-glm53-months", 4.7),
    ],
)
def test_a_known_figure_comes_out(rows: dict[str, Reproduced], name: str, months: float) -> None:
    assert round(rows[name].reproduced.value, 1) == months


@pytest.mark.parametrize(
    ("model", "dates", "months"),
    [
        ("qwen2-72b", "launch", 14.8),
        ("deepseek-r1", "launch", 1.1),
        ("glm-5.2", "launch", 6.9),
        ("kimi-k3", "launch", 4.4),
        ("kimi-k3", "weights", 4.7),
    ],
)
def test_records_of_epochs_index(
    work: Reconciliation, model: str, dates: str, months: float
) -> None:
    choices = BY_NAME["blog-eci-k3"].choices
    assert choices is not None

    found = value(work, choices.with_(model=model, dates=dates, as_of=date(2026, 9, 30)))

    assert round(found, 1) == months


def test_a_match_by_the_first_model_in_the_data_can_be_a_bound(work: Reconciliation) -> None:
    choices = BY_NAME["blog-eci-k3"].choices
    assert choices is not None

    found = work.evaluate(choices.with_(model="qwen2-72b", first_match="bound"))

    assert (found.lag.status, round(found.lag.value or 0, 1)) == ("censored", 14.8)
    assert not found.feasible


def test_the_range_result_rests_on_a_digitised_tie(rows: dict[str, Reproduced]) -> None:
    """GLM-5.2 and Opus 4.5 stand at 11.0 of 32 steps; a sixth of a step of reading error and the lag is 4.3."""
    tied = rows["aisi-2026-07-range-glm52"].reproduced.interval
    clear = rows["aisi-2026-07-narrow-glm52"].reproduced.interval

    assert tied is not None
    assert clear is not None
    assert (tied.kind, round(tied.low, 1), round(tied.high, 1)) == ("digitised", 4.3, 6.7)
    assert clear.low == clear.high


def test_catch_up_times_of_2024(work: Reconciliation) -> None:
    choices = BY_NAME["epoch-2024-11-range"].choices
    assert choices is not None

    months = panel_durations(choices, work.materials)

    assert len(months) == 13
    assert np.round(np.percentile(months, [5, 95])).tolist() == [5, 22]
    assert round(float(months.mean())) == 13
    assert round(float(np.median(months)) + 0.02) == 15  # the notebook counts months of 365/12 days


@pytest.mark.parametrize(
    ("name", "months"),
    [
        ("ecih-k3", 3.3),
        ("cn-3-5-lowest", 1.5),
        ("ecih-priv-deepseek-v3-2-exp-thinking", 6.2),
        ("ecih-priv-kimi-k2-6", 12.8),
        ("ecih-priv-deepseek-v4-pro-max", 13.0),
        ("ecih-priv-glm-5-2-max", 14.7),
    ],
)
def test_record_lags_of_the_bayesian_index(
    rows: dict[str, Reproduced], name: str, months: float
) -> None:
    """Per-record medians as in the laboratory's files, from its posterior means and spreads."""
    assert round(rows[name].reproduced.value, 1) == months
    assert rows[name].status == "reproduced"


def test_its_mean_over_records_is_met_in_part_only(rows: dict[str, Reproduced]) -> None:
    """Its joint draws are not stored, independent ones are not the same: 7.4 against 7.2."""
    found = rows["ecih-rec-all"]

    assert found.status == "partly"
    assert found.reproduced.value == pytest.approx(7.2, abs=0.35)


def test_published_means_of_epoch_are_not_tuned(rows: dict[str, Reproduced]) -> None:
    for name in ("epoch-2025-10-ci", "epoch-2026-05-avg", "epoch-2026-05-strict"):
        found = rows[name]
        assert found.status == "partly"
        assert found.published.value is not None
        assert (found.reproduced.value or 0) - found.published.value > 2


def test_every_published_lag_in_months_is_a_row(work: Reconciliation) -> None:
    published = work.release.published_estimates
    wanted = set(published.filter(published["preset"].is_not_null())["preset"])

    assert {found.preset.name for _, found in work.rows()} == wanted
    assert len(wanted) == len(PRESETS)


def test_a_range_without_a_summary_is_never_reproduced(rows: dict[str, Reproduced]) -> None:
    ranges = [r for r in rows.values() if r.published.value is None]

    assert len(ranges) > 10
    told = {r.preset.name for r in ranges if r.status == "reproduced"}
    assert told == {"epoch-2024-11-range"}  # its author says which percentiles the ends are


def test_ends_of_a_range_are_compared(rows: dict[str, Reproduced]) -> None:
    assert rows["trendforce-k3"].ends_agree is True
    assert rows["epoch-consumer-range"].ends_agree is False
    assert rows["blog-eci-k3"].ends_agree is None


def test_what_rests_on_no_public_input_has_a_reason(rows: dict[str, Reproduced]) -> None:
    for found in rows.values():
        if found.status == "inputs_not_public":
            assert found.reproduced.status == "not_estimable"
            assert found.reproduced.value is None
            assert found.reproduced.notes == (found.preset.why,)


def test_only_own_data_and_rule_can_be_reproduced(rows: dict[str, Reproduced]) -> None:
    assert all(r.preset.own for r in rows.values() if r.status == "reproduced")
