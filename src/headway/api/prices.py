"""``prices``: what a model costs at whom, as dated claims with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from headway.api.data import load, provenance_of, resolve_as_of
from headway.api.envelope import Result, Warned, envelope, plain
from headway.api.offline import offline_if
from headway.tables.prices import PriceBook, holds_on, price_book
from headway.tables.store import Release

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Prices", "book_of", "book_warnings", "priced_models", "prices"]


@dataclass(frozen=True)
class Prices(Result):
    """The claims of :func:`prices`, one per row."""

    model_version: str
    rows: tuple[Mapping[str, Any], ...]

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return envelope(
            "prices",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=[plain(row) for row in self.rows],
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
            extra={"model_version": self.model_version},
        )

    def table(self) -> pl.DataFrame:
        import polars as pl

        from headway.tables.price_schemas import Prices as Schema

        schema: dict[str, Any] = {name: c.dtype for name, c in Schema.columns().items()}
        return pl.DataFrame([dict(row) for row in self.rows], schema=schema | {"holds": pl.String})

    def text(self, lang: str = "en") -> str:
        from headway.i18n import message
        from headway.textsafe import plain_table

        names = ("provider", "kind", "price", "service", "from", "to", "seen", "holds", "source")
        header = [message(f"prices-column-{name}", lang) for name in names]
        cells = [
            [
                row["provider"],
                row["kind"],
                f"{row['price_usd_per_mtok']:g}",
                _service(row),
                *("-" if row[key] is None else str(row[key]) for key in ("from", "to", "seen")),
                "-" if row["holds"] is None else message(f"prices-holds-{row['holds']}", lang),
                row["source_url"] or row["stated_by"],
            ]
            for row in self.rows
        ]
        return plain_table(header, cells, right=(2,))

    def __repr__(self) -> str:
        return f"Prices({self.model_version}: {len(self.rows)} claims)"


def _service(row: Mapping[str, Any]) -> str:
    """The service with the conditions of a price, in one cell."""
    parts = [row["service"]]
    if row["above_tokens"] is not None:
        parts.append(f">{row['above_tokens']} tokens")
    if row["hours_utc"] is not None:
        parts.append(f"{row['hours_utc']} UTC")
    return ", ".join(parts)


def book_of(release: Release) -> PriceBook:
    """The prices of the models of a release."""
    from headway.tables.registry import Registry

    return price_book(Registry(release.model_versions, release.model_aliases))


def book_warnings(book: PriceBook) -> tuple[Warned, ...]:
    """What a reader of these prices should know of the list."""
    out = []
    if book.passed_over:
        out.append(Warned("prices_older", {"count": book.passed_over, "list": book.stated_by}))
    if book.failures:
        out.append(Warned("prices_unread", {"count": book.failures, "list": book.stated_by}))
    return tuple(out)


def prices(
    model: str,
    on: date | None = None,
    *,
    as_of: date | None = None,
    seed: int = 0,
    offline: bool = False,
) -> Prices:
    """Every price that a source states for a model, never merged and never filled in.

    Input, output and cached tokens are different claims, and so are other services (batch, priority),
    prices above a number of tokens, and prices of other hours. US dollars per million tokens.

    Parameters
    ----------
    model : str
        A model version or any registered name of one.
    on : date, optional
        Leave out what did not hold on this day; ``holds`` says ``yes``, or ``unknown`` where a source
        gives no first day or has only seen the price on another one.
    as_of : date, optional
        Only reported.
    seed : int
        Unused; kept in the provenance.
    offline : bool
        Refuse any network use; none is needed.

    Returns
    -------
    Prices

    Raises
    ------
    UnknownModel, IdentityConflict
        No model has this name, or several have.
    Unreadable, BadTable
        The release, the supplement or the manifest of the snapshots cannot be read.

    Examples
    --------
    >>> import headway
    >>> from datetime import date
    >>> found = headway.prices("claude-mythos-5", on=date(2026, 7, 1))
    >>> [(row["kind"], row["price_usd_per_mtok"], row["holds"]) for row in found.rows]
    [('input', 10.0, 'yes'), ('output', 50.0, 'yes')]
    """
    import polars as pl

    from headway.tables.registry import Registry

    with offline_if(offline):
        release = load()
        registry = Registry(release.model_versions, release.model_aliases)
        version = registry.resolve(model).model_version
        book = price_book(registry)
    own = book.frame.filter(pl.col("model_version") == version).sort(
        "provider",
        "kind",
        "service",
        "above_tokens",
        "hours_utc",
        "from",
        "seen",
        maintain_order=True,
    )
    rows = [
        row | {"holds": None if on is None else holds_on(row, on)}
        for row in own.iter_rows(named=True)
    ]
    options = {"model": model, "on": None if on is None else on.isoformat(), "list": book.stated_by}
    day, warned = resolve_as_of(release, as_of)
    warned += book_warnings(book)
    if not rows:
        warned += (Warned("prices_none", {"model": version}),)
    return Prices(
        data_release=release.data_release,
        as_of=day,
        options=options | {"prices": book.digest},
        warnings=warned,
        provenance=provenance_of(release, options | {"prices": book.digest}, seed),
        model_version=version,
        rows=tuple(row for row in rows if row["holds"] != "no"),
    )


def priced_models(book: PriceBook) -> list[dict[str, Any]]:
    """One row per model that has a price: how many claims, at how many providers, how many dated.

    ``dated`` is the largest number of dated claims in one series: one provider, one kind (input or
    output), the standard service, any number of tokens and any hour. Two or more of them are a
    documented change.
    """
    import polars as pl

    is_dated = pl.any_horizontal(pl.col("from", "to", "seen").is_not_null())
    series = (
        book.frame.filter(
            is_dated,
            pl.col("kind").cast(pl.String).is_in(["input", "output"]),
            pl.col("service") == "standard",
            pl.col("above_tokens").is_null(),
            pl.col("hours_utc").is_null(),
        )
        .group_by("model_version", "provider", "kind")
        .agg(pl.len().alias("dated"))
        .group_by("model_version")
        .agg(pl.col("dated").max())
    )
    found = (
        book.frame.group_by("model_version")
        .agg(
            pl.len().alias("prices"),
            pl.col("provider").n_unique().alias("providers"),
            pl.col("from").min().alias("first_from"),
            pl.col("from").max().alias("last_from"),
        )
        .join(series, on="model_version", how="left")
        .with_columns(pl.col("dated").fill_null(0))
        .sort("model_version")
    )
    return list(found.iter_rows(named=True))
