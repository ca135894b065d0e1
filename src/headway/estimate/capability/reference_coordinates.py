r"""Coordinates in which the posterior is nearly a standard normal: the fast fit as a preconditioner.

Hamiltonian Monte Carlo needs few steps per draw where the target is nearly spherical. The fast
engine's Gaussian approximation, a block-arrow matrix, gives such coordinates: core and effects are
whitened with its factors, log scales with their approximate curvature.

Effects follow their scale in part only. With :math:`\lambda_i` the share of its prior variance that
effect *i* keeps in the posterior,

.. math:: x_i = (\sigma / \hat\sigma)^{\lambda_i}\, \tilde x_i,

so that an effect without data is non-centred and one that the data pin down is centred (partial
non-centring; Papaspiliopoulos, Roberts & Sköld 2007, doi:10.1214/088342307000000014).

A difficulty is :math:`k_b = \bar\theta_b - c_b / a_b`, with :math:`\bar\theta_b` the mean ability over
the rows of *b* and :math:`c_b` the intercept there. Where discriminations move, the pair
:math:`(\log a_b, k_b)` is a banana, and so is every pair of discrimination and location; intercepts at
the present mean are nearly independent of both. So the linear step of the whitened coordinates is
applied to the intercept, and the difficulty follows.

The map changes coordinates only, never the model: its Jacobian is part of the density.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from headway.estimate.capability.laplace import LaplaceFit
from headway.estimate.capability.reference_density import (
    RHO_RANGE,
    Operations,
    Structure,
    abilities,
)

__all__ = ["Coordinates", "build_coordinates", "sizes", "to_natural"]

_LOW, _HIGH = np.log(RHO_RANGE)
_BUCKETS = 8


@dataclass(frozen=True)
class Coordinates:
    """The map of one fit.

    ``arrays`` change with the data, ``index`` only with the design: a compiled density takes the
    former as arguments and keeps the latter as constants.
    """

    arrays: dict[str, Any]
    index: dict[str, Any]


def sizes(structure: Structure) -> dict[str, int]:
    """Length of each whitened vector; ``main`` holds the scales shared by many effects."""
    return {
        "core": structure.core_size,
        "effects": structure.effects,
        "main": structure.first_family,
        "family": structure.families,
        "noise": len(structure.noisy),
        "rho": len(structure.dispersed),
        "centres": 3,
    }


def build_coordinates(fit: LaplaceFit, structure: Structure) -> Coordinates:
    """Whitening arrays of a fit of the structure's design."""
    assert np.array_equal(structure.kind, fit.var_kind), (
        "fit and structure order effects differently"
    )
    df = structure.priors.scale_df
    scales = fit.scales
    hat = np.concatenate(
        [
            [scales.general, scales.undated],
            scales.domain,
            scales.stage,
            [scales.setup, scales.scaffold],
            scales.family,
        ]
    )
    keep, coupling = fit.keep, np.asarray(fit.coupling)
    informed = np.bincount(structure.scale_of, 1 - keep, minlength=structure.scales)
    core_variance = (fit.core_cov_chol**2).sum(axis=1)
    core_keep = np.zeros(structure.core_size)
    core_scale = np.full(structure.core_size, -1, dtype=np.int64)
    for name, which in (
        ("setup", structure.first_family - 2),
        ("scaffold", structure.first_family - 1),
    ):
        where = structure.core[name]
        core_keep[where] = np.clip(core_variance[where] / hat[which] ** 2, 0.0, 1.0)
        core_scale[where] = which
        informed[which] = float((1 - core_keep[where]).sum())
    items, hard = structure.core["log_discrimination"], structure.core["difficulty"]
    weight, pivot = _pivots(fit, structure)
    a = np.exp(fit.core[items])
    noise, rho = scales.noise[structure.noisy], scales.rho[structure.dispersed]
    gaussian_rows = np.bincount(structure.noise_of, minlength=len(structure.noisy))
    share = np.clip((np.log(rho) - _LOW) / (_HIGH - _LOW), 0.02, 0.98)
    arrays: dict[str, Any] = {
        "core": fit.core,
        "pivot": pivot,
        "pivot_weight": weight,
        "discrimination": a,
        "intercept": a * (pivot - fit.core[hard]),
        "factor": np.ascontiguousarray(fit.core_cov_chol),
        "core_keep": core_keep,
        "effects": fit.block,
        "keep": keep,
        "log_scale": np.log(hat),
        # curvature of log sd: twice the effective number of effects plus the prior's
        "log_scale_sd": 1 / np.sqrt(2 * (np.maximum(informed, 0) + df)),
        "log_noise": np.log(noise),
        "log_noise_sd": 1 / np.sqrt(2 * (gaussian_rows + df)),
        "rho": np.log(share / (1 - share)),
        "rho_sd": 0.5
        * structure.priors.overdispersion_log_sd
        / ((_HIGH - _LOW) * share * (1 - share)),
        "centres": np.array(
            [
                _centre(scales.family**2, structure.priors.scale_family),
                _centre(noise**2, structure.priors.scale_noise),
                0.5 * (_mean(np.log(rho)) + np.log(structure.priors.overdispersion)),
            ]
        ),
        "centres_sd": np.array(
            [
                1 / np.sqrt(max(structure.families, 1) * df / 2),
                1 / np.sqrt(max(len(noise), 1) * df / 2),
                structure.priors.overdispersion_log_sd / np.sqrt(max(len(rho), 1)),
            ]
        ),
    }
    buckets, index = _buckets(fit, structure, coupling)
    arrays["buckets"] = buckets
    return Coordinates(arrays, {"core_scale": core_scale, **index})


