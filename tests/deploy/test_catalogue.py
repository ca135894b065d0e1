"""The shipped catalogue: valid, sourced, whole; names as people write them; the builder's rules."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import polars as pl
import pytest

from headway.api.deploy_catalogue import Deploy
from headway.errors import NotFound, Unreadable
from headway.tables.deploy_schemas import DEPLOY_SCHEMAS
from headway.tables.deploy_store import catalogue_dir, load_catalogue

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from deploy_build import tables as builder  # noqa: E402  (tools are not a package of the wheel)


@pytest.mark.parametrize("name", DEPLOY_SCHEMAS)
def test_every_table_passes_its_schema(name: str) -> None:
    schema = DEPLOY_SCHEMAS[name]
    text = pl.read_csv(catalogue_dir() / f"{name}.csv", infer_schema=False)
    plain = text.with_columns(
        (pl.col(c) == "1").alias(c)
        for c, spec in schema.columns().items()
        if spec.dtype == pl.Boolean
    )
    schema.validate(plain, cast=True)


def test_every_value_says_where_it_is_from(shipped: Deploy) -> None:
    for name in ("hardware", "models", "architectures", "prices"):
        for row in shipped.catalogue.rows(name):
            assert row["source"], row
            assert row["as_of"], row
            assert row["verified"] in ("0", "1")


def test_values_that_a_source_doubts_are_not_verified(shipped: Deploy) -> None:
    doubted = {r["hardware"] for r in shipped.catalogue.rows("hardware") if r["verified"] == "0"}
    assert {"h20", "h800", "vr200", "rtx-4090", "rtx-5090"} <= doubted
    assert not doubted & {"h100", "h200", "b200", "gb200"}


def test_memory_is_what_the_driver_reports(shipped: Deploy) -> None:
    """Sold with "186 GB", a GB200 reports 198,674,743,296 bytes: vendors' GB are GiB, nearly."""
    assert shipped.hardware["gb200"].memory == pytest.approx(198674743296, rel=0.01)
    assert shipped.hardware["h100"].memory == pytest.approx(85899345920, rel=0.001)
    # the TPU rows of the raw file are in true GB already
    assert shipped.hardware["tpu-v5p"].memory == pytest.approx(95 * 2**30, rel=0.001)


def test_mis_parsed_points_do_not_ship_and_doubtful_ones_are_quarantined(shipped: Deploy) -> None:
    rows = shipped.catalogue.rows("measured")
    held = [r for r in rows if r["use"] == "quarantined"]
    assert (len(rows), len(held)) == (2058, 114)
    assert sum("counted twice" in str(r["use_reason"]) for r in held) == 112
    assert sum("same latencies" in str(r["use_reason"]) for r in held) == 24
    assert sum("read the cache" in str(r["use_reason"]) for r in held) == 2


@pytest.mark.parametrize(
    ("name", "key"),
    [("H100", "h100"), ("h100_sxm", "h100"), ("GB200_NVL72", "gb200"), ("RTX_4090", "rtx-4090")],
)
def test_hardware_by_the_names_people_write(shipped: Deploy, name: str, key: str) -> None:
    assert shipped.chip(name).hardware == key


@pytest.mark.parametrize(
    ("name", "key"), [("DeepSeek-R1", "deepseek-v3"), ("kimi k3", "kimi-k3"), ("glm-5.2", "glm-5")]
)
def test_models_by_the_names_people_write(shipped: Deploy, name: str, key: str) -> None:
    assert shipped.model_key(name) == key


def test_unknown_names_list_close_ones(shipped: Deploy) -> None:
    with pytest.raises(NotFound, match="h200"):
        shipped.chip("h201")
    with pytest.raises(NotFound, match="kimi-k3"):
        shipped.model("kimi-k4")
    with pytest.raises(NotFound, match="compressed"):
        shipped.model("deepseek-v4-pro")


def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    copy = tmp_path / "catalogue"
    shutil.copytree(catalogue_dir(), copy)
    with (copy / "prices.csv").open("a") as file:
        file.write("\n")
    with pytest.raises(Unreadable, match=r"prices\.csv|damaged"):
        load_catalogue(copy)


# The builder -----------------------------------------------------------------------------------


def point(**changed: object) -> dict[str, object]:
    base = {
        "model": "kimi-k2",
        "chips": 16,
        "hardware": "b200",
        "precision": "fp4",
        "phase": "agg",
        "ttft_ms": 169.940709,
        "tpot_ms": 8.36143,
        "conc": 4.0,
        "isl": 1024.0,
        "osl": 1024.0,
    }
    return base | changed


CHIP = {("b200", "mem_bw_tbs"): "8", ("gb200", "mem_bw_tbs"): "8"}


def test_chips_counted_twice_are_found_by_their_twin(shipped: Deploy) -> None:
    """The same two latencies, rounded in one copy, with 16 and with 4 chips of an 8-chip node."""
    shape = shipped.models["kimi-k2"]
    twin, other = point(chips=4, ttft_ms=169.94, tpot_ms=8.36), point(chips=4, tpot_ms=7.9)
    for rows, words in (([point(), twin], "with 4 chips"), ([point(), other], "a node that has 8")):
        assert words in str(builder._doubt(point(), shape, CHIP, builder._Twins(rows)))
    assert builder._doubt(twin, shape, CHIP, builder._Twins([point(), twin])) is None
    rack = point(hardware="gb200")
    assert builder._doubt(rack, shape, CHIP, builder._Twins([rack])) is None


def test_faster_than_memory_allows_is_found(shipped: Deploy) -> None:
    """448 sequences of 15,000 tokens cannot be read in 13.7 ms by two chips."""
    fast = point(
        model="qwen3-32b", hardware="gb200", chips=2, tpot_ms=13.7, conc=448.0, isl=15000.0
    )
    shape = shipped.models["qwen3-32b"]
    words = "faster than its chips can read the cache"
    assert builder._doubt(fast, shape, CHIP, builder._Twins([fast])) == words
    few = fast | {"conc": 64.0}
    assert builder._doubt(few, shape, CHIP, builder._Twins([few])) is None


def test_memory_in_the_wrong_unit_stops_the_build() -> None:
    key = {"hardware": "x", "memory_unit": "GB", "memory_bytes_reported": "198674743296"}
    with pytest.raises(builder.BadCatalogue, match="memory"):
        builder._memory(186.0, key)
    assert builder._memory(186.0, {**key, "memory_unit": "GiB"})[1]


def test_the_builder_gives_the_shipped_bytes(raw_data: Path, tmp_path: Path) -> None:
    import build_deploy

    out = tmp_path / "release_deploy"
    shutil.copytree(catalogue_dir(), out)
    assert (
        build_deploy.main([str(raw_data.parent / "deploy"), "--out", str(out), "--tables-only"])
        == 0
    )
    for file in catalogue_dir().iterdir():
        assert (out / file.name).read_bytes() == file.read_bytes(), file.name
