r"""Where the interval of a lag comes from: items, serving stack, scaffold, evaluator, model, releases.

The posterior of a fit is jointly Gaussian in the abilities and in everything that stands between
an ability and a score. How much of the lag's variance goes away if a group of these is known is
:math:`c(K) = \mathrm{Var}(\mathrm{E}[L \mid x_K])` for the group :math:`K`, and the total splits, in
this order, into

* **items, serving stack, scaffold, evaluator**: what each of four groups of parameters that all
  models share brings. The groups are correlated a posteriori and the lag is not linear in them, so
  what a group brings depends on which others are known already; the average over all orders is its
  Shapley value (Song, Nelson & Staum 2016, doi:10.1137/15M1048070; Owen 2014,
  doi:10.1137/130936233), and the four add up to :math:`c(\text{all four})`;
* **items** get in addition what knowing the noise of every result (its trials, its benchmark's
  dispersion, a model's luck with a family of benchmarks) would take away then;
* **model**: what is left. The abilities themselves, where no result bears on them: a stage in which
  a model was never tested, a domain seen through one benchmark;
* **release process**: :math:`\mathrm{E}[\mathrm{Var}(L^\ast \mid x)]` of the release replicates
  (:mod:`headway.estimate.lag.process`): other releases by the same labs, the abilities given. It
  comes on top of the variance of the draws.

Every :math:`c(K)` is the covariance of the lag between two draws that share :math:`x_K` and are
independent otherwise (Sobol 1993; the estimator of Janon et al. 2014, doi:10.1051/ps/2013040). No
inner loop is needed, the same fresh draws serve all groups, and the lag is computed on draws
as everywhere else. A draw with a bound counts at its bound, one in which open models lead as 0.

**What each group is.** *Items*: discriminations and difficulties, and the difference that held-out
items make to open models. *Serving stack*: attempts, token budget and an effort below the
strongest, the three things that the data state about how a model was served. The host (provider,
quantisation, API version) is stated for no result, so it cannot be told from the evaluator who chose
it: it is part of the set-up, and with it of *evaluator*: set-up (benchmark x panel), developer's
own and competitor's figures. *Scaffold*: its effect across benchmarks. Variance components are
plugged in by the fit, and their uncertainty is in no part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from math import factorial

import numpy as np
import scipy.sparse as sp
from scipy import linalg

from headway.estimate.capability import AbilitySample, LaplaceFit
from headway.estimate.capability.design import Cell
from headway.estimate.capability.laplace import _core_prior_mean
from headway.estimate.capability.layout import ABILITY_SLOTS, Layout
from headway.estimate.capability.rows import Likelihood, Predictor
from headway.estimate.capability.scales import block_precision, core_prior_sd
from headway.estimate.lag.definitions import mean_states, window
from headway.estimate.lag.entrants import Entrants, FloatArray, FrontierName
from headway.estimate.lag.frontier import FrontierPair, frontier_pair
from headway.estimate.lag.process import release_replicates
from headway.estimate.lag.states import BOUND, FAILED, DrawStates
from headway.estimate.lag.step import lag_function
from headway.result import Interval, Quantity

__all__ = ["PARTS", "SplitPart", "core_groups", "split_interval"]

#: The parts, in the order of the table.
PARTS = ("items", "serving_stack", "scaffold", "evaluator", "model", "release_process")

_SERVING = ("x_attempts", "x_budget", "x_lower_effort")
_OF_ITEMS = ("x_held_out_open",)
#: A result's noise counts as known when it is so many times smaller (in variance); no row gets more
#: precision than the second number, beside which the prior's would be lost.
_KNOWN, _MOST = 1e4, 1e6
#: Resamples of the draws for the Monte-Carlo error.
_RESAMPLES = 400


@dataclass(frozen=True, slots=True)
class SplitPart:
    """One source of uncertainty.

    Parameters
    ----------
    part : str
        One of :data:`PARTS`.
    share : Quantity
        Share of the variance (unit ``proportion``); the shares of all parts add up to 1. Its
        interval is the Monte-Carlo error, which may take a small share below 0.
    months : Quantity
        The same share of the width of the interval with release process, at ``level``.
    """

    part: str
    share: Quantity
    months: Quantity


def core_groups(fit: LaplaceFit) -> dict[str, np.ndarray]:
    """Positions in the core of the four groups that all models share.

    Returns
    -------
    mapping of str to int array
        Keys ``items``, ``serving_stack``, ``scaffold``, ``evaluator``; possibly empty. A covariate
        that is none of the known ones counts as evaluator's.
    """
    at = fit._offsets

    def positions(*names: str) -> np.ndarray:
        return np.concatenate([np.arange(at[n].start, at[n].stop) for n in names])

    beta = positions("beta")
    covariates = np.array(fit.design.covariates, dtype=object)
    serving = np.isin(covariates, _SERVING)
    of_items = np.isin(covariates, _OF_ITEMS)
    return {
        "items": np.concatenate([positions("log_discrimination", "difficulty"), beta[of_items]]),
        "serving_stack": beta[serving],
        "scaffold": positions("scaffold"),
        "evaluator": np.concatenate([positions("setup"), beta[~serving & ~of_items]]),
    }


class _Theta:
    """The ability in one cell as a linear function of core, block variables and untouched effects."""

    def __init__(self, sample: AbilitySample, cell: Cell) -> None:
        laplace = sample.fit.laplace
        design = laplace.design
        parts = sample._parts(cell)
        mix = np.zeros(1 + len(design.domains) + len(design.stages))
        mix[0] = 1.0
        for domain, stage in parts:
            mix[1 + design.domains.index(domain)] += 1 / len(parts)
            if stage is not None:
                at = 1 + len(design.domains) + design.stages.index((domain, stage))
                mix[at] += 1 / len(parts)
        self.trend = np.mean([design.trend_row(part) for part in parts], axis=0)  # (M, T)
        self.trend_at = laplace._offsets["trend"]
        count = len(design.models)
        owner = np.repeat(np.arange(count), laplace.block_size)
        kind = laplace.var_kind
        weight = np.where(kind >= 0, mix[np.maximum(kind, 0)], 0.0)
        total = len(kind)
        self.of_block = sp.csr_matrix((weight, (owner, np.arange(total))), shape=(count, total))
        untouched = np.ones((len(mix), count), dtype=bool)
        own = kind >= 0
        untouched[kind[own], owner[own]] = False
        variance = (mix[:, None] * laplace._kind_sd()) ** 2
        self.free_sd = np.sqrt((variance * untouched).sum(axis=0))  # (M,)

    def __call__(self, core: np.ndarray, block: np.ndarray, free: np.ndarray) -> np.ndarray:
        """(draws, M) abilities; ``free`` (draws, M) is standard normal."""
        out = core[:, self.trend_at] @ self.trend.T + (self.of_block @ block.T).T
        return np.asarray(out + free * self.free_sd)


class _Posterior:
    """Draws of core and block variables, anew in any group of them."""

    def __init__(self, fit: LaplaceFit, rng: np.random.Generator) -> None:
        self.fit, self.rng = fit, rng
        self.covariance = fit.core_cov_chol @ fit.core_cov_chol.T
        self._factors = [np.linalg.cholesky(cov) for _, cov in fit.block_cov]

    def core(self, count: int) -> np.ndarray:
        noise = self.rng.standard_normal((count, len(self.fit.core)))
        return np.asarray(self.fit.core + noise @ self.fit.core_cov_chol.T)

    def core_given(self, known: np.ndarray, like: np.ndarray, fresh: np.ndarray) -> np.ndarray:
        """Core draws that agree with ``like`` at ``known`` and are as ``fresh`` elsewhere.

        Conditioning by kriging: the fresh draw plus the regression on what has to be corrected.
        """
        if not len(known):
            return fresh
        inside = self.covariance[np.ix_(known, known)]
        missing = (like[:, known] - fresh[:, known]).T
        gain = linalg.solve(inside, missing, assume_a="pos")
        out: np.ndarray = fresh + (self.covariance[:, known] @ gain).T
        out[:, known] = like[:, known]
        return out

    def block_noise(self, count: int) -> np.ndarray:
        """(count, D) deviations of the block variables given the core."""
        out = np.zeros((count, len(self.fit.block)))
        for (models, cov), factor in zip(self.fit.block_cov, self._factors, strict=True):
            p = cov.shape[1]
            noise = self.rng.standard_normal((len(models), count, p))
            at = self.fit.block_start[models][:, None] + np.arange(p)[None, :]
            out[:, at] = (noise @ factor.transpose(0, 2, 1)).transpose(1, 0, 2)
        return out

    def block(self, core: np.ndarray, noise: np.ndarray) -> np.ndarray:
        return np.asarray(self.fit.block - (core - self.fit.core) @ self.fit.coupling.T + noise)

    def model_given_rest(
        self, core: np.ndarray, block: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        r"""Trends and abilities anew, everything else and the noise of every result known.

        With noise known every linear predictor is known: what may still move is the prior's part
        of the null space of the rows. With prior precision :math:`P`, rows' weight :math:`W` and
        their derivatives :math:`J`, :math:`x' = x + (P + J^\top W J)^{-1} P (y - x)` for ``y`` from the
        prior and :math:`W \to \infty`.
        """
        fit, rng = self.fit, self.rng
        design, trend = fit.design, fit._offsets["trend"]
        layout = Layout(design)
        at = Predictor(design, layout, fit.core, fit.block)
        information = Likelihood(design, at.eta, fit.scales).information
        weight = np.minimum(information * _KNOWN, _MOST)
        ability = np.flatnonzero(fit.var_kind >= 0)  # family effects stay with the items
        here = layout.columns[:, :ABILITY_SLOTS]
        row, slot = np.nonzero(here >= 0)
        column = np.searchsorted(ability, here[row, slot])
        effects = sp.csr_matrix((at.a[row], (row, column)), shape=(len(at.a), len(ability)))
        rows = sp.hstack([effects, sp.csr_matrix(at.a[:, None] * design.trend)]).tocsr()
        prior = np.concatenate(
            [
                block_precision(layout, design, fit.scales)[ability],
                1 / core_prior_sd(design, fit.scales, fit.priors)[trend] ** 2,
            ]
        )
        # dense on purpose: eliminating blocks loses the prior's digits beside the rows' weights
        precision = (rows.T @ sp.diags(weight) @ rows).toarray()
        precision[np.diag_indices_from(precision)] += prior
        mean = np.concatenate([np.zeros(len(ability)), _core_prior_mean(design)[trend]])
        now = np.hstack([block[:, ability], core[:, trend]])
        drawn = mean + rng.standard_normal(now.shape) / np.sqrt(prior)
        move = linalg.solve(precision, (prior * (drawn - now)).T, assume_a="pos").T
        moved_core, moved_block = core.copy(), block.copy()
        moved_block[:, ability] += move[:, : len(ability)]
        moved_core[:, trend] += move[:, len(ability) :]
        return moved_core, moved_block


@dataclass(frozen=True)
class _Shared:
    """A number per draw, and the same on draws that share some groups with it.

    ``base`` (draws,); ``known`` by the groups shared; ``rest``: everything shared but the model.
    """

    base: FloatArray
    known: Mapping[frozenset[str], FloatArray]
    rest: FloatArray


def _shared_draws(
    sample: AbilitySample,
    cell: Cell,
    number: Callable[[FloatArray], FloatArray],
    outer: int,
    rng: np.random.Generator,
) -> _Shared:
    """``number`` of the abilities (draws, M) on base draws and on those that share groups."""
    fit = sample.fit.laplace
    theta, posterior = _Theta(sample, cell), _Posterior(fit, rng)
    groups = core_groups(fit)
    core = posterior.core(outer)
    block = posterior.block(core, posterior.block_noise(outer))
    shape = (outer, len(sample.models))
    base = number(theta(core, block, rng.standard_normal(shape)))
    # one set of fresh draws for all groups: their differences carry less Monte-Carlo error
    fresh, noise = posterior.core(outer), posterior.block_noise(outer)
    free = rng.standard_normal(shape)
    known = {}
    for size in range(1, len(groups) + 1):
        for names in combinations(groups, size):
            at = np.concatenate([groups[name] for name in names])
            other = posterior.core_given(at, core, fresh)
            known[frozenset(names)] = number(theta(other, posterior.block(other, noise), free))
    rest = number(theta(*posterior.model_given_rest(core, block), free))
    return _Shared(base, known, rest)


def _closed_share(weights: np.ndarray, base: FloatArray, other: FloatArray) -> np.ndarray:
    """Share of the variance that what two draws have in common explains, per row of ``weights``."""
    centre = float(base.mean())
    a, b = base - centre, other - centre  # the formula cancels less near 0
    mean = (weights @ a + weights @ b) / 2
    product = weights @ (a * b) - mean**2
    square = weights @ (a * a + b * b) / 2 - mean**2
    return np.asarray(product / square)


def _parts(weights: np.ndarray, shared: _Shared) -> dict[str, np.ndarray]:
    """Shares of the five parts of the draws' variance, per row of ``weights``; they add up to 1."""
    everyone = max(shared.known, key=len)
    closed = {k: _closed_share(weights, shared.base, v) for k, v in shared.known.items()}
    closed[frozenset()] = np.zeros(len(weights))
    count = len(everyone)
    out = {}
    for name in PARTS[:count]:
        total = np.zeros(len(weights))
        for before, value in closed.items():
            if name not in before:
                chance = factorial(len(before)) * factorial(count - len(before) - 1)
                total += chance / factorial(count) * (closed[before | {name}] - value)
        out[name] = total
    rest = _closed_share(weights, shared.base, shared.rest)
    out["items"] = out["items"] + rest - closed[everyone]
    out["model"] = 1 - rest
    return out


