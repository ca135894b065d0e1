r"""Who gets evaluated on what: a model of being evaluated, and a selection term.

Every pair of a dated model of known class and a benchmark of the same domain could have been
evaluated. The chance is a binary regression on ability minus difficulty (known without the pair's
own score), its square, how far the model's date lies from those usually evaluated there, the class,
the class times ability, the lab's size, and how much the benchmark is used.

The selection term is the inverse Mills ratio of the same regression with a probit link
(Heckman 1979, doi:10.2307/1912352, two-step). It enters the ability model as the covariate
``x_selection``. Dates, lab size and use move the chance of being evaluated and are assumed not to
move the score given ability: that exclusion and the normal errors identify the term.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from scipy import special

from headway.estimate.capability import CapabilityFit
from headway.estimate.lag.effects.rows import EffectRow, normal_quantity
from headway.estimate.lag.effects.terms import row_gradient
from headway.result import Quantity

__all__ = ["Candidates", "candidates", "chance_rows", "fit_binary", "mills_column"]

#: Fewest models evaluated on a benchmark that enters.
LEAST_MODELS = 3
_NAMES = (
    "intercept",
    "distance",
    "distance_squared",
    "open",
    "open_distance",
    "years",
    "years_squared",
    "log_lab_size",
    "log_use",
)


@dataclass(frozen=True)
class Candidates:
    """All pairs that could have been evaluated.

    Parameters
    ----------
    frame : frame
        ``model_version, benchmark, domain, lab, done`` (0/1).
    x : array (pairs, columns)
        In the order of ``names``.
    """

    frame: pl.DataFrame
    x: np.ndarray
    names: tuple[str, ...] = _NAMES


def _own_left_out(
    fit: CapabilityFit, draws: int, rng: np.random.Generator
) -> dict[tuple[str, str], float]:
    """Ability of a model in a benchmark's cell without its own rows there, where it has some.

    One-step removal from a normal posterior: precision ``1/v`` loses the rows' information
    ``w a^2``, the mean moves accordingly. Removal never leaves less than a tenth of the precision.
    """
    laplace = fit.laplace
    design = laplace.design
    sample = fit.sample(draws, rng)
    a = np.exp(laplace.core_part("log_discrimination"))[design.benchmark]
    gradient = row_gradient(laplace)
    out: dict[tuple[str, str], float] = {}
    cells = list(design.stages) + [(d, None) for d in design.domains]
    cell_of = np.where(design.stage >= 0, design.stage, len(design.stages) + design.domain)
    for j, cell in enumerate(cells):
        here = np.flatnonzero(cell_of == j)
        if not len(here):
            continue
        mean = laplace.mean(cell)
        theta = sample.raw.cell(cell)
        variance = (theta - theta.mean(axis=1, keepdims=True)).var(axis=0)
        keys: dict[tuple[int, int], list[int]] = {}
        for i in here.tolist():
            keys.setdefault((int(design.model[i]), int(design.benchmark[i])), []).append(i)
        for (m, b), rows in keys.items():
            weight = float((laplace.information[rows] * a[rows] ** 2).sum())
            pull = float((gradient[rows] * a[rows]).sum())
            precision = 1.0 / max(float(variance[m]), 1e-6)
            left = max(precision - weight, 0.1 * precision)
            # at the mode the rows pull with `pull`; without them the rest balances elsewhere
            out[design.models[m], design.benchmarks[b]] = float(mean[m] - pull / left)
    return out


def candidates(fit: CapabilityFit, *, draws: int = 200, rng: np.random.Generator) -> Candidates:
    """Pairs of models and benchmarks of one domain, and the regressors of being evaluated.

    Parameters
    ----------
    fit : CapabilityFit
    draws : int
        For the posterior variance of abilities.
    rng : Generator

    Returns
    -------
    Candidates
    """
    rows = fit.evidence.rows
    models = fit.evidence.models.filter(
        pl.col("released").is_not_null() & (pl.col("access_class") != "unknown")
    )
    laplace = fit.laplace
    design = laplace.design
    difficulty = dict(zip(design.benchmarks, laplace.core_part("difficulty"), strict=True))
    left_out = _own_left_out(fit, draws, rng)
    day = dict(models.select("model_version", "released").iter_rows())
    is_open = dict(models.select("model_version", pl.col("access_class") == "open").iter_rows())
    lab = dict(
        models.select("model_version", pl.col("lab").fill_null(pl.col("model_version"))).iter_rows()
    )
    size: dict[str, int] = {}
    for name in lab.values():
        size[name] = size.get(name, 0) + 1
    position = {m: i for i, m in enumerate(design.models)}
    frames: list[dict[str, object]] = []
    x: list[list[float]] = []
    seen = rows.filter(pl.col("model_version").is_in(list(day)))
    for (benchmark, domain, stage), part in seen.group_by(
        ["benchmark", "domain", "stage"], maintain_order=True
    ):
        done = set(part["model_version"].to_list())
        if len(done) < LEAST_MODELS:
            continue
        mean = laplace.mean((str(domain), None if stage is None else str(stage)))
        centre = float(np.median([day[m].toordinal() for m in done]))
        for m in day:
            key = (m, str(benchmark))
            theta = left_out.get(key, float(mean[position[m]]))
            distance = float(np.clip(theta - difficulty[str(benchmark)], -6.0, 6.0))
            years = float(np.clip((day[m].toordinal() - centre) / 365.25, -3.0, 3.0))
            sign = 0.5 if is_open[m] else -0.5
            # the pair's own evaluation is not part of the benchmark's use
            use = np.log(len(done) - (m in done) + 0.5)
            x.append(
                [
                    1.0,
                    distance,
                    distance**2,
                    sign,
                    sign * distance,
                    years,
                    years**2,
                    float(np.log(size[lab[m]])),
                    float(use),
                ]
            )
            frames.append(
                {
                    "model_version": m,
                    "benchmark": benchmark,
                    "domain": domain,
                    "lab": lab[m],
                    "done": int(m in done),
                }
            )
    text = pl.String()
    frame = pl.DataFrame(
        frames,
        schema={
            "model_version": text,
            "benchmark": text,
            "domain": text,
            "lab": text,
            "done": pl.Int64(),
        },
    )
    return Candidates(frame, np.array(x).reshape(len(frames), len(_NAMES)))


def fit_binary(
    x: np.ndarray, y: np.ndarray, link: Literal["logit", "probit"], *, steps: int = 60
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Binary regression by Fisher scoring.

    Parameters
    ----------
    x : array (N, K)
    y : array (N,), 0 or 1
    link : {"logit", "probit"}
    steps : int

    Returns
    -------
    coefficients : array (K,)
    inverse_information : array (K, K)
    scores : array (N, K)
        Each row's contribution to the gradient.

    Raises
    ------
    ArithmeticError
        No convergence (perfect separation).
    """
    beta = np.zeros(x.shape[1])
    for _ in range(steps):
        p, slope = _mean_slope(x @ beta, link)
        weight = slope**2 / (p * (1 - p))
        info = x.T @ (x * weight[:, None])
        gradient = x * ((y - p) * slope / (p * (1 - p)))[:, None]
        step = np.linalg.solve(info + 1e-9 * np.eye(len(beta)), gradient.sum(axis=0))
        step *= min(1.0, 2.0 / max(float(np.abs(x @ step).max()), 1e-12))
        beta = beta + step
        if float(np.abs(step).max()) < 1e-9:
            return beta, np.linalg.inv(info), gradient
    raise ArithmeticError(f"{link} regression did not converge in {steps} steps")


