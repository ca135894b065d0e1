"""Who can have a model: tails on simulated truth, counts of the source, states of what is unknown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import headway
from headway.errors import BadOption, NotFound, Unreadable
from headway.estimate.deploy.tail import (
    MIN_TAIL,
    count_above,
    excess_above,
    expected_above,
    fit_excess,
    fit_tail,
)
from headway.tables.supply_store import load_supply, supply_dir


def pareto(n: int, alpha: float, rng: np.random.Generator) -> Any:
    return 10 * rng.random(n) ** (-1 / alpha)


def owners(**options: Any) -> list[Any]:
    found = headway.deploy_actors(**options).documents
    return [row for row in found if row["count"] == "owners"]


# Tails -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_profile_interval_of_the_exponent_covers() -> None:
    """90 % intervals hold the true exponent of a Pareto sample (false alarm 1 in 1000).

    The threshold is chosen on the same data, which costs a little: 85 % is asked for.
    """
    hits, worlds = 0, 200
    for seed in range(worlds):
        rng = np.random.default_rng(seed)
        tail = fit_tail(pareto(150, 0.8, rng), level=0.9, rng=rng, simulations=1)
        assert tail is not None
        hits += tail.low <= 0.8 <= tail.high

    assert stats.binomtest(hits, worlds, 0.85, alternative="less").pvalue > 0.001


@pytest.mark.slow
def test_the_test_of_fit_keeps_its_size_and_has_power() -> None:
    """A true tail is rejected in about one case of ten; a lognormal body is rejected more often."""
    rejected = {"pareto": 0, "lognormal": 0}
    worlds = 60
    for seed in range(worlds):
        rng = np.random.default_rng(seed)
        for name, sizes in (
            ("pareto", pareto(120, 0.8, rng)),
            ("lognormal", np.exp(rng.uniform(0, 6, 120))),
        ):
            tail = fit_tail(sizes, level=0.9, rng=rng, simulations=60)
            assert tail is not None
            rejected[name] += not tail.usable

    assert stats.binomtest(rejected["pareto"], worlds, 0.1, alternative="greater").pvalue > 0.001
    assert rejected["lognormal"] > 2 * rejected["pareto"]


@pytest.mark.slow
def test_extrapolated_counts_hold_the_truth() -> None:
    """What a list that is complete above 100 says of owners above 20 (false alarm 1 in 1000)."""
    hits, worlds = 0, 200
    for seed in range(worlds):
        rng = np.random.default_rng(1000 + seed)
        everyone = pareto(1000, 1.0, rng)
        tail = fit_tail(everyone[everyone >= 100], level=0.9, rng=rng, simulations=1)
        if tail is None:
            hits += 1
            continue
        found = expected_above(tail, 20, level=0.9, rng=rng)
        hits += found.low <= 500 <= found.high

    assert stats.binomtest(hits, worlds, 0.85, alternative="less").pvalue > 0.001


@pytest.mark.slow
def test_profile_interval_of_the_shape_covers() -> None:
    hits, worlds = 0, 200
    for seed in range(worlds):
        rng = np.random.default_rng(seed)
        sizes = stats.genpareto.rvs(0.9, scale=50, size=160, random_state=rng) + 1
        tail = fit_excess(sizes, level=0.9, rng=rng, simulations=1)
        assert tail is not None
        hits += tail.low <= 0.9 <= tail.high

    assert stats.binomtest(hits, worlds, 0.9, alternative="less").pvalue > 0.001


def test_shape_agrees_with_scipy() -> None:
    """scipy.stats.genpareto.fit(excess, floc=0) on the same excesses."""
    rng = np.random.default_rng(5)
    sizes = stats.genpareto.rvs(1.2, scale=100, size=300, random_state=rng)
    tail = fit_excess(sizes, level=0.9, rng=rng, simulations=1)
    assert tail is not None
    excess = sizes[sizes > tail.threshold] - tail.threshold
    shape, _, scale = stats.genpareto.fit(excess, floc=0)

    assert tail.shape == pytest.approx(shape, rel=0.03)
    assert tail.scale == pytest.approx(scale, rel=0.03)


def test_few_owners_have_no_tail() -> None:
    rng = np.random.default_rng(0)
    few = pareto(MIN_TAIL - 1, 1.0, rng)

    assert fit_tail(few, level=0.9, rng=rng) is None
    assert fit_excess(few, level=0.9, rng=rng) is None
    assert fit_excess(np.array([]), level=0.9, rng=rng) is None


def test_the_excesses_say_nothing_below_their_threshold() -> None:
    rng = np.random.default_rng(0)
    tail = fit_excess(pareto(200, 1.0, rng), level=0.9, rng=rng, simulations=1)
    assert tail is not None

    assert excess_above(tail, tail.threshold / 2, level=0.9, rng=rng) is None


def test_larger_owners_are_never_more() -> None:
    rng = np.random.default_rng(0)
    sizes = pareto(200, 1.0, rng)
    tail = fit_tail(sizes, level=0.9, rng=rng, simulations=1)
    assert tail is not None
    counts = [
        expected_above(tail, x, level=0.9, rng=np.random.default_rng(1)).value
        for x in (10, 50, 900)
    ]

    assert counts == sorted(counts, reverse=True)
    assert count_above(sizes, 10) == 200


# Shipped facts ---------------------------------------------------------------------------------


def test_clusters_give_the_published_counts_back() -> None:
    """Of actor_counts_epoch_clusters.csv: clusters, named owners, clusters without one, by size."""
    rows = [r for r in load_supply().rows("clusters") if r["h100_equivalents"]]
    for least, clusters, named, unnamed in ((8, 444, 132, 190), (2048, 95, 38, 24), (1e5, 3, 4, 0)):
        kept = [r for r in rows if float(str(r["h100_equivalents"])) >= least]
        assert len(kept) == clusters
        assert len({o for r in kept if r["owner"] for o in r["owner"].split(";")}) == named
        assert sum(r["owner"] is None for r in kept) == unnamed


def test_owners_hold_all_their_clusters_together() -> None:
    """So that at a size there are at least as many owners as have one cluster of it."""
    found = {row["h100_equivalents"]: row for row in owners()}

    assert found[8.0]["named"]["value"] == 132
    assert found[4096.0]["named"]["value"] >= 26
    assert found[8.0]["with_unnamed_clusters"]["value"] == 132 + 190
    values = [row["named"]["value"] for row in owners()]
    assert values == sorted(values, reverse=True)
    for row in owners():
        assert sum(row["countries"].values()) == row["named"]["value"]


def test_a_rejected_tail_gives_no_number() -> None:
    found = headway.deploy_actors()

    assert not found.extra["tails"]["pareto"]["usable"]
    for row in owners():
        assert row["by_tail"]["value"] is None
        assert row["by_tail"]["notes"][0].startswith("actors_tail_rejected:")


def test_sizes_beyond_every_owner_are_unknown_not_zero() -> None:
    row = owners(size=1e9)[0]

    assert row["named"]["value"] == 0
    assert row["if_covered_alike"]["value"] is None


def test_the_four_counts_stand_apart() -> None:
    found = headway.deploy_actors("kimi-k3", "h200")

    assert {row["count"] for row in found.documents} == {
        "downloaders",
        "owners",
        "hosts",
        "renters",
    }
    for row in found.documents:
        if row["count"] in ("downloaders", "renters"):
            assert row["actors"]["value"] is None
            assert row["actors"]["notes"]
    # 16 H200 is the published minimum of this model; an H200 has the operations of an H100
    assert owners(model="kimi-k3", hardware="h200")[0]["h100_equivalents"] == 16


def test_hosts_are_providers_with_a_listed_price() -> None:
    """Routers are none, a host under two names is one, and what is in no list is unknown."""
    found = headway.deploy_actors("kimi-k3", "h200").documents
    row = next(r for r in found if r["count"] == "hosts")

    assert row["actors"]["value"] == len(row["names"]) >= 5
    assert "openrouter" not in row["names"]
    assert not any(name.startswith("huggingface_") for name in row["names"])
    assert len(row["names"]) == len({n.removesuffix("-ai") for n in row["names"]})
    unlisted = headway.deploy_actors("mimo-v2-flash", "h200", precision="fp8").documents
    other = next(r for r in unlisted if r["count"] == "hosts")
    assert (other["actors"]["value"] is None) == (not other["names"])


def test_downloads_are_an_upper_bound() -> None:
    row = headway.deploy_actors("deepseek-v3", downloads=1000, storage_usd_per_gb_month=0.5)
    down = row.documents[0]

    assert down["at_most"] == 1000
    assert down["actors"]["value"] is None
    # 671B parameters, nearly all in one byte; embeddings in two
    assert down["size_gb"]["value"] == pytest.approx(673, abs=1)
    assert down["hours_to_download"]["value"] == pytest.approx(673 * 8 / 3600, rel=2e-3)
    assert down["storage_usd_per_month"]["value"] == pytest.approx(673 / 2, rel=2e-3)


def test_rents_by_term() -> None:
    """The lowest and highest reported rent of an H200 are 1.60 and 7.00 dollars; 16 GPUs."""
    found = headway.deploy_actors("kimi-k3", "h200")
    terms = {row["term"]: row["usd"] for row in found.documents if row["count"] == "renters"}

    assert terms["hour"]["interval"]["low"] == pytest.approx(25.6)
    assert terms["hour"]["interval"]["high"] == pytest.approx(112)
    assert terms["month"]["value"] == pytest.approx(terms["day"]["value"] * 30.4375)


def test_terms_are_shown_where_a_source_states_them() -> None:
    found = headway.deploy_actors("deepseek-v3", "tpu7x").documents
    row = next(r for r in found if r["count"] == "renters")

    assert row["self_service_known"]
    assert row["self_service"][0]["self_service"] is False
    assert row["usd"]["value"] is None


@pytest.mark.parametrize(
    "options",
    [
        {"size": 0.0},
        {"size": float("nan")},
        {"downloads": -1},
        {"link_gbit": 0.0},
        {"storage_usd_per_gb_month": -0.1},
    ],
)
def test_bad_options(options: dict[str, Any]) -> None:
    with pytest.raises(BadOption):
        headway.deploy_actors(**options)


def test_unknown_names() -> None:
    with pytest.raises(NotFound):
        headway.deploy_actors("nothing-like-this")
    with pytest.raises(NotFound):
        headway.deploy_actors("kimi-k3", "abacus")


def test_a_damaged_table_is_refused(tmp_path: Any) -> None:
    for file in supply_dir().iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    body = (tmp_path / "clusters.csv").read_bytes()
    (tmp_path / "clusters.csv").write_bytes(body.replace(b"Confirmed", b"Likely", 1))

    with pytest.raises(Unreadable):
        load_supply(tmp_path)
    (tmp_path / "supply.json").unlink()
    with pytest.raises(Unreadable):
        load_supply(tmp_path / "nowhere")
