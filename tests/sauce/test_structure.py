"""Errors in variables: slopes where the naive regression is wrong, coverage, leads by hand."""

from __future__ import annotations

import numpy as np
import pytest

from headway.checks.sauce import _verdict
from headway.errors import NotEnoughData
from headway.estimate.lag.lead import MIN_RECORDS, record_line
from headway.estimate.lag.sauce import (
    SauceDistribution,
    _log_likelihood,
    _scores,
    fit_structure,
)
from headway.result import DAYS_PER_MONTH

SLOPES = (0.6, 0.3)
SPREAD = 0.3
LAB_SD = 0.1
WITHIN = np.array([[0.36, 0.22], [0.22, 0.36]])
SIGNAL = float(np.array(SLOPES) @ WITHIN @ np.array(SLOPES))
EXPLAINED = SIGNAL / (SIGNAL + SPREAD**2 + LAB_SD**2)


def world(rng, count=60, labs=10, missing=0.2, noise=(0.15, 0.6)):
    """Models with correlated known errors; some have no result in one regressor."""
    lab = rng.choice(labs, count, p=rng.dirichlet(np.full(labs, 3.0)))
    year = rng.uniform(-1, 2, count)
    x = rng.multivariate_normal([0, 0], WITHIN, count) + np.outer(year, [2, 2])
    y = 0.5 + x @ SLOPES + rng.normal(0, LAB_SD, labs)[lab] + rng.normal(0, SPREAD, count)
    truth = np.column_stack([x, y])
    precision, pull = np.zeros((count, 3, 3)), np.zeros((count, 3))
    seen = np.zeros((count, 3))
    for i in range(count):
        sd = rng.uniform(*noise, 3)
        covariance = np.diag(sd) @ (0.9 * np.eye(3) + 0.1) @ np.diag(sd)
        seen[i] = rng.multivariate_normal(truth[i], covariance)
        keep = [0, 1, 2]
        if rng.random() < missing:
            keep.remove(int(rng.integers(2)))
        own = np.linalg.inv(covariance[np.ix_(keep, keep)])
        precision[i][np.ix_(keep, keep)] = own
        pull[i, keep] = own @ seen[i, keep]
    z = np.column_stack([np.ones(count), year])
    return precision, pull, z, [f"lab {i}" for i in lab], seen


def fitted(rng, draws=120, **options):
    precision, pull, z, lab, seen = world(rng, **options)
    found = fit_structure(precision, pull[None].repeat(draws, axis=0), z, lab, rng=rng)
    design = np.column_stack([z, seen[:, :2]])
    naive = np.linalg.lstsq(design, seen[:, 2], rcond=None)[0][2:]
    return found, naive


def test_slopes_are_right_where_the_naive_ones_are_attenuated():
    """Mean over worlds; the naive slope on the first regressor loses a quarter."""
    found, naive = zip(
        *(fitted(np.random.default_rng(s), draws=40) for s in range(12)), strict=True
    )
    ours = np.mean([np.median(f.slopes(), axis=0) for f in found], axis=0)
    theirs = np.mean(naive, axis=0)
    assert ours[0] == pytest.approx(SLOPES[0], abs=0.12)
    assert ours.sum() == pytest.approx(sum(SLOPES), abs=0.08)
    assert theirs[0] < 0.5
    assert abs(ours[0] - SLOPES[0]) < abs(theirs[0] - SLOPES[0])
    share = np.mean([np.median(f.explained()) for f in found])
    assert share == pytest.approx(EXPLAINED, abs=0.10)
    assert all(f.converged for f in found)


def test_the_gradient_is_that_of_the_likelihood():
    rng = np.random.default_rng(8)
    precision, pull, z, _, _ = world(rng, count=12)
    at = rng.normal(0, 0.3, 12)
    exact = _scores(at, precision, pull, z, 3, 2)
    for j in range(12):
        move = np.eye(12)[j] * 1e-5
        up, down = (_log_likelihood(at + s * move, precision, pull, z, 3, 2) for s in (1, -1))
        assert exact[:, j] == pytest.approx((up - down) / 2e-5, rel=1e-4, abs=1e-5)


