r"""The reference engine: the whole posterior by NUTS, variance components integrated over.

Same model as the fast engine (`laplace`), other computation: nothing is plugged in but the spread of
the log discriminations, which is a fixed prior in both. The sampler is NumPyro's No-U-Turn sampler
(Hoffman & Gelman 2014, https://jmlr.org/papers/v15/hoffman14a.html; Phan, Pradhan & Jankowiak 2019,
arXiv:1912.11554) in double precision, in the coordinates of
:mod:`headway.estimate.capability.reference_coordinates` and with a mass matrix adapted to them (dense
for the scales that many effects share). Chains start at draws of the fast fit's approximation.

Needs the extra ``bayes``. Draws come back as the fast engine's
:class:`~headway.estimate.capability.laplace.AbilityDraws`, so everything that reads abilities runs
unchanged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from headway.errors import MissingExtra
from headway.estimate.capability.design import Cell, Design, build_design
from headway.estimate.capability.evidence import Evidence
from headway.estimate.capability.fit import AbilitySample, CapabilityFit, fit_capability
from headway.estimate.capability.laplace import AbilityDraws, LaplaceFit, fit_laplace
from headway.estimate.capability.model import Priors
from headway.estimate.capability.reference_coordinates import (
    build_coordinates,
    sizes,
    to_natural,
)
from headway.estimate.capability.reference_density import (
    Operations,
    Structure,
    build_structure,
    log_joint,
    observations,
)
from headway.estimate.capability.reference_mixing import (
    MAX_R_HAT,
    Diagnosis,
    diagnose,
    require_mixing,
)
from headway.problems import problem

__all__ = [
    "ReferenceFit",
    "ReferenceSampler",
    "as_sample",
    "fit_reference",
    "jax_operations",
    "reference_sample",
    "sample_reference",
]

MAX_TREE_DEPTH = 8
TARGET_ACCEPTANCE = 0.8
#: Chains that have not met go on up to this many times their length before they are refused. On the
#: release of 2026-11-25 exploit development has a direction with an effective draw in 25.
ROUNDS = 8
#: Iterations per call of the compiled step. Warm-up and draws share it, so it is compiled once.
CHUNK = 50


@dataclass(frozen=True)
class ReferenceFit:
    """Posterior draws of every parameter and how well the chains mixed.

    ``draws`` are in chain order: the first ``samples`` of the first chain, then the second chain.

    Parameters
    ----------
    laplace : LaplaceFit
        The fast fit that gave the coordinates.
    core, effects, log_scale, log_noise, log_rho : arrays (draws, ...)
    divergences : int
    gradients : int
        Evaluations of the gradient after warm-up.
    acceptance : float
        Mean acceptance probability.
    abilities : Diagnosis
        Of the abilities of the models with results, relative to their mean, cell after cell.
    """

    laplace: LaplaceFit
    structure: Structure = field(repr=False)
    chains: int
    core: np.ndarray = field(repr=False)
    effects: np.ndarray = field(repr=False)
    log_scale: np.ndarray = field(repr=False)
    log_noise: np.ndarray = field(repr=False)
    log_rho: np.ndarray = field(repr=False)
    divergences: int
    gradients: int
    acceptance: float
    abilities: Diagnosis = field(repr=False)

    @property
    def design(self) -> Design:
        return self.structure.design

    @property
    def count(self) -> int:
        return len(self.core)

    def draws(self, rng: np.random.Generator) -> AbilityDraws:
        """Every draw as the fast engine's kind of draws.

        Effects that no row touches are drawn from their prior at the draw's own scales.
        """
        return _ability_draws(self.structure, self.core, self.effects, self.log_scale, rng)

    def posterior_mean(self) -> LaplaceFit:
        """The fast fit with its point estimates replaced by posterior means (scales: root mean square).

        Gives prior spreads and discriminations to whatever reads a fit; its covariance stays the
        fast engine's.
        """
        structure, old = self.structure, self.laplace.scales
        sd = np.sqrt(np.exp(2 * self.log_scale).mean(axis=0))
        domains, first = len(self.design.domains), structure.first_family
        noise, rho = old.noise.copy(), old.rho.copy()
        noise[structure.noisy] = np.sqrt(np.exp(2 * self.log_noise).mean(axis=0))
        rho[structure.dispersed] = np.exp(self.log_rho).mean(axis=0)
        scales = replace(
            old,
            general=float(sd[0]),
            undated=float(sd[1]),
            domain=sd[2 : 2 + domains],
            stage=sd[2 + domains : first - 2],
            setup=float(sd[first - 2]),
            scaffold=float(sd[first - 1]),
            family=sd[first:],
            noise=noise,
            rho=rho,
        )
        return replace(
            self.laplace,
            core=self.core.mean(axis=0),
            block=self.effects.mean(axis=0),
            scales=scales,
        )


def jax_operations() -> Operations:
    """JAX's counterparts of :func:`~headway.estimate.capability.reference_density.numpy_operations`."""
    try:
        import jax
        import jax.numpy as jnp
        from jax.scipy import special
        from jax.scipy.stats import norm
    except ImportError as error:
        raise problem(MissingExtra, "needs-bayes") from error

    def segment_sum(values: Any, index: np.ndarray, count: int) -> Any:
        return jax.ops.segment_sum(values, index, num_segments=count)

    return Operations(jnp, special.gammaln, norm.logcdf, special.expit, segment_sum)


