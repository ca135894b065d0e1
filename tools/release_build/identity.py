"""Which model version a name stands for, with the evidence; two models never share a name.

Order of evidence for one row: a committed exception (this panel first, then any panel), the id
that the normalised file carries, the academic or government name map, a name that a stronger
source has already fixed. What is left is reported as unresolved.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from headway.tables.harmonise.names import slug

from . import curated
from .corrected import correct_models
from .dates import parse
from .raw import RawRow, read_csv

__all__ = ["IdentityConflict", "Registry", "load_registry", "slug"]

_EFFORTS = {"low", "medium", "high", "xhigh", "max", "minimal", "none"}


class IdentityConflict(Exception):
    """Two model versions would share one name."""


def _float(text: str | None) -> float | None:
    """A number, or None for nothing and for a stated range (no single value is known)."""
    if not text or re.fullmatch(r"[\d.]+-[\d.]+", text):
        return None
    return float(text)


@dataclass
class Registry:
    """Model versions by id, and the names seen for them."""

    models: dict[str, dict[str, object]]
    merges: dict[str, str]
    exceptions: dict[tuple[str, str], dict[str, str]]
    academic_map: dict[str, str]
    gov_aliases: dict[str, str]
    seen: dict[tuple[str, str], tuple[str, str | None, str, str]] = field(default_factory=dict)
    unresolved: list[dict[str, object]] = field(default_factory=list)
    _by_name: dict[str, str] = field(default_factory=dict)

    def id_of(self, model_id: str) -> str:
        return self.merges.get(model_id, model_id)

    def learn(self, rows: Iterable[RawRow]) -> None:
        """Fix the names that the strongest source states, so that weaker ones can lean on them."""
        candidates: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            found = self._from_exception(row)
            if found is not None and found[0]:
                candidates[row.model_raw].add(found[0])
            elif found is None and row.model_hint:
                candidates[row.model_raw].add(self.id_of(row.model_hint))
        for model_version, model in self.models.items():
            candidates[str(model["name"])].add(model_version)
        self._by_name = {name: next(iter(ids)) for name, ids in candidates.items() if len(ids) == 1}

    def _from_exception(self, row: RawRow) -> tuple[str, str | None, str] | None:
        for panel in (row.panel, "*"):
            entry = self.exceptions.get((row.model_raw, panel))
            if entry is not None:
                return entry["model_version"], entry["effort"] or None, entry["evidence"]
        return None

    def resolve(self, row: RawRow) -> tuple[str, str | None] | None:
        """Model version and effort of a row, or None (reported) when nobody can tell."""
        found = self._lookup(row)
        if found is None or not found[0]:
            self.unresolved.append(
                {
                    "name": row.model_raw,
                    "panel": row.panel,
                    "origin": row.origin,
                    "reason": found[2] if found else "no source says which model this is",
                }
            )
            return None
        model_version, effort, evidence = found
        if model_version not in self.models:
            raise IdentityConflict(
                f"{row.model_raw!r} in {row.panel} points to unknown model {model_version!r}"
            )
        effort = row.config or effort or _effort_in(row.model_raw)
        split = row.model_hint is not None and row.model_raw in _SPLIT_NAMES
        name = f"{row.model_raw} [{model_version}]" if split else row.model_raw
        key = (name, row.panel)
        if key in self.seen and self.seen[key][0] != model_version:
            raise IdentityConflict(
                f"{row.model_raw!r} in {row.panel} is both {self.seen[key][0]!r} "
                f"and {model_version!r}"
            )
        self.seen.setdefault(key, (model_version, effort, evidence, row.source_url or row.origin))
        return model_version, effort

    def _lookup(self, row: RawRow) -> tuple[str, str | None, str] | None:
        if row.model_raw in _SPLIT_NAMES and row.model_hint:
            return self.id_of(row.model_hint), None, _SPLIT_NAMES[row.model_raw]
        exception = self._from_exception(row)
        if exception is not None:
            return exception
        if row.model_hint:
            return (
                self.id_of(row.model_hint),
                None,
                "Name rule of the collected file, read through.",
            )
        if row.origin == "academic" and row.model_raw in self.academic_map:
            target = self.academic_map[row.model_raw]
            if target == "NEW":
                return (
                    slug(row.model_raw),
                    None,
                    "Name printed by the panel; model listed beside it.",
                )
            if self.id_of(target) in self.models:
                if target in _FIRST_BUILDS and not re.search(r"20\d\d|preview", row.model_raw):
                    return self.id_of(target), None, "No snapshot named; the first one is assumed."
                return self.id_of(target), None, "Name map kept beside the panel, read through."
            return None
        if row.origin == "gov" and row.model_raw in self.gov_aliases:
            target = self.gov_aliases[row.model_raw]
            if target:
                return self.id_of(target), None, "Name map kept beside the panel, read through."
        for name in (row.model_raw, _without_suffix(row.model_raw)):
            if name in self._by_name:
                return self._by_name[name], None, "Same name as in a stronger source."
            entry = self.exceptions.get((name, "*"))
            if entry is not None:
                return entry["model_version"], entry["effort"] or None, entry["evidence"]
        if row.origin in ("academic", "gov") and row.model_raw in self.academic_map:
            target = self.academic_map[row.model_raw]
            if target != "NEW" and self.id_of(target) in self.models:
                return self.id_of(target), None, "Name map of the academic panels."
        candidate = slug(row.model_raw)
        for name in (candidate, slug(_without_suffix(row.model_raw))):
            if self.id_of(name) in self.models:
                return self.id_of(name), None, "The name is the id of a known model."
        mapped = self.academic_map.get(row.model_raw)
        if mapped and self.id_of(mapped) in self.models:
            return self.id_of(mapped), None, "Name map of the academic panels."
        return None

    def alias_rows(self) -> list[dict[str, object]]:
        """One row per name; a name with several readings appears as ``name @ panel``."""
        by_name: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for (name, panel), (model_version, _, _, _) in self.seen.items():
            by_name[name][model_version].append(panel)
        rows: list[dict[str, object]] = []
        for name, readings in by_name.items():
            many = len(readings) > 1
            if many:
                scoped = self._scoped(name)
                loose = [
                    mv for mv, panels in readings.items() if any(p not in scoped for p in panels)
                ]
                if len(loose) > 1:
                    raise IdentityConflict(
                        f"{name!r} means {sorted(readings)}; add an exception with a sentence of "
                        "evidence for all readings but one"
                    )
            scoped = self._scoped(name)
            for model_version, panels in readings.items():
                general = not many or any(p not in scoped for p in panels)
                if general:
                    rows.append(self._alias(name, name, model_version, panels))
                else:
                    rows.extend(
                        self._alias(f"{name} @ {panel}", name, model_version, [panel])
                        for panel in panels
                    )
        return rows

    def _scoped(self, name: str) -> set[str]:
        """Panels for which a committed exception reads the name in its own way."""
        return {panel for (known, panel) in self.exceptions if known == name and panel != "*"}

    def _alias(
        self, alias: str, name: str, model_version: str, panels: list[str]
    ) -> dict[str, object]:
        _, _, evidence, source = self.seen[(name, sorted(panels)[0])]
        efforts = {self.seen[(name, panel)][1] for panel in panels}
        return {
            "alias": alias,
            "model_version": model_version,
            "effort": efforts.pop() if len(efforts) == 1 else None,
            "evidence": evidence,
            "source": source,
        }


#: First builds that stand for a bare name in the academic name map.
_FIRST_BUILDS = {
    "gpt-4o-may-2024",
    "gemini-1.5-pro-may-2024",
    "gemini-2.5-pro-mar-2025",
    "gemini-2.5-flash-apr-2025",
}

#: A column of one vendor panel that stands for two models, told apart row by row in the
#: normalised file: cyber rows are Mythos 5 by the vendor's own text, the others Fable 5.
_SPLIT_NAMES = {
    "Claude Fable 5 (w/ fallback)": "The vendor's text says that the cyber rows of this column are Mythos 5."
}


def _without_suffix(name: str) -> str:
    stem, _, tail = name.rpartition("_")
    return stem if stem and (tail in _EFFORTS or tail == "unknown") else name


def _effort_in(name: str) -> str | None:
    tail = name.rpartition("_")[2]
    if tail in _EFFORTS and "_" in name:
        return tail
    found = re.search(r"\((?:[^()]*?\b)?(no thinking|thinking|low|medium|high|xhigh)\)\s*$", name)
    if found:
        return found.group(1)
    if re.search(r"[-: ](o3|o4-mini)-high$", name) or name.endswith("o3-high"):
        return "high"
    if re.search(r"(?i)[ -]think(ing)?$", name):
        return "thinking"
    return None


def _basis(source: str) -> str:
    if not source:
        return "unknown"
    return "inferred" if source.startswith(("inferred", "manual")) else "stated"


def load_registry(raw: Path) -> Registry:
    """All model versions that any source lists, with merges and fixes applied."""
    merges = {row["model_id"]: row["into"] for row in curated.read("model_merges.csv")}
    labs = {row["developer"]: row["lab"] for row in curated.read("labs.csv")}
    models: dict[str, dict[str, object]] = {}
    listed = [
        row for row in read_csv(raw / "normalized" / "models.csv") if row["model_id"] not in merges
    ]
    for row in listed:
        _add(models, row["model_id"], _from_models_csv(row))
    for row in read_csv(raw / "academic" / "academic_models.csv"):
        _add_listed(models, row, "academic panels")
    for row in read_csv(raw / "transcribed" / "gov_models.csv"):
        if slug(row["model_raw"]) not in {
            r["model_version"] for r in curated.read("models_extra.csv")
        }:
            _add_listed(models, row, "government panels")
    for row in curated.read("models_extra.csv"):
        released, precision = parse(row["released"] or None)
        _add(
            models,
            row["model_version"],
            {
                "name": row["name"],
                "developer": row["developer"] or None,
                "country": row["country"] or None,
                "released": released,
                "released_precision": precision,
                "released_source": row["released_source"] or None,
                "open_weight": None if row["open_weight"] == "" else row["open_weight"] == "1",
                "open_weight_basis": row["open_weight_basis"],
                "open_weight_source": row["open_weight_source"] or None,
            },
        )
    for model_id, one, entry in correct_models(listed):
        used = "" if one.used is None else str(one.used)
        _set_field(models[model_id], one.field, used, entry.cited_as or entry.evidence)
    for row in curated.read("models_fixes.csv"):
        if row["model_version"] in models:
            _set_field(models[row["model_version"]], row["field"], row["value"], row["source"])
    for model_version, model in models.items():
        developer = model.get("developer")
        if developer is not None and developer not in labs:
            raise IdentityConflict(f"labs.csv has no lab for developer {developer!r}")
        model["lab"] = labs.get(str(developer)) if developer else None
        model["family"] = _family(model_version)
    _distillation(raw, models, merges)
    _compute(raw, models)
    _check_names(models)
    return Registry(
        models=models,
        merges=merges,
        exceptions={(r["alias"], r["panel"]): r for r in curated.read("aliases.csv")},
        academic_map={
            r["model_raw"]: r["models_csv_id_or_note"]
            for r in read_csv(raw / "academic" / "academic_model_map.csv")
        },
        gov_aliases={
            r["model_raw"]: r["model_id_in_models_csv"]
            for r in read_csv(raw / "transcribed" / "gov_model_aliases.csv")
        },
    )


def _set_field(model: dict[str, object], field: str, value: str, source: str) -> None:
    """Put a value in the place of another (empty: unknown), and say who states it."""
    if field == "released":
        model["released"], model["released_precision"] = parse(value)
        model["released_source"] = source
    elif field == "open_weight":
        model["open_weight"] = {"1": True, "0": False, "": None}[value]
        model["open_weight_basis"] = "stated" if value else "unknown"
        model["open_weight_source"] = source if value else None
    elif field == "open_weight_basis":
        model["open_weight_basis"] = value
        model["open_weight_source"] = source
    elif field in ("total_params_b", "active_params_b"):
        model[field] = float(value)
        model["params_source"] = source
    else:
        model[field] = value or None


def _add(models: dict[str, dict[str, object]], key: str, model: dict[str, object]) -> None:
    if key in models:
        raise IdentityConflict(f"two models would share the id {key!r}")
    models[key] = model


def _add_listed(models: dict[str, dict[str, object]], row: dict[str, str], where: str) -> None:
    released, precision = parse(row["release_date"] or None)
    flagged = row["open_weights"]
    _add(
        models,
        slug(row["model_raw"]),
        {
            "name": row["model_raw"],
            "developer": row["developer"] or None,
            "country": row["country"] or None,
            "released": released,
            "released_precision": precision,
            "released_source": f"model list of the {where}" if released else None,
            "open_weight": None if flagged == "" else flagged == "1",
            "open_weight_basis": "unknown" if flagged == "" else "inferred",
            "open_weight_source": f"model list of the {where}" if flagged else None,
            "total_params_b": _float(row["total_params_b"]),
            "params_source": f"model list of the {where}" if row["total_params_b"] else None,
        },
    )


#: Who stands behind a flag that the collected file calls manual or inferred.
_FLAG_SOURCES = {
    "manual (see report)": "set by hand when the data were collected",
    "inferred from family name (rule)": "family name",
}


def _params_source(text: str) -> str | None:
    """Who states the size; numbers of stored copies are left out."""
    if not text:
        return None
    return "model page" if text[0].isdigit() else text.split(" via ")[0]


def _from_models_csv(row: dict[str, str]) -> dict[str, object]:
    released, precision = parse(row["release_date"] or None)
    flag = row["open_weights"]
    source = row["open_weights_source"]
    total, active = _float(row["total_params_b"]), _float(row["active_params_b"])
    if total is not None and active is not None and active > total:
        active = None
    return {
        "name": row["name"],
        "developer": row["developer"] or None,
        "country": row["country"] or None,
        "released": released,
        "released_precision": precision,
        "released_source": row["release_date_source"] or None,
        "open_weight": None if flag == "" else flag == "1",
        "open_weight_basis": "unknown" if flag == "" else _flag_basis(row),
        "open_weight_source": _FLAG_SOURCES.get(source, source or None) if flag else None,
        "licence": row["licence"].split(" (")[0] or None,
        "licence_class": row["licence_class"] or None,
        "total_params_b": total,
        "active_params_b": active,
        "params_source": _params_source(row["params_source"]),
        "_weights_released": row["weights_release_date"] or None,
        "_access_note": row["access_note"] or None,
    }


def _flag_basis(row: dict[str, str]) -> str:
    """A licence class of Epoch or an access note states the flag even where the flag was typed in."""
    if row["licence_class"] or row["access_note"] or row["weights_release_date"]:
        return "stated"
    return _basis(row["open_weights_source"]) if row["open_weights_source"] else "inferred"


_FAMILIES = re.compile(
    r"^(claude|gpt-oss|chatgpt|gpt|gemini|gemma|llama|codellama|qwen|qwq|deepseek|mistral|mixtral|"
    r"ministral|magistral|devstral|codestral|pixtral|kimi|glm|chatglm|grok|phi|nemotron|minimax|mimo|"
    r"yi|falcon|command|doubao|seed|hunyuan|muse|inkling|step|ernie|vicuna|starcoder|baichuan|"
    r"amazon-nova|palm|reka|granite|internlm|olmo|jamba|dbrx|o\d)"
)


def _family(model_version: str) -> str | None:
    found = _FAMILIES.match(model_version)
    if found is None:
        return None
    name = found.group(1)
    return "openai-o" if re.fullmatch(r"o\d", name) else name


def _distillation(raw: Path, models: dict[str, dict[str, object]], merges: dict[str, str]) -> None:
    """Flags of Epoch's stitching study; a model with several settings takes the agreed answer."""
    path = raw / "epoch-stitching-2025-12" / "distilled_models.csv"
    names: dict[str, str] = {}
    for row in read_csv(raw / "normalized" / "scores.csv"):
        names.setdefault(row["model_raw"], merges.get(row["model_id"], row["model_id"]))
    found: dict[str, set[tuple[bool, str]]] = defaultdict(set)
    for row in read_csv(path):
        target = names.get(row["model"]) or names.get(_without_suffix(row["model"]))
        if target in models:
            found[str(target)].add((row["distilled"].upper() == "TRUE", row["confidence"]))
    for model_version, answers in found.items():
        if len({flag for flag, _ in answers}) == 1:
            flag, confidence = sorted(answers)[0]
            models[model_version].update(
                distilled=flag,
                distilled_confidence=confidence or None,
                distilled_source="epoch-research/benchmark-stitching distilled_models.csv",
            )