def test_shares_are_shares_and_more_regressors_explain_no_less():
    found, _ = fitted(np.random.default_rng(4))
    both, first, second = found.explained(), found.explained([0]), found.explained([1])
    for share in (both, first, second):
        assert ((share >= 0) & (share <= 1)).all()
    assert (both >= first - 1e-9).all()
    assert (both >= second - 1e-9).all()
    assert found.residual_sd.min() > 0


def test_shares_do_not_depend_on_the_unit_of_a_cell():
    precision, pull, z, lab, _ = world(np.random.default_rng(5))
    unit = np.array([2.0, 0.5, 3.0])  # abilities in other units: theta * unit
    scaled = precision / unit[:, None] / unit[None, :]
    plain = fit_structure(
        precision, pull[None].repeat(60, axis=0), z, lab, rng=np.random.default_rng(1)
    )
    moved = fit_structure(
        scaled, (pull / unit)[None].repeat(60, axis=0), z, lab, rng=np.random.default_rng(1)
    )
    assert np.median(moved.explained()) == pytest.approx(np.median(plain.explained()), abs=0.03)
    assert np.median(moved.slopes()[:, 0]) == pytest.approx(
        np.median(plain.slopes()[:, 0]) * 3.0 / 2.0, abs=0.12
    )


def test_expectation_of_a_well_measured_model_is_the_line():
    found, _ = fitted(np.random.default_rng(6))
    x = np.array([0.4, -0.2])
    precision = np.eye(2)[None] * 1e6
    pull = (precision[0] @ x)[None, None].repeat(len(found.mean), axis=0)
    z = np.array([[1.0, 0.5]])
    mean, variance = found.expected(precision, pull, z)
    mu = np.einsum("nq,dqk->dnk", z, found.mean)[:, 0]
    line = mu[:, 2] + ((x - mu[:, :2]) * found.slopes()).sum(axis=1)
    assert mean[:, 0] == pytest.approx(line, abs=1e-3)
    assert variance.max() < 1e-4


def test_expectation_without_results_is_that_of_the_date_with_all_its_width():
    found, _ = fitted(np.random.default_rng(6))
    draws = len(found.mean)
    z = np.array([[1.0, 0.5]])
    mean, variance = found.expected(np.zeros((1, 2, 2)), np.zeros((draws, 1, 2)), z)
    assert mean[:, 0] == pytest.approx(np.einsum("q,dq->d", z[0], found.mean[:, :, 2]))
    slopes, xx = found.slopes(), found.covariance[:, :2, :2]
    assert variance[:, 0] == pytest.approx(np.einsum("di,dij,dj->d", slopes, xx, slopes))


def test_the_distribution_of_the_rest_carries_its_uncertainty():
    rest = SauceDistribution(np.array([0.3, 0.6, 9.0]), np.array([0.1, 0.1, np.nan]))
    months = rest.months(40_000, np.random.default_rng(0))
    assert months.mean() == pytest.approx(0.0, abs=0.1)
    # half the draws have sd 3, half 6; the one without a pace is not used
    assert months.std() == pytest.approx(np.sqrt((9 + 36) / 2), rel=0.03)
    none = SauceDistribution(np.ones(2), np.full(2, np.nan))
    assert np.isnan(none.months(3, np.random.default_rng(0))).all()


def test_too_few_models_or_laboratories_are_refused():
    precision, pull, z, lab, _ = world(np.random.default_rng(7), count=30)
    with pytest.raises(NotEnoughData, match="too_few_measured:6<10"):
        fit_structure(precision[:6], pull[None, :6], z[:6], lab[:6], rng=np.random.default_rng(0))
    with pytest.raises(NotEnoughData, match="too_few_labs:1<4"):
        fit_structure(precision, pull[None], z, ["one"] * 30, rng=np.random.default_rng(0))


