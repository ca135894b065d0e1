"""``headway backtest``: how good such forecasts would have been."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from headway import cache
from headway.api.data import load, resolve_as_of
from headway.api.envelope import Result, Warned, choices, envelope, plain
from headway.api.lag import DEFAULT_SEED, DOMAINS, STAGES
from headway.api.offline import offline_if
from headway.errors import BadOption
from headway.problems import problem
from headway.provenance import Provenance
from headway.tables.choice import head_in_use
from headway.tables.store import Release

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

__all__ = ["BacktestResult", "backtest", "known_study"]


@dataclass(frozen=True)
class BacktestResult(Result):
    """Forecasts replayed on what was known, and their scores.

    Parameters
    ----------
    documents : tuple of mapping
        One per (target, issued, strict, baseline).
    study : mapping or None
        Targets, summaries per vintage, and what a forecast of today uses; ``None`` where no
        back-test was computed for these data.
    precedents : tuple of mapping
        Dated events of earlier debates, each with its source.
    """

    documents: tuple[Mapping[str, Any], ...]
    study: Mapping[str, Any] | None
    precedents: tuple[Mapping[str, Any], ...]
    names: Mapping[str, str]

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        study = self.study
        return envelope(
            "backtest",
            data_release=self.data_release,
            as_of=self.as_of,
            options=self.options,
            results=self.documents,
            warnings=self.warnings,
            provenance=self.provenance,
            lang=lang,
            extra={
                "computed": study is not None,
                "targets": [] if study is None else study["targets"],
                "vintages": [] if study is None else study["vintages"],
                "chosen": None if study is None else study["chosen"],
                "precedents": self.precedents,
            },
        )

    def table(self) -> pl.DataFrame:
        """The rows of the JSON as a frame; one row per forecast and baseline."""
        import polars as pl

        kept = [
            "target", "domain", "stage", "issued", "age_months", "strict", "baseline", "status",
            "resolved", "resolved_on", "crps", "baseline_crps", "censored_crps",
            "baseline_censored_crps", "log_score", "baseline_log_score", "n_rows", "n_target_rows",
        ]  # fmt: skip
        numbers = [name for name in kept if name.endswith(("crps", "log_score"))]
        texts = ("target", "domain", "stage", "issued", "baseline", "status", "resolved_on")
        return pl.DataFrame(
            {name: [row[name] for row in self.documents] for name in kept},
            schema_overrides={
                **dict.fromkeys(numbers, pl.Float64),
                **dict.fromkeys(texts, pl.String),
                **dict.fromkeys(("age_months", "n_rows", "n_target_rows"), pl.Int64),
                **dict.fromkeys(("strict", "resolved"), pl.Boolean),
            },
        ).with_columns(pl.col("issued", "resolved_on").str.to_date())

    def text(self, lang: str = "en") -> str:
        from headway.api.backtest_text import backtest_text

        return backtest_text(self, lang)

    def plot(self, *, lang: str = "en") -> alt.TopLevelMixin:
        """Chart: mean scores per method, and calibration of the mixture, strict runs apart.

        Raises
        ------
        BadOption
            No back-test was computed for these data.
        """
        from headway.figures.backtest import backtest_chart

        if self.study is None:
            raise problem(BadOption, "backtest-not-computed")
        return backtest_chart(self.study["vintages"], lang=lang)

    def __repr__(self) -> str:
        lines = [f"BacktestResult(as of {self.as_of}, {len(self.documents)} rows)"]
        for vintage in () if self.study is None else self.study["vintages"]:
            pooled = vintage["summaries"][0]
            scores = {s["method"]: s["crps"] for s in pooled["scores"]}
            name = "strict" if vintage["strict"] else "pseudo-vintage"
            lines.append(f"  {name}: {pooled['n_resolved']} resolved targets, CRPS {scores}")
        return "\n".join(lines)


def backtest(
    domain: str | Sequence[str] | None = None,
    stage: str | Sequence[str] | None = None,
    *,
    compute: bool = False,
    as_of: date | None = None,
    seed: int = DEFAULT_SEED,
    offline: bool = False,
    progress: bool = False,
) -> BacktestResult:
    """Forecasts as they would have been made, scored against what happened.

    Parameters
    ----------
    domain, stage : str or sequence, optional
        Rows of these only. Default: everything.
    compute : bool
        Run the back-test now (minutes) if none is stored for these data.
    as_of : date, optional
        Judge by what was known then. Only the last day of the data is stored.
    seed : int
    offline : bool
    progress : bool

    Returns
    -------
    BacktestResult

    Raises
    ------
    BadOption

    Examples
    --------
    >>> import headway
    >>> headway.backtest("coding").table()  # doctest: +SKIP
    """
    domains = None if domain is None else choices("--domain", domain, DOMAINS, "backtest")
    stages = None
    if stage is not None:
        if domains is not None and domains != ("cyber",):
            raise problem(BadOption, "stage-without-cyber", domain=", ".join(domains))
        stages = STAGES if stage == "all" else choices("--stage", stage, STAGES, "backtest")
    with offline_if(offline):
        head = head_in_use()
        day, warned = resolve_as_of(head, as_of)
        if day < head.data_through:
            raise problem(
                BadOption,
                "backtest-as-of",
                as_of=day.isoformat(),
                data_through=head.data_through.isoformat(),
            )
        release = load()
        study = known_study(release, seed)
        if study is None and compute:
            study = _computed(release, seed, progress=progress)
        if study is None:
            warned = (*warned, Warned("backtest_not_computed"))
        options = {
            "domain": None if domains is None else list(domains),
            "stage": None if stages is None else list(stages),
        }
        rows = () if study is None else tuple(_rows(study, domains, stages))
        return BacktestResult(
            data_release=head.data_release,
            as_of=day,
            options=options,
            warnings=warned,
            provenance=Provenance(
                data_release=head.data_release,
                rows_hash=head.rows_hash,
                options={**options, "as_of": day.isoformat()},
                seed=seed,
            ),
            documents=rows,
            study=study,
            precedents=tuple(_precedents(release)),
            names=dict(release.model_versions.select("model_version", "name").iter_rows()),
        )


def _options(release: Release, seed: int) -> dict[str, Any]:
    from headway.checks.backtest import DRAWS

    return {"as_of": release.data_through.isoformat(), "seed": seed, "draws": DRAWS}


def known_study(release: Release, seed: int) -> Mapping[str, Any] | None:
    """The back-test of these rows that ships, else one computed here before; ``None`` if neither."""
    from headway.checks.backtest import STUDY
    from headway.checks.stored import load_stored

    options = _options(release, seed)
    found = load_stored(STUDY, release.rows_hash, options)
    if found is not None:
        return found
    entry = cache.load(cache.key("backtest", rows_hash=release.rows_hash, options=options))
    return None if entry is None else entry.document


def _computed(release: Release, seed: int, *, progress: bool) -> Mapping[str, Any]:
    from headway.checks.backtest import run_study

    options, result = run_study(release, seed=seed, progress="back-test" if progress else None)
    cache.store(cache.key("backtest", rows_hash=release.rows_hash, options=options), plain(result))
    return result


def _rows(
    study: Mapping[str, Any], domains: Sequence[str] | None, stages: Sequence[str] | None
) -> Iterator[dict[str, Any]]:
    """One row per planned forecast and baseline; scores null where none was issued.

    ``crps``, ``baseline_crps`` are null while the target is unresolved; the scores up to the
    censoring time stand in ``censored_crps`` and ``baseline_censored_crps``.
    """
    columns, methods = study["forecasts"], study["methods"]
    baselines = [m for m in methods if m.startswith(("constant_", "last_", "linear_"))]
    ours = methods.index("mixture")
    for i, at in enumerate(columns["target"]):
        target = study["targets"][at]
        if domains is not None and target["domain"] not in domains:
            continue
        if stages is not None and target["stage"] not in stages:
            continue
        if stages is None and domains is not None and target["stage"] is not None:
            continue
        crps, logs = (_numbers(columns[name][i]) for name in ("crps", "log_score"))
        quantiles = _numbers(columns["quantiles"][i])
        resolved = bool(target["resolved"])
        for name in baselines:
            k = methods.index(name)
            yield {
                "target": target["target"],
                "domain": target["domain"],
                "stage": target["stage"],
                "entered": target["entered"],
                "issued": columns["issued"][i],
                "age_months": columns["age"][i],
                "strict": columns["strict"][i],
                "baseline": name,
                "status": columns["status"][i],
                "resolved": resolved,
                "resolved_on": target["resolved_on"],
                "resolved_probability": target["resolved_probability"],
                "crps": crps[ours] if crps and resolved else None,
                "baseline_crps": crps[k] if crps and resolved else None,
                "censored_crps": crps[ours] if crps else None,
                "baseline_censored_crps": crps[k] if crps else None,
                "log_score": logs[ours] if logs else None,
                "baseline_log_score": logs[k] if logs else None,
                "months_quantiles": None
                if quantiles is None
                else dict(zip(("0.05", "0.25", "0.5", "0.75", "0.95"), quantiles, strict=True)),
                "reached_probability": columns["reached"][i],
                "n_rows": columns["n_rows"][i],
                "n_target_rows": columns["n_target_rows"][i],
                "pseudo_vintage_share": columns["pseudo_share"][i],
                "notes": columns["missing"][i].split(),
            }


def _numbers(text: str | None) -> list[Any] | None:
    """A line of numbers; ``-`` is absent, infinity stays a text."""
    if text is None:
        return None
    return [None if t == "-" else t if t == "inf" else float(t) for t in text.split()]


def _precedents(release: Release) -> Iterator[dict[str, Any]]:
    """Dated events of earlier debates, in order."""
    for row in release.table("precedents").sort("precedent", "date").iter_rows(named=True):
        yield {name: plain(value) for name, value in row.items()}
