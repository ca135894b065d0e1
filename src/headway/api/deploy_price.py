"""``headway deploy price``: what a price of an API says about what is behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from headway.api.deploy import DEFAULT_SEED, LEVEL, can_do
from headway.api.deploy_catalogue import Deploy, load_deploy
from headway.api.deploy_supply import SupplyResult, supply_result
from headway.api.envelope import Warned
from headway.api.offline import offline_if
from headway.errors import BadOption, NotFound
from headway.problems import problem
from headway.result import Interval, Quantity
from headway.tables.supply_store import load_supply

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from headway.estimate.deploy.price import Factor, Offer, Posterior
    from headway.estimate.deploy.sizes import Range

    Array = npt.NDArray[np.float64]

__all__ = ["deploy_price"]

#: Models drawn from the prior, and draws of the cheap factors for each of them.
DRAWS = 12000
_EACH = 32
#: Mixtures with fewer parameters say nothing about the shape of models behind an API.
_SMALLEST_TEMPLATE = 1e11
#: Sizes of a model of which nothing is known. An assumption, shown as the prior.
_TOTAL, _ACTIVE = "200B..10T", "10B..500B"
_CONTEXT = 32768
#: A list price stays for months and is a round number: steps of 20 % have a standard deviation of
#: 0.2 / sqrt(12) = 0.06 in logs; the rest is that several models and workloads share one price.
_PRICE_SD = 0.1


@dataclass(frozen=True)
class _Side:
    """One model with its prices."""

    name: str
    total: Range
    active: Range
    templates: tuple[Any, ...]
    input_price: float | None
    output_price: float | None
    is_known: bool


def deploy_price(
    model: str,
    *,
    input_price: float | None = None,
    output_price: float | None = None,
    provider: str | None = None,
    params: str | None = None,
    active: str | None = None,
    against: str | None = None,
    against_input_price: float | None = None,
    against_output_price: float | None = None,
    against_provider: str | None = None,
    against_params: str | None = None,
    against_active: str | None = None,
    same_provider: bool = False,
    hardware: str = "h100,h200,b200,gb200",
    speed: str = "20..100",
    utilisation: str = "0.1..0.9",
    margin: str = "-0.25..0.9",
    scaling: str = "1..8",
    harness: str = "1..2",
    split: str = "0.1..10",
    isl: int = 4096,
    osl: int = 1024,
    accepted: float = 1.0,
    prefix_hit: float = 0.0,
    as_of: date | None = None,
    seed: int = DEFAULT_SEED,
    offline: bool = False,
) -> SupplyResult:
    """Posterior of what is behind a price, or behind the ratio of two prices.

    Every range is a prior, even on a log scale (margin: even). Input and output prices are separate
    observations; give one or both.

    Parameters
    ----------
    model : str
        A model of the catalogue, whose size is then known, or any other name.
    input_price, output_price : float, optional
        US dollars per million tokens. Default: both, as the shipped price list states them.
    provider : str, optional
        Whose listed price; needed where several providers list the model.
    params, active : str, optional
        Sizes or ranges of a model that is not in the catalogue.
    against, against_input_price, against_output_price, against_provider, against_params, against_active
        A second model: the ratio of the prices is decomposed into ratios of the factors.
    same_provider : bool
        Both models are sold by one provider: hardware, rent, utilisation and harness are the same.
    hardware : str
        Chips on which it may be served, with equal prior probability.
    speed : str
        Tokens/s that every user gets; a measured speed is a narrow range.
    utilisation : str
        Share of the capacity that is sold.
    margin : str
        Gross margin on serving, as a share of the price; negative is a loss.
    scaling : str
        Tokens computed per token billed.
    harness : str
        Cost of all that is around the model, relative to serving.
    split : str
        How much of the cost is put on input rather than output, as a ratio.
    """
    import numpy as np

    from headway.estimate.deploy.predict import Workload
    from headway.estimate.deploy.price import log_prices, posterior, serving_costs

    for option, value in (("--isl", isl), ("--osl", osl), ("--accepted", accepted)):
        if not (math.isfinite(value) and value >= 1):
            raise problem(BadOption, "deploy-option", option=option, value=value, least=1)
    if not 0 <= prefix_hit < 1:
        raise problem(BadOption, "deploy-share", option="--prefix-hit", value=prefix_hit)
    if same_provider and against is None:
        raise problem(BadOption, "price-same-provider")
    with offline_if(offline):
        deploy, supply = load_deploy(), load_supply()
        offers = _offers(deploy, hardware)
        ranges = _ranges(speed, utilisation, margin, scaling, harness, split)
        day = as_of or date.fromisoformat(deploy.catalogue.date)
        first = _stated(model, input_price, output_price, provider, "--", day)
        listed = [first[2]]
        sides = [_side(deploy, model, params, active, first[0], first[1], "--")]
        if against is not None:
            one, two, told = _stated(
                against,
                against_input_price,
                against_output_price,
                against_provider,
                "--against-",
                day,
            )
            listed.append(told)
            sides.append(
                _side(deploy, against, against_params, against_active, one, two, "--against-")
            )
        kinds = _kinds(sides)
        work = Workload(isl, osl, accepted, prefix_hit)
        drawn, group = [], None
        shared: dict[str, Any] = {}
        for side, rng in zip(sides, np.random.default_rng(seed).spawn(len(sides)), strict=True):
            x = _served(ranges, offers, deploy, rng=rng)
            if same_provider and shared:
                x |= {name: shared[name] for name in ("chip", "rent")}
            shared = shared or x
            x |= serving_costs(
                side.templates,
                offers,
                side.total,
                side.active,
                work,
                deploy.calibration,
                chosen=x["chip"],
                rent=x["rent"],
                speed=x["speed"],
                context=_CONTEXT,
                rng=rng,
            )
            drawn.append(x)
        served = np.all([np.isfinite(x["cost_out"]) for x in drawn], axis=0)
        if served.sum() < 1000:
            raise problem(BadOption, "price-not-served", model=model, hardware=hardware)
        base = np.repeat(np.arange(int(served.sum())), _EACH)
        drawn = [{name: v[served][base] for name, v in x.items()} for x in drawn]
        cheap: dict[str, Array] = {}
        for x, rng in zip(drawn, np.random.default_rng(seed + 1).spawn(len(sides)), strict=True):
            x |= _sold(ranges, len(base), rng=rng)
            if same_provider and cheap:
                x |= {name: cheap[name] for name in ("utilisation", "harness")}
            cheap = cheap or x
        names = [*_FACTORS, "total", "active", "shape", "serving_error"]
        if len(sides) == 1:
            factors = {name: drawn[0][name] for name in names}
            derived = {name: drawn[0][name] for name in ("cost_in", "cost_out")}
            predicted = log_prices(drawn[0])
            group = np.array([o.chip.hardware for o in offers])[drawn[0]["chip"]]
        else:
            mine, other = drawn
            factors = {name: mine[name] / other[name] for name in names}
            derived = {name: mine[name] / other[name] for name in ("cost_in", "cost_out")}
            predicted = log_prices(mine) - log_prices(other)
        observed = np.array([_observed(sides, kind) for kind in kinds])
        columns = [("input", "output").index(kind) for kind in kinds]
        found = posterior(
            factors,
            predicted[:, columns],
            observed,
            sd=_PRICE_SD * math.sqrt(len(sides)),
            level=LEVEL,
            derived=derived,
            base=base,
            group=group,
        )
        row = _row(sides, kinds, observed, found, float(served.mean()), names, factors)
        row["listed"] = listed
    warnings: tuple[Warned, ...] = ()
    if not found.usable:
        warnings = (Warned("price_conflict", {"draws": round(found.effective)}),)
    return supply_result(
        deploy,
        supply,
        "deploy-price",
        [row],
        {
            "model": model,
            "input_price": input_price,
            "output_price": output_price,
            "provider": provider,
            "listed": listed,
            "params": params,
            "active": active,
            "against": against,
            "against_input_price": against_input_price,
            "against_output_price": against_output_price,
            "against_provider": against_provider,
            "against_params": against_params,
            "against_active": against_active,
            "same_provider": same_provider,
            "hardware": [o.chip.hardware for o in offers],
            "precision": [o.precision.name for o in offers],
            "speed": speed,
            "utilisation": utilisation,
            "margin": margin,
            "scaling": scaling,
            "harness": harness,
            "split": split,
            "isl": isl,
            "osl": osl,
            "accepted": accepted,
            "prefix_hit": prefix_hit,
            "draws": DRAWS * _EACH,
            "price_sd": _PRICE_SD,
        },
        as_of=as_of,
        seed=seed,
        warnings=warnings,
    )


#: Factors beside the size and shape of the model; ``kept`` is 1 less the margin.
_FACTORS = ("rent", "speed", "utilisation", "kept", "scaling", "harness", "split")


def _ranges(
    speed: str, utilisation: str, margin: str, scaling: str, harness: str, split: str
) -> dict[str, Range]:
    from headway.estimate.deploy.ranges import parse_numbers

    return {
        "speed": parse_numbers(speed, "--speed", least=0.1, most=10000),
        "utilisation": parse_numbers(utilisation, "--utilisation", least=0.001, most=1),
        "margin": parse_numbers(margin, "--margin", least=-10, most=0.999),
        "scaling": parse_numbers(scaling, "--scaling", least=1, most=10000),
        "harness": parse_numbers(harness, "--harness", least=1, most=1000),
        "split": parse_numbers(split, "--split", least=0.01, most=100),
    }


def _served(
    ranges: Mapping[str, Range],
    offers: Sequence[Offer],
    deploy: Deploy,
    *,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Draws of chip, rent and speed."""
    import numpy as np

    chip = rng.integers(len(offers), size=DRAWS)
    rents = [sorted(p.usd_per_hour for p in deploy.prices(o.chip.hardware)) for o in offers]
    low, high = (np.log([each[end] for each in rents])[chip] for end in (0, -1))
    speed = _even(ranges["speed"], DRAWS, rng=rng)
    return {"chip": chip, "rent": np.exp(rng.uniform(low, high)), "speed": speed}


