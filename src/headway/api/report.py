"""``headway report``: the facts of the report, and the report as one HTML file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from headway._version import __version__
from headway.api.data import load, resolve_as_of
from headway.api.envelope import Result, Warned, choices, envelope, plain
from headway.api.lag import (
    DEFAULT_SEED,
    DEFINITIONS,
    DOMAINS,
    EVIDENCE,
    FRONTIERS,
    cell_rows,
    fit_warnings,
    months_until,
    unique,
)
from headway.api.offline import offline_if
from headway.errors import BadOption, EmptyTable, HeadwayError
from headway.problems import problem
from headway.provenance import Provenance

if TYPE_CHECKING:
    import polars as pl

    from headway.api.engine import Posterior
    from headway.estimate.lag import FrontierName, LagRow
    from headway.publish.answers import Answer
    from headway.publish.content import HeadwayRow, LagRowLike, ReportContent, ReportWarning
    from headway.tables.store import Release

__all__ = ["DEFAULT_PATH", "ReportResult", "report", "report_content"]

DEFAULT_PATH = "headway-report.html"


@dataclass(frozen=True)
class ReportResult(Result):
    """Where the report is and what it says.

    Parameters
    ----------
    path : Path
    content : ReportContent
        Every number of the report about the lag itself.
    answers : tuple of Answer
        The further questions.
    """

    path: Path
    lang: str
    content: ReportContent
    answers: tuple[Answer, ...] = ()

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        return envelope(
            "report",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=[_row_json(row) for row in self.content.headline],
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
            extra={
                "path": str(self.path),
                "bytes": self.path.stat().st_size,
                "counts": dict(self.content.counts),
            },
        )

    def table(self) -> pl.DataFrame:
        """The models of the report: ability with interval, group, tier."""
        return self.content.points

    def text(self, lang: str = "en") -> str:
        from headway.i18n import message

        return message("cli-written", lang, path=str(self.path))

    def __repr__(self) -> str:
        return f"ReportResult({self.path}, {self.lang}, as of {self.as_of})"


def _row_json(row: Any) -> dict[str, Any]:
    from headway.publish.content import lag_row_to_json

    return lag_row_to_json(row)


def report(
    path: str | Path = DEFAULT_PATH,
    *,
    lang: str = "en",
    as_of: date | None = None,
    level: float = 0.90,
    seed: int = DEFAULT_SEED,
    offline: bool = False,
    progress: bool = False,
) -> ReportResult:
    """Write the report as one self-contained HTML file.

    Parameters
    ----------
    path : str or Path
        Written in one step; an older file is replaced.
    lang : {"en", "ja"}
    as_of : date, optional
        Use what was known by this day. Default: the release's ``data_through``.
    level : float
        Level of every interval, 0-1.
    seed : int
        Root of all random numbers.
    offline : bool
        Refuse any network use.
    progress : bool
        Show progress on stderr for work over two seconds.

    Raises
    ------
    BadOption, Unreadable, BadTable
    HeadwayError
        The file cannot be written.
    """
    (lang,) = choices("--lang", lang, ("en", "ja"), "report")
    if not 0 < level < 1:
        raise problem(BadOption, "bad-level", value=level)
    target = Path(path)
    if not target.parent.is_dir():
        raise problem(HeadwayError, "cannot-write", file=str(target), why="no such folder")
    with offline_if(offline):
        release = load()
        content, warned, provenance = report_content(
            release, as_of=as_of, level=level, seed=seed, progress=progress
        )
        from headway.api.answers import answers
        from headway.publish.html import render

        asked = answers(release, as_of=as_of, level=level, seed=seed, lang=lang, progress=progress)
        _write(target, render(content, lang=lang, answers=asked))
    return ReportResult(
        data_release=release.data_release,
        as_of=content.as_of,
        options={**provenance.options, "lang": lang},
        warnings=warned,
        provenance=provenance,
        path=target,
        lang=lang,
        content=content,
        answers=asked,
    )


def _write(target: Path, html: str) -> None:
    """Write the whole file or nothing."""
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(html)
            os.chmod(temporary, 0o644)
            os.replace(temporary, target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as e:
        raise problem(
            HeadwayError, "cannot-write", file=str(target), why=e.strerror or type(e).__name__
        ) from e


def report_content(
    release: Release,
    *,
    as_of: date | None = None,
    level: float = 0.90,
    seed: int = DEFAULT_SEED,
    progress: bool = False,
    process_reps: int = 500,
) -> tuple[ReportContent, tuple[Warned, ...], Provenance]:
    """Every number of the report.

    Returns
    -------
    content : ReportContent
    warned : tuple of Warned
    provenance : Provenance
    """
    from headway.api.engine import CELLS, posteriors
    from headway.publish.content import ReportContent

    day, warned = resolve_as_of(release, as_of)
    fits = posteriors(
        release,
        evidence=EVIDENCE,
        as_of=as_of,
        seed=seed,
        progress="fits" if progress else None,
    )
    main = fits["all"]
    if isinstance(main, EmptyTable):
        raise main
    wanted = {
        "definition": DEFINITIONS,
        "frontier": FRONTIERS,
        "level": level,
        "history": False,
    }
    lags: list[LagRow] = []
    for cell in CELLS:
        lags += cell_rows(
            main,
            cell,
            evidence="all",
            wanted=wanted,
            as_of=day,
            seed=seed,
            process_reps=process_reps,
        )
    only_mean = {**wanted, "definition": ("lag_mean_12m",), "frontier": ("public",)}
    evidence: list[LagRow] = []
    for domain in DOMAINS:
        for name in EVIDENCE:
            evidence += cell_rows(
                fits[name],
                (domain, None),
                evidence=name,
                wanted=only_mean,
                as_of=day,
                seed=seed,
                process_reps=process_reps,
            )
    warnings = unique([*warned, *fit_warnings(main), *_row_warnings(lags, release, main)])
    names = dict(release.model_versions.select("model_version", "name").iter_rows())
    options = plain({"as_of": day, "level": level, "draws": _draws(main), "evidence": EVIDENCE})
    provenance = Provenance(release.data_release, release.rows_hash, options, seed)
    told = provenance.to_json()
    content = ReportContent(
        data_release=release.data_release,
        data_through=release.data_through,
        as_of=day,
        code_version=__version__,
        seed=seed,
        level=level,
        provenance={
            "rows_hash": told["rows_hash"],
            "code": told["code"],
            "options": told["options"],
            "numeric_libraries": told["libraries"],
        },
        headline=_like(
            r for r in lags if r.definition == "lag_mean_12m" and r.frontier == "public"
        ),
        lags=_like(lags),
        evidence=_like(evidence),
        scale=_scale(main, names),
        points=_points(main, release, names, level),
        frontier=_frontier(main, day, level),
        history=_history(main, day, level),
        survival=_survival(main, day, level, seed),
        headways=_headways(main, day, level, names),
        drivers=_drivers(main, day, names),
        warnings=tuple(_report_warning(w) for w in warnings),
        sources=_sources(release, main),
        counts={
            "models": int(main.facts["models"]),
            "scores": int(main.facts["scores"]),
            "benchmarks": int(main.facts["benchmarks"]),
            "sources": len(main.facts["sources"]),
        },
        studies=_studies(release, day, level, seed),
    ).check()
    return content, tuple(warnings), provenance


def _studies(release: Release, day: date, level: float, seed: int) -> Mapping[str, Any] | None:
    """The stored slow studies, if they are of these very rows, date, options and method."""
    from headway.checks.studies import load_studies

    if seed != DEFAULT_SEED or day != release.data_through:
        return None
    found = load_studies(release.rows_hash, as_of=day)
    return found if found is not None and found["level"] == level else None


def _like(rows: Iterable[LagRow]) -> tuple[LagRowLike, ...]:
    """Rows as the report takes them: each has a domain, since none comes from an index."""
    found = tuple(rows)
    assert all(row.domain is not None for row in found)
    return cast("tuple[LagRowLike, ...]", found)


def _draws(fit: Posterior) -> int:
    return int(next(iter(fit.cells.values())).theta.shape[0])


def _domains(fit: Posterior) -> list[str]:
    """Domains with results and a scale."""
    return [d for d in DOMAINS if (d, None) in fit.cells and d in fit.scale]


def _row_warnings(lags: Sequence[LagRow], release: Release, fit: Posterior) -> list[Warned]:
    import polars as pl

    out = []
    for row in lags:
        is_headline = row.definition == "lag_mean_12m" and row.frontier == "public"
        if is_headline and row.stage is None and row.lag.status == "not_estimable":
            out.append(Warned("not_estimable", {"domain": row.domain}))
    for domain, facts in fit.facts["domains"].items():
        if facts["first_party_share"] > 0.5:
            share = float(facts["first_party_share"])
            out.append(Warned("first_party_share", {"share": share, "domain": domain}))
    inferred = release.model_versions.filter(
        (pl.col("open_weight_basis").cast(pl.String) == "inferred")
        & pl.col("model_version").is_in(list(fit.models))
    )
    if len(inferred):
        out.append(Warned("inferred_access", {"count": len(inferred)}))
    return out


def _report_warning(warned: Warned) -> ReportWarning:
    from headway.publish.content import ReportWarning

    return ReportWarning(warned.code, dict(warned.args), top=warned.code == "not_estimable")


def _scale(fit: Posterior, names: Mapping[str, str]) -> dict[str, Any]:
    from headway.publish.content import Anchor, ScaleFacts

    return {
        domain: ScaleFacts(
            anchors=tuple(Anchor(m, names[m], float(at)) for m, at in scale["anchors"]),
            odds_per_10_points=float(scale["odds_per_10_points"]),
            points_per_logit=float(scale["points_per_logit"]),
        )
        for domain, scale in fit.scale.items()
    }


def _points(
    fit: Posterior, release: Release, names: Mapping[str, str], level: float
) -> pl.DataFrame:
    """One row per model with results in a domain, on the domain's scale."""
    import numpy as np
    import polars as pl

    from headway.estimate.lag.entrants import date_of
    from headway.estimate.tiers import tiers
    from headway.publish.content import FRAMES

    labs = dict(release.model_versions.select("model_version", "lab").iter_rows())
    entrants = fit.entrants
    dates = (
        ("open_weight", entrants.open_from),
        ("closed_public", entrants.closed_public_from),
        ("closed_restricted", entrants.closed_any_from),
    )
    rows = []
    for domain in _domains(fit):
        cell = fit.cells[domain, None]
        points = fit.points((domain, None))
        assert points is not None, "the domain has a scale"
        low, middle, high = np.quantile(points, [(1 - level) / 2, 0.5, (1 + level) / 2], axis=0)
        ranked = np.flatnonzero(cell.informative & (cell.n_scores > 0))
        tier = dict(zip(ranked.tolist(), tiers(points[:, ranked]).tolist(), strict=True))
        for i, model in enumerate(fit.models):
            if not cell.n_scores[i]:
                continue
            group, entered = "unknown", None
            for name, starts in dates:
                if np.isfinite(starts[i]):
                    group, entered = name, date_of(float(starts[i]))
                    break
            rows.append(
                {
                    "domain": domain,
                    "stage": None,
                    "model_version": model,
                    "name": names[model],
                    "lab": labs[model],
                    "group": group,
                    "entered": entered,
                    "ability": float(middle[i]),
                    "low": float(low[i]),
                    "high": float(high[i]),
                    "informative": bool(cell.informative[i]),
                    "n_scores": int(cell.n_scores[i]),
                    "tier": tier.get(i),
                }
            )
    return pl.DataFrame(rows, schema=FRAMES["points"])


