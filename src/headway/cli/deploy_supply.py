"""``headway deploy train|actors|price``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from headway.cli.common import Common, common_options, example

if TYPE_CHECKING:
    pass

__all__ = ["actors", "price", "train"]


@click.command(
    epilog=example(
        "headway deploy train deepseek-v3",
        "headway deploy train --active 37B --tokens 14.8T --hardware h800 --price 2",
        "headway deploy train --active 200B..400B --tokens 30T..60T --hardware gb200 --gpus 20000 --json",
        "headway deploy train --active 50B --tokens 20T --hardware h100 --unique-tokens 5T..20T --behind 0..12",
    )
)
@click.argument("model", required=False)
@click.option("--active", metavar="SIZE", help="Active parameters: 37B, or a range 100B..400B.")
@click.option(
    "--tokens", metavar="SIZE", help="Tokens of pre-training: 14.8T, or a range 10T..20T."
)
@click.option("--hardware", metavar="KEY", help="A GPU; default: that of the published run.")
@click.option("--precision", metavar="P", help="bf16, fp8 or fp4: whose peak --mfu is a share of.")
@click.option(
    "--mfu",
    metavar="RANGE",
    help="Share of the peak used: 0.4, or 0.3..0.5. Default: what published runs used of bf16.",
)
@click.option(
    "--working",
    metavar="RANGE",
    default="1",
    show_default=True,
    help="Share of the paid hours in which the run goes on.",
)
@click.option(
    "--later",
    metavar="RANGE",
    help="Later stages relative to pre-training. Default: that of the one run that states both.",
)
@click.option(
    "--price", metavar="RANGE", help="US dollars per GPU-hour. Default: the rents reported."
)
@click.option("--gpus", type=int, metavar="N", help="GPUs of the cluster: gives days.")
@click.option(
    "--unique-tokens",
    metavar="SIZE",
    help="New text at hand; the rest is repeated, which is worth less. Default: enough.",
)
@click.option(
    "--behind",
    metavar="RANGE",
    default="0",
    show_default=True,
    help="Months that one's training methods are behind the best.",
)
@click.option(
    "--sauce",
    metavar="CLASS",
    help="open or closed: add the residual of cyber ability of such models, as compute.",
)
@click.option("--own-research", is_flag=True, help="Add the experiments before the final run.")
@common_options
def train(common: Common, model: str | None, **options: Any) -> None:
    """Operations, GPU-hours and dollars of training MODEL, or a model of given size.

    MODEL is a published run (then its published hours are the check) or a key of the catalogue.
    """
    from headway.api.deploy_train import deploy_train

    found = deploy_train(
        model,
        **options,
        as_of=common.as_of,
        seed=common.seed,
        offline=common.offline,
    )
    common.show(found)


@click.command(
    epilog=example(
        "headway deploy actors",
        "headway deploy actors kimi-k3 --hardware h200",
        "headway deploy actors deepseek-v3 --downloads 1000000 --storage-price 0.02 --json",
    )
)
@click.argument("model", required=False)
@click.option("--hardware", default="h100", show_default=True, metavar="KEY", help="A GPU.")
@click.option("--precision", metavar="P", help="Default: that of the checkpoint.")
@click.option(
    "--size",
    type=float,
    metavar="N",
    help="H100 equivalents that an owner must have. Default: the smallest deployment of MODEL.",
)
@click.option(
    "--downloads", type=int, metavar="N", help="Downloads as the Hub shows them: an upper bound."
)
@click.option(
    "--link",
    "link_gbit",
    type=float,
    default=1.0,
    show_default=True,
    metavar="GBIT",
    help="Speed of a downloader's link in Gbit/s.",
)
@click.option(
    "--storage-price",
    "storage_usd_per_gb_month",
    type=float,
    metavar="USD",
    help="US dollars per GB and month that storage costs a downloader.",
)
@common_options
def actors(common: Common, model: str | None, **options: Any) -> None:
    """Who can have MODEL: downloaders, owners of hardware, hosts, renters. Never added up."""
    from headway.api.deploy_actors import deploy_actors

    found = deploy_actors(
        model,
        **options,
        as_of=common.as_of,
        seed=common.seed,
        offline=common.offline,
    )
    common.show(found)


@click.command(
    epilog=example(
        "headway deploy price claude-mythos-5 --input-price 10 --output-price 50",
        "headway deploy price deepseek-v3 --output-price 2 --accepted 1.8 --json",
        "headway deploy price claude-mythos-preview --output-price 125 --against claude-mythos-5 --against-output-price 50 --same-provider",
    )
)
@click.argument("model")
@click.option("--input-price", type=float, metavar="USD", help="Per million input tokens.")
@click.option("--output-price", type=float, metavar="USD", help="Per million output tokens.")
@click.option(
    "--provider", metavar="KEY", help="Whose price of the shipped list, where none is given."
)
@click.option("--params", metavar="SIZE", help="Prior of total parameters. Default: 200B..10T.")
@click.option("--active", metavar="SIZE", help="Prior of active parameters. Default: 10B..500B.")
@click.option("--against", metavar="MODEL", help="Decompose the ratio to this model's price.")
@click.option("--against-input-price", type=float, metavar="USD", help="Its input price.")
@click.option("--against-output-price", type=float, metavar="USD", help="Its output price.")
@click.option("--against-provider", metavar="KEY", help="Whose listed price of it.")
@click.option("--against-params", metavar="SIZE", help="Prior of its total parameters.")
@click.option("--against-active", metavar="SIZE", help="Prior of its active parameters.")
@click.option(
    "--same-provider",
    is_flag=True,
    help="One provider sells both: hardware, rent, utilisation and harness are the same.",
)
@click.option(
    "--hardware",
    default="h100,h200,b200,gb200",
    show_default=True,
    metavar="LIST",
    help="GPUs that may serve it, equally likely.",
)
@click.option("--speed", default="20..100", show_default=True, help="Tokens/s of every user.")
@click.option(
    "--utilisation", default="0.1..0.9", show_default=True, help="Share of capacity that is sold."
)
@click.option(
    "--margin",
    default="-0.25..0.9",
    show_default=True,
    help="Gross margin as a share of the price.",
)
@click.option(
    "--scaling", default="1..8", show_default=True, help="Tokens computed per token billed."
)
@click.option(
    "--harness", default="1..2", show_default=True, help="Cost of what is around the model."
)
@click.option(
    "--split",
    default="0.1..10",
    show_default=True,
    help="Cost put on input rather than output, as a ratio.",
)
@click.option("--isl", type=int, default=4096, show_default=True, help="Tokens in.")
@click.option("--osl", type=int, default=1024, show_default=True, help="Tokens out.")
@click.option(
    "--accepted", type=float, default=1.0, show_default=True, help="Tokens per decoding step."
)
@click.option(
    "--prefix-hit",
    type=float,
    default=0.0,
    show_default=True,
    help="Share of prompt tokens found in a prefix cache.",
)
@common_options
def price(common: Common, model: str, **options: Any) -> None:
    """What the price of MODEL's API says about what is behind it, and what it cannot say.

    Every range is a prior. Input and output prices are separate; give one or both.
    """
    from headway.api.deploy_price import deploy_price

    found = deploy_price(
        model,
        **options,
        as_of=common.as_of,
        seed=common.seed,
        offline=common.offline,
    )
    common.show(found)
