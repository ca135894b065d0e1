"""The report: one self-contained HTML file in English or Japanese.

No network, no external font, no inline event handler: a strict content security policy in the
file itself names the hashes of its only style sheet and its only script. Equal contents give
equal bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from headway import figures
from headway.figures import ForestRow, LagRowLike, Size, Spec
from headway.figures.frontier import outside
from headway.figures.theme import PALETTES
from headway.i18n import (
    amount,
    catalogue,
    day,
    message,
    month,
    note,
    number,
    percent,
    quantity_short,
)
from headway.publish import tables, trust
from headway.publish.answers import QUESTIONS, Answer, AnswerFigure
from headway.publish.content import ReportContent, lag_row_to_json
from headway.publish.svg import colour_css, for_page
from headway.publish.tables import Table
from headway.result import Quantity

__all__ = ["render", "write"]

#: Standing caveats in order of importance; data-dependent warnings join them.
CAVEATS = (
    "caveat-scores_not_ability",
    "caveat-public_record",
    "caveat-selection",
    "caveat-past",
    "caveat-few_models",
    "caveat-access_dates",
    "caveat-restricted",
    "caveat-coverage",
    "caveat-narrow",
    "caveat-no_safety",
)
DEFINITIONS = (
    "lag_mean_12m",
    "lag_now",
    "lag_at_record",
    "headway_months",
    "lag_trend",
    "gap",
)
EVIDENCE = ("all", "independent", "held_out", "first_party")
STATES = ("estimated", "open_leads", "censored", "not_estimable")
#: Sections in order, under the headings of the navigation; questions join behind their section.
GROUPS: dict[str, tuple[str, ...]] = {
    "navigation-lag": ("answer",),
    "navigation-time": ("frontiers", "history", "headway"),
    "navigation-ground": ("stages", "evidence"),
    "navigation-method": (
        "definitions",
        "trust",
        "drivers",
        "tiers",
        "method",
        "sources",
        "cite",
    ),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the page: drawing, facts about it, data."""

    key: str
    title: str
    alt: str
    number: int
    wide: str
    narrow: str
    badges: list[str]
    captions: list[str]
    tables: list[Table]
    cite: str
    #: where the script finds the rows: a frame of the content or a list, with equalities
    data: dict[str, Any]
    spec: dict[str, Any] = field(repr=False)