def _in_points(fit: Posterior, domain: str) -> Any:
    points = fit.points((domain, None))
    assert points is not None, "the domain has a scale"
    return fit.entrants.with_ability(points, fit.cells[domain, None].informative)


def _frontier(fit: Posterior, as_of: date, level: float) -> pl.DataFrame:
    """Median frontier and band of each group at the dates on which it moves."""
    import numpy as np
    import polars as pl

    from headway.estimate.lag.entrants import date_of
    from headway.estimate.lag.frontier import Frontier, frontier_pair
    from headway.publish.content import FRAMES

    rows: list[tuple[Any, ...]] = []

    def add(domain: str, group: str, side: Frontier | None) -> None:
        if side is None:
            return
        wanted = [(1 - level) / 2, 0.5, (1 + level) / 2]
        low, middle, high = np.quantile(side.level, wanted, axis=0)
        last: tuple[float, ...] | None = None
        for k, at in enumerate(side.dates[0]):
            now = (float(middle[k]), float(low[k]), float(high[k]))
            if now != last:
                rows.append((domain, group, date_of(float(at)), *now))
            last = now
        assert last is not None, "a frontier has at least one step"
        rows.append((domain, group, as_of, *last))

    for domain in _domains(fit):
        entrants = _in_points(fit, domain)
        public, restricted = (
            frontier_pair(entrants, frontier=f, as_of=as_of, min_open=1, min_closed=1)
            for f in _frontiers()
        )
        add(domain, "open_weight", public.open)
        add(domain, "closed_public", public.closed)
        add(domain, "closed_any", restricted.closed)
    return pl.DataFrame(rows, schema=FRAMES["frontier"], orient="row")


