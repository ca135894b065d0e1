"""The sampler: what it refuses, what it hands on, and that it finds the posterior."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from headway.errors import HeadwayError, MissingExtra
from headway.estimate.capability import CapabilityFit, build_design, fit_laplace
from headway.estimate.capability.fit import AbilitySample
from headway.estimate.capability.model import Priors
from headway.estimate.capability.reference import (
    ReferenceFit,
    ReferenceSampler,
    as_sample,
    fit_reference,
    jax_operations,
    reference_sample,
    sample_reference,
)
from headway.estimate.capability.reference_coordinates import (
    build_coordinates,
    sizes,
    to_natural,
)
from headway.estimate.capability.reference_density import (
    build_structure,
    log_joint,
    numpy_operations,
    observations,
)
from headway.estimate.capability.reference_mixing import MAX_R_HAT, Diagnosis, require_mixing
from headway.problems import localised

from .worlds import small_evidence, small_fit


@pytest.fixture(scope="module")
def fit():
    return small_fit()


def by_hand(fit, count=300, seed=0) -> ReferenceFit:
    """A reference fit whose draws are made up, so that reading them needs no sampler."""
    rng = np.random.default_rng(seed)
    structure = build_structure(fit.laplace.design, Priors())
    return ReferenceFit(
        laplace=fit.laplace,
        structure=structure,
        chains=1,
        core=rng.normal(0, 0.1, (count, structure.core_size)),
        effects=rng.normal(0, 0.1, (count, structure.effects)),
        log_scale=rng.normal(np.log(0.5), 0.3, (count, structure.scales)),
        log_noise=rng.normal(-1, 0.1, (count, len(structure.noisy))),
        log_rho=rng.normal(-3, 0.1, (count, len(structure.dispersed))),
        divergences=0,
        gradients=count,
        acceptance=0.8,
        abilities=Diagnosis(np.array([400.0]), np.array([1.0])),
    )


@pytest.mark.parametrize("module", ["numpyro", "jax.numpy"])
def test_without_the_extra_the_error_names_it(fit, monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    ask = {
        "numpyro": lambda: fit_reference(fit.evidence, seed=1, init=fit.laplace),
        "jax.numpy": jax_operations,
    }

    with pytest.raises(MissingExtra) as caught:
        ask[module]()

    assert caught.value.exit_status == 1
    assert 'pip install "headway[bayes]"' in caught.value.hint
    assert "NumPyro" in localised(caught.value, "ja")[0]


def test_chains_that_have_not_met_are_refused():
    require_mixing(Diagnosis(np.array([500.0, np.nan]), np.array([MAX_R_HAT, np.nan])))

    with pytest.raises(HeadwayError, match="R-hat is 1.120, the limit is 1.05") as caught:
        require_mixing(Diagnosis(np.array([500.0, 31.0]), np.array([1.0, 1.12])))

    assert caught.value.exit_status == 1
    assert "31" in caught.value.what


def test_draws_are_read_as_the_fast_engines(fit):
    """Abilities are trend plus the sampled effects, by model and cell."""
    found = by_hand(fit)
    sample = as_sample(found, fit.evidence, seed=3)
    design = found.design
    model = design.models.index(fit.evidence.rows["model_version"][0])
    theta = sample.theta(("coding", None))[:, model]
    mine = np.flatnonzero(found.structure.owner == model)
    kinds = found.structure.kind[mine]
    wanted = mine[np.isin(kinds, [0, 1 + design.domains.index("coding")])]
    trend = found.core[:, found.structure.core["trend"]] @ design.trend_row(("coding", None))[model]

    assert isinstance(sample, AbilitySample)
    assert theta == pytest.approx(trend + found.effects[:, wanted].sum(axis=1))
    assert sample.summary(("coding", None))["prior_sd"].to_numpy() == pytest.approx(
        found.posterior_mean().prior_sd(("coding", None))
    )


def test_effects_without_rows_come_from_their_prior_at_each_draws_scale():
    evidence = small_evidence()
    first = evidence.models["model_version"][0]
    rows = evidence.rows.filter((pl.col("model_version") != first) | (pl.col("domain") != "coding"))
    design = build_design(rows, evidence.models)
    fit = CapabilityFit(fit_laplace(design), replace(evidence, rows=rows))
    found = by_hand(fit, count=6000)
    structure = found.structure
    kinds = 1 + len(found.design.domains) + len(found.design.stages)
    touched = np.zeros((kinds, len(found.design.models)), dtype=bool)
    keep = structure.kind >= 0
    touched[structure.kind[keep], structure.owner[keep]] = True
    raw = found.draws(np.random.default_rng(1))
    kind, model = next((k, m) for k, m in np.argwhere(~touched).tolist() if k > 0)
    scale = np.exp(found.log_scale[:, 1 + kind])

    # standardised by its own draw's scale it is standard normal
    assert (raw.effects[:, kind, model] / scale).std() == pytest.approx(1.0, abs=0.05)
    assert raw.effects[:, kind, model].std() == pytest.approx(np.sqrt((scale**2).mean()), rel=0.06)


def test_scales_of_the_reference_are_root_mean_squares(fit):
    found = by_hand(fit)
    scales = found.posterior_mean().scales
    expected = np.sqrt(np.exp(2 * found.log_scale[:, 0]).mean())

    assert scales.general == pytest.approx(expected)
    assert len(scales.stage) == len(found.design.stages)
    assert scales.noise[found.structure.noisy] == pytest.approx(
        np.sqrt(np.exp(2 * found.log_noise).mean(axis=0))
    )


def test_the_jax_density_is_the_numpy_density(fit):
    jax = pytest.importorskip("jax")
    structure = build_structure(fit.laplace.design, Priors())
    coordinates = build_coordinates(fit.laplace, structure)
    rng = np.random.default_rng(0)
    z = {name: 0.5 * rng.standard_normal(size) for name, size in sizes(structure).items()}
    observed = observations(structure, fit.laplace.design)
    found = []
    with jax.enable_x64(True):
        for ops in (jax_operations(), numpy_operations()):
            params, jacobian = to_natural(z, coordinates.arrays, coordinates.index, structure, ops)
            found.append(float(log_joint(params, observed, structure, ops) + jacobian))

    assert found[0] == pytest.approx(found[1], rel=1e-10)


def test_mixing_numbers_are_those_of_arviz():
    pytest.importorskip("numpyro")
    arviz = pytest.importorskip("arviz")
    from headway.estimate.capability.reference_mixing import diagnose

    rng = np.random.default_rng(4)
    chains, count = 2, 500
    walk = np.zeros((chains, count, 3))
    for i in range(1, count):
        walk[:, i] = walk[:, i - 1] * [0.0, 0.6, 0.95] + rng.standard_normal((chains, 3))
    walk[1, :, 2] += 1.0
    found = diagnose(walk.reshape(chains * count, 3), chains)

    for j in range(3):
        assert found.ess_bulk[j] == pytest.approx(
            float(arviz.ess(walk[:, :, j], method="bulk")), rel=0.02
        )
        assert found.r_hat[j] == pytest.approx(
            float(arviz.rhat(walk[:, :, j], method="rank")), abs=2e-3
        )


def test_a_constant_has_no_mixing_to_judge():
    pytest.importorskip("numpyro")
    from headway.estimate.capability.reference_mixing import diagnose

    found = diagnose(np.ones((100, 1)), 1)

    assert np.isnan(found.ess_bulk[0])
    assert found.worst_r_hat == 1.0
    assert found.least_ess == np.inf


@pytest.mark.slow
def test_a_small_world_end_to_end():
    """NUTS mixes, repeats itself for a seed, and agrees with the fast engine."""
    pytest.importorskip("numpyro")
    fit = small_fit(models=40, benchmarks=12)
    found = fit_reference(
        fit.evidence, warmup=400, samples=800, chains=2, seed=11, init=fit.laplace
    )
    sample = as_sample(found, fit.evidence, 11)
    fast = fit.sample(2000, np.random.default_rng(0))

    assert found.abilities.worst_r_hat < MAX_R_HAT
    assert found.abilities.least_ess > 100
    assert found.divergences < 0.02 * found.count
    for cell in fit.cells:
        a, b = fast.centred(cell), sample.centred(cell)
        unit = a.mean(axis=0) @ b.mean(axis=0) / (b.mean(axis=0) ** 2).sum()
        shift = np.abs(a.mean(axis=0) - unit * b.mean(axis=0)) / (unit * b.std(axis=0))
        assert np.quantile(shift, 0.9) < 0.4, cell
        ratio = np.median(a.std(axis=0) / (unit * b.std(axis=0)))
        assert ratio == pytest.approx(1.0, abs=0.2), cell


@pytest.mark.slow
def test_equal_seeds_give_equal_draws_and_the_sampler_serves_new_scores():
    pytest.importorskip("numpyro")
    fit = small_fit()
    sampler = ReferenceSampler(fit.laplace.design, warmup=50, samples=50, chains=1)
    first, again = (sampler.run(fit.laplace, 5) for _ in range(2))
    other = sampler.run(small_fit(seed=2).laplace, 6)

    assert first.core.tobytes() == again.core.tobytes()
    assert other.core.shape == first.core.shape
    assert not np.array_equal(other.core, first.core)


@pytest.mark.slow
def test_chains_that_have_not_met_go_on_where_they_were():
    pytest.importorskip("numpyro")
    fit = small_fit()
    sampler = ReferenceSampler(fit.laplace.design, warmup=50, samples=50, chains=2)
    short, long = (sampler.run(fit.laplace, 5, rounds=rounds) for rounds in (1, 3))

    assert short.abilities.worst_r_hat > MAX_R_HAT  # else this test tests nothing
    assert short.count == 100
    per_chain = long.count // 2
    assert per_chain in (100, 150)
    for chain in range(2):
        ours = short.core[chain * 50 : chain * 50 + 50]
        assert np.array_equal(long.core[chain * per_chain : chain * per_chain + 50], ours)


@pytest.mark.slow
def test_reference_sample_has_the_draws_asked_for():
    pytest.importorskip("numpyro")
    sample = reference_sample(small_evidence(models=30, benchmarks=12), 300, 7)

    assert sample.theta(("cyber", None)).shape == (300, len(sample.models))
    assert sample_reference.__doc__