class ReferenceSampler:
    """A compiled sampler of one design: the same rows scored again need no second compilation.

    Parameters
    ----------
    design : Design
    priors : Priors, optional
    warmup, samples : int
        Iterations per chain, rounded up to multiples of :data:`CHUNK`.
    chains : int
        Run one after the other, on one core.
    """

    def __init__(
        self,
        design: Design,
        *,
        priors: Priors | None = None,
        warmup: int = 500,
        samples: int = 1000,
        chains: int = 2,
    ) -> None:
        try:
            import numpyro
        except ImportError as error:
            raise problem(MissingExtra, "needs-bayes") from error
        self.structure = build_structure(design, priors or Priors())
        self.warmup = -(-warmup // CHUNK) * CHUNK
        self.samples = -(-samples // CHUNK) * CHUNK
        self.chains = chains
        self._kernel: Any = None
        self._chunk: Callable[..., Any] | None = None
        self._numpyro = numpyro

    def run(
        self,
        fit: LaplaceFit,
        seed: int,
        on_step: Callable[[str], None] | None = None,
        *,
        rounds: int = 1,
    ) -> ReferenceFit:
        """Sample the posterior of the data behind ``fit``.

        Parameters
        ----------
        fit : LaplaceFit
            Of the same rows and models as the sampler's design; scores may differ.
        seed : int
        on_step : callable, optional
            Told ``warmup``, ``draws`` and ``more draws`` after each of them, chain by chain.
        rounds : int
            Chains that have not met go on for as many draws again, up to this many times in all.

        Returns
        -------
        ReferenceFit
        """
        import jax

        structure = self.structure
        same = np.array_equal(fit.design.model, structure.design.model) and np.array_equal(
            fit.design.benchmark, structure.design.benchmark
        )
        assert same, "the fit is of other rows than the sampler"
        told = on_step or (lambda _: None)
        coordinates = build_coordinates(fit, structure)
        chains: list[tuple[Any, list[dict[str, np.ndarray]]]] = []
        with jax.enable_x64(True):
            if self._kernel is None:
                self._compile(coordinates.index)
            observed = observations(structure, fit.design)
            data = jax.tree.map(jax.numpy.asarray, (observed, coordinates.arrays))
            for rng in np.random.default_rng(seed).spawn(self.chains):
                key = jax.random.PRNGKey(int(rng.integers(2**31)))
                state = self._kernel.init(
                    key, self.warmup, self._start(rng), model_args=data, model_kwargs={}
                )
                state, _ = self._advance(state, data, self.warmup)
                told("warmup")
                state, found = self._advance(state, data, self.samples)
                chains.append((state, found))
                told("draws")
            result = self._collect(fit, [parts for _, parts in chains])
            for _ in range(rounds - 1):
                if result.abilities.worst_r_hat <= MAX_R_HAT:
                    break
                for i, (state, parts) in enumerate(chains):
                    state, more = self._advance(state, data, self.samples)
                    chains[i] = (state, parts + more)
                    told("more draws")
                result = self._collect(fit, [parts for _, parts in chains])
        return result

    def _collect(self, fit: LaplaceFit, chains: list[list[dict[str, np.ndarray]]]) -> ReferenceFit:
        """The draws of all chains, one chain after the other."""
        parts = [part for chain in chains for part in chain]
        drawn = {k: np.concatenate([part[k] for part in parts]) for k in parts[0]}
        structure = replace(self.structure, design=fit.design)
        return ReferenceFit(
            laplace=fit,
            structure=structure,
            chains=self.chains,
            core=drawn["core"],
            effects=drawn["effects"],
            log_scale=drawn["log_scale"],
            log_noise=drawn["log_noise"],
            log_rho=drawn["log_rho"],
            divergences=int(drawn["diverging"].sum()),
            gradients=int(drawn["num_steps"].sum()),
            acceptance=float(drawn["accept_prob"].mean()),
            abilities=_diagnose_abilities(structure, drawn, self.chains),
        )

    def _advance(
        self, state: Any, data: Any, count: int
    ) -> tuple[Any, list[dict[str, np.ndarray]]]:
        assert self._chunk is not None
        parts = []
        for _ in range(count // CHUNK):
            state, found = self._chunk(state, *data)
            parts.append({name: np.asarray(value) for name, value in found.items()})
        return state, parts

    def _start(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """A draw of the approximation: in the typical set, and apart from other chains."""
        return {n: rng.standard_normal(size) for n, size in sizes(self.structure).items() if size}

    def _compile(self, index: dict[str, Any]) -> None:
        import jax
        from numpyro.infer import NUTS

        numpyro, structure, ops = self._numpyro, self.structure, jax_operations()
        dist = numpyro.distributions
        jnp = ops.xp

        def whole(z: dict[str, Any]) -> dict[str, Any]:
            empty = {name: jnp.zeros(0) for name, size in sizes(structure).items() if not size}
            return {**z, **empty}

        def model(observed: Any, arrays: Any) -> None:
            z = {
                name: numpyro.sample(
                    name,
                    dist.ImproperUniform(dist.constraints.real_vector, (), event_shape=(size,)),
                )
                for name, size in sizes(structure).items()
                if size
            }
            params, jacobian = to_natural(whole(z), arrays, index, structure, ops)
            numpyro.factor("density", log_joint(params, observed, structure, ops) + jacobian)

        kernel = NUTS(
            model,
            target_accept_prob=TARGET_ACCEPTANCE,
            max_tree_depth=MAX_TREE_DEPTH,
            dense_mass=[("main",)],
        )

        def chunk(state: Any, observed: Any, arrays: Any) -> Any:
            def one(state: Any, _: None) -> tuple[Any, dict[str, Any]]:
                state = kernel.sample(state, (observed, arrays), {})
                told = {
                    "diverging": state.diverging,
                    "num_steps": state.num_steps,
                    "accept_prob": state.accept_prob,
                }
                params, _ = to_natural(whole(state.z), arrays, index, structure, ops)
                return state, {**params, **told}

            return jax.lax.scan(one, state, None, length=CHUNK)

        self._kernel, self._chunk = kernel, jax.jit(chunk)


def fit_reference(
    evidence: Evidence,
    *,
    priors: Priors | None = None,
    warmup: int = 500,
    samples: int = 1000,
    chains: int = 2,
    seed: int,
    init: LaplaceFit | None = None,
) -> ReferenceFit:
    """Sample the full posterior of the ability model.

    Parameters
    ----------
    evidence : Evidence
    priors : Priors, optional
    warmup, samples, chains : int
        Iterations per chain and number of chains (run one after the other).
    seed : int
        Equal seeds give equal draws on one machine.
    init : LaplaceFit, optional
        The fast fit of the same evidence and priors; computed if not given.

    Returns
    -------
    ReferenceFit

    Raises
    ------
    MissingExtra
        NumPyro is not installed.
    HeadwayError
        R-hat of an ability is above :data:`~headway.estimate.capability.reference_mixing.MAX_R_HAT`
        after :data:`ROUNDS` times the draws: the chains have not met.
    """
    fast = init
    if fast is None:
        fast = fit_laplace(
            build_design(evidence.rows, evidence.models, priors=priors), priors=priors
        )
    sampler = ReferenceSampler(
        fast.design, priors=priors, warmup=warmup, samples=samples, chains=chains
    )
    found = sampler.run(fast, seed, rounds=ROUNDS)
    require_mixing(found.abilities)
    return found


def sample_reference(
    fit: CapabilityFit,
    *,
    warmup: int = 500,
    samples: int = 1000,
    chains: int = 2,
    seed: int,
) -> AbilitySample:
    """Reference draws in the place of a fast fit's draws.

    Parameters
    ----------
    fit : CapabilityFit
    warmup, samples, chains, seed
        As in :func:`fit_reference`.

    Returns
    -------
    AbilitySample
        Its ``fit`` holds the reference's posterior means and scales, so that eligibility and the
        reported scale are the reference's too.
    """
    found = fit_reference(
        fit.evidence,
        priors=fit.laplace.priors,
        warmup=warmup,
        samples=samples,
        chains=chains,
        seed=seed,
        init=fit.laplace,
    )
    return as_sample(found, fit.evidence, seed)


def as_sample(found: ReferenceFit, evidence: Evidence, seed: int) -> AbilitySample:
    """The draws of a reference fit behind the interface of the fast engine's."""
    raw = found.draws(np.random.default_rng(seed))
    return AbilitySample(CapabilityFit(found.posterior_mean(), evidence), raw)


def reference_sample(
    evidence: Evidence, draws: int, seed: int, *, priors: Priors | None = None, chains: int = 2
) -> AbilitySample:
    """``draws`` reference draws of the abilities behind ``evidence``, from nothing.

    The counterpart of ``fit_capability(evidence).sample(draws, rng)``. ``draws`` is split over the
    chains; at least 200 iterations per chain are run, so that R-hat means something.
    """
    fast = fit_capability(evidence, priors=priors)
    per_chain = max(-(-draws // chains), 200)
    sample = sample_reference(fast, samples=per_chain, chains=chains, seed=seed)
    total = len(sample.raw.trend)
    keep = np.linspace(0, total - 1, min(draws, total)).round().astype(np.int64)
    raw = replace(sample.raw, effects=sample.raw.effects[keep], trend=sample.raw.trend[keep])
    return replace(sample, raw=raw)


def _ability_draws(
    structure: Structure,
    core: np.ndarray,
    effects: np.ndarray,
    log_scale: np.ndarray,
    rng: np.random.Generator,
) -> AbilityDraws:
    design = structure.design
    count, models = len(core), len(design.models)
    sd = np.exp(log_scale)
    kinds = 1 + len(design.domains) + len(design.stages)
    out = rng.standard_normal((count, kinds, models))
    undated = np.isnan(design.model_year)
    out[:, 0] *= np.where(undated[None, :], sd[:, 1:2], sd[:, 0:1])
    out[:, 1:] *= sd[:, 2 : 1 + kinds, None]
    keep = structure.kind >= 0
    out[:, structure.kind[keep], structure.owner[keep]] = effects[:, keep]
    return AbilityDraws(design, out, core[:, structure.core["trend"]])


def _diagnose_abilities(
    structure: Structure, natural: dict[str, np.ndarray], chains: int
) -> Diagnosis:
    """Abilities of the models with results in a cell, relative to their mean there."""
    design = structure.design
    draws = _ability_draws(
        structure,
        natural["core"],
        natural["effects"],
        natural["log_scale"],
        np.random.default_rng(0),
    )
    parts = []
    for cell in design.cells:
        measured = np.unique(design.model[_rows_of(design, cell)])
        theta = draws.cell(cell)[:, measured]
        parts.append(theta - theta.mean(axis=1, keepdims=True))
    return diagnose(np.concatenate(parts, axis=1), chains)


def _rows_of(design: Design, cell: Cell) -> np.ndarray:
    domain, stage = cell
    rows: np.ndarray = design.domain == design.domains.index(domain)
    if stage is not None:
        rows = rows & (design.stage == design.stages.index((domain, stage)))
    return rows
