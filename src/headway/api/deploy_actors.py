"""``headway deploy actors``: who can have a model. Four counts that are never added up."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from headway.api.deploy import DEFAULT_SEED, LEVEL, counted
from headway.api.deploy_catalogue import Deploy, load_deploy
from headway.api.deploy_supply import SupplyResult, factor, supply_result, unknown
from headway.api.offline import offline_if
from headway.errors import BadOption
from headway.problems import problem
from headway.result import Interval, Quantity
from headway.tables.supply_store import Supply, load_supply

if TYPE_CHECKING:
    import numpy as np

    from headway.estimate.deploy.tail import Excess, Tail

__all__ = ["deploy_actors"]

#: Sizes in H100 equivalents at which owners are counted when no model is named.
SIZES = (8.0, 64.0, 256.0, 1024.0, 4096.0, 16384.0, 65536.0)
#: Hours of a rental.
_TERMS = {"hour": 1.0, "day": 24.0, "month": 24 * 30.4375}
#: Gigabits per second of a downloader's link.
_LINK_GBIT = 1.0


def deploy_actors(
    model: str | None = None,
    hardware: str = "h100",
    *,
    size: float | None = None,
    precision: str | None = None,
    downloads: int | None = None,
    link_gbit: float = _LINK_GBIT,
    storage_usd_per_gb_month: float | None = None,
    as_of: date | None = None,
    seed: int = DEFAULT_SEED,
    offline: bool = False,
) -> SupplyResult:
    """Downloaders, owners, hosts and renters of what a model takes: four counts, kept apart.

    Parameters
    ----------
    model : str, optional
        A model of the catalogue: its smallest deployment on ``hardware`` is the size asked about.
        Without it, owners are counted at several sizes and nothing else is.
    hardware : str
        A chip of the catalogue.
    size : float, optional
        H100 equivalents that an owner must have, instead of the smallest deployment.
    precision : str, optional
        Default: the checkpoint's.
    downloads : int, optional
        Downloads as the Hub shows them: an upper bound on downloaders, since automatic ones count.
    link_gbit : float
        Speed of a downloader's link.
    storage_usd_per_gb_month : float, optional
        What storage costs the downloader.

    Notes
    -----
    An H100 equivalent compares operations per second, not memory: a size taken from a smallest
    deployment on another chip is converted by bf16 operations and says so.
    """
    import numpy as np

    for option, value in (("--size", size), ("--downloads", downloads), ("--link", link_gbit)):
        if value is not None and not (np.isfinite(value) and value > 0):
            raise problem(BadOption, "deploy-actors-positive", option=option, value=value)
    if storage_usd_per_gb_month is not None and not storage_usd_per_gb_month >= 0:
        raise problem(
            BadOption,
            "deploy-actors-positive",
            option="--storage-price",
            value=storage_usd_per_gb_month,
        )
    with offline_if(offline):
        deploy, supply = load_deploy(), load_supply()
        chip = deploy.chip(hardware)
        need = None if model is None else _need(deploy, model, chip.hardware, precision)
        sizes, basis = _sizes(deploy, size, need, chip.hardware)
        rng = np.random.default_rng(seed)
        owners, tails = _owners(supply, sizes, rng=rng)
        rows: list[dict[str, Any]] = []
        if model is not None:
            assert need is not None
            rows.append(
                _downloaders(
                    model, need["weights_bytes"], downloads, link_gbit, storage_usd_per_gb_month
                )
            )
        rows += [{**row, "basis": basis} for row in owners]
        if model is not None:
            assert need is not None
            hosts = _hosts(model, offline)
            rows.append(hosts)
            rows += _renters(deploy, supply, chip.hardware, need["gpus"])
    return supply_result(
        deploy,
        supply,
        "deploy-actors",
        rows,
        {
            "model": model,
            "hardware": chip.hardware,
            "size": size,
            "precision": precision,
            "downloads": downloads,
            "link_gbit": link_gbit,
            "storage_usd_per_gb_month": storage_usd_per_gb_month,
        },
        as_of=as_of,
        seed=seed,
        extra={"coverage": _coverage(supply), "tails": tails},
    )


def _need(deploy: Deploy, model: str, hardware: str, precision: str | None) -> dict[str, Any]:
    """GPUs and weights of the smallest deployment."""
    from headway.estimate.deploy.hardware import precision_of
    from headway.estimate.deploy.memory import minimum_chips

    shape, checkpoint = deploy.model(model)
    chip = deploy.chip(hardware)
    name = precision or checkpoint
    if name is None:
        raise problem(BadOption, "deploy-precision-needed", model=shape.model)
    kind = precision_of(name)
    chip.check(kind, mixture=bool(shape.moe_layers))
    found = minimum_chips(shape, chip, kind, context=min(131072, shape.max_context))
    if found is None:
        raise problem(BadOption, "deploy-never-fits", model=model, hardware=hardware)
    dense = kind.dense_bytes if shape.moe_layers else kind.all_bytes
    # embeddings stay in 16 bits
    other = shape.total_params - shape.dense_params - shape.routed_params
    weights = shape.dense_params * dense + shape.routed_params * kind.expert_bytes + other * 2
    return {"gpus": found.chips, "weights_bytes": float(weights), "precision": kind.name}


def _sizes(
    deploy: Deploy, size: float | None, need: Mapping[str, Any] | None, hardware: str
) -> tuple[tuple[float, ...], str]:
    if size is not None:
        return (float(size),), "given"
    if need is None:
        return SIZES, "listed"
    ratio = deploy.chip(hardware).bf16 / deploy.chip("h100").bf16
    return (need["gpus"] * ratio,), "smallest_deployment"


def _downloaders(
    model: str, weights: float, downloads: int | None, link: float, storage: float | None
) -> dict[str, Any]:
    """The first count: an upper proxy, and what a download costs."""
    gigabytes = weights / 1e9
    hours = weights * 8 / (link * 1e9) / 3600
    why = "actors_need_downloads" if downloads is None else "actors_downloads"
    return {
        "count": "downloaders",
        "model": model,
        "actors": unknown("downloaders", why),
        "at_most": downloads,
        "size_gb": counted(gigabytes, "GB").to_json(),
        "hours_to_download": counted(hours, "hours", "actors_link").to_json(),
        "storage_usd_per_month": unknown("usd/month", "actors_need_storage")
        if storage is None
        else counted(gigabytes * storage, "usd/month", "actors_storage").to_json(),
    }


def _owners(
    supply: Supply, sizes: Sequence[float], *, rng: np.random.Generator
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The second count: owners by what they have in all clusters together."""
    import numpy as np

    from headway.estimate.deploy.tail import count_above, fit_excess, fit_tail

    held: defaultdict[str, float] = defaultdict(float)
    country: dict[str, defaultdict[str, float]] = {}
    unnamed: list[float] = []
    for row in supply.rows("clusters"):
        if row["h100_equivalents"] is None:
            continue
        amount = float(row["h100_equivalents"])
        if row["owner"] is None:
            unnamed.append(amount)
            continue
        for owner in row["owner"].split(";"):
            held[owner] += amount
            where = country.setdefault(owner, defaultdict(float))
            where[row["country"] or "unknown"] += amount
    amounts = np.array(list(held.values()), float)
    hidden = np.array(unnamed, float)
    pareto = fit_tail(amounts, level=LEVEL, rng=rng)
    excess = fit_excess(amounts, level=LEVEL, rng=rng)
    coverage = factor(supply, "cluster_coverage")
    low, high = float(str(coverage["low"])), float(str(coverage["high"]))
    out = []
    for least in sizes:
        named, others = count_above(amounts, least), count_above(hidden, least)
        home = Counter(
            max(country[owner].items(), key=lambda item: (item[1], item[0]))[0]
            for owner, amount in held.items()
            if amount >= least
        )
        out.append(
            {
                "count": "owners",
                "h100_equivalents": least,
                "named": counted(named, "owners", "actors_named").to_json(),
                "with_unnamed_clusters": counted(
                    named + others, "owners", "actors_unnamed"
                ).to_json(),
                "if_covered_alike": _scaled(named, named + others, low, high),
                "by_tail": _by_tail(pareto, excess, least, rng=rng),
                "countries": dict(sorted(home.items(), key=lambda item: (-item[1], item[0]))),
            }
        )
    return out, {"pareto": _tail_json(pareto), "generalised_pareto": _excess_json(excess)}


