"""Build the shipped data release from the raw public data folder.

Usage: ``python tools/build_release.py RAW_EVALS_DIR [--out DIR] [--strict]``
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from release_build.attribution import attribution  # noqa: E402  (path set above)
from release_build.build import Built, build  # noqa: E402
from release_build.lag_lost import lag_lost  # noqa: E402
from release_build.write import write  # noqa: E402

#: The date that names the release; set by hand so that the bytes do not depend on the clock.
DATA_RELEASE = date(2026, 11, 25)


def _by_domain(built: Built) -> Counter[str]:
    joined = built.tables["scores"].join(
        built.tables["benchmarks"].select("benchmark", "domain"), on="benchmark"
    )
    return Counter(dict(joined.group_by("domain").len().iter_rows()))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("raw", type=Path, help="raw public data folder")
    parser.add_argument("--out", type=Path, default=ROOT / "src/headway/tables/release")
    parser.add_argument(
        "--strict", action="store_true", help="ship only sources with a stated permissive licence"
    )
    options = parser.parse_args(arguments)

    built = build(options.raw, strict=options.strict)
    manifest = write(built.tables, built.unresolved, options.out, DATA_RELEASE)
    default_out = options.out.resolve() == (ROOT / "src/headway/tables/release").resolve()
    if default_out and not options.strict:
        (ROOT / "ATTRIBUTION.md").write_text(attribution(built.sources), encoding="utf-8")

    scores = built.tables["scores"]
    print(
        f"raw rows {built.raw_rows}, shipped {scores.height}, "
        f"unresolved {len(built.unresolved)}, held back {sum(built.held_back.values())}"
    )
    for name, entry in manifest["tables"].items():  # type: ignore[attr-defined]
        print(f"  {name}: {entry['rows']} rows")
    uses = dict(scores.group_by("use").len().sort("use").iter_rows())
    print(f"  use: {uses}")
    print("held back by source and domain:")
    for (source, domain), count in sorted(built.held_back.items()):
        print(f"  {source} {domain}: {count}")
    if not options.strict:
        permissive = build(options.raw, strict=True)
        full, strict = _by_domain(built), _by_domain(permissive)
        print("rows lost under --strict, by domain:")
        for domain in sorted(full):
            print(f"  {domain}: {full[domain] - strict[domain]} of {full[domain]}")
        print("mean lag of the last 12 months, and what is left of it under --strict:")
        for line in lag_lost(built.tables, permissive.tables):
            print(f"  {line}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
