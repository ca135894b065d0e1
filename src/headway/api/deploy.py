"""``headway deploy``: what it takes to run a model, how fast it is, for how many, at what cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from headway.api.deploy_catalogue import Deploy, load_deploy
from headway.api.envelope import Result, Warned, envelope, plain
from headway.api.offline import offline_if
from headway.errors import BadOption
from headway.problems import problem
from headway.provenance import Provenance
from headway.result import Interval, Quantity

if TYPE_CHECKING:
    import polars as pl

    from headway.estimate.deploy.architecture import Architecture
    from headway.estimate.deploy.hardware import Hardware, Precision
    from headway.estimate.deploy.memory import Need
    from headway.estimate.deploy.predict import Option, Workload

__all__ = ["DeployResult", "deploy_cost", "deploy_fit", "deploy_frontier", "deploy_speed"]

#: Tokens that a deployment must be able to hold per sequence unless ``context`` says otherwise:
#: what long answers and agents use today; a model made for less has its own longest.
DEFAULT_CONTEXT = 131072
#: Seed of a question that draws nothing: it is part of the provenance all the same.
DEFAULT_SEED = 20261123
LEVEL = 0.90


@dataclass(frozen=True)
class DeployResult(Result):
    """The answer to one question about serving.

    Parameters
    ----------
    command : str
        ``deploy-fit``, ``deploy-speed``, ``deploy-cost``, ``deploy-frontier``,
        ``deploy-hypothetical`` or ``deploy-validate``.
    documents : tuple of mapping
        The rows in their JSON form.
    extra : mapping
        What stands at the top of the JSON beside the rows.
    """

    command: str
    documents: tuple[Mapping[str, Any], ...]
    extra: Mapping[str, Any]

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return envelope(
            self.command,
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=self.documents,
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
            extra=self.extra,
        )

    def table(self) -> pl.DataFrame:
        """The rows; a quantity becomes its value, ``_low`` and ``_high``."""
        import polars as pl

        rows = []
        for row in self.documents:
            flat: dict[str, Any] = {}
            for name, value in row.items():
                if isinstance(value, Mapping) and "interval" in value:
                    ends = value["interval"] or {"low": None, "high": None}
                    flat[name] = value["value"]
                    flat[f"{name}_low"], flat[f"{name}_high"] = ends["low"], ends["high"]
                elif not isinstance(value, Mapping | list):
                    flat[name] = value
            rows.append(flat)
        return pl.DataFrame(rows, infer_schema_length=None)

    def text(self, lang: str = "en") -> str:
        from headway.api.deploy_text import deploy_text

        return deploy_text(self, lang)

    def __repr__(self) -> str:
        return f"DeployResult({self.command}, catalogue {self.data_release}: {len(self.documents)} rows)"


def result(
    deploy: Deploy,
    command: str,
    documents: Sequence[Mapping[str, Any]],
    options: Mapping[str, Any],
    *,
    as_of: date | None,
    seed: int,
    warnings: tuple[Warned, ...] = (),
    extra: Mapping[str, Any] | None = None,
) -> DeployResult:
    """Rows with everything that a result carries.

    Raises
    ------
    BadOption
        ``as_of`` lies before the last measured point: the fitted model knows more than that.
    """
    through, day = deploy.calibration.through, date.fromisoformat(deploy.catalogue.date)
    if as_of is not None and as_of < through:
        raise problem(
            BadOption, "deploy-as-of", value=as_of.isoformat(), through=through.isoformat()
        )
    seen = day if as_of is None else as_of
    if seen > day:
        told = {"as_of": seen.isoformat(), "release": day.isoformat()}
        warnings = (*warnings, Warned("deploy_beyond", told))
    used = {**options, "as_of": seen.isoformat()}
    return DeployResult(
        data_release=deploy.catalogue.date,
        as_of=seen,
        options=used,
        warnings=warnings,
        provenance=Provenance(
            data_release=deploy.catalogue.date,
            rows_hash=deploy.catalogue.rows_hash,
            options=plain(used),
            seed=seed,
        ),
        command=command,
        documents=tuple(plain(dict(d)) for d in documents),
        extra={} if extra is None else extra,
    )


# Small parts ---------------------------------------------------------------------------------


def counted(value: float, unit: str, note: str = "deploy_counted") -> Quantity:
    """A number that follows from shapes and capacities alone: no measurement error."""
    return Quantity(float(value), unit, None, 0, 0, "estimated", (note,))


def predicted(value: float, unit: str, width: float, deploy: Deploy, *notes: str) -> Quantity:
    """A prediction with the interval that left-out points had; ``width`` is of the logarithm."""
    ends = Interval(value * math.exp(-width), value * math.exp(width), LEVEL, "eti")
    found = deploy.calibration
    return Quantity(value, unit, ends, found.n, len(found.models), "estimated", notes)


def _unknown(unit: str, note: str) -> dict[str, Any]:
    return Quantity.not_estimable(unit, note).to_json()


#: No option is larger than this: beyond lie typing errors, and searches that never end.
_MOST = {"--gpus": 100_000, "--accepted": 64, "--concurrency": 1e7}
_MOST_ELSE = 1e9


def need_positive(name: str, value: float | None, *, least: float = 1) -> None:
    """Refuse a number of an option that is too small, too large, or none."""
    if value is None:
        return
    if not math.isfinite(value) or value < least:
        raise problem(BadOption, "deploy-option", option=name, value=value, least=least)
    most = _MOST.get(name, _MOST_ELSE)
    if value > most:
        raise problem(BadOption, "deploy-option-large", option=name, value=value, most=f"{most:g}")


def _precision(
    deploy: Deploy, chip: Hardware, model: Architecture, checkpoint: str | None, asked: str | None
) -> Precision:
    """The asked precision, or that of the checkpoint; the chip must have it."""
    from headway.estimate.deploy.hardware import precision_of

    name = asked or checkpoint
    if name is None:
        raise problem(BadOption, "deploy-precision-needed", model=model.model)
    found = precision_of(name)
    chip.check(found, mixture=bool(model.moe_layers))
    return found


def _context(model: Architecture, asked: int | None) -> int:
    need_positive("--context", asked)
    return min(DEFAULT_CONTEXT, model.max_context) if asked is None else asked


#: Coverage of a 90 % interval below this is said with every prediction.
_COVERS = 0.87


def coverage_warning(deploy: Deploy) -> tuple[Warned, ...]:
    """How often such intervals held on sources that were not fitted, if that is too seldom."""
    told = deploy.catalogue.study("independent")["summary"]
    if told["coverage_90"] >= _COVERS:
        return ()
    return (Warned("deploy_coverage", {"n": told["n"], "share": told["coverage_90"]}),)


def _familiarity_notes(deploy: Deploy, model: str, chip: str) -> tuple[str, ...]:
    kind = deploy.calibration.familiarity(model, chip)
    return () if kind == "seen" else (f"deploy_{kind}",)


# Questions -----------------------------------------------------------------------------------


def deploy_fit(
    model: str,
    hardware: str,
    *,
    precision: str | None = None,
    context: int | None = None,
    gpus: int | None = None,
    as_of: date | None = None,
    seed: int = DEFAULT_SEED,
    offline: bool = False,
) -> DeployResult:
    """Does a model fit, and how many GPUs does it take, per precision?

    Parameters
    ----------
    model : str
        A key or alias of the catalogue, or a ``config.json``, ``.safetensors`` or ``.gguf`` file.
    hardware : str
        A chip of the catalogue.
    precision : str, optional
        ``bf16``, ``fp8``, ``fp4``, ``mxfp4``, ``int4``. Default: each that the chip can do.
    context : int, optional
        Tokens that one sequence must be able to hold. Default: 131,072, or what the model was
        made for if that is less.
    gpus : int, optional
        Judge this number of GPUs; by default the smallest number is looked for.
    as_of, seed, offline
        As everywhere; nothing here is drawn or fetched.

    Raises
    ------
    NotFound, BadValue, BadOption, Unreadable
    """
    from headway.estimate.deploy.hardware import PRECISIONS
    from headway.estimate.deploy.memory import minimum_chips

    need_positive("--gpus", gpus)
    with offline_if(offline):
        deploy = load_deploy()
        shape, checkpoint = deploy.model(model)
        chip = deploy.chip(hardware)
        tokens = _context(shape, context)
        if precision is not None:
            names = [_precision(deploy, chip, shape, checkpoint, precision).name]
        else:
            names = [n for n, p in PRECISIONS.items() if can_do(chip, p, shape)]
        rows = []
        for name in names:
            if gpus is None:
                found = minimum_chips(shape, chip, PRECISIONS[name], context=tokens)
            else:
                found = _most(shape, chip, PRECISIONS[name], gpus, tokens)
            rows.append(_fit_row(shape, chip, name, checkpoint, found, gpus, tokens))
    return result(
        deploy,
        "deploy-fit",
        rows,
        {
            "model": model,
            "hardware": chip.hardware,
            "precision": names,
            "context": tokens,
            "gpus": gpus,
        },
        as_of=as_of,
        seed=seed,
    )


def can_do(chip: Hardware, precision: Precision, model: Architecture) -> bool:
    """The chip has the arithmetic that the precision needs."""
    return not chip.lacking(precision, mixture=bool(model.moe_layers))


def _most(
    model: Architecture, chip: Hardware, precision: Precision, gpus: int, context: int
) -> Need | None:
    """The layout of one instance of ``gpus`` chips that holds most sequences."""
    from headway.estimate.deploy.memory import need
    from headway.estimate.deploy.serving import layouts

    found = [
        need(model, chip, precision, tensor=tensor, data=data, context=context)
        for tensor, data, _, copies in layouts(model, chip, gpus)
        if copies == 1
    ]
    return max(found, key=lambda n: n.sequences, default=None)


def _fit_row(
    model: Architecture,
    chip: Hardware,
    precision: str,
    checkpoint: str | None,
    found: Need | None,
    asked: int | None,
    context: int,
) -> dict[str, Any]:
    fits = found is not None and found.fits
    gib = 2.0**30
    size = asked if found is None else found.chips

    def of(value: float, unit: str) -> dict[str, Any]:
        return counted(value, unit).to_json()

    nothing = "deploy_no_layout"
    return {
        "model": model.model,
        "hardware": chip.hardware,
        "precision": precision,
        "is_checkpoint": precision == checkpoint,
        "fits": fits,
        "gpus": _unknown("gpus", nothing) if size is None else of(size, "gpus"),
        "context": context,
        "tensor": None if found is None else found.tensor,
        "data": None if found is None else found.data,
        "weights_gib": _unknown("GiB", nothing)
        if found is None
        else of(found.weights / gib, "GiB"),
        "cache_gib_per_sequence": _unknown("GiB", nothing)
        if found is None
        else of(found.cache_per_sequence / gib, "GiB"),
        "usable_gib": _unknown("GiB", nothing)
        if found is None
        else of(found.available / gib, "GiB"),
        "sequences": _unknown("sequences", nothing)
        if found is None
        else of(found.sequences, "sequences"),
        "domains": None if size is None else math.ceil(size / chip.domain),
        "power_kw": _unknown("kW", nothing if size is None else "deploy_no_power")
        if chip.watts is None or size is None
        else counted(size * chip.watts / 1000, "kW", "deploy_tdp").to_json(),
    }


@dataclass(frozen=True)
class _Asked:
    """What the speed, the cost and the frontier start from."""

    deploy: Deploy
    model: Architecture
    chip: Hardware
    precision: Precision
    gpus: int
    work: Workload
    options: list[Option]
    width: float
    notes: tuple[str, ...]
    used: dict[str, Any]


def _ask(
    model: str,
    hardware: str,
    *,
    gpus: int | None,
    precision: str | None,
    isl: int,
    osl: int,
    accepted: float,
    prefix_hit: float,
    engine: str | None,
    loads: Sequence[float] | None = None,
) -> _Asked:
    from headway.estimate.deploy.memory import check_context, minimum_chips
    from headway.estimate.deploy.points import ENGINES
    from headway.estimate.deploy.predict import LOADS, Workload, evaluate

    for name, value in (("--gpus", gpus), ("--isl", isl), ("--osl", osl), ("--accepted", accepted)):
        need_positive(name, value)
    if not 0 <= prefix_hit < 1:
        raise problem(BadOption, "deploy-share", option="--prefix-hit", value=prefix_hit)
    if engine is not None and engine not in ENGINES:
        allowed = ", ".join(ENGINES)
        raise problem(
            BadOption,
            "bad-choice",
            option="--engine",
            value=engine,
            allowed=allowed,
            command="deploy speed",
        )
    deploy = load_deploy()
    shape, checkpoint = deploy.model(model)
    chip = deploy.chip(hardware)
    kind = _precision(deploy, chip, shape, checkpoint, precision)
    check_context(shape, isl + osl)
    size = gpus
    if size is None:
        least = minimum_chips(shape, chip, kind, context=isl + osl)
        if least is None:
            raise problem(BadOption, "deploy-never-fits", model=model, hardware=chip.hardware)
        size = least.chips
    work = Workload(isl, osl, accepted, prefix_hit, engine)
    options = evaluate(
        shape, chip, kind, size, LOADS if loads is None else loads, work, deploy.calibration
    )
    if not options:
        raise problem(
            BadOption,
            "deploy-does-not-fit",
            model=model,
            hardware=chip.hardware,
            gpus=size,
            precision=kind.name,
        )
    return _Asked(
        deploy=deploy,
        model=shape,
        chip=chip,
        precision=kind,
        gpus=size,
        work=work,
        options=options,
        width=deploy.calibration.errors[deploy.calibration.familiarity(shape.model, chip.hardware)],
        notes=_familiarity_notes(deploy, shape.model, chip.hardware),
        used={
            "model": model,
            "hardware": chip.hardware,
            "gpus": size,
            "precision": kind.name,
            "isl": isl,
            "osl": osl,
            "accepted": accepted,
            "prefix_hit": prefix_hit,
            "engine": engine,
        },
    )


def _option_row(asked: _Asked, option: Option) -> dict[str, Any]:
    def of(value: float, unit: str) -> dict[str, Any]:
        return predicted(value, unit, asked.width, asked.deploy, *asked.notes).to_json()

    return {
        "model": asked.model.model,
        "hardware": asked.chip.hardware,
        "gpus": asked.gpus,
        "precision": asked.precision.name,
        "concurrency": option.conc,
        "tensor": option.tensor,
        "data": option.data,
        "expert": option.expert,
        "instances": option.instances,
        "prefill_gpus": option.prefill_chips,
        "tokens_per_s_per_gpu": of(option.per_chip, "tokens/s/gpu"),
        "tokens_per_s_per_user": of(option.per_user, "tokens/s"),
        "tokens_per_s": of(option.total, "tokens/s"),
    }


def deploy_speed(
    model: str,
    hardware: str,
    *,
    gpus: int | None = None,
    precision: str | None = None,
    isl: int = 1024,
    osl: int = 1024,
    concurrency: Sequence[float] = (1, 16, 64),
    accepted: float = 1.0,
    prefix_hit: float = 0.0,
    engine: str | None = None,
    as_of: date | None = None,
    seed: int = DEFAULT_SEED,
    offline: bool = False,
) -> DeployResult:
    """Tokens per second of a deployment at given loads, with its best layout.

    Parameters
    ----------
    model, hardware, precision
        As in :func:`deploy_fit`; the default precision is the checkpoint's.
    gpus : int, optional
        Default: the smallest number that fits.
    isl, osl : int
        Tokens in and out per request.
    concurrency : sequence of float
        Requests in flight over the whole deployment.
    accepted : float
        Tokens per decoding step (speculative decoding); 1 without.
    prefix_hit : float
        Share of prompt tokens found in a prefix cache.
    engine : str, optional
        ``vllm``, ``sglang``, ``trtllm``; an average of them by default.
    """
    from headway.estimate.deploy.predict import best

    for load in concurrency:
        need_positive("--concurrency", load)
    with offline_if(offline):
        asked = _ask(
            model,
            hardware,
            gpus=gpus,
            precision=precision,
            isl=isl,
            osl=osl,
            accepted=accepted,
            prefix_hit=prefix_hit,
            engine=engine,
            loads=tuple(concurrency),
        )
        found = [best(asked.options, conc=load) for load in concurrency]
        rows = [_option_row(asked, option) for option in found if option is not None]
    lost = [load for load, option in zip(concurrency, found, strict=True) if option is None]
    return result(
        asked.deploy,
        "deploy-speed",
        rows,
        {**asked.used, "concurrency": list(concurrency)},
        as_of=as_of,
        seed=seed,
        warnings=(
            *(Warned("deploy_load", {"load": f"{load:g}", "gpus": asked.gpus}) for load in lost),
            *coverage_warning(asked.deploy),
        ),
    )


def deploy_frontier(
    model: str,
    hardware: str,
    *,
    gpus: int | None = None,
    precision: str | None = None,
    isl: int = 1024,
    osl: int = 1024,
    accepted: float = 1.0,
    prefix_hit: float = 0.0,
    engine: str | None = None,
    as_of: date | None = None,
    seed: int = DEFAULT_SEED,
    offline: bool = False,
) -> DeployResult:
    """The frontier of speed per user against tokens per second, over layouts and loads.

    Parameters are those of :func:`deploy_speed`.
    """
    from headway.estimate.deploy.predict import frontier

    with offline_if(offline):
        asked = _ask(
            model,
            hardware,
            gpus=gpus,
            precision=precision,
            isl=isl,
            osl=osl,
            accepted=accepted,
            prefix_hit=prefix_hit,
            engine=engine,
        )
        rows = [_option_row(asked, option) for option in frontier(asked.options)]
    return result(
        asked.deploy,
        "deploy-frontier",
        rows,
        asked.used,
        as_of=as_of,
        seed=seed,
        warnings=coverage_warning(asked.deploy),
    )


def deploy_cost(
    model: str,
    hardware: str,
    *,
    gpus: int | None = None,
    precision: str | None = None,
    isl: int = 1024,
    osl: int = 1024,
    min_speed: float = 20.0,
    price: float | None = None,
    accepted: float = 1.0,
    prefix_hit: float = 0.0,
    engine: str | None = None,
    as_of: date | None = None,
    seed: int = DEFAULT_SEED,
    offline: bool = False,
) -> DeployResult:
    """What a deployment costs: per day, and per million tokens in and out at full load.

    The load is the highest at which every user still gets ``min_speed`` tokens per second. Time on
    the chips is split between prompts and answers; input and output prices follow from the two
    parts and are never mixed.

    Parameters
    ----------
    min_speed : float
        Tokens/s that each user must get.
    price : float, optional
        US dollars per GPU and hour. Default: each reported rent of the chip, low, mid and high.
    """
    from headway.estimate.deploy.predict import best

    need_positive("--min-speed", min_speed, least=0.1)
    need_positive("--price", price, least=1e-6)
    with offline_if(offline):
        asked = _ask(
            model,
            hardware,
            gpus=gpus,
            precision=precision,
            isl=isl,
            osl=osl,
            accepted=accepted,
            prefix_hit=prefix_hit,
            engine=engine,
        )
        option = best(asked.options, per_user=min_speed)
        rows = _cost_rows(asked, option, price)
    warned = () if option else (Warned("deploy_slow", {"speed": f"{min_speed:g}"}),)
    return result(
        asked.deploy,
        "deploy-cost",
        rows,
        {**asked.used, "min_speed": min_speed, "price": price},
        as_of=as_of,
        seed=seed,
        warnings=(*warned, *coverage_warning(asked.deploy)),
    )


def _cost_rows(asked: _Asked, option: Option | None, price: float | None) -> list[dict[str, Any]]:
    """One row per price; a chip whose rent is unknown still has its power and energy."""
    known = asked.deploy.prices(asked.chip.hardware)
    tiers: list[tuple[str, float | None, str | None, str | None, bool | None]]
    if price is not None:
        tiers = [("given", price, None, None, None)]
    elif known:
        tiers = [(p.tier, p.usd_per_hour, p.source, p.as_of, p.verified) for p in known]
    else:
        tiers = [("unknown", None, None, None, None)]
    rows = []
    for tier, rent, source, day, verified in tiers:
        rows.append(
            {
                "model": asked.model.model,
                "hardware": asked.chip.hardware,
                "gpus": asked.gpus,
                "precision": asked.precision.name,
                "tier": tier,
                "usd_per_gpu_hour": rent,
                "price_source": source,
                "price_as_of": day,
                "price_verified": verified,
                "usd_per_day": _unknown("usd/day", "deploy_no_price")
                if rent is None
                else counted(24 * asked.gpus * rent, "usd/day", "deploy_price").to_json(),
                "concurrency": None if option is None else option.conc,
                **_per_token(asked, option, rent),
                **_energy(asked, option),
            }
        )
    return rows


def _per_token(asked: _Asked, option: Option | None, rent: float | None) -> dict[str, Any]:
    """Dollars per million tokens, in and out."""
    names = ("usd_per_mtok_in", "usd_per_mtok_out")
    why = "deploy_no_price" if rent is None else "deploy_too_slow"
    if option is None or rent is None:
        return {name: _unknown("usd/mtok", why) for name in names}
    per_second = rent * asked.gpus / 3600
    out = option.total
    prompts = out * asked.work.isl / asked.work.osl
    costs = (
        per_second * option.prompt_share / prompts * 1e6,
        per_second * (1 - option.prompt_share) / out * 1e6,
    )
    return {
        name: predicted(cost, "usd/mtok", asked.width, asked.deploy, *asked.notes).to_json()
        for name, cost in zip(names, costs, strict=True)
    }


def _energy(asked: _Asked, option: Option | None) -> dict[str, Any]:
    """Power of the chips at their design limit, and energy per million output tokens."""
    if asked.chip.watts is None:
        return {
            "power_kw": _unknown("kW", "deploy_no_power"),
            "kwh_per_mtok_out": _unknown("kWh/mtok", "deploy_no_power"),
        }
    kw = asked.gpus * asked.chip.watts / 1000
    if option is None:
        energy = _unknown("kWh/mtok", "deploy_too_slow")
    else:
        value = kw / option.total * 1e6 / 3600
        energy = predicted(
            value, "kWh/mtok", asked.width, asked.deploy, "deploy_tdp", *asked.notes
        ).to_json()
    return {"power_kw": counted(kw, "kW", "deploy_tdp").to_json(), "kwh_per_mtok_out": energy}
