"""Known errors of sources: what a source says, what stands here instead, and why.

``corrections.yml`` beside this module holds them. Each entry states what it *expects* the source to
say. Where the source says that, the value is corrected and the stated one stays visible in the list
of what was applied; where it says anything else, nothing is corrected and a :class:`Breach` is given
back: the source was repaired, or changed, and a person has to look.
"""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from headway.errors import Unreadable
from headway.problems import problem
from headway.sources.declare import ModelClaim, ScoreClaim
from headway.tables.side_files import Entry, no_repeats, read_bytes

__all__ = [
    "ACTIVE",
    "CORRECTIONS",
    "STATUSES",
    "Applied",
    "Breach",
    "Corrected",
    "Correction",
    "apply_corrections",
    "by_row",
    "read_corrections",
]

CORRECTIONS = Path(__file__).resolve().parent / "corrections.yml"

#: ``open``: found here; ``reported``: told to the source; ``accepted``: the source agrees;
#: ``repaired``: the source says the right thing now; ``rejected``: it was no error.
STATUSES = ("open", "reported", "accepted", "repaired", "rejected")
#: Statuses in which a correction changes values.
ACTIVE = ("open", "reported", "accepted")
#: Where the record is met: in the raw files of a release, or in what a connector reads.
READ_IN = ("release", "live")

Value = str | float | None

_CLAIMS: Mapping[str, type[ScoreClaim] | type[ModelClaim]] = {
    "scores": ScoreClaim,
    "models": ModelClaim,
}
#: Fields that hold the identity of a row in its body, which no correction touches.
_UNTOUCHED = frozenset({"raw", "licence_key"})
_NUMBERS = frozenset(
    {
        *("score", "stderr", "n", "attempts", "low", "high", "tokens", "token_budget"),
        *("human_minutes", "total_params_b", "active_params_b", "training_flop"),
    }
)


def _fields(table: str) -> frozenset[str]:
    return frozenset(f.name for f in dataclasses.fields(_CLAIMS[table])) - _UNTOUCHED


@dataclass(frozen=True, slots=True)
class Correction:
    """One entry of ``corrections.yml``.

    Parameters
    ----------
    id, source : str
        ``source`` is a key of ``licences.toml`` or of a connector.
    table : {"scores", "models"}
    read_in : tuple of str
        Where the record is met: ``release``, ``live``.
    record : mapping of str to tuple of str
        Fields of a claim and the words that select it, as the source writes them.
    field : str
        The field that is wrong.
    expect : str, float, None, or mapping of str to tuple of float
        What the source says; with ``factor``, what it says for each model.
    value : str, float or None
        What is used instead (``None``: unknown).
    factor : float or None
        The whole column is off: stated values are multiplied by this.
    reason, evidence, reporter : str
        ``evidence`` is the address of what says so.
    status : str
        One of :data:`STATUSES`.
    reported_on : date or None
        When the source was told.
    pending : bool
        Known, but first used by the next release; the expectation is checked already.
    cited_as : str or None
        What the release's column of sources says where it is not the address.
    release : mapping of str to str
        Where the record stands in a release: ``model_version`` or ``benchmark``.
    """

    id: str
    source: str
    table: str
    read_in: tuple[str, ...]
    record: Mapping[str, tuple[str, ...]]
    field: str
    expect: Value | Mapping[str, tuple[float, ...]]
    value: Value
    factor: float | None
    reason: str
    evidence: str
    reporter: str
    status: str
    reported_on: date | None
    pending: bool
    cited_as: str | None
    release: Mapping[str, str]

    @property
    def is_active(self) -> bool:
        """Does it change a value? Repaired, rejected and pending entries do not."""
        return self.status in ACTIVE and not self.pending

    def selects(self, claim: ScoreClaim | ModelClaim) -> bool:
        """Is this claim (one of) the record(s)?"""
        return isinstance(claim, _CLAIMS[self.table]) and all(
            getattr(claim, name) in words for name, words in self.record.items()
        )

    def used(self, stated: Value) -> Value:
        """What is used where the source says ``stated``."""
        if self.factor is None:
            return self.value
        assert isinstance(stated, int | float)
        return stated * self.factor


@dataclass(frozen=True, slots=True)
class Applied:
    """One value that was corrected: the row (its place in the body), what stood there, what is used."""

    correction: str
    index: int
    raw: str
    field: str
    stated: Value
    used: Value


@dataclass(frozen=True, slots=True)
class Breach:
    """An expectation that does not hold; nothing was corrected by that entry.

    ``kind`` is ``repaired`` (the source now says what is used here), ``changed`` (it says something
    else), or ``reverted`` (an entry marked repaired, and the old value is back).
    """

    correction: str
    kind: Literal["repaired", "changed", "reverted"]
    raw: str
    field: str
    expected: Value
    found: Value


