"""``headway doctor``."""

from __future__ import annotations

import sys

import click

from headway.cli.common import Common, common_options, example, print_json, print_table, say, talk

__all__ = ["doctor"]


@click.command(
    epilog=example(
        "headway doctor", "headway doctor --live", "headway doctor epoch-index --live --full --json"
    )
)
@click.argument("source", nargs=-1)
@click.option(
    "--live",
    is_flag=True,
    help="Also ask SOURCE (default: every source) whether it still answers as declared.",
)
@click.option("--full", is_flag=True, help="With --live: read large bodies too.")
@common_options
def doctor(common: Common, source: tuple[str, ...], live: bool, full: bool) -> None:
    """Check that this installation is in order: versions, folders, data release, optional tools.

    Exit code 1 if something that Headway needs is broken; what is optional never fails. With --live,
    65 if a source refuses or has changed its shape, 75 if one cannot be reached now.
    """
    from headway.api.doctor import doctor as examine
    from headway.i18n import message

    found = examine(
        source,
        live=live,
        full=full,
        as_of=common.as_of,
        seed=common.seed,
        offline=common.offline,
        progress=message("sync-progress", common.lang),
    )
    common.warn(found.warnings)
    if common.as_json:
        print_json(found.to_json(common.lang))
    else:
        print_table(*found.cells(common.lang))
        if found.live is not None:
            say("")
            print_table(*found.live_cells(common.lang), right=(3, 4, 5, 6, 7))
            for line in found.live_lines(common.lang):
                talk(line)
    if found.exit_status:
        sys.exit(found.exit_status)
