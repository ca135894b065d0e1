"""Entry days from the access table."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from headway.errors import BadOption, BadValue, ColumnsMissing, UnknownModel
from headway.estimate.lag import Entrants, entrants_from_access
from headway.estimate.lag.entrants import date_of, day_number, last_day_of_period


def access(*rows: tuple[str, str, date, str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        rows, schema=["model_version", "access", "from", "basis", "precision"], orient="row"
    )


def versions(**labs: str | None) -> pl.DataFrame:
    return pl.DataFrame(
        {"model_version": list(labs), "lab": list(labs.values())},
        schema={"model_version": pl.String(), "lab": pl.String()},
    )


def build(table: pl.DataFrame, models: pl.DataFrame, **options: object) -> Entrants:
    order = models["model_version"].to_list()
    return entrants_from_access(
        table,
        models,
        order,
        np.zeros((1, len(order))),
        np.ones(len(order), dtype=bool),
        **options,  # type: ignore[arg-type]
    )


def test_open_entry_is_the_day_of_the_weights_and_never_closed() -> None:
    """Announced by API in July, weights in August: enters open in August, closed never."""
    found = build(
        access(
            ("k3", "api", date(2026, 7, 16), "stated", "day"),
            ("k3", "open_weight", date(2026, 7, 27), "stated", "day"),
        ),
        versions(k3="Moonshot"),
    )

    assert found.open_from[0] == day_number(date(2026, 7, 27))
    assert np.isinf(found.closed_public_from[0])
    assert np.isinf(found.closed_any_from[0])


def test_later_weights_keep_a_model_out_of_closed_even_before_they_exist() -> None:
    found = build(
        access(
            ("k3", "api", date(2026, 7, 16), "stated", "day"),
            ("k3", "open_weight", date(2026, 7, 27), "stated", "day"),
        ),
        versions(k3="Moonshot"),
        as_of=date(2026, 7, 20),
    )

    assert np.isinf(found.open_from[0])
    assert np.isinf(found.closed_public_from[0])


def test_restricted_then_api_enters_each_frontier_on_its_own_day() -> None:
    found = build(
        access(
            ("mythos", "restricted", date(2026, 4, 7), "stated", "day"),
            ("mythos", "api", date(2026, 4, 28), "stated", "day"),
            ("mythos", "restricted", date(2026, 5, 5), "stated", "day"),
        ),
        versions(mythos="Anthropic"),
    )

    assert found.closed_any_from[0] == day_number(date(2026, 4, 7))
    assert found.closed_public_from[0] == day_number(date(2026, 4, 28))


def test_unknown_access_enters_neither() -> None:
    found = build(access(("x", "unknown", date(2026, 1, 1), "stated", "day")), versions(x=None))

    assert np.isinf(found.open_from[0])
    assert np.isinf(found.closed_any_from[0])
    assert found.lab == ("?x",)


def test_unreleased_enters_the_restricted_frontier_when_its_results_are_published() -> None:
    found = build(
        access(("u", "unreleased", date(2025, 12, 1), "stated", "day")),
        versions(u="Lab"),
        results_published={"u": date(2026, 2, 3)},
    )

    assert found.closed_any_from[0] == day_number(date(2026, 2, 3))
    assert np.isinf(found.closed_public_from[0])


def test_inferred_access_can_be_left_out() -> None:
    table = access(
        ("a", "open_weight", date(2026, 1, 1), "inferred", "day"),
        ("b", "open_weight", date(2026, 1, 1), "stated", "day"),
    )

    both = build(table, versions(a="A", b="B"))
    stated = build(table, versions(a="A", b="B"), stated_only=True)

    assert np.isfinite(both.open_from).tolist() == [True, True]
    assert np.isfinite(stated.open_from).tolist() == [False, True]


@pytest.mark.parametrize(
    ("precision", "last"),
    [("day", date(2024, 2, 10)), ("month", date(2024, 2, 29)), ("year", date(2024, 12, 31))],
)
def test_imprecise_dates_count_from_the_last_day_of_the_period(precision: str, last: date) -> None:
    found = build(access(("a", "api", date(2024, 2, 10), "stated", precision)), versions(a="A"))

    assert date_of(found.closed_public_from[0]) == last


def test_unknown_precision_is_refused() -> None:
    with pytest.raises(BadOption, match="precision"):
        last_day_of_period(date(2024, 1, 1), "quarter")


def test_a_model_outside_the_registry_is_refused() -> None:
    with pytest.raises(UnknownModel, match="ghost"):
        entrants_from_access(
            access(("a", "api", date(2024, 1, 1), "stated", "day")),
            versions(a="A"),
            ["a", "ghost"],
            np.zeros((1, 2)),
            np.ones(2, dtype=bool),
        )


def test_a_missing_column_is_named() -> None:
    table = access(("a", "api", date(2024, 1, 1), "stated", "day")).drop("basis")

    with pytest.raises(ColumnsMissing, match="access: missing basis"):
        build(table, versions(a="A"))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_non_finite_ability_of_an_informative_model_is_refused(value: float) -> None:
    never = np.array([np.inf])
    with pytest.raises(BadValue, match="finite"):
        Entrants(("a",), ("A",), never, never, never, np.array([[value]]), np.array([True]))


def test_nan_date_is_refused() -> None:
    never = np.array([np.inf])
    with pytest.raises(BadValue, match="NaN"):
        Entrants(
            ("a",), ("A",), np.array([np.nan]), never, never, np.zeros((1, 1)), np.array([True])
        )


def test_keep_and_with_ability_keep_columns_together() -> None:
    found = build(
        access(
            ("a", "api", date(2024, 1, 1), "stated", "day"),
            ("b", "open_weight", date(2024, 2, 1), "stated", "day"),
        ),
        versions(a="A", b="B"),
    )

    kept = found.keep(np.array([False, True]))
    other = kept.with_ability(np.array([[3.0], [4.0]]), np.array([False]))

    assert kept.model_version == ("b",)
    assert np.isfinite(kept.open_from).all()
    assert other.n_draws == 2
    assert not other.informative.any()


def test_unknown_frontier_is_refused() -> None:
    never = np.array([np.inf])
    one = Entrants(("a",), ("A",), never, never, never, np.zeros((1, 1)), np.array([True]))
    with pytest.raises(BadOption, match="public"):
        one.closed_from("private")  # type: ignore[arg-type]
