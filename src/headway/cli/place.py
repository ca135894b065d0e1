"""``headway place``."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from headway.cli.common import Common, Day, common_options, example, pairs

__all__ = ["place"]


@click.command(
    epilog=example(
        "headway place my-model.csv",
        "headway place my-model.csv --access closed --released 2026-06-15",
        "headway place my-model.csv --stage exploit --frontier public,restricted --json",
        "headway place my-model.csv --domain coding --evidence independent --lang ja",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--domain", metavar="D", help="cyber, coding, general; or a comma list.")
@click.option(
    "--stage",
    metavar="S",
    help="A stage of cyber (find_reproduce, exploit, range, ctf_mixed, command_line, knowledge, "
    "defensive), a comma list, or all.",
)
@click.option(
    "--access",
    type=click.Choice(["open_weight", "closed"]),
    default="open_weight",
    show_default=True,
    help="How the model would be released; it enters no frontier either way.",
)
@click.option(
    "--released",
    type=Day(),
    metavar="YYYY-MM-DD",
    help="When it would be released. Default: the as-of date.",
)
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
    "--frontier",
    metavar="F",
    default="public",
    show_default=True,
    help="Closed models that count: public (anybody can use them), restricted (those too that only "
    "a few may use); or both.",
)
@click.option(
    "--evidence",
    type=click.Choice(["all", "independent", "held_out", "first_party"]),
    default="all",
    show_default=True,
    help="Which rows of the release are used; those of FILE always are.",
)
@click.option(
    "--level", type=float, default=0.90, show_default=True, help="Level of every interval."
)
@common_options
def place(
    common: Common,
    file: Path,
    domain: str | None,
    stage: str | None,
    access: str,
    released: date | None,
    model: str | None,
    names: tuple[str, ...],
    metric: str | None,
    unit: str | None,
    frontier: str,
    evidence: str,
    level: float,
) -> None:
    """Where does an unreleased model stand, by its own results in FILE? Nothing is stored.

    FILE has the columns model,benchmark,score[,evaluated_on,effort,unit,n,stderr,attempts,
    token_budget,scaffold,harness_version], or is an Inspect .eval log, Every Eval Ever or
    lm-evaluation-harness JSON, or Hugging Face results YAML. Per domain and stage: the date on which closed models
    first had that ability, how long ago that was, the uplift over the best open-weight model
    already out, and how well the results cover it.
    """
    from headway.api.place import place as compute

    found = compute(
        file,
        domain,
        stage,
        access=access,
        released=released,
        model=model,
        names=pairs(names, "--name"),
        metric=metric,
        unit=unit,
        frontier=frontier,
        evidence=evidence,
        as_of=common.as_of,
        level=level,
        seed=common.seed,
        offline=common.offline,
    )
    common.show(found)
