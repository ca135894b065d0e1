"""``headway report``."""

from __future__ import annotations

from pathlib import Path

import click

from headway.cli.common import Common, common_options, example, print_json, say, talk

__all__ = ["report"]


@click.command(
    epilog=example(
        "headway report",
        "headway report --lang ja -o headway-report-ja.html",
        "headway report --as-of 2026-03-31 --json",
    )
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("headway-report.html"),
    show_default=True,
    metavar="FILE",
    help="Where to write the report.",
)
@click.option(
    "--level", type=float, default=0.90, show_default=True, help="Level of every interval."
)
@common_options
def report(common: Common, output: Path, level: float) -> None:
    """Write the report: one HTML file that opens from disk without a network.

    The path of the file goes to stdout.
    """
    from headway.api.report import report as write
    from headway.i18n import message

    found = write(
        output,
        lang=common.lang,
        as_of=common.as_of,
        level=level,
        seed=common.seed,
        offline=common.offline,
        progress=True,
    )
    common.warn(found.warnings)
    if common.as_json:
        print_json(found.to_json(common.lang))
    else:
        talk(message("cli-written", common.lang, path=str(found.path)))
        say(str(found.path))
