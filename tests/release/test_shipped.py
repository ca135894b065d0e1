"""The shipped release holds what it promises: valid tables, known facts, evidence once."""

from __future__ import annotations

import csv
import hashlib
import json
import tomllib
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from release_build.write import validate

from headway.tables.schemas import CYBER_HEADLINE_STAGES

ROOT = Path(__file__).resolve().parents[2]
TABLES = ROOT / "src" / "headway" / "tables"
LICENCES = tomllib.loads((TABLES / "licences.toml").read_text(encoding="utf-8"))

Tables = dict[str, pl.DataFrame]


def test_every_table_keeps_its_schema_and_foreign_keys(shipped: Tables) -> None:
    validate(shipped)


def test_manifest_matches_the_files() -> None:
    manifest = json.loads((TABLES / "release" / "release.json").read_text(encoding="utf-8"))

    found = {
        path.stem: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (TABLES / "release").glob("*.parquet")
    }

    assert {name: entry["sha256"] for name, entry in manifest["tables"].items()} == found


def test_the_release_is_small() -> None:
    total = sum(path.stat().st_size for path in (TABLES / "release").iterdir())

    assert total < 3_000_000


def test_data_through_is_the_latest_known_day(shipped: Tables) -> None:
    manifest = json.loads((TABLES / "release" / "release.json").read_text(encoding="utf-8"))
    latest = shipped["scores"]["known_on"].max()

    assert isinstance(latest, date)
    assert manifest["data_through"] == latest.isoformat()
    assert manifest["data_release"] >= manifest["data_through"]


@pytest.mark.parametrize(
    ("model", "access", "day"),
    [
        ("kimi-k3", "open_weight", date(2026, 7, 27)),
        ("glm-5.3", "open_weight", date(2026, 8, 28)),
        ("claude-mythos-preview", "restricted", date(2026, 4, 7)),
        ("claude-mythos-5", "restricted", date(2026, 6, 9)),
        ("claude-fable-5", "api", date(2026, 6, 9)),
        ("claude-fable-5", "api", date(2026, 7, 1)),
    ],
)
def test_known_access_dates(shipped: Tables, model: str, access: str, day: date) -> None:
    rows = shipped["access"].filter(
        pl.col("model_version") == model, pl.col("access") == access, pl.col("from") == day
    )

    assert rows.height == 1


@pytest.mark.parametrize("model", ["kimi-k3", "glm-5.3"])
def test_announced_models_are_not_open_before_their_weights(shipped: Tables, model: str) -> None:
    rows = shipped["access"].filter(pl.col("model_version") == model).sort("from")

    assert rows["access"].to_list() == ["api", "open_weight"]
    assert rows["to"][0] == rows["from"][1]


def test_intervals_of_one_model_do_not_overlap(shipped: Tables) -> None:
    rows = shipped["access"].sort("model_version", "from")
    following = rows.with_columns(
        pl.col("from").shift(-1).over("model_version").alias("next")
    ).filter(pl.col("next").is_not_null())

    assert following.filter(pl.col("to").is_null() | (pl.col("to") > pl.col("next"))).height == 0


def test_the_public_never_had_mythos(shipped: Tables) -> None:
    rows = shipped["access"].filter(pl.col("model_version").str.starts_with("claude-mythos"))

    assert set(rows["access"].cast(pl.String)) == {"restricted", "unreleased"}


def test_every_benchmark_has_a_reason(shipped: Tables) -> None:
    assert shipped["benchmarks"].filter(pl.col("reason").str.len_chars() < 12).height == 0


def test_released_benchmarks_cite_where_the_date_was_read(shipped: Tables) -> None:
    rows = shipped["benchmarks"].filter(pl.col("released").is_not_null())

    assert rows.filter(pl.col("released_source").is_null()).height == 0
    assert rows.filter(pl.col("released_precision").is_null()).height == 0


#: How a benchmark's date was confirmed; it closes ``released_source`` in brackets.
CONFIRMED = (
    "address stands in the raw data",
    "number and title found together in public citations",
    "day and title found together in public citations",
    "read in a copy of the page",
    "in use by then; read in a copy of the page",
    "first dated row in the raw data",
    "day in the address",
    "day in the name of the set in the raw data",
)


def test_every_benchmark_date_says_how_it_was_confirmed(shipped: Tables) -> None:
    rows = shipped["benchmarks"].filter(pl.col("released").is_not_null())
    how = rows["released_source"].str.extract(r"^https://\S+ \((.+)\)$")

    assert set(how) <= set(CONFIRMED)


def test_an_arxiv_number_gives_the_month(shipped: Tables) -> None:
    rows = shipped["benchmarks"].filter(pl.col("released_source").str.contains("arxiv.org/abs/"))
    number = rows["released_source"].str.extract(r"abs/(\d{4})\.")

    assert (rows["released"].dt.strftime("%y%m") == number).all()


