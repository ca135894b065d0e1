"""Build the shipped vulnerability facts from the raw public data folder.

Usage: ``python tools/build_impact.py RAW_VULN_DIR [--out DIR]``
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from datetime import date
from pathlib import Path

import polars as pl

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from impact_build import facts  # noqa: E402  (path set above)
from impact_build.attribution import attribution  # noqa: E402

from headway.tables.impact_schemas import IMPACT_SCHEMAS  # noqa: E402
from headway.tables.write import manifest_bytes, parquet_bytes, sha256, write_folder  # noqa: E402

SHIPPED = ROOT / "src/headway/tables/release_impact"
CREDITS = ROOT / "ATTRIBUTION-VULNERABILITIES.md"
#: The date that names the release; set by hand so that the bytes do not depend on the clock.
DATA_RELEASE = date(2026, 11, 25)
#: The catalogue that the snapshot of KEV holds; later listings come from a copied table.
KEV_VERSION = date(2026, 8, 7)

_FILES = {
    "mozilla": ("mozilla/mozilla_advisories.parquet", facts.mozilla),
    "oss-fuzz": ("ossfuzz/ossfuzz.parquet", facts.oss_fuzz),
    "rustsec": ("rustsec/rustsec.parquet", facts.rustsec),
    "go": ("govulndb/govulndb.parquet", facts.go),
    "curl": ("curl/curl_cves.parquet", facts.curl),
}


def _counts(raw: Path, through: dict[str, date]) -> pl.DataFrame:
    """Monthly counts of two sources; complete are the months that end by the source's last day."""
    msrc = pl.read_csv(raw / "msrc/msrc_monthly.csv").select(
        source=pl.lit("msrc"), month="month", severity=pl.lit("all"), n="cves"
    )
    epoch = (
        pl.read_csv(raw / "cve/epoch_notable_cna_monthly_high_critical.csv")
        .unpivot(["critical", "high"], index="month", variable_name="severity", value_name="n")
        .select(source=pl.lit("epoch-cve"), month="month", severity="severity", n="n")
    )
    both = pl.concat([msrc, epoch]).with_columns(pl.col("month").str.to_date("%Y-%m"))
    last = pl.col("source").replace_strict(through, return_dtype=pl.Date)
    return both.with_columns(is_complete=pl.col("month").dt.month_end() <= last)


def build(raw: Path) -> tuple[dict[str, pl.DataFrame], list[str]]:
    """All tables, valid and in order, and a line per source on what was left out."""
    told = tomllib.loads((ROOT / "src/headway/tables/impact_sources.toml").read_text("utf-8"))
    through = {name: entry["through"] for name, entry in told.items()}
    parts = {
        name: read(pl.read_parquet(raw / file), through[name])
        for name, (file, read) in _FILES.items()
    }
    later = pl.read_csv(raw / "kev/kev_2026_publication_dates.csv", try_parse_dates=True)
    tables = {
        "sources": pl.DataFrame([{"source": name, **entry} for name, entry in told.items()]),
        "records": pl.concat([p.records for p in parts.values()]),
        "relations": pl.concat([p.relations for p in parts.values()]),
        "exploited": facts.kev(
            pl.read_parquet(raw / "kev/kev.parquet"), later, KEV_VERSION, through["kev"]
        ),
        "counts": _counts(raw, through),
        "funnel": pl.read_csv(
            raw / "anthropic/funnel_snapshots.csv", try_parse_dates=True
        ).with_columns(source=pl.lit("glasswing")),
    }
    lines = [
        f"{name}: {part.records.height} records, {part.relations.height} relations, "
        f"left out {dict(sorted((k, v) for k, v in part.left_out.items() if v))}"
        for name, part in parts.items()
    ]
    return {name: _valid(name, frame) for name, frame in tables.items()}, lines


def _valid(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    schema = IMPACT_SCHEMAS[name]
    checked = schema.validate(frame.select(list(schema.columns())), cast=True)
    order = [pl.col(c).cast(pl.String) for c in schema.primary_key()]
    return checked.sort(order)


def files(tables: dict[str, pl.DataFrame]) -> dict[str, bytes]:
    """The folder of the release: a Parquet file per table and ``release.json``."""
    bodies = {name: parquet_bytes(frame) for name, frame in tables.items()}
    told = {
        "data_release": DATA_RELEASE.isoformat(),
        "data_through": str(tables["sources"]["through"].max()),
        "tables": {
            name: {"rows": frame.height, "sha256": sha256(bodies[name])}
            for name, frame in tables.items()
        },
    }
    return {
        **{f"{name}.parquet": body for name, body in bodies.items()},
        "release.json": manifest_bytes(told),
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("raw", type=Path, help="raw public data folder of vulnerabilities")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    options = parser.parse_args(arguments)
    tables, lines = build(options.raw)
    written = files(tables)
    write_folder(options.out, written, replace=True)
    if options.out.resolve() == SHIPPED.resolve():
        CREDITS.write_text(attribution(tables), encoding="utf-8")
    print("\n".join(lines))
    for name, frame in tables.items():
        print(f"  {name}: {frame.height} rows, {len(written[f'{name}.parquet'])} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
