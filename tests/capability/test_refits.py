"""Refits leave out what they say, end where a cold fit ends, and read the dates that go with them."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from headway.checks.refits import DROPPABLE, Refit, Refitted, refit
from headway.errors import BadOption, EmptyTable, NotFound
from headway.estimate.capability import fit_capability
from headway.estimate.lag.entrants import day_number
from headway.tables.store import load_release

#: Largest difference between a warm and a cold fit, in posterior standard deviations.
SAME_SD = 0.02


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    release = load_release()
    names = ("scores", "benchmarks", "model_versions", "access")
    return {name: release.table(name) for name in names}


@pytest.fixture(scope="module")
def everything(tables) -> Refitted:
    return refit(tables, Refit("everything"), draws=200, seed=1)


def largest_difference(one: Refitted, other: Refitted) -> float:
    """Over all cells and models, ability less the cell's mean, in posterior sds."""
    out = 0.0
    for cell in one.fit.cells:
        a, b = one.fit.laplace.mean(cell), other.fit.laplace.mean(cell)
        sd = one.sample.summary(cell)["ability_sd"].to_numpy()
        out = max(out, float(np.abs(((a - a.mean()) - (b - b.mean())) / sd).max()))
    return out


LEAVE_OUTS = (
    Refit("openai", drop={"lab": ("openai",)}),
    Refit("cybench", drop={"family": ("cybench",)}),
    Refit("mid-2025", as_of=date(2025, 6, 30)),
)
MORE_LEAVE_OUTS = (
    Refit("alibaba", drop={"lab": ("alibaba",)}),
    Refit("deepseek", drop={"lab": ("deepseek",)}),
    Refit("china", drop={"country": ("China",)}),
    Refit("epoch", drop={"evaluator": ("Epoch AI",)}),
    Refit("held out", evidence="held_out"),
    Refit("first party", evidence="first_party"),
    Refit("stated", stated_only=True),
    Refit("mid-2024", as_of=date(2024, 6, 30)),
    Refit("strict 2026", as_of=date(2026, 3, 31), strict=True),
    Refit("knots", priors={"knot_years": 0.5}),
)


def agrees(tables, everything: Refitted, spec: Refit) -> None:
    cold = refit(tables, spec, draws=200, seed=1)
    warm = refit(tables, spec, start=everything.fit, draws=200, seed=1)

    assert cold.fit.laplace.converged
    assert warm.fit.laplace.converged
    assert largest_difference(cold, warm) < SAME_SD
    assert warm.fit.models == cold.fit.models


@pytest.mark.parametrize("spec", LEAVE_OUTS, ids=lambda s: s.name)
def test_a_warm_start_ends_where_a_cold_one_does(tables, everything, spec):
    agrees(tables, everything, spec)


@pytest.mark.slow
@pytest.mark.parametrize("spec", MORE_LEAVE_OUTS, ids=lambda s: s.name)
def test_every_other_warm_start_does_too(tables, everything, spec):
    agrees(tables, everything, spec)


def test_a_warm_start_is_shorter(tables, everything):
    cold, warm = (
        sum(
            refit(tables, spec, start=start, draws=10, seed=1).fit.laplace.iterations
            for spec in LEAVE_OUTS
        )
        for start in (None, everything.fit)
    )

    assert warm < 0.8 * cold


def test_a_warm_start_of_the_same_rows_stays_where_it_is(everything):
    again = fit_capability(everything.fit.evidence, start=everything.fit)
    cell = ("cyber", None)

    assert again.laplace.iterations <= 5
    assert again.laplace.mean(cell) == pytest.approx(everything.fit.laplace.mean(cell), abs=0.01)


def test_equal_specs_give_equal_bytes(tables, everything):
    spec = Refit("one", drop={"lab": ("meta",)})
    one, other = (refit(tables, spec, start=everything.fit, draws=20, seed=7) for _ in range(2))

    assert one.sample.theta(("coding", None)).tobytes() == (
        other.sample.theta(("coding", None)).tobytes()
    )


