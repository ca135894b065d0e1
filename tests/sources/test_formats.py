"""Formats of others: rows accounted for, nothing guessed, nothing trusted, round trips."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.errors import BadOption, EmptyTable, HeadwayError, SchemaDrift, Unreadable
from headway.sources import formats
from headway.sources.declare import Parsed, ScoreClaim
from headway.sources.formats import every_eval_ever, hub_results, inspect_log, lm_eval, mapped_csv
from headway.tables.store import Release, load_release

# Every Eval Ever -----------------------------------------------------------------------------


def record(*results: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A record of the published shape."""
    return {
        "schema_version": "0.3.0",
        "evaluation_id": "bench/model/1",
        "retrieved_timestamp": "1760000000",
        "source_metadata": {
            "source_type": "documentation",
            "source_organization_name": "Example Lab",
            "evaluator_relationship": "third_party",
        },
        "eval_library": {"name": "inspect_ai", "version": "0.3.1"},
        "model_info": {
            "name": "Model",
            "id": "lab/model",
            "developer": "Lab",
            "additional_details": {
                "deployment_type": "unknown",
                "model_availability": "open_weights",
            },
        },
        "evaluation_results": list(results),
        **changes,
    }


def result(score: Any = 0.5, **changes: Any) -> dict[str, Any]:
    return {
        "evaluation_name": "bench",
        "source_data": {
            "dataset_name": "Bench",
            "source_type": "url",
            "url": ["https://example.org"],
        },
        "metric_config": {
            "lower_is_better": False,
            "score_type": "continuous",
            "min_score": 0,
            "max_score": 1,
        },
        "score_details": {
            "score": score,
            "uncertainty": {"standard_error": {"value": 0.02}, "num_samples": 200},
        },
        **changes,
    }


def body(*records: dict[str, Any]) -> bytes:
    return json.dumps(records[0] if len(records) == 1 else list(records)).encode()


@pytest.fixture(scope="session")
def eee_schema(raw_data: Path) -> dict[str, Any]:
    """The published schema, from the raw data folder (it is not copied into the repository)."""
    file = raw_data / "every_eval_ever" / "eval.schema.json"
    if not file.is_file():
        pytest.skip("the published schema is not in the raw data folder (--raw-data PATH)")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def test_a_record_is_read_as_it_is_stated() -> None:
    parsed = every_eval_ever.parse(body(record(result())))

    assert parsed.scores == (
        ScoreClaim(
            model="lab/model",
            benchmark="bench",
            score=0.5,
            unit="proportion",
            raw="evaluation_results[0]",
            harness_version="inspect_ai 0.3.1",
            n=200,
            stderr=0.02,
            evaluator="Example Lab",
            source_url="https://example.org",
            developer="Lab",
            evaluator_relationship="third_party",
        ),
    )
    assert parsed.drift == ()


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (result(score="high"), "not_a_number"),
        (result(score=True), "not_a_number"),
        (result(score_details={}), "not_a_number"),
        (result(evaluation_name=""), "no_benchmark"),
        (result(metric_config={"lower_is_better": True}), "lower_is_better"),
        (
            result(
                score=-1,
                metric_config={"lower_is_better": False, "has_unknown_level": True},
            ),
            "unknown_level",
        ),
        ("text", "not_an_object"),
    ],
)
def test_a_result_that_cannot_be_read_is_a_failure_beside_the_others(
    made: Any, reason: str
) -> None:
    parsed = every_eval_ever.parse(body(record(result(), made)))

    assert (len(parsed.scores), parsed.present) == (1, 2)
    assert [f.reason for f in parsed.failures] == [reason]


def test_units_are_stated_or_read_off_the_stated_range_never_off_the_value() -> None:
    def unit(**metric: Any) -> str:
        config = {"lower_is_better": False, **metric}
        return every_eval_ever.parse(body(record(result(metric_config=config)))).scores[0].unit

    assert unit(metric_unit="points") == "points"
    assert unit(min_score=0, max_score=100) == "percent"
    assert unit() == "unknown"


