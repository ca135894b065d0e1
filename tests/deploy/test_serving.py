"""The serving model: directions that physics fixes, whatever the fitted numbers are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.api.deploy_catalogue import Deploy, load_deploy
from headway.estimate.deploy.calibrate import PARAMETERS, efficiencies
from headway.estimate.deploy.hardware import PRECISIONS
from headway.estimate.deploy.hypothetical import draw_shapes, hypothetical
from headway.estimate.deploy.predict import LOADS, Workload, best, evaluate, frontier
from headway.estimate.deploy.roofline import Chips, Layout, Shapes, decode_step, prefill_time
from headway.estimate.deploy.serving import layouts
from headway.estimate.deploy.sizes import Range

WORK = Workload(1024, 1024)
MODELS = ("deepseek-v3", "qwen3.5-397b", "gpt-oss-120b", "llama-3.1-70b", "glm-5")


def step(model: str, chip: str, batch: float, context: float = 1024.0, **layout: float) -> float:
    shipped = load_deploy()
    one = np.ones(1)
    tensor, data = layout.get("tensor", 8.0), layout.get("data", 1.0)
    y = Layout(
        tensor=one * tensor,
        data=one * data,
        expert=one * tensor * data,
        dense_bytes=one,
        expert_bytes=one,
        kv_bytes=one,
        dense_ops=np.ones(1, np.intp),
        expert_ops=np.ones(1, np.intp),
    )
    e = efficiencies(shipped.calibration.values, np.full(1, -1, np.intp), np.zeros(1))
    s, c = Shapes.of([shipped.models[model]]), Chips.of([shipped.hardware[chip]])
    return float(decode_step(s, c, y, one * batch, one * context, e)[0])


@given(
    model=st.sampled_from(MODELS),
    batch=st.floats(1, 2000),
    more=st.floats(1.01, 10),
    context=st.floats(1, 100_000),
)
def test_more_sequences_or_longer_ones_never_make_a_step_faster(
    model: str, batch: float, more: float, context: float
) -> None:
    base = step(model, "h200", batch, context)
    assert step(model, "h200", batch * more, context) >= base * (1 - 1e-12)
    assert step(model, "h200", batch, context * more) >= base * (1 - 1e-12)


@given(model=st.sampled_from(MODELS), batch=st.floats(1, 500))
def test_a_step_takes_at_least_the_time_to_read_what_it_reads(model: str, batch: float) -> None:
    """The floor: active weights once at the published bandwidth of all chips."""
    shipped = load_deploy()
    m, c = shipped.models[model], shipped.hardware["h200"]
    awake = 1 - (1 - m.top_k / m.experts) ** batch if m.moe_layers else 0.0
    least = (m.dense_params + m.head_params + m.routed_params * awake) / (8 * c.bandwidth)
    assert step(model, "h200", batch) > least


def test_experts_awake_follow_the_stated_probability(shipped: Deploy) -> None:
    """With only expert bytes counted, time is proportional to 1-(1-k/E)^B."""
    m = shipped.models["deepseek-v3"]
    values = {p.name: (1e-12 if p.kind == "time" else 0.9) for p in PARAMETERS}
    values |= {p.name: 0.0 for p in PARAMETERS if p.kind == "effect"}
    values |= {"overlap": 0.0, "imbalance": 0.0, "half_dense": 0.0, "half_expert": 0.0}
    e = efficiencies(values, np.full(1, -1, np.intp), np.zeros(1))
    s = replace(
        Shapes.of([m]),
        **{n: np.zeros(1) for n in ("dense", "head", "kv_full", "attention_ops", "state")},
    )
    one, fast = np.ones(1), Chips.of([shipped.hardware["h200"]])
    fast = replace(fast, fp8=fast.fp8 * 1e6, bf16=fast.bf16 * 1e6)
    kinds = np.ones(1, np.intp)
    y = Layout(one, one, one, one, one, one, kinds, kinds)
    times = [float(decode_step(s, fast, y, one * b, one, e)[0]) for b in (1, 16, 64)]
    awake = [1 - (1 - 8 / 256) ** b for b in (1, 16, 64)]
    assert np.array(times) / times[0] == pytest.approx(np.array(awake) / awake[0], rel=1e-6)


def test_communication_grows_out_of_the_scale_up_domain() -> None:
    """Sixteen chips: two nodes of H200, but one domain of GB200."""
    for chip, slower in (("h200", True), ("gb200", False)):
        inside = step("deepseek-v3", chip, 256, tensor=1, data=8)
        outside = step("deepseek-v3", chip, 512, tensor=1, data=16)
        assert (outside > inside) is slower


@given(tokens=st.floats(128, 100_000), more=st.floats(1.01, 4))
def test_longer_prompts_take_longer(tokens: float, more: float) -> None:
    shipped = load_deploy()
    one, kinds = np.ones(1), np.ones(1, np.intp)
    y = Layout(one * 8, one, one, one, one, one, kinds, kinds)
    s, c = Shapes.of([shipped.models["glm-5"]]), Chips.of([shipped.hardware["b200"]])
    e = efficiencies(shipped.calibration.values, np.full(1, -1, np.intp), np.zeros(1))
    short, long = (
        float(prefill_time(s, c, y, one * n, one, e)[0]) for n in (tokens, tokens * more)
    )
    assert long > short


@pytest.mark.parametrize("model", MODELS)
def test_layouts_use_all_chips_and_divide_the_heads(shipped: Deploy, model: str) -> None:
    m = shipped.models[model]
    for chips in (1, 4, 8, 12, 72):
        for tensor, data, expert, copies in layouts(m, shipped.hardware["gb200"], chips):
            assert tensor * data * copies == chips
            assert m.heads % tensor == 0
            assert expert <= tensor * data


def test_the_frontier_is_one(shipped: Deploy) -> None:
    options = evaluate(
        shipped.models["deepseek-v3"],
        shipped.hardware["gb200"],
        PRECISIONS["fp8"],
        16,
        LOADS,
        WORK,
        shipped.calibration,
    )
    found = frontier(options)
    speeds, rates = [o.per_user for o in found], [o.total for o in found]
    assert speeds == sorted(speeds, reverse=True)
    assert rates == sorted(rates)
    for option in options:
        assert any(f.per_user >= option.per_user and f.total >= option.total for f in found)
    assert any(o.prefill_chips for o in options)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        (Workload(1024, 1024, accepted=2.0), "per_user"),
        (Workload(8192, 1024, prefix_hit=0.9), "total"),
    ],
)
def test_speculation_and_prefix_hits_are_explicit_and_help(
    shipped: Deploy, changed: Workload, field: str
) -> None:
    plain = Workload(changed.isl, changed.osl)
    found = []
    for work in (plain, changed):
        options = evaluate(
            shipped.models["deepseek-v3"],
            shipped.hardware["h200"],
            PRECISIONS["fp8"],
            8,
            (32.0,),
            work,
            shipped.calibration,
        )
        option = best(options, conc=32.0)
        assert option is not None
        found.append(getattr(option, field))
    assert found[1] > 1.15 * found[0]


def test_older_software_is_slower(shipped: Deploy) -> None:
    """The drift term: overhead of a year ago was larger by its factor."""
    from datetime import date

    rates = [
        best(
            evaluate(
                shipped.models["deepseek-v3"],
                shipped.hardware["h200"],
                PRECISIONS["fp8"],
                8,
                (8.0,),
                WORK,
                shipped.calibration,
                through=day,
            )
        )
        for day in (date(2025, 4, 21), date(2026, 4, 21))
    ]
    assert rates[0] is not None
    assert rates[1] is not None
    assert 1.2 < rates[1].total / rates[0].total < 1.87


# Models that nobody has seen -------------------------------------------------------------------


@settings(max_examples=25)
@given(total=st.floats(5e11, 2e13), ratio=st.floats(0.01, 0.3), wide=st.floats(1, 2))
def test_drawn_shapes_have_the_sizes_asked_for(total: float, ratio: float, wide: float) -> None:
    shipped = load_deploy()
    templates = [m for m in shipped.models.values() if m.total_params > 1e11 and m.moe_layers]
    s, t, a = draw_shapes(
        templates,
        Range(total, total * wide),
        Range(total * ratio, total * ratio * wide),
        200,
        rng=np.random.default_rng(1),
    )
    assert (a <= t).all()
    assert (t >= total * (1 - 1e-9)).all()
    assert (t <= total * wide * (1 + 1e-9)).all()
    assert s.dense + s.embedding + s.routed == pytest.approx(t)
    woken = s.moe_layers * s.top_k * s.expert
    assert s.dense + s.embedding + woken == pytest.approx(a, rel=1e-6)


def test_a_known_model_asked_for_by_size_alone_is_inside_its_own_interval(shipped: Deploy) -> None:
    """DeepSeek-V3 as "671B, 37B active": its own prediction lies in the interval of the draws."""
    templates = [
        m
        for k, m in sorted(shipped.models.items())
        if m.moe_layers and m.total_params > 1e11 and k != "deepseek-v3"
    ]
    drawn = hypothetical(
        templates,
        shipped.hardware["h200"],
        PRECISIONS["fp8"],
        Range(671e9, 671e9),
        Range(37e9, 37e9),
        WORK,
        shipped.calibration,
        context=131072,
        min_speed=20.0,
        draws=1000,
        rng=np.random.default_rng(2),
    )
    own = best(
        evaluate(
            shipped.models["deepseek-v3"],
            shipped.hardware["h200"],
            PRECISIONS["fp8"],
            8,
            (1.0,),
            WORK,
            shipped.calibration,
        )
    )
    assert own is not None
    assert np.nanmedian(drawn.gpus) == 8
    low, high = np.nanquantile(drawn.alone, [0.05, 0.95])
    assert low < own.per_user < high
