"""The three forecasts, the naive ones, and what would change them, on invented histories."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from headway.errors import NotEnoughData, UnknownModel
from headway.estimate.lag.entrants import date_of, day_number
from headway.estimate.lag.forecast import (
    BASELINES,
    COMPONENTS,
    HORIZON_MONTHS,
    Change,
    History,
    Rule,
    Simulated,
    Target,
    baseline_forecasts,
    changed,
    forecasts,
    history,
    simulate,
    target_in,
    usual_jump,
)
from headway.estimate.lag.forecast.baselines import CONSTANT_MONTHS, SPREAD
from headway.estimate.lag.forecast.releases import release_clock
from headway.estimate.lag.forecast.reporting import reporting_delays, truncated_delays
from tests.forecast.worlds import MONTH, START, steady, until


def situation(seed: int = 1, **options: float) -> tuple[Simulated, Target, History]:
    """The latest closed model of a steady world as the target."""
    rng = np.random.default_rng(seed)
    entrants, sizes, end = steady(rng, **options)  # type: ignore[arg-type]
    past = history(entrants, as_of=end)
    simulated = simulate(past, sizes, rng=rng)
    name = entrants.model_version[int(np.argmax(np.where(
        np.isfinite(entrants.closed_any_from), entrants.closed_any_from, -np.inf
    )))]  # fmt: skip
    return simulated, target_in(past, name), past


def test_every_forecast_centres_near_the_lag_of_a_steady_world() -> None:
    """Open models follow 8 months behind, so the newest closed model is met in about 8 months."""
    medians: dict[str, list[float]] = {name: [] for name in COMPONENTS}
    for seed in range(6):
        simulated, target, past = situation(seed)
        waited = target.waited(past.now)
        for name, part in forecasts(simulated, target).items():
            medians[name].append(float(part.quantile(np.array([0.5]))[0]) + waited)
    for name, found in medians.items():
        assert len(found) == 6, name
        assert np.median(found) == pytest.approx(8.0, abs=2.5), (name, found)


def test_what_is_reached_keeps_its_date_in_every_component() -> None:
    simulated, _, past = situation()
    entrants = past.pair.entrants
    first = int(np.argmin(entrants.closed_any_from))
    target = target_in(past, entrants.model_version[first])
    assert target.reached.all()
    expected = (target.reached_on - past.now) / MONTH
    for part in forecasts(simulated, target).values():
        assert np.sort(part.months) == pytest.approx(np.sort(expected))
        assert part.reached() == pytest.approx(1.0)
    assert target.reached_by is not None
    assert target.reached_by.startswith("open")


def test_components_do_not_depend_on_each_other() -> None:
    """Without sizes there is no density forecast, and the others keep their numbers."""
    entrants, sizes, end = steady(np.random.default_rng(3))
    past = history(entrants, as_of=end)
    name = [m for m in entrants.model_version if m.startswith("closed")][-1]
    target = target_in(past, name)
    both = [forecasts(simulate(past, s, rng=np.random.default_rng(9)), target) for s in (sizes, {})]
    assert set(both[0]) == set(COMPONENTS)
    assert set(both[1]) == {"trend", "survival"}
    for part in both[1]:
        assert both[0][part].months == pytest.approx(both[1][part].months)
    absent = simulate(past, {}, rng=np.random.default_rng(9)).absent
    assert absent["density"] == ("too_few_sized:0<12",)


def test_an_earlier_day_knows_nothing_of_later_models() -> None:
    """A forecast as of a day is the same whether or not anything happened afterwards."""
    entrants, sizes, end = steady(np.random.default_rng(4))
    day = end - timedelta(days=300)
    name = [
        m
        for m, t in zip(entrants.model_version, entrants.closed_any_from, strict=True)
        if t <= day_number(day)
    ][-1]
    made = []
    for known in (entrants, until(entrants, day)):
        past = history(known, as_of=day)
        simulated = simulate(past, sizes, rng=np.random.default_rng(5))
        made.append(forecasts(simulated, target_in(past, name)))
    for part in COMPONENTS:
        assert made[0][part].months == pytest.approx(made[1][part].months), part


def test_a_target_that_is_not_there_is_refused() -> None:
    _, _, past = situation()
    with pytest.raises(UnknownModel):
        target_in(past, "no-such-model")
    entrants, _, _ = steady(np.random.default_rng(1))
    early = history(entrants, as_of=START + timedelta(days=500))
    latest = entrants.model_version[
        int(np.argmax(np.nan_to_num(entrants.closed_any_from, posinf=0)))
    ]
    with pytest.raises(NotEnoughData, match="not out"):
        target_in(early, latest)
    with pytest.raises(NotEnoughData, match="too_few"):
        history(entrants, as_of=START + timedelta(days=20))


# Release process --------------------------------------------------------------------------------


def test_the_clock_keeps_the_rate_of_recent_records() -> None:
    _, _, past = situation(2)
    clock = release_clock(
        past.open,
        now=past.now,
        early=np.zeros(past.n_draws),
        horizon=60.0,
        rng=np.random.default_rng(1),
    )
    records = past.open.records()
    recent = (past.now - past.open.dates[0]) / MONTH <= 24.0
    expected = records[:, recent].sum(axis=1).mean() / 24.0
    assert clock.rises.mean() / 0.5 == pytest.approx(expected, rel=0.25)


def test_reverse_time_estimate_removes_the_truncation() -> None:
    """Delays are exponential with mean 3 months; only those that ended before today are seen."""
    rng = np.random.default_rng(6)
    since = rng.uniform(0, 12, 40_000)
    delay = rng.exponential(3.0, 40_000)
    seen = delay <= since
    value, mass = truncated_delays(delay[seen], since[seen])
    within = np.interp([1.0, 3.0, 6.0], value, np.cumsum(mass))
    truth = (1 - np.exp(-np.array([1.0, 3.0, 6.0]) / 3)) / (1 - np.exp(-12 / 3))
    assert within == pytest.approx(truth, abs=0.03)
    naive = np.mean(delay[seen] <= 3.0)
    assert naive > truth[1] + 0.08, "without the correction delays look too short"


def test_delays_need_models_and_count_from_release() -> None:
    _, _, past = situation(2)
    entrants = past.pair.entrants
    none = reporting_delays(past, None)
    assert none[0].tolist() == [0.0]
    assert none[1].tolist() == [1.0]
    known = {
        m: t + 2 * MONTH
        for m, t in zip(entrants.model_version, entrants.open_from, strict=True)
        if np.isfinite(t)
    }
    value, mass = reporting_delays(past, known)
    assert value @ mass == pytest.approx(2.0, abs=1e-6)


def test_a_reporting_delay_makes_unseen_releases_possible() -> None:
    """With results coming in late, part of the forecast lies before the day of issue."""
    simulated, target, past = situation(7)
    entrants = past.pair.entrants
    known = {
        m: min(t + 3 * MONTH, past.now)
        for m, t in zip(entrants.model_version, entrants.open_from, strict=True)
        if np.isfinite(t) and t + 3 * MONTH <= past.now
    }
    late = simulate(past, {}, first_known=known, rng=np.random.default_rng(8))
    assert late.delay.max() > 2.0
    before = forecasts(simulated, target)["survival"].reached()
    assert forecasts(late, target)["survival"].reached() >= before
    months = np.concatenate([p.months for p in forecasts(late, target).values()])
    assert months.min() > -late.delay.max() - 40.0


# Changes ----------------------------------------------------------------------------------------


def test_changes_move_the_forecast_the_right_way() -> None:
    simulated, target, _ = situation(10)
    rule = Rule.equal(3)
    found = {(c.change, c.value): c.waiting for c in changed(simulated, target, rule)}
    plain = found["plain_pool", None]

    def by(key: tuple[str, float | None], months: float = 9.0) -> float:
        return float(found[key].by(np.array([months]))[0])

    base = float(plain.by(np.array([9.0]))[0])
    assert by(("pace", 0.5)) < base < by(("pace", 2.0))
    assert by(("target_ability", 0.95)) <= base <= by(("target_ability", 0.05))
    assert by(("record_now", None)) >= base
    assert by(("pause", 12.0)) <= base
    assert by(("pause", 12.0), 11.9) == pytest.approx(plain.reached())
    assert {c.value for c in changed(simulated, target, rule) if c.change == "only"} == set(
        COMPONENTS
    )


def test_a_pause_never_undoes_what_is_reached() -> None:
    simulated, _, past = situation(11)
    entrants = past.pair.entrants
    middle = [m for m in entrants.model_version if m.startswith("closed")][-4]
    target = target_in(past, middle)
    for part in forecasts(simulated, target, Change(not_before=6.0)).values():
        assert not ((part.months > 0) & (part.months < 6.0)).any()
        assert part.reached() >= target.reached.mean() - 1e-9


def test_the_usual_jump_is_the_median_rise_of_recent_records() -> None:
    _, _, past = situation(12)
    level, dates = past.open.level, past.open.dates[0]
    for draw in (0, 57):
        rises = np.diff(level[draw])
        recent = (past.now - dates[1:]) / MONTH <= 24.0
        expected = np.median(rises[(rises > 0) & recent])
        assert usual_jump(past)[draw] == pytest.approx(expected)


# Naive forecasts --------------------------------------------------------------------------------


def test_naive_forecasts_are_the_declared_ones() -> None:
    """On the day of launch the constants have their months as medians, half to twice as 90 %."""
    entrants, _, _ = steady(np.random.default_rng(13), draws=4000)
    at = [i for i, m in enumerate(entrants.model_version) if m.startswith("closed")][-1]
    day = date_of(entrants.closed_any_from[at])
    past = history(entrants, as_of=day)
    target = target_in(past, entrants.model_version[at])
    made = baseline_forecasts(past, target, rng=np.random.default_rng(14))
    assert tuple(made) == BASELINES
    for months in CONSTANT_MONTHS:
        low, middle, high = made[f"constant_{months}"].quantile(np.array([0.05, 0.5, 0.95]))
        assert middle == pytest.approx(months, rel=0.05)
        assert low == pytest.approx(months / 2, rel=0.08)
        assert high == pytest.approx(months * 2, rel=0.08)
    assert np.exp(1.6448536 * SPREAD) == pytest.approx(2.0)


def test_naive_forecasts_honour_the_months_already_waited() -> None:
    entrants, _, end = steady(np.random.default_rng(15), draws=3000)
    past = history(entrants, as_of=end)
    at = [i for i, m in enumerate(entrants.model_version) if m.startswith("closed")][-3]
    target = target_in(past, entrants.model_version[at])
    waited = target.waited(past.now)
    assert waited > 1
    made = baseline_forecasts(past, target, rng=np.random.default_rng(16))
    open_still = ~target.reached
    further = np.sort(made["constant_6"].months)[target.reached.sum() :]
    rng = np.random.default_rng(17)
    free = 6.0 * np.exp(SPREAD * rng.standard_normal(400_000))
    expected = np.quantile(free[free > waited] - waited, [0.1, 0.5, 0.9])
    assert open_still.any()
    assert np.quantile(further, [0.1, 0.5, 0.9]) == pytest.approx(expected, rel=0.12)
    assert (further > 0).all()


def test_a_line_that_falls_never_arrives() -> None:
    entrants, _, end = steady(np.random.default_rng(18), per_year=2.0)
    past = history(entrants, as_of=end)
    name = [m for m in entrants.model_version if m.startswith("closed")][-1]
    target = target_in(past, name)
    found = baseline_forecasts(past, target, rng=np.random.default_rng(1))["linear_trend"]
    assert found.quantile(np.array([0.5]))[0] == pytest.approx(8.0, abs=3.0)
    far = Target(**{**{f: getattr(target, f) for f in Target.__dataclass_fields__},
                    "ability": target.ability + 1000.0,
                    "reached_on": np.full(past.n_draws, np.inf)})  # fmt: skip
    late = baseline_forecasts(past, far, rng=np.random.default_rng(1))["linear_trend"]
    assert np.isinf(late.months).all()
    assert HORIZON_MONTHS == 60.0
