"""``headway lag --harness``: months and variance owed to scaffold and budget rather than weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from headway.api.envelope import Warned
from headway.api.lag import DEFAULT_SEED, quantity_from_json
from headway.api.lag_latent import NOTHING, StudyResult, ask, shown, study_of
from headway.api.offline import offline_if
from headway.errors import BadOption
from headway.problems import problem
from headway.tables.choice import head_in_use

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

__all__ = ["HarnessResult", "lag_harness"]

#: Parts of the spread of scores, in the order shown.
COMPONENTS = {
    "weights": "harness-part-weights",
    "profile": "harness-part-profile",
    "scaffold": "harness-part-scaffold",
    "effort": "harness-part-effort",
    "setup": "harness-part-setup",
    "residual": "harness-part-residual",
}
#: Measures in months, each a list of the study and a path inside its rows.
MEASURES: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "best_scaffold": ("scaffolds", ("gain_without_luck_months",), "harness-measure-best_scaffold"),
    "scaffold_sd": ("scaffolds", ("sd_months",), "harness-measure-scaffold_sd"),
    "full_effort": ("efforts", ("full", "months"), "harness-measure-full_effort"),
    "thinking_doubling": (
        "efforts",
        ("thinking_doubling", "months"),
        "harness-measure-thinking_doubling",
    ),
    "budget_doubling_stated": ("budgets", ("stated", "months"), "harness-measure-budget_stated"),
    "budget_doubling_cut": ("budgets", ("cut", "months"), "harness-measure-budget_cut"),
}
#: Parts into which a lag interval is split.
SPLIT_PARTS = {
    "items": "harness-split-items",
    "serving_stack": "harness-split-serving_stack",
    "scaffold": "harness-split-scaffold",
    "evaluator": "harness-split-evaluator",
    "model": "harness-split-model",
    "release_process": "harness-split-release_process",
}


@dataclass(frozen=True)
class HarnessResult(StudyResult):
    """One row per domain or stage and measure (``documents``), and the variance components.

    ``facts``: ``components`` (shares of the spread of scores per domain), ``splits`` (the interval of
    each lag by cause), ``details`` (groups, benchmarks, ability units behind each row).
    """

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return self._json("lag-harness", lang)

    def table(self) -> pl.DataFrame:
        """One row per domain or stage and measure: months with their interval."""
        import polars as pl

        found = [quantity_from_json(row["months"]) for row in self.documents]
        return pl.DataFrame(
            {
                **{
                    name: [row[name] for row in self.documents]
                    for name in ("domain", "stage", "measure")
                },
                "months": [q.value for q in found],
                "low": [None if q.interval is None else q.interval.low for q in found],
                "high": [None if q.interval is None else q.interval.high for q in found],
                "n": [q.n for q in found],
                "n_clusters": [q.n_clusters for q in found],
                "status": [q.status for q in found],
                "notes": ["; ".join(q.notes) for q in found],
            },
            schema_overrides={
                **dict.fromkeys(("domain", "stage", "measure", "status", "notes"), pl.String),
                **dict.fromkeys(("months", "low", "high"), pl.Float64),
            },
        )

    def find(self, measure: str, domain: str, stage: str | None = None) -> Mapping[str, Any] | None:
        """The row of a measure in a domain or stage."""
        for row in self.documents:
            if (row["measure"], row["domain"], row["stage"]) == (measure, domain, stage):
                return row
        return None

    def text(self, lang: str = "en") -> str:
        from headway.i18n import message
        from headway.textsafe import plain_table

        if not self.documents:
            return message("harness-not_computed", lang)
        parts = ["\n".join(f"- {line}" for line in self.sentences(lang))]
        shares = self._shares(lang)
        if shares[1]:
            parts.append(
                f"{message('harness-shares-title', lang)}\n{plain_table(*shares, right=(1,))}"
            )
        parts.append(f"{message('harness-months-title', lang)}\n{plain_table(*self._months(lang))}")
        splits = self._splits(lang)
        if splits[1]:
            parts.append(f"{message('harness-splits-title', lang)}\n{plain_table(*splits)}")
        return "\n\n".join(parts)

    def sentences(self, lang: str = "en") -> list[str]:
        """The finding in words, one or two per domain."""
        from headway.i18n import message

        out = []
        for row in self.facts["components"]:
            if row["harness"]["value"] is None:
                continue
            out.append(
                message(
                    "harness-finding-share",
                    lang,
                    domain=message(f"domain-{row['domain']}", lang),
                    harness=shown(row["harness"], lang, percent=True),
                    weights=shown(row["shares"]["weights"], lang, percent=True),
                )
            )
        for domain in self.options["domain"]:
            best = self.find("best_scaffold", domain)
            if best is not None and best["months"]["value"] is not None:
                out.append(
                    message(
                        "harness-finding-scaffold",
                        lang,
                        domain=message(f"domain-{domain}", lang),
                        months=shown(best["months"], lang),
                        models=str(best["months"]["n_clusters"]),
                    )
                )
        doubling = self.find("budget_doubling_cut", "cyber")
        if doubling is not None and doubling["months"]["value"] is not None:
            out.append(
                message("harness-finding-budget", lang, months=shown(doubling["months"], lang))
            )
        return out

    def _shares(self, lang: str) -> tuple[list[str], list[list[str]]]:
        from headway.i18n import message

        header = [
            message("harness-column-part", lang),
            message("harness-column-scores", lang),
            *(message(key, lang) for key in COMPONENTS.values()),
        ]
        rows = [
            [
                message(f"domain-{row['domain']}", lang),
                str(row["n"]),
                *(shown(row["shares"][name], lang, percent=True) for name in COMPONENTS),
            ]
            for row in self.facts["components"]
            if row["shares"]
        ]
        return header, rows

    def _months(self, lang: str) -> tuple[list[str], list[list[str]]]:
        from headway.i18n import message

        header = [
            message("harness-column-part", lang),
            *(message(key, lang) for _, _, key in MEASURES.values()),
        ]
        cells: dict[tuple[str, str | None], dict[str, str]] = {}
        for row in self.documents:
            text = NOTHING if row["months"]["value"] is None else shown(row["months"], lang)
            cells.setdefault((row["domain"], row["stage"]), {})[row["measure"]] = text
        rows = [
            [
                message(f"stage-{stage}" if stage else f"domain-{domain}", lang),
                *(found[name] for name in MEASURES),
            ]
            for (domain, stage), found in cells.items()
        ]
        return header, rows

    def _splits(self, lang: str) -> tuple[list[str], list[list[str]]]:
        from headway.i18n import message

        header = [
            message("harness-column-part", lang),
            *(message(key, lang) for key in SPLIT_PARTS.values()),
        ]
        rows = []
        for row in self.facts["splits"]:
            found = {part["part"]: part for part in row["parts"]}
            if not found:
                continue
            rows.append(
                [
                    message(
                        f"stage-{row['stage']}" if row["stage"] else f"domain-{row['domain']}", lang
                    ),
                    *(
                        shown(found[name]["share"], lang, percent=True)
                        if name in found
                        else NOTHING
                        for name in SPLIT_PARTS
                    ),
                ]
            )
        return header, rows

    def plot(self, *, lang: str = "en") -> alt.TopLevelMixin:
        """Shares of the spread of scores, and months per measure.

        Raises
        ------
        BadOption
            Nothing was computed for this data.
        """
        from headway.figures.harness import harness_chart

        if not self.documents:
            raise problem(BadOption, "harness-empty")
        return harness_chart(self.documents, self.facts["components"], lang=lang)

    def __repr__(self) -> str:
        lines = [f"HarnessResult(as of {self.as_of}, release {self.data_release})"]
        for row in self.documents[:8]:
            q = row["months"]
            value = q["status"] if q["value"] is None else f"{q['value']:.1f} months"
            part = row["domain"] + (f"/{row['stage']}" if row["stage"] else "")
            lines.append(f"  {part} {row['measure']}: {value}")
        return "\n".join(lines)


def _rows(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The lists of the study as rows of one form."""
    out = []
    keys = [(row["domain"], row["stage"]) for row in found["scaffolds"]]
    for domain, stage in keys:
        for name, (where, path, _) in MEASURES.items():
            row = next(r for r in found[where] if (r["domain"], r["stage"]) == (domain, stage))
            detail: Any = row if len(path) == 1 else row[path[0]]
            months = detail.get(path[-1]) or row["gain_months"]
            out.append(
                {
                    "domain": domain,
                    "stage": stage,
                    "measure": name,
                    "months": months,
                    "groups": detail["groups"],
                }
            )
    return out