def _scaled(named: int, most: int, low: float, high: float) -> dict[str, Any]:
    """What there is in the world if clusters of every size are listed alike: a scenario."""
    if not most:
        return unknown("owners", "actors_none_listed")
    ends = Interval(named / high, most / low, LEVEL, "counted")
    middle = (named * most / high / low) ** 0.5 if named else most / low
    return Quantity(
        middle, "owners", ends, named, 0, "estimated", ("actors_covered_alike",)
    ).to_json()


def _by_tail(
    pareto: Tail | None, excess: Excess | None, least: float, *, rng: np.random.Generator
) -> dict[str, Any]:
    """Owners by the fitted tail, or why not."""
    from headway.estimate.deploy.tail import excess_above, expected_above

    if pareto is None or excess is None:
        return unknown("owners", "actors_tail_thin")
    if pareto.usable:
        found = expected_above(pareto, least, level=LEVEL, rng=rng)
        n, note = pareto.n, "actors_pareto"
    elif excess.usable:
        beyond = excess_above(excess, least, level=LEVEL, rng=rng)
        if beyond is None:
            return unknown("owners", "actors_below_tail")
        found, n, note = beyond, excess.n, "actors_excess"
    else:
        worst = max(pareto.p_value, excess.p_value)
        return unknown("owners", f"actors_tail_rejected:{worst:.3f}")
    ends = Interval(found.low, found.high, LEVEL, "eti")
    return Quantity(found.value, "owners", ends, n, n, "estimated", (note,)).to_json()


