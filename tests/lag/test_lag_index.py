"""Index mode: hand counts on a small table, and every way a table can be wrong."""

from __future__ import annotations

import math
from datetime import date, datetime

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from headway.errors import BadOption, BadValue, ColumnsMissing, EmptyTable, IdentityConflict
from headway.estimate.lag import (
    DEFINITIONS,
    check_index,
    entrants_from_index,
    index_from_epoch,
    lag_index,
    tie_sensitivity,
)
from tests.lag.worlds import MONTH

INDEX = pl.DataFrame(
    {
        "model": ["c1", "c2", "c3", "o1", "o2", "o3", "r1", "x"],
        "released": [
            "2024-01-01",
            "2024-04-10",
            "2024-10-27",
            "2024-05-01",
            "2024-07-19",
            "2025-02-04",
            "2024-06-01",
            "2024-01-01",
        ],
        "access": ["api", "Closed", "hosted", "open", "open_weight", "open", "restricted", ""],
        "score": [10.0, 20.0, 30.0, 5.0, 15.0, 30.0, 40.0, 99.0],
    }
).with_columns(pl.col("access").replace("", "unknown"))


def test_one_row_per_open_record() -> None:
    rows = lag_index(INDEX, "lag_at_record")

    assert [(r.at, r.open_model, r.closed_model, r.lag.status) for r in rows] == [
        (date(2024, 5, 1), "o1", "c1", "censored"),
        (date(2024, 7, 19), "o2", "c2", "estimated"),
        (date(2025, 2, 4), "o3", "c3", "estimated"),
    ]
    assert [r.lag.value for r in rows] == pytest.approx([121 / MONTH, 100 / MONTH, 100 / MONTH])
    assert rows[1].lag.interval is None
    assert rows[1].lag.notes == ("index_no_uncertainty",)
    assert rows[1].domain is None


def test_the_other_definitions_give_one_row_each() -> None:
    others = [name for name in DEFINITIONS if name != "lag_at_record"]

    rows = lag_index(INDEX, others, as_of=date(2025, 6, 1))
    found = {r.definition: r for r in rows}

    assert list(found) == others
    assert found["lag_now"].lag.value == pytest.approx(217 / MONTH)
    assert found["gap"].lag.value == 0
    assert found["gap"].lag.unit == "points"
    assert found["headway_months"].lag.notes[0] == "record_setters:3"
    assert found["lag_trend"].lag.status == "estimated"


def test_one_definition_does_not_depend_on_the_company_it_is_asked_in() -> None:
    alone = lag_index(INDEX, "lag_now")
    together = lag_index(INDEX, ["lag_at_record", "lag_now"])

    assert together[-1:] == alone


def test_as_of_defaults_to_the_latest_date_and_later_ones_are_noted() -> None:
    assert lag_index(INDEX, "lag_now")[0].at == date(2025, 2, 4)
    early = lag_index(INDEX, "lag_at_record", as_of=date(2024, 8, 1))
    assert [r.open_model for r in early] == ["o1", "o2"]
    assert early[0].lag.notes[-1] == "after_as_of:2"


def test_restricted_frontier() -> None:
    """r1 (40 on 2024-06-01) reaches the 30 of o3 first."""
    last = lag_index(INDEX, "lag_at_record", frontier="restricted")[-1]

    assert last.closed_model == "r1"
    assert last.lag.value == pytest.approx(248 / MONTH)


def test_weights_released_is_the_open_entry() -> None:
    later = INDEX.with_columns(
        weights_released=pl.when(pl.col("model") == "o3").then(pl.lit("2025-03-06"))
    )

    last = lag_index(later, "lag_at_record")[-1]

    assert last.at == date(2025, 3, 6)
    assert last.lag.value == pytest.approx(130 / MONTH)


def test_a_model_whose_weights_follow_later_never_enters_closed() -> None:
    later = INDEX.with_columns(
        weights_released=pl.when(pl.col("model") == "c3").then(pl.lit("2025-01-01"))
    )

    rows = lag_index(later, "lag_at_record")

    assert [r.open_model for r in rows] == ["o1", "o2", "c3"]
    assert rows[-1].lag.status == "open_leads"


