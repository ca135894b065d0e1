"""``croissant.json``: MLCommons Croissant 1.0 (JSON-LD), which is a schema.org ``Dataset`` too."""

from __future__ import annotations

from typing import Any

from headway.dataset.columns import Column, columns_of, described, foreign_keys_of
from headway.dataset.content import AUTHORS, Content
from headway.dataset.datapackage import KEYWORDS
from headway.i18n import message
from headway.tables.schemas import SCHEMAS
from headway.tables.write import sha256

__all__ = ["CONFORMS_TO", "croissant"]

CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
#: The context that the specification recommends (section "Namespaces and context").
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES = {
    "string": "sc:Text",
    "date": "sc:Date",
    "boolean": "sc:Boolean",
    "integer": "sc:Integer",
    "number": "sc:Float",
}


def croissant(content: Content) -> dict[str, Any]:
    """The document; texts in English."""
    day = content.released.isoformat()
    sources = content.tables["sources"].filter(content.tables["sources"]["rows"] > 0)
    files = [
        _file(f"{name}.parquet", body, "application/x-parquet")
        for name, body in content.bodies.items()
    ]
    if content.unresolved is not None:
        files.append(_file("unresolved.csv", content.unresolved, "text/csv"))
    publisher = content.publisher
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": f"headway-{content.name}",
        "alternateName": content.title("en"),
        "description": content.description("en"),
        **({} if content.url is None else {"url": content.url}),
        "version": content.version,
        "dateCreated": day,
        "datePublished": day,
        "dateModified": day,
        "license": message("dataset-licence-short", "en"),
        "creator": {"@type": "sc:Organization", "name": AUTHORS},
        **({} if publisher is None else {"publisher": _organisation(publisher)}),
        "inLanguage": "en",
        "isAccessibleForFree": True,
        "isLiveDataset": False,
        "keywords": list(KEYWORDS),
        "temporalCoverage": f"{content.since_day.isoformat()}/{content.through.isoformat()}",
        "citeAs": content.citation(),
        "isBasedOn": [_work(row) for row in sources.iter_rows(named=True)],
        "distribution": files,
        "recordSet": [_record_set(content, name) for name in content.tables],
    }


def _organisation(name: str) -> dict[str, str]:
    return {"@type": "sc:Organization", "name": name}


def _work(row: dict[str, Any]) -> dict[str, Any]:
    is_web = row["url"].startswith(("https://", "http://"))
    return {
        "@type": "sc:CreativeWork",
        "name": row["title"],
        **({"url": row["url"]} if is_web else {}),
        "license": row["licence"],
        "creditText": row["cite"],
    }


def _file(name: str, body: bytes, media: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{len(body)} B",
        "encodingFormat": media,
        "sha256": sha256(body),
    }


def _record_set(content: Content, table: str) -> dict[str, Any]:
    targets = {
        key.column: f"{key.table}/{key.target}"
        for key in foreign_keys_of(table)
        # Croissant's graph has no cycles: a table cannot point to itself
        if key.table != table and key.table in content.tables
    }
    return {
        "@type": "cr:RecordSet",
        "@id": table,
        "name": table,
        "description": message(f"dataset-table-{table}", "en"),
        "key": [{"@id": f"{table}/{key}"} for key in SCHEMAS[table].primary_key()],
        "field": [_field(table, column, targets.get(column.name)) for column in columns_of(table)],
    }


def _field(table: str, column: Column, target: str | None) -> dict[str, Any]:
    text = described(table, column.name, "en")
    if column.words:
        text = message("dataset-column-words", "en", text=text, words=", ".join(column.words))
    return {
        "@type": "cr:Field",
        "@id": f"{table}/{column.name}",
        "name": column.name,
        "description": text,
        "dataType": _TYPES[column.kind],
        "source": {
            "fileObject": {"@id": f"{table}.parquet"},
            "extract": {"column": column.name},
        },
        **({} if target is None else {"references": {"field": {"@id": target}}}),
    }
