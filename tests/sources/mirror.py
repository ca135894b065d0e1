"""Real connectors, with a local server in the place of their sources.

    python -m tests.sources.mirror BODIES [OPTION ...]

``BODIES`` is a folder with ``SOURCE/RESOURCE`` files; the options are those of ``headway data sync``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from unittest.mock import patch

from headway.sources import registry
from tests.sources.server import Server, ok, serving

__all__ = ["mirrored"]


@contextmanager
def mirrored(server: Server, bodies: Mapping[tuple[str, str], bytes]) -> Iterator[None]:
    """Only the sources with a body here are in the table, and they are asked on loopback."""
    kept: dict[str, str] = {}
    with ExitStack() as stack:
        for key in dict.fromkeys(source for source, _ in bodies):
            module = import_module(registry.CONNECTORS[key])
            resources = []
            for one in module.SOURCE.resources:
                if (key, one.name) in bodies:
                    path = f"/{key}/{one.name}"
                    server.on(path, ok(bodies[key, one.name], one.media[0]))
                    resources.append(replace(one, url=server.url + path))
            source = replace(module.SOURCE, resources=tuple(resources))
            stack.enter_context(patch.object(module, "SOURCE", source))
            kept[key] = registry.CONNECTORS[key]
        stack.enter_context(patch.dict(registry.CONNECTORS, kept, clear=True))
        yield


def main(folder: str, *options: str) -> None:
    from headway.cli import main as headway_main

    bodies = {
        (path.parent.name, path.name): path.read_bytes()
        for path in sorted(Path(folder).glob("*/*"))
        if path.is_file()
    }

    with serving() as server, mirrored(server, bodies):
        sys.argv = ["headway", "data", "sync", *options]
        headway_main()


if __name__ == "__main__":
    main(*sys.argv[1:])
