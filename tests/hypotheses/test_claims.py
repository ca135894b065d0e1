"""Claims on known frontiers: what they say, what they refuse, how often they err."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from headway.estimate.lag import Entrants
from headway.estimate.lag.claim_quantities import NULLS, RULES, claim_json, estimate_of
from headway.estimate.lag.entrants import day_number
from headway.estimate.lag.hypotheses import CLAIM_DEFINITIONS, CLAIMS, Side, judge_claims
from headway.result import DAYS_PER_MONTH

AS_OF = date(2026, 9, 30)
END = day_number(AS_OF)
CYBER, CODING, GENERAL = ("cyber", None), ("coding", None), ("general", None)


def entrants(
    *,
    lag: float,
    drift: float = 0.0,
    draws: int = 200,
    noise: float = 0.05,
    models: int = 30,
    spread: float = 0.0,
    seed: int = 0,
    years: float = 4.0,
    irregular: bool = False,
) -> Entrants:
    """Closed models rise by 2 logits a year; open ones follow ``lag`` months behind.

    ``drift``: months per year by which the lag changes, ``lag`` being its value 12 months before the
    end. ``spread``: sd of the models' own deviations from their line, ``noise`` of the draws.
    """
    rng = np.random.default_rng(seed)
    begin = END - years * 365.25

    def days() -> np.ndarray:
        if not irregular:
            return np.linspace(begin, END - 3, models)
        gaps = rng.gamma(0.7, size=models + 1)
        return begin + np.cumsum(gaps)[:-1] * ((END - begin) / gaps.sum())

    closed, opened = np.round(days()), np.round(days())
    behind = lag + drift * (opened - (END - 365.25)) / 365.25
    level = np.concatenate([closed, opened - behind * DAYS_PER_MONTH]) * 2.0 / 365.25
    level = level + rng.normal(0, spread, 2 * models) if spread else level
    ability = level + rng.normal(0, noise, (draws, 2 * models))
    never = np.full(models, np.inf)
    return Entrants(
        model_version=tuple(f"m{i}" for i in range(2 * models)),
        lab=tuple(f"lab{i % 7}" for i in range(2 * models)),
        open_from=np.concatenate([never, opened]),
        closed_public_from=np.concatenate([closed, never]),
        closed_any_from=np.concatenate([closed, never]),
        ability=ability,
        informative=np.ones(2 * models, dtype=bool),
    )


def side(found: Entrants, missing: tuple[str, ...] = ()) -> Side:
    return Side(found, np.ones(len(found.model_version), dtype=bool), missing)


def verdicts(sides, **options) -> dict[tuple[str, tuple[str, str | None], str], object]:
    found = judge_claims(sides, as_of=AS_OF, rng=np.random.default_rng(5), **options)
    return {(c.claim, c.cell, c.models): c for c in found}


@pytest.fixture(scope="module")
def worlds():
    """Cyber 12 months behind, coding 7, general 7; the same releases."""
    return {
        CYBER: side(entrants(lag=12.0, seed=1)),
        CODING: side(entrants(lag=7.0, seed=1)),
        GENERAL: side(entrants(lag=7.0, seed=1)),
    }


def test_clear_differences_and_ranges_are_found(worlds):
    found = verdicts(worlds)

    assert found["cyber_above_coding", CYBER, "own"].verdict == "supported"
    assert found["cyber_above_general", CYBER, "common"].verdict == "supported"
    assert found["lag_6_9", CYBER, "own"].verdict == "contradicted"
    assert found["lag_6_18", CYBER, "own"].verdict == "supported"
    assert found["static", CODING, "own"].verdict == "supported"
    # 5 months apart, and the sawtooth adds the same to both
    assert found["cyber_above_coding", CYBER, "own"].draws.centre() == pytest.approx(5.0, abs=0.8)


def test_the_reverse_difference_is_contradicted(worlds):
    turned = {CYBER: worlds[CODING], CODING: worlds[CYBER], GENERAL: worlds[GENERAL]}

    assert verdicts(turned)["cyber_above_coding", CYBER, "own"].verdict == "contradicted"


@pytest.mark.parametrize(("drift", "sign"), [(6.0, 1), (-6.0, -1)])
def test_a_moving_lag_is_not_static(drift, sign):
    sides = {c: side(entrants(lag=12.0, drift=drift, seed=2)) for c in (CYBER, CODING, GENERAL)}
    found = verdicts(sides, definitions=("lag_mean_12m",))
    static, widening = found["static", CYBER, "own"], found["widening", CYBER, "own"]

    assert static.verdict == "contradicted"
    assert widening.verdict == ("supported" if sign > 0 else "contradicted")
    assert static.draws.centre() == pytest.approx(drift, abs=1.5)
    # the two definitions tell the same slope
    path = verdicts(sides, definitions=("lag_now",))["static", CYBER, "own"]
    assert path.draws.centre() == pytest.approx(static.draws.centre(), abs=1.5)
    assert path.changes is not None
    assert sum(path.changes.p_count) == pytest.approx(1.0)


def test_a_bound_says_no_more_than_it_implies():
    """Open models at the level of the very first closed one: "at least", whatever the range."""
    base = entrants(lag=7.0, seed=3)
    low = np.where(np.isfinite(base.open_from), -1e3, base.ability)
    sides = {c: side(replace(base, ability=low)) for c in (CYBER, CODING, GENERAL)}
    found = verdicts(sides)
    claim = found["lag_6_18", CYBER, "own"]

    # the first closed model is 48 months old: at least 42 on average, so 6 to 18 is ruled out
    assert claim.verdict == "contradicted"
    assert estimate_of(claim, 0.9).status == "censored"
    difference = found["cyber_above_coding", CYBER, "own"]
    assert (difference.chance.low, difference.chance.high) == (0.0, 1.0)
    assert difference.verdict == "undecided"
    assert estimate_of(difference, 0.9).status == "not_estimable"


def test_open_models_that_lead_are_below_every_number(worlds):
    base = entrants(lag=7.0, seed=4)
    high = np.where(np.isfinite(base.open_from), base.ability + 1e3, base.ability)
    sides = {**worlds, CYBER: side(replace(base, ability=high))}
    found = verdicts(sides, definitions=("lag_now",))

    assert found["cyber_above_coding", CYBER, "own"].verdict == "contradicted"
    assert found["lag_6_9", CYBER, "own"].verdict == "contradicted"
    assert estimate_of(found["lag_6_9", CYBER, "own"], 0.9).status == "open_leads"


def test_a_cell_that_misses_something_says_so(worlds):
    sides = {**worlds, CYBER: replace(worlds[CYBER], missing=("few_bridges:1<2",))}
    found = verdicts(sides)

    for name in CLAIMS:
        claim = found[name, CYBER, "own"]
        assert claim.verdict == "not_estimable"
        assert claim.missing == ("few_bridges:1<2",)
        row = claim_json(claim, 0.9)
        assert row["probability"]["status"] == "not_estimable"
        assert row["probability"]["notes"] == ["few_bridges:1<2"]
    assert found["static", CODING, "own"].verdict != "not_estimable"


def test_a_short_history_carries_a_mean_but_no_slope():
    sides = {c: side(entrants(lag=3.0, seed=6, years=1.2)) for c in (CYBER, CODING, GENERAL)}
    found = verdicts(sides)

    assert found["static", CYBER, "own"].missing[0].startswith("slope_window_short:")
    assert found["lag_6_9", CYBER, "own"].chance is not None


def test_only_models_scored_in_both_enter_the_common_comparison(worlds):
    half = np.arange(60) % 2 == 0
    sides = {**worlds, CYBER: Side(worlds[CYBER].entrants, half)}
    found = verdicts(sides)

    assert found["cyber_above_coding", CYBER, "own"].n == 60
    assert found["cyber_above_coding", CYBER, "common"].n == 30
    # against general the same half
    assert found["cyber_above_general", CYBER, "common"].n == 30


def test_numbers_do_not_depend_on_what_else_is_asked(worlds):
    everything = verdicts(worlds, definitions=CLAIM_DEFINITIONS[:1])
    alone = judge_claims(
        worlds,
        claims=("static",),
        cells=(CODING,),
        as_of=AS_OF,
        rng=np.random.default_rng(5),
    )

    assert alone[0].chance == everything["static", CODING, "own"].chance


def test_the_release_process_only_adds_doubt():
    """Replicates that agree with each other may not be surer than the draws they come from."""
    sides = {
        c: side(entrants(lag=lag, seed=7, noise=0.4, spread=0.4))
        for c, lag in ((CYBER, 9.0), (CODING, 7.0), (GENERAL, 7.0))
    }
    for claim in judge_claims(
        sides, definitions=CLAIM_DEFINITIONS, as_of=AS_OF, rng=np.random.default_rng(1)
    ):
        if claim.claim == "static":
            assert claim.chance.low >= claim.measured.low
        else:
            assert abs(claim.chance.low - 0.5) <= abs(claim.measured.low - 0.5) + 1e-12


def test_a_domain_keeps_its_correlation_with_another():
    """One ability in two domains: the joint replicates differ by nothing, separate ones would."""
    same = side(entrants(lag=8.0, seed=8, noise=0.3, spread=0.5))
    found = verdicts({CYBER: same, CODING: same, GENERAL: same})["cyber_above_coding", CYBER, "own"]

    assert np.ptp(found.replicates.low) == 0.0
    assert found.verdict == "contradicted"  # never greater


@pytest.mark.parametrize("name", CLAIMS)
def test_every_claim_states_its_null_and_rule(worlds, name):
    claim = next(
        c
        for c in judge_claims(worlds, as_of=AS_OF, rng=np.random.default_rng(0))
        if c.claim == name
    )
    row = claim_json(claim, 0.9)

    assert row["null"] == NULLS[name]
    assert "0.95" in RULES[name]
    assert row["window"]["to"] == AS_OF.isoformat()
    assert row["probability"]["unit"] == "probability"
    assert row["estimate"]["unit"] == (
        "months_per_year" if name in ("static", "widening") else "months"
    )


@pytest.mark.slow
def test_a_constant_lag_with_irregular_releases_is_rarely_called_changing():
    """120 worlds whose draws are exact; nominal 5 %, alarm at 1 in 1000 (13 rejections)."""
    wrong = by_draws = 0
    for seed in range(120):
        # the draws' error is part of the estimate: truth = centre + error of the same size
        found = entrants(
            lag=8.0, seed=seed, spread=0.7, noise=0.3, models=60, years=4.25, irregular=True
        )
        (claim,) = judge_claims(
            {CYBER: side(found)},
            claims=("static",),
            as_of=AS_OF,
            rng=np.random.default_rng(seed),
            change_points=False,
        )
        wrong += claim.verdict == "contradicted"
        by_draws += claim.measured.high < 0.05

    assert wrong <= 13, wrong
    assert by_draws > 2 * wrong
