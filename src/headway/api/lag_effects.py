"""``headway lag --effects``: how much the kind of evidence moves scores, and the lag with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from headway import cache
from headway.api.data import load, resolve_as_of
from headway.api.envelope import Result, Warned, choices, envelope
from headway.api.lag import DEFAULT_SEED, DOMAINS, quantity_from_json
from headway.api.offline import offline_if
from headway.errors import BadOption
from headway.problems import problem
from headway.provenance import Provenance
from headway.tables.choice import head_in_use
from headway.tables.store import ReleaseHead

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

    from headway.result import Quantity

__all__ = ["EffectsResult", "lag_effects"]

#: Rows that make the text table; the others are in ``.table()`` and the JSON.
_TABLE = (
    "first_party",
    "competitor",
    "first_party_open_less_closed",
    "lag_without_first_party",
    "public_less_held_out",
    "per_year_open_less_closed",
    "information_near_ceiling",
    "evidence_from_saturated",
    "lag_without_saturated",
    "odds_per_logit",
    "control_function",
    "lag_with_selection",
    "held_out_less_public",
    "flag_stated_last_18_months",
    "sd_evaluator",
    "sd_scaffold",
    "sd_version",
    "agentic_open_less_closed",
    "all_by_any",
    "between_attempts",
    "developer_alone_mean",
)
_EFFECT_WORDS = {
    "inflation": "effects-name-inflation",
    "held_out": "effects-name-held_out",
    "freshness": "effects-name-freshness",
    "saturation": "effects-name-saturation",
    "selection": "effects-name-selection",
    "distillation": "effects-name-distillation",
    "tellings": "effects-name-tellings",
    "robustness": "effects-name-robustness",
    "reliability": "effects-name-reliability",
    "dependence": "effects-name-dependence",
}
_BASIS_WORDS = {
    "model": "effects-basis-model",
    "matched": "effects-basis-matched",
    "counted": "effects-basis-counted",
}
_CLASS_WORDS = {"open": "effects-class-open", "closed": "effects-class-closed"}
_MEASURE_WORDS = {
    "first_party": "effects-measure-first_party",
    "competitor": "effects-measure-competitor",
    "first_party_less_competitor": "effects-measure-first_party_less_competitor",
    "first_party_open_less_closed": "effects-measure-first_party_open_less_closed",
    "lag_without_first_party": "effects-measure-lag_without_first_party",
    "lag_without_parties": "effects-measure-lag_without_parties",
    "public_less_held_out": "effects-measure-public_less_held_out",
    "gap_public": "effects-measure-gap_public",
    "gap_held_out": "effects-measure-gap_held_out",
    "per_year": "effects-measure-per_year",
    "per_year_open_less_closed": "effects-measure-per_year_open_less_closed",
    "information_near_ceiling": "effects-measure-information_near_ceiling",
    "evidence_from_saturated": "effects-measure-evidence_from_saturated",
    "lag_without_saturated": "effects-measure-lag_without_saturated",
    "odds_per_logit": "effects-measure-odds_per_logit",
    "odds_per_logit_open_less_closed": "effects-measure-odds_per_logit_open_less_closed",
    "odds_open": "effects-measure-odds_open",
    "odds_lab_size": "effects-measure-odds_lab_size",
    "control_function": "effects-measure-control_function",
    "lag_with_selection": "effects-measure-lag_with_selection",
    "held_out_less_public": "effects-measure-held_out_less_public",
    "lag_with_distilled": "effects-measure-lag_with_distilled",
    "flag_stated": "effects-measure-flag_stated",
    "flag_stated_last_18_months": "effects-measure-flag_stated_last_18_months",
    "sd_evaluator": "effects-measure-sd_evaluator",
    "sd_scaffold": "effects-measure-sd_scaffold",
    "sd_harness": "effects-measure-sd_harness",
    "sd_version": "effects-measure-sd_version",
    "sd_setup_model": "effects-measure-sd_setup_model",
    "sd_scaffold_model": "effects-measure-sd_scaffold_model",
    "agentic_open_less_closed": "effects-measure-agentic_open_less_closed",
    "all_by_any": "effects-measure-all_by_any",
    "all_by_any_open_less_closed": "effects-measure-all_by_any_open_less_closed",
    "between_attempts": "effects-measure-between_attempts",
    "between_attempts_open_less_closed": "effects-measure-between_attempts_open_less_closed",
    "developer_alone": "effects-measure-developer_alone",
    "developer_alone_mean": "effects-measure-developer_alone_mean",
    "developer_or_rival": "effects-measure-developer_or_rival",
    "developer_or_rival_mean": "effects-measure-developer_or_rival_mean",
}


@dataclass(frozen=True)
class EffectsResult(Result):
    """Effects of the kind of evidence, one row per effect, measure, group and basis.

    Parameters
    ----------
    documents : tuple of mapping
        The rows in their JSON form (:class:`headway.estimate.lag.effects.EffectRow`).
    facts : mapping
        ``lags`` (the headline of each domain from the same draws), ``information`` (per score, by
        share of the range), ``saturated`` (benchmarks), ``candidates``, ``standard_errors``,
        ``null_worlds``. Empty where nothing was computed for this data.
    """

    documents: tuple[Mapping[str, Any], ...]
    facts: Mapping[str, Any]

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return envelope(
            "lag-effects",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=self.documents,
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
            extra={"facts": self.facts},
        )

    def table(self) -> pl.DataFrame:
        """One row per effect: identifying columns, estimate, points, months, their intervals, notes."""
        import polars as pl

        text, number = pl.String, pl.Float64
        columns: dict[str, list[Any]] = {
            "effect": [row["effect"] for row in self.documents],
            "measure": [row["measure"] for row in self.documents],
            "basis": [row["basis"] for row in self.documents],
        }
        for name in ("domain", "access_class", "model"):
            columns[name] = [row["group"][name] for row in self.documents]
        for name in ("estimate", "points", "months"):
            found = [row[name] and quantity_from_json(row[name]) for row in self.documents]
            columns[name] = [None if q is None else q.value for q in found]
            ends = [None if q is None else q.interval for q in found]
            columns[f"{name}_low"] = [None if i is None else i.low for i in ends]
            columns[f"{name}_high"] = [None if i is None else i.high for i in ends]
        estimates = [quantity_from_json(row["estimate"]) for row in self.documents]
        columns["unit"] = [q.unit for q in estimates]
        columns["status"] = [q.status for q in estimates]
        columns["n"] = [q.n for q in estimates]
        columns["n_clusters"] = [q.n_clusters for q in estimates]
        columns["notes"] = ["; ".join(q.notes) for q in estimates]
        words = ("effect", "measure", "basis", "domain", "access_class", "model", "unit", "status")
        numbers = [
            f"{name}{end}"
            for name in ("estimate", "points", "months")
            for end in ("", "_low", "_high")
        ]
        return pl.DataFrame(
            columns,
            schema_overrides={
                **dict.fromkeys((*words, "notes"), text),
                **dict.fromkeys(numbers, number),
            },
        )

    def find(
        self,
        effect: str,
        measure: str,
        basis: str,
        *,
        domain: str | None = None,
        access_class: str | None = None,
    ) -> Mapping[str, Any] | None:
        """The row of a group (not of a single model), if there is one."""
        group = {"domain": domain, "access_class": access_class, "model": None}
        for row in self.documents:
            if (row["effect"], row["measure"], row["basis"]) == (effect, measure, basis) and (
                dict(row["group"]) == group
            ):
                return row
        return None

    def quantity(self, *path: str, of: str = "estimate", **group: str) -> Quantity | None:
        """One quantity of :meth:`find`; ``of`` is ``estimate``, ``points`` or ``months``."""
        row = self.find(path[0], path[1], path[2], **group)
        return None if row is None or row[of] is None else quantity_from_json(row[of])

    def cells(self, lang: str = "en") -> tuple[list[str], list[list[str]]]:
        """Header and cells of the text table: one line per measure and group, both bases beside."""
        from headway.i18n import message

        keys = (
            "effects-column-effect",
            "effects-column-group",
            "effects-basis-model",
            "effects-column-other",
            "effects-column-months",
            "effects-column-n",
        )
        header = [message(key, lang) for key in keys]
        lines: dict[tuple[str, str | None, str | None], dict[str, Mapping[str, Any]]] = {}
        for row in self.documents:
            group = row["group"]
            if row["measure"] in _TABLE and group["model"] is None:
                place = (row["measure"], group["domain"], group["access_class"])
                lines.setdefault(place, {})[row["basis"]] = row
        order = {name: i for i, name in enumerate(_TABLE)}
        domains = {name: i for i, name in enumerate((None, *DOMAINS))}
        rows = []
        for place, found in sorted(
            lines.items(), key=lambda line: (order[line[0][0]], domains[line[0][1]])
        ):
            measure, domain, kind = place
            model = found.get("model")
            other = found.get("matched") or found.get("counted")
            months = None if model is None or model["months"] is None else model["months"]
            told = [row for row in (model, other) if row is not None]
            rows.append(
                [
                    message(_MEASURE_WORDS[measure], lang),
                    group_words({"domain": domain, "access_class": kind, "model": None}, lang),
                    _shown(model, lang),
                    _shown(other, lang),
                    "-" if months is None else short(quantity_from_json(months), lang),
                    " / ".join(str(row["estimate"]["n"]) for row in told),
                ]
            )
        return header, rows

    def text(self, lang: str = "en") -> str:
        from headway.api.lag_effects_words import sentences
        from headway.i18n import message
        from headway.textsafe import plain_table

        if not self.documents:
            return message("effects-not_computed", lang)
        said = "\n".join(f"- {line}" for line in sentences(self, lang))
        level = f"{100 * float(self.options['level']):g} %"
        head = message("effects-intervals", lang, level=level)
        return f"{head}\n\n{said}\n\n{plain_table(*self.cells(lang), right=(5,))}"

    def plot(self, *, lang: str = "en") -> alt.TopLevelMixin:
        """Forest of the effects in points at a score of 50 %.

        Raises
        ------
        BadOption
            Nothing was computed for this data.
        """
        from headway.figures.effects import effects_chart

        if not self.documents:
            raise problem(BadOption, "effects-empty")
        return effects_chart(self.documents, lang=lang)

    def __repr__(self) -> str:
        lines = [f"EffectsResult(as of {self.as_of}, release {self.data_release})"]
        for row in self.documents[:8]:
            q = row["estimate"]
            value = q["status"] if q["value"] is None else f"{q['value']:.2f} {q['unit']}"
            where = row["group"]["domain"] or "all"
            lines.append(f"  {row['effect']}/{row['measure']} ({where}, {row['basis']}): {value}")
        if len(self.documents) > 8:
            lines.append(f"  … {len(self.documents) - 8} more")
        return "\n".join(lines)


def short(q: Quantity, lang: str) -> str:
    """Value and interval ends in brackets, or the reason why there are none."""
    from headway.i18n import decimals_for, interval_words, message, note, quantity_short

    if q.value is None:
        return note(q.notes[0], lang)
    if q.interval is None:
        return quantity_short(q, lang)
    places = decimals_for(q.interval, q.value)
    return message(
        "effects-cell",
        lang,
        amount=quantity_short(q, lang),
        interval=interval_words(q.interval, lang, decimals=places),
    )


def share_words(q: Quantity, lang: str) -> str:
    """A proportion as percent with its interval as percent."""
    from headway.i18n import message, percent

    if q.value is None:
        return short(q, lang)
    if q.interval is None:
        return percent(q.value, lang)
    return message(
        "effects-percent",
        lang,
        value=percent(q.value, lang),
        low=percent(q.interval.low, lang),
        high=percent(q.interval.high, lang),
    )


def _shown(row: Mapping[str, Any] | None, lang: str) -> str:
    """A row in points where it has them, else as it is."""
    if row is None:
        return "-"
    q = quantity_from_json(row["estimate"] if row["points"] is None else row["points"])
    return share_words(q, lang) if q.unit == "proportion" else short(q, lang)


def group_words(group: Mapping[str, Any], lang: str) -> str:
    """Domain, class and model of a group in words; "all" without any."""
    from headway.i18n import message

    parts = []
    if group["domain"] is not None:
        parts.append(message(f"domain-{group['domain']}", lang))
    if group["access_class"] is not None:
        parts.append(message(_CLASS_WORDS[group["access_class"]], lang))
    if group["model"] is not None:
        parts.append(str(group["model"]))
    return message("list-separator", lang).join(parts) or message("effects-group-all", lang)


def lag_effects(
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
) -> EffectsResult:
    """How much the kind of evidence moves scores, and the lag with them.

    Parameters
    ----------
    domain : str or sequence, optional
        Keep the rows of these domains (and those of no domain).
    stage, definition, frontier, evidence, access_basis
        Of the common options of ``headway lag``; only the defaults have a meaning here: months are
        those of ``lag_mean_12m`` against the public frontier, and the kinds of evidence are what
        is compared.
    level : float
        Of every interval, 0-1.
    compute : bool
        Run the study now where no stored one is of this data and these options (about a minute).
    as_of : date, optional
        Only what was known by this day.
    seed : int
    offline : bool
    progress : bool

    Returns
    -------
    EffectsResult
        Without rows, and with the warning ``effects_not_computed``, where nothing is stored for this
        data and ``compute`` was not asked for.

    Raises
    ------
    BadOption
        An option that has no meaning here.

    Examples
    --------
    >>> import headway
    >>> found = headway.lag_effects(compute=True)  # doctest: +SKIP
    >>> print(found.text())  # doctest: +SKIP
    """
    if not 0 < level < 1:
        raise problem(BadOption, "bad-level", value=level)
    for option, given in (
        ("--stage", stage is not None),
        ("--definition", definition not in (None, "lag_mean_12m")),
        ("--frontier", frontier not in ("public", ("public",))),
        ("--evidence", evidence not in ("all", ("all",))),
        ("--access-basis", access_basis != "all"),
    ):
        if given:
            raise problem(BadOption, "effects-option", option=option)
    domains = DOMAINS if domain is None else choices("--domain", domain, DOMAINS, "lag")
    with offline_if(offline):
        head = head_in_use()
        day, warned = resolve_as_of(head, as_of)
        # a day beyond the data says nothing more than the data do
        used = min(day, head.data_through)
        options = {"seed": seed, "level": level, "as_of": used.isoformat()}
        document = _document(head, options, used, compute=compute, progress=progress)
        if document is None:
            warned = (*warned, Warned("effects_not_computed"))
            document = {"rows": []}
        rows = [r for r in document["rows"] if r["group"]["domain"] in (None, *domains)]
        shown = {"domain": list(domains), "level": level, "compute": compute}
        return EffectsResult(
            data_release=head.data_release,
            as_of=day,
            options=shown,
            warnings=warned,
            provenance=Provenance(
                data_release=head.data_release,
                rows_hash=head.rows_hash,
                options={**shown, "as_of": day.isoformat()},
                seed=seed,
            ),
            documents=tuple(rows),
            facts={name: value for name, value in document.items() if name != "rows"},
        )


def _document(
    head: ReleaseHead, options: Mapping[str, Any], day: date, *, compute: bool, progress: bool
) -> Mapping[str, Any] | None:
    """The study of this data: cached, shipped, or computed now if asked for."""
    key = cache.key("effects", rows_hash=head.rows_hash, options=options)
    entry = cache.load(key)
    if entry is not None:
        found: Mapping[str, Any] = entry.document
        return found
    from headway.checks.effects import STUDY, run_study
    from headway.checks.stored import load_stored

    stored = load_stored(STUDY, head.rows_hash, options)
    if stored is None and compute:
        _, stored = run_study(
            load(),
            seed=int(options["seed"]),
            level=float(options["level"]),
            as_of=day,
            progress="effects" if progress else None,
        )
    if stored is not None:
        cache.store(key, stored)
    return stored
