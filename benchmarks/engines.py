"""CPU that each engine needs for the same answer, in one run.

Run: ``python benchmarks/engines.py [--models 40] [--per-cell 1] [--general 3] [--skip pymc]``

Every row has the same density of the same data (a part of the release, thinned by ``--models``,
``--per-cell`` and ``--general``). The fast engine needs one fit and 1000 draws. A sampler needs one
warm-up and as many draws as give every reported lag a bulk effective sample size of 400; compilation is
left out. Rows:

``fast``
    empirical Bayes with a Laplace approximation;
``reference``
    NumPyro's NUTS in the coordinates of the fast fit: the reference engine;
``numpyro``
    NumPyro's NUTS with its default settings, effects scaled by their own standard deviations;
``pymc``
    PyMC's default sampler (NUTS, ``jitter+adapt_diag``) on the density of the row before.

Needs the extra ``bayes``. The two plain samplers take minutes to hours where the reference engine
takes seconds; ``--draws`` limits them, and what they would need for 400 is extrapolated from the
effective sample size they reached.
"""

from __future__ import annotations

import os

# one thread, before JAX starts: CPU seconds are compared, not wall time
os.environ.setdefault(
    "XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
)

import argparse
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from headway.checks.agreement import thin
from headway.checks.agreement_compare import CELLS, FRONTIERS, lag_states, order_key
from headway.estimate.capability import CapabilityFit, fit_capability, select_evidence
from headway.estimate.capability.fit import AbilitySample
from headway.estimate.capability.reference import (
    ReferenceFit,
    ReferenceSampler,
    as_sample,
    jax_operations,
)
from headway.estimate.capability.reference_coordinates import sizes
from headway.estimate.capability.reference_density import (
    RHO_RANGE,
    Operations,
    Structure,
    build_structure,
    log_joint,
    observations,
)
from headway.estimate.capability.reference_mixing import Diagnosis, diagnose
from headway.estimate.lag import entrants_from_access
from headway.tables.store import Release, load_release

WANTED = 400.0
NATURAL = ("core", "effects", "log_scale", "log_noise", "log_rho")


def lag_keys(release: Release, fast: AbilitySample, sample: AbilitySample) -> np.ndarray:
    """(draws, lags) of every lag that the fast engine can estimate, as sortable numbers."""
    keys = []
    for cell in CELLS:
        if cell not in fast.fit.cells:
            continue
        informative = fast.summary(cell)["informative"].to_numpy()
        given = entrants_from_access(
            release.access,
            release.model_versions,
            sample.models,
            sample.theta(cell),
            informative,
        )
        for frontier in FRONTIERS:
            estimable, _ = fast.estimable(
                cell,
                informative,
                np.isfinite(given.open_from),
                np.isfinite(given.closed_from(frontier)),
            )
            if estimable:
                states = lag_states(given, frontier, release.data_through)
                keys += [order_key(s) for s in states.values()]
    return np.column_stack(keys)


def plain_coordinates(
    z: Mapping[str, Any], structure: Structure, ops: Operations
) -> tuple[dict[str, Any], Any]:
    """Every parameter in units of its prior standard deviation: the usual non-centred model."""
    xp, first = ops.xp, structure.first_family
    priors, design = structure.priors, structure.design
    centres = xp.stack([2 * np.log(priors.scale_family), 2 * np.log(priors.scale_noise), 0.0])
    centres = centres + 0.1 * z["centres"]
    log_scale = np.log(structure.scale_centre) + 0.4 * xp.concatenate([z["main"], z["family"]])
    low, high = np.log(RHO_RANGE)
    share = ops.expit(z["rho"])
    sd = np.concatenate(
        [
            np.full(len(design.benchmarks), priors.log_discrimination_sd),
            np.full(len(design.benchmarks), priors.difficulty_sd),
            np.zeros(len(design.setups) + len(design.scaffolds)),
            np.full(len(design.covariates), priors.covariate_sd),
            design.trend_sd,
        ]
    )
    own = xp.concatenate(
        [
            xp.zeros(structure.core["setup"].start),
            log_scale[first - 2] * np.ones(len(design.setups)),
            log_scale[first - 1] * np.ones(len(design.scaffolds)),
            xp.zeros(structure.core_size - structure.core["scaffold"].stop),
        ]
    )
    grouped = (sd == 0).astype(float)
    core = z["core"] * (sd + grouped * xp.exp(own))
    shift = np.zeros(structure.core_size)
    shift[structure.core["trend"].start + 1] = 1.5
    follow = log_scale[structure.scale_of]
    params = {
        "core": core + shift,
        "effects": z["effects"] * xp.exp(follow),
        "log_scale": log_scale,
        "log_noise": np.log(priors.scale_noise) + 0.4 * z["noise"],
        "log_rho": low + (high - low) * share,
        "log_centre_family": centres[0],
        "log_centre_noise": centres[1],
        "centre_rho": np.log(priors.overdispersion) + centres[2],
    }
    jacobian = xp.sum(follow) + xp.sum(grouped * own)
    return params, jacobian + xp.sum(xp.log(share) + xp.log(1 - share))


