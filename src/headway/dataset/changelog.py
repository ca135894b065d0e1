"""``CHANGELOG.md``: rows added, removed and changed, and the entries of the releases before."""

from __future__ import annotations

from headway._version import __version__
from headway.dataset.changes import Cell, Changes
from headway.dataset.content import Content
from headway.dataset.markdown import cell, table
from headway.i18n import message
from headway.textsafe import clip

__all__ = ["changelog"]


def changelog(content: Content, lang: str) -> str:
    """The entry of this release above those of the release that it is compared with."""
    parts = [f"# {message('dataset-changelog-title', lang)}", entry(content, lang)]
    before = content.history.get(lang, "")
    # below the title of the older file stand its entries, each from a line "## "
    start = before.find("\n## ")
    if start >= 0:
        parts.append(before[start + 1 :])
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def entry(content: Content, lang: str) -> str:
    """What this release changes."""
    changes = content.changes
    added, removed, changed = (str(n) for n in changes.counts)
    parts = [
        f"## {content.name}",
        since(content.changes, lang),
    ]
    if changes.counts == (0, 0, 0):
        parts.append(message("dataset-changelog-same", lang))
        return "\n\n".join(parts)
    parts.append(
        message("dataset-changelog-counts", lang, added=added, removed=removed, changed=changed)
    )
    counts = ("before", "after", "added", "removed", "changed")
    header = [message(f"dataset-head-{h}", lang) for h in ("table", *counts)]
    rows = [
        [f"`{t.table}`", *(str(getattr(t, c)) for c in counts)]
        for t in changes.tables
        if t.added or t.removed or t.changed
    ]
    parts.append(table(header, rows, right=(1, 2, 3, 4, 5)))
    if changes.sources:
        header = [message(f"dataset-head-{h}", lang) for h in ("source", *counts[2:])]
        rows = [[f"`{s}`", *(str(n) for n in ns)] for s, ns in changes.sources.items()]
        parts += [message("dataset-changelog-sources", lang), table(header, rows, right=(1, 2, 3))]
    parts += _cells(changes, lang)
    return "\n\n".join(part.strip("\n") for part in parts)


def since(changes: Changes, lang: str) -> str:
    """What this release is compared with."""
    fields = {"since": changes.since, "hash": changes.since_hash[:12]}
    if changes.since_shipped:
        return message("dataset-changelog-shipped", lang, version=__version__, **fields)
    return message("dataset-changelog-since", lang, **fields)


def _cells(changes: Changes, lang: str) -> list[str]:
    parts = []
    header = [message(f"dataset-head-{h}", lang) for h in ("row", "column", "before", "after")]
    for one in changes.tables:
        if not one.cells:
            continue
        total = sum(one.columns.values())
        parts += [
            message(
                "dataset-changelog-cells",
                lang,
                table=one.table,
                cells=str(total),
                shown=str(len(one.cells)),
                columns=", ".join(f"`{c}` {n}" for c, n in one.columns.items()),
            ),
            table(header, [_line(c) for c in one.cells]),
        ]
    return parts


def _line(found: Cell) -> list[str]:
    return [
        cell(clip(found.key, 80)),
        f"`{found.column}`",
        *("-" if v is None else cell(clip(v, 80)) for v in (found.before, found.after)),
    ]
