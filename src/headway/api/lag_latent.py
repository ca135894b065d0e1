"""What the answers on special sauce, harness and density share: options, cache, stored studies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import Any

from headway import cache
from headway.api.data import load, resolve_as_of
from headway.api.envelope import Result, Warned, choices, envelope
from headway.api.lag import DOMAINS, EVIDENCE, STAGES, quantity_from_json
from headway.errors import BadOption
from headway.problems import problem
from headway.provenance import Provenance
from headway.result import Quantity
from headway.tables.choice import head_in_use

__all__ = ["Asked", "StudyResult", "ask", "cells_of", "study_of"]

#: How a quantity of a result is shown where no number is known.
NOTHING = "-"


@dataclass(frozen=True)
class StudyResult(Result):
    """Base of the three: rows in their JSON form and the rest of the study.

    Parameters
    ----------
    documents : tuple of mapping
        The rows; empty where nothing is computed for this data.
    facts : mapping
        What stands beside the rows in the JSON.
    """

    documents: tuple[Mapping[str, Any], ...]
    facts: Mapping[str, Any]

    def _json(self, command: str, lang: str) -> dict[str, Any]:
        return envelope(
            command,
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=self.documents,
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
            extra=self.facts,
        )

    @property
    def level(self) -> str:
        """The level of the intervals, for headers."""
        return f"{100 * float(self.options['level']):g} %"


@dataclass(frozen=True)
class Asked:
    """Options checked and filled in: what the study is called with and what is shown."""

    options: Mapping[str, Any]
    shown: Mapping[str, Any]
    cells: tuple[tuple[str, str | None], ...]
    day: date
    warned: tuple[Warned, ...]
    compute: bool
    progress: bool


def ask(
    command: str,
    *,
    domain: str | Sequence[str] | None,
    stage: str | Sequence[str] | None,
    definition: str | Sequence[str] | None,
    frontier: str | Sequence[str],
    evidence: str | Sequence[str],
    level: float,
    access_basis: str,
    compute: bool,
    as_of: date | None,
    seed: int,
    progress: bool,
    domains: Sequence[str] = DOMAINS,
) -> Asked:
    """Check the options of ``headway lag`` that a study takes.

    Raises
    ------
    BadOption
        A value outside its vocabulary, several kinds of evidence, or an option without meaning.
    """
    if not 0 < level < 1:
        raise problem(BadOption, "bad-level", value=level)
    for option, given in (
        ("--definition", definition not in (None, "lag_mean_12m")),
        ("--frontier", frontier not in ("public", ("public",))),
    ):
        if given:
            raise problem(BadOption, "latent-option", option=option, command=command)
    kinds = choices("--evidence", evidence, EVIDENCE, "lag")
    if len(kinds) != 1:
        raise problem(BadOption, "latent-one-evidence", given=", ".join(kinds))
    basis = choices("--access-basis", access_basis, ("all", "stated"), "lag")[0]
    head = head_in_use()
    day, warned = resolve_as_of(head, as_of)
    options = {
        "evidence": kinds[0],
        "access_basis": basis,
        "level": level,
        "as_of": min(day, head.data_through).isoformat(),
        "seed": seed,
    }
    cells = cells_of(domain, stage, domains)
    shown = {
        "domain": sorted({d for d, _ in cells}, key=DOMAINS.index),
        "stage": sorted({s for _, s in cells if s}, key=STAGES.index),
        **{name: options[name] for name in ("evidence", "access_basis", "level")},
        "compute": compute,
    }
    return Asked(options, shown, cells, day, warned, compute, progress)


def cells_of(
    domain: str | Sequence[str] | None,
    stage: str | Sequence[str] | None,
    domains: Sequence[str] = DOMAINS,
) -> tuple[tuple[str, str | None], ...]:
    """Domains and stages asked for; no option is everything, a domain alone is itself.

    Raises
    ------
    BadOption
    """
    found = None if domain is None else choices("--domain", domain, domains, "lag")
    if stage is None:
        if found is None:
            return (*((d, None) for d in domains), *(("cyber", s) for s in STAGES))
        return tuple((d, None) for d in found)
    if found is not None and found != ("cyber",):
        raise problem(BadOption, "stage-without-cyber", domain=", ".join(found))
    stages = STAGES if stage == "all" else choices("--stage", stage, STAGES, "lag")
    return tuple(("cyber", s) for s in stages)


def study_of(name: str, asked: Asked) -> tuple[Mapping[str, Any] | None, Provenance]:
    """The study ``headway.checks.<name>``: cached, shipped, or computed now if asked for.

    Returns
    -------
    result : mapping or None
        ``None``: not computed for this data.
    provenance : Provenance
    """
    head = head_in_use()
    provenance = Provenance(
        data_release=head.data_release,
        rows_hash=head.rows_hash,
        options={**asked.shown, "as_of": asked.day.isoformat()},
        seed=int(asked.options["seed"]),
    )
    key = cache.key(name, rows_hash=head.rows_hash, options=asked.options)
    entry = cache.load(key)
    if entry is not None:
        return entry.document, provenance
    from headway.checks.stored import load_stored

    study = import_module(f"headway.checks.{name}")
    found = load_stored(study.STUDY, head.rows_hash, asked.options)
    if found is None and asked.compute:
        given = dict(asked.options)
        _, found = study.run_study(
            load(),
            seed=int(given.pop("seed")),
            as_of=date.fromisoformat(given.pop("as_of")),
            progress=name if asked.progress else None,
            **given,
        )
    if found is not None:
        cache.store(key, found)
    return found, provenance


def shown(
    data: Mapping[str, Any] | None, lang: str, *, percent: bool = False, places: int | None = None
) -> str:
    """A quantity in a table cell: value and interval, or why there is none.

    ``places`` fixes the decimals, where what the interval supports would hide a difference.
    """
    from headway.i18n import decimals_for, interval_words, note, number, quantity_short
    from headway.i18n import percent as as_percent

    if data is None:
        return NOTHING
    q: Quantity = quantity_from_json(data)
    if q.value is None:
        return note(q.notes[0], lang)
    if percent:
        if q.interval is None:
            return as_percent(q.value, lang)
        ends = as_percent(q.interval.low, lang), as_percent(q.interval.high, lang)
        return f"{as_percent(q.value, lang)} [{ends[0]}, {ends[1]}]"
    if q.interval is None:
        return quantity_short(q, lang)
    decimals = decimals_for(q.interval, q.value) if places is None else places
    interval = interval_words(q.interval, lang, decimals=decimals)
    return f"{number(q.value, lang, decimals)} [{interval}]"


def size(billions: float, lang: str) -> str:
    """Billions of parameters with two to three digits: ``0.35``, ``7.6``, ``284``."""
    from headway.i18n import number

    places = 2 if billions < 1 else 1 if billions < 10 else 0
    return number(billions, lang, places)


def sizes(data: Mapping[str, Any] | None, lang: str) -> str:
    """A quantity in billions of parameters, whose interval spans powers of ten."""
    from headway.i18n import note

    if data is None:
        return NOTHING
    q = quantity_from_json(data)
    if q.value is None or q.interval is None:
        return note(q.notes[0], lang) if q.notes else NOTHING
    return f"{size(q.value, lang)} [{size(q.interval.low, lang)}, {size(q.interval.high, lang)}]"
