"""``headway doctor``."""

from __future__ import annotations

import sys

import click

from headway.cli.common import Common, common_options, example, print_json, print_table

__all__ = ["doctor"]


@click.command(epilog=example("headway doctor", "headway doctor --json"))
@common_options
def doctor(common: Common) -> None:
    """Check that this installation is in order: versions, folders, data release, optional tools.

    Exit code 1 if something that Headway needs is broken; what is optional never fails.
    """
    from headway.api.doctor import doctor as examine

    found = examine(as_of=common.as_of, seed=common.seed, offline=common.offline)
    common.warn(found.warnings)
    if common.as_json:
        print_json(found.to_json(common.lang))
    else:
        print_table(*found.cells(common.lang))
    if not found.is_healthy:
        sys.exit(1)
