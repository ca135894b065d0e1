"""The reference's density is the fast engine's model, and its coordinates change nothing.

None of this needs the extra: the density is written for NumPy and JAX alike.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from headway.estimate.capability import scales as fast_scales
from headway.estimate.capability.layout import Layout
from headway.estimate.capability.model import Priors
from headway.estimate.capability.reference_coordinates import (
    build_coordinates,
    sizes,
    to_natural,
)
from headway.estimate.capability.reference_density import (
    RHO_RANGE,
    build_structure,
    log_inverse_gamma,
    log_joint,
    log_likelihood,
    log_prior,
    numpy_operations,
    observations,
)
from headway.estimate.capability.rows import Likelihood, Predictor

from .worlds import small_fit

OPS = numpy_operations()
PRIORS = Priors()


@pytest.fixture(scope="module")
def fit():
    return small_fit().laplace


@pytest.fixture(scope="module")
def structure(fit):
    return build_structure(fit.design, PRIORS)


def random_point(structure, rng):
    """Parameters far from any optimum."""
    return {
        "core": rng.normal(0, 0.7, structure.core_size),
        "effects": rng.normal(0, 0.6, structure.effects),
        "log_scale": rng.normal(-0.8, 0.4, structure.scales),
        "log_noise": rng.normal(-1, 0.4, len(structure.noisy)),
        "log_rho": rng.uniform(*np.log(RHO_RANGE), len(structure.dispersed)),
        "log_centre_family": rng.normal(-1.5, 0.3),
        "log_centre_noise": rng.normal(-1.5, 0.3),
        "centre_rho": rng.normal(-3.5, 0.3),
    }


def as_scales(structure, point, like):
    """The same variance components as the fast engine holds them."""
    sd, design, first = np.exp(point["log_scale"]), structure.design, structure.first_family
    noise, rho = like.noise.copy(), like.rho.copy()
    noise[structure.noisy] = np.exp(point["log_noise"])
    rho[structure.dispersed] = np.exp(point["log_rho"])
    domains = len(design.domains)
    return fast_scales.Scales(
        general=float(sd[0]),
        undated=float(sd[1]),
        domain=sd[2 : 2 + domains],
        stage=sd[2 + domains : first - 2],
        family=sd[first:],
        setup=float(sd[first - 2]),
        scaffold=float(sd[first - 1]),
        noise=noise,
        rho=rho,
    )


def fast_log_joint(structure, point, scales):
    """Likelihood and priors of core and effects, put together from the fast engine's parts."""
    design, layout = structure.design, Layout(structure.design)
    core, block = point["core"], point["effects"]
    eta = Predictor(design, layout, core, block).eta
    likelihood = Likelihood(design, eta, scales).value.sum()
    precision = fast_scales.block_precision(layout, design, scales)
    sd = fast_scales.core_prior_sd(design, scales, PRIORS)
    mean = np.zeros(len(core))
    mean[structure.core["trend"].start + 1] = 1.5
    items = core[structure.core["log_discrimination"]]
    prior = stats.norm.logpdf(block, 0, precision**-0.5).sum()
    prior += stats.norm.logpdf(core, mean, sd).sum()
    prior -= 0.5 * fast_scales.unit_precision(design) * items.sum() ** 2
    return likelihood, prior


def test_the_small_world_has_every_kind_of_row(fit, structure):
    design = fit.design

    assert set(design.side) == {-1, 0, 1}
    assert len(structure.counted)
    assert len(structure.gaussian)
    assert (design.known_variance > 0).any()
    assert np.isnan(design.model_year).any()
    assert (design.model_class < 0).any()
    for part in (design.stages, design.setups, design.scaffolds, design.covariates):
        assert len(part)
    assert structure.families > 1


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_log_density_equals_the_fast_engines_log_joint(fit, structure, seed):
    """Differences between two points are the same in both, scales included."""
    rng = np.random.default_rng(seed)
    observed = observations(structure, fit.design)
    found, expected = [], []
    for _ in range(2):
        point = random_point(structure, rng)
        scales = as_scales(structure, point, fit.scales)
        likelihood, prior = fast_log_joint(structure, point, scales)
        # the reference adds the priors of the scales; at other effects and the same scales they
        # cancel
        calm = {**point, "core": np.zeros_like(point["core"]), "effects": 0 * point["effects"]}
        _, flat = fast_log_joint(structure, calm, scales)
        found.append(log_likelihood(point, observed, structure, OPS))
        found.append(log_prior(point, structure, OPS) - log_prior(calm, structure, OPS))
        expected += [likelihood, prior - flat]

    assert found[0] - found[2] == pytest.approx(expected[0] - expected[2], rel=1e-9, abs=1e-6)
    assert [found[1], found[3]] == pytest.approx([expected[1], expected[3]], rel=1e-9)
    # effects and scales together: the normalisation of the effects' priors
    point = random_point(structure, rng)
    other = {**point, "log_scale": random_point(structure, rng)["log_scale"]}
    prior = [
        fast_log_joint(structure, p, as_scales(structure, p, fit.scales))[1] for p in (point, other)
    ]
    own = [log_prior(p, structure, OPS) - scale_prior(structure, p) for p in (point, other)]
    assert own[0] - own[1] == pytest.approx(prior[0] - prior[1], rel=1e-9, abs=1e-6)


