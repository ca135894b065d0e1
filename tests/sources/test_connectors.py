"""Every connector against bodies of its shape: read in full, broken row by row, and drifted."""

from __future__ import annotations

import math
import re
import tomllib
from importlib import resources

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headway.errors import HeadwayError, SchemaDrift, Unreadable
from headway.i18n import LANGS, message
from headway.problems import localised
from headway.sources.declare import Parsed
from tests.sources.bodies import CASES, CONNECTORS, Case, as_csv, as_json, as_zip, put, reach

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
each_connector = pytest.mark.parametrize(
    "module", CONNECTORS, ids=lambda module: module.__name__.rpartition(".")[2]
)
DATED = [case for case in CASES if case.date is not None]
SCALED = [case for case in CASES if case.unit in ("percent", "percents", "proportion")]


def size(parsed: Parsed) -> int:
    return len(parsed.scores) + len(parsed.models) + len(parsed.failures)


@each_connector
def test_a_source_is_declared_in_full(module):
    source = module.SOURCE
    assert re.fullmatch(r"[a-z0-9-]+", source.key)
    assert source.resources
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", one.name) for one in source.resources)
    assert all(one.url.startswith("https://") and one.media for one in source.resources)
    assert len({one.name for one in source.resources}) == len(source.resources)
    for key in source.quirks:
        assert all(message(key, lang) for lang in LANGS)


@each_connector
def test_licences_agree_with_the_table_of_decisions(module):
    """What a connector declares is what licences.toml decides, or the table beside the release."""
    folder = resources.files("headway.tables")
    names = ("licences.toml", "licences_beside.toml")
    tables = [tomllib.loads(folder.joinpath(name).read_text("utf-8")) for name in names]
    assert not set(tables[0]) & set(tables[1])
    decided = (tables[0] | tables[1])[module.SOURCE.key]
    assert decided["reason"]

    assert module.SOURCE.publisher == decided["publisher"]
    assert module.SOURCE.licence == decided["licence"]
    assert module.SOURCE.cite == decided["cite"]
    assert module.SOURCE.redistributable == (decided["decision"] == "ship")


def test_no_two_sources_share_a_key():
    keys = [module.SOURCE.key for module in CONNECTORS]
    assert len(set(keys)) == len(keys)


def test_every_resource_has_a_body_to_try():
    tried = {(case.module.SOURCE.key, case.resource) for case in CASES}
    # boards of one source with one shape are tried once
    same = {
        ("aider", "edit"),
        ("aider", "refactor"),
        ("lmarena", "text_style_control"),
        ("lmarena", "webdev"),
        ("sec-code-bench", "leaderboard-2_0_0"),
    }
    # claims of other kinds than scores and models: test_huggingface.py, test_model_prices.py
    elsewhere = {("huggingface", "models"), ("genai-prices", "providers")}
    every = {(m.SOURCE.key, one.name) for m in CONNECTORS for one in m.SOURCE.resources}
    assert every == tried | same | elsewhere


@each_case
def test_a_body_is_read_in_full(case: Case):
    parsed = case.parse(case.data)

    assert (len(parsed.scores), len(parsed.models)) == case.gives
    assert parsed.failures == ()
    assert parsed.drift == ()
    assert parsed.present == sum(case.gives)
    assert all(math.isfinite(one.score) for one in parsed.scores)


@each_case
def test_a_missing_column_raises_and_is_named(case: Case):
    data = case.fresh()
    for row in case.rows(data):
        holder = reach(row, case.needed[:-1])
        holder["renamed_today"] = holder.pop(case.needed[-1])

    with pytest.raises(SchemaDrift) as caught:
        case.parse(data)

    assert case.needed[-1] in str(caught.value)
    assert "renamed_today" in str(caught.value)
    assert case.needed[-1] in localised(caught.value, "ja")[0]


@each_case
def test_a_new_column_is_drift_and_costs_nothing(case: Case):
    data = case.fresh()
    for row in case.rows(data):
        row["added_today"] = 1

    parsed = case.parse(data)

    assert (len(parsed.scores), len(parsed.models)) == case.gives
    assert [one for one in parsed.drift if "added_today" in one]


@pytest.mark.parametrize("case", SCALED, ids=lambda case: case.id)
def test_a_changed_unit_raises(case: Case):
    """0 to 1 became percent, or percent became 0 to 1: every number would be wrong by 100."""
    data = case.fresh()
    factor = 100 if case.unit == "proportion" else 0.01
    for row in case.rows(data):
        if case.unit == "percents":  # several columns share the unit, and all of them change
            held = row.get("scenarioScores", row)
            for key in [key for key in held if isinstance(held[key], float | int)]:
                held[key] = held[key] * factor
        else:
            put(row, case.score, reach(row, case.score) * factor)

    with pytest.raises(SchemaDrift, match="unit_changed"):
        case.parse(data)


