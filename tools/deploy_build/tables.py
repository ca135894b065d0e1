"""Raw files to the tables of the catalogue, checked; every row that is set aside says why."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from headway.estimate.deploy.architecture import Architecture
from headway.tables.deploy_schemas import DEPLOY_SCHEMAS

__all__ = ["BadCatalogue", "build"]

CURATED = Path(__file__).resolve().parents[2] / "src/headway/tables/curated_deploy"
#: Columns of ``hardware_specs.csv`` that are values of a chip, and their units.
_HARDWARE_UNITS = {
    "mem_gb": "GB",
    "mem_bw_tbs": "TB/s",
    "bf16_dense_tflops": "TFLOP/s",
    "fp8_dense_tflops": "TFLOP/s",
    "fp4_dense_tflops": "TFLOP/s",
    "scaleup_domain": "chips",
    "scaleup_gbs_oneway": "GB/s",
    "scaleout_gbs_per_gpu": "GB/s",
    "tdp_w": "W",
}
#: What a source says of itself when its values were not checked against a document.
_DOUBT = re.compile(
    r"not re-fetched|low confidence|approximate|from memory|extrapolated|provisional"
)
_GIB = 2**30 / 1e9
#: A published value and the memory that a driver reports for the chip agree within this.
_MEMORY_AGREES = 0.01
#: The raw files' names of engines.
_ENGINES = ("vllm", "sglang", "trtllm")
#: Names of chips in the measured files.
_SYSTEM = {"h100_sxm": "h100", "h200_sxm": "h200", "b200_sxm": "b200", "b300_sxm": "b300"}
#: Chips in a node of those whose aggregated runs stay in one.
_NODE = {"h100": 8, "h200": 8, "b200": 8, "b300": 8}


class BadCatalogue(Exception):
    """A raw file or a curated one is not what this builder knows."""


def build(raw: Path) -> dict[str, pl.DataFrame]:
    """All tables, in the order of :data:`DEPLOY_SCHEMAS`."""
    models = _models(raw)
    architectures = _architectures(models)
    hardware, prices = _hardware(raw)
    measured = _measured(raw, models, architectures, hardware)
    rows = {
        "hardware": hardware,
        "models": models,
        "architectures": architectures,
        "prices": prices,
        "measured": measured,
    }
    return {name: _frame(name, part) for name, part in rows.items()}


def _frame(name: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    schema = DEPLOY_SCHEMAS[name]
    data = {
        column: pl.Series(
            column,
            [row[column] for row in rows],
            dtype=pl.String if str(spec.dtype).startswith("Enum") else spec.dtype,
        )
        for column, spec in schema.columns().items()
    }
    frame = pl.DataFrame(data).sort(schema.primary_key())
    good, failed = schema.filter(frame, cast=True)
    if failed.counts():
        raise BadCatalogue(f"{name}: {failed.counts()} {failed.invalid().head(3).to_dicts()}")
    return good.with_columns(pl.col(pl.Enum).cast(pl.String), pl.col(pl.Boolean).cast(pl.Int8))


def _read(path: Path) -> list[dict[str, str | None]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [{k: (v or None) for k, v in row.items()} for row in csv.DictReader(file)]


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)


def _whole(text: str | None) -> int | None:
    """An integer; 0 of the raw files' floats means "none"."""
    value = _number(text)
    return None if not value else int(value)


def _models(raw: Path) -> list[dict[str, object]]:
    """Curated names joined with what the raw file states; each raw row is used once."""
    stated = {str(row["model"]): row for row in _read(raw / "model_architectures.csv")}
    out: list[dict[str, object]] = []
    for row in _read(CURATED / "models.csv"):
        found = stated.pop(str(row["title"]), None)
        told = found or {}
        source = told.get("source") or "config.json alone: see the table architectures"
        out.append(
            {
                "model": row["model"],
                "title": row["title"],
                "aliases": row["aliases"],
                "checkpoint": row["checkpoint"],
                "total_b_stated": _number(told.get("total_b_stated")),
                "active_b_stated": _number(told.get("active_b_stated")),
                "licence": told.get("licence"),
                "released": told.get("release"),
                "not_modelled": row["not_modelled"],
                "source": source,
                "as_of": "2026-11-23",
                "verified": bool(found) and not _DOUBT.search(source),
            }
        )
    if stated:
        raise BadCatalogue(f"models without a key in curated_deploy/models.csv: {sorted(stated)}")
    return out


