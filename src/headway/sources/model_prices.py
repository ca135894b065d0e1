"""genai-prices: prices of models at their providers, with dates where they changed (JSON).

The package's list of providers, each with models, each with prices per million tokens. A model has
one set of prices or several under conditions: from a day on, or within hours of the day. Of several
the last one whose condition holds counts, so each set ends on the day on which a later one starts.
Where the list gives no first day the start is unknown, and stays so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from headway.sources.declare import Parsed, PriceClaim, Resource, Source
from headway.sources.reading import (
    Reading,
    Refused,
    day,
    json_body,
    label,
    link,
    listed,
    mapped,
    name,
    number,
    whole,
)

if TYPE_CHECKING:
    from genai_prices.types import ConditionalPrice, ModelPrice, PriceVariant

__all__ = ["SOURCE", "package_prices", "parse", "read_providers"]

SOURCE = Source(
    key="genai-prices",
    title="genai-prices",
    publisher="Pydantic Services Inc. and contributors, quoting providers",
    licence="MIT",
    cite="genai-prices, Pydantic Services Inc., MIT; quoted pages by provider.",
    redistributable=True,
    cadence="weekly",
    resources=(
        Resource(
            "providers",
            # the address from which the package itself takes newer prices
            "https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/prices/new_data/v2/data.json",
            ("application/json", "text/plain"),
            max_bytes=16 * 2**20,
        ),
    ),
    shape_seen="file of the repository of 2026-08-21, commit 47df840a5ab1",
    quirks=("quirk-genai-prices-dates", "quirk-genai-prices-hosts", "quirk-genai-prices-services"),
)

_PROVIDER_NEEDED = ("id", "models")
_PROVIDER_KNOWN = (
    *("name", "pricing_urls", "api_pattern", "model_match", "provider_match", "extractors"),
    *("price_comments", "fallback_model_providers", "description"),
)
_MODEL_NEEDED = ("id", "prices")
_MODEL_KNOWN = (
    *("match", "name", "context_window", "description", "price_comments", "deprecated"),
    *("price_variants",),
)
#: ``cache_write_1h_mtok``: what is paid for, and for how much of it.
_KEY = re.compile(r"([a-z0-9_]+)_(mtok|kcount|hours|kpages|mchars)", re.ASCII)
_HOUR = re.compile(r"(\d{2}:\d{2})(?::00)?(?:Z|\+00:00)?", re.ASCII)
_CONDITIONS = frozenset({"start_date", "start_time", "end_time"})


@dataclass(frozen=True, slots=True)
class _Set:
    """One set of prices with its condition."""

    raw: str
    prices: Mapping[str, Any]
    starts: str | None = None
    hours: str | None = None

    @property
    def is_timed(self) -> bool:
        return self.hours is not None


def parse(body: bytes, resource: str) -> Parsed:
    """Every price of every model at every provider."""
    return read_providers(json_body(body, SOURCE.key, resource), resource)


def read_providers(providers: object, resource: str) -> Parsed:
    """:func:`parse` for the list itself, as the package holds it."""
    reading = Reading(SOURCE.key, resource)
    rows = reading.expect(resource, providers, list)
    owners = [row for row in rows if isinstance(row, dict)]
    models = [one for row in owners for one in listed(row.get("models"))]
    reading.fields(resource, owners, _PROVIDER_NEEDED, _PROVIDER_KNOWN)
    reading.fields(f"{resource}: models", models, _MODEL_NEEDED, _MODEL_KNOWN)
    _conditions(reading, resource, models)
    for raw, row in reading.records(resource, rows):
        for i, one in enumerate(listed(row.get("models"))):
            place = f"{raw}.models[{i}]"
            if isinstance(one, dict):
                _read_model(reading, place, row, one)
            else:
                reading.fail(place, "row_shape", one)
    return reading.finish(_present(rows))


@cache
def package_prices() -> tuple[str, Parsed]:
    """The prices that came with the installed package, and its name and version."""
    from genai_prices import __version__
    from genai_prices.data import providers

    rows = [
        {
            "id": one.id,
            "pricing_urls": one.pricing_urls,
            "models": [
                {
                    "id": model.id,
                    "prices": [_held(each) for each in model.prices]
                    if isinstance(model.prices, list)
                    else _plain(model.prices),
                    "price_variants": [_held(each) for each in model.price_variants or ()],
                }
                for model in one.models
            ],
        }
        for one in providers
    ]
    return f"genai-prices {__version__}", read_providers(rows, "providers")


def _held(one: ConditionalPrice | PriceVariant) -> dict[str, Any]:
    """A set of prices of the package in the shape of its file."""
    held: dict[str, Any] = {"prices": _plain(one.prices)}
    if one.constraint is not None:
        held["constraint"] = {key: value.isoformat() for key, value in vars(one.constraint).items()}
    when = getattr(one, "when", None)
    return held if when is None else held | {"when": when}


def _plain(prices: ModelPrice) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in vars(prices).items():
        tiers = getattr(value, "tiers", None)
        if value is not None:
            out[key] = (
                str(value)
                if tiers is None
                else {
                    "base": str(value.base),
                    "tiers": [{"start": one.start, "price": str(one.price)} for one in tiers],
                }
            )
    return out


def _present(rows: Sequence[object]) -> int:
    """Prices in the body, each level of a price one; what is none of the declared shapes is one."""
    count = 0
    for row in rows:
        if not isinstance(row, dict):
            count += 1
            continue
        for one in listed(row.get("models")):
            if not isinstance(one, dict):
                count += 1
                continue
            stated = one.get("prices")
            sets = [{"prices": stated}] if isinstance(stated, dict) else listed(stated)
            if not isinstance(stated, (dict, list)):
                count += 1
            for held in [*sets, *listed(one.get("price_variants"))]:
                prices = held.get("prices") if isinstance(held, dict) else None
                if not isinstance(prices, dict):
                    count += 1
                    continue
                for value in prices.values():
                    count += 1 + (len(listed(value.get("tiers"))) if isinstance(value, dict) else 0)
    return count


def _conditions(reading: Reading, resource: str, models: Sequence[object]) -> None:
    """Raise if no first day can be read; an unknown kind of condition is drift."""
    held = [
        mapped(one.get("constraint"))
        for model in models
        if isinstance(model, dict)
        for one in [*listed(model.get("prices")), *listed(model.get("price_variants"))]
        if isinstance(one, dict)
    ]
    reading.dates(f"{resource}: start_date", [one.get("start_date") for one in held])
    reading.unknown(
        f"{resource}: constraint", {key for one in held for key in one} - set(_CONDITIONS)
    )


def _read_model(
    reading: Reading, place: str, provider: Mapping[str, Any], row: Mapping[str, Any]
) -> None:
    stated = row.get("prices")
    if not isinstance(stated, (dict, list)):
        reading.fail(f"{place}.prices", "row_shape", stated)
    held: list[object] = [{"prices": stated}] if isinstance(stated, dict) else listed(stated)
    base = list(_sets(reading, f"{place}.prices", held))
    if len(base) < len(held):
        # a set that cannot be read may end any other one
        for one in base:
            _fail_all(reading, one, "neighbour_unreadable")
        base = []
    for i, one in enumerate(base):
        ends = _ended(one, base[i + 1 :])
        # without any condition that holds the first set counts, so it is never out of force
        _claims(reading, provider, row, one, "standard", ends)
    variants: dict[str, list[_Set]] = {}
    for i, variant in enumerate(listed(row.get("price_variants"))):
        at = f"{place}.price_variants[{i}]"
        service = _service(mapped(variant).get("when"))
        for one in _sets(reading, at, [variant], number=False):
            if service is None:
                _fail_all(reading, one, "service_missing")
                continue
            # of two variants for one service the first whose condition holds counts
            before = variants.setdefault(service, [])
            _claims(reading, provider, row, one, service, _ended(one, before))
            before.append(one)


def _sets(
    reading: Reading, place: str, held: Sequence[object], *, number: bool = True
) -> Iterator[_Set]:
    """The sets of prices with their conditions; one that cannot be read is a failure per price."""
    for i, one in enumerate(held):
        raw = f"{place}[{i}]" if number else place
        prices = one.get("prices") if isinstance(one, dict) else None
        if not isinstance(one, dict) or not isinstance(prices, dict):
            reading.fail(raw, "row_shape", one)
            continue
        try:
            starts, hours = _condition(one.get("constraint"))
        except Refused as refused:
            _fail_all(reading, _Set(raw, prices), refused.reason)
            continue
        yield _Set(raw, prices, starts, hours)


def _condition(stated: object) -> tuple[str | None, str | None]:
    """First day and hours of a condition; both ``None`` where there is none."""
    if stated is None:
        return None, None
    condition = mapped(stated)
    if set(condition) == {"start_date"}:
        found = day(condition["start_date"])
        if found is None or len(found) != len("2026-01-01"):
            raise Refused("not_a_date", condition["start_date"])
        return found, None
    if set(condition) == {"start_time", "end_time"}:
        first, last = (_HOUR.fullmatch(str(condition[key])) for key in ("start_time", "end_time"))
        if first is None or last is None:
            raise Refused("not_an_hour", f"{condition['start_time']} {condition['end_time']}")
        return None, f"{first[1]}-{last[1]}"
    raise Refused("condition_unknown", condition)


def _ended(one: _Set, stronger: Sequence[_Set]) -> str | None:
    """The first day on which another set takes its place; "" if one always does."""
    lasting = [other for other in stronger if not other.is_timed]
    if any(other.starts is None for other in lasting):
        return ""
    return min((other.starts for other in lasting if other.starts is not None), default=None)


def _service(when: object) -> str | None:
    """The condition of another service in the source's words."""
    pairs = mapped(when)
    words = [(label(key), label(value)) for key, value in pairs.items()]
    if not words or any(key is None or value is None for key, value in words):
        return None
    return "; ".join(f"{key}={value}" for key, value in sorted(words, key=str))


