"""Posterior = prior times likelihood, and the likelihood alone is not shrunk."""

from __future__ import annotations

import numpy as np
import pytest

from headway.errors import BadValue
from headway.estimate.capability import fit_capability, select_evidence
from headway.estimate.lag.likelihood import likelihoods
from tests.small_release import small_tables

CELLS = [("coding", None), ("general", None), ("cyber", "exploit")]


@pytest.fixture(scope="module")
def fit():
    tables = small_tables()
    return fit_capability(
        select_evidence(tables["scores"], tables["benchmarks"], tables["model_versions"])
    )


@pytest.fixture(scope="module")
def found(fit):
    return likelihoods(fit, CELLS, 2000, rng=np.random.default_rng(0))


def test_prior_and_likelihood_make_the_posterior(fit, found):
    """At the mode: (prior precision + likelihood) solves for the posterior mean of the engine."""
    laplace, design = fit.laplace, fit.laplace.design
    sd = laplace._kind_sd()
    mix = np.zeros((3, len(sd)))
    for k, (domain, stage) in enumerate(CELLS):
        mix[k, 0] = mix[k, 1 + design.domains.index(domain)] = 1.0
        if stage:
            mix[k, 1 + len(design.domains) + design.stages.index((domain, stage))] = 1.0
    trend = np.stack([design.trend_row(c) @ laplace.core_part("trend") for c in CELLS], axis=1)
    mean = np.stack([laplace.mean(c) for c in CELLS], axis=1)
    pull = found.pull.mean(axis=0)  # over draws of items: its expectation is that at the mode
    for m in range(len(found.models)):
        prior = np.linalg.inv((mix * sd[:, m] ** 2) @ mix.T)
        posterior = np.linalg.solve(found.precision[m] + prior, pull[m] + prior @ trend[m])
        assert posterior == pytest.approx(mean[m], abs=0.12)


def test_draws_are_those_of_the_engine(fit, found):
    engine = fit.sample(4000, np.random.default_rng(5))
    for k, cell in enumerate(CELLS):
        theirs = engine.theta(cell)
        assert found.theta[:, :, k].mean(axis=0) == pytest.approx(theirs.mean(axis=0), abs=0.1)
        ratio = found.theta[:, :, k].std(axis=0) / theirs.std(axis=0)
        assert ratio == pytest.approx(1.0, abs=0.15)


def test_the_prior_is_taken_out(fit, found):
    """Deviations from the prior's trend are larger without the prior than with it."""
    trend = fit.laplace.design.trend_row(CELLS[0]) @ fit.laplace.core_part("trend")
    value, variance = found.single(CELLS[0], np.arange(len(found.models)))
    known = np.isfinite(variance)
    free = value[:, known].mean(axis=0) - trend[known]
    shrunk = found.theta[:, known, 0].mean(axis=0) - trend[known]
    assert np.mean(free**2) > 1.02 * np.mean(shrunk**2)


def test_a_cell_is_informed_by_its_own_results_only(fit):
    """A model without coding results has a flat likelihood there, whatever it did elsewhere."""
    import polars as pl

    tables = small_tables()
    without = "closed-03"
    coding = tables["benchmarks"].filter(pl.col("domain").cast(pl.String) == "coding")
    scores = tables["scores"].filter(
        (pl.col("model_version") != without)
        | ~pl.col("benchmark").is_in(coding["benchmark"].to_list())
    )
    other = fit_capability(select_evidence(scores, tables["benchmarks"], tables["model_versions"]))
    stages = [("cyber", s) for s in ("find_reproduce", "range", "ctf_mixed")]
    everything = likelihoods(other, [*CELLS, *stages], 50, rng=np.random.default_rng(0))
    found = everything.restricted(CELLS)
    at = np.array([found.models.index(without)])
    _, variance = found.single(CELLS[0], at)
    assert variance[0] == np.inf
    _, informed = found.single(CELLS[1], at)
    assert informed[0] < 2


def test_what_was_measured_does_not_depend_on_the_cells_asked_for(fit):
    """A model with results in one domain only is known there equally well in every set of cells."""
    import polars as pl

    tables = small_tables()
    only = "closed-05"
    general = tables["benchmarks"].filter(pl.col("domain").cast(pl.String) == "general")
    scores = tables["scores"].filter(
        (pl.col("model_version") != only)
        | pl.col("benchmark").is_in(general["benchmark"].to_list())
    )
    other = fit_capability(select_evidence(scores, tables["benchmarks"], tables["model_versions"]))
    known = []
    for cells in ([CELLS[1]], CELLS[:2], CELLS, [*CELLS[:2], ("cyber", None)]):
        found = likelihoods(other, cells, 5, rng=np.random.default_rng(0))
        at = np.array([found.models.index(only)])
        value, variance = found.single(CELLS[1], at)
        known.append((float(value.mean()), float(variance[0])))
    assert np.isfinite(known).all()
    assert [v for _, v in known] == pytest.approx([known[0][1]] * 4, rel=1e-3)


def test_a_mixture_of_other_cells_is_refused(fit):
    stages = [("cyber", s) for s in ("find_reproduce", "exploit", "range", "ctf_mixed")]
    with pytest.raises(BadValue, match="mixture"):
        likelihoods(fit, [("cyber", None), *stages], 10, rng=np.random.default_rng(0))