def _architectures(models: list[dict[str, object]]) -> list[dict[str, object]]:
    """Curated shapes; counted parameters must be those the publisher states, within 3 %."""
    stated = {row["model"]: row for row in models}
    out = []
    for row in _read(CURATED / "architectures.csv"):
        numbers = {
            k: int(v or 0) for k, v in row.items() if k not in ("model", "source_url", "as_of")
        }
        shape = {"model": str(row["model"]), **numbers}
        counted = Architecture.from_row({**shape, "tied": bool(numbers["tied"])}).total_params / 1e9
        told = stated[row["model"]]["total_b_stated"]
        if isinstance(told, float) and abs(counted / told - 1) > 0.03:
            raise BadCatalogue(f"{row['model']}: counted {counted:.1f}B, stated {told}B")
        out.append({**shape, "source": row["source_url"], "as_of": row["as_of"], "verified": True})
    return out


def _hardware(raw: Path) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    curated = {str(row["title"]): row for row in _read(CURATED / "hardware.csv")}
    values, prices = [], []
    for row in _read(raw / "hardware_specs.csv"):
        title = str(row["hardware"])
        if title not in curated:
            raise BadCatalogue(f"no key for hardware {title!r} in curated_deploy/hardware.csv")
        key = curated[title]
        hardware, source = str(key["hardware"]), str(row["spec_source"])
        sure = not _DOUBT.search(source)

        def add(
            field: str,
            value: object,
            unit: str | None,
            *,
            source: str = source,
            sure: bool = sure,
            hardware: str = hardware,
        ) -> None:
            values.append(
                {
                    "hardware": hardware,
                    "field": field,
                    "value": str(value),
                    "unit": unit,
                    "source": source,
                    "as_of": "2026-11-23",
                    "verified": sure,
                }
            )

        add("title", title, None)
        add("kind", row["kind"], None)
        if key["aliases"]:
            add("aliases", key["aliases"], None, source="curated_deploy/hardware.csv")
        for field, unit in _HARDWARE_UNITS.items():
            value = _number(row[field])
            if value is None:
                continue
            if field == "mem_gb":
                memory, agrees = _memory(value, key)
                add(field, memory, unit, sure=sure or agrees)
            else:
                add(field, f"{value:g}", unit)
        for tier in ("low", "mid", "high"):
            price = _number(row[f"rent_{tier}_usd_h"])
            if price is not None:
                told = str(row["price_source"])
                prices.append(
                    {
                        "hardware": hardware,
                        "tier": tier,
                        "usd_per_hour": price,
                        "source": told,
                        "as_of": str(row["price_date"]),
                        "verified": not _DOUBT.search(told),
                    }
                )
    return values, prices


def _memory(stated: float, key: dict[str, str | None]) -> tuple[str, bool]:
    """Memory in decimal GB, and whether a driver reports the same.

    Vendors write "GB" for sizes that drivers report as about as many GiB (a chip sold with 186 GB
    reports 198.7e9 bytes), while the raw file has some chips in true GB: the curated file says
    which, and the reported bytes check it where there are any.
    """
    gigabytes = stated * (_GIB if key["memory_unit"] == "GiB" else 1.0)
    reported = _number(key["memory_bytes_reported"])
    if reported is None:
        return f"{gigabytes:.6g}", False
    if abs(gigabytes * 1e9 / reported - 1) > _MEMORY_AGREES:
        raise BadCatalogue(f"{key['hardware']}: memory {gigabytes} GB, reported {reported} bytes")
    return f"{gigabytes:.6g}", True