@pytest.mark.slow
@pytest.mark.parametrize(("count", "labs"), [(45, 6), (70, 12)])
def test_intervals_cover_as_they_say(count, labs):
    """Measured over 100 worlds: 0.84-0.95 for slopes, 0.95-0.98 for shares (few laboratories)."""
    covered = []
    for seed in range(100):
        found, _ = fitted(np.random.default_rng([count, seed]), draws=100, count=count, labs=labs)
        row = []
        for draws, value in (
            (found.slopes()[:, 0], SLOPES[0]),
            (found.slopes()[:, 1], SLOPES[1]),
            (found.explained(), EXPLAINED),
        ):
            low, high = np.quantile(draws, [0.05, 0.95])
            row.append(low <= value <= high)
        covered.append(row)
    assert (np.mean(covered, axis=0) >= 0.82).all(), np.mean(covered, axis=0)


# Leads ---------------------------------------------------------------------------------------


def months(*values):
    return 20000.0 + DAYS_PER_MONTH * np.array(values, dtype=float)


def test_lead_over_an_exact_line_by_hand():
    """Records at 0, 1, 2, 3 logits every 6 months: half a year's progress ahead is 6 months."""
    ability = np.array([[0.0, 1.0, 2.0, 3.0, 5.0]])
    days = months(0, 6, 12, 18, 24)
    member = np.array([True, True, True, True, False])
    line = record_line(
        ability, days, member, since=days[0], until=days[4], rng=np.random.default_rng(0)
    )
    assert line.records == 4
    assert line.lead(ability[:, 4], days[4])[0] == pytest.approx(6.0, abs=1e-6)
    assert line.lead(ability[:, 4] - 1.0, days[4])[0] == pytest.approx(0.0, abs=1e-6)


def test_models_that_set_no_record_do_not_bend_the_line():
    days = months(0, 6, 12, 18, 9, 15)
    ability = np.array([[0.0, 1.0, 2.0, 3.0, -4.0, -4.0]])
    options = {"since": days[0], "until": months(24)[0], "rng": np.random.default_rng(0)}
    line = record_line(ability, days, np.ones(6, dtype=bool), **options)
    assert line.per_month[0] == pytest.approx(1 / 6, abs=1e-9)


def test_too_few_records_and_a_falling_line_give_no_lead():
    days = months(0, 6, 12)
    line = record_line(
        np.array([[0.0, 1.0, 2.0]]),
        days,
        np.ones(3, dtype=bool),
        since=days[0],
        until=months(24)[0],
        rng=np.random.default_rng(0),
    )
    assert MIN_RECORDS == 4
    assert np.isnan(line.lead(np.array([9.0]), months(24)[0])).all()
    nobody = record_line(
        np.zeros((2, 3)),
        days,
        np.zeros(3, dtype=bool),
        since=0.0,
        until=1e9,
        rng=np.random.default_rng(0),
    )
    assert np.isnan(nobody.per_month).all()


def test_leads_cover_the_true_distance_from_noisy_lines():
    """The line's own sampling error is in the interval: 90 % of true leads lie inside."""
    covered = []
    for seed in range(120):
        rng = np.random.default_rng(seed)
        days = months(*np.sort(rng.uniform(0, 15, 8)))
        trend = (days - 20000.0) / DAYS_PER_MONTH * 0.15
        # every model a record: noise small against the step, drawn again until it is so
        seen = trend + rng.normal(0, 0.05, 8)
        seen = np.maximum.accumulate(seen) + np.arange(8) * 1e-9
        end = months(16)[0]
        truth_at = 0.15 * 16 + 0.6
        line = record_line(
            seen[None].repeat(400, axis=0),
            days,
            np.ones(8, dtype=bool),
            since=days[0],
            until=end,
            rng=rng,
        )
        low, high = np.nanquantile(line.lead(np.full(400, truth_at), end), [0.05, 0.95])
        covered.append(low <= 0.6 / 0.15 <= high)
    assert np.mean(covered) >= 0.80, np.mean(covered)


@pytest.mark.parametrize(
    ("ahead", "jump", "verdict"),
    [
        (0.99, 0.97, "jump"),
        (0.99, 0.80, "ahead"),
        (0.60, 0.20, "undecided"),
        (0.01, 0.00, "behind"),
        (None, None, "not_estimable"),
    ],
)
def test_verdicts_follow_their_rule(ahead, jump, verdict):
    assert _verdict(ahead, jump) == verdict
