"""One capability fit and what can be read from it: abilities per cell, scale, eligibility."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from headway.errors import EmptyTable, NotFound
from headway.estimate.capability.design import Cell, build_design
from headway.estimate.capability.evidence import Evidence
from headway.estimate.capability.laplace import AbilityDraws, LaplaceFit, fit_laplace
from headway.estimate.capability.model import Priors
from headway.tables.schemas import CYBER_HEADLINE_STAGES

__all__ = ["ANCHORS", "INFORMATIVE_RATIO", "AbilitySample", "CapabilityFit", "Scale", "fit_capability"]

#: A model may define a frontier only if its posterior sd is at most this share of its prior sd.
INFORMATIVE_RATIO = 0.7

#: Fixed points of the reported scale, in every domain: Claude 3.5 Sonnet of October 2024 is 100 and
#: GPT-5 is 150. Both have results of many evaluators in every domain.
ANCHORS: tuple[tuple[str, float], tuple[str, float]] = (
    ("claude-3.5-sonnet-oct-2024", 100.0),
    ("gpt-5", 150.0),
)

#: Domains whose headline is the equal-weight mean of stages.
HEADLINE_STAGES: dict[str, tuple[str, ...]] = {"cyber": CYBER_HEADLINE_STAGES}

#: What a domain or stage needs to be estimable.
MIN_MODELS_PER_KIND = 3
MIN_SHARED_BENCHMARKS = 2


@dataclass(frozen=True, slots=True)
class Scale:
    """The reported scale of one cell: ``points = (theta - theta_anchor) * points_per_logit + 100``."""

    anchors: tuple[tuple[str, float], ...]
    points_per_logit: float
    odds_per_10_points: float


@dataclass(frozen=True)
class CapabilityFit:
    """Result of :func:`fit_capability`.

    ``laplace`` holds the estimates; ``evidence`` the rows and what was left out.
    """

    laplace: LaplaceFit
    evidence: Evidence

    @property
    def models(self) -> tuple[str, ...]:
        return self.laplace.design.models

    @property
    def cells(self) -> tuple[Cell, ...]:
        return self.laplace.design.cells

    def sample(self, count: int, rng: np.random.Generator) -> AbilitySample:
        """``count`` joint posterior draws of all abilities."""
        return AbilitySample(self, self.laplace.draws(count, rng))

    @cached_property
    def row_counts(self) -> pl.DataFrame:
        """``model_version, domain, stage, rows``: direct evidence per model and cell."""
        return self.evidence.rows.group_by("model_version", "domain", "stage").len("rows")


@dataclass(frozen=True)
class AbilitySample:
    """Joint posterior draws of the abilities of every model in every cell."""

    fit: CapabilityFit
    raw: AbilityDraws

    @property
    def models(self) -> tuple[str, ...]:
        return self.fit.models

    def _parts(self, cell: Cell) -> list[Cell]:
        design = self.fit.laplace.design
        domain, stage = cell
        if domain not in design.domains:
            raise NotFound(f"no results in domain '{domain}'", hint="headway data list")
        if stage is not None:
            if (domain, stage) not in design.stages:
                raise NotFound(f"no results in stage '{stage}' of '{domain}'")
            return [cell]
        wanted = HEADLINE_STAGES.get(domain, ())
        if not wanted or not any((domain, s) in design.stages for s in wanted):
            return [cell]
        # a headline stage without results enters at its expectation, the domain's ability
        return [(domain, s) if (domain, s) in design.stages else (domain, None) for s in wanted]

    def theta(self, cell: Cell) -> np.ndarray:
        """(draws, models) abilities in logits; the cyber headline is the mean of four stages."""
        parts = self._parts(cell)
        out = self.raw.cell(parts[0])
        for part in parts[1:]:
            out = out + self.raw.cell(part)
        return np.asarray(out / len(parts))

    def _measured(self, cell: Cell) -> np.ndarray:
        """Rows of direct evidence per model in the cell (a domain counts all its stages)."""
        domain, stage = cell
        counts = self.fit.row_counts.filter(pl.col("domain") == domain)
        if stage is not None:
            counts = counts.filter(pl.col("stage") == stage)
        lookup = dict(
            counts.group_by("model_version").agg(pl.col("rows").sum()).iter_rows()
        )
        return np.array([lookup.get(m, 0) for m in self.models], dtype=np.int64)

    def prior_sd(self, cell: Cell) -> np.ndarray:
        """(models,) prior sd of the ability around the trends, logits."""
        parts = self._parts(cell)
        laplace = self.fit.laplace
        if len(parts) == 1:
            return laplace.prior_sd(cell)
        base = laplace.prior_sd((cell[0], None)) ** 2
        stage_sd = [
            laplace.scales.stage[laplace.design.stages.index((d, s))] if s is not None else 0.0
            for d, s in parts
        ]
        return np.asarray(np.sqrt(base + sum(x**2 for x in stage_sd) / len(parts) ** 2))

    def summary(self, cell: Cell, theta: np.ndarray | None = None) -> pl.DataFrame:
        """One row per model.

        Returns
        -------
        frame : ``model_version``, ``ability`` (logits), ``ability_sd`` (logits, location of the
            scale removed, because every comparison is between models), ``prior_sd``,
            ``informative`` (``ability_sd <= 0.7 prior_sd``), ``n_scores`` (rows in the cell)
        """
        theta = self.theta(cell) if theta is None else theta
        measured = self._measured(cell)
        centre = theta[:, measured > 0].mean(axis=1, keepdims=True)
        sd = (theta - centre).std(axis=0, ddof=1)
        prior = self.prior_sd(cell)
        return pl.DataFrame(
            {
                "model_version": list(self.models),
                "ability": theta.mean(axis=0),
                "ability_sd": sd,
                "prior_sd": prior,
                "informative": sd <= INFORMATIVE_RATIO * prior,
                "n_scores": measured,
            }
        )

    def scale(self, cell: Cell, theta: np.ndarray | None = None) -> Scale | None:
        """The reported scale of the cell's domain; ``None`` if an anchor is not in the data."""
        cell = (cell[0], None)
        theta = self.theta(cell)
        (low, at_low), (high, at_high) = ANCHORS
        if low not in self.models or high not in self.models:
            return None
        mean = theta.mean(axis=0)
        spread = mean[self.models.index(high)] - mean[self.models.index(low)]
        if spread <= 0:
            return None
        per_logit = float((at_high - at_low) / spread)
        design = self.fit.laplace.design
        domain = {b: d for b, d in self.fit.evidence.rows.select("benchmark", "domain").unique().iter_rows()}
        inside = np.array([domain[b] == cell[0] for b in design.benchmarks])
        typical = float(np.exp(self.fit.laplace.core_part("log_discrimination")[inside].mean()))
        return Scale(ANCHORS, per_logit, float(np.exp(10 * typical / per_logit)))

    def points(self, cell: Cell, theta: np.ndarray | None = None) -> np.ndarray:
        """(draws, models) abilities on the reported scale (first anchor fixed in every draw)."""
        theta = self.theta(cell) if theta is None else theta
        scale = self.scale(cell)
        if scale is None:
            raise NotFound("the anchor models of the scale are not in the data")
        low, at_low = ANCHORS[0]
        origin = theta[:, [self.models.index(low)]]
        return np.asarray((theta - origin) * scale.points_per_logit + at_low)

    def estimable(
        self, cell: Cell, enters: np.ndarray, is_open: np.ndarray, is_closed: np.ndarray
    ) -> tuple[bool, tuple[str, ...]]:
        """Can the cell carry a lag? If not, what is missing, as message keys.

        Parameters
        ----------
        enters : bool (models,)
            May define a frontier: informative and dated.
        is_open, is_closed : bool (models,)
            Enters the open, the closed frontier.
        """
        domain, stage = cell
        rows = self.fit.evidence.rows.filter(pl.col("domain") == domain)
        if stage is not None:
            rows = rows.filter(pl.col("stage") == stage)
        measured = self._measured(cell) > 0
        opened = int((enters & is_open & measured).sum())
        closed = int((enters & is_closed & measured).sum())
        kind = dict(zip(self.models, np.where(is_open, 1, np.where(is_closed, 2, 0)).tolist(), strict=True))
        both = 0
        for _, part in rows.group_by("benchmark"):
            kinds = {kind[m] for m in part["model_version"]}
            both += {1, 2} <= kinds
        missing = []
        if opened < MIN_MODELS_PER_KIND:
            missing.append(f"too_few_open:{opened}<{MIN_MODELS_PER_KIND}")
        if closed < MIN_MODELS_PER_KIND:
            missing.append(f"too_few_closed:{closed}<{MIN_MODELS_PER_KIND}")
        if both < MIN_SHARED_BENCHMARKS:
            missing.append(f"few_bridges:{both}<{MIN_SHARED_BENCHMARKS}")
        return not missing, tuple(missing)


def fit_capability(
    evidence: Evidence,
    *,
    priors: Priors | None = None,
    start: LaplaceFit | None = None,
) -> CapabilityFit:
    """Fit the ability model to the evidence with the fast engine.

    Deterministic: equal evidence and priors give equal numbers.

    Raises
    ------
    EmptyTable
        No row passed the filters.
    """
    if evidence.rows.is_empty():
        raise EmptyTable(
            f"no result passes the evidence filter '{evidence.filter}'",
            hint="use --evidence all, or a later --as-of",
        )
    from threadpoolctl import threadpool_limits

    design = build_design(evidence.rows, evidence.models, priors=priors)
    # one thread: sums are always taken in the same order, and at this size more threads only
    # spin (three times the CPU time for the same wall time, measured on two cores)
    with threadpool_limits(limits=1):
        return CapabilityFit(fit_laplace(design, priors=priors, start=start), evidence)
