"""Training: the share of the peak, repetitions, Sobol indices, and published runs as golden numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

import headway
from headway.errors import BadOption, NotEnoughData, NotFound
from headway.estimate.deploy.inputs import (
    draw,
    even,
    fixed,
    from_draws,
    from_interval,
    log_t,
    sobol,
)
from headway.estimate.deploy.ranges import parse_numbers
from headway.estimate.deploy.train import Run, fit_use, repeats_needed, train

DECAY = 15.39


def inputs(**changed: float) -> dict[str, np.ndarray[Any, Any]]:
    plain = {
        "active": 37e9,
        "tokens": 14.8e12,
        "peak": 989e12,
        "use": 0.35,
        "working": 1.0,
        "later": 0.0,
        "price": 2.0,
        "behind": 0.0,
        "halving": 8.0,
        "growth": 4.5,
        "sauce": 0.0,
        "unique": np.inf,
    }
    return {name: np.array([value]) for name, value in (plain | changed).items()}


# Golden numbers --------------------------------------------------------------------------------


def test_published_hours_of_deepseek_v3_are_inside_a_prediction_without_deepseek() -> None:
    """2.788M H800 GPU-hours, 2.664M of them pre-training: deepseek-ai/DeepSeek-V3, README.md.

    At the report's own 2 dollars an hour these are 5.576M dollars.
    """
    row = headway.deploy_train("deepseek-v3").documents[0]

    told = row["published"]
    assert told["gpu_hours"] == 2_788_000
    assert told["inside_90"]
    ends = row["gpu_hours"]["interval"]
    assert ends["low"] < 2_788_000 < ends["high"]
    assert row["usd"]["interval"]["low"] < 5_576_000 < row["usd"]["interval"]["high"]
    # 6 x 37e9 x 14.8e12 operations of pre-training, and 124/2664 more
    assert row["flop"]["value"] == pytest.approx(3.2856e24 * 2788 / 2664, rel=1e-9)


def test_published_share_of_the_peak_gives_the_published_hours_back() -> None:
    """6 N D / (2.664M h x 989 TFLOP/s) is 34.6 % of the bf16 peak; with it the hours are exact."""
    run = Run("deepseek-v3", "DeepSeek", 37e9, 14.8e12, 2.664e6, 989e12)
    assert run.use == pytest.approx(0.3464, abs=1e-4)
    row = headway.deploy_train(
        active="37B", tokens="14.8T", hardware="h800", mfu=str(run.use), price="2"
    ).documents[0]

    assert row["gpu_hours"]["value"] == pytest.approx(2_788_000, rel=1e-6)
    assert row["usd"]["value"] == pytest.approx(5_576_000, rel=1e-6)
    assert row["usd"]["interval"] is None


def test_predictions_leave_the_developer_out() -> None:
    """Of all published runs most are inside; the number is what the page states, not better."""
    checks = headway.deploy_train("deepseek-v3").extra["validation"]

    assert len(checks) == 14
    assert len({c["developer"] for c in checks}) == 5
    assert sum(c["inside_90"] for c in checks) == 11


# Estimator -------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("within", [0.05, 0.4])
def test_interval_of_another_developers_run_covers(within: float) -> None:
    """90 % intervals hold the next developer's run in about 90 % of worlds (false alarm 1 in 1000)."""
    rng = np.random.default_rng(20261125)
    hits, worlds = 0, 600
    for _ in range(worlds):
        runs = []
        for d, count in enumerate((9, 1, 1, 1, 2, 1)):
            mean = rng.normal(-1.2, 0.3)
            for _ in range(count):
                use = np.exp(rng.normal(mean, within))
                runs.append(Run("m", str(d), 1e9, 1e12, 6e21 / (3600 * use * 1e15), 1e15))
        truth = np.exp(rng.normal(-1.2, 0.3) + rng.normal(0, within))
        low, _, high = fit_use(runs).as_input("").summary(0.9)
        hits += low <= truth <= high

    assert stats.binomtest(hits, worlds, 0.9, alternative="less").pvalue > 0.001
    assert hits / worlds < 0.97


def test_too_few_developers_have_no_interval() -> None:
    runs = [Run("m", d, 1e9, 1e12, 1e6, 1e15) for d in ("a", "a", "b")]

    with pytest.raises(NotEnoughData):
        fit_use(runs)