def test_lists_and_lines_of_records_are_read_too() -> None:
    one, two = record(result()), record(result(score=0.7))
    as_list = every_eval_ever.parse(body(one, two))
    as_lines = every_eval_ever.parse(b"\n".join(json.dumps(r).encode() for r in (one, two)))

    assert as_list == as_lines
    assert [c.score for c in as_list.scores] == [0.5, 0.7]


def test_unknown_parts_and_versions_are_drift_missing_ones_an_error() -> None:
    parsed = every_eval_ever.parse(body(record(result(), schema_version="0.4.0", new_part=1)))
    assert parsed.drift == ("new_part", "schema_version 0.4.0")

    broken = record(result())
    del broken["model_info"]
    with pytest.raises(SchemaDrift, match="model_info"):
        every_eval_ever.parse(body(broken))


def exported(release: Release, scores: pl.DataFrame) -> list[dict[str, Any]]:
    return list(
        every_eval_ever.export(
            scores.iter_rows(named=True),
            models={r["model_version"]: r for r in release.model_versions.iter_rows(named=True)},
            benchmarks={r["benchmark"]: r for r in release.benchmarks.iter_rows(named=True)},
            publishers=dict(release.sources.select("source", "publisher").iter_rows()),
            released=date(2026, 11, 25),
        )
    )


def test_the_whole_release_round_trips() -> None:
    """Every score of the shipped release comes back as it was, with what belongs to it."""
    release = load_release()
    records = exported(release, release.scores)
    parsed = every_eval_ever.parse("\n".join(json.dumps(r) for r in records).encode())
    lower = release.benchmarks.filter(~pl.col("higher_is_better"))["benchmark"].implode()

    assert {f.reason for f in parsed.failures} <= {"lower_is_better"}
    assert parsed.present == len(release.scores)
    ids = [r["evaluation_result_id"] for one in records for r in one["evaluation_results"]]
    kept = release.scores.filter(~pl.col("benchmark").is_in(lower))
    assert sorted(ids) == sorted(release.scores["score_id"])
    columns = ["model_version", "benchmark", "value", "unit", "effort", "scaffold", "attempts"]
    columns += ["n", "stderr", "evaluator_relationship", "harness_version"]
    before = sorted(
        map(
            repr,
            kept.with_columns(
                pl.col("unit", "evaluator_relationship").cast(pl.String),
                pl.col("scaffold").str.strip_chars(),
            )
            .select(columns)
            .iter_rows(),
        )
    )
    after = sorted(
        repr(
            (
                *(c.model, c.benchmark, c.score, c.unit, c.effort, c.scaffold, c.attempts),
                *(c.n, c.stderr, c.evaluator_relationship, c.harness_version),
            )
        )
        for c in parsed.scores
    )
    assert after == before


def test_exported_records_satisfy_the_published_schema(eee_schema: dict[str, Any]) -> None:
    release = load_release()
    check = jsonschema.Draft7Validator(eee_schema)
    records = exported(release, release.scores)

    assert len(records) > 500
    for one in records:
        check.validate(one)


def test_the_records_of_these_tests_satisfy_it_too(eee_schema: dict[str, Any]) -> None:
    jsonschema.Draft7Validator(eee_schema).validate(record(result()))


def test_equal_rows_give_equal_records(small_release: Path) -> None:
    release = load_release()

    assert exported(release, release.scores) == exported(
        release, release.scores.sample(fraction=1.0, shuffle=True, seed=1)
    )


# lm-evaluation-harness --------------------------------------------------------------------------


HARNESS = {
    "results": {
        "gpqa": {
            "alias": "gpqa",
            "acc,none": 0.41,
            "acc_stderr,none": 0.03,
            "acc_norm,none": 0.43,
            "acc_norm_stderr,none": "N/A",
        },
        "wikitext": {"word_perplexity,none": 12.5, "word_perplexity_stderr,none": "N/A"},
        "chat": {"score,none": 7.1},
    },
    "n-samples": {"gpqa": {"original": 448, "effective": 100}},
    "n-shot": {"gpqa": 5},
    "higher_is_better": {"gpqa": {"acc": True}, "wikitext": {"word_perplexity": False}},
    "config": {"model": "hf", "model_args": "pretrained=lab/model,dtype=bfloat16"},
    "date": 1760000000.5,
    "lm_eval_version": "0.4.9",
}


