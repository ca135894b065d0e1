"""``headway data list|show|validate|export``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from headway.cli.common import (
    Common,
    common_options,
    example,
    print_json,
    print_table,
    say,
    talk,
)

__all__ = ["data"]


@click.group()
def data() -> None:
    """List, show, check and export the facts behind the numbers."""


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
        "headway data export benchmarks",
        "headway data export scores --where model_version=gpt-5 --format json",
        "headway data export scores --format eee -o scores.jsonl",
        "headway data export model_versions --format xlsx -o models.xlsx",
    )
)
@click.argument("table")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "parquet", "json", "xlsx", "eee"]),
    default="csv",
    show_default=True,
    help="eee: Every Eval Ever 0.3.0 records, one per line; for scores only.",
)
@click.option(
    "--where",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="Only rows for which this holds; may be given several times (VALUE null: no value).",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to write. Default: stdout; parquet and xlsx, or any format with --json, go to "
    "TABLE.ENDING in this folder.",
)
@common_options
def export(
    common: Common, table: str, form: str, where: tuple[str, ...], output: Path | None
) -> None:
    """Write TABLE of the data release as CSV, Parquet, JSON, XLSX or Every Eval Ever records.

    "headway data list" names the tables. The path of a written file goes to stdout.
    """
    from headway.api.data_export import BINARY, FORMATS, data_export
    from headway.i18n import message

    if output is None and (form in BINARY or common.as_json):
        output = Path(f"{Path(table).name}.{FORMATS[form]}")
    found = data_export(
        table,
        format=form,
        output=output,
        where=where,
        as_of=common.as_of,
        seed=common.seed,
        offline=common.offline,
    )
    common.warn(found.warnings)
    if common.as_json:
        print_json(found.to_json(common.lang))
    elif found.path is not None:
        talk(found.text(common.lang))
        say(str(found.path))
    else:
        talk(message("export-printed", common.lang, rows=str(len(found.frame)), table=found.name))
        click.echo(found.body, nl=False)
