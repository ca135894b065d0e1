"""``README.md``: the card of the data set, with the front matter that Hugging Face reads."""

from __future__ import annotations

from typing import Any

import polars as pl
import yaml

from headway._version import __version__
from headway.dataset.attribution import DECISIONS
from headway.dataset.columns import columns_of, described
from headway.dataset.content import Content
from headway.dataset.markdown import cell, table
from headway.i18n import day, message, number

__all__ = ["card", "front_matter"]

#: Upper ends of Hugging Face's size categories and their names.
_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"))


def front_matter(content: Content) -> dict[str, Any]:
    """What Hugging Face reads: licence, size, tags, and one configuration per table."""
    names = sorted(content.tables, key=lambda name: name != "scores")
    return {
        "pretty_name": content.title("en"),
        "language": ["en"],
        "license": "other",
        "license_name": "per-source",
        "license_link": "LICENCES.md",
        "size_categories": [
            next((name for end, name in _SIZES if content.rows < end), "1M<n<10M"),
        ],
        "tags": ["benchmarks", "evaluation", "open-weights", "cybersecurity", "croissant"],
        "configs": [
            {
                "config_name": name,
                "data_files": f"{name}.parquet",
                **({"default": True} if name == "scores" else {}),
            }
            for name in names
        ],
    }


def card(content: Content, lang: str) -> str:
    """The card; the English one starts with the front matter."""
    parts = []
    if lang == "en":
        text = yaml.safe_dump(front_matter(content), sort_keys=False, allow_unicode=True)
        parts.append(f"---\n{text}---")
    own = []
    if content.own_rows:
        own.append("> " + message("dataset-card-own", lang, rows=number(content.own_rows, lang)))
    parts += [
        f"# {content.title(lang)}",
        message("dataset-card-language", lang),
        content.description(lang),
        *own,
        message(
            "dataset-card-made",
            lang,
            released=day(content.released, lang),
            version=__version__,
            publisher=cell(content.publisher or message("dataset-card-nobody", lang)),
        ),
        f"## {message('dataset-card-tables', lang)}",
        _tables(content, lang),
        *([message("dataset-card-unresolved", lang)] if content.unresolved is not None else []),
        message("dataset-card-nulls", lang),
        f"## {message('dataset-card-use', lang)}",
        _code(content, lang),
        f"## {message('dataset-card-know', lang)}",
        _know(content, lang),
        f"## {message('dataset-card-licences', lang)}",
        _licences(content, lang),
        f"## {message('dataset-card-columns', lang)}",
        message("dataset-card-columns-text", lang),
        *(_columns(name, lang) for name in content.tables),
        f"## {message('dataset-card-cite', lang)}",
        message("dataset-card-cite-text", lang),
        f"```bibtex\n{content.citation()}\n```",
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _tables(content: Content, lang: str) -> str:
    header = [message(f"dataset-head-{h}", lang) for h in ("table", "rows", "one_row")]
    rows = [
        [f"`{name}`", f"{len(frame):,}", message(f"dataset-table-{name}", lang)]
        for name, frame in content.tables.items()
    ]
    return table(header, rows, right=(1,))


def _code(content: Content, lang: str) -> str:
    python = (
        "import polars as pl\n\n"
        'scores = pl.read_parquet("scores.parquet")\n'
        'models = pl.read_parquet("model_versions.parquet")\n'
        'scores.join(models, on="model_version")'
    )
    check = f"headway data release --verify {content.name}"
    return "\n\n".join(
        [
            message("dataset-card-read", lang),
            f"```python\n{python}\n```",
            message("dataset-card-verify", lang, hash=content.rows_hash),
            f"```console\n$ {check}\n```",
        ]
    )


def _know(content: Content, lang: str) -> str:
    scores = content.tables["scores"]
    use = {str(k): n for k, n in scores["use"].cast(pl.String).value_counts().iter_rows()}
    pseudo = len(scores.filter(pl.col("pseudo_vintage")))
    undated = len(scores.filter(pl.col("known_on").is_null()))
    points = [
        message(
            "dataset-card-know-use",
            lang,
            fit=number(use.get("fit", 0), lang),
            others=number(len(scores) - use.get("fit", 0), lang),
        ),
        message(
            "dataset-card-know-dates",
            lang,
            pseudo=number(pseudo, lang),
            undated=number(undated, lang),
        ),
        message("dataset-card-know-evaluator", lang),
        message("dataset-card-know-versions", lang),
    ]
    return "\n".join(f"- {point}" for point in points)


def _licences(content: Content, lang: str) -> str:
    sources = content.tables["sources"]
    header = [message(f"dataset-head-{h}", lang) for h in ("decision", "sources", "rows")]
    rows = []
    for decision in DECISIONS:
        some = sources.filter(pl.col("decision") == decision)
        rows.append(
            [
                f"`{decision}`: {message(f'dataset-decision-{decision}', lang)}",
                str(len(some)),
                f"{some['rows'].sum():,}",
            ]
        )
    return message("dataset-card-licences-text", lang) + "\n\n" + table(header, rows, right=(1, 2))


def _columns(name: str, lang: str) -> str:
    """The columns of one table, folded away."""
    header = [message(f"dataset-head-{h}", lang) for h in ("column", "type", "meaning")]
    rows = []
    for column in columns_of(name):
        text = described(name, column.name, lang)
        if column.words:
            words = ", ".join(f"`{w}`" for w in column.words)
            text = message("dataset-column-words", lang, text=text, words=words)
        kind = column.kind if column.required else f"{column.kind}?"
        rows.append([f"`{column.name}`", kind, text])
    return f"<details><summary>{name}</summary>\n\n{table(header, rows)}\n</details>"
