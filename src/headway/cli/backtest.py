"""``headway backtest``."""

from __future__ import annotations

import click

from headway.cli.common import Common, common_options, example

__all__ = ["backtest"]


@click.command(
    epilog=example(
        "headway backtest",
        "headway backtest --domain coding",
        "headway backtest --stage exploit --json",
        "headway backtest --lang ja",
    )
)
@click.option("--domain", metavar="D", help="cyber, coding, general; or a comma list.")
@click.option(
    "--stage",
    metavar="S",
    help="A stage of cyber (find_reproduce, exploit, range, ctf_mixed), a comma list, or all.",
)
@click.option(
    "--compute", is_flag=True, help="Run it now (minutes) if none is stored for these data."
)
@common_options
def backtest(common: Common, domain: str | None, stage: str | None, compute: bool) -> None:
    """How good would such forecasts have been in the past?

    Forecasts are issued as of past dates on rows known then, and scored against what happened since,
    beside naive ones fixed beforehand. With --domain or --stage the targets are listed too.
    """
    from headway.api.backtest import backtest as judge

    found = judge(
        domain,
        stage,
        compute=compute,
        as_of=common.as_of,
        seed=common.seed,
        offline=common.offline,
        progress=True,
    )
    common.show(found)
