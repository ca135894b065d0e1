"""Cutting a release: equal tables give equal bytes, whole or not at all, nothing that must not go out."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import headway
from headway.api.data_release import CutRelease
from headway.dataset.columns import columns_of, described
from headway.dataset.content import NAME
from headway.dataset.markdown import cell, link
from headway.errors import BadOption, BadTable, HeadwayError, NotFound, Unreadable
from headway.i18n import LANGS
from headway.tables.own import own_rows
from headway.tables.schemas import SCHEMAS
from headway.tables.store import load_release, read_head
from headway.tables.write import in_order, parquet_bytes
from tests.api.test_api import valid
from tests.dataset.conftest import DAY, cut_from, made_here
from tests.small_release import small_tables

Made = Callable[[str, Mapping[str, pl.DataFrame]], Path]
FILES = {
    *(
        f"{s}{e}"
        for s in ("README", "ATTRIBUTION", "LICENCES", "CHANGELOG")
        for e in (".md", ".ja.md")
    ),
    *("release.json", "croissant.json", "datapackage.json"),
}


def text(found: CutRelease, name: str) -> str:
    return (found.path / name).read_text(encoding="utf-8")


# What is in it ------------------------------------------------------------------------------


def test_a_release_has_its_tables_and_all_that_speaks_of_them(cut: CutRelease) -> None:
    names = {path.name for path in cut.path.iterdir()}

    assert cut.path.name == cut.name == "2026-08-03"
    assert names == FILES | {f"{n}.parquet" for n in read_head().found}
    assert {f.file for f in cut.files} == names
    document = valid(cut.to_json())
    assert document["release"]["valid"]
    assert document["left_out"] == {"connector_only": {}, "own": 0, "not_yet_known": 0}


def test_the_package_reads_it_as_the_release_it_was_cut_from(cut: CutRelease) -> None:
    before, after = load_release(), load_release(cut.path)

    assert after.data_release == "2026-08-03"
    assert after.head.released == DAY
    assert after.data_through == before.scores["known_on"].max()
    for name in before.head.found:
        # the count of rows per source is made anew
        drop = ["rows"] if name == "sources" else []
        assert after.table(name).drop(drop).equals(before.table(name).drop(drop)), name


def test_a_table_taken_over_keeps_its_bytes_and_so_the_hash(home: Path, cut: CutRelease) -> None:
    again = cut_from(cut.path, name="again", today=date(2027, 1, 1))

    for name in read_head().found:
        file = f"{name}.parquet"
        assert (again.path / file).read_bytes() == (cut.path / file).read_bytes(), name
    assert again.rows_hash == cut.rows_hash == read_head(again.path).rows_hash
    same = read_head().found
    assert same.keys() - {"sources"} <= {
        name for name in same if read_head(cut.path).found[name] == same[name]
    }


def test_cutting_twice_gives_the_same_bytes(home: Path) -> None:
    options = {"name": "same", "today": DAY, "since": "small"}
    first = headway.data_release(out=home / "a", **options)  # type: ignore[arg-type]
    second = headway.data_release(out=home / "b", **options)  # type: ignore[arg-type]

    assert first.fingerprint == second.fingerprint
    for file in first.path.iterdir():
        assert file.read_bytes() == (second.path / file.name).read_bytes(), file.name


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_writer_does_not_see_the_order_of_rows(seed: int) -> None:
    for name in ("scores", "access", "sources"):
        frame = small_tables()[name]
        mixed = frame.sample(fraction=1.0, shuffle=True, seed=seed)
        assert parquet_bytes(in_order(name, mixed)) == parquet_bytes(in_order(name, frame))


def test_every_column_is_described_in_both_languages() -> None:
    for table in SCHEMAS:
        for column in columns_of(table):
            assert all(described(table, column.name, lang) for lang in LANGS)


def test_the_card_counts_what_is_there(cut: CutRelease) -> None:
    scores = load_release(cut.path).scores

    assert f"| `scores` | {len(scores):,} |" in text(cut, "README.md")
    assert f"| `scores` | {len(scores):,} |" in text(cut, "README.ja.md")
    assert cut.rows_hash in text(cut, "README.md")
    assert any("\u3040" <= ch <= "\u30ff" for ch in text(cut, "README.ja.md"))


def test_every_source_is_credited_with_licence_and_rows(home: Path) -> None:
    """The shipped release: all 70 sources stand in the file, each with all that is asked for."""
    shipped = Path(headway.__file__).parent / "tables" / "release"
    found = cut_from(shipped, since=shipped, today=DAY)
    body = text(found, "ATTRIBUTION.md")

    for row in load_release(shipped).sources.iter_rows(named=True):
        (line,) = (x for x in body.splitlines() if f"| `{row['source']}` |" in x)
        for part in ("title", "publisher", "licence", "cite", "reason"):
            assert cell(row[part]) in line, (row["source"], part)
        assert row["url"] in line
        assert f"| {row['rows']} |" in line
        above = body[: body.index(line)]
        assert above.rindex(f"(`{row['decision']}`)") == above.rindex("(`")
    assert found.rows_hash == read_head(shipped).rows_hash
    assert (found.path / "unresolved.csv").read_bytes() == (shipped / "unresolved.csv").read_bytes()


HOSTILE = "x](javascript:alert(1)) <img src=x> | `y` \n# title \u202e"


def test_text_of_others_is_no_markup(made: Made) -> None:
    sources = small_tables()["sources"].with_columns(
        title=pl.lit(HOSTILE), publisher=pl.lit(HOSTILE), url=pl.lit("javascript:alert(1)")
    )
    found = cut_from(made("evil", {"sources": sources}), today=DAY)

    for name in ("ATTRIBUTION.md", "README.md", "LICENCES.md"):
        body = re.sub(r"\\.", "", text(found, name))
        assert "](javascript" not in body
        assert "<img" not in body
        assert "\n# title" not in body
        assert "\u202e" not in body


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://a b", "https://a)](x", 'https://a"onclick=', "own"]
)
def test_only_an_address_becomes_a_link(url: str) -> None:
    assert not link("t", url).startswith("[t](")
    assert link("t", "https://example.org/a_b?c=d") == "[t](https://example.org/a_b?c=d)"


# Licences and own rows ----------------------------------------------------------------------


def closed_sources(decision: str, key: str) -> dict[str, pl.DataFrame]:
    """A second source with some of the scores."""
    tables = small_tables()
    like = tables["sources"]
    second = like.with_columns(
        source=pl.lit(key), decision=pl.lit(decision).cast(like.schema["decision"])
    )
    scores = tables["scores"].with_row_index()
    scores = scores.with_columns(
        source=pl.when(pl.col("index") < 10).then(pl.lit(key)).otherwise("source")
    ).drop("index")
    return {"sources": pl.concat([like, second]), "scores": scores}


@pytest.mark.parametrize(
    ("decision", "key"),
    [("connector_only", "somebody"), ("ship", "artificial-analysis"), ("cite_facts", "livebench")],
)
def test_rows_that_may_not_be_republished_never_go_out(made: Made, decision: str, key: str) -> None:
    """Whether the release says so or the package's own list of decisions."""
    origin = made("closed", closed_sources(decision, key))
    found = cut_from(origin, today=DAY)
    after = load_release(found.path)

    assert key not in set(after.scores["source"])
    assert len(after.scores) == len(load_release(origin).scores) - 10
    assert found.chosen is not None
    assert found.chosen.held_back == {key: 10}
    assert [w.code for w in found.warnings] == ["release_held_back"]
    (row,) = after.sources.filter(pl.col("source") == key).to_dicts()
    assert (row["decision"], row["rows"]) == ("connector_only", 0)
    assert valid(found.to_json())["left_out"]["connector_only"] == {key: 10}