def _values(states: DrawStates) -> FloatArray:
    """Bounds at their bound, draws in which open models lead as 0, failed ones NaN."""
    return np.where(states.code == FAILED, np.nan, states.value)


def split_interval(
    sample: AbilitySample,
    cell: Cell,
    *,
    entrants: Entrants,
    frontier: FrontierName = "public",
    as_of: date,
    rng: np.random.Generator,
    outer: int = 2000,
    process_reps: int = 1000,
    level: float = 0.90,
) -> tuple[SplitPart, ...]:
    """Split the interval of ``lag_mean_12m`` into its sources.

    Parameters
    ----------
    sample : AbilitySample
        Its fit is what is split; fresh draws are made.
    cell : (domain, stage)
    entrants : Entrants
        Dates and informative flags of the fit's models, in its order; abilities are ignored.
    frontier : {"public", "restricted"}
    as_of : date
    rng : numpy.random.Generator
    outer : int
        Draws. The Monte-Carlo error of a share is about ``1.5 / sqrt(outer)``.
    process_reps : int
        Release replicates, at most ``outer``.
    level : float
        Of the interval whose width is split, and of the Monte-Carlo intervals.

    Returns
    -------
    tuple of SplitPart
        One per name of :data:`PARTS`, in that order. All ``not_estimable`` with what is missing
        where the cell has no lag.

    Raises
    ------
    NotFound
        No result in the cell.
    """

    def pair_of(theta: FloatArray) -> FrontierPair:
        return frontier_pair(
            entrants.with_ability(theta, entrants.informative), frontier=frontier, as_of=as_of
        )

    def months(theta: FloatArray) -> FloatArray:
        pair = pair_of(theta)
        return _values(mean_states(pair, lag_function(pair)))

    probe = pair_of(sample.theta(cell))
    if probe.missing:
        return _refused(probe, *probe.missing)
    states = mean_states(probe, lag_function(probe))
    bound = float(np.mean(states.code == BOUND))
    shared = _shared_draws(sample, cell, months, outer, rng)
    if np.ptp(shared.base) == 0:
        return _refused(probe, "no_spread")

    reps = min(process_reps, outer)
    theta = sample.fit.sample(reps, rng).theta(cell)
    first, second = (_values(_replicated(pair_of(theta), reps, child)) for child in rng.spawn(2))
    kept = ~np.isnan(first) & ~np.isnan(second)
    first, second = first[kept], second[kept]

    draws = np.vstack(
        [np.ones(outer), rng.multinomial(outer, np.full(outer, 1 / outer), _RESAMPLES)]
    )
    draws /= outer
    size = len(first)
    again = np.vstack([np.ones(size), rng.multinomial(size, np.full(size, 1 / size), _RESAMPLES)])
    again /= size
    measured = draws @ (shared.base - shared.base.mean()) ** 2
    same = again @ (first * second) - (again @ (first + second) / 2) ** 2
    both = again @ (first**2 + second**2) / 2 - (again @ (first + second) / 2) ** 2
    of_releases = np.maximum(both - same, 0.0)
    process = of_releases / (measured + of_releases)
    shares = {name: share * (1 - process) for name, share in _parts(draws, shared).items()}
    shares["release_process"] = process
    width = _width(shared.base, first, level)
    notes = (f"p_censored:{bound:.3g}",) if bound > 0 else ()
    return tuple(_part(name, shares[name], width, level, probe, notes) for name in PARTS)