def test_no_row_of_a_connector_only_source_ships(shipped: Tables) -> None:
    closed = [key for key, entry in LICENCES.items() if entry["decision"] == "connector_only"]
    rows = shipped["scores"].filter(pl.col("source").is_in(closed))

    assert rows.height == 0
    assert {"livebench", "artificial-analysis", "swe-bench-site", "ctibench", "seceval"} <= set(
        closed
    )
    assert (
        not shipped["scores"]["source_url"].str.contains("artificialanalysis.ai|livebench.ai").any()
    )


def test_every_licence_decision_has_a_reason_and_a_credit() -> None:
    assert all(entry["reason"] and entry["cite"] for entry in LICENCES.values())


def test_attribution_names_every_shipping_source(shipped: Tables) -> None:
    text = (ROOT / "ATTRIBUTION.md").read_text(encoding="utf-8")
    sources = shipped["sources"].filter(pl.col("rows") > 0)

    assert [url for url in sources["url"] if url not in text] == []


def test_duplicates_point_to_an_original_of_the_same_family(shipped: Tables) -> None:
    families = shipped["benchmarks"].select("benchmark", "family")
    rows = shipped["scores"].join(families, on="benchmark")
    originals = rows.select(
        pl.col("score_id").alias("duplicate_of"),
        pl.col("family").alias("their_family"),
        pl.col("use").alias("their_use"),
    )
    both = rows.filter(pl.col("use") == "duplicate").join(originals, on="duplicate_of")

    assert both.height == rows.filter(pl.col("use") == "duplicate").height
    assert both.filter(pl.col("family") != pl.col("their_family")).height == 0
    assert both.filter(pl.col("their_use") == "duplicate").height == 0


@pytest.mark.parametrize(
    ("model", "benchmark", "value"),
    [
        ("gpt-5.6-sol", "cybergym-level1", 0.845),  # OpenAI, repeated by DeepSeek
        ("glm-5.3", "cybergym-level1", 0.845),  # Z.ai, repeated by DeepSeek
        ("claude-3.5-sonnet-oct-2024", "nyu-ctf", 0.19),  # D-CIPHER, repeated by CRAKEN
        ("claude-opus-4.5", "aisi-tlo", 0.34375),  # printed, digitised, and read by Epoch
        ("claude-3.7-sonnet", "aider-polyglot", 0.649),  # Aider, repeated by models.dev
    ],
)
def test_documented_repeats_enter_the_fit_once(
    shipped: Tables, model: str, benchmark: str, value: float
) -> None:
    rows = shipped["scores"].filter(
        pl.col("model_version") == model,
        pl.col("benchmark") == benchmark,
        (pl.col("score") - value).abs() < 6e-4,
    )

    assert rows.height > 1
    assert rows.filter(pl.col("use") == "fit").height == 1


def test_runs_taken_over_from_june_count_once(shipped: Tables) -> None:
    rows = shipped["scores"].filter(
        pl.col("model_version") == "gpt-2", pl.col("panel").is_in(["june-2025", "lyptus-v2"])
    )

    fits = rows.filter(pl.col("use") == "fit").group_by("benchmark").len()
    assert fits["len"].max() == 1


def test_the_parts_of_the_lyptus_run_hold_every_outcome_once(shipped: Tables) -> None:
    rows = shipped["scores"].filter(pl.col("panel") == "lyptus-v2", pl.col("use") == "fit")
    kept = ["gpt-2", "davinci-002", "gpt-3.5-turbo"]  # counted with June 2025
    runs = shipped["task_runs"].filter(
        pl.col("run") == "lyptus-v2", ~pl.col("model_version").is_in(kept)
    )
    solved = rows.group_by("model_version").agg(
        (pl.col("score") * pl.col("n")).sum().round(6).alias("solved"), pl.col("n").sum()
    )
    both = (
        runs.group_by("model_version")
        .agg(pl.col("success").sum(), pl.len())
        .join(solved, on="model_version", how="full", coalesce=True)
    )

    assert rows["benchmark"].str.contains("-lyptus-p[12]$").all()
    assert both.filter(pl.col("success") != pl.col("solved")).height == 0
    assert both.filter(pl.col("len") != pl.col("n")).height == 0
    assert both.filter(pl.col("model_version") == "gpt-5.5")["n"].to_list() == [316]


def test_a_repeat_of_a_pooled_lyptus_row_is_no_evidence(shipped: Tables) -> None:
    rows = shipped["scores"].filter(
        pl.col("model_version") == "deepseek-v3.1", pl.col("benchmark") == "intercode-ctf"
    )

    assert sorted(rows["use"].cast(pl.String)) == ["duplicate", "index"]