def scale_prior(structure, point):
    """Priors of the scales of effects, from SciPy: variance inverse-gamma, density of its log."""
    df, first = PRIORS.scale_df, structure.first_family
    centre2 = structure.scale_centre**2
    centre2 = np.append(
        centre2[:first], np.full(structure.families, np.exp(point["log_centre_family"]))
    )
    variance = np.exp(2 * point["log_scale"])
    density = stats.invgamma.logpdf(variance, df / 2, scale=df * centre2 / 2)
    return float((density + np.log(variance)).sum())


@pytest.mark.parametrize(("squares", "count"), [(0.0, 0), (3.0, 12), (40.0, 7)])
def test_scale_priors_have_the_fast_engines_modes(squares, count):
    """With known effects the mode of log sd is the fast engine's fixed point."""
    df, centre = PRIORS.scale_df, 0.5

    def loss(log_sd):
        effects = -0.5 * squares * np.exp(-2 * log_sd) - count * log_sd
        return -(effects + log_inverse_gamma(log_sd, 2 * np.log(centre), df, np))

    mode = optimize.minimize_scalar(loss, bounds=(-6, 4), method="bounded").x

    assert np.exp(mode) == pytest.approx(
        fast_scales._component(squares, count, df, centre), rel=1e-4
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_jacobian_is_that_of_the_map(fit, structure, seed):
    """log |det| by finite differences, relative to another point."""
    coordinates = build_coordinates(fit, structure)
    rng = np.random.default_rng(seed)
    width = sizes(structure)

    def flat(params):
        return np.concatenate([np.atleast_1d(params[name]) for name in params])

    def split(vector):
        ends = np.cumsum(list(width.values()))
        return dict(zip(width, np.split(vector, ends[:-1]), strict=True))

    def value(vector):
        return to_natural(split(vector), coordinates.arrays, coordinates.index, structure, OPS)

    found, expected = [], []
    for _ in range(2):
        at = 0.8 * rng.standard_normal(sum(width.values()))
        h = 1e-5
        columns = [
            (flat(value(at + h * e)[0]) - flat(value(at - h * e)[0])) / (2 * h)
            for e in np.eye(len(at))
        ]
        sign, determinant = np.linalg.slogdet(np.array(columns))
        assert sign != 0
        expected.append(determinant)
        found.append(value(at)[1])

    assert found[0] - found[1] == pytest.approx(expected[0] - expected[1], abs=1e-4)


def test_the_origin_of_the_coordinates_is_the_fast_fit(fit, structure):
    coordinates = build_coordinates(fit, structure)
    zero = {name: np.zeros(size) for name, size in sizes(structure).items()}
    params, _ = to_natural(zero, coordinates.arrays, coordinates.index, structure, OPS)

    assert params["core"] == pytest.approx(fit.core)
    assert params["effects"] == pytest.approx(fit.block)
    assert np.exp(params["log_noise"]) == pytest.approx(fit.scales.noise[structure.noisy])


def test_coordinates_follow_the_fast_approximation(fit, structure):
    """Core and effects of unit draws, at the fit's scales, have the fast engine's spread."""
    coordinates = build_coordinates(fit, structure)
    rng = np.random.default_rng(0)
    small = 1e-3  # where the map is linear
    draws = []
    for _ in range(4000):
        z = {name: np.zeros(size) for name, size in sizes(structure).items()}
        z["core"] = small * rng.standard_normal(structure.core_size)
        z["effects"] = small * rng.standard_normal(structure.effects)
        params, _ = to_natural(z, coordinates.arrays, coordinates.index, structure, OPS)
        draws.append(np.concatenate([params["core"] - fit.core, params["effects"] - fit.block]))
    sd = np.std(draws, axis=0) / small
    coupled = ((fit.coupling @ fit.core_cov_chol) ** 2).sum(axis=1)
    inside = np.concatenate([np.diagonal(c, axis1=1, axis2=2).ravel() for _, c in fit.block_cov])
    order = np.concatenate(
        [(fit.block_start[m][:, None] + np.arange(c.shape[1])).ravel() for m, c in fit.block_cov]
    )
    expected = np.zeros(structure.effects)
    expected[order] = inside
    expected = np.sqrt(expected + coupled)
    core = np.sqrt((fit.core_cov_chol**2).sum(axis=1))

    assert sd == pytest.approx(np.concatenate([core, expected]), rel=0.06)


def test_a_tighter_prior_costs_density_where_it_should(fit):
    """The priors object is used: half the spread of the difficulties moves the density exactly."""
    tight = build_structure(fit.design, Priors(difficulty_sd=2.0))
    loose = build_structure(fit.design, PRIORS)
    point = random_point(loose, np.random.default_rng(1))
    observed = observations(loose, fit.design)
    k = point["core"][loose.core["difficulty"]]

    difference = log_joint(point, observed, tight, OPS) - log_joint(point, observed, loose, OPS)

    assert difference == pytest.approx(-0.5 * (k**2).sum() * (1 / 4 - 1 / 16))