def _pivots(fit: LaplaceFit, structure: Structure) -> tuple[np.ndarray, np.ndarray]:
    """Weights (N,) that sum to 1 in each benchmark, and the mean abilities (B,) of the fit."""
    design, count = structure.design, len(structure.design.benchmarks)
    information = np.maximum(fit.information, 1e-12)
    total = np.bincount(design.benchmark, information, minlength=count)
    weight = information / total[design.benchmark]
    effects = np.append(fit.block, 0.0)
    theta = design.trend @ fit.core[structure.core["trend"]]
    theta = theta + effects[structure.columns[:, :3]].sum(axis=1)
    return weight, np.bincount(design.benchmark, weight * theta, minlength=count)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else 0.0


def _centre(squares: np.ndarray, prior: float) -> float:
    """Log of the squared centre of a pooled group, as the fast engine has it."""
    pooled = float(np.exp(np.log(squares).mean())) if len(squares) else prior**2
    return float(np.log(0.5 * (pooled + prior**2)))


def _buckets(
    fit: LaplaceFit, structure: Structure, coupling: np.ndarray
) -> tuple[list[dict[str, np.ndarray]], dict[str, Any]]:
    """Blocks of models of like size, padded to common shapes.

    A model's effects hang on few core parameters (those of its own rows), so the (D, C) coupling
    is kept as one small matrix per model.
    """
    covariance: dict[int, np.ndarray] = {}
    for models, cov in fit.block_cov:
        for m, part in zip(models.tolist(), cov, strict=True):
            if part.shape[0]:
                covariance[m] = part
    touched = {m: np.flatnonzero(core_of_model(structure, m)) for m in sorted(covariance)}
    members = sorted(covariance, key=lambda m: covariance[m].shape[0] * len(touched[m]))
    groups = [
        list(g) for g in np.array_split(np.array(members, dtype=np.int64), _BUCKETS) if len(g)
    ]
    arrays, core_at, effect_at, place = [], [], [], np.zeros(structure.effects, dtype=np.int64)
    offset = 0
    for group in groups:
        p = max(covariance[int(m)].shape[0] for m in group)
        q = max(len(touched[int(m)]) for m in group)
        g = np.zeros((len(group), p, q))
        chol = np.zeros((len(group), p, p))
        columns = np.zeros((len(group), q), dtype=np.int64)
        effects = np.zeros((len(group), p), dtype=np.int64)
        for i, m in enumerate(map(int, group)):
            size, own = covariance[m].shape[0], touched[m]
            at = structure.start[m] + np.arange(size)
            g[i, :size, : len(own)] = coupling[np.ix_(at, own)]
            chol[i, :size, :size] = np.linalg.cholesky(covariance[m])
            columns[i, : len(own)] = own
            effects[i, :size] = at
            place[at] = offset + i * p + np.arange(size)
        offset += len(group) * p
        arrays.append({"coupling": g, "chol": chol})
        core_at.append(columns)
        effect_at.append(effects)
    return arrays, {"core_at": core_at, "effect_at": effect_at, "place": place}


