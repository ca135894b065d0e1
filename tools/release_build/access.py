"""Dated access of every model: what could be done with it, from when, and who says so.

A committed event beats the rule. The rule: open weights from the weights' day (launch day when no
later day is stated); API and hosted classes from launch; classes of unreleased and restricted
models likewise; no flag means ``unknown``. A model without a launch date has no interval.
"""

from __future__ import annotations

from datetime import date

from . import curated
from .dates import parse
from .identity import Registry

__all__ = ["access_rows"]


def access_rows(registry: Registry, wanted: set[str]) -> list[dict[str, object]]:
    """Access intervals of the wanted models."""
    events: dict[str, list[dict[str, str]]] = {}
    for row in curated.read("access_events.csv"):
        events.setdefault(row["model_version"], []).append(row)
    rows: list[dict[str, object]] = []
    for model_version in sorted(wanted):
        if model_version in events:
            rows.extend(_event(row) for row in events[model_version])
        else:
            rows.extend(_rule(model_version, registry.models[model_version]))
    return rows


def _event(row: dict[str, str]) -> dict[str, object]:
    start, precision = parse(row["from"])
    return {
        "model_version": row["model_version"],
        "access": row["access"],
        "from": start,
        "to": parse(row["to"])[0],
        "basis": row["basis"],
        "precision": precision,
        "source": row["source"],
    }


def _rule(model_version: str, model: dict[str, object]) -> list[dict[str, object]]:
    released = model.get("released")
    if not isinstance(released, date):
        return []
    basis = str(model["open_weight_basis"])
    source = str(model.get("open_weight_source") or model.get("released_source"))
    common = {
        "model_version": model_version,
        "precision": model["released_precision"],
        "source": source,
        "to": None,
    }
    flag = model["open_weight"]
    if flag is None:
        return [{**common, "access": "unknown", "from": released, "basis": "unknown"}]
    if flag:
        weights, precision = parse(_text(model.get("_weights_released")))
        if weights is not None and weights > released:
            return [
                {
                    **common,
                    "access": "unknown",
                    "from": released,
                    "to": weights,
                    "basis": "unknown",
                },
                {
                    **common,
                    "access": "open_weight",
                    "from": weights,
                    "precision": precision,
                    "basis": basis,
                },
            ]
        return [{**common, "access": "open_weight", "from": released, "basis": basis}]
    return [{**common, "access": _closed_kind(model), "from": released, "basis": basis}]


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _closed_kind(model: dict[str, object]) -> str:
    licence_class = model.get("licence_class") or ""
    note = model.get("_access_note") or ""
    if note in ("restricted access", "trusted access only"):
        return "restricted"
    if licence_class == "Unreleased":
        return "unreleased"
    if licence_class == "Hosted access (no API)":
        return "hosted"
    return "api"
