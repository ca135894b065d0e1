"""Places every raw test in the committed table of benchmark versions."""

from __future__ import annotations

from fnmatch import fnmatchcase

from . import curated
from .dates import parse
from .raw import RawRow

__all__ = ["BenchmarkNames", "benchmark_rows"]


def _number(text: str) -> float | None:
    return float(text) if text else None


def benchmark_rows() -> list[dict[str, object]]:
    """The committed benchmark table with typed cells."""
    rows: list[dict[str, object]] = []
    for row in curated.read("benchmarks.csv"):
        released, precision = parse(row["released"] or None)
        if (released is None) != (row["released_confirmed"] == ""):
            raise ValueError(f"benchmarks.csv: {row['benchmark']} needs a confirmed date or none")
        source = f"{row['released_source']} ({row['released_confirmed']})"
        rows.append(
            {
                **{name: value or None for name, value in row.items()},
                "released_source": source if released else None,
                "items": int(row["items"]) if row["items"] else None,
                "chance": _number(row["chance"]),
                "ceiling": _number(row["ceiling"]),
                "released": released,
                "released_precision": precision,
                "higher_is_better": row["higher_is_better"] == "true",
            }
        )
    return rows


def _pattern(text: str) -> str:
    """``*`` is a wildcard; brackets are letters here."""
    return text.replace("[", "[[]")


class BenchmarkNames:
    """From (origin, panel, raw name, metric) to a benchmark version; exact rows win."""

    def __init__(self) -> None:
        rows = curated.read("benchmark_names.csv")
        self._rows = sorted(
            rows, key=lambda r: sum("*" in r[c] for c in ("panel", "raw_benchmark", "raw_metric"))
        )
        self._cache: dict[tuple[str, str, str, str], str] = {}

    def of(self, row: RawRow) -> str:
        key = (row.origin, row.panel, row.benchmark_raw, row.metric)
        if key not in self._cache:
            self._cache[key] = self._find(*key)
        return self._cache[key]

    def _find(self, origin: str, panel: str, name: str, metric: str) -> str:
        for row in self._rows:
            if (
                row["origin"] == origin
                and row["panel"] in ("*", panel)
                and fnmatchcase(name, _pattern(row["raw_benchmark"]))
                and fnmatchcase(metric, _pattern(row["raw_metric"]))
            ):
                return row["benchmark"]
        raise KeyError(
            f"benchmark_names.csv has no place for {name!r} ({origin}, {panel}, {metric})"
        )
