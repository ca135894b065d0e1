"""Build the catalogue of serving, and fit and check the serving model on it.

Usage: ``python tools/build_deploy.py RAW_DEPLOY_DIR [--out DIR] [--tables-only]``

RAW_DEPLOY_DIR holds ``hardware_specs.csv``, ``model_architectures.csv``,
``inferencex_silicon_dedup.csv`` and ``measured_throughput.csv``. Same input, same bytes.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "src")]

from deploy_build.study import study  # noqa: E402  (path set above)
from deploy_build.tables import build  # noqa: E402

from headway.api.deploy_catalogue import Deploy  # noqa: E402
from headway.api.deploy_validate import judge  # noqa: E402
from headway.tables.deploy_store import load_catalogue  # noqa: E402
from headway.tables.write import write_folder  # noqa: E402

#: The date that names the catalogue; set by hand so that the bytes do not depend on the clock.
CATALOGUE = "2026-11-25"
#: Whose rows the tables hold; each row names its own source as well.
SOURCES = [
    {
        "title": "aiconfigurator: gap-analysis samples of InferenceX and NVIDIA runs, model configs",
        "url": "https://github.com/ai-dynamo/aiconfigurator",
        "licence": "Apache-2.0",
    },
    {
        "title": "InferenceX: GPU specifications and rents",
        "url": "https://github.com/SemiAnalysisAI/InferenceX",
        "licence": "facts with citation",
    },
]


def _csv(columns: list[str], rows: list[dict[str, object]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(["" if row[c] is None else row[c] for c in columns])
    return out.getvalue().encode()


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("raw", type=Path, help="raw public data folder")
    parser.add_argument("--out", type=Path, default=ROOT / "src/headway/tables/release_deploy")
    parser.add_argument(
        "--tables-only", action="store_true", help="keep the calibration and study of --out"
    )
    options = parser.parse_args(arguments)

    tables = build(options.raw)
    bodies = {
        f"{name}.csv": _csv(frame.columns, frame.to_dicts()) for name, frame in tables.items()
    }
    if options.tables_only:
        for name in ("calibration.json", "validation.json", "validation.csv"):
            bodies[name] = (options.out / name).read_bytes()
    else:
        calibration, validation, ratios = study(tables)
        bodies["validation.csv"] = _csv(list(ratios[0]), ratios)
        bodies["calibration.json"] = _json(calibration)
        bodies["validation.json"] = _json(validation)
    _seal(bodies)
    bodies["independent.json"] = _json(_independent(options.raw, bodies))
    _seal(bodies)
    write_folder(options.out, bodies, replace=True)

    for name, frame in tables.items():
        print(f"{name}: {frame.height} rows")
    print(f"measured: {Counter(tables['measured']['use'].to_list())}")
    print(json.dumps(json.loads(bodies["validation.json"])["summaries"], indent=1))
    print(bodies["independent.json"].decode())
    return 0


def _seal(bodies: dict[str, bytes]) -> None:
    """Name the catalogue and the hash of every other file."""
    hashes = {
        name: hashlib.sha256(body).hexdigest()
        for name, body in bodies.items()
        if name != "catalogue.json"
    }
    bodies["catalogue.json"] = _json({"date": CATALOGUE, "sha256": hashes, "sources": SOURCES})


def _independent(raw: Path, bodies: dict[str, bytes]) -> dict[str, object]:
    """Errors on points of sources that are not fitted; their rows do not ship."""
    with tempfile.TemporaryDirectory() as folder:
        for name, body in bodies.items():
            (Path(folder) / name).write_bytes(body)
        deploy = Deploy(load_catalogue(Path(folder)))
        with (raw / "measured_throughput.csv").open(encoding="utf-8", newline="") as file:
            rows = [
                {k: v or "" for k, v in row.items()}
                for row in csv.DictReader(file)
                if "InferenceX via aiconfigurator" not in row["source"]
            ]
        found = judge(deploy, rows)
    calibration = hashlib.sha256(bodies["calibration.json"]).hexdigest()
    return {"calibration": calibration, "summary": found.summary, "unusable": found.unusable}


if __name__ == "__main__":
    raise SystemExit(main())
