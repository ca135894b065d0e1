"""Time one capability fit against a plain empirical-Bayes prototype, in one run.

Run: ``python benchmarks/fit.py [--models 400] [--benchmarks 60] [--domains 4] [--density 1.0]``

The prototype is what one would write first: the joint posterior maximised by SciPy's L-BFGS
with an analytic gradient, and variance components updated between runs of it from the diagonal
of the curvature. It has no Schur complement and no marginal correction. Both get the same rows.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import date, timedelta

import numpy as np
import polars as pl
from scipy import optimize, special
from threadpoolctl import threadpool_limits

from headway.estimate.capability import Design, build_design, fit_laplace


def problem(
    models: int, benchmarks: int, domains: int, density: float, seed: int
) -> tuple[pl.DataFrame, pl.DataFrame, np.ndarray]:
    """Rows, models, true abilities (models, domains)."""
    rng = np.random.default_rng(seed)
    is_open = rng.random(models) < 0.5
    year = np.sort(rng.uniform(-1, 2.7, models))
    general = 1.8 * year - 0.75 * is_open + rng.normal(0, 0.8, models)
    theta = general[:, None] + rng.normal(0, 0.5, (models, domains))
    of_domain = np.arange(benchmarks) % domains
    a = np.exp(rng.normal(0, 0.3, benchmarks))
    k = rng.uniform(-2, 5, benchmarks)
    n = rng.integers(50, 1000, benchmarks)
    m, b = np.nonzero(rng.random((models, benchmarks)) < density)
    p = special.expit(a[b] * (theta[m, of_domain[b]] - k[b]))
    rate = rng.beta(np.maximum(49 * p, 1e-6), np.maximum(49 * (1 - p), 1e-6))
    score = rng.binomial(n[b], rate) / n[b]
    names = np.array([f"b{i:03d}" for i in range(benchmarks)])
    rows = pl.DataFrame(
        {
            "model_version": [f"m{i:04d}" for i in m],
            "benchmark": names[b],
            "domain": [f"d{of_domain[i]}" for i in b],
            "stage": pl.Series([None] * len(m), dtype=pl.String),
            "family": names[b],
            "setup": pl.Series([None] * len(m), dtype=pl.String),
            "scaffold": pl.Series([None] * len(m), dtype=pl.String),
            "unit": ["proportion"] * len(m),
            "score": score,
            "value": score,
            "n": [int(n[i]) if i % 2 else None for i in b],
            "stderr": pl.Series([None] * len(m), dtype=pl.Float64),
            "read_error_sd": pl.Series([None] * len(m), dtype=pl.Float64),
            "chance": [0.0] * len(m),
            "ceiling": [1.0] * len(m),
        }
    )
    info = pl.DataFrame(
        {
            "model_version": [f"m{i:04d}" for i in range(models)],
            "access_class": ["open" if o else "closed" for o in is_open],
            "released": [date(2024, 1, 1) + timedelta(days=float(y) * 365.25) for y in year],
        }
    )
    return rows, info, theta


def plain_empirical_bayes(design: Design, rounds: int = 12) -> np.ndarray:
    """Abilities (models, domains) of the prototype; logit-Gaussian rows throughout."""
    m, b, d = design.model, design.benchmark, design.domain
    models, items, domains = len(design.models), len(design.benchmarks), len(design.domains)
    share = np.clip(design.y / design.n, 0.005, 0.995)
    z = np.where(design.is_counted, special.logit(share), design.y)
    year, opened = design.model_year, design.model_class == 1
    sizes = np.cumsum([0, models, models * domains, items, items, 3])
    sd = np.array([1.0, 0.5, 0.5])  # general, domain, noise

    def split(x: np.ndarray) -> list[np.ndarray]:
        return [x[sizes[i] : sizes[i + 1]] for i in range(5)]

    def value(x: np.ndarray) -> tuple[float, np.ndarray]:
        g, u, la, k, t = split(x)
        trend = t[0] + t[1] * year + t[2] * opened
        theta = trend[m] + g[m] + u.reshape(models, domains)[m, d]
        a = np.exp(la)[b]
        r = (a * (theta - k[b]) - z) / sd[2] ** 2
        f = 0.5 * (r**2).sum() * sd[2] ** 2 + 0.5 * (g**2).sum() / sd[0] ** 2
        f += 0.5 * (u**2).sum() / sd[1] ** 2 + 0.5 * (la**2).sum() / 0.16 + 0.5 * (k**2).sum() / 16
        ra = r * a
        on_model = np.bincount(m, ra, minlength=models)
        return f, np.concatenate(
            [
                on_model + g / sd[0] ** 2,
                np.bincount(m * domains + d, ra, minlength=models * domains) + u / sd[1] ** 2,
                np.bincount(b, ra * (theta - k[b]), minlength=items) + la / 0.16,
                -np.bincount(b, ra, minlength=items) + k / 16,
                [on_model.sum(), on_model @ year, on_model @ opened],
            ]
        )

    x = np.zeros(sizes[-1])
    for _ in range(rounds):
        x = optimize.minimize(
            value, x, jac=True, method="L-BFGS-B", options={"maxiter": 500, "maxcor": 20}
        ).x
        g, u, la, k, t = split(x)
        a2 = np.exp(2 * la)[b] / sd[2] ** 2
        vg = 1 / (np.bincount(m, a2, minlength=models) + 1 / sd[0] ** 2)
        vu = 1 / (np.bincount(m * domains + d, a2, minlength=models * domains) + 1 / sd[1] ** 2)
        theta = (t[0] + t[1] * year + t[2] * opened)[m] + g[m] + u.reshape(models, domains)[m, d]
        r = np.exp(la)[b] * (theta - k[b]) - z
        sd = np.sqrt([(g**2 + vg).mean(), (u**2 + vu).mean(), (r**2).mean()])
    g, u, la, k, t = split(x)
    base = t[0] + t[1] * year + t[2] * opened + g
    return np.asarray(base[:, None] + u.reshape(models, domains))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=int, default=400)
    parser.add_argument("--benchmarks", type=int, default=60)
    parser.add_argument("--domains", type=int, default=4)
    parser.add_argument("--density", type=float, default=1.0)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    rows, info, truth = problem(
        options.models, options.benchmarks, options.domains, options.density, 1
    )
    out = sys.stdout
    out.write(f"{options.models} models x {options.benchmarks} benchmarks, {len(rows)} rows\n")
    timings: dict[str, list[float]] = {"headway": [], "plain empirical Bayes": []}
    error: dict[str, float] = {}
    for _ in range(options.repeats):
        start = time.process_time()
        with threadpool_limits(limits=1):
            design = build_design(rows, info)
            fit = fit_laplace(design)
        timings["headway"].append(time.process_time() - start)
        found = np.column_stack([fit.mean((d, None)) for d in design.domains])
        error["headway"] = 1 - np.corrcoef(found.ravel(), truth.ravel())[0, 1]
        start = time.process_time()
        with threadpool_limits(limits=1):
            other = plain_empirical_bayes(design)
        timings["plain empirical Bayes"].append(time.process_time() - start)
        error["plain empirical Bayes"] = 1 - np.corrcoef(other.ravel(), truth.ravel())[0, 1]
    for name, seconds in timings.items():
        out.write(
            f"{name:24s} {np.median(seconds):7.2f} CPU s (median of {options.repeats}), "
            f"1 - correlation with truth {error[name]:.4f}\n"
        )
    ratio = np.median(timings["plain empirical Bayes"]) / np.median(timings["headway"])
    out.write(f"ratio {ratio:.1f}\n")


if __name__ == "__main__":
    main()
