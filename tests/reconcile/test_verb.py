"""``headway reconcile``: the list, a path, one choice at a time; text, JSON, chart, errors."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import click.testing
import pytest

import headway
from headway.api.reconcile import ReconcileResult
from headway.checks.reconcile import DEFAULT_PATHS, path_document, row_document
from headway.cli.app import app
from headway.errors import BadOption, NotFound
from headway.figures import svg_of
from headway.figures.reconcile import reconcile_list_spec, waterfall_spec
from headway.figures.vl import to_altair
from tests.api.test_api import valid
from tests.reconcile.conftest import SHIPPED


@pytest.fixture
def shipped(shared_cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The shipped release, with the cache that all tests share."""
    monkeypatch.delenv("HEADWAY_DATA_DIR", raising=False)
    monkeypatch.setenv("HEADWAY_CACHE_DIR", str(shared_cache))
    assert SHIPPED.is_dir()
    del tmp_path


@pytest.fixture
def path(shipped: None) -> ReconcileResult:
    return headway.reconcile(path=("ecih-trend-all", "ecih-0929-trend-all"))


@pytest.fixture(scope="module")
def documents(work: Any) -> tuple[dict[str, Any], ...]:
    return tuple(row_document(row, found) for row, found in work.rows())


def test_the_path_is_valid_json_and_adds_up(path: ReconcileResult) -> None:
    told = valid(path.to_json())

    assert told["path"]["begin"] == "ecih-trend-all"
    moved = sum(row["months"]["value"] for row in told["results"])
    ends = told["path"]["lag_end"]["value"] - told["path"]["lag_begin"]["value"]
    assert moved == pytest.approx(ends, abs=1e-9)
    assert {"choice", "months"} <= set(told["results"][0])


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "The largest step is Step or trend"), ("ja", "最も大きく動かすのは")]
)
def test_the_path_is_told_in_words(path: ReconcileResult, lang: str, words: str) -> None:
    text = path.text(lang)

    assert words in text
    assert "16.7" in text
    assert "11.0" in text


def test_a_path_as_a_frame(path: ReconcileResult) -> None:
    frame = path.table()

    assert frame["choice"].to_list() == [row["choice"] for row in path.documents]
    assert frame["months"].sum() == pytest.approx(10.99 - 16.65, abs=0.02)


def test_settings_move_the_months(shipped: None) -> None:
    found = headway.reconcile(
        start="blog-eci-k3", settings=["dates=weights", "matching=surpass", "domain=cyber"]
    )
    told = valid(found.to_json())

    assert [round(row["after"]["value"], 1) for row in told["results"][:2]] == [4.7, 5.7]
    assert [round(row["months"], 1) for row in told["results"][:2]] == [0.4, 0.9]
    last = told["results"][2]
    assert (last["after"]["status"], last["months"]) == ("not_estimable", None)
    assert "does not offer" in found.text()
    assert "4.4" in found.text("ja")
    with pytest.raises(BadOption, match="no chart"):
        found.plot()


def test_a_start_without_settings_is_its_lag(shipped: None) -> None:
    found = headway.reconcile(start="aisi-2026-07-range-glm52")

    assert found.documents == ()
    assert round(found.about["before"]["value"], 1) == 6.7
    assert found.text()


def test_the_list_is_valid_json(documents: tuple[dict[str, Any], ...], shipped: None) -> None:
    found = headway.reconcile(start="blog-eci-k3")
    listed = ReconcileResult(
        data_release=found.data_release,
        as_of=found.as_of,
        options=found.options,
        warnings=(),
        provenance=found.provenance,
        documents=documents,
        kind="list",
        about={},
    )
    told = valid(listed.to_json())

    assert len(told["results"]) == len(documents)
    assert "inputs not public" in listed.text() or "not public" in listed.text()
    assert "再現" in listed.text("ja")
    assert listed.table().height == len(documents)
    assert "ReconcileResult(list" in repr(listed)
    assert len(repr(listed).splitlines()) <= 10


def test_an_empty_list_is_a_list(small_release: Path) -> None:
    """The small release holds no figure with a preset."""
    found = headway.reconcile()

    assert found.documents == ()
    assert found.text().startswith("0 published lags")


def test_own_lags_have_a_path_in_any_release(small_release: Path) -> None:
    found = headway.reconcile(path=("headway-coding", "headway-cyber"))

    assert [row["choice"] for row in found.documents] == ["domain"]
    assert valid(found.to_json())


