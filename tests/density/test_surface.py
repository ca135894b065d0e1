"""The regression of ability on size and date: exact cases, invariances, coverage."""

from __future__ import annotations

import numpy as np
import pytest

from headway.errors import BadValue, NotEnoughData
from headway.estimate.lag.density import (
    cluster_noise,
    density_missing,
    fit_curvature,
    fit_density,
    halving_months,
    record_rate,
    smallest_rate,
    smallest_size,
)

TRUTH = {"level": 0.5, "per_decade": 1.0, "per_year": 2.0}


def world(rng, count=60, labs=15, lab_sd=0.25, spread=0.4):
    """Models with lab effects and known, unequal measurement error; truth is :data:`TRUTH`."""
    lab = rng.choice(labs, count, p=rng.dirichlet(np.ones(labs)))
    size, year = rng.uniform(0, 3, count), rng.uniform(-1, 2, count)
    variance = rng.gamma(1.0, 0.15, count) + 0.01
    ability = TRUTH["level"] + size * TRUTH["per_decade"] + year * TRUTH["per_year"]
    ability += rng.normal(0, lab_sd, labs)[lab] + rng.normal(0, spread, count)
    seen = ability + rng.normal(0, np.sqrt(variance))
    return seen, size, year, [f"lab {i}" for i in lab], variance


def exact(bend=0.0):
    """Abilities on a surface without any error."""
    rng = np.random.default_rng(1)
    size, year = rng.uniform(0, 3, 40), rng.uniform(-1, 2, 40)
    theta = size + bend * (size - size.mean()) ** 2 + year
    return np.repeat(theta[None], 5, axis=0), size, year, [f"lab {i % 8}" for i in range(40)]


def test_an_exact_plane_gives_the_rate_by_hand():
    """theta = x + t: a tenth of the parameters does a year later; they halve in 12 log10(2) months."""
    theta, size, year, lab = exact()
    found = fit_density(theta, size, year, lab, rng=np.random.default_rng(0))
    assert found.yearly_factor == pytest.approx(0.1, abs=1e-3)
    assert found.halving_months == pytest.approx(12 * np.log10(2), abs=0.01)
    # level 2 at t = 0.5 needs x = 1.5
    assert found.needed(np.full(5, 2.0), 0.5) == pytest.approx(1.5, abs=0.01)
    assert found.ability(1.5, 0.5) == pytest.approx(2.0, abs=0.01)
    assert (found.n, found.n_clusters) == (40, 8)


def test_a_bend_makes_the_rate_depend_on_size_and_leaves_levels_out_of_reach():
    theta, size, year, lab = exact(bend=-0.2)
    rng = np.random.default_rng(0)
    found = fit_density(theta, size, year, lab, curved=True, rng=rng)
    assert found.bend == pytest.approx(-0.2, abs=0.01)
    small = halving_months(found.decades_per_year_at(size.mean() - 1))
    large = halving_months(found.decades_per_year_at(size.mean() + 1))
    assert (small > large).all()  # a size step buys more at the small end
    assert np.isposinf(found.needed(np.full(5, 1e3), 0.0)).all()
    level = found.ability(1.2, 0.3)
    assert found.needed(level, 0.3) == pytest.approx(1.2, abs=1e-6)
    bends = fit_curvature(theta, size, year, lab, rng=rng)
    assert bends.size_size == pytest.approx(-0.2, abs=0.02)
    assert bends.year_year == pytest.approx(0.0, abs=0.02)


def test_the_need_depends_on_neither_origin_nor_unit_of_ability():
    seen, size, year, lab, variance = world(np.random.default_rng(3))
    theta = np.repeat(seen[None], 200, axis=0)

    def fit(draws, s2):
        return fit_density(draws, size, year, lab, variance=s2, rng=np.random.default_rng(7))

    plain, moved = fit(theta, variance), fit(3 * theta + 11, 9 * variance)
    level = np.full(200, 2.0)
    assert moved.needed(3 * level + 11, 1.0) == pytest.approx(plain.needed(level, 1.0), abs=5e-3)
    assert moved.halving_months == pytest.approx(plain.halving_months, rel=1e-2, abs=1e-2)


def test_a_size_that_does_not_matter_is_said_and_not_divided_by():
    theta, size, year, lab = exact()
    flat = np.repeat((2 * year - 0.5 * size)[None], 5, axis=0)
    found = fit_density(flat, size, year, lab, rng=np.random.default_rng(0))
    assert not found.defined.any()
    assert np.isnan(found.needed(np.zeros(5), 0.0)).all()
    assert (found.halving_months == 0).all()
    back = fit_density(theta - 3 * year, size, year, lab, rng=np.random.default_rng(0))
    assert np.isposinf(back.halving_months).all()