def test_margin_of_an_index() -> None:
    lower = INDEX.with_columns(
        score=pl.when(pl.col("model") == "c3").then(29.5).otherwise(pl.col("score"))
    )

    assert lag_index(lower, "lag_at_record")[-1].lag.status == "open_leads"
    with_margin = lag_index(lower, "lag_at_record", margin=0.5)[-1]
    assert with_margin.closed_model == "c3"
    assert with_margin.lag.status == "estimated"


def test_score_sd_makes_draws_and_intervals() -> None:
    uncertain = INDEX.with_columns(score_sd=2.0)

    rows = lag_index(
        uncertain, ["lag_at_record", "lag_now"], rng=np.random.default_rng(0), level=0.8
    )

    assert [r.open_model for r in rows[:3]] == ["o1", "o2", "o3"]
    assert rows[-1].lag.interval is not None
    assert rows[-1].lag.interval.level == 0.8
    assert "index_no_uncertainty" not in rows[-1].lag.notes
    again = lag_index(
        uncertain, ["lag_at_record", "lag_now"], rng=np.random.default_rng(0), level=0.8
    )
    assert again == rows


def test_score_sd_of_zero_is_the_index_itself() -> None:
    certain = lag_index(INDEX.with_columns(score_sd=0.0), "lag_now", rng=np.random.default_rng(0))

    assert certain[0].lag.value == lag_index(INDEX, "lag_now")[0].lag.value


def test_score_sd_without_a_generator_is_refused() -> None:
    with pytest.raises(BadOption, match="random generator"):
        lag_index(INDEX.with_columns(score_sd=1.0), "lag_now")


def test_only_one_kind_of_model_says_what_is_missing() -> None:
    opens = INDEX.filter(pl.col("access").is_in(["open", "open_weight"]))

    for row in lag_index(opens, list(DEFINITIONS)):
        assert row.lag.status == "not_estimable"
        assert row.lag.notes == ("no_closed_models", "index_no_uncertainty")


def test_nothing_but_unknown_access_is_not_an_error() -> None:
    (row,) = lag_index(INDEX.with_columns(access=pl.lit("unknown")), "lag_now")

    assert row.lag.notes[:2] == ("no_open_models", "no_closed_models")


def test_arrow_tables_and_dates_give_the_same() -> None:
    table = INDEX.with_columns(pl.col("released").str.to_date())
    arrow = pa.Table.from_pylist(table.to_dicts())

    assert lag_index(arrow, "lag_at_record") == lag_index(INDEX, "lag_at_record")
    stamped = table.with_columns(pl.col("released").cast(pl.Datetime()))
    assert lag_index(stamped, "lag_at_record") == lag_index(INDEX, "lag_at_record")
    assert isinstance(stamped["released"][0], datetime)


def test_labs_are_clusters() -> None:
    checked = check_index(INDEX.with_columns(lab=pl.lit(" Lab ")))

    assert set(entrants_from_index(checked).lab) == {"Lab"}
    assert lag_index(INDEX.with_columns(lab=pl.lit("Lab")), "lag_now")[0].lag.n_clusters == 1


def test_numbers_as_text_are_read() -> None:
    text = INDEX.with_columns(pl.col("score").cast(pl.String()))

    assert lag_index(text, "lag_at_record") == lag_index(INDEX, "lag_at_record")


def test_a_missing_column_is_named_with_what_is_there() -> None:
    with pytest.raises(ColumnsMissing, match="missing column released; got model, access, score"):
        check_index(INDEX.drop("released"))


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(EmptyTable):
        check_index(INDEX.clear())