@given(st.floats(1.0, 14.0))
def test_repetitions_are_worth_what_was_asked(ratio: float) -> None:
    """Seeing the text so often is worth ``ratio`` times the text (Muennighoff et al. 2023)."""
    seen = float(repeats_needed(np.array([ratio]), DECAY)[0]) * ratio
    worth = 1 + DECAY * (1 - np.exp(-(seen - 1) / DECAY))

    assert worth == pytest.approx(ratio, rel=1e-6)
    assert seen >= ratio - 1e-9


def test_no_repetition_is_worth_more_than_its_limit() -> None:
    assert np.isinf(repeats_needed(np.array([1 + DECAY]), DECAY)[0])
    row = headway.deploy_train(
        active="37B", tokens="100T", hardware="h100", unique_tokens="1T"
    ).documents[0]

    assert row["gpu_hours"]["value"] is None
    assert row["gpu_hours"]["notes"] == ["train_text_short"]
    assert row["sensitivity"] == []


@given(st.floats(0, 48), st.floats(4, 16))
def test_methods_a_halving_time_old_cost_twice_as_much(behind: float, halving: float) -> None:
    one = train(inputs(behind=behind, halving=halving), decay=DECAY).flop
    two = train(inputs(behind=behind + halving, halving=halving), decay=DECAY).flop

    assert two[0] == pytest.approx(2 * one[0], rel=1e-9)


def test_ability_short_of_expectation_costs_compute() -> None:
    short, plain, beyond = (
        train(inputs(sauce=months), decay=DECAY).gpu_hours[0] for months in (-3.0, 0.0, 3.0)
    )

    assert short > plain > beyond
    assert short * beyond == pytest.approx(plain**2)


# Inputs ----------------------------------------------------------------------------------------


def test_published_interval_comes_back() -> None:
    """8 months, 5 to 14 with 95 %: the width is kept on the log scale, and the median."""
    found = from_interval("h", 5, 8, 14, 0.95, "")
    low, mid, high = found.summary(0.95)

    assert mid == pytest.approx(8)
    assert high / low == pytest.approx(14 / 5)


def test_draws_follow_their_input() -> None:
    kinds = [
        even("a", 2, 8, ""),
        even("b", 0, 4, "", linear=True),
        log_t("c", 0.0, 0.5, 4.0, ""),
        from_draws("d", np.arange(101.0), ""),
        fixed("e", 3.0, ""),
    ]
    x = draw(kinds, 4001, rng=np.random.default_rng(1))

    assert np.median(x["a"]) == pytest.approx(4, rel=1e-2)
    assert np.median(x["b"]) == pytest.approx(2, rel=1e-2)
    assert np.median(x["c"]) == pytest.approx(1, rel=1e-2)
    assert np.median(x["d"]) == pytest.approx(50, rel=1e-2)
    assert np.ptp(x["e"]) == 0


def test_sobol_indices_of_the_ishigami_function() -> None:
    """Ishigami & Homma (1990) with a = 7, b = 0.1: analytic first-order indices."""
    kinds = [even(n, -np.pi, np.pi, "", linear=True) for n in "xyz"]
    variance = 7**2 / 8 + 0.1 * np.pi**4 / 5 + 0.01 * np.pi**8 / 18 + 0.5
    truth = {
        "x": 0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2 / variance,
        "y": 7**2 / 8 / variance,
        "z": 0.0,
    }
    found = sobol(
        kinds,
        lambda v: np.sin(v["x"]) + 7 * np.sin(v["y"]) ** 2 + 0.1 * v["z"] ** 4 * np.sin(v["x"]),
        "f",
        level=0.9,
        rng=np.random.default_rng(3),
        size=4096,
    )

    for s in found:
        assert s.first[0] == pytest.approx(truth[s.input], abs=0.04)
        assert s.first[1] <= s.first[0] <= s.first[2]


def test_an_input_that_is_fixed_or_alone_is_not_sampled() -> None:
    one = [even("a", 1, 2, ""), fixed("b", 1, "")]
    rng = np.random.default_rng(0)

    assert [s.total for s in sobol(one, lambda v: v["a"], "f", level=0.9, rng=rng)] == [(1, 1, 1)]
    assert sobol(one, lambda v: v["b"], "f", level=0.9, rng=rng) == []


