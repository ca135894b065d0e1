"""``headway deploy validate``: predicted against measured, on the shipped points or anybody's own."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from headway.api.deploy import DEFAULT_SEED, DeployResult, predicted, result
from headway.api.deploy_catalogue import Deploy, load_deploy
from headway.api.offline import offline_if
from headway.errors import ColumnsMissing, EmptyTable, NotFound, Unreadable
from headway.estimate.deploy.points import ENGINES, LIMITS, PHASES, Point
from headway.problems import problem

__all__ = ["Judged", "deploy_validate", "judge"]

COLUMNS = (
    "model",
    "hardware",
    "n_gpus",
    "precision",
    "phase",
    "isl",
    "osl",
    "concurrency",
    "tok_s_gpu",
    "unit",
)
#: Largest file of points: far more than all public measurements together.
_LARGEST = 64 * 2**20
#: More GPUs than any deployment has: a typing error.
_MOST_GPUS = 100_000
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*(k?)", re.IGNORECASE)


def deploy_validate(
    path: str | Path | None = None,
    *,
    as_of: date | None = None,
    seed: int = DEFAULT_SEED,
    offline: bool = False,
) -> DeployResult:
    """Predicted, measured and their ratio per point; error and coverage over all.

    Parameters
    ----------
    path : str or Path, optional
        CSV with ``model,hardware,n_gpus,precision,phase,isl,osl,concurrency,tok_s_gpu,unit`` and
        optionally ``engine``, ``date``, ``tp``, ``dp``, ``ep``, ``prefill_gpus``. Without a file:
        the shipped points, each predicted by a fit that saw nothing of its model, of its chip, or
        of either.

    Raises
    ------
    Unreadable, ColumnsMissing, EmptyTable
    """
    with offline_if(offline):
        deploy = load_deploy()
        if path is None:
            return _shipped(deploy, as_of, seed)
        rows = _read(Path(path))
        return _own(deploy, rows, Path(path).name, as_of, seed)


def _shipped(deploy: Deploy, as_of: date | None, seed: int) -> DeployResult:
    """The stored study: errors of the fits that left out what they predict."""
    told = deploy.catalogue.study("validation")
    documents = [
        {"left_out": kind, "points": name, **numbers}
        for name, kinds in told["summaries"].items()
        for kind, numbers in kinds.items()
    ]
    independent = deploy.catalogue.study("independent")["summary"]
    documents.append({"left_out": "sources", "points": "independent", **independent})
    summary = told["summaries"]["fit"]["new_model"]
    return result(
        deploy,
        "deploy-validate",
        documents,
        {"points": None},
        as_of=as_of,
        seed=seed,
        extra={"summary": summary, "unusable": {}},
    )


@dataclass(frozen=True)
class Judged:
    """Points of a file against their predictions.

    Parameters
    ----------
    documents : list of mapping
        One per judged row.
    summary : mapping or None
        Error and coverage; ``None`` if no row could be judged.
    unusable : mapping of str to int
        Rows that could not be judged, by reason.
    """

    documents: list[dict[str, Any]]
    summary: dict[str, Any] | None
    unusable: dict[str, int]


def judge(deploy: Deploy, rows: Sequence[Mapping[str, str]]) -> Judged:
    """Predict and compare every row that can be."""
    import numpy as np

    from headway.estimate.deploy.calibrate import prepare
    from headway.estimate.deploy.crossval import summary
    from headway.estimate.deploy.points import expand, reasons_of

    points: list[Point] = []
    reasons: Counter[str] = Counter()
    for line, row in enumerate(rows, start=2):
        point, why = _point(deploy, row, line)
        if point is None:
            reasons[str(why)] += 1
            continue
        (missing,) = reasons_of([point], deploy.models, deploy.hardware)
        if missing:
            reasons[missing] += 1
        else:
            points.append(point)
    if not points:
        return Judged([], None, dict(sorted(reasons.items())))
    expanded, _ = expand(points, deploy.models, deploy.hardware)
    logs = deploy.calibration.predict(prepare(points, expanded))
    # nothing fits, or everything that fits is slower than the scenario allows
    impossible = logs < np.log(1e-6)
    lost = [p for p, bad in zip(points, impossible, strict=True) if bad]
    reasons.update("limit" if (p.model, p.phase) in LIMITS else "memory" for p in lost)
    kept = [p for p, bad in zip(points, impossible, strict=True) if not bad]
    told = dict(sorted(reasons.items()))
    if not kept:
        return Judged([], None, told)
    logs = logs[~impossible]
    errors = logs - np.log([p.per_chip for p in kept])
    documents = [_document(deploy, p, float(np.exp(x))) for p, x in zip(kept, logs, strict=True)]
    cells = [f"{p.model} {p.hardware}" for p in kept]
    inside = sum(d["inside_90"] for d in documents) / len(documents)
    return Judged(documents, {**asdict(summary(errors, cells)), "coverage_90": inside}, told)


def _own(
    deploy: Deploy, rows: list[dict[str, str]], name: str, as_of: date | None, seed: int
) -> DeployResult:
    found = judge(deploy, rows)
    if found.summary is None:
        told = ", ".join(f"{why} ({count})" for why, count in found.unusable.items())
        raise problem(EmptyTable, "deploy-no-points", file=name, reasons=told)
    return result(
        deploy,
        "deploy-validate",
        found.documents,
        {"points": name},
        as_of=as_of,
        seed=seed,
        extra={"summary": found.summary, "unusable": found.unusable},
    )


def _document(deploy: Deploy, point: Point, value: float) -> dict[str, Any]:
    kind = deploy.calibration.familiarity(point.model, point.hardware)
    width = deploy.calibration.errors[kind]
    found = predicted(value, "tokens/s/gpu", width, deploy)
    assert found.interval is not None
    hit = found.interval.low <= point.per_chip <= found.interval.high
    return {
        "line": int(point.point),
        "model": point.model,
        "hardware": point.hardware,
        "gpus": point.chips,
        "precision": point.precision,
        "phase": point.phase,
        "familiarity": kind,
        "predicted": found.to_json(),
        "measured": point.per_chip,
        "ratio": value / point.per_chip,
        "inside_90": hit,
    }


def _read(path: Path) -> list[dict[str, str]]:
    try:
        if path.stat().st_size > _LARGEST:
            raise problem(Unreadable, "deploy-points-file", file=path.name, why="> 64 MiB")
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as e:
        raise problem(Unreadable, "deploy-points-file", file=path.name, why=type(e).__name__) from e
    reader = csv.DictReader(io.StringIO(text))
    found = list(reader.fieldnames or ())
    missing = [c for c in COLUMNS if c not in found]
    if missing:
        raise problem(
            ColumnsMissing,
            "columns-missing",
            table=path.name,
            columns=", ".join(missing),
            found=", ".join(found) or "-",
        )
    rows = [{k: (v or "").strip() for k, v in row.items() if k is not None} for row in reader]
    if not rows:
        raise problem(EmptyTable, "deploy-no-points", file=path.name, reasons="-")
    return rows


def _amount(text: str) -> float | None:
    """A number, or the middle of a range such as ``20-22`` or ``2k-45k``; ``None`` if it is none."""
    parts = [_AMOUNT.fullmatch(part.strip()) for part in text.split("-")]
    if not 1 <= len(parts) <= 2:
        return None
    values = []
    for part in parts:
        if part is None:
            return None
        values.append(float(part[1]) * (1000 if part[2] else 1))
    found = sum(values) / len(values)
    return found if found > 0 else None


def _day(text: str) -> date | None:
    """A date, or the middle of a month."""
    found = re.match(r"(\d{4}-\d{2}-\d{2})", text)
    try:
        return date.fromisoformat(found[1]) if found else _month(text)
    except ValueError:
        return None


def _month(text: str) -> date | None:
    """The middle of a month such as ``2025-12``."""
    found = re.match(r"(\d{4})-(\d{2})", text)
    return date(int(found[1]), int(found[2]), 15) if found else None


def _per_gpu(row: Mapping[str, str], phase: str) -> tuple[float | None, str | None]:
    """Measured tokens/s/GPU by the row's unit: output tokens, or input tokens in ``prefill``."""
    value = _amount(row["tok_s_gpu"])
    unit = row["unit"].lower()
    if value is None:
        return None, "value"
    if unit.startswith("input tok") != (phase == "prefill"):
        return None, "unit"
    if unit.startswith(("total tok", "input+output tok")):
        isl, osl = _amount(row["isl"]), _amount(row["osl"])
        if isl is None or osl is None:
            return None, "lengths"
        return value * osl / (isl + osl), None
    if unit.startswith(("output tok/s/gpu", "input tok/s/gpu", "output tok/s/machine")):
        return value, None
    if unit == "output tok/s":
        chips = _amount(row["n_gpus"])
        return (value / chips, None) if chips else (None, "chips")
    return None, "unit"