@dataclass(frozen=True)
class Corrected:
    """What :func:`apply_corrections` gives.

    Parameters
    ----------
    claims : tuple
        In the order given.
    applied : tuple of Applied
    breaches : tuple of Breach
    missing : tuple of str
        Ids whose record, or part of it, is not among the claims.
    """

    claims: tuple[Any, ...]
    applied: tuple[Applied, ...]
    breaches: tuple[Breach, ...]
    missing: tuple[str, ...]


def _document(path: Path) -> Any:
    """YAML without aliases, repeated keys, or anything but plain values; dates stay text."""
    import yaml

    class Loader(yaml.SafeLoader):
        """Safe types only."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("an alias (*name)")
            return super().compose_node(parent, index)

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            keys = [getattr(key, "value", None) for key, _ in node.value]
            twice = next((str(key) for key in keys if keys.count(key) > 1), None)
            if twice is not None:
                raise yaml.YAMLError(f"the key {twice!r} twice")
            return super().construct_mapping(node, deep)

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in pairs if not tag.endswith(":timestamp")]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    body = read_bytes(path)
    try:
        return yaml.load(body.decode("utf-8"), Loader=Loader)
    # a tag that does not fit its value raises what Python raises for it
    except (
        yaml.YAMLError,
        ValueError,
        LookupError,
        AttributeError,
        TypeError,
        OverflowError,
        RecursionError,
    ) as error:
        why = f"YAML: {' '.join(str(error).split())[:120]}"
        raise problem(Unreadable, "rules-unreadable", file=path.name, why=why) from error


def read_corrections(path: Path = CORRECTIONS) -> tuple[Correction, ...]:
    """The entries of a corrections file, all of them valid.

    Raises
    ------
    Unreadable
        Not YAML of plain values.
    BadTable
        An entry lacks a key, has one too many, or a value that cannot be.
    """
    document = _document(path)
    rows = document.get("corrections") if isinstance(document, dict) else None
    if not isinstance(rows, list) or len(document) != 1:
        raise problem(Unreadable, "rules-unreadable", file=path.name, why="corrections: [...]")
    found = tuple(_entry(path.name, f"corrections[{i}]", row) for i, row in enumerate(rows))
    no_repeats(path.name, [one.id for one in found])
    return found


def _entry(file: str, place: str, raw: object) -> Correction:
    entry = Entry(file, place, raw)
    table = entry.one_of("table", tuple(_CLAIMS))
    fields = _fields(table)
    words = fields - _NUMBERS
    field = entry.one_of("field", sorted(fields))
    factor = _number(entry, "factor") if entry.has("factor") else None
    if factor is not None and (field not in _NUMBERS or factor <= 0 or factor == 1):
        raise entry.refuse("factor", "a number > 0, not 1, for a field of numbers")
    status = entry.one_of("status", STATUSES)
    reported_on = entry.maybe_day("reported_on")
    if status in ("reported", "accepted") and reported_on is None:
        raise entry.refuse("reported_on", "YYYY-MM-DD")
    read_in = entry.raw("read_in")
    if not isinstance(read_in, list) or not read_in or not set(map(str, read_in)) <= set(READ_IN):
        raise entry.refuse("read_in", " | ".join(READ_IN))
    record = entry.conditions("record", words)
    release = (
        entry.conditions("release", ("model_version", "benchmark")) if entry.has("release") else {}
    )
    found = Correction(
        id=entry.place,
        source=entry.text("source"),
        table=table,
        read_in=tuple(str(one) for one in read_in),
        record=record,
        field=field,
        expect=_expect(entry, field) if factor is None else _anchors(entry),
        value=_value(entry, "value", field) if factor is None else None,
        factor=factor,
        reason=entry.text("reason"),
        evidence=entry.url("evidence"),
        reporter=entry.text("reporter"),
        status=status,
        reported_on=reported_on,
        pending=entry.flag("pending"),
        cited_as=entry.maybe_text("cited_as"),
        release={key: words[0] for key, words in release.items()},
    )
    entry.done()
    if factor is None and _same(found.value, found.expect):
        raise entry.refuse("value", "!= expect")
    return found


def _number(entry: Entry, key: str) -> float:
    found = entry.raw(key)
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        raise entry.refuse(key, "a number")
    return found


def _value(entry: Entry, key: str, field: str) -> Value:
    found = entry.raw(key)
    if found is None:
        return None
    return _number(entry, key) if field in _NUMBERS else entry.text(key)


def _expect(entry: Entry, field: str) -> Value:
    found = _value(entry, "expect", field)
    if found is None:  # an unknown is no error of the source: it is filled elsewhere
        raise entry.refuse("expect", "what the source says")
    return found


def _anchors(entry: Entry) -> dict[str, tuple[float, ...]]:
    """Per model the values that the source states: with one value only, a repair could go unseen."""
    found = entry.raw("expect")
    if not isinstance(found, dict) or not found:
        raise entry.refuse("expect", "model: number")
    out = {}
    for model, value in found.items():
        values = value if isinstance(value, list) else [value]
        if not values or not all(
            isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v)
            for v in values
        ):
            raise entry.refuse("expect", "model: number")
        out[str(model)] = tuple(float(v) for v in values)
    return out


def _same(one: object, other: object) -> bool:
    """Equal texts; numbers up to what writing them in decimals loses."""
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return one == other


def apply_corrections(
    source: str,
    claims: Sequence[ScoreClaim | ModelClaim],
    corrections: Sequence[Correction] | None = None,
    *,
    read_in: Literal["release", "live"] = "live",
) -> Corrected:
    """Correct the claims of one source by the entries that name it.

    An entry is used for all of its rows or for none: one row that breaks the expectation leaves every
    row as stated, so that half a repaired column is never corrected again.

    Parameters
    ----------
    source : str
        A claim with a ``licence_key`` of its own counts as of that source.
    claims : sequence of ScoreClaim and ModelClaim
        All that the source states: an entry whose record is not here counts as missing.
    corrections : sequence of Correction, optional
        By default those of ``corrections.yml``.
    read_in : {"release", "live"}
        Which entries apply: those met in the raw files of a release, or in what a connector reads.

    Returns
    -------
    Corrected
    """
    entries = read_corrections() if corrections is None else corrections
    out = list(claims)
    applied: list[Applied] = []
    breaches: list[Breach] = []
    missing: list[str] = []
    keys = [getattr(claim, "licence_key", None) or source for claim in claims]
    named = {source, *keys}
    for entry in entries:
        if entry.source not in named or read_in not in entry.read_in or entry.status == "rejected":
            continue
        rows = [
            (i, claim)
            for i, claim in enumerate(out)
            if keys[i] == entry.source and entry.selects(claim)
        ]
        broken, gone = _broken(entry, rows)
        breaches += broken
        if gone:
            missing.append(entry.id)
        if broken or not entry.is_active:
            continue
        for i, claim in rows:
            stated = getattr(claim, entry.field)
            if stated is None:
                continue
            used = entry.used(stated)
            changed: dict[str, Any] = {entry.field: used}
            out[i] = dataclasses.replace(claim, **changed)
            applied.append(Applied(entry.id, i, claim.raw, entry.field, stated, used))
    return Corrected(tuple(out), tuple(applied), tuple(breaches), tuple(missing))


def _broken(
    entry: Correction, rows: Sequence[tuple[int, ScoreClaim | ModelClaim]]
) -> tuple[list[Breach], bool]:
    """Rows that break the expectation, and whether a record is not there (or not stated)."""
    if isinstance(entry.expect, Mapping):
        return _broken_column(entry, entry.expect, rows)
    breaches, seen = [], False
    repaired = entry.status == "repaired"
    for _, claim in rows:
        found = getattr(claim, entry.field)
        if found is None:
            continue
        seen = True
        wanted, other = (entry.value, entry.expect) if repaired else (entry.expect, entry.value)
        if _same(found, wanted):
            continue
        kind: Literal["repaired", "changed", "reverted"] = "changed"
        if _same(found, other):
            kind = "reverted" if repaired else "repaired"
        breaches.append(Breach(entry.id, kind, claim.raw, entry.field, wanted, found))
    return breaches, not seen


def _broken_column(
    entry: Correction,
    expect: Mapping[str, tuple[float, ...]],
    rows: Sequence[tuple[int, ScoreClaim | ModelClaim]],
) -> tuple[list[Breach], bool]:
    """The same for a whole column: models that the entry does not know go with the others."""
    assert entry.factor is not None
    factor = 1.0 / entry.factor if entry.status == "repaired" else entry.factor
    anchors = {
        model: [v * entry.factor for v in values] if entry.status == "repaired" else list(values)
        for model, values in expect.items()
    }
    left = {model: list(values) for model, values in anchors.items()}
    breaches: list[Breach] = []
    for _, claim in rows:
        found = getattr(claim, entry.field)
        wanted = left.get(claim.model)
        if found is None or wanted is None:
            continue
        hit = next((v for v in wanted if _same(found, v)), None)
        if hit is not None:
            wanted.remove(hit)
            continue
        known = anchors[claim.model]
        if any(_same(found, v) for v in known):  # the same line stands twice in the body
            continue
        # three digits are what such columns print
        near = any(math.isclose(found, v * factor, rel_tol=5e-3) for v in known)
        kind: Literal["repaired", "changed", "reverted"] = "changed"
        if near:
            kind = "reverted" if entry.status == "repaired" else "repaired"
        expected = wanted[0] if wanted else known[0]
        breaches.append(Breach(entry.id, kind, claim.raw, entry.field, expected, found))
    return breaches, any(left.values())


def by_row(applied: Sequence[Applied]) -> dict[int, dict[str, Applied]]:
    """What was corrected, per row and field: a row remembers what its source says."""
    out: dict[int, dict[str, Applied]] = defaultdict(dict)
    for one in applied:
        out[one.index].setdefault(one.field, one)
    return dict(out)
