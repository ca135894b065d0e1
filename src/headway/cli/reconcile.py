"""``headway reconcile``."""

from __future__ import annotations

import click

from headway.cli.common import Common, common_options, example, print_json, say

__all__ = ["reconcile"]


@click.command(
    epilog=example(
        "headway reconcile",
        "headway reconcile --json",
        "headway reconcile --path headway-coding headway-cyber",
        "headway reconcile --set rule=trend_closed",
        "headway reconcile --from headway-general --set items=held_out --set evaluator=independent",
    )
)
@click.option(
    "--path",
    nargs=2,
    metavar="A B",
    help="What each choice in which two figures differ moves, in months; the steps add up to B - A.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="CHOICE=VALUE",
    help="Change a choice and see the months move; may be given again. Choices: data, domain, items, "
    "evaluator, irt, groups, dates, frontier, rule, matching, margin, first_match, average, model, "
    "since, as_of.",
)
@click.option(
    "--from",
    "start",
    metavar="FIGURE",
    help="The figure that --set changes. Default: headway-cyber.",
)
@click.option(
    "--level", type=float, default=0.90, show_default=True, help="Level of intervals over draws."
)
@common_options
def reconcile(
    common: Common,
    path: tuple[str, str] | None,
    settings: tuple[str, ...],
    start: str | None,
    level: float,
) -> None:
    """Published lags, each computed again by its own data and rule.

    Without options: every published lag in months, what comes out again, and whether it was reproduced.
    With --path the difference of two of them is taken apart, choice by choice.
    """
    from headway.api.reconcile import reconcile as run

    found = run(
        path=path,
        settings=settings,
        start=start,
        level=level,
        as_of=common.as_of,
        seed=common.seed,
        offline=common.offline,
        progress=True,
    )
    common.warn(found.warnings)
    if common.as_json:
        print_json(found.to_json(common.lang))
        return
    say(found.text(common.lang))