def test_harness_results_are_read_per_metric() -> None:
    parsed = lm_eval.parse(json.dumps(HARNESS).encode())
    acc, norm, chat = parsed.scores

    assert parsed.present == 4
    assert (acc.model, acc.benchmark, acc.metric, acc.score) == (
        "lab/model",
        "gpqa",
        "acc,none",
        0.41,
    )
    assert (acc.stderr, acc.n, acc.unit, acc.scaffold) == (0.03, 100, "proportion", "5-shot")
    assert acc.note == "part_of_the_items"
    assert acc.evaluated_on == "2025-10-09"
    assert acc.harness_version == "lm_eval 0.4.9"
    assert norm.stderr is None
    assert (chat.unit, chat.note) == ("unknown", None)
    assert [f.reason for f in parsed.failures] == ["lower_is_better"]


def test_the_old_key_style_and_named_models_are_read() -> None:
    old = {
        "results": {"gpqa": {"acc": 0.4, "acc_stderr": 0.02}},
        "config": {"model_args": {"pretrained": "lab/other"}},
    }
    (claim,) = lm_eval.parse(json.dumps(old).encode()).scores
    assert (claim.model, claim.stderr) == ("lab/other", 0.02)
    (named,) = lm_eval.parse(json.dumps(old).encode(), model="mine").scores
    assert named.model == "mine"


def test_harness_results_without_a_model_or_results_say_so() -> None:
    parsed = lm_eval.parse(b'{"results": {"gpqa": {"acc,none": 0.4}, "x": 1}}')
    assert [f.reason for f in parsed.failures] == ["no_model", "not_an_object"]
    with pytest.raises(SchemaDrift, match="results"):
        lm_eval.parse(b'{"result": {}}')


# Hub results -----------------------------------------------------------------------------------

HUB = b"""
- dataset:
    id: Idavidrein/gpqa
    task_id: gpqa_diamond
  value: 63.3
  date: '2026-02-03'
  source:
    url: https://huggingface.co/lab/model
    name: Model Card
    org: lab
  notes: With tools
- dataset: {id: cais/hle}
  value: none yet
- dataset: {}
  value: 1
  extra: 1
- text
"""


def test_hub_results_are_read_with_their_repository_as_the_model() -> None:
    parsed = hub_results.parse(HUB, model="lab/model")
    (claim,) = parsed.scores

    assert (claim.benchmark, claim.score, claim.unit) == (
        "Idavidrein/gpqa:gpqa_diamond",
        63.3,
        "unknown",
    )
    assert (claim.published_at, claim.note, claim.evaluator) == ("2026-02-03", "With tools", "lab")
    assert [f.reason for f in parsed.failures] == ["not_a_number", "no_benchmark", "not_an_object"]
    assert parsed.drift == ("extra",)


