"""Adds one file of own results after another, as a process of its own that can be killed.

    python -m tests.own.add_often FOLDER FIRST

Prints ``ready`` once everything is imported and loaded, then every number whose row is stored. With
``FIRST`` = ``command`` it is the command line instead: ``headway data add FOLDER/one.csv --yes``.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path


def text(number: int) -> str:
    """A file whose one row is told by its number."""
    return f"model,benchmark,score\nopen-13,coding-0-0,0.{number:06d}\n"


def main(folder: str, first: str) -> None:
    if first == "command":
        from headway.cli import main as headway_main

        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.argv = ["headway", "data", "add", f"{folder}/one.csv", "--yes"]
        headway_main()
        return
    import headway

    file = Path(folder) / "next.csv"
    file.write_text(text(int(first)))
    headway.data_add(file)  # loads what has to be loaded
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for number in itertools.count(int(first)):
        file.write_text(text(number))
        headway.data_add(file, write=True)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
