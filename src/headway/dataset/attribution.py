"""``ATTRIBUTION.md``: who is to be credited for which rows."""

from __future__ import annotations

from headway.dataset.content import Content
from headway.dataset.markdown import cell, link, table
from headway.i18n import message

__all__ = ["DECISIONS", "attribution"]

DECISIONS = ("ship", "cite_facts", "connector_only")


def attribution(content: Content, lang: str) -> str:
    """One line per source: title with address, publisher, licence, rows, how to cite; by decision."""
    parts = [
        f"# {message('dataset-attribution-title', lang, name=content.name)}",
        message("dataset-attribution-intro", lang),
    ]
    sources = content.tables["sources"]
    for decision in DECISIONS:
        rows = [
            row
            for row in sources.sort("title", "source").iter_rows(named=True)
            if row["decision"] == decision
        ]
        parts.append(f"## {message(f'dataset-decision-{decision}', lang)} (`{decision}`)")
        parts.append(message(f"dataset-attribution-{decision}", lang))
        if not rows:
            parts.append(message("dataset-attribution-none", lang))
        else:
            names = ("source", "key", "publisher", "licence", "rows", "cite", "reason")
            header = [message(f"dataset-head-{h}", lang) for h in names]
            lines = [
                [
                    link(r["title"], r["url"]),
                    f"`{r['source']}`",
                    cell(r["publisher"]),
                    cell(r["licence"]),
                    str(r["rows"]),
                    cell(r["cite"]),
                    cell(r["reason"]),
                ]
                for r in rows
            ]
            parts.append(table(header, lines, right=(4,)))
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"
