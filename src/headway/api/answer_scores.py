"""Answers of the report about the scores: evidence effects, special sauce, harness, density."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from headway.api import answer_tables as tables
from headway.api.answer_asked import Asked, chart_of, title_of
from headway.figures import Spec
from headway.i18n import number
from headway.publish.answers import Answer, AnswerFigure, plain_cells
from headway.publish.tables import Table

__all__ = ["density_answer", "effects_answer", "harness_answer", "sauce_answer"]

#: Sentences of an answer that are open; the others are one click away.
OPEN_SENTENCES = 5


def effects_answer(asked: Asked) -> Answer:
    from headway.api.lag_effects import lag_effects
    from headway.api.lag_effects_words import sentences
    from headway.figures.effects import dependence_spec, effects_spec, gaps_spec

    lang, command = asked.lang, "headway lag --effects"
    found = lag_effects(level=asked.level, **asked.common())
    rows = found.documents
    if not rows:
        return Answer("effects", f"{command} --compute", computed=False)

    # sixty bars would bury the others: the domain of the headline is drawn, the table has all
    of_cyber = tuple(row for row in rows if row["group"]["domain"] == "cyber")

    def figure(
        name: str, make: Callable[..., Spec], measures: tuple[str, ...], drawn: Any = rows
    ) -> AnswerFigure:
        key = _EFFECT_FIGURES[name]
        return AnswerFigure(
            key=f"effects-{name}",
            title=tables.effects_finding(found, name, lang),
            chart=chart_of(make, drawn, lang=lang),
            captions=(asked.t(key),),
            table=tables.effects(found, measures, lang),
        )

    said = sentences(found, lang)
    return Answer(
        key="effects",
        command=command,
        sentences=tuple(said[:OPEN_SENTENCES]),
        more=tuple(said[OPEN_SENTENCES:]),
        figures=(
            figure("gaps", gaps_spec, tables.GAPS),
            figure("forest", effects_spec, ()),
            figure("dependence", dependence_spec, tables.DEPENDENCE, of_cyber),
        ),
        rows=rows,
    )


_EFFECT_FIGURES = {
    "gaps": "answer-gaps_key",
    "forest": "answer-effects_key",
    "dependence": "answer-dependence_key",
}


def sauce_answer(asked: Asked) -> Answer:
    from headway.api.lag_sauce import lag_sauce
    from headway.figures.sauce import sauce_spec

    found = lag_sauce(level=asked.level, **asked.common())
    return _latent(
        asked, "sauce", found, sauce_spec, (found.documents,),
        caption="answer-sauce_key",
        counted=asked.t("answer-records", count=number(len(found.documents), asked.lang)),
        cells={"sauce-models-title": found._models, "answer-sauce_structures": found._structures},
    )  # fmt: skip


def harness_answer(asked: Asked) -> Answer:
    from headway.api.lag_harness import lag_harness
    from headway.figures.harness import harness_spec

    found = lag_harness(level=asked.level, **asked.common())
    return _latent(
        asked, "harness", found, harness_spec, (found.documents, found.facts["components"]),
        caption="answer-harness_key",
        counted=asked.t(
            "answer-scores",
            count=number(sum(row["n"] for row in found.facts["components"]), asked.lang),
        ),
        cells={
            "harness-months-title": found._months,
            "harness-shares-title": found._shares,
            "harness-splits-title": found._splits,
        },
    )  # fmt: skip


def density_answer(asked: Asked) -> Answer:
    from headway.api.lag_density import lag_density
    from headway.figures.density import density_spec

    found = lag_density(level=asked.level, **asked.common())
    return _latent(
        asked, "density", found, density_spec, (found.documents,),
        caption="answer-density_key",
        counted=asked.t(
            "answer-sized", count=number(found.facts["known"].get("dated_total", 0), asked.lang)
        ),
        cells={"answer-density_rates": found._rates, "density-needs-title": found._needs},
    )  # fmt: skip


def _latent(
    asked: Asked,
    key: str,
    found: Any,
    spec: Callable[..., Spec],
    given: tuple[Any, ...],
    *,
    caption: str,
    counted: str,
    cells: Mapping[str, Callable[[str], tuple[list[str], list[list[str]]]]],
) -> Answer:
    """What the three questions about latent ability share: one chart, its table, further tables."""
    command = f"headway lag --{key}"
    if not found.documents:
        return Answer(key, f"{command} --compute", computed=False)
    first, *others = _filled(asked, cells)
    said = found.sentences(asked.lang)
    return Answer(
        key=key,
        command=command,
        sentences=tuple(said[:OPEN_SENTENCES]),
        more=tuple(said[OPEN_SENTENCES:]),
        figures=(
            AnswerFigure(
                key=key,
                title=title_of(spec, *given, lang=asked.lang),
                chart=chart_of(spec, *given, lang=asked.lang),
                captions=(asked.t(caption),),
                table=first,
                counted=counted,
            ),
        ),
        tables=tuple(others),
        rows=found.documents,
    )


def _filled(
    asked: Asked, cells: Mapping[str, Callable[[str], tuple[list[str], list[list[str]]]]]
) -> list[Table]:
    """Tables by the key of their title; those without a row are left out."""
    made = [(asked.t(title), *make(asked.lang)) for title, make in cells.items()]
    return [plain_cells(title, header, rows) for title, header, rows in made if rows]