def _measured(
    raw: Path,
    models: list[dict[str, object]],
    architectures: list[dict[str, object]],
    hardware: list[dict[str, object]],
) -> list[dict[str, object]]:
    """Points that may be fitted; mis-parsed ones of the raw file are not shipped."""
    names = {
        alias: row["model"]
        for row in models
        for alias in (row["model"], *str(row["aliases"] or "").split(";"))
    }
    checkpoint = {row["model"]: row["checkpoint"] for row in models}
    shapes = {
        row["model"]: Architecture.from_row({**row, "tied": bool(row["tied"])})
        for row in architectures
    }
    chip = {(row["hardware"], row["field"]): row["value"] for row in hardware}
    out = []
    rows = [r for r in _read(raw / "inferencex_silicon_dedup.csv") if r["misparsed"] == "False"]
    for row in rows:
        model = names.get(row["model_path"])
        if model is None:
            raise BadCatalogue(f"unknown model {row['model_path']!r}")
        system = str(row["system"])
        at = _SYSTEM.get(system, system)
        told = row["precision"]
        precision = told or str(checkpoint[model])
        if precision == "fp4" and (at, "fp4_dense_tflops") not in chip:
            # a 4-bit checkpoint on a chip without 4-bit operations is unpacked
            precision = "mxfp4"
        apart = row["mode"] == "disagg"
        size = _whole(row["N"])
        point = {
            "point": row["id"],
            "model": model,
            "hardware": at,
            "chips": size,
            "precision": precision,
            "precision_basis": "stated" if told else "checkpoint",
            "phase": row["mode"],
            "isl": _number(row["isl"]),
            "osl": _number(row["osl"]),
            "conc": _number(row["conc"]),
            "prefill_chips": _whole(row["Np"]) if apart else None,
            "tensor": None if apart else _whole(row["tp_size"]),
            "data": None if apart else _whole(row["attention_dp_size"]),
            "expert": None if apart else _whole(row["moe_ep_size"]),
            "engine": row["backend"],
            "engine_version": row["backend_version"],
            "ttft_ms": _number(row["silicon_ttft_ms"]),
            "tpot_ms": _number(row["silicon_tpot_ms"]),
            "tok_s_per_chip": _number(row["out_tps_gpu"]),
            "measured_on": row["measured"],
            "source": f"{row['src']} (ai-dynamo/aiconfigurator)",
        }
        out.append(point)
    twins = _Twins(out)
    reasons = [_doubt(point, shapes[str(point["model"])], chip, twins) for point in out]
    return _unique(
        [
            {**point, "use": "quarantined" if why else "fit", "use_reason": why}
            for point, why in zip(out, reasons, strict=True)
        ]
    )


def _unique(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Ids made unique: the raw file has a few that two measurements share."""
    seen: dict[object, int] = {}
    out = []
    for row in rows:
        seen[row["point"]] = seen.get(row["point"], 0) + 1
        count = seen[row["point"]]
        out.append(row if count == 1 else {**row, "point": f"{row['point']}~{count}"})
    return out


class _Twins:
    """Points with the same question, to find one that was measured with fewer chips.

    The raw file has some measurements twice, rounded in one copy: times within 0.1 % are the same.
    """

    def __init__(self, rows: Iterable[dict[str, object]]) -> None:
        self._rows: dict[tuple[object, ...], list[tuple[float, float, float]]] = {}
        for row in rows:
            self._rows.setdefault(self._question(row), []).append(self._answer(row))

    @staticmethod
    def _question(row: dict[str, object]) -> tuple[object, ...]:
        return tuple(row[k] for k in ("model", "hardware", "precision", "isl", "osl", "conc"))

    @staticmethod
    def _answer(row: dict[str, object]) -> tuple[float, float, float]:
        first, each, size = (float(str(row[k])) for k in ("ttft_ms", "tpot_ms", "chips"))
        return first, each, size

    def fewest(self, row: dict[str, object]) -> float:
        """Fewest chips of a point with the same question and the same two latencies."""
        first, each, size = self._answer(row)
        return min(
            other
            for one, two, other in [*self._rows[self._question(row)], (first, each, size)]
            if abs(one / first - 1) < 1e-3 and abs(two / each - 1) < 1e-3
        )


def _doubt(
    point: dict[str, object],
    shape: Architecture,
    chip: dict[tuple[object, object], object],
    twins: _Twins,
) -> str | None:
    """Why a point cannot be what it says, by facts that need no fitted model."""
    size, node = float(str(point["chips"])), _NODE.get(str(point["hardware"]))
    if point["phase"] == "agg" and node and size > node:
        same = twins.fewest(point)
        if same < size:
            return f"chips counted twice: the same latencies were measured with {same:g} chips"
        return f"chips counted twice: one engine over {size:g} chips of a node that has {node}"
    # even a cache in 4 bits has to be read once per token
    bandwidth = float(str(chip[point["hardware"], "mem_bw_tbs"])) * 1e12 * size
    conc, isl = float(str(point["conc"])), int(float(str(point["isl"])))
    least = conc * shape.kv_elements(isl) * 0.5 / bandwidth
    if float(str(point["tpot_ms"])) / 1e3 < least and not shape.topk_tokens:
        return "faster than its chips can read the cache"
    return None