def _sold(ranges: Mapping[str, Range], count: int, *, rng: np.random.Generator) -> dict[str, Array]:
    """Draws of what lies between cost and price."""
    margin = ranges["margin"]
    out = {"kept": 1 - rng.uniform(margin.low, margin.high, count)}
    for name in ("utilisation", "scaling", "harness", "split"):
        out[name] = _even(ranges[name], count, rng=rng)
    return out


def _even(over: Range, count: int, *, rng: np.random.Generator) -> Array:
    """Even on a log scale."""
    import numpy as np

    return np.asarray(np.exp(rng.uniform(np.log(over.low), np.log(over.high), count)))


def _offers(deploy: Deploy, hardware: str) -> list[Offer]:
    """Chips with the lowest precision of 8 bits or more that each can do."""
    from headway.estimate.deploy.hardware import PRECISIONS
    from headway.estimate.deploy.price import Offer

    out = []
    mixture = _templates(deploy)[0]
    for name in dict.fromkeys(part.strip() for part in hardware.split(",")):
        chip = deploy.chip(name)
        if not deploy.prices(chip.hardware):
            raise problem(BadOption, "price-no-rent", hardware=chip.hardware)
        kind = "fp8" if can_do(chip, PRECISIONS["fp8"], mixture) else "bf16"
        out.append(Offer(chip, PRECISIONS[kind]))
    return out