@pytest.mark.parametrize("case", DATED, ids=lambda case: case.id)
@pytest.mark.parametrize("text", ["31.12.2025", "12/31/2025", "Dec 31, 2025", "1999-12-31"])
def test_a_changed_date_format_raises(case: Case, text):
    data = case.fresh()
    for row in case.rows(data):
        put(row, case.date, text)

    with pytest.raises(SchemaDrift, match=re.escape(text)):
        case.parse(data)


@pytest.mark.parametrize("case", DATED, ids=lambda case: case.id)
@pytest.mark.parametrize("text", ["2026-02-31", "1970-01-01", "2203-01-01", "soon"])
def test_one_impossible_date_costs_its_row_only(case: Case, text):
    if case.encode.__name__ == "as_parquet":
        pytest.skip("its dates are one per board, not per row")
    data = case.fresh()
    put(case.rows(data)[0], case.date, text)

    parsed = case.parse(data)

    assert {one.reason for one in parsed.failures} <= {"not_a_date", "date_out_of_range"}
    assert parsed.failures
    assert parsed.present == sum(case.gives) == size(parsed)


@each_case
@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -3.0, 1e13, "n/a", "1_000", True, [1], {}]
)
def test_one_bad_number_costs_its_row_only(case: Case, value):
    if case.encode.__name__ == "as_parquet" and not isinstance(value, float):
        pytest.skip("a Parquet column has one type")
    data = case.fresh()
    put(case.rows(data)[0], case.score, value)

    parsed = case.parse(data)

    stated = [one for one in parsed.scores if not math.isfinite(one.score)]
    assert stated == []
    if case.unit != "points" or value not in (-3.0,):
        assert len(parsed.failures) == 1
        assert re.fullmatch(r"[a-z_]+", parsed.failures[0].reason)
    assert parsed.present == size(parsed) == sum(case.gives)


@each_case
def test_a_hostile_name_is_data(case: Case):
    """Markup and paths stay text; control characters and escape sequences go."""
    if case.name is None:
        pytest.skip("the name is a key of the body")
    data = case.fresh()
    put(case.rows(data)[-1], case.name, "../../etc/<img src=x onerror=alert(1)>\x1b[31m\u202e")

    parsed = case.parse(data)

    stated = {one.model for one in parsed.scores} | {one.model for one in parsed.models}
    stated |= {one.task or "" for one in parsed.scores} | {one.name or "" for one in parsed.models}
    assert "../../etc/<img src=x onerror=alert(1)>" in stated
    assert not [one for one in stated if not one.isprintable()]
    assert parsed.present == size(parsed) >= sum(case.gives)


@each_case
@pytest.mark.parametrize("value", ["", "   ", "\u200b", "x" * 201])
def test_a_name_that_is_none_costs_its_row_only(case: Case, value):
    if case.name is None:
        pytest.skip("the name is a key of the body")
    data = case.fresh()
    rows = case.rows(data)
    put(rows[0], case.name, value)

    parsed = case.parse(data)

    assert {one.reason for one in parsed.failures} <= {"name_empty", "name_too_long"}
    assert size(parsed) == parsed.present
    assert parsed.scores


@each_case
def test_another_format_is_refused(case: Case):
    page = b"<!doctype html><html><body>Service unavailable</body></html>\n"
    for body in (b"", page, b"\xff\xfe\x00\x01" * 9, case.encode(case.data)[:40]):
        with pytest.raises(HeadwayError):
            case.module.parse(body, case.resource)


@each_case
def test_text_that_is_not_utf8_is_unreadable(case: Case):
    body = case.encode(case.data)
    text = body.replace(b"odel", b"od\xe9l")
    if text == body or case.encode.__name__ == "as_parquet":
        pytest.skip("a packed body")
    with pytest.raises(Unreadable):
        case.module.parse(text, case.resource)


@each_case
def test_a_pointer_to_a_large_file_is_not_the_file(case: Case):
    body = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
    with pytest.raises(HeadwayError):
        case.module.parse(body, case.resource)


@each_case
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_corruption_never_raises_anything_else(case: Case, data):
    """Whatever happened to the bytes, the answer is a result whose rows add up, or our error."""
    body = bytearray(case.encode(case.data))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body) - 1))
        what = data.draw(st.sampled_from(["set", "cut", "drop", "insert", "copy"]))
        if what == "set":
            body[at] = data.draw(st.integers(0, 255))
        elif what == "cut":
            del body[max(at, 1) :]
        elif what == "drop":
            del body[at : at + data.draw(st.integers(0, 20))]
        elif what == "insert":
            body[at:at] = data.draw(
                st.sampled_from([b'"', b",", b"\n", b"{", b"}", b"NaN", b"-", b"\x00", b"!!int "])
            )
        else:
            body[at:at] = body[at : at + 30]
        body = body or bytearray(b"x")
    try:
        parsed = case.module.parse(bytes(body), case.resource)
    except HeadwayError:
        return
    assert parsed.present == size(parsed) > 0


