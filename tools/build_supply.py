"""Build the tables about who can train and run models.

Usage: ``python tools/build_supply.py RAW_DEPLOY_DIR [--out DIR]``

RAW_DEPLOY_DIR holds ``epoch_gpu_clusters.csv`` (Epoch AI, CC BY 4.0) and
``actor_counts_epoch_clusters.csv``, whose counts must come out again. The other tables are curated by
hand in ``src/headway/tables/curated_supply``. Same input, same bytes.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src")]

import polars as pl  # noqa: E402  (path set above)

from headway.tables.supply_schemas import SUPPLY_SCHEMAS  # noqa: E402
from headway.tables.write import write_folder  # noqa: E402

#: The date that names the tables; set by hand so that the bytes do not depend on the clock.
SUPPLY = "2026-11-25"
#: What the licence of the clusters asks for.
CREDIT = (
    "clusters.csv: Epoch AI, GPU clusters, https://epoch.ai/data/gpu-clusters, snapshot of 2026-04-24, "
    "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/); rows selected, columns renamed."
)
CURATED = ROOT / "src/headway/tables/curated_supply"


class BadSupply(Exception):
    """A raw or curated file is not what this builder knows."""


def clusters(raw: Path) -> list[dict[str, object]]:
    """Clusters that exist, each once.

    Planned and decommissioned ones, possible duplicates, and stages that a later row supersedes
    stay out: these are the rules that give the published counts of ``actor_counts_epoch_clusters.csv``.
    Names are numbered where several rows share one (the source conceals the names of Chinese systems).
    """
    seen: dict[str, int] = {}
    out: list[dict[str, object]] = []
    for row in _read(raw / "epoch_gpu_clusters.csv"):
        if row["Status"] != "Existing" or row["Possible Duplicate"] or row["Superseded by"]:
            continue
        name = str(row["Name"]).strip()
        seen[name] = seen.get(name, 0) + 1
        size = row["H100 equivalents"]
        owners = row["Owner"]
        out.append(
            {
                "cluster": name if seen[name] == 1 else f"{name} ~{seen[name]}",
                "h100_equivalents": None if size is None else float(f"{float(size):.6g}"),
                "owner": None
                if owners is None
                else ";".join(part.strip() for part in owners.split(",")),
                "country": row["Country"],
                "sector": row["Sector"],
                "operational": row["First Operational Date"],
                "certainty": row["Certainty"],
                "source": "https://epoch.ai/data/gpu-clusters (snapshot 2026-04-24, CC BY 4.0)",
            }
        )
    return out


def check_counts(rows: list[dict[str, object]], raw: Path) -> None:
    """The published counts by size; each owner of a shared cluster counts."""
    for told in _read(raw / "actor_counts_epoch_clusters.csv"):
        least = float(str(told["h100e_min"]))
        kept = [
            r
            for r in rows
            if isinstance(r["h100_equivalents"], float) and r["h100_equivalents"] >= least
        ]
        found = (
            len(kept),
            len({o for r in kept if r["owner"] for o in str(r["owner"]).split(";")}),
            sum(r["owner"] is None for r in kept),
        )
        published = tuple(
            int(str(told[k])) for k in ("clusters", "named_owners", "clusters_unnamed_owner")
        )
        if found != published:
            raise BadSupply(
                f"at {least:g} H100 equivalents: counted {found}, published {published}"
            )


def _read(path: Path) -> list[dict[str, str | None]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [{k: (v or None) for k, v in row.items()} for row in csv.DictReader(file)]


def _checked(name: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    schema = SUPPLY_SCHEMAS[name]
    data = {}
    for column, spec in schema.columns().items():
        values = [row[column] for row in rows]
        if spec.dtype == pl.Float64:
            values = [None if v is None else float(str(v)) for v in values]
        elif spec.dtype == pl.Boolean:
            values = [v == "1" for v in values]
        enum = str(spec.dtype).startswith("Enum")
        data[column] = pl.Series(column, values, dtype=pl.String if enum else spec.dtype)
    frame = pl.DataFrame(data).sort(schema.primary_key())
    good, failed = schema.filter(frame, cast=True)
    if failed.counts():
        raise BadSupply(f"{name}: {failed.counts()} {failed.invalid().head(3).to_dicts()}")
    return good.with_columns(pl.col(pl.Enum).cast(pl.String), pl.col(pl.Boolean).cast(pl.Int8))


def _csv(frame: pl.DataFrame) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(frame.columns)
    for row in frame.iter_rows():
        writer.writerow(
            ["" if v is None else f"{v:.12g}" if isinstance(v, float) else v for v in row]
        )
    return out.getvalue().encode()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("raw", type=Path, help="raw public data folder")
    parser.add_argument("--out", type=Path, default=ROOT / "src/headway/tables/release_supply")
    options = parser.parse_args(arguments)

    rows = clusters(options.raw)
    check_counts(rows, options.raw)
    tables = {"clusters": rows}
    for name in SUPPLY_SCHEMAS:
        if name not in tables:
            tables[name] = [dict(row) for row in _read(CURATED / f"{name}.csv")]
    frames = {name: _checked(name, part) for name, part in tables.items()}
    bodies = {f"{name}.csv": _csv(frame) for name, frame in frames.items()}
    hashes = {name: hashlib.sha256(body).hexdigest() for name, body in bodies.items()}
    head = {"credit": CREDIT, "date": SUPPLY, "sha256": hashes}
    told = json.dumps(head, indent=1, sort_keys=True) + "\n"
    write_folder(options.out, {**bodies, "supply.json": told.encode()}, replace=True)
    for name, frame in frames.items():
        print(f"{name}: {frame.height} rows")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