def _compute(raw: Path, models: dict[str, dict[str, object]]) -> None:
    """Training compute as the Epoch hub states it; names resolve by display name."""
    by_name: dict[str, str] = {}
    for model_version, model in models.items():
        by_name[str(model["name"])] = model_version
    path = raw / "epoch-hub-2026-03" / "epoch_capabilities_index.csv"
    if not path.exists():
        return
    found: dict[str, set[float]] = defaultdict(set)
    for row in read_csv(path):
        flop = _float(row.get("Training compute (FLOP)"))
        target = by_name.get(row.get("Model name", "").strip()) or by_name.get(
            row.get("Display name", "").strip()
        )
        if flop and target:
            found[target].add(flop)
    for model_version, values in found.items():
        if len(values) == 1:
            models[model_version].update(
                training_flop=values.pop(),
                training_flop_source="Epoch hub 2026-03, epoch_capabilities_index.csv",
            )


def _check_names(models: dict[str, dict[str, object]]) -> None:
    taken: dict[str, str] = {}
    for model_version, model in sorted(models.items()):
        name = str(model["name"])
        if name in taken:
            raise IdentityConflict(
                f"{taken[name]!r} and {model_version!r} are both called {name!r}: merge them in "
                "model_merges.csv with evidence, or give one another name"
            )
        taken[name] = model_version
