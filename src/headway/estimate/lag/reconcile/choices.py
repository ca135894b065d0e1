"""The choices behind a published lag, as data.

Two published lags differ because their authors chose differently. :class:`Choices` names every
choice, so that one function can evaluate any combination and a path can change one at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date

from headway.errors import BadOption

__all__ = ["NAMES", "VALUES", "Choices", "aligned", "differing", "parse_setting", "value_text"]

#: Vocabulary of each choice; ``None`` where the values are data sets, models, dates or numbers.
VALUES: Mapping[str, tuple[str, ...] | None] = {
    "data": None,
    "domain": (
        "cyber",
        "coding",
        "general",
        "cyber.find_reproduce",
        "cyber.exploit",
        "cyber.range",
        "cyber.ctf_mixed",
        "cyber.command_line",
        "cyber.knowledge",
        "cyber.defensive",
    ),
    "items": ("all", "public", "semi_private", "private", "held_out"),
    "evaluator": ("all", "independent", "first_party"),
    "irt": ("1pl", "2pl"),
    "groups": ("open_closed", "china_us", "consumer_all"),
    "dates": ("launch", "weights"),
    "frontier": ("public", "restricted"),
    "rule": ("step", "trend_closed", "trend_open"),
    "matching": ("reach", "exceed", "surpass"),
    "margin": None,
    "first_match": ("bound", "number"),
    "average": ("at_model", "at_record", "now", "mean_records", "mean_days", "mean_forward"),
    "model": None,
    "since": None,
    "as_of": None,
}


@dataclass(frozen=True, slots=True)
class Choices:
    """One way of measuring the lag.

    Parameters
    ----------
    data : str
        Data set: ``headway`` (the ability model on the release's scores), an index or test of
        somebody else, or a pair of models that an author names.
    domain : str
        What is measured: a domain, or ``cyber.<stage>``.
    items : str
        Access of the benchmarks' items; ``held_out`` is private and semi-private.
    evaluator : str
        Whose results count.
    irt : {"1pl", "2pl"}
        One discrimination for all benchmarks, or one each.
    groups : {"open_closed", "china_us", "consumer_all"}
        Who follows whom: open weights behind closed; Chinese behind US models, whatever their
        weights; open weights that fit one gaming GPU behind everybody.
    dates : {"launch", "weights"}
        Entry on the day of the launch, or on the day on which the group's access began (weights
        downloadable; first use outside the developer).
    frontier : {"public", "restricted"}
        Whether models that only a few may use lead too.
    rule : {"step", "trend_closed", "trend_open"}
        Time since the leaders first had the level; or the distance of fitted lines in months, over
        the slope of the leaders or of the followers.
    matching : {"reach", "exceed", "surpass"}
        Of the step rule: leaders first at or above the level; first above it; or the newest record of
        the leaders that the follower is above.
    margin : float, points of the index
        How much worse still counts as level.
    first_match : {"bound", "number"}
        What a match by the first leaders in the data is: "at least so long" (others may have had
        the level before), or a number all the same.
    average : str
        ``at_model`` (a named model at its entry), ``at_record`` (the latest record), ``now``,
        ``mean_records`` and ``mean_days`` over the window, ``mean_forward`` (months from each leaders'
        record until followers match it, averaged over those matched in the window).
    model : str or None
        For ``at_model``.
    since : date or None
        Begin of the window, and of the points of a fitted line; ``None`` is twelve months before
        ``as_of`` for a window and all points for a line.
    as_of : date
        Later entries are ignored.
    """

    data: str
    domain: str
    as_of: date
    items: str = "all"
    evaluator: str = "all"
    irt: str = "2pl"
    groups: str = "open_closed"
    dates: str = "launch"
    frontier: str = "public"
    rule: str = "step"
    matching: str = "reach"
    margin: float = 0.0
    first_match: str = "number"
    average: str = "mean_days"
    model: str | None = None
    since: date | None = None

    def __post_init__(self) -> None:
        for name, allowed in VALUES.items():
            value = getattr(self, name)
            if allowed is not None and value not in allowed:
                raise BadOption(
                    f"{name} must be one of {', '.join(allowed)}; got {value!r}", choice=name
                )
        if not (self.margin >= 0 and self.margin < float("inf")):
            raise BadOption(f"margin must be a finite number of at least 0, got {self.margin}")
        if self.since is not None and self.since >= self.as_of:
            raise BadOption(f"since ({self.since}) must be before as_of ({self.as_of})")

    def with_(self, **changed: object) -> Choices:
        """The same choices with some changed.

        Raises
        ------
        BadOption
            Unknown choice or value.
        """
        unknown = [name for name in changed if name not in NAMES]
        if unknown:
            raise BadOption(
                f"no choice is called {', '.join(unknown)}", hint=f"one of {', '.join(NAMES)}"
            )
        return replace(self, **changed)  # type: ignore[arg-type]  # checked in __post_init__

    def to_json(self) -> dict[str, str | float | None]:
        """The choices as plain values, in their order."""
        return {name: _plain(getattr(self, name)) for name in NAMES}


NAMES: tuple[str, ...] = tuple(VALUES)
assert set(NAMES) == {f.name for f in fields(Choices)}


def _plain(value: object) -> str | float | None:
    if value is None or isinstance(value, str | float):
        return value
    assert isinstance(value, date), value
    return value.isoformat()


def value_text(value: object) -> str:
    """A value as the command line spells it."""
    plain = _plain(value)
    if plain is None:
        return "none"
    return f"{plain:g}" if isinstance(plain, float) else plain


#: Averages over a window.
_WINDOWED = ("mean_records", "mean_days", "mean_forward")


def _unused(choices: Choices) -> set[str]:
    """Choices that a way of measuring does not look at."""
    out = set()
    if choices.average != "at_model":
        out.add("model")
    if choices.rule == "step":
        if choices.average not in _WINDOWED:
            out.add("since")
    else:
        out |= {"matching", "margin", "first_match"}
    return out


def aligned(a: Choices, b: Choices) -> tuple[Choices, Choices]:
    """The same two ways of measuring, alike in what only one of them looks at.

    A model is named only where the lag is that of a model, a matching rule means nothing to fitted
    lines: such a choice is taken over from the side that uses it, so that it is no step of a path.
    """
    for name in NAMES:
        if name in _unused(a):
            a = a.with_(**{name: getattr(b, name)})
        elif name in _unused(b):
            b = b.with_(**{name: getattr(a, name)})
    return a, b


def differing(a: Choices, b: Choices) -> tuple[str, ...]:
    """Names of the choices in which two ways of measuring differ, in the order of :data:`NAMES`."""
    return tuple(name for name in NAMES if getattr(a, name) != getattr(b, name))


def parse_setting(text: str) -> tuple[str, object]:
    """``choice=value`` as the command line takes it.

    Raises
    ------
    BadOption
        No ``=``, an unknown choice, or a value that is no date or number where one is needed.

    Examples
    --------
    >>> parse_setting("rule=trend_closed"), parse_setting("margin=1")
    (('rule', 'trend_closed'), ('margin', 1.0))
    """
    name, mark, value = text.partition("=")
    name, value = name.strip(), value.strip()
    if not mark or not value:
        raise BadOption(
            f"--set needs choice=value, got {text!r}", hint="for example --set rule=trend_closed"
        )
    if name not in NAMES:
        raise BadOption(
            f"no choice is called {name!r}", hint=f"one of {', '.join(NAMES)}", choice=name
        )
    try:
        if name == "margin":
            return name, float(value)
        if name == "as_of":
            return name, date.fromisoformat(value)
        if name == "since":
            return name, None if value == "none" else date.fromisoformat(value)
    except ValueError:
        kind = "a number" if name == "margin" else "a date such as 2026-06-30"
        raise BadOption(f"{name} must be {kind}, got {value!r}", choice=name) from None
    if name == "model" and value == "none":
        return name, None
    return name, value