#: A name of an API that points to one build today and to another tomorrow.
MOVING = r"(?i)-latest$|\(latest\)|moving name"


def test_a_moving_name_has_no_date_and_no_access(shipped: Tables) -> None:
    moving = shipped["model_versions"].filter(
        pl.col("model_version").str.contains(MOVING) | pl.col("name").str.contains(MOVING)
    )

    assert {"chatgpt-4o-latest", "gpt-5-chat"} & set(moving["model_version"])
    assert moving["released"].null_count() == moving.height
    assert (
        shipped["access"]
        .filter(pl.col("model_version").is_in(moving["model_version"].to_list()))
        .height
        == 0
    )


@pytest.mark.parametrize(
    ("alias", "model"),
    [
        ("mistral-medium-latest", "mistral-medium-3.5"),
        ("codestral-latest", "codestral-25.01"),
        ("deepseek-chat", "deepseek-v3.2-exp"),
        ("openai/chatgpt-4o-latest", "chatgpt-4o-latest-20240903"),
    ],
)
def test_a_moving_name_resolves_where_the_panel_fixes_the_build(
    shipped: Tables, alias: str, model: str
) -> None:
    rows = shipped["model_aliases"].filter(pl.col("alias").str.starts_with(alias))

    assert model in set(rows["model_version"])


def test_no_result_is_much_older_than_its_model(shipped: Tables) -> None:
    rows = shipped["scores"].join(
        shipped["model_versions"].select("model_version", "released"), on="model_version"
    )
    day = pl.min_horizontal("evaluated_on", "published_at")

    assert rows.filter(day < pl.col("released") - pl.duration(days=14)).height == 0


def test_an_orchestrator_of_other_models_is_no_model(shipped: Tables) -> None:
    rows = shipped["scores"].filter(pl.col("model_version").str.starts_with("fugu"))

    assert set(rows["use"].cast(pl.String)) == {"not_comparable"}


def test_standard_errors_are_shares_where_scores_are(shipped: Tables) -> None:
    rows = shipped["scores"].filter(pl.col("unit") == "proportion", pl.col("stderr") > 0)
    widest = (pl.col("score") * (1 - pl.col("score"))).sqrt()

    assert rows.height > 100
    assert rows.filter(pl.col("stderr") > 0.11).height == 0
    assert rows.filter(
        pl.col("score").is_between(0.01, 0.99, closed="none"), pl.col("stderr") > widest
    ).is_empty()


@pytest.mark.parametrize(
    ("benchmark", "n"),
    [("cybergym-level1", 1507), ("exploitgym-2h", 869), ("exploitgym-6h", 869)],
)
def test_known_set_sizes(shipped: Tables, benchmark: str, n: int) -> None:
    stated = shipped["scores"].filter(pl.col("benchmark") == benchmark)["n"].drop_nulls()

    assert set(stated) == {n}


def test_one_snapshot_of_the_arena_is_in_the_fit(shipped: Tables) -> None:
    rows = shipped["scores"].filter(pl.col("benchmark") == "lmarena-text", pl.col("use") == "fit")

    assert rows["published_at"].n_unique() == 1


def test_indices_stay_out_of_the_fit(shipped: Tables) -> None:
    rows = shipped["scores"].filter(
        pl.col("benchmark").is_in(["eci-2026-09", "caisi-elo", "lyptus-suite", "metr-average-1.1"])
    )

    assert rows.height > 200
    assert set(rows["use"].cast(pl.String)) == {"index"}


def test_a_rivals_panel_is_not_independent(shipped: Tables) -> None:
    rows = shipped["scores"].filter(pl.col("panel") == "zai-glm53")
    kinds = dict(
        rows.group_by("evaluator_relationship")
        .len()
        .with_columns(pl.all().cast(pl.String))
        .iter_rows()
    )

    assert set(kinds) == {"first_party", "competitor"}
    assert int(kinds["competitor"]) > int(kinds["first_party"])


def test_june_minutes_stay_in_their_own_column(shipped: Tables) -> None:
    tasks = shipped["tasks"]
    both = tasks.filter(
        pl.col("human_minutes").is_not_null() & pl.col("human_minutes_2025_06").is_not_null()
    )

    assert tasks.height == 631
    assert tasks["human_minutes"].drop_nulls().len() == 291
    assert both.height > 100
    assert (both["human_minutes_2025_06"] / both["human_minutes"]).median() < 0.5


def test_task_runs_are_complete(shipped: Tables) -> None:
    runs = shipped["task_runs"]

    assert runs.filter(pl.col("run") == "lyptus-v2").height == 9286
    tasks = shipped["tasks"].select("task_id", "benchmark")
    assert runs.join(tasks, on=["task_id", "benchmark"], how="anti").height == 0


