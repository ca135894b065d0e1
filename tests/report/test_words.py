"""Numbers, dates and quantities in words."""

from __future__ import annotations

import math
from datetime import date

import pytest

from headway import i18n
from headway.errors import BadOption
from headway.result import Interval, Quantity


def months(value, low, high, status="estimated", notes=()):
    return Quantity(value, "months", Interval(low, high, 0.9, "eti"), 40, 9, status, notes)


@pytest.mark.parametrize(
    ("quantity", "en", "ja"),
    [
        (
            months(7.24, 4.6, 10.8),
            "7 months (90 % interval 5 to 11)",
            "7 か月（90 % 区間：5〜11）",
        ),
        (
            months(1.0, 0.61, 1.4),
            "1.0 months (90 % interval 0.6 to 1.4)",
            "1.0 か月（90 % 区間：0.6〜1.4）",
        ),
        (months(1.2, 0.0, 4.4), "1 month (90 % interval 0 to 4)", "1 か月（90 % 区間：0〜4）"),
        (
            months(14.0, 9.0, math.inf, "censored"),
            "at least 14 months (90 % interval 9 or more)",
            "少なくとも 14 か月（90 % 区間：9 以上）",
        ),
        (
            months(None, -math.inf, 2.44, "open_leads"),
            "open models lead (90 % interval from “open models lead” to 2.4)",
            "オープンが先行（90 % 区間：「オープンが先行」〜2.4）",
        ),
        (
            Quantity.not_estimable("months", "too_few_open:2<3", "few_bridges:1<2"),
            "not estimable: too few open-weight models with enough data (2 of 3 needed); too few "
            "benchmarks hold both open and closed models (1 of 2 needed)",
            "推定不能（十分なデータのあるオープンウェイトモデルが足りません（必要数 3 に対して 2）、"
            "オープンとクローズドの両方を含むベンチマークが足りません（必要数 2 に対して 1））",
        ),
        (
            Quantity(4.4, "months", None, 12, 5, "estimated", ("index_no_uncertainty",)),
            "4.4 months: the index comes without standard errors, so no interval can be given",
            "4.4 か月（指数に標準誤差がないため、区間を示せません）",
        ),
    ],
    ids=["estimated", "narrow", "one", "censored", "open_leads", "not_estimable", "no_interval"],
)
def test_quantity_has_an_interval_or_a_reason(quantity, en, ja):
    assert i18n.quantity_words(quantity, "en") == en
    assert i18n.quantity_words(quantity, "ja") == ja


@pytest.mark.parametrize(
    ("low", "high", "decimals"),
    [(3, 11, 0), (3.0, 4.6, 1), (3.0, 5.2, 0), (3.11, 3.2, 2), (4, 4, 1)],
)
def test_rounding_follows_the_interval(low, high, decimals):
    assert i18n.decimals_for(Interval(low, high, 0.9, "eti")) == decimals


def test_both_ends_among_open_leads_draws():
    interval = Interval(-math.inf, -math.inf, 0.9, "eti")

    assert i18n.interval_words(interval, "en") == "open models lead throughout"


def test_numbers_and_dates_follow_the_language():
    assert i18n.number(-1234.56, "en", 1) == "−1,234.6"
    assert i18n.number(-0.04, "en", 1) == "0.0"  # no minus sign on a rounded zero
    assert i18n.day(date(2026, 11, 3), "en") == "3 November 2026"
    assert i18n.day(date(2026, 11, 3), "ja") == "2026年11月3日"
    assert i18n.month(date(2026, 11, 3), "ja") == "2026年11月"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0 %"), (0.001, "< 1 %"), (0.5, "50 %"), (0.999, "> 99 %"), (1, "100 %")],
)
def test_percent_never_rounds_to_certainty(share, text):
    assert i18n.percent(share, "en") == text


def test_unheard_of_note_is_shown_not_dropped():
    assert i18n.note("invented_key:3", "en") == "note “invented_key:3”"


def test_missing_key_and_missing_field_raise():
    with pytest.raises(i18n.MissingMessage, match="no-such-key"):
        i18n.message("no-such-key", "en")
    with pytest.raises(i18n.MissingMessage, match="unit-months"):
        i18n.message("unit-months", "en")


def test_language_that_does_not_ship_is_a_usage_error():
    with pytest.raises(BadOption, match="'fr'"):
        i18n.message("domain-cyber", "fr")


def test_same_key_in_two_files_is_refused():
    with pytest.raises(i18n.MissingMessage, match="is in a.ftl and b.ftl"):
        i18n.Catalogue("en", {"a.ftl": "k = one\n", "b.ftl": "k = two\n"})


def test_broken_fluent_is_refused():
    with pytest.raises(i18n.MissingMessage, match="not Fluent"):
        i18n.Catalogue("en", {"a.ftl": "k = { $open\n"})
