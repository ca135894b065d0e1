"""The files of a release: texts in both languages, metadata, tables, and ``release.json`` over all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from headway._version import __version__
from headway.dataset.attribution import attribution
from headway.dataset.card import card
from headway.dataset.changelog import changelog
from headway.dataset.content import Content
from headway.dataset.croissant import croissant
from headway.dataset.datapackage import datapackage
from headway.dataset.licences import licences
from headway.i18n import LANGS
from headway.tables.write import manifest, manifest_bytes, sha256

__all__ = ["MANIFEST", "REQUIRED", "files_of", "text_name"]

MANIFEST = "release.json"
_TEXTS: dict[str, Callable[[Content, str], str]] = {
    "README": card,
    "ATTRIBUTION": attribution,
    "LICENCES": licences,
    "CHANGELOG": changelog,
}


def text_name(stem: str, lang: str) -> str:
    """Name of a text: the English one has no language in it."""
    return f"{stem}.md" if lang == LANGS[0] else f"{stem}.{lang}.md"


#: Files that every cut release has besides its tables.
REQUIRED = (
    *(text_name(stem, lang) for stem in _TEXTS for lang in LANGS),
    "croissant.json",
    "datapackage.json",
)


def files_of(content: Content, based_on: Mapping[str, str]) -> dict[str, bytes]:
    """Every file of the release, by name.

    Parameters
    ----------
    content : Content
    based_on : mapping
        Name and hash of the release that it was cut from.
    """
    described = {
        text_name(stem, lang): text(content, lang).encode()
        for stem, text in _TEXTS.items()
        for lang in LANGS
    }
    described["croissant.json"] = _json(croissant(content))
    described["datapackage.json"] = _json(datapackage(content))
    if content.unresolved is not None:
        described["unresolved.csv"] = content.unresolved
    more: dict[str, Any] = {
        "headway": __version__,
        "released": content.released.isoformat(),
        "own_rows": content.own_rows,
        "based_on": dict(based_on),
        "since": {"data_release": content.changes.since, "rows_hash": content.changes.since_hash},
        "files": {name: sha256(body) for name, body in sorted(described.items())},
    }
    told = manifest(content.name, content.tables, content.bodies, more)
    tables = {f"{name}.parquet": body for name, body in content.bodies.items()}
    return {MANIFEST: manifest_bytes(told), **tables, **described}


def _json(document: dict[str, Any]) -> bytes:
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    return (text + "\n").encode()