def _frontiers() -> tuple[FrontierName, ...]:
    from headway.estimate.lag import FRONTIERS as NAMES

    return NAMES


def _history(fit: Posterior, as_of: date, level: float) -> pl.DataFrame:
    import polars as pl

    from headway.estimate.lag import Cell, history_frame, lag_history
    from headway.publish.content import FRAMES

    rows: list[LagRow] = []
    for domain in _domains(fit):
        entrants = fit.entrants_in((domain, None))
        for frontier in _frontiers():
            if fit.cells[domain, None].missing[frontier]:
                continue
            rows += lag_history(
                entrants,
                dates=months_until(as_of),
                frontier=frontier,
                as_of=as_of,
                definition="lag_mean_12m",
                level=level,
                cell=Cell(domain, None, "all"),
            )
    return history_frame(rows).select(pl.col(c).cast(t) for c, t in FRAMES["history"].items())


def _survival(fit: Posterior, as_of: date, level: float, seed: int) -> pl.DataFrame:
    import polars as pl

    from headway.api.engine import row_rng
    from headway.estimate.lag import Cell, survival_curve
    from headway.publish.content import FRAMES

    frames = [
        survival_curve(
            fit.entrants_in((domain, None)),
            frontier="public",
            as_of=as_of,
            level=level,
            cell=Cell(domain),
            rng=row_rng(seed, "survival", domain),
        )
        for domain in _domains(fit)
        if not fit.cells[domain, None].missing["public"]
    ]
    columns = [pl.col(c).cast(t) for c, t in FRAMES["survival"].items()]
    if not frames:
        return pl.DataFrame(schema=FRAMES["survival"])
    return pl.concat([f.select(columns) for f in frames])


