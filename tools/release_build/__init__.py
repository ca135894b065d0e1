"""Builds the shipped data release from the raw public data folder.

One module per idea, in the order in which the data moves: ``raw`` reads, ``identity`` names
models, ``access`` dates them, ``benchmarks`` places tests, ``evaluators`` says who measured,
``scores`` joins, ``duplicates`` counts evidence once, ``tasks`` holds per-task outcomes,
``licences`` decides what ships, ``attribution`` gives credit, ``write`` checks and saves.
"""

from __future__ import annotations

from .build import build

__all__ = ["build"]
