"""From raw columns to facts: the traps of the sources, on invented rows of the real shape."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from headway.errors import Unreadable
from headway.tables.impact_store import IMPACT_DIR, load_impact

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from impact_build import facts  # noqa: E402  (path set above)

THROUGH = date(2026, 8, 31)


def advisory(**changes: Any) -> dict[str, Any]:
    row = {
        "announced": datetime(2026, 4, 21),
        "product": "Firefox 150",
        "cve": "CVE-2026-0001",
        "impact": "high",
        "bugs": "1001",
    }
    return row | changes


def mozilla(*rows: dict[str, Any]) -> facts.Facts:
    schema = {
        "announced": pl.Datetime,
        **dict.fromkeys(["product", "cve", "impact", "bugs"], pl.String),
    }
    return facts.mozilla(pl.DataFrame(list(rows), schema=schema), THROUGH)


def ids(found: facts.Facts, unit: str) -> list[tuple[str, str]]:
    rows = found.records.filter(pl.col("unit") == unit).sort("product", "id")
    return list(rows.select("product", "id").iter_rows())


def test_roll_up_is_one_identifier_and_many_bugs() -> None:
    found = mozilla(advisory(bugs="1001,1002,1003"))

    assert ids(found, "identifier") == [("Firefox", "CVE-2026-0001")]
    assert [bug for _, bug in ids(found, "bug")] == ["1001", "1002", "1003"]
    assert set(found.relations.select("id", "kind").iter_rows()) == {("CVE-2026-0001", "bundles")}
    assert found.relations["related"].sort().to_list() == ["1001", "1002", "1003"]


def test_an_id_counts_once_per_product_on_its_first_day() -> None:
    later = datetime(2026, 5, 19)
    found = mozilla(
        advisory(announced=later, product="Firefox 151"),
        advisory(),
        advisory(announced=later, product="Firefox ESR 140.11"),
    )

    assert ids(found, "identifier") == [
        ("Firefox", "CVE-2026-0001"),
        ("Firefox ESR", "CVE-2026-0001"),
    ]
    first = found.records.filter(product="Firefox")["published"].unique().to_list()
    assert first == [date(2026, 4, 21)]
    assert found.left_out["later row of the same id and product"] == 2  # the CVE and its bug


def test_several_ids_in_one_entry_are_several_and_links_are_none() -> None:
    found = mozilla(
        advisory(cve="CVE-2006-0292,CVE-2006-0293", bugs="https://example.org/advisory, 7")
    )

    assert [i for _, i in ids(found, "identifier")] == ["CVE-2006-0292", "CVE-2006-0293"]
    assert [b for _, b in ids(found, "bug")] == ["7"]
    assert found.left_out["not a bug id"] == 1


def test_links_to_the_tracker_are_bugs() -> None:
    site = "https://bugzilla.mozilla.org"
    found = mozilla(
        advisory(bugs=f"{site}/show_bug.cgi?id=1707898,{site}/buglist.cgi?bug_id=1839074%2C1865413")
    )

    assert [b for _, b in ids(found, "bug")] == ["1707898", "1839074", "1865413"]
    assert found.left_out["not a bug id"] == 0


@pytest.mark.parametrize(
    ("impact", "severity"),
    [
        ("Critical", "critical"),
        ("moderate", "moderate"),
        ("Moderate to Critical", None),
        (None, None),
    ],
)
def test_severity_is_the_source_s_word_or_unknown(impact: str | None, severity: str | None) -> None:
    found = mozilla(advisory(impact=impact))

    assert found.records["severity"].unique().to_list() == [severity]


def test_of_two_severities_on_one_day_the_higher_counts() -> None:
    found = mozilla(advisory(impact="low"), advisory(impact="critical"), advisory(impact=None))

    assert found.records["severity"].unique().to_list() == ["critical"]


def test_go_counts_from_creation_and_leaves_the_year_1_out() -> None:
    raw = pl.DataFrame(
        {
            "id": ["GO-2026-1", "GO-2026-2", "GO-2026-3"],
            "module": ["m", "m", None],
            "created": [datetime(2026, 5, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC), None],
            "withdrawn": [None, None, datetime(2026, 5, 2, tzinfo=UTC)],
            "cves": ["CVE-2026-1,CVE-2026-2", "", None],
            "ghsas": ["GHSA-a", None, None],
        },
        schema_overrides={"created": pl.Datetime(time_zone="UTC")},
    )
    found = facts.go(raw, THROUGH)

    assert found.records["id"].to_list() == ["GO-2026-1"]
    assert found.left_out == {"no date that can be": 2}
    assert sorted(found.relations["related"]) == ["CVE-2026-1", "CVE-2026-2", "GHSA-a"]


def test_rustsec_drafts_wait_for_their_number_and_notices_keep_their_kind() -> None:
    raw = pl.DataFrame(
        {
            "id": ["RUSTSEC-0000-0000", "RUSTSEC-2026-0001", "RUSTSEC-2026-0002"],
            "package": ["a", "b", "c"],
            "informational": [None, None, "unmaintained"],
            "date": [datetime(2026, 1, 2)] * 3,
            "withdrawn": [None, "2026-02-01", None],
            "aliases": ["", "RUSTSEC-2026-0001,CVE-2026-3", ""],
        }
    )
    found = facts.rustsec(raw, THROUGH)

    assert found.left_out == {"draft without a number": 1}
    assert list(found.records.select("id", "kind", "withdrawn").iter_rows()) == [
        ("RUSTSEC-2026-0001", "vulnerability", True),
        ("RUSTSEC-2026-0002", "unmaintained", False),
    ]
    assert found.relations["related"].to_list() == ["CVE-2026-3"]  # naming itself is no relation


def test_a_date_after_the_snapshot_is_no_date() -> None:
    found = mozilla(
        advisory(announced=datetime(2027, 1, 1)), advisory(cve="CVE-2026-0002", bugs=None)
    )

    assert ids(found, "identifier") == [("Firefox", "CVE-2026-0002")]
    assert found.left_out["no date that can be"] == 2


def listings(added: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    old = pl.DataFrame(
        {
            "cveID": ["CVE-2026-1"],
            "dateAdded": [datetime(2026, 8, 5)],
            "dueDate": [datetime(2026, 8, 8)],
        }
    )
    new = pl.DataFrame(
        {
            "cveID": ["CVE-2026-1", "CVE-2026-9"],
            "dateAdded": [added, datetime(2026, 9, 1)],
            "published": [datetime(2026, 8, 1), datetime(2026, 8, 30)],
        }
    )
    return old, new


def test_kev_listings_say_from_which_catalogue_they_are_known() -> None:
    old, new = listings(datetime(2026, 8, 5))
    found = facts.kev(old, new, date(2026, 8, 7), date(2026, 9, 11)).sort("id")

    assert found["known_on"].to_list() == [date(2026, 8, 7), date(2026, 9, 11)]
    assert found["published"].to_list() == [date(2026, 8, 1), date(2026, 8, 30)]


def test_two_kev_copies_that_disagree_stop_the_build() -> None:
    with pytest.raises(ValueError, match="CVE-2026-1"):
        facts.kev(*listings(datetime(2026, 8, 6)), date(2026, 8, 7), date(2026, 9, 11))


def test_the_shipped_facts_are_whole_and_hold_the_known_counts() -> None:
    """Counts of SOURCES.md's snapshots: 3,985 OSS-Fuzz, 1,205 RustSec, 1,662 + 47 KEV."""
    found = load_impact().tables
    sizes = dict(found["records"].group_by("source").len().iter_rows())

    assert (sizes["oss-fuzz"], sizes["rustsec"]) == (3985, 1205)
    assert found["exploited"].height == 1662 + 47
    bundles = found["relations"].filter(kind="bundles")
    firefox_150 = bundles.filter(
        pl.col("id").is_in(["CVE-2026-6784", "CVE-2026-6785", "CVE-2026-6786"])
    )
    assert sorted(firefox_150.group_by("id").len()["len"].to_list()) == [53, 107, 154]