def _templates(deploy: Deploy) -> tuple[Any, ...]:
    """Large mixtures whose shape is known, in the order of their keys."""
    return tuple(
        m
        for _, m in sorted(deploy.models.items())
        if m.moe_layers and m.total_params >= _SMALLEST_TEMPLATE
    )


def _side(
    deploy: Deploy,
    name: str,
    params: str | None,
    active: str | None,
    input_price: float | None,
    output_price: float | None,
    prefix: str,
) -> _Side:
    from headway.estimate.deploy.sizes import Range, parse_range

    for option, value in (("input-price", input_price), ("output-price", output_price)):
        if value is not None and not (math.isfinite(value) and value > 0):
            raise problem(BadOption, "price-positive", option=prefix + option, value=value)
    try:
        shape, _ = deploy.model(name)
    except NotFound:
        shape = None
    if shape is not None and params is None and active is None:
        if not shape.moe_layers:
            raise problem(BadOption, "price-mixtures", model=name)
        total = Range(float(shape.total_params), float(shape.total_params))
        used = Range(float(shape.active_params), float(shape.active_params))
        return _Side(name, total, used, (shape,), input_price, output_price, True)
    total = parse_range(params or _TOTAL, f"{prefix}params")
    used = parse_range(active or _ACTIVE, f"{prefix}active")
    if used.low > total.low or used.high > total.high:
        raise problem(
            BadOption, "deploy-active-total", params=params or _TOTAL, active=active or _ACTIVE
        )
    return _Side(name, total, used, _templates(deploy), input_price, output_price, False)


