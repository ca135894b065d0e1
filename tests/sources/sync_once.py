"""One ``headway data sync`` over invented sources, as a process of its own that can be killed.

    python -m tests.sources.sync_once URL SOURCES [OPTION ...]

``SOURCES`` is the number of sources, each with two resources below ``URL``. Prints ``ready`` once
everything is imported; then the command line runs as it is.
"""

from __future__ import annotations

import sys

from headway.sources.declare import Source
from tests.sources.fakes import registered, resource, source


def invented(url: str, count: int) -> list[Source]:
    return [
        source(f"s{i}", resource("index", f"{url}/{i}/index"), resource("zip", f"{url}/{i}/zip"))
        for i in range(count)
    ]


def main(url: str, count: str, *options: str) -> None:
    from headway.cli import main as headway_main

    with registered(*invented(url, int(count))):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.argv = ["headway", "data", "sync", *options]
        headway_main()


if __name__ == "__main__":
    main(*sys.argv[1:])
