"""The event study: guards, placebos, reference numbers."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

import headway
from headway.api.impact_facts import facts, series_of
from headway.estimate.impact import CountSeries, event_study
from headway.tables.impact_series import SERIES
from tests.api.test_api import valid
from tests.impact.worlds import EVENT, POLICY, simulate


@pytest.fixture
def world() -> Callable[..., CountSeries]:
    return lambda **more: simulate(np.random.default_rng(7), **more)


def reference(name: str, since: date, until: date, alike: bool = True):  # type: ignore[no-untyped-def]
    """The study with the terms of the reference: every month counts alike, 95 %, no known step."""
    counts = series_of(facts(), SERIES[name], day=date(2026, 10, 2), since=since)
    study = event_study(counts.window(None, until), EVENT, exposure=not alike, level=0.95)
    assert study.step is not None
    return study


@pytest.mark.parametrize(
    ("name", "ratio", "hac"),
    [
        ("firefox-bugs", 8.0, (5.6, 11.5)),
        ("firefox-cves", 2.3, (1.4, 3.7)),
        ("oss-fuzz", 2.3, (1.4, 3.8)),
        ("rustsec", 2.6, (1.4, 4.6)),
    ],
)
def test_reference_steps_of_april_2026(name: str, ratio: float, hac: tuple[float, float]) -> None:
    """REFERENCE.md, section 1: NB2, trend, harmonic, 2022-01 to 2026-07, 95 % HAC.

    The reference took links to other pages for bugs (11 since 2022) and gets 8.03 (5.62-11.47) for
    Firefox bugs; here links to the tracker are read as the bugs they name, others are left out.
    """
    study = reference(name, date(2022, 1, 1), date(2026, 7, 1))

    assert study.step.ratio == pytest.approx(ratio, rel=0.02)
    assert study.step.intervals["hac"] == pytest.approx(hac, rel=0.03)


def test_reference_kev_has_no_step_that_can_be_told() -> None:
    """REFERENCE.md: 2023-01 to 2026-08, 1.11, model-based 0.78-1.56, HAC(3) 0.90-1.37."""
    study = reference("kev", date(2023, 1, 1), date(2026, 8, 1))

    assert study.step.ratio == pytest.approx(1.11, abs=0.005)
    assert study.step.intervals["model"] == pytest.approx((0.78, 1.56), abs=0.005)
    assert study.step.intervals["hac"] == pytest.approx((0.90, 1.37), abs=0.005)
    assert study.p is not None
    assert study.p > 0.5


def test_reference_breaks_came_before_april_for_cves_and_rustsec() -> None:
    """REFERENCE.md: Firefox CVEs and RustSec break in February 2026, OSS-Fuzz in January."""
    for name, best in (("firefox-cves", 2), ("rustsec", 2), ("oss-fuzz", 1), ("firefox-bugs", 4)):
        study = reference(name, date(2022, 1, 1), date(2026, 7, 1))
        assert study.best_break == date(2026, best, 1)


def test_go_is_refused_because_its_counts_come_in_batches() -> None:
    row = headway.impact_study("go").documents[0]

    assert (row["status"], row["notes"]) == ("refused", ["diverged"])
    assert row["step"] is None
    assert row["p"] is None


def test_a_study_with_its_placebos_takes_less_than_20_seconds(
    world: Callable[..., CountSeries],
) -> None:
    start = time.perf_counter()
    study = event_study(world(), EVENT)

    assert len(study.placebos) == 36
    assert time.perf_counter() - start < 20


def test_placebos_never_see_the_event(world: Callable[..., CountSeries]) -> None:
    """A change after the event moves no placebo."""
    plain, after = world(), world()
    after.counts[-4:] *= 10

    first, second = event_study(plain, EVENT), event_study(after, EVENT)
    assert first.placebos == second.placebos
    assert first.step is not None
    assert second.step is not None
    assert second.step.ratio > 5 * first.step.ratio


def test_posterior_is_a_distribution_and_finds_a_large_break(
    world: Callable[..., CountSeries],
) -> None:
    study = event_study(world(effect=8.0), EVENT, known_steps=[POLICY])
    found = dict(study.posterior)

    assert sum(found.values()) == pytest.approx(1)
    assert found[None] < 0.01
    assert max(found, key=lambda day: found[day]) == date(2026, 4, 1)
    assert study.best_break == date(2026, 4, 1)


def test_a_partial_last_month_counts_by_its_days(world: Callable[..., CountSeries]) -> None:
    """Halving days and count of the last month leaves the step where it was; as whole it falls."""
    whole = world()
    whole.counts[-1] = 60.0
    half = CountSeries(whole.starts, whole.counts.copy(), whole.lengths.copy(), whole.lengths)
    half.counts[-1] /= 2
    half.days[-1] /= 2
    steps = [
        event_study(s, EVENT, exposure=e).step
        for s, e in ((whole, True), (half, True), (half, False))
    ]

    assert all(steps)
    a, b, c = (step.ratio for step in steps if step)
    assert b == pytest.approx(a, rel=0.05)
    assert c < 0.9 * a
    assert "partial_counted_whole" in event_study(half, EVENT, exposure=False).notes
    assert "last_period_partial" in event_study(half, EVENT).notes


@pytest.mark.parametrize(
    ("event", "note"),
    [
        (date(2026, 7, 5), "too_few_after"),
        (date(2027, 1, 1), "too_few_after"),
        (date(2021, 1, 1), "too_few_after"),
        (date(2023, 9, 1), "too_few_before"),
    ],
)
def test_an_event_without_enough_months_is_refused(
    event: date, note: str, world: Callable[..., CountSeries]
) -> None:
    study = event_study(world(), event)

    assert (study.status, study.notes) == ("refused", (note,))


@pytest.mark.parametrize("day", [1, 6])
def test_an_event_on_a_known_step_is_refused(day: int, world: Callable[..., CountSeries]) -> None:
    study = event_study(world(), EVENT, known_steps=[date(2026, 4, day)])

    assert study.notes == ("event_is_known_step",)


def test_a_level_that_the_placebos_cannot_carry_has_no_interval_and_says_so(
    world: Callable[..., CountSeries],
) -> None:
    study = event_study(world(), EVENT, level=0.99)

    assert study.step is not None
    assert study.step.intervals["placebo"] is None
    assert "too_few_placebos_for_level" in study.notes


def test_a_known_step_is_no_event(world: Callable[..., CountSeries]) -> None:
    """The policy of 2023 is found as a break unless it is declared."""
    unaware = event_study(world(mean=200, alpha=0.01, sigma=0.05), EVENT)
    told = event_study(world(mean=200, alpha=0.01, sigma=0.05), EVENT, known_steps=[POLICY])

    assert dict(unaware.posterior)[POLICY] > 0.5
    assert dict(told.posterior)[None] > 0.5


def test_family_and_floor_are_told() -> None:
    found = headway.impact_study(["firefox-cves", "kev"])
    holm = {row["series"]: (row["p"], row["p_holm"]) for row in found.documents}

    assert holm["firefox-cves"][1] == pytest.approx(2 * holm["firefox-cves"][0])
    assert "impact_p_floor" in [w.code for w in found.warnings]
    assert valid(found.to_json())
    assert found.table()["n_placebos"].to_list() == [36, 22]
