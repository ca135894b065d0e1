"""Matched comparisons: least squares, tellings, public against held-out, selection."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from headway.estimate.capability import CapabilityFit, fit_capability
from headway.estimate.lag.effects.columns import with_age, with_agentic, with_column
from headway.estimate.lag.effects.matched import matched_rows
from headway.estimate.lag.effects.nullworlds import simulate_scores
from headway.estimate.lag.effects.publicity import class_gaps, panel_contrasts, public_held_out
from headway.estimate.lag.effects.rows import EffectRow, at_half, months_difference
from headway.estimate.lag.effects.saturation import saturated, saturation_rows
from headway.estimate.lag.effects.selection import (
    candidates,
    chance_rows,
    fit_binary,
    mills_column,
)
from headway.estimate.lag.effects.tellings import (
    matched_inflation,
    spread,
    telling_pairs,
    version_pairs,
)
from headway.estimate.lag.effects.terms import term
from headway.estimate.lag.effects.twoway import two_way
from headway.result import Interval, Quantity
from tests.effects.worlds import Sizes, World, make_world

SIZES = Sizes(first_party=0.5, competitor=0.25, held_out_open=-0.6, agentic_open=-0.5, age_open=0.5)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(np.random.default_rng(11), SIZES)


@pytest.fixture(scope="module")
def fit(world: World) -> CapabilityFit:
    return world.fit()


@pytest.fixture(scope="module")
def ability(fit: CapabilityFit) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "model_version": list(fit.models),
            "domain": ["general"] * len(fit.models),
            "ability": fit.laplace.mean(("general", None)),
        }
    )


def _only(rows: list[EffectRow], measure: str, domain: str | None = None) -> Quantity:
    return next(r.estimate for r in rows if r.measure == measure and r.domain == domain)


def _holds(q: Quantity, truth: float, times: float = 2.2) -> bool:
    """The truth lies within ``times`` interval half-widths (3.6 standard errors at 2.2)."""
    assert q.value is not None, q.notes
    assert q.interval is not None, q.notes
    half = (q.interval.high - q.interval.low) / 2
    return abs(q.value - truth) <= times * half


def test_two_way_equals_least_squares_with_dummies() -> None:
    rng = np.random.default_rng(1)
    n = 120
    g, b, c = rng.integers(0, 12, n), rng.integers(0, 7, n), None
    c = g // 3
    x, z = rng.normal(size=(n, 2)), rng.normal(size=n)
    y = rng.normal(size=n) + x @ [0.7, -0.2] + g * 0.3 - b + z * b * 0.2
    found = two_way(
        y, g.astype(str), b.astype(str), x, ["p", "q"], c.astype(str), slopes=z, reps=20, rng=rng
    )
    dummies = np.column_stack(
        [
            x,
            *(g == i for i in range(12)),
            *(b == i for i in range(1, 7)),
            *((b == i) * z for i in range(7)),
        ]
    )
    expected = np.linalg.lstsq(dummies.astype(float), y, rcond=None)[0][:2]

    assert found.value == pytest.approx(expected, abs=1e-5)


def test_two_way_refuses_what_the_fixed_effects_absorb() -> None:
    rng = np.random.default_rng(2)
    g = np.repeat(np.arange(10), 4)
    b = np.tile(np.arange(4), 10)
    x = np.column_stack([g % 2, (g % 2) * (b % 2)]).astype(float)
    y = rng.normal(size=40)
    found = two_way(
        y, g.astype(str), b.astype(str), x, ["group", "inter"], g.astype(str), reps=50, rng=rng
    )

    assert np.isnan(found.value[0])
    assert np.isfinite(found.value[1])
    assert found.quantity("group", level=0.9).notes == ("few_labs:0<3",)
    assert found.quantity("inter", level=0.9).status == "estimated"


def test_tellings_by_the_developer_and_rivals_are_compared(
    world: World, fit: CapabilityFit
) -> None:
    rows = fit.evidence.rows
    pairs = telling_pairs(rows)
    found = matched_inflation(rows, pairs, level=0.9, reps=300, rng=np.random.default_rng(3))

    assert _holds(_only(found, "first_party"), SIZES.first_party)
    assert _holds(_only(found, "competitor"), SIZES.competitor)
    assert _only(found, "first_party", "cyber").notes == ("no_such_rows",) or _only(
        found, "first_party", "cyber"
    ).notes == ("few_pairs:0<5",)
    first = next(r for r in found if r.measure == "first_party" and r.domain is None)
    assert first.examples
    assert first.examples[0]["tellings"][0]["source_url"].startswith("https://")


def test_copies_of_a_row_are_not_a_second_telling(world: World) -> None:
    copied = world.tables["scores"].with_columns(
        (pl.col("score_id") + "c").alias("score_id"),
        pl.lit("duplicate").alias("use"),
        pl.lit("the same number").alias("use_reason"),
        pl.lit("copy").alias("panel"),
    )
    from headway.estimate.capability import select_evidence

    doubled = select_evidence(
        pl.concat([world.tables["scores"], copied]),
        world.tables["benchmarks"],
        world.tables["model_versions"],
    )
    assert len(telling_pairs(doubled.rows)) == len(telling_pairs(world.evidence().rows))


def test_spread_between_evaluators_is_recovered(world: World, fit: CapabilityFit) -> None:
    """Set-up sd 0.15 and telling sd 0.1 apiece, plus the mean differences between tellers."""
    rows = fit.evidence.rows
    found = spread(
        rows,
        world.tables["scores"],
        telling_pairs(rows),
        level=0.9,
        reps=300,
        rng=np.random.default_rng(4),
    )
    expected = np.sqrt(0.15**2 + 0.1**2)
    q = _only(found, "sd_evaluator")
    assert q.value is not None
    # developers and rivals shift half of the pairs by up to 0.5
    assert expected < q.value < expected + 0.25
    assert _only(found, "sd_version").status == "not_estimable"


def test_versions_of_one_benchmark_are_compared_by_name() -> None:
    base = {
        "model_version": "m", "use": "fit", "unit": "proportion", "n": 869, "stderr": None,
    }  # fmt: skip
    frame = pl.DataFrame(
        [
            {**base, "score_id": "a", "benchmark": "exploitgym-v1", "score": 0.15, "use": "index"},
            {**base, "score_id": "b", "benchmark": "exploitgym-vendor", "score": 0.26},
            {**base, "score_id": "c", "benchmark": "exploitgym-6h", "score": 0.9, "use": "quarantined"},
        ]
    )  # fmt: skip
    found = version_pairs(frame)

    assert found["delta_share"].to_list() == pytest.approx([0.11])
    assert (found["a"][0], found["b"][0]) == ("b", "a")


def test_public_against_held_out_is_recovered(
    world: World, fit: CapabilityFit, ability: pl.DataFrame
) -> None:
    found = public_held_out(
        fit.evidence.rows, ability, level=0.9, reps=300, rng=np.random.default_rng(5)
    )
    assert _holds(_only(found, "public_less_held_out", "general"), -SIZES.held_out_open)
    assert _only(found, "public_less_held_out", "cyber").notes == ("too_few_open:0<3",)
    gaps = class_gaps(fit.evidence.rows, ability, level=0.9, reps=300, rng=np.random.default_rng(6))
    public, held = _only(gaps, "gap_public", "general"), _only(gaps, "gap_held_out", "general")
    assert public.value is not None
    assert held.value is not None
    assert held.value - public.value == pytest.approx(SIZES.held_out_open, abs=0.35)


def test_panel_contrasts_are_differences_of_differences_in_points() -> None:
    cells = {("o", "pub"): 0.74, ("c", "pub"): 0.81, ("o", "held"): 0.44, ("c", "held"): 0.78}
    part = pl.DataFrame(
        [
            {
                "panel": "p",
                "domain": "coding",
                "stage": None,
                "score_id": f"{m}{b}",
                "model_version": m,
                "benchmark": b,
                "open_weight": m == "o",
                "held": b == "held",
                "score": score,
                "source_url": "https://example.org",
            }
            for (m, b), score in cells.items()
        ]
    )
    (found,) = panel_contrasts(part, 3)

    assert found["public"]["gap"] == pytest.approx(-7.0)
    assert found["held_out"]["gap"] == pytest.approx(-34.0)
    assert found["difference"] == pytest.approx(27.0)


def test_kind_and_age_contrasts_are_recovered(
    world: World, fit: CapabilityFit, ability: pl.DataFrame
) -> None:
    evidence = with_agentic(with_age(fit.evidence, world.tables["benchmarks"]))
    name, age = "x_agentic_open_general", "x_age_open_general"
    found = matched_rows(
        evidence.rows,
        ability,
        "robustness",
        ((name, "agentic"), (age, "age"), ("x_absent", "absent")),
        domain="general",
        level=0.9,
        reps=300,
        rng=np.random.default_rng(7),
        controls=("x_age_general", "x_held_out_open"),
    )
    assert _holds(_only(found, "agentic", "general"), SIZES.agentic_open)
    assert _holds(_only(found, "age", "general"), SIZES.age_open)
    assert _only(found, "absent", "general").notes == ("no_such_rows",)


def test_binary_regression_matches_known_odds() -> None:
    """A saturated model has the observed log odds and probits as coefficients."""
    from scipy import stats

    x = np.column_stack([np.ones(40), np.repeat([0.0, 1.0], 20)])
    y = np.array([1.0] * 5 + [0.0] * 15 + [1.0] * 14 + [0.0] * 6)
    logit = fit_binary(x, y, "logit")[0]
    probit = fit_binary(x, y, "probit")[0]

    assert logit == pytest.approx([np.log(5 / 15), np.log(14 / 6) - np.log(5 / 15)], abs=1e-6)
    expected = stats.norm.ppf([0.25, 0.7])
    assert probit == pytest.approx([expected[0], expected[1] - expected[0]], abs=1e-6)
    with pytest.raises(ArithmeticError, match="did not converge"):
        fit_binary(x, np.repeat([0.0, 1.0], 20), "logit")


def test_selection_on_the_outcome_is_seen_by_the_control_function() -> None:
    """Luck that decides who is evaluated raises the score too; without it the term is near 0."""
    found = {}
    for size in (0.0, 0.8):
        world = make_world(np.random.default_rng(21), Sizes(selection=size), labs=16)
        fit = world.fit()
        pairs = candidates(fit, rng=np.random.default_rng(0))
        column = mills_column(pairs, fit.evidence.rows)
        with_term = fit_capability(with_column(fit.evidence, "x_selection", column), start=fit)
        labs = [str(x) for x in with_term.evidence.models["lab"].to_list()]
        found[size], _ = term(with_term, {"x_selection": 1.0}, clusters=labs, level=0.9)
        assert column.mean() == pytest.approx(0.0, abs=1e-9)
    none, some = found[0.0], found[0.8]
    assert none.value is not None
    assert some.value is not None
    assert _holds(none, 0.0)
    assert some.interval is not None
    assert some.interval.low > 0
    # the coefficient of the Mills ratio is the covariance of luck and score: 0.8
    assert _holds(some, 0.8)


def test_who_is_evaluated_is_described_by_class() -> None:
    world = make_world(np.random.default_rng(22), Sizes())
    pairs = candidates(world.fit(), rng=np.random.default_rng(0))
    rows = chance_rows(pairs, level=0.9)

    assert {(r.measure, r.access_class) for r in rows} >= {
        ("odds_per_logit", "open"),
        ("odds_per_logit", "closed"),
        ("odds_per_logit_open_less_closed", None),
    }
    assert all(r.estimate.unit == "log_odds" and r.estimate.status == "estimated" for r in rows)
    # classes are treated alike in this world
    difference = next(r for r in rows if r.measure == "odds_per_logit_open_less_closed")
    assert _holds(difference.estimate, 0.0)


def test_saturated_benchmarks_need_two_labs(world: World) -> None:
    rows = world.evidence().rows
    full = saturated(rows)
    near = rows.filter(pl.col("score") >= 0.9)
    one_lab = near.filter(pl.col("lab") == near["lab"][0])

    assert full
    assert saturated(one_lab) == ()
    for name in full:
        assert near.filter(pl.col("benchmark") == name)["lab"].n_unique() >= 2


def test_scores_near_the_ceiling_tell_less(fit: CapabilityFit) -> None:
    found = saturation_rows(fit, level=0.9, reps=200, rng=np.random.default_rng(8))
    ratio = _only(found, "information_near_ceiling")
    share = _only(found, "evidence_from_saturated", "general")

    assert ratio.value is not None
    assert ratio.value < 0.7
    assert share.value is not None
    assert 0 <= share.value <= 1


def test_a_simulated_world_has_the_effects_of_its_fit(fit: CapabilityFit) -> None:
    again = fit_capability(simulate_scores(fit, np.random.default_rng(9)), start=fit)
    at = fit.laplace.design.covariates.index("x_first_party")
    truth = fit.laplace.core_part("beta")[at]
    sd = again.laplace.core_sd("beta")[at]
    assert abs(again.laplace.core_part("beta")[at] - truth) < 4 * sd

    added = 0.7 * (fit.evidence.rows["evaluator_relationship"] == "first_party").to_numpy()
    more = fit_capability(simulate_scores(fit, np.random.default_rng(9), added), start=fit)
    assert more.laplace.core_part("beta")[at] - again.laplace.core_part("beta")[
        at
    ] == pytest.approx(0.7, abs=4 * sd)


def test_points_at_half_and_months_keep_states() -> None:
    q = Quantity(0.5, "logits", Interval(0.0, 1.0, 0.9, "t"), 9, 3, "estimated")
    points = at_half(q)
    assert points.value == pytest.approx(100 * (1 / (1 + np.exp(-0.5)) - 0.5))
    assert points.interval is not None
    assert points.interval.low == 0.0
    assert at_half(Quantity.not_estimable("logits", "no_such_rows")).notes == ("no_such_rows",)

    first = np.array([1.0, 2.0, np.nan, 4.0])
    refused = months_difference(first, np.zeros(4), level=0.9, n=1, n_clusters=1)
    assert refused.notes == ("lag_without_number",)
    kept = months_difference(np.r_[np.zeros(19), 20.0], np.zeros(20), level=0.9, n=1, n_clusters=1)
    assert kept.value == pytest.approx(1.0), "the mean sees rare jumps that a median does not"