def render(content: ReportContent, lang: str = "en", answers: Sequence[Answer] = ()) -> str:
    """The report as HTML text.

    Parameters
    ----------
    content : ReportContent
    lang : {"en", "ja"}
    answers : sequence of Answer
        Further questions, in that language.

    Raises
    ------
    BadOption
        The language does not ship.
    BadTable, ColumnsMissing
        The content is not well formed.
    """
    import jinja2

    catalogue(lang)
    content.check()
    page = _Page(content, lang, answers)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("headway.publish", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    assert environment.loader is not None
    style = _style(environment)
    script = environment.loader.get_source(environment, "report.js")[0]
    told = content.to_json()
    if answers:
        told["answers"] = {key: rows for a in answers for key, rows in a.data().items()}
    data = _script_json({"content": told, "figures": page.figure_data()})
    return environment.get_template("report.html.j2").render(
        page=page,
        content=content,
        lang=lang,
        t=partial(message, lang=lang),
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
        data=data,
        navigation=page.navigation,
        definitions=DEFINITIONS,
        evidence=EVIDENCE,
        states=STATES,
        command=trust.COMMAND,
    )


def write(
    content: ReportContent, path: str | Path, lang: str = "en", answers: Sequence[Answer] = ()
) -> Path:
    """Write the report to ``path`` and return it."""
    target = Path(path)
    target.write_text(render(content, lang, answers), encoding="utf-8", newline="\n")
    return target


class _Page:
    """What the template shows, in the order of the page."""

    def __init__(self, content: ReportContent, lang: str, answers: Sequence[Answer] = ()) -> None:
        self.content = content
        self._asked = {answer.key: answer for answer in answers}
        self.navigation = self._navigation()
        self.briefs = [
            {"section": key, "lines": self._asked[key].brief}
            for key in QUESTIONS
            if key in self._asked and self._asked[key].brief
        ]
        self.lang = lang
        self.t = partial(message, lang=lang)
        self.level = percent(content.level, lang)
        self.as_of = day(content.as_of, lang)
        self._figures: list[Figure] = []
        self._now = {
            (row.domain, row.frontier): row.lag
            for row in content.lags
            if row.definition == "lag_now" and row.stage is None and row.evidence == "all"
        }
        seen = [row.domain for row in content.headline if row.stage is None]
        self.domains = list(dict.fromkeys(seen))
        self.facts = self.t(
            "report-facts",
            as_of=self.as_of,
            data_release=content.data_release,
            level=self.level,
            **{
                key: number(content.counts[key], lang)
                for key in ("models", "scores", "benchmarks", "sources")
            },
        )
        self.caveats = self._caveats()
        self.cards = [self._card(row) for row in content.headline if row.stage is None]
        self.headline = self._headline_figure()
        self.answers = {"answer": self._answers("answer")}
        self.frontiers = [self._frontier_figure(domain) for domain in self.domains]
        self.history = self._history_figure()
        self.headway = self._headway_figure()
        self.answers["headway"] = self._answers("headway")
        self.stages = self._stages_figure()
        self.evidence = self._evidence_figure()
        self.answers["evidence"] = self._answers("evidence")
        self.definitions = self._definition_tables()
        self.trust = self._trust()
        self.drivers = tables.drivers_table(content.drivers, lang)
        self.drivers_title = self._counted(
            "finding-drivers",
            content.drivers.filter(pl.col("probability") >= 0.05)["model_version"].n_unique(),
        )
        self.tiers = [self._tiers(domain) for domain in self.domains]
        self.scale = [self._scale(domain) for domain in self.domains if domain in content.scale]
        self.sources = tables.sources_table(content.sources, lang)
        self.provenance = self._provenance()
        self.cite = self.t(
            "cite-text",
            data_release=content.data_release,
            version=content.code_version,
            as_of=self.as_of,
        )

    def figure_data(self) -> dict[str, Any]:
        """Per figure: where its rows are, its specification, its citation."""
        return {
            figure.key: {
                "title": figure.title,
                "cite": figure.cite,
                "data": figure.data,
                "spec": figure.spec,
            }
            for figure in self._figures
        }

    # the parts of the page

    def _navigation(self) -> list[tuple[str, list[str]]]:
        """Headings with the keys of their sections in order, questions that were asked included."""
        out = []
        for heading, sections in GROUPS.items():
            keys = []
            for name in sections:
                keys.append(name)
                keys += [q for q, after in QUESTIONS.items() if after == name and q in self._asked]
            out.append((heading, keys))
        return out

    def _answers(self, after: str) -> list[dict[str, Any]]:
        """What the template shows of the questions that stand after a section."""
        out = []
        for key, place in QUESTIONS.items():
            answer = self._asked.get(key)
            if answer is None or place != after:
                continue
            out.append(
                {
                    "key": key,
                    "title": self.t(f"section-{key}"),
                    "question": self.t(f"question-{key}"),
                    "command": answer.command,
                    "computed": answer.computed,
                    "reason": answer.reason or self.t("answer-none"),
                    "sentences": answer.sentences,
                    "more": answer.more,
                    "more_title": self._counted("answer-more", len(answer.more)),
                    "figures": [self._answer_figure(key, figure) for figure in answer.figures],
                    "tables": answer.tables,
                }
            )
        return out

    def _answer_figure(self, key: str, figure: AnswerFigure) -> Figure:
        """A figure of a question with the facts that stand beside every figure."""
        rows = key if figure.rows is None else figure.key
        return self._figure(
            figure.key,
            figure.title,
            figure.chart,
            [*figure.captions, self.t("figure-hint")],
            [figure.table],
            {"list": f"answers.{rows}", "where": {}},
            self.content.points,
            counted=figure.counted,
        )

    def _caveats(self) -> list[str]:
        """All caveats as text: urgent warnings, standing caveats, other warnings."""

        def words(code: str, args: Mapping[str, str | int | float]) -> str:
            return self.t(f"warning-{code}", **self._fields(args))

        top = [words(w.code, w.args) for w in self.content.warnings if w.top]
        rest = [words(w.code, w.args) for w in self.content.warnings if not w.top]
        standing = [self.t(key) for key in CAVEATS]
        return [*top, *standing[:2], *rest, *standing[2:]]

    def _fields(self, args: Mapping[str, str | int | float]) -> dict[str, str]:
        """Arguments of a warning, formatted for the language."""
        out: dict[str, str] = {}
        for key, value in args.items():
            if key == "share" and not isinstance(value, str):
                out[key] = percent(float(value), self.lang)
            elif key == "domain":
                out[key] = self.t(f"domain-{value}")
            elif key in ("as_of", "data_through"):
                out[key] = day(date.fromisoformat(str(value)), self.lang)
            elif isinstance(value, int):
                out[key] = number(value, self.lang)
            elif isinstance(value, float):
                out[key] = number(value, self.lang, 1)
            else:
                out[key] = value
        return out

    def _counted(self, key: str, count: int) -> str:
        """A text with a number that decides between singular and plural."""
        return self.t(key, count=number(count, self.lang), many="one" if count == 1 else "other")

    def _card(self, row: LagRowLike) -> dict[str, Any]:
        """The headline answer of one domain."""
        q, lang = row.lag, self.lang
        reason = self.t("list-separator").join(note(key, lang) for key in q.notes)
        shares = q.probabilities or {}
        chances = [
            self.t(
                "card-chance",
                state=self.t(f"state-{state}"),
                share=percent(share, lang),
            )
            for state, share in shares.items()
            if share >= 0.005 and state in STATES
        ]
        zero = figures.open_days(q, lang)
        restricted = [
            other
            for other in self.content.lags
            if (other.domain, other.stage, other.definition, other.frontier, other.evidence)
            == (row.domain, None, row.definition, "restricted", row.evidence)
        ]
        return {
            "domain": row.domain,
            "name": self.t(f"domain-{row.domain}"),
            "status": q.status,
            "value": quantity_short(q, lang),
            "sentence": self.t(
                f"card-{q.status}",
                amount=quantity_short(q, lang),
                reason=reason or self.t("card-no_reason"),
            )
            if zero is None
            else self.t("card-zero", why=zero),
            "measurement": None
            if q.status == "not_estimable"
            else tables.interval_text(q, q.interval, lang),
            "process": None if q.status == "not_estimable" else tables.process_text(q, lang),
            "restricted": self.t("card-restricted", amount=self._with_interval(restricted[0].lag))
            if restricted
            else None,
            "basis": self.t(
                "card-basis",
                models=self._counted("figure-models", q.n),
                developers=self._counted("count-developers", q.n_clusters),
            ),
            "chances": self.t("card-chances", list=self.t("list-separator").join(chances))
            if len(chances) > 1
            else None,
        }

    def _with_interval(self, q: Quantity) -> str:
        """``11 months (7 to 16)`` or the state in words."""
        if q.interval is None:
            return quantity_short(q, self.lang)
        return self.t(
            "chart-value_interval",
            amount=quantity_short(q, self.lang),
            interval=tables.interval_text(q, q.interval, self.lang),
        )

    def _items(self, pairs: Sequence[tuple[str, Quantity]]) -> str:
        """Names with their quantities as a list in one line."""
        parts = []
        for name, q in pairs:
            zero = figures.open_days(q, self.lang)
            if zero is not None:
                value = self.t("quantity-zero", amount=quantity_short(q, self.lang), why=zero)
                parts.append(self.t("finding-item_bare", name=name, amount=value))
            elif q.interval is None or q.status in ("not_estimable", "open_leads"):
                parts.append(
                    self.t("finding-item_bare", name=name, amount=quantity_short(q, self.lang))
                )
            else:
                parts.append(
                    self.t(
                        "finding-item",
                        name=name,
                        amount=quantity_short(q, self.lang),
                        interval=tables.interval_text(q, q.interval, self.lang),
                    )
                )
        return self.t("list-separator").join(parts)

    def _headline_figure(self) -> Figure:
        rows = [row for row in self.content.headline if row.stage is None]
        both = [
            row
            for row in self.content.lags
            if row.definition == "lag_mean_12m" and row.stage is None and row.evidence == "all"
        ]
        ordered = _unique(sorted(both, key=lambda r: (self._rank(r.domain), r.frontier)))
        lines = figures.forest_rows(ordered or rows, by="frontier", block="domain", lang=self.lang)
        return self._forest(
            "headline",
            self.t(
                "finding-headline",
                list=self._items([(self.t(f"domain-{r.domain}"), r.lag) for r in rows]),
            ),
            lines,
            tables.lag_table(
                ordered or rows,
                self.content,
                self.lang,
                title=self.t("table-forest"),
                by="domain",
            ),
            {"list": "lags", "where": {"definition": "lag_mean_12m", "stage": None}},
            self.content.points,
        )

    def _rank(self, domain: str) -> int:
        return self.domains.index(domain) if domain in self.domains else len(self.domains)

    def _frontier_figure(self, domain: str) -> Figure:
        c = self.content
        points = c.points.filter((pl.col("domain") == domain) & pl.col("stage").is_null())
        frontier = c.frontier.filter(pl.col("domain") == domain)
        drivers = c.drivers.filter(pl.col("domain") == domain)
        now = self._now.get((domain, "public"))
        shown = now or Quantity.not_estimable("months", "no_scores")
        name = self.t(f"domain-{domain}")
        title = self.t(
            "finding-frontier",
            domain=name,
            status=shown.status,
            amount=quantity_short(shown, self.lang),
            interval=tables.interval_text(shown, shown.interval, self.lang),
        )
        undated = points.filter(pl.col("entered").is_null()).height
        captions = [self.t("figure-faint", level=self.level), self.t("figure-hint")]
        if undated:
            captions.insert(1, self._counted("figure-undated", undated))

        beyond = outside(points, frontier, c.as_of)
        if beyond:
            captions.insert(1, self._counted("figure-edge", beyond))

        def chart(size: Size) -> Spec:
            return figures.frontier_spec(
                points,
                frontier,
                as_of=c.as_of,
                drivers=drivers,
                lag_now=now,
                lang=self.lang,
                size=size,
                palette="css",
            )

        return self._figure(
            f"frontier-{domain}",
            title,
            chart,
            captions,
            [
                tables.models_table(points, c, self.lang),
                tables.frontier_table(frontier, c, self.lang),
            ],
            {"frame": "points", "where": {"domain": domain, "stage": None}},
            points,
            domains=[domain],
        )

    def _history(self) -> tuple[pl.DataFrame, str]:
        """The history that is drawn and its definition."""
        history = self.content.history.filter(pl.col("stage").is_null())
        found = history["definition"].unique().to_list()
        wanted = [name for name in ("lag_mean_12m", "lag_now") if name in found]
        definition = wanted[0] if wanted else (sorted(found)[0] if found else "lag_mean_12m")
        return history.filter(pl.col("definition") == definition), definition

    def _history_figure(self) -> Figure:
        c = self.content
        history, definition = self._history()
        parts = []
        for domain in self.domains:
            own = history.filter(
                (pl.col("domain") == domain) & (pl.col("frontier") == "public")
            ).sort("at")
            bounded = _bounded_to_the_end(own.to_dicts())
            if not bounded:
                continue
            values = [row["value"] for row in bounded]
            low, high = number(min(values), self.lang), number(max(values), self.lang)
            parts.append(
                self.t(
                    "finding-range_one" if low == high else "finding-range",
                    name=self.t(f"domain-{domain}"),
                    low=low,
                    high=amount(high, "months", self.lang),
                    since=month(bounded[0]["at"], self.lang),
                )
            )
        if parts:
            title = self.t("finding-history", list=self.t("list-separator").join(parts))
        else:
            title = self.t("finding-history_none")
        key = "figure-history_key" if definition == "lag_mean_12m" else "figure-history_key_now"
        captions = [self.t(key, level=self.level), self.t("figure-hint")]
        if figures.has_jump(history.filter(pl.col("domain").is_in(self.domains))):
            captions.insert(1, self.t("figure-history_jump"))
        if parts:
            captions.insert(1, self.t("figure-history_since"))

        def chart(size: Size) -> Spec:
            return figures.history_spec(
                history,
                domains=self.domains,
                as_of=c.as_of,
                level=c.level,
                lang=self.lang,
                size=size,
                palette="css",
            )

        return self._figure(
            "history",
            title,
            chart,
            captions,
            [tables.history_table(history, c, self.lang)],
            {"frame": "history", "where": {"definition": definition, "stage": None}},
            c.points,
        )

    def _headway_figure(self) -> Figure:
        c = self.content
        rows = [row for row in c.headways if row.domain in self.domains]
        medians = [
            (self.t(f"domain-{row.domain}"), row.lag)
            for row in c.lags
            if row.definition == "headway_months"
            and row.frontier == "public"
            and row.stage is None
            and row.evidence == "all"
        ]
        matched = sum(1 for row in rows if row.headway.status == "estimated")
        title = self.t(
            "finding-headway",
            matched=number(matched, self.lang),
            total=number(len(rows), self.lang),
            list=self._items(medians) or self.t("none"),
        )

        def chart(size: Size) -> Spec:
            return figures.survival_spec(
                c.survival,
                c.headways,
                domains=self.domains,
                lang=self.lang,
                size=size,
                palette="css",
            )

        return self._figure(
            "headway",
            title,
            chart,
            [self.t("figure-headway_key", level=self.level), self.t("figure-hint")],
            [
                tables.headway_table(rows, c, self.lang),
                tables.survival_table(c.survival, c, self.lang),
            ],
            {"list": "headways", "where": {}},
            c.points,
        )

    def _stages_figure(self) -> Figure:
        rows = [row for row in self.content.headline if row.stage is not None]
        carried = sum(1 for row in rows if row.lag.status != "not_estimable")
        return self._forest(
            "stages",
            self.t(
                "finding-stages",
                count=number(carried, self.lang),
                total=number(len(rows), self.lang),
            ),
            figures.forest_rows(rows, by="stage", lang=self.lang),
            tables.lag_table(
                rows, self.content, self.lang, title=self.t("table-forest"), by="stage"
            ),
            {"list": "headline", "where": {"domain": "cyber"}},
            self.content.points.filter(pl.col("domain") == "cyber"),
            domains=["cyber"],
        )

    def _evidence_figure(self) -> Figure:
        order = {name: index for index, name in enumerate(EVIDENCE)}
        rows = sorted(
            self.content.evidence,
            key=lambda r: (self._rank(r.domain), order.get(r.evidence, 9)),
        )
        independent = [
            (self.t(f"domain-{r.domain}"), r.lag) for r in rows if r.evidence == "independent"
        ]
        return self._forest(
            "evidence",
            self.t("finding-evidence", list=self._items(independent) or self.t("none")),
            figures.forest_rows(rows, by="evidence", block="domain", lang=self.lang),
            tables.lag_table(
                rows,
                self.content,
                self.lang,
                title=self.t("table-forest"),
                by="evidence",
                block="domain",
            ),
            {"list": "evidence", "where": {}},
            self.content.points,
        )

    def _forest(
        self,
        key: str,
        title: str,
        lines: list[ForestRow],
        table: Table,
        data: dict[str, Any],
        points: pl.DataFrame,
        domains: list[str] | None = None,
    ) -> Figure:
        def chart(size: Size) -> Spec:
            return figures.forest_spec(lines, lang=self.lang, size=size, palette="css")

        captions = [self.t("figure-forest_key"), self.t("figure-hint")]
        return self._figure(key, title, chart, captions, [table], data, points, domains=domains)

    def _figure(
        self,
        key: str,
        title: str,
        chart: Callable[[Size], Spec],
        captions: list[str],
        shown: list[Table],
        data: dict[str, Any],
        points: pl.DataFrame,
        domains: list[str] | None = None,
        counted: str = "",
    ) -> Figure:
        """A figure with both drawings and everything that must stand beside it."""
        c = self.content
        alt = self.t("figure-alt", finding=title)
        drawings: dict[str, str] = {}
        spec: dict[str, Any] = {}
        for size in ("wide", "narrow"):
            found = chart(size)
            drawings[size] = for_page(
                figures.svg_of(found),
                prefix=f"{key}-{size}-",
                alt=alt,
                classes=f"chart {size}",
            )
            if size == "wide":
                spec = found
        used = c.sources.filter(pl.col("decision") != "connector_only")
        wanted = set(domains or self.domains)
        n_sources = sum(1 for feeds in used["domains"].to_list() if wanted & set(feeds or []))
        figure = Figure(
            key=key,
            title=title,
            alt=alt,
            number=len(self._figures) + 1,
            wide=drawings["wide"],
            narrow=drawings["narrow"],
            badges=[
                counted or self._counted("figure-models", points["model_version"].n_unique()),
                self._counted("figure-sources", n_sources),
                self.t("figure-as_of", date=self.as_of),
            ],
            captions=captions,
            tables=shown,
            cite=self.t(
                "cite-figure",
                data_release=c.data_release,
                version=c.code_version,
                figure=key,
                as_of=self.as_of,
            ),
            data=data,
            spec=_concrete(spec),
        )
        self._figures.append(figure)
        return figure

    def _definition_tables(self) -> list[Table]:
        """All definitions x frontiers: the domains, then the stages if they were computed."""
        order = {name: index for index, name in enumerate(DEFINITIONS)}
        rows = sorted(
            (row for row in self.content.lags if row.evidence == "all"),
            key=lambda r: (
                self._rank(r.domain),
                r.stage or "",
                order.get(r.definition, 9),
                r.frontier,
            ),
        )
        domain_rows = [row for row in rows if row.stage is None]
        stage_rows = [row for row in rows if row.stage is not None]
        out = [
            tables.lag_table(
                domain_rows,
                self.content,
                self.lang,
                title=self.t("section-definitions"),
                by="definition",
                block="domain",
            )
        ]
        if stage_rows:
            out.append(
                tables.lag_table(
                    stage_rows,
                    self.content,
                    self.lang,
                    title=self.t("section-stages"),
                    by="definition",
                    block="stage",
                )
            )
        return out

    def _trust(self) -> dict[str, Any] | None:
        """The stored studies of these facts, or ``None`` where there are none."""
        studies, lang = self.content.studies, self.lang
        if studies is None:
            return None
        rows = trust.prior_rows(studies, self.domains)
        lines = trust.prior_lines(rows, lang)
        index = trust.index_facts(studies, lang)
        moved = trust.offsets_moved(rows, lang)

        def chart(size: Size) -> Spec:
            return figures.forest_spec(lines, lang=lang, size=size, palette="css", pitch=24)

        return {
            "coverage_title": trust.coverage_finding(studies, lang),
            "coverage": self.t(
                "trust-coverage",
                worlds=number(studies["worlds"], lang),
                level=percent(studies["level"], lang),
            ),
            "judged": self.t(
                "trust-judged",
                worlds=number(studies["worlds"], lang),
                margin=trust.coverage_margin(studies, lang),
            ),
            "table": trust.coverage_table(studies, lang),
            "offsets": None if moved is None else self.t("trust-offsets", **moved),
            "priors": self._figure(
                "priors",
                self.t("finding-priors", list=trust.spread_of(rows, lang)),
                chart,
                [self.t("figure-priors_key", level=self.level), self.t("figure-hint")],
                [trust.priors_table(rows, lang, self.content.level)],
                {"list": "studies.sensitivity", "where": {"stage": None}},
                self.content.points,
            ),
            "index_title": self.t("finding-index", **index),
            "index": self.t("trust-index", **index),
        }

    def _tiers(self, domain: str) -> dict[str, Any]:
        """The three strongest tiers of a domain by name, with a count of what is left out."""
        points = self.content.points.filter(
            (pl.col("domain") == domain) & pl.col("stage").is_null() & pl.col("tier").is_not_null()
        )
        tiers = []
        for tier in sorted(points["tier"].unique().to_list())[:3]:
            rows = sorted(
                points.filter(pl.col("tier") == tier).iter_rows(named=True),
                key=lambda row: (row["name"].casefold(), row["model_version"]),
            )
            models = [
                {
                    "name": row["name"],
                    "group": row["group"],
                    "group_name": self.t(f"group-{row['group']}"),
                }
                for row in rows[:24]
            ]
            tiers.append(
                {
                    "name": self.t("tier-name", tier=number(tier, self.lang)),
                    "models": models,
                    "more": self.t("tiers-more", count=number(len(rows) - 24, self.lang))
                    if len(rows) > 24
                    else None,
                }
            )
        return {"domain": domain, "name": self.t(f"domain-{domain}"), "tiers": tiers}

    def _scale(self, domain: str) -> str:
        """What ten points mean, in one sentence."""
        facts = self.content.scale[domain]
        odds = facts.odds_per_10_points
        anchors = self.t("list-separator").join(
            self.t(
                "method-2-anchor",
                name=a.name,
                points=amount(number(a.points, self.lang), "points", self.lang),
            )
            for a in facts.anchors
        )
        return self.t(
            "method-2",
            domain=self.t(f"domain-{domain}"),
            anchors=anchors or self.t("none"),
            odds=number(odds, self.lang, 1),
            share=percent(odds / (1 + odds), self.lang),
        )

    def _provenance(self) -> list[tuple[str, str]]:
        """Everything that fixes the numbers, as label and value."""
        c = self.content
        options = c.provenance.get("options", {})
        rows = [
            (self.t("provenance-code"), c.code_version),
            (self.t("provenance-data"), c.data_release),
            (self.t("provenance-through"), day(c.data_through, self.lang)),
            (self.t("provenance-as_of"), self.as_of),
            (
                self.t("provenance-rows"),
                str(c.provenance.get("rows_hash") or self.t("unknown")),
            ),
            (self.t("provenance-seed"), str(c.seed)),
            (self.t("provenance-level"), self.level),
            (
                self.t("provenance-options"),
                json.dumps(options, ensure_ascii=False, sort_keys=True, default=str),
            ),
        ]
        for key, value in c.provenance.items():
            if key in ("rows_hash", "options"):
                continue
            text = (
                value
                if isinstance(value, str)
                else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
            )
            rows.append((self.t("provenance-other", key=key), text))
        return rows


def _bounded_to_the_end(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The last dates, up to the newest, that have a number with both ends of its interval."""
    out: list[Mapping[str, Any]] = []
    for row in reversed(rows):
        ends = (row["value"], row["low"], row["high"])
        if row["status"] != "estimated" or any(e is None or math.isinf(e) for e in ends):
            break
        out.append(row)
    return out[::-1]


def _unique(rows: Sequence[LagRowLike]) -> list[LagRowLike]:
    """Rows without repeats (a headline row may stand in the list of all lags too)."""
    seen: set[str] = set()
    out = []
    for row in rows:
        key = json.dumps(lag_row_to_json(row), sort_keys=True)
        if key not in seen:
            seen.add(key)
            out.append(row)
    return out


def _concrete(spec: dict[str, Any]) -> dict[str, Any]:
    """A specification with the light theme's colours instead of CSS variables."""
    text = json.dumps(spec, ensure_ascii=False)
    for name, value in PALETTES["light"].items():
        text = text.replace(f'"var(--{name})"', f'"{value}"')
    out: dict[str, Any] = json.loads(text)
    return out


def _script_json(value: Any) -> str:
    """JSON that may stand inside a script element."""
    import markupsafe

    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return markupsafe.Markup(text)  # escaped for its place just above


def _style(environment: Any) -> str:
    """The style sheet with both palettes filled in."""
    source = environment.loader.get_source(environment, "report.css")[0]

    def rules(name: str) -> str:
        return "".join(f"--{key}:{value};" for key, value in PALETTES[name].items())

    filled: str = (
        source.replace("/*light*/", rules("light"))
        .replace("/*dark*/", rules("dark"))
        .replace("/*colours*/", colour_css())
    )
    return filled


def _hash(text: str) -> str:
    """A source expression for the content security policy."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return "sha256-" + base64.b64encode(digest).decode("ascii")