@each_case
def test_reading_is_deterministic(case: Case):
    assert case.parse(case.data) == case.parse(case.data)


# What one source alone has.


def hub(**changes: object) -> Parsed:
    case = CASES[0]
    return case.parse({**case.fresh(), **changes})


def test_the_hub_gives_intervals_and_draws_of_the_index():
    parsed = hub()
    index = [one for one in parsed.scores if one.metric == "eci"]

    assert [(one.score, one.low, one.high) for one in index[:2]] == [
        (130, None, None),
        (131, 129, 134),
    ]
    assert parsed.draws["Model 2"] == (132.5, 133.5, 134.5)


def test_the_hub_tells_its_own_runs_from_results_of_others():
    terms = {one.benchmark: one.licence_key for one in hub().scores}
    assert terms["GPQA diamond"] is None
    assert terms["New board"] == "epoch-hub-external"


def test_the_hub_takes_units_from_its_metadata():
    units = {(one.benchmark, one.metric): one.unit for one in hub().scores}
    assert units["New board", "Win rate"] == "percent"
    assert units["METR Time Horizons", "Time horizon"] == "minutes"
    assert units["METR Time Horizons", "average_score"] == "proportion"


def test_a_file_of_unknown_unit_is_one_failure():
    parsed = hub(**{"mystery_external.csv": [{"Model version": "m", "Score": 3}]})
    assert [(one.raw, one.reason) for one in parsed.failures] == [
        ("mystery_external.csv", "file_not_declared")
    ]


def test_a_file_that_the_metadata_names_and_the_zip_lacks_is_drift():
    data = CASES[0].fresh()
    del data["new_board_external.csv"]
    assert [one for one in CASES[0].parse(data).drift if "new_board_external.csv" in one]


def test_draws_of_another_shape_raise():
    draws = CASES[0].fresh()["epoch_capabilities_index/eci_bootstraps.json"]
    draws["model"]["capability_samples"][0].pop()
    with pytest.raises(SchemaDrift, match="draws"):
        hub(**{"epoch_capabilities_index/eci_bootstraps.json": draws})


def test_the_older_index_is_read_too():
    row = {
        "Model version": "m_high",
        "ECI Score": "140.5",
        "Release date": "2026-02-05",
        "Organization": "Lab",
        "Country": "Nowhere",
        "Model accessibility": "API access",
    }
    parsed = CASES[1].module.parse(as_csv([row, {**row, "ECI Score": ""}]), "eci_scores")
    assert (len(parsed.scores), len(parsed.models), parsed.present) == (1, 2, 3)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_corrupt_file_within_the_archive_never_raises_anything_else(data):
    """The archive is whole, and one of its files is not."""
    file = data.draw(st.sampled_from(list(CASES[0].data)))
    value = CASES[0].data[file]
    content = as_csv(value) if isinstance(value, list) else as_json(value)
    at = data.draw(st.integers(0, len(content) - 1))
    piece = data.draw(st.sampled_from([b'"', b",", b"\n", b"nan", b"-", b"}", b"\xff", b""]))
    broken = content[:at] + piece + content[at + data.draw(st.integers(0, 30)) :]
    body = as_zip({**CASES[0].data, file: broken})
    try:
        parsed = CASES[0].module.parse(body, "benchmark_data")
    except HeadwayError:
        return
    assert parsed.present == size(parsed) > 0


def test_a_folder_around_the_hub_is_stripped():
    data = {f"benchmark_data/{key}": value for key, value in CASES[0].data.items()}
    assert CASES[0].module.parse(as_zip(data), "benchmark_data") == hub()


def test_a_line_that_is_no_json_costs_one_run():
    case = next(case for case in CASES if case.id == "metr:runs")
    lines = case.encode(case.data).splitlines(keepends=True)
    lines[1] = lines[1][:20] + b"\n"

    parsed = case.module.parse(b"".join(lines), "runs")

    assert [one.reason for one in parsed.failures] == ["row_shape"]
    assert len(parsed.scores) == len(lines) - 1


def test_more_exploits_than_instances_is_out_of_range():
    case = next(case for case in CASES if case.id == "cybergym:exploitgym")
    data = case.fresh()
    data["results"][0]["v8"] = 31
    assert [one.reason for one in case.parse(data).failures] == ["out_of_range"]


def test_a_swe_bench_entry_is_its_tagged_model():
    case = next(case for case in CASES if case.id == "swe_bench:leaderboards")
    models = [one.model for one in case.parse(case.data).scores]
    assert models == ["model-1"] * 3 + [f"Agent 1.0 (Model {i})" for i in (3, 4, 5)]