def test_sensitivity_of_a_product_is_the_share_of_log_variance() -> None:
    """Hours are a product: an input's index is its share of the variance of the logarithm."""
    row = headway.deploy_train(
        active="10B..100B", tokens="1T..2T", hardware="h100", mfu="0.4"
    ).documents[0]
    found = {
        s["input"]: s["total"]["value"] for s in row["sensitivity"] if s["output"] == "gpu_hours"
    }
    a, t = np.log(10) ** 2, np.log(2) ** 2

    assert found["active"] == pytest.approx(a / (a + t), abs=0.03)
    assert set(found) == {"active", "tokens"}


# Bad input and states --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tokens": "1T", "hardware": "h100"}, "--active is needed"),
        ({"active": "1B", "hardware": "h100"}, "--tokens is needed"),
        ({"active": "1B", "tokens": "1T"}, "--hardware is needed"),
        ({"active": "0B", "tokens": "1T", "hardware": "h100"}, "not greater than 0"),
        ({"active": "8", "tokens": "1T", "hardware": "h100"}, "unit"),
        ({"active": "2B..1B", "tokens": "1T", "hardware": "h100"}, "--active"),
        ({"active": "1B", "tokens": "1T", "hardware": "h100", "mfu": "40"}, "outside 0.001..1"),
        ({"active": "1B", "tokens": "1T", "hardware": "h100", "mfu": "nan"}, "outside"),
        ({"active": "1B", "tokens": "1T", "hardware": "h100", "precision": "fp8"}, "needs --mfu"),
        (
            {"active": "1B", "tokens": "1T", "hardware": "h100", "precision": "fp4", "mfu": "0.3"},
            "no fp4",
        ),
        ({"active": "1B", "tokens": "1T", "hardware": "h100", "gpus": 0}, "--gpus"),
        ({"active": "1B", "tokens": "1T", "hardware": "h100", "sauce": "secret"}, "secret"),
        ({"active": "1B", "tokens": "1T", "hardware": "h100", "price": "-1"}, "--price"),
        ({"active": "1B", "tokens": "1T", "hardware": "h100", "later": "x"}, "not a number"),
    ],
)
def test_bad_options_say_what_is_wrong(options: dict[str, Any], words: str) -> None:
    with pytest.raises(BadOption, match=words):
        headway.deploy_train(**options)


def test_unknown_model_lists_the_published_runs() -> None:
    with pytest.raises(NotFound, match="deepseek-v3"):
        headway.deploy_train("nothing-like-this")


def test_a_chip_without_a_rent_has_hours_but_no_dollars() -> None:
    row = headway.deploy_train(active="1B", tokens="1T", hardware="h20").documents[0]

    assert row["gpu_hours"]["value"] is not None
    assert row["usd"]["value"] is None
    assert row["usd"]["notes"] == ["deploy_no_price"]
    assert {s["output"] for s in row["sensitivity"]} == {"gpu_hours"}


def test_equal_seeds_give_equal_numbers_and_others_differ() -> None:
    def ask(seed: int) -> Any:
        return headway.deploy_train("llama-3.1-70b", sauce="open", seed=seed).documents[0]["usd"]

    assert ask(1) == ask(1)
    assert ask(1) != ask(2)


def test_the_sauce_widens_and_is_an_input_with_its_source() -> None:
    plain, added = (
        headway.deploy_train(active="37B", tokens="15T", hardware="h100", sauce=kind).documents[0]
        for kind in (None, "open")
    )

    def width(row: Any) -> float:
        ends = row["gpu_hours"]["interval"]
        return float(np.log(ends["high"] / ends["low"]))

    assert width(added) > width(plain)
    told = next(i for i in added["inputs"] if i["input"] == "sauce")
    assert told["source"] == "headway lag --sauce"


@given(st.floats(0.01, 1), st.floats(0.01, 1))
def test_ranges_are_read_back(a: float, b: float) -> None:
    low, high = sorted((a, b))
    found = parse_numbers(f"{low!r}..{high!r}", "--x", least=0, most=1)

    assert (found.low, found.high) == (low, high)


def test_log_t_is_a_distribution() -> None:
    """Quantiles invert the cumulative distribution of Student's t on the log scale."""
    one = log_t("u", -1.0, 0.3, 4.0, "")
    density = lambda z: stats.t.pdf((z + 1) / 0.3, 4) / 0.3  # noqa: E731
    below, _ = integrate.quad(density, -np.inf, float(np.log(one.quantile(np.array(0.9)))))

    assert below == pytest.approx(0.9, abs=1e-6)
