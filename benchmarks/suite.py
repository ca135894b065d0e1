"""Time the robustness suite: some 300 warm refits of the shipped release, with all lags of each.

Run: ``python benchmarks/suite.py [--fits 300] [--workers 2] [--draws 400] [--compare 10]``

Each refit leaves out a lab, a benchmark family, an evaluator or a panel, or goes back to an earlier month;
it starts from the fit of everything, draws from the posterior and reads the headline lag of every
domain and stage. A sample of them is fitted again from a cold start and compared.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import date
from itertools import zip_longest

import numpy as np
import polars as pl

from headway.checks.headline import headline_rows
from headway.checks.refits import Refit, Refitted, refit, select_rows
from headway.estimate.capability import CapabilityFit
from headway.fanout import run
from headway.result import Quantity
from headway.tables.store import load_release

SEED = 20261124


def specs(tables: dict[str, pl.DataFrame], through: date, count: int) -> list[Refit]:
    """Leave-outs by size, the largest first, and months from the latest back, in turn."""
    rows = select_rows(tables, Refit("everything")).rows
    kinds: list[list[Refit]] = []
    for key in ("lab", "family", "evaluator", "panel"):
        sizes = rows.group_by(key).len().drop_nulls().sort("len", key, descending=[True, False])
        kinds.append([Refit(f"without {key} {v}", drop={key: (v,)}) for v in sizes[key]])
    months = pl.date_range(date(2024, 1, 1), through, "1mo", eager=True).dt.offset_by("-1d")
    kinds.append([Refit(f"as of {day}", as_of=day) for day in reversed(months.to_list())])
    return [spec for turn in zip_longest(*kinds) for spec in turn if spec is not None][:count]


def months(lag: Quantity) -> float:
    """The lag as a number, open models in the lead as 0 and no answer as NaN."""
    if lag.status == "not_estimable":
        return float("nan")
    return 0.0 if lag.value is None else lag.value


def largest_difference(one: Refitted, other: Refitted) -> float:
    """Of ability less its cell's mean, over cells and models, in posterior sds."""
    out = 0.0
    for cell in one.fit.cells:
        a, b = one.fit.laplace.mean(cell), other.fit.laplace.mean(cell)
        sd = one.sample.summary(cell)["ability_sd"].to_numpy()
        out = max(out, float(np.abs(((a - a.mean()) - (b - b.mean())) / sd).max()))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--fits", type=int, default=300)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--compare", type=int, default=10)
    options = parser.parse_args()
    release = load_release()
    through = release.data_through
    names = ("scores", "benchmarks", "model_versions", "access")
    tables = {name: release.table(name) for name in names}
    wanted = specs(tables, through, options.fits)
    say = sys.stdout.write

    begun = time.process_time()
    base = refit(tables, Refit("everything"), draws=options.draws, seed=SEED)
    cold = time.process_time() - begun
    say(f"cold fit of everything: {cold:.2f} CPU s, {base.fit.laplace.iterations} iterations\n")
    start = base.fit
    cells = base.fit.cells

    def fitted(spec: Refit, start: CapabilityFit | None) -> tuple[Refitted, list[float], float]:
        begun = time.process_time()
        found = refit(tables, spec, start=start, draws=options.draws, seed=SEED)
        rows = headline_rows(found, cells, as_of=spec.as_of or through, seed=SEED)
        return found, [months(row.lag) for row in rows], time.process_time() - begun

    def one(spec: Refit, _: np.random.Generator) -> tuple[float, int, bool, int]:
        found, lags, seconds = fitted(spec, start)
        laplace = found.fit.laplace
        return seconds, laplace.iterations, laplace.converged, int(np.isfinite(lags).sum())

    begun = time.perf_counter()
    done = run(one, wanted, seed=SEED, workers=options.workers, progress="refits")
    wall = time.perf_counter() - begun
    seconds, iterations = (np.array([d[i] for d in done]) for i in (0, 1))
    say(f"{len(done)} warm refits with {sum(d[3] for d in done)} lags, {options.workers} workers: ")
    say(f"{wall:.0f} s; CPU s per refit: mean {seconds.mean():.2f}, median ")
    say(
        f"{np.median(seconds):.2f}, largest {seconds.max():.2f} ({wanted[seconds.argmax()].name})\n"
    )
    say(f"iterations: median {np.median(iterations):.0f}, largest {iterations.max()}; ")
    say(f"not converged: {[s.name for s, d in zip(wanted, done, strict=True) if not d[2]]}\n")

    def both(spec: Refit, _: np.random.Generator) -> tuple[float, float, float, float]:
        warm, warm_lags, warm_time = fitted(spec, start)
        other, other_lags, cold_time = fitted(spec, None)
        apart = np.abs(np.subtract(warm_lags, other_lags))
        months_apart = float(np.nanmax(apart)) if np.isfinite(apart).any() else 0.0
        return largest_difference(other, warm), months_apart, warm_time, cold_time

    if not options.compare:
        return
    sample = [wanted[i] for i in np.linspace(0, len(wanted) - 1, options.compare).astype(int)]
    compared = run(both, sample, seed=SEED, workers=options.workers, progress="cold refits")
    say("warm against cold   ability (posterior sd)   lag (months)   CPU s warm, cold\n")
    for spec, (ability, lag, warm_time, cold_time) in zip(sample, compared, strict=True):
        say(f"{spec.name:40.40s} {ability:8.4f} {lag:14.3f} {warm_time:12.2f} {cold_time:6.2f}\n")


if __name__ == "__main__":
    main()
