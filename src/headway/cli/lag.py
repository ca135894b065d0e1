"""``headway lag``."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import click

from headway.cli.common import Common, common_options, example, print_json, print_table

__all__ = ["lag"]


@click.command(
    epilog=example(
        "headway lag",
        "headway lag --domain cyber --json",
        "headway lag --stage exploit --definition lag_now,headway_months",
        "headway lag --domain coding --evidence all,independent --frontier public,restricted",
        "headway lag --domain general --history --level 0.95 --json",
        "headway lag --index my-index.csv --definition lag_at_record",
        "headway lag --index my-index.csv --definition lag_at_record --reading-error 1.5",
        "headway lag --test",
        "headway lag --effects",
        "headway lag --sauce",
        "headway lag --harness",
        "headway lag --density --domain coding",
        "headway lag --own include --domain coding",
    )
)
@click.option("--domain", metavar="D", help="cyber, coding, general; or a comma list.")
@click.option(
    "--stage",
    metavar="S",
    help="A stage of cyber (find_reproduce, exploit, range, ctf_mixed, command_line, knowledge, "
    "defensive), a comma list, or all.",
)
@click.option(
    "--definition",
    metavar="NAME",
    default="lag_mean_12m",
    show_default=True,
    help="lag_mean_12m, lag_now, lag_at_record, headway_months, lag_trend, gap; or a comma list.",
)
@click.option(
    "--frontier",
    metavar="F",
    default="public",
    show_default=True,
    help="Closed models that count: public (anybody can use them), restricted (those too that only "
    "a few may use); or both.",
)
@click.option(
    "--evidence",
    metavar="E",
    default="all",
    show_default=True,
    help="all, independent, held_out, first_party; or a comma list. Each is a fit of its own.",
)
@click.option(
    "--access-basis",
    type=click.Choice(["all", "stated"]),
    default="all",
    show_default=True,
    help="stated leaves out models whose access was inferred from the family name.",
)
@click.option(
    "--engine",
    type=click.Choice(["fast", "reference"]),
    default="fast",
    show_default=True,
    help='reference samples the full posterior (pip install "headway[bayes]"; tens of minutes).',
)
@click.option(
    "--level", type=float, default=0.90, show_default=True, help="Level of every interval."
)
@click.option("--history", is_flag=True, help="Add one row per month.")
@click.option(
    "--index",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Apply the definitions to your own index: CSV or Parquet with the columns "
    "model,released,access,score[,score_sd].",
)
@click.option(
    "--reading-error",
    type=float,
    metavar="X",
    help="With --index: how far rounding, or reading off a figure, may have moved a score. Shows how "
    "far each record's lag moves with it.",
)
@click.option("--test", "question", flag_value="test", help="Claims about the lag, as tests.")
@click.option(
    "--effects",
    "question",
    flag_value="effects",
    help="How much the kind of evidence moves scores: who ran it, public items, freshness, ...",
)
@click.option(
    "--sauce",
    "question",
    flag_value="sauce",
    help="Cyber ability beyond what coding and general ability explain, per frontier model.",
)
@click.option(
    "--harness",
    "question",
    flag_value="harness",
    help="Months and variance owed to scaffold and budget; each interval split by cause.",
)
@click.option(
    "--density",
    "question",
    flag_value="density",
    help="Parameters needed for a fixed ability, per year.",
)
@click.option(
    "--compute",
    is_flag=True,
    help="With a question above: run a slow study now where no stored one is of this data.",
)
@common_options
def lag(
    common: Common,
    domain: str | None,
    stage: str | None,
    definition: str,
    frontier: str,
    evidence: str,
    access_basis: str,
    engine: str,
    level: float,
    history: bool,
    index: Path | None,
    reading_error: float | None,
    question: str | None,
    compute: bool,
) -> None:
    """How many months are open-weight models behind closed ones?

    Without options: cyber, coding, general, then every stage of cyber. A lag is the age of the level
    that downloadable models have reached; a month is 30.4375 days.
    """
    if question is not None:
        given = (history, index is not None, reading_error is not None)
        if any(given) or engine != "fast":
            raise click.UsageError(
                f"--{question} does not go with --history, --index, --reading-error or --engine"
            )
        _answer(
            common,
            question,
            domain=domain,
            stage=stage,
            definition=_given("definition", definition),
            frontier=frontier,
            evidence=evidence,
            level=level,
            access_basis=access_basis,
            compute=compute,
        )
        return
    if compute:
        raise click.UsageError(
            "--compute goes with --test, --effects, --sauce, --harness, --density"
        )
    from headway.api.lag import lag as measure

    found = measure(
        domain,
        stage,
        definition=definition,
        frontier=frontier,
        evidence=evidence,
        as_of=common.as_of,
        level=level,
        seed=common.seed,
        history=history,
        index=index,
        reading_error=reading_error,
        access_basis=access_basis,
        engine=engine,
        offline=common.offline,
        progress=True,
    )
    common.warn(found.warnings)
    if common.as_json:
        print_json(found.to_json(common.lang))
    else:
        print_table(*found.cells(common.lang))


def _given(name: str, value: str) -> str | None:
    """An option's value if the user gave it, else ``None``."""
    source = click.get_current_context().get_parameter_source(name)
    return None if source is click.core.ParameterSource.DEFAULT else value


def _answer(common: Common, question: str, **options: Any) -> None:
    """One of the further questions about the lag; each is a verb of its own in the library."""
    verb = getattr(import_module(f"headway.api.lag_{question}"), f"lag_{question}")
    found = verb(
        as_of=common.as_of, seed=common.seed, offline=common.offline, progress=True, **options
    )
    common.show(found)