def test_the_builder_gives_the_shipped_bytes_again() -> None:
    """From the collected records beside the checkout, where they are."""
    raw = ROOT.parent / "shared" / "data" / "vuln"
    if not raw.is_dir():
        pytest.skip("no raw records beside this checkout")
    import build_impact

    tables, _ = build_impact.build(raw)
    for name, body in build_impact.files(tables).items():
        assert (IMPACT_DIR / name).read_bytes() == body, name


def test_every_source_of_facts_is_credited() -> None:
    from impact_build.attribution import attribution

    text = (ROOT / "ATTRIBUTION-VULNERABILITIES.md").read_text(encoding="utf-8")
    tables = load_impact().tables

    assert text == attribution(dict(tables))
    assert all(cite in text for cite in tables["sources"]["cite"])


@pytest.mark.parametrize("damage", ["changed", "missing", "no head"])
def test_a_damaged_folder_is_refused(damage: str, tmp_path: Path) -> None:
    folder = tmp_path / "facts"
    shutil.copytree(IMPACT_DIR, folder)
    if damage == "changed":
        told = json.loads((folder / "release.json").read_text())
        told["tables"]["counts"]["sha256"] = "0" * 64
        (folder / "release.json").write_text(json.dumps(told))
    else:
        (folder / ("counts.parquet" if damage == "missing" else "release.json")).unlink()

    with pytest.raises(Unreadable):
        load_impact(folder)
