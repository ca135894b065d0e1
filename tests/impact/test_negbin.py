"""The batched negative binomial against statsmodels, and its guards."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from headway.estimate.impact import holm
from headway.estimate.impact.negbin import fit_many
from headway.estimate.impact.reported import fit_reported, hac_lags

Floats = NDArray[np.float64]


def world(seed: int, mean: float, alpha: float, n: int = 55) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), np.linspace(-2, 2, n), np.arange(n) >= n - 6]).astype(float)
    offset = np.log(rng.uniform(0.5, 1.1, n))
    mu = np.exp(x @ [np.log(mean), 0.2, 0.7] + offset)
    counts = rng.poisson(mu * (rng.gamma(1 / alpha, alpha, n) if alpha else 1.0))
    return counts.astype(float), x, offset


@pytest.mark.parametrize(("mean", "alpha"), [(3, 0.5), (20, 0.1), (300, 0.3)])
def test_same_maximum_as_statsmodels_from_its_own_start(mean: float, alpha: float) -> None:
    """statsmodels.NegativeBinomial(y, x, offset=o).fit(), log-likelihood to 1e-6, beta to 1e-3."""
    from statsmodels.discrete.discrete_model import NegativeBinomial

    counts, x, offset = world(1, mean, alpha)
    theirs = NegativeBinomial(counts, x, offset=offset).fit(disp=0, maxiter=500)
    ours = fit_many(counts, x[None], offset)

    assert ours.converged[0]
    assert ours.loglik[0] == pytest.approx(theirs.llf, abs=1e-6)
    assert ours.beta[0] == pytest.approx(theirs.params[:-1], abs=1e-3)
    assert ours.alpha[0] == pytest.approx(theirs.params[-1], rel=1e-3)
    assert ours.se[0] == pytest.approx(theirs.bse[:-1], rel=0.2)  # expected against observed


def test_many_designs_at_once_are_each_alone() -> None:
    counts, x, offset = world(2, 20, 0.1)
    designs = np.stack([np.column_stack([x[:, :2], np.arange(55) >= c]) for c in range(12, 50)])
    together = fit_many(counts, designs, offset)

    for i in (0, 17, 37):
        alone = fit_many(counts, designs[i : i + 1], offset)
        assert together.loglik[i] == pytest.approx(alone.loglik[0], abs=1e-8)


def test_counts_without_overdispersion_are_poisson() -> None:
    from statsmodels.discrete.discrete_model import Poisson

    counts, x, offset = world(3, 20, 0.0)
    ours = fit_many(counts, x[None], offset)
    shown = fit_reported(counts, x, offset, ours.beta[0], 0.0)
    theirs = Poisson(counts, x, offset=offset).fit(disp=0)

    assert ours.converged[0]
    assert shown is not None
    assert shown.alpha == 0
    assert shown.beta == pytest.approx(theirs.params, abs=1e-6)


def test_a_step_onto_nothing_does_not_converge() -> None:
    counts, x, offset = world(4, 20, 0.1)
    counts[-6:] = 0

    assert not fit_many(counts, x[None], offset).converged[0]


def test_lags_by_newey_and_west() -> None:
    assert (hac_lags(100), hac_lags(55), hac_lags(44)) == (4, 3, 3)


def test_holm_by_hand_and_unknown_p_do_not_count() -> None:
    """0.01 x 3, 0.03 x 2, 0.04 x 1 made monotone."""
    assert holm([0.03, None, 0.01, 0.04]) == pytest.approx([0.06, None, 0.03, 0.06])
    assert holm([None]) == [None]
