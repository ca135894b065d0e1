"""Compare each bulk parser with the plain reader of the same bytes.

Run: ``python benchmarks/parsers.py RAW_EVALS_DIR [--repeats 5]``. The plain reader is ``json``,
``csv``, ``yaml`` (its C loader) or ``pyarrow`` and only decodes; a parser also checks every value
and makes a claim of it. Prints the best of the repeats and the ratio.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from headway.sources import (
    aider,
    cybergym,
    epoch_hub,
    epoch_index,
    lyptus,
    metr,
    models_dev,
    sec_code_bench,
)

Plain = Callable[[bytes], Any]


def zipped(folder: Path) -> bytes:
    """The folder as the archive that the live address serves."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    return out.getvalue()


def plain_csv(body: bytes) -> Any:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def plain_zip(body: bytes) -> Any:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return [plain_csv(archive.read(n)) for n in archive.namelist() if n.endswith(".csv")]


def plain_lines(body: bytes) -> Any:
    return [json.loads(line) for line in body.decode().splitlines()]


def plain_yaml(body: bytes) -> Any:
    return yaml.load(body, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def plain_parquet(body: bytes) -> Any:
    return pq.read_table(pa.BufferReader(body)).to_pylist()


def best(call: Callable[[], Any], repeats: int) -> float:
    """Least wall time of one call, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("raw", type=Path, help="folder of the raw public evaluation data")
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    raw: Path = given.raw
    work: list[tuple[ModuleType, str, bytes, Plain]] = [
        (epoch_hub, "benchmark_data", zipped(raw / "epoch-hub-2026-03"), plain_zip),
        (
            epoch_index,
            "eci_scores",
            (raw / "epoch-hub-2026-03" / "epoch_capabilities_index.csv").read_bytes(),
            plain_csv,
        ),
        (models_dev, "models", (raw / "models.dev" / "models.json").read_bytes(), json.loads),
        (metr, "runs", (raw / "metr" / "all_runs.2025-01-28.jsonl").read_bytes(), plain_lines),
        (
            metr,
            "horizons",
            (raw / "metr" / "benchmark_results_1_1.2026-04.yaml").read_bytes(),
            plain_yaml,
        ),
        (cybergym, "cybergym", (raw / "cybergym-page" / "cybergym.json").read_bytes(), json.loads),
        (lyptus, "model_runs", (raw / "lyptus" / "model_runs.parquet").read_bytes(), plain_parquet),
        (
            sec_code_bench,
            "tests",
            (raw / "sec-code-bench" / "model-test-summary-2.2.0.json").read_bytes(),
            json.loads,
        ),
        (
            aider,
            "polyglot",
            (raw / "aider" / "polyglot_leaderboard.yml").read_bytes(),
            plain_yaml,
        ),
    ]
    print(
        f"{'body':34} {'KiB':>6} {'rows':>7} {'plain ms':>9} {'parse ms':>9} {'ratio':>6} {'rows/s':>9}"
    )
    total = 0.0
    for module, resource, body, plain in work:
        rows = module.parse(body, resource).present
        decode = best(lambda plain=plain, body=body: plain(body), given.repeats)  # type: ignore[misc]
        parse = best(
            lambda module=module, body=body, resource=resource: module.parse(body, resource),  # type: ignore[misc]
            given.repeats,
        )
        total += parse
        label = f"{module.SOURCE.key}/{resource}"
        print(
            f"{label:34} {len(body) / 1024:6.0f} {rows:7} {decode * 1e3:9.1f} {parse * 1e3:9.1f} "
            f"{parse / decode:6.1f} {rows / parse:9.0f}"
        )
    print(f"all of them: {total:.2f} s")


if __name__ == "__main__":
    main()
