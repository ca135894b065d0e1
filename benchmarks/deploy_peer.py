"""The serving model beside ``aiconfigurator`` on the same measured points.

Run, in an environment with ``aiconfigurator`` (0.12.0 was used):

    python benchmarks/deploy_peer.py silicon_sample.csv --answers answers.csv

``silicon_sample.csv`` is ``aic-core/src/aiconfigurator_core/systems/silicon_sample.csv`` of its
repository: it has the layouts in its own words. Its predictions are kept in ``answers.csv``, so that
an interrupted run goes on. Ours are those of the shipped study, by fits that saw nothing of the
point's model, or of its hardware; the peer rests on measured kernels of the hardware.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import logging
import math
import random
import sys
import time
from pathlib import Path
from statistics import median, quantiles

CATALOGUE = Path(__file__).resolve().parents[1] / "src/headway/tables/release_deploy"
_SHARED = ("tp_size", "pp_size", "attention_dp_size", "moe_tp_size", "moe_ep_size")
_FIELDS = {
    "agg": ("batch_size", *_SHARED),
    "disagg": tuple(
        f"{side}_{name}"
        for side in ("prefill", "decode")
        for name in (*_SHARED, "batch_size", "num_workers")
    ),
}


def ask(row: dict[str, str]) -> tuple[float, float]:
    """Milliseconds to the first token and per token, by the peer.

    Where it has no kernels of a version of an engine, its default version is asked instead.
    """
    from aiconfigurator.cli.api import cli_estimate

    told = {
        "model_path": row["model_path"],
        "system_name": row["system"],
        "mode": row["mode"],
        "backend_name": row["backend"],
        "isl": int(row["isl"]),
        "osl": int(row["osl"]),
        "gemm_quant_mode": row["gemm_quant_mode"] or None,
        "moe_quant_mode": row["moe_quant_mode"] or None,
        **{name: int(row[name]) for name in _FIELDS[row["mode"]] if row.get(name)},
    }
    with contextlib.redirect_stdout(sys.stderr):
        try:
            found = cli_estimate(**told, backend_version=row["backend_version"] or None)
        except ValueError:
            # a version that it has no kernels of, or whose name it does not take
            if not row["backend_version"]:
                raise
            found = cli_estimate(**told, backend_version=None)
    return float(found.ttft), float(found.tpot)


def answers(rows: list[dict[str, str]], file: Path) -> dict[str, float]:
    """Seconds of a request per point that the peer answers; kept in ``file`` as they come."""
    known = {}
    if file.exists():
        with file.open(newline="") as kept:
            known = {r["id"]: r for r in csv.DictReader(kept)}
    with file.open("a", newline="") as kept:
        writer = csv.writer(kept)
        if not known:
            writer.writerow(["id", "ttft_ms", "tpot_ms", "why"])
        for row in rows:
            if row["id"] in known:
                continue
            try:
                first, each = ask(row)
                line = [row["id"], first, each, ""]
            except Exception as e:  # whatever a point makes the peer raise is its answer
                line = [row["id"], "", "", f"{type(e).__name__}: {str(e)[:80]}"]
            writer.writerow(line)
            kept.flush()
            known[row["id"]] = dict(
                zip(("id", "ttft_ms", "tpot_ms", "why"), map(str, line), strict=True)
            )
    out = {}
    for row in rows:
        told = known[row["id"]]
        if told["ttft_ms"]:
            osl = int(row["osl"])
            out[row["id"]] = float(told["ttft_ms"]) + float(told["tpot_ms"]) * (osl - 1)
    return out


def told(name: str, errors: list[float], cells: list[str]) -> None:
    """One line of a comparison: over points, and over pairs of model and hardware."""
    factors = [math.exp(abs(e)) for e in errors]
    per_cell: dict[str, list[float]] = {}
    for factor, cell in zip(factors, cells, strict=True):
        per_cell.setdefault(cell, []).append(factor)
    ninth = quantiles(factors, n=10)[-1]
    each = median(median(f) for f in per_cell.values())
    bias = math.exp(median(errors)) - 1
    print(
        f"{name:32} n={len(errors)} median {median(factors):.3f} p90 {ninth:.3f} "
        f"bias {bias:+.1%} per pair {each:.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sample", type=Path)
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--mode", choices=["agg", "disagg", "both"], default="both")
    parser.add_argument("--points", type=int, help="so many of them, drawn with a fixed seed")
    options = parser.parse_args()
    logging.disable(logging.WARNING)

    with (CATALOGUE / "measured.csv").open(newline="") as file:
        points = {r["point"]: r for r in csv.DictReader(file) if r["use"] == "fit"}
    with (CATALOGUE / "validation.csv").open(newline="") as file:
        ours = {r["point"]: r for r in csv.DictReader(file)}
    with options.sample.open(newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["id"] in points]
    if options.mode != "both":
        rows = [r for r in rows if r["mode"] == options.mode]
    if options.points is not None:
        rows.sort(key=lambda r: r["id"])
        random.Random(20261123).shuffle(rows)
        rows = rows[: options.points]
    start = time.perf_counter()
    found = answers(rows, options.answers)
    print(f"answered {len(found)} of {len(rows)} in {time.perf_counter() - start:.0f} s")
    for mode in ("agg", "disagg"):
        same = [r for r in rows if r["mode"] == mode and r["id"] in found]
        if not same:
            continue
        cells = [f"{points[r['id']]['model']} {points[r['id']]['hardware']}" for r in same]
        measured = [
            float(r["silicon_ttft_ms"]) + float(r["silicon_tpot_ms"]) * (int(r["osl"]) - 1)
            for r in same
        ]
        peer = [math.log(m / found[r["id"]]) for r, m in zip(same, measured, strict=True)]
        told(f"{mode}: aiconfigurator", peer, cells)
        for kind in ("new_model", "new_chip", "seen"):
            told(
                f"{mode}: headway, left out {kind}",
                [math.log(float(ours[r["id"]][kind])) for r in same],
                cells,
            )


if __name__ == "__main__":
    main()
