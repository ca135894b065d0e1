"""One function per source: raw columns to rows of facts, and how many rows were left out and why.

Every row is either a fact or counted in ``left_out``; nothing is dropped in silence.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from headway.tables.impact_schemas import SEVERITIES

__all__ = ["Facts", "curl", "go", "kev", "mozilla", "oss_fuzz", "rustsec"]

#: Earlier dates stand for "unknown" in the sources (Go: 0001-01-01); no source is older.
EARLIEST = date(1990, 1, 1)

_COLUMNS = (
    "source", "unit", "id", "product", "kind", "published", "reported", "first_seen",
    "first_fixed", "severity", "withdrawn",
)  # fmt: skip
_DATES = ("published", "reported", "first_seen", "first_fixed")


@dataclass
class Facts:
    """Records and relations of one source, and its rows that are neither, by reason."""

    records: pl.DataFrame
    relations: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(
            schema=dict.fromkeys(("source", "id", "kind", "related"), pl.String)
        )
    )
    left_out: Counter[str] = field(default_factory=Counter)


def _day(column: str, through: date) -> pl.Expr:
    """The day of a time stamp; an impossible one (before 1990, after the snapshot) is unknown."""
    day = pl.col(column).cast(pl.Date)
    return pl.when(day.is_between(EARLIEST, through)).then(day).otherwise(None)


def _severity(column: str) -> pl.Expr:
    """The source's own word; sentences such as "Moderate to Critical" are unknown."""
    word = pl.col(column).str.to_lowercase().str.strip_chars()
    return pl.when(word.is_in(SEVERITIES)).then(word).otherwise(None)


def _records(frame: pl.DataFrame, source: str, left_out: Counter[str]) -> pl.DataFrame:
    """Rows of facts: undated ones counted, repeats of an id in a product merged to the earliest."""
    for name in _COLUMNS:
        if name not in frame.columns:
            kind = pl.Date if name in _DATES else pl.String
            value = source if name == "source" else None
            frame = frame.with_columns(pl.lit(value, dtype=kind).alias(name))
    undated = frame.filter(pl.col("published").is_null()).height
    if undated:
        left_out["no date that can be"] += undated
    rank = {word: at for at, word in enumerate(SEVERITIES)}
    frame = frame.filter(pl.col("published").is_not_null()).with_columns(
        rank=pl.col("severity").replace_strict(rank, default=-1, return_dtype=pl.Int64)
    )
    # the earliest advisory counts; of one day the most severe
    frame = frame.sort("published", "rank", *_COLUMNS, descending=[False, True, *[False] * 11])
    kept = frame.unique(["source", "unit", "id", "product"], keep="first", maintain_order=True)
    if frame.height > kept.height:
        left_out["later row of the same id and product"] += frame.height - kept.height
    return kept.select(_COLUMNS)


def _exploded(
    frame: pl.DataFrame, column: str, pattern: str, why: str, left: Counter[str]
) -> pl.DataFrame:
    """One row per id in a comma list; what does not look like an id is counted."""
    out = frame.with_columns(pl.col(column).str.split(",")).explode(column)
    out = out.with_columns(pl.col(column).str.strip_chars())
    good = pl.col(column).str.contains(pattern).fill_null(False)
    left[why] += out.filter(~good).height
    return out.filter(good)


def _bug_ids(column: str) -> pl.Expr:
    """A comma list in which links to the tracker, of one bug or a list, are replaced by their ids."""
    one = pl.element().str.strip_chars()
    ids = one.str.extract_all(r"\d{6,}").list.join(",")
    return (
        pl.col(column)
        .str.split(",")
        .list.eval(pl.when(one.str.contains("://bugzilla.mozilla.org/")).then(ids).otherwise(one))
        .list.join(",")
    )


def mozilla(raw: pl.DataFrame, through: date) -> Facts:
    """Identifiers and bugs of Mozilla's advisories, per product family.

    A roll-up entry has one CVE and many bugs ("memory safety bugs"): the bugs are records of their
    own and the bundle is a relation. A product's version ("Firefox ESR 140.1") is cut off, so that
    an id counts once per family, on its first day.
    """
    left: Counter[str] = Counter()
    frame = raw.with_columns(
        product=pl.col("product").str.replace(r"\s+[0-9].*$", ""),
        published=_day("announced", through),
        severity=_severity("impact"),
        kind=pl.lit("vulnerability"),
        withdrawn=pl.lit(False),
        bugs=_bug_ids("bugs"),
    )
    # entries of the time before CVE ids have none; ids that wait for their CVE begin with MFSA
    ids = _exploded(frame, "cve", r"^(CVE-\d{4}-\d{4,}|MFSA-.+)$", "not an identifier", left)
    bugs = _exploded(frame, "bugs", r"^\d+$", "not a bug id", left)
    both = pl.concat(
        [
            ids.with_columns(id="cve", unit=pl.lit("identifier")),
            bugs.with_columns(id="bugs", unit=pl.lit("bug")),
        ]
    )
    wanted = [name for name in _COLUMNS if name in both.columns]
    pairs = _exploded(ids, "bugs", r"^\d+$", "identifier without bug id", left)
    relations = pairs.select(
        source=pl.lit("mozilla"), id="cve", kind=pl.lit("bundles"), related="bugs"
    ).unique()
    return Facts(_records(both.select(wanted), "mozilla", left), relations, left)


