"""A start from another fit: what has a namesake is carried over, and the optimum stays its own."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from headway.estimate.capability import build_design, fit_laplace
from headway.estimate.capability.laplace import _core_prior_mean
from headway.estimate.capability.layout import Layout, core_offsets
from headway.estimate.capability.rows import Predictor
from headway.estimate.capability.warm import carry_over

from .synthetic import panel


@pytest.fixture(scope="module")
def whole():
    rows, models, _ = panel(seed=8)
    return rows, models, fit_laplace(build_design(rows, models))


def carried(design, start):
    layout = Layout(design)
    found = carry_over(
        start,
        design,
        kind=layout.kind,
        owner=layout.owner,
        offsets=core_offsets(design),
        prior_mean=_core_prior_mean(design),
    )
    return found, Predictor(design, layout, found.core, found.block)


def test_every_linear_predictor_stays_what_it_was(whole):
    """Half of the benchmarks and a third of the models go: other indices, unit, knots."""
    rows, models, fit = whole
    names = rows["benchmark"].unique().sort().to_list()[::2]
    some = models["model_version"].to_list()[::3]
    less = rows.filter(pl.col("benchmark").is_in(names) & ~pl.col("model_version").is_in(some))
    kept = models.filter(pl.col("model_version").is_in(less["model_version"].unique().to_list()))
    design = build_design(less, kept)
    before = dict(zip(rows["score_id"], fit.eta, strict=True))

    found, at = carried(design, fit)

    assert not np.array_equal(design.knots, fit.design.knots)
    assert at.eta == pytest.approx([before[i] for i in less["score_id"]], abs=1e-8)
    mean = found.core[core_offsets(design)["log_discrimination"]].mean()
    assert mean == pytest.approx(fit.core_part("log_discrimination").mean(), abs=1e-12)


def test_a_fit_of_nothing_in_common_is_a_cold_start_of_parameters(whole):
    rows, models, fit = whole
    strange = rows.with_columns(
        pl.concat_str(pl.lit("z"), pl.col("model_version")).alias("model_version"),
        pl.concat_str(pl.lit("z"), pl.col("benchmark")).alias("benchmark"),
        pl.concat_str(pl.lit("z"), pl.col("family")).alias("family"),
    )
    names = models.with_columns(
        pl.concat_str(pl.lit("z"), pl.col("model_version")).alias("model_version")
    )
    warm = fit_laplace(build_design(strange, names), start=fit)

    assert warm.converged
    assert warm.mean(("cyber", None)) == pytest.approx(fit.mean(("cyber", None)), abs=0.01)


def test_what_is_new_starts_and_ends_where_a_cold_fit_has_it(whole):
    """The start lacks a third of the benchmarks and of the models."""
    rows, models, fit = whole
    names = rows["benchmark"].unique().sort().to_list()[::3]
    some = models["model_version"].to_list()[::3]
    less = rows.filter(~pl.col("benchmark").is_in(names) & ~pl.col("model_version").is_in(some))
    kept = models.filter(pl.col("model_version").is_in(less["model_version"].unique().to_list()))
    start = fit_laplace(build_design(less, kept))
    warm = fit_laplace(fit.design, start=start)

    assert warm.converged
    for domain in fit.design.domains:
        assert warm.mean((domain, None)) == pytest.approx(fit.mean((domain, None)), abs=0.01)
