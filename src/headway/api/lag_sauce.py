"""``headway lag --sauce``: cyber ability beyond what coding and general ability explain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from headway.api.envelope import Warned
from headway.api.lag import DEFAULT_SEED, quantity_from_json
from headway.api.lag_latent import StudyResult, ask, shown, study_of
from headway.api.offline import offline_if
from headway.errors import BadOption
from headway.problems import problem
from headway.tables.choice import head_in_use

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

__all__ = ["SauceResult", "lag_sauce"]

_CLASSES = {"closed": "sauce-class-closed", "open": "sauce-class-open"}
VERDICTS = {
    "jump": "sauce-verdict-jump",
    "ahead": "sauce-verdict-ahead",
    "undecided": "sauce-verdict-undecided",
    "behind": "sauce-verdict-behind",
    "not_estimable": "sauce-verdict-not_estimable",
}
#: The model of the headline sentence.
FIRST = "claude-mythos-preview"
#: Rows of the table of models in the text.
_MOST = 12


@dataclass(frozen=True)
class SauceResult(StudyResult):
    """Models beyond the trend and beyond expectation (``documents``), and the regressions.

    ``facts``: ``structures`` (shares of variance and slopes per part of cyber and access class,
    at one date and over all dates, with a joint and with separate fits), ``distribution`` (what a
    new model may have beyond expectation, with draws for later stages), ``published`` (leads that
    were published, and the same rule on our ability), ``validation`` (simulated worlds).
    """

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return self._json("lag-sauce", lang)

    def table(self) -> pl.DataFrame:
        """One row per model and part of cyber: residual and lead with their intervals."""
        import polars as pl

        columns: dict[str, list[Any]] = {
            name: [row[name] for row in self.documents]
            for name in (
                "domain",
                "stage",
                "access_class",
                "model",
                "entered",
                "p_beyond",
                "p_ahead",
                "p_jump",
                "verdict",
            )
        }
        for name in ("residual", "residual_months", "lead_months"):
            found = [quantity_from_json(row[name]) for row in self.documents]
            columns[name] = [q.value for q in found]
            columns[f"{name}_low"] = [None if q.interval is None else q.interval.low for q in found]
            columns[f"{name}_high"] = [
                None if q.interval is None else q.interval.high for q in found
            ]
        text = ("domain", "stage", "access_class", "model", "entered", "verdict")
        numbers = [c for c in columns if c not in text]
        return pl.DataFrame(
            columns,
            schema_overrides={
                **dict.fromkeys(text, pl.String),
                **dict.fromkeys(numbers, pl.Float64),
            },
        ).with_columns(pl.col("entered").str.to_date())

    def structure(
        self,
        access_class: str,
        stage: str | None = None,
        *,
        at_one_date: bool = True,
        fits: str = "joint",
    ) -> Mapping[str, Any] | None:
        """One regression of ``facts['structures']``."""
        rows: Sequence[Mapping[str, Any]] = self.facts["structures"]
        for row in rows:
            key = (row["access_class"], row["stage"], row["at_one_date"], row["fits"])
            if key == (access_class, stage, at_one_date, fits):
                return row
        return None

    def model(self, name: str, stage: str | None = None) -> Mapping[str, Any] | None:
        """The row of a model in the cyber headline or a stage."""
        for row in self.documents:
            if (row["model"], row["stage"]) == (name, stage):
                return row
        return None

    def text(self, lang: str = "en") -> str:
        from headway.i18n import message
        from headway.textsafe import plain_table

        if not self.documents and not self.facts["structures"]:
            return message("sauce-not_computed", lang)
        said = "\n".join(f"- {line}" for line in self.sentences(lang))
        return "\n\n".join(
            [
                said,
                plain_table(*self._structures(lang), right=(2,)),
                f"{message('sauce-models-title', lang)}\n{plain_table(*self._models(lang))}",
            ]
        )

    def sentences(self, lang: str = "en") -> list[str]:
        """The finding in words."""
        from headway.i18n import message, percent

        out = []
        for kind in ("closed", "open"):
            row = self.structure(kind)
            alone = self.structure(kind, fits="separate")
            if row is None or row["explained"]["value"] is None:
                continue
            out.append(
                message(
                    "sauce-finding-share",
                    lang,
                    group=message(_CLASSES[kind], lang),
                    both=shown(row["explained"], lang, percent=True),
                    coding=shown(row["explained_coding"], lang, percent=True),
                    separate=message("none", lang)
                    if alone is None
                    else shown(alone["explained"], lang, percent=True),
                )
            )
        first = self.model(FIRST)
        if first is not None:
            out.append(
                message(
                    "sauce-finding-lead",
                    lang,
                    model=FIRST,
                    lead=shown(first["lead_months"], lang),
                    residual=shown(first["residual_months"], lang),
                    share=message("unknown", lang)
                    if first["p_jump"] is None
                    else percent(first["p_jump"], lang),
                )
            )
        parts = [
            message(
                "sauce-finding-stage",
                lang,
                stage=message(f"stage-{row['stage']}", lang),
                lead=shown(row["lead_months"], lang),
                verdict=message(VERDICTS[row["verdict"]], lang),
                scores=str(row["scores"][2]),
            )
            for row in self.documents
            if row["model"] == FIRST and row["stage"] is not None
        ]
        if parts:
            out.append(
                message(
                    "sauce-finding-stages",
                    lang,
                    model=FIRST,
                    parts=message("list-separator", lang).join(parts),
                )
            )
        for row in self.facts["published"]:
            figure = row["published"]
            out.append(
                message(
                    "sauce-finding-published",
                    lang,
                    model=row["model"],
                    value=_number(figure["value"], lang),
                    low=_number(figure["low"], lang),
                    high=_number(figure["high"], lang),
                    ours=shown(row["by_rule"], lang),
                )
            )
        return out

    def _structures(self, lang: str) -> tuple[list[str], list[list[str]]]:
        from headway.i18n import message

        header = [
            message("sauce-column-part", lang),
            message("sauce-column-class", lang),
            message("sauce-column-models", lang),
            message("sauce-column-both", lang, level=self.level),
            message("sauce-column-coding", lang),
            message("sauce-column-general", lang),
            message("sauce-column-slope_coding", lang),
            message("sauce-column-slope_general", lang),
            message("sauce-column-sd", lang),
        ]
        rows = []
        for row in self.facts["structures"]:
            if not row["at_one_date"] or row["fits"] != "joint":
                continue
            key = "stage-all" if row["stage"] is None else f"stage-{row['stage']}"
            rows.append(
                [
                    message(key, lang),
                    message(_CLASSES[row["access_class"]], lang),
                    str(row["n"]),
                    shown(row["explained"], lang, percent=True),
                    shown(row.get("explained_coding"), lang, percent=True),
                    shown(row.get("explained_general"), lang, percent=True),
                    shown(row.get("slope_coding"), lang),
                    shown(row.get("slope_general"), lang),
                    shown(row.get("residual_sd"), lang),
                ]
            )
        return header, rows

    def _models(self, lang: str) -> tuple[list[str], list[list[str]]]:
        from headway.i18n import message, note

        header = [
            message("sauce-column-model", lang),
            message("sauce-column-class", lang),
            message("sauce-column-entered", lang),
            message("sauce-column-lead", lang, level=self.level),
            message("sauce-column-verdict", lang),
            message("sauce-column-residual", lang),
            message("sauce-column-remark", lang),
        ]
        rows = []
        shown_stage = self.documents[0]["stage"] if self.documents else None
        for row in [r for r in self.documents if r["stage"] == shown_stage][:_MOST]:
            remarks = [n for n in row["residual"]["notes"] if n.startswith("no_")]
            rows.append(
                [
                    row["model"],
                    message(_CLASSES[row["access_class"]], lang),
                    row["entered"],
                    shown(row["lead_months"], lang),
                    message(VERDICTS[row["verdict"]], lang),
                    shown(row["residual_months"], lang),
                    message("list-separator", lang).join(note(n, lang) for n in remarks),
                ]
            )
        return header, rows

    def plot(self, *, lang: str = "en") -> alt.TopLevelMixin:
        """Lead over the trend and residual of each judged model, in months.

        Raises
        ------
        BadOption
            Nothing was computed for this data.
        """
        from headway.figures.sauce import sauce_chart

        if not self.documents:
            raise problem(BadOption, "sauce-empty")
        return sauce_chart(self.documents, lang=lang)

    def __repr__(self) -> str:
        lines = [f"SauceResult(as of {self.as_of}, release {self.data_release})"]
        for row in self.documents[:8]:
            q = row["lead_months"]
            value = q["status"] if q["value"] is None else f"{q['value']:.1f} months"
            lines.append(f"  {row['model']} ({row['stage'] or 'cyber'}): lead {value}")
        return "\n".join(lines)


def _number(value: float | None, lang: str) -> str:
    from headway.i18n import message, number

    return message("unknown", lang) if value is None else number(value, lang, 1)


def lag_sauce(
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
) -> SauceResult:
    """How much of cyber ability is coding and general ability, and who stands beyond it.

    Parameters
    ----------
    domain : str, optional
        Only ``cyber`` has a meaning here.
    stage : str or sequence, optional
        Keep these stages of cyber; without it the headline and all stages.
    definition, frontier
        Of the common options of ``headway lag``; only the defaults have a meaning here.
    evidence : str
        One filter; another than ``all`` is a fit of its own.
    level : float
        Of every interval, 0-1.
    access_basis : {"all", "stated"}
    compute : bool
        Run the study now where no stored one is of this data and these options (some minutes).
    as_of : date, optional
        Only what was known by this day.
    seed : int
    offline, progress : bool

    Returns
    -------
    SauceResult
        Without rows, and with the warning ``sauce_not_computed``, where nothing is stored for this
        data and ``compute`` was not asked for.

    Raises
    ------
    BadOption

    Examples
    --------
    >>> import headway
    >>> print(headway.lag_sauce(compute=True).text())  # doctest: +SKIP
    """
    with offline_if(offline):
        asked = ask(
            "--sauce",
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
            domains=("cyber",),
        )
        found, provenance = study_of("sauce", asked)
        warned = asked.warned
        if found is None:
            warned = (*warned, Warned("sauce_not_computed"))
            lists = ("models", "structures", "distribution", "published", "validation")
            found = {name: [] for name in lists}
        kept = {s for _, s in asked.cells}
        return SauceResult(
            data_release=head_in_use().data_release,
            as_of=asked.day,
            options=asked.shown,
            warnings=warned,
            provenance=provenance,
            documents=tuple(r for r in found["models"] if r["stage"] in kept),
            facts={
                "structures": [r for r in found["structures"] if r["stage"] in kept],
                "distribution": [r for r in found["distribution"] if r["stage"] in kept],
                "published": found["published"],
                "validation": found["validation"],
            },
        )
