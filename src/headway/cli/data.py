"""``headway data list|show|validate|sync|status``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from headway.cli.common import Common, common_options, example, print_json, print_table, say, talk

__all__ = ["data"]


@click.group()
def data() -> None:
    """List, show, check and bring up to date the facts behind the numbers."""


@data.command(
    "list",
    epilog=example(
        "headway data list", "headway data list models", "headway data list stages --json"
    ),
)
@click.argument(
    "what",
    type=click.Choice(["tables", "models", "benchmarks", "sources", "stages"]),
    default="tables",
)
@common_options
def list_(common: Common, what: str) -> None:
    """List WHAT the data release holds: tables (default), models, benchmarks, sources, stages."""
    from headway.api.data import data_list

    found = data_list(what, as_of=common.as_of, seed=common.seed, offline=common.offline)
    common.warn(found.warnings)
    if common.as_json:
        print_json(found.to_json(common.lang))
    else:
        print_table(*found.cells(common.lang))


@data.command(
    epilog=example(
        "headway data show gpt-5", "headway data show exploit", "headway data show sources --json"
    )
)
@click.argument("id")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="Rows per table in the text form; JSON always has all of them.",
)
@common_options
def show(common: Common, id: str, limit: int) -> None:
    """Print every fact behind ID, with the address of its source.

    ID is a score id, a model version or any registered name of a model, a benchmark, a source, a
    domain, a stage of cyber, a published estimate, or the name of a table.
    """
    from headway.api.data import data_show

    found = data_show(id, as_of=common.as_of, seed=common.seed, offline=common.offline)
    common.warn(found.warnings)
    if common.as_json:
        print_json(found.to_json(common.lang))
    else:
        say(found.text(common.lang, limit=limit))


@data.command(
    epilog=example(
        "headway data validate my-scores.csv", "headway data validate my-index.csv --json"
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--kind",
    type=click.Choice(["auto", "scores", "index"]),
    default="auto",
    show_default=True,
    help="What FILE should hold; auto goes by its columns.",
)
@common_options
def validate(common: Common, file: Path, kind: str) -> None:
    """Check FILE (CSV in UTF-8, or Parquet) and report every row that cannot be used.

    Scores have the columns model,benchmark,score[,evaluated_on,effort,unit]; an index of your own
    has model,released,access,score[,score_sd]. Exit code 65 if any row cannot be used.
    """
    from headway.api.data import data_validate

    found = data_validate(
        file, kind=kind, as_of=common.as_of, seed=common.seed, offline=common.offline
    )
    common.warn(found.warnings)
    if common.as_json:
        print_json(found.to_json(common.lang))
    else:
        say(found.text(common.lang))
    if not found.is_valid:
        sys.exit(65)


@data.command(
    epilog=example(
        "headway data sync", "headway data sync epoch-index", "headway data sync --offline --json"
    )
)
@click.argument("source", nargs=-1)
@common_options
def sync(common: Common, source: tuple[str, ...]) -> None:
    """Fetch what changed in SOURCE (default: in all sources), keep it, and read it.

    What was fetched before stays; a source that fails stops no other. Exit code 75 if something
    may work later, 65 if what came cannot be used.
    """
    from headway.api.sync import data_sync
    from headway.i18n import message

    found = data_sync(
        source,
        as_of=common.as_of,
        seed=common.seed,
        offline=common.offline,
        progress=message("sync-progress", common.lang),
    )
    common.warn(found.warnings)
    if common.as_json:
        print_json(found.to_json(common.lang))
    else:
        print_table(*found.cells(common.lang), right=(3, 4, 5, 6))
        for line in found.problems(common.lang):
            talk(line)
    if found.exit_status:
        sys.exit(found.exit_status)


@data.command(
    epilog=example(
        "headway data status",
        "headway data status epoch-index --json",
        "headway data status --reparse",
    )
)
@click.argument("source", nargs=-1)
@click.option(
    "--reparse", is_flag=True, help="First read every stored body of SOURCE again, old ones too."
)
@common_options
def status(common: Common, source: tuple[str, ...], reparse: bool) -> None:
    """Say how old SOURCE (default: every source) is, and what could not be read of it.

    Nothing is fetched. Old data warn and do not fail. With --as-of, only snapshots retrieved by
    that day count.
    """
    from headway.api.sync_status import data_status
    from headway.i18n import message

    found = data_status(
        source,
        as_of=common.as_of,
        seed=common.seed,
        offline=common.offline,
        reparse=reparse,
        progress=message("status-progress", common.lang),
    )
    common.warn(found.warnings)
    if common.as_json:
        print_json(found.to_json(common.lang))
    else:
        print_table(*found.cells(common.lang), right=(2, 4, 5, 6))
