"""Epoch AI's benchmarking hub: a zip of some 80 CSV files, one per benchmark, with their metadata.

The headline column and the scale of a file come from ``benchmark_metadata.csv``; where that has no
row, from ``epoch_hub.toml`` beside this module; a file that neither knows is one failure, since its
unit would be a guess. Files computed from the others (the index's inputs and difficulties) are not read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from headway.errors import SchemaDrift, Unreadable
from headway.problems import problem
from headway.sources.archive import ZipLimits, member_names, read_members
from headway.sources.declare import ModelClaim, Parsed, Resource, ScoreClaim, Source
from headway.sources.epoch_index import index_rows
from headway.sources.reading import (
    Reading,
    Refused,
    count_cells,
    csv_table,
    day,
    decode,
    json_body,
    label,
    link,
    listed,
    mapped,
    maybe,
    name,
    number,
)
from headway.textsafe import clip

__all__ = ["SOURCE", "parse"]

SOURCE = Source(
    key="epoch-hub",
    title="Data on AI Benchmarking (runs by Epoch AI)",
    publisher="Epoch AI",
    licence="CC-BY-4.0",
    cite="Epoch AI, Data on AI Benchmarking, epoch.ai/benchmarks. CC BY 4.0.",
    redistributable=True,
    cadence="daily",
    resources=(
        Resource(
            "benchmark_data",
            "https://epoch.ai/data/benchmark_data.zip",
            ("application/zip", "application/x-zip-compressed", "application/octet-stream"),
            32 * 1024 * 1024,
        ),
    ),
    # that copy has no benchmark_metadata.csv, model_metadata.csv or bootstrap draws yet
    shape_seen="copy of 2026-03-09 (without the metadata files)",
    quirks=("quirk-epoch-hub-external", "quirk-epoch-hub-names", "quirk-epoch-hub-units"),
)

_BENCHMARKS = "benchmark_metadata.csv"
_MODELS = "model_metadata.csv"
_INDEX = ("epoch_capabilities_index/eci_scores.csv", "epoch_capabilities_index.csv")
_DRAWS = "epoch_capabilities_index/eci_bootstraps.json"
#: Computed by the publisher from the other files: reading them would count evidence twice.
_DERIVED = frozenset(
    {
        "epoch_capabilities_index/edi_scores.csv",
        "epoch_capabilities_index/processed_data_for_eci.csv",
        "additional_eci_data/eci_benchmark_difficulties_and_slopes.csv",
    }
)
#: What one unit of the stated column is in proportions, as the metadata says it.
_SCALES = {1.0: "proportion", 0.01: "percent"}
_LINKS = ("Source link", "Source Link", "Source link (site from table)", "Source")
_SCAFFOLDS = ("Agent", "Scaffold", "Harness")
#: The metadata name the best of several scorers; the stated standard error is that of the mean, and
#: the best of several is a selection. They differ in 6 of 607 rows of the copy of March 2026.
_BEST, _MEAN = "Best score (across scorers)", "mean_score"
_METADATA = ("benchmark", "source_file", "score_column", "scale")
_METADATA_KNOWN = (
    "in_eci",
    "random_baseline",
    "score_ceiling",
    "release_date",
    "superseded_by",
)
_MODEL = ("model_version", "date", "organization", "country", "accessibility")
_MODEL_KNOWN = ("model_group", "display_name", "training_compute_flop")


@cache
def _declared() -> dict[str, Any]:
    text = resources.files("headway.sources").joinpath("epoch_hub.toml").read_text("utf-8")
    return tomllib.loads(text)


#: Five times the files of the hub and ten times their size.
_LIMITS = ZipLimits(500, 64 * 2**20, 256 * 2**20)


def _metadata(reading: Reading, text: str) -> dict[str, list[dict[str, str]]]:
    """Benchmarks, columns and units of each file that the metadata describes."""
    table = csv_table(text, SOURCE.key, _BENCHMARKS)
    reading.columns(_BENCHMARKS, table.header, _METADATA, _METADATA_KNOWN)
    out: dict[str, list[dict[str, str]]] = {}
    for raw, row in table.records(reading):
        if not row["source_file"].strip() or not row["score_column"].strip():
            continue  # shown on the site, without a file
        try:
            scale = maybe(row["scale"], "points")
            part = {
                "benchmark": name(row["benchmark"]),
                "column": row["score_column"].strip(),
                "unit": _SCALES.get(1.0 if scale is None else scale, "points"),
            }
            out.setdefault(row["source_file"].strip(), []).append(part)
        except Refused as refused:
            reading.fail(raw, refused.reason, refused.value)
    return out


def _benchmark(reading: Reading, file: str, text: str, stated: list[dict[str, str]]) -> int:
    """The rows of one benchmark's file; how many claims and failures it has to give."""
    stem = file.removesuffix(".csv")
    seen = _declared()["files"].get(stem, {})
    spec = {"stderr": "stderr", "date": "Started at", "own": not stem.endswith("_external")} | seen
    wanted = stated or [{key: spec[key] for key in ("benchmark", "column", "unit")}]
    if "also" in spec:
        wanted = [*wanted, {"benchmark": wanted[0]["benchmark"], **spec["also"]}]
    table = csv_table(text, SOURCE.key, file)
    if _MEAN in table.header:
        wanted = [{**part, "column": _MEAN} if part["column"] == _BEST else part for part in wanted]
    columns = [part["column"] for part in wanted]
    known = {*_declared()["common"], *_declared()["own"], *spec.get("columns", ()), *_SCAFFOLDS}
    known |= {spec["column"]} if seen else set()
    # what an undescribed file of others has beside its score is not known, so nothing is drift
    known |= set() if seen or spec["own"] else set(table.header)
    reading.columns(file, table.header, ["Model version", *columns], known)
    for part in wanted:
        reading.unit(f"{file}: {part['column']}", table.column(part["column"]), part["unit"])
    if spec["date"] in table.header:
        reading.dates(f"{file}: {spec['date']}", table.column(spec["date"]))
    for raw, row in table.records(reading):
        for part in wanted:
            if row[part["column"]].strip():
                reading.take(raw, _score, raw, row, spec, part)
    return count_cells(text, *columns)


