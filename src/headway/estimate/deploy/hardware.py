"""What of a chip decides how it serves: memory, bandwidth, operations, links, power."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headway.errors import BadValue
from headway.problems import problem

__all__ = ["PRECISIONS", "Hardware", "Precision", "precision_of"]


@dataclass(frozen=True, slots=True)
class Precision:
    """How weights, cache and operations are stored and done.

    Parameters
    ----------
    name : str
    expert_bytes : float
        Bytes per weight of a routed expert, scales included.
    dense_bytes : float
        Bytes per other weight of a mixture.
    all_bytes : float
        Bytes per weight of a model without experts.
    kv_bytes : float
        Bytes per cached element.
    expert_ops, dense_ops, all_ops : int
        0, 1, 2: operations in bf16, fp8, fp4, for the three kinds of weights.
    """

    name: str
    expert_bytes: float
    dense_bytes: float
    all_bytes: float
    kv_bytes: float
    expert_ops: int
    dense_ops: int
    all_ops: int


#: ``mxfp4`` and ``int4`` are weights in 4 bits that are unpacked to bf16 before they are used; ``fp4``
#: is arithmetic in 4 bits. mxfp4 has one byte of scale per 32 weights, nvfp4 has one byte of scale per 16 weights (0.5625 bytes a weight), int4 of these checkpoints two
#: bytes per 32; 4-bit checkpoints of mixtures keep attention and shared blocks in bf16 (the
#: ``ignore`` lists of their config.json).
PRECISIONS = {
    "bf16": Precision("bf16", 2.0, 2.0, 2.0, 2.0, 0, 0, 0),
    "fp8": Precision("fp8", 1.0, 1.0, 1.0, 1.0, 1, 1, 1),
    "fp4": Precision("fp4", 0.5625, 2.0, 0.5625, 1.0, 2, 0, 2),
    "mxfp4": Precision("mxfp4", 0.53125, 2.0, 0.53125, 2.0, 0, 0, 0),
    "int4": Precision("int4", 0.5625, 2.0, 0.5625, 2.0, 0, 0, 0),
}


def precision_of(name: str) -> Precision:
    """The precision called ``name``."""
    if name not in PRECISIONS:
        raise problem(BadValue, "deploy-precision", value=name, allowed=", ".join(PRECISIONS))
    return PRECISIONS[name]


@dataclass(frozen=True, slots=True)
class Hardware:
    """One accelerator.

    Parameters
    ----------
    hardware, title : str
        Key and name.
    kind : str
        ``gpu``, ``gpu-rack``, ``tpu``, ``workstation``, ``consumer``.
    memory : float
        Bytes, as the vendor states them.
    bandwidth : float
        Bytes per second of that memory.
    bf16, fp8, fp4 : float or None
        Dense operations per second; ``None`` where the chip lacks the format.
    domain : int
        Chips that reach each other over the scale-up network.
    scale_up, scale_out : float or None
        Bytes per second and chip, one way.
    watts : float or None
        Thermal design power.
    """

    hardware: str
    title: str
    kind: str
    memory: float
    bandwidth: float
    bf16: float
    fp8: float | None
    fp4: float | None
    domain: int
    scale_up: float | None
    scale_out: float | None
    watts: float | None

    def flops(self, precision: str) -> float | None:
        """Dense operations per second in bf16, fp8 or fp4."""
        return {"bf16": self.bf16, "fp8": self.fp8, "fp4": self.fp4}[precision]

    def lacking(self, precision: Precision, *, mixture: bool) -> list[str]:
        """Formats of arithmetic that a precision needs and the chip lacks.

        Weights stored in 4 bits run on a chip without 4-bit operations when they are unpacked to
        bf16 (``int4``, ``mxfp4``); ``fp4`` asks for the operations themselves.
        """
        kinds = ("bf16", "fp8", "fp4")
        needed = {precision.expert_ops, precision.dense_ops} if mixture else {precision.all_ops}
        return [kinds[k] for k in sorted(needed) if self.flops(kinds[k]) is None]

    def check(self, precision: Precision, *, mixture: bool) -> None:
        """Refuse operations in a format that the chip lacks."""
        lacking = self.lacking(precision, mixture=mixture)
        if lacking:
            has = [p.name for p in PRECISIONS.values() if not self.lacking(p, mixture=mixture)]
            raise problem(
                BadValue,
                "deploy-lacks-precision",
                hardware=self.hardware,
                precision=precision.name,
                lacking=", ".join(lacking),
                has=", ".join(has),
            )

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Hardware:
        """A chip from a row of the table ``hardware``."""

        def scaled(name: str, factor: float) -> float | None:
            value = row[name]
            return None if value is None else float(value) * factor

        memory, bandwidth = scaled("mem_gb", 1e9), scaled("mem_bw_tbs", 1e12)
        bf16 = scaled("bf16_dense_tflops", 1e12)
        assert memory is not None and bandwidth is not None and bf16 is not None
        return cls(
            hardware=str(row["hardware"]),
            title=str(row["title"]),
            kind=str(row["kind"]),
            memory=memory,
            bandwidth=bandwidth,
            bf16=bf16,
            fp8=scaled("fp8_dense_tflops", 1e12),
            fp4=scaled("fp4_dense_tflops", 1e12),
            domain=int(row["scaleup_domain"]),
            scale_up=scaled("scaleup_gbs_oneway", 1e9),
            scale_out=scaled("scaleout_gbs_per_gpu", 1e9),
            watts=scaled("tdp_w", 1.0),
        )
