"""Synthetic answers to all further questions: seven with numbers, one not computed.

Everything is invented; names from outside are hostile on purpose.
"""

from __future__ import annotations

from headway.figures import Size, Spec
from headway.figures.intervals import interval_row, intervals_spec
from headway.publish.answers import (
    QUESTIONS,
    Answer,
    AnswerFigure,
    Brief,
    BriefPart,
    Tone,
    plain_cells,
    without_title,
)
from headway.result import Interval, Quantity
from tests.report.fixture import HOSTILE

#: The question whose study is not of these data.
NOT_COMPUTED = "harness"
#: The question that has no meaning for an earlier day.
OTHER_DAY = "backtest"
WORDS = {
    "en": {
        "said": "Invented finding { } of this question: 4 months (1 to 9)",
        "more": "A further invented finding",
        "title": "An invented finding about",
        "caption": "Dot: median. Line: 90 % interval.",
        "table": "Numbers of this chart",
        "head": ("Model", "Months", "Verdict"),
        "claim": "The lag is 6 to 9 months",
        "parts": ("Cyber", "Coding", "General"),
        "verdicts": ("supported", "contradicted", "undecided"),
        "detail": "probability 98 %",
        "reason": "This study is judged by all data.",
        "counted": "76 published figures",
    },
    "ja": {
        "said": "架空の結果 { }：4 か月（1〜9）",
        "more": "架空の結果の続き",
        "title": "架空の結果",
        "caption": "点：中央値。線：90 % 区間。",
        "table": "この図の数値",
        "head": ("モデル", "月数", "判定"),
        "claim": "遅れは6〜9か月である",
        "parts": ("サイバー", "コーディング", "一般"),
        "verdicts": ("支持される", "否定される", "判定できない"),
        "detail": "確率 98 %",
        "reason": "この検討は全データで判定します。",
        "counted": "公表値 76 件",
    },
}
TONES: tuple[Tone, ...] = ("supported", "contradicted", "undecided")


def months(i: int) -> dict[str, object]:
    found = Quantity(4.0 + i, "months", Interval(1.0 + i, 9.0 + i, 0.9, "eti"), 40, 9, "estimated")
    return found.to_json()


def rows(key: str) -> list[dict[str, object]]:
    """Two rows, one of them with a hostile name."""
    return [
        {"question": key, "model": name, "months": months(i)}
        for i, name in enumerate(("Ember 6.9", HOSTILE[1]))
    ]


def answers(lang: str = "en") -> tuple[Answer, ...]:
    """All eight, in a language."""
    return tuple(_answer(key, lang) for key in QUESTIONS)


def _answer(key: str, lang: str) -> Answer:
    words = WORDS[lang]
    command = f"headway {key}"
    if key == NOT_COMPUTED:
        return Answer(key, f"{command} --compute", computed=False)
    if key == OTHER_DAY:
        return Answer(key, command, computed=False, reason=str(words["reason"]))
    lines = [interval_row(str(row["model"]), row["months"], lang) for row in rows(key)]  # type: ignore[arg-type]

    def chart(size: Size) -> Spec:
        spec = intervals_spec(lines, x_title="–", title="–", lang=lang, size=size, palette="css")
        return without_title(spec)[1]

    cells = [[str(row["model"]), "4.0", words["verdicts"][0]] for row in rows(key)]
    table = plain_cells(str(words["table"]), words["head"], cells, right=(1,))
    said = tuple(str(words["said"]).replace("{ }", str(i + 1)) for i in range(3))
    return Answer(
        key=key,
        command=command,
        sentences=said if key != "density" else said[:1],
        more=(str(words["more"]),) if key == "test" else (),
        figures=()
        if key == "density"
        else (
            AnswerFigure(
                key=f"{key}-first",
                title=f"{words['title']} {key}",
                chart=chart,
                captions=(str(words["caption"]),),
                table=table,
                counted=str(words["counted"]) if key == "reconcile" else "",
                rows=rows(key)[:1] if key == "reconcile" else None,
            ),
        ),
        tables=(table,),
        rows=rows(key),
        brief=_brief(words) if key == "test" else (),
    )


def _brief(words: dict[str, object]) -> tuple[Brief, ...]:
    """A claim about three domains, and one about two at once."""
    parts = tuple(
        BriefPart(str(label), str(verdict), (str(words["detail"]),), tone)
        for label, verdict, tone in zip(words["parts"], words["verdicts"], TONES, strict=True)  # type: ignore[call-overload]
    )
    claim = str(words["claim"])
    return Brief(claim, parts), Brief(claim, (BriefPart("", parts[0].finding, (), "supported"),))
