"""The group ``headway``; each command's module is imported when it is needed."""

from __future__ import annotations

from importlib import import_module

import click

from headway._version import __version__

__all__ = ["COMMANDS", "LazyGroup", "app"]

#: Command -> (module and attribute, one line of help).
COMMANDS = {
    "report": (
        "headway.cli.report:report",
        "Write the report: one HTML file, English or Japanese.",
    ),
    "lag": ("headway.cli.lag:lag", "Months that open-weight models are behind closed ones."),
    "place": (
        "headway.cli.place:place",
        "Where an unreleased model stands, by its own results.",
    ),
    "forecast": (
        "headway.cli.forecast:forecast",
        "When an open-weight model reaches a given model's level.",
    ),
    "backtest": (
        "headway.cli.backtest:backtest",
        "How good such forecasts would have been in the past.",
    ),
    "reconcile": (
        "headway.cli.reconcile:reconcile",
        "Published lags, computed again, and why they differ.",
    ),
    "deploy": (
        "headway.cli.deploy:deploy",
        "What it takes to run a model: GPUs, speed, users, cost.",
    ),
    "impact": (
        "headway.cli.impact:impact",
        "What an event did to vulnerabilities: counts, event studies, placebos.",
    ),
    "data": (
        "headway.cli.data:data",
        "List, show, check and bring up to date the facts behind the numbers.",
    ),
    "doctor": ("headway.cli.doctor:doctor", "Check that this installation is in order."),
}


class LazyGroup(click.Group):
    """A group that knows its commands' names and imports one only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Numbers go to stdout, everything else to stderr. Exit codes: 0 fine, 1 failed, 2 usage, "
    "3 red line crossed, 65 bad data, 75 try later.",
)
@click.version_option(__version__, prog_name="headway")
def app() -> None:
    """How far are open-weight AI models behind closed ones, per domain, with error bars?

    \b
    Examples:
      headway report
      headway lag
      headway lag --domain cyber --json
    """
