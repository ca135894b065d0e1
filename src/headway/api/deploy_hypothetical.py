"""``headway deploy hypothetical``: what a model would take of which only the size is known, or a range."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from headway.api.deploy import (
    DEFAULT_CONTEXT,
    DEFAULT_SEED,
    LEVEL,
    DeployResult,
    can_do,
    coverage_warning,
    need_positive,
    result,
)
from headway.api.deploy_catalogue import Deploy, Price, load_deploy
from headway.api.offline import offline_if
from headway.errors import BadOption
from headway.problems import problem
from headway.result import Interval, Quantity

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from headway.estimate.deploy.architecture import Architecture
    from headway.estimate.deploy.hypothetical import Drawn

__all__ = ["deploy_hypothetical"]

#: Draws behind every interval: its ends move by about 1 % from seed to seed.
DRAWS = 4000
#: Mixtures with fewer parameters than this say nothing about the shape of frontier models.
_SMALLEST_TEMPLATE = 1e11


def deploy_hypothetical(
    params: str,
    active: str,
    hardware: str = "gb200",
    *,
    precision: str | None = None,
    gpus: int | None = None,
    context: int = DEFAULT_CONTEXT,
    isl: int = 1024,
    osl: int = 1024,
    min_speed: float = 20.0,
    accepted: float = 1.0,
    prefix_hit: float = 0.0,
    as_of: date | None = None,
    seed: int = DEFAULT_SEED,
    offline: bool = False,
) -> DeployResult:
    """GPUs, speed, users and cost of a mixture of stated size, with intervals.

    Parameters
    ----------
    params, active : str
        Total and active parameters: ``8T``, ``8000B``, ``8e12``, or a range ``5T..10T``.
    hardware : str
        A chip of the catalogue.
    precision : str, optional
        Default: ``fp8`` and ``fp4`` (``bf16`` and ``mxfp4`` where the chip lacks them).
    gpus : int, optional
        GPUs of the deployment; by default the smallest number that holds each draw.
    context : int
        Tokens that one sequence must be able to hold.
    min_speed : float
        Tokens/s that each user must get.
    """
    import numpy as np

    from headway.estimate.deploy.hardware import PRECISIONS, precision_of
    from headway.estimate.deploy.hypothetical import hypothetical
    from headway.estimate.deploy.predict import Workload
    from headway.estimate.deploy.sizes import parse_range

    total, used = parse_range(params, "--params"), parse_range(active, "--active")
    if used.low > total.low or used.high > total.high:
        raise problem(BadOption, "deploy-active-total", params=params, active=active)
    for name, value in (
        ("--gpus", gpus),
        ("--context", context),
        ("--isl", isl),
        ("--osl", osl),
        ("--accepted", accepted),
    ):
        need_positive(name, value)
    need_positive("--min-speed", min_speed, least=0.1)
    if not 0 <= prefix_hit < 1:
        raise problem(BadOption, "deploy-share", option="--prefix-hit", value=prefix_hit)
    with offline_if(offline):
        deploy = load_deploy()
        chip = deploy.chip(hardware)
        templates = _templates(deploy)
        if precision is None:
            pairs = (("fp8", "bf16"), ("fp4", "mxfp4"))
            names = [a if can_do(chip, PRECISIONS[a], templates[0]) else b for a, b in pairs]
        else:
            names = [precision_of(precision).name]
            chip.check(PRECISIONS[precision], mixture=True)
        rows = []
        for name, rng in zip(names, np.random.default_rng(seed).spawn(len(names)), strict=True):
            drawn = hypothetical(
                templates,
                chip,
                PRECISIONS[name],
                total,
                used,
                Workload(isl, osl, accepted, prefix_hit),
                deploy.calibration,
                context=context,
                min_speed=min_speed,
                draws=DRAWS,
                rng=rng,
                gpus=gpus,
            )
            prices = deploy.prices(chip.hardware)
            rows.append(
                {
                    "hardware": chip.hardware,
                    "precision": name,
                    **_quantities(drawn, prices, isl / osl, chip.watts, len(templates)),
                    "domain": chip.domain,
                    "probability_one_domain": float(np.mean(drawn.gpus <= chip.domain)),
                    "sensitivity": _sensitivity(drawn),
                }
            )
    return result(
        deploy,
        "deploy-hypothetical",
        rows,
        {
            "params": params,
            "active": active,
            "hardware": chip.hardware,
            "precision": names,
            "gpus": gpus,
            "context": context,
            "isl": isl,
            "osl": osl,
            "min_speed": min_speed,
            "accepted": accepted,
            "prefix_hit": prefix_hit,
            "templates": [m.model for m in templates],
            "draws": DRAWS,
        },
        as_of=as_of,
        seed=seed,
        warnings=coverage_warning(deploy),
    )


def _templates(deploy: Deploy) -> list[Architecture]:
    """Large mixtures whose shape is known, in the order of their keys."""
    return [
        m
        for _, m in sorted(deploy.models.items())
        if m.moe_layers and m.total_params >= _SMALLEST_TEMPLATE
    ]


def _quantities(
    drawn: Drawn, prices: tuple[Price, ...], ratio: float, watts: float | None, shapes: int
) -> dict[str, Any]:
    """All read-outs as quantities; rents are drawn between the lowest and the highest reported."""
    import numpy as np

    def of(values: npt.NDArray[np.float64], unit: str, *, missing: str) -> dict[str, Any]:
        return _quantity(values, unit, missing, shapes).to_json()

    slow, never, unpriced = "deploy_too_slow", "deploy_no_layout", "deploy_no_price"
    rent = _rents(prices, len(drawn.gpus))
    day, per_second = 24 * drawn.gpus * rent, drawn.gpus * rent / 3600
    prompts = drawn.total_rate * ratio
    kw = drawn.gpus * (np.nan if watts is None else watts / 1000)
    known = bool(prices)
    return {
        "gpus": of(drawn.gpus, "gpus", missing=never),
        "usd_per_day": of(day, "usd/day", missing=never if known else unpriced),
        "tokens_per_s_alone": of(drawn.alone, "tokens/s", missing=never),
        "tokens_per_s": of(drawn.total_rate, "tokens/s", missing=slow),
        "users": of(drawn.users, "users", missing=slow),
        "usd_per_mtok_in": of(
            per_second * drawn.share / prompts * 1e6,
            "usd/mtok",
            missing=slow if known else unpriced,
        ),
        "usd_per_mtok_out": of(
            per_second * (1 - drawn.share) / drawn.total_rate * 1e6,
            "usd/mtok",
            missing=slow if known else unpriced,
        ),
        "power_kw": of(kw, "kW", missing=never if watts is not None else "deploy_no_power"),
    }


def _rents(prices: tuple[Price, ...], draws: int) -> npt.NDArray[np.float64]:
    """Rents spread evenly from the lowest to the highest that was reported, in a fixed order."""
    import numpy as np

    if not prices:
        return np.full(draws, np.nan)
    each = sorted(p.usd_per_hour for p in prices)
    # the golden ratio's multiples fill the interval evenly whatever the number of draws
    places = (np.arange(draws) * 0.6180339887498949) % 1.0
    found: npt.NDArray[np.float64] = np.interp(places, np.linspace(0, 1, len(each)), each)
    return found


def _quantity(values: npt.NDArray[np.float64], unit: str, missing: str, shapes: int) -> Quantity:
    import numpy as np

    known = values[np.isfinite(values)]
    share = len(known) / len(values)
    # an interval over a minority of draws would be of other models than the asked ones
    if share < 0.5:
        return Quantity.not_estimable(unit, missing)
    low, middle, high = np.quantile(known, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2])
    notes = ("deploy_draws",) if share == 1 else ("deploy_draws", f"deploy_not_all:{share:.3f}")
    ends = Interval(float(low), float(high), LEVEL, "eti")
    return Quantity(float(middle), unit, ends, len(known), shapes, "estimated", notes)


def _sensitivity(drawn: Drawn) -> Mapping[str, float | None]:
    """Rank correlation of each input with tokens/s at the asked speed; ``None`` if it is fixed."""
    import numpy as np

    known = np.isfinite(drawn.total_rate)
    out: dict[str, float | None] = {}
    for name in ("total", "active", "shape", "error"):
        values = getattr(drawn, name)[known]
        if known.sum() < 100 or np.ptp(values) <= 1e-9 * abs(values).max():
            out[name] = None
            continue
        one, two = (np.argsort(np.argsort(v)) for v in (values, drawn.total_rate[known]))
        # correlation of ranks: both have the same variance
        out[name] = float(np.cov(one, two)[0, 1] / np.var(one, ddof=1))
    return out
