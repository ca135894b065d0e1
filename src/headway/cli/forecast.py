"""``headway forecast``."""

from __future__ import annotations

import re
from datetime import date

import click

from headway.cli.common import Common, common_options, example

__all__ = ["forecast"]


class _Days(click.ParamType[tuple[date, ...]]):
    """Dates as YYYY-MM-DD, separated by commas."""

    name = "dates"

    def convert(
        self,
        value: str | tuple[date, ...],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[date, ...]:
        if isinstance(value, tuple):
            return value
        out = []
        for part in value.split(","):
            try:
                if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", part.strip()):
                    raise ValueError
                out.append(date.fromisoformat(part.strip()))
            except ValueError:
                self.fail(f"{part.strip()!r} is not a date such as 2026-12-31.", param, ctx)
        return tuple(out)


@click.command(
    epilog=example(
        "headway forecast",
        "headway forecast --stage exploit --by 2026-12-31,2027-06-30",
        "headway forecast --target gpt-5 --domain coding --json",
        "headway forecast --domain cyber --horizon 24 --lang ja",
    )
)
@click.option(
    "--target",
    metavar="MODEL",
    default="claude-mythos-preview",
    show_default=True,
    help="Any registered name of a model.",
)
@click.option("--domain", metavar="D", help="cyber, coding, general; or a comma list.")
@click.option(
    "--stage",
    metavar="S",
    help="A stage of cyber (find_reproduce, exploit, range, ctf_mixed, command_line, knowledge, "
    "defensive), a comma list, or all.",
)
@click.option(
    "--by",
    type=_Days(),
    metavar="DATES",
    help="Dates whose probability is wanted, YYYY-MM-DD, separated by commas. Default: the next "
    "half-year ends.",
)
@click.option(
    "--horizon",
    type=float,
    metavar="MONTHS",
    default=60.0,
    show_default=True,
    help="Dates further away are shown as later.",
)
@common_options
def forecast(
    common: Common,
    target: str,
    domain: str | None,
    stage: str | None,
    by: tuple[date, ...] | None,
    horizon: float,
) -> None:
    """When does an open-weight model reach a given model's level?

    Without --domain and --stage: cyber, then each of its stages. The forecast is a mixture of three
    (the open frontier's trend, how long closed records stood, size needed against size available)
    with weights from the back-test; see "headway backtest".
    """
    from headway.api.forecast import forecast as compute

    found = compute(
        target,
        domain,
        stage,
        by=by,
        horizon=horizon,
        as_of=common.as_of,
        seed=common.seed,
        offline=common.offline,
        progress=True,
    )
    common.show(found)
