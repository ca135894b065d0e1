"""On the ability model the generic function gives what ``headway lag`` gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headway.api.lag import DEFAULT_SEED, quantity_from_json
from headway.api.lag import lag as lag_verb
from headway.api.reconcile_fits import cached_fits
from headway.checks.reconcile import Fits, Reconciliation, is_plain_filter
from headway.estimate.lag.entrants import day_number
from headway.estimate.lag.frontier import frontier_pair
from headway.estimate.lag.reconcile.pool import sides
from headway.estimate.lag.reconcile.presets import own_presets
from headway.estimate.lag.reconcile.rules import Infeasible
from headway.result import DAYS_PER_MONTH
from headway.tables.store import Release, load_release


@pytest.fixture
def small(small_release: Path) -> Release:
    return load_release(small_release)


@pytest.fixture
def made(small: Release) -> Reconciliation:
    return Reconciliation(small, seed=DEFAULT_SEED, abilities=cached_fits(small, seed=DEFAULT_SEED))


@pytest.mark.parametrize("domain", ["cyber", "coding", "general"])
def test_headline_lags_are_those_of_the_verb(made: Reconciliation, domain: str) -> None:
    row = lag_verb(domain).documents[0]
    expected = quantity_from_json(row["lag"])

    found = made.evaluate(own_presets(made.release.data_through)[f"headway-{domain}"]).lag

    assert (found.value, found.status) == (expected.value, expected.status)
    assert found.interval is not None
    assert expected.interval is not None
    assert (found.interval.low, found.interval.high) == (
        expected.interval.low,
        expected.interval.high,
    )


@pytest.mark.parametrize(
    ("definition", "changed"),
    [
        ("lag_now", {"average": "now"}),
        ("lag_at_record", {"average": "at_record"}),
        ("lag_mean_12m", {"average": "mean_days"}),
    ],
)
@pytest.mark.parametrize("evidence", ["all", "independent", "held_out"])
def test_other_definitions_and_evidence_agree(
    made: Reconciliation, definition: str, changed: dict[str, object], evidence: str
) -> None:
    row = lag_verb("cyber", definition=definition, evidence=evidence).documents[0]
    expected = quantity_from_json(row["lag"])
    filters = {"items": "held_out"} if evidence == "held_out" else {"evaluator": evidence}
    choices = own_presets(made.release.data_through)["headway-cyber"].with_(**filters, **changed)

    found = made.evaluate(choices).lag

    assert found.status == expected.status
    assert found.value == expected.value


def test_trend_lines_are_least_squares_through_the_records(made: Reconciliation) -> None:
    """As publishers draw them: one straight line per group; ``lag_trend`` of the lag verb has change
    points and is another thing."""
    choices = own_presets(made.release.data_through)["headway-general"].with_(
        rule="trend_closed", average="now"
    )
    pool = made.materials.pool(choices)
    pair = frontier_pair(sides(pool, choices), frontier="public", as_of=choices.as_of)
    now = day_number(choices.as_of)
    found = made.evaluate(choices)

    assert found.months is not None
    for draw in (0, 17, 400):
        ends = []
        for side in pair.both:
            records = side.records()[draw]
            slope, level = np.polyfit(side.dates[0, records] - now, side.level[draw, records], 1)
            ends.append((level, slope))
        (at_open, _), (at_closed, slope) = ends
        expected = (at_closed - at_open) / slope / DAYS_PER_MONTH
        assert found.months[draw] == pytest.approx(expected, rel=1e-6)


def test_a_stage_is_a_domain_of_its_own(made: Reconciliation) -> None:
    row = lag_verb(stage="exploit").documents[0]
    expected = quantity_from_json(row["lag"])
    choices = own_presets(made.release.data_through)["headway-cyber"].with_(domain="cyber.exploit")

    assert made.evaluate(choices).lag.value == expected.value


def test_one_parameter_fits_have_equal_discriminations(small: Release) -> None:
    fits = Fits(small, seed=1, draws=20)
    fits.abilities("1pl", "all", "all", "cyber")
    fits.abilities("2pl", "all", "all", "cyber")

    def spread(irt: str) -> float:
        found = fits._fit((irt, "all", "all"))
        assert not isinstance(found, Exception)
        return float(np.std(found.fit.laplace.core_part("log_discrimination")))

    assert spread("1pl") < 0.02
    assert spread("2pl") > 0.05


def test_item_access_drops_the_other_benchmarks(small: Release) -> None:
    fits = Fits(small, seed=1, draws=20)
    spec = fits._spec(("2pl", "public", "independent"), "x", plain=False)
    kinds = dict(small.benchmarks.select("benchmark", "item_access").iter_rows())

    assert spec.evidence == "independent"
    assert {kinds[b] for b in spec.drop["benchmark"]} == {"private"}


def test_nothing_to_fit_is_a_reason(small: Release) -> None:
    with pytest.raises(Infeasible, match="no_scores"):
        Fits(small, seed=1, draws=20).abilities("2pl", "semi_private", "all", "cyber")


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (("2pl", "all", "all"), "all"),
        (("2pl", "all", "independent"), "independent"),
        (("2pl", "held_out", "all"), "held_out"),
        (("2pl", "held_out", "independent"), None),
        (("1pl", "all", "all"), None),
        (("2pl", "public", "all"), None),
    ],
)
def test_filters_of_the_lag_verb_are_known(key: tuple[str, str, str], name: str | None) -> None:
    assert is_plain_filter(*key) == name


def test_a_path_between_own_lags_adds_up(made: Reconciliation) -> None:
    named = own_presets(made.release.data_through)
    begin = named["headway-coding"]
    end = named["headway-cyber"].with_(items="held_out", irt="1pl", average="now")

    path = made.path(begin, end)

    assert path.begin.lag.value is not None
    assert path.end.lag.value is not None
    steps = sum(float(step.exact) for step in path.steps)
    assert steps == pytest.approx(path.end.lag.value - path.begin.lag.value, abs=1e-9)
    assert {name for step in path.steps for name in step.names} == {
        "domain",
        "items",
        "irt",
        "average",
    }
