"""Answers of the report about the lag itself: claims, published lags, forecast, back-test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from headway.api import answer_forecast_tables as forecast_tables
from headway.api import answer_tables as tables
from headway.api.answer_asked import Asked, chart_of, not_of_this_day, title_of
from headway.i18n import message, number, percent
from headway.publish.answers import Answer, AnswerFigure, Brief, BriefPart, Tone

__all__ = ["backtest_answer", "forecast_answer", "reconcile_answer", "test_answer"]

#: The path whose waterfall the report shows.
PATH = ("aisi-2026-07-narrow-glm52", "headway-cyber")


# The claims -------------------------------------------------------------------------------------


def test_answer(asked: Asked) -> Answer:
    from headway.api import lag_test_words as words
    from headway.api.lag_test import lag_test
    from headway.figures.hypotheses import finding, hypotheses_spec, verdict_rows

    lang = asked.lang
    found = lag_test(level=asked.level, **asked.common())
    every = found.shown()
    rows = [row for row in every if row["stage"] is None]
    # hundreds of refits fall on the same pixels: one stroke per half percentage point is drawn
    strips = {
        key: sorted({round(200 * value) / 200 for value in values})
        for key, values in found.strips().items()
    }
    lines = verdict_rows(rows, strips, lang)
    more = [words._rule(found, lang)]
    if found.robustness is None:
        more.append(asked.t("lagtest-no_refits", command="headway lag --test --compute"))
    else:
        more += words._influences(found, rows, lang)
    if found.calibration:
        more.append(words._sizes(found.calibration, lang))
    said = list(words._verdicts(rows, lang))
    shown = [tables.definitions(found, rows, lang), tables.stages(found, lang)]
    if found.robustness is not None:
        said += tables.confounded(found.robustness, lang)
        shown.append(tables.countries(found.robustness, lang))
    return Answer(
        key="test",
        command="headway lag --test",
        sentences=tuple(said),
        more=tuple(line for line in more if line),
        figures=(
            AnswerFigure(
                key="claims",
                title=finding(lines, lang),
                chart=chart_of(hypotheses_spec, lines, lang=lang),
                captions=(asked.t("answer-claims_key"),),
                table=tables.claims(found, rows, lang),
            ),
        ),
        tables=tuple(shown),
        rows=found.documents,
        brief=_claims_brief(rows, lang),
    )


def _claims_brief(rows: Sequence[Mapping[str, Any]], lang: str) -> tuple[Brief, ...]:
    """One line per claim; a claim about two domains at once has one part only."""
    from headway.api import lag_test_words as words

    out = []
    for claim in dict.fromkeys(row["hypothesis"] for row in rows):
        own = [r for r in rows if r["hypothesis"] == claim and r["models"] == "own"]
        parts = []
        for row in own:
            estimate = words._estimate(row["estimate"], lang)
            share = words.probability_text(row["probability"], lang)
            told = (message("answer-probability", lang, share=share), estimate)
            tone: Tone = row["verdict"]
            parts.append(
                BriefPart(
                    label=words._part(row, lang) if len(own) > 1 else "",
                    finding=message(words.VERDICT_WORDS[tone], lang),
                    # of a slope the estimate itself says more than a tail probability
                    details=told[1:] if claim == "static" or tone == "not_estimable" else told,
                    tone=tone,
                )
            )
        out.append(Brief(message(words.CLAIM_WORDS[claim], lang), tuple(parts)))
    return tuple(out)


# Published lags ---------------------------------------------------------------------------------


def reconcile_answer(asked: Asked) -> Answer:
    from headway.api.reconcile import _list_text, _path_text, reconcile
    from headway.figures.reconcile import reconcile_list_spec, waterfall_spec

    lang, command = asked.lang, "headway reconcile"
    if asked.earlier:
        return not_of_this_day(asked, "reconcile", command)
    if not _has_reconciliation(asked):
        return Answer("reconcile", command, computed=False)
    given: dict[str, Any] = {"level": asked.level, "seed": asked.seed, "progress": asked.progress}
    every, path = reconcile(**given), reconcile(path=PATH, **given)
    told = _list_text(every.documents, lang).splitlines()
    steps = _path_text(path.documents, path.about, lang).splitlines()
    count = number(len(every.documents), lang)
    return Answer(
        key="reconcile",
        command=f"{command} --path {PATH[0]} {PATH[1]}",
        sentences=(*told[:2], *steps[:2]),
        figures=(
            AnswerFigure(
                key="path",
                title=title_of(waterfall_spec, path.about, path.documents, lang=lang),
                chart=chart_of(waterfall_spec, path.about, path.documents, lang=lang),
                captions=(
                    asked.t("reconcile-chart_steps", begin=PATH[0], end=PATH[1]),
                    asked.t("answer-path_key"),
                ),
                table=tables.steps(path, lang),
                counted=asked.t("answer-orders", count=number(path.about["orders_feasible"], lang)),
                rows=path.documents,
            ),
            AnswerFigure(
                key="published",
                title=told[0],
                chart=chart_of(reconcile_list_spec, every.documents, lang=lang),
                captions=(asked.t("answer-published_key"),),
                table=tables.published(every.documents, lang),
                counted=asked.t("answer-figures", count=count),
            ),
        ),
        rows=every.documents,
    )


def _has_reconciliation(asked: Asked) -> bool:
    """The stored study is of these data; computing it would take minutes."""
    from headway.checks.reconcile_study import STUDY
    from headway.checks.stored import load_stored

    options = {
        "seed": asked.seed,
        "as_of": asked.release.data_through.isoformat(),
        "level": asked.level,
    }
    return load_stored(STUDY, asked.release.rows_hash, options) is not None


# Forecasts --------------------------------------------------------------------------------------


def forecast_answer(asked: Asked) -> Answer:
    from headway.api import forecast_text as words
    from headway.api.forecast import DEFAULT_TARGET, forecast
    from headway.figures.forecast import forecast_spec

    lang = asked.lang
    if DEFAULT_TARGET not in asked.release.model_versions["model_version"]:
        # data of somebody's own need not hold the model that everybody asks about
        reason = asked.t("answer-no_target", target=DEFAULT_TARGET)
        return Answer("forecast", "headway forecast --target", computed=False, reason=reason)
    found = forecast(DEFAULT_TARGET, **asked.common())
    row = next((r for r in found.documents if r["status"] == "estimated"), None)
    said = words._verdict(found, lang).splitlines()
    said += words.backtest_sentences(found.backtest, lang).splitlines()
    figures: tuple[AnswerFigure, ...] = ()
    brief: tuple[Brief, ...] = ()
    shown = [forecast_tables.dates(found, lang)]
    if row is not None:
        q = row["date_quantiles"]
        cell = words.cell_name(row, lang)
        low, median, high = (words.when(q[p], found.as_of, lang) for p in ("0.05", "0.5", "0.95"))
        fields = {"target": found.target_name, "cell": cell}
        spec = partial(
            forecast_spec, found.documents, as_of=found.as_of, target=found.target_name,
            names=found.names, lang=lang,
        )  # fmt: skip
        figures = (
            AnswerFigure(
                key="forecast",
                title=asked.t("finding-forecast", **fields, median=median, low=low, high=high),
                chart=chart_of(spec),
                captions=(asked.t("answer-forecast_key"),),
                table=shown.pop(),
            ),
        )
        shown = [
            forecast_tables.components(found, row, lang),
            forecast_tables.changes(found, row, lang),
        ]
        reached = percent(row["reached"]["probability"], lang)
        ends = (words.when(q[p], found.as_of, lang, sentence=True) for p in ("0.05", "0.95"))
        between = asked.t("answer-dates", **dict(zip(("low", "high"), ends, strict=True)))
        brief = (
            Brief(
                asked.t("answer-target", **fields),
                (
                    BriefPart(asked.t("answer-reached"), reached),
                    BriefPart(asked.t("answer-even_odds"), median),
                    BriefPart(asked.t("answer-interval", level=percent(0.9, lang)), between),
                ),
            ),
        )
    return Answer(
        key="forecast",
        command="headway forecast",
        sentences=tuple(said),
        figures=figures,
        tables=tuple(shown),
        rows=found.documents,
        brief=brief,
    )


def backtest_answer(asked: Asked) -> Answer:
    from headway.api import backtest_text as words
    from headway.api.backtest import backtest
    from headway.api.forecast_text import backtest_sentences
    from headway.figures.backtest import backtest_spec

    lang, command = asked.lang, "headway backtest"
    if asked.earlier:
        return not_of_this_day(asked, "backtest", command)
    found = backtest(**asked.common())
    if found.study is None:
        return Answer("backtest", f"{command} --compute", computed=False)
    study = found.study
    brief = {"vintages": [{"strict": v["strict"], **words._pooled(v)} for v in study["vintages"]]}
    said = backtest_sentences(brief, lang).splitlines()
    resolved = max(v["summaries"][0]["n_resolved"] for v in study["vintages"])
    return Answer(
        key="backtest",
        command=command,
        sentences=(
            *said,
            words._chosen(study["chosen"], lang),
            *words._precedents(found, lang).splitlines(),
        ),
        figures=(
            AnswerFigure(
                key="backtest",
                title=asked.t("finding-backtest", list=forecast_tables.errors(study, lang)),
                chart=chart_of(backtest_spec, study["vintages"], lang=lang),
                captions=(asked.t("answer-backtest_key"),),
                table=forecast_tables.scores(study, lang),
                counted=asked.t("answer-targets", count=number(resolved, lang)),
            ),
        ),
        tables=(forecast_tables.basis(study, lang),),
        rows=forecast_tables.one_row_per_forecast(found.documents),
    )