def _score(
    raw: str,
    row: Mapping[str, str],
    spec: Mapping[str, Any],
    part: Mapping[str, str],
) -> ScoreClaim:
    unit = part["unit"]
    shots = label(row.get("Shots"))
    # rows that the publisher has not linked to a version carry only a display name
    model = row["Model version"] if row["Model version"].strip() else row.get("Name", "")
    return ScoreClaim(
        model=name(model),
        benchmark=part["benchmark"],
        score=number(row[part["column"]], unit),
        unit=unit,
        raw=f"{raw}:{part['column']}",
        scaffold=next(filter(None, (label(row.get(key)) for key in _SCAFFOLDS)), None),
        stderr=None if "low" in part else maybe(row.get(spec["stderr"]), unit),
        low=maybe(row.get(part.get("low", "")), unit),
        high=maybe(row.get(part.get("high", "")), unit),
        evaluated_on=day(row.get(spec["date"])),
        evaluator="Epoch AI" if spec["own"] else label(row.get("Source")),
        source_url=next(filter(None, (link(row.get(key)) for key in ("Logs", *_LINKS))), None),
        metric=part["column"],
        variant=None if shots is None else f"Shots={shots}",
        licence_key=None if spec["own"] else "epoch-hub-external",
    )


def _models(reading: Reading, text: str) -> int:
    """The rows of the model metadata; those without any cell are none."""
    table = csv_table(text, SOURCE.key, _MODELS)
    reading.columns(_MODELS, table.header, _MODEL, _MODEL_KNOWN)
    reading.dates(_MODELS, table.column("date"))
    for raw, row in table.records(reading):
        if any(cell.strip() for cell in row.values()):
            reading.take(raw, _model, raw, row)
    # records of another width are failures even where all their cells are empty
    width = len(table.header)
    return sum(len(cells) != width or bool("".join(cells).strip()) for _, cells in table.rows)


def _model(raw: str, row: Mapping[str, str]) -> ModelClaim:
    return ModelClaim(
        model=name(row["model_version"]),
        raw=raw,
        developer=label(row["organization"]),
        country=label(row["country"]),
        released=day(row["date"]),
        access=label(row["accessibility"]),
        training_flop=maybe(row.get("training_compute_flop"), "flop"),
        name=label(row.get("display_name")),
        family=label(row.get("model_group")),
    )


def _draws(reading: Reading, body: bytes) -> dict[str, tuple[float, ...]]:
    """Bootstrap draws of the index by model; a matrix of another shape raises."""
    part = mapped(mapped(json_body(body, SOURCE.key, _DRAWS)).get("model"))
    names, matrix = listed(part.get("names")), listed(part.get("capability_samples"))
    try:
        draws = [[number(x, "points") for x in listed(row)] for row in matrix]
        keys = [name(one) for one in names]
    except Refused:
        draws, keys = [], []
    if not draws or not keys or any(len(row) != len(keys) for row in draws):
        raise problem(
            SchemaDrift,
            "source-draws",
            source=SOURCE.key,
            where=_DRAWS,
            names=len(names),
            draws=len(matrix),
        )
    return dict(zip(keys, zip(*draws, strict=True), strict=True))


def parse(body: bytes, resource: str) -> Parsed:
    """Every headline score of the hub, its models, the index with intervals, and its draws."""
    reading = Reading(SOURCE.key, resource)
    names = member_names(body, limits=_LIMITS)
    strange = next((name for name in names if not name.isascii()), None)
    if strange is not None:  # the hub's files have plain names; others come of a damaged directory
        raise problem(Unreadable, "zip-damaged", why=clip(strange, 40))
    members = read_members(body, names, limits=_LIMITS)
    # some copies hold everything in one folder
    if members and all(key.startswith("benchmark_data/") for key in members):
        members = {key.removeprefix("benchmark_data/"): part for key, part in members.items()}
    text = {
        key: decode(part, SOURCE.key, key)
        for key, part in members.items()
        if key.endswith(".csv") and key not in _DERIVED
    }
    metadata, present = {}, 0
    if _BENCHMARKS in text:
        metadata = _metadata(reading, text.pop(_BENCHMARKS))
        present += len(reading.failures)
    if _MODELS in text:
        present += _models(reading, text.pop(_MODELS))
    for key in _INDEX:
        if key in text:
            present += index_rows(reading, key, text.pop(key))
    for key, content in text.items():
        stated = metadata.get(key, [])
        if stated or key.removesuffix(".csv") in _declared()["files"]:
            present += _benchmark(reading, key, content, stated)
        else:
            reading.fail(key, "file_not_declared", content.partition("\n")[0])
            present += 1
    absent = [file for file in metadata if file not in text]
    reading.unknown(resource, (f"{file} (absent)" for file in absent))
    draws = _draws(reading, members[_DRAWS]) if _DRAWS in members else None
    return reading.finish(present, draws)
