"""Latent ability from scores: evidence, model definition, engine, result."""

from __future__ import annotations

from headway.estimate.capability.design import Cell, Design, build_design
from headway.estimate.capability.evidence import EVIDENCE, Evidence, select_evidence
from headway.estimate.capability.fit import (
    ANCHORS,
    AbilitySample,
    CapabilityFit,
    Scale,
    fit_capability,
)
from headway.estimate.capability.laplace import LaplaceFit, fit_laplace
from headway.estimate.capability.model import Priors

__all__ = [
    "ANCHORS",
    "EVIDENCE",
    "AbilitySample",
    "CapabilityFit",
    "Cell",
    "Design",
    "Evidence",
    "LaplaceFit",
    "Priors",
    "Scale",
    "build_design",
    "fit_capability",
    "fit_laplace",
    "select_evidence",
]