def _tail_json(tail: Tail | None) -> dict[str, Any] | None:
    if tail is None:
        return None
    return {
        "threshold": tail.threshold,
        "exponent": {"value": tail.alpha, "low": tail.low, "high": tail.high, "level": LEVEL},
        "n": tail.n,
        "distance": tail.distance,
        "p_value": tail.p_value,
        "usable": tail.usable,
    }


def _excess_json(tail: Excess | None) -> dict[str, Any] | None:
    if tail is None:
        return None
    return {
        "threshold": tail.threshold,
        "shape": {"value": tail.shape, "low": tail.low, "high": tail.high, "level": LEVEL},
        "scale": tail.scale,
        "n": tail.n,
        "distance": tail.distance,
        "p_value": tail.p_value,
        "usable": tail.usable,
    }


def _coverage(supply: Supply) -> dict[str, Any]:
    """What share of the world's clusters the list has, as its authors state it."""
    rows = supply.rows("clusters")
    told = factor(supply, "cluster_coverage")
    days = [r["operational"] for r in rows if r["operational"]]
    return {
        "low": float(str(told["low"])),
        "high": float(str(told["high"])),
        "of": "performance",
        "source": told["source"],
        "as_of": told["as_of"],
        "clusters": len(rows),
        "without_size": sum(r["h100_equivalents"] is None for r in rows),
        "without_owner": sum(r["owner"] is None for r in rows),
        "without_country": sum(r["country"] is None for r in rows),
        "latest_operational": max(days) if days else None,
    }


#: A router passes requests on to hosts; it is none.
_ROUTERS = frozenset({"openrouter"})
#: The same host under two names of the price list.
_SAME = {"fireworks-ai": "fireworks"}
_ROUTED = "huggingface_"


def _hosts(model: str, offline: bool) -> dict[str, Any]:
    """The third count: providers that state a price for the model in the shipped price list."""
    from headway.api.prices import prices
    from headway.errors import IdentityConflict, UnknownModel

    named: list[str] = []
    stated: set[str] = set()
    try:
        claims = prices(model, offline=offline).rows
    except (UnknownModel, IdentityConflict):
        claims = ()
    for row in claims:
        name = str(row["provider"]).removeprefix(_ROUTED)
        name = _SAME.get(name, name)
        if name not in _ROUTERS and row["kind"] == "output":
            named.append(name)
            stated.add(str(row["stated_by"]))
    each = sorted(set(named))
    return {
        "count": "hosts",
        "model": model,
        "actors": counted(len(each), "hosts", "actors_hosts").to_json()
        if each
        else unknown("hosts", "actors_need_hosts"),
        "names": each,
        "stated_by": sorted(stated),
    }


def _renters(deploy: Deploy, supply: Supply, hardware: str, gpus: int) -> list[dict[str, Any]]:
    """The fourth count: what renting costs for each term, and what is known of getting it."""
    prices = deploy.prices(hardware)
    terms = [r for r in supply.rows("rental_terms") if r["hardware"] == hardware]
    if terms:
        access = [
            {k: r[k] for k in ("provider", "what", "source", "as_of")}
            | {"self_service": r["self_service"] == "1"}
            for r in terms
        ]
    else:
        access = []
    out = []
    for term, hours in _TERMS.items():
        if prices:
            each = sorted(p.usd_per_hour * gpus * hours for p in prices)
            middle = each[len(each) // 2]
            ends = Interval(each[0], each[-1], LEVEL, "counted")
            usd = Quantity(
                middle, "usd", ends, len(each), 0, "estimated", ("actors_rents",)
            ).to_json()
        else:
            usd = unknown("usd", "deploy_no_price")
        out.append(
            {
                "count": "renters",
                "hardware": hardware,
                "gpus": gpus,
                "term": term,
                "usd": usd,
                "actors": unknown("renters", "actors_need_budgets"),
                "self_service": access,
                "self_service_known": bool(access),
                "price_sources": sorted({p.source for p in prices}),
            }
        )
    return out
