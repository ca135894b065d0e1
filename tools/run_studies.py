"""Run the slow studies on the shipped release and store their results in the package.

Usage: ``python tools/run_studies.py [--worlds 100] [--workers N] [--seed 20261123]``

Takes about five minutes on two cores. Prints the coverage tables.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile

import polars as pl

from headway.checks.studies import STUDIES_FILE, run_studies
from headway.tables.store import load_release


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=100)
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--seed", type=int, default=20261123)
    options = parser.parse_args()
    found = run_studies(
        load_release(), worlds=options.worlds, seed=options.seed, workers=options.workers
    )
    handle, name = tempfile.mkstemp(dir=STUDIES_FILE.parent, suffix=".json")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(found, file, indent=1, ensure_ascii=False, sort_keys=True)
        file.write("\n")
    os.replace(name, STUDIES_FILE)
    with pl.Config(tbl_rows=100, tbl_cols=12, tbl_width_chars=160):
        for table, rows in found["coverage"].items():
            sys.stdout.write(f"{table}\n{pl.DataFrame(rows, infer_schema_length=None)}\n")
    sys.stdout.write(json.dumps({k: v for k, v in found["index"].items() if k != "table"}) + "\n")


if __name__ == "__main__":
    main()
