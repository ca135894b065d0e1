"""``headway deploy train``: what it takes to train a model, every unknown a distribution."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from datetime import date
from typing import TYPE_CHECKING, Any

from headway.api.deploy import DEFAULT_SEED, LEVEL
from headway.api.deploy_catalogue import Deploy, load_deploy
from headway.api.deploy_supply import SupplyResult, factor, over_draws, supply_result, unknown
from headway.api.envelope import Warned, choices
from headway.api.offline import offline_if
from headway.errors import BadOption
from headway.problems import problem
from headway.tables.supply_store import Supply, load_supply

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from headway.estimate.deploy.inputs import Input
    from headway.estimate.deploy.sizes import Range
    from headway.estimate.deploy.train import Run, Use

    Array = npt.NDArray[np.float64]

__all__ = ["SAUCES", "deploy_train"]

#: Draws behind every interval.
DRAWS = 20000
#: Whose residual of cyber ability ``--sauce`` takes.
SAUCES = ("open", "closed")
#: Outputs, and inputs on which each does not depend.
_OUTPUTS = {"flop": {"use", "working", "price"}, "gpu_hours": {"price"}, "usd": set[str]()}


def deploy_train(
    model: str | None = None,
    *,
    active: str | None = None,
    tokens: str | None = None,
    hardware: str | None = None,
    precision: str | None = None,
    mfu: str | None = None,
    working: str = "1",
    later: str | None = None,
    price: str | None = None,
    gpus: int | None = None,
    unique_tokens: str | None = None,
    behind: str = "0",
    sauce: str | None = None,
    own_research: bool = False,
    as_of: date | None = None,
    seed: int = DEFAULT_SEED,
    offline: bool = False,
) -> SupplyResult:
    """Operations, GPU-hours, dollars and days of one training run, with intervals and Sobol indices.

    Parameters
    ----------
    model : str, optional
        A published run (:func:`load_supply`) or a model of the catalogue: fills in ``active``, and of a
        published run also ``tokens`` and ``hardware``. Runs of its developer are then left out of what
        the share of the peak is taken from, so that the published hours are a fair check.
    active, tokens : str
        Active parameters and tokens of pre-training: ``37B``, ``14.8T``, or a range ``10T..20T``.
    hardware : str
        A chip of the catalogue.
    precision : {"bf16", "fp8", "fp4"}, optional
        Whose peak ``mfu`` is a share of. Default: bf16.
    mfu : str, optional
        Share of that peak, or a range. Default: what published runs used of the bf16 peak.
    working : str
        Share of the paid hours in which the run goes on.
    later : str, optional
        Later stages (long context, post-training) relative to pre-training. Default: what the one
        published run says that states both; reasoning models may need far more.
    price : str, optional
        US dollars per GPU-hour. Default: the rents that were reported, lowest to highest.
    gpus : int, optional
        GPUs of the cluster: gives days.
    unique_tokens : str, optional
        New text at hand; the rest of the tokens are repetitions, which are worth less.
    behind : str
        Months that one's training methods are behind the best.
    sauce : {"open", "closed"}, optional
        Add the residual of cyber ability of such models as compute that buys it back.
    own_research : bool
        Also the compute of the experiments before the final run.
    """
    import numpy as np

    from headway.estimate.deploy.inputs import draw, sobol
    from headway.estimate.deploy.train import train

    if sauce is not None:
        choices("--sauce", sauce, SAUCES, "deploy train")
    if gpus is not None and gpus < 1:
        raise problem(BadOption, "deploy-option", option="--gpus", value=gpus, least=1)
    with offline_if(offline):
        deploy, supply = load_deploy(), load_supply()
        run = _published(supply, deploy, model)
        asked = _Asked(deploy, supply, model, run)
        chip = deploy.chip(asked.hardware(hardware))
        use, fitted = asked.use(mfu, precision, chip.hardware)
        rng, extra_rng, research_rng = np.random.default_rng(seed).spawn(3)
        inputs = [
            asked.size("active", active),
            asked.size("tokens", tokens),
            asked.peak(chip.hardware, precision if mfu is not None else None),
            use,
            asked.numbers("working", "--working", working, least=0.01, most=1),
            asked.later(later),
            asked.price(chip.hardware, price),
            asked.numbers("behind", "--behind", behind, least=0, most=120, linear=True),
            asked.interval("algorithm_halving", "halving"),
            asked.between("compute_growth", "growth"),
            _sauce(sauce, offline, rng=extra_rng),
            asked.unique(unique_tokens),
        ]
        decay = float(str(factor(supply, "repeat_decay")["low"]))
        x = draw(inputs, DRAWS, rng=rng)
        found = train(x, decay=decay)
        counted = (fitted.n, fitted.n_clusters) if fitted is not None else (0, 0)
        row = {
            "model": model,
            "hardware": chip.hardware,
            **_quantities(asked, found, x, chip.watts, gpus, counted, own_research, research_rng),
            "published": asked.compared(found.gpu_hours),
            "inputs": [_told(i) for i in inputs],
        }
        warned: tuple[Warned, ...] = ()
        if np.isfinite(found.gpu_hours).all():
            names = [n for n in _OUTPUTS if np.isfinite(getattr(found, n)).all()]

            def log_of(name: str) -> Callable[[Mapping[str, Array]], Array]:
                return lambda values: np.log(getattr(train(values, decay=decay), name))

            row["sensitivity"] = [
                {
                    "output": s.output,
                    "input": s.input,
                    "first": dict(zip(("value", "low", "high"), s.first, strict=True)),
                    "total": dict(zip(("value", "low", "high"), s.total, strict=True)),
                }
                for name in names
                for s in sobol(
                    [_still(i, inputs, _OUTPUTS[name]) for i in inputs],
                    log_of(name),
                    name,
                    level=LEVEL,
                    rng=extra_rng,
                )
            ]
        else:
            row["sensitivity"] = []
            warned = (Warned("train_no_sensitivity"),)
        checks = validation(asked.runs, LEVEL)
    return supply_result(
        deploy,
        supply,
        "deploy-train",
        [row],
        {
            "model": model,
            "active": active,
            "tokens": tokens,
            "hardware": chip.hardware,
            "precision": precision,
            "mfu": mfu,
            "working": working,
            "later": later,
            "price": price,
            "gpus": gpus,
            "unique_tokens": unique_tokens,
            "behind": behind,
            "sauce": sauce,
            "own_research": own_research,
            "draws": DRAWS,
        },
        as_of=as_of,
        seed=seed,
        warnings=warned,
        extra={"validation": checks},
    )


def _still(one: Input, inputs: Sequence[Input], unused: Set[str]) -> Input:
    """An input that nothing depends on here is held fixed: its indices would be 0 by construction."""
    from headway.estimate.deploy.inputs import fixed

    zero = {i.name for i in inputs if i.is_fixed and i.numbers[0] == 0}
    idle = (
        one.name in unused
        or (one.name == "growth" and "sauce" in zero)
        or (one.name == "halving" and {"sauce", "behind"} <= zero)
    )
    return fixed(one.name, one.summary(LEVEL)[1], one.source) if idle else one


def _told(one: Input) -> dict[str, Any]:
    """An input as the JSON carries it: unknown and unlimited are null."""
    import math

    low, mid, high = one.summary(LEVEL)
    known = math.isfinite(mid)
    return {
        "input": one.name,
        "distribution": one.kind,
        "low": low if known else None,
        "median": mid if known else None,
        "high": high if known else None,
        "level": LEVEL,
        "source": one.source,
    }


def _quantities(
    asked: _Asked,
    found: Any,
    x: Mapping[str, Array],
    watts: float | None,
    gpus: int | None,
    counted: tuple[int, int],
    own_research: bool,
    rng: np.random.Generator,
) -> dict[str, Any]:
    def of(values: Array, unit: str, *notes: str) -> dict[str, Any]:
        return over_draws(
            values,
            unit,
            *notes,
            missing="deploy_no_price",
            endless="train_text_short",
            n=counted[0],
            n_clusters=counted[1],
        )

    stock = asked.interval("public_text_stock", "stock")
    share = asked.between("final_run_share", "final_run_share")
    level = rng.random(len(found.usd))
    whole = found.usd / share.quantile(level)
    text = x["tokens"] / stock.quantile(rng.random(len(found.usd)))
    return {
        "flop": of(found.flop, "FLOP"),
        "gpu_hours": of(found.gpu_hours, "gpu hours"),
        "usd": of(found.usd, "usd", "train_final_run"),
        "usd_with_research": of(whole, "usd", "train_research")
        if own_research
        else unknown("usd", "train_research_not_asked"),
        "days": of(found.gpu_hours / (24 * gpus), "days")
        if gpus is not None
        else unknown("days", "train_days_need_gpus"),
        "energy_mwh": of(found.gpu_hours * watts / 1e6, "MWh", "deploy_tdp")
        if watts is not None
        else unknown("MWh", "deploy_no_power"),
        "share_of_public_text": of(text, "proportion", "train_text_stock"),
    }


class _Asked:
    """Inputs from options, published runs and published factors."""

    def __init__(
        self,
        deploy: Deploy,
        supply: Supply,
        model: str | None,
        run: Mapping[str, str | None] | None,
    ) -> None:
        self.deploy, self.supply, self.model, self.run = deploy, supply, model, run
        self.runs = published_runs(deploy, supply)

    def hardware(self, asked: str | None) -> str:
        if asked is not None:
            return asked
        if self.run is not None:
            return str(self.run["hardware"])
        raise problem(BadOption, "train-needs", option="--hardware")

    def size(self, name: str, text: str | None) -> Input:
        from headway.estimate.deploy.inputs import even, fixed
        from headway.estimate.deploy.sizes import parse_range

        if text is not None:
            found = parse_range(text, f"--{name}")
            return even(name, found.low, found.high, "option")
        if self.run is not None:
            column = "active_params" if name == "active" else name
            return fixed(name, float(str(self.run[column])), str(self.run["source"]))
        if name == "active" and self.model is not None:
            shape, _ = self.deploy.model(self.model)
            return fixed(name, float(shape.active_params), "catalogue")
        raise problem(BadOption, "train-needs", option=f"--{name}")

    def numbers(
        self,
        name: str,
        option: str,
        text: str,
        *,
        least: float,
        most: float,
        linear: bool = False,
    ) -> Input:
        from headway.estimate.deploy.inputs import even
        from headway.estimate.deploy.ranges import parse_numbers

        found: Range = parse_numbers(text, option, least=least, most=most)
        return even(name, found.low, found.high, "option", linear=linear)

    def peak(self, hardware: str, precision: str | None) -> Input:
        from headway.estimate.deploy.inputs import fixed

        kind = precision or "bf16"
        chip = self.deploy.chip(hardware)
        found = chip.flops(kind)
        if found is None:
            has = [k for k in ("bf16", "fp8", "fp4") if chip.flops(k) is not None]
            raise problem(
                BadOption,
                "train-lacks-precision",
                hardware=hardware,
                precision=kind,
                has=", ".join(has),
            )
        return fixed("peak", found, "catalogue")

    def use(
        self, mfu: str | None, precision: str | None, hardware: str
    ) -> tuple[Input, Use | None]:
        from headway.estimate.deploy.train import fit_use

        if precision is not None:
            choices("--precision", precision, ("bf16", "fp8", "fp4"), "deploy train")
        if mfu is not None:
            return self.numbers("use", "--mfu", mfu, least=0.001, most=1), None
        if precision is not None:
            raise problem(BadOption, "train-precision-mfu", precision=precision)
        kept = self.runs
        if self.run is not None:
            kept = [r for r in self.runs if r.developer != self.run["developer"]]
        found = fit_use(kept)
        return found.as_input("published runs"), found

    def later(self, text: str | None) -> Input:
        from headway.estimate.deploy.inputs import fixed

        if text is not None:
            return self.numbers("later", "--later", text, least=0, most=100, linear=True)
        # the one run that states both
        told = next(r for r in self.supply.rows("training_runs") if r["gpu_hours_total"])
        ratio = float(str(told["gpu_hours_total"])) / float(str(told["gpu_hours"])) - 1
        return fixed("later", ratio, str(told["source"]))

    def price(self, hardware: str, text: str | None) -> Input:
        from headway.estimate.deploy.inputs import even, fixed

        if text is not None:
            return self.numbers("price", "--price", text, least=1e-6, most=1e4)
        rents = sorted(p.usd_per_hour for p in self.deploy.prices(hardware))
        if not rents:
            return fixed("price", float("nan"), "unknown")
        return even("price", rents[0], rents[-1], self.deploy.prices(hardware)[0].source)

    def interval(self, table: str, name: str) -> Input:
        from headway.estimate.deploy.inputs import from_interval

        told = factor(self.supply, table)
        low, mid, high, level = (float(str(told[k])) for k in ("low", "mid", "high", "level"))
        return from_interval(name, low, mid, high, level, str(told["source"]))

    def between(self, table: str, name: str) -> Input:
        from headway.estimate.deploy.inputs import even

        told = factor(self.supply, table)
        return even(name, float(str(told["low"])), float(str(told["high"])), str(told["source"]))

    def unique(self, text: str | None) -> Input:
        from headway.estimate.deploy.inputs import even, fixed
        from headway.estimate.deploy.sizes import parse_range

        if text is None:
            return fixed("unique", float("inf"), "assumed enough")
        found = parse_range(text, "--unique-tokens")
        return even("unique", found.low, found.high, "option")

    def compared(self, hours: Array) -> dict[str, Any] | None:
        """The published hours of this run beside what was predicted without its developer."""
        import numpy as np

        if self.run is None:
            return None
        told = self.run["gpu_hours_total"]
        stated = float(str(told if told is not None else self.run["gpu_hours"]))
        low, high = np.quantile(hours, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return {
            "gpu_hours": stated,
            "includes_later_stages": told is not None,
            "ratio": float(np.median(hours)) / stated,
            "inside_90": bool(low <= stated <= high),
            "source": self.run["source"],
            "verified": self.run["verified"] == "1",
        }


def _published(
    supply: Supply, deploy: Deploy, model: str | None
) -> Mapping[str, str | None] | None:
    """The published run of a model, by its key or an alias of the catalogue."""
    from headway.errors import NotFound

    if model is None:
        return None
    runs = {str(r["model"]): r for r in supply.rows("training_runs")}
    if model.strip().lower() in runs:
        return runs[model.strip().lower()]
    try:
        key = deploy.model_key(model)
    except NotFound as e:
        known = ", ".join(sorted(runs))
        raise problem(NotFound, "train-model", name=model, known=known) from e
    return runs.get(key)


def published_runs(deploy: Deploy, supply: Supply) -> list[Run]:
    """Published runs with the peak of their chips."""
    from headway.estimate.deploy.train import Run

    return [
        Run(
            str(r["model"]),
            str(r["developer"]),
            float(str(r["active_params"])),
            float(str(r["tokens"])),
            float(str(r["gpu_hours"])),
            deploy.chip(str(r["hardware"])).bf16,
        )
        for r in supply.rows("training_runs")
    ]


def validation(runs: Sequence[Run], level: float) -> list[dict[str, Any]]:
    """Hours of each published run, predicted without the runs of its developer."""
    from headway.estimate.deploy.train import fit_use

    out = []
    for run in runs:
        use = fit_use([r for r in runs if r.developer != run.developer]).as_input("")
        low, mid, high = use.summary(level)
        hours = run.gpu_hours * run.use
        out.append(
            {
                "model": run.model,
                "developer": run.developer,
                "share_of_peak": run.use,
                "gpu_hours": run.gpu_hours,
                "predicted": hours / mid,
                "low": hours / high,
                "high": hours / low,
                "inside_90": low <= run.use <= high,
            }
        )
    return out


def _sauce(kind: str | None, offline: bool, *, rng: np.random.Generator) -> Input:
    """The residual of cyber ability in months, from the stored study."""
    import numpy as np

    from headway.estimate.deploy.inputs import fixed, from_draws

    if kind is None:
        return fixed("sauce", 0.0, "left out")
    from headway.api.lag_sauce import lag_sauce
    from headway.estimate.lag.sauce import SauceDistribution

    found = lag_sauce(offline=offline)
    told = [
        row
        for row in found.facts["distribution"]
        if row["access_class"] == kind and row["stage"] is None and "draws" in row
    ]
    if not told:
        raise problem(BadOption, "train-no-sauce", whose=kind)
    draws = told[0]["draws"]
    both = SauceDistribution(np.array(draws["sd_logits"]), np.array(draws["logits_per_month"]))
    return from_draws("sauce", both.months(DRAWS, rng), "headway lag --sauce")