def test_headline_stages_hold_open_and_closed_models(shipped: Tables) -> None:
    flags = shipped["model_versions"].select("model_version", "open_weight")
    rows = (
        shipped["scores"]
        .filter(pl.col("use") == "fit")
        .join(shipped["benchmarks"].select("benchmark", "stage"), on="benchmark")
        .join(flags, on="model_version")
    )
    for stage in CYBER_HEADLINE_STAGES:
        group = rows.filter(pl.col("stage") == stage)
        assert group.filter(pl.col("open_weight"))["model_version"].n_unique() >= 3, stage
        assert group.filter(~pl.col("open_weight"))["model_version"].n_unique() >= 3, stage


def test_undated_results_have_no_known_day(shipped: Tables) -> None:
    rows = shipped["scores"].filter(pl.col("pseudo_vintage"))

    assert rows.filter(pl.col("published_at").is_not_null()).height == 0
    assert rows.filter(pl.col("known_on").is_null()).height == 0


def test_unresolved_names_are_public() -> None:
    with (TABLES / "release" / "unresolved.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert all(row["reason"] and int(row["rows"]) > 0 for row in rows)
    assert any("not named" in row["name"] for row in rows)


def test_digitised_values_carry_their_reading_error(shipped: Tables) -> None:
    rows = shipped["scores"].filter(pl.col("panel") == "aisi-narrow")

    assert rows.height == 12
    assert (rows["read_error_sd"] > 0).all()


def test_the_page_about_the_release_states_its_row_counts(shipped: Tables) -> None:
    text = (ROOT / "docs" / "data-release.md").read_text(encoding="utf-8")
    listed = ("scores", "benchmarks", "model_versions", "model_aliases", "access", "task_runs")

    assert [name for name in listed if f"{shipped[name].height:,}" not in text] == []


def test_indices_of_others_keep_their_publishers_dates_and_flags(shipped: Tables) -> None:
    """Kimi K3 stands in Epoch's file with its launch, GLM-5.3 as API access; Headway's own access
    table has the days of the weights."""
    epoch = shipped["index_scores"].filter(pl.col("series") == "eci-2026-09")
    rows = {row["model_version"]: row for row in epoch.iter_rows(named=True)}

    assert epoch.height == 256
    assert rows["kimi-k3"]["released"] == date(2026, 7, 16)
    assert rows["glm-5.3"]["access"] == "api"
    assert rows["gpt-6-astra"]["score"] == 166.57


def test_every_series_holds_both_kinds_of_model(shipped: Tables) -> None:
    kinds = (
        shipped["index_scores"]
        .filter(pl.col("access").is_in(["open_weight", "api"]))
        .group_by("series")
        .agg(pl.col("access").n_unique())
    )

    assert kinds.height == 10
    assert set(kinds["access"]) == {2}


def test_stated_trend_lines_give_the_stated_lags(shipped: Tables) -> None:
    """16.7 months over the open slope (build of 2026-09-08), 11.0 over the closed one (2026-09-29)."""
    lines = {
        (row["series"], row["quantity"]): row["value"]
        for row in shipped["index_lines"].iter_rows(named=True)
    }
    first, later = "ecih-2026-09-08-all", "ecih-2026-09-29-all"

    assert round(12 * lines[first, "gap"] / lines[first, "slope_open"], 1) == 16.7
    assert round(12 * lines[later, "gap"] / lines[later, "slope_closed"], 1) == 11.0


def test_the_staged_release_of_gpt_2(shipped: Tables) -> None:
    rows = shipped["precedents"].sort("date", "event")

    assert rows["event"].to_list() == [
        "announced",
        "weights_124m",
        "weights_355m",
        "weights_774m",
        "weights_1558m",
    ]
    assert rows["date"].to_list() == [
        date(2019, 2, 14),
        date(2019, 2, 14),
        date(2019, 5, 31),
        date(2019, 8, 20),
        date(2019, 11, 5),
    ]
    assert rows.filter(pl.col("precision") == "month")["event"].to_list() == ["weights_355m"]


def test_each_published_estimate_says_what_was_counted(shipped: Tables) -> None:
    rows = shipped["published_estimates"]

    assert rows.height == 116  # 112 as collected, 4 printed on one figure
    assert rows["definition"].null_count() == 0
    assert rows["definition"].str.len_chars().max() <= 110
    assert rows["summary"].null_count() == 0


def test_a_preset_is_its_own_published_estimate(shipped: Tables) -> None:
    rows = shipped["published_estimates"].filter(pl.col("preset").is_not_null())

    assert rows.height == 76
    assert (rows["preset"] == rows["estimate_id"]).all()
    assert set(rows["unit"]) == {"months"}
