"""``headway impact series|study|funnel``."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from headway.cli.common import Common, Day, common_options, example

__all__ = ["impact"]


@click.group()
def impact() -> None:
    """What a capability event did to vulnerabilities: counts, event studies, placebos."""


@impact.command(
    epilog=example(
        "headway impact series",
        "headway impact series firefox-bugs firefox-cves",
        "headway impact series kev --by week --since 2026-01-01 --json",
        "headway impact series oss-fuzz --severity high --output counts.csv",
    )
)
@click.argument("series", nargs=-1)
@click.option(
    "--by",
    type=click.Choice(["month", "week"]),
    default="month",
    show_default=True,
    help="Periods to count by; weeks start on Monday.",
)
@click.option("--severity", metavar="WORD", help="Only this severity, in the source's own word.")
@click.option("--since", type=Day(), metavar="YYYY-MM-DD", help="First day that counts.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write all rows to this .csv or .parquet file.",
)
@common_options
def series(
    common: Common,
    series: tuple[str, ...],
    by: str,
    severity: str | None,
    since: date | None,
    output: Path | None,
) -> None:
    """List the series of vulnerability counts, or show those named.

    Identifiers (CVEs, advisories) and underlying bugs are series of their own. A month that is not over is
    marked with the days that were seen.
    """
    from headway.api.impact_series import impact_series

    found = impact_series(
        series,
        by=by,
        severity=severity,
        since=since,
        output=output,
        as_of=common.as_of,
        seed=common.seed,
        offline=common.offline,
    )
    common.show(found)


@impact.command(
    epilog=example(
        "headway impact study",
        "headway impact study firefox-bugs firefox-cves --json",
        "headway impact study kev --until 2026-08-31 --level 0.95",
        "headway impact study oss-fuzz --event 2026-02-05",
        "headway impact study rustsec --known-step rustsec=2025-06-01 --partial drop",
    )
)
@click.argument("series", nargs=-1)
@click.option(
    "--event",
    type=Day(),
    default="2026-04-07",
    show_default=True,
    metavar="YYYY-MM-DD",
    help="The declared event; its month is the first one after it.",
)
@click.option(
    "--known-step",
    "known_steps",
    multiple=True,
    metavar="SERIES=YYYY-MM-DD",
    help="A policy of the source changed on that day; may be given again.",
)
@click.option("--since", type=Day(), metavar="YYYY-MM-DD", help="First month of the study.")
@click.option("--until", type=Day(), metavar="YYYY-MM-DD", help="Last month of the study.")
@click.option(
    "--partial",
    type=click.Choice(["days", "drop", "whole"]),
    default="days",
    show_default=True,
    help="A last month that is not over: count it by its days, leave it out, or take it as whole "
    "(only to reproduce figures made so).",
)
@click.option(
    "--radius",
    type=click.IntRange(0, 6),
    default=3,
    show_default=True,
    help="Months around the event in which a break is searched, in every placebo too.",
)
@click.option("--level", type=float, default=0.90, show_default=True, help="Level of intervals.")
@common_options
def study(
    common: Common,
    series: tuple[str, ...],
    event: date,
    known_steps: tuple[str, ...],
    since: date | None,
    until: date | None,
    partial: str,
    radius: int,
    level: float,
) -> None:
    """Did the counts change at the event, by how much, and could we have seen it?

    Without names, all series are studied as one family. Each gets its step with an interval, the p value
    from placebos that repeat the whole search, the month in which the break fits best, the
    probability of no break, and the smallest change that the study could have seen.
    """
    from headway.api.impact_study import impact_study

    found = impact_study(
        series,
        event=event,
        known_steps=known_steps,
        since=since,
        until=until,
        partial=partial,
        radius=radius,
        level=level,
        as_of=common.as_of,
        seed=common.seed,
        offline=common.offline,
    )
    common.show(found)


@impact.command(
    epilog=example("headway impact funnel", "headway impact funnel --as-of 2026-08-31 --json")
)
@common_options
def funnel(common: Common) -> None:
    """What a disclosure programme reported, by stage, severity filter and day.

    Shares are only of counts of one day; a share on two days is told with the growth of both of its counts,
    because a fall can come from the denominator alone.
    """
    from headway.api.impact_funnel import impact_funnel

    found = impact_funnel(as_of=common.as_of, seed=common.seed, offline=common.offline)
    common.show(found)