def _point(deploy: Deploy, row: Mapping[str, str], line: int) -> tuple[Point | None, str | None]:
    """A row as a point, or why it is none."""
    from headway.estimate.deploy.hardware import PRECISIONS

    phase = row["phase"]
    if phase not in PHASES:
        return None, "phase"
    try:
        model, chip = deploy.model_key(row["model"]), deploy.hardware_key(row["hardware"])
    except NotFound as e:
        return None, "hardware" if "hardware" in str(e.context.get("message_key")) else "model"
    precision = row["precision"].lower()
    shape, hardware = deploy.models[model], deploy.hardware[chip]
    if precision == "fp4" and hardware.fp4 is None:
        precision = "mxfp4"  # weights in 4 bits, unpacked: the chip has no 4-bit operations
    if precision not in PRECISIONS:
        return None, "precision"
    value, why = _per_gpu(row, phase)
    if value is None:
        return None, why
    if "offload" in f"{row.get('engine', '')} {row.get('note', '')}".lower():
        return None, "offload"
    chips = _amount(row["n_gpus"])
    if chips is not None and chips > _MOST_GPUS:
        return None, "chips"
    engine = next((e for e in ENGINES if e in _engine(row.get("engine", ""))), None)

    def whole(name: str) -> int | None:
        found = _amount(row.get(name, ""))
        return None if found is None else int(found)

    isl, osl = _amount(row["isl"]), _amount(row["osl"])
    if isl is not None and isl + (osl or 0) > shape.max_context:
        return None, "context"
    return (
        Point(
            point=str(line),
            model=model,
            hardware=chip,
            precision=precision,
            phase=phase,
            isl=isl,
            osl=osl,
            conc=_amount(row["concurrency"]),
            chips=whole("n_gpus"),
            prefill_chips=whole("prefill_gpus"),
            tensor=whole("tp"),
            data=whole("dp"),
            expert=whole("ep"),
            engine=engine,
            measured_on=_day(row.get("date", "")),
            per_chip=value,
            series=row.get("source", ""),
        ),
        None,
    )


def _engine(text: str) -> str:
    return text.lower().replace("trt-llm", "trtllm").replace("tensorrt-llm", "trtllm")
