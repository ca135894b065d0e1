"""The questions: rows that pass their schemas, answers in both languages, clear errors."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import headway
from headway.cli.app import app
from tests.api.test_api import valid

POINTS = (
    "model,hardware,n_gpus,precision,phase,isl,osl,concurrency,tok_s_gpu,unit,engine,date\n"
    "deepseek-v3,h200_sxm,8,fp8,agg,1024,1024,64,250,output tok/s/GPU,sglang,2026-03-01\n"
    "glm-5,b200_sxm,8,fp8,agg,8192,1024,64,1350,total tok/s/GPU,sglang,2026-03\n"
    "deepseek-v3,gb200,8,fp8,prefill,2000,,,18000,input tok/s/GPU,sglang,2025-09-25\n"
    "deepseek-v3,gb200,12,fp4,disagg,1024,1024,64,350,output tok/s/GPU,trtllm,2026-02-01\n"
)


def call(*args: str) -> Result:
    return CliRunner().invoke(app, ["deploy", *args])


def test_fit_says_the_published_minimum() -> None:
    document = valid(headway.deploy_fit("kimi-k3", "h200").to_json())
    (row,) = [r for r in document["results"] if r["is_checkpoint"]]
    assert (row["precision"], row["gpus"]["value"], row["fits"]) == ("mxfp4", 16, True)
    assert row["gpus"]["interval"] is None
    assert row["gpus"]["notes"] == ["deploy_counted"]


def test_fit_judges_a_number_of_gpus() -> None:
    for gpus, fits in ((8, False), (16, True)):
        (row,) = headway.deploy_fit("kimi-k3", "h200", precision="mxfp4", gpus=gpus).documents
        assert row["fits"] is fits


def test_fit_reads_a_config_json(tmp_path: Path) -> None:
    config = {
        "model_type": "llama",
        "num_hidden_layers": 80,
        "hidden_size": 8192,
        "num_attention_heads": 64,
        "num_key_value_heads": 8,
        "intermediate_size": 28672,
        "vocab_size": 128256,
        "max_position_embeddings": 131072,
        "torch_dtype": "bfloat16",
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    own = headway.deploy_fit(str(tmp_path / "config.json"), "h100").documents
    known = headway.deploy_fit("llama-3.1-70b", "h100").documents
    assert [{**r, "model": None} for r in own] == [{**r, "model": None} for r in known]


def test_a_chip_without_a_network_holds_one_chip_only() -> None:
    (row,) = headway.deploy_fit("llama-3.1-70b", "m3-ultra-512", precision="bf16").documents
    assert row["gpus"]["value"] == 1


def test_speed_and_cost_and_frontier_pass_their_schemas() -> None:
    for found in (
        headway.deploy_speed("deepseek-v3", "h200", concurrency=(1, 64)),
        headway.deploy_cost("deepseek-v3", "h200"),
        headway.deploy_frontier("gpt-oss-120b", "b200", gpus=2),
    ):
        document = valid(found.to_json())
        assert document["results"]
        assert found.table().height == len(document["results"])


def test_input_and_output_prices_add_up_to_the_rent() -> None:
    """Prices per token times tokens per second give back what the GPUs cost."""
    found = headway.deploy_cost("deepseek-v3", "h200", price=2.0, isl=4096, osl=512)
    (row,) = found.documents
    speed = headway.deploy_speed(
        "deepseek-v3", "h200", isl=4096, osl=512, concurrency=(row["concurrency"],)
    ).documents[0]["tokens_per_s"]["value"]
    paid = (row["usd_per_mtok_out"]["value"] + row["usd_per_mtok_in"]["value"] * 8) * speed / 1e6
    assert paid * 86400 == pytest.approx(row["usd_per_day"]["value"], rel=1e-6)
    assert row["usd_per_day"]["value"] == 8 * 24 * 2.0


def test_a_chip_whose_rent_nobody_reports_has_no_cost_and_no_zero() -> None:
    (row,) = headway.deploy_cost("llama-3.1-70b", "h20", gpus=4, precision="bf16").documents
    for name in ("usd_per_day", "usd_per_mtok_in", "usd_per_mtok_out"):
        assert row[name]["value"] is None
        assert row[name]["notes"] == ["deploy_no_price"]
    assert row["tier"] == "unknown"
    assert row["kwh_per_mtok_out"]["value"] > 0


def test_an_unmeasured_model_or_chip_is_said_and_less_sure() -> None:
    widths = []
    for model, chip, note in (
        ("deepseek-v3", "h200", None),
        ("llama-3.1-405b", "h200", "deploy_new_model"),
        ("llama-3.1-405b", "mi300x", "deploy_new_both"),
    ):
        row = headway.deploy_speed(model, chip, precision="fp8", concurrency=(8,)).documents[0]
        told = row["tokens_per_s"]
        assert told["notes"] == ([] if note is None else [note])
        widths.append(math.log(told["interval"]["high"] / told["interval"]["low"]))
    assert widths == sorted(widths)
    assert widths[0] < widths[2]


def test_the_essays_case_has_an_interval_for_everything() -> None:
    for chip in ("h100", "gb200"):
        found = headway.deploy_hypothetical("8T", "100B..400B", chip)
        for row in valid(found.to_json())["results"]:
            for name in ("gpus", "usd_per_day", "tokens_per_s_alone", "power_kw"):
                told = row[name]
                assert told["interval"]["low"] <= told["value"] <= told["interval"]["high"]
            assert row["sensitivity"]["total"] is None
            assert row["sensitivity"]["active"] < -0.1


def test_equal_seeds_give_equal_draws() -> None:
    one, two = (headway.deploy_hypothetical("5T..10T", "100B..400B") for _ in range(2))
    other = headway.deploy_hypothetical("5T..10T", "100B..400B", seed=1)
    assert one.documents == two.documents
    assert one.documents != other.documents


# Validation ------------------------------------------------------------------------------------


def test_own_points_are_judged_and_lost_rows_counted(tmp_path: Path) -> None:
    lost = (
        "nobody,h200,8,fp8,agg,1024,1024,64,250,output tok/s/GPU,,\n"
        "deepseek-v3,nothing,8,fp8,agg,1024,1024,64,250,output tok/s/GPU,,\n"
        "deepseek-v3,h200,8,fp8,agg,1024,1024,,250,output tok/s/GPU,,\n"
        "deepseek-v3,h200,1000000000,fp8,agg,1024,1024,64,250,output tok/s/GPU,,\n"
        "deepseek-v3,h200,8,fp8,agg,,1024,64,250,output tok/s/GPU,,\n"
        "deepseek-v3,h200,8,fp8,agg,1024,1024,64,250,furlongs,,\n"
        "deepseek-v3,h200,8,fp8,agg,1024,1024,64,-1,output tok/s/GPU,,\n"
        "deepseek-v3,h200,8,fp9,agg,1024,1024,64,250,output tok/s/GPU,,\n"
        "deepseek-v3,h200,8,fp8,later,1024,1024,64,250,output tok/s/GPU,,\n"
        "deepseek-v3,h100,1,fp8,agg,1024,1024,64,250,output tok/s/GPU,,\n"
        "deepseek-v3,h200,8,fp8,agg,1048576,1024,64,250,output tok/s/GPU,,\n"
    )
    file = tmp_path / "points.csv"
    file.write_text(POINTS + lost)
    document = valid(headway.deploy_validate(file).to_json())
    assert [r["line"] for r in document["results"]] == [2, 3, 4, 5]
    assert document["unusable"] == {
        "chips": 1,
        "concurrency": 1,
        "context": 1,
        "hardware": 1,
        "lengths": 1,
        "memory": 1,
        "model": 1,
        "phase": 1,
        "precision": 1,
        "unit": 1,
        "value": 1,
    }
    for row in document["results"]:
        assert row["ratio"] == pytest.approx(row["predicted"]["value"] / row["measured"])
        assert 0.3 < row["ratio"] < 3
    # input and output together are turned into output
    assert document["results"][1]["measured"] == pytest.approx(1350 / 9)
    assert document["summary"]["n"] == 4


def test_a_stated_layout_is_used(tmp_path: Path) -> None:
    head, row = POINTS.splitlines()[:2]
    rates = []
    for tensor, data, expert in (("8", "1", "1"), ("1", "8", "8")):
        file = tmp_path / f"{tensor}.csv"
        file.write_text(f"{head},tp,dp,ep\n{row},{tensor},{data},{expert}\n")
        rates.append(headway.deploy_validate(file).documents[0]["predicted"]["value"])
    assert rates[0] != rates[1]


def test_a_slow_limit_lowers_the_rate(tmp_path: Path) -> None:
    head = POINTS.splitlines()[0]
    rates = []
    for phase in ("agg-max", "mlperf-interactive"):
        file = tmp_path / f"{phase}.csv"
        file.write_text(
            f"{head}\nllama-3.1-405b,gb200,72,fp4,{phase},9400,684,,140,output tok/s/GPU,,2025-09-09\n"
        )
        rates.append(headway.deploy_validate(file).documents[0]["predicted"]["value"])
    assert rates[1] < rates[0]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "columns are missing"),
        (b"model,hardware\nx,y\n", "columns are missing"),
        (POINTS.splitlines()[0].encode(), "no row"),
        ("model\n国産".encode("cp932"), "cannot be read"),
        (b"\x00\xff", "cannot be read"),
    ],
)
def test_bad_files_are_clear_errors(tmp_path: Path, body: bytes, words: str) -> None:
    (tmp_path / "bad.csv").write_bytes(body)
    found = call("validate", str(tmp_path / "bad.csv"))
    assert found.exit_code == 65
    assert words in found.stderr
    assert found.stdout == ""
    japanese = call("validate", str(tmp_path / "bad.csv"), "--lang", "ja")
    assert japanese.exit_code == 65
    assert japanese.stderr != found.stderr


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("fit nobody h100", 1, "no model"),
        ("fit kimi-k3 nothing", 1, "no hardware"),
        ("fit deepseek-v4-pro h100", 1, "cannot be counted"),
        ("fit kimi-k3 h100 --precision fp4", 65, "no fp4"),
        ("fit kimi-k3 h100 --precision fp3", 65, "no precision"),
        ("fit kimi-k3 h100 --context 2000000", 65, "1048576"),
        ("fit kimi-k3 h100 --context 0", 2, "too small"),
        ("fit kimi-k3 h100 --gpus 0", 2, "too small"),
        ("fit nowhere.gguf h100", 65, "cannot be read"),
        ("fit kimi-k3 h100 --as-of 2025-01-01", 2, "2026-04-21"),
        ("speed deepseek-v3 h100 --gpus 1", 2, "does not fit"),
        ("speed deepseek-v3 a100", 65, "no fp8"),
        ("speed deepseek-v3 h200 --concurrency many", 2, "list of numbers"),
        ("speed deepseek-v3 h200 --concurrency 0", 2, "too small"),
        ("speed deepseek-v3 h200 --isl 0", 2, "too small"),
        ("speed deepseek-v3 h200 --prefix-hit 1", 2, "share"),
        ("speed deepseek-v3 h200 --accepted 0.5", 2, "too small"),
        ("speed deepseek-v3 h200 --engine mine", 2, "vllm"),
        ("speed deepseek-v3 h200 --isl 163840", 65, "163840"),
        ("cost deepseek-v3 h200 --price -1", 2, "too small"),
        ("speed deepseek-v3 h200 --gpus 1000000000000", 2, "too large"),
        ("speed deepseek-v3 h200 --accepted 1e308", 2, "too large"),
        ("speed deepseek-v3 h200 --concurrency nan", 2, "too small"),
        ("cost deepseek-v3 h200 --min-speed inf", 2, "too small"),
        ("hypothetical --params 1e300 --active 1B", 2, "larger than any"),
        ("hypothetical --params 8T --active 1B --context -1", 2, "too small"),
        ("hypothetical --params 8 --active 1", 2, "unit"),
        ("hypothetical --params 1T --active 2T", 2, "more than"),
        ("hypothetical --params 8T..5T --active 1B", 2, "below its start"),
        ("hypothetical --params 0T --active 1B", 2, "greater than 0"),
        ("hypothetical --params x --active 1B", 2, "not a number"),
        ("hypothetical --params 8T --active 1B --hardware h100 --precision fp4", 65, "no fp4"),
    ],
)
def test_errors_say_what_is_wrong(line: str, code: int, words: str) -> None:
    found = call(*line.split())
    assert found.exit_code == code, found.output
    assert words in found.stderr
    assert found.stdout == ""
    assert "Traceback" not in found.output


def test_a_load_that_no_layout_holds_is_a_warning() -> None:
    found = headway.deploy_speed("deepseek-v3", "h200", concurrency=(1, 100000))
    assert len(found.documents) == 1
    assert [w.code for w in found.warnings] == ["deploy_load", "deploy_coverage"]


def test_a_speed_that_no_load_gives_is_a_warning_and_unknown() -> None:
    found = headway.deploy_cost("deepseek-v3", "h200", min_speed=1000)
    assert [w.code for w in found.warnings] == ["deploy_slow", "deploy_coverage"]
    assert found.documents[0]["usd_per_mtok_out"]["notes"] == ["deploy_too_slow"]