def _headways(
    fit: Posterior, as_of: date, level: float, names: Mapping[str, str]
) -> tuple[HeadwayRow, ...]:
    from headway.estimate.lag import headway_records
    from headway.publish.content import HeadwayRow

    return tuple(
        HeadwayRow(
            domain=domain,
            model_version=found.model_version,
            name=names[found.model_version],
            entered=found.entered,
            headway=found.headway,
            matched_by=None if found.matched_by is None else names[found.matched_by],
        )
        for domain in _domains(fit)
        if not fit.cells[domain, None].missing["public"]
        for found in headway_records(
            fit.entrants_in((domain, None)),
            frontier="public",
            as_of=as_of,
            level=level,
            at_least=0.25,
        )
    )


def _drivers(fit: Posterior, as_of: date, names: Mapping[str, str]) -> pl.DataFrame:
    import polars as pl

    from headway.estimate.lag import Cell, drivers
    from headway.publish.content import FRAMES

    frames = []
    for domain in _domains(fit):
        entrants = fit.entrants_in((domain, None))
        public = drivers(entrants, frontier="public", as_of=as_of, at_least=0.05, cell=Cell(domain))
        anyone = drivers(
            entrants, frontier="restricted", as_of=as_of, at_least=0.05, cell=Cell(domain)
        )
        frames += [
            public.filter(pl.col("group") != "first_match"),
            anyone.filter(pl.col("group") == "closed_restricted"),
        ]
    if not frames:
        return pl.DataFrame(schema=FRAMES["drivers"])
    found = pl.concat(frames).with_columns(
        pl.col("model_version").replace_strict(dict(names)).alias("name")
    )
    return found.select(pl.col(c).cast(t) for c, t in FRAMES["drivers"].items())


def _sources(release: Release, fit: Posterior) -> pl.DataFrame:
    """Every source with the rows it gives to the fit, and the domains they feed."""
    import polars as pl

    from headway.publish.content import FRAMES

    domains = (
        release.scores.filter(pl.col("use").cast(pl.String) == "fit")
        .join(
            release.benchmarks.select("benchmark", pl.col("domain").cast(pl.String)),
            on="benchmark",
        )
        .group_by("source")
        .agg(pl.col("domain").unique().sort().alias("domains"))
    )
    used = pl.DataFrame(
        list(fit.facts["sources"].items()),
        schema={"source": pl.String, "used": pl.Int64},
        orient="row",
    )
    joined = (
        release.sources.join(domains, on="source", how="left")
        .join(used, on="source", how="left")
        .with_columns(pl.col("used").fill_null(0).alias("rows"))
        .sort("rows", "source", descending=[True, False])
    )
    return joined.select(pl.col(c).cast(t) for c, t in FRAMES["sources"].items())