@pytest.mark.parametrize("key", sorted(DROPPABLE))
def test_what_is_dropped_is_not_in_the_fit(tables, key):
    """Each key takes out all its rows and only those."""
    scores = tables["scores"]
    text = [c for c, t in scores.schema.items() if isinstance(t, pl.Enum)]
    joined = (
        scores.with_columns(pl.col(text).cast(pl.String))
        .join(tables["benchmarks"].select("benchmark", "family"), on="benchmark", how="left")
        .join(
            tables["model_versions"].select("model_version", "lab", "country"),
            on="model_version",
            how="left",
        )
        .filter(pl.col("use") == "fit")
    )
    column = DROPPABLE[key]
    counts = joined[column].drop_nulls().value_counts().sort("count", column, descending=True)
    value = counts[2, column]
    gone = set(joined.filter(pl.col(column) == value)["score_id"])
    before = set(select(tables, Refit("all")).rows["score_id"])

    after = set(select(tables, Refit("less", drop={key: (value,)})).rows["score_id"])

    assert gone
    assert not after & gone
    # rows come back where what they gave way to (a stronger effort, a part) is gone
    assert before - gone <= after


def select(tables, spec):
    from headway.checks.refits import select_rows

    return select_rows(tables, spec)


def test_strict_keeps_only_rows_with_a_date_of_their_own(tables):
    spec = Refit("strict", strict=True)
    rows = select(tables, spec).rows

    assert len(rows)
    assert not rows["pseudo_vintage"].any()
    assert len(rows) < len(select(tables, Refit("all")).rows)


def test_priors_reach_the_fit(tables, everything):
    spec = Refit("tight", priors={"class_slope_sd": 0.01, "class_bend_sd": 0.01})
    found = refit(tables, spec, start=everything.fit, draws=10, seed=1).fit.laplace
    slope = found.design.trend_columns.index("open:slope")

    assert found.priors.class_slope_sd == 0.01
    assert abs(found.core_part("trend")[slope]) < 0.03


def test_entrants_know_nothing_after_the_day(tables):
    spec = Refit("early", as_of=date(2025, 1, 31))
    found = refit(tables, spec, draws=20, seed=1)
    entrants = found.entrants(("coding", None))
    limit = day_number(spec.as_of)

    for dates in (entrants.open_from, entrants.closed_public_from, entrants.closed_any_from):
        assert (dates[np.isfinite(dates)] <= limit).all()
    assert np.isfinite(entrants.open_from).any()
    assert entrants.model_version == found.fit.models
    assert entrants.ability.shape == (20, len(found.fit.models))


def test_what_is_missing_is_said(tables, everything):
    full = everything.missing(("coding", None))
    less = Refit("no open models", drop={"country": ("China", "United States of America")})
    found = refit(tables, less, start=everything.fit, draws=20, seed=1)

    assert full == ()
    assert any(note.startswith("too_few_closed") for note in found.missing(("coding", None)))


def test_a_cell_without_rows_is_missing_not_an_error(tables):
    spec = Refit("general only", evidence="held_out", as_of=date(2024, 9, 30))
    found = refit(tables, spec, draws=10, seed=1)
    absent = [("cyber", s) for s in ("exploit", "range") if not found.has(("cyber", s))]

    assert absent
    assert found.missing(absent[0]) == ("no_open_models", "no_closed_models")
    with pytest.raises(NotFound):
        found.entrants(absent[0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"drop": {"planet": ("mars",)}}, "planet"),
        ({"drop": {"lab": "openai"}}, "tuple"),
        ({"priors": {"slope": 1.0}}, "slope"),
    ],
)
def test_a_wrong_spec_is_refused(change, message):
    with pytest.raises(BadOption, match=message):
        Refit("wrong", **change)


def test_an_unknown_frontier_is_refused(everything):
    with pytest.raises(BadOption, match="frontier"):
        everything.missing(("coding", None), frontier="secret")


def test_nothing_left_is_an_error(tables):
    with pytest.raises(EmptyTable):
        refit(tables, Refit("too early", as_of=date(2015, 1, 1)), draws=10, seed=1)