def _claims(
    reading: Reading,
    provider: Mapping[str, Any],
    row: Mapping[str, Any],
    one: _Set,
    service: str,
    ends: str | None,
) -> None:
    """One claim per price of a set."""
    if ends == "" or (ends is not None and one.starts is not None and ends <= one.starts):
        _fail_all(reading, one, "never_in_force")
        return
    for raw, key, above, value in _levels(one):
        reading.take(raw, _claim, raw, provider, row, one, service, ends, key, above, value)


def _claim(
    raw: str,
    provider: Mapping[str, Any],
    row: Mapping[str, Any],
    one: _Set,
    service: str,
    ends: str | None,
    key: object,
    above: object,
    value: object,
) -> PriceClaim:
    word = _KEY.fullmatch(key) if isinstance(key, str) else None
    if word is None:
        raise Refused("unit_unknown", key)
    pages = (link(url) for url in listed(provider.get("pricing_urls")))
    return PriceClaim(
        model=name(row.get("id")),
        provider=name(provider.get("id")),
        kind=word[1],
        price_usd=number(value, "usd"),
        per=word[2],
        raw=raw,
        service=service,
        above_tokens=whole(above),
        starts=one.starts,
        ends=ends,
        hours=one.hours,
        source_url=next(filter(None, pages), None),
    )


def _levels(one: _Set) -> Iterator[tuple[str, object, object, object]]:
    """Each level of each price of a set: place, key, tokens above which it holds, value."""
    for key, value in one.prices.items():
        raw = f"{one.raw}.{key}"
        if not isinstance(value, dict):
            yield raw, key, None, value
            continue
        yield raw, key, None, value.get("base")
        for i, tier in enumerate(listed(value.get("tiers"))):
            level = mapped(tier)
            # a level without a bound is no level: "nothing" is not a whole number of tokens
            bound = level.get("start", "nothing")
            yield f"{raw}.tiers[{i}]", key, bound, level.get("price")


def _fail_all(reading: Reading, one: _Set, reason: str) -> None:
    for raw, *_, value in _levels(one):
        reading.fail(raw, reason, value)