def test_two_rows_of_one_model_are_refused() -> None:
    with pytest.raises(IdentityConflict, match="c2"):
        check_index(pl.concat([INDEX, INDEX[1:2]]))


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("released", "07/19/2024", "released must be a date"),
        ("released", "2024-02-30", "released must be a date"),
        ("released", None, "released must be a date"),
        ("access", "sometimes", "access must be one of open_weight"),
        ("access", None, "access must be"),
        ("model", " ", "model must be a name"),
        ("score", "abc", "score must be a finite number"),
        ("score", "nan", "score must be a finite number"),
        ("score", "inf", "score must be a finite number"),
        ("score", None, "score must be a finite number"),
        ("score_sd", "-1", "score_sd must be a number of at least 0"),
        ("score_sd", "", "score_sd must be a finite number"),
        ("weights_released", "soon", "weights_released must be a date"),
    ],
)
def test_a_bad_value_is_named_with_its_line(column: str, value: str | None, message: str) -> None:
    table = INDEX.with_columns(
        score_sd=pl.lit("1"), weights_released=pl.lit(None, dtype=pl.String())
    ).with_columns(pl.col(column).cast(pl.String()))
    table = table.with_columns(
        pl.when(pl.int_range(pl.len()) == 2)
        .then(pl.lit(value, dtype=pl.String()))
        .otherwise(pl.col(column))
        .alias(column)
    )

    with pytest.raises(BadValue, match=message) as raised:
        check_index(table)

    assert "line 4" in str(raised.value)
    assert raised.value.context["lines"] == [4]


def test_a_float_nan_is_refused() -> None:
    with pytest.raises(BadValue, match="finite"):
        check_index(INDEX.with_columns(score=pl.lit(math.nan)))


def test_unknown_definition_is_refused() -> None:
    with pytest.raises(BadOption, match="lag_mean"):
        lag_index(INDEX, "lag_mean")


def test_tie_sensitivity_breaks_ties_the_other_way() -> None:
    """o3 ties with c3: a hair more and no closed model had reached it."""
    frame = tie_sensitivity(INDEX, 0.1)
    last = frame.row(-1, named=True)

    assert last["open_model"] == "o3"
    assert last["lag_months"] == last["longest_lag_months"] == pytest.approx(100 / MONTH)
    assert (last["shortest_status"], last["shortest_lag_months"]) == ("open_leads", None)


def test_tie_sensitivity_is_ordered() -> None:
    frame = tie_sensitivity(INDEX.with_columns(score_sd=3.0), 6.0)

    record = frame.filter(open_model="o2").row(0, named=True)
    assert record["shortest_closed_model"] == "c3" or record["shortest_status"] == "open_leads"
    assert record["longest_status"] == "censored"
    assert record["longest_lag_months"] > record["lag_months"]


@pytest.mark.parametrize("delta", [-1.0, math.nan, math.inf])
def test_tie_sensitivity_refuses_a_bad_delta(delta: float) -> None:
    with pytest.raises(BadOption, match="delta"):
        tie_sensitivity(INDEX, delta)


def test_tie_sensitivity_without_closed_models_is_empty() -> None:
    assert tie_sensitivity(INDEX.filter(pl.col("access") == "open"), 1.0).is_empty()


EPOCH = pl.DataFrame(
    {
        "Model": ["Alpha 1", "Beta", "Gamma", "Delta", "Eps", "Zeta", "Eta", "Theta"],
        "ECI Score": [100.0, 104.5, 99.0, 90.0, 80.0, 70.0, 60.0, 50.0],
        "Release date": [f"2025-0{i}-01" for i in range(1, 9)],
        "Organization": ["A,A Labs", "B", "C", None, "E", "F", "G", "H"],
        "Country": ["X"] * 8,
        "Model accessibility": [
            "API access",
            "Open weights (restricted use)",
            "Hosted access (no API)",
            "Unknown",
            "Unreleased",
            "Open weights (unrestricted)",
            "Open weights (non-commercial)",
            None,
        ],
    }
)


def test_epoch_layout_is_converted() -> None:
    found = check_index(index_from_epoch(EPOCH))

    assert found["access"].to_list() == [
        "api",
        "open_weight",
        "hosted",
        "unknown",
        "unreleased",
        "open_weight",
        "open_weight",
        "unknown",
    ]
    assert found["lab"].to_list()[:4] == ["A", "B", "C", None]
    assert found["released"][0] == date(2025, 1, 1)


def test_epoch_layout_with_a_new_accessibility_is_refused() -> None:
    with pytest.raises(BadValue, match="by carrier pigeon"):
        index_from_epoch(
            EPOCH.with_columns(pl.lit("by carrier pigeon").alias("Model accessibility"))
        )


def test_epoch_layout_without_scores_is_refused() -> None:
    with pytest.raises(ColumnsMissing, match="ECI Score"):
        index_from_epoch(EPOCH.drop("ECI Score"))
