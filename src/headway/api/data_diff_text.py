"""The one-screen answer of ``headway data diff``: what moved and why first, then the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headway.api.data_diff_answers import LEAST_SEEDS
from headway.api.lag import quantity_from_json
from headway.api.lag_test_words import CLAIM_WORDS, VERDICT_WORDS
from headway.i18n import amount, day, message, number, percent
from headway.textsafe import clean, clip, plain_table

if TYPE_CHECKING:
    from headway.api.data_diff import DataDiff, Side
    from headway.api.data_diff_answers import Group
    from headway.tables.compare import TableChanges

__all__ = ["screen"]

#: What a row says (literal, so that the catalogue check sees them).
_SAYS = {
    "same": "diff-says-same",
    "within_noise": "diff-says-within_noise",
    "moved": "diff-says-moved",
    "state_changed": "diff-says-state_changed",
    "state_unsure": "diff-says-state_unsure",
    "no_number": "diff-says-no_number",
    "not_judged": "diff-says-not_judged",
}
_REGISTERS = {"models": "diff-cause-models", "benchmarks": "diff-cause-benchmarks"}
#: Rows of tables that say in a line what they are about, and the columns that say it.
_ABOUT = {
    "scores": ("model_version", "effort", "benchmark", "source"),
    "sources": ("source", "title"),
    "model_versions": ("model_version", "name", "released"),
    "access": ("model_version", "access", "from"),
}
#: Moves, and noise, below this need a second decimal.
_SMALL = 0.095
#: New models that are named in a sentence.
_FEW = 3
#: Columns of a changed score that follow from others and only repeat them.
_FOLLOWS = {"value": "score"}


def screen(found: DataDiff, lang: str, limit: int) -> str:
    """The whole text; lists are cut to ``limit`` rows and say so."""
    parts = [_head(found, lang)]
    if found.is_same:
        return parts[0]
    if found.answers:
        parts += [_lead(found, lang), _lags(found, lang), _causes(found, lang)]
        parts += [_verdicts(found, lang, limit), _noise(found, lang)]
    parts += [_tables(found, lang), _counts(found, lang, limit), _rows(found, lang, limit)]
    return "\n\n".join(part for part in parts if part)


def _head(found: DataDiff, lang: str) -> str:
    def side(one: Side) -> str:
        return message(
            "diff-side",
            lang,
            name=one.name,
            release=one.data_release,
            day=day(one.data_through, lang),
        )

    if found.is_same:
        return message("diff-same", lang, before=side(found.before), after=side(found.after))
    return message("diff-head", lang, before=side(found.before), after=side(found.after))


# Answers -----------------------------------------------------------------------------------


def _lead(found: DataDiff, lang: str) -> str:
    """What moved and which verdicts flip, in sentences."""
    lags = [row for row in found.answers if row["question"] == "lag"]
    tested = [row for row in found.answers if row["verdict"] is not None]
    out = []
    if lags:
        key = "diff-lead-lags" if found.moved else "diff-lead-no_lag"
        if _unjudged(found) and not found.moved:
            key = "diff-lead-unjudged"
        told = {"moved": str(len(found.moved)), "total": str(len(lags))}
        told |= {"seeds": str(found.options["seeds"]), "day": day(found.as_of, lang)}
        out.append(message(key, lang, **told, count=_plural(found.moved)))
        out += [_sentence(found, row, lang) for row in found.moved]
    if tested:
        firm = sum(row["verdict"]["firm"] is True for row in found.flips)
        key = "diff-lead-no_verdict"
        if found.flips:
            key = "diff-lead-verdicts" if firm else "diff-lead-verdicts-unsure"
        counts = {"flips": str(len(found.flips)), "total": str(len(tested)), "firm": str(firm)}
        out.append(message(key, lang, **counts, count=_plural(found.flips)))
        out += [_flip(row, lang) for row in found.flips if _is_headline(row)]
    return "\n".join(out)


def _sentence(found: DataDiff, row: Mapping[str, Any], lang: str) -> str:
    """One lag that moved: both values, the difference with its noise, the cause that did most."""
    values = {side: _amount(row[side]["quantity"], lang) for side in ("before", "after")}
    fields = {"part": _part(row, lang), **values}
    difference = row["difference"]
    if difference["floor"] is None:
        text = message("diff-sentence-state", lang, **fields)
    else:
        text = message("diff-sentence-moved", lang, **fields, difference=_mean(row, lang))
    told = [text, *_main_cause(found, row, lang), *_leaders(row, lang)]
    return "  " + message("diff-sentence-join", lang).join(told)


def _is_headline(row: Mapping[str, Any]) -> bool:
    """A claim about a whole domain, by the headline definition."""
    return row["definition"] == "lag_mean_12m" and row["stage"] is None and row["models"] == "own"


def _flip(row: Mapping[str, Any], lang: str) -> str:
    verdict = row["verdict"]
    return "  " + message(
        "diff-sentence-flip",
        lang,
        claim=message(CLAIM_WORDS[row["hypothesis"]], lang),
        part=_part(row, lang),
        before=_judged(verdict, "before", lang),
        after=_judged(verdict, "after", lang),
    )


def _main_cause(found: DataDiff, row: Mapping[str, Any], lang: str) -> list[str]:
    """The cause that alone does at least half of the move and more than the noise."""
    whole = row["difference"]["mean"]
    if len(found.groups) == 1:
        return [message("diff-cause-only", lang, cause=_with_models(found.groups[0], lang))]
    if not whole:
        return []
    moves = [(cause["difference"], i) for i, cause in enumerate(row["causes"])]
    same_way = [(abs(m["mean"]), m, i) for m, i in moves if (m["mean"] or 0) * whole > 0]
    if not same_way:
        return []
    size, move, i = max(same_way, key=lambda one: one[0])
    if size < abs(whole) / 2 or size <= (move["floor"] or 0):
        return [message("diff-cause-several", lang)]
    return [
        message(
            "diff-cause-most",
            lang,
            cause=_with_models(found.groups[i], lang),
            difference=_signed(move["mean"], lang),
        )
    ]


def _with_models(group: Group, lang: str) -> str:
    """A cause with the new models that it brings in, where they are few."""
    models = _new_models(group)
    name = _cause(group, lang)
    if not 0 < len(models) <= _FEW or models == [group.name]:
        return name
    listed = message("list-separator", lang).join(map(clean, models))
    return message("diff-cause-brings", lang, cause=name, models=listed)


def _new_models(group: Group) -> list[str]:
    return list(dict.fromkeys(m for c in group.causes for m in c.models))


def _leaders(row: Mapping[str, Any], lang: str) -> list[str]:
    """Models at the head of a frontier that are others now."""
    one, two = row["before"]["leaders"] or {}, row["after"]["leaders"] or {}
    keys = {"open_model": "diff-leader-open", "closed_model": "diff-leader-closed"}
    return [
        message(key, lang, before=clean(one[kind] or "-"), after=clean(two[kind] or "-"))
        for kind, key in keys.items()
        if one.keys() == two.keys() == keys.keys() and one[kind] != two[kind]
    ]


def _lags(found: DataDiff, lang: str) -> str:
    """Every lag on either side with its difference and the noise floor."""
    rows = [row for row in found.answers if row["question"] == "lag"]
    if not rows:
        return ""
    several = len({row["definition"] for row in rows}) > 1
    header = [message("diff-column-part", lang)]
    header += [message("column-definition", lang)] if several else []
    header += [message(f"diff-column-{c}", lang) for c in ("before", "after")]
    header += [message(f"diff-column-{c}", lang) for c in ("difference", "mean", "says")]
    own = [
        (side, one)
        for side, one in (("before", found.before), ("after", found.after))
        if one.data_through != found.as_of
    ]
    header += [
        message("diff-column-own_date", lang, name=one.name, day=day(one.data_through, lang))
        for _, one in own
    ]
    lines = []
    for row in rows:
        line = [_part(row, lang)]
        line += [message(f"definition-{row['definition']}", lang)] if several else []
        line += [_with_interval(row[side]["quantity"], lang) for side in ("before", "after")]
        line += [_difference(row, lang), _mean(row, lang), message(_SAYS[row["says"]], lang)]
        line += [
            "-"
            if row["own_date"][side] is None
            else _amount(row["own_date"][side]["quantity"], lang)
            for side, _ in own
        ]
        lines.append(line)
    title = message("diff-lags", lang, day=day(found.as_of, lang))
    return title + "\n" + plain_table(header, lines)


def _causes(found: DataDiff, lang: str) -> str:
    """What each cause alone does to the lags that moved, then what the causes are."""
    if not found.groups:
        return message("diff-no_cause", lang)
    parts = []
    rows = [
        row
        for row in found.answers
        if row in found.moved
        or (_unjudged(found) and row["question"] == "lag" and row["difference"]["value"])
    ]
    if rows and len(found.groups) > 1:
        header = [message("diff-column-part", lang), message("diff-column-difference", lang)]
        header += [_cause(group, lang) for group in found.groups]
        header += [message("diff-column-remainder", lang)]
        lines = [
            [
                _part(row, lang),
                _bracketed(row["difference"], lang),
                *(_alone(cause, row, lang) for cause in row["causes"]),
                _bracketed(row["remainder"], lang),
            ]
            for row in rows
        ]
        parts.append(message("diff-causes", lang) + "\n" + plain_table(header, lines))
    header = [message(f"diff-column-{c}", lang) for c in ("cause", "added", "removed", "changed")]
    header += [message("diff-column-new_models", lang)]
    lines = []
    for group in found.groups:
        members = group.causes
        name = _cause(group, lang)
        if len(members) > 1:
            listed = message("list-separator", lang).join(
                _name(c.kind, c.name, lang) for c in members
            )
            name = message("diff-cause-members", lang, cause=name, members=clip(listed, 100))
        models = _new_models(group)
        lines.append(
            [
                name,
                *(
                    str(sum(getattr(c, n) for c in members))
                    for n in ("added", "removed", "changed")
                ),
                clip(message("list-separator", lang).join(models), 80) or "-",
            ]
        )
    parts.append(
        message("diff-changed_by", lang) + "\n" + plain_table(header, lines, right=(1, 2, 3))
    )
    return "\n\n".join(parts)


def _alone(cause: Mapping[str, Any], row: Mapping[str, Any], lang: str) -> str:
    """What a cause alone does: the mean move, or the state where there is no number to subtract."""
    if cause["difference"]["mean"] is not None:
        return _bracketed(cause["difference"], lang)
    if cause["state"] is None:
        return message("state-not_estimable", lang)
    if cause["value"] is None or cause["state"] == "at_most":
        return _state(cause["state"], lang)
    text = amount(number(cause["value"], lang, 1), row["unit"], lang)
    text = message("state-at_least", lang, amount=text) if cause["state"] == "censored" else text
    return message("diff-to", lang, after=text)


def _bracketed(difference: Mapping[str, Any], lang: str) -> str:
    """The mean move; in brackets where the noise could have made it."""
    mean, floor = difference["mean"], difference["floor"]
    if mean is None:
        return "-"
    text = _signed(mean, lang)
    return text if floor is not None and abs(mean) > floor else f"({text})"


def _verdicts(found: DataDiff, lang: str, limit: int) -> str:
    """Claims with another verdict, those that every seed confirms first."""
    rows = sorted(
        found.flips,
        key=lambda row: (
            row["verdict"]["firm"] is not True,
            not _is_headline(row),
            row["stage"] is not None,
            row["definition"] != "lag_mean_12m",
        ),
    )
    if not rows:
        return ""
    names = ("claim", "part", "definition", "before", "after", "probability", "alone")
    header = [message(f"diff-column-{c}", lang) for c in names]
    lines = []
    for row in rows[:limit]:
        verdict = row["verdict"]
        claim = message(CLAIM_WORDS[row["hypothesis"]], lang)
        if row["models"] == "common":
            claim = message("lagtest-common", lang, claim=claim)
        alone = [
            _cause(group, lang)
            for group, cause in zip(found.groups, row["causes"], strict=True)
            if cause["verdict"] == verdict["after"]
        ]
        lines.append(
            [
                claim,
                _part(row, lang),
                message(f"definition-{row['definition']}", lang),
                _judged(verdict, "before", lang),
                _judged(verdict, "after", lang),
                message(
                    "diff-from_to",
                    lang,
                    before=_amount(row["before"]["quantity"], lang),
                    after=_amount(row["after"]["quantity"], lang),
                ),
                clip(message("list-separator", lang).join(alone), 60) or "-",
            ]
        )
    return "\n".join(
        [message("diff-verdicts", lang), plain_table(header, lines), *_left(rows, limit, lang)]
    )


def _judged(verdict: Mapping[str, Any], side: str, lang: str) -> str:
    """A verdict, and under how many seeds it is given."""
    counts = verdict[f"{side}_by_seed"]
    text = message(VERDICT_WORDS[verdict[side]], lang)
    total = sum(counts.values())
    if total == 1:
        return text
    return message(
        "diff-by_seed", lang, verdict=text, seeds=str(counts[verdict[side]]), total=str(total)
    )


def _noise(found: DataDiff, lang: str) -> str:
    if not found.groups:  # nothing can move
        return ""
    seeds = int(found.options["seeds"])
    key = "diff-noise" if seeds >= LEAST_SEEDS else "diff-noise-unknown"
    return message(key, lang, seeds=str(seeds), least=str(LEAST_SEEDS))


# Tables ------------------------------------------------------------------------------------


def _tables(found: DataDiff, lang: str) -> str:
    """Rows per table that differs."""
    names = ("table", "before", "removed", "added", "changed", "after", "columns")
    header = [message(f"diff-column-{c}", lang) for c in names]
    lines = [
        [
            name,
            str(len(one.before)),
            str(len(one.removed)),
            str(len(one.added)),
            str(len(one.changed)),
            str(len(one.after)),
            clip(
                message("list-separator", lang).join(f"{c} {n}" for c, n in one.columns.items()), 70
            )
            or "-",
        ]
        for name, one in found.tables.items()
        if not one.is_same
    ]
    same = [name for name, one in found.tables.items() if one.is_same]
    parts = []
    if lines:
        parts.append(message("diff-tables", lang))
        parts.append(plain_table(header, lines, right=(1, 2, 3, 4, 5)))
    if same:
        parts.append(
            message("diff-tables-same", lang, tables=message("list-separator", lang).join(same))
        )
    renumbered = sum(one.renumbered for one in found.tables.values())
    if renumbered:
        parts.append(message("diff-renumbered", lang, count=str(renumbered)))
    return "\n".join(parts)


def _counts(found: DataDiff, lang: str, limit: int) -> str:
    """Scores per source and per benchmark where they differ."""
    one = found.tables.get("scores")
    if one is None or one.is_same:
        return ""
    parts = []
    for column in one.counted:
        counts = [
            row
            for row in one.counts(column).rows(named=True)
            if row["added"] or row["removed"] or row["changed"]
        ]
        counts.sort(key=lambda r: (-(r["added"] + r["removed"] + r["changed"]), r[column]))
        names = ("before", "removed", "added", "changed", "after")
        header = [message(f"diff-column-{column}", lang)]
        header += [message(f"diff-column-{c}", lang) for c in names]
        lines = [[row[column], *(str(row[c]) for c in names)] for row in counts[:limit]]
        table = plain_table(header, lines, right=(1, 2, 3, 4, 5))
        parts.append("\n".join([table, *_left(counts, limit, lang)]))
    return "\n\n".join(parts)


def _rows(found: DataDiff, lang: str, limit: int) -> str:
    """The rows that differ: of the tables that were asked for, else of the scores."""
    asked = found.options["table"] or ["scores"]
    parts = []
    for name in asked:
        one = found.tables.get(name)
        if one is not None and not one.is_same:
            parts.append(_listing(one, lang, limit))
    return "\n\n".join(parts)


def _listing(one: TableChanges, lang: str, limit: int) -> str:
    about = [c for c in _ABOUT.get(one.table, one.key) if c in one.before.columns]
    order = {"changed": 0, "added": 1, "removed": 2}
    rows = sorted(one.rows(), key=lambda row: order[row[0]])
    header = [message("diff-column-change", lang), *about, message("diff-column-cells", lang)]
    kinds = {"added": "diff-added", "removed": "diff-removed", "changed": "diff-changed"}
    lines = []
    for kind, row, cells in rows[:limit]:
        line = [message(kinds[kind], lang), *(_cell(row[c]) for c in about)]
        lines.append([*line, clip(_cells(kind, row, cells, about, lang), 110)])
    title = message("data-table-title", lang, table=one.table, rows=str(len(rows)))
    return "\n".join([title, plain_table(header, lines), *_left(rows, limit, lang)])


def _cells(
    kind: str,
    row: Mapping[str, Any],
    cells: Mapping[str, tuple[Any, Any]],
    about: Sequence[str],
    lang: str,
) -> str:
    """What differs in a row; of a row that came or went its value or what names it."""
    if kind == "changed":
        named = [
            message("diff-cell", lang, column=c, before=_cell(old), after=_cell(new))
            for c, (old, new) in cells.items()
            if _FOLLOWS.get(c) not in cells
        ]
        return message("list-separator", lang).join(named)
    if "value" in row and "unit" in row:
        return f"{_cell(row['value'])} {row['unit']}"
    told = [f"{c} {_cell(row[c])}" for c in list(cells)[:6] if c not in about]
    return message("list-separator", lang).join(told)


def _left(rows: Sequence[Any], limit: int, lang: str) -> Iterable[str]:
    if len(rows) > limit:
        yield message("data-rows-left", lang, count=str(len(rows) - limit))


# Words -------------------------------------------------------------------------------------


def _unjudged(found: DataDiff) -> bool:
    """Something may have moved, but there are too few seeds to tell the noise."""
    return bool(found.groups) and int(found.options["seeds"]) < LEAST_SEEDS


def _plural(rows: Sequence[Any]) -> str:
    return "one" if len(rows) == 1 else "other"


def _part(row: Mapping[str, Any], lang: str) -> str:
    domain = message(f"domain-{row['domain']}", lang)
    if row["stage"] is None:
        return domain
    stage = message(f"stage-{row['stage']}", lang)
    return message("diff-stage", lang, domain=domain, stage=stage)


def _state(state: str, lang: str) -> str:
    return message("diff-at_most" if state == "at_most" else f"state-{state}", lang)


def _amount(quantity: Mapping[str, Any], lang: str) -> str:
    """The value with one decimal, however wide its interval: a move may be small and sure."""
    value = quantity["value"]
    if value is None:
        return _state(quantity["status"], lang)
    if quantity["unit"] == "probability":
        text = percent(value, lang, 1)
    else:
        text = amount(number(value, lang, 1), quantity["unit"], lang)
    return (
        message("state-at_least", lang, amount=text) if quantity["status"] == "censored" else text
    )


def _with_interval(found: Mapping[str, Any], lang: str) -> str:
    from headway.i18n import interval_words

    quantity = quantity_from_json(found)
    short = _amount(found, lang)
    if quantity.interval is None:
        return short
    ends = interval_words(quantity.interval, lang, decimals=1)
    return message("chart-value_interval", lang, amount=short, interval=ends)


def _signed(value: float, lang: str, places: int = 1) -> str:
    """A difference with its sign; one that rounds to nothing has none."""
    text = number(value, lang, places)
    return f"+{text}" if value > 0 and text.strip("0.,") else text


def _difference(row: Mapping[str, Any], lang: str) -> str:
    value = row["difference"]["value"]
    return "-" if value is None else _signed(value, lang)


def _mean(row: Mapping[str, Any], lang: str) -> str:
    """The mean difference over the seeds with its noise floor, in the answer's unit."""
    mean, floor = row["difference"]["mean"], row["difference"]["floor"]
    if mean is None or floor is None:
        return "-"
    # a move that is small but sure is not shown as none, nor its noise
    places = 2 if abs(mean) > floor and min(abs(mean), floor) < _SMALL else 1
    text = message(
        "diff-plus_minus",
        lang,
        value=_signed(mean, lang, places),
        floor=number(floor, lang, places),
    )
    return amount(text, row["unit"], lang)


def _name(kind: str, name: str, lang: str) -> str:
    return message(_REGISTERS[name], lang) if kind == "register" else clean(name)


def _cause(group: Group, lang: str) -> str:
    if group.name is None:
        return message("diff-cause-others", lang, count=str(len(group.causes)))
    return _name(group.kind, group.name, lang)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.6g}" if isinstance(value, float) else clip(value, 60)
