"""Results of slow studies that ship with the package, and when they may be shown.

A study is stored with the hash of the rows, the hash of the files whose code it judges, and its
options. Where any of them differs from what a page would show, :func:`load_stored` returns
``None`` and the page says "not computed for this data", never the old number.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headway.provenance import hash_files

__all__ = ["FOLDER", "Study", "load_stored", "save_stored"]

#: One JSON file per study.
FOLDER = Path(__file__).with_name("stored_results")
_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Study:
    """A study and the code that its numbers depend on.

    Parameters
    ----------
    name : str
        File name without suffix, and the word on the command line of the builder.
    method : tuple of str
        Files and folders under ``src/headway`` whose change makes the stored numbers stale. Name
        what the numbers depend on and nothing else.
    """

    name: str
    method: tuple[str, ...]

    @property
    def file(self) -> Path:
        """Where the result is stored."""
        return FOLDER / f"{self.name}.json"

    @property
    def method_hash(self) -> str:
        """Hash of the code that the study depends on."""
        return hash_files(_PACKAGE, self.method)


def load_stored(
    study: Study, rows_hash: str, options: Mapping[str, Any], *, path: Path | None = None
) -> Mapping[str, Any] | None:
    """The stored result, if it is of exactly these rows, this method and these options.

    Parameters
    ----------
    study : Study
    rows_hash : str
        Of the release in use.
    options : mapping
        What the caller would compute with, as JSON-able values (``as_of`` among them); each must
        equal the stored one.
    path : Path, optional
        Another file, for tests.

    Returns
    -------
    mapping or None
        The ``result`` of :func:`save_stored`; ``None`` means "not computed for this data".
    """
    try:
        told: dict[str, Any] = json.loads((path or study.file).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    wanted = json.loads(json.dumps(dict(options), default=str))
    same = (
        told["rows_hash"] == rows_hash
        and told["method_hash"] == study.method_hash
        and all(told["options"].get(name) == value for name, value in wanted.items())
    )
    result: Mapping[str, Any] = told["result"]
    return result if same else None


def save_stored(
    study: Study,
    rows_hash: str,
    options: Mapping[str, Any],
    result: Mapping[str, Any],
    *,
    path: Path | None = None,
) -> Path:
    """Write a result with its provenance, in one step."""
    document = {
        "study": study.name,
        "rows_hash": rows_hash,
        "method_hash": study.method_hash,
        "options": dict(options),
        "result": dict(result),
    }
    text = json.dumps(
        document, indent=1, ensure_ascii=False, sort_keys=True, allow_nan=False, default=str
    )
    target = path or study.file
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".writing-", suffix=".json")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        os.chmod(name, 0o644)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return target
