"""What all commands share: options, errors, talk on stderr, data on stdout."""

from __future__ import annotations

import functools
import json
import re
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from headway.errors import HeadwayError

if TYPE_CHECKING:
    from headway.api.envelope import Result, Warned

__all__ = [
    "Common",
    "Day",
    "common_options",
    "example",
    "pairs",
    "print_json",
    "print_table",
    "talk",
]

Function = TypeVar("Function", bound=Callable[..., Any])
#: Seed of everything random unless ``--seed`` is given.
DEFAULT_SEED = 20261123


class Day(click.ParamType[date]):
    """A date as YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
                raise ValueError
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2026-06-30.", param, ctx)


@dataclass(frozen=True, slots=True)
class Common:
    """Values of the options that every command has."""

    as_json: bool
    as_of: date | None
    seed: int
    lang: str
    offline: bool

    def warn(self, warned: Sequence[Warned]) -> None:
        """Say warnings on stderr, unless they are in the JSON."""
        if self.as_json:
            return
        from headway.i18n import message

        for one in warned:
            talk(message("cli-warning", self.lang, text=one.text(self.lang)))

    def show(self, found: Result) -> None:
        """Print an answer: its warnings, then JSON or text as was asked."""
        self.warn(found.warnings)
        if self.as_json:
            print_json(found.to_json(self.lang))
        else:
            say(found.text(self.lang))


def example(*lines: str) -> str:
    """An epilog of examples, one command per line; tests run every one of them."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def pairs(values: Sequence[str], option: str) -> dict[str, str]:
    """``A=B`` texts as a mapping; anything else is a usage error."""
    out = {}
    for value in values:
        left, equals, right = value.partition("=")
        if not (left.strip() and equals and right.strip()):
            raise click.UsageError(f"{option}: {value!r} is not of the form A=B")
        out[left.strip()] = right.strip()
    return out


def common_options(function: Function) -> Function:
    """Add the options that every command has, and turn errors into exit codes.

    ``--json --as-of --seed --lang --offline`` reach the command as :class:`Common`;
    ``--data-release --own --quarantined`` hold for all that it does.
    """

    @click.option("--json", "as_json", is_flag=True, help="Print JSON (its schema is documented).")
    @click.option(
        "--as-of",
        type=Day(),
        metavar="YYYY-MM-DD",
        help="Use only what was known by this day. Default: the last day of the data release.",
    )
    @click.option(
        "--seed",
        type=click.IntRange(min=0),
        default=DEFAULT_SEED,
        show_default=True,
        help="Seed of all random numbers; equal seeds give equal numbers.",
    )
    @click.option(
        "--lang",
        type=click.Choice(["en", "ja"]),
        default="en",
        show_default=True,
        help="Language of texts; codes and JSON keys stay English.",
    )
    @click.option("--offline", is_flag=True, help="Refuse any network use.")
    @click.option(
        "--data-release",
        metavar="NAME|FOLDER|URL|shipped",
        help="Data release to use. Default: the one in use (headway data list releases).",
    )
    @click.option(
        "--own",
        type=click.Choice(["exclude", "include"]),
        default="exclude",
        show_default=True,
        help='Whether results that you stored with "headway data add" are evidence too.',
    )
    @click.option(
        "--quarantined",
        type=click.Choice(["exclude", "include"]),
        default="exclude",
        show_default=True,
        help="Whether scores that a rule holds to be wrong are evidence too.",
    )
    @functools.wraps(function)
    def wrapped(
        *args: Any,
        as_json: bool,
        as_of: date | None,
        seed: int,
        lang: str,
        offline: bool,
        data_release: str | None,
        own: str,
        quarantined: str,
        **kwargs: Any,
    ) -> Any:
        common = Common(as_json=as_json, as_of=as_of, seed=seed, lang=lang, offline=offline)
        from headway.cache import CacheWarning
        from headway.tables.choice import DataChoice, using

        choice = DataChoice(data_release, own == "include", quarantined == "include", offline)
        with using(choice), warnings.catch_warnings():
            warnings.simplefilter("always", CacheWarning)
            warnings.showwarning = _show_warning
            try:
                return function(common, *args, **kwargs)
            except HeadwayError as e:
                _fail(e, common)

    return wrapped  # type: ignore[return-value]  # options are added, the rest is the same


def _show_warning(
    message: Warning | str, category: type[Warning], *_: object, **__: object
) -> None:
    talk(f"{category.__name__}: {message}")


def _fail(error: HeadwayError, common: Common) -> NoReturn:
    from headway.problems import localised

    what, hint = localised(error, common.lang)
    if common.as_json:
        facts = {
            k: v
            for k, v in error.context.items()
            if isinstance(v, str | int | float) and k != "message_key"
        }
        told = {"code": error.code, "message": what, "hint": hint, "context": facts}
        click.echo(_safe_json({"error": told}), err=True)
    else:
        from headway.i18n import message

        talk(message("cli-error", common.lang, text=what, code=error.code))
        if hint:
            talk(message("cli-hint", common.lang, text=hint))
    sys.exit(error.exit_status)


def talk(text: str) -> None:
    """Say something on stderr, without control characters."""
    from headway.textsafe import clean

    click.echo(_encodable(clean(text, keep_newlines=True), sys.stderr), err=True)


def say(text: str) -> None:
    """Print data text on stdout, without control characters."""
    from headway.textsafe import clean

    click.echo(_encodable(clean(text, keep_newlines=True), sys.stdout))


def _encodable(text: str, stream: Any) -> str:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, errors="replace").decode(encoding)


# What JSON allows unescaped but a terminal or a reader could be misled by.
_HIDDEN = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def _safe_json(data: Any) -> str:
    text = json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False)
    text = _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return json.dumps(data, ensure_ascii=True, indent=2, allow_nan=False)
    return text


def print_json(data: Any) -> None:
    """Print a JSON document on stdout."""
    click.echo(_safe_json(data))


def print_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()
) -> None:
    """Print a table on stdout: with rules in a terminal, as plain text otherwise."""
    from headway.textsafe import clean, plain_table

    if not sys.stdout.isatty():
        click.echo(_encodable(plain_table(header, rows, right=right), sys.stdout))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for i, head in enumerate(header):
        table.add_column(head, justify="right" if i in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(clean(cell)) for cell in row))
    Console().print(table)
