"""The command line: parse, call :mod:`headway.api`, show. Only this package exits."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Entry point of the command ``headway``."""
    from headway.cli.app import app

    app(prog_name="headway")