def sample_of(
    fit: CapabilityFit, structure: Structure, found: Mapping[str, np.ndarray]
) -> AbilitySample:
    """Natural draws of one chain as a sample of abilities."""
    nothing = Diagnosis(np.zeros(0), np.zeros(0))
    drawn = ReferenceFit(
        laplace=fit.laplace,
        structure=structure,
        chains=1,
        **{name: found[name] for name in NATURAL},
        divergences=0,
        gradients=0,
        acceptance=0.0,
        abilities=nothing,
    )
    return as_sample(drawn, fit.evidence, 0)


def run_numpyro(
    fit: CapabilityFit, warmup: int, draws: int, seed: int
) -> tuple[AbilitySample, float, float]:
    """The sample, and CPU seconds of warm-up and of draws without compilation."""
    import jax
    import numpyro
    from numpyro.infer import NUTS

    structure = build_structure(fit.laplace.design, fit.laplace.priors)
    ops = jax_operations()
    observed = observations(structure, fit.laplace.design)
    dist = numpyro.distributions

    def model() -> None:
        z = {
            name: numpyro.sample(
                name, dist.ImproperUniform(dist.constraints.real_vector, (), event_shape=(size,))
            )
            for name, size in sizes(structure).items()
        }
        params, jacobian = plain_coordinates(z, structure, ops)
        numpyro.factor("density", log_joint(params, observed, structure, ops) + jacobian)

    rng = np.random.default_rng(seed)
    with jax.enable_x64(True):
        kernel = NUTS(model)
        start = {n: 0.1 * rng.standard_normal(s) for n, s in sizes(structure).items()}
        state = kernel.init(jax.random.PRNGKey(seed), warmup, start, (), {})

        @jax.jit
        def some(state: Any) -> Any:
            def one(state: Any, _: None) -> Any:
                state = kernel.sample(state, (), {})
                return state, plain_coordinates(state.z, structure, ops)[0]

            return jax.lax.scan(one, state, None, length=20)

        jax.block_until_ready(some(state))  # compilation
        begin = time.process_time()
        for _ in range(warmup // 20):
            state, _ = some(state)
        jax.block_until_ready(state)
        middle = time.process_time()
        parts = []
        for _ in range(draws // 20):
            state, part = some(state)
            parts.append({k: np.asarray(v) for k, v in part.items()})
        end = time.process_time()
    found = {k: np.concatenate([p[k] for p in parts]) for k in parts[0]}
    return sample_of(fit, structure, found), middle - begin, end - middle


def run_pymc(
    fit: CapabilityFit, warmup: int, draws: int, seed: int
) -> tuple[AbilitySample, float, float]:
    """The same with PyMC's default sampler; warm-up and draws are split by gradient evaluations."""
    import pymc as pm
    import pytensor.tensor as pt

    structure = build_structure(fit.laplace.design, fit.laplace.priors)
    observed = observations(structure, fit.laplace.design)

    def normal_log_cdf(x: Any) -> Any:
        # erfcx keeps the lower tail accurate
        low = pt.log(pt.erfcx(-pt.minimum(x, 0.0) / np.sqrt(2)) / 2) - pt.minimum(x, 0.0) ** 2 / 2
        return pt.where(x < 0, low, pt.log1p(-pt.erfc(pt.maximum(x, 0.0) / np.sqrt(2)) / 2))

    ops = Operations(pt, pt.gammaln, normal_log_cdf, pt.sigmoid, _no_segments)
    with pm.Model():
        z = {name: pm.Flat(name, shape=size) for name, size in sizes(structure).items()}
        params, jacobian = plain_coordinates(z, structure, ops)
        pm.Potential("density", log_joint(params, observed, structure, ops) + jacobian)
        for name in NATURAL:
            pm.Deterministic(f"natural_{name}", params[name])
        start = {n: np.zeros(s) for n, s in sizes(structure).items()}
        begin = time.process_time()
        trace = pm.sample(
            draws,
            tune=warmup,
            chains=1,
            cores=1,
            random_seed=seed,
            initvals=start,
            progressbar=False,
            compute_convergence_checks=False,
            discard_tuned_samples=False,
        )
        spent = time.process_time() - begin
    steps = float(trace.sample_stats["n_steps"].sum())
    tuning = float(trace.warmup_sample_stats["n_steps"].sum())
    found = {name: trace.posterior[f"natural_{name}"].to_numpy()[0] for name in NATURAL}
    share = tuning / (tuning + steps)
    return sample_of(fit, structure, found), spent * share, spent * (1 - share)


def _no_segments(values: Any, index: np.ndarray, count: int) -> Any:
    raise NotImplementedError("the plain coordinates need no sums over segments")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--models", type=int, default=40)
    parser.add_argument("--per-cell", type=int, default=1, help="benchmarks per stage of cyber")
    parser.add_argument("--general", type=int, default=3, help="benchmarks per other domain")
    parser.add_argument("--warmup", type=int, default=400)
    parser.add_argument("--draws", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--whole", action="store_true", help="the whole release, not a part of it")
    parser.add_argument(
        "--skip", action="append", default=[], choices=("reference", "numpyro", "pymc")
    )
    options = parser.parse_args()
    threadpool_limits(limits=1)
    release = load_release()
    evidence = select_evidence(release.scores, release.benchmarks, release.model_versions)
    if not options.whole:
        evidence = thin(
            evidence, models=options.models, per_cell=options.per_cell, general=options.general
        )
    begin = time.process_time()
    fit = fit_capability(evidence)
    fast = fit.sample(1000, np.random.default_rng(options.seed))
    seconds = time.process_time() - begin
    design = fit.laplace.design
    out = sys.stdout
    out.write(
        f"{len(design.models)} models x {len(design.benchmarks)} benchmarks, "
        f"{len(design.model)} rows\n"
    )
    out.write(
        f"{'engine':<12}{'warm-up':>10}{'draws':>10}{'least ESS':>11}{'for 400':>10}{'fast/':>9}\n"
    )
    out.write(f"{'fast':<12}{'':>10}{seconds:>10.2f}{'':>11}{seconds:>10.2f}{1:>9}\n")

    def reference() -> tuple[AbilitySample, float, float]:
        sampler = ReferenceSampler(design, warmup=options.warmup, samples=options.draws, chains=2)
        clock: list[float] = []
        found = sampler.run(
            fit.laplace, options.seed, on_step=lambda _: clock.append(time.process_time())
        )
        half = found.count // 2  # the second chain: the first one pays for compilation
        sample = as_sample(found, evidence, options.seed)
        raw = replace(sample.raw, effects=sample.raw.effects[half:], trend=sample.raw.trend[half:])
        return replace(sample, raw=raw), clock[2] - clock[1], clock[3] - clock[2]

    plain = (fit, options.warmup, options.draws, options.seed)
    rows = {
        "reference": reference,
        "numpyro": lambda: run_numpyro(*plain),
        "pymc": lambda: run_pymc(*plain),
    }
    for name, call in rows.items():
        if name in options.skip:
            continue
        sample, warmup, draws = call()
        found = diagnose(lag_keys(release, fast, sample), 1)
        needed = warmup + draws * WANTED / found.least_ess
        out.write(
            f"{name:<12}{warmup:>10.1f}{draws:>10.1f}{found.least_ess:>11.0f}{needed:>10.1f}"
            f"{seconds / needed:>9.4f}   R-hat {found.worst_r_hat:.2f}\n"
        )
        out.flush()


if __name__ == "__main__":
    main()