def test_weighting_by_precision_beats_ignoring_it():
    """Against the truth, over worlds where some abilities are known badly."""
    plain, weighted = [], []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        seen, size, year, lab, variance = world(rng, count=50)
        variance = np.where(rng.random(50) < 0.3, 4.0, 0.02)
        seen = seen + rng.normal(0, np.sqrt(variance))
        theta = seen[None].repeat(2, axis=0)
        for out, s2 in ((plain, None), (weighted, variance)):
            found = fit_density(theta, size, year, lab, variance=s2, rng=np.random.default_rng(0))
            out.append(found.per_decade[0] - TRUTH["per_decade"])
    assert np.mean(np.square(weighted)) < np.mean(np.square(plain))


def coverage(worlds, count, labs, seed):
    covered = []
    for one in range(worlds):
        rng = np.random.default_rng([seed, one])
        seen, size, year, lab, variance = world(rng, count=count, labs=labs)
        if density_missing(size, year, lab):
            continue
        theta = seen[None].repeat(300, axis=0)
        found = fit_density(theta, size, year, lab, variance=variance, rng=rng)
        truth = {
            "per_decade": TRUTH["per_decade"],
            "per_year": TRUTH["per_year"],
            "halving_months": 12 * np.log10(2) * TRUTH["per_decade"] / TRUTH["per_year"],
        }
        row = []
        for name, value in truth.items():
            low, high = np.quantile(getattr(found, name), [0.05, 0.95])
            row.append(low <= value <= high)
        covered.append(row)
    return np.mean(covered, axis=0)


def test_intervals_cover_in_simulated_worlds():
    found = coverage(40, 60, 15, 11)
    assert (found >= 0.80).all(), found


@pytest.mark.slow
def test_intervals_cover_as_they_say():
    """Measured over 1,500 worlds each: 0.89-0.92 for slopes, 0.87-0.91 for their ratio."""
    many, few = coverage(1500, 125, 29, 101), coverage(1500, 35, 9, 103)
    assert (np.abs(many - 0.90) <= 0.03).all(), many
    assert (few >= 0.84).all(), few


def test_cluster_noise_is_wider_where_clusters_share_errors():
    rng = np.random.default_rng(2)
    count = 60
    basis = np.column_stack([np.ones(count), np.repeat(rng.normal(size=12), 5)])
    shared = np.repeat(rng.normal(size=12), 5)
    own = rng.permutation(shared)
    lab = [str(i) for i in np.repeat(np.arange(12), 5)]
    wide = cluster_noise(shared, basis, np.ones(count), lab, 4000, rng).std(axis=0)
    narrow = cluster_noise(own, basis, np.ones(count), lab, 4000, rng).std(axis=0)
    assert wide[1] > 1.3 * narrow[1]


def test_record_rate_follows_the_best_models_only():
    """Densities 0, 1, 2, 3 at years 0..3, and weak models between them: one decade a year."""
    year = np.array([0.0, 1.0, 2.0, 3.0, 0.5, 1.5, 2.5])
    density = np.array([0.0, 1.0, 2.0, 3.0, -5.0, -5.0, -5.0])
    size = np.array([1.0, 2.0, 1.5, 1.0, 1.0, 1.0, 2.0])
    theta = (density + size)[None].repeat(3, axis=0)
    assert record_rate(theta, size, year, np.ones(3)) == pytest.approx(1.0)
    assert np.isnan(record_rate(theta, size, year, np.ones(3), since=2.0)).all()


def test_smallest_model_at_a_level_by_hand():
    """70B at year 0, 7B at year 1 and still the smallest at year 2: half a decade a year."""
    theta = np.array([[1.0, 1.0, 0.0]])
    size, year = np.log10([70.0, 7.0, 1.0]), np.array([0.0, 1.0, 1.5])
    dates, smallest = smallest_size(theta, size, year, np.array([0.9]))
    assert dates.tolist() == [0.0, 1.0, 1.5]
    assert 10 ** smallest[0] == pytest.approx([70.0, 7.0, 7.0])
    rate = smallest_rate(theta, size, year, [np.array([0.9])], until=2.0)
    assert rate == pytest.approx(0.5)
    assert np.isnan(smallest_rate(theta, size, year, [np.array([9.0])], until=2.0)).all()


def test_too_little_is_refused_with_what_is_missing():
    theta, size, year, lab = exact()
    with pytest.raises(NotEnoughData, match="too_few_sized:5<12"):
        fit_density(theta[:, :5], size[:5], year[:5], lab[:5], rng=np.random.default_rng(0))
    assert density_missing(size, year, ["one"] * 40) == ("too_few_labs:1<5",)
    assert "sizes_too_alike" in density_missing(np.full(40, 1.0), year, lab)
    assert "dates_too_alike" in density_missing(size, np.zeros(40), lab)


def test_bad_input_is_refused():
    theta, size, year, lab = exact()
    with pytest.raises(BadValue, match="do not fit together"):
        fit_density(theta[:, 1:], size, year, lab, rng=np.random.default_rng(0))
    with pytest.raises(BadValue, match="not finite"):
        fit_density(
            theta, np.where(size > 1, np.nan, size), year, lab, rng=np.random.default_rng(0)
        )
