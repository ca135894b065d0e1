"""What a price says: posteriors that cover a planted truth, directions that stay as the prior."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import headway
from headway.errors import BadOption
from headway.estimate.deploy.price import MIN_EFFECTIVE, log_prices, posterior

NAMES = ("cost_out", "utilisation", "kept", "scaling", "harness", "split")


def prior(n: int, rng: np.random.Generator) -> dict[str, Any]:
    """A made-up prior with the spreads of the real one."""
    x = {"cost_in": np.exp(rng.normal(-1, 1, n)), "cost_out": np.exp(rng.normal(1, 1.2, n))}
    x["kept"] = rng.uniform(0.1, 1.25, n)
    for name, low, high in (
        ("utilisation", 0.1, 0.9),
        ("scaling", 1, 8),
        ("harness", 1, 2),
        ("split", 0.1, 10),
    ):
        x[name] = np.exp(rng.uniform(np.log(low), np.log(high), n))
    return x


@pytest.mark.slow
@pytest.mark.parametrize("columns", [[1], [0, 1]])
def test_posterior_intervals_cover_a_planted_truth(columns: list[int]) -> None:
    """Truth from the prior, price from the truth: 90 % intervals hold each factor in 90 % of worlds.

    Every factor is a claim of its own (false alarm 1 in 1000 for all together); too wide is wrong too.
    """
    worlds = 100
    hits = dict.fromkeys(NAMES, 0)
    used = 0
    for seed in range(worlds):
        rng = np.random.default_rng(seed)
        truth = prior(1, rng)
        price = log_prices(truth)[0, columns] + rng.normal(0, 0.15, len(columns))
        x = prior(60000 if len(columns) == 1 else 240000, rng)
        found = posterior(
            {n: x[n] for n in NAMES}, log_prices(x)[:, columns], price, sd=0.15, level=0.9
        )
        if not found.usable:
            continue
        used += 1
        for f in found.factors:
            assert f.posterior is not None
            hits[f.name] += f.posterior[0] <= truth[f.name][0] <= f.posterior[2]

    # worlds left out, where price and prior hardly overlap, must be few
    assert used >= 0.9 * worlds
    for name, count in hits.items():
        p = stats.binomtest(count, used, 0.9).pvalue
        assert p > 0.001 / len(hits), (name, count, used)


def test_one_price_teaches_one_direction_of_a_linear_world() -> None:
    """Six normal factors, one sum: one eigenvalue is what the formula says, five are 1."""
    rng = np.random.default_rng(1)
    n, k, sd = 100000, 6, 0.5
    z = rng.standard_normal((n, k))
    found = posterior(
        {f"f{i}": np.exp(z[:, i]) for i in range(k)},
        z.sum(axis=1)[:, None],
        np.array([0.5]),
        sd=sd,
        level=0.9,
    )

    assert found.learned == 1
    assert found.directions[0].left == pytest.approx(sd**2 / (k + sd**2), abs=0.01)
    assert all(d.left == pytest.approx(1, abs=0.06) for d in found.directions[1:])
    loadings = np.array(list(found.directions[0].loadings.values()))
    assert np.abs(loadings) == pytest.approx(np.full(k, k**-0.5), abs=0.03)
    # each factor keeps 1 - 1/(k + sd^2) of its variance
    for f in found.factors:
        assert f.contraction == pytest.approx(1 / (k + sd**2), abs=0.04)


def test_a_price_that_says_nothing_leaves_the_prior() -> None:
    rng = np.random.default_rng(2)
    x = prior(20000, rng)
    found = posterior(
        {n: x[n] for n in NAMES}, log_prices(x)[:, [1]], np.array([1.0]), sd=1e3, level=0.9
    )

    assert found.learned == 0
    for f in found.factors:
        assert not f.is_learned
        assert f.posterior == pytest.approx(f.prior, rel=0.02)


def test_an_impossible_price_has_no_posterior_but_its_prior() -> None:
    rng = np.random.default_rng(3)
    x = prior(20000, rng)
    found = posterior(
        {n: x[n] for n in NAMES}, log_prices(x)[:, [1]], np.array([40.0]), sd=0.1, level=0.9
    )

    assert not found.usable
    assert found.place == (1.0,)
    assert found.directions == ()
    assert all(f.posterior is None and f.prior[0] < f.prior[2] for f in found.factors)


def test_draws_with_a_shared_part_count_once() -> None:
    """A hundred copies of three draws are three draws."""
    rng = np.random.default_rng(4)
    base = np.repeat(np.arange(3), 100)
    x = {"a": rng.random(300) + 1}
    found = posterior(x, np.zeros((300, 1)), np.zeros(1), sd=1.0, level=0.9, base=base)

    assert found.effective == pytest.approx(3)
    assert not found.usable
    assert MIN_EFFECTIVE > 3


def test_margin_and_cost_trade_off_one_to_one() -> None:
    """Twice the cost at half of the mark-up gives the same price."""
    one = prior(100, np.random.default_rng(5))
    other = {**one, "cost_in": one["cost_in"] * 2, "cost_out": one["cost_out"] * 2}
    other["kept"] = one["kept"] * 2

    assert log_prices(other) == pytest.approx(log_prices(one))


def test_hidden_tokens_move_the_output_price_only() -> None:
    one = prior(10, np.random.default_rng(6))
    moved = log_prices({**one, "scaling": one["scaling"] * 2}) - log_prices(one)

    assert moved[:, 0] == pytest.approx(0)
    assert moved[:, 1] == pytest.approx(np.log(2))


# The command -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mythos() -> Any:
    """Claude Mythos 5: 10 and 50 dollars per million tokens in and out, 2026-06-09."""
    return headway.deploy_price("claude-mythos-5", input_price=10, output_price=50).documents[0]


def test_the_prior_is_always_there(mythos: Any) -> None:
    names = [f["factor"] for f in mythos["factors"]]
    for name in ("active", "speed", "utilisation", "kept", "scaling", "harness", "serving_error"):
        assert name in names
    for f in (*mythos["factors"], *mythos["derived"]):
        assert f["prior"]["low"] < f["prior"]["median"] < f["prior"]["high"]


def test_most_directions_are_the_prior(mythos: Any) -> None:
    assert mythos["state"] == "estimated"
    assert 1 <= mythos["directions_learned"] <= 2
    assert mythos["directions_like_prior"] == mythos["directions"] - mythos["directions_learned"]
    assert mythos["directions"] == 11
    assert [p["kind"] for p in mythos["prices"]] == ["input", "output"]
    assert sum(h["prior"] for h in mythos["hardware"]) == pytest.approx(1)
    assert sum(h["posterior"] for h in mythos["hardware"]) == pytest.approx(1)


def test_the_size_of_an_open_model_is_known() -> None:
    row = headway.deploy_price("deepseek-v3", output_price=2, accepted=1.8).documents[0]

    assert row["size_known"] == [True]
    assert row["fixed"]["active"] == pytest.approx(37.55e9, rel=0.01)
    assert "active" not in {f["factor"] for f in row["factors"]}


def test_one_provider_shares_what_it_shares() -> None:
    """125 over 50 dollars: Mythos Preview (2026-04) against Mythos 5 (2026-06-09)."""
    row = headway.deploy_price(
        "claude-mythos-preview",
        output_price=125,
        against="claude-mythos-5",
        against_output_price=50,
        same_provider=True,
    ).documents[0]

    assert row["prices"][0]["ratio"] == pytest.approx(2.5)
    assert row["fixed"] == {"rent": 1.0, "utilisation": 1.0, "harness": 1.0}
    assert row["directions_learned"] == 1
    for f in row["factors"]:
        assert f["prior"]["low"] < 1 < f["prior"]["high"]


def test_a_price_beyond_the_prior_is_not_explained() -> None:
    found = headway.deploy_price("x", output_price=1e9)
    row = found.documents[0]

    assert row["state"] == "not_estimable"
    assert [w.code for w in found.warnings] == ["price_conflict"]
    for f in row["factors"]:
        assert f["posterior"]["value"] is None
        assert f["prior"]["median"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "No price of some-model"),
        ({"output_price": 0}, "greater than 0"),
        ({"output_price": float("nan")}, "greater than 0"),
        ({"input_price": 1, "against": "b", "against_output_price": 2}, "same kind"),
        ({"output_price": 1, "against": "b"}, "No price of b"),
        ({"output_price": 1, "provider": "p"}, "a price was given too"),
        ({"output_price": 1, "same_provider": True}, "only one"),
        ({"output_price": 1, "params": "1T", "active": "2T"}, "active"),
        ({"output_price": 1, "utilisation": "0.5..1.5"}, "outside"),
        ({"output_price": 1, "margin": "90"}, "outside"),
        ({"output_price": 1, "isl": 0}, "--isl"),
        ({"output_price": 1, "prefix_hit": 1.0}, "--prefix-hit"),
        ({"output_price": 1, "hardware": "h20"}, "No rent"),
        ({"output_price": 1, "speed": "5000"}, "Hardly any"),
    ],
)
def test_bad_options_say_what_is_wrong(options: dict[str, Any], words: str) -> None:
    with pytest.raises(BadOption, match=words):
        headway.deploy_price("some-model", **options)


def test_a_listed_price_is_taken_with_its_provider() -> None:
    """Mythos 5 has one provider in the shipped list; 10 and 50 dollars since 2026-06-09."""
    row = headway.deploy_price("claude-mythos-5").documents[0]

    assert row["listed"][0]["provider"] == "anthropic"
    assert [p["usd_per_mtok"] for p in row["prices"]] == pytest.approx([10, 50])


def test_several_providers_must_be_told_apart() -> None:
    with pytest.raises(BadOption, match="fireworks"):
        headway.deploy_price("kimi-k3")
    row = headway.deploy_price("kimi-k3", provider="fireworks").documents[0]

    assert row["listed"][0]["provider"] == "fireworks"
    assert len(row["prices"]) == 2


def test_dense_models_are_refused() -> None:
    with pytest.raises(BadOption, match="mixture"):
        headway.deploy_price("llama-3.1-70b", output_price=1)


def test_equal_seeds_give_equal_numbers() -> None:
    one, two = (headway.deploy_price("deepseek-v3", output_price=3, seed=7) for _ in range(2))

    assert one.documents == two.documents
    assert one.provenance == two.provenance
