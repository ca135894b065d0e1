"""``headway data list|use|show|diff|validate|sync|status|export|add|remove|release``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from headway.cli.common import (
    Common,
    common_options,
    example,
    pairs,
    print_json,
    print_table,
    say,
    talk,
)
from headway.cli.data_diff import diff
from headway.cli.data_release import release

if TYPE_CHECKING:
    from headway.api.data_own import OwnChange

__all__ = ["data"]


_store_option = click.option(
    "--store",
    metavar="URL",
    help="Where snapshots are: a folder, or file://, s3:// (extra s3), gs:// (extra gs). "
    "Default: HEADWAY_STORE, else your own data folder.",
)


@click.group()
def data() -> None:
    """List, show, check, update and export the facts behind the numbers; add results of your own."""


data.add_command(diff)
data.add_command(release)


@data.command(
    "list",
    epilog=example(
        "headway data list",
        "headway data list models",
        "headway data list prices",
        "headway data list conflicts --json",
    ),
)
@click.argument(
    "what",
    type=click.Choice(
        [
            *("tables", "models", "benchmarks", "sources", "stages", "prices", "releases"),
            *("corrections", "quarantine", "conflicts"),
        ]
    ),
    default="tables",
)
@common_options
def list_(common: Common, what: str) -> None:
    """List WHAT the data release holds: tables (default), models, benchmarks, sources, stages.

    Also "prices" (the models of which prices are known, from beside the release), "releases" (the
    data releases themselves), "corrections" (errors of sources, and what is used instead),
    "quarantine" (rules that leave out scores known to be wrong) and "conflicts" (scores told more
    than once, and who disagrees).
    """
    from headway.api.data import data_list

    found = data_list(what, as_of=common.as_of, seed=common.seed, offline=common.offline)
    common.warn(found.warnings)
    if common.as_json:
        print_json(found.to_json(common.lang))
    else:
        print_table(*found.cells(common.lang))
        if found.notes:
            say("\n" + found.below(common.lang))


@data.command(
    epilog=example("headway data use shipped", "headway data use shipped --json"),
)
@click.argument("name")
@common_options
def use(common: Common, name: str) -> None:
    """Answer from the data release NAME from now on: one of "headway data list releases".

    --data-release chooses one for a single command.
    """
    from headway.api.data_use import data_use

    found = data_use(name, as_of=common.as_of, seed=common.seed, offline=common.offline)
    if common.as_json:
        print_json(found.to_json(common.lang))
    else:
        say(found.text(common.lang))


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
    type=click.Choice(["auto", "scores", "index", "figures"]),
    default="auto",
    show_default=True,
    help="What FILE should hold; auto goes by its ending and columns.",
)
@common_options
def validate(common: Common, file: Path, kind: str) -> None:
    """Check FILE and report every row that cannot be used.

    Scores (CSV in UTF-8 or Parquet) have the columns model,benchmark,score[,evaluated_on,effort,
    unit]; an index of your own has model,released,access,score[,score_sd]. Curated figures are
    TOML; of them it says whether a second reading agrees. Inspect logs and the other formats of
    "headway data add" are read too. Exit code 65 if any row cannot be used.
    """
    from headway.api.data import data_validate

    found = data_validate(
        file, kind=kind, as_of=common.as_of, seed=common.seed, offline=common.offline
    )
    common.show(found)
    if not found.is_valid:
        sys.exit(65)


@data.command(
    epilog=example(
        "headway data sync",
        "headway data sync epoch-index",
        "headway data sync --offline --json",
        "headway data sync --offline --store ./headway-store",
    )
)
@click.argument("source", nargs=-1)
@click.option(
    "--no-update",
    is_flag=True,
    help="Keep and read what was fetched, and leave the data release in use as it is.",
)
@_store_option
@common_options
def sync(common: Common, source: tuple[str, ...], no_update: bool, store: str | None) -> None:
    """Fetch what changed in SOURCE (default: in all sources), keep it, and update the release.

    What was fetched before stays; a source that fails stops no other. A release of what the sources
    state now is made beside the one in use and used from then on. Exit code 75 if something may
    work later, 65 if what came cannot be used.
    """
    from headway.api.sync import data_sync
    from headway.i18n import message

    found = data_sync(
        source,
        as_of=common.as_of,
        seed=common.seed,
        offline=common.offline,
        store=store,
        progress=message("sync-progress", common.lang),
        update=not no_update,
    )
    common.warn(found.warnings)
    if common.as_json:
        print_json(found.to_json(common.lang))
    else:
        print_table(*found.cells(common.lang), right=(3, 4, 5, 6))
        if found.update is not None:
            say("\n" + found.update.text(common.lang))
        for line in found.problems(common.lang):
            talk(line)
    if found.exit_status:
        sys.exit(found.exit_status)


@data.command(
    epilog=example(
        "headway data status",
        "headway data status epoch-index --json",
        "headway data status --reparse",
        "headway data status --store ./headway-store",
    )
)
@click.argument("source", nargs=-1)
@click.option(
    "--reparse", is_flag=True, help="First read every stored body of SOURCE again, old ones too."
)
@_store_option
@common_options
def status(common: Common, source: tuple[str, ...], reparse: bool, store: str | None) -> None:
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
        store=store,
        progress=message("status-progress", common.lang),
    )
    common.warn(found.warnings)
    if common.as_json:
        print_json(found.to_json(common.lang))
    else:
        print_table(*found.cells(common.lang), right=(2, 4, 5, 6, 7))


@data.command(
    epilog=example(
        "headway data export benchmarks",
        "headway data export scores --where model_version=gpt-5 --format json",
        "headway data export scores --format eee -o scores.jsonl",
        "headway data export model_versions --format xlsx -o models.xlsx",
        'headway data export --sql "SELECT benchmark, COUNT(*) AS n FROM scores GROUP BY benchmark"',
    )
)
@click.argument("what", metavar="[TABLE|ANSWER.json|-]", required=False)
@click.option(
    "--sql",
    metavar="SELECT",
    help="Instead of a table: one SELECT over the tables, in the SQL of Polars.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "parquet", "json", "xlsx", "eee"]),
    default="csv",
    show_default=True,
    help="eee: Every Eval Ever 0.3.0 records, one per line; for scores and queries with its columns.",
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
    "a file of that name and ending in this folder.",
)
@common_options
def export(
    common: Common,
    what: str | None,
    sql: str | None,
    form: str,
    where: tuple[str, ...],
    output: Path | None,
) -> None:
    """Write a table, a query or an answer as CSV, Parquet, JSON, XLSX or Every Eval Ever records.

    "headway data list" names the tables. An answer is what any command prints with --json: a file, or -
    for what is piped in ("headway lag --json | headway data export - --format xlsx"). The path of a
    written file goes to stdout.
    """
    from headway.api.data_export import BINARY, FORMATS, data_export
    from headway.api.data_query import Answer, read_answer
    from headway.i18n import message

    asked: str | Answer | None = what
    named = "query" if what is None else Path(what).stem
    if what is not None and (what == "-" or what.lower().endswith(".json")):
        asked = read_answer(None if what == "-" else Path(what), sys.stdin.buffer)
        named = str(asked["schema"]).removeprefix("headway.").partition("/")[0]
    if output is None and (form in BINARY or common.as_json):
        output = Path(f"{named}.{FORMATS[form]}")
    found = data_export(
        asked,
        sql=sql,
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


@data.command(
    epilog=example(
        "headway data add my-scores.csv",
        "headway data add my-scores.csv --yes",
        "headway data add my-scores.csv --column score=score --name gpt-5=gpt-5 --yes --json",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Store the rows without asking.")
@click.option("--model", metavar="NAME", help="Whose results they are, whatever FILE says.")
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="THEIRS=OURS",
    help="A model or benchmark of FILE, and its name here; may be given several times.",
)
@click.option(
    "--metric",
    metavar="METRIC",
    help="Of a FILE with several metrics per benchmark: the one to take.",
)
@click.option(
    "--unit",
    metavar="UNIT",
    help="Unit of scores for which FILE states none, such as percent.",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="OURS=THEIRS",
    help="Of a CSV: which of its columns is ours, or a constant as OURS==VALUE; may be given several "
    "times.",
)
@common_options
def add(
    common: Common,
    file: Path,
    yes: bool,
    model: str | None,
    names: tuple[str, ...],
    metric: str | None,
    unit: str | None,
    columns: tuple[str, ...],
) -> None:
    """Store the results in FILE as your own, beside the release (relationship: own).

    FILE is CSV or Parquet with model,benchmark,score, an Inspect log, Every Eval Ever or
    lm-evaluation-harness JSON, Hugging Face results YAML, or curated figures (TOML). Shows first
    what every name resolves to; nothing is written until every row can be used. Without --yes it is
    a dry run, and in a terminal asks for what is missing (columns, metric, names) and whether to go on. "headway lag --own include" uses the rows.
    """
    from headway.api.data_own import data_add
    from headway.cli.walk import same_command, walk
    from headway.i18n import message

    options: dict[str, Any] = {
        "model": model,
        "names": pairs(names, "--name"),
        "metric": metric,
        "unit": unit,
        "columns": pairs(columns, "--column"),
        "as_of": common.as_of,
        "seed": common.seed,
        "offline": common.offline,
    }

    def change(write: bool) -> OwnChange:
        return data_add(file, write=write, **options)

    if not _asks(common, yes):
        _own(common, yes, change)
        return
    before = same_command(file, options)
    walk(file, partial(data_add, file), options, common.lang)
    now = same_command(file, options)
    if now != before:
        talk(message("walk-same", common.lang, command=now))
    _own(common, yes, change)


@data.command(
    epilog=example("headway data remove all", "headway data remove all --yes --json"),
)
@click.argument("what")
@click.option("--yes", is_flag=True, help="Remove the rows without asking.")
@common_options
def remove(common: Common, what: str, yes: bool) -> None:
    """Remove results of your own: WHAT is a file as it was added, a model, a benchmark, an id, or all.

    Without --yes it asks in a terminal and is a dry run elsewhere.
    """
    from headway.api.data_own import data_remove

    options: dict[str, Any] = {
        "as_of": common.as_of,
        "seed": common.seed,
        "offline": common.offline,
    }
    _own(common, yes, lambda write: data_remove(what, write=write, **options))


def _asks(common: Common, yes: bool) -> bool:
    """Is there somebody at the terminal who is to be asked?"""
    return not yes and not common.as_json and sys.stdin.isatty()


def _own(common: Common, yes: bool, change: Callable[[bool], OwnChange]) -> None:
    """Show a change, ask where somebody can answer, make it, and say what was done."""
    from headway.i18n import message

    found = change(yes)
    asks = _asks(common, yes) and found.is_valid
    if asks and found.rows:
        say(found.text(common.lang))
        if click.confirm(message("own-ask", common.lang), err=True):
            found = change(True)
    common.warn(found.warnings)
    if common.as_json:
        print_json(found.to_json(common.lang))
    elif not asks or found.written or not found.rows:
        say(found.text(common.lang))
    if not found.is_valid:
        sys.exit(65)
