"""The fit of the serving model and the study of its errors: slow, run by the builder, shipped."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from headway.api.deploy_catalogue import (
    architecture_from_text,
    hardware_from_values,
    point_from_row,
)
from headway.estimate.deploy.calibrate import fit, prepare
from headway.estimate.deploy.crossval import FAMILIARITY, calibrated, coverage, leave_out, summary
from headway.estimate.deploy.points import expand

__all__ = ["study"]


def _text(frame: pl.DataFrame) -> list[dict[str, str | None]]:
    return [{k: None if v is None else str(v) for k, v in row.items()} for row in frame.to_dicts()]


def study(
    tables: dict[str, pl.DataFrame],
) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, object]]]:
    """Calibration, summaries of its errors, and one row of ratios per point."""
    models = {
        str(row["model"]): architecture_from_text(row) for row in _text(tables["architectures"])
    }
    chips = hardware_from_values(_text(tables["hardware"]))
    points = [point_from_row(row) for row in _text(tables["measured"])]
    uses = tables["measured"]["use"].to_list()
    expanded, reasons = expand(points, models, chips)
    assert not any(reasons), sorted({r for r in reasons if r})
    x = prepare(points, expanded)
    fitted = np.array([use == "fit" for use in uses])
    errors = {kind: leave_out(x, kind, fitted) for kind in FAMILIARITY}
    cells = [f"{p.model} {p.hardware}" for p in points]
    groups = {
        "seen": [p.series for p in points],
        "new_model": [p.model for p in points],
        "new_chip": [p.hardware for p in points],
        "new_both": cells,
    }

    def judged(kind: str, which: np.ndarray[Any, np.dtype[np.bool_]]) -> dict[str, Any]:
        known = np.flatnonzero(which & np.isfinite(errors[kind]))
        found = errors[kind][known]
        return {
            **asdict(summary(found, [cells[i] for i in known])),
            "coverage_90": coverage(found, [groups[kind][i] for i in known]),
        }

    everything = np.ones(len(points), bool)
    summaries = {
        "fit": {kind: judged(kind, fitted) for kind in FAMILIARITY},
        "with_quarantined": {kind: judged(kind, everything) for kind in FAMILIARITY},
    }
    rows: list[dict[str, object]] = [
        {
            "point": p.point,
            "use": uses[i],
            "measured": p.per_chip,
            **{
                kind: round(float(np.exp(errors[kind][i])), 4)
                if np.isfinite(errors[kind][i])
                else None
                for kind in FAMILIARITY
            },
        }
        for i, p in enumerate(points)
    ]
    whole = fit(x, fitted)
    on_fitted = {kind: found[fitted] for kind, found in errors.items()}
    return calibrated(whole, on_fitted).to_json(), {"summaries": summaries}, rows