def _mean_slope(eta: np.ndarray, link: str) -> tuple[np.ndarray, np.ndarray]:
    if link == "logit":
        p = special.expit(eta)
        slope = p * (1 - p)
    else:
        p = special.ndtr(eta)
        slope = np.exp(-0.5 * eta**2) / np.sqrt(2 * np.pi)
    return np.clip(p, 1e-10, 1 - 1e-10), np.maximum(slope, 1e-12)


def chance_rows(found: Candidates, *, level: float, least_labs: int = 5) -> list[EffectRow]:
    """What raises the odds of being evaluated, by class: coefficients of the logistic regression.

    Standard errors over labs (sandwich, Liang & Zeger 1986).
    """
    y = found.frame["done"].to_numpy().astype(float)
    code = np.unique(found.frame["lab"].to_numpy(), return_inverse=True)[1]
    count = int(code.max()) + 1 if len(code) else 0
    wanted: tuple[tuple[str, str | None, dict[str, float]], ...] = (
        ("odds_per_logit", "open", {"distance": 1.0, "open_distance": 0.5}),
        ("odds_per_logit", "closed", {"distance": 1.0, "open_distance": -0.5}),
        ("odds_per_logit_open_less_closed", None, {"open_distance": 1.0}),
        ("odds_open", None, {"open": 1.0}),
        ("odds_lab_size", None, {"log_lab_size": 1.0}),
    )
    if count < least_labs:
        empty = Quantity.not_estimable("log_odds", f"few_labs:{count}<{least_labs}", n=len(y))
        return [
            EffectRow("selection", name, "counted", empty, access_class=group)
            for name, group, _ in wanted
        ]
    try:
        beta, inverse, gradient = fit_binary(found.x, y, "logit")
    except (ArithmeticError, np.linalg.LinAlgError):
        # few pairs can be told apart perfectly, or all alike: no finite odds
        separated = Quantity.not_estimable("log_odds", "not_identified", n=len(y))
        return [
            EffectRow("selection", name, "counted", separated, access_class=group)
            for name, group, _ in wanted
        ]
    totals = np.zeros((count, len(beta)))
    np.add.at(totals, code, gradient)
    psi = totals @ inverse
    out = []
    for name, group, weights in wanted:
        w = np.array([weights.get(n, 0.0) for n in found.names])
        sd = float(np.sqrt(((psi @ w) ** 2).sum() * count / (count - 1)))
        quantity = normal_quantity(
            float(w @ beta), sd, "log_odds", level=level, n=len(y), n_clusters=count, clustered=True
        )
        out.append(EffectRow("selection", name, "counted", quantity, access_class=group))
    return out


def mills_column(found: Candidates, rows: pl.DataFrame) -> pl.Series:
    """Inverse Mills ratio of each evidence row, less its mean; 0 where the pair is no candidate."""
    y = found.frame["done"].to_numpy().astype(float)
    beta = fit_binary(found.x, y, "probit")[0]
    eta = found.x @ beta
    ratio = np.exp(-0.5 * eta**2 - 0.5 * np.log(2 * np.pi) - special.log_ndtr(eta))
    pairs = found.frame.select("model_version", "benchmark").with_columns(
        pl.Series("_mills", ratio)
    )
    column = rows.select("model_version", "benchmark").join(
        pairs, on=["model_version", "benchmark"], how="left", maintain_order="left"
    )["_mills"]
    centre = column.mean()
    assert isinstance(centre, float), "some evidence row is a candidate"
    return (column - centre).fill_null(0.0)
