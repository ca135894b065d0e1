"""``headway data release``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from headway.cli.common import Common, common_options, example, print_json, say, talk

__all__ = ["release"]


@click.command(
    epilog=example(
        "headway data release",
        "headway data release --name my-release --publisher Me --json",
        "headway data release --out . --as-of 2026-03-31",
        "headway data release --verify my-release",
    )
)
@click.option(
    "--name", metavar="NAME", help="Name of the release and its folder. Default: the day (UTC)."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Where the release's folder is made. Default: releases in your data folder.",
)
@click.option(
    "--since",
    metavar="NAME|FOLDER",
    help="Release to compare with. Default: the one cut last, else the shipped one.",
)
@click.option("--publisher", metavar="TEXT", help="Who publishes it; stated in the metadata.")
@click.option("--url", metavar="URL", help="Where it is published; stated in the metadata.")
@click.option(
    "--push",
    metavar="ORG/NAME",
    help="Publish it in this Hugging Face dataset repository: one commit, and a tag with its name.",
)
@click.option(
    "--verify",
    metavar="NAME|FOLDER",
    help="Cut nothing: check this release; with --push, publish it if it is in order.",
)
@common_options
def release(
    common: Common,
    name: str | None,
    out: Path | None,
    since: str | None,
    publisher: str | None,
    url: str | None,
    push: str | None,
    verify: str | None,
) -> None:
    """Cut a dated release of the tables in use that anyone can publish and others can pin.

    Parquet, SHA-256 of every file, credits, licences, changes, a card, and metadata (Croissant, which is
    schema.org too, and Data Package). The path of the new folder goes to stdout. Rows that may not be
    republished are never in it; with --own include its name says so. --verify exits with 65 if anything is wrong.
    """
    from headway.api.data_release import data_release
    from headway.i18n import message

    found = data_release(
        name=name,
        out=out,
        since=since,
        publisher=publisher,
        url=url,
        push=push,
        verify=verify,
        as_of=common.as_of,
        seed=common.seed,
        offline=common.offline,
        progress=message("release-progress", common.lang),
    )
    common.warn(found.warnings)
    if common.as_json:
        print_json(found.to_json(common.lang))
    elif found.cut:
        talk(found.text(common.lang))
        say(str(found.path))
    else:
        say(found.text(common.lang))
    if not found.is_valid:
        sys.exit(65)