def _stated(
    name: str,
    input_price: float | None,
    output_price: float | None,
    provider: str | None,
    prefix: str,
    day: date,
) -> tuple[float | None, float | None, dict[str, Any] | None]:
    """The prices given, else those that the shipped list states for the standard service on a day.

    Raises
    ------
    BadOption
        No price is given or listed, or several providers list the model and none was named.
    """
    from headway.api.prices import prices
    from headway.errors import IdentityConflict, UnknownModel

    if input_price is not None or output_price is not None:
        if provider is not None:
            raise problem(BadOption, "price-provider-given", option=f"{prefix}provider")
        return input_price, output_price, None
    try:
        rows = [
            row
            for row in prices(name, on=day).rows
            if row["service"] == "standard"
            and row["above_tokens"] is None
            and row["hours_utc"] is None
            and row["kind"] in ("input", "output")
        ]
    except (UnknownModel, IdentityConflict):
        rows = []
    if not rows:
        raise problem(BadOption, "price-needed", model=name, option=f"{prefix}input-price")
    known = sorted({str(row["provider"]) for row in rows})
    if provider is None and len(known) == 1:
        provider = known[0]
    if provider not in known:
        raise problem(
            BadOption,
            "price-provider",
            model=name,
            option=f"{prefix}provider",
            known=", ".join(known),
        )
    found: dict[str, float] = {}
    source = ""
    for kind in ("input", "output"):
        each = [row for row in rows if row["provider"] == provider and row["kind"] == kind]
        # the one that holds since the latest date; claims without one that disagree are not a price
        latest = max((row["from"] or date.min for row in each), default=None)
        values = {
            float(row["price_usd_per_mtok"])
            for row in each
            if (row["from"] or date.min) == latest and row["price_usd_per_mtok"] > 0
        }
        if len(values) == 1:
            found[kind] = values.pop()
            source = str(each[0]["source_url"] or each[0]["stated_by"])
    if not found:
        raise problem(BadOption, "price-needed", model=name, option=f"{prefix}input-price")
    told = {"model": name, "provider": provider, "stated_by": source}
    return found.get("input"), found.get("output"), told


def _kinds(sides: Sequence[_Side]) -> list[str]:
    """Prices that all models have; an input price is never set against an output price."""
    out = [
        kind
        for kind in ("input", "output")
        if all(getattr(s, f"{kind}_price") is not None for s in sides)
    ]
    if not out:
        raise problem(BadOption, "price-mixed", model=sides[0].name, against=sides[-1].name)
    return out


def _observed(sides: Sequence[_Side], kind: str) -> float:
    logs = [math.log(getattr(s, f"{kind}_price")) for s in sides]
    return logs[0] if len(logs) == 1 else logs[0] - logs[1]


_UNITS = {
    "rent": "usd/h",
    "speed": "tokens/s",
    "utilisation": "proportion",
    "kept": "proportion",
    "scaling": "ratio",
    "harness": "ratio",
    "split": "ratio",
    "total": "parameters",
    "active": "parameters",
    "shape": "ratio",
    "serving_error": "ratio",
    "cost_in": "usd/mtok",
    "cost_out": "usd/mtok",
}


def _row(
    sides: Sequence[_Side],
    kinds: Sequence[str],
    observed: Array,
    found: Posterior,
    served: float,
    names: Sequence[str],
    factors: Mapping[str, Array],
) -> dict[str, Any]:
    from headway.estimate.deploy.price import MIN_EFFECTIVE

    ratio = len(sides) > 1

    def told(f: Factor) -> dict[str, Any]:
        unit = "ratio" if ratio else _UNITS[f.name]
        n = round(found.effective)
        if f.posterior is None:
            after = Quantity.not_estimable(unit, f"price_conflict:{n}<{MIN_EFFECTIVE}")
        else:
            low, mid, high = f.posterior
            note = "price_learned" if f.is_learned else "price_prior_only"
            ends = Interval(low, high, LEVEL, "eti")
            after = Quantity(mid, unit, ends, n, len(kinds), "estimated", (note,))
        low, mid, high = f.prior
        return {
            "factor": f.name,
            "prior": {"low": low, "median": mid, "high": high, "level": LEVEL, "unit": unit},
            "posterior": after.to_json(),
            "contraction": f.contraction if found.usable else None,
            "contraction_error": f.error if found.usable else None,
            "is_learned": f.is_learned if found.usable else None,
        }

    moving = {f.name for f in found.factors}
    return {
        "model": sides[0].name,
        "against": sides[1].name if ratio else None,
        "size_known": [s.is_known for s in sides],
        "prices": [
            {
                "kind": kind,
                "usd_per_mtok": math.exp(value) if not ratio else None,
                "ratio": math.exp(value) if ratio else None,
                "share_of_prior_below": place,
            }
            for kind, value, place in zip(kinds, observed, found.place, strict=True)
        ],
        "state": "estimated" if found.usable else "not_estimable",
        "effective_draws": found.effective,
        "share_servable": served,
        "factors": [told(f) for f in found.factors],
        "fixed": {n: float(factors[n][0]) for n in names if n not in moving},
        "derived": [told(f) for f in found.derived],
        "directions": len(moving),
        "directions_learned": found.learned if found.usable else None,
        "directions_like_prior": len(moving) - found.learned if found.usable else None,
        "learned": [
            {"variance_left": d.left, "loadings": dict(d.loadings)}
            for d in found.directions
            if d.is_learned
        ],
        "hardware": [
            {
                "hardware": name,
                "prior": before,
                "posterior": after if found.usable else None,
            }
            for name, (before, after) in found.groups.items()
        ],
    }
