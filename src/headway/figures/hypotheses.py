"""Claims side by side: probability against the rule, draws alone, and what the refits give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headway.figures import vl
from headway.figures.contract import Size
from headway.figures.keys import KeyItem, key_chart
from headway.figures.labels import text_width
from headway.figures.theme import Palette, colours, config, width_of
from headway.figures.vl import Spec
from headway.i18n import message, number, percent

__all__ = ["VerdictRow", "finding", "hypotheses_spec", "verdict_rows"]

#: Probabilities at which the rule decides.
RULE = (0.05, 0.95)
_CLAIMS = {
    "lag_6_9": "claim-lag_6_9",
    "lag_6_18": "claim-lag_6_18",
    "cyber_above_coding": "claim-cyber_above_coding",
    "cyber_above_general": "claim-cyber_above_general",
    "static": "claim-static",
    "widening": "claim-widening",
}
_VERDICTS = {
    "supported": "claimed-supported",
    "contradicted": "claimed-contradicted",
    "undecided": "claimed-undecided",
    "not_estimable": "state-not_estimable",
}
_TONES = {"supported": "open", "contradicted": "closed", "undecided": "quiet"}


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """One line: a claim about one domain, between two probabilities where bounds leave it open.

    ``low``, ``high`` and ``by_draws`` are ``None`` where nothing could be tested; ``refits`` are
    the probabilities over the refits.
    """

    claim: str
    part: str
    low: float | None
    high: float | None
    by_draws: float | None
    verdict: str
    refits: tuple[float, ...] = ()


def verdict_rows(
    rows: Sequence[Mapping[str, Any]],
    strips: Mapping[tuple[str, str], Sequence[float]],
    lang: str = "en",
) -> list[VerdictRow]:
    """Rows of ``lag --test --json`` as chart lines.

    Parameters
    ----------
    rows : sequence of mapping
        Of one definition; rows cut to models scored in both domains are left out.
    strips : mapping of (hypothesis, domain) to probabilities
        Over the refits; may be empty.
    lang : str
    """
    out = []
    for row in rows:
        if row["models"] != "own":
            continue
        found = row["probability"]
        low, high = found["value"], found["value"]
        for note in found["notes"]:
            name, _, span = note.partition(":")
            if name == "left_open_by_bounds":
                high = min(1.0, low + float(span))
        part = f"domain-{row['domain']}" if row["stage"] is None else f"stage-{row['stage']}"
        own = strips.get((row["hypothesis"], row["domain"]), ()) if row["stage"] is None else ()
        out.append(
            VerdictRow(
                claim=row["hypothesis"],
                part=message(part, lang),
                low=low,
                high=high,
                by_draws=row["probability_by_draws"]["value"],
                verdict=row["verdict"],
                refits=tuple(own),
            )
        )
    return out


def finding(rows: Sequence[VerdictRow], lang: str = "en") -> str:
    """The title: how many claims each verdict has."""
    counts = {name: sum(row.verdict == name for row in rows) for name in _VERDICTS}
    return message(
        "finding-claims",
        lang,
        supported=number(counts["supported"], lang),
        contradicted=number(counts["contradicted"], lang),
        undecided=number(counts["undecided"], lang),
    )


def hypotheses_spec(
    rows: Sequence[VerdictRow],
    *,
    lang: str = "en",
    size: Size = "wide",
    palette: Palette = "light",
    pitch: float = 30.0,
) -> Spec:
    """Chart of the claims.

    A claim opens a block, a line is a domain or stage. The large dot is the probability with the
    chance of releases (a bar where bounds leave it open), the hollow one that of measurement alone,
    the ticks are the refits; dashed lines stand where the rule decides.

    Parameters
    ----------
    rows : sequence of VerdictRow
    lang, size, palette
        See :mod:`headway.figures`.
    pitch : float
        Height of a line in pixels.
    """
    c = colours(palette)
    data = vl.Data()
    wide = size == "wide"
    font = 12.5 if wide else 11.5
    words = [_words(row, lang) for row in rows]
    label_w = max((1.1 * text_width(r.part, font) for r in rows), default=60.0) + 16
    words_w = max((1.1 * text_width(w, font) for w in words), default=0.0) + 16 if wide else 0.0
    plot_w = width_of(size) - 14 - label_w - words_w
    pitch = pitch if wide else pitch + 12
    marks: list[dict[str, Any]] = []
    ticks: list[dict[str, Any]] = []
    headings: list[dict[str, Any]] = []
    y = 0.0
    before = None
    for row, text in zip(rows, words, strict=True):
        if row.claim != before:
            before = row.claim
            y += 10 if marks else 0
            headings.append({"y": y + 10, "text": message(_CLAIMS[row.claim], lang)})
            y += 24
        middle = y + (pitch / 2 if wide else pitch - 12)
        marks.append(_mark(row, text, middle, lang))
        ticks += [{"y": middle, "at": value} for value in row.refits]
        y += pitch
    height = y + 4
    ys = {"domain": [height, 0], "nice": False, "zero": False}
    xs = {"domain": [0, 1], "nice": False}
    values = [0, 0.25, 0.5, 0.75, 1] if wide else [0, 0.5, 1]
    axis = {
        "title": message("chart-probability_of_claim", lang),
        "values": values,
        "labelExpr": "format(100 * datum.value, '.0f') + ' %'",
        "grid": True,
        "domain": False,
        "ticks": False,
    }
    x, ay = vl.by("at:Q", scale=xs, axis=axis), vl.by("y:Q", scale=ys, axis=None)
    rules = data([{"at": at} for at in RULE])
    told = [m for m in marks if m["at"] is not None]
    layers: list[Any] = [
        vl.Layer(rules).mark("rule", color=c["quiet"], strokeDash=[4, 3]).encode(x=x),
        vl.Layer(data(ticks))
        .mark(
            "tick",
            color=c["unknown"],
            opacity=0.28,
            thickness=1.4,
            size=pitch * 0.6 if wide else 15,
        )
        .encode(x=x, y=ay),
        vl.Layer(data([m for m in told if m["to"] > m["at"]]))
        .mark("rule", strokeWidth=5, opacity=0.55, color=c["ink"])
        .encode(x=x, x2="to", y=ay),
        vl.Layer(data([m for m in told if m["draws"] is not None]))
        .mark("point", size=60, filled=False, strokeWidth=1.6, color=c["ink"])
        .encode(x=vl.by("draws:Q", scale=xs, axis=axis), y=ay),
        *(
            vl.Layer(data(own))
            .mark(
                "point",
                size=95,
                filled=True,
                stroke=c["page"],
                strokeWidth=1,
                color=c[tone],
                aria=True,
            )
            .encode(x=x, y=ay, opacity=vl.value(1), description="label:N")
            for tone in ("open", "closed", "quiet")
            if (own := [m for m in told if m["tone"] == tone])
        ),
        vl.Layer(data(marks))
        .mark("text", align="right", baseline="middle", fontSize=font, clip=False, aria=False)
        .encode(x=vl.value(-12), y=ay, text="part:N"),
    ]
    for halo in (True, False):
        ink: dict[str, Any] = (
            {"color": c["page"], "stroke": c["page"], "strokeWidth": 4} if halo else {}
        )
        place = {"x": plot_w + 12, "dy": 0} if wide else {"x": 0, "dy": -16}
        layers.append(
            vl.Layer(data(marks))
            .mark(
                "text",
                align="left",
                baseline="middle",
                dy=place["dy"],
                fontSize=font,
                clip=False,
                aria=False,
                **ink,
            )
            .encode(x=vl.value(place["x"]), y=ay, text="words:N")
        )
        layers.append(
            vl.Layer(data(headings))
            .mark(
                "text",
                align="left",
                baseline="middle",
                fontSize=font,
                fontWeight=600,
                clip=False,
                aria=False,
                **ink,
            )
            .encode(x=vl.value(-label_w), y=ay, text="text:N")
        )
    chart = vl.layered(layers, width=plot_w, height=height)
    items = [
        KeyItem("circle", c["ink"], message("chart-key_claim", lang)),
        KeyItem("circle:hollow", c["ink"], message("chart-key_draws", lang)),
    ]
    if ticks:
        items.append(KeyItem("stroke", c["unknown"], message("chart-key_refits", lang)))
    key = key_chart(
        data,
        items,
        width=width_of(size) - 60,
        font=12.0 if wide else 11.0,
        page=c["page"],
    )
    return vl.finish(vl.concat("v", [key, chart], 10), data, config(palette, size))


def _words(row: VerdictRow, lang: str) -> str:
    verdict = message(_VERDICTS[row.verdict], lang)
    if row.low is None or row.high is None:
        return verdict
    text = percent(row.low, lang)
    if round(100 * row.low) != round(100 * row.high):
        text = message("lagtest-between", lang, low=text, high=percent(row.high, lang))
    return message("chart-value_interval", lang, amount=verdict, interval=text)


def _mark(row: VerdictRow, words: str, y: float, lang: str) -> dict[str, Any]:
    """One claim as chart data."""
    return {
        "y": y,
        "part": row.part,
        "at": row.low,
        "to": row.high,
        "draws": row.by_draws,
        "tone": _TONES.get(row.verdict, "quiet"),
        "words": words,
        "label": message(
            "chart-claim_label",
            lang,
            claim=message(_CLAIMS[row.claim], lang),
            part=row.part,
            probability="–" if row.low is None else percent(row.low, lang),
            verdict=message(_VERDICTS[row.verdict], lang),
        ),
    }