def test_hub_results_without_a_model_fail_row_by_row() -> None:
    assert next(f.reason for f in hub_results.parse(HUB).failures) == "no_model"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b"a: [1, 2", Unreadable),
        (b"- &a [x]\n- *a\n", Unreadable),
        (b"dataset: x\n", SchemaDrift),
        (b"", SchemaDrift),
        (b"\xff\xfe\x00", Unreadable),
        (b"x" * (2**20 + 1), Unreadable),
    ],
)
def test_other_yaml_is_refused(text: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        hub_results.parse(text, model="m")


# CSV by a mapping --------------------------------------------------------------------------------


def test_a_mapping_names_columns_and_constants() -> None:
    parsed = mapped_csv.parse(
        b"System,Acc,Trials,benchmark\nA,41.5,200,gpqa\nB,x,,gpqa\nC,1\nD,2,1.5,g\n",
        {"model": "System", "score": "Acc", "n": "Trials", "unit": "=percent"},
    )
    (claim,) = parsed.scores

    assert (claim.model, claim.score, claim.n, claim.unit) == ("A", 41.5, 200, "percent")
    assert claim.raw == "line 2"
    assert [f.reason for f in parsed.failures] == ["not_a_number", "ragged", "bad_n"]


def test_columns_with_our_names_need_no_mapping_and_others_are_drift() -> None:
    parsed = mapped_csv.parse(b"model,benchmark,score,colour\na,b,0.5,red\n", {})
    assert parsed.drift == ("colour",)
    assert parsed.scores[0].unit == "unknown"


@pytest.mark.parametrize(
    ("text", "columns", "error"),
    [
        (b"model,score\na,1\n", {}, SchemaDrift),
        (b"model,benchmark,score\na,b,1\n", {"n": "N"}, SchemaDrift),
        (b"model,benchmark,score\na,b,1\n", {"colour": "x"}, BadOption),
        (b"model,benchmark,score\n", {}, EmptyTable),
        (b"model,benchmark,model\na,b,1\n", {}, Unreadable),
        (b'model,benchmark,score\n"a,b,1\n', {}, Unreadable),
        ("モデル,b\n".encode("cp932"), {}, Unreadable),
    ],
)
def test_bad_tables_and_mappings_are_refused(
    text: bytes, columns: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        mapped_csv.parse(text, columns)


# Inspect logs ------------------------------------------------------------------------------------


def own(path: Path) -> Parsed:
    """What our own reader finds; that inspect-ai finds the same is said in ``test_inspect_contract``."""
    return inspect_log.parse(path, reader="own")


def header(**changes: Any) -> dict[str, Any]:
    return {
        "version": 2,
        "status": "success",
        "eval": {
            "run_id": "r",
            "task_id": "t",
            "task": "cybench",
            "model": "openai/gpt-5",
            "created": "2026-03-01T10:00:00+00:00",
            "dataset": {"name": "cybench", "samples": 4},
            "config": {"epochs": 2, "token_limit": 50000},
            "model_generate_config": {"reasoning_effort": "high"},
            "packages": {"inspect_ai": "0.3.150"},
            "solver": "react",
        },
        "plan": {"name": "plan", "steps": []},
        "results": {
            "total_samples": 8,
            "completed_samples": 8,
            "scores": [
                {
                    "name": "includes",
                    "scorer": "includes",
                    "metrics": {
                        "accuracy": {"name": "accuracy", "value": 0.375},
                        "stderr": {"name": "stderr", "value": 0.2},
                    },
                }
            ],
        },
        "stats": {"completed_at": "2026-03-01T11:00:00+00:00"},
        **changes,
    }


def summaries(samples: int = 4, epochs: int = 2) -> list[dict[str, Any]]:
    return [
        {
            "id": i,
            "epoch": e,
            "input": f"Find flag {i}.",
            "target": "flag",
            "scores": {"includes": {"value": "C"}},
        }
        for i in range(samples)
        for e in range(1, epochs + 1)
    ]


def log(
    path: Path,
    head: dict[str, Any] | None,
    entries: list[dict[str, Any]],
    *,
    journal: bool = False,
    compression: int = zipfile.ZIP_DEFLATED,
) -> Path:
    """A small log of the documented shape."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr(
            "_journal/start.json", json.dumps({"version": 2, "eval": header()["eval"]})
        )
        for i, entry in enumerate(entries, start=1):
            archive.writestr(f"samples/{entry['id']}_epoch_{entry['epoch']}.json", '{"broken')
            if journal:
                archive.writestr(f"_journal/summaries/{i}.json", json.dumps([entry]))
        if not journal:
            archive.writestr("summaries.json", json.dumps(entries))
        if head is not None:
            archive.writestr("header.json", json.dumps(head))
    return path


@pytest.mark.parametrize("journal", [False, True])
def test_a_log_gives_its_metrics_with_distinct_samples_as_n(tmp_path: Path, journal: bool) -> None:
    """Samples themselves are never read: those of this log are no JSON."""
    parsed = own(log(tmp_path / "x.eval", header(), summaries(), journal=journal))

    assert parsed.scores == (
        ScoreClaim(
            model="openai/gpt-5",
            benchmark="cybench",
            score=0.375,
            unit="proportion",
            raw="results.scores[0].metrics.accuracy",
            effort="high",
            scaffold="react",
            harness_version="inspect_ai 0.3.150",
            n=4,
            stderr=0.2,
            evaluated_on="2026-03-01T11:00:00+00:00",
            metric="includes/accuracy",
            token_budget=50000.0,
        ),
    )


def test_samples_without_a_score_do_not_count(tmp_path: Path) -> None:
    entries = summaries()
    for entry in entries[:2]:
        entry["scores"] = None
    (claim,) = own(log(tmp_path / "x.eval", header(), entries)).scores

    assert claim.n == 3
    assert claim.note == "part_of_the_items"


def test_a_log_without_summaries_counts_completed_samples_once_per_epoch(tmp_path: Path) -> None:
    (claim,) = own(log(tmp_path / "x.eval", header(), [])).scores
    assert claim.n == 4


@pytest.mark.parametrize("status", ["error", "cancelled", "started"])
def test_a_run_that_did_not_end_well_is_a_failure(tmp_path: Path, status: str) -> None:
    parsed = own(log(tmp_path / "x.eval", header(status=status), summaries()))
    assert (parsed.scores, [f.reason for f in parsed.failures]) == ((), [f"run_{status}"])


def test_a_log_that_is_still_being_written_has_no_header(tmp_path: Path) -> None:
    parsed = own(log(tmp_path / "x.eval", None, summaries()))
    assert [f.reason for f in parsed.failures] == ["run_started"]


def test_a_run_without_scores_says_so(tmp_path: Path) -> None:
    parsed = own(log(tmp_path / "x.eval", header(results=None), summaries()))
    assert [f.reason for f in parsed.failures] == ["no_scores"]


def zstandard(path: Path, head: dict[str, Any], entries: list[dict[str, Any]]) -> Path:
    """The same log with Zstandard entries, as newer versions write them."""
    import struct
    import zlib

    import pyarrow as pa

    out, directory = io.BytesIO(), b""
    bodies = {
        "header.json": json.dumps(head).encode(),
        "summaries.json": json.dumps(entries).encode(),
    }
    for name, raw in bodies.items():
        packed = pa.compress(raw, codec="zstd", asbytes=True)
        shared = struct.pack(
            "<HHHHHIIIHH", 63, 0, 93, 0, 33, zlib.crc32(raw), len(packed), len(raw), len(name), 0
        )
        at = out.tell()
        out.write(b"PK\x03\x04" + shared + name.encode() + packed)
        directory += (
            b"PK\x01\x02"
            + struct.pack("<H", 63)
            + shared
            + struct.pack("<HHHII", 0, 0, 0, 0, at)
            + name.encode()
        )
    start = out.tell()
    out.write(directory)
    out.write(b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 2, 2, len(directory), start, 0))
    path.write_bytes(out.getvalue())
    return path


def test_zstandard_entries_are_read(tmp_path: Path) -> None:
    plain = own(log(tmp_path / "x.eval", header(), summaries()))
    packed = own(zstandard(tmp_path / "y.eval", header(), summaries()))
    assert packed == plain


def test_a_damaged_zstandard_entry_is_refused(tmp_path: Path) -> None:
    path = zstandard(tmp_path / "y.eval", header(), summaries())
    body = bytearray(path.read_bytes())
    body[60:90] = bytes(30)
    path.write_bytes(body)
    with pytest.raises(Unreadable):
        own(path)


def test_large_logs_are_read_in_bounded_memory(tmp_path: Path) -> None:
    """80 MB of summaries and 120 MB of samples: less than 16 MB are held at any time."""
    path = tmp_path / "large.eval"
    long = "x" * 2000
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("summaries.json", "w") as file:
            file.write(b"[")
            for i in range(40_000):
                entry = {
                    "id": i % 4,
                    "epoch": i,
                    "input": long,
                    "scores": {"includes": {"value": 1}},
                }
                file.write((b"," if i else b"") + json.dumps(entry).encode())
            file.write(b"]")
        for i in range(4):
            archive.writestr(f"samples/{i}_epoch_1.json", b"0" * 30_000_000)
        archive.writestr("header.json", json.dumps(header()))
    tracemalloc.start()
    try:
        (claim,) = own(path).scores
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert claim.n == 4
    assert peak < 16 * 2**20


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspect_log, "MAX_HEADER", 10_000)
    path = log(tmp_path / "x.eval", header(extra="x" * 100_000), summaries())
    with pytest.raises(Unreadable, match="unpacked"):
        own(path)
    monkeypatch.setattr(inspect_log, "MAX_HEADER", 10_000_000)
    monkeypatch.setattr(inspect_log, "MAX_SUMMARY", 100)
    with pytest.raises(Unreadable, match="unpacked"):
        own(log(tmp_path / "y.eval", header(), [{"id": 1, "epoch": 1, "x": "y" * 900}]))
    monkeypatch.setattr(inspect_log, "MAX_SUMMARIES", 100)
    with pytest.raises(Unreadable, match="unpacked"):
        own(log(tmp_path / "z.eval", header(), summaries()))


@pytest.mark.parametrize(
    "damage",
    [lambda b: b[: len(b) // 2], lambda b: b"PK" + bytes(200), lambda b: b""],
)
def test_damaged_logs_are_refused(tmp_path: Path, damage: Any) -> None:
    path = log(tmp_path / "x.eval", header(), summaries())
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(Unreadable):
        own(path)


def test_a_zip_of_something_else_is_drift(tmp_path: Path) -> None:
    path = tmp_path / "x.eval"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(SchemaDrift, match=r"header\.json"):
        own(path)
    with pytest.raises(SchemaDrift, match=r"eval\.model"):
        own(log(path, header(eval={"task": "t"}), summaries()))


@given(st.lists(st.integers() | st.text() | st.dictionaries(st.text(), st.floats(allow_nan=False))))
def test_arrays_are_read_element_by_element_as_json_reads_them(elements: list[Any]) -> None:
    """Whatever the chunks, the elements are those of the json module."""
    for spaced in (None, 2):
        stream = io.BytesIO(json.dumps(elements, indent=spaced).encode())
        assert [e for _, e in inspect_log._elements(stream, "x", "x")] == elements


# All of them ---------------------------------------------------------------------------------------


def test_the_format_is_known_from_ending_and_first_keys(tmp_path: Path) -> None:
    files = {
        "a.json": (json.dumps(record(result())).encode(), "every_eval_ever", 1),
        "b.jsonl": (json.dumps(record(result())).encode(), "every_eval_ever", 1),
        "c.json": (json.dumps(HARNESS).encode(), "lm_eval", 3),
        "d.yaml": (HUB, "hub_results", 1),
        "e.csv": (b"model,benchmark,score\na,b,0.5\n", "mapped_csv", 1),
    }
    for name, (text, kind, count) in files.items():
        path = tmp_path / name
        path.write_bytes(text)
        assert formats.format_of(path) == kind
        parsed = formats.read(path, model="lab/model")
        assert isinstance(parsed, Parsed)
        assert len(parsed.scores) == count
    path = log(tmp_path / "f.eval", header(), summaries())
    assert len(formats.read(path).scores) == 1
    with pytest.raises(Unreadable, match="not known"):
        formats.format_of(tmp_path / "g.docx")
    with pytest.raises(Unreadable, match="no such file"):
        formats.read(tmp_path / "missing.json")


@given(st.binary(max_size=300), st.sampled_from(["json", "jsonl", "yaml", "csv", "eval"]))
def test_any_bytes_are_claims_or_a_headway_error(content: bytes, ending: str) -> None:
    import contextlib
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x.{ending}"
        path.write_bytes(content)
        with contextlib.suppress(HeadwayError):
            formats.read(path, model="m")


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "results",
                        "model_info",
                        "evaluation_results",
                        "score_details",
                        "score",
                        "eval",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=15,
    )
)
def test_any_json_adds_up_or_is_a_headway_error(told: Any) -> None:
    """``Parsed`` itself checks that claims and failures are all rows."""
    import contextlib

    content = json.dumps(told).encode()
    shaped = json.dumps(record(told)).encode()
    for parse in (every_eval_ever.parse, lm_eval.parse, hub_results.parse):
        for text in (content, shaped, json.dumps({"results": told}).encode()):
            with contextlib.suppress(HeadwayError):
                parse(text)


# Round trip as a property -------------------------------------------------------------------------

words = st.none() | st.text(
    st.characters(blacklist_categories=["Cs", "Cc", "Zs", "Zl", "Zp", "Cf"]),
    min_size=1,
    max_size=12,
)
finite = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def score_rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows of the table ``scores``: any finite value, any text, any of the optional parts."""
    from headway.tables.schemas import EVALUATOR_RELATIONSHIPS, UNITS

    rows = []
    for i in range(draw(st.integers(1, 6))):
        unit = draw(st.sampled_from(UNITS))
        rows.append(
            {
                "score_id": f"s{i}",
                "model_version": draw(st.sampled_from(["m1", "m2"])),
                "benchmark": draw(st.sampled_from(["b1", "b2"])),
                "value": draw(st.floats(0, 1) if unit == "proportion" else finite),
                "unit": unit,
                "effort": draw(words),
                "scaffold": draw(words),
                "harness_version": draw(words.filter(lambda w: w != "unknown")),
                "attempts": draw(st.none() | st.integers(1, 10**6)),
                "n": draw(st.none() | st.integers(1, 10**6)),
                "stderr": draw(st.none() | st.floats(0, 1e6)),
                "token_budget": draw(st.none() | st.integers(1, 10**12).map(float)),
                "evaluated_on": draw(st.none() | st.dates(date(2000, 1, 1))),
                "published_at": draw(st.none() | st.dates(date(2000, 1, 1))),
                "evaluator": draw(words),
                "evaluator_relationship": draw(st.sampled_from(EVALUATOR_RELATIONSHIPS)),
                "source": draw(st.sampled_from(["own", "lab"])),
                "source_url": draw(st.sampled_from(["own", "https://example.org/x"])),
                "licence": "own",
            }
        )
    return rows


def every(told: Any) -> Any:
    """A day or its text as a text; all else as it is."""
    return told.isoformat() if isinstance(told, date) else told


@given(score_rows())
def test_any_scores_come_back_as_they_were(rows: list[dict[str, Any]]) -> None:
    models = {m: {"name": m.upper(), "open_weight": None, "developer": None} for m in ("m1", "m2")}
    benchmarks = {b: {"name": b.upper(), "higher_is_better": True} for b in ("b1", "b2")}
    records = every_eval_ever.export(
        rows, models=models, benchmarks=benchmarks, publishers={}, released=date(2026, 11, 25)
    )
    parsed = every_eval_ever.parse("\n".join(map(json.dumps, records)).encode())

    assert parsed.failures == ()
    columns = {
        **{"model_version": "model", "benchmark": "benchmark", "value": "score", "unit": "unit"},
        **{c: c for c in ("effort", "scaffold", "harness_version", "attempts", "n", "stderr")},
        **{c: c for c in ("token_budget", "evaluated_on", "published_at")},
        "evaluator_relationship": "evaluator_relationship",
    }
    before = sorted(repr([every(row[c]) for c in columns]) for row in rows)
    after = sorted(repr([getattr(claim, c) for c in columns.values()]) for claim in parsed.scores)
    assert after == before


@given(score_rows())
def test_any_exported_record_satisfies_the_published_schema(
    eee_schema: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    models = {m: {"name": m, "open_weight": True, "developer": "Lab"} for m in ("m1", "m2")}
    benchmarks = {b: {"name": b, "higher_is_better": True} for b in ("b1", "b2")}
    check = jsonschema.Draft7Validator(eee_schema)
    for one in every_eval_ever.export(
        rows, models=models, benchmarks=benchmarks, publishers={}, released=date(2026, 11, 25)
    ):
        check.validate(one)
