"""The rows at given parameters: linear predictor, its derivatives, likelihood terms."""

from __future__ import annotations

import numpy as np

from headway.estimate.capability.design import Design
from headway.estimate.capability.layout import Layout, core_offsets
from headway.estimate.capability.model import (
    beta_binomial,
    beta_binomial_curvature,
    gaussian_censored,
)
from headway.estimate.capability.scales import Scales

__all__ = ["CoreJacobian", "Likelihood", "Predictor"]


#: A counted row bends at least this share of its approximate Fisher information: where one count
#: lies far on the near side of a heavy tail, the exact second derivative may even be negative.
_LEAST_BEND = 0.3


class Predictor:
    """Linear predictor ``eta`` (N,), discrimination ``a`` and ``distance`` to the difficulty."""

    def __init__(self, design: Design, layout: Layout, core: np.ndarray, block: np.ndarray) -> None:
        at = core_offsets(design)
        padded = np.append(block, 0.0)  # column -1 is nobody's effect
        effects = padded[layout.columns]
        self.a = np.exp(core[at["log_discrimination"]])[design.benchmark]
        theta = design.trend @ core[at["trend"]] + effects[:, :3].sum(axis=1)
        self.distance = theta - core[at["difficulty"]][design.benchmark]
        setup = np.append(core[at["setup"]], 0.0)[design.setup]
        scaffold = np.append(core[at["scaffold"]], 0.0)[design.scaffold]
        covariates = design.x @ core[at["beta"]]
        self.eta = self.a * self.distance + effects[:, 3] + setup + scaffold + covariates


class Likelihood:
    """Per row (N,): ``gradient`` of the log likelihood in ``eta``, and ``information``.

    The information is the negative second derivative at the data (the Laplace approximation's own),
    bounded from below. The usual moment approximation of the Fisher information of a beta-binomial,
    ``n / (1 + (n-1) rho)`` effective trials, is too small by up to four times for rare successes with
    much overdispersion; with it the dispersion of such benchmarks came out several times too large.
    """

    def __init__(self, design: Design, eta: np.ndarray, scales: Scales) -> None:
        self.value = np.zeros(len(eta))
        self.gradient = np.zeros(len(eta))
        self.information = np.zeros(len(eta))
        counted = design.is_counted
        if counted.any():
            given = (
                eta[counted],
                design.y[counted],
                design.n[counted],
                design.floor[counted],
                design.span[counted],
                scales.rho[design.benchmark[counted]],
            )
            parts = beta_binomial(*given)
            self.value[counted], self.gradient[counted], self.information[counted] = parts
            curvature = beta_binomial_curvature(*given)
            least = _LEAST_BEND * self.information[counted]
            self.information[counted] = np.maximum(curvature, least)
        rest = ~counted
        if rest.any():
            variance = scales.noise[design.benchmark[rest]] ** 2 + design.known_variance[rest]
            parts = gaussian_censored(eta[rest], design.y[rest], variance, design.side[rest])
            self.value[rest], self.gradient[rest], self.information[rest] = parts


class CoreJacobian:
    """Derivatives of ``eta`` in the core, as entries (row, column, value) of a fixed pattern.

    Attributes
    ----------
    row, column : arrays (E,)
    is_multiplied : bool array (C,)
        Difficulties and trends: the derivative is proportional to the row's discrimination.
    """

    def __init__(self, design: Design) -> None:
        at = core_offsets(design)
        count = len(design.model)
        everyone = np.arange(count)
        setup = np.flatnonzero(design.setup >= 0)
        scaffold = np.flatnonzero(design.scaffold >= 0)
        x_row, x_column = np.nonzero(design.x)
        t_row, t_column = np.nonzero(design.trend)
        self.rows, self.width = count, at["trend"].stop
        self.is_multiplied = np.zeros(self.width, dtype=bool)
        self.is_multiplied[at["difficulty"]] = self.is_multiplied[at["trend"]] = True
        self.row = np.concatenate([everyone, everyone, setup, scaffold, x_row, t_row])
        self.column = np.concatenate(
            [
                at["log_discrimination"].start + design.benchmark,
                at["difficulty"].start + design.benchmark,
                at["setup"].start + design.setup[setup],
                at["scaffold"].start + design.scaffold[scaffold],
                at["beta"].start + x_column,
                at["trend"].start + t_column,
            ]
        )
        self._fixed = np.concatenate(
            [np.ones(len(setup) + len(scaffold)), design.x[x_row, x_column]]
        )
        self._trend, self._trend_row = design.trend[t_row, t_column], t_row

    def values(self, at: Predictor) -> np.ndarray:
        """(E,) the derivatives at these parameters."""
        return np.concatenate(
            [at.a * at.distance, -at.a, self._fixed, self._trend * at.a[self._trend_row]]
        )

    def times(self, values: np.ndarray, core: np.ndarray) -> np.ndarray:
        """(N,) product with a vector over the core."""
        return np.bincount(self.row, values * core[self.column], minlength=self.rows)

    def transposed(self, values: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """(C,) product of the transpose with a vector over the rows."""
        return np.bincount(self.column, values * rows[self.row], minlength=self.width)
