"""From the catalogue's rows to chips, shapes, prices and points; names as people write them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from pathlib import Path

from headway.errors import NotFound
from headway.estimate.deploy.architecture import Architecture
from headway.estimate.deploy.calibrate import Calibration
from headway.estimate.deploy.hardware import Hardware
from headway.estimate.deploy.points import Point
from headway.problems import problem
from headway.tables.deploy_store import Catalogue, load_catalogue

__all__ = ["Deploy", "Price", "load_deploy"]

Row = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Price:
    """What renting one chip for an hour cost, as reported."""

    hardware: str
    tier: str
    usd_per_hour: float
    source: str
    as_of: str
    verified: bool


def architecture_from_text(row: Row) -> Architecture:
    """A shape from a row of text."""
    numbers = {
        f.name: int(str(row[f.name]))
        for f in fields(Architecture)
        if f.name not in ("model", "tied")
    }
    return Architecture(model=str(row["model"]), tied=row["tied"] == "1", **numbers)


def hardware_from_values(rows: Iterable[Row]) -> dict[str, Hardware]:
    """Chips from one row per value."""
    values: dict[str, dict[str, str | None]] = {}
    for row in rows:
        values.setdefault(str(row["hardware"]), {})[str(row["field"])] = row["value"]
    names = (
        "title",
        "kind",
        "mem_gb",
        "mem_bw_tbs",
        "bf16_dense_tflops",
        "fp8_dense_tflops",
        "fp4_dense_tflops",
        "scaleup_domain",
        "scaleup_gbs_oneway",
        "scaleout_gbs_per_gpu",
        "tdp_w",
    )
    return {
        key: Hardware.from_row({"hardware": key, **{n: told.get(n) for n in names}})
        for key, told in values.items()
    }


def point_from_row(row: Row) -> Point:
    """A measured point from a row of the table ``measured``."""

    def number(name: str) -> float | None:
        value = row[name]
        return None if value is None else float(value)

    def whole(name: str) -> int | None:
        value = row[name]
        return None if value is None else int(value)

    day = row["measured_on"]
    shared = (
        row["model"],
        row["hardware"],
        row["engine"],
        row["precision"],
        row["source"],
        row["phase"],
    )
    return Point(
        point=str(row["point"]),
        model=str(row["model"]),
        hardware=str(row["hardware"]),
        precision=str(row["precision"]),
        phase=str(row["phase"]),
        isl=number("isl"),
        osl=number("osl"),
        conc=number("conc"),
        chips=whole("chips"),
        prefill_chips=whole("prefill_chips"),
        tensor=whole("tensor"),
        data=whole("data"),
        expert=whole("expert"),
        engine=row["engine"],
        measured_on=None if day is None else date.fromisoformat(day),
        per_chip=float(str(row["tok_s_per_chip"])),
        series=" | ".join(str(s) for s in shared),
    )


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "-").replace(" ", "-")


class Deploy:
    """The catalogue with names resolved: what every question about serving starts from."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    @cached_property
    def hardware(self) -> dict[str, Hardware]:
        """All chips by key."""
        return hardware_from_values(self.catalogue.rows("hardware"))

    @cached_property
    def models(self) -> dict[str, Architecture]:
        """All models whose shape is known, by key."""
        return {
            str(r["model"]): architecture_from_text(r) for r in self.catalogue.rows("architectures")
        }

    @cached_property
    def calibration(self) -> Calibration:
        """The fitted model."""
        return Calibration.from_json(self.catalogue.calibration)

    @cached_property
    def _hardware_names(self) -> dict[str, str]:
        out = {_plain(key): key for key in self.hardware}
        for row in self.catalogue.rows("hardware"):
            if row["field"] == "aliases":
                for alias in str(row["value"]).split(";"):
                    out[_plain(alias)] = str(row["hardware"])
        return out

    @cached_property
    def _model_names(self) -> dict[str, str]:
        out = {}
        for row in self.catalogue.rows("models"):
            for alias in (row["model"], row["title"], *str(row["aliases"] or "").split(";")):
                if alias:
                    out[_plain(alias)] = str(row["model"])
        return out

    def hardware_key(self, name: str) -> str:
        """The key of a chip by key or alias.

        Raises
        ------
        NotFound
            No such chip; close names are listed.
        """
        found = self._hardware_names.get(_plain(name))
        if found is None:
            raise problem(
                NotFound, "deploy-hardware", name=name, known=_close(name, self._hardware_names)
            )
        return found

    def chip(self, name: str) -> Hardware:
        """A chip by key or alias."""
        return self.hardware[self.hardware_key(name)]

    def model_row(self, key: str) -> Row:
        """What is stated of a model."""
        return next(r for r in self.catalogue.rows("models") if r["model"] == key)

    def model_key(self, name: str) -> str:
        """The key of a model by key, title or alias.

        Raises
        ------
        NotFound
            No such model, or none whose shape is known.
        """
        key = self._model_names.get(_plain(name))
        if key is None:
            raise problem(
                NotFound, "deploy-model", name=name, known=_close(name, self._model_names)
            )
        if key not in self.models:
            raise problem(
                NotFound, "deploy-not-modelled", name=name, why=self.model_row(key)["not_modelled"]
            )
        return key

    def model(self, name: str) -> tuple[Architecture, str | None]:
        """A shape and the precision of its checkpoint, by name or from a file.

        A name that ends in ``.json``, ``.gguf`` or ``.safetensors`` is a file: see
        :func:`headway.sources.formats.model_files.read_shape`.
        """
        if Path(name).suffix.lower() in (".json", ".gguf", ".safetensors"):
            from headway.sources.formats.model_files import read_shape

            shape, checkpoint = read_shape(Path(name))
            return Architecture.from_row(shape), checkpoint
        key = self.model_key(name)
        return self.models[key], self.model_row(key)["checkpoint"]

    def prices(self, hardware: str) -> tuple[Price, ...]:
        """Reported rents of a chip: low, mid, high; empty where none is known."""
        return tuple(
            Price(
                hardware=hardware,
                tier=str(r["tier"]),
                usd_per_hour=float(str(r["usd_per_hour"])),
                source=str(r["source"]),
                as_of=str(r["as_of"]),
                verified=r["verified"] == "1",
            )
            for tier in ("low", "mid", "high")
            for r in self.catalogue.rows("prices")
            if r["hardware"] == hardware and r["tier"] == tier
        )


def _close(name: str, known: Mapping[str, str]) -> str:
    """Close names, else all keys."""
    found = difflib.get_close_matches(_plain(name), known, n=4, cutoff=0.5)
    return ", ".join(dict.fromkeys(known[f] for f in found)) or ", ".join(
        sorted(set(known.values()))
    )


def load_deploy() -> Deploy:
    """The shipped catalogue."""
    return Deploy(load_catalogue())