def _replicated(pair: FrontierPair, reps: int, rng: np.random.Generator) -> DrawStates:
    other, _ = release_replicates(pair, reps=reps, rng=rng)
    return lag_function(other).mean(*window(pair))[0]


def _width(base: FloatArray, replicates: FloatArray, level: float) -> float:
    """Months between the ends of the interval with release process, as ``process_interval`` has it."""
    tails = [(1 - level) / 2, (1 + level) / 2]
    moved = np.maximum(replicates - np.median(replicates) + np.median(base), 0.0)
    (low, high), (low_moved, high_moved) = np.quantile(base, tails), np.quantile(moved, tails)
    return float(max(high, high_moved) - min(low, low_moved))


def _part(
    name: str,
    shares: np.ndarray,
    width: float,
    level: float,
    pair: FrontierPair,
    notes: tuple[str, ...],
) -> SplitPart:
    low, high = np.quantile(shares[1:], [(1 - level) / 2, (1 + level) / 2])

    def quantity(unit: str, per: float) -> Quantity:
        return Quantity(
            value=float(shares[0] * per),
            unit=unit,
            interval=Interval(float(low * per), float(high * per), level, "bootstrap"),
            n=pair.n,
            n_clusters=pair.n_clusters,
            status="estimated",
            notes=notes,
        )

    return SplitPart(name, quantity("proportion", 1.0), quantity("months", width))


def _refused(pair: FrontierPair, *notes: str) -> tuple[SplitPart, ...]:
    def quantity(unit: str) -> Quantity:
        return Quantity.not_estimable(unit, *notes, n=pair.n, n_clusters=pair.n_clusters)

    return tuple(SplitPart(name, quantity("proportion"), quantity("months")) for name in PARTS)
