"""The metadata, held against the standards' own tools: frictionless, mlcroissant, Hugging Face's card.

Rows are read from a small release here; ``-m slow`` reads all of the shipped one, and ``.ci/run`` gives
it to the tools' own commands.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

import headway
from headway.dataset.columns import columns_of
from headway.tables.schemas import FOREIGN_KEYS, SCHEMAS
from headway.tables.store import load_release
from tests.dataset.conftest import DAY, cut_from, rewritten
from tests.small_release import small_tables

frictionless = pytest.importorskip("frictionless")
mlcroissant = pytest.importorskip("mlcroissant")

#: mlcroissant uses what rdflib and pandas call old.
pytestmark = [
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame:DeprecationWarning"),
]

SHIPPED = Path(headway.__file__).parent / "tables" / "release"


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped release, cut."""
    out = tmp_path_factory.mktemp("releases")
    return cut_from(
        SHIPPED,
        name="as-shipped",
        out=out,
        since=SHIPPED,
        publisher="Example Institute",
        url="https://example.org/data",
        today=DAY,
    ).path


@pytest.fixture(scope="session")
def document(shipped: Path) -> dict[str, Any]:
    """Its Croissant document."""
    found: dict[str, Any] = json.loads((shipped / "croissant.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def few(made: Callable[..., Path]) -> Path:
    """A release of few rows, cut: the tools read rows one by one."""
    origin = made("few", {"scores": small_tables()["scores"].head(40)})
    return cut_from(origin, since=origin, today=DAY).path


# Data Package -------------------------------------------------------------------------------


def errors_of(folder: Path) -> set[tuple[str, str]]:
    """Table and kind of every error that frictionless finds."""
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert not report.errors, report.errors
    return {(task.name, error.type) for task in report.tasks for error in task.errors}


@pytest.mark.slow
def test_frictionless_finds_the_shipped_release_valid(shipped: Path) -> None:
    """Every table, vocabulary, range, primary key and foreign key."""
    assert errors_of(shipped) == set()


def test_frictionless_finds_a_release_valid(few: Path) -> None:
    assert errors_of(few) == set()


def test_frictionless_sees_what_the_descriptor_forbids(few: Path) -> None:
    """The rules are really in the descriptor: each kind of damage is found by the tool alone."""
    scores = load_release(few).scores
    text = pl.col("evaluator_relationship").cast(pl.String)
    wrong = {
        "foreign-key": scores.with_columns(benchmark=pl.lit("gone")),
        "primary-key": pl.concat([scores, scores.head(1)]),
        "constraint-error": scores.with_columns(score=pl.lit(1.5)),
        "type-error": scores.with_columns(n=pl.lit("many")),
    }
    for kind, frame in wrong.items():
        rewritten(few, "scores", frame)
        assert ("scores", kind) in errors_of(few), kind
    rewritten(few, "scores", scores.with_columns(evaluator_relationship=text + "s"))
    assert ("scores", "constraint-error") in errors_of(few)


def test_the_descriptor_has_every_key_of_the_schemas(shipped: Path) -> None:
    package = json.loads((shipped / "datapackage.json").read_text(encoding="utf-8"))
    schemas = {r["name"]: r["schema"] for r in package["resources"] if r["name"] in SCHEMAS}
    keys = {
        (
            table,
            key["fields"][0],
            key["reference"].get("resource", table),
            key["reference"]["fields"][0],
        )
        for table, schema in schemas.items()
        for key in schema["foreignKeys"]
    }

    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert keys == set(FOREIGN_KEYS)
    for table, schema in schemas.items():
        assert schema["primaryKey"] == SCHEMAS[table].primary_key()
        assert [f["name"] for f in schema["fields"]] == list(SCHEMAS[table].columns())
        assert all(f["description"] for f in schema["fields"])


# Croissant ----------------------------------------------------------------------------------


def test_mlcroissant_loads_the_document_without_a_remark(
    shipped: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        found = mlcroissant.Dataset(jsonld=str(shipped / "croissant.json"))

    assert found.metadata.ctx.issues.errors == set()
    assert found.metadata.ctx.issues.warnings == set()
    assert [r.message for r in caplog.records if r.levelno >= logging.WARNING] == []


def test_mlcroissant_reads_every_record_as_it_is(few: Path) -> None:
    """All record sets, foreign keys joined."""
    check_records(few)


@pytest.mark.slow
def test_mlcroissant_reads_every_record_of_the_shipped_release(shipped: Path) -> None:
    check_records(shipped)


def check_records(folder: Path) -> None:
    """Count the records of every table, and compare the first hundred cell by cell."""
    found = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
    release = load_release(folder)
    for name in release.head.found:
        frame = release.table(name)
        rows = 0
        whole = frame.head(100).rows(named=True)
        for record in found.records(name):
            if rows < len(whole):
                assert {k.partition("/")[2]: plain(v) for k, v in record.items()} == {
                    k: plain(v) for k, v in whole[rows].items()
                }
            rows += 1
        assert rows == len(frame), name


def plain(value: Any) -> Any:
    """A cell as pandas and we both can say it."""
    if isinstance(value, bytes):
        return value.decode()
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, date):  # a pandas timestamp is one too
        return date(value.year, value.month, value.day)
    return value


def test_the_hashes_are_those_of_the_manifest(shipped: Path, document: dict[str, Any]) -> None:
    hashes = {f["@id"]: f["sha256"] for f in document["distribution"]}
    stated = json.loads((shipped / "release.json").read_text(encoding="utf-8"))

    assert hashes == {
        **{f"{n}.parquet": e["sha256"] for n, e in stated["tables"].items()},
        "unresolved.csv": stated["files"]["unresolved.csv"],
    }


def test_it_is_a_dataset_of_schema_org(document: dict[str, Any]) -> None:
    """The properties that schema.org and its best-known reader ask for, under their own names."""
    assert document["@context"]["@vocab"] == "https://schema.org/"
    assert document["@type"] == "sc:Dataset"
    assert document["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    for key in ("name", "description", "license", "creator", "url", "version", "keywords"):
        assert document[key], key
    assert 50 <= len(document["description"]) <= 5000
    for key in ("dateCreated", "datePublished", "dateModified"):
        assert document[key] == "2026-08-03"
    assert document["publisher"] == {"@type": "sc:Organization", "name": "Example Institute"}
    start, end = document["temporalCoverage"].split("/")
    assert date.fromisoformat(start) < date.fromisoformat(end) == date(2026, 9, 30)
    assert all(f["contentUrl"] and f["encodingFormat"] for f in document["distribution"])
    credited = {work["name"] for work in document["isBasedOn"]}
    assert "METR" in " ".join(work["creditText"] for work in document["isBasedOn"])
    assert "LiveBench" not in credited


def test_the_expanded_document_is_a_schema_org_dataset(document: dict[str, Any]) -> None:
    """As any JSON-LD reader sees it, not as we spell it."""
    from rdflib import Graph
    from rdflib.namespace import RDF, SDO

    graph = Graph().parse(data=json.dumps(document), format="json-ld")
    (dataset,) = graph.subjects(RDF.type, SDO.Dataset)

    for wanted in (SDO.name, SDO.description, SDO.license, SDO.creator, SDO.distribution, SDO.url):
        assert list(graph.objects(dataset, wanted)), wanted


def test_every_reference_names_a_field(document: dict[str, Any]) -> None:
    fields = {f["@id"]: f for r in document["recordSet"] for f in r["field"]}
    named = {f["references"]["field"]["@id"] for f in fields.values() if "references" in f}
    expected = {(t, c, to, key) for t, c, to, key in FOREIGN_KEYS if t != to}

    assert named <= fields.keys()
    assert sum("references" in f for f in fields.values()) == len(expected)
    for table in SCHEMAS:
        for column in columns_of(table):
            words = fields[f"{table}/{column.name}"]["description"]
            assert all(w in words for w in column.words)


# The card -----------------------------------------------------------------------------------


def test_hugging_face_reads_the_card(shipped: Path) -> None:
    hub = pytest.importorskip("huggingface_hub")
    card = hub.DatasetCard.load(shipped / "README.md")

    assert card.data.pretty_name == "Headway data release as-shipped"
    assert card.data.license == "other"
    assert (shipped / card.data.license_link).is_file()
    configs = {c["config_name"]: c for c in card.data.configs}
    assert configs.keys() == set(SCHEMAS)
    assert [n for n, c in configs.items() if c.get("default")] == ["scores"]
    assert all((shipped / c["data_files"]).is_file() for c in configs.values())
    assert card.text.lstrip().startswith("# Headway data release as-shipped")
