"""What fits: published minimum deployments, and rules that hold for any model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.api.deploy_catalogue import Deploy, load_deploy
from headway.errors import BadOption, BadValue
from headway.estimate.deploy.hardware import PRECISIONS
from headway.estimate.deploy.memory import minimum_chips, need
from headway.estimate.deploy.sizes import parse_range, parse_size


@pytest.mark.parametrize(
    ("hardware", "gpus"),
    [
        ("h100", 32),
        ("h200", 16),
        ("b200", 16),
        ("gb200", 16),
        ("b300", 8),
        ("gb300", 8),
        ("mi355x", 8),
    ],
)
def test_minimum_deployments_published_for_kimi_k3(
    shipped: Deploy, hardware: str, gpus: int
) -> None:
    """The 2.8T model in the precision of its checkpoint (deployment guide, 2026-07), at 131,072
    tokens: exact."""
    model, chip = shipped.models["kimi-k3"], shipped.hardware[hardware]
    found = minimum_chips(model, chip, PRECISIONS["mxfp4"], context=131072)
    assert found is not None
    assert found.chips == gpus


#: Published elsewhere: sglang = docs.sglang.io/docs/basic_usage/deepseek_v3.md, moonshot = the
#: deployment guides of Kimi-K2 and Kimi-K2-Thinking, vllm = docs.vllm.ai/projects/recipes,
#: minimax = vllm_deploy_guide.md of MiniMax-M2, gitlab =
#: docs.gitlab.com/administration/gitlab_duo_self_hosted/vllm_gpt_oss_120b. Looked up 2026-11-25.
PUBLISHED = [
    ("deepseek-v3", "h200", "fp8", 131072, 8, "sglang, vllm"),
    ("deepseek-v3", "b200", "fp8", 131072, 8, "sglang"),
    ("deepseek-v3", "h100", "fp8", 131072, 16, "sglang"),
    ("deepseek-v3", "h800", "fp8", 131072, 16, "sglang"),
    ("deepseek-v3", "h200", "bf16", 131072, 16, "sglang"),
    ("deepseek-v3", "h100", "bf16", 131072, 32, "sglang"),
    ("deepseek-v3", "h800", "bf16", 131072, 32, "sglang"),
    ("deepseek-v3", "h20", "bf16", 131072, 32, "sglang"),
    ("deepseek-v3", "a100", "bf16", 131072, 32, "sglang"),
    ("deepseek-v3", "b200", "fp4", 131072, 4, "sglang, vllm"),
    ("kimi-k2", "h20", "fp8", 131072, 16, "moonshot"),
    ("kimi-k2", "h800", "fp8", 131072, 16, "vllm"),
    ("kimi-k2", "h200", "int4", 262144, 8, "moonshot"),
    ("gpt-oss-120b", "h100", "mxfp4", 131072, 1, "gitlab"),
    ("minimax-m2", "h20", "fp8", 196608, 4, "minimax"),
]


@pytest.mark.parametrize(("model", "hardware", "precision", "context", "gpus", "source"), PUBLISHED)
def test_minimum_deployments_of_other_guides(
    shipped: Deploy,
    model: str,
    hardware: str,
    precision: str,
    context: int,
    gpus: int,
    source: str,
) -> None:
    found = minimum_chips(
        shipped.models[model], shipped.hardware[hardware], PRECISIONS[precision], context=context
    )
    assert found is not None
    assert found.chips == gpus, source


@pytest.mark.parametrize(
    ("model", "hardware", "precision", "published"),
    [
        ("deepseek-v3", "mi300x", "fp8", 8),
        ("deepseek-v3", "mi300x", "bf16", 16),
        ("deepseek-v3", "mi355x", "mxfp4", 4),
        ("deepseek-v3", "h20", "fp8", 16),
        ("kimi-k2", "h200", "fp8", 16),
    ],
)
def test_guides_that_name_more_name_twice_as_many(
    shipped: Deploy, model: str, hardware: str, precision: str, published: int
) -> None:
    """The rule behind every difference: ours holds the model and one sequence, with little room
    for more; these guides (sglang, moonshot) double that, or treat H20 as H100."""
    found = minimum_chips(
        shipped.models[model], shipped.hardware[hardware], PRECISIONS[precision], context=131072
    )
    assert found is not None
    assert 2 * found.chips == published


def test_cache_per_million_tokens_of_minimax(shipped: Deploy) -> None:
    """ "240 GB per 1M context tokens" (its deployment guide), a 16-bit cache; GB there are GiB."""
    found = shipped.models["minimax-m2"]
    assert found.kv_elements(10**6) * 2 / 2**30 == pytest.approx(240, rel=0.02)


def test_what_was_measured_fits(shipped: Deploy) -> None:
    """A point with its layout stated ran, so its weights must fit by our count.

    The 13 that do not are Qwen3-235B in fp8 "on one H200": 219 GiB of weights on 141 GiB, so the
    source states their layout wrongly (found after the parameters were frozen).
    """
    lost = set()
    rows = [r for r in shipped.catalogue.rows("measured") if r["use"] == "fit" and r["tensor"]]
    for r in rows:
        model, chip = shipped.models[str(r["model"])], shipped.hardware[str(r["hardware"])]
        found = need(
            model,
            chip,
            PRECISIONS[str(r["precision"])],
            tensor=int(str(r["tensor"])),
            data=int(str(r["data"])),
            context=int(float(str(r["isl"])) + float(str(r["osl"]))),
        )
        if not found.fits:
            lost.add((r["model"], r["hardware"], r["tensor"]))
    assert len(rows) > 1700
    assert lost == {("qwen3-235b", "h200", "1")}


@given(
    model=st.sampled_from(sorted(load_deploy().models)),
    hardware=st.sampled_from(["h100", "b200", "mi300x", "gb300"]),
    context=st.integers(1, 32768),
)
def test_more_context_never_takes_fewer_gpus(model: str, hardware: str, context: int) -> None:
    shipped = load_deploy()
    shape, chip = shipped.models[model], shipped.hardware[hardware]
    short = minimum_chips(shape, chip, PRECISIONS["bf16"], context=context)
    long = minimum_chips(
        shape, chip, PRECISIONS["bf16"], context=min(2 * context, shape.max_context)
    )
    if long is not None:
        assert short is not None
        assert short.chips <= long.chips


def test_data_parallel_replicas_hold_dense_layers_again(shipped: Deploy) -> None:
    model, chip = shipped.models["deepseek-v3"], shipped.hardware["h200"]
    split = need(model, chip, PRECISIONS["fp8"], tensor=8, data=1, context=4096)
    again = need(model, chip, PRECISIONS["fp8"], tensor=1, data=8, context=4096)
    copied = (model.dense_params + 4 * model.head_params) * (1 - 1 / 8)
    assert again.weights - split.weights == pytest.approx(copied)


def test_a_latent_cache_is_not_split_by_tensor_parallelism(shipped: Deploy) -> None:
    mla, gqa, chip = (
        shipped.models["deepseek-v3"],
        shipped.models["llama-3.1-70b"],
        shipped.hardware["b200"],
    )
    for model, shrinks in ((mla, 1), (gqa, 8)):
        one, eight = (
            need(model, chip, PRECISIONS["fp8"], tensor=t, context=4096).cache_per_sequence
            for t in (1, 8)
        )
        assert one / eight == shrinks


def test_a_chip_without_fp4_says_what_it_has(shipped: Deploy) -> None:
    with pytest.raises(BadValue, match=r"h100 has no fp4.*bf16, fp8, mxfp4, int4"):
        minimum_chips(
            shipped.models["kimi-k3"], shipped.hardware["h100"], PRECISIONS["fp4"], context=1
        )


@pytest.mark.parametrize("context", [0, -5, 163841])
def test_a_context_that_the_model_cannot_have_is_refused(shipped: Deploy, context: int) -> None:
    with pytest.raises(BadValue):
        minimum_chips(
            shipped.models["deepseek-v3"],
            shipped.hardware["h200"],
            PRECISIONS["fp8"],
            context=context,
        )


@pytest.mark.parametrize("text", ["8T", "8000B", "8e12", "8000000M", "8.0t", " 8 T "])
def test_one_size_in_many_spellings(text: str) -> None:
    assert parse_size(text, "--params") == 8e12


@pytest.mark.parametrize(
    "text",
    ["", "T", "8X", "8", "0T", "-8T", "1e400", "nan", "inf", "8TB", "10T..5T", "5T..", "1..2T"],
)
def test_sizes_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(BadOption):
        parse_range(text, "--params")


@given(low=st.floats(1e6, 1e15), factor=st.floats(1, 1000))
def test_a_range_keeps_its_ends(low: float, factor: float) -> None:
    found = parse_range(f"{low!r}..{low * factor!r}", "--params")
    assert found.low == low
    assert found.high == low * factor
    assert found.low <= found.middle * (1 + 1e-9)
