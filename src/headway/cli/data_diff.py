"""``headway data diff``."""

from __future__ import annotations

from pathlib import Path

import click

from headway.cli.common import Common, common_options, example, print_json, say, talk

__all__ = ["diff"]


@click.command(
    epilog=example(
        "headway data diff --results none",
        "headway data diff 2026-11-24 2026-12-01",
        "headway data diff 2026-11-24 2026-12-01 --by model --results lag --lang ja",
        "headway data diff 2026-11-24 2026-12-01 --results none --table scores --out changes.csv",
    )
)
@click.argument("before", default="shipped")
@click.argument("after", required=False)
@click.option(
    "--results",
    metavar="R",
    default="lag,tests",
    show_default=True,
    help="Answers to compare: lag, tests (the verdicts of headway lag --test), or both; none "
    "compares the tables only, in a second.",
)
@click.option(
    "--definition",
    metavar="NAME",
    default="lag_mean_12m",
    show_default=True,
    help="Definitions of the lag as in headway lag, or a comma list.",
)
@click.option(
    "--by",
    type=click.Choice(["source", "model"]),
    default="source",
    show_default=True,
    help="Whether changed scores count as the doing of their source or of their model.",
)
@click.option(
    "--causes",
    type=int,
    default=5,
    show_default=True,
    help="How many causes to try alone, those with the most changed scores first; the others are "
    "tried together.",
)
@click.option(
    "--seeds",
    type=int,
    default=5,
    show_default=True,
    help="How many seeds tell the noise of the simulation.",
)
@click.option(
    "--table",
    metavar="T",
    help="Show the rows of this table, or of a comma list, and of no other.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Rows per list in the text form; JSON always has all of them.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write one line per changed cell to FILE.csv or FILE.parquet.",
)
@common_options
def diff(
    common: Common,
    before: str,
    after: str | None,
    results: str,
    definition: str,
    by: str,
    causes: int,
    seeds: int,
    table: str | None,
    limit: int,
    out: Path | None,
) -> None:
    """Say what changed between two data releases, which answers move because of it, and why.

    BEFORE (default: shipped) and AFTER (default: the one in use) are folders with a release.json,
    names of stored releases, or shipped. Both answer as of the same day with the same seeds. The
    first run fits the model up to forty times (a minute or two on two cores), a repeated one never.
    """
    from headway.api.data_diff import data_diff
    from headway.i18n import message

    found = data_diff(
        before,
        after,
        results=results,
        definition=definition,
        by=by,
        causes=causes,
        seeds=seeds,
        table=table,
        output=out,
        as_of=common.as_of,
        seed=common.seed,
        offline=common.offline,
        progress=True,
    )
    common.warn(found.warnings)
    if common.as_json:
        print_json(found.to_json(common.lang))
        return
    say(found.text(common.lang, limit=limit))
    if found.path is not None:
        talk(message("diff-written", common.lang, path=str(found.path)))
