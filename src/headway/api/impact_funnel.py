"""``headway impact funnel``: a disclosure programme by stage and day, never across days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from headway.api.envelope import Result, Warned, envelope, plain
from headway.api.impact_facts import facts, impact_provenance, resolve_day
from headway.api.lag import DEFAULT_SEED
from headway.api.offline import offline_if
from headway.errors import EmptyTable
from headway.problems import problem

if TYPE_CHECKING:
    import polars as pl

    from headway.estimate.impact.funnel import Move, Share

__all__ = ["ImpactFunnelResult", "impact_funnel"]


@dataclass(frozen=True)
class ImpactFunnelResult(Result):
    """Dated figures of a disclosure programme.

    Parameters
    ----------
    documents : tuple of mapping
        One per figure: ``as_of``, ``figure`` (the source's word), ``stage``, ``severity``, ``n``.
    shares : tuple of mapping
        Shares of two stages of the same day and severity filter.
    moves : tuple of mapping
        A share on two days, and the growth of its numerator and denominator.
    """

    documents: tuple[Mapping[str, Any], ...]
    shares: tuple[Mapping[str, Any], ...]
    moves: tuple[Mapping[str, Any], ...]

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return envelope(
            "impact-funnel",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=self.documents,
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
            extra={"shares": self.shares, "moves": self.moves},
        )

    def table(self) -> pl.DataFrame:
        """One row per figure."""
        import polars as pl

        texts = ("source", "as_of", "figure", "stage", "severity")
        schema = {**dict.fromkeys(texts, pl.String), "n": pl.Int64}
        frame = pl.DataFrame(list(self.documents), schema=schema)
        return frame.with_columns(pl.col("as_of").str.to_date())

    def text(self, lang: str = "en") -> str:
        """Stages by day, shares within a day, and what moved each share."""
        from headway.estimate.impact.funnel import STAGES
        from headway.i18n import message, number, percent
        from headway.textsafe import plain_table

        known = {
            (r["as_of"], r["severity"], r["stage"]): r["n"] for r in self.documents if r["stage"]
        }
        columns = sorted({(day, severity) for day, severity, _ in known})
        head = [
            message("impact-column-stage", lang),
            *(f"{day} {message(f'impact-filter-{severity}', lang)}" for day, severity in columns),
        ]
        cells = [
            [
                message(f"impact-stage-{stage}", lang),
                *(
                    "–" if (n := known.get((*column, stage))) is None else number(n, lang)
                    for column in columns
                ),
            ]
            for stage in STAGES
        ]
        lines = []
        for move in self.moves:
            lines.append(
                message(
                    "impact-funnel-move",
                    lang,
                    top=message(f"impact-stage-{move['numerator']}", lang),
                    below=message(f"impact-stage-{move['denominator']}", lang),
                    severity=message(f"impact-filter-{move['severity']}", lang),
                    before=percent(move["before"], lang, 1),
                    first=move["from"],
                    after=percent(move["after"], lang, 1),
                    last=move["to"],
                    up=number(move["numerator_growth"], lang, 2),
                    down=number(move["denominator_growth"], lang, 2),
                )
            )
        return "\n".join(
            [
                message("impact-funnel-caveat", lang),
                message("impact-funnel-rating", lang),
                "",
                plain_table(head, cells, right=tuple(range(1, len(head)))),
                "",
                *lines,
                message("impact-funnel-reported", lang),
                self.cite(lang),
            ]
        )


def impact_funnel(
    *, as_of: date | None = None, seed: int = DEFAULT_SEED, offline: bool = False
) -> ImpactFunnelResult:
    """The figures that a disclosure programme reported, by stage, severity filter and day.

    Shares have no interval: both counts are reported totals, not samples. They are only made of
    counts of one day and one severity filter.

    Parameters
    ----------
    as_of : date, optional
        Only figures of days up to this one.
    seed : int
        Unused; kept in the provenance.
    offline : bool

    Returns
    -------
    ImpactFunnelResult

    Raises
    ------
    EmptyTable
        No figure is that old.

    Examples
    --------
    >>> import headway
    >>> {share["as_of"]: round(share["value"], 3) for share in headway.impact_funnel().shares
    ...  if (share["numerator"], share["denominator"]) == ("patched", "disclosed")
    ...  and share["severity"] == "all"}
    {'2026-05-22': 0.061, '2026-08-26': 0.183, '2026-10-02': 0.084}
    """
    from headway.estimate.impact.funnel import Figure, moves, shares
    from headway.tables.impact_funnel import MEANING

    with offline_if(offline):
        release = facts()
        day, warned = resolve_day(release, as_of)
        # figures are dated when they were reported: nothing is corrected in hindsight
        warned = tuple(w for w in warned if w.code != "impact_pseudo_vintage")
        rows = []
        for row in release.tables["funnel"].sort("as_of", "stage").iter_rows(named=True):
            if row["as_of"] <= day:
                stage, severity = MEANING.get(row["stage"], (None, None))
                rows.append(
                    {
                        "source": row["source"],
                        "as_of": row["as_of"],
                        "figure": row["stage"],
                        "stage": stage,
                        "severity": severity,
                        "n": row["n"],
                    }
                )
        if not rows:
            raise problem(EmptyTable, "impact-no-figures", as_of=day.isoformat())
        found = shares(
            Figure(r["as_of"], r["stage"], r["severity"], r["n"]) for r in rows if r["stage"]
        )
        return ImpactFunnelResult(
            data_release=release.data_release,
            as_of=day,
            options={},
            warnings=(*warned, Warned("impact_dashboard")),
            provenance=impact_provenance(release, {"as_of": day}, seed),
            documents=tuple(plain(rows)),
            shares=tuple(plain([_share(one) for one in found])),
            moves=tuple(plain([_move(one) for one in moves(found)])),
        )


def _share(one: Share) -> dict[str, Any]:
    return {
        "as_of": one.as_of,
        "severity": one.severity,
        "numerator": one.numerator,
        "denominator": one.denominator,
        "n": one.n,
        "of": one.of,
        "value": one.value,
    }


def _move(one: Move) -> dict[str, Any]:
    return {
        "severity": one.after.severity,
        "numerator": one.after.numerator,
        "denominator": one.after.denominator,
        "from": one.before.as_of,
        "to": one.after.as_of,
        "before": one.before.value,
        "after": one.after.value,
        "numerator_growth": one.numerator_growth,
        "denominator_growth": one.denominator_growth,
    }