def test_every_table_with_a_source_is_filtered(made: Made) -> None:
    tables = small_tables()
    sources = tables["sources"]
    closed = sources.with_columns(
        decision=pl.lit("connector_only").cast(sources.schema["decision"]),
        source=pl.lit("closed"),
    )
    estimates = tables["published_estimates"].with_columns(source=pl.lit("closed"))
    origin = made(
        "closed", {"sources": pl.concat([sources, closed]), "published_estimates": estimates}
    )
    found = cut_from(origin, today=DAY)

    assert len(load_release(found.path).published_estimates) == 0
    assert found.chosen is not None
    assert found.chosen.held_back == {"closed": 1}


def test_a_repeat_of_a_row_that_is_left_out_stays_a_repeat(made: Made) -> None:
    changed = closed_sources("connector_only", "somebody")
    scores = changed["scores"]
    gone = scores["score_id"][0]
    is_last = pl.col("score_id") == scores["score_id"][-1]
    changed["scores"] = scores.with_columns(
        use=pl.when(is_last).then(pl.lit("duplicate")).otherwise("use").cast(scores.schema["use"]),
        use_reason=pl.when(is_last).then(pl.lit("quoted")),
        duplicate_of=pl.when(is_last).then(pl.lit(gone)),
    )
    found = cut_from(made("repeat", changed), today=DAY)
    (row,) = load_release(found.path).scores.filter(is_last).to_dicts()

    assert (row["use"], row["duplicate_of"]) == ("duplicate", None)
    assert "release_freed" in {w.code for w in found.warnings}


@pytest.fixture
def own_file(home: Path) -> Path:
    path = home / "mine.csv"
    path.write_text("model,benchmark,score,n\nopen-13,coding-0-0,0.99,150\n")
    headway.data_add(path, write=True, today=date(2026, 6, 1))
    return path


