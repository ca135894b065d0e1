"""The fast engine: it finds the mode, its blocks are exact, its intervals hold the truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from headway.estimate.capability import build_design, fit_laplace
from headway.estimate.capability.arrow import Arrow, Pattern
from headway.estimate.capability.layout import Layout
from headway.estimate.capability.model import Priors
from headway.estimate.capability.rows import Likelihood, Predictor
from headway.estimate.capability.scales import block_precision, core_prior_sd, unit_precision

from .synthetic import panel


@pytest.fixture(scope="module")
def fitted():
    rows, models, truth = panel(seed=3)
    return fit_laplace(build_design(rows, models)), truth


def test_it_converges(fitted):
    fit, _ = fitted

    assert fit.converged


def test_equal_input_gives_equal_bytes(fitted):
    rows, models, _ = panel(seed=3)
    again = fit_laplace(build_design(rows, models))

    assert again.core.tobytes() == fitted[0].core.tobytes()
    assert again.block.tobytes() == fitted[0].block.tobytes()


def test_row_order_does_not_matter(fitted):
    rows, models, _ = panel(seed=3)
    shuffled = fit_laplace(build_design(rows.sample(fraction=1.0, shuffle=True, seed=1), models))

    assert fitted[0].mean(("cyber", None)) == pytest.approx(
        shuffled.mean(("cyber", None)), abs=1e-6
    )


def test_block_arrow_solve_equals_the_dense_one(fitted):
    """Batches of models solve the same system as one dense matrix, and give its variances."""
    fit, _ = fitted
    design, priors = fit.design, Priors()
    layout = Layout(design)
    pattern = Pattern(design, layout)
    at = Predictor(design, layout, fit.core, fit.block)
    likelihood = Likelihood(design, at.eta, fit.scales)
    block = block_precision(layout, design, fit.scales)
    core = 1 / core_prior_sd(design, fit.scales, priors) ** 2
    arrow = Arrow(pattern, at, likelihood, block, core)
    jacobian = np.zeros((len(at.eta), len(block) + len(core)))
    start, items = len(block), len(design.benchmarks)
    jacobian[pattern.effect_row, pattern.effect_column] = np.where(
        pattern.effect_ability, at.a[pattern.effect_row], 1.0
    )
    jacobian[pattern.jacobian.row, start + pattern.jacobian.column] = arrow.values
    dense = jacobian.T @ (likelihood.information[:, None] * jacobian)
    dense[np.diag_indices_from(dense)] += np.concatenate([block, core])
    dense[start : start + items, start : start + items] += unit_precision(design)
    rng = np.random.default_rng(0)
    rhs, rows = rng.standard_normal(len(dense)), rng.standard_normal(len(at.eta))

    expected = np.linalg.solve(dense, rhs)
    got = np.concatenate(arrow.solve(rhs[:start], rhs[start:]))
    covariance = np.linalg.inv(dense)
    found = arrow.variances()
    variances = np.concatenate([found.block, found.core])
    of_rows = np.einsum("ij,jk,ik->i", jacobian, covariance, jacobian)
    gradient = np.concatenate(arrow.gradient(rows, np.zeros(start), np.zeros(len(core))))

    assert got == pytest.approx(expected, rel=1e-6, abs=1e-8)
    assert variances == pytest.approx(np.diag(covariance), rel=1e-6)
    assert found.row == pytest.approx(of_rows, rel=1e-6)
    assert gradient == pytest.approx(jacobian.T @ rows, rel=1e-9, abs=1e-9)
    assert arrow.move_of_rows(rhs[:start], rhs[start:]) == pytest.approx(jacobian @ rhs, rel=1e-9)
    assert arrow.coupling() == pytest.approx(
        np.linalg.solve(dense[:start, :start], dense[:start, start:]), rel=1e-6, abs=1e-9
    )


def test_the_correction_of_discriminations_is_the_slope_of_the_log_determinant(fitted):
    """Half the log determinant of everything but the discriminations, by finite differences.

    All that a discrimination multiplies counts: abilities, trends and the benchmark's own
    difficulty.
    """
    fit, _ = fitted
    design, priors = fit.design, Priors()
    layout = Layout(design)
    pattern = Pattern(design, layout)
    items = slice(0, len(design.benchmarks))
    information = Likelihood(
        design, Predictor(design, layout, fit.core, fit.block).eta, fit.scales
    ).information
    block = block_precision(layout, design, fit.scales)
    prior = np.concatenate([block, 1 / core_prior_sd(design, fit.scales, priors) ** 2])

    def half_log_determinant(core):
        at = Predictor(design, layout, core, fit.block)
        jacobian = np.zeros((len(at.eta), len(prior)))
        jacobian[pattern.effect_row, pattern.effect_column] = np.where(
            pattern.effect_ability, at.a[pattern.effect_row], 1.0
        )
        values = pattern.jacobian.values(at)
        jacobian[pattern.jacobian.row, len(block) + pattern.jacobian.column] = values
        dense = jacobian.T @ (information[:, None] * jacobian) + np.diag(prior)
        rest = np.delete(np.arange(len(prior)), len(block) + np.arange(items.stop))
        return 0.5 * np.linalg.slogdet(dense[np.ix_(rest, rest)])[1]

    at = Predictor(design, layout, fit.core, fit.block)
    likelihood = Likelihood(design, at.eta, fit.scales)
    arrow = Arrow(pattern, at, likelihood, block, prior[len(block) :])
    scaled = arrow.variances().scaled
    found = np.bincount(design.benchmark, information * scaled, minlength=items.stop)
    for b in range(0, items.stop, 3):
        move = np.zeros(len(fit.core))
        move[b] = 1e-4
        there, back = (half_log_determinant(fit.core + s * move) for s in (1, -1))
        assert found[b] == pytest.approx((there - back) / 2e-4, rel=1e-5)


def test_draws_have_the_covariance_of_the_fit(fitted):
    fit, _ = fitted
    draws = fit.draws(4000, np.random.default_rng(1)).cell(("coding", None))

    assert draws.mean(axis=0) == pytest.approx(fit.mean(("coding", None)), abs=0.08)


def test_draws_carry_the_uncertainty_of_the_variance_components(fitted):
    """An effect follows its component by the share of prior variance that it keeps.

    Root mean squares of an effect times an independent log normal, exactly.
    """
    fit, _ = fitted
    sharp = replace(fit, log_scale_sd=np.zeros_like(fit.log_scale_sd))
    wide, plain = (f.draws(6000, np.random.default_rng(2)).effects for f in (fit, sharp))
    owner = np.repeat(np.arange(wide.shape[2]), fit.block_size)
    own = fit.var_kind >= 0
    share = np.ones(wide.shape[1:])  # an effect that no row touches follows in full
    share[fit.var_kind[own], owner[own]] = fit.keep[own]
    sd = np.broadcast_to(fit.log_scale_sd[[0, *range(2, len(fit.log_scale_sd))], None], share.shape)
    found, before = (np.sqrt((draws**2).mean(axis=0)) for draws in (wide, plain))
    touched = np.zeros(share.shape, dtype=bool)
    touched[fit.var_kind[own], owner[own]] = True

    assert fit.log_scale_sd.min() > 0
    assert 0 <= fit.keep.min() < 0.5 < fit.keep.max() <= 1
    assert found / before == pytest.approx(np.exp((share * sd) ** 2), rel=0.1)
    for group in (touched & (share < 0.5), touched & (share >= 0.5), ~touched):
        if group.any():
            ratio = (found / before / np.exp((share * sd) ** 2))[group]
            assert ratio.mean() == pytest.approx(1.0, abs=0.01)


def test_90_percent_intervals_of_abilities_cover():
    """Abilities relative to their mean, over 12 simulated panels (false alarm below 1 in 1000).

    Intervals within one panel share its items, so the binomial is widened by a design effect of 6.
    """
    hits = total = 0
    for seed in range(12):
        rows, models, truth = panel(seed=100 + seed)
        fit = fit_laplace(build_design(rows, models))
        sample = fit.draws(400, np.random.default_rng(seed))
        for domain, theta in truth.items():
            draws = sample.cell((domain, None))
            draws = draws - draws.mean(axis=1, keepdims=True)
            # unit of the scale: one common factor per panel, estimated by least squares
            centred = theta - theta.mean()
            mean = draws.mean(axis=0)
            centred = centred * (mean @ centred) / (centred @ centred)
            low, high = np.quantile(draws, [0.05, 0.95], axis=0)
            hits += int(((low <= centred) & (centred <= high)).sum())
            total += len(centred)
    effective = round(total / 6)

    assert stats.binomtest(round(hits / 6), effective, 0.90).pvalue > 0.001, hits / total


def test_warm_start_reaches_the_same_numbers(fitted):
    fit, _ = fitted
    warm = fit_laplace(fit.design, start=fit)

    assert warm.iterations < fit.iterations
    assert warm.mean(("general", None)) == pytest.approx(fit.mean(("general", None)), abs=0.02)


def test_known_items_narrow_the_intervals(fitted):
    fit, _ = fitted
    items = fit.core_part("log_discrimination"), fit.core_part("difficulty")
    known = fit_laplace(fit.design, known_items=items)
    rng = np.random.default_rng(0)
    cell = ("cyber", None)

    def spread(f):
        draws = f.draws(500, rng).cell(cell)
        return (draws - draws.mean(axis=1, keepdims=True)).std(axis=0).mean()

    assert spread(known) < spread(fit)
