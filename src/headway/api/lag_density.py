"""``headway lag --density``: parameters that a fixed ability needs, and how fast that falls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from headway.api.envelope import Warned
from headway.api.lag import DEFAULT_SEED, quantity_from_json
from headway.api.lag_latent import NOTHING, StudyResult, ask, shown, size, sizes, study_of
from headway.api.offline import offline_if
from headway.errors import BadOption
from headway.problems import problem
from headway.tables.choice import head_in_use

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

__all__ = ["DensityResult", "lag_density"]

_PARAMETERS = {"total": "density-total", "active": "density-active"}
#: Sizes of the table of the text, billions of parameters.
_SHOWN_SIZES = (10.0, 100.0)


#: Levels of the table of the text where several domains are shown; one domain shows all.
_SHOWN_LEVELS = (
    "claude-3.5-sonnet-oct-2024",
    "o3",
    "claude-opus-4.6",
    "gpt-5.5",
    "claude-mythos-preview",
)


@dataclass(frozen=True)
class DensityResult(StudyResult):
    """Density per domain or stage and measure of size (``documents``), and what stands beside it.

    ``facts``: ``known`` (how many open models have a known size), ``consumer`` (lag of models that
    fit one consumer GPU), ``published`` (figures to compare with).
    """

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return self._json("lag-density", lang)

    def table(self) -> pl.DataFrame:
        """One row per domain or stage and measure: the rates with their intervals."""
        import polars as pl

        columns: dict[str, list[Any]] = {
            name: [row[name] for row in self.documents]
            for name in ("domain", "stage", "parameters", "n", "n_clusters")
        }
        names = (
            "halving_months",
            "yearly_factor",
            "per_decade",
            "per_year",
            "spread",
            "record_halving_months",
            "smallest_halving_months",
        )
        for name in names:
            found = [
                None if row.get(name) is None else quantity_from_json(row[name])
                for row in self.documents
            ]
            columns[name] = [None if q is None else q.value for q in found]
            ends = [None if q is None else q.interval for q in found]
            columns[f"{name}_low"] = [None if i is None else i.low for i in ends]
            columns[f"{name}_high"] = [None if i is None else i.high for i in ends]
        columns["missing"] = ["; ".join(row["missing"]) for row in self.documents]
        text = dict.fromkeys(("domain", "stage", "parameters", "missing"), pl.String)
        numbers = {c: pl.Float64 for c in columns if c not in text and not c.startswith("n")}
        return pl.DataFrame(columns, schema_overrides={**text, **numbers})

    def find(
        self, domain: str, stage: str | None = None, parameters: str = "total"
    ) -> Mapping[str, Any] | None:
        """The row of a domain or stage."""
        for row in self.documents:
            if (row["domain"], row["stage"], row["parameters"]) == (domain, stage, parameters):
                return row
        return None

    def text(self, lang: str = "en") -> str:
        from headway.i18n import message
        from headway.textsafe import plain_table

        if not self.documents:
            return message("density-not_computed", lang)
        said = "\n".join(f"- {line}" for line in self.sentences(lang))
        rates = plain_table(*self._rates(lang), right=(2,))
        needs = self._needs(lang)
        tables = [rates]
        if needs[1]:
            tables.append(f"{message('density-needs-title', lang)}\n{plain_table(*needs)}")
        return "\n\n".join([said, *tables])

    def sentences(self, lang: str = "en") -> list[str]:
        """The finding in words, most important first."""
        from headway.i18n import day, message, quantity_words

        known = self.facts["known"]
        out = []
        for domain in self.options["domain"]:
            row = self.find(domain)
            if row is None or row["missing"]:
                continue
            name = message(f"domain-{domain}", lang)
            out.append(
                message(
                    "density-finding",
                    lang,
                    domain=name,
                    halving=shown(row["halving_months"], lang, places=1),
                    smallest=shown(row["smallest_halving_months"], lang, places=1),
                )
            )
            step = _steps(row)
            if step is not None:
                anchor, first, last = step
                out.append(
                    message(
                        "density-smallest",
                        lang,
                        anchor=anchor,
                        first=first["model"],
                        first_b=size(first["params_b"], lang),
                        first_at=day(date.fromisoformat(first["at"]), lang),
                        last=last["model"],
                        last_b=size(last["params_b"], lang),
                        last_at=day(date.fromisoformat(last["at"]), lang),
                    )
                )
        general = self.find("general")
        if general is not None and not general["missing"]:
            out.append(
                message(
                    "density-published",
                    lang,
                    record=shown(general["densing_window"]["record"], lang, places=1),
                )
            )
        for row in self.facts["consumer"]:
            if row["domain"] == "general" and row["definition"] == "lag_mean_12m":
                out.append(
                    message(
                        "density-consumer",
                        lang,
                        at=day(date.fromisoformat(row["at"]), lang),
                        lag=quantity_words(quantity_from_json(row["lag"]), lang),
                    )
                )
        out.append(
            message(
                "density-known",
                lang,
                dated=str(known["dated"]),
                total=str(known["dated_total"]),
                active=str(known["dated_active"]),
            )
        )
        return out

    def _rates(self, lang: str) -> tuple[list[str], list[list[str]]]:
        from headway.i18n import message, number

        header = [
            message("density-column-part", lang),
            message("density-column-parameters", lang),
            message("density-column-models", lang),
            message("density-column-halving", lang, level=self.level),
            *(message("density-column-at_size", lang, size=number(b, lang)) for b in _SHOWN_SIZES),
            message("density-column-record", lang),
            message("density-column-smallest", lang),
        ]
        rows = []
        for row in self.documents:
            key = f"stage-{row['stage']}" if row["stage"] else f"domain-{row['domain']}"
            at = {one["params_b"]: one["halving_months"] for one in row.get("by_size", ())}
            rows.append(
                [
                    message(key, lang),
                    message(_PARAMETERS[row["parameters"]], lang),
                    str(row["n"]),
                    shown(row["halving_months"], lang, places=1),
                    *(shown(at.get(b), lang, places=1) for b in _SHOWN_SIZES),
                    shown(row.get("record_halving_months"), lang, places=1),
                    shown(row.get("smallest_halving_months"), lang, places=1),
                ]
            )
        return header, rows

    def _needs(self, lang: str) -> tuple[list[str], list[list[str]]]:
        from headway.i18n import message, note

        header = [
            message("density-column-part", lang),
            message("density-column-level", lang),
            message("density-column-needed", lang, level=self.level),
            message("density-column-smallest_model", lang),
            message("density-column-remark", lang),
        ]
        rows = []
        for row in self.documents:
            if row["parameters"] != "total" or row["stage"] is not None or row["missing"]:
                continue
            for one in row["needed"]:
                if len(self.options["domain"]) > 1 and one["model"] not in _SHOWN_LEVELS:
                    continue
                last = one["smallest"][-1] if one["smallest"] else None
                remarks = [n for n in one["params_b"]["notes"] if n in _REMARKS]
                rows.append(
                    [
                        message(f"domain-{row['domain']}", lang),
                        one["model"],
                        sizes(one["params_b"], lang),
                        NOTHING
                        if last is None
                        else f"{last['model']} ({size(last['params_b'], lang)})",
                        message("list-separator", lang).join(note(n, lang) for n in remarks),
                    ]
                )
        return header, rows

    def plot(self, *, lang: str = "en") -> alt.TopLevelMixin:
        """Parameters needed for fixed levels over time, with every sized model.

        Raises
        ------
        BadOption
            Nothing was computed for this data.
        """
        from headway.figures.density import density_chart

        if not any(row["stage"] is None and not row["missing"] for row in self.documents):
            raise problem(BadOption, "density-empty")
        return density_chart(self.documents, lang=lang)

    def __repr__(self) -> str:
        lines = [f"DensityResult(as of {self.as_of}, release {self.data_release})"]
        for row in self.documents[:8]:
            q = row["halving_months"]
            value = q["status"] if q["value"] is None else f"{q['value']:.1f} months"
            part = row["domain"] + (f"/{row['stage']}" if row["stage"] else "")
            lines.append(f"  {part} ({row['parameters']}): halving {value}")
        return "\n".join(lines)


#: Notes that say how far a reading is an extrapolation.
_REMARKS = ("outside_sizes", "no_models_near")


def _steps(row: Mapping[str, Any]) -> tuple[str, Mapping[str, Any], Mapping[str, Any]] | None:
    """The anchor whose smallest model shrank most, its first and its last model."""
    best = None
    for one in row["needed"]:
        steps = one["smallest"]
        if len(steps) > 1 and steps[0]["at"] < steps[-1]["at"]:
            fall = steps[0]["params_b"] / steps[-1]["params_b"]
            if best is None or fall > best[0]:
                best = (fall, one["model"], steps[0], steps[-1])
    return None if best is None else (best[1], best[2], best[3])


def lag_density(
    domain: str | Sequence[str] | None = None,
    stage: str | Sequence[str] | None = None,
    *,
    definition: str | Sequence[str] | None = None,
    frontier: str | Sequence[str] = "public",
    evidence: str | Sequence[str] = "all",
    level: float = 0.90,
    access_basis: str = "all",
    compute: bool = False,
    as_of: date | None = None,
    seed: int = DEFAULT_SEED,
    offline: bool = False,
    progress: bool = False,
) -> DensityResult:
    """Parameters that open-weight models need for a fixed ability, and their yearly fall.

    Parameters
    ----------
    domain, stage : str or sequence, optional
        Keep these; without either, all domains and the stages of cyber.
    definition, frontier
        Of the common options of ``headway lag``; only the defaults have a meaning here.
    evidence : str
        One filter; another than ``all`` is a fit of its own.
    level : float
        Of every interval, 0-1.
    access_basis : {"all", "stated"}
    compute : bool
        Run the study now where no stored one is of this data and these options (some seconds).
    as_of : date, optional
        Only what was known by this day.
    seed : int
    offline, progress : bool

    Returns
    -------
    DensityResult
        Without rows, and with the warning ``density_not_computed``, where nothing is stored for
        this data and ``compute`` was not asked for.

    Raises
    ------
    BadOption

    Examples
    --------
    >>> import headway
    >>> print(headway.lag_density("general", compute=True).text())  # doctest: +SKIP
    """
    with offline_if(offline):
        asked = ask(
            "--density",
            domain=domain,
            stage=stage,
            definition=definition,
            frontier=frontier,
            evidence=evidence,
            level=level,
            access_basis=access_basis,
            compute=compute,
            as_of=as_of,
            seed=seed,
            progress=progress,
        )
        found, provenance = study_of("density", asked)
        warned = asked.warned
        if found is None:
            warned = (*warned, Warned("density_not_computed"))
            found = {"rows": [], "known": {}, "consumer": [], "published": []}
        rows = [r for r in found["rows"] if (r["domain"], r["stage"]) in asked.cells]
        domains = {d for d, _ in asked.cells}
        return DensityResult(
            data_release=head_in_use().data_release,
            as_of=asked.day,
            options=asked.shown,
            warnings=warned,
            provenance=provenance,
            documents=tuple(rows),
            facts={
                "known": found["known"],
                "consumer": [r for r in found["consumer"] if r["domain"] in domains],
                "published": found["published"],
            },
        )