def test_own_rows_stay_out_unless_asked_for(own_file: Path) -> None:
    found = headway.data_release(today=DAY)
    scores = load_release(found.path).scores

    assert "own" not in set(scores["evaluator_relationship"].cast(pl.String))
    assert found.own_rows == 0
    secret = own_rows()[0]["score_id"]
    for file in found.path.iterdir():
        assert secret.encode() not in file.read_bytes(), file.name


def test_own_rows_that_are_asked_for_are_named_everywhere(own_file: Path) -> None:
    found = cut_from(own="include", today=DAY)
    release = load_release(found.path)

    assert found.name == "2026-08-03-own"
    assert found.own_rows == 1
    assert release.scores.filter(pl.col("evaluator_relationship") == "own").height == 1
    assert release.sources.filter(pl.col("source") == "own")["rows"].to_list() == [1]
    licences = dict(release.sources.select("source", "licence").iter_rows())
    assert all(
        licences[s] == li for s, li in release.scores.select("source", "licence").iter_rows()
    )
    assert json.loads(text(found, "release.json"))["own_rows"] == 1
    assert json.loads(text(found, "datapackage.json"))["headway"]["own_rows"] == 1
    for name in ("croissant.json", "datapackage.json", "README.md"):
        assert "results of the person who cut this release" in text(found, name), name
    assert "`own`" in text(found, "ATTRIBUTION.md")
    assert "自身の結果" in text(found, "README.ja.md")
    assert headway.data_release(verify=found.path).is_valid
    assert cut_from(own="include", name="mine", today=DAY).name == "mine-own"


def test_a_release_with_own_rows_does_not_speak_through_a_later_changelog(own_file: Path) -> None:
    """Neither as removed rows nor by the older entries."""
    first = cut_from(own="include", today=DAY)
    second = cut_from(first.path, since=first.path, today=DAY)
    twice = cut_from(first.path, own="include", today=DAY)

    assert second.own_rows == 0
    assert second.changes is not None
    assert second.changes.counts == (0, 0, 0)
    assert first.name not in text(second, "CHANGELOG.md").split("\n\n", 4)[-1]
    assert twice.own_rows == 1


# Changes ------------------------------------------------------------------------------------


def test_rows_added_removed_and_changed_are_counted(made: Made, cut: CutRelease) -> None:
    scores = small_tables()["scores"]
    first, second = scores["score_id"][0], scores["score_id"][1]
    changed = scores.filter(pl.col("score_id") != first).with_columns(
        n=pl.when(pl.col("score_id") == second).then(77).otherwise("n")
    )
    new = scores.head(1).with_columns(score_id=pl.lit("new1"))
    origin = made("changed", {"scores": pl.concat([changed, new])})
    found = cut_from(origin, today=date(2026, 9, 1))
    assert found.changes is not None
    (table,) = (t for t in found.changes.tables if t.table == "scores")

    assert (table.added, table.removed, table.changed) == (1, 1, 1)
    assert table.columns == {"n": 1}
    assert found.changes.since == cut.name
    assert found.changes.sources == {"synthetic": (1, 1, 1)}
    body = text(found, "CHANGELOG.md")
    assert f"| {second} | `n` | 150 | 77 |" in body
    assert body.index("## 2026-09-01") < body.index("## 2026-08-03")
    assert valid(found.to_json())["changes"]["tables"]["scores"]["changed"] == 1


@settings(max_examples=15, deadline=None)
@given(
    gone=st.sets(st.integers(0, 99), max_size=40),
    moved=st.sets(st.integers(0, 99), max_size=40),
    extra=st.integers(0, 20),
)
def test_the_counts_add_up(gone: set[int], moved: set[int], extra: int) -> None:
    """before + added - removed = after, and no row is counted twice."""
    from headway.dataset.changes import compare

    before = small_tables()["scores"].head(100)
    index = pl.int_range(pl.len())
    after = before.with_columns(n=pl.when(index.is_in(list(moved))).then(7).otherwise("n")).filter(
        ~index.is_in(list(gone))
    )
    new = before.head(extra).with_columns(score_id=pl.lit("n") + pl.col("score_id"))
    found = compare("a", "h", {"scores": before}, {"scores": pl.concat([after, new])})

    assert found.counts == (extra, len(gone), len(moved - gone))
    same = compare(
        "a", "h", {"scores": before}, {"scores": before.sample(fraction=1, shuffle=True)}
    )
    assert same.counts == (0, 0, 0)


def test_the_release_before_is_the_one_cut_last(home: Path) -> None:
    for _ in range(11):
        last = headway.data_release(today=DAY)

    assert last.name == "2026-08-03-11"
    assert headway.data_release(today=date(2026, 9, 1)).changes.since == last.name  # type: ignore[union-attr]


