"""``datapackage.json``: a Data Package (version 2, https://datapackage.org) with a schema per table."""

from __future__ import annotations

from typing import Any

from headway._version import __version__
from headway.dataset.columns import Column, columns_of, described, foreign_keys_of
from headway.dataset.content import AUTHORS, Content
from headway.i18n import message
from headway.tables.schemas import SCHEMAS
from headway.tables.write import sha256

__all__ = ["datapackage", "table_schema"]

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_RESOURCE = "https://datapackage.org/profiles/2.0/dataresource.json"
_SCHEMA = "https://datapackage.org/profiles/2.0/tableschema.json"
#: Readers that go through pandas give a null in a numeric column as the text of its NaN.
_MISSING_NUMBERS = ["", "nan"]


def datapackage(content: Content) -> dict[str, Any]:
    """The descriptor; texts in English."""
    contributors: list[dict[str, Any]] = [{"title": AUTHORS, "roles": ["creator"]}]
    if content.publisher is not None:
        contributors.append({"title": content.publisher, "roles": ["publisher"]})
    resources = [_table(content, name) for name in content.tables]
    if content.unresolved is not None:
        resources.append(_unresolved(content.unresolved))
    sources = content.tables["sources"].filter(content.tables["sources"]["rows"] > 0)
    return {
        "$schema": _PROFILE,
        "name": f"headway-{content.name}",
        "title": content.title("en"),
        "description": content.description("en"),
        "version": content.version,
        "created": f"{content.released.isoformat()}T00:00:00Z",
        **({} if content.url is None else {"homepage": content.url}),
        "keywords": list(KEYWORDS),
        "contributors": contributors,
        "licenses": [{"path": "LICENCES.md", "title": message("dataset-licence-short", "en")}],
        "sources": [
            {"title": row["title"], **_address(row["url"])} for row in sources.iter_rows(named=True)
        ],
        "headway": {
            "version": __version__,
            "data_release": content.name,
            "data_through": content.through.isoformat(),
            "rows_hash": content.rows_hash,
            "own_rows": content.own_rows,
        },
        "resources": resources,
    }


KEYWORDS = (
    "AI models",
    "open weights",
    "benchmarks",
    "evaluation",
    "cybersecurity",
    "capability",
)


def _address(url: str) -> dict[str, str]:
    return {"path": url} if url.startswith(("https://", "http://")) else {}


def _table(content: Content, name: str) -> dict[str, Any]:
    body = content.bodies[name]
    return {
        "$schema": _RESOURCE,
        "name": name,
        "type": "table",
        "title": name,
        "description": message(f"dataset-table-{name}", "en"),
        "path": f"{name}.parquet",
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        # no "bytes": frictionless counts none of a Parquet file and would call every one wrong
        "hash": f"sha256:{sha256(body)}",
        "schema": table_schema(name, present=tuple(content.tables)),
    }


def table_schema(table: str, present: tuple[str, ...]) -> dict[str, Any]:
    """The Table Schema of a table: fields, vocabularies, ranges, keys."""
    return {
        "$schema": _SCHEMA,
        "fields": [_field(table, column) for column in columns_of(table)],
        "primaryKey": list(SCHEMAS[table].primary_key()),
        "foreignKeys": [
            {
                "fields": [key.column],
                "reference": {
                    # a table that points to itself leaves the name out
                    **({} if key.table == table else {"resource": key.table}),
                    "fields": [key.target],
                },
            }
            for key in foreign_keys_of(table)
            if key.table in present
        ],
    }


def _field(table: str, column: Column) -> dict[str, Any]:
    bounds = {
        "required": column.required or None,
        "enum": list(column.words) or None,
        "minimum": column.minimum,
        "maximum": column.maximum,
        "exclusiveMinimum": column.above,
        "exclusiveMaximum": column.below,
        "pattern": column.pattern,
    }
    constraints = {name: value for name, value in bounds.items() if value is not None}
    return {
        "name": column.name,
        "type": column.kind,
        "description": described(table, column.name, "en"),
        **({"constraints": constraints} if constraints else {}),
        **({"missingValues": _MISSING_NUMBERS} if column.kind in ("integer", "number") else {}),
    }


def _unresolved(body: bytes) -> dict[str, Any]:
    names = ("name", "panel", "origin", "reason")
    return {
        "$schema": _RESOURCE,
        "name": "unresolved",
        "type": "table",
        "title": "unresolved",
        "description": message("dataset-table-unresolved", "en"),
        "path": "unresolved.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(body),
        "hash": f"sha256:{sha256(body)}",
        "schema": {
            "$schema": _SCHEMA,
            "fields": [
                *({"name": n, "type": "string"} for n in names),
                {"name": "rows", "type": "integer", "constraints": {"minimum": 1}},
            ],
        },
    }
