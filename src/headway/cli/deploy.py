"""``headway deploy fit|speed|cost|frontier|hypothetical|validate``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from headway.cli.common import Common, common_options, example
from headway.cli.deploy_supply import actors, price, train

if TYPE_CHECKING:
    pass

__all__ = ["deploy"]

Function = TypeVar("Function", bound=Callable[..., Any])


@click.group()
def deploy() -> None:
    """What it takes to run a model: GPUs, speed, users, cost, with error bars."""


for _command in (train, actors, price):
    deploy.add_command(_command)


def _precision(function: Function) -> Function:
    return click.option(
        "--precision",
        metavar="P",
        help="bf16, fp8, fp4 (arithmetic in 4 bits), mxfp4 or int4 (weights in 4 bits).",
    )(function)


def _work(function: Function) -> Function:
    """What is asked of a deployment."""
    for option in (
        click.option("--isl", type=int, default=1024, show_default=True, help="Tokens in."),
        click.option("--osl", type=int, default=1024, show_default=True, help="Tokens out."),
        click.option(
            "--accepted",
            type=float,
            default=1.0,
            show_default=True,
            help="Tokens per decoding step (speculative decoding); 1 is without.",
        ),
        click.option(
            "--prefix-hit",
            type=float,
            default=0.0,
            show_default=True,
            help="Share of prompt tokens found in a prefix cache.",
        ),
    ):
        function = option(function)
    return function


def _deployed(function: Function) -> Function:
    """Options of a deployment that exists."""
    for option in (
        click.option(
            "--gpus", type=int, metavar="N", help="Default: the smallest number that fits."
        ),
        click.option(
            "--engine", metavar="E", help="vllm, sglang or trtllm; their average by default."
        ),
    ):
        function = option(function)
    return _precision(_work(function))


@deploy.command(
    epilog=example(
        "headway deploy fit kimi-k3 h100",
        "headway deploy fit deepseek-v3 b200 --precision fp8 --context 32768 --json",
        "headway deploy fit llama-3.1-70b h100 --gpus 4",
    )
)
@click.argument("model")
@click.argument("hardware")
@_precision
@click.option(
    "--context",
    type=int,
    metavar="N",
    help="Tokens that one sequence must be able to hold. Default: 131072, or the model's longest.",
)
@click.option("--gpus", type=int, metavar="N", help="Judge this number of GPUs.")
@common_options
def fit(
    common: Common,
    model: str,
    hardware: str,
    precision: str | None,
    context: int | None,
    gpus: int | None,
) -> None:
    """Does MODEL fit on HARDWARE, and how many GPUs does it take, per precision?

    MODEL is a key of the catalogue, or a config.json, .gguf or .safetensors file.
    """
    from headway.api.deploy import deploy_fit

    found = deploy_fit(
        model,
        hardware,
        precision=precision,
        context=context,
        gpus=gpus,
        as_of=common.as_of,
        seed=common.seed,
        offline=common.offline,
    )
    common.show(found)


@deploy.command(
    epilog=example(
        "headway deploy speed deepseek-v3 h200",
        "headway deploy speed gpt-oss-120b b200 --gpus 2 --concurrency 1,64,256 --json",
        "headway deploy speed qwen3-235b h100 --precision fp8 --isl 8192 --accepted 1.8 --prefix-hit 0.5",
    )
)
@click.argument("model")
@click.argument("hardware")
@_deployed
@click.option(
    "--concurrency",
    metavar="LIST",
    default="1,16,64",
    show_default=True,
    help="Requests in flight; one number or a comma list.",
)
@common_options
def speed(common: Common, model: str, hardware: str, concurrency: str, **options: Any) -> None:
    """Tokens per second of MODEL on HARDWARE at given loads, with the best layout for each."""
    from headway.api.deploy import deploy_speed

    try:
        loads = tuple(float(part) for part in concurrency.split(","))
    except ValueError as e:
        raise click.UsageError(f"--concurrency: {concurrency!r} is not a list of numbers") from e
    found = deploy_speed(
        model,
        hardware,
        concurrency=loads,
        **options,
        as_of=common.as_of,
        seed=common.seed,
        offline=common.offline,
    )
    common.show(found)


@deploy.command(
    epilog=example(
        "headway deploy cost deepseek-v3 h200",
        "headway deploy cost kimi-k3 gb200 --gpus 64 --min-speed 30 --json",
        "headway deploy cost llama-3.1-70b h100 --precision fp8 --price 2.35",
    )
)
@click.argument("model")
@click.argument("hardware")
@_deployed
@click.option(
    "--min-speed",
    type=float,
    default=20.0,
    show_default=True,
    help="Tokens/s that every user must get.",
)
@click.option(
    "--price",
    type=float,
    metavar="USD",
    help="US dollars per GPU and hour. Default: the rents that were reported.",
)
@common_options
def cost(common: Common, model: str, hardware: str, **options: Any) -> None:
    """What MODEL on HARDWARE costs per day and per million tokens, input and output apart."""
    from headway.api.deploy import deploy_cost

    found = deploy_cost(
        model,
        hardware,
        **options,
        as_of=common.as_of,
        seed=common.seed,
        offline=common.offline,
    )
    common.show(found)


@deploy.command(
    epilog=example(
        "headway deploy frontier deepseek-v3 gb200 --gpus 72",
        "headway deploy frontier qwen3.5-397b b200 --precision fp4 --isl 8192 --json",
    )
)
@click.argument("model")
@click.argument("hardware")
@_deployed
@common_options
def frontier(common: Common, model: str, hardware: str, **options: Any) -> None:
    """The frontier of speed per user against tokens per second, over all layouts and loads."""
    from headway.api.deploy import deploy_frontier

    found = deploy_frontier(
        model,
        hardware,
        **options,
        as_of=common.as_of,
        seed=common.seed,
        offline=common.offline,
    )
    common.show(found)


@deploy.command(
    epilog=example(
        'headway deploy hypothetical --params "5T..10T" --active "100B..400B"',
        "headway deploy hypothetical --params 8T --active 200B --hardware h100 --json",
        "headway deploy hypothetical --params 8T --active 100B..400B --hardware gb200 --gpus 72",
    )
)
@click.option("--params", required=True, metavar="SIZE", help="Total parameters: 8T or 5T..10T.")
@click.option("--active", required=True, metavar="SIZE", help="Parameters used per token.")
@click.option("--hardware", default="gb200", show_default=True, metavar="KEY", help="A GPU.")
@click.option("--gpus", type=int, metavar="N", help="Default: the smallest number that fits.")
@_precision
@click.option(
    "--context",
    type=int,
    default=131072,
    show_default=True,
    help="Tokens that one sequence must be able to hold.",
)
@click.option(
    "--min-speed",
    type=float,
    default=20.0,
    show_default=True,
    help="Tokens/s that every user must get.",
)
@_work
@common_options
def hypothetical(common: Common, params: str, active: str, hardware: str, **options: Any) -> None:
    """GPUs, speed, users and cost of a mixture-of-experts model of which only the size is known."""
    from headway.api.deploy_hypothetical import deploy_hypothetical

    found = deploy_hypothetical(
        params,
        active,
        hardware,
        **options,
        as_of=common.as_of,
        seed=common.seed,
        offline=common.offline,
    )
    common.show(found)


@deploy.command(
    epilog=example(
        "headway deploy validate",
        "headway deploy validate my-points.csv",
        "headway deploy validate my-points.csv --json",
    )
)
@click.argument("points", required=False, type=click.Path(path_type=Path))
@common_options
def validate(common: Common, points: Path | None) -> None:
    """Predicted against measured: on the shipped points (left out of the fit), or on POINTS, a CSV.

    POINTS has the columns model,hardware,n_gpus,precision,phase,isl,osl,concurrency,tok_s_gpu,unit
    and may have engine,date,tp,dp,ep,prefill_gpus.
    """
    from headway.api.deploy_validate import deploy_validate

    found = deploy_validate(points, as_of=common.as_of, seed=common.seed, offline=common.offline)
    common.show(found)
