"""``headway reconcile``: published lags computed again, and what moves one into another."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from headway import cache
from headway.api.data import load
from headway.api.envelope import Result, envelope, plain
from headway.api.offline import offline_if
from headway.errors import BadOption, NotFound
from headway.problems import problem
from headway.provenance import Provenance
from headway.tables.choice import head_in_use
from headway.tables.store import ReleaseHead

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

    from headway.checks.reconcile import Reconciliation
    from headway.estimate.lag.reconcile.choices import Choices

__all__ = ["ReconcileResult", "reconcile"]

DEFAULT_SEED = 20261123
#: Where ``--set`` starts unless ``--from`` names another lag.
DEFAULT_START = "headway-cyber"

_STATUS = {
    "reproduced": "reconcile-status-reproduced",
    "partly": "reconcile-status-partly",
    "inputs_not_public": "reconcile-status-inputs_not_public",
}
_WHY = {
    "inputs_not_stored": "reconcile-why-inputs_not_stored",
    "inputs_licensed": "reconcile-why-inputs_licensed",
    "inputs_not_named": "reconcile-why-inputs_not_named",
    "judgement": "reconcile-why-judgement",
    "forecast": "reconcile-why-forecast",
    "cited_from_others": "reconcile-why-cited_from_others",
}
#: Notes that quantities of this verb carry; raised as reasons in the estimators.
_NOTES = (
    "note-inputs_not_stored",
    "note-inputs_licensed",
    "note-inputs_not_named",
    "note-judgement",
    "note-forecast",
    "note-cited_from_others",
    "note-range_without_summary",
    "note-not_in_data",
    "note-no_model_named",
    "note-model_not_in_data",
    "note-model_not_entered",
    "note-model_not_informative",
    "note-forward_needs_step",
    "note-forward_needs_reach",
    "note-too_few_records",
    "note-no_records_in_window",
    "note-no_matches",
    "note-draws_not_numbers",
)


@dataclass(frozen=True)
class ReconcileResult(Result):
    """The list of published lags, a path between two, or one lag with choices changed.

    Parameters
    ----------
    documents : tuple of mapping
        Rows in their JSON form.
    kind : {"list", "path", "set"}
    about : mapping
        Of a path: its ends and what could not be computed on the way. Of ``set``: the lag before and
        after all changes, and the choices of both.
    """

    documents: tuple[Mapping[str, Any], ...]
    kind: str
    about: Mapping[str, Any]

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return envelope(
            "reconcile",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=self.documents,
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
            extra={self.kind: dict(self.about)} if self.about else None,
        )

    def table(self) -> pl.DataFrame:
        """One row per figure, step or setting; quantities as value, ends and status."""
        import polars as pl

        rows = [
            {
                name: part
                for key, value in row.items()
                for name, part in _flat(key, value, quantity=key in _QUANTITIES)
            }
            for row in self.documents
        ]
        return pl.DataFrame(rows, infer_schema_length=None)

    def text(self, lang: str = "en") -> str:
        if self.kind == "list":
            return _list_text(self.documents, lang)
        if self.kind == "path":
            return _path_text(self.documents, self.about, lang)
        return _set_text(self.documents, self.about, lang)

    def plot(self, *, lang: str = "en") -> alt.TopLevelMixin:
        """Of a path the waterfall of its steps; of the list published and recomputed lags.

        Raises
        ------
        BadOption
            Changed settings have no chart.
        """
        from headway.figures.reconcile import reconcile_list_spec, waterfall_spec
        from headway.figures.vl import to_altair

        if self.kind == "path":
            return to_altair(waterfall_spec(self.about, self.documents, lang=lang))
        if self.kind == "list":
            return to_altair(reconcile_list_spec(self.documents, lang=lang))
        raise BadOption("changed settings have no chart", hint="use .table()")

    def __repr__(self) -> str:
        lines = [f"ReconcileResult({self.kind}, release {self.data_release})"]
        for row in self.documents[:8]:
            name = row.get("preset") or row.get("choice")
            q = row.get("reproduced") or row.get("months") or {}
            lines.append(f"  {name}: {q.get('value')}")
        if len(self.documents) > 8:
            lines.append(f"  … {len(self.documents) - 8} more")
        return "\n".join(lines)


def reconcile(
    *,
    path: Sequence[str] | None = None,
    settings: Sequence[str] = (),
    start: str | None = None,
    level: float = 0.90,
    as_of: date | None = None,
    seed: int = DEFAULT_SEED,
    offline: bool = False,
    progress: bool = False,
) -> ReconcileResult:
    """Published lags computed again, each by its own rule, or the path between two of them.

    Parameters
    ----------
    path : (A, B), optional
        Names of two figures (or ``headway-cyber``, ``headway-coding``, ``headway-general``): what each
        choice in which they differ moves, in months. The steps add up to B - A exactly.
    settings : sequence of str
        ``choice=value``, applied one after the other to ``start``.
    start : str, optional
        Figure that ``settings`` change; default ``headway-cyber``.
    level : float
        Of intervals over draws.
    as_of : date, optional
        Must not be given: each figure has its own day.
    seed : int
    offline : bool
    progress : bool
        Show progress on stderr for work over two seconds.

    Returns
    -------
    ReconcileResult

    Raises
    ------
    NotFound
        No figure or data set of that name.
    BadOption
        Options that do not go together, an unknown choice or value, or an end of a path that is no
        number.

    Examples
    --------
    >>> import headway
    >>> found = headway.reconcile(path=("blog-eci-k3", "headway-cyber"))  # doctest: +SKIP
    >>> found.table()  # doctest: +SKIP
    """
    if not 0 < level < 1:
        raise problem(BadOption, "bad-level", value=level)
    if as_of is not None:
        raise problem(BadOption, "reconcile-as_of")
    if path is not None and (settings or start is not None):
        raise problem(BadOption, "reconcile-options")
    head = head_in_use()
    options: dict[str, Any] = {
        "path": None if path is None else list(path),
        "set": list(settings),
        "from": (start or DEFAULT_START) if settings or start else None,
        "level": level,
    }
    with offline_if(offline):
        if path is not None:
            document = _path(head, (path[0], path[1]), level, seed, progress=progress)
            kind = "path"
        elif settings or start is not None:
            document = _set(
                head, start or DEFAULT_START, tuple(settings), level, seed, progress=progress
            )
            kind = "set"
        else:
            document = _list(head, level, seed, progress=progress)
            kind = "list"
    return ReconcileResult(
        data_release=head.data_release,
        as_of=head.data_through,
        options=options,
        warnings=(),
        provenance=Provenance(
            data_release=head.data_release,
            rows_hash=head.rows_hash,
            options={**options, "as_of": head.data_through.isoformat()},
            seed=seed,
        ),
        documents=tuple(document["rows"]),
        kind=kind,
        about=document["about"],
    )


# Work ------------------------------------------------------------------------------------------


def _stored(head: ReleaseHead, level: float, seed: int) -> Mapping[str, Any] | None:
    from headway.checks.reconcile_study import STUDY
    from headway.checks.stored import load_stored

    return load_stored(
        STUDY,
        head.rows_hash,
        {"seed": seed, "as_of": head.data_through.isoformat(), "level": level},
    )


def _list(head: ReleaseHead, level: float, seed: int, *, progress: bool) -> dict[str, Any]:
    found = _stored(head, level, seed)
    if found is not None:
        return {"rows": found["rows"], "about": {}}

    def make(work: Reconciliation) -> dict[str, Any]:
        from headway.checks.reconcile import row_document

        rows = [row_document(row, one) for row, one in work.rows()]
        return {"rows": rows, "about": {}}

    return _cached(head, {"list": True, "level": level}, level, seed, make, progress=progress)


def _path(
    head: ReleaseHead, names: tuple[str, str], level: float, seed: int, *, progress: bool
) -> dict[str, Any]:
    found = _stored(head, level, seed)
    for stored in [] if found is None else found["paths"]:
        if (stored["begin"], stored["end"]) == names:
            return _split(stored)

    def make(work: Reconciliation) -> dict[str, Any]:
        from headway.checks.reconcile import path_document
        from headway.estimate.lag.reconcile.shapley import NoPath

        begin, end = (_named(work, name) for name in names)
        try:
            return _split(path_document(names, work.path(begin, end)))
        except NoPath as no:
            from headway.i18n import note

            name = names[0] if no.which == "begin" else names[1]
            raise problem(
                BadOption,
                "reconcile-not_computable",
                name=name,
                why=note(no.why, "en"),
                why_ja=note(no.why, "ja"),
            ) from no

    return _cached(
        head, {"path": list(names), "level": level}, level, seed, make, progress=progress
    )


def _split(document: Mapping[str, Any]) -> dict[str, Any]:
    about = {name: value for name, value in document.items() if name != "steps"}
    return {"rows": list(document["steps"]), "about": about}


def _set(
    head: ReleaseHead,
    start: str,
    settings: tuple[str, ...],
    level: float,
    seed: int,
    *,
    progress: bool,
) -> dict[str, Any]:
    wanted = [_parsed(text) for text in settings]

    def make(work: Reconciliation) -> dict[str, Any]:
        choices = _named(work, start)
        first = before = work.evaluate(choices)
        rows = []
        for name, value in wanted:
            old = choices.to_json()[name]
            try:
                choices = choices.with_(**{name: value})
                after = work.evaluate(choices)
            except BadOption as e:
                raise _bad_value(name, value) from e
            except NotFound as e:
                known = ", ".join(work.materials.names)
                raise problem(NotFound, "reconcile-data", name=str(value), known=known) from e
            difference = (
                after.lag.value - before.lag.value
                if after.feasible
                and before.feasible
                and after.lag.value is not None
                and before.lag.value is not None
                else None
            )
            rows.append(
                {
                    "choice": name,
                    "from": old,
                    "to": choices.to_json()[name],
                    "before": before.lag.to_json(),
                    "after": after.lag.to_json(),
                    "months": difference,
                }
            )
            before = after
        return {
            "rows": rows,
            "about": {
                "preset": start,
                "before": first.lag.to_json(),
                "after": before.lag.to_json(),
                "choices": choices.to_json(),
            },
        }

    options = {"set": list(settings), "start": start, "level": level}
    return _cached(head, options, level, seed, make, progress=progress)


def _parsed(text: str) -> tuple[str, Any]:
    """``choice=value``, with an error that says which part is wrong."""
    from headway.estimate.lag.reconcile.choices import NAMES, parse_setting

    name, mark, value = (part.strip() for part in text.partition("="))
    if not mark or not value:
        raise problem(BadOption, "reconcile-setting", value=text)
    if name not in NAMES:
        raise problem(BadOption, "reconcile-choice", choice=name, allowed=", ".join(NAMES))
    try:
        return parse_setting(text)
    except BadOption as e:
        raise _bad_value(name, value) from e


def _bad_value(name: str, value: Any) -> BadOption:
    """What a choice may be."""
    from headway.estimate.lag.reconcile.choices import VALUES

    allowed = VALUES[name]
    if allowed is not None:
        shown = ", ".join(allowed)
        return problem(BadOption, "reconcile-value", choice=name, value=str(value), allowed=shown)
    return problem(BadOption, "reconcile-number", choice=name, value=str(value))


def _cached(
    head: ReleaseHead,
    options: Mapping[str, Any],
    level: float,
    seed: int,
    make: Any,
    *,
    progress: bool,
) -> dict[str, Any]:
    """A document from the cache, or made now and kept."""
    key = cache.key("reconcile", rows_hash=head.rows_hash, options={**options, "seed": seed})
    entry = cache.load(key)
    if entry is not None:
        found: dict[str, Any] = entry.document
        return found
    from headway.api.reconcile_fits import cached_fits
    from headway.checks.reconcile import Reconciliation
    from headway.fanout.bar import progress_bar

    release = load()
    with progress_bar("fits" if progress else None, 1) as advance:
        source = cached_fits(release, seed=seed)
        document: dict[str, Any] = plain(
            make(Reconciliation(release, seed=seed, abilities=source, level=level))
        )
        advance()
    cache.store(key, document)
    return document


def _named(work: Reconciliation, name: str) -> Choices:
    named = work.named()
    if name not in named:
        from headway.estimate.lag.reconcile.presets import PRESETS

        reasons = {p.name: p.why for p in PRESETS if p.choices is None}
        if name in reasons:
            from headway.i18n import note

            why = str(reasons[name])
            raise problem(
                BadOption,
                "reconcile-not_computable",
                name=name,
                why=note(why, "en"),
                why_ja=note(why, "ja"),
            )
        close = ", ".join(difflib.get_close_matches(name, list(named), n=3, cutoff=0.3)) or "-"
        raise problem(NotFound, "reconcile-unknown", name=name, close=close)
    return named[name]


# Text ------------------------------------------------------------------------------------------

_QUANTITIES = ("published", "reproduced", "before", "after", "months")


def _flat(key: str, value: Any, *, quantity: bool) -> list[tuple[str, Any]]:
    """A cell of the frame: quantities become value, ends and status."""
    if quantity and isinstance(value, Mapping):
        interval = value["interval"] or {"low": None, "high": None}
        ends = {name: _number(interval[name]) for name in ("low", "high")}
        return [
            (key, _number(value["value"])),
            (f"{key}_low", ends["low"]),
            (f"{key}_high", ends["high"]),
            (f"{key}_state", value["status"]),
        ]
    if isinstance(value, Mapping):
        return [(f"choice_{name}", _text(part)) for name, part in value.items()]
    if isinstance(value, list):
        return [(key, "; ".join(_text(part) or "none" for part in value))]
    if key in ("from", "to"):
        return [(key, _text(value))]
    return [(key, value)]


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return f"{value:g}" if isinstance(value, float) else str(value)


def _shown(value: Any, lang: str) -> str:
    """A number of months with one decimal."""
    from headway.i18n import number

    return number(float(value), lang, 1)


def _signed(value: float, lang: str) -> str:
    text = _shown(abs(value), lang)
    if text == _shown(0.0, lang):
        return text
    return f"+{text}" if value > 0 else f"−{text}"


def _cell(quantity: Mapping[str, Any], lang: str) -> str:
    """A quantity in one cell: value and range, months."""
    from headway.i18n import message

    interval = quantity["interval"]
    value = quantity["value"]
    if interval is None:
        return "-" if value is None else _shown(value, lang)
    low, high = float(interval["low"]), float(interval["high"])
    if math.isinf(low) and value is None:
        return message("reconcile-up_to", lang, high=_shown(high, lang))
    words = {"low": _shown(low, lang), "high": _shown(high, lang)}
    if value is None:
        return message("reconcile-only_interval", lang, **words)
    if words["low"] == words["high"] == _shown(value, lang):
        return _shown(value, lang)
    return message("reconcile-number_interval", lang, value=_shown(value, lang), **words)


def _list_text(rows: Sequence[Mapping[str, Any]], lang: str) -> str:
    from headway.i18n import message
    from headway.textsafe import plain_table

    counts = {name: sum(row["status"] == name for row in rows) for name in _STATUS}
    parts = [
        message(
            "reconcile-verdict",
            lang,
            count=str(len(rows)),
            reproduced=str(counts["reproduced"]),
            partly=str(counts["partly"]),
            hidden=str(counts["inputs_not_public"]),
        ),
        message("reconcile-verdict_more", lang),
        "",
    ]
    header = [
        message("reconcile-column-preset", lang),
        message("reconcile-column-published", lang),
        message("reconcile-column-again", lang),
        message("reconcile-column-status", lang),
        message("reconcile-column-publisher", lang),
    ]
    order = list(_STATUS)
    shown = sorted(
        (row for row in rows if row["status"] != "inputs_not_public"),
        key=lambda row: order.index(row["status"]),
    )
    table = [
        [
            row["preset"],
            _cell(row["published"], lang),
            _cell(row["reproduced"], lang),
            message(_STATUS[row["status"]], lang),
            row["publisher"],
        ]
        for row in shown
    ]
    parts.append(plain_table(header, table))
    hidden: dict[str, list[str]] = {}
    for row in rows:
        if row["status"] == "inputs_not_public":
            hidden.setdefault(row["reproduced"]["notes"][0], []).append(row["preset"])
    for why, names in hidden.items():
        told = message(_WHY[why], lang)
        parts.append(message("reconcile-hidden", lang, why=told, names=", ".join(names)))
    return "\n".join(parts)


def choice_words(names: Sequence[str], lang: str) -> str:
    """A choice, or those that had to change together, in words."""
    from headway.figures.reconcile import choice_label

    return choice_label(names, lang)


def _values(values: Sequence[Any]) -> str:
    return ", ".join(_text(value) or "none" for value in values)


def _path_text(rows: Sequence[Mapping[str, Any]], about: Mapping[str, Any], lang: str) -> str:
    from headway.i18n import message, note, percent
    from headway.textsafe import plain_table

    begin, end = about["lag_begin"]["value"], about["lag_end"]["value"]
    ends = {
        "begin": about["begin"],
        "end": about["end"],
        "from": _shown(begin, lang),
        "to": _shown(end, lang),
    }
    if not rows:
        return message("reconcile-path_none", lang, **ends)
    parts = [
        message(
            "reconcile-path_verdict",
            lang,
            **ends,
            difference=_signed(end - begin, lang),
            choice=choice_words(rows[0]["choices"], lang),
            months=_signed(rows[0]["months"]["value"], lang),
        ),
        message(
            "reconcile-path_orders",
            lang,
            feasible=str(about["orders_feasible"]),
            all=str(about["orders_all"]),
        ),
        "",
    ]
    levels = [row["months"]["interval"]["level"] for row in rows if row["months"]["interval"]]
    header = [
        message("reconcile-column-choice", lang),
        message("reconcile-column-from", lang),
        message("reconcile-column-to", lang),
        message("reconcile-column-months", lang),
        message(
            "reconcile-column-interval", lang, level=percent(levels[0] if levels else 0.9, lang)
        ),
        message("reconcile-column-orders", lang),
    ]
    table = []
    for row in rows:
        interval = row["months"]["interval"]
        table.append(
            [
                choice_words(row["choices"], lang),
                _values(row["from"]),
                _values(row["to"]),
                _signed(row["months"]["value"], lang),
                "-" if interval is None else _span(interval["low"], interval["high"], lang),
                _span(row["order_min"], row["order_max"], lang),
            ]
        )
    parts.append(plain_table(header, table, right=(3,)))
    joined = [row for row in rows if len(row["choices"]) > 1]
    for row in joined:
        parts.append(
            message("reconcile-path_joined", lang, names=choice_words(row["choices"], lang))
        )
    if about["blocked"]:
        first = about["blocked"][0]
        parts.append(
            message(
                "reconcile-path_blocked",
                lang,
                count=str(len(about["blocked"])),
                example=choice_words(first["changed"], lang),
                why=note(first["why"], lang),
            )
        )
    return "\n".join(parts)


def _span(low: Any, high: Any, lang: str) -> str:
    from headway.i18n import message

    return message(
        "reconcile-both_ends", lang, low=_signed(float(low), lang), high=_signed(float(high), lang)
    )


def _set_text(rows: Sequence[Mapping[str, Any]], about: Mapping[str, Any], lang: str) -> str:
    from headway.api.lag import quantity_from_json
    from headway.i18n import message, note
    from headway.textsafe import plain_table

    def words(quantity: Mapping[str, Any]) -> str:
        if quantity["status"] == "not_estimable":
            return note(quantity["notes"][0], lang)
        from headway.i18n import quantity_short

        if quantity["status"] != "estimated":
            return quantity_short(quantity_from_json(quantity), lang)
        return _cell(quantity, lang)

    parts = [
        message(
            "reconcile-set_verdict",
            lang,
            preset=about["preset"],
            count=str(len(rows)),
            before=words(about["before"]),
            after=words(about["after"]),
        )
    ]
    if rows:
        header = [
            message("reconcile-column-choice", lang),
            message("reconcile-column-from", lang),
            message("reconcile-column-to", lang),
            message("reconcile-column-before", lang),
            message("reconcile-column-after", lang),
            message("reconcile-column-months", lang),
        ]
        table = [
            [
                choice_words([row["choice"]], lang),
                _values([row["from"]]),
                _values([row["to"]]),
                words(row["before"]),
                words(row["after"]),
                "-" if row["months"] is None else _signed(row["months"], lang),
            ]
            for row in rows
        ]
        parts += ["", plain_table(header, table, right=(5,))]
    return "\n".join(parts)
