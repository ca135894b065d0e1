"""Read a stored body with its connector, and keep what came of it beside the manifest.

Reading is apart from fetching: it can be done again on any old snapshot, with today's connector.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from headway.errors import HeadwayError, ParseFailed, TryLater
from headway.i18n import LANGS
from headway.problems import localised, problem
from headway.provenance import hash_files
from headway.snapshots.store import Snapshot, Snapshots
from headway.sources.declare import Parsed
from headway.sources.registry import Connector
from headway.textsafe import clip

__all__ = [
    "ParseRecord",
    "connector_code",
    "in_words",
    "parse_snapshot",
    "parsed_record",
    "read_body",
    "read_snapshot",
    "told",
]

#: Failures kept word for word; all of them are counted.
_SHOWN = 20
#: Drifted names kept.
_DRIFT = 100


@dataclass(frozen=True, slots=True)
class ParseRecord:
    """What reading one body gave, in numbers.

    Parameters
    ----------
    sha256, code : str
        The body, and the hash of the connectors that read it.
    scores, models, failures, present, others : int
        Rows; ``present`` is the sum of the others (``others``: repositories, downloads, prices).
    reasons : mapping
        Count of failures by reason.
    shown : tuple of mapping
        The first failures: ``raw``, ``reason``, ``value``.
    drift : tuple of str
        Fields that the declaration does not know.
    error : mapping or None
        If the body could not be read at all; see :func:`told`.
    """

    sha256: str
    code: str
    scores: int = 0
    models: int = 0
    failures: int = 0
    present: int = 0
    reasons: Mapping[str, int] | None = None
    shown: tuple[Mapping[str, str], ...] = ()
    drift: tuple[str, ...] = ()
    error: Mapping[str, Any] | None = None
    others: int = 0

    @property
    def rows(self) -> int:
        """Rows that were read."""
        return self.scores + self.models + self.others


def told(error: HeadwayError) -> dict[str, Any]:
    """An error as it is kept: ``code``, ``kind``, ``exit``, ``message`` and ``hint`` per language.

    ``kind`` is the key of the message: what exactly went wrong, in a word that is not translated.
    """
    texts = {lang: localised(error, lang) for lang in LANGS}
    return {
        "code": error.code,
        "kind": error.context.get("message_key"),
        "exit": error.exit_status,
        "message": {lang: what for lang, (what, _) in texts.items()},
        "hint": {lang: hint for lang, (_, hint) in texts.items()},
    }


def in_words(error: Mapping[str, Any] | None, lang: str) -> dict[str, Any] | None:
    """A kept error in one language."""
    if error is None:
        return None
    return {
        "code": error["code"],
        "kind": error.get("kind"),
        "message": error["message"][lang],
        "hint": error["hint"][lang],
        "exit": error["exit"],
    }


@cache
def connector_code() -> str:
    """Hash of everything that decides how a body is read."""
    import headway.sources

    return hash_files(Path(headway.sources.__path__[0]).parent, ["sources"])


def read_snapshot(store: Snapshots, connector: Connector, snapshot: Snapshot) -> Parsed:
    """Everything that a stored body states.

    Raises
    ------
    Unreadable, SchemaDrift, ParseFailed
        The bytes are damaged; the source changed its shape; the connector met something unforeseen.
    """
    return read_body(connector, snapshot.resource, store.body(snapshot.sha256))


def read_body(connector: Connector, resource: str, body: bytes) -> Parsed:
    """Everything that a body states, whether it is kept or not.

    Raises
    ------
    Unreadable, SchemaDrift, ParseFailed
    """
    try:
        return connector.parse(body, resource)
    except HeadwayError:
        raise
    except Exception as e:  # whatever a connector overlooked must not stop the other sources
        raise problem(
            ParseFailed,
            "parse-failed",
            source=connector.source.key,
            resource=resource,
            why=clip(f"{type(e).__name__}: {e}", 120),
        ) from e


def parse_snapshot(store: Snapshots, connector: Connector, snapshot: Snapshot) -> ParseRecord:
    """Read a stored body and write down what came of it, also if nothing did.

    Raises
    ------
    TryLater
        The body cannot be reached, or the record cannot be written.
    """
    try:
        parsed = read_snapshot(store, connector, snapshot)
    except TryLater:
        raise  # of the store that holds the body: it says nothing about the body
    except HeadwayError as e:
        made = ParseRecord(snapshot.sha256, connector_code(), error=told(e))
    else:
        made = ParseRecord(
            sha256=snapshot.sha256,
            code=connector_code(),
            scores=len(parsed.scores),
            models=len(parsed.models),
            others=parsed.rows - len(parsed.scores) - len(parsed.models),
            failures=len(parsed.failures),
            present=parsed.present,
            reasons=dict(Counter(clip(f.reason) for f in parsed.failures).most_common(_SHOWN)),
            shown=tuple(
                {"raw": clip(f.raw), "reason": clip(f.reason), "value": clip(f.value)}
                for f in parsed.failures[:_SHOWN]
            ),
            drift=tuple(clip(name) for name in parsed.drift[:_DRIFT]),
        )
    text = json.dumps(asdict(made), ensure_ascii=True, indent=1)
    store.put_parsed(snapshot, made.code, text.encode() + b"\n")
    return made


def parsed_record(store: Snapshots, snapshot: Snapshot) -> ParseRecord | None:
    """What reading this body gave; ``None`` if it was not read, or by other connectors."""
    data = store.parsed(snapshot, connector_code())
    if data is None:
        return None
    try:
        row = json.loads(data)
        found = ParseRecord(
            **{**row, "shown": tuple(row["shown"]), "drift": tuple(row["drift"])},
        )
    except (ValueError, TypeError, KeyError):
        return None  # damaged: it is made again from the body
    is_current = found.code == connector_code() and found.sha256 == snapshot.sha256
    return found if is_current else None