def test_a_damaged_release_before_is_named(cut: CutRelease) -> None:
    (cut.path / "release.json").write_text("{")
    with pytest.raises(Unreadable, match="2026-08-03"):
        headway.data_release(today=date(2026, 9, 1))
    assert headway.data_release(today=date(2026, 9, 1), since="small").cut


def test_a_release_that_a_sync_made_is_not_the_one_before(home: Path) -> None:
    """It is what was cut from, not what others have."""
    assert headway.data_release(today=DAY).changes.since == "2026-11-25"  # type: ignore[union-attr]
    made = headway.data_release(today=DAY)
    assert made.changes is not None
    assert made.changes.since == "2026-08-03"
    assert not made.changes.since_shipped


def test_a_release_that_was_cut_can_be_named_and_used(home: Path) -> None:
    """Whatever its name: its day stands in it."""
    cut = headway.data_release(name="no-day", today=DAY)
    headway.data_use("no-day")
    assert headway.load().data_release == cut.name
    assert cut.name in {row["name"] for row in headway.data_list("releases").rows}
    first = json.loads(headway.data_export("scores", format="eee").body.splitlines()[0])
    day = datetime.fromtimestamp(float(first["retrieved_timestamp"]), UTC).date()
    assert day == DAY


def test_as_of_leaves_later_scores_out(home: Path) -> None:
    found = headway.data_release(as_of=date(2025, 1, 1), today=DAY)
    release = load_release(found.path)

    assert release.data_through <= date(2025, 1, 1)
    assert found.chosen is not None
    assert found.chosen.not_yet_known == len(load_release().scores) - len(release.scores) > 0
    assert release.sources["rows"].sum() == len(release.scores) + len(release.published_estimates)


# Names, refusals, atomicity -----------------------------------------------------------------


def test_nothing_is_written_over(cut: CutRelease) -> None:
    before = {p.name: p.read_bytes() for p in cut.path.iterdir()}

    assert headway.data_release(today=DAY).name == "2026-08-03-2"
    with pytest.raises(HeadwayError, match="exists already"):
        headway.data_release(name=cut.name, today=DAY)
    assert {p.name: p.read_bytes() for p in cut.path.iterdir()} == before


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", "-x", "x.", "x" * 65, "é", "a\nb", ".a"])
def test_a_name_that_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(BadOption):
        headway.data_release(name=name)
    assert made_here() == set()


@given(name=st.from_regex(NAME, fullmatch=True))
@settings(max_examples=50, deadline=None)
def test_every_name_makes_a_semantic_version(name: str) -> None:
    from headway.dataset.content import Content

    made = Content(name, DAY, {}, {}, None, 0, None, None, None, {})  # type: ignore[arg-type]
    assert re.fullmatch(r"2026\.8\.3(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?", made.version)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"url": "ftp://x"}, BadOption),
        ({"name": "shipped"}, BadOption),
        ({"name": "current"}, BadOption),
        ({"name": "2026-11-25"}, HeadwayError),
        ({"since": "nowhere"}, NotFound),
        ({"verify": "nowhere"}, NotFound),
        ({"verify": "x", "name": "y"}, BadOption),
        ({"as_of": date(1990, 1, 1)}, BadTable),
        ({"out": "/proc/nothing"}, HeadwayError),
    ],
)
def test_impossible_wishes_are_refused(options: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        headway.data_release(**options)  # type: ignore[arg-type]


def test_a_release_that_would_not_be_valid_is_not_written(made: Made) -> None:
    aliases = small_tables()["model_aliases"].with_columns(model_version=pl.lit("nobody"))
    origin = made("broken", {"model_aliases": aliases})
    with pytest.raises(BadTable, match="nobody"):
        cut_from(origin)
    assert made_here() == set()


def test_a_failed_write_leaves_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("headway.tables.write.os.fsync", fails)
    with pytest.raises(HeadwayError, match="cannot be written"):
        headway.data_release()
    assert made_here() == set()


KILLED = """
    import os, sys, time
    import headway
    from headway.tables import write

    real = os.fsync
    def slow(handle):
        real(handle)
        print("writing", flush=True)
        time.sleep(60)
    write.os.fsync = slow
    headway.data_release(name="half")
"""


def test_a_killed_run_leaves_no_release_and_the_next_one_cleans_up(home: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "writing\n"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert [name[:9] for name in made_here()] == [".writing-"]

    found = headway.data_release(name="half")
    assert headway.data_release(verify="half").is_valid
    assert made_here() == {found.name}


def test_two_runs_at_once_make_two_releases(home: Path) -> None:
    code = "import headway; print(headway.data_release().name)"
    started = time.monotonic()
    runs = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    names = {run.communicate(timeout=120)[0].strip() for run in runs}

    assert len(names) == 3, (names, time.monotonic() - started)
    for name in names:
        assert headway.data_release(verify=name).is_valid
