"""Finished tasks on disk, so that interrupted work goes on where it stopped.

One JSON file per finished task under the cache folder, written in one step. The folder's name is
everything that the results depend on (code, libraries, seed, number of tasks, and what the caller
says), so other work never finds them. Results must therefore be JSON-able; they go through JSON
also when they are fresh, so that a resumed run returns exactly what an uninterrupted one does.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headway.paths import cache_dir
from headway.provenance import code_hash, digest, library_versions

__all__ = ["Finished"]

#: Unfinished work older than this is removed.
KEEP_SECONDS = 14 * 86400


@dataclass(frozen=True, slots=True)
class Finished:
    """The store of one fan-out."""

    folder: Path

    @classmethod
    def of(cls, work: Mapping[str, Any], entropy: object, count: int) -> Finished:
        """The store for ``count`` tasks of ``work`` under a root seed; old stores are removed."""
        parts = {
            "work": json.loads(json.dumps(dict(work), sort_keys=True, default=str)),
            "seed": str(entropy),
            "count": count,
            "code": code_hash(),
            "libraries": library_versions(),
        }
        root = cache_dir() / "unfinished"
        root.mkdir(parents=True, exist_ok=True)
        now = time.time()
        for old in root.iterdir():
            if now - old.stat().st_mtime > KEEP_SECONDS:
                shutil.rmtree(old, ignore_errors=True)
        folder = root / digest(parts)
        folder.mkdir(exist_ok=True)
        return cls(folder)

    def load(self) -> dict[int, Any]:
        """Results by task index; a damaged file counts as absent and is written anew."""
        found = {}
        for file in self.folder.glob("task-*.json"):
            try:
                told = json.loads(file.read_text(encoding="utf-8"))
                found[int(told["index"])] = told["result"]
            except (OSError, ValueError, KeyError, TypeError):
                file.unlink(missing_ok=True)
        return found

    def keep(self, index: int, result: Any) -> Any:
        """Store a result; returns it as it will be read back.

        Raises
        ------
        TypeError
            The result is not JSON-able.
        """
        text = json.dumps({"index": index, "result": result})
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=".writing-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, self.folder / f"task-{index:06d}.json")
        return json.loads(text)["result"]

    def forget(self) -> None:
        """Remove the store: the work is done and its results are kept elsewhere."""
        shutil.rmtree(self.folder, ignore_errors=True)