def core_of_model(structure: Structure, model: int) -> np.ndarray:
    """Bool (C,): core parameters that the rows of a model touch."""
    design = structure.design
    rows = np.flatnonzero(design.model == model)
    out = np.zeros(structure.core_size, dtype=bool)
    for name in ("log_discrimination", "difficulty"):
        out[structure.core[name].start + design.benchmark[rows]] = True
    for name, index in (("setup", design.setup[rows]), ("scaffold", design.scaffold[rows])):
        out[structure.core[name].start + index[index >= 0]] = True
    out[structure.core["beta"]] = (design.x[rows] != 0).any(axis=0)
    out[structure.core["trend"]] = (design.trend[rows] != 0).any(axis=0)
    return out


def to_natural(
    z: Mapping[str, Any],
    arrays: Mapping[str, Any],
    index: Mapping[str, Any],
    structure: Structure,
    ops: Operations,
) -> tuple[dict[str, Any], Any]:
    """Natural parameters of whitened ones, and the log Jacobian (up to a constant).

    Parameters
    ----------
    z : mapping
        Vectors of the :func:`sizes`.
    arrays, index
        Of :class:`Coordinates`.
    structure : Structure
    ops : Operations

    Returns
    -------
    params : dict
        As :func:`~headway.estimate.capability.reference_density.log_joint` takes them.
    log_jacobian : scalar
    """
    xp, first = ops.xp, structure.first_family
    centres = arrays["centres"] + arrays["centres_sd"] * z["centres"]
    moved = 0.5 * (centres - arrays["centres"])  # members move with their centre
    log_scale = arrays["log_scale"] + arrays["log_scale_sd"] * xp.concatenate(
        [z["main"], z["family"]]
    )
    log_scale = xp.concatenate([log_scale[:first], log_scale[first:] + moved[0]])
    log_noise = arrays["log_noise"] + arrays["log_noise_sd"] * z["noise"] + moved[1]
    u = arrays["rho"] + arrays["rho_sd"] * z["rho"]
    share = ops.expit(u)
    log_rho = _LOW + (_HIGH - _LOW) * share

    step = arrays["factor"] @ z["core"]
    parts = []
    for bucket, columns, effects in zip(
        arrays["buckets"], index["core_at"], index["effect_at"], strict=True
    ):
        part = xp.einsum("kij,kj->ki", bucket["chol"], z["effects"][effects])
        part = part - xp.einsum("kij,kj->ki", bucket["coupling"], step[columns])
        parts.append(part.reshape(-1))
    block = arrays["effects"] + xp.concatenate(parts)[index["place"]]
    stretch = log_scale - arrays["log_scale"]
    follow = arrays["keep"] * stretch[structure.scale_of]
    core_follow = arrays["core_keep"] * stretch[np.maximum(index["core_scale"], 0)]
    core = (arrays["core"] + step) * xp.exp(core_follow)
    effects = block * xp.exp(follow)
    items, hard = structure.core["log_discrimination"], structure.core["difficulty"]
    moved_a = step[items]
    theta = abilities(core, effects, structure, ops)
    pivot = ops.segment_sum(
        arrays["pivot_weight"] * theta, structure.design.benchmark, hard.stop - hard.start
    )
    intercept = arrays["intercept"] * (1 + moved_a)
    intercept = intercept + arrays["discrimination"] * (pivot - arrays["pivot"] - step[hard])
    difficulty = pivot - intercept * xp.exp(-core[items])
    params = {
        "core": xp.concatenate([core[: hard.start], difficulty, core[hard.stop :]]),
        "effects": effects,
        "log_scale": log_scale,
        "log_noise": log_noise,
        "log_rho": log_rho,
        "log_centre_family": centres[0],
        "log_centre_noise": centres[1],
        "centre_rho": centres[2],
    }
    jacobian = xp.sum(follow) + xp.sum(core_follow)
    jacobian = jacobian - xp.sum(moved_a)
    jacobian = jacobian + xp.sum(xp.log(share) + xp.log1p(-share))
    return params, jacobian