def lag_harness(
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
) -> HarnessResult:
    """How much of a score, and how many months, are scaffold and budget rather than weights.

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
        Run the study now where no stored one is of this data and these options (a minute or two).
    as_of : date, optional
        Only what was known by this day.
    seed : int
    offline, progress : bool

    Returns
    -------
    HarnessResult
        Without rows, and with the warning ``harness_not_computed``, where nothing is stored for
        this data and ``compute`` was not asked for.

    Raises
    ------
    BadOption

    Examples
    --------
    >>> import headway
    >>> print(headway.lag_harness("cyber", compute=True).text())  # doctest: +SKIP
    """
    with offline_if(offline):
        asked = ask(
            "--harness",
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
        found, provenance = study_of("harness", asked)
        warned = asked.warned
        if found is None:
            warned = (*warned, Warned("harness_not_computed"))
            lists = ("components", "scaffolds", "efforts", "budgets", "splits")
            found = {name: [] for name in lists}
        cells = set(asked.cells)

        def kept(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
            return [r for r in rows if (r["domain"], r.get("stage")) in cells]

        return HarnessResult(
            data_release=head_in_use().data_release,
            as_of=asked.day,
            options=asked.shown,
            warnings=warned,
            provenance=provenance,
            documents=tuple(kept(_rows(found))),
            facts={
                "components": kept(found["components"]),
                "splits": kept(found["splits"]),
                "details": {
                    name: kept(found[name]) for name in ("scaffolds", "efforts", "budgets")
                },
            },
        )
