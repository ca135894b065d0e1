"""A model that nobody has seen: total and active parameters as ranges, the rest as real models have it.

Each draw takes the size from its range (even on a log scale), and the shape of one real mixture of
the catalogue: its share of active parameters outside the experts, cache per layer, and depth,
scaled with the cube root of active parameters (width and depth grow together). What is asked of
it is computed per draw, so that intervals hold all three: the ranges, the shape, the model's error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from headway.estimate.deploy.architecture import Architecture
from headway.estimate.deploy.calibrate import REFERENCE, Calibration, efficiencies, of_engine
from headway.estimate.deploy.hardware import Hardware, Precision
from headway.estimate.deploy.memory import ACTIVATION_ROWS, RESERVE, USABLE, chip_counts
from headway.estimate.deploy.predict import LOADS, Workload
from headway.estimate.deploy.roofline import CHUNK, Chips, Layout, Shapes
from headway.estimate.deploy.serving import assemble, serve
from headway.estimate.deploy.sizes import Range

__all__ = ["Drawn", "draw_shapes", "hypothetical"]

Array = npt.NDArray[np.float64]
#: Active parameters outside experts may not exceed this share of a draw's active parameters.
_MOST_DENSE = 0.95


@dataclass(frozen=True)
class Drawn:
    """One entry per draw: what went in and what came out.

    Parameters
    ----------
    total, active, shape, error : array
        Parameters; cache bytes per token relative to the median draw (the shape); log error.
    gpus : array
        Smallest deployment that holds the model and one sequence; NaN where none does.
    alone, total_rate, users, share : array
        Tokens/s of a single request; tokens/s, users and share of time for prompts at the load
        where each user gets the asked speed; NaN where no load does.
    """

    total: Array
    active: Array
    shape: Array
    error: Array
    gpus: Array
    alone: Array
    total_rate: Array
    users: Array
    share: Array


def draw_shapes(
    templates: Sequence[Architecture],
    total: Range,
    active: Range,
    draws: int,
    *,
    rng: np.random.Generator,
) -> tuple[Shapes, Array, Array]:
    """Shapes of models with the sizes asked for, and the sizes drawn.

    A draw whose active parameters exceed its total is drawn again from both ranges.
    """
    t, a = _between(total, draws, rng), _between(active, draws, rng)
    while (bad := a > t).any():
        count = int(bad.sum())
        t[bad], a[bad] = _between(total, count, rng), _between(active, count, rng)
    base = Shapes.of(list(templates))
    at = rng.integers(len(templates), size=draws)
    actives = np.array([m.active_params for m in templates], float)[at]
    s = base.take(at)
    # width and depth both grow: a layer's matrices with the square of the width
    scale = np.cbrt(a / actives)
    dense_share = np.minimum((s.dense + s.embedding) / actives, _MOST_DENSE)
    embedding, head = s.embedding * scale, s.head * scale
    dense = np.maximum(dense_share * a - embedding, 0.05 * a)
    routed_active = np.maximum(a - dense - embedding, 0.05 * a)
    routed = np.maximum(t - dense - embedding, routed_active)
    layers, moe = s.layers * scale, s.moe_layers * scale
    expert = routed_active / (moe * s.top_k)
    changed = {
        "hidden": s.hidden * scale,
        "layers": layers,
        "moe_layers": moe,
        "dense": dense,
        "embedding": embedding,
        "head": head,
        "routed": routed,
        "expert": expert,
        "experts": np.maximum(routed / (moe * expert), s.top_k),
    }
    per_layer = (
        "linear_layers",
        "latent_layers",
        "sparse_layers",
        "kv_full",
        "kv_window",
        "state",
        "index",
    )
    changed |= {name: getattr(s, name) * scale for name in per_layer}
    # heads grow with the width as well
    changed |= {
        name: getattr(s, name) * scale**2 for name in ("attention_ops", "prefill_ops", "window_ops")
    }
    kept = {f.name: changed.get(f.name, getattr(s, f.name)) for f in fields(Shapes)}
    return Shapes(**kept), t, a


def _between(size: Range, draws: int, rng: np.random.Generator) -> Array:
    return np.exp(rng.uniform(np.log(size.low), np.log(size.high), draws))


def hypothetical(
    templates: Sequence[Architecture],
    chip: Hardware,
    precision: Precision,
    total: Range,
    active: Range,
    work: Workload,
    calibration: Calibration,
    *,
    context: int,
    min_speed: float | Array,
    draws: int,
    rng: np.random.Generator,
    gpus: int | None = None,
) -> Drawn:
    """The smallest deployment of every draw, or one of ``gpus`` GPUs, and what it does."""
    chip.check(precision, mixture=True)
    s, t, a = draw_shapes(templates, total, active, draws, rng=rng)
    width = calibration.errors["new_model" if chip.hardware in calibration.chips else "new_both"]
    # the error of left-out points: normal with the same 90 % interval
    error = rng.normal(0.0, width / 1.6448536269514722, draws)
    counts = chip_counts(chip) if gpus is None else (gpus,)
    taken, tensor = _smallest(s, chip, precision, context, counts)
    cache = s.kv_full * precision.kv_bytes
    found = _rates(s, chip, precision, taken, tensor, work, calibration, error, min_speed)
    return Drawn(t, a, cache / np.median(cache), error, taken, *found)


def _smallest(
    s: Shapes, chip: Hardware, precision: Precision, context: int, counts: tuple[int, ...]
) -> tuple[Array, Array]:
    """GPUs and tensor parallelism of the smallest instance that holds one sequence."""
    gpus, tensor = np.full(s.hidden.shape, np.nan), np.full(s.hidden.shape, np.nan)
    room = USABLE * chip.memory - RESERVE - CHUNK * s.hidden * 2 * ACTIVATION_ROWS
    window = s.kv_window * np.minimum(context, s.window)
    row = (s.kv_full * context + window + s.state) * precision.kv_bytes + s.index * context
    for count in counts:
        for split in (16, 8, 4, 2, 1):
            if count % split or split > min(count, chip.domain):
                continue
            weights = (s.dense * precision.dense_bytes + s.embedding * 2) / split
            weights = weights + s.routed * precision.expert_bytes / count
            fits = weights + row / np.minimum(split, s.kv_split) <= room
            new = fits & np.isnan(gpus)
            gpus[new], tensor[new] = count, split
    return gpus, tensor


def _rates(
    s: Shapes,
    chip: Hardware,
    precision: Precision,
    gpus: Array,
    tensor: Array,
    work: Workload,
    calibration: Calibration,
    error: Array,
    min_speed: float | Array,
) -> tuple[Array, Array, Array, Array]:
    """Rates of each draw over three layouts and all loads."""
    n = len(gpus)
    size = np.where(np.isfinite(gpus), gpus, 1.0)
    split = np.where(np.isfinite(tensor), tensor, 1.0)
    engine = np.full(n, -1, np.intp)
    years = np.full(n, (calibration.through - REFERENCE).days / 365.25)
    e = efficiencies(calibration.values, engine, years)
    rate = of_engine(calibration.values, "rate", engine)
    factor = np.exp(rate + calibration.shared("", chip.hardware) + error)
    chips, memory = Chips.of([chip]), np.array([chip.memory])
    own, same = np.arange(n), np.zeros(n, np.intp)
    zero = np.zeros(n)
    alone, best, users, share = (np.full(n, np.nan) for _ in range(4))
    for t in (split, np.minimum(4.0, split), np.ones(n)):
        layout = Layout(
            tensor=t,
            data=size / t,
            expert=size,
            dense_bytes=np.full(n, precision.dense_bytes),
            expert_bytes=np.full(n, precision.expert_bytes),
            kv_bytes=np.full(n, precision.kv_bytes),
            dense_ops=np.full(n, precision.dense_ops, np.intp),
            expert_ops=np.full(n, precision.expert_ops, np.intp),
        )
        for load in LOADS:
            x = assemble(
                s,
                chips,
                memory,
                own,
                same,
                layout,
                isl=np.full(n, float(work.isl)),
                osl=np.full(n, float(work.osl)),
                conc=np.full(n, load),
                instances=np.ones(n),
                prefill_chips=zero,
                prefill_tensor=zero,
                accepted=work.accepted,
                prefix_hit=work.prefix_hit,
            )
            with np.errstate(all="ignore"):
                found = serve(x, e)
            holds = (x.capacity >= load) & np.isfinite(gpus)
            speed = found.per_user * factor
            if load == 1:
                alone = np.fmax(alone, np.where(holds, speed, np.nan))
            rate_now = found.per_chip * factor * size
            better = holds & (speed >= min_speed) & ~(rate_now <= best)
            best = np.where(better, rate_now, best)
            users = np.where(better, load, users)
            share = np.where(better, found.prompt_share, share)
    return alone, best, users, share