def test_the_study_is_served_where_it_fits(
    shipped: None, monkeypatch: pytest.MonkeyPatch, work: Any
) -> None:
    """A stored path is shown as it is stored; another one is computed."""
    names = ("ecih-trend-all", "ecih-0929-trend-all")
    named = work.named()
    stored = path_document(names, work.path(named[names[0]], named[names[1]]))
    stored["steps"][0]["months"]["value"] = -99.0
    monkeypatch.setattr(
        "headway.checks.stored.load_stored", lambda *_, **__: {"rows": [], "paths": [stored]}
    )

    assert headway.reconcile(path=names).documents[0]["months"]["value"] == -99.0
    assert headway.reconcile(path=names[::-1]).documents[0]["months"]["value"] > 0
    assert headway.reconcile().documents == ()


def test_default_paths_name_lags(work: Any) -> None:
    named = work.named()

    assert all(name in named for pair in DEFAULT_PATHS for name in pair)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"path": ("blog-eci-k3", "blog-eci-k4")}, NotFound, "blog-eci-k3"),
        ({"path": ("semi-forecast", "headway-cyber")}, BadOption, "a forecast"),
        ({"path": ("a", "b"), "settings": ["rule=step"]}, BadOption, "do not go together"),
        ({"settings": ["rule"]}, BadOption, "choice=value"),
        ({"settings": ["nope=1"]}, BadOption, "no choice called"),
        ({"start": "blog-eci-k3", "settings": ["dates=x"]}, BadOption, 'cannot be "x"'),
        ({"start": "blog-eci-k3", "settings": ["as_of=x"]}, BadOption, 'cannot be "x"'),
        ({"start": "blog-eci-k3", "settings": ["data=x"]}, NotFound, "no data set"),
        ({"start": "blog-eci-k3", "settings": ["data=pair:x/y"]}, NotFound, "no data set"),
        ({"level": 2.0}, BadOption, "level"),
    ],
)
def test_bad_options_say_what_to_do(
    shipped: None, options: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error) as told:
        headway.reconcile(**options)

    assert words in str(told.value)
    assert told.value.hint  # type: ignore[attr-defined]


def test_as_of_is_refused(shipped: None) -> None:
    from datetime import date

    with pytest.raises(BadOption, match="each figure has its own day"):
        headway.reconcile(as_of=date(2026, 1, 1))


def test_the_command_line(shipped: None) -> None:
    run = click.testing.CliRunner()
    names = ["ecih-trend-all", "ecih-0929-trend-all"]

    plain = run.invoke(app, ["reconcile", "--path", *names])
    as_json = run.invoke(app, ["reconcile", "--path", *names, "--json"])
    bad = run.invoke(app, ["reconcile", "--path", "x", "y", "--lang", "ja"])

    assert plain.exit_code == as_json.exit_code == 0, plain.output
    assert "trend_open" in plain.stdout
    assert valid(json.loads(as_json.stdout))["schema"] == "headway.reconcile/1"
    assert bad.exit_code != 0
    assert "という数値や遅れはありません" in bad.stderr


# Charts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "lang", "palette"),
    [
        ("wide", "en", "light"),
        ("wide", "ja", "dark"),
        ("narrow", "ja", "light"),
        ("narrow", "en", "css"),
    ],
)
def test_the_waterfall_is_drawn(path: ReconcileResult, size: Any, lang: str, palette: Any) -> None:
    spec = waterfall_spec(path.about, path.documents, size=size, lang=lang, palette=palette)
    svg = svg_of(spec)

    assert to_altair(spec).to_dict()
    assert "16.7" in svg
    assert svg.count('role="graphics-symbol"') >= len(path.documents) + 2


def test_bars_hang_together(path: ReconcileResult) -> None:
    """Each bar begins where the one before it ended; the last total is the end of the path."""
    spec = waterfall_spec(path.about, path.documents)
    rows = sorted(
        {r["y"]: r for part in spec["datasets"].values() for r in part if "after" in r}.values(),
        key=lambda r: r["y"],
    )

    assert rows[0]["after"] == pytest.approx(path.about["lag_begin"]["value"])
    assert rows[-1]["after"] == pytest.approx(path.about["lag_end"]["value"])
    assert rows[-2]["after"] == pytest.approx(rows[-1]["after"], abs=1e-9)
    for before, row in pairwise(rows[:-1]):
        near = min(abs(row["a"] - before["after"]), abs(row["b"] - before["after"]))
        assert near == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize(("size", "lang"), [("wide", "en"), ("narrow", "ja")])
def test_the_list_is_drawn(documents: tuple[dict[str, Any], ...], size: Any, lang: str) -> None:
    spec = reconcile_list_spec(documents, size=size, lang=lang, palette="dark")
    svg = svg_of(spec)

    assert to_altair(spec).to_dict()
    assert "aisi-2026-07-range-glm52" in svg
    assert "semi-forecast" not in svg


def test_plots_are_altair_charts(path: ReconcileResult) -> None:
    assert path.plot().to_dict()["$schema"].endswith("v6.json") or path.plot().to_dict()