def oss_fuzz(raw: pl.DataFrame, through: date) -> Facts:
    """OSS-Fuzz records, with the days on which they and their fix were first seen in the dump."""
    left: Counter[str] = Counter()
    frame = raw.select(
        "id",
        unit=pl.lit("identifier"),
        product="project",
        kind=pl.lit("vulnerability"),
        published=_day("published", through),
        first_seen=_day("repo_first_commit", through),
        first_fixed=_day("repo_first_fixed_commit_date", through),
        severity=_severity("severity"),
        withdrawn=pl.col("withdrawn").is_not_null(),
    )
    return Facts(_records(frame, "oss-fuzz", left), left_out=left)


def rustsec(raw: pl.DataFrame, through: date) -> Facts:
    """RustSec advisories; drafts (RUSTSEC-0000-0000) are left out until they have their number."""
    left: Counter[str] = Counter()
    drafts = pl.col("id").str.starts_with("RUSTSEC-0000")
    left["draft without a number"] += raw.filter(drafts).height
    frame = raw.filter(~drafts)
    rows = frame.select(
        "id",
        unit=pl.lit("identifier"),
        product="package",
        kind=pl.col("informational").fill_null("vulnerability"),
        published=_day("date", through),
        severity=pl.lit(None, dtype=pl.String),  # only vectors are stated, and not by all
        withdrawn=pl.col("withdrawn").is_not_null(),
    )
    return Facts(_records(rows, "rustsec", left), _aliases(frame, "rustsec", ["aliases"]), left)


def go(raw: pl.DataFrame, through: date) -> Facts:
    """Go reports by the day on which they were made; ``published`` is 0001-01-01 in most of them."""
    left: Counter[str] = Counter()
    rows = raw.select(
        "id",
        unit=pl.lit("identifier"),
        product=pl.col("module").fill_null("unknown"),
        kind=pl.lit("vulnerability"),
        published=_day("created", through),
        severity=pl.lit(None, dtype=pl.String),
        withdrawn=pl.col("withdrawn").is_not_null(),
    )
    return Facts(_records(rows, "go", left), _aliases(raw, "go", ["cves", "ghsas"]), left)


def curl(raw: pl.DataFrame, through: date) -> Facts:
    """curl advisories, with the day of the report."""
    left: Counter[str] = Counter()
    rows = raw.select(
        id="cve",
        unit=pl.lit("identifier"),
        product=pl.lit("curl"),
        kind=pl.lit("vulnerability"),
        published=_day("published", through),
        reported=_day("reported", through),
        severity=_severity("severity"),
        withdrawn=pl.lit(False),
    )
    return Facts(_records(rows, "curl", left), left_out=left)


def kev(catalogue: pl.DataFrame, later: pl.DataFrame, version: date, through: date) -> pl.DataFrame:
    """Listings of CISA's catalogue of ``version``, then those added later, known on ``through``.

    Raises
    ------
    ValueError
        The two disagree on the day of a listing.
    """
    old = catalogue.select(
        id="cveID",
        listed_from=pl.col("dateAdded").cast(pl.Date),
        due=pl.col("dueDate").cast(pl.Date),
    )
    new = later.select(
        id="cveID",
        listed=pl.col("dateAdded").cast(pl.Date),
        published=pl.col("published").cast(pl.Date),
    )
    joined = old.join(new, on="id", how="full", coalesce=True)
    odd = joined.filter(pl.col("listed_from") != pl.col("listed"))
    if odd.height:
        raise ValueError(f"kev: other days of listing: {odd['id'].to_list()}")
    return joined.select(
        source=pl.lit("kev"),
        id="id",
        listed_from=pl.coalesce("listed_from", "listed"),
        due="due",
        published="published",
        known_on=pl.when(pl.col("listed_from").is_null()).then(through).otherwise(version),
    )


def _aliases(frame: pl.DataFrame, source: str, columns: list[str]) -> pl.DataFrame:
    """Stated aliases, one row each; an id that names itself is no relation."""
    parts = [
        frame.select("id", related=pl.col(column).str.split(",")).explode("related")
        for column in columns
    ]
    out = pl.concat(parts).with_columns(pl.col("related").str.strip_chars())
    good = (pl.col("related").fill_null("") != "") & (pl.col("related") != pl.col("id"))
    return (
        out.filter(good)
        .unique()
        .select(source=pl.lit(source), id="id", kind=pl.lit("alias"), related="related")
    )
